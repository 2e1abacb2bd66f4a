"""Steps of an iteration: `W^{(t+1)} = W^{(t)} - ...` updates W."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.formula.lexer import Token

# An equation between one step and the next, told by its left-hand side.
STEPPED = re.compile(
    r"[A-Za-z}]\s*[_^]\s*\{?\s*[(\[]?\s*(?:([a-z])\s*\+\s*1|(?:\\\w+\{)?(?:new|next))\b"
    r"[^=←]{0,12}(?:=|←|\\leftarrow|\\gets)"
    r"|[A-Za-z]\s*\(\s*([a-z])\s*\+\s*1\s*\)\s*(?:=|←)"
    r"|=[^=]*[A-Za-z}]\s*_\s*\{?\s*([a-z])\s*-\s*1\s*\}?"
)


def without_steps(tokens: Sequence[Token], letter: str) -> tuple[Token, ...]:
    """Return the tokens without marks such as `^{(t)}`, `_{t+1}`, `_new` and `^{old}`."""
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind in ("sub", "sup"):
            end = at + 2
            if tokens[at + 1].kind == "open":
                depth, end = 0, at + 1
                while end < len(tokens) - 1:
                    depth += (tokens[end].kind == "open") - (tokens[end].kind == "close")
                    end += 1
                    if depth == 0:
                        break
            inner = "".join(t.text for t in tokens[at + 1 : end]).strip("{}()[]")
            if inner in (letter, f"{letter}+1", "new", "old", "next", "prev", f"{letter}-1"):
                at = end
                continue
        marked = at > 0 and tokens[at - 1].kind == "word" and token.text == "("
        inside = "".join(t.text for t in tokens[at + 1 : at + 4])
        if marked and tokens[at + 1].text == letter and tokens[at + 2].text == ")":
            at += 3
            continue
        if marked and inside in (f"{letter}+1", f"{letter}-1") and tokens[at + 4].text == ")":
            at += 5
            continue
        kept.append(token)
        at += 1
    return tuple(kept)
