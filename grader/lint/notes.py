"""What lint says: notes on places of a rubric, and findings with line, column and remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.errors import Problem
from grader.schema import Path

RULES: Mapping[str, str] = {
    "schema": "The file is no rubric: a misspelt key, an unknown kind, marks that do not add up.",
    "reference-fails": "A right value cannot be had: the function is missing, raises, prints, "
    "takes too long, or returns NaN or something of another shape.",
    "reference-fickle": "A function returns another value when it is called again.",
    "reference-changes-given": "A function changes the lists or arrays that it is given.",
    "reference-slow": "A function takes longer than two seconds.",
    "with-unknown": "No function takes what 'with' says under this name.",
    "given-unused": "No function takes what is given under this name.",
    "not-tried": "There is no right answer in words, as a formula or in code that could be tried.",
    "right-answer-marked-down": "The right answer does not earn full marks.",
    "notation-marked-down": "In another notation it does not.",
    "criterion-not-met": "The model answer does not meet a criterion.",
    "criterion-met-by-question": "Whoever repeats the question meets a criterion.",
    "criteria-exceed-points": "The criteria have more points than the check.",
    "blank-sheet-answers": "The blank sheet is read as an answer.",
    "sheet-misread": "Right answers in a filled sheet do not come back as they went out.",
    "accepted-idle": "A warning is accepted that is not there.",
    "mistake-without-value": "Nothing says what a mistake looks like.",
    "mistake-not-recognised": "A mistake is not recognised in its own wrong answer.",
    "mistake-counts-as-right": "A mistake is equal to the right answer, or within its tolerance.",
    "mistakes-alike": "Two mistakes lead to one value.",
    "say-reveals": "A sentence for students holds the right answer.",
    "report-reveals": "So does another part of the student's report.",
}
"""What each rule finds."""

OURS = "this is a fault of the grader, not of the rubric: please report it"


@dataclass(frozen=True, slots=True)
class Note:
    """Something about the rubric's value at `at`: what is the matter, and what to do."""

    rule: str
    at: Path
    what: str
    remedy: str = ""
    is_error: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """A note with its place in the file; `question` is the id of the question around it."""

    rule: str
    problem: Problem
    remedy: str = ""
    is_error: bool = True
    question: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found in one rubric; `title`, `questions` and `points` where it could be read.

    `accepted` are the warnings that the rubric says its author has weighed.
    """

    name: str
    file: str
    found: Sequence[Finding] = ()
    title: str = ""
    questions: int = 0
    points: float = 0.0
    accepted: Sequence[Finding] = ()

    @property
    def errors(self) -> list[Finding]:
        """Return what keeps the rubric from being fair."""
        return [each for each in self.found if each.is_error]

    @property
    def warnings(self) -> list[Finding]:
        """Return what its author should look at."""
        return [each for each in self.found if not each.is_error]
