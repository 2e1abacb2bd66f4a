"""An assignment of another course, made by the documentation alone, needs nothing of the grader."""

from pathlib import Path

import pytest

from grader import desk, lint
from grader.model import Outcome, Report

EXAMPLE = Path(__file__).parent / "example"
RUBRIC = str(EXAMPLE / "rubrics" / "regression.yaml")


@pytest.fixture(scope="module")
def at():
    with desk.set_up(RUBRIC) as example:
        yield example


def scores(report: Report) -> dict[str, float]:
    assert report.complete, report.faults
    return {question.question.id: question.score for question in report.questions}


def mistakes(report: Report) -> dict[str, list[str]]:
    return {
        question.question.id: [
            each.id for verdict in question.verdicts for each in verdict.judgement.mistakes
        ]
        for question in report.questions
    }


def test_the_rubric_is_fair():
    """Regression, k-means, scores, sizes, a fraction and code: lint has nothing to say."""
    assert lint.lint(RUBRIC).found == []


def test_a_right_submission_has_full_marks(at):
    """Worked out by hand: w = (6/5, 36/35), centroids (2, 1) and (11/3, 10/3), P = 10/109."""
    report = at.grade(EXAMPLE / "submissions" / "right")
    wrong = [each.question.id for each in report.questions if each.outcome is not Outcome.CORRECT]
    assert (report.score, wrong) == (40, [])


WRONG = {
    "q1.a": (1.2, ["ones-forgotten"]),
    "q1.b": (2, ["regularisation-missing"]),
    "q1.c": (2.8, ["regularisation-halved"]),
    "q1.d": (0.9, ["regularisation-missing"]),
    "q2.a": (3.6, ["counted-from-zero"]),
    "q2.b": (1.5, ["old-centre-counted", "old-centre-counted"]),
    "q3.a": (1.8, ["transposed"]),
    "q3.b": (1.5, ["exchanged", "exchanged", "arithmetic-mean"]),
    "q4": (2, ["padding-forgotten"]),
    "q5": (0.6, ["base-rate-ignored"]),
    "q6": (0.9, ["regularisation-missing"]),
    "q7": (0, []),
}


def test_a_wrong_submission_is_told_each_mistake(at):
    """Each answer is wrong in a way that the rubric names, and keeps what that leaves."""
    report = at.grade(EXAMPLE / "submissions" / "wrong")
    found = {id_: (scores(report)[id_], mistakes(report)[id_]) for id_ in WRONG}
    assert found == {id_: (pytest.approx(score), ids) for id_, (score, ids) in WRONG.items()}


@pytest.mark.parametrize(
    "answer", ["10/109", "0.0917", "9.17 %", r"\frac{10}{109}", "90/981", "0,0917"]
)
def test_a_probability_may_be_a_fraction_or_a_share(at, answer: str):
    """The fraction need not be in lowest terms."""
    report = at.grade_text(f"## q5\n\nP = {answer}\n", only=["q5"])
    assert scores(report)["q5"] == 3


@pytest.mark.parametrize(
    "answer",
    [
        "28, 14, 7",
        "| conv1 | 28 |\n|---|---|\n| pool1 | 14 |\n| conv2 | 7 |",
        "conv1 -> 28, pool1 -> 14, conv2 -> 7",
    ],
)
def test_sizes_may_be_written_as_people_do(at, answer: str):
    """In a row, in a table, or with arrows."""
    report = at.grade_text(f"## q4\n\n{answer}\n", only=["q4"])
    assert scores(report)["q4"] == 3
