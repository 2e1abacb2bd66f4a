"""A class as Moodle imports it: the grading worksheet as it came, with grades, and feedback files.

Moodle skips a row whose time of the last grade is not what it knows, and knows its columns by
words of the site's language. So every byte stays as it was but in the cells that are set.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from dataclasses import dataclass
from html import escape
from pathlib import Path

from grader.errors import UsageError
from grader.exports import _tables as tables
from grader.exports._gradebook import PROPOSED, Gradebook, Mark, Written, proposed_name
from grader.exports._tables import Row

_IDENTIFIER = re.compile(r"\D{0,60}(\d{1,18})")
_ACCURACY = 1e-9


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where in the worksheet stands what is needed of it."""

    grade: int
    most: int | None
    changeable: int | None
    feedback: int | None


def write(book: Gradebook, folder: Path) -> Written:
    """Write the worksheet with its grades, and the zip file of the students' reports."""
    if book.form != "moodle":
        raise UsageError(
            "the roster of this batch is no Moodle grading worksheet; download one "
            "(assignment, View all submissions, Download grading worksheet) and run the batch "
            "with it as the roster"
        )
    mark_of_order = "\ufeff" if book.roster.startswith("\ufeff") else ""
    rows = tables.parse(book.roster.removeprefix(mark_of_order))
    header = next(row for row in rows if any(cell.strip() for cell in row.raw))
    columns = _columns(header, [row for row in rows if row.line > header.line])
    marks = {mark.id: mark for mark in book.out}
    notes: list[str] = []
    lines = [mark_of_order]
    graded: list[tuple[str, Mark]] = []
    for row in rows:
        mark = marks.get(_number(row)) if row.line > header.line else None
        changed = _graded(row, mark, columns, book, notes) if mark else row
        lines.append(changed.text)
        if mark and changed is not row:
            graded.append((row.cell(1), mark))
    sheet, feedback = proposed_name(book, "moodle.csv"), proposed_name(book, "moodle-feedback.zip")
    (folder / sheet).write_bytes("".join(lines).encode("utf-8", "surrogatepass"))
    _feedback(book, graded, folder / feedback)
    return Written((sheet, feedback), tuple(notes))


def _number(row: Row) -> str:
    found = _IDENTIFIER.fullmatch(row.cell(0))
    return found[1] if found else row.cell(0)


def _columns(header: Row, rows: list[Row]) -> _Columns:
    """Return the columns by their English names, else by what stands in them.

    On a site in another language the highest mark is the column that says the same number in
    every row, and the order of the columns is fixed: the grade comes before it.
    """
    names = [cell.strip().casefold() for cell in header.cells]

    def named(name: str) -> int | None:
        return names.index(name) if name in names else None

    grade = named("grade")
    most = named("maximum grade")
    if grade is None:
        most = _constant(rows, len(names))
        if most is None:
            raise UsageError(
                "the worksheet has no column 'Grade' and none that looks like the highest mark; "
                "download it with the site's language set to English"
            )
        return _Columns(most - 1, most, None, None)
    return _Columns(grade, most, named("grade can be changed"), named("feedback comments"))


def _constant(rows: list[Row], width: int) -> int | None:
    for column in range(4, width):
        cells = Counter(row.cell(column) for row in rows if row.cell(0))
        if len(cells) == 1 and (tables.as_number(next(iter(cells))) or 0) > 0:
            return column
    return None


def _graded(row: Row, mark: Mark, columns: _Columns, book: Gradebook, notes: list[str]) -> Row:
    """Return a row with its grade, or as it was where Moodle would not take one."""
    score = mark.score or 0.0
    shown = row.cell(columns.most)
    most = tables.as_number(shown)
    if most is not None and score > most + _ACCURACY:
        notes.append(
            f"left out: {mark.id} has {tables.number(score)}, more than Moodle's highest mark "
            f"{shown}"
        )
        return row
    if row.cell(columns.changeable).casefold() == "no":
        notes.append(f"left out: {mark.id}, whose grade is locked in Moodle")
        return row
    grade = f"{score:.2f}".replace(".", "," if "," in shown else ".")
    row = row.with_cell(columns.grade, grade)
    if columns.feedback is not None and not row.cell(columns.feedback):
        row = row.with_cell(columns.feedback, _comment(book, mark))
    return row


def _comment(book: Gradebook, mark: Mark) -> str:
    points = f"{tables.number(mark.score or 0.0, 2)} / {tables.number(book.points, 2)}"
    said = f"{escape(book.title)}: {points}. See feedback.html."
    return f"<p>{said} {PROPOSED}</p>" if mark.review > 0 else f"<p>{said}</p>"


def _feedback(book: Gradebook, graded: list[tuple[str, Mark]], path: Path) -> None:
    """Write a zip file with each student's report, in folders as Moodle knows them."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zip:
        for name, mark in graded:
            person = re.sub(r'[\0-\x1f/\\:*?"<>|_]', " ", name).strip(" .") or "Participant"
            folder = f"{person[:100]}_{mark.id}_assignsubmission_file_"
            # The same marks make the same file: the time is that of no day.
            member = zipfile.ZipInfo(f"{folder}/feedback.html")
            member.compress_type = zipfile.ZIP_DEFLATED
            zip.writestr(member, book.read(mark, ".html"))
