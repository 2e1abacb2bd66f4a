"""Something for an attack to go for, and the means to go for it."""

from __future__ import annotations

import os
import platform
import socket
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from grader.sandbox import kernel

_VICTIM = (
    "import ctypes, sys; secret = ctypes.create_string_buffer(b'a secret');"
    "print(ctypes.addressof(secret), flush=True); sys.stdin.read()"
)


class Target:
    """Files, sockets and a process that a child must not reach, and the traces that it left."""

    def __init__(self, stack: ExitStack, folder: str) -> None:
        self.folder = folder
        self.file = os.path.join(folder, "reference.py")
        Path(self.file).write_text("answer = 42\n", encoding="utf-8")
        os.chmod(folder, 0o777)
        os.chmod(self.file, 0o666)
        self._sockets = {
            "tcp": stack.enter_context(socket.socket()),
            "udp": stack.enter_context(socket.socket(type=socket.SOCK_DGRAM)),
            "unix": stack.enter_context(socket.socket(socket.AF_UNIX)),
            "unix_datagram": stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)),
            "abstract": stack.enter_context(socket.socket(socket.AF_UNIX)),
        }
        self._sockets["tcp"].bind(("127.0.0.1", 0))
        self._sockets["udp"].bind(("127.0.0.1", 0))
        self._sockets["unix"].bind(folder + "/socket")
        self._sockets["unix_datagram"].bind(folder + "/datagrams")
        self._sockets["abstract"].bind("\0" + os.path.basename(folder))
        for name in ("tcp", "unix", "abstract"):
            self._sockets[name].listen()
        for name in ("socket", "datagrams"):
            os.chmod(os.path.join(folder, name), 0o777)
        self.victim = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-S", "-c", _VICTIM], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        )
        assert self.victim.stdout is not None
        self._address = int(self.victim.stdout.readline())
        self._before = self._state(0.0)

    def words(self, *, unwalled: bool) -> dict[str, Any]:
        """Return the description that an attack is given."""
        return {
            "unwalled": unwalled,
            "folder": self.folder,
            "file": self.file,
            "name": os.path.basename(self.folder),
            "pid": self.victim.pid,
            "address": self._address,
            "tcp": self._sockets["tcp"].getsockname()[1],
            "udp": self._sockets["udp"].getsockname()[1],
            "unix": self.folder + "/socket",
            "unix_datagram": self.folder + "/datagrams",
        }

    def traces(self, patience_seconds: float = 0.05) -> list[str]:
        """Return what is not as it was; a process that is on its way out needs a moment."""
        now = self._state(patience_seconds)
        return [name for name in self._before if now.get(name) != self._before[name]]

    def _state(self, patience_seconds: float) -> dict[str, Any]:
        with suppress(subprocess.TimeoutExpired):
            self.victim.wait(patience_seconds)
        state: dict[str, Any] = {"process": self.victim.poll()}
        state["entries"] = sorted(os.listdir(self.folder))
        state["folder"] = oct(os.stat(self.folder).st_mode)
        if os.path.exists(self.file):
            status = os.stat(self.file)
            state["content"] = Path(self.file).read_text(encoding="utf-8")
            state["status"] = (status.st_mode, status.st_uid, status.st_nlink, status.st_mtime_ns)
        return state


def raw_calls() -> str:
    """Return the source of a module `raw` that makes system calls by name and by number."""
    machine = platform.machine()
    names = [
        *("name_to_handle_at", "inotify_init1", "tgkill", "rt_sigqueueinfo", "ptrace", "clone"),
        *("process_vm_readv", "clone3", "execveat", "unshare", "mount", "chroot", "setns"),
        *("io_uring_setup", "bpf", "add_key", "perf_event_open", "userfaultfd", "personality"),
        *("seccomp", "prctl", "shmget", "shmctl", "msgget", "msgctl", "semget", "semctl"),
        *("pidfd_open", "pidfd_getfd", "fanotify_init", "mq_open", "mq_unlink"),
    ]
    numbers = {name: kernel.number(name, machine) for name in names}
    return f"""
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
numbers = {numbers!r}

def call(name, *arguments):
    return by_number(numbers[name], *arguments)

def by_number(number, *arguments):
    words = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    result = libc.syscall(ctypes.c_long(number), *words)
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
"""
