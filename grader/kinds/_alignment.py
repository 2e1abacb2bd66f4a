"""Which row of a student's table is which row of the right one: by name, else by kind and order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from grader import lazy
from grader.kinds._closeness import Closeness
from grader.kinds._tables import Line

# Cells of the alignment's table; beyond it the last lines are left out.
_MOST_CELLS = 40_000

# What matching a line with a row is worth: the value says most, then a known wrong value, then
# a value of the same size. A row that must be there costs more to leave out than to mismatch.
_RIGHT, _KNOWN, _NEAR, _SAME_KIND, _ANY = 3.0, 2.0, 1.0, 0.5, 0.25
_RANK = 0.4
_ZERO_FOR_NUMBER = -0.5
_LEFT_OUT_ROW, _LEFT_OUT_LINE = -0.8, -0.6

# Sums over longer runs are not looked for.
_LONGEST_RUN = 60

_TOTAL = lazy.pattern(
    r"\b(?:total|sum|overall|altogether|together|trainable|whole|entire|summe|gesamt|insgesamt)\b",
    re.IGNORECASE,
)
_TOKEN = lazy.pattern(r"[^\W\d_]+|\d+")
_GENERIC = lazy.pattern(
    r"layers?|blocks?|stages?|modules?|features?|classifier|net(?:work)?|model|steps?|rows?|level"
    r"|numbers?|no|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|st|nd|rd|th"
    r"|the|of|in|for|has|hidden|params?|parameters?|sequential|group|each|and|to|through|per"
)
_NOISE = lazy.pattern(r"layers?|block|the|params?|parameters?|number|of|no|each|in|for")
_DIMENSIONS = lazy.pattern(r"(?<=[a-z])[123]d(?![a-z])")
_LIST = lazy.pattern(r"\s*(?:,|/|&|\+|;|\band\b)\s*")
_RANGE = lazy.pattern(
    r"\s*(?:\bto\b|\bthrough\b|\.\.\.?|…|(?<=\d)\s*-\s*(?=[a-z])|(?<=\d)\s+-\s+)\s*"
)
_SHORT_RANGE = lazy.pattern(r"(?<=[._-])(\d+)\s*(?:-|to|\.\.)\s*((?:\d+[._-])?\d+)\s*\Z")


class Slot(NamedTuple):
    """A row that is asked for: its name and kind, its right value, and known wrong ones."""

    name: str
    value: float
    words: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    optional: bool = False
    known: tuple[float, ...] = ()

    def gave(self, values: Collection[float]) -> bool:
        """Return whether some values have the right one or a known wrong one."""
        return self.value in values or any(value in values for value in self.known)


class Aligned(NamedTuple):
    """What was found for each row, by its place among the slots.

    `sums` are rows that were only given as part of a sum. `totals` are the lines that say so;
    `extra` are lines that match nothing. `named` counts the lines that were found by name.
    """

    given: Mapping[int, Line]
    sums: Mapping[int, Line] = {}
    totals: tuple[Line, ...] = ()
    extra: tuple[Line, ...] = ()
    named: int = 0
    twice: tuple[str, ...] = ()


def align(
    lines: Sequence[Line], slots: Sequence[Slot], totals: Sequence[Slot], close: Closeness
) -> Aligned:
    """Return which line stands for which row.

    Names come first, whatever the order. The other lines keep their order, and where several
    rows may be meant the values decide, so that one line left out shifts nothing.
    """
    lines = lines[: max(1, _MOST_CELLS // max(1, len(slots)))]
    known = directory(tuple(slots))
    often = {label for label, times in Counter(line.label for line in lines).items() if times > 2}
    given: dict[int, Line] = {}
    sums: dict[int, Line] = {}
    twice: list[str] = []
    rest: list[Line] = []
    totalled: list[Line] = []
    for line in lines:
        # A label that stands again and again is the name of a kind, not of a row.
        targets = targets_of(line, known) if line.label not in often or line.heading else []
        if len(targets) > 1 and close.gives(line, sum(slots[place].value for place in targets)):
            sums.update(dict.fromkeys(targets, line))
        elif targets:
            twice += [slots[i].name for i in targets if i in given and not _agree(given[i], line)]
            given.update(dict.fromkeys(targets, line))
        elif _is_total(line, totals):
            totalled.append(line)
        else:
            rest.append(line)
    summed = _sum_lines(rest, slots, given, close)
    rest = [line for line in rest if line not in summed for _ in range(line.times)]
    named = len(given)
    if rest and not rest[-1].label and _sums_up(rest[-1], rest[:-1], totals, close):
        totalled.append(rest.pop())
    extra = _in_order(rest, slots, given, close)
    totalled += _given_as_sums(summed, slots, given, sums, close)
    return Aligned(given, sums, tuple(totalled), tuple(extra), named, tuple(twice))


def _agree(one: Line, other: Line) -> bool:
    return one.numbers[0].value == other.numbers[0].value


# --- by name ---------------------------------------------------------------------------------


class Directory(NamedTuple):
    """The rows by name: by the tokens of their names, by kind, and by the numbers in a name."""

    places: dict[tuple[str, ...], int]
    kinds: tuple[tuple[str, ...], ...]
    words: tuple[tuple[str, ...], ...]
    digits: tuple[tuple[int, ...], ...]


@lru_cache(maxsize=32)
def directory(slots: tuple[Slot, ...]) -> Directory:
    """Return the directory of the rows that are asked for."""
    places: dict[tuple[str, ...], int] = {}
    for place, slot in enumerate(slots):
        for name in (slot.name, *slot.aliases):
            tokens = tuple(_TOKEN.findall(name.lower()))
            places.setdefault(tokens, place)
            places.setdefault(_without_noise(tokens), place)
    places.pop((), None)
    return Directory(
        places=places,
        kinds=tuple(dict.fromkeys(slot.words for slot in slots if slot.words)),
        words=tuple(slot.words for slot in slots),
        digits=tuple(_digits(slot.name.lower()) for slot in slots),
    )


def _without_noise(tokens: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(token for token in tokens if not _NOISE.fullmatch(token))


def targets_of(line: Line, known: Directory) -> list[int]:
    """Return the rows that a line names: one, several (`a1, a2`), or a range (`a1 to a3`)."""
    if not line.label:
        return []
    one = _named(line.label, known)
    if line.heading and (one is None or not known.digits[one]):
        one = _named(f"{line.heading} {line.label}", known)
    if one is not None:
        return [one]
    text = line.label.lower()
    if len(re.findall(r"\d+", text)) < 2:
        return []
    ends = [_named(part, known) for part in _RANGE.split(text)]
    if len(ends) == 2 and ends[0] is not None and ends[1] is not None:
        return _between(ends[0], ends[1], known)
    short = _SHORT_RANGE.search(text)
    if short:
        head = text[: short.start()]
        stem = re.sub(r"\d+[._-]\Z", "", head) if re.search(r"[._-]", short[2]) else head
        first, last = _named(head + short[1], known), _named(stem + short[2], known)
        if first is not None and last is not None:
            return _between(first, last, known)
    return _several(text, known)


def is_name(word: str, known: Directory, totals: Sequence[Slot]) -> bool:
    """Return whether a word names a row, a kind of rows, or a total."""
    line = Line(word, ())
    return bool(
        _named(word, known) is not None or kind_of(word, known.kinds) or _is_total(line, totals)
    )


def _between(first: int, last: int, known: Directory) -> list[int]:
    """Return the rows of one kind from the first to the last."""
    return [i for i in range(first, last + 1) if known.words[i] == known.words[first]]


def _several(text: str, known: Directory) -> list[int]:
    """Return the rows of a list of names, in which later ones may leave out what is the same."""
    parts = [part for part in _LIST.split(text) if part]
    found: list[int] = []
    before = ""
    for part in parts if len(parts) > 1 else ():
        # `conv4_2, 4_3` and `conv4_2/3` leave out what was said before.
        ways = (part, re.sub(r"[\d._-]*\Z", "", before) + part, re.sub(r"\d+\Z", "", before) + part)
        named = ((way, _named(way, known)) for way in ways)
        whole, place = next(((way, at) for way, at in named if at is not None), ("", None))
        if place is None:
            return []
        found.append(place)
        before = whole
    return found


def _named(label: str, known: Directory) -> int | None:
    """Return the row that a label names, or None."""
    name = label.lower().partition("(")[0]
    tokens = tuple(_TOKEN.findall(name))
    place = known.places.get(tokens)
    if place is None:
        place = known.places.get(_without_noise(tokens))
    if place is not None:
        return place
    kind = kind_of(label, known.kinds)
    digits = _digits(name)
    if len(digits) < 2:
        return None
    found = [
        i
        for i, words in enumerate(known.words)
        if known.digits[i] == digits and (kind is None or words == kind)
    ]
    return found[0] if len(found) == 1 else None


def _digits(name: str) -> tuple[int, ...]:
    """Return the numbers in a name, without the one in `conv2d`."""
    return tuple(int(digits[:9]) for digits in re.findall(r"\d+", _DIMENSIONS.sub("", name)))


@lru_cache(maxsize=512)
def kind_of(label: str, kinds: tuple[tuple[str, ...], ...]) -> tuple[str, ...] | None:
    """Return the words of the kind that a label speaks of, or None; the longest word decides."""
    best: tuple[int, tuple[str, ...]] | None = None
    for words in kinds:
        for found in _pattern(words).finditer(label.lower()):
            length = found.end() - found.start()
            if best is None or length > best[0]:
                best = (length, words)
    return best[1] if best else None


@lru_cache(maxsize=64)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    spelled = [
        r"[\s_-]*".join(re.escape(part) for part in re.split(r"[\s_-]+", word.lower()) if part)
        for word in sorted(words, key=len, reverse=True)
    ]
    return lazy.pattern(rf"(?<![a-z])(?:{'|'.join(spelled)})s?(?![a-z])")


# --- totals and sums -------------------------------------------------------------------------


def _is_total(line: Line, totals: Sequence[Slot]) -> bool:
    label = line.label.lower()
    if not label:
        return False
    words = tuple(word for slot in totals for word in (slot.name, *slot.aliases))
    return _TOTAL.search(label) is not None or (bool(words) and bool(_pattern(words).search(label)))


def _sums_up(last: Line, before: Sequence[Line], totals: Sequence[Slot], close: Closeness) -> bool:
    """Return whether the last number of a bare list is the sum of the others."""
    if any(close.gives(last, slot.value) for slot in totals):
        return True
    own = sum(line.numbers[0].value for line in before)
    return len(before) > 1 and own != 0 and close.gives(last, own)


def _sum_lines(
    lines: Sequence[Line], slots: Sequence[Slot], given: dict[int, Line], close: Closeness
) -> list[Line]:
    """Return the lines that give a sum of rows; none where there is a line for every row."""
    known = directory(tuple(slots))
    kinds = {id(line): kind_of(line.label, known.kinds) for line in lines}
    found = []
    for line in lines:
        kind = kinds[id(line)]
        rows = [
            i
            for i, slot in enumerate(slots)
            if i not in given and slot.value and kind in (None, slot.words)
        ]
        alike = [each for each in lines if kinds[id(each)] == kind and each.numbers[0].value]
        if (len(alike) < len(rows) or not line.label) and _runs_of(line, slots, close):
            found.append(line)
    return found


def _runs_of(line: Line, slots: Sequence[Slot], close: Closeness) -> list[tuple[int, int]]:
    """Return the runs of rows whose sum a line gives, where it is no row's own value."""
    runs = _runs(tuple(slot.value for slot in slots))
    found = [run for number in line.numbers for run in runs.get(number.value, ())]
    own = (value for slot in slots for value in (slot.value, *slot.known))
    return [] if not found or any(close.gives(line, value) for value in own) else found


@lru_cache(maxsize=32)
def _runs(values: tuple[float, ...]) -> dict[float, list[tuple[int, int]]]:
    """Return the runs of rows (first, last) for each sum of two or more in a row."""
    runs: dict[float, list[tuple[int, int]]] = {}
    for first, total in enumerate(values):
        for last in range(first + 1, min(len(values), first + _LONGEST_RUN)):
            total += values[last]
            if values[first] and values[last]:
                runs.setdefault(total, []).append((first, last))
    return runs


def _given_as_sums(
    lines: Sequence[Line],
    slots: Sequence[Slot],
    given: dict[int, Line],
    sums: dict[int, Line],
    close: Closeness,
) -> list[Line]:
    """Note the rows that only a sum stands for; return the sums that are mere subtotals."""
    subtotals = []
    for line in lines:
        runs = _runs_of(line, slots, close)
        missing = [
            [i for i in range(*run) if i not in given and i not in sums and not slots[i].optional]
            for run in ((first, last + 1) for first, last in runs)
        ]
        widest = max(missing, key=len)
        if widest:
            sums.update(dict.fromkeys(widest, line))
        else:
            subtotals.append(line)
    return subtotals


# --- by order --------------------------------------------------------------------------------


class _Labelled(NamedTuple):
    """A line with what its label tells: its kind, its number, whether it is about other things."""

    line: Line
    kind: tuple[str, ...] | None
    number: int | None
    is_foreign: bool


def _labelled(line: Line, known: Directory) -> _Labelled:
    kind = kind_of(line.label, known.kinds)
    digits = _digits(line.label.lower().partition("(")[0])
    number = (*digits, 0)[0] if line.label and len(digits) < 2 else None
    words = re.findall(r"[a-z]+", line.label.lower()) if kind is None else []
    is_foreign = bool(known.kinds) and not all(_GENERIC.fullmatch(word) for word in words)
    return _Labelled(line, kind, number, is_foreign)


def _in_order(
    lines: Sequence[Line], slots: Sequence[Slot], given: dict[int, Line], close: Closeness
) -> list[Line]:
    """Give lines without a known name to the rows that are left; return those that fit none."""
    places = [place for place in range(len(slots)) if place not in given]
    known = directory(tuple(slots))
    labelled = [_labelled(line, known) for line in lines]
    asked = [slots[place] for place in places]
    scores = [_scores(each, asked, close) for each in labelled]
    first: dict[tuple[str, ...] | None, int] = {}
    for row, each in enumerate(labelled):
        if each.number is not None:
            start = first.setdefault(each.kind, each.number)
            _favour(scores[row], each.number - start, [
                i for i, place in enumerate(places) if each.kind in (None, slots[place].words)
            ])  # fmt: skip
    left_out = [0.0 if line.numbers[0].value == 0 else _LEFT_OUT_LINE for line in lines]
    open_rows = [0.0 if slots[place].optional else _LEFT_OUT_ROW for place in places]
    chosen = _best_path(scores, left_out, open_rows)
    for row, column in chosen.items():
        given[places[column]] = lines[row]
    return [line for row, line in enumerate(lines) if row not in chosen]


def _scores(each: _Labelled, slots: Sequence[Slot], close: Closeness) -> list[float | None]:
    """Return what it is worth to take a line for each row; None where it cannot be meant."""
    given = close.values(each.line)
    value = abs(each.line.numbers[0].value)
    return [_score(each, slot, given, value) for slot in slots]


def _score(each: _Labelled, slot: Slot, given: frozenset[float], value: float) -> float | None:
    if each.kind is not None and slot.words and slot.words != each.kind:
        return None
    if slot.value in given:
        if each.is_foreign:
            return _NEAR if slot.value else None
        return _RIGHT
    if each.is_foreign:
        return None
    if given and not given.isdisjoint(slot.known):
        return _KNOWN
    if slot.optional and each.kind is None and not _is_near(value, slot.value):
        return None  # a number without a name is no row that nobody asked for
    if (value == 0) != (slot.value == 0):
        return _ZERO_FOR_NUMBER
    if _is_near(value, slot.value):
        return _NEAR
    return _SAME_KIND if each.kind is not None else _ANY


def _is_near(value: float, right: float) -> bool:
    return bool(right) and 0.5 <= value / abs(right) <= 2


def _favour(scores: list[float | None], rank: int, of_kind: Sequence[int]) -> None:
    """Raise the score of the row that a numbered label would be, counted within its kind."""
    if 0 <= rank < len(of_kind):
        score = scores[of_kind[rank]]
        scores[of_kind[rank]] = None if score is None else score + _RANK


def _best_path(
    scores: Sequence[Sequence[float | None]], lines: Sequence[float], rows: Sequence[float]
) -> dict[int, int]:
    """Return the matching (line -> row), both in order, whose scores add up to the most."""
    width = len(rows)
    best = [[0.0] * (width + 1) for _ in range(len(lines) + 1)]
    for i in range(len(lines) - 1, -1, -1):
        best[i][width] = best[i + 1][width] + lines[i]
    for j in range(width - 1, -1, -1):
        best[len(lines)][j] = best[len(lines)][j + 1] + rows[j]
    for i in range(len(lines) - 1, -1, -1):
        here, below, score = best[i], best[i + 1], scores[i]
        for j in range(width - 1, -1, -1):
            skip = max(below[j] + lines[i], here[j + 1] + rows[j])
            worth = score[j]
            here[j] = skip if worth is None else max(skip, below[j + 1] + worth)
    return dict(_walk(best, scores, rows))


def _walk(
    best: Sequence[Sequence[float]],
    scores: Sequence[Sequence[float | None]],
    rows: Sequence[float],
) -> Iterator[tuple[int, int]]:
    i = j = 0
    while i < len(scores) and j < len(rows):
        worth = scores[i][j]
        if worth is not None and best[i][j] == best[i + 1][j + 1] + worth:
            yield i, j
            i, j = i + 1, j + 1
        elif best[i][j] == best[i][j + 1] + rows[j]:
            j += 1
        else:
            i += 1
