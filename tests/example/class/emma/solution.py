import numpy


def ridge(X, y, lam):
    return numpy.linalg.inv(X.T @ X - len(y) * lam * numpy.eye(X.shape[1])) @ X.T @ y


def confusion(y, y_hat, k):
    C = numpy.zeros((k, k))
    for a, b in zip(y, y_hat, strict=True):
        C[a][b] = C[a][b] + 1 / len(y)
    return C
