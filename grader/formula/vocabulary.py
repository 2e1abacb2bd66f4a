"""The names that a formula may use, in every spelling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Vocabulary(NamedTuple):
    """Every spelling of every name that may be used, and the functions with names of their own.

    `depends` tells the names that a definition is made of: a(z), h(x) are then a and h. `usual`
    are spellings that nobody declared; they give way to what else a sign may be.
    """

    names: Mapping[str, str] = {}
    functions: Mapping[str, str] = {}
    shown: tuple[str, ...] = ()
    depends: Mapping[str, frozenset[str]] = {}
    usual: frozenset[str] = frozenset()

    def knows(self, word: str) -> bool:
        """Return whether `word` is a name or a function of this question."""
        return word in self.names or word in self.functions

    def declares(self, word: str) -> bool:
        """Return whether `word` is a name or a function that the question itself uses."""
        return self.knows(word) and word not in self.usual

    def with_names(self, more: Mapping[str, str]) -> Vocabulary:
        """Return this vocabulary with other spellings on top, such as a function's arguments."""
        return self._replace(names={**self.names, **more})


def spellings(canonical: str) -> list[str]:
    """Return the ways in which a canonical name such as `y_hat` or `x_1` is typed."""
    found = [canonical, canonical.replace("_", "")]
    if canonical.count("_") > 1:
        head, _, tail = canonical.rpartition("_")
        found += [f"{head.replace('_', '')}_{tail}", head + tail]
        found.append(canonical.split("_")[0] + "_" + "".join(canonical.split("_")[1:]))
    return found
