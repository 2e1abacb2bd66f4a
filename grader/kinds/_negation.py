"""Which words of a text are denied: what a `not` governs, and what a negated verb speaks of.

A negation reaches forward to the end of its clause or a number of words, whichever comes first;
two of them cancel. `saturation does not occur` denies what stands before, which is less certain,
so it is told apart. This is grammar by rule of thumb: a doubt is for a person to settle.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from grader.kinds._scan import HYPHEN, NOTHING, PAUSE, STOP
from grader.kinds._words import fold


def bag(text: str) -> frozenset[str]:
    """Return the folded words of a list."""
    return frozenset(fold(word) for word in text.split())


LITTLE = bag(
    """
    a an the of is are was were be been being am do does did to in on at for it its this that these
    those there their his her our your very really just also quite rather will would can could may
    might must shall should has have had as by with so then thus i we you he she they me us them my
    always usually generally typically normally mostly often e i g etc which who what if than
    """
)
"""Words between which others are still neighbours."""

FUNCTION = LITTLE | bag(
    """
    and or but nor because since when while where whereas from into about over under between
    through during after before until unlike like both not no never without more less
    """
)
"""Words that a sentence has and a list of keywords lacks."""

AUXILIARY = bag(
    """
    is are was were be been am do does did can could will would shall should may might must has
    have had
    """
)
_BE = bag("is are was were be been being")
BREAKS = bag("but while whereas however although though yet otherwise conversely despite")
"""Words that open a clause about something else."""

_STRONG = "not never neither nor no hardly barely scarcely rarely nothing"
_SHUNNING = """
without lack lacks lacking absence unable fail fails failed failing avoid avoids avoided avoiding
prevent prevents prevented preventing eliminate eliminates eliminated eliminating overcome overcomes
mitigate mitigates alleviate alleviates solve solves solved solving
"""
_WEAK = "stops stopped ceases ceased none nobody instead rather"
_FAR = 8
_REACH = (
    dict.fromkeys(bag(_STRONG), _FAR)
    | dict.fromkeys(bag(_SHUNNING), 5)
    | dict.fromkeys(bag(_WEAK), 4)
    | {"non": 1}
)
NEGATIONS = frozenset(_REACH)

_NEEDS_AFTER = {"instead": "of", "rather": "than", "none": "of"}
_DENIES_NOTHING = {"not": bag("only just merely"), "no": bag("doubt matter")}
_ENDS = bag("but while whereas however although though so therefore thus hence and then nor →")
_ENDS_LATER = bag(
    """
    because since as if when where which who for at during until unlike like with after before via
    through it they he she we there in whenever due
    """
)
_HOLDS_ON = bag("think believe say mean imply suggest expect result lie case agree true correct")
# After a form of `be`: saturation is avoided, overfitting is unlikely.
_DENIED_AFTER = bag(
    "avoided prevented eliminated solved overcome absent impossible unlikely excluded mitigated"
)
_TRUE = bag("true correct right case")
_SAYING = bag("say claim think assume believe conclude state argue")
_THAT = bag("that this it")
_CONSEQUENCES = bag("so therefore thus hence")
_REASONS = _CONSEQUENCES | bag("because since as but instead however rather")
_WRONG = bag("wrong false incorrect untrue myth misconception nonsense mistaken")
_GOES_ON = AUXILIARY | bag(
    """
    it its the this that he she they we i you because since as a an there in when if for with his
    her their these those increasing adding using more both actually generally usually not
    """
)
_CLAUSE_STARTS = _ENDS | bag("because since that which who if when where as unlike")
_OCCURS = bag(
    """
    occur occurs happen happens exist exists appear appears arise arises problem issue present
    case possible reason cause explanation explain responsible apply applies matter concern true
    culprit there guaranteed
    """
)
_SUBJECT_REACH = 6
_DENIED_CLAUSE = 3
_CLAUSE_LENGTH = 24
_NOT_VERBS = bag("not never hardly barely scarcely rarely")
# Between these words nothing is denied but what they govern.
_TURNING = NEGATIONS | _DENIED_AFTER | _WRONG | {"that"}


DOUBTFUL, CERTAIN = 1, 2
"""How sure it is that the subject of a negated verb is denied with it."""


class Polarity(NamedTuple):
    """For each word whether it is denied, and whether it is the subject of a negated verb.

    `subject` is 0, DOUBTFUL, or CERTAIN as in "saturation does not occur". DOUBTFUL is also what
    follows from a denied sentence: "it is not true that it is linear, so it saturates".
    """

    denied: Sequence[bool]
    subject: Sequence[int]

    def told(self) -> Sequence[int]:
        """Return 3 * denied + subject for each word, or nothing where nothing is denied."""
        if True not in self.denied and not any(self.subject):
            return ()
        return [3 * denied + at for denied, at in zip(self.denied, self.subject, strict=True)]


def polarity(words: Sequence[str], before: Sequence[int]) -> Polarity:
    """Mark the words of a text; `before` holds the mark before each (see _scan)."""
    denied = [False] * len(words)
    subject = [0] * len(words)
    if _TURNING.isdisjoint(words):
        return Polarity(denied, subject)
    openings = [at for at, word in enumerate(words) if word in _TURNING]
    until = 0
    for opening in openings:
        if opening >= until:
            until = _turn(words, before, opening, denied, subject)
    return Polarity(denied, subject)


def _turn(
    words: Sequence[str],
    before: Sequence[int],
    opening: int,
    denied: list[bool],
    subject: list[int],
) -> int:
    """Mark what a negation turns, with those inside its reach; return where all of them end."""
    reach: list[int] = []
    governed = 0
    last = ""
    whole = follows = False
    for i in range(opening, len(words)):
        word, mark = words[i], before[i]
        if reach and _ends_here(word, mark, governed, last):
            reach.clear()
        follows = mark < STOP and (follows or (whole and word in _CONSEQUENCES))
        whole = whole and mark < STOP and word not in _REASONS
        if not reach and not whole and not follows and word not in _TURNING:
            return i
        whole = whole or (word == "that" and _denies_all(words, i))
        denied[i] = (len(reach) + whole) % 2 == 1
        subject[i] = DOUBTFUL if follows else subject[i]
        opens = word in _REACH and _denies(words, before, i)
        if opens:
            if not reach:
                governed = 0
            reach.append(_REACH[word] + 1)
            if word in _NOT_VERBS:
                occurs = not _OCCURS.isdisjoint(words[i + 1 : i + 4])
                for at in _subject_of(words, before, i):
                    subject[at] = CERTAIN if occurs else DOUBTFUL
        elif word in _DENIED_AFTER and not _BE.isdisjoint(words[max(0, i - 2) : i]):
            for at in _subject_of(words, before, i):
                subject[at] = DOUBTFUL if denied[i] else CERTAIN
        elif word in _WRONG:
            _deny_clause(denied, words, before, i)
        if word in _WRONG or (word in _TRUE and denied[i]):
            for at in _called_wrong(words, before, i):
                subject[at] = DOUBTFUL
        if word not in LITTLE:
            governed += not opens
            last = word
            reach = [left - 1 for left in reach if left > 1]
    return len(words)


def _ends_here(word: str, mark: int, governed: int, last: str) -> bool:
    """Return whether the reach of the negations that are open ends before this word."""
    if mark >= PAUSE or word in _ENDS:
        return True
    return governed > 0 and word in _ENDS_LATER and last not in _HOLDS_ON


def _denies_all(words: Sequence[str], i: int) -> bool:
    """Return whether a sentence begins here that was called untrue: "it is not true that"."""
    at = i - 1
    if at > 2 and words[at] in _SAYING and words[at - 1] == "to":
        at -= 2  # "it is wrong to say that"
    if at < 0 or words[at] not in _TRUE:
        return at >= 0 and words[at] in _WRONG
    return "not" in words[max(0, at - 3) : at]


def _denies(words: Sequence[str], before: Sequence[int], i: int) -> bool:
    """Return whether a word that can deny does so here."""
    word = words[i]
    following = _next(words, i)
    if (
        word == "not"
        and _TRUE.intersection(words[i + 1 : i + 4])
        and "that" in words[i + 2 : i + 5]
    ):
        return False  # it denies the whole sentence
    if word in _DENIED_AFTER and not _BE.isdisjoint(words[max(0, i - 2) : i]):
        return False
    if word in _NEEDS_AFTER:
        return following == _NEEDS_AFTER[word]
    if following in _DENIES_NOTHING.get(word, ()):
        return False
    if word == "no" and before[i] == STOP:
        # "No, it falls", "No it falls": an answer, not a denial of what follows
        ends = i + 1 == len(words) or before[i + 1] >= PAUSE
        return not ends and following not in _GOES_ON
    return True


def _subject_of(words: Sequence[str], before: Sequence[int], verb: int) -> Sequence[int]:
    """Return what a negated verb speaks of: the words before its auxiliary, in the same clause."""
    at = verb - 1
    while at >= 0 and words[at] not in AUXILIARY and verb - at <= 2:
        at -= 1
    if at < 0 or words[at] not in AUXILIARY:
        return ()
    found: list[int] = []
    left = _SUBJECT_REACH
    while at > 0 and left and before[at] <= HYPHEN and words[at - 1] not in _CLAUSE_STARTS:
        at -= 1
        found.append(at)
        left -= words[at] not in LITTLE
    return found


def _deny_clause(
    denied: list[bool], words: Sequence[str], before: Sequence[int], wrong: int
) -> None:
    """Turn what a long clause says round where it goes on "is wrong"."""
    if not _after_auxiliary(words, wrong):
        return
    start = wrong
    first = max(0, wrong - _CLAUSE_LENGTH)
    while start > first and before[start] == NOTHING and words[start - 1] not in _ENDS:
        start -= 1
    if sum(word not in LITTLE for word in words[start:wrong]) >= _DENIED_CLAUSE:
        for at in range(start, wrong):
            denied[at] = not denied[at]


def _called_wrong(words: Sequence[str], before: Sequence[int], wrong: int) -> Sequence[int]:
    """Return the words that are called wrong behind them: "some say so, but that is wrong"."""
    that = wrong - 1
    while that > 0 and (words[that] in AUXILIARY or words[that] == "not"):
        that -= 1
    if that <= 0 or words[that] not in _THAT:
        return ()
    if before[that] < PAUSE and words[that - 1] not in BREAKS:
        return ()
    start = that - 1
    while start > 0 and before[start] < STOP:
        start -= 1
    return range(start, that)


def _after_auxiliary(words: Sequence[str], i: int) -> bool:
    return any(word in AUXILIARY for word in words[max(0, i - 3) : i])


def _next(words: Sequence[str], i: int) -> str:
    return words[i + 1] if i + 1 < len(words) else ""
