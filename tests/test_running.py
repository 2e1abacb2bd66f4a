"""Code is called as its author meant it, behind a wall, and a fault of ours is never a zero."""

from __future__ import annotations

import json
from typing import Any

import pytest

from grader import desk, running
from grader.kinds import Invocation
from grader.model import Outcome, SourceFile, Submission
from grader.sandbox.lockdown import Level, Limits
from grader.sandbox.run import Loaded, NoWall, Sandbox

RUBRIC = """\
id: quiz
title: Quiz
support: {helpers: sums.helpers}
questions:
  - id: q1
    title: Weighted difference
    prompt: Write minus(left, right, weight), the weighted difference.
    checks:
      - function:
          {field: minus, name: minus, points: 2, expect: sums.minus, inputs: sums.inputs,
           also: {weight: 3.0}, seconds: 2}
  - id: q2
    title: A sum
    prompt: Write total().
    checks:
      - function:
          {field: total, name: [total, sum_of_all], points: 1, expect: sums.total, inputs: [{}],
           seconds: 2}
  - id: q3
    title: A program
    prompt: Set the variable found.
    checks:
      - function:
          field: found
          points: 1
          inputs: [{}]
          probe: sums.probe
          ask: look
          expect: sums.total
          limits: {statement_seconds: 1, load_seconds: 10, memory_mib: 200}
  - id: q4
    title: A pair
    prompt: Write pair(both), the difference of what a dictionary holds.
    checks:
      - function:
          {field: pair, name: pair, points: 1, expect: sums.pair,
           inputs: [{both: {near: 5.0, far: 2.0}}, {both: {near: 1.0, far: 4.0}}]}
  - id: q5
    title: A slope
    prompt: Write slope(f, x), the slope of f at x.
    checks:
      - function:
          name: [slope, derivative]
          points: 1
          inputs: [{x: 2.0}, {x: 3.0}]
          probe: sums.square
          ask: at
          expect: sums.slope
"""
REFERENCE = """\
def inputs():
    return [{"left": 5.0, "right": 2.0}, {"left": 1.0, "right": 4.0}]


def minus(*, left, right, weight=3.0):
    return weight * (left - right)


def total():
    return 6


def pair(*, both):
    return both["near"] - both["far"]


def helpers():
    return "def plus(a, b):\\\\n    return a + b\\\\n"


def square():
    return "def at(slope, x):\\\\n    return round(slope(lambda t: t * t, x), 3)\\\\n"


def slope(*, x):
    return 2 * x


def probe():
    return (
        "def look(program):\\\\n"
        "    for space in program.spaces.values():\\\\n"
        "        return space.get('found')\\\\n"
    )
"""


@pytest.fixture(scope="module")
def quiz(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("course")
    (folder / "quiz.yaml").write_text(RUBRIC)
    (folder / "reference").mkdir()
    (folder / "reference" / "sums.py").write_text(REFERENCE.replace("\\\\n", "\\n"))
    with desk.set_up(str(folder / "quiz.yaml")) as at:
        yield at


def graded(quiz: desk.Desk, *sources: str) -> Any:
    files = tuple(SourceFile(f"file{at}.py", each.encode()) for at, each in enumerate(sources))
    return quiz.judge(Submission("s", {}, files))


def verdict(quiz: desk.Desk, question: int, *sources: str) -> Any:
    return graded(quiz, *sources).questions[question - 1].verdicts[0]


@pytest.mark.parametrize(
    "source",
    [
        "def minus(left, right):\n    return 3 * (left - right)",
        "def minus(right, left):\n    return 3 * (left - right)",
        "def minus(a, b):\n    return 3 * (a - b)",
        "def minus(RIGHT, a):\n    return 3 * (a - RIGHT)",
        "def minus(left, right, weight):\n    return weight * (left - right)",
        "def minus(left, right, w):\n    return w * (left - right)",
        "def minus(w, right, left):\n    return w * (left - right)",
        "def minus(left, right, weight=3, *more, **named):\n    return weight * (left - right)",
        "def minus(*both):\n    return 3 * (both[0] - both[1])",
        "def minus(left, *, right):\n    return 3 * (left - right)",
        "def minus(*, right, left, weight=3):\n    return weight * (left - right)",
        "def minus(left, *, right, weight):\n    return weight * (left - right)",
        "minus = None\n\n\ndef Minus(left, right):\n    return 3 * (left - right)",
        "class By:\n    it = 3\n\n\ndef minus(left, right):\n    return By.it * (left - right)",
        "from helpers import plus\n\n\ndef minus(left, right):\n    return 3 * plus(left, -right)",
    ],
)
def test_a_call_is_fitted_to_the_function(quiz: desk.Desk, source: str):
    """Orders, names and numbers of arguments are the author's; the value counts."""
    assert verdict(quiz, 1, source).outcome is Outcome.CORRECT


def test_how_a_call_was_fitted_is_told(quiz: desk.Desk):
    """What was assumed stands in the feedback, so that it can be objected to."""
    reversed_ = verdict(quiz, 1, "def minus(right, left):\n    return 3 * (left - right)")
    assert "right, left in its own order" in reversed_.judgement.say
    more = verdict(quiz, 1, "def minus(left, right, w):\n    return w * (left - right)")
    assert "with weight as well" in more.judgement.say


def test_a_function_that_takes_less_is_told(quiz: desk.Desk):
    """It is called with what it takes, and judged by the value."""
    got = verdict(quiz, 1, "def minus(left):\n    return left")
    assert got.outcome is Outcome.WRONG
    assert "no more than left" in got.judgement.evidence


def test_without_code_there_is_no_wall(quiz: desk.Desk):
    """A submission without code needs none, and starts none."""
    report = quiz.judge(Submission("s", {}))
    assert report.sandbox == "none needed"
    assert {each.outcome for each in report.questions} == {Outcome.MISSING}


def test_what_is_blank_or_not_there_is_missing(quiz: desk.Desk):
    """A stub of the template is no wrong answer."""
    assert verdict(quiz, 1, "def minus(left, right):\n    pass").outcome is Outcome.MISSING
    assert verdict(quiz, 1, "def other():\n    return 1").outcome is Outcome.MISSING


def test_a_second_name_will_do(quiz: desk.Desk):
    """The names of the rubric are tried in their order."""
    assert verdict(quiz, 2, "def sum_of_all():\n    return 6").outcome is Outcome.CORRECT


def test_code_that_never_ends_is_wrong(quiz: desk.Desk):
    """One function's loop costs its own question, and the reason is told."""
    endless = "def total():\n    while True:\n        pass\n\n\n"
    right = "def minus(left, right):\n    return 3 * (left - right)\n"
    report = graded(quiz, endless + right)
    assert report.complete
    assert [each.outcome for each in report.questions[:2]] == [Outcome.CORRECT, Outcome.WRONG]
    assert "did not finish within 2 s" in report.questions[1].verdicts[0].judgement.say


ENDLESS = {
    "a loop": "    while True: pass",
    "recursion without a limit": "    import sys; sys.setrecursionlimit(10**9)\n    return f(x)",
    "a crash": "    import os; os.abort()",
    "a way out": "    import os; os._exit(0)",
}


@pytest.mark.parametrize("body", ENDLESS.values(), ids=ENDLESS)
def test_a_function_that_had_to_be_stopped_is_not_called_again(body: str):
    """With other inputs it would take as long again, and again come to nothing."""
    source = f"def f(x):\n    print('called')\n{body}\n".encode()
    calls = [Invocation(("f",), {"x": x}, 0.2) for x in range(5)]
    with Sandbox() as sandbox, sandbox.session([("a.py", source)]) as session:
        assert isinstance(session.loaded, Loaded)
        run = running._called(calls, running._Code(session.loaded, session, []))
        assert len(run.outcomes) == 5
        assert len(set(map(str, run.outcomes))) == 1
        assert session.output.text == "called\n" or session.spent_seconds <= 0.4


def test_an_error_for_one_input_says_nothing_of_the_next(quiz: desk.Desk):
    """What is told is that the function failed for some of the inputs."""
    got = verdict(quiz, 4, "def pair(both):\n    return both['near'] / (both['near'] > 2)")
    assert "for some inputs" in got.judgement.say


def test_what_was_not_run_awaits_a_person(quiz: desk.Desk, monkeypatch: pytest.MonkeyPatch):
    """Nothing is known of it: another function had used up the time of the submission."""
    monkeypatch.setattr(running, "_limits", lambda words: Limits(calls_seconds=0.5))
    endless = "def minus(left, right):\n    while True:\n        pass\n\n\n"
    report = graded(quiz, endless + "def total():\n    return 6\n")
    stopped, unknown = (each.verdicts[0].judgement for each in report.questions[:2])
    assert stopped.review == 0
    assert "did not finish" in stopped.say
    assert unknown.review == 1
    assert "total was not run" in unknown.say
    assert "used up" in unknown.reason


def test_a_probe_sees_the_program(quiz: desk.Desk):
    """The course's own program looks at what the files left behind."""
    assert verdict(quiz, 3, "found = 6").outcome is Outcome.CORRECT
    assert verdict(quiz, 3, "found = 7").outcome is Outcome.WRONG
    assert verdict(quiz, 3, "lost = 6").outcome is Outcome.MISSING


def test_a_probe_calls_the_function_that_is_named(quiz: desk.Desk):
    """What no list of arguments can hold, such as a function, the probe hands over."""
    body = "(f, x):\n    return (f(x + 1e-6) - f(x - 1e-6)) / 2e-6"
    assert verdict(quiz, 5, f"def slope{body}").outcome is Outcome.CORRECT
    assert verdict(quiz, 5, f"def derivative{body}").outcome is Outcome.CORRECT
    assert verdict(quiz, 5, f"def slope{body} + 1").outcome is Outcome.WRONG
    missing = verdict(quiz, 5, "def other(f, x):\n    return 0")
    assert missing.outcome is Outcome.MISSING
    assert "No function slope was found; defined: other." in missing.judgement.say


def test_of_two_definitions_a_probe_is_given_the_better(quiz: desk.Desk):
    """A later cell may mend the first, or break it."""
    good = "def slope(f, x):\n    return (f(x + 1e-6) - f(x - 1e-6)) / 2e-6\n"
    bad = "def slope(f, x):\n    return 0\n"
    for first, second in ((good, bad), (bad, good)):
        cells = [{"cell_type": "code", "source": each} for each in (first, second)]
        notebook = json.dumps({"nbformat": 4, "metadata": {}, "cells": cells}).encode()
        report = quiz.judge(Submission("s", {}, (SourceFile("a.ipynb", notebook),)))
        assert report.questions[4].outcome is Outcome.CORRECT


def test_the_limits_are_the_rubrics(quiz: desk.Desk):
    """A statement that takes longer than the rubric allows is interrupted, and that is told."""
    report = graded(quiz, "while True:\n    pass\nfound = 6")
    assert report.questions[2].outcome is Outcome.CORRECT
    assert any("took more than 1 s" in line for line in report.warnings)


def test_the_report_states_wall_and_level(quiz: desk.Desk):
    """Who reads the report sees how the code was walled in."""
    assert graded(quiz, "found = 6").sandbox.startswith("isolation: ")


def test_no_wall_is_a_fault_of_ours(quiz: desk.Desk):
    """Where no wall can be had, code questions are ungraded and the remedy is named."""

    def refuse():
        raise NoWall({Level.FULL: "no user namespaces"})

    submission = Submission("s", {}, (SourceFile("a.py", b"found = 6"),))
    ran = running.run(quiz.rubric, submission.code, quiz.expected, refuse)
    (fault,) = {run.fault for run in ran.runs.values()}
    assert "no user namespaces" in fault
    assert "not run" in ran.sandbox


def later(quiz: desk.Desk, *cells: str) -> Any:
    book = {"nbformat": 4, "cells": [{"cell_type": "code", "source": each} for each in cells]}
    files = (SourceFile("work.ipynb", json.dumps(book).encode()),)
    return quiz.judge(Submission("s", {}, files)).questions[0].verdicts[0]


RIGHT = "def minus(left, right):\n    return 3 * (left - right)"
WRONG = "def minus(left, right):\n    return left + 7"


@pytest.mark.parametrize("cells", [(RIGHT, WRONG), (WRONG, RIGHT), (WRONG, WRONG, RIGHT)])
def test_of_several_definitions_the_better_counts(quiz: desk.Desk, cells: tuple[str, ...]):
    """A later cell may mend what an earlier one got wrong, or use its name for something else."""
    verdict = later(quiz, *cells)
    assert verdict.outcome is Outcome.CORRECT
    assert f"code cell {cells.index(RIGHT) + 1}" in verdict.judgement.evidence


def test_several_wrong_definitions_are_wrong(quiz: desk.Desk):
    """To write it twice is no second answer."""
    assert later(quiz, WRONG, WRONG.replace("7", "8")).outcome is Outcome.WRONG


def test_functions_that_belong_together_are_taken_together(quiz: desk.Desk):
    """The last definition calls the last helper, the first one the first."""
    helper = "def k():\n    return {}"
    calls = "def minus(left, right):\n    return k() * (left - right)"
    assert later(quiz, helper.format(5), calls, helper.format(3)).outcome is Outcome.CORRECT


def test_a_function_of_a_similar_name_will_do(quiz: desk.Desk):
    """It is told under which name it was found; where its value is wrong, a person sees it."""
    right = verdict(quiz, 1, RIGHT.replace("minus", "weighted_minus"))
    assert right.outcome is Outcome.CORRECT
    assert "under the name weighted_minus" in right.judgement.say
    wrong = verdict(quiz, 1, WRONG.replace("minus", "weighted_minus"))
    assert (wrong.outcome, wrong.judgement.review) == (Outcome.WRONG, 1)
    assert verdict(quiz, 1, RIGHT.replace("minus", "weighted")).outcome is Outcome.MISSING


def test_a_dictionary_may_be_taken_as_a_tuple(quiz: desk.Desk):
    """Its values in their order; the function is told to have been called so."""
    source = "def pair(both):\n    left, right = both\n    return left - right"
    got = verdict(quiz, 4, source)
    assert got.outcome is Outcome.CORRECT
    assert "both as a tuple" in got.judgement.say
    keys = verdict(quiz, 4, "def pair(both):\n    return both['left'] - both['right']")
    assert (keys.outcome, keys.judgement.review) == (Outcome.WRONG, 1)
    assert "another form" in keys.judgement.reason


def test_a_method_awaits_a_person(quiz: desk.Desk):
    """The machine cannot make the object that it belongs to, and does not call it missing."""
    source = (
        "class Scale:\n    def minus(self, left, right):\n        return self.k * (left - right)"
    )
    got = verdict(quiz, 1, source)
    assert (got.outcome, got.judgement.review) == (Outcome.WRONG, 1)
    assert "Scale.minus" in got.judgement.say
    torch = verdict(quiz, 1, "import enum\n" + source.replace("Scale", "Scale(enum.Enum)"))
    assert torch.outcome is Outcome.MISSING


def test_a_function_that_is_no_python_is_told_by_its_line(quiz: desk.Desk):
    """What is there is not called missing; a person has a look."""
    got = verdict(quiz, 1, "x = 1\ndef minus(left, right):\n    return left - - * right\n")
    assert got.outcome is Outcome.UNREADABLE
    assert "SyntaxError" in got.judgement.say
    assert "line 3" in got.judgement.say


def test_a_missing_module_awaits_a_person(quiz: desk.Desk):
    """The code may be right where its module is; here nobody knows."""
    source = (
        "from no_such_module import sub\n\n\ndef minus(left, right):\n    return sub(left, right)"
    )
    got = verdict(quiz, 1, source)
    assert got.judgement.review == 1
    assert "module" in got.judgement.reason


def test_what_a_broken_file_may_have_held_is_unreadable(quiz: desk.Desk):
    """Not missing: what could be read counts, and the rest awaits a person with the place."""
    cells = [
        {"cell_type": "code", "source": each} for each in (RIGHT, "def total():\n    return 6")
    ]
    book = json.dumps({"nbformat": 4, "cells": cells}).encode()
    for length, outcomes_ in {-30: ["correct", "unreadable"], 20: ["unreadable"] * 2}.items():
        file = SourceFile("work.ipynb", book[:length])
        found = quiz.judge(Submission("s", {}, (file,))).questions[:2]
        assert [str(each.outcome) for each in found] == outcomes_
        (verdict,) = found[1].verdicts
        assert "not valid JSON" in verdict.judgement.say
        assert verdict.answer.place.file == "work.ipynb"


def test_a_wrong_key_is_told_with_the_right_ones(quiz: desk.Desk):
    """The student sees at a glance what the dictionary is made of."""
    got = verdict(quiz, 4, "def pair(both):\n    return both['left']")
    assert "KeyError: 'left'" in got.judgement.say
    assert "has the keys near, far" in got.judgement.say
