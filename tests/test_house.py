"""The house stands as README says: imports point down, and nothing heavy comes in at the door."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "grader"

LEVELS = {
    "errors": 0, "lazy": 0, "values": 0,
    "model": 1, "files": 1, "formula": 1, "schema": 1, "yamltree": 1,
    "kinds": 2, "exports": 2, "course": 2, "memo": 2,
    "sandbox": 3, "expected": 3, "rubric": 3,
    "readers": 4,
    "intake": 5, "coded": 5, "pasted": 5, "running": 5, "grading": 5, "sheet": 5,
    "desk": 6,
    "batch": 7, "lint": 7, "scaffold": 7,
    "cli": 8, "__main__": 9,
}  # fmt: skip

# What runs beside student code, and what the near side says of it: below everything of ours.
FAR_SIDE = {
    "attempts", "cells", "child", "faults", "fstrings", "kernel", "landlock", "loading", "lockdown",
    "namespaces", "older", "seatbelt", "seccomp", "server", "sources", "substitutes", "wire",
}  # fmt: skip
LEVELS |= {f"sandbox.{name}": 0 for name in FAR_SIDE} | {"sandbox.outcomes": 1}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room(name: str) -> str:
    """Return the longest known room that a dotted name (without `grader.`) lies in."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        if ".".join(parts[:length]) in LEVELS:
            return ".".join(parts[:length])
    raise KeyError(f"{name} is in no room: add it to README's table and to LEVELS")


def imported(tree: ast.AST) -> set[str]:
    """Return the names under `grader.` that a module imports anywhere in its text."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {a.name.removeprefix("grader.") for a in node.names if "grader." in a.name}
        elif isinstance(node, ast.ImportFrom) and node.module == "grader":
            found |= {alias.name for alias in node.names if alias.name != "__version__"}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("grader."):
            base = (node.module or "").removeprefix("grader.")
            found |= {
                f"{base}.{alias.name}" if (PACKAGE / base.replace(".", "/")).is_dir() else base
                for alias in node.names
            }
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path):
    """A module imports rooms of a lower level, or neighbours in its own room."""
    name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
    if name == "__init__":
        return
    here = room(name)
    for other in imported(ast.parse(path.read_text(encoding="utf-8"))):
        there = room(other)
        below = LEVELS[there] < LEVELS[here]
        same = there.split(".")[0] == here.split(".")[0] and LEVELS[there] <= LEVELS[here]
        assert below or same, f"{name} (level {LEVELS[here]}) imports {other} ({LEVELS[there]})"


@pytest.mark.parametrize("name", sorted(FAR_SIDE))
def test_the_far_side_knows_nothing_of_ours(name: str):
    """What runs beside student code imports no module that could hold an answer."""
    tree = ast.parse((PACKAGE / "sandbox" / f"{name}.py").read_text(encoding="utf-8"))
    assert imported(tree) <= {f"sandbox.{other}" for other in FAR_SIDE}


def test_the_walk_over_imports_sees_what_points_up():
    """The reader of imports finds an upward import when there is one."""
    tree = ast.parse(
        "from grader import cli\nimport grader.batch.runner\nfrom grader.kinds import text"
    )
    assert imported(tree) == {"cli", "batch.runner", "kinds.text"}


@pytest.mark.parametrize("folder", ["reference", "rubrics"])
def test_course_material_knows_nothing_of_the_grader(folder: str):
    """References are plain functions: they import nothing of ours."""
    for path in (ROOT / folder).rglob("*.py"):
        assert not re.search(
            r"^\s*(import|from)\s+grader\b", path.read_text(encoding="utf-8"), re.M
        )


def modules_after(code: str) -> set[str]:
    """Run `code` in a fresh interpreter and return the names of the modules that it imported."""
    probe = f"{code}\nimport sys\nprint(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(done.stdout.splitlines()[-1].split())


def heavy_modules(code: str) -> set[str]:
    """Run `code` in a fresh interpreter and return which heavy packages it imported."""
    heavy = {"torch", "sympy", "nbformat", "IPython", "matplotlib", "pydantic", "dask"}
    return heavy & {name.partition(".")[0] for name in modules_after(code)}


RUN = """
import contextlib, io
from grader.cli import main
with contextlib.redirect_stdout(io.StringIO()):
    try:
        main({arguments!r})
    except SystemExit as end:
        assert end.code in (0, None), end.code
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["rubrics"],
        ["template", "ie8990-midterm"],
        ["grade", "tests/submissions/midterm/typical", "-r", "ie8990-midterm"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_nothing_heavy_is_imported_for_light_work(arguments: list[str]):
    """Help, the list of rubrics and the grading of answer sheets do without torch and sympy."""
    assert heavy_modules(RUN.format(arguments=arguments)) == set()


def test_the_probe_for_heavy_imports_can_fail():
    """A program that does import torch is seen to do so."""
    assert "torch" in heavy_modules("import torch")


# What a sheet in YAML has no use for: other readers, the wall around code, a class, a terminal.
IDLE = {
    "grader.readers.markdown_sheet", "grader.readers.paper.sections",
    "grader.readers.entries.chunks", "grader.sandbox.run", "grader.sandbox.cells",
    "grader.sandbox.outcomes", "grader.running", "grader.batch", "grader.lint",
    "grader.exports.html", "markdown_it", "rich.console",
}  # fmt: skip


def test_a_yaml_sheet_loads_only_what_reads_and_judges_it():
    """What reads Markdown, runs code or draws on a terminal is left where it is."""
    arguments = ["grade", "tests/submissions/midterm/perfect", "-r", "ie8990-midterm"]
    assert modules_after(RUN.format(arguments=arguments)) & IDLE == set()


def test_the_list_of_idle_modules_is_not_out_of_date():
    """Each of them exists, so that the test above would see it."""
    found = modules_after(f"import {', '.join(sorted(IDLE))}")
    assert found >= IDLE


def test_the_package_speaks_of_no_assignment():
    """Nothing about the bundled assignments lives in the package: they are data and functions."""
    words = re.compile("vgg|siamese|planar|ie8990|cie6032|rosenbrock", re.IGNORECASE)
    for path in PACKAGE.rglob("*.py"):
        assert not words.search(path.read_text(encoding="utf-8")), path
