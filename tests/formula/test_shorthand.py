"""What people leave out or add in writing changes nothing, and what is unknown is never dropped."""

import pytest

from grader import formula
from grader.errors import Unreadable
from grader.formula import Answers

LOGISTIC = formula.notation(
    {
        "x": {"shape": ["n", "m"], "also": ["X"]},
        "y": {"shape": [1, "m"], "values": "binary"},
        "W": [1, "n"],
        "b": [1, 1],
    },
    {"z": "W x + b", "a": "sigma(z)", "y_hat": "a"},
    {"samples": "m"},
)
WANT = formula.want(LOGISTIC, Answers("q", ("(y_hat - y) x^T",)), labels=["dL/dW"])


def correct(text: str) -> bool:
    return formula.judge(text, WANT).correct


@pytest.mark.parametrize("text", ["(a - y)x^(T)", "(a - y) x^{(T)}", "(x (a - y)^{(T)})^(T)"])
def test_a_capital_t_in_brackets_transposes(text: str):
    """Where no T is declared, x^(T) is no sample number T."""
    assert correct(text)


def test_a_declared_t_in_brackets_is_no_transpose():
    """The question's own T stays an exponent."""
    known = formula.notation({"u": [1, 1], "T": [1, 1]})
    made = formula.want(known, Answers("q", ("u ** T",)))
    assert formula.judge("u^(T)", made).correct
    assert not formula.judge("u", made).correct


@pytest.mark.parametrize(
    "text",
    [
        "(σ − y) x^T",
        r"(\sigma - y) x^T",
        "-(y - σ) x^T",
        r"\left[\frac{1-y}{1-\sigma} - \frac{y}{\sigma}\right] \odot \sigma(1-\sigma) x^T",
        "((σ + 0) - y) x^T",
    ],
)
def test_the_bare_name_of_an_activation_is_its_value(text: str):
    """σ is short for σ(z), where the question applies it to z alone."""
    assert correct(text)


@pytest.mark.parametrize("text", ["(σ -y) x^T", "(tanh - y) x^T", "(softplus - y) x^T"])
def test_a_bare_function_without_a_known_argument_is_unreadable(text: str):
    """Nobody is judged by an argument that was guessed."""
    with pytest.raises(Unreadable):
        formula.judge(text, WANT)


def test_a_bare_function_that_is_applied_to_several_is_unreadable():
    """Of σ(u) and σ(v), a bare σ says neither."""
    known = formula.notation({"u": [1, 1], "v": [1, 1]}, {"g": "sigma(u)", "h": "sigma(v)"})
    made = formula.want(known, Answers("q", ("g - 1",)))
    with pytest.raises(Unreadable, match="argument"):
        formula.judge("σ - 1", made)
