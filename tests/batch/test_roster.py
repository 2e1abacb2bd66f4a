"""Rosters as platforms write them, and as people leave them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.batch import roster
from grader.batch.cases import Kind
from grader.errors import UsageError
from grader.exports import _tables as tables

SPECIMENS = Path(__file__).parent / "specimens"

FORMS = [
    ("canvas_gradebook_export.csv", "canvas", ["900001", "900002", "900003", "900004"]),
    ("canvas_gradebook_export_semicolon_decimal_comma.csv", "canvas", ["900001", "900002"]),
    ("moodle_grading_worksheet.csv", "moodle", ["12345", "12346", "12347", "12348"]),
    ("gradescope_roster.csv", "gradescope", ["S0000001", "S0000002"]),
    ("gradescope_scores_export.csv", "gradescope", ["S0000001", "S0000002", "S0000003"]),
    (
        "github_classroom_roster.csv",
        "github",
        ["student001@example.edu", "student002@example.edu"],
    ),
    ("nbgrader_students_import.csv", "plain", ["student001"]),
]


def read(tmp_path: Path, text: str | bytes) -> roster.Roster:
    path = tmp_path / "class.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return roster.read(path)


@pytest.mark.parametrize(("name", "form", "ids"), FORMS, ids=[form[0] for form in FORMS])
def test_a_platforms_export_is_recognised(name, form, ids):
    """Each platform's file is told by its columns, and each student has the platform's id."""
    found = roster.read(SPECIMENS / name)
    assert found.form == form
    assert [student.id for student in found.students] == ids


def test_canvas_rows_that_are_no_students_are_left_out():
    """Points possible, manual posting and the test student; the last is listed."""
    found = roster.read(SPECIMENS / "canvas_gradebook_export.csv")
    assert [case.kind for case in found.cases] == [Kind.TEST_STUDENT]
    assert found.students[0].name == "Alpha, Student001"
    assert found.students[0].email == "student001@example.edu"


def test_staff_of_a_gradescope_roster_is_not_graded():
    """A teaching assistant is listed as such."""
    found = roster.read(SPECIMENS / "gradescope_roster.csv")
    assert [(case.kind, case.who) for case in found.cases] == [(Kind.STAFF, "Teach Assistant")]


def test_moodle_and_gradescope_say_who_was_late():
    """The status of the worksheet and the lateness of the scores are notes."""
    moodle = roster.read(SPECIMENS / "moodle_grading_worksheet.csv").students
    assert [student.notes for student in moodle] == [(), ("late",), (), ()]
    scores = roster.read(SPECIMENS / "gradescope_scores_export.csv").students
    assert [student.notes for student in scores] == [(), ("late",), ()]


def test_a_worksheet_in_another_language_is_recognised(tmp_path):
    """A German site has other words, and the same order of columns."""
    text = (
        '\ufeffID,"Vollständiger Name",E-Mail-Adresse,Status,Bewertung,Bestwertung,'
        '"Bewertung kann geändert werden","Zuletzt geändert (Abgabe)",'
        '"Zuletzt geändert (Bewertung)","Feedback als Kommentar"\n'
        'Teilnehmer/in12345,"Anna Ä",a@example.edu,"Zur Bewertung abgegeben",,"15,00",Ja,-,-,\n'
        'Teilnehmer/in12346,"Bo B",b@example.edu,"Keine Abgabe",,"15,00",Ja,-,-,\n'
    )
    found = read(tmp_path, text)
    assert found.form == "moodle"
    assert [(each.id, each.name, each.email) for each in found.students] == [
        ("12345", "Anna Ä", "a@example.edu"),
        ("12346", "Bo B", "b@example.edu"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "id,name,email\ns1,Ann,a@x.edu\ns2,Bo,b@x.edu\n",
        "\ufeffID;Name;E-Mail\r\ns1;Ann;a@x.edu\r\ns2;Bo;b@x.edu\r\n",
        "Student ID\tFull Name\tEmail Address\ns1\tAnn\ta@x.edu\ns2\tBo\tb@x.edu",
        "\n\nid,first_name,last_name,email\r\n\r\ns1,Ann,,a@x.edu\r\ns2,,Bo,b@x.edu\r\n",
        '"id","name","email"\n"s1","Ann","a@x.edu"\n"s2","Bo","b@x.edu"\n',
        "email,name,id\na@x.edu,Ann,s1\nb@x.edu,Bo,s2\n",
        " id , name , email \n s1 , Ann , a@x.edu \ns2,Bo,b@x.edu\n",
    ],
)
def test_a_plain_roster_is_read_as_people_write_it(tmp_path, text):
    """BOM, semicolons, tabs, quotes, other orders, other line ends, blank lines."""
    students = read(tmp_path, text).students
    assert [(each.id, each.name, each.email) for each in students] == [
        ("s1", "Ann", "a@x.edu"),
        ("s2", "Bo", "b@x.edu"),
    ]


def test_a_roster_in_an_old_encoding_is_read_with_a_note(tmp_path):
    """Windows-1252, as old spreadsheets save it."""
    found = read(tmp_path, "id,name\ns1,Müller\n".encode("cp1252"))
    assert found.students[0].name == "Müller"
    assert found.cases[0].kind is Kind.NOTE


def test_the_same_line_twice_is_one_student(tmp_path):
    """A student of two sections stands there twice; it is said, and counts once."""
    found = read(tmp_path, "id,name\ns1,Ann\ns1,Ann\ns2,Bo\n")
    assert [student.id for student in found.students] == ["s1", "s2"]
    assert found.cases[0].kind is Kind.DUPLICATE


def test_one_id_for_two_people_is_told_with_both_names(tmp_path):
    """Nobody is dropped in silence: the id is marked, and no mark of it goes out."""
    found = read(tmp_path, "id,name\ns1,Ann\ns1,Bo\n")
    assert roster.AMBIGUOUS in found.students[0].notes
    assert "'Ann'" in found.cases[0].say
    assert "'Bo'" in found.cases[0].say


def test_a_line_without_anything_to_call_it_by_is_listed(tmp_path):
    """A line of group or section alone is nobody."""
    found = read(tmp_path, "id,name,group\ns1,Ann,g\n,,g\n")
    assert [case.kind for case in found.cases] == [Kind.UNREADABLE]


def test_a_name_that_begins_with_an_equals_sign_is_what_the_platform_meant(tmp_path):
    """Canvas writes ="=x" so that a spreadsheet shows the name."""
    text = 'Student,ID,SIS Login ID,Section,A (1)\n"=""=SUM(A1)""",5,x,s,\n'
    assert read(tmp_path, text).students[0].name == "=SUM(A1)"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the roster is empty"),
        ("\n \n", "the roster is empty"),
        ("id,name\n", "no students"),
        ("colour,size\nred,3\n", "expected an export of Canvas"),
    ],
)
def test_what_is_no_roster_is_refused_in_a_sentence(tmp_path, text, says):
    """Where, what, and what is expected."""
    with pytest.raises(UsageError, match=says):
        read(tmp_path, text)


def test_a_picture_is_no_roster(tmp_path):
    """A binary file is refused before it is searched for columns."""
    with pytest.raises(UsageError, match="picture"):
        read(tmp_path, b"\x89PNG\r\n\x1a\n" + bytes(range(256)))


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("s001", "s001"),
        ("S001", "s001"),
        ("ann@x.edu", "s001"),
        ("ANN", "s001"),
        ("Alpha, Ann", "s001"),
        ("Ann Alpha", "s001"),
        ("annalpha", "s001"),
        ("alphaann", "s001"),
        ("ANN_ALPHA", "s001"),
        ("gh-ann", "s001"),
        ("Alpha", None),
        ("s00", None),
        ("", None),
        ("Chris Twin", None),
    ],
)
def test_a_student_is_found_by_every_name(name, id):
    """Id, login, e-mail, account and name in either order; a shared name finds nobody."""
    found = roster.directory(
        [
            roster.Student("s001", "Alpha, Ann", "ann@x.edu", ("gh-ann",)),
            roster.Student("s002", "Chris Twin", "c1@x.edu"),
            roster.Student("s003", "Chris Twin", "c2@x.edu"),
        ]
    ).find(name)
    assert (found.id if found else None) == id


def test_an_exact_id_is_surer_than_one_in_other_letters():
    """Two students whose ids differ only by case are two."""
    directory = roster.directory([roster.Student("s1", "Ann"), roster.Student("S1", "Bo")])
    assert directory.find("s1").name == "Ann"
    assert directory.find("S1").name == "Bo"


# --- tables ----------------------------------------------------------------------------------


@given(st.text(alphabet=',;"\r\n\t =ab', max_size=60))
def test_a_table_is_read_without_losing_a_byte(text):
    """Whatever stands in a file, its lines put together are the file."""
    assert "".join(row.text for row in tables.parse(text)) == text


@given(st.lists(st.text(alphabet=',;"\n ab', max_size=8), min_size=2, max_size=4))
def test_a_cell_that_was_written_is_read_back(cells):
    """Quotes, delimiters and line ends in a cell stay what they are."""
    line = ",".join(tables.quote(cell) for cell in ["x", *cells]) + "\n"
    assert tables.parse("a,b\n" + line)[1].cells == ("x", *cells)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-x", "@SUM(A1)", "\tx", "  =1", "\r=1"])
def test_a_formula_is_made_harmless(cell):
    """A cell that a spreadsheet would compute begins with an apostrophe."""
    assert tables.harmless(cell) == f"'{cell}"


def test_a_number_of_ours_stays_a_number():
    """A negative mark is no formula."""
    assert list(tables.lines([("-1", -1.5, "x")])) == ["'-1,-1.5,x\n"]


def test_an_open_quote_does_not_swallow_the_rest():
    """One forgotten quote costs one cell."""
    rows = tables.parse('id,name\ns1,"Ann\ns2,Bo\n')
    assert [row.cell(0) for row in rows] == ["id", "s1", "s2"]
