"""The numbers of a class, computed a second way."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.batch import summary
from grader.batch.statistics import Tally
from grader.model import Question, Rubric

RUBRIC = Rubric(
    "exam",
    "An exam",
    (Question("q1", "One", "", 4.0, ()), Question("q2", "Two", "", 6.0, ())),
    "exam.yaml",
    "d",
)


def tally(scores: list[tuple[float, float]]) -> Tally:
    counted = Tally(RUBRIC)
    for one, two in scores:
        counted.add(
            "graded",
            {"q1": [one, 0, "partial", {"slip": "A slip."}, ""], "q2": [two, 0, "wrong", {}, ""]},
        )
    return counted


marks = st.tuples(st.integers(0, 8).map(lambda n: n / 2), st.integers(0, 12).map(lambda n: n / 2))


@given(st.lists(marks, min_size=2, max_size=30))
def test_mean_median_and_spread_are_those_of_the_library(scores):
    """As Python's own statistics computes them."""
    told = tally(scores).summary()
    totals = [one + two for one, two in scores]
    assert told["mean"] == pytest.approx(statistics.mean(totals), abs=1e-4)
    assert told["median"] == pytest.approx(statistics.median(totals), abs=1e-4)
    assert told["standard_deviation"] == pytest.approx(statistics.stdev(totals), abs=1e-4)
    assert sum(each["count"] for each in told["histogram"]) == len(scores)


@given(st.lists(marks, min_size=2, max_size=30))
def test_discrimination_is_the_correlation_with_the_other_questions(scores):
    """Of two questions each goes with the other: one number, and none where nothing varies."""
    told = tally(scores).summary()["questions"]
    first, second = (list(each) for each in zip(*scores, strict=True))
    if len(set(first)) == 1 or len(set(second)) == 1:
        assert told[0]["discrimination"] is None
    else:
        want = statistics.correlation(first, second)
        assert told[0]["discrimination"] == pytest.approx(want, abs=1e-4)
        assert told[1]["discrimination"] == pytest.approx(want, abs=1e-4)


def test_difficulty_is_the_share_of_the_marks_that_was_had():
    """Half of four marks is one half."""
    told = tally([(4.0, 6.0), (0.0, 3.0)]).summary()["questions"]
    assert (told[0]["difficulty"], told[1]["difficulty"]) == (0.5, 0.75)


def test_full_marks_are_in_the_last_bin_and_none_in_the_first():
    """A hundred per cent is not beyond the histogram, and thirty is in its fourth bin."""
    told = tally([(4.0, 6.0), (0.0, 0.0), (0.0, 3.0)]).summary()["histogram"]
    assert [each["count"] for each in told] == [1, 0, 0, 1, 0, 0, 0, 0, 0, 1]


def test_those_who_are_not_graded_are_counted_and_not_averaged():
    """Missing, failed and unknown submissions change no mean."""
    counted = tally([(4.0, 6.0)])
    for status in ("missing", "failed", "extra", "incomplete"):
        counted.add(status, {"q1": [0, 0, "missing", {}, ""]})
    told = counted.summary()
    assert (told["students"], told["graded"], told["mean"]) == (5, 1, 10.0)


def test_nobody_at_all_is_no_error():
    """An empty class has no mean."""
    told = Tally(RUBRIC).summary()
    assert told["mean"] is None
    document = summary.document(told, {"rubric": "exam", "title": "An exam"}, [], [])
    assert summary.text(document).startswith("An exam (exam)")


def test_the_commonest_mistakes_are_told_with_their_counts():
    """'3 of 3' and the sentence that says what it was."""
    told = tally([(1.0, 2.0)] * 3).summary()
    document = summary.document(told, {"rubric": "exam", "title": "An exam"}, [], [])
    assert "3 of 3  q1 slip: A slip." in summary.text(document)


@pytest.mark.parametrize(
    ("scores", "outcome", "review", "is_told"),
    [
        ([0.0] * 5, "wrong", 0, True),
        ([0.0] * 4, "wrong", 0, False),
        ([0.0] * 5 + [0.5], "wrong", 0, False),
        ([0.0] * 5, "missing", 0, False),
        ([0.0] * 5, "wrong", 6.0, False),
    ],
)
def test_a_question_that_nobody_solved_is_pointed_at(scores, outcome, review, is_told):
    """Where all who answered are wrong, the rubric may be; a blank or a doubt says nothing."""
    counted = Tally(RUBRIC)
    for score in scores:
        about = {"q1": [4.0, 0, "correct", {}, ""], "q2": [score, review, outcome, {}, ""]}
        counted.add("graded", about)
    document = summary.document(counted.summary(), {"rubric": "exam", "title": "An exam"}, [], [])
    assert ("Nobody solved q2" in summary.text(document)) is is_told
    assert "Nobody solved q1" not in summary.text(document)
