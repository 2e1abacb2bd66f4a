"""The kinds of answers: a file here is a kind, and its name is the kind's name in a rubric.

A kind is a module with

    SCHEMA                        the JSON Schema of its options in a rubric (type object)
    MISTAKE                       the JSON Schema of its own words in a mistake
    expect(check, question, call) -> want   the right value, through the same door as an answer;
                                  `call(name, given)` runs a reference function
    read(answer, check, question) -> got    raises errors.Unreadable; never any other exception
    judge(got, want, case)        -> model.Judgement, for a check worth one point
    show(want)                    -> str, the right answer as staff may read it
    EXAMPLE                       a small rubric question with right and wrong answers

`read` may return None for an answer that is there but says nothing (blank, "I don't know").
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from grader.model import Answer, Check, Judgement, Question

Call = Callable[[str, Mapping[str, Any]], Any]
"""Runs a reference function: `call("losses.cross_entropy", {"y": ..., "y_hat": ...})`."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a judge may look at beside the answer and the right value.

    `others` holds what was read for the question's other checks, as (kind, field) -> got.
    `charged` holds the `once` names of mistakes already charged in this submission.
    """

    check: Check
    question: Question
    others: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    charged: frozenset[str] = frozenset()


class Kind(Protocol):
    """What every module of this room offers."""

    SCHEMA: Mapping[str, Any]
    MISTAKE: Mapping[str, Any]

    def expect(self, check: Check, question: Question, call: Call) -> Any: ...

    def read(self, answer: Answer, check: Check, question: Question) -> Any: ...

    def judge(self, got: Any, want: Any, case: Case) -> Judgement: ...

    def show(self, want: Any) -> str: ...


def names() -> list[str]:
    """Return the names of all kinds, sorted."""
    return sorted(
        module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")
    )


def load(name: str) -> Kind:
    """Return the kind called `name`; KeyError where there is none."""
    if name.startswith("_") or not name.isidentifier() or name not in names():
        raise KeyError(name)
    return cast(Kind, importlib.import_module(f"{__name__}.{name}"))
