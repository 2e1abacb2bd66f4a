"""Write the f-strings of Python 3.12 so that an older Python reads them.

Since 3.12 a field may hold the quotes of the string around it, and backslashes. Students write
that without knowing of it, mostly to print something, and it is no fault of theirs where the
grader's Python is older.
"""

from __future__ import annotations

import ast
import re
from typing import Final

_OPENS: Final = re.compile(r"(?<![\w.])([rRbBuUfF]{0,2})(\"\"\"|'''|\"|')")
_QUOTES: Final = ('"', "'", '"""', "'''")
_NEXT: Final = re.compile(r"#[^\n]*|(?<!\w)[rRbBuUfF]{0,2}(?:\"|')")
_DEPTH: Final = 8


class _Odd(Exception):
    """What is no f-string after all, or too odd a one."""


def rewritten(source: str) -> str:
    """Return `source` with its f-strings in the older form; what is odd stays as it is."""
    try:
        return _code(source, 0, "", 0)[0]
    except _Odd:
        return source


def _code(source: str, at: int, ends: str, depth: int) -> tuple[str, int]:
    """Return the code from `at` on, up to the end or to one of `ends` outside of all brackets."""
    if depth > _DEPTH:
        raise _Odd
    written: list[str] = []
    nested = 0
    while at < len(source):
        found = _NEXT.match(source, at)
        if found and found[0].startswith("#"):
            written.append("" if ends else found[0])
            at = found.end()
        elif found:
            text, at = _string(source, at, depth, is_inside=bool(ends))
            written.append(text)
        elif ends and not nested and source[at] in ends:
            return "".join(written), at
        else:
            nested += (source[at] in "([{") - (source[at] in ")]}")
            written.append(source[at])
            at += 1
    if ends:
        raise _Odd
    return "".join(written), at


def _string(source: str, at: int, depth: int, *, is_inside: bool) -> tuple[str, int]:
    opens = _OPENS.match(source, at)
    if opens is None:
        return source[at], at + 1
    prefix, quote = opens[1], opens[2]
    is_raw = "r" in prefix.lower()
    if "f" in prefix.lower():
        content, at = _content(source, opens.end(), quote, is_raw, depth)
        return prefix + _quoted(content, quote), at
    end = _end(source, opens.end(), quote)
    text = source[at:end]
    return (_without_backslash(text) if is_inside and "\\" in text else text), end


def _end(source: str, at: int, quote: str) -> int:
    while at < len(source):
        if source.startswith(quote, at):
            return at + len(quote)
        if len(quote) == 1 and source[at] == "\n":
            raise _Odd
        at += 2 if source[at] == "\\" else 1
    raise _Odd


def _content(source: str, at: int, quote: str, is_raw: bool, depth: int) -> tuple[str, int]:
    """Return what stands between the quotes of an f-string, and where it is over.

    Without a quote it is the format of a field, which ends before the field's brace.
    """
    written: list[str] = []
    while at < len(source):
        if quote and source.startswith(quote, at):
            return "".join(written), at + len(quote)
        two = source[at : at + 2]
        if not quote and source[at] == "}":
            return "".join(written), at
        if source.startswith(r"\N{", at) and not is_raw:
            end = source.find("}", at) + 1 or len(source)
            written.append(source[at:end])
            at = end
        elif two in ("{{", "}}") or source[at] == "\\":
            written.append(two)
            at += 2
        elif source[at] == "{":
            field, at = _field(source, at + 1, is_raw, depth)
            written.append(field)
        else:
            written.append(source[at])
            at += 1
    raise _Odd


def _field(source: str, at: int, is_raw: bool, depth: int) -> tuple[str, int]:
    code, at = _code(source, at, ":}", depth + 1)
    if source[at] == "}":
        return "{" + code + "}", at + 1
    form, at = _content(source, at + 1, "", is_raw, depth + 1)
    return "{" + code + ":" + form + "}", at + 1


def _quoted(content: str, quote: str) -> str:
    """Return the content between quotes that do not occur in it, its own where that will do."""
    for each in (quote, *_QUOTES):
        fits = len(each) == 3 or "\n" not in content
        if fits and each not in content and not content.endswith(each[0]):
            return each + content + each
    raise _Odd


def _without_backslash(text: str) -> str:
    r"""Return an expression that means the string `text`: chr(10) for "\n"."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError) as fault:
        raise _Odd from fault
    if not isinstance(value, str):
        raise _Odd
    pieces = re.findall(r"[^\x00-\x1f\x7f'\"\\{}]+|.", value, re.S)
    return f"({' + '.join(map(_plain, pieces))})" if pieces else "str()"


def _plain(piece: str) -> str:
    is_plain = len(piece) > 1 or (piece.isprintable() and piece not in "'\"\\{}")
    return f"'{piece}'" if is_plain else f"chr({ord(piece)})"
