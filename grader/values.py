"""What an answer may be: plain values, and text made safe to show."""

from __future__ import annotations

import re
import unicodedata
from typing import TypeAlias

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"
"""A value without behaviour: what a sheet holds, what a reference returns, what a child sends."""

# Whitespace that belongs to a text. A lone carriage return could overwrite a terminal line.
_LAYOUT = frozenset("\n\t")
# Ask for a character as text or as a picture; they have no look of their own.
_VARIANTS = frozenset("\ufe0e\ufe0f")
_UNUSUAL = re.compile(r"[^ -~\n\t]")


def clean(text: str) -> str:
    """Return `text` with every character that could act on a terminal or hide made visible.

    Control characters, escapes, bidirectional overrides, zero-width, tag and unassigned
    characters and lone surrogates become `<U+001B>` and the like. Line ends become `\\n`.
    """
    return _UNUSUAL.sub(_visible, text.replace("\r\n", "\n"))


def _visible(found: re.Match[str]) -> str:
    char = found[0]
    if char.isprintable() or char in _LAYOUT or unicodedata.category(char) == "Zs":
        return "" if char in _VARIANTS else char
    return f"<U+{ord(char):04X}>"


def shorten(text: str, width: int) -> str:
    """Return the first `width` characters of `text`, with an ellipsis where some were left out."""
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"
