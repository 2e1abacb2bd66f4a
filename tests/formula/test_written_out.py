"""Vectors and matrices that are written out, in every notation that has a way to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
import pytest

from grader import formula
from grader.errors import Unreadable
from grader.formula import Answers

Source: TypeAlias = Callable[[Mapping[str, Any]], Any]

NOTATION = formula.notation(
    {
        "X": ["N", "d"],
        "y": ["N", 1],
        "w": ["d", 1],
        "lambda": {"shape": [], "values": "positive"},
        "t": [],
        "s": [],
    },
    options={"samples": "N"},
)


def vector(given: Mapping[str, Any]) -> Any:
    return np.array([[given["t"]], [given["s"]]])


def matrix(given: Mapping[str, Any]) -> Any:
    return np.array([[given["t"], given["s"]], [0, 1]])


def ridge(given: Mapping[str, Any]) -> Any:
    X, size = given["X"], len(given["w"])
    return np.linalg.solve(X.T @ X + given["lambda_"] * np.eye(size), X.T @ given["y"])


VECTORS = (
    "[t, s]^T", "(t, s)^T", "(t, s)", "[t, s]", "[t; s]", "[t;s]", "[[t],[s]]", "np.array([t, s])",
    "(t,s)ᵀ", r"\begin{pmatrix}t\\s\end{pmatrix}", r"(t, s)^\top", r"\langle t, s\rangle",
    r"\left(t, s\right)^T", "{t, s}", "<t, s>", r"\nabla f = (t, s)", "c(t, s)",
    "torch.tensor([t, s])", "2 (t/2, s/2)", "(t, 0) + (0, s)",
)  # fmt: skip
MATRICES = (
    "[[t, s], [0, 1]]", "[t, s; 0, 1]", "[t s; 0 1]", "{{t, s}, {0, 1}}", "((t, s), (0, 1))",
    "matrix(c(t,0,s,1),2,2)", "matrix(c(t, s, 0, 1), nrow=2, byrow=TRUE)",
    "matrix(c(t,0,s,1), ncol=2)", "Matrix([[t,s],[0,1]])", r"\begin{pmatrix}t&s\\0&1\end{pmatrix}",
    "torch.tensor([[t,s],[0,1]])",
    r"\left(\begin{matrix}t&s\\0&1\end{matrix}\right)", "[t s\n0 1]", "[t, s\n 0, 1]",
    r"\left[\begin{array}{cc}t&s\\0&1\end{array}\right]", "[-(-t) s; 0 1]",
)  # fmt: skip
IDENTITIES = (
    "(XᵀX + λI)⁻¹Xᵀy", "inv(X'X + λI) X'y", r"(X^\top X+\lambda I_{d\times d})^{-1}X^\top y",
    r"(X^T X + \lambda \mathbb{I})^{-1} X^T y", r"X^T(XX^T+\lambda I)^{-1}y",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "source"),
    [
        *((text, vector) for text in VECTORS),
        *((text, matrix) for text in MATRICES),
        *((text, ridge) for text in IDENTITIES),
        (r"\begin{vmatrix} t & s \\ 2 & 1 \end{vmatrix}", lambda it: it["t"] - 2 * it["s"]),
        (r"\max_i y_i - \min_{i} y_i", lambda it: np.ptp(it["y"])),
        (r"X_{ij} - \max_k X_{ik}", lambda it: it["X"] - it["X"].max(1, keepdims=True)),
        (r"\max_w y", lambda it: it["y"].max()),
        ("f = lambda X, y: X.T @ y / len(y)", lambda it: it["X"].T @ it["y"] / len(it["y"])),
        ("[t, s] [[t, s], [0, 1]]", lambda it: vector(it).T @ matrix(it)),
        ("<t, s>", lambda it: it["t"] * it["s"]),
        ("<t, s, 1>", lambda it: np.array([[it["t"]], [it["s"]], [1]])),
        ("[1 -t; s 2]", lambda it: np.array([[1, -it["t"]], [it["s"], 2]])),
    ],
)
def test_what_is_written_out_is_read(text: str, source: Source):
    """And with another value it is wrong."""
    want = formula.want(NOTATION, Answers("q", sources=(source,)))
    assert formula.judge(text, want).correct
    other = formula.want(NOTATION, Answers("q", sources=(lambda it: source(it) * 1.01,)))
    assert not formula.judge(text, other).correct


def test_entries_in_another_order_are_wrong():
    """A vector says nothing of rows and columns, but all of its order."""
    want = formula.want(NOTATION, Answers("q", sources=(vector,)))
    assert not formula.judge("(s, t)", want).correct
    assert not formula.judge("[t, s; 1, 0]", want).correct


@pytest.mark.parametrize("text", ["t(t, s)", "(X, y)", "[t, s; 1]", "t e_1 + s e_2", "(t, )"])
def test_what_may_be_no_vector_is_left_to_a_person(text: str):
    """Arguments, arrays side by side, rows of different lengths, unit vectors."""
    with pytest.raises(Unreadable):
        formula.judge(text, formula.want(NOTATION, Answers("q", sources=(vector,))))
