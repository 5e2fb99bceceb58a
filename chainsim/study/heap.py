"""The memory of a batch: what stands when it begins is not searched for garbage again and again."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_USUAL: Final = gc.get_threshold()
_STARTING: Final = (1_000_000, 10, 10)
_SOME: Final = 500
"""Objects made and not yet gone that are worth a search."""

_YOUNG = 100_000
_OLDER = 10
_settled = False


def hurry() -> None:
    """Hardly ever search from now on, for a process that starts: what it imports and reads stays.

    A batch searches as usual.
    """
    gc.set_threshold(*_STARTING)


@contextmanager
def left_alone() -> Iterator[None]:
    """Take everything that exists out of the collector's sight until the end.

    A park, its library and the compiled kernels are a million objects; one full search of them
    takes longer than a year of a park. New objects are collected as ever, and once at the end:
    what is left over then would be out of sight in the next batch too. A server that has settled
    for good (`settle`) stays so.
    """
    if _settled:  # to ask `gc.get_freeze_count` means to walk through all of them
        yield
        return
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_USUAL)
    try:
        yield
    finally:
        if not _settled:  # else it settled meanwhile, by another thread, and stays so
            gc.set_threshold(*before)
            gc.collect()
            gc.unfreeze()


def settle() -> None:
    """The same for good, for a process that has imported and read all it needs.

    What comes later is searched less often than Python would: a run makes hundreds of thousands of
    objects and drops nearly all of them by itself.
    """
    global _settled
    _settled = True
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _OLDER, _OLDER)


@contextmanager
def searched_after() -> Iterator[None]:
    """Search for garbage once, at the end, if there is some: a run is not held up meanwhile."""
    searching = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searching:
            gc.enable()
        if gc.get_count()[0] > _SOME:
            gc.collect()
