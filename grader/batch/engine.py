"""The one interface of the engines that run jobs: processes of this machine, or a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple, Protocol, TypeVar

from grader.batch.clerk import Failed, Job, Result

T = TypeVar("T")


class Lost(NamedTuple):
    """The worker died, or never answered, while it had this job."""

    why: str


class Engine(Protocol):
    """Runs jobs in any order, each as often as it takes to have an answer or to lose a worker."""

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Result | Lost]]:
        """Yield each job with what came of it."""
        ...

    def close(self) -> None:
        """End all workers."""
        ...


def run(engine: Engine, jobs: Iterable[Job]) -> Iterator[tuple[Job, Result]]:
    """Yield each job with its result; one that was lost is tried once more, alone.

    Several may have been lost with one worker, so each is run with nothing beside it: only what
    loses a worker by itself is to blame.
    """
    suspects: list[Job] = []
    for job, result in engine.run(jobs):
        if isinstance(result, Lost):
            suspects.append(job)
        else:
            yield job, result
    for suspect in suspects:
        for job, result in engine.run([suspect]):
            yield job, Failed(result.why) if isinstance(result, Lost) else result


def chunks(jobs: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the jobs in lists of at most `size`."""
    rest = iter(jobs)
    while chunk := list(islice(rest, size)):
        yield chunk
