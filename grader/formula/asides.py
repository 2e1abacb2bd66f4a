"""What stands behind a formula and is none: sizes, an equation's number, marks, an exclamation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from grader.formula import prose
from grader.formula.lexer import Source, Token
from grader.formula.spelling import words

# Words that stand with a number or a size in a remark, beside those of sentences.
_REMARKING = words(
    """
    eq eqn eqs pt pts points point mark marks page pg part question q samples sample batch row
    column vector scalar final answer done units entries examples
    """
)
_SIZES = words("size sizes dim dims dimension dimensions shape shapes")
_CLOSING = words("qed done thanks blacksquare square")
_TIMES = frozenset({"x", "×", "by"})
_JOINING = frozenset({"·", "*", "@", "=", "->", ","})
_NAMING = frozenset({"word", "number", "sub", "sup", "open", "close", "prime"})
_MOST_NAMED = 200  # tokens of what braces name
_MOST = 24  # tokens of one remark

# What a word of a text could stand for as a factor, though the question has no such name.
_QUANTITIES = words(
    """
    error errors prediction predictions predicted output outputs target targets label labels input
    inputs loss actual true out residual difference delta
    """
)
_PRODUCTS = frozenset({"*", "·", "×", "@", "⊙"})
_SIGNS = _PRODUCTS | {"+", "-"}


def spread(tokens: Sequence[Token], sizes: Collection[str]) -> list[Token]:
    """Return the tokens with the `1xn` of `size 1xn` and `(1xn)` made three."""
    kept: list[Token] = []
    for i, token in enumerate(tokens):
        joined = token.kind == "word" and token.text[0] == "x" and token.text[1:] in sizes
        if i < 2 or not joined or token.spaced or tokens[i - 1].kind != "number":
            kept.append(token)
            continue
        before = tokens[i - 2]
        if before.kind != "open" and before.text != ":" and before.text.lower() not in _SIZES:
            kept.append(token)
            continue
        middle = token.start + 1
        kept.append(token._replace(text="x", end=middle))
        kept.append(token._replace(text=token.text[1:], start=middle))
    return kept


def unwrapped(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens with the `(W_2)_{kj}` of an entry made `W_2_{kj}`."""
    kept = list(tokens)
    for i in range(len(kept) - 5, -1, -1):
        marks = [token.kind for token in kept[i : i + 6]]
        if marks == ["open", "word", "sub", "number", "close", "sub"] and kept[i].text == "(":
            kept[i : i + 5] = kept[i + 1 : i + 4]
    return kept


def named_braces(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens with `\\underbrace{a - y}_{δ}` also saying that δ is a - y."""
    said: list[Token] = []
    for at, token in enumerate(tokens):
        if token.kind != "command" or token.text != "brace" or len(said) > _MOST_NAMED:
            continue
        end = _closed(tokens, at + 1)
        name = tokens[end + 1 : _closed(tokens, end + 1)] if end < len(tokens) else ()
        if not name or tokens[end].kind != "sub":
            continue
        name = name[1:-1] if name[0].kind == "open" else name
        name = name[1:] if name and name[0].text == "=" else name
        if not name or any(each.kind not in _NAMING for each in name):
            continue
        where = tokens[end - 1].end
        line, equals = Token("sep", "\n", where, where), Token("rel", "=", where, where)
        said += [line, *name, equals, *tokens[at + 1 : end]]
    return [*tokens[:-1], *said, tokens[-1]] if said else list(tokens)


def _closed(tokens: Sequence[Token], at: int) -> int:
    """Return where the group ends that stands at `at`, or the one sign."""
    depth = 0
    for i in range(at, len(tokens)):
        depth += (tokens[i].kind == "open") - (tokens[i].kind == "close")
        if depth <= 0:
            return i + 1
    return len(tokens)


def mark(
    source: Source,
    tokens: Sequence[Token],
    marks: list[bool],
    depths: Sequence[int],
    sizes: Collection[str],
    known: Callable[[int], bool],
) -> None:
    """Take what stands behind a formula for prose, where it is no mathematics."""
    for end in range(len(tokens), 0, -1):
        stops = end == len(tokens) or (tokens[end].kind == "sep" and not depths[end])
        if not stops and not marks[end]:
            continue
        at = end
        while at > 1 and not marks[at - 1]:
            begin = _begin(source, tokens, depths, at, sizes, known)
            if begin is None or begin < 1 or tokens[begin - 1].kind in ("rel", "sep", "op"):
                break
            marks[begin:at] = [True] * (at - begin)
            at = begin


def _begin(
    source: Source,
    tokens: Sequence[Token],
    depths: Sequence[int],
    end: int,
    sizes: Collection[str],
    known: Callable[[int], bool],
) -> int | None:
    """Return where the remark begins that ends before `end`; None where there is none."""
    last = tokens[end - 1]
    if depths[end - 1]:
        return None
    if last.text == "?" and last.kind == "op":
        return end - 1
    if last.text == "!" and last.kind == "op":
        return _exclamation(tokens, end)
    if last.kind == "op" and last.text == "-" and last.spaced:
        follows = tokens[end].text.lower() if end < len(tokens) else ""
        return end - 1 if follows in _SIZES | _REMARKING else None
    if last.kind == "word" and last.text.lower() in _CLOSING and not known(end - 1):
        return end - 1
    if last.kind != "close" or last.text not in (")", "]"):
        return None
    begin = next((i for i in range(end - 2, max(end - _MOST, -1), -1) if not depths[i]), None)
    if begin is None or tokens[begin].kind != "open":
        return None
    inner = range(begin + 1, end - 1)
    if _is_sizes(tokens[begin + 1 : end - 1], sizes):
        chained = tokens[begin - 1].text in (")", "]") and begin > 1
        return begin if tokens[begin].spaced or chained else None
    if not tokens[begin].spaced:
        return None
    if _is_equation_number(source, tokens, begin, end) or _is_spoken(tokens, inner, sizes, known):
        return begin
    return None


def _exclamation(tokens: Sequence[Token], end: int) -> int | None:
    """Tell `!!!`, and the `!` behind a transpose, from a factorial."""
    begin = end
    while begin and tokens[begin - 1].text == "!":
        begin -= 1
    transposed = begin > 1 and tokens[begin - 1].text in ("T", "⊤", "}")
    return begin if end - begin > 1 or tokens[begin].spaced or transposed else None


def _is_sizes(inner: Sequence[Token], sizes: Collection[str]) -> bool:
    """Return whether brackets hold nothing but `1×m` or `1×m · m×n = 1×n`."""
    if not any(token.text in _TIMES for token in inner):
        return False
    operand = True
    for token in inner:
        if operand != (token.kind == "number" or token.text in sizes):
            return False
        if not operand and token.text not in _TIMES and token.text not in _JOINING:
            return False
        operand = not operand
    return not operand


def _is_equation_number(source: Source, tokens: Sequence[Token], begin: int, end: int) -> bool:
    """Return whether `(3)` is set apart from a formula, or stands behind a transpose."""
    if end - begin != 3 or not tokens[begin + 1].text.isdigit() or tokens[begin].text != "(":
        return False
    before = tokens[begin - 1]
    gap = source.text[before.end : tokens[begin].start]
    return "quad" in gap or len(gap) > 2 or before.text in ("T", "⊤")


def _is_spoken(
    tokens: Sequence[Token], inner: range, sizes: Collection[str], known: Callable[[int], bool]
) -> bool:
    """Return whether brackets hold only words of a remark, with numbers and sizes."""
    spoken = False
    for i in inner:
        token = tokens[i]
        text = token.text.lower()
        if token.kind == "word" and not known(i) and (text in _REMARKING or text in prose.PLAIN):
            spoken = spoken or text not in _QUANTITIES
        elif token.kind != "number" and token.text not in sizes and token.text not in (".", ":"):
            return False
    return spoken


def unmark_factors(tokens: Sequence[Token], marks: list[bool]) -> None:
    """Take words that stand as operands for names, `(prediction - y)`, so that none is dropped."""
    for i in _operands(tokens, marks):
        marks[i] = False


def _operands(tokens: Sequence[Token], marks: Sequence[bool]) -> Iterator[int]:
    for i, token in enumerate(tokens):
        if token.kind == "open" and token.text in ("(", "["):
            yield from _in_brackets(tokens, marks, i)
        elif marks[i] and token.kind == "word" and token.text.lower() in _QUANTITIES:
            after = tokens[i + 1] if i + 1 < len(tokens) else None
            before = tokens[i - 1] if i else None
            opens = before is None or before.text in ("\n", "$$")
            if after is None or (before is not None and before.text in ("*", "**")):
                continue
            starred = after.text == "*" and not after.spaced
            multiplied = after.kind == "op" and after.text in _PRODUCTS and not starred
            alone = opens and not marks[i + 1] and _is_product_line(tokens, marks, i + 1)
            if multiplied or alone:
                yield i


def _in_brackets(tokens: Sequence[Token], marks: Sequence[bool], begin: int) -> Iterator[int]:
    """Yield the words of `(prediction - y)`, and of `(the error) x^T`."""
    near = range(begin + 1, min(begin + _MOST, len(tokens)))
    end = next((i for i in near if tokens[i].kind in ("open", "close", "sep")), None)
    if end is None or tokens[end].kind != "close":
        return
    inner = range(begin + 1, end)
    said = [i for i in inner if marks[i]]
    signs = [i for i in inner if tokens[i].kind == "op"]
    if not said or any(tokens[i].kind not in ("word", "op", "text") for i in said):
        return
    told = any(tokens[i].text.lower() in _QUANTITIES for i in said)
    if signs:
        beside = any(marks[i - 1] or (i + 1 < end and marks[i + 1]) for i in signs)
        short = len(said) <= len(signs) + 2
        if beside and short and told and all(tokens[i].text in _SIGNS for i in signs):
            yield from said
        return
    after = tokens[end + 1] if end + 1 < len(tokens) else None
    factor = after is not None and after.kind in ("word", "sup", "open", "command")
    if told and len(said) <= 2 and len(said) == len(inner) and factor and not marks[end + 1]:
        yield from said


def _is_product_line(tokens: Sequence[Token], marks: Sequence[bool], at: int) -> bool:
    """Return whether a line goes on with a factor that bears a mark, without a word or `=`."""
    if tokens[at].kind != "word" or at + 1 >= len(tokens) or tokens[at + 1].kind != "sup":
        return False
    for i in range(at, len(tokens)):
        if tokens[i].text in ("\n", "$$"):
            return True
        if marks[i] or tokens[i].kind in ("rel", "sep"):
            return False
    return True
