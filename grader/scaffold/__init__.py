"""A small course of one's own to begin with: copied from the folder `course` beside this file."""

from __future__ import annotations

import shutil
from pathlib import Path

from grader import files
from grader.errors import UsageError

_COURSE = Path(__file__).with_name("course")
_SCHEMA = Path(__file__).parent.with_name("rubric.schema.json")


def write(folder: Path) -> str:
    """Write the course into a new or empty folder, and return what to try next.

    UsageError where something is in the way.
    """
    shown = files.shown(str(folder))
    try:
        _refuse_what_is_there(folder, shown)
        shutil.copytree(
            _COURSE, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
        )
        shutil.copyfile(_SCHEMA, folder / "rubrics" / _SCHEMA.name)
    except OSError as fault:
        raise UsageError(f"{shown}: could not be written ({fault.strerror})") from fault
    return f"""\
{shown}: a course to begin with; its README tells what is where.
  grader lint {shown}/rubrics/quiz.yaml
  grader grade {shown}/submissions/wrong -r {shown}/rubrics/quiz.yaml
"""


def _refuse_what_is_there(folder: Path, shown: str) -> None:
    if folder.is_dir():
        if any(folder.iterdir()):
            raise UsageError(f"{shown}: there is something in this folder; name a new one")
    elif folder.exists() or folder.is_symlink():
        raise UsageError(f"{shown}: expected a new folder, found a file")
