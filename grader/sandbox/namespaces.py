"""The walls of namespaces: a root of one's own, and nobody else in sight.

The server enters user, mount, network, IPC and pid namespaces once; each child gets a pid
namespace and a scratch folder of its own. It needs no privilege where the kernel lets users
make namespaces, and is refused as a whole where it does not.
"""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import struct
from collections.abc import Sequence
from typing import Final

from grader.sandbox import kernel

_NEW_MOUNTS: Final = 0x00020000
_NEW_HOST: Final = 0x04000000
_NEW_IPC: Final = 0x08000000
_NEW_USER: Final = 0x10000000
_NEW_PIDS: Final = 0x20000000
_NEW_NETWORK: Final = 0x40000000

_READ_ONLY, _NO_SETUID, _NO_DEVICES = 1, 2, 4
_REMOUNT, _BIND, _RECURSIVE, _PRIVATE, _DETACH = 32, 4096, 16384, 1 << 18, 2

SCRATCH: Final = "/scratch"
"""Where a child may write, in a root of its own."""

_DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")


def enter() -> bool:
    """Move this process into new namespaces; return whether that took a user namespace.

    Its next child is the first process of the pid namespace, and the one to go on with.
    """
    walls = _NEW_MOUNTS | _NEW_HOST | _NEW_IPC | _NEW_PIDS | _NEW_NETWORK
    user, group = os.getuid(), os.getgid()
    if user == 0:
        try:
            kernel.call("unshare", walls)
        except PermissionError:
            pass  # root of a container, who is no master of its namespaces
        else:
            return False
    kernel.call("unshare", walls | _NEW_USER)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{user} {user} 1")
    _write("/proc/self/gid_map", f"{group} {group} 1")
    return True


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def fork_inside(own: int) -> int:
    """Fork a child that is the first process of a new pid namespace.

    `own` is a descriptor of the pid namespace to come back to.
    """
    kernel.call("unshare", _NEW_PIDS)
    child = os.fork()
    if child:
        kernel.call("setns", own, _NEW_PIDS)
    return child


def own_pids() -> int:
    """Return a descriptor of the pid namespace that this process lives in."""
    return os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends."""
    set_parent_death_signal = 1
    kernel.call("prctl", set_parent_death_signal, signal.SIGKILL, 0, 0, 0)


def change_root(readable: Sequence[str], hidden: Sequence[str]) -> None:
    """Make a root that holds `readable` and no more, nothing of it writable, and enter it.

    What lies in `hidden` is covered by something empty.
    """
    # Links are followed while this is still the root that they were written for.
    places = sorted((os.path.realpath(path), path) for path in readable if os.path.exists(path))
    mount("none", "/", "", _RECURSIVE | _PRIVATE)
    base, old = "/tmp", "/old"
    mount("root", base, "tmpfs", _NO_SETUID | _NO_DEVICES, "size=1m,mode=755")
    os.mkdir(base + old, 0o700)
    kernel.call("pivot_root", base.encode(), (base + old).encode())
    os.chdir("/")
    for real, path in places:
        if not os.path.exists(real):
            _bind(old + real, real, _READ_ONLY | _NO_SETUID | _NO_DEVICES)
        if not os.path.lexists(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.symlink(real, path)
    for device in _DEVICES:
        _bind(old + device, device, _READ_ONLY | _NO_SETUID)
    for path in hidden:
        _cover(path)
    os.makedirs(SCRATCH)
    kernel.call("umount2", old.encode(), _DETACH)
    os.rmdir(old)
    mount("none", "/", "", _REMOUNT | _BIND | _READ_ONLY | _NO_SETUID | _NO_DEVICES)


def _bind(source: str, target: str, flags: int) -> None:
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_RDONLY, 0o444))
    mount(source, target, "", _BIND | _RECURSIVE)
    _restrict(target, flags)


def _cover(path: str) -> None:
    if os.path.isdir(path):
        mount("hidden", path, "tmpfs", _READ_ONLY, "size=4k,mode=755")
    elif os.path.exists(path):
        mount("/dev/null", path, "", _BIND)


def _restrict(target: str, flags: int) -> None:
    """Give `target`, and what is mounted beneath it, the mount flags `flags` for good."""
    recursive, here = 0x8000, -100
    attributes = struct.pack("<4Q", flags, 0, 0, 0)
    try:
        kernel.call("mount_setattr", here, target.encode(), recursive, attributes, 32)
    except OSError as refusal:
        if refusal.errno != errno.ENOSYS:
            raise
        # Before Linux 5.12 each mount goes by itself, and must keep the flags that it has.
        kept = os.statvfs(target).f_flag & 0xF
        mount("none", target, "", _REMOUNT | _BIND | kept | flags)


def private_scratch(size_bytes: int, files: int) -> None:
    """Make this process's scratch folder: in memory, of limited size, and gone with it."""
    kernel.call("unshare", _NEW_MOUNTS)
    options = f"size={size_bytes},nr_inodes={files},mode=777"
    mount("scratch", SCRATCH, "tmpfs", _NO_SETUID | _NO_DEVICES, options)
    os.chdir(SCRATCH)


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    """Mount `source` on `target`; OSError, with the place, where the kernel refuses."""
    try:
        kernel.call(
            "mount", source.encode(), target.encode(), kind.encode(), flags, options.encode()
        )
    except OSError as refusal:
        raise OSError(refusal.errno, f"mount {kind} on {target}: {refusal.strerror}") from refusal


def forbid_privileges() -> None:
    """Give up every capability, and the ways to come by one again.

    Nobody may trace this process from now on, and it leaves no core.
    """
    set_no_new_privileges, drop_from_bounding_set, ambient, clear_all = 38, 24, 47, 4
    set_dumpable = 4
    for capability in range(64):
        try:
            kernel.call("prctl", drop_from_bounding_set, capability, 0, 0, 0)
        except OSError:
            break  # past the last one, or no right to drop: then there is none to give up
    kernel.call("prctl", ambient, clear_all, 0, 0, 0)
    version_3 = ctypes.create_string_buffer(struct.pack("<Ii", 0x20080522, 0), 8)
    kernel.call("capset", kernel.address(version_3), bytes(24))
    kernel.call("prctl", set_no_new_privileges, 1, 0, 0, 0)
    kernel.call("prctl", set_dumpable, 0, 0, 0, 0)
