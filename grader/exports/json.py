"""The report for programs: JSON in the shape that report.schema.json describes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from grader import __version__
from grader.exports import Audience, _reading
from grader.model import Place, Recognised, ReferenceAnswer, Report, Rubric

SCHEMA_VERSION = 1

# What a student wrote is in both reports about it, and what many wrote in many: so many pieces
# are known as they are written, each bounded before it comes here.
_REMEMBERED = 1_000


def report(report: Report, audience: Audience) -> str:
    """Return the graded submission as JSON."""
    return render(_reading.of(report, audience))


def render(reading: _reading.Reading) -> str:
    """Return what one audience may read of a graded submission as JSON."""
    questions = [_question(question) for question in reading.questions]
    told = {
        "schema": str(SCHEMA_VERSION),
        "rubric": _text(reading.rubric),
        "title": _text(reading.title),
        "submission": _text(reading.submission),
        "score": _marks(reading.score),
        "max_score": _marks(reading.max_score),
        "review_points": _marks(reading.review_points),
        "complete": _scalar(reading.complete),
        "grader": _text(__version__),
        "rubric_digest": _text(reading.rubric_digest),
        "submission_digest": _text(reading.submission_digest),
        "sandbox": _text(reading.sandbox),
        "warnings": _array([_text(warning) for warning in _warnings(reading)], 1),
        "questions": _array(questions, 1),
    }
    return _object(told, 0) + "\n"


def answers(rubric: Rubric, answers: Sequence[ReferenceAnswer]) -> str:
    """Return the reference answers as JSON."""
    told = {
        "schema": SCHEMA_VERSION,
        "rubric": _reading.one_line(rubric.id),
        "title": _reading.one_line(rubric.title),
        "questions": [_reference(question) for question in _reading.references(answers)],
    }
    return json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _question(question: _reading.QuestionReading) -> str:
    told = {
        "id": _text(question.id),
        "title": _text(question.title),
        "score": _marks(question.score),
        "max_score": _marks(question.max_score),
        "outcome": _text(question.outcome),
        "answer": _passages(question.passages),
        "expected": _passages(question.expected),
        "where": _place(question.where),
        "feedback": _joined(question.feedback),
        "mistakes": _mistakes(question.mistakes),
        "needs_review": _scalar(question.needs_review),
        "review_reason": _text("; ".join(question.reasons)) if question.reasons else "null",
        "checks": _checks(question.checks, question.notes),
    }
    return _object(told, 2)


@lru_cache(maxsize=_REMEMBERED)
def _checks(checks: tuple[_reading.CheckReading, ...], notes: tuple[tuple[int, str], ...]) -> str:
    noted = dict(notes)
    told = [_check(check, noted.get(number, "")) for number, check in enumerate(checks)]
    return _array(told, 3)


def _check(check: _reading.CheckReading, note: str) -> str:
    # The contract has no key of its own for what only staff may read.
    evidence = "\n".join(_reading.distinct([check.evidence, note]))
    told = {
        "kind": _text(check.kind),
        "field": _text(check.field),
        "score": _marks(check.score),
        "max_score": _marks(check.max_score),
        "outcome": _text(check.outcome),
        "feedback": _text(check.feedback),
        "evidence": _text(evidence),
    }
    return _object(told, 4)


@lru_cache(maxsize=_REMEMBERED)
def _mistakes(mistakes: tuple[Recognised, ...]) -> str:
    told = [_object({"id": _text(got.id), "say": _text(got.say)}, 4) for got in mistakes]
    return _array(told, 3)


def _reference(question: _reading.ReferenceReading) -> dict[str, Any]:
    return {
        "id": question.id,
        "title": question.title,
        "points": _number(question.points),
        "derivation": question.derivation,
        "answers": [
            {
                "kind": answer.kind,
                "field": answer.field,
                "points": _number(answer.points),
                "answer": answer.text if answer.fault is None else None,
                "fault": answer.fault,
            }
            for answer in question.answers
        ],
    }


def _warnings(reading: _reading.Reading) -> list[str]:
    left_alone = ", ".join(reading.left_alone)
    return [
        *reading.faults,
        *reading.warnings,
        *([f"left alone: {left_alone}"] if left_alone else []),
    ]


@lru_cache(maxsize=_REMEMBERED)
def _passages(passages: tuple[_reading.Passage, ...]) -> str:
    told = "\n".join(_passage(passage) for passage in passages)
    return _text(told) if told else "null"


def _passage(passage: _reading.Passage) -> str:
    text = f"{passage.text}…" if passage.size else passage.text
    if not passage.label:
        return text
    gap = "\n" if "\n" in text else " "
    return f"{passage.label}:{gap}{text}"


@lru_cache(maxsize=_REMEMBERED)
def _joined(sentences: tuple[str, ...]) -> str:
    # A sentence with a caret under its place keeps its lines.
    several_lines = any("\n" in sentence for sentence in sentences)
    return _text(("\n" if several_lines else " ").join(sentences))


@lru_cache(maxsize=_REMEMBERED)
def _place(place: Place | None) -> str:
    if place is None:
        return "null"
    return _object({"file": _text(place.file), "line": _scalar(place.line)}, 3)


def _number(points: float) -> float:
    # Adding zero turns -0.0, which some programs print with its sign, into 0.0.
    return round(float(points), 4) + 0.0


# What `json.dumps` makes with an indent of two, for which it has no fast way.


def _object(pairs: Mapping[str, str], depth: int) -> str:
    """Return an object of values that are JSON already."""
    start = _STARTS[depth]
    told = f",{start}  ".join([f'"{key}": {item}' for key, item in pairs.items()])
    return f"{{{start}  {told}{start}}}"


def _array(items: Sequence[str], depth: int) -> str:
    if not items:
        return "[]"
    start = _STARTS[depth]
    return f"[{start}  {f',{start}  '.join(items)}{start}]"


_STARTS = tuple("\n" + "  " * depth for depth in range(5))

# Half a surrogate pair cannot be written as UTF-8; everything shown has been through `safe`.
_text = json.encoder.encode_basestring


@lru_cache(maxsize=_REMEMBERED)
def _marks(points: float) -> str:
    return _scalar(_number(points))


# There are few different ones; `typed` because 1.0, 1 and true are one key.
_scalar = lru_cache(maxsize=_REMEMBERED, typed=True)(json.JSONEncoder(allow_nan=False).encode)
