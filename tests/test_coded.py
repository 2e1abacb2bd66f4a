"""A formula may be handed in as a Python function in a file, where nothing else answers it."""

import json

import pytest

from grader import desk
from grader.model import Outcome

SIGMOID = "import numpy as np\n\n\ndef sigmoid(z):\n    return 1 / (1 + np.exp(-z))\n\n\n"
LAYERS = "    h1 = sigmoid(W @ x1 + b)\n    h2 = sigmoid(W @ x2 + b)\n"
DELTAS = "    d1 = (h1 - h2) * h1 * (1 - h1)\n    d2 = -(h1 - h2) * h2 * (1 - h2)\n"
GRADIENTS = (
    f"{SIGMOID}def grad_W(W, b, x1, x2, lam):\n{LAYERS}{DELTAS}"
    "    return d1 @ x1.T + d2 @ x2.T + lam * W\n\n\n"
    f"def grad_b(W, b, x1, x2):\n{LAYERS}{DELTAS}    return d1 + d2\n"
)
TOGETHER = (
    f"{SIGMOID}def gradients(W, b, x1, x2, lam):\n{LAYERS}{DELTAS}"
    "    grad_W = d1 @ x1.T + d2 @ x2.T + lam * W\n    grad_b = d1 + d2\n"
    "    return grad_W, grad_b\n"
)
STEP = "def step(W, b, dW, db, lr):\n    W = W - lr * dW\n    b = b - lr * db\n    return W, b\n"
STEPS = (
    "def update_W(W, grad_W, alpha):\n    return W - alpha * grad_W\n\n\n"
    "def update_b(b, grad_b, alpha):\n    return b - alpha * grad_b\n"
)
BACK = (
    "def grad_h1(W3, y_hat, y):\n    return W3.T @ (y_hat - y)\n\n\n"
    "def grad_h2(W3, y_hat, y):\n    return W3.T @ (y_hat - y)\n\n\n"
    "def grad_x(W1, W2, W3, h1, z2, y_hat, y):\n    g = W3.T @ (y_hat - y)\n"
    "    return W1.T @ (g * h1 * (1 - h1)) + W2.T @ (g * (z2 > 0))\n"
)


@pytest.fixture(scope="module")
def homework():
    with desk.set_up("cie6032-homework1") as at:
        yield at


def graded(homework, folder, question, **files):
    for name, text in files.items():
        stem, _, suffix = name.rpartition("_")
        (folder / f"{stem}.{suffix}").write_text(text)
    report = homework.grade(folder, only=[question])
    assert report.complete, report.faults
    return report


@pytest.mark.parametrize(
    ("question", "code"),
    [("p3.1", GRADIENTS), ("p3.1", TOGETHER), ("p3.2", STEP), ("p3.2", STEPS), ("p3.4", BACK)],
)
def test_a_function_in_a_file_is_an_answer(homework, tmp_path, question, code):
    """One function for each field, or one that sets them all; helpers come along."""
    report = graded(homework, tmp_path, question, answers_py=code)
    assert report.questions[0].outcome is Outcome.CORRECT
    assert any(f"{question}: read from the source of" in each for each in report.warnings)


def test_a_cell_of_a_notebook_is_an_answer(homework, tmp_path):
    """Functions are found in cells as in files."""
    cells = [{"cell_type": "code", "source": each} for each in BACK.split("\n\n\n")]
    book = json.dumps({"nbformat": 4, "cells": cells})
    report = graded(homework, tmp_path, "p3.4", answers_ipynb=book)
    assert report.questions[0].score == 10


def test_slips_in_code_are_named(homework, tmp_path):
    """The second branch with a plus sign is the same slip in code as on paper."""
    report = graded(homework, tmp_path, "p3.1", a_py=GRADIENTS.replace("d2 = -", "d2 = "))
    found = [v.judgement.mistakes[0].id for v in report.questions[0].verdicts]
    assert found == ["second-branch-sign"] * 2


def test_the_sheet_wins(homework, tmp_path):
    """What is written under the question is the answer; code beside it is not read for it."""
    report = graded(homework, tmp_path, "p3.1", a_py=GRADIENTS, b_md="## p3.1\n\ngrad_W: x_1\n")
    assert report.questions[0].score == 0
    assert not any("read from the source" in each for each in report.warnings)


def test_a_field_without_a_function_awaits_a_person(homework, tmp_path):
    """`grad_h2 = grad_h1` below the functions is an answer that the machine does not see."""
    code = BACK.replace("def grad_h2", "def other").replace("\n\n\ndef grad_x", "\n\n\ndef grad_x")
    report = graded(homework, tmp_path, "p3.4", a_py=f"{code}\n\ngrad_h2 = grad_h1\n")
    first, second, third = report.questions[0].verdicts
    assert (first.score, third.score) == (3, 5)
    assert (second.outcome, second.judgement.review) == (Outcome.UNREADABLE, 1)


def test_functions_that_answer_nothing_are_named(homework, tmp_path):
    """A staff member sees that something was written, and where."""
    report = graded(homework, tmp_path, "p3.3", a_py="def num_parameters():\n    return 60\n")
    assert "a.py: no question asks for num_parameters" in report.warnings


def test_functions_that_are_asked_for_are_no_formulas(homework, tmp_path):
    """compute_cost belongs to the notebook, and is no objective of another question."""
    code = "import numpy as np\n\n\ndef compute_cost(A2, Y, parameters):\n    return np.sum(A2)\n"
    report = graded(homework, tmp_path, "p1.1", a_py=code)
    assert report.questions[0].outcome is Outcome.MISSING
