"""Where each student stands: the result that counts, and what people decided about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from grader.batch import review
from grader.batch.cases import Case, Kind
from grader.batch.reconcile import Seat
from grader.batch.results import Held
from grader.batch.review import Decision
from grader.batch.roster import AMBIGUOUS
from grader.exports._gradebook import Mark


@dataclass(frozen=True, slots=True)
class Standing:
    """What came of a seat: its result, or why there is none; and the decisions about it."""

    seat: Seat
    held: Held | None = None
    failure: str = ""
    decided: Mapping[str, Decision] = field(default_factory=dict)
    stale: Mapping[str, Decision] = field(default_factory=dict)
    questions: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    @property
    def status(self) -> str:
        if self.seat.handed is None:
            return "missing"
        if self.held is None:
            return "failed"
        if self.seat.is_extra:
            return "extra"
        if self.held.ungraded:
            return "incomplete"
        if AMBIGUOUS in self.seat.notes:
            return "duplicate"
        return "review" if any(each[1] > 0 for each in self.questions.values()) else "graded"

    @property
    def to_look_at(self) -> tuple[str, ...]:
        """Return the questions that a person should look at, or has looked at."""
        return tuple(
            id
            for id, told in self.questions.items()
            if told[1] > 0 or id in self.decided or id in self.stale
        )


# One for all to whom nothing was decided: a class may be large.
_NOTHING: Mapping[str, Decision] = {}


class Listed(NamedTuple):
    """What reports and the list of what awaits review need of a student who was graded."""

    seat: Seat
    held: Held
    decided: Mapping[str, Decision]
    stale: Mapping[str, Decision]
    to_look_at: tuple[str, ...]


def standing(
    seat: Seat,
    held: Held,
    questions: Mapping[str, Sequence[Any]],
    ledger: review.Ledger,
    points: Mapping[str, float],
) -> Standing:
    """Return where a student with a result stands."""
    decided: dict[str, Decision] = {}
    stale: dict[str, Decision] = {}
    told = dict(questions)
    for id, (*_, mistakes, key) in questions.items():
        decision = ledger.get((seat.student.id, id))
        if decision is None or decision.marks is None:
            continue
        if decision.key != key:
            stale[id] = decision
        else:
            decided[id] = decision
            outcome = review.outcome_of(decision.marks, points[id]).value
            told[id] = (decision.marks, 0.0, outcome, mistakes, key)
    return Standing(seat, held, "", decided or _NOTHING, stale or _NOTHING, told)


def still(
    questions: Mapping[str, Sequence[Any]], decided: Mapping[str, Decision]
) -> dict[str, Decision]:
    """Return the decisions that are about what a result holds now."""
    return {id: got for id, got in decided.items() if got.key == questions[id][-1]}


def mark(each: Standing) -> Mark:
    """Return the line of the gradebook."""
    student = each.seat.student
    handed = each.seat.handed
    questions = each.questions
    incomplete = set(each.held.ungraded) if each.held else set()
    scores = {id: None if id in incomplete else told[0] for id, told in questions.items()}
    has = each.held is not None
    return Mark(
        id=student.id,
        name=student.name,
        email=student.email,
        score=round(sum(told[0] for told in questions.values()), 4) if has else None,
        review=round(sum(told[1] for told in questions.values()), 4),
        status=each.status,
        scores=scores,
        report=each.seat.slug if has else "",
        submissions=(handed.label,) if handed else (),
        notes=each.seat.notes,
        waiting=tuple(id for id, told in questions.items() if told[1] > 0),
    )


def cases(each: Standing) -> Iterator[Case]:
    """Yield what is out of the ordinary with a result."""
    who = each.seat.student.id
    if each.failure:
        yield Case(Kind.FAILED, who, f"could not be graded: {each.failure}")
    if each.held is not None and each.held.ungraded:
        parts = ", ".join(each.held.ungraded)
        say = f"{parts} could not be graded: a fault on the grader's side"
        yield Case(Kind.FAILED, who, say)
    for id, decision in each.stale.items():
        yield Case(Kind.NOTE, who, f"{id}: {review.stale(decision)}; look again")
