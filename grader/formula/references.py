"""Answers that point at another answer: `same as above`, `same as grad_h1`."""

from __future__ import annotations

import re

from grader import lazy
from grader.formula import lefthand
from grader.formula.lexer import MAX_CHARACTERS
from grader.formula.notation import canonical_name

_LONGEST = 300  # characters of a line that points at another answer
_HINT = lazy.pattern(r"same|identical|equal|ditto|idem|[〃″]|analog|similar|likewise", re.I)
_LINE = lazy.pattern(
    r"(?P<indent>[ \t]*(?:[-*+•]\s+|\(?\w\)\s+)?)(?P<left>[^\n:=]{1,80}?)\s*(?P<sign>[:=]+)\s*"
    r"(?P<said>[^\n]*)"
)
_SAME = lazy.pattern(
    r"\W*(?:(?:is|it\s+is|exactly|also|again|just)\s+)*(?:the\s+)?"
    r"(?:(?:same|identical|equal)(?:\s+(?:thing|formula|expression|result|value|gradient))?"
    r"(?:\s+(?:as|to|with)\b)?|ditto|idem|〃|″)\s*"
    r"(?:for\s+|in\s+|the\s+(?:one\s+)?|that\s+of\s+|of\s+)*"
    r"(?P<what>above|before|previous(?:ly)?|\([a-z0-9]\)|[^\s,;.]{1,60})?"
    r"(?:\s+one)?\W*(?:\s*(?:because|since|by\s+symmetry)\b(?:(?!but|except|instead)[^\n])*)?",
    re.IGNORECASE,
)
_ALIKE = lazy.pattern(
    r"\W*(?:(?:analog\w*|similar(?:ly)?|likewise)(?:\s+(?:for|with|to)\s+\S+)?"
    r"|(?:the\s+)?same(?:\s+(?:as|for)\s+(?:the\s+)?\S+)?"
    r"(?:\s+but)?\s+(?:with|for)\s+(?P<letter>\S+?)(?:\s+instead(?:\s+of\s+\S+)?)?)\W*",
    re.IGNORECASE,
)
_BEFORE = frozenset({"", "above", "before", "previous", "previously"})


def spelled_out(text: str) -> str:
    """Return a text with `grad_h2: same as grad_h1` made `grad_h2 = grad_h1`.

    Only derivatives are taken over so. Of `W: W - α dW` and `b: analogously` the second becomes
    `b: b - α db`.
    """
    if len(text) > MAX_CHARACTERS or _HINT.search(text) is None:
        return text
    names: list[str] = []
    lines = []
    before = ("", "")
    for line in text.split("\n"):
        found = _LINE.fullmatch(line) if len(line) < _LONGEST else None
        left = found["left"].strip() if found else ""
        same = _SAME.fullmatch(found["said"]) if found else None
        meant = _meant(same["what"] or "", names) if same else ""
        if found and meant and _is_derivative(left):
            lines.append(f"{found['indent']}{left} = {meant}")
        elif found and (alike := _alike(found["said"], left, before)):
            lines.append(f"{found['indent']}{left}{found['sign']} {alike}")
        else:
            lines.append(line)
            before = (left, found["said"]) if found else before
        if _is_derivative(left):
            names.append(left)
    return "\n".join(lines)


def is_one(text: str) -> bool:
    """Return whether a text only points at another answer."""
    said = text.strip()
    return len(said) < _LONGEST and any(each.fullmatch(said) for each in (_SAME, _ALIKE))


def _alike(said: str, left: str, before: tuple[str, str]) -> str:
    """Return the formula before with its letter exchanged for this one's, if that is said."""
    found = _ALIKE.fullmatch(said)
    name, other = (canonical_name(each).rpartition("/d")[2] for each in (left, before[0]))
    if found is None or not name or not other or other == name:
        return ""
    if found["letter"] and canonical_name(found["letter"]) not in (name, name[-1:]):
        return ""
    if other[:-1] == name[:-1] and name[-1].isdigit():
        return re.sub(rf"(?<=[A-Za-z_{{]){other[-1]}(?![0-9])", name[-1], before[1])
    if len(other) > 1 or len(name) > 1:
        return ""
    return re.sub(rf"(?<![A-Za-z])(d|g|grad|∂)?{other}(?![A-Za-z])", rf"\g<1>{name}", before[1])


def _meant(what: str, names: list[str]) -> str:
    """Return which of the names before is pointed at: the last one, or the one of a letter."""
    if what.lower() in _BEFORE or re.fullmatch(r"\([a-z0-9]\)", what):
        return names[-1] if names else ""
    wanted = canonical_name(what)
    if _is_derivative(what):
        return what
    return next((n for n in reversed(names) if wanted and _variable(n) == wanted), "")


def _variable(name: str) -> str:
    return lefthand.variable(canonical_name(name))


def _is_derivative(name: str) -> bool:
    return _variable(name) != ""
