"""Examine this machine: which wall it can build around student code, proved by trying."""

from __future__ import annotations

import os
import platform
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox import landlock, run, selftest
from grader.sandbox.lockdown import Level


@dataclass(frozen=True, slots=True)
class Finding:
    """A level that was tried: what it is made of and what the self-test met, or why not."""

    level: Level
    walls: tuple[str, ...] = ()
    tested: selftest.Result | None = None
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class Examination:
    """What this machine can enforce.

    `control` holds the same attempts without a wall: only where one gets through there does it
    prove something that it was stopped behind the wall.
    """

    machine: tuple[str, ...]
    findings: tuple[Finding, ...]
    control: selftest.Result
    advice: tuple[str, ...]

    @property
    def chosen(self) -> Finding | None:
        """Return the level that student code is run at, or None where there is no wall."""
        return next((each for each in self.findings if each.refusal is None), None)


def examine() -> Examination:
    """Try every level that this system could have, and the attempts without a wall."""
    levels = [Level.MAC] if sys.platform == "darwin" else [Level.FULL, Level.KERNEL]
    findings = tuple(map(_try, levels))
    with run.Sandbox(Level.NONE, preload=()) as unwalled:
        control = unwalled.test()
    return Examination(tuple(_machine()), findings, control, tuple(_advice(findings)))


def _try(level: Level) -> Finding:
    try:
        with run.Sandbox(level, preload=()) as sandbox:
            return Finding(level, tuple(sandbox.walls), sandbox.tested)
    except run.NoWall as none:
        return Finding(level, refusal=none.refusals[level])


def _machine() -> Iterator[str]:
    yield f"{platform.system()} {platform.release()} on {platform.machine()}"
    yield "root" if os.geteuid() == 0 else "an ordinary user"
    yield f"Python {platform.python_version()}"
    if sys.platform == "linux":
        version = landlock.version()
        yield f"Landlock {version}" if version else "no Landlock"


# --- what would help -------------------------------------------------------------------------

_SWITCHES = {
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": ("1", "0"),
    "/proc/sys/kernel/unprivileged_userns_clone": ("0", "1"),
    "/proc/sys/user/max_user_namespaces": ("0", "15000"),
}
"""Where Linux forbids user namespaces: the value that forbids, and one that allows."""


def _advice(findings: tuple[Finding, ...]) -> Iterator[str]:
    refused = {each.level for each in findings if each.refusal is not None}
    if Level.FULL in refused:
        yield _how_to_get_namespaces(Level.KERNEL in refused)
    if Level.KERNEL in refused and not landlock.version():
        yield (
            "Landlock needs Linux 5.13 or later, with landlock in the kernel's list of security "
            "modules (lsm=... on its command line)."
        )
    chosen = next((each for each in findings if each.refusal is None), None)
    if chosen is not None and any("stays root" in wall for wall in chosen.walls):
        yield (
            "Student code cannot become an ordinary user, since only root can read this Python: "
            "run the grader as an ordinary user, or install Python outside of root's home."
        )
    if len(refused) == len(findings):
        yield (
            "Without a wall code questions stay ungraded; --sandbox=outer is for a container that "
            "holds one submission and no answers, --sandbox=none for code that you trust."
        )


def _how_to_get_namespaces(alone: bool) -> str:
    for path, (forbids, allows) in _SWITCHES.items():
        if _value(path) == forbids:
            name = path.removeprefix("/proc/sys/").replace("/", ".")
            return f"User namespaces are switched off; to allow them: sysctl {name}={allows}"
    need = "one of the two walls is needed" if alone else "level kernel is the right one there"
    return f"User namespaces are refused here, as in most containers; {need}."


def _value(path: str) -> str | None:
    try:
        return Path(path).read_text("ascii").strip()
    except OSError:
        return None


# --- as text ---------------------------------------------------------------------------------


def render(examination: Examination) -> str:
    """Return the examination as plain text, 80 columns wide."""
    lines = [*_wrapped(f"This machine: {', '.join(examination.machine)}.", "", "  "), ""]
    for each in examination.findings:
        lines.append(_line_of(each))
    lines.append("")
    chosen = examination.chosen
    if chosen is not None and chosen.tested is not None:
        lines += [f"Student code runs at level {chosen.level}.", ""]
        lines += _table(chosen.tested, examination.control)
    else:
        lines.append("Student code cannot be run here: no level passed its self-test.")
    if examination.advice:
        lines += ["", "What would help:"]
        for sentence in examination.advice:
            lines += _wrapped(sentence, "- ", "  ")
    return "\n".join(lines) + "\n"


def _line_of(finding: Finding) -> str:
    if finding.refusal is not None:
        return "\n".join(_wrapped(f"not here: {finding.refusal}", f"{finding.level:<8}", " " * 8))
    assert finding.tested is not None
    score = f"self-test {finding.tested.closed}/{finding.tested.total}"
    return "\n".join(
        _wrapped(f"{score}, {', '.join(finding.walls)}", f"{finding.level:<8}", " " * 8)
    )


def _table(tested: selftest.Result, control: selftest.Result) -> Iterator[str]:
    yield f"{'Attempt':<30}{'behind the wall':<18}without a wall"
    for name, refusal in tested.attempts.items():
        behind = "got through" if refusal is None else "stopped"
        without = "got through" if control.attempts.get(name) is None else "stopped, too"
        yield f"{name:<30}{behind:<18}{without}"


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(text, 80, initial_indent=first, subsequent_indent=rest)
