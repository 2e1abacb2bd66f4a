"""One batch: match, grade what is new, take in what people decided, and write everything out."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from grader import desk as desks
from grader.batch import (
    engine,
    gradebook,
    journal,
    keys,
    outfolder,
    reconcile,
    record,
    review,
    standing,
    submissions,
    summary,
)
from grader.batch import roster as rosters
from grader.batch.cases import Case, Kind, ordered
from grader.batch.clerk import Failed, Grade, Graded, Order, Print, Printed
from grader.batch.engine import Engine
from grader.batch.journal import Journal
from grader.batch.progress import Meter
from grader.batch.reconcile import Class
from grader.batch.results import Held, Results
from grader.batch.review import Taken
from grader.batch.roster import Roster
from grader.batch.standing import Standing
from grader.batch.statistics import Tally
from grader.batch.submissions import Handed, Shelf
from grader.desk import Desk
from grader.exports._gradebook import Mark
from grader.model import Rubric

_JOURNAL = "journal.jsonl"
_DECISIONS = "decisions.jsonl"
REVIEW = "review.csv"
# What a power cut may take: the results of so many seconds.
_SYNC_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Request:
    """What the teacher asked for."""

    roster: Path
    submissions: Path
    rubric: str
    out: Path
    jobs: int | None = None
    scheduler: str | None = None
    force: bool = False
    sandbox: str = "auto"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a batch ended: whether all of it was graded, and what to tell the teacher."""

    complete: bool
    text: str
    stopped: bool = False


def run(
    request: Request, meter: Meter, begin: Callable[[Request], Engine] | None = None
) -> Outcome:
    """Grade a class, or what has changed of it, and write the gradebook.

    `begin` makes the engine: processes of this machine, or a cluster, if not said.
    """
    desk = desks.set_up(request.rubric, request.sandbox)
    roster = rosters.read(request.roster)
    directory = rosters.directory(roster.students)
    found = submissions.find(request.submissions, lambda name: bool(directory.candidates(name)))
    outfolder.prepare(request.out, request.submissions)
    with journal.locked(request.out):
        outfolder.claim(request.out, desk.rubric, request.rubric, force=request.force)
        seated = reconcile.seat(roster, directory, found)
        with (
            Journal(request.out / _JOURNAL) as log,
            Journal(request.out / _DECISIONS) as decisions,
            closing((begin or _engine)(request)) as workers,
        ):
            results = Results(log, keys.plan(desk.course, desk.rubric))
            batch = _Batch(request, desk, roster, seated, results, workers, meter, log)
            try:
                return batch.run(decisions)
            except KeyboardInterrupt:
                text = "Stopped; what was graded is kept: run the same command again to go on.\n"
                return Outcome(False, text, stopped=True)


def order(request: Request) -> Order:
    """Return what a worker is told of a batch."""
    return Order(
        outfolder.source(request.rubric), request.out.resolve() / "reports", request.sandbox
    )


def _engine(request: Request) -> Engine:
    if request.scheduler is not None:
        from grader.batch.cluster import Cluster

        return Cluster(order(request), request.scheduler)
    from grader.batch.pool import Pool

    return Pool(order(request), request.jobs)


@dataclass(frozen=True, slots=True)
class _Batch:
    """A batch that runs: everything that its steps share."""

    request: Request
    desk: Desk
    roster: Roster
    seated: Class
    results: Results
    engine: Engine
    meter: Meter
    log: Journal

    @property
    def rubric(self) -> Rubric:
        return self.desk.rubric

    @property
    def out(self) -> Path:
        return self.request.out

    def run(self, decisions: Journal) -> Outcome:
        """Grade, take in decisions, print reports, and write the class's files."""
        self.results.declare()
        if self.request.force:
            self.results.begin_anew()
        digests = self._digests()
        failures = self._grade(digests)
        points = {question.id: question.points for question in self.rubric.questions}
        before = _bytes(self.out / REVIEW)
        taken = review.take_in(self.out / REVIEW, decisions, points)
        ledger = review.ledger(decisions)
        self._print(digests, failures, ledger)
        return self._write(digests, failures, ledger, taken, before)

    # --- grading -----------------------------------------------------------------------------

    def _digests(self) -> dict[int, str]:
        """Return what each seat's submission is known by; a group's is looked at once."""
        shelf = Shelf()
        seen: dict[int, str] = {}
        for seat in self.seated.seats:
            if seat.handed is not None and id(seat.handed) not in seen:
                found = submissions.gather(seat.handed, shelf)
                seen[id(seat.handed)] = submissions.digest(found)
        return seen

    def _jobs(self, digests: Mapping[int, str]) -> list[Grade]:
        """Return what is to be graded: each content once, and of it what no longer stands."""
        jobs: dict[str, Grade] = {}
        for seat in self.seated.seats:
            if seat.handed is None:
                continue
            digest = digests[id(seat.handed)]
            held = self.results.find(digest)
            changed = self.results.changed(held) if held else tuple(self._plan)
            if changed and digest not in jobs:
                jobs[digest] = self._job(seat.handed, digest, held, changed)
        return list(jobs.values())

    @property
    def _plan(self) -> Mapping[str, str]:
        return self.results.plan.questions

    def _job(
        self, handed: Handed, digest: str, held: Held | None, changed: tuple[str, ...]
    ) -> Grade:
        handed = replace(handed, pieces=tuple(_absolute(piece) for piece in handed.pieces))
        plan = self.results.plan.digest
        if held is None or len(changed) == len(self._plan):
            return Grade(handed, digest, plan)
        return Grade(handed, digest, plan, changed, self.results.body(held))

    def _grade(self, digests: dict[int, str]) -> dict[str, str]:
        """Grade what is to be graded; return why, by content, where it could not be."""
        failures: dict[str, str] = {}
        jobs = self._jobs(digests)
        self.meter.begin("grading", len(jobs))
        synced = time.monotonic()
        for job, result in engine.run(self.engine, jobs):
            assert isinstance(job, Grade)
            if isinstance(result, Graded):
                held = self.results.add(result)
                _follow(digests, job.digest, result.head["digest"])
                awaits = any(each[1] > 0 for each in self.results.questions(held).values())
                self.meter.step(review=awaits)
            else:
                failures[job.digest] = _why(result)
                self.meter.step(failed=True)
            if time.monotonic() - synced > _SYNC_SECONDS:
                self.log.sync()
                synced = time.monotonic()
        self.log.sync()
        return failures

    # --- what came of it -----------------------------------------------------------------------

    def _graded(
        self,
        digests: Mapping[int, str],
        failures: Mapping[str, str],
        ledger: review.Ledger,
    ) -> Iterator[Standing]:
        """Yield what came of each seat, one at a time: a class may be larger than the memory."""
        for seat in self.seated.seats:
            if seat.handed is None:
                yield Standing(seat)
                continue
            digest = digests[id(seat.handed)]
            held = self.results.find(digest)
            if held is None or digest in failures:
                yield Standing(seat, failure=failures.get(digest, "it was not graded"))
                continue
            yield standing.standing(seat, held, self.results.questions(held), ledger, self._points)

    @property
    def _points(self) -> Mapping[str, float]:
        return {question.id: question.points for question in self.rubric.questions}

    # --- reports -------------------------------------------------------------------------------

    def _print(
        self,
        digests: Mapping[int, str],
        failures: Mapping[str, str],
        ledger: review.Ledger,
    ) -> None:
        """Write the reports that are not there yet, and remove those of nobody."""
        reports = self.out / "reports"
        due: dict[str, tuple[Standing, str]] = {}
        slugs: set[str] = set()
        for each in self._graded(digests, failures, ledger):
            if each.held is None:
                continue
            slugs.add(each.seat.slug)
            key = self._print_key(each)
            if not self.results.is_printed(each.seat.slug, key, reports):
                due[each.seat.slug] = (each.light, key)
        self.meter.begin("writing reports", len(due))
        jobs = (self._print_job(each) for each, _ in due.values())
        for job, result in engine.run(self.engine, jobs):
            assert isinstance(job, Print)
            if not isinstance(result, Printed):
                raise journal.Stopped(f"the reports of {job.student}: {_why(result)}")
            self.results.printed(result, due[job.slug][1])
            self.meter.step()
        outfolder.sweep(self.out, slugs)

    def _print_key(self, each: Standing) -> str:
        assert each.held is not None
        decided = {id: [got.key, got.marks, got.comment] for id, got in each.decided.items()}
        return keys.digest(
            [each.held.spot.check, each.seat.student.id, decided, self.rubric.digest,
             keys.printing()]
        )  # fmt: skip

    def _print_job(self, each: Standing) -> Print:
        assert each.held is not None
        body = self.results.body(each.held)
        return Print(each.seat.student.id, each.seat.slug, body, each.decided)

    # --- the class's files -----------------------------------------------------------------------

    def _write(
        self,
        digests: Mapping[int, str],
        failures: Mapping[str, str],
        ledger: review.Ledger,
        taken: Taken,
        before: bytes | None,
    ) -> Outcome:
        tally = Tally(self.rubric)
        marks: list[Mark] = []
        cases = [*self.seated.cases, *taken.cases]
        to_list: list[Standing] = []
        for each in self._graded(digests, failures, ledger):
            tally.add(each.status, each.questions)
            marks.append(standing.mark(each))
            cases += standing.cases(each)
            if each.to_look_at:
                to_list.append(each.light)
        cases += self._list(to_list, ledger, taken, before)
        book = "".join(gradebook.table(marks, self.rubric))
        journal.replace_file(self.out / "gradebook.csv", book.encode("utf-8", "backslashreplace"))
        gradebook.save(self.out, marks, self.rubric, self.roster.text, self.roster.form)
        text = self._summarise(tally, marks, cases)
        complete = not any(mark.status in ("failed", "incomplete") for mark in marks)
        return Outcome(complete, text + f"\nWritten to {self.out}\n")

    def _list(
        self,
        found: Sequence[Standing],
        ledger: review.Ledger,
        taken: Taken,
        before: bytes | None,
    ) -> Iterator[Case]:
        """Write what awaits review, unless the list that is there says the same already."""
        unclear = taken.unclear or {}
        key = keys.digest(
            [[self._print_key(each), each.seat.student.name, each.to_look_at,
              {id: got.key for id, got in each.stale.items()}] for each in found]
            + [[*at, *typed] for at, typed in sorted(unclear.items())]
        )  # fmt: skip
        if before is not None and self.results.is_listed(key, before):
            return
        items = (item for each in found for item in self._items(each))
        data = b"".join(review.table(items, ledger, unclear))
        if _bytes(self.out / REVIEW) != before:
            say = f"{REVIEW} was changed meanwhile and left as it is; run the same command again"
            yield Case(Kind.NOTE, REVIEW, say)
            return
        journal.replace_file(self.out / REVIEW, data)
        self.results.listed(key, data)

    def _items(self, each: Standing) -> Iterator[review.Item]:
        assert each.held is not None
        student = each.seat.student
        report = record.report(json.loads(self.results.body(each.held)), self.rubric, student.id)
        return review.items(report, student.id, student.name, each.to_look_at)

    def _summarise(self, tally: Tally, marks: Sequence[Mark], cases: Sequence[Case]) -> str:
        awaiting = [
            {"student": mark.id, "points": mark.review, "questions": list(mark.waiting)}
            for mark in marks
            if mark.status == "review"
        ]
        about = {"rubric": self.rubric.id, "title": self.rubric.title}
        told = summary.document(tally.summary(), about, ordered(cases), awaiting)
        text = summary.text(told)
        dumped = json.dumps(told, indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace")
        journal.replace_file(self.out / "summary.json", dumped + b"\n")
        journal.replace_file(self.out / "summary.txt", text.encode("utf-8", "backslashreplace"))
        return text


def _absolute(piece: submissions.Piece) -> submissions.Piece:
    """Return a piece as a worker finds it, whose working folder may be another."""
    return replace(piece, path=piece.path.absolute())


def _follow(digests: dict[int, str], old: str, new: str) -> None:
    """Take note that a submission changed while it was graded: its result is of what it is now."""
    if old != new:
        for seat, digest in digests.items():
            if digest == old:
                digests[seat] = new


def _why(result: object) -> str:
    return result.why if isinstance(result, Failed) else "was not done"


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
