"""The report for programs: JSON in the shape that report.schema.json describes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from grader import __version__
from grader.exports import Audience, _reading
from grader.model import Place, ReferenceAnswer, Report, Rubric

SCHEMA_VERSION = 1


def report(report: Report, audience: Audience) -> str:
    """Return the graded submission as JSON."""
    return render(_reading.of(report, audience))


def render(reading: _reading.Reading) -> str:
    """Return what one audience may read of a graded submission as JSON."""
    return _dumps(
        {
            "schema": SCHEMA_VERSION,
            "rubric": reading.rubric,
            "title": reading.title,
            "submission": reading.submission,
            "score": _number(reading.score),
            "max_score": _number(reading.max_score),
            "review_points": _number(reading.review_points),
            "complete": reading.complete,
            "grader": __version__,
            "rubric_digest": reading.rubric_digest,
            "submission_digest": reading.submission_digest,
            "sandbox": reading.sandbox,
            "warnings": _warnings(reading),
            "questions": [_question(question) for question in reading.questions],
        }
    )


def answers(rubric: Rubric, answers: Sequence[ReferenceAnswer]) -> str:
    """Return the reference answers as JSON."""
    return _dumps(
        {
            "schema": SCHEMA_VERSION,
            "rubric": _reading.one_line(rubric.id),
            "title": _reading.one_line(rubric.title),
            "questions": [_reference(question) for question in _reading.references(answers)],
        }
    )


def _question(question: _reading.QuestionReading) -> dict[str, Any]:
    return {
        "id": question.id,
        "title": question.title,
        "score": _number(question.score),
        "max_score": _number(question.max_score),
        "outcome": question.outcome.value,
        "answer": _passages(question.passages),
        "expected": _passages(question.expected),
        "where": _place(question.where),
        "feedback": _joined(question.feedback),
        "mistakes": [{"id": mistake.id, "say": mistake.say} for mistake in question.mistakes],
        "needs_review": question.needs_review,
        "review_reason": "; ".join(question.reasons) or None,
        "checks": [_check(check) for check in question.checks],
    }


def _check(check: _reading.CheckReading) -> dict[str, Any]:
    return {
        "kind": check.kind,
        "field": check.field,
        "score": _number(check.score),
        "max_score": _number(check.max_score),
        "outcome": check.outcome.value,
        "feedback": check.feedback,
        # The contract has no key of its own for what only staff may read.
        "evidence": "\n".join(_reading.distinct([check.evidence, check.note])),
    }


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


def _passages(passages: Sequence[_reading.Passage]) -> str | None:
    return "\n".join(_passage(passage) for passage in passages) or None


def _passage(passage: _reading.Passage) -> str:
    text = f"{passage.text}…" if passage.size else passage.text
    if not passage.label:
        return text
    gap = "\n" if "\n" in text else " "
    return f"{passage.label}:{gap}{text}"


def _joined(sentences: Sequence[str]) -> str:
    # A sentence with a caret under its place keeps its lines.
    several_lines = any("\n" in sentence for sentence in sentences)
    return ("\n" if several_lines else " ").join(sentences)


def _place(place: Place | None) -> dict[str, Any] | None:
    return None if place is None else {"file": place.file, "line": place.line}


def _number(points: float) -> float:
    # Adding zero turns -0.0, which some programs print with its sign, into 0.0.
    return round(float(points), 4) + 0.0


def _dumps(document: dict[str, Any]) -> str:
    return _written(document, "\n") + "\n"


def _written(value: Any, start: str) -> str:
    """Return what `json.dumps` makes with an indent of two, for which it has no fast way."""
    within = start + "  "
    match value:
        case str():
            return _text(value)
        case dict() if value:
            pairs = [f"{_text(key)}: {_written(item, within)}" for key, item in value.items()]
            return f"{{{within}{f',{within}'.join(pairs)}{start}}}"
        case list() if value:
            items = [_written(item, within) for item in value]
            return f"[{within}{f',{within}'.join(items)}{start}]"
        case dict() | list():
            return json.dumps(value)
        case _:
            return _scalar(value)


# Half a surrogate pair cannot be written as UTF-8; everything shown has been through `safe`.
_text = json.encoder.encode_basestring
# There are few different marks; `typed` because 1.0, 1 and true are one key.
_scalar = lru_cache(maxsize=1_000, typed=True)(json.JSONEncoder(allow_nan=False).encode)
