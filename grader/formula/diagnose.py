"""Names what is wrong with a formula, where the samples tell it apart from what is right."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from grader.errors import Unreadable
from grader.formula import repairs
from grader.formula.compare import RTOL, Values, align, equal, turned, values_of
from grader.formula.evaluate import Array
from grader.formula.lineup import APART, Lineup
from grader.formula.reading import Candidate, Reading
from grader.formula.resolve import resolve
from grader.formula.shapes import ShapeTrouble
from grader.formula.slips import Altered
from grader.formula.target import Want, World
from grader.formula.terms import Program
from grader.formula.tree import Node

# A factor is told from its neighbours by far more than this.
_NEAR = 1e-6
# Formulas that take more operations than this are not altered in search of a slip.
_MOST_WORK = 150
# A wrong formula is not read in more ways than this.
_MOST_READINGS = 6
# Natural logarithms in place of others, and the other way about.
_LOG_FACTORS = ((1 / math.log(10), "log-base-10"), (1 / math.log(2), "log-base-2"))

# Where anything else explains an answer as well, these are said by coincidence.
_VAGUE = frozenset({"constant-factor", "wrong-derivative"})

# So much more than a term holds what it is a small part of.
_SMALL_TERM = 5
# These explain an answer only where enough of it is left.
_LOSING = frozenset({"missing-factor", "missing-term"})

SAY: Mapping[str, str] = MappingProxyType(
    {
        "sign": "A sign is wrong.",
        "constant-factor": "A constant factor is wrong.",
        "missing-mean": "The average is missing: the result is not divided by how many there are.",
        "extra-mean": "The result is divided by how many there are, which is not asked here.",
        "missing-factor": "A factor is missing.",
        "missing-transpose": "A transpose is missing.",
        "extra-transpose": "A transpose is one too many.",
        "transposed-layout": "Rows and columns are exchanged: the result is the transpose.",
        "product-order": "The factors of a matrix product stand in the wrong order.",
        "elementwise-for-matrix-product": "A product is taken entry by entry where it is a matrix "
        "product.",
        "matrix-product-for-elementwise": "A matrix product is taken where the entries are to be "
        "multiplied one by one.",
        "missing-derivative": "The derivative of an activation is missing.",
        "wrong-derivative": "The derivative of an activation is wrong.",
        "missing-term": "A term is missing.",
        "missing-root": "A square root is missing.",
        "missing-inverse": "An inverse is missing.",
        "missing-power": "A power is missing.",
        "missing-sum": "The sum over the samples is missing.",
        "missing-exponential": "The softmax takes the exponential of each score first.",
        "log-base-2": "The logarithm is taken to the base 2, not as the natural one.",
        "log-base-10": "The logarithm is taken to the base 10, not as the natural one.",
    }
)


class Attempt(NamedTuple):
    """A reading that was evaluated and found wrong."""

    world: World
    candidate: Candidate
    values: Values | None = None


class Explanation(NamedTuple):
    """Slips that together lead to an answer; `lost` is the factor that is missing, if one is."""

    ids: tuple[str, ...]
    says: tuple[str, ...]
    staff: str
    candidate: Candidate
    lost: str = ""


def explanations(
    reading: Reading, made: Want, attempts: Sequence[Attempt]
) -> tuple[Explanation, ...]:
    """Return the simplest explanations of a wrong answer; several of them are a tie.

    The rubric's own mistakes come first.
    """
    for search in (_named, _single, _repaired, _paired_named, _paired):
        found = [
            each
            for each in _distinct(search(reading, made, attempts))
            if not set(each.ids) & _LOSING
            or _holds_enough(each.candidate.tree, each.ids, reading, made)
        ]
        if found:
            fewest = min(len(explanation.ids) for explanation in found)
            simplest = [each for each in found if len(each.ids) == fewest]
            telling = [each for each in simplest if not set(each.ids) & _VAGUE]
            return tuple(telling or simplest)[:3]
    return ()


def _holds_enough(tree: Node, ids: Sequence[str], reading: Reading, made: Want) -> bool:
    """Return whether so much of the right answer is left that the rest may be called missing.

    A single copied symbol is no answer without a factor, nor is one small term of a long sum.
    How much a name of the student's own stands for is not asked.
    """
    while tree.op in ("transpose", "neg", "prime", "index"):
        tree = tree.args[0]
    atoms = [node for node in tree.walk() if not node.args]
    whole = made.worlds[0].tree
    if whole is None or any(str(node.value) in reading.definitions for node in atoms):
        return True
    if tree.op in ("name", "number"):
        return False
    right = sum(not node.args for node in whole.walk())
    return "missing-term" not in ids or len(atoms) * _SMALL_TERM >= right


def _distinct(found: Iterable[Explanation]) -> list[Explanation]:
    kept: dict[frozenset[str], Explanation] = {}
    for explanation in found:
        kept.setdefault(frozenset(explanation.ids), explanation)
    return list(kept.values())


def _valued(attempts: Sequence[Attempt]) -> Iterator[tuple[Attempt, Values]]:
    """Yield the attempts that have values, those of the right shape first."""
    valued = [(each, each.values) for each in attempts if each.values is not None]
    fitting = [
        pair for pair in valued if any(align(pair[1], r) is not None for r in pair[0].world.right)
    ]
    others = [pair for pair in valued if pair not in fitting] if len(fitting) < len(valued) else []
    yield from (*fitting, *others)[:6]


def _named(reading: Reading, made: Want, attempts: Sequence[Attempt]) -> Iterator[Explanation]:
    for attempt, values in _valued(attempts):
        for slip in attempt.world.named.alike(values, made.rtol):
            yield Explanation(slip.ids, (slip.say,), "", attempt.candidate)


def _single(reading: Reading, made: Want, attempts: Sequence[Attempt]) -> Iterator[Explanation]:
    """Yield slips that are made alone: on the value, then on the formula."""
    for attempt, values in _valued(attempts):
        world = attempt.world
        for right in world.right:
            for ids in _factors(values, right, world):
                if len(ids) == 1:
                    yield _explanation(ids, "", attempt)
            if equal(turned(values), right, made.rtol) and not values.free:
                yield _explanation(("transposed-layout",), "", attempt)
            if _per_sample(values, right, world, made.rtol):
                yield _explanation(("missing-sum",), "", attempt)
        for slip in world.slips.alike(values, made.rtol):
            found = _explanation(slip.ids, slip.staff, attempt, slip.lost)
            yield found._replace(says=(slip.say,)) if slip.say else found


def _paired(reading: Reading, made: Want, attempts: Sequence[Attempt]) -> Iterator[Explanation]:
    """Yield two slips made together: one of them on the value, which is cheap to tell."""
    for attempt, values in _valued(attempts):
        world = attempt.world
        for right in world.right:
            for ids in _factors(values, right, world):
                yield _explanation(ids, "", attempt)
            for ids in _factors(turned(values), right, world):
                yield _explanation(("transposed-layout", *ids), "", attempt)
        yield from _by_terms(attempt, values)
        yield from _with_factor(attempt, values, world.slips)


def _paired_named(
    reading: Reading, made: Want, attempts: Sequence[Attempt]
) -> Iterator[Explanation]:
    """Yield mistakes that the rubric names with a slip on the value beside them."""
    for attempt, values in _valued(attempts):
        yield from _with_factor(attempt, values, attempt.world.named)


def _with_factor(attempt: Attempt, values: Values, found: Lineup) -> Iterator[Explanation]:
    about = turned(values)
    for slip in found.akin(values, about):
        first = slip.say or SAY.get(slip.ids[0], "")
        for ids in _factors(values, slip.values, attempt.world, simple=True):
            if {*ids, *slip.ids} & {"missing-mean", "extra-mean"} and "missing-term" in slip.ids:
                continue
            if len(ids) == 1 and not set(ids) & set(slip.ids):
                says, found_ = (first, SAY[ids[0]]), (*slip.ids, *ids)
                yield Explanation(found_, says, slip.staff, attempt.candidate, slip.lost)
        if not values.free and equal(about, slip.values):
            says = (first, SAY["transposed-layout"])
            ids_ = (*slip.ids, "transposed-layout")
            yield Explanation(ids_, says, slip.staff, attempt.candidate)


def _explanation(ids: Sequence[str], staff: str, attempt: Attempt, lost: str = "") -> Explanation:
    says = tuple(SAY.get(id_, "") for id_ in ids)
    return Explanation(tuple(ids), says, staff, attempt.candidate, lost)


# --- factors between two values


def _factors(
    got: Values, want: Values, world: World, simple: bool = False
) -> Iterator[tuple[str, ...]]:
    """Yield what makes `got` of `want` when it is a multiple of it.

    With `simple`, only by -1, 2, 1/2, a number of samples or a logarithm's base.
    """
    ratios = _ratios(got, want)
    if ratios is None:
        return
    flat = np.concatenate(ratios)
    if _constant(flat):
        factor = float(flat[0])
        if abs(factor) > _NEAR and abs(factor - 1) > _NEAR:
            ids = _constant_slip(factor)
            usual = any(abs(abs(factor) - each) <= _NEAR for each in (0.5, 2.0))
            if not simple or "constant-factor" not in ids or usual:
                yield ids
        return
    yield from _size_slips(ratios, world)
    if not simple:
        yield from _symbol_slips(ratios, world)


def _ratios(got: Values, want: Values) -> list[Array] | None:
    """Return, per sample, by what `want` is to be multiplied to give `got`, if it can be."""
    aligned = align(got, want)
    if aligned is None:
        return None
    found = []
    for one, other in zip(aligned, want.arrays, strict=True):
        count = other.shape[0]
        a, b = one.reshape(count, -1), other.reshape(count, -1)
        with np.errstate(all="ignore"):
            square, mixed = np.einsum("ij,ij->i", b, b), np.einsum("ij,ij->i", a, b)
            most = np.einsum("ij,ij->i", a, a) * square
            # far from parallel; false for a NaN, of which nothing is known yet
            if (most - mixed * mixed > APART * most).any() or not np.isfinite(a).all():
                return None
        # where both are zero, as behind units that are all off, any ratio will do
        told = square > 0
        if not told.any() or a[~told].any() or not np.isfinite(square).all():
            return None
        ratio = mixed / np.where(told, square, 1.0)
        ratio[~told] = ratio[told][0]
        rest = a - ratio[:, None] * b
        size = np.sqrt(np.einsum("ij,ij->i", a, a))
        if not (np.sqrt(np.einsum("ij,ij->i", rest, rest)) <= RTOL * size).all():
            return None
        found.append(ratio)
    return found


def _constant(values: Array) -> bool:
    return bool(np.abs(values - values[0]).max() <= _NEAR * max(abs(float(values[0])), 1e-3))


def _constant_slip(factor: float) -> tuple[str, ...]:
    if abs(factor + 1) <= _NEAR:
        return ("sign",)
    for value, id_ in _LOG_FACTORS:
        if abs(factor - value) <= _NEAR:
            return (id_,)
        if abs(factor + value) <= _NEAR:
            return (id_, "sign")
    return ("constant-factor", "sign") if factor < 0 else ("constant-factor",)


def _size_slips(ratios: Sequence[Array], world: World) -> Iterator[tuple[str, ...]]:
    """Yield means that are missing or too many."""
    many = world.notation.samples
    for name in [many] if many else world.notation.sizes:
        counts = [batch.sizes[name] for batch in world.batches]
        for power, id_ in ((1, "missing-mean"), (-1, "extra-mean")):
            if power == 1 and not many:
                continue
            scaled = np.concatenate(
                [ratio / count**power for ratio, count in zip(ratios, counts, strict=True)]
            )
            if _constant(scaled):
                factor = float(scaled[0])
                if abs(factor - 1) <= _NEAR:
                    yield (id_,)
                else:
                    yield (id_, *_constant_slip(factor))
                return


def _symbol_slips(ratios: Sequence[Array], world: World) -> Iterator[tuple[str, ...]]:
    """Yield scalars, such as a step size, that are missing."""
    for name, symbol in world.notation.symbols.items():
        if symbol.shape and symbol.shape != (1, 1):
            continue
        values = [batch.leaves[name][:, 0, 0] for batch in world.batches]
        for power in (1, -1):
            if power == -1 and any((value == 0.0).any() for value in values):
                continue
            scaled = np.concatenate(
                [ratio * value**power for ratio, value in zip(ratios, values, strict=True)]
            )
            if _constant(scaled):
                if abs(float(scaled[0]) - 1) <= _NEAR:
                    yield ("missing-factor",) if power == 1 else ("constant-factor",)
                return


def _by_terms(attempt: Attempt, values: Values) -> Iterator[Explanation]:
    """Yield slips in several terms of a sum: some missing, some of the wrong sign or size."""
    world = attempt.world
    right = world.right[0]
    aligned = align(values, right)
    if aligned is None or not 2 <= len(world.terms) <= 8:
        return
    weights = []
    for which, target in enumerate(aligned):
        found = _weights(
            [
                np.broadcast_to(term.arrays[which], right.arrays[which].shape)
                for term in world.terms
            ],
            target,
        )
        if found is None:
            return
        weights.append(found)
    ids: dict[str, None] = {}
    for per_set in zip(*weights, strict=True):
        ratios = [np.asarray([weight]) for weight in per_set]
        if all(abs(weight) <= _NEAR for weight in per_set):
            ids["missing-term"] = None
        elif _constant(np.concatenate(ratios)):
            if abs(per_set[0] - 1) > _NEAR:
                ids.update(dict.fromkeys(_constant_slip(per_set[0])))
        else:
            slips_ = next(_size_slips(ratios, world), None)
            if slips_ is None:
                return
            ids.update(dict.fromkeys(slips_))
    if ids and any(weight for per_set in weights for weight in per_set):
        yield _explanation(tuple(ids), "", attempt)


def _weights(terms: Sequence[Array], target: Array) -> list[float] | None:
    """Return what each term is to be multiplied by so that they add up to `target`."""
    matrix = np.stack([term.reshape(-1) for term in terms], axis=1)
    goal = target.reshape(-1)
    if not np.isfinite(goal).all() or np.linalg.matrix_rank(matrix) < len(terms):
        return None
    weights = np.linalg.lstsq(matrix, goal, rcond=None)[0]
    if not np.linalg.norm(matrix @ weights - goal) <= RTOL * np.linalg.norm(goal):
        return None
    return [float(weight) for weight in weights]


def _per_sample(values: Values, right: Values, world: World, rtol: float) -> bool:
    """Return whether the answer, summed over its index of the samples, would be right."""
    places = [i for i, (_, size) in enumerate(values.free) if size == world.notation.samples]
    if len(places) != 1:
        return False
    kept = tuple(pair for i, pair in enumerate(values.free) if i != places[0])
    with np.errstate(all="ignore"):
        arrays = tuple(array.sum(axis=1 + places[0]) for array in values.arrays)
    return equal(Values(arrays, values.rank, kept, values.dims), right, rtol)


# --- slips taken back


def _repaired(reading: Reading, made: Want, attempts: Sequence[Attempt]) -> Iterator[Explanation]:
    """Yield slips that, taken back, make the answer right: for operands that do not fit."""
    first: dict[int, Attempt] = {}
    for attempt in attempts:
        first.setdefault(id(attempt.world), attempt)
    for attempt in first.values():
        found = list(_repaired_in(reading, attempt))
        if found:
            yield from found
            return


def _repaired_in(reading: Reading, attempt: Attempt) -> Iterator[Explanation]:
    """Yield such slips for one meaning of the question's general functions."""
    right = attempt.world.right
    tree, program = attempt.candidate.tree, attempt.candidate.program
    found = list(_exponentiated(reading, attempt))
    fits = attempt.values is not None and any(align(attempt.values, each) for each in right)
    if found or fits:
        yield from found
        return
    if isinstance(program, Program) and program.work > _MOST_WORK:
        return
    near = repairs.of(tree)
    if isinstance(program, ShapeTrouble):
        near = repairs.of(tree, program.start, program.end)
    found = list(_taken_back(near, reading, attempt))
    if not reading.code and not any(_is_pointwise(node) for node in tree.walk()):
        # a star is only in code a product of entries
        others = [each for each in found if "elementwise-for-matrix-product" not in each.ids]
        found = others or found
    if not found:
        found = list(_turned_throughout(reading, attempt))
    if not found and attempt.world.tree is not None:
        parts = repairs.factors(attempt.world.tree)
        found = list(_taken_back(repairs.completions(tree, parts), reading, attempt))
    yield from found


def _is_pointwise(node: Node) -> bool:
    return node.op == "mul" and isinstance(node.value, tuple) and "⊙" in node.value


def _exponentiated(reading: Reading, attempt: Attempt) -> Iterator[Explanation]:
    """Yield a softmax without its exponentials, which has no logarithm on most samples."""
    world = attempt.world
    for altered in repairs.exponentiated(attempt.candidate.tree):
        repaired = reading._replace(tree=altered.tree, usual=None, variants=())
        for values in values_under(repaired, world):
            if any(equal(values, right) for right in world.right):
                yield _explanation((altered.id,), altered.what, attempt)
                return


def values_under(reading: Reading, world: World) -> Iterator[Values]:
    """Yield the values of a formula under the ways of reading it that its operands allow."""
    try:
        for candidate in islice(reading.candidates(world.notation), _MOST_READINGS):
            if not isinstance(candidate.program, ShapeTrouble):
                yield values_of(candidate.program, world.batches)
    except Unreadable:
        return


def _turned_throughout(reading: Reading, attempt: Attempt) -> Iterator[Explanation]:
    """Yield a transpose that is missing at every place where operands do not fit."""
    world = attempt.world
    for last in (True, False):
        tree: Node | None = attempt.candidate.tree
        for _ in range(4):
            if tree is None:
                break
            program = _program(tree, reading, world)
            if isinstance(program, ShapeTrouble):
                tree = repairs.turned_at(tree, program.start, program.end, last)
                continue
            if tree is attempt.candidate.tree:
                tree = repairs.turned_everywhere(tree, last)
                program = _program(tree, reading, world)
                if isinstance(program, ShapeTrouble):
                    break
            if program is not None and tree is not attempt.candidate.tree:
                values = values_of(program, world.batches)
                if any(equal(values, right) for right in world.right):
                    what = "several factors are not transposed"
                    yield _explanation(("missing-transpose",), what, attempt)
            break


def _taken_back(
    repaired: Iterable[Altered], reading: Reading, attempt: Attempt
) -> Iterator[Explanation]:
    for altered in repaired:
        values = value(altered.tree, reading, attempt.world)
        if values is None:
            continue
        for right in attempt.world.right:
            if equal(values, right):
                yield _explanation((altered.id,), altered.what, attempt, altered.lost)
            else:
                for ids in _factors(values, right, attempt.world, simple=True):
                    yield _explanation((altered.id, *ids), altered.what, attempt, altered.lost)


def value(tree: Node, reading: Reading, world: World) -> Values | None:
    """Return the values of a tree in the student's own notation; None where it has none."""
    program = _program(tree, reading, world)
    if program is None or isinstance(program, ShapeTrouble):
        return None
    return values_of(program, world.batches)


def _program(tree: Node, reading: Reading, world: World) -> Program | ShapeTrouble | None:
    """Return what a student's altered formula means; None where it means nothing."""
    try:
        return resolve(
            tree,
            world.notation,
            reading.definitions,
            {},
            code=reading.code,
            letters=reading.letters,
        )[0]
    except Unreadable:
        return None
