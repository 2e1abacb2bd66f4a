"""A network's stages, one field each: what they draw together, and which of them is to blame.

The composition decides: where it is right, all stages are. Where it is not, a stage is sound that
draws the right region together with right other stages, in whatever marks these hand on (signs,
zeros and ones, the other way round); the last stage is, if it fits the sound ones before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import numpy as np

from grader import formula
from grader.errors import ReferenceFault
from grader.formula.evaluate import Batch, evaluate
from grader.formula.notation import canonical_name
from grader.formula.reading import Reading
from grader.formula.shapes import ShapeTrouble
from grader.kinds import Run, _pictures
from grader.sandbox import outcomes

if TYPE_CHECKING:
    import numpy.typing as npt

Array: TypeAlias = "npt.NDArray[np.float64]"
Points: TypeAlias = Mapping[str, Array]
"""The variables at all cells of all cases, flat."""
Stage: TypeAlias = Mapping[str, Any]
Form: TypeAlias = Callable[[Array], Array]


def bits(values: Array) -> Array:
    """Return zeros and ones for the signs -1 and +1."""
    return (1 + values) / 2


# The marks in which right values may be handed on to a stage that was made for them.
_FORMS: Final[Sequence[Form]] = (
    lambda values: values,
    bits,
    lambda values: -values,
    lambda values: (1 - values) / 2,
    lambda values: 1 - values,
)
_AS_THEY_ARE: Final = _FORMS[0]


class Got(NamedTuple):
    """What was read: a formula, or the signs themselves; or what came of code.

    The run of a stage that takes another's values holds three outcomes: on what the code's own
    stages return, on right signs, and on right zeros and ones. `slip` is the mistake whose
    variables a formula takes in place of its own. `same_as` is the field whose answer was referred
    to, and `swapped` which variables stand for whose there. A picture is not `sure` where nobody
    said which of its two marks is +.
    """

    reading: Reading | None = None
    rows: tuple[tuple[int, ...], ...] = ()
    run: Run | None = None
    slip: str = ""
    same_as: str = ""
    swapped: Mapping[str, str] = {}
    sure: bool = True


class Chain(NamedTuple):
    """The stages as they were answered, at these points; one that was not is taken for right.

    `right` are the variables, with right values for what the stages hand on. `signs` are right in
    the first cells; what lies beyond them is not compared here.
    """

    stages: Sequence[Stage]
    answered: Mapping[str, Got]
    points: Points
    right: Points
    signs: Array

    @property
    def is_right(self) -> bool:
        """Return whether the composition draws the right region."""
        return self._draws_right(self.answered)

    def values(self, answered: Mapping[str, Got] | None = None, form: Form = _AS_THEY_ARE) -> Array:
        """Return the values of the last stage; right ones hand on their values in this form."""
        kept = self.answered if answered is None else answered
        known: dict[str, Array] = dict(self.points)
        last = self._nothing
        for stage in self.stages:
            got = kept.get(stage.get("field", ""))
            if got is not None:
                last = self._values_of(stage, got, known)
            elif "field" in stage and "gives" in stage:
                last = form(self.right[stage["gives"]])
            else:
                last = values_of(right(stage), known, self._count)
            known[stage.get("gives", "")] = last
        return last

    def blamed(self) -> frozenset[str]:
        """Return the fields that do not fit, where the composition draws another region."""
        *earlier, last = self.stages
        theirs = [each["field"] for each in earlier if each.get("field") in self.answered]
        sound = [name for name in theirs if self._is_sound(name)]
        final = last.get("field")
        if final is not None and final in self.answered:
            sound += [final] if self._fits([*sound, final]) else []
        elif final is None and sound and len(sound) == len(theirs):
            # each in marks of its own: one of them is the odd one out
            alone = (name for name in theirs if not self._draws_right(self._only(name)))
            sound.remove(next(alone, theirs[-1]))
        return frozenset(self.answered) - frozenset(sound)

    def _fits(self, fields: Sequence[str]) -> bool:
        """Return whether the last of these is right with the others, beside right ones."""
        kept = {name: self.answered[name] for name in fields}
        if any(self._draws_right(kept, form) for form in _FORMS):
            return True
        # Code cannot be asked anew about every mixture of what was handed in.
        is_known = np.isfinite(self.values(kept)).any()
        return not is_known and any(
            self._draws_right(self._only(fields[-1]), form) for form in _FORMS
        )

    def drawn_by(self, field: str) -> Iterator[Array]:
        """Yield what a stage that does not fit draws: with sound ones, and for all inputs alike."""
        if field == self.stages[-1].get("field"):
            wrong = self.blamed() - {field}
            yield self.values({k: got for k, got in self.answered.items() if k not in wrong})
            return
        yield self.values(self._only(field))
        twins = self._twins(field)
        if twins:
            yield self._with_values({field: self._alone(field), **twins})

    # --- one stage ---------------------------------------------------------------------------

    @property
    def _count(self) -> int:
        return len(next(iter(self.points.values())))

    @property
    def _nothing(self) -> Array:
        return np.full(self._count, np.nan)

    def _only(self, field: str) -> Mapping[str, Got]:
        return {field: self.answered[field]}

    def _draws_right(self, answered: Mapping[str, Got], form: Form = _AS_THEY_ARE) -> bool:
        drawn = signs(self.values(answered, form))[: len(self.signs)]
        return bool(np.array_equal(drawn, self.signs))

    def _is_sound(self, field: str) -> bool:
        """Return whether a stage is right beside right ones, in their marks or in its own."""
        own = next(at for at, each in enumerate(self.stages) if each.get("field") == field)
        # Only who answers the later stages, too, is free to choose what is handed on to them.
        if any("field" in each for each in self.stages[own + 1 :]) and self._splits(field):
            return True
        return any(self._draws_right(self._only(field), form) for form in _FORMS)

    def _splits(self, field: str) -> bool:
        """Return whether a stage tells apart what the right one does, under other names."""
        cells = len(self.signs)
        mine = self._alone(field)[:cells]
        want = self.right[self._stage(field)["gives"]][:cells]
        if not np.isfinite(mine).all():
            return False
        pairs = {(round(float(a), 9), round(float(b), 9)) for a, b in zip(mine, want, strict=True)}
        if len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs}) == 2:
            return True
        # Real values will do where the right stage gives signs: only the sign is passed on.
        return set(want) == {-1.0, 1.0} and bool(np.array_equal(signs(mine), want))

    def _stage(self, field: str) -> Stage:
        return next(each for each in self.stages if each.get("field") == field)

    def _alone(self, field: str) -> Array:
        """Return a stage's values beside right earlier ones."""
        return self._values_of(self._stage(field), self.answered[field], self.right)

    def _twins(self, field: str) -> Mapping[str, Array]:
        """Return the values that this stage has in place of those that are right like it."""
        mine = self._stage(field)
        if len(mine["of"]) != 1 or mine["of"][0] not in self.points:
            return {}
        pairs = zip(self.points[mine["of"][0]].tolist(), self._alone(field), strict=True)
        by_input = dict(pairs)
        return {
            each["field"]: np.array([by_input.get(x, np.nan) for x in self.points[each["of"][0]]])
            for each in self.stages
            if "field" in each and each is not mine and _bare(each) == _bare(mine)
        }

    def _with_values(self, values: Mapping[str, Array]) -> Array:
        return self.values({name: _known_as(each) for name, each in values.items()})

    def worked_out(self) -> Chain:
        """Return the chain with the values of all stages that take none of the others'."""
        first = (each for each in self.stages if set(each["of"]) <= set(self.points))
        fields = (each["field"] for each in first if each.get("field") in self.answered)
        done = {field: _known_as(self._alone(field)) for field in fields}
        return self._replace(answered={**self.answered, **done})

    def _values_of(self, stage: Stage, got: Got, known: Mapping[str, Array]) -> Array:
        """Return a stage's values at all points: of its formula, or as its code returned them."""
        if got.reading is not None:
            standing_in = {theirs: known[mine] for theirs, mine in got.swapped.items()}
            return values_of(got.reading, {**known, **standing_in}, self._count)
        assert got.run is not None, "a stage is a formula or code"
        called = got.run.outcomes
        if len(called) == 1:
            return self._flat(called[0])
        given = (self._own(), self.right, in_bits(self.right, self.points))
        for inputs, outcome in zip(given, called, strict=True):
            is_same = all(np.array_equal(known[name], inputs[name]) for name in stage["of"])
            if is_same and isinstance(outcome, outcomes.Returned):
                return self._flat(outcome)
        return self._nothing

    def _own(self) -> Mapping[str, Array]:
        """Return the variables with what the code's own stages hand on."""
        known = dict(self.right)
        for stage in self.stages:
            got = self.answered.get(stage.get("field", ""))
            if "gives" in stage and got is not None and got.run is not None:
                known[stage["gives"]] = self._flat(got.run.outcomes[0])
        return known

    def _flat(self, outcome: outcomes.Outcome) -> Array:
        if not isinstance(outcome, outcomes.Returned):
            return self._nothing
        try:
            values = numbers(outcome.value)
            return np.broadcast_to(values.reshape(fit(values, (self._count,))), (self._count,))
        except (TypeError, ValueError):  # no array of numbers
            return self._nothing


def _known_as(values: Array) -> Got:
    return Got(run=Run((outcomes.Returned(values),)))


def _bare(stage: Stage) -> str:
    """Return a stage's right formula without the name of its one variable."""
    return str(stage.get("answer", stage)).replace(stage["of"][0], "·")


def with_right(stages: Sequence[Stage], points: Points) -> Points:
    """Return the variables, with right values for what the stages hand on."""
    known = dict(points)
    for stage in stages:
        if "gives" in stage:
            known[stage["gives"]] = values_of(right(stage), known, len(next(iter(points.values()))))
    return known


def in_bits(known: Points, points: Points) -> Points:
    """Return what is handed on as zeros and ones, the points themselves as they are."""
    return {name: each if name in points else bits(each) for name, each in known.items()}


def right(stage: Stage) -> Reading:
    """Return a stage's right formula."""
    if "answer" not in stage:
        raise ReferenceFault("a stage of several needs its 'answer'")
    return _read(stage["answer"], tuple(stage["of"]))


@lru_cache(maxsize=64)
def _read(text: str, names: tuple[str, ...]) -> Reading:
    return formula.read(text, formula.notation({name: [] for name in names}, {}, {}))


def values_of(reading: Reading, known: Mapping[str, Array], count: int) -> Array:
    """Return the values of a formula at all cells, in its usual reading."""
    program = reading.first().program
    if isinstance(program, ShapeTrouble):
        return np.full(count, np.nan)
    named = {canonical_name(name): values for name, values in known.items()}
    symbols = [name for name in reading.notation.symbols if name in named]
    leaves = {name: named[name].reshape(count, 1, 1) for name in symbols}
    with np.errstate(all="ignore"):
        values = np.asarray(evaluate(program, Batch({}, leaves, count)), dtype=np.float64)
    return np.broadcast_to(values.reshape(values.shape[0], -1)[:, 0], (count,)).astype(np.float64)


# --- what code returned ----------------------------------------------------------------------


def signs(values: npt.ArrayLike) -> Array:
    """Return +1 where a value is above zero, -1 where it is not, and NaN where there is none."""
    array = np.asarray(values, dtype=np.float64)
    return np.where(np.isnan(array), np.nan, np.where(array > 0, 1.0, -1.0))


def numbers(value: Any) -> Array:
    """Return what code returned as numbers, the marks `+` and `-` as +1 and -1."""
    array = np.asarray(_without_marks(value))
    if array.dtype.kind == "c":
        raise TypeError("complex numbers have no sign")
    return array.astype(np.float64)


def _without_marks(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_without_marks(each) for each in value]
    sign = _pictures.sign(value)
    if sign is None and isinstance(value, str) and len(value) > 1:
        return [_pictures.sign(mark) for mark in value]  # a row of a picture
    return value if sign is None else sign


def fit(values: Array, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape that values are to be laid out in: the asked one where they fill it."""
    return shape if values.size == int(np.prod(shape)) else values.shape
