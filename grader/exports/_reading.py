"""What one audience may read of a report: made safe to show, bounded, and free of secrets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import PurePosixPath, PureWindowsPath
from typing import NamedTuple, TypeVar

from grader import values
from grader.exports import Audience
from grader.model import (
    Judgement,
    Outcome,
    Place,
    QuestionReport,
    Recognised,
    ReferenceAnswer,
    Report,
    Verdict,
)

T = TypeVar("T")

ANSWER_CHARACTERS = 2_000
"""How much of an answer a report repeats: a page, so that a misreading is seen at a glance."""

SENTENCE_CHARACTERS = 1_000
"""How long feedback, evidence or a warning may be; they may quote a student at length."""

EXPECTED_CHARACTERS = 8_000
"""How long a right answer may be: a parameter table of some hundred layers."""

NAME_CHARACTERS = 120
"""How long the name of a file or a submission may be."""

LISTED = 30
"""How many warnings or files are named before the rest is only counted."""

# So many texts are known in their safe form: some megabytes, since each was cut before.
_REMEMBERED = 2_000


class Passage(NamedTuple):
    """A text that answers some fields, and where it stood.

    `label` names the fields; it is empty where the passage is all there is. `size` tells how
    long the whole is where `text` is only its beginning ("37 lines"), and is empty otherwise.
    """

    label: str
    text: str
    place: Place | None = None
    size: str = ""


class CheckReading(NamedTuple):
    """A check as everybody may read it."""

    kind: str
    field: str
    label: str
    score: float
    max_score: float
    outcome: Outcome
    feedback: str
    evidence: str

    @property
    def marks(self) -> str:
        """Return the marks as people write them: `1 / 1.5`."""
        return _out_of(self.score, self.max_score, known=self.outcome is not Outcome.UNGRADED)


class QuestionReading(NamedTuple):
    """A question as one audience may read it; `expected` and `notes` are empty for students.

    It is `silent` where all there is to tell is that no answer was found.
    What both audiences read alike are the same objects for both.
    """

    id: str
    title: str
    score: float
    max_score: float
    outcome: Outcome
    where: Place | None
    passages: tuple[Passage, ...]
    expected: tuple[Passage, ...]
    feedback: tuple[str, ...]
    mistakes: tuple[Recognised, ...]
    review_points: float
    reasons: tuple[str, ...]
    checks: tuple[CheckReading, ...]
    silent: bool
    notes: tuple[tuple[int, str], ...] = ()

    @property
    def marks(self) -> str:
        """Return the marks as people write them: `2 / 2.5`."""
        return _out_of(self.score, self.max_score, known=self.outcome is not Outcome.UNGRADED)

    @property
    def needs_review(self) -> bool:
        """Return whether a person should still look at this question."""
        return self.review_points > 0


class Reading(NamedTuple):
    """A report as one audience may read it; `faults` is empty for students."""

    audience: Audience
    rubric: str
    title: str
    submission: str
    score: float
    max_score: float
    review_points: float
    complete: bool
    rubric_digest: str
    submission_digest: str
    sandbox: str
    warnings: tuple[str, ...]
    faults: tuple[str, ...]
    left_alone: tuple[str, ...]
    questions: tuple[QuestionReading, ...]

    @property
    def marks(self) -> str:
        """Return the marks as people write them: `61.5 / 100`."""
        return _out_of(self.score, self.max_score)

    @property
    def told(self) -> tuple[QuestionReading, ...]:
        """Return the questions that there is something to tell about."""
        return tuple(question for question in self.questions if not question.silent)

    @property
    def silent(self) -> tuple[str, ...]:
        """Return the ids of the questions that were left blank."""
        return tuple([question.id for question in self.questions if question.silent])

    @property
    def status(self) -> tuple[str, ...]:
        """Return in a sentence or two how final the score is."""
        said = []
        if not self.complete:
            said.append("Not final: something failed on the grader's side, which costs no marks.")
        if self.review_points:
            points = marks(self.review_points)
            said.append(f"{points} {'mark awaits' if points == '1' else 'marks await'} review.")
        return tuple(said) or ("Complete.",)


class AnswerReading(NamedTuple):
    """The right answer to one check, or the fault that kept it away."""

    kind: str
    field: str
    label: str
    points: float
    text: str
    fault: str | None


class ReferenceReading(NamedTuple):
    """The right answers to one question, and how they are obtained."""

    id: str
    title: str
    points: float
    derivation: str
    answers: tuple[AnswerReading, ...]

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Return the right answers that there are, with the fields that they answer."""
        return _labelled(tuple((answer.label, answer.text) for answer in self.answers))

    @property
    def faults(self) -> tuple[str, ...]:
        """Return what is lacking, a sentence each."""
        return tuple(
            f"{answer.label}: {answer.fault}" for answer in self.answers if answer.fault is not None
        )


def of(report: Report, audience: Audience) -> Reading:
    """Return what `audience` may read of `report`."""
    return each(report, [audience])[0]


def each(report: Report, audiences: Sequence[Audience]) -> list[Reading]:
    """Return what each of several audiences may read of `report`, which is looked at once."""
    left_alone = _left_alone(report)
    whole = _whole(report, left_alone)
    return [
        whole if each == "staff" else _for_student(whole, report, left_alone) for each in audiences
    ]


def alike(
    readings: Sequence[Reading], make: Callable[[QuestionReading], T]
) -> Iterator[tuple[Reading, list[T]]]:
    """Yield each reading with what `make` makes of its questions, for audiences of one report.

    `make` leaves `expected` and `notes` aside, so that what it made serves every audience that
    reads the rest alike.
    """
    first = readings[0].questions
    made = [make(question) for question in first]
    for reading in readings:
        pairs = zip(reading.questions, first, made, strict=True)
        yield (
            reading,
            [known if _is_alike(each, shown) else make(each) for each, shown, known in pairs],
        )


def _is_alike(question: QuestionReading, other: QuestionReading) -> bool:
    """Return whether two audiences read a question alike: what one may not see was replaced."""
    return question.passages is other.passages and question.where is other.where


def _whole(report: Report, left_alone: Sequence[str]) -> Reading:
    """Return what staff may read of `report`: all of it."""
    questions = tuple(map(_question, report.questions))
    return Reading(
        audience="staff",
        rubric=one_line(report.rubric.id),
        title=one_line(report.rubric.title),
        submission=one_line(report.submission.name),
        score=report.score,
        max_score=report.max_score,
        review_points=round(sum([question.review_points for question in questions]), 4),
        complete=report.complete,
        rubric_digest=one_line(report.rubric.digest),
        submission_digest=one_line(report.submission.digest),
        sandbox=safe(report.sandbox),
        warnings=_listed(_warnings(report), safe),
        faults=_listed(report.faults, safe),
        left_alone=_listed(left_alone, one_line),
        questions=questions,
    )


def _for_student(whole: Reading, report: Report, left_alone: Sequence[str]) -> Reading:
    """Return a report without what is for staff only."""
    return whole._replace(
        audience="student",
        submission=one_line(_without_folders(report.submission.name)),
        sandbox=safe(_without_folders(report.sandbox)),
        warnings=_listed(_warnings(report), lambda text: safe(_without_folders(text))),
        faults=(),
        left_alone=_listed(left_alone, lambda name: one_line(_without_folders(name))),
        questions=tuple(map(_question_for_student, whole.questions, report.questions)),
    )


def _warnings(report: Report) -> list[str]:
    return distinct([*report.warnings, *report.submission.warnings])


def references(answers: Sequence[ReferenceAnswer]) -> tuple[ReferenceReading, ...]:
    """Return the right answers, question by question, in the order given."""
    by_question = groupby(answers, key=lambda answer: answer.question.id)
    return tuple(_reference(tuple(group)) for _, group in by_question)


@lru_cache(maxsize=_REMEMBERED)
def marks(points: float) -> str:
    """Return `points` as people write marks: at most two decimals, no trailing zeros."""
    text = f"{points:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


@lru_cache(maxsize=_REMEMBERED)
def _out_of(score: float, points: float, *, known: bool = True) -> str:
    # A fault of ours is not a zero, and must not look like one.
    return f"{marks(score) if known else '–'} / {marks(points)}"


def at(place: Place) -> str:
    """Return a place as people write it: `answers.md:41`."""
    return place.file if place.line is None else f"{place.file}:{place.line}"


def safe(text: str, limit: int = SENTENCE_CHARACTERS) -> str:
    """Return the first `limit` characters of `text`, safe to show, with an ellipsis if cut."""
    if not text:
        return text
    # Cut first: cleaning looks at every character, and a text may have a million.
    head = _cleaned(text[:limit])
    return head + "…" if len(text) > limit else head


def size(text: str) -> str:
    """Return how long a text is, in the unit that a reader would count."""
    lines = text.count("\n") + 1
    return f"{lines:,} lines" if lines > 1 else f"{len(text):,} characters"


def one_line(text: str) -> str:
    """Return a name safe to show; a line end in it is made visible, so that it forges no line."""
    return _on_one_line(text[: NAME_CHARACTERS + 1])


@lru_cache(maxsize=_REMEMBERED)
def _on_one_line(text: str) -> str:
    return safe(text, NAME_CHARACTERS).replace("\n", "<U+000A>").replace("\t", "<U+0009>")


def distinct(texts: Iterable[str]) -> list[str]:
    """Return the non-empty texts, each once, in order."""
    return [text for text in dict.fromkeys(texts) if text]


@lru_cache(maxsize=_REMEMBERED)
def _cleaned(text: str) -> str:
    # Titles, right answers and feedback are the same in every report of a class.
    return values.clean(text)


def _question(report: QuestionReport) -> QuestionReading:
    """Return a question as staff may read it."""
    question, verdicts = report.question, report.verdicts
    names = _names(tuple([(verdict.check.kind, verdict.check.field) for verdict in verdicts]))
    checks = tuple(map(_check, verdicts, names))
    judgements = [verdict.judgement for verdict in verdicts]
    passages, mistakes = _passages(verdicts, "staff"), _mistakes(judgements)
    awaiting = [verdict for verdict in verdicts if verdict.judgement.review > 0]
    review = round(sum([got.judgement.review * got.check.points for got in awaiting], 0.0), 4)
    return QuestionReading(
        id=one_line(question.id),
        title=one_line(question.title),
        score=report.score,
        max_score=question.points,
        outcome=report.outcome,
        where=_where(verdicts, "staff"),
        passages=passages,
        expected=_labelled(
            tuple([(name.label, got.expected) for name, got in zip(names, verdicts, strict=True)])
        ),
        feedback=_feedback(checks),
        mistakes=mistakes,
        review_points=review,
        reasons=tuple(distinct([safe(verdict.judgement.reason or "") for verdict in awaiting])),
        checks=checks,
        silent=report.outcome is Outcome.MISSING and not (passages or mistakes or review > 0),
        notes=tuple(
            [
                (number, note)
                for number, got in enumerate(judgements)
                if got.staff and (note := safe(got.staff.strip()))
            ]
        ),
    )


def _question_for_student(question: QuestionReading, report: QuestionReport) -> QuestionReading:
    """Return a question without what is for staff only."""
    files = {got.answer.place.file for got in report.verdicts if got.answer is not None}
    if not all(map(_is_inside, files)):
        question = question._replace(
            where=_where(report.verdicts, "student"),
            passages=_passages(report.verdicts, "student"),
        )
    return question._replace(expected=(), notes=())


def _reference(answers: Sequence[ReferenceAnswer]) -> ReferenceReading:
    question = answers[0].question
    names = _names(tuple((answer.check.kind, answer.check.field) for answer in answers))
    return ReferenceReading(
        id=one_line(question.id),
        title=one_line(question.title),
        points=question.points,
        derivation=safe(question.derivation.strip(), EXPECTED_CHARACTERS),
        answers=tuple(
            AnswerReading(
                kind=name.kind,
                field=name.field,
                label=name.shown,
                points=answer.check.points,
                text=safe(answer.text.strip("\r\n"), EXPECTED_CHARACTERS),
                fault=None if answer.fault is None else safe(answer.fault),
            )
            for name, answer in zip(names, answers, strict=True)
        ),
    )


def _check(verdict: Verdict, name: _Name) -> CheckReading:
    judgement = verdict.judgement
    return CheckReading(
        name.kind,
        name.field,
        name.shown,
        verdict.score,
        verdict.check.points,
        verdict.outcome,
        safe(judgement.say.strip()),
        safe(judgement.evidence.strip()),
    )


def _feedback(checks: Sequence[CheckReading]) -> tuple[str, ...]:
    """Return each sentence once; that one field of several is missing, its outcome says."""
    answered = [check for check in checks if check.outcome is not Outcome.MISSING]
    return tuple(distinct([check.feedback for check in answered or checks]))


class _Name(NamedTuple):
    """What a check is called: its kind, its field, and the field told from others like it."""

    kind: str
    field: str
    label: str
    shown: str


@lru_cache(maxsize=_REMEMBERED)
def _names(checks: tuple[tuple[str, str], ...]) -> tuple[_Name, ...]:
    """Return what the checks of a question are called, of which each is a kind and a field."""
    fields = [field for _, field in checks]
    labels = [f"{field} ({kind})" if fields.count(field) > 1 else field for kind, field in checks]
    return tuple(
        _Name(one_line(kind), one_line(field), label, one_line(label))
        for (kind, field), label in zip(checks, labels, strict=True)
    )


@lru_cache(maxsize=_REMEMBERED)
def _labelled(told: tuple[tuple[str, str], ...]) -> tuple[Passage, ...]:
    said = [(label, text.strip("\r\n")) for label, text in told if text.strip()]
    alone = len(said) == 1
    return tuple(
        Passage("" if alone else one_line(label), safe(text, EXPECTED_CHARACTERS))
        for label, text in said
    )


def _passages(verdicts: Sequence[Verdict], audience: Audience) -> tuple[Passage, ...]:
    """Return each piece of the answer once, though several checks went by it."""
    fields: dict[tuple[Place, str], list[str]] = {}
    for verdict in verdicts:
        answer = verdict.answer
        if answer is not None and not answer.text.isspace() and answer.text:
            read_for = fields.setdefault((answer.place, answer.text), [])
            if verdict.check.field not in read_for:
                read_for.append(verdict.check.field)
    everything = {verdict.check.field for verdict in verdicts}
    return tuple(
        [
            _passage("" if set(names) == everything else ", ".join(names), text, place, audience)
            for (place, text), names in fields.items()
        ]
    )


def _passage(label: str, text: str, place: Place, audience: Audience) -> Passage:
    text = text.strip("\r\n")
    return Passage(
        label=one_line(label),
        text=_cleaned(text[:ANSWER_CHARACTERS]).rstrip(),
        place=_seen(place, audience),
        size=size(text) if len(text) > ANSWER_CHARACTERS else "",
    )


def _where(verdicts: Sequence[Verdict], audience: Audience) -> Place | None:
    answers = [verdict.answer for verdict in verdicts if verdict.answer is not None]
    return _seen(answers[0].place, audience) if answers else None


def _seen(place: Place, audience: Audience) -> Place | None:
    if audience == "student" and not _is_inside(place.file):
        return None
    return Place(one_line(place.file), place.line)


@lru_cache(maxsize=_REMEMBERED)
def _is_inside(file: str) -> bool:
    """Return whether a path stays within the submission, as POSIX and as Windows read it."""
    return all(
        not (path.anchor or path.drive or ".." in path.parts or file.startswith("~"))
        for path in (PurePosixPath(file), PureWindowsPath(file))
    )


def _mistakes(judgements: Sequence[Judgement]) -> tuple[Recognised, ...]:
    found: dict[str, Recognised] = {}
    for judgement in judgements:
        for mistake in judgement.mistakes:
            known = found.setdefault(mistake.id, mistake)
            if mistake.charged and not known.charged:
                found[mistake.id] = mistake
    return tuple(
        [
            Recognised(one_line(mistake.id), safe(mistake.say.strip()), mistake.charged)
            for mistake in found.values()
        ]
    )


def _left_alone(report: Report) -> list[str]:
    submission = report.submission
    read = {source.name for source in submission.code}
    read.update(
        [
            answer.place.file
            for part in submission.parts.values()
            for answer in (part.body, *part.fields.values())
            if answer is not None
        ]
    )
    return [name for name in distinct(submission.files) if name not in read]


def _listed(texts: Sequence[str], show: Callable[[str], str]) -> tuple[str, ...]:
    named = tuple(show(text) for text in texts[:LISTED])
    return (*named, f"and {len(texts) - LISTED:,} more") if len(texts) > LISTED else named


_PATH = re.compile(
    r"""(?<![\w)\]}.~/\\])            # not the slash of a quotient or inside a relative path
    (?: (?:~|\.\.)[/\\]               # ~/ or ../
      | (?:[A-Za-z]:)?[/\\](?=[^\s/\\]+[/\\]) )
    (?:[^\s/\\:'"]+[/\\])*""",
    re.VERBOSE,
)


def _without_folders(text: str) -> str:
    """Return a sentence of ours without the folders of the machine it ran on."""
    return _PATH.sub("", text[: 2 * SENTENCE_CHARACTERS])
