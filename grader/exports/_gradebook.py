"""A graded class as the exports for learning platforms see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import UsageError


@dataclass(frozen=True, slots=True)
class Part:
    """A question of the assignment."""

    id: str
    title: str
    points: float


@dataclass(frozen=True, slots=True)
class Mark:
    """What a student was given.

    `score` is None where there is none to give: nothing was handed in, or grading failed.
    `review` counts the points that a person should still look at, `waiting` names the questions.
    `status` is graded, review, incomplete, failed, missing, duplicate or extra. `report` is the
    name of the student's reports, without suffix; `submissions` are the platform's own names of
    what was handed in.
    """

    id: str
    name: str
    email: str = ""
    score: float | None = None
    review: float = 0.0
    status: str = "graded"
    scores: Mapping[str, float | None] = field(default_factory=dict)
    report: str = ""
    submissions: Sequence[str] = ()
    notes: Sequence[str] = ()
    waiting: Sequence[str] = ()

    @property
    def final(self) -> bool:
        """Return whether the score may go out: it is there, whole, and the student is known."""
        return self.score is not None and self.status in ("graded", "review")


@dataclass(frozen=True, slots=True)
class Gradebook:
    """A graded class.

    `roster` is the text of the roster as it came, and `form` the platform that wrote it.
    `reports` is the folder of the students' reports. `assignment` is the platform's name of the
    assignment, where the teacher gave one. `proposed` tells that marks still await review.
    """

    rubric: str
    title: str
    points: float
    parts: Sequence[Part]
    marks: Sequence[Mark]
    roster: str = ""
    form: str = "plain"
    reports: Path = Path()
    assignment: str | None = None
    proposed: bool = False

    @property
    def out(self) -> list[Mark]:
        """Return the marks that go out."""
        return [mark for mark in self.marks if mark.final]

    def read(self, mark: Mark, suffix: str) -> str:
        """Return a student's report."""
        path = self.reports / f"{mark.report}{suffix}"
        try:
            return path.read_text(encoding="utf-8")
        except OSError as fault:
            raise UsageError(
                f"{path}: the report cannot be read ({fault.strerror}); run the batch again"
            ) from fault


@dataclass(frozen=True, slots=True)
class Written:
    """What an export wrote, by name within its folder, and what the teacher should know."""

    files: Sequence[str]
    notes: Sequence[str] = ()


PROPOSED = "The marks include proposals of the machine that no person has looked at yet."
"""What an export says of itself where it went out before the review was done."""


def proposed_name(book: Gradebook, name: str) -> str:
    """Return a file's name, which says so where marks are only proposed."""
    stem, dot, suffix = name.partition(".")
    return f"{stem}-proposed{dot}{suffix}" if book.proposed else name
