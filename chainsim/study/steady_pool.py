"""Steady runs in worker processes, so that several visitors' questions are answered side by side.

A worker sends back the run without its park, which the caller has. Whatever happens to the pool,
the caller gets its answer: a run that no worker could make is made in the caller's process.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from typing import Final

from chainsim.errors import Problem, UserError
from chainsim.park.model import Park
from chainsim.study import cache
from chainsim.study.heap import settle
from chainsim.study.replications import Books, books_of
from chainsim.study.result import RunResult
from chainsim.study.run import run
from chainsim.study.workers import forked

Wrong = tuple[type[UserError], tuple[Problem, ...]]
WARM: Final = "xinzhou-base"
"""What a new worker runs first: it reads the library and the machine code."""


def attempt_steady(name: str, overrides: tuple[str, ...], outages: bool) -> Books | Wrong:
    """The steady run of a scenario, or what is wrong; runs in a worker process."""
    try:
        park = cache.read_park(name, overrides)
        return books_of(run(park, engine="steady", outages=outages))
    except UserError as exc:
        return type(exc), tuple(exc.problems)


class SteadyPool:
    """Worker processes that are made anew after they broke."""

    def __init__(self, make: Callable[[], Executor]) -> None:
        self._make = make
        self._executor: Executor | None = None
        self._lock = threading.Lock()

    def run(self, name: str, overrides: tuple[str, ...], park: Park, outages: bool) -> RunResult:
        """The steady run of `park`, which is what `name` and `overrides` make.

        Raises:
            UserError: as `run`.
        """
        with self._lock:
            executor = self._executor = self._executor or self._make()
        try:
            found = executor.submit(attempt_steady, name, overrides, outages).result()
        except RuntimeError:  # BrokenProcessPool is one
            with self._lock:
                if self._executor is executor:
                    self._executor = None
            return run(park, engine="steady", outages=outages)
        if isinstance(found, tuple):
            kind, problems = found
            raise kind(problems)
        manifest = found.manifest
        if (manifest.scenario_digest, manifest.library_digest) != (
            park.digest,
            park.library.digest,
        ):  # a file was edited between the two readings
            return run(park, engine="steady", outages=outages)
        return found.of(park)

    def ready(self) -> None:
        """Wait until a worker answers."""
        with self._lock:
            executor = self._executor = self._executor or self._make()
        with suppress(RuntimeError):
            executor.submit(_warm).result()


def serve(names: Sequence[str]) -> threading.Thread:
    """For a server: have workers started, steady runs made there, those of `names` beforehand."""

    def begin() -> None:
        steady_pool.ready()
        cache.run_by(steady_pool.run)
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


def _processes() -> Executor:
    return forked(os.cpu_count() or 1, _begin)


steady_pool: Final = SteadyPool(_processes)
