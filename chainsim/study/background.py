"""Event runs in the background: one process pool for all visitors, one replication at a time each.

A job is known by what is run, so visitors who ask the same share it. After each replication the
next one joins the end of the queue: nobody waits for all of another's. A job can be cancelled; a
pool that broke is made anew.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from chainsim.errors import Problem
from chainsim.study.cache import shipped_park
from chainsim.study.replications import Replication, attempt, band
from chainsim.study.result import RunResult
from chainsim.study.workers import forked, give_way

REPLICATIONS: Final = 8
SEED: Final = 1
CAPACITY: Final = 32
"""Jobs kept; the oldest are dropped."""
Key = tuple[str, tuple[str, ...]]


@dataclass(slots=True)
class Job:
    """A batch of replications of one scenario. Only its methods and properties are for others."""

    name: str
    overrides: tuple[str, ...]
    total: int
    found: list[Replication] = field(default_factory=list)
    problems: tuple[Problem, ...] = ()
    cancelled: bool = False
    broken: bool = False
    flying: bool = False
    """Whether a replication is on its way."""

    @property
    def done(self) -> int:
        """Replications done."""
        return len(self.found)

    @property
    def running(self) -> bool:
        """Whether more is to come."""
        return not (self.cancelled or self.broken or self.problems or self.done >= self.total)

    @property
    def finished(self) -> bool:
        """Whether all replications are there."""
        return self.done >= self.total

    def has(self, count: int) -> bool:
        """Whether so many replications are there, whatever else is to come."""
        return self.done >= count

    def band(self) -> pd.DataFrame:
        """Means and 5th to 95th percentile over the replications there are."""
        return band(self.found)

    def year(self) -> RunResult | None:
        """The first replication as a whole run, once it is there."""
        books = self.found[0].books if self.found else None
        return None if books is None else books.of(shipped_park(self.name, self.overrides))


class Background:
    """Jobs and the executor they run in."""

    def __init__(self, make: Callable[[], Executor]) -> None:
        self._make = make
        self._executor: Executor | None = None
        self._jobs: OrderedDict[Key, Job] = OrderedDict()
        self._lock = threading.Lock()

    def ask(self, name: str, overrides: tuple[str, ...] = (), total: int = REPLICATIONS) -> Job:
        """The job of a scenario: begun where it is new or broke, taken up where it was cancelled.

        Who asks for more replications than others did gets those and more.
        """
        key = (name, overrides)
        with self._lock:
            job = self._jobs.get(key)
            if job is None or job.broken:
                job = self._jobs[key] = Job(name=name, overrides=overrides, total=total)
            self._jobs.move_to_end(key)
            job.total = max(job.total, total)
            job.cancelled = False
            start = job.running and not job.flying
            job.flying = job.flying or start
            while len(self._jobs) > CAPACITY:
                self._jobs.popitem(last=False)[1].cancelled = True
        if start:
            self._submit(job)
        return job

    def known(self, name: str, overrides: tuple[str, ...] = ()) -> Job | None:
        """The job of a scenario, if somebody has asked for it."""
        with self._lock:
            return self._jobs.get((name, overrides))

    def cancel(self, job: Job) -> None:
        """Start no more replications of a job."""
        job.cancelled = not job.finished

    def _submit(self, job: Job) -> None:
        with self._lock:
            if self._executor is None:
                self._executor = self._make()
            executor = self._executor
        try:
            future = executor.submit(attempt, job.name, job.overrides, SEED, job.done)
        except RuntimeError:  # BrokenProcessPool is one
            self._mourn(job, executor)
            return
        future.add_done_callback(lambda f: self._take(job, executor, f))

    def _take(
        self, job: Job, executor: Executor, future: Future[Replication | tuple[Problem, ...]]
    ) -> None:
        """Runs in the executor's thread: nothing may escape from here."""
        if future.cancelled():
            job.cancelled, job.flying = True, False
            return
        error = future.exception()
        if error is not None:
            self._mourn(job, executor if isinstance(error, BrokenProcessPool) else None)
            return
        answer = future.result()
        if isinstance(answer, tuple):
            job.problems, job.flying = answer, False
            return
        with self._lock:
            job.found.append(answer)
            job.flying = job.running
        if job.flying:
            self._submit(job)

    def _mourn(self, job: Job, executor: Executor | None) -> None:
        job.broken, job.flying = True, False
        with self._lock:
            if executor is not None and self._executor is executor:
                self._executor = None


def _processes() -> Executor:
    """A pool that leaves one core to the page, and gives way to it on the others."""
    return forked((os.cpu_count() or 2) - 1, give_way)


background: Final = Background(_processes)
