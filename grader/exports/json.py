"""The report for programs: JSON in the shape that report.schema.json describes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from grader import __version__
from grader.exports import Audience, _reading
from grader.model import Place, Recognised, ReferenceAnswer, Report, Rubric

SCHEMA_VERSION = 1


def report(report: Report, audience: Audience) -> str:
    """Return the graded submission as JSON."""
    return render([_reading.of(report, audience)])[0]


def render(readings: Sequence[_reading.Reading]) -> list[str]:
    """Return what each audience may read of a graded submission as JSON."""
    return [_document(reading, parts) for reading, parts in _reading.alike(readings, _parts)]


def _document(reading: _reading.Reading, parts: Sequence[_Parts]) -> str:
    questions = [
        f"{each.before}{_passages(question.expected)}{each.between}"
        f"{_checks(each.checks, question.notes)}\n    }}"
        for each, question in zip(parts, reading.questions, strict=True)
    ]
    return f"""{{
  "schema": {SCHEMA_VERSION},
  "rubric": {_text(reading.rubric)},
  "title": {_text(reading.title)},
  "submission": {_text(reading.submission)},
  "score": {_marks(reading.score)},
  "max_score": {_marks(reading.max_score)},
  "review_points": {_marks(reading.review_points)},
  "complete": {_truth(reading.complete)},
  "grader": {_text(__version__)},
  "rubric_digest": {_text(reading.rubric_digest)},
  "submission_digest": {_text(reading.submission_digest)},
  "sandbox": {_text(reading.sandbox)},
  "warnings": {_array([_text(warning) for warning in _warnings(reading)], 1)},
  "questions": {_array(questions, 1)}
}}
"""


def answers(rubric: Rubric, answers: Sequence[ReferenceAnswer]) -> str:
    """Return the reference answers as JSON."""
    told = {
        "schema": SCHEMA_VERSION,
        "rubric": _reading.one_line(rubric.id),
        "title": _reading.one_line(rubric.title),
        "questions": [_reference(question) for question in _reading.references(answers)],
    }
    return json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


class _Parts(NamedTuple):
    """A question as JSON, where staff read more than students in two places.

    Between `before` and `between` stands what was expected; a check goes by its evidence, which
    comes last in it and to which notes are added.
    """

    before: str
    between: str
    checks: Sequence[tuple[str, str]]


def _parts(question: _reading.QuestionReading) -> _Parts:
    reason = _text("; ".join(question.reasons)) if question.reasons else "null"
    return _Parts(
        f"""{{
      "id": {_text(question.id)},
      "title": {_text(question.title)},
      "score": {_marks(question.score)},
      "max_score": {_marks(question.max_score)},
      "outcome": "{question.outcome}",
      "answer": {_passages(question.passages)},
      "expected": """,
        f""",
      "where": {_place(question.where)},
      "feedback": {_joined(question.feedback)},
      "mistakes": {_array([_mistake(got) for got in question.mistakes], 3)},
      "needs_review": {_truth(question.needs_review)},
      "review_reason": {reason},
      "checks": """,
        [(_check(check), check.evidence) for check in question.checks],
    )


def _mistake(got: Recognised) -> str:
    return f"""{{
          "id": {_text(got.id)},
          "say": {_text(got.say)}
        }}"""


def _check(check: _reading.CheckReading) -> str:
    """Return a check up to its evidence."""
    return f"""{{
          "kind": {_text(check.kind)},
          "field": {_text(check.field)},
          "score": {_marks(check.score)},
          "max_score": {_marks(check.max_score)},
          "outcome": "{check.outcome}",
          "feedback": {_text(check.feedback)},
          "evidence": """


def _checks(checks: Sequence[tuple[str, str]], notes: Sequence[tuple[int, str]]) -> str:
    # The contract has no key of its own for what only staff may read.
    said = [evidence for _, evidence in checks]
    for number, note in notes:
        said[number] = "\n".join(_reading.distinct([said[number], note]))
    told = [
        f"{check}{_text(each)}\n        }}" for (check, _), each in zip(checks, said, strict=True)
    ]
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


def _passages(passages: Sequence[_reading.Passage]) -> str:
    told = "\n".join(map(_passage, passages))
    return _text(told) if told else "null"


def _passage(passage: _reading.Passage) -> str:
    text = f"{passage.text}…" if passage.size else passage.text
    if not passage.label:
        return text
    gap = "\n" if "\n" in text else " "
    return f"{passage.label}:{gap}{text}"


def _joined(sentences: Sequence[str]) -> str:
    told = " ".join(sentences)
    # A sentence with a caret under its place keeps its lines.
    return _text("\n".join(sentences) if "\n" in told else told)


def _place(place: Place | None) -> str:
    if place is None:
        return "null"
    return f"""{{
        "file": {_text(place.file)},
        "line": {"null" if place.line is None else place.line}
      }}"""


def _number(points: float) -> float:
    # Adding zero turns -0.0, which some programs print with its sign, into 0.0.
    return round(float(points), 4) + 0.0


# What `json.dumps` makes with an indent of two, for which it has no fast way.


def _array(items: Sequence[str], depth: int) -> str:
    """Return an array of items that are JSON already."""
    if not items:
        return "[]"
    start = "\n" + "  " * depth
    return f"[{start}  {f',{start}  '.join(items)}{start}]"


def _truth(claim: bool) -> str:
    return "true" if claim else "false"


# Half a surrogate pair cannot be written as UTF-8; everything shown has been through `safe`.
_text = json.encoder.encode_basestring


@lru_cache(maxsize=1_000)  # there are few different ones
def _marks(points: float) -> str:
    return json.dumps(_number(points), allow_nan=False)
