"""The event engine: flows are constant between events, events come from clocks and crossings.

simpy keeps the time. Every state change marks the park; when all changes of one instant are in,
flows are allocated once (`_settle`, at a later priority of the same instant), and the next buffer
crossing is computed exactly. Nothing is polled and nothing is stepped.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import numpy as np
import simpy
from simpy.events import EventPriority

from chainsim.balance.kernel import Allocation, Kernel
from chainsim.balance.program import Array, compile_park
from chainsim.balance.recording import Interval, Recorder
from chainsim.balance.steady import check_hard, condition_changes, unit_bottlenecks
from chainsim.des.guard import SAME_INSTANT_H, Guard, Snapshot
from chainsim.des.outages import Outages
from chainsim.des.state import BufferState, UnitState
from chainsim.park.model import Park
from chainsim.results import Simulation

SETTLE_PRIORITY = EventPriority(10)
"""After all normal events (simpy: 1) of the same instant."""
RATE_FLOOR = 1e-10
"""Buffer rates below this share of their header's size count as zero."""


def run_des(
    park: Park,
    *,
    seed: int = 1,
    replication: int = 0,
    outages: bool = True,
    solver: Kernel | None = None,
) -> Simulation:
    """Simulate a park over its horizon.

    Args:
        park: the park.
        seed: root of all random streams.
        replication: which replication; k alone equals k of a batch.
        outages: False to leave failures and overhauls out.
        solver: allocator of the same park, to share remembered allocations between replications.

    Raises:
        InfeasibleError: a hard obligation cannot be met, or a goal is unbounded.
        LimitError: the park chatters (CS-E005), or events come without end (CS-E006).
    """
    engine = _Engine(park, seed, replication, outages, solver)
    return engine.run()


class _Engine:
    def __init__(
        self, park: Park, seed: int, replication: int, outages: bool, solver: Kernel | None
    ) -> None:
        self.park = park
        self.seed, self.replication = seed, replication
        self.program = compile_park(park) if solver is None else solver.program
        self.solver = solver or Kernel(self.program)
        self._allocations = 0
        self.recorder = Recorder(park, self.program)
        self.env = simpy.Environment()
        self.units = [UnitState(u) for u in park.units.values()]
        self.buffers = [BufferState(b, b.initial) for b in park.buffers.values()]
        self._by_buffer = {b.buffer.id: b for b in self.buffers}
        column = self.program.column
        self._unit_columns = np.array([column[f"unit:{k}"] for k in park.units], dtype=int)
        self._fill = np.array([column[f"fill:{k}"] for k in park.buffers], dtype=int)
        self._draw = np.array([column[f"draw:{k}"] for k in park.buffers], dtype=int)
        self._owed = np.array([column[f"obligation:{k}"] for k in park.obligations], dtype=int)
        self._month = 1
        self._values: Array | None = None
        self._since = 0.0
        self._pending = False
        self._wake = 0
        self.outages = Outages(self.env, seed, replication, self._changed) if outages else None
        self._interval: Interval | None = None
        self._first: Allocation | None = None
        self._residual = 0.0
        self.guard = Guard()
        self._woken = False
        self._woken_from: Snapshot | None = None

    # -- run ----------------------------------------------------------------------------------

    def run(self) -> Simulation:
        hours = self.park.horizon.hours
        self._schedule_conditions()
        if self.outages is not None:
            for state in self.units:
                self.outages.schedule(state)
        self._mark("start")
        self.env.run(until=hours)
        self._close_interval(hours)
        return self.recorder.simulation(
            engine="des",
            seed=self.seed,
            replication=self.replication,
            residual=self._residual,
            allocations=self._allocations,
            bottlenecks=unit_bottlenecks(self.park, self._first) if self._first else {},
        )

    def _at(self, hour: float, action: Callable[[], None]) -> None:
        event = self.env.timeout(max(hour - self.env.now, 0.0))
        event.callbacks.append(lambda _: action())

    def _mark(self, cause: str) -> None:
        """Ask for one allocation at the end of this instant, for the sake of `cause`."""
        self.guard.change(self.env.now, cause)
        if self._pending:
            return
        self._pending = True
        event = simpy.Event(self.env)
        event._ok = True
        event._value = None
        event.callbacks.append(lambda _: self._settle())
        self.env.schedule(event, priority=SETTLE_PRIORITY)

    # -- outer conditions ---------------------------------------------------------------------

    def _schedule_conditions(self) -> None:
        for hour, month in condition_changes(self.park):
            self._at(hour, functools.partial(self._set_month, month))
        for state in self.units:
            unit = state.unit
            state.alive = unit.start_h <= 0.0 < unit.close_h
            if 0.0 < unit.start_h < self.park.horizon.hours:
                self._at(unit.start_h, functools.partial(self._set_alive, state, True))
            if 0.0 < unit.close_h < self.park.horizon.hours:
                self._at(unit.close_h, functools.partial(self._set_alive, state, False))

    def _set_month(self, month: int) -> None:
        self._month = month
        self._mark("calendar")

    def _set_alive(self, state: UnitState, alive: bool) -> None:
        state.alive = alive
        self._changed(state, "commissioned" if alive else "closed", 0.0)

    def _changed(self, state: UnitState, event: str, value: float) -> None:
        """A unit's state changed: note it and allocate anew."""
        self.recorder.event(self.env.now, state.unit.id, event, value)
        self._mark(f"units.{state.unit.id}")

    # -- allocation ---------------------------------------------------------------------------

    def _settle(self) -> None:
        self._pending = False
        now = self.env.now
        self._close_interval(now)
        self.guard.allocation(now, self._running(), self._ends())
        for buffer in self.buffers:
            buffer.settle()
        upper, floors = self._bounds(now)
        allocation = self.solver.allocate(upper, floors)
        self._allocations += 1
        self._first = self._first or allocation
        values = allocation.values
        check_hard(self.park, self.program, upper, values, now)
        self._residual = max(self._residual, self.program.residual(values))
        self._follow_units(now, values)
        if self._woken_from is not None:
            changed = self._running() != self._woken_from[0]
            self.guard.woke(self._woken_from, changed=changed)
            self._woken_from = None
        self._follow_buffers(values)
        self._values = values
        self._since = now
        self._interval = self._opened(now, values)
        if self.outages is not None:
            self.outages.run_clocks()
        self._plan_wake(now)

    def _bounds(self, now: float) -> tuple[Array, Array]:
        upper = self.program.upper.copy()
        floors = np.zeros(self.program.n)
        for j, state in zip(self._unit_columns, self.units, strict=True):
            self._check_levels(state)
            free = not state.held or state.may_restart(now)
            upper[j] = state.unit.load * state.up_share if free else 0.0
            floors[j] = state.unit.min_load * state.up_share
        for j, obligation in zip(self._owed, self.park.obligations.values(), strict=True):
            upper[j] = obligation.monthly[self._month - 1] / self.program.scale[j]
        for fill, draw, buffer in zip(self._fill, self._draw, self.buffers, strict=True):
            if buffer.full:
                upper[fill] = 0.0
            if buffer.empty:
                upper[draw] = 0.0
            if buffer.buffer.capacity <= 0.0:
                upper[fill] = upper[draw] = 0.0
        if self._woken:
            self._open_ends(upper)
        return upper, floors

    def _open_ends(self, upper: Array) -> None:
        """Let a held unit see that an empty buffer has begun to fill, or a full one to drain."""
        self._woken = False
        for fill, draw, buffer in zip(self._fill, self._draw, self.buffers, strict=True):
            if buffer.buffer.capacity > 0.0:
                if buffer.empty and buffer.rate > 0.0:
                    upper[draw] = self.program.upper[draw]
                if buffer.full and buffer.rate < 0.0:
                    upper[fill] = self.program.upper[fill]

    def _check_levels(self, state: UnitState) -> None:
        for key, waiting in state.waiting.items():
            buffer = self._by_buffer[key]
            target = state.unit.restart_levels[key]
            slack = 1e-9 * max(buffer.buffer.capacity, 1e-9)
            over = buffer.level - target
            if waiting and (over >= -slack if self._takes(state, key) else over <= slack):
                state.waiting[key] = False

    def _takes(self, state: UnitState, buffer: str) -> bool:
        header = self.park.buffers[buffer].header
        return any(
            option.header == header and port.rate < 0
            for port in state.unit.ports
            for option in port.options
        )

    def _follow_units(self, now: float, values: Array) -> None:
        for j, state in zip(self._unit_columns, self.units, strict=True):
            running = bool(values[j] > 0.0)
            able = state.up_share > 0.0
            if state.running and not running and able and not state.unit.follow:
                state.held = True
                state.free_at = now + state.unit.min_down_h
                state.waiting = dict.fromkeys(state.unit.restart_levels, True)
            elif running or not able:
                state.held = False
                state.waiting = {}
                state.free_at = -math.inf
            state.running = running

    def _follow_buffers(self, values: Array) -> None:
        scale = self.program.scale
        for fill, draw, buffer in zip(self._fill, self._draw, self.buffers, strict=True):
            rate = values[fill] * scale[fill] - values[draw] * scale[draw]
            buffer.rate = 0.0 if abs(rate) < RATE_FLOOR * scale[fill] else float(rate)

    def _opened(self, now: float, values: Array) -> Interval:
        return Interval(
            begin=now,
            end=now,
            values=values,
            available=np.array([s.up_share for s in self.units]),
            failed=np.array([s.failed_share for s in self.units]),
            overhaul=np.array([float(s.overhaul and s.alive) for s in self.units]),
            held=np.array([not s.running and s.up_share > 0.0 for s in self.units], dtype=bool),
            requested=np.array(
                [o.monthly[self._month - 1] for o in self.park.obligations.values()]
            ),
            levels=np.array([b.level for b in self.buffers]),
        )

    def _close_interval(self, now: float) -> None:
        if self._interval is None:
            return
        hours = now - self._since
        self._interval.end = now
        self.recorder.add(self._interval)
        if hours > 0.0:
            self._note_changes()
        for buffer in self.buffers:
            level = buffer.level + buffer.rate * hours
            buffer.level = min(max(level, 0.0), buffer.buffer.capacity)
        self._interval = None

    def _note_changes(self) -> None:
        """Starts and stops of the interval just over; what lasted no time is not counted."""
        for index, state in enumerate(self.units):
            if state.running and not state.ran:
                if self._since > 0.0:
                    self.recorder.count_start(index, self._since)
                    self.recorder.event(self._since, state.unit.id, "start")
            elif state.ran and not state.running:
                self.recorder.event(self._since, state.unit.id, "stop", float(state.held))
            state.ran = state.running

    # -- crossings ----------------------------------------------------------------------------

    def _plan_wake(self, now: float) -> None:
        """One timeout for the earliest crossing, restart level or end of a minimum stop."""
        hours = math.inf
        for buffer in self.buffers:
            hours = min(hours, buffer.crossing())
        for state in self.units:
            if not state.held:
                continue
            if state.free_at > now:
                hours = min(hours, state.free_at - now)
            for key, waiting in state.waiting.items():
                if waiting:
                    target = state.unit.restart_levels[key]
                    hours = min(hours, self._by_buffer[key].reaching(target))
        if self._to_be_freed(now):
            snapshot = self._snapshot(now)
            if self.guard.worth_waking(now, snapshot, self._ends()):
                self._woken = True
                self._woken_from = snapshot
                hours = 0.0
        self._wake += 1
        if math.isfinite(hours):
            version = self._wake
            self._at(now + hours, lambda: self._woke(version))

    def _woke(self, version: int) -> None:
        if version == self._wake:
            for buffer in self.buffers:
                left = buffer.crossing() - (self.env.now - self._since)
                if left <= SAME_INSTANT_H * max(1.0, self.env.now * 1e-6):
                    self._arrive(buffer)
            self._mark("buffers")

    def _arrive(self, buffer: BufferState) -> None:
        """The level is at its end: book the interval so that it lands there exactly."""
        end = buffer.buffer.capacity if buffer.rate > 0.0 else 0.0
        hours = self.env.now - self._since
        buffer.level = end - buffer.rate * hours
        self.recorder.event(
            self.env.now, buffer.buffer.id, "full" if buffer.rate > 0.0 else "empty", end
        )

    def _to_be_freed(self, now: float) -> bool:
        """True when a unit stands for want of what a buffer at its end has just begun to give."""
        ends = {
            b.buffer.header: b.rate > 0.0
            for b in self.buffers
            if (b.empty and b.rate > 0.0) or (b.full and b.rate < 0.0)
        }
        if not ends:
            return False
        for state in self.units:
            if not state.running and state.up_share > 0.0 and state.may_restart(now):
                for port in state.unit.ports:
                    for option in port.options:
                        if option.header in ends and (port.rate < 0.0) == ends[option.header]:
                            return True
        return False

    def _running(self) -> frozenset[str]:
        return frozenset(s.unit.id for s in self.units if s.running)

    def _snapshot(self, now: float) -> Snapshot:
        """Which units run, and which may not restart yet."""
        barred = frozenset(s.unit.id for s in self.units if s.held and not s.may_restart(now))
        return self._running(), barred

    def _ends(self) -> list[str]:
        """Headers whose buffer is empty or full."""
        return [b.buffer.header for b in self.buffers if b.empty or b.full]
