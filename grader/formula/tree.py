"""The tree of a formula: one kind of node, whatever the notation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

Value: TypeAlias = "str | float | int | tuple[str, ...] | None"


class Node:
    """An operation, what it works on, and where it stands in the source.

    Where they stand does not tell two nodes apart.

    op          args                          value
    ----------  ----------------------------  -----------------------------------------
    number                                    the float
    name                                      the canonical name
    derivative  the indices of the variable   "dL/dW"
    add         the terms
    neg         the operand
    mul         the factors                   the operators between them: juxt * · × @ ⊙ ⊗
    div         top, bottom                   "/", "frac" or "./"
    power       base, exponent                "^" or "**"
    transpose   the operand
    prime       the operand                   (a transpose or a derivative: shapes decide)
    index       base, indices                 per index "sub" or "sample"
    call        positional, then option nodes the function, a prime for each derivative
    option      its value                     the keyword
    sum, prod   body, then lower and upper    the names of the indices
                bounds of each (or none)
    compare     left, right                   < > <= >= == !=
    logic       operands                      and or not xor xnor
    cases       value, condition, ..., else
    matrix      rows                          row: entries
    norm        the operand                   "", "1", "2", "F", "inf"
    bars        the operand                   (an absolute value or a norm: shapes decide)
    slice       base, selectors               (in code)
    size        the operand                   the axis, of `.shape[0]`
    """

    __slots__ = ("args", "end", "op", "start", "value")

    def __init__(
        self,
        op: str,
        args: tuple[Node, ...] = (),
        value: Value = None,
        start: int = 0,
        end: int = 0,
    ) -> None:
        self.op: Final = op
        self.args: Final = args
        self.value: Final = value
        self.start: Final = start
        self.end: Final = end

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Node):
            return NotImplemented
        return (self.op, self.args, self.value) == (other.op, other.args, other.value)

    def __hash__(self) -> int:
        return hash((self.op, self.args, self.value))

    def __repr__(self) -> str:
        return f"Node({self.op!r}, {self.args!r}, {self.value!r})"

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below it."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(node.args)

    def with_args(self, args: tuple[Node, ...]) -> Node:
        """Return this node over other operands."""
        return Node(self.op, args, self.value, self.start, self.end)


def places(node: Node, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Node]]:
    """Yield every node with the path that leads to it, outermost first."""
    yield path, node
    for i, arg in enumerate(node.args):
        yield from places(arg, (*path, i))


def put(node: Node, path: tuple[int, ...], new: Node) -> Node:
    """Return the tree with the node at `path` replaced."""
    if not path:
        return new
    args = list(node.args)
    args[path[0]] = put(args[path[0]], path[1:], new)
    return node.with_args(tuple(args))


def rewrite(node: Node, change: Callable[[Node], Node | None]) -> Node:
    """Return the tree with every node that `change` answers for replaced, from the leaves up."""
    if node.args:
        args = tuple(rewrite(arg, change) for arg in node.args)
        if args != node.args or any(a is not b for a, b in zip(args, node.args, strict=True)):
            node = node.with_args(args)
    found = change(node)
    return node if found is None else found


def renamed(tree: Node, names: Mapping[str, Node]) -> Node:
    """Return the tree with names replaced, also those that sums bind."""

    def change(node: Node) -> Node | None:
        if node.op == "name" and node.value in names:
            return names[str(node.value)]
        if node.op in ("sum", "prod") and isinstance(node.value, tuple):
            fresh = tuple(
                str(names[n].value) if n in names and names[n].op == "name" else n
                for n in node.value
            )
            return Node(node.op, node.args, fresh, node.start, node.end)
        return None

    return rewrite(tree, change) if names else tree
