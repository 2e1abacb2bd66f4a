"""One submission behind the wall: its files executed, its functions called."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self, cast

import numpy as np

from grader import values
from grader.sandbox import outcomes, wire
from grader.sandbox.channel import Child, Output, Stop
from grader.sandbox.faults import Place, Trouble
from grader.sandbox.lockdown import Limits, MiB

_RESTARTS: Final = 3


@dataclass(frozen=True, slots=True)
class Defined:
    """A function or class that a file defines; a blank of the template is not `complete`.

    `keywords` are parameters that are only taken by name; `methods` are those of a class that
    extends no other.
    """

    name: str
    place: Place
    parameters: tuple[str, ...]
    complete: bool
    keywords: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of executing a student's files.

    `left_out` are shell lines and the like, which are not run in grading.
    """

    definitions: tuple[Defined, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    left_out: tuple[tuple[Place, str], ...] = ()

    @property
    def notes(self) -> list[str]:
        """Return a line for each trouble, and for each thing that was left out."""
        troubles = [outcomes.explain(outcomes.Raised(each)) for each in self.troubles]
        left_out = [
            values.clean(f"{outcomes.tell(place)}: not run in grading: {line}")
            for place, line in self.left_out
        ]
        return troubles + left_out


@dataclass(frozen=True, slots=True)
class Request:
    """What a session is opened with.

    `support` are modules that the rubric supplies, by name. `probe` is trusted Python, executed
    before the student's files; its functions can be asked for by name later and are given the
    loaded program (see loading.Program) before their own arguments. No part may hold an answer.
    Without `experiments`, statements that only try out the functions are passed over.
    """

    files: Sequence[tuple[str, bytes]]
    support: Mapping[str, str]
    probe: str
    limits: Limits
    experiments: bool = True


class Session:
    """One submission behind the wall; a child that ended is replaced by the next call."""

    def __init__(self, start: Callable[[Limits], Child], request: Request) -> None:
        self._start = start
        self._request = request
        self._child: Child | None = None
        self._loaded: Loaded | outcomes.Failure | None = None
        self._skip: list[tuple[str, int, str]] = []
        self._output = Output("", True)
        self.spent_seconds = 0.0
        """What calls, and loading anew for them, have taken so far."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.close()
        self._child = None

    @property
    def loaded(self) -> Loaded | outcomes.Failure:
        """Return what came of executing the files."""
        if self._loaded is None:
            self._revive()
        assert self._loaded is not None
        return self._loaded

    @property
    def output(self) -> Output:
        """Return what the code has printed so far, in the child that was asked last."""
        if self._child is not None:
            self._output = self._child.output()
        return self._output

    def call(
        self,
        name: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        seed: int = 0,
        cpu_seconds: float | None = None,
        which: str = "first",
        file: str | None = None,
    ) -> outcomes.Outcome:
        """Call the student's function `name` with copies of the arguments.

        Of several definitions across cells the first complete one counts, or the last one with
        `which="last"`; `file` restricts the search to one file.
        """
        words = {
            "name": name,
            "args": list(args),
            "named": dict(kwargs or {}),
            "seed": seed,
            "which": which,
            "file": file,
        }
        return self._ask("call", words, cpu_seconds)

    def probe(
        self,
        name: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        seed: int = 0,
        cpu_seconds: float | None = None,
        of: str = "",
        which: str = "first",
    ) -> outcomes.Outcome:
        """Call the function `name` of the session's probe with the program and the arguments.

        With `of`, the student's function of that name is given in place of the program.
        """
        words = {
            "name": name,
            "args": list(args),
            "named": dict(kwargs or {}),
            "seed": seed,
            "of": of,
            "which": which,
        }
        return self._ask("probe", words, cpu_seconds)

    def _ask(
        self, kind: str, words: Mapping[str, Any], cpu_seconds: float | None
    ) -> outcomes.Outcome:
        if self._child is not None and self._child.has_ended:
            self._bury(self._child)
        if self._is_spent:
            return outcomes.NotRun()
        is_of_all = kind == "probe" and not words["of"]
        child = self._child
        if child is None and not self._is_hopeless:
            child = self._revive(is_of_all=is_of_all)
        if child is None:
            return cast(outcomes.Failure, self._loaded)
        seconds = cpu_seconds or self._request.limits.cpu_seconds
        started = time.monotonic()
        outcome = self._answer(child, kind, words, seconds)
        # What only waits is cheap, but it must not wait for ever.
        self._charge(started, 2 * seconds if isinstance(outcome, outcomes.TimedOut) else seconds)
        return outcome

    def _answer(
        self, child: Child, kind: str, words: Mapping[str, Any], cpu_seconds: float
    ) -> outcomes.Outcome:
        try:
            message = child.ask(kind, words, cpu_seconds)
            return _outcome(message, words["name"])
        except Stop as stop:
            self._bury(child)
            return stop.failure
        except wire.Fault as fault:
            self._bury(child)
            return outcomes.ProtocolFault(str(fault))

    @property
    def _is_spent(self) -> bool:
        return self.spent_seconds >= self._request.limits.calls_seconds

    # What cannot be loaded today cannot be loaded in a second; only our own faults may pass.
    @property
    def _is_hopeless(self) -> bool:
        return self._loaded is not None and not isinstance(
            self._loaded, Loaded | outcomes.HarnessFault
        )

    def _bury(self, child: Child) -> None:
        self._output = child.output()
        child.close()
        self._child = None

    def _revive(self, *, is_of_all: bool = True) -> Child | None:
        """Return a child with the files loaded; without what killed the ones before it.

        What only tried out the functions was seen the first time; of use it is to a look at all.
        """
        is_first = self._loaded is None
        experiments = is_of_all or not isinstance(self._loaded, Loaded)
        for _ in range(_RESTARTS + 1):
            if self._is_spent and not is_first:
                return None
            started = time.monotonic()
            child = self._start(self._request.limits)
            last: list[tuple[str, int]] = []
            try:
                child.await_ready()
                self._loaded = self._load(child, last, experiments)
            except (Stop, wire.Fault) as stop:
                self._bury(child)
                failure = _failure(stop)
                self._loaded = failure
                if not last or isinstance(failure, outcomes.HarnessFault):
                    return None
                self._skip.append((*last[-1], outcomes.explain(failure)))
            else:
                self._child = child
                return child
            finally:
                self._charge(started, 0.0 if is_first else _load_seconds(self._request.limits))
                is_first = False
        return None

    def _charge(self, started: float, most: float) -> None:
        # A machine that is busy elsewhere must not use up a student's time.
        self.spent_seconds += min(time.monotonic() - started, most)

    def _load(self, child: Child, last: list[tuple[str, int]], experiments: bool) -> Loaded:
        def progress(body: Any) -> None:
            match body:
                case (str(file), int(number)):
                    last[:] = [(file, number)]
                case _:
                    raise wire.Fault("a place that is none")

        limits = self._request.limits
        fitting = [each for each in self._request.files if len(each[1]) <= limits.source_bytes]
        words = {
            "files": [(name, np.frombuffer(data, np.uint8)) for name, data in fitting],
            "support": dict(self._request.support),
            "probe": self._request.probe,
            "skip": self._skip,
            "experiments": experiments and self._request.experiments,
        }
        message = child.ask("load", words, _load_seconds(limits), progress)
        if message.kind == "fault" and not last:
            # No statement of the student's had been executed, so this is no forgery.
            raise Stop(outcomes.HarnessFault(str(message.body)))
        if message.kind != "loaded":
            raise wire.Fault("no report of loading")
        loaded = _read_loaded(message.body)
        too_large = [
            Trouble(
                "TooLarge", f"{len(data) // MiB} MiB are too much to read", Place(name), "broken"
            )
            for name, data in self._request.files
            if len(data) > limits.source_bytes
        ]
        return replace(loaded, troubles=(*too_large, *loaded.troubles))


# Honest code stops at its own limits; this one is for code that does not let itself stop.
def _load_seconds(limits: Limits) -> float:
    return limits.load_seconds + 2 * limits.statement_seconds


def _failure(stop: Stop | wire.Fault) -> outcomes.Failure:
    return stop.failure if isinstance(stop, Stop) else outcomes.ProtocolFault(str(stop))


def _outcome(message: wire.Message, name: str) -> outcomes.Outcome:
    body = message.body
    match message.kind:
        case "returned":
            if isinstance(body, wire.Opaque):
                return outcomes.Unsupported(body.type_name)
            return outcomes.Returned(body)
        case "raised":
            return _raised(_read_trouble(body))
        case "missing" if isinstance(body, list):
            return outcomes.NoSuchFunction(name, tuple(_text(each) for each in body))
        case "unsupported":
            return outcomes.Unsupported(_text(body))
    raise wire.Fault("an answer of no known kind")


def _raised(trouble: Trouble) -> outcomes.Outcome:
    if trouble.hint == "memory":
        return outcomes.OutOfMemory()
    if trouble.hint == "exit":
        return outcomes.Ended(f"exit status {trouble.message[:40] or 0}")
    return outcomes.Raised(trouble)


def _read_loaded(body: Any) -> Loaded:
    return Loaded(
        tuple(
            Defined(
                wire.field(each, "name", str),
                _read_place(wire.field(each, "place", dict)),
                tuple(_text(name) for name in wire.field(each, "parameters", list)),
                wire.field(each, "complete", bool),
                tuple(_text(name) for name in wire.field(each, "keywords", list)),
                tuple(_text(name) for name in wire.field(each, "methods", list)),
            )
            for each in wire.field(body, "definitions", list)
        ),
        tuple(_read_trouble(each) for each in wire.field(body, "troubles", list)),
        tuple(
            (_read_place(wire.field(each, "place", dict)), wire.field(each, "line", str))
            for each in wire.field(body, "left_out", list)
        ),
    )


def _read_trouble(body: Any) -> Trouble:
    return Trouble(
        wire.field(body, "type_name", str)[:80],
        wire.field(body, "message", str)[:500],
        _read_place(wire.field(body, "place", dict)),
        wire.field(body, "hint", str)[:20],
    )


def _read_place(body: Any) -> Place:
    return Place(
        wire.field(body, "file", str)[:200],
        wire.field(body, "cell", int),
        wire.field(body, "line", int),
    )


def _text(value: Any) -> str:
    if type(value) is not str:
        raise wire.Fault("something else where a text belongs")
    return value[:200]
