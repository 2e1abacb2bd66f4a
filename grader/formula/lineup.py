"""Wrong answers side by side, so that one look at another answer tells which it may be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from grader.formula.compare import FLOOR, RTOL, Truths, Values, align, equal
from grader.formula.evaluate import Array

# A look only leaves out what is far off: what it takes up is compared with care.
_LOOSE = 2.0
# Of the squared sine of an angle whose sine is at most RTOL; float64 keeps it to some 1e-15.
APART = 1e-9


class Slip(NamedTuple):
    """A wrong answer with its values: ids of the slips that lead to it, and what is said.

    `left` is how much of the right formula is left, from 0 to 1, where that is known.
    """

    ids: tuple[str, ...]
    values: Values
    say: str = ""
    staff: str = ""
    lost: str = ""
    left: float | None = None


class _Row(NamedTuple):
    """Slips of one layout, with their values at the first set of samples.

    `first` stands for the layout; `places` are those in the line-up, `stacked` is an array
    (slips, samples, entries), and `squares` is its squared norm for each sample.
    """

    first: Values
    places: Sequence[int]
    stacked: Array
    squares: Array

    def where(self, meant: Truths) -> list[int]:
        """Return the places of those that are meant."""
        return [self.places[i] for i in np.flatnonzero(meant).tolist()]


class Lineup:
    """Slips, in their order."""

    def __init__(self, slips: Sequence[Slip]) -> None:
        self.slips = tuple(slips)

    def alike(self, values: Values, rtol: float = RTOL) -> Iterator[Slip]:
        """Yield the slips that have these values."""
        for place in self._near(values, rtol):
            if equal(values, self.slips[place].values, rtol):
                yield self.slips[place]

    def akin(self, values: Values, turned: Values) -> Iterator[Slip]:
        """Yield what may be the slips that these values are a multiple of, or whose transpose."""
        found = {*self._parallel(values), *self._near(turned, RTOL)}
        yield from (self.slips[place] for place in sorted(found))

    def _near(self, values: Values, rtol: float) -> list[int]:
        """Return the places of the slips that may have these values."""
        found: list[int] = []
        for row, seen in self._laid_out(values):
            with np.errstate(all="ignore"):
                apart = row.stacked - seen
                squares = np.einsum("kij,kij->ki", apart, apart)
                allowed = _LOOSE * (rtol * np.sqrt(row.squares) + FLOOR)
                # where there is no value, nothing is known yet
                far = (squares > allowed * allowed) & np.isfinite(squares)
            found += row.where(~far.any(axis=1))
        return sorted(found)

    def _parallel(self, values: Values) -> list[int]:
        """Return the places of the slips that these values may be a multiple of."""
        found: list[int] = []
        for row, seen in self._laid_out(values):
            with np.errstate(all="ignore"):
                mixed = np.einsum("kij,ij->ki", row.stacked, seen)
                most = row.squares * np.einsum("ij,ij->i", seen, seen)
                # false for a NaN, of which nothing is known yet
                far = most - mixed * mixed > APART * most
            found += row.where(~far.any(axis=1))
        return sorted(found)

    def _laid_out(self, values: Values) -> Iterator[tuple[_Row, Array]]:
        """Yield the rows whose layout the values can take, with their values in it."""
        for row in self._rows:
            aligned = align(values, row.first)
            if aligned is not None:
                yield row, aligned[0].reshape(row.stacked.shape[1:])

    @cached_property
    def _rows(self) -> tuple[_Row, ...]:
        layouts: dict[object, list[int]] = {}
        for place, slip in enumerate(self.slips):
            shapes = tuple(array.shape for array in slip.values.arrays)
            layouts.setdefault((bool(slip.values.free), shapes), []).append(place)
        return tuple(self._row(places) for places in layouts.values())

    def _row(self, places: Sequence[int]) -> _Row:
        first = self.slips[places[0]].values
        samples = first.arrays[0].shape[0]
        arrays = [self.slips[place].values.arrays[0].reshape(samples, -1) for place in places]
        stacked = np.stack(arrays)
        with np.errstate(all="ignore"):
            return _Row(first, places, stacked, np.einsum("kij,kij->ki", stacked, stacked))
