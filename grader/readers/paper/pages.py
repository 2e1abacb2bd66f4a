"""Knows what the making of a scan leaves between the answers: page numbers, dates, margins."""

from __future__ import annotations

import re

from grader import lazy

_FOOT = lazy.pattern(
    r"\s*(?:page|seite|página)\s+\d{1,3}\s*|(?:.{0,60}[\s|,·–—-])?"
    r"(?:page|seite|página|p\.)\s*\d{1,3}\s*(?:/|of|von|de)\s*\d{1,3}\s*"
    r"|\s*(?:pto|p\.t\.o\.|b\.w\.|please turn over|bitte wenden)\s*"
    r"|\s*(?:score|points|marks|punkte|note)\s*:\s*_{2,20}\s*(?:/\s*\d{1,3})?\s*",
    re.IGNORECASE,
)
# What may also be an answer: it is none where it stands alone, below one.
_MARGIN = lazy.pattern(
    r"\s*(?:\d{4}-\d\d?-\d\d?|\d\d?[./]\d\d?[./](?:\d{4}|\d\d)|_{0,20}\s*/\s*\d{1,3}"
    r"|\d{1,3}(?:[.,]5)?\s*/\s*\d{1,3}\s*(?:points?|pts\.?|marks?|punkte)|time left\b.{0,20})\s*",
    re.IGNORECASE,
)
_NUMBER = lazy.pattern(
    r"\s*(?:(?P<plain>[1-9]\d?)(?:\s*/\s*\d{1,2})?|[-–—]\s*(?P<dashed>[1-9]\d?)\s*[-–—])\s*"
)
_RULE = lazy.pattern(r"(?:-{3,}|\*{3,}|_{3,}|(?:[-*_] ){2,}[-*_])\s*")
_ITEM = lazy.pattern(r"[ \t]+\S|(?:[-*+]|\d{1,3}[.)])[ \t]")


# Such a foot may end in a letter: `please turn over`.
_SHORT = 20


def is_foot(row: str) -> bool:
    """Return whether a row is the foot of a page wherever it stands: `Page 3 of 7`, `PTO`."""
    ends = row[-1:].isdigit() or row[-1:] in "_ \t." or len(row) <= _SHORT
    return ends and len(row) <= 200 and _FOOT.fullmatch(row) is not None


def is_margin(row: str) -> bool:
    """Return whether a row is a date or the like, which stands in the margin of a page."""
    begins = not row[:1].isalpha() or row[:1] in "tT"
    return begins and len(row) <= 60 and _MARGIN.fullmatch(row) is not None


def number(row: str) -> int | None:
    """Return the number of a page, where a row holds nothing else: `4`, `- 4 -`, `4/7`."""
    found = _NUMBER.fullmatch(row) if len(row) <= 20 and not row[:1].isalpha() else None
    return int(found["plain"] or found["dashed"]) if found else None


def rejoined(text: str) -> str:
    """Return a text without the page breaks inside of its lists, which would end them.

    A break stands at the margin, and what goes on below it is indented as a list is.
    """
    rows = text.split("\n")
    filled = [index for index, row in enumerate(rows) if row.strip()]
    for above, here, below in zip(filled, filled[1:], filled[2:], strict=False):
        goes_on = rows[below][:1] in " \t" and _ITEM.match(rows[above])
        if goes_on and not rows[here][:1].isspace() and _is_break(rows[here]):
            rows[here] = ""
    return "\n".join(rows)


def _is_break(row: str) -> bool:
    ends = _RULE.fullmatch(row) if len(row) <= 200 else None
    counts = number(row) is not None and not row.strip().isdecimal()  # a question, perhaps
    return ends is not None or counts or is_foot(row) or is_margin(row)
