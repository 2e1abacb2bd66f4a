"""Raised and lowered marks: powers, transposes, primes, labels of layers, indices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.formula.constants import CONSTANTS
from grader.formula.lexer import Token
from grader.formula.nodes import label_text, number_of, ones_of, shown
from grader.formula.tree import Node

if TYPE_CHECKING:
    from grader.formula.parser import Parser

# A mark that a letter carries to be told from others: the new point x_*.
_STARS = frozenset({"*", "†"})
_TRANSPOSES = frozenset({"T", "⊤", "top", "t", "tr", "Tr", "transpose", "H", "intercal"})


def raised(p: Parser, base: Node, start: int) -> Node:
    mark = p.take()
    if p.token.kind == "open" and p.token.text == "{":
        return raised_group(p, base, start)
    if p.token.kind == "open" and p.token.text in ("(", "["):
        return raised_bracket(p, base, start)
    token = p.token
    if token.text == "%" and p.peek().text in ("T", "H"):
        token = p.take()  # Maple's A^%T
    token = p.token
    if token.kind == "prime":
        p.take()
        return p.node("prime", (base,), "'", start)
    if token.text == "†" or (token.text == "+" and not p.operand_follows()):
        p.take()
        return p.node("dagger", (base,), token.text, start)
    if token.kind == "op" and token.text == "*":
        raise p.fail("a raised '*' has no meaning here")
    if token.kind == "word":
        return raised_word(p, base, start)
    p.deeper()
    if token.kind == "op" and token.text in ("-", "+"):
        p.take()
        inner: Node = primary_power(p)
        if token.text == "-":
            inner = p.node("neg", (inner,), None, token.start)
    else:
        inner = primary_power(p)
    p.depth -= 1
    return p.node("power", (base, inner), mark.text, start)


def primary_power(p: Parser) -> Node:
    start = p.token.start
    node = p.primary(bare=True)
    if p.token.kind == "sup":
        return raised(p, node, start)
    return node


def raised_word(p: Parser, base: Node, start: int) -> Node:
    """Read an unbraced raised word: `x^T`, `x^Ty`, `e^z`, `y_j^i`."""
    token = p.token
    text = token.text
    accented = p.label_of(base, text) if text in ("hat", "tilde", "bar") else None
    if accented is not None:
        p.take()
        return p.node("name", (), accented, start)
    if text in _TRANSPOSES and not is_variable(p, text, base):
        p.take()
        return p.node("transpose", (ones_of(base),), "T", start)
    run = not p.vocabulary.knows(text) and len(text) > 1 and token.end - token.start > 1
    if run and (text[0] == "T" or p.source.latex):
        p.split(1)
        return raised_word(p, base, start)
    if p.is_index_letter(text) and sampled(p, base):
        p.take()
        index = Node("name", (), text, token.start, token.end)
        return indexed(p, base, [index], ["sub"], start)
    p.deeper()
    node = p.node("power", (base, primary_power(p)), "^", start)
    p.depth -= 1
    return node


def is_variable(p: Parser, text: str, base: Node) -> bool:
    """Tell `2^t` and `a^t`, where t is a declared number, from a transpose."""
    return text in ("t", "H", "tr") and (p.vocabulary.declares(text) or base.op == "number")


def is_taken(p: Parser, base: Node) -> bool:
    """Return whether a T in brackets behind `base` is a name or a label of the question."""
    return p.vocabulary.declares("T") or p.label_of(base, "T") is not None or base.op == "number"


def raised_group(p: Parser, base: Node, start: int) -> Node:
    """Read `^{...}`: a transpose, a label, a sample, a prime, several of these, or a power."""
    opened = p.take()
    node = base
    while not p.is_at("close", "}"):
        token, after = p.token, p.peek()
        if is_transpose(p, base):
            p.take()
            node = p.node("transpose", (ones_of(node),), "T", start)
        elif token.kind == "prime":
            p.take()
            node = p.node("prime", (node,), token.text, start)
        elif token.text in ("†", "+") and after.kind == "close":
            p.take()
            node = p.node("dagger", (node,), token.text, start)
        elif token.kind == "op" and token.text == "⊙" and node is base:
            p.take()
            node = p.node("power", (base, p.expression()), "**", start)
        elif (token.kind == "sup" or token.text == ",") and node is not base:
            p.take()
        elif token.kind == "open" and is_label(p, node):
            node = raised_bracket(p, node, start)
        elif token.kind == "op" and token.text == "-" and after.text in _TRANSPOSES:
            p.take()
            p.take()
            inverse = power(p, node, -1.0, token)
            node = p.node("transpose", (inverse,), "T", start)
        elif (
            token.kind == "word"
            and len(token.text) == 2
            and token.text[1] == "T"
            and not p.vocabulary.knows(token.text)
            and after.kind == "close"
        ):
            p.split(1)
        elif p.is_index_letter(token.text) and sampled(p, base):
            p.take()
            index = Node("name", (), token.text, token.start, token.end)
            node = indexed(p, node, [index], ["sub"], start)
        elif node is base:
            node = p.node("power", (base, p.bracketed()), "^", start)
        else:
            raise p.fail(f"{shown(token)} was not expected in this exponent")
        p.linked()
    if node is base:
        raise p.fail("the exponent is empty", opened)
    p.close(opened)
    return node


def is_label(p: Parser, base: Node) -> bool:
    """Tell `x^{(i)}` and `W^{[2]}` from `e^{(a+b)c}`: a bracket with one word or number."""
    inner, after = p.peek(), p.peek(2)
    if p.token.text not in ("(", "[") or after.kind != "close":
        return False
    if base.op == "number" or (base.op == "name" and base.value == "e"):
        return False
    if inner.kind == "number":
        return p.label_of(base, inner.text) is not None or p.token.text == "["
    return inner.kind == "word" and (
        p.is_index_letter(inner.text) or p.label_of(base, inner.text) is not None
    )


def power(p: Parser, base: Node, exponent: float, token: Token) -> Node:
    number = Node("number", (), exponent, token.start, token.end)
    return p.node("power", (base, number), "^", base.start)


def is_transpose(p: Parser, base: Node) -> bool:
    """Return whether a transpose's mark ends the group here."""
    token = p.token
    marked = token.kind == "word" and token.text in _TRANSPOSES and p.peek().kind == "close"
    return marked and not is_variable(p, token.text, base)


def raised_bracket(p: Parser, base: Node, start: int) -> Node:
    """Read `^(i)`, `^{(i)}`, `^{[2]}`, `^(T)`: a sample, a layer's label, a transpose, a power."""
    if p.peek().text in ("T", "⊤") and p.peek(2).kind == "close" and not is_taken(p, base):
        p.at += 3
        return p.node("transpose", (ones_of(base),), "T", start)
    if not is_label(p, base):
        opened = p.take()
        node = p.node("power", (base, p.bracketed()), "^", start)
        p.close(opened)
        return node
    opened = p.take()
    token = p.take()
    p.close(opened)
    label = p.label_of(base, token.text)
    if label is not None:
        return p.node("name", (), label, start)
    if token.kind == "number":
        raise p.fail(f"no layer or sample {token.text} is known here", token)
    index = Node("name", (), token.text, token.start, token.end)
    return indexed(p, base, [index], ["sample"], start)


def lowered(p: Parser, base: Node, start: int) -> Node:
    """Read `_i`, `_{ij}`, `_{1}`, `_2^2`: indices, unless with the base they spell a name."""
    p.take()
    if is_positive_part(p):
        return p.node("call", (base,), "relu", start)
    indices = subscripts(p, base)
    if len(indices) == 1 and base.op == "name":
        label = indices[0]
        if label.op in ("name", "number"):
            known = p.label_of(base, label_text(label))
            if known is not None:
                return p.node("name", (), known, start)
    if base.op == "norm":
        return p.node("norm", base.args, label_text(indices[0]), start)
    return indexed(p, base, indices, ["sub"] * len(indices), start)


def is_positive_part(p: Parser) -> bool:
    """Take the plus of `(x - 1)_+`, if one stands here."""
    if p.is_at("op", "+"):
        p.take()
        return True
    if p.is_at("open", "{") and p.peek().text == "+" and p.peek(2).kind == "close":
        p.at += 3
        return True
    return False


def subscripts(p: Parser, base: Node) -> list[Node]:
    """Return the indices after `_`; letters that run together are indices each."""
    if not (p.token.kind == "open" and p.token.text == "{"):
        token = p.take()
        if token.kind == "number":
            return [number_of(token)]
        if token.text in _STARS:
            return [Node("name", (), "*", token.start, token.end)]
        if token.kind != "word":
            raise p.fail("an index is missing", token)
        if p.label_of(base, token.text) or is_index_run(p, token.text):
            return letters(p, base, token)
        if len(token.text) > 1 and token.end - token.start == len(token.text):
            p.at -= 1
            p.split(1)
            token = p.take()
        return [Node("name", (), token.text, token.start, token.end)]
    opened = p.take()
    found: list[Node] = []
    p.equals += 1
    while not p.is_at("close", "}"):
        if p.accept("sep", ","):
            continue
        token, after = p.token, p.peek()
        if token.text in _STARS and after.kind in ("close", "sep"):
            p.take()
            found.append(Node("name", (), "*", token.start, token.end))
        elif token.kind == "number" and "," in token.text:
            p.part_number()
        elif token.kind == "word" and after.kind == "sub":
            found.append(p.factor())
        elif token.kind == "word" and after.kind in ("close", "word", "sep", "number"):
            p.take()
            found.extend(letters(p, base, token))
        elif token.kind == "number" and after.kind == "number" and after.text.isdigit():
            # a scanner sets the digits of log_{10} apart
            joined = token._replace(text=token.text + after.text, end=after.end)
            p.tokens[p.at : p.at + 2] = [joined]
        elif token.kind == "number" and after.kind in ("close", "word", "sep"):
            found.append(number_of(p.take()))
        else:
            found.append(p.expression())
    p.equals -= 1
    p.close(opened)
    if not found:
        raise p.fail("an index is missing", opened)
    return found


def letters(p: Parser, base: Node, token: Token) -> list[Node]:
    text = token.text
    # in braces, a letter that counts something may number it as well: the k of g_{kt}
    plain = len(text) in (2, 3) and text.isalpha() and text not in p.vocabulary.names
    run = is_index_run(p, text) or (plain and any(map(p.is_index_letter, text)))
    if len(text) == 1 or p.label_of(base, text) or not run:
        return [Node("name", (), text, token.start, token.end)]
    return [
        Node("name", (), letter, token.start + i, token.start + i + 1)
        for i, letter in enumerate(text)
    ]


def is_index_run(p: Parser, text: str) -> bool:
    if not text.isascii() or not text.isalpha() or len(text) > 4:
        return False
    return len(text) == 1 or all(p.is_index_letter(letter) for letter in text)


def sampled(p: Parser, base: Node) -> bool:
    """Return whether a raised letter after `base` may be an index rather than a power."""
    return base.op in ("name", "index") and base.value not in CONSTANTS


def indexed(p: Parser, base: Node, indices: list[Node], kinds: list[str], start: int) -> Node:
    if base.op == "index":
        old = base.value if isinstance(base.value, tuple) else ()
        return p.node("index", (*base.args, *indices), (*old, *kinds), base.start)
    return p.node("index", (base, *indices), tuple(kinds), start)


def raised_before(p: Parser, opened: Token) -> Node:
    """Read `{}^t x`, the transpose that is written in front."""
    p.take()
    mark = raised(p, Node("name", (), "function", opened.start, opened.start), opened.start)
    if mark.op != "transpose":
        raise p.fail("the brackets are empty", opened)
    p.deeper()
    inner = p.factor()
    p.depth -= 1
    return p.node("transpose", (inner,), "T", opened.start)
