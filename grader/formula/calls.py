"""Functions and what they are applied to, bracketed or bare; conditions counted as numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.formula import functions, marks, names, spelling, sums
from grader.formula.constants import CLOSING
from grader.formula.lexer import Token
from grader.formula.nodes import ones_of
from grader.formula.tree import Node

if TYPE_CHECKING:
    from grader.formula.parser import Parser

_SEVERAL = functions.STRUCTURAL | {"atan2"}
_TYPES = spelling.words(
    "float int bool double long float16 float32 float64 int32 int64 uint8 True False None"
)
_OPTIONS = spelling.words(
    "axis dim keepdims keepdim dtype a_min a_max min max ord p k n offset ddof unbiased correction "
    "rowvar bias rcond reduction transpose_a transpose_b adjoint_a adjoint_b nrow ncol byrow"
)
# What a function is of the values that its index runs over.
_OVER = {"mean": "average", "max": "largest", "min": "smallest"}
_TOLD = frozenset({"True", "False", "None", "TRUE", "FALSE", "float", "int", "bool"})
# Functions whose bare name stands for their value, and signs that show that it does.
_ACTIVATIONS = frozenset({"sigmoid", "tanh", "relu", "softmax", "leaky_relu", "softplus"})
_BEHIND_BARE = frozenset({"*", "·", "×", "@", "⊙", "⊗", "/", "./"})
_PREFIX_WORDS = frozenset({"sum", "prod", "not", "indicator", "Sum", "𝟏"})


def is_indicator(p: Parser) -> bool:
    """Tell `1{z>0}`, `1[k=y]` and `1_{z>0}` from a product with the number one."""
    token = p.token
    if token.kind == "sub":
        return condition_inside(p, p.at + 1)
    return (
        token.kind == "open"
        and token.text in ("{", "\\{", "[", "(")
        and (condition_inside(p, p.at))
    )


def condition_inside(p: Parser, at: int) -> bool:
    if at >= len(p.tokens) or p.tokens[at].kind != "open":
        return False
    depth = 0
    inner = 2 if p.tokens[min(at + 1, len(p.tokens) - 1)].kind == "open" else 1
    for token in p.tokens[at:]:
        depth += (token.kind == "open") - (token.kind == "close")
        if depth == 0:
            return False
        if depth <= inner and token.kind == "rel":
            return True
    return False


def indicator(p: Parser, start: int) -> Node:
    p.accept("sub")
    opened = p.take()
    condition = p.condition()
    p.close(opened)
    return p.node("call", (condition,), "indicator", start)


def read(p: Parser, name: str, token: Token) -> Node:
    """Read a function's marks, then its argument, bracketed or bare."""
    start = token.start
    p.take()
    power: Node | None = None
    base: Node | None = None
    transposed = False
    while True:
        if p.is_at("prime"):
            name += p.take().text
        elif p.is_at("sub") and (name == "mean" or (name in _OVER and _index_below(p))):
            return over_index(p, name, start)
        elif p.is_at("sub"):
            p.take()
            base = marks.subscripts(p, Node("number"))[0]
        elif p.is_at("sup"):
            name, power, transposed = function_power(p, name, start, power)
        else:
            break
    bare = is_bare(p, name)
    args = () if bare else sums.listed(p, call_arguments(p, name))
    node = p.node("call", args, with_base(p, name, base), start)
    if any(_is_bare_call(part, name) for arg in args for part in arg.walk()):
        alone = p.node("call", (), name, start)  # σ(1 − σ) is a product
        node = p.node("mul", (alone, *args), ("juxt",), start)
    if transposed:
        node = p.node("transpose", (ones_of(node),), "T", start)
    if power is not None:
        node = p.node("power", (node, power), "^", start)
    return node


def is_bare(p: Parser, name: str) -> bool:
    """Tell the σ of `(σ − y)`, which is short for σ(z), from one that is applied."""
    plain = name.rstrip("'")
    if plain not in _ACTIVATIONS and plain not in p.vocabulary.functions.values():
        return False
    token, after = p.token, p.peek()
    if token.kind != "op" or token.text not in ("+", "-"):
        return token.kind in ("close", "sep", "rel", "eof") or token.text in _BEHIND_BARE
    if token.spaced and not after.spaced:
        raise p.fail(f"what '{name}' is applied to is unclear; put it in brackets", token)
    return True


def _is_bare_call(node: Node, name: str) -> bool:
    return node.op == "call" and node.value == name and not node.args


def is_made(p: Parser) -> bool:
    """Tell `nn.ReLU()(z)` from `ReLU(z)`: brackets that are followed by brackets."""
    if p.peek().text != "(":
        return False
    depth = 0
    for i in range(p.at + 1, len(p.tokens)):
        depth += (p.tokens[i].kind == "open") - (p.tokens[i].kind == "close")
        if depth == 0:
            return p.tokens[i + 1].text == "(" and not p.tokens[i + 1].spaced
    return False


def module(p: Parser, name: str) -> Node:
    start = p.take().start
    options = tuple(arg for arg in arguments(p) if arg.op == "option")
    return p.node("call", (*arguments(p, name), *options), name, start)


def is_density(p: Parser) -> bool:
    """Tell `N(x | μ, Σ)` from a product with the number of samples."""
    if p.peek().text != "(":
        return False
    depth, behind = 0, 0
    for token in p.tokens[p.at + 1 :]:
        depth += (token.kind == "open") - (token.kind == "close")
        if depth == 0:
            return behind == 2
        if depth == 1 and behind == 0 and token.text in ("|", ";"):
            behind = 1
        elif depth == 1 and behind == 1 and token.text == ",":
            behind = 2
    return False


def density(p: Parser) -> Node:
    """Read the normal density at a point, with its mean and (co)variance."""
    start = p.take().start
    opened = p.take()
    bars, commas, p.bars, p.commas = p.bars, p.commas, 1, 1
    found = [p.expression()]
    if not (p.accept("bar", "|") or p.accept("sep", ";")):
        raise p.fail("expected '|' and the mean of a density")
    found.append(p.expression())
    if not p.accept("sep", ","):
        raise p.fail("expected ',' and the variance of a density")
    found.append(p.expression())
    p.bars, p.commas = bars, commas
    p.close(opened)
    return p.node("call", tuple(found), "normal", start)


def _index_below(p: Parser) -> str | None:
    """Return the letter of an index that stands alone under a function: `max_i`."""
    at = 2 if p.peek().text == "{" else 1
    letter, after = p.peek(at).text, p.peek(at + 1)
    alone = (at == 1 or after.text == "}") and not p.vocabulary.knows(letter)
    return letter if alone and p.is_index_letter(letter) else None


def over_index(p: Parser, name: str, start: int) -> Node:
    """Read `max_i a_i`, the mean `E_i[...]`, or one over what `E_{x ~ p}[...]` says."""
    letter = _index_below(p)
    p.take()
    if p.is_at("open", "{"):
        opened, depth = p.take(), 1
        while depth and p.token.kind != "eof":
            depth += (p.token.kind == "open") - (p.token.kind == "close")
            p.take()
        if depth:
            raise p.fail("'}' is missing to close this bracket", opened)
    else:
        p.take()
    if letter is None:
        return p.node("call", call_arguments(p, name), name, start)
    p.bound.append(letter)
    body = call_arguments(p, name)[0]
    p.bound.pop()
    nothing = Node("none")
    return p.node(_OVER[name], (body, nothing, nothing), (letter,), start)


def with_base(p: Parser, name: str, base: Node | None) -> str:
    if base is None or name in ("softmax", "max", "min", "sum", "mean"):
        return name
    if name == "log" and base.op == "number" and base.value in (2.0, 10.0):
        return f"log{int(base.value)}"
    if name == "log" and base.op == "name" and base.value == "e":
        return "log"
    if name in p.vocabulary.functions.values() or name == "diag":
        return name
    raise p.fail(f"the subscript of '{name}' is not understood")


def function_power(
    p: Parser, name: str, start: int, power: Node | None
) -> tuple[str, Node | None, bool]:
    """Read `sin^2 x`, `sin^{-1} x`, `σ^{\\prime}(z)`."""
    probe = marks.raised(p, Node("name", (), "function", start, start), start)
    if probe.op == "prime":
        return name + "'", power, False
    if probe.op == "transpose":
        return name, power, True
    if probe.op == "power":
        exponent = probe.args[1]
        inverse = exponent.op == "neg" and exponent.args[0].value == 1.0
        if inverse and f"arc{name}" in functions.ELEMENTWISE:
            return f"arc{name}", power, False
        return name, exponent, False
    raise p.fail(f"the mark on '{name}' is not understood")


def call_arguments(p: Parser, name: str) -> tuple[Node, ...]:
    token = p.token
    listed = token.text == "{" and name in ("max", "min") and is_tuple(p)
    if token.kind == "open" and (token.text in ("(", "[", "\\{") or listed):
        called = p.tokens[p.at - 1].text[:1].isupper()  # LinearSolve[A, b]
        if token.text == "[" and name in functions.STRUCTURAL and not called:
            return (bare_argument(p),)
        return arguments(p, name)
    if not p.starts_factor() and not p.is_at("op", "-"):
        raise p.fail(f"the argument of '{name}' is missing")
    return (bare_argument(p),)


def arguments(p: Parser, name: str = "") -> tuple[Node, ...]:
    """Read a bracketed list of arguments, then of options."""
    opened = p.take()
    bars, p.bars = p.bars, 0
    several = not name or name in _SEVERAL or name in p.vocabulary.functions.values()
    commas, p.commas = p.commas, int(several)
    found: list[Node] = []
    while not p.is_at("close", CLOSING[opened.text]):
        if found and not p.accept("sep", ","):
            p.close(opened)
        if p.is_at("close", CLOSING[opened.text]):
            break
        found.append(argument(p))
    p.close(opened)
    p.bars, p.commas = bars, commas
    if name and not found:
        raise p.fail(f"the argument of '{name}' is missing", opened)
    return tuple(found)


def argument(p: Parser) -> Node:
    join_option(p)
    token = p.token
    named = token.kind == "word" and token.text in _OPTIONS
    if named and p.peek().kind == "rel" and p.peek().text == "=":
        p.take()
        p.take()
        return p.node("option", (option_value(p),), token.text, token.start)
    if token.kind == "string":
        p.take()
        return Node("string", (), token.text, token.start, token.end)
    if token.kind == "bad" and token.text == "…":
        p.take()
        return Node("dots", (), None, token.start, token.end)
    if token.kind == "word" and token.text in _TYPES and p.peek().kind == "close":
        p.take()
        return Node("string", (), token.text, token.start, token.end)
    if token.kind == "open" and token.text == "(" and is_tuple(p):
        return tuple_argument(p)
    p.equals += 1
    found = p.expression()
    p.equals -= 1
    return found


def join_option(p: Parser) -> None:
    """Join the word of an option that an underscore parts: `transpose_a`."""
    if p.token.kind == "word" and p.peek().kind == "sub" and p.peek(2).kind == "word":
        word = f"{p.token.text}_{p.peek(2).text}"
        if word in _OPTIONS and p.peek(3).text == "=":
            p.tokens[p.at : p.at + 3] = [p.token._replace(text=word, end=p.peek(2).end)]


def option_value(p: Parser) -> Node:
    token = p.token
    if token.kind == "string" or (token.kind == "word" and token.text in _TOLD):
        p.take()
        return Node("string", (), token.text, token.start, token.end)
    if token.kind == "open" and token.text in "([" and is_tuple(p):
        return tuple_argument(p)
    return p.expression()


def is_tuple(p: Parser) -> bool:
    """Return whether the bracket here holds a comma of its own, as in `(n, 1)`."""
    depth = 0
    for token in p.tokens[p.at :]:
        depth += (token.kind == "open") - (token.kind == "close")
        if depth == 0:
            return False
        if depth == 1 and (token.text == "," or (token.kind == "number" and "," in token.text)):
            return True
    return False


def tuple_argument(p: Parser) -> Node:
    opened = p.take()
    p.commas += 1
    found: list[Node] = []
    while not p.is_at("close"):
        found.append(argument(p))
        if not p.accept("sep", ","):
            break
    p.commas -= 1
    p.close(opened)
    return p.node("row", tuple(found), None, opened.start)


def bare_argument(p: Parser) -> Node:
    """Read an argument without brackets: `log ŷ`, `ln 10`, `sin 2x`, `exp -z`."""
    start = p.token.start
    if p.is_at("op", "-"):
        p.take()
        return p.node("neg", (bare_argument(p),), None, start)
    factors = [p.factor()]
    while p.starts_factor() and continues_argument(p):
        constant = factors[-1].op == "number" or factors[-1].value == "pi"
        if not constant:
            p.open.add("greedy-argument")
            if "greedy-argument" not in p.policy:
                break
        factors.append(p.factor())
    return p.folded(factors, ["juxt"] * (len(factors) - 1), start)


def continues_argument(p: Parser) -> bool:
    token = p.token
    if token.kind == "word":
        return p.vocabulary.names.get(token.text) is not None or (
            names.function_of(p, token.text) is None and token.text not in _PREFIX_WORDS
        )
    return token.kind in ("number", "bar") or (
        token.kind == "command" and token.text in ("frac", "sqrt", "root")
    )
