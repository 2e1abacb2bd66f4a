"""Single signs as nodes, and as they are shown in complaints."""

from __future__ import annotations

from grader import lazy
from grader.errors import Unreadable
from grader.formula.lexer import Token
from grader.formula.tree import Node


def ones_of(node: Node) -> Node:
    """Return the ones that a transposed 1 must be."""
    if node.op == "number" and node.value == 1.0:
        return Node("name", (), "𝟏", node.start, node.end)
    return node


def label_text(node: Node) -> str:
    if node.op == "number" and isinstance(node.value, float):
        return f"{node.value:g}"
    return str(node.value)


_THOUSANDS = lazy.pattern(r"[1-9]\d{0,2}(,\d{3})+(\.\d+)?")


def number_of(token: Token) -> Node:
    text = token.text
    if "/" in text:
        top, _, bottom = text.partition("/")
        value = int(top) / int(bottom)
    else:
        if "," in text:
            thousands = _THOUSANDS.fullmatch(text)
            text = text.replace(",", "" if thousands else ".")
            if text.count(".") > 1:
                raise Unreadable(f"'{token.text}' is no number", position=token.start)
        value = float(text)
    return Node("number", (), value, token.start, token.end)


def shown(token: Token) -> str:
    if token.kind == "eof":
        return "the end"
    if token.text == "\n" or token.text == "$$":
        return "a new line"
    return f"'{token.text[:40]}'"
