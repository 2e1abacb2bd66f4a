"""Answers that stand between the cells of code of a notebook are read like a sheet."""

import json
from pathlib import Path

import pytest

from grader import course as courses
from grader import desk, intake
from grader import rubric as rubrics
from grader.model import Place
from grader.readers import notebook
from tests.readers.courses import MIDTERM

RUBRIC = rubrics.load(courses.find("cie6032-homework1").rubric)

# Sections and numbers such as programming exercises have of their own.
EXERCISE = (
    "# Classifying points in the plane\n\nIn this exercise you build a first network.",
    "## 1 - Packages ##\n\nImport what you need.",
    "## 2 - Dataset\n\nLook at the data.\n\n**Exercise**: How many samples are there?",
    "## 3 - Logistic regression\n\nTrain it first.",
    "### 3.1 - A baseline\n\nSee how it does.",
    "## 4 - A network\n\n### 4.1 - The structure ####\n\n**Exercise**: Define `layer_sizes()`.",
    "### 4.2 - The loop\n\n**Question**: Implement `forward_propagation()`.",
    "## 5) Other data\n\nReference:\n- a book",
)
ANSWERS = (
    "## Problem 1 (2)\n\nThe likelihood is a product; its logarithm is a sum.",
    "## Problem 3\n\n### (3)\n60",
    "### (5)\nW2: its activation does not saturate.",
)


def cell(kind: str, text: str, **more: object) -> dict[str, object]:
    code = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": text, **code, **more}


def book(*texts: str, code: str = "x = 1") -> bytes:
    """Return a notebook of texts with a cell of code behind each."""
    cells = [each for text in texts for each in (cell("markdown", text), cell("code", code))]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


def texts(data: bytes, name: str = "hw.ipynb") -> dict[str, str]:
    """Return what each question was answered with."""
    parts = notebook.read(name, data, RUBRIC).parts
    return {id_: part.body.text for id_, part in parts.items() if part.body is not None}


READ = {
    "p1.2": "The likelihood is a product; its logarithm is a sum.",
    "p3.3": "60",
    "p3.5": "W2: its activation does not saturate.",
}


@pytest.mark.parametrize(
    "cells",
    [
        ANSWERS,
        (*EXERCISE, *ANSWERS),
        (*ANSWERS, *EXERCISE),
        (*ANSWERS[:1], *EXERCISE, *ANSWERS[1:]),
    ],
    ids=["alone", "after", "before", "around"],
)
def test_answers_are_found_wherever_the_exercise_itself_stands(cells):
    """The notebook's own numbered sections are no questions of the assignment."""
    assert texts(book(*cells)) == READ


def test_an_exercise_alone_answers_nothing():
    """A programming notebook in which a student wrote no answer: the questions stay missing."""
    assert notebook.read("hw.ipynb", book(*EXERCISE), RUBRIC).parts == {}


@pytest.mark.parametrize(
    "label", ["Question 3.3", "**Q3 (3)**", "p3.3", "P3 (3):", "Aufgabe 3 (3)", "第3题 (3)"]
)
def test_labels_are_those_of_a_sheet(label: str):
    """Whatever announces a question on paper announces it here."""
    assert texts(book(*EXERCISE, f"{label}\n\n60")) == {"p3.3": "60"}


def test_bare_numbers_are_read_where_nothing_else_is_numbered():
    """A notebook of answers that is numbered as the homework is."""
    assert texts(book("# 1\n## 1.2", "A product.", "# 3\n\n3.3 60")) == {
        "p1.2": "A product.",
        "p3.3": "60",
    }


def test_what_only_code_can_answer_is_not_taken_from_text():
    """A sentence about the program is no program."""
    assert texts(book("Problem 4 (1)\n\nsee below", *ANSWERS)) == READ


def test_old_and_odd_notebooks_are_read():
    """Version 3 with its heading cells, a source in lines, raw cells, a file that was cut off."""
    old = {
        "worksheets": [
            {
                "cells": [
                    cell("heading", "Problem 3", level=1),
                    {**cell("markdown", ""), "source": ["(3)\n", "60"]},
                ]
            }
        ]
    }
    assert texts(json.dumps(old).encode()) == {"p3.3": "60"}
    raw = {"cells": [cell("raw", "Problem 3 (3)\n60")]}
    assert texts(json.dumps(raw).encode()) == {"p3.3": "60"}
    assert texts(book("Problem 3 (3)\n60", "Problem 3 (5)\nW2")[:-60])["p3.3"] == "60"


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"null", b"\xff\xfe\x00", b"{" * 100_000, b'{"cells": [1, null]}']
)
def test_what_is_no_notebook_answers_nothing(data: bytes):
    """The reader of code says what is wrong with it."""
    assert notebook.read("hw.ipynb", data, RUBRIC).parts == {}


def test_a_pasted_picture_is_left_out_and_a_flood_is_told():
    """Notebooks keep pictures as letters; a text beyond all measure is not read."""
    picture = f"Problem 3 (3)\n\n60\n\n![a](data:image/png;base64,{'A' * 500_000})"
    assert texts(book(picture))["p3.3"].startswith("60")
    flood = notebook.read("hw.ipynb", book("Problem 3 (3)\n60" + "\n" * 300_000), RUBRIC)
    assert flood.parts == {}
    assert "longer than a sheet" in flood.warnings[0]


def test_a_notebook_in_markdown_is_read_between_its_fences():
    """What a program made of a notebook."""
    text = "Problem 3 (3)\n\n60\n\n```{.python .input}\nProblem = 3\n```\n\nProblem 3 (5)\n\nW2\n"
    assert texts(text.encode(), "hw.md") == {"p3.3": "60", "p3.5": "W2"}


# --- in a folder -------------------------------------------------------------------------------


def graded(folder: Path, **files: bytes) -> dict:
    for name, data in files.items():
        (folder / name.replace("__", ".")).write_bytes(data)
    with desk.set_up("cie6032-homework1") as at:
        report = at.grade(folder)
        return {each.question.id: each for each in report.questions}


def test_a_homework_in_one_notebook_is_graded(tmp_path: Path):
    """Text and code of one file; the place of an answer is the file, the code's is its own."""
    code = "def f11(x1):\n    return 1 if x1 >= 0.5 else -1\n"
    found = graded(tmp_path, hw__ipynb=book(*ANSWERS, "Problem 2 (1): see f11", code=code))
    assert found["p3.3"].score == 5
    assert found["p3.3"].verdicts[0].answer.place == Place("hw.ipynb", None)
    f11 = next(each for each in found["p2.1"].verdicts if each.check.field == "f11")
    assert "f11" in f11.answer.text
    assert found["p4.1"].verdicts[0].answer is None


def test_a_sheet_wins_over_a_notebook(tmp_path: Path):
    """What was copied into the notebook is told, and does not count."""
    found = graded(tmp_path, hw__ipynb=book(*ANSWERS), answers__md=b"Problem 3 (3)\n\n12\n")
    assert found["p3.3"].score == 0
    assert found["p1.2"].verdicts[0].answer.place.file == "hw.ipynb"


SCRIPT = r'''
"""Homework 1, by Kim

Question 2 (a): 2.303
"""
# %% [markdown]
# ## Question 3
# No, it
#
# underfits.

# %%
import numpy as np  # Question 4 (a): this is not one

FILTERS = """
Question 4 (b): nor is this
"""

# two of them
# %% [markdown]
r"""
## Question 6

$A = \begin{pmatrix} 1 & 0 \\ 0 & 1 \end{pmatrix}$
"""
"""
q7: $\\sigma(z) x^T$
"""
'''


def script(text: str) -> dict[str, str]:
    parts = notebook.read_script("hw.py", text.encode(), MIDTERM).parts
    return {id_: part.body.text for id_, part in parts.items() if part.body}


def test_answers_stand_in_comments_and_texts_of_a_script():
    """A notebook saved as a script keeps its text in comments; others write between quotes."""
    assert script(SCRIPT) == {
        "q2.a": "2.303",
        "q3": "No, it\n\nunderfits.",
        "q6": r"$A = \begin{pmatrix} 1 & 0 \\ 0 & 1 \end{pmatrix}$",
        "q7": r"$\sigma(z) x^T$",
    }


@pytest.mark.parametrize(
    "text",
    [
        "# Hidden layer\n# 2 units\nx = 1\n",
        "'''Solves it.\n\n1. first\n2. second\n'''\n",
        "x = '''\nq3: No\n'''\n",
        "'''q3: never closed\n",
        "q3 = 'No'\n",
        "",
    ],
)
def test_a_script_without_labels_answers_nothing(text: str):
    """What a program says of itself is no answer."""
    assert script(text) == {}


def test_a_sheet_and_a_script_answer_together(tmp_path: Path):
    """Half of the answers stand in a file of their own."""
    (tmp_path / "answers.md").write_text("## Q6\n\nc = 1\n", encoding="utf-8")
    (tmp_path / "work.py").write_text("# Question 3: No.\nx = 1\n", encoding="utf-8")
    parts = intake.receive(tmp_path, MIDTERM).parts
    assert set(parts) == {"q3", "q6"}
