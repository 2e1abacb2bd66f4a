"""A vector, a matrix or one number of several: entry by entry, in any notation."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from grader import lazy
from grader.errors import ReferenceFault
from grader.kinds import Call, Case, _matrices, _numerals, _results, _slips, _typed, _wanted
from grader.kinds._matrices import Array, Candidate
from grader.kinds._numerals import Numeral
from grader.model import Answer, Check, Judgement, Mistake, Question
from grader.values import Plain, shorten

# Entries are counted, not measured; this leaves room for 0.333 in place of a third.
_RTOL = 1e-3
# Below every coefficient of an exercise, above the noise of a computation.
_ATOL = 1e-9
_DIGITS = 2
# More positions than these are not read one by one.
_MOST_NAMED = 6

Values: TypeAlias = "tuple[tuple[float, ...], ...]"
Place: TypeAlias = "tuple[int, int]"

_ARRAY: Mapping[str, Any] = {
    "type": ["number", "array", "string"],
    "description": "The value itself: a number, a list, or a list of rows.",
}
_WAY = {**_wanted.WORDS, "value": _ARRAY}
_UP_TO = {"enum": ["symmetric-part", "sign", "scale", "order"]}

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "anyOf": [{"required": ["expect"]}, {"required": ["value"]}],
    "properties": {
        **_WAY,
        "shape": {
            "type": "array",
            "items": {"type": "integer", "minimum": 1},
            "maxItems": 2,
            "description": "The shape: [] for one number, [n] or [rows, columns].",
        },
        "rtol": {"type": "number", "minimum": 0, "description": f"Per entry; {_RTOL:g}."},
        "atol": {"type": "number", "minimum": 0, "description": f"Per entry; {_ATOL:g}."},
        "digits": {
            "type": "integer",
            "minimum": 1,
            "description": f"Significant digits from which a rounded entry is right; {_DIGITS}.",
        },
        "vector": {
            "enum": ["either", "column", "row"],
            "description": "Which way a vector must stand; either, if not said.",
        },
        "symmetric": {
            "enum": [True, False, "required"],
            "description": "A symmetric matrix is demanded: true costs what the mistake "
            "'not-symmetric' says, required costs everything.",
        },
        "equivalent": {
            "type": "object",
            "description": "What is as good as the right array.",
            "additionalProperties": False,
            "required": ["up_to"],
            "properties": {
                "up_to": {
                    **_UP_TO,
                    "description": "What may differ: the skew part of a quadratic form, the sign, "
                    "a positive factor, the order of the rows.",
                },
                "cost": {"type": "number", "minimum": 0, "description": "In points; 0."},
                "say": {"type": "string", "description": "What the student is told then."},
            },
        },
        "per_entry": {
            "type": "boolean",
            "description": "Whether right entries earn their share; true, if not said.",
        },
        "weights": {
            **_ARRAY,
            "description": "What each entry counts, in the array's own shape; all alike.",
        },
    },
}
MISTAKE: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        **_WAY,
        "entries": {
            "type": "array",
            "items": {"type": "array", "items": {"type": "integer", "minimum": 1}},
            "description": "The entries that the value stands for: [[1, 2], [2, 1]], from 1.",
        },
        "unless_stated": _wanted.UNLESS_STATED,
    },
}

_SAY = {
    "transposed": "Rows and columns are exchanged.",
    "not-symmetric": "A symmetric matrix was asked for; this one is not symmetric.",
    "sign": "The sign is the wrong way round.",
}
_CREDIT = {"transposed": 0.5, "not-symmetric": 0.8, "sign": 0.5}


class Got(NamedTuple):
    """The arrays that were read, with how likely each is the answer."""

    candidates: tuple[Candidate, ...]
    text: str = ""
    is_labelled: bool = False
    list_names: frozenset[str] = frozenset()


class Want(NamedTuple):
    """The right entries, row by row, and how many dimensions they have; the mistakes' values."""

    rows: Values
    ndim: int
    mistakes: Mapping[str, Values] = {}

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape: (), (n,) or (rows, columns)."""
        full = (len(self.rows), len(self.rows[0]))
        return full if self.ndim == 2 else full[1:] if self.ndim == 1 else ()

    @property
    def is_vector(self) -> bool:
        """Return whether it is a list of numbers, whichever way it stands."""
        return self.ndim == 1 or (self.ndim == 2 and min(self.shape) == 1)


# --- the right value -------------------------------------------------------------------------


def expect(check: Check, question: Question, call: Call) -> Want:
    """Return the right array and those of the mistakes, from the reference."""
    rows, ndim = _rows(_wanted.right(check, question, call))
    want = Want(rows, ndim)
    shape = check.options.get("shape")
    if shape is not None and tuple(shape) != want.shape:
        raise ReferenceFault(f"the rubric says shape {list(shape)}, found {list(want.shape)}")
    for each in check.mistakes:
        _check_entries(each, want)
    mistakes = {
        each.id: _rows(value)[0]
        for each in check.mistakes
        if (value := _wanted.wrong(each, check, question, call)) is not None
    }
    return want._replace(mistakes=mistakes)


def _rows(value: Any) -> tuple[Values, int]:
    """Return a reference's value as rows, with its number of dimensions."""
    if not isinstance(value, list):
        return ((_wanted.scalar(value),),), 0
    if not any(isinstance(item, list) for item in value):
        return (tuple(_wanted.scalar(item) for item in value),), 1
    if not all(isinstance(row, list) and row for row in value):
        raise ReferenceFault("expected rows of numbers from the reference")
    if any(isinstance(item, list) for row in value for item in row):
        raise ReferenceFault("expected at most two dimensions from the reference")
    rows = tuple(tuple(_wanted.scalar(item) for item in row) for row in value)
    if len({len(row) for row in rows}) != 1:
        raise ReferenceFault("the rows of the reference's array differ in length")
    return rows, 2


def _check_entries(mistake: Mistake, want: Want) -> None:
    """Raise ReferenceFault where a mistake stands for an entry that the array does not have."""
    flat = (max(want.shape, default=1),) if want.is_vector else want.shape
    for entry in mistake.options.get("entries", ()):
        shape = flat if len(entry) == 1 else (len(want.rows), len(want.rows[0]))
        inside = all(place <= size for place, size in zip(entry, shape, strict=False))
        if len(entry) != len(shape) or not inside:
            size = _matrices.shape_words(want.shape)
            raise ReferenceFault(
                f"the mistake '{mistake.id}': there is no entry {entry} in an array of {size}"
            )


def show(want: Want) -> str:
    """Return the right array as nested lists."""
    rows = [", ".join(_numerals.in_thousands(item) for item in row) for row in want.rows]
    if want.ndim == 2:
        return "[" + ", ".join(f"[{row}]" for row in rows) + "]"
    return f"[{rows[0]}]" if want.ndim == 1 else rows[0]


# --- reading ---------------------------------------------------------------------------------


def read(answer: Answer, check: Check, question: Question) -> Got | None:
    """Return the arrays in an answer, or None where it says nothing."""
    value = _picked(answer.value, check)
    if isinstance(value, list) and (array := _matrices.of_value(value)) is not None:
        keys = answer.value if isinstance(answer.value, dict) and len(answer.value) > 1 else ()
        return Got((Candidate(4, (array,)),), list_names=frozenset(map(str, keys)))
    source = _typed.lines_of(value)
    text = _typed.plain(source)
    if _typed.is_blank(source) or not text.strip():
        return None
    if "**" in text and text.count("**") % 2:
        text = text.replace("**", " ")  # one end of bold letters around several fields
    is_labelled = bool(answer.context) and isinstance(answer.value, str)
    names = _names(check, question)._replace(is_labelled=is_labelled)
    if not is_labelled and (piece := _in_turn(text, check, question, names)):
        text, names = piece, names._replace(is_labelled=True)
    context = _typed.plain(answer.context) if is_labelled else ""
    found = _matrices.candidates(text, names, context)
    if all(each.rank == 0 for each in found):
        found = [] if names.shape else _numbers(text, names)
    if not found:
        raise _matrices.unreadable(answer.text or source)
    listed = frozenset(each[1] for each in _NAMED_LIST.finditer(text[:4000]))
    listed -= {*names.labels, *names.others}
    return Got(tuple(found), text, names.is_labelled, listed)


_NAMED_LIST = lazy.pattern(r"(?<![^\W_])([^\W\d]\w{0,15})[\"']?\s?[=:]\s?[\[(]\s?(?=[\d.+-])")
# Names that say that a list is a row: row1, r2, 1.
_ROW_NAME = lazy.pattern(r"r(?:ow)?[\s_]?\d*|\d+", re.I)


_DEPTH = lazy.pattern(r"\\begin\b|\\end\b|[(\[{]|[)\]}]|[,;\n]")
_ANNOUNCED = lazy.pattern(r"\s*(?:(?:answers?|solution|result)\s*:|\([^()\n]{1,40}\)\s*=)\s*", re.I)


def _in_turn(text: str, check: Check, question: Question, names: _matrices.Names) -> str:
    """Return the piece of a text without labels that answers a check by its place, or nothing.

    Who answers three fields by three arrays, in the order of the question, needs no labels.
    """
    fields = [each.field for each in question.checks if each.kind == check.kind]
    if len(fields) < 2 or len(set(fields)) != len(question.checks):
        return ""
    announced = _ANNOUNCED.match(text)
    bare = text[announced.end() if announced else 0 :].strip(" \n$.")
    pieces = _pieces(bare)
    if announced and len(pieces) == 1 and bare[:1] in "([" and bare[-1:] in ")]":
        pieces = _pieces(bare[1:-1])
    if len(pieces) != len(fields) or any(_ANY_NAME.search(piece) for piece in pieces):
        return ""
    # Pieces of one size are the rows of one matrix.
    if "|" in bare or len({len(_NUMBER.findall(piece)) for piece in pieces}) == 1:
        return ""
    return pieces[fields.index(check.field)]


_NUMBER = lazy.pattern(r"\d+")
_ANY_NAME = lazy.pattern(r"[=:]|(?<!\\)\b(?!begin|end|[bpvBV]?matrix|frac|np|array)[A-Za-z]{1,20}")


def _pieces(text: str) -> list[str]:
    """Return what commas, semicolons and lines part where no bracket is open."""
    depth = start = 0
    pieces = []
    for found in _DEPTH.finditer(text[:4000]):
        sign = found[0]
        if sign in ("\\begin", "\\end") or (len(sign) == 1 and sign in "([{)]}"):
            depth += 1 if sign in ("\\begin", "(", "[", "{") else -1
        elif depth == 0:
            pieces.append(text[start : found.start()])
            start = found.end()
    pieces.append(text[start:])
    return [piece.strip() for piece in pieces if piece.strip()]


def _picked(value: Plain, check: Check) -> Plain:
    """Return the labelled part of a mapping, or its rows; else the whole value."""
    if not isinstance(value, dict):
        return value
    for name in (check.field, *check.names, "value", "answer"):
        if name in value:
            return value[name]
    rows = list(value.values())
    return rows if rows and all(isinstance(row, list) for row in rows) else value


def _names(check: Check, question: Question) -> _matrices.Names:
    mine = (check.field, *check.names)
    known = [name for one, more in question.fields.items() for name in (one, *more)]
    others = [name for name in known if name not in mine]
    return _matrices.Names(mine, others, check.options.get("shape", ()))


def _numbers(text: str, names: _matrices.Names) -> list[Candidate]:
    """Return the single number that a text comes to: labelled, alone, or the last summand."""
    first = _FIRST_NUMBER.match(text) if names.is_labelled else None
    if first:
        return [Candidate(4, tuple(map(_single, _numerals.read(first[1]))), first[1])]
    result = _results.find(text, names.labels, is_labelled=names.is_labelled)
    if result is not None and result.readings and result.rank >= 3:
        return [Candidate(result.rank, tuple(map(_single, result.readings)), result.piece)]
    trailing = _matrices.trailing_number(text)
    return [] if trailing is None else [Candidate(2, (_single(trailing),), "the last summand")]


# A number behind its label, before what only says more of it: `1 = f(0, 0)`, `1 ∈ R`.
_FIRST_NUMBER = lazy.pattern(
    rf"\s*(?:scalar\s+)?([+-]?\s?{_numerals.NUMERAL})\s*(?:(?:=|≈)\s*[A-Za-z]\w{{0,3}}\s?\(|∈|\\in\b|\Z)"
)


def _single(numeral: Numeral) -> Array:
    return Array(((numeral,),), 0)


# --- judging ---------------------------------------------------------------------------------


class _Compared(NamedTuple):
    """An array of the right shape, with the places at which it is wrong."""

    rows: tuple[_matrices.Row, ...]
    wrong: tuple[Place, ...]


def judge(got: Got, want: Want, case: Case) -> Judgement:
    """Return what an array is worth, entry by entry, with the mistakes that have a name."""
    judgement = _worth(got, want, case)
    is_turned = any(each.id == "transposed" for each in judgement.mistakes)
    if is_turned and len(got.list_names) > 1 and not any(map(_ROW_NAME.fullmatch, got.list_names)):
        reason = "each list has a name, which may be that of a column"
        return judgement._replace(review=1.0, reason=judgement.reason or reason)
    return judgement


def _worth(got: Got, want: Want, case: Case) -> Judgement:
    """Return what the likeliest of the arrays that were read is worth."""
    if want.ndim == 0 and got.text:
        names = _names(case.check, case.question)._replace(is_labelled=got.is_labelled)
        numbers = _numbers(got.text, names)
        got = got._replace(candidates=(*got.candidates, *numbers))
    chosen = _chosen(got, want)
    fitting = [each for each in chosen.readings if _oriented(each, want) is not None]
    if _demands_symmetry(case):
        fitting = [_mirrored(each) for each in fitting]
    if not fitting:
        judgement = _of_another_shape(chosen, want, case)
        if judgement.credit < 1.0 and _may_be_misread(chosen, got, want):
            reason = "no array of the right shape was found where it was looked for"
            return judgement._replace(review=1.0, reason=judgement.reason or reason)
        return judgement
    judgements = [_judged(array, got, want, case) for array in fitting]
    best = max(judgements, key=lambda each: each.credit)
    array = fitting[judgements.index(best)]
    best = best._replace(evidence=_evidence(chosen, array, best))
    doubt = chosen.doubt
    if best.credit < 1.0 and doubt is None and _is_right_where_taken(got, want, case):
        doubt = _matrices.TAKEN_AT
    if doubt:
        return best._replace(review=1.0, reason=best.reason or doubt)
    if any(item is None for row in array.rows for item in row):
        return best._replace(review=1.0, reason="some entries were not found by their names")
    return best


def _is_right_where_taken(got: Got, want: Want, case: Case) -> bool:
    """Return whether the point at which the answer takes a value is what was asked for."""
    points = [each for each in got.candidates if each.doubt == _matrices.TAKEN_AT]
    readings = [_oriented(array, want) for each in points for array in each.readings]
    return any(each and not _compared(each, want.rows, case).wrong for each in readings)


def _mirrored(array: Array) -> Array:
    """Return a square matrix with an entry that was not given taken from across the diagonal."""
    rows = array.rows
    if len(rows) != len(rows[0]) or all(item is not None for row in rows for item in row):
        return array
    size = range(len(rows))
    return Array(
        tuple(tuple(rows[j][i] if rows[i][j] is None else rows[i][j] for j in size) for i in size),
        array.ndim,
    )


def _may_be_misread(chosen: Candidate, got: Got, want: Want) -> bool:
    """Return whether an array of another shape was hardly meant as the answer."""
    if want.ndim == 0 or chosen.rank < 3 or len(got.candidates) > 1:
        return True
    if chosen.piece.endswith(_matrices.ROWS_OF_NUMBERS) and _TABLE.search(got.text):
        return True
    # The numbers are there, but not in a form that was read: `var(x) = 2, cov(x, y) = 1`.
    array, size = chosen.readings[0], len(want.rows) * len(want.rows[0])
    is_short = len(array.rows) * len(array.rows[0]) < size
    return is_short and len(_NUMBER.findall(got.text)) >= max(want.shape)


# A table has a frame, of which some may have been read for entries.
_TABLE = lazy.pattern(r"[|\t]")


def _chosen(got: Got, want: Want) -> Candidate:
    """Return the likeliest of those that have the right shape, the last of equals.

    Only the shape is looked at: a right matrix somewhere in the text is no answer.
    """
    likely = [each for each in got.candidates if each.rank > 0] or list(got.candidates)
    fitting = [each for each in likely if _fits(each, want)]
    places = range(len(fitting or likely))
    return (fitting or likely)[max(places, key=lambda i: ((fitting or likely)[i].rank, i))]


def _fits(candidate: Candidate, want: Want) -> bool:
    return any(_oriented(each, want) is not None for each in candidate.readings)


def _oriented(array: Array, want: Want) -> Array | None:
    """Return the array laid out as the right one is, or None where its shape is another."""
    size = len(array.rows) * len(array.rows[0])
    if want.ndim == 0 or size == 1:
        same = size == 1 and len(want.rows) * len(want.rows[0]) == 1
        return Array(array.rows, want.ndim) if same else None
    if want.is_vector:
        if min(len(array.rows), len(array.rows[0])) != 1 or size != max(want.shape):
            return None
        entries = tuple(item for row in array.rows for item in row)
        is_column = want.ndim == 2 and want.shape[1] == 1
        return Array(tuple((item,) for item in entries) if is_column else (entries,), want.ndim)
    return array if array.shape == want.shape else None


def _of_another_shape(chosen: Candidate, want: Want, case: Case) -> Judgement:
    """Return the judgement of an array that has not the right shape, told both shapes."""
    array = chosen.readings[0]
    if array.ndim == 2 and array.transposed.shape == want.shape:
        turned = _compared(array.transposed, want.rows, case)
        if not turned.wrong:
            return _named([_own("transposed", case)], case)
    if (in_rows := _in_rows(array, want)) is not None:
        return _judged(in_rows, Got((chosen,)), want, case)._replace(
            review=1.0,
            reason=f"a list of {len(array.rows[0])} numbers was read row by row",
        )
    wanted, found = (_matrices.shape_words(shape) for shape in (want.shape, array.shape))
    piece = f"read from '{shorten(chosen.piece, 70)}'" if chosen.piece else ""
    return Judgement(0.0, f"Expected {wanted}, found {found}.", evidence=piece)


def _in_rows(array: Array, want: Want) -> Array | None:
    """Return a plain list of as many numbers as the right matrix has, row by row."""
    columns = len(want.rows[0])
    if array.ndim != 1 or want.is_vector or len(array.rows[0]) != len(want.rows) * columns:
        return None
    entries = array.rows[0]
    rows = (entries[at : at + columns] for at in range(0, len(entries), columns))
    return Array(tuple(rows), 2)


def _judged(array: Array, got: Got, want: Want, case: Case) -> Judgement:
    oriented = _oriented(array, want) or array
    compared = _compared(oriented, want.rows, case)
    if not compared.wrong:
        return _standing(array, want, case)
    return (
        _as_a_whole(compared, got, want, case)
        or _equivalent(compared, want, case)
        or _own_mistake(compared, want, case)
        or _entry_by_entry(compared, got, want, case)
    )


def _compared(array: Array, values: Values, case: Case) -> _Compared:
    wrong = tuple(
        (i, j)
        for i, row in enumerate(values)
        for j, value in enumerate(row)
        if not _is(array.rows[i][j], value, case.check.options)
    )
    return _Compared(array.rows, wrong)


def _is(item: Numeral | None, value: float, options: Mapping[str, Any]) -> bool:
    if item is None:
        return False
    if item.value == value:
        return True
    if _numerals.agrees(item, value, options.get("rtol", _RTOL), options.get("atol", _ATOL)):
        return True
    return _numerals.kept_digits(item, value) >= int(options.get("digits", _DIGITS))


def _standing(array: Array, want: Want, case: Case) -> Judgement:
    """Return full credit, or less for a vector that must stand the other way."""
    demanded = case.check.options.get("vector", "either")
    if array.ndim != 2 or demanded == "either" or len(array.rows) * len(array.rows[0]) == 1:
        return Judgement(1.0)
    is_row = len(array.rows) == 1
    if is_row == (demanded == "row"):
        return Judgement(1.0)
    found = "row" if is_row else "column"
    judgement = _named([_own("transposed", case)], case)
    return judgement._replace(say=f"Expected a {demanded} vector, found a {found} vector.")


def _as_a_whole(compared: _Compared, got: Got, want: Want, case: Case) -> Judgement | None:
    """Return the judgement of the rubric's mistakes that explain every entry at once."""
    found = [
        mistake
        for mistake in case.check.mistakes
        if mistake.id in want.mistakes
        and "entries" not in mistake.options
        and _equals(compared.rows, want.mistakes[mistake.id], case)
    ]
    if any(_slips.is_stated(got.text, each.options.get("unless_stated")) for each in found):
        return Judgement(1.0, staff=f"{found[0].id}: excused, because the answer states it")
    return _named(found, case) if found else None


def _own_mistake(compared: _Compared, want: Want, case: Case) -> Judgement | None:
    """Return the judgement of an array with every sign turned, or rows and columns exchanged."""
    if _equals(compared.rows, _negated(want.rows), case):
        return _named([_own("sign", case)], case)
    if _equals(compared.rows, tuple(zip(*want.rows, strict=True)), case):
        return _named([_own("transposed", case)], case)
    return None


def _equals(rows: tuple[_matrices.Row, ...], values: Values, case: Case) -> bool:
    if (len(rows), len(rows[0])) != (len(values), len(values[0])):
        return False
    return all(
        _is(item, value, case.check.options)
        for row, right in zip(rows, values, strict=True)
        for item, value in zip(row, right, strict=True)
    )


def _negated(values: Values) -> Values:
    return tuple(tuple(-value for value in row) for row in values)


def _own(name: str, case: Case) -> Mistake:
    credit = _CREDIT[name]
    if name == "not-symmetric" and case.check.options.get("symmetric") == "required":
        credit = 0.0
    return _slips.named(name, _SAY[name], credit, case)


def _named(found: Sequence[Mistake], case: Case) -> Judgement:
    settled = _slips.settle(found, case)
    return Judgement(settled.credit, settled.say, mistakes=settled.recognised)


def _equivalent(compared: _Compared, want: Want, case: Case) -> Judgement | None:
    """Return the judgement of an array that differs only in what does not matter."""
    values = _values(compared.rows)
    if values is None:
        return None
    if _demands_symmetry(case) and _alike(_symmetric_part, values, want.rows):
        return _named([_own("not-symmetric", case)], case)
    option = case.check.options.get("equivalent")
    if option is None or not _alike(_FORMS[option["up_to"]], values, want.rows):
        return None
    credit = max(0.0, 1.0 - option.get("cost", 0.0) / case.check.points)
    return Judgement(credit, option.get("say", ""), staff=f"equal up to {option['up_to']}")


def _demands_symmetry(case: Case) -> bool:
    return case.check.options.get("symmetric") in (True, "required")


def _values(rows: tuple[_matrices.Row, ...]) -> Values | None:
    values = tuple(tuple(item.value for item in row if item is not None) for row in rows)
    complete = all(len(mine) == len(row) for mine, row in zip(values, rows, strict=True))
    return values if complete else None


def _alike(form: Callable[[Values], Values], got: Values, want: Values) -> bool:
    """Return whether two arrays have the same form, to the noise of a computation."""
    mine, theirs = form(got), form(want)
    scale = max((abs(value) for row in theirs for value in row), default=0.0)
    return all(
        abs(a - b) <= _RTOL * scale
        for row, other in zip(mine, theirs, strict=True)
        for a, b in zip(row, other, strict=True)
    )


def _symmetric_part(values: Values) -> Values:
    """Return (A + A^T) / 2, which is all that a quadratic form x^T A x depends on."""
    if len(values) != len(values[0]):
        return values
    turned = tuple(zip(*values, strict=True))
    return tuple(
        tuple((a + b) / 2 for a, b in zip(row, other, strict=True))
        for row, other in zip(values, turned, strict=True)
    )


def _without_sign(values: Values) -> Values:
    first = next((value for row in values for value in row if value), 1.0)
    return values if first > 0 else _negated(values)


def _without_scale(values: Values) -> Values:
    largest = max(abs(value) for row in values for value in row) or 1.0
    return tuple(tuple(value / largest for value in row) for row in values)


def _in_order(values: Values) -> Values:
    if len(values) == 1:
        return (tuple(sorted(values[0])),)
    return tuple(sorted(values))


_FORMS: Mapping[str, Callable[[Values], Values]] = {
    "symmetric-part": _symmetric_part,
    "sign": _without_sign,
    "scale": _without_scale,
    "order": _in_order,
}


def _entry_by_entry(compared: _Compared, got: Got, want: Want, case: Case) -> Judgement:
    """Return the share of the right entries, less what the mistakes in the others cost."""
    explained = _explained(compared, got, want, case)
    told = {place for _, places in explained for place in places}
    unexplained = [place for place in compared.wrong if place not in told]
    settled = [_slips.settle([mistake], case) for mistake, _ in explained]
    if _breaks_symmetry(compared, case):
        settled.append(_slips.settle([_own("not-symmetric", case)], case))
    lost = sum(1.0 - each.credit for each in settled) + _share(unexplained, want, case)
    if unexplained and not case.check.options.get("per_entry", True):
        lost = 1.0
    says = [each.say for each in settled]
    if unexplained:
        says.append(_which(unexplained, compared, want))
    return Judgement(
        credit=max(0.0, round(1.0 - lost, 9)),
        say=" ".join(dict.fromkeys(says)),
        mistakes=tuple(one for each in settled for one in each.recognised),
    )


def _explained(
    compared: _Compared, got: Got, want: Want, case: Case
) -> list[tuple[Mistake, tuple[Place, ...]]]:
    """Return the mistakes that explain some of the wrong entries, with their places."""
    left = set(compared.wrong)
    found = []
    for mistake in case.check.mistakes:
        places = tuple(_place(entry, want) for entry in mistake.options.get("entries", ()))
        if not places or not set(places) <= left or mistake.id not in want.mistakes:
            continue
        value = want.mistakes[mistake.id][0][0]
        items = [compared.rows[i][j] for i, j in places]
        if all(_is(item, value, case.check.options) for item in items):
            left -= set(places)
            if not _slips.is_stated(got.text, mistake.options.get("unless_stated")):
                found.append((mistake, places))
    return found


def _place(entry: Sequence[int], want: Want) -> Place:
    """Return a rubric's place, from 1, as indices; of a vector it is one number."""
    if len(entry) == 2:
        return entry[0] - 1, entry[1] - 1
    is_column = want.ndim == 2 and want.shape[1] == 1
    return (entry[0] - 1, 0) if is_column else (0, entry[0] - 1)


def _breaks_symmetry(compared: _Compared, case: Case) -> bool:
    values = _values(compared.rows)
    if values is None or not _demands_symmetry(case) or len(values) != len(values[0]):
        return False
    return not _alike(lambda each: each, values, tuple(zip(*values, strict=True)))


def _share(places: Sequence[Place], want: Want, case: Case) -> float:
    """Return what share of the points stands at these places."""
    weights = case.check.options.get("weights")
    rows = want.rows if weights is None else _rows(weights)[0]
    if weights is None:
        return len(places) / (len(rows) * len(rows[0]))
    if len(rows) != len(want.rows):
        rows = tuple(zip(*rows, strict=True))
    return sum(rows[i][j] for i, j in places) / sum(map(sum, rows))


def _which(places: Sequence[Place], compared: _Compared, want: Want) -> str:
    """Return which entries are not right, by their places."""
    size = len(want.rows) * len(want.rows[0])
    if size == 1:
        return "The value is not right."
    if len(places) == size:
        return "None of the entries is right."
    missing = [place for place in places if compared.rows[place[0]][place[1]] is None]
    wrong = [place for place in places if place not in missing]
    parts = []
    if wrong:
        verb = "is" if len(wrong) == 1 else "are"
        parts.append(f"{_entries(wrong, want)} {verb} not right.")
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        parts.append(f"{_entries(missing, want)} {verb} missing.")
    return " ".join(parts)


def _entries(places: Sequence[Place], want: Want) -> str:
    if want.is_vector:
        names = [str(max(place) + 1) for place in places]
    else:
        names = [f"({i + 1}, {j + 1})" for i, j in places]
    if len(names) > _MOST_NAMED:
        return f"{len(names)} entries"
    return f"{'Entry' if len(names) == 1 else 'Entries'} {_typed.listed(names)}"


def _evidence(chosen: Candidate, array: Array, judgement: Judgement) -> str:
    parts = [judgement.evidence]
    if chosen.piece:
        parts.append(f"read from '{shorten(chosen.piece, 70)}'")
    whole = chosen.readings[0]
    if array.rows[-1][-1] is not whole.rows[-1][-1]:
        parts.append("with decimal commas")
    elif len(array.rows) * len(array.rows[0]) < len(whole.rows) * len(whole.rows[0]):
        parts.append("without the numbers and the start of its rows")
    return "; ".join(part for part in parts if part)


EXAMPLE: Mapping[str, Any] = {
    "question": {
        "id": "q1",
        "title": "Rotation by a right angle",
        "prompt": "Which matrix R rotates the plane by 90 degrees, anticlockwise?",
        "checks": [{"array": {"value": [[0, -1], [1, 0]], "field": "R", "points": 2}}],
    },
    "right": [
        "[[0, -1], [1, 0]]",
        "R = [0 -1; 1 0]",
        r"\begin{pmatrix} 0 & -1 \\ 1 & 0 \end{pmatrix}",
        "R11 = R22 = 0, R12 = -1, R21 = 1",
    ],
    "wrong": ["[[0, 1], [-1, 0]]", "[0, -1]", "[[1, 0], [0, 1]]"],
}
