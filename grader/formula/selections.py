"""What code takes from an array by brackets and `.shape`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from grader.formula import indices, shapes, stacks
from grader.formula.terms import NUMBER, Term
from grader.formula.tree import Node

if TYPE_CHECKING:
    from grader.formula.resolve import Resolver


def size(r: Resolver, node: Node) -> Term:
    """Return `.shape[0]` or `.shape[1]`."""
    term = r.term(node.args[0])
    axis = node.value
    if term.rank == 1:
        axis = 1
    dim = shapes.known(term.dims[int(axis) if isinstance(axis, int) else 0])
    if isinstance(dim, int):
        return r.constant(float(dim))
    return Term("size", (), dim, NUMBER, rank=0)


def read(r: Resolver, node: Node) -> Term:
    """Return `X[:, i]`, `x[i]` or `v[:, None]`, as code has it."""
    base = node.args[0]
    spans = [item.op == "span" for item in node.args[1:]]
    items = [_named(item) for item in node.args[1:]]
    if base.op == "call" and base.value == "shape" and len(base.args) == 1:
        place = items[0].value if items[0].op == "number" else -1.0
        return size(r, Node("size", base.args, int(float(str(place)))))
    term = r.term(base)
    if base.value == "lstsq" or (base.value == "slogdet" and items[0].value == 1.0):
        return term
    words = [str(item.value) for item in items]
    if "None" in words:
        return widened(r, term, words, node)
    if any(item.op == "call" for item in items):
        return labelled_entries(r, term, items, node)
    lone = len(items) == 1 and items[0].op != "number" and not spans[0]
    if term.rank == 1 or (lone and shapes.is_vector(term.dims)):
        side = 1 if shapes.known(term.dims[0]) == 1 else 0
        part = chosen_part(r, term, items[0], side, node)
        return with_rank(part, 0) if shapes.is_scalar(part.dims) else part
    picked = term
    for side, item in enumerate(items[:2]):
        if item.value != ":":
            picked = chosen_part(r, picked, item, side, node)
    kept = [side for side in (0, 1) if side >= len(items) or words[side] == ":" or spans[side]]
    if len(kept) == 1:
        if kept[0] == 0:
            picked = r.transposed(picked)
        return with_rank(picked, 1)
    return picked if kept else with_rank(picked, 0)


def with_rank(term: Term, rank: int) -> Term:
    """Return a part of an array with as many axes as code gives it."""
    return Term(term.op, term.args, term.value, term.dims, term.axes, rank)


def _named(item: Node) -> Node:
    """Return the i of `i:i+1`, which keeps its axis."""
    return Node("name", (), item.value, item.start, item.end) if item.op == "span" else item


def labelled_entries(r: Resolver, term: Term, items: Sequence[Node], node: Node) -> Term:
    """Return `Z[labels, np.arange(N)]`: per sample the entry of its class."""
    for side, item in enumerate(items[:2]):
        if item.op == "call" and item.value == "argmax" and len(items) == 2:
            labels = r.term(item)
            other = items[1 - side]
            if labels.op == "labels" and other.value == "arange":
                rows = labels.args[0]  # (samples, classes)
                here = term if side == 1 else r.transposed(term)
                if shapes.same(rows.dims, here.dims):
                    product = r.make("times", [here, rows], None, here.dims)
                    total = r.make("reduce", [product], ("sum", 1), (here.dims[0], 1))
                    flat = r.transposed(total)
                    return Term(flat.op, flat.args, flat.value, flat.dims, flat.axes, 1)
    raise r.unreadable("this selection is not understood", node)


def chosen_part(r: Resolver, term: Term, item: Node, side: int, node: Node) -> Term:
    if item.value == ":":
        return term
    if item.op == "number" and isinstance(item.value, float):
        counted = Node("number", (), item.value + 1.0, item.start, item.end)
        return indices.fixed(r, term, counted, side, node)
    return indices.along(r, term, item, side, node)


def widened(r: Resolver, term: Term, words: Sequence[str], node: Node) -> Term:
    if term.rank == 2 and sorted(words) == [":", ":", "None"]:
        return stacks.stacked(r, term, words.index("None"), node)
    if term.rank != 1 or words not in ([":", "None"], ["None", ":"]):
        raise r.unreadable("this selection is not understood", node)
    if words[0] == "None":
        return Term("same", (term,), None, term.dims, term.axes, 2)
    return r.transposed(term)
