"""What happened during a run: notes of clocks and dates, and what the inner loop logged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chainsim.balance.bundle import Floats
from chainsim.balance.hauls import shipping_links
from chainsim.balance.plant import Plant
from chainsim.balance.state import (
    EVENTS,
    POINTS,
    REACHED_EMPTY,
    REACHED_FULL,
    RECORD,
    State,
)

_KINDS = ("start", "stop", "full", "empty")
"""What START, STOP, REACHED_FULL and REACHED_EMPTY are called."""
_BATCHES = ("loaded", "delivered")


class Journal:
    """Events of one run, in order of time; at one instant outer causes before what they lead to."""

    def __init__(self, plant: Plant, state: State) -> None:
        self._plant, self._state = plant, state
        self._notes: list[tuple[float, str, str, float]] = []
        self._logs: list[Floats] = []
        self._points: list[Floats] = []
        self._names = [*plant.park.units, *plant.park.buffers]
        self._buffers_from = len(plant.park.units)

    def note(self, hour: float, component: str, event: str, value: float) -> None:
        """Something that a clock or a date brought about."""
        self._notes.append((hour, component, event, value))

    def collect(self) -> None:
        """Take over what the inner loop logged and make room there."""
        log, points = _logged(self._state)
        self._logs.append(log)
        self._points.append(points)
        self._state.tally[EVENTS] = self._state.tally[POINTS] = 0

    def columns(self, state: State) -> Mapping[str, object]:
        """The event table, column by column, up to what `state` has logged last."""
        logs = np.concatenate([*self._logs, _logged(state)[0]])
        kind, place = logs[:, 1].astype(int), logs[:, 2].astype(int)
        place[(kind == REACHED_FULL) | (kind == REACHED_EMPTY)] += self._buffers_from
        hours = np.concatenate([[note[0] for note in self._notes], logs[:, 0]])
        order = np.argsort(hours, kind="stable")
        values = np.concatenate([[note[3] for note in self._notes], logs[:, 3]])
        return {
            "time_h": hours[order],
            "component": _texts([n[1] for n in self._notes], self._names, place).take(order),
            "event": _texts([n[2] for n in self._notes], _KINDS, kind).take(order),
            "value": values[order],
        }

    def changes(self, state: State) -> Mapping[str, object] | None:
        """The table of changes up to what `state` recorded last; None when it did not record."""
        if state.tally[RECORD] == 0:
            return None
        points = np.concatenate([*self._points, _logged(state)[1]])
        program = self._plant.program
        names = [program.keys[j].split(":", 1) for j in self._plant.kernel.layout.live]
        names += [[what, x.id] for x in shipping_links(self._plant.park) for what in _BATCHES]
        code = points[:, 1].astype(int).tolist()
        return {
            "time_h": points[:, 0],
            "kind": [names[c][0] for c in code],
            "component": [names[c][1] for c in code],
            "value": points[:, 2],
        }

    def write_down(self) -> Mapping[str, Any]:
        """All that was noted, without what is still in the arrays."""
        return {
            "notes": list(self._notes),
            "logs": [x.copy() for x in self._logs],
            "points": [x.copy() for x in self._points],
        }

    def take_up(self, written: Mapping[str, Any]) -> None:
        """Go on from there."""
        self._notes = list(written["notes"])
        self._logs = [x.copy() for x in written["logs"]]
        self._points = [x.copy() for x in written["points"]]


def _texts(
    noted: Sequence[str], names: Sequence[str], places: NDArray[np.int64]
) -> pd.api.extensions.ExtensionArray:
    """Texts that were noted, then those that stand at `places` of `names`."""
    codes: dict[str, int] = {}
    of_names = np.array([codes.setdefault(name, len(codes)) for name in names], dtype=np.int64)
    of_notes = [codes.setdefault(text, len(codes)) for text in noted]
    every = np.concatenate([np.array(of_notes, dtype=np.int64), of_names[places]])
    return pd.array(list(codes), dtype="str").take(every)


def _logged(state: State) -> tuple[Floats, Floats]:
    """Events and changes that stand in the arrays."""
    events, points = int(state.tally[EVENTS]), int(state.tally[POINTS])
    return state.log[:events].copy(), state.points[:points].copy()
