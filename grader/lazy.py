"""Regular expressions that are compiled when they are first used.

A run needs a few of the hundreds that the house has, and to compile them all takes longer than to
grade a sheet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, cast

# What a pattern that minds no case takes for an i, s or k, and `lower` does not.
_OTHER_CASES = frozenset("ıİſ\u212a")
_METHODS = ("match", "fullmatch", "search", "finditer", "findall", "split", "sub", "subn")


class _Pattern:
    """Stands for a compiled pattern until somebody asks for one of its methods."""

    def __init__(self, source: str, flags: int) -> None:
        self.pattern = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        """Compile, and keep the methods: from then on they are found like any attribute."""
        compiled = re.compile(self.pattern, self._flags)
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    """Return what serves as `re.compile(source, flags)`, but is compiled at its first use.

    It has every attribute of a pattern; only the functions of `re` want the real one.
    """
    return cast("re.Pattern[str]", _Pattern(source, flags))


def may_say(text: str, words: Iterable[str]) -> bool:
    """Return whether a text may have one of the words, which are small letters, in it.

    Asked before a pattern that needs one of them and minds no case: mostly there is none, and
    the pattern is not even compiled.
    """
    lower = text.lower()
    return any(map(lower.__contains__, words)) or not (
        text.isascii() or _OTHER_CASES.isdisjoint(text)
    )
