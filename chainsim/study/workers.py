"""Worker processes of a server: started from a clean process, never from the page's own threads."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor

PATIENT = 15
"""Niceness of work that nobody waits for at this moment."""
_PRELOADED = ["chainsim.study.replications", "chainsim.study.steady_pool"]


def forked(count: int, begin: Callable[[], None] | None = None) -> Executor:
    """A pool of `count` processes that import the engine once; each calls `begin` first."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    return ProcessPoolExecutor(max(1, count), mp_context=context, initializer=begin)


def give_way() -> None:
    """Let every other process of the machine go first; for the initializer of a pool."""
    if hasattr(os, "nice"):
        os.nice(PATIENT)
