"""Formulas that were handed in as functions: what `def grad_W(...)` computes is an answer."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from grader.model import Answer, Check, Part, Place, Question, Rubric, SourceFile, Submission
from grader.readers import markdown_sheet
from grader.sandbox import sources
from grader.sandbox.sources import Function

_MOST_UNUSED = 5


def with_formulas(rubric: Rubric, submission: Submission) -> Submission:
    """Return the submission with functions as answers to formulas that nothing else answers."""
    open_ = [each for each in rubric.questions if each.id not in submission.parts and _asks(each)]
    if not open_ or not submission.code:
        return submission
    functions = _functions(submission.code)
    elsewhere = set(_asked_as_code(rubric))
    parts = dict(submission.parts)
    warnings = list(submission.warnings)
    free = {name: each for name, each in functions.items() if name not in elsewhere}
    for question in open_:
        part, names = _part(question, free, functions, rubric)
        if names:
            parts[question.id] = part
            warnings.append(f"{question.id}: read from the source of {', '.join(names)}")
    return submission._replace(parts=parts, warnings=warnings)


def unused(rubric: Rubric, submission: Submission, used: Collection[str]) -> Iterator[str]:
    """Yield a line for each file of functions that answer nothing, if a question is open."""
    if all(question.id in submission.parts for question in rubric.questions):
        return
    functions = _functions([each for each in submission.code if each.name.lower().endswith(".py")])
    known = {*used, *_asked_as_code(rubric)}
    read = "\n".join(
        answer.text
        for part in submission.parts.values()
        for answer in (part.body, *part.fields.values())
        if answer is not None
    )
    names = {
        each.name: each.file
        for each in functions.values()
        if each.name not in known and f"def {each.name}" not in read
    }
    alone = [name for name in names if not _is_called(name, functions)]
    for file in dict.fromkeys(names[name] for name in alone):
        own = [name for name in alone if names[name] == file]
        more = f" and {len(own) - _MOST_UNUSED} more" if len(own) > _MOST_UNUSED else ""
        yield f"{file}: no question asks for {', '.join(own[:_MOST_UNUSED])}{more}"


def _asks(question: Question) -> bool:
    """Return whether a question asks for formulas, and for nothing that code answers anyhow."""
    kinds = {way.kind for check in question.checks for way in check.ways}
    return kinds <= {"formula", "text"} and "formula" in kinds


def _functions(code: Sequence[SourceFile]) -> Mapping[str, Function]:
    return sources.functions((file.name, file.data) for file in code)


def _asked_as_code(rubric: Rubric) -> Iterator[str]:
    """Yield the names of functions that are called, and answer no formula."""
    for question in rubric.questions:
        for way in (way for check in question.checks for way in check.ways):
            if way.kind == "formula":
                continue
            yield way.field  # a stage of a grid bears its field's name
            named = way.options.get("name", ())
            yield from (named,) if isinstance(named, str) else named


def _part(
    question: Question,
    free: Mapping[str, Function],
    functions: Mapping[str, Function],
    rubric: Rubric,
) -> tuple[Part, Sequence[str]]:
    """Return what functions answer: one that sets all fields, or one for each; and their names."""
    formulas = [each for each in question.checks if each.kind == "formula"]
    named = {
        check.field: each
        for check in formulas
        for each in free.values()
        if _bears(each.name, check)
    }
    fields = [check.field for check in formulas]
    setting = [each for each in free.values() if _sets(each.source, fields)]
    if setting and len(named) < len(formulas):
        return _as_in_a_sheet(question, setting[0], rubric), [setting[0].name]
    names = list(dict.fromkeys(each.name for each in named.values()))
    answers = {field: _answer(each, functions) for field, each in named.items()}
    for field in fields if names else ():
        lacking = f"no function for {field} was found, as there is for other parts of the question"
        answers.setdefault(field, Answer(None, "", next(iter(answers.values())).place, lacking))
    return Part(None, answers), names


def _as_in_a_sheet(question: Question, function: Function, rubric: Rubric) -> Part:
    """Return the answers that a function gives where it stands under its question in a sheet."""
    text = f"## {question.id}\n\n```python\n{function.source}```\n"
    whole = Part(Answer(function.source, function.source, _place(function)))
    part = markdown_sheet.read(function.file, text, rubric).parts.get(question.id, whole)
    fields = {name: each._replace(place=_place(function)) for name, each in part.fields.items()}
    return Part(part.body and part.body._replace(place=_place(function)), fields)


def _answer(function: Function, functions: Mapping[str, Function]) -> Answer:
    text = sources.with_calls(function.name, functions)
    return Answer(text, text, _place(function))


def _place(function: Function) -> Place:
    return Place(function.file, function.line)


def _bears(name: str, check: Check) -> bool:
    plain = _plain(name)
    labels = (check.field, *check.names)
    return any(plain in (_plain(each), _plain(f"update_{each}")) for each in labels)


def _plain(name: str) -> str:
    return name.replace("_", "").casefold()


def _sets(source: str, fields: Sequence[str]) -> bool:
    """Return whether a function gives a value to each of several fields."""
    return len(fields) > 1 and all(
        re.search(rf"^[ \t]+{re.escape(each)}[ \t]*[-+]?=(?!=)", source, re.MULTILINE)
        for each in fields
    )


def _is_called(name: str, functions: Mapping[str, Function]) -> bool:
    return any(name in sources.words(each) for each in functions.values() if each.name != name)
