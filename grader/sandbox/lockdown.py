"""How a child locks itself in, before it has read a byte of a student's: the order, and why.

This file and those it names (kernel, namespaces, landlock, seccomp, seatbelt) are the wall. They
know nothing of questions and answers.
"""

from __future__ import annotations

import fcntl
import os
import resource
import site
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from grader.sandbox import kernel, landlock, namespaces, seatbelt, seccomp

MiB: Final = 1 << 20

NOBODY: Final = 65534
"""Whom root becomes; of the unprivileged users the one that every container maps."""


class Level(StrEnum):
    """How thick the wall is; `outer` and `none` are only ever asked for by name."""

    FULL = "full"
    KERNEL = "kernel"
    MAC = "mac"
    OUTER = "outer"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one submission may use.

    A call ends after `cpu_seconds` on the processor, or `wall_seconds` of that by the clock. A
    statement at the top level of a file is interrupted after `statement_seconds`; when
    all of them have used `load_seconds`, only definitions are still executed. All calls together,
    and loading anew after each that had to be stopped, may take `calls_seconds`.
    `memory_bytes` come on top of what the libraries hold already.
    """

    cpu_seconds: float = 10.0
    statement_seconds: float = 5.0
    load_seconds: float = 10.0
    calls_seconds: float = 60.0
    session_cpu_seconds: int = 300
    memory_bytes: int = 1024 * MiB
    output_bytes: int = MiB
    flood_bytes: int = 512 * MiB
    result_bytes: int = 64 * MiB
    source_bytes: int = 256 * MiB
    scratch_bytes: int = 64 * MiB
    scratch_files: int = 4096
    open_files: int = 256
    threads: int = 512


def wall_seconds(cpu_seconds: float) -> float:
    """Return how long a call of `cpu_seconds` may take by the clock.

    Generous, since a machine that is busy elsewhere must not cost a student points.
    """
    return 3 * cpu_seconds + 5


@dataclass(frozen=True, slots=True)
class Walls:
    """What the server made ready for its children.

    `landlock` is the version in use, 0 for none, and `ruleset` the rules to enter where all
    children share them; `user` is whom to become, `pids` the pid namespace to come back to
    after a fork, `proc` the folder /proc, which the new root does not hold; `tasks` is how many
    processes and threads that user had before.
    """

    level: Level
    proc: int | None = None
    landlock: int = 0
    ruleset: int | None = None
    user: int | None = None
    pids: int | None = None
    note: str = ""
    tasks: int = 0


# --- once, in the server -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class View:
    """Which files a child may read, which of them stay hidden, and how much Landlock to use."""

    readable: tuple[str, ...]
    hidden: tuple[str, ...] = ()
    landlock: int | None = None

    def landlock_version(self) -> int:
        """Return the version of Landlock to use: the kernel's, or a lower one that was asked."""
        here = landlock.version()
        return here if self.landlock is None else min(here, self.landlock)


def libraries(packages: Sequence[str]) -> tuple[str, ...]:
    """Return what Python needs to read to go on importing, and little else."""
    python = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib")]
    shared = [os.path.join(prefix, "lib") for prefix in {sys.prefix, sys.base_prefix}]
    system = [
        *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/fonts", "/usr/share/zoneinfo"),
        *("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/proc/cpuinfo", "/proc/meminfo"),
    ]
    return tuple(path for path in [*python, *shared, *packages, *system] if os.path.exists(path))


def package_folders(search_path: Sequence[str]) -> tuple[str, ...]:
    """Return those entries of `search_path` into which packages are installed."""
    installed = {*site.getsitepackages(), *(path for path in search_path if _is_installed(path))}
    return tuple(path for path in search_path if path in installed)


def _is_installed(path: str) -> bool:
    return os.path.basename(path) in ("site-packages", "dist-packages")


def prepare(level: Level, view: View) -> Walls:
    """Build what all children of this process share; OSError where the kernel has no such wall."""
    if level is Level.MAC:
        return Walls(level)
    proc = os.open("/proc", os.O_RDONLY) if sys.platform == "linux" else None
    if level is Level.NONE or proc is None:
        return Walls(level, proc)
    if level is Level.FULL:
        pids = namespaces.own_pids()
        namespaces.change_root(view.readable, view.hidden)
        walls = Walls(level, proc, view.landlock_version(), pids=pids)
    elif level is Level.KERNEL:
        version = view.landlock_version()
        if not version:
            raise OSError("this kernel offers no Landlock")
        walls = Walls(level, proc, version, _above_all_others(_library_rules(view, version)))
    else:
        walls = Walls(level, proc)
    user, note = _whom_to_become(view)
    tasks = _tasks_of(os.getuid() if user is None else user, proc)
    return replace(walls, user=user, note=note, tasks=tasks)


def _tasks_of(user: int, proc: int) -> int:
    count = 0
    for name in filter(str.isdigit, os.listdir(proc)):
        try:
            status = os.stat(f"{name}/task", dir_fd=proc)
        except OSError:
            continue  # it has ended since
        if status.st_uid == user:
            count += status.st_nlink - 2
    return count


# A child's own descriptors are the lowest, and must not fall on this one.
def _above_all_others(descriptor: int) -> int:
    high = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 200)
    os.close(descriptor)
    return high


def _library_rules(view: View, version: int) -> int:
    rules = [("/dev/null", landlock.WRITE_FILE)]
    rules += [(device, landlock.READ) for device in ("/dev/zero", "/dev/urandom", "/dev/random")]
    for path in view.readable:
        rules += landlock.reading(os.path.realpath(path), view.hidden)
    return landlock.ruleset(rules, version)


# The scratch folder is mounted in the child, so its rule can only be made there.
def _own_root_rules(version: int) -> int:
    scratch = (namespaces.SCRATCH, landlock.everything(version))
    return landlock.ruleset(
        [("/", landlock.READ), ("/dev/null", landlock.WRITE_FILE), scratch], version
    )


def _whom_to_become(view: View) -> tuple[int | None, str]:
    if os.geteuid() != 0:
        return None, ""
    try:
        readable = _is_readable_by(NOBODY, view)
    except OSError:
        return None, "stays root, since this container knows no other user"
    if not readable:
        return None, "stays root, since no other user can read this Python"
    return NOBODY, "unprivileged user"


def _is_readable_by(user: int, view: View) -> bool:
    os.setresgid(-1, user, -1)
    try:
        os.setresuid(-1, user, -1)
        try:
            folders = [path for path in view.readable if path in sys.path]
            return all(os.access(path, os.R_OK, effective_ids=True) for path in folders)
        finally:
            os.setresuid(-1, 0, -1)
    finally:
        os.setresgid(-1, 0, -1)


# --- in each child -----------------------------------------------------------------------


def shut(walls: Walls, limits: Limits, held_bytes: int) -> None:
    """Lock this process in. OSError means that it is not locked in and must not go on.

    `held_bytes` is the size of its address space so far, which no limit can take back.
    """
    match walls.level:
        case Level.NONE:
            return
        case Level.MAC:
            _limit(limits)
            seatbelt.shut(libraries(package_folders(sys.path)))
            return
        case Level.FULL:
            namespaces.private_scratch(limits.scratch_bytes, limits.scratch_files)
        case Level.KERNEL | Level.OUTER:
            os.chdir("/")
    _limit(
        limits,
        {
            resource.RLIMIT_AS: held_bytes + limits.memory_bytes,
            resource.RLIMIT_NPROC: walls.tasks + limits.threads,
        },
    )
    if walls.user is not None:
        os.setgroups([])
        os.setresgid(walls.user, walls.user, walls.user)
        os.setresuid(walls.user, walls.user, walls.user)
    # A change of user makes the kernel forget whose death to follow, so this comes after it.
    namespaces.die_with_parent()
    namespaces.forbid_privileges()
    if walls.landlock:
        rules = walls.ruleset if walls.ruleset is not None else _own_root_rules(walls.landlock)
        landlock.shut(rules)
        os.close(rules)
    # Last, since the filter refuses what the steps above needed.
    seccomp.shut(os.getpid())


def _limit(limits: Limits, more: Mapping[int, int] | None = None) -> None:
    wanted = {
        **(more or {}),
        resource.RLIMIT_CPU: limits.session_cpu_seconds,
        resource.RLIMIT_FSIZE: limits.scratch_bytes,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
    }
    for what, value in wanted.items():
        hard = resource.getrlimit(what)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(what, (value, value))


def held_bytes(walls: Walls) -> int:
    """Return the size of this process's address space; 0 where nobody can tell."""
    if walls.proc is None:
        return 0
    with open(os.open("self/statm", os.O_RDONLY, dir_fd=walls.proc), encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def descriptors(walls: Walls) -> list[int]:
    """Return what this process has open, or may have where nobody can tell."""
    if walls.proc is None:
        return list(range(min(os.sysconf("SC_OPEN_MAX"), 1 << 16)))
    folder = os.open("self/fd", os.O_RDONLY, dir_fd=walls.proc)
    try:
        return [int(name) for name in os.listdir(folder)]
    finally:
        os.close(folder)


def threads(walls: Walls) -> int:
    """Return how many threads this process has; 1 where nobody can tell."""
    if walls.proc is None:
        return 1
    tasks = os.open("self/task", os.O_RDONLY, dir_fd=walls.proc)
    try:
        return len(os.listdir(tasks))
    finally:
        os.close(tasks)


def enforceable(level: Level) -> str | None:
    """Return why `level` cannot be had on this kind of machine, or None."""
    if level is Level.MAC:
        return None if sys.platform == "darwin" else "only macOS has Seatbelt"
    if level in (Level.FULL, Level.KERNEL, Level.OUTER) and not kernel.is_known():
        return "only Linux on x86_64 or aarch64 has this wall"
    return None
