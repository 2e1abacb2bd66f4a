"""The planar classifier, against autograd, differences and the notebook's published numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from reference import logistic, planar_mlp

# The first call of a library is slow, and no fact about the values
unhurried = settings(deadline=None, max_examples=50)

EIGHT_DECIMALS = 6e-9

# The notebook's own case for update_parameters and predict, as it prints it
PRINTED = {
    "W1": np.array(
        [
            [-0.00615039, 0.0169021],
            [-0.02311792, 0.03137121],
            [-0.0169217, -0.01752545],
            [0.00935436, -0.05018221],
        ]
    ),
    "b1": np.array([[-8.97523455e-07], [8.15562092e-06], [6.04810633e-07], [-2.54560700e-06]]),
    "W2": np.array([[-0.0104319, -0.04019007, 0.01607211, 0.04440255]]),
    "b2": np.array([[9.14954378e-05]]),
}

# cost on the notebook's own case
COSTS = [
    ({}, 0.692919893776, 5e-13),
    ({"mean": False}, 2.078760, 5e-7),
    ({"sign": 1}, -0.692920, 5e-7),
    ({"terms": "first", "mean": False}, 0.335103, 5e-7),
    ({"terms": "first"}, 0.111701, 5e-7),
    ({"base": 10}, 0.300931, 5e-7),
    ({"base": 2}, 0.999672, 5e-7),
]

# first entry of dW1 on the notebook's own case
FIRST_ENTRIES = [
    ({}, 0.01018708),
    ({"divisor": "none"}, 0.03056125),
    ({"slope": "unsquared"}, 0.01022454),
    ({"slope": "sigmoid"}, -0.00003745),
    ({"slope": "none"}, 0.01018737),
    ({"sign": -1}, -0.01018708),
    ({"divisor": "features"}, 0.01528062),
]


def small_case():
    """The notebook's X and Y for three samples, with parameters rounded as it prints them."""
    draw = np.random.RandomState(1)
    X, Y = draw.randn(2, 3), draw.randn(1, 3)
    parameters = planar_mlp.initialize_parameters(2, 4, 1)
    parameters = {name: value.round(8) for name, value in parameters.items()}
    cache = planar_mlp.forward_propagation(X, parameters)[1]
    return X, Y, parameters, {name: value.round(8) for name, value in cache.items()}


def sample(n_x=3, n_h=4, m=5, seed=0):
    """Random parameters with biases, and labels 0 and 1."""
    draw = np.random.default_rng(seed)
    parameters = {
        "W1": draw.normal(size=(n_h, n_x)),
        "b1": draw.normal(size=(n_h, 1)),
        "W2": draw.normal(size=(1, n_h)),
        "b2": draw.normal(size=(1, 1)),
    }
    return draw.normal(size=(n_x, m)), draw.integers(0, 2, size=(1, m)), parameters


samples = st.builds(
    sample, st.integers(1, 5), st.integers(1, 5), st.integers(1, 6), st.integers(0, 2**32 - 1)
)


def by_autograd(X, Y, parameters, reduction="mean"):
    points, labels = torch.tensor(X), torch.tensor(Y, dtype=torch.float64)
    p = {name: torch.tensor(value, requires_grad=True) for name, value in parameters.items()}
    A2 = torch.sigmoid(p["W2"] @ torch.tanh(p["W1"] @ points + p["b1"]) + p["b2"])
    cost = F.binary_cross_entropy(A2, labels, reduction=reduction)
    cost.backward()
    return A2.detach().numpy(), cost.item(), {f"d{name}": p[name].grad.numpy() for name in p}


def assert_close(got, want, tolerance=1e-12):
    assert got.keys() == want.keys()
    for name in want:
        assert got[name] == pytest.approx(want[name], abs=tolerance), name


@pytest.fixture(scope="module")
def flower():
    return planar_mlp.load_planar_dataset()


# The functions, on random parameters


@given(samples)
@unhurried
def test_autograd_finds_cost_and_gradients(case):
    """Forward pass, cost and the four gradients are torch's, with biases and any sizes."""
    X, Y, parameters = case
    A2, cost, grads = by_autograd(X, Y, parameters)
    got, cache = planar_mlp.forward_propagation(X, parameters)
    assert got == pytest.approx(A2, abs=1e-14)
    assert planar_mlp.compute_cost(got, Y, parameters) == pytest.approx(cost, rel=1e-10)
    assert_close(planar_mlp.backward_propagation(parameters, cache, X, Y), grads)


def test_central_differences_find_the_gradients():
    """Two evaluations of the cost a small step apart give each entry."""
    X, Y, parameters = sample()
    _, cache = planar_mlp.forward_propagation(X, parameters)
    grads, step = planar_mlp.backward_propagation(parameters, cache, X, Y), 1e-5
    for name, value in parameters.items():
        for place in np.ndindex(value.shape):
            up, down = value.copy(), value.copy()
            up[place] += step
            down[place] -= step
            costs = [
                planar_mlp.compute_cost(
                    planar_mlp.forward_propagation(X, parameters | {name: moved})[0], Y
                )
                for moved in (up, down)
            ]
            rise = (costs[0] - costs[1]) / (2 * step)
            assert grads[f"d{name}"][place] == pytest.approx(rise, abs=1e-9)


@given(samples, st.floats(0.01, 2))
@unhurried
def test_an_optimiser_makes_the_same_step(case, rate):
    """One step of SGD ends at the same parameters, and the old ones stay as they were."""
    X, Y, parameters = case
    _, _, grads = by_autograd(X, Y, parameters)
    before = {name: value.copy() for name, value in parameters.items()}
    tensors = {name: torch.tensor(value) for name, value in parameters.items()}
    for name, tensor in tensors.items():
        tensor.grad = torch.tensor(grads[f"d{name}"])
    torch.optim.SGD(tensors.values(), lr=rate).step()
    got = planar_mlp.update_parameters(parameters, grads, learning_rate=rate)
    assert_close(got, {name: tensor.numpy() for name, tensor in tensors.items()}, 1e-15)
    assert_close(parameters, before, 0)


@given(samples)
@unhurried
def test_predictions_are_the_likelier_label(case):
    """1 where A2 exceeds one half, counted one by one for the accuracy."""
    X, Y, parameters = case
    A2, _, _ = by_autograd(X, Y, parameters)
    labels = [[int(a > 0.5) for a in A2[0]]]
    assert planar_mlp.predict(parameters, X).tolist() == labels
    hits = sum(a == b for a, b in zip(labels[0], Y[0], strict=True))
    assert planar_mlp.accuracy(parameters, X, Y) == 100 * hits / len(labels[0])


def test_certain_predictions_cost_what_they_should():
    """0 ln 0 is 0 where the prediction is right, and infinite where it is wrong."""
    assert planar_mlp.compute_cost([[0.0, 1.0]], [[0, 1]]) == 0
    assert planar_mlp.compute_cost([[0.0, 1.0]], [[1, 1]]) == np.inf


def test_unsigned_labels_do_not_wrap_around():
    """Labels of one byte are labels, and 1 - Y is never 255."""
    Y = np.array([[0, 1]], dtype=np.uint8)
    assert planar_mlp.compute_cost([[0.2, 0.2]], Y) == pytest.approx(
        -(np.log(0.8) + np.log(0.2)) / 2
    )
    X, _, parameters = sample(m=2)
    _, cache = planar_mlp.forward_propagation(X, parameters)
    got = planar_mlp.backward_propagation(parameters, cache, X, Y)
    assert_close(got, planar_mlp.backward_propagation(parameters, cache, X, Y.astype(float)), 0)


def test_large_weights_do_no_harm():
    """A saturated output gives probabilities of 0 and 1, without a warning."""
    A2, _ = planar_mlp.forward_propagation(
        [[1.0, -1.0]], {"W1": [[50.0]], "b1": [[0.0]], "W2": [[1e4]], "b2": [[0.0]]}
    )
    assert A2.tolist() == [[1, 0]]


def test_the_errors_claimed_are_kept():
    """The docstrings' errors hold against the same formulas in extended precision."""
    X, Y, parameters = sample(20, 20, 20, seed=2)
    p = {name: value.astype(np.longdouble) for name, value in parameters.items()}
    A1 = np.tanh(p["W1"] @ X + p["b1"])
    A2 = 1 / (1 + np.exp(-p["W2"] @ A1 - p["b2"]))
    dZ2 = (A2 - Y) / 20
    dZ1 = p["W2"].T @ dZ2 * (1 - A1**2)
    got, cache = planar_mlp.forward_propagation(X, parameters)
    assert abs(got / A2 - 1).max() < 1e-13
    grads = planar_mlp.backward_propagation(parameters, cache, X, Y)
    assert abs(grads["dW1"] - dZ1 @ X.T).max() < 2e-15
    assert abs(grads["dW2"] - dZ2 @ A1.T).max() < 2e-15
    assert abs(grads["db1"] - dZ1.sum(axis=1, keepdims=True)).max() < 2e-15
    exact = got.astype(np.longdouble)
    terms = np.where(Y == 1, np.log(exact), np.log1p(-exact))
    assert abs(planar_mlp.compute_cost(got, Y) + terms.sum() / 20) < 2e-15 * abs(terms).sum() / 20


# The notebook's own cases


def test_the_published_sizes():
    """Five features, four hidden units, two outputs."""
    assert planar_mlp.layer_sizes(np.zeros((5, 3)), np.zeros((2, 3))) == (5, 4, 2)


def test_the_published_start():
    """Seed 2 and the factor 0.01 give the printed weights; without the factor, a hundredfold."""
    start = planar_mlp.initialize_parameters(2, 4, 1)
    assert start["W1"][0] == pytest.approx([-0.00416758, -0.00056267], abs=EIGHT_DECIMALS)
    want = [-0.01057952, -0.00909008, 0.00551454, 0.02292208]
    assert start["W2"][0] == pytest.approx(want, abs=EIGHT_DECIMALS)
    assert not start["b1"].any()
    assert not start["b2"].any()
    unscaled = planar_mlp.initialize_parameters(2, 4, 1, scale=1)
    assert unscaled["W1"][0, 0] == pytest.approx(-0.416758, abs=5e-7)


def test_the_published_forward_pass():
    """The means of Z1, A1, Z2 and A2 are the printed ones."""
    X, _, parameters, _ = small_case()
    _, cache = planar_mlp.forward_propagation(X, parameters)
    means = [cache[name].mean() for name in ("Z1", "A1", "Z2", "A2")]
    want = [-0.000499755777742, -0.000496963353232, 0.000438187450959, 0.500109546852]
    assert means == pytest.approx(want, abs=1e-12)


@pytest.mark.parametrize(("slip", "published", "tolerance"), COSTS)
def test_the_published_cost_and_its_slips(slip, published, tolerance):
    """On the printed A2, each way to get the cost wrong has a value of its own."""
    _, _, _, cache = small_case()
    assert cache["A2"].tolist() == [[0.5002307, 0.49985831, 0.50023963]]
    labels = np.random.RandomState(1).randn(1, 3)
    got = planar_mlp.cost_with(cache["A2"], labels, **slip)
    assert got == pytest.approx(published, abs=tolerance)


def test_the_published_gradients():
    """dW1, db1, dW2 and db2 are the printed ones."""
    X, Y, parameters, cache = small_case()
    grads = planar_mlp.backward_propagation(parameters, cache, X, Y)
    assert grads["dW1"][0] == pytest.approx([0.01018708, -0.00708701], abs=EIGHT_DECIMALS)
    want = [-0.00069728, -0.00060606, 0.000364, 0.00151207]
    assert grads["db1"][:, 0] == pytest.approx(want, abs=EIGHT_DECIMALS)
    want = [0.00363613, 0.03153604, 0.01162914, -0.01318316]
    assert grads["dW2"][0] == pytest.approx(want, abs=EIGHT_DECIMALS)
    assert grads["db2"][0, 0] == pytest.approx(0.06589489, abs=EIGHT_DECIMALS)


@pytest.mark.parametrize(("slip", "published"), FIRST_ENTRIES)
def test_the_slips_of_the_gradients(slip, published):
    """The first entry of dW1 tells the slips apart."""
    X, Y, parameters, cache = small_case()
    got = planar_mlp.backward_with(parameters, cache, X, Y, **slip)
    assert got["dW1"][0, 0] == pytest.approx(published, abs=EIGHT_DECIMALS)


def test_the_slope_of_the_wrong_variable_hides_near_zero():
    """On the notebook's own case 1 - Z1² passes np.allclose; on ordinary weights it does not."""
    X, Y, parameters, cache = small_case()
    right = planar_mlp.backward_propagation(parameters, cache, X, Y)
    wrong = planar_mlp.backward_with(parameters, cache, X, Y, slope="of-Z1")
    assert 2e-8 < abs(wrong["dW1"] - right["dW1"]).max() < 4e-8
    assert np.allclose(wrong["dW1"], right["dW1"])
    X, Y, parameters = sample()
    _, cache = planar_mlp.forward_propagation(X, parameters)
    right = planar_mlp.backward_propagation(parameters, cache, X, Y)
    wrong = planar_mlp.backward_with(parameters, cache, X, Y, slope="of-Z1")
    assert abs(wrong["dW1"] - right["dW1"]).max() > 0.1


@pytest.mark.parametrize("slip", [slip for slip, _ in FIRST_ENTRIES[1:]])
def test_a_slip_is_told_apart_by_random_parameters(slip):
    """With biases, other sizes and labels 0 and 1, no slip comes near the right gradients."""
    for seed in range(5):
        X, Y, parameters = sample(seed=seed)
        _, cache = planar_mlp.forward_propagation(X, parameters)
        right = planar_mlp.backward_propagation(parameters, cache, X, Y)["dW1"]
        wrong = planar_mlp.backward_with(parameters, cache, X, Y, **slip)["dW1"]
        assert np.linalg.norm(wrong - right) > 1e-2 * np.linalg.norm(right)


def test_the_gradients_of_the_summed_cost():
    """Without 1/m, the gradients belong to the summed cost."""
    X, Y, parameters = sample()
    _, _, grads = by_autograd(X, Y, parameters, reduction="sum")
    _, cache = planar_mlp.forward_propagation(X, parameters)
    got = planar_mlp.backward_with(parameters, cache, X, Y, divisor="none")
    assert_close(got, grads)


@pytest.mark.parametrize(
    ("rate", "first"),
    [
        (1.2, -0.00643025),
        (-1.2, -0.00587053),
        (0.01, -0.00615272),
        (1, -0.00638361),
        (0, -0.00615039),
    ],
    ids=["right", "uphill", "rate 0.01", "rate 1", "not at all"],
)
def test_the_published_update_and_its_slips(rate, first):
    """The first entry of W1 shows in which direction, and how far, the step went."""
    dW1 = np.zeros((4, 2))
    dW1[0] = 0.00023322, -0.00205423
    grads = {"dW1": dW1, "db1": 0 * PRINTED["b1"], "dW2": 0 * PRINTED["W2"], "db2": -1.0892314e-05}
    got = planar_mlp.update_parameters(PRINTED, grads, rate)
    assert got["W1"][0, 0] == pytest.approx(first, abs=EIGHT_DECIMALS)
    if rate == 1.2:
        assert got["W1"][0, 1] == pytest.approx(0.01936718, abs=EIGHT_DECIMALS)
        assert got["b2"][0, 0] == pytest.approx(0.00010457, abs=EIGHT_DECIMALS)
        assert planar_mlp.update_parameters(PRINTED, grads)["W1"].tolist() == got["W1"].tolist()


def test_the_published_prediction_and_its_slips():
    """Two of three points are 1; probabilities and a reversed comparison have other means."""
    X, _, _, _ = small_case()
    assert planar_mlp.predict(PRINTED, X).mean() == pytest.approx(2 / 3)
    undecided = planar_mlp.predict_with(PRINTED, X, decide="probability")
    assert undecided.mean() == pytest.approx(0.500891, abs=5e-7)
    reversed_ = planar_mlp.predict_with(PRINTED, X, decide="reversed")
    assert reversed_.mean() == pytest.approx(0.333333, abs=5e-7)


@given(samples)
@unhurried
def test_without_a_slip_the_slips_are_right(case):
    """What goes wrong is what was asked for, and nothing else."""
    X, Y, parameters = case
    A2, cache = planar_mlp.forward_propagation(X, parameters)
    same, other = planar_mlp.forward_with(X, parameters)
    assert same.tolist() == A2.tolist()
    assert_close(other, cache, 0)
    assert planar_mlp.cost_with(A2, Y) == pytest.approx(planar_mlp.compute_cost(A2, Y), rel=1e-14)
    grads = planar_mlp.backward_propagation(parameters, cache, X, Y)
    assert_close(planar_mlp.backward_with(parameters, cache, X, Y), grads, 0)
    assert_close(
        planar_mlp.update_with(parameters, grads),
        planar_mlp.update_parameters(parameters, grads),
        0,
    )
    labels = planar_mlp.predict(parameters, X)
    assert planar_mlp.predict_with(parameters, X).tolist() == labels.tolist()
    assert planar_mlp.sizes_from(X, Y) == planar_mlp.layer_sizes(X, Y)


# The flower


def test_the_published_flower(flower):
    """400 points, 200 of each colour, the first and the sum as published."""
    X, Y = flower
    assert (X.shape, Y.shape, Y.dtype) == ((2, 400), (1, 400), np.uint8)
    assert (Y == 0).sum() == (Y == 1).sum() == 200
    assert X[:, 0] == pytest.approx([1.20444229, 3.57611415], abs=EIGHT_DECIMALS)
    assert X.sum() == pytest.approx(10.0879832774, abs=6e-11)


def test_the_flower_leaves_the_global_generator_alone():
    """A reference that reseeds NumPy would change what a student's code draws."""
    np.random.seed(7)
    planar_mlp.load_planar_dataset()
    planar_mlp.initialize_parameters(2, 4, 1)
    assert np.random.rand() == np.random.RandomState(7).rand()


def test_the_first_steps_are_those_of_autograd(flower):
    """Fifty steps of SGD in torch make the same costs."""
    X, Y = flower
    parameters = planar_mlp.initialize_parameters(2, 4, 1)
    want = []
    for _ in range(50):
        _, cost, grads = by_autograd(X, Y, parameters)
        want.append(cost)
        parameters = {name: parameters[name] - 1.2 * grads[f"d{name}"] for name in parameters}
    got = planar_mlp.costs(X, Y, num_iterations=50, every=1)
    assert got == pytest.approx(want, rel=1e-10)
    assert_close(planar_mlp.nn_model(X, Y, 4, num_iterations=50), parameters, 1e-10)


def test_the_published_costs(flower):
    """Every thousandth cost is the printed one; rounding makes the last ones differ in the 4th."""
    want = [0.693048, 0.288083, 0.254385, 0.233864, 0.226792, 0.222644, 0.219731, 0.217504]
    got = planar_mlp.costs(*flower)
    assert got[:8] == pytest.approx(want, abs=1e-4)
    assert got[0] == pytest.approx(want[0], abs=5e-7)
    assert got[8:] == pytest.approx([0.2195, 0.2186], abs=1e-3)


def test_the_costs_can_be_printed(flower, capsys):
    """With print_cost, the costs appear as they are made; without, nothing does."""
    X, Y = flower
    planar_mlp.nn_model(X, Y, 4, num_iterations=2)
    assert capsys.readouterr().out == ""
    planar_mlp.nn_model(X, Y, 4, num_iterations=2, print_cost=True)
    assert capsys.readouterr().out == "cost before step 0: 0.693048\n"


@pytest.mark.parametrize(
    ("n_h", "percent"),
    [(1, 67.5), (2, 67.25), (3, 90.75), (4, 90.5), (5, 91.25), (20, 90.0), (50, 90.75)],
)
def test_the_published_accuracies(flower, n_h, percent):
    """Three hidden units suffice for the flower, to a point and a half."""
    X, Y = flower
    parameters = planar_mlp.nn_model(X, Y, n_h, num_iterations=5000)
    assert planar_mlp.accuracy(parameters, X, Y) == pytest.approx(percent, abs=1.5)


def accuracy_after(flower, steps=2000, scale=0.01, **words):
    """Train for a while, with something done wrong, and count as the student would."""
    X, Y = flower
    start = planar_mlp.initialize_parameters(2, 4, 1, scale=scale)
    *_, (A2, _) = planar_mlp.descend(X, Y, start, steps, **words)
    return 100 * ((A2 > 0.5) == Y).mean()


def linear_forward(X, parameters):
    _, cache = planar_mlp.forward_propagation(X, parameters)
    Z2 = parameters["W2"] @ cache["Z1"] + parameters["b2"]
    A2 = 1 / (1 + np.exp(-Z2))
    return A2, cache | {"A1": cache["Z1"], "Z2": Z2, "A2": A2}


def without_slope(parameters, cache, X, Y):
    return planar_mlp.backward_with(parameters, cache, X, Y, slope="none")


def tanh_output(X, parameters):
    _, cache = planar_mlp.forward_propagation(X, parameters)
    A2 = np.tanh(cache["Z2"])
    return A2, cache | {"A2": A2}


def biases_from_weights(parameters, cache, X, Y):
    grads = planar_mlp.backward_propagation(parameters, cache, X, Y)
    for name in ("1", "2"):
        grads[f"db{name}"] = grads[f"dW{name}"].sum(axis=1, keepdims=True) / X.shape[1]
    return grads


def test_accuracy_is_no_evidence(flower):
    """After 2000 steps, several wrong programs pass for right ones."""
    assert accuracy_after(flower) == pytest.approx(89.5, abs=1.5)
    assert accuracy_after(flower, scale=1) == pytest.approx(89.5, abs=1.5)
    assert accuracy_after(flower, backward=biases_from_weights) == pytest.approx(90, abs=1.5)
    assert accuracy_after(flower, forward=tanh_output) == pytest.approx(86, abs=1.5)


def test_some_slips_do_show_in_the_accuracy(flower):
    """No asymmetry, no nonlinearity or no speed, and the flower is not learned."""
    assert accuracy_after(flower, scale=0) == 50
    assert accuracy_after(flower, learning_rate=0.01) == pytest.approx(55, abs=1.5)
    words = {"forward": linear_forward, "backward": without_slope}
    assert accuracy_after(flower, **words) == pytest.approx(47, abs=1.5)


def test_logistic_regression_is_no_match_for_the_flower(flower):
    """A straight line gets 47 percent."""
    X, Y = flower
    W, b = np.zeros((1, 2)), np.zeros((1, 1))
    for _ in range(2000):
        by_W, by_b = (g(W=W, b=b, x=X, y=Y) for g in (logistic.grad_W, logistic.grad_b))
        W, b = W - 0.002 * by_W, b - 0.002 * by_b
    hits = (logistic.predictions(W=W, b=b, x=X) > 0.5) == Y
    assert 100 * hits.mean() == 47
