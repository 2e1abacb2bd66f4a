"""The layout of a gradient, where a text says that it is another than the one asked for."""

from __future__ import annotations

import re
from typing import NamedTuple

from grader import lazy
from grader.formula.compare import Values
from grader.formula.reading import Reading

_LAYOUT = lazy.pattern(
    r"denominator[- ]layout|numerator[- ]layout|transposed?[- ]layout|layout[^.]{0,20}transpos"
    r"|transponiert|in transposed form",
    re.IGNORECASE,
)
_SIDE = lazy.pattern(
    r"(?:\bas\b|\bgradients?\s+(?:is|are)\b)\s+(?:an?\s+)?(?:\w+\s*[x×]\s*1\s+|1\s*[x×]\s*\w+\s+)?"
    r"(column|row)s?\b|\b(column|row)[- ](?:layout|gradients?)"
    r"|[(,]\s*(?:an?\s+)?(column|row) vector",
    re.IGNORECASE,
)
_SPOKEN = lazy.pattern(r"\b(?:rows?|columns?|layout)\b", re.IGNORECASE)
_NEAR = 80  # characters behind a formula
# What may stand between a formula and the shape that it is said to have.
_SHAPED = lazy.pattern(
    r"[\s,;:.$([–—-]*(?:(?:which|is|are|with|has|have|of|the|an?|as|in|gradient|result|shape|size"
    r"|dimensions?|column|row|vector|\\in|∈|\\mathbb\{R\}|R|\^|\{|\\quad|\\text\{)[\s:({]*)*"
    r"(\w+)\s*(?:x|×|\\times|by|,)\s*(\w+)",
    re.IGNORECASE,
)


def is_spoken_of(text: str) -> bool:
    """Return whether a text speaks of rows, columns or a layout."""
    return _SPOKEN.search(text) is not None


class Stated(NamedTuple):
    """What a text says of its gradient's layout: another one, a side, or the sizes."""

    other: bool = False
    side: str = ""
    sizes: tuple[str, ...] = ()

    def holds(self, got: Values) -> bool:
        """Return whether the gradient lies as is said."""
        if self.other or self.sizes == tuple(str(dim) for dim in got.dims):
            return True
        across = {"column": 1, "row": 0}.get(self.side)
        return across is not None and len(got.dims) == 2 and got.dims[across] == 1


def stated(reading: Reading) -> Stated:
    """Return what a text says of the layout of its gradient."""
    text = reading.around or reading.text
    said = _SIDE.search(text)
    side = (said[1] or said[2] or said[3]).lower() if said else ""
    other = _LAYOUT.search(text) is not None or reading.meant.startswith("transpos")
    return Stated(other, side, _sizes(reading))


def _sizes(reading: Reading) -> tuple[str, ...]:
    """Return the sizes of `∈ R^{n×1}` or `(n×1)` behind the formula."""
    words = "".join(char if char.isalnum() else " " for char in reading.shape.replace("×", " "))
    sizes = words.replace("times", " ").split()
    if len(sizes) > 1:
        return tuple(sizes[-2:])
    end = reading.start + len(reading.taken)
    found = _SHAPED.match(reading.text[end : end + _NEAR].partition("\n")[0])
    return (found[1], found[2]) if found else ()
