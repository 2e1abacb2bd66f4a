"""Workers for the tests of the engines: some submissions kill the worker that has them."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

from grader.batch.clerk import Clerk, Failed, Grade, Job, Order, Result
from grader.batch.submissions import Handed, Piece


def job(name: str) -> Grade:
    """Return a job that does what its name says."""
    return Grade(Handed(name, ((name,),), (Piece(name),)), name, "")


def name(job: Job) -> str:
    """Return what a job was called."""
    assert isinstance(job, Grade)
    return job.digest


class Taster(Clerk):
    """Answers with the job's own name, or dies, hangs, or is fatal once, as the name says."""

    def do(self, job: Job) -> Result:
        """Do what the job's name says."""
        word = name(job)
        if word.startswith("poison"):
            os.kill(os.getpid(), signal.SIGKILL)
        if word.startswith("exit"):
            os._exit(7)
        if word.startswith("hang"):
            time.sleep(600)
        if word.startswith("slow"):
            time.sleep(1)
        if word.startswith("last"):
            threading.Timer(0.1, os._exit, (7,)).start()
        if word.startswith("once"):
            _die_the_first_time(Path(word.partition(":")[2]))
        return Failed(f"{word} was done")


def _die_the_first_time(mark: Path) -> None:
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)


def taster(order: Order) -> Taster:
    """Return a worker of this kind."""
    return Taster(order)


def refuser(order: Order) -> Taster:
    """End a worker before it has taken a job."""
    raise SystemExit(3)


def late_starter(order: Order) -> Taster:
    """End the first worker before it has taken a job; the order's folder is the mark of that."""
    if not order.reports.exists():
        order.reports.touch()
        raise SystemExit(3)
    return Taster(order)
