import numpy as np


def ridge(X, y, lam):
    return np.linalg.pinv(X) @ y
