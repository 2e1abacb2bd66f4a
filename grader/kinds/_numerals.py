"""Single numbers as people type them: separators, powers of ten, M and %, in every sensible way.

The rule for separators: a point is a decimal point and a comma before exactly three digits groups
thousands; other commas are decimal. Of two different separators the last is the decimal one.
Where both ways make sense (`2,303` and `1.792`), both are returned, the rule's reading first.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import NamedTuple

from grader import lazy

# A double holds 17 digits. This many are still a number that was typed, not an attack.
_MOST_DIGITS = 60

MANTISSA = r"(?:\d{1,3}(?:[ '_]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*|[.,]\d+)"
POWER = (
    r"(?:[eE][+-]?\d{1,4}(?![\w.])"
    r"|\s?(?:[xX*]\s?)10\s?(?:\^|\*\*)\s?[({]{0,2}\s?[+-]?\s?\d{1,4}\s?[)}]{0,2})"
)
UNIT = (
    r"(?:\s?(?:[kKMGT](?:FLOPS?|FLOPs|flops?|MACs?|ops|OPs)|k|K|M|G|m|B|bn|Mio\.?|mio\.?|mn|mil|[Mm]illion(?:s|en)?|millones|mill[oó]n|thousand"
    r"|[Tt]ausend|billion|Mrd\.?|Milliarden|млн\.?|миллион(?:а|ов)?|тыс\.?|万|百万|億|亿|%|percent"
    r"|per\scent)(?![A-Za-z0-9/]))"
)
NUMERAL = rf"{MANTISSA}{POWER}?{UNIT}?"

_WHOLE = lazy.pattern(rf"([+-]?)\s?({MANTISSA})\.?({POWER})?({UNIT})?")
_GROUPED = lazy.pattern(r"\d{1,3}(?:([ '_])\d{3})(?:\1\d{3})*")
_INDIAN = lazy.pattern(r"\d{1,2}(?:,\d{2})+,\d{3}")
_EXPONENT = lazy.pattern(r"([+-]?)\s?(\d{1,4})\s?[)}]*$")

_GROUPS = frozenset(" '_")
_FROM_ONE = frozenset("123456789")

_SCALES = {
    **dict.fromkeys(["k", "thousand", "tausend", "тыс", "тыс."], 1e3),
    **dict.fromkeys(["m", "mio", "mio.", "mn", "mil", "million", "millions", "millionen"], 1e6),
    **dict.fromkeys(["millones", "millon", "millón", "млн", "млн.", "百万"], 1e6),
    **dict.fromkeys(["миллион", "миллиона", "миллионов"], 1e6),
    **dict.fromkeys(["g", "b", "bn", "billion", "mrd", "mrd.", "milliarden"], 1e9),
    **dict.fromkeys(["%", "percent"], 1e-2),
    "万": 1e4,
    **dict.fromkeys(["億", "亿"], 1e8),
}
# Operations are counted in thousands of thousands; the question may ask for either.
_PREFIXES = {"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_COUNTED = frozenset(["flop", "flops", "mac", "macs", "ops"])


class Numeral(NamedTuple):
    """One reading of a number: its value, and one unit of its last digit (0 where computed).

    `coarse` tells that the way of writing says that it was rounded (`138M`, `1.4e8`, `2.30`).
    """

    value: float
    step: float = 0.0
    coarse: bool = False
    note: str = ""


def read(text: str) -> tuple[Numeral, ...]:
    """Return the readings of a text that is one number, likeliest first; none if it is not.

    `text` went through `_typed.plain`.
    """
    text = text.strip()
    if bare := read_bare(text):
        return bare
    unsigned = text[1:].lstrip() if text[:1] in ("+", "-") else text
    if not (unsigned[:1].isdecimal() or unsigned[:1] in (".", ",")):
        return ()
    found = _WHOLE.fullmatch(text)
    if found is None or sum(char.isdigit() for char in found[2]) > _MOST_DIGITS:
        return ()
    sign = -1.0 if found[1] == "-" else 1.0
    power = _power(found[3])
    readings = [
        Numeral(
            value=sign * mantissa * scale * power,
            step=10.0**-decimals * scale * power,
            coarse=decimals > 0 or power != 1 or scale > 1 or _is_round(mantissa),
            note=note or scaled,
        )
        for scale, scaled in _scales(found[4])
        for mantissa, decimals, note in _mantissas(found[2])
    ]
    return tuple(each for each in readings if math.isfinite(each.value))


def read_bare(text: str) -> tuple[Numeral, ...]:
    """Return the readings of digits with their separators and perhaps a minus, and nothing else.

    Most numbers are typed so. Where a text is more than that, none are returned.
    """
    return _of_digits(text) if len(text) <= _MOST_DIGITS else ()


@lru_cache(maxsize=1024)
def _of_digits(text: str) -> tuple[Numeral, ...]:
    digits = text.removeprefix("-")
    if not digits.isascii():
        return ()
    sign = -1.0 if text.startswith("-") else 1.0
    if digits.isdecimal():
        value = float(digits)
        return (Numeral(sign * value, 1.0, _is_round(value)),)
    if not all(map(str.isdecimal, digits.replace(",", ".").split("."))):
        return ()
    return tuple(
        Numeral(sign * value, 10.0**-decimals, decimals > 0 or _is_round(value), note)
        for value, decimals, note in _mantissas(digits)
    )


def _power(text: str | None) -> float:
    found = _EXPONENT.search(text) if text else None
    if found is None:
        return 1.0
    return float(f"1e{found[1]}{found[2]}")


def _scales(unit: str | None) -> list[tuple[float, str]]:
    """Return the factors that a unit may stand for, with the note where it is a choice."""
    word = re.sub(r"\s", "", unit or "")
    if not word:
        return [(1.0, "")]
    if len(word) > 1 and word[0] in _PREFIXES and word[1:].lower() in _COUNTED:
        return [(_PREFIXES[word[0]], ""), (1.0, f"the unit {word}")]
    scale = _SCALES[word.lower()]
    if word in ("%", "percent"):
        return [(scale, ""), (1.0, "the number before the per cent sign")]
    # A lower-case m or k may be a unit of measurement, which leaves the number as it is.
    return [(scale, ""), (1.0, f"'{word}' as a unit")] if word in ("m", "k") else [(scale, "")]


def _mantissas(text: str) -> list[tuple[float, int, str]]:
    """Return (value, decimal places, note) for each way to read digits with separators."""
    if not _GROUPS.isdisjoint(text) and _GROUPED.match(text):
        return [_decimal(re.sub(r"[ '_]", "", text))]
    points, commas = text.count("."), text.count(",")
    if not points and not commas:
        return [(float(text), 0, "")]
    if _is_grouped(text):
        thousands = (float(_joined(text)), 0, "")
        if points + commas > 1:
            return [thousands]
        decimal = _decimal(text)
        if commas:
            return [thousands, (decimal[0], decimal[1], f"'{text}' with a decimal comma")]
        return [decimal, (thousands[0], 0, f"'{text}' with a point between thousands")]
    if 0 in (points, commas) and points + commas > 1:
        return []
    last = max(text.rfind("."), text.rfind(","))
    whole = text[:last]
    if points and commas and not _is_grouped(whole):
        return []
    return [_decimal(_joined(whole) + "." + text[last + 1 :])]


def _is_grouped(text: str) -> bool:
    """Return whether digits stand in groups of three, or in the Indian way."""
    first, *groups = text.replace(",", ".").split(".")
    if not groups or len(groups[-1]) != 3 or ("." in text and "," in text):
        return False
    if len(first) <= 3 and first[:1] in _FROM_ONE and {*map(len, groups)} == {3}:
        return True
    return len(groups) > 1 and _INDIAN.fullmatch(text) is not None


def _joined(text: str) -> str:
    return text.replace(",", "").replace(".", "")


def _decimal(text: str) -> tuple[float, int, str]:
    text = text.replace(",", ".")
    return float(text), len(text.partition(".")[2]), ""


def _is_round(value: float) -> bool:
    return value >= 1000 and value % 1000 == 0


def agrees(got: Numeral, want: float, rtol: float, atol: float) -> bool:
    """Return whether a reading is within the tolerance; infinities are equal by their sign."""
    if math.isinf(got.value) or math.isinf(want):
        return got.value == want
    # `<=` is false for a NaN on either side, so a NaN is never right.
    return abs(got.value - want) <= max(atol, rtol * abs(want))


def kept_digits(got: Numeral, want: float, *, cut: bool = False) -> int:
    """Return how many significant digits of `want` its rounding `got` keeps; 0 if it is none.

    `cut` also takes digits that were cut off rather than rounded.
    """
    if not got.step or not math.isfinite(want) or want == 0:
        return 0
    # A whole number without an M or the like claims to be exact, unless the right one is broken.
    if not got.coarse and want == int(want):
        return 0
    off = abs(got.value - want)
    is_cut = cut and abs(got.value) <= abs(want) and off < got.step
    # The half is widened by the noise of a double, or 0.125 would not round to 0.13.
    if off > got.step * 0.5 + 1e-12 * abs(want) and not is_cut:
        return 0
    return max(0, math.floor(math.log10(abs(want))) - round(math.log10(got.step)) + 1)


def in_thousands(value: float, digits: int = 7) -> str:
    """Return a number as staff read it: whole numbers in full, others to some digits."""
    if math.isinf(value):
        return "infinity" if value > 0 else "-infinity"
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.{digits}g}"
