"""From what a student handed in to a Submission: which file answers what."""

from __future__ import annotations

import hashlib
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from grader import files, kinds, lazy, readers
from grader.errors import UsageError
from grader.model import Answer, Part, Place, Rubric, SourceFile, Submission
from grader.readers import SUFFIXES, Sheet
from grader.readers.paper.kept import per_question

CODE = (".py", ".ipynb")
STANDARD_INPUT = "standard input"

# Sheets are text that people typed; what goes beyond this is something else.
_MOST_SHEETS = 100
_MOST_CHARS = 1_000_000
_MOST_LINES = 5_000
_MOST_WARNINGS = 20

# Texts that come with a project. They are read last, and count only where nothing else answers.
_BESIDE = lazy.pattern(r"readme|licen[cs]e|changelog|contributing|requirements|notes?\b", re.I)


def receive(path: Path | None, rubric: Rubric, stdin_text: str | None = None) -> Submission:
    """Return what a student handed in: a folder, a single file, or a sheet on standard input.

    In a folder, `answers.yaml` and its like win over Markdown for the ids that they hold; of two
    files of one kind the first by name wins, `answers` before all others, and the text of a
    notebook comes last. What keeps a file from being read costs only the questions that nothing
    else answers. UsageError where there is no submission at all.
    """
    if path is None:
        typed = stdin_text or ""
        sheet = _sniffed(typed, rubric)
        name = sheet.sheet.student or STANDARD_INPUT
        return _submission(name, files.Folder.empty(), [sheet], rubric, typed)
    found = _found(path)
    return submission(_name(path), found, rubric)


def submission(name: str, found: files.Folder, rubric: Rubric) -> Submission:
    """Return what a student handed in, of files that were read before."""
    sheets = [*_by_rank(_sheets(found, rubric)), *_notebooks(found, rubric)]
    return _submission(name, found, sheets, rubric, "")


def _name(path: Path) -> str:
    named = path.resolve()
    return files.shown(named.name if path.is_dir() else named.stem) or "submission"


# --- what was handed in ----------------------------------------------------------------------


def _found(path: Path) -> files.Folder:
    shown = files.shown(str(path))
    try:
        mode = path.lstat().st_mode
    except (OSError, ValueError) as error:
        raise UsageError(f"{shown}: no such submission") from error
    if stat.S_ISLNK(mode):
        raise UsageError(f"{shown}: is a symbolic link: name the folder or file that it points to")
    if stat.S_ISDIR(mode):
        return files.walk(path, _is_read)
    name = files.shown(path.name)
    if path.suffix and not _is_read(name):
        raise UsageError(f"{shown}: expected {_expected()}{_hint(name)}")
    return files.Folder({name: files.read(path)}, [], {})


def _is_read(name: str) -> bool:
    return _is_sheet(name) or _suffix(name) in CODE


def _is_sheet(name: str) -> bool:
    return _suffix(name) in SUFFIXES


@lru_cache(maxsize=1024)
def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _expected() -> str:
    return f"a folder, an answer sheet ({', '.join(SUFFIXES)}) or code ({', '.join(CODE)})"


_ARCHIVES = frozenset({".zip", ".gz", ".tgz", ".tar", ".7z", ".rar"})
_PICTURES = frozenset(
    {".png", ".jpg", ".jpeg", ".heic", ".tiff", ".tif", ".webp", ".gif", ".bmp", ".svg"}
)
_DOCUMENTS = frozenset(
    {".pdf", ".doc", ".docx", ".odt", ".rtf", ".pages", ".xls", ".xlsx", ".ods", ".ppt", ".pptx",
     ".htm", ".html", ".csv", ".djvu", ".one", *_PICTURES}
)  # fmt: skip


def _hint(name: str) -> str:
    if _suffix(name) in _ARCHIVES:
        return "; unpack it first"
    if _suffix(name) in _DOCUMENTS:
        return "; export it as Markdown or plain text first"
    return ""


def _unread(found: files.Folder) -> list[Answer]:
    """Return the trouble with documents that nobody can read here: they may hold answers.

    Beside code, pictures are what the code drew, and tables what it worked on.
    """
    has_code = any(_suffix(name) in CODE for name in found.files)
    drawn = _PICTURES | {".csv", ".xls", ".xlsx"} if has_code else frozenset()
    why = {name: f"was not read{_hint(name)}" for name in found.others} | found.refused
    return [
        Answer(None, "", Place(name), f"{name} {why[name]}, and it may hold the answer")
        for name in sorted(why)
        if _suffix(name) in (_ARCHIVES | _DOCUMENTS) - drawn
    ]


# --- sheets ----------------------------------------------------------------------------------


class _Named(NamedTuple):
    """A sheet that was read, and the file that it came from."""

    name: str
    sheet: Sheet
    is_refused: bool = False
    is_code: bool = False  # it holds functions that the rubric may ask for

    @property
    def is_data(self) -> bool:
        """Whether its ids are beyond doubt, so that it wins over prose."""
        suffix = _suffix(self.name)
        return suffix in SUFFIXES and readers.load(suffix).EXACT

    @property
    def is_answers(self) -> bool:
        """Whether its name says that it holds the answers."""
        return _is_answers(self.name)

    @property
    def is_relevant(self) -> bool:
        """Whether it has to do with the assignment; a project holds other texts too."""
        return bool(self.sheet.parts) or self.is_answers or self.is_refused or self.is_code

    @property
    def is_beside(self) -> bool:
        """Whether its name says that it holds something else."""
        return _BESIDE.match(PurePosixPath(self.name).stem) is not None


def _is_answers(name: str) -> bool:
    return PurePosixPath(name).stem.lower() in ("answers", "answer")


def _by_rank(sheets: Iterable[_Named]) -> list[_Named]:
    found = list(sheets)
    if len(found) > 1:
        found.sort(key=lambda each: (each.is_beside, not each.is_data, *_order(each.name)))
    return found


def _order(name: str) -> tuple[bool, int, str]:
    """Return the place of a file among others: `answers` first, then what lies less deep."""
    return not _is_answers(name), name.count("/"), name


def _sheets(found: files.Folder, rubric: Rubric) -> Iterator[_Named]:
    """Yield the sheets of a folder, read; also those that cannot be, as nothing but trouble."""
    chars = lines = 0
    names = [name for name in found.files if _suffix(name) not in CODE]
    names.sort(key=_order)
    on_paper = any(_suffix(name) in _MARKDOWN for name in names)
    awaits_code = on_paper and any(map(_takes_code, rubric.questions))
    for count, name in enumerate(names):
        try:
            text = files.decode(found.files[name], name)
            chars += len(text.text)
            lines += text.text.count("\n")
            beyond = count >= _MOST_SHEETS or chars > _MOST_CHARS or lines > _MOST_LINES
            if count and beyond:
                raise files.Refusal(name, "comes after more text than a submission holds")
        except files.Refusal as refusal:
            yield _refused(name, refusal.why)
            continue
        if awaits_code and _is_notebook(name, text.text):
            note = f"{name} is a notebook in Markdown and was read as code"
            sheet = _notebook(name, found, rubric)
            warnings = [*text.warnings, note, *sheet.warnings]
            yield _Named(name, sheet._replace(warnings=warnings), is_code=True)
            continue
        sheet = _read(name, text.text, rubric)
        sheet = sheet._replace(warnings=[*text.warnings, *sheet.warnings])
        yield _Named(name, sheet, is_code=awaits_code and _holds_functions(name, text.text))
    for name, why in found.refused.items():
        if _is_sheet(name):
            yield _refused(name, why)


_takes_code = per_question(kinds.takes_code)
_MARKDOWN = (".md", ".markdown")
# What programs that turn notebooks into Markdown leave in it.
_CELL = lazy.pattern(r"^[ \t]*[`~]{3,}[ \t]*\{[^}\n]*\.python[^}\n]*\.input", re.MULTILINE)
_HEADER = lazy.pattern(r"\A\s*---[ \t]*\n(?:[^\n]*\n){0,40}?[ \t]*(?:jupyter|jupytext)[ \t]*:")
_FUNCTION = lazy.pattern(r"^[ \t]*def[ \t]+\w", re.MULTILINE)


def _is_notebook(name: str, text: str) -> bool:
    """Return whether a file is a notebook that was turned into Markdown."""
    if _suffix(name) not in _MARKDOWN:
        return False
    return _CELL.search(text) is not None or _HEADER.match(text) is not None


def _holds_functions(name: str, text: str) -> bool:
    """Return whether a sheet of answers defines functions in blocks of Python."""
    if _suffix(name) not in _MARKDOWN or _FUNCTION.search(text) is None:
        return False
    from grader.sandbox import cells

    return any(_FUNCTION.search(cell.source) for cell in cells.read(name, text.encode()))


def _notebooks(found: files.Folder, rubric: Rubric) -> Iterator[_Named]:
    """Yield the answers that stand in the text of notebooks and scripts, between the code."""
    for name in sorted((each for each in found.files if _suffix(each) in CODE), key=_order):
        yield _Named(name, _notebook(name, found, rubric))


def _notebook(name: str, found: files.Folder, rubric: Rubric) -> Sheet:
    from grader.readers import notebook

    read = notebook.read_script if _suffix(name) == ".py" else notebook.read
    return read(name, found.files[name], rubric)


def _refused(name: str, why: str) -> _Named:
    message = f"{name} {why}"
    return _Named(
        name, Sheet(warnings=[message], trouble=Answer(None, "", Place(name), message)), True
    )


def _sniffed(text: str, rubric: Rubric) -> _Named:
    if len(text) > _MOST_CHARS:
        return _refused(STANDARD_INPUT, f"holds more than {_MOST_CHARS:,} characters")
    return _Named(STANDARD_INPUT, _read(STANDARD_INPUT, text, rubric))


# `{{1, 2}, {3, 4}}` is a matrix. Behind `---` alone stand the settings of a note or, below a rule,
# any text.
_DATA = lazy.pattern(
    r"(?:\s*#.*\n)*\s*(?:\{(?!\s*(?:\{|[-.\d]+\s*[,}]))"
    r"|(?:---[ \t]*(?:\n\s*#.*)*\n\s*)?[\"']?(?:answers|student)[\"']?\s*:"
    r"|---[ \t]*\n\s*(?:- )?[\"']?[a-z]{0,8}[ _]?\d[\w.]{0,8}[\"']?[ \t]*:)",
    re.I,
)


def _read(name: str, text: str, rubric: Rubric) -> Sheet:
    """Read a text; one of unknown format as entries where it looks like them, else as Markdown."""
    suffix = _suffix(name)
    if suffix in SUFFIXES:
        return readers.load(suffix).read(name, text, rubric)
    if _DATA.match(text[:2000]) is None:
        return readers.load(".md").read(name, text, rubric)
    data = readers.load(".yaml").read(name, text, rubric)
    if data.trouble is None and data.parts:
        return data
    prose = readers.load(".md").read(name, text, rubric)
    return prose if prose.parts.keys() > data.parts.keys() else data


# --- merging ---------------------------------------------------------------------------------


class _Merged:
    """The answers of all sheets; the first that answers an id wins."""

    def __init__(self) -> None:
        self.parts: dict[str, Part] = {}
        self.sources: dict[str, str] = {}
        self.warnings: list[str] = []

    def take(self, named: _Named) -> None:
        """Take the answers of a sheet that no sheet before it has."""
        left_out: dict[str, list[str]] = {}
        for id_, part in named.sheet.parts.items():
            before = self.parts.get(id_)
            if before is None or (_is_trouble(before) and not _is_trouble(part)):
                self.parts[id_] = part
                self.sources[id_] = named.name
            elif not _is_trouble(part):
                left_out.setdefault(self.sources[id_], []).append(id_)
        for winner, ids in left_out.items():
            self.warnings.append(
                f"{', '.join(ids)}: answered in {winner} and in {named.name}; {winner} counts"
            )


def _is_trouble(part: Part) -> bool:
    return part.body is not None and part.body.trouble is not None


# --- the submission --------------------------------------------------------------------------


def _submission(
    name: str, found: files.Folder, sheets: Sequence[_Named], rubric: Rubric, typed: str
) -> Submission:
    merged = _Merged()
    for sheet in sheets:
        merged.take(sheet)
    answering = any(each.sheet.parts for each in sheets)
    relevant = [each for each in sheets if each.is_relevant or not answering]
    also = {each.name for each in sheets if each.is_code}
    code = [
        SourceFile(each, data)
        for each, data in found.files.items()
        if _suffix(each) in CODE or each in also
    ]
    whole = all(question.id in merged.parts for question in rubric.questions)
    unread = _unread(found) if (answering or code) and not whole else []
    troubles = [*_troubles(relevant, alone=len(sheets) == 1), *unread]
    warnings = [
        *(f"{each} {why}" for each, why in found.refused.items() if _suffix(each) not in SUFFIXES),
        *(warning for each in relevant for warning in _at_most(each.sheet.warnings)),
        *merged.warnings,
        *_at_most([str(each.trouble) for each in unread if each.place.file in found.others]),
        *_nothing(found, code, answering=answering or bool(relevant)),
    ]
    return Submission(
        name=name,
        parts=_in_order(merged.parts, troubles, rubric),
        code=code,
        files=sorted([*found.files, *found.others, *found.refused]),
        warnings=warnings,
        digest=_digest(found, typed),
    )


def _troubles(sheets: Sequence[_Named], *, alone: bool) -> list[Answer]:
    """Return what kept sheets from being read; a text that holds no answers may be no sheet."""
    return [
        each.sheet.trouble
        for each in sheets
        if each.sheet.trouble is not None
        and not each.is_beside
        and (alone or each.is_refused or each.is_answers or each.sheet.parts or each.is_data)
    ]


def _in_order(
    parts: Mapping[str, Part], troubles: Sequence[Answer], rubric: Rubric
) -> dict[str, Part]:
    """Return the parts in the order of the rubric, with the trouble that may have eaten others."""
    complete: dict[str, Part] = {}
    for question in rubric.questions:
        if question.id in parts:
            complete[question.id] = parts[question.id]
        elif troubles:
            complete[question.id] = Part(troubles[0])
    return complete


def _at_most(warnings: Sequence[str]) -> list[str]:
    more = len(warnings) - _MOST_WARNINGS
    return [*warnings[:_MOST_WARNINGS], *([f"and {more} more of this kind"] if more > 0 else [])]


def _nothing(found: files.Folder, code: Sequence[SourceFile], *, answering: bool) -> Iterator[str]:
    if answering or code:
        return
    hints = {hint for name in found.others if (hint := _hint(name))}
    empty = not (found.others or found.refused)
    what = "the folder is empty" if empty else "no answers were found"
    yield f"{what}: expected an answer sheet such as answers.md{''.join(sorted(hints))}"


def _digest(found: files.Folder, typed: str) -> str:
    """Return a digest of names and content; of what was not read, of names and reasons."""
    digest = hashlib.sha256()
    pieces: dict[str, bytes] = dict.fromkeys(found.others, b"")
    pieces |= {name: why.encode() for name, why in found.refused.items()}
    pieces |= found.files
    if typed:
        pieces[STANDARD_INPUT] = typed.encode("utf-8", "surrogatepass")
    for name, data in sorted(pieces.items()):
        encoded = name.encode("utf-8", "surrogatepass")
        digest.update(b"%d %d " % (len(encoded), len(data)) + encoded + data)
    return digest.hexdigest()[:16]
