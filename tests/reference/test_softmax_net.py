"""The softmax network's gradients, against autograd, differences and index notation."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from reference import softmax_net

# The first call of a library is slow, and no fact about the values
unhurried = settings(deadline=None, max_examples=50)

# name, the same in torch, its derivative where the name does not say it
ACTIVATIONS = {
    "sigmoid": ("sigmoid", torch.sigmoid, None),
    "tanh": ("tanh", torch.tanh, None),
    "relu": ("relu", torch.relu, None),
    "identity": ("identity", lambda net: net, None),
    "sine": (np.sin, torch.sin, np.cos),
    "softplus": (
        lambda net: np.logaddexp(0, net),
        F.softplus,
        lambda net: 1 / (1 + np.exp(-net)),
    ),
}


def sample(d=3, q=4, c=5, N=6, seed=0):
    draw = np.random.default_rng(seed)
    return {
        "X": draw.normal(size=(d, N)),
        "T": np.eye(c)[:, draw.integers(0, c, size=N)],
        "W_1": draw.normal(size=(q, d)),
        "W_2": draw.normal(size=(c, q)),
        "b_1": draw.normal(size=(q, 1)),
        "b_2": draw.normal(size=(c, 1)),
    }


def by_autograd(loss, name, values):
    tensors = {key: torch.tensor(value, requires_grad=key == name) for key, value in values.items()}
    loss(**tensors).backward()
    return tensors[name].grad.numpy()


def torch_loss(f, reduction="sum"):
    def loss(X, T, W_1, W_2, b_1, b_2):
        scores = W_2 @ f(W_1 @ X + b_1) + b_2
        return F.cross_entropy(scores.T, T.T, reduction=reduction)

    return loss


samples = st.builds(
    sample,
    st.integers(1, 4),
    st.integers(1, 4),
    st.integers(2, 4),
    st.integers(1, 5),
    st.integers(0, 2**32 - 1),
)


@pytest.mark.parametrize("name", ACTIVATIONS)
@given(values=samples)
@unhurried
def test_autograd_finds_both_gradients(name, values):
    """(Z - T) Hᵀ and [W_2ᵀ(Z - T) ⊙ f'(net)] Xᵀ hold for every activation."""
    f, torch_f, slope = ACTIVATIONS[name]
    loss = torch_loss(torch_f)
    got = softmax_net.hidden_output(**values, f=f)
    assert got == pytest.approx(by_autograd(loss, "W_2", values), abs=1e-12)
    got = softmax_net.input_hidden(**values, f=f, f_prime=slope)
    assert got == pytest.approx(by_autograd(loss, "W_1", values), abs=1e-12)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_loss_is_torchs_cross_entropy(name):
    """J is the summed cross-entropy of softmax, J/N the averaged one."""
    f, torch_f, _ = ACTIVATIONS[name]
    values = sample()
    tensors = {key: torch.tensor(value) for key, value in values.items()}
    assert softmax_net.loss(**values, f=f) == pytest.approx(torch_loss(torch_f)(**tensors).item())
    mean = torch_loss(torch_f, "mean")(**tensors)
    assert softmax_net.loss(**values, f=f, mean=True) == pytest.approx(mean.item())


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu", "identity"])
def test_the_loss_itself_can_be_differentiated(name):
    """Given tensors, the reference loss yields the reference gradients through autograd."""
    values = sample()

    def loss(**tensors):
        return softmax_net.loss(**tensors, f=name)

    assert softmax_net.hidden_output(**values, f=name) == pytest.approx(
        by_autograd(loss, "W_2", values)
    )
    assert softmax_net.input_hidden(**values, f=name) == pytest.approx(
        by_autograd(loss, "W_1", values)
    )


@pytest.mark.parametrize(("name", "gradient"), [("W_2", "hidden_output"), ("W_1", "input_hidden")])
def test_central_differences_find_both_gradients(name, gradient):
    """Two evaluations of the loss a small step apart give each entry."""
    values, step = sample(), 1e-5
    got = getattr(softmax_net, gradient)(**values, f="tanh")
    for place in np.ndindex(got.shape):
        up, down = values[name].copy(), values[name].copy()
        up[place] += step
        down[place] -= step
        rise = softmax_net.loss(**values | {name: up}, f="tanh") - softmax_net.loss(
            **values | {name: down}, f="tanh"
        )
        assert got[place] == pytest.approx(rise / (2 * step), abs=1e-7)


def test_index_notation_says_the_same():
    """Σ_i (z_ik - t_ik) h_ij and Σ_i [Σ_k (z_ik - t_ik) w_kj] f'(net_ij) x_il, entry by entry."""
    values = sample()
    out = softmax_net.outputs(**{name: values[name] for name in values if name != "T"}, f="tanh")
    delta, H, X = out["Z"] - values["T"], out["H"], values["X"]
    for k in range(5):
        for j in range(4):
            entry = sum(delta[k, i] * H[j, i] for i in range(6))
            assert softmax_net.hidden_output(**values, f="tanh")[k, j] == pytest.approx(entry)
    for j in range(4):
        for m in range(3):
            entry = sum(
                sum(delta[k, i] * values["W_2"][k, j] for k in range(5))
                * (1 - H[j, i] ** 2)
                * X[m, i]
                for i in range(6)
            )
            assert softmax_net.input_hidden(**values, f="tanh")[j, m] == pytest.approx(entry)


def test_the_loss_is_the_negative_log_likelihood():
    """-ln of the product of the true classes' probabilities is J."""
    values = sample()
    Z = softmax_net.outputs(**{name: values[name] for name in values if name != "T"})["Z"]
    likelihood = math.prod(Z[values["T"][:, i].argmax(), i] for i in range(6))
    assert softmax_net.loss(**values) == pytest.approx(-math.log(likelihood))


def test_the_outputs_are_probabilities():
    """Z is what softmax puts out, one column a sample; torch makes the same."""
    values = sample()
    del values["T"]
    out = softmax_net.outputs(**values)
    assert out["Z"].sum(axis=0) == pytest.approx(np.ones(6))
    scores = torch.tensor(values["W_2"] @ out["H"] + values["b_2"])
    assert out["Z"] == pytest.approx(torch.softmax(scores, 0).numpy())
    assert out["H"] == pytest.approx(torch.sigmoid(torch.tensor(out["net"])).numpy())


def test_the_mean_carries_through():
    """With 1/N in the objective, 1/N stands in both gradients."""
    values = sample()
    for gradient in (softmax_net.hidden_output, softmax_net.input_hidden):
        assert gradient(**values, mean=True) == pytest.approx(gradient(**values) / 6)


def test_large_weights_do_no_harm():
    """Saturated units and a hopeless prediction give finite numbers, without a warning."""
    values = sample()
    values |= {"W_1": 1e3 * values["W_1"], "W_2": 1e3 * values["W_2"]}
    for f in ("sigmoid", "tanh", "relu"):
        assert np.isfinite(softmax_net.loss(**values, f=f))
        assert np.isfinite(softmax_net.input_hidden(**values, f=f)).all()


def test_the_errors_claimed_are_kept():
    """The docstrings' errors hold against the same formulas in extended precision."""
    values = sample(20, 20, 20, 20, seed=3)
    X, T, U, b_1, b_2 = (
        values[name].astype(np.longdouble) for name in ("X", "T", "W_2", "b_1", "b_2")
    )
    net = values["W_1"].astype(np.longdouble) @ X + b_1
    H = np.tanh(net)
    powers = np.exp(U @ H + b_2)
    Z = powers / powers.sum(axis=0)
    loss = -np.log(Z[T == 1]).sum()
    assert abs(softmax_net.loss(**values, f="tanh") - loss) < 1e-13
    got = softmax_net.hidden_output(**values, f="tanh")
    assert abs(got - (Z - T) @ H.T).max() < 1e-13
    got = softmax_net.input_hidden(**values, f="tanh")
    assert abs(got - ((U.T @ (Z - T)) * (1 - H**2)) @ X.T).max() < 1e-13


def test_an_activation_that_is_not_known_is_refused():
    """A name is known, or the function comes with its derivative."""
    with pytest.raises(ValueError, match="'gelu'"):
        softmax_net.loss(**sample(), f="gelu")
    with pytest.raises(ValueError, match="f_prime"):
        softmax_net.input_hidden(**sample(), f=np.sin)
