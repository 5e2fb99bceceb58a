"""Chunks on a Dask cluster: one set up here over TCP on loopback, or one that is named.

The driver alone writes part files, so workers need no common disk. Every worker checks its
versions before its first chunk.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Final

from chainsim.errors import MachineError, Problem
from chainsim.study.sweeps.plan import Chunk
from chainsim.study.sweeps.work import Done, Task, check_environment, run_chunk

_AHEAD: Final = 3
_TIMEOUT: Final = "15s"
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
    else:
        with _client(address) as client:
            yield from _run(client, task, chunks)


def _local(workers: int) -> Any:
    import distributed

    return distributed.LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        protocol="tcp://",
        dashboard_address=None,
        silence_logs=50,
    )


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

    client.register_plugin(Setup())
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
