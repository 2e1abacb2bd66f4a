"""Steps of an iteration: `W^{(t+1)} = W^{(t)} - ...` updates W, `h_t = f(h_{t-1}, x_t)` takes h."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from grader import lazy
from grader.formula.lexer import Source, Token

# Nothing is a step without one of these; most texts have none, and need no search.
_HINT = lazy.pattern(r"[a-z]\s*[+\-−–]\s*1|new|next|old|prev")

_LATER = ("next", "new")
_EARLIER = ("old", "prev")
_BRACKETS = frozenset({"{", "(", "[", "<"})


class _Mark(NamedTuple):
    """A raised or lowered `t`, `t+1`, `old`: what it says, of which name, and where it stands."""

    name: str
    says: str
    start: int
    end: int
    left: bool  # on the left of an equals sign
    plain: bool  # raised without a bracket, as the t of a transpose may be


def without_steps(
    source: Source, asked: Collection[str], known: Callable[[str], bool], sampled: bool = True
) -> Sequence[Token]:
    """Return the tokens without the marks of steps.

    The letters of a question are those before the step: c_{t-1} is c, and so is the x_t of an
    input. A c_t that the text works out itself stays a name of its own, unless it is `asked`.
    `known` tells which names a question declares: c_prev is kept where it does. Where samples are
    not numbered, `sampled`, a t that all letters bear is that of the step as well.
    """
    tokens = source.tokens
    if _HINT.search(source.text) is None and (sampled or "t" not in source.text):
        return tokens
    marks = [m for m in _marks(tokens) if tokens[m.start].text != "(" or not known(_letter(m.says))]
    summed = _summed(tokens)
    steps = _steps(marks, summed)
    if steps is None and not sampled and _in_one_step(marks, summed) and not known("t"):
        steps = "t", ("t",), (), False
    if steps is None:
        return tokens
    here, earlier, later, plain = steps
    marks = [mark for mark in marks if plain or mark.says != here or not mark.plain]
    states = {mark.name for mark in marks if mark.says in earlier}
    own = {
        mark.name
        for mark in marks
        if mark.left and mark.says in later and mark.name not in asked
        if mark.name in states or mark.says != here
    }
    kept: list[Token] = []
    at = 0
    for mark in marks:
        if mark.says not in {here, *earlier, *later}:
            continue
        kept += tokens[at : mark.start]
        at = mark.end
        kept += _instead(mark, tokens, earlier, later if mark.name in own else (), known)
    return [*kept, *tokens[at:]]


def _letter(says: str) -> str:
    """Return the t of t+1, and the whole of `old`."""
    return says if says.isalpha() else says[0]


def _instead(
    mark: _Mark,
    tokens: Sequence[Token],
    earlier: Collection[str],
    later: Collection[str],
    known: Callable[[str], bool],
) -> Sequence[Token]:
    """Return what stands in place of a mark: nothing, or a label that makes a name of its own."""
    labels = _EARLIER if mark.says in earlier else _LATER
    label = next((word for word in labels if known(f"{mark.name}_{word}")), "")
    if not label and mark.says in later:
        label = "next"
    if known(f"{mark.name}_{mark.says}"):
        return tokens[mark.start : mark.end]
    if not label:
        return ()
    start, end = tokens[mark.start].start, tokens[mark.end - 1].end
    return (Token("sub", "_", start, start), Token("word", label, start, end))


def _steps(
    marks: Sequence[_Mark], summed: Collection[str]
) -> tuple[str, tuple[str, ...], tuple[str, ...], bool] | None:
    """Return the step's letter, what is said of the step before and of the one after.

    The last is whether steps are raised without a bracket.
    """
    for mark in marks:
        letter = mark.says[0]
        if letter in summed or len(mark.says) != 3:
            continue
        if mark.says[1:] == "+1" and mark.left:
            return letter, (letter, *_EARLIER), (mark.says, *_LATER), mark.plain
        if mark.says[1:] == "-1" and not mark.left:
            return letter, (mark.says, *_EARLIER), (letter, *_LATER), mark.plain
    if any(mark.says in _LATER and mark.left for mark in marks):
        return "t", ("t", *_EARLIER), ("t+1", *_LATER), False
    return None


def _in_one_step(marks: Sequence[_Mark], summed: Collection[str]) -> bool:
    """Return whether δ_t = r_t + ... is said of one step t, by no other than its letters."""
    here = [mark for mark in marks if mark.says == "t" and not mark.plain]
    names = {mark.name for mark in here}
    return len(names) > 1 and any(mark.left for mark in here) and "t" not in summed


def _marks(tokens: Sequence[Token]) -> list[_Mark]:
    """Return all marks that may say a step, in their order."""
    found: list[_Mark] = []
    equation = [i for i, token in enumerate(tokens) if token.kind == "rel" and token.text == "="]
    stops = [i for i, token in enumerate(tokens) if token.kind == "sep" and token.text != "&"]
    name = ""
    for at, token in enumerate(tokens):
        if token.kind == "word":
            name = token.text
            continue
        scripted = token.kind in ("sub", "sup")
        applied = token.text == "(" and at > 0 and tokens[at - 1].kind == "word"
        if not name or not (scripted or applied):
            name = name if token.kind in ("close", "number", "prime") else ""
            continue
        end = _end(tokens, at + 1 if scripted else at)
        says = "".join(each.text for each in tokens[at:end]).strip("_^{}()[]<>")
        if applied and not re.fullmatch(r"[a-z]([+-]1)?|new|old|next|prev", says):
            continue
        if re.fullmatch(r"[a-z]([+-]1)?|new|next|old|prev", says):
            left = _next(equation, end) < _next(stops, end)
            plain = token.kind == "sup" and not any(
                each.text in ("(", "[", "<") for each in tokens[at:end]
            )
            found.append(_Mark(name, says, at, end, left, plain))
    return found


def _next(places: Sequence[int], at: int) -> float:
    """Return the first of the places, which are in order, that is not before `at`."""
    found = bisect_left(places, at)
    return places[found] if found < len(places) else math.inf


def _end(tokens: Sequence[Token], at: int) -> int:
    """Return where the script ends that begins at `at`: one sign, or a bracket."""
    depth = 0
    for i in range(at, len(tokens)):
        depth += (tokens[i].text in _BRACKETS) - (tokens[i].kind == "close")
        if depth <= 0:
            return i + 1
    return len(tokens)


def _summed(tokens: Sequence[Token]) -> set[str]:
    """Return the letters under the signs of sums, which number no steps."""
    found: set[str] = set()
    for at, token in enumerate(tokens):
        if token.text in ("sum", "prod", "Sigma") and tokens[min(at + 1, len(tokens) - 1)].kind == (
            "sub"
        ):
            end = _end(tokens, at + 2)
            found.update(t.text for t in tokens[at + 2 : end] if t.kind == "word")
    return found
