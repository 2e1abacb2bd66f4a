"""Answers in YAML and JSON are read as typed; what is broken costs only what it answers."""

from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.model import Answer, Rubric
from grader.readers import Sheet, yaml_sheet
from grader.values import Plain
from tests.readers.courses import HOMEWORK, MIDTERM


def read(text: str, course: Rubric = MIDTERM, name: str = "answers.yaml") -> Sheet:
    return yaml_sheet.read(name, dedent(text), course)


def answer(sheet: Sheet, id_: str, field: str = "") -> Answer:
    found = sheet.parts[id_].answer(field)
    assert found is not None
    return found


def value(sheet: Sheet, id_: str, field: str = "") -> Plain:
    return answer(sheet, id_, field).value


CONTRACT = r"""
student: s001
answers:
  q1.a: {verdict: false, reason: "the slope is one"}
  q1.b: "FALSE, because of the labels"
  q2.a: 2.3026
  q2.b: {verdict: no, reason: |
    log 0}
  q5: |
    conv2d (Conv2D)   (None, 224, 224, 64)   1792
    conv2d_1 (Conv2D)   (None, 224, 224, 64)   36928
  q6: {A: [[-99, 0], [0, 0]], B: [-2, 100], c: 1}
  q7: "(\\sigma(z) - y) x^T"
"""
CONTRACT = CONTRACT.replace("{verdict: no, reason: |\n    log 0}", '{verdict: no, reason: "log 0"}')


def test_the_sheet_of_the_contract_is_read():
    """Fields by name, values as typed, and where each stood."""
    sheet = read(CONTRACT)
    assert list(sheet.warnings) == []
    assert sheet.student == "s001"
    assert value(sheet, "q1.a", "verdict") == "false"
    assert value(sheet, "q1.a", "reason") == "the slope is one"
    assert value(sheet, "q1.b", "verdict") == "FALSE, because of the labels"
    assert value(sheet, "q2.a") == "2.3026"
    assert value(sheet, "q2.b", "verdict") == "no"
    assert value(sheet, "q6", "A") == [["-99", "0"], ["0", "0"]]
    assert value(sheet, "q6", "c") == "1"
    assert value(sheet, "q7", "formula") == r"(\sigma(z) - y) x^T"
    assert answer(sheet, "q5").place.line == 9
    assert answer(sheet, "q6", "B").place.line == 11


@pytest.mark.parametrize(
    "text",
    [
        "q1.a: x\nq2.b: y",
        "Q1a: x\nQ2b: y",
        "1.a: x\n2.b: y",
        "1a: x\n2(b): y",
        "Q1 (a): x\nQuestion 2 b): y",
        "q1:\n  a: x\nq2:\n  b: y",
        "1:\n  (a): x\n2:\n  b): y",
        "answers:\n- q1.a: x\n- q2.b: y",
        "Answers: {q1: {a: x}, q2: {q2.b: y}}",
        "q1: |\n  (a) x\nq2: |\n  (b) y",
        '{"answers": {"q1.a": "x", "q2.b": "y"}}',
    ],
)
def test_ids_are_read_in_the_spellings_of_people(text: str):
    """Nested or flat, with or without letters, dots and brackets."""
    sheet = read(text)
    assert {id_: answer(sheet, id_).value for id_ in sheet.parts} == {"q1.a": "x", "q2.b": "y"}


def test_numbered_parts_are_read_too():
    """The homework's parts are numbers."""
    sheet = read('P1: {1: {J: x}}\n"3.3": 60\n3.2: "W = W - g, b = b - h"\n', HOMEWORK)
    assert value(sheet, "p1.1", "objective") == "x"
    assert value(sheet, "p3.3") == "60"
    assert value(sheet, "p3.2", "W") == "W - g"
    assert value(sheet, "p3.2", "b") == "b - h"


@pytest.mark.parametrize("typed", ["no", "1:30", "2021-03-07", "0o17", "1e999", ".nan", "9**9**9"])
def test_what_was_typed_is_what_arrives(typed: str):
    """YAML has other ideas of these words."""
    assert value(read(f"q2.a: {typed}"), "q2.a") == typed


def test_a_list_answers_the_parts_or_the_fields_in_order():
    """As many items as there are parts, or fields."""
    sheet = read("q2: [1, no, 3, inf]\nq3: [no, it underfits]\nq5: [1792, 36928]\n")
    assert [value(sheet, f"q2.{part}") for part in "abcd"] == ["1", "no", "3", "inf"]
    assert value(sheet, "q3", "text") == "it underfits"
    assert value(sheet, "q5", "table") == ["1792", "36928"]


def test_a_mapping_that_holds_no_fields_is_the_answer_itself():
    """The rows of a table have names of their own."""
    sheet = read("q5: {conv1_1: 1792, conv1_2: '36,928'}")
    assert value(sheet, "q5", "table") == {"conv1_1": "1792", "conv1_2": "36,928"}
    assert list(sheet.warnings) == []


def test_further_names_of_a_field_are_known_in_yaml_as_well():
    """The rubric's labels count as keys, and so does `answer` for a single field."""
    sheet = read(r"""
        q7: {'\nabla_W L': (a - y) x^T}
        q2.a: {answer: 2.3}
        q2.c: "H(y, ŷ') = 0.51"
        """)
    assert value(sheet, "q7", "formula") == "(a - y) x^T"
    assert value(sheet, "q2.a", "value") == "2.3"
    assert value(sheet, "q2.c", "value") == "0.51"


def test_blank_entries_are_no_answers():
    """null, empty text, and mappings of nothing else."""
    assert read("q1.a:\nq1.b: ''\nq2.a: ~\nq6: {A: , B: '', c: []}\nq3: '  '\n").parts == {}


def test_fields_that_are_missing_fall_back_to_the_whole():
    """A verdict with its reason in one field answers both."""
    part = read("q1.a: {verdict: 'FALSE, the slope is one'}").parts["q1.a"]
    assert part.body is not None
    assert "the slope is one" in str(part.body.value)


# --- complaints ------------------------------------------------------------------------------


def test_unknown_ids_and_fields_get_a_hint():
    """With the line, and what was probably meant."""
    sheet = read("q1.a: {verdit: no, reason: x}\nq11: y\nqq3: z\n")
    warnings = "\n".join(sheet.warnings)
    assert "answers.yaml:1: q1.a has no field 'verdit' (did you mean 'verdict'?)" in warnings
    assert "answers.yaml:2: 'q11' is no question" in warnings
    assert "(did you mean 'q3'?)" in warnings


def test_an_id_that_is_answered_twice_is_unreadable():
    """Which of the two counts, only the student knows; the others are graded."""
    sheet = read("q1.a: x\nq3: no\nQ1a: y\nq2.a: 1\nq2.a: 1\n")
    assert "lines 1 and 3" in str(answer(sheet, "q1.a").trouble)
    assert value(sheet, "q3") == "no"
    assert value(sheet, "q2.a") == "1"


def test_a_field_that_is_there_twice_costs_its_question():
    """The other questions are read."""
    sheet = read("q1.a: {verdict: no, verdict: yes}\nq2.a: 1\n")
    assert "twice" in str(answer(sheet, "q1.a").trouble)
    assert value(sheet, "q2.a") == "1"


# --- broken files ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ("q1.a: &anchor x", "anchor"),
        ("q1.a: *alias", "alias"),
        ("q1.a: !!python/object/apply:os.system [ls]", "tag"),
        ("q1.a: " + "[" * 10_000, "32 levels"),
        ("q1.a: [1, 2", ""),
        ("q1.a: {verdict: no", ""),
        ('q1.a: "open', "closed"),
    ],
)
def test_a_broken_entry_costs_its_question_only(broken: str, why: str):
    """The entries before and after it are read, and the complaint has the line."""
    sheet = read(f"q3: no\n{broken}\nq2.a: 2.3\n")
    assert value(sheet, "q3") == "no"
    assert value(sheet, "q2.a") == "2.3"
    trouble = str(answer(sheet, "q1.a").trouble)
    assert trouble.startswith("answers.yaml:2: ")
    assert why in trouble
    assert sheet.trouble is None


@pytest.mark.parametrize(
    "text",
    ["undefined: log 0 is infinite", "**FALSE**, slope one", "100% wrong: below chance", "@home"],
)
def test_plain_text_that_is_no_yaml_is_read_as_it_stands(text: str):
    """A colon or asterisks in an answer are no reason to lose it."""
    sheet = read(f"answers:\n  q1.a: {text}\n  q2.a: 2.3\n")
    assert value(sheet, "q1.a") == text
    assert value(sheet, "q2.a") == "2.3"


def test_tabs_markers_and_second_documents_are_forgiven():
    """The entries are read one by one, and the report says so."""
    for text in (
        "answers:\n\tq1.a: x\n\tq2.a: y\n",
        "q1.a: x\n---\nq2.a: y\n",
        "<<<<<<< mine\nq1.a: x\n=======\n>>>>>>> theirs\nq2.a: y\n",
    ):
        sheet = read(text)
        assert (value(sheet, "q1.a"), value(sheet, "q2.a")) == ("x", "y")
        assert "one by one" in sheet.warnings[0]


@pytest.mark.parametrize(
    "text",
    [
        '{"answers": {"q1.a": "x", "q2.a": "y",}}',
        '{"q1.a": "x", "q2.a": "y"',
        '{\n"q1.a": "x",\n"q3": "a" "b",\n"q2.a": "y"\n}',
        "{'q1.a': 'x', 'q2.a': 'y'}",
    ],
)
def test_broken_json_is_read_as_far_as_it_goes(text: str):
    """A comma too many, a brace too few."""
    sheet = read(text, name="answers.json")
    assert (value(sheet, "q1.a"), value(sheet, "q2.a")) == ("x", "y")


@pytest.mark.parametrize("text", ["- - -", "just text", "[" * 50_000, "a: &a [*a", "x" * 300_000])
def test_a_file_in_which_nothing_can_be_told_is_trouble(text: str):
    """All questions that nothing else answers are then unreadable."""
    sheet = read(text)
    assert sheet.parts == {}
    assert sheet.trouble is not None
    assert sheet.trouble.place.file == "answers.yaml"
    assert sheet.warnings


def test_control_characters_do_not_cost_the_sheet():
    """YAML forbids them; an escape in one answer leaves the others alone."""
    sheet = read("q3: \x1b[31mno\nq2.a: 2.3\n")
    assert value(sheet, "q3") == "\ufffd[31mno"
    assert value(sheet, "q2.a") == "2.3"
    assert "control" in sheet.warnings[0]


TEXTS = st.text(alphabet="q1.a:23b \n\t{}[]\"',#&*!|>-%@é\x00\x1b~", max_size=120)


@settings(deadline=None)
@given(TEXTS, st.sampled_from(["answers.yaml", "answers.json"]))
def test_no_text_raises(text: str, name: str):
    """Every text is some sheet, and every answer has a place in it."""
    sheet = yaml_sheet.read(name, text, MIDTERM)
    for part in sheet.parts.values():
        assert part.body is not None
        assert 1 <= (part.body.place.line or 0) <= text.count("\n") + 1


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["q2.a", "q3", "q5", "q1.a"]), st.text(max_size=40)))
def test_what_json_writes_is_read_back(answers: dict[str, str]):
    """The standard library's writer is the second opinion."""
    import json

    sheet = yaml_sheet.read("answers.json", json.dumps(answers), MIDTERM)
    want = {id_: text.strip() for id_, text in answers.items() if text.strip()}
    got = {id_: part.body.text for id_, part in sheet.parts.items() if part.body}
    assert got.keys() == want.keys()
    assert all(got[id_] == text for id_, text in want.items() if ":" not in text)
