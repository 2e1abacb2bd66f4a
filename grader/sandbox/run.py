"""Student code behind a wall: the near side asks a locked-in child for values, and judges them.

with run.Sandbox() as sandbox:
    with sandbox.session([("answer.py", source)]) as session:
        outcome = session.call("grad_W", [W, b, x, y])
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any, Final, Self

from grader.sandbox import lockdown, selftest
from grader.sandbox.channel import Child, Output
from grader.sandbox.lockdown import Level, Limits, MiB, wall_seconds
from grader.sandbox.session import Defined, Loaded, Request, Session

__all__ = [
    "Defined",
    "Level",
    "Limits",
    "Loaded",
    "MiB",
    "NoWall",
    "Output",
    "Sandbox",
    "Session",
    "wall_seconds",
]

_START_SECONDS: Final = 180
_BOOT: Final = (
    "import json, sys; sys.path += json.loads(sys.argv[2]);"
    "from grader.sandbox import server; server.main(sys.argv[1])"
)


class NoWall(Exception):
    """No level that was asked for can be had here: one sentence, with the ways out.

    `refusals` says for each level why not.
    """

    def __init__(self, refusals: Mapping[Level, str]) -> None:
        self.refusals = refusals
        reasons = "; ".join(f"{level}: {refusal}" for level, refusal in refusals.items())
        super().__init__(
            f"no wall for student code can be built here ({reasons}); allow user namespaces, or "
            'use a kernel with Landlock (5.13 or later), or ask for the level "outer" inside a '
            'container of its own, or "none" for code that is trusted'
        )


class Sandbox:
    """A fork server behind a wall that was tested; children are made of it one by one.

    `level` is "auto" for the best that this machine can enforce, or one by name; "outer" and
    "none" are only ever had by name. `preload` are libraries to import once for all children.
    `hide` are folders that no child may read even where they lie among the libraries.
    """

    def __init__(
        self,
        level: str = "auto",
        preload: Sequence[str] = ("numpy",),
        *,
        hide: Sequence[str] = (),
        landlock: int | None = None,
    ) -> None:
        self._asked = level
        self._preload = tuple(preload)
        self._hide = tuple(os.path.realpath(path) for path in (_package(), *hide))
        self._landlock = landlock
        self._server: _Server | None = None
        self._hello: Mapping[str, Any] = {}
        self.level = Level.NONE
        self.tested: selftest.Result | None = None

    def __enter__(self) -> Self:
        refusals = {}
        for level in _candidates(self._asked):
            refusal = self._enter(level)
            if refusal is None:
                return self
            refusals[level] = refusal
            self.close()
        raise NoWall(refusals)

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the fork server and all children."""
        if self._server is not None:
            self._server.stop()
        self._server = None

    def session(
        self,
        files: Sequence[tuple[str, bytes]] = (),
        *,
        limits: Limits | None = None,
        support: Mapping[str, str] | None = None,
        probe: str = "",
        experiments: bool = True,
    ) -> Session:
        """Return a session for one submission; its child starts with the first question.

        What the arguments are, session.Request tells.
        """
        limits = limits or Limits()
        request = Request(tuple(files), dict(support or {}), probe, limits, experiments)
        return Session(self._child, request)

    def test(self) -> selftest.Result:
        """Try to break out of a child, in fourteen ways."""
        return selftest.run(lambda probe: self.session(probe=probe))

    def describe(self, limits: Limits | None = None) -> str:
        """Return the sentence about the wall that belongs into a report."""
        if self.level is Level.NONE:
            return "isolation: none; student code ran unprotected, as was asked"
        limits = limits or Limits()
        score = f"; self-test {self.tested.closed}/{self.tested.total}" if self.tested else ""
        warning = "; no file wall" if self.level is Level.OUTER else ""
        return (
            f"isolation: {self.level} ({', '.join(self.walls)}){score}{warning}; limits: "
            f"{limits.cpu_seconds:g} s of processor time and "
            f"{wall_seconds(limits.cpu_seconds):g} s by the clock for a call, "
            f"{limits.memory_bytes // MiB} MiB of memory, {limits.output_bytes // MiB} MiB of "
            "output, no processes, no network"
        )

    @property
    def walls(self) -> list[str]:
        """Return what the wall is made of, each part by its name."""
        if self.level is Level.MAC:
            return ["Seatbelt, untested"]
        version = self._hello.get("landlock")
        kernel_walls = [f"Landlock {version}"] if version else []
        note = [self._hello["note"]] if self._hello.get("note") else []
        if self.level is Level.FULL:
            own = ["own root", "own processes and network"]
            return [*own, *kernel_walls, "seccomp", *note]
        return [*kernel_walls, "seccomp", *note]

    def _enter(self, level: Level) -> str | None:
        """Start a server at `level`; return why it cannot be had, or None."""
        refusal = lockdown.enforceable(level) or self._start(level)
        if refusal is not None or level is Level.NONE:
            return refusal
        self.tested = self.test()
        if level is not Level.OUTER and not self.tested.all_closed:
            return f"the self-test found open: {', '.join(self.tested.open)}"
        return None

    def _start(self, level: Level) -> str | None:
        self.level = level
        late = level is Level.MAC
        self._hello = self._launch(level, late)
        if self._hello.get("threads", 1) != 1 and not late:
            # A library started a thread on import; each child must then import for itself.
            self.close()
            self._hello = self._launch(level, late=True)
        refused: str | None = self._hello.get("refused")
        return refused

    def _launch(self, level: Level, late: bool) -> Mapping[str, Any]:
        orders = {
            "level": level,
            "libraries": self._preload,
            "hidden": self._hide,
            "landlock": self._landlock,
            "late": late,
        }
        self._server = _Server(orders)
        return self._server.hello()

    def _child(self, limits: Limits) -> Child:
        assert self._server is not None, "a session outside of its sandbox"
        if not self._server.is_alive:
            self.close()
            self._start(self.level)
        assert self._server is not None
        return self._server.child(limits)


def _package() -> str:
    return os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def _candidates(asked: str) -> Sequence[Level]:
    if asked != "auto":
        return [Level(asked)]
    return [Level.MAC] if sys.platform == "darwin" else [Level.FULL, Level.KERNEL]


class _Server:
    """The near end of a fork server."""

    def __init__(self, orders: Mapping[str, Any]) -> None:
        self._control, far = socket.socketpair()
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the server
        self._home = tempfile.TemporaryDirectory(prefix="grader-")
        words = json.dumps({**orders, "control": far.fileno()})
        paths = lockdown.package_folders(sys.path)
        own = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        path = json.dumps([*paths, own] if own not in paths else paths)
        self._process = subprocess.Popen(
            [sys.executable, "-s", "-S", "-P", "-c", _BOOT, words, path],
            env=_environment(self._home.name),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._complaints,
            pass_fds=[far.fileno()],
            start_new_session=True,
        )
        far.close()

    def hello(self) -> Mapping[str, Any]:
        """Return what the server says of itself, once it has its libraries."""
        self._control.settimeout(_START_SECONDS)
        try:
            with self._control.makefile("r", encoding="utf-8") as lines:
                line = lines.readline()
        except TimeoutError:
            return {"refused": f"the fork server did not start within {_START_SECONDS} s"}
        self._control.settimeout(None)
        if line:
            words: Mapping[str, Any] = json.loads(line)
            return words
        self._complaints.seek(0)
        said = self._complaints.read().decode("utf-8", "replace").strip().splitlines()
        return {"refused": said[-1] if said else "the fork server did not start"}

    def child(self, limits: Limits) -> Child:
        """Ask for a child; whether it could be made, its first message tells."""
        return Child(self._control, limits)

    @property
    def pid(self) -> int:
        """Return the server's process id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Return whether the server still runs."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End the server, and with it every child."""
        self._control.close()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._complaints.close()
        self._home.cleanup()


def _environment(home: str) -> dict[str, str]:
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    one_thread |= dict.fromkeys(("MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
    return one_thread | {
        "HOME": home,
        "LANG": "C.UTF-8",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": home,
        "PATH": "",
        "PYTHONBREAKPOINT": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "VECLIB_MAXIMUM_THREADS": "1",
    }
