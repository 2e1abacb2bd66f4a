"""Free text at work: answers to real questions, and what a fair professor gives for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from grader import rubric
from grader.kinds import Call, Case, choice, text
from grader.model import Answer, Check, Judgement, Place, Question

FOLDER = Path(__file__).parent / "text"
RUBRICS = Path(__file__).parent.parent.parent / "rubrics"
IN_WORDS = (
    *("q1.a", "q1.b", "q1.c", "q1.d", "q2.b", "q2.d", "q3", "q4.a", "q4.b"),
    *("p1.2", "p2.3", "p3.5"),
)
HERE = Place("answers.md", 1)
ROUNDING = 1e-9


class Sample(NamedTuple):
    question: str
    text: str
    fair: tuple[float, float]
    verdict: str | None = None
    clear: bool = False


def no_reference(name: str, given: Any) -> Any:
    raise AssertionError(name)


CALL: Call = no_reference


def questions() -> Iterator[Question]:
    """Yield the bundled questions that are answered in words alone, or with a verdict."""
    for name in ("ie8990-midterm", "cie6032-homework1"):
        for question in rubric.load(RUBRICS / f"{name}.yaml").questions:
            if question.id in IN_WORDS:
                yield question


QUESTIONS = {question.id: question for question in questions()}
CHECKS = {
    question.id: next(check for check in question.checks if check.kind == "text")
    for question in QUESTIONS.values()
}
WANTS = {name: text.expect(CHECKS[name], QUESTIONS[name], CALL) for name in QUESTIONS}


def samples(name: str) -> list[Sample]:
    written = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return [
        Sample(question, **{**each, "fair": tuple(each["fair"])})
        for question, answers in written.items()
        for each in answers
    ]


ORDINARY, LATER, LAST, TRAPS = map(
    samples, ("answers", "answers-later", "answers-last", "answers-traps")
)
EXCHANGES = {
    "q1.a": [("relu", "sigmoid"), ("positive", "negative"), ("does", "doesn't")],
    "q1.b": [("worse", "better"), ("below", "above"), ("less", "more")],
    "q1.c": [("batch norm", "dropout"), ("batch normalization", "dropout"), ("bn", "dropout")],
    "q1.d": [("discriminator", "generator")],
    "q2.b": [("undefined", "finite"), ("infinity", "finite"), ("is", "is not")],
    "q2.d": [("true", "wrong"), ("infinity", "zero"), ("infinite", "zero")],
    "q3": [("bias", "variance"), ("underfits", "overfits"), ("bigger", "smaller")],
    "q4.a": [("training", "test"), ("decreases", "increases"), ("harder", "easier")],
    "q4.b": [("training", "test"), ("decreases", "increases"), ("large", "small")],
    "p1.2": [("independent", "dependent"), ("product", "sum")],
    "p2.3": [("mirror", "point"), ("symmetric", "asymmetric")],
    "p3.5": [("relu", "sigmoid"), ("saturates", "does not saturate"), ("w2", "w1")],
}


def judged(sample: Sample) -> Judgement | None:
    question, check = QUESTIONS[sample.question], CHECKS[sample.question]
    got = text.read(Answer(sample.text, sample.text, HERE), check, question)
    if got is None:
        return None
    others = dict(verdicts(question, sample.verdict))
    return text.judge(got, WANTS[sample.question], Case(check, question, others))


def verdicts(question: Question, verdict: str | None) -> Iterator[tuple[tuple[str, str], Any]]:
    for check in question.checks:
        if check.kind == "choice" and verdict is not None:
            yield (
                ("choice", check.field),
                choice.read(Answer(verdict, verdict, HERE), check, question),
            )


def is_fair(sample: Sample, judgement: Judgement | None) -> bool:
    score = judgement.credit * CHECKS[sample.question].points if judgement else 0.0
    return sample.fair[0] - ROUNDING <= score <= sample.fair[1] + ROUNDING


def exchanged(text: str, one: str, other: str) -> str:
    """Return the text with two words in each other's place."""
    either = re.compile(rf"\b(?:{re.escape(one)}|{re.escape(other)})(?!\w)", re.IGNORECASE)
    return either.sub(lambda found: other if found[0].lower() == one else one, text)


def mutants() -> Iterator[Sample]:
    models = [
        Sample(name, check.options["model_answer"], (0, 0), "W2" if name == "p3.5" else "No")
        for name, check in CHECKS.items()
    ]
    for sample in [*ORDINARY, *LATER, *LAST, *models]:
        judgement = judged(sample)
        if judgement is not None and judgement.credit == 1:
            for pair in EXCHANGES[sample.question]:
                text = exchanged(sample.text, *pair)
                if text.lower() != sample.text.lower():
                    yield sample._replace(text=text)


def share(answers: list[Sample]) -> float:
    return sum(is_fair(each, judged(each)) for each in answers) / len(answers)


@pytest.mark.parametrize(
    "sample", [*ORDINARY, *LATER, *LAST, *TRAPS], ids=lambda each: each.text[:40]
)
def test_no_unfair_proposal_goes_without_review(sample: Sample) -> None:
    """The machine may be wrong, but never silently."""
    judgement = judged(sample)
    assert is_fair(sample, judgement) or (judgement is not None and judgement.review > 0)


@pytest.mark.parametrize(
    "sample", [each for each in ORDINARY if each.clear], ids=lambda each: each.text[:40]
)
def test_a_clear_answer_needs_nobody(sample: Sample) -> None:
    """Right in full and plainly said: full marks without review."""
    judgement = judged(sample)
    assert judgement is not None
    assert is_fair(sample, judgement)
    assert judgement.review == 0, judgement.reason


@pytest.mark.parametrize(
    "sample", [each for each in ORDINARY if not each.clear], ids=lambda each: each.text[:40]
)
def test_an_answer_that_is_not_clear_is_looked_at(sample: Sample) -> None:
    """Half, wrong, contradictory, odd: proposed, and left to a person."""
    judgement = judged(sample)
    assert judgement is not None
    assert judgement.review > 0


def test_proposals_are_fair() -> None:
    """Most proposals are what a fair professor gives; see the head of each file of answers."""
    assert len(ORDINARY) >= 120
    assert len(LATER) >= 60
    assert share(ORDINARY) >= 0.97
    assert share(LATER) >= 0.9
    assert share(LAST) >= 0.9
    assert share(TRAPS) >= 0.9


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_model_answer_is_clear(name: str) -> None:
    """Full marks, nobody has to look."""
    options = CHECKS[name].options
    verdict = str(options["verdict"]["expect"]) if "verdict" in options else None
    judgement = judged(Sample(name, options["model_answer"], (0, 0), verdict))
    assert judgement is not None
    assert (judgement.credit, judgement.review) == (1, 0), judgement.reason


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_question_itself_is_blank(name: str) -> None:
    """Its words would match this and that."""
    assert judged(Sample(name, QUESTIONS[name].prompt, (0, 0), "No")) is None


@pytest.mark.parametrize("name", [name for name in QUESTIONS if "verdict" in CHECKS[name].options])
def test_the_model_answer_with_the_wrong_verdict_earns_nothing(name: str) -> None:
    """Right words do not make up for a wrong verdict: a person has to look."""
    verdict = "W1" if CHECKS[name].options["verdict"]["expect"] == "W2" else "Yes"
    model = CHECKS[name].options["model_answer"]
    judgement = judged(Sample(name, model, (0, 0), verdict))
    assert judgement is not None
    assert (judgement.credit, judgement.review) == (0, 1)


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_hint_gives_the_model_answer_away(name: str) -> None:
    """Written together, what students are told earns no criterion in full marks."""
    check: Check = CHECKS[name]
    hints = " ".join(criterion["say"] for criterion in check.options["criteria"])
    verdict = str(check.options["verdict"]["expect"]) if "verdict" in check.options else None
    judgement = judged(Sample(name, hints, (0, 0), verdict))
    assert judgement is None or judgement.credit < 1


@pytest.mark.parametrize(
    "sample", [each for each in ORDINARY if each.clear][::4], ids=lambda e: e.text[:30]
)
def test_denying_everything_is_never_clear_and_full(sample: Sample) -> None:
    """The same words with "It is wrong to say that" before each sentence claim the opposite."""
    denied = ". ".join(f"It is not true that {part}" for part in sample.text.split(". "))
    judgement = judged(sample._replace(text=denied))
    assert judgement is None or judgement.credit < 1 or judgement.review > 0


def test_right_answers_with_two_words_exchanged_are_hardly_ever_clear() -> None:
    """Who does what, which way, on which side: nine in ten such slips cost points or a look."""
    judgements = [judged(mutant) for mutant in mutants()]
    clear = [each for each in judgements if each and each.credit == 1 and each.review == 0]
    assert len(judgements) > 60
    assert len(clear) <= 0.1 * len(judgements)
