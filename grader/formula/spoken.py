"""Operations said in words, made signs: `times`, `the transpose of x`, `sum over i from 1 to m`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.formula.lexer import Token
from grader.formula.spelling import words

_SUMMING = {"sum": "sum", "summation": "sum", "sums": "sum", "mean": "mean", "average": "mean"}
_HINTS = words("sum sums summation mean average transpose multiplied times product")
_BEFORE_PRODUCT = words("the a matrix")
_SPOKEN = frozenset({*_HINTS, *(word.capitalize() for word in _HINTS)})
# What a sum in words may be said to go over, where it names no index.
_OVER = words(
    "over all the each every of samples sample examples example training data points point"
)
_FROM, _TO = words("from for ="), words("to until through ..")
_NEAR = 60  # tokens of a sum that are searched for an index
_SCRIPTS = ("sub", "sup")


def written(tokens: Sequence[Token], code: bool) -> list[Token]:
    """Return the tokens with what is said in words between operands written as signs."""
    if _SPOKEN.isdisjoint(token.text for token in tokens):
        return list(tokens)
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        made = _sign(tokens, at, code)
        if made is None:
            kept.append(tokens[at])
            at += 1
            continue
        signs, at = made
        if kept and kept[-1].text.lower() in ("the", "matrix") and kept[-1].kind == "word":
            kept.pop()
        kept += signs
    return kept


def _sign(tokens: Sequence[Token], at: int, code: bool) -> tuple[list[Token], int] | None:
    """Return the signs for the words at `at`, and where these end."""
    token = tokens[at]
    word = token.text.lower()
    if token.kind not in ("word", "command"):
        return None
    if word in ("multiplied", "times"):
        return _product(tokens, at)
    if word == "transpose":
        return _transpose(tokens, at)
    if word == "product":
        return _product_of(tokens, at)
    if word in _SUMMING and not code:
        return _limited(tokens, at) or _sum(tokens, at)
    return None


def _product(tokens: Sequence[Token], at: int) -> tuple[list[Token], int] | None:
    """Read `multiplied by`, `multiplied with` and `times the` between two operands."""
    token, after = tokens[at], at + 1
    if token.text.lower() == "multiplied":
        if _text(tokens, after) not in ("by", "with"):
            return None
        after += 1
    if not at or not _closes(tokens[at - 1]):
        return None
    after += _text(tokens, after) == "the"
    if _text(tokens, after) != "transpose" and not _opens(tokens, after):
        return None
    return [token._replace(kind="op", text="×")], after


def _product_of(tokens: Sequence[Token], at: int) -> tuple[list[Token], int] | None:
    """Read `product of A and B`, where no word before says which other product it is."""
    plain = (
        not at or tokens[at - 1].text.lower() in _BEFORE_PRODUCT or tokens[at - 1].kind != "word"
    )
    if not plain or _text(tokens, at + 1) != "of":
        return None
    middle = _operand_end(tokens, at + 2)
    if middle is None or _text(tokens, middle) not in ("and", "with"):
        return None
    end = _operand_end(tokens, middle + 1)
    if end is None:
        return None
    sign = tokens[middle]._replace(kind="op", text="×")
    return [*tokens[at + 2 : middle], sign, *tokens[middle + 1 : end]], end


def _transpose(tokens: Sequence[Token], at: int) -> tuple[list[Token], int] | None:
    """Read `x transpose` and `transpose of x`."""
    token = tokens[at]
    if _text(tokens, at + 1) == "of":
        first = at + 2 + (_text(tokens, at + 2) == "the")
        end = _operand_end(tokens, first)
        if end is None:
            return None
        if _opens(tokens, end) or _text(tokens, end) in ("·", "×", "@", "*"):
            return None  # all that follows may be meant
        operand = tokens[first:end]
        turned = token._replace(kind="word", text="⊤", start=operand[-1].end, end=operand[-1].end)
        return [*operand, turned], end
    applied = _text(tokens, at + 1) in ("(", "[") and not tokens[at + 1].spaced
    if at and token.spaced and _closes(tokens[at - 1]) and not applied:
        return [token._replace(kind="word", text="⊤")], at + 1
    return None


def _limited(tokens: Sequence[Token], at: int) -> tuple[list[Token], int] | None:
    """Read `sum_i=1^m`, whose limits have lost their braces."""
    marks = [token.text for token in tokens[at + 1 : at + 6]]
    if len(marks) < 5 or (marks[0], marks[2], marks[4]) != ("_", "=", "^"):
        return None
    if not _is_letter(tokens, at + 2) or tokens[at + 4].kind != "number":
        return None
    start = tokens[at].start
    braces = Token("open", "{", start, start), Token("close", "}", start, start)
    inner = tokens[at + 2 : at + 5]
    return [*tokens[at : at + 2], braces[0], *inner, braces[1]], at + 5


def _sum(tokens: Sequence[Token], at: int) -> tuple[list[Token], int] | None:
    """Read `sum over i of`, `sum from i = 1 to m of` and `sum over all samples of`."""
    token = tokens[at]
    kind = _SUMMING[token.text.lower()]
    sign = token._replace(kind="command" if kind == "sum" else "word", text=kind)
    over = [at + 1 + skipped for skipped in range(3)]
    named = next((i for i in over if _is_letter(tokens, i)), None)
    between = {_text(tokens, i) for i in range(at + 1, named or at)}
    if named is not None and named > at + 1 and between <= {"over", "all", "from", "for", "each"}:
        return _ranged(tokens, named, sign)
    end = at + 1
    while _text(tokens, end) in _OVER:
        end += 1
    said = end > at + 1 and _text(tokens, end - 1) in ("of", "samples", "examples", "points")
    spaced = end == at + 1 and token.kind == "word" and end < len(tokens) and tokens[end].spaced
    indexed = kind == "sum" and _is_indexed(tokens, end)
    return ([sign], end) if indexed and (said or spaced) else None


def _ranged(tokens: Sequence[Token], at: int, sign: Token) -> tuple[list[Token], int] | None:
    """Return the sum over the index at `at`, with the limits behind it."""
    start = sign.start
    lower, end = list(tokens[at : at + 1]), at + 1
    upper: list[Token] = []
    if _text(tokens, end) in ("=", "from") and _text(tokens, end + 2) in _TO:
        equals = tokens[end]._replace(kind="rel", text="=")
        lower += [equals, tokens[end + 1]]
        upper = [tokens[end + 3]]
        end += 4
    if _text(tokens, end) == "of":
        end += 1
    elif not upper:
        return None
    if not _opens(tokens, end) or len(tokens[end].text) > 3:
        return None
    raised = [Token("sup", "^", start, start), *upper] if upper else []
    braces = Token("open", "{", start, start), Token("close", "}", start, start)
    return [sign, Token("sub", "_", start, start), braces[0], *lower, braces[1], *raised], end


def _is_indexed(tokens: Sequence[Token], at: int) -> bool:
    """Return whether an operand stands at `at` that bears an index before the line ends."""
    return _opens(tokens, at) and any(token.kind == "sub" for token in _line(tokens, at))


def _line(tokens: Sequence[Token], at: int) -> Iterator[Token]:
    for token in tokens[at : at + _NEAR]:
        if token.kind in ("sep", "eof", "rel"):
            return
        yield token


def _operand_end(tokens: Sequence[Token], at: int) -> int | None:
    """Return where the bracket or the letter with its marks ends that stands at `at`."""
    if not _opens(tokens, at):
        return None
    end = _closed(tokens, at) if tokens[at].kind == "open" else at + 1
    while end < len(tokens) and tokens[end].kind in _SCRIPTS:
        end = _closed(tokens, end + 1) if tokens[end + 1].kind == "open" else end + 2
    return end


def _closed(tokens: Sequence[Token], at: int) -> int:
    depth = 0
    for i in range(at, len(tokens)):
        depth += (tokens[i].kind == "open") - (tokens[i].kind == "close")
        if depth == 0:
            return i + 1
    return len(tokens)


def _opens(tokens: Sequence[Token], at: int) -> bool:
    """Return whether an operand may begin at `at`: a bracket, a letter, a number or a command."""
    if at >= len(tokens):
        return False
    token = tokens[at]
    called = at + 1 < len(tokens) and tokens[at + 1].text == "(" and not tokens[at + 1].spaced
    short = token.kind == "word" and (called or len(token.text) <= 3 or "_" in token.text)
    return short or token.kind in ("open", "number", "command")


def _closes(token: Token) -> bool:
    return token.kind in ("word", "close", "number", "prime", "attr")


def _is_letter(tokens: Sequence[Token], at: int) -> bool:
    text = tokens[at].text if at < len(tokens) else ""
    return at < len(tokens) and tokens[at].kind == "word" and len(text) == 1 and text.isalpha()


def _text(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].text.lower() if at < len(tokens) else ""
