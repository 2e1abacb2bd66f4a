"""Answers in Markdown are found however people number, nest and lay them out."""

from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import yamltree
from grader.model import Rubric
from grader.readers import Sheet, markdown_sheet
from tests.readers.courses import HOMEWORK, MIDTERM, check, question, rubric

PAPERS = Path(__file__).parent / "papers"


def read(text: str, course: Rubric = MIDTERM, name: str = "answers.md") -> Sheet:
    return markdown_sheet.read(name, dedent(text), course)


def texts(sheet: Sheet) -> dict[str, str]:
    """Return what was taken as the whole answer, by id."""
    return {
        id_: part.body.text
        for id_, part in sheet.parts.items()
        if part.body is not None and part.body.trouble is None
    }


# --- scanned papers --------------------------------------------------------------------------


@pytest.mark.parametrize("paper", sorted(PAPERS.glob("*.md")), ids=lambda path: path.stem)
def test_the_answers_on_a_scanned_paper_are_found_exactly(paper: Path):
    """The printed questions between the answers are left out, and nothing of the answers is."""
    want = yamltree.parse(paper.with_suffix(".yaml").read_text(encoding="utf-8")).typed()
    assert texts(read(paper.read_text(encoding="utf-8"))) == want


def test_each_answer_on_a_paper_is_placed_where_the_student_began():
    """The line in the report is that of the answer, not of the printed question above it."""
    text = (PAPERS / "below.md").read_text(encoding="utf-8")
    lines = text.split("\n")
    for part in read(text).parts.values():
        assert part.body is not None
        first = part.body.text.split("\n")[0]
        assert first in lines[(part.body.place.line or 0) - 1]


def test_equations_on_a_paper_are_told_apart_into_fields():
    """A, B and c each stand behind their own equals sign; of two gradients the last counts."""
    parts = read((PAPERS / "below.md").read_text(encoding="utf-8")).parts
    assert {name: answer.text for name, answer in parts["q6"].fields.items()} == {
        "A": r"\begin{bmatrix} -99 & 0 \\ 0 & 0 \end{bmatrix}",
        "B": r"\begin{bmatrix} -2 \\ 100 \end{bmatrix}",
        "c": "1",
    }
    assert parts["q7"].fields["formula"].text == "(a - y) x^T"


NUMBERED_PAPER = """\
# Homework 1

## Problem 1 [15 points]

The training set has N pairs; the output of the network is a softmax.

- (1) Write down the objective and calculate its gradients. [10 points]

{p1.1}

- (2) Show that it is the negative log-likelihood, assuming independent samples. [5 points]

{p1.2}

## Problem 3 [30 points]

Two inputs share the parameters W and b.

- (1) Calculate the gradients of J. [5 points]

{p3.1}

- (2) Write out the gradient descent updates of the parameters. [5 points]

{p3.2}

- (3) How many parameters does the model have? [5 points]

{p3.3}
"""

NUMBERED_ANSWERS = {
    "p1.1": "J = -sum t ln z, hidden_output: (Z - T) H^T, input_hidden: D X^T",
    "p1.2": "The samples are independent, so the likelihood is a product.",
    "p3.1": "$\\nabla_W J = d x^T$\n\n$\\nabla_b J = d$",
    "p3.2": "W := W - a G\n\nb := b - a g",
    "p3.3": "60",
}


def indented(text: str) -> str:
    return "  - " + text.replace("\n", "\n    ")


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


@pytest.mark.parametrize("layout", [str, indented, quoted, "**Answer:** {}".format])
def test_a_paper_with_numbered_parts_is_read_in_every_layout(layout):
    """Below the question, nested under it, quoted, or behind a word that announces it."""
    paper = NUMBERED_PAPER
    for id_, text in NUMBERED_ANSWERS.items():
        paper = paper.replace("{%s}" % id_, layout(text))  # noqa: UP031 # braces are in the text
    sheet = read(paper, HOMEWORK)
    assert texts(sheet) == NUMBERED_ANSWERS
    assert sheet.parts["p3.1"].fields["grad_W"].text == "d x^T"
    assert sheet.parts["p3.2"].fields["b"].text == "b - a g"


def test_the_introduction_to_the_next_question_is_no_answer_to_the_last():
    """Where the rubric gives a cue for it."""
    sheet = read(
        """\
        ## Q3
        [10 pts] Is it the correct approach to train on 50,000 samples?

        No, it underfits.

        You are given a single hidden-layer neural network. The forward propagation equations are:

        $$z = Wx + b$$

        ## Q7
        [10 pts] Please calculate $\\partial L / \\partial W$.

        $(a - y) x^T$
        """
    )
    assert texts(sheet) == {"q3": "No, it underfits.", "q7": "$(a - y) x^T$"}


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("Q4 [20 pts]\n(b) [10 pts]", "Training accuracy falls with more regularisation."),
        ("Q1 [20 pts]\n(b) (5 pts)", "It overfits, due to low accuracy on the test set."),
        ("Q3 [10 pts]\n", "More samples lower a high training loss."),
        ("## Q3 [10 pts]\n", "More samples lower a high training loss.\n\nThis is the approach."),
    ],
)
def test_an_answer_in_the_questions_own_words_is_an_answer(label: str, text: str):
    """Marks that the student copied do not make the answer printed text."""
    sheet = read(f"{label} {text}\n\n(c) [5 pts]\n\n## Q5 [20 pts]\n")
    assert text in texts(sheet).values() or any(
        found.startswith(text) for found in texts(sheet).values()
    )


def test_a_heading_that_says_solution_is_no_part_of_the_answer():
    """As many sheets have it under each question."""
    assert texts(read("## Q3\n### Solution\nNo.\n## Q4\n(a)\n**Answer**\nyes\n")) == {
        "q3": "No.",
        "q4.a": "yes",
    }


# --- numbering -------------------------------------------------------------------------------

FALSE_TRUE = {"q1.a": "False", "q1.b": "True"}

NUMBERINGS = {
    "running text": "Q1\n(a) False\n(b) True\n",
    "letters with a bracket": "Q1:\na) False\nb) True\n",
    "letters with a point": "Question 1\n\na. False\n\nb. True\n",
    "capitals": "QUESTION 1\nA. False\nB. True\n",
    "list items": "## Q1\n- (a) False\n- (b) True\n",
    "nested list": "- Q1\n  - (a) False\n  - (b) True\n",
    "bold": "**Q1 (a)** False\n\n**(b)** True\n",
    "bold and a colon": "**Q1**\n\n**a:** False\n\n**b:** True\n",
    "headings": "# 1\n## a\nFalse\n## b\nTrue\n",
    "headings of ids": "## q1.a ReLU and vanishing gradients\nFalse\n## q1.b\nTrue\n",
    "numbers and letters": "1a) False\n1b) True\n2a) 1\n",
    "number, point, letter": "1.a False\n1.b True\n2.a 1\n",
    "number and bracketed letter": "1(a) False\n1(b) True\n2(a) 1\n",
    "dash": "Q1-a: False\nQ1-b: True\n",
    "the word part": "Problem 1\nPart a: False\nPart (b): True\n",
    "exercise and part": "Exercise 1 part a\nFalse\nExercise 1 part b\nTrue\n",
    "roman": "## Q1\n(i) False\n(ii) True\n",
    "numbers for letters": "## Q1\n(1) False\n(2) True\n",
    "a numbered list": "## Q1\n1. False\n2. True\n",
    "numbered questions": "1.\n   a. False\n   b. True\n2.\n   a. 1\n",
    "indented by a tab": "Q1\n\t(a) False\n\n\t(b) True\n",
    "on one line": "Q1: (a) False (b) True\n",
    "on one line, letters": "Q1 a) False, b) True\n",
    "answer to": "Answer to Question 1a: False\nAnswer to Question 1b: True\n",
    "a table": "## Q1\n\n| part | answer |\n|---|---|\n| a | False |\n| (b) | True |\n",
    "another order": "Q1\n(b) True\n(a) False\n",
    "mixed": "Q1 (a) False\n\nb) True\n",
    "German": "Aufgabe 1 a) False\nb) True\n",
    "Chinese": "第1题\n(a) False\n(b) True\n",
    "escaped by a converter": "Q1\n\n\\(a\\) False\n\n\\(b\\) True\n",
    "quotation below": "Q1\n\n(a)\n\n> False\n\n(b)\n\n> True\n",
    "setext": "Question 1\n----------\n\n(a) False\n\n(b) True\n",
    "everything in a block of code": "```markdown\n## Q1\n(a) False\n(b) True\n```\n",
    "full width": "Ｑ１\n（a）False\n（b）True\n",
    "spaces of word processors": "Q1\u00a0(a)\u00a0False\n\nQ1\u00a0(b)\u2009True\n",
    "a table of all questions": "| id | answer |\n|---|---|\n| Q1a | False |\n| 1 (b) | True |\n",
    "commas": "q1.a,False\nq1.b,True\n",
    "equals signs and arrows": "Q1a = False\nQ1b -> True\n",
    "page numbers between": "Page 1 of 2\n\nQ1\n(a) False\n\nPage 2 of 2\n\n(b) True\n",
    "windows": "Q1\n(a) False  \n(b) True  \n",
}


@pytest.mark.parametrize("text", NUMBERINGS.values(), ids=NUMBERINGS.keys())
def test_the_numbering_is_read_as_people_write_it(text: str):
    """Every way of writing Question 1 (a) and (b) means the same two answers."""
    found = texts(read(text))
    found.pop("q2.a", None)
    assert found == FALSE_TRUE


HOMEWORK_NUMBERINGS = {
    "brackets": "# Problem 1\n(1) x\n(2) y\n# Problem 3\n(3) 60\n",
    "points": "Problem 1\n1. x\n2. y\n\nProblem 3\n3. 60\n",
    "headings": "# Problem 1\n## (1)\nx\n## (2)\ny\n# Problem 3\n## Part 3\n60\n",
    "ids": "P1.1: x\np1.2: y\nP3.3: 60\n",
    "decimal": "1.1 x\n\n1.2 y\n\n3.3 60\n",
    "letters for numbers": "Problem 1\n(a) x\n(b) y\nProblem 3\n(c) 60\n",
    "exercise": "Exercise 1 (1)\nx\nExercise 1 (2)\ny\nExercise 3 (3): 60\n",
    "the first by its id": "P1.1: x\n1.2 y\n3.3: 60\n",
}


@pytest.mark.parametrize("text", HOMEWORK_NUMBERINGS.values(), ids=list(HOMEWORK_NUMBERINGS.keys()))
def test_numbered_parts_are_read_as_well_as_lettered_ones(text: str):
    """The grammar comes from the ids of the rubric."""
    assert texts(read(text, HOMEWORK)) == {"p1.1": "x", "p1.2": "y", "p3.3": "60"}


@pytest.mark.parametrize("name", ["q3.md", "Question 3.txt", "3.md", "handed in/Q3.md"])
def test_the_name_of_a_file_may_be_the_number(name: str):
    """One file per question needs no heading."""
    assert texts(read("No, it underfits.", name=name)) == {"q3": "No, it underfits."}


def test_a_rubric_of_one_question_needs_no_number():
    """There is but one thing that the text can answer."""
    only = rubric(question("q1", "One", "One?", check("text")))
    assert texts(read("It is so.\n\nBecause.", only)) == {"q1": "It is so.\n\nBecause."}


def test_titles_do_for_numbers():
    """Headings that repeat the titles of the questions are as good as ids."""
    sheet = read("# A quadratic form\nA = [[1]]\n\n# Gradient of the logistic loss\n(a - y) x^T\n")
    assert texts(sheet) == {"q6": "A = [[1]]", "q7": "(a - y) x^T"}


# --- what is no number -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "want"),
    [
        (
            "## Q3\nNo.\n\n1. more layers\n2. train longer\n\n## Q5\nx\n",
            {"q3": "No.\n\n1. more layers\n2. train longer", "q5": "x"},
        ),
        ("Q3\nfor\nQ5 is hard\n\nQ5: x\n", {"q3": "for\nQ5 is hard", "q5": "x"}),
        ("Q3\nas in\nQ2 we saw it\n\nQ5: x\n", {"q3": "as in\nQ2 we saw it", "q5": "x"}),
        (
            "Q2\n(a) 2.3 since\n1. one-hot\n2. so\n(c) 0.51\n",
            {"q2.a": "2.3 since\n1. one-hot\n2. so", "q2.c": "0.51"},
        ),
        ("Q7: (a - y) x^T\n(a)(1-a) cancels\n", {"q7": "(a - y) x^T\n(a)(1-a) cancels"}),
        ("Q3\n```\nQ5 = 1\n# Q7\n```\nno\n", {"q3": "```\nQ5 = 1\n# Q7\n```\nno"}),
        ("Q7\n$$\na\n- y\n= 3\n$$\n", {"q7": "$$\na\n- y\n= 3\n$$"}),
        ("Q2\n(c)\nanswer: 2\n(d) x", {"q2.c": "2", "q2.d": "x"}),
        ("Q2 (a)\n2.30 nats\n", {"q2.a": "2.30 nats"}),
        ("Q3\nIn 2020 it was\n3.5 percent\n", {"q3": "In 2020 it was\n3.5 percent"}),
        ("Q4\n(a) yes, as (b) says\n(b) no\n", {"q4.a": "yes, as (b) says", "q4.b": "no"}),
    ],
)
def test_not_every_number_begins_a_question(text: str, want: dict[str, str]):
    """Lists, code, formulas and cross-references inside of an answer stay in it."""
    assert texts(read(text)) == want


# --- what is left out, joined, unclear -------------------------------------------------------


def test_crossed_out_passages_and_comments_are_no_answer():
    """Also when they go over several lines or hold a question's number."""
    sheet = read("""\
        ~~Q3: yes~~
        Q3: no <!-- Q5: this is
        a comment --> at all
        ~~first line
        second line~~
        <del>old</del>
        Q5: a `~~` b ~~c~~
        """)
    assert texts(sheet)["q3"].split() == ["no", "at", "all"]
    assert texts(sheet)["q5"] == "a `~~` b"


def test_signs_that_are_never_closed_take_nothing_away():
    """A stray ~~ or <!-- must not eat the rest of the sheet."""
    sheet = read("## Q3\nno ~~really\n## Q5\nx <!-- y\n## Q6\nA = 1\n")
    assert set(texts(sheet)) == {"q3", "q5", "q6"}
    assert "never closed" in sheet.warnings[0]


def test_a_block_of_code_that_is_never_closed_takes_nothing_away():
    """The questions after it are found, and the line is named."""
    sheet = read("## Q3\n```\ncode\n\n## Q5\nx\n")
    assert set(texts(sheet)) == {"q3", "q5"}
    assert "line 2" in sheet.warnings[0]


def test_an_answer_in_two_places_is_joined_with_a_warning():
    """Nothing is lost, and a person can see that there were two."""
    sheet = read("Q3: No.\nQ5: x\nQ3: And it underfits.\n")
    assert texts(sheet)["q3"] == "No.\n\nAnd it underfits."
    assert "more than one place" in sheet.warnings[0]


def test_text_before_the_first_question_is_mentioned():
    """A name is harmless; an answer without a number is seen at a glance."""
    sheet = read("Jane Doe\n\nQ3: No.\n")
    assert texts(sheet) == {"q3": "No."}
    assert "'Jane Doe'" in sheet.warnings[0]


def test_a_number_that_the_rubric_does_not_have_is_named():
    """Its text is not given to the question before it."""
    sheet = read("## Q3\nNo.\n## Q9\nfoo\n## Q1 (e)\nbar\n")
    assert texts(sheet) == {"q3": "No."}
    assert any("Q9" in warning for warning in sheet.warnings)


def test_parts_without_labels_are_taken_in_order_with_a_warning():
    """As many items, paragraphs or lines as there are parts."""
    for text in ("yes, no", "- yes\n- no", "yes\n\nno", "yes\nno", "* yes\n\n* no"):
        sheet = read(f"## Q4\n{text}\n")
        assert texts(sheet) == {"q4.a": "yes", "q4.b": "no"}
        assert "in order" in sheet.warnings[0]


def test_text_that_cannot_be_told_apart_is_unreadable_and_not_lost():
    """A person will look at it; a guess could give points to the wrong part."""
    sheet = read("## Q2\nIt is all the same and infinite.\n")
    answer = sheet.parts["q2.a"].body
    assert answer is not None
    assert "could not be told apart" in str(answer.trouble)


def test_text_before_a_later_label_is_given_to_the_first_part():
    """Who begins with (b) has often written (a) above it."""
    sheet = read("## Q1\nFalse, the slope is one.\n\n(b) True\n")
    assert texts(sheet) == {"q1.a": "False, the slope is one.", "q1.b": "True"}
    assert "without a label" in sheet.warnings[0]


def test_pictures_are_mentioned():
    """An answer that is only a picture needs a person."""
    assert "plot.png" in read("Q5\n![the table](img/plot.png)\n").warnings[0]


def test_a_text_without_any_question_says_what_to_do():
    """One sentence with an example of an id."""
    assert "q1.a" in read("nothing that looks like a number\n").warnings[0]


def test_a_sheet_that_is_far_too_long_is_read_up_to_a_line():
    """What may have stood behind it is unreadable, not missing."""
    sheet = read("Q3: No.\n" + "filler\n" * 10_000 + "Q5: x\n")
    assert set(texts(sheet)) == {"q3"}
    assert sheet.trouble is not None
    assert "longer" in str(sheet.trouble.trouble)


def test_pasted_pictures_do_not_count_as_text():
    """Megabytes of base64 leave the answers readable."""
    picture = "![p](data:image/png;base64," + "QUJD" * 500_000 + ")"
    assert texts(read(f"Q3: No.\n\n{picture}\n\nQ5: x\n"))["q5"] == "x"


# --- hostile text ----------------------------------------------------------------------------

BOMBS = {
    "brackets": "[" * 200_000,
    "quotes": ">" * 200_000,
    "quotes with spaces": "> " * 100_000,
    "emphasis": "*" * 200_000,
    "emphasis soup": "*a_ " * 60_000,
    "dashes": "- " * 100_000,
    "ordered": "1. " * 80_000,
    "items": "- a\n" * 60_000,
    "table": "|a|b|\n|-|-|\n" + "|1|2|\n" * 40_000,
    "wide table": "|a" * 50_000 + "|\n" + "|-" * 50_000 + "|\n",
    "fences": "```\n" * 60_000,
    "tildes": "~~a " * 60_000,
    "comments": "<!--" * 60_000,
    "dollars": "$$\n" * 60_000,
    "backticks": "`" * 200_000,
    "equations": "Q6\n" + "A=" * 100_000,
    "labels": "Q1 (a)\n" * 40_000,
    "parts": "Q1\n" + "(a) x\n" * 40_000,
    "one word": "Q3 " + "a" * 250_000,
    "questions": "Q3 " + "why? " * 50_000,
    "spaces": "Q3:" + " " * 250_000 + "x",
    "nesting": "\n".join("  " * depth + "- x" for depth in range(2_000)),
    "lazy quotation": ">" * 20 + "a\n" + "b\n" * 60_000,
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_bombs_do_not_go_off(text: str):
    """Junk of any size ends in a sheet; a hang would stop the whole class."""
    sheet = read(text)
    assert isinstance(sheet, Sheet)


LETTERS = st.text(alphabet="Q12ab()[].:-*_`~<!>#|$\\=\n\t {}é\x00\x1b\ufffd", max_size=200)


@settings(deadline=None)
@given(LETTERS)
def test_no_text_raises(text: str):
    """Every text is some sheet, and every answer has a place in it."""
    sheet = read(text)
    for part in sheet.parts.values():
        for answer in (part.body, *part.fields.values()):
            if answer is not None:
                assert 1 <= (answer.place.line or 0) <= text.count("\n") + 1


HALVES = ["++++----"] * 2 + ["--------"] * 2


@pytest.mark.parametrize("rows", [HALVES, HALVES[::-1], [" ".join(row) for row in HALVES]])
@pytest.mark.parametrize("between", ["\n", "\n\n"], ids=["close", "apart"])
def test_a_row_of_hyphens_in_a_picture_is_no_rule(rows: list[str], between: str):
    """Signs that stand together are a picture, whatever Markdown makes of one row."""
    picture = between.join(rows)
    sheet = read(f"P2.3\npicture:\n\n{picture}\n\nP3.3: 60\n", HOMEWORK)
    assert texts(sheet)["p2.3"].endswith(picture)
    assert texts(sheet)["p3.3"] == "60"


def test_a_rule_beside_text_stays_a_rule():
    """Hyphens between two answers belong to neither."""
    assert texts(read("Q3 No.\n\n--------\n\nQ7 (a - y) x^T\n\n---\n***\n")) == {
        "q3": "No.",
        "q7": "(a - y) x^T",
    }
