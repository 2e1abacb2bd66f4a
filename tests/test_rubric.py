"""A rubric becomes nouns, or complaints with file, line, column and remedy."""

from pathlib import Path

import pytest

from grader import rubric as rubrics
from grader.errors import RubricError

GOOD = """\
id: quiz
title: A quiz
questions:
  - id: q1
    title: A sum
    prompt: How much is 1 + 1?
    points: 3
    checks:
      - number: {value: 2, points: 2, field: value}
        names: [S]
        mistakes:
          - {id: product-for-sum, value: 1, cost: 0.5, say: "That is the product."}
          - {id: off-by-one, value: 3, say: "One too many."}
      - choice: {expect: true, points: 1, field: verdict}
"""


def load(text: str, tmp_path: Path):
    path = tmp_path / "quiz.yaml"
    path.write_text(text, encoding="utf-8")
    return rubrics.load(path)


def complaints(text: str) -> list[str]:
    with pytest.raises(RubricError) as caught:
        rubrics.parse(text, "quiz.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_a_rubric_becomes_questions_and_checks(tmp_path: Path):
    """Marks are summed, and a mistake's cost in points becomes the share that is left."""
    rubric = load(GOOD, tmp_path)
    (question,) = rubric.questions
    number, choice = question.checks
    assert (rubric.points, question.points, number.points) == (3, 3, 2)
    assert [mistake.credit for mistake in number.mistakes] == [0.75, rubrics.DEFAULT_CREDIT]
    assert number.names == ("S",)
    assert dict(question.fields) == {"value": ["S"], "verdict": []}
    assert choice.options == {"expect": True}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("value: 2,", "valeu: 2,", "quiz.yaml:9:18: unknown key 'valeu' (did you mean 'value'?)"),
        ("number:", "numbr:", "quiz.yaml:9:9: unknown kind 'numbr' (did you mean 'number'?)"),
        ("points: 3", "points: 4", "quiz.yaml:7:5: the checks have 3 points, the question says 4"),
        ("cost: 0.5", "cost: 5", "quiz.yaml:12:45: a mistake cannot cost more than the check's 2"),
        (
            "off-by-one",
            "product-for-sum",
            "quiz.yaml:13:14: the mistake 'product-for-sum' is there",
        ),
        ("off-by-one", "Off by one", "quiz.yaml:13:14: expected small letters and hyphens, such"),
        ("title: A sum\n", "titel: A sum\n", "quiz.yaml:5:5: unknown key 'titel'"),
        ("points: 2,", "points: -2,", "quiz.yaml:9:28: expected more than 0, found -2"),
        ("points: 2,", "", "quiz.yaml:9:9: the key 'points' is missing"),
        ("    title", "\ttitle", "quiz.yaml:5:"),
        ("title: A quiz", "title: A quiz\ntitle: B", "quiz.yaml:3:"),
        ("title: A quiz", "title: !!python/name:os.system", "quiz.yaml:2:8:"),
        ("title: A quiz", "title: &a [*a]", "quiz.yaml:2:8:"),
    ],
)
def test_a_complaint_names_place_and_remedy(old: str, new: str, says: str):
    """Each slip of an author is told with its line and column, in one sentence."""
    assert old in GOOD
    found = complaints(GOOD.replace(old, new))
    assert any(each.startswith(says) for each in found), found


def test_two_checks_of_a_kind_on_one_field_are_refused():
    """What was read for one of them could not be told from the other."""
    text = GOOD.replace(
        "choice: {expect: true, points: 1, field: verdict}",
        "number: {value: 1, points: 1, field: value}",
    )
    assert any("has a check of kind 'number' already" in each for each in complaints(text))


def test_all_problems_are_told_at_once():
    """An author mends a file in one go."""
    text = (
        GOOD.replace("number:", "numbr:")
        .replace("id: quiz", "id: Quiz!")
        .replace("prompt", "promt")
    )
    found = complaints(text)
    assert len(found) >= 3
    assert found == sorted(found, key=lambda each: tuple(map(int, each.split(":")[1:3])))


def test_a_symbol_without_a_shape_is_refused():
    """The formula room's own complaints are placed, too."""
    text = GOOD.replace("    points: 3\n", "    points: 3\n    symbols: {W: {values: real}}\n")
    assert any("symbols" in each or "W" in each for each in complaints(text))


def test_the_digest_is_of_the_content(tmp_path: Path):
    """A comment changes nothing; a mark changes the rubric and its question."""
    same = load("# a comment\n" + GOOD, tmp_path)
    other = load(GOOD.replace("value: 2,", "value: 2.5,"), tmp_path)
    assert same.digest == load(GOOD, tmp_path).digest != other.digest
    assert same.questions[0].digest != other.questions[0].digest


def test_a_number_without_end_is_refused_with_its_place():
    """Python would not read an integer of thousands of digits; the rubric says where it stands."""
    (complaint,) = complaints(GOOD.replace("value: 2", f"value: {'2' * 401}"))
    place, message = complaint.split(": ", 1)
    assert place == "quiz.yaml:9:25"
    assert message == "expected a number of at most 400 digits, found 401"
