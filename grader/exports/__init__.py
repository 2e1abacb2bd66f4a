"""What a report looks like: a file here is a format, and its name is the format's name.

A format is a module with

    report(report, audience) -> str     a graded submission, for a student or for staff
    render(readings) -> list[str]       the same, of what `_reading` has let through to each reader
    answers(rubric, answers) -> str     the reference answers, for staff

Every format takes its words from `_reading`, the one place that knows what a student may see.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, cast

from grader.model import ReferenceAnswer, Report, Rubric

if TYPE_CHECKING:
    from grader.exports._reading import Reading

Audience: TypeAlias = Literal["student", "staff"]
"""Who reads a report."""


class Export(Protocol):
    """What every module of this room offers."""

    def report(self, report: Report, audience: Audience) -> str: ...

    def render(self, readings: Sequence[Reading]) -> list[str]: ...

    def answers(self, rubric: Rubric, answers: Sequence[ReferenceAnswer]) -> str: ...


def names() -> list[str]:
    """Return the names of all formats, sorted."""
    return sorted(
        module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")
    )


def load(name: str) -> Export:
    """Return the format called `name`; KeyError where there is none."""
    if name not in names():
        raise KeyError(name)
    return cast(Export, importlib.import_module(f"{__name__}.{name}"))
