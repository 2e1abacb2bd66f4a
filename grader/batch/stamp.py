"""What a run is made of and what it wrote, as two digests: where both stand, nothing is to do."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from grader.batch import gradebook, keys
from grader.batch.journal import Journal
from grader.batch.reconcile import Class, Seat
from grader.batch.roster import Roster
from grader.model import Rubric

WRITTEN = ("gradebook.csv", "review.csv", "summary.json", "summary.txt", gradebook.MARKS,
           gradebook.ROSTER)  # fmt: skip


def made_of(
    seated: Class, roster: Roster, results: Mapping[int, int], rubric: Rubric, decisions: Journal
) -> str:
    """Return a digest of all that a run's files depend on.

    `results` holds the checksum of each submission's result, by the identity of what was handed in.
    """
    sums = keys.Sums()
    for seat in seated.seats:
        sums.add(_seat(seat, results))
    for case in seated.cases:
        sums.add((case.kind, case.who, case.say))
    for line in decisions.lines():
        sums.add(line.spot.check)
    sums.add((rubric.digest, keys.code(), keys.printing(), roster.form, roster.text))
    return sums.digest()


def _seat(seat: Seat, results: Mapping[int, int]) -> list[object]:
    handed = seat.handed
    about = (results[id(handed)], handed.label) if handed else ()
    return [seat.student.id, seat.slug, seat.is_extra, seat.notes, about]


def written(out: Path) -> str:
    """Return a digest of the files that tell of the whole class."""
    return keys.digest([content(out / name) for name in WRITTEN])


def content(path: Path) -> str:
    """Return a digest of what a file holds, empty where there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""
