"""Random samples of a question's symbols: seeded, of pairwise different sizes."""

from __future__ import annotations

import hashlib
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
# Numbers are cheap, and a slip in a condition shows on few of them.
NUMBERS = 48
# A formula that has a value on fewer than one draw in sixteen is no fair question.
DRAWS = 16


def seed(text: str) -> int:
    """Return a seed that depends on `text` alone, the same on every machine."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def draw(
    notation: Notation,
    seeded: str,
    finite: Callable[[Batch], Truths] | None = None,
) -> tuple[Batch, ...]:
    """Return a batch of samples for each set of sizes.

    `finite` tells, per sample, whether the right answer has a value there; others are redrawn.
    Raises ValueError where there are too few.
    """
    rng = np.random.default_rng(seed(seeded))
    return tuple(_batch(notation, rng, which, finite) for which in range(SETS))


def _batch(
    notation: Notation,
    rng: np.random.Generator,
    which: int,
    finite: Callable[[Batch], Truths] | None,
) -> Batch:
    sizes = _sizes(notation, rng, which)
    plain = all(not symbol.shape for symbol in notation.symbols.values())
    wanted = NUMBERS if plain else SAMPLES
    kept: list[Batch] = []
    found = 0
    for attempt in range(3):
        batch = _drawn(notation, rng, sizes, wanted if attempt == 0 else wanted * DRAWS)
        good = np.ones(batch.samples, np.bool_) if finite is None else finite(batch)
        kept.append(_only(batch, good))
        found += int(good.sum())
        if found >= wanted:
            return _only(_joined(kept), np.arange(found) < wanted)
    raise ValueError("the right answer has no value on nearly all samples")


def _sizes(notation: Notation, rng: np.random.Generator, which: int) -> dict[str, int]:
    """Give every named size a number of its own; there are more samples than anything else."""
    fixed = {size for s in notation.symbols.values() for size in s.shape if isinstance(size, int)}
    free = [n for n in range(2, 2 + len(notation.sizes) + len(fixed) + which) if n not in fixed]
    names = [size for size in notation.sizes if size != notation.samples]
    chosen = free[which : which + len(names)]
    order = rng.permutation(len(chosen))
    sizes = {name: chosen[i] for name, i in zip(names, order, strict=True)}
    if notation.samples:
        most = max([*free, *fixed, *chosen, 2]) + 1
        sizes[notation.samples] = most if most not in fixed else most + 1
    return sizes


def _drawn(
    notation: Notation, rng: np.random.Generator, sizes: Mapping[str, int], count: int
) -> Batch:
    leaves: dict[str, Array] = {}
    for symbol in notation.symbols.values():
        leaves[symbol.name] = _values(symbol, rng, sizes, count, notation.samples)
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
    rng: np.random.Generator,
    sizes: Mapping[str, int],
    count: int,
    samples: str | None,
) -> Array:
    rows, columns = (_extent(dim, sizes) for dim in (symbol.shape or (1, 1)))
    shape = (count, rows, columns)
    if symbol.values == "positive":
        return rng.uniform(0.4, 2.2, shape)
    if symbol.values == "probability":
        return rng.uniform(0.05, 0.95, shape)
    if symbol.values == "integer":
        return rng.integers(1, 7, shape).astype(float)
    if symbol.values == "binary":
        return _binary(rng, shape)
    if symbol.values == "one-hot":
        across = bool(symbol.shape) and (symbol.shape[0] == samples or rows == 1)
        return _one_hot(rng, count, rows, columns, across)
    if not symbol.shape:
        return np.asarray(rng.uniform(0.02, 2.5, shape) * rng.choice((-1.0, 1.0), shape))
    # Away from zero, so that no entry hides a wrong term, and on both sides of it.
    return np.asarray(rng.uniform(0.25, 1.75, shape) * rng.choice((-1.0, 1.0), shape))


def _binary(rng: np.random.Generator, shape: tuple[int, int, int]) -> Array:
    labels = rng.integers(0, 2, shape).astype(float)
    if shape[1] * shape[2] > 1:
        flat = labels.reshape(shape[0], -1)
        flat[:, 0], flat[:, 1] = 1.0, 0.0  # both labels occur in every sample
        labels = rng.permuted(flat, axis=1).reshape(shape)
    return labels


def _one_hot(rng: np.random.Generator, count: int, rows: int, columns: int, across: bool) -> Array:
    """Return labels with a single one per column, or per row where the classes lie across."""
    many, classes = (rows, columns) if across else (columns, rows)
    labels = np.eye(classes)[rng.integers(0, classes, (count, many))]
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
