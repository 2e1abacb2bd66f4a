"""Does anything that a student reads give the right answer away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from grader import exports
from grader.kinds import number
from grader.lint.bench import Bench, Spot
from grader.lint.notes import Note
from grader.lint.specimens import Specimen
from grader.model import Check, Report
from grader.schema import Path

# Shorter answers stand in any sentence by chance.
_LEAST = 4


def in_sentences(bench: Bench) -> Iterator[Note]:
    """Yield the sentences of the rubric for students that hold the right value."""
    for question in bench.rubric.questions:
        for spot in bench.spots(question):
            known = secrets(bench, spot)
            for at, say in _sentences(spot):
                found = next((secret for secret in known if secret in _plain(say)), None)
                if found is not None:
                    yield Note(
                        "say-reveals",
                        at,
                        f"this sentence holds the right answer ({found})",
                        "say what went wrong, not what is right",
                        is_error=False,
                    )


def in_report(
    bench: Bench, spot: Spot, report: Report, answers: Iterable[Specimen]
) -> Iterator[Note]:
    """Yield a student's report of answers in which a right one that was not given can be read."""
    text = _plain(exports.load("markdown").report(report, "student"))
    # What the rubric itself says has its own complaint.
    for _, say in _sentences(spot):
        text = text.replace(_plain(say), "")
    own = [_plain(f"{each.text} {each.understood}") for each in answers]
    for secret in secrets(bench, spot):
        if secret in text and not any(secret in each for each in own):
            yield Note(
                "report-reveals",
                spot.at,
                f"the student's report of a wrong answer holds the right one ({secret})",
                "take it out of the ids of mistakes, or of what is said elsewhere",
            )
            return


def secrets(bench: Bench, spot: Spot) -> list[str]:
    """Return the right answer in the forms in which it would be recognised, if it is special."""
    want = bench.expected.want(spot.check, spot.question)
    public = _plain(f"{spot.question.title} {spot.question.prompt}")
    if isinstance(want, number.Want):
        shown = number.show(want)
        forms = [shown, *_rounded(want.value)]
    else:
        forms = [specimen.text for specimen in bench.right(spot)]
    plain = dict.fromkeys(_plain(form) for form in forms)
    return [form for form in plain if len(form) >= _least(spot.check) and form not in public]


def _least(check: Check) -> int:
    # The name of an option is in the question.
    return 10**6 if check.kind == "choice" else _LEAST


def _rounded(value: float) -> list[str]:
    return [f"{value:.{digits}g}" for digits in (3, 4, 5)] if abs(value) < 1e15 else []


def _plain(text: str) -> str:
    return re.sub(r"[\s$*`]+", "", text).replace("−", "-")


def _sentences(spot: Spot) -> Iterator[tuple[Path, str]]:
    for index, mistake in enumerate(spot.check.mistakes):
        yield (*spot.at, "mistakes", index, "say"), mistake.say
    for index, criterion in enumerate(spot.check.options.get("criteria", ())):
        yield (*spot.body, "criteria", index, "say"), criterion["say"]
