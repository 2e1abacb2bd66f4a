"""A batch that is killed, however often and whenever, ends as one that ran in peace."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from grader.batch.journal import Journal
from tests.batch import small

ROOT = Path(__file__).resolve().parents[2]
KILLS = 50
LOGS = {"journal.jsonl", "decisions.jsonl", "batch.json", ".lock"}


def outputs(out: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name not in LOGS
    }


def graded(out: Path) -> Counter[str]:
    """Return how often each submission's result stands in the journal."""
    lines = Journal(out / "journal.jsonl").lines()
    return Counter(line.entry["digest"] for line in lines if line.entry["t"] == "result")


def test_fifty_kills_at_random_moments_change_nothing(tmp_path):
    """After 50 times SIGKILL each student is graded exactly once, and every file is the same."""
    small.rubric(tmp_path)
    small.class_of(tmp_path, 40)
    seed = random.SystemRandom().randrange(10**9)
    done = subprocess.run(
        [sys.executable, "-m", "tests.batch.killing", str(tmp_path), str(KILLS), str(seed)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"seed {seed}: {done.stderr}"
    assert int(done.stdout) == KILLS
    calm = outputs(tmp_path / "calm")
    for out in [tmp_path / "out", *tmp_path.glob("done-*")]:
        assert graded(out) == dict.fromkeys(graded(tmp_path / "calm"), 1), f"seed {seed}"
        assert outputs(out) == calm, f"seed {seed}"


def test_a_killed_command_leaves_no_worker_and_goes_on(tmp_path):
    """The real command with two workers, killed thrice: its workers end, and nothing is lost."""
    small.rubric(tmp_path)
    roster, handed = small.class_of(tmp_path, 60)
    words = ["batch", str(roster), str(handed), "-r", str(tmp_path / "small.yaml")]
    command = [sys.executable, "-m", "grader", *words, "--jobs", "2"]
    out = tmp_path / "out"
    for kill in range(3):
        batch = subprocess.Popen(
            [*command, "-o", str(out)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=-1
        )
        _wait_for_results(batch, out, 15 * (kill + 1))
        os.kill(batch.pid, signal.SIGKILL)
        _, complaints = batch.communicate(timeout=60)  # ends when the workers have gone, too
        assert complaints == b""
    subprocess.run([*command, "-o", str(out)], cwd=ROOT, check=True, capture_output=True)
    small.grade(tmp_path, roster, handed, out=tmp_path / "calm")
    assert set(graded(out).values()) == {1}
    assert outputs(out) == outputs(tmp_path / "calm")


def _wait_for_results(batch: subprocess.Popen[bytes], out: Path, count: int) -> None:
    deadline = time.monotonic() + 120
    while batch.poll() is None and time.monotonic() < deadline:
        if (out / "journal.jsonl").exists() and graded(out).total() >= count:
            return
        time.sleep(0.005)
