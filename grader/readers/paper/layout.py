"""Takes from a passage what is only layout: blank lines around it, bullets, indentation."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader import lazy
from grader.readers.paper.blocks import Kind, Line

_EMPTY = (Kind.BLANK, Kind.RULE)
# What a single sub-item of an answer may be numbered with, and what its sibling would be.
_FIRST = lazy.pattern(r"(?:\((?P<inner>[aA1iI])\)|(?P<outer>[aA1iI])[.)])[ \t]+")
_SECOND = lazy.pattern(r"\(?(?:[bB2]|ii|II)[.)][ \t]")

_FAREWELL = lazy.pattern(
    r"(?=.*(?:regards|wishes|thank|sincerely|cheers|greetings|cordialement|saludos|merci|dank|grüß))"
    r"[\W_]*(?:(?:best|kind|warm(?:est)?|many|with|mit|yours|thank|sincerely|cheers|thanks"
    r"|regards|greetings|cordialement|saludos|merci|danke)[ ,.!]*)"
    r"(?:(?:best|kind|regards|wishes|thanks|you|truly|sincerely|faithfully|freundlichen|besten"
    r"|vielen|grüßen?|dank|for|your|time|reading|grading|in|advance|so|very|much|and)[ ,.!]*){0,7}",
    re.I,
)
_FAREWELL_LINES = 6
_NAME_WORDS = 8


def without_farewell(lines: Sequence[Line]) -> Sequence[Line]:
    """Return a sheet without the greeting at its end, and the name and number under it."""
    filled = [index for index, line in enumerate(lines) if line.body.strip()][-_FAREWELL_LINES:]
    for index in filled[1:]:
        if lines[index].kind is Kind.TEXT and _FAREWELL.fullmatch(lines[index].body.strip()):
            below = [lines[each].body for each in filled if each > index]
            if all(len(text.split()) <= _NAME_WORDS and "=" not in text for text in below):
                return lines[:index]
    return lines


def trimmed(lines: Sequence[Line]) -> list[Line]:
    """Return the lines without the blank lines and rules around them."""
    filled = [index for index, line in enumerate(lines) if line.kind not in _EMPTY]
    return list(lines[filled[0] : filled[-1] + 1]) if filled else []


def untangled(lines: Sequence[Line]) -> list[Line]:
    """Return the lines of an answer as they would stand by themselves.

    An answer that is wholly quoted loses its signs, one that is a single list item its bullet;
    what is nested under a question loses the indentation that this gave it.
    """
    found = _without_dangling_headings(trimmed(lines))
    if found and all(line.quoted or line.kind in _EMPTY for line in found):
        found = [line._replace(text=line.body) for line in found]
    return _without_single_bullet(_dedented(found))


def _without_dangling_headings(lines: list[Line]) -> list[Line]:
    """Return the lines without a last heading under which nothing stands."""
    while len(lines) > 1 and lines[-1].kind is Kind.HEADING:
        lines = trimmed(lines[:-1])
    return lines


def _dedented(lines: list[Line]) -> list[Line]:
    depth = min((line.depth for line in lines[:1]), default=0)
    if not depth:
        return lines
    inner = [line for line in lines[1:] if line.depth >= depth and line.text.strip()]
    indent = min((_indent(line.text) for line in inner), default=0)
    return [
        line._replace(text=line.text[min(indent, _indent(line.text)) :])
        if index and line.depth >= depth
        else line
        for index, line in enumerate(lines)
    ]


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" \t"))


def _without_single_bullet(lines: list[Line]) -> list[Line]:
    if not lines:
        return lines
    first, rest = lines[0], lines[1:]
    siblings = [line for line in rest if line.item and line.depth <= first.depth]
    numbered = any(_SECOND.match(line.body) for line in rest)
    if siblings or numbered:
        return lines
    body = first.body
    enumerator = _FIRST.match(body)
    if enumerator:
        body = body[enumerator.end() :]
    elif not first.item:
        return lines
    first = first._replace(text=body, body=body, depth=first.depth + bool(first.item), item=None)
    return _dedented([first, *rest])
