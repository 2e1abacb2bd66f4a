"""Is each declared mistake known by its own name, and told from the right answer and the others."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader import kinds
from grader.errors import ReferenceFault
from grader.lint import references, secrets, specimens
from grader.lint.bench import Bench, Spot, verdict
from grader.lint.notes import OURS, Note
from grader.lint.specimens import Specimen
from grader.model import Mistake, Outcome, Verdict
from grader.schema import Path
from grader.values import shorten

_FULL = 1 - 1e-9
_SHOWN = 60
# Values made up by lint may be ones that a reference was never meant for.
_PATIENT_SECONDS = 5.0

# The mistakes that the kinds recognise without being told their values.
_OWN: Mapping[str, frozenset[str]] = {
    "number": frozenset({"sign", "percent", "rounding", "log-base-2", "log-base-10", "log-base-e"}),
    "array": frozenset({"sign", "transposed", "not-symmetric"}),
    "grid": frozenset({"sign"}),
    "function": frozenset({"sign", "transposed-layout", "constant-factor"}),
}
_VALUED = frozenset(
    {"value", "expect", "with", "formula", "without", "any", "of", "breaks", "said", "updates"}
)


@dataclass(frozen=True, slots=True)
class _Tried:
    """A declared mistake with its own wrong answer, and what became of it."""

    spot: Spot
    mistake: Mistake
    at: Path
    specimen: Specimen
    found: Verdict

    @property
    def ids(self) -> list[str]:
        return [each.id for each in self.found.judgement.mistakes]

    @property
    def shown(self) -> str:
        return shorten(" ".join(self.specimen.shown.split()), _SHOWN)

    @property
    def quoted(self) -> str:
        return "" if self.specimen.run is not None else f" ({self.shown})"


def notes(bench: Bench) -> Iterator[Note]:
    """Yield the mistakes that are not recognised, hide behind others, or give the answer away."""
    for question in bench.rubric.questions:
        answers = bench.answers(question)
        for spot in bench.spots(question):
            yield from _of_check(bench, spot, answers)


def _of_check(bench: Bench, spot: Spot, answers: Mapping[str, Specimen]) -> Iterator[Note]:
    want = bench.expected.want(spot.check, spot.question)
    told: set[frozenset[str]] = set()
    for index, mistake in enumerate(spot.check.mistakes):
        at = (*spot.at, "mistakes", index)
        yield from _without_value(spot, mistake, at)
        beside = {} if spot.check is not spot.outer else answers
        departs = "breaks" in mistake.options
        if departs and not beside:
            continue  # from what stands beside it, that is
        for specimen in specimens.wrong(mistake, spot.check, want):
            given = {**beside, spot.check.field: specimen}
            report = bench.grade(spot.question, given)
            tried = _Tried(spot, mistake, at, specimen, verdict(report, spot))
            yield from _judged(bench, tried, want, told)
            if not departs:  # what departs from a convention is right by itself
                yield from secrets.in_report(bench, spot, report, given.values())


def _without_value(spot: Spot, mistake: Mistake, at: Path) -> Iterator[Note]:
    """Yield a mistake that nothing can ever be recognised by."""
    if _VALUED & set(mistake.options) or mistake.id in _own(spot):
        return
    if {"by", "by_all"} & set(spot.check.options):
        return  # the reference tells these
    words = sorted(_VALUED & set(kinds.load(spot.check.kind).MISTAKE["properties"]))
    yield Note(
        "mistake-without-value",
        at,
        f"nothing says what the mistake '{mistake.id}' looks like",
        f"give it one of {', '.join(words)}",
    )


def _own(spot: Spot) -> frozenset[str]:
    if spot.check.kind == "formula":
        from grader.kinds import formula

        return frozenset(formula.CREDITS)
    return _OWN.get(spot.check.kind, frozenset())


# --- one mistake --------------------------------------------------------------------------------


def _judged(bench: Bench, tried: _Tried, want: Any, told: set[frozenset[str]]) -> Iterator[Note]:
    mine = tried.mistake.id
    declared = {each.id for each in tried.spot.check.mistakes}
    if not tried.ids and tried.found.judgement.credit >= _FULL:
        yield _taken_for_right(bench, tried, want)
        return
    for other in tried.ids:
        pair = frozenset({mine, other})
        if other != mine and other in declared and pair not in told:
            told.add(pair)
            yield Note(
                "mistakes-alike",
                tried.at,
                f"the mistakes '{mine}' and '{other}' lead to one value{tried.quoted}",
                "make one of them, or choose what is given so that they differ",
                is_error=False,
            )
    if mine not in tried.ids and not declared & set(tried.ids):
        yield _unrecognised(tried)


def _unrecognised(tried: _Tried) -> Note:
    said = tried.found.judgement.staff or tried.found.judgement.say
    first = said.splitlines()[0] if said else tried.found.outcome.value
    instead = f"it is taken for {', '.join(tried.ids)}" if tried.ids else shorten(first, _SHOWN)
    return Note(
        "mistake-not-recognised",
        tried.at,
        f"the mistake '{tried.mistake.id}' is not recognised in its own wrong answer"
        f"{tried.quoted}: {instead}",
        "check its value" if tried.found.outcome is not Outcome.UNGRADED else OURS,
    )


# --- a mistake that counts as right -------------------------------------------------------------


def _taken_for_right(bench: Bench, tried: _Tried, want: Any) -> Note:
    right = specimens.right(tried.spot.check, tried.spot.question, want)
    same = any(each.text == tried.specimen.text for each in right if each.run is None)
    hint = _hidden_by_given(bench, tried)
    if tried.spot.check.kind == "formula":
        what = "cannot be told from the right answer on any sample"
        hint = hint or _special_symbols(tried)
    elif same or tried.specimen.run is not None:
        what = "is equal to the right answer"
    else:
        what = (
            f"counts as right: the tolerance swallows its value {tried.shown}, "
            f"the right one is {right[0].shown if right else '?'}"
        )
        hint = hint or "lower rtol, raise digits, or choose what is given so that they differ"
    remedy = hint or "choose what is given so that they differ, or leave the mistake out"
    return Note(
        "mistake-counts-as-right", tried.at, f"the mistake '{tried.mistake.id}' {what}", remedy
    )


def _special_symbols(tried: _Tried) -> str:
    """Return what in the declared symbols may hide the difference of two formulas."""
    symbols = {**tried.spot.question.symbols, **tried.spot.check.options.get("symbols", {})}
    special = [
        f"{name} is {symbol['values']}"
        for name, symbol in symbols.items()
        if isinstance(symbol, Mapping) and symbol.get("values") not in (None, "real")
    ]
    single = [
        f"{name} has one entry"
        for name, symbol in symbols.items()
        if _shape(symbol) and all(size == 1 for size in _shape(symbol))
    ]
    found = ", ".join([*special, *single])
    return f"{found}: declare what is as general as the question allows" if found else ""


def _shape(symbol: Any) -> list[Any]:
    shape = symbol.get("shape") if isinstance(symbol, Mapping) else symbol
    return list(shape) if isinstance(shape, list) else []


def _hidden_by_given(bench: Bench, tried: _Tried) -> str:
    """Return what in the given values hides a difference that other values would show."""
    spot, given = tried.spot, tried.spot.question.given
    if not given or not {"expect", "with"} & set(tried.mistake.options):
        return ""
    for seed in range(3):
        other = spot.question._replace(given=_varied(given, np.random.default_rng(seed)))
        try:
            with references.at_most(_PATIENT_SECONDS), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of values that nobody gives
                want = kinds.load(spot.check.kind).expect(spot.check, other, bench.expected.call)
        except (ReferenceFault, ValueError, TypeError, IndexError):
            return ""
        shown = kinds.load(spot.check.kind).show(want)
        wrong = specimens.wrong(tried.mistake, spot.check, want)
        if wrong and wrong[0].run is None and wrong[0].text != shown:
            culprits = _culprits(given)
            why = f" ({culprits})" if culprits else ""
            return f"what is given hides the difference{why}: with other values they differ"
    return ""


def _varied(value: Any, rng: np.random.Generator) -> Any:
    """Return a value with every number replaced by another of its kind."""
    if isinstance(value, Mapping):
        return {key: _varied(item, rng) for key, item in value.items()}
    if isinstance(value, list):
        return [_varied(item, rng) for item in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if isinstance(value, int):
        return int(rng.integers(2, 9))
    return float(rng.uniform(0.1, 0.9))


def _culprits(given: Mapping[str, Any]) -> str:
    found = []
    for name, value in given.items():
        try:
            array = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError):
            continue
        if array.ndim == 2 and array.shape[0] == array.shape[1] and array.size > 1:
            if np.array_equal(array, array.T):
                found.append(f"{name} is symmetric")
        elif array.ndim == 0 and float(array) in (0.0, 1.0, 2.0):
            found.append(f"{name} is {float(array):g}")
    return ", ".join(found)
