"""What a scan leaves between the answers is none of them: page numbers, dates, page breaks."""

from textwrap import dedent

import pytest

from grader.model import Check, Question
from grader.readers import markdown_sheet
from grader.readers.paper import pages
from tests.readers.courses import MIDTERM, rubric


def check(field: str, kind: str) -> Check:
    return Check(kind, field, 1, {}, ())


def question(id_: str, *checks: Check) -> Question:
    return Question(id_, "", "", float(len(checks)), checks)


MIXED = rubric(
    question("q1", check("value", "number")),
    question("q2", check("A", "array"), check("c", "number")),
    question("q3", check("table", "table")),
    question("q4", check("formula", "formula")),
    question("q5", check("text", "text")),
)


def texts(text: str, course=MIDTERM) -> dict[str, str | None]:
    parts = markdown_sheet.read("a.md", dedent(text), course).parts
    return {id_: part.body.trouble or part.body.text for id_, part in parts.items() if part.body}


@pytest.mark.parametrize("rule", ["---", "***", "Page 2", "Page 2 of 3", "- 2 -", "2/3", "PTO",
                                  "2021-03-04", "Midterm, page 2 of 3", "_____"])  # fmt: skip
@pytest.mark.parametrize("gap", ["\n\n", "\n"])
@pytest.mark.parametrize("last", [1, 2, 3])
def test_a_page_break_inside_a_list_ends_no_list(rule: str, gap: str, last: int):
    """The parts above it are found as those below it are, whether or not they are indented."""
    answers = ["False. x", "True", "No", "Yes. y"]
    rows = [f"  * {letter}) {text}" for letter, text in zip("abcd", answers, strict=True)]
    sheet = "* **Q1**\n" + "\n".join(rows[:last]) + f"{gap}{rule}{gap}" + "\n".join(rows[last:])
    assert list(texts(sheet).values()) == answers
    rows = [row.replace("* ", "").replace(")", ".") for row in rows]
    sheet = "1.\n" + "\n".join(rows[:last]) + f"{gap}{rule}{gap}" + "\n".join(rows[last:])
    assert list(texts(f"{sheet}\n2.\n  a. 2.3\n").values()) == [*answers, "2.3"]


@pytest.mark.parametrize(
    "rows", ["4. a\n\n5\n   b", "* a\n\nPage 2\n\nb", "a\n---\n   b", "* a\n5\n* b"]
)
def test_a_line_that_breaks_no_list_stays(rows: str):
    """The number of the next question, and what stands below no item or above none."""
    assert pages.rejoined(rows) == rows


FOOTS = ["4", "- 4 -", "4/7", "4 / 7", "– 4 –"]


@pytest.mark.parametrize("foot", [*FOOTS, "2021-03-04", "4.3.2021", "/10", "8 / 10 points",
                                  "Score: ___/10", "PTO", "Time left: 2 h", "Page 4"])  # fmt: skip
@pytest.mark.parametrize(
    ("id_", "answer"),
    [("q2", "A = [[1, 2], [2, 3]]\n\nc = 1"), ("q3", "a: 1792\nb: 36"), ("q4", "(a - y) x^T")],
)
def test_a_number_alone_below_an_answer_is_that_of_the_page(foot: str, id_: str, answer: str):
    """It is neither a factor nor a row nor the next field's value."""
    for below in ("", "\n\n## q5\n\nNo.\n"):
        part = markdown_sheet.read("a.md", f"## {id_}\n\n{answer}\n\n{foot}{below}\n", MIXED).parts
        assert part[id_].body is not None
        assert part[id_].body.text == answer
        assert [got.text for name, got in part[id_].fields.items() if name == "c"] in ([], ["1"])


@pytest.mark.parametrize("foot", FOOTS)
def test_a_number_below_a_number_is_a_doubt(foot: str):
    """The answer may be either, and is graded as neither."""
    found = texts(f"## q1\n\nH = 2.303\n\n{foot}\n\n## q5\n\nNo.\n", MIXED)
    assert found["q1"] == "a number stands alone below the answer; it may be that of the page"


@pytest.mark.parametrize(
    ("id_", "answer"),
    [
        ("q1", "14"), ("q1", "-log(0.1)\n\n14"), ("q1", "14\n\nsince log(0.1)"),
        ("q1", "2 + 2\n= 14"), ("q1", "H =\n\n14"), ("q1", "Result:\n\n14"),
        ("q2", "[[1, 2], [2, 3]]\n\n14"),
        ("q3", "1792\n\n36\n\n640"), ("q3", "14"), ("q4", "14"), ("q4", "14\n\nas f' = x"),
        ("q3", "first layer\n\n10\n\nsecond layer\n\n640"), ("q5", "No.\n\n14"),
    ],
)  # fmt: skip
def test_a_number_that_may_answer_is_kept(id_: str, answer: str):
    """The only one, the last of a calculation, one of several."""
    assert texts(f"## {id_}\n\n{answer}\n", MIXED) == {id_: answer}


def test_numbers_that_rise_through_the_sheet_are_those_of_its_pages():
    """Wherever on the page they stand, and where one was not seen."""
    sheet = """
        ## q1

        2.303

        13

        ## q3

        15

        a: 1
        b: 2

        ## q5

        No.

        16

        It underfits.
    """
    assert texts(sheet, MIXED) == {
        "q1": "2.303", "q3": "a: 1\nb: 2", "q5": "No.\n\n\n\nIt underfits.",
    }  # fmt: skip


def test_answers_that_rise_are_answers():
    """A number right below its label, or below a question that asks for it."""
    sheet = "Q1\n(a)\n\n11\n\n(b)\n\n12\n\nQ2\n(a)\n\nHow many?\n\n13\n\n(b)\n\n14\n"
    assert texts(sheet) == {
        "q1.a": "11", "q1.b": "12", "q2.a": "How many?\n\n13", "q2.b": "14",
    }  # fmt: skip
