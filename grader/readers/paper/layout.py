"""Takes from a passage what is only layout: blank lines around it, bullets, indentation."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Sequence
from itertools import pairwise

from grader import lazy
from grader.readers.paper import pages, units
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


# --- page numbers ----------------------------------------------------------------------------

_OPEN_ENDS = "=≈:+*/,(~→-−–—"
_SHORT_LABEL = lazy.pattern(
    r"\W{0,4}(?:[^\W\d_]{1,8}[ .(]{1,2})?(?:[a-z]|\d{1,2}|[ivx]{1,4})\W{0,4}", re.I
)
# From page to page the number rises by one, or a little more where some were not seen.
_STEP = 3


def without_page_numbers(lines: Sequence[Line], begun: Sequence[int]) -> Sequence[Line]:
    """Return a sheet without the numbers that rise from page to page, and without dates.

    `begun` are the lines at which questions begin. A number is one of a page where it stands
    alone, in an answer that is whole without it, and rises through several answers.
    """
    alone = [index for index in _alone(lines) if index not in begun]
    margins = {index for index in alone if pages.is_margin(lines[index].text)}
    numbers = [index for index in alone if pages.number(lines[index].text) is not None]
    values = [pages.number(lines[index].text) or 0 for index in numbers]
    places = {bisect(begun, index) for index in numbers}
    if len(places) > 1 and all(0 < b - a <= _STEP for a, b in pairwise(values)):
        margins |= {*numbers}
    return _emptied(lines, margins)


def lone_number(lines: Sequence[Line]) -> int | None:
    """Return the index of the only number that stands alone in an answer with more to it."""
    if all(pages.number(line.text) is None for line in lines):
        return None
    counted = [index for index, line in enumerate(lines) if line.body and _counts(lines, index)]
    numbers = [index for index in _alone(lines) if pages.number(lines[index].text) is not None]
    others = {*numbers, *counted}
    is_all = len(trimmed(lines)) <= 1
    return numbers[0] if numbers and len(others) == 1 and not is_all else None


def without(lines: Sequence[Line], index: int) -> list[Line]:
    """Return the lines of an answer without one of them."""
    return trimmed(_emptied(lines, {index}))


def _emptied(lines: Sequence[Line], places: set[int]) -> list[Line]:
    return [
        line._replace(text="", body="", kind=Kind.BLANK, item=None) if index in places else line
        for index, line in enumerate(lines)
    ]


def _alone(lines: Sequence[Line]) -> list[int]:
    """Return the lines of page numbers and dates with blank lines around them.

    None is right below a label or an unfinished line, nor beside another number.
    """
    likely = {
        index
        for index, line in enumerate(lines)
        if line.kind is Kind.TEXT
        and not line.quoted
        and (pages.number(line.text) is not None or pages.is_margin(line.text))
    }
    if not likely:
        return []
    filled = [index for index, line in enumerate(lines) if line.kind not in _EMPTY]
    found = []
    for at, index in enumerate(filled):
        if index not in likely:
            continue
        above = filled[at - 1] if at else None
        below = filled[at + 1] if at + 1 < len(filled) else None
        if index - 1 == above or index + 1 == below:
            continue
        if (above is None or _is_whole(lines[above])) and not _counts(lines, below):
            found.append(index)
    return found


def _counts(lines: Sequence[Line], index: int | None) -> bool:
    return index is not None and not lines[index].body.strip(" .,\t0123456789").strip()


def _is_whole(line: Line) -> bool:
    """Return whether a line does not lead over to what stands below it, as a label does."""
    text = line.body.rstrip(" *_`$")
    leads = line.kind is Kind.HEADING or line.quoted or text[-1:] in _OPEN_ENDS
    if leads or _SHORT_LABEL.fullmatch(text) or units.is_marker(text, alone=True):
        return False
    last = [text[start:end] for start, end in units.sentences(text[:_LONGEST_ROW])][-1]
    return not units.inquires(last)


_LONGEST_ROW = 2_000


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
