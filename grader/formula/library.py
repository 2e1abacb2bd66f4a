"""The functions of matrices and of code: their arguments, options and shapes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from grader.formula import display, indices, products, ranges, shapes, stacks
from grader.formula.shapes import Dim, Dims
from grader.formula.terms import NUMBER, Term
from grader.formula.tree import Node

if TYPE_CHECKING:
    from grader.formula.resolve import Resolver


class Call:
    """A call of a structural function."""

    __slots__ = ("args", "name", "node", "options")

    def __init__(
        self, node: Node, name: str, args: Sequence[Node], options: Mapping[str, Node]
    ) -> None:
        self.node = node
        self.name = name
        self.args = args
        self.options = options


_Rule: TypeAlias = "Callable[[Resolver, Call], Term]"


def _terms(r: Resolver, call: Call, count: int) -> list[Term]:
    if len(call.args) != count:
        words = "one argument" if count == 1 else f"{count} arguments"
        raise r.unreadable(f"'{call.name}' takes {words} here", call.node)
    return [r.term(arg) for arg in call.args]


def _axis(r: Resolver, call: Call, at: int = 1) -> int | None:
    """Return the axis option of a reduction: 0, 1 or None for all."""
    node = call.options.get("axis", call.options.get("dim"))
    if node is None and len(call.args) > at:
        node = call.args[at]
    if node is None or node.value in ("None", "all") or node.op == "row":
        return None
    value = node.value if node.op == "number" else None
    if node.op == "neg" and node.args[0].value in (1.0, 2.0):
        value = 2.0 - float(node.args[0].value)
    counted = not r.code and node not in call.options.values()
    if counted and value in (1.0, 2.0):
        # MATLAB counts the axes from 1
        return 1 if value == 2.0 else 1 - r.open.choose("axis", 2)
    if value not in (0.0, 1.0):
        raise r.unreadable("expected axis 0 or 1", node)
    return int(float(value))


def _place(r: Resolver, call: Call, count: int) -> int | None:
    """Return which of `count` axes is meant, or None where it is not said."""
    node = call.options.get("axis", call.options.get("dim"))
    if node is None and len(call.args) > 1:
        node = call.args[1]
    if node is None:
        return None
    value = node.value if node.op == "number" else None
    if node.op == "neg" and isinstance(node.args[0].value, float):
        value = count - node.args[0].value
    if not isinstance(value, float) or value not in range(count):
        raise r.unreadable("expected the number of an axis", node)
    return int(value)


def _keeps(call: Call) -> bool:
    node = call.options.get("keepdims", call.options.get("keepdim"))
    return node is not None and node.value not in ("False", 0.0)


def _reduction(kind: str) -> _Rule:
    def rule(r: Resolver, call: Call) -> Term:
        if not call.args:
            raise r.unreadable(f"the argument of '{call.name}' is missing", call.node)
        if kind in ("max", "min") and len(call.args) >= 2 and "axis" not in call.options:
            return _extreme(kind)(r, call)
        term = r.term(call.args[0])
        if term.rank == 3:
            place = _place(r, call, 3)
            if place is not None:
                return stacks.reduced(r, kind, term, place, _keeps(call), call.node)
        if kind in ("var", "std") and not r.code and len(call.args) == 2:
            call = Call(call.node, call.name, call.args[:1], call.options)  # MATLAB's weight
        axis = _axis(r, call)
        if kind == "mean" and not r.code and len(call.args) == 1 and not call.options:
            found = ranges.mean_of_samples(r, call.args[0])
            if found is not None:
                return found
        how = f"{kind} unbiased" if kind in ("var", "std") and _unbiased(r, call) else kind
        return _along(r, term, how, axis, _keeps(call))

    return rule


def _along(r: Resolver, term: Term, how: str, axis: int | None, keeps: bool) -> Term:
    """Return a matrix or a vector reduced along an axis, or as a whole."""
    if axis is None:
        return r.make("reduce", [term], (how, None), NUMBER, 2 if keeps else 0)
    if term.rank == 1:
        return r.make("reduce", [term], (how, 1), NUMBER, 0)
    dims = (1, term.dims[1]) if axis == 0 else (term.dims[0], 1)
    reduced = r.make("reduce", [term], (how, axis), dims)
    if keeps:
        return reduced
    if axis == 1:
        reduced = r.transposed(reduced)
    return Term(reduced.op, reduced.args, reduced.value, reduced.dims, reduced.axes, 1)


def _unbiased(r: Resolver, call: Call) -> bool:
    """Return whether a variance divides by one less: torch does so unless told otherwise."""
    freedom = call.options.get("ddof", call.options.get("correction"))
    if freedom is not None:
        return freedom.value == 1.0
    told = call.options.get("unbiased")
    if told is not None:
        return told.value == "True"
    return r.code == "torch"


def _extreme(kind: str) -> _Rule:
    op = "maximum" if kind == "max" else "minimum"

    def rule(r: Resolver, call: Call) -> Term:
        if len(call.args) == 1:
            return _reduction(kind)(r, call)
        total = r.term(call.args[0])
        for arg in call.args[1:]:
            total = _joined(r, op, total, r.term(arg), call)
        return total

    return rule


def _joined(r: Resolver, op: str, left: Term, right: Term, call: Call) -> Term:
    left, right = r.settle(left, right)
    dims = shapes.broadcast(left.dims, right.dims)
    if dims is None:
        raise r.mismatch(left, right, call.node, "combined entry by entry")
    return r.make(op, [left, right], None, dims, max(left.rank, right.rank))


def _entrywise(op: str) -> _Rule:
    def rule(r: Resolver, call: Call) -> Term:
        left, right = _terms(r, call, 2)
        return _joined(r, op, left, right, call)

    return rule


def _subtract(r: Resolver, call: Call) -> Term:
    left, right = _terms(r, call, 2)
    negative = r.make("neg", [right], None, right.dims, right.rank)
    return _joined(r, "add", left, negative, call)


def _dot(r: Resolver, call: Call) -> Term:
    left, right = _terms(r, call, 2)
    if _told(call, "transpose_a") or _told(call, "adjoint_a"):
        left = r.transposed(left)
    if _told(call, "transpose_b") or _told(call, "adjoint_b"):
        right = r.transposed(right)
    alike = shapes.is_vector(left.dims) and shapes.same(left.dims, right.dims)
    if call.name == "dot" and alike and not r.code:
        return _inner(r, call)
    return products.matmul(r, left, right, call.node)


def _told(call: Call, option: str) -> bool:
    return option in call.options and call.options[option].value == "True"


def _cross_product(turned: int) -> _Rule:
    """Return R's `crossprod`, t(A) B, and with the second turned `tcrossprod`, A t(B)."""

    def rule(r: Resolver, call: Call) -> Term:
        operands = [r.term(arg) for arg in call.args[:2]] or _terms(r, call, 1)
        pair = [operands[0], operands[-1]]
        pair[turned] = r.transposed(pair[turned])
        return products.matmul(r, pair[0], pair[1], call.node)

    return rule


def _product_of_all(r: Resolver, call: Call) -> Term:
    """Return `multi_dot([A, B, C])`."""
    is_list = bool(call.args) and call.args[0].op in ("vector", "row")
    operands = call.args[0].args if is_list else ()
    if len(operands) < 2:
        raise r.unreadable(f"'{call.name}' takes a list of matrices", call.node)
    total = r.term(operands[0])
    for operand in operands[1:]:
        total = products.matmul(r, total, r.term(operand), call.node)
    return total


def _affine(r: Resolver, call: Call) -> Term:
    """Return torch's `linear(x, W, b)`, x Wᵀ + b, and `addmm(b, x, W)`, b + x W."""
    if call.name == "addmm":
        bias, left, right = _terms(r, call, 3)
        return _joined(r, "add", bias, products.matmul(r, left, right, call.node), call)
    if len(call.args) not in (2, 3):
        raise r.unreadable("'linear' takes two or three arguments", call.node)
    left, right = r.term(call.args[0]), r.transposed(r.term(call.args[1]))
    product = products.matmul(r, left, right, call.node)
    if len(call.args) == 2:
        return product
    return _joined(r, "add", product, r.term(call.args[2]), call)


def _outer(r: Resolver, call: Call) -> Term:
    left, right = _terms(r, call, 2)
    for term in (left, right):
        if not (shapes.is_vector(term.dims) or shapes.is_scalar(term.dims)):
            raise r.trouble(f"an outer product of {r.shape(term)} is not understood", call.node)
    column = left if shapes.known(left.dims[1]) == 1 else r.transposed(left)
    row = right if shapes.known(right.dims[0]) == 1 else r.transposed(right)
    return r.make("matmul", [column, row], None, (column.dims[0], row.dims[1]))


def _inner(r: Resolver, call: Call) -> Term:
    left, right = _terms(r, call, 2)
    scalars = shapes.is_scalar(left.dims) and shapes.is_scalar(right.dims)
    if scalars and call.name == "inner" and r.open.choose("angle brackets", 2):
        return r.make("stack", [left, right], (1, 2), (1, 2), 1)
    if r.code and left.rank == right.rank == 2 and call.name == "inner":
        return products.matmul(r, left, r.transposed(right), call.node)
    if not shapes.same(left.dims, right.dims):
        raise r.mismatch(left, right, call.node)
    product = r.make("times", [left, right], None, left.dims)
    return r.make("reduce", [product], ("sum", None), NUMBER, 0)


def _cosine(r: Resolver, call: Call) -> Term:
    left, right = (
        (r.term(arg) for arg in call.args[:2]) if len(call.args) > 1 else _terms(r, call, 2)
    )
    if "dim" not in call.options and "axis" not in call.options:
        product = _inner(r, Call(call.node, "vdot", call.args[:2], {}))
        lengths = [r.normed(term, "", call.node) for term in (left, right)]
    else:
        axis = _axis(r, call, 2)
        both = r.make("times", [left, right], None, left.dims, left.rank)
        product = _along(r, both, "sum", axis, False)
        lengths = [_length_along(r, term, axis, False) for term in (left, right)]
    dims, rank = product.dims, product.rank
    return r.make("divide", [product, r.make("times", lengths, None, dims, rank)], None, dims, rank)


def _length_along(r: Resolver, term: Term, axis: int | None, keeps: bool) -> Term:
    square = r.make("times", [term, term], None, term.dims, term.rank)
    total = _along(r, square, "sum", axis, keeps)
    return r.make("fn", [total], "sqrt", total.dims, total.rank)


def _where(r: Resolver, call: Call) -> Term:
    condition, yes, no = _terms(r, call, 3)
    return r.chosen([yes, condition, no], call.node)


def _clip(r: Resolver, call: Call) -> Term:
    low = call.options.get("a_min", call.options.get("min"))
    high = call.options.get("a_max", call.options.get("max"))
    args = list(call.args)
    term = r.term(args[0])
    low = args[1] if len(args) > 1 else low
    high = args[2] if len(args) > 2 else high
    if low is not None and low.value != "None":
        term = _joined(r, "maximum", term, r.term(low), call)
    if high is not None and high.value != "None":
        term = _joined(r, "minimum", term, r.term(high), call)
    return term


def _softmax(r: Resolver, call: Call) -> Term:
    term = r.term(call.args[0]) if call.args else _terms(r, call, 1)[0]
    axis = _axis(r, call)
    if axis is None:
        axis = _class_axis(r, term)
    if term.rank == 1:
        axis = 1
    return r.make("softmax", [term], (call.name, axis), term.dims, term.rank)


def _class_axis(r: Resolver, term: Term) -> int:
    """Return the axis along which classes lie: never that of the samples.

    Where nothing tells, as in attention, each row is normalised; an answer may mean the columns.
    """
    rows, columns = shapes.known(term.dims[0]), shapes.known(term.dims[1])
    if rows == 1:
        return 1
    if columns == 1:
        return 0
    if r.notation.samples in (rows, columns) and rows != columns:
        return 1 if rows == r.notation.samples else 0
    if any(
        each.values == "one-hot" and each.shape == (rows, columns)
        for each in r.notation.symbols.values()
    ):
        return 0  # labels of as many samples as there are columns
    if r.open.choose("axis of softmax", 2):
        r.note("the softmax was taken down each column")
        return 0
    return 1


def _softmax_slope(r: Resolver, call: Call) -> Term:
    term = r.term(call.args[0])
    if shapes.known(term.dims[1]) != 1:
        raise r.unreadable("the derivative of softmax is only understood for one column", call.node)
    s = r.make("softmax", [term], ("softmax", 0), term.dims)
    size = (term.dims[0], term.dims[0])
    spread = r.make("diag", [s], None, size)
    square = r.make("matmul", [s, r.transposed(s)], None, size)
    return r.make("add", [spread, r.make("neg", [square], None, size)], None, size)


def _square_only(op: str, result: str) -> _Rule:
    def rule(r: Resolver, call: Call) -> Term:
        (term,) = _terms(r, call, 1)
        if shapes.is_scalar(term.dims):
            return r.make("fn", [term], "reciprocal", NUMBER) if op == "inv" else term
        if not r.sizes.unify(term.dims[0], term.dims[1]):
            raise r.trouble(f"{r.shape(term)} is not square", call.node)
        return r.make(op, [term], None, term.dims if result == "matrix" else NUMBER)

    return rule


def _solve(r: Resolver, call: Call) -> Term:
    if len(call.args) == 1 and call.name == "solve" and not r.code:
        return _square_only("inv", "matrix")(r, call)  # R's inverse
    left, right = _terms(r, call, 2)
    if shapes.is_scalar(left.dims):
        return r.make("divide", [right, left], None, right.dims, right.rank)
    op = "inv" if call.name == "solve" and shapes.is_square(left.dims) else "pinv"
    inverse = r.make(op, [left], None, (left.dims[1], left.dims[0]))
    return products.matmul(r, inverse, right, call.node)


def _pinv(r: Resolver, call: Call) -> Term:
    (term,) = _terms(r, call, 1)
    return r.make("pinv", [term], None, (term.dims[1], term.dims[0]))


def _diag(r: Resolver, call: Call) -> Term:
    (term,) = _terms(r, call, 1)
    free = [axis for axis in r.scopes[0].values() if axis.number in term.axes]
    if shapes.is_scalar(term.dims) and len(free) == 1 and free[0].name not in r.asked:
        r.note(f"diag was read as that of all its entries, the index {free[0].name} running")
        term = indices.gather(term, free[0], 0)
    if shapes.is_vector(term.dims):
        column = term if shapes.known(term.dims[1]) == 1 else r.transposed(term)
        return r.make("diag", [column], None, (column.dims[0], column.dims[0]))
    if term.op == "size" and not r.code:
        return Term("eye", (), term.value, (term.value, term.value))  # R's identity
    if shapes.is_scalar(term.dims):
        return term
    if not r.sizes.unify(term.dims[0], term.dims[1]):
        raise r.trouble(f"{r.shape(term)} is not square", call.node)
    column = r.make("diagonal", [term], None, (term.dims[0], 1))
    if not r.code:
        return column
    flat = r.transposed(column)
    return Term(flat.op, flat.args, flat.value, flat.dims, flat.axes, 1)


def _norm(r: Resolver, call: Call) -> Term:
    term = r.term(call.args[0]) if call.args else _terms(r, call, 1)[0]
    kind = call.args[1] if len(call.args) > 1 else call.options.get("ord", call.options.get("p"))
    word = ""
    if kind is not None:
        word = f"{kind.value:g}" if isinstance(kind.value, float) else str(kind.value)
    axis = _axis(r, call, 2)
    if axis is None:
        return r.normed(term, word, call.node)
    if word in ("", "2"):
        return _length_along(r, term, axis, _keeps(call))
    if word != "1":
        raise r.unreadable(f"a norm '{word}' along an axis is not understood", call.node)
    return _along(r, r.make("fn", [term], "abs", term.dims), "sum", axis, _keeps(call))


def _transpose(r: Resolver, call: Call) -> Term:
    if not call.args:
        raise r.unreadable("the argument of 'transpose' is missing", call.node)
    return r.transposed(r.term(call.args[0]))


def _size_of(r: Resolver, node: Node) -> Dim:
    if node.op == "number" and isinstance(node.value, float) and 1 <= node.value <= 64:
        return int(node.value)
    term = r.term(node)
    if term.op == "size" and isinstance(term.value, str):
        return term.value
    value = r.const_of(term)
    if value is not None and 1 <= value <= 64:
        return int(value)
    raise r.unreadable("expected a size", node)


def _filled(value: float) -> _Rule:
    def rule(r: Resolver, call: Call) -> Term:
        nodes = list(call.args)
        if len(nodes) == 1 and nodes[0].op == "row":
            nodes = list(nodes[0].args)
        sizes = [_size_of(r, node) for node in nodes[:2]]
        if not sizes:
            raise r.unreadable("expected a size", call.node)
        dims: Dims = (sizes[0], sizes[1]) if len(sizes) == 2 else (1, sizes[0])
        return Term("filled", (), value, dims, rank=len(sizes))

    return rule


def _eye(r: Resolver, call: Call) -> Term:
    if not call.args:
        raise r.unreadable("expected a size", call.node)
    size = _size_of(r, call.args[0])
    return Term("eye", (), size, (size, size))


def _like(value: float) -> _Rule:
    def rule(r: Resolver, call: Call) -> Term:
        term = r.term(call.args[0]) if call.args else _terms(r, call, 1)[0]
        return Term("filled", (), value, term.dims, rank=term.rank)

    return rule


def _reshape(r: Resolver, call: Call) -> Term:
    term = r.term(call.args[0])
    nodes = list(call.args[1:])
    if len(nodes) == 1 and nodes[0].op == "row":
        nodes = list(nodes[0].args)
    if len(nodes) > 2 or not nodes:
        raise r.unreadable("this reshape is not understood", call.node)
    sizes = [None if node.op == "neg" else _size_of(r, node) for node in nodes]
    if not (shapes.is_vector(term.dims) or shapes.is_scalar(term.dims)):
        if len(sizes) == 2 and sizes[0] == term.dims[0] and sizes[1] in (term.dims[1], None):
            return term
        if len(sizes) == 2 and sizes == [term.dims[1], term.dims[0]]:
            raise r.trouble(f"reshaping {r.shape(term)} is no transpose", call.node)
        raise r.unreadable("this reshape is not understood", call.node)
    length = next((dim for dim in term.dims if shapes.known(dim) != 1), 1)
    row = r.transposed(term) if shapes.known(term.dims[1]) == 1 and length != 1 else term
    if len(sizes) == 1:
        return Term("same", (row,), None, row.dims, row.axes, 1)
    if sizes[0] == 1 or (sizes[1] not in (1,) and sizes[0] is None):
        return Term("same", (row,), None, row.dims, row.axes, 2)
    if sizes[1] == 1:
        return r.transposed(row)
    raise r.unreadable("this reshape is not understood", call.node)


def _flat(r: Resolver, call: Call) -> Term:
    term = r.term(call.args[0])
    if shapes.is_scalar(term.dims):
        return Term("same", (term,), None, NUMBER, term.axes, 0)
    if not shapes.is_vector(term.dims):
        if call.name == "squeeze":
            return term
        raise r.trouble(f"{r.shape(term)} made flat loses its shape", call.node)
    row = r.transposed(term) if shapes.known(term.dims[1]) == 1 else term
    return Term("same", (row,), None, row.dims, row.axes, 1)


def _expand(r: Resolver, call: Call) -> Term:
    term = r.term(call.args[0])
    place = _place(r, call, term.rank + 1)
    if place is None or term.rank not in (1, 2):
        raise r.unreadable("expected the number of an axis", call.node)
    if term.rank == 2:
        return stacks.stacked(r, term, place, call.node)
    if place == 1:
        return r.transposed(term)
    return Term("same", (term,), None, term.dims, term.axes, 2)


def _same(r: Resolver, call: Call) -> Term:
    if not call.args:
        raise r.unreadable(f"the argument of '{call.name}' is missing", call.node)
    return r.term(call.args[0])


def _array(r: Resolver, call: Call) -> Term:
    """Return `array(x)`, and R's `c(x, y)` and `matrix(c(a, b, c, d), nrow, ncol)`."""
    parted = [arg for arg in call.args if arg.op not in ("string", "option")]
    listed = parted[0].args if parted and parted[0].op == "call" else ()
    if len(listed) > 1 and (len(parted) > 1 or {"nrow", "ncol"} & call.options.keys()):
        return _filled_matrix(r, call, [r.entry(arg) for arg in listed])
    if len(parted) < 2:
        return _same(r, call)
    return r.make("stack", [r.entry(arg) for arg in parted], (1, len(parted)), (1, len(parted)), 1)


def _filled_matrix(r: Resolver, call: Call, entries: list[Term]) -> Term:
    """Fill a matrix column by column as R does, or row by row where it is told so."""
    told = {**dict(zip(("nrow", "ncol"), call.args[1:], strict=False)), **call.options}
    sizes = {word: r.const_of(r.term(told[word])) for word in ("nrow", "ncol") if word in told}
    rows = int(sizes.get("nrow") or len(entries) // int(sizes.get("ncol") or 1))
    columns = len(entries) // max(rows, 1)
    if rows * columns != len(entries) or sizes.get("ncol", columns) != columns:
        raise r.unreadable("the entries do not fill this matrix", call.node)
    by_row = "byrow" in call.options and call.options["byrow"].value in ("TRUE", "T", "True")
    if not by_row:
        entries = [entries[row + rows * column] for row in range(rows) for column in range(columns)]
    return r.make("stack", entries, (rows, columns), (rows, columns))


def _cast(r: Resolver, call: Call) -> Term:
    """Return TensorFlow's `cast(x, type)`."""
    return r.term(call.args[0]) if call.args else _terms(r, call, 1)[0]


def _step(r: Resolver, call: Call) -> Term:
    term = r.term(call.args[0]) if call.args else _terms(r, call, 1)[0]
    return r.make("fn", [term], "step", term.dims, term.rank)


def _logic(kind: str) -> _Rule:
    def rule(r: Resolver, call: Call) -> Term:
        args = [r.term(arg) for arg in call.args]
        if len(args) != (1 if kind == "not" else 2):
            raise r.unreadable(f"'{call.name}' takes two values", call.node)
        dims = args[0].dims if len(args) == 1 else shapes.broadcast(args[0].dims, args[1].dims)
        if dims is None:
            raise r.mismatch(args[0], args[1], call.node, "combined")
        return r.make("logic", args, kind, dims, max(arg.rank for arg in args))

    return rule


def _factorial(r: Resolver, call: Call) -> Term:
    (term,) = _terms(r, call, 1)
    return r.make("factorial", [term], None, term.dims, term.rank)


def _logsumexp(r: Resolver, call: Call) -> Term:
    term = r.term(call.args[0])
    inner = r.make("fn", [term], "exp", term.dims, term.rank)
    total = _along(r, inner, "sum", _axis(r, call), _keeps(call))
    return r.make("fn", [total], "log", total.dims, total.rank)


def _length(r: Resolver, call: Call) -> Term:
    (term,) = _terms(r, call, 1)
    return _extent_of(r, term.dims[1 if term.rank == 1 else 0])


def _size_along(r: Resolver, call: Call) -> Term:
    """Return `size(X, 1)`: counted from 0 in Python and from 1 in MATLAB; all entries unless told.

    `nrow` and `ncol` are R's.
    """
    term = r.term(call.args[0]) if call.args else _terms(r, call, 1)[0]
    sides = {"nrow": 0, "ncol": 1, "length": None, "numel": None, "count": None}
    if call.name in sides or len(call.args) == 1:
        side = sides.get(call.name)
        return _entries(r, term.dims) if side is None else _extent_of(r, term.dims[side])
    place = call.args[1].value
    first = 0.0 if r.code else 1.0
    if place not in (first, first + 1.0):
        raise r.unreadable("expected the number of an axis", call.node)
    return _extent_of(r, term.dims[int(float(str(place)) - first)])


def _sample_mean(r: Resolver, call: Call) -> Term:
    """Return the mean of a letter that holds samples; a bar says it."""
    name = str(call.args[0].value)
    implicit, r.implicit = r.implicit, None
    found = ranges.mean_of_samples(r, call.args[0])
    r.implicit = implicit
    if found is None:
        raise r.unreadable(f"'{display.letter(name + '_bar')}' is not known here", call.node)
    r.note(f"{display.letter(name + '_bar')} was read as the mean of {name}")
    return found


def _between(r: Resolver, call: Call) -> Term:
    """Return torch's `lerp(a, b, w)`: a + w (b − a)."""
    low, high, weight = _terms(r, call, 3)
    negative = r.make("neg", [low], None, low.dims, low.rank)
    span = _joined(r, "add", high, negative, call)
    return _joined(r, "add", low, _joined(r, "times", weight, span, call), call)


def _density(r: Resolver, call: Call) -> Term:
    """Return the normal density of a number or a column; the last argument is its covariance."""
    point, centre, spread = _terms(r, call, 3)
    off = _joined(r, "add", point, r.make("neg", [centre], None, centre.dims, centre.rank), call)
    if shapes.is_scalar(off.dims):
        square = r.make("times", [off, off], None, NUMBER, 0)
        distance = r.make("divide", [square, spread], None, NUMBER, 0)
        volume, size = spread, r.constant(1.0)
    else:
        if shapes.known(off.dims[1]) != 1 or not r.sizes.unify(off.dims[0], spread.dims[0]):
            raise r.mismatch(off, spread, call.node)
        inverse = r.make("inv", [spread], None, spread.dims)
        turned = products.matmul(r, r.transposed(off), inverse, call.node)
        distance = products.matmul(r, turned, off, call.node)
        volume, size = r.make("det", [spread], None, NUMBER, 0), _extent_of(r, off.dims[0])
    half = r.make("times", [r.constant(-0.5), distance], None, NUMBER, 0)
    root = r.make("times", [r.constant(0.5), size], None, NUMBER, 0)
    scale = r.make("power", [r.constant(2.0 * math.pi), root], None, NUMBER, 0)
    scale = r.make("times", [scale, r.make("fn", [volume], "sqrt", NUMBER, 0)], None, NUMBER, 0)
    return r.make("divide", [r.make("fn", [half], "exp", NUMBER, 0), scale], None, NUMBER, 0)


def _matrix_power(r: Resolver, call: Call) -> Term:
    term, power = _terms(r, call, 2)
    times = r.const_of(power)
    if times is None or times not in range(1, 9):
        raise r.unreadable("expected a power from 1 to 8", call.node)
    product = term
    for _ in range(int(times) - 1):
        product = products.matmul(r, product, term, call.node)
    return product


def _log_determinant(r: Resolver, call: Call) -> Term:
    """Return `logdet(A)`, and what `slogdet(A)[1]` is."""
    det = _square_only("det", "number")(r, call)
    if call.name == "slogdet":
        det = r.make("fn", [det], "abs", NUMBER, 0)
    return r.make("fn", [det], "log", NUMBER, 0)


def _covariance(r: Resolver, call: Call) -> Term:
    """Return NumPy's covariance: variables in rows unless told otherwise."""
    term = r.term(call.args[0]) if call.args else _terms(r, call, 1)[0]
    in_columns = "rowvar" in call.options and call.options["rowvar"].value == "False"
    rows = r.transposed(term) if in_columns else term
    mean = r.make("reduce", [rows], ("mean", 1), (rows.dims[0], 1))
    centred = r.make("add", [rows, r.make("neg", [mean], None, mean.dims)], None, rows.dims)
    size = (rows.dims[0], rows.dims[0])
    square = r.make("matmul", [centred, r.transposed(centred)], None, size)
    ones = Term("filled", (), 1.0, (1, rows.dims[1]))
    count = r.make("reduce", [ones], ("sum", None), NUMBER, 0)
    biased = "bias" in call.options and call.options["bias"].value == "True"
    told = call.options.get("ddof", call.options.get("correction"))
    if told is not None and isinstance(told.value, float):
        biased = told.value == 0.0
    freedom = r.constant(0.0 if biased else -1.0)
    return r.make("divide", [square, r.make("add", [count, freedom], None, NUMBER)], None, size)


def _log_of_sum(r: Resolver, call: Call) -> Term:
    left, right = _terms(r, call, 2)
    exps = [r.make("fn", [term], "exp", term.dims, term.rank) for term in (left, right)]
    total = _joined(r, "add", exps[0], exps[1], call)
    return r.make("fn", [total], "log", total.dims, total.rank)


def _flat_for(r: Resolver, term: Term, letters: str) -> Term:
    """Return a vector that one letter numbers as flat, as NumPy has vectors."""
    if len(letters) != 1 or term.rank != 2 or not shapes.is_vector(term.dims):
        return term
    row = term if shapes.known(term.dims[0]) == 1 else r.transposed(term)
    return Term("same", (row,), None, row.dims, row.axes, 1)


def _einsum(r: Resolver, call: Call) -> Term:
    """Return an Einstein sum of one to four operands."""
    if not call.args or call.args[0].op != "string":
        raise r.unreadable("expected the letters of the sum as text", call.node)
    spec = str(call.args[0].value).replace(" ", "")
    inputs, arrow, output = spec.partition("->")
    letters = inputs.split(",")
    operands = [
        _flat_for(r, r.term(arg), word) for word, arg in zip(letters, call.args[1:], strict=False)
    ]
    if not arrow:
        counted = "".join(letters)
        output = "".join(sorted(c for c in set(counted) if counted.count(c) == 1))
    few = len(operands) <= 3 or len(set("".join(letters))) <= 4
    whole = len(letters) == len(call.args) - 1 and 1 <= len(operands) <= 4
    if not whole or not few or len(output) > 2:
        raise r.unreadable("this sum is not understood", call.node)
    sizes: dict[str, Dim] = {}
    for word, term in zip(letters, operands, strict=True):
        shape: tuple[Dim, ...] = term.dims if term.rank == 2 else term.dims[1:]
        if len(word) != len(shape) or not word.isalpha():
            raise r.trouble(f"the letters '{word}' do not fit {r.shape(term)}", call.node)
        for letter, dim in zip(word, shape, strict=True):
            if not r.sizes.unify(sizes.setdefault(letter, dim), dim):
                raise r.trouble(f"'{letter}' is both {sizes[letter]} and {dim}", call.node)
    if any(letter not in sizes for letter in output) or len(set(output)) != len(output):
        raise r.unreadable("this sum is not understood", call.node)
    full = [word if len(word) == 2 else "Z" + word for word in letters]
    target = {0: "ZY", 1: "Z" + output, 2: output}[len(output)]
    both: tuple[Dim, ...] = tuple(sizes.get(letter, 1) for letter in target)
    rank = len(output)
    return r.make("einsum", operands, (tuple(full), target), (both[0], both[1]), rank)


def _argmax(r: Resolver, call: Call) -> Term:
    """Return a label that is only good for a loss: which of a column's (or row's) is largest."""
    term = r.term(call.args[0]) if call.args else _terms(r, call, 1)[0]
    axis = _axis(r, call)
    if axis is None:
        axis = _class_axis(r, term)
    rows = r.transposed(term) if axis == 0 else term
    return Term("labels", (rows,), None, (1, rows.dims[0]), rows.axes, 1)


def _reduced(r: Resolver, call: Call, losses: Term, count: Term) -> Term:
    """Return the sum of losses, or their mean as torch has it unless told otherwise."""
    total = r.make("reduce", [losses], ("sum", None), NUMBER, 0)
    how = call.options.get("reduction")
    if how is not None and how.value == "sum":
        return total
    if how is not None and how.value != "mean":
        raise r.unreadable("expected the reduction 'sum' or 'mean'", how)
    return r.make("divide", [total, count], None, NUMBER, 0)


def _extent_of(r: Resolver, dim: Dim) -> Term:
    dim = shapes.known(dim)
    return r.constant(float(dim)) if isinstance(dim, int) else Term("size", (), dim, NUMBER, rank=0)


def _cross_entropy(r: Resolver, call: Call) -> Term:
    """Return torch's cross-entropy of scores, one sample in each row."""
    scores, labels = _terms(r, call, 2)
    if labels.op == "labels":
        labels = labels.args[0]
    if not shapes.same(scores.dims, labels.dims):
        raise r.mismatch(scores, labels, call.node, "compared")
    logs = r.make("softmax", [scores], ("log_softmax", 1), scores.dims)
    product = r.make("times", [labels, logs], None, scores.dims)
    losses = r.make("neg", [product], None, product.dims)
    return _reduced(r, call, losses, _extent_of(r, scores.dims[0]))


def _binary_cross_entropy(r: Resolver, call: Call) -> Term:
    predicted, labels = _terms(r, call, 2)
    if not shapes.same(predicted.dims, labels.dims):
        raise r.mismatch(predicted, labels, call.node, "compared")
    dims, rank = predicted.dims, predicted.rank
    if call.name.endswith("logits"):
        predicted = r.make("fn", [predicted], "sigmoid", dims, rank)
    parts = []
    for label, chance in ((labels, predicted), (_one_less(r, labels), _one_less(r, predicted))):
        log = r.make("fn", [chance], "log", dims, rank)
        parts.append(r.make("times", [label, log], None, dims, rank))
    losses = r.make("neg", [r.make("add", parts, None, dims, rank)], None, dims, rank)
    return _reduced(r, call, losses, _entries(r, dims))


def _one_less(r: Resolver, term: Term) -> Term:
    negative = r.make("neg", [term], None, term.dims, term.rank)
    return r.make("add", [r.constant(1.0), negative], None, term.dims, term.rank)


def _entries(r: Resolver, dims: Dims) -> Term:
    sizes = [_extent_of(r, dim) for dim in dims]
    return r.make("times", sizes, None, NUMBER, 0)


def _squared_loss(r: Resolver, call: Call) -> Term:
    predicted, labels = _terms(r, call, 2)
    negative = r.make("neg", [labels], None, labels.dims, labels.rank)
    difference = _joined(r, "add", predicted, negative, call)
    square = r.make("times", [difference, difference], None, difference.dims)
    return _reduced(r, call, square, _entries(r, difference.dims))


FUNCTIONS: Mapping[str, _Rule] = MappingProxyType(
    {
        "sum": _reduction("sum"),
        "mean": _reduction("mean"),
        "max": _reduction("max"),
        "min": _reduction("min"),
        "var": _reduction("var"),
        "std": _reduction("std"),
        "prod": _reduction("prod"),
        "maximum": _extreme("max"),
        "minimum": _extreme("min"),
        "dot": _dot,
        "crossprod": _cross_product(0),
        "tcrossprod": _cross_product(1),
        "multi_dot": _product_of_all,
        "linear": _affine,
        "addmm": _affine,
        "matrix_power": _matrix_power,
        "logdet": _log_determinant,
        "slogdet": _log_determinant,
        "cosine_similarity": _cosine,
        "normal": _density,
        "lerp": _between,
        "sample mean": _sample_mean,
        "size": _size_along,
        "nrow": _size_along,
        "ncol": _size_along,
        "length": _size_along,
        "numel": _size_along,
        "cast": _cast,
        "vdot": _inner,
        "matmul": _dot,
        "outer": _outer,
        "inner": _inner,
        "multiply": _entrywise("times"),
        "divide": _entrywise("divide"),
        "add": _entrywise("add"),
        "subtract": _subtract,
        "power": _entrywise("power"),
        "mod": _entrywise("mod"),
        "floor_divide": _entrywise("floor divide"),
        "atan2": _entrywise("atan2"),
        "where": _where,
        "clip": _clip,
        "softmax": _softmax,
        "softmax'": _softmax_slope,
        "log_softmax": _softmax,
        "logsumexp": _logsumexp,
        "inv": _square_only("inv", "matrix"),
        "det": _square_only("det", "number"),
        "trace": _square_only("trace", "number"),
        "solve": _solve,
        "lstsq": _solve,
        "pinv": _pinv,
        "diag": _diag,
        "norm": _norm,
        "transpose": _transpose,
        "ones": _filled(1.0),
        "zeros": _filled(0.0),
        "ones_like": _like(1.0),
        "zeros_like": _like(0.0),
        "eye": _eye,
        "reshape": _reshape,
        "flatten": _flat,
        "ravel": _flat,
        "squeeze": _flat,
        "unsqueeze": _expand,
        "expand_dims": _expand,
        "astype": _same,
        "array": _array,
        "item": _same,
        "heaviside": _step,
        "indicator": _same,
        "einsum": _einsum,
        "len": _length,
        "argmax": _argmax,
        "cross_entropy": _cross_entropy,
        "binary_cross_entropy": _binary_cross_entropy,
        "binary_cross_entropy_with_logits": _binary_cross_entropy,
        "mse_loss": _squared_loss,
        "cov": _covariance,
        "hypot": _entrywise("hypot"),
        "logaddexp": _log_of_sum,
        "factorial": _factorial,
        "and": _logic("and"),
        "or": _logic("or"),
        "not": _logic("not"),
        "xor": _logic("xor"),
        "xnor": _logic("xnor"),
        "nand": _logic("nand"),
        "nor": _logic("nor"),
    }
)
