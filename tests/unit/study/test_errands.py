"""Errands: answered once, followed, stopped, refused; what dies or dawdles is told."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Hashable
from multiprocessing.connection import Connection
from typing import Any

import pytest

from chainsim.errors import DataError, Problem
from chainsim.study import errands as module
from chainsim.study.errands import Errand, Errands, Progress, Work, serve

PATIENCE_S = 20.0


class Thread(threading.Thread):
    """Stands for a process; what it does looks at `ended`."""

    ended = False

    def terminate(self) -> None:
        self.ended = True


def start(work: Work, ask: Hashable, pipe: Connection) -> Thread:
    # The pipe is the caller's to close, as its copy is in a process.
    mine = Connection(os.dup(pipe.fileno()), readable=False)

    def run() -> None:
        # A process may die; a thread that does would be told of as a fault of the test.
        with contextlib.suppress(SystemExit, OSError):
            serve(work, ask, mine)

    thread = Thread(target=run, daemon=True)
    thread.start()
    return thread


def until(done: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < ends
        time.sleep(0.01)


def double(ask: int, progress: Progress) -> int:
    progress(1, 2)
    return 2 * ask


def wrong(ask: Any, progress: Progress) -> Any:
    raise DataError(Problem(code="CS-O013", found="x"))


def broken(ask: Any, progress: Progress) -> Any:
    raise SystemExit


GATE = threading.Event()


def slow(ask: Any, progress: Progress) -> Any:
    GATE.wait(PATIENCE_S)
    return ask


@pytest.fixture
def made() -> Errands:
    GATE.clear()
    return Errands(start)


def ended(made: Errands, work: Work, ask: Hashable) -> Errand:
    found = made.ask(work, ask)
    until(lambda: not found.under_way)
    return found


def test_an_answer_is_kept_and_shared(made: Errands) -> None:
    assert made.known(double, 3) is None
    found = ended(made, double, 3)
    assert (found.state, found.answer, found.done, found.total) == ("done", 6, 1, 2)
    assert made.ask(double, 3) is found
    assert made.known(double, 3) is found
    assert made.known(double, 4) is None


def test_a_mistake_comes_back_as_problems(made: Errands) -> None:
    found = ended(made, wrong, 1)
    assert found.state == "wrong"
    assert [p.code for p in found.problems] == ["CS-O013"]


def test_what_dies_is_told_and_may_be_tried_again(made: Errands) -> None:
    first = ended(made, broken, 1)
    assert first.state == "broken"
    assert made.ask(broken, 1) is not first


def test_one_runs_and_the_others_wait(made: Errands) -> None:
    first, second = made.ask(slow, 1), made.ask(slow, 2)
    until(lambda: first.state == "running")
    assert second.state == "waiting"
    made.stop(second)
    until(lambda: second.state == "stopped")
    GATE.set()
    until(lambda: first.state == "done")


def test_a_running_one_is_stopped_and_its_process_ended() -> None:
    GATE.clear()
    begun: list[Thread] = []

    def begin(work: Work, ask: Hashable, pipe: Connection) -> Thread:
        begun.append(start(work, ask, pipe))
        return begun[0]

    made = Errands(begin)
    found = made.ask(slow, 1)
    until(lambda: found.state == "running" and bool(begun))
    made.stop(found)
    until(lambda: begun[0].ended)
    GATE.set()
    until(lambda: found.state == "stopped")
    again = made.ask(slow, 1)
    assert again is not found
    until(lambda: again.state == "done")


def test_what_takes_too_long_is_ended() -> None:
    GATE.clear()
    made = Errands(start, limit_s=0.0)
    found = made.ask(slow, 1)
    threading.Timer(0.5, GATE.set).start()
    until(lambda: not found.under_way)
    assert found.state == "late"


def test_too_many_are_refused_and_old_answers_dropped(
    made: Errands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 2)
    monkeypatch.setattr(module, "CAPACITY", 1)
    first, second = made.ask(slow, 1), made.ask(slow, 2)
    assert made.ask(slow, 3).state == "full"
    GATE.set()
    until(lambda: not (first.under_way or second.under_way))
    ended(made, double, 5)
    assert made.known(slow, 1) is None
    assert made.known(double, 5) is not None
