"""A report as a journal keeps it: what comes back reads as what went in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from grader import desk
from grader.batch import record
from grader.exports import _reading
from grader.model import Judgement, Report
from tests.exports import samples
from tests.exports.samples import answer, check, question, report, verdict

SUBMISSIONS = Path(__file__).resolve().parents[1] / "submissions" / "midterm"


def long() -> Report:
    """Return a report on an answer that is longer than what is kept."""
    got = answer("x" * 300_000)
    return report([question("q1", "", verdict(check("text", "value", 1), Judgement(0.5), got))])


def chaotic() -> Report:
    """Return what grading makes of a bundled submission."""
    with desk.set_up("ie8990-midterm") as at:
        return at.grade(SUBMISSIONS / "chaotic")


@pytest.mark.parametrize(
    "made", [samples.midterm, samples.full_midterm, samples.blank, samples.hostile, long, chaotic]
)
def test_a_report_from_the_journal_reads_as_the_one_that_was_graded(
    made: Callable[[], Report],
):
    """Students and staff read the same, whether their pages are written now or in a later run."""
    graded = record.bounded(made())
    kept = json.loads(record.text(graded))
    back = record.report(kept, graded.rubric, graded.submission.name)
    audiences: list[_reading.Audience] = ["student", "staff"]
    assert _reading.each(back, audiences) == _reading.each(graded, audiences)
    assert record.text(back) == record.text(graded)


def test_a_record_is_one_line_without_a_tab():
    """The journal tells its lines and their parts by them."""
    kept = record.text(samples.hostile())
    assert b"\n" not in kept
    assert b"\t" not in kept
