"""The entries of a broken sheet, told from each other without parsing it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from grader import lazy
from grader.readers.entries.keys import ABOUT, AROUND, target
from grader.readers.paper.numbering import Head, Numbering

_MOST_CHUNKS = 300


_BLOCK = lazy.pattern(r"[ \t]*[|>][-+]?\d?[ \t]*\n")
_KEY_LINE = lazy.pattern(
    r"""(?:^(?P<indent>[ \t]*)(?:-[ \t]+)?|(?<=[{,])[ \t]*(?="))"""
    r"""(?P<quote>["']?)(?P<key>[^\s"':\#{}\[\],][^"':\n]{0,40}?)(?P=quote)"""
    r"""[ \t]*[:=](?P<tight>(?=[^ \t\n\["{]))?""",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Chunk:
    """The lines of one entry of a broken file; `line` and `last` count from 1."""

    target: str | Head | None
    text: str
    line: int
    last: int
    value: int  # where the value begins in `text`
    key: str
    is_json: bool

    @property
    def padded(self) -> str:
        """The entry as a text of its own, its lines where they were."""
        rows = self.text.expandtabs(2).split("\n")
        indent = len(rows[0]) - len(rows[0].lstrip(" "))
        dedented = (row[min(indent, len(row) - len(row.lstrip(" "))) :] for row in rows)
        return "\n" * (self.line - 1) + "\n".join(dedented)

    def attempts(self) -> Iterator[str]:
        """Yield what the entry may look like without what belonged to the text around it."""
        text = self.padded
        bare = text.rstrip(" \n,")
        yield from (bare, text) if self.is_json else (text, bare)
        raw = self.text[self.value :].strip()
        if raw[:1] in ('"', "'", "[", "{"):  # key:"text", key = "text"
            yield "\n" * (self.line - 1) + f"{self.key}: {raw}"
        for _ in range(2):  # the ends of the mapping of answers and of the file
            bare = bare.removesuffix("}").rstrip(" \n,")
            yield bare

    def literal(self) -> tuple[str, int] | None:
        """Return the value as typed, with its line, where it was not meant as YAML."""
        raw = self.text[self.value :]
        if (block := _BLOCK.match(raw)) is not None:  # a text under `|` that is not indented
            raw = "\n" + raw[block.end() :]
        text = raw.strip()
        if text[:1] in ("'", '"') and text[-1:] == text[:1] and len(text) > 2:
            text = text[1:-1]
        elif not text or (text[0] in "{[\"'|>&*!" and not text.startswith("**")):
            return None
        before = self.text[: self.value] + raw[: len(raw) - len(raw.lstrip())]
        return text, self.line + before.count("\n")


def chunks(text: str, known: Numbering) -> Iterator[Chunk]:
    """Yield the entries of a broken file: from a line with a known key to the next so indented."""
    starts = list(_starts(text, known))
    lines = _LineCounter(text)
    ends = [*(found.start() for found, _ in starts[1:]), len(text)][: len(starts)]
    for (found, named), end in zip(starts, ends, strict=True):
        chunk = text[found.start() : end].rstrip()
        line = lines.at(found.start())
        last = line + text.count("\n", found.start(), end)
        value = found.end() - found.start()
        yield Chunk(named, chunk, line, last, value, found["key"], found["quote"] == '"')


def _starts(text: str, known: Numbering) -> Iterator[tuple[re.Match[str], str | Head | None]]:
    indent = -1  # that of the ids; what stands deeper belongs to an answer
    count = 0
    for found in _KEY_LINE.finditer(text):
        named = target(found["key"], known)
        if named is None and not _is_announced(found, known):
            continue
        if found["indent"] is None:
            begins = named is not None  # a key within a line of JSON
        else:
            width = len(found["indent"].expandtabs(2))
            if named is not None and (indent < 0 or width < indent):
                indent = width
            begins = width <= indent or isinstance(named, str)
        if begins and count < _MOST_CHUNKS:
            count += 1
            yield found, named


def _is_announced(found: re.Match[str], known: Numbering) -> bool:
    """Return whether a key that names no question of the rubric still begins an entry."""
    key = found["key"].strip().lower()
    return found["tight"] is None and (
        key in ABOUT or known.worded_label(found["key"]) is not None or key in AROUND
    )


class _LineCounter:
    """Counts the lines of a text up to rising positions."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position, self.line = 0, 1

    def at(self, position: int) -> int:
        """Return the line of a position, from 1."""
        self.line += self.text.count("\n", self.position, position)
        self.position = position
        return self.line
