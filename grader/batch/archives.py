"""Zip files that may be hostile: members are named, counted and bounded before one is believed."""

from __future__ import annotations

import io
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from grader import files
from grader.errors import UsageError
from grader.files import Refusal

# The names of all members together: what some tens of thousands of files need. Python's module
# reads the whole directory into memory before it can be asked for a count.
_DIRECTORY_BYTES = 4_000_000

_END = struct.Struct("<4s4H2LH")
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))]
)
_BROKEN = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Archive:
    """An open zip file: the members that may be read, by their names, and why others may not."""

    zip: zipfile.ZipFile
    members: Mapping[str, zipfile.ZipInfo]
    refused: Mapping[str, str] = field(default_factory=dict)

    def read(self, name: str, limit: int = files.MAX_BYTES) -> bytes:
        """Return what a member holds; Refusal where it is broken, or larger than `limit`.

        The bytes are counted as they inflate: the size that a zip file states may be a lie.
        """
        try:
            with self.zip.open(self.members[name]) as member:
                data = member.read(limit + 1)
        except _BROKEN as fault:
            raise Refusal(name, f"is damaged in the zip file ({fault})") from fault
        if len(data) > limit:
            raise Refusal(name, f"inflates to more than {limit:,} bytes")
        return data

    def under(self, prefix: str) -> Iterator[str]:
        """Yield the names of the members that lie under `prefix`."""
        return (name for name in self.members if name.startswith(prefix))


def is_zip(data: bytes) -> bool:
    """Return whether data begin as a zip file does."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def open_path(path: Path) -> Archive:
    """Open the zip file of a bulk download, which may be large; UsageError where it is broken."""
    try:
        return _opened(zipfile.ZipFile(path))
    except _BROKEN as fault:
        raise UsageError(
            f"{files.shown(str(path))}: the zip file cannot be read ({fault}); download it again"
        ) from fault


def open_bytes(data: bytes, name: str) -> Archive:
    """Open a zip file that a student handed in; Refusal where it is broken or too large."""
    try:
        _demand_small_directory(data, name)
        return _opened(zipfile.ZipFile(io.BytesIO(data)))
    except _BROKEN as fault:
        raise Refusal(name, f"is a damaged zip file ({fault})") from fault


def _demand_small_directory(data: bytes, name: str) -> None:
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    if at < 0 or len(data) - at < _END.size:
        raise Refusal(name, "is a damaged zip file (its end is missing)")
    size = _END.unpack_from(data, at)[5]
    if size > _DIRECTORY_BYTES:
        raise Refusal(name, "is a zip file with too many members")


def _opened(zip: zipfile.ZipFile) -> Archive:
    members: dict[str, zipfile.ZipInfo] = {}
    refused: dict[str, str] = {}
    taken: set[str] = set()
    for info in zip.infolist():
        if info.is_dir():
            continue
        shown = files.shown(info.filename)
        why = _objection(info, taken)
        if why is None:
            taken.add(_alike(info.filename))
            members[unicodedata.normalize("NFC", info.filename)] = info
        else:
            refused[shown] = why
    return Archive(zip, members, refused)


def _objection(info: zipfile.ZipInfo, taken: set[str]) -> str | None:
    """Return why a member is not to be read, or None."""
    name = info.orig_filename
    parts = PurePosixPath(info.filename).parts
    if "\0" in name:
        return "has a zero byte in its name"
    if "\\" in info.filename or info.filename.startswith("/") or name[1:3] in (":/", ":\\"):
        return "has an absolute or foreign path"
    if ".." in parts:
        return "has a path that leads out of the zip file"
    if any(part.split(".")[0].casefold() in _RESERVED for part in parts):
        return "has a name that is reserved on Windows"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is a symbolic link, which is not followed"
    if info.flag_bits & 0x1:
        return "is encrypted"
    if _alike(info.filename) in taken:
        return "has the name of another member, apart from upper and lower case"
    return None


def _alike(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def unpacked(
    data: bytes, name: str, wanted: Sequence[str], limits: files.Limits = files.LIMITS
) -> files.Folder:
    """Return what a student's zip file holds; one in it is refused, and so is all beyond limits."""
    archive = open_bytes(data, name)
    found = files.Folder.empty()
    found.refused.update({f"{name}/{each}": why for each, why in archive.refused.items()})
    take(archive, [(member, f"{name}/{member}") for member in archive.members], wanted, found,
         limits)  # fmt: skip
    for label in [each for each in found.files if is_zip(found.files[each])]:
        del found.files[label]
        found.refused[label] = "is a zip file inside a zip file; only the outer one is opened"
    return found


def take(
    archive: Archive,
    members: Sequence[tuple[str, str]],
    wanted: Sequence[str],
    found: files.Folder,
    limits: files.Limits = files.LIMITS,
) -> None:
    """Add members, each under the label beside it, to what was found."""
    room = limits.total_bytes - sum(len(data) for data in found.files.values())
    for member, label in members:
        parts = PurePosixPath(member).parts
        shown = files.shown(label)
        if any(part.startswith(".") or part == "__MACOSX" for part in parts):
            continue
        if not shown.casefold().endswith(tuple(wanted)):
            found.others.append(shown)
        elif len(found.files) >= limits.files:
            found.refused[shown] = f"comes after {limits.files} other files"
        elif room <= 0:
            found.refused[shown] = f"comes after {limits.total_bytes:,} bytes of other files"
        elif len(parts) > limits.depth:
            found.refused[shown] = f"lies more than {limits.depth} folders deep"
        else:
            try:
                found.files[shown] = archive.read(member, min(room, limits.file_bytes))
                room -= len(found.files[shown])
            except Refusal as refusal:
                found.refused[shown] = refusal.why
