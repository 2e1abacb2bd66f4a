import numpy as np


def ridge(X, y, lam):
    return np.linalg.inv(X.T * X + lam) * X.T * y


def confusion(y, y_hat):
    return np.zeros((2, 2))
