"""What the calendar decides: demand by month, start-ups, closures, limits, measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chainsim.balance.conditions import condition_changes, market_limits, measured_share
from chainsim.balance.kernel import Kernel
from chainsim.balance.state import DEMAND, MOST_NOW, NEW_LIMITS, State
from chainsim.des.agenda import Agenda
from chainsim.des.state import UnitState
from chainsim.park.model import Park

Note = Callable[[str, str, float], None]
"""Called with a component, what happened to it (empty: nothing to note) and a figure."""


class Conditions:
    """Applies outer conditions to the arrays of a run whenever they change."""

    def __init__(
        self,
        park: Park,
        kernel: Kernel,
        state: State,
        units: Sequence[UnitState],
        agenda: Agenda,
        changed: Callable[[UnitState, str, float], None],
        note: Note,
    ) -> None:
        self._park, self._state, self._units = park, state, units
        self._agenda, self._changed, self._note = agenda, changed, note
        self._changes = condition_changes(park)
        self.limits: dict[str, float] = {}
        """What processes of the user leave of a purchase or sale, by column."""
        self.shares: dict[str, float] = {}
        """What they leave of a unit's nameplate, by unit."""
        program = kernel.program
        place = {int(j): c for c, j in enumerate(kernel.layout.live)}
        self._markets = {
            key: (place[j], float(program.scale[j]))
            for key, j in program.column.items()
            if key.startswith(("buy:", "sell:", "cap:")) and j in place
        }
        self._active: frozenset[str] = frozenset()
        agenda.know("conditions", self._apply)

    def start(self) -> None:
        """Apply those of hour 0 and put the others on the agenda."""
        for state in self._units:
            state.alive = state.unit.start_h <= 0.0 < state.unit.close_h
            state.tell()
        for number, (hour, _) in enumerate(self._changes):
            self._agenda.at(hour, "conditions", number)

    def _apply(self, number: int) -> None:
        hour, month = self._changes[number]
        owed = self._park.obligations.values()
        self._state.owed[DEMAND] = [o.monthly[month - 1] for o in owed]
        for state in self._units:
            alive = state.unit.start_h <= hour < state.unit.close_h
            if alive != state.alive:
                state.alive = alive
                self._changed(state, "commissioned" if alive else "closed", 0.0)
        active = frozenset(m.id for m in self._park.measures if m.holds(hour))
        for key in sorted(self._active - active):
            self._note(f"measures.{key}", "measure_ends", 0.0)
        for key in sorted(active - self._active):
            self._note(f"measures.{key}", "measure_begins", 0.0)
        self._active = active
        self.limit(hour)
        self._note("calendar", "", 0.0)

    def write_down(self) -> dict[str, list[str]]:
        """The measures in force."""
        return {"active": sorted(self._active)}

    def take_up(self, written: Mapping[str, list[str]]) -> None:
        """Go on from there."""
        self._active = frozenset(written["active"])

    def limit(self, hour: float) -> None:
        """Write the limits of markets and units at `hour` into the arrays."""
        for key, limit in market_limits(self._park, hour).items():
            if key in self._markets:
                column, scale = self._markets[key]
                most = min(limit, self.limits.get(key, limit))
                self._state.column[MOST_NOW, column] = most / scale
                self._state.tally[NEW_LIMITS] = 1
        for state in self._units:
            share = measured_share(self._park, state.unit.id, hour)
            state.limit(min(share, self.shares.get(state.unit.id, share)))
