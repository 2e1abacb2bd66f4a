"""Attributes, methods and selections of code: `.T`, `.sum(axis=1)`, `X[:, i]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.formula import calls, functions, spelling, words
from grader.formula.lexer import Token
from grader.formula.nodes import number_of, ones_of
from grader.formula.tree import Node

if TYPE_CHECKING:
    from grader.formula.parser import Parser

_METHODS = spelling.words(
    """
    sum mean max min reshape flatten ravel squeeze unsqueeze astype exp log log10 log2 sqrt
    square abs sigmoid tanh relu softmax sign inv trace norm dot mm matmul outer pow mul add sub
    div diag clip clamp expand_dims log1p prod std var view item numpy copy clone detach double
    float to type int long inverse cumsum bmm diagonal argmax contiguous cpu cuda
    """
)
_SILENT_METHODS = spelling.words(
    "copy clone detach numpy item to type double float int long contiguous cpu cuda astype"
)


def read(p: Parser, base: Node, start: int) -> Node:
    name = p.take().text
    if name in ("T", "mT", "H"):
        return p.node("transpose", (ones_of(base),), "T", start)
    if name == "numel" and p.is_at("open", "("):
        calls.arguments(p)
        return p.node("call", (base,), "numel", start)
    if name in ("shape", "size"):
        if name == "size" and not p.is_at("open"):
            return p.node("call", (base,), "numel", start)
        return size_of(p, base, start)
    if name == "data":
        return base
    if name == "grad":
        key = words.derivative_named(p, f"d/d{base.value}") if base.op == "name" else None
        if key is None:
            raise p.fail("this gradient is not known")
        return p.node("name", (), key, start)
    called = p.token.kind == "open" and p.token.text == "("
    if name in ("t", "transpose", "permute", "swapaxes"):
        if called:
            calls.arguments(p)
        return p.node("transpose", (ones_of(base),), "T", start)
    if not called or name not in _METHODS:
        raise p.fail(f"'.{name}' is not known")
    args = calls.arguments(p)
    if name in _SILENT_METHODS:
        return base
    function = functions.ALIASES.get(name, name)
    return p.node("call", (base, *args), function, start)


def size_of(p: Parser, base: Node, start: int) -> Node:
    opened = p.token
    if not (opened.kind == "open" and opened.text in "(["):
        raise p.fail("expected an axis, as in .shape[0]")
    p.take()
    negative = p.accept("op", "-")
    axis = p.take()
    if axis.kind != "number" or axis.text not in ("0", "1"):
        raise p.fail("expected 0 or 1 as an axis", axis)
    p.close(opened)
    return p.node("size", (base,), -1 if negative else int(axis.text), start)


def selects(p: Parser, opened: Token) -> bool:
    """Tell `X[:, i]` from a product with a bracket."""
    if opened.spaced:
        return False
    inner, after = p.peek(), p.peek(2)
    if p.source.code and after.kind == "attr":
        return True
    if inner.text == ":" or inner.text in ("None", "newaxis"):
        return True
    if after.kind == "close" or (after.kind == "sep" and after.text in (",", ":")):
        return inner.kind == "number" or p.is_index_letter(inner.text)
    return False


def part(p: Parser, base: Node, start: int) -> Node:
    """Read Mathematica's `y[[i, j]]`, which counts from 1."""
    outer, inner = p.take(), p.take()
    p.commas += 1
    found = [p.expression()]
    while p.accept("sep", ","):
        found.append(p.expression())
    p.commas -= 1
    p.close(inner)
    p.close(outer)
    return p.node("index", (base, *found), ("sub",) * len(found), start)


def span_end(p: Parser) -> int:
    """Return where `i:i+1` ends, whose i was just taken; 0 where there is none."""
    i = p.tokens[p.at - 1].text
    marks = [token.text for token in p.tokens[p.at : p.at + 4]]
    return p.at + 4 if marks == [":", i, "+", "1"] else 0


def selected(p: Parser, base: Node, start: int) -> Node:
    opened = p.take()
    found: list[Node] = []
    while not p.is_at("close", "]"):
        token = p.take()
        if token.kind == "sep" and token.text == ",":
            continue
        if token.kind == "sep" and token.text == ":":
            found.append(Node("name", (), ":", token.start, token.end))
        elif token.kind == "word" and token.text in ("None", "newaxis"):
            found.append(Node("name", (), "None", token.start, token.end))
        elif span_end(p):
            found.append(Node("span", (), token.text, token.start, token.end))
            p.at = span_end(p)
        elif p.token.kind not in ("sep", "close"):
            p.at -= 1
            found.append(p.expression())
        elif token.kind == "number":
            found.append(number_of(token))
        elif token.kind == "word":
            found.append(Node("name", (), token.text, token.start, token.end))
        else:
            raise p.fail("expected an index, ':' or None", token)
    p.close(opened)
    return p.node("slice", (base, *found), None, start)
