"""Lists that begin anew, and sections that number the questions: no answer goes to another one."""

import pytest

from grader.readers import markdown_sheet
from tests.readers.courses import MIDTERM


def texts(text: str) -> dict[str, str]:
    parts = markdown_sheet.read("a.md", text, MIDTERM).parts
    return {id_: part.body.text for id_, part in parts.items() if part.body and part.body.text}


def troubled(text: str) -> set[str]:
    parts = markdown_sheet.read("a.md", text, MIDTERM).parts
    return {id_ for id_, part in parts.items() if part.body and part.body.trouble}


ANSWERS = {
    "q1.a": "False", "q1.b": "True", "q1.c": "No", "q1.d": "Yes", "q2.a": "2.3", "q2.b": "no",
    "q2.c": "0.5", "q2.d": "inf", "q3": "No, it underfits.", "q4.a": "falls", "q4.b": "rises",
    "q5": "conv1_1: 1792", "q6": "c = 1", "q7": "(a-y)x^T",
}  # fmt: skip


def sheet(head: str, part: str, until: int = 7, gap: str = "\n") -> str:
    """Return a sheet with a head for each question, by its number, and its parts in a list."""
    rows = []
    for id_, text in ANSWERS.items():
        number, _, letter = id_[1:].partition(".")
        if letter in ("", "a"):
            count = int(number)
            rows.append(
                head.format(n=count, r=ROMAN[count], l="_ABCDEFG"[count], o=ORDINALS[count])
            )
        rows.append(part.format(p=letter, i="abcd".index(letter) + 1) + text if letter else text)
        if int(number) == until and (not letter or letter == "b"):
            break
    return gap.join(rows) + "\n"


ROMAN = ["", "I", "II", "III", "IV", "V", "VI", "VII"]
ORDINALS = ["", "First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh"]


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
@pytest.mark.parametrize("part", ["{p}. ", "({p}) ", "{i}. ", "{i}) "])
@pytest.mark.parametrize(
    "head",
    ["## Part {n}", "## Part {r}", "## Part {l}", "## Part {r}: about networks", "**Part {n}**",
     "## {o} question", "### {o} Problem", "## {n}. Question", "# Section {n}", "## Teil {l}",
     "**Section {r}.**", "## The {o} exercise:"],
)  # fmt: skip
def test_sections_that_count_are_the_questions(head: str, part: str, gap: str):
    """In digits, in Roman ones, in letters, in words."""
    found = texts(sheet(head, part, gap=gap))
    titled = {id_: text for id_, text in found.items() if id_ not in ("q3", "q5", "q6", "q7")}
    assert titled == {id_: text for id_, text in ANSWERS.items() if id_ in titled}
    assert len(titled) == 10
    assert all(found[id_].endswith(ANSWERS[id_]) for id_ in ("q3", "q5", "q6", "q7"))


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
@pytest.mark.parametrize("until", [4, 7])
@pytest.mark.parametrize(
    ("head", "part"),
    [("{n}.", "{i}. "), ("{n})", "{i}) "), ("({n})", "({i}) "), ("{n}.", "   {i}. "),
     ("{n}.", "{i}) "), ("**{n}.**", "{i}. ")],
)  # fmt: skip
def test_numbers_alone_on_their_lines_are_the_questions(head, part, until, gap):
    """And lists behind each of them, which begin anew, those of the parts."""
    want = {id_: text for id_, text in ANSWERS.items() if int(id_[1]) <= until}
    assert texts(sheet(head, part, until, gap)) == want


@pytest.mark.parametrize("item", ["{i}. ", "{i}) "])
@pytest.mark.parametrize("head", ["## True/False\n", "### Short ones\n"])
def test_lists_that_begin_anew_under_titles_are_a_doubt(item: str, head: str):
    """Four numbers under each of three titles: nobody can tell whether they count questions."""
    rows = "\n".join(item.format(i=number) + "False" for number in range(1, 5))
    assert texts(f"{head}{rows}\n{head}{rows}\n{head}No.\n") == {}
    assert troubled(f"{head}{rows}\n{head}{rows}\n{head}No.\n") == set(ANSWERS)


@pytest.mark.parametrize("title", ["### Solution", "**Reasons**", "### Why"])
def test_lists_of_reasons_under_titles_are_none(title: str):
    """The questions have numbers of their own."""
    reasons = f"{title}\n1. it falls\n2. it rises\n"
    for head in ("## {}.", "## Q{}", "## Part {}"):
        text = "\n".join(f"{head.format(n)}\nNo.\n\n{reasons}" for n in (1, 2, 3))
        assert texts(text)["q3"].startswith("No.")
        assert not {"q4.a", "q4.b", "q5"} & set(texts(text))


def test_titles_in_the_words_of_a_part_hold_all_parts():
    """The title of a question is as near to the printed text of its first part."""
    found = texts("## Cross-entropy\na. 2.3\nb. no\n## Vanishing gradients, ReLU\na. No\nb. Yes\n")
    assert found == {"q2.a": "2.3", "q2.b": "no", "q1.a": "No", "q1.b": "Yes"}


@pytest.mark.parametrize("inner", ["\\begin{enumerate}", "\\begin{enumerate}[(a)]"])
def test_a_list_opened_on_the_line_of_an_item_is_read(inner: str):
    """As authors of LaTeX write questions that only consist of parts."""
    items = "\n".join(f"\\item {text}" for text in ("False", "True", "No", "Yes"))
    rows = f"\\item {inner}\n{items}\n\\end{{enumerate}}\n"
    body = f"\\begin{{enumerate}}\n{rows}{rows}\\item No.\n\\end{{enumerate}}\n"
    found = texts(f"\\documentclass{{article}}\n\\begin{{document}}\n{body}\\end{{document}}\n")
    assert list(found.values()) == [*["False", "True", "No", "Yes"] * 2, "No."]
    assert [id_[:2] for id_ in found] == ["q1"] * 4 + ["q2"] * 4 + ["q3"]


@pytest.mark.parametrize("sign", [")", ".", ":"])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_rows_numbered_as_the_questions_are_rows(sign: str, gap: str):
    """The number that stands alone on its line is that of a question."""
    rows = [f"{number}{sign} {590_000 + number}" for number in range(1, 14)]
    text = gap.join([f"3{sign}", "No.", f"5{sign}", *rows, f"6{sign}", "c = 1", f"7{sign}", "z"])
    assert texts(text + "\n") == {"q3": "No.", "q5": gap.join(rows), "q6": "c = 1", "q7": "z"}


@pytest.mark.parametrize("sign", [")", "."])
@pytest.mark.parametrize("rows", [6, 8, 13])
def test_of_a_number_that_comes_twice_the_one_outside_of_the_list_is_the_question(sign, rows):
    """All questions have text behind their numbers, as the rows between them have."""
    listed = [f"{number}{sign} {590_000 + number}" for number in range(1, rows + 1)]
    top = ["2" + sign + " (a) 2.3", "(b) no", f"3{sign} No.", f"5{sign} "]
    found = texts("\n".join([*top, *listed, "", f"6{sign} c = 1", f"7{sign} z"]) + "\n")
    assert found["q5"] == "\n".join(listed)
    assert {id_: found[id_] for id_ in ("q3", "q6", "q7")} == {
        "q3": "No.",
        "q6": "c = 1",
        "q7": "z",
    }


def test_a_list_inside_an_answer_does_not_end_the_numbering():
    """It begins anew, and the questions go on behind it."""
    text = "1. (a) F\n2. (a) no\n3. No:\n1. it falls\n2. it rises\n\n5. x: 1\n6. c = 1\n7. z\n"
    assert texts(text)["q3"] == "No:\n1. it falls\n2. it rises"
    assert texts(text)["q7"] == "z"


@pytest.mark.parametrize("head", ["### (c)", "**(c)**", "### c)", "(c)"])
def test_a_part_in_running_text_above_a_part_with_a_heading_is_a_part(head: str):
    """One student writes the short answers in a line and the long ones under headings."""
    assert texts(f"## Q2\n\n(b) no\n\n{head}\n\n0.5\n") == {"q2.b": "no", "q2.c": "0.5"}
    found = texts(f"## Q2\n\n(a) 2.3\n(b) no\n\n{head}\n\n0.5\n")
    assert found == {"q2.a": "2.3", "q2.b": "no", "q2.c": "0.5"}


def test_a_list_below_a_part_with_a_heading_is_in_its_answer():
    """Letters of reasons are none of the parts that have headings."""
    found = texts("## Q2\n\n### (a)\n\n2.3\n\n### (c)\n\n(d) as it falls\n(b) as it rises\n")
    assert found["q2.c"] == "(d) as it falls\n(b) as it rises"


@pytest.mark.parametrize("again", ["Q1 (continued)", "Q1 cont.", "Q1, cont'd:", "Q1 (Fortsetzung)"])
def test_a_question_that_is_continued_below_another_goes_on(again: str):
    """What stands there is no part of the question above it."""
    found = texts(f"Q1.\n(a) F\nQ2.\n(a) 2.3\n{again}\n(b) T\n")
    assert found == {"q1.a": "F", "q2.a": "2.3", "q1.b": "T"}
