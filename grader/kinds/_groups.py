"""Names listed by the number of their group: `cluster 1: A, C`, `A and C are in 1`, `A1 B2 C1`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader import lazy
from grader.kinds import _typed
from grader.kinds._numerals import Numeral
from grader.kinds._tables import Line
from grader.values import Plain

_MOST_STATEMENTS = 100
_MOST_NAMES = 200
_LONGEST = 400

_WORDS = (
    "and|und|is|are|in|to|into|belongs?|goes?|assigned|moves?|the|cluster|group|class|rest|others?"
)
_NAME = rf"(?!(?:{_WORDS})\b)[A-Za-z][A-Za-z_]{{0,11}}+(?:_?\{{?\d{{1,3}}\}}?)?+"
_AND = r"(?:\s*,\s*(?:and\s+|und\s+|&\s*)?|\s+and\s+|\s+und\s+|\s*&\s*|\s+)"
_NAMES = rf"(?P<names>{_NAME}(?:{_AND}{_NAME}){{0,99}}+)"
_NUMBER = r"_?\{?(?P<group>\d{1,2})\}?"
_OPEN, _CLOSE = r"\s*[\[({]{0,2}\s*", r"\s*[\])}]{0,2}\s*"
_IS = r"\s*(?::|=|->|⇒|\b(?:is|are|has|holds|contains|consists\s+of|with)\b\s*:?+)"
_OF = r"(?:\s*(?:the\s+)?\b(?:points?|samples?|items?|members?)\b\s*:?\s*)?"
_BY_GROUP = lazy.pattern(rf"\W*(?:[A-Za-z]+\s*)?{_NUMBER}{_IS}{_OF}{_OPEN}{_NAMES}{_CLOSE}")
_BY_NAMES = lazy.pattern(
    rf"\W*{_OF}{_OPEN}{_NAMES}{_CLOSE}\s*(?:->|⇒|=|:|"
    r"\b(?:(?:is|are|belongs?|goes?|assigned|moves?)\s+)*(?:in|to|into)\b)"
    rf"\s*(?:the\s+)?(?:[A-Za-z]+\s*)?{_NUMBER}\W*"
)
# What a statement must begin or end with to be one of these. They are quicker to compile and to
# try, and most rows of a table fail them.
_BEGINS_WITH_GROUP = lazy.pattern(
    r"\W*(?:[A-Za-z]+\s*)?_?\{?\d{1,2}\}?\s*(?:(?:[:=⇒]|->)[\s:\[({]*)?[A-Za-z]"
)
_ENDS_WITH_GROUP = lazy.pattern(r"(?<!\d)\d{1,2}\W*\Z")
_LONGER_THAN_ONE = lazy.pattern(r"[A-Za-z]{3}|\d{3}")
_ONE_BY_ONE = lazy.pattern(
    rf"\W*(?:[A-Za-z]{{1,2}}[ :=(]?\d{{1,2}}\)?(?:[\s,;|]+|\Z)){{3,{_MOST_NAMES}}}"
)
_ONE = lazy.pattern(r"([A-Za-z]{1,2})[ :=(]?(\d{1,2})")
_BREAK = lazy.pattern(r"[;\n]|\.(?:\s|\Z)|[,}\])]\s*(?=(?:[A-Za-z]+\s*_?)?\{?\d{1,2}\}?\s*[:=])")
_BETWEEN = lazy.pattern(_AND)
_QUOTES = str.maketrans(dict.fromkeys("\"'$\\", " "))


def of_value(value: Plain) -> list[Line]:
    """Return a row for each name of a sheet's value, its number that of its group."""
    if isinstance(value, dict):
        return [line for key, item in value.items() for line in _listed(str(key), item)]
    if isinstance(value, list):
        return []
    return of_text(_typed.plain(_typed.scalar(value)))


def _listed(key: str, item: Plain) -> Iterator[Line]:
    if isinstance(item, list | str) and (group := re.search(r"(\d{1,2})\s*\Z", key)):
        names = item if isinstance(item, list) else _BETWEEN.split(item)
        words = [_typed.scalar(name) for name in names if not isinstance(name, list | dict)]
        if all(re.fullmatch(_NAME, word.strip()) for word in words):
            yield from _lines(words, group[1])


def of_text(text: str) -> list[Line]:
    """Return a row for each name of a plain text that lists names by groups, else none."""
    plain = text.translate(_QUOTES)
    is_short = len(plain) < _LONGEST and not _LONGER_THAN_ONE.search(plain)
    if is_short and _ONE_BY_ONE.fullmatch(plain):
        return [line for name, group in _ONE.findall(plain) for line in _lines([name], group)]
    found: list[Line] = []
    for statement in _BREAK.split(plain)[:_MOST_STATEMENTS]:
        if len(statement) > _LONGEST:
            continue
        if listed := _listing(statement):
            found += _lines(_BETWEEN.split(listed["names"]), listed["group"])
    return found[:_MOST_NAMES]


def _listing(statement: str) -> re.Match[str] | None:
    by_group = _BEGINS_WITH_GROUP.match(statement) and _BY_GROUP.fullmatch(statement)
    if by_group:
        return by_group
    return _BY_NAMES.fullmatch(statement) if _ENDS_WITH_GROUP.search(statement) else None


def _lines(names: list[str], group: str) -> list[Line]:
    number = (Numeral(float(group), step=1.0),)
    return [Line(name.strip(" {}"), number, source=f"{name.strip()}: {group}") for name in names]
