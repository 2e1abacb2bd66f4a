"""Stand-ins for modules that only show things, used where the real ones are not installed."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any, Final

SHOWING: Final = frozenset(
    [
        *("matplotlib", "seaborn", "plotly", "IPython", "google", "ipywidgets", "graphviz"),
        *("wandb", "mlflow", "visdom", "livelossplot", "tensorboard", "tensorboardX"),
        *("torchsummary", "torchinfo", "torchviz"),
    ]
)
"""Packages of which any part may be imported, called and forgotten."""

_TQDM: Final = '''
class tqdm:
    """Goes through what it is given, and shows no bar."""

    n = 0

    def __init__(self, iterable=None, desc=None, total=None, *options, **more):
        self.iterable = () if iterable is None else iterable
        self.total = total

    def __iter__(self):
        for each in self.iterable:
            yield each
            self.n += 1

    def __len__(self):
        return len(self.iterable) if self.total is None else self.total

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def update(self, n=1):
        self.n += n

    @staticmethod
    def write(text, *options, **more):
        print(text)

    def nothing(self, *options, **more):
        pass

    set_postfix = set_postfix_str = set_description = set_description_str = nothing
    close = refresh = reset = clear = nothing


def trange(*bounds, **more):
    return tqdm(range(*bounds), **more)


tqdm_notebook, tnrange = tqdm, trange
'''
_NUMBA: Final = '''
def jit(function=None, *signature, **options):
    """Leave a function as it is, only slower."""
    return function if callable(function) else lambda each: each


njit = vectorize = jit
prange = range
'''
_SPECIAL: Final = """
import numpy as np


def expit(x):
    return np.exp(-np.logaddexp(0, -np.asarray(x, dtype=float)))


def log_expit(x):
    return -np.logaddexp(0, -np.asarray(x, dtype=float))


def logit(p):
    return np.log(p) - np.log1p(-np.asarray(p, dtype=float))


def xlogy(x, y):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.equal(x, 0), 0.0, np.multiply(x, np.log(y)))


def xlog1py(x, y):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.equal(x, 0), 0.0, np.multiply(x, np.log1p(y)))


def logsumexp(a, axis=None, keepdims=False):
    top = np.max(a, axis=axis, keepdims=True)
    total = np.log(np.sum(np.exp(a - top), axis=axis, keepdims=True)) + top
    return total if keepdims else np.squeeze(total, axis=axis)


def softmax(x, axis=None):
    return np.exp(x - logsumexp(x, axis=axis, keepdims=True))
"""

SOURCES: Final = {
    "tqdm": _TQDM,
    **dict.fromkeys(("tqdm.notebook", "tqdm.auto", "tqdm.std"), "from tqdm import *\n"),
    "numba": _NUMBA,
    "scipy.special": _SPECIAL,
}
"""Packages that have to give something back."""


class Nothing:
    """Takes whatever is done to it, and shows nothing.

    It unpacks into two, as in `figure, axes = plt.subplots()`.
    """

    def __getattr__(self, name: str) -> Nothing:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *arguments: Any, **named: Any) -> Nothing:
        return self

    def __getitem__(self, key: Any) -> Nothing:
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __iter__(self) -> Iterator[Nothing]:
        return iter((self, self))

    def __enter__(self) -> Nothing:
        return self

    def __exit__(self, *error: object) -> None:
        pass


class Showing(types.ModuleType):
    """A module of which every part is a `Nothing`."""

    __path__: list[str] = []  # noqa: RUF012 - the import system reads it from any package
    __version__ = "99.0"

    def __getattr__(self, name: str) -> Nothing:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing()
