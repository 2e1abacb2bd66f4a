"""A formula with a number in place of each matrix: its factors, without their order or transposes.

Where operands do not fit each other a formula has no values to compare. As numbers they fit, and
what is equal then differs in no more than the order of factors, transposes, the kind of product
and the sums over indices.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from grader.formula import functions
from grader.formula.compare import RTOL
from grader.formula.evaluate import Array
from grader.formula.notation import Notation
from grader.formula.samples import Draws
from grader.formula.terms import Definition
from grader.formula.tree import Node

_DRAWS = 12
# A logarithm of a number below zero has no value; an agreement on fewer could be chance.
_LEAST = 4
# Longer formulas are not looked at in search of a slip.
_MOST_NODES = 150
_CONSTANTS = MappingProxyType({"e": np.e, "pi": np.pi, "inf": np.inf, "𝟏": 1.0, "I": 1.0})
_RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    dict.fromkeys(("binary", "one-hot", "probability"), (0.05, 0.95)) | {"positive": (0.4, 2.2)}
)


class Dark(Exception):
    """What has no value among numbers, such as an entry of one of several matrices."""


class Shadow(NamedTuple):
    """The letters and sizes of a question as numbers, a few times over."""

    notation: Notation
    leaves: Mapping[str, Array]

    def of(self, tree: Node, definitions: Mapping[str, Definition] | None = None) -> Array | None:
        """Return the formula's values among numbers; None where it has none."""
        if sum(1 for _ in tree.walk()) > _MOST_NODES:
            return None
        try:
            with np.errstate(all="ignore"):
                return _Numbers(self, definitions or {}).of(tree)
        except Dark:
            return None


def cast(notation: Notation, without: str = "") -> Shadow:
    """Return the letters of a question as numbers; one that is left out is zero."""
    draws = Draws("shadow")
    leaves: dict[str, Array] = {}
    for name, symbol in notation.symbols.items():
        low, high = _RANGES.get(symbol.values, (0.25, 1.75))
        signed = symbol.values not in _RANGES
        leaves[name] = (draws.signed if signed else draws.between)(low, high, (_DRAWS,))
    if without:
        leaves[without] = np.zeros(_DRAWS)
    for size in notation.sizes:
        leaves.setdefault(size, draws.between(2.0, 9.0, (_DRAWS,)))
    shadow = Shadow(notation, leaves)
    for name, tree in notation.define.items():
        found = shadow.of(tree)
        leaves[name] = draws.signed(0.25, 1.75, (_DRAWS,)) if found is None else found
    return shadow


def equal(one: Array, other: Array) -> bool:
    """Return whether two formulas agree among numbers."""
    ratio = multiple(one, other)
    return ratio is not None and bool(np.nanmax(np.abs(ratio - 1.0)) <= RTOL)


def sums(tree: Node) -> bool:
    """Return whether a formula has sums, means or entries: which of them is lost among numbers."""
    return any(
        node.op in ("sum", "prod", "average", "slice", "index")
        or (node.op == "call" and node.value in ("sum", "mean", "sample mean"))
        for node in tree.walk()
    )


def inverts(tree: Node) -> bool:
    """Return whether a formula has what may be an inverse, or the reciprocal of each entry."""
    return any(_inverts(node) for node in tree.walk())


def _inverts(node: Node) -> bool:
    if node.op != "power" or node.value != "^":
        return False
    exponent = node.args[1]
    return exponent.op == "neg" and exponent.args[0].value == 1.0


def multiple(one: Array, other: Array) -> Array | None:
    """Return by what `other` is to be multiplied to give `one`; not a number where one is none."""
    known = np.isfinite(one) & np.isfinite(other)
    told = known & (other != 0.0)
    if told.sum() < _LEAST or one[known & ~told].any():
        return None
    return np.where(told, one, np.nan) / np.where(told, other, 1.0)


class _Numbers:
    """One look at a formula."""

    def __init__(self, shadow: Shadow, definitions: Mapping[str, Definition]) -> None:
        self.notation = shadow.notation
        self.leaves = shadow.leaves
        self.definitions = definitions
        self.working: list[str] = []

    def of(self, node: Node) -> Array:
        rule = _RULES.get(node.op)
        if rule is None:
            raise Dark
        return rule(self, node)

    def each(self, nodes: Sequence[Node]) -> list[Array]:
        return [self.of(node) for node in nodes]

    def number(self, node: Node) -> Array:
        if not isinstance(node.value, float | int):
            raise Dark
        return np.full(_DRAWS, float(node.value))

    def name(self, node: Node) -> Array:
        name = str(node.value)
        own = self.definitions.get(name.removeprefix("=")) if name[:1] != "=" else None
        if own is not None and name not in self.working:
            return self.defined(own)
        target = self.notation.target(name.removeprefix("="))
        if target in self.leaves:
            return self.leaves[target]
        if name in _CONSTANTS:
            return np.full(_DRAWS, _CONSTANTS[name])
        raise Dark

    def defined(self, definition: Definition) -> Array:
        if definition.parameters or len(self.working) > len(self.definitions):
            raise Dark
        self.working.append(definition.name)
        found = self.of(definition.tree)
        self.working.pop()
        return found

    def total(self, node: Node) -> Array:
        found = self.of(node.args[0])
        for arg in node.args[1:]:
            found = found + self.of(arg)
        return found

    def product(self, node: Node) -> Array:
        signs = node.value if isinstance(node.value, tuple) else ()
        if "⊗" in signs and any(arg.value == "I" for arg in node.args):
            raise Dark  # Kronecker's product, of a gradient made one long vector
        found = self.of(node.args[0])
        for arg in node.args[1:]:
            found = found * self.of(arg)
        return found

    def negated(self, node: Node) -> Array:
        return -self.of(node.args[0])

    def quotient(self, node: Node) -> Array:
        return self.of(node.args[0]) / self.of(node.args[1])

    def power(self, node: Node) -> Array:
        if _inverts(node):
            return self.inverse(node)
        return np.asarray(self.of(node.args[0]) ** self.of(node.args[1]))

    def inverse(self, node: Node) -> Array:
        """Return what no factor cancels: (XᵀX)⁻¹Xᵀ is not X⁻¹, which there is not."""
        return np.asarray(functions.ELEMENTWISE["general"](np, self.of(node.args[0])))

    def first(self, node: Node) -> Array:
        return self.of(node.args[0])

    def size(self, node: Node) -> Array:
        base = node.args[0]
        symbol = self.notation.symbols.get(self.notation.target(str(base.value)))
        if base.op != "name" or symbol is None or not isinstance(node.value, int):
            raise Dark
        if not -2 <= node.value < len(symbol.shape):
            raise Dark
        size = symbol.shape[node.value]
        return np.full(_DRAWS, float(size)) if isinstance(size, int) else self.leaves[size]

    def compare(self, node: Node) -> Array:
        left, right = self.each(node.args)
        sign = str(node.value)
        if sign in (">", ">="):
            return np.asarray(left > right, np.float64)
        if sign in ("<", "<="):
            return np.asarray(left < right, np.float64)
        raise Dark

    def call(self, node: Node) -> Array:
        name = str(node.value)
        plain = name.rstrip("'")
        args = node.args
        if plain in self.definitions or any(arg.op == "option" for arg in args):
            raise Dark
        ways = self.notation.functions.get(plain)
        if ways is not None:
            name = ways[0] + name[len(plain) :]
        if name in ("indicator", "sum", "transpose", "astype", "array", "squeeze") and args:
            return self.of(args[0])
        if name in ("mean", "sample mean") and args and self.notation.samples:
            return self.of(args[0]) / self.leaves[self.notation.samples]
        if name in ("dot", "matmul", "outer", "multiply", "inner", "vdot") and args:
            return self.product(node)
        if name in ("inv", "pinv") and len(args) == 1:
            return self.inverse(node)
        if name in ("softmax", "log_softmax") and args:
            share = functions.ELEMENTWISE["sigmoid"](np, 0.7 * self.of(args[0]) + 0.3)
            return np.asarray(np.log(share) if name == "log_softmax" else share)
        apply = functions.ELEMENTWISE.get(name)
        if apply is None or len(args) != 1:
            raise Dark
        return np.asarray(apply(np, self.of(args[0])))


_RULES: Mapping[str, Callable[[_Numbers, Node], Array]] = MappingProxyType(
    {
        "number": _Numbers.number,
        "name": _Numbers.name,
        "add": _Numbers.total,
        "mul": _Numbers.product,
        "neg": _Numbers.negated,
        "div": _Numbers.quotient,
        "power": _Numbers.power,
        "transpose": _Numbers.first,
        "prime": _Numbers.first,
        "index": _Numbers.first,
        "sum": _Numbers.first,
        "slice": _Numbers.first,
        "size": _Numbers.size,
        "compare": _Numbers.compare,
        "call": _Numbers.call,
    }
)
