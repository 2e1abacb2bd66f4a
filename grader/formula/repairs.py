"""Slips taken back: what a wrong formula is without one, where its operands do not fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from grader.formula.display import display
from grader.formula.slips import Altered, is_number, with_term
from grader.formula.tree import Node, places, put, rewrite

MAX_REPAIRS = 36


def of(tree: Node, start: int = 0, end: int | None = None) -> Iterator[Altered]:
    """Yield the formulas that a wrong one becomes when one slip is taken back.

    Slips are looked for between the places `start` and `end` of the source, where operands do
    not fit.
    """
    yield from islice(_repairs(tree, start, tree.end if end is None else end), MAX_REPAIRS)


def _repairs(tree: Node, start: int, end: int) -> Iterator[Altered]:
    for path, node in places(tree):
        if node.start <= end and start <= node.end:
            for altered in _repaired(node):
                yield altered._replace(tree=put(tree, path, altered.tree))


def exponentiated(tree: Node) -> Iterator[Altered]:
    """Yield the formulas in which shares of a sum are a softmax: u / Σ u becomes e^u / Σ e^u."""
    for path, node in islice(places(tree), MAX_REPAIRS):
        if node.op != "div":
            continue
        top, bottom = node.args
        if bottom.op == "sum" or (bottom.op == "call" and bottom.value == "sum"):
            total = bottom.with_args((_exponential(bottom.args[0]), *bottom.args[1:]))
            other = put(tree, path, node.with_args((_exponential(top), total)))
            yield Altered("missing-exponential", other, f"{display(node)} without exponentials")


def _exponential(node: Node) -> Node:
    return Node("call", (node,), "exp", node.start, node.end)


def turned_everywhere(tree: Node, last: bool) -> Node:
    """Return the formula with the last (or first) factor of every product transposed."""

    def change(node: Node) -> Node | None:
        if node.op != "mul":
            return None
        plain = [i for i, arg in enumerate(node.args) if not is_number(arg)]
        if len(plain) < 2:
            return None
        at = plain[-1] if last else plain[0]
        turned = _transposed(node.args[at])
        return node.with_args((*node.args[:at], turned, *node.args[at + 1 :]))

    return rewrite(tree, change)


def turned_at(tree: Node, start: int, end: int, last: bool) -> Node | None:
    """Return the formula with the last (or first) factor of the narrowest product transposed.

    The product is the one that holds the places from `start` to `end`.
    """
    found: tuple[tuple[int, ...], Node] | None = None
    for path, node in places(tree):
        if node.op == "mul" and node.start <= start and end <= node.end:
            found = (path, node)
    if found is None:
        return None
    path, node = found
    plain = [i for i, arg in enumerate(node.args) if not is_number(arg)]
    if not plain:
        return None
    at = plain[-1] if last else plain[0]
    if node.args[at].op == "transpose":
        return None
    turned = node.with_args((*node.args[:at], _transposed(node.args[at]), *node.args[at + 1 :]))
    return put(tree, path, turned)


def _repaired(node: Node) -> Iterator[Altered]:
    if node.op == "mul":
        yield from _repaired_product(node)
    if node.op == "transpose":
        inner = node.args[0]
        yield Altered("extra-transpose", inner, f"{display(inner)} is transposed")
    if node.op == "add":
        for i, term in enumerate(node.args):
            turned = with_term(node, i, _transposed(term))
            yield Altered("missing-transpose", turned, f"{display(term)} is not transposed")
            if len(node.args) > 2:
                others = tuple(a if a is term else _transposed(a) for a in node.args)
                what = f"all terms but {display(term)} are transposed"
                yield Altered("transposed-layout", node.with_args(others), what)
    if node.op == "call" and node.value in ("dot", "matmul") and len(node.args) == 2:
        yield from _repaired_call(node)
    if node.op == "call" and node.value == "multiply" and len(node.args) == 2:
        yield from _products(node.args, (), 0)


def _repaired_call(node: Node) -> Iterator[Altered]:
    left, right = node.args
    yield Altered("product-order", node.with_args((right, left)), "the factors are exchanged")
    for i in (0, 1):
        args = [left, right]
        args[i] = _transposed(args[i])
        what = f"{display(node.args[i])} is not transposed"
        yield Altered("missing-transpose", node.with_args(tuple(args)), what)


def _products(args: Sequence[Node], signs: tuple[str, ...], at: int) -> Iterator[Altered]:
    """Yield matrix products where the entries were multiplied one by one."""
    id_, what = "elementwise-for-matrix-product", "a matrix product is meant"
    plain = (*signs[:at], "@", *signs[at + 1 :])
    yield Altered(id_, Node("mul", tuple(args), plain), what)
    for i in (at + 1, at):
        turned = (*args[:i], _transposed(args[i]), *args[i + 1 :])
        yield Altered(id_, Node("mul", turned, plain), what)


def _repaired_product(node: Node) -> Iterator[Altered]:
    signs = node.value if isinstance(node.value, tuple) else ()
    for order in _orders(len(node.args)):
        args = tuple(node.args[i] for i in order)
        yield Altered("product-order", node.with_args(args), "the factors are exchanged")
    for i, factor in enumerate(node.args):
        if factor.op in ("number",):
            continue
        turned = node.with_args((*node.args[:i], _transposed(factor), *node.args[i + 1 :]))
        yield Altered("missing-transpose", turned, f"{display(factor)} is not transposed")
    for i, sign in enumerate(signs):
        if sign in ("⊙", "*"):
            yield from _products(node.args, signs, i)
        elif sign in ("@", "juxt"):
            product = Node("mul", node.args, (*signs[:i], "⊙", *signs[i + 1 :]))
            yield Altered("matrix-product-for-elementwise", product, "entry by entry is meant")


def _transposed(node: Node) -> Node:
    if node.op == "transpose":
        return node.args[0]
    return Node("transpose", (node,), "T", node.start, node.end)


def _orders(count: int) -> Sequence[tuple[int, ...]]:
    """Return the exchanges of two factors that stand beside each other, and the reversal."""
    found = []
    for i in range(count - 1):
        order = list(range(count))
        order[i], order[i + 1] = order[i + 1], order[i]
        found.append(tuple(order))
    if count > 2:
        found.append(tuple(reversed(range(count))))
        found.append((count - 1, *range(count - 1)))
        found.append((*range(1, count), 0))
    return found
