"""Rows of a name and a number, in whatever a student pasted: summaries, tables, lists, lines."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from grader import lazy
from grader.kinds import _numerals, _results, _typed
from grader.kinds._numerals import Numeral
from grader.values import Plain

# A summary of a deep network has a few hundred rows; what is longer is no answer.
_MOST_ROWS = 200
_MOST_LINES = 300
_LONGEST_LINE = 400
_LONGEST_LABEL = 80
# Behind more separators than these there is no row: `conv1: 3 -> 64 = (3*9 + 1) * 64 = 1792`.
_MOST_SEPARATORS = 5
# A number at the end of a line, with its units, is no longer than this.
_LONGEST_END = 80
# More unreadable lines than these between two rows begin another table.
_GAP = 2
# Says of a reading that the side of a square map was taken from its shape.
SIDE = "a side"
# Fewer summands than these are the weights and biases of one row.
_FEWEST_ADDENDS = 3

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_BARS = str.maketrans(dict.fromkeys("│┃║¦", "|"))
_QUOTES = str.maketrans(dict.fromkeys("{}\"'", " "))
_TREE = lazy.pattern(r"^[ \t│|]*[├└][─-]*", re.MULTILINE)
_RULE = frozenset("|:+=_-━─═┏┓┗┛┡┩┳╇┻└┘┌┐├┤┬┴┼╞╡╪╒╕╘╛╤╧╔╗╚╝╠╣╦╩╬")
_ROW_BREAK = lazy.pattern(r"\\\\(?:\s?\[[^\]]{0,10}\])?")
_BULLET = lazy.pattern(
    r"\A\s*(?:[-*+>#•]+\s+|\(?(?:[a-z]|[ivx]{1,4})[).]\s+|\d{1,3}[).]\s+(?=\S*[A-Za-z]))"
)
_HEADER = lazy.pattern(r"param|count|weights?\b|anzahl|number|\btotal\b|\bn\b|#", re.IGNORECASE)
_UNITS = lazy.pattern(
    r"(?<![A-Za-z_])"
    r"(?:(?:learnable|trainable|total|approx\.?|about|in\s+total|each|per\s+layer)\s*)?"
    r"(?:params?|parameters?|weights?|bias(?:es)?|each|in\s+total|values)(?![A-Za-z_])\.?"
    r"|(?<=\d)\s?(?:个?参数|個?參數|个|個|параметр(?:а|ов)?|par[aá]metros|paramètres|parametri)(?!\w)",
    re.IGNORECASE,
)
_ABOUT = lazy.pattern(r"[≈~]|\babout\b|\bapprox|\broughly\b|\bca\b", re.IGNORECASE)
_OTHER_QUANTITY = lazy.pattern(
    r"\b(?:memory|mult-?adds?|flops?|macs?|[kmg]i?b|bytes?|estimated)(?![A-Za-z])", re.I
)
_SIZE = lazy.pattern(
    r"\bsize\s*\(\s*[kmg]i?b\s*\)|\bnon[\s-]trainable\b|\boptimizer\b", re.IGNORECASE
)
_OTHER_CLAUSE = lazy.pattern(
    r"\b(?:memory|mult-?adds?|flops?|macs?|size|output|input)\s?[:=]\s{0,3}[^\s;|]{1,60}",
    re.IGNORECASE,
)
_THIS_QUANTITY = lazy.pattern(r"param|weight", re.IGNORECASE)
_ASIDE = lazy.pattern(r"\([^()]*[A-Za-z→⇒][^()]*\)|\[[^\[\]]*\]")
_DEPTH_INDEX = lazy.pattern(r":\s*\d+-\d+\s*\Z")
_SEPARATOR = lazy.pattern(
    r":\s+|:(?=[\d(])|\s*⇒\s*|\s*->\s*|\s+-\s+|=|\s+(?:has|have|is|are|with)\s+"
)
# The sides of a square map, with its channels last or first: `28 * 28 * 6`, `6x28x28`.
_SIDES = (
    r"(?:(?P<last>\d{1,5})\s?[xX*]\s?(?P=last)(?:\s?[xX*]\s?\d{1,6})?"
    r"|\d{1,6}\s?[xX*]\s?(?P<first>\d{1,5})\s?[xX*]\s?(?P=first))(?![\d.])(?!\s?[xX*])"
)
_IN_BRACKETS = lazy.pattern(r"[(\[]\s*\d{1,6}(?:\s*,\s*\d{1,6}){1,2}\s*[)\]]")
_LAST_NUMBER = lazy.pattern(
    rf"[\s,:=](?P<value>{_SIDES}|[+-]?\s?{_numerals.NUMERAL})"
    rf"(?:\s*{_UNITS.pattern})*\s*[.,;]?\s*\Z",
    re.IGNORECASE,
)
_ORDINAL = lazy.pattern(r"\A\s*#?(\d{1,3})\s*[.):]\s+(.+)")
_HEADING = lazy.pattern(
    r"[\W_]*((?:\w+\s+)?(?:block|stage|group|section|module|level|part|set)\s*\d{1,2})[\W_]*",
    re.IGNORECASE,
)
# Three convolutions: `conv x3`, `conv (3 layers)`, `3x conv`; but not the kernel of `conv 3x3`.
_TIMES = lazy.pattern(
    r"(?<![\dxX*])\s*\(?\s*(?:[xX*]\s?(\d{1,2})|(\d{1,2})\s?(?:[xX*]|times|layers))\s*\)?\s*\Z",
)
_TIMES_IN_FRONT = lazy.pattern(r"(\d{1,2})\s?[xX*]\s(?=[A-Za-z]{3})")
_SEVERAL = lazy.pattern(
    rf"(?<![\d(,]){_numerals.MANTISSA}(?:(?:\s*[,;]\s+(?:and\s+)?|\s+and\s+){_numerals.MANTISSA}){{3,}}"
)
_ENUMERATION = lazy.pattern(
    r"\[[^\[\]]*[A-Za-z][^\[\]]*,[^\[\]]*\]|\([^()]*[A-Za-z][^()]*,[^()]*\)"
)
_BRACKETED = lazy.pattern(r"\[[^\[\]]*\]|\([^()]*\)")
_FRACTION = lazy.pattern(r"\\[dt]?frac\s?\{([^{}]{1,40})\}\s?\{([^{}]{1,40})\}")
_ADDEND = lazy.pattern(
    rf"({_numerals.MANTISSA})(?:\s*[xX*]\s*(\d{{1,2}}))?|(\d{{1,2}})\s*[xX*]\s*({_numerals.MANTISSA})"
)
# `conv1: 40 conv2: 27 conv3: 81`, also as a dictionary prints it.
_NAMED = lazy.pattern(
    r"(?<=[\s,;{(])['\"]?[A-Za-z][\w.-]{0,30}['\"]?\s?[:=]\s?['\"]?[\d(](?![^\s,;]{0,40}[:=]\s)"
)
_LONGEST_PAIRS = 6_000
# The channels that a layer takes in and gives out say nothing that its place does not.
_FLOW = lazy.pattern(r"\A\s*\d{1,5}\s*(?:⇒|->)\s*\d{1,5}\s*[:=,]\s*(?=\S)")
_HEADINGS = ("block", "stage", "group", "section", "module", "level", "part", "set")
# The name of a layer, perhaps with its type behind it, and a line of such a name and a number.
_NAME = r"(?:[A-Za-z]{3}|[A-Za-z]{1,2}\d)\w{0,40}(?: \([A-Za-z]{2,30}(?:[123]D)?\))?"
_USUAL_NAME = lazy.pattern(_NAME, re.ASCII)
_USUAL = lazy.pattern(
    rf"(?P<bar>\| ?)?(?:[-*] )?(?P<name>{_NAME}(?:-\d{{1,4}})?)"
    r"(?: ?\(\d{1,5} ?(?:->|⇒) ?\d{1,5}\))?"
    r"(?:: ?| = | {2,}| ?\| ?)(?:(?P<work>[(\d][\d +*x().]{2,80}?) ?= ?)?"
    r"(?P<number>[1-9]\d{0,2}(?:,\d{3}){1,5}|\d{1,18})(?: param(?:eter)?s)? ?(?(bar)\|)\s*",
    re.ASCII,
)
_OTHER_WORDS = (
    *("size", "trainable", "optimizer", "memory", "mult", "flop", "mac", "byte", "estimated"),
    *("kb", "mb", "gb", "kib", "mib", "gib"),
)
_UNIT_WORDS = ("param", "weight", "bias", "each", "value", "none")
_AROUND = " .;,~≈:"
_EQUALS = lazy.pattern("[=≈⇒]")
_MORE_THAN_A_NAME = (*_UNIT_WORDS, *_OTHER_WORDS)
_ENDS_LIKE_TIMES = ("x", "times", "layers")
_WEIGHTS = lazy.pattern(r"\W*(?:kernel\s)?weights?\W*")
_BIASES = lazy.pattern(r"\W*bias(?:es)?\W*")
_COUNTED = lazy.pattern(rf"\s*(\d{{1,3}})(?:\s*[.:)]\s*|\s*,\s+|\s+)({_numerals.MANTISSA})\s*")
_CLAUSES = lazy.pattern(r";\s*(?=[A-Za-z(])")
_PAIRS = lazy.pattern(r"(?:,\s+|\s+and\s+)(?=[A-Za-z(])|\s+(?=[A-Za-z]\w{0,20}\s?=)")
_NUMBERS = lazy.pattern(
    rf"[\s,;\[\]()|]*(?:(?:{_SIDES}|{_numerals.MANTISSA})"
    r"(?:\s*(?:⇒|->)\s*|[\s,;\[\]()|]+(?:and\s+)?|[\s.]*\Z))+"
)
_ENDS_LIKE_PART = ("weight", "weights", "kernel", "gamma", "beta", "bias", "biases", "w", "b")
_PART = lazy.pattern(
    r"\A(?P<stem>.+?)[./_\s-](?P<part>weights?|kernel|gamma|beta|bias(?:es)?|w|b)(?::\d)?\Z", re.I
)
_IS_PART = lazy.pattern(r"\A\W*(?:weights?|kernels?|bias(?:es)?|total|sum)\b", re.IGNORECASE)
_IS_WEIGHT = lazy.pattern(r"\A\W*(?:weights?|kernels?|bias(?:es)?)\b", re.IGNORECASE)
_IS_SUM = lazy.pattern(r"\A\W*(?:(?:in\s+)?total|sum)\b", re.IGNORECASE)
_LABELLED_TOTAL = lazy.pattern(rf"\b(?:total|sum)\b\D{{0,12}}({_numerals.NUMERAL})", re.IGNORECASE)
_DESCRIPTION = lazy.pattern(
    r"\S*\(\s*\[[^\[\]]*\]\s*\)|\[[^\[\]]*\]|\([^()]*(?:⇒|->|None|\d\s*[xX*+]\s*\d)[^()]*\)"
)
_SHAPE = lazy.pattern(r"[(\[][^()\[\]]*,[^()\[\]]*[)\]]\Z")
_ARROWED = lazy.pattern(r"\([^()]*(?:⇒|->)[^()]*\)")
_SPLIT_NUMBER = lazy.pattern(r"(?:^|[\s:=⇒])\d{1,3},\s?\d{3}(?!\d)")


class Line(NamedTuple):
    """One row as it was found: its label, the readings of its number, and where.

    `computed` is what the computation in front of the number comes to. `heading` is what stood
    above it (`Block 2`), `times` for how many rows it stands (`x 3`), and `table` counts the
    tables of an answer. What `is_plain` has nothing but a name and this number in its line.
    """

    label: str
    numbers: tuple[Numeral, ...]
    source: str = ""
    computed: float | None = None
    heading: str = ""
    times: int = 1
    table: int = 0
    is_plain: bool = False


def of_value(value: Plain) -> list[Line]:
    """Return the rows of a sheet's value: a mapping, a list, or a text."""
    if isinstance(value, dict):
        return _merged(list(_of_mapping(value, "", 0)))[:_MOST_ROWS]
    if isinstance(value, list):
        return _merged([row for item in value[:_MOST_ROWS] for row in _of_item(item)])[:_MOST_ROWS]
    return of_text(_typed.scalar(value))


def _of_mapping(value: dict[str, Plain], prefix: str, depth: int) -> Iterator[Line]:
    """Yield the rows of a mapping; the keys of inner mappings are joined to labels."""
    for key, item in list(value.items())[:_MOST_ROWS]:
        label = f"{prefix} {key}".strip()[:_LONGEST_LABEL]
        if isinstance(item, dict) and depth < 3:
            yield from _of_mapping(item, label, depth + 1)
        elif isinstance(item, list):
            for each in item[:_MOST_ROWS]:
                if not isinstance(each, list | dict):
                    yield from _row(label, _typed.plain(_typed.scalar(each)))
        elif not isinstance(item, dict):
            yield from _row(label, _typed.plain(_typed.scalar(item)))


def _of_item(item: Plain) -> Iterator[Line]:
    """Yield the rows of one item of a list: a line, a pair, or a mapping of columns."""
    if isinstance(item, dict):
        if len(item) == 1:
            yield from _of_mapping(item, "", 0)
            return
        cells = [_cell(each) for each in item.values()]
        column = _column([str(key) for key in item], ())
        yield from _of_cells(cells, [_value(cell) for cell in cells], column)
    elif isinstance(item, list):
        cells = [_cell(each) for each in item]
        yield from _of_cells(cells, [_value(cell) for cell in cells], None)
    else:
        yield from of_text(_typed.scalar(item))


def _cell(item: Plain) -> str:
    return "" if isinstance(item, list | dict) else _typed.plain(_typed.scalar(item))


# --- text ------------------------------------------------------------------------------------


def of_text(text: str) -> list[Line]:
    """Return the rows of a text, in its order."""
    plain = _plain(text)
    if plain.lstrip().startswith("[{") and (records := _records(plain)):
        return of_value(records)
    if plain.lstrip().startswith("{") and "\\begin" not in plain:
        plain = plain.translate(_QUOTES)
    lines = _without_ordinals(_lines(plain))
    if lying := _lying(lines):
        return lying
    is_tree = "depth-idx" in text or "├─" in text
    rows: list[Line] = []
    column: int | None = None
    addends: tuple[int, int] | None = None
    width = 0
    heading = ""
    table = gap = 0
    for line in lines:
        if len(line) > _LONGEST_LINE or _is_rule(line):
            continue
        if column is None or (column == 1 and "|" in line):
            here = table + (gap > _GAP and bool(rows))
            if (usual := _usual_row(line, heading, here)) is not None:
                table, gap = here, 0
                rows.append(usual)
                continue
        if lazy.may_say(line, _OTHER_WORDS) and _THIS_QUANTITY.search(line):
            line = _OTHER_CLAUSE.sub(" ", line)
        cells = _cells(line, width)
        values = [_value(cell) for cell in cells] if len(cells) > 1 else []
        if (header := _column(cells, values)) is not None:
            width = len(cells) if line.count(",") + 1 == len(cells) else 0
            column, table, gap = header, table + bool(rows), 0
            addends = _added_columns(cells)
            column = max(addends) if addends else column
            continue
        if addends:
            _add_columns(cells, values, addends)
        if above := _heading(line):
            heading = above
            continue
        if rows and _goes_on(cells, rows[-1], column):
            rows[-1] = rows[-1]._replace(label=f"{rows[-1].label} {cells[0].strip()}")
            continue
        found = [] if _is_other(line) else list(_of_line(line, cells, values, column))
        if not found:
            gap += 1
            continue
        table += gap > _GAP and bool(rows)
        gap = 0
        place = _Place(line.strip(), heading, table, is_tree)
        rows += [_tidied(row, place) for row in found if row.numbers]
        if len(rows) > _MOST_ROWS:
            break
    return _merged(rows)[:_MOST_ROWS]


def _records(text: str) -> list[Plain]:
    """Return a list of mappings that was pasted as JSON; nothing where it is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return value if isinstance(value, list) else []


def _plain(text: str) -> str:
    """Return a text without decoration, with the bars and branches of a table or tree in ASCII."""
    is_drawn = not text.isascii()
    plain = _typed.plain(_TREE.sub(" ", text) if is_drawn else text)
    if is_drawn:
        plain = plain.translate(_BARS)
    return _FRACTION.sub(r"(\1)/(\2)", plain) if "\\" in plain else plain


def _is_rule(line: str) -> bool:
    """Return whether a line is only drawn, as between the head of a table and its rows."""
    return all(char in _RULE or char.isspace() for char in line)


def _heading(line: str) -> str:
    """Return what a line that is only the name of a part of a network says: `Block 2`."""
    if not lazy.may_say(line, _HEADINGS):
        return ""
    found = _HEADING.fullmatch(line)
    return found[1] if found else ""


def _usual_row(line: str, heading: str = "", table: int = 0) -> Line | None:
    """Return the row of a line such as `conv1_1: 1,792`; None where it needs a closer look.

    Most lines are of this form, and what the rest of this module would make of one is known:
    neither name nor number is changed, and no other row is in it.
    """
    found = _USUAL.fullmatch(line)
    if found is None:
        return None
    label = found["name"]
    name = label.partition(" ")[0].lower()
    stem = name.rstrip("0123456789_")
    if stem in _HEADINGS or stem.endswith(_ENDS_LIKE_TIMES) or name.endswith(_ENDS_LIKE_TIMES):
        return None
    if lazy.may_say(label, _MORE_THAN_A_NAME):
        return None
    work, numbers = found["work"], _numerals.read(found["number"])
    computed = _results.compute(work) if work else None
    return Line(label, numbers, line.strip(), computed, heading, 1, table, not work)


def is_plain(lines: Sequence[Line], text: str) -> bool:
    """Return whether a text's lines are rows of a name and its number, and nothing else."""
    if not all(line.is_plain for line in lines):
        return False
    return len(lines) == sum(map(_typed.has_digit, text.split("\n")))


def _lying(lines: Sequence[str]) -> list[Line]:
    """Return the rows of a table that has its names in a line, and below them the numbers."""
    lines = list(itertools.islice((line for line in lines if not _is_rule(line)), 3))
    if len(lines) != 2 or any(len(line) > _LONGEST_LINE for line in lines):
        return []
    names, cells = (_cells(line, 0) for line in lines)
    values = [_value(cell) for cell in cells]
    if len(names) != len(cells) or _column(names, [_value(name) for name in names]) is not None:
        return []
    # A first cell without a number is the head of the line.
    first = 0 if values[0] else 1
    named = all(re.search("[A-Za-z]", name) and not _value(name) for name in names[first:])
    if len(names) - first < 2 or not named or not all(values[first:]):
        return []
    return [
        value._replace(label=_bare_label(name), source=f"{name}: {cell}")
        for name, cell, value in zip(names[first:], cells[first:], values[first:], strict=True)
        if value is not None
    ]


def _lines(plain: str) -> list[str]:
    """Return the last lines that are not blank, with LaTeX's row breaks as ends of lines."""
    if "\\\\" in plain:
        plain = _ROW_BREAK.sub("\n", plain)
    rows = (line for line in plain.split("\n") if line.strip())
    lines = [piece for line in rows for piece in _apart(line)]
    return [
        _FLOW.sub("", line) if "⇒" in line or "->" in line else line
        for line in lines[-_MOST_LINES:]
    ]


def _apart(line: str) -> list[str]:
    """Return a line in pieces where it holds nothing but names, each with its number."""
    if len(line) > _LONGEST_PAIRS or line.count(":") + line.count("=") < _FEWEST_ADDENDS:
        return [line]
    starts = [found.start() for found in _NAMED.finditer(f" {line}")]
    if len(starts) < _FEWEST_ADDENDS or line[: max(0, starts[0] - 1)].strip(" {(['\""):
        return [line]
    bounds = [*(max(0, start - 1) for start in starts), len(line)]
    pieces = [line[a:b].strip(" ,;{}") for a, b in itertools.pairwise(bounds)]
    single = all(_value(re.split("[:=]", piece, maxsplit=1)[1]) for piece in pieces)
    return pieces if single else [line]


class _Place(NamedTuple):
    """Where a row stood: its line, what stood above it, in which table, and whether in a tree."""

    source: str
    heading: str
    table: int
    is_tree: bool


def _tidied(row: Line, place: _Place) -> Line:
    """Return a row whose label is only a name: without torchinfo's index and without `x 3`."""
    label = _DEPTH_INDEX.sub("", row.label) if place.is_tree else row.label
    times = _TIMES.search(label) if _may_tell_times(label) else None
    in_front = _TIMES_IN_FRONT.match(label) if label[:1].isdecimal() else None
    if in_front and not times:
        label, times = label[in_front.end() :], in_front
    elif times:
        label = label[: times.start()]
    count = int(next(filter(None, times.groups()))) if times else 1
    return Line(
        label=label.strip(" :(")[:_LONGEST_LABEL],
        numbers=row.numbers,
        source=place.source,
        computed=row.computed,
        heading=place.heading,
        times=max(1, min(count * row.times, 50)),
        table=place.table,
    )


def _may_tell_times(label: str) -> bool:
    """Return whether a label may end with a number of layers: `conv x3`, `conv (3 layers)`."""
    end = label.rstrip(" )")
    number = end.rstrip("0123456789")
    before = number.rstrip() if number != end else end
    return before.endswith(("x", "X", "*")) or end.endswith(("times", "layers"))


def _cells(line: str, width: int) -> list[str]:
    """Return the cells of a line: at bars, tabs, ampersands, wide gaps, semicolons or commas.

    `width` is how many cells the head of a table with commas has, or 0.
    """
    if "|" in line:
        return [cell.strip() for cell in line.strip().strip("|").split("|")]
    if "\t" in line.strip():
        return [cell.strip() for cell in line.split("\t")]
    if line.count("&") > 1 or ("&" in line and not re.search("[:=]", line)):
        return [cell.strip() for cell in line.split("&")]
    bare = line.strip()
    if " ".join(bare.split()) != bare:
        cells = re.split(r"\s{2,}(?![=≈:])", bare)
        if len(cells) > 1 and not any("=" in cell for cell in cells):
            return cells
    cells = [bare]
    if ";" in line and "; " not in line:
        return [cell.strip() for cell in line.split(";")]
    if '"' in line:
        return [cell.strip(' "') for cell in re.findall(r'"[^"]*"|[^,]+', line)]
    if "," in line and (line.count(",") + 1 == width or not re.search(r"\d|,\s", line)):
        return [cell.strip() for cell in line.split(",")]
    if "," not in line:
        return cells
    if _SPLIT_NUMBER.search(line):
        line = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", line)
    comma = re.fullmatch(r"\s*([^,:=]*[A-Za-z][^,:=]*),\s?([^,]*)\s*", line)
    return [comma[1].strip(), comma[2].strip()] if comma else cells


def _column(cells: Sequence[str], values: Sequence[Line | None]) -> int | None:
    """Return which column of a header holds the numbers that are asked for, if it is one."""
    if len(cells) < 2 or any(values) or any(re.search(r"\d\d", cell) for cell in cells):
        return None
    for word in ("total", "param"):
        for index in range(len(cells) - 1, -1, -1):
            if word in cells[index].lower():
                return index
    return next((i for i in range(len(cells) - 1, -1, -1) if _HEADER.search(cells[i])), None)


def _added_columns(cells: Sequence[str]) -> tuple[int, int] | None:
    """Return the columns of weights and of biases of a header that has no column of both."""
    names = [cell.lower() for cell in cells]
    if any("total" in name or "param" in name or "sum" in name for name in names):
        return None
    weights = [i for i, name in enumerate(names) if _WEIGHTS.fullmatch(name)]
    biases = [i for i, name in enumerate(names) if _BIASES.fullmatch(name)]
    return (weights[0], biases[0]) if len(weights) == len(biases) == 1 else None


def _add_columns(cells: list[str], values: list[Line | None], addends: tuple[int, int]) -> None:
    """Put the sum of weights and biases into the later of their columns."""
    first, last = sorted(addends)
    if last < len(values) and values[first] and values[last]:
        cells[last] = f"{cells[first]} + {cells[last]}"
        values[last] = _value(cells[last])


def _without_ordinals(lines: list[str]) -> list[str]:
    """Return lines that are a number and another one without the first, where it only counts."""
    found = [_COUNTED.fullmatch(line) for line in lines]
    numbers = [int(one[1]) for one in found if one]
    is_counted = len(numbers) >= _FEWEST_ADDENDS and len(numbers) == len(lines)
    if not is_counted or numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        return lines
    return [one[2] for one in found if one]


def _goes_on(cells: Sequence[str], before: Line, column: int | None) -> bool:
    """Return whether a line only carries on the label of the row before: `(MaxPooling2D)`."""
    if column is None or len(cells) <= column or cells[column]:
        return False
    return bool(re.fullmatch(r"[(\w)-]+", cells[0])) and len(before.label) < _LONGEST_LABEL


def _is_other(line: str) -> bool:
    """Return whether a line is about memory or computation and not about parameters."""
    if not lazy.may_say(line, _OTHER_WORDS):
        return False
    if _SIZE.search(line):
        return True
    return _OTHER_QUANTITY.search(line) is not None and _THIS_QUANTITY.search(line) is None


def _of_line(
    line: str, cells: Sequence[str], values: Sequence[Line | None], column: int | None
) -> Iterator[Line]:
    if len(cells) > 1:
        rows = list(_of_cells(cells, values, column))
        yield from rows
        if rows or "|" in line or "\t" in line:
            return
    if _holds_numbers(line):
        yield from _bare(line)
        return
    clauses = _CLAUSES.split(line) if ";" in line else [line]
    yield from _rows_of_all(clauses, _clause) or (_clause(line) if len(clauses) > 1 else ())


def _rows_of_all(parts: Sequence[str], read: Callable[[str], Iterable[Line]]) -> list[Line]:
    """Return the rows of all parts of a line; none where a part has no row."""
    rows: list[Line] = []
    for part in parts:
        found = list(read(part))
        if not found:
            return []
        rows += found
    return rows


def _clause(text: str) -> list[Line]:
    """Return the rows of a line or of a part of it: `conv1: 40, conv2: 27, total 67`."""
    line = _ENUMERATION.sub(" ", text) if "," in text else text
    several = _SEVERAL.search(_BRACKETED.sub(" ", line)) if _may_list(line) else None
    if several:
        return list(_bare(several[0].replace(" and ", ", ")))
    parts = _PAIRS.split(line)
    if len(parts) == 1:
        return list(_of_statement(line))
    rows = [] if _is_one_row(parts) else _rows_of_all(parts, _of_part)
    return rows or list(_of_statement(line))


def _of_part(text: str) -> Iterator[Line]:
    return _bare(text) if _holds_numbers(text) else _of_statement(text)


def _may_list(line: str) -> bool:
    """Return whether a line has as many separators as the list of several numbers has."""
    return line.count(",") + line.count(";") + line.count("and") >= 3


def _is_one_row(parts: Sequence[str]) -> bool:
    """Return whether the later parts only say how the first one's number is made up."""
    if any(map(_IS_WEIGHT.match, parts[1:])):
        return True
    return all(map(_IS_SUM.match, parts[1:])) and _SEPARATOR.search(parts[0]) is not None


def _holds_numbers(text: str) -> bool:
    """Return whether a text is several numbers and nothing else."""
    if not text.strip(" \t,;[]()|")[:1].isdecimal():
        return False
    several = re.search(r"\d[\s,;|⇒>-]+(?:and\s+)?\S*\d", text.strip())
    return several is not None and _NUMBERS.fullmatch(text) is not None


def _bare(line: str) -> Iterator[Line]:
    """Yield the numbers of a list without names."""
    inner = re.sub(r"\s+and\s+", ", ", line.strip(" \t[](){}.,;"))
    words = re.split(r"\s*(?:⇒|->)\s*|,\s+|;\s*|\s{2,}", inner)
    if len(words) == 1:
        words = re.split(r"\s+(?![xX*]\s)(?<![xX*]\s)", inner)
    if len(words) == 1 and not _numerals.read(inner):
        words = inner.split(",")
    for word in words:
        numbers = _sides(word.strip(" ,;")) or _numerals.read(word.strip(" ,;"))
        if numbers:
            yield Line("", numbers)


def _sides(text: str) -> tuple[Numeral, ...]:
    """Return how `28 * 28 * 6` may be meant: the product, and the side of a square map."""
    found = re.fullmatch(_SIDES, text)
    if found is None:
        return ()
    product = math.prod(int(size) for size in re.findall(r"\d+", text))
    return (Numeral(float(product), note="computed"), _side(found["last"] or found["first"]))


def _side(size: str) -> Numeral:
    return Numeral(float(size), note=SIDE)


def _in_brackets(text: str) -> Line | None:
    """Return the side of a square map that is given as a shape: `(28, 28, 6)`, `[6, 28, 28]`."""
    found = _IN_BRACKETS.fullmatch(text.strip(" .;,"))
    sizes = re.findall(r"\d+", text) if found else []
    for one, other in itertools.pairwise(sizes):
        if one == other:
            return Line("", (_side(one),))
    return None


def _of_cells(
    cells: Sequence[str], values: Sequence[Line | None], column: int | None
) -> Iterator[Line]:
    """Yield the row in the cells of a table's line."""
    filled = [index for index, cell in enumerate(cells) if cell.strip()]
    if not filled:
        return
    numeric = [index for index in filled if values[index]]
    if column is not None and column < len(cells):
        numeric = [column] if column in numeric else []
    named = [index for index in filled if not _LETTERS.isdisjoint(cells[index])]
    if not numeric or (not named and len(numeric) > 2):
        return
    at = numeric[-1]
    label = next((cells[index] for index in filled if index != at), "")
    if not named and len(filled) > 1 and len(numeric) == 1:
        label = cells[filled[0]]
    found = values[at]
    if found is not None:
        inner = cells[at].split(":")[0] if ":" in cells[at] and at == filled[0] else ""
        yield found._replace(label=_bare_label(label or inner))


def _of_statement(text: str) -> Iterator[Line]:
    """Yield the row of `conv1: (3*3+1)*8 = 80`, `Layer 1 - 80` or `80`."""
    bullet = _BULLET.match(text)
    line = text[bullet.end() :] if bullet else text
    if "⇒" in line or "->" in line:
        line = _ARROWED.sub(" ", line)
    if not _typed.has_digit(line):
        return
    for found in itertools.islice(_SEPARATOR.finditer(line), _MOST_SEPARATORS):
        label, rest = line[: found.start()], line[found.end() :]
        if _HEADING.fullmatch(label) and _holds_numbers(rest):
            yield from _bare(rest)
            return
        value = None
        if _names_something(label):
            value = _value(rest) or _in_parts(rest) or _in_brackets(rest)
        if value is not None:
            yield value._replace(label=_bare_label(label))
            return
    ordinal = _ORDINAL.match(line)
    value = _value(ordinal[2]) if ordinal else None
    if ordinal and value is not None:
        yield value._replace(label=ordinal[1])
        return
    addends = _addends(line)
    if addends:
        yield from addends
        return
    alone = _value(line)
    last = _LAST_NUMBER.search(line, max(0, len(line) - _LONGEST_END)) if alone is None else None
    if alone is not None:
        yield alone
    elif last and re.search("[A-Za-z]", line[: last.start()]):
        number = _sides(last["value"]) or _numerals.read(last["value"])
        yield Line(_bare_label(line[: last.start()]), number)


def _addends(line: str) -> list[Line]:
    """Return the rows of `40 + 2*70 + 60 = 240`: its summands, where nothing names them."""
    parts = re.split(r"=|≈", line)[0].split("+")
    found = [_ADDEND.fullmatch(part.strip()) for part in parts]
    if len(found) < _FEWEST_ADDENDS or not all(found):
        return []
    return [
        Line("", _numerals.read(one[1] or one[4]), times=int(one[2] or one[3] or 1))
        for one in found
        if one is not None
    ]


def _names_something(label: str) -> bool:
    """Return whether a label is a name and not the computation of a number."""
    letters = r"(?<![\d\s)])[A-Za-z]|[A-WYZa-wyz]|\d(?:st|nd|rd|th)|[^\W\d_\x00-\x7f]"
    return re.search(letters, label) is not None


def _in_parts(text: str) -> Line | None:
    """Return the number of `weights 90, bias 10, total 100`: what is called total, else the sum."""
    parts = [part for part in re.split(r",\s|;|\+|\band\b", text) if part.strip()]
    if len(parts) < 2 or not any(_IS_PART.match(part) for part in parts):
        return None
    total = _LABELLED_TOTAL.search(text)
    if total:
        return Line("", _numerals.read(total[1]))
    numbers = [_numerals.read(number[0]) for number in re.finditer(_numerals.NUMERAL, text)]
    if len(numbers) != len(parts) or not all(numbers):
        return None
    return Line("", (Numeral(sum(each[0].value for each in numbers), step=1.0),))


def _row(label: str, text: str) -> Iterator[Line]:
    value = _value(text)
    if value is not None:
        yield value._replace(label=label, source=f"{label}: {text}"[:_LONGEST_LINE])


def _bare_label(label: str) -> str:
    """Return a label without what only describes it: shapes, `(3 -> 64)`; types in it stay."""
    if label.isidentifier():
        return label[:_LONGEST_LABEL]
    if "(" in label or "[" in label:
        label = _DESCRIPTION.sub(" ", label)
    return " ".join(_BULLET.sub("", label).strip(" :=,;-\"'").split())[:_LONGEST_LABEL]


def _value(text: str) -> Line | None:
    """Return the number that a cell or the rest of a line holds and nothing else."""
    text = text.strip().strip("\"'").strip()
    if not _typed.has_digit(text) or len(text) > _LONGEST_LINE:
        return None
    if text[0].isdecimal() and (numbers := _numerals.read_bare(text)):
        return Line("", numbers)
    if text[0] in "([" and _SHAPE.match(text):
        return None
    if _USUAL_NAME.fullmatch(text) and not lazy.may_say(text, _UNIT_WORDS):
        return None
    bare = _trimmed(_UNITS.sub(" ", text) if _may_have_unit(text) else text)
    pieces = [_trimmed(piece) for piece in _EQUALS.split(bare)]
    for index in range(len(pieces) - 1, -1, -1):
        numbers = _number(pieces[index])
        if numbers and _ABOUT.search(text):
            numbers = tuple(number._replace(coarse=True) for number in numbers)
        if numbers:
            return Line("", numbers, computed=_before(pieces[:index]))
    return None


def _may_have_unit(text: str) -> bool:
    """Return whether a text may say what it counts: `params`, `in total`."""
    if text.isascii() and _LETTERS.isdisjoint(text):
        return False
    return not text.isascii() or lazy.may_say(text, (*_UNIT_WORDS, "total"))


def _trimmed(text: str) -> str:
    """Return a text without signs around it; the point of `.667` is no full stop."""
    bare = text.strip(_AROUND)
    point = text[: len(text) - len(text.lstrip(_AROUND))][-1:]
    return f".{bare}" if point == "." and bare[:1].isdecimal() else bare


def _number(piece: str) -> tuple[Numeral, ...]:
    piece = _ASIDE.sub(" ", piece).strip()
    readings = _sides(piece) or _numerals.read(piece)
    if readings or not piece or re.search(r"[A-Za-z]{3,}|[A-Za-z_]\d|,\s|\A\(", piece) is None:
        value = None if readings else _results.compute(piece)
        return readings if value is None else (Numeral(value, note="computed"),)
    shorter = re.sub(r"(?<=\d)\s*\(.*\)\s*\Z", "", piece)
    if shorter != piece:
        return _number(shorter)
    value = _results.compute(piece) if piece.startswith("(") else None
    return () if value is None else (Numeral(value, note="computed"),)


def _before(pieces: Sequence[str]) -> float | None:
    for piece in reversed(pieces):
        if re.search(r"\d", piece) and (value := _results.compute(piece)) is not None:
            return value
    return None


def _may_be_part(label: str) -> bool:
    """Return whether a label may name the weights or the bias of a layer: `conv1.weight`."""
    end = label.rstrip("0123456789").rstrip(":").lower()
    return end.endswith(_ENDS_LIKE_PART) or not label.isascii()


def _merged(rows: Sequence[Line]) -> list[Line]:
    """Return the rows, with the weight and the bias of one layer added up."""
    out: list[Line] = []
    stem = ""
    for row in rows:
        found = _PART.match(row.label) if _may_be_part(row.label) else None
        if found and found["stem"] == stem and out:
            total = out[-1].numbers[0].value + row.numbers[0].value
            out[-1] = out[-1]._replace(numbers=(Numeral(total, step=1.0),))
            continue
        stem = found["stem"] if found else ""
        out.append(row._replace(label=stem) if found else row)
    return out
