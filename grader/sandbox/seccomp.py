"""The syscall wall: which system calls a student's code may not make, and what it is told.

A list of denials, since the calls that numerical libraries make change with every release of
theirs. What the list cannot know, calls newer than it, does not exist behind the wall.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from grader.sandbox import kernel

# --- the list ------------------------------------------------------------------------------

_FAKED: Final = (
    # Landlock does not see these. They are said to succeed, so that shutil.copy works.
    *("chmod", "fchmod", "fchmodat", "fchmodat2"),
    *("chown", "fchown", "lchown", "fchownat"),
    *("utime", "utimes", "utimensat", "futimesat"),
    *("flock", "sync", "syncfs"),
)
_NOT_PERMITTED: Final = (
    # other processes
    *("tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"),
    *("pidfd_open", "pidfd_send_signal", "pidfd_getfd", "kcmp", "ptrace"),
    *("process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease"),
    *("setpriority", "ioprio_set", "sched_setscheduler", "sched_setparam", "sched_setattr"),
    *("sched_setaffinity", "migrate_pages", "move_pages"),
    # another root, another namespace
    *("mount", "umount2", "pivot_root", "chroot", "setns", "unshare", "open_tree", "move_mount"),
    *("fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "mknod", "mknodat"),
    *("name_to_handle_at", "open_by_handle_at", "statmount", "listmount"),
    # the machine
    *("init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load"),
    *("reboot", "syslog", "acct", "swapon", "swapoff", "quotactl", "quotactl_fd", "vhangup"),
    *("settimeofday", "clock_settime", "clock_adjtime", "adjtimex"),
    *("sethostname", "setdomainname", "iopl", "ioperm", "modify_ldt"),
    *("perf_event_open", "bpf", "seccomp", "userfaultfd", "lookup_dcookie", "cachestat"),
)
_NO_SUCH_CALL: Final = (
    # Their flags lie behind a pointer, where no filter can look; libraries know older calls.
    *("clone3", "openat2", "io_uring_setup", "io_uring_enter", "io_uring_register", "io_setup"),
    # memory that no limit counts, and that may outlive the process
    *("memfd_create", "memfd_secret", "shmget", "shmat", "shmctl", "mq_open", "mq_unlink"),
    *("msgget", "msgsnd", "msgrcv", "msgctl", "semget", "semop", "semtimedop", "semctl"),
    *("add_key", "request_key", "keyctl", "inotify_init", "inotify_init1", "fanotify_init"),
)
_UNSUPPORTED: Final = (
    *("setxattr", "lsetxattr", "fsetxattr"),
    *("removexattr", "lremovexattr", "fremovexattr"),
)
_REFUSED: Final = (
    *("execve", "execveat", "truncate"),
    *("socket", "connect", "bind", "listen", "accept", "accept4", "sendmmsg"),
)
_TRY_AGAIN: Final = ("fork", "vfork")

_DENIED: Final = {
    0: _FAKED,
    errno.EPERM: _NOT_PERMITTED,
    errno.ENOSYS: _NO_SUCH_CALL,
    errno.ENOTSUP: _UNSUPPORTED,
    errno.EACCES: _REFUSED,
    errno.EAGAIN: _TRY_AGAIN,
}

_CLONE_THREAD: Final = 0x10000
_CLONE_NAMESPACES: Final = 0x7E020080
_O_TRUNC: Final = 0x200
_FCNTL: Final = (8, 10, 15, 1024, 1026, 1031)
"""SETOWN, SETSIG, SETOWN_EX (a signal to any process), SETLEASE, NOTIFY, SETPIPE_SZ."""
_IOCTL: Final = (0x8901, 0x8902, 0x540E, 0x5410, 0x5412, 0x541C, 0x5423)
"""FIOSETOWN, SIOCSPGRP, TIOCSCTTY, TIOCSPGRP, TIOCSTI, TIOCLINUX, TIOCSETD."""
_PRCTL: Final = (1, 4, 35, 62, 0x59616D61)
"""SET_PDEATHSIG, SET_DUMPABLE, SET_MM, SCHED_CORE, SET_PTRACER."""


# --- the program ---------------------------------------------------------------------------

_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_EQUAL, _AT_LEAST, _HAS_BIT = 0x15, 0x35, 0x45
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_AT_NUMBER, _AT_ARCH, _AT_ARGUMENT = 0, 4, 16


@dataclass(frozen=True, slots=True)
class _Step:
    code: int
    value: int
    yes: int = 0
    no: int = 0


def _load(offset: int) -> _Step:
    return _Step(_LOAD, offset)


# The kernel reads flags, commands and process ids as 32 bits, so the low word is the argument.
def _argument(position: int) -> _Step:
    return _load(_AT_ARGUMENT + 8 * position)


def _answer(code: int) -> _Step:
    return _Step(_RETURN, 0x00050000 | code)


_ALLOWED: Final = _Step(_RETURN, _ALLOW)


def _unless(position: int, allowed: Sequence[int], code: int) -> list[_Step]:
    """Answer `code` unless the argument is one of `allowed`."""
    tests = [_Step(_EQUAL, value, yes=len(allowed) - at) for at, value in enumerate(allowed)]
    return [_argument(position), *tests, _answer(code), _ALLOWED]


def _if_any(position: int, refused: Sequence[int], code: int) -> list[_Step]:
    """Answer `code` if the argument is one of `refused`."""
    tests = [_Step(_EQUAL, value, yes=len(refused) - at) for at, value in enumerate(refused)]
    return [_argument(position), *tests, _ALLOWED, _answer(code)]


# Threads are clones too. Before Landlock 3, opening for reading may still empty a file.
def _by_argument(pid: int) -> dict[str, list[_Step]]:
    no_truncation = [
        _Step(_HAS_BIT, _O_TRUNC, no=3),
        _Step(_AND, 3),
        _Step(_EQUAL, 1, yes=1),
        _Step(_EQUAL, 2, no=1),
        _ALLOWED,
        _answer(errno.EACCES),
    ]
    return {
        "clone": [
            _argument(0),
            _Step(_HAS_BIT, _CLONE_NAMESPACES, yes=2),
            _Step(_HAS_BIT, _CLONE_THREAD, no=1),
            _ALLOWED,
            _answer(errno.EAGAIN),
        ],
        "kill": _unless(0, [pid], errno.EPERM),
        "tgkill": _unless(0, [pid], errno.EPERM),
        "prlimit64": _unless(0, [0, pid], errno.EPERM),
        "personality": _unless(0, [0xFFFFFFFF], errno.EPERM),
        "fcntl": _if_any(1, _FCNTL, errno.EPERM),
        "ioctl": _if_any(1, _IOCTL, errno.EPERM),
        "prctl": _if_any(0, _PRCTL, errno.EPERM),
        # A pair of streams talks to itself only; a datagram socket could still be addressed.
        "socketpair": [
            _argument(0),
            _Step(_EQUAL, 1, no=3),
            _argument(1),
            _Step(_AND, 0xF),
            _Step(_EQUAL, 1, yes=1),
            _answer(errno.EACCES),
            _ALLOWED,
        ],
        "open": [_argument(1), *no_truncation],
        "openat": [_argument(2), *no_truncation],
    }


def program(machine: str, pid: int) -> bytes:
    """Return the filter for the process `pid` on `machine`, as the kernel reads it."""
    steps = [
        _load(_AT_ARCH),
        _Step(_EQUAL, kernel.audit_arch(machine), yes=1),
        _Step(_RETURN, _KILL),
        _load(_AT_NUMBER),
        # This refuses x32 too: the same calls, under numbers from 0x40000000 on.
        _Step(_AT_LEAST, kernel.NEWEST + 1, no=1),
        _answer(errno.ENOSYS),
    ]
    for name, body in _by_argument(pid).items():
        number = kernel.number(name, machine)
        if number is not None:
            steps += [_Step(_EQUAL, number, no=len(body)), *body]
    for code, names in _DENIED.items():
        for name in names:
            number = kernel.number(name, machine)
            if number is not None:
                steps += [_Step(_EQUAL, number, no=1), _answer(code)]
    steps.append(_ALLOWED)
    return b"".join(struct.pack("<HBBI", s.code, s.yes, s.no, s.value) for s in steps)


def shut(pid: int) -> None:
    """Put the filter on this process, all of its threads, and whatever comes of them."""
    code = program(platform.machine(), pid)
    buffer = ctypes.create_string_buffer(code, len(code))
    head = struct.pack("<HxxxxxxQ", len(code) // 8, kernel.address(buffer))
    set_mode_filter, all_threads = 1, 1
    kernel.call("seccomp", set_mode_filter, all_threads, head)
