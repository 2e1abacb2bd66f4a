"""Ridge regression, two steps of k-means, scores, sizes of layers, the nearest neighbour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Points = Mapping[str, Sequence[float]]

# The samples of the two classes of the question about neighbours.
_PLUS = np.array([(0.8, 0.7), (3.1, 4.3)])
_MINUS = np.array([(4.3, 1.2)])


# --- ridge regression ----------------------------------------------------------------------------


def objective(*, X: Any, y: Any, w: Any, lambda_: Any) -> Any:
    """Return J(w) = 1/(2n) |Xw - y|² + λ/2 |w|², of tensors: torch differentiates it.

    Shapes:   X (n, d), y (n, 1), w (d, 1), λ () -> ()
    """
    residuals = X @ w - y  # (n, 1)
    return (residuals**2).sum() / (2 * len(y)) + lambda_ / 2 * (w**2).sum()


def closed_form(
    *, X: npt.ArrayLike, y: npt.ArrayLike, lambda_: float, sign: int = 1, per_sample: bool = True
) -> Array:
    """Return (XᵀX + nλI)⁻¹Xᵀy; the last two arguments are slips of a student.

    Shapes:   X (n, d), y (n,) or (n, 1) -> that of Xᵀy
    """
    X, y = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
    weight = lambda_ * (len(y) if per_sample else 1)
    return np.linalg.solve(X.T @ X + sign * weight * np.eye(X.shape[1]), X.T @ y)


def training_error(
    *,
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    lambda_: float,
    divisor: float = 1.0,
    mean: bool = True,
    per_sample: bool = True,
) -> float:
    """Return the mean of the squared residuals of the ridge solution, divided by `divisor`."""
    y = np.asarray(y, dtype=np.float64)
    w = closed_form(X=X, y=y, lambda_=lambda_, per_sample=per_sample)
    squares = np.square(np.asarray(X) @ w - y)
    return float(squares.mean() if mean else squares.sum()) / divisor


def ridge_code(*, X: Array, y: Array, lam: float, sign: int = 1, per_sample: bool = True) -> Array:
    """Return what a student's `ridge(X, y, lam)` should."""
    return closed_form(X=X, y=y, lambda_=lam, sign=sign, per_sample=per_sample)


def ridge_cases() -> list[dict[str, Any]]:
    """Return inputs for a student's function; in the last one d > n."""
    rng = np.random.default_rng(1)
    return [
        {"X": rng.normal(size=(n, d)), "y": rng.normal(size=n), "lam": lam}
        for n, d, lam in ((5, 2, 0.1), (12, 3, 1.0), (4, 6, 0.5))
    ]


# --- k-means -------------------------------------------------------------------------------------


def _steps(points: Points, start: npt.ArrayLike, steps: int) -> tuple[Array, Any, Array]:
    places = np.array(list(points.values()), dtype=np.float64)  # (n, 2)
    centroids = np.array(start, dtype=np.float64)  # (k, 2)
    nearest = np.zeros(len(places), dtype=np.int64)
    for _ in range(steps):
        gaps = np.linalg.norm(places[:, None] - centroids[None], axis=2)  # (n, k)
        nearest = gaps.argmin(axis=1)
        centroids = np.array([places[nearest == k].mean(axis=0) for k in range(len(centroids))])
    return places, nearest, centroids


def assignment(*, points: Points, start: npt.ArrayLike, steps: int) -> dict[str, int]:
    """Return the number of each point's cluster, from 1, after so many steps."""
    _, nearest, _ = _steps(points, start, steps)
    return {name: int(k) + 1 for name, k in zip(points, nearest, strict=True)}


def exchanged_assignment(*, points: Points, start: npt.ArrayLike, steps: int) -> dict[str, int]:
    """Return the numbers of two clusters exchanged."""
    found = assignment(points=points, start=start, steps=steps)
    return {name: 3 - k for name, k in found.items()}


def centroids(*, points: Points, start: npt.ArrayLike, steps: int) -> Array:
    """Return the means of the clusters, a row for each."""
    return _steps(points, start, steps)[2]


def exchanged_centroids(*, points: Points, start: npt.ArrayLike, steps: int) -> Array:
    """Return the rows in the other order."""
    return centroids(points=points, start=start, steps=steps)[::-1]


def centroids_over_all(*, points: Points, start: npt.ArrayLike, steps: int) -> Array:
    """Return the sums of the clusters, divided by the number of all points."""
    places, nearest, means = _steps(points, start, steps)
    return np.array([places[nearest == k].sum(axis=0) / len(places) for k in range(len(means))])


# --- scores --------------------------------------------------------------------------------------


def confusion(*, y: Sequence[Any], y_hat: Sequence[Any], classes: Sequence[Any]) -> Array:
    """Return counts, a row for each true class and a column for each predicted one."""
    counts = np.zeros((len(classes), len(classes)))
    for true, predicted in zip(y, y_hat, strict=True):
        counts[classes.index(true), classes.index(predicted)] += 1
    return counts


def scores(*, y: Sequence[Any], y_hat: Sequence[Any], of: Any) -> dict[str, float]:
    """Return precision, recall and F1 of one class."""
    hits = sum(true == predicted == of for true, predicted in zip(y, y_hat, strict=True))
    precision, recall = hits / list(y_hat).count(of), hits / list(y).count(of)
    f1 = 2 * precision * recall / (precision + recall)
    return {"precision": precision, "recall": recall, "F1": f1}


def exchanged_scores(*, y: Sequence[Any], y_hat: Sequence[Any], of: Any) -> dict[str, float]:
    """Return precision and recall exchanged."""
    return scores(y=y_hat, y_hat=y, of=of)


def scores_over_all(*, y: Sequence[Any], y_hat: Sequence[Any], of: Any) -> dict[str, float]:
    """Return the hits over the number of all samples, in place of each."""
    share = float(confusion(y=y, y_hat=y_hat, classes=[of, *(set(y) - {of})])[0, 0]) / len(y)
    return dict.fromkeys(("precision", "recall", "F1"), share)


def scores_with_mean(*, y: Sequence[Any], y_hat: Sequence[Any], of: Any) -> dict[str, float]:
    """Return the arithmetic mean of precision and recall as F1."""
    found = scores(y=y, y_hat=y_hat, of=of)
    return {**found, "F1": (found["precision"] + found["recall"]) / 2}


def accuracy(*, y: Sequence[Any], y_hat: Sequence[Any]) -> float:
    """Return the share of right predictions."""
    return float(np.mean([true == predicted for true, predicted in zip(y, y_hat, strict=True)]))


def error_rate(*, y: Sequence[Any], y_hat: Sequence[Any]) -> float:
    """Return the share of wrong predictions."""
    return 1 - accuracy(y=y, y_hat=y_hat)


def confusion_code(
    *, y: Array, y_hat: Array, k: int, turned: bool = False, shares: bool = False
) -> Array:
    """Return what a student's `confusion(y, y_hat, k)` should; the last two are slips."""
    counts = confusion(y=list(y), y_hat=list(y_hat), classes=range(k))
    counts = counts.T if turned else counts
    return counts / counts.sum() if shares else counts


def confusion_cases() -> list[dict[str, Any]]:
    """Return labels and predictions for a student's function."""
    rng = np.random.default_rng(2)
    return [
        {"y": rng.integers(0, k, n), "y_hat": rng.integers(0, k, n), "k": k}
        for n, k in ((6, 2), (20, 3), (30, 5))
    ]


# --- layers --------------------------------------------------------------------------------------

Layers = Sequence[Mapping[str, Any]]


def sizes(
    *, side: int, layers: Layers, pads: bool = True, floors: bool = True, plus_one: bool = True
) -> dict[str, int]:
    """Return the side after each layer, ⌊(n + 2p - k) / s⌋ + 1, and how much flatten makes of it.

    The last three arguments are forgotten where they are false.
    """
    found, channels = {}, 0
    for layer in layers:
        room = side + 2 * layer.get("padding", 0) * pads - layer["kernel"]
        whole = room // layer["stride"] if floors else -(-room // layer["stride"])
        side = whole + plus_one
        channels = layer.get("filters", channels)
        found[layer["name"]] = side
    return {**found, "flatten": channels * side**2}


def parameters(*, channels: int, layers: Layers, biases: bool = True) -> dict[str, int]:
    """Return the number of parameters of each layer that has filters."""
    found = {}
    for layer in layers:
        if "filters" in layer:
            found[layer["name"]] = (channels * layer["kernel"] ** 2 + biases) * layer["filters"]
            channels = layer["filters"]
    return found


# --- neighbours ----------------------------------------------------------------------------------


def cells() -> list[dict[str, Array]]:
    """Return the centres of 5 by 5 cells of the square from (0, 0) to (5, 5), top row first."""
    middle = np.arange(5) + 0.5
    x1, x2 = np.meshgrid(middle, middle[::-1])
    return [{"x1": x1, "x2": x2}]


def nearest(*, x1: Array, x2: Array) -> Array:
    """Return +1 where the nearest sample is of class +, -1 elsewhere."""
    return _nearer(x1, x2, _PLUS)


def nearest_mean(*, x1: Array, x2: Array) -> Array:
    """Return the class whose mean is nearer, in place of the nearest sample's."""
    return _nearer(x1, x2, _PLUS.mean(axis=0, keepdims=True))


def other_side(*, x1: Array, x2: Array) -> Array:
    """Return the signs exchanged."""
    return -nearest(x1=x1, x2=x2)


def _nearer(x1: Array, x2: Array, plus: Array) -> Array:
    places = np.stack([x1, x2], axis=-1)[..., None, :]  # (5, 5, 1, 2)
    to_plus, to_minus = (np.linalg.norm(places - each, axis=-1).min(-1) for each in (plus, _MINUS))
    return np.where(to_plus < to_minus, 1.0, -1.0)
