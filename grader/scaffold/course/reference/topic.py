"""Right answers of the quiz: a straight line through a few points, by least squares.

Each function takes what a question has under `given`, by name, and returns a plain value.
The same arguments give the same value: what is random has a fixed seed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def mean_squared_error(*, y: npt.ArrayLike, y_hat: npt.ArrayLike) -> float:
    """Return the mean of the squared errors."""
    return float(np.mean(np.square(np.subtract(y, y_hat))))


def mean_error(*, y: npt.ArrayLike, y_hat: npt.ArrayLike) -> float:
    """Return the mean of the absolute errors, which is what some answer instead."""
    return float(np.mean(np.abs(np.subtract(y, y_hat))))


def fit(*, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
    """Return intercept and slope of the least-squares line.

    Shapes:   x (n,), y (n,) -> (2,)
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    X = np.column_stack([np.ones(len(x)), x])  # (n, 2)
    return np.linalg.solve(X.T @ X, X.T @ y)


def fit_through_origin(*, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
    """Return a line without intercept: the column of ones was forgotten."""
    return np.array([0.0, np.dot(x, y) / np.dot(x, x)])


def residuals(*, x: npt.ArrayLike, y: npt.ArrayLike) -> dict[str, float]:
    """Return y - ŷ at each point of the least-squares line, by the name of the point."""
    b, a = fit(x=x, y=y)
    left = np.subtract(y, a * np.asarray(x, float) + b)
    return {f"point {i + 1}": round(float(r), 9) for i, r in enumerate(left)}


def turned_residuals(*, x: npt.ArrayLike, y: npt.ArrayLike) -> dict[str, float]:
    """Return ŷ - y in place of y - ŷ."""
    return {name: -value for name, value in residuals(x=x, y=y).items()}


def pairs() -> list[dict[str, Any]]:
    """Return the arguments that a student's function is called with."""
    rng = np.random.default_rng(0)
    return [{"y": rng.normal(size=n), "y_hat": rng.normal(size=n)} for n in (1, 4, 9)]


def summed_error(*, y: npt.ArrayLike, y_hat: npt.ArrayLike) -> float:
    """Return the sum of the squared errors, without the mean."""
    return float(np.sum(np.square(np.subtract(y, y_hat))))


def cells() -> list[dict[str, Array]]:
    """Return the centres of 4 by 4 cells of the unit square, top row first."""
    middle = (np.arange(4) + 0.5) / 4
    x1, x2 = np.meshgrid(middle, middle[::-1])
    return [{"x1": x1, "x2": x2}]


def above(*, x1: Array, x2: Array) -> Array:
    """Return where a point lies above the line x2 = x1 / 2 + 1/4."""
    return np.where(x2 > x1 / 2 + 0.25, 1.0, -1.0)


def below(*, x1: Array, x2: Array) -> Array:
    """Return where a point lies below it."""
    return -above(x1=x1, x2=x2)
