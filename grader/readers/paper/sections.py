"""Cuts a sheet into the passages that answer each question id."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from grader import lazy
from grader.readers.paper import layout, parts
from grader.readers.paper.blocks import Kind, Line
from grader.readers.paper.heads import HEADING, Found, heads, is_doubtful, under_sections
from grader.readers.paper.inline import apart
from grader.readers.paper.numbering import UNKNOWN, Head, HeadLabel, Numbering
from grader.readers.paper.parts import Matcher, Section

# The head of a table in which marks are entered.
_MARKS = lazy.pattern(r"\b(?:points?|marks?|scores?|max(?:imum)?|grade|total|punkte|note)\b", re.I)


@dataclass(frozen=True, slots=True)
class Passage:
    """The lines that answer a question id, in one place of the sheet.

    `above` stands in front of the first of its question's parts, and belongs to all of them.
    """

    id: str
    lines: Sequence[Line]
    above: Sequence[Line] = ()


@dataclass(slots=True)
class Cut:
    """A sheet cut into passages, with what was unclear about it."""

    passages: list[Passage] = field(default_factory=list)
    orphans: list[Passage] = field(default_factory=list)  # before a part, perhaps the one before it
    unclear: dict[str, tuple[str, int]] = field(default_factory=dict)  # id -> why, on which line
    warnings: list[str] = field(default_factory=list)
    strange: int | None = None  # the first line under a number that the rubric does not have
    preamble: Sequence[Line] = ()
    headed: bool = False  # by headings that name the questions: their places are beyond doubt


def cut(lines: Sequence[Line], known: Numbering, match: Matcher, title: str = "") -> Cut:
    """Return the passages of a sheet, by the numbers on it and else by the printed questions.

    A sheet without numbers whose `title` is one (q2.md), or of a rubric that has but one, holds
    the answers to that question.
    """
    result = Cut()
    lines = apart(layout.without_farewell(lines), known)
    labels = heads(lines, known)
    if not labels and any(line.quoted for line in lines):
        # The numbers may stand in the questions, which are quoted above the answers.
        bare = [line._replace(text=line.body, quoted=False) for line in lines]
        labels = heads(bare, known)
        lines = bare if labels else lines
    label = _title(title, known)
    if label is None:
        labels = under_sections(lines, known, labels)
        if is_doubtful(lines, known, labels):
            return _untold(lines, known)
    if not labels:
        labels = [Found(0, label._replace(rest=lines[0].body), HEADING)] if label else []
    if not labels:
        if not _by_table(lines, known, result):
            _by_print(lines, known, match, result)
        return result
    lines = layout.without_page_numbers(lines, [found.at for found in labels])
    result.preamble = lines[: labels[0].at]
    result.headed = any(
        found.strength == HEADING and found.label.form == "word" for found in labels
    )
    for stretch in _stretches(lines, labels):
        _take(stretch, known, match, result)
    _take_table(known, result)
    return result


def _untold(lines: Sequence[Line], known: Numbering) -> Cut:
    """Return a sheet of which nobody can tell what answers what."""
    why = "the numbers begin anew under headings that name no question"
    ids = [id_ for head in known.heads for id_ in (head.own, *head.ids) if id_]
    return Cut(unclear=dict.fromkeys(ids, (why, lines[0].number)), preamble=lines)


def _title(title: str, known: Numbering) -> HeadLabel | None:
    label = known.worded_label(title) or known.bare_label(title, heading=True)
    if label and label.head and not label.rest and label.part != UNKNOWN:
        return label
    if len(known.heads) == 1:
        return HeadLabel(known.heads[0], None, "", "", known.heads[0].prefix)
    return None


def _by_table(lines: Sequence[Line], known: Numbering, result: Cut) -> bool:
    """Cut a sheet that is a table of ids and answers; return whether it is one."""
    others = []
    for line in lines:
        row = parts.row(line)
        label = row and (known.worded_label(row[0]) or known.bare_label(row[0], heading=True))
        if not row or not label or label.head is None or label.rest or label.part == UNKNOWN:
            others += [line] if row is None else []
            continue
        id_ = label.head.own if label.part is None else label.head.ids[label.part]
        if id_ is not None:
            result.passages.append(Passage(id_, [_labelled(line, row[1])]))
    if result.passages:
        result.preamble = others
    return bool(result.passages)


def _take_table(known: Numbering, result: Cut) -> None:
    """Take the answers in a table before the first question; those of a grid of marks are none."""
    table = [line for line in result.preamble if line.kind is Kind.TABLE]
    apart = Cut()
    if not table or _MARKS.search(table[0].text) or not _by_table(table, known, apart):
        return
    answered = {passage.id for passage in result.passages}
    found = [passage for passage in apart.passages if passage.id not in answered]
    result.passages[:0] = found
    if found:
        result.preamble = [line for line in result.preamble if line.kind is not Kind.TABLE]


def _by_print(lines: Sequence[Line], known: Numbering, match: Matcher, result: Cut) -> None:
    """Cut a sheet without any number where the printed questions stand."""
    ids = [id_ for head in known.heads for id_ in (head.own, *head.ids) if id_]
    starts = sorted(match(lines, ids).items())
    result.preamble = lines[: starts[0][0]] if starts else lines
    for (start, id_), end in zip(starts, _ends(starts, len(lines)), strict=True):
        passage = Passage(id_, lines[start:end])
        section = _whole(passage, known, {other for _, other in starts})
        if section is None:
            result.passages.append(passage)
        else:
            _take_parts(section, match, result)


def _whole(passage: Passage, known: Numbering, printed: set[str]) -> Section | None:
    """Return a passage as that of all parts of its question, where they are labelled in it.

    The printed text of one part may be the title of all.
    """
    head = next(head for head in known.heads if passage.id in (head.own, *head.ids))
    section = Section(head, passage.id, passage.lines, {}, known)
    if not head.parts or len(printed.intersection(head.ids)) > 1:
        return None
    found = sorted((index, part) for index, (part, _) in parts.labelled(section).items())
    if not found or found[0][0] == 0 or found == [(found[0][0], 0)]:
        return None
    return section if all(a < b for (_, a), (_, b) in pairwise(found)) else None


def _ends(starts: Sequence[tuple[int, object]], length: int) -> list[int]:
    return [*(start for start, _ in starts[1:]), length][: len(starts)]


# --- sections --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The lines from one question's number to the next; `head` is None for an unknown one."""

    head: Head | None
    written: str
    lines: Sequence[Line]
    named: dict[int, int]


def _stretches(lines: Sequence[Line], labels: Sequence[Found]) -> Iterator[_Stretch]:
    """Yield the stretches of a sheet; labels of the same question in a row make one."""
    group: list[Found] = []
    for found in labels:
        if group and _group_key(group[0].label) != _group_key(found.label):
            yield _stretch(lines, group, found.at)
            group = []
        group.append(found)
    yield _stretch(lines, group, len(lines))


def _group_key(label: HeadLabel) -> object:
    unknown = label.head is None or label.part == UNKNOWN
    return label.written if unknown else label.head


def _stretch(lines: Sequence[Line], group: Sequence[Found], end: int) -> _Stretch:
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
    return _Stretch(head, first.written.strip("*_` .:"), inside, named)


def _labelled(line: Line, rest: str) -> Line:
    """Return the rest of a line behind its label, as deep as what stands under it."""
    kind = Kind.TEXT if line.kind is Kind.TABLE else line.kind
    kind = kind if rest.strip() else Kind.BLANK
    depth = line.depth + (line.item is not None)
    return line._replace(text=rest, body=rest, kind=kind, depth=depth, item=None)


def _without_delimiters(line: Line) -> Line:
    """Return the line below the head of a table: nothing but hyphens and bars says nothing."""
    return _labelled(line, "") if not line.text.strip("-:| \t") else line


def _take(stretch: _Stretch, known: Numbering, match: Matcher, result: Cut) -> None:
    head = stretch.head
    if head is None:
        place = stretch.lines[0].number
        result.warnings.append(f"line {place}: '{stretch.written}' is no question of this rubric")
        if any(line.body.strip() for line in stretch.lines):
            result.strange = result.strange or place
    elif head.parts:
        section = Section(head, stretch.written, stretch.lines, stretch.named, known)
        _take_parts(parts.split_inline(section), match, result)
    else:
        result.passages.append(Passage(str(head.own), stretch.lines))


def _take_parts(section: Section, match: Matcher, result: Cut) -> None:
    head = section.head
    starts, note = parts.find(section, match)
    if note:
        result.warnings.append(f"line {section.lines[0].number}: {section.written}: {note}")
    lines = list(section.lines)
    for index, (_, rest) in starts.items():
        if lines[index].kind is Kind.TABLE and index + 1 < len(lines):
            lines[index + 1] = _without_delimiters(lines[index + 1])
        lines[index] = _labelled(lines[index], rest) if rest is not None else lines[index]
    order = sorted((index, part) for index, (part, _) in starts.items())
    before = lines[: order[0][0]] if order else lines
    for (start, part), end in zip(order, _ends(order, len(lines)), strict=True):
        result.passages.append(Passage(head.ids[part], lines[start:end], before))
    if head.own:
        result.passages.append(Passage(head.own, before))
    elif order and all(part for _, part in order):
        result.orphans.append(Passage(head.ids[0], before))
    elif not order and any(line.body.strip() for line in before if not line.quoted):
        why = f"the text under {section.written} could not be told apart into its parts"
        result.unclear |= dict.fromkeys(head.ids, (why, before[0].number))
