"""The folder that a batch writes: whose it is, and that nothing else is in it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import grader
from grader import course as courses
from grader.batch import clerk, journal
from grader.errors import UsageError
from grader.model import Rubric

SCHEMA = 1
ABOUT = "batch.json"


def prepare(out: Path, submissions: Path) -> None:
    """Make the folder, or see that it is a batch's; UsageError for any other."""
    handed = submissions.resolve()
    if handed in (out.resolve(), *out.resolve().parents):
        raise UsageError(f"{out}: lies among the submissions; choose another folder")
    make(out)
    if not (out / ABOUT).exists():
        strangers = [each.name for each in out.iterdir() if not each.name.startswith(".")]
        if strangers:
            raise UsageError(
                f"{out}: holds files that are no batch's ({strangers[0]}); "
                "choose a new or empty folder"
            )


def make(folder: Path) -> None:
    """Make a folder that `-o` names, unless it is there; UsageError where it cannot be had."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as fault:
        raise UsageError(f"{folder}: expected a folder, found a file") from fault
    except OSError as fault:
        raise UsageError(
            f"{folder}: the folder cannot be made ({fault.strerror}); choose another with -o"
        ) from fault


def claim(out: Path, rubric: Rubric, name: str, *, force: bool) -> None:
    """Make a folder a rubric's; one of another rubric is refused, unless it is to be replaced."""
    path = out / ABOUT
    about = {
        "schema": SCHEMA,
        "rubric": rubric.id,
        "source": source(name),
        "grader": grader.__version__,
    }
    try:
        known = json.loads(path.read_bytes()) if path.exists() else about
    except (OSError, ValueError) as fault:
        raise UsageError(f"{path}: cannot be read ({fault}); choose another folder") from fault
    if known.get("schema") != SCHEMA:
        raise UsageError(f"{path}: is of another version of grader; choose another folder")
    if known.get("rubric") != rubric.id and not force:
        raise UsageError(
            f"{out}: holds a batch of the rubric '{known.get('rubric')}', not of "
            f"'{rubric.id}'; choose another folder, or replace it with --force"
        )
    if known != about or not path.exists():
        journal.replace_file(path, json.dumps(about, indent=2).encode() + b"\n")
    # Only now: a batch that is killed before it has said whose the folder is leaves it empty.
    try:
        for audience in clerk.AUDIENCES:
            (out / "reports" / audience).mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise journal.full(out, fault) from fault


def source(rubric: str) -> str:
    """Return a rubric's name as it is understood in any working folder."""
    return str(courses.find(rubric).rubric.resolve()) if Path(rubric).is_file() else rubric


def sweep(out: Path, slugs: set[str]) -> None:
    """Remove the reports of people who are no longer in the class, and what a crash left."""
    _sweep_parts(out)
    for audience in clerk.AUDIENCES:
        folder = out / "reports" / audience
        _sweep_parts(folder)
        for name in os.listdir(folder):
            stem, suffix = os.path.splitext(name)
            if suffix in clerk.FORMATS.values() and stem not in slugs:
                (folder / name).unlink(missing_ok=True)


def _sweep_parts(folder: Path) -> None:
    """Remove files that were being written when a batch was killed."""
    for name in os.listdir(folder):
        if name.startswith(".") and name.endswith(".part"):
            (folder / name).unlink(missing_ok=True)
