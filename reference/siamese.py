"""A Siamese network with one shared layer: loss, gradients, updates, and what it has to learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

Array: TypeAlias = "npt.NDArray[np.float64]"


def loss(*, W: Any, b: Any, x_1: Any, x_2: Any, lambda_: Any) -> Any:
    """Return J = ½‖h_1 - h_2‖² + (λ/2)‖W‖² with h_i = σ(W x_i + b).

    Tensors are taken as well, so that torch can differentiate it.

    Shapes:   W (m, n), b (m, 1), x_1 and x_2 (n, 1), lambda_ scalar -> scalar
    Units:    none
    Error:    absolute, under 1e-13 (measured, sizes <= 20, entries of order 1)
    Source:   Bromley et al. 1993 (the architecture); the objective is the assignment's
    Checked:  50 digits by mpmath, torch.norm of torch.sigmoid
    """
    library = _library(W)
    if library is np:
        W, b, x_1, x_2 = (np.asarray(value, dtype=np.float64) for value in (W, b, x_1, x_2))
    difference = _sigmoid(W @ x_1 + b, library) - _sigmoid(W @ x_2 + b, library)
    total = (difference**2).sum() / 2 + lambda_ / 2 * (W**2).sum()
    return float(total) if library is np else total


def grad_W(
    *,
    W: npt.ArrayLike,
    b: npt.ArrayLike,
    x_1: npt.ArrayLike,
    x_2: npt.ArrayLike,
    lambda_: float,
) -> Array:
    """Return dJ/dW = δ_1 x_1ᵀ - δ_2 x_2ᵀ + λW with δ_i = (h_1 - h_2) ⊙ h_i ⊙ (1 - h_i).

    Shapes:   W (m, n), b (m, 1), x_1 and x_2 (n, 1), lambda_ scalar -> (m, n)
    Units:    of J per unit of W
    Error:    absolute, under 2e-15 for entries of order 1 (measured, sizes <= 20)
    Source:   Goodfellow, Bengio and Courville 2016, sections 6.5 and 7.1.1
    Checked:  torch.autograd, central differences
    """
    first, second = _deltas(W, b, x_1, x_2)
    left, right, weights = (np.asarray(value, dtype=np.float64) for value in (x_1, x_2, W))
    return first @ left.T + second @ right.T + lambda_ * weights


def grad_b(*, W: npt.ArrayLike, b: npt.ArrayLike, x_1: npt.ArrayLike, x_2: npt.ArrayLike) -> Array:
    """Return dJ/db = δ_1 - δ_2; the regularisation does not reach b.

    Shapes:   W (m, n), b (m, 1), x_1 and x_2 (n, 1) -> (m, 1)
    Units:    of J per unit of b
    Error:    absolute, under 2e-15 for entries of order 1 (measured, sizes <= 20)
    Source:   Goodfellow, Bengio and Courville 2016, sections 6.5 and 7.1
    Checked:  torch.autograd, central differences
    """
    first, second = _deltas(W, b, x_1, x_2)
    return first + second


def update_W(
    *,
    W: npt.ArrayLike,
    b: npt.ArrayLike,
    x_1: npt.ArrayLike,
    x_2: npt.ArrayLike,
    lambda_: float,
    alpha: float,
) -> Array:
    """Return W - α dJ/dW, the weights after one step of gradient descent.

    Shapes:   W (m, n), b (m, 1), x_1 and x_2 (n, 1), lambda_ and alpha scalar -> (m, n)
    Units:    those of W
    Error:    absolute, under 2e-15 for entries of order 1 (measured, sizes <= 20)
    Source:   Goodfellow, Bengio and Courville 2016, section 4.3
    Checked:  one step of torch.optim.SGD
    """
    step = alpha * grad_W(W=W, b=b, x_1=x_1, x_2=x_2, lambda_=lambda_)
    return np.asarray(W, dtype=np.float64) - step


def update_b(
    *,
    W: npt.ArrayLike,
    b: npt.ArrayLike,
    x_1: npt.ArrayLike,
    x_2: npt.ArrayLike,
    alpha: float,
) -> Array:
    """Return b - α dJ/db, taken at the weights before the step.

    Shapes:   W (m, n), b (m, 1), x_1 and x_2 (n, 1), alpha scalar -> (m, 1)
    Units:    those of b
    Error:    absolute, under 2e-15 for entries of order 1 (measured, sizes <= 20)
    Source:   Goodfellow, Bengio and Courville 2016, section 4.3
    Checked:  one step of torch.optim.SGD
    """
    step = alpha * grad_b(W=W, b=b, x_1=x_1, x_2=x_2)
    return np.asarray(b, dtype=np.float64) - step


def parameters(*, m: int, n: int) -> int:
    """Return mn + m: both branches learn the same W (m, n) and b (m, 1).

    Shapes:   m, n scalar -> scalar
    Units:    parameters
    Error:    exact integer
    Source:   Bromley et al. 1993 (the weights are shared)
    Checked:  a torch.nn.Linear on the meta device
    """
    return m * n + m


# What follows are slips in counting. All take what `parameters` takes.


def bias_not_counted(*, m: int, n: int) -> int:
    """Return mn.

    Shapes:   m, n scalar -> scalar
    Units:    parameters
    Error:    exact integer
    Source:   a slip, not a definition
    Checked:  a torch.nn.Linear without bias on the meta device
    """
    return m * n


def branches_not_shared(*, m: int, n: int) -> int:
    """Return 2(mn + m): each branch given weights of its own.

    Shapes:   m, n scalar -> scalar
    Units:    parameters
    Error:    exact integer
    Source:   a slip, not a definition
    Checked:  two torch.nn.Linear on the meta device
    """
    return 2 * parameters(m=m, n=n)


def weights_doubled(*, m: int, n: int) -> int:
    """Return 2mn + m: the weights counted for each branch, the bias once.

    Shapes:   m, n scalar -> scalar
    Units:    parameters
    Error:    exact integer
    Source:   a slip, not a definition
    Checked:  by hand
    """
    return 2 * m * n + m


def biases_doubled(*, m: int, n: int) -> int:
    """Return mn + 2m: the bias counted for each branch, the weights once.

    Shapes:   m, n scalar -> scalar
    Units:    parameters
    Error:    exact integer
    Source:   a slip, not a definition
    Checked:  by hand
    """
    return m * n + 2 * m


def hyperparameters_counted(*, m: int, n: int, extra: int = 1) -> int:
    """Return mn + m + extra: λ, or λ and α, counted as if they were learned.

    Shapes:   m, n, extra scalar -> scalar
    Units:    parameters
    Error:    exact integer
    Source:   a slip, not a definition
    Checked:  by hand
    """
    return parameters(m=m, n=n) + extra


def bias_per_input(*, m: int, n: int) -> int:
    """Return mn + n: a bias as long as the input.

    Shapes:   m, n scalar -> scalar
    Units:    parameters
    Error:    exact integer
    Source:   a slip, not a definition
    Checked:  by hand
    """
    return m * n + n


def dimensions_added(*, m: int, n: int) -> int:
    """Return m + n + m: the sides of W and b added up, where W's are to be multiplied.

    Shapes:   m, n scalar -> scalar
    Units:    parameters
    Error:    exact integer
    Source:   a slip, not a definition
    Checked:  by hand
    """
    return m + n + m


class _Deltas(NamedTuple):
    first: Array
    second: Array


def _deltas(W: npt.ArrayLike, b: npt.ArrayLike, x_1: npt.ArrayLike, x_2: npt.ArrayLike) -> _Deltas:
    W, b, x_1, x_2 = (np.asarray(value, dtype=np.float64) for value in (W, b, x_1, x_2))
    net_1, net_2 = W @ x_1 + b, W @ x_2 + b  # (m, 1)
    difference = np.asarray(_sigmoid(net_1, np) - _sigmoid(net_2, np))
    return _Deltas(difference * _sigmoid_slope(net_1), -difference * _sigmoid_slope(net_2))


def _sigmoid(z: Any, library: Any) -> Any:
    return library.exp(-library.logaddexp(library.zeros_like(z), -z))  # overflows for no z


def _sigmoid_slope(z: Array) -> Array:
    return np.asarray(np.exp(-np.logaddexp(0, -z) - np.logaddexp(0, z)))


def _library(value: Any) -> Any:
    if hasattr(value, "requires_grad"):
        import torch

        return torch
    return np
