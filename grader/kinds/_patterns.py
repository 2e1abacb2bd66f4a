"""The pattern language of free text: from what a teacher writes to slots over a vocabulary.

The language is told in `grader.kinds.text`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple, TypeAlias

from grader.errors import ReferenceFault
from grader.kinds._negation import NEGATIONS
from grader.kinds._scan import words_of
from grader.kinds._words import fold, has_slips, is_slip, may_be_slip, stem

# How many words of meaning a `...` may skip.
GAP = 8

_SHORTEST_STEM = 2
# As many words as a large class has for one question.
_MOST_MET = 10_000
_POLARITIES = {"(not)": "denied", "(any)": "either"}


class Slot(NamedTuple):
    """One word of a pattern: any of several words, phrases or groups; claimed or denied.

    Slots of one `number` ask for the same words. One of the words of `needs` must be there for
    any of them.
    """

    number: int
    needs: frozenset[int]
    ids: tuple[int, ...] = ()
    phrases: tuple[Chain, ...] = ()
    groups: tuple[str, ...] = ()
    polarity: str = "claimed"


class Chain(NamedTuple):
    """Slots in order; `gaps[i]` is how many words may stand before slot i + 1."""

    slots: tuple[Slot, ...]
    gaps: tuple[int, ...]


class AnyOf(NamedTuple):
    """One of several patterns; said of no other subjects or cases than it is `about`.

    Where it is `named`, nothing but a mention by name will do.
    """

    parts: tuple[Pattern, ...]
    about: tuple[str, ...] = ()
    named: bool = False


class AllOf(NamedTuple):
    """Several patterns in any order; within so many words of meaning, or anywhere."""

    parts: tuple[Pattern, ...]
    within: int | None = None


class Then(NamedTuple):
    """Several patterns, each ending after the one before."""

    parts: tuple[Pattern, ...]


class Trend(NamedTuple):
    """A subject that rises, falls or stays: `way` is up, down or flat; or does not."""

    of: str
    way: str
    negated: bool = False


class Opening(NamedTuple):
    """An answer that opens with yes (true, correct, ...) or with no (false, ...)."""

    verdict: bool


Pattern: TypeAlias = Chain | AnyOf | AllOf | Then | Trend | Opening


class Vocabulary(NamedTuple):
    """All words that the patterns of one check ask for, each with a number.

    `met` remembers what the words of the answers so far may stand for.
    """

    stems: Mapping[str, Sequence[int]]
    prefixes: Mapping[str, Sequence[int]]
    lengths: Mapping[str, Sequence[int]]
    heads: frozenset[str]
    initials: Mapping[str, Sequence[tuple[str, int, bool]]]
    groups: Mapping[str, Sequence[Chain]]
    subjects: Sequence[str]
    cases: Sequence[str]
    causes: Sequence[str]
    default: str | None
    met: dict[str, Sequence[int]]

    def family(self, name: str) -> Sequence[str]:
        """Return the names that a name stands beside: only one of them is spoken of at a time."""
        for names in (self.subjects, self.cases):
            if name in names:
                return names
        return ()

    def ids(self, word: str, root: str) -> Sequence[int]:
        """Return the numbers of the words that a word of an answer may stand for."""
        known = self.met.get(word)
        if known is None:
            known = self._ids(word, root)
            if len(self.met) < _MOST_MET:
                self.met[word] = known
        return known

    def _ids(self, word: str, root: str) -> Sequence[int]:
        found = self.exactly(word, root)
        if not found and may_be_slip(word):
            for meant, number, prefix in self.initials.get(word[0], ()):
                if is_slip(word, meant, prefix=prefix):
                    found.append(number)
        return found

    def exactly(self, word: str, root: str, longer_than: int = 0) -> list[int]:
        """Return the numbers of the words that a word of an answer is, but for its ending.

        Of two words that may be one, the first has a length of `longer_than` and is no stem of it.
        """
        found = list(self.stems.get(root, ()))
        for length in self.lengths.get(word[:_SHORTEST_STEM], ()):
            if longer_than < length <= len(word):
                found += self.prefixes.get(word[:length], ())
        return found


class Author:
    """Compiles the patterns of one check, and collects their words on the way."""

    def __init__(self) -> None:
        self.words: dict[str, int] = {}
        self.groups: dict[str, Sequence[Chain]] = {}
        self.subjects: list[str] = []
        self.cases: list[str] = []
        self.causes: list[str] = []
        self.slots: dict[str, Slot] = {}
        self.numbers: Iterator[int] = count()

    def name(self, groups: Mapping[str, Sequence[str]]) -> list[str]:
        """Let each name stand for itself and the words and phrases beside it; return the names.

        A group may use the names of those before it.
        """
        keys = []
        for name, members in groups.items():
            keys.append(_only_word(name))
            self.group(keys[-1], (name, *members))
        return keys

    def group(self, key: str, members: Iterable[str]) -> None:
        """Let `key` stand for words and phrases, denied or not."""
        written = [str(member) for member in members]
        phrases = [each for each in written if " " in each.strip()]
        words = [each.strip() for each in written if each not in phrases]
        self.groups[key] = tuple(
            self.chain(each, "either") for each in (*phrases, *(["|".join(words)] if words else []))
        )
        # From here on the name stands for the group, where it was a word like any other.
        self.slots.clear()

    def pattern(self, written: Any) -> Pattern:
        """Return the compiled form of a pattern as it stands in a rubric."""
        if isinstance(written, str | int | float) and not isinstance(written, bool):
            return self.chain(str(written))
        match written:
            case {"any": parts}:
                if "of" in written:
                    return self.any_of(parts, written["of"], named=True)
                return self.any_of(parts, written.get("about"))
            case {"then": parts}:
                return Then(tuple(map(self.pattern, parts)))
            case {"all": parts}:
                return AllOf(tuple(map(self.pattern, parts)), written.get("within"))
            case {"trend": {"of": of, "goes": goes}}:
                return self._trend(str(of), str(goes))
            case {"opening": verdict}:
                return Opening(verdict in (True, "yes", "true"))
        raise ReferenceFault(f"expected a pattern, found {written!r}")

    def any_of(
        self, parts: Iterable[Any], about: str | Sequence[str] | None = None, *, named: bool = False
    ) -> AnyOf:
        """Return a pattern that any of several matches, said of nothing but `about`."""
        written = [about] if isinstance(about, str) else about or ()
        names = tuple(self._known(name, (*self.subjects, *self.cases)) for name in written)
        return AnyOf(tuple(map(self.pattern, parts)), names, named)

    def chain(self, written: str, usual: str = "claimed") -> Chain:
        """Return the slots of `derivative|slope ... (not) vanish*`."""
        slots: list[Slot] = []
        gaps: list[int] = []
        gap, polarity = 0, ""
        for item in written.split():
            if item in ("...", "…"):
                gap = GAP
            elif item in _POLARITIES:
                polarity = _POLARITIES[item]
            elif item.startswith(("(", "[")):
                raise ReferenceFault(f"the pattern '{written}' knows (not) and (any), not {item}")
            else:
                slots.append(self._slot(item, polarity or usual))
                gaps.append(gap)
                # A negation that is written out governs what follows it in the pattern.
                if not NEGATIONS.isdisjoint(item.split("|")):
                    usual = "either"
                gap, polarity = 0, ""
        if not slots or gap or polarity or gaps[0]:
            raise ReferenceFault(f"the pattern '{written}' begins or ends without a word")
        return Chain(tuple(slots), tuple(gaps[1:]))

    def vocabulary(self, default: str | None = None) -> Vocabulary:
        """Return the words of all patterns compiled so far."""
        stems: dict[str, list[int]] = {}
        prefixes: dict[str, list[int]] = {}
        initials: dict[str, list[tuple[str, int, bool]]] = {}
        lengths: dict[str, set[int]] = {}
        for word, number in self.words.items():
            bare = word.removesuffix("*")
            prefix = bare != word
            known = prefixes if prefix else stems
            known.setdefault(bare if prefix else stem(bare), []).append(number)
            if prefix:
                lengths.setdefault(bare[:_SHORTEST_STEM], set()).add(len(bare))
            if has_slips(bare):
                for letter in sorted({bare[0], bare[1]}):
                    initials.setdefault(letter, []).append((bare, number, prefix))
        return Vocabulary(
            stems=stems,
            prefixes=prefixes,
            lengths={head: sorted(found) for head, found in lengths.items()},
            heads=frozenset({word[:size] for word in self.words for size in range(2, len(word))}),
            initials=initials,
            groups=dict(self.groups),
            subjects=tuple(self.subjects),
            cases=tuple(self.cases),
            causes=tuple(self.causes),
            default=None if default is None else self._known(default, self.subjects),
            met={"": ()},
        )

    def _trend(self, of: str, goes: str) -> Trend:
        negated, way = goes.startswith("not "), goes.removeprefix("not ").strip()
        if way not in ("up", "down", "flat"):
            raise ReferenceFault(f"a trend goes up, down or flat, not '{goes}'")
        return Trend(self._known(of, self.subjects), way, negated)

    def _known(self, written: str, names: Sequence[str]) -> str:
        name = _only_word(written)
        if name not in names:
            raise ReferenceFault(f"'{written}' is not among the subjects")
        return name

    def _slot(self, item: str, polarity: str) -> Slot:
        if item not in self.slots:
            self.slots[item] = self._new_slot(item)
        slot = self.slots[item]
        return slot if polarity == slot.polarity else slot._replace(polarity=polarity)

    def _new_slot(self, item: str) -> Slot:
        ids: list[int] = []
        phrases: list[Chain] = []
        groups: list[str] = []
        for word in item.split("|"):
            parts = _parts(word)
            if not parts:
                raise ReferenceFault(f"'{item}' holds no word")
            if parts[-1].endswith("*") and len(parts[-1]) <= _SHORTEST_STEM:
                raise ReferenceFault(f"the stem in '{item}' is too short")
            if len(parts) == 1 and parts[0] in self.groups:
                groups.append(parts[0])
            elif len(parts) == 1:
                ids.append(self._number(parts[0]))
            else:
                phrases.append(self._phrase(parts))
        chains = [*phrases, *(chain for group in groups for chain in self.groups[group])]
        needs = frozenset(ids).union(*(chain.slots[0].needs for chain in chains))
        return Slot(next(self.numbers), needs, tuple(ids), tuple(phrases), tuple(groups))

    def _phrase(self, parts: Sequence[str]) -> Chain:
        slots = tuple(self._word(self._number(part)) for part in parts)
        return Chain(slots, (0,) * (len(slots) - 1))

    def _word(self, number: int) -> Slot:
        return Slot(next(self.numbers), frozenset((number,)), (number,), polarity="either")

    def _number(self, word: str) -> int:
        return self.words.setdefault(word, len(self.words))


@lru_cache(4096)
def _parts(word: str) -> tuple[str, ...]:
    """Return the words in one alternative: one, or the parts of a phrase such as `x>0`.

    What is written with a hyphen is one word; answers may write it apart or in one.
    """
    if word.removesuffix("*").isalpha() and word.isascii():
        return (fold(word.removesuffix("*")) + "*" * word.endswith("*"),)
    stemmed = word.endswith("*") and len(word) > 1
    parts = list(words_of(word.removesuffix("*") if stemmed else word))
    if "-" in word[1:-1] and all(part.isalpha() for part in parts):
        parts = [fold("".join(parts))]
    if stemmed and parts:
        parts[-1] += "*"
    return tuple(parts)


def _only_word(name: str) -> str:
    parts = _parts(name)
    if len(parts) != 1:
        raise ReferenceFault(f"'{name}' must be one word, to be used in patterns")
    return parts[0]
