"""Free text: criteria with points, matched by patterns; proposed by a machine, decided by people.

A check lists criteria. Each has points and patterns, any of which shows that it is met:

    - text:
        field: reason
        points: 3
        verdict: {field: verdict, expect: false}
        words:
          slope: [derivative, gradient, "f'"]
        subjects:
          relu: [rectifier]
          sigmoid: [logistic, tanh]
        criteria:
          - id: no-saturation
            points: 2
            key: "For positive input the slope is 1, so it does not saturate."
            say: "Say what the slope is for positive input."
            any:
              - slope ... 1|one|constant
              - relu ... (not) saturat*
              - {all: [positive, "(not) vanish*"], within: 12}
            unless: [relu ... saturat*]
          - {id: contrast, points: 1, say: "Compare with others.", any: [sigmoid ... saturat*]}
        model_answer: "..."
      mistakes:
        - {id: calls-it-linear, say: "...", credit: 0.5, any: [relu is linear]}

A pattern is words in order:

    slope              the word, its plural and other endings, either spelling (-ise, -ize), a
                       hyphen or none (over-fitting), and small slips of the pen in longer words
    saturat*           every word that begins so
    slope|derivative   either word
    training accuracy  neighbours; only little words (the, of, is) may stand between
    slope ... one      in this order, in one sentence, at most 8 words of meaning between, and no
                       `but`, `while` or `whereas`
    (not) saturat*     denied: no, not, never, n't, without, lack of, rather than ...
    (any) saturat*     claimed or denied; without either mark a word must be claimed
    σ'  ≤  1/4  \\infty   formulas are words too; \\sigma' is σ', and 1/4 is 0.25

Patterns join: `{any: [...]}`; `{all: [...]}` in any order anywhere; `{all: [...], within: 12}`
within so many words of one sentence; `{then: [...]}` one after the other; `{opening: no}` for an
answer that begins with no (false, incorrect, "I do not agree"); `{trend: {of: training, goes:
down}}` for what rises and falls: up, down, flat, or `not up`.

`words` names groups of synonyms, which may be phrases and may use the names before them.
`subjects` are groups, too: between a subject and what follows it (`relu ... saturat*`) no other
subject may take over, and `{any: [...], about: relu}` is not met by what is said of another one;
`of` in place of `about` wants it named. `cases` do the same for the case in which something holds
(`positive`, `negative`). Subjects are also what a `trend` is of, beside the `causes` (what is
varied); `default` is the subject of "it falls".

A criterion may have `about`, as above; `partly`, patterns for half its points; `unless`, patterns
that contradict it; `bonus: true`, which makes up for others; `always: true`, which counts with a
wrong verdict, too; and `argues: {for: true, points: 3}`, what it earns for that other verdict.

`verdict` names the sibling choice that the text gives reasons for. With a wrong verdict the
reasons earn nothing (or the share `cap`), unless a criterion argues for that very verdict.

Nothing that is not blank is finally failed: whatever is not met in full, contradicts itself or
looks odd is proposed and left to a person. Blank are the empty answer, "I don't know", and the
copied question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.errors import ReferenceFault
from grader.kinds import Call, Case, _trends
from grader.kinds._matching import Match, Matcher, is_only_verdict, own_verdict
from grader.kinds._patterns import AnyOf, Author, Vocabulary
from grader.kinds._prose import LONGEST, Prose, compose, is_list_of_keywords, is_terse
from grader.model import Answer, Check, Judgement, Mistake, Question, Recognised
from grader.values import Plain, clean, shorten

_WORDS = {"type": "array", "minItems": 1, "items": {"type": ["string", "number"]}}
_GROUPS = {"type": "object", "additionalProperties": {**_WORDS, "minItems": 0}}
_OPTION = {"type": ["boolean", "string"]}
_NAMES: Mapping[str, Any] = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]
}


def _pattern(depth: int) -> Mapping[str, Any]:
    """Return the schema of a pattern whose parts nest at most so deep."""
    words: Mapping[str, Any] = {"type": ["string", "number"]}
    if not depth:
        return words
    parts = {"type": "array", "minItems": 1, "items": _pattern(depth - 1)}
    trend = {
        "of": {"type": "string"},
        "goes": {"enum": ["up", "down", "flat", "not up", "not down", "not flat"]},
    }
    return {
        "anyOf": [
            words,
            _closed({"any": parts, "about": _NAMES, "of": _NAMES}, "any"),
            _closed({"then": parts}, "then"),
            _closed({"all": parts, "within": {"type": "integer", "minimum": 1}}, "all"),
            _closed({"trend": _closed(trend, *trend)}, "trend"),
            _closed({"opening": _OPTION}, "opening"),
        ]
    }


def _closed(properties: Mapping[str, Any], *required: str) -> Mapping[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": properties,
    }


_PATTERNS = {"type": "array", "minItems": 1, "items": _pattern(3)}
_POINTS = {"type": "number", "exclusiveMinimum": 0}
_CRITERION = _closed(
    {
        "id": {"type": "string", "pattern": r"^[a-z0-9]+(-[a-z0-9]+)*$"},
        "points": {**_POINTS, "description": "The marks of this criterion."},
        "say": {
            "type": "string",
            "minLength": 1,
            "description": "What the student is told where it is missing; not the answer.",
        },
        "key": {"type": "string", "description": "The key point in words, for staff."},
        "any": {**_PATTERNS, "description": "Patterns of which any shows that it is met."},
        "about": {**_NAMES, "description": "The subject and the case of which it must be said."},
        "partly": {**_PATTERNS, "description": "Patterns that show half of it."},
        "unless": {**_PATTERNS, "description": "Patterns that contradict it."},
        "bonus": {"type": "boolean", "description": "Makes up for missing points elsewhere."},
        "always": {"type": "boolean", "description": "Counts with a wrong verdict, too."},
        "argues": {
            **_closed({"for": _OPTION, "points": _POINTS}, "for", "points"),
            "description": "Another verdict that this argues for, and the points that it earns.",
        },
    },
    "id",
    "points",
    "say",
    "any",
)
SCHEMA: Mapping[str, Any] = _closed(
    {
        "words": {**_GROUPS, "description": "Synonyms, by a name that patterns may use."},
        "subjects": {**_GROUPS, "description": "What the text speaks of: {test: [testing]}."},
        "cases": {**_GROUPS, "description": "In which case something holds: {positive: [x>0]}."},
        "causes": {**_GROUPS, "description": "What is varied, and is not the subject of a trend."},
        "default": {"type": "string", "description": "The subject of 'it falls'."},
        "criteria": {"type": "array", "minItems": 1, "items": _CRITERION},
        "verdict": {
            **_closed(
                {
                    "field": {"type": "string"},
                    "expect": _OPTION,
                    "cap": {"type": "number", "minimum": 0, "maximum": 1},
                },
                "field",
                "expect",
            ),
            "description": "The sibling choice that the text gives reasons for.",
        },
        "model_answer": {"type": "string", "description": "An answer that earns full marks."},
        "long": {
            "type": "integer",
            "minimum": 1,
            "description": "From how many words on an answer is unusually long; 300 if not said.",
        },
    },
    "criteria",
)
MISTAKE: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "any": {**_PATTERNS, "description": "Patterns of which any shows the mistake."},
        "unless": {**_PATTERNS, "description": "Patterns that excuse it."},
    },
}

_LONG = 300
_PARTLY = 0.5
_EPSILON = 1e-9
# More words than this without anything recognised, and most of the answer: a person should look.
_UNRECOGNISED = 30
_QUOTE = 90


@dataclass(frozen=True, slots=True)
class Criterion:
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


@dataclass(frozen=True, slots=True)
class Slip:
    """A mistake with its patterns."""

    mistake: Mistake
    any: AnyOf
    unless: AnyOf | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The sibling choice: the field, the right option, and what reasons for others may earn."""

    field: str
    expect: str
    cap: float


@dataclass(frozen=True, slots=True)
class Marking:
    """What an answer is held against: the compiled criteria of one check."""

    criteria: Sequence[Criterion]
    slips: Sequence[Slip]
    vocabulary: Vocabulary
    verdict: Verdict | None
    points: float
    long: int
    shown: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one criterion: the share that is met, by which words, with which doubt."""

    criterion: Criterion
    share: float = 0.0
    match: Match | None = None
    doubt: str | None = None


# --- the right answer -------------------------------------------------------------------------


def expect(check: Check, question: Question, call: Call) -> Marking:
    """Return the compiled criteria; raise ReferenceFault where a pattern makes no sense."""
    options = check.options
    author = _author(options)
    criteria = tuple(_criterion(author, written) for written in options["criteria"])
    slips = tuple(
        Slip(mistake, author.any_of(mistake.options["any"]), _any_of(author, mistake.options))
        for mistake in check.mistakes
        if "any" in mistake.options
    )
    sum_of_points = sum(each.points for each in criteria if not each.bonus)
    if sum_of_points < check.points - _EPSILON:
        raise ReferenceFault(
            f"the criteria have {sum_of_points:g} points, the check has {check.points:g}"
        )
    return Marking(
        criteria=criteria,
        slips=slips,
        vocabulary=author.vocabulary(options.get("default")),
        verdict=_verdict(options.get("verdict")),
        points=check.points,
        long=options.get("long", _LONG),
        shown=_shown(options.get("model_answer", ""), criteria),
    )


def show(want: Marking) -> str:
    """Return the model answer and the key points with their marks."""
    return want.shown


def found(got: Prose, check: Check, criterion_id: str) -> bool:
    """Return whether an answer meets one criterion of a text check without contradicting it."""
    author = _author(check.options)
    for written in check.options["criteria"]:
        if written["id"] == criterion_id:
            criterion = _criterion(author, written)
            matcher = Matcher(got, author.vocabulary(check.options.get("default")))
            return _finding(criterion, matcher).share == 1
    return False


def _author(options: Mapping[str, Any]) -> Author:
    author = Author()
    author.causes += author.name(options.get("causes", {}))
    author.name(options.get("words", {}))
    author.cases += author.name(options.get("cases", {}))
    author.subjects += author.name(options.get("subjects", {}))
    if author.subjects:
        for way, words in _trends.WAYS.items():
            author.group(way, words)
    return author


def _criterion(author: Author, written: Mapping[str, Any]) -> Criterion:
    argues = written.get("argues")
    partly = written.get("partly")
    try:
        return Criterion(
            id=written["id"],
            points=written["points"],
            say=written["say"],
            key=written.get("key", ""),
            any=author.any_of(written["any"], written.get("about")),
            partly=author.any_of(partly, written.get("about")) if partly else None,
            unless=_any_of(author, written),
            bonus=written.get("bonus", False),
            always=written.get("always", False),
            argues=(_option(argues["for"]), argues["points"]) if argues else None,
        )
    except ReferenceFault as fault:
        raise ReferenceFault(f"criterion '{written['id']}': {fault}") from fault


def _any_of(author: Author, written: Mapping[str, Any]) -> AnyOf | None:
    return author.any_of(written["unless"]) if "unless" in written else None


def _verdict(written: Mapping[str, Any] | None) -> Verdict | None:
    if written is None:
        return None
    return Verdict(written["field"], _option(written["expect"]), written.get("cap", 0.0))


def _option(value: Any) -> str:
    """Return an option's name as the choice kind gives it: YAML reads yes and no as it likes."""
    if isinstance(value, str):
        lowered = value.lower()
        named = {"yes": "true", "no": "false", "true": "true", "false": "false"}
        return named.get(lowered, value)
    return "true" if value else "false"


def _shown(model_answer: str, criteria: Sequence[Criterion]) -> str:
    points = [
        f"({each.points:g}{' bonus' if each.bonus else ''}) {(each.key or each.say).strip()}"
        for each in criteria
    ]
    return "\n".join([model_answer.strip(), *points] if model_answer else points)


# --- the answer -------------------------------------------------------------------------------


def read(answer: Answer, check: Check, question: Question) -> Prose | None:
    """Return the answer as prose, or None where it says nothing, or nothing but the verdict."""
    prose = compose(_flat(answer.value), (question.prompt, *question.printed))
    if prose is None or (
        "verdict" in check.options and is_only_verdict(prose, _option_names(check, question))
    ):
        return None
    return prose


def _flat(value: Plain) -> str:
    """Return all texts in a value, a line each, up to a little more than is read."""
    parts: list[str] = []
    length = 0
    waiting: list[Plain] = [value]
    while waiting and length <= LONGEST:
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(reversed(item))
        elif isinstance(item, dict):
            waiting.extend(reversed(list(item.values())))
        elif item is not None:
            part = str(item)[: LONGEST + 1]
            parts.append(part)
            length += len(part) + 1
    return "\n\n".join(parts)


def _option_names(check: Check, question: Question) -> Sequence[str]:
    """Return the names of the options of the choice that the text gives reasons for."""
    field = check.options.get("verdict", {}).get("field")
    for other in question.checks:
        if other.kind == "choice" and other.field == field:
            return tuple(map(str, other.options.get("of", ())))
    return ()


# --- the judgement ----------------------------------------------------------------------------


def judge(got: Prose, want: Marking, case: Case) -> Judgement:
    """Propose a credit with the words that it goes by, and say what a person should look at."""
    return _Case(got, want, case).judgement()


class _Case:
    """One answer before its judge."""

    def __init__(self, got: Prose, want: Marking, case: Case) -> None:
        self.got, self.want, self.case = got, want, case
        matcher = Matcher(got, want.vocabulary)
        self.is_keywords = is_list_of_keywords(got, matcher.reading.recognised())
        self.findings = [_finding(criterion, matcher) for criterion in want.criteria]
        self.slips = [(slip, match) for slip in want.slips if (match := _slip(slip, matcher))]
        choice = case.others.get(("choice", want.verdict.field)) if want.verdict else None
        self.option: str | None = getattr(choice, "option", None)
        self.option_doubt: str | None = getattr(choice, "doubt", None)
        self.options = _option_names(case.check, case.question)

    def judgement(self) -> Judgement:
        credit = self.credit()
        doubts = list(self.doubts(credit))
        review, reason = max(doubts, key=lambda doubt: doubt[0], default=(0.0, None))
        reasons = list(dict.fromkeys(text for share, text in doubts if share >= review / 2))
        return Judgement(
            credit=credit,
            say=self.say(credit),
            staff=self.staff(),
            mistakes=self.recognised(),
            evidence=self.evidence(),
            review=round(min(review, 1.0), 4),
            reason="; ".join(reasons[:3]) if reason else None,
        )

    @property
    def is_other_verdict(self) -> bool:
        verdict = self.want.verdict
        return verdict is not None and self.option not in (None, verdict.expect)

    def is_argued(self, finding: Finding) -> bool:
        """Return whether a criterion is met that argues for the verdict that was given."""
        argues = finding.criterion.argues
        return argues is not None and argues[0] == self.option and finding.share > 0

    def worth(self, finding: Finding) -> float:
        """Return the points that a finding earns with the verdict that was given."""
        criterion = finding.criterion
        if self.is_other_verdict:
            if criterion.argues and self.is_argued(finding):
                return criterion.argues[1] * finding.share
            if not criterion.always:
                return 0.0
        return criterion.points * finding.share

    def credit(self) -> float:
        """Return the share of the points that is proposed."""
        if self.is_keywords:
            return 0.0
        earned = sum(map(self.worth, self.findings))
        if self.is_other_verdict and self.want.verdict:
            apart = sum(each.criterion.points * each.share for each in self.findings)
            earned = max(earned, min(apart, self.want.verdict.cap * self.want.points))
        credit = min(1.0, earned / self.want.points)
        for slip, _ in self.slips:
            if slip.mistake.once is None or slip.mistake.once not in self.case.charged:
                credit = min(credit, slip.mistake.credit)
        return credit if credit < 1 - _EPSILON else 1.0

    def doubts(self, credit: float) -> Iterator[tuple[float, str]]:
        """Yield what a person should look at: the share of the points in doubt, and why."""
        yield from ((1.0, alarm) for alarm in self.got.alarms)
        if self.is_keywords or is_terse(self.got):
            yield 1.0, "keywords rather than sentences"
        if self.want.verdict:
            yield from self._verdict_doubts()
        for finding in self.findings:
            if finding.doubt:
                share = finding.criterion.points / self.want.points
                yield max(1 - credit, share), f"{finding.criterion.id}: {finding.doubt}"
        for slip, _ in self.slips:
            yield 1.0, f"a mistake was recognised: {slip.mistake.id}"
        if credit < 1:
            met = any(finding.share for finding in self.findings)
            missing = "some criteria were not recognised" if met else "no criterion was recognised"
            yield 1 - credit, missing
        yield from self._length_doubts()

    def _verdict_doubts(self) -> Iterator[tuple[float, str]]:
        own = own_verdict(self.got, self.options)
        if own is not None and self.option is not None and own != self.option:
            yield 1.0, "the text opens with another verdict"
        if self.option_doubt is not None:
            yield 1.0, f"the verdict is unclear: {self.option_doubt}"
        elif self.option is None:
            yield 1.0, "no verdict was found beside this reason"
        elif self.is_other_verdict and not any(map(self.is_argued, self.findings)):
            met = any(finding.share for finding in self.findings)
            yield 1.0, "the verdict contradicts the reason" if met else "the verdict is not right"
        elif self.slips and not self.is_other_verdict:
            yield 1.0, "the reason may contradict the verdict"

    def _length_doubts(self) -> Iterator[tuple[float, str]]:
        words = sum(word != "" for word in self.got.words)
        if words > self.want.long:
            yield 1.0, "unusually long"
        matches = [finding.match for finding in self.findings if finding.match]
        seen = {self.got.sentence[place.start] for match in matches for place in match.places}
        rest = sum(
            word != "" and number not in seen
            for word, number in zip(self.got.words, self.got.sentence, strict=True)
        )
        if seen and rest > _UNRECOGNISED and rest > words / 2:
            yield 0.5, "most of the answer was not recognised"

    def say(self, credit: float) -> str:
        """Return what the student is told: the teacher's words for what is missing."""
        told = [slip.mistake.say for slip, _ in self.slips]
        if credit < 1:
            if self.is_other_verdict and not any(map(self.is_argued, self.findings)):
                told.append("With this verdict the reason could not be counted.")
            else:
                told += [
                    finding.criterion.say
                    for finding in self.findings
                    if finding.share < 1 and not finding.criterion.bonus
                ]
        return " ".join(dict.fromkeys(told))

    def staff(self) -> str:
        """Return the criteria by id: what was recognised and what was not."""
        met = [
            f"{each.criterion.id} ({self.worth(each):g})" for each in self.findings if each.share
        ]
        missing = [
            f"{each.criterion.id} ({each.criterion.points:g})"
            for each in self.findings
            if not each.share and not each.criterion.bonus
        ]
        parts = (("recognised", met), ("not recognised", missing))
        return "; ".join(f"{title}: {', '.join(names)}" for title, names in parts if names)

    def evidence(self) -> str:
        """Return the student's own words for each criterion and mistake that was recognised."""
        named = [(each.criterion.id, each.match) for each in self.findings if each.match]
        named += [(slip.mistake.id, match) for slip, match in self.slips]
        return "; ".join(f"{name}: {_quoted(self.got, match)}" for name, match in named)

    def recognised(self) -> Sequence[Recognised]:
        return tuple(
            Recognised(
                slip.mistake.id,
                slip.mistake.say,
                charged=slip.mistake.once is None or slip.mistake.once not in self.case.charged,
            )
            for slip, _ in self.slips
        )


def _finding(criterion: Criterion, matcher: Matcher) -> Finding:
    """Return what an answer says of one criterion."""
    match = matcher.match(criterion.any)
    against = matcher.match(criterion.unless) if criterion.unless else None
    if match is None:
        partly = matcher.match(criterion.partly) if criterion.partly else None
        if partly is None or against is not None:
            return Finding(criterion)
        return Finding(criterion, _PARTLY, partly, "only partly recognised")
    if against is not None:
        return Finding(criterion, 0.0, match, "claimed and contradicted")
    if matcher.opposite(match) is not None:
        return Finding(criterion, 1.0, match, "claimed and denied")
    return Finding(criterion, 1.0, match, None if match.sure else "it is unclear what is denied")


def _slip(slip: Slip, matcher: Matcher) -> Match | None:
    match = matcher.match(slip.any)
    if match is None or (slip.unless is not None and matcher.match(slip.unless) is not None):
        return None
    return match


def _quoted(prose: Prose, match: Match) -> str:
    """Return the places of a match in the student's own words, overlapping ones as one."""
    quotes: list[tuple[int, int]] = []
    for place in sorted(match.places, key=lambda place: place.start):
        start = place.start
        while (
            start > 0 and prose.denied[start] and prose.sentence[start - 1] == prose.sentence[start]
        ):
            start -= 1
        if quotes and start <= quotes[-1][1]:
            quotes[-1] = (quotes[-1][0], max(quotes[-1][1], place.end))
        else:
            quotes.append((start, place.end))
    return " … ".join(f"'{shorten(_one_line(prose.quote(*each)), _QUOTE)}'" for each in quotes)


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())


EXAMPLE: Mapping[str, Any] = {
    "question": {
        "id": "q1",
        "title": "Learning rate",
        "prompt": "What happens when gradient descent is run with far too large a learning rate?",
        "checks": [
            {
                "text": {
                    "points": 2,
                    "criteria": [
                        {
                            "id": "overshoots",
                            "points": 1,
                            "say": "Say what a single step does.",
                            "any": ["step*|update* ... overshoot*|jump* ... minimum", "overshoot*"],
                        },
                        {
                            "id": "diverges",
                            "points": 1,
                            "say": "Say what becomes of the loss.",
                            "any": [
                                "diverg*",
                                "(not) converg*",
                                "loss ... increas*|explod*|oscillat*|grow",
                            ],
                            "unless": ["loss ... converg*"],
                        },
                    ],
                    "model_answer": "The steps overshoot the minimum and the loss diverges.",
                }
            }
        ],
    },
    "right": [
        "The steps overshoot the minimum and the loss diverges.",
        "It overshoots, so training doesn't converge.",
        "Every update jumps over the minimum; the loss oscilates or explodes",
    ],
    "wrong": ["It converges faster.", "The loss goes down smoothly.", "It does not diverge."],
}
