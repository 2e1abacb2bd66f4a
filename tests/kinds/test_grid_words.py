"""Regions in words and in logic: joined truths, other inputs, tables, functions for all inputs."""

from __future__ import annotations

import pytest

from grader import desk
from grader.model import Outcome


@pytest.fixture(scope="module")
def homework():
    with desk.set_up("cie6032-homework1") as at:
        yield at


def graded(homework, question: str, text: str):
    return homework.grade_text(f"## {question}\n\n{text}\n", [question]).questions[0]


def ids(report) -> list[str]:
    return [each.id for verdict in report.verdicts for each in verdict.judgement.mistakes]


UNITS = "f11: step(x1 - 0.5)\nf12: step(x2 - 0.5)\ng: "


@pytest.mark.parametrize(
    "g",
    [
        "(h11 AND h12) OR (NOT h11 AND NOT h12)",
        "(h11 and h12) or (not h11 and not h12)",
        "NOT (h11 XOR h12)",
        "h11 XNOR h12",
        "lambda h11, h12: h11*h12 + (1-h11)*(1-h12)",
    ],
)
def test_truths_may_be_joined_by_words(homework, g):
    """XNOR is written in many ways."""
    assert graded(homework, "p2.1", UNITS + g).score == 5


@pytest.mark.parametrize(
    ("g", "id_"), [("h11 AND h12", "and-for-xnor"), ("h11 OR h12", "or-for-xnor")]
)
def test_other_joints_have_their_names(homework, g, id_):
    """AND and OR draw one corner."""
    assert id_ in ids(graded(homework, "p2.1", UNITS + g))


def test_a_unit_that_sees_both_inputs_is_named(homework):
    """The figure has no cross connections."""
    found = graded(homework, "p2.1", "f11: x1 * x2\nf12: sign(x2 - 0.5)\ng: h11 h12")
    assert "one-function-of-both-inputs" in ids(found)
    assert found.verdicts[0].judgement.review == 1


def test_a_layer_after_the_units_is_named(homework):
    """A fold of what has been decided comes too late."""
    found = graded(homework, "p2.2", "z1 = 1 - |h11 - 1|\nz2 = 1 - |h12 - 1|")
    assert ids(found) == ["layer-after-the-units"] * 2


def test_one_formula_may_stand_for_both_inputs(homework):
    """For i = 1, 2 the fold is the same."""
    assert graded(homework, "p2.2", "For i = 1, 2: $z_i = 1 - |x_i - 1|$").score == 5


def test_the_rule_under_a_table_s_head_is_no_row(homework):
    """A picture may be a Markdown table with an empty head."""
    rows = ["+--++--+", "-++--++-", "-++--++-", "+--++--+"] * 2
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    head = "|" + " |" * 8 + "\n|" + "---|" * 8
    text = f"symmetry: mirrored at x1 = 2 and at x2 = 2\npicture:\n\n{head}\n{table}"
    assert graded(homework, "p2.3", text).score == 5


def test_words_are_not_taken_for_the_formula_that_they_mention(homework):
    """An answer in words is looked at for its words, and its 2^n is no answer."""
    text = "Each axis has 2^n threshold units, one for each stripe; multiply the two sums."
    found = graded(homework, "p2.5", text)
    assert found.score == 5


def test_a_formula_is_not_looked_at_for_its_words(homework):
    """A wrong formula earns nothing for the cosine in it."""
    found = graded(homework, "p2.5", "y = sign(cos(pi x1 / 2) cos(pi x2 / 2))")
    assert found.outcome is Outcome.WRONG
