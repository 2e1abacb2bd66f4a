"""A region of the plane: which sign a function has in each cell, however the function is given.

The function may come in stages, one field each, as a network's layers do; as one formula; as
Python code, called with arrays; or as the picture itself, typed in rows of signs.

    - grid:
        field: g
        points: 2
        at: regions.cells                 # -> [{x1: array, x2: array, n: 0}, ...], top row first
        expect: regions.network           # called with each of those; its sign counts
        stages:
          - {field: f11, gives: h11, of: [x1], answer: "1 if x1 >= 0.5 else -1"}
          - {field: f12, gives: h12, of: [x2], answer: "1 if x2 >= 0.5 else -1"}
          - {field: g, of: [h11, h12], answer: h11 h12}
      mistakes:
        - {id: xor-for-xnor, expect: regions.xor, credit: 0.5, say: "..."}

A stage without `field` is given. Code answers a stage by a function of the field's name; it is
called with what the code's earlier stages return, and with what right ones do. What counts is the
sign of the last stage: +1, 1 and true are one, -1, 0 and false the other. All stages are right
where their composition is. Otherwise a stage is right that draws the right region together with the
others' `answer`, and mistakes are known by the region that the composition draws.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from grader import formula, lazy
from grader.errors import ReferenceFault, Unreadable
from grader.formula.evaluate import Batch, evaluate
from grader.formula.notation import Notation, canonical_name
from grader.formula.reading import Reading
from grader.formula.shapes import ShapeTrouble
from grader.formula.spelling import words
from grader.kinds import Call, Case, Invocation, Run, _conditions, _pictures, _slips
from grader.model import Answer, Check, Judgement, Question, Recognised
from grader.sandbox import outcomes
from grader.values import Plain

if TYPE_CHECKING:
    import numpy.typing as npt

Array: TypeAlias = "npt.NDArray[np.float64]"
Points: TypeAlias = Mapping[str, Array]
"""The variables at all cells of all cases, flat."""

_TEXT: Mapping[str, Any] = {"type": "string", "minLength": 1}
_TEXTS: Mapping[str, Any] = {"type": "array", "minItems": 1, "items": _TEXT}
_EXPECT: Mapping[str, Any] = {
    "expect": {**_TEXT, "description": "The reference function of the variables."},
    "with": {"type": "object", "description": "Further arguments of the reference function."},
}

ONLY_CODE = False

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["expect", "at"],
    "properties": {
        **_EXPECT,
        "at": {**_TEXT, "description": "A reference function that returns the cells of each case."},
        "stages": {
            "type": "array",
            "description": "The formulas, one after the other, of which the last draws the region.",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["of"],
                "properties": {
                    "field": {**_TEXT, "description": "The field that answers it; none if given."},
                    "gives": {**_TEXT, "description": "The name of its value for later stages."},
                    "of": {**_TEXTS, "description": "The variables that it is a function of."},
                    "answer": {**_TEXT, "description": "A right formula for this stage."},
                },
            },
        },
        "picture": {"type": "boolean", "description": "Whether rows of signs are the answer."},
        "name": {**_TEXTS, "description": "Names of a Python function that answers it."},
        "seconds": {
            "type": "number",
            "exclusiveMinimum": 0,
            "description": "Processor time that one call may take.",
        },
    },
}
MISTAKE: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        **_EXPECT,
        "of": {**_TEXTS, "description": "Other variables that the function takes by mistake."},
    },
}

# What a region with all signs exchanged is worth.
_SLIP_CREDIT = 0.5
# Larger pictures say no more than their quarter does.
_MOST_SHOWN = 8

_NUMBERED = lazy.pattern(r"(?<![A-Za-z\\])([A-Za-z])_?\{?(\d+)")
# More words than these around a formula, and the formula is not what is said.
_MANY_WORDS = 8
_WORD = lazy.pattern(r"[A-Za-z]{3,}")
_LONGEST_REFERENCE = 200
# An answer that is another stage's, with this one's variable.
_SAME = words(
    "same identical equal equals analogous analogously similar similarly likewise ditto idem"
)
_BESIDE_SAME = words(
    """
    the a an as to is are it function functions formula unit threshold step of for with but and
    using on in place instead applied exactly just here above input variable replaced by too
    again rule fold layer other first only replacing x z
    """
)
_LAMBDA = lazy.pattern(r"\blambda\s+(?P<own>[A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)\s*:")
_OF = lazy.pattern(r"^\W*\w+\s*\(\s*(?P<own>[A-Za-z]\w*(?:\s*,\s*[A-Za-z]\w*)*)\s*\)\s*=")


@dataclass(frozen=True, slots=True)
class Want:
    """The cells and the sign in each; the region that each mistake draws, and by which values."""

    points: Points
    shapes: tuple[tuple[int, ...], ...]
    signs: Array
    wrong: Mapping[str, Array] = field(default_factory=dict)
    levels: Mapping[str, Array] = field(default_factory=dict)
    calls: tuple[Invocation, ...] = ()
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Got:
    """What was read: a formula, or the signs themselves; or what came of code.

    The run of a stage holds two outcomes: on the code's own earlier stages, and on right ones.
    `slip` is the mistake whose variables a formula takes in place of its own. `same_as` is the
    field whose answer was referred to, and `swapped` which variables stand for whose there.
    A picture is not `sure` where nobody said which of its two marks is +.
    """

    reading: Reading | None = None
    rows: tuple[tuple[int, ...], ...] = ()
    run: Run | None = None
    slip: str = ""
    same_as: str = ""
    swapped: Mapping[str, str] = field(default_factory=dict)
    sure: bool = True


# --- what is right ---------------------------------------------------------------------------


def expect(check: Check, question: Question, call: Call) -> Want:
    """Return the cells and their signs, from the reference."""
    options = check.options
    cases = call(options["at"], question.given)
    if not isinstance(cases, Sequence) or not all(isinstance(each, Mapping) for each in cases):
        raise ReferenceFault(f"{options['at']} must return a list of variables by name")
    points = _joined(cases)
    wrong = {
        each.id: _drawn(options, each.options, cases, question, call)
        for each in check.mistakes
        if "expect" in each.options or "with" in each.options
    }
    return Want(
        points=points,
        shapes=tuple(_shape(each) for each in cases),
        signs=_signs(_drawn(options, {}, cases, question, call)),
        wrong={name: _signs(values) for name, values in wrong.items()},
        levels=wrong,
        calls=tuple(_calls(check, cases, points)),
        answer=(_stage(check, check.field) or {}).get("answer", ""),
    )


def _calls(
    check: Check, cases: Sequence[Mapping[str, Any]], points: Points
) -> Iterator[Invocation]:
    """Yield what code is asked for: a region case by case; a stage, for all cells at once."""
    names = tuple(check.options.get("name", ()))
    seconds = check.options.get("seconds")
    if not is_one_of_several(check):
        yield from (Invocation(names, each, seconds, elementwise=True) for each in cases if names)
        return
    own: dict[str, Any] = dict(points)
    right: dict[str, Array] = dict(points)
    for stage in check.options["stages"]:
        called = stage.get("field", "")
        known = (own, right)
        call, alone = (
            Invocation((called,), {name: each[name] for name in stage["of"]}, seconds, True)
            for each in known
        )
        if called == check.field:
            yield from (each._replace(names=(*names, called)) for each in (call, alone))
            return
        if "gives" in stage:
            right[stage["gives"]] = _values(_right(stage), right, len(points[next(iter(points))]))
            own[stage["gives"]] = call if called else right[stage["gives"]]


def is_one_of_several(check: Check) -> bool:
    return _stage(check, check.field) is not None and len(check.options["stages"]) > 1


def _shape(case: Mapping[str, Any]) -> tuple[int, ...]:
    return np.broadcast_shapes(*(np.shape(value) for value in case.values()))


def _joined(cases: Sequence[Mapping[str, Any]]) -> Points:
    flat = [
        {name: np.broadcast_to(value, _shape(each)).ravel() for name, value in each.items()}
        for each in cases
    ]
    return {name: np.concatenate([each[name] for each in flat]).astype(float) for name in flat[0]}


def _drawn(
    options: Mapping[str, Any],
    slip: Mapping[str, Any],
    cases: Sequence[Mapping[str, Any]],
    question: Question,
    call: Call,
) -> Array:
    function = slip.get("expect", options["expect"])
    further = {**options.get("with", {}), **slip.get("with", {})}
    values = [call(function, {**question.given, **each, **further}) for each in cases]
    return np.concatenate(
        [np.broadcast_to(v, _shape(c)).ravel() for v, c in zip(values, cases, strict=True)]
    )


def _signs(values: npt.ArrayLike) -> Array:
    """Return +1 where a value is above zero, -1 where it is not, and NaN where there is none."""
    array = np.asarray(values, dtype=np.float64)
    return np.where(np.isnan(array), np.nan, np.where(array > 0, 1.0, -1.0))


def show(want: Want) -> str:
    """Return a right formula, or the regions of the smaller cases as rows of signs."""
    if want.answer:
        return want.answer
    pictures: list[str] = []
    start = 0
    for shape in want.shapes:
        signs = want.signs[start : start + int(np.prod(shape))]
        start += len(signs)
        if max(shape) <= _MOST_SHOWN or not pictures:
            rows = np.atleast_2d(signs.reshape(shape))
            pictures.append("\n".join("".join("+" if s > 0 else "-" for s in row) for row in rows))
    return "\n\n".join(pictures)


# --- reading ---------------------------------------------------------------------------------


def read(answer: Answer, check: Check, question: Question) -> Got | None:
    """Return a formula or a picture, or None where nothing is said."""
    text = _typed(answer.value)
    if not text.strip():
        return None
    if check.options.get("picture"):
        picture = _pictures.read(text)
        return Got(rows=picture.rows, sure=picture.sure)
    stage = _stage(check, check.field)
    if stage is None:
        return None
    names = stage["of"]
    symbols: dict[str, Any] = {
        name: {"shape": [], "also": list(_spellings(name))} for name in names
    }
    labels = [check.field, *check.names, *([stage["gives"]] if "gives" in stage else [])]
    if len(names) == 1:
        free = [letter for letter in ("x", "z", "t", "u") if letter not in symbols]
        symbols[names[0]]["also"] += [*free, *_for_any(names[0])]
        labels += [each for label in labels for each in _for_any(label)]
    notation = formula.notation(symbols, {}, {})
    other_field = _same_as(text, check)
    if other_field:
        return Got(same_as=other_field)
    spelled = _conditions.in_signs(_in_letters(text, names), names)
    try:
        return Got(reading=_whole(spelled, notation, labels, names))
    except Unreadable as trouble:
        if spelled != text:
            with suppress(Unreadable):
                return Got(reading=_whole(text, notation, labels, names))
        other = _of_others(text, check, labels)
        if other is not None:
            return other
        if not answer.context or answer.context == text:
            raise
        # A function that both stages use may be defined beside them.
        try:
            return Got(reading=_conditions.whole(formula.read(answer.context, notation, labels)))
        except Unreadable:
            raise trouble from None


def _whole(text: str, notation: Notation, labels: Sequence[str], names: Sequence[str]) -> Reading:
    """Return a formula that is all that is said; raise Unreadable where it is only a part."""
    reading = _own(_no_aside(formula.read(text, notation, labels)), names)
    return _conditions.whole(reading)


def _same_as(text: str, check: Check) -> str:
    """Return the field of the other stage that an answer says it is the same as, or ''."""
    stages = check.options["stages"]
    mine = _stage(check, check.field) or {}
    others = [
        stage
        for stage in stages
        if stage.get("field", check.field) != check.field and len(stage["of"]) == len(mine["of"])
    ]
    if len(text) > _LONGEST_REFERENCE or re.search(r"[-+*/^|<>!−~¬]", text):
        return ""
    said = re.findall(r"[a-z0-9]+", re.sub(r"[$\\{}_]|\btext\b", "", text.lower()))
    called = {
        name.lower(): stage["field"]
        for stage in others
        for name in (stage["field"], stage.get("gives", stage["field"]))
    }
    known = _SAME | _BESIDE_SAME | set(called)
    known |= {name.lower() for stage in (mine, *others) for name in stage["of"]}
    known |= {check.field.lower(), str(mine.get("gives", "")).lower()}
    if not said or not set(said) <= known or not set(said) & (_SAME | set(called)):
        return ""
    meant = [called[word] for word in said if word in called]
    if not meant and len(others) == 1 and set(said) & _SAME:
        meant = [others[0]["field"]]
    return meant[0] if len(set(meant)) == 1 else ""


def _in_letters(text: str, names: Sequence[str]) -> str:
    """Return a function of letters of its own as one of these: `lambda a, b: a * b` of h11, h12."""
    found = _LAMBDA.search(text) or _OF.match(text)
    own = re.split(r"\s*,\s*", found["own"]) if found else []
    if found is None or len(own) != len(names) or len(names) == 1 or set(own) & set(names):
        return text
    if len(own) != len(set(own)):
        return text
    new = dict(zip(own, names, strict=True))
    letters = "|".join(map(re.escape, own))
    word = re.compile(rf"(?<![A-Za-z0-9_\\])(?:{letters})(?![A-Za-z0-9_])")
    return word.sub(lambda letter: new[letter[0]], text)


def _no_aside(reading: Reading) -> Reading:
    """Return a formula; raise Unreadable where it is only mentioned in an answer in words."""
    words = len(_WORD.findall(reading.text)) - len(_WORD.findall(reading.taken))
    if reading.left or words < _MANY_WORDS:
        return reading
    raise Unreadable("expected a formula, found words", text=reading.text, position=0)


def _own(reading: Reading, names: Sequence[str]) -> Reading:
    """Return a formula; raise Unreadable where it takes x2 and is one of x1 alone."""
    letters = {name.rstrip("0123456789") for name in names}
    for found in _NUMBERED.finditer(reading.taken):
        if found[1] in letters and f"{found[1]}{found[2]}" not in names:
            raise Unreadable(
                f"'{found[0]}' is not known here", text=reading.text, position=reading.start
            )
    return reading


def _of_others(text: str, check: Check, labels: Sequence[str]) -> Got | None:
    """Return a formula in variables that a mistake names; None where it is none."""
    for mistake in check.mistakes:
        symbols = {
            name: {"shape": [], "also": list(_spellings(name))}
            for name in mistake.options.get("of", ())
        }
        try:
            if symbols:
                reading = formula.read(text, formula.notation(symbols, {}, {}), labels)
                return Got(reading=_conditions.whole(reading), slip=mistake.id)
        except Unreadable:
            continue
    return None


def _for_any(name: str) -> Sequence[str]:
    """Return a numbered name as it is written for all of them: z_i of z1."""
    found = re.fullmatch(r"([A-Za-z])\d", name)
    return [f"{found[1]}_{letter}" for letter in "ijk"] if found else []


def _typed(value: Plain) -> str:
    if isinstance(value, list):
        return "\n".join(_typed(item) for item in value)
    if isinstance(value, dict):
        return "\n".join(f"{key}: {_typed(item)}" for key, item in value.items())
    return "" if value is None else str(value)


def _spellings(name: str) -> Sequence[str]:
    found = re.fullmatch(r"([A-Za-z]+)(\d+)", name)
    return [f"{found[1]}_{found[2]}"] if found and len(found[2]) == 1 else []


def _stage(check: Check, field_: str) -> Mapping[str, Any] | None:
    stages: Sequence[Mapping[str, Any]] = check.options.get("stages", ())
    return next((each for each in stages if each.get("field") == field_), None)


def calls(want: Want) -> Sequence[Invocation]:
    """Return the calls by which code may answer; none where it may not."""
    return want.calls


def probe(want: Want) -> str:
    """Return nothing: a region is asked of the function itself."""
    return ""


def observe(run: Run, check: Check) -> Got | None:
    """Return the run, or None where there was no function to call."""
    return None if run.missing or run.blank or not run.outcomes else Got(run=run)


# --- judging ---------------------------------------------------------------------------------


def judge(got: Got, want: Want, case: Case) -> Judgement:
    """Compare the region that the answer draws with the right one."""
    if got.rows:
        return _of_picture(got, want, case)
    if got.same_as:
        resolved = _resolved(got, case.check.field, case)
        if resolved is None:
            say = f"It is said to be the same as {got.same_as}, which could not be read."
            return Judgement(0.0, say, review=1.0, reason="another answer was referred to")
        return judge(resolved, want, case)
    if got.slip:
        return _of_slip(got, case)
    if is_one_of_several(case.check):
        return _of_stage(got, want, case)
    if got.run is not None:
        return _of_run(got.run, want, case)
    assert got.reading is not None, "a formula, if neither picture nor code"
    seen = f"read as {got.reading.taken.strip()}"
    return _compared(_values(got.reading, want.points, len(want.signs)), want, case, seen)


def _of_slip(got: Got, case: Case) -> Judgement:
    """Return what a function of other variables than its own is worth."""
    assert got.reading is not None
    found = [mistake for mistake in case.check.mistakes if mistake.id == got.slip]
    settled = _slips.settle(found, case)
    return Judgement(
        settled.credit,
        settled.say,
        mistakes=settled.recognised,
        evidence=f"read as {got.reading.taken.strip()}",
        review=1.0,
        reason="a function of other variables than its own",
    )


def _other(field_: str, case: Case) -> Got | None:
    """Return what was read for another stage; None where nothing was."""
    other = case.others.get(("grid", field_))
    if isinstance(other, Got):
        return _resolved(other, field_, case) if other.same_as else other
    return None


def _resolved(got: Got, field_: str, case: Case) -> Got | None:
    """Return what an answer is that refers to another one, with its own variables; None if lost."""
    other = case.others.get(("grid", got.same_as))
    theirs = _stage(case.check, got.same_as)
    mine = _stage(case.check, field_)
    if not isinstance(other, Got) or other.reading is None or theirs is None or mine is None:
        return None
    swapped = dict(zip(theirs["of"], mine["of"], strict=True))
    return replace(other, swapped=swapped)


def _of_picture(got: Got, want: Want, case: Case) -> Judgement:
    """Judge a picture; where either mark may be +, propose what is better and ask a person."""
    if got.sure:
        return _of_rows(got.rows, want, case)
    turned = [tuple(-cell for cell in row) for row in got.rows]
    both = (_of_rows(got.rows, want, case), _of_rows(turned, want, case))
    return max(both, key=lambda judgement: judgement.credit)._replace(
        review=1.0, reason="which of the two marks is + is not said"
    )


def _of_rows(rows: Sequence[Sequence[int]], want: Want, case: Case) -> Judgement:
    height, width = want.shapes[0] if len(want.shapes[0]) == 2 else (1, want.shapes[0][0])
    seen = f"read as {len(rows)} rows of {max(map(len, rows))} signs"
    if len(rows) != height or any(len(row) != width for row in rows):
        say = f"Expected {height} rows of {width} signs, found {len(rows)} rows of " + ", ".join(
            str(size) for size in sorted({len(row) for row in rows})
        )
        return Judgement(0.0, f"{say}.", evidence=seen, review=1.0, reason="the size is another")
    return _compared(np.array(rows, dtype=float).ravel(), want, case, seen)


def _of_run(run: Run, want: Want, case: Case) -> Judgement:
    signs = []
    for outcome, shape in zip(run.outcomes, want.shapes, strict=True):
        if not isinstance(outcome, outcomes.Returned):
            return _failed(run, outcome)
        try:
            values = _numbers(outcome.value)
            signs.append(np.broadcast_to(values.reshape(_fit(values, shape)), shape).ravel())
        except (TypeError, ValueError):
            say = f"{run.function} returned something that is no array of signs."
            doubt = "what it returns may be signs in other marks" if _has_words(outcome) else None
            return Judgement(0.0, say, review=1.0 if doubt else 0.0, reason=doubt)
    seen = f"{run.function} was called for {len(want.signs)} cells"
    return _compared(np.concatenate(signs), want, case, seen)


def _numbers(value: Any) -> Array:
    """Return what code returned as numbers, the marks `+` and `-` as +1 and -1."""
    return np.asarray(_without_marks(value), dtype=np.float64)


def _without_marks(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_without_marks(each) for each in value]
    sign = _pictures.sign(value)
    if sign is None and isinstance(value, str) and len(value) > 1:
        return [_pictures.sign(mark) for mark in value]  # a row of a picture
    return value if sign is None else sign


def _has_words(outcome: outcomes.Returned) -> bool:
    value = outcome.value
    while isinstance(value, list | tuple) and value:
        value = value[0]
    return isinstance(value, str)


def _failed(run: Run, failure: outcomes.Failure) -> Judgement:
    """Return the judgement of code that raised, crashed or never ended."""
    doubt = outcomes.doubt(failure)
    say = f"{run.function} {outcomes.explain(failure)}."
    return Judgement(0.0, say, review=1.0 if doubt else 0.0, reason=doubt)


def _fit(values: Array, shape: tuple[int, ...]) -> tuple[int, ...]:
    return shape if values.size == int(np.prod(shape)) else values.shape


def _of_stage(got: Got, want: Want, case: Case) -> Judgement:
    """Judge one stage, within the composition of all and then beside right ones."""
    failure = _failure(got.run)
    if got.run is not None and failure is not None:
        return _failed(got.run, failure)
    stages = case.check.options["stages"]
    answered = {
        stage["field"]: other
        for stage in stages
        if "field" in stage
        and (other := _other(stage["field"], case)) is not None
        and _failure(other.run) is None
        and not other.slip
    }
    answered[case.check.field] = got
    seen = _seen(got, want)
    together = _composed(stages, answered, want)
    if _same(_signs(together), want.signs):
        return Judgement(1.0, evidence=seen)
    alone = _composed(stages, {case.check.field: got}, want)
    if _same(_signs(alone), want.signs) or _tells_the_same(stages, got, want, case):
        return Judgement(1.0, evidence=f"{seen}; right beside right other parts")
    return _compared(together, want, case, seen)


def _seen(got: Got, want: Want) -> str:
    if got.reading is not None:
        return f"read as {got.reading.taken.strip()}"
    assert got.run is not None, "a stage is a formula or code"
    return f"{got.run.function} was called for {len(want.signs)} cells"


def _failure(run: Run | None) -> outcomes.Failure | None:
    """Return why a stage's code has no values even where the earlier stages are right."""
    last = run.outcomes[-1] if run is not None and run.outcomes else None
    return None if last is None or isinstance(last, outcomes.Returned) else last


def _composed(
    stages: Sequence[Mapping[str, Any]], answered: Mapping[str, Got], want: Want
) -> Array:
    """Return the values of the last stage; a stage that was not answered is the right one."""
    known: dict[str, Array] = dict(want.points)
    last = np.full(len(want.signs), np.nan)
    for stage in stages:
        got = answered.get(stage.get("field", "")) or Got(_right(stage))
        last = _values_of(got, known, len(last), alone=len(answered) == 1)
        if "gives" in stage:
            known[stage["gives"]] = last
    return last


def region(values: Array, want: Want, check: Check) -> Array:
    """Return the signs that values of a stage at all cells draw beside right other stages."""
    got = Got(run=Run((outcomes.Returned(values),)))
    return _signs(_composed(check.options["stages"], {check.field: got}, want))


def _values_of(got: Got, known: Mapping[str, Array], count: int, *, alone: bool) -> Array:
    """Return a stage's values at all cells: of its formula, or as its code returned them."""
    if got.reading is not None:
        standing_in = {theirs: known[mine] for theirs, mine in got.swapped.items()}
        return _values(got.reading, {**known, **standing_in}, count)
    assert got.run is not None, "a stage is a formula or code"
    composed, beside_right = got.run.outcomes[0], got.run.outcomes[-1]
    outcome = beside_right if alone or not isinstance(composed, outcomes.Returned) else composed
    try:
        values = _numbers(outcome.value)
        return np.broadcast_to(values.reshape(_fit(values, (count,))), (count,))
    except (TypeError, ValueError):  # no array of numbers
        return np.full(count, np.nan)


def _right(stage: Mapping[str, Any]) -> Reading:
    if "answer" not in stage:
        raise ReferenceFault("a stage of several needs its 'answer'")
    notation = formula.notation({name: [] for name in stage["of"]}, {}, {})
    return formula.read(stage["answer"], notation)


def _values(reading: Reading, known: Mapping[str, Array], count: int) -> Array:
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


def _tells_the_same(stages: Sequence[Mapping[str, Any]], got: Got, want: Want, case: Case) -> bool:
    """Return whether a stage splits the cells as the right one does, under other names."""
    stage = _stage(case.check, case.check.field)
    if stage is None or "gives" not in stage:
        return False
    known: dict[str, Array] = dict(want.points)
    for each in stages:
        if each is stage:
            break
        known[each.get("gives", "")] = _values(_right(each), known, len(want.signs))
    mine = _values_of(got, known, len(want.signs), alone=True)
    right = _values(_right(stage), known, len(want.signs))
    if not np.isfinite(mine).all():
        return False
    pairs = {(round(float(a), 9), round(float(b), 9)) for a, b in zip(mine, right, strict=True)}
    if len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs}) == 2:
        return True
    # Real values will do where the right stage gives signs: only the sign is passed on.
    return set(right) == {-1.0, 1.0} and _same(_signs(mine), right)


def _in_step(got: Array, other: Array) -> bool:
    """Return whether two functions change their values in the same cells, in the same order."""
    ranks = [np.unique(np.round(values, 9), return_inverse=True)[1] for values in (got, other)]
    return bool(np.array_equal(ranks[0], ranks[1]))


def _same(got: Array, want: Array) -> bool:
    return bool(np.array_equal(got, want))


def _compared(values: Array, want: Want, case: Case, seen: str) -> Judgement:
    """Compare a region with the right one, then with those that the mistakes draw."""
    signs = _signs(values)
    if _same(signs, want.signs):
        return Judgement(1.0, evidence=seen)
    drawn = [
        mistake
        for mistake in case.check.mistakes
        if mistake.id in want.wrong
        and _same(signs, want.wrong[mistake.id])
        and not _same(want.wrong[mistake.id], want.signs)
    ]
    # Of two that draw the same region, the one that has the answer's values where they tell.
    drawn.sort(key=lambda mistake: not _in_step(values, want.levels[mistake.id]))
    off = int((signs != want.signs).sum())
    seen = f"{seen}; {off} of {len(signs)} cells differ"
    if drawn:
        first = drawn[0]
        charged = first.once is None or first.once not in case.charged
        return Judgement(
            first.credit if charged else 1.0,
            first.say,
            mistakes=[Recognised(first.id, first.say, charged)],
            evidence=seen,
            staff="; ".join(f"the same region as {each.id}" for each in drawn[1:]),
        )
    if _same(-signs, want.signs):
        say = "The signs are exchanged in every cell."
        return Judgement(_SLIP_CREDIT, say, mistakes=[Recognised("sign", say)], evidence=seen)
    if np.isnan(signs).any():
        return Judgement(
            0.0,
            "The function has no value in some of the cells.",
            evidence=seen,
            review=1.0,
            reason="there is no value in some of the cells",
        )
    return Judgement(0.0, "The region that this draws is another one.", evidence=seen)
