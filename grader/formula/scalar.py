"""The value of a closed scalar expression."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from grader.errors import Unreadable
from grader.formula import functions
from grader.formula.lexer import lex
from grader.formula.parser import Vocabulary, parse, spellings
from grader.formula.tree import Node


def value(text: str, names: Mapping[str, float] | None = None) -> float:
    """Return the value of `text`, in any of the notations, over the given numbers.

    Arithmetic is IEEE's: 0·ln 0 is not a number, ln 0 is minus infinity, 9^9^9 overflows.
    Raises Unreadable, and nothing else, for what is no scalar expression.
    """
    numbers = dict(names or {})
    spelled = {way: name for name in numbers for way in spellings(name)}
    source = lex(text)
    tokens = [t for t in source.tokens if t.kind != "eof" and t.text not in ("\n", "$$")]
    while tokens and tokens[0].kind == "rel" and tokens[0].text == "=":
        tokens = tokens[1:]
    try:
        tree = parse(source, tokens, Vocabulary(spelled)).tree
    except Unreadable as trouble:
        raise Unreadable(trouble.message, text=text, position=trouble.position) from trouble
    with np.errstate(all="ignore"):
        return float(_Scalar(text, numbers).of(tree))


class _Scalar:
    """Evaluates a tree over floats."""

    def __init__(self, text: str, numbers: Mapping[str, float]) -> None:
        self.text = text
        self.numbers = numbers

    def of(self, node: Node) -> np.float64:
        args = node.args
        if node.op == "number" and isinstance(node.value, float):
            return np.float64(node.value)
        if node.op == "name":
            return np.float64(self.name(node))
        if node.op == "add":
            total = np.float64(0.0)
            for arg in args:
                total = total + self.of(arg)
            return total
        if node.op == "neg":
            return -self.of(args[0])
        if node.op == "mul":
            product = self.of(args[0])
            for arg in args[1:]:
                product = product * self.of(arg)
            return product
        if node.op == "div":
            return self.of(args[0]) / self.of(args[1])
        if node.op == "power":
            return np.float64(np.power(self.of(args[0]), self.of(args[1])))
        if node.op == "call":
            return self.call(node)
        if node.op == "compare":
            left, right = self.of(args[0]), self.of(args[1])
            truth = {
                "<": left < right,
                ">": left > right,
                "<=": left <= right,
                ">=": left >= right,
                "==": left == right,
                "!=": left != right,
            }[str(node.value)]
            return np.float64(truth)
        raise Unreadable("this is no plain number", text=self.text, position=node.start)

    def name(self, node: Node) -> float:
        name = str(node.value)
        if name in self.numbers:
            return float(self.numbers[name])
        constants = {"e": math.e, "pi": math.pi, "inf": math.inf}
        if name in constants:
            return constants[name]
        raise Unreadable(f"'{name}' is no number", text=self.text, position=node.start)

    def call(self, node: Node) -> np.float64:
        name = str(node.value)
        args = [self.of(arg) for arg in node.args]
        if name in functions.ELEMENTWISE and len(args) == 1:
            return np.float64(functions.ELEMENTWISE[name](np, args[0]))
        if name in ("max", "min", "maximum", "minimum", "sum"):
            chosen = {"max": max, "maximum": max, "min": min, "minimum": min, "sum": sum}[name]
            return np.float64(chosen(args))
        if name in ("mod", "floor_divide", "power") and len(args) == 2:
            found = {"mod": np.mod, "floor_divide": np.floor_divide, "power": np.power}[name]
            return np.float64(found(args[0], args[1]))
        if name == "factorial" and len(args) == 1 and 0 <= args[0] <= 170:
            return np.float64(math.gamma(float(args[0]) + 1.0))
        if name == "indicator":
            return args[0]
        raise Unreadable(f"'{name}' has no meaning here", text=self.text, position=node.start)
