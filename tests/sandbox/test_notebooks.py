"""A notebook is run cell by cell behind the wall; what fails costs what depends on it."""

from __future__ import annotations

import importlib.util
import json
import sys
from typing import Any

import numpy as np
import pytest

from grader.sandbox import outcomes, run
from grader.sandbox.faults import Place


def notebook(*sources: str, outputs: Any = ()) -> bytes:
    cells = [
        {"cell_type": "code", "source": source, "outputs": list(outputs)} for source in sources
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


def session(sandbox: run.Sandbox, *sources: str, **options: Any) -> run.Session:
    return sandbox.session([("work.ipynb", notebook(*sources))], **options)


def loaded(session: run.Session) -> run.Loaded:
    assert isinstance(session.loaded, run.Loaded), session.loaded
    return session.loaded


def value(outcome: outcomes.Outcome) -> Any:
    assert isinstance(outcome, outcomes.Returned), outcome
    return outcome.value


def test_cells_share_one_namespace_in_order(level: run.Sandbox):
    """A later cell uses what an earlier one defined."""
    with session(
        level, "import numpy as np\nk = 2", "def f(x):\n    return k * np.sum(x)"
    ) as open_:
        assert value(open_.call("f", [np.ones(4)])) == 8
        assert loaded(open_).troubles == ()


def test_a_cell_that_fails_costs_only_what_depends_on_it(level: run.Sandbox):
    """The report names cell and line of each error; functions beside it can be called."""
    cells = [
        "def f():\n    return 1",
        "x = 1\n1 / 0\ny = 2",
        "def g():\n    return y\n\ndef h(:\n    pass",
        "def k():\n    return z",
    ]
    with session(level, *cells) as open_:
        assert value(open_.call("f")) == 1
        assert value(open_.call("g")) == 2
        outcome = open_.call("k")
        troubles = loaded(open_).troubles
    assert isinstance(outcome, outcomes.Raised)
    assert outcome.trouble.type_name == "NameError"
    assert outcome.trouble.place == Place("work.ipynb", 4, 2)
    assert [(each.type_name, each.place.cell, each.place.line) for each in troubles] == [
        ("ZeroDivisionError", 2, 2),
        ("SyntaxError", 3, 4),
    ]


def test_the_first_complete_definition_across_cells_counts(level: run.Sandbox):
    """A later part that uses a name again does not take it from the earlier part."""
    cells = [
        "def layers():\n    n = None\n    return n",
        "def layers():\n    n = 4\n    return n\n\ndef model():\n    return layers() + 1",
        "def layers():\n    return 40",
    ]
    with session(level, *cells) as open_:
        assert value(open_.call("layers")) == 4
        assert value(open_.call("model")) == 5
        assert value(open_.call("layers", which="last")) == 40
        assert value(open_.call("model", which="last")) == 41
        assert value(open_.call("model")) == 5
        found = loaded(open_).definitions
    assert [(each.name, each.place.cell, each.complete) for each in found] == [
        ("layers", 1, False),
        ("layers", 2, True),
        ("model", 2, True),
        ("layers", 3, True),
    ]


def test_within_a_cell_the_last_definition_counts(level: run.Sandbox):
    """As it does for Python itself."""
    with session(level, "def f():\n    return 1\ndef f():\n    return 2") as open_:
        assert value(open_.call("f")) == 2


def test_in_a_module_the_last_definition_counts(level: run.Sandbox):
    """A module is one cell."""
    source = b"def f():\n    return 1\ndef f():\n    return 2"
    with level.session([("a.py", source)]) as open_:
        assert value(open_.call("f")) == 2


@pytest.mark.parametrize(
    ("body", "complete"),
    [
        ("pass", False),
        ("...", False),
        ('"""Say what it does."""', False),
        ('"""Say what it does."""\n    raise NotImplementedError', False),
        ("W = None\n    return W", False),
        ("n_x = None\n    n_y = None\n    return (n_x, n_y)", False),
        ("best = None\n    for i in range(3):\n        best = i\n    return best", True),
        ("return 1", True),
        ("x = None\n    x = 2\n    return x", True),
        ("", False),
    ],
)
def test_a_blank_of_the_template_is_no_definition(best: run.Sandbox, body: str, complete: bool):
    """A function that still only passes, or gives back None, is told from one that was written."""
    source = f"def f():\n    {body or 'pass'}\n".encode()
    with best.session([("a.py", source)]) as open_:
        (definition,) = loaded(open_).definitions
    assert definition.complete is complete


def test_a_blank_in_one_file_gives_way_to_another_file(best: run.Sandbox):
    """The template's file and the student's own may both be handed in."""
    blank, full = b"def f(x):\n    pass", b"def f(x):\n    return x"
    for files in ([("a.py", blank), ("b.py", full)], [("b.py", full), ("a.py", blank)]):
        with best.session(files) as open_:
            assert value(open_.call("f", [3])) == 3
            assert open_.call("f", [3], file="a.py") == outcomes.Returned(None)


def test_parameters_are_told(best: run.Sandbox):
    """So that a right function with its arguments in another order can be called rightly."""
    source = (
        b"def f(X, Y, *, parameters=None):\n    pass\nasync def g(a, /, b): pass\nclass C: pass"
    )
    with best.session([("a.py", source)]) as open_:
        found = {each.name: each.parameters for each in loaded(open_).definitions}
    assert found == {"f": ("X", "Y"), "g": ("a", "b"), "C": ()}


def test_shell_lines_and_magics_are_told_and_not_run(level: run.Sandbox):
    """The cell goes on without them."""
    cells = ["!pip install no-such-package\n%matplotlib inline\nx = 3", "%%bash\nls", "%time y = x"]
    with session(level, *cells, "def f():\n    return x + y") as open_:
        assert value(open_.call("f")) == 6
        left_out, notes = loaded(open_).left_out, loaded(open_).notes
        assert loaded(open_).troubles == ()
    assert notes == [
        "work.ipynb, code cell 1: not run in grading: !pip install no-such-package",
        "work.ipynb, code cell 2: not run in grading: %%bash",
    ]
    assert left_out == (
        (Place("work.ipynb", 1), "!pip install no-such-package"),
        (Place("work.ipynb", 2), "%%bash"),
    )


@pytest.mark.parametrize(
    "cell",
    [
        "from google.colab import drive, files\ndrive.mount('/content/drive')",
        "from IPython.display import Image, display\ndisplay(Image('x.png'))",
        "display(3)",
        "get_ipython().run_line_magic('matplotlib', 'inline')",
        "from tqdm import tqdm\ncheck([*tqdm(range(3))] == [0, 1, 2])",
        "from tqdm.notebook import trange\ncheck([*trange(3)] == [0, 1, 2])",
        "from tqdm import tqdm\nbar = tqdm(range(3), desc='x')\nfor i in bar:\n"
        "    bar.set_postfix(loss=i)\ncheck(bar.n == 3 and len(bar) == 3)",
        "from tqdm.auto import tqdm\nwith tqdm(total=2) as bar:\n    bar.update(1)",
        "import tqdm\ntqdm.tqdm.write('x')\ncheck([*tqdm.trange(2)] == [0, 1])",
        "from scipy.special import expit, xlogy\ncheck(expit(0) == 0.5 and xlogy(0, 0) == 0)",
        "import wandb\nfrom torchsummary import summary\nwandb.init(project='x')\nwandb.log({})",
        "from numba import jit, njit\n@njit\ndef g():\n    return 1\n@jit(nopython=True)\n"
        "def h():\n    return 1\ncheck(g() == h())",
        "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\nplt.show()",
        "import matplotlib.pyplot as plt\nplt.plot([1])\nplt.title('x')\nplt.figure()",
        "import asyncio\nawait asyncio.sleep(0)",
        "import asyncio\nasync def g(): return 1\ncheck(asyncio.run(g()) == 1)",
        "import inspect\ndef g():\n    return 1\ncheck('return 1' in inspect.getsource(g))",
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: 'int'\ncheck(P(1).x == 1)",
        "import pickle\nclass P: pass\npickle.loads(pickle.dumps(P()))",
        "check(__name__ == '__main__')",
        "from __future__ import annotations\ndef g(x: Unknown): pass",
        "import logging, warnings\nwarnings.warn('old')\nlogging.warning('x')",
        "%%capture\nprint('x')",
        "import threading\nt = threading.Thread(target=len, args=('',))\nt.start()\nt.join()",
        "import tempfile, os\nos.getcwd(), os.cpu_count()",
        "x = 3; x",
        "%pdb on\ntry:\n    1/0\nexcept ZeroDivisionError:\n    pass",
    ],
)
def test_what_notebooks_do_works(best: run.Sandbox, cell: str):
    """Imports of where it was written, displays, plots, awaits and the like raise nothing."""
    check = "def check(claim):\n    if not claim:\n        raise ValueError"
    with session(best, check, cell) as open_:
        assert loaded(open_).troubles == ()


def test_assertions_are_not_run(best: run.Sandbox):
    """They are the template's own tests; a value that they would refuse is still judged."""
    with session(best, "def f(x):\n    assert isinstance(x, str)\n    return x") as open_:
        assert value(open_.call("f", [3])) == 3


def test_modules_that_were_handed_in_can_be_imported(level: run.Sandbox):
    """From a notebook, from each other, also in circles, and by their own names."""
    files = [
        (
            "work.ipynb",
            notebook(
                "from helpers import double\nimport lib.more\ndef f(x):\n"
                "    return double(x) + lib.more.one"
            ),
        ),
        ("helpers.py", b"import again\ndef double(x):\n    return 2 * x"),
        ("again.py", b"import helpers\n"),
        ("lib/more.py", b"one = 1"),
    ]
    with level.session(files) as open_:
        assert value(open_.call("f", [3])) == 7
        assert loaded(open_).troubles == ()


def test_a_written_module_can_be_imported(best: run.Sandbox):
    """A cell may write the module that the next one imports."""
    cells = ["%%writefile extra.py\ndef triple(x):\n    return 3 * x", "from extra import triple"]
    with session(best, *cells) as open_:
        assert value(open_.call("triple", [2])) == 6


@pytest.mark.parametrize("name", ["random.py", "numpy.py", "typing.py", "grader.py", "json.py"])
def test_a_file_named_like_a_library_shadows_nothing(level: run.Sandbox, name: str):
    """The real one is imported, and the file's own functions can be called."""
    source = b"import random, numpy, json\ndef f():\n    return int(numpy.sum([1, 2]))"
    with level.session([(name, source)]) as open_:
        assert value(open_.call("f")) == 3


def test_supplied_modules_win_over_installed_ones(level: run.Sandbox):
    """A rubric may bring the course's helpers, or a stub of a large package."""
    support = {
        "testCases": "def cases():\n    return 5",
        "sklearn.datasets": "def make_moons(n): return n",
        "wcwidth": "mine = True",
    }
    cell = (
        "from testCases import *\nimport sklearn\nimport sklearn.datasets\nimport wcwidth\n"
        "def f():\n    return cases() + sklearn.datasets.make_moons(2) + wcwidth.mine"
    )
    with session(level, cell, support=support) as open_:
        assert value(open_.call("f")) == 8


def test_a_cell_that_takes_long_is_interrupted(best: run.Sandbox):
    """Training for minutes at the top level must not keep the functions from being called."""
    limits = run.Limits(statement_seconds=0.2, load_seconds=60)
    slow = "while True:\n    pass"
    with session(best, slow, slow, "k = 1\ndef f():\n    return k", limits=limits) as open_:
        assert value(open_.call("f")) == 1
        names = [each.type_name for each in loaded(open_).troubles]
    assert names == ["TooLong", "TooLong"]


def test_once_the_time_is_used_up_only_definitions_are_run(best: run.Sandbox):
    """What a student defines can still be called, however long the training before it took."""
    limits = run.Limits(load_seconds=1e-9)  # the interpreter's start has used more
    slow = "while True:\n    pass"
    with session(best, slow, slow, "def f():\n    return 1", limits=limits) as open_:
        assert value(open_.call("f")) == 1
        names = [each.type_name for each in loaded(open_).troubles]
    assert names == ["NotRun", "NotRun"]


def test_experiments_can_be_passed_over(best: run.Sandbox):
    """Functions are judged by themselves; hours of training beside them need not be repeated."""
    cells = [
        "import numpy as np\nrate = 0.1\nnp.random.seed(3)",
        "def train(n):\n    while True: pass\n\ndef f():\n    return rate",
        "costs = train(10)\nprint(costs[0])",
        "for n in range(10**9):\n    best = n",
        "worst = best + 1\nsteps = 2",
        "def g():\n    return steps",
    ]
    with session(best, *cells, experiments=False) as open_:
        assert value(open_.call("f")) == 0.1
        assert value(open_.call("g")) == 2
        assert loaded(open_).troubles == ()
        assert open_.output.text == ""


def test_a_broken_notebook_is_told(level: run.Sandbox):
    """Its other files can still be used."""
    files = [
        ("work.ipynb", b'{"cells": ['),
        ("deep.ipynb", b"[" * 10**6),
        ("a.py", b"def f(): pass"),
    ]
    with level.session(files) as open_:
        assert open_.call("f") == outcomes.Returned(None)
        names = [(each.type_name, each.place.file) for each in loaded(open_).troubles]
    assert names == [("Garbled", "work.ipynb"), ("Garbled", "deep.ipynb")]


def test_outputs_of_many_megabytes_are_passed_over(best: run.Sandbox):
    """Pictures in a notebook cost time to read, and nothing else."""
    picture = {"output_type": "display_data", "data": {"image/png": "A" * (20 << 20)}}
    data = notebook("def f():\n    return 1", outputs=[picture])
    with best.session([("work.ipynb", data)]) as open_:
        assert value(open_.call("f")) == 1


def test_a_file_that_is_too_large_is_told(best: run.Sandbox):
    """It is left out, by its size alone."""
    limits = run.Limits(source_bytes=1000)
    with best.session([("a.py", b"#" * 1001), ("b.py", b"def f(): pass")], limits=limits) as open_:
        assert open_.call("f") == outcomes.Returned(None)
        (trouble,) = loaded(open_).troubles
    assert (trouble.type_name, trouble.place.file) == ("TooLarge", "a.py")


# --- probes ---------------------------------------------------------------------------------

PROBE = """
import random

calls = []
original = random.seed

def counting(*arguments):
    calls.append(arguments)
    return original(*arguments)

random.seed = counting

def count(program, extra):
    before = len(calls)
    program.find("train")()
    names = sorted(name for name in program.spaces["work.ipynb"] if name[0] != "_")
    return {"calls": len(calls) - before + extra, "names": names}
"""


def test_a_probe_sees_the_namespace_and_wraps_libraries(level: run.Sandbox):
    """What a student's code does can be counted from inside; the count is a value like others."""
    with session(level, "import random\ndef train():\n    random.seed(1)", probe=PROBE) as open_:
        got = value(open_.probe("count", [10]))
    assert got == {"calls": 11, "names": ["random", "train"]}


def test_a_probe_that_meets_an_error_tells_the_students_line(best: run.Sandbox):
    """The place is that in the student's file, not in the probe."""
    with session(best, "def train():\n    return 1 / 0", probe=PROBE) as open_:
        outcome = open_.probe("count", [0])
    assert isinstance(outcome, outcomes.Raised)
    assert outcome.trouble.place == Place("work.ipynb", 1, 2)


@pytest.mark.parametrize("probe", ["1 / 0", "x = ", "import no_such_module"])
def test_a_probe_that_is_broken_is_our_fault(best: run.Sandbox, probe: str):
    """It is the rubric's own, so nobody gets a zero for it."""
    with session(best, "def f():\n    return 1", probe=probe) as open_:
        assert isinstance(open_.call("f"), outcomes.HarnessFault)


def test_a_student_cannot_claim_a_fault_of_ours(best: run.Sandbox):
    """Once a statement of theirs was executed, the word is not believed."""
    forge = (
        'import os\nh = b\'{"kind":"fault","bytes":0,"body":["t",1,"x"]}\'\n'
        "os.write(4, len(h).to_bytes(4, 'little') + h)\nos._exit(0)\ndef f():\n    return 1"
    )
    with session(best, forge) as open_:
        assert not isinstance(open_.loaded, outcomes.HarnessFault)
        assert not isinstance(open_.call("f"), outcomes.HarnessFault)


def test_a_probe_that_is_asked_for_by_a_wrong_name_is_told(best: run.Sandbox):
    """A slip of the rubric's author shows at once."""
    with session(best, "def f():\n    return 1", probe=PROBE) as open_:
        assert open_.probe("nothing") == outcomes.NoSuchFunction("nothing", ())


def test_cells_that_were_run_in_another_order_find_their_names(best: run.Sandbox):
    """What missed a name that a later cell gives is tried once more at the end."""
    cells = ["y = double(x)\nz = y + 1", "x = 4", "def double(x):\n    return 2 * x"]
    with session(best, *cells, "def f():\n    return z\nlost = nowhere") as open_:
        assert value(open_.call("f")) == 9
        (trouble,) = loaded(open_).troubles
    assert "nowhere" in trouble.message


def test_a_file_is_run_as_a_program(best: run.Sandbox):
    """Its main block is executed, as on the author's machine; that of an imported one is not."""
    main = b"import sys\nimport helper\n\nif __name__ == '__main__':\n    found = sys.argv\n"
    helper = b"ran = False\nif __name__ == '__main__':\n    ran = True\n"
    last = b"def f():\n    return found, helper.ran\n"
    files = [("helper.py", helper), ("main.py", main + last)]
    with best.session(files) as open_:
        assert value(open_.call("f")) == (["main.py"], False)


@pytest.mark.parametrize(
    "cell",
    [
        "def f(x: Float[Array, 'n'], y: 'no such' = 1) -> jaxtyping.Float:\n    return 42",
        "@typechecked\n@functools.cache\n@no.such(1)\ndef f(x):\n    return 42",
        "import functools, no_such_module, math\ndef f(x):\n    return 42 + int(math.sin(0))",
        "from math import sin, no_such_name, cos\ndef f(x):\n    return 41 + int(cos(0))",
    ],
)
def test_what_a_function_does_not_need_may_be_missing(best: run.Sandbox, cell: str):
    """Annotations, decorators and neighbours in an import cost nothing by themselves."""
    with session(best, "import functools", cell) as open_:
        assert value(open_.call("f", [0])) == 42


def test_a_name_of_a_missing_module_is_told(best: run.Sandbox):
    """It is the module that is not there; the student has not forgotten anything."""
    cells = [
        "import no_such_module as m\nfrom another import thing",
        "def f():\n    return thing(1)",
    ]
    with session(best, *cells, "def g():\n    return tihng(1)") as open_:
        for name, hint in {"f": "import", "g": ""}.items():
            outcome = open_.call(name)
            assert isinstance(outcome, outcomes.Raised)
            assert outcome.trouble.hint == hint


@pytest.mark.parametrize(
    "cells",
    [
        ["def f(x):\n    return float(np.sum(np.ones(3)))"],
        ["def f(x):\n    return float(numpy.sum(numpy.ones(3)))"],
        ["def f(x):\n    return math.floor(3.5)"],
        ["f = lambda x: np.ones(3).sum()"],
        ["def f(x: np.ndarray) -> 'np.ndarray':\n    return [np.sum(a) for a in [x]][0]"],
        ["W = np.ones(3)", "b = W + 1", "def f(x):\n    return b.sum() - W.sum()"],
        ["class Net:\n    bias = np.ones(3)\n\ndef f(x):\n    return Net().bias.sum()"],
        [
            "def g(x):\n    import numpy as np\n    return x",
            "def f(x):\n    return np.ones(3).sum()",
        ],
        ["def f(x):\n    def inner():\n        return math.sqrt(9)\n    return inner()"],
        ["def f(x, np=None):\n    plt.plot([1, 2])\n    plt.show()\n    return 3"],
    ],
)
def test_a_library_under_its_usual_name_need_not_be_imported(best: run.Sandbox, cells: list[str]):
    """Who pastes a function leaves the template's imports behind, and is right all the same."""
    with session(best, *cells) as open_:
        assert value(open_.call("f", [[1, 2]])) == 3


@pytest.mark.parametrize(
    "cells",
    [
        ["np = 3\ndef f(x):\n    return np"],
        ["def f(x):\n    return F", "F = 3"],
        ["torch = lambda: 3\ndef f(x):\n    return torch()"],
        ["def f(F):\n    return F + 3"],
        ["t = math + 1\nmath = 2", "def f(x):\n    return t"],
    ],
)
def test_a_usual_name_of_a_library_that_the_student_gives_is_theirs(
    best: run.Sandbox, cells: list[str]
):
    """A name means what the code says, also where it says so later."""
    with session(best, *cells) as open_:
        assert value(open_.call("f", [0])) == 3


def test_a_misspelled_library_is_the_students_own_fault(best: run.Sandbox):
    """Only names that everyone uses are supplied."""
    with session(best, "def f():\n    return nump.ones(3)") as open_:
        outcome = open_.call("f")
    assert isinstance(outcome, outcomes.Raised)
    assert outcome.trouble.hint == ""


def test_a_usual_library_that_is_not_installed_awaits_review(best: run.Sandbox):
    """Without the import that nobody pasted, the missing module is no fault of the code's."""
    if importlib.util.find_spec("pandas"):
        pytest.skip("pandas is installed")
    with session(best, "def f():\n    return pd.Series([3]).sum()") as open_:
        outcome = open_.call("f")
    assert isinstance(outcome, outcomes.Raised)
    assert outcomes.doubt(outcome) == "it needs a module that is not available in grading"


def test_the_command_line_of_the_server_is_not_there(level: run.Sandbox):
    """It names folders of this machine, and is no argument of the student's."""
    source = b"import sys\ndef f():\n    return sys.argv, len(sys.orig_argv)"
    with level.session([("work.py", source)]) as open_:
        assert value(open_.call("f")) == (["work.py"], 1)


def test_the_methods_of_an_own_class_are_told(best: run.Sandbox):
    """So that a person can be sent to a network that was written as a class."""
    cell = (
        "class A:\n    def f(self):\n        pass\n\n\nclass B(A):\n    def g(self):\n        pass"
    )
    with session(best, cell) as open_:
        assert [each.methods for each in loaded(open_).definitions] == [("f",), ()]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="newer Pythons read these themselves")
def test_the_f_strings_of_a_newer_python_are_read(best: run.Sandbox):
    """A print of the cost must not take the function away."""
    cell = 'def f(d):\n    print(f"{d["x"]:.2f} {"\\n".join(["a"])}")\n    return d["x"]'
    with session(best, "%matplotlib inline\n" + cell) as open_:
        assert value(open_.call("f", [{"x": 3}])) == 3
        assert loaded(open_).troubles == ()


def test_a_package_with_relative_imports_is_run(best: run.Sandbox):
    """A folder with modules that import each other by dots, its own __init__, and a program."""
    files = [
        ("main.py", b"from src.model import f\nfrom src import half\nfound = half"),
        ("src/__init__.py", b"from .model import f\nhalf = 0.5"),
        ("src/model.py", b"from .tools.signs import sign\ndef f(x):\n    return sign(x)"),
        ("src/tools/signs.py", b"from ..ones import one\ndef sign(x):\n    return one * x"),
        ("src/ones.py", b"one = 1"),
    ]
    for order in (files, files[::-1]):
        with best.session(order) as open_:
            assert value(open_.call("f", [4])) == 4
            assert loaded(open_).troubles == ()
