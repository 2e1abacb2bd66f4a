"""YAML and JSON hold the same answers in every shape that people and programs give them."""

import json
from collections.abc import Callable

import pytest

from grader.model import Check
from grader.readers import Sheet, yaml_sheet
from tests.readers.courses import MIDTERM, check, question, rubric

ANSWERS = {
    "q1.a": "False. The slope is 1.",
    "q1.b": "False, it's worse than guessing",
    "q1.c": "False",
    "q1.d": "False",
    "q2.a": "-ln(0.1) = 2.3026",
    "q3": "No, it underfits.",
    "q4.a": "No",
    "q4.b": "First up, then down",
    "q7": "(a - y) x^T",
}


def read(text: str, name: str) -> Sheet:
    return yaml_sheet.read(name, text, MIDTERM)


def texts(sheet: Sheet) -> dict[str, str]:
    return {
        id_: part.body.text
        for id_, part in sheet.parts.items()
        if part.body is not None and part.body.trouble is None
    }


def nested(key: Callable[[str], str] = str, part: Callable[[str], str] = str) -> dict:
    """Return the answers by question, and in it by part."""
    found: dict = {}
    for id_, text in ANSWERS.items():
        number, _, letter = id_[1:].partition(".")
        if letter:
            found.setdefault(key(number), {})[part(letter)] = text
        else:
            found[key(number)] = text
    return found


def records(question: str, answer: str) -> list[dict]:
    return [{question: id_, answer: text} for id_, text in ANSWERS.items()]


def split(question: str, part: str, answer: str) -> list[dict]:
    """Return a record for each answer, with the part in an entry of its own."""
    return [{question: id_[1:2], part: id_[3:], answer: text} for id_, text in ANSWERS.items()]


PARTS = [
    {"question": int(number), "parts": [{"part": p, "answer": t} for p, t in value.items()]}
    if isinstance(value, dict)
    else {"question": int(number), "answer": value}
    for number, value in nested().items()
]
SHAPES = {
    "id and answer": {"answers": records("id", "answer")},
    "question and answer": records("question", "answer"),
    "question and response": {"student": "s", "responses": records("question", "response")},
    "id and value": records("question_id", "value"),
    "short names": records("q", "a"),
    "parts apart": split("question", "part", "answer"),
    "numbers and parts": {"questions": split("number", "part", "text")},
    "parts in a list": {"questions": PARTS},
    "one key each": [{id_: text} for id_, text in ANSWERS.items()],
    "pairs": [[id_, text] for id_, text in ANSWERS.items()],
    "nested": nested("q{}".format),
    "nested by number": nested(),
    "nested by word": nested("Question {}".format, "({})".format),
    "nested by part": nested("Question{}".format, "part {}".format),
    "around the answers": {"midterm": {"answers": nested("q{}".format)}},
    "around the student": {"submission": {"student": "A", "answers": ANSWERS}},
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_answers_in_any_shape_are_the_same(shape: object):
    """Records, nested questions, and levels around them."""
    assert texts(read(json.dumps(shape), "answers.json")) == ANSWERS
    assert texts(read(json.dumps(shape, indent=2), "answers.yaml")) == ANSWERS


KEYS = (
    "Q{n} {p}", "{n}{p}", "question{n}_{p}", "q{n}{p}", "Q{n}({p})", "q{n}-{p}", "Q{n}.{P}",
    "problem_{n}{p}", "answer_{n}{p}", "ex{n}.{p}", "q_{n}_{p}", "q{n}.{d}", "q{n}_{i}",
)  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_keys_are_read_in_the_spellings_of_people(key: str):
    """With and without signs between number and part."""
    rows = []
    for id_, text in ANSWERS.items():
        p = id_[3:]
        at = "abcd".find(p) if p else -1
        words = {
            "n": id_[1],
            "p": p,
            "P": p.upper(),
            "d": at + 1 or "",
            "i": ("i", "ii", "iii", "iv")[at],
        }
        named = key.format(**words) if p else key.split("{n}")[0] + id_[1]
        rows.append(f"{named}: {json.dumps(text)}")
    assert texts(read("\n".join(rows), "answers.yaml")) == ANSWERS


def lines(format_: str) -> str:
    return "\n".join(format_.format(id=id_, text=text) for id_, text in ANSWERS.items())


SLIPS = {
    "no space behind the colon": lines('{id}:"{text}"'),
    "no space and no quotes": lines("{id}:{text}"),
    "equals signs": lines('{id} = "{text}"'),
    "a text under a bar that is not indented": lines("{id}: |\n{text}"),
    "apostrophes between apostrophes": lines("{id}: '{text}'"),
    "curly quotes": lines("{id}: “{text}”"),
    "tabs": "answers:\n" + lines('\t{id}: "{text}"'),
    "ragged": "answers:\n"
    + "\n".join(
        f'{" " * (2 + at % 3)}{id_}: "{text}"' for at, (id_, text) in enumerate(ANSWERS.items())
    ),
}


@pytest.mark.parametrize("text", SLIPS.values(), ids=SLIPS.keys())
def test_slips_of_the_keyboard_cost_nothing(text: str):
    """What is no YAML is read as it was meant."""
    assert texts(read(text, "answers.yaml")) == ANSWERS


JSON_SLIPS = {
    "comments": "{{ // mine\n{}\n}}".format(
        ",\n".join(f'"{id_}": {json.dumps(text)}' for id_, text in ANSWERS.items())
    ),
    "a comma too many": "{{{},}}".format(
        ",\n".join(f'"{id_}": {json.dumps(text)}' for id_, text in ANSWERS.items())
    ),
    "an object a line": "\n".join(
        json.dumps({"id": id_, "answer": t}) for id_, t in ANSWERS.items()
    ),
}


@pytest.mark.parametrize("text", JSON_SLIPS.values(), ids=JSON_SLIPS.keys())
def test_json_may_be_loose(text: str):
    """As editors and programs forgive it."""
    assert texts(read(text, "answers.json")) == ANSWERS


def test_a_line_end_within_a_text_of_json_is_one():
    """A table that was pasted between the quotes keeps its rows."""
    sheet = read('{"q5": "conv1_1: 1792\nconv1_2: 36928", "q3": "no"}', "answers.json")
    assert texts(sheet) == {"q5": "conv1_1: 1792\nconv1_2: 36928", "q3": "no"}


LATEX = (
    r"(\hat{y} - y) x^\top",
    r"\frac{1}{2} \beta \theta \nabla_W \right)",
    r"\alpha \eta \varepsilon \nu \neq \tau \times",
    r"\text{a} \rho \underline{x} \xi",
    r"\sum_{i=1}^m \left(a_i - y_i\right) x_i",
    r"A = \begin{bmatrix} 1 & 0 \\\\ 0 & 1 \end{bmatrix}",
)


@pytest.mark.parametrize("name", ["answers.json", "answers.yaml"])
@pytest.mark.parametrize("formula", LATEX)
def test_latex_between_double_quotes_keeps_its_backslashes(name: str, formula: str):
    """Nobody types them twice; `\\t` of `\\top` is no tab."""
    sheet = read(f'{{"q3": "no", "q7": "{formula}"}}', name)
    assert texts(sheet) == {"q3": "no", "q7": formula.replace(r"\\\\", r"\\")}


@pytest.mark.parametrize("name", ["answers.json", "answers.yaml"])
def test_escapes_that_are_meant_stay_escapes(name: str):
    """Line ends before words, quotes, doubled backslashes, letters by their number."""
    sheet = read(r'{"q3": "a\nconv1\tx \"y\" \\frac \u03b1"}', name)
    assert texts(sheet) == {"q3": 'a\nconv1\tx "y" \\frac α'}


def test_a_comma_in_braces_belongs_to_the_text():
    """{reason: a, b and c} without quotes."""
    sheet = read("q1.a: {verdict: no, reason: it stays 1, so H(a, b) is, too}\n", "answers.yaml")
    told = sheet.parts["q1.a"].fields
    assert told["verdict"].text == "no"
    assert told["reason"].text == "it stays 1, so H(a, b) is, too"


@pytest.mark.parametrize("key", ["explanation", "why", "because", "justification"])
def test_a_verdict_and_its_reason_have_usual_names(key: str):
    """Where the question has one of each, whatever the rubric calls them."""
    verdict = Check(kind="choice", field="verdict", points=1, options={})
    course = rubric(question("q1", "One", "Is it so?", verdict, check("grounds")))
    told = yaml_sheet.read("a.yaml", f"q1: {{answer: no, {key}: it stays}}", course).parts["q1"]
    assert {name: answer.text for name, answer in told.fields.items()} == {
        "verdict": "no",
        "grounds": "it stays",
    }


def test_a_table_that_is_no_yaml_stays_whole():
    """Rows with colons under an id are its answer, not entries."""
    sheet = read("q5: conv1_1: 1792\nconv1_2: 36928\nq3: no\n", "answers.yaml")
    assert texts(sheet) == {"q5": "conv1_1: 1792\nconv1_2: 36928", "q3": "no"}
