"""Read a file of code into cells of plain Python, whatever the student's editor made of it."""

from __future__ import annotations

import ast
import io
import json
import re
import sys
import tokenize
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from grader.sandbox import fstrings


class Garbled(Exception):
    """A file that is not what it should be: one sentence for the student.

    `cells` are those that could be read all the same.
    """

    def __init__(self, why: str, cells: Sequence[Cell] = ()) -> None:
        self.cells = cells
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of code that was written as one: a cell, by its number among the code cells.

    A module is one piece, with number 0.
    """

    number: int
    source: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A cell without what only a notebook understands.

    `left_out` are the lines that are not run in grading; `modules` are files that the cell
    would have written, as name -> source.
    """

    source: str
    left_out: tuple[str, ...] = ()
    modules: tuple[tuple[str, str], ...] = ()


# --- files to cells -------------------------------------------------------------------------


def read(name: str, data: bytes) -> list[Cell]:
    """Return the cells of the file `name`; Garbled where it cannot be read."""
    suffix = name.lower().rpartition(".")[2]
    if suffix == "ipynb":
        return _numbered(_notebook(data))
    if suffix in ("md", "markdown"):
        return _numbered(_fenced(_decode(data)))
    return [Cell(0, _decode_python(data))]


def prose(name: str, data: bytes) -> list[str]:
    """Return the text of a notebook between its cells of code, a string for each cell.

    Of a file that cannot be read, what can be: `read` says what is wrong with it.
    """
    text = _decode(data)
    if not name.lower().endswith(".ipynb"):
        return list(_between_fences(text))
    try:
        cells = list(_cells(_json(text)))
    except (ValueError, Garbled):
        cells = list(_whole_cells(text))
    return [_prose(cell) for cell in cells if _is_prose(cell)]


def _numbered(sources: Iterable[str]) -> list[Cell]:
    return [Cell(at, source) for at, source in enumerate(sources, 1)]


def _decode_python(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decode(data)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return _with_newlines(data.decode(encoding))
    except (SyntaxError, UnicodeDecodeError, LookupError):
        return _decode(data)


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _with_newlines(data.decode("utf-16", "replace"))
    try:
        return _with_newlines(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return _with_newlines(data.decode("cp1252", "replace"))


# What is copied from a page brings blanks that Python does not take for blanks.
_BLANKS: Final = str.maketrans({"\xa0": " ", **dict.fromkeys("\u200b\u2060\ufeff")})


def _with_newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_BLANKS)


def _notebook(data: bytes) -> Iterator[str]:
    text = _decode(data)
    try:
        book = _json(text)
    except ValueError as fault:
        saved = _numbered(_source(cell) for cell in _whole_cells(text) if _is_code(cell))
        why = f"this notebook is not valid JSON ({fault})"[:200]
        read = f"; of its code cells, {len(saved)} could be read" if saved else ""
        raise Garbled(why + read, saved) from fault
    yield from (_source(cell) for cell in _cells(book) if _is_code(cell))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError as fault:
        raise Garbled("this notebook is nested too deeply") from fault


def _cells(book: Any) -> Iterator[Any]:
    if not isinstance(book, dict):
        raise Garbled("this notebook holds no cells")
    sheets = book.get("worksheets") if "cells" not in book else [book]
    if not isinstance(sheets, list):
        raise Garbled("this notebook holds no cells")
    for sheet in sheets:
        cells = sheet.get("cells") if isinstance(sheet, dict) else None
        if not isinstance(cells, list):
            raise Garbled("this notebook holds no list of cells")
        yield from cells


_CELL: Final = re.compile(r'\{\s*"(?:attachments|cell_type|execution_count|id|metadata)"\s*:')
_BROKEN_CELLS: Final = 10


def _whole_cells(text: str) -> Iterator[Any]:
    """Yield the cells of a notebook that was cut off, or has a few broken places."""
    decoder = json.JSONDecoder()
    at = broken = 0
    while broken < _BROKEN_CELLS and (begins := _CELL.search(text, at)):
        try:
            cell, at = decoder.raw_decode(text, begins.start())
            yield cell
        except (ValueError, RecursionError):
            at = begins.end()
            broken += 1


def _is_code(cell: Any) -> bool:
    return isinstance(cell, dict) and cell.get("cell_type") == "code"


_TEXT: Final = ("markdown", "raw", "heading")


def _is_prose(cell: Any) -> bool:
    return isinstance(cell, dict) and cell.get("cell_type") in _TEXT


def _prose(cell: dict[str, Any]) -> str:
    """Return the text of a cell; the headings of the oldest notebooks are cells of their own."""
    level = cell.get("level")
    return f"{'#' * min(level, 6)} {_source(cell)}" if isinstance(level, int) else _source(cell)


def _source(cell: dict[str, Any]) -> str:
    lines = cell.get("source", cell.get("input", ""))
    if isinstance(lines, list):
        lines = "".join(line for line in lines if isinstance(line, str))
    return _with_newlines(lines) if isinstance(lines, str) else ""


_FENCE: Final = re.compile(r"^ {0,3}(`{3,}|~{3,})[ \t]*([^\n]*)$")
_PYTHON: Final = re.compile(r"^(?:\{[^}\n]*\.(?:python|py)\b|(?:python3?|py|ipython3?)\b)", re.I)


def _fenced(text: str) -> Iterator[str]:
    fence, kept = "", None
    block: list[str] = []
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if not fence and mark:
            fence, info = mark[1], mark[2]
            kept = bool(_PYTHON.match(info)) and ".output" not in info
        elif fence and mark and not mark[2].strip() and mark[1].startswith(fence):
            if kept:
                yield "\n".join(block)
            fence, block = "", []
        elif fence:
            block.append(line)
    if kept and fence:
        yield "\n".join(block)


def _between_fences(text: str) -> Iterator[str]:
    fence = ""
    block: list[str] = []
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if not fence and mark:
            yield "\n".join(block)
            fence, block = mark[1], []
        elif fence:
            fence = "" if mark and not mark[2].strip() and mark[1].startswith(fence) else fence
        else:
            block.append(line)
    yield "\n".join(block)


# --- cells to Python ------------------------------------------------------------------------

_TIMERS: Final = frozenset(["time", "timeit", "prun", "memit", "lprun", "mprun", "capture"])
_FLAGS: Final = re.compile(r"^(?:-[a-zA-Z]+(?:[ \t]*[0-9]+)?[ \t]+)*")
_CELL_MAGIC: Final = re.compile(r"^%%(\w+)[ \t]*(.*)$")
_MAGIC: Final = re.compile(r"^%(\w+)[ \t]*(.*)$")
_ASSIGNED: Final = re.compile(r"^([\w.\[\], ]+=)[ \t]*([!%])[ \t]*(\w*)[ \t]*(.*)$")
_SCRIPT: Final = re.compile(r"^(?:-\w[ \t]+)?(?:\./)?([A-Za-z_]\w*)(?:\.py)?[ \t]*$")
_SHELL: Final = re.compile(
    r"^(?:pip3?|conda|apt|apt-get|wget|curl|git|ls|cd|cat|mkdir|cp|mv|rm|unzip)[ \t]+[^=(\s]"
)
_SILENT: Final = frozenset(
    ["matplotlib", "load_ext", "reload_ext", "autoreload", "config", "precision", "pylab", "pdb"]
)
_ROUNDS: Final = 200


def prepare(source: str) -> Prepared:
    """Return `source` as plain Python with as many lines, and what was left out of it.

    Only where it is not Python as it stands: `%` also begins the second line of an old format
    expression, and a `!` may stand in a text.
    """
    source = _at_the_margin(source)
    if sys.version_info < (3, 12):
        source = _with_older_fstrings(source)
    first, _, rest = source.lstrip("\n").partition("\n")
    cell_magic = _CELL_MAGIC.match(first.strip())
    if cell_magic:
        return _without_cell_magic(source, cell_magic[1], cell_magic[2], rest)
    lines = source.split("\n")
    left_out: list[str] = []
    for _ in range(_ROUNDS):
        place = _first_fault(lines)
        if place is None or not _replace(lines, place, left_out):
            break
    if _first_fault(lines) is not None:
        for place in range(len(lines)):
            _replace(lines, place, left_out)
    return Prepared("\n".join(lines), tuple(left_out))


def _at_the_margin(source: str) -> str:
    """Return `source` without the indentation of its first line, as a notebook's kernel runs it."""
    first = next((line for line in source.split("\n") if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip())]
    if not indent:
        return source
    return "\n".join(line.removeprefix(indent) for line in source.split("\n"))


def _with_older_fstrings(source: str) -> str:
    lines = source.split("\n")
    return source if _first_fault(lines) is None else fstrings.rewritten(source)


def _without_cell_magic(source: str, name: str, words: str, rest: str) -> Prepared:
    blank = "\n" * (len(source) - len(source.lstrip("\n")) + 1)
    if name in _TIMERS:
        inner = prepare(rest)
        return Prepared(blank + inner.source, inner.left_out, inner.modules)
    if name in ("writefile", "file"):
        return Prepared("", (), ((words.replace("-a ", "").strip(), rest),))
    return Prepared("", (f"%%{name} {words}".strip()[:100],))


def _first_fault(lines: Sequence[str]) -> int | None:
    try:
        _syntax_tree("\n".join(lines))
    except SyntaxError as fault:
        return min(max((fault.lineno or 1) - 1, 0), len(lines) - 1)
    except (ValueError, RecursionError, MemoryError):
        return None
    return None


def _syntax_tree(source: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a doubtful escape is told when the code is executed
        return ast.parse(source)


def _replace(lines: list[str], place: int, left_out: list[str]) -> bool:
    """Replace the line by Python, and return whether it was one of a notebook's own."""
    line = lines[place].strip()
    replaced = _as_python(line)
    if replaced is None:
        return False
    python, is_told = replaced
    indent = lines[place][: len(lines[place]) - len(lines[place].lstrip())]
    lines[place] = indent + python
    if is_told:
        left_out.append(line[:100])
    return True


def _as_python(line: str) -> tuple[str, bool] | None:
    """Return what stands for a notebook's own line, and whether that leaves something out."""
    if magic := _MAGIC.match(line):
        name, words = magic[1], magic[2]
        if name == "run" and (script := _SCRIPT.match(words)):
            return f"from {script[1]} import *", False
        return _timed(name, words, "pass"), name not in _SILENT | _TIMERS
    if assigned := _ASSIGNED.match(line):
        target, mark, name, words = assigned.groups()
        if mark == "%":
            return f"{target} {_timed(name, words, 'None')}", name not in _TIMERS
        return f"{target} []", True
    if line.startswith("!") or _SHELL.match(line):
        return "pass", True
    if line.startswith("?") or line.endswith("?"):
        return "pass", False
    return None


def _timed(name: str, words: str, otherwise: str) -> str:
    return (_FLAGS.sub("", words, count=1) if name in _TIMERS else "") or otherwise


# --- Python to statements -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fault:
    """A piece of source that is no Python; `names` are those of the functions in it."""

    line: int
    message: str
    names: tuple[str, ...] = ()


_DEFINED: Final = re.compile(r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)
_BEGINS: Final = re.compile(r"^(?!(?:else|elif|except|finally)\b)[^\s#)\]}]")
_PIECES = 2000
_REACH: Final = 6


def statements(source: str) -> tuple[list[ast.stmt], list[Fault]]:
    """Return the statements at the top level of `source`, and what could not be read.

    Where the whole is no Python, its parts may be: it is cut before each line that could begin
    a statement, and what can be read of that is kept.
    """
    whole = _parse(source)
    if isinstance(whole, list):
        return whole, []
    lines = source.split("\n")
    starts = [at for at, line in enumerate(lines) if _BEGINS.match(line)][:_PIECES]
    starts = [at for at in starts if not (at and lines[at - 1].startswith("@"))]
    found: list[ast.stmt] = []
    faults: list[Fault] = []
    at = 0
    while at < len(starts):
        piece, taken = _piece(lines, [*starts[at:], len(lines)])
        if isinstance(piece, list):
            found += piece
        else:
            end = starts[at + 1] if at + 1 < len(starts) else len(lines)
            names = _DEFINED.findall("\n".join(lines[starts[at] : end]))
            before = found[-1] if found else None
            if not names and isinstance(before, ast.FunctionDef) and _cuts(lines, starts[at]):
                names = [before.name]
                found.pop()
            faults.append(replace(piece, names=tuple(names)))
        at += taken
    return found, faults or [whole]


def _cuts(lines: Sequence[str], at: int) -> bool:
    """Return whether a line at the margin, such as `=======`, stands amid indented ones."""
    around = [lines[at - 1], lines[at + 1]] if at + 1 < len(lines) else [""]
    return all(line[:1].isspace() and line.strip() for line in around)


# A text over several lines may hold lines that look like the beginning of a statement.
def _piece(lines: Sequence[str], starts: Sequence[int]) -> tuple[list[ast.stmt] | Fault, int]:
    first: Fault | None = None
    for reach in range(1, min(len(starts), _REACH + 1)):
        piece = _parse("\n".join(lines[starts[0] : starts[reach]]), starts[0])
        if isinstance(piece, list):
            return piece, reach
        first = first or piece
    return first or Fault(starts[0] + 1, "no Python"), 1


def _parse(source: str, lines_before: int = 0) -> list[ast.stmt] | Fault:
    try:
        tree = _syntax_tree(source)
    except SyntaxError as fault:
        return Fault((fault.lineno or 1) + lines_before, f"{type(fault).__name__}: {fault.msg}")
    except (ValueError, RecursionError, MemoryError) as fault:
        return Fault(1 + lines_before, f"{type(fault).__name__}: {fault}"[:200])
    for statement in tree.body:
        ast.increment_lineno(statement, lines_before)
    return tree.body
