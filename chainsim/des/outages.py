"""Failures, repairs and overhauls: what takes trains of units down and brings them back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from chainsim.des.agenda import Agenda
from chainsim.des.clocks import Clock, Draws
from chainsim.des.crews import Crews, Job
from chainsim.des.state import UnitState
from chainsim.library.model import Failure, Overhaul

Tell = Callable[[UnitState, str, float], None]
"""Called after a change of state with the unit, what happened, and the train concerned."""


@dataclass(frozen=True, slots=True)
class _Mode:
    """One failure mode of one train; `clock` counts down to its next failure."""

    state: UnitState
    mode: Failure
    train: int
    draws: Draws
    clock: Clock


@dataclass(slots=True)
class _Plan:
    """The overhauls of one unit."""

    state: UnitState
    clock: Clock | None
    """Counts hours run to the next stop; None where stops have dates or a calendar interval."""
    never_with: tuple[int, ...] = ()
    """Plans whose stops may not fall together with these."""


class Outages:
    """Runs the failure clocks and overhaul plans of all units on one agenda."""

    def __init__(
        self,
        agenda: Agenda,
        units: Sequence[UnitState],
        crews: Mapping[str, int],
        key: tuple[int, int],
        tell: Tell,
    ) -> None:
        """Outages of `units`; `key` is the seed and the replication."""
        self._agenda = agenda
        self._tell = tell
        self.crews = Crews(crews)
        self.clocks: list[Clock] = []
        self.modes: list[_Mode] = []
        self.plans: list[_Plan] = []
        self.due: list[tuple[float, int]] = []
        """Stops that are due: (planned hour, plan); begun at the end of the instant."""
        self._of: dict[int, list[_Mode]] = {state.index: [] for state in units}
        self._plan_of: dict[int, int] = {}
        for state in units:
            self._add(state, key)
        self._keep_apart()
        agenda.know("ring", self._ring)
        agenda.know("repaired", self._repaired)
        agenda.know("overhaul", self._overhaul_due)
        agenda.know("overhaul_ends", self._end_overhaul)

    def _add(self, state: UnitState, key: tuple[int, int]) -> None:
        unit = state.unit
        for mode in unit.failures:
            for train in range(unit.trains):
                draws = Draws(*key, f"{unit.id}.{train}.{mode.mode}")
                found = _Mode(state, mode, train, draws, self._clock(len(self.modes)))
                self.modes.append(found)
                self._of[state.index].append(found)
        if unit.overhaul is not None:
            by_hours_run = unit.overhaul.clock == "operating"
            clock = self._clock(-1 - len(self.plans)) if by_hours_run else None
            self._plan_of[state.index] = len(self.plans)
            self.plans.append(_Plan(state, clock))

    def _clock(self, number: int) -> Clock:
        """A clock; numbers below 0 are those of plans."""
        clock = Clock(self._agenda, number)
        self.clocks.append(clock)
        return clock

    def _keep_apart(self) -> None:
        """What one plan says of another holds for both."""
        at = {plan.state.unit.id: i for i, plan in enumerate(self.plans)}
        pairs = {
            (i, at[name])
            for i, plan in enumerate(self.plans)
            for name in (plan.state.unit.overhaul.not_with if plan.state.unit.overhaul else ())
            if name in at
        }
        both = pairs | {(b, a) for a, b in pairs}
        for i, plan in enumerate(self.plans):
            plan.never_with = tuple(sorted(b for a, b in both if a == i))

    def start(self) -> None:
        """Set all clocks and dates, at hour 0."""
        for mode in self.modes:
            mode.clock.set(mode.draws.duration(mode.mode.uptime))
        for number, plan in enumerate(self.plans):
            stops = plan.state.unit.overhaul
            assert stops is not None
            if plan.clock is not None:
                plan.clock.set(stops.first_h)
            elif stops.starts_h:
                for hour in stops.starts_h:
                    if hour + stops.duration_h > 0.0:
                        self._agenda.at(max(hour, 0.0), "overhaul", number)
            else:
                self._agenda.at(stops.first_h, "overhaul", number)
        self.run_all_clocks()

    # -- clocks -------------------------------------------------------------------------------

    def run_all_clocks(self) -> None:
        """Let clocks run or stand as the state of their units says."""
        for mode in self.modes:
            _run(mode)
        for plan in self.plans:
            _run_plan(plan)

    def run_clocks(self, state: UnitState) -> None:
        """The same for one unit."""
        for mode in self._of[state.index]:
            _run(mode)
        if state.index in self._plan_of:
            _run_plan(self.plans[self._plan_of[state.index]])

    def _ring(self, number: int, version: int) -> None:
        if number < 0:
            clock = self.plans[-1 - number].clock
            if clock is not None and clock.rings(version):
                self._overhaul_due(-1 - number)
        elif self.modes[number].clock.rings(version):
            self._fail(number)

    # -- failures -----------------------------------------------------------------------------

    def _fail(self, number: int) -> None:
        failed = self.modes[number]
        mode, state = failed.mode, failed.state
        state.down[failed.train] += 1
        hours = failed.draws.duration(mode.repair)
        if mode.crew:
            self.crews.ask(mode.crew, Job(mode.priority, self._agenda.now, number, hours))
        else:
            self._agenda.after(hours, "repaired", number)
        self._tell(state, f"failure:{mode.mode}", failed.train)
        self.run_clocks(state)

    def _repaired(self, number: int) -> None:
        mended = self.modes[number]
        mode, state = mended.mode, mended.state
        state.down[mended.train] -= 1
        if mode.crew:
            self.crews.give_back(mode.crew)
        mended.clock.set(mended.draws.duration(mode.uptime))
        self._tell(state, f"repaired:{mode.mode}", mended.train)
        self.run_clocks(state)

    # -- overhauls ----------------------------------------------------------------------------

    def _overhaul_due(self, number: int) -> None:
        plan = self.plans[number]
        self.due.append((self._agenda.now, number))
        stops = plan.state.unit.overhaul
        if stops is not None and plan.clock is None and not stops.starts_h:
            self._agenda.after(stops.interval_h, "overhaul", number)

    def settle(self) -> bool:
        """At the end of an instant: begin the repairs and overhauls that can; True when any."""
        begun = False
        for job in self.crews.assigned():
            mode = self.modes[job.mode]
            self._agenda.after(job.hours, "repaired", job.mode)
            self._tell(mode.state, f"repair:{mode.mode.mode}", mode.train)
            begun = True
        for hour, number in sorted(self.due):
            plan = self.plans[number]
            others = (self.plans[k].state for k in plan.never_with)
            if plan.state.overhaul or any(other.overhaul for other in others):
                continue
            self.due.remove((hour, number))
            self._begin_overhaul(number)
            begun = True
        return begun

    def _begin_overhaul(self, number: int) -> None:
        state = self.plans[number].state
        assert state.unit.overhaul is not None
        state.overhaul = True
        length = _length(state.unit.overhaul, self._agenda.now)
        self._agenda.after(length, "overhaul_ends", number)
        self._tell(state, "overhaul_begins", 0.0)
        self.run_clocks(state)

    def _end_overhaul(self, number: int) -> None:
        plan = self.plans[number]
        plan.state.overhaul = False
        if plan.clock is not None and plan.state.unit.overhaul is not None:
            plan.clock.set(plan.state.unit.overhaul.interval_h)
        self._tell(plan.state, "overhaul_ends", 0.0)
        self.run_clocks(plan.state)


def _length(stops: Overhaul, now: float) -> float:
    """Hours of a stop that begins now; of one that is on at hour 0, what is left of it."""
    left = [h + stops.duration_h for h in stops.starts_h if h < 0.0 < h + stops.duration_h]
    return left[0] if left and now == 0.0 else stops.duration_h


def _run(mode: _Mode) -> None:
    state = mode.state
    able = state.alive and not state.overhaul and state.used[mode.train]
    if mode.mode.clock == "operating":
        able = able and state.running and not state.down[mode.train]
    mode.clock.run(able)


def _run_plan(plan: _Plan) -> None:
    if plan.clock is not None:
        plan.clock.run(plan.state.running and not plan.state.overhaul)
