"""The file wall of the kernel itself: Landlock, which needs no privilege and no namespace."""

from __future__ import annotations

import errno
import os
import stat
import struct
from collections.abc import Iterator, Sequence
from typing import Final

from grader.sandbox import kernel

_EXECUTE: Final = 1 << 0
_WRITE_FILE: Final = 1 << 1
_READ_FILE: Final = 1 << 2
_READ_FOLDER: Final = 1 << 3
_TRUNCATE: Final = 1 << 14
_ON_FILES: Final = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | 1 << 15

READ: Final = _READ_FILE | _READ_FOLDER
LIST: Final = _READ_FOLDER
WRITE_FILE: Final = _READ_FILE | _WRITE_FILE | _TRUNCATE

# How many rights over files each version knows, from the first.
_FILE_RIGHTS: Final = (13, 14, 15, 15, 16, 16)
NEWEST: Final = 7
"""The newest version that was looked at; a later one is used as this one."""

Rule = tuple[str, int]
"""A path, and what may be done at and beneath it."""


def version() -> int:
    """Return the version of Landlock that this kernel offers, 0 for none."""
    try:
        return min(kernel.call("landlock_create_ruleset", None, 0, 1), NEWEST)
    except OSError as refusal:
        if refusal.errno in (errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM):
            return 0
        raise


def everything(version: int) -> int:
    """Return all rights over files that `version` knows."""
    return (1 << _FILE_RIGHTS[min(version, len(_FILE_RIGHTS)) - 1]) - 1


def ruleset(rules: Sequence[Rule], version: int) -> int:
    """Return a descriptor of a ruleset that denies whatever `rules` do not grant.

    From version 4 on it denies TCP, from version 6 abstract sockets and signals to processes
    outside the wall.
    """
    handled = struct.pack("<Q", everything(version))
    if version >= 4:
        bind_and_connect = 3
        handled += struct.pack("<Q", bind_and_connect)
    if version >= 6:
        abstract_sockets_and_signals = 3
        handled += struct.pack("<Q", abstract_sockets_and_signals)
    descriptor = kernel.call("landlock_create_ruleset", handled, len(handled), 0)
    for path, rights in rules:
        _grant(descriptor, path, rights & everything(version))
    return descriptor


def _grant(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError, NotADirectoryError):
        return  # what cannot be reached needs no leave
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _ON_FILES
        beneath = 1
        if rights:
            attribute = struct.pack("<Qi", rights, place)
            kernel.call("landlock_add_rule", ruleset, beneath, attribute, 0)
    finally:
        os.close(place)


def reading(path: str, hidden: Sequence[str]) -> Iterator[Rule]:
    """Yield the rules for reading `path` and all beneath it except what lies in `hidden`.

    A rule cannot take back what a folder above it grants, so a folder that holds something
    hidden grants its names only, and its other entries are granted one by one.
    """
    if any(_is_within(path, secret) for secret in hidden):
        return
    if not any(_is_within(secret, path) for secret in hidden):
        yield path, READ
        return
    yield path, LIST
    for entry in _entries(path):
        yield from reading(os.path.join(path, entry), hidden)


# A link is as readable as what it points to, and that may lie outside.
def _entries(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if not entry.is_symlink())
    except OSError:
        return []


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def shut(ruleset: int) -> None:
    """Put this process, and whatever comes of it, behind the ruleset."""
    kernel.call("landlock_restrict_self", ruleset, 0)
