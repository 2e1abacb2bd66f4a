"""What a rubric says is right: the words `expect`, `with` and `value`, made plain values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from grader.errors import ReferenceFault, Unreadable
from grader.kinds import Call, _numerals
from grader.model import Check, Mistake, Question

# References are a teacher's own functions; deeper than this is a mistake in one.
_DEEPEST = 8

WORDS: Mapping[str, Any] = {
    "expect": {
        "type": "string",
        "minLength": 1,
        "description": "The reference function that returns the right answer: topic.function.",
    },
    "with": {
        "type": "object",
        "description": "Further arguments of the reference function, over what is given.",
    },
}
_PHRASES: Mapping[str, Any] = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]
}
IF_STATED: Mapping[str, Any] = {
    **_PHRASES,
    "description": "What the answer must say for this to count: base-10, or a phrase.",
}
UNLESS_STATED: Mapping[str, Any] = {
    **_PHRASES,
    "description": "What makes it no mistake when the answer says it: base-10, or phrases such as "
    "'without|no bias*', in which ... stands for a few words.",
}


def right(check: Check, question: Question, call: Call) -> Any:
    """Return the right value of a check, as plain lists, mappings and numbers."""
    if "expect" in check.options:
        return _called(check.options["expect"], check.options, question, call)
    return plain(check.options["value"])


def wrong(mistake: Mistake, check: Check, question: Question, call: Call) -> Any:
    """Return the value that a mistake leads to, or None where the rubric gives none.

    A mistake that only has `with` asks the check's own reference function.
    """
    if "value" in mistake.options:
        return plain(mistake.options["value"])
    name = mistake.options.get("expect")
    if name is None and "with" in mistake.options:
        name = check.options.get("expect")
    if name is None:
        return None
    arguments = {**check.options, **mistake.options}
    return _called(name, arguments, question, call)


def accepted(way: Mapping[str, Any], check: Check, question: Question, call: Call) -> Any:
    """Return the value of one entry of `accept`, given as a mistake's is."""
    return wrong(Mistake(id="", say="", credit=1.0, options=way), check, question, call)


def _called(name: str, options: Mapping[str, Any], question: Question, call: Call) -> Any:
    return plain(call(name, {**question.given, **options.get("with", {})}))


def plain(value: Any, depth: int = 0) -> Any:
    """Return what a reference gave as plain values: arrays become lists, tensors too."""
    if depth > _DEEPEST:
        raise ReferenceFault("the reference returned lists in lists without end")
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, depth + 1) for item in value]
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    if hasattr(value, "tolist"):
        return plain(value.tolist(), depth + 1)
    return _number(value)


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError) as cause:
        raise ReferenceFault(f"the reference returned {type(value).__name__}, no number") from cause
    if math.isnan(number):
        raise ReferenceFault("the reference returned NaN, which no answer can equal")
    return number


def scalar(value: Any) -> float:
    """Return a reference's value as one number; a text such as `ln 10` is computed."""
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, str):
        return _computed(value)
    if isinstance(value, list | dict | bool) or value is None:
        raise ReferenceFault(f"expected one number from the reference, found {value!r:.60}")
    return _number(value)


def _computed(text: str) -> float:
    from grader import formula

    words = {"inf": math.inf, "+inf": math.inf, "-inf": -math.inf, "infinity": math.inf}
    if text.strip().lower() in words:
        return words[text.strip().lower()]
    numerals = _numerals.read(text)
    if numerals:
        return numerals[0].value
    try:
        return _number(formula.value(text))
    except Unreadable as cause:
        raise ReferenceFault(f"the rubric's value '{text}' is no number: {cause}") from cause
