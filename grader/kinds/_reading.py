"""An answer seen through a vocabulary: where its patterns match.

Most patterns ask for a word that the answer lacks, which one glance at the bits of its words
tells. Matching takes time linear in the answer's length: the places of every slot are known
beforehand, and each place only looks at the nearest place of the slot before.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from grader.kinds._negation import bag
from grader.kinds._patterns import DENIAL, Chain, Slot, Vocabulary
from grader.kinds._prose import Prose
from grader.kinds._scan import HYPHEN, PAUSE

_ARTICLES = bag("the a an its their both whole entire all every any each")
# What follows these is no subject: "gets images from the generator", "unlike the sigmoid".
_ASIDE = bag("from of by with to than for unlike like against between as into compared not")
_COMPARING = bag(
    "unlike like than against as compared versus vs not way contrast opposed to contrary by from"
)
_ADDING = bag("in of for with on at when if where")
_ADDED_REACH = 5
_TOGETHER = bag("and or")
_NEXT_TO = 3


# Whether a slot's polarity fits a word surely, with a doubt (False), or not (None), by how the
# word is told (see `Prose.told`). What a negated verb speaks of is denied with it where it is the
# claim itself, the last slot: in `saturation does not occur` it is, in `the unit does not
# saturate` it is not.
_DENIED_FITS = (None, False, True, True, False, False)
_FITS: Mapping[tuple[str, bool], Sequence[bool | None]] = {
    ("claimed", False): (True, True, True, None, None, None),
    ("claimed", True): (True, False, None, None, None, None),
    ("denied", False): _DENIED_FITS,
    ("denied", True): _DENIED_FITS,
}


class Place(NamedTuple):
    """The words of a match, from the first up to the one behind the last.

    `sure` is false where the grammar leaves a doubt.
    """

    start: int
    end: int
    sure: bool = True


class Reading:
    """Where the words, groups and chains of a vocabulary stand in an answer."""

    def __init__(self, prose: Prose, vocabulary: Vocabulary) -> None:
        self.prose = prose
        self.vocabulary = vocabulary
        self._words = _recognised(prose, vocabulary)
        self.present = DENIAL if prose.told else 0
        for bits, _ in self._words:
            self.present |= bits
        self._stand: dict[int, Sequence[Place]] = {}
        self._compounds: dict[int, Sequence[Place]] = {}
        self._groups: dict[str, Sequence[Place]] = {}
        self._families: dict[str, tuple[Mapping[int, str], Sequence[str | None]]] = {}
        self._covered: frozenset[int] = frozenset()
        if vocabulary.cases:
            self._cover()

    def recognised(self) -> int:
        """Return how many words of the answer are asked for somewhere."""
        return len({place.start for _, place in self._words})

    def group(self, name: str) -> Sequence[Place]:
        """Return where a named group stands, in order; of places that overlap the longest."""
        known = self._groups.get(name)
        if known is None:
            found: list[Place] = []
            for chain in self.vocabulary.groups[name]:
                found += self.places(chain)
            known = self._groups[name] = longest(found)
        return known

    def places(self, chain: Chain) -> Sequence[Place]:
        """Return every place where a chain of slots matches, in order of their ends."""
        for needed in chain.needs:
            if not needed & self.present:
                return ()
        last = len(chain.gaps)
        found = self._fitting(chain.slots[0], not last)
        at = 0
        while found and at < last:
            at += 1
            found = self._extended(found, chain, at)
        return found

    def spoken_of(self, place: Place, family: Sequence[str]) -> str | None:
        """Return which of a family a place speaks of: right behind it, in it, or nearest before."""
        if not family:
            return None
        named, speaks = self._mentioned(family)
        for since in range(place.end, min(place.end + _ADDED_REACH, len(speaks))):
            if self.prose.before[since] >= PAUSE:
                break
            # "vanishing gradients occur in relu", "a non-saturating relu"
            if since in named and self._is_added(place.end, since):
                return named[since]
        return speaks[place.end - 1]

    def _is_added(self, end: int, since: int) -> bool:
        between = [word for word in self.prose.words[end:since] if word not in _ARTICLES]
        return not between or between[-1] in _ADDING

    def _mentioned(self, family: Sequence[str]) -> tuple[Mapping[int, str], Sequence[str | None]]:
        """Return where a family's names stand, and for each word the last one in its sentence.

        A case holds up to the next break only: "0 for negative input, but it does not saturate".
        """
        if family[0] not in self._families:
            prose = self.prose
            named = {
                since: name
                for name in family
                for since, _, _ in self.group(name)
                if not self._is_compared(since)
            }
            borders = prose.stretch if family is self.vocabulary.cases else prose.sentence
            speaks: list[str | None] = []
            last: str | None = None
            for at, border in enumerate(borders):
                last = named.get(at, last if at and borders[at - 1] == border else None)
                speaks.append(last)
            self._families[family[0]] = (named, speaks)
        return self._families[family[0]]

    def _is_compared(self, at: int) -> bool:
        """Return whether a subject is only named to compare: `unlike the sigmoid`."""
        ahead = [word for word in self.prose.words[max(0, at - 3) : at] if word not in _ARTICLES]
        return bool(ahead) and ahead[-1] in _COMPARING

    def _extended(self, found: Sequence[Place], chain: Chain, at: int) -> Sequence[Place]:
        """Return the places that go on to slot `at`, each from the nearest behind it."""
        before, gap = chain.slots[at - 1], chain.gaps[at - 1]
        content, stretch = self.prose.content, self.prose.stretch
        longer: list[Place] = []
        index, count = 0, len(found)
        for start, end, sure in self._fitting(chain.slots[at], at == len(chain.gaps)):
            while index < count and found[index].end <= start:
                index += 1
            if not index:
                continue
            first, last, was_sure = found[index - 1]
            if content[start] - content[last] > gap:
                continue
            if stretch[last - 1] != stretch[start] and self.prose.parted(last - 1, start):
                continue
            if not before.groups or not self._taken_over(before, last, start):
                longer.append(Place(first, end, sure and was_sure))
        if len(longer) > 1:
            longer.sort(key=_end)
        return longer

    def _taken_over(self, slot: Slot, start: int, end: int) -> bool:
        """Return whether another subject than the slot's takes over between two words."""
        for name in {rival for own in slot.groups for rival in self.vocabulary.family(own)}:
            if name in slot.groups:
                continue
            rivals = self.group(name)
            first = bisect_left(rivals, (start, 0))
            last = bisect_left(rivals, (end, 0), first)
            if any(not self._is_aside(rival, start, end) for rival in rivals[first:last]):
                return True
        return False

    def _is_aside(self, rival: Place, start: int, end: int) -> bool:
        """Return whether a rival named on the way is no subject: `relu, unlike tanh, saturates`."""
        words, before = self.prose.words, self.prose.before
        at, until, _ = rival
        ahead = [word for word in words[max(start, at - 3) : at] if word not in _ARTICLES]
        if not ahead:
            return False
        if ahead[-1] in _TOGETHER:
            return at - start < _NEXT_TO
        # `unlike tanh which saturates`: without a pause, tanh is what the verb speaks of
        left = any(mark >= PAUSE for mark in before[until : end + 1])
        return ahead[-1] in _ASIDE and (left or not _TOGETHER.isdisjoint(words[until:end]))

    def _fitting(self, slot: Slot, final: bool) -> Sequence[Place]:
        """Return where a slot stands as such, claimed or denied as it asks."""
        bits = slot.bits & self.present
        places = self._compound(slot) if slot.number else self._stand.get(bits)
        if places is None:
            places = self._places_of(bits)
        # The 0 of `x > 0` is no 0 of its own.
        if self._covered and not slot.groups:
            places = [place for place in places if place.start not in self._covered]
        told = self.prose.told
        if not told or slot.polarity == "either":
            return places
        fits = _FITS[slot.polarity, final]
        found = []
        for place in places:
            sure = fits[told[place.start]]
            if sure is not None:
                found.append(place if sure else Place(place.start, place.end, False))
        return found

    def _compound(self, slot: Slot) -> Sequence[Place]:
        """Return where the words, phrases and groups of a slot stand, claimed or denied."""
        places = self._compounds.get(slot.number)
        if places is None:
            found = list(self._places_of(slot.bits & self.present))
            for phrase in slot.phrases:
                found += self.places(phrase)
            for name in slot.groups:
                found += self.group(name)
            places = self._compounds[slot.number] = sorted({*found}) if len(found) > 1 else found
        return places

    def _places_of(self, bits: int) -> Sequence[Place]:
        """Return where any of some words stand that are all present."""
        places = self._stand.get(bits)
        if places is None:
            places = self._stand[bits] = [place for own, place in self._words if own & bits]
        return places

    def _cover(self) -> None:
        """Find the words that belong to the phrases for a case."""
        phrases = [place for name in self.vocabulary.cases for place in self.group(name)]
        self._covered = frozenset(
            at for start, end, _ in phrases if end - start > 1 for at in range(start, end)
        )


def _end(place: Place) -> int:
    return place.end


def longest(places: Collection[Place]) -> Sequence[Place]:
    """Return the places in order, without those that overlap a longer one."""
    if len(places) < 2:
        return [Place(start, end) for start, end, _ in places]
    kept: list[Place] = []
    for start, end, _ in sorted(places):
        if not kept or start >= kept[-1].end:
            kept.append(Place(start, end))
        elif end - start > kept[-1].end - kept[-1].start:
            kept[-1] = Place(start, end)
    return kept


def _recognised(prose: Prose, vocabulary: Vocabulary) -> list[tuple[int, Place]]:
    """Return the words that are asked for, by their bits; two may be one written apart."""
    found: list[tuple[int, Place]] = []
    met, stems, before = vocabulary.met, prose.stems, prose.before
    head = ""
    for at, word in enumerate(prose.words):
        bits, is_head = met.get(word) or vocabulary.meet(word, stems[at])
        if head and word and before[at] <= HYPHEN:
            both = vocabulary.joined.get((head, word))
            if both is None:
                both = vocabulary.meet_joined(head, word)
            if both:
                found.append((both, Place(at - 1, at + 1)))
        if bits:
            found.append((bits, Place(at, at + 1)))
        head = word if is_head else ""
    return found
