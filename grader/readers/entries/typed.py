"""Mends what people type into YAML and JSON by hand, before it is parsed."""

from __future__ import annotations

import re

from grader import lazy

# A text between double quotes, on one line, where a value may stand.
_QUOTED = lazy.pattern(
    r'(?<=[:\-,\[{ \t])"(?:[^"\\\n]|\\.)*"(?=[ \t]*(?:$|[,\]}#:]))', re.MULTILINE
)
# A backslash that begins a command of LaTeX, which YAML and JSON would take for an escape. Where
# an escape is likely (a new line before a word), only commands that are known count.
_COMMAND = lazy.pattern(
    r"\\(?P<escape>\\)|\\(?="
    r"n(?:abla|eq|e|u|ot|otin|umber|i)(?![a-z])|t(?:heta|imes|ext|op|au|anh|ilde|o|frac|riangle|an)(?![a-z])"
    r"|t(?:ext)[a-z]|r(?:ight|ho|angle|m|Vert|vert)|[bfae][a-z]{2}|v[a-z]{2}|u(?![0-9a-fA-F]{4})[a-z]"
    r"|x(?![0-9a-fA-F]{2})|[cdghijklmopqswyzA-KMOQ-TV-Z(){}\[\],;:!|%&_^#$]|[NLPU][a-z])"
)


# The quotes of word processors are letters to YAML.
_CURLY = lazy.pattern(r"(?<=:[ \t])(?:“([^“”\n]*)”|„([^„“”\n]*)[“”])(?=[ \t]*$)", re.MULTILINE)


def escaped(text: str) -> str:
    """Return a text whose curly quotes are straight, and whose LaTeX keeps its backslashes.

    Between double quotes, YAML and JSON would take these for escapes.
    """
    if "“" in text:
        text = _CURLY.sub(_straight, text)
    if "\\" not in text or '"' not in text:
        return text
    return _QUOTED.sub(lambda found: _COMMAND.sub(_doubled, found[0]), text)


def _straight(found: re.Match[str]) -> str:
    inside = (found[1] or found[2] or "").replace("'", "''")
    return f"'{inside}'"


def _doubled(found: re.Match[str]) -> str:
    return found[0] if found["escape"] else "\\\\"


_MOST_OBJECTS = 500
_STRING_OR_COMMENT = lazy.pattern(
    r'(?P<string>"(?:[^"\\]|\\.)*")|//[^\n]*|/\*[^*]{0,500}\*/', re.DOTALL
)


def loosened(text: str) -> str:
    """Return JSON as strict readers want it: no comments, no raw line ends within a text.

    Objects that follow each other line by line become a list. Lines stay where they were, but for
    those behind a line end within a text.
    """
    text = _STRING_OR_COMMENT.sub(_strict, text)
    rows = [row.strip() for row in text.strip().split("\n") if row.strip()]
    if 1 < len(rows) <= _MOST_OBJECTS and all(row[0] == "{" and row[-1] == "}" for row in rows):
        text = "[" + re.sub(r"\}[ \t]*\n(?=\s*\{)", "},\n", text.strip()) + "]"
    return text


def _strict(found: re.Match[str]) -> str:
    if found["string"] is None:
        return re.sub(r"[^\n]", " ", found[0])
    return found[0].replace("\r", "").replace("\n", "\\n").replace("\t", "\\t")
