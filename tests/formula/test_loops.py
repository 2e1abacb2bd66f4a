"""What a loop of Python's adds up is read as the sum that it is, or not at all."""

import pytest

from grader import formula
from grader.errors import Unreadable
from grader.formula.target import Answers

KNOWN = formula.notation(
    {"x": ["n", "m"], "y": {"shape": [1, "m"], "values": "binary"}, "W": [1, "n"], "b": [1]},
    {"z": "W x + b", "a": "sigma(z)", "y_hat": "a"},
    {"samples": "m"},
)
WANT = formula.want(KNOWN, Answers("loops", ("(y_hat - y) x^T",)), labels=["dL/dW", "dW"])


def judged(text: str) -> formula.Finding:
    return formula.judge(text, WANT)


ERRORS = ["(a[:, i] - y[:, i])", "(a[0, i] - y[0, i])", "(a[i] - y[i])"]
INPUTS = ["x[:, i]", "x[:, i].T"]
BEGINS = ["", "dW = 0\n", "dW = np.zeros((1, n))\n", "dW = np.zeros_like(W)\n"]


@pytest.mark.parametrize("begin", BEGINS)
@pytest.mark.parametrize("x", INPUTS)
@pytest.mark.parametrize("error", ERRORS)
def test_a_loop_over_the_samples_is_a_sum(error: str, x: str, begin: str):
    """The zeros that a sum begins with are not the answer."""
    for index in ("range(m)", "range(0, m)", "range(x.shape[1])"):
        assert judged(f"{begin}for i in {index}:\n    dW += {error} * {x}").correct
    wrong = judged(f"{begin}for i in range(m):\n    dW -= {error} * {x}")
    assert {each.id for each in wrong.mistakes} == {"sign"}


@pytest.mark.parametrize(
    "text",
    [
        "dW = 0\nfor i in range(m):\n    dW = dW + (a[i] - y[i]) * x[:, i]",
        "for i in range(m): dW += (a[0, i] - y[0, i]) * x[:, i]",
        "for idx in range(m):\n    dW += (a[0, idx] - y[0, idx]) * x[:, idx]",
        "dW = np.zeros((1, n))\nfor i in range(m):\n    dW += np.outer(a[:, i] - y[:, i], x[:, i])",
        "for i in range(m):\n    dW += (a[:, i:i+1] - y[:, i:i+1]) @ x[:, i:i+1].T",
        "for i in range(m):\n    p = sigmoid(W @ x[:, i] + b)\n    dW += (p - y[0, i]) * x[:, i]",
        "for i in range(m):\n    for j in range(n):\n"
        "        dW[0, j] += (a[0, i] - y[0, i]) * x[j, i]",
        "for j in range(n):\n    for i in range(m):\n        dW[j] += (a[i] - y[i]) * x[j, i]",
        "dW = np.zeros(n)\nfor j in range(n):\n    dW[j] = np.sum((a - y) * x[j, :])",
        "dW = np.zeros((1, n))\nfor j in range(n):\n    s = 0\n    for i in range(m):\n"
        "        s += (a[0, i] - y[0, i]) * x[j, i]\n    dW[0, j] = s",
        "g = np.zeros(n)\nfor i in range(m):\n    e = a[0, i] - y[0, i]\n"
        "    for j in range(n):\n        g[j] += e * x[j, i]\nprint(g)",
    ],
)
def test_nested_loops_and_names_inside_are_followed(text: str):
    """Entry by entry, with names of its own or a longer index, it is the same sum."""
    assert judged(text).correct


@pytest.mark.parametrize(
    "text",
    [
        "dW = np.zeros((1, n))\nfor i in range(m):\n    dW = (a[:, i] - y[:, i]) * x[:, i].T",
        "dW = np.zeros((1, n))\nfor i in range(m):\n    for j in range(n):\n"
        "        dW[0, j] = (a[0, i] - y[0, i]) * x[j, i]",
        "dW = np.zeros((1, n))\nfor xi, yi in zip(x.T, y[0]):\n    dW += yi * xi",
        "dW = np.zeros((1, n))\ni = 0\nwhile i < m:\n    dW += (a[0, i] - y[0, i]) * x[:, i]\n"
        "    i += 1",
        "dW = []\nfor j in range(n):\n    dW.append(np.sum((a - y) * x[j, :]))",
    ],
)
def test_a_loop_that_is_not_understood_is_not_judged(text: str):
    """Neither what it begins with nor a part of its body stands for the whole."""
    with pytest.raises(Unreadable, match="loop"):
        judged(text)


def test_words_are_no_loop():
    """`for all i:` heads no block."""
    assert judged("for each sample i we add:\ndW = Σ_i (a_i - y_i) x_i^T").correct


def test_a_declared_column_may_be_flat_in_code():
    """Where X[i] is flat, so is the w that is added to it."""
    known = formula.notation(
        {"X": ["N", "d"], "w": ["d", 1], "y": ["N", 1], "c": []}, {}, {"samples": "N"}
    )
    made = formula.want(known, Answers("flat", ("X^T (X w - y) + c w",)), labels=["g"])
    text = "g = np.zeros(d)\nfor i in range(N):\n    g += (X[i] @ w - y[i]) * X[i]\ng += c * w"
    assert formula.judge(text, made).correct
