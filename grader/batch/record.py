"""A report as a journal keeps it, and back: everything that any reader of it may want to see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from grader.model import (
    Answer,
    Check,
    Judgement,
    Outcome,
    Part,
    Place,
    Question,
    QuestionReport,
    Recognised,
    Report,
    Rubric,
    SourceFile,
    Submission,
    Verdict,
)

# Far more of an answer than any report repeats.
_MOST_CHARACTERS = 100_000


def of(report: Report) -> dict[str, Any]:
    """Return a report as plain values; the rubric is not repeated."""
    submission = report.submission
    places = {
        answer.place.file
        for part in submission.parts.values()
        for answer in (part.body, *part.fields.values())
        if answer is not None
    }
    return {
        "questions": {each.question.id: _question(each) for each in report.questions},
        "warnings": list(report.warnings),
        "sandbox": report.sandbox,
        "digest": submission.digest,
        "files": list(submission.files),
        "read": sorted(places | {source.name for source in submission.code}),
    }


def _question(report: QuestionReport) -> dict[str, Any]:
    return {
        "outcome": report.outcome.value,
        "score": report.score,
        "verdicts": [_verdict(verdict) for verdict in report.verdicts],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    check, judgement = verdict.check, verdict.judgement
    told = {
        "credit": judgement.credit,
        "say": judgement.say,
        "staff": judgement.staff,
        "evidence": judgement.evidence,
        "review": judgement.review,
        "reason": judgement.reason,
        "mistakes": [[each.id, each.say, each.charged] for each in judgement.mistakes],
    }
    return {
        "check": [check.kind, check.field, check.points],
        "outcome": verdict.outcome.value,
        "score": verdict.score,
        "judgement": {key: item for key, item in told.items() if item},
        "answer": _answer(verdict.answer),
        "expected": verdict.expected,
    }


def _answer(answer: Answer | None) -> list[Any] | None:
    if answer is None:
        return None
    return [answer.text[:_MOST_CHARACTERS], answer.place.file, answer.place.line]


def report(record: Mapping[str, Any], rubric: Rubric, name: str) -> Report:
    """Return the report that a record was made of, as the submission called `name`."""
    asked = {question.id: question for question in rubric.questions}
    kept = record["questions"]
    questions = [
        _question_report(asked[question.id], kept[question.id])
        for question in rubric.questions
        if question.id in kept
    ]
    parts = {
        str(number): Part(body=Answer(None, "", Place(file)))
        for number, file in enumerate(record["read"])
    }
    code = [SourceFile(file, b"") for file in record["read"]]
    return Report(
        rubric=rubric,
        submission=Submission(name, parts, code, tuple(record["files"]), digest=record["digest"]),
        questions=tuple(questions),
        warnings=tuple(record["warnings"]),
        faults=tuple(_faults(questions)),
        sandbox=record["sandbox"],
    )


def _question_report(question: Question, kept: Mapping[str, Any]) -> QuestionReport:
    verdicts = tuple(_restored(each) for each in kept["verdicts"])
    return QuestionReport(question, Outcome(kept["outcome"]), kept["score"], verdicts)


def _restored(kept: Mapping[str, Any]) -> Verdict:
    kind, field, points = kept["check"]
    told = dict(kept["judgement"])
    mistakes = tuple(Recognised(*each) for each in told.pop("mistakes", ()))
    answer = kept["answer"]
    return Verdict(
        check=Check(kind, field, points, options={}),
        outcome=Outcome(kept["outcome"]),
        score=kept["score"],
        judgement=Judgement(**{"credit": 0.0, **told}, mistakes=mistakes),
        answer=Answer(None, answer[0], Place(answer[1], answer[2])) if answer else None,
        expected=kept["expected"],
    )


def _faults(questions: Sequence[QuestionReport]) -> list[str]:
    return [
        f"{report.question.id}: {verdict.judgement.staff}"
        for report in questions
        for verdict in report.verdicts
        if verdict.outcome is Outcome.UNGRADED
    ]


def merged(kept: Mapping[str, Any], fresh: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fresh record with the kept results of the questions that it leaves out."""
    questions = {**kept["questions"], **fresh["questions"]}
    warnings = list(dict.fromkeys([*fresh["warnings"], *kept["warnings"]]))
    ran = [each["sandbox"] for each in (fresh, kept) if each["sandbox"] != "none needed"]
    sandbox = ran[0] if ran else fresh["sandbox"]
    return {**fresh, "questions": questions, "warnings": warnings, "sandbox": sandbox}
