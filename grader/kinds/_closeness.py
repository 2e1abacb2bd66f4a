"""How close a number of a table must come to a value: exactly, within a tolerance, or rounded."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from grader.kinds import _numerals
from grader.kinds._numerals import Numeral
from grader.kinds._tables import Line

# Counts are exact, but for what a reference's own arithmetic leaves in the last digits; of a
# rounded one (2.36M) three digits tell it from its neighbours, of a share (0.57) two do.
RTOL = 0.0
DIGITS = 3
DIGITS_OF_FRACTION = 2
_ARITHMETIC = 1e-9


class Closeness:
    """Tells which values the lines of one answer give; each number is looked at once.

    `values` are those that are asked for time and again, in ascending order.
    """

    def __init__(self, options: Mapping[str, Any], values: Sequence[float]) -> None:
        self._rtol = max(options.get("rtol", RTOL), _ARITHMETIC)
        self._atol = options.get("atol", 0.0)
        self._digits = options.get("digits")
        self._values = values
        self._asked = frozenset(values)
        self._given: dict[tuple[Numeral, ...], frozenset[float]] = {}

    def values(self, line: Line) -> frozenset[float]:
        """Return which of the values a line gives."""
        given = self._given.get(line.numbers)
        if given is None:
            given = self._given[line.numbers] = frozenset(
                value
                for number in line.numbers
                for value in self._near(number)
                if self._is(number, value)
            )
        return given

    def gives(self, line: Line, value: float) -> bool:
        """Return whether a line gives a value."""
        if value in self._asked:
            return value in self.values(line)
        return any(self._is(number, value) for number in line.numbers)

    def _near(self, number: Numeral) -> Sequence[float]:
        """Return the values that may be meant by a number."""
        size = abs(number.value)
        reach = max(number.step, self._atol, size if number.coarse else 2 * self._rtol * size)
        first = bisect_left(self._values, number.value - reach)
        return self._values[first : bisect_right(self._values, number.value + reach, first)]

    def _is(self, number: Numeral, value: float) -> bool:
        gap = abs(number.value - value)
        if gap <= max(self._atol, self._rtol * abs(value)):
            return True
        usual = DIGITS if value == int(value) else DIGITS_OF_FRACTION
        return kept_digits(number, value) >= int(self._digits or usual)


def kept_digits(number: Numeral, value: float) -> int:
    """Return how many digits of a value its rounding keeps; the zeros of `590,000` may be such."""
    gap = abs(number.value - value)
    if gap < number.step:
        return _numerals.kept_digits(number, value)
    if not number.coarse or gap > value / 2:
        return 0
    step = 10.0 ** math.ceil(math.log10(2 * gap))
    return 0 if number.value % step else _numerals.kept_digits(number._replace(step=step), value)
