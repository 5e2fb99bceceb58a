"""Where chunks are run: in this process, in several, or on a Dask cluster. Same bytes from all.

An engine takes a task and chunk after chunk and yields what is done in any order. It never holds
more than a few chunks for each worker, so memory does not grow with the study.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Final

from chainsim.errors import MachineError, Problem
from chainsim.study.sweeps.beginning import begin
from chainsim.study.sweeps.plan import Chunk
from chainsim.study.sweeps.work import Done, Task, run_chunk
from chainsim.study.sweeps.worker import work

_AHEAD: Final = 2
"""Chunks waiting for each worker."""
_PATIENCE: Final = 3
"""Times the pool may break without a chunk done in between."""


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """`serial`, `processes`, `dask` (a cluster of its own on this machine), or an address."""

    kind: str
    workers: int = 1
    address: str = ""


def engine_spec(text: str, workers: int | None) -> EngineSpec:
    """The engine named on the command line.

    Raises:
        MachineError: there is no such engine (CS-T016).
    """
    count = workers or os.cpu_count() or 1
    if text in ("serial", "processes", "dask"):
        return EngineSpec(text, 1 if text == "serial" else count)
    if text.startswith(("tcp://", "tls://")):
        return EngineSpec("cluster", count, text)
    expected = "serial | processes | dask | tcp://HOST:PORT | tls://HOST:PORT"
    raise MachineError(Problem(code="CS-T016", found=text, expected=expected))


def execute(task: Task, chunks: Iterator[Chunk], spec: EngineSpec) -> Iterator[Done]:
    """Run all chunks.

    Raises:
        MachineError: workers die again and again, or the cluster does not answer.
    """
    if spec.kind == "serial":
        for chunk in chunks:
            yield run_chunk(task, chunk)
    elif spec.kind == "processes":
        yield from _Processes(task, chunks, spec.workers).run()
    else:
        from chainsim.study.sweeps.cluster import on_cluster

        yield from on_cluster(task, chunks, spec.workers, spec.address)


class _Processes:
    """A pool of spawned processes that is set up anew when one of them is killed."""

    def __init__(self, task: Task, chunks: Iterator[Chunk], workers: int) -> None:
        self._task, self._chunks, self._workers = task, chunks, workers
        self._pending: dict[Future[Done], Chunk] = {}
        self._again: list[Chunk] = []
        self._breaks = 0

    def run(self) -> Iterator[Done]:
        """What is done, in the order it gets done."""
        pool = self._pool()
        try:
            while self._fill(pool):
                done, _ = wait(self._pending, return_when=FIRST_COMPLETED)
                for future in sorted(done, key=lambda f: self._pending[f].number):
                    chunk = self._pending.pop(future)
                    try:
                        result = future.result()
                    except BrokenProcessPool:
                        self._again.append(chunk)
                        continue
                    self._breaks = 0
                    yield result
                if self._again:
                    pool = self._renewed(pool)
        finally:
            _stop(pool)

    def _pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self._workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=begin,
            initargs=(pickle.dumps(self._task),),
        )

    def _fill(self, pool: ProcessPoolExecutor) -> bool:
        """Hand out chunks up to a few for each worker; False when nothing is left."""
        while len(self._pending) < self._workers * _AHEAD:
            chunk = self._again.pop(0) if self._again else next(self._chunks, None)
            if chunk is None:
                break
            try:
                self._pending[pool.submit(work, chunk)] = chunk
            except BrokenProcessPool:
                self._again.append(chunk)
                break
        return bool(self._pending) or bool(self._again)

    def _renewed(self, pool: ProcessPoolExecutor) -> ProcessPoolExecutor:
        """A new pool; the chunks of the broken one go first.

        Raises:
            MachineError: it broke too often (CS-T012).
        """
        self._breaks += 1
        self._again = sorted([*self._again, *self._pending.values()], key=lambda c: c.number)
        self._pending.clear()
        if self._breaks > _PATIENCE:
            numbers = ", ".join(str(c.number) for c in self._again)
            raise MachineError(Problem(code="CS-T012", found=numbers))
        _stop(pool)
        return self._pool()


def _stop(pool: ProcessPoolExecutor) -> None:
    """End the pool's own processes at once; what they were at is not lost, it was not written."""
    members = list((pool._processes or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in members:
        with contextlib.suppress(OSError, ValueError):
            process.terminate()
    for process in members:
        process.join(5.0)
