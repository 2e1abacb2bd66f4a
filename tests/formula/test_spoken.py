"""Operations that are said in words count as the signs that they stand for."""

import pytest

from grader import formula
from grader.errors import Unreadable
from grader.formula.target import Answers

KNOWN = formula.notation(
    {"x": ["n", "m"], "y": {"shape": [1, "m"], "values": "binary"}, "W": [1, "n"], "b": [1]},
    {"z": "W x + b", "a": "sigma(z)", "y_hat": "a"},
    {"samples": "m"},
)
WANT = formula.want(KNOWN, Answers("spoken", ("(y_hat - y) x^T",)), labels=["dL/dW"])


def correct(text: str) -> bool:
    return formula.judge(text, WANT).correct


@pytest.mark.parametrize("x", ["x^T", "x transpose", "x transposed", "the transpose of x"])
@pytest.mark.parametrize(
    "times", ["times", "multiplied by", "multiplied with", "matrix multiplied by"]
)
@pytest.mark.parametrize("error", ["(a - y)", "(a minus y)", "the error (a - y)"])
def test_a_product_in_words_is_a_product(error: str, times: str, x: str):
    """`times`, `multiplied by` and `the transpose of` are signs with more letters."""
    assert correct(f"{error} {times} {x}")
    assert correct(f"dL/dW is {error} {times} {x}.")


@pytest.mark.parametrize(
    "sum_",
    [
        "sum",
        "Sum of",
        "the sum of",
        "sum over i of",
        "the sum over all samples of",
        "the sum over the examples of",
        "sum over i from 1 to m of",
        "sum from i = 1 to m",
        "sum from i=1 to m of",
        "sum_i=1^m",
    ],
)
def test_a_sum_in_words_is_a_sum(sum_: str):
    """However its limits are said, it runs over the index that the terms bear."""
    assert correct(f"{sum_} (a_i - y_i) x_i^T")
    assert correct(f"dL/dW = {sum_} (a_i - y_i) times x_i^T")


@pytest.mark.parametrize("text", ["the product of (a - y) and x^T", "product of (a-y) with x^T"])
def test_a_product_of_two_is_both(text: str):
    """The product of two things is not the first of them."""
    assert correct(text)


@pytest.mark.parametrize(
    "text",
    [
        "the outer product of (a - y) and x",
        "the transpose of x (y - a)^T",
        "x transpose times nothing",
    ],
)
def test_what_words_leave_open_is_not_judged(text: str):
    """Half of a sentence is not the answer."""
    with pytest.raises(Unreadable):
        formula.judge(text, WANT)


def test_words_are_no_letters():
    """The a of `a times` is the activation, not an article."""
    made = formula.want(KNOWN, Answers("letters", ("a x^T",)))
    assert formula.judge("a times x^T", made).correct
    assert formula.judge("a multiplied by the transpose of x", made).correct
