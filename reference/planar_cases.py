"""What the planar classifier's functions are tried with, and how to judge what has no one value.

The notebook's own cases are too weak: their biases are 0, so a forward pass without them passes,
and their weights are so small that 1 - Z1² passes for the slope of tanh. Here parameters are of
order 1, biases are not 0, and no two sizes are equal.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from . import planar_mlp

Array: TypeAlias = npt.NDArray[np.float64]
Arrays: TypeAlias = dict[str, Array]
Cases: TypeAlias = list[dict[str, Any]]

_SIZES = ((2, 4, 7), (3, 5, 11), (5, 2, 4), (4, 3, 20))
# Nearer to one half than this, rounding could decide a label
_MARGIN = 1e-3
# Of the notebook
_RATE = 1.2
_POINTS = 400
# After 200 steps the cost is under 0.05 from any start; at a hundredth of the rate it is 0.65
_LEARNED = 0.3
_STEPS = 15
# The difference of two states in single precision has no more; a slip's step differs by a tenth
_STEP_DIGITS = 1e-3


def sizes() -> Cases:
    """Return data sets of several sizes.

    Shapes:   -> X (n_x, m), Y (n_y, m)
    Units:    none
    Error:    none, drawn from a fixed seed
    Source:   own
    Checked:  no two sizes of a case are equal
    """
    draw = np.random.default_rng(11)
    shapes = [(5, 2, 3), (2, 1, 9), (7, 3, 6)]
    return [{"X": draw.normal(size=(a, m)), "Y": draw.normal(size=(b, m))} for a, b, m in shapes]


def starts() -> Cases:
    """Return layer sizes: the notebook's, and some that show how weights are distributed.

    Shapes:   three integers
    Units:    units
    Error:    exact
    Source:   own
    Checked:  the judge's thresholds lie five standard errors away at the second
    """
    return [{"n_x": 2, "n_h": 4, "n_y": 1}, {"n_x": 40, "n_h": 30, "n_y": 3}]


def passes() -> Cases:
    """Return points and parameters with biases.

    Shapes:   -> X (n_x, m), parameters as planar_mlp
    Units:    none
    Error:    none, drawn from a fixed seed
    Source:   own
    Checked:  every slip of `planar_mlp.forward_with` differs by 1 % at least
    """
    return [{"X": X, "parameters": parameters} for X, _, parameters in _samples(21)]


def outputs() -> Cases:
    """Return probabilities and labels for the cost, with the parameters that it does not need.

    Shapes:   -> A2, Y (1, m), parameters as planar_mlp
    Units:    probability; labels 0 and 1
    Error:    none, drawn from a fixed seed
    Source:   own
    Checked:  every slip of `planar_mlp.cost_with` differs by 1 % at least
    """
    draw = np.random.default_rng(31)
    return [
        {"A2": draw.uniform(0.05, 0.95, size=Y.shape), "Y": Y, "parameters": parameters}
        for _, Y, parameters in _samples(32)
    ]


def gradients() -> Cases:
    """Return what backpropagation starts from, with the right cache.

    Shapes:   -> parameters and cache as planar_mlp, X (n_x, m), Y (1, m)
    Units:    none
    Error:    none, drawn from a fixed seed
    Source:   own
    Checked:  every slip of `planar_mlp.backward_with` differs by 1 % at least
    """
    return [
        {
            "parameters": parameters,
            "cache": planar_mlp.forward_propagation(X, parameters)[1],
            "X": X,
            "Y": Y,
        }
        for X, Y, parameters in _samples(41)
    ]


def updates() -> Cases:
    """Return parameters and gradients, once without and twice with a learning rate.

    Shapes:   -> parameters and gradients as planar_mlp
    Units:    none
    Error:    none, drawn from a fixed seed
    Source:   own
    Checked:  every slip of `planar_mlp.update_with` differs by 1 % at least in one case
    """
    draw = np.random.default_rng(51)
    cases: Cases = []
    for (_, _, parameters), rate in zip(_samples(52), (None, 0.3, 2.5), strict=False):
        grads = {f"d{name}": draw.normal(size=each.shape) for name, each in parameters.items()}
        given = {} if rate is None else {"learning_rate": rate}
        cases.append({"parameters": parameters, "grads": grads, **given})
    return cases


def descents() -> Cases:
    """Return two trainings that differ by one step, and one that is long enough to learn.

    Shapes:   -> X (2, m), Y (1, m), n_h, num_iterations
    Units:    none
    Error:    none, drawn from a fixed seed
    Source:   own
    Checked:  planar_mlp.nn_model is judged right, its slips are told apart
    """
    draw = np.random.default_rng(61)
    X = draw.normal(size=(2, 50))
    Y = (X[:1] * X[1:] + 0.3 * X[:1] > 0).astype(np.int64)
    further = 2 * draw.normal(size=(2, 60))
    above = (further[1:] > further[:1] ** 2 - 1).astype(np.int64)
    return [
        {"X": X, "Y": Y, "n_h": 3, "num_iterations": _STEPS},
        {"X": X, "Y": Y, "n_h": 3, "num_iterations": _STEPS + 1},
        {"X": further, "Y": above, "n_h": 4, "num_iterations": 200},
    ]


def predictions() -> Cases:
    """Return parameters and points, none of which lies on the border.

    Shapes:   -> parameters as planar_mlp, X (n_x, m)
    Units:    none
    Error:    none, drawn from a fixed seed
    Source:   own
    Checked:  every slip of `planar_mlp.predict_with` changes a label of some case
    """
    cases: Cases = []
    for X, _, parameters in _samples(71, points=5):
        A2, _ = planar_mlp.forward_propagation(X, parameters)
        cases.append({"parameters": parameters, "X": X[:, np.abs(A2[0] - 0.5) > _MARGIN]})
    return cases


def _samples(seed: int, points: int = 1) -> list[tuple[Array, Array, Arrays]]:
    draw = np.random.default_rng(seed)
    return [
        (
            draw.normal(size=(n_x, points * m)),
            # Both labels occur
            draw.permutation(np.arange(points * m) % 2)[None].astype(np.float64),
            {
                "W1": draw.normal(size=(n_h, n_x)),
                "b1": draw.normal(size=(n_h, 1)),
                "W2": draw.normal(size=(1, n_h)),
                "b2": draw.normal(size=(1, 1)),
            },
        )
        for n_x, n_h, m in _SIZES
    ]


# --- a start has no one value ----------------------------------------------------------------


def start_judged(got: Sequence[Any], inputs: Sequence[Mapping[str, int]]) -> dict[str, bool | None]:
    """Return which criteria initial parameters meet: shapes, random, scale, biases.

    Shapes:   as planar_mlp.initialize_parameters, for each of the inputs
    Units:    none
    Error:    a standard deviation of 0.01 is judged right by 1290 weights but once in 10⁷
    Source:   the notebook: standard normal times 0.01, biases 0
    Checked:  planar_mlp.initialize_parameters with several seeds and scales
    """
    started = [_named(each) for each in got]
    shapes = all(
        _shapes(each) == _wanted_shapes(size["n_x"], size["n_h"], size["n_y"])
        for each, size in zip(started, inputs, strict=True)
    )
    weights = [each[name].ravel() for each in started for name in ("W1", "W2") if name in each]
    many = np.concatenate(weights) if weights else np.zeros(1)
    biases = [each[name] for each in started for name in ("b1", "b2") if name in each]
    known = bool(np.isfinite(many).all()) and len(weights) == 2 * len(started)
    varied = known and all(len(np.unique(each)) == each.size for each in weights if each.size > 1)
    width = float(many.std()) if known else 0.0
    uniform = varied and bool(many.min() >= 0)
    return {
        "shapes": shapes,
        "random": varied,
        "scale": varied and 0.008 < width < 0.0125 and not uniform,
        "biases": len(biases) == 2 * len(started) and not any(each.any() for each in biases),
        "zero-weights": known and not many.any(),
        "not-scaled": varied and not uniform and 0.85 < width < 1.15,
        "uniform-weights": uniform,
        "random-biases": len(biases) == 2 * len(started) and all(each.any() for each in biases),
    }


# --- a training has no one value -------------------------------------------------------------


def descent_judged(
    got: Sequence[Any], inputs: Sequence[Mapping[str, Any]]
) -> dict[str, bool | None]:
    """Return which criteria trained parameters meet: shapes, steps, learns.

    Two trainings from the same start that differ by one step must differ by one step of gradient
    descent. Where that step is one of a named slip, the model is right, given the student's own
    functions, and the slip is charged where it was made; a step that nobody knows is None.

    Shapes:   as planar_mlp.nn_model, for each of the inputs
    Units:    none
    Error:    a step is recognised within 1e-3 of its largest entry
    Source:   Goodfellow, Bengio and Courville 2016, section 4.3
    Checked:  planar_mlp.nn_model, and descents with each slip
    """
    found = [_named(each) for each in got]
    shapes = all(
        _shapes(each) == _wanted_shapes(given["X"].shape[0], given["n_h"], 1)
        for each, given in zip(found, inputs, strict=True)
    )
    if not shapes or not all(_is_finite(each) for each in found[:2]):
        return {"shapes": shapes, "steps": None if shapes else False, "learns": False}
    before, after, trained = found
    X, Y = inputs[0]["X"], inputs[0]["Y"]
    still = all((before[name] == after[name]).all() for name in before)
    if still:
        moved = bool(before["b2"].any()) or float(np.abs(before["W1"]).max()) > 0.1
        steps = False if moved else None
        return {"shapes": True, "steps": steps, "learns": steps, "iterations-ignored": moved}
    with np.errstate(all="ignore"):  # of a slip's training anything may come
        kind, rate = _step(before, after, X, Y)
        cost = _cost(trained, inputs[2]["X"], inputs[2]["Y"])
    m, n_x = X.shape[1], X.shape[0]
    # Gradients without 1/m, over another m or with the other sign are those of another rate
    factors = (1, m, m / n_x, m / _POINTS)
    explained = any(abs(abs(rate) / (_RATE * each) - 1) < _STEP_DIGITS for each in factors)
    own_rate = abs(rate - _RATE) < _STEP_DIGITS
    follows = kind == "slip" or not trained["W1"].any() or (explained and not own_rate)
    blame = kind == "right" and own_rate
    return {
        "shapes": True,
        "steps": None if kind == "unknown" else True,
        "learns": cost < _LEARNED or follows or (False if blame else None),
        "follows-own-functions": kind != "unknown" and follows,
        "other-rate": kind == "right" and not explained,
    }


def _step(before: Arrays, after: Arrays, X: Array, Y: Array) -> tuple[str, float]:
    """Return whether the step is right, a slip's, or unknown; and its learning rate."""
    step = {name: after[name] - before[name] for name in before}
    for kind, grads in _known_gradients(before, X, Y):
        rate = _rate(step, grads)
        if rate is not None:
            return kind, rate
    return "unknown", 0.0


def _known_gradients(parameters: Arrays, X: Array, Y: Array) -> Iterator[tuple[str, Arrays]]:
    biases, hidden = ("both", "b1", "b2", "none"), ("tanh", "sigmoid", "relu", "none")
    forwards = [
        {"biases": each[0], "hidden": each[1], "output": each[2]}
        for each in itertools.product(biases, hidden, ("sigmoid", "tanh", "none"))
    ]
    slopes = ("tanh", "none", "unsquared", "sigmoid", "of-Z1", "squared-sum")
    for forward in forwards:
        _, cache = planar_mlp.forward_with(X, parameters, **forward)
        for slope, divisor in itertools.product(slopes, ("samples", "none", "features")):
            right = forward is forwards[0] and slope == "tanh" and divisor == "samples"
            grads = planar_mlp.backward_with(parameters, cache, X, Y, slope=slope, divisor=divisor)
            yield "right" if right else "slip", grads


def _rate(step: Arrays, grads: Arrays) -> float | None:
    """Return the rate that makes the step of the gradients, or None where there is none."""
    moved = np.concatenate([step[name].ravel() for name in ("W1", "b1", "W2", "b2")])
    slope = np.concatenate([grads[f"d{name}"].ravel() for name in ("W1", "b1", "W2", "b2")])
    if not np.isfinite(slope).all() or not slope.any():
        return None
    rate = -float(moved @ slope) / float(slope @ slope)
    close = np.abs(moved + rate * slope).max() <= _STEP_DIGITS * np.abs(moved).max()
    return rate if close else None


def _is_finite(parameters: Arrays) -> bool:
    return all(bool(np.isfinite(each).all()) for each in parameters.values())


def _cost(parameters: Arrays, X: Array, Y: Array) -> float:
    if not _is_finite(parameters):
        return np.inf
    return planar_mlp.compute_cost(planar_mlp.forward_propagation(X, parameters)[0], Y)


def _wanted_shapes(n_x: int, n_h: int, n_y: int) -> dict[str, tuple[int, ...]]:
    return {"W1": (n_h, n_x), "b1": (n_h, 1), "W2": (n_y, n_h), "b2": (n_y, 1)}


def _shapes(parameters: Arrays) -> dict[str, tuple[int, ...]]:
    return {name: value.shape for name, value in parameters.items()}


def _named(value: Any) -> Arrays:
    """Return the parameters that were returned as a dictionary or in their order."""
    names = ("W1", "b1", "W2", "b2")
    if isinstance(value, tuple | list) and any(isinstance(each, dict) for each in value):
        value = next(each for each in value if isinstance(each, dict))
    if isinstance(value, tuple | list):
        value = dict(zip(names, value, strict=False))
    if not isinstance(value, dict):
        return {}
    arrays = {name: _array(value.get(name)) for name in names}
    return {name: array for name, array in arrays.items() if array is not None}


def _array(value: Any) -> Array | None:
    """Return an array, or numbers in lists, as floats; None for anything else."""
    if not isinstance(value, np.ndarray | list):
        return None
    try:
        array = np.asarray(value)
    except ValueError:  # ragged lists
        return None
    return array.astype(np.float64) if array.dtype.kind in "iuf" else None
