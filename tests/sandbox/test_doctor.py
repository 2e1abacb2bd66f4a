"""The doctor tries every level, shows the proof, and says what would help."""

from __future__ import annotations

import pytest

from grader.sandbox import doctor, selftest
from grader.sandbox.lockdown import Level

OPEN = selftest.Result({"read a file": None, "start a process": None, "open a terminal": "ENOENT"})
CLOSED = selftest.Result(dict.fromkeys(OPEN.attempts, "PermissionError"))
FULL = doctor.Finding(Level.FULL, ("own root", "seccomp"), CLOSED)
NO_FULL = doctor.Finding(Level.FULL, refusal="[Errno 1] unshare: Operation not permitted")
KERNEL = doctor.Finding(Level.KERNEL, ("Landlock 7", "seccomp"), CLOSED)
NO_KERNEL = doctor.Finding(Level.KERNEL, refusal="this kernel offers no Landlock")


def test_this_machine_is_examined():
    """What is chosen passed every attempt; the same attempts got through without a wall."""
    examination = doctor.examine()
    chosen = examination.chosen
    if chosen is None:
        pytest.skip("no wall can be built here")
    assert chosen.tested is not None
    assert chosen.tested.all_closed
    assert "read a file" in examination.control.open
    text = doctor.render(examination)
    assert f"Student code runs at level {chosen.level}." in text
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize(
    ("findings", "level"),
    [((FULL, KERNEL), Level.FULL), ((NO_FULL, KERNEL), Level.KERNEL), ((NO_FULL, NO_KERNEL), None)],
)
def test_the_first_level_that_holds_is_chosen(
    findings: tuple[doctor.Finding, ...], level: Level | None
):
    """Full before kernel, and nothing where neither holds."""
    chosen = doctor.Examination((), findings, OPEN, ()).chosen
    assert (chosen.level if chosen else None) == level


def test_the_table_shows_what_is_proved():
    """An attempt that is stopped even without a wall proves nothing, and is shown as such."""
    examination = doctor.Examination(("Linux",), (FULL,), OPEN, ("Do this.",))
    assert doctor.render(examination) == (
        "This machine: Linux.\n"
        "\n"
        "full    self-test 3/3, own root, seccomp\n"
        "\n"
        "Student code runs at level full.\n"
        "\n"
        "Attempt                       behind the wall   without a wall\n"
        "read a file                   stopped           got through\n"
        "start a process               stopped           got through\n"
        "open a terminal               stopped           stopped, too\n"
        "\n"
        "What would help:\n"
        "- Do this.\n"
    )


def test_a_machine_without_a_wall_says_so():
    """The reasons and the ways out stand in the text."""
    examination = doctor.Examination(("Linux",), (NO_FULL, NO_KERNEL), OPEN, ("Ways out.",))
    text = doctor.render(examination)
    assert "kernel  not here: this kernel offers no Landlock\n" in text
    assert "Student code cannot be run here" in text


@pytest.mark.parametrize(
    ("findings", "says"),
    [
        ((NO_FULL, KERNEL), "amespaces"),
        ((NO_FULL, NO_KERNEL), "--sandbox=outer"),
        (
            (doctor.Finding(Level.KERNEL, ("stays root, since no other user can",), CLOSED),),
            "as an ordinary user",
        ),
    ],
)
def test_the_advice_fits_the_finding(findings: tuple[doctor.Finding, ...], says: str):
    """What is missing decides what would help."""
    assert says in " ".join(doctor._advice(findings))


def test_a_good_machine_needs_no_advice():
    """Nothing is said where nothing would help."""
    assert list(doctor._advice((FULL, KERNEL))) == []
