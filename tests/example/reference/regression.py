"""Linear and ridge regression by the normal equations."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def design(x: npt.ArrayLike) -> Array:
    """Return the matrix with a column of ones before the inputs.

    Shapes:   x (n,) -> (n, 2)
    """
    x = np.asarray(x, dtype=np.float64)
    return np.column_stack([np.ones(len(x)), x])


def weights(*, x: npt.ArrayLike, y: npt.ArrayLike, lambda_: float = 0.0) -> Array:
    """Return (XᵀX + λI)⁻¹Xᵀy for the matrix with a column of ones.

    Shapes:   x (n,), y (n,) -> (2,)
    """
    return ridge(X=design(x), y=y, lambda_=lambda_)


def weights_without_ones(*, x: npt.ArrayLike, y: npt.ArrayLike, lambda_: float = 0.0) -> Array:
    """Return the line through the origin: the column of ones was forgotten."""
    return np.array([0.0, np.dot(x, y) / (np.dot(x, x) + lambda_)])


def weights_exchanged(*, x: npt.ArrayLike, y: npt.ArrayLike, lambda_: float = 0.0) -> Array:
    """Return slope and intercept, in this order."""
    return weights(x=x, y=y, lambda_=lambda_)[::-1]


def weights_subtracted(*, x: npt.ArrayLike, y: npt.ArrayLike, lambda_: float) -> Array:
    """Return the weights for -λ."""
    return weights(x=x, y=y, lambda_=-lambda_)


def ridge(*, X: npt.ArrayLike, y: npt.ArrayLike, lambda_: float = 0.0) -> Array:
    """Return (XᵀX + λI)⁻¹Xᵀy.

    Shapes:   X (n, d), y (n,) or (n, 1) -> that of Xᵀy
    """
    X, y = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
    return np.linalg.solve(X.T @ X + lambda_ * np.eye(X.shape[1]), X.T @ y)


def ridge_code(
    *, X: Array, y: Array, lam: float, penalty: float = 1.0, per_sample: bool = False
) -> Array:
    """Return what a student's `ridge(X, y, lam)` should; its slips have arguments of their own."""
    scale = len(y) if per_sample else 1.0
    return ridge(X=X, y=y, lambda_=penalty * lam * scale)


def ridge_cases() -> list[dict[str, Any]]:
    """Return inputs for a student's function."""
    rng = np.random.default_rng(7)
    return [
        {"X": rng.normal(size=(n, d)), "y": rng.normal(size=n), "lam": lam}
        for n, d, lam in ((4, 2, 0.5), (9, 3, 2.0), (5, 1, 1.0))
    ]
