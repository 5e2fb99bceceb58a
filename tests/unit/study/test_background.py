"""Event runs in the background: shared, cancelled, mended, and the same as those in front."""

from __future__ import annotations

from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import pytest

from chainsim.errors import Problem
from chainsim.study import background as module
from chainsim.study.background import Background
from chainsim.study.chances import paired_replications
from chainsim.study.levers import Scheme
from chainsim.study.replications import Replication, attempt, band
from chainsim.study.run import run
from chainsim.study.schemes import perfect_result, scheme_result
from chainsim.study.unreliability import cost_of_outages

NAME = "investor-lng"


class Waiting(Executor):
    """Runs a task when it is told to."""

    def __init__(self) -> None:
        self.tasks: list[tuple[Future[Any], Any, tuple[Any, ...]]] = []

    def submit(self, task: Any, /, *arguments: Any, **_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.tasks.append((future, task, arguments))
        return future

    def step(self) -> None:
        future, task, arguments = self.tasks.pop(0)
        try:
            answer = task(*arguments)
        except BaseException as exc:
            future.set_exception(exc)
        else:
            future.set_result(answer)


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Waiting:
    monkeypatch.setattr(
        module, "attempt", lambda name, texts, seed, number: Replication(number=number, kpis=None)
    )
    return Waiting()


def test_jobs_take_turns_and_are_shared(pool: Waiting) -> None:
    jobs = Background(lambda: pool)
    one, two = jobs.ask("a", total=2), jobs.ask("b", total=2)
    assert jobs.ask("a", total=1) is one
    assert len(pool.tasks) == 2
    pool.step()
    pool.step()
    assert (one.done, two.done) == (1, 1)
    assert one.running
    pool.step()
    assert one.finished
    assert [r.number for r in one.found] == [0, 1]
    assert jobs.known("a") is one
    assert jobs.known("c") is None


def test_a_cancelled_job_stops_and_is_taken_up_again(pool: Waiting) -> None:
    jobs = Background(lambda: pool)
    job = jobs.ask("a", total=3)
    jobs.cancel(job)
    pool.step()
    assert not job.running
    assert pool.tasks == []
    assert jobs.ask("a", total=3) is job
    pool.step()
    pool.step()
    assert job.finished
    assert [r.number for r in job.found] == [0, 1, 2]


def test_a_job_taken_up_before_it_stopped_runs_nothing_twice(pool: Waiting) -> None:
    jobs = Background(lambda: pool)
    job = jobs.ask("a", total=2)
    jobs.cancel(job)
    jobs.ask("a", total=2)
    assert len(pool.tasks) == 1
    pool.step()
    pool.step()
    assert [r.number for r in job.found] == [0, 1]
    assert pool.tasks == []


def test_who_asks_for_more_replications_gets_more(pool: Waiting) -> None:
    jobs = Background(lambda: pool)
    job = jobs.ask("a", total=1)
    pool.step()
    assert job.finished
    assert jobs.ask("a", total=3) is job
    assert job.running
    pool.step()
    assert (job.has(2), job.has(3)) == (True, False)
    pool.step()
    assert job.finished
    assert [r.number for r in job.found] == [0, 1, 2]
    assert jobs.ask("a", total=2).total == 3
    assert pool.tasks == []


def test_problems_end_a_job(pool: Waiting, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem(code="CS-V001")
    monkeypatch.setattr(module, "attempt", lambda *_: (problem,))
    job = Background(lambda: pool).ask("a")
    pool.step()
    assert job.problems == (problem,)
    assert not job.running


def test_a_broken_pool_is_made_anew(pool: Waiting, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def make() -> Executor:
        made.append(1)
        return pool

    def break_(*_: object) -> None:
        raise BrokenProcessPool

    jobs = Background(make)
    with monkeypatch.context() as patch:
        patch.setattr(module, "attempt", break_)
        job = jobs.ask("a", total=1)
        pool.step()
    assert job.broken
    assert not job.running
    again = jobs.ask("a", total=1)
    pool.step()
    assert again.finished
    assert len(made) == 2


def test_jobs_are_bounded(pool: Waiting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CAPACITY", 2)
    jobs = Background(lambda: pool)
    first = jobs.ask("a")
    jobs.ask("b")
    jobs.ask("c")
    assert first.cancelled
    assert jobs.known("a") is None


def test_replications_are_those_of_a_run_and_their_cost_is_told() -> None:
    jobs = Background(lambda: ThreadPoolExecutor(1))
    job = jobs.ask(NAME, total=3)
    for _ in range(600):
        if not job.running:
            break
        module.threading.Event().wait(0.1)
    assert job.finished
    alone = attempt(NAME, (), module.SEED, 2)
    assert isinstance(alone, Replication)
    assert alone.kpis.equals(job.found[2].kpis)
    whole = run(NAME, engine="des", seed=module.SEED, reps=3)
    ours = job.band().set_index("id")["value"]
    theirs = whole.kpis[whole.kpis["period"] == "total"].set_index("id")["value"]
    key = "output.lng_t"
    assert ours[key] == pytest.approx(theirs[key], rel=1e-12)
    year = job.year()
    assert year is not None
    assert year.kpi(key) > 0

    scheme = Scheme(base=NAME)
    frame = cost_of_outages(perfect_result(scheme), scheme_result(scheme), job.band(), [key, "no"])
    assert list(frame["id"]) == [key]
    row = frame.iloc[0]
    assert row["cost"] == pytest.approx(row["value"] - row["perfect"])
    assert row["low"] <= row["value"] <= row["high"]
    assert row["cost"] < 0


def test_equal_schemes_draw_and_a_better_one_wins() -> None:
    found = [attempt(NAME, (), 1, n) for n in range(2)]
    better = [attempt(NAME, ("economics.prices.lng=20000",), 1, n) for n in range(2)]
    batches = [found, found, better]
    paired = paired_replications(batches, ["a", "b", "c"], ["value.added_cny", "no"])  # type: ignore[arg-type]
    frame = paired.differences.set_index("scenario")
    assert frame["difference"]["b"] == 0.0
    assert frame["ties"]["b"] == 1.0
    assert frame["wins"]["c"] == 1.0
    assert frame["low"]["c"] <= frame["difference"]["c"] <= frame["high"]["c"]
    assert list(paired.regret.set_index("scenario")["best"]) == [0.0, 0.0, 1.0]
    assert band(found)["id"].is_unique  # type: ignore[arg-type]
