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
where their composition is; `_stages` tells which of them is to blame where it is not, and mistakes
are known by the region that is drawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

from grader import formula, lazy
from grader.errors import ReferenceFault, Unreadable
from grader.formula.notation import Notation
from grader.formula.reading import Reading
from grader.formula.spelling import words
from grader.kinds import Call, Case, Invocation, Run, _conditions, _pictures, _slips, _stages
from grader.kinds._stages import Array, Chain, Got, Points
from grader.model import Answer, Check, Judgement, Question, Recognised
from grader.sandbox import outcomes, sources
from grader.values import Plain

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
        "within": {
            **_TEXT,
            "description": "One that returns further points inside the cells; a person sees "
            "stages that are right in the cells and not there.",
        },
        "stages": {
            "type": "array",
            "description": "The formulas, one after the other, of which the last draws the region.",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["of"],
                "properties": {
                    "field": {
                        **_TEXT,
                        "description": "The field that answers it, such as the check's own "
                        "(answer, if it has none); a stage without one is given.",
                    },
                    "gives": {**_TEXT, "description": "The name of its value for later stages."},
                    "of": {**_TEXTS, "description": "The variables that it is a function of."},
                    "answer": {**_TEXT, "description": "A right formula for this stage."},
                },
            },
        },
        "layers": {
            "enum": ["one", "many"],
            "description": "Whether code may do something n times, layer after layer, or has to; a "
            "person sees what is right and does otherwise.",
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


class Want(NamedTuple):
    """The cells and the sign in each; the region that each mistake draws, and by which values.

    `right` are the points with right values for what stages hand on. `points` may go on beyond the
    cells that `signs` is about, with `between`: the signs at further
    points inside the cells.
    """

    points: Points
    right: Points
    shapes: tuple[tuple[int, ...], ...]
    signs: Array
    wrong: Mapping[str, Array] = {}
    levels: Mapping[str, Array] = {}
    calls: tuple[Invocation, ...] = ()
    answer: str = ""
    between: Array = np.empty(0)


# --- what is right ---------------------------------------------------------------------------


def expect(check: Check, question: Question, call: Call) -> Want:
    """Return the cells and their signs, from the reference."""
    options = check.options
    if not (_stage(check, check.field) or options.get("picture") or "name" in options):
        raise ReferenceFault(
            f"nothing can answer this: expected 'picture: true', a 'name' for code, or a stage "
            f"with 'field: {check.field}'"
        )
    cases = call(options["at"], question.given)
    if not isinstance(cases, Sequence) or not all(isinstance(each, Mapping) for each in cases):
        raise ReferenceFault(f"{options['at']} must return a list of variables by name")
    within = call(options["within"], question.given) if "within" in options else ()
    points = _joined([*cases, *within])
    right = _stages.with_right(options["stages"], points) if is_one_of_several(check) else points
    wrong = {
        each.id: _drawn(options, each.options, cases, question, call)
        for each in check.mistakes
        if "expect" in each.options or "with" in each.options
    }
    return Want(
        points=points,
        right=right,
        shapes=tuple(_shape(each) for each in cases),
        signs=_stages.signs(_drawn(options, {}, cases, question, call)),
        wrong={name: _stages.signs(values) for name, values in wrong.items()},
        levels=wrong,
        calls=tuple(_calls(check, cases, points, right)),
        answer=(_stage(check, check.field) or {}).get("answer", ""),
        between=_stages.signs(_drawn(options, {}, within, question, call)),
    )


def _calls(
    check: Check, cases: Sequence[Mapping[str, Any]], points: Points, right: Points
) -> Iterator[Invocation]:
    """Yield what code is asked for: a region case by case; a stage, for all points at once.

    A stage that takes what others hand on is called with what the code's own return, with right
    signs, and with the zeros and ones that many write for them.
    """
    names = tuple(check.options.get("name", ()))
    seconds = check.options.get("seconds")
    if not is_one_of_several(check):
        yield from (Invocation(names, each, seconds, elementwise=True) for each in cases if names)
        return
    own: dict[str, Any] = dict(right)
    for stage in check.options["stages"]:
        called = stage.get("field", "")
        takes_others = not set(stage["of"]) <= set(points)
        ways = (own, right, _stages.in_bits(right, points)) if takes_others else (own,)
        calls = [
            Invocation((called,), {name: each[name] for name in stage["of"]}, seconds, True)
            for each in ways
        ]
        if called == check.field:
            yield from (each._replace(names=(*names, called)) for each in calls)
            return
        if "gives" in stage and called:
            own[stage["gives"]] = calls[0]


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
    flat = [np.broadcast_to(v, _shape(c)).ravel() for v, c in zip(values, cases, strict=True)]
    return np.concatenate(flat) if flat else np.empty(0)


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
        named = any(each in text for each in (names[0], *_spellings(names[0])))
        free = [letter for letter in ("x", "z", "t", "u") if letter not in symbols and not named]
        symbols[names[0]]["also"] += [*free, *_for_any(names[0])]
        labels += [each for label in labels for each in _for_any(label)]
    notation = formula.notation(symbols, {}, {})
    other_field = _same_as(text, check)
    if other_field:
        return Got(same_as=other_field)
    spelled = _conditions.in_signs(_compared_inputs(_in_letters(text, names), names), names)
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


def _compared_inputs(text: str, names: Sequence[str]) -> str:
    """Return a text with `==` where `=` stands between two of the variables: `h11 = h12`."""
    if "=" not in text or len(names) < 2:
        return text
    any_name = "|".join(
        re.escape(each) + r"(?!\w)"
        for name in names
        for each in (name, *_spellings(name), *_braced(name))
    )
    return re.sub(rf"(?<!\w)({any_name})(\s*)=(?=\s*(?:{any_name}))", r"\1\2==", text)


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


def _braced(name: str) -> Sequence[str]:
    """Return a numbered name as LaTeX has it: h_{11} of h11."""
    found = re.fullmatch(r"([A-Za-z]+)(\d+)", name)
    return [f"{found[1]}_{{{found[2]}}}", f"{found[1]}_{found[2]}"] if found else []


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
    values = _stages.values_of(got.reading, want.points, len(want.signs))
    return _compared(values, want, case, seen)


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
    return other._replace(swapped=swapped)


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
            values = _stages.numbers(outcome.value)
            laid_out = values.reshape(_stages.fit(values, shape))
            signs.append(np.broadcast_to(laid_out, shape).ravel())
        except (TypeError, ValueError):
            say = f"{run.function} returned something that is no array of signs."
            doubt = "what it returns may be signs in other marks" if _has_words(outcome) else None
            return Judgement(0.0, say, review=1.0 if doubt else 0.0, reason=doubt)
    seen = f"{run.function} was called for {len(want.signs)} cells"
    judgement = _compared(np.concatenate(signs), want, case, seen)
    doubt = _doubt(run.source, case) if judgement.credit == 1 else ""
    return judgement._replace(review=1.0, reason=doubt) if doubt else judgement


def _doubt(source: str, case: Case) -> str:
    """Return why a person should see code that is right: it may be built as was not asked."""
    layers = case.check.options.get("layers")
    if layers is None or not source or sources.repeats(source) is (layers == "many"):
        return ""
    if layers == "many":
        return "it does nothing n times: whether it has a layer for each step, a person sees"
    return "it does something again and again: whether that is one layer, a person sees"


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
    answered = {**answered, case.check.field: got}
    chain = Chain(stages, answered, want.points, want.right, want.signs).worked_out()
    seen = _seen(got, want)
    if chain.is_right:
        return _throughout(chain, want, seen)
    if case.check.field not in chain.blamed():
        return Judgement(1.0, evidence=f"{seen}; right beside right other parts")
    drawn = [
        _compared(values[: len(want.signs)], want, case, seen)
        for values in chain.drawn_by(case.check.field)
    ]
    return next((each for each in drawn if each.mistakes), drawn[0])


def _throughout(chain: Chain, want: Want, seen: str) -> Judgement:
    """Return the judgement of a region that is right in the cells; a person sees one that is not
    right everywhere in them.
    """
    beyond = _stages.signs(chain.values())[len(want.signs) :]
    if np.array_equal(beyond, want.between):
        return Judgement(1.0, evidence=seen)
    return Judgement(
        1.0,
        evidence=seen,
        review=1.0,
        reason="it is right in the middle of each cell, and not everywhere in it",
    )


def _seen(got: Got, want: Want) -> str:
    if got.reading is not None:
        return f"read as {got.reading.taken.strip()}"
    assert got.run is not None, "a stage is a formula or code"
    return f"{got.run.function} was called for {len(want.signs)} cells"


def _failure(run: Run | None) -> outcomes.Failure | None:
    """Return why a stage's code has no values even where the earlier stages are right."""
    if run is None or not run.outcomes:
        return None
    beside_right = run.outcomes[min(1, len(run.outcomes) - 1)]
    return None if isinstance(beside_right, outcomes.Returned) else beside_right


def region(values: Array, want: Want, check: Check) -> Array:
    """Return the signs that values of a stage at all points draw beside right other stages."""
    got = Got(run=Run((outcomes.Returned(values),)))
    chain = Chain(check.options["stages"], {check.field: got}, want.points, want.right, want.signs)
    return _stages.signs(chain.values())


def _in_step(got: Array, other: Array) -> bool:
    """Return whether two functions change their values in the same cells, in the same order."""
    ranks = [np.unique(np.round(values, 9), return_inverse=True)[1] for values in (got, other)]
    return bool(np.array_equal(ranks[0], ranks[1]))


def _same(got: Array, want: Array) -> bool:
    return bool(np.array_equal(got, want))


def _compared(values: Array, want: Want, case: Case, seen: str) -> Judgement:
    """Compare a region with the right one, then with those that the mistakes draw."""
    signs = _stages.signs(values)
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
