"""Products: of matrices where the shapes fit, else entry by entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from grader.formula import shapes
from grader.formula.shapes import ShapeTrouble
from grader.formula.terms import NUMBER, Term
from grader.formula.tree import Node

if TYPE_CHECKING:
    from grader.formula.resolve import Resolver

_PRODUCT_NAMES = {
    "juxt": "side by side",
    "*": "'*'",
    "·": "'·'",
    "×": "'×'",
    "@": "'@'",
    "⊙": "'⊙'",
    "⊗": "'⊗'",
}


def read(r: Resolver, node: Node) -> Term:
    factors = [r.term(arg) for arg in node.args]
    signs = node.value if isinstance(node.value, tuple) else ()
    if mixes(r, signs) and r.open.choose("signs of products", 2) == int("⊙" in signs):
        closer = tried(r, lambda: tight(r, node, factors, signs))
        if closer is not None:
            return closer
    mark = r.sizes.mark()
    try:
        return folded(r, node, factors, signs)
    except ShapeTrouble:
        if len(factors) < 3 or len(factors) > 8 or r.code:
            raise
        r.sizes.back(mark)
        found = grouped(r, node, factors, signs)
        if found is None:
            raise
        return found


def tried(r: Resolver, make: Callable[[], Term]) -> Term | None:
    """Return what `make` returns, or None where operands do not fit."""
    mark = r.sizes.mark()
    try:
        return make()
    except ShapeTrouble:
        r.sizes.back(mark)
        return None


def mixes(r: Resolver, signs: Sequence[str]) -> bool:
    """Return whether letters side by side could bind more tightly than a sign beside them."""
    if r.code or "juxt" not in signs:
        return False
    return any(sign in ("·", "×", "⊙") for sign in signs)


def folded(r: Resolver, node: Node, factors: Sequence[Term], signs: Sequence[str]) -> Term:
    total = factors[0]
    for i, sign in enumerate(signs):
        where = Node("mul", (), None, node.args[0].start, node.args[i + 1].end)
        total = pair(r, sign, total, factors[i + 1], where)
    return total


def tight(r: Resolver, node: Node, factors: Sequence[Term], signs: Sequence[str]) -> Term:
    """Return a product in which letters side by side are multiplied before ⊙."""
    groups: list[list[int]] = [[0]]
    for i, sign in enumerate(signs):
        if sign == "juxt":
            groups[-1].append(i + 1)
        else:
            groups.append([i + 1])
    terms = []
    for group in groups:
        total = factors[group[0]]
        for i in group[1:]:
            total = pair(r, "juxt", total, factors[i], node)
        terms.append(total)
    outer = [sign for sign in signs if sign != "juxt"]
    total = terms[0]
    for sign, term in zip(outer, terms[1:], strict=True):
        total = pair(r, sign, total, term, node)
    return total


def grouped(r: Resolver, node: Node, factors: Sequence[Term], signs: Sequence[str]) -> Term | None:
    """Return the product under the first grouping in which all shapes fit."""
    found: dict[tuple[int, int], Term | None] = {}

    def best(low: int, high: int) -> Term | None:
        if low == high:
            return factors[low]
        if (low, high) not in found:
            found[low, high] = None
            for middle in range(high - 1, low - 1, -1):
                left, right = best(low, middle), best(middle + 1, high)
                if left is None or right is None:
                    continue
                mark = r.sizes.mark()
                try:
                    found[low, high] = pair(r, signs[middle], left, right, node)
                    break
                except ShapeTrouble:
                    r.sizes.back(mark)
        return found[low, high]

    return best(0, len(factors) - 1)


def pair(r: Resolver, sign: str, left: Term, right: Term, where: Node) -> Term:
    """Return the product of two factors as the sign between them asks."""
    if sign == "@" or left.rank == 1 or right.rank == 1:
        return flat_pair(r, sign, left, right, where)
    if sign == "⊗" and left.rank == 2 and shapes.is_scalar(left.dims) and is_column(right):
        right = right if r.open.choose("⊗ of a number", 2) else r.transposed(right)
        return scaled(r, left, right)
    if shapes.is_scalar(left.dims) or shapes.is_scalar(right.dims):
        return scaled(r, left, right)
    if sign == "⊙" or (sign == "*" and r.code):
        return elementwise(r, sign, left, right, where)
    if sign == "⊗":
        return outer(r, left, right, where)
    return charitable(r, sign, left, right, where)


def is_column(term: Term) -> bool:
    return shapes.known(term.dims[1]) == 1 and not shapes.is_scalar(term.dims)


def scaled(r: Resolver, left: Term, right: Term) -> Term:
    dims = right.dims if shapes.is_scalar(left.dims) else left.dims
    return r.make("times", [left, right], None, dims, max(left.rank, right.rank))


def flat_pair(r: Resolver, sign: str, left: Term, right: Term, where: Node) -> Term:
    if sign not in ("@", "juxt") or 0 in (left.rank, right.rank):
        if left.rank == 0 or right.rank == 0:
            return scaled(r, left, right)
        if sign != "@":
            return elementwise(r, sign, left, right, where)
    return matmul(r, left, right, where)


def matmul(r: Resolver, left: Term, right: Term, where: Node) -> Term:
    if shapes.is_scalar(left.dims) or shapes.is_scalar(right.dims):
        return scaled(r, left, right)
    a, b = left, right
    if b.rank == 1:
        b = r.transposed(b)
    if not r.sizes.unify(a.dims[1], b.dims[0]):
        row = flattened(r, left, right)
        if row is None:
            raise r.mismatch(left, right, where)
        r.flat[id(row)] = row, r.mismatch(left, right, where)
        return matmul(r, row, right, where)
    dims = (a.dims[0], b.dims[1])
    rank = 3 if 3 in (left.rank, right.rank) else 2
    term = r.make("matmul", [a, b], None, dims, rank)
    if right.rank == 1:
        term = r.transposed(term)
    if left.rank == 1 or right.rank == 1:
        flat = left.rank == 1 and right.rank == 1
        return Term(term.op, term.args, term.value, term.dims, term.axes, 0 if flat else 1)
    return term


def flattened(r: Resolver, left: Term, right: Term) -> Term | None:
    """Return a column of code as the flat array that it may be, for the number v @ A @ v."""
    column = left.rank == 2 and shapes.known(left.dims[1]) == 1
    if (
        not r.code
        or not column
        or left.op == "matmul"
        or shapes.known(left.dims[0]) != shapes.known(right.dims[0])
    ):
        return None
    r.note("a column in front of a product was read as a flat array")
    row = r.transposed(left)
    return Term("same", (row,), None, row.dims, row.axes, 1)


def elementwise(r: Resolver, sign: str, left: Term, right: Term, where: Node) -> Term:
    left, right = r.settle(left, right)
    dims = shapes.broadcast(left.dims, right.dims)
    if dims is None:
        raise r.mismatch(left, right, where, "multiplied entry by entry")
    return r.make("times", [left, right], None, dims, max(left.rank, right.rank))


def outer(r: Resolver, left: Term, right: Term, where: Node) -> Term:
    if shapes.is_vector(left.dims) and shapes.is_vector(right.dims):
        way = r.open.choose("⊗", 2)
        if not way or not shapes.same(left.dims, right.dims):
            column = left if shapes.known(left.dims[1]) == 1 else r.transposed(left)
            row = right if shapes.known(right.dims[0]) == 1 else r.transposed(right)
            return matmul(r, column, row, where)
    r.note("⊗ was read entry by entry")
    return elementwise(r, "⊗", left, right, where)


def charitable(r: Resolver, sign: str, left: Term, right: Term, where: Node) -> Term:
    """Return a matrix product where the shapes fit, else one entry by entry."""
    mark = r.sizes.mark()
    if r.sizes.unify(left.dims[1], right.dims[0]):
        both = sign != "juxt" and shapes.same(left.dims, right.dims)
        if not (both and r.open.choose(f"{sign} of squares", 2)):
            return r.make("matmul", [left, right], None, (left.dims[0], right.dims[1]))
        r.note(f"{_PRODUCT_NAMES[sign]} was read entry by entry")
    r.sizes.back(mark)
    one, other = _unscaled(left), _unscaled(right)
    repeated = one.op == other.op == "leaf" and one.value == other.value
    if repeated and sign == "juxt" and not shapes.is_vector(left.dims):
        raise r.mismatch(left, right, where)
    if shapes.same(left.dims, right.dims):
        return entry_by_entry(r, sign, left, right)
    dims = shapes.broadcast(left.dims, right.dims)
    repeats = dims is not None and (shapes.same(dims, left.dims) or shapes.same(dims, right.dims))
    if sign in ("*", "·", "×") and dims is not None and repeats:
        r.note(f"{_PRODUCT_NAMES[sign]} was read entry by entry, the line repeated")
        return r.make("times", [left, right], None, dims)
    raise r.mismatch(left, right, where)


def _unscaled(term: Term) -> Term:
    """Return a matrix without the numbers that multiply it."""
    while term.op == "times" and any(shapes.is_scalar(arg.dims) for arg in term.args):
        term = term.args[0] if shapes.is_scalar(term.args[1].dims) else term.args[1]
    return term


def entry_by_entry(r: Resolver, sign: str, left: Term, right: Term) -> Term:
    """Return a product of equal shapes: of the entries, or of vectors as a number."""
    product = r.make("times", [left, right], None, left.dims)
    inner = sign != "juxt" and shapes.is_vector(left.dims)
    if inner and r.open.choose(f"{sign} of vectors", 2):
        r.note(f"{_PRODUCT_NAMES[sign]} was read as an inner product")
        return r.make("reduce", [product], ("sum", None), NUMBER)
    r.note(f"a product {_PRODUCT_NAMES[sign]} of equal shapes was read entry by entry")
    return product
