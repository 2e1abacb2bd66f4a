"""How long a command takes from its first byte, beside the imports that it cannot do without.

Run with `python -m pytest tests/benchmarks/test_start.py --benchmark-only -s`.
"""

import resource
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from grader import desk, grading, intake

SUBMISSIONS = Path(__file__).parent.parent / "submissions" / "midterm"
BARE = [sys.executable, "-c", "import typer, rich.console, rich.table, numpy, yaml"]
GRADE = [
    sys.executable,
    "-m",
    "grader",
    "grade",
    str(SUBMISSIONS / "perfect"),
    "-r",
    "ie8990-midterm",
]
GOAL = 1.5


def cpu_seconds(command: list[str]) -> float:
    """Return the processor time of one finished process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def test_grading_a_sheet_against_bare_imports(benchmark):
    """The whole process for a YAML midterm, beside the imports alone, in turn."""
    pairs = [(cpu_seconds(GRADE), cpu_seconds(BARE)) for _ in range(7)][1:]
    ratio = statistics.median(grade / bare for grade, bare in pairs)
    print(f"\ngrade / bare imports: {ratio:.2f} (goal {GOAL})")
    benchmark.extra_info["ratio"] = round(ratio, 3)
    benchmark.pedantic(cpu_seconds, args=(GRADE,), rounds=3)


@pytest.mark.parametrize("name", ["perfect", "typical", "chaotic"])
def test_judging_one_sheet_when_warm(benchmark, name: str):
    """Reading and judging a full midterm, rubric and right values at hand.

    The memo of the desk is left aside: it knows the answer after the first round.
    """
    with desk.set_up("ie8990-midterm") as at:

        def judged() -> None:
            handed = intake.receive(SUBMISSIONS / name, at.rubric)
            grading.grade(at.rubric, handed, at.expected)

        judged()
        benchmark(judged)
