"""The first thing a worker process does, before anything heavy is imported."""

from __future__ import annotations

import pickle

from chainsim.study.heap import hurry


def begin(task: bytes) -> None:
    """Start to work on a task that the driver has pickled; to read it imports the engine."""
    hurry()
    read = pickle.loads(task)  # noqa: S301 # the parent process wrote it
    from chainsim.study.sweeps.engines import start

    start(read)
