"""The only door through which a student's files are opened: regular, bounded, never a link."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from grader.errors import UsageError
from grader.values import clean

# More than a sheet, a module, or a notebook with its pictures needs.
MAX_BYTES = 20_000_000

# A link is not followed, and a pipe without a writer does not block.
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

# What machines leave behind; besides these, every name that begins with a dot.
_JUNK = frozenset({"__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini", "node_modules"})


class Refusal(UsageError):
    """A file that is not read: its name, and why."""

    def __init__(self, name: str, why: str) -> None:
        self.name = name
        self.why = why
        super().__init__(f"{name}: {why}")


class Limits(NamedTuple):
    """How much of a submission is looked at.

    `entries` bounds each folder: one that holds more is refused as a whole, because which of its
    files come first would depend on the file system.
    """

    file_bytes: int = MAX_BYTES
    total_bytes: int = 5 * MAX_BYTES
    files: int = 500
    entries: int = 10_000
    folders: int = 1_000
    depth: int = 8


LIMITS = Limits()


class Folder(NamedTuple):
    """What a folder held: the files read, the names left alone, and what was refused and why."""

    files: dict[str, bytes]
    others: list[str]
    refused: dict[str, str]

    @staticmethod
    def empty() -> Folder:
        """Return a folder to be filled."""
        return Folder({}, [], {})


class Text(NamedTuple):
    """A file's text with `\\n` line ends, and what had to be done to read it."""

    text: str
    warnings: tuple[str, ...] = ()


def shown(name: str) -> str:
    """Return a file's name as it may be shown: composed, on one line, nothing hidden."""
    visible = clean(unicodedata.normalize("NFC", name))
    return visible.replace("\n", "<U+000A>").replace("\t", "<U+0009>")


# --- one file --------------------------------------------------------------------------------


def read(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Return the bytes of the regular file `path`; Refusal for anything else."""
    return _read(str(path), shown(str(path)), limit)


def _read(path: str, name: str, limit: int, dir_fd: int | None = None) -> bytes:
    try:
        _demand_regular(os.stat(path, dir_fd=dir_fd, follow_symlinks=False).st_mode, name)
        descriptor = os.open(path, _OPEN, dir_fd=dir_fd)
        try:
            return _drain(descriptor, name, limit)
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:  # a name with a zero byte is a ValueError
        raise Refusal(name, f"cannot be read ({_reason(error)})") from error


def _drain(descriptor: int, name: str, limit: int) -> bytes:
    status = os.fstat(descriptor)  # again: the name may stand for something else by now
    _demand_regular(status.st_mode, name)
    if status.st_size > limit:
        raise Refusal(name, f"holds {_size(status.st_size)}; up to {_size(limit)} are read")
    chunks: list[bytes] = []
    room = limit + 1
    while room and (chunk := os.read(descriptor, min(room, 1 << 20))):
        chunks.append(chunk)
        room -= len(chunk)
    if not room:
        raise Refusal(name, f"holds more than {_size(limit)}")
    return b"".join(chunks)


def _demand_regular(mode: int, name: str) -> None:
    if stat.S_ISREG(mode):
        return
    for is_kind, noun in (
        (stat.S_ISLNK, "a symbolic link, which is not followed"),
        (stat.S_ISDIR, "a folder, not a file"),
        (stat.S_ISFIFO, "a named pipe, not a file"),
        (stat.S_ISSOCK, "a socket, not a file"),
    ):
        if is_kind(mode):
            raise Refusal(name, f"is {noun}")
    raise Refusal(name, "is a device, not a file")


def _reason(error: OSError | ValueError) -> str:
    strerror = error.strerror if isinstance(error, OSError) else None
    return (strerror or str(error)).lower()


def _size(count: int) -> str:
    for unit, name in ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if count >= unit:
            return f"{count / unit:.3g} {name}"
    return f"{count} bytes"


# --- a folder --------------------------------------------------------------------------------


def walk(root: Path | str, wanted: Callable[[str], bool], limits: Limits = LIMITS) -> Folder:
    """Return what the folder `root` holds, with the bytes of the files that are `wanted`.

    Names are relative, with `/`, cleaned and in sorted order. A link is refused, also as the root
    itself. A folder with the name of a wanted file is refused as such, and looked into.
    """
    found = Folder.empty()
    name = shown(str(root))
    try:
        descriptor = _open_folder(str(root), name, None)
    except (OSError, ValueError) as error:
        raise Refusal(name, f"cannot be opened ({_reason(error)})") from error
    _Walk(wanted, limits, found, []).enter(descriptor, "", 0)
    return Folder(
        dict(sorted(found.files.items())),
        sorted(found.others),
        dict(sorted(found.refused.items())),
    )


def _open_folder(path: str, name: str, dir_fd: int | None) -> int:
    mode = os.stat(path, dir_fd=dir_fd, follow_symlinks=False).st_mode
    if stat.S_ISLNK(mode):
        raise Refusal(name, "is a symbolic link, which is not followed")
    if not stat.S_ISDIR(mode):
        raise Refusal(name, "is not a folder")
    return os.open(path, _OPEN | os.O_DIRECTORY, dir_fd=dir_fd)


class _Walk(NamedTuple):
    """One look through a submission; each folder is opened from its parent, so none can move."""

    wanted: Callable[[str], bool]
    limits: Limits
    found: Folder
    entered: list[str]

    def enter(self, descriptor: int, prefix: str, depth: int) -> None:
        """Take what the open folder holds, and close it."""
        label = prefix.rstrip("/") or "."
        try:
            for name in self._names(descriptor, label):
                self._take(descriptor, name, prefix, depth)
        except OSError as error:
            self.found.refused[label] = f"cannot be listed ({_reason(error)})"
        except Refusal as refusal:
            self.found.refused[label] = refusal.why
        finally:
            os.close(descriptor)

    def _names(self, descriptor: int, label: str) -> list[str]:
        names = []
        with os.scandir(descriptor) as entries:
            for entry in entries:
                names.append(entry.name)
                if len(names) > self.limits.entries:
                    most = f"{self.limits.entries:,}"
                    raise Refusal(label, f"holds more than {most} entries and was not looked into")
        if "pyvenv.cfg" in names:  # an installed Python: thousands of files of other people's code
            raise Refusal(label, "is a virtual environment and was not looked into")
        return sorted(name for name in names if name not in _JUNK and not name.startswith("."))

    def _take(self, parent: int, name: str, prefix: str, depth: int) -> None:
        label = prefix + shown(name)
        try:
            mode = os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode
            if stat.S_ISDIR(mode):
                self._descend(parent, name, label, depth)
                return
            _demand_regular(mode, label)
            if self.wanted(label):
                self._demand_room(label)
                self.found.files[label] = _read(name, label, self._room(), parent)
            else:
                self.found.others.append(label)
        except OSError as error:
            self.found.refused[label] = f"cannot be opened ({_reason(error)})"
        except Refusal as refusal:
            self.found.refused[label] = refusal.why

    def _descend(self, parent: int, name: str, label: str, depth: int) -> None:
        if depth >= self.limits.depth:
            raise Refusal(label, f"lies more than {self.limits.depth} folders deep")
        if len(self.entered) >= self.limits.folders:
            raise Refusal(label, f"comes after {self.limits.folders:,} other folders")
        self.entered.append(label)
        self.enter(_open_folder(name, label, parent), f"{label}/", depth + 1)
        if self.wanted(label):
            self.found.refused.setdefault(label, "is a folder, not a file")

    def _demand_room(self, label: str) -> None:
        if label in self.found.files:
            raise Refusal(label, "has a name that looks like another file's")
        if len(self.found.files) >= self.limits.files:
            raise Refusal(label, f"comes after {self.limits.files} other files")
        if not self._room():
            raise Refusal(label, f"comes after {_size(self.limits.total_bytes)} of other files")

    def _room(self) -> int:
        taken = sum(len(data) for data in self.found.files.values())
        return min(self.limits.file_bytes, max(0, self.limits.total_bytes - taken))


# --- text ------------------------------------------------------------------------------------

# What a file that is no text begins with, and what to call it.
_MAGIC = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a Word document or another zipped file"),
    (b"\xd0\xcf\x11\xe0", "an old Word document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
)

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),  # before UTF-16, whose mark it begins with
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)

_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r\x0b\x0c\x1b")
# A text may hold one control character in so many; what holds more is binary.
_CONTROLS_ONE_IN = 20


def decode(data: bytes, name: str) -> Text:
    """Return the text of the file called `name`; Refusal where it is none.

    UTF-8 and whatever carries a byte order mark are read as such. The rest is guessed, with a
    warning: UTF-16 by the ASCII in it, UTF-8 of which few bytes are damaged, an older encoding by
    the signs that its texts are made of, else Windows-1252.
    """
    for magic, noun in _MAGIC:
        if data.startswith(magic):
            raise Refusal(name, f"is {noun}: export it as plain text or Markdown")
    text, notes = _unicode(data, name)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        text = text.replace("\0", "")
        notes.append("zero bytes were taken out")
    return Text(text, tuple(f"{name}: {note}" for note in notes))


def _unicode(data: bytes, name: str) -> tuple[str, list[str]]:
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return _replacing(data[len(mark) :], marked)
    if (bare := _bare_utf16(data)) is not None:
        text, notes = _replacing(data, bare)
        return text, [f"not UTF-8: read as {bare.upper()}", *notes]
    if len(data) - len(data.translate(None, _CONTROLS)) > len(data) // _CONTROLS_ONE_IN:
        raise Refusal(name, "is not a text file: it holds binary data")
    try:
        return data.decode(), []
    except UnicodeDecodeError as error:
        return _guess(data, error)


def _replacing(data: bytes, encoding: str) -> tuple[str, list[str]]:
    try:
        return data.decode(encoding), []
    except UnicodeDecodeError as error:
        line = 1 + data[: error.start].decode(encoding, errors="replace").count("\n")
        note = f"damaged {encoding.upper()} from line {line} on, shown as \ufffd"
        return data.decode(encoding, errors="replace"), [note]


def _bare_utf16(data: bytes) -> str | None:
    """Return which UTF-16 the data look like: among signs of any script stand some of ASCII."""
    sample = data[:2000]
    if b"\0" not in sample or len(data) % 2:
        return None
    for encoding in ("utf-16-le", "utf-16-be"):
        text = sample.decode(encoding, errors="replace").translate(_ENDS)
        plain = sum(" " <= char <= "~" for char in text)
        shown = sum(map(str.isprintable, text))
        if plain * _PLAIN_EVERY >= len(text) and shown >= _SHOWN * len(text):
            return encoding
    return None


_ENDS = dict.fromkeys(map(ord, "\n\r\t"), " ")
# A text has a space, a digit or a line end in so many signs, and hardly any that is not shown.
_PLAIN_EVERY = 40
_SHOWN = 0.98


def _guess(data: bytes, error: UnicodeDecodeError) -> tuple[str, list[str]]:
    damaged = data.decode(errors="replace")
    right = sum(char > "\x7f" and char != "\ufffd" for char in damaged)
    if right >= damaged.count("\ufffd"):
        line = 1 + data.count(b"\n", 0, error.start)
        return damaged, [f"damaged UTF-8 from line {line} on, shown as \ufffd"]
    for encoding, spoken, usual, share in _LEGACY:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_usual(text[:_LOOKED_AT], usual, share):
            return text, [f"not UTF-8: read as {spoken}, so accents and signs may be off"]
    return data.decode("latin-1"), ["not UTF-8: read as Latin-1, so accents and signs may be off"]


def _is_usual(text: str, usual: str, share: float) -> bool:
    """Return whether so many signs beyond ASCII are such as texts of an encoding are made of."""
    foreign = sum(char > "\x7f" for char in text)
    return sum(map(len, re.findall(usual, text))) >= share * foreign


_LOOKED_AT = 20_000
_KANA = "[ぁ-んァ-ヶー]"
_CYRILLIC = "[А-ЯЁа-яё][а-яё]+"
_CHINESE = "[一-鿿、-】！-～“”‘’…—·]{2,}"
# The encodings of old: what most of a text is made of where it is one of theirs, and how much.
# Signs stand in runs, where accents on Latin letters stand singly; the small letters of one
# Cyrillic encoding are the capital ones of the other.
_LEGACY = (
    ("shift_jis", "Shift-JIS", _KANA, 0.25),
    ("euc_jp", "EUC-JP", _KANA, 0.25),
    ("euc_kr", "EUC-KR", "[가-힣]+", 0.8),
    ("gb18030", "GB 18030", _CHINESE, 0.8),
    ("big5", "Big5", _CHINESE, 0.8),
    ("cp1251", "Windows-1251", _CYRILLIC, 0.8),
    ("koi8_r", "KOI8-R", _CYRILLIC, 0.8),
    ("cp1252", "Windows-1252", "", 0.0),
)
