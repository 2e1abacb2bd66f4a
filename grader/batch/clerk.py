"""What a worker does: it grades submissions and writes reports, with one desk for all of them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeAlias

from grader import desk, exports, files, intake, readers, sheet
from grader.batch import journal, record, review, submissions
from grader.batch.submissions import Handed, Shelf
from grader.desk import Desk
from grader.exports import Audience, _reading
from grader.model import Outcome, Report, Verdict

AUDIENCES: tuple[Audience, ...] = ("student", "staff")
FORMATS = {"html": ".html", "markdown": ".md", "json": ".json"}


class Order(NamedTuple):
    """What a batch is about, as every worker is told it."""

    rubric: str
    reports: Path
    sandbox: str = "auto"


class Recipient(NamedTuple):
    """Whose reports are to be written, under which name, and what people decided about them."""

    student: str
    slug: str
    decided: Mapping[str, review.Decision] = {}


class Grade(NamedTuple):
    """A submission to grade, and who is to read of it.

    `only` names the questions, and `kept` holds the others' results.
    """

    handed: Handed
    digest: str
    plan: str
    recipients: tuple[Recipient, ...] = ()
    only: tuple[str, ...] = ()
    kept: bytes = b""


class Print(NamedTuple):
    """The reports to write of a result that is there: from its record."""

    recipient: Recipient
    body: bytes


class Printed(NamedTuple):
    """How many bytes each of the reports has, by which a later run sees that they are whole."""

    sizes: tuple[int, ...]


class Graded(NamedTuple):
    """What came of a submission: the head and the body of its line in the journal, and reports.

    What the parent needs at once stands beside the head: the content that was graded, whether a
    person should look at any of it, and what could not be graded.
    """

    head: bytes
    body: bytes
    digest: str
    awaits: bool
    ungraded: tuple[str, ...] = ()
    printed: tuple[Printed, ...] = ()


class Failed(NamedTuple):
    """Something on the grader's side kept a job from being done."""

    why: str


Job: TypeAlias = Grade | Print
Result: TypeAlias = Graded | Printed | Failed


class Clerk:
    """A worker's desk and its zip files, set up once and used for every job."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._shelf = Shelf()
        self._stack = contextlib.ExitStack()

    @cached_property
    def _desk(self) -> Desk:
        return self._stack.enter_context(desk.set_up(self._order.rubric, self._order.sandbox))

    @cached_property
    def _formats(self) -> list[exports.Export]:
        return [exports.load(name) for name in FORMATS]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def do(self, job: Job) -> Result:
        """Do a job; a fault of ours is told, and stops nobody else's."""
        try:
            return self._grade(job) if isinstance(job, Grade) else self._print(job)
        except journal.Stopped:
            raise
        except Exception as fault:  # a bug of ours, or a disk that fails: never a zero
            if isinstance(fault, OSError) and journal.is_full(fault):
                raise journal.full(self._order.reports, fault) from fault
            return Failed(f"{type(fault).__name__}: {fault}")

    def _grade(self, job: Grade) -> Graded:
        found = submissions.gather(job.handed, self._shelf)
        report = record.bounded(_told(self._graded(found, job.only), found, job.handed))
        if job.kept:
            report = self._merged(json.loads(job.kept), report)
        if _is_empty(report) and not self._is_blank(report, found):
            report = _for_a_person(report, found)
        # The submission may have changed since it was looked at: what was graded is what counts.
        digest = submissions.digest(found)
        ungraded, questions = _ungraded(report), _questions(report)
        head = {
            "t": "result",
            "digest": digest,
            "plan": job.plan,
            "ungraded": ungraded,
            "questions": questions,
        }
        return Graded(
            journal.dumps(head),
            record.text(report),
            digest,
            any(points > 0 for _, points, *_ in questions.values()),
            ungraded,
            self._printed(report, job.recipients),
        )

    def _graded(self, found: files.Folder, only: Sequence[str]) -> Report:
        return self._desk.judge(intake.submission("", found, self._desk.rubric), only)

    def _merged(self, kept: Mapping[str, Any], fresh: Report) -> Report:
        """Return a fresh report with the kept results of the questions that it leaves out."""
        merged = record.merged(kept, json.loads(record.text(fresh)))
        return record.report(merged, self._desk.rubric, "")

    def _is_blank(self, report: Report, found: files.Folder) -> bool:
        """Return whether what was handed in is the blank sheet, or entries without an answer."""
        if not found.files or found.others or found.refused or report.warnings:
            return False
        prose = [files.decode(data, name).text for name, data in found.files.items()
                 if not _is_exact(name)]  # fmt: skip
        return all(line.strip() in self._blank_lines for text in prose for line in text.split("\n"))

    @cached_property
    def _blank_lines(self) -> frozenset[str]:
        blank = sheet.template(self._desk.rubric)
        return frozenset(line.strip() for line in ("", *blank.split("\n")))

    def _printed(self, report: Report, recipients: Sequence[Recipient]) -> tuple[Printed, ...]:
        """Write the reports of what was just graded, while it is at hand."""
        try:
            return tuple(self._write(report, each) for each in recipients)
        except journal.Stopped:
            raise
        except Exception:  # a bug of ours, which costs no mark: it is told when they are due again
            return ()

    def _print(self, job: Print) -> Printed:
        return self._write(
            record.report(json.loads(job.body), self._desk.rubric, ""), job.recipient
        )

    def _write(self, report: Report, to: Recipient) -> Printed:
        submission = report.submission._replace(name=to.student)
        report = review.applied(report._replace(submission=submission), to.decided)
        readings = _reading.each(report, AUDIENCES)
        pages = zip(*[format.render(readings) for format in self._formats], strict=True)
        sizes = []
        paths = report_paths(self._order.reports, to.slug)
        for path, page in zip(paths, chain.from_iterable(pages), strict=True):
            data = page.encode("utf-8", "backslashreplace")
            journal.put(path, data)
            sizes.append(len(data))
        return Printed(tuple(sizes))


def report_paths(reports: Path, slug: str) -> list[str]:
    """Return where a student's reports lie, in the order of their sizes in `Printed`."""
    return [
        f"{reports}/{audience}/{slug}{suffix}"
        for audience in AUDIENCES
        for suffix in FORMATS.values()
    ]


def _is_exact(name: str) -> bool:
    suffix = PurePosixPath(name).suffix.casefold()
    return suffix in readers.SUFFIXES and readers.load(suffix).EXACT


def _is_empty(report: Report) -> bool:
    """Return whether not a single answer was found."""
    return all(each.outcome is Outcome.MISSING for each in report.questions)


def _for_a_person(report: Report, found: files.Folder) -> Report:
    """Have a person look at all of a submission in which no answer was found: a scan, a photo.

    Its marks are nothing until then, but no zero goes out of which nobody knows.
    """
    every = (*found.files, *found.others, *found.refused)
    names = sorted(PurePosixPath(name).name for name in every)  # no path of ours for a student
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    handed = f"in {', '.join(names[:3])}{more}" if names else "in an empty submission"
    reason = f"no answer was found {handed}"
    questions = [
        each._replace(verdicts=tuple(_doubted(verdict, reason) for verdict in each.verdicts))
        for each in report.questions
    ]
    return report._replace(questions=tuple(questions))


def _doubted(verdict: Verdict, reason: str) -> Verdict:
    return verdict._replace(judgement=verdict.judgement._replace(review=1.0, reason=reason))


def _told(report: Report, found: files.Folder, handed: Handed) -> Report:
    """Add what a reader of the report should know of files that never reached the desk."""
    known = {*report.submission.files, *found.files}
    left = [name for name in found.others if name not in known]
    refused = [f"{name} {why}" for name, why in found.refused.items()]
    said = " ".join([*report.warnings, *report.submission.warnings])
    told = [each for each in refused if each.split(" ")[0] not in said]
    submission = report.submission._replace(files=(*report.submission.files, *left))
    return report._replace(
        submission=submission,
        warnings=(*report.warnings, *told, *(f"{each}." for each in handed.notes)),
    )


# --- the head of a result: all that a gradebook and a summary need -----------------------------


def _ungraded(report: Report) -> tuple[str, ...]:
    return tuple(
        [
            each.question.id
            for each in report.questions
            if Outcome.UNGRADED in [verdict.outcome for verdict in each.verdicts]
        ]
    )


def _questions(report: Report) -> dict[str, tuple[float, float, str, Mapping[str, str], str]]:
    """Return for each question its score, points under review, outcome, mistakes and key."""
    return {
        each.question.id: (
            each.score,
            _review(each.verdicts),
            each.outcome.value,
            _mistakes(each.verdicts),
            review.key(each),
        )
        for each in report.questions
    }


def _review(verdicts: Sequence[Verdict]) -> float:
    return round(sum([each.judgement.review * each.check.points for each in verdicts]), 4)


def _mistakes(verdicts: Sequence[Verdict]) -> dict[str, str]:
    return {found.id: found.say for each in verdicts for found in each.judgement.mistakes}
