"""Workers of a Dask cluster: the same jobs, in tasks that are large enough for its overhead."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from grader.batch.clerk import Clerk, Job, Order, Result
from grader.batch.engine import Lost, chunks
from grader.batch.journal import Stopped
from grader.errors import UsageError

# A task costs the scheduler 2 to 3 ms; a sheet takes about as long, so of so many it is a tenth
# or less. A lost worker takes a chunk with it, which must not cost much either.
_CHUNK = 16
# Tasks on their way for each thread: one that runs and one that waits.
_AHEAD = 2
_CONNECT_SECONDS = 10


class Cluster:
    """An engine of Dask workers, which share the file system of this machine."""

    def __init__(self, order: Order, address: str, begin: Callable[[Order], Clerk] = Clerk) -> None:
        try:
            from distributed import Client
        except ImportError as fault:
            raise UsageError(
                "--scheduler needs Dask: install it with pip install 'grader[dask]'"
            ) from fault
        self._order = order
        self._begin_work = begin
        try:
            self._client = Client(address, timeout=_CONNECT_SECONDS)
        except (OSError, ValueError) as fault:
            raise UsageError(f"{address}: no Dask scheduler answers there ({fault})") from fault

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Result | Lost]]:
        """Yield each job with what came of it; a lost task loses all of its jobs."""
        from distributed import wait

        source = chunks(jobs, _CHUNK)
        flying: dict[Any, list[Job]] = {}
        while True:
            while len(flying) < self._room() and (chunk := next(source, None)) is not None:
                future = self._client.submit(_do, self._begin_work, self._order, chunk, pure=False)
                flying[future] = chunk
            if not flying:
                return
            done, _ = wait(list(flying), return_when="FIRST_COMPLETED")
            for future in done:
                yield from self._landed(future, flying.pop(future))

    def close(self) -> None:
        """Leave the cluster; its workers stay for others."""
        self._client.close(timeout=5)

    def _room(self) -> int:
        threads = sum(int(each) for each in self._client.nthreads().values())
        return max(1, threads) * _AHEAD

    def _landed(self, future: Any, chunk: list[Job]) -> Iterator[tuple[Job, Result | Lost]]:
        fault = future.exception()
        if isinstance(fault, Stopped):
            raise fault
        if fault is None:
            yield from zip(chunk, future.result(), strict=True)
        else:
            why = f"the worker that graded it died ({type(fault).__name__})"
            yield from ((job, Lost(why)) for job in chunk)
        future.release()


def _do(begin: Callable[[Order], Clerk], order: Order, chunk: list[Job]) -> list[Result]:
    """Do jobs on a worker, which sets its desk up once."""
    clerk, turn = _clerk(begin, order)
    with turn:
        return [clerk.do(job) for job in chunk]


@cache
def _clerk(begin: Callable[[Order], Clerk], order: Order) -> tuple[Clerk, threading.Lock]:
    """Return the clerk of this process, and whose turn it is: a desk serves one at a time."""
    return begin(order), threading.Lock()
