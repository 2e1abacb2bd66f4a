"""How far a batch is, on a terminal; a pipe hears nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Meter(Protocol):
    """Is told what a batch does."""

    def begin(self, what: str, total: int) -> None:
        """Begin a stretch of work."""
        ...

    def step(self, *, failed: bool = False, review: bool = False) -> None:
        """Count one piece of it."""
        ...


class Silent:
    """Says nothing."""

    def begin(self, what: str, total: int) -> None:
        """Begin a stretch of work."""

    def step(self, *, failed: bool = False, review: bool = False) -> None:
        """Count one piece of it."""


class Bar:
    """A line that fills, with rate, remaining time and counts."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None
        self._done = self._failed = self._review = 0
        self._since = time.monotonic()

    def begin(self, what: str, total: int) -> None:
        """Begin a stretch of work."""
        self._done = self._failed = self._review = 0
        self._since = time.monotonic()
        if total:
            self._task = self._progress.add_task(what, total=total, counts="")

    def step(self, *, failed: bool = False, review: bool = False) -> None:
        """Count one piece of it."""
        self._done += not failed
        self._failed += failed
        self._review += review
        if self._task is not None:
            seconds = max(time.monotonic() - self._since, 1e-9)
            rate = (self._done + self._failed) / seconds
            counts = (
                f"{rate:.3g}/s, {self._done} done, {self._failed} failed, "
                f"{self._review} awaiting review"
            )
            self._progress.update(self._task, advance=1, counts=counts)


@contextmanager
def meter() -> Iterator[Meter]:
    """Yield a bar where standard error is a terminal, and silence elsewhere."""
    if not sys.stderr.isatty():
        yield Silent()
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[counts]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield Bar(progress)
