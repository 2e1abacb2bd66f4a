"""The pseudo-Siamese network under both readings, against autograd and differences."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from reference import pseudo_siamese

# The first call of a library is slow, and no fact about the values
unhurried = settings(deadline=None, max_examples=50)


def sample(n=3, m=4, k=5, N=2, shared=False, seed=0):
    draw = np.random.default_rng(seed)
    values = {
        "x": draw.normal(size=(n, N)),
        "y": np.eye(k)[:, draw.integers(0, k, size=N)],
        "W_3": draw.normal(size=(k, m)),
        "b_1": draw.normal(size=(m, 1)),
        "b_2": draw.normal(size=(m, 1)),
        "b_3": draw.normal(size=(k, 1)),
    }
    for name in ("W",) if shared else ("W_1", "W_2"):
        values[name] = draw.normal(size=(m, n))
    return values


def hidden(x, b_1, b_2, W_1=None, W_2=None, W=None):
    first, second = (W_1, W_2) if W is None else (W, W)
    return torch.sigmoid(first @ x + b_1), torch.relu(second @ x + b_2)


def by_autograd(values, mean):
    """Differentiate torch's own loss by h_1, h_2 and x."""
    tensors = {name: torch.tensor(value) for name, value in values.items()}
    y, W_3, b_3 = (tensors.pop(name) for name in ("y", "W_3", "b_3"))
    tensors["x"].requires_grad_()
    h_1, h_2 = hidden(**tensors)
    h_1.retain_grad()
    h_2.retain_grad()
    scores = W_3 @ (h_1 + h_2) + b_3
    loss = F.cross_entropy(scores.T, y.T, reduction="mean" if mean else "sum")
    loss.backward()
    return loss.item(), *(t.grad.numpy() for t in (h_1, h_2, tensors["x"]))


samples = st.builds(
    sample,
    st.integers(1, 4),
    st.integers(1, 4),
    st.integers(2, 4),
    st.integers(1, 4),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)


@given(samples, st.booleans())
@unhurried
def test_autograd_finds_all_gradients(values, mean):
    """Weights apart or shared, examples summed or averaged: the four values are torch's."""
    loss, by_h1, by_h2, by_x = by_autograd(values, mean)
    assert pseudo_siamese.loss(**values, mean=mean) == pytest.approx(loss, abs=1e-12)
    assert pseudo_siamese.grad_h1(**values, mean=mean) == pytest.approx(by_h1, abs=1e-12)
    assert pseudo_siamese.grad_h2(**values, mean=mean) == pytest.approx(by_h2, abs=1e-12)
    assert pseudo_siamese.grad_x(**values, mean=mean) == pytest.approx(by_x, abs=1e-12)


@pytest.mark.parametrize("shared", [False, True])
def test_the_loss_itself_can_be_differentiated(shared):
    """Given tensors, the reference loss yields the reference gradients through autograd."""
    values = sample(shared=shared)
    tensors = {name: torch.tensor(value) for name, value in values.items()}
    tensors["x"].requires_grad_()
    pseudo_siamese.loss(**tensors).backward()
    assert pseudo_siamese.grad_x(**values) == pytest.approx(tensors["x"].grad.numpy())
    outer = {name: torch.tensor(values[name]) for name in ("y", "W_3", "b_3")}
    branches = {name: torch.tensor(values[name]) for name in set(values) - set(outer)}
    h_1, h_2 = (h.requires_grad_() for h in hidden(**branches))
    pseudo_siamese.output_loss(h_1=h_1, h_2=h_2, **outer).backward()
    assert pseudo_siamese.grad_h1(**values) == pytest.approx(h_1.grad.numpy())
    assert pseudo_siamese.grad_h2(**values) == pytest.approx(h_2.grad.numpy())


@pytest.mark.parametrize("shared", [False, True])
def test_central_differences_find_the_gradient_of_x(shared):
    """Two evaluations of the loss a small step apart give each entry."""
    values, step = sample(shared=shared), 1e-6
    got = pseudo_siamese.grad_x(**values)
    for place in np.ndindex(got.shape):
        up, down = values["x"].copy(), values["x"].copy()
        up[place] += step
        down[place] -= step
        rise = pseudo_siamese.loss(**values | {"x": up}) - pseudo_siamese.loss(
            **values | {"x": down}
        )
        assert got[place] == pytest.approx(rise / (2 * step), abs=1e-7)


def test_central_differences_find_the_gradient_of_h():
    """h_1 and h_2 enter as a sum, so a step in either does the same."""
    values, step = sample(), 1e-6
    outer = {name: values[name] for name in ("y", "W_3", "b_3")}
    h_1 = 1 / (1 + np.exp(-(values["W_1"] @ values["x"] + values["b_1"])))
    h_2 = np.maximum(values["W_2"] @ values["x"] + values["b_2"], 0)
    for got in (pseudo_siamese.grad_h1(**values), pseudo_siamese.grad_h2(**values)):
        for place in np.ndindex(got.shape):
            nudge = np.zeros_like(h_1)
            nudge[place] = step
            rise = pseudo_siamese.output_loss(
                h_1=h_1 + nudge, h_2=h_2, **outer
            ) - pseudo_siamese.output_loss(h_1=h_1, h_2=h_2 - nudge, **outer)
            assert got[place] == pytest.approx(rise / (2 * step), abs=1e-7)


def test_one_shared_matrix_is_two_equal_ones():
    """The literal reading is the other one with W_1 = W_2 = W."""
    values = sample(shared=True)
    apart = dict(values)
    apart["W_1"] = apart["W_2"] = apart.pop("W")
    assert (pseudo_siamese.grad_x(**values) == pseudo_siamese.grad_x(**apart)).all()


def test_the_mean_divides_by_the_examples():
    """With 1/N in the objective, 1/N stands in each gradient."""
    values = sample(N=3)
    for name in ("grad_h1", "grad_h2", "grad_x"):
        gradient = getattr(pseudo_siamese, name)
        assert gradient(**values, mean=True) == pytest.approx(gradient(**values) / 3)


def test_examples_do_not_mix():
    """Column j of a gradient belongs to example j alone."""
    values = sample(N=3)
    one = values | {"x": values["x"][:, 1:2], "y": values["y"][:, 1:2]}
    assert pseudo_siamese.grad_x(**values)[:, 1:2] == pytest.approx(pseudo_siamese.grad_x(**one))


def test_the_matrices_are_given_in_one_way():
    """Both readings at once, or neither, is a rubric's mistake."""
    values = sample()
    with pytest.raises(ValueError, match="one shared W"):
        pseudo_siamese.grad_x(**values, W=values["W_1"])
    del values["W_2"]
    with pytest.raises(ValueError, match="W_1 and W_2"):
        pseudo_siamese.loss(**values)
    del values["W_1"]
    with pytest.raises(ValueError, match="W_1 and W_2"):
        pseudo_siamese.grad_h1(**values)


def test_the_errors_claimed_are_kept():
    """The docstrings' errors hold against the same formulas in extended precision."""
    values = sample(20, 20, 20, 20, seed=6)
    v = {name: value.astype(np.longdouble) for name, value in values.items()}
    h_1 = 1 / (1 + np.exp(-v["W_1"] @ v["x"] - v["b_1"]))
    z_2 = v["W_2"] @ v["x"] + v["b_2"]
    powers = np.exp(v["W_3"] @ (h_1 + np.maximum(z_2, 0)) + v["b_3"])
    y_hat = powers / powers.sum(axis=0)
    g = v["W_3"].T @ (y_hat - v["y"])
    by_x = v["W_1"].T @ (g * h_1 * (1 - h_1)) + v["W_2"].T @ (g * (z_2 > 0))
    assert abs(pseudo_siamese.loss(**values) + np.log(y_hat[v["y"] == 1]).sum()) < 1e-13
    assert abs(pseudo_siamese.grad_h1(**values) - g).max() < 1e-13
    assert abs(pseudo_siamese.grad_x(**values) - by_x).max() < 1e-13
