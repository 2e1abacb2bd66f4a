"""A formula is right if its values are; what is said of a wrong one gives nothing away."""

import pickle

import numpy as np
import pytest

from grader import formula
from grader.errors import ReferenceFault, Unreadable
from grader.formula import Answers, Named

LOGISTIC = formula.notation(
    {
        "x": ["n", "m"],
        "y": {"shape": [1, "m"], "values": "binary"},
        "W": [1, "n"],
        "b": [1, 1],
    },
    {"z": "W x + b", "a": "sigma(z)", "y_hat": "a"},
    {"samples": "m"},
)
RIGHT = "(y_hat - y) x^T"
WANT = formula.want(LOGISTIC, Answers("q7", (RIGHT,)), labels=["dL/dW"])


def correct(text: str, want: formula.Want = WANT) -> bool:
    return formula.judge(text, want).correct


@pytest.mark.parametrize(
    "text",
    [
        "(ŷ − y)xᵀ",
        r"\sum_{i=1}^m (\hat y_i - y_i) x_i^T",
        r"\sum_i (\sigma(W x^{(i)} + b) - y^{(i)}) {x^{(i)}}^\top",
        "(y_hat - y) @ x.T",
        "np.einsum('im,nm->in', a - y, x)",
        "np.sum((a - y) * x, axis=1)",
        "-(y - a) x'",
        "[x (a - y)^T]^T",
        r"\frac{\partial L}{\partial w_j} = \sum_i (\hat y_i - y_i) x_{ji}",
        "(1/(1+e^{-(Wx+b)}) - y) x^T",
        "(a(1-y) - (1-a)y) x^T",
    ],
)
def test_equal_forms_are_right(text: str):
    """Every form with the same values gets the same marks."""
    assert correct(text)


@pytest.mark.parametrize("text", [RIGHT, "y_hat", "x^T W^T", "a (1-a)", "ln(a)", "1/a", "z' z"])
def test_a_formula_equals_itself(text: str):
    """Whatever can be asked is right when it is given back."""
    assert correct(text, formula.want(LOGISTIC, Answers("self", (text,))))


@pytest.mark.parametrize(
    "text",
    [
        "(y_hat + y) x^T",
        "(y_hat - y) x^T + 10^{-3}",
        "1.001 (y_hat - y) x^T",
        "(y_hat - y) x^T y_hat y_hat^T",
        "(y_hat - y) x^T / 0",
        "ln(-a^2) (y_hat - y) x^T",
        "0",
        "x",
    ],
)
def test_other_values_are_wrong(text: str):
    """One part in a thousand is a slip, and what has no value is never right."""
    assert not correct(text)


def test_a_rounding_error_is_no_slip():
    """Numbers that students add to keep a logarithm finite change nothing."""
    want = formula.want(LOGISTIC, Answers("log", ("y ln(a)",)))
    assert correct("y ln(a + 10^{-9})", want)


def test_both_shapes_are_told():
    """A wrong shape is wrong, in words that a student can act on."""
    finding = formula.judge("a - y", WANT)
    assert "(1, m)" in finding.why
    assert "(1, n)" in finding.why


def test_operands_that_do_not_fit_are_told_with_their_place():
    """Shapes that cannot be multiplied are wrong, not unreadable."""
    finding = formula.judge("dL/dW = x^T (a - y)", WANT)
    assert not finding.correct
    assert "(m, n) and (1, m) cannot be multiplied" in finding.why
    assert finding.position == 8
    assert formula.judge("x^T (a - y)", WANT).position == 0
    assert formula.judge("dL/dW = x^T (a - y)", WANT).position == 8


@pytest.mark.parametrize(
    "text",
    ["(y - a) x^T", "a - y", "x (a - y)^T", "2 (a - y) x^T", "(a - y) x", "W", "x^T (a - y)"],
)
def test_nothing_is_given_away(text: str):
    """What the student is told never holds the right formula."""
    finding = formula.judge(text, WANT)
    for secret in ("(ŷ − y)", "(a − y) xᵀ", "y_hat - y", "x^T", "xᵀ"):
        assert secret not in finding.why


def test_a_transposed_layout_is_right_where_it_is_allowed_or_stated():
    """Both layouts are in use; who says which is meant is taken at the word."""
    turned = "x (a - y)^T"
    either = formula.want(LOGISTIC, Answers("q7", (RIGHT,)), layout="either")
    assert not correct(turned)
    assert correct(turned, either)
    assert correct(f"{turned} (in denominator layout)")
    assert correct(r"x (a - y)^T \in \mathbb{R}^{n \times 1}")


def test_a_reference_may_be_a_function_of_the_samples():
    """Functions are given the symbols by their names, one sample at a time."""
    seen: list[dict[str, object]] = []

    def gradient(symbols: object) -> object:
        assert isinstance(symbols, dict)
        seen.append(symbols)
        return (symbols["a"] - symbols["y"]) @ symbols["x"].T

    want = formula.want(LOGISTIC, Answers("q7", sources=(gradient,)))
    assert correct(RIGHT, want)
    assert not correct("y - a", want)
    assert {"x", "y", "W", "b", "z", "a", "y_hat", "n", "m"} <= set(seen[0])
    assert want.shape == "(1, n)"


def test_a_formula_that_differs_from_its_function_is_a_fault():
    """The formula that is shown to staff is held against the values."""
    with pytest.raises(ReferenceFault, match="differs"):
        formula.want(LOGISTIC, Answers("q7", (RIGHT,), (lambda symbols: symbols["y"],)))


@pytest.mark.parametrize("returned", [1j, None, "one", [1, [2, 3]], np.ones((1, 1, 1, 1))])
def test_a_reference_that_returns_no_numbers_is_a_fault_of_ours(returned: object):
    """A complex number, nothing, text, rows of different lengths, four axes."""
    with pytest.raises(ReferenceFault):
        formula.want(LOGISTIC, Answers("q7", sources=(lambda symbols: returned,)))


@pytest.mark.parametrize("text", ["q", "x x", "1/(y - y)", ""])
def test_a_right_answer_without_values_is_a_fault_of_ours(text: str):
    """It is found before any student's answer is looked at."""
    with pytest.raises(ReferenceFault):
        formula.want(LOGISTIC, Answers("q7", (text,)))


def test_samples_are_the_same_every_time():
    """The seed of a question fixes its samples on every machine."""
    one, two = (formula.want(LOGISTIC, Answers("q7", (RIGHT,))) for _ in range(2))
    for a, b in zip(one.worlds[0].batches, two.worlds[0].batches, strict=True):
        assert a.sizes == b.sizes
        assert all(np.array_equal(a.leaves[name], b.leaves[name]) for name in a.leaves)
    assert one.worlds[0].batches[0].sizes != one.worlds[0].batches[1].sizes


def test_what_answers_are_compared_with_can_be_sent_to_another_process():
    """Workers of a class judge by the same values."""
    sent = pickle.loads(pickle.dumps(WANT))
    assert correct(RIGHT, sent)
    assert formula.judge("y - a", sent).mistakes


def test_sizes_differ_pairwise():
    """A wrong shape can never fit by chance."""
    for batch in WANT.worlds[0].batches:
        assert len(set(batch.sizes.values())) == len(batch.sizes)
        assert 1 not in batch.sizes.values()


def test_general_functions_may_be_meant_in_several_ways():
    """Where the question leaves f open, sigmoid and tanh are as right as f'."""
    known = formula.notation(
        {"x": ["n", 1], "g": ["n", 1]},
        {"h": "f(x)"},
        {"functions": {"f": ["any", "sigmoid", "tanh"]}},
    )
    want = formula.want(known, Answers("f", ("g ⊙ f'(x)",)))
    assert all(correct(text, want) for text in ("g f'(x)", "g h (1 - h)", "g (1 - h^2)"))
    assert not correct("g h (1 + h)", want)


def test_named_mistakes_come_first():
    """The rubric's own words win over those of the room."""
    named = Named("stopped-at-z", "y_hat - y", "The chain rule goes on.")
    finding = formula.judge("a - y", formula.want(LOGISTIC, Answers("q7", (RIGHT,), (), (named,))))
    assert [(m.id, m.say) for m in finding.mistakes] == [
        ("stopped-at-z", "The chain rule goes on.")
    ]


@pytest.mark.parametrize(
    ("code", "mathematics"),
    [("(a - y) * x.T", "(a - y) * x^T"), ("np.exp(a) * x.T", "e^a * x^T")],
)
def test_a_star_is_elementwise_in_code_only(code: str, mathematics: str):
    """In mathematics it multiplies matrices, in NumPy entries; the report says how it was read."""
    want = formula.want(LOGISTIC, Answers("star", (mathematics.replace("*", ""),)))
    assert correct(mathematics, want)
    assert not correct(code, want)


def test_a_text_that_is_no_formula_is_never_judged():
    """Unreadable is not wrong."""
    with pytest.raises(Unreadable):
        formula.judge("the transpose of the error", WANT)


def test_a_right_step_before_a_wrong_end_is_told():
    """The last member of a chain is the answer; that it was right before is said."""
    finding = formula.judge("dL/dW = (a - y) x^T = a x^T - y + W", WANT)
    assert not finding.correct
    assert formula.judge("dL/dW = (a - y) x^T = sin((a - y) x^T)", WANT).why.endswith(
        "An earlier step was right."
    )


def test_an_equals_sign_with_nothing_before_it_is_told():
    """What stands beside it is no formula, and no fault of ours either."""
    found = formula.judge("=adb = np.sum(  - y) where σ is the sigmoid", WANT)
    assert not found.correct
    assert not found.mistakes


def test_a_letter_without_meaning_inside_sums_is_no_fault():
    """The W that defines z may be either matrix, which shows within the second sum."""
    shares = {"shape": ["c", "N"], "values": "probability"}
    symbols = {"x": ["d", "N"], "T": ["c", "N"], "Z": shares, "W_1": ["q", "d"], "W_2": ["c", "q"]}
    known = formula.notation(symbols, None, {"samples": "N"})
    want = formula.want(known, Answers("loss", (r"-\sum_i \sum_k t_{ik} \ln z_{ik}",)))
    assert not correct("z = W x\n\\sum_{i=1}^N \\sum_{k=1}^c t_{ik} z_{ik}", want)


def test_a_condition_that_is_no_number_does_not_fit():
    """Read entry by entry, the condition of this sum would be a row."""
    known = formula.notation(
        {"X": ["N", "d"], "y": ["N", 1], "w": ["d", 1]}, None, {"samples": "N"}
    )
    want = formula.want(known, Answers("svm", (r"-\sum_{i} 1[y_i w^T x_i < 1] y_i x_i",)))
    finding = formula.judge(r"(-\sum_{i: y_i w^\top x_i<1} y_ x_i)^T", want)
    assert not finding.correct


def test_an_entry_without_a_value_is_summed_in_silence():
    """A logarithm of a label 0 leaves its index open, and the sum over it is tried."""
    known = formula.notation(
        {"Z": ["c", "N"], "T": {"shape": ["c", "N"], "values": "one-hot"}, "H": ["q", "N"]},
        None,
        {"samples": "N"},
    )
    want = formula.want(known, Answers("softmax", ("(Z - T) H^T",)))
    assert not formula.judge(r"(z_{kn} - \log_{10} t_{kn}) h_{jn}", want).correct


def test_a_logarithm_beside_it_says_nothing_of_an_activation():
    """f'(h) is right for ReLU alone, and `ln` in the text does not say that f is one."""
    known = formula.notation(
        {"W": ["m", "n"], "x": ["n", 1]},
        {"z": "W x", "h": "f(z)"},
        {"functions": {"f": ["any", "relu"]}},
    )
    made = formula.want(known, Answers("logarithm", ("f'(z)",)), labels=["g"])
    assert formula.judge("J = ln(x)\ng = f'(z)", made).correct
    assert not formula.judge("J = ln(x)\ng = f'(h)", made).correct
    assert formula.judge("with relu, g = f'(h)", made).correct
