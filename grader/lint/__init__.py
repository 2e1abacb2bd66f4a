"""Is a rubric fair: what its author should know before a student meets it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import course as courses
from grader import desk as desks
from grader import files, yamltree
from grader import rubric as rubrics
from grader.course import Course
from grader.errors import Problem, RubricError, Unreadable
from grader.expected import Expected
from grader.lint import answers, bench, mistakes, programs, references, secrets
from grader.lint.bench import Bench
from grader.lint.notes import RULES, Finding, Findings, Note
from grader.lint.references import PATIENCE, Patience
from grader.model import Rubric
from grader.schema import did_you_mean
from grader.yamltree import Document

__all__ = ["Finding", "Findings", "Patience", "lint"]


def lint(name: str, patience: Patience = PATIENCE) -> Findings:
    """Return what is unfair in a bundled rubric, or in that of a file.

    UsageError where there is no such rubric.
    """
    course = courses.find(name)
    file = _shown(course.rubric)
    read = _read(files.decode(files.read(course.rubric.resolve()), course.rubric.name).text, file)
    found = [Finding("schema", problem) for problem in read.problems]
    if read.rubric is None or read.document is None:
        return Findings(course.rubric.stem, file, found)
    on = bench.set_up(read.rubric, Expected(read.rubric, course), read.order)
    found += [_placed(note, read.document, file) for note in _notes(on, course, patience)]
    found = list(dict.fromkeys(found))
    accepted = [each for each in found if _is_accepted(each, read.document)]
    found = [each for each in found if each not in accepted]
    found += [_placed(note, read.document, file) for note in _idle(accepted, on, read.document)]
    found.sort(key=lambda each: (each.problem.line, each.problem.column, not each.is_error))
    return Findings(
        name=read.rubric.id,
        file=file,
        found=found,
        title=read.rubric.title,
        questions=len(read.rubric.questions),
        points=read.rubric.points,
        accepted=accepted,
    )


def _shown(path: Path) -> str:
    """Return a path as a person in the working folder would write it."""
    full, here = path.resolve(), Path.cwd()
    return str(full.relative_to(here)) if full.is_relative_to(here) else str(path)


def _notes(on: Bench, course: Course, patience: Patience) -> Iterator[Note]:
    noted = list(references.notes(on, patience))
    yield from noted
    # Without a right value there is nothing to try, and it may never come.
    sound = on.without({note.at for note in noted if note.rule == references.FAILS})
    for room in (answers, mistakes):
        yield from room.notes(sound)
    with desks.of(course, sound.rubric, sound.expected) as desk:
        yield from programs.notes(sound, desk)
    yield from secrets.in_sentences(sound)


def _is_accepted(finding: Finding, document: Document) -> bool:
    """Return whether the rubric says that a warning of this rule may stand in this question."""
    if finding.is_error:
        return False
    listed = document.resolved()["questions"]
    mine = (
        each for each in listed if isinstance(each, Mapping) and each.get("id") == finding.question
    )
    return any(finding.rule in each.get("accepted", {}) for each in mine)


def _idle(accepted: Sequence[Finding], on: Bench, document: Document) -> Iterator[Note]:
    """Yield what is accepted and was not found, or never could be."""
    met = {(each.question, each.rule) for each in accepted}
    for question in on.rubric.questions:
        at = on.at(question)
        value: Any = document.resolved()
        for rule in value["questions"][at[1]].get("accepted", {}):
            if (question.id, rule) not in met:
                hint = did_you_mean(rule, RULES) if rule not in RULES else ""
                yield Note(
                    "accepted-idle",
                    (*at, "accepted", rule),
                    f"no warning '{rule}' is found here{hint}",
                    "take it out; errors cannot be accepted",
                    is_error=False,
                )


def _placed(note: Note, document: Document, file: str) -> Finding:
    problem = Problem(file, *document.place(note.at), note.what)
    return Finding(note.rule, problem, note.remedy, note.is_error, _question(note, document))


def _question(note: Note, document: Document) -> str:
    value: Any = document.resolved()
    try:
        return str(value["questions"][note.at[1]]["id"]) if note.at[:1] == ("questions",) else ""
    except (KeyError, IndexError, TypeError):
        return ""


# --- what can be tried of a rubric that is not sound -------------------------------------------


@dataclass(frozen=True, slots=True)
class _Read:
    """A rubric as far as it could be read, and why no further.

    `order` holds the index in the file of each of its questions.
    """

    rubric: Rubric | None = None
    order: Sequence[int] = ()
    problems: Sequence[Problem] = ()
    document: Document | None = None


def _read(text: str, file: str) -> _Read:
    """Return the rubric in a text, or the questions of it without complaints."""
    try:
        rubric = rubrics.parse(text, file)
        return _Read(rubric, range(len(rubric.questions)), (), yamltree.parse(text))
    except RubricError as error:
        problems = error.problems
    try:
        document = yamltree.parse(text)
    except Unreadable:
        return _Read(problems=problems)
    return _Read(*_sound_part(document, problems, file), problems, document)


def _sound_part(
    document: Document, problems: Sequence[Problem], file: str
) -> tuple[Rubric | None, list[int]]:
    """Return the questions without complaints as a rubric, so that all is told at once."""
    value = document.resolved()
    listed = value.get("questions") if isinstance(value, Mapping) else None
    if not isinstance(listed, list):
        return None, []
    troubled = {_index(problem, document, len(listed)) for problem in problems}
    sound = {
        index: {key: item for key, item in each.items() if key != "points"}
        for index, each in enumerate(listed)
        if isinstance(each, Mapping)
        and (index not in troubled or _only_sums(problems, document, index, len(listed)))
    }
    rest = {key: item for key, item in value.items() if key in ("preload", "support")}
    named = {"id": "rubric", "title": "Rubric", **rest, "questions": list(sound.values())}
    try:
        rubric = rubrics.parse(json.dumps(named, ensure_ascii=False), file)
    except RubricError:
        return None, []
    title, name = str(value.get("title", "")), str(value.get("id", "rubric"))
    return rubric._replace(id=name, title=title), list(sound)


def _index(problem: Problem, document: Document, count: int) -> int | None:
    """Return the index of the question in which a problem lies, if it lies in one."""
    here = (problem.line, problem.column)
    before = [i for i in range(count) if document.place(("questions", i)) <= here]
    return before[-1] if before else None


def _only_sums(problems: Sequence[Problem], document: Document, index: int, count: int) -> bool:
    """Return whether all that is wrong with a question is the sum of its marks."""
    place = document.place(("questions", index, "points"))
    mine = [each for each in problems if _index(each, document, count) == index]
    return all(
        (each.line, each.column) == place and "the question says" in each.message for each in mine
    )
