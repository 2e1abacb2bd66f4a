"""A formula whose notation is settled: operations on arrays of known shape."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

from grader.formula.shapes import Axis, Dims
from grader.formula.tree import Node

Payload: TypeAlias = Any
"""What an operation needs beside its operands; its kind depends on the operation."""


class Term(NamedTuple):
    """An operation on arrays, its shape, and the indices that it still depends on.

    `rank` is 2 for a matrix, 1 for one of code's flat arrays (kept as one row), 0 for a number.
    """

    op: str
    args: tuple[Term, ...]
    value: Payload
    dims: Dims
    axes: frozenset[int] = frozenset()
    rank: int = 2


class Program(NamedTuple):
    """A formula ready to be evaluated.

    `axes` are all its indices, `free` the numbers of those that are not summed over. `notes`
    say how what was ambiguous has been read. `choices` are the readings that were taken, `work`
    is how many operations it took to settle them.
    """

    root: Term
    axes: tuple[Axis, ...]
    free: tuple[int, ...]
    notes: tuple[str, ...] = ()
    choices: tuple[tuple[str, int], ...] = ()
    work: int = 0


class Definition(NamedTuple):
    """A name that the student defines: by a value, per index, or as a function."""

    name: str
    tree: Node
    indices: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()


NUMBER: Dims = (1, 1)


class Open:
    """The places where a reading was chosen: how many there were to choose from, in order."""

    __slots__ = ("seen", "taken")

    def __init__(self, taken: dict[str, int]) -> None:
        self.taken = taken
        self.seen: dict[str, int] = {}

    def choose(self, key: str, count: int) -> int:
        """Return which of `count` readings to take at `key`: the first, unless told otherwise."""
        self.seen.setdefault(key, count)
        return min(self.taken.get(key, 0), count - 1)
