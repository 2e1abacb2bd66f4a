"""A sigmoid and a ReLU branch on one input, added before a softmax layer: loss and gradients.

Each branch has its own W_1, W_2; where both are to share one W, it is given in their place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

Array: TypeAlias = "npt.NDArray[np.float64]"


def loss(
    *,
    x: Any,
    y: Any,
    W_3: Any,
    b_1: Any,
    b_2: Any,
    b_3: Any,
    W_1: Any = None,
    W_2: Any = None,
    W: Any = None,
    mean: bool = False,
) -> Any:
    """Return J = -Σ_j Σ_i y_ij ln ŷ_ij over the examples j, or J/N with `mean`.

    h_1 = σ(W_1 x + b_1), h_2 = ReLU(W_2 x + b_2), ŷ = softmax(W_3 (h_1 + h_2) + b_3).
    Tensors are taken as well, so that torch can differentiate it.

    Shapes:   x (n, N), y (k, N), W_1, W_2, W (m, n), W_3 (k, m), b_1, b_2 (m, 1), b_3 (k, 1)
              -> scalar
    Units:    nats
    Error:    absolute, under 1e-13 (measured, sizes <= 20, entries of order 1)
    Source:   Goodfellow, Bengio and Courville 2016, sections 6.2.2.3, 6.3.1 and 6.3.2
    Checked:  torch.nn.functional.cross_entropy on torch.sigmoid and torch.relu
    """
    W_1, W_2 = _branch_weights(W_1, W_2, W)
    library = _library(W_3)
    if library is np:
        x, b_1, b_2, W_1, W_2 = (
            np.asarray(value, dtype=np.float64) for value in (x, b_1, b_2, W_1, W_2)
        )
    z_1, z_2 = W_1 @ x + b_1, W_2 @ x + b_2  # (m, N)
    h_1 = library.exp(-library.logaddexp(library.zeros_like(z_1), -z_1))
    h_2 = library.where(z_2 > 0, z_2, library.zeros_like(z_2))
    return output_loss(h_1=h_1, h_2=h_2, y=y, W_3=W_3, b_3=b_3, mean=mean)


def output_loss(*, h_1: Any, h_2: Any, y: Any, W_3: Any, b_3: Any, mean: bool = False) -> Any:
    """Return J as a function of the hidden values: what h_1 and h_2 are differentiated in.

    Shapes:   h_1, h_2 (m, N), y (k, N), W_3 (k, m), b_3 (k, 1) -> scalar
    Units:    nats
    Error:    absolute, under 1e-13 (measured, sizes <= 20, entries of order 1)
    Source:   Goodfellow, Bengio and Courville 2016, section 6.2.2.3
    Checked:  torch.nn.functional.cross_entropy
    """
    library = _library(W_3)
    if library is np:
        h_1, h_2, y, W_3, b_3 = (
            np.asarray(value, dtype=np.float64) for value in (h_1, h_2, y, W_3, b_3)
        )
    a = W_3 @ (h_1 + h_2) + b_3  # (k, N)
    shifted = a - library.amax(a, axis=0, keepdims=True)
    log_y_hat = shifted - library.log(library.exp(shifted).sum(axis=0, keepdims=True))
    total = -(y * log_y_hat).sum() / (y.shape[1] if mean else 1)
    return float(total) if library is np else total


def grad_h1(
    *,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    W_3: npt.ArrayLike,
    b_1: npt.ArrayLike,
    b_2: npt.ArrayLike,
    b_3: npt.ArrayLike,
    W_1: npt.ArrayLike | None = None,
    W_2: npt.ArrayLike | None = None,
    W: npt.ArrayLike | None = None,
    mean: bool = False,
) -> Array:
    """Return dJ/dh_1 = W_3ᵀ (ŷ - y), example by example; over N with `mean`.

    Shapes:   as `loss` -> (m, N)
    Units:    nats per unit of h_1
    Error:    absolute, under 1e-13 for entries of order 1 (measured, sizes <= 20)
    Source:   Goodfellow, Bengio and Courville 2016, sections 6.2.2.3 and 6.5
    Checked:  torch.autograd, central differences
    """
    state = _forward(x, _branch_weights(W_1, W_2, W), W_3, b_1, b_2, b_3)
    return _grad_hidden(state, y, W_3, mean)


def grad_h2(
    *,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    W_3: npt.ArrayLike,
    b_1: npt.ArrayLike,
    b_2: npt.ArrayLike,
    b_3: npt.ArrayLike,
    W_1: npt.ArrayLike | None = None,
    W_2: npt.ArrayLike | None = None,
    W: npt.ArrayLike | None = None,
    mean: bool = False,
) -> Array:
    """Return dJ/dh_2, equal to dJ/dh_1 because only the sum h_1 + h_2 goes on.

    Shapes:   as `loss` -> (m, N)
    Units:    nats per unit of h_2
    Error:    absolute, under 1e-13 for entries of order 1 (measured, sizes <= 20)
    Source:   Goodfellow, Bengio and Courville 2016, sections 6.2.2.3 and 6.5
    Checked:  torch.autograd, central differences
    """
    state = _forward(x, _branch_weights(W_1, W_2, W), W_3, b_1, b_2, b_3)
    return _grad_hidden(state, y, W_3, mean)


def grad_x(
    *,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    W_3: npt.ArrayLike,
    b_1: npt.ArrayLike,
    b_2: npt.ArrayLike,
    b_3: npt.ArrayLike,
    W_1: npt.ArrayLike | None = None,
    W_2: npt.ArrayLike | None = None,
    W: npt.ArrayLike | None = None,
    mean: bool = False,
) -> Array:
    """Return dJ/dx = W_1ᵀ[g ⊙ h_1 ⊙ (1 - h_1)] + W_2ᵀ[g ⊙ 1{z_2 > 0}] with g = dJ/dh_1.

    Shapes:   as `loss` -> (n, N)
    Units:    nats per unit of x
    Error:    absolute, under 1e-13 for entries of order 1 (measured, sizes <= 20)
    Source:   Goodfellow, Bengio and Courville 2016, section 6.5
    Checked:  torch.autograd, central differences
    """
    branches = _branch_weights(W_1, W_2, W)
    state = _forward(x, branches, W_3, b_1, b_2, b_3)
    g = _grad_hidden(state, y, W_3, mean)
    sigmoid_weights, relu_weights = (np.asarray(side, dtype=np.float64) for side in branches)
    slope_1 = np.exp(-np.logaddexp(0, -state.z_1) - np.logaddexp(0, state.z_1))
    slope_2 = (state.z_2 > 0).astype(np.float64)  # 0 at the corner, as torch has it
    return np.asarray(sigmoid_weights.T @ (g * slope_1) + relu_weights.T @ (g * slope_2))


class _State(NamedTuple):
    z_1: Array
    z_2: Array
    y_hat: Array


def _branch_weights(W_1: Any, W_2: Any, W: Any) -> tuple[Any, Any]:
    if (W is None) == (W_1 is None) or (W_1 is None) != (W_2 is None):
        raise ValueError("the branches take W_1 and W_2, or one shared W")
    return (W_1, W_2) if W is None else (W, W)


def _forward(
    x: npt.ArrayLike,
    branches: tuple[Any, Any],
    W_3: npt.ArrayLike,
    b_1: npt.ArrayLike,
    b_2: npt.ArrayLike,
    b_3: npt.ArrayLike,
) -> _State:
    x, W_1, W_2, W_3, b_1, b_2, b_3 = (
        np.asarray(value, dtype=np.float64) for value in (x, *branches, W_3, b_1, b_2, b_3)
    )
    z_1, z_2 = W_1 @ x + b_1, W_2 @ x + b_2  # (m, N)
    a = W_3 @ (np.exp(-np.logaddexp(0, -z_1)) + np.maximum(z_2, 0)) + b_3  # (k, N)
    powers = np.exp(a - a.max(axis=0, keepdims=True))
    return _State(z_1, z_2, np.asarray(powers / powers.sum(axis=0, keepdims=True)))


def _grad_hidden(state: _State, y: npt.ArrayLike, W_3: npt.ArrayLike, mean: bool) -> Array:
    labels, output_weights = (np.asarray(value, dtype=np.float64) for value in (y, W_3))
    delta = (state.y_hat - labels) / (labels.shape[1] if mean else 1)  # (k, N)
    return np.asarray(output_weights.T @ delta)


def _library(value: Any) -> Any:
    if hasattr(value, "requires_grad"):
        import torch

        return torch
    return np
