"""Python that defines functions, made equations: `def f(x): return ...` says `f(x) = ...`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from grader.errors import Unreadable
from grader.formula import loops
from grader.formula.lexer import Source, Token

_CODE_WORDS = frozenset({"def", "return", "lambda", "print"})
_MOST_LOCALS = 40


def functions_of_code(source: Source) -> Source:
    """Return the tokens with `def f(x): return ...` made `f(x) = ...`."""
    tokens = source.tokens
    if any(token.text in ("for", "while") for token in tokens):
        tokens = loops.without_loops(source.text, tokens)
        source = source._replace(tokens=tokens)
    if not any(token.kind == "word" and token.text in _CODE_WORDS for token in tokens):
        return source
    tokens = tuple(_conditional_returns(_unprinted(_without_lambda(tokens))))
    tokens = _without_locals(source.text, tokens)
    kept: list[Token] = []
    defining = equals = False
    skipped: set[int] = set()
    for i, token in enumerate(tokens):
        if token.kind == "word" and token.text == "def":
            defining = True
        elif token.kind == "word" and token.text == "return":
            continue
        elif token.text == "lambda" and _is_lambda(tokens, i):
            kept[-1:] = [tokens[i + 1]._replace(kind="open", text="("), tokens[i + 1]]
            kept.append(token._replace(kind="close", text=")"))
            skipped = {i + 1}
            equals = True
        elif i in skipped:
            continue
        elif equals and token.text == ":":
            kept.append(token._replace(kind="rel", text="="))
            equals = False
        elif defining and token.kind == "sep" and token.text == ":":
            kept.append(token._replace(kind="rel", text="="))
        elif defining and token.text == "\n":
            # only what follows the header is its value
            if not (kept and kept[-1].text == "="):
                kept.append(token)
                defining = False
        else:
            kept.append(token)
    return source._replace(tokens=tuple(kept))


def _without_locals(text: str, tokens: Sequence[Token]) -> tuple[Token, ...]:
    """Return the tokens with functions of several lines made shorter.

    What a function that is called works out for itself is put into its value; one that nobody
    calls is the answer, and its lines stand for themselves.
    """
    lines = loops.lines_of(text, tokens)
    called = _called(tokens)
    kept: list[loops.Line] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        end = loops.block(lines, at) if line.begins("def") else at + 1
        body = lines[at + 1 : end]
        if len(body) < 2 or len(body) > _MOST_LOCALS:
            kept += lines[at:end]
        elif called[line.tokens[1].text] > 1:
            kept += [line, _with_locals_inside(body)]
        else:
            kept += _laid_open(line, body)
        at = end
    return loops.joined(kept, tokens[-1]) if kept else tuple(tokens)


def _called(tokens: Sequence[Token]) -> Counter[str]:
    """Return how often each name stands before a bracket, where it is defined included."""
    return Counter(one.text for one, other in pairwise(tokens) if other.text == "(")


def _with_locals_inside(body: Sequence[loops.Line]) -> loops.Line:
    known: dict[tuple[str, ...], loops.Tokens] = {}
    for line in body[:-1]:
        at = next((i for i, token in enumerate(line.tokens) if token.kind == "rel"), 0)
        if line.tokens[at].text != "=":
            where = line.tokens[0].start
            raise Unreadable("this line of a function is not understood", position=where)
        name = tuple(token.text for token in line.tokens[:at])
        known[name] = loops.inlined(line.tokens[at + 1 :], known)
    return loops.Line(body[-1].indent, loops.inlined(body[-1].tokens, known))


def _laid_open(head: loops.Line, body: Sequence[loops.Line]) -> list[loops.Line]:
    """Return the lines of a function with its name as that of what it returns."""
    last = body[-1].tokens
    if last[0].text != "return":
        return list(body)
    name = head.tokens[1 : next(i for i, token in enumerate(head.tokens) if token.text == "(")]
    equals = Token("rel", "=", last[0].start, last[0].end)
    return [*body[:-1], loops.Line(head.indent, (*name, equals, *last[1:]))]


def _unprinted(tokens: Sequence[Token]) -> Sequence[Token]:
    """Return the tokens without lines that print something."""
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        begins = at == 0 or tokens[at - 1].text == "\n"
        if begins and tokens[at].text == "print" and tokens[at + 1].text == "(":
            at = _find(tokens, at + 1, ("\n", "")) or len(tokens) - 1
        kept.append(tokens[at])
        at += 1
    return kept


def _without_lambda(tokens: Sequence[Token]) -> Sequence[Token]:
    """Return the tokens without the `lambda a, b:` that they, or the answer's value, begin with."""
    start = 2 if [token.text for token in tokens[1:3]] == ["=", "lambda"] else 0
    if tokens[start].text != "lambda":
        return tokens
    end = next((i for i, token in enumerate(tokens) if token.text == ":"), 0)
    head = tokens[start + 1 : end]
    named = all(token.kind == "word" or token.text == "," for token in head)
    if start and (len(head) < 2 or any(token.text == tokens[0].text for token in tokens[1:])):
        return tokens  # a function that the rest may call
    return (*tokens[:start], *tokens[end + 1 :]) if head and named else tokens


def _is_lambda(tokens: Sequence[Token], i: int) -> bool:
    """Tell `f = lambda t: ...` from the letter λ."""
    return i > 0 and tokens[i - 1].text == "=" and tokens[i + 2].text == ":"


def _conditional_returns(tokens: Sequence[Token]) -> Sequence[Token]:
    """Return the tokens with `if c: return a ... return b` made `a if c else b`."""
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        found = _branch(tokens, at) if tokens[at].text == "if" else None
        if found is None:
            kept.append(tokens[at])
            at += 1
        else:
            made, at = found
            kept += made
    return kept


def _branch(tokens: Sequence[Token], at: int) -> tuple[list[Token], int] | None:
    """Return `a if c else b` for the block that begins at `at`, and where it ends."""
    colon = _find(tokens, at + 1, (":", "\n"))
    if colon is None or tokens[colon].text != ":":
        return None
    start = _past_lines(tokens, colon + 1)
    if tokens[start].text != "return":
        return None
    end = _find(tokens, start + 1, ("\n", "")) or len(tokens) - 1
    value, condition = list(tokens[start + 1 : end]), list(tokens[at + 1 : colon])
    following = _past_lines(tokens, end)
    word = tokens[at]._replace(kind="word", text="if", spaced=True)
    otherwise = word._replace(text="else")
    if tokens[following].text == "elif":
        rest = _branch(tokens, following)
        return None if rest is None else ([*value, word, *condition, otherwise, *rest[0]], rest[1])
    if tokens[following].text == "else" and tokens[following + 1].text == ":":
        following = _past_lines(tokens, following + 2)
    if tokens[following].text != "return":
        return None
    last = _find(tokens, following + 1, ("\n", "")) or len(tokens) - 1
    rest_value = list(tokens[following + 1 : last])
    return [*value, word, *condition, otherwise, *rest_value], last


def _find(tokens: Sequence[Token], at: int, texts: Sequence[str]) -> int | None:
    depth = 0
    for i in range(at, len(tokens)):
        depth += (tokens[i].kind == "open") - (tokens[i].kind == "close")
        if depth == 0 and tokens[i].kind in ("sep", "eof") and tokens[i].text in texts:
            return i
    return None


def _past_lines(tokens: Sequence[Token], at: int) -> int:
    while tokens[at].kind == "sep" and tokens[at].text == "\n":
        at += 1
    return at
