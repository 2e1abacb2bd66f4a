"""What stands beside a formula: words that are defined there, letters said again, activations."""

from __future__ import annotations

import pytest

from grader import desk
from grader.kinds import Case, formula
from grader.model import Answer, Check, Judgement, Mistake, Place, Question

NO_EXPONENTIAL = Mistake("missing-exponential", "Say e.", 0.5, {})
NET = Question(
    "q",
    "Q",
    "?",
    4,
    (
        Check(
            "formula",
            "grad",
            4,
            {"answer": "((W_2^T (Z - T)) \\odot f'(net)) X^T"},
            ("dW1", "\\nabla_{W_1} J"),
            (NO_EXPONENTIAL,),
        ),
    ),
    symbols={
        "X": ["d", "N"],
        "T": {"shape": ["c", "N"], "values": "one-hot"},
        "W_1": ["q", "d"],
        "W_2": ["c", "q"],
    },
    define={"net": "W_1 X", "H": "f(net)", "Z": "softmax(W_2 H)"},
    notation={"samples": "N", "functions": {"f": ["any", "sigmoid", "tanh", "relu"]}},
)


def judged(field: str, around: str) -> Judgement:
    """Judge one field of an answer that holds more than the field."""
    (check,) = NET.checks
    answer = Answer(field, field, Place("a.md", 1))._replace(context=around)
    got = formula.read(answer, check, NET)
    assert got is not None
    want = formula.expect(check, NET, lambda name, given: None)
    return formula.judge(got, want, Case(check, NET))


def ids(judgement: Judgement) -> list[str]:
    return [each.id for each in judgement.mistakes]


def test_a_word_that_is_defined_beside_is_not_taken_apart():
    """`dnet` is the student's own name, and not the number of inputs times net."""
    around = "dA = Z - T\ndnet = (W_2.T @ dA) * (1 - H**2)\ndW1 = dnet @ X.T"
    assert judged("dnet @ X.T", around).credit == 1


SLOPE = "((W_2.T @ (Z - T)) * {}) @ X.T"


@pytest.mark.parametrize(
    ("slope", "said"),
    [
        ("H * (1 - H)", "H = tanh(net)"),
        ("(1 - H**2)", "with sigmoid hidden units"),
        ("(net > 0)", "I use the logistic function"),
    ],
)
def test_the_derivative_of_another_activation_than_the_one_named_is_wrong(slope, said):
    """Each activation is accepted, but not the derivative of one for a unit of another."""
    field = SLOPE.format(slope)
    found = judged(field, f"{said}\ndW1 = {field}")
    assert ids(found) == ["wrong-derivative"]
    assert 0 < found.credit < 1
    assert found.review == 1


@pytest.mark.parametrize(
    ("slope", "said"),
    [
        ("H * (1 - H)", "f is the sigmoid"),
        ("(1 - H**2)", "f = tanh"),
        ("H * (1 - H)", "for a sigmoid; for tanh it would be 1 - H**2"),
        ("H * (1 - H)", "no activation is named"),
        ("f'(net)", "for any f, such as tanh"),
        ("H * (1 - H)", "the softmax is no hidden unit"),
    ],
)
def test_the_derivative_of_the_activation_that_is_named_is_right(slope, said):
    """So is a general one, and one for which nothing or several are named."""
    field = SLOPE.format(slope)
    found = judged(field, f"{said}\ndW1 = {field}")
    assert (found.credit, ids(found)) == (1, [])


def test_a_letter_that_is_said_wrongly_beside_is_shown_to_a_person():
    """The formula is right, and the minus in net is for staff to weigh."""
    field = "((W_2^T (Z - T)) ⊙ f'(net)) X^T"
    found = judged(field, f"net = W_1 X - W_1 X W_1\ndW1 = {field}")
    assert (found.credit, found.review) == (1, 0)
    found = judged(field, f"net = -W_1 X\ndW1 = {field}")
    assert (found.credit, found.review) == (1, 1)
    assert "'net = -W_1 X'" in str(found.reason)


@pytest.mark.parametrize(
    "said",
    [
        r"$z_{ik} = \frac{a_{ik}}{\sum_{l=1}^c a_{il}}$ with $a = W_2 H$",
        "Z = A / A.sum(axis=0) with A = W_2 @ H",
        "Z = A / np.sum(A, axis=0), A = W_2 @ H",
    ],
)
def test_a_softmax_that_is_said_without_exponentials_has_a_name(said):
    """The formula is right, the softmax beside it is not: the rubric says what that costs."""
    field = "((W_2^T (Z - T)) ⊙ f'(net)) X^T"
    found = judged(field, f"{said}\n\ndW1 = {field}")
    assert (ids(found), found.credit) == (["missing-exponential"], 0.5)


@pytest.mark.parametrize(
    "said",
    [
        r"$z_{ik} = \frac{e^{a_{ik}}}{\sum_{l=1}^c e^{a_{il}}}$ with $a = W_2 H$",
        "Z = softmax(W_2 H), H = f(net), net = W_1 X",
        "net = W_1 X, so net_j = Σ_i w_ji x_i",
    ],
)
def test_what_is_said_rightly_costs_nothing(said):
    """Saying again what the question says is no reason to look."""
    field = "((W_2^T (Z - T)) ⊙ f'(net)) X^T"
    found = judged(field, f"{said}\n\ndW1 = {field}")
    assert (found.credit, ids(found), found.review) == (1, [], 0)


# --- what a machine does not decide --------------------------------------------------------------


def graded(text: str):
    with desk.set_up("ie8990-midterm") as at:
        return at.grade_text(f"## q7\n\n{text}\n", ["q7"]).questions[0].verdicts[0]


@pytest.mark.parametrize("text", ["(ŷ − y) W", "W x", "x(ŷ − y)", "(z - y) x^T y"])
def test_a_wrong_formula_that_no_slip_explains_is_looked_at(text: str):
    """It may be a way that stopped early, which is worth something to a person."""
    verdict = graded(text)
    assert verdict.score == 0 or verdict.judgement.mistakes
    assert verdict.judgement.review == 1 or verdict.judgement.mistakes


def test_an_unexplained_formula_says_why_it_waits():
    """The reason stands in the review list."""
    judgement = graded("W x").judgement
    assert (judgement.credit, judgement.review) == (0, 1)
    assert judgement.reason == "no slip explains the formula: part of the way may be right"


@pytest.mark.parametrize(
    "text", ["The outer product of (a - y) and x", "(foo - y) x^T", "∇ [x^T] times (a - y)"]
)
def test_a_slip_beside_which_something_was_not_read_is_looked_at(text: str):
    """Signs and letters of the question belong to the formula, whatever the words between."""
    verdict = graded(text)
    assert verdict.score == 10 or verdict.judgement.review == 1


@pytest.mark.parametrize(
    "text", ["The gradient is (y - a) x^T, by the chain rule.", "dL/dW = (y-a) x^T", "(y - ŷ)xᵀ"]
)
def test_a_slip_in_a_sentence_is_a_slip(text: str):
    """Words alone take nothing away from what was read."""
    verdict = graded(text)
    assert [each.id for each in verdict.judgement.mistakes] == ["sign"]
    assert verdict.judgement.review == 0
