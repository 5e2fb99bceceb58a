"""A worker takes what somebody waits for first."""

from __future__ import annotations

import threading
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import pytest

from chainsim.study.lanes import Lane


def test_the_first_kind_goes_before_what_waits() -> None:
    lane = Lane(lambda: ThreadPoolExecutor(1))
    gate, begun = threading.Event(), threading.Event()
    order: list[str] = []

    def hold() -> None:
        begun.set()
        gate.wait(10)

    def late(name: str) -> None:
        lane.then(order.append, name)

    def early(name: str) -> None:
        lane.first(order.append, name)

    threads = [threading.Thread(target=lane.then, args=(hold,))]
    threads[0].start()
    assert begun.wait(10)
    for target, name in ((late, "b"), (early, "a"), (early, "a")):
        threads.append(threading.Thread(target=target, args=(name,)))
        threads[-1].start()
    while lane.asked < 4:
        threading.Event().wait(0.001)
    gate.set()
    for thread in threads:
        thread.join(10)
    assert order == ["a", "a", "b"]
    assert lane.asked == 0


class Broken(Executor):
    """A pool whose worker died."""

    def submit(self, task: Any, /, *arguments: Any, **_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(BrokenProcessPool())
        return future


def test_a_worker_that_broke_is_made_anew() -> None:
    made: list[Executor] = []

    def make() -> Executor:
        made.append(Broken() if not made else ThreadPoolExecutor(1))
        return made[-1]

    lane = Lane(make)
    with pytest.raises(BrokenProcessPool):
        lane.first(len, "a")
    assert lane.asked == 0
    assert (lane.first(len, "ab"), lane.then(len, "abc")) == (2, 3)
    assert len(made) == 2
