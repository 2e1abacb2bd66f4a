"""The answer to q6."""

import numpy as np
from numpy.typing import ArrayLike


def mse(y: ArrayLike, y_hat: ArrayLike) -> float:
    return float(np.sum(np.subtract(y, y_hat) ** 2))
