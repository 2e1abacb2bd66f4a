"""Shapes with named sizes, and what may be added, multiplied and broadcast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias


class Free:
    """A size that is not known yet: how long `1` is, or over what an index runs."""

    __slots__ = ("bound",)

    def __init__(self) -> None:
        self.bound: Dim | None = None


Dim: TypeAlias = "int | str | Free"
Dims: TypeAlias = tuple[Dim, Dim]


class ShapeTrouble(Exception):
    """Operands that do not fit each other; `start` and `end` say where in the source."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end


class Axis(NamedTuple):
    """An index such as the i of x_i: its place among the array's axes, and what it runs over.

    `offset` is the value of its first step.
    """

    number: int
    name: str
    size: Free
    offset: int = 1


def known(dim: Dim) -> Dim:
    """Return what a size stands for, as far as that is known."""
    while isinstance(dim, Free) and dim.bound is not None:
        dim = dim.bound
    return dim


class Sizes:
    """What has been found out about unknown sizes; can be taken back to a mark."""

    def __init__(self) -> None:
        self._trail: list[Free] = []

    def mark(self) -> int:
        """Return a mark to go back to."""
        return len(self._trail)

    def back(self, mark: int) -> None:
        """Forget what was found out since the mark."""
        while len(self._trail) > mark:
            self._trail.pop().bound = None

    def unify(self, left: Dim, right: Dim) -> bool:
        """Take two sizes for one; return False where they are known to differ."""
        left, right = known(left), known(right)
        if left is right or (not isinstance(left, Free) and left == right):
            return True
        if isinstance(left, Free):
            left.bound = right
            self._trail.append(left)
            return True
        if isinstance(right, Free):
            right.bound = left
            self._trail.append(right)
            return True
        return False


def are_settled(*dims: Dim) -> bool:
    """Return whether each size is known without looking anything up."""
    return not any(isinstance(dim, Free) for dim in dims)


def same(left: Dims, right: Dims) -> bool:
    """Return whether two shapes are known to be equal."""
    return known(left[0]) == known(right[0]) and known(left[1]) == known(right[1])


def is_scalar(dims: Dims) -> bool:
    """Return whether the shape is 1x1, which counts as a number."""
    rows, columns = dims
    return (rows == 1 or (isinstance(rows, Free) and known(rows) == 1)) and (
        columns == 1 or (isinstance(columns, Free) and known(columns) == 1)
    )


def is_vector(dims: Dims) -> bool:
    """Return whether the shape is a row or a column, and not a number."""
    return (known(dims[0]) == 1) != (known(dims[1]) == 1)


def is_square(dims: Dims) -> bool:
    """Return whether rows and columns are known to be as many, and more than one."""
    rows, columns = known(dims[0]), known(dims[1])
    return rows == columns and rows != 1


def broadcast(left: Dims, right: Dims) -> Dims | None:
    """Return the shape of an elementwise operation as NumPy has it, or None."""
    rows = _stretched(left[0], right[0])
    columns = _stretched(left[1], right[1])
    return None if rows is None or columns is None else (rows, columns)


def _stretched(left: Dim, right: Dim) -> Dim | None:
    left, right = known(left), known(right)
    if left == 1:
        return right
    if right == 1 or left == right:
        return left
    return None


def shown(dims: Sequence[Dim], rank: int = 2) -> str:
    """Return a shape as a student would write it: `(1, m)`, or `a number`."""
    if rank == 0 or all(known(dim) == 1 for dim in dims):
        return "1x1" if rank == 2 and dims else "a number"
    words = [str(known(dim)) if not isinstance(known(dim), Free) else "?" for dim in dims]
    return f"({words[-1]},)" if rank == 1 else f"({', '.join(words)})"
