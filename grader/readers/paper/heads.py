"""Finds the lines of a sheet at which its questions begin, by their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from grader.readers.paper.blocks import Kind, Line
from grader.readers.paper.numbering import Head, HeadLabel, Numbering

# How surely a line is meant as the number of a question.
HEADING = 3
_SET_APART = 2
_RUNNING_TEXT = 1
_DEEPEST = 99


class Found(NamedTuple):
    """A label of a question on a line; `strength` tells a heading from running text."""

    at: int
    label: HeadLabel
    strength: int


def heads(lines: Sequence[Line], known: Numbering) -> list[Found]:
    """Return the labels at which the questions of a sheet begin, in order.

    Words and ids (`Q2`, `Problem 3`, `q2.a`) come first. Where there are none, bare numbers are
    taken; where there are, a bare number only fills a gap in them.
    """
    worded = _worded(lines, known)
    bare = _bare(lines, known)
    if not any(found.label.head for found in worded):
        return _ordered([*worded, *_best_run(bare, lines)]) if bare else worded
    return _with_gaps_filled(worded, bare, lines)


def _ordered(found: list[Found]) -> list[Found]:
    return sorted(found, key=lambda each: each.at)


def is_eligible(line: Line) -> bool:
    """Return whether a label may stand on a line: not in code, tables, formulas, quotations."""
    return line.kind in (Kind.TEXT, Kind.HEADING) and not line.quoted


def _worded(lines: Sequence[Line], known: Numbering) -> list[Found]:
    found = []
    for index, line in enumerate(lines):
        label = known.worded_label(line.body) if is_eligible(line) else None
        if label is not None and (label.head or _announces(line)):
            announced = _SET_APART if _is_announced(line.body, label) else _RUNNING_TEXT
            found.append(Found(index, label, max(announced, _strength(lines, index))))
    firm = {_identity(each.label) for each in found if each.strength > _RUNNING_TEXT}
    return [
        each for each in found if each.strength > _RUNNING_TEXT or _identity(each.label) not in firm
    ]


def _identity(label: HeadLabel) -> tuple[Head | None, int | None]:
    return label.head, label.part


def _is_announced(body: str, label: HeadLabel) -> bool:
    """Return whether a colon or bracket follows a label, as it does not in a sentence."""
    start = body.find(label.written) + len(label.written)
    return label.written[-1:] in ":)" or body[start:].lstrip(" *_`")[:1] in (":", "：", ")")


def _announces(line: Line) -> bool:
    """Return whether a number that the rubric does not have is surely meant as one."""
    return line.kind is Kind.HEADING or line.body.startswith(("**", "__"))


def _strength(lines: Sequence[Line], index: int) -> int:
    line = lines[index]
    if line.kind is Kind.HEADING:
        return HEADING
    begins = index == 0 or line.item or lines[index - 1].kind is not Kind.TEXT
    set_apart = begins or line.body.startswith(("**", "__"))
    return _SET_APART if set_apart else _RUNNING_TEXT


def _bare(lines: Sequence[Line], known: Numbering) -> list[Found]:
    found = []
    for index, line in enumerate(lines):
        if not is_eligible(line) or not line.body[:6].strip("*_`([ ")[:1].isdigit():
            continue
        heading = line.kind is Kind.HEADING
        label = known.bare_label(line.body, heading=heading)
        if label is not None and label.head is not None:
            found.append(Found(index, label, _strength(lines, index)))
    return found


def _best_run(bare: Sequence[Found], lines: Sequence[Line]) -> list[Found]:
    """Return the bare numbers that number the questions: the way of writing that covers most."""
    with_part = [each for each in bare if each.label.part is not None]
    ways: dict[tuple[bool, int, str], list[Found]] = {}
    for each in bare:
        if each.label.part is None:
            line = lines[each.at]
            way = (line.kind is not Kind.HEADING, line.depth, each.label.form)
            ways.setdefault(way, []).append(each)
    ways.setdefault((True, _DEEPEST, ""), [])  # only numbers that name a part: 1a, 1b, 2a
    runs = [_rising(_ordered([*found, *with_part]), lines) for _, found in sorted(ways.items())]
    best = max(runs, key=lambda run: len({each.label.head for each in run}))
    heads = {each.label.head for each in best}
    firm = len(heads) > 1 or any(each.strength == HEADING for each in best)
    return best if firm or any(each.label.part is not None for each in best) else []


def _rising(found: Sequence[Found], lines: Sequence[Line]) -> list[Found]:
    """Return the labels whose numbers rise; a list that begins anew inside an answer does not."""
    taken: list[Found] = []
    numbers: set[int] = set()
    for each in found:
        head = each.label.head
        run = lines[each.at].run
        begins = run is None or run == lines[each.at].number
        if head is None or (not begins and run not in numbers):
            continue
        last = taken[-1].label if taken else None
        if last is None or last.head is None or head.number > last.head.number:
            is_next = True
        else:
            is_next = head == last.head and each.label.part not in (None, last.part)
        if is_next:
            taken.append(each)
            numbers.add(lines[each.at].number)
    return taken


def _with_gaps_filled(
    worded: list[Found], bare: Sequence[Found], lines: Sequence[Line]
) -> list[Found]:
    """Return the worded labels with the bare ones of questions that have none, where they fit."""
    taken = list(worded)
    levels = {_level(lines[each.at]) for each in worded}
    covered = {each.label.head for each in worded}
    for each in bare:
        if each.label.head in covered:
            continue
        line = lines[each.at]
        begins = line.run is None or line.run == line.number
        fits = _level(line) in levels or each.label.part is not None
        if begins and fits and not line.depth and _is_next(each, taken):
            taken = _ordered([*taken, each])
            covered.add(each.label.head)
    return taken


def _level(line: Line) -> int:
    """Return the level of a heading, 0 for other text."""
    text = line.text.lstrip()
    return len(text) - len(text.lstrip("#")) if line.kind is Kind.HEADING else 0


def _is_next(each: Found, taken: Sequence[Found]) -> bool:
    """Return whether a bare number that no word announces has its place among the labels."""
    head = each.label.head
    numbered = [(other.at, other.label.head) for other in taken if other.label.head]
    if head is None:
        return False
    before = [other.number for at, other in numbered if at < each.at]
    after = [other.number for at, other in numbered if at > each.at]
    if after and head.number >= after[0]:
        return False
    if each.label.part is not None:
        return bool(before) and before[-1] < head.number
    # A number alone may be that of a part, or of a list inside the answer before.
    is_clear = head.is_lettered or not head.parts
    return is_clear and not each.label.form.startswith("(") and before[-1:] == [head.number - 1]
