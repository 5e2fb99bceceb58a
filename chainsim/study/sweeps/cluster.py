"""Chunks on a Dask cluster: one set up here over TCP on loopback, or one that is named.

The driver alone writes part files, so workers need no common disk. Every worker checks its
versions before its first chunk.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from multiprocessing import resource_tracker
from typing import Any, Final

from chainsim.errors import MachineError, Problem
from chainsim.study.sweeps.plan import Chunk
from chainsim.study.sweeps.work import Done, Task, check_environment, run_chunk

_AHEAD: Final = 3
_TIMEOUT: Final = "15s"
_PATIENCE: Final = 3
"""Times a worker may die while all are told of the task."""
_TLS: Final = ("CHAINSIM_TLS_CA", "CHAINSIM_TLS_CERT", "CHAINSIM_TLS_KEY")
_tasks: dict[str, Task] = {}


def on_cluster(task: Task, chunks: Iterator[Chunk], workers: int, address: str) -> Iterator[Done]:
    """Run all chunks on a cluster; lost workers' chunks are run again by the scheduler.

    Args:
        task: what is run.
        chunks: all of it, piece by piece.
        workers: of the cluster that is set up here when there is no `address`.
        address: of a scheduler, `tcp://…` or `tls://…`, or empty.

    Raises:
        MachineError: Dask is not installed, the cluster does not answer, versions differ.
    """
    try:
        import distributed
    except ImportError as exc:
        raise MachineError(Problem(code="CS-T017", found="distributed")) from exc
    if not address:
        with _local(workers) as cluster, distributed.Client(cluster) as client:
            yield from _run(client, task, chunks)
        return
    with _quiet(), _client(address) as client:
        try:
            yield from _run(client, task, chunks)
        except (CancelledError, OSError) as exc:  # the scheduler is gone
            raise MachineError(Problem(code="CS-T018", found=address)) from exc


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Leave it to us to tell that a cluster is gone; Dask would log every connection it loses."""
    loggers = [
        logging.getLogger(name)
        for name in ("distributed", "distributed.client", "tornado.application")
    ]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _local(workers: int) -> Any:
    import distributed

    with _undisturbed():
        return distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            protocol="tcp://",
            dashboard_address="127.0.0.1:0",  # its metrics; None asks for port 8787
            silence_logs=50,
        )


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Let nothing interrupt the setting up of a cluster, which cannot be stopped half-way.

    Ctrl-C and SIGTERM wait until the end. Ctrl-C is blocked for the thread and the workers that
    start meanwhile, for good: they leave it to the driver.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked: list[int] = []
    stopping = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(n, lambda number, frame: asked.append(number)) for n in stopping]
    resource_tracker.ensure_running()  # to start it would lift the block again
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in zip(stopping, before, strict=True):
            signal.signal(number, handler)
        if asked:
            signal.raise_signal(asked[0])


def _client(address: str) -> Any:
    import distributed

    security = None
    if address.startswith("tls://"):
        ca, cert, key = (os.environ.get(name, "") for name in _TLS)
        security = distributed.Security(
            tls_ca_file=ca,
            tls_client_cert=cert,
            tls_client_key=key,
            require_encryption=True,
        )
    try:
        return distributed.Client(address, timeout=_TIMEOUT, security=security)
    except (OSError, TimeoutError, ValueError) as exc:
        raise MachineError(Problem(code="CS-T018", found=address)) from exc


def _run(client: Any, task: Task, chunks: Iterator[Chunk]) -> Iterator[Done]:
    import distributed
    from distributed.diagnostics.plugin import WorkerPlugin

    class Setup(WorkerPlugin):
        """Hands the task to a worker when it starts."""

        name = f"chainsim-{task.key[:16]}"

        def setup(self, worker: Any) -> None:
            """Keep the task where `_work` finds it."""
            keep(task)

    _register(client, Setup())
    waiting = distributed.as_completed()
    numbers: dict[str, int] = {}
    exhausted = False
    while True:
        threads = max(1, sum(client.nthreads().values()))
        while not exhausted and len(numbers) < threads * _AHEAD:
            chunk = next(chunks, None)
            if chunk is None:
                exhausted = True
                break
            future = client.submit(work, task.key, chunk, pure=False, retries=_AHEAD)
            numbers[future.key] = chunk.number
            waiting.add(future)
        if not numbers:
            return
        future = next(waiting)
        numbers.pop(future.key)
        yield _result(future)
        future.release()


def _register(client: Any, plugin: Any) -> None:
    """Tell all workers, also those to come; one that dies meanwhile is no matter.

    Raises:
        MachineError: the cluster does not answer (CS-T018).
    """
    for left in reversed(range(_PATIENCE)):
        try:
            client.register_plugin(plugin)
        except OSError as exc:
            if not left:
                raise MachineError(Problem(code="CS-T018", found=_address(client))) from exc
        else:
            return


def _address(client: Any) -> str:
    return str(client.scheduler.address) if client.scheduler is not None else "-"


def _result(future: Any) -> Done:
    import distributed

    try:
        done: Done = future.result()
    except distributed.KilledWorker as exc:
        raise MachineError(Problem(code="CS-T012", found=str(future.key))) from exc
    return done


def keep(task: Task) -> None:
    """On a worker: keep the task of a sweep."""
    _tasks[task.key] = task


_checked: set[str] = set()


def work(key: str, chunk: Chunk) -> Done:
    """On a worker: run one chunk of the sweep `key`."""
    task = _tasks[key]
    if key not in _checked:
        try:
            check_environment(task.model.fingerprint, f"{os.uname().nodename}:{os.getpid()}")
        except MachineError as exc:
            return Done(number=chunk.number, runs=0, error=MachineError, problems=exc.problems)
        _checked.add(key)
    return run_chunk(task, chunk)
