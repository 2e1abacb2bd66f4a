"""A rubric on the bench: its checks with their places, and a way to grade one question of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from grader import grading
from grader.expected import Expected
from grader.kinds import Run
from grader.lint import specimens
from grader.lint.specimens import Specimen
from grader.model import (
    Answer,
    Check,
    Part,
    Place,
    Question,
    Report,
    Rubric,
    Submission,
    Verdict,
)
from grader.schema import Path

# The file that answers made up by lint are said to come from.
_FILE = "answers.yaml"


@dataclass(frozen=True, slots=True)
class Spot:
    """A check, where it stands in the rubric, and the check that it may stand in for."""

    question: Question
    check: Check
    at: Path
    outer: Check

    @property
    def body(self) -> Path:
        """Return where the kind of the check stands."""
        return (*self.at, self.check.kind)


@dataclass(frozen=True, slots=True)
class Bench:
    """What the rules look at; `places` holds where each question and check stands in the file.

    A question is known there by its id, a check by its identity.
    """

    rubric: Rubric
    expected: Expected
    places: Mapping[str | int, Path]

    def at(self, question: Question) -> Path:
        """Return where a question stands."""
        return self.places[question.id]

    def spots(self, question: Question) -> Iterator[Spot]:
        """Yield the checks of a question, and those that may be answered instead."""
        for check in question.checks:
            for way in check.ways:
                yield Spot(question, way, self.places[id(way)], check)

    def without(self, broken: Collection[Path]) -> Bench:
        """Return the bench without the checks that stand at one of these places, or around it."""
        questions = []
        for question in self.rubric.questions:
            sound = tuple(
                check
                for check in question.checks
                if not any(
                    at[: len(self.places[id(check)])] == self.places[id(check)] for at in broken
                )
            )
            if sound:
                questions.append(question._replace(checks=sound))
        return replace(self, rubric=self.rubric._replace(questions=tuple(questions)))

    def right(self, spot: Spot) -> list[Specimen]:
        """Return the right answer to a check in several notations."""
        want = self.expected.want(spot.check, spot.question)
        return specimens.right(spot.check, spot.question, want)

    def answers(self, question: Question) -> dict[str, Specimen]:
        """Return the right answer to each field of a question, where one can be made."""
        found: dict[str, Specimen] = {}
        for spot in self.spots(question):
            made = self.right(spot)
            if not made or spot.check is not spot.outer:
                continue
            first, field_ = made[0], spot.check.field
            if field_ not in found:
                found[field_] = first
            elif first.run is None and "implied_by" not in spot.check.options:
                both = f"{first.text}\n{field_} = {found[field_].text}"
                found[field_] = Specimen(both)
        return found

    def grade(self, question: Question, answers: Mapping[str, Specimen]) -> Report:
        """Grade answers to one question, by field."""
        typed = {name: each.text for name, each in answers.items() if each.run is None}
        runs: dict[tuple[str, str], Run] = {
            (question.id, name): each.run for name, each in answers.items() if each.run is not None
        }
        submission = Submission("lint", {question.id: _part(question, typed)})
        return grading.grade(self.rubric, submission, self.expected, only=[question.id], runs=runs)


def set_up(rubric: Rubric, expected: Expected, order: Sequence[int]) -> Bench:
    """Put a rubric on the bench; `order` holds the index in the file of each of its questions."""
    places: dict[str | int, Path] = {}
    for index, question in zip(order, rubric.questions, strict=True):
        places[question.id] = ("questions", index)
        for number, check in enumerate(question.checks):
            at = places[id(check)] = ("questions", index, "checks", number)
            for inner, way in enumerate(check.instead):
                places[id(way)] = (*at, "instead", inner)
    return Bench(rubric, expected, places)


def _part(question: Question, typed: Mapping[str, str]) -> Part:
    answers = {name: Answer(text, text, Place(_FILE)) for name, text in typed.items()}
    if len(question.fields) == 1 and answers:
        return Part(next(iter(answers.values())))
    return Part(None, answers)


def verdict(report: Report, spot: Spot) -> Verdict:
    """Return the verdict on a check of the question, or on that which it stands in for."""
    checks = spot.question.checks
    index = next(i for i, check in enumerate(checks) if check is spot.outer)
    return report.questions[0].verdicts[index]
