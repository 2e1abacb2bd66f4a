import numpy as np


def ridge(X, y, lam):
    Xa = np.vstack([X, np.sqrt(len(X) * lam) * np.eye(X.shape[1])])
    ya = np.concatenate([y, np.zeros(X.shape[1])])
    return np.linalg.lstsq(Xa, ya, rcond=None)[0].reshape(-1, 1)


def confusion(y, y_hat, k):
    return np.bincount(k * y + y_hat).reshape(k, k)
