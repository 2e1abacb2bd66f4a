"""Files of code are read into cells of Python, whatever the student's editor made of them."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.sandbox import cells


def notebook(*sources: Any, **more: Any) -> bytes:
    code = [{"cell_type": "code", "source": source, "outputs": []} for source in sources]
    return json.dumps({"nbformat": 4, "cells": code, **more}).encode()


def sources(name: str, data: bytes) -> list[str]:
    return [cell.source for cell in cells.read(name, data)]


@pytest.mark.parametrize(
    ("name", "data", "want"),
    [
        ("a.ipynb", notebook("x = 1", ["y = 2\n", "z = 3"]), ["x = 1", "y = 2\nz = 3"]),
        ("a.ipynb", b"\xef\xbb\xbf" + notebook("x = 1"), ["x = 1"]),
        ("a.IPYNB", notebook("x = 1\r\ny = 2"), ["x = 1\ny = 2"]),
        ("a.ipynb", notebook(), []),
        (
            "a.ipynb",
            notebook("x = 1", metadata={"kernelspec": {"name": "bash", "language": "bash"}}),
            ["x = 1"],
        ),
        (
            "a.ipynb",
            b'{"nbformat": 4, "cells": [{"cell_type": "markdown", "source": "x"},'
            b' {"cell_type": "code"}, {"cell_type": "code", "source": [1, "y"]}, 7, null]}',
            ["", "y"],
        ),
        (
            "a.ipynb",
            b'{"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code",'
            b' "input": ["x = 1"], "language": "python", "outputs": []}]}]}',
            ["x = 1"],
        ),
        ("a.md", b"text\n```python\nx = 1\n```\n```\nno = 1\n```\n", ["x = 1"]),
        ("a.md", b"```{.python .input  n=3}\nx = 1\n```\n", ["x = 1"]),
        ("a.md", b"```{.json .output n=3}\n[]\n```\n~~~ py\nx = 1\n~~~", ["x = 1"]),
        ("a.md", b"````python\n```\n````\n```python\nx = 1", ["```", "x = 1"]),
        ("a.py", b"x = 1\r\ny = 2\r", ["x = 1\ny = 2\n"]),
        ("a.py", b"\xef\xbb\xbfx = 1", ["x = 1"]),
        ("a.py", "x = 'ü'".encode("utf-16"), ["x = 'ü'"]),
        ("a.py", b"# -*- coding: latin-1 -*-\nx = '\xfc'", ["# -*- coding: latin-1 -*-\nx = 'ü'"]),
        ("a.py", b"x = '\xfc'", ["x = 'ü'"]),
        ("a.py", b"# coding: nonsense\nx = 1", ["# coding: nonsense\nx = 1"]),
    ],
)
def test_cells_are_found(name: str, data: bytes, want: list[str]):
    """Any notebook version, any kernel, any encoding, any line ends."""
    assert sources(name, data) == want


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b'{"cells": [',
        b"<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> mine",
        b"[]",
        b"null",
        b'{"nbformat": 4}',
        b'{"cells": {"0": {"cell_type": "code", "source": "x"}}}',
        b'{"worksheets": [7]}',
        b"[" * 200_000,
        b'{"cells":' * 50_000,
        b"\x00\x01\x02",
    ],
)
def test_a_broken_notebook_is_told_as_such(data: bytes):
    """Cut short, in conflict, of another form, or nested without end: one sentence."""
    with pytest.raises(cells.Garbled):
        cells.read("a.ipynb", data)


@given(st.binary(max_size=200))
def test_no_bytes_at_all_do_more_harm_than_that(data: bytes):
    """Junk is read as something, or told as garbled."""
    for name in ("a.py", "a.ipynb", "a.md"):
        try:
            found = cells.read(name, data)
        except cells.Garbled:
            continue
        for cell in found:
            cells.statements(cells.prepare(cell.source).source)


@pytest.mark.parametrize(
    ("source", "python", "left_out"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1", ()),
        ("  %load_ext autoreload", "pass", ()),
        ("!pip install torch\nx = 1", "pass\nx = 1", ("!pip install torch",)),
        ("pip install torch", "pass", ("pip install torch",)),
        ("x = !ls", "x = []", ("x = !ls",)),
        ("x = %time f(2)", "x = f(2)", ()),
        ("x = %sql select", "x = None", ("x = %sql select",)),
        ("%time x = f(2)", "x = f(2)", ()),
        ("%timeit -n 10 -r 3 f(2)", "f(2)", ()),
        ("%%time\nx = 1", "\nx = 1", ()),
        ("%%timeit -n 3\nx = 1\n!ls", "\nx = 1\npass", ("!ls",)),
        ("%%bash\nls\nrm -rf x", "", ("%%bash",)),
        ("%%html\n<b>", "", ("%%html",)),
        ("%tensorflow_version 2.x\nx = 1", "pass\nx = 1", ("%tensorflow_version 2.x",)),
        ("%run utils.py\nx = 1", "from utils import *\nx = 1", ()),
        ("%run -i ./utils", "from utils import *", ()),
        ("f?\nx = 1", "pass\nx = 1", ()),
        ("?f", "pass", ()),
        (
            "for i in y:\n    !echo it's\n    x = 1",
            "for i in y:\n    pass\n    x = 1",
            ("!echo it's",),
        ),
        ("if x:\n    %pdb on", "if x:\n    pass", ()),
        ("print('%d' % 3)", "print('%d' % 3)", ()),
        ("print('a'\n  % x)", "print('a'\n  % x)", ()),
        ("s = '''\n!ls\n%x\n'''", "s = '''\n!ls\n%x\n'''", ()),
        ("cat = 3\nls = cat", "cat = 3\nls = cat", ()),
        ("%matplotlib inline\nx = (\ny = 2", "pass\nx = (\ny = 2", ()),
        ("x = '\\d'", "x = '\\d'", ()),
    ],
)
def test_a_notebooks_own_lines_become_python(source: str, python: str, left_out: tuple[str, ...]):
    """Timers time their statement, shell lines are left out and told, the rest stays as it is."""
    prepared = cells.prepare(source)
    assert prepared.source == python
    assert prepared.left_out == left_out


def test_a_written_file_is_a_module():
    """A cell that writes a module does not run it."""
    prepared = cells.prepare("%%writefile utils.py\nx = 1\n")
    assert prepared == cells.Prepared("", (), (("utils.py", "x = 1\n"),))


@pytest.mark.parametrize(
    ("source", "kept", "lines"),
    [
        ("x = 1\ny = 2", ["x", "y"], []),
        ("def f(:\n    pass\n\ndef g():\n    pass", ["g"], [1]),
        ("def f():\n    pass\n\ndef g(\n    pass\n\nx = 1", ["f", "x"], [4]),
        ("@wrap\ndef f():\n    return 1\ny = = 2\nz = 3", ["f", "z"], [4]),
        ('s = """\nx = 1\n"""\ny = = 2\nz = 3', ["s", "z"], [4]),
        ("if a:\n    x = 1\nelse:\n    x = 2\ny = = 2", ["If"], [5]),
        ("try:\n    x = 1\nexcept E:\n    pass\ny = = 2", ["Try"], [5]),
        ("print 'old'\ndef f():\n    return 1", ["f"], [1]),
        ("def f():\n\tif x:\n        return 1\n\ndef g():\n    pass", ["g"], [3]),
        ("x = 1\n<<<<<<< HEAD\ny = 2\n=======\ny = 3\n>>>>>>> mine", ["x", "y", "y"], [2]),
        ("x = '\0'", [], [1]),
        ("(" * 5000, [], [1]),
        ("-" * 200_000 + "1", [], [1]),
        ("x = " + "+".join("1" for _ in range(200_000)), [], [1]),
    ],
)
def test_one_syntax_error_costs_only_its_statement(source: str, kept: list[str], lines: list[int]):
    """What can be read before and after it is read, and the line is named."""
    found, faults = cells.statements(source)
    names = [name_of(statement) for statement in found]
    assert [name for name in names if name in kept] == kept
    assert [fault.line for fault in faults[: len(lines)]] == lines


def name_of(statement: ast.stmt) -> str:
    if isinstance(statement, ast.FunctionDef):
        return statement.name
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    return type(statement).__name__


def test_lines_keep_their_numbers():
    """A statement that was read from a piece still knows where it stood."""
    found, _ = cells.statements("x = = 1\n\n\ndef f():\n    return 1")
    assert [(each.lineno, each.end_lineno) for each in found] == [(4, 5)]


CUT = json.dumps(
    {
        "cells": [
            {"cell_type": "code", "source": "x = 1"},
            {"cell_type": "markdown", "source": "# So"},
            {"metadata": {}, "outputs": [{"text": "]"}], "cell_type": "code", "source": ["y = 2"]},
            {"cell_type": "code", "source": "z = 3"},
        ],
        "nbformat": 4,
    }
)


@pytest.mark.parametrize(
    ("text", "saved"),
    [
        (CUT[:-40], ["x = 1", "y = 2"]),
        (CUT[:-2], ["x = 1", "y = 2", "z = 3"]),
        (CUT.replace('"x = 1"', "<<<<<<< HEAD"), ["y = 2", "z = 3"]),
        (CUT + "}", ["x = 1", "y = 2", "z = 3"]),
    ],
    ids=["cut off", "without its end", "in conflict", "with more behind it"],
)
def test_whole_cells_of_a_broken_notebook_are_saved(text: str, saved: list[str]):
    """What broke off costs itself, and the sentence says how much could be read."""
    with pytest.raises(cells.Garbled) as told:
        cells.read("a.ipynb", text.encode())
    assert [cell.source for cell in told.value.cells] == saved
    assert f"{len(saved)} could be read" in str(told.value)


def test_a_notebook_that_is_broken_all_over_is_read_quickly():
    """After a few broken cells the rest is not searched for whole ones."""
    data = b'{"cell_type": [' * 100_000
    with pytest.raises(cells.Garbled) as told:
        cells.read("a.ipynb", data)
    assert not told.value.cells
