"""What a journal holds: the results that still stand, and the reports that are printed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.batch import clerk
from grader.batch.clerk import Graded, Printed
from grader.batch.journal import Journal, Line, Spot
from grader.batch.keys import Plan


@dataclass(frozen=True, slots=True)
class Held:
    """Where a result lies, under which plan it was made, and what is lacking in it."""

    spot: Spot
    plan: str
    ungraded: tuple[str, ...] = ()


class Results:
    """The results of a journal by the content that they are of; few bytes for each."""

    def __init__(self, journal: Journal, plan: Plan) -> None:
        self._journal = journal
        self.plan = plan
        self._plans: dict[str, Mapping[str, str]] = {}
        self._held: dict[str, Held] = {}
        self._printed: dict[str, tuple[str, Sequence[int]]] = {}
        self._listed = ("", "")
        self._stamp = ("", "")
        for line in journal.lines():
            self._take(line)

    def _take(self, line: Line) -> None:
        entry = line.entry
        match entry.get("t"):
            case "plan":
                self._plans[entry["plan"]] = entry["questions"]
            case "result":
                ungraded = tuple(entry["ungraded"])
                self._held[entry["digest"]] = Held(line.spot, entry["plan"], ungraded)
            case "printed":
                self._printed[entry["slug"]] = (entry["key"], entry["sizes"])
            case "listed":
                self._listed = (entry["key"], entry["hash"])
            case "stamp":
                self._stamp = (entry["of"], entry["wrote"])
            case "anew":
                self._held.clear()
            case _:
                pass  # a later version's; what it means is not for us to say

    def declare(self) -> None:
        """Write down the keys under which results are made from here on."""
        if self.plan.digest not in self._plans:
            entry = {"t": "plan", "plan": self.plan.digest, "questions": self.plan.questions}
            self._take(self._journal.append(entry))

    def begin_anew(self) -> None:
        """Let no result stand that was made before."""
        self._take(self._journal.append({"t": "anew"}))

    def add(self, graded: Graded) -> Held:
        """Write down a result."""
        self._take(self._journal.append(graded.head, graded.body))
        return self._held[graded.head["digest"]]

    def find(self, digest: str) -> Held | None:
        """Return the result of a submission's content, of whatever plan."""
        return self._held.get(digest)

    def changed(self, held: Held) -> tuple[str, ...]:
        """Return the questions whose result no longer stands, in the order of the rubric."""
        if held.plan == self.plan.digest:
            stood: Mapping[str, str] = self.plan.questions
        else:
            stood = self._plans.get(held.plan, {})
        return tuple(
            id
            for id, key in self.plan.questions.items()
            if stood.get(id) != key or id in held.ungraded
        )

    def questions(self, held: Held) -> Mapping[str, Sequence[Any]]:
        """Return score, review points, outcome, mistakes and key of each question of the rubric."""
        kept = self._journal.head(held.spot)["questions"]
        return {id: kept[id] for id in self.plan.questions}

    def body(self, held: Held) -> bytes:
        """Return a result in full, as it was written."""
        return self._journal.body_text(held.spot)

    # --- reports -----------------------------------------------------------------------------

    def is_printed(self, slug: str, key: str, reports: Path) -> bool:
        """Return whether a student's reports are there, whole, and of what `key` stands for."""
        known, sizes = self._printed.get(slug, ("", ()))
        return known == key and list(sizes) == [
            _size(path) for path in clerk.report_paths(reports, slug)
        ]

    def is_whole(self, slug: str, reports: Path) -> bool:
        """Return whether a student's reports are there, and whole, of whatever they are."""
        return self.is_printed(slug, self._printed.get(slug, ("", ()))[0], reports)

    def printed(self, done: Printed, key: str) -> None:
        """Write down that a student's reports are there."""
        entry = {"t": "printed", "slug": done.slug, "key": key, "sizes": list(done.sizes)}
        self._take(self._journal.append(entry))

    # --- the list of what awaits review ------------------------------------------------------

    def is_listed(self, key: str, data: bytes) -> bool:
        """Return whether `data` are the list that was written for `key`."""
        return self._listed == (key, _hash(data))

    def listed(self, key: str, data: bytes) -> None:
        """Write down that the list is there."""
        self._take(self._journal.append({"t": "listed", "key": key, "hash": _hash(data)}))

    # --- a run as a whole --------------------------------------------------------------------

    def is_stamped(self, made_of: str, wrote: str) -> bool:
        """Return whether the last run that was complete was made of this, and wrote that."""
        return self._stamp == (made_of, wrote)

    def stamp(self, made_of: str, wrote: str) -> None:
        """Write down what a complete run was made of, and what it wrote."""
        if not self.is_stamped(made_of, wrote):
            self._take(self._journal.append({"t": "stamp", "of": made_of, "wrote": wrote}))


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def _size(path: str) -> int | None:
    try:
        return os.stat(path).st_size
    except OSError:
        return None
