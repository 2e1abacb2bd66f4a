"""Finds where the parts of one question begin, with labels or without."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count, pairwise, repeat
from typing import NamedTuple

from grader import lazy
from grader.readers.paper.blocks import Kind, Line
from grader.readers.paper.heads import is_eligible
from grader.readers.paper.numbering import (
    DASHED,
    SPACED,
    Head,
    Numbering,
    PartLabel,
    inline_parts,
    part_labels,
)

Matcher = Callable[[Sequence[Line], Sequence[str]], dict[int, str]]
"""Finds, by their printed text, where questions begin: index of a line -> question id."""

Starts = dict[int, tuple[int, str | None]]
"""Index of a line -> which part begins there, and what is left of the line without its label."""


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one question's number; `named` are the lines that name a part with it."""

    head: Head
    written: str
    lines: Sequence[Line]
    named: dict[int, int]
    known: Numbering


def find(section: Section, match: Matcher) -> tuple[Starts, str]:
    """Return where the parts of a section begin, and what to say about it.

    By their labels; else by the printed questions, or in order where there are just as many
    items, paragraphs or lines.
    """
    starts = labelled(section)
    if not starts or _is_inside(section, starts):
        return _unlabelled(section, match)
    return starts, ""


_EMPHASISED = lazy.pattern(r"([*_]{1,3})[^*_]{1,12}\1:?")


class _Way(NamedTuple):
    """A way of labelling parts: (a), a), 1., at one depth."""

    depth: int
    family: str
    form: str


def labelled(section: Section) -> Starts:
    """Return where the parts of a question begin, by their labels.

    One way of labelling is taken whole: that of the least depth, then the one of the ids
    themselves, then the one that covers most parts. Others of the same family fill gaps in it, so
    that an `a.` inside of the answer to (b) begins nothing.
    """
    starts: Starts = {index: (part, None) for index, part in section.named.items()}
    if len(starts) > 1:
        return starts
    ways = _ways(section)
    if starts:  # Q1 (a), then (b): what goes on is written as the ids are
        native = _native(section.head)
        ways = {way: found for way, found in ways.items() if way.family == native}
    elif all(_stutters(labels) for labels in ways.values()):
        ways = {way: _counted(way, labels) for way, labels in ways.items()}
    inner = {way for way in ways if _is_inner(way, ways, section.head)}
    ranked = sorted(ways, key=lambda way: (way in inner, *_rank(way, ways[way], section.head)))
    if not ranked:
        return starts
    best = ranked[0]
    if not starts and ways[best][-1][1].part >= len(section.head.parts):
        return {}  # a list of more items than there are parts
    if not starts:
        own = _before_restart(ways[best], section.head)
        starts |= {index: (label.part, label.rest) for index, label in own}
    placed = {part for part, _ in starts.values()}
    first = min(starts)
    for way in ranked:
        if way.family == best.family:
            for index, label in ways[way]:
                outside = way.depth <= best.depth or (not way.depth and index < first)
                if outside and label.part not in placed and _fits(index, label.part, starts):
                    starts[index] = (label.part, label.rest)
                    placed.add(label.part)
    return starts


def _stutters(labels: Sequence[tuple[int, PartLabel]]) -> bool:
    return len(labels) > 1 and len({label.part for _, label in labels}) == 1


def _counted(way: _Way, labels: Sequence[tuple[int, PartLabel]]) -> list[tuple[int, PartLabel]]:
    """Return the items of a list as Markdown counts them, which shows `1. 1. 1.` as 1, 2, 3."""
    is_list = way.family == "digit" and way.form in ("#.", "#)") and labels[0][1].part == 0
    counts = count() if is_list else repeat(labels[0][1].part)
    return [
        (index, label._replace(part=part))
        for (index, label), part in zip(labels, counts, strict=False)
    ]


def _is_inside(section: Section, starts: Starts) -> bool:
    """Return whether the labels stand inside of items that themselves are the parts."""
    items = _items(section.lines)
    if section.named or len(items) != len(section.head.parts):
        return False
    return not any(index in items or index < items[0] for index in starts)


def _ways(section: Section) -> dict[_Way, list[tuple[int, PartLabel]]]:
    ways: dict[_Way, list[tuple[int, PartLabel]]] = {}
    for index, line in enumerate(section.lines):
        if not is_eligible(line) or index in section.named:
            continue
        heading = line.kind is Kind.HEADING
        alone = heading or _EMPHASISED.fullmatch(line.body.strip()) is not None
        labels = part_labels(line.body, section.head, heading=alone)
        for label in labels or _compound(line, section):
            way = _Way(-1 if heading else line.depth, label.family, label.form)
            ways.setdefault(way, []).append((index, label))
    meant = {way: _meant(way, labels, len(section.head.parts)) for way, labels in ways.items()}
    return {way: labels for way, labels in meant.items() if labels}


def _meant(
    way: _Way, labels: list[tuple[int, PartLabel]], count: int
) -> list[tuple[int, PartLabel]]:
    """Return the labels that are some: `a x` may be a word, and `1 - p` a difference."""
    if way.form not in (DASHED, SPACED):
        return labels
    in_order = [label.part for _, label in labels] == list(range(len(labels)))
    if in_order and len(labels) == count > 1:
        return labels
    if way.form == SPACED:
        return []
    worded = [each for each in labels if _IN_WORDS.match(each[1].rest)]
    if in_order and worded and len(labels) > 1:
        return labels
    told = {label.part for _, label in worded}
    return worded if all(label.part in told for _, label in labels) else []


_IN_WORDS = lazy.pattern(r"[^\W\d_]{2}")


def _is_inner(way: _Way, ways: Mapping[_Way, Sequence[tuple[int, PartLabel]]], head: Head) -> bool:
    """Return whether labels are those of lists within the parts of another way of labelling.

    Behind each label of the other way they begin anew.
    """
    native, whole = _native(head), len(head.parts)
    for other, labels in ways.items():
        parts = {label.part for _, label in labels}
        outer = other.family == native or len(parts) == whole
        if other.family == way.family or len(parts) < 2 or not outer or labels[0][1].part != 0:
            continue
        if way.family == native and len({label.part for _, label in ways[way]}) == whole:
            continue
        if _begins_anew(ways[way], [index for index, _ in labels]):
            return True
    return False


def _begins_anew(labels: Sequence[tuple[int, PartLabel]], places: Sequence[int]) -> bool:
    """Return whether labels are behind the first of some places, and begin anew behind each."""
    last = -1
    for index, label in labels:
        behind = max((place for place in places if place < index), default=-1)
        if behind < 0 or (behind != last and label.part != 0):
            return False
        last = behind
    return True


def _before_restart(
    labels: Sequence[tuple[int, PartLabel]], head: Head
) -> Sequence[tuple[int, PartLabel]]:
    """Return the labels up to where they begin anew after the last part: a list in its answer."""
    parts = [label.part for _, label in labels]
    count = len(head.parts)
    complete = parts[:count] == list(range(count))
    corrects = any(_CORRECTS.match(label.rest) for _, label in labels[count:])
    return labels[:count] if complete and not corrects else labels


_CORRECTS = lazy.pattern(
    r"\W*(?:edit|correct(?:ion|ed)|sorry|actually|update|again|new|final)\b", re.I
)


def _compound(line: Line, section: Section) -> list[PartLabel]:
    """Return the label of a part that repeats the number of its question: 2b, 2.1."""
    label = section.known.bare_label(line.body, heading=False)
    if label is None or label.head != section.head or label.part is None or label.is_weak:
        return []
    return [PartLabel(_native(section.head), label.part, "##", label.rest)]


def _rank(
    way: _Way, labels: Sequence[tuple[int, PartLabel]], head: Head
) -> tuple[int, bool, bool, int, int]:
    distinct = len({label.part for _, label in labels})
    stutters = distinct == 1 and len(labels) > 1
    spaced = way.form == SPACED
    return way.depth, stutters or spaced, way.family != _native(head), -distinct, labels[0][0]


def _native(head: Head) -> str:
    return "letter" if head.is_lettered else "digit"


def _fits(index: int, part: int, starts: Starts) -> bool:
    """Return whether a part would stand in order."""
    before = [other for at, (other, _) in starts.items() if at < index]
    after = [other for at, (other, _) in starts.items() if at > index]
    return all(other < part for other in before) and all(other > part for other in after)


def split_inline(section: Section) -> Section:
    """Give each part its own line where several stand on one: (a) False (b) True."""
    if (pieces := _listed(section)) is not None:
        return replace(section, lines=pieces)
    lines: list[Line] = []
    named: dict[int, int] = {}
    for index, line in enumerate(section.lines):
        part = section.named.get(index)
        if part is not None:
            named[len(lines)] = part
        lines += _pieces(line, section, part) if is_eligible(line) else [line]
    return replace(section, lines=lines, named=named)


def _labels(head: Head, text: str) -> set[int]:
    """Return the parts that a line may begin with the label of."""
    return {label.part for label in part_labels(text, head, heading=False)}


_LIST_WORDS = 3


def _listed(section: Section) -> list[Line] | None:
    """Return the only line of a section in pieces where it lists short answers: F, T, F, F."""
    filled = [line for line in section.lines if line.kind is not Kind.BLANK]
    if section.named or len(filled) != 1 or not is_eligible(filled[0]):
        return None
    texts = [text.strip() for text in re.split(r"[,;/](?![0-9])", filled[0].body)]
    short = all(text and len(text.split()) <= _LIST_WORDS for text in texts)
    labelled = [bool(_labels(section.head, text)) for text in texts]
    if not short or len(texts) != len(section.head.parts):
        return None
    if labelled[0] and not all(labelled):
        return None  # the answer to one part: b. 2 / sqrt(9)
    return [filled[0]._replace(text=text, body=text, kind=Kind.TEXT) for text in texts]


_NO_SENTENCE = lazy.pattern(r"\s*(?:[^a-z\s]|true|false|yes|no\b|[tf]\b)")


def _pieces(line: Line, section: Section, named: int | None) -> list[Line]:
    """Return the line in pieces, one a part, where it is a list of answers and no sentence."""
    head = section.head
    first = 0 if named is None else named + 1
    spans = inline_parts(line.body, head, first)
    begun = named is not None or (bool(spans) and not line.body[: spans[0][0]].strip())
    inner = range(first + (named is None), first + len(spans))
    others = [_labels(head, each.body) for each in section.lines if is_eligible(each)]
    if not begun or not inner or set().union(*others).intersection(inner):
        return [line]
    answers = [line.body[end:] for _, end in spans]
    if first + len(spans) < len(head.parts) and not all(map(_NO_SENTENCE.match, answers)):
        return [line]
    cuts = [0, *(start for start, _ in spans[named is None :]), len(line.body)]
    texts = [line.body[a:b].rstrip(" \t;,") for a, b in pairwise(cuts)]
    rest = (line._replace(text=text, body=text, item=None) for text in texts[1:])
    return [line._replace(text=texts[0], body=texts[0]), *rest]


# --- parts without labels --------------------------------------------------------------------


def _unlabelled(section: Section, match: Matcher) -> tuple[Starts, str]:
    """Return where parts without labels begin, and what to say about it."""
    head, count = section.head, len(section.head.parts)
    printed = {index: head.ids.index(id_) for index, id_ in match(section.lines, head.ids).items()}
    if len(printed) == count:
        return _begun(section.lines, printed), ""
    if tabled := _tabled(section.lines, head):
        return tabled, ""
    for found in (_items(section.lines), _paragraphs(section.lines), _rows(section.lines)):
        if len(found) == count:
            rests = [_without_enumerator(section.lines[index].body) for index in found]
            order: Starts = {index: (part, rests[part]) for part, index in enumerate(found)}
            return order, "its parts carry no labels and were taken in order"
        if len(printed) > 1:
            note = f"only {len(printed)} of its {count} parts were found, by the printed questions"
            return _begun(section.lines, printed), note
    return {}, ""


_ROW = lazy.pattern(r"[ \t]*\|?[ \t]*(?P<label>[^|\t]{1,24}?)[ \t]*[|\t](?P<rest>.*)")


_CELL_BREAK = lazy.pattern(r"<br[ \t]*/?>", re.IGNORECASE)


def row(line: Line) -> tuple[str, str] | None:
    """Return the first cell of a table's row, and the others as lines; None for other text."""
    is_row = line.kind is Kind.TABLE or (line.kind is Kind.TEXT and "\t" in line.text)
    found = _ROW.fullmatch(line.text) if is_row else None
    if found is None:
        return None
    rest = _CELL_BREAK.sub("\n", found["rest"])
    cells = (cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)[|\t]", rest))
    return found["label"], "\n".join(cell for cell in cells if cell)


def _tabled(lines: Sequence[Line], head: Head) -> Starts:
    """Return the parts that are the rows of a table, with a label in the first column."""
    starts: Starts = {}
    native = True
    for index, line in enumerate(lines):
        cells = row(line) if line.kind is Kind.TABLE else None
        label = cells[0].strip(" ()[].:*_").lower() if cells else ""
        part = head.part(label) if cells else None
        if cells and part is not None:
            starts.setdefault(index, (part, cells[1]))
            native = native and label in head.parts
    distinct = {part for part, _ in starts.values()}
    # Other numbers may be anything in a table, but hardly where each part has its row.
    clear = native or len(starts) == len(head.parts)
    return starts if len(distinct) == len(starts) > 1 and clear else {}


def _begun(lines: Sequence[Line], starts: Mapping[int, int]) -> Starts:
    return {index: (part, lines[index].body) for index, part in starts.items()}


_ENUMERATOR = lazy.pattern(r"[ \t]*(?:\(?(?:\d{1,2}|[A-Za-z]|[ivx]{1,4})[.)]|[a-z]-)[ \t]+")


def _without_enumerator(text: str) -> str:
    found = _ENUMERATOR.match(text)
    return text[found.end() :] if found else text


def _items(lines: Sequence[Line]) -> list[int]:
    """Return the list items of the least depth, with bullets or with numbers as the first has."""
    found = [index for index, line in enumerate(lines) if line.item and is_eligible(line)]
    depth = min((lines[index].depth for index in found), default=0)
    found = [index for index in found if lines[index].depth == depth]
    return [index for index in found if _is_numbered(lines[index]) is _is_numbered(lines[found[0]])]


def _is_numbered(line: Line) -> bool:
    return (line.item or "")[:1].isdigit()


def _paragraphs(lines: Sequence[Line]) -> list[int]:
    return [
        index
        for index, line in enumerate(lines)
        if line.kind is not Kind.BLANK
        and not line.quoted
        and (index == 0 or lines[index - 1].kind is Kind.BLANK or line.item)
    ]


def _rows(lines: Sequence[Line]) -> list[int]:
    return [index for index, line in enumerate(lines) if is_eligible(line)]
