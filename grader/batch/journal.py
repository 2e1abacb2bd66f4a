"""Results as they are done: an append-only file of checked lines, which no crash can spoil.

A line is eight hexadecimal digits (the CRC-32 of what follows), a space, JSON, and for what is
seldom read a tab and more JSON. What was torn by a crash, or damaged on the disk, fails its check
and is as if it had never been written. The operating system has a line as soon as it is written,
so a killed process loses nothing; what a power cut can take is bounded by `sync`.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from grader.errors import GraderError, UsageError


class Stopped(GraderError):
    """A batch that had begun and cannot go on; what was done is kept."""

    exit_code = 1


class Spot(NamedTuple):
    """Where a line lies: its start, how long its head and its whole are, and its checksum."""

    start: int
    head: int
    size: int
    check: int


class Line(NamedTuple):
    """What the head of a line says, and where it lies."""

    entry: Mapping[str, Any]
    spot: Spot


class Journal:
    """An append-only file of entries with one writer."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self._end = 0

    def lines(self) -> Iterator[Line]:
        """Yield the entries that are whole, in the order in which they were written."""
        start = 0
        for raw in self._raw():
            line = _checked(raw, start)
            if line is not None:
                yield line
            start += len(raw)

    def damaged(self) -> int:
        """Return how many lines fail their check, a torn last line apart."""
        return sum(raw.endswith(b"\n") and _checked(raw, 0) is None for raw in self._raw())

    def _raw(self) -> Iterator[bytes]:
        try:
            with self._path.open("rb") as file:
                yield from file
        except FileNotFoundError:
            return

    def head(self, spot: Spot) -> Mapping[str, Any]:
        """Return what the head of a line says."""
        return self._loaded(self._read(spot.start + 9, spot.head))

    def body(self, spot: Spot) -> Mapping[str, Any]:
        """Return what a line holds beside its head."""
        return self._loaded(self.body_text(spot))

    def body_text(self, spot: Spot) -> bytes:
        """Return what a line holds beside its head, as it was written."""
        return self._read(spot.start + 9 + spot.head + 1, spot.size - spot.head - 11)

    def _read(self, start: int, size: int) -> bytes:
        assert self._file is not None, "a journal is read within its with-block"
        return os.pread(self._file, size, start)

    def _loaded(self, raw: bytes) -> Mapping[str, Any]:
        try:
            entry = json.loads(raw)
        except ValueError as fault:
            raise Stopped(
                f"{self._path}: changed while it was read; run the batch again"
            ) from fault
        assert isinstance(entry, dict)  # it was written here
        return entry

    def append(self, entry: Mapping[str, Any], body: bytes = b"") -> Line:
        """Write an entry, and after it a body of JSON; it is there, whole, when this returns."""
        return Line(entry, self.write(dumps(entry), body))

    def write(self, head: bytes, body: bytes = b"") -> Spot:
        """Write an entry that is JSON already; return where it lies."""
        text = head + b"\t" + body if body else head
        check = zlib.crc32(text)
        raw = b"%08x %b\n" % (check, text)
        assert self._file is not None, "a journal is written within its with-block"
        try:
            _write(self._file, raw, self._end)
        except OSError as fault:
            # What was torn is cut off, so that the next line has its place.
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._end)
            raise full(self._path, fault) from fault
        spot = Spot(self._end, len(head), len(raw), check)
        self._end += len(raw)
        return spot

    def sync(self) -> None:
        """Wait until the disk has what was written."""
        if self._file is not None:
            os.fsync(self._file)

    def __enter__(self) -> Self:
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            self._end = _cut_torn_line(self._file)
        except OSError as fault:
            raise full(self._path, fault) from fault
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.fsync(self._file)
            os.close(self._file)
        self._file = None


def dumps(value: Any) -> bytes:
    """Return plain values as JSON on one line, without a tab."""
    return _encoder.encode(value).encode()


_encoder = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


def _checked(raw: bytes, start: int) -> Line | None:
    if len(raw) < 10 or raw[8:9] != b" " or not raw.endswith(b"\n"):
        return None
    text = raw[9:-1]
    try:
        check = int(raw[:8], 16)
        if check != zlib.crc32(text):
            return None
        head = text.partition(b"\t")[0]
        entry = json.loads(head)
    except ValueError:
        return None
    return Line(entry, Spot(start, len(head), len(raw), check)) if isinstance(entry, dict) else None


def _write(file: int, raw: bytes, at: int) -> None:
    while raw:
        count = os.pwrite(file, raw, at)
        raw, at = raw[count:], at + count


def _cut_torn_line(file: int) -> int:
    """Remove what stands after the last line end; return where the file ends now."""
    end = size = os.lseek(file, 0, os.SEEK_END)
    while end > 0:
        start = max(0, end - 65_536)
        chunk = os.pread(file, end - start, start)
        at = chunk.rfind(b"\n")
        if at >= 0:
            end = start + at + 1
            break
        end = start
    if end < size:
        os.ftruncate(file, end)
    return end


def is_full(fault: OSError) -> bool:
    """Return whether a fault is that of a disk without space."""
    return fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def full(path: Path | str, fault: OSError) -> Stopped:
    """Return what to say where a file cannot be written."""
    if is_full(fault):
        return Stopped(
            f"{path}: no space is left ({fault.strerror}); what was graded is kept: "
            "make room and run the same command again"
        )
    return Stopped(f"{path}: cannot be written ({fault.strerror or fault})")


def replace_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, and wait until the disk has it."""
    stream_file(path, [data])


def stream_file(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file of many pieces whole or not at all, and wait until the disk has it."""
    with _placed(path) as file, open(file, "wb", closefd=False) as stream:
        stream.writelines(pieces)
        stream.flush()
        os.fsync(file)


def put(path: Path | str, data: bytes) -> None:
    """Write a file whole or not at all."""
    with _placed(path) as file:
        _write(file, data, 0)


@contextlib.contextmanager
def _placed(path: Path | str) -> Iterator[int]:
    """Open a file that takes its name when all of it is written."""
    part = f"{os.path.dirname(path) or '.'}/.{os.urandom(8).hex()}.part"
    try:
        file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        try:
            try:
                yield file
            finally:
                os.close(file)
            os.replace(part, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(part)
            raise
    except OSError as fault:
        raise full(path, fault) from fault


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder for one batch; a second one is refused. A killed batch holds nothing."""
    try:
        file = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as fault:
        raise UsageError(
            f"{folder}: cannot be written ({fault.strerror}); choose another with -o"
        ) from fault
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as fault:
            raise UsageError(
                f"{folder}: another batch is running on this folder; wait for it, "
                "or choose another with -o"
            ) from fault
        yield
    finally:
        os.close(file)
