"""Try to break out: fourteen attempts against a target that the near side laid out."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

from grader.sandbox import outcomes
from grader.sandbox.session import Session

_SECRET: Final = "not for the child"


@dataclass(frozen=True, slots=True)
class Result:
    """What each attempt met: None where it got through, else what stopped it."""

    attempts: Mapping[str, str | None]

    @property
    def open(self) -> list[str]:
        """Return the attempts that got through."""
        return [name for name, refusal in self.attempts.items() if refusal is None]

    @property
    def total(self) -> int:
        """Return how many attempts were made."""
        return len(self.attempts)

    @property
    def closed(self) -> int:
        """Return how many attempts were stopped."""
        return self.total - len(self.open)

    @property
    def all_closed(self) -> bool:
        """Return whether there were attempts and every one was stopped."""
        return self.total > 0 and not self.open


def run(open_session: Callable[[str], Session]) -> Result:
    """Make the attempts from a child, and look at the target for traces of them.

    `open_session` opens a session that has the given probe and no files.
    """
    probe = resources.files("grader.sandbox").joinpath("attempts.py").read_text("utf-8")
    with _target() as (target, traces), open_session(probe) as session:
        outcome = session.probe("attempt", [target])
        found = _read(outcome)
        return Result({**found, **dict.fromkeys(traces())})


def _read(outcome: outcomes.Outcome) -> dict[str, str | None]:
    if isinstance(outcome, outcomes.Returned) and isinstance(outcome.value, dict):
        return {
            str(name): refusal if isinstance(refusal, str) else None
            for name, refusal in outcome.value.items()
        }
    return {f"answer at all ({outcome})": None}


@contextmanager
def _target() -> Iterator[tuple[dict[str, Any], Any]]:
    """Lay out what the attempts go for; yield its description and a look for traces."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="grader-"))
        file = os.path.join(folder, "secret")
        with open(file, "w", encoding="utf-8") as out:
            out.write(_SECRET)
        os.chmod(folder, 0o777)
        os.chmod(file, 0o666)
        tcp = stack.enter_context(socket.socket())
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        udp = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        local = stack.enter_context(socket.socket(socket.AF_UNIX))
        local.bind(os.path.join(folder, "socket"))
        local.listen()
        os.chmod(os.path.join(folder, "socket"), 0o777)
        target = {
            "file": file,
            "folder": folder,
            "tcp": tcp.getsockname()[1],
            "udp": udp.getsockname()[1],
            "unix": os.path.join(folder, "socket"),
            "pid": os.getpid(),
            "bytes": 8 << 30,
            "name": os.path.basename(folder),
        }
        listeners = {
            "open a TCP connection": tcp,
            "send by UDP": udp,
            "connect to a local socket": local,
        }
        yield target, lambda: _traces(file, listeners)


def _traces(file: str, listeners: Mapping[str, socket.socket]) -> list[str]:
    found = []
    with open(file, encoding="utf-8") as written:
        if written.read() != _SECRET:
            found.append("write a file")
    for name, listener in listeners.items():
        listener.setblocking(False)
        try:
            if listener.type == socket.SOCK_DGRAM:
                listener.recv(10)
            else:
                listener.accept()[0].close()
            found.append(name)
        except BlockingIOError:
            continue
    return found
