"""What a process of the pool does: it keeps the task, and runs chunks of it until it is ended."""

from __future__ import annotations

import os

from chainsim.study.sweeps.plan import Chunk
from chainsim.study.sweeps.work import Done, Task, check_environment, run_chunk

_task: Task | None = None


def take_on(task: Task) -> None:
    """Keep the task; raises MachineError (CS-T013) when this is another version of anything."""
    global _task
    check_environment(task.model.fingerprint, f"process {os.getpid()}")
    _task = task


def work(chunk: Chunk) -> Done:
    """Run a chunk of the task that was kept."""
    assert _task is not None
    return run_chunk(_task, chunk)
