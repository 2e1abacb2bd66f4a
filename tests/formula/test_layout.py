"""A gradient in the other layout is right where its text says so, and only then."""

import pytest

from grader import formula
from grader.formula import layout
from grader.formula.target import Answers

KNOWN = formula.notation(
    {"x": ["n", "m"], "y": {"shape": [1, "m"], "values": "binary"}, "W": [1, "n"], "b": [1]},
    {"z": "W x + b", "a": "sigma(z)", "y_hat": "a"},
    {"samples": "m"},
)
WANT = formula.want(KNOWN, Answers("layout", ("(y_hat - y) x^T",)), labels=["dL/dW"])


def judged(text: str) -> formula.Finding:
    return formula.judge(text, WANT)


@pytest.mark.parametrize(
    "said",
    [
        "x (a - y)^T (n×1)",
        "x (a - y)^T, shape n x 1",
        "x (a - y)^T with shape (n, 1)",
        "x (a - y)^T which is n by 1",
        "x (a - y)^T (the gradient as an n×1 column)",
        "x (a - y)^T as a column vector",
        "x (a - y)^T (column vector)",
        "Gradient as column: x (a - y)^T",
        "The gradient is a column vector: x (a - y)^T",
        "x (a - y)^T (denominator layout)",
        r"$x (a - y)^T \in \mathbb{R}^{n \times 1}$",
    ],
)
def test_a_layout_that_is_stated_is_right(said: str):
    """Rows and columns are a convention, which an answer may choose in words or by a shape."""
    assert judged(said).correct
    wrong = judged(said.replace("a - y", "y - a"))
    assert not wrong.correct


@pytest.mark.parametrize(
    "said",
    [
        "x (a - y)^T",
        "x (a - y)^T as a row vector",
        "x (a - y)^T where x is n×m",
        "x (a - y)^T (1×n)",
        "x (a - y)^T, shape m x 1",
    ],
)
def test_another_shape_or_none_excuses_nothing(said: str):
    """What is said has to be what was done."""
    assert {each.id for each in judged(said).mistakes} == {"transposed-layout"}


def test_words_of_layout_are_told():
    """Who speaks of rows may mean another order of factors."""
    assert layout.is_spoken_of("where the rows of x are the samples")
    assert not layout.is_spoken_of("throw it in the bin")
