"""Marks that a program or a scanner writes in its own way, or loses, are read all the same."""

import pytest

from grader import formula
from grader.formula.target import Answers

KNOWN = formula.notation(
    {"x": ["n", "m"], "y": {"shape": [1, "m"], "values": "binary"}, "W": [1, "n"], "b": [1]},
    {"z": "W x + b", "a": "sigma(z)", "y_hat": "a"},
    {"samples": "m"},
)
WANT = formula.want(KNOWN, Answers("marks", ("(y_hat - y) x^T",)), labels=["dL/dW"])


@pytest.mark.parametrize(
    "text",
    [
        "(ŷ − y)x<sup>T</sup>",
        "Σ<sub>i</sub> (ŷ<sub>i</sub> − y<sub>i</sub>) x<sub>i</sub><sup>T</sup>",
        "∂L/∂W=∑_(i=1)^m▒〖(ŷ_i-y_i ) x_i^T 〗",
        "(ŷ-y)xT",
        "(a-y)XT",
        "(x(a-y)T)T",
        "dL/dW = (σ(Wx+b)-y) xT",
        r"(\stackrel{\wedge}{y}-y) x^T",
        "(y-hat - y) x^T",
        "Σ_i δ_i ⊗ x_i with δ_i = ŷ_i − y_i",
    ],
)
def test_a_mark_is_known_in_any_dress(text: str):
    """HTML's sup, Word's box of a sum, and a T that has lost its height."""
    assert formula.judge(text, WANT).correct


def test_a_declared_t_stays_a_letter():
    """Where T is a matrix, X T is a product."""
    known = formula.notation({"X": ["n", "m"], "T": ["m", "k"]})
    made = formula.want(known, Answers("letters", ("X T",)))
    assert formula.judge("XT", made).correct


@pytest.mark.parametrize(
    "text",
    [
        "np.einsum('i,ij->j', c * (X @ w), X)",
        "np.einsum('ij,i,ik,k->j', X, c, X, w)",
        "np.einsum('ij,i->j', X, c * (X @ w))",
    ],
)
def test_one_letter_numbers_a_vector(text: str):
    """NumPy has vectors with one axis, whatever side the question gives them."""
    known = formula.notation({"X": ["N", "d"], "w": ["d", 1], "c": ["N", 1]})
    made = formula.want(known, Answers("einsum", ("X^T (c * (X w))",)))
    assert formula.judge(text, made).correct
