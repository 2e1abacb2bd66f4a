"""The modules that the course handed out work, agree with the reference, and hold no answer."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from reference import planar_mlp, planar_support

NAMES = [
    name
    for name, value in vars(planar_support).items()
    if inspect.isfunction(value) and not name.startswith("_")
]


def executed(source):
    space = {"__name__": "supplied"}
    exec(compile(source, "supplied", "exec"), space)
    return space


@pytest.mark.parametrize("name", NAMES)
def test_a_module_is_python(name):
    """Every module executes by itself."""
    executed(getattr(planar_support, name)())


@pytest.mark.parametrize("name", NAMES)
def test_a_module_holds_no_answer(name):
    """Neither a pass through the network nor a gradient stands in what a student can read."""
    source = getattr(planar_support, name)()
    for word in ("tanh", "log(", "dZ", "randn(n_h", "learning_rate"):
        assert word not in source


def test_the_flower_is_the_references():
    """Both draw the same points and colours, bit for bit."""
    points, colours = executed(planar_support.planar_utils())["load_planar_dataset"]()
    X, Y = planar_mlp.load_planar_dataset()
    assert (points == X).all()
    assert (colours == Y).all()
    assert colours.dtype == Y.dtype


def test_the_course_cases_give_the_published_results():
    """Cost and gradients on the notebook's own inputs are those that it prints."""
    cases = executed(planar_support.cases())
    X, Y = cases["layer_sizes_test_case"]()
    assert planar_mlp.layer_sizes(X, Y) == (5, 4, 2)
    X, parameters = cases["forward_propagation_test_case"]()
    means = [each.mean() for each in planar_mlp.forward_propagation(X, parameters)[1].values()]
    want = [-0.000499755777742, -0.000496963353232, 0.000438187450959, 0.500109546852]
    assert means == pytest.approx(want, abs=1e-12)
    cost = planar_mlp.compute_cost(*cases["compute_cost_test_case"]())
    assert cost == pytest.approx(0.692919893776, abs=5e-13)
    grads = planar_mlp.backward_propagation(*cases["backward_propagation_test_case"]())
    assert grads["dW1"][0] == pytest.approx([0.01018708, -0.00708701], abs=6e-9)
    updated = planar_mlp.update_parameters(*cases["update_parameters_test_case"]())
    assert updated["W1"][0] == pytest.approx([-0.00643025, 0.01936718], abs=6e-9)
    assert updated["b2"][0, 0] == pytest.approx(0.00010457, abs=6e-9)
    assert planar_mlp.predict(*cases["predict_test_case"]()).mean() == pytest.approx(2 / 3)


def test_what_draws_takes_everything():
    """Figures, axes and their methods can be used in any way."""
    plt = executed(planar_support.shows())
    figure, axes = plt["__getattr__"]("subplots")(2, 2)
    axes[0, 1].plot(np.arange(3)).set(title="x")
    with figure.canvas as canvas:
        canvas["any"] = 1


def test_the_stand_ins_of_sklearn_have_their_shapes():
    """Data sets, scaling and splitting return what the real ones do."""
    datasets = executed(planar_support.datasets())
    for name in ("make_moons", "make_circles", "make_blobs"):
        points, labels = datasets[name](n_samples=40)
        assert (points.shape, labels.shape) == ((40, 2), (40,))
    scaled = executed(planar_support.preprocessing())["StandardScaler"]().fit_transform(points)
    assert scaled.std(axis=0) == pytest.approx([1, 1])
    split = executed(planar_support.model_selection())["train_test_split"]
    parts = split(points, labels, test_size=0.25)
    assert [len(each) for each in parts] == [30, 10, 30, 10]
    metrics = executed(planar_support.metrics())
    assert metrics["accuracy_score"](np.array([[0, 1]]), np.array([0, 0])) == 0.5
    learner = executed(planar_support.linear_model())["LogisticRegressionCV"]()
    assert not learner.fit(points, labels).predict(points).any()
