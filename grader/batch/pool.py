"""Workers on this machine: one process each, and the parent knows which job each of them has."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import selectors
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess

from grader.batch.clerk import Clerk, Job, Order, Result
from grader.batch.engine import Lost
from grader.batch.journal import Stopped

# One job in hand, and one that waits while the parent writes; more would keep a slow worker's
# last jobs from an idle one.
_WINDOW = 2
# So many workers that end before they have taken a job say that none can begin here.
_FALSE_STARTS = 3
# Everything a student can make slow has a limit of its own, far below this.
_PATIENCE_SECONDS = 900.0


# What every worker needs is imported once, before they part.
_PRELOADED = ["grader.batch.clerk", "grader.readers.markdown_sheet", "grader.readers.yaml_sheet"]


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    line: Connection
    waiting: deque[Job] = field(default_factory=deque)
    since: float = 0.0
    ready: bool = False


class Pool:
    """An engine of local processes."""

    def __init__(
        self,
        order: Order,
        jobs: int | None = None,
        begin: Callable[[Order], Clerk] = Clerk,
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        self._order = order
        self._begin_work = begin
        self._count = max(1, jobs or cores())
        self._patience = patience_seconds
        self._context = _context()
        self._workers: list[_Worker] = []
        self._lines = selectors.DefaultSelector()
        self._false_starts = 0

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Result | Lost]]:
        """Yield each job with what came of it; a worker that dies is replaced."""
        rest = deque[Job]()
        source = iter(jobs)
        while True:
            self._fill(rest, source)
            if not any(worker.waiting for worker in self._workers):
                return
            yield from self._heard(rest)

    def close(self) -> None:
        """End all workers: at once, for what is in flight is done again."""
        self._lines.close()
        for worker in self._workers:
            worker.line.close()
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join(5)
            if worker.process.is_alive():
                worker.process.kill()
        self._workers.clear()

    def _fill(self, rest: deque[Job], source: Iterator[Job]) -> None:
        """Give every worker a job, and then one to wait; begin more workers while there is work."""
        for held in range(_WINDOW):
            for worker in list(self._workers):
                if len(worker.waiting) <= held:
                    if not (job := _next(rest, source)):
                        return
                    _give(worker, job)
            while held == 0 and len(self._workers) < self._count:
                if not (job := _next(rest, source)):
                    return
                _give(self._begin(), job)

    def _begin(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(self._begin_work, self._order, theirs))
        try:
            process.start()
        except (OSError, EOFError) as fault:
            raise Stopped(
                f"no worker can be started here ({fault}); what was graded is kept"
            ) from fault
        theirs.close()
        worker = _Worker(process, ours)
        self._workers.append(worker)
        self._lines.register(ours, selectors.EVENT_READ)
        return worker

    def _heard(self, rest: deque[Job]) -> Iterator[tuple[Job, Result | Lost]]:
        ready = {key.fileobj for key, _ in self._lines.select(timeout=1.0)}
        for worker in list(self._workers):
            if not worker.waiting:
                if worker.line in ready:  # it has gone, and took nothing with it
                    self._bury(worker, rest)
            elif worker.line in ready:
                yield from self._answer(worker, rest)
            elif time.monotonic() - worker.since > self._patience:
                worker.process.kill()
                why = f"gave no answer within {self._patience:.0f} seconds"
                suspect = worker.waiting.popleft()
                yield suspect, Lost(why + self._bury(worker, rest))

    def _answer(self, worker: _Worker, rest: deque[Job]) -> Iterator[tuple[Job, Result | Lost]]:
        try:
            result = worker.line.recv()
            if isinstance(result, Stopped):
                raise result
            worker.since = time.monotonic()
            if result is None:
                worker.ready, self._false_starts = True, 0
            else:
                yield worker.waiting.popleft(), result
        except (EOFError, ConnectionError):
            if worker.ready:
                suspect = worker.waiting.popleft()
                yield suspect, Lost(f"the worker that graded it died{self._bury(worker, rest)}")
            else:
                self._count_false_start(self._bury(worker, rest))

    def _count_false_start(self, by: str) -> None:
        """Go on without a worker that never began; Stopped where none can begin."""
        self._false_starts += 1
        if self._false_starts >= _FALSE_STARTS:
            raise Stopped(
                f"no worker can be started here: {self._false_starts} in a row ended{by} before "
                "they took a submission; what was graded is kept"
            )

    def _bury(self, worker: _Worker, rest: deque[Job]) -> str:
        """Part with a dead worker, whose jobs go back; return by what it was killed."""
        worker.process.join(5)
        code = worker.process.exitcode
        self._lines.unregister(worker.line)
        worker.line.close()
        self._workers.remove(worker)
        rest.extend(worker.waiting)
        worker.waiting.clear()
        return f" by {signal.Signals(-code).name}" if code is not None and code < 0 else ""


def begin_early() -> None:
    """Let the process that workers part from load what they need, while there is other work."""
    _context()
    with contextlib.suppress(OSError):  # it is told where a worker is wanted
        forkserver.ensure_running()


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    return context


def cores() -> int:
    """Return on how many cores this process may run."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _next(rest: deque[Job], source: Iterator[Job]) -> Job | None:
    return rest.popleft() if rest else next(source, None)


def _give(worker: _Worker, job: Job) -> None:
    if not worker.waiting:
        worker.since = time.monotonic()
    worker.waiting.append(job)
    with contextlib.suppress(ConnectionError):  # a dead worker is seen when it is listened to
        worker.line.send(job)


def _serve(begin: Callable[[Order], Clerk], order: Order, line: Connection) -> None:
    """Say that it is ready, and do jobs until the parent has gone; Ctrl-C is the parent's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    with begin(order) as clerk, contextlib.suppress(EOFError, ConnectionError):
        line.send(None)  # ready
        while True:
            job = line.recv()
            try:
                line.send(clerk.do(job))
            except Stopped as fault:
                line.send(fault)


def _leave(number: int, frame: object) -> None:
    """Leave a worker, cleaning up on the way."""
    raise SystemExit(0)
