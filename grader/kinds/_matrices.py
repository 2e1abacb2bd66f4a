"""Vectors and matrices as people type them: lists, LaTeX, NumPy, MATLAB, tables, named entries."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from grader import lazy
from grader.errors import Unreadable
from grader.kinds import _numerals, _results, _typed
from grader.kinds._numerals import Numeral
from grader.values import Plain

# An exercise's matrix was typed by hand; a larger one is no answer.
_MOST_ENTRIES = 400
_MOST_LITERALS = 64
_MOST_ROWS = 100
_LONGEST_ENTRY = 120
_MOST_BRACKETS = 4
_MOST_SPANS = 4000
_SMALL = 3

Row = tuple[Numeral | None, ...]
"""A row of entries; None where an entry was not given."""


class Array(NamedTuple):
    """A table of numbers and how many dimensions it was written with (0, 1 or 2)."""

    rows: tuple[Row, ...]
    ndim: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape: (), (n,) or (rows, columns)."""
        full = (len(self.rows), len(self.rows[0]))
        return full if self.ndim == 2 else full[1:] if self.ndim == 1 else ()

    @property
    def transposed(self) -> Array:
        """Return the array with rows and columns exchanged; a plain list becomes a column."""
        return Array(tuple(zip(*self.rows, strict=True)), 2)


class Candidate(NamedTuple):
    """An array in the text, in each way to read its commas.

    `rank` is 4 after its label, 3 where it is all that was written, 2 by its place in a product
    with a vector, 1 elsewhere, 0 under another label.
    """

    rank: int
    readings: tuple[Array, ...]
    piece: str = ""
    doubt: str | None = None


_LABEL_END = r"[\s}\])|*]{0,8}(?:=|:=|≈|:|\bis\b|\bequals\b)\s*"
_WRAPPER = lazy.pattern(
    r"(?:(?:np|numpy|torch|sp|sympy|tf|jnp)\s?\.\s?)?(array|asarray|tensor|Tensor|matrix|Matrix|mat"
    r"|vector|diag|zeros|ones|eye|identity)\s*$"
)
_KEYWORDS = lazy.pattern(r",\s*[A-Za-z_]\w*\s*=\s*[\w.]+\s*$")
_BEGIN = lazy.pattern(
    r"\\begin\s*\{(?:small|[pbBvV])?(?:matrix|array)\*?\}(?:\s*\{[|lcr\s]{0,40}\})?"
)
_END = lazy.pattern(r"\\end\s*\{[A-Za-z*]{1,20}\}")
_TRANSPOSE = lazy.pattern(
    r"\s*[)\]]?\s*(?:\^\s*\{?\s*\\?(?:T|t|intercal|mathsf\s*T)\b\s*\}?|'|\.T\b|\.transpose\(\s*\))"
)
_VECTOR_BEFORE = lazy.pattern(
    r"[A-Za-z]\s*(?:\^\s*\{?\s*\\?(?:T|t|intercal)\s*\}?|'|\.T)\s*[*@]?\s*[(\[]?\s*$"
)
_VECTOR_AFTER = lazy.pattern(r"\s*[)\]]?\s*[*@]?\s*\\?[A-Za-z]")
_BINOMIAL = lazy.pattern(r"\\binom\s*\{([^{}]{1,80})\}\s*\{([^{}]{1,80})\}")
_R_MATRIX = lazy.pattern(
    r"\bmatrix\s?\(\s?(?:data\s?=\s?)?c\s?\((?P<entries>[^()]{1,400})\)(?P<more>(?:,\s?\w{1,8}\s?=\s?\w{1,6}\s?){1,4})\)"
)
_R_SIZE = lazy.pattern(r"(nrow|ncol)\s?=\s?(\d{1,2})")
_ROW_BREAK = lazy.pattern(r"\\\\(?:\s?\[[^\]]{0,10}\])?|\\cr\b|\\newline\b")
_LATEX_NOISE = lazy.pattern(r"\\(?:hline|hfill|hspace\{[^}]*\}|phantom\{[^}]*\}|,|;|!)")
_REST_IS_ZERO = lazy.pattern(
    r"\b(?:others?|rest|else|remaining)\b[^.\n]{0,40}?(?:\b(?:is|are|be)\b|=|:)?\s*(?:all\s+)?"
    r"(?:0|zero)",
    re.IGNORECASE,
)
_ROW_LABEL_WORD = r"\\?[^\W\d][\w{}^'\\]{0,15}(?:\s\d{1,2})?"
_ROW_NAME = lazy.pattern(rf"(?P<label>{_ROW_LABEL_WORD})\s*(?:=|:|\bis\b(?:\s+at\b)?)[\s$]*\Z")
_NEXT_ROW = lazy.pattern(
    r"[\s$]{0,4}[,;|]?[\s$]{0,4}(?:\b(?:and|und)\b\s*)?"
    rf"(?:(?P<label>{_ROW_LABEL_WORD})\s*(?:=|:|≈|\bis\b(?:\s+at\b)?)?[\s$]*)?"
)
_NEXT_STEP = lazy.pattern(r"[\s$]*[=≈][\s$]*")
# `(-1, 7) at (1, 1)`: behind a value stands where it was taken.
_TAKEN_AT = lazy.pattern(
    r"[\s$,;]{0,4}\(?(?:evaluated\s|taken\s)?(?:at|in|for)\s(?:the\s)?(?:point\s)?"
    r"(?:(?:\w{1,3}|\([\w\s,]{1,20}\))\s?=\s?)?[\s$]{0,3}",
    re.IGNORECASE,
)
TAKEN_AT = "this array stands where a value was taken"
_FACTOR_BEHIND = lazy.pattern(
    r"\s*(?P<sign>[*/])\s*(?P<factor>\(?\d[\d.]{0,12}(?:\s*/\s*\d{1,9})?\)?)\s*(?:[$.,;\n)]|\Z)"
)
_PLUS = lazy.pattern(
    r"[ $]{0,4}(?P<sign>[+-])[ $]{0,4}(?P<factor>\d[\d.]{0,12}(?:/\d{1,9})?)?[ $]?\*?[ $]?"
)
# What makes another array of the one that stands beside it: ^2, + I, or [...], not [...].
_CHANGED_BEHIND = lazy.pattern(
    r"[ $]{0,4}(?:\^\s?[{(]{0,2}\s?-?\d|[+-][ $]{0,4}(?:\d|[A-Z](?![a-z])|[\[(\\])"
    r"|or\b|\*\s?[A-Z](?![a-z]))"
)
_CHANGED_BEFORE = lazy.pattern(
    r"(?:≠|!=|±|\bnot\b|\bor\b|(?<![A-Za-z])[A-Z]\s?[+*-]|(?:\A|[\s,;])-\s?\w{1,2}\s?=)\s{0,3}\Z"
)
_ONLY_FACTOR = lazy.pattern(r"[^A-Za-z\n;]{0,30}")
_NEXT_LINK = lazy.pattern(r"[ $]{0,4}[=≈][^A-Za-z\n;,]{0,24}")
_FILLED = lazy.pattern(r"(?P<library>[a-z]{2,5}\.)?(?:zeros|ones|eye|identity)\s?\(")
_STATEMENTS = lazy.pattern(
    r"[;\n]|,\s(?!\d{1,2}[\])])|,(?=\s*[A-Za-z])|\band\b|\\\\"
    r"|(?<=\d)\s(?=[A-Za-z]_?\d{1,2}\s?=)|\.\s+(?=[A-Za-z])"
)
_DERIVED = lazy.pattern(
    r"[ =$]{0,3}(?P<factor>[\d.(][\d./()]{0,10}|\\frac\s?\{?1\}?\s?\{?2\}?)?\s?\*?\s?"
    r"(?P<name>[A-Z])(?![\w(\[^'])(?:\s?/\s?(?P<divisor>\d{1,3}))?(?!\s*[=≈+/\d-])"
)
_CONSTANT = lazy.pattern(rf"([+-]\s?{_numerals.NUMERAL})\s*[.,;]?\s*\Z")
_ROW_LABEL = lazy.pattern(r"\s*[*#]{0,3}[A-Za-z][A-Za-z_\s]{0,20}[=:]\s*")
_ROW_END = lazy.pattern(r"[\n;]|,\s(?=\s?[A-Za-z]\w{0,12}\s?[=:])")
_ROW_WORD = lazy.pattern(r"(?:\b[A-Za-z]+\s)?\brow\b\s*(?:\d*\s*(?:is|=|:))?", re.IGNORECASE)
_ANNOUNCED_ROW = lazy.pattern(
    r"\b(?:the\s)?(?:(?:first|second|third|fourth|fifth|last|\d(?:st|nd|rd|th))\s+row|row\s?\d)\s*"
    r"(?:is|=|:)?\s*(?=[\[(])",
    re.IGNORECASE,
)
_ITEM = lazy.pattern(r"^[ \t]*[-*]\s+(?=[\[(])", re.MULTILINE)
_REMARK = lazy.pattern(r"\s\([^()\d]{3,60}\)\s?\Z")
_ROW_RULE = lazy.pattern(r"[\s|:+-]*")
# Where an iteration starts: `| start | 1 | 4 |`, `it. 0 | 1 | 4`.
_START_ROW = lazy.pattern(
    r"[\s|*]{0,8}(?:(?:start|init)[a-z]{0,10}\b|[A-Za-z]{1,12}[.\s_=(#]{0,3}0\b)", re.IGNORECASE
)
ROWS_OF_NUMBERS = "rows of numbers"
_DEEP = 6
_LONG_GAP = lazy.pattern(r"([ \n])\1{3,}")
_OPERATORS = frozenset("*/^")
_DECIMAL_COMMA = lazy.pattern(r"(?<=\d),(?=\d)")
_PIECES = str.maketrans(dict.fromkeys("⎡⎢⎣⎤⎥⎦⎛⎜⎝⎞⎟⎠⎧⎨⎩⎫⎬⎭", " "))
_BRACKET = lazy.pattern(r"[(\[{}\])]")
_ANY_BRACKET = lazy.pattern(r"[(\[{⟨⟩}\])]")
_PAIRS = {"(": ")", "[": "]", "{": "}", "⟨": "⟩"}
_CLOSING = {close: opening for opening, close in _PAIRS.items()}


# --- values of a sheet -----------------------------------------------------------------------


def of_value(value: Plain) -> Array | None:
    """Return the array that lists of a sheet hold, or None where they hold something else."""
    if not isinstance(value, list) or not value:
        return None
    for _ in range(_MOST_BRACKETS):
        inner = value[0]
        if len(value) > 1 or not isinstance(inner, list) or not inner:
            break
        if not isinstance(inner[0], list):
            break
        value = inner
    if not any(isinstance(item, list | dict) for item in value):
        entries = [_of_scalar(item) for item in value]
        if all(entry is not None for entry in entries):
            return Array((tuple(entries),), 1)
        rows = [_split(_typed.plain(_typed.scalar(item)).strip(" []()")) for item in value]
        return _rectangular([_entries(row) for row in rows])
    table: list[Row | None] = []
    for item in value[:_MOST_ENTRIES]:
        flat = item if isinstance(item, list) else [item]
        if any(isinstance(each, list | dict) for each in flat):
            flat = [each[0] if isinstance(each, list) and len(each) == 1 else each for each in flat]
        if any(isinstance(each, list | dict) for each in flat):
            return None
        row = tuple(_of_scalar(each) for each in flat[:_MOST_ENTRIES])
        table.append(None if None in row else row)
    return _rectangular(table)


def _of_scalar(item: Plain) -> Numeral | None:
    if isinstance(item, list | dict) or item is None:
        return None
    return entry(_typed.plain(_typed.scalar(item)))


def _rectangular(table: Sequence[Row | None]) -> Array | None:
    """Return the rows as a matrix; None where one could not be read or they differ in length."""
    rows = tuple(row for row in table if row)
    if not rows or len(rows) != len(table) or len({len(row) for row in rows}) != 1:
        return None
    return Array(rows, 2) if len(rows) * len(rows[0]) <= _MOST_ENTRIES else None


def entry(text: str) -> Numeral | None:
    """Return the value of one entry: a number or a computation."""
    text = _bare(text)
    if not text or len(text) > _LONGEST_ENTRY:
        return None
    readings = _numerals.read(text)
    if readings:
        return readings[0]
    value = _results.compute(text)
    return None if value is None else Numeral(value)


def _bare(cell: str) -> str:
    """Return an entry without braces around it, or with a brace that is not its own."""
    cell = cell.strip()
    is_inside = cell[:1] == "{" and cell[-1:] == "}"
    return cell.strip("{} ") if is_inside or cell.count("{") != cell.count("}") else cell


def _entries(cells: Sequence[str]) -> Row | None:
    row = tuple(entry(cell) for cell in cells)
    return None if None in row or not row else row


# --- literals in a text ----------------------------------------------------------------------


class _Literal(NamedTuple):
    start: int
    stop: int
    readings: tuple[Array, ...]
    is_sum: bool = False


class Names(NamedTuple):
    """The names of the field that is asked for, those of other fields, and the shape if known.

    `is_labelled` tells that one of the names stood in front of the text.
    """

    labels: Sequence[str]
    others: Sequence[str] = ()
    shape: Sequence[int] = ()
    is_labelled: bool = False


def candidates(text: str, names: Names, context: str = "") -> list[Candidate]:
    """Return the arrays in a plain text, in its order; `context` is what the text was cut from."""
    if "," not in text and _numerals.read_bare(text.strip()):
        return []
    text = text if text.isascii() else text.translate(_PIECES)
    if "    " in text or "\n\n\n\n" in text:
        # Patterns that skip blanks on both sides of a sign would try every way to share a long gap.
        text = _LONG_GAP.sub(r"\1\1\1", text)
    if "row" in text.lower():
        text = _ANNOUNCED_ROW.sub("", text)
    if "- " in text or "* " in text:
        text = _ITEM.sub("", text)
    literals = _summed(_literals(text), text)
    answers = _behind_label(literals, text) if names.is_labelled else set()
    taken_at = {
        each.start
        for before, each in itertools.pairwise(literals)
        if _TAKEN_AT.fullmatch(text, before.stop, each.start)
        and not _NEXT_LINK.match(text, each.stop)
    }
    placed = []
    for literal in literals:
        candidate = _candidate(literal, text, names, is_answer=literal.start in answers)
        if literal.start in taken_at and candidate.rank < 4:
            candidate = candidate._replace(rank=0, doubt=TAKEN_AT)
        placed.append((literal.stop, candidate))
    placed += _side_by_side(literals, text, names)
    found = [candidate for _, candidate in sorted(placed, key=lambda each: each[0])]
    named = _named(text, names)
    if named is not None:
        found.append(Candidate(4, (named,), "entries by name"))
    found += _from_elsewhere(text, context, names, found)
    return found or _with_decimal_commas(list(_blocks(text, names)), text, names)


def _from_elsewhere(
    text: str, context: str, names: Names, found: Sequence[Candidate]
) -> Iterator[Candidate]:
    """Yield what a field says by what stands elsewhere: `H/2`, `zeros(2, 2)` and `A[0, 0] = 3`."""
    if not context:
        return
    derived = _DERIVED.match(text) if text[:1].isascii() else None
    if derived:
        yield from _scaled_by_name(derived, context)
    filled = _FILLED.search(text) if found else None
    given = _given(context, names) if filled or not found else {}
    if given and filled:
        first = 0 if filled["library"] or any(0 in place for place in given) else 1
        array = _overwritten(found[-1].readings[0], given, first)
    else:
        array = _assembled(given, None, names.shape) if given else None
    if array is not None and all(item is not None for row in array.rows for item in row):
        yield Candidate(4, (array,), "entries by name")


def _scaled_by_name(derived: re.Match[str], context: str) -> Iterator[Candidate]:
    """Yield the array of a name, defined elsewhere, with the factors that stand beside it."""
    name = re.compile(rf"(?<![A-Za-z]){derived['name']}\s?(?:=|:|is)\s?\Z")
    factor = _results.compute(derived["factor"] or "1")
    divisor = _results.compute(derived["divisor"] or "1")
    for literal in _literals(context):
        if factor and divisor and name.search(context, max(0, literal.start - 12), literal.start):
            arrays = tuple(_times(each, factor / divisor) for each in literal.readings)
            yield Candidate(4, arrays, f"{derived[0].strip()} with {_piece(context, literal)}")


def _candidate(literal: _Literal, text: str, names: Names, *, is_answer: bool) -> Candidate:
    rank = 4 if is_answer else _rank(literal, text, names)
    readings = literal.readings if literal.is_sum else _scaled(literal, text)
    beside = rank not in (0, 2) and _has_operator(literal, text)
    doubt = "what stands beside the array may change it" if beside else None
    return Candidate(rank, readings, _piece(text, literal), doubt)


def _has_operator(literal: _Literal, text: str) -> bool:
    """Return whether a sign or a word beside a literal makes something else of it."""
    before = text[max(0, literal.start - 24) : literal.start]
    return bool(_CHANGED_BEHIND.match(text, literal.stop) or _CHANGED_BEFORE.search(before))


def _behind_label(literals: Sequence[_Literal], text: str) -> set[int]:
    """Return where the literal begins that stands right behind the label, or ends its chain."""
    if not literals or not _ONLY_FACTOR.fullmatch(text, 0, literals[0].start):
        return set()
    last = literals[0]
    for each in literals[1:]:
        if not _NEXT_LINK.fullmatch(text, last.stop, each.start):
            break
        last = each
    return {last.start}


def _summed(literals: Sequence[_Literal], text: str) -> list[_Literal]:
    """Return the literals, with those that are added or subtracted made into one."""
    out: list[_Literal] = []
    for each in literals:
        before = out[-1] if out else None
        gap = _PLUS.fullmatch(text, before.stop, each.start) if before else None
        if before is None or gap is None:
            out.append(each)
            continue
        factor = _results.compute(gap["factor"]) if gap["factor"] else 1.0
        mine = before.readings if before.is_sum else _scaled(before, text)
        total = _added(mine, each.readings, (factor or 1.0) * (-1 if gap["sign"] == "-" else 1))
        if total:
            out[-1] = _Literal(before.start, each.stop, total, is_sum=True)
        else:
            out.append(each)
    return out


def _added(one: Sequence[Array], other: Sequence[Array], factor: float) -> tuple[Array, ...]:
    """Return the sums of arrays of one shape, each way in which their commas may be read."""
    return tuple(
        Array(
            tuple(
                tuple(
                    None if a is None or b is None else Numeral(a.value + factor * b.value)
                    for a, b in zip(row, added, strict=True)
                )
                for row, added in zip(mine.rows, theirs.rows, strict=True)
            ),
            mine.ndim,
        )
        for mine, theirs in zip(one, other, strict=False)
        if mine.shape == theirs.shape
    )


def _piece(text: str, literal: _Literal) -> str:
    if literal.stop - literal.start >= len(text.strip()):
        return ""
    before = text[max(0, literal.start - 12) : literal.start]
    head = re.split(r"\n|\s{2,}|[,;.]\s", before)[-1] if len(before) == 12 else before
    return " ".join((head + text[literal.start : literal.stop]).split())


def _literals(text: str) -> list[_Literal]:
    """Return the outermost literals that read as arrays."""
    found = list(_environments(text)) if "\\begin" in text else []
    blanked = text
    for each in found:
        blanked = blanked[: each.start] + " " * (each.stop - each.start) + blanked[each.stop :]
    for pair in _BINOMIAL.finditer(blanked) if "\\binom" in blanked else ():
        column = _rectangular([_entries([pair[1]]), _entries([pair[2]])])
        if column is not None:
            found.append(_Literal(pair.start(), pair.end(), (column,)))
    for literal in _of_r(blanked) if "matrix" in blanked else ():
        found.append(literal)
        blanked = (
            blanked[: literal.start]
            + " " * (literal.stop - literal.start)
            + blanked[literal.stop :]
        )
    found.extend(_stacked(list(_brackets(blanked)), blanked))
    return sorted(found, key=lambda each: each.start)[:_MOST_LITERALS]


def _of_r(text: str) -> Iterator[_Literal]:
    """Yield the matrices that R is told to make of a list, which it fills column by column."""
    for found in _R_MATRIX.finditer(text):
        entries = _entries(_split(found["entries"]))
        sizes = {name: int(size) for name, size in _R_SIZE.findall(found["more"])}
        rows, columns = sizes.get("nrow"), sizes.get("ncol")
        if entries is None or not (rows or columns):
            continue
        rows = rows or len(entries) // (columns or 1)
        if rows and len(entries) % rows == 0:
            by_row = re.search(r"byrow\s?=\s?T", found["more"]) is not None
            wide = len(entries) // rows
            lines = [
                entries[i * wide : (i + 1) * wide] if by_row else entries[i::rows]
                for i in range(rows)
            ]
            yield _Literal(found.start(), found.end(), (Array(tuple(lines), 2),))


def _stacked(literals: Sequence[_Literal], text: str) -> list[_Literal]:
    """Return the literals, with bracketed rows that stand under one another joined."""
    out: list[_Literal] = []
    for each in literals:
        above = out[-1] if out else None
        gap = text[above.stop : each.start] if above else ""
        if above and "\n" in gap and not gap.strip():
            joined = _rectangular([*above.readings[0].rows, *each.readings[0].rows])
            if joined is not None and each.readings[0].ndim == 1:
                out[-1] = _Literal(above.start, each.stop, (joined,))
                continue
        out.append(each)
    return out


def _side_by_side(
    literals: Sequence[_Literal], text: str, names: Names
) -> Iterator[tuple[int, Candidate]]:
    """Yield vectors that follow one another as the rows of a matrix, with where it ends.

    `μ1 = (0, 1), μ2 = (3, 4)`: of a row that is computed in steps the last one counts, and labels
    with numbers tell the order.
    """
    if len(literals) < 2:
        return
    run: list[tuple[str, _Literal]] = []
    for each in [*literals, None]:
        gap = text[run[-1][1].stop : each.start] if each and run else ""
        follows = _NEXT_ROW.fullmatch(gap) if each and run else None
        if each and run and _NEXT_STEP.fullmatch(gap):
            run[-1] = (run[-1][0], each)
        elif each and follows and follows["label"] not in names.others:
            run.append((follows["label"] or "", each))
        else:
            if len(run) > 1 and (arrays := _joined(run)):
                rank = max(_rank(literal, text, names) for _, literal in run)
                whole = _Literal(run[0][1].start, run[-1][1].stop, arrays)
                yield whole.stop, Candidate(rank, arrays, _piece(text, whole))
            label = _ROW_NAME.search(text, max(0, each.start - 40), each.start) if each else None
            run = [(label["label"] if label else "", each)] if each else []


def _joined(run: Sequence[tuple[str, _Literal]]) -> tuple[Array, ...]:
    """Return the matrices that vectors make up, for each length that all of them can have."""
    numbers = [re.search(r"\d{1,2}(?=\D*\Z)", label) for label, _ in run]
    places = [int(number[0]) for number in numbers if number]
    if sorted(places) == list(range(min(places, default=0), min(places, default=0) + len(run))):
        run = [each for _, each in sorted(zip(places, run, strict=True), key=lambda pair: pair[0])]
    lists = [[_flat(reading) for reading in literal.readings] for _, literal in run]
    arrays = []
    for size in dict.fromkeys(len(row) for row in lists[0] if row):
        rows = [next((row for row in each if len(row) == size), ()) for each in lists]
        array = _rectangular(rows) if size > 1 else None
        arrays += [array] if array is not None else []
    return tuple(arrays)


def _flat(array: Array) -> Row:
    """Return the entries of a vector, whichever way it stands; none of a matrix."""
    if min(len(array.rows), len(array.rows[0])) != 1:
        return ()
    return tuple(item for row in array.rows for item in row)


def _environments(text: str) -> Iterator[_Literal]:
    position = 0
    for _ in range(_MOST_LITERALS):
        begin = _BEGIN.search(text, position)
        end = _END.search(text, begin.end()) if begin else None
        if begin is None or end is None:
            return
        position = end.end()
        body = _LATEX_NOISE.sub(" ", text[begin.end() : end.start()])
        lines = [line for line in _ROW_BREAK.split(body) if line.strip()]
        rows = [_entries(line.split("&")) for line in lines]
        array = _rectangular(rows)
        if array is not None:
            transpose = _TRANSPOSE.match(text, position)
            if transpose:
                array = array.transposed
            yield _Literal(begin.start(), transpose.end() if transpose else position, (array,))


def _brackets(text: str) -> Iterator[_Literal]:
    """Yield the bracketed arrays, the outermost that reads as one."""
    inside = -1
    tried = 0
    for start, stop in sorted(_spans(text), key=lambda span: (span[0], -span[1])):
        if start < inside or stop - start > _MOST_ENTRIES * 12 or _is_deep(text, start):
            continue
        tried += 1
        if tried > 4 * _MOST_LITERALS:
            return
        named = text[max(0, start - 24) : start].rstrip()[-1:].isalpha()
        wrapper = _WRAPPER.search(text, max(0, start - 24), start) if named else None
        readings = _bracketed(text[start:stop], wrapper[1] if wrapper else "")
        if not readings:
            # A matrix with one entry that cannot be read is no answer in its other rows.
            inside = stop if _is_broken(text[start + 1 : stop - 1]) else inside
            continue
        inside = stop
        transpose = _TRANSPOSE.match(text, stop) if _may_transpose(text) else None
        if transpose:
            readings = tuple(each.transposed for each in readings)
        begins = wrapper.start() if wrapper else start
        yield _Literal(begins, transpose.end() if transpose else stop, readings)


def _is_deep(text: str, start: int) -> bool:
    """Return whether brackets open one after the other, as in no array."""
    opening = text[start : start + _DEEP]
    return len(opening) == _DEEP and not opening.strip("([{")


def _may_transpose(text: str) -> bool:
    return any(mark in text for mark in ("^", "'", ".T", ".t"))


def _is_broken(inner: str) -> bool:
    """Return whether the inside of a bracket is rows in brackets, but not numbers all over."""
    return inner.count("[") + inner.count("(") > 1 and _is_rows(inner)


def _spans(text: str) -> list[tuple[int, int]]:
    """Return (start, stop) of every pair of brackets that matches."""
    stack: list[tuple[str, int]] = []
    spans: list[tuple[int, int]] = []
    for found in (_BRACKET if text.isascii() else _ANY_BRACKET).finditer(text):
        char = found[0]
        if len(spans) + len(stack) > _MOST_SPANS:
            return []
        if char in _PAIRS:
            stack.append((char, found.start()))
        elif stack and stack[-1][0] == _CLOSING[char]:
            spans.append((stack.pop()[1], found.end()))
        else:
            stack.clear()
    return spans


def _bracketed(text: str, wrapper: str) -> tuple[Array, ...]:
    """Return the ways to read one bracketed text as an array; none where it is something else."""
    inner = (_KEYWORDS.sub("", text[1:-1]) if "=" in text else text[1:-1]).strip()
    if text[0] == "(" and inner.count("|") == 1:
        inner = inner.replace("|", ";")  # a point of the plane, as (0|1,5)
    if not inner or not (_typed.has_digit(inner) or "∞" in inner):
        return ()
    if wrapper in ("zeros", "ones", "eye", "identity"):
        return _filled(wrapper, inner)
    if inner[0] in "([{" and inner[-1] in ")]}" and _spans(inner)[-1:] == [(0, len(inner))]:
        readings = _bracketed(inner, wrapper)
        if text[0] != "(" and readings and wrapper != "diag":
            return tuple(Array(each.rows, 2) for each in readings)
        return readings
    found = list(
        dict.fromkeys(each for each in (_read(inner, way) for way in _ways(inner)) if each)
    )
    if wrapper == "diag":
        return tuple(_diagonal(each.rows[0]) for each in found if len(each.rows) == 1)
    if text[0] in "({" and not wrapper:
        # One number in round brackets is a bracketed number.
        found = [each for each in found if len(each.rows) * len(each.rows[0]) > 1]
    return tuple(found)


def _filled(wrapper: str, inner: str) -> tuple[Array, ...]:
    sizes = [int(size) for size in re.findall(r"\d{1,2}", inner)]
    if not 1 <= len(sizes) <= 2 or re.search(r"[^\d\s,()\[\]]|\d{3}", inner) or 0 in sizes:
        return ()
    if wrapper == "ones" or wrapper == "zeros":
        value = Numeral(float(wrapper == "ones"))
        rows = ((value,) * sizes[-1],) * (sizes[0] if len(sizes) == 2 else 1)
        return (Array(rows, len(sizes)),)
    return (_diagonal((Numeral(1.0),) * sizes[0]),)


def _diagonal(entries: Row) -> Array:
    zero = Numeral(0.0)
    size = range(len(entries))
    return Array(tuple(tuple(entries[i] if i == j else zero for j in size) for i in size), 2)


def _ways(inner: str) -> list[str]:
    """Return how the commas may be meant: as separators, and as decimal commas."""
    pieces = itertools.pairwise(inner.split(","))
    decimal = any(one[-1:].isdecimal() and other[:1].isdecimal() for one, other in pieces)
    return ["separator", "decimal"] if decimal else ["separator"]


def _read(inner: str, way: str) -> Array | None:
    """Return the array of a bracket's inside, or None."""
    if inner[0] in _PAIRS and inner[-1] in _CLOSING and _is_rows(inner):
        return _rectangular([_entries(_split(row, way)) for row in _inner_rows(inner)])
    rows = inner.replace("\\\\", "\n").replace(";", "\n").split("\n")
    lines = [line for line in rows if line.strip(" ,")]
    if "&" in inner:
        cells = [[cell for cell in line.split("&") if cell.strip()] for line in lines]
    else:
        cells = [_split(line, way) for line in lines]
    array = _rectangular([_entries(row) for row in cells])
    is_flat = array is not None and len(array.rows) == 1
    return Array(array.rows, 1) if array is not None and is_flat else array


def _is_rows(inner: str) -> bool:
    """Return whether a text is nothing but bracketed rows and separators."""
    rest = re.sub(r"[(\[{][^()\[\]{}]*[)\]}]", "", inner)
    return all(char in ",;" or char.isspace() for char in rest)


def _inner_rows(inner: str) -> list[str]:
    return re.findall(r"[(\[{]([^()\[\]{}]*)[)\]}]", inner)


def _split(row: str, way: str = "separator") -> list[str]:
    """Return the cells of one row: at commas, else at spaces that belong to no computation."""
    row = row.strip().strip(",").strip()
    if way == "decimal":
        row = _DECIMAL_COMMA.sub(".", row)
    depth = 0
    cells = [""]
    for char in row[: _MOST_ENTRIES * 12]:
        depth += (char in "([{") - (char in ")]}")
        if char in ",;" and depth == 0:
            cells.append("")
        else:
            cells[-1] += char
    if len(cells) > 1:
        return cells
    words = row.split()
    if "+" in words or "-" in words or not _OPERATORS.isdisjoint(row):
        row = re.sub(r"\s+([*/^])\s*|\s*([*/^])\s+|\s+([+-])\s+", r"\1\2\3", row)
        return row.split()
    return words


# --- which of them ---------------------------------------------------------------------------


def _rank(literal: _Literal, text: str, names: Names) -> int:
    head = text[max(0, literal.start - 60) : literal.start]
    if _ends_with_label(head, names.labels):
        return 4
    if _ends_with_label(head, names.others):
        return 0
    if not text[: literal.start].strip() and not text[literal.stop :].strip(" .,;"):
        return 3
    return 2 if _is_in_place(literal, text, head) else 1


def _ends_with_label(head: str, labels: Sequence[str]) -> bool:
    """Return whether a label and `=` stand before, with nothing but a factor between."""
    if not any(sign in head for sign in ("=", "≈", ":", "is", "equals")):
        return False
    return any(_label(label).search(head) for label in labels)


@lru_cache(maxsize=256)
def _label(name: str) -> re.Pattern[str]:
    spaced = r"\s*".join(re.escape(char) for char in name if not char.isspace())
    factor = r"[^=:A-Za-z\n]{0,20}(?:\\frac\{\d+\}\{\d+\})?[\s*(]*"
    return re.compile(rf"(?<![\w\\]){spaced}{_LABEL_END}{factor}\Z")


def _is_in_place(literal: _Literal, text: str, head: str) -> bool:
    """Return whether it stands where a form has it: x^T [square] x, or x^T [vector]."""
    array = literal.readings[0]
    if not any(mark in head for mark in ("^", "'", ".T")):
        return False
    if _VECTOR_BEFORE.search(head) is None:
        return False
    is_square = array.ndim == 2 and len(array.rows) == len(array.rows[0])
    return not is_square or _VECTOR_AFTER.match(text, literal.stop) is not None


def _scaled(literal: _Literal, text: str) -> tuple[Array, ...]:
    """Return the readings with the factors that stand before and behind multiplied in."""
    factor = _factor_before(literal, text)
    is_factor = text[literal.stop :].lstrip().startswith(("*", "/"))
    behind = _FACTOR_BEHIND.match(text, literal.stop) if is_factor else None
    value = _results.compute(behind["factor"]) if behind else None
    if behind and value:
        factor *= value if behind["sign"] == "*" else 1 / value
    return (
        literal.readings
        if factor == 1.0
        else tuple(_times(each, factor) for each in literal.readings)
    )


def _factor_before(literal: _Literal, text: str) -> float:
    line = text[max(0, literal.start - 60) : literal.start]
    begins = max(line.rfind(sign) for sign in "=≈:\n") + 1
    factor = line[begins:].strip().rstrip("*").strip()
    if not factor or (not any(sign in line for sign in "=≈:") and len(line) == 60):
        return 1.0
    value = -1.0 if factor == "-" else _results.compute(factor)
    return 1.0 if value is None else value


def _times(array: Array, factor: float) -> Array:
    rows = tuple(
        tuple(None if each is None else Numeral(each.value * factor) for each in row)
        for row in array.rows
    )
    return Array(rows, array.ndim)


# --- named entries, plain rows ---------------------------------------------------------------


def _named(text: str, names: Names) -> Array | None:
    """Return the array of entries that are given by name, such as `A11 = 3, a_12 = a_21 = 0`."""
    given = _given(text, names)
    if not given:
        return None
    is_filled = "zeros(" in text or _REST_IS_ZERO.search(text) is not None
    return _assembled(given, Numeral(0.0) if is_filled else None, names.shape)


def _given(text: str, names: Names) -> dict[tuple[int, ...], Numeral]:
    """Return the entries that are given by name, by their places; none where they differ in form.

    Computations may stand between: `A11 = 1 + 2 = 3`.
    """
    given: dict[tuple[int, ...], Numeral] = {}
    if "=" not in text and ":" not in text:
        return given
    for statement in _STATEMENTS.split(text)[: 4 * _MOST_LITERALS]:
        parts = re.split("[=:]", statement) if len(statement) < 400 else []
        places = [_index(part, names.labels) for part in parts[:-1]]
        named = list(itertools.takewhile(lambda place: place is not None, places))
        value = entry(parts[-1].strip().rstrip(".").strip()) if named else None
        steps = parts[len(named) : -1]
        if value is not None and all(entry(step) is not None for step in steps):
            given.update({place: value for place in named if place is not None})
    return given if len({len(place) for place in given}) == 1 else {}


def _overwritten(array: Array, given: dict[tuple[int, ...], Numeral], first: int) -> Array | None:
    """Return an array with some entries set, whose places count from `first`, if it has them."""
    size = (len(array.rows), len(array.rows[0]))
    rows = [list(row) for row in array.rows]
    for place, value in given.items():
        i, j = place if len(place) == 2 else (first, *place)
        if not (0 <= i - first < size[0] and 0 <= j - first < size[1]):
            return None
        rows[i - first][j - first] = value
    return Array(tuple(tuple(row) for row in rows), array.ndim)


def _index(part: str, labels: Sequence[str]) -> tuple[int, ...] | None:
    """Return the indices of `A_{12}`, `a(1,2)`, `A[0][1]` or `B1`; None for another name."""
    found = re.fullmatch(r"\W*([A-Za-z]+)[\s_{(\[]*([\d\s,)\]\[}{(_]{1,12})\W*", part.strip())
    if found is None or found[1].lower() not in {label.lower() for label in labels}:
        return None
    numbers = re.findall(r"\d+", found[2])
    if len(numbers) == 1 and len(numbers[0]) == 2:
        numbers = list(numbers[0])
    if not 1 <= len(numbers) <= 2 or any(len(number) > 2 for number in numbers):
        return None
    return tuple(int(number) for number in numbers)


def _assembled(
    given: dict[tuple[int, ...], Numeral], rest: Numeral | None, shape: Sequence[int]
) -> Array | None:
    """Return the array of entries by place; `rest` stands where none was given."""
    first = 0 if any(0 in place for place in given) else 1
    axes = range(len(next(iter(given))))
    sizes = [max(place[axis] for place in given) - first + 1 for axis in axes]
    if len(shape) == len(sizes) and all(a <= b for a, b in zip(sizes, shape, strict=True)):
        sizes = list(shape)
    elif max(sizes) <= _SMALL:
        # Entries by name are those of a square matrix more often than not.
        sizes = [max(sizes) for _ in sizes]
    columns = range(first, first + sizes[-1])
    if len(sizes) == 1:
        return Array((tuple(given.get((j,), rest) for j in columns),), 1)
    if sizes[0] * sizes[1] > _MOST_ENTRIES:
        return None
    lines = range(first, first + sizes[0])
    return Array(tuple(tuple(given.get((i, j), rest) for j in columns) for i in lines), 2)


def _with_decimal_commas(found: list[Candidate], text: str, names: Names) -> list[Candidate]:
    """Return the arrays of plain lines, with what they are if their commas are decimal."""
    pointed = _DECIMAL_COMMA.sub(".", text)
    others = list(_blocks(pointed, names)) if pointed != text else []
    if len(found) != 1 or len(others) != 1:
        return found + others
    return [found[0]._replace(readings=found[0].readings + others[0].readings)]


def _blocks(text: str, names: Names) -> Iterator[Candidate]:
    """Yield the arrays of lines that hold nothing but numbers, each under its label."""
    label = ""
    block: list[Row] = []
    first = ""
    headed: list[Row] = []
    for line in [*_ROW_END.split(text)[:_MOST_ROWS], "end"]:
        head = _ROW_LABEL.match(line)
        row = _row(line[head.end() :] if head else line)
        if row is not None and not head and (not block or len(row) == len(block[0])):
            first = first if block else line
            block.append(row)
        elif row is not None or not _ROW_RULE.fullmatch(line):
            yield from _block(block, label, names, first)
            block = [row] if row is not None else []
            first = line
            label = line[: head.end()] if head else label if row is not None else line
        if row is not None and head and not _is_field(head[0], names):
            headed.append(row)
    if len(headed) > 1 and (rows := _rectangular(headed)) is not None:
        yield Candidate(3, (rows,), "rows of numbers, each with its name")


def _is_field(head: str, names: Names) -> bool:
    return bool(set(re.findall(r"\w+", head)) & {*names.labels, *names.others})


def _block(block: Sequence[Row], label: str, names: Names, first: str) -> Iterator[Candidate]:
    """Yield the array of rows under a label; `first` is the line that the first was read from."""
    if not block or (len(block) == 1 and len(block[0]) == 1):
        return
    if len(block) * len(block[0]) > _MOST_ENTRIES:
        return
    words = re.findall(r"\w+", label)
    rank = 4 if set(words) & set(names.labels) else 0 if set(words) & set(names.others) else 3
    readings = tuple(_of_lines(rows) for rows in (block, *_without_frame(block, first)))
    yield Candidate(rank, readings, f"{' '.join(words)} {ROWS_OF_NUMBERS}".strip())


def _of_lines(rows: Sequence[Row]) -> Array:
    return Array(tuple(rows), 2) if len(rows) > 1 else Array((rows[0],), 1)


def _without_frame(block: Sequence[Row], first: str) -> Iterator[Sequence[Row]]:
    """Yield what a table holds without the numbers of its rows, and without where it starts."""
    places = range(len(block))
    numbers = [row[0].value if row[0] else None for row in block]
    is_numbered = min(len(block), len(block[0])) > 1 and numbers in (
        [*places],
        [i + 1 for i in places],
    )
    if is_numbered:
        yield [row[1:] for row in block]
    if is_numbered and numbers[0] == 0:
        yield [row[1:] for row in block[1:]]
    elif len(block) > 1 and _START_ROW.match(first):
        yield block[1:]


def _row(line: str) -> Row | None:
    if not re.search(r"\d", line) or len(line) > _MOST_ENTRIES * 4:
        return None
    line = _REMARK.sub("", _ROW_WORD.sub("", line))
    cells = [cell for cell in re.split(r"\||\t|&", line) if cell.strip()]
    if len(cells) > 2 and re.search("[A-Za-z]", cells[0]):
        cells = cells[1:]  # the name of the row
    return _entries(cells if len(cells) > 1 else _split("".join(cells)))


def trailing_number(text: str) -> Numeral | None:
    """Return the constant at the end of a form such as `x^T [..] x + x^T [..] - 3`."""
    for line in reversed(text.split("\n")[-_MOST_LITERALS:]):
        found = _CONSTANT.search(line[-200:])
        if found and ("\\end" in line or "]" in line or ")" in line):
            return entry(found[1].replace(" ", ""))
    return None


def shape_words(shape: Sequence[int]) -> str:
    """Return a shape as people say it: `2 x 3`, `3 entries`, `one number`."""
    if not shape:
        return "one number"
    if len(shape) == 1:
        return "1 entry" if shape[0] == 1 else f"{shape[0]} entries"
    return f"{shape[0]} x {shape[1]}"


def unreadable(text: str) -> Unreadable:
    """Return the complaint about a text in which no array was found."""
    return Unreadable(
        "expected a matrix or vector such as [[1, 2], [3, 4]], found none that could be read",
        text=text[: _typed.LONGEST],
        position=len(text[:1000]) - len(text[:1000].lstrip()),
    )
