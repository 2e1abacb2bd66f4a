"""What a journal holds: the results that still stand, and the reports that are printed."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from grader.batch import clerk
from grader.batch.clerk import Graded
from grader.batch.journal import Journal, Line, Spot
from grader.batch.keys import Plan


class Held(NamedTuple):
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
        self._printed: dict[str, bytes] = {}
        self._listed = ("", "", True)
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
                plan = sys.intern(entry["plan"])
                self._held[entry["digest"]] = Held(line.spot, plan, ungraded)
            case "printed":
                self._printed[entry["slug"]] = _packed(entry["key"], entry["sizes"])
            case "listed":
                self._listed = (entry["key"], entry["hash"], entry.get("unclear", True))
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

    def add(self, digest: str, graded: Graded) -> Held:
        """Write down the result of a submission's content."""
        spot = self._journal.write(graded.head, graded.body)
        self._held[digest] = held = Held(spot, self.plan.digest, graded.ungraded)
        return held

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
        known = self._printed.get(slug)
        if known is None or not known.startswith(key.encode()):
            return False
        return known == _packed(key, [_size(path) for path in clerk.report_paths(reports, slug)])

    def is_whole(self, slug: str, reports: Path) -> bool:
        """Return whether a student's reports are there, and whole, of whatever they are."""
        known = self._printed.get(slug, b"")
        return self.is_printed(slug, known.partition(b" ")[0].decode(), reports)

    def printed(self, slug: str, sizes: Sequence[int], key: str) -> None:
        """Write down that a student's reports are there."""
        entry = {"t": "printed", "slug": slug, "key": key, "sizes": sizes}
        self._take(self._journal.append(entry))

    # --- the list of what awaits review ------------------------------------------------------

    def is_listed(self, key: str, hash: str) -> bool:
        """Return whether the list that was written for `key` has the digest `hash`."""
        return self._listed[:2] == (key, hash)

    def is_untouched(self, hash: str) -> bool:
        """Return whether a list is as it was written, and nothing in it was not understood."""
        return self._listed[1:] == (hash, False)

    def listed(self, key: str, hash: str, *, unclear: bool) -> None:
        """Write down that the list is there, and whether it repeats what was not understood."""
        entry = {"t": "listed", "key": key, "hash": hash, "unclear": unclear}
        self._take(self._journal.append(entry))

    # --- a run as a whole --------------------------------------------------------------------

    def is_stamped(self, made_of: str, wrote: str) -> bool:
        """Return whether the last run that was complete was made of this, and wrote that."""
        return self._stamp == (made_of, wrote)

    def stamp(self, made_of: str, wrote: str) -> None:
        """Write down what a complete run was made of, and what it wrote."""
        if not self.is_stamped(made_of, wrote):
            self._take(self._journal.append({"t": "stamp", "of": made_of, "wrote": wrote}))


def _packed(key: str, sizes: Sequence[int | None]) -> bytes:
    return f"{key} {' '.join(map(str, sizes))}".encode()


def _size(path: str) -> int | None:
    try:
        return os.stat(path).st_size
    except OSError:
        return None
