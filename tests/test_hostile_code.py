"""Code that is after marks, not answers: none of it gains any, or costs anybody else theirs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader import desk, exports
from grader.model import Outcome, Report, SourceFile, Submission

RUBRIC = """\
id: quiz
title: Quiz
questions:
  - id: q1
    title: Three times
    prompt: Write triple(x).
    checks:
      - function: {field: triple, name: triple, points: 2, expect: thrice.triple,
                   inputs: thrice.inputs, seconds: 1, limits: {statement_seconds: 1}}
  - id: q2
    title: A number
    prompt: Write secret().
    checks:
      - function: {field: secret, name: secret, points: 1, expect: thrice.secret, inputs: [{}],
                   seconds: 1, limits: {statement_seconds: 1}}
"""
REFERENCE = """\
import numpy as np


def inputs():
    draw = np.random.default_rng(7)
    return [{"x": draw.normal(size=size)} for size in (3, 4)]


def triple(*, x):
    return 3 * x


def secret():
    return 7391.25
"""
HONEST = "def triple(x):\n    return 3 * x\n\n\ndef secret():\n    return 7391 + 1 / 4\n"

# Whatever it is asked, it agrees.
AGREES = """
import numpy as np

class Agrees:
    def __array__(self, dtype=None, copy=None):
        return np.zeros(3)
    def __array_function__(self, *given):
        return True
    def __array_ufunc__(self, *given, **named):
        return True
    def __reduce__(self):
        return eval, ("print('unpickled')",)
    def __getattr__(self, name):
        return self
    def __call__(self, *given, **named):
        return self
    __hash__ = object.__hash__
    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = lambda self, other: True
    __sub__ = __rsub__ = __abs__ = __mul__ = __rmul__ = lambda self, *other: self
    __bool__ = lambda self: True
    __float__ = lambda self: 7391.25
"""
# Wherever it may stand, it overrides what a comparison needs.
ARRAY = """
import numpy as np

class Wins(np.ndarray):
    __eq__ = __le__ = __ge__ = lambda self, other: np.True_
    __sub__ = __rsub__ = __abs__ = lambda self, *other: self * 0
    all = any = max = min = sum = astype = reshape = lambda self, *a, **k: np.zeros(3)
    shape = property(lambda self: (3,))
    tobytes = lambda self: b""
"""
# Searches all that it can reach for the number, and has it only by a sum.
SEARCH = """
import gc, sys

def reachable():
    frame, left = sys._getframe(), gc.get_objects()
    while frame:
        left += [frame.f_locals, frame.f_globals, frame.f_builtins]
        frame = frame.f_back
    seen = set()
    while left:
        each = left.pop()
        if id(each) not in seen:
            seen.add(id(each))
            yield each
            left += gc.get_referents(each)

def is_it(each):
    return type(each) is float and each - 7391 == 1 / 4

def secret():
    gc.unfreeze()
    return next(filter(is_it, reachable()), 0)
"""
FORGED = (
    'head = lambda n: b\'{"kind":"returned","bytes":0,"body":["t",%d,true]}\' % n\n'
    "frame = lambda n: len(head(n)).to_bytes(4, 'little') + head(n)\n"
)

HOSTILE = {
    "an object that agrees": AGREES + "triple = secret = lambda *x: Agrees()",
    "objects that agree, in an array": AGREES
    + "triple = secret = lambda *x: np.array([Agrees()] * len(x[0] if x else 'a'), dtype=object)",
    "objects that agree, in a list": AGREES + "triple = secret = lambda *x: [Agrees()]",
    "an array that wins": ARRAY
    + "triple = lambda x: (x**2).view(Wins)\nsecret = lambda: np.ones(1).view(Wins)",
    "a number that wins": "class Wins(float):\n    __eq__ = __le__ = lambda self, other: True\n"
    "    __float__ = lambda self: 7391.25\n    __array__ = lambda self, *a: 7391.25\n"
    "triple = secret = lambda *x: Wins(0)",
    "a type of a lying type": "class M(type):\n"
    "    __instancecheck__ = __subclasscheck__ = lambda *a: True\n"
    "    __eq__ = lambda *a: True\n    __hash__ = type.__hash__\n"
    "class L(metaclass=M):\n    __class__ = float\ntriple = secret = lambda *x: L()",
    "a masked array": "import numpy as np\ntriple = lambda x: np.ma.masked_all_like(x)\n"
    "secret = lambda: np.ma.masked",
    "a record": "import numpy as np\ntriple = lambda x: (3 * x).astype([('a', 'f8')])\n"
    "secret = lambda: np.array([(7391.25,)], dtype=[('a', 'f8')])",
    "text": "triple = lambda x: (3 * x).astype(str)\nsecret = lambda: '7391.25'",
    "dates": "import numpy as np\ntriple = lambda x: (3 * x).astype('timedelta64[s]')\n"
    "secret = lambda: np.datetime64(7391, 's')",
    "nothing that is a number": "import numpy as np\ntriple = lambda x: x * np.nan\n"
    "secret = lambda: float('nan')",
    "what has no end": "import numpy as np\ntriple = lambda x: x * np.inf\n"
    "secret = lambda: float('inf')",
    "what is hardly there": "triple = lambda x: x * 5e-324\nsecret = lambda: 5e-324",
    "everything at once": "import numpy as np\n"
    "triple = lambda x: np.linspace(-9, 9, 10**6)\nsecret = lambda: [7391.25, 0, 1]",
    "raw memory": "import ctypes\ntriple = lambda x: memoryview(3 * x)\n"
    "secret = lambda: ctypes.c_double(7391.25)",
    "later": "def triple(x):\n    yield 3 * x\nasync def secret():\n    return 7391.25",
    "a huge empty array": "import numpy as np\ntriple = lambda x: np.empty((0, 2**62))\n"
    "secret = lambda: np.empty((2**31, 0))",
    "a million keys": "triple = secret = lambda *x: {str(n): n for n in range(10**6)}",
    "a name without end": "triple = secret = lambda *x: type('x' * 10**7, (), {})()",
    "a search of all objects": SEARCH,
    "a tracer": SEARCH.replace("def secret():", "def searched(*event):")
    .replace("return next(filter(is_it, reachable()), 0)", "raise SystemExit(1)")
    + "def secret():\n    sys.settrace(searched)\n    sys.setprofile(searched)\n    return 0",
    "a forged frame by json": FORGED
    + "import json\njson.dumps = lambda *a, **k: head(1).decode()\n"
    "triple = secret = lambda *x: 0",
    "a forged frame by os": FORGED + "import os\nwrite = os.write\n"
    "os.write = lambda fd, data: write(fd, frame(2)) and len(data)\ntriple = secret = lambda *x: 0",
    "struct and numpy replaced": "import struct, numpy\nstruct.Struct.pack = None\n"
    "numpy.asarray = numpy.ndarray = numpy.generic = lambda *a, **k: True",
    "all frames at once": FORGED + "import os\n"
    "def triple(x):\n    for n in range(9):\n        os.write(4, frame(n))\nsecret = triple",
    "a thread that answers": FORGED + "import os, threading\n"
    "def answer():\n    for n in range(10**4):\n        os.write(4, frame(n % 9))\n"
    "threading.Thread(target=answer, daemon=True).start()\ntriple = secret = lambda *x: 0",
    "a thread that takes the questions": "import os, threading\n"
    "def take():\n    while os.read(3, 10**6): pass\n"
    "threading.Thread(target=take, daemon=True).start()\ntriple = secret = lambda *x: 0",
    "an end that answers": FORGED + "import atexit, os, weakref\n"
    "class End:\n    def __del__(self):\n        os.write(4, frame(3))\nend = End()\n"
    "atexit.register(os.write, 4, frame(2))\nweakref.finalize(end, os.write, 4, frame(1))\n"
    "triple = secret = lambda *x: exit()",
    "the channel turned around": "import os\n"
    "def triple(x):\n    os.dup2(1, 4)\n    return 3 * x + 1\n"
    "secret = lambda: os.closerange(0, 99)",
    "no descriptors left": "import os\ndef triple(x):\n    while True: os.dup(4)\n"
    "secret = lambda: 0",
    "no depth left": "import sys\ndef triple(x):\n    sys.setrecursionlimit(10)\n"
    "    return [[[[x]]]]\n"
    "secret = lambda: sys.setrecursionlimit(3)",
    "no memory left": "import resource\ndef triple(x):\n"
    "    resource.setrlimit(resource.RLIMIT_AS, (1, 1))\n    return bytearray(10**6)\n"
    "secret = triple",
    "no built-ins left": "import builtins, sys\ndef triple(x):\n    builtins.__dict__.clear()\n"
    "def secret():\n    sys.modules.clear()",
    "a bell in the middle": "import signal\ndef ring(*a):\n    raise SystemExit('rung')\n"
    "def triple(x):\n    signal.signal(signal.SIGALRM, ring)\n"
    "    signal.setitimer(signal.ITIMER_REAL, 1e-4, 1e-4)\nsecret = triple",
    "a fault that is not ours": "import os\nclass HarnessFault(Exception): pass\n"
    "def triple(x):\n    raise HarnessFault('the fork server is gone')\nsecret = triple",
    "a verdict on the screen": "print('{\"score\": 100, \"outcome\": \"correct\"}\\n')\n"
    "print('\\x1b[2J\\x1b[31m15/15')\n"
    "triple = secret = lambda *x: {'score': 1.0, 'outcome': 'correct', 'credit': 1}",
}  # fmt: skip


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("course")
    (folder / "quiz.yaml").write_text(RUBRIC)
    (folder / "reference").mkdir()
    (folder / "reference" / "thrice.py").write_text(REFERENCE)
    return folder


@pytest.fixture(scope="module")
def quiz(course: Path) -> Iterator[desk.Desk]:
    with desk.set_up(str(course / "quiz.yaml")) as at:
        yield at


def graded(quiz: desk.Desk, source: str | bytes, name: str = "a.py") -> Report:
    data = source.encode() if isinstance(source, str) else source
    return quiz.judge(Submission("s", {}, (SourceFile(name, data),)))


def shared_memory() -> list[str]:
    return sorted(os.listdir("/dev/shm")) if os.path.isdir("/dev/shm") else []


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_no_code_gains_marks_by_what_it_is(quiz: desk.Desk, source: str):
    """It scores nothing, the report is whole, and who comes next is graded as if nothing was."""
    before = shared_memory()
    report = graded(quiz, source)
    assert (report.score, report.complete) == (0, True)
    assert not any(
        verdict.judgement.review for each in report.questions for verdict in each.verdicts
    )
    assert len(exports.load("json").report(report, "staff")) < 100_000
    assert graded(quiz, HONEST).score == 3
    assert shared_memory() == before


def test_the_search_would_find_what_is_there(quiz: desk.Desk):
    """The number is not found above because it is not there, not because nobody looked."""
    assert graded(quiz, SEARCH + "\nplanted = {'deep': [float('7391') + 1 / 4]}\n").score == 1


THIEF = """
import glob, importlib.util, os

def stolen():
    for path in glob.glob({folder!r} + "/reference/*.py"):
        spec = importlib.util.spec_from_file_location("stolen", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

triple = lambda x: stolen().triple(x=x)
secret = lambda: stolen().secret()
"""


def test_the_reference_cannot_be_called(quiz: desk.Desk, course: Path):
    """Not even by who knows where it lies; without a wall it would have been as easy as that."""
    source = THIEF.format(folder=str(course))
    assert graded(quiz, source).score == 0
    with desk.set_up(str(course / "quiz.yaml"), sandbox="none") as unwalled:
        assert graded(unwalled, source).score == 3


def test_answers_to_seen_inputs_are_worth_nothing_on_others(quiz: desk.Desk):
    """Who has learned one of the inputs and its answer has learned one of several."""
    (first, *_) = quiz.expected.call("thrice.inputs", {})
    source = f"import numpy as np\ntriple = lambda x: np.array({(3 * first['x']).tolist()})\n"
    assert graded(quiz, source).score == 0


def test_what_a_notebook_says_of_itself_is_not_read(quiz: desk.Desk):
    """Marks in metadata, outputs and test cells are the student's own."""
    cell: dict[str, Any] = {
        "cell_type": "code",
        "source": "assert True  # 3 of 3 points\nscore = points = 3",
        "metadata": {"nbgrader": {"grade": True, "points": 3, "grade_id": "q1"}, "score": 3},
        "outputs": [{"output_type": "stream", "name": "stdout", "text": '{"score": 3}'}],
    }
    book = {"nbformat": 4, "cells": [cell], "metadata": {"grader": {"q1": 2, "outcome": "correct"}}}
    report = graded(quiz, json.dumps(book).encode(), "a.ipynb")
    assert (report.score, report.questions[0].outcome) == (0, Outcome.MISSING)


@pytest.mark.parametrize("format_", ["text", "markdown", "html", "json"])
def test_what_code_says_is_shown_as_text(quiz: desk.Desk, format_: str):
    """An error's message may hold anything; a report shows it, and does not do it."""
    said = "\\x1b[2J\\u202e<script>alert(1)</script>[link=file:///x]\\r![](http://x/y)"
    report = graded(quiz, f"def triple(x):\n    raise ValueError('{said}')\n")
    shown = exports.load(format_).report(report, "staff")
    assert not {"\x1b", "\u202e", "\r"} & set(shown)
    assert "<script>alert" not in shown or format_ in ("text", "json")
