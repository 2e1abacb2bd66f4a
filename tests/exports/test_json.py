"""The report for programs."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from grader import __version__, exports
from grader.model import Judgement, Recognised
from tests.exports import samples
from tests.exports.samples import answer, check, question, report, verdict

json_export = exports.load("json")

SCHEMA = json.loads(
    (Path(exports.__file__).parent / "report.schema.json").read_text(encoding="utf-8")
)

GOLDEN = """\
{
  "schema": 1,
  "rubric": "ie8990-midterm",
  "title": "Deep learning midterm",
  "submission": "student001",
  "score": 2.0,
  "max_score": 2.5,
  "review_points": 0.5,
  "complete": true,
  "grader": "%s",
  "rubric_digest": "7f3a91",
  "submission_digest": "b81c04",
  "sandbox": "none needed",
  "warnings": [
    "two answers to q2.a",
    "left alone: scan.pdf"
  ],
  "questions": [
    {
      "id": "q2.a",
      "title": "Cross-entropy of one sample",
      "score": 2.0,
      "max_score": 2.5,
      "outcome": "partial",
      "answer": "1 ŷ",
      "expected": %s,
      "where": {
        "file": "answers.md",
        "line": 41
      },
      "feedback": "You used the base-10 logarithm.",
      "mistakes": [
        {
          "id": "log-base-10",
          "say": "You used the base-10 logarithm."
        }
      ],
      "needs_review": true,
      "review_reason": "two numbers stand there",
      "checks": [
        {
          "kind": "number",
          "field": "value",
          "score": 2.0,
          "max_score": 2.5,
          "outcome": "partial",
          "feedback": "You used the base-10 logarithm.",
          "evidence": "1"
        }
      ]
    }
  ]
}
"""


def one_question():
    """Return the report that the golden text shows."""
    say = "You used the base-10 logarithm."
    judged = Judgement(
        0.8,
        say=say,
        mistakes=[Recognised("log-base-10", say)],
        evidence="1",
        review=0.2,
        reason="two numbers stand there",
    )
    asked = verdict(check("number", "value", 2.5), judged, answer("1 ŷ", 41), "2.302585")
    return report(
        [question("q2.a", "Cross-entropy of one sample", asked)],
        files=["answers.md", "scan.pdf"],
        warnings=["two answers to q2.a"],
    )


@pytest.mark.parametrize(("audience", "expected"), [("staff", '"2.302585"'), ("student", "null")])
def test_the_report_has_the_shape_that_programs_rely_on(audience, expected):
    """Keys, their order, and plain numbers; a student's report keeps the key of what it hides."""
    assert json_export.report(one_question(), audience) == GOLDEN % (__version__, expected)


@pytest.mark.parametrize("audience", ["student", "staff"])
@pytest.mark.parametrize("sample", ["midterm", "blank", "incomplete", "hostile"])
def test_every_report_obeys_the_schema(sample, audience):
    """The JSON Schema beside the export describes whatever it writes."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    document = json.loads(json_export.report(getattr(samples, sample)(), audience))
    jsonschema.Draft202012Validator(SCHEMA).validate(document)


def test_the_schema_refuses_what_the_contract_does_not_name():
    """An unknown outcome, a lacking key and a further key are all noticed."""
    good = json.loads(json_export.report(one_question(), "staff"))
    asked = good["questions"][0]
    for broken in (
        {**good, "questions": [{**asked, "outcome": "failed"}]},
        {**good, "questions": [{key: asked[key] for key in asked if key != "expected"}]},
        {**good, "grade": "A"},
        {**good, "score": "2"},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(SCHEMA).validate(broken)


def test_a_staff_note_stands_with_the_evidence():
    """The contract has no key for it, so it follows the evidence, for staff only."""
    noted = verdict(
        check("number", "value", 1), Judgement(1, evidence="seen", staff="noted"), answer("1")
    )
    graded = report([question("q1", "", noted)])
    for audience, evidence in (("staff", "seen\nnoted"), ("student", "seen")):
        [asked] = json.loads(json_export.report(graded, audience))["questions"]
        assert asked["checks"][0]["evidence"] == evidence


def test_staff_read_faults_among_the_warnings():
    """A fault on the grader's side is named for staff; students read that it is not complete."""
    staff = json.loads(json_export.report(samples.incomplete(), "staff"))
    student = json.loads(json_export.report(samples.incomplete(), "student"))
    assert staff["warnings"][0].startswith("losses.cross_entropy")
    assert student["warnings"] == ["answers.md: not UTF-8"]
    assert staff["complete"] is student["complete"] is False


def test_a_number_that_is_none_is_an_error_and_never_a_literal():
    """A score of NaN is a fault of ours: it raises, and no program ever reads `NaN`."""
    for odd in (float("nan"), float("inf")):
        graded = report(
            [question("q1", "", verdict(check("text", "a", 1), Judgement(odd), answer("x")))]
        )
        with pytest.raises(ValueError, match="not JSON compliant"):
            json_export.report(graded, "staff")


def test_a_minus_zero_is_a_zero():
    """A credit of -0.0 does not reach programs with its sign."""
    graded = report(
        [question("q1", "", verdict(check("text", "a", 1), Judgement(-0.0), answer("x")))]
    )
    assert "-0" not in json_export.report(graded, "staff")


def test_a_hostile_report_stays_small():
    """Megabytes of answer become kilobytes of report, and half a surrogate pair is no obstacle."""
    written = json_export.report(samples.hostile(), "staff")
    assert len(written.encode("utf-8")) < 40_000
    assert "<U+D800>" in written
    assert "\\u001b" not in written


def test_an_absent_answer_is_null():
    """No answer is not an empty answer."""
    [first, *_] = json.loads(json_export.report(samples.blank(), "staff"))["questions"]
    assert first["answer"] is None
    assert first["where"] is None
    assert first["outcome"] == "missing"


def test_reference_answers_name_what_could_not_be_had():
    """A fault has its sentence, and no answer beside it."""
    document = json.loads(json_export.answers(*samples.references()))
    [_, quadratic, _] = document["questions"]
    assert quadratic["answers"][0]["answer"] == "[[-99, 0],\n [  0, 0]]"
    assert quadratic["answers"][2] == {
        "kind": "array",
        "field": "c",
        "points": 1.0,
        "answer": None,
        "fault": "quadratic.form is not there",
    }
