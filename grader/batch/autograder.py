"""An autograder for Gradescope: a zip file that brings this grader and one rubric there."""

from __future__ import annotations

import importlib.metadata
import zipfile
from collections.abc import Iterator
from pathlib import Path

from grader import course as courses

NAME = "gradescope-autograder.zip"

_SETUP = """\
#!/usr/bin/env bash
# Runs once, when the autograder is built; made for the base image with Ubuntu 22.04.
set -euo pipefail
apt-get update
apt-get install -y --no-install-recommends python3.11 python3.11-venv
python3.11 -m venv /autograder/venv
/autograder/venv/bin/pip install --no-cache-dir -r /autograder/source/requirements.txt
"""

# Where no results file is left, the platform reports a failure, and never a zero.
_RUN = """\
#!/usr/bin/env bash
# Runs for each submission.
set -uo pipefail
export PYTHONPATH=/autograder/source
python=/autograder/venv/bin/python
report=$(mktemp)
"$python" -m grader grade /autograder/submission -r {rubric} \\
    --for student --format json --output "$report"
code=$?
# 1 means that something failed on the grader's side, which the report tells.
if [ "$code" -gt 1 ]; then exit "$code"; fi
"$python" -m grader.exports.gradescope "$report" /autograder/results/results.json
"""

_EXECUTABLE = 0o100755 << 16
_READABLE = 0o100644 << 16
_PACKAGE = (".py", ".css", ".json")


def write(rubric: str, path: Path) -> None:
    """Write the zip file of a rubric's autograder, with the files that must be at its root."""
    course = courses.find(rubric)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zip:
        _add(zip, "setup.sh", _SETUP.encode(), _EXECUTABLE)
        run = _RUN.format(rubric=course.rubric.stem)
        _add(zip, "run_autograder", run.encode(), _EXECUTABLE)
        _add(zip, "requirements.txt", "".join(_requirements()).encode())
        for name, source in sorted(_files(course).items()):
            _add(zip, name, source.read_bytes())


def _add(zip: zipfile.ZipFile, name: str, data: bytes, mode: int = _READABLE) -> None:
    # The same content makes the same file: the time is that of no day.
    member = zipfile.ZipInfo(name)
    member.external_attr = mode
    member.compress_type = zipfile.ZIP_DEFLATED
    zip.writestr(member, data)


def _requirements() -> Iterator[str]:
    for needed in importlib.metadata.requires("grader") or ():
        if "extra ==" not in needed:
            yield f"{needed}\n"


def _files(course: courses.Course) -> dict[str, Path]:
    """Return the package, the rubric and its references, by where they lie in the zip file.

    Beside the package they are found as a checkout's are; the nearest reference comes first.
    """
    root = Path(courses.__file__).resolve().parent
    found = {
        f"grader/{path.relative_to(root).as_posix()}": path
        for path in root.rglob("*")
        if path.suffix in _PACKAGE and "bundled" not in path.relative_to(root).parts
    }
    for folder in course.references:
        for path in folder.glob("*.py"):
            found.setdefault(f"reference/{path.name}", path)
    found[f"rubrics/{course.rubric.stem}.yaml"] = course.rubric
    return found
