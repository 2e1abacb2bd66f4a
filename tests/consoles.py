"""The console blocks of the documentation: commands with what they print.

python -m tests.consoles runs them all, and writes what they print now.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_COMMAND = re.compile(r"^\$ ", re.MULTILINE)
_ELLIPSIS = "..."


@dataclass(frozen=True)
class Step:
    """A command, and what the document says that it prints."""

    command: str
    printed: str


def steps(text: str) -> Iterator[Step]:
    """Yield the commands of a document in their order."""
    for block in _BLOCK.finditer(text):
        for part in _COMMAND.split(block[1])[1:]:
            command, _, printed = part.partition("\n")
            yield Step(command, printed)


def workspace(folder: Path) -> Path:
    """Return a folder that looks like a checkout to the commands, for them to write into."""
    place = folder / "work"
    for name in ("submissions", "example"):
        shutil.copytree(ROOT / "tests" / name, place / "tests" / name)
    program = folder / "bin" / "grader"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m grader "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return place


def run(command: str, place: Path) -> str:
    """Return all that a command prints, on either channel, as in a terminal of 80 columns."""
    environment = {
        **os.environ,
        "PATH": f"{place.parent / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "COLUMNS": "80",
        "NO_COLOR": "1",
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run(
        ["bash", "-c", command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=place,
        env=environment,
        timeout=300,
        check=False,
    )
    return done.stdout.decode("utf-8")


def matches(wanted: str, got: str) -> bool:
    """Return whether an output is as documented; a line `...` stands for any lines."""
    lines = [line.rstrip() for line in wanted.rstrip("\n").split("\n")]
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == _ELLIPSIS else re.escape(line) + "\n" for line in lines
    )
    printed = "".join(f"{line.rstrip()}\n" for line in got.rstrip("\n").split("\n"))
    return re.fullmatch(pattern, printed) is not None


def _write() -> None:
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            place = workspace(Path(folder))
            for step in steps(text):
                got = run(step.command, place)
                if not matches(step.printed, got):
                    lines = "".join(f"{line.rstrip()}\n" for line in got.splitlines())
                    old = f"$ {step.command}\n{step.printed}"
                    text = text.replace(old, f"$ {step.command}\n{lines}", 1)
        document.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    _write()
