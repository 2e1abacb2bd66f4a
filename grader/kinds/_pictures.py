"""Pictures made of two marks: `+--+`, ones and zeros, blocks, letters, words, colours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from grader import lazy
from grader.errors import Unreadable

MOST_ROWS = 64
_LONGEST = 50_000

Row: TypeAlias = tuple[int, ...]

_PLUS = "+＋1■█▪◼⬛●•⊕x#"
_MINUS = "-−–—0□▢▫◻⬜○◦⊖._"
_CELL = lazy.pattern(rf"[{re.escape(_PLUS)}]\s?1?|[{re.escape(_MINUS)}]\s?1?", re.IGNORECASE)
_WORDS = {
    **dict.fromkeys(("p", "t", "y", "pos", "positive", "plus", "true", "yes", "on"), 1),
    **dict.fromkeys(("n", "f", "neg", "negative", "minus", "false", "no", "off"), -1),
}
_LATEX: Mapping[str, str] = {
    r"\\(?:blacksquare|bullet)\b": "■",
    r"\\(?:square|Box|circ)\b": "□",
    r"\\(?:begin|end)\s*\{\w+\*?\}(?:\s*\{[clr| ]*\})?": "\n",
    r"\\(?:left|right)(?:\\[{}]|[\[\](){}|.])": " ",
    r"\\(?:hline|quad|,|;|!)": " ",
}
# Between the head of a Markdown table and its rows.
_RULE = lazy.pattern(r"\|?\s*:?-{3,}:?\s*(?:\|\s*:?-{3,}:?\s*)+\|?")
_GLUE = lazy.pattern(r"[\s,;|&\[\](){}'\"`/\\]|<br>", re.IGNORECASE)
_BREAK = lazy.pattern(r"\n|<br>|\\\\", re.IGNORECASE)
_NUMBER = lazy.pattern(r"^\s*(?:row\s*)?\d+\s*[:.)]\s+", re.IGNORECASE)
_BULLET = lazy.pattern(r"^\s*[-*+]\s+(?=`|\S{2,}\s*$)")


class Picture(NamedTuple):
    """The rows of a picture; where it is not `sure`, which of the two marks is + was not said."""

    rows: tuple[Row, ...]
    sure: bool = True


def read(text: str) -> Picture:
    """Return the picture in a text; lines that hold anything else are no rows of it."""
    text = text[:_LONGEST]
    for words, mark in _LATEX.items():
        text = re.sub(words, mark, text)
    lines = _BREAK.split(text)[: 4 * MOST_ROWS]
    rows = _rows(lines) or _rows_of_words(lines)
    if len(rows) == 1:
        rows = _rows_of_one_line(text) or rows
    if rows:
        return Picture(tuple(rows[:MOST_ROWS]))
    rows, sure = _rows_of_two_marks(lines, text)
    if not rows:
        raise Unreadable("expected rows of signs such as +--+, found none", text=text, position=0)
    return Picture(tuple(rows[:MOST_ROWS]), sure)


def sign(mark: object) -> float | None:
    """Return what one mark stands for, +1 or -1; None where it is none."""
    if not isinstance(mark, str):
        return None
    word = mark.strip().lower()
    if word in _WORDS:
        return float(_WORDS[word])
    found = _CELL.fullmatch(word)
    return None if found is None else 1.0 if word[0] in _PLUS else -1.0


def _rows(lines: Sequence[str]) -> list[Row]:
    if lines_with_bullets := [line for line in lines if _BULLET.match(line)]:
        bare = [_BULLET.sub("", line, count=1) for line in lines_with_bullets]
        rows = [cells for line in bare if (cells := _row(line))]
        # A bullet stands before every row, or it is a sign of the picture.
        if len(rows) > 1 and len(rows) == len([line for line in lines if _row(line)]):
            return rows
    return [cells for line in lines if (cells := _row(line))]


def _rows_of_one_line(text: str) -> list[Row]:
    """Return the rows that brackets, strokes or gaps set apart in one line, if any."""
    for gap in (r"\]\s*[,;]?\s*\[", r"\)\s*[,;]?\s*\(", r"[;/]", r"[\"'`]\s*,\s*[\"'`]", r",?\s+"):
        parts = re.split(gap, text.strip())
        rows = [_row(part) for part in parts[: MOST_ROWS + 1]]
        if 1 < len(rows) <= MOST_ROWS and all(rows) and len(set(map(len, rows))) == 1:
            return rows
    return []


def _row(line: str) -> Row:
    cells: list[int] = []
    at = 0
    if _RULE.fullmatch(line.strip()):
        return ()
    line = _NUMBER.sub("", line.strip().replace("$", ""), count=1)
    while at < len(line):
        glue = _GLUE.match(line, at)
        cell = _CELL.match(line, at)
        if cell:
            mark = cell[0]
            at = cell.end() if len(mark) > 1 and mark[0] in "+＋-−–—" else at + 1
            cells.append(1 if mark[0].lower() in _PLUS else -1)
        elif glue:
            at = glue.end()
        else:
            return ()
        if len(cells) > 4 * MOST_ROWS:
            return ()
    return tuple(cells) if len(cells) > 1 else ()


def _rows_of_words(lines: Sequence[str]) -> list[Row]:
    """Return rows of words and letters that have a sign: `true false`, `PNNP`."""
    rows = [row for line in lines if (row := _row_of_words(line))]
    return rows if len({cell for row in rows for cell in row}) == 2 else []


def _row_of_words(line: str) -> Row:
    marks = _NUMBER.sub("", line, count=1)
    words = [word.lower() for word in _GLUE.split(_without_bullet(marks)) if word]
    if len(words) == 1 and len(set(words[0])) <= 2:
        words = list(words[0])
    if len(words) < 2 or not all(word in _WORDS for word in words):
        return ()
    return tuple(_WORDS[word] for word in words[: 4 * MOST_ROWS])


def _without_bullet(line: str) -> str:
    return re.sub(r"^\s*[-*+]\s+", "", line)


def _rows_of_two_marks(lines: Sequence[str], text: str) -> tuple[list[Row], bool]:
    """Return rows of any two marks, the first one taken for +; and whether a legend says so."""
    found = [marks for marks in map(_marks, lines) if len(marks) > 1 and len(set(marks)) <= 2]
    sizes = [len(marks) for marks in found]
    rows = [marks for marks in found if sizes.count(len(marks)) > 1]
    both = list(dict.fromkeys(mark for row in rows for mark in row))
    if len(both) != 2:
        return [], True
    legend = {mark: said for mark in both if (said := _said(mark, text))}
    first = legend.get(both[0]) or -legend.get(both[1], -1)
    signs = {both[0]: first, both[1]: -first}
    return [tuple(signs[mark] for mark in row) for row in rows], bool(legend)


def _marks(line: str) -> str:
    line = _NUMBER.sub("", _without_bullet(line), count=1)
    return "".join(_GLUE.split(line.replace("\ufe0f", "").replace("$", "")))[: 4 * MOST_ROWS]


def _said(mark: str, text: str) -> int:
    """Return the sign that a legend gives to a mark, 0 where there is none."""
    words = rf"{re.escape(mark)}\s*(?:=|:|is|means|for|stands\s+for)\s*[\"'`]?([+\-−]|\w+)"
    found = re.search(words, text, re.IGNORECASE)
    return int(sign(found[1]) or 0) if found else 0
