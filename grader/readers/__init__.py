"""How answer sheets are read: a file here is a format, and SUFFIXES tells which file is whose.

A reader is a module with

    EXACT                       whether ids are keys in it; it then wins over prose
    read(name, text, rubric)    -> Sheet; never an exception on account of the text

The folder `paper` holds what people's ways of writing on paper have in common.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol, cast

from grader.model import Answer, Part, Rubric


class Sheet(NamedTuple):
    """What a file of answers held.

    `trouble` stands for every answer that the file may have held but that could not be told: it
    is the answer to the questions that nothing else answers. `student` is the name in the sheet.
    """

    parts: Mapping[str, Part] = {}
    warnings: Sequence[str] = ()
    trouble: Answer | None = None
    student: str | None = None


class Reader(Protocol):
    """What every module of this room offers."""

    EXACT: bool

    def read(self, name: str, text: str, rubric: Rubric) -> Sheet: ...


# A table, and not each reader's own word: what reads Markdown is loaded only where there is some.
SUFFIXES: Mapping[str, str] = {
    ".md": "markdown_sheet",
    ".markdown": "markdown_sheet",
    ".txt": "markdown_sheet",
    ".tex": "markdown_sheet",
    ".yaml": "yaml_sheet",
    ".yml": "yaml_sheet",
    ".json": "yaml_sheet",
}
"""The readers by the endings of the names of their files: lower case, with the dot."""


def load(suffix: str) -> Reader:
    """Return the reader of the files with a suffix; KeyError where there is none."""
    return cast(Reader, importlib.import_module(f"{__name__}.{SUFFIXES[suffix]}"))
