"""Regular expressions that are compiled when they are first used.

A run needs a few of the hundreds that the house has, and to compile them all takes longer than to
grade a sheet.
"""

from __future__ import annotations

import re
from typing import Any, cast

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
