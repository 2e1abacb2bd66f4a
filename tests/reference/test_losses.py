"""Cross-entropy and its relatives, against 50 digits, torch, SymPy and loops."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import sympy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from reference import losses

# The first call of a library is slow, and no fact about the values
unhurried = settings(deadline=None, max_examples=50)

LABEL = [1, 0, 0]
FIRST = [0.1, 0.4, 0.5]
BETTER = [0.6, 0.3, 0.1]

SIX_DECIMALS = 5e-7

# base, H(y, ŷ), H(y, ŷ') to six decimals
EXAM = [(math.e, 2.302585, 0.510826), (10, 1.000000, 0.221849), (2, 3.321928, 0.736966)]

# slip, further words, prediction, its value to six decimals, the same by hand
SLIPS = [
    ("log_likelihood", {}, FIRST, -2.302585, math.log(0.1)),
    ("of_class", {"k": 3}, FIRST, 0.693147, math.log(2)),
    ("of_class", {"k": 2}, FIRST, 0.916291, math.log(5 / 2)),
    ("mean_over_classes", {}, FIRST, 0.767528, math.log(10) / 3),
    ("all_classes", {}, FIRST, 3.912023, math.log(50)),
    ("binary_cross_entropy", {"reduction": "sum"}, FIRST, 3.506558, math.log(100 / 3)),
    ("binary_cross_entropy", {"reduction": "mean"}, FIRST, 1.168853, math.log(100 / 3) / 3),
    (
        "entropy_of_prediction",
        {},
        FIRST,
        0.943348,
        0.1 * math.log(10) + 0.4 * math.log(2.5) + 0.5 * math.log(2),
    ),
    ("probability_missed", {}, FIRST, 0.9, 0.9),
    ("squared_error", {}, FIRST, 1.22, 0.81 + 0.16 + 0.25),
    ("softmax_twice", {}, FIRST, 1.345911, math.log(1 + math.exp(0.3) + math.exp(0.4))),
    ("log_likelihood", {}, BETTER, -0.510826, math.log(0.6)),
    ("of_class", {"k": 2}, BETTER, 1.203973, math.log(10 / 3)),
    ("of_class", {"k": 3}, BETTER, 2.302585, math.log(10)),
    ("all_classes", {}, BETTER, 4.017384, math.log(1000 / 18)),
    ("binary_cross_entropy", {"reduction": "sum"}, BETTER, 0.972861, -math.log(0.6 * 0.7 * 0.9)),
    ("decrease", {"y_hat_before": FIRST}, BETTER, 1.791759, math.log(6)),
    ("squared_error", {}, BETTER, 0.26, 0.16 + 0.09 + 0.01),
]


@pytest.mark.parametrize(("base", "first", "better"), EXAM)
def test_the_values_of_the_exam(base, first, better):
    """Only the probability of the true class counts: ln 10, and ln (5/3) for the better one."""
    assert losses.cross_entropy(y=LABEL, y_hat=FIRST, base=base) == pytest.approx(
        first, abs=SIX_DECIMALS
    )
    assert losses.cross_entropy(y=LABEL, y_hat=BETTER, base=base) == pytest.approx(
        better, abs=SIX_DECIMALS
    )


def test_the_natural_logarithm_is_the_default():
    """Without a base, the unit is the nat."""
    exact = sympy.log(10)
    assert losses.cross_entropy(y=LABEL, y_hat=FIRST) == pytest.approx(float(exact), rel=1e-15)


@pytest.mark.parametrize("base", [math.e, 2, 10])
def test_the_exchanged_cross_entropy_is_infinite(base):
    """A class that the label excludes has -log 0, and the prediction gives it weight."""
    assert losses.reverse_cross_entropy(y=LABEL, y_hat=FIRST, base=base) == math.inf


def test_zero_at_the_true_class_costs_infinitely_much():
    """A true class with probability 0 is an infinite surprise."""
    assert losses.cross_entropy(y=LABEL, y_hat=[0, 0.5, 0.5]) == math.inf


def test_zero_at_a_false_class_costs_nothing():
    """0 log 0 is 0, not NaN."""
    assert losses.cross_entropy(y=LABEL, y_hat=[0.5, 0.5, 0]) == pytest.approx(math.log(2))


def test_a_certain_and_right_prediction_costs_zero():
    """The loss of a perfect prediction reads 0, not -0."""
    assert str(losses.cross_entropy(y=LABEL, y_hat=LABEL)) == "0.0"
    assert str(losses.binary_cross_entropy(y=LABEL, y_hat=LABEL)) == "0.0"


@pytest.mark.parametrize(("name", "words", "y_hat", "published", "by_hand"), SLIPS)
def test_a_slip_has_its_own_value(name, words, y_hat, published, by_hand):
    """Each slip yields the value that students hand in for it."""
    value = getattr(losses, name)(y=LABEL, y_hat=y_hat, **words)
    assert value == pytest.approx(published, abs=SIX_DECIMALS)
    assert value == pytest.approx(by_hand, rel=1e-14)


@pytest.mark.parametrize(("name", "words", "y_hat", "published", "by_hand"), SLIPS)
def test_a_slip_is_told_apart_from_the_right_value(name, words, y_hat, published, by_hand):
    """No slip happens to be right, to half a percent, in any base that a student may use."""
    for base in (math.e, 2, 10):
        right = losses.cross_entropy(y=LABEL, y_hat=y_hat, base=base)
        value = getattr(losses, name)(y=LABEL, y_hat=y_hat, **words)
        assert abs(value - right) > 5e-3 * right


@pytest.mark.parametrize(
    ("epsilon", "published"), [(1e-7, 14.5063), (1e-12, 24.8679), (1e-15, 31.0849)]
)
def test_clipping_makes_the_infinity_finite(epsilon, published):
    """Libraries keep ŷ away from 0, so that code prints a number where mathematics has none."""
    value = losses.clipped(y=FIRST, y_hat=LABEL, epsilon=epsilon)
    assert value == pytest.approx(published, abs=5e-5)
    assert value == pytest.approx(-0.9 * math.log(epsilon) - 0.1 * math.log1p(-epsilon), rel=1e-14)


def test_dropping_the_undefined_terms_leaves_zero():
    """Without its two infinite terms, H(ŷ, y) is 0.1 ln 1."""
    assert losses.undefined_terms_dropped(y=FIRST, y_hat=LABEL) == 0


def test_samples_are_averaged():
    """N rows give the mean of N losses."""
    both = losses.cross_entropy(y=[LABEL, LABEL], y_hat=[FIRST, BETTER])
    assert both == pytest.approx((math.log(10) + math.log(5 / 3)) / 2, rel=1e-15)


@st.composite
def distributions(draw, rows=None):
    """Draw a label and a prediction, one row or several, nothing being exactly 0."""
    n = draw(st.integers(1, 4)) if rows is None else rows
    m = draw(st.integers(2, 6))
    weights = st.lists(st.floats(0.01, 1), min_size=m, max_size=m)
    y = np.array([draw(weights) for _ in range(n)])
    p = np.array([draw(weights) for _ in range(n)])
    return y / y.sum(axis=1, keepdims=True), p / p.sum(axis=1, keepdims=True)


@given(distributions(), st.sampled_from([math.e, 2, 10]))
@unhurried
def test_loops_agree(pair, base):
    """The double sum of the definition, term by term, is the same number."""
    y, p = pair
    total = 0.0
    for i in range(len(y)):
        for j in range(len(y[i])):
            total -= y[i, j] * math.log(p[i, j], base)
    assert losses.cross_entropy(y=y, y_hat=p, base=base) == pytest.approx(total / len(y), rel=1e-12)


@given(distributions())
@unhurried
def test_torch_agrees(pair):
    """PyTorch's losses, which take probabilities per class, give the same numbers."""
    y, p = pair
    labels, predictions = torch.tensor(y), torch.tensor(p)
    cross = F.cross_entropy(predictions.log(), labels)
    assert losses.cross_entropy(y=y, y_hat=p) == pytest.approx(cross.item(), rel=1e-12)
    assert losses.cross_entropy_from_logits(y=y, logits=p) == pytest.approx(
        F.cross_entropy(predictions, labels).item(), rel=1e-12
    )
    assert losses.softmax_twice(y=y, y_hat=p) == pytest.approx(
        F.cross_entropy(predictions, labels).item(), rel=1e-12
    )
    for reduction in ("sum", "mean"):
        binary = F.binary_cross_entropy(predictions, labels, reduction=reduction)
        assert losses.binary_cross_entropy(y=y, y_hat=p, reduction=reduction) == pytest.approx(
            binary.item(), rel=1e-12
        )
    square = F.mse_loss(predictions, labels, reduction="sum") / len(y)
    assert losses.squared_error(y=y, y_hat=p) == pytest.approx(square.item(), rel=1e-12)
    entropy = torch.special.entr(predictions).sum() / len(y)
    assert losses.entropy(p=p) == pytest.approx(entropy.item(), rel=1e-12)
    assert losses.entropy_of_prediction(y=y, y_hat=p) == losses.entropy(p=p)
    assert losses.softmax(logits=p) == pytest.approx(torch.softmax(predictions, 1).numpy())


@given(distributions(rows=1))
@unhurried
def test_no_prediction_beats_the_truth(pair):
    """H(y, ŷ) is at least H(y), which is Gibbs' inequality."""
    y, p = pair
    assert losses.cross_entropy(y=y, y_hat=p) >= losses.entropy(p=y) - 1e-12


@given(distributions(rows=1))
@unhurried
def test_bits_are_nats_over_ln_2(pair):
    """Another base is another unit."""
    y, p = pair
    nats = losses.cross_entropy(y=y, y_hat=p)
    assert losses.cross_entropy(y=y, y_hat=p, base=2) == pytest.approx(nats / math.log(2))


def test_a_logit_gap_of_200_costs_200():
    """From logits, the loss is finite where the probability has long underflowed."""
    assert losses.cross_entropy_from_logits(y=LABEL, logits=[-200, 0, -400]) == pytest.approx(200)


def test_float32_softmax_underflows_at_a_gap_of_104():
    """Exact arithmetic has no softmax of 0; single precision has."""
    assert torch.softmax(torch.tensor([0.0, -104.0]), 0)[1] == 0
    assert torch.softmax(torch.tensor([0.0, -103.0]), 0)[1] > 0
    assert losses.softmax(logits=[0.0, -104.0])[1] == pytest.approx(math.exp(-104))


@pytest.mark.parametrize("m", [2, 30, 1000])
def test_the_errors_claimed_are_kept(m):
    """The docstrings' errors hold against 50 digits."""
    draw = np.random.default_rng(m)
    y, p = draw.dirichlet(np.ones(m)), draw.dirichlet(np.ones(m)) + 1e-12
    p = p / p.sum()
    scores = draw.uniform(-300, 300, m)
    with mpmath.workdps(50):
        exact_y, exact_p = [mpmath.mpf(v) for v in y], [mpmath.mpf(v) for v in p]
        cross = -sum(a * mpmath.log(b) for a, b in zip(exact_y, exact_p, strict=True))
        self_cross = -sum(b * mpmath.log(b) for b in exact_p)
        binary = cross - sum(
            (1 - a) * mpmath.log(1 - b) for a, b in zip(exact_y, exact_p, strict=True)
        )
        log_sum = mpmath.log(sum(mpmath.exp(mpmath.mpf(v)) for v in scores))
        from_logits = sum(
            a * (log_sum - mpmath.mpf(v)) for a, v in zip(exact_y, scores, strict=True)
        )
        top = mpmath.exp(mpmath.mpf(scores.max()) - log_sum)
    assert abs(losses.cross_entropy(y=y, y_hat=p) / cross - 1) < 1e-15
    assert abs(losses.entropy(p=p) / self_cross - 1) < 1e-15
    assert abs(losses.binary_cross_entropy(y=y, y_hat=p, reduction="sum") / binary - 1) < 1e-15
    got = losses.cross_entropy_from_logits(y=y, logits=scores)
    assert abs(got - from_logits) < 2e-15 * (abs(scores).max() + math.log(m))
    assert abs(losses.softmax(logits=scores).max() / top - 1) < 1e-13


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ({"y": [1, 0], "y_hat": FIRST}, r"\(2,\)"),
        ({"y": LABEL, "y_hat": [1.5, 0, 0]}, "no probability"),
        ({"y": LABEL, "y_hat": [-0.1, 0.6, 0.5]}, "no probability"),
        ({"y": LABEL, "y_hat": [math.nan, 0, 1]}, "no probability"),
        ({"y": [math.nan, 0, 1], "y_hat": FIRST}, "no.* a weight"),
        ({"y": [-1, 0, 1], "y_hat": FIRST}, "no.* a weight"),
        ({"y": LABEL, "y_hat": FIRST, "base": 1}, "base 1"),
        ({"y": LABEL, "y_hat": FIRST, "base": 0}, "base 0"),
        ({"y": [], "y_hat": []}, "shape"),
        ({"y": 1, "y_hat": 1}, "shape"),
    ],
)
def test_what_is_no_distribution_is_refused(words, complaint):
    """A typing error in a rubric raises, and is never a number."""
    with pytest.raises(ValueError, match=complaint):
        losses.cross_entropy(**words)


def test_unknown_words_are_refused():
    """A class, an epsilon or a reduction that does not exist raises."""
    with pytest.raises(ValueError, match="from 1 to 3"):
        losses.of_class(y=LABEL, y_hat=FIRST, k=0)
    with pytest.raises(ValueError, match="epsilon"):
        losses.clipped(y=FIRST, y_hat=LABEL, epsilon=0)
    with pytest.raises(ValueError, match="'sum' or 'mean'"):
        losses.binary_cross_entropy(y=LABEL, y_hat=FIRST, reduction="max")
    with pytest.raises(ValueError, match="above 1"):
        losses.binary_cross_entropy(y=[2, 0, 0], y_hat=FIRST)
