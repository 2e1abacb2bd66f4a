"""Whose fault is it: a few exceptions, each with its exit code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class GraderError(Exception):
    """Something that keeps a command from starting: one sentence, with place and remedy."""

    exit_code = 2


class UsageError(GraderError):
    """The arguments are off, or a file that was named is not there."""


class Problem(NamedTuple):
    """One complaint about a rubric: where, what, and what to do."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class RubricError(GraderError):
    """A rubric that cannot be used; all of its problems at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ReferenceFault(Exception):
    """A reference answer could not be had: a fault on the grader's side, never a student's zero."""


class Unreadable(Exception):
    """An answer that could not be understood.

    `position` counts characters from the start of `text`; both are shown to the student, with a
    caret under the place, so `text` is the student's own text and never one of ours.
    """

    def __init__(self, message: str, *, text: str = "", position: int | None = None) -> None:
        self.message = message
        self.text = text
        self.position = position
        super().__init__(message)
