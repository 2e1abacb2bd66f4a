"""Other ways to read a table: known names, and the numbers that stand behind them.

A row whose number stands among others, such as `conv1 1792 (7 KB)`, is not decided by its own
line: of all numbers in a line the answer is the one at the same place in every line. What that
place is, the reader of the rows asks of the right values.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from grader import lazy
from grader.kinds import _numerals
from grader.kinds._numerals import Numeral
from grader.kinds._tables import Line

_MOST_SEGMENTS = 120
_MOST_NUMBERS = 12
_MOST_PIECES = 1_000
# So far from a number stands what makes a factor or a label of it.
_NEAR = 12
_LONGEST_TEXT = 8_000
_LONGEST_LABEL = 80
_MOST_TIMES = 20
_PLACES = (0, -1, 1, -2)

_PIECE = lazy.pattern(
    r"(?P<name>[A-Za-z]\w{0,40}(?:[.-]\w{1,20}){0,3}(?:\s\d{1,2}(?:[._]\d{1,2}|(?=\s?[:=])))?"
    r"|(?<![\w.,*])\d{1,2}_\d{1,2}(?![\d_]))"
    # Behind a name or a number a dash joins: conv-3, 3 - 5; elsewhere it is a sign.
    rf"|(?P<number>(?:(?<![\w)\]%]\s)(?<![\w)\]%])-)?(?<![\w.^]){_numerals.NUMERAL})"
    r"(?!\w|[*]\s?\d)"
)
_GENERIC = lazy.pattern(
    r"(?:block|stage|layer|group|part|step|module|level|no|eq|row)s?\.?\s?\Z", re.I
)
_FACTOR_BEFORE = lazy.pattern(r"(?<![\w*^/(.,-])(\d{1,2})\s?[*xX]\s?\Z")
_FACTOR_BEHIND = lazy.pattern(r"\s?\(?\s?[*xX]\s?(\d{1,2})(?![\d.]|\s?[*xX^/+])\)?")
_IS_FACTOR = lazy.pattern(r"\s?\)?\s?(?:[*^]|[xX]\s?[\dA-Za-z(])")
_SAME = lazy.pattern(
    r"\b(?:same|ditto|identical|likewise|dito)\b|[\"〃]\s*(?:\||\Z)", re.IGNORECASE
)
_ADDED = lazy.pattern(r"[^\d]*\+[^\d]*|\D*\bweights?\b\D*(?:\band\b|,|\bplus\b)\D*", re.I)
_OPERATORS = frozenset("*^")


class Segment(NamedTuple):
    """Names that stand together, the numbers behind them, and for how many rows each stands.

    `between` is what stands between the first two numbers.
    """

    label: str
    numbers: tuple[tuple[Numeral, ...], ...]
    times: tuple[int, ...]
    text: str
    between: str = ""

    def at(self, place: int) -> Line | None:
        """Return the row with the number at a place, counted from the end where it is negative."""
        inside = -len(self.numbers) <= place < len(self.numbers)
        if not inside:
            return None
        return Line(self.label, self.numbers[place], self.text, times=self.times[place])


class Way(NamedTuple):
    """The rows as one way of reading finds them, and what is said of the way.

    It is the only one where no line has more than one number.
    """

    rows: list[Line]
    said: str
    is_only: bool = False


def ways(text: str, is_name: Callable[[str], bool]) -> Iterator[Way]:
    """Yield the rows of a plain text in each further way to read it."""
    segments = list(itertools.islice(_segments(text[:_LONGEST_TEXT], is_name), _MOST_SEGMENTS))
    widest = max((len(each.numbers) for each in segments), default=0)
    for place in _PLACES:
        if (place if place >= 0 else -place - 1) < widest:
            rows = [row for each in segments if (row := each.at(place) or each.at(-1))]
            said = f"number {place + 1 if place >= 0 else place} of each line"
            yield Way(rows, said, widest == 1)
    if widest > 1:
        yield Way([row for each in segments if (row := _counted(each))], "with its count in front")
        yield Way([row for each in segments if (row := _added(each))], "the sum of each line")
        rows = [row for each in segments for row in _each(each)]
        yield Way(rows, "all numbers in their order")


def numbers(text: str) -> Iterator[tuple[Numeral, ...]]:
    """Yield the readings of every number in a plain text that is no part of a name."""
    for piece in itertools.islice(_PIECE.finditer(text[:_LONGEST_TEXT]), _MOST_PIECES):
        if piece["number"] and (readings := _numerals.read(piece["number"])):
            yield readings


def _each(segment: Segment) -> list[Line]:
    """Return a row for every number of a segment, but for their sum at its end."""
    rows = [
        Line(segment.label if len(segment.numbers) == 1 else "", numbers, segment.text, times=times)
        for numbers, times in zip(segment.numbers, segment.times, strict=True)
    ]
    total = sum(row.numbers[0].value for row in rows[:-1])
    return rows[:-1] if len(rows) > 2 and rows[-1].numbers[0].value == total else rows


def _counted(segment: Segment) -> Line | None:
    """Return the row of `conv | 3 | 590080`, whose first number says how often it stands."""
    if len(segment.numbers) < 2:
        return segment.at(0)
    count = segment.numbers[0][0].value
    row = segment.at(1)
    is_count = count in range(1, _MOST_TIMES)
    return row._replace(times=int(count)) if row and is_count else row


def _added(segment: Segment) -> Line | None:
    """Return the row of `90 weights + 10 biases`."""
    if len(segment.numbers) != 2 or not _ADDED.fullmatch(segment.between):
        return segment.at(-1)
    total = sum(numbers[0].value for numbers in segment.numbers)
    return Line(segment.label, (Numeral(total, step=1.0),), segment.text)


def _segments(text: str, is_name: Callable[[str], bool]) -> Iterator[Segment]:
    """Yield the segments of a text; who writes `same` means the numbers of another one."""
    known: dict[str, Segment] = {}
    last: Segment | None = None
    for line in text.split("\n"):
        for found in _of_line(line, is_name):
            each = found if found.numbers else _repeated(found, known, last)
            if each is not None:
                known[each.label.lower()] = last = each
                yield each


def _repeated(
    segment: Segment, known: Mapping[str, Segment], last: Segment | None
) -> Segment | None:
    """Return a segment without a number of its own, with those that it repeats, if any."""
    again = _SAME.search(segment.text)
    source = last
    label = segment.label
    if again is None:
        return None
    for name in known:
        if segment.text.lower().find(name, again.end()) >= 0:
            source, label = known[name], segment.text[: again.start()].strip(" :=|,-")
    return (
        segment._replace(label=label, numbers=source.numbers, times=source.times)
        if source
        else None
    )


class _Number(NamedTuple):
    """A number in a line: its readings, how often it stands, and where."""

    readings: tuple[Numeral, ...]
    times: int
    start: int
    stop: int


def _of_line(line: str, is_name: Callable[[str], bool]) -> Iterator[Segment]:
    """Yield the segments of a line: a new one begins where a name follows a number."""
    names: list[re.Match[str]] = []
    found: list[_Number] = []
    start = 0
    for piece in itertools.islice(_PIECE.finditer(line), _MOST_PIECES):
        if piece["number"]:
            number = _number(line, piece)
            found += [number] if number else []
        elif is_name(piece["name"]):
            if found and names:
                yield from _paired(line, start, piece.start(), names, found)
                names, found, start = [], [], piece.start()
            names.append(piece)
    yield from _paired(line, start, len(line), names, found)


def _paired(
    line: str, start: int, stop: int, names: Sequence[re.Match[str]], found: Sequence[_Number]
) -> Iterator[Segment]:
    """Yield a segment, or one for each name where there are as many numbers as names."""
    text = line[start:stop].strip()
    if len(names) == len(found) > 1:
        for name, each in zip(names, found, strict=True):
            yield Segment(name[0], (each.readings,), (each.times,), text)
    elif names or found:
        label = line[names[0].start() : names[-1].end()] if names else ""
        kept = found[:_MOST_NUMBERS]
        yield Segment(
            label=label.replace("=", ",")[:_LONGEST_LABEL],
            numbers=tuple(each.readings for each in kept),
            times=tuple(each.times for each in kept),
            text=text,
            between=line[kept[0].stop : kept[1].start] if len(kept) > 1 else "",
        )


def _number(line: str, piece: re.Match[str]) -> _Number | None:
    """Return the readings of a number and how often it stands; None for a factor or a label."""
    before = line[max(0, piece.start() - _NEAR) : piece.start()]
    behind = line[piece.end() : piece.end() + _NEAR]
    readings = () if _GENERIC.search(before) else _numerals.read(piece["number"])
    times = _FACTOR_BEFORE.search(before) or _FACTOR_BEHIND.match(behind)
    if not readings:
        return None
    if times and readings[0].value > _MOST_TIMES and int(times[1]) < _MOST_TIMES:
        return _Number(readings, int(times[1]), piece.start(), piece.end())
    if before.rstrip()[-1:] in _OPERATORS or _IS_FACTOR.match(behind):
        return None
    return _Number(readings, 1, piece.start(), piece.end())
