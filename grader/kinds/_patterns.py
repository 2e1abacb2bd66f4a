"""The pattern language of free text: from what a teacher writes to slots over a vocabulary.

The language is told in `grader.kinds.text`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from grader.errors import ReferenceFault
from grader.kinds._negation import NEGATIONS
from grader.kinds._scan import words_of
from grader.kinds._words import fold, has_slips, is_slip, may_be_slip, stem

# How many words of meaning a `...` may skip.
GAP = 8
# The bit that stands for any denial in an answer; the words of a vocabulary have the others.
DENIAL = 1

_SHORTEST_STEM = 2
# As many words as a large class has for one question.
_MOST_MET = 10_000
_POLARITIES = {"(not)": "denied", "(any)": "either"}


class Slot(NamedTuple):
    """One word of a pattern: any of several words, phrases or groups; claimed or denied.

    Every word has a bit of its own. One of the bits of `needs` must be there for any match.
    Slots with phrases or groups have a `number`, which those share that ask for the same.
    """

    needs: int
    bits: int
    polarity: str
    phrases: tuple[Chain, ...] = ()
    groups: tuple[str, ...] = ()
    number: int = 0


class Chain(NamedTuple):
    """Slots in order; `gaps[i]` is how many words may stand before slot i + 1.

    As in every pattern, of each of `needs` a bit must be there for any match.
    """

    slots: tuple[Slot, ...]
    gaps: tuple[int, ...]
    needs: tuple[int, ...]


class AnyOf(NamedTuple):
    """One of several patterns; said of no other subjects or cases than it is `about`.

    Where it is `named`, nothing but a mention by name will do.
    """

    parts: tuple[Pattern, ...]
    about: tuple[str, ...]
    named: bool
    needs: tuple[int, ...]


class AllOf(NamedTuple):
    """Several patterns in any order; within so many words of meaning, or anywhere."""

    parts: tuple[Pattern, ...]
    within: int | None
    needs: tuple[int, ...]


class Then(NamedTuple):
    """Several patterns, each ending after the one before."""

    parts: tuple[Pattern, ...]
    needs: tuple[int, ...]


class Trend(NamedTuple):
    """A subject that rises, falls or stays: `way` is up, down or flat; or does not."""

    of: str
    way: str
    negated: bool
    needs: tuple[int, ...]


class Opening(NamedTuple):
    """An answer that opens with yes (true, correct, ...) or with no (false, ...)."""

    verdict: bool
    needs: tuple[int, ...] = ()


Forgiving: TypeAlias = tuple[str, int, bool]
"""A word that forgives slips, its bit, and whether others may begin with it."""

Pattern: TypeAlias = Chain | AnyOf | AllOf | Then | Trend | Opening


def chained(slots: Sequence[Slot], gaps: Sequence[int]) -> Chain:
    """Return the chain of some slots."""
    needs = [slot.needs for slot in slots]
    if "denied" in [slot.polarity for slot in slots]:
        needs.append(DENIAL)
    return Chain(tuple(slots), tuple(gaps), tuple(needs))


class Vocabulary(NamedTuple):
    """All words that the patterns of one check ask for, each with a bit.

    `initials` holds those that forgive a slip, by their first letter. `met` and `joined` remember
    what the words of the answers so far may stand for, alone and with the word before.
    """

    words: Sequence[str]
    stems: Mapping[str, int]
    prefixes: Mapping[str, int]
    lengths: Sequence[int]
    initials: Mapping[str, Sequence[Forgiving]]
    groups: Mapping[str, Sequence[Chain]]
    subjects: Sequence[str]
    cases: Sequence[str]
    causes: Sequence[str]
    default: str | None
    met: dict[str, tuple[int, bool]]
    joined: dict[tuple[str, str], int]

    def family(self, name: str) -> Sequence[str]:
        """Return the names that a name stands beside: only one of them is spoken of at a time."""
        for names in (self.subjects, self.cases):
            if name in names:
                return names
        return ()

    def meet(self, word: str, root: str) -> tuple[int, bool]:
        """Return what a word of an answer may stand for, and whether it may begin another."""
        known = self._exactly(word, root) or self._mistyped(word), self._is_head(word)
        if len(self.met) < _MOST_MET:
            self.met[word] = known
        return known

    def meet_joined(self, head: str, word: str) -> int:
        """Return what two words of an answer stand for that may be one, written apart."""
        whole = head + word
        known = self._exactly(whole, stem(whole), len(head))
        if len(self.joined) < _MOST_MET:
            self.joined[head, word] = known
        return known

    def _exactly(self, word: str, root: str, longer_than: int = 0) -> int:
        """Return the bits of the words that a word of an answer is, but for its ending.

        Of two words that may be one, the first has a length of `longer_than` and is no stem of it.
        """
        found = self.stems.get(root, 0)
        for length in self.lengths:
            if longer_than < length <= len(word):
                found |= self.prefixes.get(word[:length], 0)
        return found

    def _mistyped(self, word: str) -> int:
        """Return the bits of the words that a word is with a slip: of its first letter, too."""
        found = 0
        if may_be_slip(word):
            for letter in {word[0], word[1]}:
                for meant, bit, prefix in self.initials.get(letter, ()):
                    if is_slip(word, meant, prefix=prefix):
                        found |= bit
        return found

    def _is_head(self, word: str) -> bool:
        """Return whether another word begins with this one, which may stand apart from the rest."""
        if len(word) < _SHORTEST_STEM or not word.isalpha():
            return False
        after = bisect_right(self.words, word)
        return after < len(self.words) and self.words[after].startswith(word)


class Author:
    """Compiles the patterns of one check, and collects their words on the way."""

    def __init__(self, base: Author | None = None) -> None:
        """Go on from what another one has compiled, or start with nothing."""
        self.words: dict[str, int] = dict(base.words) if base else {}
        self.stems: dict[str, int] = dict(base.stems) if base else {}
        self.prefixes: dict[str, int] = dict(base.prefixes) if base else {}
        self.initials: dict[str, tuple[Forgiving, ...]] = dict(base.initials) if base else {}
        self.groups: dict[str, Sequence[Chain]] = dict(base.groups) if base else {}
        self.slots: dict[str, Slot] = {}
        self.negations: set[str] = set()
        self.count: int = base.count if base else 0
        self.subjects: list[str] = []
        self.cases: list[str] = []
        self.causes: list[str] = []

    def name(self, groups: Mapping[str, Sequence[str]]) -> list[str]:
        """Let each name stand for itself and the words and phrases beside it; return the names.

        A group may use the names of those before it.
        """
        keys = []
        for name, members in groups.items():
            keys.append(only_word(name))
            if keys[-1] in self.groups:
                raise ReferenceFault(f"'{name}' names two groups: give one of them another name")
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
                compiled = tuple(map(self.pattern, parts))
                return Then(compiled, _all_needs(compiled))
            case {"all": parts}:
                compiled = tuple(map(self.pattern, parts))
                return AllOf(compiled, written.get("within"), _all_needs(compiled))
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
        compiled = tuple(map(self.pattern, parts))
        return AnyOf(compiled, names, named, _any_needs(compiled))

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
                if item in self.negations:
                    usual = "either"
                gap, polarity = 0, ""
        if not slots or gap or polarity or gaps[0]:
            raise ReferenceFault(f"the pattern '{written}' begins or ends without a word")
        return chained(slots, gaps[1:])

    def vocabulary(self, default: str | None = None) -> Vocabulary:
        """Return the words of all patterns compiled so far."""
        return Vocabulary(
            words=sorted(self.words),
            stems=self.stems,
            prefixes=self.prefixes,
            lengths=sorted(set(map(len, self.prefixes))),
            initials=self.initials,
            groups=self.groups,
            subjects=tuple(self.subjects),
            cases=tuple(self.cases),
            causes=tuple(self.causes),
            default=None if default is None else self._known(default, self.subjects),
            met={"": (0, False)},
            joined={},
        )

    def _trend(self, of: str, goes: str) -> Trend:
        negated, way = goes.startswith("not "), goes.removeprefix("not ").strip()
        if way not in ("up", "down", "flat"):
            raise ReferenceFault(f"a trend goes up, down or flat, not '{goes}'")
        subject = self._known(of, self.subjects)
        needs = _any_needs(self.groups[f"<{way}>"])
        return Trend(subject, way, negated, (*needs, DENIAL) if negated else needs)

    def _known(self, written: str, names: Sequence[str]) -> str:
        name = only_word(written)
        if name not in names:
            raise ReferenceFault(f"'{written}' is not among the subjects")
        return name

    def _slot(self, item: str, polarity: str) -> Slot:
        slot = self.slots.get(item)
        if slot is None:
            slot = self.slots[item] = self._new_slot(item)
        if polarity == slot.polarity:
            return slot
        needs, bits, _, phrases, groups, number = slot
        return Slot(needs, bits, polarity, phrases, groups, number)

    def _new_slot(self, item: str) -> Slot:
        bits = 0
        phrases: list[Chain] = []
        groups: list[str] = []
        words = item.split("|")
        if not NEGATIONS.isdisjoint(words):
            self.negations.add(item)
        for word in words:
            parts = _parts(word)
            if not parts:
                raise ReferenceFault(f"'{item}' holds no word")
            if parts[-1].endswith("*") and len(parts[-1]) <= _SHORTEST_STEM:
                raise ReferenceFault(f"the stem in '{item}' is too short")
            if len(parts) > 1:
                phrases.append(self._phrase(parts))
            elif parts[0] in self.groups:
                groups.append(parts[0])
            else:
                bits |= self._bit(parts[0])
        if not phrases and not groups:
            return Slot(bits, bits, "claimed")
        needs = bits
        for chain in (*phrases, *(each for name in groups for each in self.groups[name])):
            needs |= chain.needs[0]
        self.count += 1
        return Slot(needs, bits, "claimed", tuple(phrases), tuple(groups), self.count)

    def _phrase(self, parts: Sequence[str]) -> Chain:
        bits = tuple(map(self._bit, parts))
        return Chain(tuple(Slot(bit, bit, "either") for bit in bits), (0,) * (len(bits) - 1), bits)

    def _bit(self, word: str) -> int:
        """Return the bit of a word, which is a stem where it ends in a star."""
        bit = self.words.get(word)
        if bit is None:
            bit = self.words[word] = DENIAL << (len(self.words) + 1)
            bare = word.removesuffix("*")
            if bare != word:
                self.prefixes[bare] = bit
            else:
                root = stem(bare)
                self.stems[root] = self.stems.get(root, 0) | bit
            if has_slips(bare):
                known = self.initials.get(bare[0], ())
                self.initials[bare[0]] = (*known, (bare, bit, bare != word))
        return bit


def _all_needs(parts: Iterable[Pattern]) -> tuple[int, ...]:
    return tuple(need for part in parts for need in part.needs)


def _any_needs(parts: Sequence[Pattern]) -> tuple[int, ...]:
    """Return what any of several patterns needs: nothing, where one of them needs nothing."""
    needs = 0
    for part in parts:
        if not part.needs:
            return ()
        needs |= part.needs[0]
    return (needs,)


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


def only_word(name: str) -> str:
    """Return a group's name as the one word that it is in patterns."""
    parts = _parts(name)
    if len(parts) != 1:
        raise ReferenceFault(f"'{name}' must be one word, to be used in patterns")
    return parts[0]
