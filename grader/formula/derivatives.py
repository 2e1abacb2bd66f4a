"""Derivatives as names: `∂L/∂W`, `dL/dW`, `\\frac{dL}{dW}` and `∇_W L` are one quantity."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeAlias

from grader import lazy
from grader.formula.lexer import Token
from grader.formula.tree import Node

Found: TypeAlias = tuple[str, tuple[Node, ...], int]
"""A name, the indices of its variable, and where it ends among the tokens."""


def derivative_at(tokens: Sequence[Token], at: int) -> Found | None:
    """Return the key (`dL/dW`), the indices and the end of a derivative that starts at `at`."""
    token = tokens[at]
    if token.kind == "command" and token.text == "frac":
        return _fraction_derivative(tokens, at + 1)
    if token.kind != "word":
        return None
    joined = _JOINED.fullmatch(token.text)
    if joined is not None and tokens[at + 1].text != "(":
        found = token._replace(text=joined[2])
        name, letters, after = _variable([*tokens[:at], found, *tokens[at + 1 :]], at)
        return f"d{joined[1] or ''}/d{name}", letters, after
    if token.text in ("∇", "grad", "nabla") or (token.text == "∂" and tokens[at + 1].kind == "sub"):
        return _gradient(tokens, at + 1)
    top = differential_at(tokens, at)
    if top is None:
        return None
    after = top[2]
    if not (tokens[after].kind == "op" and tokens[after].text == "/"):
        return None
    bottom = differential_at(tokens, after + 1)
    if bottom is None or not bottom[0]:
        return None
    return f"d{top[0]}/d{bottom[0]}", bottom[1], bottom[2]


# dJdW, gradW, nablaW
_JOINED = lazy.pattern(r"(?:d([JLEC])d|grad|nabla)([A-Z][0-9]?|[a-z][0-9]?)")
_COMPONENT = lazy.pattern(
    r"(?P<whole>(?:.*/d)?[A-Za-z]+(?:_\d+)?)(?:(?<=\d)|_)(?P<letters>[a-z]{1,3})"
)


def component(key: str, right: Collection[str]) -> tuple[str, str]:
    """Return the `dJ/dh_1` and the j of `dJ/dh_1j`, where j stands as an index on the right."""
    found = _COMPONENT.fullmatch(key)
    if found is None or not set(found["letters"]) <= set(right):
        return key, ""
    return found["whole"], found["letters"]


def _fraction_derivative(tokens: Sequence[Token], at: int) -> Found | None:
    if tokens[at].text != "{":
        return None
    top = differential_at(tokens, at + 1, alone=True)
    if top is None or tokens[top[2]].text != "}" or tokens[top[2] + 1].text != "{":
        return None
    bottom = differential_at(tokens, top[2] + 2)
    if bottom is None or tokens[bottom[2]].text != "}":
        return None
    after = bottom[2] + 1
    name = top[0]
    if not name and tokens[after].kind == "word":
        name, _, after = _variable(tokens, after)
    return f"d{name}/d{bottom[0]}", bottom[1], after


def differential_at(tokens: Sequence[Token], at: int, alone: bool = False) -> Found | None:
    """Return the variable of `∂W`, `dW` or `d W`, its indices, and where it ends."""
    token = tokens[at]
    if token.kind != "word":
        return None
    if token.text in ("∂", "d", "delta"):
        if tokens[at + 1].kind in ("word", "open") and tokens[at + 1].text not in "([":
            return _variable(tokens, at + 1)
        return ("", (), at + 1) if alone and token.text != "delta" else None
    if token.text.startswith("d") and len(token.text) > 1:
        rest = token._replace(text=token.text[1:], start=token.start + 1)
        return _variable([*tokens[:at], rest, *tokens[at + 1 :]], at)
    return None


_NUMBERED = lazy.pattern(r"([A-Za-z]+)(\d+)")


def _variable(tokens: Sequence[Token], at: int, called: bool = True) -> Found:
    """Return a name with its subscripts joined, the indices among them, and where it ends.

    With `called`, arguments such as those of L(W) are passed over.
    """
    if tokens[at].text == "{" and tokens[at + 1].kind == "word" and tokens[at + 2].text == "}":
        name, at = tokens[at + 1].text, at + 3
    else:
        name, at = tokens[at].text, at + 1
    numbered = _NUMBERED.fullmatch(name)
    name = f"{numbered[1]}_{numbered[2]}" if numbered else name
    indices: list[Node] = []
    if tokens[at].kind == "number" and not tokens[at].spaced and name[-1:].isalpha():
        name, at = f"{name}_{tokens[at].text}", at + 1
    while tokens[at].kind in ("sub", "sup") and tokens[at + 1].kind != "eof":
        lowered = tokens[at].kind == "sub"
        pieces, at = _pieces(tokens, at + 1)
        label = "".join(piece.text for piece in pieces)
        if not lowered and label in ("T", "⊤"):
            name += "'"
            continue
        letters = [p for p in pieces if p.kind == "word" and (len(p.text) <= 3)]
        if pieces and len(letters) == len(pieces) and label not in ("hat", "new", "old"):
            indices += [
                Node("name", (), letter, p.start, p.end) for p in letters for letter in p.text
            ]
        name = f"{name}_{label}"
    if called and tokens[at].text == "(" and not tokens[at].spaced:
        at = _after_bracket(tokens, at)
    return name, tuple(indices), at


def _pieces(tokens: Sequence[Token], at: int) -> tuple[list[Token], int]:
    """Return the words and numbers of a subscript or superscript, and where it ends."""
    if tokens[at].kind != "open":
        return [tokens[at]], at + 1
    end = _after_bracket(tokens, at)
    inner = [t for t in tokens[at + 1 : end - 1] if t.kind in ("word", "number")]
    return inner, end


def _after_bracket(tokens: Sequence[Token], at: int) -> int:
    depth = 0
    for i in range(at, len(tokens)):
        depth += (tokens[i].kind == "open") - (tokens[i].kind == "close")
        if depth == 0:
            return i + 1
    return len(tokens) - 1


def _gradient(tokens: Sequence[Token], at: int) -> Found | None:
    """Read what follows `∇`: the variable as a subscript, then perhaps the function."""
    if tokens[at].kind == "word" and tokens[at - 1].text == "∇":
        return _bare_gradient(tokens, at)
    if tokens[at].kind != "sub":
        return None
    braced = tokens[at + 1].text == "{"
    first = at + 2 if braced else at + 1
    if tokens[first].kind != "word":
        return None
    text = tokens[first].text
    if not braced and len(text) == 2 and text[1] in _LOSSES:  # \nabla_WJ
        return f"d{text[1]}/d{text[0]}", (), first + 1
    variable, indices, after = _variable(tokens, first, called=False)
    if braced:
        if tokens[after].text != "}":
            return None
        after += 1
    name = ""
    if tokens[after].kind == "word" and tokens[after].text[:1].isupper():
        name, _, after = _variable(tokens, after)
    return f"d{name}/d{variable}", indices, after


_LOSSES = frozenset({"J", "L", "E", "C", "F", "Loss", "loss"})


def _bare_gradient(tokens: Sequence[Token], at: int) -> Found | None:
    """Read `∇W J` and `∇W`, where the subscript has been lost."""
    if tokens[at].text in _LOSSES and tokens[at + 1].kind == "sub":
        top = tokens[at].text
        variable, indices, after = _variable(tokens, at + 2, called=False)
        return f"d{top}/d{variable}", indices, after
    if tokens[at].text in _LOSSES or tokens[at].text == "f":
        return None
    variable, indices, after = _variable(tokens, at, called=False)
    name = ""
    if tokens[after].kind == "word" and tokens[after].text in _LOSSES:
        name, _, after = _variable(tokens, after)
    return f"d{name}/d{variable}", indices, after
