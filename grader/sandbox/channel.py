"""The near end of one child's pipes.

Bytes from a child are hostile: they are read without blocking, against a deadline and a budget,
and none of them can raise here anything but `Stop`.
"""

from __future__ import annotations

import json
import os
import select
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, Final

from grader.sandbox import lockdown, outcomes, wire
from grader.sandbox.lockdown import Limits, MiB

_GRACE_SECONDS: Final = 10.0
_READY_SECONDS: Final = 120.0
_STATEMENTS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Output:
    """What the code printed, or the beginning of it; it may hold anything."""

    text: str
    complete: bool


class Stop(Exception):
    """The child is of no more use, and why."""

    def __init__(self, failure: outcomes.Failure) -> None:
        self.failure = failure
        super().__init__(failure)


class Child:
    """The near end of one child's pipes."""

    def __init__(self, control: socket.socket, limits: Limits) -> None:
        self._limits = limits
        self._inbox = wire.Inbox(wire.HEAD_BYTES)
        self._said = bytearray()
        self._written = 0
        self._number = 0
        self._clocks: Mapping[str, float] = {}
        self._failure: outcomes.Failure | None = None
        requests, self._requests = os.pipe()
        self._replies, replies = os.pipe()
        self._output, output = os.pipe()
        self._watch, watch = socket.socketpair()
        self._open = {self._replies, self._output}
        for descriptor in (self._requests, self._replies, self._output):
            os.set_blocking(descriptor, False)
        order = json.dumps({"limits": asdict(limits)}).encode()
        try:
            socket.send_fds(control, [order], [requests, replies, output, watch.fileno()])
        except OSError as fault:
            self._failure = outcomes.HarnessFault(f"the fork server is gone ({fault})")
        for descriptor in (requests, replies, output):
            os.close(descriptor)
        watch.close()

    def await_ready(self) -> None:
        """Return once the child has locked itself in; that it sends before it knows a student."""
        message = self._exchange(b"", _READY_SECONDS, None)
        if message != wire.Message("ready", None):
            raise Stop(outcomes.HarnessFault(f"the wall could not be built: {message.body}"))

    @property
    def has_ended(self) -> bool:
        """Return whether the child has ended, for whatever reason, since it was last asked."""
        return self._failure is not None or self._is_readable(self._watch.fileno())

    def ask(
        self,
        kind: str,
        words: Mapping[str, Any],
        cpu_seconds: float,
        progress: Callable[[Any], None] | None = None,
    ) -> wire.Message:
        """Return the child's answer, within `cpu_seconds`; Stop where there will be none."""
        if self._is_readable(self._replies):
            raise self._stop(outcomes.ProtocolFault("wrote to the channel without being asked"))
        self._number += 1
        frame = wire.pack(kind, (self._number, words))
        self._inbox = wire.Inbox(self._limits.result_bytes + 2 * wire.HEAD_BYTES)
        wall_seconds = lockdown.wall_seconds(cpu_seconds)
        self._wind({"cpu": cpu_seconds, "wall": wall_seconds})
        message = self._exchange(frame, wall_seconds, progress)
        self._wind({})
        return wire.Message(message.kind, self._numbered(message.body))

    def output(self) -> Output:
        """Return what the child has written."""
        with suppress(Stop):  # of a flood, enough was kept
            while self._output in self._open and self._is_readable(self._output):
                self._drain()
        kept = bytes(self._said)
        return Output(kept.decode("utf-8", "replace"), self._written <= len(kept))

    def close(self) -> None:
        """End the child."""
        self._watch.close()
        for descriptor in (self._requests, self._replies, self._output):
            os.close(descriptor)

    def _numbered(self, body: Any) -> Any:
        match body:
            case (int(number), payload) if number == self._number:
                return payload
        raise self._stop(outcomes.ProtocolFault("an answer to another question"))

    def _exchange(
        self, frame: bytes, seconds: float, progress: Callable[[Any], None] | None
    ) -> wire.Message:
        deadline = time.monotonic() + seconds + _GRACE_SECONDS
        left = memoryview(frame)
        steps = 0
        while True:
            ready = self._wait(deadline, bool(left))
            if self._output in ready:
                self._drain()
            if self._requests in ready:
                left = self._write(left)
            message = self._read() if self._replies in ready else None
            if message is not None and (message.kind != "at" or progress is None):
                return message
            if message is not None and progress is not None:
                steps += 1
                if steps > _STATEMENTS:
                    raise self._stop(outcomes.ProtocolFault("too many messages"))
                progress(self._numbered(message.body))
            elif self._watch.fileno() in ready and self._replies not in ready:
                raise self._stop(self._ending())

    def _wait(self, deadline: float, is_writing: bool) -> set[int]:
        if self._failure is not None:
            raise Stop(self._failure)
        poll = select.poll()
        for descriptor in (*self._open, self._watch.fileno()):
            poll.register(descriptor, select.POLLIN)
        if is_writing:
            poll.register(self._requests, select.POLLOUT)
        left = max(deadline - time.monotonic(), 0)
        ready = {descriptor for descriptor, _ in poll.poll(left * 1000)}
        if not ready:
            raise self._stop(outcomes.HarnessFault("the fork server does not answer"))
        return ready

    def _write(self, left: memoryview) -> memoryview:
        try:
            return left[os.write(self._requests, left[: 1 << 20]) :]
        except BlockingIOError:
            return left
        except BrokenPipeError:
            return left[:0]  # it ended, or closed its end; the watch will say

    def _read(self) -> wire.Message | None:
        data = os.read(self._replies, min(self._inbox.wanted, 1 << 20))
        if not data:
            self._open.discard(self._replies)
            # The end of a process closes its pipes a moment before the server can tell of it.
            if not self._is_readable(self._watch.fileno(), seconds=1.0):
                raise self._stop(outcomes.ProtocolFault("closed the channel"))
            return None
        try:
            return self._inbox.feed(data)
        except wire.Fault as fault:
            raise self._stop(outcomes.ProtocolFault(str(fault))) from fault

    def _drain(self) -> None:
        data = os.read(self._output, 1 << 20)
        if not data:
            self._open.discard(self._output)
        self._written += len(data)
        self._said += data[: max(self._limits.output_bytes - len(self._said), 0)]
        if self._written > self._limits.flood_bytes:
            mib = self._limits.flood_bytes // MiB
            raise self._stop(outcomes.Ended(f"wrote more than {mib} MiB of output"))

    def _ending(self) -> outcomes.Failure:
        """Return how the child ended, as the server tells."""
        told = json.loads(self._watch.recv(4096) or b"{}")
        if "status" not in told:
            return outcomes.HarnessFault(told.get("refused", "the fork server ended"))
        if told["why"] in ("cpu", "wall"):
            return outcomes.TimedOut(told["why"], self._clocks.get(told["why"], 0.0))
        code = os.waitstatus_to_exitcode(told["status"])
        if code >= 0:
            return outcomes.Ended(f"exit status {code}")
        if told["cpu_seconds"] >= self._limits.session_cpu_seconds - 1:
            return outcomes.TimedOut("cpu", self._limits.session_cpu_seconds)
        return outcomes.Crashed(-code)

    def _wind(self, clocks: Mapping[str, float]) -> None:
        self._clocks = clocks or self._clocks
        try:
            self._watch.sendall(json.dumps(clocks).encode() + b"\n")
        except OSError:
            return  # the child has ended; its pipes will say so

    def _stop(self, failure: outcomes.Failure) -> Stop:
        self._failure = failure
        return Stop(failure)

    def _is_readable(self, descriptor: int, seconds: float = 0.0) -> bool:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(seconds * 1000))
