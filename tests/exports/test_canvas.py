"""What Canvas imports: the marks that are meant, and not a cell more."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.exports import canvas
from tests.exports.classes import book, mark

EXPORT = "canvas_gradebook_export.csv"


def written(tmp_path: Path, *marks, specimen: str = EXPORT, **options) -> list[list[str]]:
    told = canvas.write(
        book(tmp_path, *marks, specimen=specimen, form="canvas", **options), tmp_path
    )
    with (tmp_path / told.files[0]).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_a_mark_goes_into_the_assignment_of_that_title(tmp_path):
    """The specimen's own columns of a student, one assignment with its number, one row a mark."""
    rows = written(tmp_path, mark("900001", 13.5))
    assert rows == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Planar data MLP (40124)"],
        ["    Points Possible", "", "", "", "", "15"],
        ["Alpha, Student001", "900001", "S0000001", "student001@example.edu", "ML101-01", "13.5"],
    ]


def test_students_without_a_mark_have_no_row(tmp_path):
    """A blank cell would clear what Canvas has."""
    rows = written(
        tmp_path,
        mark("900001", None, status="missing"),
        mark("900003", 3.0, status="incomplete"),
        mark("900004", 7.0),
        mark("zed", 7.0, status="extra"),
    )
    assert [row[1] for row in rows[2:]] == ["900004"]


def test_the_columns_of_other_assignments_are_not_touched(tmp_path):
    """Neither other assignments nor Canvas's totals are in the file."""
    header = written(tmp_path, mark("900001", 1.0))[0]
    assert not [name for name in header if "Homework" in name or "Score" in name]


def test_an_excused_student_stays_excused(tmp_path):
    """EX in Canvas is not overwritten, and the teacher is told."""
    full = book(
        tmp_path, mark("900002", 8.0), specimen=EXPORT, form="canvas", assignment="Homework 1"
    )
    told = canvas.write(full, tmp_path)
    assert "900002 has 'EX'" in "\n".join(told.notes)


@pytest.mark.parametrize("name", ["Homework 1", "Homework 1 (40123)", "40123", "homework-1"])
def test_the_teacher_names_an_assignment(tmp_path, name):
    """By title, by number or by both."""
    rows = written(tmp_path, mark("900001", 1.0), assignment=name)
    assert rows[0][-1] == "Homework 1 (40123)"
    assert rows[1][-1] == "10"


def test_an_unknown_assignment_is_refused_with_those_there_are(tmp_path):
    """A misspelt name would make a new assignment in Canvas."""
    with pytest.raises(UsageError, match=r"'Planar data MLP \(40124\)'"):
        written(tmp_path, mark("900001", 1.0), assignment="Homwork")


def test_marks_have_two_decimals_at_most(tmp_path):
    """Canvas keeps two, and would show every other mark as changed."""
    assert written(tmp_path, mark("900001", 10.0 / 3))[2][-1] == "3.33"


def test_a_roster_with_semicolons_is_written_as_canvas_reads_it(tmp_path):
    """Commas and points, whatever the export had."""
    specimen = "canvas_gradebook_export_semicolon_decimal_comma.csv"
    rows = written(tmp_path, mark("900002", 12.5), specimen=specimen)
    assert rows[2] == ["Beta, Student002", "900002", "student002@example.edu", "ML101-01", "12.5"]


def test_a_name_that_is_a_formula_is_written_as_canvas_writes_it(tmp_path):
    """="=x" is the name =x to Canvas and to a spreadsheet."""
    roster = 'Student,ID,SIS Login ID,Section,A (1)\n"=""=1+1""",5,x@y,s,\n'
    full = book(tmp_path, mark("5", 1.0), form="canvas", roster=roster, assignment="A")
    canvas.write(full, tmp_path)
    text = (tmp_path / "canvas.csv").read_text(encoding="utf-8")
    assert text.splitlines()[2].startswith('"=""=1+1""",5,')


@pytest.mark.parametrize("title", ["Final Score Project", "Current Grade", "Override Score"])
def test_a_title_that_canvas_would_drop_is_changed(tmp_path, title):
    """Canvas takes such columns for its own totals and ignores them."""
    roster = "Student,ID,SIS Login ID,Section\nAnn,5,x@y,s\n"
    full = book(tmp_path, mark("5", 1.0), form="canvas", roster=roster)
    told = canvas.write(type(full)(**{**_fields(full), "title": title}), tmp_path)
    header = (tmp_path / "canvas.csv").read_text(encoding="utf-8").splitlines()[0]
    assert title not in header
    assert "total" in told.notes[0]


def _fields(full) -> dict[str, object]:
    return {name: getattr(full, name) for name in full.__slots__}


def test_what_is_only_proposed_says_so_in_the_name_of_the_file(tmp_path):
    """A teacher sees it in the folder."""
    written(tmp_path, mark("900001", 1.0, review=2.0), proposed=True)
    assert (tmp_path / "canvas-proposed.csv").exists()


def test_a_roster_from_elsewhere_is_matched_by_login_or_name(tmp_path):
    """Without Canvas's export there are no numbers; the teacher is told what Canvas does."""
    told = canvas.write(book(tmp_path, mark("s1", 3.0, email="a@x.edu")), tmp_path)
    text = (tmp_path / "canvas.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(text.splitlines()))
    assert rows[0][:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert rows[2] == ["Student s1", "", "s1", "a@x.edu", "", "3"]
    assert "not an export of Canvas" in told.notes[0]
