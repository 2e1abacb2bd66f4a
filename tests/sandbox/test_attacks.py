"""Each file in attacks/ is an act that a wall must stop, and that succeeds without a wall."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.sandbox import outcomes, run
from tests.sandbox.targets import Target, raw_calls

FILES = sorted(Path(__file__).parent.glob("attacks/*.py"))
ATTACKS = pytest.mark.parametrize("attack", FILES, ids=lambda file: file.stem)

LIMITS = run.Limits(memory_bytes=256 * run.MiB)


def mark(attack: Path, name: str) -> str | None:
    found = re.search(rf"^# {name}: (.+)$", attack.read_text("utf-8"), re.M)
    return found[1] if found else None


def make(sandbox: run.Sandbox, attack: Path, target: Target) -> outcomes.Outcome:
    files = [(attack.name, attack.read_bytes())]
    support = {"raw": raw_calls()}
    with sandbox.session(files, support=support, limits=LIMITS) as session:
        words = target.words(unwalled=sandbox.level is run.Level.NONE)
        return session.call("attack", [words])


def is_stopped(outcome: outcomes.Outcome) -> bool:
    """Return whether the system refused; a mistake in the attack itself is no refusal."""
    refusals = {"PermissionError", "FileNotFoundError", "OSError", "BlockingIOError"}
    refusals |= {"ProcessLookupError", "ChildProcessError"}
    if isinstance(outcome, outcomes.Raised):
        return outcome.trouble.type_name in refusals
    return isinstance(outcome, outcomes.OutOfMemory)


@ATTACKS
def test_an_attack_is_stopped_and_leaves_no_trace(wall: run.Sandbox, attack: Path, target: Target):
    """The system refuses, and everything outside is as it was."""
    outcome = make(wall, attack, target)

    judged_by = mark(attack, "judged by")
    if judged_by == "crash":
        assert isinstance(outcome, outcomes.Crashed) or is_stopped(outcome), outcome
    elif judged_by != "trace":
        assert is_stopped(outcome), outcome
    assert target.traces(0.05 if "pid" in attack.read_text("utf-8") else 0.0) == []


@ATTACKS
def test_the_same_act_succeeds_without_a_wall(unwalled: run.Sandbox, attack: Path, target: Target):
    """It is the wall that stops it, and not a mistake in the attack or the machine."""
    outcome = make(unwalled, attack, target)

    if outcome != outcomes.Returned(None) and mark(attack, "control needs"):
        pytest.skip(f"cannot be shown here, it needs {mark(attack, 'control needs')}: {outcome}")
    assert outcome == outcomes.Returned(None)
    if mark(attack, "judged by") == "trace":
        assert target.traces()


def test_this_machine_has_a_wall(best: run.Sandbox):
    """If no wall could be built here, all tests of walls would be skipped in silence."""
    assert best.level in (run.Level.FULL, run.Level.KERNEL, run.Level.MAC)
