"""A table of names and numbers, such as parameters per layer, in whatever form it was pasted."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from grader import lazy
from grader.errors import ReferenceFault, Unreadable
from grader.kinds import (
    Call,
    Case,
    _alignment,
    _groups,
    _numerals,
    _segments,
    _slips,
    _tables,
    _typed,
    _wanted,
)
from grader.kinds._alignment import Aligned, Slot
from grader.kinds._closeness import DIGITS, DIGITS_OF_FRACTION, RTOL, Closeness, kept_digits
from grader.kinds._tables import Line
from grader.model import Answer, Check, Judgement, Mistake, Question, Recognised
from grader.values import Plain, shorten

# More names than these are counted, not listed.
_MOST_NAMED = 8
# Below this share of the rows that carry marks, a person looks at how the table was read.
_ENOUGH_ROWS = 0.5
# So many of an answer's last tables are looked at by themselves.
_MOST_TABLES = 8
# An answer with more lines than so many for each row, and so many more, is not read again.
_MOST_LINES_PER_ROW, _MOST_LINES_MORE = 3, 30
# A way of reading that explains less than this of the rows is no better than another.
_ENOUGH_EXPLAINED = 0.7
_SIGNS_OF_PATTERN = frozenset("*?[")
# So many odd rows are more likely misread than wrong.
_ENOUGH_ODD = 4
# Own sums are looked for among runs of so many rows.
_MOST_SUMMED = 60
_OR = lazy.pattern(r"\d\s?(?:\(|\[)?\s?or\s[^\d\n]{0,12}\d")

_NAME: Mapping[str, Any] = {"type": "string", "minLength": 1}
_GLOB = {**_NAME, "description": "The name of a row of the reference; conv* stands for several."}

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "anyOf": [{"required": ["expect"]}, {"required": ["value"]}],
    "properties": {
        **_wanted.WORDS,
        "value": {
            "type": "object",
            "additionalProperties": {"type": "number"},
            "description": "The right rows themselves, in order: name to number.",
        },
        "rtol": {"type": "number", "minimum": 0, "description": f"Per number; {RTOL:g}."},
        "atol": {"type": "number", "minimum": 0, "description": "Per number; 0."},
        "digits": {
            "type": "integer",
            "minimum": 1,
            "description": "Significant digits from which a rounded number is right; "
            f"{DIGITS} for a whole number, {DIGITS_OF_FRACTION} for others.",
        },
        "rows": {
            "type": "array",
            "description": "What holds for some of the rows; rows of which nothing is said share "
            "the points alike.",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name"],
                "properties": {
                    "name": _GLOB,
                    "like": {
                        "type": "array",
                        "items": _NAME,
                        "description": "Words by which rows of this kind are known (for a name "
                        "with *), or further names of the one row.",
                    },
                    "points": {
                        "type": "number",
                        "exclusiveMinimum": 0,
                        "description": "The weight of each of these rows; 1 if not said.",
                    },
                    "optional": {
                        "type": "boolean",
                        "description": "The row may be absent and carries no marks.",
                    },
                    "cost": {
                        "type": "number",
                        "minimum": 0,
                        "description": "What a wrong optional row or total costs, in points; 0.",
                    },
                    "sum": {
                        "type": "array",
                        "items": _GLOB,
                        "minItems": 1,
                        "description": "The row is a total over these rows.",
                    },
                },
            },
        },
    },
}
MISTAKE: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        **_wanted.WORDS,
        "value": {"type": "number", "description": "The wrong number, with 'row'."},
        "row": {
            **_NAME,
            "description": "The row or rows (conv*) that show the mistake; all, if not said. "
            "What it costs is never more than its rows are worth.",
        },
        "whole": {
            "type": "boolean",
            "description": "Known only where all of its rows show it, such as two clusters that "
            "are exchanged; else one row is enough.",
        },
        "unless_stated": _wanted.UNLESS_STATED,
    },
}


class Got(NamedTuple):
    """The rows that were read; the whole answer made plain, for what is stated in it.

    `groups` are the rows of an answer that lists names by the number of their group.
    """

    lines: tuple[Line, ...]
    text: str = ""
    groups: tuple[Line, ...] = ()


class Row(NamedTuple):
    """A row that is asked for, with its weight among the rows that carry marks, or its cost."""

    slot: Slot
    weight: float = 1.0
    cost: float = 0.0


class Want(NamedTuple):
    """The right rows in order, the totals over some of them, and the mistakes' tables.

    `values` are all right and known wrong numbers, in ascending order; `weight` is that of all
    rows together.
    """

    rows: tuple[Row, ...]
    totals: tuple[Row, ...] = ()
    mistakes: Mapping[str, Mapping[str, float]] = {}
    values: tuple[float, ...] = ()
    weight: float = 1.0

    @property
    def slots(self) -> list[Slot]:
        """Return the rows as they are looked for."""
        return [row.slot for row in self.rows]


# --- the right table -------------------------------------------------------------------------


def expect(check: Check, question: Question, call: Call) -> Want:
    """Return the right rows, the totals, and the tables that the mistakes lead to."""
    values = _numbers(_wanted.right(check, question, call))
    rules = check.options.get("rows", ())
    totals = {rule["name"]: _sum(rule, values) for rule in rules if "sum" in rule}
    for rule in rules:
        if "sum" not in rule and not any(_fits(name, rule["name"]) for name in values):
            raise ReferenceFault(f"rows: '{rule['name']}' is no row of the reference")
    for mistake in check.mistakes:
        row = mistake.options.get("row", "*")
        if not any(_fits(name, row) for name in (*values, *totals)):
            raise ReferenceFault(f"the mistake '{mistake.id}': '{row}' is no row of the reference")
    mistakes = {
        mistake.id: _mistaken(
            mistake, values, totals, _wanted.wrong(mistake, check, question, call)
        )
        for mistake in check.mistakes
    }
    known = {
        name: tuple(dict.fromkeys(each[name] for each in mistakes.values() if name in each))
        for name in (*values, *totals)
    }
    wrong = (number for each in mistakes.values() for number in each.values())
    rows = tuple(_row(name, value, rules, known[name]) for name, value in values.items())
    return Want(
        rows=rows,
        totals=tuple(_total(rule, totals, known) for rule in rules if "sum" in rule),
        mistakes=mistakes,
        values=tuple(sorted({*values.values(), *totals.values(), *wrong})),
        weight=sum(row.weight for row in rows),
    )


def _numbers(value: Any) -> dict[str, float]:
    """Return a reference's table: a mapping, or a list of names with numbers."""
    if isinstance(value, list) and all(isinstance(item, list) and len(item) == 2 for item in value):
        value = {str(name): number for name, number in value}
    if not isinstance(value, dict) or not value:
        raise ReferenceFault("expected a mapping from names to numbers from the reference")
    return {name: _wanted.scalar(number) for name, number in value.items()}


def _fits(name: str, pattern: str) -> bool:
    """Return whether a name is one of a pattern; most are a name, or end in their only star."""
    stem = pattern.removesuffix("*")
    if not _SIGNS_OF_PATTERN.isdisjoint(stem):
        return fnmatchcase(name, pattern)
    return name == pattern if stem == pattern else name.startswith(stem)


def _sum(rule: Mapping[str, Any], values: Mapping[str, float]) -> float:
    return sum(
        value
        for name, value in values.items()
        if any(_fits(name, pattern) for pattern in rule["sum"])
    )


def _row(
    name: str, value: float, rules: Sequence[Mapping[str, Any]], known: tuple[float, ...]
) -> Row:
    """Return a row with what the rules say of it; the exact name wins over a pattern."""
    mine = [rule for rule in rules if "sum" not in rule and _fits(name, rule["name"])]
    mine.sort(key=lambda rule: rule["name"] != name)
    merged: dict[str, Any] = {}
    for rule in reversed(mine):
        merged |= rule
    words = [word for rule in mine if rule["name"] != name for word in rule.get("like", ())]
    aliases = [word for rule in mine if rule["name"] == name for word in rule.get("like", ())]
    optional = merged.get("optional", False)
    slot = Slot(name, value, tuple(words), tuple(aliases), optional, known)
    return Row(slot, 0.0 if optional else merged.get("points", 1.0), merged.get("cost", 0.0))


def _total(
    rule: Mapping[str, Any], totals: Mapping[str, float], known: Mapping[str, tuple[float, ...]]
) -> Row:
    name = rule["name"]
    slot = Slot(name, totals[name], (), tuple(rule.get("like", ())), True, known[name])
    return Row(slot, 0.0, rule.get("cost", 0.0))


def _mistaken(
    mistake: Mistake, values: Mapping[str, float], totals: Mapping[str, float], wrong: Any
) -> dict[str, float]:
    """Return the rows that a mistake makes wrong, with the numbers that it leads to."""
    if wrong is None:
        return {}
    pattern = mistake.options.get("row", "*")
    if isinstance(wrong, dict):
        table = {name: _wanted.scalar(number) for name, number in wrong.items()}
    else:
        table = dict.fromkeys((*values, *totals), _wanted.scalar(wrong))
    right = {**values, **totals}
    return {
        name: number
        for name, number in table.items()
        if name in right and number != right[name] and _fits(name, pattern)
    }


def show(want: Want) -> str:
    """Return the right table, a line for each row."""
    return "\n".join(
        f"{row.slot.name}: {_shown(row.slot.value)}" for row in (*want.rows, *want.totals)
    )


def _shown(value: float) -> str:
    return f"{int(value):,}" if value == int(value) else _numerals.in_thousands(value)


# --- reading ---------------------------------------------------------------------------------


def read(answer: Answer, check: Check, question: Question) -> Got | None:
    """Return the rows of an answer, or None where it says nothing."""
    value = _picked(answer.value, check)
    source = _typed.lines_of(value)
    if _typed.is_blank(source):
        return None
    lines, groups = _tables.of_value(value), _groups.of_value(value)
    text = _typed.plain(source)
    if not lines and not groups and not _typed.has_digit(text):
        raise _no_rows(answer.text)
    return Got(tuple(lines), text, tuple(groups))


def _no_rows(text: str) -> Unreadable:
    return Unreadable(
        "expected rows of a name and a number, found none that could be read",
        text=text[: _typed.LONGEST],
        position=0,
    )


def _picked(value: Plain, check: Check) -> Plain:
    if isinstance(value, dict):
        for name in (check.field, *check.names):
            if isinstance(value.get(name), list | dict | str):
                return value[name]
    return value


# --- judging ---------------------------------------------------------------------------------


class _Account:
    """What is lost, what is said of it, and what a person should look at, as it adds up."""

    def __init__(self) -> None:
        self.lost = 0.0
        self.say: list[str] = []
        self.staff: list[str] = []
        self.mistakes: list[Recognised] = []
        self.reasons: list[str] = []
        self.unexplained: set[int] = set()  # places of wrong rows that no slip explains


def judge(got: Got, want: Want, case: Case) -> Judgement:
    """Return the share of the right rows, less what wrong optional rows and totals cost."""
    account = _Account()
    close = Closeness(case.check.options, want.values)
    aligned = _reread(_aligned(got, want, close), got, want, close, account)
    if not (got.lines or got.groups or aligned.given):
        raise _no_rows(got.text)
    _charge_slips(aligned, got, want, case, close, account)
    _charge_missing(aligned, want, account)
    _charge_totals(aligned, want, case, close, account)
    _look_over(aligned, got, want, close, account)
    answered = bool(aligned.given or aligned.sums or aligned.totals)
    return Judgement(
        credit=max(0.0, round(1.0 - account.lost, 9)) if answered else 0.0,
        say=" ".join(dict.fromkeys(account.say)),
        staff="; ".join(dict.fromkeys(account.staff)),
        mistakes=tuple(account.mistakes),
        evidence=_evidence(aligned, got),
        review=1.0 if account.reasons else 0.0,
        reason="; ".join(dict.fromkeys(account.reasons)) or None,
    )


def _aligned(got: Got, want: Want, close: Closeness) -> Aligned:
    """Return the alignment of the last table that answers as much as all of them together."""
    slots = want.slots
    totals = [row.slot for row in want.totals]
    whole = _alignment.align(got.lines, slots, totals, close)
    if got.groups:
        known = _alignment.directory(tuple(slots))
        grouped = [line for line in got.groups if _alignment.targets_of(line, known)]
        by_group = _alignment.align(grouped, slots, totals, close)
        if _answered(by_group) > whole.named:
            return by_group
    tables = sorted({line.table for line in got.lines}, reverse=True)[:_MOST_TABLES]
    for table in tables if len(tables) > 1 else ():
        lines = [line for line in got.lines if line.table == table]
        one = _alignment.align(lines, slots, totals, close)
        if _answered(one) >= _answered(whole):
            return one
    return whole


def _reread(aligned: Aligned, got: Got, want: Want, close: Closeness, account: _Account) -> Aligned:
    """Return the rows as another way of reading finds them, where it explains more of them.

    Which number of a line is meant is told by all lines together: the place at which most rows are
    right, or wrong in a known way. Where the first reading is a known slip in most rows, it stands,
    and a person looks.
    """
    carrying = sum(not row.slot.optional for row in want.rows)
    before = best = _explained(aligned, want, close)
    is_computed = _is_computed(aligned)
    if before.right == carrying or not (is_computed or _may_hold_more(aligned, got, want, close)):
        return aligned
    if is_computed:
        best = before._replace(known=0)
    slots, totals = want.slots, [row.slot for row in want.totals]
    known = _alignment.directory(tuple(slots))
    chosen, way = aligned, None
    for each in _segments.ways(got.text, lambda word: _alignment.is_name(word, known, totals)):
        if len(each.rows) > _MOST_LINES_PER_ROW * len(slots) + _MOST_LINES_MORE:
            continue
        one = _alignment.align(each.rows, slots, totals, close)
        score = _explained(one, want, close)
        if score.worth > best.worth:
            chosen, way, best = one, each, score
    if way is None or (aligned.given and best.all < _ENOUGH_EXPLAINED * carrying):
        return aligned
    if (best.all <= before.all and not is_computed) or _leaves_out(chosen, want) > carrying / 4:
        account.reasons.append(f"another reading ({way.said}) has more right numbers")
        return aligned
    if best.all < carrying or not (way.is_only or _tells(want)):
        account.reasons.append(f"read as {way.said}")
    account.staff.append(f"read as {way.said}")
    return chosen._replace(extra=())


def _may_hold_more(aligned: Aligned, got: Got, want: Want, close: Closeness) -> bool:
    """Return whether an answer has numbers that were not taken and explain a row better."""
    if _tables.is_plain(got.lines, got.text):
        return False
    rows = {place: row.slot for place, row in enumerate(want.rows) if not row.slot.optional}
    given = {place: close.values(line) for place, line in aligned.given.items() if place in rows}
    odd = [place for place, slot in rows.items() if not slot.gave(given.get(place, ()))]
    if len(odd) >= len(rows) / 2 or not rows.keys() <= given.keys() | aligned.sums.keys():
        return True
    there = Counter(
        value
        for readings in _segments.numbers(got.text)
        for value in close.values(Line("", readings))
    )
    there.subtract(value for values in given.values() for value in values)
    return any(
        there[slot.value] > 0 or (place in odd and any(there[value] > 0 for value in slot.known))
        for place, slot in rows.items()
        if slot.value not in given.get(place, ())
    )


def _leaves_out(aligned: Aligned, want: Want) -> int:
    """Return how many numbers belong to no row, though they are as large as those of the rows."""
    smallest = min(abs(row.slot.value) for row in want.rows if not row.slot.optional)
    return sum(abs(line.numbers[0].value) >= smallest > 0 for line in aligned.extra)


class _Explained(NamedTuple):
    """How many of the rows that carry marks are right, and how many wrong in a known way."""

    right: int
    known: int

    @property
    def all(self) -> int:
        return self.right + self.known

    @property
    def worth(self) -> float:
        return self.right + self.known / 2


def _explained(aligned: Aligned, want: Want, close: Closeness) -> _Explained:
    right = known = 0
    for place, row in enumerate(want.rows):
        line = aligned.given.get(place)
        if row.slot.optional:
            continue
        values = close.values(line) if line else ()
        if place in aligned.sums or row.slot.value in values:
            right += 1
        else:
            known += row.slot.gave(values)
    return _Explained(right, known)


def _is_computed(aligned: Aligned) -> bool:
    """Return whether the numbers that were read are products such as 28 x 28 x 6, not typed."""
    notes = {line.numbers[0].note for line in aligned.given.values() if line.numbers[0].value}
    return notes == {"computed"}


def _tells(want: Want) -> bool:
    """Return whether the right numbers are too long to be met by chance."""
    values = {row.slot.value for row in want.rows if not row.slot.optional}
    return sum(len(f"{value:.6g}".strip("0.-")) > 2 for value in values) > 2


def _answered(aligned: Aligned) -> int:
    return len(aligned.given.keys() | aligned.sums.keys())


def _loss(row: Row, want: Want, case: Case) -> float:
    """Return the share of the points that a wrong row costs by itself."""
    if row.slot.optional:
        return row.cost / case.check.points
    return row.weight / want.weight


def _charge_slips(
    aligned: Aligned, got: Got, want: Want, case: Case, close: Closeness, account: _Account
) -> None:
    """Charge the wrong rows: those that one slip explains once, the others one by one."""
    wrong = {
        place
        for place, line in aligned.given.items()
        if not close.gives(line, want.rows[place].slot.value)
    }
    while wrong:
        mistake, places = _widest(aligned, wrong, want, case, close)
        if mistake is None:
            break
        wrong -= places
        losses = sum(_loss(want.rows[place], want, case) for place in places)
        names = [want.rows[place].slot.name for place in sorted(places)]
        _charge(mistake, losses, names, got, case, account)
    account.lost += sum(_loss(want.rows[place], want, case) for place in wrong)
    account.unexplained = wrong
    if wrong:
        names = [want.rows[place].slot.name for place in sorted(wrong)]
        account.say.append(f"Not right: {_some(names)}.")


def _widest(
    aligned: Aligned, wrong: set[int], want: Want, case: Case, close: Closeness
) -> tuple[Mistake | None, set[int]]:
    """Return the mistake that explains the most of the wrong rows, and which rows."""
    best: tuple[Mistake | None, set[int]] = None, set()
    names = {row.slot.name for row in want.rows}
    for mistake in case.check.mistakes:
        table = want.mistakes.get(mistake.id, {})
        places = {
            place
            for place in wrong
            if want.rows[place].slot.name in table
            and close.gives(aligned.given[place], table[want.rows[place].slot.name])
        }
        if mistake.options.get("whole") and len(places) < len(table.keys() & names):
            continue
        if len(places) > len(best[1]):
            best = mistake, places
    return best


def _charge(
    mistake: Mistake,
    losses: float,
    names: Sequence[str],
    got: Got,
    case: Case,
    account: _Account,
) -> None:
    """Charge one slip: what its rows are worth, at most what the mistake costs, or nothing."""
    if _slips.is_stated(got.text, mistake.options.get("unless_stated")):
        account.staff.append(f"{mistake.id}: excused, because the answer states it")
        return
    settled = _slips.settle([mistake], case)
    account.lost += min(losses, 1.0 - settled.credit)
    account.mistakes.extend(settled.recognised)
    account.say.append(f"{settled.say} Rows: {_some(names)}.")


def _charge_missing(aligned: Aligned, want: Want, account: _Account) -> None:
    """Charge the rows that carry marks and were not found, not even as part of a sum."""
    missing = [
        row
        for place, row in enumerate(want.rows)
        if not row.slot.optional and place not in aligned.given and place not in aligned.sums
    ]
    if not missing:
        return
    account.lost += sum(row.weight for row in missing) / want.weight
    account.say.append(f"No number was found for {_some([row.slot.name for row in missing])}.")


def _charge_totals(
    aligned: Aligned, want: Want, case: Case, close: Closeness, account: _Account
) -> None:
    """Charge a total that is neither right nor the sum of the student's own rows."""
    own: set[float] = set()
    charged: set[float] = set()
    largest = max((line.numbers[0].value for line in aligned.given.values()), default=0.0)
    for line in aligned.totals:
        number = line.numbers[0].value
        # What is less than one of its rows was hardly meant as their sum.
        if number == 0 or number in charged or 0 < number < largest:
            continue
        if any(close.gives(line, row.slot.value) for row in want.totals):
            continue
        own = own or _own_sums([*aligned.given.items()], want, close) | _right_sums(want)
        if number in own or any(close.gives(line, value) for value in own):
            account.staff.append(f"the total {_shown(number)} follows from the student's own rows")
            continue
        charged.add(number)
        _charge_total(line, want, case, close, account)


def _charge_total(line: Line, want: Want, case: Case, close: Closeness, account: _Account) -> None:
    if not want.totals:
        return
    row = next((each for each in want.totals if _is_called(line, each)), want.totals[-1])
    loss = row.cost / case.check.points
    for mistake in case.check.mistakes:
        wrong = want.mistakes.get(mistake.id, {}).get(row.slot.name)
        if wrong is not None and close.gives(line, wrong):
            settled = _slips.settle([mistake], case)
            account.lost += min(loss, 1.0 - settled.credit)
            if mistake.id not in {each.id for each in account.mistakes}:
                account.mistakes.extend(settled.recognised)
                account.say.append(settled.say)
            return
    account.lost += loss
    name = line.label or row.slot.name
    account.say.append(f"The total ({name}) is neither right nor the sum of your rows.")


def _is_called(line: Line, row: Row) -> bool:
    return line.label.lower() in {name.lower() for name in (row.slot.name, *row.slot.aliases)}


def _own_sums(given: Sequence[tuple[int, Line]], want: Want, close: Closeness) -> set[float]:
    """Return the sums over runs of the student's own rows, in the order of the right ones."""
    values = [_taken(line, want.rows[place], close) for place, line in sorted(given)][:_MOST_SUMMED]
    sums = set()
    for first in range(len(values)):
        total = 0.0
        for value in values[first:]:
            total += value
            sums.add(total)
    return sums


def _right_sums(want: Want) -> set[float]:
    """Return the sums over runs of right rows, which may be totals of parts."""
    values = [row.slot.value for row in want.rows][:_MOST_SUMMED]
    ends = range(2, len(values) + 1)
    return {sum(values[first:last]) for last in ends for first in range(last - 1)}


def _taken(line: Line, row: Row, close: Closeness) -> float:
    """Return the reading of a line's number that counts: the right one where one is."""
    for number in line.numbers:
        if close.gives(Line("", (number,)), row.slot.value):
            return number.value
    return line.numbers[0].value


def _look_over(aligned: Aligned, got: Got, want: Want, close: Closeness, account: _Account) -> None:
    """Note what a person should know or look at."""
    carrying = [place for place, row in enumerate(want.rows) if not row.slot.optional]
    found = sum(place in aligned.given or place in aligned.sums for place in carrying)
    if found < _ENOUGH_ROWS * len(carrying):
        account.reasons.append(f"only {found} of {len(carrying)} rows could be found")
    account.reasons += _misread(aligned, got, want, account.unexplained)
    if aligned.twice:
        account.reasons.append(f"given twice, with different numbers: {_some(aligned.twice)}")
    account.reasons += _undecided(aligned)
    account.reasons += _rounded(aligned, want, account.unexplained)
    at_odds = [line for line in aligned.given.values() if _is_at_odds(line)]
    if at_odds:
        account.reasons.append(
            f"a computation and its result differ: {_some([each.label for each in at_odds])}"
        )
    sides = [
        want.rows[place].slot.name
        for place in sorted(aligned.given)
        if _is_side(aligned, place, want, close)
    ]
    if sides:
        account.staff.append(f"taken from a shape such as 28 x 28 x 6: {_some(sides)}")
    extra = [line for line in aligned.extra if line.numbers[0].value]
    if extra:
        names = [line.label or _shown(line.numbers[0].value) for line in extra]
        account.staff.append(f"rows that were not asked for: {_some(names)}")
    if aligned.sums:
        names = [want.rows[place].slot.name for place in sorted(aligned.sums)]
        account.staff.append(f"given as a sum: {_some(names)}")


def _undecided(aligned: Aligned) -> Iterator[str]:
    """Yield that rows give two numbers to choose from: `40 or 36`."""
    lines = [line for line in aligned.given.values() if " or " in line.source]
    names = [line.label for line in lines if _OR.search(line.source)]
    if names:
        yield f"two numbers to choose from: {_some(names)}"


def _rounded(aligned: Aligned, want: Want, unexplained: Collection[int]) -> Iterator[str]:
    """Yield that rows are rounded further than is right, but are no other wrong number."""
    names = [
        want.rows[place].slot.name
        for place in sorted(unexplained)
        for slot in [want.rows[place].slot]
        if any(
            kept_digits(number, value) >= DIGITS_OF_FRACTION
            for number in aligned.given[place].numbers
            for value in (slot.value, *slot.known)
        )
    ]
    if names:
        yield f"rounded to few digits: {_some(names)}"


def _misread(aligned: Aligned, got: Got, want: Want, unexplained: Collection[int]) -> Iterator[str]:
    """Yield what speaks for a table that was not read as it was meant."""
    carrying = {
        place: row.slot.name for place, row in enumerate(want.rows) if not row.slot.optional
    }
    odd = carrying.keys() & set(unexplained)
    if len(odd) >= max(_ENOUGH_ODD, len(carrying) / 2):
        yield f"{len(odd)} of {len(carrying)} rows are wrong in a way that no slip explains"
    missing = [
        name
        for place, name in carrying.items()
        if place not in aligned.given and place not in aligned.sums and name in got.text
    ]
    if missing:
        yield f"named in the answer, but without a number that could be read: {_some(missing)}"
    if len(carrying) == len(carrying.keys() & (aligned.given.keys() | aligned.sums.keys())):
        stems = {_stem(name) for name in carrying.values()} - {""}
        more = [
            line.label
            for line in aligned.extra
            if line.numbers[0].value and _stem(line.label) in stems
        ]
        if more:
            yield f"rows like those that were asked for, but more of them: {_some(more)}"


def _stem(name: str) -> str:
    """Return the letters that a name begins with: `conv` of `conv3_4`."""
    return "".join(itertools.takewhile(str.isalpha, name.strip().lower()))


def _is_side(aligned: Aligned, place: int, want: Want, close: Closeness) -> bool:
    """Return whether a row is right by the side of a shape alone, not by the product."""
    right = want.rows[place].slot.value
    numbers = aligned.given[place].numbers
    if not any(number.note == _tables.SIDE for number in numbers):
        return False
    told = [
        number.note == _tables.SIDE for number in numbers if close.gives(Line("", (number,)), right)
    ]
    return bool(told) and all(told)


def _is_at_odds(line: Line) -> bool:
    """Return whether the computation in front of a number comes to another one."""
    if line.computed is None:
        return False
    return not any(
        _numerals.agrees(number, line.computed, 1e-9, 0.0)
        or _numerals.kept_digits(number, line.computed) > 0
        for number in line.numbers
    )


def _some(names: Sequence[str]) -> str:
    names = list(dict.fromkeys(names))
    if len(names) <= _MOST_NAMED:
        return _typed.listed(names)
    return f"{', '.join(names[: _MOST_NAMED - 1])} and {len(names) - _MOST_NAMED + 1} more"


def _evidence(aligned: Aligned, got: Got) -> str:
    matched = len(aligned.given)
    lines = len(got.lines) or len(got.groups)
    parts = [f"{lines} row{'s' if lines != 1 else ''} read"]
    if matched and aligned.named == matched:
        parts.append("matched by name")
    elif matched:
        parts.append(f"{aligned.named} of {matched} matched by name, the others by order")
    first = next(iter(aligned.given.values()), None)
    if first is not None and first.source:
        parts.append(f"beginning with '{shorten(' '.join(first.source.split()), 50)}'")
    return "; ".join(parts)


EXAMPLE: Mapping[str, Any] = {
    "question": {
        "id": "q1",
        "title": "Parameters of a small network",
        "prompt": "How many parameters has each layer of a 4-8-3 network with biases?",
        "checks": [
            {
                "table": {
                    "value": {"hidden": 40, "output": 27},
                    "rows": [{"name": "total", "sum": ["*"], "cost": 1}],
                    "points": 4,
                },
                "mistakes": [
                    {"id": "bias-forgotten", "row": "hidden", "value": 32, "say": "No biases."}
                ],
            }
        ],
    },
    "right": ["hidden: 40\noutput: 27", "| hidden | 4*8+8 = 40 |\n| output | 27 |", "40, 27, 67"],
    "wrong": ["hidden: 32\noutput: 24", "hidden: 40", "40, 28"],
}
