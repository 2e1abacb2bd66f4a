"""Names that students use for a prediction and a label, though the question has others."""

import pytest

from grader import formula
from grader.errors import Unreadable
from grader.formula.target import Answers

SYMBOLS = {"x": ["n", "m"], "y": {"shape": [1, "m"], "values": "binary"}, "W": [1, "n"], "b": [1]}
DEFINE = {"z": "W x + b", "a": "sigma(z)", "y_hat": "a"}
READ_AS = {"y_hat": ["p", "h", "h_theta", "f"], "y": ["t"]}
KNOWN = formula.notation(SYMBOLS, DEFINE, {"samples": "m", "read_as": READ_AS})
WANT = formula.want(KNOWN, Answers("names", ("(y_hat - y) x^T",)), labels=["dL/dW"])


def correct(text: str) -> bool:
    return formula.judge(text, WANT).correct


@pytest.mark.parametrize("label", ["y", "y_true", "ytrue", "target", "label", "t", "actual"])
@pytest.mark.parametrize(
    "estimate",
    ["y_pred", "ypred", "pred", "prediction", "predicted", "output", "y-hat", "p", "h", "y_{pred}"],
)
def test_a_usual_name_is_understood(estimate: str, label: str):
    """What is predicted and what was observed have many names, and nobody writes them down."""
    assert correct(f"({estimate} - {label}) x^T")
    assert correct(f"dL/dW = ({estimate} - {label}) @ x.T")
    assert not correct(f"({label} - {estimate}) x^T")


@pytest.mark.parametrize(
    "text",
    [
        "(h(x) - y) x^T",
        "(a(z) - y) x^T",
        "(f(x; W, b) - y) x^T",
        r"(h_\theta(x) - y) x^T",
        r"\sum_i (h_\theta(x^{(i)}) - y^{(i)}) (x^{(i)})^T",
        "Σ_i (ŷ(x_i) − y_i) x_iᵀ",
        r"\frac{\partial L}{\partial w_j} = \sum_i (h(x^{(i)}) - y^{(i)}) x_j^{(i)}",
        r"(\stackrel{\wedge}{y} - y) x^T",
        r"(\overset{\wedge}{y} - y) x^T",
    ],
)
def test_a_prediction_may_be_written_as_a_function(text: str):
    """h(x) says of what h is computed; with an index in its argument it is one sample's."""
    assert correct(text)


@pytest.mark.parametrize(
    "text",
    ["p = a - y, so p x^T", "h = W x + b; dL/dW = (sigma(h) - y) x^T", "t = a; (t - y) x^T"],
)
def test_what_a_student_defines_goes_before_what_a_letter_usually_is(text: str):
    """A letter that the answer itself explains means that."""
    assert correct(text)


@pytest.mark.parametrize(
    "text",
    [
        "(a - y) x^T where a is the prediction and y the label",
        "The output minus the target gives (a - y) x^T",
        "the prediction error is a - y, hence dL/dW = (a - y) x^T",
        "Output: (a - y) x^T",
    ],
)
def test_the_same_words_in_a_sentence_are_words(text: str):
    """A name is one only where it stands as an operand."""
    assert correct(text)


@pytest.mark.parametrize("text", ["(y* - y) x^T", "(y' - y) x^T", r"(\tilde y - y) x^T"])
def test_a_mark_that_could_mean_more_than_one_thing_is_not_guessed(text: str):
    """A star is no product before a minus; what cannot be told gets no mistake of a name."""
    try:
        found = formula.judge(text, WANT)
    except Unreadable:
        return
    assert not found.correct
    assert not found.mistakes


def test_a_product_of_a_definition_and_a_bracket_stays_one():
    """a(1 - a) and a(y) are products: y is nothing that a is computed from."""
    made = formula.want(KNOWN, Answers("products", ("a * (1 - a) * y",)))
    assert formula.judge("a(1-a)y", made).correct
    assert formula.judge("(1 - a)a(y)", made).correct


def test_a_reading_of_an_undeclared_name_is_complained_of():
    """A rubric cannot let a letter be read as one that it does not have."""
    with pytest.raises(ValueError, match="read_as: 'q' is not declared"):
        formula.notation(SYMBOLS, DEFINE, {"read_as": {"q": ["p"]}})


@pytest.mark.parametrize(
    "text", ["(a - t) x^t", "(p - t) xT", r"(h - t)\,{}^t x", "(p - t) %*% t(x)"]
)
def test_a_usual_name_gives_way_to_what_a_mark_is(text: str):
    """The t that may be a label still transposes where it is raised, or called in R."""
    assert correct(text)


@pytest.mark.parametrize("text", ["(hat - y) x^T", "pot x^T", "(y - hpt) x^T"])
def test_no_word_is_made_of_letters_that_nobody_declared(text: str):
    """The h, a, t of a word are no product."""
    with pytest.raises(Unreadable):
        formula.judge(text, WANT)


STEP = formula.notation({"o": ["n"], "c_t": ["n"]})


@pytest.mark.parametrize(
    "text",
    ["o_t ⊙ tanh(c_t)", r"h_t = o_t \odot \tanh(c_t)", "o ⊙ tanh(c_t)", r"\tanh(c_t) \circ o_t"],
)
def test_a_mark_of_the_question_is_no_index_of_another_name(text: str):
    """Where c_t is one vector, o_t is the vector o of the same step."""
    step = formula.want(STEP, Answers("step", ("o ⊙ tanh(c_t)",)))
    assert formula.judge(text, step).correct
    assert not formula.judge(text.replace("tanh", "sigma"), step).correct


def test_a_sum_over_a_mark_binds_it():
    """Under a sum the same letter numbers the entries."""
    total = formula.want(STEP, Answers("sum", ("1^T o",)))
    assert formula.judge("sum_t o_t", total).correct
    assert not formula.judge("o_t", total).correct
