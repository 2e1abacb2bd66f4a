"""What a session costs: of a fork server behind each wall, and of a fresh interpreter.

Run with `pytest tests/benchmarks/test_sandbox_speed.py --benchmark-only`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from grader.sandbox import outcomes, run

SOURCE = b"""
import numpy as np

def gradient(W, X, Y):
    A = 1 / (1 + np.exp(-(W @ X)))
    return (A - Y) @ X.T / X.shape[1]
"""
TORCH = ("numpy", "torch", "torch._dynamo")


@pytest.fixture(
    params=[
        (level, preload) for preload in (("numpy",), TORCH) for level in ("full", "kernel", "none")
    ],
    ids=lambda param: f"{param[0]}, {'torch' if 'torch' in param[1] else 'numpy'}",
    scope="module",
)
def sandbox(request: pytest.FixtureRequest) -> Iterator[run.Sandbox]:
    """Return a sandbox of each level, with and without torch in its server."""
    level, preload = request.param
    if "torch" in preload:
        pytest.importorskip("torch")
    try:
        with run.Sandbox(level, preload) as sandbox:
            yield sandbox
    except run.NoWall as none:
        pytest.skip(str(none))


def test_a_session_with_one_call(benchmark: Any, sandbox: run.Sandbox):
    """From the request to the value, the child's start and lockdown included."""
    W, X, Y = np.zeros((1, 2)), np.ones((2, 400)), np.ones((1, 400))

    def session() -> outcomes.Outcome:
        with sandbox.session([("a.py", SOURCE)]) as open_:
            return open_.call("gradient", [W, X, Y])

    assert isinstance(benchmark(session), outcomes.Returned)


def test_one_more_call(benchmark: Any, sandbox: run.Sandbox):
    """In a child that is there already."""
    with sandbox.session([("a.py", SOURCE)]) as session:
        arguments = [np.zeros((1, 2)), np.ones((2, 400)), np.ones((1, 400))]
        outcome = benchmark(session.call, "gradient", arguments)
    assert isinstance(outcome, outcomes.Returned)


@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_a_fresh_interpreter(benchmark: Any, library: str):
    """What one process for each submission would cost before it does anything."""
    pytest.importorskip(library)
    command = [sys.executable, "-c", f"import {library}"]
    benchmark.pedantic(subprocess.run, [command], {"check": True}, rounds=3)


def test_the_start_of_a_server(benchmark: Any):
    """Once for a whole class: the interpreter, NumPy, the walls and the self-test."""

    def start() -> None:
        with run.Sandbox() as sandbox:
            assert sandbox.tested is not None

    benchmark.pedantic(start, rounds=3)
