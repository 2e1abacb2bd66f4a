"""Python's loops, made sums: `for i in range(N): g += ...` adds a sum over i to g."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from grader.errors import Unreadable
from grader.formula.lexer import Token

Tokens: TypeAlias = tuple[Token, ...]

MAX_NESTING = 4


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
    if not any(_heads_loop(tokens, i) for i in range(len(tokens))):
        return tuple(tokens)
    lines = list(_unlooped(lines_of(text, tokens), 0))
    return joined(lines, tokens[-1])


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
        if not _heads_loop(line.tokens, 0):
            yield line
            at += 1
            continue
        end = block(lines, at)
        yield from _summed(line, list(_unlooped(lines[at + 1 : end], depth + 1)))
        at = end


def _summed(head: Line, body: Sequence[Line]) -> Iterator[Line]:
    """Yield what a loop's body adds up, with the names that it works out put in."""
    letter = head.tokens[1]
    if _bounds(head.tokens[3:]) != 1 or len(letter.text) != 1 or not body:
        raise Unreadable("this loop is not understood", position=head.tokens[0].start)
    known: dict[tuple[str, ...], Tokens] = {}
    for line in body:
        at = next((i for i, token in enumerate(line.tokens) if token.kind == "rel"), 0)
        sign, name = line.tokens[at].text, line.tokens[:at]
        value = inlined(line.tokens[at + 1 :], known)
        if sign not in ("=", "+=", "-=") or any(token.text == "[" for token in name):
            raise Unreadable("this loop is not understood", position=line.tokens[0].start)
        words = tuple(token.text for token in name)
        added = _added(words, value)
        if added is not None:
            plus = line.tokens[at]._replace(text="+=")
            yield Line(head.indent, (*name, plus, *_sum(letter, added)))
        elif sign == "=":
            known[words] = value
        else:
            yield Line(head.indent, (*name, line.tokens[at], *_sum(letter, value)))


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
    return _bracketed((*over, *_bracketed(value, letter)), letter)


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
