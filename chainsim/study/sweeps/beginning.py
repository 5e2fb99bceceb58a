"""The first thing a process of the pool does, before anything heavy is imported."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading

from chainsim.study.heap import hurry


def begin(task: bytes) -> None:
    """Leave Ctrl-C to the driver, die when the driver dies, and take on a pickled task.

    To read the task imports the engine, which takes longer than all the rest.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    hurry()
    read = pickle.loads(task)  # noqa: S301 # the driver wrote it
    from chainsim.study.sweeps.worker import take_on

    take_on(read)
