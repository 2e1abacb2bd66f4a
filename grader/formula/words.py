"""Words: names, functions, runs of letters that are a product, gradients as names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.errors import Unreadable
from grader.formula import blocks, calls, functions, names, spelling, sums
from grader.formula.constants import CONSTANTS
from grader.formula.derivatives import component, derivative_at, differential_at
from grader.formula.lexer import Token
from grader.formula.tree import Node

if TYPE_CHECKING:
    from grader.formula.parser import Parser


# More small letters than these in a row are a word, not a product.
MOST_LETTERS = 4


def read(p: Parser, bare: bool) -> Node:
    token = p.token
    if token.text in ("N", "Normal") and calls.is_density(p):
        return calls.density(p)
    known = names.known_word(p, token)
    if known is not None:
        return known
    text = token.text
    if text == "Delta" and p.peek().kind == "word":
        change = p.vocabulary.names.get(f"Delta{p.peek().text}")
        if change is not None:
            p.at += 2
            return Node("name", (), change, token.start, p.tokens[p.at - 1].end)
    if text in ("∂", "∇") or text.startswith(("d", "∂", "grad")):
        quantity = derivative(p) or short_derivative(p, token)
        if quantity is not None:
            return quantity
    gradient = derivative_named(p, f"d/d{text[1:]}") if text[0] == "g" and len(text) == 2 else None
    if gradient is not None:  # gW
        p.take()
        return Node("name", (), gradient, token.start, token.end)
    if text in ("sum", "Sum", "prod", "Product", "add") and sums.is_ranged(p):
        return sums.ranged(p, "prod" if text in ("prod", "Product") else "sum")
    if text in ("sum", "Sum", "Sigma", "prod") and sums.is_sum(p, text):
        p.take()
        return sums.summation(p, "prod" if text == "prod" else "sum", token.start)
    if text in ("𝟏", "indicator", "I", "Ind", "Iverson"):
        p.take()
        if calls.is_indicator(p):
            return calls.indicator(p, token.start)
        if text == "indicator":
            return Node("name", (), "I", token.start, token.end)
        p.at -= 1
    if text in ("piecewise", "Piecewise") and p.peek().kind == "open":
        return blocks.piecewise(p)
    if text in ("frac", "dfrac") and p.peek().text == "(":
        return blocks.called_fraction(p)
    if text in functions.MODULES and calls.is_made(p):
        return calls.module(p, functions.MODULES[text])
    if text == "E" and p.peek().text in ("[", "\\{") and not p.vocabulary.knows(text):
        return calls.read(p, "mean", token)
    if text in ("max", "min") and p.peek().kind == "open" and p.peek().text == "\\{":
        return calls.read(p, text, token)
    function = names.function_of(p, text)
    if function is not None:
        return calls.read(p, function, token)
    if text in CONSTANTS or text == "I" or (text == "delta" and p.peek().kind == "sub"):
        p.take()
        return Node("name", (), _constant(text), token.start, token.end)
    if text == "delta" and p.peek().text == "(":
        p.take()
        args = calls.arguments(p)
        return p.node("index", (Node("name", (), text), *args), ("sub",) * len(args), token.start)
    if len(text) == 1 and join_letters(p):
        return read(p, bare)
    if len(text) == 1 and (text in p.bound or text in p.free):
        p.take()
        return Node("name", (), text, token.start, token.end)
    if split_known(p):
        return read(p, bare)
    mean = known_mean(p, token)
    if mean is not None:
        return mean
    raise unknown(p, token)


def known_mean(p: Parser, token: Token) -> Node | None:
    """Read a ȳ that nobody defines as the mean of y."""
    base, bar, rest = token.text.partition("_bar")
    name = p.vocabulary.names.get(base)
    if not bar or rest or name is None or p.source.code:
        return None
    p.take()
    whole = Node("name", (), name, token.start, token.end)
    return Node("call", (whole,), "sample mean", token.start, token.end)


def join_letters(p: Parser) -> bool:
    """Join letters that a scanner set apart, `n e t`, into a known word."""
    text, at = "", p.at
    found: tuple[str, int] | None = None
    while p.tokens[at].kind == "word" and len(p.tokens[at].text) == 1:
        text += p.tokens[at].text
        at += 1
        if len(text) > 1 and (p.vocabulary.knows(text) or text in functions.ALIASES):
            found = (text, at)
    if found is None:
        return False
    first, last = p.token, p.tokens[found[1] - 1]
    joined = Token("word", found[0], first.start, last.end, first.spaced)
    p.tokens[p.at : found[1]] = [joined]
    return True


def split_known(p: Parser) -> bool:
    """Part a run of letters such as `Wx` into known names; say whether that was possible."""
    token = p.token
    text = token.text
    if len(text) > MOST_LETTERS and text.islower() and not p.source.latex:
        pieces_known = any(len(name) > 1 and name in text for name in p.vocabulary.names)
        if not pieces_known and not any(name in text for name in functions.ALIASES):
            return False
    if len(text) < 2 or len(text) > 40 or token.end - token.start != len(text):
        return False
    size = first_piece(p, text)
    if size is None:
        return False
    if size == len(text):
        number_off(p, len(text.rstrip("0123456789")))
    else:
        p.split(size)
    return True


def number_off(p: Parser, size: int) -> None:
    """Part `y1` into y and its index 1."""
    token = p.token
    middle = token.start + size
    p.tokens[p.at : p.at + 1] = [
        token._replace(text=token.text[:size], end=middle),
        Token("sub", "_", middle, middle),
        Token("number", token.text[size:], middle, token.end),
    ]


def first_piece(p: Parser, text: str) -> int | None:
    """Return the length of the first of the known names that `text` is made of."""
    reachable = {len(text)}
    first: dict[int, int] = {}
    for start in range(len(text) - 1, -1, -1):
        for end in range(len(text), start, -1):
            if end in reachable and is_piece(p, text[start:end], end == len(text)):
                reachable.add(start)
                first[start] = end
                break
    return first.get(0)


def is_piece(p: Parser, piece: str, last: bool) -> bool:
    if piece in p.bound or (piece in p.vocabulary.names and piece not in p.vocabulary.usual):
        return True
    if piece == "T" and last and not p.source.code:
        return True
    if len(piece) > 1 and not last and piece in functions.ALIASES:
        return True
    if piece in ("pi", "e") or (len(piece) > 1 and piece in spelling.GREEK_NAMES):
        return piece in ("pi", "e")
    head = piece.rstrip("0123456789")
    return head != piece and head in p.vocabulary.names


def unknown(p: Parser, token: Token) -> Unreadable:
    known = p.vocabulary.shown
    listed = f"; known are {', '.join(known[:40])}" if known else ""
    shown = p.source.text[token.start : token.end] or token.text
    return p.fail(f"'{shown[:40]}' is not known here{listed}", token)


def derivative(p: Parser) -> Node | None:
    """Read `∂L/∂W`, `dL/dW`, `\\frac{\\partial L}{\\partial W}` or `∇_W L` as a name."""
    found = derivative_at(p.tokens, p.at)
    if found is None:
        return None
    key, letters, after = found
    name = derivative_named(p, key)
    if name is None and letters:
        whole = derivative_named(p, component(key, [str(each.value) for each in letters])[0])
        if whole is not None:
            start, p.at = p.token.start, after
            base = Node("name", (), whole, start, start)
            return p.node("index", (base, *letters), ("sub",) * len(letters), start)
    if name is None:
        if p.token.kind == "word" and p.vocabulary.knows(p.token.text):
            return None
        return derivative_of_function(p, key, after)
    start = p.token.start
    p.at = after
    return p.node("name", (), name, start)


def short_derivative(p: Parser, token: Token) -> Node | None:
    """Read `dW` where the question knows a derivative by W."""
    if not token.text.startswith("d") or len(token.text) < 2:
        return None
    found = differential_at(p.tokens, p.at)
    name = derivative_named(p, f"d/d{found[0]}") if found is not None else None
    if found is None or name is None:
        return None
    p.at = found[2]
    return p.node("name", (), name, token.start)


def derivative_named(p: Parser, key: str) -> str | None:
    """Return the known derivative that `key` means: `d/dW` is any declared one by W."""
    names = p.vocabulary.names
    if key in names:
        return names[key]
    top, _, bottom = key.partition("/")
    alike = [
        (lower, meant)
        for upper, _, lower, meant in ((*name.partition("/"), names[name]) for name in names)
        if lower.lower() == bottom.lower() and (upper == top or "d" in (upper, top))
    ]
    exact = [meant for lower, meant in alike if lower == bottom]
    return next(iter([*exact, *(meant for _, meant in alike)]), None)


def derivative_of_function(p: Parser, key: str, after: int) -> Node:
    """Leave `∂a/∂z` to the definitions, which may say that a = σ(z)."""
    start = p.token.start
    p.at = after
    return p.node("derivative", (), key, start)


def _constant(text: str) -> str:
    return "inf" if text in ("infinity", "Infinity") else text
