"""Grading gives each answer its outcome, charges a slip once, and never blames a student for us."""

from pathlib import Path

import pytest

from grader import desk, grading
from grader import rubric as rubrics
from grader.course import Course
from grader.expected import Expected
from grader.kinds import Run
from grader.model import Answer, Outcome, Part, Place, Submission

RUBRIC = """\
id: quiz
title: Quiz
questions:
  - id: q1
    title: Half of seven
    prompt: Halve 7.
    checks:
      - number: {expect: halves.half, points: 1.5, field: value}
        mistakes:
          - {id: whole, value: 7, cost: 0.5, once: not-halved, say: "It was not halved."}
          - {id: doubled, value: 14, credit: 0, say: "It was doubled."}
      - text:
          field: value
          points: 1
          implied_by: value
          criteria: [{id: divides, points: 1, say: "Show the division.", any: [divide*|halve*]}]
          model_answer: I divide 7 by 2.
    given: {x: 7}
  - id: q2
    title: Half of nine
    prompt: Halve 9.
    checks:
      - number: {expect: halves.half, points: 2, field: value}
        mistakes:
          - {id: whole, value: 9, cost: 0.5, once: not-halved, say: "It was not halved."}
    given: {x: 9}
  - id: q3
    title: Broken
    prompt: What happens?
    checks:
      - number: {expect: halves.broken, points: 1}
      - number: {value: 1, points: 1, field: other}
  - id: q4
    title: Code
    prompt: Write half(x).
    checks:
      - number: {value: 3, points: 1, field: value}
        instead:
          - function: {name: half, inputs: [{x: 7}, {x: 3}], expect: halves.half}
"""
REFERENCE = """\
def half(*, x):
    return x / 2


def broken():
    raise ValueError("no such thing")
"""


@pytest.fixture
def graded(tmp_path: Path):
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "halves.py").write_text(REFERENCE)
    rubric = rubrics.parse(RUBRIC, "quiz.yaml")
    course = Course(tmp_path / "quiz.yaml", (tmp_path / "reference",))

    def grade(runs: dict | None = None, **answers: str | Answer):
        parts = {
            name: Part(
                text if isinstance(text, Answer) else Answer(text, text, Place("answers.md", 3))
            )
            for name, text in answers.items()
        }
        submission = Submission("s", parts)
        return grading.grade(rubric, submission, Expected(rubric, course), runs=runs)

    return grade


def question(report, name: str):
    return next(each for each in report.questions if each.question.id == name)


def test_a_right_value_implies_its_working(graded):
    """A bare right number earns the working's marks, too."""
    assert question(graded(q1="3.5"), "q1").score == 2.5


def test_a_named_slip_leaves_the_working(graded):
    """A slip that shows the right way costs its own points only."""
    report = question(graded(q1="7"), "q1")
    assert (report.score, report.outcome) == (2.0, Outcome.PARTIAL)


def test_working_earns_its_part_where_the_value_is_wrong(graded):
    """A wrong number beside the right working is not worth nothing."""
    assert question(graded(q1="I divide by two: 14"), "q1").score == 1


def test_a_slip_is_charged_once(graded):
    """The same slip in a later question is named, but costs nothing more."""
    report = graded(q1="7", q2="9")
    verdict = question(report, "q2").verdicts[0]
    assert question(report, "q2").score == 2
    assert [(each.id, each.charged) for each in verdict.judgement.mistakes] == [("whole", False)]


def test_a_slip_in_the_later_question_alone_is_charged_there(graded):
    """Who slips only later pays only there."""
    report = graded(q1="3.5", q2="9")
    assert question(report, "q2").score == 1.5


def test_nothing_found_is_missing(graded):
    """An answer that is not there is missing, and nobody needs to review it."""
    report = graded()
    assert question(report, "q2").outcome is Outcome.MISSING
    assert question(report, "q2").verdicts[0].judgement.review == 0


def test_a_broken_reference_costs_nothing_where_nothing_was_answered(graded):
    """A question that was left out is missing, whatever its reference does."""
    report = graded()
    assert question(report, "q3").outcome is Outcome.MISSING
    assert report.complete


def test_what_cannot_be_read_goes_to_a_person(graded):
    """An unreadable answer has no marks yet, says where reading stopped, and awaits review."""
    verdict = question(graded(q2="the cat"), "q2").verdicts[0]
    assert verdict.outcome is Outcome.UNREADABLE
    assert verdict.judgement.review == 1


def test_trouble_with_the_file_is_told(graded):
    """What the reader could not get out of a file makes its questions unreadable."""
    broken = Answer(None, "", Place("answers.yaml", 7), trouble="line 7: a quote is never closed")
    verdict = question(graded(q2=broken), "q2").verdicts[0]
    assert verdict.outcome is Outcome.UNREADABLE
    assert "never closed" in verdict.judgement.say


def test_a_fault_of_the_reference_is_no_zero(graded):
    """Where the right answer cannot be had, the question is ungraded and the report incomplete."""
    report = graded(q3="1")
    assert question(report, "q3").outcome is Outcome.UNGRADED
    assert not report.complete
    assert "no such thing" in report.faults[0]
    assert "no such thing" not in question(report, "q3").verdicts[0].judgement.say


def test_a_fault_of_the_wall_is_no_zero(graded):
    """Code that could not be run is ungraded, with the remedy for staff."""
    report = graded(runs={("q4", "value"): Run((), fault="no wall here")})
    assert question(report, "q4").outcome is Outcome.UNGRADED
    assert "no wall here" in report.faults[-1]


def test_the_best_way_of_answering_counts(graded):
    """A right number counts although the code that may stand in its place is not there."""
    assert question(graded(q4="3"), "q4").outcome is Outcome.CORRECT


def test_the_same_inputs_give_the_same_report(graded):
    """Grading is a function of what goes in."""
    assert graded(q1="7", q2="9").questions == graded(q1="7", q2="9").questions


@pytest.mark.parametrize(
    "text",
    ["sum (a_i - y_i) x_i^T", "dL/dW is (a - y) multiplied by x^T"],
)
def test_what_only_comparing_shows_to_be_unclear_is_the_students(text: str):
    """Words beside a formula that may change it: unreadable or right, but never a fault of ours."""

    with desk.set_up("ie8990-midterm") as at:
        report = at.grade_text(f"## q7\n\n{text}\n", ["q7"])
    assert report.complete
    assert report.questions[0].outcome in (Outcome.UNREADABLE, Outcome.CORRECT)


def test_a_convention_that_was_stated_costs_nothing_later(tmp_path: Path):
    """Who states the base of the logarithm once need not say it again in the next part."""
    rubric = """\
id: quiz
title: Quiz
questions:
"""
    for name in ("q1", "q2"):
        rubric += f"""\
  - id: {name}
    title: A logarithm
    prompt: Take the logarithm of 100.
    checks:
      - number: {{value: ln 100, points: 2, field: value, log: natural}}
        mistakes:
          - {{id: log-base-10, value: 2, cost: 1, once: base, unless_stated: base-10, say: B}}
"""
    (tmp_path / "quiz.yaml").write_text(rubric)
    with desk.set_up(str(tmp_path / "quiz.yaml")) as at:
        stated = at.grade_text("## q1\n\nlog10(100) = 2\n\n## q2\n\n2\n")
        silent = at.grade_text("## q1\n\nln(100) = 4.605\n\n## q2\n\n2\n")
        fraction = at.grade_text("## q1\n\n-log10(1/100) = 2\n")
    assert [question.score for question in stated.questions] == [2.0, 2.0]
    assert [question.score for question in silent.questions] == [2.0, 1.0]
    assert fraction.questions[0].score == 2.0


def test_a_text_in_which_no_answer_was_found_is_looked_at():
    """Updates told in words are an answer, though no formula."""
    text = "Subtract the step size times the gradient from W, and for b the same."
    with desk.set_up("cie6032-homework1") as at:
        told, unknown = (
            at.grade_text(f"## p3.2\n\n{each}\n", ["p3.2"]).questions[0]
            for each in (text, "I don't know.")
        )
    assert told.outcome is Outcome.UNREADABLE
    assert all(each.judgement.review == 1 for each in told.verdicts)
    assert all(each.judgement.review == 0 for each in unknown.verdicts)


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("W2, because the sigmoid saturates", 5),
        ("W2 because sigmoid saturates", 5),
        ("W2: the sigmoid's derivative is at most 1/4, that of ReLU is 1", 5),
        ("W2, since W2 has the sigmoid, which saturates", 2),
    ],
)
def test_the_verdict_is_no_part_of_the_reason(text: str, score: float):
    """The matrix is named, then the other branch's weakness: nothing is contradicted."""
    with desk.set_up("cie6032-homework1") as at:
        report = at.grade_text(f"## p3.5\n\n{text}\n", ["p3.5"])
    assert report.score == score
