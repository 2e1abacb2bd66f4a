"""Whether an answer matches a pattern, and by which of its words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from grader.kinds._negation import AUXILIARY, bag
from grader.kinds._patterns import (
    AllOf,
    AnyOf,
    Chain,
    Opening,
    Pattern,
    Then,
    Trend,
    Vocabulary,
    chained,
)
from grader.kinds._prose import Prose
from grader.kinds._reading import Place, Reading
from grader.kinds._scan import PAUSE, STOP, words_of
from grader.kinds._trends import Move, moves

_YES = bag("yes yeah yep true correct right agree indeed definitely")
_NO = bag("no nope false incorrect wrong disagree untrue neither nah")
_LEADS_IN = AUXILIARY | bag(
    """
    i think would say answer statement this that it approach claim my the his he believe in a an
    opinion view not partly partially mostly agree with verdict well so both quite totally
    completely strictly
    """
)
_OPENING = 12
_OPPOSITE = {"claimed": "denied", "denied": "claimed"}


class Match(NamedTuple):
    """The words by which an answer matched; `sure` is false where the grammar leaves a doubt."""

    places: Sequence[Place]
    pattern: Pattern
    sure: bool


class Matcher:
    """One answer, asked for one pattern after another."""

    def __init__(self, prose: Prose, vocabulary: Vocabulary) -> None:
        self.prose = prose
        self.reading = Reading(prose, vocabulary)
        self._moves: list[Move] | None = None

    def match(self, pattern: Pattern) -> Match | None:
        """Return the best match of a pattern: a sure one where there is one."""
        match pattern:
            case Chain():
                return _best(self.reading.places(pattern), pattern)
            case AnyOf():
                return self._any(pattern)
            case AllOf(parts, within):
                return self._all(pattern, parts, within)
            case Then(parts):
                return self._then(pattern, parts)
            case _:
                return _best(self._places(pattern), pattern)

    def _any(self, pattern: AnyOf) -> Match | None:
        """Return the first sure match of a part, or the first one."""
        present = self.reading.present
        if pattern.needs and not pattern.needs[0] & present:
            return None
        doubtful: Match | None = None
        for part in pattern.parts:
            for needed in part.needs:
                if not needed & present:
                    break
            else:
                found = self._part(part, pattern)
                if found is not None and found.sure:
                    return found
                doubtful = doubtful or found
        return doubtful

    def _part(self, part: Pattern, whole: AnyOf) -> Match | None:
        """Return the best match of a part that speaks of what the whole is about."""
        if not whole.about:
            return self.match(part)
        if isinstance(part, AllOf | AnyOf | Then):
            found = self.match(part)
            if found is None or all(self._is_about(place, whole) for place in found.places):
                return found
            return None
        return _best([each for each in self._places(part) if self._is_about(each, whole)], part)

    def _is_about(self, place: Place, whole: AnyOf) -> bool:
        for name in whole.about:
            spoken = self.reading.spoken_of(place, self.reading.vocabulary.family(name))
            if spoken != name and (spoken is not None or whole.named):
                return False
        return True

    def opposite(self, match: Match) -> Match | None:
        """Return where the answer surely denies of the same subject what it claims in `match`."""
        chain = match.pattern
        if not isinstance(chain, Chain) or not self.prose.told:
            return None  # in a text that denies nothing, all that is found is claimed
        if chain.slots[-1].polarity not in _OPPOSITE:
            return None
        last = chain.slots[-1]._replace(polarity=_OPPOSITE[chain.slots[-1].polarity])
        for place in self.reading.places(chained((*chain.slots[:-1], last), chain.gaps)):
            if place.sure and self._speak_of_one(place, match.places[0]):
                return Match((place,), chain, True)
        return None

    def _speak_of_one(self, place: Place, other: Place) -> bool:
        """Return whether two places may speak of the same subject in the same case."""
        for family in (self.reading.vocabulary.subjects, self.reading.vocabulary.cases):
            named = {self.reading.spoken_of(each, family) for each in (place, other)}
            if len(named - {None}) > 1:
                return False
        return True

    def _all(self, pattern: AllOf, parts: Sequence[Pattern], within: int | None) -> Match | None:
        if within is None:
            found = [self.match(part) for part in parts]
            matched = [each for each in found if each is not None]
            if len(matched) < len(parts):
                return None
            return _matched([place for each in matched for place in each.places], pattern)
        places = self._nearest([self._places(part) for part in parts], within)
        return _matched(places, pattern) if places else None

    def _then(self, pattern: Then, parts: Sequence[Pattern]) -> Match | None:
        """Return the earliest places of the parts, each ending after the one before."""
        found: list[Place] = []
        for part in parts:
            end = found[-1].end if found else 0
            later = [place for place in self._places(part) if place.end > end]
            if not later:
                return None
            found.append(min(later, key=lambda place: place.end))
        return _matched(found, pattern)

    def _nearest(self, parts: Sequence[Sequence[Place]], within: int) -> list[Place]:
        """Return one place of each part, all within so many words of a sentence, or nothing."""
        order = sorted(
            ((place.start, part) for part, places in enumerate(parts) for place in places)
        )
        waiting = [iter(places) for places in map(_by_start, parts)]
        latest: dict[int, Place] = {}
        doubtful: list[Place] = []
        for _, part in order:
            latest[part] = next(waiting[part])
            if len(latest) < len(parts):
                continue
            first = min(place.start for place in latest.values())
            last = max(place.end for place in latest.values())
            if self.prose.sentence[first] != self.prose.sentence[last - 1]:
                continue
            if self.prose.content[last] - self.prose.content[first] <= within:
                found = list(latest.values())
                if all(place.sure for place in found):
                    return found
                doubtful = doubtful or found
        return doubtful

    def _places(self, pattern: Pattern) -> Sequence[Place]:
        match pattern:
            case Chain():
                return self.reading.places(pattern)
            case Trend():
                return [Place(move.start, move.end, move.sure) for move in self._moved(pattern)]
            case Opening(verdict):
                place = opening(self.prose, verdict)
                return [place] if place else []
            case AnyOf(parts):
                found = [place for part in parts for place in self._places(part)]
                return [each for each in found if self._is_about(each, pattern)]
            case AllOf() | Then():
                whole = self.match(pattern)
                if whole is None:
                    return []
                start = min(place.start for place in whole.places)
                end = max(place.end for place in whole.places)
                return [Place(start, end, whole.sure)]

    def _moved(self, trend: Trend) -> list[Move]:
        if self._moves is None:
            self._moves = moves(self.reading)
        return [
            move
            for move in self._moves
            if trend.of in move.subjects and (move.way, move.negated) == (trend.way, trend.negated)
        ]


def opening(prose: Prose, verdict: bool) -> Place | None:
    """Return the word with which an answer opens as said: yes (True) or no (False), or None."""
    for at, word in enumerate(prose.words[:_OPENING]):
        if at and prose.before[at] == STOP:
            return None
        if word in _YES or word in _NO:
            said = (word in _YES) != prose.denied[at]
            return Place(at, at + 1) if said is verdict else None
        if word not in _LEADS_IN:
            return None
    return None


def own_verdict(prose: Prose, options: Sequence[str]) -> str | None:
    """Return the verdict with which an answer opens: true, false, or one of `options`."""
    for verdict in (True, False):
        if opening(prose, verdict) is not None:
            return str(verdict).lower()
    first = [word for word in prose.words[:1] if len(prose.words) > 1 and prose.before[1] >= PAUSE]
    return next((option for option in options if list(words_of(option)) == first), None)


def is_only_verdict(prose: Prose, options: Sequence[str]) -> bool:
    """Return whether an answer holds a verdict, such as one of `options`, and nothing else."""
    names = {word for option in options for word in words_of(option)}
    return any(prose.words) and all(
        not word or word in _YES or word in _NO or word in _LEADS_IN or word in names
        for word in prose.words
    )


def _matched(places: Sequence[Place], pattern: Pattern) -> Match:
    return Match(places, pattern, all(place.sure for place in places))


def _best(places: Sequence[Place], pattern: Pattern) -> Match | None:
    for place in places:
        if place.sure:
            return Match((place,), pattern, True)
    return Match(places[:1], pattern, False) if places else None


def _by_start(places: Sequence[Place]) -> Sequence[Place]:
    return sorted(places, key=lambda place: place.start)
