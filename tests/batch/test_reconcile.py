"""Whose is what, and every case in which that is not plain."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from grader.batch import reconcile, roster, submissions
from grader.batch.cases import Kind
from grader.batch.roster import Roster, Student
from grader.batch.submissions import Found, Handed, Piece

SPECIMENS = Path(__file__).parent / "specimens"


def handed(label: str, *owners: tuple[str, ...], **options: object) -> Handed:
    pieces = (Piece(label),)
    return Handed(label, owners or ((label,),), pieces, **options)  # type: ignore[arg-type]  # options


def seat(students: list[Student], *found: Handed, form: str = "plain") -> reconcile.Class:
    directory = roster.directory(students)
    return reconcile.seat(Roster(form, students), directory, Found("folders", found))


def kinds(seated: reconcile.Class) -> list[tuple[Kind, str]]:
    return [(case.kind, case.who) for case in seated.cases]


def specimen(name: str, path: str) -> reconcile.Class:
    found = roster.read(SPECIMENS / name)
    directory = roster.directory(found.students)
    knows = directory.candidates
    handed = submissions.find(SPECIMENS / path, lambda name: bool(knows(name)))
    return reconcile.seat(found, directory, handed)


def test_a_canvas_class():
    """Gradebook export and bulk download: joined by the number, strangers and anonymous listed."""
    seated = specimen("canvas_gradebook_export.csv", "canvas_submissions.zip")
    by_id = {each.student.id: each for each in seated.seats}
    assert all(by_id[f"90000{n}"].handed is not None for n in (1, 2, 3, 4))
    assert by_id["900002"].notes == ("late",)
    extra = {who for kind, who in kinds(seated) if kind is Kind.EXTRA}
    assert extra == {
        "zetastudent005_900005", "etastudent006_900006", "van_der_theta007_900007",
        "anon_aB3dE", "anon_xY9zQ",
    }  # fmt: skip


def test_a_moodle_class():
    """Worksheet and bulk download: joined by the participant's number."""
    seated = specimen("moodle_grading_worksheet.csv", "moodle_submissions.zip")
    assert [bool(each.handed) for each in seated.seats[:4]] == [True] * 4
    assert "late" in seated.seats[1].notes


def test_a_gradescope_class():
    """A group's submission counts for each of its members that is on the roster."""
    seated = specimen("gradescope_scores_export.csv", "gradescope_export")
    assert [bool(each.handed) for each in seated.seats] == [True, True, False]
    assert (Kind.MISSING, "S0000003") in kinds(seated)


def test_a_github_class():
    """Repositories are called after the assignment and the account."""
    students = [Student("a@x", "Ann", aliases=("ann-b",)), Student("b@x", "Bo", aliases=("b",))]
    seated = seat(students, handed("hw-1-ann-b"), handed("hw-1-b"), form="github")
    assert [each.handed.label for each in seated.seats if each.handed] == ["hw-1-ann-b", "hw-1-b"]


def test_a_group_by_its_name():
    """A submission named after a group of the roster is of all its members."""
    students = [Student("s1", "Ann", group="Red"), Student("s2", "Bo", group="red")]
    seated = seat(students, handed("x", ("9", "Red")))
    assert all(each.handed is not None for each in seated.seats)
    assert (Kind.GROUP, "x") in kinds(seated)


def test_of_two_submissions_the_newest_counts():
    """The other is listed, so that nobody wonders."""
    older = handed("a", ("s1",), when="2026-03-05 10:00")
    newer = handed("b", ("s1",), when="2026-03-06 09:00")
    seated = seat([Student("s1", "Ann")], newer, older)
    assert seated.seats[0].handed is newer
    assert "resubmitted" in seated.seats[0].notes
    assert (Kind.RESUBMITTED, "s1") in kinds(seated)


def test_a_folder_that_may_be_of_two_students_is_nobodys():
    """It is graded and listed with both; no mark goes to the wrong person."""
    students = [Student("s1", "Chris Twin"), Student("s2", "Chris Twin")]
    seated = seat(students, handed("Chris Twin"))
    assert [each.handed for each in seated.seats[:2]] == [None, None]
    assert seated.seats[2].is_extra
    assert "s1, s2" in seated.cases[0].say


# To draw each of 300 letters takes long, and a long id is long however it came about.
ids = st.text(min_size=1, max_size=30)
long_ids = st.tuples(ids, ids).map(lambda pair: (pair[0] * 300)[:299] + pair[1][:1])


@given(st.lists(ids | long_ids, unique=True, max_size=12))
def test_every_report_has_a_safe_name_of_its_own(ids):
    """Slashes, dots, emoji, control characters, 300 letters: a plain name, and no two alike."""
    seated = seat([Student(id, "") for id in ids])
    slugs = [each.slug for each in seated.seats]
    assert len({slug.casefold() for slug in slugs}) == len(ids)
    for slug in slugs:
        assert slug.isascii()
        assert slug.isprintable()
        assert 0 < len(slug) <= 110
        assert not set(slug) & set('/\\:*?"<>| ')
        assert not slug.startswith(".")
        assert slug.split(".")[0].casefold() not in {"con", "nul", "aux", "prn", "com1", "lpt9"}


def test_a_plain_id_is_its_own_name():
    """What is harmless stays what the teacher knows."""
    ids = ["s001", "900001", "ann@example.edu", "12-345_6"]
    seated = seat([Student(id, "") for id in ids])
    assert [each.slug for each in seated.seats] == ids


def test_ids_that_differ_by_case_get_different_files():
    """Some file systems would take one for the other."""
    seated = seat([Student("s1", "Ann"), Student("S1", "Bo")])
    assert len({each.slug.casefold() for each in seated.seats}) == 2
