"""The lists behind the wall: numbers, denials and rules, each looked at by itself."""

from __future__ import annotations

import errno
import os
import platform
import re
import signal
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.sandbox import kernel, landlock, seccomp

HEADERS = {
    "x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
    "aarch64": "/usr/include/asm-generic/unistd.h",
}
linux = pytest.mark.skipif(not kernel.is_known(), reason="only Linux on x86_64 or aarch64")


@pytest.mark.parametrize("machine", sorted(HEADERS))
def test_the_numbers_are_those_of_the_kernels_headers(machine: str):
    """A wrong number would deny one call and let another through."""
    header = Path(HEADERS[machine])
    if not header.exists():
        pytest.skip(f"{header} is not installed")
    defined = re.findall(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)$", header.read_text(), re.M)
    numbers = {name: int(number) for name, number in defined if name != "syscalls"}
    newest = max(numbers.values())
    for name in kernel._NUMBERS:
        ours = kernel.number(name, machine)
        if ours is None or ours <= newest:
            assert numbers.get(name) == ours, name


def in_a_fork(act: Callable[[], int]) -> int:
    """Return the status of a forked process that does `act` and then exits with its result."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # another test may have left a thread
        child = os.fork()
    if child == 0:
        status = 255
        try:
            status = act()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def put_filter_on() -> None:
    no_new_privileges = 38
    kernel.call("prctl", no_new_privileges, 1, 0, 0, 0)
    seccomp.shut(os.getpid())


def errno_of(name: str, *arguments: int) -> int:
    try:
        kernel.call(name, *arguments)
    except OSError as refusal:
        return refusal.errno or 254
    return 0


NAMES = sorted((name, code) for code, names in seccomp._DENIED.items() for name in names)


@linux
@pytest.mark.parametrize(("name", "code"), NAMES)
def test_each_denied_call_gets_the_answer_of_the_list(name: str, code: int):
    """With any arguments, here with impossible ones."""
    if kernel.number(name, platform.machine()) is None:
        pytest.skip("not on this machine")

    def act() -> int:
        put_filter_on()
        return errno_of(name, -1, -1, -1, -1, -1, -1)

    assert in_a_fork(act) == code


PIDS = {"own": os.getpid, "other": os.getppid}
TRUNCATE, WRITE, READ_WRITE = os.O_TRUNC, os.O_WRONLY, os.O_RDWR
HERE, MISSING = -100, b"/nonexistent/file"


@linux
@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("kill", ("own", 0), 0),
        ("kill", ("other", 0), errno.EPERM),
        ("kill", (-1, 0), errno.EPERM),
        ("kill", (0, 0), errno.EPERM),
        ("prlimit64", ("other", 0, 0, 0), errno.EPERM),
        ("prlimit64", ("own", 0, 0, 0), 0),
        ("prlimit64", (0, 0, 0, 0), 0),
        ("clone", (signal.SIGCHLD, 0, 0, 0, 0), errno.EAGAIN),
        ("clone", (0x10000000 | 0x10000, 0, 0, 0, 0), errno.EAGAIN),
        ("clone", (0x10000, 0, 0, 0, 0), errno.EINVAL),
        ("fcntl", (0, 1), 0),
        ("fcntl", (0, 8, 0), errno.EPERM),
        ("fcntl", (0, (1 << 32) | 10, 0), errno.EPERM),
        ("ioctl", (-1, 0x5401, 0), errno.EBADF),
        ("ioctl", (-1, (1 << 32) | 0x5412, 0), errno.EPERM),
        ("prctl", (1, 0, 0, 0, 0), errno.EPERM),
        ("prctl", (4, 1, 0, 0, 0), errno.EPERM),
        ("prctl", (3, 0, 0, 0, 0), 0),
        ("personality", (0xFFFFFFFF,), 0),
        ("personality", (0x0040000,), errno.EPERM),
        ("socketpair", (1, 1, 0, 0), errno.EFAULT),
        ("socketpair", (1, 1 | 0o2000000, 0, 0), errno.EFAULT),
        ("socketpair", (1, 2, 0, 0), errno.EACCES),
        ("socketpair", (2, 1, 0, 0), errno.EACCES),
        ("openat", (HERE, MISSING, 0), errno.ENOENT),
        ("openat", (HERE, MISSING, TRUNCATE), errno.EACCES),
        ("openat", (HERE, MISSING, TRUNCATE | 3), errno.EACCES),
        ("openat", (HERE, MISSING, TRUNCATE | WRITE), errno.ENOENT),
        ("openat", (HERE, MISSING, TRUNCATE | READ_WRITE), errno.ENOENT),
        ("open", (MISSING, TRUNCATE), errno.EACCES),
        ("open", (MISSING, 0), errno.ENOENT),
    ],
)
def test_a_call_is_told_by_its_arguments(
    name: str, arguments: tuple[int | bytes | str, ...], code: int
):
    """Only what reaches beyond the process is denied; the high half of a word hides nothing."""
    if kernel.number(name, platform.machine()) is None:
        pytest.skip("not on this machine")

    def act() -> int:
        put_filter_on()
        given = [PIDS[each]() if isinstance(each, str) else each for each in arguments]
        try:
            kernel.call(name, *given)
        except OSError as refusal:
            return refusal.errno or 254
        return 0

    assert in_a_fork(act) == code


@linux
def test_a_call_that_is_newer_than_the_list_does_not_exist():
    """What nobody has looked at yet is refused."""

    def act() -> int:
        put_filter_on()
        result = kernel._libc.syscall(kernel.NEWEST + 1, -1, 0, 0, 0, 0, 0)
        return int(kernel.ctypes.get_errno()) if result == -1 else 0

    assert in_a_fork(act) == errno.ENOSYS


@linux
def test_the_filter_holds_for_threads_that_are_there_already():
    """A thread that was started before is behind the wall, too."""
    import threading

    def act() -> int:
        go, found = threading.Event(), []

        def other() -> None:
            go.wait()
            found.append(errno_of("unshare", 0))

        thread = threading.Thread(target=other)
        thread.start()
        put_filter_on()
        go.set()
        thread.join()
        return found[0]

    assert in_a_fork(act) == errno.EPERM


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_every_jump_of_the_filter_lands_inside_it(machine: str):
    """The kernel would refuse the whole filter; for the other machine nobody else looks."""
    steps = [
        (code, yes, no)
        for code, yes, no, _ in seccomp.struct.iter_unpack("<HBBI", seccomp.program(machine, 7))
    ]
    assert len(steps) < 4096
    assert steps[-1][0] == 0x06
    for at, (code, yes, no) in enumerate(steps):
        if code & 0x07 == 0x05:
            assert at + 1 + max(yes, no) < len(steps)


# --- Landlock -------------------------------------------------------------------------------


def test_a_hidden_folder_is_left_out_of_the_rules(tmp_path: Path):
    """Folders above it grant their names only; everything beside it is granted."""
    for name in ("a/b/secret", "a/b/open", "a/c"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "a/b/file").touch()
    (tmp_path / "a/link").symlink_to(tmp_path / "a/b/secret")
    rules = dict(landlock.reading(str(tmp_path / "a"), [str(tmp_path / "a/b/secret")]))
    assert rules == {
        str(tmp_path / "a"): landlock.LIST,
        str(tmp_path / "a/b"): landlock.LIST,
        str(tmp_path / "a/b/open"): landlock.READ,
        str(tmp_path / "a/b/file"): landlock.READ,
        str(tmp_path / "a/c"): landlock.READ,
    }


def test_a_folder_that_is_hidden_itself_gets_no_rule(tmp_path: Path):
    """Nor does anything in it."""
    assert list(landlock.reading(str(tmp_path / "a"), [str(tmp_path)])) == []
    assert list(landlock.reading(str(tmp_path), [str(tmp_path)])) == []


@linux
@pytest.mark.parametrize("version", range(1, landlock.NEWEST + 1))
def test_each_version_denies_what_it_knows(version: int, tmp_path: Path):
    """One folder may be read and nothing else, with the rules of any version."""
    if version > landlock.version():
        pytest.skip(f"this kernel offers Landlock {landlock.version()}")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/file").write_text("x")
    (tmp_path / "out").write_text("x")

    def act() -> int:
        kernel.call("prctl", 38, 1, 0, 0, 0)
        landlock.shut(landlock.ruleset([(str(tmp_path / "in"), landlock.READ)], version))
        (tmp_path / "in/file").read_text()
        denied = 0
        for path, mode in (("out", "r"), ("out", "w"), ("in/file", "a"), ("in/new", "w")):
            try:
                (tmp_path / path).open(mode).close()
            except PermissionError:
                denied += 1
        return denied

    assert in_a_fork(act) == 4
