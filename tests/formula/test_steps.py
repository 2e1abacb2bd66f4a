"""Steps and updates: which letter is the one before, which the one after."""

from __future__ import annotations

import pytest

from grader import formula
from grader.errors import Unreadable
from grader.formula import Answers

KNOWN = formula.notation(
    {"w": ["d", 1], "v": ["d", 1], "g": ["d", 1], "X": ["N", "d"], "eta": [], "beta": []}
)
MOMENTUM = formula.want(
    KNOWN, Answers("momentum", (r"w - \eta (\beta v + g)",)), labels=("w", "w_new")
)
PLAIN = formula.want(KNOWN, Answers("plain", (r"w - \eta v",)), labels=("w", "w_new"))


@pytest.mark.parametrize(
    "text",
    [
        "v = beta*v + g\nw = w - eta*v",
        "v_{t+1} = β v_t + g_t; w_{t+1} = w_t − η v_{t+1}",
        "v_t = β v_{t−1} + g_t; w_t = w_{t−1} − η v_t",
        r"v^{(k+1)} = \beta v^{(k)} + g^{(k)}, w^{(k+1)} = w^{(k)} - \eta v^{(k+1)}",
        "v_new = beta*v + g\nw_new = w - eta*v_new",
        r"v \gets \beta v + g \\ w \gets w - \eta v",
    ],
)
def test_a_letter_that_was_updated_is_the_new_one(text: str):
    """The step is taken with the velocity that has just been worked out."""
    assert formula.judge(text, MOMENTUM).correct
    assert not formula.judge(text, PLAIN).correct


@pytest.mark.parametrize(
    "text",
    [
        "w = w - eta*v\nv = beta*v + g",
        "w_{t+1} = w_t − η v_t; v_{t+1} = β v_t + g_t",
        r"w^{(k+1)} = w^{(k)} - \eta v^{(k)}",
        "w_new = w_old - eta*v_old",
    ],
)
def test_a_letter_that_is_updated_later_is_the_old_one(text: str):
    """What comes after the step does not change it."""
    assert formula.judge(text, PLAIN).correct
    assert not formula.judge(text, MOMENTUM).correct


def test_a_raised_t_beside_lowered_steps_is_a_transpose():
    """In w_{t+1} = w_t − η Xᵗ X w_t the t of X is no step."""
    made = formula.want(KNOWN, Answers("t", (r"w - \eta X^T X w",)), labels=("w",))
    assert formula.judge(r"w_{t+1} = w_t - \eta X^t X w_t", made).correct


@pytest.mark.parametrize(
    "text",
    [
        "for i in range(N):\n    v = X[i] @ w\n    print(v)",
        "for i in range(1, N):\n    s += X[i] @ w",
        "sum(X[i] @ w for i in range(2, N))",
        "[X[i] @ w for i in range(N)]",
    ],
)
def test_a_loop_that_does_more_than_to_add_up_is_not_guessed_at(text: str):
    """A part of a range, or a list, is no sum over all samples."""
    made = formula.want(KNOWN, Answers("loop", (r"\sum_{i=1}^N X_i w",)))
    with pytest.raises(Unreadable):
        formula.judge(text, made)
