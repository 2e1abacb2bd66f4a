"""Do the references run: every one, twice the same, quickly; and is all that is given used."""

from __future__ import annotations

import contextlib
import copy
import inspect
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import numpy as np

from grader import kinds
from grader.errors import ReferenceFault
from grader.expected import Expected
from grader.lint.bench import Bench, Spot
from grader.lint.notes import Note
from grader.model import Mistake
from grader.schema import Path, did_you_mean

# The rule that says that a check has no right value.
FAILS = "reference-fails"

# The keys under which a rubric names reference functions.
_NAMING = ("expect", "inputs", "at", "by", "by_all", "probe", "of")
# What becomes of an answer in which factors cannot be multiplied, and so of such a mistake.
_SHAPES = "leave this mistake out: an answer whose shapes do not fit is told so, and earns nothing"
# Stands for every parameter of a function that takes any.
_ANYTHING = "**"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one call of a reference may take: to go without remark, and at all."""

    slow_seconds: float = 2.0
    most_seconds: float = 30.0


PATIENCE = Patience()


@dataclass(slots=True)
class _Watched:
    """Calls references twice, and keeps what there is to say of them."""

    expected: Expected
    patience: Patience
    names: list[str] = field(default_factory=list)
    slow: dict[str, float] = field(default_factory=dict)
    stuck: dict[str, ReferenceFault] = field(default_factory=dict)
    fickle: set[str] = field(default_factory=set)
    meddling: set[str] = field(default_factory=set)

    def call(self, name: str, given: Mapping[str, Any]) -> Any:
        """Run a reference function, as the kinds do."""
        if name in self.stuck:
            raise self.stuck[name]  # it had its time, and would take it again
        known = name in self.names
        self.names.append(name)
        before = None if known else copy.deepcopy(given)
        with at_most(self.patience.most_seconds):
            self.expected.function(name)  # to import its libraries is not its own time
            imported = len(sys.modules)
            value, took = self._timed(name, given)
            if took > self.patience.slow_seconds and len(sys.modules) > imported:
                value, took = self._timed(name, given)
        if took > self.patience.slow_seconds:
            self.slow[name] = max(took, self.slow.get(name, 0.0))
        if before is not None and not _same(before, given):
            self.meddling.add(name)
        # A formula asks at many samples: each function is called twice for the first of them.
        is_quick = took < self.patience.slow_seconds
        if is_quick and before is not None and not _same(value, self.expected.call(name, before)):
            self.fickle.add(name)
        return value

    def _timed(self, name: str, given: Mapping[str, Any]) -> tuple[Any, float]:
        began = time.monotonic()
        try:
            value = self.expected.call(name, given)
        except ReferenceFault as fault:
            if time.monotonic() - began >= self.patience.most_seconds:
                self.stuck[name] = fault
            raise
        return value, time.monotonic() - began


def notes(bench: Bench, patience: Patience) -> Iterator[Note]:
    """Yield what is wrong with the references of a rubric."""
    for question in bench.rubric.questions:
        used: set[str] = set()
        for spot in bench.spots(question):
            watched = _Watched(bench.expected, patience)
            yield from _faults(spot, watched)
            yield from _manners(spot, watched)
            used |= _parameters(bench.expected, [*watched.names, *_named(spot.check.options)])
            for mistake in spot.check.mistakes:
                used |= _parameters(bench.expected, _named(mistake.options))
            yield from _strange_arguments(spot, bench.expected)
        for name in question.given:
            if not used & {name, f"{name}_", _ANYTHING}:
                yield Note(
                    "given-unused",
                    (*bench.at(question), "given", name),
                    f"no reference of {question.id} takes '{name}'"
                    f"{did_you_mean(name, used - set(question.given) - {_ANYTHING})}",
                    "rename it, or leave it out",
                    is_error=False,
                )


def _strange_arguments(spot: Spot, expected: Expected) -> Iterator[Note]:
    """Yield what `with` says that no function of its check takes: it would be left out silently."""
    own = list(_named(spot.check.options))
    places = [((*spot.body, "with"), spot.check.options)]
    for index, mistake in enumerate(spot.check.mistakes):
        places.append(((*spot.at, "mistakes", index, "with"), mistake.options))
    for index, way in enumerate(spot.check.options.get("accept", ())):
        places.append(((*spot.body, "accept", index, "with"), way))
    for at, options in places:
        names = [*_named(options), *([] if "expect" in options else own)]
        taken = _parameters(expected, names)
        for key in options.get("with", ()) if _ANYTHING not in taken else ():
            if not taken & {key, f"{key}_"}:
                yield Note(
                    "with-unknown",
                    (*at, key),
                    f"{' and '.join(dict.fromkeys(names)) or 'no function'} "
                    f"takes no argument '{key}'{did_you_mean(key, taken)}",
                    f"it takes {', '.join(sorted(taken)) or 'none'}",
                )


# --- faults ------------------------------------------------------------------------------------


def _faults(spot: Spot, watched: _Watched) -> Iterator[Note]:
    """Yield why a right value cannot be had; of the mistakes, each that is at fault by itself."""
    if _fault(spot, spot.check.mistakes, watched) is None:
        return
    fault = _fault(spot, (), watched)
    if fault is not None:
        name = str(spot.check.options.get("expect", ""))
        yield _note(fault if name in fault else f"{name}: {fault}", spot.body)
        yield from _missing(spot, watched.expected)
        return
    for index, mistake in enumerate(spot.check.mistakes):
        fault = _fault(spot, (mistake,), watched)
        if fault is not None:
            yield _note(fault, (*spot.at, "mistakes", index), mistake)


def _fault(spot: Spot, mistakes: Sequence[Mistake], watched: _Watched) -> str | None:
    check = spot.check._replace(mistakes=tuple(mistakes))
    try:
        kind = kinds.load(check.kind)
        want = kind.expect(check, spot.question, watched.call)
        kind.show(want)
        if hasattr(kind, "mistakes"):
            kind.mistakes(want)
    except ReferenceFault as fault:
        return str(fault)
    except SystemExit:
        return "a reference raised SystemExit, which would end the grading"
    except Exception as fault:  # a teacher's function may return anything at all
        return (
            f"the kind '{check.kind}' can make nothing of what the reference returns "
            f"({type(fault).__name__}: {fault})"
        )
    return None


def _missing(spot: Spot, expected: Expected) -> Iterator[Note]:
    """Yield the mistakes' functions that are not there; their values could not be asked for."""
    for index, mistake in enumerate(spot.check.mistakes):
        for name in _named(mistake.options):
            try:
                expected.function(name)
            except ReferenceFault as fault:
                yield _note(str(fault), (*spot.at, "mistakes", index, "expect"))


def _note(fault: str, at: Path, mistake: Mistake | None = None) -> Note:
    who = f"the mistake '{mistake.id}': " if mistake and f"'{mistake.id}'" not in fault else ""
    remedies = {
        # Which words a fault holds, the special before the general.
        "\f": "put the formula between single quotes: in double ones a backslash is an escape",
        "\b": "put the formula between single quotes: in double ones a backslash is an escape",
        "is not known here; known": "declare it under 'symbols', or correct its name",
        "no reference: expected": "name the file and the function in it",
        "is no number": "write a number, or a computation such as 'ln 10'",
        "cannot be multiplied": _SHAPES if mistake else "look at the shapes of its letters",
        "cannot be added": _SHAPES if mistake else "look at the shapes of its letters",
        "cannot be read": "correct the formula",
        "the formula": "correct the formula",
        "none of the options": "correct the option, or list it under 'of'",
        "expected one number": "return one number, or ask for an array or a table",
        "differ in length": "give each row as many entries",
        "is no row": "correct the name of the row",
        "there is no entry": "entries are counted from 1",
        "the kind 'grid'": "let 'at' return a list of mappings from the variables to arrays, "
        "and 'expect' the signs there",
        "raised": "mend the function, or what it is given",
        "printed": "take the print out",
        "NaN": "a reference returns a number, or infinity",
        "no reference topic": "write the file in the folder reference/ beside or above the rubric",
        "has no function": "write it, or correct its name",
        "is no function": "write a function that returns it",
        "nothing can answer this": "add one of the three",
        "is not among what is given": "put it under 'given', or under 'with' of the check",
        "differs from the reference": "one of the two is wrong: work a small case out by hand",
        "no value on some samples": "say which values the letters take, such as positive",
        **dict.fromkeys(
            ("can make nothing", "could not convert", "inhomogeneous", "no number", "expected"),
            "return a number, a list, an array or a mapping of such",
        ),
    }
    remedy = next((say for word, say in remedies.items() if word in fault), "")
    return Note(FAILS, at, who + _visible(fault), remedy)


def _visible(text: str) -> str:
    """Return a text with the signs that YAML's double quotes made of a backslash shown as such."""
    return text.replace("\f", r"\f").replace("\b", r"\b").replace("\t", r"\t").replace("\r", r"\r")


# --- manners -----------------------------------------------------------------------------------


def _manners(spot: Spot, watched: _Watched) -> Iterator[Note]:
    for name in sorted(watched.fickle):
        yield Note(
            "reference-fickle",
            spot.body,
            f"{name} returns another value when it is called again",
            "fix the seed inside it: np.random.default_rng(0)",
        )
    for name in sorted(watched.meddling):
        yield Note(
            "reference-changes-given",
            spot.body,
            f"{name} changes what it is given, and so what the next function is given",
            "let it work on a copy: np.array(x)",
        )
    for name, took in watched.slow.items():
        yield Note(
            "reference-slow",
            spot.body,
            f"{name} took {took:.1f} s",
            "compute less, or keep the result as a number in the rubric",
            is_error=False,
        )


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in the block after so long; only the main thread can be interrupted."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"no value within {seconds:g} seconds")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _same(one: Any, other: Any) -> bool:
    """Return whether two values of a reference are the same, whatever they are made of."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if hasattr(one, "detach") and hasattr(other, "detach"):
        return _same(one.detach().cpu().numpy(), other.detach().cpu().numpy())
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        is_float = one.dtype.kind in "fc" and other.dtype.kind in "fc"
        return np.array_equal(one, other, equal_nan=is_float)
    if isinstance(one, float) and isinstance(other, float) and one != one:
        return other != other
    # Objects without an equality of their own are never equal to another, and say nothing.
    plain = isinstance(one, str | bytes | bool | int | float | complex | np.generic) or one is None
    return type(one) is type(other) and (not plain or bool(one == other))


# --- names -------------------------------------------------------------------------------------


def _named(options: Mapping[str, Any]) -> Iterator[str]:
    """Yield the reference functions that a check or a mistake names."""
    for key, value in options.items():
        if isinstance(value, Mapping):
            yield from _named(value)
        elif key in _NAMING and isinstance(value, str) and _is_reference(value):
            yield value


def _is_reference(text: str) -> bool:
    topic, dot, name = text.partition(".")
    return bool(dot) and topic.isidentifier() and name.isidentifier()


def _parameters(expected: Expected, names: Sequence[str] | Iterator[str]) -> set[str]:
    """Return what the functions take; all that is given where one takes anything."""
    found: set[str] = set()
    for name in dict.fromkeys(names):
        try:
            parameters = inspect.signature(expected.function(name)).parameters.values()
        except (ReferenceFault, ValueError):
            found.add(_ANYTHING)  # what cannot be looked at may take anything
            continue
        found |= {each.name for each in parameters}
        if any(each.kind is each.VAR_KEYWORD for each in parameters):
            found.add(_ANYTHING)
    return found
