"""The event engine: flows are constant between events, events come from clocks and crossings.

simpy keeps the time of what clocks and dates decide. Between two of its events `balance.motion`
lets happen what happens by itself: crossings of buffers, ends of waits. When all changes of one
instant are in, flows are allocated once. Nothing is polled and nothing is stepped.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import simpy

from chainsim.balance.booking import book
from chainsim.balance.handles import advance_by, count_change_by
from chainsim.balance.kernel import Allocation
from chainsim.balance.motion import (
    CHATTER,
    CLOCKS_TURN,
    ENDLESS,
    LOG_FULL,
    SHORT,
    follow,
    prepare,
)
from chainsim.balance.plant import Plant
from chainsim.balance.state import (
    ALLOCATIONS,
    CULPRIT,
    DEMAND,
    FLOOR_NOW,
    OWED_SCALE,
    SINCE,
    UPPER_NOW,
    VALUE,
    WAKE,
    full_columns,
)
from chainsim.balance.steady import condition_changes, shortfall
from chainsim.balance.tableau import OK
from chainsim.des.guard import chatter, endless
from chainsim.des.journal import Journal
from chainsim.des.outages import Outages
from chainsim.des.state import UnitState
from chainsim.errors import InfeasibleError, UserError
from chainsim.park.model import Park
from chainsim.results import Simulation

_PILOT_H = 8760.0


def run_des(
    park: Park,
    *,
    seed: int = 1,
    replication: int = 0,
    outages: bool = True,
    plant: Plant | None = None,
) -> Simulation:
    """Simulate a park over its horizon.

    Args:
        park: the park.
        seed: root of all random streams.
        replication: which replication; k alone equals k of a batch.
        outages: False to leave failures and overhauls out.
        plant: the same park made ready, to be shared between replications.

    Raises:
        InfeasibleError: a hard obligation cannot be met, or a goal is unbounded.
        LimitError: the park chatters (CS-E005), or events come without end (CS-E006).
    """
    plant = plant or Plant(park)
    if not plant.tuned:
        _tune(plant)
    engine = _Engine(plant, seed, replication, outages)
    first = engine.run(park.horizon.hours)
    return plant.simulation(
        engine.state,
        engine="des",
        seed=seed,
        replication=replication,
        allocations=int(engine.state.tally[ALLOCATIONS]),
        events=engine.journal.columns(),
        first=first,
    )


def _tune(plant: Plant) -> None:
    """Let a first year without outages show in which state the park usually is."""
    pilot = _Engine(plant, 0, 0, False)
    try:
        pilot.run(min(plant.park.horizon.hours, _PILOT_H))
    except UserError:
        plant.tuned = True  # as it is; the run itself will say what is wrong
        return
    plant.tune(pilot.state.column[UPPER_NOW])


class _Engine:
    def __init__(self, plant: Plant, seed: int, replication: int, outages: bool) -> None:
        self.plant, self.park = plant, plant.park
        self.state = plant.state()
        self.env = simpy.Environment()
        self.units = [UnitState(u, i, self.state) for i, u in enumerate(self.park.units.values())]
        self.outages = Outages(self.env, seed, replication, self._changed) if outages else None
        self.journal = Journal(self.park, self.state)
        self._pending = False
        self._handle = plant.handle(self.state)

    def run(self, end: float) -> Allocation:
        """Everything from hour 0 to `end`; the first allocation."""
        env, state = self.env, self.state
        self._schedule_conditions()
        if self.outages is not None:
            for unit in self.units:
                self.outages.schedule(unit)
        while env.peek() <= 0.0:
            env.step()
        first = self._first_allocation()
        hour = 0.0
        while True:
            while env.peek() <= hour:
                env.step()
            pending = self._pending or state.clock[WAKE] <= hour
            self._pending = False
            until = min(env.peek(), end)
            status = advance_by(self._handle, hour if pending else math.nan, until)
            if status != OK:
                self._act(status)
                hour = float(state.clock[SINCE])
            elif until < end:
                hour = until
            else:
                break
        book(state, end)
        return first

    def _first_allocation(self) -> Allocation:
        """Hour 0, by a call that also tells what limits each goal."""
        self._pending = False
        status = prepare(self.state, 0.0)
        assert status == OK
        return self._allocate_apart()

    def _act(self, status: int) -> None:
        """What `advance` cannot do by itself.

        Raises:
            LimitError, InfeasibleError: as for `run_des`.
        """
        now = float(self.state.clock[SINCE])
        if status == CLOCKS_TURN:
            if now > self.env.now:
                self.env.run(until=now)
            if self.outages is not None:
                self.outages.run_clocks()
        elif status == LOG_FULL:
            self.journal.collect()
        elif status == CHATTER:
            raise chatter(self.state, self.park)
        elif status == ENDLESS:
            raise endless(self.state, "buffers", now)
        elif status == SHORT:
            raise self._short(now)
        else:
            self._allocate_apart()

    def _allocate_apart(self) -> Allocation:
        """Allocate under the bounds that stand in the arrays, with all the help the kernel has."""
        column, kernel = self.state.column, self.plant.kernel
        allocation = kernel.allocate(
            full_columns(self.plant.program, kernel, column[UPPER_NOW]),
            full_columns(self.plant.program, kernel, column[FLOOR_NOW]),
        )
        column[VALUE] = allocation.values[kernel.layout.live]
        self._handle = self.plant.handle(self.state)  # the kernel may have built itself anew
        status = follow(self.state, float(self.state.clock[SINCE]))
        if status != OK:
            self._act(status)
        return allocation

    def _short(self, hour: float) -> InfeasibleError:
        place = int(self.state.tally[CULPRIT])
        obligation = list(self.park.obligations.values())[place]
        column = self.state.owed_column[place]
        got = 0.0
        if column >= 0:
            got = float(self.state.column[VALUE, column] * self.state.owed[OWED_SCALE, place])
        return shortfall(obligation, float(self.state.owed[DEMAND, place]), got, hour)

    # -- outer conditions ---------------------------------------------------------------------

    def _at(self, hour: float, action: Callable[[], None]) -> None:
        event = self.env.timeout(max(hour - self.env.now, 0.0))
        event.callbacks.append(lambda _: action())

    def _mark(self, cause: str) -> None:
        """Ask for one allocation at the end of this instant, for the sake of `cause`."""
        self._pending = True
        if count_change_by(self._handle, self.env.now) != OK:
            raise endless(self.state, cause, self.env.now)

    def _schedule_conditions(self) -> None:
        for hour, month in condition_changes(self.park):
            self._at(hour, functools.partial(self._set_month, month))
        for state in self.units:
            unit = state.unit
            state.alive = unit.start_h <= 0.0 < unit.close_h
            state.tell()
            if 0.0 < unit.start_h < self.park.horizon.hours:
                self._at(unit.start_h, functools.partial(self._set_alive, state, True))
            if 0.0 < unit.close_h < self.park.horizon.hours:
                self._at(unit.close_h, functools.partial(self._set_alive, state, False))

    def _set_month(self, month: int) -> None:
        self.state.owed[DEMAND] = [o.monthly[month - 1] for o in self.park.obligations.values()]
        self._mark("calendar")

    def _set_alive(self, state: UnitState, alive: bool) -> None:
        state.alive = alive
        self._changed(state, "commissioned" if alive else "closed", 0.0)

    def _changed(self, state: UnitState, event: str, value: float) -> None:
        """A unit's state changed: note it and allocate anew."""
        state.tell()
        self.journal.note(self.env.now, state.unit.id, event, value)
        self._mark(f"units.{state.unit.id}")
