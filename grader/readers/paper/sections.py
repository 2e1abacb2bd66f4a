"""Cuts a sheet into the passages that answer each question id."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple

from grader.readers.paper.blocks import Kind, Line
from grader.readers.paper.numbering import (
    UNKNOWN,
    Head,
    HeadLabel,
    Numbering,
    PartLabel,
    inline_parts,
    part_labels,
)

Matcher = Callable[[Sequence[Line], Sequence[str]], dict[int, str]]
"""Finds, by their printed text, where questions begin: index of a line -> question id."""


@dataclass(frozen=True, slots=True)
class Passage:
    """The lines that answer a question id, in one place of the sheet."""

    id: str
    lines: Sequence[Line]


@dataclass(slots=True)
class Cut:
    """A sheet cut into passages, with what was unclear about it."""

    passages: list[Passage] = field(default_factory=list)
    orphans: list[Passage] = field(default_factory=list)  # before a part, perhaps the one before it
    unclear: dict[str, tuple[str, int]] = field(default_factory=dict)  # id -> why, on which line
    warnings: list[str] = field(default_factory=list)
    preamble: Sequence[Line] = ()


def cut(lines: Sequence[Line], known: Numbering, match: Matcher, title: str = "") -> Cut:
    """Return the passages of a sheet, by the numbers on it and else by the printed questions.

    A sheet without numbers whose `title` is one (q2.md), or of a rubric that has but one, holds
    the answers to that question.
    """
    result = Cut()
    labels = _heads(lines, known)
    if not labels:
        label = _title(title, known)
        labels = [_Found(0, label._replace(rest=lines[0].body), 3)] if label else []
    if not labels:
        _by_print(lines, known, match, result)
        return result
    result.preamble = lines[: labels[0].at]
    for section in _sections(lines, labels, known):
        _read(section, match, result)
    return result


def _title(title: str, known: Numbering) -> HeadLabel | None:
    label = known.worded_label(title) or known.bare_label(title, heading=True)
    if label and label.head and not label.rest and label.part != UNKNOWN:
        return label
    if len(known.heads) == 1:
        return HeadLabel(known.heads[0], None, "", "", known.heads[0].prefix)
    return None


def _by_print(lines: Sequence[Line], known: Numbering, match: Matcher, result: Cut) -> None:
    """Cut a sheet without any number where the printed questions stand."""
    ids = [id_ for head in known.heads for id_ in (head.own, *head.ids) if id_]
    starts = sorted(match(lines, ids).items())
    result.preamble = lines[: starts[0][0]] if starts else lines
    for (start, id_), end in zip(starts, _ends(starts, len(lines)), strict=True):
        result.passages.append(Passage(id_, lines[start:end]))


def _ends(starts: Sequence[tuple[int, object]], length: int) -> list[int]:
    return [*(start for start, _ in starts[1:]), length][: len(starts)]


# --- the numbers of questions ----------------------------------------------------------------


class _Found(NamedTuple):
    """A label of a question on a line; `strength` tells a heading from running text."""

    at: int
    label: HeadLabel
    strength: int


def _heads(lines: Sequence[Line], known: Numbering) -> list[_Found]:
    """Return the labels at which the questions of a sheet begin, in order.

    Words and ids (`Q2`, `Problem 3`, `q2.a`) come first. Where there are none, bare numbers are
    taken; where there are, a bare number only fills a gap in them.
    """
    worded = _worded(lines, known)
    bare = _bare(lines, known)
    if not any(found.label.head for found in worded):
        return sorted([*worded, *_best_run(bare, lines)]) if bare else worded
    return _with_gaps_filled(worded, bare, lines)


def _eligible(line: Line) -> bool:
    return line.kind in (Kind.TEXT, Kind.HEADING) and not line.quoted


def _worded(lines: Sequence[Line], known: Numbering) -> list[_Found]:
    found = []
    for index, line in enumerate(lines):
        label = known.worded_label(line.body) if _eligible(line) else None
        if label is not None and (label.head or _announces(line)):
            strength = 2 if _is_announced(line.body, label) else 1
            found.append(_Found(index, label, max(strength, _strength(lines, index))))
    firm = {_identity(each.label) for each in found if each.strength > 1}
    return [each for each in found if each.strength > 1 or _identity(each.label) not in firm]


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
        return 3
    begins = index == 0 or line.item or lines[index - 1].kind is not Kind.TEXT
    return 2 if begins or line.body.startswith(("**", "__")) else 1


def _bare(lines: Sequence[Line], known: Numbering) -> list[_Found]:
    found = []
    for index, line in enumerate(lines):
        if not _eligible(line) or not line.body[:6].strip("*_`([ ")[:1].isdigit():
            continue
        heading = line.kind is Kind.HEADING
        label = known.bare_label(line.body, heading=heading)
        if label is not None and label.head is not None:
            found.append(_Found(index, label, _strength(lines, index)))
    return found


def _best_run(bare: Sequence[_Found], lines: Sequence[Line]) -> list[_Found]:
    """Return the bare numbers that number the questions: the way of writing that covers most."""
    with_part = [each for each in bare if each.label.part is not None]
    ways: dict[tuple[bool, int, str], list[_Found]] = {}
    for each in bare:
        if each.label.part is None:
            line = lines[each.at]
            way = (line.kind is not Kind.HEADING, line.depth, each.label.form)
            ways.setdefault(way, []).append(each)
    ways.setdefault((True, 99, ""), [])  # only numbers that name a part: 1a, 1b, 2a
    runs = [_rising(sorted([*found, *with_part]), lines) for _, found in sorted(ways.items())]
    best = max(runs, key=lambda run: len({each.label.head for each in run}))
    heads = {each.label.head for each in best}
    firm = len(heads) > 1 or any(each.strength == 3 for each in best)
    return best if firm or any(each.label.part is not None for each in best) else []


def _rising(found: Sequence[_Found], lines: Sequence[Line]) -> list[_Found]:
    """Return the labels whose numbers rise; a list that begins anew inside an answer does not."""
    taken: list[_Found] = []
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
    worded: list[_Found], bare: Sequence[_Found], lines: Sequence[Line]
) -> list[_Found]:
    """Return the worded labels with the bare ones of questions that have none, where they fit."""
    taken = list(worded)
    levels = {_level(lines[each.at]) for each in worded}
    for each in bare:
        line = lines[each.at]
        begins = line.run is None or line.run == line.number
        fits = _level(line) in levels or each.label.part is not None
        if begins and fits and not line.depth and _is_next(each, taken):
            taken = sorted([*taken, each])
    return taken


def _level(line: Line) -> int:
    """Return the level of a heading, 0 for other text."""
    text = line.text.lstrip()
    return len(text) - len(text.lstrip("#")) if line.kind is Kind.HEADING else 0


def _is_next(each: _Found, taken: Sequence[_Found]) -> bool:
    """Return whether a bare number that no word announces has its place among the labels."""
    head = each.label.head
    numbered = [(other.at, other.label.head) for other in taken if other.label.head]
    if head is None or any(other == head for _, other in numbered):
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


# --- sections --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Section:
    """What stands under one question's number; `named` are the lines that name a part with it."""

    head: Head | None
    written: str
    lines: Sequence[Line]
    named: dict[int, int]
    known: Numbering


def _sections(
    lines: Sequence[Line], labels: Sequence[_Found], known: Numbering
) -> Iterator[_Section]:
    """Yield the sections of a sheet; labels of the same question in a row make one."""
    group: list[_Found] = []
    for found in labels:
        if group and _group_key(group[0].label) != _group_key(found.label):
            yield _section(lines, group, found.at, known)
            group = []
        group.append(found)
    yield _section(lines, group, len(lines), known)


def _group_key(label: HeadLabel) -> object:
    unknown = label.head is None or label.part == UNKNOWN
    return label.written if unknown else label.head


def _section(
    lines: Sequence[Line], group: Sequence[_Found], end: int, known: Numbering
) -> _Section:
    start = group[0].at
    inside = list(lines[start:end])
    named: dict[int, int] = {}
    for found in group:
        at = found.at - start
        inside[at] = _labelled(inside[at], found.label.rest)
        if found.label.part is not None:
            named[at] = found.label.part
    first = group[0].label
    head = None if first.part == UNKNOWN else first.head
    return _Section(head, first.written.strip("*_` .:"), inside, named, known)


def _labelled(line: Line, rest: str) -> Line:
    """Return the rest of a line behind its label, as deep as what stands under it."""
    kind = Kind.TEXT if line.kind is Kind.TABLE else line.kind
    kind = kind if rest.strip() else Kind.BLANK
    depth = line.depth + (line.item is not None)
    return line._replace(text=rest, body=rest, kind=kind, depth=depth, item=None)


def _read(section: _Section, match: Matcher, result: Cut) -> None:
    head = section.head
    if head is None:
        place = section.lines[0].number
        result.warnings.append(f"line {place}: '{section.written}' is no question of this rubric")
        return
    if not head.parts:
        result.passages.append(Passage(str(head.own), section.lines))
        return
    section = _split_inline(section, head)
    starts = _parts(section, head)
    if not starts or _is_inside(section, starts, head):
        starts, note = _unlabelled(section, head, match)
        if note:
            result.warnings.append(f"line {section.lines[0].number}: {section.written}: {note}")
    lines = list(section.lines)
    for index, (_, rest) in starts.items():
        lines[index] = _labelled(lines[index], rest) if rest is not None else lines[index]
    order = sorted((index, part) for index, (part, _) in starts.items())
    for (start, part), end in zip(order, _ends(order, len(lines)), strict=True):
        result.passages.append(Passage(head.ids[part], lines[start:end]))
    before = lines[: order[0][0]] if order else lines
    if head.own:
        result.passages.append(Passage(head.own, before))
    elif order and all(part for _, part in order):
        result.orphans.append(Passage(head.ids[0], before))
    elif not order and any(line.body.strip() for line in before if not line.quoted):
        why = f"the text under {section.written} could not be told apart into its parts"
        result.unclear |= dict.fromkeys(head.ids, (why, before[0].number))


# --- the parts of a question -----------------------------------------------------------------

_Starts = dict[int, tuple[int, str | None]]
"""Index of a line -> which part begins there, and what is left of the line without its label."""

_EMPHASISED = re.compile(r"([*_]{1,3})[^*_]{1,12}\1:?")


class _Way(NamedTuple):
    """A way of labelling parts: (a), a), 1., at one depth."""

    depth: int
    family: str
    form: str


def _parts(section: _Section, head: Head) -> _Starts:
    """Return where the parts of a question begin, by their labels.

    One way of labelling is taken whole: that of the least depth, then the one of the ids
    themselves, then the one that covers most parts. Others of the same family fill gaps in it, so
    that an `a.` inside of the answer to (b) begins nothing.
    """
    starts: _Starts = {index: (part, None) for index, part in section.named.items()}
    ways = _ways(section, head)
    if starts:  # Q1 (a), then (b): what goes on is written as the ids are
        native = _native(head)
        ways = {way: found for way, found in ways.items() if way.family == native}
    ranked = sorted(ways, key=lambda way: _rank(way, ways[way], head))
    if not ranked or len(starts) > 1:
        return starts
    best = ranked[0]
    if not starts:
        starts |= {index: (label.part, label.rest) for index, label in ways[best]}
    placed = {part for part, _ in starts.values()}
    for way in ranked:
        if way.family == best.family and way.depth <= best.depth:
            for index, label in ways[way]:
                if label.part not in placed and _fits(index, label.part, starts):
                    starts[index] = (label.part, label.rest)
                    placed.add(label.part)
    return starts


def _is_inside(section: _Section, starts: _Starts, head: Head) -> bool:
    """Return whether the labels stand inside of items that themselves are the parts."""
    items = _items(section.lines)
    if section.named or len(items) != len(head.parts):
        return False
    depth = section.lines[items[0]].depth
    return all(section.lines[index].depth > depth for index in starts)


def _ways(section: _Section, head: Head) -> dict[_Way, list[tuple[int, PartLabel]]]:
    ways: dict[_Way, list[tuple[int, PartLabel]]] = {}
    for index, line in enumerate(section.lines):
        if not _eligible(line) or index in section.named:
            continue
        heading = line.kind is Kind.HEADING
        alone = heading or _EMPHASISED.fullmatch(line.body.strip()) is not None
        for label in part_labels(line.body, head, heading=alone) or _compound(line, section, head):
            way = _Way(-1 if heading else line.depth, label.family, label.form)
            ways.setdefault(way, []).append((index, label))
    return ways


def _compound(line: Line, section: _Section, head: Head) -> list[PartLabel]:
    """Return the label of a part that repeats the number of its question: 2b, 2.1."""
    label = section.known.bare_label(line.body, heading=False)
    if label is None or label.head != head or label.part is None:
        return []
    return [PartLabel(_native(head), label.part, "##", label.rest)]


def _rank(
    way: _Way, labels: Sequence[tuple[int, PartLabel]], head: Head
) -> tuple[int, bool, bool, int, int]:
    distinct = len({label.part for _, label in labels})
    stutters = distinct == 1 and len(labels) > 1
    return way.depth, stutters, way.family != _native(head), -distinct, labels[0][0]


def _native(head: Head) -> str:
    return "letter" if head.is_lettered else "digit"


def _fits(index: int, part: int, starts: _Starts) -> bool:
    """Return whether a part would stand in order."""
    before = [other for at, (other, _) in starts.items() if at < index]
    after = [other for at, (other, _) in starts.items() if at > index]
    return all(other < part for other in before) and all(other > part for other in after)


def _split_inline(section: _Section, head: Head) -> _Section:
    """Give each part its own line where several stand on one: (a) False (b) True."""
    labelled = {
        label.part
        for line in section.lines
        if _eligible(line)
        for label in part_labels(line.body, head, heading=False)
    }
    lines: list[Line] = []
    named: dict[int, int] = {}
    for index, line in enumerate(section.lines):
        part = section.named.get(index)
        if part is not None:
            named[len(lines)] = part
        lines += _pieces(line, head, part, labelled) if _eligible(line) else [line]
    return replace(section, lines=lines, named=named)


_NO_SENTENCE = re.compile(r"\s*(?:[^a-z\s]|true|false|yes|no\b|[tf]\b)")


def _pieces(line: Line, head: Head, named: int | None, labelled: set[int]) -> list[Line]:
    """Return the line in pieces, one a part, where it is a list of answers and no sentence."""
    first = 0 if named is None else named + 1
    spans = inline_parts(line.body, head, first)
    begun = named is not None or (bool(spans) and not line.body[: spans[0][0]].strip())
    inner = range(first + (named is None), first + len(spans))
    if not begun or not inner or labelled.intersection(inner):
        return [line]
    answers = [line.body[end:] for _, end in spans]
    if first + len(spans) < len(head.parts) and not all(map(_NO_SENTENCE.match, answers)):
        return [line]
    cuts = [0, *(start for start, _ in spans[named is None :]), len(line.body)]
    texts = [line.body[a:b].rstrip(" \t;,") for a, b in pairwise(cuts)]
    rest = (line._replace(text=text, body=text, item=None) for text in texts[1:])
    return [line._replace(text=texts[0], body=texts[0]), *rest]


# --- parts without labels --------------------------------------------------------------------


def _unlabelled(section: _Section, head: Head, match: Matcher) -> tuple[_Starts, str]:
    """Return where parts without labels begin, and what to say about it."""
    count = len(head.parts)
    tabled = _tabled(section.lines, head)
    if tabled:
        return tabled, ""
    printed = {index: head.ids.index(id_) for index, id_ in match(section.lines, head.ids).items()}
    if len(printed) == count:
        return _begun(section.lines, printed), ""
    for found in (_items(section.lines), _paragraphs(section.lines), _rows(section.lines)):
        if len(found) == count:
            rests = [_ENUMERATOR.sub("", section.lines[index].body, count=1) for index in found]
            order: _Starts = {index: (part, rests[part]) for part, index in enumerate(found)}
            return order, "its parts carry no labels and were taken in order"
        if len(printed) > 1:
            note = f"only {len(printed)} of its {count} parts were found, by the printed questions"
            return _begun(section.lines, printed), note
    return {}, ""


_ROW = re.compile(r"[ \t]*\|?[ \t]*(?P<label>[^|\t]{1,24}?)[ \t]*[|\t](?P<rest>.*)")


def _tabled(lines: Sequence[Line], head: Head) -> _Starts:
    """Return the parts that are the rows of a table, with a label in the first column."""
    starts: _Starts = {}
    for index, line in enumerate(lines):
        row = _ROW.fullmatch(line.text) if line.kind is Kind.TABLE else None
        if row is None:
            continue
        part = head.part(row["label"].strip(" ()[].:*_").lower())
        cells = [cell.strip() for cell in row["rest"].strip(" \t|").split("|")]
        if part is not None and all(other != part for other, _ in starts.values()):
            starts[index] = (part, "\n".join(cell for cell in cells if cell))
    return starts if len(starts) > 1 else {}


def _begun(lines: Sequence[Line], starts: Mapping[int, int]) -> _Starts:
    return {index: (part, lines[index].body) for index, part in starts.items()}


_ENUMERATOR = re.compile(r"[ \t]*(?:\d{1,2}|[A-Za-z])[.)][ \t]+")


def _items(lines: Sequence[Line]) -> list[int]:
    """Return the list items of the least depth."""
    found = [index for index, line in enumerate(lines) if line.item and _eligible(line)]
    depth = min((lines[index].depth for index in found), default=0)
    return [index for index in found if lines[index].depth == depth]


def _paragraphs(lines: Sequence[Line]) -> list[int]:
    return [
        index
        for index, line in enumerate(lines)
        if line.kind is not Kind.BLANK
        and not line.quoted
        and (index == 0 or lines[index - 1].kind is Kind.BLANK or line.item)
    ]


def _rows(lines: Sequence[Line]) -> list[int]:
    return [index for index, line in enumerate(lines) if _eligible(line)]
