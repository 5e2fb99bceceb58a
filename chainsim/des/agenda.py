"""The dates of a run: what is to happen when, as plain data on a simpy environment.

An entry is (hour, name of an action, whole numbers that it is called with). Nothing else waits in
a run, so that a run can be written down at any instant and taken up again.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Final

import simpy
from simpy.events import NORMAL

Action = Callable[..., None]
Entry = tuple[float, str, tuple[int, ...]]


class Timeline(simpy.Environment):
    """An environment on which events can be put at an hour itself, not only after a delay.

    Adding a delay to the time now and back would move events by a rounding error.
    """

    def event_at(self, hour: float) -> simpy.Event:
        """An event that happens at `hour`, or now when that is past."""
        event = simpy.Event(self)
        event._ok, event._value = True, None
        heapq.heappush(self._queue, (max(hour, self.now), NORMAL, next(self._eid), event))
        return event

    def pass_to(self, hour: float) -> None:
        """Let the time go on to `hour`, before which nothing happens."""
        self._now = max(hour, self.now)


class Agenda:
    """Calls actions by name at their hours; at one hour in the order in which they were put."""

    def __init__(self, env: Timeline) -> None:
        self.env: Final = env
        self._actions: dict[str, Action] = {}
        self._pending: dict[int, Entry] = {}
        self._next = 0

    @property
    def now(self) -> float:
        """Hours from the start."""
        return float(self.env.now)

    def know(self, name: str, action: Action) -> None:
        """Tell what `name` stands for."""
        self._actions[name] = action

    def at(self, hour: float, name: str, *numbers: int) -> None:
        """Put an entry down."""
        key = self._next
        self._next += 1
        self._pending[key] = (hour, name, numbers)
        self.env.event_at(hour).callbacks.append(lambda _: self._call(key))

    def after(self, hours: float, name: str, *numbers: int) -> None:
        """Put an entry down for so many hours from now."""
        self.at(self.now + hours, name, *numbers)

    def _call(self, key: int) -> None:
        _, name, numbers = self._pending.pop(key)
        self._actions[name](*numbers)

    def entries(self) -> list[Entry]:
        """What is still to happen, in the order in which it was put down."""
        return [self._pending[key] for key in sorted(self._pending)]
