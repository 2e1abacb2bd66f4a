"""Stand-ins for modules that only show things, used where the real ones are not installed."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any, Final

SHOWING: Final = frozenset(
    ["matplotlib", "seaborn", "plotly", "IPython", "google", "ipywidgets", "graphviz"]
)
"""Packages of which any part may be imported, called and forgotten."""

SOURCES: Final = {
    "tqdm": "def tqdm(items=None, *options, **more):\n    return items\n\n"
    "def trange(*bounds, **more):\n    return range(*bounds)\n",
    "tqdm.notebook": "from tqdm import tqdm, trange\n",
    "tqdm.auto": "from tqdm import tqdm, trange\n",
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

    def __getattr__(self, name: str) -> Nothing:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing()
