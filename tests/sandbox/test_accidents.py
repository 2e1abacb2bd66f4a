"""What honest code does by accident, and bold code on purpose: each has a label of its own."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from grader.sandbox import outcomes, run
from grader.sandbox.run import Limits, MiB

LIMITS = Limits(
    cpu_seconds=2.0,
    statement_seconds=0.5,
    load_seconds=3.0,
    memory_bytes=256 * MiB,
    output_bytes=64 * 1024,
    flood_bytes=32 * MiB,
    result_bytes=4 * MiB,
    scratch_bytes=4 * MiB,
    scratch_files=64,
)


def call(sandbox: run.Sandbox, source: str, *args: Any, **options: Any) -> outcomes.Outcome:
    """Return what comes of `f` in a file of that source."""
    with sandbox.session([("answer.py", source.encode())], limits=LIMITS) as session:
        return session.call("f", args, **options)


def raises(type_name: str, hint: str = "") -> Any:
    def check(outcome: outcomes.Outcome) -> bool:
        return isinstance(outcome, outcomes.Raised) and (
            outcome.trouble.type_name,
            outcome.trouble.hint,
        ) == (type_name, hint)

    return check


def is_a(*kinds: type) -> Any:
    return lambda outcome: isinstance(outcome, kinds)


OUT_OF_TIME = is_a(outcomes.TimedOut)
OUT_OF_MEMORY = is_a(outcomes.OutOfMemory)
CRASHED = is_a(outcomes.Crashed)
UNSUPPORTED = is_a(outcomes.Unsupported)
ENDED = is_a(outcomes.Ended)
BROKEN = is_a(outcomes.ProtocolFault)
RIGHT = outcomes.Returned(42).__eq__

CASES = {
    "an endless loop": ("def f():\n    while True: pass", OUT_OF_TIME),
    "an endless loop that catches everything": (
        "def f():\n    while True:\n        try:\n            while True: pass\n"
        "        except BaseException: pass",
        OUT_OF_TIME,
    ),
    "an endless loop that ignores all signals": (
        "import signal\ndef f():\n    for n in range(1, 65):\n        try: signal.signal(n,"
        " signal.SIG_IGN)\n        except (OSError, ValueError): pass\n    while True: pass",
        OUT_OF_TIME,
    ),
    "an endless computation inside one call": ("def f():\n    9**9**9", OUT_OF_TIME),
    "an endless text": (
        "class E(Exception):\n    def __str__(self):\n        while True: pass\n"
        "def f():\n    raise E",
        OUT_OF_TIME,
    ),
    "asking for input": ("def f():\n    return input('n = ')", raises("EOFError", "input")),
    "a debugger": ("def f():\n    breakpoint()\n    return 42", RIGHT),
    "leaving": ("def f():\n    exit()", ENDED),
    "leaving with a word": ("import sys\ndef f():\n    sys.exit('bye')", ENDED),
    "leaving at once": ("import os\ndef f():\n    os._exit(0)", ENDED),
    "an array of 28 GB": (
        "import numpy\ndef f():\n    return numpy.ones((60000, 60000))",
        OUT_OF_MEMORY,
    ),
    "a list that grows for ever": (
        "def f():\n    a = []\n    while True: a += [0] * 100000",
        OUT_OF_MEMORY,
    ),
    "recursion without end": ("def f():\n    return f()", raises("RecursionError")),
    "recursion without end or limit": (
        "import sys\nsys.setrecursionlimit(10**9)\ndef f():\n    return f()",
        is_a(outcomes.Crashed, outcomes.OutOfMemory, outcomes.TimedOut),
    ),
    "a wild pointer": ("import ctypes\ndef f():\n    ctypes.string_at(0)", CRASHED),
    "an abort": ("import os\ndef f():\n    os.abort()", CRASHED),
    # The first process of a namespace cannot kill itself.
    "a signal to itself": (
        "import os\ndef f():\n    os.kill(os.getpid(), 9)",
        is_a(outcomes.Crashed, outcomes.Returned),
    ),
    "the wrong number of arguments": ("def f(x):\n    return x", raises("TypeError")),
    "nothing": ("def f():\n    pass", outcomes.Returned(None).__eq__),
    "no such function": ("def g():\n    pass", is_a(outcomes.NoSuchFunction)),
    "an empty file": ("", is_a(outcomes.NoSuchFunction)),
    "a function returned": ("def f():\n    return f", UNSUPPORTED),
    "a generator returned": ("def f():\n    yield 1", UNSUPPORTED),
    "a huge integer returned": ("def f():\n    return 10**5000", UNSUPPORTED),
    "a list in itself returned": (
        "def f():\n    a = []\n    a.append(a)\n    return a",
        UNSUPPORTED,
    ),
    "a list 100,000 deep returned": (
        "def f():\n    a = []\n    for _ in range(100000): a = [a]\n    return a",
        UNSUPPORTED,
    ),
    "a result over the limit": (
        "import numpy\ndef f():\n    return numpy.ones(10**6)",
        UNSUPPORTED,
    ),
    "a broadcast exabyte returned": (
        "import numpy\ndef f():\n    return numpy.broadcast_to(1.0, (10**9, 10**9))",
        UNSUPPORTED,
    ),
    "an error with a message of 100 MB": (
        "def f():\n    raise ValueError('x' * 10**8)",
        raises("ValueError"),
    ),
    "an error whose text is an error": (
        "class E(Exception):\n    def __str__(self): raise E\ndef f():\n    raise E",
        raises("E"),
    ),
    "an error that cannot be caught by name": (
        "class E(BaseException): pass\ndef f():\n    raise E",
        raises("E"),
    ),
    "much output": ("def f():\n    print('x' * 10**7)\n    return 42", RIGHT),
    "output without end": ("def f():\n    while True: print('x' * 10**6)", ENDED),
    "output of bytes": (
        "import os\ndef f():\n    os.write(1, bytes(range(256)))\n    return 42",
        RIGHT,
    ),
    "a closed output": ("import os\ndef f():\n    os.close(1); os.close(2)\n    return 42", RIGHT),
    "an output replaced": ("import sys\ndef f():\n    sys.stdout = None\n    return 42", RIGHT),
    "5000 threads": (
        "import threading, time\ndef f():\n    threading.stack_size(32768)\n"
        "    for _ in range(5000): threading.Thread(target=time.sleep, args=(60,),"
        " daemon=True).start()",
        # Root may start any number of them, until memory or time runs out.
        is_a(outcomes.Raised, outcomes.OutOfMemory, outcomes.TimedOut),
    ),
    "a few threads": (
        "import threading\ndef f():\n    found = []\n    threads = [threading.Thread("
        "target=found.append, args=(n,)) for n in range(4)]\n    [t.start() for t in threads]\n"
        "    [t.join() for t in threads]\n    return 36 + sum(found)",
        RIGHT,
    ),
    "a thread that never ends": (
        "import threading, time\ndef f():\n    threading.Thread(target=time.sleep, args=(10**6,))"
        ".start()\n    return 42",
        RIGHT,
    ),
    "a hanging exit": (
        "import atexit, time\natexit.register(time.sleep, 10**6)\ndef f():\n    return 42",
        RIGHT,
    ),
    "a hanging end of life": (
        "class A:\n    def __del__(self):\n        while True: pass\nkept = A()\n"
        "def f():\n    return 42",
        RIGHT,
    ),
    "another program": (
        "import subprocess\ndef f():\n    subprocess.run(['ls'])",
        raises("BlockingIOError", "processes"),
    ),
    "a page of the web": (
        "import urllib.request\ndef f():\n    urllib.request.urlopen('http://127.0.0.1:9/')",
        raises("URLError", "network"),
    ),
    "a file of its own machine": (
        "def f():\n    open('/content/drive/MyDrive/data.csv')",
        is_a(outcomes.Raised),
    ),
    "a missing module": (
        "def f():\n    import no_such_module",
        raises("ModuleNotFoundError", "module"),
    ),
    "a function overwritten by its result": ("def f():\n    return 42\nf = f()", RIGHT),
    "a function by assignment": ("f = lambda: 42", RIGHT),
    "a function inside a condition": ("if True:\n    def f():\n        return 42", RIGHT),
    "tools replaced": (
        "import numpy, builtins\nnumpy.allclose = lambda *a: True\nbuiltins.abs = len\n"
        "builtins.isinstance = lambda *a: True\nnumpy.random.seed = None\n"
        "def f():\n    return 42",
        RIGHT,
    ),
    "its own random.py in mind": (
        "import random\nrandom.seed = None\ndef f():\n    return 42",
        RIGHT,
    ),
    "an iterator that ends early": ("def f():\n    raise StopIteration", raises("StopIteration")),
    "an interrupt": ("def f():\n    raise KeyboardInterrupt", raises("KeyboardInterrupt")),
}


@pytest.mark.parametrize("name", list(CASES))
def test_each_accident_has_its_label(level: run.Sandbox, name: str):
    """The cause is told, and it is never a fault of the grader's."""
    source, is_right = CASES[name]

    seconds = 0.3 if is_right is OUT_OF_TIME else None
    outcome = call(level, source, cpu_seconds=seconds)

    assert is_right(outcome), outcome
    if not isinstance(outcome, outcomes.Returned):
        said = outcomes.explain(outcome)
        assert said
        assert "/site-packages/" not in said


def test_waiting_ends_by_the_clock(best: run.Sandbox):
    """A program that sleeps uses no processor time, and is ended all the same."""
    outcome = call(best, "import time\ndef f():\n    time.sleep(10**6)", cpu_seconds=0.1)
    assert outcome == outcomes.TimedOut("wall", run.wall_seconds(0.1))


def test_a_process_that_stops_itself_ends_by_the_clock(best: run.Sandbox):
    """A stopped process counts its time like a sleeping one."""
    source = "import os, signal\ndef f():\n    os.kill(os.getpid(), signal.SIGSTOP)\n    return 42"
    outcome = call(best, source, cpu_seconds=0.1)
    # The first process of a namespace ignores the signal, and goes on.
    assert outcome in (outcomes.Returned(42), outcomes.TimedOut("wall", run.wall_seconds(0.1)))


def test_an_endless_loop_costs_only_its_own_call(best: run.Sandbox):
    """What comes after is answered by a new child, with the same code."""
    source = b"def f():\n    while True: pass\ndef g(x):\n    return x + 1"
    with best.session([("answer.py", source)], limits=LIMITS) as session:
        assert session.call("g", [1]) == outcomes.Returned(2)
        assert session.call("f", cpu_seconds=0.2) == outcomes.TimedOut("cpu", 0.2)
        assert session.call("g", [2]) == outcomes.Returned(3)


@pytest.mark.parametrize(
    ("line", "label"),
    [
        (
            "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
            "NotRun TooLong",
        ),
        ("import os; os._exit(3)", "NotRun"),
        ("import os; os.abort()", "NotRun"),
        ("while True: pass", "TooLong"),
        ("1 / 0", "ZeroDivisionError"),
        ("raise SystemExit", "SystemExit"),
        ("exit(0)", "SystemExit"),
        ("x = input()", "EOFError"),
        ("x = [", "SyntaxError"),
        ("class Broken:\n    return", "SyntaxError"),
        ("import no_such_module", "ModuleNotFoundError"),
        ("x = 9**9**9", "NotRun TooLong"),
    ],
)
def test_a_bad_line_at_the_top_level_costs_only_itself(best: run.Sandbox, line: str, label: str):
    """Functions before and after it are there, and the report names the line."""
    source = f"def f():\n    return 1\n\n{line}\n\ndef g():\n    return f() + 1\n"
    with best.session([("answer.py", source.encode())], limits=LIMITS) as session:
        assert session.call("g") == outcomes.Returned(2)
        assert isinstance(session.loaded, run.Loaded)
        (trouble,) = session.loaded.troubles
    assert trouble.type_name in label.split()
    assert trouble.place.file == "answer.py"
    assert 4 <= trouble.place.line <= 7


def test_output_is_cut_and_says_so(best: run.Sandbox):
    """Of much output the beginning is kept; the value counts."""
    source = b"def f():\n    print('x' * 10**6)\n    return 42"
    with best.session([("answer.py", source)], limits=LIMITS) as session:
        assert session.call("f") == outcomes.Returned(42)
        output = session.output
    assert output == run.Output("x" * LIMITS.output_bytes, complete=False)


def test_output_that_looks_like_a_verdict_is_output(best: run.Sandbox):
    """A perfect result on the standard output is a text like any other."""
    forged = json.dumps({"score": 100.0, "outcome": "correct", "passed": True})
    source = f"def f():\n    print('''{forged}''')\n    return 0".encode()
    with best.session([("answer.py", source)], limits=LIMITS) as session:
        assert session.call("f") == outcomes.Returned(0)
        assert session.output == run.Output(forged + "\n", complete=True)


# --- forging the channel --------------------------------------------------------------------

FORGERIES = {
    "garbage": "os.write(4, b'\\xff' * 1000)",
    "a lying length": "os.write(4, b'\\xff\\xff\\xff\\x7f')",
    "a lying shape": (
        'h = b\'{"kind":"returned","bytes":0,"body":["t",2,["a","<f8",[9]]]}\'\n'
        "    os.write(4, len(h).to_bytes(4, 'little') + h)"
    ),
    "a verdict": (
        'h = b\'{"kind":"passed","bytes":0,"body":["t",2,true]}\'\n'
        "    os.write(4, len(h).to_bytes(4, 'little') + h)"
    ),
    "deep JSON": "h = b'[' * 60000\n    os.write(4, len(h).to_bytes(4, 'little') + h)",
    "an answer to another question": (
        'h = b\'{"kind":"returned","bytes":0,"body":["t",77,1]}\'\n'
        "    os.write(4, len(h).to_bytes(4, 'little') + h)"
    ),
    "100,000 frames": (
        'h = b\'{"kind":"at","bytes":0,"body":["t",2,null]}\'\n'
        "    for _ in range(100000): os.write(4, len(h).to_bytes(4, 'little') + h)"
    ),
    "a closed channel": "os.close(4)",
    "half a frame, and gone": "os.write(4, b'\\x40\\0\\0\\0{'); os._exit(0)",
    "two gigabytes": (
        'h = b\'{"kind":"returned","bytes":2000000000,"body":["t",2,1]}\'\n'
        "    os.write(4, len(h).to_bytes(4, 'little') + h)\n"
        "    while True: os.write(4, bytes(65536))"
    ),
}


@pytest.mark.parametrize("name", list(FORGERIES))
def test_a_forged_message_is_told_from_an_answer(level: run.Sandbox, name: str):
    """Whatever is written to the channel, the next call is answered honestly again."""
    source = f"import os\ndef f():\n    {FORGERIES[name]}\n    return 42\ndef g():\n    return 1\n"
    with level.session([("answer.py", source.encode())], limits=LIMITS) as session:
        session.loaded  # noqa: B018 - so that the call is the second question
        outcome = session.call("f")
        assert isinstance(outcome, outcomes.ProtocolFault | outcomes.Ended), outcome
        assert session.call("g") == outcomes.Returned(1)


def test_a_forged_value_is_a_value(best: run.Sandbox):
    """Who forges an answer has given an answer: it is judged like any other, and only once."""
    source = (
        "import os\ndef f():\n"
        '    h = b\'{"kind":"returned","bytes":0,"body":["t",2,7]}\'\n'
        "    os.write(4, len(h).to_bytes(4, 'little') + h)\n"
        "    return 42\ndef g():\n    return 1\n"
    )
    with best.session([("answer.py", source.encode())], limits=LIMITS) as session:
        session.loaded  # noqa: B018 - so that the call is the second question
        assert session.call("f") == outcomes.Returned(7)
        assert isinstance(session.call("g"), outcomes.ProtocolFault)
        assert session.call("g") == outcomes.Returned(1)


# --- what a child can and cannot know ------------------------------------------------------


def test_the_environment_is_clean(best: run.Sandbox, monkeypatch: pytest.MonkeyPatch):
    """Keys and tokens of the teacher's shell are not handed on."""
    monkeypatch.setenv("A_TOKEN", "secret")
    outcome = call(best, "import os\ndef f():\n    return sorted(os.environ)")
    assert isinstance(outcome, outcomes.Returned)
    assert not {"A_TOKEN", "USER", "SHELL", "SSH_AUTH_SOCK"} & set(outcome.value)


def test_no_descriptor_is_inherited(level: run.Sandbox):
    """Beside the standard streams there are only the channel's two ends."""
    source = (
        "import os\ndef f():\n    found = []\n    for n in range(256):\n"
        "        try: os.fstat(n); found.append(n)\n        except OSError: pass\n    return found"
    )
    assert call(level, source) == outcomes.Returned([0, 1, 2, 3, 4])


def test_the_grader_cannot_be_imported(level: run.Sandbox):
    """A student's code finds no reference of the grader's by its name."""
    outcome = call(level, "def f():\n    import grader.values")
    assert raises("ModuleNotFoundError", "module")(outcome)


def test_what_the_near_side_knows_is_nowhere_in_the_child(best: run.Sandbox):
    """A search of all objects finds a token of the child's own, and not the near side's."""
    expected = ["expected value ", "7391"]  # joined nowhere before the call is over
    source = (
        "import gc\nmine = 'expected' + ' value ' + str(7392 - 1 + 1)\ndef f(start):\n"
        "    gc.unfreeze()\n    left, seen, found = gc.get_objects(), set(), set()\n"
        "    while left:\n        each = left.pop()\n        if id(each) in seen: continue\n"
        "        seen.add(id(each))\n        left += gc.get_referents(each)\n"
        "        if type(each) is str and each.startswith(start) and each != start:\n"
        "            found.add(each)\n    return sorted(found)"
    )
    found = call(best, source, expected[0], cpu_seconds=30.0)
    assert found == outcomes.Returned(["expected value 7392"])
    assert "".join(expected) == "expected value 7391"


def test_what_one_submission_breaks_the_next_finds_whole(level: run.Sandbox):
    """Modules, caches and built-ins are those of the server again."""
    poison = (
        "import sys, builtins, numpy\nnumpy.add = None\nbuiltins.len = None\n"
        "sys.modules['json'] = None\nsys.path.clear()\ndef f():\n    return numpy.add is None"
    )
    clean = "import json, numpy\ndef f():\n    return len(json.dumps(int(numpy.add(1, 2))))"
    assert call(level, poison) == outcomes.Returned(True)
    assert call(level, clean) == outcomes.Returned(1)


def test_arguments_are_fresh_for_each_call(best: run.Sandbox):
    """A function that changes its input does not change the next call's, or the near side's."""
    source = b"def f(x):\n    x += 1\n    return x"
    given = np.zeros(3)
    with best.session([("answer.py", source)]) as session:
        first, second = session.call("f", [given]), session.call("f", [given])
    assert isinstance(first, outcomes.Returned)
    assert isinstance(second, outcomes.Returned)
    assert first.value.tolist() == second.value.tolist() == [1, 1, 1]
    assert given.tolist() == [0, 0, 0]


RANDOM = (
    "import random\nimport numpy as np\ndef f():\n    return [random.random(), np.random.rand(),"
    " float(np.random.default_rng().random()), hash('a'), [*{'a', 'b', 'c', 'd'}]]"
)


def test_unseeded_randomness_is_the_same_every_time(sandboxes: Any, best: run.Sandbox):
    """The same submission gets the same mark twice, also from another server."""
    first = call(best, RANDOM, seed=5)
    with run.Sandbox(best.level) as another:
        assert call(another, RANDOM, seed=5) == first
    assert call(best, RANDOM, seed=6) != first


def test_the_own_folder_is_a_scratch_copy(sandboxes: Any):
    """With a root of its own a child may write, and nothing of that is there for the next."""
    full = sandboxes("full")
    leave = "import os\ndef f():\n    open('left', 'w').write('x')\n    return os.listdir('.')"
    look = "import os\ndef f():\n    return os.listdir('.')"
    assert call(full, leave) == outcomes.Returned(["left"])
    assert call(full, look) == outcomes.Returned([])


@pytest.mark.parametrize(
    "act",
    [
        "open('big', 'wb').write(bytes(8 * 2**20))",
        "[open(str(n), 'w').close() for n in range(100)]",
        "[open(str(n), 'wb').write(bytes(2**20)) for n in range(8)]",
        "os.truncate('.', 0)",
        "open('sparse', 'wb').truncate(2**40)",
    ],
)
def test_the_scratch_folder_has_a_quota(sandboxes: Any, act: str):
    """One large file, many small ones, many large ones, a sparse one: refused, and told."""
    outcome = call(sandboxes("full"), f"import os\ndef f():\n    {act}")
    assert isinstance(outcome, outcomes.Raised)
    assert outcome.trouble.type_name in ("OSError", "IsADirectoryError", "PermissionError")


def test_without_a_root_of_its_own_nothing_can_be_written(sandboxes: Any):
    """The level for containers has no folder to write to, and says so."""
    outcome = call(sandboxes("kernel"), "def f():\n    open('x', 'w')")
    assert raises("PermissionError", "file")(outcome)
