"""What a text says beside its answer of the question's own letters."""

from __future__ import annotations

import pytest

from grader import formula
from grader.formula import Answers

LOGISTIC = formula.notation(
    {"x": ["n", "m"], "y": {"shape": [1, "m"], "values": "binary"}, "W": [1, "n"], "b": [1, 1]},
    {"z": "W x + b", "a": "sigma(z)", "y_hat": "a"},
    {"samples": "m"},
)
LABELS = ("dL/dW",)
WANT = formula.want(LOGISTIC, Answers("restated", ("(y_hat - y) x^T",)), labels=LABELS)
BRANCHES = formula.notation(
    {
        "x": ["n", "N"],
        "y": ["k", "N"],
        "W_1": ["m", "n"],
        "b_1": ["m", 1],
        "W_2": ["k", "m"],
    },
    {"z_1": "W_1 x + b_1", "h_1": "tanh(z_1)"},
    {"samples": "N"},
)
NET = formula.want(BRANCHES, Answers("branches", ("(W_2 h_1 - y) h_1^T",)))


def contradicted(text: str, made: formula.Want = WANT) -> list[tuple[str, str]]:
    reading = formula.read(text, made.notation, made.labels)
    return [(each.name, each.text) for each in formula.contradictions(reading, made)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("z = Wx - b\ndL/dW = (σ(Wx + b) - y) x^T", ["z"]),
        ("dL/dW = (ŷ - y) x^T where z = W x", ["z"]),
        (r"$z_i = W x_i - b$, $\frac{dL}{dW} = \sum_i (\hat y_i - y_i) x_i^T$", ["z_i"]),
        (r"a_i = \tanh(z_i), dL/dW = \sum_i (\hat y_i - y_i) x_i^T", ["a_i"]),
    ],
)
def test_a_letter_that_is_defined_otherwise_is_told(text: str, names: list[str]):
    """A right answer may stand beside a wrong z; a person should see that."""
    assert [name for name, _ in contradicted(text)] == names


def test_a_letter_with_a_number_and_an_index_is_told_with_its_text():
    """The equation stands in the report as it was written."""
    said = contradicted("z_{1,i} = W_1 x_i - b_1\n\\sum_i (W_2 h_{1,i} - y_i) h_{1,i}^T", NET)
    assert [text for _, text in said] == ["z_{1,i} = W_1 x_i - b_1"]


@pytest.mark.parametrize(
    "text",
    [
        "z = Wx + b\ndL/dW = (ŷ - y) x^T",
        "z_i = W x_i + b, a_i = σ(z_i); dL/dW = Σ_i (a_i - y_i) x_i^T",
        "z = w^T x + b, dL/dW = (ŷ - y) x^T",
        "dL/dW = (ŷ - y) x^T, which is 0 when ŷ = y",
        "dL/dW = (a - y) x^T. At z = 0 the slope is 1/4.",
        "let z = b + Wx and s = σ(z); dL/dW = (s - y) x^T",
        "ŷ = 1/(1 + e^{-z}), dL/dW = (a - y) x^T",
        "(ŷ - y) x^T",
    ],
)
def test_the_same_in_other_words_contradicts_nothing(text: str):
    """Saying again what the question says, or looking at a case, is no contradiction."""
    assert contradicted(text) == []


def test_a_definition_that_the_answer_uses_is_judged_and_not_told():
    """With z turned about, the answer is turned about as well: that is the student's right."""
    assert contradicted("a = y - σ(z), dL/dW = -a x^T") == []
