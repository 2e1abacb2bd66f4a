"""Does the right answer score full marks, as students write it and hand it in; nothing, none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from grader import grading, intake, sheet
from grader.lint.bench import Bench, Spot, verdict
from grader.lint.notes import OURS, Note
from grader.lint.specimens import Specimen
from grader.model import Answer, Outcome, Place, Question, QuestionReport, Report, Verdict
from grader.values import shorten

_SHOWN = 80
_FULL = 1 - 1e-9


def notes(bench: Bench) -> Iterator[Note]:
    """Yield where a right answer is marked down, or a sheet does not come back as it went out."""
    faulty: set[str] = set()
    for question in bench.rubric.questions:
        found = list(_of_question(bench, question))
        if any(note.is_error for note in found):
            faulty.add(question.id)
        yield from found
    yield from _blank(bench)
    yield from _filled(bench, faulty)


# --- one answer at a time ----------------------------------------------------------------------


def _of_question(bench: Bench, question: Question) -> Iterator[Note]:
    answers = bench.answers(question)
    for spot in bench.spots(question):
        made = bench.right(spot)
        if spot.check.kind == "text":
            yield from _of_text(bench, spot)
        elif not made and spot.check.kind == "formula":
            yield Note(
                "not-tried",
                spot.body,
                "there is no 'answer', so nothing can be tried here",
                "write the right formula under 'answer'; slips are told by it, too",
                is_error=False,
            )
        if spot.check is not spot.outer:
            yield from _each(bench, spot, {}, made)
            continue
        first = answers.get(spot.check.field)
        if made and first is not None:
            yield from _each(bench, spot, answers, [first, *made[1:]])


def _each(
    bench: Bench, spot: Spot, answers: Mapping[str, Specimen], made: list[Specimen]
) -> Iterator[Note]:
    """Yield the notations in which the right answer to a check does not earn full marks."""
    for specimen in _distinct(made):
        beside = {} if specimen.alone else answers
        report = bench.grade(spot.question, {**beside, spot.check.field: specimen})
        found = verdict(report, spot)
        if found.judgement.credit < _FULL:
            is_usual = specimen is made[0]
            yield Note(
                "right-answer-marked-down" if is_usual else "notation-marked-down",
                spot.body,
                _marked_down(found, specimen),
                _remedy(found),
                is_error=is_usual,
            )


def _distinct(made: list[Specimen]) -> list[Specimen]:
    """Return the specimens without those that are typed alike."""
    typed = [each.text for each in made]
    return [each for at, each in enumerate(made) if each.run or each.text not in typed[:at]]


def _marked_down(found: Verdict, specimen: Specimen) -> str:
    shown = shorten(" ".join(specimen.shown.split()), _SHOWN)
    way = "" if specimen.way == "plain text" else f" ({specimen.way})"
    return (
        f"the right answer '{shown}'{way} earns {found.score:g} of {found.check.points:g} points"
        f"{_why(found)}"
    )


def _why(found: Verdict) -> str:
    said = found.judgement.staff if found.outcome is Outcome.UNGRADED else found.judgement.say
    first = said.split("\n")[0].strip().rstrip(".")
    return f": {shorten(first, _SHOWN)}" if first else ""


def _remedy(found: Verdict) -> str:
    if found.outcome is Outcome.UNGRADED:
        return OURS
    if found.judgement.mistakes:
        names = ", ".join(each.id for each in found.judgement.mistakes)
        return f"it is taken for the mistake {names}: correct that one"
    if found.check.kind == "text":
        return "widen the patterns, or correct the model answer"
    return "correct the right answer, or how it is accepted"


# --- free text ---------------------------------------------------------------------------------


def _of_text(bench: Bench, spot: Spot) -> Iterator[Note]:
    yield from _model_answer(spot)
    yield from _question_text(spot)
    points = sum(each["points"] for each in _criteria(spot) if not each.get("bonus"))
    if points > spot.check.points + 1e-6:
        yield Note(
            "criteria-exceed-points",
            (*spot.body, "criteria"),
            f"the criteria have {points:g} points, the check has {spot.check.points:g}",
            "mark those that make up for others as 'bonus: true', or lower their points",
            is_error=False,
        )


def _model_answer(spot: Spot) -> Iterator[Note]:
    text = spot.check.options.get("model_answer")
    if text is None:
        yield Note(
            "not-tried",
            spot.body,
            "there is no 'model_answer', so the patterns cannot be tried",
            "write an answer that earns full marks",
            is_error=False,
        )
        return
    for index, each in enumerate(_criteria(spot)):
        if not each.get("bonus") and not _meets(text, spot, each["id"]):
            yield Note(
                "criterion-not-met",
                (*spot.body, "criteria", index),
                f"the model answer does not meet the criterion '{each['id']}'",
                "widen its patterns, or say it in the model answer",
            )


def _question_text(spot: Spot) -> Iterator[Note]:
    """Yield the criteria that are met by whoever repeats the question in other words."""
    bare = replace(spot, question=spot.question._replace(prompt="-", printed=()))
    for text in (spot.question.prompt, *spot.question.printed):
        for index, each in enumerate(_criteria(spot)):
            if _meets(text, bare, each["id"]):
                yield Note(
                    "criterion-met-by-question",
                    (*spot.body, "criteria", index),
                    f"the words of the question alone meet the criterion '{each['id']}'",
                    "ask for words that only an answer holds",
                    is_error=False,
                )


def _criteria(spot: Spot) -> Sequence[Mapping[str, Any]]:
    criteria: Sequence[Mapping[str, Any]] = spot.check.options["criteria"]
    return criteria


def _meets(text: str, spot: Spot, criterion: str) -> bool:
    from grader.kinds import text as texts

    got = texts.read(Answer(text, text, Place("lint")), spot.check, spot.question)
    return got is not None and texts.found(got, spot.check, criterion)


# --- the whole sheet ---------------------------------------------------------------------------


def _blank(bench: Bench) -> Iterator[Note]:
    """Yield the questions to which the blank sheet is an answer."""
    for reported in _handed_in(bench, sheet.template(bench.rubric)).questions:
        if reported.outcome is not Outcome.MISSING or reported.score:
            yield Note(
                "blank-sheet-answers",
                (*bench.at(reported.question), "prompt"),
                f"the blank sheet is read as an answer to {reported.question.id}"
                f" ({reported.outcome.value}, {reported.score:g} points)",
                "title or prompt look like an answer: change their words, or how their lines begin",
            )


def _filled(bench: Bench, faulty: set[str]) -> Iterator[Note]:
    """Yield the questions that are not found again in a filled sheet, in Markdown or YAML."""
    answers = {
        question.id: {
            name: each.text for name, each in bench.answers(question).items() if each.run is None
        }
        for question in bench.rubric.questions
    }
    entries = {id_: _entry(found) for id_, found in answers.items() if found}
    for way, text in (
        ("template", _fill(sheet.template(bench.rubric), answers)),
        ("answers.json", json.dumps({"answers": entries}, ensure_ascii=False)),
    ):
        for reported in _handed_in(bench, text).questions:
            if reported.question.id not in faulty:
                yield from _lost(bench, reported, answers[reported.question.id], way)


def _entry(answers: Mapping[str, str]) -> object:
    return next(iter(answers.values())) if len(answers) == 1 else dict(answers)


def _lost(
    bench: Bench, reported: QuestionReport, answers: Mapping[str, str], way: str
) -> Iterator[Note]:
    for found in reported.verdicts:
        sound = found.outcome is not Outcome.UNGRADED
        if found.check.field in answers and sound and found.judgement.credit < _FULL:
            yield Note(
                "sheet-misread",
                bench.at(reported.question),
                f"in a filled sheet ({way}) the right answer to '{found.check.field}' of "
                f"{reported.question.id} earns {found.score:g} of {found.check.points:g} points"
                f"{_why(found)}",
                "give the fields other names, or the prompt other words at its line starts",
            )


def _fill(blank: str, answers: Mapping[str, Mapping[str, str]]) -> str:
    """Return the blank sheet with an answer behind each label."""
    parts = re.split(r"(?m)^(?=## )", blank)
    filled = []
    for part in parts:
        id_ = part.split(maxsplit=2)[1] if part.startswith("## ") else ""
        known = answers.get(id_, {})
        for name, text in known.items():
            label = name if f"\n{name}:\n" in part else "answer"
            # What has rows is handed in as a block: in Markdown a row may be a rule or a list.
            typed = f"\n\n```\n{text}\n```" if "\n" in text else f" {text}"
            part = part.replace(f"\n{label}:\n", f"\n{label}:{typed}\n", 1)
        filled.append(part)
    return "".join(filled)


def _handed_in(bench: Bench, text: str) -> Report:
    submission = intake.receive(None, bench.rubric, stdin_text=text)
    return grading.grade(bench.rubric, submission, bench.expected)
