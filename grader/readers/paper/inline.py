"""Gives each question its own line where several stand on one: Q1a F, Q1b T; 1a) F 1b) T."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from grader import lazy
from grader.readers.paper.blocks import Kind, Line
from grader.readers.paper.numbering import UNKNOWN, HeadLabel, Numbering, goes_on

_REFERS = lazy.pattern(
    r"\b(?:like|in|see|of|to|from|and|or|as|with|than|by|cf\.?|for)[ \t]+\Z", re.I
)
_LONGEST_LINE = 20_000
_MOST_PLACES = 300


def apart(lines: Sequence[Line], known: Numbering) -> list[Line]:
    """Return the lines of a sheet, those that hold several questions in order in pieces."""
    found: list[Line] = []
    taken: set[tuple[int, int]] | None = None
    for line in lines:
        within = line.kind is Kind.TEXT and known.inline.search(line.body)
        first = _label(line, known) if within else None
        if first is not None and taken is None:
            labels = (_label(each, known) for each in lines)
            taken = {known.order(label) for label in labels if label}
        cuts = list(_cuts(line.body, first, known, taken or set())) if first else []
        found += _pieces(line, cuts) if cuts else [line]
    return found


def _label(line: Line, known: Numbering) -> HeadLabel | None:
    """Return the label that a line begins with, where others may follow it."""
    if line.kind is not Kind.TEXT or line.quoted or len(line.body) > _LONGEST_LINE:
        return None
    return _read(line.body, known)


def _read(text: str, known: Numbering) -> HeadLabel | None:
    label = known.worded_label(text)
    if label is None and (bare := known.bare_label(text, heading=False)) is not None:
        label = bare if bare.part is not None and not bare.is_weak else None
    return label if label and label.head and label.part != UNKNOWN else None


def _cuts(
    body: str, first: HeadLabel, known: Numbering, taken: set[tuple[int, int]]
) -> Iterator[int]:
    """Yield where further labels begin that follow the first in order."""
    last = known.order(first)
    for place in islice(known.inline.finditer(body), _MOST_PLACES):
        text = body[place.start() :]
        label = _read(text, known)
        if label is None or label.form != first.form:
            continue
        here = known.order(label)
        follows = here[0] == last[0] + 1
        if here > last and here not in taken and _is_set_off(body, place.start(), label, follows):
            yield place.start()
            last = here


def _is_set_off(body: str, start: int, label: HeadLabel, follows: bool) -> bool:
    """Return whether a label within a line is one: closed, or behind the end of a statement.

    A closed one without a part is one where it is the next question.
    """
    before = body[:start].rstrip(" \t")[-1:]
    is_closed = label.written[-1:] in ").:]" or body[start + len(label.written) :][:1] in (":", ")")
    if goes_on(label.rest) or _REFERS.search(body[max(0, start - 12) : start]):
        return False
    return before in (",", ";", ".", "|", "/", "!", "?") or (
        is_closed and (follows or label.part is not None)
    )


def _pieces(line: Line, cuts: Sequence[int]) -> Iterator[Line]:
    for start, end in pairwise([0, *cuts, len(line.body)]):
        text = line.body[start:end].rstrip(" \t;,|/")
        yield line._replace(text=text, body=text, item=line.item if start == 0 else None)
