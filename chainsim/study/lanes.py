"""A worker with two kinds of work: what somebody waits for goes before what can wait a moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Final, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
PATIENCE_S: Final = 5.0
"""The second kind of work is put off no longer than that."""


class Lane:
    """An executor of one worker, made when it is first needed and anew after it broke.

    Of the second kind one piece at a time is handed to the worker, and none while some of the first
    is under way; so who asks for the first kind waits for no more than one piece of the second.
    """

    def __init__(self, make: Callable[[], Executor]) -> None:
        self._make = make
        self._executor: Executor | None = None
        self._turn = threading.Condition()
        self._first = self._then = self._waiting = 0

    @property
    def asked(self) -> int:
        """How much is asked of it and not yet answered."""
        return self._first + self._then + self._waiting

    def first(self, task: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `task` gives in the worker; goes before the other kind.

        Raises:
            RuntimeError: the worker broke; the next is another.
        """
        with self._turn:
            self._first += 1
        try:
            return self._answer(task, *args, **kwargs)
        finally:
            with self._turn:
                self._first -= 1
                self._turn.notify_all()

    def then(self, task: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same when nobody waits for the first kind.

        Raises:
            RuntimeError: the worker broke; the next is another.
        """
        with self._turn:
            self._waiting += 1
            self._turn.wait_for(lambda: not (self._first or self._then), PATIENCE_S)
            self._waiting -= 1
            self._then += 1
        try:
            return self._answer(task, *args, **kwargs)
        finally:
            with self._turn:
                self._then -= 1
                self._turn.notify_all()

    def _answer(self, task: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        with self._turn:
            executor = self._executor = self._executor or self._make()
        try:
            return executor.submit(task, *args, **kwargs).result()
        except RuntimeError:  # BrokenProcessPool is one
            with self._turn:
                if self._executor is executor:
                    self._executor = None
            raise
