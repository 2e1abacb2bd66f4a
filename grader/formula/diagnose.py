"""Names what is wrong with a formula, where the samples tell it apart from what is right."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from grader.errors import Unreadable
from grader.formula import repairs, shadow
from grader.formula.compare import RTOL, Values, align, equal, turned, values_of
from grader.formula.display import display
from grader.formula.evaluate import Array
from grader.formula.lineup import APART, Lineup, Slip
from grader.formula.reading import Candidate, Reading
from grader.formula.resolve import resolve
from grader.formula.shapes import ShapeTrouble
from grader.formula.slips import Altered
from grader.formula.target import Want, World
from grader.formula.terms import Program
from grader.formula.tree import Node, places, put

# A factor is told from its neighbours by far more than this.
_NEAR = 1e-6
# Formulas that take more operations than this are not altered in search of a slip.
_MOST_WORK = 150
# One quantity is not looked for in place of another at more places than this.
_MOST_LETTERS = 24
# A wrong formula is not read in more ways than this.
_MOST_READINGS = 6
# Natural logarithms in place of others, and the other way about.
_LOG_FACTORS = ((1 / math.log(10), "log-base-10"), (1 / math.log(2), "log-base-2"))

# Where anything else explains an answer as well, these are said by coincidence.
_VAGUE = frozenset({"constant-factor", "wrong-derivative"})

# So much more than a term holds what it is a small part of.
_SMALL_TERM = 5
_ORDER = "The factors are the right ones; their order, what is transposed or what is summed is not."
_REARRANGED = "right but for order and transposes"
# These explain an answer only where enough of it is left.
_LOSING = frozenset({"missing-factor", "missing-term", "missing-derivative"})

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
        "missing-activation": "An activation is left out: this is what it is applied to.",
        "missing-derivative": "The derivative of an activation is missing.",
        "wrong-derivative": "The derivative of an activation is wrong.",
        "missing-term": "A term is missing.",
        "wrong-symbol": "One of the quantities is another one than it should be.",
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
    """Slips that together lead to an answer; `lost` is the factor that is missing, if one is.

    `left` is how much of the right formula is there, from 0 to 1, where that is known.
    """

    ids: tuple[str, ...]
    says: tuple[str, ...]
    staff: str
    candidate: Candidate
    lost: str = ""
    left: float | None = None


def explanations(
    reading: Reading, made: Want, attempts: Sequence[Attempt]
) -> tuple[Explanation, ...]:
    """Return the simplest explanations of a wrong answer; several of them are a tie.

    The rubric's own mistakes come first.
    """
    for search in (_named, _single, _repaired, _paired_named, _paired, _as_numbers):
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
            if not _is_nothing(values) or _comes_to_nothing(slip, reading, attempt):
                yield Explanation(slip.ids, (slip.say,), "", attempt.candidate)


def _is_nothing(values: Values) -> bool:
    return not any(array.any() for array in values.arrays)


def _comes_to_nothing(slip: Slip, reading: Reading, attempt: Attempt) -> bool:
    """Return whether nothing at all is written where the rubric's formula says nothing at all.

    Σ_k (z_k - t_k) comes to zero as well, by what z and t are; zeros alone are not that.
    """
    named = dict.fromkeys(
        values.any() for each, values in attempt.world.named_as_numbers if (each.id,) == slip.ids
    )
    seen = _as_number(reading, attempt)
    written = seen is not None and bool(np.abs(seen).max() > _NEAR)
    return not named or written in named


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
            about = (values, turned(values)) if values.free else ()
            if any(_per_sample(each, right, world, made.rtol) for each in about):
                yield _explanation(("missing-sum",), "", attempt)
        for slip in world.slips.alike(values, made.rtol):
            found = _explanation(slip.ids, slip.staff, attempt, slip)
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
            if _per_sample(values, right, world, made.rtol):
                yield _explanation(("missing-sum",), "", attempt)
        yield from _by_terms(attempt, values)
        yield from _with_factor(attempt, values, world.slips)


def _paired_named(
    reading: Reading, made: Want, attempts: Sequence[Attempt]
) -> Iterator[Explanation]:
    """Yield mistakes that the rubric names with a slip on the value beside them."""
    for attempt, values in _valued(attempts):
        yield from _with_factor(attempt, values, attempt.world.named)


def _with_factor(attempt: Attempt, values: Values, found: Lineup) -> Iterator[Explanation]:
    if _is_nothing(values):
        return
    about = turned(values)
    for slip in found.akin(values, about):
        first = slip.say or SAY.get(slip.ids[0], "")
        for ids in _factors(values, slip.values, attempt.world, simple=True):
            if {*ids, *slip.ids} & {"missing-mean", "extra-mean"} and "missing-term" in slip.ids:
                continue
            if len(ids) == 1 and not set(ids) & set(slip.ids):
                found_ = _explanation((*slip.ids, *ids), slip.staff, attempt, slip)
                yield found_._replace(says=(first, SAY[ids[0]]))
        if not values.free and equal(about, slip.values):
            found_ = _explanation((*slip.ids, "transposed-layout"), slip.staff, attempt, slip)
            if any(align(slip.values, right) is not None for right in attempt.world.right):
                yield found_._replace(says=(first, SAY["transposed-layout"]))
            else:  # what has another shape anyway has no layout of its own
                yield found_._replace(ids=slip.ids, says=(first,))


def _explanation(
    ids: Sequence[str], staff: str, attempt: Attempt, slip: Slip | Altered | None = None
) -> Explanation:
    says = tuple(SAY.get(id_, "") for id_ in ids)
    found = Explanation(tuple(ids), says, staff, attempt.candidate)
    return found if slip is None else found._replace(lost=slip.lost, left=slip.left)


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
        if (symbol.shape and symbol.shape != (1, 1)) or not _holds(world.tree, name):
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


def _holds(tree: Node | None, name: str) -> bool:
    return tree is None or any(node.op == "name" and node.value == name for node in tree.walk())


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
    """Return whether the answer, summed over the samples where it is about one, would be right."""
    many = world.notation.samples
    places = [i for i, (_, size) in enumerate(values.free) if size == many]
    sides = [i for i, size in enumerate(values.dims) if size == many]
    if many is None or len(places) + len(sides) != 1:
        return False
    kept = tuple(pair for i, pair in enumerate(values.free) if i not in places)
    with np.errstate(all="ignore"):
        if places:
            arrays = tuple(array.sum(axis=1 + places[0]) for array in values.arrays)
        else:
            arrays = tuple(array.sum(axis=sides[0] - 2, keepdims=True) for array in values.arrays)
    return equal(Values(arrays, values.rank, kept, values.dims), right, rtol)


# --- slips taken back


def _repaired(reading: Reading, made: Want, attempts: Sequence[Attempt]) -> Iterator[Explanation]:
    """Yield slips that, taken back, make the answer right: for operands that do not fit."""
    for attempt in _first_attempts(attempts):
        found = list(_repaired_in(reading, attempt))
        if found:
            yield from found
            return


def _first_attempts(attempts: Sequence[Attempt]) -> list[Attempt]:
    """Return the first attempt for each meaning of the question's general functions."""
    first: dict[int, Attempt] = {}
    for attempt in attempts:
        first.setdefault(id(attempt.world), attempt)
    return list(first.values())


def _repaired_in(reading: Reading, attempt: Attempt) -> Iterator[Explanation]:
    """Yield such slips for one meaning of the question's general functions."""
    world = attempt.world
    tree, program = attempt.candidate.tree, attempt.candidate.program
    found = list(_exponentiated(reading, attempt))
    if found or _fits(attempt) or (isinstance(program, Program) and program.work > _MOST_WORK):
        yield from found
        return
    telling = _tells_all(reading, tree) and not shadow.inverts(tree)
    seen = _as_number(reading, attempt) if telling else None
    if seen is not None and not any(True for _ in _scaled_right(seen, world)):
        return
    near = repairs.of(tree)
    if isinstance(program, ShapeTrouble):
        near = repairs.of(tree, program.start, program.end)
    found = list(_taken_back(near, reading, attempt))
    if not reading.code and not any(_is_pointwise(node) for node in tree.walk()):
        # a star is only in code a product of entries
        others = [each for each in found if "elementwise-for-matrix-product" not in each.ids]
        found = others or found
    yield from found or _turned_throughout(reading, attempt)


def _fits(attempt: Attempt) -> bool:
    """Return whether an answer has the shape of the right one."""
    values, right = attempt.values, attempt.world.right
    return values is not None and any(align(values, each) is not None for each in right)


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
                yield _explanation((altered.id,), altered.what, attempt)
            else:
                for ids in _factors(values, right, attempt.world, simple=True):
                    yield _explanation((altered.id, *ids), altered.what, attempt)


# --- as numbers


def _as_number(reading: Reading, attempt: Attempt) -> Array | None:
    """Return the answer's values among numbers, where matrices are asked for."""
    if not attempt.world.has_matrices:
        return None
    return attempt.world.shadow.of(attempt.candidate.tree, reading.definitions)


def _scaled_right(seen: Array, world: World) -> Iterator[tuple[Node, tuple[str, ...]]]:
    """Yield the right formulas that an answer is a multiple of among numbers, and by what."""
    for right, values in world.right_as_numbers:
        for ids in _scales(seen, values, world):
            yield right, ids


def _rearranged(seen: Array, reading: Reading, attempt: Attempt) -> Iterator[Explanation]:
    """Yield what is right among numbers: the order of the factors is not, nor are transposes."""
    tree = attempt.candidate.tree
    for right, ids in _scaled_right(seen, attempt.world):
        if any(node.op == "call" and node.value == "mean" for node in tree.walk()):
            if ids == ("extra-mean",):  # over what the mean is, is open
                yield _explanation(ids, "", attempt)
        elif _tells_all(reading, tree, right) and not _fits(attempt):
            found = _explanation((_rearrangement(tree, right), *ids), _REARRANGED, attempt)
            yield found._replace(says=(_ORDER, *found.says[1:]))
        return


def _tells_all(reading: Reading, *trees: Node) -> bool:
    """Return whether nothing is lost of the formulas among numbers but order and transposes."""
    own = (each.tree for each in reading.definitions.values())
    return not any(shadow.sums(tree) for tree in (*trees, *own))


def _rearrangement(tree: Node, right: Node) -> str:
    """Return what it is called when a formula is right but for order and transposes."""
    turned_ = [
        sum(node.op in ("transpose", "prime") for node in each.walk()) for each in (tree, right)
    ]
    if turned_[0] == turned_[1]:
        return "product-order"
    return "missing-transpose" if turned_[0] < turned_[1] else "extra-transpose"


def _as_numbers(reading: Reading, made: Want, attempts: Sequence[Attempt]) -> Iterator[Explanation]:
    """Yield slips that show where every matrix is a number, whatever order its factors have."""
    for attempt in _first_attempts(attempts):
        tree, right = attempt.candidate.tree, attempt.world.tree
        seen = _as_number(reading, attempt)
        if seen is None or right is None:
            continue
        if any(True for _ in _scaled_right(seen, attempt.world)):
            yield from _rearranged(seen, reading, attempt)
            return
        if not _tells_all(reading, tree, right):
            continue
        found = list(_named_as_numbers(seen, attempt))
        for search in (_altered_as_numbers, _exchanged_letters, _forgotten_letters):
            found = found or list(search(seen, reading, attempt))
        if found:
            yield from found
            return


def _named_as_numbers(seen: Array, attempt: Attempt) -> Iterator[Explanation]:
    for named, values in attempt.world.named_as_numbers:
        for ids in _scales(seen, values, attempt.world):
            if "constant-factor" not in ids:
                says = (named.say, *(SAY[id_] for id_ in ids))
                yield Explanation((named.id, *ids), says, "", attempt.candidate)


def _altered_as_numbers(seen: Array, reading: Reading, attempt: Attempt) -> Iterator[Explanation]:
    world = attempt.world
    for altered, values in world.altered_as_numbers:
        if shadow.equal(seen, values):
            says = [altered.say or SAY.get(altered.id, "")]
            found = _explanation((altered.id,), altered.what, attempt, altered)
            if world.value(altered.tree) is not None:  # in this order it would fit
                found = found._replace(ids=(*found.ids, "product-order"))
                says.append(_ORDER)
            yield found._replace(says=tuple(says))


def _exchanged_letters(seen: Array, reading: Reading, attempt: Attempt) -> Iterator[Explanation]:
    """Yield one quantity in place of another, at one place of the right formula."""
    world = attempt.world
    used, tree = _letters(reading, attempt), world.tree or attempt.candidate.tree
    named = [pair for pair in places(tree) if pair[1].op == "name"]
    for path, node in named[:_MOST_LETTERS]:
        known = world.notation.target(str(node.value))
        for letter in sorted(used - {known}) if known in world.shadow.leaves else ():
            other = put(tree, path, Node("name", (), letter))
            values = world.shadow.of(other)
            if values is None or not shadow.equal(seen, values):
                continue
            if _spelled(other, world) == _spelled(attempt.candidate.tree, world):
                what = f"{display(Node('name', (), letter))} in place of {display(node)}"
                left = 1.0 - 1.0 / max(len(named), 2)
                yield _explanation(("wrong-symbol",), what, attempt)._replace(left=left)
                return


def _spelled(tree: Node, world: World) -> list[str]:
    """Return the letters of a formula, each as often as it stands there, ŷ = a as a."""
    found = []
    for node in tree.walk():
        while node.op == "name":
            name = world.notation.target(str(node.value))
            defined = world.notation.define.get(name)
            if defined is None or defined.op != "name":
                found.append(name)
                break
            node = defined
    return sorted(found)


def _forgotten_letters(seen: Array, reading: Reading, attempt: Attempt) -> Iterator[Explanation]:
    """Yield a term that is left out where a letter of the question is written out: the bias."""
    world = attempt.world
    used = _letters(reading, attempt)
    for letter in world.notation.symbols:
        zero = shadow.cast(world.notation, without=letter) if letter not in used else None
        values = zero.of(world.tree) if zero is not None and world.tree is not None else None
        if values is not None and shadow.equal(seen, values):
            what = f"without {display(Node('name', (), letter))}"
            yield _explanation(("missing-term",), what, attempt)._replace(left=1.0)


def _letters(reading: Reading, attempt: Attempt) -> frozenset[str]:
    """Return the question's letters that a formula holds, and its definitions."""
    trees = [attempt.candidate.tree, *(each.tree for each in reading.definitions.values())]
    names = {str(node.value) for tree in trees for node in tree.walk() if node.op == "name"}
    return frozenset(map(attempt.world.notation.target, names)) & attempt.world.shadow.leaves.keys()


def _scales(got: Array, want: Array, world: World) -> Iterator[tuple[str, ...]]:
    """Yield what makes one formula of another among numbers: nothing, a sign, two, a mean."""
    ratio = shadow.multiple(got, want)
    if ratio is None:
        return
    told = np.isfinite(ratio)
    many = world.notation.samples
    counts = world.shadow.leaves[many] if many else np.ones_like(ratio)
    for power, ids in ((0, ()), (1, ("missing-mean",)), (-1, ("extra-mean",))):
        scaled = ratio[told] / counts[told] ** power
        if _constant(scaled):
            factor = float(scaled[0])
            if abs(factor - 1.0) <= _NEAR:
                yield ids
            elif any(abs(abs(factor) - usual) <= _NEAR for usual in (0.5, 1.0, 2.0)):
                yield (*ids, *_constant_slip(factor))
            return


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
