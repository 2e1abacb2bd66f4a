"""What can come of a call to a student's code."""

from __future__ import annotations

import re
import signal
import sys
from dataclasses import dataclass
from typing import Any, TypeAlias

from grader import values
from grader.sandbox.faults import Place, Trouble


@dataclass(frozen=True, slots=True)
class Returned:
    """A value, to be judged."""

    value: Any


@dataclass(frozen=True, slots=True)
class Raised:
    """An error in the student's code."""

    trouble: Trouble


@dataclass(frozen=True, slots=True)
class NoSuchFunction:
    """Nothing has that name; `known` are the names that were defined."""

    name: str
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The code used up its time: on the processor ("cpu") or by waiting ("wall")."""

    clock: str
    seconds: float


@dataclass(frozen=True, slots=True)
class OutOfMemory:
    """The code asked for more memory than the limit."""


@dataclass(frozen=True, slots=True)
class Crashed:
    """The code brought the interpreter down."""

    signal: int


@dataclass(frozen=True, slots=True)
class Unsupported:
    """The code returned something that has no plain value."""

    what: str


@dataclass(frozen=True, slots=True)
class ProtocolFault:
    """What came back was no answer: somebody else wrote to the channel, or closed it."""

    what: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The code ended the program before it returned."""

    how: str


@dataclass(frozen=True, slots=True)
class NotRun:
    """The calls before this one had used up the time of the whole submission."""


@dataclass(frozen=True, slots=True)
class HarnessFault:
    """Something on the grader's side failed: nothing is known about the code."""

    what: str


Failure: TypeAlias = (
    Raised
    | NoSuchFunction
    | TimedOut
    | OutOfMemory
    | Crashed
    | Unsupported
    | ProtocolFault
    | Ended
    | NotRun
    | HarnessFault
)
Outcome: TypeAlias = Returned | Failure

STOPPED = (TimedOut, OutOfMemory, Crashed, Ended, ProtocolFault, NotRun)
"""What leaves no child to be asked, or comes only after a long time."""

_OURS = frozenset(["Garbled", "TooLarge", "NotRun"])
"""Troubles that no code raised."""

_HINTS = {
    "input": "it asks for input, and nobody is there to type",
    "module": "this module is not available in grading",
    "import": "it was to come from a module that is not available in grading",
    "syntax": f"read as Python {sys.version_info.major}.{sys.version_info.minor}",
    "network": "the network is off in grading",
    "processes": "no further processes can be started in grading",
    "file": "files outside the submission are not available in grading",
}


def explain(failure: Failure) -> str:
    """Return what happened as a student may read it: no path of ours, no traceback."""
    match failure:
        case Raised(trouble):
            return _explain_trouble(trouble)
        case NoSuchFunction(name, known):
            there = f"; defined are {', '.join(known[:20])}" if known else ""
            return values.clean(f"there is no function {name}{there}")
        case TimedOut("cpu", seconds):
            return f"did not finish within {seconds:g} s of processor time"
        case TimedOut(_, seconds):
            return f"did not finish within {seconds:g} s"
        case OutOfMemory():
            return "asked for more memory than is allowed"
        case Crashed(number):
            return f"crashed ({_signal_name(number)})"
        case Unsupported(what):
            return values.clean(f"returned something that has no plain value: {what}")
        case ProtocolFault():
            return "did not give back a value that could be read"
        case Ended(how):
            return values.clean(f"ended the program early ({how})")
        case NotRun():
            return "was not run: the code before it had used up the time of a whole submission"
        case HarnessFault():
            return "could not be run, through no fault of the code"


def doubt(failure: Failure) -> str | None:
    """Return why a failure may be none of the code's, so that a person should see it; or None."""
    match failure:
        case NotRun():
            return "the time of the submission was used up before it was run"
        case Raised(trouble) if trouble.hint in ("module", "import"):
            return "it needs a module that is not available in grading"
        case Raised(trouble) if _OLDER.search(trouble.message):
            return "it may be right under an older NumPy than that of grading"
    return None


_OLDER = re.compile(r"only 0-dimensional arrays|was removed in the NumPy|was a deprecated alias")


def _explain_trouble(trouble: Trouble) -> str:
    message = values.shorten(_without_our_paths(trouble.message), 200)
    where = f" ({tell(trouble.place)})" if trouble.place.file else ""
    hint = f"; {_HINTS[trouble.hint]}" if trouble.hint in _HINTS else ""
    verb = "" if trouble.type_name in _OURS else f"raised {trouble.type_name}: "
    return values.clean(f"{verb}{message}{where}{hint}")


def tell(place: Place) -> str:
    """Return the place in words."""
    words = [place.file]
    if place.cell:
        words.append(f"code cell {place.cell}")
    if place.line:
        words.append(f"line {place.line}")
    return ", ".join(word for word in words if word)


# An error of an import names the file that it found.
_LIBRARIES = re.compile(r"/[^\s'\"(),]*/(?:site-packages|dist-packages|python3\.\d+)/")


def _without_our_paths(message: str) -> str:
    return _LIBRARIES.sub("", message[:500])


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
