"""The classic slips, as operations on a right formula."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from grader.formula.display import display
from grader.formula.notation import Notation
from grader.formula.tree import Node, places, put, rewrite

MAX_SLIPS = 200

_MATRIX_SIGNS = frozenset({"juxt", "*", "·", "×", "@"})
_ACTIVATIONS = ("sigmoid", "tanh", "relu")


class Altered(NamedTuple):
    """A formula that a slip has altered; `what` says to staff what was done.

    `lost` is the factor that is missing, where one is; `say` says more to a student than the
    id does. `left` is how much of the right formula is there, from 0 to 1.
    """

    id: str
    tree: Node
    what: str
    lost: str = ""
    say: str = ""
    left: float | None = None


def of(tree: Node, notation: Notation) -> Iterator[Altered]:
    """Yield the formulas that a single classic slip makes of a right one."""
    tree = _inlined(tree, notation)
    whole = max(_weight(tree, notation), 1)
    for altered in islice(_all(tree, notation), MAX_SLIPS):
        yield altered._replace(left=min(_weight(altered.tree, notation) / whole, 1.0))


def _weight(tree: Node, notation: Notation) -> int:
    """Return how many letters a formula has; to add them counts as well, numbers do not."""
    nodes = list(tree.walk())
    adding = sum(len(node.args) - 1 for node in nodes if node.op == "add")
    return adding + sum(n.op == "name" and n.value not in notation.sizes for n in nodes)


def _inlined(tree: Node, notation: Notation) -> Node:
    """Return the formula with the gradients that it names written out."""

    def change(node: Node) -> Node | None:
        if node.op == "name" and "/" in str(node.value):
            return notation.define.get(notation.target(str(node.value)))
        return None

    return rewrite(tree, change)


def _all(tree: Node, notation: Notation) -> Iterator[Altered]:
    yield from _wrong_logarithms(tree)
    places_ = list(places(tree))
    for path, node in places_:
        if path and _is_complement_part(tree, path):
            continue
        for altered in _here(node, notation):
            yield altered._replace(tree=put(tree, path, altered.tree))
    yield from _everywhere(tree, notation)


def _is_complement_part(tree: Node, path: tuple[int, ...]) -> bool:
    """Return whether the node lies in the exponent of a power, where a minus is no sign."""
    node = tree
    for i in path:
        if node.op == "power" and i == 1 and not _is_exponential(node):
            return True
        node = node.args[i]
    return False


def _is_exponential(node: Node) -> bool:
    return node.op == "power" and node.args[0].value == "e"


def _here(node: Node, notation: Notation) -> Iterator[Altered]:
    """Yield what slips make of one node."""
    if node.op == "add":
        yield from _terms(node)
    elif node.op == "neg":
        yield Altered("sign", node.args[0], f"without the minus before {display(node.args[0])}")
    elif node.op == "mul":
        yield from _factors(node, notation)
    elif node.op == "div":
        yield from _quotient(node, notation)
    elif node.op == "transpose":
        inner = node.args[0]
        yield Altered("missing-transpose", inner, f"{display(inner)} is not transposed")
    elif node.op == "power":
        yield from _powers(node)
    if node.op in ("name", "call"):
        yield from _unactivated(node, notation)
    if node.op == "call":
        yield from _arguments(node)
        if str(node.value).endswith("'") or any(s.shape for s in notation.symbols.values()):
            for replaced, what in _other_slopes(node, notation):
                yield Altered("wrong-derivative", replaced, what)
    if _is_slope(node, notation) and node.op == "add":
        yield from _slope_of_output(node)


def _unactivated(node: Node, notation: Notation) -> Iterator[Altered]:
    """Yield z where σ(z) is meant, or a letter that stands for it."""
    call, defined = node, notation.define.get(notation.target(str(node.value)))
    while call.op == "name" and defined is not None:
        call, defined = defined, notation.define.get(notation.target(str(defined.value)))
    if call.op == "call" and call.value in (*_ACTIVATIONS, "softmax", *notation.functions):
        yield Altered("missing-activation", call.args[0], f"{display(call)} without its function")


def _powers(node: Node) -> Iterator[Altered]:
    base, exponent = node.args
    if _is_exponential(node):
        turned = exponent.args[0] if exponent.op == "neg" else Node("neg", (exponent,))
        yield Altered("sign", node.with_args((base, turned)), "the sign of an exponent")
        for scaled, what in _scaled(exponent):
            yield Altered("constant-factor", node.with_args((base, scaled)), what)
    elif exponent.op == "neg" and exponent.args[0].value == 1.0:
        yield Altered("missing-inverse", base, f"{display(base)} is not inverted")
    elif exponent.op in ("number", "name"):
        yield Altered("missing-power", base, f"{display(base)} without its power")


def _arguments(node: Node) -> Iterator[Altered]:
    """Yield functions of the opposite argument."""
    if node.value in ("exp", "sigmoid", "tanh", "sin", "softplus") and len(node.args) == 1:
        inner = node.args[0]
        turned = inner.args[0] if inner.op == "neg" else Node("neg", (inner,))
        yield Altered("sign", node.with_args((turned,)), f"the sign inside {display(node)}")
        for scaled, what in _scaled(inner):
            yield Altered("constant-factor", node.with_args((scaled,)), what)


def _scaled(node: Node) -> Iterator[tuple[Node, str]]:
    for factor, word in ((2.0, "doubled"), (0.5, "halved")):
        scaled = Node("mul", (Node("number", (), factor), node), ("juxt",))
        yield scaled, f"{display(node)} {word}"


def _terms(node: Node) -> Iterator[Altered]:
    complement = _is_one_minus(node)
    for i, term in enumerate(node.args):
        rest = (*node.args[:i], *node.args[i + 1 :])
        shown = display(term)
        flipped = term.args[0] if term.op == "neg" else Node("neg", (term,))
        signed = with_term(node, i, flipped)
        if not (complement and i == 0):
            yield Altered("sign", signed, f"the sign of {shown}")
        if complement:
            continue
        left = rest[0] if len(rest) == 1 else node.with_args(rest)
        yield Altered("missing-term", left, f"without {shown}")
        for scaled, what in _scaled(term):
            yield Altered("constant-factor", with_term(node, i, scaled), what)


def with_term(node: Node, i: int, term: Node) -> Node:
    """Return a sum with another term in place of one."""
    return node.with_args((*node.args[:i], term, *node.args[i + 1 :]))


def _is_one_minus(node: Node) -> bool:
    """Return whether a sum is 1 − u, which says that u is an activation or a probability."""
    return len(node.args) == 2 and node.args[0].value == 1.0 and node.args[1].op == "neg"


def _factors(node: Node, notation: Notation) -> Iterator[Altered]:
    signs = node.value if isinstance(node.value, tuple) else ()
    for i, factor in enumerate(node.args):
        left = _without(node, i, i + 1)
        shown = display(factor)
        say = _CONDITION if _is_condition(factor, notation) else ""
        what = f"without the factor {shown}"
        yield Altered(_kind_of(factor, notation), left, what, shown, say)
    for i, j in _slope_runs(node):
        if j - i < len(node.args):
            left = _without(node, i, j)
            what = f"without the derivative {display(_run(node, i, j))}"
            yield Altered("missing-derivative", left, what)
        for other, what in _other_products(node.args[i]):
            args = (*node.args[:i], other, *node.args[j:])
            kept = (*signs[:i], *signs[j - 1 :])
            altered = Node("mul", args, kept) if len(args) > 1 else args[0]
            yield Altered("wrong-derivative", altered, what)
    for i, sign in enumerate(signs):
        if sign in _MATRIX_SIGNS:
            swapped = list(node.args)
            swapped[i], swapped[i + 1] = swapped[i + 1], swapped[i]
            what = f"{display(node.args[i])} and {display(node.args[i + 1])} exchanged"
            yield Altered("product-order", node.with_args(tuple(swapped)), what)
            pointwise = (*signs[:i], "⊙", *signs[i + 1 :])
            yield Altered(
                "elementwise-for-matrix-product",
                Node("mul", node.args, pointwise),
                f"{display(node.args[i])} by {display(node.args[i + 1])} entry by entry",
            )


def _run(node: Node, i: int, j: int) -> Node:
    signs = node.value if isinstance(node.value, tuple) else ()
    args = node.args[i:j]
    return args[0] if len(args) == 1 else Node("mul", args, signs[i : j - 1])


def _without(node: Node, i: int, j: int) -> Node:
    """Return a product without its factors from `i` to `j`."""
    signs = node.value if isinstance(node.value, tuple) else ()
    args = (*node.args[:i], *node.args[j:])
    kept = signs[j:] if i == 0 else (*signs[: i - 1], *signs[j - 1 :])
    return args[0] if len(args) == 1 else Node("mul", args, kept, node.start, node.end)


def _kind_of(factor: Node, notation: Notation) -> str:
    """Return what it is called when this factor is missing."""
    if _is_slope(factor, notation):
        return "missing-derivative"
    if _is_mean(factor, notation):
        return "missing-mean"
    return "constant-factor" if is_number(factor) else "missing-factor"


def is_number(node: Node) -> bool:
    """Return whether a formula holds nothing but numbers."""
    return node.op == "number" or (
        node.op in ("div", "neg", "power") and all(is_number(arg) for arg in node.args)
    )


def _is_mean(node: Node, notation: Notation) -> bool:
    return (
        node.op == "div"
        and node.args[0].op == "number"
        and node.args[1].op == "name"
        and node.args[1].value in notation.sizes
    )


def _is_slope(node: Node, notation: Notation) -> bool:
    """Return whether a factor is the derivative of an activation."""
    if node.op == "call" and str(node.value).endswith("'"):
        return True
    if node.op == "call" and node.value == "indicator":
        return _is_slope(node.args[0], notation)
    if node.op == "call" and node.value == "step":
        return True
    if node.op == "compare":  # of ReLU; any other condition is a factor of its own
        return any(arg.op == "number" and arg.value == 0.0 for arg in node.args)
    if node.op == "mul":
        return _slope_runs(node) == [(0, len(node.args))]
    if node.op == "add" and len(node.args) == 2:
        one, square = node.args
        return one.value == 1.0 and square.op == "neg" and _is_square(square.args[0])
    return False


_CONDITION = "The condition under which a term counts is missing."


def _is_condition(node: Node, notation: Notation) -> bool:
    """Tell a condition, 1[y w x < 1], from the derivative of ReLU."""
    conditional = node.op == "compare" or (node.op == "call" and node.value == "indicator")
    return conditional and not _is_slope(node, notation)


def _is_square(node: Node) -> bool:
    if node.op == "power":
        return node.args[1].value == 2.0
    return node.op == "mul" and len(node.args) == 2 and node.args[0] == node.args[1]


def _slope_runs(node: Node) -> list[tuple[int, int]]:
    """Return where `h ⊙ (1 − h)` stands among the factors."""
    found = []
    for i in range(len(node.args) - 1):
        one, other = node.args[i], node.args[i + 1]
        if _is_complement(one, other) or _is_complement(other, one):
            found.append((i, i + 2))
    return found


def _is_complement(value: Node, other: Node) -> bool:
    return (
        other.op == "add"
        and len(other.args) == 2
        and other.args[0].value == 1.0
        and other.args[1].op == "neg"
        and other.args[1].args[0] == value
    )


def _square(node: Node) -> Node:
    return Node("power", (node, Node("number", (), 2.0)), "**")


def _one_minus(node: Node) -> Node:
    return Node("add", (Node("number", (), 1.0), Node("neg", (node,))))


def _other_products(value: Node) -> Iterator[tuple[Node, str]]:
    """Yield what is written for h ⊙ (1 − h) by mistake."""
    if value.op == "add":
        value = value.args[1].args[0]
    shown = display(value)
    yield _one_minus(_square(value)), f"1 − {shown}² in place of {shown}(1 − {shown})"
    slope = Node("mul", (value, _one_minus(value)), ("⊙",))
    yield Node("mul", (slope, _one_minus(slope)), ("⊙",)), "a derivative taken twice"


def _slope_of_output(node: Node) -> Iterator[Altered]:
    """Yield what is written for 1 − h² by mistake."""
    square = node.args[1].args[0]
    value = square.args[0]
    shown = display(value)
    product = Node("mul", (value, _one_minus(value)), ("⊙",))
    for tree, what in (
        (product, f"{shown}(1 − {shown}) in place of 1 − {shown}²"),
        (_one_minus(value), f"1 − {shown} as a derivative"),
        (value, f"{shown} in place of its derivative"),
        (Node("power", (product.args[1], Node("number", (), 2.0)), "**"), f"(1 − {shown})²"),
    ):
        yield Altered("wrong-derivative", tree, what)


def _other_slopes(node: Node, notation: Notation) -> Iterator[tuple[Node, str]]:
    """Yield other derivatives in place of f'(z)."""
    name = str(node.value)
    if name in ("indicator", "step"):
        inner = node.args[0].args[0] if node.args[0].op == "compare" else node.args[0]
        yield Node("call", (inner,), "sigmoid'"), "the derivative of a sigmoid for that of a ReLU"
        output = Node("call", (inner,), "relu")
        slope = Node("mul", (output, _one_minus(output)), ("⊙",))
        yield slope, "the derivative of a sigmoid, at the ReLU's value"
        yield Node("call", (inner,), "relu"), "ReLU in place of its derivative"
        yield inner, "the pre-activation in place of the derivative"
        compare = node.args[0]
        if compare.op == "compare" and compare.value in (">", ">="):
            below = Node("compare", compare.args, "<")
            yield node.with_args((below,)), "the mask is turned about"
        return
    if not name.endswith("'") or len(node.args) != 1:
        return
    plain = name.rstrip("'")
    shown = display(node)
    yield Node("call", node.args, plain), f"the function in place of {shown}"
    outer = Node("call", node.args, plain)
    yield Node("call", (outer,), name), "the derivative taken at the activation"
    if plain in notation.functions or plain in _ACTIVATIONS:
        for other in _ACTIVATIONS:
            if other != plain:
                yield Node("call", node.args, f"{other}'"), f"{other}' in place of {shown}"
        product = Node("mul", (outer, _one_minus(outer)), ("⊙",))
        yield product, f"the derivative of a sigmoid in place of {shown}"
        yield _one_minus(_square(outer)), f"the derivative of a tanh in place of {shown}"


def _quotient(node: Node, notation: Notation) -> Iterator[Altered]:
    top, bottom = node.args
    if bottom.op == "name" and bottom.value in notation.sizes:
        yield Altered("missing-mean", top, f"not divided by {display(bottom)}")
    elif bottom.op == "number":
        yield Altered("constant-factor", top, f"not divided by {display(bottom)}")
    else:
        what, say = f"not divided by {display(bottom)}", "A divisor is missing."
        yield Altered("missing-factor", top, what, say=say)
    if bottom.op == "call" and bottom.value == "sqrt":
        plain = node.with_args((top, bottom.args[0]))
        yield Altered("missing-root", plain, f"the root of {display(bottom.args[0])}")


def _wrong_logarithms(tree: Node) -> Iterator[Altered]:
    for base in ("10", "2"):
        name = f"log{base}"

        def change(node: Node, name: str = name) -> Node | None:
            if node.op == "call" and node.value == "log":
                return Node("call", node.args, name, node.start, node.end)
            return None

        other = rewrite(tree, change)
        if other != tree:
            yield Altered(f"log-base-{base}", other, f"logarithms to the base {base}")


def _everywhere(tree: Node, notation: Notation) -> Iterator[Altered]:
    """Yield slips that are made at every place where they can be."""
    found: dict[tuple[str, str], list[tuple[tuple[int, ...], Node]]] = {}
    for path, node in places(tree):
        if path and _is_complement_part(tree, path):
            continue
        for altered in _here(node, notation):
            kind = "" if altered.id == "missing-derivative" else _pattern(altered.what)
            found.setdefault((altered.id, kind), []).append((path, altered.tree))
        if node.op == "add":
            for i, term in enumerate(node.args):
                bare = term.args[0] if term.op == "neg" else term
                if _is_slope(bare, notation):
                    one = with_term(node, i, Node("number", (), 1.0))
                    found.setdefault(("missing-derivative", "one"), []).append((path, one))
                if term.op == "neg" and not _is_one_minus(node):
                    plus = with_term(node, i, bare)
                    found.setdefault(("sign", "minus"), []).append((path, plus))
    for (id_, pattern), changes in found.items():
        other, count = _applied(tree, changes)
        if count > 1 or pattern == "one":
            yield Altered(id_, other, f"{id_} at {count} places")


def _applied(tree: Node, changes: Sequence[tuple[tuple[int, ...], Node]]) -> tuple[Node, int]:
    """Return the tree with all changes made that do not lie in each other, and how many."""
    taken: list[tuple[int, ...]] = []
    for path, replaced in changes:
        if any(earlier == path[: len(earlier)] for earlier in taken):
            if taken[-1] == path and replaced.op == "add":
                tree = put(tree, path, _merged(tree, path, replaced))
            continue
        tree = put(tree, path, replaced)
        taken.append(path)
    return tree, len(taken)


def _merged(tree: Node, path: tuple[int, ...], other: Node) -> Node:
    """Return the sum at `path` with the terms that `other` has altered as well."""
    node = tree
    for i in path:
        node = node.args[i]
    if node.op != "add" or len(node.args) != len(other.args):
        return node
    args = []
    for one, two in zip(node.args, other.args, strict=True):
        args.append(two if one.op == "neg" and two.op != "neg" else one)
        if two.value == 1.0 and one.value != 1.0:
            args[-1] = two
    return node.with_args(tuple(args))


def _pattern(text: str) -> str:
    """Return a description without the marks that differ from place to place."""
    return "".join(char for char in text if not char.isdigit() and char not in "_₁₂₃")
