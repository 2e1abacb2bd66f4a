"""What rises and what falls: every rising or falling word of an answer, given to its subject.

In "increasing the penalty lowers training accuracy while test accuracy improves" the three
directions belong to the penalty, to training and to test. The subjects (what is measured) and the
causes (what is varied) are the rubric's; the words for up, down and flat stand here. Where the
first of the causes goes down, what is said is turned round: "with a lower penalty it rises".
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from grader.kinds._negation import BREAKS, FUNCTION, bag
from grader.kinds._reading import Place, Reading, longest
from grader.kinds._scan import HYPHEN, PAUSE

WAYS: Mapping[str, Sequence[str]] = {
    "<up>": (
        "increas*", "rise", "rises", "rising", "improv*", "grow", "go up", "going up", "climb",
        "raise", "boost", "enhanc*", "gain", "higher", "larger", "bigger", "greater", "better",
        "more", "upward", "upwards", "incline", "move up", "then up", "shoot up", "strengthen",
        "stronger",
    ),
    "<down>": (
        "decreas*", "fall", "drop", "declin*", "reduc*", "lower", "worse*", "worst", "degrad*",
        "deteriorat*", "diminish", "shrink", "go down", "going down", "come down", "less",
        "smaller", "suffer", "hurt", "harm", "impair*", "poorer", "downward", "downwards", "sink",
        "weaken", "weaker", "dip", "sacrific*", "move down", "then down", "lessen", "fewer",
    ),
    "<flat>": (
        "constant", "stay same|constant|high|put", "remain same|constant|unchanged|stable",
        "unchanged", "flat", "flatten", "plateau*", "level off", "stagnat*", "stabili*", "same",
        "not change", "not affect*", "not depend", "independent", "unaffected", "saturat*",
    ),
}  # fmt: skip
"""The words for each direction, as groups under names that no pattern can hold."""

# These may stand before the noun that they describe: "a higher penalty", "increasing data".
_DESCRIBING = bag(
    """
    higher larger bigger greater better more lower worse less smaller poorer worst stronger weaker
    fewer increasing
    increased decreasing decreased rising falling growing improved improving reduced reducing
    declining raising lowering degraded enhanced
    """
)
_NEVER_ALONE = bag("more less fewer stronger weaker")
_TURNED = {"up": "down", "down": "up"}
_OF = bag("of a an the this its our")
# What follows a verb that has no object: "as the penalty falls from 1 to 0".
_NO_OBJECT = bag("from to by at below")
_BE = bag("is are was were be been being get gets become becomes")
_ALL = bag("both they")
_PRONOUNS = _ALL | bag("it this these which that its")
_CLAUSE = bag("because since as so therefore when if until hence thus and but →") | BREAKS
# Words that stand between a subject and its verb and are no subject themselves.
_ON_THE_WAY = _PRONOUNS | bag(
    """
    first later eventually finally slightly only even start starts begin begins tend tends keep
    keeps continue continues again further still much even then one not never no seem seems expected
    likely should point some initially overall
    """
)
_AND = bag("and or")
_JOINING = _AND | bag("well as both the on of for")
_AFTER_REACH = 3
_BEFORE_REACH = 10
_BOTH_REACH = 3


class Mention(NamedTuple):
    """A place where a subject or a cause is named."""

    start: int
    end: int
    name: str
    cause: bool


class Move(NamedTuple):
    """A direction that an answer gives to subjects; `sure` where it is clear in which case."""

    way: str
    negated: bool
    subjects: frozenset[str]
    start: int
    end: int
    sure: bool = True


def moves(reading: Reading) -> list[Move]:
    """Return every direction in an answer with the subjects that it belongs to."""
    clauses = _Clauses(reading)
    found: list[Move] = []
    varied: list[tuple[int, str]] = []
    for way, (start, end, _) in clauses.directions:
        if clauses.is_no_move(start, end):
            continue
        owners = clauses.owners(start, end)
        if owners and clauses.is_varied(owners[0], start, end):
            varied.append((start, way))
        names = {mention.name for mention in owners if not mention.cause}
        if not owners and clauses.is_bare(start):
            names = clauses.carried(start, found)
        if names:
            near = [each for each in owners if abs(each.start - start) <= 2 * _BEFORE_REACH]
            found.append(
                Move(
                    way=way,
                    negated=reading.prose.denied[start],
                    subjects=frozenset(names),
                    start=min([start, *(mention.start for mention in near)]),
                    end=max([end, *(mention.end for mention in near)]),
                )
            )
    if all(way != "down" for _, way in varied):
        return found
    return [_turned(move, varied, reading.prose.sentence) for move in found]


def _turned(move: Move, varied: Sequence[tuple[int, str]], sentence: Sequence[int]) -> Move:
    """Return a move as it is where the cause goes up; `varied` tells where the cause goes."""
    number = sentence[move.start]
    near = [(abs(at - move.start), way) for at, way in varied if sentence[at] == number]
    if not near:
        before = [way for at, way in varied if sentence[at] < number]
        return move._replace(sure="down" not in before[-1:])
    way = _TURNED.get(move.way, move.way) if min(near)[1] == "down" else move.way
    return move._replace(way=way, sure=len({way for _, way in near}) == 1)


class _Clauses:
    """The directions and mentions of an answer, from left to right."""

    def __init__(self, reading: Reading) -> None:
        self.prose = reading.prose
        self.vocabulary = reading.vocabulary
        self.directions = _directions(reading)
        self.mentions = _mentions(reading)
        self._starts = [mention.start for mention in self.mentions]
        self._moving = {place.start for _, place in self.directions}
        self._taken: set[int] = set()

    def owners(self, start: int, end: int) -> list[Mention]:
        """Return the mentions that a direction belongs to, with those joined to them by `and`."""
        at = self._owner(start, end)
        if at is None:
            return []
        owners = [self.mentions[at]]
        if not owners[0].cause:
            step = -1 if owners[0].end <= start else 1
            while self._is_joined(at, at + step):
                at += step
                owners.append(self.mentions[at])
        self._taken.update(mention.start for mention in owners)
        return owners

    def is_no_move(self, start: int, end: int) -> bool:
        """Return whether a direction describes a noun of its own or compares: "lower variance"."""
        words, before = self.prose.words, self.prose.before
        if end >= len(words) or before[end] >= PAUSE:
            return words[start] in _NEVER_ALONE
        if words[end] == "than":
            return True
        at = bisect_left(self._starts, end)
        if words[start] not in _DESCRIBING or (
            self._follows(end, at) and not self._gap(end - 1, at)
        ):
            return False
        is_noun = words[end] not in FUNCTION and not words[end].endswith("ly")
        return words[start] in _NEVER_ALONE or (is_noun and end not in self._moving)

    def is_varied(self, owner: Mention, start: int, end: int) -> bool:
        """Return whether a direction tells how the cause is varied, not what it does to others."""
        if not self.vocabulary.causes or owner.name != self.vocabulary.causes[0]:
            return False
        words = self.prose.words
        if owner.start >= end:
            return _OF.issuperset(words[end : owner.start])
        if end >= len(words) or self.prose.before[end] >= PAUSE:
            return True
        at = bisect_left(self._starts, end)
        is_followed = at < len(self.mentions) and not self._gap(end - 1, at)
        is_passive = words[start - 1] in _BE and not words[start].endswith("ing")
        ends = is_passive or words[end] in _CLAUSE or words[end] in _NO_OBJECT
        return ends or (is_followed and self._moves_itself(self.mentions[at]))

    def is_bare(self, start: int) -> bool:
        """Return whether no noun of its own stands between the clause's start and a direction."""
        words, before = self.prose.words, self.prose.before
        at = start
        while at > 0 and before[at] < PAUSE and words[at - 1] not in _CLAUSE:
            at -= 1
            word = words[at]
            if word in FUNCTION or word in _ON_THE_WAY or word.endswith("ly"):
                continue
            return at in self._moving
        return True

    def carried(self, start: int, found: Sequence[Move]) -> set[str]:
        """Return the subjects that a clause without one goes on with: "... and then falls"."""
        words = self.prose.words[max(0, start - _BOTH_REACH) : start]
        if not _ALL.isdisjoint(words):
            return set(self.vocabulary.subjects)
        sentence = self.prose.sentence
        if found and sentence[start] - sentence[found[-1].start] <= 1:
            return set(found[-1].subjects)
        for at in range(bisect_left(self._starts, start) - 1, -1, -1):
            each = self.mentions[at]
            if sentence[start] - sentence[each.start] > 1:
                break
            if not each.cause:
                return {each.name}
        return {self.vocabulary.default} if self.vocabulary.default else set()

    def _owner(self, start: int, end: int) -> int | None:
        at = bisect_left(self._starts, end)
        after = at if self._follows(end, at) else None
        beside = after is not None and self._gap(end - 1, after) == 0
        describing = self.prose.words[start] in _DESCRIBING
        behind = at - 1 if at and self._precedes(at - 1, start) else None
        if after is not None and (
            behind is None or self.mentions[behind].cause or (describing and beside)
        ):
            return after
        if behind is not None and self.mentions[behind].cause and self._starts_anew(behind, start):
            return None
        return behind

    def _follows(self, end: int, at: int) -> bool:
        """Return whether mention `at` may be the object of a direction that ends before `end`."""
        if at >= len(self.mentions):
            return False
        until = self.mentions[at].start
        return (
            self._gap(end - 1, at) <= _AFTER_REACH
            and (self._is_described(end, at) or not self._moves_itself(self.mentions[at]))
            and all(mark < PAUSE for mark in self.prose.before[end : until + 1])
            and not any(
                word in _CLAUSE or place in self._moving
                for place, word in enumerate(self.prose.words[end:until], end)
            )
        )

    def _is_described(self, end: int, at: int) -> bool:
        """Return whether a cause stands right behind what describes it: "fewer samples"."""
        describes = self.prose.words[end - 1] in _DESCRIBING and not self._gap(end - 1, at)
        return describes and self.mentions[at].cause

    def _precedes(self, at: int, start: int) -> bool:
        """Return whether mention `at` may be the subject of the direction at `start`."""
        mention = self.mentions[at]
        if mention.end > start or self.prose.parted(mention.end - 1, start):
            return False
        if self.prose.between(mention.end - 1, start) > _BEFORE_REACH:
            return False
        # "training accuracy falls because the capacity shrinks": the last clause has its own noun
        opens = any(word in _CLAUSE for word in self.prose.words[mention.end : start])
        return not opens or self.is_bare(start)

    def _starts_anew(self, at: int, start: int) -> bool:
        """Return whether another subject follows a cause: "with more data, it falls"."""
        end = self.mentions[at].end
        return any(mark >= PAUSE for mark in self.prose.before[end : start + 1]) or any(
            word in _PRONOUNS or word in _CLAUSE for word in self.prose.words[end:start]
        )

    def _is_joined(self, at: int, other: int) -> bool:
        if not 0 <= other < len(self.mentions):
            return False
        first, second = sorted((self.mentions[at], self.mentions[other]), key=lambda each: each.end)
        if self.mentions[other].cause or self.mentions[other].start in self._taken:
            return False
        between = self.prose.words[first.end : second.start]
        if other > at and self._moves_itself(second):
            return False
        if not between:
            return self.prose.before[second.start] == HYPHEN
        return all(word in _JOINING for word in between) and any(word in _AND for word in between)

    def _moves_itself(self, mention: Mention) -> bool:
        """Return whether a direction follows a mention closely: "and test accuracy rises"."""
        until = mention.end
        while until < len(self.prose.words) and until - mention.end <= _AFTER_REACH:
            if self.prose.before[until] >= PAUSE or self.prose.words[until] in _CLAUSE:
                return False
            if until in self._moving:
                return True
            until += 1
        return False

    def _gap(self, last: int, at: int) -> int:
        return self.prose.between(last, self.mentions[at].start)


def _mentions(reading: Reading) -> list[Mention]:
    named: dict[Place, tuple[str, bool]] = {}
    vocabulary = reading.vocabulary
    for names, cause in ((vocabulary.causes, True), (vocabulary.subjects, False)):
        for name in names:
            named.update(dict.fromkeys(reading.group(name), (name, cause)))
    return [Mention(at.start, at.end, *named[at]) for at in longest(named)]


def _directions(reading: Reading) -> list[tuple[str, Place]]:
    named: dict[Place, str] = {}
    for group in WAYS:
        named.update(dict.fromkeys(reading.group(group), group.strip("<>")))
    return [(named[at], at) for at in longest(named)]
