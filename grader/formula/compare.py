"""The values of a formula at the samples, and when two of them are equal."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from grader.formula import shapes
from grader.formula.evaluate import Array, Batch, evaluate
from grader.formula.shapes import Dim
from grader.formula.terms import Program

if TYPE_CHECKING:
    import numpy.typing as npt

Truths: TypeAlias = "npt.NDArray[np.bool_]"

# Both sides are a few dozen float64 operations on numbers near 1, and a slip shows in the first
# digits; students do write 1e-8 into a logarithm, which is no slip.
RTOL = 1e-6
# What counts as zero beside numbers near 1.
FLOOR = 1e-9


class Values(NamedTuple):
    """What a formula is at the samples: per set of sizes an array (samples, indices, r, c).

    `dims` is the shape in the sizes' names; `free` are the indices that are left, with sizes.
    """

    arrays: tuple[Array, ...]
    rank: int = 2
    free: tuple[tuple[str, Dim], ...] = ()
    dims: tuple[Dim, ...] = ()

    @property
    def finite(self) -> bool:
        """Return whether every entry is a number."""
        return all(np.isfinite(array).all() for array in self.arrays)

    @property
    def shape(self) -> str:
        """Return the shape in words."""
        return shapes.shown(self.dims, self.rank)


def values_of(program: Program, batches: Sequence[Batch]) -> Values:
    """Return the values of a program at the samples."""
    arrays = []
    with np.errstate(all="ignore"):
        for batch in batches:
            arrays.append(_settled(np.asarray(evaluate(program, batch)), program, batch))
    free = tuple((program.axes[i].name, shapes.known(program.axes[i].size)) for i in program.free)
    dims = tuple(shapes.known(dim) for dim in program.root.dims)
    return Values(tuple(arrays), program.root.rank, free, dims)


def _settled(array: Array, program: Program, batch: Batch) -> Array:
    """Return the array with the axes of free indices only, each at its full size."""
    rows, columns = program.root.dims
    full = (
        batch.samples,
        *(_extent(program.axes[i].size, batch) for i in program.free),
        _extent(rows, batch),
        _extent(columns, batch),
    )
    if array.shape == full:
        return array
    kept = [array.shape[1 + i] for i in program.free]
    return np.broadcast_to(array.reshape(array.shape[0], *kept, *array.shape[-2:]), full)


def _extent(dim: Dim, batch: Batch) -> int:
    dim = shapes.known(dim)
    if isinstance(dim, shapes.Free):
        return 1
    return dim if isinstance(dim, int) else batch.sizes[dim]


def equal(got: Values, want: Values, rtol: float = RTOL) -> bool:
    """Return whether the values agree at every sample, laid out alike.

    Samples where `got` has no value are left out, as long as half of them remain.
    """
    aligned = align(got, want)
    if aligned is None:
        return False
    seen = count = 0
    for one, other in zip(aligned, want.arrays, strict=True):
        near, finite = close(one, other, rtol)
        if not near[finite].all():
            return False
        seen += int(finite.sum())
        count += len(finite)
    return 2 * seen >= count


def close(got: Array, want: Array, rtol: float) -> tuple[Truths, Truths]:
    """Return, per sample, whether two arrays agree relative to the norm, and are comparable."""
    count = want.shape[0]
    with np.errstate(all="ignore"):
        difference = (got - want).reshape(count, -1)
        other = want.reshape(count, -1)
        distance = np.sqrt(np.einsum("ij,ij->i", difference, difference))
        size = np.sqrt(np.einsum("ij,ij->i", other, other))
        # `<=` is false for a NaN on either side, so a NaN is never right
        return distance <= rtol * size + FLOOR, np.isfinite(distance)


def align(got: Values, want: Values) -> list[Array] | None:
    """Return the values of `got` laid out as those of `want`, or None where they cannot be.

    A formula per index fills the matrix that its indices run over.
    """
    if not got.free and not want.free:
        return _plain(got, want)
    found: list[Array] = []
    order: tuple[int, ...] | None = None
    for array, other in zip(got.arrays, want.arrays, strict=True):
        have = array.reshape(array.shape[0], *[n for n in array.shape[1:] if n != 1])
        need = [n for n in other.shape[1:] if n != 1]
        if order is None:
            order = _order(have.shape[1:], need)
        if order is None or len(order) != have.ndim - 1:
            return None
        turned_about = have.transpose(0, *[1 + i for i in order])
        if list(turned_about.shape[1:]) != need:
            return None
        found.append(turned_about.reshape(other.shape))
    return found


def _order(have: Sequence[int], need: Sequence[int]) -> tuple[int, ...] | None:
    if sorted(have) != sorted(need):
        return None
    for order in permutations(range(len(have))):
        if [have[i] for i in order] == list(need):
            return order
    return None


def _plain(got: Values, want: Values) -> list[Array] | None:
    found: list[Array] = []
    for array, other in zip(got.arrays, want.arrays, strict=True):
        if array.shape == other.shape:
            found.append(array)
        elif got.rank == 1 and array.size == other.size and 1 in other.shape[-2:]:
            found.append(array.reshape(other.shape))
        else:
            return None
    return found


def turned(values: Values) -> Values:
    """Return the values with rows and columns exchanged."""
    return values._replace(
        arrays=tuple(array.swapaxes(-1, -2) for array in values.arrays),
        dims=tuple(reversed(values.dims)),
    )
