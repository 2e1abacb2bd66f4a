"""Confusion matrix, precision, recall and F1; sizes of convolutions; Bayes' rule."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def confusion(*, y: npt.ArrayLike, y_hat: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return counts, a row for each true class 0, 1 and a column for each predicted one."""
    y, y_hat = np.asarray(y), np.asarray(y_hat)
    return np.array([[int(np.sum((y == i) & (y_hat == j))) for j in (0, 1)] for i in (0, 1)])


def confusion_positive_first(*, y: npt.ArrayLike, y_hat: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return the counts with class 1 in the first row and column."""
    return confusion(y=y, y_hat=y_hat)[::-1, ::-1]


def precision(*, y: npt.ArrayLike, y_hat: npt.ArrayLike) -> float:
    """Return TP / (TP + FP)."""
    (_, fp), (_, tp) = confusion(y=y, y_hat=y_hat)
    return float(tp / (tp + fp))


def recall(*, y: npt.ArrayLike, y_hat: npt.ArrayLike) -> float:
    """Return TP / (TP + FN)."""
    _, (fn, tp) = confusion(y=y, y_hat=y_hat)
    return float(tp / (tp + fn))


def specificity(*, y: npt.ArrayLike, y_hat: npt.ArrayLike) -> float:
    """Return TN / (TN + FP)."""
    (tn, fp), _ = confusion(y=y, y_hat=y_hat)
    return float(tn / (tn + fp))


def accuracy(*, y: npt.ArrayLike, y_hat: npt.ArrayLike) -> float:
    """Return the share of right predictions."""
    return float(np.mean(np.equal(y, y_hat)))


def f1(*, y: npt.ArrayLike, y_hat: npt.ArrayLike) -> float:
    """Return the harmonic mean of precision and recall."""
    p, r = precision(y=y, y_hat=y_hat), recall(y=y, y_hat=y_hat)
    return 2 * p * r / (p + r)


def mean_of_both(*, y: npt.ArrayLike, y_hat: npt.ArrayLike) -> float:
    """Return the arithmetic mean of precision and recall."""
    return (precision(y=y, y_hat=y_hat) + recall(y=y, y_hat=y_hat)) / 2


def sizes(
    *,
    size: int,
    layers: list[dict[str, int | str]],
    pads: bool = True,
    strides: bool = True,
    plus_one: bool = True,
) -> dict[str, int]:
    """Return the side length after each layer: ⌊(n + 2p - k) / s⌋ + 1.

    The last three arguments are forgotten where they are false.
    """
    found = {}
    for layer in layers:
        kernel, pad, stride = (int(layer[key]) for key in ("kernel", "pad", "stride"))
        size = (size + 2 * pad * pads - kernel) // (stride if strides else 1) + plus_one
        found[str(layer["name"])] = size
    return found


def posterior(*, prior: float, hit: float, false_alarm: float) -> float:
    """Return P(ill | positive) by Bayes' rule."""
    return prior * hit / (prior * hit + (1 - prior) * false_alarm)


def joint(*, prior: float, hit: float) -> float:
    """Return P(ill and positive)."""
    return prior * hit


def healthy(*, prior: float, hit: float, false_alarm: float) -> float:
    """Return P(healthy | positive)."""
    return 1 - posterior(prior=prior, hit=hit, false_alarm=false_alarm)
