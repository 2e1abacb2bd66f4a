"""What was judged before: of a class, many hand in the same answer to the same question."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from grader.model import Answer, Outcome, Part, Place, Question, QuestionReport

# A class's usual answers stay, and the memory stays small beside that of Python itself.
_ANSWERS = 2_048
_LONGEST = 10_000


class _Held(NamedTuple):
    """A report, and the places of the answers that it was made of."""

    report: QuestionReport
    places: list[Place]


class Memo:
    """Reports of questions by what was answered; what was long not asked for is forgotten."""

    def __init__(self) -> None:
        self._held: dict[Hashable, _Held] = {}

    def find(
        self, question: Question, part: Part, charged: frozenset[str]
    ) -> QuestionReport | None:
        """Return the report on the same answer, as it would be on this one; or None.

        `charged` are the slips that were charged before: they cost nothing again.
        """
        key = _key(question, part, charged)
        held = self._held.pop(key, None)
        if held is None:
            return None
        self._held[key] = held
        return _moved(held, _places(part))

    def keep(
        self, question: Question, part: Part, charged: frozenset[str], report: QuestionReport
    ) -> None:
        """Keep a report, unless a fault of ours is in it: that may be over by the next time."""
        if report.outcome is Outcome.UNGRADED or _length(part) > _LONGEST:
            return
        self._held[_key(question, part, charged)] = _Held(report, _places(part))
        if len(self._held) > _ANSWERS:
            del self._held[next(iter(self._held))]


def _answers(part: Part) -> list[Answer]:
    return [answer for answer in (part.body, *part.fields.values()) if answer is not None]


def _key(question: Question, part: Part, charged: frozenset[str]) -> Hashable:
    """Return all that a judgement may go by, and which answers stand in one place."""
    places = _places(part)
    return (
        question.id,
        charged and charged & _slips(question),
        part.body is None,
        *part.fields,
        *map(_told, _answers(part)),
        *map(places.index, places),
    )


def _slips(question: Question) -> frozenset[str | None]:
    return frozenset(
        mistake.once for check in question.checks for way in check.ways for mistake in way.mistakes
    )


def _told(answer: Answer) -> Hashable:
    value, text, _, trouble, context = answer
    # A list is another answer than the text that it was read of.
    return value if isinstance(value, str) else (repr(value),), text, trouble, context


def _places(part: Part) -> list[Place]:
    return [answer.place for answer in _answers(part)]


def _length(part: Part) -> int:
    return sum(len(answer.text) for answer in _answers(part))


def _moved(held: _Held, places: list[Place]) -> QuestionReport:
    """Return a report with the places of another submission."""
    if places == held.places:
        return held.report
    moved = dict(zip(held.places, places, strict=True))
    verdicts = [
        verdict
        if verdict.answer is None
        else verdict._replace(answer=verdict.answer._replace(place=moved[verdict.answer.place]))
        for verdict in held.report.verdicts
    ]
    return held.report._replace(verdicts=tuple(verdicts))
