"""Logistic regression on m samples: the loss that is summed over them, and its gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

Array: TypeAlias = "npt.NDArray[np.float64]"


def loss(*, W: Any, b: Any, x: Any, y: Any) -> Any:
    """Return L = -Σ_i [y_i ln ŷ_i + (1-y_i) ln(1-ŷ_i)] with ŷ = σ(Wx + b); no 1/m.

    Computed as Σ ln(1 + e^z) - y z, which is finite for every z. Tensors are taken as well, so
    that torch can differentiate it.

    Shapes:   W (1, n), b (1, 1), x (n, m), y (1, m) -> scalar
    Units:    nats
    Error:    relative to Σ (|z_i| + ln 2), under 2e-15 (measured, n <= 20, m <= 50)
    Source:   Bishop 2006, section 4.3.2, equation 4.90
    Checked:  50 digits by mpmath, torch.nn.functional.binary_cross_entropy_with_logits
    """
    library = _library(W)
    if library is np:
        W, b, x, y = (np.asarray(value, dtype=np.float64) for value in (W, b, x, y))
    z = W @ x + b  # (1, m)
    total = (library.logaddexp(library.zeros_like(z), z) - y * z).sum()
    return float(total) if library is np else total


def predictions(*, W: npt.ArrayLike, b: npt.ArrayLike, x: npt.ArrayLike) -> Array:
    """Return ŷ = σ(Wx + b).

    Shapes:   W (1, n), b (1, 1), x (n, m) -> (1, m)
    Units:    probability
    Error:    relative, under 2e-14 for |z| <= 30 (measured, n <= 20)
    Source:   Bishop 2006, section 4.3.2, equation 4.87
    Checked:  50 digits by mpmath, torch.sigmoid
    """
    W, b, x = (np.asarray(value, dtype=np.float64) for value in (W, b, x))
    z = W @ x + b
    return np.asarray(np.exp(-np.logaddexp(0, -z)))  # overflows for no z


def grad_W(*, W: npt.ArrayLike, b: npt.ArrayLike, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
    """Return dL/dW = (ŷ - y) xᵀ.

    Shapes:   W (1, n), b (1, 1), x (n, m), y (1, m) -> (1, n)
    Units:    nats per unit of W
    Error:    absolute, under 1e-14 for entries of order 1 (measured, n <= 20, m <= 50)
    Source:   Bishop 2006, section 4.3.2, equation 4.91
    Checked:  torch.autograd, central differences, SymPy for n = 2, m = 2
    """
    return _delta(W, b, x, y) @ np.asarray(x, dtype=np.float64).T


def grad_b(*, W: npt.ArrayLike, b: npt.ArrayLike, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
    """Return dL/db = Σ_i (ŷ_i - y_i).

    Shapes:   W (1, n), b (1, 1), x (n, m), y (1, m) -> (1, 1)
    Units:    nats per unit of b
    Error:    absolute, under 1e-14 for entries of order 1 (measured, n <= 20, m <= 50)
    Source:   Bishop 2006, section 4.3.2, equation 4.91 with the feature 1
    Checked:  torch.autograd, central differences, SymPy for n = 2, m = 2
    """
    return np.asarray(_delta(W, b, x, y).sum(axis=1, keepdims=True))


def cases() -> list[dict[str, Array]]:
    """Return arguments for `grad_W`, for answers that come as code: three networks and their data.

    Shapes:   W (1, n), b (1, 1), x (n, m), y (1, m) for (n, m) = (3, 5), (1, 4) and (4, 1)
    Units:    none
    Error:    none, drawn from a fixed seed
    Source:   a choice of the course
    Checked:  the shapes, and that both labels occur
    """
    draw = np.random.default_rng(7)
    return [
        {
            "W": draw.normal(size=(1, n)),
            "b": draw.normal(size=(1, 1)),
            "x": draw.normal(size=(n, m)),
            "y": (np.arange(m)[None, :] % 2).astype(np.float64),
        }
        for n, m in ((3, 5), (1, 4), (4, 1))
    ]


# What follows are slips, for answers that come as code. All take what `grad_W` takes.


def stopped_at_z(
    *, W: npt.ArrayLike, b: npt.ArrayLike, x: npt.ArrayLike, y: npt.ArrayLike
) -> Array:
    """Return dL/dz = ŷ - y: the chain rule ended before W.

    Shapes:   W (1, n), b (1, 1), x (n, m), y (1, m) -> (1, m)
    Units:    nats per unit of z
    Error:    absolute, under 1e-14 for entries of order 1 (measured, n <= 20, m <= 50)
    Source:   a slip; right for dL/dz
    Checked:  torch.autograd with respect to z
    """
    return _delta(W, b, x, y)


def opposite_sign(
    *, W: npt.ArrayLike, b: npt.ArrayLike, x: npt.ArrayLike, y: npt.ArrayLike
) -> Array:
    """Return (y - ŷ) xᵀ, the direction of descent.

    Shapes:   W (1, n), b (1, 1), x (n, m), y (1, m) -> (1, n)
    Units:    nats per unit of W
    Error:    as `grad_W`
    Source:   a slip, not a definition
    Checked:  torch.autograd of -L
    """
    return -grad_W(W=W, b=b, x=x, y=y)


def mean_gradient(
    *, W: npt.ArrayLike, b: npt.ArrayLike, x: npt.ArrayLike, y: npt.ArrayLike
) -> Array:
    """Return (1/m) (ŷ - y) xᵀ, the gradient of the averaged loss.

    Shapes:   W (1, n), b (1, 1), x (n, m), y (1, m) -> (1, n)
    Units:    nats per unit of W and sample
    Error:    as `grad_W`
    Source:   a habit; right for L/m
    Checked:  torch.autograd of L/m
    """
    return np.asarray(grad_W(W=W, b=b, x=x, y=y) / np.shape(x)[1])


def squared_error_habit(
    *, W: npt.ArrayLike, b: npt.ArrayLike, x: npt.ArrayLike, y: npt.ArrayLike
) -> Array:
    """Return (ŷ - y) ŷ (1-ŷ) xᵀ, the gradient of half the squared error.

    Shapes:   W (1, n), b (1, 1), x (n, m), y (1, m) -> (1, n)
    Units:    those of the squared error, per unit of W
    Error:    as `grad_W`
    Source:   a slip; right for ½ ‖ŷ - y‖²
    Checked:  torch.autograd of ½ ‖ŷ - y‖²
    """
    y_hat = predictions(W=W, b=b, x=x)
    return _times_x(_delta(W, b, x, y) * y_hat * (1 - y_hat), x)


def sigmoid_derivative_forgotten(
    *, W: npt.ArrayLike, b: npt.ArrayLike, x: npt.ArrayLike, y: npt.ArrayLike
) -> Array:
    """Return (-y/ŷ + (1-y)/(1-ŷ)) xᵀ: dL/dŷ multiplied by dz/dW, without σ'.

    Shapes:   W (1, n), b (1, 1), x (n, m), y (1, m) -> (1, n)
    Units:    nats per unit of W
    Error:    relative to the largest |dL/dŷ|, under 1e-13 for |z| <= 6 (measured)
    Source:   a slip, not a definition
    Checked:  torch.autograd with respect to ŷ
    """
    y_hat, labels = predictions(W=W, b=b, x=x), np.asarray(y, dtype=np.float64)
    return _times_x(-labels / y_hat + (1 - labels) / (1 - y_hat), x)


def second_term_dropped(
    *, W: npt.ArrayLike, b: npt.ArrayLike, x: npt.ArrayLike, y: npt.ArrayLike
) -> Array:
    """Return -y (1-ŷ) xᵀ, the gradient of the first term of L alone.

    Shapes:   W (1, n), b (1, 1), x (n, m), y (1, m) -> (1, n)
    Units:    nats per unit of W
    Error:    as `grad_W`
    Source:   a slip; right for -Σ y ln ŷ
    Checked:  torch.autograd of the first term
    """
    y_hat, labels = predictions(W=W, b=b, x=x), np.asarray(y, dtype=np.float64)
    return _times_x(-labels * (1 - y_hat), x)


def differentiated_by_x(
    *, W: npt.ArrayLike, b: npt.ArrayLike, x: npt.ArrayLike, y: npt.ArrayLike
) -> Array:
    """Return Wᵀ (ŷ - y), the gradient with respect to x.

    Shapes:   W (1, n), b (1, 1), x (n, m), y (1, m) -> (n, m)
    Units:    nats per unit of x
    Error:    as `grad_W`
    Source:   a slip; right for dL/dx
    Checked:  torch.autograd with respect to x
    """
    return np.asarray(W, dtype=np.float64).T @ _delta(W, b, x, y)


def printed_without_parentheses(
    *, W: npt.ArrayLike, b: npt.ArrayLike, x: npt.ArrayLike, y: npt.ArrayLike
) -> Array:
    """Return -(y + ŷ - 2yŷ) xᵀ: the minus before the sum applied to its first term only.

    Shapes:   W (1, n), b (1, 1), x (n, m), y (1, m) -> (1, n)
    Units:    nats per unit of W
    Error:    as `grad_W`
    Source:   a literal reading of a formula without parentheses, which nobody means
    Checked:  torch.autograd of -Σ y ln ŷ + Σ (1-y) ln(1-ŷ)
    """
    y_hat, labels = predictions(W=W, b=b, x=x), np.asarray(y, dtype=np.float64)
    return _times_x(-(labels + y_hat - 2 * labels * y_hat), x)


def _delta(W: npt.ArrayLike, b: npt.ArrayLike, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
    return predictions(W=W, b=b, x=x) - np.asarray(y, dtype=np.float64)  # (1, m)


def _times_x(row: Array, x: npt.ArrayLike) -> Array:
    return row @ np.asarray(x, dtype=np.float64).T


def _library(value: Any) -> Any:
    if hasattr(value, "requires_grad"):
        import torch

        return torch
    return np
