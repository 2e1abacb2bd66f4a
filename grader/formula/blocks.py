"""LaTeX commands with arguments, matrices and case distinctions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from grader.formula import calls, names, sums, words
from grader.formula.lexer import Token
from grader.formula.nodes import shown
from grader.formula.tree import Node

if TYPE_CHECKING:
    from grader.formula.parser import Parser


def read_command(p: Parser, bare: bool) -> Node:
    token = p.take()
    start = token.start
    if token.text == "frac":
        return fraction(p, start)
    if token.text == "sqrt":
        return root(p, start)
    if token.text in ("root", "cuberoot"):
        name = "sqrt" if token.text == "root" else "cbrt"
        p.deeper()
        inner = p.postfix(p.primary(), p.token.start)
        p.depth -= 1
        return p.node("call", (inner,), name, start)
    if token.text in ("sum", "prod"):
        return sums.summation(p, token.text, start)
    if token.text == "brace":
        inner = required_argument(p)
        while p.token.kind in ("sub", "sup"):
            p.take()
            skip_group(p)
        return inner
    if token.text == "set":
        skip_group(p)
        return required_argument(p)
    raise p.fail(f"{shown(token)} was not expected here", token)


def skip_group(p: Parser) -> None:
    if not p.is_at("open", "{"):
        p.take()
        return
    depth = 0
    while True:
        token = p.take()
        depth += (token.kind == "open") - (token.kind == "close")
        if depth == 0 or token.kind == "eof":
            return


def required_argument(p: Parser) -> Node:
    """Read the argument of a LaTeX command: a group, or one sign."""
    token = p.token
    if token.kind == "open" and token.text == "{":
        return p.group(False)
    if token.kind == "number" and token.text.isdigit() and len(token.text) > 1:
        p.split(1)
        p.tokens[p.at] = p.token._replace(kind="number")
    if token.kind == "word" and token.end - token.start == len(token.text) > 1:
        p.split(1)
    p.deeper()
    found = p.primary(bare=True)
    p.depth -= 1
    return found


def fraction(p: Parser, start: int) -> Node:
    p.at -= 1
    derivative = words.derivative(p)
    if derivative is not None:
        return derivative
    p.at += 1
    top = required_argument(p)
    bottom = required_argument(p)
    return p.node("div", (top, bottom), "frac", start)


def root(p: Parser, start: int) -> Node:
    degree: Node | None = None
    if p.is_at("open", "["):
        opened = p.take()
        degree = p.expression()
        p.close(opened)
    inner = required_argument(p)
    if degree is None or degree.value == 2.0:
        return p.node("call", (inner,), "sqrt", start)
    if degree.value == 3.0:
        return p.node("call", (inner,), "cbrt", start)
    one = Node("number", (), 1.0, start, start)
    return p.node("power", (inner, Node("div", (one, degree), "/")), "^", start)


def read_environment(p: Parser, bare: bool) -> Node:
    opened = p.take()
    name = opened.text.rstrip("*")
    if name in ("cases", "dcases", "rcases"):
        p.deeper()
        found = cases(p, opened)
        p.depth -= 1
        return found
    if name not in (
        "matrix",
        "pmatrix",
        "bmatrix",
        "Bmatrix",
        "vmatrix",
        "array",
        "smallmatrix",
    ):
        raise p.fail(f"the environment '{name}' is not understood", opened)
    rows = [[p.expression()]]
    while not p.is_at("end"):
        separator = p.take()
        if separator.text == "&":
            rows[-1].append(p.expression())
        elif separator.text in ("\\\\", "\n"):
            if p.is_at("end"):
                break
            if separator.text == "\\\\":
                rows.append([p.expression()])
        else:
            raise p.fail(f"{shown(separator)} was not expected in this matrix", separator)
    p.take()
    found = joined(p, rows, opened)
    return p.node("call", (found,), "det", opened.start) if name == "vmatrix" else found


def joined(p: Parser, rows: list[list[Node]], opened: Token) -> Node:
    width = len(rows[0])
    if any(len(row) != width for row in rows):
        raise p.fail("the rows of this matrix differ in length", opened)
    lines = tuple(Node("row", tuple(row), None, row[0].start, row[-1].end) for row in rows)
    return p.node("matrix", lines, None, opened.start)


def cases(p: Parser, opened: Token) -> Node:
    args: list[Node] = []
    while not p.is_at("end"):
        if p.token.kind == "sep":
            p.take()
            continue
        if p.token.kind == "eof":
            raise p.fail("the case distinction is not closed", opened)
        args.append(p.disjunction())
        otherwise = case_condition(p, args)
        if otherwise:
            while p.token.kind == "sep":
                p.take()
            break
    if not p.is_at("end"):
        raise p.fail(f"{shown(p.token)} was not expected after the last case")
    p.take()
    return p.node("cases", tuple(args), None, opened.start)


def case_condition(p: Parser, args: list[Node]) -> bool:
    """Read the condition of a case; say whether it was the last one, without a condition."""
    while p.token.kind == "sep" and p.token.text in ("&", ",", ":", ";"):
        p.take()
    while p.token.kind == "word" and p.token.text in ("if", "for", "when", "falls"):
        p.take()
    words = ("otherwise", "else", "sonst", "elsewhere")
    if p.token.kind == "word" and p.token.text in words:
        p.take()
        p.accept("sep", ".")
        return True
    if p.is_at("end") or p.is_at("sep", "\\\\"):
        return True
    args.append(p.condition())
    return False


def called_fraction(p: Parser) -> Node:
    """Read Typst's `frac(a, b)`."""
    start = p.take().start
    found = calls.arguments(p)
    if len(found) != 2:
        raise p.fail("a fraction takes two values")
    return p.node("div", found, "frac", start)


def piecewise(p: Parser) -> Node:
    """Read `piecewise(c, a, b)` and `Piecewise[{{a, c}, {b, d}}, e]`."""
    start = p.take().start
    if p.peek().text == "{":
        return listed_pieces(p, start)
    args = list(calls.arguments(p))
    for i in range(0, len(args) - 1, 2):
        args[i], args[i + 1] = args[i + 1], args[i]
    return p.node("cases", tuple(args), None, start)


def listed_pieces(p: Parser, start: int) -> Node:
    outer, inner = p.take(), p.take()
    args: list[Node] = []
    p.commas += 1
    while p.is_at("open", "{"):
        pair = p.take()
        args.append(p.expression())
        if not p.accept("sep", ","):
            raise p.fail("expected ',' and a condition")
        if not p.accept("word", "True"):
            args.append(p.condition())
        p.close(pair)
        p.accept("sep", ",")
    p.close(inner)
    if p.accept("sep", ","):
        args.append(p.expression())
    p.commas -= 1
    p.close(outer)
    return p.node("cases", tuple(args), None, start)


def is_list(p: Parser, opened: Token) -> bool:
    """Tell `[1, 2; 3, 4]`, `[[1, 2], [3, 4]]`, `(x, y)` and `{x, y}` from a bracket.

    What stands right behind an operand is not told apart from its arguments.
    """
    if opened.text == "[":
        return is_row(p) if p.is_at("open", "[") else _is_parted(p, ",;\n")
    before = p.tokens[p.at - 2] if p.at > 1 else None
    if before is not None and before.kind in ("word", "close", "prime") and not opened.spaced:
        return False
    return opened.text in "({" and _is_parted(p, ",", numbers=False)


def _is_parted(p: Parser, separators: str, *, numbers: bool = True) -> bool:
    """Return whether a separator of the bracket's own stands in it, or in one of its numbers."""
    return any(
        (token.kind == "sep" and token.text in separators)
        or (numbers and token.kind == "number" and "," in token.text)
        for _, token in _own(p)
    )


def _own(p: Parser) -> Iterator[tuple[int, Token]]:
    """Yield the tokens of the bracket that was just opened, less those of brackets inside it."""
    depth = 0
    for at in range(p.at, len(p.tokens)):
        token = p.tokens[at]
        if token.kind == "close" and not depth:
            return
        outside = not depth
        depth += (token.kind == "open") - (token.kind == "close")
        if outside or not depth:
            yield at, token


def is_row(p: Parser) -> bool:
    """Return whether the bracket here is a row among rows: `[1, 2]` before a comma."""
    depth = 0
    for i in range(p.at, len(p.tokens)):
        token = p.tokens[i]
        depth += (token.kind == "open") - (token.kind == "close")
        if depth == 0:
            after = p.tokens[i + 1]
            return after.text in (",", ";") or (after.text == "]" and calls.is_tuple(p))
    return False


def list_literal(p: Parser, opened: Token) -> Node:
    """Read the rows of a matrix, or the entries of a vector."""
    commas, p.commas = p.commas, 1
    if p.token.kind == "open" and p.token.text == opened.text and calls.is_tuple(p):
        rows = []
        while p.is_at("open", opened.text):
            rows.append(entries(p, p.take(), closing=True))
            p.accept("sep", ",")
            while p.token.kind == "sep" and p.token.text in ("\n", ";"):
                p.take()
    else:
        _part_by_spaces(p)
        rows = [entries(p, opened)]
        while p.token.kind == "sep" and p.token.text in ("\n", ";"):
            p.take()
            if not p.is_at("close"):
                rows.append(entries(p, opened))
    p.commas = commas
    p.close(opened)
    if len(rows) == 1:
        return p.node("vector", tuple(rows[0]), None, opened.start)
    return joined(p, rows, opened)


def _part_by_spaces(p: Parser) -> None:
    """Put the commas into MATLAB's `[a b; c -d]`, whose rows are parted and whose entries not."""
    own = list(_own(p))
    if any(token.text == "," for _, token in own) or not _is_parted(p, ";\n"):
        return
    for (at, token), (_, before) in zip(own[:0:-1], own[-2::-1], strict=True):
        follows = before.kind in ("word", "number", "close") and not (
            names.function_of(p, before.text)
        )
        signed = token.kind == "op" and token.text in "+-" and not p.tokens[at + 1].spaced
        begins = token.kind in ("word", "number", "open") or signed
        if follows and begins and token.spaced:
            p.tokens.insert(at, Token("sep", ",", token.start, token.start))


def entries(p: Parser, opened: Token, closing: bool = False) -> list[Node]:
    found = [p.expression()]
    while p.accept("sep", ","):
        found.append(p.expression())
    if closing:
        p.close(opened)
    return found
