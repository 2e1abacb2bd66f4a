"""What is out of the ordinary in a class: each case is listed, so that nobody is dropped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of cases, in the order in which a summary lists them."""

    FAILED = "failed"
    DUPLICATE = "duplicate"
    EXTRA = "extra"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    RESUBMITTED = "resubmitted"
    LATE = "late"
    GROUP = "group"
    TEST_STUDENT = "test student"
    STAFF = "staff"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Case:
    """One case: whom or what it concerns, and a sentence."""

    kind: Kind
    who: str
    say: str


def ordered(cases: Iterable[Case]) -> list[Case]:
    """Return the cases by kind, those of one kind as they were found."""
    order = list(Kind)
    return sorted(cases, key=lambda case: order.index(case.kind))
