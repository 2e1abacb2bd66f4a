"""Sums and products over indices: their bounds, and the terms that they govern."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from grader.formula import marks
from grader.formula.constants import CLOSING
from grader.formula.nodes import number_of
from grader.formula.tree import Node

if TYPE_CHECKING:
    from grader.formula.parser import Parser


def is_sum(p: Parser, text: str) -> bool:
    """Tell the word `sum` as an operator from a function or a letter."""
    if text == "Sigma":
        return not p.vocabulary.knows(text)
    after = p.peek()
    if after.kind == "sub":
        return True
    return after.kind != "open" or (after.spaced and not p.source.code)


def is_ranged(p: Parser) -> bool:
    """Tell Maple's `sum(f, i=1..n)` and Mathematica's `Sum[f, {i, 1, n}]`."""
    if p.peek().text not in ("(", "["):
        return False
    depth = 0
    for i in range(p.at + 1, len(p.tokens) - 3):
        token = p.tokens[i]
        depth += (token.kind == "open") - (token.kind == "close")
        if depth == 0:
            return False
        if depth == 1 and token.text == "," and ranges_at(p, i + 1):
            return True
    return False


def ranges_at(p: Parser, at: int) -> bool:
    first, second, third = p.tokens[at : at + 3]
    if first.text in ("{", "("):
        return second.kind == "word" and len(second.text) == 1 and third.text == ","
    return first.kind == "word" and len(first.text) == 1 and second.text == "="


def ranged(p: Parser, op: str) -> Node:
    start = p.take().start
    opened = p.take()
    letters = _ranged_letters(p)
    p.bound += letters
    p.commas += 1
    body = p.expression()
    limits: list[Node] = []
    names: list[str] = []
    while p.accept("sep", ","):
        name, lower, upper = _range(p)
        names.append(name)
        limits += [lower, upper]
    p.commas -= 1
    p.close(opened)
    del p.bound[len(p.bound) - len(letters) :]
    return p.node(op, (body, *limits), tuple(names), start)


def _ranged_letters(p: Parser) -> list[str]:
    depth, found = 1, []
    for i in range(p.at, len(p.tokens) - 3):
        depth += (p.tokens[i].kind == "open") - (p.tokens[i].kind == "close")
        if depth == 0:
            break
        if depth == 1 and p.tokens[i].text == "," and ranges_at(p, i + 1):
            marks = p.tokens[i + 1 : i + 3]
            found.append(marks[marks[0].kind == "open"].text)
    return found


def _range(p: Parser) -> tuple[str, Node, Node]:
    """Read `i=1..n`, `{i, 1, n}` or `{i, n}`."""
    opened = p.take() if p.is_at("open") else None
    name = p.take().text
    if not (p.accept("sep", ",") or p.accept("rel", "=")):
        raise p.fail("expected the range of the index")
    if p.is_at("number") and "," in p.token.text:
        p.part_number()
    lower = p.sum()
    if p.accept("sep", ",") or p.accept("op", ".."):
        upper = p.sum()
    else:
        lower, upper = Node("number", (), 1.0), lower
    if opened is not None:
        p.close(opened)
    return name, lower, upper


def summation(p: Parser, op: str, start: int) -> Node:
    """Read the bounds of a sum and its body: the terms that its sign governs."""
    names, limits = bounds(p)
    outer = len(p.bound)
    p.bound.extend(names)
    p.deeper()
    mark = p.at
    wide = wide_sum(p, names)
    body = p.sum() if wide else p.product()
    if not names and op == "sum":
        names = unbound(p, body)
        limits = (Node("none"),) * (2 * len(names))
    if op == "sum" and p.is_sign() and mark != p.at:
        p.open.add("wide-sum")
    elif wide and body.op == "add":
        p.open.add("narrow-sum")
    p.depth -= 1
    del p.bound[outer:]
    return p.node(op, (body, *limits), tuple(names), start)


def unbound(p: Parser, body: Node) -> list[str]:
    """Return the indices of a sum that names none: those which nothing else accounts for."""
    bound = frozenset((*p.bound, *p.asked))
    return [name for name in dict.fromkeys(_free_indices(body)) if name not in bound]


_BINDING = frozenset({"sum", "prod", "average", "largest", "smallest"})


def _free_indices(node: Node) -> Iterator[str]:
    """Yield the letters that stand as indices and belong to no sum inside."""
    if node.op in _BINDING and isinstance(node.value, tuple):
        within = {name for arg in node.args for name in _free_indices(arg)}
        yield from sorted(within - set(node.value))
        return
    if node.op == "index":
        yield from (str(item.value) for item in node.args[1:] if item.op == "name")
    for arg in node.args:
        yield from _free_indices(arg)


def wide_sum(p: Parser, names: list[str]) -> bool:
    """Return whether terms after the first belong to the sum: they use its index."""
    if "wide-sum" in p.policy:
        return True
    if "narrow-sum" in p.policy or not names:
        return False
    depth, beyond = 0, False
    for i in range(p.at, len(p.tokens)):
        token = p.tokens[i]
        depth += (token.kind == "open") - (token.kind == "close")
        if depth < 0 or token.kind == "eof":
            return False
        if depth == 0 and token.kind in ("sep", "rel"):
            return False
        if depth == 0 and i > p.at and token.kind == "op" and token.text in "+-":
            beyond = beyond or p.tokens[i - 1].kind in ("word", "number", "close", "prime")
        if beyond and token.text == "sum" and token.kind == "command":
            return False
        if beyond and token.kind in ("sub", "sup") and marks_index(p, i + 1, names):
            return True
    return False


def marks_index(p: Parser, at: int, names: list[str]) -> bool:
    first = p.tokens[at]
    if first.kind == "word":
        return any(name in first.text for name in names)
    depth = 0
    for token in p.tokens[at:]:
        depth += (token.kind == "open") - (token.kind == "close")
        if depth == 0:
            return False
        if token.kind == "word" and any(name in token.text for name in names):
            return True
    return False


def bounds(p: Parser) -> tuple[list[str], tuple[Node, ...]]:
    names: list[str] = []
    lowers: list[Node] = []
    upper: Node | None = None
    conditions: list[Node] = []
    for _ in range(2):
        if p.is_at("sub"):
            p.take()
            lower_bounds(p, names, lowers, conditions)
            if p.is_at("rel", "=") and names and not lowers:
                p.take()
                lowers.append(bound_value(p))
        elif p.is_at("sup"):
            p.take()
            upper = bound_value(p)
    nothing = Node("none")
    bounds: list[Node] = []
    for i in range(len(names)):
        lower = lowers[i] if i < len(lowers) else nothing
        if lower.op == "row":
            bounds += [lower.args[0], lower.args[1]]
        else:
            bounds += [lower, upper if upper is not None else nothing]
    return names, (*bounds, *conditions)


def bound_value(p: Parser) -> Node:
    """Read one bound: a group, or a single sign."""
    if p.is_at("open", "{"):
        opened = p.take()
        alone = p.peek().kind == "close"
        found = (_unknown_count(p) if alone else None) or p.sum()
        p.close(opened)
        return found
    token = p.token
    if token.kind == "word" and not p.vocabulary.knows(token.text) and len(token.text) > 1:
        p.split(1)
    return _unknown_count(p) or p.primary(bare=True)


def _unknown_count(p: Parser) -> Node | None:
    """Read a letter that the question does not know, which as a bound says how many there are."""
    token = p.token
    known = token.kind != "word" or p.vocabulary.knows(token.text) or token.text in p.bound
    if known or len(token.text) > 1:
        return None
    p.take()
    return Node("name", (), token.text, token.start, token.end)


def lower_bounds(p: Parser, names: list[str], lowers: list[Node], conditions: list[Node]) -> None:
    if not p.is_at("open"):
        token = p.take()
        if token.kind != "word":
            raise p.fail("the index of the sum is missing", token)
        if len(token.text) > 1 and not marks.is_index_run(p, token.text):
            p.at -= 1
            p.split(1)
            token = p.take()
        names.extend(token.text)
        return
    opened = p.take()
    while not p.is_at("close", CLOSING[opened.text]):
        if names and p.token.text in (":", "|"):
            p.take()
            p.bound.extend(names)
            conditions.append(p.condition())
            del p.bound[len(p.bound) - len(names) :]
            continue
        if p.token.kind == "sep":
            p.take()
            continue
        token = p.take()
        if token.kind == "number" and p.is_at("rel") and p.token.text in ("<=", "<"):
            p.at -= 1
            range_bound(p, names, lowers)
            continue
        if token.kind != "word" or (len(token.text) > 1 and not token.text.isalpha()):
            raise p.fail("the index of the sum is missing", token)
        fresh = [name for name in token.text if name not in names]
        names.extend(fresh)
        if p.is_at("rel") and p.token.text in ("=", "in"):
            p.take()
            lowers.append(lower_value(p))
        elif p.is_at("rel") and p.token.text in ("!=", "<", ">", "<=", ">="):
            op = p.take().text
            letter, ends = p.token.text, p.peek().kind == "close"
            outside = letter not in (*names, *p.bound, *p.asked) and p.is_index_letter(letter)
            if op != "!=" and outside and ends:
                names.append(letter)  # the i < j of a sum over pairs
                fresh.append(letter)
            p.bound.extend(fresh)
            other = p.sum()
            del p.bound[len(p.bound) - len(fresh) :]
            index = Node("name", (), token.text[-1], token.start, token.end)
            conditions.append(Node("compare", (index, other), op, token.start, other.end))
    p.close(opened)


def range_bound(p: Parser, names: list[str], lowers: list[Node]) -> None:
    """Read `1 <= i <= m`."""
    first = number_of(p.take())
    p.take()
    names.append(p.take().text)
    if not p.accept("rel", "<="):
        raise p.fail("expected '<=' and the upper bound of the sum")
    lowers.append(Node("row", (first, p.sum())))


def lower_value(p: Parser) -> Node:
    value = p.sum()
    if p.accept("op", ".."):
        return Node("row", (value, p.sum()))
    if p.is_at("bad", "…"):
        p.take()
        return Node("row", (value, p.sum()))
    return value


# The index of a sum that is written out: no student types it.
_RUNNING = "ι"


def written_out(p: Parser, first: Node, start: int) -> Node:
    """Read the rest of `a_1 b_1 + a_2 b_2 + … + a_n b_n` as a sum over the index."""
    p.take()
    if not p.is_at("op", "+"):
        raise p.fail("expected '+' and the last term behind the dots")
    p.take()
    last = p.product()
    sizes: set[str] = set()
    body = general(first, last, sizes)
    if body is None or len(sizes) != 1:
        raise p.fail("what the dots stand for is not understood")
    bounds = (Node("number", (), 1.0), Node("name", (), sizes.pop()))
    return p.node("sum", (body, *bounds), (_RUNNING,), start)


def listed(p: Parser, args: tuple[Node, ...]) -> tuple[Node, ...]:
    """Return the arguments `s_1, …, s_n` as one with a running index."""
    if not any(arg.op == "dots" for arg in args):
        return args
    sizes: set[str] = set()
    body = general(args[0], args[-1], sizes)
    if body is None or len(sizes) != 1:
        raise p.fail("what the dots stand for is not understood")
    return (body,)


def general(first: Node, last: Node, sizes: set[str]) -> Node | None:
    """Return the term whose first is at the index 1, and put into `sizes` what its last is at."""
    if first.op == "number" and first.value == 1.0 and last.op == "name":
        sizes.add(str(last.value))
        return Node("name", (), _RUNNING, first.start, first.end)
    alike = first.op == last.op and first.value == last.value
    if not alike or len(first.args) != len(last.args):
        return None
    args = [general(one, other, sizes) for one, other in zip(first.args, last.args, strict=True)]
    kept = tuple(arg for arg in args if arg is not None)
    return first.with_args(kept) if len(kept) == len(args) else None
