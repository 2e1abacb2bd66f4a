"""What was handed in: a folder or a zip file, in the shapes in which platforms give it out."""

from __future__ import annotations

import hashlib
import html.parser
import os
import re
import stat
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import NamedTuple, TypeAlias

from grader import files, intake, readers, yamltree
from grader.batch import archives
from grader.batch.archives import Archive
from grader.batch.cases import Case, Kind
from grader.errors import Unreadable, UsageError
from grader.files import Refusal

Knows: TypeAlias = Callable[[str], bool]
"""Says whether a name is one that a student on the roster goes by."""

_JUNK = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})


class Piece(NamedTuple):
    """A file or a folder of a submission: where it lies, and what to call it.

    `member` is its name in the zip file `path`, ending in a slash for a folder. A piece without
    a name is the submission itself.
    """

    path: str
    member: str = ""
    name: str = ""


class Handed(NamedTuple):
    """One submission: what it is called, who may have handed it in, and its pieces.

    `claims` are names of its owner, the surest first; a group's submission has several `owners`,
    each with claims of their own. `when` orders the submissions of one student, newest last.
    """

    label: str
    owners: tuple[tuple[str, ...], ...]
    pieces: tuple[Piece, ...]
    late: bool = False
    when: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """All submissions, the shape in which they came, and what could not be made sense of."""

    shape: str
    handed: Sequence[Handed]
    cases: Sequence[Case] = ()


class _Entry(NamedTuple):
    """Something at the top of the submissions: a file, or a folder with the names in it."""

    name: str
    piece: Piece
    is_folder: bool


@dataclass(frozen=True, slots=True)
class _Tree:
    """The top of the submissions; `below` opens one of its folders."""

    path: Path
    entries: Sequence[_Entry]
    refused: Mapping[str, str]
    below: Callable[[_Entry], _Tree]
    read: Callable[[_Entry], bytes]

    def entry(self, name: str) -> _Entry | None:
        return next((each for each in self.entries if each.name == name), None)


def find(path: Path, knows: Knows) -> Found:
    """Return the submissions that lie at `path`, a folder or a zip file.

    `knows` tells a student's folder from one that only wraps the others.
    """
    tree = _top(path)
    for _ in range(3):
        found = _recognised(tree)
        wrapper = None if found else _wrapper(tree, knows)
        if wrapper is None:
            break
        tree = tree.below(wrapper)
    found = found or _folders(tree)
    refused = [
        Case(Kind.UNREADABLE, name, f"{name}: {why}; it was left out")
        for name, why in sorted(tree.refused.items())
    ]
    return replace(found, cases=(*found.cases, *refused))


def _top(path: Path) -> _Tree:
    if path.is_dir():
        return _folder_tree(path)
    if path.is_file() and zipfile.is_zipfile(path):
        return _zip_tree(path, archives.open_path(path), "")
    shown = files.shown(str(path))
    if path.exists():
        raise UsageError(f"{shown}: expected a folder or a zip file of submissions")
    raise UsageError(f"{shown}: no such folder or zip file of submissions")


def _folder_tree(path: Path) -> _Tree:
    entries: list[_Entry] = []
    refused: dict[str, str] = {}
    try:
        with os.scandir(path) as listing:
            for each in sorted(listing, key=lambda entry: entry.name):
                if each.name.startswith(".") or each.name in _JUNK:
                    continue
                mode = each.stat(follow_symlinks=False).st_mode
                if stat.S_ISDIR(mode) or stat.S_ISREG(mode):
                    piece = Piece(each.path)
                    entries.append(_Entry(each.name, piece, stat.S_ISDIR(mode)))
                else:
                    kind = "a symbolic link" if stat.S_ISLNK(mode) else "neither file nor folder"
                    refused[files.shown(each.name)] = f"is {kind}"
    except OSError as fault:
        raise UsageError(
            f"{files.shown(str(path))}: cannot be listed ({fault.strerror})"
        ) from fault
    return _Tree(
        path,
        entries,
        refused,
        below=lambda entry: _folder_tree(Path(entry.piece.path)),
        read=lambda entry: files.read(Path(entry.piece.path)),
    )


def _zip_tree(path: Path, archive: Archive, prefix: str) -> _Tree:
    folders: dict[str, bool] = {}
    for name in archive.under(prefix):
        top, slash, _ = name[len(prefix) :].partition("/")
        if not top.startswith(".") and top not in _JUNK:
            folders[top] = folders.get(top, False) or bool(slash)
    entries = [
        _Entry(name, Piece(str(path), f"{prefix}{name}" + ("/" if is_folder else "")), is_folder)
        for name, is_folder in sorted(folders.items())
    ]
    return _Tree(
        path,
        entries,
        archive.refused,
        below=lambda entry: _zip_tree(path, archive, entry.piece.member),
        read=lambda entry: archive.read(entry.piece.member),
    )


def _wrapper(tree: _Tree, knows: Knows) -> _Entry | None:
    """Return the folder that holds all others, as a zip file or a clone command makes one."""
    folders = [entry for entry in tree.entries if entry.is_folder]
    if len(folders) != 1 or len(tree.entries) != 1 or knows(folders[0].name):
        return None
    inside = tree.below(folders[0]).entries
    is_class = any(knows(PurePosixPath(entry.name).stem) for entry in inside)
    bulk = _METADATA in {entry.name for entry in inside} or any(
        _MOODLE.match(entry.name) or _CANVAS.fullmatch(entry.name) for entry in inside
    )
    return folders[0] if is_class or bulk or all(entry.is_folder for entry in inside) else None


def _recognised(tree: _Tree) -> Found | None:
    if tree.entry(_METADATA) is not None:
        return _gradescope(tree)
    moodle = [entry for entry in tree.entries if _MOODLE.match(entry.name)]
    if moodle:
        return _moodle(tree, moodle)
    canvas = [entry for entry in tree.entries if not entry.is_folder and _is_canvas(entry.name)]
    if canvas and 2 * len(canvas) >= len(tree.entries):
        return _canvas(tree, canvas)
    return None


# --- a folder or a file per student ----------------------------------------------------------


def _folders(tree: _Tree) -> Found:
    handed = [_one(entry) for entry in tree.entries]
    return Found("folders", [each for each in handed if each is not None])


def _one(entry: _Entry) -> Handed | None:
    name = entry.name if entry.is_folder else PurePosixPath(entry.name).stem
    piece = entry.piece if entry.is_folder else entry.piece._replace(name=entry.name)
    return Handed(files.shown(entry.name), ((name,),), (piece,))


# --- Canvas ----------------------------------------------------------------------------------

_CANVAS = re.compile(
    r"(?:(?P<name>[^/]+?)_)??(?:(?P<late>LATE)_)?(?P<user>\d{1,20}|anon_[A-Za-z0-9]{1,20})_"
    r"(?:(?P<attachment>\d{1,20})_(?P<file>[^/]+)|(?P<kind>text|link)\.html)"
)
_VERSION = re.compile(r"(?P<base>.+?)-(?P<number>\d{1,4})(?P<suffix>\.[^.]*)?")


def _is_canvas(name: str) -> bool:
    return len(name) < 1_000 and _CANVAS.fullmatch(name) is not None


def _canvas(tree: _Tree, entries: Sequence[_Entry]) -> Found:
    by_user: dict[str, list[tuple[_Entry, re.Match[str]]]] = {}
    for entry in entries:
        parts = _CANVAS.fullmatch(entry.name)
        assert parts is not None  # only such entries come here
        by_user.setdefault(parts["user"], []).append((entry, parts))
    handed = [_canvas_user(user, group) for user, group in sorted(by_user.items())]
    return Found("canvas", handed, _left_over(tree, entries))


def _canvas_user(user: str, group: Sequence[tuple[_Entry, re.Match[str]]]) -> Handed:
    newest: dict[str, tuple[tuple[int, int], _Entry]] = {}
    notes: list[str] = []
    for entry, parts in group:
        base, version = _version(parts["file"] or f"online {parts['kind']}.html")
        rank = (version, int(parts["attachment"] or 0))
        known = newest.get(base)
        if known is not None:
            older = min((rank, entry), known, key=lambda each: each[0])[1]
            notes.append(f"{files.shown(older.name)} was replaced by a newer file")
        if known is None or rank > known[0]:
            newest[base] = (rank, entry)
    pieces = tuple(entry.piece._replace(name=base) for base, (_, entry) in sorted(newest.items()))
    names = [parts["name"] for _, parts in group if parts["name"]]
    label = f"{names[0]}_{user}" if names else user
    if any(parts["kind"] == "link" for _, parts in group):
        notes.append("a link was handed in, which is not followed")
    late = any(parts["late"] or parts["name"] == "LATE" for _, parts in group)
    return Handed(files.shown(label), ((user, *names[:1]),), pieces, late, "", tuple(notes))


def _version(name: str) -> tuple[str, int]:
    """Return a file's name without the number that a new version gets, and the number."""
    found = _VERSION.fullmatch(name)
    if found is None:
        return name, 0
    return found["base"] + (found["suffix"] or ""), int(found["number"])


def _left_over(tree: _Tree, taken: Sequence[_Entry]) -> list[Case]:
    names = {entry.name for entry in taken}
    return [
        Case(Kind.EXTRA, files.shown(entry.name), "is not named as the others are; left out")
        for entry in tree.entries
        if entry.name not in names
    ]


# --- Moodle ----------------------------------------------------------------------------------

_MOODLE = re.compile(
    r"(?P<name>[^/]*?)_(?P<participant>\d{1,20})_assignsubmission_"
    r"(?P<plugin>file|onlinetext)(?:_(?P<file>[^/]+)|_?$)"
)


def _moodle(tree: _Tree, entries: Sequence[_Entry]) -> Found:
    by_person: dict[str, list[tuple[_Entry, re.Match[str]]]] = {}
    for entry in entries:
        parts = _MOODLE.match(entry.name)
        assert parts is not None  # only such entries come here
        by_person.setdefault(parts["participant"], []).append((entry, parts))
    handed = []
    for participant, group in sorted(by_person.items()):
        name = group[0][1]["name"]
        pieces = tuple(
            entry.piece._replace(name="" if entry.is_folder else parts["file"] or entry.name)
            for entry, parts in group
        )
        label = files.shown(f"{name}_{participant}")
        handed.append(Handed(label, ((participant, name, name.rpartition("_")[0]),), pieces))
    return Found("moodle", handed, _left_over(tree, entries))


# --- Gradescope ------------------------------------------------------------------------------

_METADATA = "submission_metadata.yml"
_SUBMISSION = re.compile(r"^(?=\S[^\n]*:)", re.MULTILINE)


def _gradescope(tree: _Tree) -> Found:
    entry = tree.entry(_METADATA)
    assert entry is not None  # the shape is told by it
    text = files.decode(tree.read(entry), _METADATA).text
    told = dict(_told(text))
    handed = []
    for each in tree.entries:
        if each.name == _METADATA:
            continue
        about = told.get(each.name)
        owners = _submitters(about) or ((each.name,),)
        created = str(about.get(":created_at", "")) if about else ""
        handed.append(Handed(files.shown(each.name), owners, (each.piece,), when=created))
    return Found("gradescope", handed)


def _told(text: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield what the metadata say of each submission.

    They are read one submission at a time: a large class is more than a careful reader takes.
    """
    for block in _SUBMISSION.split(text.lstrip("-\n")):
        try:
            value = yamltree.parse(block).typed() if block.strip() else None
        except Unreadable:
            continue
        if isinstance(value, dict):
            yield from ((key, about) for key, about in value.items() if isinstance(about, dict))


def _submitters(about: Mapping[str, object] | None) -> tuple[tuple[str, ...], ...]:
    people = about.get(":submitters") if about else None
    if not isinstance(people, list):
        return ()
    keys = (":sid", ":email", ":name")
    return tuple(
        tuple(str(person[key]) for key in keys if person.get(key))
        for person in people
        if isinstance(person, dict)
    )


# --- what a submission holds -----------------------------------------------------------------


@dataclass(slots=True)
class Shelf:
    """The zip files that submissions lie in, each opened once."""

    _open: dict[str, Archive] = field(default_factory=dict)

    def archive(self, path: str) -> Archive:
        """Return the open zip file at `path`."""
        if path not in self._open:
            self._open[path] = archives.open_path(Path(path))
        return self._open[path]


def unpacked(path: Path) -> files.Folder:
    """Return what a zip file holds, or a folder with zip files in it."""
    piece = Piece(str(path), name="" if path.is_dir() else path.name)
    return gather(Handed(path.name, (), (piece,)), Shelf())


_WANTED = (*readers.SUFFIXES, *intake.CODE, ".html", ".zip")


def gather(handed: Handed, shelf: Shelf) -> files.Folder:
    """Return what a submission holds, with a student's own zip file unpacked."""
    suffixes = _WANTED
    found = files.Folder.empty()
    for piece in handed.pieces:
        try:
            _add(piece, shelf, suffixes, found)
        except Refusal as refusal:
            # By its own name: where it lies is neither its content nor a student's business.
            found.refused[piece.name or os.path.basename(piece.path)] = refusal.why
    for name in [each for each in found.files if each.casefold().endswith(".zip")]:
        _unpack(name, suffixes, found)
    for name in [each for each in found.files if each.casefold().endswith(".html")]:
        _take_online_text(name, found)
    return files.Folder(
        dict(sorted(found.files.items())), sorted(found.others), dict(sorted(found.refused.items()))
    )


def _add(piece: Piece, shelf: Shelf, suffixes: Sequence[str], found: files.Folder) -> None:
    if piece.member:
        archive = shelf.archive(piece.path)
        is_folder = piece.member.endswith("/")
        members = sorted(archive.under(piece.member)) if is_folder else [piece.member]
        cut = len(piece.member)
        labels = [member[cut:] if is_folder else piece.name for member in members]
        archives.take(archive, list(zip(members, labels, strict=True)), suffixes, found)
    elif piece.name:
        if piece.name.casefold().endswith(tuple(suffixes)):
            found.files[files.shown(piece.name)] = files.read(Path(piece.path))
        else:
            found.others.append(files.shown(piece.name))
    else:
        endings = tuple(suffixes)
        folder = files.walk(piece.path, lambda name: name.casefold().endswith(endings))
        found.files.update(folder.files)
        found.others.extend(folder.others)
        found.refused.update(folder.refused)


def _unpack(name: str, suffixes: Sequence[str], found: files.Folder) -> None:
    data = found.files.pop(name)
    try:
        inside = archives.unpacked(data, name, suffixes)
    except Refusal as refusal:
        found.refused[name] = refusal.why
        return
    found.refused.update(inside.refused)
    found.others.extend(inside.others)
    # Alone, the zip file is the submission; beside others its files keep its name before theirs.
    prefix = f"{name}/" if found.files else ""
    for label, content in inside.files.items():
        found.files[prefix + label.removeprefix(f"{name}/")] = content


def _take_online_text(name: str, found: files.Folder) -> None:
    """Read what was typed into the platform as a sheet; any other page is left alone."""
    data = found.files.pop(name)
    if PurePosixPath(name).name not in ("onlinetext.html", "online text.html"):
        found.others.append(name)
        return
    text = files.decode(data, name).text
    found.files[name.removesuffix(".html") + ".md"] = _text_of(text).encode()


_BLOCKS = frozenset(
    ["p", "div", "br", "li", "tr", "pre", "ul", "ol", "table", "blockquote"]
    + [f"h{level}" for level in range(1, 7)]
)


class _Text(html.parser.HTMLParser):
    """The text of a page, with line ends where the page shows them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


def _text_of(page: str) -> str:
    parser = _Text()
    parser.feed(page[:1_000_000])
    lines = "".join(parser.pieces).split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip() + "\n"


def digest(found: files.Folder) -> str:
    """Return a digest of what a submission holds, by which its result is found again."""
    sums = hashlib.sha256()
    for name, data in sorted(found.files.items()):
        sums.update(f"{name}\0{len(data)}\0".encode("utf-8", "surrogatepass"))
        sums.update(data)
    for names in (sorted(found.others), _pairs(found.refused)):
        sums.update("\0".join(("", *names)).encode("utf-8", "surrogatepass"))
    return sums.hexdigest()[:32]


def _pairs(refused: Mapping[str, str]) -> Iterable[str]:
    return (f"{name}\0{why}" for name, why in sorted(refused.items()))
