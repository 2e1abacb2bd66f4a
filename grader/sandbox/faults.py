"""What went wrong in a student's code, in plain words and numbers."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from typing import Any, Final

MESSAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, or of a cell counted among the file's code cells; 0 where there is none."""

    file: str
    cell: int = 0
    line: int = 0


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error in a student's code.

    `hint` names what the code asked for and could not have: "input", "module", "import" (a name
    that a missing module should have given), "network", "processes", "file", "memory", "exit"; or
    it is "syntax", "broken" (the file itself), or empty.
    """

    type_name: str
    message: str
    place: Place
    hint: str = ""


def describe(error: BaseException, here: Place, innermost: Place | None = None) -> Trouble:
    """Return `error` in plain words; it may be of the student's own making, and misbehave."""
    return Trouble(_type_name(error), _message(error), innermost or here, _hint(error))


def _type_name(value: Any) -> str:
    return "".join((type.__dict__["__name__"].__get__(type(value)),))[:80]


def _message(error: BaseException) -> str:
    try:
        return "".join((str(error)[:MESSAGE],))[:MESSAGE]
    except BaseException:  # a __str__ of the student's may raise what it likes
        return ""


_CAUSES: Final = 10
_PROCESSES: Final = frozenset(["subprocess.py", "popen_fork.py", "popen_spawn_posix.py"])
_NETWORK: Final = frozenset(["socket.py", "ssl.py"])


def _hint(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return "exit"
    if isinstance(error, EOFError):
        return "input"
    if isinstance(error, ModuleNotFoundError):
        return "module"
    if isinstance(error, MemoryError) or "DefaultCPUAllocator" in _message(error):
        return "memory"
    return _hint_of_system(error) if isinstance(error, OSError) else ""


def _hint_of_system(error: OSError) -> str:
    files = _files_on_the_way(error)
    if files & _PROCESSES or error.errno == errno.EAGAIN:
        return "processes"
    return "network" if files & _NETWORK else "file"


def _files_on_the_way(error: BaseException) -> set[str]:
    """Return the names of the files that `error`, and what it came of, passed through."""
    found: set[str] = set()
    cause: BaseException | None = error
    for _ in range(_CAUSES):
        trace = cause.__traceback__ if cause is not None else None
        while trace is not None:
            found.add(os.path.basename(trace.tb_frame.f_code.co_filename))
            trace = trace.tb_next
        cause = cause.__context__ if cause is not None else None
    return found
