"""Grade a class while being killed: `python -m tests.batch.killing FOLDER KILLS SEED`.

Each attempt is a process of its own, made by fork so that it starts at once, and ended by SIGKILL
after a random time. Prints how many kills hit a batch that was running.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
import traceback
from pathlib import Path

from grader.batch import runner
from grader.batch.progress import Silent
from tests.batch.here import Here


def attempt(request: runner.Request, patience_seconds: float) -> bool:
    """Run the batch in a process that is killed after some time; return whether it was."""
    child = os.fork()
    if child == 0:
        try:
            outcome = runner.run(request, Silent(), Here)
            code = 0 if outcome.complete else 3
            if code:
                print(outcome.text, file=sys.stderr, flush=True)
        except BaseException:  # whatever it is, the parent must not go on in the child
            traceback.print_exc()
            code = 4
        os._exit(code)
    deadline = time.monotonic() + patience_seconds
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            assert os.waitstatus_to_exitcode(status) == 0
            return False
        time.sleep(0.0005)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == -signal.SIGKILL


def main(folder: Path, kills: int, seed: int) -> None:
    """Grade once in peace into `calm`, then again and again into `out` until it is done."""
    draw = random.Random(seed)

    def request(name: str) -> runner.Request:
        roster, handed = folder / "roster.csv", folder / "submissions"
        return runner.Request(roster, handed, str(folder / "small.yaml"), folder / name)

    # In this process: it imports all that the attempts need, and shows how long a batch takes.
    runner.run(request("warm"), Silent(), Here)
    start = time.monotonic()
    assert not attempt(request("calm"), 600.0)
    seconds = time.monotonic() - start
    hit = rounds = 0
    while hit < kills:
        if not attempt(request("out"), draw.uniform(0.0, 0.4 * seconds)) and hit < kills:
            # It was done before its time was up: the rest of the kills hit another batch.
            (folder / "out").rename(folder / f"done-{rounds}")
            rounds += 1
            continue
        hit += 1
    assert not attempt(request("out"), 600.0)
    print(hit)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
