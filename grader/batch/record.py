"""A report as a journal keeps it, and back: everything that any reader of it may want to see."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
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


def bounded(report: Report) -> Report:
    """Return a report with as much of each answer as is kept."""
    return report._replace(questions=tuple(map(_bounded, report.questions)))


def _bounded(question: QuestionReport) -> QuestionReport:
    answers = [each.answer.text for each in question.verdicts if each.answer is not None]
    if not answers or max(map(len, answers)) <= _MOST_CHARACTERS:
        return question
    verdicts = [
        each._replace(answer=each.answer._replace(text=each.answer.text[:_MOST_CHARACTERS]))
        if each.answer is not None
        else each
        for each in question.verdicts
    ]
    return question._replace(verdicts=tuple(verdicts))


# A class has many records, and `json.dumps` would need each as dictionaries first, and twice the
# time.


def text(report: Report) -> bytes:
    """Return a bounded report as JSON; the rubric is not repeated."""
    submission = report.submission
    places = {
        answer.place.file
        for part in submission.parts.values()
        for answer in (part.body, *part.fields.values())
        if answer is not None
    }
    read = sorted(places | {source.name for source in submission.code})
    questions = ",".join(
        [f"{_text(each.question.id)}:{_question(each)}" for each in report.questions]
    )
    told = (
        f'{{"questions":{{{questions}}},"warnings":{_texts(report.warnings)},'
        f'"sandbox":{_text(report.sandbox)},"digest":{_text(submission.digest)},'
        f'"files":{_texts(submission.files)},"read":{_texts(read)}}}'
    )
    return told.encode()


_text = json.encoder.encode_basestring_ascii

# There are few different ones; `typed` because 1.0, 1 and true are one key.
_scalar = lru_cache(maxsize=1_000, typed=True)(json.JSONEncoder(allow_nan=False).encode)


def _texts(texts: Iterable[str]) -> str:
    return f"[{','.join(map(_text, texts))}]"


def _question(report: QuestionReport) -> str:
    verdicts = ",".join(map(_verdict, report.verdicts))
    return (
        f'{{"outcome":"{report.outcome}","score":{_scalar(report.score)},"verdicts":[{verdicts}]}}'
    )


def _verdict(verdict: Verdict) -> str:
    check, answer = verdict.check, verdict.answer
    where = "null"
    if answer is not None:
        line = _scalar(answer.place.line)
        where = f"[{_text(answer.text)},{_text(answer.place.file)},{line}]"
    return (
        f'{{"check":[{_text(check.kind)},{_text(check.field)},{_scalar(check.points)}],'
        f'"outcome":"{verdict.outcome}","score":{_scalar(verdict.score)},'
        f'"judgement":{_judgement(verdict.judgement)},"answer":{where},'
        f'"expected":{_text(verdict.expected)}}}'
    )


def _judgement(judgement: Judgement) -> str:
    """Return what there is of a judgement."""
    told = [
        f'"{name}":{_text(said)}'
        for name, said in (
            ("say", judgement.say),
            ("staff", judgement.staff),
            ("evidence", judgement.evidence),
            ("reason", judgement.reason),
        )
        if said
    ]
    if judgement.credit:
        told.append(f'"credit":{_scalar(judgement.credit)}')
    if judgement.review:
        told.append(f'"review":{_scalar(judgement.review)}')
    if judgement.mistakes:
        mistakes = [
            f"[{_text(each.id)},{_text(each.say)},{_scalar(each.charged)}]"
            for each in judgement.mistakes
        ]
        told.append(f'"mistakes":[{",".join(mistakes)}]')
    return f"{{{','.join(told)}}}"


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
