"""Left-hand sides: which quantity an equation is about, and which name it defines."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from grader.formula import spelling
from grader.formula.derivatives import derivative_at
from grader.formula.lexer import Token, lex
from grader.formula.notation import canonical_of
from grader.formula.statements import Slice


@lru_cache(maxsize=4096)
def label_key(text: str) -> str:
    """Return the canonical form in which left-hand sides are compared."""
    tokens = lex(text).tokens[:-1]
    return canonical_of(tokens)


def same_label(left: str, right: str) -> bool:
    """Return whether two canonical left-hand sides name one quantity.

    `dW`, `W.grad` and the gradient of anything that could be called a loss are one.
    """
    if left == right:
        return True
    one, other = variable(left), variable(right)
    if not one or one != other:
        return False
    tops = {_top(left), _top(right)}
    return "" in tops and tops <= _LOSSES


_LOSSES = frozenset({"", "L", "J", "E", "C", "F", "l", "j", "Loss", "loss", "cost", "Cost", "ℓ"})


def variable(key: str) -> str:
    """Return the W of `dL/dW`, `d/dW` and `dW`."""
    top, slash, bottom = key.partition("/")
    if slash and bottom.startswith("d"):
        return bottom[1:]
    if not slash and len(top) > 1 and top.startswith("d") and top[1:2].isalpha():
        return top[1:]
    return ""


def _top(key: str) -> str:
    top, slash, _ = key.partition("/")
    return top[1:] if slash else ""


def index_letters(tokens: Sequence[Token]) -> set[str]:
    """Return the letters that stand as subscripts or raised in brackets."""
    found: set[str] = set()
    depth = 0
    for i, token in enumerate(tokens):
        if token.kind in ("sub", "sup") and i + 1 < len(tokens):
            following = tokens[i + 1]
            if following.kind == "word" and (token.kind == "sub" or len(following.text) == 1):
                found |= set(following.text) if len(following.text) <= 3 else set()
            if following.kind == "open":
                depth = 1
                for inner in tokens[i + 2 :]:
                    depth += (inner.kind == "open") - (inner.kind == "close")
                    if depth == 0:
                        break
                    if inner.kind == "word" and len(inner.text) <= 3 and inner.text.isalpha():
                        found |= set(inner.text)
    return found - {"T", "⊤"}


def selecting(tokens: Sequence[Token]) -> set[str]:
    """Return the letters that take entries in code: the k and n of T[k, n]."""
    pairs = pairwise(tokens)
    return {
        after.text
        for before, after in pairs
        if before.text in ("[", ",") and after.kind == "word" and len(after.text) == 1
    }


def takes_arguments(marks: Sequence[Token]) -> bool:
    """Tell `f(x)` among left-hand sides."""
    at = 3 if len(marks) > 4 and marks[1].kind == "sub" and marks[2].kind != "open" else 1
    return len(marks) > at + 2 and marks[at].text == "(" and marks[-1].text == ")"


def ends_in_remark(marks: Sequence[Token]) -> bool:
    """Tell `(for one sample)` from arguments: words stand side by side in it."""
    opening = next((i for i, token in enumerate(marks) if token.text == "("), None)
    if opening is None or marks[-1].text != ")":
        return False
    inner = marks[opening + 1 : -1]
    pairs = pairwise(inner)
    return any(one.kind == other.kind == "word" and other.spaced for one, other in pairs)


def in_condition(tokens: Sequence[Token], start: int) -> bool:
    """Return whether the name at `start` stands in a condition: `1 if y_i = k`."""
    before = tokens[start - 1] if start else None
    return before is not None and before.kind == "word" and before.text in ("if", "when", "for")


def labelled(marks: Sequence[Token]) -> list[Token]:
    """Return a name with its numbers but without its letters: z_1 of z_{1,i}."""
    numbers = [token for token in marks[1:] if token.kind == "number"]
    if not numbers:
        return [*marks[:1]]
    label = numbers[0]._replace(text=numbers[0].text.rstrip(","))
    return [marks[0], Token("sub", "_", label.start, label.start), label]


def holds(tokens: Sequence[Token], name: Sequence[Token]) -> bool:
    """Return whether a name, with its own marks and no others, stands among the tokens."""
    marks = [token.text for token in name]
    for i in range(len(tokens) - len(marks) + 1):
        if [token.text for token in tokens[i : i + len(marks)]] == marks:
            after = tokens[i + len(marks)] if i + len(marks) < len(tokens) else None
            if after is None or after.kind not in ("sub", "sup", "prime"):
                return True
    return False


def until_boundary(tokens: Sequence[Token], at: int) -> Sequence[Token]:
    depth = 0
    for i in range(at, len(tokens)):
        depth += (tokens[i].kind == "open") - (tokens[i].kind == "close")
        if depth <= 0 and tokens[i].kind in ("eof", "text"):
            return tokens[at:i]
        if depth <= 0 and tokens[i].kind == "sep" and tokens[i].text in ("\n", "$$", ";", ","):
            return tokens[at:i]
    return tokens[at:]


def name_start(tokens: Sequence[Token], at: int) -> int | None:
    """Return where the name begins that ends before `at`, or None where it is no name."""
    low = max(at - 17, 0)
    near = [*tokens[low:at], tokens[-1], tokens[-1], tokens[-1]]
    for i in range(max(at - 16, 0), at):
        derivative = derivative_at(near, i - low)
        if derivative is not None and derivative[2] == at - low:
            return i
    i = at - 1
    depth = 0
    while i >= 0:
        token = tokens[i]
        if token.kind == "close":
            depth += 1
        elif token.kind == "open":
            depth -= 1
            if depth < 0:
                return None
            if depth == 0 and token.text == "{" and _stands_alone(tokens, i):
                return i
        if depth == 0:
            divides = token.kind == "op" and token.text == "/"
            if token.kind in ("sep", "rel", "text", "op") and not divides:
                break
            if token.kind == "command" and token.text != "frac":
                return None
            if _begins_name(tokens, i):
                return i
        i -= 1
        if at - i > 24:
            return None
    return i + 1 if i + 1 < at else None


def _stands_alone(tokens: Sequence[Token], i: int) -> bool:
    """Return whether a braced letter begins at `i`, rather than an index or an argument."""
    before = tokens[i - 1] if i else None
    return before is None or (
        before.kind not in ("sub", "sup", "command", "close") and not before.text.startswith("∂")
    )


def _begins_name(tokens: Sequence[Token], i: int) -> bool:
    """Return whether a name may begin at `i`: a word with a space or a boundary before it."""
    token = tokens[i]
    if token.kind not in ("word", "command"):
        return False
    if i == 0:
        return True
    before = tokens[i - 1]
    if before.kind in ("sub", "sup") or before.text in ("∂", "∇", "{", "/"):
        return False
    if before.kind == "word" and before.text in ("d", "Delta"):
        return False
    return before.kind in ("word", "sep", "rel", "text", "op", "close", "number") or token.spaced


def untransposed(member: Slice) -> Slice | None:
    """Return what a left-hand side `(...)^T` transposes."""
    texts = [token.text for token in member]
    for mark in (["^", "T"], ["^", "{", "T", "}"], ["^", "⊤"], ["^", "{", "⊤", "}"], ["T"]):
        if texts[-len(mark) :] == mark and len(texts) > len(mark):
            inner = member[: -len(mark)]
            if inner[0].text == "(" and inner[-1].text == ")":
                inner = inner[1:-1]
            return inner
    return None


def unsquared(member: Slice) -> Slice | None:
    """Return the σ of a left-hand side σ², which defines the variance."""
    texts = [token.text for token in member]
    for mark in (["^", "2"], ["^", "{", "2", "}"]):
        if texts[-len(mark) :] == mark and member[0].kind == "word":
            return member[: -len(mark)]
    return None


def looks_mathematical(name: str) -> bool:
    """Tell a name before a colon from a word of a sentence."""
    base = name.partition("_")[0].rstrip("'")
    return len(base) <= 2 or "/" in name or base in spelling.GREEK_NAMES
