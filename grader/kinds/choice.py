"""One of a few options: true or false, yes or no, W1 or W2, as people write it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from grader import lazy
from grader.errors import ReferenceFault
from grader.kinds import Call, Case, _slips, _typed, _verdicts
from grader.kinds._verdicts import Got
from grader.model import Answer, Check, Judgement, Question
from grader.values import Plain

_OPTION: Mapping[str, Any] = {"type": ["boolean", "string"]}
_NAMES: Mapping[str, Any] = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]
}

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["expect"],
    "properties": {
        "expect": {
            **_OPTION,
            "description": "The right option, or a reference function (topic.function).",
        },
        "with": {"type": "object", "description": "Further arguments of the reference function."},
        "of": {
            "type": "array",
            "items": {"type": "string", "minLength": 1},
            "minItems": 2,
            "description": "The options by name; true and false if not said.",
        },
        "words": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string", "minLength": 1}},
            "description": "Further spellings of an option: {true: [symmetric], false: [falsch]}.",
        },
        "accept": {
            "type": "array",
            "description": "Options that are right when the text says something.",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["value", "when"],
                "properties": {
                    "value": {**_OPTION, "description": "The option."},
                    "when": {
                        **_NAMES,
                        "description": "A criterion of the question's text check (any of several).",
                    },
                    "field": {"type": "string", "description": "The field of that text check."},
                    "credit": {
                        "type": "number",
                        "minimum": 0,
                        "maximum": 1,
                        "description": "The share of the points that it earns; all, if not said.",
                    },
                    "say": {"type": "string", "description": "What the student is told then."},
                },
            },
        },
    },
}
MISTAKE: Mapping[str, Any] = {
    "type": "object",
    "properties": {"value": {**_OPTION, "description": "The option that shows the mistake."}},
}


def expect(check: Check, question: Question, call: Call) -> str:
    """Return the name of the right option."""
    names = _options(check)
    value = _verdicts.named(check.options["expect"], names)
    if value not in names and "." in value:
        value = _verdicts.named(
            call(value, {**question.given, **check.options.get("with", {})}), names
        )
    if value not in names:
        raise ReferenceFault(f"'{value}' is none of the options {', '.join(names)}")
    return value


def show(want: str) -> str:
    """Return the right option as it would be written."""
    return want.capitalize() if want.lower() in ("true", "false", "yes", "no") else want


def _options(check: Check) -> tuple[str, ...]:
    return tuple(check.options.get("of", ("true", "false")))


# --- reading ---------------------------------------------------------------------------------


def read(answer: Answer, check: Check, question: Question) -> Got | None:
    """Return the option that an answer chooses, or None where it says nothing."""
    text = _typed.lines_of(_picked(answer.value, check))
    names = _options(check)
    words = check.options.get("words")
    further = tuple(_further(words, name, names) for name in names) if words else ()
    return (_alone if len(text) <= _SHORT else _found)(text, names, further)


def _found(text: str, names: tuple[str, ...], further: tuple[tuple[str, ...], ...]) -> Got | None:
    text = _verdicts.plain(text)
    if not text.strip() or _typed.is_blank(text):
        return None
    concluded = _concluded(text, names)
    return _verdicts.find(concluded or text, names, further)


def _concluded(text: str, names: tuple[str, ...]) -> str:
    """Return what follows the last `so`, if it begins with an option of the rubric's own: `So B`.

    Of true and false, yes and no, sentences say too much beside the verdict.
    """
    if set(names) <= _PLAIN or not lazy.may_say(text, _CONCLUDING):
        return ""
    any_name = "|".join(
        re.sub(r"(?<=[a-z])(?=\d)", r"_?\\s?", re.escape(name), flags=re.IGNORECASE)
        for name in names
    )
    begun = (
        rf"\b(?:{'|'.join(_CONCLUDING)})\b[\s,:]{{1,3}}(?:(?:the\s+)?answer(?:\s+is)?[\s:]{{1,2}})?"
    )
    option = rf"(?P<option>(?:{any_name})\b(?!\s+(?:\w+\s+){{0,2}}(?:{_AGAINST})))"
    found = list(re.finditer(begun + option, text, re.IGNORECASE))
    return text[found[-1].start("option") :] if found else ""


_PLAIN = frozenset(["true", "false", "yes", "no"])
_CONCLUDING = ("so", "therefore", "thus", "hence", "consequently", "conclusion")
# What is said of the option that is not chosen.
_AGAINST = "slow|hard|wors|weak|less|not|small|vanish|saturat|suffer|die|stop"

# A class gives its verdicts in the same few words.
_SHORT = 40
_alone = lru_cache(512)(_found)


def _picked(value: Plain, check: Check) -> Plain:
    if isinstance(value, dict):
        for name in (check.field, *check.names, "verdict", "answer", "value"):
            if name in value:
                return value[name]
    return value


def _further(
    words: Mapping[Any, Sequence[str]], name: str, names: Sequence[str]
) -> tuple[str, ...]:
    return next(
        (tuple(listed) for key, listed in words.items() if _verdicts.named(key, names) == name), ()
    )


# --- judging ---------------------------------------------------------------------------------


def judge(got: Got, want: str, case: Case) -> Judgement:
    """Return what the chosen option is worth; a doubtful verdict goes to a person."""
    judgement = _judged(got, want, case)
    if got.doubt is None:
        return judgement
    return judgement._replace(review=1.0, reason=got.doubt, staff=judgement.staff or got.doubt)


def _judged(got: Got, want: str, case: Case) -> Judgement:
    names = _options(case.check)
    if got.option is None:
        shown = " or ".join(map(show, names))
        return Judgement(0.0, f"No verdict was found: begin with {shown}.", evidence=got.words)
    evidence = f"'{show(got.option)}' in '{got.words}'"
    if got.option == want:
        return Judgement(1.0, evidence=evidence)
    for way in case.check.options.get("accept", ()):
        if _verdicts.named(way["value"], names) == got.option:
            return _conditional(way, case, evidence)
    found = [
        mistake
        for mistake in case.check.mistakes
        if "value" in mistake.options
        and _verdicts.named(mistake.options["value"], names) == got.option
    ]
    if found:
        settled = _slips.settle(found, case)
        return Judgement(
            settled.credit, settled.say, mistakes=settled.recognised, evidence=evidence
        )
    return Judgement(0.0, "The verdict is not right.", evidence=evidence)


def _conditional(way: Mapping[str, Any], case: Case, evidence: str) -> Judgement:
    """Return the judgement of an option that is right only for a reason that the text gives."""
    from grader.kinds.text import found

    criteria = [way["when"]] if isinstance(way["when"], str) else way["when"]
    for check in _text_checks(case.question.checks, way.get("field")):
        got = case.others.get(("text", check.field))
        for criterion in criteria:
            if got is not None and found(got, check, criterion):
                say = way.get("say", "This verdict is right for the reason that is given.")
                staff = f"accepted because of '{criterion}'"
                return Judgement(way.get("credit", 1.0), say, staff, evidence=evidence)
    return Judgement(
        0.0,
        "The verdict is not right for the reason that is given.",
        staff=f"would be right with: {', '.join(criteria)}",
        evidence=evidence,
        review=1.0,
        reason="this verdict can be defended; the reason for it was not recognised",
    )


def _text_checks(checks: Sequence[Check], field: str | None) -> Iterator[Check]:
    for check in checks:
        for way in check.ways:
            if way.kind == "text" and field in (None, way.field):
                yield way


EXAMPLE: Mapping[str, Any] = {
    "question": {
        "id": "q1",
        "title": "Convexity of the log loss",
        "prompt": "The log loss of logistic regression is convex in the weights. True or false?",
        "checks": [{"choice": {"expect": True, "points": 1}}],
    },
    "right": ["True", "yes", "T, its Hessian is positive semi-definite", "I think it is true."],
    "wrong": ["False", "no", "not true", "The statement is incorrect."],
}
