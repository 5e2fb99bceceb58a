"""Steady runs in worker processes, so that several visitors' questions are answered side by side.

A run is made in two parts (`study.headlines`): figures that somebody waits for go before the rest
of any run, and the rest is made by the worker that made the figures. A worker sends back the run
without its park, which the caller has. Whatever happens to the pool, the caller gets its answer: a
run that no worker could make is made in the caller's process.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from typing import Final, TypeVar

import pandas as pd

from chainsim.errors import Problem, UserError
from chainsim.park.model import Park
from chainsim.study import cache
from chainsim.study.headlines import Headlines, SteadyRun
from chainsim.study.heap import settle
from chainsim.study.lanes import Lane
from chainsim.study.replications import Books, books_of
from chainsim.study.result import RunResult
from chainsim.study.run import run
from chainsim.study.workers import forked

Case = tuple[str, tuple[str, ...]]
"""A scenario and its overrides."""
Figures = tuple[pd.DataFrame, pd.DataFrame]
"""KPIs and verdicts of `Headlines`."""
Wrong = tuple[type[UserError], tuple[Problem, ...]]
T = TypeVar("T")
WARM: Final = "xinzhou-base"
"""What a new worker runs first: it reads the library and the machine code."""
MOST_BEGUN: Final = 24
"""Runs that a worker keeps whose figures were asked for and the rest not yet."""
MOST_HOMES: Final = 256
_begun: OrderedDict[Case, SteadyRun] = OrderedDict()


def attempt_figures(name: str, overrides: tuple[str, ...], kpis: Sequence[str]) -> Figures | Wrong:
    """A few figures of a scenario, or what is wrong; runs in a worker, which keeps the run."""
    try:
        begun = SteadyRun(cache.read_park(name, overrides))
        found = begun.headlines(kpis)
    except UserError as exc:
        return _wrong(exc)
    _begun[name, overrides] = begun
    while len(_begun) > MOST_BEGUN:
        _begun.popitem(last=False)
    return found.kpis, found.policy


def attempt_steady(name: str, overrides: tuple[str, ...], outages: bool) -> Books | Wrong:
    """The steady run of a scenario, or what is wrong; runs in a worker process."""
    begun = _begun.pop((name, overrides), None) if outages else None
    try:
        begun = begun or SteadyRun(cache.read_park(name, overrides), outages=outages)
        return books_of(begun.result())
    except UserError as exc:
        return _wrong(exc)


def _wrong(exc: UserError) -> Wrong:
    return type(exc), tuple(exc.problems)


class SteadyPool:
    """Worker processes that are made anew after they broke; it makes runs for `study.cache`."""

    def __init__(self, make: Callable[[], Executor], *, count: int = 1) -> None:
        """So many workers, each an executor of one process."""
        self._lanes = [Lane(make) for _ in range(count)]
        self._homes: OrderedDict[Case, Lane] = OrderedDict()
        self._lock = threading.Lock()

    def headlines(self, name: str, overrides: tuple[str, ...], kpis: Sequence[str]) -> Headlines:
        """A few figures of a scenario, before anybody's whole run.

        Raises:
            UserError: as `run`.
        """
        lane = self._home(name, overrides)
        try:
            found = _checked(lane.first(attempt_figures, name, overrides, kpis))
        except RuntimeError:  # BrokenProcessPool is one
            return SteadyRun(cache.shipped_park(name, overrides)).headlines(kpis)
        return Headlines(park=cache.shipped_park(name), kpis=found[0], policy=found[1])

    def run(self, name: str, overrides: tuple[str, ...], park: Park, outages: bool) -> RunResult:
        """The steady run of `park`, which is what `name` and `overrides` make.

        Raises:
            UserError: as `run`.
        """
        lane = self._home(name, overrides)
        try:
            found = _checked(lane.then(attempt_steady, name, overrides, outages))
        except RuntimeError:
            return run(park, engine="steady", outages=outages)
        manifest = found.manifest
        if (manifest.scenario_digest, manifest.library_digest) != (
            park.digest,
            park.library.digest,
        ):  # a file was edited between the two readings
            return run(park, engine="steady", outages=outages)
        return found.of(park)

    def ready(self) -> None:
        """Wait until every worker answers."""
        for lane in self._lanes:
            with suppress(RuntimeError):
                lane.then(_warm)

    def _home(self, name: str, overrides: tuple[str, ...]) -> Lane:
        """The worker of a scenario: the one that began it, else the one with least to do."""
        with self._lock:
            lane = self._homes.pop((name, overrides), None)
            lane = lane or min(self._lanes, key=lambda x: x.asked)
            self._homes[name, overrides] = lane
            while len(self._homes) > MOST_HOMES:
                self._homes.popitem(last=False)
            return lane


def _checked(answer: T | Wrong) -> T:
    """An answer of a worker; what is wrong is raised as if it had happened here."""
    if isinstance(answer, tuple) and isinstance(answer[0], type):
        kind, problems = answer
        raise kind(problems)
    return answer  # type: ignore[return-value]


def serve(names: Sequence[str]) -> threading.Thread:
    """For a server: have workers started, steady runs made there, those of `names` beforehand."""

    def begin() -> None:
        steady_pool.ready()
        cache.run_by(steady_pool)
        for name in names:
            with suppress(UserError):
                cache.steady_result(name)

    thread = threading.Thread(target=begin, daemon=True)
    thread.start()
    return thread


def _warm() -> None:
    attempt_steady(WARM, (), True)


def _begin() -> None:
    _warm()
    settle()


def _process() -> Executor:
    return forked(1, _begin)


steady_pool: Final = SteadyPool(_process, count=os.cpu_count() or 1)
