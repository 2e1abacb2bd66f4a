"""CSV as spreadsheets and learning platforms write it, kept byte for byte where nothing changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

DELIMITERS = ",;\t"

# A quote left open would swallow the rest of the file: it counts as text up to the line's end.
_FIELD = r'"(?:[^"]|"")*+"(?=[{0}\r\n]|\Z)|[^{0}\r\n]*+'
_END = r"\r\n|\n|\r|\Z"
# Most lines hold no quote, and are taken apart at once.
_PLAIN = re.compile(r'[^"\r\n]*+(?=[\r\n]|\Z)')

# A spreadsheet takes a cell that begins with one of these for a formula.
_FORMULA = tuple("=+-@\t\r")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: its cells as they were written, quotes and all, and its line end."""

    raw: tuple[str, ...]
    delimiter: str
    end: str
    line: int

    @property
    def cells(self) -> tuple[str, ...]:
        """Return what the cells hold."""
        return tuple(unquote(cell) for cell in self.raw)

    @property
    def text(self) -> str:
        """Return the line as it was written."""
        return self.delimiter.join(self.raw) + self.end

    def cell(self, column: int | None) -> str:
        """Return what one cell holds, without space around it; nothing where there is none."""
        if column is None or not 0 <= column < len(self.raw):
            return ""
        return unquote(self.raw[column]).strip()

    def with_cell(self, column: int, text: str) -> Row:
        """Return the line with one cell changed, and every other as it was."""
        raw = [*self.raw, *[""] * (column + 1 - len(self.raw))]
        raw[column] = quote(text, self.delimiter)
        return replace(self, raw=tuple(raw))


def parse(text: str) -> list[Row]:
    """Return the lines of a table; the delimiter is told from the first of them that has one."""
    return list(rows(text))


def rows(text: str) -> Iterator[Row]:
    """Yield the lines of a table, one at a time."""
    delimiter = _delimiter(text)
    field, end = _patterns(delimiter)
    position, line = 0, 1
    while position < len(text):
        start = position
        raw, position = _cells(text, position, delimiter, field)
        ended = end.match(text, position)
        assert ended is not None  # a field stops at a delimiter, a line end or the end
        position = ended.end()
        yield Row(tuple(raw), delimiter, ended[0], line)
        line += text.count("\n", start, position) or 1


def _cells(
    text: str, position: int, delimiter: str, field: re.Pattern[str]
) -> tuple[list[str], int]:
    """Return the cells of the line that begins at a position, and where the last of them ends."""
    if plain := _PLAIN.match(text, position):
        return plain[0].split(delimiter), plain.end()
    raw: list[str] = []
    while True:
        found = field.match(text, position)
        assert found is not None  # the pattern matches nothing at all
        raw.append(found[0])
        position = found.end()
        if not text.startswith(delimiter, position):
            return raw, position
        position += 1


@cache
def _patterns(delimiter: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(_FIELD.format(re.escape(delimiter))), re.compile(_END)


def _delimiter(text: str) -> str:
    for line in text.splitlines()[:3] if len(text) < 10_000 else text[:10_000].splitlines()[:3]:
        bare = re.sub(r'"[^"]*+"', "", line)
        found = max(DELIMITERS, key=bare.count)
        if found in bare:
            return found
    return ","


def unquote(raw: str) -> str:
    """Return what a cell holds; `="=x"` is how some platforms write a text that begins with =."""
    text = raw[1:-1].replace('""', '"') if len(raw) > 1 and raw[0] == raw[-1] == '"' else raw
    if text.startswith('="') and text.endswith('"') and len(text) > 2:
        return text[2:-1].replace('""', '"')
    return text


def quote(text: str, delimiter: str = ",") -> str:
    """Return a cell as it is written: in quotes only where it must be."""
    if text.isalnum():
        return text
    if delimiter in text or '"' in text or "\n" in text or "\r" in text or text != text.strip():
        return '"' + text.replace('"', '""') + '"'
    return text


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: an apostrophe stands before it."""
    return f"'{text}" if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text


def lines(table: Iterable[Sequence[str | float]]) -> Iterator[str]:
    """Yield the lines of a table of our own: numbers stay numbers, texts are made harmless."""
    for row in table:
        yield ",".join(map(cell, row)) + "\n"


def cell(value: str | float) -> str:
    """Return a cell of a table of our own, as it is written."""
    return quote(harmless(value)) if isinstance(value, str) else number(value)


def number(value: float, digits: int = 4) -> str:
    """Return a number as people write it: a point, and no trailing zeros."""
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def as_number(text: str) -> float | None:
    """Return the number that a cell holds, with a decimal point or comma; None for any other."""
    found = re.fullmatch(r"\s*([+-]?\d{1,9}(?:[.,]\d{0,9})?)\s*", text, re.ASCII)
    return float(found[1].replace(",", ".")) if found else None
