"""The functions of a student's files as they were written, found without executing anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from grader.sandbox import cells

_FUNCTION: Final = re.compile(
    r"^def[ \t]+(?P<name>\w+)[ \t]*\(.*\n(?:(?:[ \t)#].*)?\n)*", re.MULTILINE
)
_WORD: Final = re.compile(r"\w+")
_LONGEST: Final = 200_000


class Function(NamedTuple):
    """A function at the top level of a file; in a cell it has no line of the file."""

    name: str
    source: str
    file: str
    line: int | None


def functions(files: Iterable[tuple[str, bytes]]) -> dict[str, Function]:
    """Return the functions of all files by name; of several the first."""
    found: dict[str, Function] = {}
    for file, data in files:
        try:
            pieces = cells.read(file, data[:_LONGEST])
        except cells.Garbled as fault:
            pieces = list(fault.cells)
        for piece in pieces:
            for each in _FUNCTION.finditer(piece.source + "\n"):
                line = None if piece.number else piece.source.count("\n", 0, each.start()) + 1
                function = Function(each["name"], each[0].rstrip() + "\n", file, line)
                found.setdefault(function.name, function)
    return found


def words(function: Function) -> frozenset[str]:
    """Return the words in the source of a function."""
    return frozenset(_WORD.findall(function.source))


def with_calls(name: str, known: Mapping[str, Function]) -> str:
    """Return the source of a function behind that of what it calls; '' where it is not known."""
    wanted = [name] if name in known else []
    for each in wanted:
        wanted += [other for other in known if other not in wanted and other in words(known[each])]
    return "\n".join(known[each].source for each in reversed(wanted))


_REPEATS: Final = re.compile(r"\bwhile\b|\ba?range\s*\(([^()\n]*(?:\([^()\n]*\)[^()\n]*)*)\)")
_NO_DEPTH: Final = re.compile(r"\*\*|<<|\b(?:pow|power|exp2|len|shape|size)\b")

_POWER: Final = re.compile(r"\b(\w+)[ \t]*=[^=\n]*(?:\*\*|<<)")


def repeats(source: str) -> bool:
    """Return whether code does something as often as an argument says: a loop, or by recursion.

    Not as often as there are elements, nor 2^n times.
    """
    powers = set(_POWER.findall(source))
    for found in _REPEATS.finditer(source):
        times = found[1]
        if times is None:
            return True
        names = set(re.findall(r"[A-Za-z_]\w*", times))
        if names - powers and not _NO_DEPTH.search(times):
            return True
    return any(
        len(re.findall(rf"\b{each['name']}\s*\(", each[0])) > 1
        for each in _FUNCTION.finditer(source)
    )
