"""Remarks beside a formula: what an index runs over, which shape a matrix has, for all of what."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from grader.formula.lexer import Token

# Within these brackets a range belongs to the sum.
_SUMMING = frozenset({"sum", "Sum", "add", "prod", "Product"})

_ARRAYS = frozenset({"row", "column", "vector", "matrix", "array"})
_TIMES = frozenset({"x", "×", "by"})
_DOTS = frozenset({"…", ".."})


def without_ranges(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens without `j = 1, …, n` and `k = 1..c`, with the brackets around them."""
    if _DOTS.isdisjoint(token.text for token in tokens):
        return list(tokens)
    kept: list[Token] = []
    braces = at = 0
    summed: list[bool] = []
    within = 0
    while at < len(tokens):
        braces += (tokens[at].text == "{") - (tokens[at].text == "}")
        if tokens[at].kind == "open":
            summed.append(at > 0 and tokens[at - 1].text in _SUMMING)
            within += summed[-1]
        elif tokens[at].kind == "close" and summed:
            within -= summed.pop()
        end = None if braces or within else _range_end(tokens, at)
        if end is None:
            kept.append(tokens[at])
            at += 1
            continue
        bracketed = kept and kept[-1].text == "(" and end < len(tokens) and tokens[end].text == ")"
        if bracketed:
            kept.pop()
            end += 1
        while kept and _introduces(kept[-1]):
            kept.pop()
        at = end
    return kept


def _introduces(token: Token) -> bool:
    return (token.kind == "sep" and token.text == ",") or (
        token.kind == "word" and token.text in ("for", "with", "all", "and")
    )


def _range_end(tokens: Sequence[Token], at: int) -> int | None:
    """Return where a range ends that begins at `at`; None where none begins."""
    names = at
    if at and tokens[at - 1].kind in ("sub", "sup"):
        return None
    while names + 1 < len(tokens) and _is_letter(tokens[names]) and tokens[names + 1].text == ",":
        names += 2
    if names + 4 >= len(tokens) or not _is_letter(tokens[names]):
        return None
    if tokens[names + 1].text != "=" or tokens[names + 2].kind != "number":
        return None
    end = names + 3
    dotted = False
    while end < len(tokens) and (tokens[end].text in (",", "…", "..", ".")):
        dotted = dotted or tokens[end].text in _DOTS
        end += 1
    if not dotted or end >= len(tokens) or tokens[end].kind not in ("word", "number"):
        return None
    return end + 1


def _is_letter(token: Token) -> bool:
    return token.kind == "word" and len(token.text) == 1 and token.text.isalpha()


def mark_shapes(
    tokens: Sequence[Token], marks: list[bool], depths: Sequence[int], sizes: Collection[str]
) -> None:
    """Take `[1 x n]` and `(1×n)` behind a formula for prose."""
    for i in range(1, len(tokens) - 4):
        opens = tokens[i].kind == "open" and tokens[i].spaced and depths[i] == 0
        if not opens or tokens[i].text not in ("(", "[") or tokens[i + 4].kind != "close":
            continue
        inner = tokens[i + 1 : i + 4]
        ends = i + 5 == len(tokens) or tokens[i + 5].kind == "sep"
        if ends and is_shape(inner, sizes) and inner[1].spaced == inner[2].spaced:
            marks[i : i + 5] = [True] * 5


def mark_described(
    tokens: Sequence[Token], marks: list[bool], depths: Sequence[int], sizes: Collection[str]
) -> None:
    """Take `(a 1×m row)` for prose: a shape among words, in brackets."""
    times = [i for i, token in enumerate(tokens) if token.text in _TIMES and i]
    shapes = [i for i in times if is_shape(tokens[i - 1 : i + 2], sizes)]
    if not shapes:
        return
    for i in shapes:
        if i + 2 < len(tokens) and tokens[i + 2].text in _ARRAYS and not depths[i]:
            article = i > 1 and tokens[i - 2].text in ("a", "an")
            marks[i - 1 - article : i + 2] = [True] * (3 + article)
    for i in range(len(tokens) - 4):
        if tokens[i].text != "(" or tokens[i].kind != "open" or depths[i]:
            continue
        end = next((j for j in range(i + 1, len(tokens)) if tokens[j].text == ")"), len(tokens))
        inner = tokens[i + 1 : end]
        shaped = any(is_shape(inner[j : j + 3], sizes) for j in range(len(inner) - 2))
        spoken = any(token.kind == "word" and len(token.text) > 2 for token in inner)
        plain = all(token.kind in ("word", "number") or token.text in _TIMES for token in inner)
        if shaped and spoken and plain and end < len(tokens):
            marks[i : end + 1] = [True] * (end + 1 - i)


def is_shape(tokens: Sequence[Token], sizes: Collection[str]) -> bool:
    """Return whether the tokens are no more than `1 × n`."""
    if len(tokens) != 3 or tokens[1].text not in _TIMES:
        return False
    return all(token.kind == "number" or token.text in sizes for token in (tokens[0], tokens[2]))


def mark_quantifiers(tokens: Sequence[Token], marks: list[bool], depths: Sequence[int]) -> None:
    """Take what `∀` is said of for prose, up to the end of the line."""
    if not any(token.text == "forall" for token in tokens):
        return
    inside = False
    for i, token in enumerate(tokens):
        if token.kind == "text" and token.text == "forall":
            inside = True
        elif depths[i] == 0 and token.kind == "sep" and token.text in ("\n", "$$", ";", "."):
            inside = False
        if inside:
            marks[i] = True
