"""Lint tells every unfairness of a rubric in one sentence, with its place and a remedy."""

import dataclasses
import json
from pathlib import Path

import pytest

from grader import cli, kinds, lint
from grader.lint import Findings, Patience, printed, specimens
from grader.lint.notes import RULES

RUBRIC = """\
id: quiz
title: Quiz
questions:
  - id: q1
    title: Gradient of a quadratic form
    prompt: Differentiate f(x) = xᵀ A x at x, for the A and x given.
    given: {A: [[2, 1], [4, 3]], x: [1, 2]}
    checks:
      - array: {expect: forms.gradient, points: 3}
        mistakes:
          - {id: symmetric-habit, expect: forms.twice, say: "A need not be symmetric."}
  - id: q2
    title: Entropy of a coin
    prompt: What is the entropy of a fair coin, in nats?
    given: {p: 0.5}
    checks:
      - number: {expect: forms.entropy, points: 2}
        mistakes:
          - {id: in-bits, value: 1, say: "That is in bits."}
          - {id: one-term, value: 0.3466, say: "The other side counts, too."}
  - id: q3
    title: Overfitting
    prompt: Does more training data help against a high variance? Why?
    checks:
      - choice: {field: verdict, points: 1, expect: true}
      - text:
          field: reason
          points: 2
          verdict: {field: verdict, expect: true}
          criteria:
            - {id: averages, points: 2, say: "What of chance?", any: [noise ... average*]}
          model_answer: Because the noise averages out.
  - id: q4
    title: A derivative
    prompt: Differentiate ½‖Xw − y‖² by w.
    symbols: {X: [N, d], w: [d, 1], y: [N, 1]}
    checks:
      - formula: {answer: X^T (X w - y), points: 2}
        mistakes:
          - {id: residual-alone, formula: X w - y, say: "The chain rule goes on."}
"""
REFERENCE = """\
import math
import numpy as np


def gradient(*, A, x):
    A, x = np.array(A), np.array(x)
    return (A + A.T) @ x


def twice(*, A, x):
    return 2 * np.array(A) @ np.array(x)


def entropy(*, p):
    return -p * math.log(p) - (1 - p) * math.log(1 - p)
"""


# A machine that is busy elsewhere must not make a reference slow.
PATIENCE = Patience(slow_seconds=20, most_seconds=60)


@pytest.fixture
def found(tmp_path: Path):
    """Lint the quiz with some words changed in the rubric or in its reference."""

    def find(
        *changes: tuple[str, str], reference: str = REFERENCE, patience: Patience = PATIENCE
    ) -> Findings:
        text = RUBRIC
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "reference").mkdir(exist_ok=True)
        (tmp_path / "reference" / "forms.py").write_text(reference, encoding="utf-8")
        (tmp_path / "quiz.yaml").write_text(text, encoding="utf-8")
        findings = lint.lint(str(tmp_path / "quiz.yaml"), patience)
        assert set(rules(findings)) <= set(RULES)
        return findings

    return find


def rules(findings: Findings) -> list[str]:
    return [each.rule for each in findings.found]


def apart_from(rule: str, findings: Findings) -> Findings:
    return dataclasses.replace(
        findings, found=[each for each in findings.found if each.rule != rule]
    )


def only(findings: Findings, rule: str) -> lint.Finding:
    assert rules(findings) == [rule], [str(each.problem) for each in findings.found]
    return findings.found[0]


def test_a_fair_rubric_has_no_findings(found):
    """Nothing is said where nothing is wrong."""
    findings = found()
    assert findings.found == []
    assert (findings.name, findings.questions, findings.points) == ("quiz", 4, 10)


@pytest.mark.parametrize("name", ["ie8990-midterm", "cie6032-homework1"])
def test_the_bundled_rubrics_are_fair(name: str):
    """Both assignments of the course pass without an error."""
    assert [str(each.problem) for each in lint.lint(name).errors] == []


# --- references ----------------------------------------------------------------------------------

ENTROPY = "def entropy(*, p):\n    return -p * math.log(p) - (1 - p) * math.log(1 - p)\n"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("raise RuntimeError('no such coin')", "forms.entropy raised RuntimeError: no such coin"),
        ("print('hello')\n    return 0.693", "forms.entropy printed something"),
        ("return float('nan')", "returned NaN"),
        ("return [1.0, 2.0]", "expected one number from the reference, found [1.0, 2.0]"),
        ("return {'value': 1}", "expected one number"),
        ("return object()", "returned object, no number"),
        ("return None", "expected one number from the reference, found None"),
        ("raise SystemExit", "raised SystemExit"),
    ],
)
def test_a_reference_at_fault_is_an_error(found, body: str, says: str):
    """It is placed at the check that asks for it, and costs no other question its checks."""
    reference = REFERENCE.replace(ENTROPY, f"def entropy(*, p):\n    {body}\n")
    finding = only(found(reference=reference), "reference-fails")
    assert finding.is_error
    assert says in finding.problem.message
    assert (finding.problem.line, finding.question) == (17, "q2")


@pytest.mark.parametrize("body", ["import time; time.sleep(60)", "while True: pass"])
def test_a_reference_that_never_ends_is_an_error(found, body: str):
    """The linter waits no longer than it is told to."""
    reference = REFERENCE.replace(ENTROPY, f"def entropy(*, p):\n    {body}\n")
    patience = Patience(slow_seconds=3, most_seconds=3)
    findings = found(reference=reference, patience=patience)
    assert "no value within 3 seconds" in only(findings, "reference-fails").problem.message


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("forms.entropy", "forms.entropi"), "no function 'entropi' (did you mean 'entropy'?)"),
        (("forms.entropy", "form.entropy"), "no reference topic 'form' (did you mean 'forms'?)"),
        (("given: {p: 0.5}", "given: {q: 0.5}"), "forms.entropy needs p, which is not among"),
    ],
)
def test_a_missing_reference_is_told_with_the_nearest_name(found, change, says: str):
    """What is misspelt is told with what is there."""
    findings = found(change)
    assert "reference-fails" in rules(findings)
    assert any(says in each.problem.message for each in findings.found)


def test_a_mistake_at_fault_is_told_at_its_own_place(found):
    """The right answer is fine; only the mistake's function is not there."""
    finding = only(found(("forms.twice", "forms.thrice")), "reference-fails")
    assert finding.problem.line == 11


def test_a_reference_that_throws_dice_is_an_error(found):
    """Two students would be measured by two values."""
    body = "return np.random.default_rng().random()"
    reference = REFERENCE.replace(ENTROPY, f"def entropy(*, p):\n    {body}\n")
    assert "reference-fickle" in rules(found(reference=reference))


def test_a_reference_that_changes_what_it_is_given_is_an_error(found):
    """The next question would be asked about other values."""
    body = "A[0][0] = 7\n    return (np.array(A) + np.array(A).T) @ np.array(x)"
    reference = REFERENCE.replace(ARRAY, f"def gradient(*, A, x):\n    {body}\n")
    assert "reference-changes-given" in rules(found(reference=reference))


def test_a_slow_reference_is_a_warning(found):
    """Grading still works, but each run waits for it."""
    body = "import time; time.sleep(0.25)\n    return math.log(2)"
    reference = REFERENCE.replace(ENTROPY, f"def entropy(*, p):\n    {body}\n")
    findings = found(reference=reference, patience=Patience(slow_seconds=0.2, most_seconds=60))
    slow = [each for each in findings.found if "forms.entropy took" in each.problem.message]
    assert [(each.rule, each.is_error) for each in slow] == [("reference-slow", False)]


def test_what_is_given_and_never_used_is_a_warning(found):
    """Most often it is a misspelt parameter that has a default."""
    finding = only(found(("given: {p: 0.5}", "given: {p: 0.5, base: 2}")), "given-unused")
    assert not finding.is_error
    assert "'base'" in finding.problem.message
    assert finding.problem.line == 15


ARRAY = "def gradient(*, A, x):\n    A, x = np.array(A), np.array(x)\n    return (A + A.T) @ x\n"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("return [[1, 2], [3]]", "the rows of the reference's array differ in length"),
        ("return np.zeros((2, 2, 2))", "expected at most two dimensions"),
        ("return ['a', 'b']", "the rubric's value 'a' is no number"),
        ("return {1: [1, 2]}", "expected one number from the reference"),
        ("return [float('nan'), 1]", "NaN"),
        ("return lambda: 1", "returned function, no number"),
    ],
)
def test_an_array_of_the_wrong_make_is_an_error(found, body: str, says: str):
    """Whatever a teacher's function returns, the complaint is one sentence."""
    reference = REFERENCE.replace(ARRAY, f"def gradient(*, A, x):\n    {body}\n")
    finding = only(found(reference=reference), "reference-fails")
    assert says in finding.problem.message
    assert finding.problem.line == 9


@pytest.mark.parametrize(
    "body",
    ["return {'a': 1}", "return 'text'", "return None", "return [[1], [2, 3]]", "return X @ X",
     "return X * np.nan", "return 2 * X.T @ (X @ w - y)"],
)  # fmt: skip
def test_a_formula_that_differs_from_its_reference_is_an_error(found, body: str):
    """The formula and the function are two sources, and must agree."""
    reference = f"{REFERENCE}\n\ndef slope(*, X, w, y):\n    {body}\n"
    finding = only(
        found(("X^T (X w - y), points", "X^T (X w - y), expect: forms.slope, points"),
              reference=reference),
        "reference-fails",
    )  # fmt: skip
    assert (finding.problem.line, finding.question) == (38, "q4")
    assert "\n" not in finding.problem.message


def test_a_shape_that_is_not_the_rubrics_is_an_error(found):
    """The rubric says how many entries there are, the reference returns others."""
    finding = only(found(("points: 3}", "points: 3, shape: [3]}")), "reference-fails")
    assert "the rubric says shape [3], found [2]" in finding.problem.message


def test_a_reference_file_that_cannot_be_loaded_is_told(found):
    """A slip of the pen in the reference is told with its kind."""
    findings = found(reference="def gradient(:\n")
    assert {"reference-fails"} == set(rules(findings))
    assert "forms.py could not be loaded: SyntaxError" in findings.found[0].problem.message


# --- mistakes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["ln 2", "0.6931471805599453"])
def test_a_mistake_equal_to_the_right_answer_is_an_error(found, value: str):
    """Nobody could ever be told of it."""
    finding = only(found(("value: 1,", f"value: {value},")), "mistake-counts-as-right")
    assert finding.is_error
    assert "'in-bits' is equal to the right answer" in finding.problem.message
    assert finding.problem.line == 19


def test_a_tolerance_that_swallows_a_mistake_is_an_error(found):
    """The message holds both values, and the remedy the words to change."""
    finding = only(found(("value: 1,", "value: 0.6925,")), "mistake-counts-as-right")
    assert "0.6925" in finding.problem.message
    assert "0.6931472" in finding.problem.message
    assert "lower rtol" in finding.remedy


def test_a_symmetric_matrix_hides_a_mistake_and_lint_says_so(found):
    """A + Aᵀ is 2 A where A is symmetric: the finding proposes to change what is given."""
    finding = only(found(("[[2, 1], [4, 3]]", "[[2, 1], [1, 3]]")), "mistake-counts-as-right")
    assert "A is symmetric" in finding.remedy


def test_binary_values_hide_a_mistake_and_lint_says_so(found):
    """y ⊙ y is y where y is 0 or 1."""
    finding = only(
        found(
            ("y: [N, 1]}", "y: {shape: [N, 1], values: binary}}"),
            ("formula: X w - y,", "formula: X^T (X w - y \\odot y),"),
        ),
        "mistake-counts-as-right",
    )
    assert "y is binary" in finding.remedy


def test_two_mistakes_with_one_value_are_a_warning(found):
    """Both are named, once."""
    finding = only(found(("value: 0.3466,", "value: 1,")), "mistakes-alike")
    assert not finding.is_error
    assert "'in-bits'" in finding.problem.message
    assert "'one-term'" in finding.problem.message


def test_a_mistake_without_a_value_is_an_error(found):
    """It could never be recognised; a kind's own mistakes need none."""
    finding = only(found(("value: 1, ", "")), "mistake-without-value")
    assert "expect, value, with" in finding.remedy
    assert found(("id: in-bits, value: 1,", "id: sign,")).found == []


def test_a_mistake_that_a_kind_knows_may_have_another_name(found):
    """The value is that of a turned sign: the rubric's own name comes first."""
    assert found(("formula: X w - y,", "formula: X^T (y - X w),")).found == []


def test_a_lost_factor_is_what_a_mistake_looks_like(found):
    """`without` gives the loss of a factor a name of the rubric's own."""
    assert found(("formula: X w - y,", "without: X^T,")).found == []


def test_a_sentence_that_holds_the_right_value_is_a_warning(found):
    """What a student reads must not be the answer."""
    finding = only(found(("That is in bits.", "No: it is ln 2 = 0.693.")), "say-reveals")
    assert not finding.is_error
    assert finding.problem.line == 19


# --- free text -----------------------------------------------------------------------------------


def test_a_model_answer_that_misses_a_criterion_is_an_error(found):
    """Who writes the key's own words must get its marks."""
    findings = found(("the noise averages out", "there is more of it"))
    assert "criterion-not-met" in rules(findings)
    assert any("'averages'" in each.problem.message for each in findings.errors)


def test_a_criterion_that_the_question_meets_is_a_warning(found):
    """Repeating the question is no reason."""
    finding = only(
        found(("any: [noise ... average*]", "any: [noise ... average*, high variance]")),
        "criterion-met-by-question",
    )
    assert not finding.is_error


def test_a_text_without_model_answer_is_a_warning(found):
    """Nothing can be tried there."""
    findings = found(("          model_answer: Because the noise averages out.\n", ""))
    assert only(findings, "not-tried").remedy == "write an answer that earns full marks"


# --- the file ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("    title: Overfitting", "\ttitle: Overfitting"), "22:"),
        (("id: q2", "id: q1"), "the question 'q1' is there twice; give each an id of its own"),
        (("number:", "numbr:"), "unknown kind 'numbr' (did you mean 'number'?)"),
        (("X: [N, d]", "X: {values: real}"), "X"),
        (("points: 2}\n        mistakes:\n          - {id: in", "point: 2}\n        mistakes:\n"
          "          - {id: in"), "unknown key 'point'"),
        (("title: Quiz\n", "title: Quiz\npoints: 12\n"),
         "the questions have 10 points, the rubric says 12"),
    ],
)  # fmt: skip
def test_a_rubric_that_cannot_be_read_is_an_error_with_its_place(found, change, says: str):
    """Each slip of the file is one sentence."""
    findings = found(change)
    errors = [str(each.problem) for each in findings.errors]
    assert any(says in each for each in errors), errors


def test_all_problems_of_a_file_are_told_at_once(found):
    """A misspelt kind, a sum that is off, and a missing reference in three questions."""
    findings = found(
        ("number:", "numbr:"),
        ("title: Overfitting", "title: Overfitting\n    points: 4"),
        ("forms.gradient", "forms.gradent"),
    )
    assert {"schema", "reference-fails"} <= set(rules(findings))
    lines = [each.problem.line for each in findings.found]
    assert lines == sorted(lines)
    assert {9, 17} <= set(lines)


def test_a_prompt_that_looks_like_an_answer_is_told(found):
    """Fields that are labelled in the same way cannot be told apart in a sheet."""
    findings = found(("field: reason", "field: q1"))
    assert findings.errors


# --- the rules that nothing above sets off -----------------------------------------------------


def test_an_argument_that_nobody_takes_is_an_error(found):
    """What `with` misspells would be left out, and the mistake would be the right answer."""
    finding = only(
        apart_from("mistake-counts-as-right", found(("value: 1,", "with: {pp: 0.9},"))),
        "with-unknown",
    )
    assert finding.is_error
    assert "takes no argument 'pp' (did you mean 'p'?)" in finding.problem.message
    assert (finding.problem.line, finding.question) == (19, "q2")
    assert found(("value: 1,", "with: {p: 0.9},")).found == []


def test_an_argument_of_a_check_that_nobody_takes_is_an_error(found):
    """It is placed at the argument."""
    finding = only(found(("expect: forms.entropy,", "expect: forms.entropy, with: {q: 1},")),
                   "with-unknown")  # fmt: skip
    assert finding.remedy == "it takes p"
    assert found(("expect: forms.entropy,", "expect: forms.entropy, with: {p: 0.5},")).found == []


def test_a_greek_lambda_is_taken_as_python_spells_it(found):
    """`with: {lambda: 2}` reaches the argument `lambda_`."""
    reference = REFERENCE.replace("entropy(*, p)", "entropy(*, p, lambda_=1)")
    change = ("expect: forms.entropy,", "expect: forms.entropy, with: {lambda: 2},")
    assert found(change, reference=reference).found == []


def test_criteria_that_exceed_the_points_are_a_warning(found):
    """Who meets all of them cannot be given all of their marks."""
    finding = only(found(("points: 2\n          verdict", "points: 1\n          verdict")),
                   "criteria-exceed-points")  # fmt: skip
    assert not finding.is_error
    assert "the criteria have 2 points, the check has 1" in finding.problem.message


def test_a_bonus_may_exceed_the_points(found):
    """It makes up for what is missing elsewhere."""
    more = "- {id: more, points: 1, bonus: true, say: More?, any: [zebra]}\n            - {id: ave"
    assert found(("- {id: ave", more)).found == []


BYTES = (
    ("number: {expect: forms.entropy,", "number: {value: 1024,"),
    ("    given: {p: 0.5}\n", ""),
)


def test_the_id_of_a_mistake_may_not_hold_the_answer(found):
    """Students read it in their report."""
    finding = only(found(*BYTES, ("id: in-bits", "id: not-1024")), "report-reveals")
    assert "1024" in finding.problem.message
    assert found(*BYTES).found == []


def test_a_field_that_is_named_like_a_question_is_misread(found):
    """In a filled sheet its answer is taken for that of the question; under another name not."""
    finding = only(found(("field: reason", "field: q1")), "sheet-misread")
    assert finding.question == "q3"
    assert found(("field: reason", "field: why")).found == []


def test_a_title_that_reads_like_an_answer_is_an_error(found):
    """The blank sheet would earn a mark."""
    title = ("title: Overfitting", "title: |\n      Overfitting\n      verdict: True")
    finding = only(found(title), "blank-sheet-answers")
    assert "1 points" in finding.problem.message


def test_a_right_answer_in_other_words_is_tried(found):
    """Whoever lists 'yes' for false marks a usual answer down."""
    finding = only(found(("expect: true}\n      - text", "expect: true, words: {false: ['yes']}}\n"
                          "      - text")), "notation-marked-down")  # fmt: skip
    assert not finding.is_error


def test_a_right_answer_that_is_marked_down_is_an_error(found):
    """Nobody can give twenty digits."""
    findings = found(
        ("forms.entropy, points: 2}", "forms.entropy, points: 2, digits: 20, rtol: 0}")
    )
    assert rules(findings)[0] == "right-answer-marked-down"


def test_a_mistake_that_no_answer_shows_is_an_error(found):
    """'maybe' is no option, so nobody can choose it."""
    mistake = "\n        mistakes:\n          - {id: undecided, value: maybe, say: Decide.}"
    finding = only(found(("points: 1, expect: true}", f"points: 1, expect: true}}{mistake}")),
                   "mistake-not-recognised")  # fmt: skip
    assert finding.is_error


# --- what an author has weighed ------------------------------------------------------------------

ALIKE = ("value: 0.3466,", "value: 1,")
MEETS = "    given: {p: 0.5}\n"


def accept(rule: str) -> tuple[str, str]:
    return MEETS, f"{MEETS}    accepted: {{{rule}: Both are told.}}\n"


def test_a_warning_that_is_accepted_is_counted_and_not_told(found):
    """Its author gave a reason, in the question where it arises."""
    findings = found(ALIKE, accept("mistakes-alike"))
    assert (rules(findings), [each.rule for each in findings.accepted]) == ([], ["mistakes-alike"])
    assert "fair (4 questions, 10 marks; 1 warning accepted)" in printed.text([findings])


def test_a_warning_that_is_accepted_elsewhere_is_told(found):
    """The reason holds for one question only."""
    other = (
        "title: A derivative",
        "title: A derivative\n    accepted: {mistakes-alike: So be it.}",
    )
    assert sorted(rules(found(ALIKE, other))) == ["accepted-idle", "mistakes-alike"]


@pytest.mark.parametrize(
    ("rule", "says"),
    [("mistakes-alike", "is found here"), ("mistake-alike", "did you mean 'mistakes-alike'?")],
)
def test_an_acceptance_of_nothing_is_a_warning(found, rule: str, says: str):
    """It was mended since, or the rule is misspelt."""
    assert says in only(found(accept(rule)), "accepted-idle").problem.message


def test_an_error_cannot_be_accepted(found):
    """A reason does not make it fair."""
    findings = found(("value: 1,", "value: ln 2,"), accept("mistake-counts-as-right"))
    assert sorted(rules(findings)) == ["accepted-idle", "mistake-counts-as-right"]


# --- the command ---------------------------------------------------------------------------------


def run(arguments: list[str], capsys) -> tuple[int, str]:
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    return int(end.value.code or 0), capsys.readouterr().out


def test_warnings_alone_leave_with_zero(found, tmp_path: Path, capsys):
    """The exit code is that of errors; each finding is a line with its place and rule."""
    found(("value: 0.3466,", "value: 1,"))
    code, out = run(["lint", str(tmp_path / "quiz.yaml")], capsys)
    assert code == 0
    assert "quiz.yaml:19:13: warning: " in out
    assert "[mistakes-alike]" in out
    assert out.endswith("0 errors, 1 warning (4 questions, 10 marks)\n")


def test_errors_leave_with_one_and_json_is_nothing_but_json(found, tmp_path: Path, capsys):
    """A program reads rule, place and remedy of each finding."""
    found(("value: 1,", "value: ln 2,"))
    code, out = run(["lint", "--format", "json", str(tmp_path / "quiz.yaml")], capsys)
    assert code == 1
    (rubric,) = json.loads(out)["rubrics"]
    assert (rubric["rubric"], rubric["errors"], rubric["warnings"]) == ("quiz", 1, 0)
    (finding,) = rubric["findings"]
    assert (finding["rule"], finding["line"], finding["question"]) == (
        "mistake-counts-as-right", 19, "q2",
    )  # fmt: skip


def test_no_such_rubric_leaves_with_two(tmp_path: Path, capsys):
    """Lint cannot start without a file."""
    code, out = run(["lint", str(tmp_path / "none.yaml")], capsys)
    assert (code, out) == (2, "")


# --- code ----------------------------------------------------------------------------------------

CODE = """\
  - id: q5
    title: Scaling
    prompt: Write double(x).
    checks:
      - function: {name: double, points: 1, inputs: [{x: 2.0}], expect: forms.double}
  - id: q6
    title: A basis
    prompt: Write basis(A), whose columns are orthonormal.
    checks:
      - function:
          name: basis
          inputs: [{A: [[1.0, 2.0], [3.0, 4.0]]}]
          by: forms.is_basis
          criteria: [{id: orthonormal, points: 1, say: "They are not orthonormal."}]
          model_answer: |
            import numpy as np
            def basis(A):
                return np.linalg.qr(A)[0]
          points: 1
  - id: q7
    title: Where it is positive
    prompt: Write a formula in x1 and x2 that is positive where their sum is.
    checks:
      - grid: {at: forms.cells, expect: forms.total, points: 1,
               stages: [{field: answer, of: [x1, x2], answer: x1 + x2}]}
"""
JUDGES = """


def double(*, x):
    return 2 * x


def is_basis(*, A, got):
    Q = np.asarray(got)
    return {"orthonormal": bool(np.allclose(Q.T @ Q, np.eye(2)))}


def cells():
    return [{"x1": np.array([1.0, -1.0, 0.3]), "x2": np.array([0.5, 0.5, -2.0])}]


def total(*, x1, x2):
    return x1 + x2
"""


@pytest.fixture
def coded(found):
    """Lint the quiz with questions about code, some words of which are changed."""

    def find(*changes: tuple[str, str]) -> Findings:
        text, judges = CODE, JUDGES
        for old, new in changes:
            assert old in text + judges
            text, judges = text.replace(old, new), judges.replace(old, new)
        last = 'The chain rule goes on."}\n'
        return found((last, last + text), reference=REFERENCE + judges)

    return find


def test_fair_questions_about_code_have_no_findings(coded):
    """The model answer is run, the values of the reference are compared with themselves."""
    assert coded().found == []


def test_code_that_nothing_tries_is_a_warning(coded):
    """Where a function judges what was returned, no right value is known."""
    start = CODE.index("          model_answer"), CODE.index("          points: 1")
    finding = only(coded((CODE[slice(*start)], "")), "not-tried")
    assert not finding.is_error
    assert "no 'model_answer', so 'by'" in finding.problem.message


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("np.linalg.qr(A)[0]", "np.asarray(A)", "0 of 1 points: They are not orthonormal"),
        ("np.linalg.qr", "np.linalg.rq", "raised AttributeError"),
        ("def basis", "def base", "No function basis was found"),
        ('{"orthonormal": bool', '["orthonormal"] or {"": bool', "a mapping from the id"),
        ("np.eye(2)", "np.eye(k)", "forms.is_basis raised NameError"),
        ("*, A, got", "*, B, got", "forms.is_basis needs B"),
    ],
)
def test_a_model_answer_that_earns_less_is_an_error(coded, old: str, new: str, says: str):
    """It is run as a student's is, and judged by the same function."""
    finding = only(coded((old, new)), "right-answer-marked-down")
    assert (finding.is_error, finding.question) == (True, "q6")
    assert says in finding.problem.message


def test_a_region_that_nothing_can_answer_is_an_error(coded):
    """A stage without a field is given; what students write must go somewhere."""
    finding = only(coded(("field: answer, of", "of")), "reference-fails")
    assert "nothing can answer this" in finding.problem.message


def test_a_text_where_a_function_belongs_is_told(coded):
    """It is there, so nothing is misspelt."""
    changed = ("def double(*, x):\n    return 2 * x", "double = '2 * x'")
    finding = only(coded(changed), "reference-fails")
    assert finding.problem.message.endswith("'double' in forms.py is no function")


# --- specimens -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", kinds.names())
def test_every_kind_has_specimens(kind: str):
    """A new kind is tried by lint by what it shows, until its specimens are listed."""
    assert kind in specimens._RIGHT or kinds.of_code(kind) is None


def test_the_summary_of_a_fair_rubric_is_one_line(found):
    """Nothing but that it is fair."""
    (line,) = printed.text([found()]).splitlines()
    assert line.endswith("quiz.yaml: fair (4 questions, 10 marks)")
