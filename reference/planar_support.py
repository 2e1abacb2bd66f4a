"""Modules that the course handed out with the planar notebook, as source for a student's code.

They hold data and small helpers, and no answer: what plots shows nothing, and the logistic
regression that the notebook compares with learns nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from . import planar_mlp

# With its own imports, on which notebooks rely that take everything from it
_PLANAR_UTILS = '''
import numpy as np

try:
    import matplotlib.pyplot as plt
    import sklearn
    import sklearn.datasets
    import sklearn.linear_model
except ImportError:
    pass


def plot_decision_boundary(model, X, y, *options, **more):
    """Show nothing, in grading."""


def sigmoid(x):
    """Return 1 / (1 + exp(-x))."""
    return 1 / (1 + np.exp(-x))


def load_planar_dataset(*options):
    """Return the flower: 400 points in the plane, and their colours."""
    draw = np.random.RandomState(1)
    points, colours = np.zeros((2, 400)), np.zeros((1, 400), dtype="uint8")
    for colour in (0, 1):
        petals = slice(200 * colour, 200 * (colour + 1))
        angle = np.linspace(3.12 * colour, 3.12 * (colour + 1), 200) + 0.2 * draw.randn(200)
        radius = 4 * np.sin(4 * angle) + 0.2 * draw.randn(200)
        points[:, petals] = radius * np.sin(angle), radius * np.cos(angle)
        colours[0, petals] = colour
    return points, colours


def load_extra_datasets(N=200):
    """Return circles, moons, blobs, quantiles and noise, each as points by row and labels."""
    draw = np.random.RandomState(3)
    labels = np.arange(N) % 2
    angle = draw.uniform(0, 2 * np.pi, N)
    ring = (1 - 0.5 * labels) * np.array([np.cos(angle), np.sin(angle)])
    half = np.pi * draw.uniform(0, 1, N)
    moon = np.where(
        labels,
        np.array([1 - np.cos(half), 0.5 - np.sin(half)]),
        np.array([np.cos(half), np.sin(half)]),
    )
    centres = draw.uniform(-8, 8, (6, 2))
    which = draw.randint(0, 6, N)
    cloud = draw.randn(N, 2)
    return (
        (ring.T + 0.1 * draw.randn(N, 2), labels),
        (moon.T + 0.2 * draw.randn(N, 2), labels),
        (centres[which] + draw.randn(N, 2), which),
        (cloud, ((cloud**2).sum(axis=1) > 1.4).astype(int)),
        (draw.rand(N, 2), draw.rand(N, 2)),
    )
'''

_SHOWS = '''
class Nothing:
    """Takes whatever is done to it; unpacks into two, as in `figure, axes = subplots()`."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *given, **named):
        return self

    def __getitem__(self, key):
        return self

    def __setitem__(self, key, value):
        pass

    def __iter__(self):
        return iter((self, self))

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return Nothing()
'''

_DATASETS = '''
import numpy as np


def make_moons(n_samples=100, *, shuffle=True, noise=None, random_state=0):
    """Return two half circles that reach into each other."""
    draw = np.random.RandomState(random_state or 0)
    labels, angle = np.arange(n_samples) % 2, np.pi * draw.uniform(0, 1, n_samples)
    upper = np.array([np.cos(angle), np.sin(angle)])
    lower = np.array([1 - np.cos(angle), 0.5 - np.sin(angle)])
    points = np.where(labels, lower, upper).T
    return points + (noise or 0) * draw.randn(n_samples, 2), labels


def make_circles(n_samples=100, *, shuffle=True, noise=None, random_state=0, factor=0.8):
    """Return two circles, one inside the other."""
    draw = np.random.RandomState(random_state or 0)
    labels, angle = np.arange(n_samples) % 2, draw.uniform(0, 2 * np.pi, n_samples)
    points = (np.where(labels, factor, 1) * np.array([np.cos(angle), np.sin(angle)])).T
    return points + (noise or 0) * draw.randn(n_samples, 2), labels


def make_blobs(n_samples=100, n_features=2, *, centers=3, cluster_std=1.0, random_state=0, **more):
    """Return clouds of points around random centres."""
    draw = np.random.RandomState(random_state or 0)
    middle = draw.uniform(-10, 10, (centers or 3, n_features))
    labels = np.arange(n_samples) % len(middle)
    return middle[labels] + cluster_std * draw.randn(n_samples, n_features), labels


def make_gaussian_quantiles(
    mean=None, cov=1.0, n_samples=100, n_features=2, n_classes=3, shuffle=True, random_state=0
):
    """Return one cloud, labelled by the distance from its middle."""
    draw = np.random.RandomState(random_state or 0)
    points = np.sqrt(cov) * draw.randn(n_samples, n_features)
    ranks = (points**2).sum(axis=1).argsort().argsort()
    return points, ranks * n_classes // n_samples
'''

_LINEAR_MODEL = '''
import numpy as np


class LogisticRegressionCV:
    """A classifier that answers 0, whatever it was shown."""

    def __init__(self, *options, **more):
        pass

    def fit(self, X, y):
        return self

    def predict(self, X):
        return np.zeros(len(X), dtype=int)

    def score(self, X, y):
        return float(np.mean(np.ravel(y) == 0))


LogisticRegression = LogisticRegressionCV
'''

_MODEL_SELECTION = '''
import numpy as np


def train_test_split(*arrays, test_size=0.25, random_state=0, **more):
    """Return each array cut in two, after one shuffling of the rows."""
    count = len(arrays[0])
    order = np.random.RandomState(random_state or 0).permutation(count)
    held = int(np.ceil(count * test_size)) if test_size < 1 else int(test_size)
    return [part for each in arrays for part in (each[order[held:]], each[order[:held]])]
'''

_METRICS = '''
import numpy as np


def accuracy_score(y_true, y_pred, **more):
    """Return the share of labels that agree."""
    return float(np.mean(np.ravel(np.asarray(y_true)) == np.ravel(np.asarray(y_pred))))
'''

_PREPROCESSING = '''
import numpy as np


class StandardScaler:
    """Shifts and scales columns to mean 0 and deviation 1."""

    def fit(self, X, y=None):
        self.mean_, self.scale_ = np.mean(X, axis=0), np.std(X, axis=0)
        return self

    def transform(self, X):
        return (X - self.mean_) / self.scale_

    def fit_transform(self, X, y=None):
        return self.fit(X).transform(X)
'''


def planar_utils() -> str:
    """Return the source of planar_utils: the flower, other data sets, a sigmoid, no plots.

    Shapes:   in the source
    Units:    none
    Error:    the flower is planar_mlp's bit for bit
    Source:   the notebook's module, in own words
    Checked:  executed, and compared with planar_mlp.load_planar_dataset
    """
    return _PLANAR_UTILS


def cases() -> str:
    """Return the source of testCases: the notebook's own inputs, which hold no result to be found.

    Shapes:   in the source
    Units:    none
    Error:    numbers are rounded to eight places, as the notebook has them
    Source:   the notebook's module, in own words
    Checked:  executed, and its published results reproduced
    """
    draw = np.random.RandomState(1)
    X, labels = draw.randn(2, 3), draw.randn(1, 3)
    start = _rounded(planar_mlp.initialize_parameters(2, 4, 1))
    cache = _rounded(planar_mlp.forward_propagation(X, start)[1])
    return "\n".join(
        [
            "import numpy as np\n",
            _case("layer_sizes", *np.split(np.random.RandomState(1).randn(7, 3), [5])),
            "def initialize_parameters_test_case():\n    return 2, 4, 1\n",
            _case("forward_propagation", X, start),
            _case("compute_cost", cache["A2"], np.random.RandomState(1).randn(1, 3), start),
            _case("backward_propagation", start, cache, X, labels),
            _case("update_parameters", _PRINTED, _gradients()),
            _case("nn_model", X, (np.random.RandomState(1).randn(1, 3) > 0).astype(np.float64)),
            _case("predict", _PRINTED, X),
        ]
    )


def public_tests() -> str:
    """Return the source of public_tests, of later editions: every check that it has passes.

    Shapes:   none
    Units:    none
    Error:    none
    Source:   own
    Checked:  executed
    """
    names = [f"{name}_test" for name in _FUNCTIONS]
    return "\n".join(f"def {name}(*given, **named):\n    pass\n" for name in names)


def shows() -> str:
    """Return the source of a module that draws, and in grading shows nothing.

    Shapes:   none
    Units:    none
    Error:    none
    Source:   own
    Checked:  executed
    """
    return _SHOWS


def nothing() -> str:
    """Return the source of a package that is there only for its parts.

    Shapes:   none
    Units:    none
    Error:    none
    Source:   own
    Checked:  executed
    """
    return '__version__ = "0"\n'


def datasets() -> str:
    """Return the source of sklearn.datasets, as far as the notebook needs it.

    Shapes:   in the source
    Units:    none
    Error:    other points than the real library draws
    Source:   own
    Checked:  executed
    """
    return _DATASETS


def linear_model() -> str:
    """Return the source of sklearn.linear_model: a stand-in that learns nothing.

    Shapes:   in the source
    Units:    none
    Error:    the accuracy that the notebook prints is another
    Source:   own
    Checked:  executed
    """
    return _LINEAR_MODEL


def model_selection() -> str:
    """Return the source of sklearn.model_selection, as far as students use it.

    Shapes:   in the source
    Units:    none
    Error:    another shuffling than the real library's
    Source:   own
    Checked:  executed
    """
    return _MODEL_SELECTION


def metrics() -> str:
    """Return the source of sklearn.metrics, as far as students use it.

    Shapes:   in the source
    Units:    none
    Error:    none
    Source:   own
    Checked:  executed
    """
    return _METRICS


def preprocessing() -> str:
    """Return the source of sklearn.preprocessing, as far as students use it.

    Shapes:   in the source
    Units:    none
    Error:    none
    Source:   own
    Checked:  executed
    """
    return _PREPROCESSING


_FUNCTIONS = (
    *("layer_sizes", "initialize_parameters", "forward_propagation", "compute_cost"),
    *("backward_propagation", "update_parameters", "nn_model", "predict"),
)
_PRINTED = {
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


def _gradients() -> planar_mlp.Arrays:
    """Return gradients for the update, of which the published first entries are the notebook's."""
    draw = np.random.RandomState(4)
    grads = _rounded({f"d{name}": 0.003 * draw.randn(*w.shape) for name, w in _PRINTED.items()})
    grads["dW1"][0] = 0.00023322, -0.00205423
    grads["db2"][:] = -1.0892314e-05
    return grads


def _rounded(values: planar_mlp.Arrays) -> planar_mlp.Arrays:
    return {name: value.round(8) for name, value in values.items()}


def _case(name: str, *values: npt.NDArray[np.float64] | planar_mlp.Arrays) -> str:
    shown = ", ".join(_literal(value) for value in values)
    return f"def {name}_test_case():\n    return {shown}\n"


def _literal(value: npt.NDArray[np.float64] | planar_mlp.Arrays) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name!r}: {_literal(each)}" for name, each in value.items()) + "}"
    return f"np.array({value.tolist()!r})"
