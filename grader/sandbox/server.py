"""The fork server: imports the libraries once, then makes a locked-in child for each submission.

It is started by exec with a clean environment and holds no answer and no secret. It never reads
what a child writes; it only watches the clocks, ends children, and says how they ended.

Its words are lines of JSON. On the control socket `{"limits": {...}}` with four descriptors
(requests, replies, output, watch) asks for a child. On the child's watch socket
`{"cpu": seconds, "wall": seconds}` winds the clock, `{}` stops it, and closing it ends the child;
the server's one line there is `{"status": ..., "why": ..., "cpu_seconds": ...}` at the end.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from grader.sandbox import lockdown, namespaces

LINE: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Orders:
    """What the near side wants of a server; travels as JSON on the command line.

    `late` has the libraries imported by each child instead of the server: for systems where a
    process that holds them cannot be forked.
    """

    level: str
    control: int
    libraries: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    landlock: int | None = None
    late: bool = False


Live = Callable[[lockdown.Walls, lockdown.Limits, tuple[int, int, int]], NoReturn]
"""What a child does with its life: child.live."""


@dataclass(slots=True)
class _Job:
    """A child that lives, and the clock that it lives by."""

    pid: int
    watch: socket.socket
    cpu_until: float | None = None
    wall_until: float | None = None
    why: str | None = None
    heard: bytearray = field(default_factory=bytearray)


def main(words: str) -> None:
    """Serve until the control socket is closed."""
    orders = _read_orders(json.loads(words))
    control = socket.socket(fileno=orders.control)
    level = lockdown.Level(orders.level)
    try:
        if level is lockdown.Level.FULL:
            namespaces.enter()
            _go_on_inside(control)
        missing = [] if orders.late else load(orders.libraries)
        live = None if level is lockdown.Level.MAC else _get_child_ready()
        readable = lockdown.libraries(lockdown.package_folders(sys.path))
        walls = lockdown.prepare(level, lockdown.View(readable, orders.hidden, orders.landlock))
    except OSError as refusal:
        _say(control, {"refused": str(refusal)})
        return
    if level is lockdown.Level.FULL:
        namespaces.die_with_parent()
    gc.collect()
    gc.freeze()
    hello = {"landlock": walls.landlock, "note": walls.note}
    _say(control, {**hello, "missing": missing, "threads": lockdown.threads(walls)})
    server = _Server(control, walls, orders, live)
    try:
        server.serve()
    finally:
        server.end_all()


# From here on the grader's own files may be out of sight, so nothing of it is imported later.
def _get_child_ready() -> Live:
    """Import what a child is made of, and do once what is slow only the first time."""
    from grader.sandbox import child

    child.warm_up()
    _forget_the_grader()
    return child.live


# A student's code may import what is installed, and the grader is no part of that.
def _forget_the_grader() -> None:
    home = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    if home not in lockdown.package_folders(sys.path):
        sys.path[:] = [path for path in sys.path if path != home]
    for name in [name for name in sys.modules if name.partition(".")[0] == "grader"]:
        del sys.modules[name]


def _read_orders(words: dict[str, Any]) -> Orders:
    words["libraries"] = tuple(words["libraries"])
    words["hidden"] = tuple(words["hidden"])
    return Orders(**words)


def _go_on_inside(control: socket.socket) -> None:
    """Become the first process of the new pid namespace; who was outside waits for it."""
    inside = os.fork()
    if inside:
        control.close()
        _, status = os.waitpid(inside, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def load(libraries: tuple[str, ...]) -> list[str]:
    """Import `libraries` and return those that cannot be."""
    missing = []
    for name in libraries:
        try:
            importlib.import_module(name)
        except (ImportError, AttributeError, OSError, RuntimeError):
            missing.append(name)  # not installed, or not in working order
    return missing


class _Server:
    def __init__(
        self,
        control: socket.socket,
        walls: lockdown.Walls,
        orders: Orders,
        live: Live | None,
    ) -> None:
        self._live = live
        self._control = control
        self._walls = walls
        self._orders = orders
        self._jobs: dict[int, _Job] = {}
        self._ended, self._wake = os.pipe()

    def serve(self) -> None:
        """Answer and watch until there is no near side any more."""
        os.set_blocking(self._wake, False)
        os.set_blocking(self._ended, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        while True:
            ready = self._wait()
            if self._ended in ready:
                os.read(self._ended, LINE)
            self._bury()
            if self._control.fileno() in ready and not self._take_order():
                return
            for job in list(self._jobs.values()):
                if job.watch.fileno() in ready:
                    self._listen(job)
            self._look_at_clocks()

    def _wait(self) -> set[int]:
        poll = select.poll()
        for descriptor in (self._ended, self._control.fileno()):
            poll.register(descriptor, select.POLLIN)
        for job in self._jobs.values():
            if job.why is None:
                poll.register(job.watch.fileno(), select.POLLIN)
        return {descriptor for descriptor, _ in poll.poll(self._patience_ms())}

    # A second of processor time takes at least a second, divided by the processors.
    def _patience_ms(self) -> int | None:
        waits = []
        for job in self._jobs.values():
            if job.wall_until is not None:
                waits.append(job.wall_until - time.monotonic())
            if job.cpu_until is not None:
                left = job.cpu_until - _cpu_seconds(job.pid)
                waits.append(max(left / (os.cpu_count() or 1), 0.01))
        return None if not waits else max(int(min(waits) * 1000) + 1, 1)

    def _take_order(self) -> bool:
        data, descriptors, _, _ = socket.recv_fds(self._control, LINE, 4)
        if not data:
            return False
        requests, replies, output, watch_fd = descriptors
        watch = socket.socket(fileno=watch_fd)
        limits = lockdown.Limits(**json.loads(data)["limits"])
        try:
            pid = self._fork(limits, (requests, replies, output))
            self._jobs[pid] = _Job(pid, watch)
        except OSError as refusal:
            _say(watch, {"refused": str(refusal)})
            watch.close()
        for descriptor in (requests, replies, output):
            os.close(descriptor)
        return True

    def _fork(self, limits: lockdown.Limits, descriptors: tuple[int, int, int]) -> int:
        # A lock that another thread holds would never be released in a child.
        if lockdown.threads(self._walls) != 1:
            raise OSError("the fork server has more than one thread")
        pids = self._walls.pids
        pid = os.fork() if pids is None else namespaces.fork_inside(pids)
        if pid == 0:
            self._become_child(limits, descriptors)
        return pid

    def _become_child(self, limits: lockdown.Limits, descriptors: tuple[int, int, int]) -> NoReturn:
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            if self._orders.late:
                load(self._orders.libraries)
            live = self._live or _get_child_ready()
            live(self._walls, limits, descriptors)
        finally:
            # No way leads back into the server's loop.
            os._exit(1)

    def _bury(self) -> None:
        for job in list(self._jobs.values()):
            cpu_seconds = _cpu_seconds(job.pid)
            pid, status, usage = os.wait4(job.pid, os.WNOHANG)
            if not pid:
                continue
            del self._jobs[pid]
            used = max(cpu_seconds, usage.ru_utime + usage.ru_stime)
            _say(job.watch, {"status": status, "why": job.why, "cpu_seconds": used})
            job.watch.close()

    def _listen(self, job: _Job) -> None:
        data = job.watch.recv(LINE)
        if not data:
            self._end(job, "told")
        job.heard += data
        while b"\n" in job.heard:
            line, _, job.heard = job.heard.partition(b"\n")
            self._wind(job, json.loads(line))

    def _wind(self, job: _Job, clocks: dict[str, Any]) -> None:
        job.cpu_until = job.wall_until = None
        if "cpu" in clocks:
            job.cpu_until = _cpu_seconds(job.pid) + clocks["cpu"]
            job.wall_until = time.monotonic() + clocks["wall"]

    def _look_at_clocks(self) -> None:
        for job in self._jobs.values():
            if job.cpu_until is not None and _cpu_seconds(job.pid) >= job.cpu_until:
                self._end(job, "cpu")
            elif job.wall_until is not None and time.monotonic() >= job.wall_until:
                self._end(job, "wall")

    def end_all(self) -> None:
        """End every child; where there is no wall, nothing else would."""
        for job in self._jobs.values():
            self._end(job, "told")

    def _end(self, job: _Job, why: str) -> None:
        job.why = job.why or why
        job.cpu_until = job.wall_until = None
        os.kill(job.pid, signal.SIGKILL)


def _say(where: socket.socket, words: dict[str, Any]) -> None:
    try:
        where.sendall(json.dumps(words).encode() + b"\n")
    except OSError:
        return  # nobody listens any more


# The kernel's clock of another process: (~pid << 3) | 2, see clock_getcpuclockid(3).
def _cpu_seconds(pid: int) -> float:
    if sys.platform != "linux":
        return 0.0
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0
