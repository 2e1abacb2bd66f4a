"""The same batch on a Dask cluster: a real scheduler and workers, as processes on loopback."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from grader.batch import engine
from grader.batch.clerk import Failed, Order
from grader.batch.cluster import Cluster
from grader.errors import UsageError
from tests.batch import poison, small
from tests.batch.test_killed import graded, outputs

distributed = pytest.importorskip("distributed", reason="Dask is an extra")

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.filterwarnings("ignore")  # of Dask's own, at its own end


@pytest.fixture(scope="module")
def cluster(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Start a scheduler and two workers; yield its address and the workers."""
    tmp_path = tmp_path_factory.mktemp("cluster")
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
        yield json.loads(where.read_text(encoding="utf-8"))["address"], started[1:]
    finally:
        for process in reversed(started):
            _end(process)


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    quiet = subprocess.DEVNULL
    # Dask would send a fatal task to four workers, one after the other; the second try is ours.
    about = {**os.environ, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    return subprocess.Popen(command, cwd=ROOT, env=about, stdout=quiet, stderr=quiet)


def test_submissions_that_kill_their_workers_take_no_neighbour_with_them(cluster):
    """Two of forty are fatal to whoever has them: they are told as such, all others are done."""
    address, _ = cluster
    names = [f"job {number}" for number in range(40)]
    names[3], names[30] = "poison 1", "exit 2"
    told: dict[str, str] = {}
    with closing(Cluster(Order("none", Path("none")), address, poison.taster)) as workers:
        for job, result in engine.run(workers, map(poison.job, names)):
            assert isinstance(result, Failed)
            assert poison.name(job) not in told, "a job has one result"
            told[poison.name(job)] = result.why
    fatal = {name for name, why in told.items() if "died" in why}
    assert fatal == {"poison 1", "exit 2"}
    assert {name for name, why in told.items() if why == f"{name} was done"} == set(names) - fatal


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
    _end(worker)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process, and the children that it would leave or replace."""
    children = _children(process.pid)
    process.kill()
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    process.wait(60)


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


def test_an_address_where_no_scheduler_is_is_refused(tmp_path, monkeypatch):
    """In a sentence, and before anything is graded."""
    monkeypatch.setattr("grader.batch.cluster._CONNECT_SECONDS", 1)
    small.rubric(tmp_path)
    roster, handed = small.class_of(tmp_path, 1)
    with pytest.raises(UsageError, match="no Dask scheduler answers"):
        small.grade(tmp_path, roster, handed, scheduler="tcp://127.0.0.1:9")
