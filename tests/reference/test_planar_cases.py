"""The inputs tell every slip from the right answer, and the judges know what they see."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from reference import planar_cases, planar_mlp

SLIPS = [
    (planar_mlp.sizes_from, planar_cases.sizes, [{"axis": 1}]),
    (
        planar_mlp.forward_with,
        planar_cases.passes,
        [{"biases": each} for each in ("none", "b1", "b2")]
        + [{"hidden": each} for each in ("sigmoid", "relu", "none")]
        + [{"output": each} for each in ("tanh", "relu", "none")],
    ),
    (
        planar_mlp.cost_with,
        planar_cases.outputs,
        [{"mean": False}, {"sign": 1}, {"terms": "first"}, {"terms": "second"}]
        + [{"base": each} for each in (2, 10)],
    ),
    (
        planar_mlp.backward_with,
        planar_cases.gradients,
        [{"slope": each} for each in ("none", "unsquared", "sigmoid", "of-Z1", "squared-sum")]
        + [{"divisor": "none"}, {"divisor": "features"}, {"sign": -1}],
    ),
    (
        planar_mlp.update_with,
        planar_cases.updates,
        [{"sign": -1}, {"always": 0}, {"always": 1.2}, {"always": 1}, {"default": 0.01}],
    ),
    (
        planar_mlp.predict_with,
        planar_cases.predictions,
        [{"decide": each} for each in ("reversed", "zero", "probability")]
        + [{"biases": "none"}, {"hidden": "sigmoid"}, {"hidden": "none"}, {"output": "none"}],
    ),
]


def flat(value):
    if isinstance(value, dict):
        return np.concatenate([flat(each) for each in value.values()])
    if isinstance(value, tuple):
        return np.concatenate([flat(each) for each in value])
    return np.ravel(np.asarray(value, dtype=float))


@pytest.mark.parametrize(("function", "cases", "slips"), SLIPS, ids=lambda each: str(each)[:0])
def test_every_two_answers_differ(function, cases, slips):
    """The right one and all slips differ from each other by more than a per cent somewhere."""
    answers = [[flat(function(**each, **slip)) for each in cases()] for slip in [{}, *slips]]
    for one, other in itertools.combinations(answers, 2):
        apart = [
            np.abs(a - b).max() / max(np.abs(a).max(), np.abs(b).max())
            for a, b in zip(one, other, strict=True)
        ]
        assert max(apart) > 0.01


@pytest.mark.parametrize("name", ["sizes", "passes", "gradients", "predictions"])
def test_no_two_sizes_are_equal(name):
    """A matrix on its side, or a sum over the wrong axis, has another shape."""
    for each in getattr(planar_cases, name)():
        n_x, m = each["X"].shape
        n_h = each["parameters"]["W1"].shape[0] if "parameters" in each else 4
        assert len({n_x, n_h, m}) == 3


def test_inputs_are_drawn_alike_twice():
    """The same inputs each time give the same marks each time."""
    assert flat(planar_cases.gradients()[0]).tolist() == flat(planar_cases.gradients()[0]).tolist()


def started(**words):
    sizes = planar_cases.starts()
    return [planar_mlp.initialize_parameters(**each, **words) for each in sizes], sizes


@pytest.mark.parametrize("seed", range(20))
def test_any_seed_is_a_right_start(seed):
    """Which numbers were drawn does not matter."""
    met = planar_cases.start_judged(*started(seed=seed))
    criteria = ("shapes", "random", "scale", "biases")
    assert [met.pop(each) for each in criteria] == [True] * 4
    assert not any(met.values())


@pytest.mark.parametrize(
    "junk", [None, 3, "W1", [], {}, {"W1": None}, {"W1": np.array(["a"])}, (1, 2, 3, 4)]
)
def test_what_is_no_start_meets_nothing(junk):
    """Whatever was returned, it is judged and not stumbled over."""
    met = planar_cases.start_judged([junk, junk], planar_cases.starts())
    assert not any(met.values())
    met = planar_cases.descent_judged([junk] * 3, planar_cases.descents())
    assert not any(met.values())


def descended(rate=1.2, **slips):
    found = []
    for each in planar_cases.descents():
        start = planar_mlp.initialize_parameters(2, each["n_h"], 1, seed=5)

        def backward(*given):
            return planar_mlp.backward_with(*given, **slips)

        *_, (_, last) = planar_mlp.descend(
            each["X"], each["Y"], start, each["num_iterations"], rate, backward=backward
        )
        found.append(last)
    return planar_cases.descent_judged(found, planar_cases.descents())


def test_gradient_descent_is_a_right_training():
    """Each criterion is met, and nothing is to be remarked."""
    met = descended()
    assert [met.pop(each) for each in ("shapes", "steps", "learns")] == [True] * 3
    assert not any(met.values())


@pytest.mark.parametrize("slip", [{"slope": "unsquared"}, {"slope": "none"}, {"sign": -1}])
def test_a_slip_of_another_function_is_not_charged_to_the_training(slip):
    """The steps follow from the student's own gradients, which have their own marks."""
    met = descended(**slip)
    assert met["steps"]
    assert met["learns"]
    assert met["follows-own-functions"]


def test_another_rate_is_told():
    """A slow descent is one, but has not learned by the end."""
    met = descended(rate=0.01)
    assert met["steps"]
    assert met["other-rate"]
    assert not met["learns"]


def test_unknown_steps_are_left_to_a_person():
    """What no known slip explains is neither right nor wrong."""
    draw = np.random.default_rng(0)
    found = [
        {name: draw.normal(size=each.shape) for name, each in start.items()}
        for n_h in (3, 3, 4)
        for start in [planar_mlp.initialize_parameters(2, n_h, 1)]
    ]
    met = planar_cases.descent_judged(found, planar_cases.descents())
    assert met["steps"] is None
    assert met["learns"] is None
