"""Does a model answer in code earn full marks, run as a student's is; is there one to be run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.desk import Desk
from grader.lint.bench import Bench, Spot
from grader.lint.notes import Note
from grader.model import Outcome, SourceFile, Submission, Verdict
from grader.values import shorten

_SHOWN = 160
_FULL = 1 - 1e-9
# Without one of these a function is tried by the values of its reference.
_UNTRIED = frozenset({"probe", "by", "by_all"})


def notes(bench: Bench, desk: Desk) -> Iterator[Note]:
    """Yield what becomes of the model answers, handed in all at once on that desk."""
    tried = []
    for question in bench.rubric.questions:
        for spot in bench.spots(question):
            if spot.check.kind != "function":
                continue
            if "model_answer" in spot.check.options:
                tried.append(spot)
            elif _UNTRIED & set(spot.check.options):
                yield _untried(spot)
    if tried:
        yield from _handed_in(tried, desk)


def _untried(spot: Spot) -> Note:
    word = min(_UNTRIED & set(spot.check.options))
    return Note(
        "not-tried",
        spot.body,
        f"there is no 'model_answer', so '{word}' cannot be tried",
        "write Python that earns full marks",
        is_error=False,
    )


def _handed_in(tried: Sequence[Spot], desk: Desk) -> Iterator[Note]:
    code = tuple(
        SourceFile(f"model_answer_{number}.py", spot.check.options["model_answer"].encode())
        for number, spot in enumerate(tried, 1)
    )
    only = list(dict.fromkeys(spot.question.id for spot in tried))
    report = desk.judge(Submission("lint", {}, code), only)
    reported = {each.question.id: each.verdicts for each in report.questions}
    for spot in tried:
        at = spot.question.checks.index(spot.outer)
        verdict = reported[spot.question.id][at]
        if verdict.judgement.credit < _FULL:
            yield _marked_down(spot, verdict)


def _marked_down(spot: Spot, verdict: Verdict) -> Note:
    judgement = verdict.judgement
    is_ours = verdict.outcome is Outcome.UNGRADED
    said = shorten((judgement.staff if is_ours else judgement.say).strip().rstrip("."), _SHOWN)
    return Note(
        "right-answer-marked-down",
        (*spot.body, "model_answer"),
        f"the model answer earns {verdict.score:g} of {spot.outer.points:g} points: {said}",
        "mend the function of the reference, or what it is given"
        if is_ours
        else "correct it, or what it is run on and compared with",
    )
