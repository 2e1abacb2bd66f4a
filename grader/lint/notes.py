"""What lint says: notes on places of a rubric, and findings with line, column and remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.errors import Problem
from grader.schema import Path

OURS = "this is a fault of the grader, not of the rubric: please report it"


@dataclass(frozen=True, slots=True)
class Note:
    """Something about the rubric's value at `at`: what is the matter, and what to do."""

    rule: str
    at: Path
    what: str
    remedy: str = ""
    is_error: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """A note with its place in the file; `question` is the id of the question around it."""

    rule: str
    problem: Problem
    remedy: str = ""
    is_error: bool = True
    question: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found in one rubric; `title`, `questions` and `points` where it could be read."""

    name: str
    file: str
    found: Sequence[Finding] = ()
    title: str = ""
    questions: int = 0
    points: float = 0.0

    @property
    def errors(self) -> list[Finding]:
        """Return what keeps the rubric from being fair."""
        return [each for each in self.found if each.is_error]

    @property
    def warnings(self) -> list[Finding]:
        """Return what its author should look at."""
        return [each for each in self.found if not each.is_error]
