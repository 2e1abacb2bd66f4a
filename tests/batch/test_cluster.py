"""The same batch on a Dask cluster: a real scheduler and workers, as processes on loopback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.errors import UsageError
from tests.batch import small
from tests.batch.test_killed import graded, outputs

distributed = pytest.importorskip("distributed", reason="Dask is an extra")

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.filterwarnings("ignore")  # of Dask's own, at its own end


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Start a scheduler and two workers; yield its address and the workers."""
    where = tmp_path / "scheduler.json"
    run = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    started = [_started([*run, *options, "--scheduler-file", str(where)])]
    try:
        deadline = time.monotonic() + 60
        while not where.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        for _ in range(2):
            run = [sys.executable, "-m", "distributed.cli.dask_worker"]
            options = ["--nthreads", "1", "--no-dashboard", "--nanny", "--host", "127.0.0.1"]
            folder = ["--local-directory", str(tmp_path / "scratch")]
            started.append(_started([*run, *options, *folder, "--scheduler-file", str(where)]))
        import json

        yield json.loads(where.read_text(encoding="utf-8"))["address"], started[1:]
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=ROOT, stdout=quiet, stderr=quiet)


def test_a_cluster_writes_the_same_bytes_as_this_machine(tmp_path, cluster):
    """Local processes and a cluster are two engines of one batch; a worker is killed mid-way."""
    address, workers = cluster
    small.rubric(tmp_path)
    roster, handed = small.class_of(tmp_path, 150)
    small.grade(tmp_path, roster, handed, out=tmp_path / "calm")
    killer = threading.Thread(target=_kill_when_busy, args=(workers[0], tmp_path / "out"))
    killer.start()
    outcome = small.grade(tmp_path, roster, handed, scheduler=address)
    killer.join()
    assert outcome.complete
    assert set(graded(tmp_path / "out").values()) == {1}
    assert outputs(tmp_path / "out") == outputs(tmp_path / "calm")


def _kill_when_busy(worker: subprocess.Popen[bytes], out: Path) -> None:
    """Kill a worker, and the nanny that would replace it, once some results are there."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if (out / "journal.jsonl").exists() and graded(out).total() >= 16:
            break
        time.sleep(0.005)
    for child in _children(worker.pid):
        os.kill(child, signal.SIGKILL)
    worker.kill()


def _children(parent: int) -> list[int]:
    found = []
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = each.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(each.parent.name))
    return found


def test_an_address_where_no_scheduler_is_is_refused(tmp_path):
    """In a sentence, and before anything is graded."""
    small.rubric(tmp_path)
    roster, handed = small.class_of(tmp_path, 1)
    with pytest.raises(UsageError, match="no Dask scheduler answers"):
        small.grade(tmp_path, roster, handed, scheduler="tcp://127.0.0.1:9")
