"""An answer seen through a vocabulary: where its patterns match.

Matching takes time linear in the answer's length: the places of every slot are known beforehand,
and each place only looks at the nearest place of the slot before.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from grader.kinds._negation import CERTAIN, bag
from grader.kinds._patterns import Chain, Slot, Vocabulary
from grader.kinds._prose import Prose
from grader.kinds._scan import HYPHEN, PAUSE
from grader.kinds._words import stem

Span: TypeAlias = tuple[int, int]
"""The words of a place, from the first up to the one behind the last."""

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


class Place(NamedTuple):
    """Where a pattern matched; `sure` is false where the grammar leaves a doubt."""

    start: int
    end: int
    sure: bool = True


class Reading:
    """Where the words, groups and chains of a vocabulary stand in an answer."""

    def __init__(self, prose: Prose, vocabulary: Vocabulary) -> None:
        self.prose = prose
        self.vocabulary = vocabulary
        self._hits = _hits(prose, vocabulary)
        self._words = frozenset(self._hits)
        self._groups: dict[str, Sequence[Span]] = {}
        self._known: dict[int, Sequence[Span]] = {}
        self._covered: frozenset[int] | None = None
        self._families: dict[str, tuple[Mapping[int, str], Sequence[str | None]]] = {}

    def recognised(self) -> int:
        """Return how many words of the answer are asked for somewhere."""
        return len({start for spans in self._hits.values() for start, _ in spans})

    def group(self, name: str) -> Sequence[Span]:
        """Return where a named group stands, in order; of places that overlap the longest."""
        if name not in self._groups:
            chains = self.vocabulary.groups[name]
            found = {(place.start, place.end) for chain in chains for place in self.places(chain)}
            self._groups[name] = longest(found)
        return self._groups[name]

    def places(self, chain: Chain) -> list[Place]:
        """Return every place where a chain of slots matches, in order of their ends."""
        words = self._words
        for slot in chain.slots:
            if slot.needs.isdisjoint(words):
                return []
        last = len(chain.slots) - 1
        found = [
            Place(start, end, sure)
            for start, end in self._outside(chain.slots[0])
            if (sure := self._sure(chain.slots[0], start, final=last == 0)) is not None
        ]
        for at, gap in enumerate(chain.gaps):
            if not found:
                break
            final = at + 1 == last
            found = self._extended(found, chain.slots[at], gap, chain.slots[at + 1], final)
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
                for since, _ in self.group(name)
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

    def _extended(
        self, found: list[Place], before: Slot, gap: int, slot: Slot, final: bool
    ) -> list[Place]:
        """Return the places that go on to a further slot, each from the nearest behind it."""
        prose = self.prose
        longer = []
        place: Place | None = None
        index = 0
        for start, end in self._outside(slot):
            while index < len(found) and found[index].end <= start:
                place = found[index]
                index += 1
            if place is None or prose.between(place.end - 1, start) > gap:
                continue
            sure = self._sure(slot, start, final=final)
            if sure is None or prose.parted(place.end - 1, start):
                continue
            if not self._taken_over(before, place.end, start):
                longer.append(Place(place.start, end, sure and place.sure))
        longer.sort(key=lambda each: each.end)
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

    def _is_aside(self, rival: Span, start: int, end: int) -> bool:
        """Return whether a rival named on the way is no subject: `relu, unlike tanh, saturates`."""
        words, before = self.prose.words, self.prose.before
        at, until = rival
        ahead = [word for word in words[max(start, at - 3) : at] if word not in _ARTICLES]
        if not ahead:
            return False
        if ahead[-1] in _TOGETHER:
            return at - start < _NEXT_TO
        # `unlike tanh which saturates`: without a pause, tanh is what the verb speaks of
        left = any(mark >= PAUSE for mark in before[until : end + 1])
        return ahead[-1] in _ASIDE and (left or not _TOGETHER.isdisjoint(words[until:end]))

    def _spans(self, slot: Slot) -> Sequence[Span]:
        """Return where the words of a slot stand, claimed or denied."""
        spans = self._known.get(slot.number)
        if spans is None:
            spans = self._known[slot.number] = self._spans_of(slot)
        return spans

    def _outside(self, slot: Slot) -> Sequence[Span]:
        """Return where a slot stands as such: the 0 of `x > 0` is no 0 of its own."""
        spans = self._spans(slot)
        if slot.groups or not self.vocabulary.cases:
            return spans
        if self._covered is None:
            self._covered = frozenset()  # while the cases themselves are looked for
            phrases = [span for name in self.vocabulary.cases for span in self.group(name)]
            self._covered = frozenset(
                at for start, end in phrases if end - start > 1 for at in range(start, end)
            )
        return [span for span in spans if span[0] not in self._covered]

    def _spans_of(self, slot: Slot) -> Sequence[Span]:
        if len(slot.ids) == 1 and not slot.phrases and not slot.groups:
            return self._hits.get(slot.ids[0], ())
        found: set[Span] = set()
        for number in slot.ids:
            found.update(self._hits.get(number, ()))
        for phrase in slot.phrases:
            found.update((place.start, place.end) for place in self.places(phrase))
        for name in slot.groups:
            found.update(self.group(name))
        return sorted(found)

    def _sure(self, slot: Slot, start: int, *, final: bool) -> bool | None:
        """Return whether a slot's polarity fits surely, with a doubt (False), or not (None).

        What a negated verb speaks of is denied with it where it is the claim itself, the last
        slot: in `saturation does not occur` it is, in `the unit does not saturate` it is not.
        """
        if slot.polarity == "either":
            return True
        denied, subject = self.prose.denied[start], self.prose.subject[start]
        if slot.polarity == "claimed":
            if denied or (final and subject == CERTAIN):
                return None
            return not (final and subject)
        if denied:
            return not subject
        return subject == CERTAIN if subject else None


def longest(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, without those that overlap a longer one."""
    kept: list[Span] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
        elif end - start > kept[-1][1] - kept[-1][0]:
            kept[-1] = (start, end)
    return kept


def _hits(prose: Prose, vocabulary: Vocabulary) -> dict[int, list[Span]]:
    """Return the places of each word of the vocabulary; two words may be one written apart."""
    hits: dict[int, list[Span]] = {}
    previous = ""
    for at, word in enumerate(prose.words):
        numbers = vocabulary.ids(word, prose.stems[at])
        if previous and word and prose.before[at] <= HYPHEN and previous in vocabulary.heads:
            joined = previous + word
            for number in vocabulary.exactly(joined, stem(joined), len(previous)):
                hits.setdefault(number, []).append((at - 1, at + 1))
        for number in numbers:
            hits.setdefault(number, []).append((at, at + 1))
        previous = word if word.isalpha() else ""
    return hits
