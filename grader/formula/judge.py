"""Judges a formula: right, or wrong and why, by its values at seeded samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from itertools import permutations
from typing import Any

import numpy as np

from grader.errors import ReferenceFault, Unreadable
from grader.formula import samples, shapes
from grader.formula.evaluate import Array, Batch, evaluate
from grader.formula.notation import Notation
from grader.formula.reading import Candidate, Reading, read
from grader.formula.shapes import Dim, ShapeTrouble
from grader.formula.terms import Program
from grader.formula.tree import Node

# Both sides are a few dozen float64 operations on numbers near 1, and a slip shows in the first
# digits; students do write 1e-8 into a logarithm, which is no slip.
RTOL = 1e-6
# What counts as zero beside numbers near 1.
FLOOR = 1e-9


class Verdict(StrEnum):
    """What a formula is."""

    CORRECT = "correct"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Values:
    """What a formula is at the samples: per set of sizes an array (samples, indices, r, c).

    `dims` is the shape in the sizes' names where a formula gave it; `free` are the names and
    sizes of indices that are left.
    """

    arrays: tuple[Array, ...]
    rank: int = 2
    free: tuple[tuple[str, Dim], ...] = ()
    dims: tuple[Dim, ...] = ()

    @property
    def finite(self) -> bool:
        return all(np.isfinite(array).all() for array in self.arrays)


def values_of(program: Program, batches: Sequence[Batch]) -> Values:
    """Return the values of a program at the samples."""
    free = [program.axes[i] for i in program.free]
    arrays = []
    with np.errstate(all="ignore"):
        for batch in batches:
            array = evaluate(program, batch)
            arrays.append(_settled(array, program, batch))
    dims = tuple(shapes.known(dim) for dim in program.root.dims)
    sized = tuple((axis.name, shapes.known(axis.size)) for axis in free)
    return Values(tuple(arrays), program.root.rank, sized, dims)


def _settled(array: Any, program: Program, batch: Batch) -> Array:
    """Return the array with the axes of free indices only, each at its full size."""
    array = np.asarray(array, dtype=np.float64)
    count, rows, columns = batch.count, array.shape[-2], array.shape[-1]
    kept = [array.shape[1 + i] for i in program.free]
    array = array.reshape(array.shape[0], *kept, rows, columns)
    full = [_extent(program.axes[i].size, batch) for i in program.free]
    dims = [_extent(dim, batch) for dim in program.root.dims]
    return np.broadcast_to(array, (count, *full, *dims))


def _extent(dim: Dim, batch: Batch) -> int:
    dim = shapes.known(dim)
    if isinstance(dim, shapes.Free):
        return 1
    return dim if isinstance(dim, int) else batch.sizes[dim]


@dataclass(frozen=True, slots=True)
class Named:
    """A wrong answer that has a name: its values, and what is said of it."""

    id: str
    values: Values
    say: str = ""


@dataclass(frozen=True, slots=True)
class World:
    """One way in which the question's general functions may be meant, with its samples.

    `want` are the accepted answers, `named` the wrong ones that the rubric names.
    """

    notation: Notation
    batches: tuple[Batch, ...]
    want: tuple[Values, ...]
    named: tuple[Named, ...]
    tree: Node | None


@dataclass(frozen=True, slots=True)
class Mistake:
    """A slip that was recognised."""

    id: str
    say: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one formula.

    `why` is for the student and never holds the right answer. `mistakes` are recognised slips;
    with `tied` each of them alone explains the answer, else they were made together.
    `understood` is the formula as it was read, `notes` what was ambiguous in it.
    """

    verdict: Verdict
    why: str = ""
    mistakes: tuple[Mistake, ...] = ()
    tied: bool = False
    named: bool = False
    understood: str = ""
    notes: tuple[str, ...] = ()
    position: int | None = None

    @property
    def correct(self) -> bool:
        """Return whether the formula is right."""
        return self.verdict is Verdict.CORRECT


Source = Callable[[Mapping[str, Any]], Any]
"""Gives the value at one sample, from the symbols' arrays by name."""


@dataclass(frozen=True)
class Want:
    """What a formula is compared with.

    `formulas` are accepted answers as text, `sources` as functions of the samples; `mistakes` are
    the rubric's own wrong answers, as (id, formula or function, sentence). `labels` are the
    left-hand sides of the asked quantity.
    """

    notation: Notation
    seed: str
    formulas: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    mistakes: tuple[tuple[str, str | Source, str], ...] = ()
    labels: tuple[str, ...] = ()
    rtol: float = RTOL
    layout: str = "strict"
    either_sign: bool = False

    @cached_property
    def worlds(self) -> tuple[World, ...]:
        """Return the samples and right values under each meaning of the functions."""
        return tuple(_world(self, notation) for notation in _meanings(self.notation))


def want(
    notation: Notation,
    seed: str,
    *,
    formulas: Sequence[str] = (),
    sources: Sequence[Source] = (),
    mistakes: Sequence[tuple[str, str | Source, str]] = (),
    labels: Sequence[str] = (),
    rtol: float = RTOL,
    layout: str = "strict",
) -> Want:
    """Return what answers are compared with; raise ReferenceFault where it has no values."""
    made = Want(
        notation,
        seed,
        tuple(formulas),
        tuple(sources),
        tuple(mistakes),
        tuple(labels),
        rtol,
        layout,
    )
    if not formulas and not sources:
        raise ReferenceFault("a right answer is missing: give a formula or a reference function")
    try:
        made.worlds  # noqa: B018  # worked out now, so that a fault shows before any answer
    except ValueError as fault:
        raise ReferenceFault(str(fault)) from fault
    return made


def _meanings(notation: Notation) -> Iterator[Notation]:
    several = [name for name, ways in notation.functions.items() if len(ways) > 1]
    if not several:
        yield notation
        return
    for i in range(max(len(notation.functions[name]) for name in several)):
        chosen = {name: (ways[min(i, len(ways) - 1)],) for name, ways in notation.functions.items()}
        yield replace(notation, functions=chosen)


def _world(made: Want, notation: Notation) -> World:
    programs = [_reference(text, notation) for text in made.formulas]

    def finite(batch: Batch) -> Array:
        good = np.ones(batch.count, bool)
        for program in programs[:1]:
            array = np.asarray(values_of(program, [batch]).arrays[0])
            good &= np.isfinite(array).reshape(batch.count, -1).all(axis=1)
        return good

    batches = samples.draw(notation, made.seed, finite if programs else None)
    accepted = [values_of(program, batches) for program in programs]
    accepted += [sourced(source, notation, batches) for source in made.sources]
    for values in accepted:
        if not values.finite:
            raise ValueError("the right answer has no value on some samples")
    _agree(made, accepted)
    named = []
    for id_, meant, say in made.mistakes:
        if isinstance(meant, str):
            values = values_of(_reference(meant, notation), batches)
        else:
            values = sourced(meant, notation, batches)
        named.append(Named(id_, values, say))
    tree = read(made.formulas[0], notation).tree if made.formulas else None
    return World(notation, batches, tuple(accepted), tuple(named), tree)


def _agree(made: Want, accepted: Sequence[Values]) -> None:
    """Hold the formula that is shown against the reference's values."""
    if made.formulas and made.sources:
        if not _equal(accepted[0], accepted[len(made.formulas)], made.rtol):
            raise ValueError(
                f"the formula '{made.formulas[0]}' differs from the reference's values"
            )


def _reference(text: str, notation: Notation) -> Program:
    try:
        candidate = read(text, notation).first()
    except Unreadable as trouble:
        raise ValueError(f"the formula '{text}' cannot be read: {trouble.message}") from trouble
    if isinstance(candidate.program, ShapeTrouble):
        raise ValueError(f"the formula '{text}': {candidate.program.message}")
    return candidate.program


def sourced(source: Source, notation: Notation, batches: Sequence[Batch]) -> Values:
    """Return the values of a function of the samples."""
    arrays = []
    for batch in batches:
        found = [source(arguments(notation, batch, i)) for i in range(batch.count)]
        array = np.stack([np.asarray(value, dtype=np.float64) for value in found])
        if array.ndim > 3:
            raise ValueError("the reference returned an array with more than two axes")
        while array.ndim < 3:
            array = array[..., None] if array.ndim == 1 else array[:, None, :]
        arrays.append(array)
    dims = _named_dims(arrays, batches)
    return Values(tuple(arrays), 2, (), dims)


def arguments(notation: Notation, batch: Batch, i: int) -> dict[str, Any]:
    """Return the symbols of sample `i` by their names in Python."""
    found: dict[str, Any] = {}
    for name, array in batch.leaves.items():
        symbol = notation.symbols.get(name)
        number = symbol is not None and not symbol.shape
        found[_python_name(name)] = float(array[i, 0, 0]) if number else array[i]
    for alias, target in notation.aliases.items():
        if alias not in notation.loose and target in batch.leaves:
            found.setdefault(_python_name(alias), found[_python_name(target)])
    for size, value in batch.sizes.items():
        found.setdefault(size, value)
    return found


def _python_name(name: str) -> str:
    return f"{name}_" if name in ("lambda", "in", "is", "as", "if") else name


def _named_dims(arrays: Sequence[Array], batches: Sequence[Batch]) -> tuple[Dim, ...]:
    """Return the sizes' names that a shape must be made of; they all differ."""
    dims: list[Dim] = []
    for axis in (-2, -1):
        sizes = tuple(array.shape[axis] for array in arrays)
        names = [
            name
            for name in batches[0].sizes
            if tuple(batch.sizes[name] for batch in batches) == sizes
        ]
        dims.append(names[0] if names else sizes[0])
    return tuple(dims)


# --- comparing


def _equal(got: Values, want: Values, rtol: float) -> bool:
    """Return whether the values agree at every sample, laid out alike."""
    aligned = align(got, want)
    return aligned is not None and all(
        close(a, b, rtol) for a, b in zip(aligned, want.arrays, strict=True)
    )


def close(got: Array, want: Array, rtol: float) -> bool:
    """Return whether two arrays agree at each sample, relative to the norm of `want`.

    Samples where `got` has no value are left out, as long as enough remain.
    """
    count = want.shape[0]
    one, other = got.reshape(count, -1), want.reshape(count, -1)
    with np.errstate(all="ignore"):
        distance = np.sqrt(((one - other) ** 2).sum(axis=1))
        size = np.sqrt((other**2).sum(axis=1))
        # `<=` is false for a NaN on either side, so a NaN is never right
        near = distance <= rtol * size + FLOOR
    finite = np.isfinite(distance)
    return bool((near | ~finite).all() and 2 * finite.sum() >= count)


def align(got: Values, want: Values) -> list[Array] | None:
    """Return the values of `got` laid out as those of `want`, or None where they cannot be."""
    if not got.free and not want.free:
        return _plain(got, want)
    found: list[Array] = []
    order: tuple[int, ...] | None = None
    for array, other in zip(got.arrays, want.arrays, strict=True):
        one = array.reshape(array.shape[0], *[n for n in array.shape[1:] if n != 1])
        two = [n for n in other.shape[1:] if n != 1]
        if sorted(one.shape[1:]) != sorted(two):
            return None
        if order is None:
            order = _order(one.shape[1:], two)
        if order is None:
            return None
        turned = one.transpose(0, *[1 + i for i in order])
        if list(turned.shape[1:]) != two:
            return None
        found.append(turned.reshape(other.shape))
    return found


def _order(have: Sequence[int], need: Sequence[int]) -> tuple[int, ...] | None:
    for order in permutations(range(len(have))):
        if [have[i] for i in order] == list(need):
            return order
    return None


def _plain(got: Values, want: Values) -> list[Array] | None:
    found: list[Array] = []
    for array, other in zip(got.arrays, want.arrays, strict=True):
        if array.shape == other.shape:
            found.append(array)
        elif array.size == other.size and (
            got.rank == 1 and other.shape[-1] != other.shape[-2] and 1 in other.shape[-2:]
        ):
            found.append(array.reshape(other.shape))
        else:
            return None
    return found


def turned(values: Values) -> Values:
    """Return the values with rows and columns exchanged."""
    return replace(
        values,
        arrays=tuple(array.swapaxes(-1, -2) for array in values.arrays),
        dims=tuple(reversed(values.dims)),
    )


# --- judging


def judge(text: str, made: Want) -> Finding:
    """Return what becomes of a student's text; raise Unreadable where it is not understood."""
    return judge_reading(read(text, made.notation, made.labels), made)


@dataclass(slots=True)
class Attempt:
    """A reading that was evaluated and found wrong."""

    world: World
    candidate: Candidate
    values: Values | None = None
    trouble: ShapeTrouble | None = None


def judge_reading(reading: Reading, made: Want) -> Finding:
    """Return what becomes of a formula that has been read."""
    from grader.formula import diagnose

    attempts: list[Attempt] = []
    for world in made.worlds:
        for candidate in reading.candidates(world.notation):
            attempt = _attempt(world, candidate)
            if attempt.values is not None:
                found = _right(attempt.values, world, made, reading)
                if found is not None:
                    return _correct(reading, candidate, found)
            attempts.append(attempt)
    if reading.meant:
        raise Unreadable(
            f"'{reading.meant}' beside the formula may change it; write it as a formula",
            text=reading.text,
            position=reading.start,
        )
    return diagnose.explain(reading, made, attempts)


def _attempt(world: World, candidate: Candidate) -> Attempt:
    if isinstance(candidate.program, ShapeTrouble):
        return Attempt(world, candidate, None, candidate.program)
    return Attempt(world, candidate, values_of(candidate.program, world.batches))


def _right(values: Values, world: World, made: Want, reading: Reading) -> str | None:
    """Return a remark where the values are right, else None."""
    for accepted in world.want:
        if _equal(values, accepted, made.rtol):
            finite = all(np.isfinite(array).all() for array in values.arrays)
            return "" if finite else "where it has a value"
    if made.layout == "either" or reading.says_layout or _states_turned(reading, world):
        for accepted in world.want:
            if _equal(turned(values), accepted, made.rtol):
                return "in the transposed layout"
    return None


def _states_turned(reading: Reading, world: World) -> bool:
    """Return whether the text itself says `∈ R^{n×1}` where (1, n) is asked."""
    if not reading.shape:
        return False
    stated = [word for word in _shape_words(reading.shape) if word not in ("R", "ℝ", "reals")]
    dims = [str(dim) for dim in reversed(world.want[0].dims)]
    return stated[-2:] == dims


def _shape_words(text: str) -> list[str]:
    cleaned = "".join(char if char.isalnum() else " " for char in text.replace("reals", " "))
    return cleaned.replace("×", " ").split()


def _correct(reading: Reading, candidate: Candidate, remark: str) -> Finding:
    from grader.formula.display import display

    return Finding(
        Verdict.CORRECT,
        why=f"right {remark}" if remark else "",
        understood=display(candidate.tree),
        notes=candidate.notes,
    )


_ = field
