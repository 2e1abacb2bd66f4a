"""Wrong notebooks: what was changed in which function, and what it should be called."""

from __future__ import annotations

from dataclasses import dataclass

from tests.submissions.planar.notebook import slipped


@dataclass(frozen=True, slots=True)
class Wrong:
    """A change to one function, the names of the mistake, and the marks that are left of it."""

    function: str
    changes: tuple[tuple[str, str], ...]
    ids: tuple[str, ...]
    marks: float

    @property
    def label(self) -> str:
        """Return what a test of it is called."""
        return " ".join([self.function, *self.ids])

    def cells(self) -> dict[str, str]:
        """Return the changed function's cell."""
        return slipped(self.function, *self.changes)


def _wrong(function: str, *rest: object) -> Wrong:
    *changes, ids, marks = rest
    names = tuple(str(ids).split())
    pairs = tuple((str(old), str(new)) for old, new in changes)  # type: ignore[misc]
    return Wrong(function, pairs, names, float(str(marks)))


_COST = "cost = -np.sum(logprobs) / m"
_BOTH = "Y * np.log(A2) + (1 - Y) * np.log(1 - A2)"
_SLOPE = "(1 - np.power(A1, 2))"

WRONG = [
    _wrong(
        "layer_sizes",
        ("X.shape[0]", "X.shape[1]"),
        ("Y.shape[0]", "Y.shape[1]"),
        "axes-swapped",
        0.204,
    ),
    _wrong("layer_sizes", ("n_h = 4", "n_h = 5"), "", 0.4),
    _wrong("initialize_parameters", (" * 0.01", ""), "not-scaled", 0.9),
    _wrong("initialize_parameters", (" * 0.01", " * 0.1"), "", 0.9),
    _wrong(
        "initialize_parameters",
        ("np.random.randn(n_h, n_x) * 0.01", "np.zeros((n_h, n_x))"),
        ("np.random.randn(n_y, n_h) * 0.01", "np.zeros((n_y, n_h))"),
        "zero-weights",
        0.6,
    ),
    _wrong(
        "initialize_parameters",
        ("randn(n_h, n_x)", "rand(n_h, n_x)"),
        ("randn(n_y, n_h)", "rand(n_y, n_h)"),
        "uniform-weights",
        0.9,
    ),
    _wrong(
        "initialize_parameters",
        ("np.zeros((n_h, 1))", "np.random.randn(n_h, 1)"),
        ("np.zeros((n_y, 1))", "np.random.randn(n_y, 1)"),
        "random-biases",
        0.9,
    ),
    _wrong("initialize_parameters", ("randn(n_h, n_x)", "randn(n_x, n_h)"), "", 0.9),
    _wrong(
        "forward_propagation",
        ("np.dot(W1, X) + b1", "np.dot(W1, X)"),
        ("np.dot(W2, A1) + b2", "np.dot(W2, A1)"),
        "bias-forgotten",
        1.8,
    ),
    _wrong("forward_propagation", (" + b1", ""), "bias-forgotten-in-hidden-layer", 2.1),
    _wrong("forward_propagation", (" + b2", ""), "bias-forgotten-in-output-layer", 2.1),
    _wrong("forward_propagation", ("np.tanh(Z1)", "sigmoid(Z1)"), "sigmoid-hidden", 2.1),
    _wrong("forward_propagation", ("np.tanh(Z1)", "np.maximum(0, Z1)"), "relu-hidden", 2.1),
    _wrong("forward_propagation", ("np.tanh(Z1)", "Z1"), "hidden-activation-forgotten", 1.5),
    _wrong("forward_propagation", ("sigmoid(Z2)", "np.tanh(Z2)"), "tanh-output", 2.1),
    _wrong("forward_propagation", ("sigmoid(Z2)", "Z2"), "output-activation-forgotten", 1.8),
    _wrong(
        "forward_propagation",
        (" + b1", ""),
        ("np.tanh(Z1)", "sigmoid(Z1)"),
        "bias-forgotten-in-hidden-layer sigmoid-hidden",
        1.47,
    ),
    _wrong("compute_cost", (_COST, "cost = -np.sum(logprobs)"), "missing-mean", 1.44),
    _wrong("compute_cost", (_COST, "cost = np.sum(logprobs) / m"), "sign", 1.44),
    _wrong("compute_cost", (_BOTH, "Y * np.log(A2)"), "first-term-only", 0.96),
    _wrong(
        "compute_cost",
        (_BOTH, "np.multiply(np.log(A2), Y)"),
        (_COST, "cost = -np.sum(logprobs)"),
        "missing-mean first-term-only",
        0.576,
    ),
    _wrong("compute_cost", (_BOTH, "(1 - Y) * np.log(1 - A2)"), "second-term-only", 0.96),
    _wrong("compute_cost", ("np.log(", "np.log10("), "log-base-10", 1.68),
    _wrong("compute_cost", ("np.log(", "np.log2("), "log-base-2", 1.68),
    _wrong("backward_propagation", (" / m", ""), "missing-mean", 2.94),
    _wrong("backward_propagation", (_SLOPE, "(1 - A1)"), "unsquared-tanh-slope", 2.94),
    _wrong("backward_propagation", (_SLOPE, "A1 * (1 - A1)"), "sigmoid-slope", 2.52),
    _wrong("backward_propagation", (" * " + _SLOPE, ""), "missing-derivative", 2.52),
    _wrong(
        "backward_propagation",
        (_SLOPE, '(1 - np.power(cache["Z1"], 2))'),
        "slope-of-the-input",
        2.94,
    ),
    _wrong("backward_propagation", ("A2 - Y", "Y - A2"), "sign", 2.52),
    _wrong("backward_propagation", ("X.shape[1]", "X.shape[0]"), "mean-over-features", 3.15),
    _wrong(
        "backward_propagation",
        (" / m", ""),
        ("A2 - Y", "Y - A2"),
        "missing-mean sign",
        1.764,
    ),
    _wrong(
        "backward_propagation",
        (_SLOPE, "(1 - A1)"),
        (" / m", ""),
        "missing-mean unsquared-tanh-slope",
        2.058,
    ),
    _wrong("update_parameters", (" - learning_rate", " + learning_rate"), "uphill", 0.6),
    _wrong("update_parameters", ("- learning_rate *", "- 1.2 *"), "learning-rate-ignored", 0.84),
    _wrong("update_parameters", ("- learning_rate * ", "- "), "learning-rate-forgotten", 0.72),
    _wrong("update_parameters", ("- learning_rate *", "- 0 *"), "not-updated", 0.12),
    _wrong(
        "update_parameters", ("learning_rate=1.2", "learning_rate=0.01"), "other-default-rate", 0.96
    ),
    _wrong("nn_model", ("num_iterations):", "10):"), "iterations-ignored", 0.2),
    _wrong("nn_model", ("(n_x, n_h, n_y)", "(n_x, 4, n_y)"), "", 0),
    _wrong("predict", ("A2 > 0.5", "A2"), "not-decided", 0.6),
    _wrong("predict", ("A2 > 0.5", "A2 < 0.5"), "reversed", 0.6),
    _wrong("predict", ("A2 > 0.5", "A2 > 0"), "threshold-at-zero", 0.48),
]
