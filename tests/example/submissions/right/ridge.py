import numpy as np


def ridge(X, y, lam):
    d = X.shape[1]
    return np.linalg.inv(X.T.dot(X) + lam * np.eye(d)).dot(X.T).dot(y)
