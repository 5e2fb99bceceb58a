"""Steady runs by workers: the same figures, the same problems, and an answer whatever breaks."""

from __future__ import annotations

from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import pandas as pd
import pytest

from chainsim.errors import InfeasibleError, Problem, UserError
from chainsim.report.page import STRIP
from chainsim.study import cache
from chainsim.study import steady_pool as module
from chainsim.study.headlines import headlines_of
from chainsim.study.run import run
from chainsim.study.steady_pool import SteadyPool

NAME = "investor-lng"
JUDGED = "layout-two-hubs"


class Broken(Executor):
    """A pool whose worker died."""

    def submit(self, task: Any, /, *arguments: Any, **_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(BrokenProcessPool())
        return future


def test_a_worker_gives_the_figures_of_this_process() -> None:
    park = cache.shipped_park(NAME)
    here = run(park, engine="steady")
    pool = SteadyPool(lambda: ThreadPoolExecutor(1))
    pool.ready()
    there = pool.run(NAME, (), park, True)
    assert there.park is park
    pd.testing.assert_frame_equal(there.kpis, here.kpis, check_exact=True)
    pd.testing.assert_frame_equal(there.ledger, here.ledger, check_exact=True)
    perfect = pool.run(NAME, (), park, False)
    assert perfect.kpi("output.lng_t") > there.kpi("output.lng_t")


def test_the_figures_shown_first_are_those_of_the_whole_run() -> None:
    park = cache.shipped_park(JUDGED)
    pool = SteadyPool(lambda: ThreadPoolExecutor(1))
    first = pool.headlines(JUDGED, (), STRIP)
    assert (JUDGED, ()) in module._begun
    whole = pool.run(JUDGED, (), park, True)
    assert (JUDGED, ()) not in module._begun
    alone = run(park, engine="steady")
    for name in ("kpis", "policy", "ledger"):
        pd.testing.assert_frame_equal(getattr(whole, name), getattr(alone, name), check_exact=True)
    assert whole.problems == alone.problems
    assert whole.manifest.key == alone.manifest.key
    same = headlines_of(alone, STRIP)
    assert first.key == same.key
    pd.testing.assert_frame_equal(first.kpis, same.kpis, check_exact=True)
    pd.testing.assert_frame_equal(first.policy, same.policy, check_exact=True)
    assert set(first.kpis["id"]) == set(STRIP)
    assert len(first.policy) < len(alone.policy)


def test_a_problem_keeps_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise InfeasibleError(Problem(code="CS-E001", path="x"))

    monkeypatch.setattr(module, "SteadyRun", refuse)
    with pytest.raises(InfeasibleError) as caught:
        SteadyPool(lambda: ThreadPoolExecutor(1)).run(NAME, (), cache.shipped_park(NAME), True)
    assert caught.value.problems[0].code == "CS-E001"


def test_a_pool_that_broke_is_made_anew_and_the_answer_comes_all_the_same() -> None:
    made: list[Executor] = []

    def make() -> Executor:
        made.append(Broken() if not made else ThreadPoolExecutor(1))
        return made[-1]

    pool, park = SteadyPool(make), cache.shipped_park(NAME)
    assert pool.run(NAME, (), park, True).kpi("output.lng_t") > 0
    assert pool.run(NAME, (), park, True).kpi("output.lng_t") > 0
    assert len(made) == 2


def test_an_answer_about_another_park_is_not_taken() -> None:
    """As when a file is edited between the reading here and in the worker."""
    park = cache.shipped_park(NAME, ("units.lng.capacity=1 Mt/a",))
    other = cache.shipped_park(NAME)
    found = SteadyPool(lambda: ThreadPoolExecutor(1)).run(NAME, (), park, True)
    assert found.manifest.scenario_digest == park.digest != other.digest


def test_the_cache_asks_whoever_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_results", type(cache._results)())
    monkeypatch.setattr(cache, "_runner", cache._runner)
    monkeypatch.setattr(cache, "_headlines", type(cache._headlines)())
    asked: list[Any] = []
    first: list[Any] = []

    class Runner:
        def run(self, name: str, overrides: tuple[str, ...], park: Any, outages: bool) -> Any:
            asked.append((name, overrides, outages))
            if len(asked) == 1:
                raise UserError(Problem(code="CS-E001"))
            return run(park, engine="steady", outages=outages)

        def headlines(self, name: str, overrides: tuple[str, ...], kpis: Any) -> Any:
            first.append((name, overrides))
            return "figures"

    cache.run_by(Runner())
    assert cache.steady_headlines(NAME, (), ("output.lng_t",)) == "figures"
    assert cache.steady_headlines(NAME, (), ("output.lng_t",)) == "figures"
    with pytest.raises(UserError):
        cache.steady_result(NAME)
    assert cache.steady_result(NAME) is cache.steady_result(NAME)
    assert asked == [(NAME, (), True)] * 2
    assert first == [(NAME, ())]
    assert not cache._busy
    figures = cache.steady_headlines(NAME, [], ("finance.firr",))
    assert list(figures.kpis["id"]) == ["finance.firr"]  # from the run that is there
