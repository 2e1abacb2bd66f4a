"""Python that defines functions, made equations: `def f(x): return ...` says `f(x) = ...`."""

from __future__ import annotations

from collections.abc import Sequence

from grader.formula.lexer import Source, Token

_CODE_WORDS = frozenset({"def", "return", "lambda", "print"})


def functions_of_code(source: Source) -> Source:
    """Return the tokens with `def f(x): return ...` made `f(x) = ...`."""
    tokens = source.tokens
    if not any(token.kind == "word" and token.text in _CODE_WORDS for token in tokens):
        return source
    tokens = tuple(_conditional_returns(_unprinted(tokens)))
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
    return Source(source.text, tuple(kept), source.code, source.latex, source.torch)


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
