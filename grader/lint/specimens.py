"""Answers as students would hand them in: the right one in several notations, and each mistake.

A kind that is not listed here has one specimen, what it shows as the right answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from grader import kinds
from grader.errors import Unreadable
from grader.kinds import Run, array, function, grid, number, table
from grader.kinds._stages import Array
from grader.model import Check, Mistake, Question
from grader.sandbox.outcomes import Returned


@dataclass(frozen=True, slots=True)
class Specimen:
    """An answer that is typed, or what code returned.

    `way` is its notation in words, `understood` the answer as a report would repeat it. One that
    stands `alone` keeps to another convention than the right answers to the other fields.
    """

    text: str = ""
    run: Run | None = None
    way: str = "plain text"
    understood: str = ""
    alone: bool = False

    @property
    def shown(self) -> str:
        """Return the answer as a complaint quotes it."""
        return self.text if self.run is None else "what the reference returns"


Right: TypeAlias = Callable[[Check, Question, Any], Iterator[Specimen]]
Wrong: TypeAlias = Callable[[Mistake, Check, Any], Iterator[Specimen]]


def right(check: Check, question: Question, want: Any) -> list[Specimen]:
    """Return the right answer in the notations that are cheap to make, the usual one first."""
    known = _RIGHT.get(check.kind)
    if known is None:
        return [Specimen(kinds.load(check.kind).show(want))]
    return list(known(check, question, want))


def wrong(mistake: Mistake, check: Check, want: Any) -> list[Specimen]:
    """Return the answer that a declared mistake leads to; nothing where it cannot be made."""
    known = _WRONG.get(check.kind)
    return [] if known is None else list(known(mistake, check, want))


# --- numbers -----------------------------------------------------------------------------------


def _right_number(check: Check, question: Question, want: number.Want) -> Iterator[Specimen]:
    shown = number.show(want)
    yield Specimen(shown)
    yield Specimen(f"{check.field} = {shown}", way="after an equals sign")
    if math.isinf(want.value):
        yield Specimen("∞" if want.value > 0 else "-∞", way="Unicode")
        return
    yield Specimen(f"${shown}$", way="LaTeX")
    # Three digits behind a comma could be thousands.
    if "." in shown and "e" not in shown and len(shown.partition(".")[2]) != 3:
        yield Specimen(shown.replace(".", ","), way="decimal comma")


def _wrong_number(mistake: Mistake, check: Check, want: number.Want) -> Iterator[Specimen]:
    if mistake.id in want.mistakes:
        yield Specimen(number.show(want._replace(value=want.mistakes[mistake.id])))


# --- arrays ------------------------------------------------------------------------------------


def _right_array(check: Check, question: Question, want: array.Want) -> Iterator[Specimen]:
    yield Specimen(array.show(want))
    if want.ndim == 2:
        rows = [[f"{value:.7g}" for value in row] for row in want.rows]
        yield Specimen("[" + "; ".join(" ".join(row) for row in rows) + "]", way="MATLAB")
        body = r" \\ ".join(" & ".join(row) for row in rows)
        yield Specimen(rf"\begin{{bmatrix}} {body} \end{{bmatrix}}", way="LaTeX")


def _wrong_array(mistake: Mistake, check: Check, want: array.Want) -> Iterator[Specimen]:
    values = want.mistakes.get(mistake.id)
    entries: Sequence[Sequence[int]] = mistake.options.get("entries", ())
    if values is None:
        return
    if not entries:
        yield Specimen(array.show(want._replace(rows=values)))
        return
    rows = np.array(want.rows)
    # The entries of a vector are counted along it, whichever way it stands.
    places = rows if len(entries[0]) == 2 else rows.reshape(-1)
    for entry in entries:
        inside = all(1 <= i <= size for i, size in zip(entry, places.shape, strict=False))
        if inside and len(entry) == places.ndim:
            places[tuple(i - 1 for i in entry)] = values[0][0]
    yield Specimen(array.show(want._replace(rows=tuple(map(tuple, rows.tolist())))))


# --- tables ------------------------------------------------------------------------------------


def _right_table(check: Check, question: Question, want: table.Want) -> Iterator[Specimen]:
    numbers = {row.slot.name: row.slot.value for row in (*want.rows, *want.totals)}
    yield Specimen(_lines(numbers))
    body = "\n".join(f"| {name} | {value:.10g} |" for name, value in numbers.items())
    yield Specimen(f"| row | value |\n|---|---|\n{body}", way="Markdown table")


def _wrong_table(mistake: Mistake, check: Check, want: table.Want) -> Iterator[Specimen]:
    changed = want.mistakes.get(mistake.id)
    if changed:
        numbers = {row.slot.name: row.slot.value for row in want.rows}
        totals = {row.slot.name for row in want.totals} & set(changed)
        yield Specimen(_lines({**numbers, **dict.fromkeys(totals, 0.0), **changed}))


def _lines(numbers: Mapping[str, float]) -> str:
    return "\n".join(f"{name}: {value:.10g}" for name, value in numbers.items())


# --- choices and free text ---------------------------------------------------------------------


def _right_choice(check: Check, question: Question, want: str) -> Iterator[Specimen]:
    shown = kinds.load("choice").show(want)
    yield Specimen(shown)
    yield Specimen(f"**{shown}.**", way="bold, with a full stop")
    words = {"true": ("T", "yes"), "false": ("F", "no")}
    for word in words.get(want, ()):
        yield Specimen(word, way=f"'{word}'")


def _wrong_choice(mistake: Mistake, check: Check, want: str) -> Iterator[Specimen]:
    if "value" in mistake.options:
        yield Specimen(str(mistake.options["value"]))


def _right_text(check: Check, question: Question, want: Any) -> Iterator[Specimen]:
    if "model_answer" in check.options:
        yield Specimen(check.options["model_answer"].strip())


# --- formulas ----------------------------------------------------------------------------------


def _right_formula(check: Check, question: Question, want: Any) -> Iterator[Specimen]:
    from grader.kinds import formula

    forms = formula.forms(check)
    usual = check.options.get("keeps", {})
    for text, keeps in forms.items():
        shown = _unicode(text, want)
        yield Specimen(text, None, "as the rubric writes it", shown, alone=keeps != usual)
    if "answer" in check.options:
        text = check.options["answer"]
        yield Specimen(_unicode(text, want) or text, way="Unicode")


def _wrong_formula(mistake: Mistake, check: Check, want: Any) -> Iterator[Specimen]:
    from grader.kinds import formula

    if "breaks" in mistake.options:
        name = mistake.options["breaks"]
        usual = check.options.get("keeps", {}).get(name)
        for text, keeps in formula.forms(check).items():
            if keeps.get(name, usual) != usual:
                yield Specimen(text)
    if "formula" in mistake.options:
        text = mistake.options["formula"]
        yield Specimen(text, understood=_unicode(text, want))


def _unicode(text: str, want: Any) -> str:
    """Return a formula as a report repeats it; nothing where it cannot be read."""
    from grader import formula

    try:
        return formula.shown(text, want.notation)
    except Unreadable:
        return ""  # a formula of the rubric that cannot be read has its own complaint


# --- regions and code --------------------------------------------------------------------------


def _right_grid(check: Check, question: Question, want: grid.Want) -> Iterator[Specimen]:
    if want.answer or check.options.get("picture"):
        yield Specimen(grid.show(want))
    if want.calls:
        yield from _drawing(check, want, want.signs)


def _wrong_grid(mistake: Mistake, check: Check, want: grid.Want) -> Iterator[Specimen]:
    if mistake.id in want.wrong:
        yield from _drawing(check, want, want.wrong[mistake.id])


# Values of a stage: signs, what zeros and ones make, distances from a threshold.
_VALUES = (1.0, -1.0, 0.0, 0.25, 0.75, 1.5, -0.5)


def _drawing(check: Check, want: grid.Want, signs: Array) -> Iterator[Specimen]:
    """Yield what code that draws these signs would have returned, if there is such a thing."""
    if grid.is_one_of_several(check):
        everywhere = np.concatenate([signs, want.between])
        tried = [np.full(len(everywhere), value) for value in _VALUES]
        draws = np.array([grid.region(values, want, check) == everywhere for values in tried])
        if draws.any(axis=0).all():
            values = np.array(_VALUES)[draws.argmax(axis=0)]
            yield Specimen(run=Run((Returned(values),) * len(want.calls), "the reference"))
        return
    sizes = [math.prod(shape) for shape in want.shapes]
    parts = np.split(signs, np.cumsum(sizes)[:-1])
    drawn = zip(parts, want.shapes, strict=True)
    run = Run(tuple(Returned(part.reshape(shape)) for part, shape in drawn), "the reference")
    yield Specimen(run=run)


def _right_function(check: Check, question: Question, want: function.Want) -> Iterator[Specimen]:
    if want.right:
        yield Specimen(run=_returning(want.right))


def _wrong_function(mistake: Mistake, check: Check, want: function.Want) -> Iterator[Specimen]:
    for slip in want.slips:
        if slip.mistakes == (mistake,):
            pairs = zip(want.right, slip.values, strict=True)
            yield Specimen(run=_returning([{**right, **wrong} for right, wrong in pairs]))


def _returning(values: Sequence[function.Outputs]) -> Run:
    """Return what code would have returned that gives these values."""
    plain = [each[""] if set(each) == {""} else dict(each) for each in values]
    return Run(tuple(Returned(value) for value in plain), "the reference")


_RIGHT: Mapping[str, Right] = {
    "number": _right_number,
    "array": _right_array,
    "table": _right_table,
    "choice": _right_choice,
    "text": _right_text,
    "formula": _right_formula,
    "grid": _right_grid,
    "function": _right_function,
}
_WRONG: Mapping[str, Wrong] = {
    "number": _wrong_number,
    "array": _wrong_array,
    "table": _wrong_table,
    "choice": _wrong_choice,
    "formula": _wrong_formula,
    "grid": _wrong_grid,
    "function": _wrong_function,
}
