"""Long work for pages: each errand in a process of its own, followed as it runs, stopped at once.

An errand is known by what is asked, so visitors who ask the same share it. So many run at a time,
the others wait their turn. To stop one ends its process; nothing of the page waits for it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any, Final, Literal

from chainsim.errors import Problem, UserError

AT_ONCE: Final = 1
"""Errands that run at the same time."""
MOST_WAITING: Final = 12
"""Errands under way; who asks for one more is told to come again."""
CAPACITY: Final = 24
"""Errands kept; the oldest answers are dropped."""
LIMIT_S: Final = 900.0
_LOOK_S: Final = 0.2
_NICE: Final = 5

Progress = Callable[[int, int], None]
Work = Callable[[Any, Progress], Any]
"""A function of a module: takes what is asked and a progress, raises UserError."""
State = Literal["waiting", "running", "done", "wrong", "stopped", "broken", "late", "full"]


@dataclass(slots=True)
class Errand:
    """One piece of work as far as it is. Only read by others."""

    work: Work
    ask: Hashable
    state: State = "waiting"
    done: int = 0
    total: int = 0
    answer: Any = None
    problems: tuple[Problem, ...] = ()
    halt: threading.Event = field(default_factory=threading.Event)

    @property
    def under_way(self) -> bool:
        """Whether more is to come."""
        return self.state in ("waiting", "running")


Start = Callable[[Work, Hashable, Connection], Any]
"""Begins work that tells a pipe; returns what has `terminate`, `join`, `is_alive`."""


class Errands:
    """Errands of all visitors."""

    def __init__(self, start: Start, *, at_once: int = AT_ONCE, limit_s: float = LIMIT_S) -> None:
        self._start, self._limit_s = start, limit_s
        self._turn = threading.Semaphore(at_once)
        self._known: OrderedDict[tuple[Work, Hashable], Errand] = OrderedDict()
        self._lock = threading.Lock()

    def known(self, work: Work, ask: Hashable) -> Errand | None:
        """The errand of a question, if somebody has asked it."""
        with self._lock:
            return self._known.get((work, ask))

    def ask(self, work: Work, ask: Hashable) -> Errand:
        """The errand of a question: under way or answered already, else begun."""
        with self._lock:
            found = self._known.get((work, ask))
            if found is not None and (found.under_way or found.state in ("done", "wrong")):
                self._known.move_to_end((work, ask))
                return found
            errand = Errand(work=work, ask=ask)
            if sum(e.under_way for e in self._known.values()) >= MOST_WAITING:
                errand.state = "full"
                return errand
            self._known[work, ask] = errand
            self._make_room()
        threading.Thread(target=self._follow, args=(errand,), daemon=True).start()
        return errand

    def stop(self, errand: Errand) -> None:
        """End an errand, whether it runs or waits."""
        errand.halt.set()

    def _make_room(self) -> None:
        idle = [key for key, errand in self._known.items() if not errand.under_way]
        for key in idle[: max(0, len(self._known) - CAPACITY)]:
            del self._known[key]

    def _follow(self, errand: Errand) -> None:
        """Wait for a turn, run the process, take what it tells."""
        while not self._turn.acquire(timeout=_LOOK_S):
            if errand.halt.is_set():
                errand.state = "stopped"
                return
        try:
            self._run(errand)
        finally:
            self._turn.release()

    def _run(self, errand: Errand) -> None:
        if errand.halt.is_set():
            errand.state = "stopped"
            return
        here, there = multiprocessing.Pipe(duplex=False)
        with here:
            errand.state = "running"
            process = self._start(errand.work, errand.ask, there)
            there.close()  # so that the end of the process ends the pipe
            try:
                errand.state = self._listen(errand, here)
            finally:
                if process.is_alive():
                    process.terminate()
                process.join()

    def _listen(self, errand: Errand, pipe: Connection) -> State:
        ends = time.monotonic() + self._limit_s
        while not errand.halt.is_set():
            if time.monotonic() > ends:
                return "late"
            try:
                if not pipe.poll(_LOOK_S):
                    continue
                kind, told = pipe.recv()
            except (EOFError, OSError):
                return "broken"
            if kind == "progress":
                errand.done, errand.total = told
            elif kind == "answer":
                errand.answer = told
                return "done"
            else:
                errand.problems = told
                return "wrong"
        return "stopped"


def serve(work: Work, ask: Hashable, pipe: Connection) -> None:
    """In the worker: do the work, tell how far it is, then the answer or what is wrong.

    Problems are told as data, since an exception with them would not survive the way.
    """
    try:
        answer = work(ask, lambda done, total: pipe.send(("progress", (done, total))))
    except UserError as exc:
        pipe.send(("wrong", tuple(exc.problems)))
    else:
        pipe.send(("answer", answer))
    finally:
        pipe.close()


def _alone(work: Work, ask: Hashable, pipe: Connection) -> None:
    """The same in a process of its own, which gives way to the page and ends with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICE)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    serve(work, ask, pipe)


def _process(work: Work, ask: Hashable, pipe: Connection) -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["chainsim.study.replications"])
    process = context.Process(target=_alone, args=(work, ask, pipe), daemon=True)
    process.start()
    return process


errands: Final = Errands(_process)
