"""Of several formulas in a sentence, the one that the sentence is about is the answer."""

import pytest

from grader import formula
from grader.errors import Unreadable
from grader.formula.target import Answers

KNOWN = formula.notation(
    {"x": ["n", "m"], "y": {"shape": [1, "m"], "values": "binary"}, "W": [1, "n"], "b": [1]},
    {"z": "W x + b", "a": "sigma(z)", "y_hat": "a"},
    {"samples": "m"},
)
WANT = formula.want(KNOWN, Answers("asides", ("(y_hat - y) x^T",)), labels=["dL/dW"])


def taken(text: str) -> str:
    return formula.read(text, KNOWN, ["dL/dW"]).taken


@pytest.mark.parametrize(
    "verb",
    [
        "is",
        "is equal to",
        "is given by",
        "becomes",
        "can be written as",
        "simplifies to",
        "reduces to",
        "is then just",
        "is the error",
        "is the same as",
    ],
)
@pytest.mark.parametrize("left", ["dL/dW", r"$\frac{\partial L}{\partial W}$", "∂L/∂W"])
def test_a_verb_stands_for_an_equals_sign(left: str, verb: str):
    """`dL/dW is given by ...` says of dL/dW what an equals sign would."""
    assert formula.judge(f"{left} {verb} (a - y) x^T", WANT).correct


@pytest.mark.parametrize(
    "remark",
    [
        " because the derivative a(1 - a) cancels with the denominator.",
        ", since σ' cancels",
        "; L is summed and not averaged, so no 1/m",
        ", not (y - a) x^T",
        ", NOT (a - y)",
        " rather than a - y",
        " without 1/m",
        ". If we averaged, it would be (1/m) (a - y) x^T.",
        ", a row vector of length n",
        ", shape (1, n)",
        ", a 1×n row vector",
        " with entries Σ_i (a_i - y_i) x_{ji}",
        " (using σ'(z) = σ(z)(1 - σ(z)))",
        "\n\nNote: a(1 - a) cancels.",
        ", $i = 1,\\dots,m$",
    ],
)
def test_a_reason_is_no_second_answer(remark: str):
    """What explains the formula before it neither replaces it nor makes it unreadable."""
    assert formula.judge(f"(a - y) x^T{remark}", WANT).correct
    found = formula.judge(f"(y - a) x^T{remark}", WANT)
    assert {each.id for each in found.mistakes} <= {"sign"}
    assert not found.correct


@pytest.mark.parametrize(
    "text",
    [
        "Not (a - y), but (a - y) x^T",
        "because a(1 - a) cancels we get (a - y) x^T",
        "Using the chain rule, (a - y) x^T",
        "Σ_i (a_i - y_i) x_i^T, in vector form (a - y) x^T",
    ],
)
def test_the_conclusion_is_the_answer(text: str):
    """A formula that is denied, or only a reason, gives way to the one that comes out."""
    assert taken(text) == "(a - y) x^T"
    assert formula.judge(text, WANT).correct


@pytest.mark.parametrize(
    "text",
    [
        "(a - y) x^T or (y - a) x^T",
        "(a - y) x^T, (y - a) x^T",
        "maybe (a - y) x^T, otherwise 1/m (a - y) x^T",
        "It is not (a - y) x^T",
    ],
)
def test_a_choice_is_no_answer(text: str):
    """Two formulas of which neither is said to be a reason, and a denial alone, are not judged."""
    with pytest.raises(Unreadable):
        formula.judge(text, WANT)
