"""The plain table: for a spreadsheet, and harmless in it."""

from __future__ import annotations

import csv

from grader.exports import csv as table
from tests.exports.classes import book, mark


def rows(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_one_line_for_each_mark(tmp_path):
    """Marks as numbers, and each question's."""
    full = book(tmp_path, mark("s1", 12.5, email="a@x.edu"), mark("s2", None, status="missing"))
    table.write(full, tmp_path)
    (row,) = rows(tmp_path / "marks.csv")
    assert row == {
        "id": "s1", "name": "Student s1", "email": "a@x.edu", "score": "12.5", "max_score": "15",
        "percentage": "83.33", "q1": "10", "q2": "2.5", "review_points": "0",
    }  # fmt: skip


def test_a_formula_in_a_name_stays_text(tmp_path):
    """A spreadsheet that opens the file computes nothing that a student wrote."""
    name = '=HYPERLINK("http://x.example")'
    table.write(book(tmp_path, mark("-s1", 1.0, name=name)), tmp_path)
    (row,) = rows(tmp_path / "marks.csv")
    assert row["name"] == "'" + name
    assert row["id"] == "'-s1"


def test_proposed_marks_are_called_so(tmp_path):
    """In the name of the file."""
    told = table.write(book(tmp_path, mark("s1", 1.0), proposed=True), tmp_path)
    assert told.files == ("marks-proposed.csv",)
