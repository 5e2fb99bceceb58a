"""Failures, repairs and overhauls: what takes trains of units down and brings them back."""

from __future__ import annotations

import functools
from collections.abc import Callable

import simpy

from chainsim.des.clocks import Clock, Draws
from chainsim.des.state import UnitState
from chainsim.library.model import Failure

Tell = Callable[[UnitState, str, float], None]
"""Called after a change of state with the unit, what happened, and the train concerned."""


class Outages:
    """Runs the failure clocks and overhaul plans of all units on one environment."""

    def __init__(self, env: simpy.Environment, seed: int, replication: int, tell: Tell) -> None:
        self._env = env
        self._seed = seed
        self._replication = replication
        self._tell = tell
        self._clocks: list[tuple[UnitState, Clock, str]] = []

    def schedule(self, state: UnitState) -> None:
        """Start the clocks of one unit."""
        unit = state.unit
        for mode in unit.failures:
            for train in range(unit.trains):
                self._start_failures(state, mode, train)
        if unit.overhaul is not None:
            self._after(unit.overhaul.first_h, functools.partial(self._begin_overhaul, state))

    def run_clocks(self, of: UnitState | None = None) -> None:
        """Let clocks run or stand as the state of their unit says; of one unit, or of all."""
        for state, clock, kind in self._clocks:
            if of is None or state is of:
                clock.run(not state.overhaul and (kind == "calendar" or state.running))

    def _after(self, hours: float, action: Callable[[], None]) -> None:
        event = self._env.timeout(hours)
        event.callbacks.append(lambda _: action())

    def _start_failures(self, state: UnitState, mode: Failure, train: int) -> None:
        draws = Draws(self._seed, self._replication, f"{state.unit.id}.{train}.{mode.mode}")

        def fail() -> None:
            state.down[train] += 1
            self._after(draws.duration(mode.repair), repaired)
            self._tell(state, f"failure:{mode.mode}", train)

        def repaired() -> None:
            state.down[train] -= 1
            clock.set(draws.duration(mode.uptime))
            self._tell(state, f"repaired:{mode.mode}", train)

        clock = Clock(self._env, fail)
        clock.set(draws.duration(mode.uptime))
        self._clocks.append((state, clock, mode.clock))
        if mode.clock == "calendar":
            clock.run(True)

    def _begin_overhaul(self, state: UnitState) -> None:
        plan = state.unit.overhaul
        assert plan is not None
        state.overhaul = True
        self.run_clocks(state)
        self._after(plan.duration_h, functools.partial(self._end_overhaul, state))
        self._after(plan.interval_h, functools.partial(self._begin_overhaul, state))
        self._tell(state, "overhaul_begins", 0.0)

    def _end_overhaul(self, state: UnitState) -> None:
        state.overhaul = False
        self.run_clocks(state)
        self._tell(state, "overhaul_ends", 0.0)
