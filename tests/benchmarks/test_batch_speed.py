"""How fast a class is graded: run with `pytest tests/benchmarks --benchmark-only`.

Goals on two cores: 300 YAML sheets or 120 Markdown sheets a second, 5,000 a second of a class
that has not changed, memory of the parent flat, time linear.

Six files are created for each student. Where a file system looks for room among what was deleted
minutes ago (ext4 without a journal), that takes 2 ms instead of 0.2: use a folder of which nothing
was deleted.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.batch import runner
from grader.batch.progress import Silent
from tests.benchmarks import classes

ROOT = Path(__file__).resolve().parents[2]
RUBRIC = "ie8990-midterm"


def request(folder: Path, roster: Path, handed: Path) -> runner.Request:
    return runner.Request(roster, handed, RUBRIC, folder / "out", jobs=2)


@pytest.mark.parametrize("count", [100, 1_000, 10_000])
@pytest.mark.parametrize("format", ["yaml", "markdown"])
def test_sheets_per_second(benchmark, tmp_path, format, count):
    """Grade, write six reports for each student, and the class's files."""
    roster, handed = classes.make(tmp_path, count, format)
    wanted = request(tmp_path, roster, handed)
    benchmark.pedantic(
        lambda: runner.run(wanted, Silent()),
        setup=lambda: shutil.rmtree(tmp_path / "out", ignore_errors=True),
        rounds=1,
    )
    benchmark.extra_info["per_second"] = round(count / benchmark.stats["mean"], 1)
    benchmark.extra_info["parent_peak_MB"] = _peak_megabytes()


@pytest.mark.parametrize("count", [1_000, 10_000])
def test_unchanged_sheets_per_second(benchmark, tmp_path, count):
    """Run the same command again."""
    roster, handed = classes.make(tmp_path, count, "yaml")
    wanted = request(tmp_path, roster, handed)
    runner.run(wanted, Silent())
    benchmark.pedantic(lambda: runner.run(wanted, Silent()), rounds=1)
    benchmark.extra_info["per_second"] = round(count / benchmark.stats["mean"], 1)


def test_start_up(benchmark, tmp_path):
    """The whole command for a class of one."""
    roster, handed = classes.make(tmp_path, 1, "yaml")
    words = [str(roster), str(handed), "-r", RUBRIC, "-o", str(tmp_path / "out"), "--force"]
    command = [sys.executable, "-m", "grader", "batch", *words]
    benchmark.pedantic(
        lambda: subprocess.run(command, cwd=ROOT, check=True, capture_output=True), rounds=3
    )


def _peak_megabytes() -> float:
    """Return the most memory that this process has had; workers are not counted."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 if sys.platform != "darwin" else 1024**2), 1)


def main(count: int, format: str, folder: Path) -> None:
    """Print the figures of one class, in a process that has done nothing else."""
    roster, handed = classes.make(folder, count, format)
    wanted = request(folder, roster, handed)
    for what in ("graded", "unchanged"):
        start, used = time.perf_counter(), time.process_time()
        runner.run(wanted, Silent())
        seconds, used = time.perf_counter() - start, time.process_time() - used
        print(
            f"{count} {format} {what}: {seconds:.2f} s, {count / seconds:.0f}/s, "
            f"parent {_peak_megabytes():.0f} MB and {1e3 * used / count:.2f} ms a student"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
