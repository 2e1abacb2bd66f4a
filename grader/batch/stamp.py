"""What a run is made of and what it wrote, as two digests: where both stand, nothing is to do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
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
    told = [
        *(_seat(seat, results) for seat in seated.seats),
        *((case.kind, case.who, case.say) for case in seated.cases),
        [line.spot.check for line in decisions.lines()],
        (rubric.digest, keys.code(), keys.printing(), roster.form, roster.text),
    ]
    return keys.digest(told)


def _seat(seat: Seat, results: Mapping[int, int]) -> list[object]:
    handed = seat.handed
    about = (results[id(handed)], handed.label) if handed else ()
    return [seat.student.id, seat.slug, seat.is_extra, seat.notes, about]


def written(out: Path) -> str:
    """Return a digest of the files that tell of the whole class."""
    sums = hashlib.sha256()
    for chunk in _files(out):
        sums.update(b"%d " % len(chunk) + chunk)
    return sums.hexdigest()[:32]


def _files(out: Path) -> Iterator[bytes]:
    for name in WRITTEN:
        path = out / name
        yield path.read_bytes() if path.exists() else b"none"
