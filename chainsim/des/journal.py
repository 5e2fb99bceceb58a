"""What happened during a run: notes of clocks and dates, and what the inner loop logged."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chainsim.balance.state import EVENTS, REACHED_EMPTY, REACHED_FULL, START, STOP, State
from chainsim.balance.tableau import Floats
from chainsim.park.model import Park

_KINDS = {START: "start", STOP: "stop", REACHED_FULL: "full", REACHED_EMPTY: "empty"}


class Journal:
    """Events of one run, in order of time; at one instant outer causes before what they lead to."""

    def __init__(self, park: Park, state: State) -> None:
        self._state = state
        self._notes: list[tuple[float, str, str, float]] = []
        self._logs: list[Floats] = []
        units, buffers = list(park.units), list(park.buffers)
        self._names = {START: units, STOP: units, REACHED_FULL: buffers, REACHED_EMPTY: buffers}

    def note(self, hour: float, component: str, event: str, value: float) -> None:
        """Something that a clock or a date brought about."""
        self._notes.append((hour, component, event, value))

    def collect(self) -> None:
        """Take over what the inner loop logged and make room there."""
        count = int(self._state.tally[EVENTS])
        self._logs.append(self._state.log[:count].copy())
        self._state.tally[EVENTS] = 0

    def columns(self) -> Mapping[str, object]:
        """The event table, column by column."""
        self.collect()
        events = list(self._notes)
        for hour, kind, component, value in np.concatenate(self._logs).tolist():
            events.append((hour, self._names[int(kind)][int(component)], _KINDS[int(kind)], value))
        events.sort(key=lambda e: e[0])
        hours, components, kinds, values = zip(*events, strict=True) if events else ((),) * 4
        return {"time_h": hours, "component": components, "event": kinds, "value": values}
