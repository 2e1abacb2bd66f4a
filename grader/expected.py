"""From a rubric to its right values: every reference is called once, and a fault is kept as one."""

from __future__ import annotations

import contextlib
import inspect
import io
import keyword
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from grader import course as courses
from grader import kinds
from grader.course import Course
from grader.errors import ReferenceFault
from grader.model import Check, Question, ReferenceAnswer, Rubric
from grader.schema import did_you_mean

_Function: TypeAlias = tuple[Callable[..., Any], Sequence[inspect.Parameter]]


class Expected:
    """The right values of one rubric, each had from its reference when it is first asked for."""

    def __init__(self, rubric: Rubric, course: Course) -> None:
        self._rubric = rubric
        self._course = course
        self._wants: dict[int, Any] = {}
        self._functions: dict[str, _Function] = {}

    def want(self, check: Check, question: Question) -> Any:
        """Return the right value of a check; raise ReferenceFault where it cannot be had."""
        key = id(check)
        if key not in self._wants:
            try:
                self._wants[key] = kinds.load(check.kind).expect(check, question, self.call)
            except ReferenceFault as fault:
                self._wants[key] = fault
        want = self._wants[key]
        if isinstance(want, ReferenceFault):
            raise want
        return want

    def call(self, name: str, given: Mapping[str, Any]) -> Any:
        """Run the reference function `topic.function` on those of `given` that it takes."""
        function, parameters = self._known(name)
        arguments = _arguments(name, parameters, _spelled(given))
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            try:
                value = function(**arguments)
            except (Exception, SystemExit) as fault:  # a teacher's function may raise anything
                raise ReferenceFault(f"{name} raised {type(fault).__name__}: {fault}") from fault
        if printed.getvalue():
            raise ReferenceFault(f"{name} printed something; a reference only returns its value")
        return value

    def function(self, name: str) -> Callable[..., Any]:
        """Return the reference function `topic.function`."""
        topic, dot, attribute = name.partition(".")
        if not dot:
            raise ReferenceFault(f"'{name}' is no reference: expected topic.function")
        module = courses.load_topic(self._course, topic)
        function = getattr(module, attribute, None)
        if not callable(function) or attribute.startswith("_"):
            if attribute in vars(module) and not attribute.startswith("_"):
                raise ReferenceFault(f"'{attribute}' in {topic}.py is no function")
            known = [each for each, value in vars(module).items() if callable(value)]
            known = [each for each in known if not each.startswith("_")]
            raise ReferenceFault(
                f"{topic}.py has no function '{attribute}'{did_you_mean(attribute, known)}"
            )
        return function  # type: ignore[no-any-return]  # a module attribute is Any

    def _known(self, name: str) -> _Function:
        """Return a function with its parameters; it is called for many values."""
        if name not in self._functions:
            function = self.function(name)
            parameters = tuple(inspect.signature(function).parameters.values())
            self._functions[name] = function, parameters
        return self._functions[name]

    def answers(self) -> list[ReferenceAnswer]:
        """Return the right answer of every check, as staff may read it."""
        return [
            self._answer(question, check)
            for question in self._rubric.questions
            for check in question.checks
        ]

    def _answer(self, question: Question, check: Check) -> ReferenceAnswer:
        try:
            want = self.want(check, question)
        except ReferenceFault as fault:
            return ReferenceAnswer(question, check, "", fault=str(fault))
        return ReferenceAnswer(question, check, kinds.load(check.kind).show(want))


def _spelled(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return `given` as Python can spell it: `lambda` is the argument `lambda_`."""
    return {f"{key}_" if keyword.iskeyword(key) else key: item for key, item in given.items()}


def _arguments(
    name: str, parameters: Sequence[inspect.Parameter], given: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return those of `given` that a function takes; every one that it needs must be there."""
    if any(each.kind is each.VAR_KEYWORD for each in parameters):
        return given
    missing = [
        each.name
        for each in parameters
        if each.default is each.empty
        and each.name not in given
        and each.kind is not each.VAR_POSITIONAL
    ]
    if missing:
        raise ReferenceFault(
            f"{name} needs {', '.join(missing)}, which is not among "
            f"what is given ({', '.join(given) or 'nothing'})"
        )
    return {each.name: given[each.name] for each in parameters if each.name in given}
