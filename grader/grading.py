"""Rubric x submission x right values -> report; pure, and the same for the same inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from grader import kinds
from grader.errors import ReferenceFault, Unreadable
from grader.expected import Expected
from grader.kinds import Case, Run
from grader.memo import Memo
from grader.model import (
    Answer,
    Check,
    Judgement,
    Outcome,
    Part,
    Question,
    QuestionReport,
    Report,
    Rubric,
    Submission,
    Verdict,
)

# Credits are sums of decimal shares of points; this is far above their rounding error.
_FULL = 1 - 1e-9
# So many words are said by nobody who has no answer.
_SENTENCE = 9
# A recognised slip that leaves at least this share of the value shows that the way was right.
_WAY_WAS_RIGHT = 0.5


class _Read(NamedTuple):
    """One way to answer a check: what was found, and what was read in it."""

    check: Check
    answer: Answer | None = None
    got: Any = None
    note: str = "No answer was found."
    trouble: Unreadable | None = None
    fault: str | None = None

    @property
    def blank(self) -> bool:
        return self.got is None and self.trouble is None and self.fault is None


def grade(
    rubric: Rubric,
    submission: Submission,
    expected: Expected,
    *,
    only: Sequence[str] = (),
    runs: Mapping[tuple[str, str], Run] | None = None,
    sandbox: str = "none needed",
    memo: Memo | None = None,
) -> Report:
    """Grade a submission; `only` names the questions to grade (all where it is empty).

    `runs` holds what came of the code that checks asked for, by question id and field; `memo`
    what was graded before, by the same rubric and right values.
    """
    charged: frozenset[str] = frozenset()
    reports: list[QuestionReport] = []
    for question in rubric.questions:
        if only and question.id not in only:
            continue
        part = submission.parts.get(question.id)
        ran = {field: run for (name, field), run in (runs or {}).items() if name == question.id}
        if part is None or ran or memo is None:
            report = _grade_question(question, part, ran, expected, charged)
        else:
            report = _remembered(question, part, expected, charged, memo)
        charged |= _charges(report)
        reports.append(report)
    return Report(
        rubric=rubric,
        submission=submission,
        questions=tuple(reports),
        warnings=tuple(submission.warnings),
        faults=tuple(_faults(reports)),
        sandbox=sandbox,
    )


def _is_there(question: Question, part: Part | None) -> bool:
    """Return whether something was written that is more than "I cannot do this one"."""
    written = part.body.text if part is not None and part.body is not None else ""
    return len(written.split()) >= _SENTENCE and kinds.takes_text(question)


def _doubted(verdict: Verdict) -> Verdict:
    reason = "a text is there, but no answer was found in it"
    return verdict._replace(judgement=verdict.judgement._replace(review=1.0, reason=reason))


def _remembered(
    question: Question, part: Part, expected: Expected, charged: frozenset[str], memo: Memo
) -> QuestionReport:
    """Return the report on an answer that was graded before, or grade it and remember that."""
    report = memo.find(question, part, charged)
    if report is None:
        report = _grade_question(question, part, {}, expected, charged)
        memo.keep(question, part, charged, report)
    return report


def _grade_question(
    question: Question,
    part: Part | None,
    runs: Mapping[str, Run],
    expected: Expected,
    charged: frozenset[str],
) -> QuestionReport:
    ways = [_ways(check, question, part, runs) for check in question.checks]
    others = {
        (way.check.kind, way.check.field): way.got for each in ways for way in each if not way.blank
    }
    verdicts: list[Verdict] = []
    kept: Mapping[str, str] = {}
    for check, each in zip(question.checks, ways, strict=True):
        case = Case(check, question, others, charged, kept)
        answered = [way for way in each if way.check is check or not way.blank]
        verdict = _best(check, [_judge(way, expected, case) for way in answered])
        charged |= _charged_by(verdict)
        if verdict.judgement.keeps:
            kept = {**verdict.judgement.keeps, **kept}
        verdicts.append(verdict)
    verdicts = [_with_implied(verdict, verdicts) for verdict in verdicts]
    if _is_there(question, part) and all(each.outcome is Outcome.MISSING for each in verdicts):
        verdicts = [_doubted(verdict) for verdict in verdicts]
    return QuestionReport(
        question=question,
        outcome=_combined(verdicts),
        score=round(sum(verdict.score for verdict in verdicts), 4),
        verdicts=tuple(verdicts),
    )


def _ways(
    check: Check, question: Question, part: Part | None, runs: Mapping[str, Run]
) -> list[_Read]:
    """Read the answer as the check asks, and as each check that may stand in its place."""
    return [
        read
        for way in check.ways
        for read in _code_and_text(way, question, part, runs.get(way.field))
    ]


def _code_and_text(
    check: Check, question: Question, part: Part | None, run: Run | None
) -> list[_Read]:
    """Return what code returned and what was written: a function may bear a name by chance."""
    if run is None or kinds.of_code(check.kind) is None:
        return [_read(check, question, part)]
    written = _read(check, question, part)
    return [_observe(check, run), *([] if written.blank else [written])]


def _observe(check: Check, run: Run) -> _Read:
    """Take what code returned as the answer."""
    kind = kinds.of_code(check.kind)
    assert kind is not None, "only code is run"
    if run.fault is not None:
        return _Read(check, run.answer, fault=run.fault)
    try:
        got = kind.observe(run, check)
        if got is None and run.broken is not None and not run.blank:
            return _Read(check, run.broken, trouble=Unreadable(run.broken.trouble or ""))
        return _Read(check, run.answer, got, note=run.missing)
    except Exception as fault:  # a bug of ours: the answer is ungraded, never wrong
        return _Read(check, run.answer, fault=_said(check, fault))


def _read(check: Check, question: Question, part: Part | None) -> _Read:
    answer = part.answer(check.field) if part is not None else None
    if answer is None:
        return _Read(check)
    if answer.trouble is not None:
        return _Read(check, answer, trouble=Unreadable(answer.trouble))
    try:
        return _Read(check, answer, kinds.load(check.kind).read(answer, check, question))
    except Unreadable as trouble:
        return _Read(check, answer, trouble=trouble)
    except Exception as fault:  # a bug of ours: the answer is ungraded, never wrong
        return _Read(check, answer, fault=_said(check, fault))


def _judge(way: _Read, expected: Expected, case: Case) -> Verdict:
    kind, question = kinds.load(way.check.kind), case.question
    if way.blank and way.answer is None:
        return _missing(way, _shown_if_known(way.check, question, expected))
    try:
        want = expected.want(way.check, question)
        shown = kind.show(want)
    except ReferenceFault as fault:
        return _ungraded(way, f"the right answer could not be had: {fault}")
    except Exception as fault:  # a bug of ours, as above
        return _ungraded(way, _said(way.check, fault))
    if way.fault is not None:
        return _ungraded(way, way.fault)._replace(expected=shown)
    if way.trouble is not None:
        return _unreadable(way, way.trouble)._replace(expected=shown)
    if way.blank:
        return Verdict(
            way.check,
            Outcome.MISSING,
            0.0,
            Judgement(0.0, "No answer was found."),
            way.answer,
            shown,
        )
    try:
        judged = case if way.check is case.check else case._replace(check=way.check)
        judgement = kind.judge(way.got, want, judged)
    except Unreadable as trouble:
        return _unreadable(way, trouble)._replace(expected=shown)
    except ReferenceFault as fault:
        return _ungraded(way, str(fault))._replace(expected=shown)
    except Exception as fault:  # a bug of ours, as above
        return _ungraded(way, _said(way.check, fault))._replace(expected=shown)
    return _scored(way, judgement, shown)


def _missing(way: _Read, shown: str) -> Verdict:
    return Verdict(way.check, Outcome.MISSING, 0.0, Judgement(0.0, way.note), way.answer, shown)


def _shown_if_known(check: Check, question: Question, expected: Expected) -> str:
    """Return the right answer to a question that was left out: a fault in it costs nobody."""
    try:
        return kinds.load(check.kind).show(expected.want(check, question))
    except ReferenceFault:
        return ""


def _scored(way: _Read, judgement: Judgement, shown: str) -> Verdict:
    score = round(max(0.0, min(1.0, judgement.credit)) * way.check.points, 4)
    return Verdict(way.check, _outcome(judgement.credit), score, judgement, way.answer, shown)


def _outcome(credit: float) -> Outcome:
    if credit >= _FULL:
        return Outcome.CORRECT
    return Outcome.PARTIAL if credit > 0 else Outcome.WRONG


def _ungraded(way: _Read, fault: str) -> Verdict:
    judgement = Judgement(
        0.0,
        "This part was not graded, because something failed on the grader's side.",
        staff=fault,
        review=1.0,
        reason="not graded: a fault on the grader's side",
    )
    return Verdict(way.check, Outcome.UNGRADED, 0.0, judgement, way.answer)


def _unreadable(way: _Read, trouble: Unreadable) -> Verdict:
    judgement = Judgement(
        0.0,
        trouble.message + _caret(trouble),
        review=1.0,
        reason="the answer could not be read by the machine",
    )
    return Verdict(way.check, Outcome.UNREADABLE, 0.0, judgement, way.answer)


def _caret(trouble: Unreadable) -> str:
    """Return the line of the answer in which reading stopped, with a caret under the place."""
    if trouble.position is None or not trouble.text:
        return ""
    position = min(trouble.position, len(trouble.text))
    start = trouble.text.rfind("\n", 0, position) + 1
    end = trouble.text.find("\n", position)
    line = trouble.text[start : end if end >= 0 else None]
    column = position - start
    first = max(0, column - 40)
    return f"\n  {line[first : first + 72]}\n  {' ' * (column - first)}^"


def _best(check: Check, verdicts: Sequence[Verdict]) -> Verdict:
    """Return the verdict that counts: the best of the ways in which the check was answered."""
    if len(verdicts) == 1:
        return verdicts[0]
    answered = [
        verdict
        for verdict in verdicts
        if verdict.outcome is not Outcome.MISSING and not _is_read_as_words(verdict, verdicts[0])
    ]
    best = max(answered, key=_rank) if answered else verdicts[0]
    if best.check is check:
        return best
    return best._replace(check=best.check._replace(field=check.field, points=check.points))


def _is_read_as_words(verdict: Verdict, usual: Verdict) -> bool:
    """Return whether a text is looked at for words that was understood as what is asked."""
    understood = usual.outcome in (Outcome.CORRECT, Outcome.PARTIAL, Outcome.WRONG)
    words = verdict.check.kind == "text" and verdict.check is not usual.check
    return understood and words and verdict.answer == usual.answer


def _rank(verdict: Verdict) -> tuple[bool, bool, float, int]:
    """Put what is right first, then what is right in another convention, then by the marks."""
    right, convention = verdict.outcome is Outcome.CORRECT, bool(verdict.judgement.keeps)
    order = [Outcome.UNREADABLE, Outcome.WRONG, Outcome.UNGRADED, Outcome.PARTIAL, Outcome.CORRECT]
    return right, convention, verdict.score, order.index(verdict.outcome)


def _with_implied(verdict: Verdict, verdicts: Sequence[Verdict]) -> Verdict:
    """Give a check in full where another check's right answer implies it (working by a value)."""
    field = verdict.check.options.get("implied_by")
    if field is None or verdict.outcome is Outcome.UNGRADED:
        return verdict
    source = next(
        (each for each in verdicts if each.check.field == field and each is not verdict), None
    )
    if source is None or not _shows_the_way(source):
        return verdict
    judgement = Judgement(1.0, evidence=verdict.judgement.evidence or f"implied by '{field}'")
    return verdict._replace(
        outcome=Outcome.CORRECT, score=verdict.check.points, judgement=judgement
    )


def _shows_the_way(verdict: Verdict) -> bool:
    if verdict.outcome is Outcome.CORRECT:
        return True
    return bool(verdict.judgement.mistakes) and verdict.judgement.credit >= _WAY_WAS_RIGHT


def _combined(verdicts: Sequence[Verdict]) -> Outcome:
    """Return the outcome of a question from those of its checks."""
    outcomes = [verdict.outcome for verdict in verdicts]
    if Outcome.UNGRADED in outcomes:
        return Outcome.UNGRADED
    if outcomes.count(outcomes[0]) == len(outcomes):
        return outcomes[0]
    if sum(verdict.score for verdict in verdicts) > 0:
        return Outcome.PARTIAL
    return Outcome.UNREADABLE if Outcome.UNREADABLE in outcomes else Outcome.WRONG


def _charges(report: QuestionReport) -> frozenset[str]:
    return frozenset().union(*(_charged_by(verdict) for verdict in report.verdicts))


def _charged_by(verdict: Verdict) -> frozenset[str]:
    """Return the `once` names of the slips that cost nothing after this verdict.

    They cost something here, or they are a convention that was stated here.
    """
    judgement = verdict.judgement
    if not judgement.mistakes:
        return frozenset(judgement.excuses)
    once = {mistake.id: mistake.once for mistake in verdict.check.mistakes}
    return frozenset(judgement.excuses).union(
        name
        for found in judgement.mistakes
        if found.charged and (name := once.get(found.id)) is not None
    )


def _faults(reports: Sequence[QuestionReport]) -> list[str]:
    return [
        f"{report.question.id}: {verdict.judgement.staff}"
        for report in reports
        for verdict in report.verdicts
        if verdict.outcome is Outcome.UNGRADED
    ]


def _said(check: Check, fault: Exception) -> str:
    return f"the kind '{check.kind}' failed: {type(fault).__name__}: {fault}"
