"""Walls to try, and something to go for."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from grader.sandbox import landlock, run
from tests.sandbox.targets import Target

WALLS = {
    "full": ("full", None),
    "full without Landlock": ("full", 0),
    "kernel": ("kernel", None),
    **{f"kernel with Landlock {version}": ("kernel", version) for version in range(1, 7)},
}

Open = Callable[[str], run.Sandbox]


@pytest.fixture(scope="session")
def sandboxes() -> Iterator[Open]:
    """Return what opens a wall by its name in WALLS, or "none", once for all tests."""
    with ExitStack() as stack:
        opened: dict[str, run.Sandbox | run.NoWall] = {}

        def open_wall(name: str) -> run.Sandbox:
            if name not in opened:
                level, version = WALLS.get(name, (name, None))
                try:
                    sandbox = stack.enter_context(run.Sandbox(level, landlock=version))
                    opened[name] = sandbox
                except run.NoWall as refusal:
                    opened[name] = refusal
            wall = opened[name]
            if isinstance(wall, run.NoWall):
                pytest.skip(str(wall))
            return wall

        yield open_wall


@pytest.fixture(params=list(WALLS))
def wall(request: pytest.FixtureRequest, sandboxes: Open) -> run.Sandbox:
    """Return each wall in turn; those that this machine cannot build are skipped."""
    _, version = WALLS[request.param]
    if version is not None and version > landlock.version():
        pytest.skip(f"this kernel offers Landlock {landlock.version()}")
    return sandboxes(request.param)


@pytest.fixture(params=["full", "kernel"])
def level(request: pytest.FixtureRequest, sandboxes: Open) -> run.Sandbox:
    """Return the walls of the two levels."""
    return sandboxes(request.param)


@pytest.fixture
def best(sandboxes: Open) -> run.Sandbox:
    """Return the best wall of this machine."""
    return sandboxes("auto")


@pytest.fixture
def unwalled(sandboxes: Open) -> run.Sandbox:
    """Return a sandbox without walls, to show what the walls prevent."""
    return sandboxes("none")


@pytest.fixture(scope="session")
def _targets() -> Iterator[list[tuple[Target, ExitStack]]]:
    standing: list[tuple[Target, ExitStack]] = []
    yield standing
    for target, stack in standing:
        target.victim.kill()
        stack.close()


@pytest.fixture
def target(_targets: list[tuple[Target, ExitStack]]) -> Iterator[Target]:
    """Return a target; the next test gets the same one, unless this one left a trace on it."""
    if not _targets:
        stack = ExitStack()
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="target-"))
        _targets.append((Target(stack, folder), stack))
    target, stack = _targets[0]
    yield target
    if target.traces(0.0):
        _targets.clear()
        target.victim.kill()
        os.chmod(target.folder, 0o777)
        stack.close()
