"""What goes out of a graded class: files that a learning platform imports."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, cast

from grader.batch import gradebook, journal, outfolder
from grader.batch.outfolder import ABOUT
from grader.batch.runner import REVIEW
from grader.errors import UsageError
from grader.exports import _gradebook as books
from grader.exports._gradebook import Gradebook, Mark, Written

_NAMED = 10


class Platform(Protocol):
    """What a module of the exports offers that writes a whole class."""

    def write(self, book: Gradebook, folder: Path) -> Written: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the teacher asked for."""

    folder: Path
    platform: str
    output: Path | None = None
    assignment: str | None = None
    allow_proposed: bool = False


def export(wanted: Wanted) -> str:
    """Write a class as a platform imports it; return what to tell the teacher."""
    if wanted.platform == "gradescope-autograder":
        return _autograder(wanted)
    book = gradebook.load(wanted.folder, wanted.assignment)
    waiting = [mark for mark in book.out if mark.review > 0]
    if waiting and not wanted.allow_proposed:
        raise UsageError(_undecided(wanted.folder, waiting))
    book = replace(book, proposed=bool(waiting))
    target = wanted.output or wanted.folder / "exports"
    platform = cast(Platform, importlib.import_module(f"grader.exports.{wanted.platform}"))
    written = _written(platform, book, target)
    return "\n".join(_told(written, book, target)) + "\n"


def _autograder(wanted: Wanted) -> str:
    from grader.batch import autograder

    about = wanted.folder / ABOUT
    try:
        rubric = json.loads(about.read_bytes())["source"]
    except (OSError, ValueError, KeyError) as fault:
        raise UsageError(f"{about}: cannot be read; expected the folder of a batch") from fault
    target = wanted.output or wanted.folder / "exports"
    outfolder.make(target)
    try:
        with tempfile.TemporaryDirectory(dir=target, prefix=".") as aside:
            autograder.write(rubric, Path(aside) / autograder.NAME)
            os.replace(Path(aside) / autograder.NAME, target / autograder.NAME)
    except OSError as fault:
        raise journal.full(target, fault) from fault
    return f"{target / autograder.NAME}\n"


def _undecided(folder: Path, waiting: Sequence[Mark]) -> str:
    names = ", ".join(mark.id for mark in waiting[:_NAMED])
    more = f" and {len(waiting) - _NAMED} more" if len(waiting) > _NAMED else ""
    who = "1 student still awaits" if len(waiting) == 1 else f"{len(waiting)} students still await"
    return (
        f"{folder}: {who} review ({names}{more}); fill in 'decided' "
        f"in {folder / REVIEW} and run the batch again, or export what the machine proposes with "
        "--allow-proposed"
    )


def _written(platform: Platform, book: Gradebook, target: Path) -> Written:
    """Let a platform's files be written aside, and put them in place when all are there."""
    outfolder.make(target)
    try:
        with tempfile.TemporaryDirectory(dir=target, prefix=".") as aside:
            written = platform.write(book, Path(aside))
            for each in sorted(Path(aside).iterdir()):
                _move(each, target / each.name)
    except OSError as fault:
        raise journal.full(target, fault) from fault
    return written


def _move(source: Path, target: Path) -> None:
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    os.replace(source, target)


def _told(written: Written, book: Gradebook, target: Path) -> Iterator[str]:
    yield from (str(target / name) for name in written.files[:_NAMED])
    if len(written.files) > _NAMED:
        yield f"and {len(written.files) - _NAMED} more"
    yield f"marks of {len(book.out)} of {len(book.marks)} students"
    yield from written.notes
    for mark in book.marks:
        if not mark.final:
            yield f"left out: {mark.id} ({mark.status})"
    if book.proposed:
        yield books.PROPOSED
