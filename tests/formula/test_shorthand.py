"""What people leave out or add in writing changes nothing, and what is unknown is never dropped."""

import pytest

from grader import formula
from grader.errors import Unreadable
from grader.formula import Answers, Named

LOGISTIC = formula.notation(
    {
        "x": {"shape": ["n", "m"], "also": ["X"]},
        "y": {"shape": [1, "m"], "values": "binary"},
        "W": [1, "n"],
        "b": [1, 1],
    },
    {"z": "W x + b", "a": "sigma(z)", "y_hat": "a"},
    {"samples": "m"},
)
WANT = formula.want(LOGISTIC, Answers("q", ("(y_hat - y) x^T",)), labels=["dL/dW"])


def correct(text: str) -> bool:
    return formula.judge(text, WANT).correct


@pytest.mark.parametrize("text", ["(a - y)x^(T)", "(a - y) x^{(T)}", "(x (a - y)^{(T)})^(T)"])
def test_a_capital_t_in_brackets_transposes(text: str):
    """Where no T is declared, x^(T) is no sample number T."""
    assert correct(text)


def test_a_declared_t_in_brackets_is_no_transpose():
    """The question's own T stays an exponent."""
    known = formula.notation({"u": [1, 1], "T": [1, 1]})
    made = formula.want(known, Answers("q", ("u ** T",)))
    assert formula.judge("u^(T)", made).correct
    assert not formula.judge("u", made).correct


@pytest.mark.parametrize(
    "text",
    [
        "(σ − y) x^T",
        r"(\sigma - y) x^T",
        "-(y - σ) x^T",
        r"\left[\frac{1-y}{1-\sigma} - \frac{y}{\sigma}\right] \odot \sigma(1-\sigma) x^T",
        "((σ + 0) - y) x^T",
    ],
)
def test_the_bare_name_of_an_activation_is_its_value(text: str):
    """σ is short for σ(z), where the question applies it to z alone."""
    assert correct(text)


@pytest.mark.parametrize("text", ["(σ -y) x^T", "(tanh - y) x^T", "(softplus - y) x^T"])
def test_a_bare_function_without_a_known_argument_is_unreadable(text: str):
    """Nobody is judged by an argument that was guessed."""
    with pytest.raises(Unreadable):
        formula.judge(text, WANT)


def test_a_bare_function_that_is_applied_to_several_is_unreadable():
    """Of σ(u) and σ(v), a bare σ says neither."""
    known = formula.notation({"u": [1, 1], "v": [1, 1]}, {"g": "sigma(u)", "h": "sigma(v)"})
    made = formula.want(known, Answers("q", ("g - 1",)))
    with pytest.raises(Unreadable, match="argument"):
        formula.judge("σ - 1", made)


@pytest.mark.parametrize(
    "remark",
    [
        " (1×m)(m×n)",
        "  [1×m][m×n]",
        " (1×m · m×n = 1×n)",
        " (1 x m) (m x n)",
        ", size 1xn",
        " size 1xn",
        " - dimensions 1×n",
        " — dimensions: 1×n",
        r" \qquad (3)",
        r" \quad (12)",
        " (eq. 3)",
        " [10 pts]",
        " (10 points)",
        " (m samples)",
        " QED",
        " !!!",
        "!",
        "?",
        " (1×m)(m×n) [10 pts] !",
    ],
)
@pytest.mark.parametrize("left", ["", "dL/dW = "])
def test_a_remark_behind_a_formula_is_no_factor(left: str, remark: str):
    """Sizes, an equation's number, marks and exclamations are not multiplied in."""
    assert correct(f"{left}(a - y) x^T{remark}")
    assert not correct(f"{left}(y - a) x^T{remark}")


@pytest.mark.parametrize(
    "text",
    ["2 (a - y) x^T", "(a - y) x^T (1/m)", "(a - y) x^T (m)", "(a - y) x^T * (3)", "(a - y) (2)"],
)
def test_a_factor_behind_a_formula_is_no_remark(text: str):
    """What is not only a size with a size, or a number set apart, still counts."""
    assert not correct(text)


def test_a_factorial_stays_a_factorial():
    """The exclamation mark behind a number or its brackets is no shout."""
    known = formula.notation({"k": [1, 1]})
    made = formula.want(known, Answers("q", ("(k - k + 3)!",)))
    assert formula.judge("3!", made).correct
    assert not formula.judge("3", made).correct


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("error x^T", "error"),
        ("error · x^T", "error"),
        ("error * x^T", "error"),
        ("(the error) x^T", "error"),
        ("(residual - y) x^T", "residual"),
        ("dL/dW = (difference) x^T", "difference"),
    ],
)
def test_a_word_that_stands_for_a_factor_is_never_dropped(text: str, word: str):
    """The rest of a product is not judged when one of its factors is not understood."""
    with pytest.raises(Unreadable, match=word):
        formula.judge(text, WANT)


@pytest.mark.parametrize(
    "text",
    [
        "(a - y) x^T (the error times the input)",
        "(a - y) x^T, where a is the prediction and y the target",
        "error δ = a - y\ndL/dW = δ x^T",
        "The error is a - y, so dL/dW = (a - y) x^T",
        "Output: (a - y) x^T",
        "(prediction) dL/dW = (a - y) x^T",
    ],
)
def test_words_beside_a_formula_are_still_words(text: str):
    """A word is no factor where it explains one."""
    assert correct(text)


def test_a_product_in_words_is_not_cut():
    """Of `the outer product of u and v`, u alone is not the answer."""
    with pytest.raises(Unreadable, match="product"):
        formula.judge("the outer product of (a - y) and x", WANT)


@pytest.mark.parametrize("text", ["x^T", "X", "-x^T", "y", "x_i^T"])
def test_a_copied_symbol_is_not_an_answer_without_a_factor(text: str):
    """Nothing is said to be missing where next to nothing is there."""
    found = formula.judge(text, WANT)
    assert not found.correct
    assert not {"missing-factor", "missing-term"} & {each.id for each in found.mistakes}


def test_a_small_term_alone_is_not_an_answer_without_a_term():
    """The penalty's gradient is a small part of the whole gradient."""
    known = formula.notation(
        {"x": ["n", "m"], "y": [1, "m"], "W": [1, "n"], "c": [1, 1]}, {"a": "sigma(W x)"}
    )
    right = "((a - y) * a * (1 - a)) x^T + ((a - y) * (1 - a)) x^T + c W"
    made = formula.want(known, Answers("q", (right,)))
    assert "missing-term" not in {each.id for each in formula.judge("c W", made).mistakes}
    most = right.removesuffix(" + c W")
    assert "missing-term" in {each.id for each in formula.judge(most, made).mistakes}


def test_a_factor_is_still_missing_where_the_rest_stands():
    """What holds a part of the answer that somebody worked out keeps the name of its slip."""
    known = formula.notation({"X": ["n", "k"], "y": ["n", 1]})
    made = formula.want(known, Answers("q", ("(X^T X)^{-1} X^T y",)))
    assert "missing-factor" in {each.id for each in formula.judge("X^T y", made).mistakes}


def test_nothing_is_not_the_mistake_that_comes_to_nothing():
    """Σ_k (z_k - t_k) is zero for a softmax, which zeros that were just written down are not."""
    known = formula.notation(
        {
            "X": ["d", "N"],
            "T": {"shape": ["c", "N"], "values": "one-hot"},
            "W": ["c", "q"],
            "V": ["q", "d"],
        },
        {"S": "V X", "Z": "softmax(W tanh(S))"},
        {"samples": "N"},
    )
    forgotten = Named(
        "weights-forgotten", r"\sum_n \sum_k (z_{kn} - t_{kn}) s_{jn} x_{in}", "Weights."
    )
    right = "((W^T (Z - T)) * tanh'(S)) X^T"
    made = formula.want(known, Answers("q", (right,), (), (forgotten,)))
    for nothing in ("0 V", "np.zeros((q, d))", "V - V"):
        assert formula.judge(nothing, made).mistakes == ()
    made_out = formula.judge(r"\sum_n \sum_k (z_{kn} - t_{kn}) s_{jn} x_{in}", made)
    assert [each.id for each in made_out.mistakes] == ["weights-forgotten"]


def test_a_transpose_in_words_is_one():
    """`The transpose of` what is turned about is the answer; of what is not right, who knows."""
    assert formula.judge("the transpose of x (a - y)^T", WANT).correct
    for text in ("the transpose of x (y - a)^T", "average of (a - y) x^T over the samples"):
        with pytest.raises(Unreadable, match="beside the formula"):
            formula.judge(text, WANT)
