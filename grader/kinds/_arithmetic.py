"""The value of plain arithmetic, such as (3*3*16 + 1) * 32, without the formula room."""

from __future__ import annotations

import re

from grader import lazy

_MOST_BRACKETS = 20
_PLAIN = lazy.pattern(r"[\d\s.+*/()-]+", re.ASCII)
_TOKEN = lazy.pattern(r"\d+(?:\.\d*)?|\.\d+|[-+*/()]", re.ASCII)
_RANK = {"+": 1, "-": 1, "*": 2, "/": 2, "~": 3}


def value(text: str) -> float | None:
    """Return the value of numbers, + - * / and brackets; None where a text is anything else.

    What could be meant in two ways, such as `2 (3)`, is left to the formula room.
    """
    if text.count("(") > _MOST_BRACKETS or not _PLAIN.fullmatch(text):
        return None
    values: list[float] = []
    signs: list[str] = []
    expects_value = True
    try:
        for token in _TOKEN.findall(text):
            if token == "(" or (expects_value and token == "-" and signs[-1:] in ([], ["("])):
                if not expects_value:
                    return None
                signs.append("(" if token == "(" else "~")
            elif token == ")":
                _settle(values, signs, 0)
                if expects_value or signs.pop() != "(":
                    return None
            elif token in _RANK:
                if expects_value:
                    return None
                _settle(values, signs, _RANK[token])
                signs.append(token)
                expects_value = True
            elif expects_value:
                values.append(float(token))
                expects_value = False
            else:
                return None
        _settle(values, signs, 0)
    except (ZeroDivisionError, IndexError):
        return None
    return values[0] if len(values) == 1 and not signs and not expects_value else None


def _settle(values: list[float], signs: list[str], rank: int) -> None:
    """Apply the operators on top that bind as tightly as `rank`, up to a bracket."""
    while signs and signs[-1] != "(" and _RANK[signs[-1]] >= rank:
        sign, last = signs.pop(), values.pop()
        if sign == "~":
            values.append(-last)
        elif sign == "+":
            values[-1] += last
        elif sign == "-":
            values[-1] -= last
        elif sign == "*":
            values[-1] *= last
        else:
            values[-1] /= last
