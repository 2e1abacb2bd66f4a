"""A class as Canvas imports grades: only the students and the one column that are meant to change.

A blank cell in an imported column would clear a grade, and a column of an unknown title makes a
new assignment, so nothing is written that is not a mark.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError
from grader.exports import _tables as tables
from grader.exports._gradebook import Gradebook, Mark, Written, proposed_name
from grader.exports._tables import Row

# The order in which Canvas wants them.
_STUDENT = (
    "Student", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account", "Section",
)  # fmt: skip
# Canvas takes a column whose title holds one of these for a total of its own, and drops it.
_TOTALS = re.compile(r"(?i)(current|final|override|unposted)\s+(score|points|grade|status)")
_READ_ONLY = "(read only)"
_ASSIGNMENT = re.compile(r"(?P<title>.*?)\s*(?:\((?P<number>\d+)\))?\s*", re.DOTALL)
_LOCKED = ("EX", "N/A")


@dataclass(frozen=True, slots=True)
class _Export:
    """The gradebook export that came as the roster."""

    header: tuple[str, ...]
    possible: Row | None
    rows: Mapping[str, Row]

    def column(self, name: str) -> int | None:
        wanted = name.casefold()
        return next(
            (at for at, each in enumerate(self.header) if each.strip().casefold() == wanted), None
        )

    @property
    def assignments(self) -> list[int]:
        """Return the columns of assignments: those after the section that can be written."""
        section = self.column("Section")
        first = len(self.header) if section is None else section + 1
        return [at for at in range(first, len(self.header)) if self._is_assignment(at)]

    def _is_assignment(self, at: int) -> bool:
        read_only = self.possible is not None and self.possible.cell(at) == _READ_ONLY
        return not read_only and not _TOTALS.search(self.header[at]) and bool(self.header[at])

    def points(self, at: int) -> float | None:
        """Return the points that an assignment has in Canvas."""
        return tables.as_number(self.possible.cell(at)) if self.possible else None


def write(book: Gradebook, folder: Path) -> Written:
    """Write the import file of one assignment."""
    name = proposed_name(book, "canvas.csv")
    if book.form == "canvas":
        rows, notes = _from_export(book)
    else:
        rows, notes = _from_marks(book)
    text = "".join(",".join(row) + "\n" for row in rows)
    (folder / name).write_text(text, encoding="utf-8", newline="")
    return Written((name,), notes)


def _from_export(book: Gradebook) -> tuple[list[list[str]], list[str]]:
    export = _read(book.roster)
    at, title, notes = _assignment(book, export)
    columns = [(each, column) for each in _STUDENT if (column := export.column(each)) is not None]
    rows = [[_text(each) for each, _ in columns] + [_text(title)]]
    possible = export.points(at) if at is not None else None
    rows.append(_possible(len(columns), book.points if possible is None else possible))
    for mark in book.out:
        row = export.rows.get(mark.id)
        now = row.cell(at) if row is not None and at is not None else ""
        if row is None:
            notes.append(f"left out: {mark.id} is no longer in the roster")
        elif now.upper() in _LOCKED:
            notes.append(f"left out: {mark.id} has '{now}' in Canvas, which a mark would replace")
        else:
            rows.append([*(_text(row.cell(column)) for _, column in columns), _score(mark)])
    return rows, notes


def _from_marks(book: Gradebook) -> tuple[list[list[str]], list[str]]:
    """Return the rows where the roster is not from Canvas: it finds people by login or name."""
    title, _ = _harmless_title(book.assignment or book.title)
    header = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section", title)
    rows = [[_text(each) for each in header], _possible(5, book.points)]
    for mark in book.out:
        about = (mark.name or mark.id, "", mark.id, mark.email, "")
        rows.append([*(_text(each) for each in about), _score(mark)])
    note = (
        "The roster is not an export of Canvas's gradebook, so Canvas looks students up by SIS id, "
        f"login or name, and makes a new assignment '{title}' unless it has one of that title."
    )
    return rows, [note]


def _read(text: str) -> _Export:
    rows = [
        row
        for row in tables.parse(text.removeprefix("\ufeff"))
        if any(cell.strip() for cell in row.raw)
    ]
    header, rest = rows[0].cells, rows[1:]
    possible = next((row for row in rest if "points possible" in row.cell(0).casefold()), None)
    export = _Export(header, possible, {})
    by_id = {_id(export, row): row for row in reversed(rest) if row is not possible}
    return _Export(header, possible, by_id)


def _id(export: _Export, row: Row) -> str:
    known = (row.cell(export.column(name)) for name in ("ID", "SIS Login ID", "Student"))
    return next((each for each in known if each), "")


def _assignment(book: Gradebook, export: _Export) -> tuple[int | None, str, list[str]]:
    """Return the column that is set, its title, and what to tell the teacher about the choice."""
    known = export.assignments
    if book.assignment is not None:
        found = [at for at in known if _is_called(export.header[at], book.assignment)]
        if len(found) != 1:
            titles = ", ".join(f"'{export.header[at]}'" for at in known) or "none"
            which = "no assignment" if not found else "more than one assignment"
            raise UsageError(
                f"{which} of the gradebook is called '{book.assignment}'; it has {titles}"
            )
        return found[0], export.header[found[0]], _difference(book, export, found[0])
    at = _likely(book, export)
    if at is not None:
        title = export.header[at]
        return at, title, [f"assignment: {title}", *_difference(book, export, at)]
    title, notes = _harmless_title(book.title)
    titles = ", ".join(f"'{export.header[at]}'" for at in known) or "none"
    notes.append(
        f"Canvas will make a new assignment '{title}'; to set one that it has ({titles}), "
        "name it with --assignment"
    )
    return None, title, notes


def _likely(book: Gradebook, export: _Export) -> int | None:
    """Return the one assignment that is meant: by its title, or the only one with these points."""
    known = export.assignments
    named = [
        at
        for at in known
        if _is_called(export.header[at], book.title) or _is_called(export.header[at], book.rubric)
    ]
    if named:
        return named[0] if len(named) == 1 else None
    same = [at for at in known if export.points(at) == book.points]
    return same[0] if len(same) == 1 else None


def _is_called(header: str, name: str) -> bool:
    parts = _ASSIGNMENT.fullmatch(header.strip())
    own = [header.strip(), *(each for each in (parts.groups() if parts else ()) if each)]
    return _plain(name) in [_plain(each) for each in own]


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.sub(r"[-_\s]+", " ", folded).split())


def _difference(book: Gradebook, export: _Export, at: int) -> list[str]:
    points = export.points(at)
    if points is None or points == book.points:
        return []
    there, here = tables.number(points), tables.number(book.points)
    return [f"Canvas has {there} points for it, the rubric {here}: marks are written as they are"]


def _harmless_title(title: str) -> tuple[str, list[str]]:
    if not _TOTALS.search(title):
        return title, []
    changed = _TOTALS.sub(r"\1-\2", title)
    return changed, [f"'{title}' is called '{changed}': Canvas would take it for a total"]


def _possible(columns: int, points: float) -> list[str]:
    return ["    Points Possible", *[""] * (columns - 1), tables.number(points, 2)]


def _score(mark: Mark) -> str:
    # More decimals would show as a change at the next import.
    return tables.number(mark.score or 0.0, 2)


def _text(cell: str) -> str:
    """Return a cell of text; a name that begins with = is written as Canvas itself writes it."""
    if cell.startswith(("=", "+", "-", "@")) and tables.as_number(cell) is None:
        inner = cell.replace('"', '""')
        return tables.quote(f'="{inner}"')
    return tables.quote(cell)
