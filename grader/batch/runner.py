"""One batch: match, grade what is new, take in what people decided, and write everything out."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from grader import desk as desks
from grader.batch import (
    engine,
    gradebook,
    journal,
    keys,
    outfolder,
    reconcile,
    review,
    stamp,
    standing,
    submissions,
    summary,
)
from grader.batch import roster as rosters
from grader.batch.cases import Case, Kind, ordered
from grader.batch.clerk import Failed, Grade, Graded, Order, Print, Printed, Recipient
from grader.batch.engine import Engine
from grader.batch.journal import Journal
from grader.batch.progress import Meter
from grader.batch.reconcile import Class, Seat
from grader.batch.results import Held, Results
from grader.batch.review import Decision, Taken
from grader.batch.roster import Roster
from grader.batch.spool import Spool
from grader.batch.standing import Listed, Standing
from grader.batch.statistics import Tally
from grader.batch.submissions import Shelf
from grader.desk import Desk
from grader.exports._gradebook import Mark
from grader.model import Rubric

_JOURNAL = "journal.jsonl"
_DECISIONS = "decisions.jsonl"
REVIEW = "review.csv"
BOOK = "gradebook.csv"
SUMMARY = "summary.txt"
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
    is_first = not os.path.exists(request.out / _JOURNAL)
    if begin is None and request.scheduler is None and is_first:
        from grader.batch import pool

        pool.begin_early()
    desk = desks.set_up(request.rubric, request.sandbox)
    roster = rosters.read(request.roster)
    seated = _seated(roster, request.submissions)
    outfolder.prepare(request.out, request.submissions)
    with journal.locked(request.out):
        outfolder.claim(request.out, desk.rubric, request.rubric, force=request.force)
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


def _seated(roster: Roster, handed: Path) -> Class:
    directory = rosters.directory(roster.students)
    found = submissions.find(handed, lambda name: bool(directory.candidates(name)))
    return reconcile.seat(roster, directory, found)


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


@dataclass(slots=True)
class _Survey:
    """What one look at everybody brought: what to count, to list, to write.

    Of each student in a class that has been graded, it holds next to nothing.
    """

    tally: Tally
    marks: Spool
    complete: bool = True
    cases: list[Case] = field(default_factory=list)
    to_list: list[Listed] = field(default_factory=list)
    due: dict[str, tuple[Listed, str]] = field(default_factory=dict)
    slugs: set[str] = field(default_factory=set)


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
        changed = self._changed(digests)
        if not changed and self._stands(self._made_of(digests, decisions)):
            return self._outcome((self.out / SUMMARY).read_text(encoding="utf-8"))
        self.meter.begin("grading", len(changed))
        failures = self._grade(self._jobs(changed, review.ledger(decisions)), digests)
        before = stamp.content(self.out / REVIEW)
        taken = self._taken(digests, decisions, before)
        ledger = review.ledger(decisions)
        with Spool() as marks:
            survey = self._survey(digests, failures, ledger, marks)
            self._print(survey)
            text = self._write(survey, ledger, taken, before)
        if survey.complete and not taken.unclear:
            made_of = self._made_of(digests, decisions)
            self.results.stamp(made_of, stamp.written(self.out))
        return self._outcome(text, complete=survey.complete)

    def _taken(self, digests: Mapping[int, str], decisions: Journal, before: str) -> Taken:
        """Take in what a person decided; a list that is as it was written says nothing new."""
        if self.results.is_untouched(before):
            return Taken()
        current = partial(self._key, digests)
        return review.take_in(self.out / REVIEW, decisions, self._points, current)

    def _made_of(self, digests: Mapping[int, str], decisions: Journal) -> str:
        results = {handed: self._check(digest) for handed, digest in digests.items()}
        return stamp.made_of(self.seated, self.roster, results, self.rubric, decisions)

    def _check(self, digest: str) -> int:
        held = self.results.find(digest)
        return held.spot.check if held else -1

    def _stands(self, made_of: str) -> bool:
        """Return whether all that a run would write is there, of the same as it would be now."""
        reports = self.out / "reports"
        return self.results.is_stamped(made_of, stamp.written(self.out)) and all(
            self.results.is_whole(seat.slug, reports) for seat in self.seated.seats if seat.handed
        )

    def _outcome(self, text: str, *, complete: bool = True) -> Outcome:
        return Outcome(complete, f"{text}\nWritten to {self.out}\n")

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

    def _jobs(self, changed: dict[str, list[Seat]], ledger: review.Ledger) -> Iterator[Grade]:
        """Yield what is to be graded, each content once, and forget whose it is."""
        for digest in list(changed):
            yield self._job(digest, changed.pop(digest), ledger)

    def _changed(self, digests: Mapping[int, str]) -> dict[str, list[Seat]]:
        """Return the contents of which something no longer stands, and whose they are.

        Several students may have handed in the same.
        """
        seats: dict[str, list[Seat]] = {}
        for seat in self.seated.seats:
            if seat.handed is None:
                continue
            digest = digests[id(seat.handed)]
            if digest in seats:
                seats[digest].append(seat)
            elif self._questions_of(self.results.find(digest)):
                seats[digest] = [seat]  # of the size that most have for good
        return seats

    def _questions_of(self, held: Held | None) -> tuple[str, ...]:
        return self.results.changed(held) if held else tuple(self._plan)

    @property
    def _plan(self) -> Mapping[str, str]:
        return self.results.plan.questions

    def _job(
        self,
        digest: str,
        seats: Sequence[Seat],
        ledger: review.Ledger,
    ) -> Grade:
        held = self.results.find(digest)
        changed = self._questions_of(held)
        handed = seats[0].handed
        assert handed is not None  # a content is somebody's
        handed = handed._replace(pieces=tuple(_absolute(piece) for piece in handed.pieces))
        plan = self.results.plan.digest
        to = tuple(self._recipient(seat, ledger) for seat in seats)
        if held is None or len(changed) == len(self._plan):
            return Grade(handed, digest, plan, to)
        return Grade(handed, digest, plan, to, changed, self.results.body(held))

    def _recipient(self, seat: Seat, ledger: review.Ledger) -> Recipient:
        about = {id: ledger.get((seat.student.id, id)) for id in self._plan} if ledger else {}
        decided = {id: decision for id, decision in about.items() if decision is not None}
        return Recipient(seat.student.id, seat.slug, decided)

    def _grade(self, jobs: Iterable[Grade], digests: dict[int, str]) -> dict[str, str]:
        """Grade what is to be graded; return why, by content, where it could not be."""
        failures: dict[str, str] = {}
        synced = time.monotonic()
        for job, result in engine.run(self.engine, jobs):
            assert isinstance(job, Grade)
            if isinstance(result, Graded):
                self._take(job, result, digests)
            else:
                failures[job.digest] = _why(result)
                self.meter.step(failed=True)
            if time.monotonic() - synced > _SYNC_SECONDS:
                self.log.sync()
                synced = time.monotonic()
        self.log.sync()
        return failures

    def _take(self, job: Grade, result: Graded, digests: dict[int, str]) -> None:
        """Write down a result, and for whom reports of it were written."""
        if result.digest != job.digest:
            _follow(digests, job.digest, result.digest)
        # The job's own texts are known already: a large class has no room for each of them twice.
        digest = job.digest if job.digest == result.digest else result.digest
        held = self.results.add(digest, result)
        self.meter.step(review=result.awaits)
        for to, done in zip(job.recipients, result.printed, strict=False):
            decided = to.decided and standing.still(self.results.questions(held), to.decided)
            self.results.printed(to.slug, done.sizes, self._print_key(held, to.student, decided))

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

    def _key(self, digests: Mapping[int, str], student: str, question: str) -> str | None:
        """Return the key of a student's question as it is graded now."""
        for seat in self.seated.seats:
            if seat.student.id == student and seat.handed is not None:
                held = self.results.find(digests[id(seat.handed)])
                told = self.results.questions(held) if held is not None else {}
                return str(told[question][-1]) if question in told else None
        return None

    @property
    def _points(self) -> Mapping[str, float]:
        return {question.id: question.points for question in self.rubric.questions}

    def _survey(
        self,
        digests: Mapping[int, str],
        failures: Mapping[str, str],
        ledger: review.Ledger,
        marks: Spool,
    ) -> _Survey:
        """Look at everybody once."""
        survey = _Survey(Tally(self.rubric), marks)
        reports = self.out / "reports"
        known: dict[tuple[str, ...], tuple[str, ...]] = {}
        for each in self._graded(digests, failures, ledger):
            status = each.status
            survey.tally.add(status, each.questions)
            marks.add(gradebook.line(standing.mark(each)))
            survey.complete &= status not in ("failed", "incomplete")
            survey.cases.extend(standing.cases(each))
            if each.held is None:
                continue
            key = self._print_key(each.held, each.seat.student.id, each.decided)
            to_look_at = known.setdefault(each.to_look_at, each.to_look_at)
            listed = Listed(each.seat, each.held, each.decided, each.stale, to_look_at)
            survey.slugs.add(each.seat.slug)
            if not self.results.is_printed(each.seat.slug, key, reports):
                survey.due[each.seat.slug] = (listed, key)
            if to_look_at:
                survey.to_list.append(listed)
        return survey

    # --- reports -------------------------------------------------------------------------------

    def _print(self, survey: _Survey) -> None:
        """Write the reports that are not there yet, and remove those of nobody."""
        self.meter.begin("writing reports", len(survey.due))
        jobs = (self._print_job(each) for each, _ in survey.due.values())
        for job, result in engine.run(self.engine, jobs):
            assert isinstance(job, Print)
            to = job.recipient
            if isinstance(result, Printed):
                self.results.printed(to.slug, result.sizes, survey.due[to.slug][1])
            else:
                say = f"the reports could not be written: {_why(result)}"
                survey.cases.append(Case(Kind.FAILED, to.student, say))
                survey.complete = False
            self.meter.step(failed=not isinstance(result, Printed))
        outfolder.sweep(self.out, survey.slugs)

    def _print_key(self, held: Held, student: str, decided: Mapping[str, Decision]) -> str:
        return keys.print_key(self.rubric.digest, held.spot.check, student, decided)

    def _print_job(self, each: Listed) -> Print:
        to = Recipient(each.seat.student.id, each.seat.slug, each.decided)
        return Print(to, self.results.body(each.held))

    # --- the class's files -----------------------------------------------------------------------

    def _write(self, survey: _Survey, ledger: review.Ledger, taken: Taken, before: str) -> str:
        """Write what tells of the whole class; return the summary."""
        cases = [*self.seated.cases, *taken.cases, *survey.cases]
        cases += self._list(survey.to_list, ledger, taken, before)
        marks = survey.marks
        book = gradebook.table(gradebook.marks(marks.lines()), self.rubric)
        lines = (line.encode("utf-8", "backslashreplace") for line in book)
        journal.stream_file(self.out / BOOK, lines)
        gradebook.save(self.out, marks.lines(), self.rubric, self.roster.text, self.roster.form)
        return self._summarise(survey.tally, gradebook.marks(marks.lines()), cases)

    def _list(
        self,
        found: Sequence[Listed],
        ledger: review.Ledger,
        taken: Taken,
        before: str,
    ) -> Iterator[Case]:
        """Write what awaits review, unless the list that is there says the same already."""
        key = self._list_key(found, taken.unclear)
        if self.results.is_listed(key, before):
            return
        items = (item for each in found for item in self._items(each))
        path = self.out / REVIEW
        if stamp.content(path) != before:
            say = f"{REVIEW} was changed meanwhile and left as it is; run the same command again"
            yield Case(Kind.NOTE, REVIEW, say)
            return
        journal.stream_file(path, review.table(items, ledger, taken.unclear))
        self.results.listed(key, stamp.content(path), unclear=bool(taken.unclear))

    def _list_key(self, found: Sequence[Listed], unclear: review.Unclear) -> str:
        sums = keys.Sums()
        for each in found:
            student = each.seat.student
            printed = self._print_key(each.held, student.id, each.decided)
            stale = {id: got.key for id, got in each.stale.items()}
            sums.add([printed, student.name, each.to_look_at, stale])
        for at, typed in sorted(unclear.items()):
            sums.add([*at, *typed])
        return sums.digest()

    def _items(self, each: Listed) -> Iterator[review.Item]:
        student = each.seat.student
        asked = [question for question in self.rubric.questions if question.id in each.to_look_at]
        answered = {id: told[-1] for id, told in self.results.questions(each.held).items()}
        kept = json.loads(self.results.body(each.held))
        return review.items(kept, answered, asked, (student.id, student.name))

    def _summarise(self, tally: Tally, marks: Iterable[Mark], cases: Sequence[Case]) -> str:
        about = {"rubric": self.rubric.id, "title": self.rubric.title}
        told = summary.document(tally.summary(), about, ordered(cases), marks)
        text = summary.text(told)
        lines = (line.encode("utf-8", "backslashreplace") for line in summary.lines(told))
        journal.stream_file(self.out / "summary.json", lines)
        journal.replace_file(self.out / SUMMARY, text.encode("utf-8", "backslashreplace"))
        return text


def _absolute(piece: submissions.Piece) -> submissions.Piece:
    """Return a piece as a worker finds it, whose working folder may be another."""
    return piece._replace(path=os.path.abspath(piece.path))


def _follow(digests: dict[int, str], old: str, new: str) -> None:
    """Take note that a submission changed while it was graded: its result is of what it is now."""
    for seat, digest in digests.items():
        if digest == old:
            digests[seat] = new


def _why(result: object) -> str:
    return result.why if isinstance(result, Failed) else "was not done"
