"""Code that was right on the student's machine, or whose file is broken, is no silent zero."""

import pytest

from grader import desk
from grader.model import Outcome

HEAD = "import math\nimport numpy as np\n\n\n"
RIGHT = (
    "def grad_W(W, b, x, y):\n"
    "    z = W @ x + b\n"
    "    a = 1 / (1 + np.exp(-z))\n"
    "    return (a - y) @ x.T\n"
)


@pytest.fixture(scope="module")
def midterm():
    with desk.set_up("ie8990-midterm") as at:
        yield at


def graded(midterm, tmp_path, source: str):
    (tmp_path / "q7.py").write_text(source, encoding="utf-8")
    report = midterm.grade(tmp_path, only=["q7"])
    assert report.complete, report.faults
    return report.questions[0].verdicts[0]


ONE_BY_ONE = """
def grad_W(W, b, x, y):
    n, m = x.shape
    g = np.zeros((1, n), dtype=np.float)
    for i in range(m):
        {}
        for j in range(n):
            g[0, j] += (a - y[0, i]) * x[j, i]
    return g
"""
OF_ONE_ELEMENT = {
    "float of an array": "z = float(W @ x[:, i] + b[0]); a = 1 / (1 + math.exp(-z))",
    "math of an array": "a = 1 / (1 + math.exp(-(W @ x[:, i : i + 1] + b)))",
    "an array as an entry": "a = 1 / (1 + np.exp(-(W @ x[:, i : i + 1] + b)))",
    "an array set as an entry": "a = np.zeros(1); a[0] = 1 / (1 + np.exp(-(W @ x[:, [i]] + b)))",
    "asscalar": "a = np.asscalar(1 / (1 + np.exp(-(W @ x[:, i : i + 1] + b))))",
    "np.float": "a = np.float(1 / (1 + np.exp(-(W @ x[:, i : i + 1] + b))))",
    "a printed array": "a = 1 / (1 + np.exp(-(W @ x[:, [i]] + b))); print('%d: %f' % (i, a))",
    "old names": "a = 1 / (1 + np.exp(-np.product(W @ x[:, i] + b))); assert a < np.Inf",
    "a matrix": "a = 1 / (1 + np.exp(-(np.mat(W) * np.mat(x[:, [i]]) + b)))",
}


@pytest.mark.parametrize("line", OF_ONE_ELEMENT.values(), ids=OF_ONE_ELEMENT)
def test_what_older_editions_allowed_is_allowed(midterm, tmp_path, line):
    """An array of one element counted as a number until NumPy 2.4, and many names are gone."""
    verdict = graded(midterm, tmp_path, HEAD + ONE_BY_ONE.format(line))
    assert (verdict.score, verdict.judgement.review) == (10, 0)


def test_an_array_stays_one_in_lists_and_dictionaries(midterm, tmp_path):
    """Only entries of arrays are numbers; a gradient in a dictionary keeps its shape."""
    source = RIGHT.replace("def grad_W", "def wrapped") + (
        "\ndef grad_W(W, b, x, y):\n"
        "    grads = {}\n    grads['b'] = np.ones((1, 1))\n    kept = [0]\n"
        "    kept[0] = np.ones((1, 1))\n"
        "    assert grads['b'].shape == kept[0].shape == (1, 1)\n"
        "    if grads['b'].shape != (1, 1) or kept[0].shape != (1, 1):\n        return None\n"
        "    return wrapped(W, b, x, y)\n"
    )
    assert graded(midterm, tmp_path, HEAD + source).score == 10


def test_what_only_an_older_edition_runs_awaits_a_person(midterm, tmp_path):
    """Where the array cannot be made a number, the failure is no silent zero."""
    line = "a = 1 / (1 + exp(-(W @ x[:, i : i + 1] + b)))"
    source = HEAD + "from math import exp\n" + ONE_BY_ONE.format(line)
    verdict = graded(midterm, tmp_path, source)
    assert (verdict.score, verdict.judgement.review) == (0, 1)
    assert "older NumPy" in verdict.judgement.reason


NO_PYTHON = {
    "a colon is missing": RIGHT.replace("y):", "y)"),
    "a bracket is open": RIGHT.replace("(-z))", "(-z)"),
    "another indentation": RIGHT.replace("    a =", "   a ="),
    "no indentation": RIGHT.replace("    ", ""),
    "tabs": RIGHT.replace("    a =", "\ta ="),
    "Python 2": RIGHT.replace("    return", "    print 'x'\n    return"),
    "a minus sign of a book": RIGHT.replace("-z", "−z"),
    "mathematics": RIGHT.replace("x.T", "x'"),
    "a conflict inside": RIGHT.replace("    a =", "<<<<<<< HEAD\n    a =").replace(
        "    return", "=======\n>>>>>>> other\n    return"
    ),
    "a broken class around it": "class A\n    " + RIGHT.replace("\n", "\n    "),
    "prose": "The gradient is (a - y) x^T.\n",
    "bytes": "\x00\x01\x02" * 50,
}


@pytest.mark.parametrize("source", NO_PYTHON.values(), ids=NO_PYTHON)
def test_a_function_that_is_no_python_is_unreadable(midterm, tmp_path, source):
    """The student is told where reading stopped, and a person has a look."""
    head = "" if source[0] in "T\x00" else HEAD
    verdict = graded(midterm, tmp_path, head + source)
    assert verdict.outcome is Outcome.UNREADABLE
    assert verdict.judgement.review == 1
    assert "Error" in verdict.judgement.say
    assert "q7.py, line" in verdict.judgement.say


STILL_READ = {
    "an error elsewhere": RIGHT + "\nif True\n    pass\n",
    "typographic quotes elsewhere": "print(“done”)\n" + RIGHT,
    "an open text before it": "name = 'abc\n" + RIGHT,
    "a conflict around it": f"<<<<<<< HEAD\n{RIGHT}=======\n{RIGHT}>>>>>>> other\n",
    "blanks of a web page": RIGHT.replace("    a =", "\xa0\xa0\xa0 a ="),
    "all of it indented": "".join(f"    {line}\n" for line in (HEAD + RIGHT).splitlines()),
}


@pytest.mark.parametrize("source", STILL_READ.values(), ids=STILL_READ)
def test_an_error_elsewhere_costs_nothing(midterm, tmp_path, source):
    """Only what stands in the broken piece is lost."""
    head = "" if source.startswith("    import") else HEAD
    assert graded(midterm, tmp_path, head + source).score == 10


def test_a_question_whose_code_is_elsewhere_is_missing(midterm, tmp_path):
    """A broken function of another name is not the answer."""
    verdict = graded(midterm, tmp_path, "def plot(x)\n    pass\n\n\ndef other():\n    pass\n")
    assert verdict.outcome is Outcome.MISSING


def test_what_a_missing_module_may_have_given_awaits_a_person(midterm, tmp_path):
    """With `import *` nobody knows what the course's module held."""
    source = RIGHT.replace("1 / (1 + np.exp(-z))", "sigmoid(z)")
    head = "import numpy as np\nfrom course_utils import *\n\n\n"
    verdict = graded(midterm, tmp_path, head + source)
    assert (verdict.score, verdict.judgement.review) == (0, 1)
    assert "module" in verdict.judgement.reason
