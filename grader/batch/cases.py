"""What is out of the ordinary in a class: each case is listed, so that nobody is dropped."""

from __future__ import annotations

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
