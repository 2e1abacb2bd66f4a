"""What a watched training in PyTorch was: recomputed from its parameters, and judged by that.

A record of `planar_probe` is believed as far as it agrees with what follows from the parameters
and the data: the loss of a hypothesis (activations, loss, mean or sum) to five digits, and its
gradients to three. What no hypothesis explains, a person must see.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from . import planar_mlp

Array: TypeAlias = npt.NDArray[np.float64]

# The network computes in float32; a sum over 400 points leaves five digits
_LOSS_DIGITS = 1e-4
_GRADIENT_DIGITS = 1e-3
_DATA_DIGITS = 1e-4
_PERCENT = 85.0
_HIDDEN_UNITS = (4, 5)
_CRITERIA = ("layers", "tanh", "loss", "autograd", "reset", "data", "accuracy")
# PyTorch's cross-entropy stops the logarithm here
_LOWEST_LOG = -100.0


@dataclass(frozen=True, slots=True)
class _Layers:
    """W1 (n_h, 2), b1 (n_h, 1), W2 (n_y, n_h), b2 (n_y, 1), and which of the arrays they were."""

    weights: Mapping[str, Array]
    places: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Model:
    """A hypothesis: what the hidden units do, what the output does, which loss is minimised."""

    hidden: str
    output: str
    loss: str
    reduction: str


def probe() -> str:
    """Return the program that watches a training, for the child.

    Shapes:   none
    Units:    none
    Error:    none
    Source:   planar_probe
    Checked:  run beside trainings that are right, and beside wrong ones
    """
    source = Path(__file__).with_name("planar_probe.py").read_text(encoding="utf-8")
    return f"{source}\n\nlook = watch()\n"


def training_judged(got: Sequence[Any], inputs: Sequence[Any]) -> dict[str, bool | None]:
    """Return which criteria a training meets: layers, tanh, loss, autograd, reset, data, accuracy.

    Shapes:   what planar_probe tells
    Units:    none
    Error:    see the module
    Source:   the notebook's second part
    Checked:  trainings that are right, and one for each mistake
    """
    told = got[0]
    if told.get("missing") and not told["calls"]:
        return {}
    X, Y = planar_mlp.load_planar_dataset()
    flower = (X, Y.astype(np.float64))
    with np.errstate(all="ignore"):
        if not told["calls"]:
            return _by_hand(told, flower)
        verdicts = [_by_autograd({**told, **each}, flower) for each in told["trainings"]]
    # Of several trainings the best is the answer; the others were experiments, or attempts
    return max(verdicts, key=_met)


def _met(verdict: Mapping[str, bool | None]) -> tuple[int, int]:
    """Return how many criteria are met, and how many are open."""
    met = [verdict[name] for name in _CRITERIA]
    return met.count(True), met.count(None)


def _by_hand(told: Mapping[str, Any], flower: tuple[Array, Array]) -> dict[str, bool | None]:
    layers = _layers(told["trained"])
    model = _Model("tanh", "sigmoid", "cross-entropy", "mean")
    trained = layers is not None and _accuracy(layers, model, flower) >= _PERCENT
    return {
        "layers": layers is not None and _is_asked_for(layers),
        "tanh": trained or None,
        "loss": None,
        "autograd": False,
        "reset": False,
        "data": trained or None,
        "accuracy": trained,
        "gradients-by-hand": trained,
        "not-trained": not trained,
    }


def _by_autograd(told: Mapping[str, Any], flower: tuple[Array, Array]) -> dict[str, bool | None]:
    readings = _readings(told["trained"])
    if not readings or not told["records"]:
        return _of_another_shape(told)
    read = [(each, _readings(each["values"])) for each in told["records"]]
    # Of a reading with the right sizes that explains nothing, the first is as good as another
    for at in (*range(len(readings)), 0):
        layers = readings[at]
        records = [(each, known[at]) for each, known in read if at < len(known)]
        model, steps = _explanation(records, told["data"], flower)
        if model is not None:
            break
    if not records:
        return _of_another_shape(told)
    nodes = set(records[0][0]["nodes"])
    data = steps[-1].data if steps else flower
    found = model or _Model("tanh", "sigmoid", "cross-entropy", "mean")
    percent = _accuracy(layers, found, _whole(data, flower))
    low = percent < _PERCENT
    autograd = _agree(model, steps) if model else None
    if autograd and not low:
        autograd = _was_used(found, steps, layers, flower)
    reset = _reset([record for record, _ in records])
    return {
        "layers": _is_asked_for(layers),
        "tanh": model.hidden == "tanh" if model else _named(nodes, "Tanh", ("Relu", "Mse")),
        "loss": _is_right_loss(model) if model else _named(nodes, "BinaryCrossEntropy", _WRONG),
        "autograd": autograd,
        "reset": reset,
        "data": True if model else None,
        "accuracy": (not low) if model or not low else None,
        "gradients-by-hand": autograd is False and not low,
        "gradients-pile-up": reset is False,
        "other-hidden-size": len(layers.weights["W1"]) not in _HIDDEN_UNITS,
        "bias-forgotten": not {"b1", "b2"} <= set(layers.places),
        "two-class-head": len(layers.weights["W2"]) == 2,
        "sigmoid-twice": model is not None and model.output == "sigmoid-twice",
        "softmax-on-one-output": len(layers.weights["W2"]) == 1
        and any(name.startswith(("Softmax", "LogSoftmax")) for name in nodes),
        "squared-error": (model is not None and model.loss == "squared-error")
        or any(name.startswith("Mse") for name in nodes),
        "first-term-only": model is not None and model.loss == "first-term",
        "sigmoid-hidden": model is not None and model.hidden == "sigmoid",
        "relu-hidden": model is not None and model.hidden == "relu",
        "hidden-activation-forgotten": model is not None and model.hidden == "none",
        "summed-loss": low and model is not None and model.reduction == "sum",
    }


_WRONG = ("Mse", "Softmax", "LogSoftmax", "NllLoss", "L1Loss", "SmoothL1")


def _of_another_shape(told: Mapping[str, Any]) -> dict[str, bool | None]:
    """Return what is known of a network that has other than one hidden layer of the plane."""
    nodes = {name for each in told["records"] for name in each["nodes"]}
    shapes = [np.shape(each) for each in told["trained"]]
    samples = any(400 in shape for shape in shapes)
    grads = [each for record in told["records"] for each in record["after"]]
    return {
        "layers": False,
        "tanh": _named(nodes, "Tanh", ("Relu",)),
        "loss": _named(nodes, "BinaryCrossEntropy", _WRONG),
        "autograd": None if any(each is not None for each in grads) else False,
        "reset": _reset(told["records"]),
        "data": False if samples else None,
        "accuracy": None,
        "not-transposed": samples,
    }


def _named(nodes: set[str], right: str, wrong: Sequence[str]) -> bool | None:
    """Return False where the operations' names show what is wrong; else a person must see."""
    if any(name.startswith(right) for name in nodes):
        return None
    return False if any(name.startswith(tuple(wrong)) for name in nodes) else None


# --- the layers ------------------------------------------------------------------------------


def _layers(arrays: Sequence[Any]) -> _Layers | None:
    """Return the one hidden layer and the output that arrays are, in whatever order; else None."""
    return next(iter(_readings(arrays)), None)


def _readings(arrays: Sequence[Any]) -> list[_Layers]:
    """Return each way in which arrays may be a hidden layer and an output: a bias may lie, too."""
    known = [each for each in arrays if isinstance(each, np.ndarray) and each.dtype.kind == "f"]
    if len(known) != len(arrays) or len(known) not in (2, 3, 4):
        return []
    readings = []
    # As PyTorch's layers hold them first: (4, 2) and (2, 4) can be read in two ways
    turns = itertools.product((False, True), repeat=2)
    pairs = itertools.permutations(range(len(known)), 2)
    for (turn1, turn2), (first, second) in itertools.product(turns, pairs):
        W1, W2 = _turned(known[first], turn1), _turned(known[second], turn2)
        if W1.ndim != 2 or W1.shape[1] != 2 or W2.shape not in ((1, len(W1)), (2, len(W1))):
            continue
        places = {"W1": first, "W2": second}
        biases = _biases(known, places, {"b1": len(W1), "b2": len(W2)})
        if len(places) == len(known):
            readings.append(_Layers({"W1": W1, "W2": W2, **biases}, places))
    return readings


def _turned(matrix: Array, turn: bool) -> Array:
    return matrix.T if turn else matrix


def _biases(
    known: Sequence[Array], places: dict[str, int], sizes: Mapping[str, int]
) -> dict[str, Array]:
    """Return the biases among the arrays that are left, noting their places; 0 where none fits."""
    biases = {}
    for name, size in sizes.items():
        left = [at for at in range(len(known)) if at not in places.values()]
        at = next((each for each in left if known[each].size == size), None)
        biases[name] = np.zeros((size, 1)) if at is None else known[at].reshape(-1, 1)
        if at is not None:
            places[name] = at
    return biases


def _is_asked_for(layers: _Layers) -> bool:
    biased = {"b1", "b2"} <= set(layers.places)
    sizes = len(layers.weights["W1"]) in _HIDDEN_UNITS and len(layers.weights["W2"]) == 1
    return biased and sizes


# --- hypotheses ------------------------------------------------------------------------------

_OUTPUTS = ("sigmoid", "sigmoid-twice", "softmax", "tanh", "none")
_LOSSES = ("cross-entropy", "squared-error", "first-term")
_HYPOTHESES = tuple(
    _Model(*each)
    for each in itertools.product(
        ("tanh", "sigmoid", "relu", "none"), _OUTPUTS, _LOSSES, ("mean", "sum")
    )
)


def _scores(layers: _Layers, hidden: str, X: Array) -> Array:
    _, cache = planar_mlp.forward_with(X, layers.weights, hidden=hidden)
    return cache["Z2"]


def _sigmoid(Z: Array) -> Array:
    return np.asarray(np.exp(-np.logaddexp(0, -Z)))


_FINAL: Mapping[str, Callable[[Array], Array]] = {
    "sigmoid": _sigmoid,
    "sigmoid-twice": lambda Z: _sigmoid(_sigmoid(Z)),
    "softmax": np.ones_like,
    "tanh": np.tanh,
    "none": lambda Z: Z,
}


def _loss(model: _Model, Z: Array, Y: Array) -> float:
    A = _FINAL[model.output](Z)
    if len(Z) == 2:
        terms = np.logaddexp(*Z) - np.where(Y[0] == 1, Z[1], Z[0])
    elif model.loss == "squared-error":
        terms = (A - Y) ** 2
    else:
        first = Y * np.maximum(np.log(A), _LOWEST_LOG)
        second = (1 - Y) * np.maximum(np.log1p(-A), _LOWEST_LOG)
        terms = -(first + (second if model.loss == "cross-entropy" else 0))
    return float(terms.mean() if model.reduction == "mean" else terms.sum())


def _is_right_loss(model: _Model) -> bool:
    return model.loss == "cross-entropy" and model.output == "sigmoid"


@dataclass(frozen=True, slots=True)
class _Step:
    """A record, the layers at that time, and the data that explain its loss."""

    record: Mapping[str, Any]
    layers: _Layers
    data: tuple[Array, Array]


def _explanation(
    records: Sequence[tuple[Mapping[str, Any], _Layers]],
    seen: Sequence[Any],
    flower: tuple[Array, Array],
) -> tuple[_Model | None, list[_Step]]:
    """Return the model that explains the most losses, at least half of them, and how.

    A training that diverges leaves losses behind that no model explains, or every one.
    """
    best: tuple[_Model | None, list[_Step]] = (None, [])
    candidates = [(*each, list(_data(each[0], seen, flower))) for each in records]
    for model in _HYPOTHESES:
        steps = [
            _Step(record, layers, data)
            for record, layers, sets in candidates
            for data in _explaining(model, record["loss"], layers, sets)
        ]
        if len(steps) > len(best[1]):
            best = (model, steps)
        if len(steps) == len(records):
            break
    return best if 2 * len(best[1]) >= len(records) else (None, [])


def _explaining(
    model: _Model, loss: float, layers: _Layers, sets: Sequence[tuple[Array, Array]]
) -> Iterator[tuple[Array, Array]]:
    """Yield the first of the data sets on which the model has this loss, if there is one."""
    for X, Y in sets:
        want = _loss(model, _scores(layers, model.hidden, X), Y)
        if abs(loss - want) <= _LOSS_DIGITS * max(abs(want), 1e-3):
            yield X, Y
            return


def _data(
    record: Mapping[str, Any], seen: Sequence[Any], flower: tuple[Array, Array]
) -> Iterator[tuple[Array, Array]]:
    """Yield the data that a loss may have been computed on: the flower, or a part or form of it."""
    yield flower
    fed = [np.asarray(seen[at], dtype=np.float64) for at in record["data"]]
    for X in fed:
        points = X.T if X.ndim == 2 and X.shape[1] == 2 else X
        if points.ndim != 2 or len(points) != 2:
            continue
        labels = _labels(points, flower)
        if labels is not None:
            yield points, labels


def _labels(points: Array, flower: tuple[Array, Array]) -> Array | None:
    """Return the labels of points of the flower, shifted and scaled or not; None for others."""
    X, Y = flower
    if points.shape == X.shape:
        for row, own in zip(points, X, strict=True):
            fit = np.polyfit(own, row, 1)
            if np.abs(np.polyval(fit, own) - row).max() > _DATA_DIGITS * max(1, np.abs(row).max()):
                break
        else:
            return Y
    distances = np.abs(points[:, :, None] - X[:, None, :]).max(axis=0)  # (points, 400)
    nearest = distances.argmin(axis=1)
    close = distances[np.arange(len(nearest)), nearest] <= _DATA_DIGITS
    return Y[:, nearest] if close.all() else None


def _whole(data: tuple[Array, Array], flower: tuple[Array, Array]) -> tuple[Array, Array]:
    """Return all of the flower, in the form in which it was learned."""
    return data if data[0].shape == flower[0].shape else flower


def _accuracy(layers: _Layers, model: _Model, data: tuple[Array, Array]) -> float:
    Z = _scores(layers, model.hidden, data[0])
    # A second sigmoid in the loss leaves the output of the first, and what it decides
    A = Z + 0.5 if model.output == "sigmoid-twice" else _FINAL[model.output](Z)
    labels = Z[1:] > Z[:1] if len(Z) == 2 else A > 0.5
    return 100 * float((labels == (data[1] == 1)).mean())


# --- gradients -------------------------------------------------------------------------------


def _agree(model: _Model, steps: Sequence[_Step]) -> bool | None:
    """Return whether gradients are the loss's; where some outputs saturate, differences are not."""
    agreeing = sum(_gradients_agree(model, each) for each in steps)
    if 2 * agreeing >= len(steps):
        return True
    return None if agreeing else False


def _was_used(
    model: _Model, steps: Sequence[_Step], trained: _Layers, flower: tuple[Array, Array]
) -> bool | None:
    """Return whether a network that is good became so by these gradients.

    Those that are computed for show leave the parameters where they were; where it was good before
    the first of them was seen, a person must see by what.
    """
    first = steps[0].layers.weights
    if all(np.array_equal(first[name], trained.weights[name]) for name in first):
        return False
    begun = _accuracy(steps[0].layers, model, _whole(steps[0].data, flower))
    return None if steps[0].record["number"] == 0 and begun >= _PERCENT else True


def _gradients_agree(model: _Model, step: _Step) -> bool:
    """Return whether what was added to the gradients is the slope of the loss, by differences."""
    for name, at in step.layers.places.items():
        after, before = step.record["after"][at], step.record["before"][at]
        if after is None:
            return False
        added = after - (0 if before is None else before)
        want = _slope(step.layers, name, model, step.data)
        if added.size != want.size:
            return False
        turned = added.T if name.startswith("W") and added.shape != want.shape else added
        got = turned.reshape(want.shape)
        if np.abs(got - want).max() > _GRADIENT_DIGITS * max(np.abs(want).max(), 1e-4):
            return False
    return True


def _slope(layers: _Layers, name: str, model: _Model, data: tuple[Array, Array]) -> Array:
    slope, step = np.zeros_like(layers.weights[name]), 1e-5
    for place in np.ndindex(slope.shape):
        ends = []
        for move in (step, -step):
            moved = layers.weights[name].copy()
            moved[place] += move
            there = _Layers({**layers.weights, name: moved}, layers.places)
            ends.append(_loss(model, _scores(there, model.hidden, data[0]), data[1]))
        slope[place] = (ends[0] - ends[1]) / (2 * step)
    return slope


def _reset(records: Sequence[Mapping[str, Any]]) -> bool | None:
    """Return whether gradients were None or 0 before each call but the first."""
    later = [each for each in records if each["number"] > 0]
    if not later:
        return None
    return all(grad is None or not np.any(grad) for each in later for grad in each["before"])
