"""A classic slip is called by its name, alone and with another, and a tie is told as one."""

from typing import Any

import pytest

from grader import formula
from grader.formula import Answers, Named

LOGISTIC: dict[str, Any] = {
    "symbols": {
        "x": ["n", "m"],
        "y": {"shape": [1, "m"], "values": "binary"},
        "W": [1, "n"],
        "b": [1, 1],
    },
    "define": {"z": "W x + b", "a": "sigma(z)", "y_hat": "a"},
    "options": {"samples": "m"},
}
LAYERS: dict[str, Any] = {
    "symbols": {
        "W_1": ["q", "d"],
        "W_2": ["c", "q"],
        "X": ["d", "N"],
        "T": {"shape": ["c", "N"], "values": "one-hot"},
        "lambda": {"shape": [], "values": "positive"},
    },
    "define": {"S": "W_1 X", "H": "tanh(S)", "Z": "softmax(W_2 H)"},
    "options": {"samples": "N"},
}


def want(question: dict[str, Any], right: str, *named: Named) -> formula.Want:
    known = formula.notation(**question)
    return formula.want(known, Answers("slips", (right,), (), named))


GRADIENT = want(LOGISTIC, "(y_hat - y) x^T")
MEAN = want(LOGISTIC, r"\frac{1}{m} (y_hat - y) x^T")
HIDDEN = want(LAYERS, r"((W_2^T (Z - T)) \odot (1 - H \odot H)) X^T + \lambda W_1")
LOSS = want(LOGISTIC, r"-\sum_i [y_i \ln \hat y_i + (1 - y_i) \ln(1 - \hat y_i)]")


@pytest.mark.parametrize(
    ("asked", "text", "ids"),
    [
        (GRADIENT, "(y - a) x^T", {"sign"}),
        (GRADIENT, "2 (a - y) x^T", {"constant-factor"}),
        (GRADIENT, "(a - y) x^T / m", {"extra-mean"}),
        (MEAN, "(a - y) x^T", {"missing-mean"}),
        (GRADIENT, "a - y", {"missing-factor"}),
        (GRADIENT, "(a - y) x", {"missing-transpose"}),
        (GRADIENT, "x (a - y)^T", {"transposed-layout"}),
        (GRADIENT, "x^T (a - y)", {"product-order"}),
        (GRADIENT, "np.multiply(a - y, x)", {"elementwise-for-matrix-product"}),
        (GRADIENT, "(a_i - y_i) x_i^T", {"missing-sum"}),
        (HIDDEN, r"W_2^T (Z - T) X^T + \lambda W_1", {"missing-derivative"}),
        (
            HIDDEN,
            r"((W_2^T (Z - T)) \odot H \odot (1 - H)) X^T + \lambda W_1",
            {"wrong-derivative"},
        ),
        (HIDDEN, r"((W_2^T (Z - T)) \odot (1 - H \odot H)) X^T", {"missing-term"}),
        (HIDDEN, r"((W_2^T (Z - T)) \odot (1 - H \odot H)) X^T - \lambda W_1", {"sign"}),
        (
            HIDDEN,
            r"((W_2^T (Z - T)) \odot (1 - H \odot H)) X^T + 2 \lambda W_1",
            {"constant-factor"},
        ),
        (
            LOSS,
            r"-\sum_i [y_i \log_2 \hat y_i + (1 - y_i) \log_2(1 - \hat y_i)]",
            {"log-base-2"},
        ),
        (
            LOSS,
            r"-\sum_i [y_i \log_{10} \hat y_i + (1 - y_i) \log_{10}(1 - \hat y_i)]",
            {"log-base-10"},
        ),
        (LOSS, r"-\sum_i y_i \ln \hat y_i", {"missing-term"}),
        (GRADIENT, "-2 (a - y) x^T", {"constant-factor", "sign"}),
        (GRADIENT, "(y - a) x^T / m", {"extra-mean", "sign"}),
        (GRADIENT, "x (y - a)^T", {"transposed-layout", "sign"}),
        (GRADIENT, "y - a", {"missing-factor", "sign"}),
        (GRADIENT, "x^T (y - a)", {"product-order", "sign"}),
    ],
)
def test_a_slip_has_its_name(asked: formula.Want, text: str, ids: set[str]):
    """What a teacher would say at a glance is what the room says."""
    finding = formula.judge(text, asked)
    assert not finding.correct
    assert {mistake.id for mistake in finding.mistakes} == ids
    assert all(mistake.say for mistake in finding.mistakes)


@pytest.mark.parametrize(
    "text", ["W", "x x^T", "a y^T", "sin((a - y) x^T)", "(a - y) x^T + W", "(a - 2y) x^T y_1"]
)
def test_what_has_no_name_gets_none(text: str):
    """A wrong answer that is no classic slip is only wrong."""
    finding = formula.judge(text, GRADIENT)
    assert not finding.correct
    assert finding.mistakes == ()
    assert finding.why


@pytest.mark.parametrize(
    ("asked", "text", "ids"),
    [
        (GRADIENT, "x (a - y)", {"missing-transpose"}),
        (GRADIENT, "(a - y)^T x", {"product-order"}),
        (GRADIENT, "x (y - a)", {"missing-transpose", "sign"}),
        (GRADIENT, r"\frac{1}{m} x (a - y)", {"missing-transpose", "extra-mean"}),
        (GRADIENT, "np.outer(a - y, x)", {"missing-transpose"}),
        (GRADIENT, "((1 + e^{-z})^{-1} - y) x", {"missing-transpose"}),
        (GRADIENT, "(-(y - (1 + np.exp(-z))**-1)) @ x", {"missing-transpose"}),
        (GRADIENT, "(a_i - y_i) x_i", {"missing-sum"}),
        (GRADIENT, r"\frac{\partial L}{\partial w_k} = (a - y) x_k", {"missing-sum"}),
        (GRADIENT, "average (a - y) x^T", {"extra-mean"}),
        (GRADIENT, "(z - y) x^T", {"missing-activation"}),
        (GRADIENT, "(W x + b - y) x^T", {"missing-activation"}),
        (GRADIENT, "(z - y) x", {"missing-activation", "product-order"}),
        (GRADIENT, "(\\sigma(W x) - y) x^T", {"missing-term"}),
        (GRADIENT, "(a - y) W^T", {"wrong-symbol"}),
        (HIDDEN, r"W_2 (Z - T) \odot (1 - H \odot H) X + \lambda W_1", {"missing-transpose"}),
        (HIDDEN, r"((Z - T) \odot (1 - H \odot H)) X^T + \lambda W_1", {"missing-factor"}),
    ],
)
def test_what_does_not_fit_is_told_by_its_factors(asked: formula.Want, text: str, ids: set[str]):
    """Where operands do not fit, the factors still show what was meant and what went wrong."""
    finding = formula.judge(text, asked)
    assert not finding.correct
    assert {mistake.id for mistake in finding.mistakes} == ids
    assert all(mistake.say for mistake in finding.mistakes)


@pytest.mark.parametrize("text", ["(a - y) W", "W (a - y)", "W^T (a - y)", "(a - y)^T W"])
def test_the_rubrics_own_mistake_is_known_in_any_order(text: str):
    """The chain rule towards x is that in whatever order, and costs nothing for its layout."""
    named = Named("derivative-by-x", "(y_hat - y)^T W", "By x.")
    finding = formula.judge(text, want(LOGISTIC, "(y_hat - y) x^T", named))
    assert [mistake.id for mistake in finding.mistakes] == ["derivative-by-x"]


@pytest.mark.parametrize(
    "text",
    [
        r"\sum_i (a_i - y_i) \sum_j x_j^T",
        r"\sum_i \sum_j (a_i - y_i) x_j^T",
        "(a - y) @ x.T @ np.linalg.inv(x @ x.T) @ (x @ x.T).T",
        "np.sum((a - y) * x)",
        "(x ⊗ I)(a - y)^T",
    ],
)
def test_sums_and_inverses_are_no_matter_of_order(text: str):
    """What is lost when matrices are taken for numbers is not called an order or a transpose."""
    assert formula.judge(text, GRADIENT).mistakes == ()


def test_less_is_left_where_more_is_missing():
    """The error without the input is more of the answer than the prediction with it."""
    left = {
        text: formula.judge(text, GRADIENT).mistakes[0].left
        for text in ("a - y", "a x^T", "-y x^T")
    }
    assert left == {"a - y": 0.75, "a x^T": 0.5, "-y x^T": 0.5}


def test_a_general_function_is_meant_for_every_choice_of_it():
    """f'(f(z)) is f'(z) for a ReLU, which is no reason to take it for right."""
    layers = {
        **LAYERS,
        "define": {"S": "W_1 X", "H": "f(S)", "Z": "softmax(W_2 H)"},
        "options": {"samples": "N", "functions": {"f": ["any", "relu"]}},
    }
    asked = want(layers, r"((W_2^T (Z - T)) \odot f'(S)) X^T")
    found = formula.judge(r"((W_2^T (Z - T)) \odot f'(H)) X^T", asked)
    assert [mistake.id for mistake in found.mistakes] == ["wrong-derivative"]
    assert formula.judge(r"((W_2^T (Z - T)) \odot 1[S > 0]) X^T", asked).correct


def test_a_tie_is_told_as_one():
    """Where two slips lead to the same values, both are said and neither is chosen."""
    one = Named("first", "2 (y_hat - y) x^T", "One.")
    other = Named("second", "(y_hat - y) (2 x)^T", "Other.")
    finding = formula.judge("2 (a - y) x^T", want(LOGISTIC, "(y_hat - y) x^T", one, other))
    assert [mistake.id for mistake in finding.mistakes] == ["first", "second"]
    assert finding.tied
    assert "One of these" in finding.why


def test_a_named_mistake_is_told_with_a_sign():
    """The rubric's own mistake is recognised beside a slip of the sign."""
    named = Named("stopped-at-z", "y_hat - y", "Go on.")
    finding = formula.judge("y - a", want(LOGISTIC, "(y_hat - y) x^T", named))
    assert [mistake.id for mistake in finding.mistakes] == ["stopped-at-z", "sign"]
    assert not finding.tied


def test_slips_are_told_without_a_formula_to_alter():
    """Signs, factors and layouts are seen on the values alone."""
    known = formula.notation(**LOGISTIC)
    asked = formula.want(
        known, Answers("values", sources=(lambda s: (s["a"] - s["y"]) @ s["x"].T,))
    )
    for text, id_ in (
        ("(y - a) x^T", "sign"),
        ("3 (a - y) x^T", "constant-factor"),
        ("(a - y) x^T / m", "extra-mean"),
        ("x (a - y)^T", "transposed-layout"),
    ):
        assert [mistake.id for mistake in formula.judge(text, asked).mistakes] == [id_]


def test_staff_are_told_more():
    """What was left out is named to staff, and only to staff."""
    finding = formula.judge("a - y", GRADIENT)
    assert "xᵀ" in finding.staff
    assert "xᵀ" not in finding.why
