"""A question that may be answered by a formula or by code takes either, whatever else is there."""

from pathlib import Path

import pytest

from grader import desk

HOMEWORK = "cie6032-homework1"
MIDTERM = "ie8990-midterm"


@pytest.fixture(scope="module")
def desks():
    with desk.set_up(HOMEWORK) as homework, desk.set_up(MIDTERM) as midterm:
        yield {HOMEWORK: homework, MIDTERM: midterm}


@pytest.fixture
def graded(desks, tmp_path: Path):
    """Grade one question of a folder with these files: return score, ids and feedback."""

    def grade(rubric: str, question: str, **files: str):
        for name, text in files.items():
            (tmp_path / name.replace("_", ".")).write_text(text, encoding="utf-8")
        report = desks[rubric].grade(tmp_path, only=[question])
        assert report.complete, report.faults
        (found,) = report.questions
        judged = [verdict.judgement for verdict in found.verdicts]
        ids = [each.id for judgement in judged for each in judgement.mistakes]
        return found.score, ids, " ".join(judgement.say for judgement in judged)

    return grade


# --- the same question in both forms

FORMULA = "answers: {p2.5: sign(cos(pi x1)) * sign(cos(pi x2))}"


def test_code_for_another_question_does_not_hide_a_formula(graded):
    """A folder always holds code for some question; the sheet counts for the others."""
    code = "def forward(X, parameters):\n    return X\n"
    assert graded(HOMEWORK, "p2.5", answers_yaml=FORMULA, net_py=code)[:2] == (5, [])


def test_a_program_that_never_starts_does_not_hide_a_formula(graded):
    """The code is for another question, so its trouble costs nothing here."""
    assert graded(HOMEWORK, "p2.5", answers_yaml=FORMULA, net_py="def f(:\n")[:2] == (5, [])


def test_a_blank_function_does_not_hide_a_formula(graded):
    """The template's stub was left as it is."""
    code = "def one_layer(x1, x2, n):\n    raise NotImplementedError\n"
    assert graded(HOMEWORK, "p2.5", answers_yaml=FORMULA, net_py=code)[:2] == (5, [])


def test_a_function_that_bears_a_fields_name_by_chance_costs_nothing(graded):
    """A notebook's `g` may be the sigmoid: the stage that was written in the sheet counts."""
    sheet = (
        "answers: {p2.1: {f11: 'sign(x1 - 0.5)', f12: 'sign(x2 - 0.5)', g: 'h11 * h12'},"
        " p2.2: {z1: 'min(x1, 2 - x1)', z2: 'min(x2, 2 - x2)'}}"
    )
    code = "import numpy as np\n\ndef g(z):\n    return 1 / (1 + np.exp(-z))\n\nz1 = g\n"
    assert graded(HOMEWORK, "p2.1", answers_yaml=sheet, net_py=code)[:2] == (5, [])
    assert graded(HOMEWORK, "p2.2", answers_yaml=sheet, net_py=code)[:2] == (5, [])


# --- stages as functions

ARRAYS = """
import numpy as np

def f11(x1):
    return np.where(x1 >= 0.5, 1, -1)

def f12(x2):
    return np.where(x2 >= 0.5, 1, -1)

def g(h11, h12):
    return h11 * h12
"""
NUMBERS = """
def f_11(x):
    return 1 if x > 0.5 else 0

def f_12(x):
    return x > 0.5

def g(a, b):
    if a == b:
        return True
    return False
"""
DISTANCES = """
f11 = lambda x1: x1 - 0.5
f12 = lambda x2: x2 - 0.5
g = lambda h11, h12: (h11 > 0) == (h12 > 0)
"""


@pytest.mark.parametrize("code", [ARRAYS, NUMBERS, DISTANCES])
def test_functions_that_compose_to_the_region_are_right(graded, code):
    """Arrays, numbers, zeros and ones, lambdas: what the composition draws decides."""
    assert graded(HOMEWORK, "p2.1", answer_py=code)[:2] == (5, [])


def test_a_wrong_last_function_is_named_and_the_others_keep_their_marks(graded):
    """Exchanged signs come from g; f11 and f12 are right beside a right g."""
    code = ARRAYS.replace("h11 * h12", "-h11 * h12")
    assert graded(HOMEWORK, "p2.1", answer_py=code)[:2] == (4, ["xor-for-xnor"])


def test_a_function_is_right_beside_a_wrong_one(graded):
    """g is asked about right values as well, so that a wrong f11 costs only f11."""
    code = ARRAYS.replace("x1 >= 0.5", "x1 >= 7")
    assert graded(HOMEWORK, "p2.1", answer_py=code)[0] == 4


def test_a_function_that_raises_costs_only_itself(graded):
    """The sentence names the function and the error."""
    code = ARRAYS.replace("np.where(x1 >= 0.5, 1, -1)", "x1.nothing")
    score, _, say = graded(HOMEWORK, "p2.1", answer_py=code)
    assert score == 3.5
    assert "f11 raised AttributeError" in say


def test_one_function_may_be_missing(graded):
    """f12 was forgotten: the two others earn their own marks."""
    code = ARRAYS.replace("def f12", "def second")
    assert graded(HOMEWORK, "p2.1", answer_py=code)[0] == 3.5


def test_code_and_sheet_may_share_the_stages(graded):
    """g in the code is asked about right values where f11 and f12 stand in the sheet."""
    sheet = "answers: {p2.1: {f11: 'sign(x1 - 0.5)', f12: 'sign(x2 - 0.5)'}}"
    code = "def g(h11, h12):\n    return h11 * h12\n"
    assert graded(HOMEWORK, "p2.1", answers_yaml=sheet, g_py=code)[:2] == (5, [])


@pytest.mark.parametrize(
    "body",
    ["1 - abs({} - 1)", "min({0}, 2 - {0})", "{0} if {0} <= 1 else 2 - {0}",
     "1 - ({} - 1) if {0} > 1 else {0}".replace("{}", "{0}"), "np.minimum({0}, 2 - {0})",
     "max(0, {0}) - 2 * max(0, {0} - 1)"],
)  # fmt: skip
def test_every_way_of_folding_is_right(graded, body):
    """Scalar code is called number by number."""
    code = "import numpy as np\n"
    code += "".join(f"def z{i}(x{i}):\n    return {body.format(f'x{i}')}\n" for i in (1, 2))
    assert graded(HOMEWORK, "p2.2", answer_py=code)[:2] == (5, [])


def test_a_wrong_fold_is_named(graded):
    """x mod 1 repeats the picture."""
    code = "def z1(x1):\n    return x1 % 1\ndef z2(x2):\n    return x2 % 1\n"
    score, ids, _ = graded(HOMEWORK, "p2.2", answer_py=code)
    assert score == 2
    assert set(ids) == {"checkerboard-by-translation"}


# --- a gradient as a function

HEAD = "import numpy as np\n\ndef grad_W(W, b, x, y):\n    a = 1 / (1 + np.exp(-(W @ x + b)))\n"


@pytest.mark.parametrize(
    ("last", "score", "ids"),
    [
        ("(a - y) @ x.T", 10, []),
        ("np.dot(x, (a - y).T).T", 10, []),
        ("np.einsum('ij,kj->ik', a - y, x)", 10, []),
        ("sum((a[0, i] - y[0, i]) * x[:, i] for i in range(x.shape[1]))", 10, []),
        ("(a - y) @ x.T / x.shape[1]", 9, ["extra-mean"]),
        ("(y - a) @ x.T", 7, ["sign"]),
        ("a - y", 6, ["stopped-at-z"]),
        ("((a - y) * a * (1 - a)) @ x.T", 6, ["squared-error-habit"]),
        ("(-y / a + (1 - y) / (1 - a)) @ x.T", 6, ["missing-derivative"]),
        ("-(y * (1 - a)) @ x.T", 6, ["missing-term"]),
        ("W.T @ (a - y)", 5, ["derivative-by-x"]),
        ("np.zeros_like(W)", 0, []),
    ],
)
def test_the_gradient_may_be_a_function(graded, last, score, ids):
    """The same marks and the same names as for the formula."""
    assert graded(MIDTERM, "q7", q7_py=f"{HEAD}    return {last}\n")[:2] == (score, ids)


def test_a_right_formula_counts_beside_a_function_that_fails(graded):
    """The better of the two ways, as where a question has two fields for it."""
    sheet = "answers: {q7: (y_hat - y) x^T}"
    found = graded(MIDTERM, "q7", answers_yaml=sheet, q7_py=f"{HEAD}    return undefined\n")
    assert found[0] == 10


# --- code in the sheet

NETWORK = """
def network(x1, x2, n):
    for k in reversed(range(n)):
        x1, x2 = (2**k - abs(x - 2**k) for x in (x1, x2))
    return 1 if (x1 > 0.5) == (x2 > 0.5) else -1

def units(n):
    return 2 * n + 3
"""


@pytest.mark.parametrize(
    "sheet",
    [
        f"## p2.4\n\nWe fold, the largest first.\n\n```python\n{NETWORK}```\n",
        f"## p2.4\n\n~~~\n{NETWORK}~~~\nThat is all.\n",
        f"## p2.4\n{NETWORK}",
    ],
)
def test_code_that_was_pasted_into_a_sheet_is_run(graded, sheet):
    """No file of its own is needed, fenced or not."""
    score, _, _ = graded(HOMEWORK, "p2.4", answers_md=sheet)
    assert score == 5


def test_code_may_stand_in_a_field_of_a_yaml_sheet(graded):
    """A block of YAML keeps the lines apart."""
    body = NETWORK.strip().replace("\n", "\n    ")
    assert graded(HOMEWORK, "p2.4", answers_yaml=f"answers:\n  p2.4: |\n    {body}\n")[0] == 5


def test_the_report_shows_the_sheet_where_the_code_stood(desks, tmp_path: Path):
    """What was taken is the student's own text, with its own place."""
    (tmp_path / "answers.md").write_text(f"## p2.4\n```python\n{NETWORK}```\n", encoding="utf-8")
    report = desks[HOMEWORK].grade(tmp_path, only=["p2.4"])
    answer = report.questions[0].verdicts[0].answer
    assert answer.place.file == "answers.md"
    assert "2 * n + 3" in answer.text


def test_pasted_code_that_fails_leaves_the_formula(graded):
    """A gradient pasted as NumPy is a formula as well, where it lacks what it calls."""
    code = "def grad_W(W, b, x, y):\n    return (not_there(W @ x + b) - y) @ x.T\n"
    sheet = f"## q7\n```python\n{code}```\n\n$(\\hat y - y) x^T$\n"
    assert graded(MIDTERM, "q7", answers_md=sheet)[0] == 10


def test_a_sheet_without_code_needs_no_wall(desks, tmp_path: Path):
    """The word def alone starts nothing."""
    (tmp_path / "answers.md").write_text("## q7\n(y_hat - y) x^T, by def. of y_hat\n")
    assert desks[MIDTERM].grade(tmp_path, only=["q7"]).sandbox == "none needed"
