"""What was judged before is judged alike, wherever it stands and whoever wrote it."""

from pathlib import Path

import pytest

from grader import desk, grading, intake
from grader.memo import Memo
from grader.model import Answer, Judgement, Outcome, Part, Place, Question, QuestionReport, Verdict
from tests.benchmarks import classes

QUESTION = Question("q", "A question", "What?", 1.0, ())


def part(text: str, line: int = 1, **fields: str) -> Part:
    """Return an answer with its fields on the lines below it."""
    below = {
        name: Answer(typed, typed, Place("a.md", line + number))
        for number, (name, typed) in enumerate(fields.items(), 1)
    }
    return Part(Answer(text, text, Place("a.md", line)), below)


def report(answer: Answer | None, outcome: Outcome = Outcome.CORRECT) -> QuestionReport:
    verdict = Verdict(None, outcome, 1.0, Judgement(1.0), answer)
    return QuestionReport(QUESTION, outcome, 1.0, (verdict,))


def kept(found: Part, outcome: Outcome = Outcome.CORRECT) -> Memo:
    """Return a memo that holds a report on the last answer of a part."""
    memo = Memo()
    memo.keep(
        QUESTION, found, frozenset(), report([found.body, *found.fields.values()][-1], outcome)
    )
    return memo


@pytest.fixture(scope="module")
def sheets(tmp_path_factory) -> list[Path]:
    """A class whose answers repeat, for the questions have few wrong ones."""
    folder = tmp_path_factory.mktemp("class")
    _, handed = classes.make(folder, 60, "mixed", seed=7)
    return sorted(handed.iterdir())


def test_a_class_is_graded_as_each_of_it_alone(sheets):
    """With what was graded before or without it: not a letter of a report differs."""
    with desk.set_up("ie8990-midterm") as at:
        for path in sheets:
            handed = intake.receive(path, at.rubric)
            alone = grading.grade(at.rubric, handed, at.expected)
            assert grading.grade(at.rubric, handed, at.expected, memo=at.memo) == alone


def test_the_same_answer_is_not_judged_twice(sheets, monkeypatch):
    """The second sight of a sheet calls no kind at all."""
    with desk.set_up("ie8990-midterm") as at:
        first = at.grade(sheets[0])
        monkeypatch.setattr("grader.grading._grade_question", None)
        answered = [
            question.question.id
            for question in first.questions
            if question.question.id in first.submission.parts
        ]
        assert at.grade(sheets[0], answered).questions == tuple(
            each for each in first.questions if each.question.id in answered
        )


def test_an_answer_is_shown_where_it_stands_in_this_sheet():
    """The same words on another line of another sheet."""
    memo = kept(part("", 3, value="7"))
    found = memo.find(QUESTION, part("", 20, value="7"), frozenset())
    assert found is not None
    assert found.verdicts[0].answer == Answer("7", "7", Place("a.md", 21))


@pytest.mark.parametrize(
    "other",
    [
        part("8"),
        part("7", value="7"),
        Part(None, {"value": Answer("7", "7", Place("a.md", 1))}),
        Part(Answer(["7"], "7", Place("a.md", 1))),
        Part(Answer("7", "7", Place("a.md", 1), trouble="cut off")),
        Part(Answer("7", "7", Place("a.md", 1), context="x = 7")),
    ],
)
def test_whatever_may_matter_makes_another_answer(other: Part):
    """Another text, another field, another value read of the same text, a trouble, a context."""
    assert kept(part("7")).find(QUESTION, part("7"), frozenset()) is not None
    assert kept(part("7")).find(QUESTION, other, frozenset()) is None


def test_fields_that_stood_in_one_place_are_told_apart_again():
    """Two fields on one line, and the same two on lines of their own."""
    line = Place("a.md", 4)
    together = Part(None, {"a": Answer("1", "1", line), "b": Answer("2", "2", line)})
    apart = Part(None, {"a": Answer("1", "1", line), "b": Answer("2", "2", Place("a.md", 5))})
    assert kept(together).find(QUESTION, apart, frozenset()) is None


def test_a_fault_of_ours_is_not_remembered():
    """It may be over by the time that the next student gives the same answer."""
    assert kept(part("7"), Outcome.UNGRADED).find(QUESTION, part("7"), frozenset()) is None


def test_a_slip_that_was_charged_before_makes_another_report():
    """The base-10 logarithm costs nothing the second time, in this student's sheet only."""
    with desk.set_up("ie8990-midterm") as at:
        both = "answers:\n  q2.a: '1.0'\n  q2.c: '0.2218'\n"
        later = "answers:\n  q2.a: '2.302585'\n  q2.c: '0.2218'\n"
        scores = [
            at.grade_text(text, ["q2.a", "q2.c"]).questions[1].score for text in (both, later)
        ]
        again = [at.grade_text(text, ["q2.a", "q2.c"]).questions[1].score for text in (both, later)]
    assert scores[0] > scores[1]
    assert again == scores


def test_what_was_long_not_asked_for_is_forgotten():
    """A class of a hundred thousand essays does not fill the memory."""
    memo = Memo()
    for number in range(5_000):
        memo.find(QUESTION, part("usual"), frozenset())
        memo.keep(QUESTION, part("usual"), frozenset(), report(None))
        memo.keep(QUESTION, part(str(number)), frozenset(), report(None))
    assert memo.find(QUESTION, part("0"), frozenset()) is None
    assert memo.find(QUESTION, part("4999"), frozenset()) is not None
    assert memo.find(QUESTION, part("usual"), frozenset()) is not None
    memo.keep(QUESTION, part("x" * 100_000), frozenset(), report(None))
    assert memo.find(QUESTION, part("x" * 100_000), frozenset()) is None
