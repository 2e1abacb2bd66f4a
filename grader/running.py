"""Student code, run behind the wall: the calls that checks ask for, and what came of them."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from grader import kinds
from grader.errors import ReferenceFault
from grader.expected import Expected
from grader.kinds import Invocation, Run
from grader.model import Answer, Check, Place, Question, Rubric, SourceFile
from grader.sandbox import outcomes, sources
from grader.sandbox import run as sandboxes
from grader.sandbox.faults import Trouble
from grader.sandbox.lockdown import Limits, MiB
from grader.sandbox.session import Defined, Loaded, Session

# What is asked for takes a few milliseconds, training aside.
_HURRY = 2.0
# A function that takes no arrays is called for so many numbers at the most.
_MOST_ELEMENTS = 1024
# Of so many dictionaries among the arguments it is tried whether a tuple was meant.
_DICTS = 2
# Beginnings of words that any function's name may have.
_SAY_LITTLE = {"comp", "calc", "func", "test", "make", "with", "from", "help"}


@dataclass(frozen=True, slots=True)
class Runs:
    """What came of all calls, by question id and field; what to say of the wall and the files."""

    runs: Mapping[tuple[str, str], Run] = field(default_factory=dict)
    sandbox: str = "none needed"
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Needs:
    """What a session is opened with beside the files; checks that need the same share one."""

    probe: str = ""
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class _Asked:
    question: Question
    check: Check
    kind: kinds.CodeKind


def run(
    rubric: Rubric,
    code: Sequence[SourceFile],
    expected: Expected,
    open_sandbox: Callable[[], sandboxes.Sandbox],
    only: Sequence[str] = (),
) -> Runs:
    """Run what a submission's code is asked for; without code, or questions about it, nothing."""
    asked = list(_asked(rubric, only))
    if not asked or not code:
        return Runs()
    try:
        sandbox = open_sandbox()
    except sandboxes.NoWall as refusal:
        fault = Run((), fault=str(refusal))
        none = {(each.question.id, each.check.field): fault for each in asked}
        return Runs(none, sandbox="none to be had: code was not run")
    support = {name: str(expected.call(source, {})) for name, source in rubric.support.items()}
    files = [(file.name, file.data) for file in code]
    names = [tuple(_function_names(each.check)) for each in _asked(rubric, ())]
    runs: dict[tuple[str, str], Run] = {}
    warnings: list[str] = []
    spent_seconds = 0.0
    for needs, group in _by_needs(asked, expected).items():
        left = needs.limits.calls_seconds - spent_seconds
        limits = replace(needs.limits, calls_seconds=left)
        with sandbox.session(files, limits=limits, support=support, probe=needs.probe) as session:
            warnings += [line for line in _complaints(session.loaded) if line not in warnings]
            runs |= _in_turns(group, expected, session, names)
        spent_seconds += session.spent_seconds
    known = sources.functions(files)
    runs = {
        key: run._replace(source=sources.with_calls(run.function, known))
        for key, run in runs.items()
    }
    return Runs(runs, sandbox.describe(), tuple(warnings))


def _in_turns(
    group: Sequence[_Asked], expected: Expected, session: Session, names: Sequence[Sequence[str]]
) -> dict[tuple[str, str], Run]:
    """Return what came of each check's calls.

    Everything is called in a hurry first, so that what never ends takes no time from the rest;
    then again what that was too short for, and last the last of several definitions.
    """
    found: dict[tuple[str, str], Run] = {}
    called: dict[tuple[str, str], Sequence[Invocation]] = {}
    loaded = session.loaded
    for each in group:
        # What asks for no calls is answered otherwise, such as by a picture.
        if calls := each.kind.calls(expected.want(each.check, each.question)):
            called[each.question.id, each.check.field] = calls
    if isinstance(loaded, outcomes.HarnessFault):
        return dict.fromkeys(called, Run((), fault=loaded.what))
    if not isinstance(loaded, Loaded):
        return dict.fromkeys(called, Run((loaded,)))
    hurried = _Code(loaded, session, names, most_seconds=_HURRY)
    # What looks at the program comes before what may bring it down.
    for key, calls in sorted(called.items(), key=lambda each: not _is_of_all(each[1])):
        found[key] = _called(calls, hurried)._replace(broken=_broken(calls[0].names, loaded))
    patient = replace(hurried, most_seconds=None)
    slow = [key for key, run in found.items() if _was_too_short(called[key], run)]
    for key in slow:
        found[key] = _called(called[key], patient)._replace(broken=found[key].broken)
    for key, calls in called.items() if hurried.has_several else ():
        if not _is_of_all(calls):
            code = replace(patient if key in slow else hurried, which="last")
            found[key] = found[key]._replace(later=_called(calls, code))
    return found


def _is_of_all(calls: Sequence[Invocation]) -> bool:
    """Return whether the program as a whole is looked at, and no function of it is called."""
    return any(call.probe and not call.names for call in calls)


def _was_too_short(calls: Sequence[Invocation], run: Run) -> bool:
    """Return whether code was stopped that the rubric gives more time."""
    has_more = any(each.seconds is None or each.seconds > _HURRY for each in calls)
    return has_more and any(isinstance(each, outcomes.TimedOut) for each in run.outcomes)


def _asked(rubric: Rubric, only: Sequence[str]) -> Iterator[_Asked]:
    for question in rubric.questions:
        if only and question.id not in only:
            continue
        for check in question.checks:
            for way in check.ways:
                kind = kinds.of_code(way.kind)
                if kind is not None:
                    yield _Asked(question, way, kind)


def _function_names(check: Check) -> Iterator[str]:
    named = check.options.get("name", ())
    yield from (named,) if isinstance(named, str) else named


def _by_needs(asked: Sequence[_Asked], expected: Expected) -> Mapping[_Needs, Sequence[_Asked]]:
    """Return the checks by what their session needs; what needs nothing joins another's."""
    groups: dict[_Needs, list[_Asked]] = {}
    for each in asked:
        try:
            probe = each.kind.probe(expected.want(each.check, each.question))
        except ReferenceFault:
            continue  # grading asks for the same right value, and reports the fault
        limits = _limits(each.check.options.get("limits", {}))
        groups.setdefault(_Needs(probe, limits), []).append(each)
    plain = groups.pop(_Needs(), None)
    if plain is not None:
        groups.setdefault(next(iter(groups), _Needs()), []).extend(plain)
    return groups


def _limits(words: Mapping[str, float]) -> Limits:
    limits = Limits()
    return replace(
        limits,
        statement_seconds=words.get("statement_seconds", limits.statement_seconds),
        load_seconds=words.get("load_seconds", limits.load_seconds),
        memory_bytes=int(words.get("memory_mib", limits.memory_bytes / MiB) * MiB),
    )


@dataclass(frozen=True, slots=True)
class _Code:
    """What a student handed in, loaded; of several definitions the `which` ("first", "last") count.

    `asked` are the names of each function that the rubric asks for. With `most_seconds` no call
    may take longer, whatever the rubric allows it.
    """

    loaded: Loaded
    session: Session
    asked: Sequence[Sequence[str]]
    which: str = "first"
    most_seconds: float | None = None

    def ask(
        self, name: str, args: Sequence[Any], named: Mapping[str, Any], seconds: float | None
    ) -> outcomes.Outcome:
        """Call the function `name`."""
        seconds = self._patience(seconds)
        return self.session.call(name, args, named, cpu_seconds=seconds, which=self.which)

    def probe(self, call: Invocation, of: str = "") -> outcomes.Outcome:
        """Ask the probe about the function `of`, or about the whole program."""
        seconds = self._patience(call.seconds)
        return self.session.probe(
            call.probe, (), call.arguments, cpu_seconds=seconds, of=of, which=self.which
        )

    def _patience(self, seconds: float | None) -> float | None:
        """Return how long a call may take that the rubric gives so many seconds, if any."""
        if self.most_seconds is None:
            return seconds
        return self.most_seconds if seconds is None else min(seconds, self.most_seconds)

    @property
    def has_several(self) -> bool:
        """Return whether some function was written more than once, in different cells."""
        cells = Counter(
            {(each.name, each.place) for each in self.loaded.definitions if each.complete}
        )
        names = Counter((name, place.file) for name, place in cells if place.cell)
        return any(count > 1 for count in names.values())


def _called(calls: Sequence[Invocation], code: _Code) -> Run:
    """Make all calls, in the form in which the first of them can be made."""
    first = _call(calls[0], code)
    tuples = _tuples(calls[0], first, code)
    if tuples:
        calls = [_with_tuples(each, tuples) for each in calls]
        first = _call(calls[0], code)
    found = [first]
    for before, each in itertools.pairwise(calls):
        found.append(found[-1] if _never_ends(before, found[-1]) else _call(each, code))
    how = [run.assumed for run in found if run.assumed]
    how += [f"called with {' and '.join(tuples)} as a tuple"] if tuples else []
    fault = next((each.what for run in found for each in run.outcomes if _is_fault(each)), None)
    return Run(
        outcomes=tuple(outcome for run in found for outcome in run.outcomes),
        function=first.function,
        blank=first.blank,
        assumed="; ".join(dict.fromkeys(how)),
        missing=first.missing,
        method=first.method,
        answer=first.answer,
        fault=fault,
    )


def _never_ends(call: Invocation, run: Run) -> bool:
    """Return whether a function had to be stopped: called again, it would only take that long."""
    is_its_own = not any(isinstance(value, Invocation) for value in call.arguments.values())
    return is_its_own and any(isinstance(each, outcomes.STOPPED) for each in run.outcomes)


def _broken(names: Sequence[str], loaded: Loaded) -> Answer | None:
    """Return the file that may hold these functions and could not be read; None if there is none.

    A file is broken as a whole, or in the function itself, or in all that could define anything.
    """
    for trouble in loaded.troubles:
        is_text = trouble.hint == "syntax" and not loaded.definitions
        if trouble.hint == "broken" or is_text or _keeps_out(trouble, names):
            why = outcomes.explain(outcomes.Raised(trouble))
            return Answer(None, "", Place(trouble.place.file), why)
    return None


def _keeps_out(trouble: Trouble, names: Sequence[str]) -> bool:
    """Return whether an error of syntax stands in a function of one of these names."""
    inside = trouble.message.rpartition(", in ")[2].split(", ")
    return trouble.hint == "syntax" and not {*map(_plain, inside)}.isdisjoint(map(_plain, names))


def _is_fault(outcome: outcomes.Outcome) -> bool:
    return isinstance(outcome, outcomes.HarnessFault)


def _call(call: Invocation, code: _Code) -> Run:
    if call.probe and not call.names:
        return Run((code.probe(call),))
    defined = _named(call.names, code)
    if defined is None and call.similar and not _broken(call.names, code.loaded):
        defined = _similar(call.names, code)
    if defined is None:
        method = _method(call.names, code.loaded)
        return Run((), missing=_why_missing(call.names, code.loaded), method=method)
    cell = defined.place.cell
    # A line of a cell would be looked for in the file
    place = Place(defined.place.file, None if cell else defined.place.line or None)
    shown = f"def {defined.name}({', '.join(defined.parameters)})"
    answer = Answer(None, f"{shown}  # code cell {cell}" if cell else shown, place)
    if not defined.complete:
        return Run((), defined.name, blank=True, missing="It was left blank.", answer=answer)
    if call.probe:
        return Run((code.probe(call, defined.name),), defined.name, answer=answer)
    arguments, before = _arguments(call, code)
    if before is not None:
        return before._replace(function=defined.name, answer=answer)
    call = call._replace(arguments=arguments)
    outcome, assumed = _ask(defined, call, code)
    if call.elementwise and not isinstance(outcome, (outcomes.Returned, *outcomes.STOPPED)):
        outcome = _one_by_one(defined.name, call, code) or outcome
    if _plain(defined.name) not in map(_plain, call.names):
        assumed = "; ".join(filter(None, [f"found under the name {defined.name}", assumed]))
    return Run((outcome,), defined.name, assumed=assumed, answer=answer)


def _tuples(call: Invocation, run: Run, code: _Code) -> tuple[str, ...]:
    """Return which dictionaries a function that raised an error takes as tuples, if any."""
    failed = [each for each in run.outcomes if isinstance(each, outcomes.Raised)]
    if not failed or failed[0].trouble.hint:
        return ()
    dicts = [name for name, value in call.arguments.items() if isinstance(value, dict)][:_DICTS]
    for count in range(1, len(dicts) + 1):
        for names in itertools.combinations(dicts, count):
            again = _call(_with_tuples(call, names), code).outcomes
            if again and isinstance(again[0], outcomes.Returned):
                return names
    return ()


def _with_tuples(call: Invocation, names: Sequence[str]) -> Invocation:
    tuples = {name: tuple(call.arguments[name].values()) for name in names}
    return call._replace(arguments={**call.arguments, **tuples})


def _ask(defined: Defined, call: Invocation, code: _Code) -> tuple[outcomes.Outcome, str]:
    args, named, assumed = _fitted(defined, call.arguments, call.also)
    outcome = code.ask(defined.name, args, named, call.seconds)
    if call.also and _lacks_arguments(outcome):
        free = [*defined.parameters[len(args) :], *defined.keywords]
        free = [name for name in free if name not in named]
        more = _by_name_then_order(free, {name: name for name in call.also})
        values = {own: call.also[name] for own, name in more.items()}
        outcome = code.ask(defined.name, args, {**named, **values}, call.seconds)
        assumed = f"called with {', '.join(more.values())} as well"
    return outcome, assumed


def _arguments(call: Invocation, code: _Code) -> tuple[Mapping[str, Any], Run | None]:
    """Return the arguments, those that are calls themselves as values; or the call that failed."""
    arguments = dict(call.arguments)
    for name, inner in call.arguments.items():
        if not isinstance(inner, Invocation):
            continue
        run = _call(inner, code)
        outcome = run.outcomes[0] if run.outcomes else outcomes.NoSuchFunction(inner.names[0], ())
        if not isinstance(outcome, outcomes.Returned):
            return arguments, Run((outcome,))
        arguments[name] = _as_array(outcome.value)
    return arguments, None


def _as_array(value: Any) -> Any:
    """Return what was computed number by number as an array, for the function that takes it on."""
    if not isinstance(value, list):
        return value
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):  # no numbers, or ragged
        return value


def _named(names: Sequence[str], code: _Code) -> Defined | None:
    """Return the definition that a call means; spelled alike will do, where it is the only one.

    Of several, the first complete one or the last: by that rule the child chooses, too.
    """
    definitions = code.loaded.definitions
    for wanted in names:
        same = [each for each in definitions if each.name == wanted]
        if same:
            complete = [each for each in same if each.complete] or same[:1]
            return complete[0] if code.which == "first" else complete[-1]
    plain = {_plain(name) for name in names}
    alike = [each for each in definitions if _plain(each.name) in plain]
    return alike[0] if len({each.name for each in alike}) == 1 else None


def _plain(name: str) -> str:
    return name.replace("_", "").casefold()


def _similar(names: Sequence[str], code: _Code) -> Defined | None:
    """Return the function whose name has most in common with these, and less with any others."""
    known = {_plain(name) for group in code.asked for name in group}
    best: tuple[float, Defined | None] = (0.0, None)
    for each in code.loaded.definitions:
        likeness = _likeness(each.name, names)
        fits = each.complete and each.parameters and _plain(each.name) not in known
        if fits and likeness > best[0] and likeness >= _likeness(each.name, *code.asked):
            best = (likeness, each)
    return best[1]


def _likeness(name: str, *groups: Sequence[str]) -> float:
    """Return how many words two names share by their beginnings, of those that either has."""
    own = _stems(name)
    others = [_stems(wanted) for group in groups for wanted in group]
    return max((len(own & each) / len(own | each) for each in others if own | each), default=0.0)


def _stems(name: str) -> set[str]:
    words = re.findall(r"[A-Z]?[a-z]+", name)
    return {word[:4].lower() for word in words if len(word) >= 4} - _SAY_LITTLE


def _method(names: Sequence[str], loaded: Loaded) -> str:
    """Return the method that bears one of the names, as Class.method; '' where none does."""
    plain = {_plain(name) for name in names}
    found = (
        f"{each.name}.{method}"
        for each in loaded.definitions
        for method in each.methods
        if _plain(method) in plain
    )
    return next(found, "")


def _why_missing(names: Sequence[str], loaded: Loaded) -> str:
    for trouble in loaded.troubles:
        if _keeps_out(trouble, names):
            return f"{names[0]} {outcomes.explain(outcomes.Raised(trouble))}."
    known = ", ".join(dict.fromkeys(each.name for each in loaded.definitions)) or "nothing"
    return f"No function {names[0]} was found; defined: {known}."


def _lacks_arguments(outcome: outcomes.Outcome) -> bool:
    if not isinstance(outcome, outcomes.Raised):
        return False
    trouble = outcome.trouble
    return trouble.type_name == "TypeError" and "required " in trouble.message


def _fitted(
    defined: Defined, arguments: Mapping[str, Any], also: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any], str]:
    """Fit the arguments to the parameters: by name where it has those names, the rest in order."""
    further = {_plain(name) for name in also} - {_plain(name) for name in arguments}
    takes = [*defined.parameters, *defined.keywords]
    own = [name for name in takes if _plain(name) not in further]
    names = [_plain(name) for name in arguments]
    start = defined.parameters[: len(names)]
    if not takes or [_plain(name) for name in start] == names:
        return list(arguments.values()), {}, ""
    values = _by_name_then_order(own, arguments)
    if [_plain(name) for name in values] == names:
        return [], values, ""
    if len(values) < len(arguments):
        return [], values, f"called with no more than {', '.join(values)}, which is what it takes"
    return [], values, f"called with {', '.join(values)} in its own order"


def _by_name_then_order(own: Sequence[str], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments by a function's own names, those of other names in their order."""
    known = {_plain(name): name for name in arguments}
    taken = {name: known[_plain(name)] for name in own if _plain(name) in known}
    free = [name for name in own if name not in taken]
    left = [name for name in arguments if name not in taken.values()]
    taken |= dict(zip(free, left, strict=False))
    return {name: arguments[taken[name]] for name in own if name in taken}


def _one_by_one(name: str, call: Invocation, code: _Code) -> outcomes.Outcome | None:
    """Call a function that takes no arrays for each number; None where that fails as well."""
    shape = np.broadcast_shapes(*(np.shape(value) for value in call.arguments.values()))
    columns = [np.broadcast_to(value, shape).ravel() for value in call.arguments.values()]
    if not shape or columns[0].size > _MOST_ELEMENTS:
        return None
    values = []
    for row in zip(*columns, strict=True):
        outcome = code.ask(name, [each.item() for each in row], {}, call.seconds)
        if not isinstance(outcome, outcomes.Returned):
            return None
        values.append(outcome.value)
    return outcomes.Returned(values)


def _complaints(loaded: Loaded | outcomes.Failure) -> Iterator[str]:
    if not isinstance(loaded, Loaded):
        yield f"the code {outcomes.explain(loaded)}"
        return
    for trouble in loaded.troubles:
        yield f"while loading: {outcomes.explain(outcomes.Raised(trouble))}"
    for place, line in loaded.left_out:
        yield f"not run in grading: {line} ({place.file})"
