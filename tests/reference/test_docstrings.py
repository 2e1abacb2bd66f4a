"""What every reference file promises: what it says of itself, and what it needs."""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "reference"
TOPICS = sorted(path.stem for path in FOLDER.glob("*.py"))
SECTIONS = ("Shapes:", "Units:", "Error:", "Source:", "Checked:")


def public_functions():
    for topic in TOPICS:
        module = importlib.import_module(f"reference.{topic}")
        for name, value in vars(module).items():
            own = inspect.isfunction(value) and value.__module__ == module.__name__
            if own and not name.startswith("_"):
                yield pytest.param(value, id=f"{topic}.{name}")


@pytest.mark.parametrize("function", list(public_functions()))
def test_a_function_says_what_its_signature_cannot(function):
    """Shapes, units, error, source and check stand in this order, each of them filled in."""
    lines = [line.strip() for line in inspect.getdoc(function).splitlines()]
    said = [section for line in lines for section in SECTIONS if line.startswith(section)]
    assert said == list(SECTIONS)
    assert all(line.partition(":")[2].strip() for line in lines if line.startswith(SECTIONS))


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_imports_only_numpy_and_what_python_brings(topic):
    """At import nothing is needed but other topics, and the grader never."""
    tree = ast.parse((FOLDER / f"{topic}.py").read_text(encoding="utf-8"))
    everywhere = {name for node in ast.walk(tree) for name in imported(node)}
    at_import = {name for node in tree.body for name in imported(node)}
    assert at_import <= {"numpy"} | sys.stdlib_module_names
    assert everywhere <= at_import | {"torch"}


def imported(node):
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level:
        return [(node.module or "").partition(".")[0]]
    return []


def test_no_topic_loads_torch_or_sympy():
    """A fresh interpreter that imports every topic has neither, and would show it if it had."""
    imports = "; ".join(f"import reference.{topic}" for topic in TOPICS)
    heavy = "print(sorted({'torch', 'sympy', 'pandas', 'unittest'} & set(sys.modules)))"
    for extra, seen in (("", "[]"), ("import unittest; ", "['unittest']")):
        done = subprocess.run(
            [sys.executable, "-c", f"import sys; {imports}; {extra}{heavy}"],
            cwd=FOLDER.parent,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == seen


def test_topics_are_found():
    """An empty folder would pass everything above."""
    assert {"losses", "vgg", "quadratic", "logistic", "planar_mlp"} <= set(TOPICS)
