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
              - {all: [positive, (not) vanish*], within: 12}
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
varied); `default` is the subject of "it falls". Where the first of the causes goes down, a trend
is turned round: "with fewer samples it rises" says that it falls with more. Put among the other
causes what goes up and down without being varied.

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

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from grader.errors import ReferenceFault
from grader.kinds import Call, Case, _trends, _verdicts
from grader.kinds._marking import ROUNDING, Choice, Criterion, Marking, Slip, assess, find
from grader.kinds._matching import Matcher, is_only_verdict
from grader.kinds._patterns import AnyOf, Author, Vocabulary, only_word
from grader.kinds._prose import LONGEST, Prose, compose
from grader.model import Answer, Check, Judgement, Question
from grader.values import Plain

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
        "id": {
            "type": "string",
            "title": "small letters and hyphens, such as averages-out",
            "pattern": r"^[a-z0-9]+(-[a-z0-9]+)*$",
            "description": "The criterion's name for staff and statistics.",
        },
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
            **_closed(
                {
                    "for": {**_OPTION, "description": "The other verdict."},
                    "points": {**_POINTS, "description": "What it earns for that one."},
                },
                "for",
                "points",
            ),
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
        "criteria": {
            "type": "array",
            "minItems": 1,
            "items": _CRITERION,
            "description": "The ideas that earn marks.",
        },
        "verdict": {
            **_closed(
                {
                    "field": {"type": "string", "description": "The field of that choice."},
                    "expect": {**_OPTION, "description": "The right option."},
                    "cap": {
                        "type": "number",
                        "minimum": 0,
                        "maximum": 1,
                        "description": "The share that reasons keep with a wrong verdict; none.",
                    },
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


# --- the right answer -------------------------------------------------------------------------


def expect(check: Check, question: Question, call: Call) -> Marking:
    """Return the compiled criteria; raise ReferenceFault where a pattern makes no sense."""
    options = check.options
    author = _author(options)
    choice = _choice(check, question)
    names = choice.options if choice else ()
    criteria = tuple(_criterion(author, written, names) for written in options["criteria"])
    slips = tuple(
        Slip(mistake, author.any_of(mistake.options["any"]), _any_of(author, mistake.options))
        for mistake in check.mistakes
        if "any" in mistake.options
    )
    sum_of_points = sum(each.points for each in criteria if not each.bonus)
    if sum_of_points < check.points - ROUNDING:
        raise ReferenceFault(
            f"the criteria have {sum_of_points:g} points, the check has {check.points:g}"
        )
    return Marking(
        criteria=criteria,
        slips=slips,
        vocabulary=author.vocabulary(options.get("default")),
        choice=choice,
        points=check.points,
        long=options.get("long", _LONG),
        shown=_shown(options.get("model_answer", ""), criteria),
    )


def show(want: Marking) -> str:
    """Return the model answer and the key points with their marks."""
    return want.shown


def found(got: Prose, check: Check, criterion_id: str) -> bool:
    """Return whether an answer meets one criterion of a text check without contradicting it."""
    compiled = _by_itself(_Same(check.options), criterion_id)
    if compiled is None:
        return False
    criterion, vocabulary = compiled
    return find(criterion, Matcher(got, vocabulary)).share == 1


class _Same:
    """A key for what has none: it is equal to the very same thing only, and keeps it."""

    __slots__ = ("thing",)

    def __init__(self, thing: Mapping[str, Any]) -> None:
        self.thing = thing

    def __hash__(self) -> int:
        return id(self.thing)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.thing is other.thing


# The answers of a class are to the same questions.
@lru_cache(64)
def _by_itself(options: _Same, criterion_id: str) -> tuple[Criterion, Vocabulary] | None:
    """Return a compiled criterion with the words that it needs, without those of the others."""
    written = options.thing
    author = _author(written)
    for each in written["criteria"]:
        if each["id"] == criterion_id:
            criterion = _criterion(author, each)
            return criterion, author.vocabulary(written.get("default"))
    return None


def _author(options: Mapping[str, Any]) -> Author:
    """Return an author who knows the groups of a check, and where it has subjects, the WAYS."""
    causes, words, cases, subjects = (
        options.get(key, {}) for key in ("causes", "words", "cases", "subjects")
    )
    ways = _ways() if subjects else None
    names = {only_word(name) for each in (causes, words, cases, subjects) for name in each}
    # A rubric's own name for one of these words means more than the word.
    own = ways is not None and not names.isdisjoint(ways.words)
    author = Author(None if own else ways)
    author.causes += author.name(causes)
    author.name(words)
    author.cases += author.name(cases)
    author.subjects += author.name(subjects)
    if own:
        _add_ways(author)
    return author


@lru_cache(1)
def _ways() -> Author:
    author = Author()
    _add_ways(author)
    return author


def _add_ways(author: Author) -> None:
    for way, words in _trends.WAYS.items():
        author.group(way, words)


def _criterion(author: Author, written: Mapping[str, Any], names: Sequence[str] = ()) -> Criterion:
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
            argues=(_verdicts.named(argues["for"], names), argues["points"]) if argues else None,
        )
    except ReferenceFault as fault:
        raise ReferenceFault(f"criterion '{written['id']}': {fault}") from fault


def _any_of(author: Author, written: Mapping[str, Any]) -> AnyOf | None:
    return author.any_of(written["unless"]) if "unless" in written else None


def _choice(check: Check, question: Question) -> Choice | None:
    written = check.options.get("verdict")
    if written is None:
        return None
    names = _option_names(check, question)
    return Choice(
        field=written["field"],
        options=names,
        expect=_verdicts.named(written["expect"], names),
        cap=written.get("cap", 0.0),
    )


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
    field = check.options["verdict"]["field"]
    for other in question.checks:
        if other.kind == "choice" and other.field == field:
            return tuple(map(str, other.options.get("of", ())))
    return ()


# --- the judgement ----------------------------------------------------------------------------


def judge(got: Prose, want: Marking, case: Case) -> Judgement:
    """Propose a credit with the words that it goes by, and say what a person should look at."""
    choice = case.others.get(("choice", want.choice.field)) if want.choice else None
    return assess(got, want, choice, case.charged).judgement()


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
