"""Python's loops, made sums: `for i in range(N): g += ...` adds a sum over i to g."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from grader import lazy
from grader.errors import Unreadable
from grader.formula.lexer import MAX_CHARACTERS, Token

Tokens: TypeAlias = tuple[Token, ...]

MAX_NESTING = 4


_LOOP = lazy.pattern(
    r"^[ \t]*(?:for\b[^\n]{1,60}\bin\b[^\n]{1,200}|while\b[^\n]{1,200}):[ \t]*(?:\n[ \t]+\S|\S)",
    re.M,
)


def has_one(text: str) -> bool:
    """Return whether a text holds a loop of Python's."""
    return len(text) <= MAX_CHARACTERS and _LOOP.search(text) is not None


class Line(NamedTuple):
    """A line of code: how far in it stands, and its tokens."""

    indent: int
    tokens: Tokens

    def begins(self, word: str) -> bool:
        """Return whether the line is `word ...:` over a block."""
        first, last = self.tokens[0], self.tokens[-1]
        return first.kind == "word" and first.text == word and last.text == ":"


def lines_of(text: str, tokens: Sequence[Token]) -> list[Line]:
    """Return the lines of a code; brackets go on over line ends."""
    found: list[Line] = []
    current: list[Token] = []
    depth = 0
    for token in tokens:
        depth += (token.kind == "open") - (token.kind == "close")
        if token.kind == "eof" or (token.text == "\n" and depth <= 0):
            if current:
                start = current[0].start
                found.append(Line(start - text.rfind("\n", 0, start) - 1, tuple(current)))
            current = []
        else:
            current.append(token)
    return found


def block(lines: Sequence[Line], at: int) -> int:
    """Return where the block ends that the line at `at` heads."""
    end = at + 1
    while end < len(lines) and lines[end].indent > lines[at].indent:
        end += 1
    return end


def joined(lines: Sequence[Line], eof: Token) -> Tokens:
    """Return the tokens of lines, as they were before they were parted."""
    kept: list[Token] = []
    for line in lines:
        kept += [*line.tokens, Token("sep", "\n", line.tokens[-1].end, line.tokens[-1].end)]
    return (*kept[:-1], eof)


def without_loops(text: str, tokens: Sequence[Token]) -> Tokens:
    """Return the tokens with loops and sums over lists made sums over an index.

    Raises Unreadable for a loop that does anything else than to add up.
    """
    tokens = _without_lists(tokens)
    lines = [part for line in lines_of(text, tokens) for part in _parted(line)]
    if not any(_is_loop(lines, at) for at in range(len(lines))):
        return tuple(tokens)
    _refuse_lost(lines)
    found = list(_unlooped(lines, 0))
    filled = {line.tokens[0].text for line in found if _fills(line)}
    kept = [_as_entry(line) for line in found if not _is_nothing(line, filled)]
    return joined(kept, tokens[-1])


def _refuse_lost(lines: Sequence[Line]) -> None:
    """Refuse a loop that gives a name of the lines around it a new value on each round."""
    outer = min(line.indent for line in lines)
    around = {line.tokens[0].text for line in lines if line.indent == outer}
    for line in lines:
        name, *rest = (token.text for token in line.tokens)
        anew = rest[:1] == ["="] and name not in rest
        if line.indent > outer and anew and name in around:
            raise Unreadable("this loop is not understood", position=line.tokens[0].start)


def _parted(line: Line) -> Iterator[Line]:
    """Yield the head of `for i in range(m): g += ...` and its body."""
    head = _closed(line.tokens, 4) + 1 if _heads_loop(line.tokens, 0) else len(line.tokens)
    if head + 1 < len(line.tokens) and line.tokens[head].text == ":":
        yield Line(line.indent, line.tokens[: head + 1])
        yield Line(line.indent + 1, line.tokens[head + 1 :])
    else:
        yield line


def _is_loop(lines: Sequence[Line], at: int) -> bool:
    """Return whether the line at `at` heads a block that is gone through again and again."""
    looping = lines[at].begins("for") or lines[at].begins("while")
    return looping and (block(lines, at) > at + 1 or _heads_loop(lines[at].tokens, 0))


def _heads_loop(tokens: Sequence[Token], at: int) -> bool:
    return (
        tokens[at].text == "for"
        and at + 3 < len(tokens)
        and tokens[at + 2].text == "in"
        and tokens[at + 3].text == "range"
    )


def _unlooped(lines: Sequence[Line], depth: int) -> Iterator[Line]:
    if depth > MAX_NESTING:
        raise Unreadable("the loops are nested too deeply", position=lines[0].tokens[0].start)
    at = 0
    while at < len(lines):
        line = lines[at]
        if not _is_loop(lines, at):
            yield line
            at += 1
            continue
        end = block(lines, at)
        yield from _summed(line, list(_unlooped(lines[at + 1 : end], depth + 1)))
        at = end


def _summed(head: Line, body: Sequence[Line]) -> Iterator[Line]:
    """Yield what a loop's body adds up, with the names that it works out put in."""
    if not _heads_loop(head.tokens, 0) or not _is_whole(head.tokens[3:]) or not body:
        raise Unreadable("this loop is not understood", position=head.tokens[0].start)
    letter = _one_letter(head.tokens[1], body)
    known: dict[tuple[str, ...], Tokens] = {}
    for line in body:
        line = _with_letter(line, head.tokens[1].text, letter)
        at = next((i for i, token in enumerate(line.tokens) if token.kind == "rel"), 0)
        sign, name = line.tokens[at].text, line.tokens[:at]
        value = inlined(line.tokens[at + 1 :], known)
        if sign not in ("=", "+=", "-=") or any(token.text == ":" for token in name):
            raise Unreadable("this loop is not understood", position=line.tokens[0].start)
        words = tuple(token.text for token in name)
        added = _added(words, value)
        if added is not None:
            sign, value = "+=", added
        entry = "[" in words
        if entry and letter.text in words:  # the loop goes over the entries
            yield Line(head.indent, (*name, line.tokens[at]._replace(text=sign), *value))
        elif sign == "=" and not entry:
            known[words] = value
        elif words in known:  # begun anew on each round
            plus = line.tokens[at]._replace(kind="op", text=sign[0])
            known[words] = (*_bracketed(known[words], plus), plus, *_bracketed(value, plus))
        elif sign != "=":
            plus = line.tokens[at]._replace(text=sign)
            yield Line(head.indent, (*name, plus, *_sum(letter, value)))
        else:
            raise Unreadable("this loop is not understood", position=line.tokens[0].start)


def _one_letter(name: Token, body: Sequence[Line]) -> Token:
    """Return the index of a loop as a letter that nothing else in its body is called."""
    if len(name.text) == 1:
        return name
    taken = {token.text for line in body for token in line.tokens}
    free = next((letter for letter in "ijklpqrstuv" if letter not in taken), "")
    if not free:
        raise Unreadable("this loop is not understood", position=name.start)
    return name._replace(text=free)


def _with_letter(line: Line, old: str, new: Token) -> Line:
    if old == new.text:
        return line
    marks = (t._replace(text=new.text) if t.text == old else t for t in line.tokens)
    return Line(line.indent, tuple(marks))


# What an array is filled with before anything is added to it.
_NOTHING = frozenset({"0", "0.", "0.0", "zeros", "zeros_like"})


def _fills(line: Line) -> bool:
    """Return whether a line gives an array's entries their values: `g[0, j] += ...`."""
    return len(line.tokens) > 1 and line.tokens[1].text == "["


def _is_nothing(line: Line, filled: Collection[str]) -> bool:
    """Return whether a line only makes the array whose entries are given later."""
    name, *rest = line.tokens
    value = "".join(token.text for token in rest[1:])
    return name.text in filled and rest[0].text == "=" and value.partition("(")[0] in _NOTHING


def _as_entry(line: Line) -> Line:
    """Return `g[0, j] += ...` as `g_{j} = ...`."""
    if not _fills(line):
        return line
    close = _closed(line.tokens, 1)
    opened = line.tokens[1]
    letters = [token for token in line.tokens[2:close] if token.kind == "word"]
    sign = line.tokens[close + 1] if close + 1 < len(line.tokens) else opened
    if sign.kind != "rel" or not letters or any(len(each.text) > 1 for each in letters):
        return line
    value: Sequence[Token] = line.tokens[close + 2 :]
    if sign.text == "-=":
        value = (Token("op", "-", sign.start, sign.end), *_bracketed(tuple(value), sign))
    left = (line.tokens[0], Token("sub", "_", opened.start, opened.start))
    braces = opened._replace(text="{"), line.tokens[close]._replace(text="}")
    equals = sign._replace(text="=")
    return Line(line.indent, (*left, braces[0], *letters, braces[1], equals, *value))


def _added(name: tuple[str, ...], value: Tokens) -> Tokens | None:
    """Return what `g = g + ...` adds; None where g is worked out anew."""
    marks = [token.text for token in value]
    size = len(name)
    places = [i for i in range(len(marks)) if tuple(marks[i : i + size]) == name]
    if not places:
        return None
    if places != [0] or marks[size : size + 1] != ["+"]:
        raise Unreadable("this loop is not understood", position=value[0].start)
    return value[size + 1 :]


def _is_whole(tokens: Tokens) -> bool:
    """Return whether `range(m)` or `range(0, m)` leaves nothing out."""
    from_none = _bounds(tokens) == 1 or (_bounds(tokens) == 2 and tokens[2].text == "0")
    return from_none and not any(token.kind == "op" for token in tokens[:-1])


def _bounds(tokens: Tokens) -> int:
    """Return how many bounds `range(...)` is given."""
    depth = count = 0
    for token in tokens:
        depth += (token.kind == "open") - (token.kind == "close")
        count += depth == 1 and token.text in ("(", ",")
    return count


def inlined(value: Tokens, known: dict[tuple[str, ...], Tokens]) -> Tokens:
    """Return an expression with names replaced by what they stand for."""
    kept: list[Token] = []
    at = 0
    while at < len(value):
        for name, meant in known.items():
            if tuple(token.text for token in value[at : at + len(name)]) == name:
                kept += _bracketed(meant, value[at])
                at += len(name)
                break
        else:
            kept.append(value[at])
            at += 1
        if len(kept) > MAX_INLINED:
            raise Unreadable("the code is too long", position=value[0].start)
    return tuple(kept)


MAX_INLINED = 2_000


def _bracketed(tokens: Tokens, where: Token) -> Tokens:
    opened = Token("open", "(", where.start, where.start, where.spaced)
    return (opened, *tokens, Token("close", ")", where.end, where.end))


def _sum(letter: Token, value: Tokens) -> Tokens:
    start, end = letter.start, letter.end
    over = (
        Token("command", "sum", start, start, True),
        Token("sub", "_", start, start),
        Token("open", "{", start, start),
        letter,
        Token("close", "}", end, end),
    )
    summed = _bracketed((*over, *_bracketed(value, letter)), letter)
    return (*summed[:-1], summed[-1]._replace(end=value[-1].end)) if value else summed


def _without_lists(tokens: Sequence[Token]) -> Sequence[Token]:
    """Return the tokens with `sum(f(i) for i in range(N))` made a sum over i."""
    for _ in range(MAX_NESTING):
        at = next(
            (i for i in range(len(tokens)) if _heads_loop(tokens, i) and _opened(tokens, i) > 0),
            None,
        )
        if at is None:
            return tokens
        tokens = _without_list(tokens, at)
    return tokens


def _without_list(tokens: Sequence[Token], at: int) -> Sequence[Token]:
    """Return the tokens with the list whose first `for` stands at `at` made a sum."""
    inner = opened = _opened(tokens, at)
    if tokens[opened].text == "[" and tokens[opened - 1].text == "(":
        opened -= 1
    before = tokens[opened - 1]
    if before.text not in ("sum", "mean"):
        raise Unreadable("this list is not understood", position=tokens[opened].start)
    value = tuple(tokens[inner + 1 : at])
    letters = _ranged(tokens, at, _closed(tokens, inner))
    if before.text == "mean" and len(letters) > 1:
        raise Unreadable("this mean is not understood", position=tokens[opened].start)
    made = value
    for letter in reversed(letters):
        made = _sum(letter, made)
    if before.text == "mean":
        made = (before, *made[2:6], *_bracketed(value, letters[0]))
    return (*tokens[: opened - 1], *made, *tokens[_closed(tokens, opened) + 1 :])


def _ranged(tokens: Sequence[Token], at: int, end: int) -> list[Token]:
    """Return the letters of `for i in range(N) for j in range(M)`, which fills up to `end`."""
    found: list[Token] = []
    while at < end:
        close = _closed(tokens, at + 4) if _heads_loop(tokens, at) else end
        if close >= end or _bounds(tuple(tokens[at + 3 : close + 1])) != 1:
            raise Unreadable("this list is not understood", position=tokens[at].start)
        found.append(tokens[at + 1])
        at = close + 1
    return found


def _opened(tokens: Sequence[Token], at: int) -> int:
    """Return where the bracket opens around `at`; 0 where there is none."""
    depth = 0
    for i in range(at - 1, 0, -1):
        depth += (tokens[i].kind == "close") - (tokens[i].kind == "open")
        if depth < 0:
            return i
    return 0


def _closed(tokens: Sequence[Token], opened: int) -> int:
    depth = 0
    for i in range(opened, len(tokens)):
        depth += (tokens[i].kind == "open") - (tokens[i].kind == "close")
        if depth == 0:
            return i
    raise Unreadable("a bracket is not closed", position=tokens[opened].start)
