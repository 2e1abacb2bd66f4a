"""Local workers: what kills one of them is found out, and costs nobody else anything."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from grader.batch import engine
from grader.batch.clerk import Failed, Order
from grader.batch.engine import Lost
from grader.batch.journal import Stopped
from grader.batch.pool import Pool
from tests.batch import poison

ORDER = Order("none", Path("none"))


def outcomes(names: list[str], jobs: int = 2, **options: float) -> dict[str, str]:
    """Run jobs and return what is told of each."""
    told: dict[str, str] = {}
    with closing(Pool(ORDER, jobs, poison.taster, **options)) as pool:
        for job, result in engine.run(pool, map(poison.job, names)):
            assert isinstance(result, Failed)
            assert poison.name(job) not in told, "a job has one result"
            told[poison.name(job)] = result.why
    return told


def test_every_job_has_its_result():
    """A hundred jobs, three workers, each answered once."""
    names = [f"job {number}" for number in range(100)]
    assert outcomes(names, jobs=3) == {name: f"{name} was done" for name in names}


@pytest.mark.parametrize("fatal", ["poison", "exit"])
def test_a_fatal_job_is_told_and_takes_no_neighbour_with_it(fatal):
    """The kernel kills a worker, or it leaves: every other job is done."""
    names = [f"job {number}" for number in range(30)]
    told = outcomes([*names[:10], fatal, *names[10:]])
    assert {name: told[name] for name in names} == {name: f"{name} was done" for name in names}
    assert "died" in told[fatal]
    assert ("SIGKILL" in told[fatal]) == (fatal == "poison")


def test_many_fatal_jobs_at_once_take_no_neighbour_with_them():
    """Where half of all jobs are fatal, the other half is done."""
    names = [word for n in range(8) for word in (f"poison {n}", f"job {n}")]
    told = outcomes(names)
    assert {name for name, why in told.items() if "was done" in why} == {
        f"job {n}" for n in range(8)
    }


def test_a_worker_that_dies_once_costs_nothing(tmp_path):
    """Killed from outside, short of memory: the job is tried again, alone, and done."""
    told = outcomes([f"once:{tmp_path / 'mark'}", "job 1", "job 2"])
    assert all("was done" in why for why in told.values())
    assert len(told) == 3


def test_a_worker_that_ends_with_nothing_to_do_costs_nothing():
    """It is parted with while the other works, and replaced where there is more to do."""
    with closing(Pool(ORDER, 2, poison.taster)) as pool:
        for names in (["last", "slow"], ["job 1", "job 2", "job 3"]):
            told = {poison.name(job): result for job, result in pool.run(map(poison.job, names))}
            assert told == {name: Failed(f"{name} was done") for name in names}


def test_a_job_that_never_ends_is_given_up():
    """Patience has an end; the others are done."""
    told = outcomes(["hang", "job 1", "job 2", "job 3"], patience_seconds=2.0)
    assert "no answer" in told["hang"]
    assert all("was done" in told[f"job {n}"] for n in (1, 2, 3))


def test_a_lost_job_is_not_hidden_by_the_engine():
    """The pool itself says what it lost; the second try is the caller's."""
    with closing(Pool(ORDER, 1, poison.taster)) as pool:
        ((_, result),) = pool.run([poison.job("poison")])
    assert isinstance(result, Lost)


def test_workers_that_cannot_begin_stop_the_batch_in_a_sentence():
    """Not one attempt for each submission: a few, and then it is said."""
    with (
        closing(Pool(ORDER, 2, poison.refuser)) as pool,
        pytest.raises(Stopped, match=r"no worker can be started here: 3 in a row ended before"),
    ):
        list(engine.run(pool, map(poison.job, map(str, range(100)))))


def test_a_worker_that_ends_before_it_has_begun_costs_nothing(tmp_path):
    """Its jobs were not to blame: another worker does them, and none is tried alone."""
    order = Order("none", tmp_path / "mark")
    names = [f"job {number}" for number in range(10)]
    with closing(Pool(order, 1, poison.late_starter)) as pool:
        told = {poison.name(job): result for job, result in pool.run(map(poison.job, names))}
    assert set(told) == set(names)
    assert all(isinstance(result, Failed) and "was done" in result.why for result in told.values())
