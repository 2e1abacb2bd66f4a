"""Sums and products over indices: what an index runs over."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from grader.formula import indices, shapes
from grader.formula.shapes import Axis, Free, ShapeTrouble
from grader.formula.terms import NUMBER, Term
from grader.formula.tree import Node, renamed

if TYPE_CHECKING:
    from grader.formula.resolve import Resolver

MAX_RANGE = 2_000
MAX_STEPS = 260


def read(r: Resolver, node: Node) -> Term:
    names = node.value if isinstance(node.value, tuple) else ()
    body = node.args[0]
    bounds = node.args[1 : 1 + 2 * len(names)]
    conditions = node.args[1 + 2 * len(names) :]
    if not names:
        return unindexed(r, node, body)
    written = unrolled(r, node, names, body, bounds)
    if written is not None:
        return r.term(written)
    axes = [r.new_axis(name, node) for name in names]
    ranges = [
        bounded(r, axis, bounds[2 * i], bounds[2 * i + 1], node) for i, axis in enumerate(axes)
    ]
    axes = [found[0] for found in ranges]
    r.scopes.append({axis.name: axis for axis in axes})
    masks = [mask for found in ranges for mask in found[1]]
    masks += [r.term(condition) for condition in conditions]
    used, r.used = r.used, set()
    try:
        term = r.term(body)
    finally:
        r.scopes.pop()
    inside, r.used = r.used, used | r.used
    for axis in axes:
        if axis.number not in inside:
            return index_missing(r, node, body, axes, axis)
    if masks and any(isinstance(shapes.known(axis.size), Free) for axis in axes):
        raise r.unreadable("the bounds of this sum are not understood", node)
    for mask in masks:
        dims = shapes.broadcast(term.dims, mask.dims)
        if dims is None or not shapes.same(dims, term.dims):
            raise r.trouble("the condition of this sum is no number", node)
        term = r.make(
            "times" if node.op == "sum" else "power", [term, mask], None, term.dims, term.rank
        )
    for axis in reversed(axes):
        term = Term(
            "sum axis" if node.op == "sum" else "prod axis",
            (term,),
            axis,
            term.dims,
            term.axes - {axis.number},
            term.rank,
        )
    return term


def unrolled(
    r: Resolver, node: Node, names: Sequence[str], body: Node, bounds: Sequence[Node]
) -> Node | None:
    """Return a sum over numbered letters, h_k for k = 1, 2, written out."""
    uses = [
        each
        for each in body.walk()
        if each.op == "index" and any(item.value == names[0] for item in each.args[1:])
    ]
    labelled = [
        each
        for each in uses
        if len(each.args) == 2 and indices.is_family(r, str(each.args[0].value))
    ]
    if node.op != "sum" or len(names) != 1 or not labelled:
        return None
    first, last = whole(r, bounds[0]), whole(r, bounds[1])
    if first is None or last is None:
        if len(labelled) < len(uses):
            return None
        first, last = 1, max(_members(r, str(each.args[0].value)) for each in labelled)
    if not 0 < last - first + 1 <= 8:
        return None
    numbers = [Node("number", (), float(i)) for i in range(first, last + 1)]
    terms = tuple(renamed(body, {names[0]: number}) for number in numbers)
    return terms[0] if len(terms) == 1 else Node("add", terms, None, node.start, node.end)


def _members(r: Resolver, family: str) -> int:
    """Return how many numbered letters there are."""
    letter = family.rstrip("*")
    own = [name for name in r.definitions if name.rstrip("0123456789") == f"{letter}_"]
    return len(own) or len(r.notation.families.get(family, ()))


def bounded(
    r: Resolver, axis: Axis, lower: Node, upper: Node, node: Node
) -> tuple[Axis, list[Term]]:
    """Let a sum's index run between its bounds; return masks for a part of a range."""
    first = 1 if lower.op == "none" else whole(r, lower)
    last = whole(r, upper)
    if upper.op == "none":
        return axis, []
    if first in (0, 1) and is_unknown(r, upper):
        r.note(f"the sum over {axis.name} up to {upper.value} was read as one over all")
        return axis, []
    if first is not None and last is not None:
        count = last - first + 1
        if count > MAX_RANGE:
            raise r.unreadable(f"the sum has more than {MAX_RANGE:,} terms", node)
        ranged = Axis(axis.number, axis.name, axis.size, first)
        r.axes[axis.number] = ranged
        r.sizes.unify(axis.size, max(count, 0))
        return ranged, []
    size = size_name(r, upper)
    if size is not None:
        if not r.sizes.unify(axis.size, size):
            r.note(f"the sum over {axis.name} was read as one over all of its values")
        if first in (0, 1):
            check_bound(r, axis, size)
            return axis, []
    minus = size_less_one(r, upper)
    if minus is not None and first == 0:
        return axis, []
    if first is not None and not mentions_size(r, upper):
        return stepped(r, axis, first, upper)
    return axis, part(r, axis, lower, upper)


def mentions_size(r: Resolver, node: Node) -> bool:
    sizes = r.notation.sizes
    return any(each.op == "name" and each.value in sizes for each in node.walk())


def stepped(r: Resolver, axis: Axis, first: int, upper: Node) -> tuple[Axis, list[Term]]:
    """Return a range whose end differs from sample to sample: as long as it may be, masked."""
    ranged = Axis(axis.number, axis.name, axis.size, first)
    r.axes[axis.number] = ranged
    r.sizes.unify(axis.size, MAX_STEPS)
    here = Term("index", (), ranged, NUMBER, frozenset({ranged.number}), 0)
    end = bound(r, upper)
    inside = r.make("compare", [here, end], "<=", NUMBER, 0)
    most = r.constant(float(first + MAX_STEPS - 1))
    fits = r.make("compare", [end, most], "<=", NUMBER, 0)
    return ranged, [r.chosen([inside, fits, r.constant(math.nan)], upper)]


def check_bound(r: Resolver, axis: Axis, size: str) -> None:
    """Leave the size to the letters' own shapes where the bound may be a slip of the pen."""
    key = f"bound of {axis.name}"
    lenient = any(
        way and other != key and other.startswith(("bound of", "order of"))
        for other, way in r.open.taken.items()
    )
    # one slip of the pen is forgiven, not two that make up for each other
    if r.open.choose(key, 2) and not lenient:
        axis.size.bound = None
        r.note(f"the sum over {axis.name} was read as one over all of its values, not {size}")


def part(r: Resolver, axis: Axis, lower: Node, upper: Node) -> list[Term]:
    here = Term("index", (), axis, NUMBER, frozenset({axis.number}), 0)
    masks = []
    if lower.op != "none":
        masks.append(r.make("compare", [here, bound(r, lower)], ">=", NUMBER, 0))
    masks.append(r.make("compare", [here, bound(r, upper)], "<=", NUMBER, 0))
    return masks


def bound(r: Resolver, node: Node) -> Term:
    """Return a bound of a sum, which has to be a number."""
    term = r.term(node)
    if not shapes.is_scalar(term.dims) or term.axes:
        raise r.unreadable("the bounds of this sum are not understood", node)
    return term


def whole(r: Resolver, node: Node) -> int | None:
    if node.op == "number" and isinstance(node.value, float) and node.value == int(node.value):
        return int(node.value)
    if node.op == "neg" and node.args[0].op == "number":
        inner = whole(r, node.args[0])
        return None if inner is None else -inner
    return None


def is_unknown(r: Resolver, node: Node) -> bool:
    """Return whether a bound is a letter that neither the question nor the answer explains."""
    name = str(node.value)
    explained = name in r.definitions or r.notation.vocabulary.knows(name)
    return node.op == "name" and not explained and not any(a.name == name for a in r.axes)


def size_name(r: Resolver, node: Node) -> str | None:
    if node.op == "name" and node.value in r.notation.sizes:
        return str(node.value)
    return None


def size_less_one(r: Resolver, node: Node) -> str | None:
    if node.op == "add" and len(node.args) == 2 and node.args[1].op == "neg":
        one = node.args[1].args[0]
        return size_name(r, node.args[0]) if one.value == 1.0 else None
    return None


def unindexed(r: Resolver, node: Node, body: Node) -> Term:
    """Return a sum that names no index: over the samples, else over all entries."""
    if node.op == "prod":
        raise r.unreadable("the index of the product is missing", node)
    if r.notation.samples and r.implicit is None:
        axis = r.new_axis("i", node)
        found = over_samples(r, axis, body)
        if found is not None:
            return found
    term = r.term(body)
    r.note("the sum without an index was read as one over all entries")
    return r.make("reduce", [term], ("sum", None), NUMBER, 0)


def average(r: Resolver, node: Node) -> Term:
    """Return a mean over indices, `E_i[...]`."""
    first = len(r.axes)
    names = node.value if isinstance(node.value, tuple) else ()
    total = read(r, Node("sum", node.args, node.value, node.start, node.end))
    for axis in r.axes[first : first + len(names)]:
        count = Term("extent", (), axis, NUMBER, rank=0)
        total = r.make("divide", [total, count], None, total.dims, total.rank)
    return total


def extreme(r: Resolver, node: Node) -> Term:
    """Return the largest or smallest of the values over an index."""
    (name,) = node.value if isinstance(node.value, tuple) else ("",)
    axis = r.new_axis(name, node)
    r.scopes.append({name: axis})
    try:
        term = r.term(node.args[0])
    finally:
        r.scopes.pop()
    if axis.number not in term.axes:
        raise r.unreadable(f"what the index {name} counts here is not clear", node)
    left = term.axes - {axis.number}
    return Term(f"{node.op} on axis", (term,), axis, term.dims, left, term.rank)


def mean_of_samples(r: Resolver, body: Node) -> Term | None:
    """Return the mean of what is said of a sample, where a mean names no index."""
    if r.notation.samples is None or r.implicit is not None:
        return None
    mark = r.sizes.mark()
    axis = r.new_axis("i", body)
    found = over_samples(r, axis, body)
    if found is None:
        r.sizes.back(mark)
        return None
    count = Term("extent", (), axis, NUMBER, rank=0)
    return r.make("divide", [found, count], None, found.dims, found.rank)


def over_samples(r: Resolver, axis: Axis, body: Node) -> Term | None:
    """Return the body per sample, summed, where it is about samples."""
    mark = r.sizes.mark()
    outer, r.implicit = r.implicit, axis
    try:
        term = r.term(body)
    except ShapeTrouble:
        r.sizes.back(mark)
        return None
    finally:
        r.implicit = outer
    if axis.number not in term.axes:
        return None
    if r.open.choose("sum without index", 2):
        return None
    r.note("the sum without an index was read as one over the samples")
    axes = term.axes - {axis.number}
    return Term("sum axis", (term,), axis, term.dims, axes, term.rank)


def index_missing(r: Resolver, node: Node, body: Node, axes: Sequence[Axis], axis: Axis) -> Term:
    """Return a sum whose index the body does not carry."""
    size = shapes.known(axis.size)
    about_samples = isinstance(size, Free) or size == r.notation.samples
    if node.op == "sum" and about_samples and r.implicit is None:
        found = put_to_samples(r, node, body, axis)
        if found is not None:
            return found
    if isinstance(size, Free):
        term = r.term(body)
        r.note("the sum was read as one over all entries")
        return r.make("reduce", [term], ("sum", None), NUMBER, 0)
    count = Term("extent", (), axis, NUMBER, rank=0)
    r.scopes.append({each.name: each for each in axes if each is not axis})
    term = r.term(body)
    r.scopes.pop()
    if node.op == "prod":
        return r.make("power", [term, count], None, term.dims, term.rank)
    return r.make("times", [term, count], None, term.dims, term.rank)


def put_to_samples(r: Resolver, node: Node, body: Node, axis: Axis) -> Term | None:
    """Return a sum over samples whose index has been left out of the letters."""
    if r.notation.samples is None or r.open.choose(f"missing index {axis.name}", 2):
        return None
    names = node.value if isinstance(node.value, tuple) else ()
    kept = [
        bound
        for i, name in enumerate(names)
        if name != axis.name
        for bound in node.args[1 + 2 * i : 3 + 2 * i]
    ]
    rest = tuple(name for name in names if name != axis.name)
    inner = Node("sum", (body, *kept), rest, node.start, node.end) if rest else body
    mark = r.sizes.mark()
    found = over_samples(r, axis, inner)
    if found is None:
        r.sizes.back(mark)
    else:
        r.note(f"the index {axis.name} was put to the letters that hold samples")
    return found
