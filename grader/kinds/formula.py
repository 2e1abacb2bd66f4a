"""A formula of matrix calculus or plain algebra, in any notation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from grader import formula, lazy
from grader.errors import ReferenceFault, Unreadable
from grader.formula import layout, loops, references
from grader.formula.notation import canonical_name
from grader.formula.reading import NothingFound
from grader.formula.target import Answers, Named, Source, python_name
from grader.kinds import Call, Case, _slips, _typed
from grader.model import Answer, Check, Judgement, Mistake, Question
from grader.values import Plain, shorten

_FORMULA = {"type": "string", "minLength": 1}
_EXPECT = {
    "type": "string",
    "minLength": 1,
    "description": "The reference function that returns the right values: topic.function.",
}
_WITH = {"type": "object", "description": "Further arguments of the reference function."}

_KEEPS = {
    "type": "object",
    "additionalProperties": {"type": "string"},
    "description": "The conventions that this answer keeps to, such as {scale: sum}; the mistake "
    "with `breaks: scale` is made where an earlier answer to the question keeps to another.",
}

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "anyOf": [{"required": ["answer"]}, {"required": ["expect"]}, {"required": ["gradient"]}],
    "properties": {
        "answer": {
            **_FORMULA,
            "description": "The right formula: it is shown, and mistakes are told by it.",
        },
        "one_of": {
            "type": "array",
            "items": {
                "anyOf": [
                    _FORMULA,
                    {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["formula"],
                        "properties": {"formula": _FORMULA, "keeps": _KEEPS},
                    },
                ]
            },
            "description": "Further right formulas, such as the one with 1/N; each may say what "
            "convention it keeps to: {formula: ..., keeps: {scale: mean}}.",
        },
        "keeps": _KEEPS,
        "symbols": {
            **formula.SYMBOLS_SCHEMA,
            "description": "Symbols of this check in place of the question's.",
        },
        "define": {
            **formula.DEFINE_SCHEMA,
            "description": "Definitions of this check in place of the question's.",
        },
        "notation": formula.NOTATION_SCHEMA,
        "expect": _EXPECT,
        "with": _WITH,
        "gradient": {
            "type": "object",
            "additionalProperties": False,
            "required": ["of", "by"],
            "description": "The right answer is the gradient of a loss, by torch's autograd.",
            "properties": {
                "of": {
                    **_FORMULA,
                    "description": "The loss: a reference function, or a formula.",
                },
                "by": {**_FORMULA, "description": "The symbol by which it is differentiated."},
            },
        },
        "rtol": {
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": 0.1,
            "description": "How far off values may be, relative to their norm; 1e-6.",
        },
        "layout": {
            "enum": ["strict", "either"],
            "description": "Whether the transpose of the right answer is right as well.",
        },
        "credits": {
            "type": "object",
            "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1},
            "description": "What is left of the points for slips that the rubric does not list.",
        },
    },
}
MISTAKE: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "formula": {**_FORMULA, "description": "The wrong formula that the mistake leads to."},
        "expect": _EXPECT,
        "with": _WITH,
        "without": {
            **_FORMULA,
            "description": "The factor of the right formula that is missing: W_2^T.",
        },
        "said": {
            "type": "array",
            "minItems": 1,
            "items": _FORMULA,
            "description": "Words beside the formula that show the mistake; a person has a look.",
        },
        "updates": {
            **_FORMULA,
            "description": "The letter that gets a new value beside the formula, and should not.",
        },
        "breaks": {
            "type": "string",
            "minLength": 1,
            "description": "The convention in which a right formula departs from those before it.",
        },
    },
}

# What is left of the points for a slip that the rubric does not list.
CREDITS: Mapping[str, float] = {
    "sign": 0.7,
    "constant-factor": 0.8,
    "missing-mean": 0.9,
    "extra-mean": 0.9,
    "missing-factor": 0.5,
    "missing-transpose": 0.8,
    "extra-transpose": 0.8,
    "transposed-layout": 0.8,
    "product-order": 0.7,
    "elementwise-for-matrix-product": 0.7,
    "matrix-product-for-elementwise": 0.7,
    "missing-activation": 0.5,
    "missing-derivative": 0.5,
    "wrong-derivative": 0.6,
    "missing-term": 0.5,
    "missing-sum": 0.7,
    "wrong-symbol": 0.5,
    "missing-exponential": 0.5,
    "missing-inverse": 0.5,
    "missing-power": 0.5,
    "missing-root": 0.5,
    "log-base-2": 0.8,
    "log-base-10": 0.8,
}
_OTHER_CREDIT = 0.5
# Where a part is missing or another, what is there counts by how much of the formula it is.
_PARTIAL: Mapping[str, float] = {"missing-factor": 0.8, "missing-term": 0.8, "wrong-symbol": 0.6}
_OF_ORDER = frozenset(
    {"transposed-layout", "product-order", "missing-transpose", "extra-transpose"}
)
_WRONG_DERIVATIVE = "This is the derivative of another activation than the one that you name."
_TAKEN = 200
_UNEXPLAINED = "no slip explains the formula: part of the way may be right"
# What belongs to a formula rather than to a sentence.
_SIGNS = lazy.pattern(r"[\[\](){}+*/^=<>\\·×⊙−∑Σ∂√]|(?<!\w)-(?!\w)|- ")
# How it is set in type is no part of it.
_DRESS = lazy.pattern(
    r"\\(?:left|right|[bB]igg?[lr]?|displaystyle|boxed|(?:wide)?hat|bar|vec|mathbf|boldsymbol|q?quad)"
    r"(?![A-Za-z])|\\[\[\](),;!]|[*`$]{1,2}"
)
_LEFT = lazy.pattern(r"[^\s=,;]+\s*:?=\s*$")
_WORD = lazy.pattern(r"[^\W\d]+(?:_\w+)?")


def expect(check: Check, question: Question, call: Call) -> formula.Want:
    """Return the right values at the samples; those of the named mistakes can wait."""
    options = check.options
    known = _notation(check, question)
    sources = []
    if "expect" in options:
        sources.append(_reference(options["expect"], options.get("with", {}), call))
    if "gradient" in options:
        sources.append(_gradient(options, known, call))
    return formula.want(
        known,
        Answers(
            seed=f"{question.id} {check.field} {question.digest}",
            formulas=tuple(forms(check)),
            sources=tuple(sources),
            named=tuple(_named(check, call)),
        ),
        labels=_labels(check),
        others=_other_labels(check, question),
        rtol=options.get("rtol", formula.RTOL),
        layout=options.get("layout", "strict"),
    )


class _Asked(NamedTuple):
    """A check of a question, equal to nothing but itself."""

    check: Check
    question: Question

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Asked):
            return NotImplemented
        return self.check is other.check and self.question is other.question

    def __hash__(self) -> int:
        return hash((id(self.check), id(self.question)))


def _notation(check: Check, question: Question) -> formula.Notation:
    """Return the notation of the check's own words, where it has them, else of the question's."""
    return _declared(_Asked(check, question))


@lru_cache(maxsize=256)
def _declared(asked: _Asked) -> formula.Notation:
    own, question = asked.check.options, asked.question
    try:
        return formula.notation(
            own.get("symbols", question.symbols),
            own.get("define", question.define),
            own.get("notation", question.notation),
        )
    except ValueError as fault:
        raise ReferenceFault(str(fault)) from fault


def forms(check: Check) -> Mapping[str, Mapping[str, str]]:
    """Return the right formulas, the usual one first, each with the conventions it keeps to."""
    options = check.options
    usual = {options["answer"]: options.get("keeps", {})} if "answer" in options else {}
    further = [
        {"formula": each} if isinstance(each, str) else each for each in options.get("one_of", ())
    ]
    return {**usual, **{each["formula"]: each.get("keeps", {}) for each in further}}


def _reference(name: str, extra: Mapping[str, Any], call: Call) -> Source:
    return lambda arguments: call(name, {**arguments, **extra})


def _gradient(options: Mapping[str, Any], known: formula.Notation, call: Call) -> Source:
    from grader.formula import gradient

    of, by = options["gradient"]["of"], options["gradient"]["by"]
    variable = canonical_name(by)
    if variable not in known.symbols and variable not in known.define:
        raise ReferenceFault(f"gradient: by: '{by}' is not among the symbols")
    if _is_reference(of):
        loss = _reference(of, options.get("with", {}), call)
    else:
        loss = gradient.formula_loss(of, known, variable)
    return gradient.source(loss, python_name(variable))


def _is_reference(text: str) -> bool:
    topic, dot, name = text.partition(".")
    return bool(dot) and topic.isidentifier() and name.isidentifier()


def _named(check: Check, call: Call) -> list[Named]:
    found = []
    for mistake in check.mistakes:
        options = mistake.options
        if "formula" in options:
            found.append(Named(mistake.id, options["formula"], mistake.say))
            continue
        name = options.get("expect")
        if name is None and "with" in options:
            name = check.options.get("expect")
        if name is not None:
            extra = {**check.options.get("with", {}), **options.get("with", {})}
            found.append(Named(mistake.id, _reference(name, extra, call), mistake.say))
    return found


def _labels(check: Check) -> tuple[str, ...]:
    return (check.field, *check.names)


def _other_labels(check: Check, question: Question) -> tuple[str, ...]:
    """Return the labels of the question's other fields."""
    own = set(_labels(check))
    labels = [
        label
        for other in question.checks
        if other.field != check.field
        for label in _labels(other)
        if label not in own
    ]
    return tuple(labels)


def mistakes(want: formula.Want) -> list[str]:
    """Return the ids of the mistakes that have values; raise ReferenceFault where one has none.

    Grading asks for the values when the first wrong answer comes.
    """
    return [id_ for world in want.worlds for slip in world.named.slips for id_ in slip.ids]


def show(want: formula.Want) -> str:
    """Return the right formula as it was written, else the shape of its values."""
    return want.formula or f"values of shape {want.shape}"


# --- reading ---------------------------------------------------------------------------------


def read(answer: Answer, check: Check, question: Question) -> formula.Reading | None:
    """Return how a formula is understood, or None where nothing is said."""
    text = _text(answer.value, check)
    if _typed.is_blank(text):
        return None
    known = _notation(check, question)
    others = _other_labels(check, question)
    around = answer.context if answer.context.strip() != text.strip() else ""
    around = references.spelled_out(around)

    def understood(text: str) -> formula.Reading:
        found = formula.read(text, known, _labels(check), others)
        return found._replace(around=around) if around else found

    if around and loops.has_one(around):
        return understood(around)  # the field itself holds what a loop only begins with
    points = around != answer.context and references.is_one(text)
    if around and (points or formula.uses_words_of(text, around, known)):
        try:
            return understood(around)
        except Unreadable:
            pass  # what stands in the field itself may still be read
    try:
        return understood(text)
    except NothingFound:
        if any(re.search(rf"{re.escape(other)}\W*[:=]", text) for other in others):
            return None
        raise
    except Unreadable as trouble:
        if not around:
            raise
        # Letters may be defined beside the field, elsewhere in the answer.
        try:
            return understood(around)
        except Unreadable:
            raise trouble from None


def _text(value: Plain, check: Check) -> str:
    """Return the text of a field; lists and mappings are no formula."""
    if isinstance(value, Mapping):
        for label in _labels(check):
            if label in value:
                return _text(value[label], check)
        if len(value) == 1:
            return _text(next(iter(value.values())), check)
        raise Unreadable("expected a formula, found several entries", text="")
    if isinstance(value, list):
        return "\n".join(_text(item, check) for item in value)
    if value is None:
        return ""
    return value if isinstance(value, str) else f"{value}"


# --- judging ---------------------------------------------------------------------------------


def judge(got: formula.Reading, want: formula.Want, case: Case) -> Judgement:
    """Return what a formula is worth, with the slips that were recognised."""
    finding = formula.judge_reading(got, want)
    found = _beside(got, want, _of_formula(got, want, finding, case), case)
    return _with_what_is_said(got, found, case)


def _of_formula(
    got: formula.Reading, want: formula.Want, finding: formula.Finding, case: Case
) -> Judgement:
    evidence = _evidence(got, finding)
    if finding.correct:
        return _right(got, finding, evidence, case)
    if not finding.ways:
        return Judgement(0.0, say=finding.why, evidence=evidence, review=1.0, reason=_UNEXPLAINED)
    settled = _settled(_in_own_words(finding.ways, want, case), case)
    doubt = _left_out(got, want) or _misread_letter(settled) or _layout_doubt(got, finding)
    return Judgement(
        _slips.in_quarters(settled.credit, case.check),
        say=_said(finding, settled.say),
        staff=finding.staff,
        mistakes=settled.recognised,
        evidence=evidence,
        review=1.0 if doubt else 0.0,
        reason=doubt,
    )


def _left_out(got: formula.Reading, want: formula.Want) -> str | None:
    """Return what beside a formula that is not right may belong to it: signs, letters, factors."""
    before, after = got.text[: got.start], _unread(got)
    if "=" in before:  # the quantity's name, and steps on the way to it
        before = ""
    beside = _DRESS.sub(" ", f"{before} {after}").strip(" \t\n.,;:{}")
    letters = {*want.notation.symbols, *want.notation.define}
    odd = _SIGNS.search(beside) or any(word in letters for word in _WORD.findall(beside))
    return f"'{shorten(' '.join(beside.split()), _TAKEN)}' beside it was not read" if odd else None


def _misread_letter(settled: _slips.Settled) -> str | None:
    exchanged = any(found.id == "wrong-symbol" for found in settled.recognised)
    return "a letter in place of another may be meant otherwise" if exchanged else None


def _unread(got: formula.Reading) -> str:
    """Return what stands behind a formula and was not read as a letter's meaning either."""
    end = got.start + len(got.taken)
    spans = [(each.start, each.start + len(each.text)) for each in got.restated]
    for each in got.definitions.values():
        left = _LEFT.search(got.text, end, max(end, each.tree.start))
        spans.append((left.start() if left else each.tree.start, each.tree.end))
    kept, at = "", end
    for start, stop in sorted(span for span in spans if span[0] >= end):
        kept, at = f"{kept} {got.text[at:start]}", max(at, stop)
    return kept + got.text[at:]


def _layout_doubt(got: formula.Reading, finding: formula.Finding) -> str | None:
    """Return why a slip in the order of factors may be none: the text speaks of its layout."""
    order = any(each.id in _OF_ORDER for each in finding.mistakes)
    spoken = order and layout.is_spoken_of(got.around or got.text)
    return "the answer speaks of rows and columns, which may explain the order" if spoken else None


def _right(got: formula.Reading, finding: formula.Finding, evidence: str, case: Case) -> Judgement:
    """Return what a right formula is worth beside the conventions of those before it."""
    other = _other_function(got, finding)
    if other is not None:
        slip = _slips.named(
            "wrong-derivative", _WRONG_DERIVATIVE, CREDITS["wrong-derivative"], case
        )
        settled = _slips.settle([slip], case)
        return Judgement(
            _slips.in_quarters(settled.credit, case.check),
            say=settled.say,
            mistakes=settled.recognised,
            evidence=f"{evidence}; right for {finding.meant[other]}",
            review=1.0,
            reason=f"the answer speaks of another {other} than the formula is right for",
        )
    known = list(forms(case.check).values())
    keeps = (
        known[finding.form] if finding.form < len(known) else case.check.options.get("keeps", {})
    )
    departs = {name for name in keeps if case.kept.get(name, keeps[name]) != keeps[name]}
    broken = [each for each in case.check.mistakes if each.options.get("breaks") in departs]
    if not broken:
        return Judgement(1.0, say=finding.why, evidence=evidence, keeps=keeps)
    settled = _slips.settle(broken, case)
    return Judgement(
        settled.credit,
        say=settled.say,
        mistakes=settled.recognised,
        evidence=evidence,
        keeps=keeps,
    )


def _other_function(got: formula.Reading, finding: formula.Finding) -> str | None:
    """Return the function of the question that the text names otherwise than it is used."""
    if not finding.meant:
        return None
    spoken = formula.functions_named(got.around or got.text)
    for name, meant in finding.meant.items():
        choices = set(got.notation.functions.get(name, ())) & spoken
        if len(choices) == 1 and meant not in choices:
            return name
    return None


def _beside(
    got: formula.Reading, want: formula.Want, judgement: Judgement, case: Case
) -> Judgement:
    """Return the judgement with what the text says wrongly of the question's own letters."""
    if judgement.credit < 1 or not _is_first_answered(case):
        return judgement
    said = formula.contradictions_beside(got.around or got.text, want)
    if not said:
        return judgement
    first = said[0]
    shown = shorten(" ".join(first.text.split()), _TAKEN)
    slips = [mistake for mistake in case.check.mistakes if mistake.id == first.slip]
    if slips:
        settled = _slips.settle(slips, case)
        return judgement._replace(
            credit=_slips.in_quarters(settled.credit, case.check),
            say=settled.say,
            mistakes=settled.recognised,
            evidence=f"{judgement.evidence}; beside it '{shown}'",
        )
    return judgement._replace(
        evidence=f"{judgement.evidence}; beside it '{shown}'",
        review=1.0,
        reason=f"'{shown}' says otherwise than the question what {first.name} is",
    )


def _with_what_is_said(got: formula.Reading, judgement: Judgement, case: Case) -> Judgement:
    """Return the judgement with the mistakes that show in words or updates beside the formula."""
    text = got.around or got.text
    in_words = [
        mistake
        for mistake in case.check.mistakes
        if _slips.is_stated(text, mistake.options.get("said"))
    ]
    updated = formula.updated(text, got.notation) if _update_matters(case) else frozenset()
    found = [
        *in_words,
        *(each for each in case.check.mistakes if _letter(each, got.notation) in updated),
    ]
    if not found or judgement.credit == 0:
        return judgement
    settled = _slips.settle(found[:1], case)
    return judgement._replace(
        credit=_slips.in_quarters(judgement.credit * settled.credit, case.check),
        say=" ".join(part for part in (judgement.say, settled.say) if part),
        mistakes=(*judgement.mistakes, *settled.recognised),
        review=1.0 if in_words else judgement.review,
        reason="a mistake was recognised in words" if in_words else judgement.reason,
    )


def _update_matters(case: Case) -> bool:
    return any("updates" in mistake.options for mistake in case.check.mistakes)


def _letter(mistake: Mistake, known: formula.Notation) -> str:
    name = mistake.options.get("updates")
    return known.target(canonical_name(name)) if name else ""


def _is_first_answered(case: Case) -> bool:
    """Return whether no formula before this one was read: what stands beside is told once."""
    for check in case.question.checks:
        if check.field == case.check.field:
            return True
        if (check.kind, check.field) in case.others:
            return False
    return True


def _in_own_words(
    ways: Sequence[Sequence[formula.Mistake]], want: formula.Want, case: Case
) -> list[list[formula.Mistake]]:
    """Return the slips with those that lost a factor under the rubric's name for its loss."""
    named = {
        formula.shown(lost, want.notation): mistake.id
        for mistake in case.check.mistakes
        if (lost := mistake.options.get("without"))
    }
    return [
        [each._replace(id=named.get(each.lost, each.id)) if each.lost else each for each in way]
        for way in ways
    ]


def _settled(ways: Sequence[Sequence[formula.Mistake]], case: Case) -> _slips.Settled:
    """Return what is left under the way to the answer that costs least; all are told."""
    each = [_made_together(way, case) for way in ways]
    best = max(each, key=lambda settled: settled.credit)
    if len(each) == 1:
        return best
    recognised = {found.id: found for settled in each for found in settled.recognised}
    say = "One of these explains it: " + " Or: ".join(settled.say for settled in each)
    return _slips.Settled(best.credit, tuple(recognised.values()), say)


def _made_together(way: Sequence[formula.Mistake], case: Case) -> _slips.Settled:
    settled = [_slips.settle([_mistake(each, case)], case) for each in way]
    total = settled[0]
    for other in settled[1:]:
        total = _slips.joined(total, other)
    return total


def _mistake(found: formula.Mistake, case: Case) -> Mistake:
    credits = case.check.options.get("credits", {})
    credit = CREDITS.get(found.id, _OTHER_CREDIT)
    if found.left is not None and found.id in _PARTIAL:
        credit = min(credit, _PARTIAL[found.id] * found.left)
    mistake = _slips.named(found.id, found.say, credits.get(found.id, credit), case)
    # the rubric's words are about the formula that it gives, not about the like elsewhere
    other = found.local and any(key in mistake.options for key in ("formula", "expect", "with"))
    named_here = found.id in {each.id for each in case.check.mistakes if "without" in each.options}
    return mistake._replace(say=found.say) if other and not named_here else mistake


def _said(finding: formula.Finding, settled: str) -> str:
    """Return what the student is told: the shapes, then the rubric's words for the slip."""
    return " ".join(part for part in (finding.shapes, settled) if part)


def _evidence(got: formula.Reading, finding: formula.Finding) -> str:
    parts = [f"read as {shorten(finding.understood, _TAKEN)}"]
    if got.taken.strip() != got.text.strip():
        parts.append(f"taken from {shorten(' '.join(got.taken.split()), _TAKEN)}")
    return "; ".join([*parts, *_listed(finding.notes)])


def _listed(notes: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(notes))[:4]


EXAMPLE: Mapping[str, Any] = {
    "question": {
        "id": "q1",
        "title": "Gradient of least squares",
        "prompt": "Differentiate L = ½‖Xw − y‖² with respect to w.",
        "symbols": {"X": ["N", "d"], "w": ["d", 1], "y": ["N", 1]},
        "notation": {"samples": "N"},
        "checks": [
            {
                "formula": {"answer": "X^T (X w - y)", "points": 2},
                "names": ["dL/dw", "\\nabla_w L"],
                "mistakes": [
                    {"id": "residual-alone", "say": "This is the residual.", "formula": "X w - y"}
                ],
            }
        ],
    },
    "right": ["X^T(Xw - y)", "XᵀXw − Xᵀy", "X.T @ (X @ w - y)", "dL/dw = -X^\\top (y - Xw)"],
    "wrong": ["X^T(y - Xw)", "Xw - y", "2X^T(Xw - y)", "(Xw - y)^T X"],
}
