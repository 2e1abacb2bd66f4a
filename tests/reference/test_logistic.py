"""The logistic loss and its gradient, against autograd, differences, SymPy and 50 digits."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import sympy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from reference import logistic

# The first call of a library is slow, and no fact about the values
unhurried = settings(deadline=None, max_examples=50)


def sample(n, m, seed=0):
    draw = np.random.default_rng(seed)
    return {
        "W": draw.normal(size=(1, n)),
        "b": draw.normal(size=(1, 1)),
        "x": draw.normal(size=(n, m)),
        "y": draw.integers(0, 2, size=(1, m)).astype(float),
    }


def by_autograd(loss, name, values):
    tensors = {key: torch.tensor(value, requires_grad=key == name) for key, value in values.items()}
    loss(**tensors).backward()
    return tensors[name].grad.numpy()


def y_hat(W, b, x):
    return torch.sigmoid(W @ x + b)


def torch_loss(W, b, x, y):
    return F.binary_cross_entropy(y_hat(W, b, x), y, reduction="sum")


samples = st.builds(sample, st.integers(1, 6), st.integers(1, 7), st.integers(0, 2**32 - 1))


@given(samples)
@unhurried
def test_the_loss_is_the_summed_binary_cross_entropy(values):
    """No 1/m stands in the exam's L."""
    tensors = {name: torch.tensor(value) for name, value in values.items()}
    assert logistic.loss(**values) == pytest.approx(torch_loss(**tensors).item(), rel=1e-12)


@given(samples)
@unhurried
def test_autograd_finds_the_gradients(values):
    """dL/dW = (ŷ - y) xᵀ and dL/db = Σ (ŷ_i - y_i), from torch's own loss."""
    for loss in (torch_loss, logistic.loss):
        assert logistic.grad_W(**values) == pytest.approx(by_autograd(loss, "W", values), abs=1e-12)
        assert logistic.grad_b(**values) == pytest.approx(by_autograd(loss, "b", values), abs=1e-12)


@pytest.mark.parametrize("name", ["W", "b"])
def test_central_differences_find_the_gradients(name):
    """Two evaluations of the loss a small step apart give each entry."""
    values, step = sample(3, 5), 1e-5
    gradient = getattr(logistic, f"grad_{name}")(**values)
    for j in range(values[name].shape[1]):
        up, down = values[name].copy(), values[name].copy()
        up[0, j] += step
        down[0, j] -= step
        rise = logistic.loss(**values | {name: up}) - logistic.loss(**values | {name: down})
        assert gradient[0, j] == pytest.approx(rise / (2 * step), abs=1e-8)


def test_sympy_finds_the_gradient():
    """Differentiated symbolically for n = 2, m = 2, the same numbers come out."""
    values = sample(2, 2, seed=5)
    w1, w2, b = sympy.symbols("w1 w2 b")
    loss = 0
    for i in range(2):
        z = w1 * values["x"][0, i] + w2 * values["x"][1, i] + b
        p = 1 / (1 + sympy.exp(-z))
        loss -= values["y"][0, i] * sympy.log(p) + (1 - values["y"][0, i]) * sympy.log(1 - p)
    at = {w1: values["W"][0, 0], w2: values["W"][0, 1], b: values["b"][0, 0]}
    by_W = [float(sympy.diff(loss, w).evalf(30, subs=at)) for w in (w1, w2)]
    assert logistic.grad_W(**values)[0] == pytest.approx(by_W, rel=1e-12)
    assert logistic.grad_b(**values)[0, 0] == pytest.approx(
        float(sympy.diff(loss, b).evalf(30, subs=at)), rel=1e-12
    )


def test_samples_are_summed_one_by_one():
    """The matrix product is Σ_i (ŷ_i - y_i) x_iᵀ."""
    values = sample(3, 6)
    p = logistic.predictions(W=values["W"], b=values["b"], x=values["x"])
    total = np.zeros((1, 3))
    for i in range(6):
        for j in range(3):
            total[0, j] += (p[0, i] - values["y"][0, i]) * values["x"][j, i]
    assert logistic.grad_W(**values) == pytest.approx(total)


# slip, the loss of which it is the gradient, and by what
SLIPS = [
    ("opposite_sign", "W", lambda W, b, x, y: -torch_loss(W, b, x, y)),
    ("mean_gradient", "W", lambda W, b, x, y: F.binary_cross_entropy(y_hat(W, b, x), y)),
    ("squared_error_habit", "W", lambda W, b, x, y: ((y_hat(W, b, x) - y) ** 2).sum() / 2),
    ("second_term_dropped", "W", lambda W, b, x, y: -(y * y_hat(W, b, x).log()).sum()),
    ("differentiated_by_x", "x", torch_loss),
    (
        "printed_without_parentheses",
        "W",
        lambda W, b, x, y: (
            -(y * y_hat(W, b, x).log()).sum() + ((1 - y) * (1 - y_hat(W, b, x)).log()).sum()
        ),
    ),
]


@pytest.mark.parametrize(("slip", "by", "loss"), SLIPS, ids=[slip for slip, _, _ in SLIPS])
def test_a_slip_is_the_gradient_of_something_else(slip, by, loss):
    """What the student wrote is right for another loss, which autograd differentiates."""
    values = sample(3, 5)
    assert getattr(logistic, slip)(**values) == pytest.approx(by_autograd(loss, by, values))


def test_the_chain_rule_can_stop_at_z_or_skip_the_sigmoid():
    """dL/dz is ŷ - y; dL/dŷ times dz/dW lacks σ'."""
    values = sample(3, 5)
    tensors = {name: torch.tensor(value) for name, value in values.items()}
    z = (tensors["W"] @ tensors["x"] + tensors["b"]).requires_grad_()
    F.binary_cross_entropy_with_logits(z, tensors["y"], reduction="sum").backward()
    assert logistic.stopped_at_z(**values) == pytest.approx(z.grad.numpy())
    p = torch.sigmoid(z.detach()).requires_grad_()
    F.binary_cross_entropy(p, tensors["y"], reduction="sum").backward()
    assert logistic.sigmoid_derivative_forgotten(**values) == pytest.approx(
        (p.grad @ tensors["x"].T).numpy()
    )


@pytest.mark.parametrize("seed", range(10))
def test_a_slip_is_told_apart_from_the_gradient(seed):
    """Each slip differs in shape, or by far more than a tolerance for rounding."""
    values = sample(3, 5, seed)
    right = logistic.grad_W(**values)
    for slip in ("stopped_at_z", "sigmoid_derivative_forgotten", *(name for name, _, _ in SLIPS)):
        wrong = getattr(logistic, slip)(**values)
        assert wrong.shape != right.shape or (
            np.linalg.norm(wrong - right) > 1e-4 * np.linalg.norm(right)
        )


def test_the_loss_is_finite_where_probabilities_are_not():
    """A sample that is wrong by z = 1000 costs 1000 nats, without a warning."""
    values = {"W": [[1000.0]], "b": [[0.0]], "x": [[1.0, -1.0]], "y": [[0.0, 0.0]]}
    assert logistic.loss(**values) == 1000
    assert logistic.predictions(W=[[1000.0]], b=[[0.0]], x=[[1.0, -1.0]]).tolist() == [[1, 0]]


def test_the_errors_claimed_are_kept():
    """The docstrings' errors hold against 50 digits."""
    values = sample(20, 50, seed=1)
    with mpmath.workdps(50):
        W, x = mpmath.matrix(values["W"].tolist()), mpmath.matrix(values["x"].tolist())
        z = W * x + mpmath.mpf(values["b"][0, 0]) * mpmath.ones(1, 50)
        delta = z.apply(lambda v: 1 / (1 + mpmath.exp(-v))) - mpmath.matrix(values["y"].tolist())
        gradient = delta * x.T
        terms = [
            mpmath.log(1 + mpmath.exp(v)) - mpmath.mpf(y) * v
            for v, y in zip(z, values["y"][0], strict=True)
        ]
        size = sum(abs(v) + mpmath.log(2) for v in z)
    assert abs(logistic.loss(**values) - sum(terms)) < 2e-15 * size
    for j in range(20):
        assert abs(logistic.grad_W(**values)[0, j] - gradient[j]) < 1e-14
    assert abs(logistic.grad_b(**values)[0, 0] - sum(delta)) < 1e-14
    p = logistic.predictions(W=values["W"], b=values["b"], x=values["x"])
    for i in range(50):
        exact = delta[i] + mpmath.mpf(values["y"][0, i])
        assert abs(p[0, i] / exact - 1) < 2e-14


def test_the_cases_for_code_have_the_shapes_and_both_labels():
    """W, b, x and y fit together, sizes differ, and no label is missing."""
    cases = logistic.cases()
    for case in cases:
        n, m = case["x"].shape
        assert (case["W"].shape, case["b"].shape, case["y"].shape) == ((1, n), (1, 1), (1, m))
    assert {label for case in cases for label in case["y"].ravel()} == {0.0, 1.0}
