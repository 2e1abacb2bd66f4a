"""The nouns: frozen, without input or output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from grader.values import Plain


class Outcome(StrEnum):
    """What became of a question or a check."""

    CORRECT = "correct"
    PARTIAL = "partial"
    WRONG = "wrong"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    UNGRADED = "ungraded"


class Place(NamedTuple):
    """Where something stands: a file of the submission (relative) and a line, from 1."""

    file: str
    line: int | None = None


class Answer(NamedTuple):
    """What one field was answered with.

    `value` is what the sheet holds: the text as typed, or lists and mappings of such texts
    (scalars of a YAML sheet stay text: "no" and "1:30" arrive as they were written).
    `text` is the source text; it is made safe where it is shown, not here.
    `trouble` says why the file around the answer could not be read (`value` is then None).
    `context` is the whole answer that a field was cut from, with what is said in front of it.
    """

    value: Plain
    text: str
    place: Place
    trouble: str | None = None
    context: str = ""


class Part(NamedTuple):
    """The answer to one question id: the whole of it, and the fields told apart in it.

    `body` is the undivided answer ("FALSE, because ..."); `fields` maps a field's name to what
    stands under its own label. A kind takes its field where there is one, else the body.
    """

    body: Answer | None = None
    fields: Mapping[str, Answer] = {}

    def answer(self, name: str) -> Answer | None:
        """Return what answers the field `name`, with the answer around it; or None."""
        found = self.fields.get(name)
        if found is None or self.body is None:
            return found or self.body
        return found._replace(context=self.body.context or self.body.text)


class SourceFile(NamedTuple):
    """A file of code that was handed in: its bytes, read once."""

    name: str
    data: bytes


class Submission(NamedTuple):
    """What one student handed in."""

    name: str
    parts: Mapping[str, Part]
    code: Sequence[SourceFile] = ()
    files: Sequence[str] = ()
    warnings: Sequence[str] = ()
    digest: str = ""


class Mistake(NamedTuple):
    """A wrong answer that has a name.

    `options` holds the kind's own words for it (`expect`, `with`, `formula`, `value`, ...).
    `credit` is the share of the check's points that it leaves, 0 to 1.
    `once` names a slip that is charged once in a submission, however often it shows.
    """

    id: str
    say: str
    credit: float
    options: Mapping[str, Any]
    once: str | None = None


class Check(NamedTuple):
    """One thing that is asked and judged.

    `options` holds the kind's own words, already validated against the kind's SCHEMA.
    `names` are further labels under which the field may stand in a sheet.
    `instead` are checks that may be answered in place of this one; the best counts.
    """

    kind: str
    field: str
    points: float
    options: Mapping[str, Any]
    names: Sequence[str] = ()
    mistakes: Sequence[Mistake] = ()
    instead: Sequence[Check] = ()

    @property
    def ways(self) -> Sequence[Check]:
        """Return this check and those that may be answered in its place."""
        return (self, *self.instead)


class Question(NamedTuple):
    """One question id with what is given and how its answer is judged.

    `symbols`, `define` and `notation` are the words of the formula room. `derivation` tells in a
    line or two how the right answer is obtained. `printed` are cues by which the question's own
    text is told from the answer when a whole exam paper is handed in.
    """

    id: str
    title: str
    prompt: str
    points: float
    checks: Sequence[Check]
    given: Mapping[str, Any] = {}
    symbols: Mapping[str, Any] = {}
    define: Mapping[str, str] = {}
    notation: Mapping[str, Any] = {}
    derivation: str = ""
    printed: Sequence[str] = ()
    digest: str = ""

    @property
    def fields(self) -> Mapping[str, Sequence[str]]:
        """Return each field's name with its further labels, in the order of the checks."""
        labels: dict[str, list[str]] = {}
        for check in self.checks:
            known = labels.setdefault(check.field, [])
            known.extend(name for name in check.names if name not in known)
        return labels


class Rubric(NamedTuple):
    """An assignment: its questions, in order, and where it came from.

    `preload` are libraries that student code needs beside numpy; `support` are modules that the
    course supplied: a name to the reference function that returns the source.
    """

    id: str
    title: str
    questions: Sequence[Question]
    path: str
    digest: str
    preload: Sequence[str] = ()
    support: Mapping[str, str] = {}

    @property
    def points(self) -> float:
        """Return the sum of the questions' points."""
        return sum(question.points for question in self.questions)


class Recognised(NamedTuple):
    """A mistake that was found in an answer; `charged` is false where it was charged before."""

    id: str
    say: str
    charged: bool = True


class Judgement(NamedTuple):
    """What a kind thinks of one answer.

    `credit` is the share of the points, 0 to 1. `say` is for the student and never holds the
    right answer; `staff` is for staff only. `evidence` tells what the judgement went by.
    `review` is the share of the points that a person should still look at, and `reason` why.
    `keeps` names the conventions of a right answer, which the question's other answers share:
    {scale: mean}. They matter while a question is graded, and are not reported.
    `excuses` are the `once` names of slips that the answer states as its convention.
    """

    credit: float
    say: str = ""
    staff: str = ""
    mistakes: Sequence[Recognised] = ()
    evidence: str = ""
    review: float = 0.0
    reason: str | None = None
    keeps: Mapping[str, str] = {}
    excuses: Sequence[str] = ()


class Verdict(NamedTuple):
    """A check's share of the report."""

    check: Check
    outcome: Outcome
    score: float
    judgement: Judgement
    answer: Answer | None = None
    expected: str = ""


class QuestionReport(NamedTuple):
    """A question's share of the report."""

    question: Question
    outcome: Outcome
    score: float
    verdicts: Sequence[Verdict]


class ReferenceAnswer(NamedTuple):
    """The right answer to one check as staff may read it, or the fault that kept it away."""

    question: Question
    check: Check
    text: str
    fault: str | None = None


class Report(NamedTuple):
    """The graded submission."""

    rubric: Rubric
    submission: Submission
    questions: Sequence[QuestionReport]
    warnings: Sequence[str] = ()
    faults: Sequence[str] = ()
    sandbox: str = "none needed"

    @property
    def score(self) -> float:
        """Return the marks that the machine proposes, summed over the questions."""
        return round(sum(question.score for question in self.questions), 4)

    @property
    def max_score(self) -> float:
        """Return the marks that can be had."""
        return round(sum(question.question.points for question in self.questions), 4)

    @property
    def complete(self) -> bool:
        """Return whether nothing failed on the grader's side."""
        return not self.faults and all(
            question.outcome is not Outcome.UNGRADED for question in self.questions
        )
