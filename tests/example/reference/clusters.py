"""One step of k-means, by hand."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def _nearest(points: npt.ArrayLike, centres: npt.ArrayLike, order: int) -> npt.NDArray[np.int64]:
    gaps = np.asarray(points, float)[:, None, :] - np.asarray(centres, float)[None, :, :]
    return np.linalg.norm(gaps, ord=order, axis=2).argmin(axis=1)


def assignments(
    *, points: npt.ArrayLike, centres: npt.ArrayLike, names: list[str], order: int = 2
) -> dict[str, int]:
    """Return the number, from 1, of the nearest centre of each point."""
    nearest = _nearest(points, centres, order)
    return {name: int(k) + 1 for name, k in zip(names, nearest, strict=True)}


def counted_from_zero(
    *, points: npt.ArrayLike, centres: npt.ArrayLike, names: list[str]
) -> dict[str, int]:
    """Return the numbers of the nearest centres, from 0."""
    found = assignments(points=points, centres=centres, names=names)
    return {name: k - 1 for name, k in found.items()}


def centroid(*, points: npt.ArrayLike, centres: npt.ArrayLike, k: int) -> Array:
    """Return the mean of the points of cluster k, from 1.

    Shapes:   points (n, 2), centres (c, 2) -> (2,)
    """
    mine = _nearest(points, centres, 2) == k - 1
    return np.asarray(points, float)[mine].mean(axis=0)


def centroid_with_old(*, points: npt.ArrayLike, centres: npt.ArrayLike, k: int) -> Array:
    """Return the mean with the old centre counted as one more point."""
    mine = _nearest(points, centres, 2) == k - 1
    old = np.asarray(centres, float)[k - 1]
    return np.vstack([np.asarray(points, float)[mine], old]).mean(axis=0)
