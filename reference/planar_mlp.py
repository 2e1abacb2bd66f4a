"""A planar classifier with one hidden layer, written out in NumPy: 2 -> n_h (tanh) -> 1 (sigmoid).

The functions carry the names and signatures of the course's notebook, so that each can stand in
for a student's and be called as the student's is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

_POINTS = 400

Array: TypeAlias = npt.NDArray[np.float64]
Arrays: TypeAlias = dict[str, Array]


def load_planar_dataset() -> tuple[Array, npt.NDArray[np.uint8]]:
    """Return the flower of the notebook: 400 points on two times four petals, and their colours.

    Shapes:   -> X (2, 400), Y (1, 400) uint8
    Units:    coordinates; labels 0 and 1
    Error:    bit for bit on one machine; the last digit may differ with the C library's sin
    Source:   the notebook's generator with seed 1 (r = 4 sin 4t, noise 0.2 on t and r)
    Checked:  the published first point, sum of X and class sizes
    """
    draw = np.random.RandomState(1)
    points, labels = np.zeros((2, 400)), np.zeros((1, 400), dtype=np.uint8)
    for colour in (0, 1):
        petals = slice(200 * colour, 200 * (colour + 1))
        angle = np.linspace(3.12 * colour, 3.12 * (colour + 1), 200) + 0.2 * draw.randn(200)
        radius = 4 * np.sin(4 * angle) + 0.2 * draw.randn(200)
        points[:, petals] = radius * np.sin(angle), radius * np.cos(angle)
        labels[0, petals] = colour
    return points, labels


def layer_sizes(X: npt.ArrayLike, Y: npt.ArrayLike, n_h: int = 4) -> tuple[int, int, int]:
    """Return (n_x, n_h, n_y), the units of the input, hidden and output layer.

    Shapes:   X (n_x, m), Y (n_y, m) -> three integers
    Units:    units
    Error:    exact integers
    Source:   the notebook (n_h is 4 there)
    Checked:  by hand
    """
    return np.shape(X)[0], n_h, np.shape(Y)[0]


def initialize_parameters(
    n_x: int, n_h: int, n_y: int, seed: int = 2, scale: float = 0.01
) -> Arrays:
    """Return small random weights and zero biases, drawn W1 first.

    Shapes:   -> W1 (n_h, n_x), b1 (n_h, 1), W2 (n_y, n_h), b2 (n_y, 1)
    Units:    none
    Error:    bit for bit (the legacy generator of NumPy is frozen)
    Source:   the notebook; Goodfellow, Bengio and Courville 2016, section 8.4, for why
    Checked:  the published first row of W1 and W2
    """
    draw = np.random.RandomState(seed)
    return {
        "W1": draw.randn(n_h, n_x) * scale,
        "b1": np.zeros((n_h, 1)),
        "W2": draw.randn(n_y, n_h) * scale,
        "b2": np.zeros((n_y, 1)),
    }


def forward_propagation(
    X: npt.ArrayLike, parameters: Mapping[str, npt.ArrayLike]
) -> tuple[Array, Arrays]:
    """Return A2 = σ(W2 tanh(W1 X + b1) + b2), and the cache Z1, A1, Z2, A2.

    Shapes:   X (n_x, m) -> A2 (n_y, m), Z1 and A1 (n_h, m), Z2 (n_y, m)
    Units:    A2: probability
    Error:    relative, under 1e-13 for entries of order 1 (measured, sizes <= 20)
    Source:   Bishop 2006, section 5.1
    Checked:  torch.nn.functional.linear, torch.tanh, torch.sigmoid
    """
    W1, b1, W2, b2 = _weights(parameters)
    Z1 = W1 @ np.asarray(X, dtype=np.float64) + b1
    A1 = np.tanh(Z1)
    Z2 = W2 @ A1 + b2
    A2 = np.asarray(np.exp(-np.logaddexp(0, -Z2)))  # overflows for no Z2
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


def compute_cost(A2: npt.ArrayLike, Y: npt.ArrayLike, parameters: object = None) -> float:
    """Return -(1/m) Σ [y ln a + (1-y) ln(1-a)], with 0 ln 0 = 0; `parameters` are not used.

    Shapes:   A2, Y (1, m) -> scalar
    Units:    nats per sample
    Error:    relative to the sum of the terms' sizes, under 2e-15 (measured, m <= 1000)
    Source:   Goodfellow, Bengio and Courville 2016, section 6.2.2.2
    Checked:  torch.nn.functional.binary_cross_entropy; the published cost
    """
    first, second = _cost_terms(A2, Y)
    return float(-(first + second).sum() / np.shape(Y)[1])


def backward_propagation(
    parameters: Mapping[str, npt.ArrayLike],
    cache: Mapping[str, npt.ArrayLike],
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
) -> Arrays:
    """Return the gradients dW1, db1, dW2, db2 of the cost.

    Shapes:   those of W1, b1, W2, b2
    Units:    nats per sample and unit of the parameter
    Error:    absolute, under 2e-15 for entries of order 1 (measured, sizes <= 20)
    Source:   Bishop 2006, section 5.3.1
    Checked:  torch.autograd, central differences; the published gradients
    """
    return _gradients(parameters, cache, X, Y, _tanh_slope, np.shape(X)[1])


def update_parameters(
    parameters: Mapping[str, npt.ArrayLike],
    grads: Mapping[str, npt.ArrayLike],
    learning_rate: float = 1.2,
) -> Arrays:
    """Return each parameter minus learning_rate times its gradient; the arguments stay as they are.

    Shapes:   those of the parameters
    Units:    those of the parameters
    Error:    absolute, under 1e-15 for entries of order 1 (measured)
    Source:   Goodfellow, Bengio and Courville 2016, section 4.3
    Checked:  torch.optim.SGD; the published first row of W1 and b2
    """
    return {
        name: np.asarray(parameters[name], dtype=np.float64)
        - learning_rate * np.asarray(grads[f"d{name}"], dtype=np.float64)
        for name in ("W1", "b1", "W2", "b2")
    }


def nn_model(
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
    n_h: int,
    num_iterations: int = 10000,
    print_cost: bool = False,
) -> Arrays:
    """Return the parameters after num_iterations steps of gradient descent at rate 1.2.

    With `print_cost`, the cost before every thousandth step is printed.

    Shapes:   X (n_x, m), Y (n_y, m) -> W1 (n_h, n_x), b1 (n_h, 1), W2 (n_y, n_h), b2 (n_y, 1)
    Units:    none
    Error:    rounding grows along the way: the cost is reproducible to 1e-3 after 9000 steps
    Source:   the notebook; Goodfellow, Bengio and Courville 2016, sections 4.3 and 6.5
    Checked:  the same descent by torch.autograd; the published costs
    """
    n_x, n_h, n_y = layer_sizes(X, Y, n_h)
    parameters = initialize_parameters(n_x, n_h, n_y)
    for step, (A2, reached) in enumerate(descend(X, Y, parameters, num_iterations)):
        if print_cost and step % 1000 == 0 and step < num_iterations:
            print(f"cost before step {step}: {compute_cost(A2, Y):.6f}")
        parameters = reached
    return parameters


def predict(parameters: Mapping[str, npt.ArrayLike], X: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return 1 where A2 > 0.5, else 0.

    Shapes:   X (n_x, m) -> (1, m)
    Units:    labels 0 and 1
    Error:    exact, but where A2 is within rounding of 0.5
    Source:   the notebook; Bishop 2006, section 1.5.1 (least misclassification)
    Checked:  torch; the published mean
    """
    return np.asarray(forward_propagation(X, parameters)[0] > 0.5, dtype=np.int64)


def accuracy(parameters: Mapping[str, npt.ArrayLike], X: npt.ArrayLike, Y: npt.ArrayLike) -> float:
    """Return the share of points whose prediction is their label, in percent.

    Shapes:   X (n_x, m), Y (1, m) -> scalar
    Units:    percent
    Error:    exact count
    Source:   the notebook
    Checked:  counted one by one
    """
    return 100 * int((predict(parameters, X) == np.asarray(Y)).sum()) / np.size(Y)


def costs(
    X: npt.ArrayLike, Y: npt.ArrayLike, n_h: int = 4, num_iterations: int = 10000, every: int = 1000
) -> list[float]:
    """Return the cost before the steps 0, every, 2·every, ... of `nn_model`.

    Shapes:   X (n_x, m), Y (1, m) -> num_iterations / every numbers, rounded up
    Units:    nats per sample
    Error:    as `nn_model`
    Source:   the notebook, which prints them
    Checked:  the published costs; torch.autograd for the first steps
    """
    parameters = initialize_parameters(*layer_sizes(X, Y, n_h))
    path = enumerate(descend(X, Y, parameters, num_iterations))
    return [
        compute_cost(A2, Y) for step, (A2, _) in path if step % every == 0 and step < num_iterations
    ]


Forward: TypeAlias = Callable[[Array, Arrays], tuple[Array, Arrays]]
Backward: TypeAlias = Callable[[Arrays, Arrays, Array, Array], Arrays]


def descend(
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
    parameters: Arrays,
    num_iterations: int,
    learning_rate: float = 1.2,
    forward: Forward = forward_propagation,
    backward: Backward = backward_propagation,
) -> Iterator[tuple[Array, Arrays]]:
    """Yield A2 and the parameters before each step, and once more at the end.

    Shapes:   as `nn_model`; A2 (n_y, m)
    Units:    A2: probability
    Error:    as `nn_model`
    Source:   Goodfellow, Bengio and Courville 2016, section 4.3
    Checked:  as `nn_model`
    """
    points, labels = np.asarray(X, dtype=np.float64), np.asarray(Y, dtype=np.float64)
    for step in range(num_iterations + 1):
        A2, cache = forward(points, parameters)
        yield A2, parameters
        if step < num_iterations:
            grads = backward(parameters, cache, points, labels)
            parameters = update_parameters(parameters, grads, learning_rate)


# What follows are slips: each function takes what the right one takes, and what goes wrong.

_ACTIVATIONS: Mapping[str, Callable[[Array], Array]] = {
    "tanh": np.tanh,
    "sigmoid": lambda Z: np.asarray(np.exp(-np.logaddexp(0, -Z))),
    "relu": lambda Z: np.maximum(Z, 0),
    "none": lambda Z: Z,
}

_SLOPES: Mapping[str, Callable[[Mapping[str, Array]], Array]] = {
    "tanh": lambda cache: _tanh_slope(cache),
    "none": lambda cache: np.ones_like(cache["A1"]),
    "unsquared": lambda cache: 1 - cache["A1"],
    "sigmoid": lambda cache: cache["A1"] * (1 - cache["A1"]),
    "of-Z1": lambda cache: 1 - cache["Z1"] ** 2,
    "squared-sum": lambda cache: (1 - cache["A1"]) ** 2,
}


def sizes_from(X: npt.ArrayLike, Y: npt.ArrayLike, *, axis: int = 0) -> tuple[int, int, int]:
    """Return (n_x, 4, n_y), counted along an axis that may be the wrong one.

    Shapes:   X (n_x, m), Y (n_y, m) -> three integers
    Units:    units
    Error:    exact integers
    Source:   with axis 1 a slip: samples are counted
    Checked:  by hand
    """
    return np.shape(X)[axis], 4, np.shape(Y)[axis]


def forward_with(
    X: npt.ArrayLike,
    parameters: Mapping[str, npt.ArrayLike],
    *,
    biases: str = "both",
    hidden: str = "tanh",
    output: str = "sigmoid",
) -> tuple[Array, Arrays]:
    """Return A2 and the cache with other activations, or with biases left out.

    `biases` are those that are kept: both, b1, b2 or none.

    Shapes:   as `forward_propagation`
    Units:    as `forward_propagation`
    Error:    as `forward_propagation`
    Source:   slips, not definitions
    Checked:  without arguments, `forward_propagation`
    """
    W1, b1, W2, b2 = _weights(parameters)
    Z1 = W1 @ np.asarray(X, dtype=np.float64) + (b1 if biases in ("both", "b1") else 0.0)
    A1 = _ACTIVATIONS[hidden](Z1)
    Z2 = W2 @ A1 + (b2 if biases in ("both", "b2") else 0.0)
    A2 = _ACTIVATIONS[output](Z2)
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


def cost_with(
    A2: npt.ArrayLike,
    Y: npt.ArrayLike,
    parameters: object = None,
    *,
    mean: bool = True,
    samples: int | None = None,
    sign: float = -1.0,
    terms: str = "both",
    base: float = math.e,
) -> float:
    """Return the cost without the mean, without the minus, with one term, or to another base.

    `samples` is what the mean is taken over in place of the number of labels. `terms` are those
    that are kept: both, first (y ln a) or second.

    Shapes:   A2, Y (1, m) -> scalar
    Units:    nats per sample; of the slips as they make it
    Error:    as `compute_cost`
    Source:   slips, not definitions; the first term summed is the notebook's hint taken for all
    Checked:  the published fingerprints; without arguments, `compute_cost`
    """
    first, second = _cost_terms(A2, Y)
    kept = {"both": first + second, "first": first, "second": second}[terms]
    divisor = (samples or np.shape(Y)[1]) if mean else 1
    return float(sign * kept.sum() / divisor / math.log(base))


def backward_with(
    parameters: Mapping[str, npt.ArrayLike],
    cache: Mapping[str, npt.ArrayLike],
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
    *,
    slope: str = "tanh",
    divisor: str = "samples",
    sign: float = 1.0,
) -> Arrays:
    """Return the gradients with another slope of the hidden unit, another 1/m, or the other sign.

    `slope` is tanh (1 - A1²), none, unsquared (1 - A1), sigmoid (A1 (1 - A1)), of-Z1 (1 - Z1²) or
    squared-sum ((1 - A1)²). `divisor` is samples, none, features (m taken from X.shape[0]), or
    notebook (the 400 points of the notebook's data, whatever X is).

    Shapes:   those of W1, b1, W2, b2
    Units:    nats per sample and unit of the parameter; of the slips as they make it
    Error:    as `backward_propagation`
    Source:   slips, not definitions; without a divisor right for the summed cost
    Checked:  the published fingerprints; torch.autograd of the summed cost; without arguments,
              `backward_propagation`
    """
    samples = {"samples": np.shape(X)[1], "features": np.shape(X)[0], "notebook": _POINTS}
    divisors = {**samples, "none": 1}
    right = _gradients(parameters, cache, X, Y, _SLOPES[slope], divisors[divisor])
    return {name: sign * gradient for name, gradient in right.items()}


def update_with(
    parameters: Mapping[str, npt.ArrayLike],
    grads: Mapping[str, npt.ArrayLike],
    learning_rate: float = 1.2,
    *,
    default: float = 1.2,
    always: float | None = None,
    sign: float = 1.0,
) -> Arrays:
    """Return the update uphill, with another default rate, or at a rate that nobody asked for.

    A learning rate of exactly 1.2 is taken for the default.

    Shapes:   those of the parameters
    Units:    those of the parameters
    Error:    as `update_parameters`
    Source:   slips, not definitions
    Checked:  the published fingerprints; without arguments, `update_parameters`
    """
    rate = default if learning_rate == 1.2 else learning_rate
    return update_parameters(parameters, grads, sign * (rate if always is None else always))


def predict_with(
    parameters: Mapping[str, npt.ArrayLike],
    X: npt.ArrayLike,
    *,
    decide: str = "half",
    biases: str = "both",
    hidden: str = "tanh",
    output: str = "sigmoid",
) -> Array:
    """Return labels decided in another way, or from another forward pass (see `forward_with`).

    `decide` is half (A2 > 0.5), reversed, zero (A2 > 0), or probability: nothing was decided.

    Shapes:   X (n_x, m) -> (1, m)
    Units:    labels 0 and 1, or probability
    Error:    as `predict`
    Source:   slips, not definitions
    Checked:  the published fingerprints; without arguments, `predict`
    """
    A2 = forward_with(X, parameters, biases=biases, hidden=hidden, output=output)[0]
    decided = {"half": A2 > 0.5, "reversed": A2 <= 0.5, "zero": A2 > 0, "probability": A2}
    return np.asarray(decided[decide], dtype=np.float64)


def _weights(parameters: Mapping[str, npt.ArrayLike]) -> tuple[Array, Array, Array, Array]:
    W1, b1, W2, b2 = (
        np.asarray(parameters[name], dtype=np.float64) for name in ("W1", "b1", "W2", "b2")
    )
    return W1, b1, W2, b2


def _cost_terms(A2: npt.ArrayLike, Y: npt.ArrayLike) -> tuple[Array, Array]:
    # Unsigned labels would wrap around at 1 - y
    predictions, labels = np.asarray(A2, dtype=np.float64), np.asarray(Y, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = labels * np.log(predictions), (1 - labels) * np.log1p(-predictions)
    return np.where(labels == 0, 0.0, first), np.where(labels == 1, 0.0, second)


def _tanh_slope(cache: Mapping[str, Array]) -> Array:
    return np.asarray(1 - cache["A1"] ** 2)


def _gradients(
    parameters: Mapping[str, npt.ArrayLike],
    cache: Mapping[str, npt.ArrayLike],
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
    slope: Callable[[Mapping[str, Array]], Array],
    m: int,
) -> Arrays:
    points, labels = np.asarray(X, dtype=np.float64), np.asarray(Y, dtype=np.float64)
    known = {name: np.asarray(value, dtype=np.float64) for name, value in cache.items()}
    dZ2 = known["A2"] - labels  # (n_y, m)
    dZ1 = (np.asarray(parameters["W2"], dtype=np.float64).T @ dZ2) * slope(known)  # (n_h, m)
    return {
        "dW1": dZ1 @ points.T / m,
        "db1": dZ1.sum(axis=1, keepdims=True) / m,
        "dW2": dZ2 @ known["A1"].T / m,
        "db2": dZ2.sum(axis=1, keepdims=True) / m,
    }
