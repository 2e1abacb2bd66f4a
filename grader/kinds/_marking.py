"""What an answer is held against, what is proposed for it, and what a person should look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from grader.kinds._matching import Match, Matcher, own_verdict
from grader.kinds._patterns import AnyOf, Vocabulary
from grader.kinds._prose import Prose, is_list_of_keywords, is_terse
from grader.kinds._reading import Place
from grader.model import Judgement, Mistake, Recognised
from grader.values import clean, shorten

# Shares of points are sums of decimal numbers; this is far above their rounding error.
ROUNDING = 1e-9

_PARTLY = 0.5
# More words than this without anything recognised, and most of the answer: a person should look.
_UNRECOGNISED = 30
_QUOTE = 90
_REASONS = 3
_SOME_MISSING = "some criteria were not recognised"
_ALL_MISSING = "no criterion was recognised"


class Criterion(NamedTuple):
    """One thing that an answer should say."""

    id: str
    points: float
    say: str
    key: str
    any: AnyOf
    partly: AnyOf | None
    unless: AnyOf | None
    bonus: bool
    always: bool
    argues: tuple[str, float] | None


class Slip(NamedTuple):
    """A mistake with its patterns."""

    mistake: Mistake
    any: AnyOf
    unless: AnyOf | None


class Choice(NamedTuple):
    """The sibling choice: its field, its options, the right one; and what a wrong one leaves."""

    field: str
    options: Sequence[str]
    expect: str
    cap: float


class Marking(NamedTuple):
    """What an answer is held against: the compiled criteria of one check."""

    criteria: Sequence[Criterion]
    slips: Sequence[Slip]
    vocabulary: Vocabulary
    choice: Choice | None
    points: float
    long: int
    shown: str


class Finding(NamedTuple):
    """What became of one criterion: the share that is met, by which words, with which doubt."""

    criterion: Criterion
    share: float = 0.0
    match: Match | None = None
    doubt: str | None = None


class Assessment(NamedTuple):
    """One answer with all that was found in it.

    `option` is the verdict that was given beside it, and `unclear` why it may be another.
    `charged` names the slips that were charged before. `is_terse` says that it has no sentences,
    `is_keywords` that it is a list of what is asked for. `is_other` says that the verdict is not
    the right one, `is_argued` that a criterion is met which argues for it.
    """

    got: Prose
    want: Marking
    findings: Sequence[Finding]
    slips: Sequence[tuple[Slip, Match]]
    option: str | None
    unclear: str | None
    charged: frozenset[str]
    is_terse: bool
    is_keywords: bool
    is_other: bool
    is_argued: bool

    def judgement(self) -> Judgement:
        """Return the proposal with its evidence, its doubts and what the student is told."""
        credit = self._credit()
        doubts = sorted(self._doubts(credit), key=lambda doubt: -doubt[0])
        review = min(1.0, doubts[0][0]) if doubts else 0.0
        reasons = dict.fromkeys(reason for share, reason in doubts if share >= review / 2)
        return Judgement(
            credit=credit,
            say=self._say(credit),
            staff=self._staff(),
            mistakes=tuple(
                Recognised(slip.mistake.id, slip.mistake.say, charged=self._is_charged(slip))
                for slip, _ in self.slips
            ),
            evidence=self._evidence(),
            review=review,
            reason="; ".join(list(reasons)[:_REASONS]) or None,
        )

    def _is_charged(self, slip: Slip) -> bool:
        return slip.mistake.once is None or slip.mistake.once not in self.charged

    def _worth(self, finding: Finding) -> float:
        """Return the points that a finding earns with the verdict that was given."""
        criterion = finding.criterion
        if not self.is_other or criterion.always:
            return criterion.points * finding.share
        if criterion.argues is not None and criterion.argues[0] == self.option:
            return criterion.argues[1] * finding.share
        return 0.0

    def _credit(self) -> float:
        """Return the share of the points that is proposed."""
        if self.is_keywords:
            return 0.0
        earned = sum(map(self._worth, self.findings))
        if self.want.choice is not None and self.is_other:
            apart = sum(each.criterion.points * each.share for each in self.findings)
            earned = max(earned, min(apart, self.want.choice.cap * self.want.points))
        left = [slip.mistake.credit for slip, _ in self.slips if self._is_charged(slip)]
        credit = min([1.0, earned / self.want.points, *left])
        return credit if credit < 1 - ROUNDING else 1.0

    def _doubts(self, credit: float) -> Iterator[tuple[float, str]]:
        """Yield what a person should look at: the share of the points in doubt, and why."""
        yield from ((1.0, alarm) for alarm in self.got.alarms)
        if self.is_keywords or self.is_terse:
            yield 1.0, "keywords rather than sentences"
        yield from self._verdict_doubts()
        for finding in self.findings:
            if finding.doubt:
                share = finding.criterion.points / self.want.points
                yield max(1 - credit, share), f"{finding.criterion.id}: {finding.doubt}"
        for slip, _ in self.slips:
            yield 1.0, f"a mistake was recognised: {slip.mistake.id}"
        if credit < 1:
            met = any(finding.share for finding in self.findings)
            yield 1 - credit, _SOME_MISSING if met else _ALL_MISSING
        yield from self._length_doubts()

    def _verdict_doubts(self) -> Iterator[tuple[float, str]]:
        choice = self.want.choice
        if choice is None:
            return
        own = own_verdict(self.got, choice.options)
        if own is not None and self.option is not None and own != self.option:
            yield 1.0, "the text opens with another verdict"
        if self.unclear is not None:
            yield 1.0, f"the verdict is unclear: {self.unclear}"
        elif self.option is None:
            yield 1.0, "no verdict was found beside this reason"
        elif self.is_other and not self.is_argued:
            met = any(finding.share for finding in self.findings)
            yield 1.0, "the verdict contradicts the reason" if met else "the verdict is not right"
        elif self.slips and not self.is_other:
            yield 1.0, "the reason may contradict the verdict"

    def _length_doubts(self) -> Iterator[tuple[float, str]]:
        words = len(self.got.words) - self.got.words.count("")
        if words > self.want.long:
            yield 1.0, "unusually long"
        if words <= _UNRECOGNISED:
            return
        sentence = self.got.sentence
        matches = [finding.match for finding in self.findings if finding.match]
        seen = {sentence[place.start] for match in matches for place in match.places}
        rest = sum(
            word != "" and number not in seen
            for word, number in zip(self.got.words, sentence, strict=True)
        )
        if seen and rest > _UNRECOGNISED and rest > words / 2:
            yield 0.5, "most of the answer was not recognised"

    def _say(self, credit: float) -> str:
        """Return what the student is told: the teacher's words for what is missing."""
        told = [slip.mistake.say for slip, _ in self.slips]
        if credit < 1 and self.is_other and not self.is_argued:
            told.append("With this verdict the reason could not be counted.")
        elif credit < 1:
            told += [
                finding.criterion.say
                for finding in self.findings
                if finding.share < 1 and not finding.criterion.bonus
            ]
        return " ".join(dict.fromkeys(told))

    def _staff(self) -> str:
        """Return the criteria by id: what was recognised and what was not."""
        met = [
            f"{each.criterion.id} ({self._worth(each):g})" for each in self.findings if each.share
        ]
        missing = [
            f"{each.criterion.id} ({each.criterion.points:g})"
            for each in self.findings
            if not each.share and not each.criterion.bonus
        ]
        parts = (("recognised", met), ("not recognised", missing))
        return "; ".join(f"{title}: {', '.join(names)}" for title, names in parts if names)

    def _evidence(self) -> str:
        """Return the student's own words for each criterion and mistake that was recognised."""
        named = [(each.criterion.id, each.match) for each in self.findings if each.match]
        named += [(slip.mistake.id, match) for slip, match in self.slips]
        return "; ".join(f"{name}: {_quoted(self.got, match)}" for name, match in named)


def assess(got: Prose, want: Marking, choice: Any, charged: frozenset[str]) -> Assessment:
    """Return what is found in an answer; `choice` is what was read as the verdict beside it."""
    matcher = Matcher(got, want.vocabulary)
    findings = [find(criterion, matcher) for criterion in want.criteria]
    option = getattr(choice, "option", None)
    terse = is_terse(got)
    return Assessment(
        got=got,
        want=want,
        findings=findings,
        slips=[(slip, match) for slip in want.slips if (match := _slip(slip, matcher))],
        option=option,
        unclear=getattr(choice, "doubt", None),
        charged=charged,
        is_terse=terse,
        is_keywords=is_list_of_keywords(got, matcher.reading.recognised(), is_terse=terse),
        is_other=want.choice is not None and option not in (None, want.choice.expect),
        is_argued=any(_argues(each, option) for each in findings),
    )


def _argues(finding: Finding, option: str | None) -> bool:
    argues = finding.criterion.argues
    return argues is not None and argues[0] == option and finding.share > 0


def find(criterion: Criterion, matcher: Matcher) -> Finding:
    """Return what an answer says of one criterion."""
    match = matcher.match(criterion.any)
    if match is None:
        partly = matcher.match(criterion.partly) if criterion.partly else None
        if partly is None or _is_against(criterion, matcher):
            return Finding(criterion)
        return Finding(criterion, _PARTLY, partly, "only partly recognised")
    if _is_against(criterion, matcher):
        return Finding(criterion, 0.0, match, "claimed and contradicted")
    if matcher.opposite(match) is not None:
        return Finding(criterion, 1.0, match, "claimed and denied")
    return Finding(criterion, 1.0, match, None if match.sure else "it is unclear what is denied")


def _is_against(found: Criterion | Slip, matcher: Matcher) -> bool:
    """Return whether an answer matches what contradicts a criterion or excuses a mistake."""
    return found.unless is not None and matcher.match(found.unless) is not None


def _slip(slip: Slip, matcher: Matcher) -> Match | None:
    match = matcher.match(slip.any)
    return None if match is None or _is_against(slip, matcher) else match


def _quoted(prose: Prose, match: Match) -> str:
    """Return the places of a match in the student's own words, with the negation before them."""
    quotes: list[tuple[int, int]] = []
    for place in sorted(match.places, key=_start):
        start = prose.clause_start(place.start) if prose.denied[place.start] else place.start
        if quotes and start <= quotes[-1][1]:
            quotes[-1] = (quotes[-1][0], max(quotes[-1][1], place.end))
        else:
            quotes.append((start, place.end))
    return " … ".join(f"'{shorten(_one_line(prose.quote(*each)), _QUOTE)}'" for each in quotes)


def _start(place: Place) -> int:
    return place.start


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())
