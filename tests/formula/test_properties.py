"""Random formulas mean the same in every notation, and a random slip makes them wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grader import formula
from grader.formula import Answers

SYMBOLS = {
    "A": ["n", "m"],
    "B": ["n", "m"],
    "C": ["m", "k"],
    "D": ["k", "n"],
    "u": ["n", 1],
    "v": ["m", 1],
    "s": [],
    "t": {"shape": [], "values": "positive"},
}
SHAPES = {"A": "nm", "B": "nm", "C": "mk", "D": "kn", "u": "n1", "v": "m1", "s": "11", "t": "11"}
KNOWN = formula.notation(SYMBOLS)


@dataclass(frozen=True)
class Tree:
    """A random formula: an operation, its operands, and its shape as two letters."""

    op: str
    args: tuple[Tree, ...]
    shape: str
    name: str = ""


def leaves(shape: str) -> list[Tree]:
    found = [Tree("leaf", (), each, name) for name, each in SHAPES.items()]
    found += [Tree("T", (leaf,), leaf.shape[::-1]) for leaf in found if leaf.shape != "11"]
    return [leaf for leaf in found if leaf.shape == shape]


@st.composite
def trees(draw: st.DrawFn, shape: str, depth: int) -> Tree:
    """Draw a formula of a shape."""
    known = leaves(shape)
    if depth == 0 and known:
        return draw(st.sampled_from(known))
    ops = ["product", "add", "sub", "neg", "scale"]
    ops += ["half", "times", "sigmoid", "tanh"] if depth > 0 else []
    op = draw(st.sampled_from(ops if depth > 0 else ["product"]))
    below = max(depth - 1, 0)
    if op in ("add", "sub", "times"):
        args = (draw(trees(shape, below)), draw(trees(shape, below)))
    elif op == "product":
        inner = draw(st.sampled_from("nmk"))
        args = (draw(trees(shape[0] + inner, below)), draw(trees(inner + shape[1], below)))
    elif op == "scale":
        args = (draw(st.sampled_from(leaves("11"))), draw(trees(shape, below)))
    else:
        args = (draw(trees(shape, below)),)
    return Tree(op, args, shape)


def formulas() -> st.SearchStrategy[Tree]:
    """Draw formulas of various shapes; deeper ones would only be products of products."""
    return st.sampled_from(["nm", "n1", "1m", "mk", "11"]).flatmap(lambda shape: trees(shape, 2))


def computed(tree: Tree, symbols: Mapping[str, Any]) -> Any:
    """Return the value by NumPy, without the room."""
    args = [computed(arg, symbols) for arg in tree.args]
    if tree.op == "leaf":
        return np.reshape(symbols[tree.name], np.shape(symbols[tree.name]) or (1, 1))
    if tree.op == "product":
        return args[0] @ args[1]
    if tree.op == "half":
        return args[0] / 2
    table = {
        "T": lambda: args[0].T,
        "add": lambda: args[0] + args[1],
        "sub": lambda: args[0] - args[1],
        "times": lambda: args[0] * args[1],
        "scale": lambda: args[0] * args[1],
        "neg": lambda: -args[0],
        "sigmoid": lambda: 1 / (1 + np.exp(-args[0])),
        "tanh": lambda: np.tanh(args[0]),
    }
    return table[tree.op]()


HANDS: dict[str, dict[str, str]] = {
    "latex": {
        "T": r"{0}^{{\top}}",
        "add": r"\left({0} + {1}\right)",
        "sub": r"\left({0} - {1}\right)",
        "product": r"\left({0} {1}\right)",
        "times": r"\left({0} \odot {1}\right)",
        "scale": r"{0} {1}",
        "half": r"\frac{{{0}}}{{2}}",
        "neg": r"\left(-{0}\right)",
        "sigmoid": r"\sigma\left({0}\right)",
        "tanh": r"\tanh\left({0}\right)",
    },
    "scan": {
        "T": r"{0} ^ {{ \mathrm {{T}} }}",
        "add": r"\left( {0} + {1} \right)",
        "sub": r"\left( {0} - {1} \right)",
        "product": r"\left[ {0} \, {1} \right]",
        "times": r"\left( {0} \circ {1} \right)",
        "scale": r"{0} \, {1}",
        "half": r"\frac {{1}} {{2}} {0}",
        "neg": r"\left( - {0} \right)",
        "sigmoid": r"\operatorname {{s i g m o i d}} \left( {0} \right)",
        "tanh": r"\operatorname {{tanh}} \left( {0} \right)",
    },
    "unicode": {
        "T": "{0}ᵀ",
        "add": "({0} + {1})",
        "sub": "({0} − {1})",
        "product": "[{0} {1}]",
        "times": "({0} ⊙ {1})",
        "scale": "{0}·{1}",
        "half": "½ {0}",
        "neg": "(−{0})",
        "sigmoid": "σ({0})",
        "tanh": "tanh({0})",
    },
    "ascii": {
        "T": "{0}'",
        "add": "({0} + {1})",
        "sub": "({0} - {1})",
        "product": "({0} * {1})",
        "times": "({0} .* {1})",
        "scale": "{0} * {1}",
        "half": "{0} / 2",
        "neg": "(-{0})",
        "sigmoid": "sigmoid({0})",
        "tanh": "tanh({0})",
    },
    "numpy": {
        "T": "{0}.T",
        "add": "({0} + {1})",
        "sub": "np.subtract({0}, {1})",
        "product": "np.dot({0}, {1})",
        "times": "({0} * {1})",
        "scale": "{0} * {1}",
        "half": "{0} / 2",
        "neg": "(-{0})",
        "sigmoid": "1/(1+np.exp(-({0})))",
        "tanh": "np.tanh({0})",
    },
}


def written(tree: Tree, hand: str) -> str:
    if tree.op == "leaf":
        return tree.name
    args = [written(arg, hand) for arg in tree.args]
    if tree.op in ("half", "scale"):
        args[-1] = args[-1] if tree.args[-1].op in ("leaf", "add", "sub") else f"({args[-1]})"
    return HANDS[hand][tree.op].format(*args)


def wanted(tree: Tree) -> formula.Want:
    """Return the tree's values by NumPy as what answers are compared with."""
    return formula.want(
        KNOWN, Answers("random", sources=(lambda symbols: computed(tree, symbols),))
    )


@pytest.mark.parametrize("hand", sorted(HANDS))
@given(tree=formulas())
@settings(max_examples=40, deadline=None)
def test_a_random_formula_has_its_numpy_value_in_every_notation(hand: str, tree: Tree):
    """However it is written, it is read as what it was."""
    assert formula.judge(written(tree, hand), wanted(tree)).correct


def slipped(tree: Tree, path: int) -> Tree | None:
    """Return the tree with one slip at the operation that `path` counts to."""
    if path == 0:
        swaps = {"add": "sub", "sub": "add", "sigmoid": "tanh", "tanh": "sigmoid"}
        if tree.op in swaps:
            return Tree(swaps[tree.op], tree.args, tree.shape)
        if tree.op in ("neg", "half"):
            return tree.args[0]
        return None
    path -= 1
    for i, arg in enumerate(tree.args):
        size = count(arg)
        if path < size:
            changed = slipped(arg, path)
            if changed is None:
                return None
            args = (*tree.args[:i], changed, *tree.args[i + 1 :])
            return Tree(tree.op, args, tree.shape)
        path -= size
    return None


def count(tree: Tree) -> int:
    return 1 + sum(count(arg) for arg in tree.args)


@pytest.mark.parametrize("hand", sorted(HANDS))
@given(tree=formulas(), data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_random_slip_makes_a_random_formula_wrong(hand: str, tree: Tree, data: st.DataObject):
    """A sign, a half or an activation that changed is seen, unless it changes no value."""
    other = slipped(tree, data.draw(st.integers(0, count(tree) - 1)))
    assume(other is not None and other != tree)
    assert other is not None
    want = wanted(tree)
    values = [computed(each, argument(want)) for each in (tree, other)]
    assume(np.linalg.norm(values[0] - values[1]) > 1e-3 * np.linalg.norm(values[0]))
    assert not formula.judge(written(other, hand), want).correct


def argument(want: formula.Want) -> Mapping[str, Any]:
    """Return one sample of the symbols, as the room draws them."""
    batch = want.worlds[0].batches[0]
    return {name: values[0] for name, values in batch.leaves.items()}


IDENTITIES = [
    (r"\sin(x)^2 + \cos(x)^2", "1"),
    (r"\sin(2x)", r"2 \sin x \cos x"),
    (r"\cos^2 x - \sin^2 x", r"\cos 2x"),
    (r"\tan x", r"\frac{\sin x}{\cos x}"),
    (r"e^{x+y}", r"e^x e^y"),
    (r"\ln(p q)", r"\ln p + \ln q"),
    (r"\ln p^2", r"2 \ln p"),
    (r"\sqrt{p^2}", "p"),
    (r"\sqrt{x^2}", "|x|"),
    (r"\frac{1}{p} + \frac{1}{q}", r"\frac{p+q}{pq}"),
    (r"\frac{x^2 - 1}{x - 1}", "x + 1"),
    (r"(x+y)^3", "x^3 + 3x^2 y + 3 x y^2 + y^3"),
    (r"p^{1/2} p^{1/2}", "p"),
    (r"\log_2 p", r"\frac{\ln p}{\ln 2}"),
    (r"\tanh x", r"2\sigma(2x) - 1"),
    (r"\sigma(-x)", r"1 - \sigma(x)"),
    (r"\max(x, y)", r"\frac{x + y + |x - y|}{2}"),
    (r"\operatorname{relu}(x)", r"\frac{x + |x|}{2}"),
    (r"\cosh^2 x - \sinh^2 x", "1"),
    (r"\arctan(\tan(\arctan x))", r"\arctan x"),
]
SCALARS = formula.notation(
    {
        "x": [],
        "y": [],
        "p": {"shape": [], "values": "positive"},
        "q": {"shape": [], "values": "positive"},
    }
)


@pytest.mark.parametrize(("one", "other"), IDENTITIES)
def test_identities_of_algebra_hold_both_ways(one: str, other: str):
    """Equal functions are equal, whichever side is the reference."""
    assert formula.judge(one, formula.want(SCALARS, Answers("id", (other,)))).correct
    assert formula.judge(other, formula.want(SCALARS, Answers("id", (one,)))).correct


@pytest.mark.parametrize(("one", "other"), IDENTITIES)
def test_an_identity_with_a_slip_does_not_hold(one: str, other: str):
    """One thousandth more is another function."""
    want = formula.want(SCALARS, Answers("id", (one,)))
    assert not formula.judge(f"1.001 ({other})", want).correct
    assert not formula.judge(f"({other}) + 0.001", want).correct
