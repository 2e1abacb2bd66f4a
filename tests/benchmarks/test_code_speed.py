"""What grading forty planar notebooks costs: isolation, execution, judging and report.

Run with `pytest tests/benchmarks/test_code_speed.py --benchmark-only`. The figures are processor
seconds per submission, of this process and of all that it started, in `extra_info`.
"""

from __future__ import annotations

import itertools
import os
import resource
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from grader import desk, exports
from grader.model import SourceFile, Submission
from tests.submissions.planar import mistakes, notebook

RUBRIC = "cie6032-homework1"
ONLY = ["p4.1"]
# One wrong notebook of each function, and further ones of the two that matter most.
KINDS = [None, *mistakes.WRONG[0::4][:10]]
TRAINING = notebook.TRAINING.replace("300", "1000")


def submissions(count: int) -> list[Submission]:
    """Return the reference notebook and ten wrong ones, in turn, each trained for 1000 steps."""
    kinds = itertools.islice(itertools.cycle(KINDS), count)
    return [
        Submission(f"s{at:03}", {}, (SourceFile("Planar_MLP.ipynb", _written(kind)),))
        for at, kind in enumerate(kinds)
    ]


def _written(kind: mistakes.Wrong | None) -> bytes:
    cells = kind.cells() if kind else {}
    return notebook.notebook(notebook.cells(cells, pytorch=(), training=TRAINING))


def grade(at: desk.Desk, each: Submission) -> str:
    return exports.load("json").report(at.judge(each, ONLY), "staff")


def processor_seconds() -> float:
    """Return what this process and its children, those that have ended, have used so far."""
    of_children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + of_children.ru_utime + of_children.ru_stime


def cost(handed_in: Sequence[Submission]) -> float:
    """Return the processor seconds of grading these on one desk, set up and cleared."""
    before = processor_seconds()
    with desk.set_up(RUBRIC) as at:
        at.wall.open(())
        for each in handed_in:
            assert '"complete": true' in grade(at, each)
    return processor_seconds() - before


def test_forty_submissions(benchmark: Any):
    """On one fork server, without its start: the goal is 0.2 seconds for each."""
    many = submissions(40)
    seconds = benchmark.pedantic(lambda: cost(many) - cost(()), rounds=1)
    benchmark.extra_info["cpu_seconds_per_submission"] = round(seconds / len(many), 3)


def test_a_process_for_each_submission(benchmark: Any):
    """A server of its own for each, as a comparison: its imports are paid each time."""
    few = submissions(4)
    seconds = benchmark.pedantic(lambda: sum(cost([each]) for each in few), rounds=1)
    benchmark.extra_info["cpu_seconds_per_submission"] = round(seconds / len(few), 3)


def test_the_memory_of_the_server(benchmark: Any):
    """With numpy and torch imported once; children share it."""
    with desk.set_up(RUBRIC) as at:
        at.wall.open(at.rubric.preload)
        benchmark.pedantic(lambda: None, rounds=1)
        kilobytes = max(_resident(pid) for pid in _started())
    benchmark.extra_info["server_MiB"] = kilobytes // 1024


def _started() -> Iterator[int]:
    """Yield the processes that this one has started, and theirs."""
    waiting = [os.getpid()]
    while waiting:
        pid = waiting.pop()
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            children = [int(each) for each in task.read_text().split()]
            yield from children
            waiting += children


def _resident(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)
