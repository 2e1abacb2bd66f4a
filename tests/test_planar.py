"""The planar notebook from file to report: right in many forms, and each mistake by its name."""

from __future__ import annotations

import pytest

from grader import desk
from grader.model import Outcome, SourceFile, Submission
from tests.submissions.planar import notebook, trainings
from tests.submissions.planar.mistakes import WRONG

FIELDS = list(notebook.FUNCTIONS)


@pytest.fixture(scope="module")
def homework():
    with desk.set_up("cie6032-homework1") as at:
        yield at


def graded(homework, data, only, name="Planar_MLP.ipynb"):
    report = homework.judge(Submission("s", {}, (SourceFile(name, data),)), only=[only])
    assert report.complete, report.faults
    return report.questions[0]


def by_hand(homework, cells, name="Planar_MLP.ipynb", write=notebook.notebook):
    """Grade the NumPy part, and return its verdicts by function."""
    report = graded(homework, write(cells), "p4.1", name)
    return {verdict.check.field: verdict for verdict in report.verdicts}


def by_torch(homework, source):
    """Grade the PyTorch part, and return its verdict."""
    cells = [notebook.SET_UP, notebook.DATA, source]
    (verdict,) = graded(homework, notebook.notebook(cells), "p4.2").verdicts
    return verdict


def ids(verdict):
    return [each.id for each in verdict.judgement.mistakes]


def numpy_cells(**functions):
    return notebook.cells(functions, pytorch=())


def lost(verdicts):
    return [name for name, each in verdicts.items() if each.outcome is not Outcome.CORRECT]


# --- whole notebooks -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("Planar_MLP.ipynb", notebook.notebook),
        ("old.ipynb", notebook.old_notebook),
        ("planar.py", notebook.module),
        ("planar.md", notebook.markdown),
    ],
)
def test_the_reference_notebook_has_all_marks(homework, name, write):
    """Both parts in one file, in whatever form it was exported, score 30 of 30."""
    data = write(notebook.cells())
    scores = [graded(homework, data, question, name).score for question in ("p4.1", "p4.2")]
    assert scores == [15, 15]


def test_a_blank_notebook_has_no_marks(homework):
    """What was handed out and handed in again is no answer."""
    data = notebook.notebook(notebook.blank_cells())
    for question in ("p4.1", "p4.2"):
        report = graded(homework, data, question)
        assert (report.score, report.outcome) == (0, Outcome.MISSING)
        assert not any(verdict.judgement.review for verdict in report.verdicts)


def test_the_same_notebook_gets_the_same_marks_twice(homework):
    """Both parts, graded together in one session, and again."""
    wrong = notebook.slipped("forward_propagation", (" + b1", ""))
    data = notebook.notebook(
        notebook.cells(wrong, pytorch=[trainings.WRONG["gradients-pile-up"][0]])
    )
    submission = Submission("s", {}, (SourceFile("Planar_MLP.ipynb", data),))
    first, second = (homework.judge(submission, ["p4.1", "p4.2"]) for _ in range(2))
    assert first == second
    assert first.score < 30


def test_both_parts_may_lie_in_files_of_their_own(homework):
    """A notebook for NumPy and a module for PyTorch are one submission."""
    files = (
        SourceFile("Planar_MLP.ipynb", notebook.notebook(numpy_cells())),
        SourceFile(
            "mlp_torch.py", notebook.module([notebook.SET_UP, notebook.DATA, notebook.PYTORCH])
        ),
    )
    assert homework.judge(Submission("s", {}, files), ["p4.1", "p4.2"]).score == 30


# --- the NumPy part --------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", WRONG, ids=lambda each: each.label)
def test_a_mistake_has_its_name_and_its_price(homework, wrong):
    """What was changed is recognised by values, and nothing else is charged for it."""
    verdicts = by_hand(homework, numpy_cells(**wrong.cells()))
    verdict = verdicts.pop(wrong.function)
    assert sorted(ids(verdict)) == sorted(wrong.ids)
    assert verdict.score == pytest.approx(wrong.marks)
    for name in lost(verdicts):
        assert name in ("nn_model", "predict")  # what calls the others
        assert verdicts[name].judgement.review


ODD_CELLS = {
    "an endless loop": "while True:\n    pass",
    "an exit": "import sys\nsys.exit()",
    "a hard exit": "import os\nos._exit(0)",
    "a question": 'name = input("Who are you? ")',
    "a shell line": "!pip install scikit-learn\n%load_ext autoreload\n%autoreload 2",
    "another computer": "from google.colab import drive\ndrive.mount('/content/drive')\n"
    "%cd /content/drive/My Drive",
    "a script": "%%bash\nls -la",
    "no Python": "def half(x:\n    return",
    "a missing package": "import a_package_of_mine",
}


@pytest.mark.parametrize("cell", ODD_CELLS.values(), ids=ODD_CELLS)
def test_an_odd_cell_costs_nothing(homework, cell):
    """What fails at the top level costs only what depends on it."""
    cells = numpy_cells()
    assert not lost(by_hand(homework, [*cells[:3], cell, *cells[3:]]))


def test_functions_that_are_left_out_cost_themselves(homework):
    """Without a backward pass there is none, and no model; the rest stands."""
    verdicts = by_hand(homework, numpy_cells(backward_propagation=""))
    assert lost(verdicts) == ["backward_propagation", "nn_model"]
    assert verdicts["backward_propagation"].outcome is Outcome.MISSING


def test_a_function_that_is_no_python_costs_itself(homework):
    """A syntax error in one cell is an error of that cell."""
    broken = notebook.slipped("predict", ("A2 > 0.5", "A2 >> > 0.5"))
    assert lost(by_hand(homework, numpy_cells(**broken))) == ["predict"]


def test_the_template_at_the_end_does_not_count(homework):
    """Blank cells that were copied below the filled ones change nothing."""
    cells = [*numpy_cells(), *(notebook.blank(each) for each in notebook.FUNCTIONS.values())]
    assert not lost(by_hand(homework, cells))


_SINGLE = ".astype(np.float32)"

OTHER_WAYS = {
    "single precision": {
        **notebook.slipped("forward_propagation", ("np.dot(W1, X)", f"np.dot(W1, X){_SINGLE}")),
        **notebook.slipped("backward_propagation", ("dZ2 = A2 - Y", f"dZ2 = (A2 - Y){_SINGLE}")),
        **notebook.slipped("update_parameters", ('grads["dW1"]', f'grads["dW1"]{_SINGLE}')),
        **notebook.slipped("initialize_parameters", ("* 0.01", "* np.float32(0.01)")),
    },
    "logarithms that are guarded": notebook.slipped(
        "compute_cost",
        ("np.log(A2)", "np.log(A2 + 1e-6)"),
        ("np.log(1 - A2)", "np.log(1 - A2 + 1e-6)"),
    ),
    "a slope by the chain rule, guarded": notebook.slipped(
        "backward_propagation",
        (
            "dZ2 = A2 - Y",
            "dA2 = -(Y / (A2 + 1e-8)) + (1 - Y) / (1 - A2 + 1e-8)\n    dZ2 = dA2 * A2 * (1 - A2)",
        ),
    ),
    "a cache as a tuple": {
        **notebook.slipped(
            "forward_propagation",
            ('cache = {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}', "cache = Z1, A1, Z2, A2"),
        ),
        **notebook.slipped(
            "backward_propagation",
            ('A1 = cache["A1"]', "_, A1, _, A2 = cache"),
            ('    A2 = cache["A2"]\n', ""),
        ),
    },
    "gradients under other names": notebook.slipped(
        "backward_propagation",
        ('{"dW1":', '{"gW1":'),
        ('"db1"', '"gb1"'),
        ('"dW2"', '"gW2"'),
        ('"db2"', '"gb2"'),
    )
    | notebook.slipped(
        "nn_model",
        (
            "parameters = update_parameters(parameters, grads)",
            "grads = {'d' + k[1:]: g for k, g in grads.items()}\n"
            "        parameters = update_parameters(parameters, grads)",
        ),
    ),
    "parameters in lists": notebook.slipped(
        "initialize_parameters",
        ("return parameters", "return {k: v.tolist() for k, v in parameters.items()}"),
    )
    | notebook.slipped(
        "nn_model",
        (
            "initialize_parameters(n_x, n_h, n_y)",
            "initialize_parameters(n_x, n_h, n_y)\n"
            "    parameters = {k: np.array(v) for k, v in parameters.items()}",
        ),
    ),
    "a learning rate that must be given": {
        **notebook.slipped("update_parameters", ("learning_rate=1.2", "learning_rate")),
        **notebook.slipped(
            "nn_model",
            ("num_iterations=10000, print_cost=False", "num_iterations, learning_rate, print_cost"),
            ("(parameters, grads)", "(parameters, grads, learning_rate)"),
        ),
    },
    "more than was asked for": {
        **notebook.slipped("compute_cost", ("return cost", "return cost, logprobs")),
        **notebook.slipped("predict", ("return predictions", "return predictions, A2")),
        **notebook.slipped("nn_model", ("    return parameters", "    return parameters, [cost]")),
    },
    "other names": {
        "forward_propagation": notebook.FORWARD.replace("forward_propagation", "forward_step"),
        "compute_cost": notebook.COST.replace("compute_cost", "cross_entropy_cost"),
        "nn_model": notebook.MODEL.replace("forward_propagation", "forward_step").replace(
            "compute_cost", "cross_entropy_cost"
        ),
        "predict": notebook.PREDICT.replace("forward_propagation", "forward_step").replace(
            "def predict", "def predict_labels"
        ),
    },
    "mended in a later cell": {
        "compute_cost": notebook.COST,
        "predict": notebook.PREDICT.replace("0.5", "0") + "\n",
        "later": notebook.PREDICT,
    },
    "the cost by dot": notebook.slipped(
        "compute_cost",
        (
            "cost = -np.sum(logprobs) / m",
            "cost = -(np.dot(Y, np.log(A2).T) + np.dot(1 - Y, np.log(1 - A2).T)) / m",
        ),
    ),
    "the cost as a matrix": {
        "compute_cost": notebook.COST.replace("np.sum(logprobs)", "np.sum(logprobs, axis=1)")
        .replace("np.squeeze(cost)", "np.array([[float(cost[0])]])")
        .replace("    assert", "    # assert")
    },
    "names that NumPy has no more": notebook.slipped(
        "compute_cost", ("np.squeeze(cost)", "np.asscalar(np.squeeze(cost))")
    ),
    "the cost without parameters": {
        **notebook.slipped("compute_cost", ("(A2, Y, parameters)", "(A2, Y)")),
        **notebook.slipped("nn_model", ("(A2, Y, parameters)", "(A2, Y)")),
    },
    "arguments in another order": {
        **notebook.slipped(
            "update_parameters",
            ("(parameters, grads, learning_rate=1.2)", "(grads, params, lr)"),
            ("parameters[", "params["),
            ("learning_rate *", "lr *"),
        ),
        **notebook.slipped("nn_model", ("(parameters, grads)", "(grads, parameters, 1.2)")),
    },
    "hidden units as an argument": {
        **notebook.slipped("layer_sizes", ("(X, Y)", "(X, Y, n_h)"), ("    n_h = 4\n", "")),
        **notebook.slipped("nn_model", ("layer_sizes(X, Y)", "layer_sizes(X, Y, n_h)")),
    },
    "hidden units as a global": {
        "layer_sizes": "n_h = 4\n" + notebook.LAYER_SIZES.replace("    n_h = 4\n", "")
    },
    "gradients as a tuple": {
        **notebook.slipped("backward_propagation", ("return grads", "return dW1, db1, dW2, db2")),
        **notebook.slipped(
            "nn_model",
            (
                "grads = backward_propagation(parameters, cache, X, Y)",
                "grads = dict(zip(['dW1', 'db1', 'dW2', 'db2'], "
                "backward_propagation(parameters, cache, X, Y)))",
            ),
        ),
    },
    "no seed inside": notebook.slipped("initialize_parameters", ("    np.random.seed(2)\n", "")),
    "a generator": notebook.slipped(
        "initialize_parameters", ("np.random.randn", "np.random.default_rng().standard_normal")
    )
    | {
        "initialize_parameters": notebook.INITIALIZE.replace(
            "np.random.randn(n_h, n_x)", "np.random.default_rng().normal(size=(n_h, n_x))"
        ).replace("np.random.randn(n_y, n_h)", "np.random.default_rng().normal(size=(n_y, n_h))")
    },
    "parameters changed in place": notebook.slipped(
        "update_parameters",
        ("W1 = W1 - learning_rate * dW1", "W1 -= learning_rate * dW1"),
        ("b2 = b2 - learning_rate * db2", "b2 -= learning_rate * db2"),
    ),
    "predictions by rounding": notebook.slipped("predict", ("A2 > 0.5", "np.round(A2)")),
    "Greek by another path": notebook.slipped(
        "backward_propagation", ("(1 - np.power(A1, 2))", "(1 - A1) * (1 + A1)")
    ),
    "matrices by @": notebook.slipped(
        "forward_propagation", ("np.dot(W1, X)", "W1 @ X"), ("np.dot(W2, A1)", "np.matmul(W2, A1)")
    ),
}


def test_the_notebooks_own_m_is_named(homework):
    """Functions that read m from the notebook are right there, and nowhere else."""
    functions = {
        **notebook.slipped("compute_cost", ("    m = Y.shape[1]  # samples\n", "")),
        **notebook.slipped("backward_propagation", ("    m = X.shape[1]\n", "")),
    }
    verdicts = by_hand(homework, numpy_cells(**functions))
    assert lost(verdicts) == ["compute_cost", "backward_propagation"]
    for name in lost(verdicts):
        assert ids(verdicts[name]) == ["other-m"]


@pytest.mark.parametrize("functions", OTHER_WAYS.values(), ids=OTHER_WAYS)
def test_right_code_with_another_interface_is_right(homework, functions):
    """Other orders, shapes and names of what is taken and returned are not failed."""
    assert not lost(by_hand(homework, numpy_cells(**functions)))


def test_what_was_assumed_is_said(homework):
    """A call that was fitted to the function is told in the feedback."""
    verdicts = by_hand(homework, numpy_cells(**OTHER_WAYS["arguments in another order"]))
    assert (
        "called with grads, params, lr in its own order"
        in verdicts["update_parameters"].judgement.say
    )


def test_accuracy_is_no_evidence(homework):
    """Unscaled weights train as well, and are told all the same."""
    wrong = notebook.slipped("initialize_parameters", (" * 0.01", ""))
    verdicts = by_hand(homework, numpy_cells(**wrong))
    assert lost(verdicts) == ["initialize_parameters"]


# --- the PyTorch part ------------------------------------------------------------------------


@pytest.mark.parametrize("source", trainings.RIGHT.values(), ids=trainings.RIGHT)
def test_a_right_training_has_all_marks(homework, source):
    """However it was written, what was minimised is the cross-entropy of the right network."""
    verdict = by_torch(homework, source)
    assert verdict.score == 15, verdict.judgement
    assert not verdict.judgement.review


FOR_SHOW = """
W = [torch.tensor(p, dtype=torch.float32, requires_grad=True) for p in (W1, b1, W2, b2)]
for _ in range(3):
    for p in W:
        p.grad = None
    A2 = torch.sigmoid(W[2] @ torch.tanh(W[0] @ Xt + W[1]) + W[3])
    loss = -(Yt * torch.log(A2) + (1 - Yt) * torch.log(1 - A2)).mean()
    loss.backward()
"""


STEP = """
    with torch.no_grad():
        for p in W:
            p -= 0.1 * p.grad
"""


@pytest.mark.parametrize("step", ["", STEP], ids=["never used", "only polishing"])
def test_gradients_for_show_are_not_what_trained_a_network(homework, step: str):
    """Trained by hand; then PyTorch's gradients are asked for, and at most polish the result."""
    source, _ = trainings.WRONG["gradients-by-hand"]
    verdict = by_torch(homework, source + FOR_SHOW + step)
    assert verdict.score < 15
    assert verdict.judgement.review or "gradients-by-hand" in ids(verdict)
    assert verdict.judgement.review or not step


@pytest.mark.parametrize("name", trainings.WRONG)
def test_a_wrong_training_is_named(homework, name):
    """Each mistake has its own criterion, whatever accuracy it reached."""
    source, marks = trainings.WRONG[name]
    verdict = by_torch(homework, source)
    assert name in ids(verdict)
    assert verdict.score == pytest.approx(marks)


def test_a_program_is_run_as_one(homework):
    """What a file does under its main block was done on the student's machine as well."""
    source = notebook.module([notebook.SET_UP, notebook.DATA, trainings.RIGHT["in a main block"]])
    assert graded(homework, source, "p4.2", "mlp.py").score == 15


def test_a_library_that_is_not_here_awaits_a_person(homework):
    """MXNet was allowed, and cannot be run: nothing is known, so nothing is wrong."""
    verdict = by_torch(
        homework, "from mxnet import autograd, nd\nw = nd.random.normal(shape=(2, 5))"
    )
    assert verdict.judgement.review == 1
    other = by_torch(homework, "from jaxtyping import Float\nx = 1")
    assert other.outcome is Outcome.MISSING


FORGERIES = {
    "its own records": "import torch\nbackward = torch.autograd.backward\n"
    "look = lambda program: {'calls': 5}",
    "another look": "import sys\nfor m in list(sys.modules.values()):\n    m.look = lambda p: None",
    "claims": "score = 15\nlayers = tanh = loss = autograd = reset = data = accuracy = True\n"
    "import torch\nt = torch.ones(1)",
}


@pytest.mark.parametrize("source", FORGERIES.values(), ids=FORGERIES)
def test_a_claim_is_worth_nothing(homework, source):
    """What is said of a training counts only where the numbers follow from it."""
    assert by_torch(homework, source).score == 0
