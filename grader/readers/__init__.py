"""How answer sheets are read: a file here is a format, and intake asks each for its suffixes.

A reader is a module with

    SUFFIXES                    the endings of its files' names, lower case, with the dot
    EXACT                       whether ids are keys in it; it then wins over prose
    read(name, text, rubric)    -> Sheet; never an exception on account of the text

The folder `paper` holds what people's ways of writing on paper have in common.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol, cast

from grader.model import Answer, Part, Rubric


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file of answers held.

    `trouble` stands for every answer that the file may have held but that could not be told: it
    is the answer to the questions that nothing else answers. `student` is the name in the sheet.
    """

    parts: Mapping[str, Part] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    trouble: Answer | None = None
    student: str | None = None


class Reader(Protocol):
    """What every module of this room offers."""

    SUFFIXES: Sequence[str]
    EXACT: bool

    def read(self, name: str, text: str, rubric: Rubric) -> Sheet: ...


@cache
def by_suffix() -> Mapping[str, Reader]:
    """Return the readers by the endings of the names of their files."""
    modules = (
        importlib.import_module(f"{__name__}.{found.name}")
        for found in pkgutil.iter_modules(__path__)
        if not found.ispkg
    )
    readers = [cast(Reader, module) for module in modules]
    return {suffix: reader for reader in readers for suffix in reader.SUFFIXES}
