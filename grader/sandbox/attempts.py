"""What the self-test tries from inside the wall. Sent to a child as text, as its probe.

Every attempt is harmless where it succeeds: it touches only what the near side laid out for it.
An attempt returns where it got through, and raises OSError where it was stopped.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import socket
import sys
from typing import Any


def attempt(program: Any, target: dict[str, Any]) -> dict[str, str | None]:
    """Return {name: None where it got through, or what stopped it}, for every attempt."""
    found: dict[str, str | None] = {}
    for name, act in ATTEMPTS.items():
        try:
            act(target)
            found[name] = None
        except (OSError, MemoryError, ValueError) as refusal:
            found[name] = f"{type(refusal).__name__}: {refusal}"
    return found


def read(target: dict[str, Any]) -> None:
    with open(target["file"]) as file:
        file.read()


def write(target: dict[str, Any]) -> None:
    with open(target["file"], "a") as file:
        file.write("x")


def list_folder(target: dict[str, Any]) -> None:
    os.listdir(target["folder"])


def tcp(target: dict[str, Any]) -> None:
    with socket.socket() as client:
        client.settimeout(1)
        client.connect(("127.0.0.1", target["tcp"]))


def udp(target: dict[str, Any]) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.sendto(b"x", ("127.0.0.1", target["udp"]))


def unix_socket(target: dict[str, Any]) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(target["unix"])


def signal_outside(target: dict[str, Any]) -> None:
    os.kill(target["pid"], 0)


def fork(target: dict[str, Any]) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


# A program that is not there: the kernel looks for it only if programs may be started at all.
def execute(target: dict[str, Any]) -> None:
    try:
        os.execv(target["folder"] + "/no-such-program", ["no-such-program"])
    except FileNotFoundError:
        return


def environment(target: dict[str, Any]) -> None:
    with open(f"/proc/{target['pid']}/environ", "rb") as file:
        file.read()


def memory(target: dict[str, Any]) -> None:
    no_reserve = 0x4000 if sys.platform == "linux" else 0
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | no_reserve
    mmap.mmap(-1, target["bytes"], flags=flags).close()


def shared_memory(target: dict[str, Any]) -> None:
    path = f"/dev/shm/{target['name']}"
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    os.unlink(path)


def terminal(target: dict[str, Any]) -> None:
    master, slave = os.openpty()
    os.close(master)
    os.close(slave)


def user_namespace(target: dict[str, Any]) -> None:
    new_user = 0x10000000
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(new_user):
        raise OSError(ctypes.get_errno(), "unshare")


ATTEMPTS = {
    "read a file": read,
    "write a file": write,
    "list a folder": list_folder,
    "open a TCP connection": tcp,
    "send by UDP": udp,
    "connect to a local socket": unix_socket,
    "signal another process": signal_outside,
    "start a process": fork,
    "execute a program": execute,
    "read another's environment": environment,
    "take 8 GiB of memory": memory,
    "share memory": shared_memory,
    "open a terminal": terminal,
    "make a namespace": user_namespace,
}
