"""The kinds of answers: a file here is a kind, and its name is the kind's name in a rubric.

A kind is a module with

    SCHEMA                        the JSON Schema of its options in a rubric (type object)
    MISTAKE                       the JSON Schema of its own words in a mistake
    expect(check, question, call) -> want   the right value, through the same door as an answer;
                                  `call(name, given)` runs a reference function
    read(answer, check, question) -> got    raises errors.Unreadable; never any other exception
    judge(got, want, case)        -> model.Judgement, for a check worth one point; may raise
                                  errors.Unreadable where only comparing shows what is unclear
    show(want)                    -> str, the right answer as staff may read it
    EXAMPLE                       where answers are texts: a question with right and wrong ones

`read` may return None for an answer that is there but says nothing (blank, "I don't know").

A kind whose `expect` leaves the mistakes for later offers `mistakes(want)`, by which lint has them
worked out; it raises errors.ReferenceFault where one has no value.

A kind that judges code also offers

    calls(want)                   -> the calls whose values it wants from the student's code
    probe(want)                   -> trusted Python for the child, which holds no answer, or ""
    observe(run, check)           -> got, from a Run of those calls; None where nothing is there
    ONLY_CODE                     whether a text is no answer to it
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, Protocol, cast

from grader.model import Answer, Check, Judgement, Question

Call = Callable[[str, Mapping[str, Any]], Any]
"""Runs a reference function: `call("losses.cross_entropy", {"y": ..., "y_hat": ...})`."""


class Case(NamedTuple):
    """What a judge may look at beside the answer and the right value.

    `others` holds what was read for the question's other checks, as (kind, field) -> got.
    `charged` holds the `once` names of mistakes already charged in this submission, or stated in it
    as a convention, `kept` the
    conventions that the question's checks before this one were answered in.
    """

    check: Check
    question: Question
    others: Mapping[tuple[str, str], Any] = {}
    charged: frozenset[str] = frozenset()
    kept: Mapping[str, str] = {}


class Invocation(NamedTuple):
    """One call to a student's function, under any of its `names`, in the order of `arguments`.

    With `probe` the call goes to the function of that name in the check's probe, which is given
    the student's function before the arguments, or without `names` the loaded program. With
    `elementwise` a function that cannot take arrays is called for one number after the other.
    `also` are arguments, by name, for a function that cannot do without them. Where no function has
    one of the names, one of a similar name will do if `similar` says so. An argument that is an
    Invocation stands for what that call returns.
    """

    names: tuple[str, ...]
    arguments: Mapping[str, Any]
    seconds: float | None = None
    elementwise: bool = False
    probe: str = ""
    also: Mapping[str, Any] = {}
    similar: bool = False


class Run(NamedTuple):
    """What came of a check's calls, in their order (members of `grader.sandbox.outcomes`).

    `function` is the name that was found; `blank` says that it is the template's own stub.
    `assumed` tells how the call was fitted to the function, `missing` why there is none.
    `broken` is the file, with its trouble, that may have held what was not found.
    `method` is one of that name, in a class, which cannot be called by itself.
    `later` is what came of the last definitions, where some have several in different cells.
    `source` is the function as it was written, behind what it calls.
    """

    outcomes: tuple[Any, ...]
    function: str = ""
    blank: bool = False
    assumed: str = ""
    missing: str = ""
    answer: Answer | None = None
    fault: str | None = None
    broken: Answer | None = None
    method: str = ""
    later: Run | None = None
    source: str = ""


class Kind(Protocol):
    """What every module of this room offers."""

    SCHEMA: Mapping[str, Any]
    MISTAKE: Mapping[str, Any]

    def expect(self, check: Check, question: Question, call: Call) -> Any: ...

    def read(self, answer: Answer, check: Check, question: Question) -> Any: ...

    def judge(self, got: Any, want: Any, case: Case) -> Judgement: ...

    def show(self, want: Any) -> str: ...


class CodeKind(Kind, Protocol):
    """What a kind that judges code offers as well."""

    ONLY_CODE: bool

    def calls(self, want: Any) -> Sequence[Invocation]: ...

    def probe(self, want: Any) -> str: ...

    def observe(self, run: Run, check: Check) -> Any: ...


@cache
def names() -> tuple[str, ...]:
    """Return the names of all kinds, sorted."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(name for name in found if not name.startswith("_")))


@cache
def load(name: str) -> Kind:
    """Return the kind called `name`; KeyError where there is none."""
    if name.startswith("_") or not name.isidentifier() or name not in names():
        raise KeyError(name)
    return cast(Kind, importlib.import_module(f"{__name__}.{name}"))


def of_code(name: str) -> CodeKind | None:
    """Return the kind called `name` if it judges code, else None."""
    kind = load(name)
    return cast(CodeKind, kind) if hasattr(kind, "calls") else None


def takes_code(question: Question) -> bool:
    """Return whether a function may answer any check of a question."""
    ways = (way for check in question.checks for way in check.ways)
    return any(of_code(way.kind) is not None for way in ways)


def takes_text(question: Question) -> bool:
    """Return whether what is written may answer any check of a question."""
    ways = (way for check in question.checks for way in check.ways)
    return any((code := of_code(way.kind)) is None or not code.ONLY_CODE for way in ways)
