"""Of all that a student writes, the right statement is the answer, and nothing is dropped."""

import pytest

from grader import formula
from grader.errors import Unreadable
from grader.formula.display import display

LOGISTIC = formula.notation(
    {
        "x": ["n", "m"],
        "X": {"same": "x"},
        "y": {"shape": [1, "m"], "values": "binary"},
        "W": [1, "n"],
        "b": [1, 1],
    },
    {"z": "W x + b", "a": "sigma(z)", "y_hat": "a"},
    {"samples": "m"},
)
LABELS = ["dL/dW", "grad_W"]


def taken(text: str) -> str:
    return formula.read(text, LOGISTIC, LABELS).taken


def understood(text: str) -> str:
    return display(formula.read(text, LOGISTIC, LABELS).first().tree)


@pytest.mark.parametrize(
    "text",
    [
        "(a - y) x^T",
        "dL/dW = (a - y) x^T",
        "= (a - y) x^T",
        "The gradient is (a - y) x^T.",
        "Answer: (a - y) x^T",
        "so we get\n\n  dL/dW = (a - y) x^T",
        "dL/dz = a - y\ndL/dW = (a - y) x^T",
        "dL/dW = (a - y) x^T\ndL/db = a - y",
        "dL/dW = z x^T = (a - y) x^T",
        "dL/dW = z x^T\n      = (a - y) x^T",
        "1) dL/dz = a - y\n2) dL/dW = (a - y) x^T",
        "- dL/dz = a - y\n- dL/dW = (a - y) x^T",
        "**dL/dW = (a - y) x^T**",
        "$$dL/dz = a - y$$\n\nNow W.\n\n$$dL/dW = (a - y) x^T$$",
        "dL/dW = (a - y) x^T, where a is the prediction",
        "(a - y) x^T (the error times the input)",
        "The gradient of L with respect to W is (a - y) x^T",
        "grad_W: (a - y) x^T",
        "dL/dW = (a - y) x^T ∈ R^{1×n}",
    ],
)
def test_the_answer_is_found_among_words_and_steps(text: str):
    """The last equation for what is asked is the answer, however it is dressed."""
    assert taken(text).strip() == "(a - y) x^T"


@pytest.mark.parametrize(
    "text",
    [
        "d x^T where d = a - y",
        "Let d = a - y. Then dL/dW = d x^T",
        "δ = a − y; δ xᵀ",
        "dz = a - y\ndW = np.dot(dz, x.T)",
        "dL/dz = a - y ⇒ dL/dW = dL/dz x^T",
        r"\sum_i \delta_i x_i^T, \quad \delta_i = a_i - y_i",
        "g(t) = t - y\ng(a) x^T",
        "def error(p):\n    return p - y\ndW = error(a) @ x.T",
        "e = a - y; f = e x^T; dL/dW = f",
    ],
)
def test_what_a_student_defines_is_understood(text: str):
    """Definitions may stand before or after, and build on each other."""
    want = formula.want(LOGISTIC, formula.Answers("d", ("(y_hat - y) x^T",)), labels=LABELS)
    assert formula.judge(text, want).correct


@pytest.mark.parametrize(
    "text",
    ["dL/dW = (σ(z) − y)xᵀ where σ(z) = tanh(z)", "z = W x - b\ndW = (sigmoid(z) - y) @ x.T"],
)
def test_a_wrong_definition_makes_the_answer_wrong(text: str):
    """A student's own definition is taken at its word, also of the question's letters."""
    want = formula.want(LOGISTIC, formula.Answers("d", ("(y_hat - y) x^T",)), labels=LABELS)
    assert not formula.judge(text, want).correct


@pytest.mark.parametrize(
    ("text", "words", "place"),
    [
        ("δ xᵀ", "'δ' is not known", 0),
        ("(p - y) x^T", "'p' is not known", 1),
        ("(a - y x^T", "missing to close", 0),
        ("(a - y) x^T)", "not expected", 11),
        ("(a - y) x^", "ends where", 10),
        ("(a - y) x^T or (y - a) x^T", "two formulas", 15),
        ("(a - y) x^T, (y - a) x^T", "two formulas", 13),
        ("(a - y) x^T banana", "banana", 12),
        ("minus (a - y) x^T times", "", None),
        ("half of (a - y) x^T", "", None),
        ("(a - y) x^T averaged over the samples", "averaged", 12),
        ("d x^T where d = d + 1", "defined by itself", None),
        ("u x^T where u = v, v = u", "defined by itself", None),
        ("dL/dW = ∂L/∂z xᵀ", "not worked out", 8),
        ("dL/dW ∝ (a - y) x^T", "factor open", 6),
    ],
)
def test_what_is_not_understood_is_said_with_its_place(text: str, words: str, place: int | None):
    """Nothing is guessed: the caret stands under the first sign that has no meaning."""
    with pytest.raises(Unreadable) as trouble:
        formula.read(text, LOGISTIC, LABELS)
    assert words in trouble.value.message
    assert trouble.value.text == text
    if place is not None:
        assert trouble.value.position == place


def test_the_known_names_are_told():
    """Whoever types a stranger is told which names there are."""
    with pytest.raises(Unreadable, match="known are x, y, W, b, X, z, a, ŷ, n, m"):
        formula.read("q x^T", LOGISTIC)


@pytest.mark.parametrize("text", ["", "  ", "$$ $$", "I don't know", "see above", "..."])
def test_no_formula_is_told_apart_from_a_wrong_one(text: str):
    """A text without a formula is unreadable, and never judged."""
    with pytest.raises(Unreadable):
        formula.read(text, LOGISTIC)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"\left(\hat{y} - y\right) x^{\top}", "(ŷ − y) xᵀ"),
        ("np.dot(a - y, x.T)", "dot(a − y, xᵀ)"),
        (r"\frac{1}{m}\sum_i y_i", "1/m (Σ_i y_i)"),
        ("sigma(z)(1-sigma(z))", "σ(z) (1 − σ(z))"),
        ("1{z > 0}", "1[z > 0]"),
        ("-y/a + (1-y)/(1-a)", "−y/a + (1 − y)/(1 − a)"),
    ],
)
def test_a_formula_is_shown_as_it_was_read(text: str, shown: str):
    """The report prints what was understood, in one notation."""
    assert understood(text) == shown


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("Σ(a − y)xᵀ", "samples"),
        ("y a", "entry by entry"),
        ("Y x^T", "Y was read as y"),
    ],
)
def test_what_was_ambiguous_is_told(text: str, note: str):
    """A charitable reading is never a silent one."""
    notes = formula.read(text, LOGISTIC).first().notes
    assert any(note in each for each in notes)


def test_a_formula_is_evaluated_over_many_points():
    """A function of numbers is asked at all points at once."""
    known = formula.notation({"x1": [], "x2": []})
    reading = formula.read("f(t) = 1 if t >= 0.5 else -1; g = f(x1) * f(x2)", known, ["g"])
    values = reading.over({"x_1": [0.25, 0.75, 0.25], "x_2": [0.25, 0.25, 0.75]})
    assert values.tolist() == [1.0, -1.0, -1.0]
