"""Arrays of code with three axes: matrices that are stacked along an index without a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.formula import indices
from grader.formula.shapes import Axis, known
from grader.formula.terms import NUMBER, Term
from grader.formula.tree import Node

if TYPE_CHECKING:
    from grader.formula.resolve import Resolver


def stacked(r: Resolver, term: Term, place: int, node: Node) -> Term:
    """Return a matrix with a third axis put in at `place`, as `unsqueeze` does."""
    if place == 0:
        return Term("same", (term,), None, term.dims, term.axes, 3)
    if known(term.dims[0]) != 1:
        axis = _first_axis(r, node)
        r.over(axis, term.dims[0], node)
        term = indices.pick(r, term, axis, None)
    term = term if place == 1 else r.transposed(term)
    return Term(term.op, term.args, term.value, term.dims, term.axes, 3)


def reduced(r: Resolver, kind: str, term: Term, place: int, keeps: bool, node: Node) -> Term:
    """Return a stack summed or averaged along one of its three axes."""
    if kind not in ("sum", "mean", "max", "min"):
        raise r.unreadable(f"'{kind}' of three axes is not understood", node)
    if place == 0:
        return _over_first(r, kind, term, 3 if keeps else 2, node)
    side = place - 1
    dims = (1, term.dims[1]) if side == 0 else (term.dims[0], 1)
    total = r.make("reduce", [term], (kind, side), dims, 3)
    return total if keeps else _flat(r, total if side == 0 else r.transposed(total), node)


def _over_first(r: Resolver, kind: str, term: Term, rank: int, node: Node) -> Term:
    axis = _first_axis(r, node)
    if axis.number not in term.axes:
        return Term("same", (term,), None, term.dims, term.axes, rank)
    if kind not in ("sum", "mean"):
        raise r.unreadable(f"'{kind}' along the first of three axes is not understood", node)
    total = Term("sum axis", (term,), axis, term.dims, term.axes - {axis.number}, rank)
    if kind == "sum":
        return total
    count = Term("extent", (), axis, NUMBER, rank=0)
    return r.make("divide", [total, count], None, total.dims, rank)


def _flat(r: Resolver, term: Term, node: Node) -> Term:
    """Return a stack of rows as a matrix."""
    axis = _first_axis(r, node)
    if axis.number not in term.axes:
        return Term("same", (term,), None, term.dims, term.axes, 2)
    dims = (axis.size, term.dims[1])
    return Term("unpick", (term,), axis, dims, term.axes - {axis.number}, 2)


def _first_axis(r: Resolver, node: Node) -> Axis:
    """Return the index along which all stacks of a formula lie."""
    if r.stack is None:
        r.stack = r.new_axis("of the stack", node)
    return r.stack
