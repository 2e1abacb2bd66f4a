"""Random samples of a question's symbols: seeded, of pairwise different sizes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from grader.formula import shapes
from grader.formula.evaluate import Array, Batch, evaluate
from grader.formula.notation import Notation, Symbol
from grader.formula.resolve import resolve
from grader.formula.shapes import ShapeTrouble
from grader.formula.terms import Program

if TYPE_CHECKING:
    import numpy.typing as npt

Truths: TypeAlias = "npt.NDArray[np.bool_]"

# Two sets of sizes: a wrong shape that fits one by chance does not fit the other.
SETS = 2
SAMPLES = 4
# So many orders of the sizes are tried until none has the number that it has in the other set.
_SHUFFLES = 16
# Numbers are cheap, and a slip in a condition shows on few of them.
NUMBERS = 48
# A formula that has a value on fewer than one draw in sixteen is no fair question.
DRAWS = 16


# The largest prime below 2^64, and the constants of SplitMix64 (Steele, Lea and Flood 2014).
_PRIME = 2**64 - 59
_STEP, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


class Draws:
    """Random numbers that depend on a text alone, the same on every machine.

    SplitMix64 in a few lines of NumPy, since `numpy.random` takes longer to import than a sheet
    takes to grade.
    """

    def __init__(self, text: str) -> None:
        self._seed = int.from_bytes(text.encode(), "big") % _PRIME
        self._drawn = 0

    def shares(self, shape: tuple[int, ...]) -> Array:
        """Return numbers from 0 to below 1."""
        count = math.prod(shape)
        bits = np.arange(self._drawn + 1, self._drawn + count + 1, dtype=np.uint64)
        self._drawn += count
        bits = bits * np.uint64(_STEP) + np.uint64(self._seed)  # modulo 2^64, as all that follows
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(_FIRST)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(_SECOND)
        bits ^= bits >> np.uint64(31)
        return np.asarray((bits >> np.uint64(11)) * 2.0**-53, np.float64).reshape(shape)

    def between(self, low: float, high: float, shape: tuple[int, ...]) -> Array:
        """Return numbers from `low` to below `high`."""
        return low + (high - low) * self.shares(shape)

    def whole(self, low: int, high: int, shape: tuple[int, ...]) -> Array:
        """Return whole numbers from `low` to below `high`."""
        return np.floor(self.between(low, high, shape))

    def signed(self, low: float, high: float, shape: tuple[int, ...]) -> Array:
        """Return numbers of that size on both sides of zero."""
        return np.copysign(self.between(low, high, shape), self.shares(shape) - 0.5)

    def orders(self, count: int, size: int) -> npt.NDArray[np.intp]:
        """Return the numbers below `size` in `count` orders, one to a row."""
        return np.argsort(self.shares((count, size)), axis=1)


def draw(
    notation: Notation,
    seeded: str,
    finite: Callable[[Batch], Truths] | None = None,
) -> tuple[Batch, ...]:
    """Return a batch of samples for each set of sizes.

    `finite` tells, per sample, whether the right answer has a value there; others are redrawn.
    Raises ValueError where there are too few.
    """
    draws = Draws(seeded)
    return tuple(_batch(notation, draws, sizes, finite) for sizes in _sizes(notation, draws))


def _batch(
    notation: Notation,
    draws: Draws,
    sizes: Mapping[str, int],
    finite: Callable[[Batch], Truths] | None,
) -> Batch:
    plain = all(not symbol.shape for symbol in notation.symbols.values())
    wanted = NUMBERS if plain else SAMPLES
    kept: list[Batch] = []
    found = 0
    for attempt in range(3):
        batch = _drawn(notation, draws, sizes, wanted if attempt == 0 else wanted * DRAWS)
        good = np.ones(batch.samples, np.bool_) if finite is None else finite(batch)
        kept.append(_only(batch, good))
        found += int(good.sum())
        if found >= wanted:
            return _only(_joined(kept), np.arange(found) < wanted)
    raise ValueError("the right answer has no value on nearly all samples")


def _sizes(notation: Notation, draws: Draws) -> list[dict[str, int]]:
    """Give every named size a number of its own in each set, and another one in the next.

    There are more samples than anything else.
    """
    fixed = {size for s in notation.symbols.values() for size in s.shape if isinstance(size, int)}
    names = [size for size in notation.sizes if size != notation.samples]
    found: list[dict[str, int]] = []
    for which in range(SETS):
        first = 2 + 2 * which
        numbers = range(first, first + len(notation.sizes) + len(fixed))
        free = [number for number in numbers if number not in fixed]
        for order in draws.orders(_SHUFFLES, len(names)).tolist():
            sizes = {name: free[place] for name, place in zip(names, order, strict=True)}
            if not found or not found[-1].items() & sizes.items():
                break
        if notation.samples:
            sizes[notation.samples] = max([*free, *fixed]) + 1
        found.append(sizes)
    return found


def _drawn(notation: Notation, draws: Draws, sizes: Mapping[str, int], count: int) -> Batch:
    leaves: dict[str, Array] = {}
    for symbol in notation.symbols.values():
        leaves[symbol.name] = _values(symbol, draws, sizes, count, notation.samples)
    batch = Batch(sizes, leaves, count)
    add_definitions(notation, batch, leaves)
    return batch


def add_definitions(notation: Notation, batch: Batch, leaves: dict[str, Array]) -> None:
    """Work out the question's own definitions and put them among the leaves."""
    with np.errstate(all="ignore"):
        for name, tree in notation.define.items():
            program, _ = resolve(tree, notation, {}, {})
            if isinstance(program, ShapeTrouble):
                raise ValueError(f"define: {name}: {program.message}")
            shape = (batch.samples, *(_extent(dim, batch.sizes) for dim in program.root.dims))
            leaves[name] = np.broadcast_to(evaluate_closed(program, batch), shape)


def evaluate_closed(program: Program, batch: Batch) -> Array:
    """Return the value of a program without free indices, as (samples, rows, columns)."""
    values = evaluate(program, batch)
    return np.asarray(values).reshape(values.shape[0], *values.shape[-2:])


def _extent(dim: shapes.Dim, sizes: Mapping[str, int]) -> int:
    dim = shapes.known(dim)
    return dim if isinstance(dim, int) else sizes[str(dim)]


def _values(
    symbol: Symbol,
    draws: Draws,
    sizes: Mapping[str, int],
    count: int,
    samples: str | None,
) -> Array:
    rows, columns = (_extent(dim, sizes) for dim in (symbol.shape or (1, 1)))
    shape = (count, rows, columns)
    if symbol.values == "positive":
        return draws.between(0.4, 2.2, shape)
    if symbol.values == "probability":
        return draws.between(0.05, 0.95, shape)
    if symbol.values == "integer":
        return draws.whole(1, 7, shape)
    if symbol.values == "binary":
        return _binary(draws, shape)
    if symbol.values == "one-hot":
        across = bool(symbol.shape) and (symbol.shape[0] == samples or rows == 1)
        return _one_hot(draws, count, rows, columns, across)
    if not symbol.shape:
        return draws.signed(0.02, 2.5, shape)
    # Away from zero, so that no entry hides a wrong term, and on both sides of it.
    return draws.signed(0.25, 1.75, shape)


def _binary(draws: Draws, shape: tuple[int, int, int]) -> Array:
    labels = draws.whole(0, 2, shape)
    count, size = shape[0], shape[1] * shape[2]
    if size > 1:  # both labels occur in every sample
        places = draws.orders(count, size).reshape(shape)
        labels[places == 0], labels[places == 1] = 1.0, 0.0
    return labels


def _one_hot(draws: Draws, count: int, rows: int, columns: int, across: bool) -> Array:
    """Return labels with a single one per column, or per row where the classes lie across."""
    many, classes = (rows, columns) if across else (columns, rows)
    labels = np.eye(classes)[draws.whole(0, classes, (count, many)).astype(np.intp)]
    return np.asarray(labels if across else labels.swapaxes(1, 2))


def _only(batch: Batch, kept: Truths) -> Batch:
    if kept.all():
        return batch
    leaves = {name: values[kept] for name, values in batch.leaves.items()}
    return Batch(batch.sizes, leaves, int(kept.sum()))


def _joined(batches: list[Batch]) -> Batch:
    if len(batches) == 1:
        return batches[0]
    names = batches[0].leaves
    leaves = {name: np.concatenate([b.leaves[name] for b in batches]) for name in names}
    return Batch(batches[0].sizes, leaves, sum(b.samples for b in batches))
