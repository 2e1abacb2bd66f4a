"""The Siamese network, against autograd, differences and an optimiser's step."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reference import siamese

# The first call of a library is slow, and no fact about the values
unhurried = settings(deadline=None, max_examples=50)

# slip, its words, the number that it makes of m = 10, n = 5
COUNTS = [
    ("parameters", {}, 60),
    ("bias_not_counted", {}, 50),
    ("branches_not_shared", {}, 120),
    ("weights_doubled", {}, 110),
    ("biases_doubled", {}, 70),
    ("hyperparameters_counted", {}, 61),
    ("hyperparameters_counted", {"extra": 2}, 62),
    ("bias_per_input", {}, 55),
    ("dimensions_added", {}, 25),
]


def sample(m=4, n=3, seed=0):
    draw = np.random.default_rng(seed)
    return {
        "W": draw.normal(size=(m, n)),
        "b": draw.normal(size=(m, 1)),
        "x_1": draw.normal(size=(n, 1)),
        "x_2": draw.normal(size=(n, 1)),
    }


def torch_loss(W, b, x_1, x_2, lambda_):
    h_1, h_2 = torch.sigmoid(W @ x_1 + b), torch.sigmoid(W @ x_2 + b)
    return torch.linalg.norm(h_1 - h_2) ** 2 / 2 + lambda_ / 2 * torch.linalg.norm(W) ** 2


def by_autograd(loss, name, values, lambda_):
    tensors = {key: torch.tensor(value, requires_grad=key == name) for key, value in values.items()}
    loss(**tensors, lambda_=lambda_).backward()
    return tensors[name].grad.numpy()


samples = st.builds(sample, st.integers(1, 5), st.integers(1, 5), st.integers(0, 2**32 - 1))
rates = st.floats(0.01, 2)


@given(samples, rates)
@unhurried
def test_the_loss_is_as_defined(values, lambda_):
    """Half the squared distance plus λ/2 times the squared norm of W."""
    tensors = {name: torch.tensor(value) for name, value in values.items()}
    want = torch_loss(**tensors, lambda_=lambda_).item()
    assert siamese.loss(**values, lambda_=lambda_) == pytest.approx(want, rel=1e-12)


@given(samples, rates)
@unhurried
def test_autograd_finds_the_gradients(values, lambda_):
    """Both branches contribute, the second with a minus, and λW comes on top."""
    for loss in (torch_loss, siamese.loss):
        got = siamese.grad_W(**values, lambda_=lambda_)
        assert got == pytest.approx(by_autograd(loss, "W", values, lambda_), abs=1e-12)
        got = siamese.grad_b(**values)
        assert got == pytest.approx(by_autograd(loss, "b", values, lambda_), abs=1e-12)


@pytest.mark.parametrize("name", ["W", "b"])
def test_central_differences_find_the_gradients(name):
    """Two evaluations of the loss a small step apart give each entry."""
    values, step = sample(), 1e-5
    words = {"lambda_": 0.3}
    got = siamese.grad_W(**values, **words) if name == "W" else siamese.grad_b(**values)
    for place in np.ndindex(got.shape):
        up, down = values[name].copy(), values[name].copy()
        up[place] += step
        down[place] -= step
        rise = siamese.loss(**values | {name: up}, **words) - siamese.loss(
            **values | {name: down}, **words
        )
        assert got[place] == pytest.approx(rise / (2 * step), abs=1e-9)


@given(samples, rates, rates)
@unhurried
def test_an_optimiser_makes_the_same_step(values, lambda_, alpha):
    """One step of SGD from the same gradients ends at the same W and b, both at once."""
    tensors = {name: torch.tensor(value) for name, value in values.items()}
    weights = [tensors[name].requires_grad_() for name in ("W", "b")]
    optimizer = torch.optim.SGD(weights, lr=alpha)
    torch_loss(**tensors, lambda_=lambda_).backward()
    optimizer.step()
    W, b = (weight.detach().numpy() for weight in weights)
    got = siamese.update_W(**values, lambda_=lambda_, alpha=alpha)
    assert got == pytest.approx(W, abs=1e-12)
    assert siamese.update_b(**values, alpha=alpha) == pytest.approx(b, abs=1e-12)


def test_equal_inputs_leave_only_the_regularisation():
    """Nothing separates x_1 from itself, so only λW remains."""
    values = sample()
    values["x_2"] = values["x_1"]
    assert (siamese.grad_W(**values, lambda_=0.5) == 0.5 * values["W"]).all()
    assert (siamese.grad_b(**values) == 0).all()


def test_without_the_sigmoid_the_bias_would_cancel():
    """σ' is what keeps dJ/db from being zero: the differences alone cancel."""
    assert np.abs(siamese.grad_b(**sample())).min() > 1e-4


def test_large_weights_do_no_harm():
    """Saturated units give finite numbers, without a warning."""
    values = sample()
    values["W"] = 1e4 * values["W"]
    assert np.isfinite(siamese.loss(**values, lambda_=0.1))
    assert np.isfinite(siamese.grad_W(**values, lambda_=0.1)).all()


@pytest.mark.parametrize(("count", "words", "number"), COUNTS)
def test_a_count(count, words, number):
    """Sixty parameters, and the numbers that students get instead."""
    assert getattr(siamese, count)(m=10, n=5, **words) == number


def test_torch_counts_the_same():
    """One layer serves both branches: its weights and biases are all there is to learn."""
    layer = torch.nn.Linear(5, 10, device="meta")
    assert siamese.parameters(m=10, n=5) == sum(p.numel() for p in layer.parameters())
    bare = torch.nn.Linear(5, 10, bias=False, device="meta")
    assert siamese.bias_not_counted(m=10, n=5) == sum(p.numel() for p in bare.parameters())
    two = torch.nn.ModuleList([layer, torch.nn.Linear(5, 10, device="meta")])
    assert siamese.branches_not_shared(m=10, n=5) == sum(p.numel() for p in two.parameters())


def test_every_wrong_count_differs():
    """No two slips lead to the same number."""
    numbers = [number for _, _, number in COUNTS]
    assert len(set(numbers)) == len(numbers)


def test_the_errors_claimed_are_kept():
    """The docstrings' errors hold against the same formulas in extended precision."""
    values = sample(20, 20, seed=4)
    W, b, x_1, x_2 = (values[name].astype(np.longdouble) for name in ("W", "b", "x_1", "x_2"))
    h_1, h_2 = 1 / (1 + np.exp(-W @ x_1 - b)), 1 / (1 + np.exp(-W @ x_2 - b))
    d_1, d_2 = (h_1 - h_2) * h_1 * (1 - h_1), (h_1 - h_2) * h_2 * (1 - h_2)
    lambda_ = 0.25
    loss = ((h_1 - h_2) ** 2).sum() / 2 + lambda_ / 2 * (W**2).sum()
    assert abs(siamese.loss(**values, lambda_=lambda_) - loss) < 1e-13
    by_W, by_b = d_1 @ x_1.T - d_2 @ x_2.T + lambda_ * W, d_1 - d_2
    assert abs(siamese.grad_W(**values, lambda_=lambda_) - by_W).max() < 2e-15
    assert abs(siamese.grad_b(**values) - by_b).max() < 2e-15
    got = siamese.update_W(**values, lambda_=lambda_, alpha=0.5)
    assert abs(got - (W - 0.5 * by_W)).max() < 2e-15
    assert abs(siamese.update_b(**values, alpha=0.5) - (b - 0.5 * by_b)).max() < 2e-15
