"""Signs that several parts of the grammar know."""

from __future__ import annotations

CONSTANTS = frozenset({"e", "pi", "inf", "𝟏", "infinity", "Infinity"})
CLOSING = {"(": ")", "[": "]", "{": "}", "\\{": "\\}", "⌊": "⌋", "⌈": "⌉", "<": ">"}
