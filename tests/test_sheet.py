"""The blank answer sheet reads back: blank as nothing, filled as just what was filled in."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import sheet
from grader.model import Question, Rubric
from grader.readers import markdown_sheet
from tests.readers.courses import HOMEWORK, MIDTERM


@pytest.mark.parametrize("rubric", [MIDTERM, HOMEWORK], ids=["midterm", "homework"])
def test_the_blank_sheet_answers_nothing(rubric: Rubric):
    """An untouched template is a blank submission, without a single complaint."""
    read = markdown_sheet.read("answers.md", sheet.template(rubric), rubric)
    assert read.parts == {}
    assert list(read.warnings) == []


def test_the_sheet_prints_ids_prompts_notation_and_labels():
    """A heading per question, its prompt as a quotation, a line per field."""
    question = MIDTERM.questions[-1]._replace(
        symbols={"x": ["n", "m"], "y": {"shape": [1, "m"], "also": ["t"]}, "σ": None},
        define={"z": "W x + b", "a": "σ(z)"},
    )
    text = sheet.template(MIDTERM._replace(questions=[*MIDTERM.questions[:1], question]))
    assert "## q1.a ReLU and vanishing gradients\n\n> True or false" in text
    assert "\nverdict:\n\nreason:\n" in text
    assert "> Notation: x (n, m), y or t (1, m), σ; also z, a." in text
    assert text.endswith("\nanswer:\n")


def filled(rubric: Rubric, answers: dict[tuple[str, str], str]) -> str:
    """Fill a template in as a student would: behind the labels."""
    lines: list[str] = []
    id_ = ""
    for line in sheet.template(rubric).split("\n"):
        if line.startswith("## "):
            id_ = line.split()[1]
        label = line.removesuffix(":")
        answer = answers.get((id_, label)) if line.endswith(":") else None
        lines.append(line if answer is None else f"{line} {answer}")
    return "\n".join(lines)


def slots(question: Question) -> list[str]:
    names = list(question.fields)
    return names if len(names) > 1 else ["answer"]


SLOTS = [(question.id, name) for question in MIDTERM.questions for name in slots(question)]

WORDS = st.text(alphabet="abcxyzßéŷσ∂ 0123456789.,;!?()[]{}$\\^_+*/<'\"-%", min_size=1, max_size=30)
PROSE = st.lists(WORDS, min_size=1, max_size=4).map("\n".join)
TABLES = st.lists(st.tuples(st.integers(0, 9**9), WORDS), min_size=1, max_size=4).map(
    lambda rows: "\n" + "\n".join(["| a | b |", "|---|---|", *(f"| {a} | {b} |" for a, b in rows)])
)
FORMULAS = st.sampled_from(
    [
        r"$$\sum_i (\hat{y}_i - y_i) x_i^T$$",
        "\n$$\n(\\sigma(z) - y)\n- 0\n+ x^T\n$$",
        r"\begin{bmatrix} -99 & 0 \\ 0 & 0 \end{bmatrix}",
        "- the first point\n- the second",
        "1. one\n2. two\n   - inner\n3. three",
        "para one\n\npara two",
        "> a quotation\nand on",
        "Layer (type)   Output Shape   Param #\nconv2d (Conv2D)   (None, 224, 224, 64)   1792",
    ]
)


def is_plain(text: str) -> bool:
    """Leave out what means something in a sheet: labels, crossings-out, rules, blocks of code."""
    lines = text.strip().split("\n")
    marks = ("~~", "<!--", "```", "~~~", "---", "***", "___", "![", "==")
    return (
        bool(text.strip())
        and not any(mark in text for mark in marks)
        and not any(line.lstrip().startswith(("#", ">")) for line in lines if ">" not in text[:2])
        and not any(line.strip(" \t*-_") == "" for line in (lines[0], lines[-1]))
    )


ANSWERS = (PROSE | TABLES | FORMULAS).filter(is_plain)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(SLOTS), ANSWERS, min_size=1, max_size=5))
def test_what_is_filled_in_is_read_back(answers: dict[tuple[str, str], str]):
    """Text, tables, lists and formulas come back as they were typed."""
    read = markdown_sheet.read("answers.md", filled(MIDTERM, answers), MIDTERM)
    got = {
        (id_, name): answer.text
        for id_, part in read.parts.items()
        for name in (*part.fields, *(() if part.fields else ["answer"]))
        if (answer := part.answer(name)) is not None
    }
    assert got == {slot: text.strip() for slot, text in answers.items()}


@settings(deadline=None)
@given(st.sampled_from(SLOTS), st.sampled_from(["", "python", "text"]), PROSE.filter(is_plain))
def test_a_block_of_code_is_read_without_its_fence(slot: tuple[str, str], info: str, code: str):
    """A table or a formula may stand in a block of code; the fence is no part of it."""
    answers = {slot: f"\n```{info}\n{code}\n```"}
    read = markdown_sheet.read("answers.md", filled(MIDTERM, answers), MIDTERM)
    answer = read.parts[slot[0]].answer(slot[1])
    assert answer is not None
    assert answer.text == code


def test_an_answer_is_placed_where_it_begins():
    """The line is that of the first word, not of the label above it."""
    text = filled(MIDTERM, {("q3", "text"): "\n\nIt underfits."})
    line = text.split("\n").index("It underfits.") + 1
    answer = markdown_sheet.read("a.md", text, MIDTERM).parts["q3"].answer("text")
    assert answer is not None
    assert (answer.place.file, answer.place.line) == ("a.md", line)
