"""A number, in any notation: typed, computed, or at the end of a computation."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from grader import lazy
from grader.errors import ReferenceFault, Unreadable
from grader.kinds import Call, Case, _numerals, _results, _slips, _typed, _wanted
from grader.kinds._numerals import Numeral
from grader.model import Answer, Check, Judgement, Mistake, Question
from grader.values import Plain, shorten

# Half a per cent: three figures by hand, with one slip in the last.
_RTOL = 5e-3
# Two significant digits are what a pocket calculator's user writes down.
_DIGITS = 2
# A computation and its result may differ by what intermediate rounding leaves.
_ROUNDING_ON_THE_WAY = 0.02

_VALUE: Mapping[str, Any] = {
    "anyOf": [{"type": "number"}, {"type": "string"}],
    "description": "The value itself: 60, 2.5e-3, .inf, or a computation such as 'ln 10'.",
}
_WAY = {**_wanted.WORDS, "value": _VALUE}

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "anyOf": [{"required": ["expect"]}, {"required": ["value"]}],
    "properties": {
        **_WAY,
        "rtol": {
            "type": "number",
            "minimum": 0,
            "maximum": 1,
            "description": f"How far off a value may be, relative to the right one; {_RTOL:g}.",
        },
        "atol": {"type": "number", "minimum": 0, "description": "How far off it may be; 0."},
        "digits": {
            "type": "integer",
            "minimum": 1,
            "description": "From how many significant digits a correctly rounded value is right; "
            f"{_DIGITS} if not said.",
        },
        "log": {
            "enum": ["natural", "10", "2", 10, 2],
            "description": "The value is a logarithm to this base: others are named as a mistake.",
        },
        "undefined": {
            "type": "boolean",
            "description": "Whether 'undefined' is as right as infinity.",
        },
        "accept": {
            "type": "array",
            "description": "Further right values.",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    **_WAY,
                    "say": {"type": "string", "description": "What the student is told then."},
                    "if_stated": _wanted.IF_STATED,
                },
            },
        },
    },
}
MISTAKE: Mapping[str, Any] = {
    "type": "object",
    "properties": {**_WAY, "unless_stated": _wanted.UNLESS_STATED},
}

_BASES = {"natural": math.e, "10": 10.0, "2": 2.0}
_BASE_OF = {"log-base-2": "base-2", "log-base-10": "base-10", "log-base-e": "base-e"}
_UNSTATED = ", and no base was stated"
_SAY = {
    "log-base-2": f"This is the result with the base-2 logarithm{_UNSTATED}.",
    "log-base-10": f"This is the result with the base-10 logarithm{_UNSTATED}.",
    "log-base-e": f"This is the result with the natural logarithm{_UNSTATED}.",
    "sign": "The sign is the wrong way round.",
    "percent": "The value is off by a factor of 100, as between a share and a percentage.",
    "rounding": "The value is rounded too far: give more digits.",
}
_CREDIT = {"rounding": 0.75}
_HALF = 0.5
_THOUSANDS = (1e3, 1e-3, 1e6, 1e-6, 1e9, 1e-9)
_WORD = lazy.pattern(r"[^\W\d_]")


class Got(NamedTuple):
    """What was read: the readings of the result, likeliest first.

    `text` is the answer made plain and `context` what it was cut from, for what is stated there.
    `computed` holds the values of the computation that stands before the result, one for each
    base that its `log` may have. `others` are the other numbers that the answer comes to.
    """

    readings: tuple[Numeral, ...]
    undefined: bool = False
    text: str = ""
    evidence: str = ""
    computed: tuple[float, ...] = ()
    doubt: str | None = None
    context: str = ""
    others: tuple[Numeral, ...] = ()


class Want(NamedTuple):
    """The right value, the further right ones, and what the rubric's mistakes lead to."""

    value: float
    accepted: tuple[float, ...] = ()
    mistakes: Mapping[str, float] = {}


def expect(check: Check, question: Question, call: Call) -> Want:
    """Return the right value and those of the mistakes, from the reference."""
    ways = check.options.get("accept", ())
    wrong = {each.id: _wanted.wrong(each, check, question, call) for each in check.mistakes}
    return Want(
        value=_wanted.scalar(_wanted.right(check, question, call)),
        accepted=tuple(_accepted(way, check, question, call) for way in ways),
        mistakes={name: _wanted.scalar(each) for name, each in wrong.items() if each is not None},
    )


def _accepted(way: Mapping[str, Any], check: Check, question: Question, call: Call) -> float:
    value = _wanted.accepted(way, check, question, call)
    if value is None:
        raise ReferenceFault("an entry of 'accept' needs 'value', 'expect' or 'with'")
    return _wanted.scalar(value)


def show(want: Want) -> str:
    """Return the right value with seven significant digits, whole numbers in full."""
    return _numerals.in_thousands(want.value)


# --- reading ---------------------------------------------------------------------------------


def read(answer: Answer, check: Check, question: Question) -> Got | None:
    """Return the number that an answer comes to, or None where it says nothing."""
    source = _typed.lines_of(_picked(answer.value, check))
    if _typed.is_blank(source):
        return None
    text = _typed.plain(source)
    text = text.replace("+-", "±").replace("+/-", "±")
    if _MAY_BE_SCANNED.search(text):
        text = _SCANNED.sub(_digit, text)
    labels = (check.field, *check.names)
    is_labelled = bool(answer.context) and isinstance(answer.value, str)
    found = _results.find(text, labels, _base(check), is_labelled=is_labelled)
    if found is None or not (found.readings or found.undefined):
        raise _no_number(answer.text or source)
    return Got(
        readings=found.readings,
        undefined=found.undefined,
        text=text,
        evidence=_place(found, text),
        computed=_computed_before(found),
        doubt=found.doubt,
        context=answer.context,
        others=found.others,
    )


# Letters that a scanner reads for digits: 2.3O26, O.511, l.79.
_MAY_BE_SCANNED = lazy.pattern(r"[\d.,][Ool]|[Ool][.,]")
_SCANNED = lazy.pattern(
    r"(?<=\d[.,])[Ool](?=\d|\b)|(?<=\d)[Ool](?=[\d.,])|\b[Ool](?=[.,]\d)"
    r"|(?<=[.,]\d)[Oo](?!\w)|(?<=[.,]\d\d)[Oo](?!\w)"
)


def _digit(found: re.Match[str]) -> str:
    return "1" if found[0] == "l" else "0"


def _picked(value: Plain, check: Check) -> Plain:
    """Return the part of a mapping that is labelled as the result, else the whole value."""
    if isinstance(value, dict):
        for name in (check.field, *check.names, "value", "answer", "result"):
            if name in value:
                return value[name]
    return value


def _base(check: Check) -> str:
    return str(check.options.get("log", "natural"))


def _no_number(text: str) -> Unreadable:
    digits = sum(char.isdigit() for char in text[:1000])
    found = "no number" if digits == 0 else "none that could be read"
    return Unreadable(
        f"expected a number such as 2.5, 5/2 or ln 12, found {found}",
        text=text[: _typed.LONGEST],
        position=len(text[:1000]) - len(text[:1000].lstrip()),
    )


def _place(found: _results.Result, text: str) -> str:
    """Return where the result stood, unless it is all that was written."""
    piece = " ".join(found.piece.split())
    if len(text.strip()) <= len(piece) + 2:
        return ""
    before = f"{found.head} … " if found.head and found.head not in piece else ""
    return f"read from '{shorten(before + piece, 80)}'"


def _computed_before(found: _results.Result) -> tuple[float, ...]:
    """Return the values of the last computation left of the result, one per base of its log."""
    for piece in reversed(found.chain):
        if not any(char.isdigit() for char in piece):
            continue
        values = [_results.compute(piece.strip(), base) for base in _BASES]
        known = tuple(dict.fromkeys(value for value in values if value is not None))
        if known:
            return known
    return ()


# --- judging ---------------------------------------------------------------------------------


def judge(got: Got, want: Want, case: Case) -> Judgement:
    """Return what a number is worth: right, nearly so, or a mistake that has a name."""
    judgement = _right(got, want, case) or _accepted_value(got, want, case)
    if judgement is None:
        judgement = _explained(got, want, case) or _side(got, want, case)
    if judgement is None:
        judgement = Judgement(0.0, "The value is not right.", evidence=got.evidence)
    credit = _slips.in_quarters(judgement.credit, case.check)
    return _doubted(_with_stated_base(judgement._replace(credit=credit), got), got, want, case)


def _with_stated_base(judgement: Judgement, got: Got) -> Judgement:
    """Return the judgement for review where the base is stated that our own words find missing."""
    stated = {
        _SAY[name]
        for name, base in _BASE_OF.items()
        if _UNSTATED in judgement.say and _states(got, base)
    }
    if not any(each.say in stated for each in judgement.mistakes):
        return judgement
    mistakes = tuple(
        each._replace(say=each.say.replace(_UNSTATED, "")) if each.say in stated else each
        for each in judgement.mistakes
    )
    return judgement._replace(
        say=judgement.say.replace(_UNSTATED, ""),
        mistakes=mistakes,
        review=1.0,
        reason="the answer states another base than the question's",
    )


def _right(got: Got, want: Want, case: Case) -> Judgement | None:
    for reading in got.readings:
        if _is(reading, want.value, case.check.options):
            stated = _stated_conventions(got, case)
            return Judgement(1.0, evidence=_evidence(got, reading), excuses=stated)
    if got.undefined and math.isinf(want.value) and case.check.options.get("undefined"):
        return Judgement(1.0, evidence=got.evidence or "read as 'undefined'")
    return None


def _is(reading: Numeral, value: float, options: Mapping[str, Any]) -> bool:
    """Return whether a reading is a value: within the tolerance, or correctly rounded."""
    if _numerals.agrees(reading, value, options.get("rtol", _RTOL), options.get("atol", 0.0)):
        return True
    digits = int(options.get("digits", _DIGITS))
    # Digits that were cut off instead of rounded are right to all but the last of them.
    kept = _numerals.kept_digits(reading, value, cut=True)
    return kept > digits or (kept == digits and _numerals.kept_digits(reading, value) == digits)


def _accepted_value(got: Got, want: Want, case: Case) -> Judgement | None:
    ways = case.check.options.get("accept", ())
    for way, value in zip(ways, want.accepted, strict=True):
        if "if_stated" in way and not _states(got, way["if_stated"]):
            continue
        for reading in got.readings:
            if _is(reading, value, case.check.options):
                return Judgement(1.0, way.get("say", ""), evidence=_evidence(got, reading))
    return None


def _explained(got: Got, want: Want, case: Case) -> Judgement | None:
    """Return the judgement of the mistakes that lead to the value, if any do."""
    for reading in got.readings:
        found = _rubric_mistakes(reading, want, case) or _own_mistakes(reading, want, case)
        excused = [each for each in found if _is_excused(each, got)]
        if excused:
            staff = f"{excused[0].id}: excused, because the answer states it"
            stated = _stated_conventions(got, case)
            return Judgement(1.0, staff=staff, evidence=_evidence(got, reading), excuses=stated)
        if found:
            settled = _slips.settle(found, case)
            return _named(settled, _evidence(got, reading))
        both = _with_sign(reading, want, case)
        if both:
            settled = _slips.settle([both[1]], case)
            if not _is_excused(both[0], got):
                settled = _slips.joined(_slips.settle([both[0]], case), settled)
            return _named(settled, _evidence(got, reading))
    return None


def _named(settled: _slips.Settled, evidence: str) -> Judgement:
    return Judgement(settled.credit, settled.say, mistakes=settled.recognised, evidence=evidence)


# Equal sides: what a convolution leaves is 7x7 or 7x7x64, and its side is 7.
_SIDES = lazy.pattern(
    r"(?<![\w.,*])(\d{1,6})\s?([xX*])\s?\1(?:\s?[xX*]\s?(\d{1,6}))?(?!\s?[*xX]|[\w.,]*\d)"
)


def _side(got: Got, want: Want, case: Case) -> Judgement | None:
    """Return full credit for a square's size in place of its side, as 7x7 for 7.

    With a sign that rather multiplies, or with a depth, it is for a person to see.
    """
    sizes = list(_SIDES.finditer(got.text[: _typed.LONGEST]))
    if len(sizes) != 1 or not got.readings:
        return None
    size, first = sizes[0], got.readings[0]
    side = Numeral(float(size[1]))
    is_result = first.note == "computed" and first.value == side.value**2 * float(size[3] or 1)
    if not is_result or not _is(side, want.value, case.check.options):
        return None
    judgement = Judgement(1.0, evidence=f"taken as the side of {size[0]}")
    if size[2] != "*" and size[3] is None:
        return judgement
    return judgement._replace(review=1.0, reason="a size may stand for its side")


def _is_excused(mistake: Mistake, got: Got) -> bool:
    return _states(got, mistake.options.get("unless_stated"))


def _states(got: Got, excuse: str | Sequence[str] | None) -> bool:
    """Return whether the answer, or what it was cut from, says one of the phrases."""
    if excuse is None:
        return False
    context = _typed.plain(got.context[: _typed.LONGEST // 2]) if got.context else ""
    return _slips.is_stated(f"{context}\n{got.text}", excuse)


def _stated_conventions(got: Got, case: Case) -> tuple[str, ...]:
    """Return the `once` names of the slips that the answer states as its convention."""
    return tuple(
        dict.fromkeys(
            mistake.once
            for mistake in case.check.mistakes
            if mistake.once is not None and _is_excused(mistake, got)
        )
    )


def _rubric_mistakes(reading: Numeral, want: Want, case: Case) -> list[Mistake]:
    return [
        mistake
        for mistake in case.check.mistakes
        if mistake.id in want.mistakes
        and _is(reading, want.mistakes[mistake.id], case.check.options)
    ]


def _own_mistakes(reading: Numeral, want: Want, case: Case) -> list[Mistake]:
    """Return the mistakes that every number may show, where they explain the reading."""
    options = case.check.options
    if want.value == 0 or math.isinf(want.value):
        opposite = reading.value == -want.value and reading.value != want.value
        return [_own("sign", case)] if opposite else []
    names = [
        name for name, value in _own_values(want.value, options) if _is(reading, value, options)
    ]
    if not names and _numerals.kept_digits(reading, want.value, cut=True):
        names = ["rounding"]
    return [_own(name, case) for name in names]


def _own_values(value: float, options: Mapping[str, Any]) -> list[tuple[str, float]]:
    values = [("sign", -value), ("percent", value * 100), ("percent", value / 100)]
    if "log" in options:
        mine = math.log(_BASES[str(options["log"])])
        for name, base in (("log-base-2", 2.0), ("log-base-10", 10.0), ("log-base-e", math.e)):
            if math.log(base) != mine:
                values.insert(0, (name, value * mine / math.log(base)))
    return values


def _own(name: str, case: Case) -> Mistake:
    return _slips.named(name, _SAY[name], _CREDIT.get(name, _HALF), case)


def _with_sign(reading: Numeral, want: Want, case: Case) -> tuple[Mistake, Mistake] | None:
    """Return the mistake that explains the value with its sign turned, and the sign."""
    turned = reading._replace(value=-reading.value)
    found = _rubric_mistakes(turned, want, case) or _own_mistakes(turned, want, case)
    found = [each for each in found if each.id not in ("sign", "rounding", "percent")]
    return (found[0], _own("sign", case)) if found else None


def _evidence(got: Got, reading: Numeral) -> str:
    value = _numerals.in_thousands(reading.value)
    how = f"taken as {value}: {reading.note}" if reading.note else ""
    return "; ".join(part for part in (got.evidence, how) if part)


def _doubted(judgement: Judgement, got: Got, want: Want, case: Case) -> Judgement:
    """Return the judgement, for review where the reading is in doubt or contradicts itself."""
    reasons = [got.doubt] if got.doubt else []
    if judgement.credit < 1.0 and _is_right_elsewhere(got, want, case):
        reasons.append("another number in the answer is the right one")
    if _contradicts_itself(got):
        reasons.append("the computation that is written down gives another value than the result")
    if not judgement.credit and not judgement.mistakes and _has_another_unit(got, want, case):
        reasons.append("the value is right but for thousands, which a unit may mean")
    if not reasons:
        return judgement
    reason = "; ".join(reasons)
    return judgement._replace(review=1.0, reason=reason, staff=judgement.staff or reason)


def _is_right_elsewhere(got: Got, want: Want, case: Case) -> bool:
    """Return whether another number, in the answer or in what it was cut from, is the right one."""
    others = got.others
    if got.context:
        labels = (case.check.field, *case.check.names)
        context = _typed.plain(got.context[: _typed.LONGEST // 2])
        whole = _results.find(context, labels, _base(case.check))
        others += (*whole.readings, *whole.others) if whole else ()
    return _right(got._replace(readings=others, undefined=False), want, case) is not None


def _has_another_unit(got: Got, want: Want, case: Case) -> bool:
    """Return whether a value is right but for a factor of a thousand, and words stand with it."""
    if _WORD.search(got.text) is None:
        return False
    scaled = tuple(
        reading._replace(value=reading.value * factor, step=reading.step * factor)
        for reading in got.readings
        for factor in _THOUSANDS
    )
    return _right(got._replace(readings=scaled, undefined=False), want, case) is not None


def _contradicts_itself(got: Got) -> bool:
    """Return whether the computation and its result disagree, whichever logarithm is meant."""
    if not got.computed or not got.readings:
        return False
    return not any(
        _numerals.agrees(reading, value, _ROUNDING_ON_THE_WAY, reading.step)
        for reading in got.readings
        for value in got.computed
    )


EXAMPLE: Mapping[str, Any] = {
    "question": {
        "id": "q1",
        "title": "Entropy of a fair coin",
        "prompt": "What is the entropy of a fair coin?",
        "checks": [
            {
                "number": {"value": "ln 2", "log": "natural", "points": 2},
                "mistakes": [
                    {"id": "log-base-2", "say": "This is in bits.", "unless_stated": "base-2"}
                ],
            }
        ],
    },
    "right": ["0.6931", "ln 2", "0,693", "-ln(1/2) = 0.69", "log_2(2) = 1"],
    "wrong": ["1", "-0.693", "0.5", "2"],
}
