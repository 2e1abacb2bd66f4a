"""Finds the lines of a sheet at which its questions begin, by their numbers."""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from grader import lazy
from grader.readers.paper.blocks import Kind, Line
from grader.readers.paper.numbering import Head, HeadLabel, Numbering, counted

# How surely a line is meant as the number of a question.
HEADING = 3
_SET_APART = 2
_RUNNING_TEXT = 1
_DEEPEST = 99
# So many labels that could be something else make each other likely.
_FEW = 3
_MORE_THAN_ONE = 2


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
    candidates = _bare(lines, known)
    bare = [found for found in candidates if not found.label.is_weak]
    if any(found.label.head for found in worded):
        return _with_gaps_filled(worded, bare, lines)
    weak = _weak_run(candidates, lines, known)
    if weak and _is_within([each for each in bare if each.label.part is None], weak):
        return _ordered([*worded, *weak])
    strong = _best_run(candidates, lines)
    return _ordered([*worded, *max(strong, weak, key=_coverage)])


# --- sections --------------------------------------------------------------------------------

_SECTION = lazy.pattern(
    r"\W{0,3}(?:(?:part|section|teil|abschnitt|partie|parte|secci[oó]n|sezione)[ \t]+"
    r"(?P<number>\d{1,2}|[ivx]{1,4}|[a-z]|one|two|three|four|five|six|seven|eight|nine|ten)"
    r"|(?:the[ \t]+)?(?:(?P<place>\d{1,2})(?:st|nd|rd|th)|(?P<ordinal>[a-z]{4,8}))[ \t]+"
    r"(?:question|problem|exercise|task|part|section))(?![^\W_])[ \t]*[*_]{0,3}[:.)–—-]*[ \t]*",
    re.IGNORECASE,
)


def under_sections(lines: Sequence[Line], known: Numbering, labels: list[Found]) -> list[Found]:
    """Return the sections of a sheet as its questions: `Part 1`, `Second question`.

    They are where nothing else numbers the questions, or what does begins anew in each.
    """
    if any(found.label.form == "word" for found in labels):
        return labels
    found = _sections(lines, known)
    covered = len({each.label.head for each in found if each.label.head})
    places = [each.at for each in found]
    restarted = len(_restarted(lines, known, places)) >= _MORE_THAN_ONE
    if covered < _MORE_THAN_ONE or (labels and not restarted):
        return labels
    return found


def _sections(lines: Sequence[Line], known: Numbering) -> list[Found]:
    """Return the headings of sections that count from one: in digits, letters or words."""
    written = []
    for index, line in enumerate(lines):
        match = _SECTION.match(line.body) if is_eligible(line) and _announces(line) else None
        if match is not None:
            name = match["number"] or match["place"] or match["ordinal"]
            written.append((index, name.lower(), match))
    wanted = list(range(1, len(written) + 1))
    if not any(wanted == [number(name) for _, name, _ in written] for number in _COUNTS):
        return []
    return [
        Found(
            at,
            HeadLabel(known.head("", count), None, "word", match.string[match.end() :], match[0]),
            HEADING,
        )
        for count, (at, _, match) in zip(wanted, written, strict=True)
    ]


def _letter(name: str) -> int:
    return ord(name) - ord("a") + 1 if len(name) == 1 else 0


_COUNTS = (counted, _letter)


def is_doubtful(lines: Sequence[Line], known: Numbering, labels: Sequence[Found]) -> bool:
    """Return whether labels are numbers of lists that begin anew under headings without any.

    Then they are as likely those of parts.
    """
    if any(found.label.form == "word" for found in labels):
        return False
    taken = {found.at for found in labels}
    levels: dict[int, list[int]] = {}
    for index, line in enumerate(lines):
        if line.kind is Kind.HEADING and not known.bare_label(line.body, heading=True):
            levels.setdefault(_level(line), []).append(index)
    begun = (_restarted(lines, known, places) for places in levels.values())
    return any(
        len(each) >= _MORE_THAN_ONE and not taken.isdisjoint(each.values()) for each in begun
    )


def _restarted(lines: Sequence[Line], known: Numbering, places: Sequence[int]) -> dict[int, int]:
    """Return behind which of some places a list of numbers begins, and on which line it does."""
    begun: dict[int, int] = {}
    for each in _bare(lines, known):
        label = each.label
        if label.part is None and not label.is_weak and label.head and label.head.number == 1:
            begun.setdefault(bisect(places, each.at), each.at)
    begun.pop(0, None)
    return begun


def _coverage(run: Sequence[Found]) -> int:
    return len({_identity(each.label) for each in run})


def _ordered(found: list[Found]) -> list[Found]:
    return sorted(found, key=lambda each: each.at)


def is_eligible(line: Line) -> bool:
    """Return whether a label may stand on a line: not in code, tables, formulas, quotations."""
    return line.kind in (Kind.TEXT, Kind.HEADING) and not line.quoted


def _worded(lines: Sequence[Line], known: Numbering) -> list[Found]:
    found = []
    for index, line in enumerate(lines):
        label = known.worded_label(line.body) if line.body and is_eligible(line) else None
        if label is not None and (label.head or _announces(line)):
            announced = _SET_APART if _is_announced(line.body, label) else _RUNNING_TEXT
            found.append(Found(index, label, max(announced, _strength(lines, index))))
    firm = {_identity(each.label) for each in found if each.strength > _RUNNING_TEXT}
    return [
        each for each in found if each.strength > _RUNNING_TEXT or _identity(each.label) not in firm
    ]


def _identity(label: HeadLabel) -> tuple[Head | None, int | None]:
    return label.head, label.part


_CONTINUED = lazy.pattern(
    r"[(\[,–—-]{0,2} {0,2}(?:cont(?:inued|inuation|['’]?d|\.)?|fortsetzung|suite|continuaci[oó]n)"
    r"[.:)\]*_ ]{0,4}",
    re.IGNORECASE,
)


def _is_announced(body: str, label: HeadLabel) -> bool:
    """Return whether a colon or bracket follows a label, as it does not in a sentence."""
    start = body.find(label.written) + len(label.written)
    behind = body[start:].lstrip(" *_`")
    closed = label.written[-1:] in ":)" or behind[:1] in (":", "：", ")")
    return closed or _CONTINUED.fullmatch(behind) is not None


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


_BEGINS = lazy.pattern(
    r"[*_`(\[# \t]{0,6}(?:\d|[IVX]{1,4}(?![A-Za-z])|[一二三四五六七八九十]|N[or°º]\.?[ \t]*\d)"
)


def _bare(lines: Sequence[Line], known: Numbering) -> list[Found]:
    found = []
    for index, line in enumerate(lines):
        if not _BEGINS.match(line.body) or not is_eligible(line):
            continue
        heading = line.kind is Kind.HEADING
        label = known.bare_label(line.body, heading=heading)
        if label is not None and label.head is not None:
            found.append(Found(index, label, _strength(lines, index)))
    return found


def _best_run(candidates: Sequence[Found], lines: Sequence[Line]) -> list[Found]:
    """Return the bare numbers that number the questions: the way of writing that covers most."""
    bare = [found for found in candidates if not found.label.is_weak]
    with_part = [each for each in bare if each.label.part is not None]
    ways: dict[tuple[bool, int, str], list[Found]] = {}
    for each in bare:
        if each.label.part is None:
            line = lines[each.at]
            way = (line.kind is not Kind.HEADING, line.depth, each.label.form)
            ways.setdefault(way, []).append(each)
    ways.setdefault((True, _DEEPEST, ""), [])  # only numbers that name a part: 1a, 1b, 2a
    ways = _without_lists(ways)
    together = [_ordered([*found, *with_part]) for _, found in sorted(ways.items())]
    runs = [_named_run(with_part, candidates, lines)]
    runs += [_rising(found, lines) for found in together]
    runs += [_scattered(found, lines) for found in together]
    best = max(runs, key=lambda run: _worth(run, lines))
    heads = {each.label.head for each in best}
    firm = len(heads) > 1 or any(each.strength == HEADING for each in best)
    return best if firm or any(each.label.part is not None for each in best) else []


def _without_lists(
    ways: Mapping[tuple[bool, int, str], list[Found]],
) -> dict[tuple[bool, int, str], list[Found]]:
    """Return the ways of numbering without the lists that begin anew behind those of another.

    A number alone on its line is another way than one with text behind it, where both have it.
    """
    parted: dict[tuple[bool, int, str], list[Found]] = {}
    for way, found in ways.items():
        alone = [each for each in found if not each.label.rest.strip()]
        others = [each for each in found if each.label.rest.strip()]
        both = {each.label.head for each in alone} & {each.label.head for each in others}
        if both and _counts_up(alone):
            parted[way] = alone
            parted[way[0], way[1], f"{way[2]}…"] = others
        else:
            parted[way] = found
    outer = [found for found in parted.values() if _counts_up(found)]
    return {
        way: found
        for way, found in parted.items()
        if not any(_is_within(found, other) for other in outer)
    }


def _counts_up(found: Sequence[Found]) -> bool:
    """Return whether numbers rise from the first to the last, none of them twice."""
    numbers = [each.label.head.number for each in found if each.label.head]
    return len(numbers) > 1 and all(a < b for a, b in pairwise(numbers))


def _is_within(found: Sequence[Found], outer: Sequence[Found]) -> bool:
    """Return whether numbers are those of lists behind the numbers of another way.

    Each begins with one; there are several, or the other way repeats later what they count.
    """
    places = [each.at for each in outer]
    first: dict[int, int] = {}
    for each in found:
        first.setdefault(bisect(places, each.at), each.label.head.number if each.label.head else 0)
    if any(each.at in places for each in found) or set(first.values()) != {1} or 0 in first:
        return False
    listed = {each.label.head for each in found}
    return len(first) > 1 or any(
        each.label.head in listed for each in outer if each.at > found[-1].at
    )


def _worth(run: Sequence[Found], lines: Sequence[Line]) -> tuple[int, int, int]:
    """Return by what the best way of numbering is known: it covers most, and stands least deep."""
    depth = min((lines[each.at].depth for each in run), default=0)
    return len({each.label.head for each in run}), _coverage(run), -depth


def _scattered(found: Sequence[Found], lines: Sequence[Line]) -> list[Found]:
    """Return labels in whatever order they stand, each set apart and none there twice."""
    clear = [each for each in found if not each.label.rest.strip() or _is_apart(lines, each.at)]
    unique = len({_identity(each.label) for each in clear}) == len(clear)
    plain = {each.label.head for each in clear if each.label.part is None}
    whole = not any(each.label.head in plain for each in clear if each.label.part is not None)
    return clear if unique and whole and len({each.label.head for each in clear}) > 1 else []


def _named_run(
    with_part: Sequence[Found], candidates: Sequence[Found], lines: Sequence[Line]
) -> list[Found]:
    """Return labels that name parts, where there are many, and the numbers without parts between.

    They stand in order, or in whatever order where none is there twice.
    """
    named = _rising(with_part, lines)
    unique = len({_identity(each.label) for each in with_part}) == len(with_part)
    if unique and len(named) < len(with_part):
        named, in_order = list(with_part), False
    else:
        in_order = True
    if len(named) < _FEW:
        return []
    plain = [each for each in candidates if _may_stand_between(each)]
    listed = _listed(candidates, named)
    ranked = sorted(plain, key=lambda each: (each.at in listed, each.label.is_weak))  # stable
    taken: dict[Head | None, Found] = {}
    alike = Counter((each.label.head, each.label.form) for each in plain)
    for each in ranked:
        if each.label.head not in taken:
            single = alike[each.label.head, each.label.form] == 1
            free = not in_order or (single and _is_apart(lines, each.at))
            if free or _is_between(each, named):
                taken[each.label.head] = each
    return _ordered([*named, *taken.values()])


def _may_stand_between(each: Found) -> bool:
    """Return whether a label is a number alone of a question that has no parts."""
    head = each.label.head
    return head is not None and not head.parts and each.label.part is None


def _listed(found: Sequence[Found], named: Sequence[Found]) -> set[int]:
    """Return the lines that are items of lists: 1., 2., 3. where the first question has parts."""
    heads = {each.label.head for each in named}
    places = {each.at for each in named}
    listed: set[int] = set()
    last = 0
    for each in found:
        number = each.label.head.number if each.label.head else 0
        if each.at in places:
            last = 0
        elif number == 1 and each.label.head in heads:
            last = 1
        else:
            last = number if last and number == last + 1 else 0
        if last:
            listed.add(each.at)
    return listed


def _is_between(each: Found, named: Sequence[Found]) -> bool:
    """Return whether a number has its place among labels that are in order."""
    numbers = [(other.at, other.label.head.number) for other in named if other.label.head]
    number = each.label.head.number if each.label.head else 0
    before = [other for at, other in numbers if at < each.at]
    after = [other for at, other in numbers if at > each.at]
    return max(before, default=0) < number < min(after, default=number + 1)


def _is_apart(lines: Sequence[Line], index: int) -> bool:
    """Return whether nothing stands right above a line, or it is a heading or emphasised."""
    line = lines[index]
    bold = line.body.startswith(("**", "__"))
    return index == 0 or bold or line.kind is Kind.HEADING or lines[index - 1].kind is not Kind.TEXT


def _weak_run(found: Sequence[Found], lines: Sequence[Line], known: Numbering) -> list[Found]:
    """Return labels that make each other likely, though none is one by itself.

    Many that name parts in order, with the numbers of the questions between that have none; or
    numbers in order, one for most of the questions.
    """
    runs: list[list[Found]] = [[]]
    for way in sorted({_way(each) for each in found if each.label.is_weak}):
        alike = [each for each in found if _way(each) == way]
        runs.append(
            _named_run([each for each in alike if each.label.part is not None], found, lines)
        )
        run = _rising(alike, lines)
        covered = {each.label.head for each in run}
        if len(covered) >= _FEW and 2 * len(covered) > len(known.heads):
            runs.append(run)
    return max(runs, key=_coverage)


def _way(each: Found) -> str:
    return each.label.form.split("#")[0]


def _rising(found: Sequence[Found], lines: Sequence[Line]) -> list[Found]:
    """Return the labels whose numbers rise; a list that begins anew inside an answer does not."""
    taken: list[Found] = []
    indices: set[int] = set()
    for each in _without_inner(found):
        head = each.label.head
        line = lines[each.at]
        begins = line.item is None or line.run in (None, each.at, *indices)
        if head is None or not begins:
            continue
        last = taken[-1].label if taken else None
        if last is None or last.head is None or head.number > last.head.number:
            is_next = True
        else:
            is_next = head == last.head and each.label.part not in (None, last.part)
        if is_next:
            taken.append(each)
            indices.add(each.at)
    return taken


def _without_inner(found: Sequence[Found]) -> Sequence[Found]:
    """Return labels without a list from one on that counts past the question it stands behind.

    It is one where the number that comes next stands below it once more.
    """
    numbers = [each.label.head.number if each.label.head else 0 for each in found]
    plain = [each.label.part is None for each in found]
    inner: set[int] = set()
    for start in range(1, len(found)):
        if not plain[start] or numbers[start] != 1:
            continue
        end = start + 1
        while end < len(found) and plain[end] and numbers[end] == numbers[end - 1] + 1:
            end += 1
        after = numbers[start - 1] + 1
        if numbers[end - 1] >= after and after in numbers[end : end + _FEW]:
            inner.update(range(start, end))
    return [each for index, each in enumerate(found) if index not in inner]


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
        begins = line.item is None or line.run in (None, each.at)
        fits = _level(line) in levels or each.label.part is not None
        clear = each.label.part is not None and _is_apart(lines, each.at)
        if begins and fits and not line.depth and (clear or _is_next(each, taken)):
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
    if each.label.part is not None:
        return max(before[-1:], default=0) < head.number < min(after[:1], default=head.number + 1)
    if after and head.number >= after[0]:
        return False
    # A number alone may be that of a part, or of a list inside the answer before.
    is_clear = head.is_lettered or not head.parts
    return is_clear and not each.label.form.startswith("(") and before[-1:] == [head.number - 1]
