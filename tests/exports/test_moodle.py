"""What Moodle imports: its own worksheet, of which only the cells that are set have changed."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.exports import moodle
from tests.exports.classes import SPECIMENS, book, mark

SHEET = "moodle_grading_worksheet.csv"
FEEDBACK = re.compile(r"(?P<name>[^/]+)_(?P<id>\d+)_assignsubmission_file_/feedback\.html")


def written(tmp_path: Path, *marks, **options):
    options = {"specimen": SHEET, "form": "moodle", **options}
    told = moodle.write(book(tmp_path, *marks, **options), tmp_path)
    return told, (tmp_path / told.files[0]).read_bytes().decode("utf-8")


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_only_the_cells_that_are_set_change(tmp_path):
    """The line of a graded student differs in grade and comment, all others in no byte."""
    before = (SPECIMENS / SHEET).read_text(encoding="utf-8").splitlines()
    _, text = written(tmp_path, mark("12345", 13.5))
    after = text.splitlines()
    assert [line for line, was in zip(after, before, strict=True) if line != was] == [after[1]]
    was, now = rows("\n".join(before))[0], rows(text)[0]
    changed = {name for name in was if was[name] != now[name]}
    assert changed == {"Grade", "Feedback comments"}
    assert now["Grade"] == "13.50"
    assert after[1].startswith('"Participant 12345","Student001 Alpha",student001@example.edu,')


def test_without_marks_the_worksheet_is_the_same_file(tmp_path):
    """Byte for byte, with its line ends."""
    written(tmp_path)
    assert (tmp_path / "moodle.csv").read_bytes() == (SPECIMENS / SHEET).read_bytes()


def test_the_time_of_the_last_grade_stays_as_it_was(tmp_path):
    """Moodle skips a row whose cell it does not know."""
    _, text = written(tmp_path, mark("12347", 3.0))
    row = rows(text)[2]
    assert row["Last modified (grade)"] == "Saturday, 7 March 2026, 11:00 AM"
    assert row["Online text"] == "<p>My answer: <b>0.5</b>, see file.</p>"


def test_a_comment_that_a_person_wrote_stays(tmp_path):
    """A student's feedback is only filled in where there is none."""
    _, text = written(tmp_path, mark("12347", 3.0))
    assert rows(text)[2]["Feedback comments"] == "Good, but check db2."


def test_a_mark_beyond_the_highest_is_left_out_and_told(tmp_path):
    """Moodle would skip it without a word."""
    told, text = written(tmp_path, mark("12345", 15.5))
    assert rows(text)[0]["Grade"] == ""
    assert "more than Moodle's highest mark 15.00" in told.notes[0]


def test_a_locked_grade_is_left_out_and_told(tmp_path):
    """'Grade can be changed: No'."""
    sheet = (SPECIMENS / SHEET).read_text(encoding="utf-8").replace(",Yes,", ",No,")
    told, text = written(tmp_path, mark("12345", 3.0), specimen="", roster=sheet)
    assert rows(text)[0]["Grade"] == ""
    assert "locked" in told.notes[0]


def test_a_site_with_decimal_commas_gets_decimal_commas(tmp_path):
    """And its own words in the header: only the grade's cell changes."""
    sheet = (
        '\ufeffID,"Vollständiger Name",E-Mail-Adresse,Status,Bewertung,Bestwertung,'
        '"Bewertung kann geändert werden","Zuletzt geändert (Abgabe)",'
        '"Zuletzt geändert (Bewertung)","Feedback als Kommentar"\r\n'
        'Teilnehmer/in12345,"Anna Ä",a@x.edu,Abgegeben,,"15,00",Ja,-,-,\r\n'
    )
    _, text = written(tmp_path, mark("12345", 13.5), specimen="", roster=sheet)
    assert text == sheet.replace(',,"15,00"', ',"13,50","15,00"')


def test_the_feedback_file_has_folders_as_moodle_knows_them(tmp_path):
    """Name, participant and plug-in; the report is the student's own page."""
    marks = [mark("12345", 1.0), mark("12348", 2.0), mark("12347", None, status="missing")]
    written(tmp_path, *marks)
    with zipfile.ZipFile(tmp_path / "moodle-feedback.zip") as zip:
        names = zip.namelist()
        found = [FEEDBACK.fullmatch(name) for name in names]
        assert [match["id"] for match in found] == ["12345", "12348"]
        assert found[1]["name"] == "Étudiant004 Épsilon"
        assert zip.read(names[0]).startswith(b"<!doctype html>")


def test_the_same_marks_make_the_same_files(tmp_path):
    """No time of day is in the zip file."""
    written(tmp_path, mark("12345", 1.0))
    first = (tmp_path / "moodle-feedback.zip").read_bytes()
    written(tmp_path, mark("12345", 1.0))
    assert (tmp_path / "moodle-feedback.zip").read_bytes() == first


def test_a_name_cannot_lead_out_of_the_zip_file(tmp_path):
    """A student called ../../x is in a folder like any other."""
    sheet = (SPECIMENS / SHEET).read_text(encoding="utf-8")
    sheet = sheet.replace("Student001 Alpha", "../../etc_12_x\\y")
    written(tmp_path, mark("12345", 1.0), specimen="", roster=sheet)
    with zipfile.ZipFile(tmp_path / "moodle-feedback.zip") as zip:
        (name,) = zip.namelist()
    assert FEEDBACK.fullmatch(name)
    assert name.count("/") == 1
    assert not name.startswith(".")


def test_another_roster_is_refused_with_the_way_to_the_right_one(tmp_path):
    """Moodle needs its own rows back."""
    with pytest.raises(UsageError, match="Download grading worksheet"):
        moodle.write(book(tmp_path, mark("s1", 1.0)), tmp_path)
