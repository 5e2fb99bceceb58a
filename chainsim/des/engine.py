"""The event engine: flows are constant between events, events come from clocks and crossings.

simpy keeps the time of what clocks and dates decide. Between two of its events `balance.motion`
lets happen what happens by itself: crossings of buffers, ends of waits, shipments. When all changes
of one instant are in, flows are allocated once. Nothing is polled and nothing is stepped.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable

from chainsim.balance.booking import book
from chainsim.balance.hauling import CROWDED, RUSH
from chainsim.balance.hauls import shipping_links
from chainsim.balance.instant import prepare
from chainsim.balance.kernel import Allocation
from chainsim.balance.motion import advance, count_outer
from chainsim.balance.plant import Plant
from chainsim.balance.sequel import follow
from chainsim.balance.state import (
    ALLOCATIONS,
    CHATTER,
    CLOCKS_TURN,
    CULPRIT,
    DEMAND,
    DRAWS_SPENT,
    ENDLESS,
    FLOOR_NOW,
    INSTANT_LIMIT,
    LOG_FULL,
    LOW_DRAWS,
    NOW,
    OWED_SCALE,
    SHORT,
    TOO_MANY,
    UPPER_NOW,
    VALUE,
    WATCHED_LEVEL,
)
from chainsim.balance.steady import shortfall
from chainsim.balance.tableau import OK
from chainsim.des.agenda import Agenda, Timeline
from chainsim.des.conditions import Conditions
from chainsim.des.desk import Desk, Process
from chainsim.des.guard import chatter, crowded, endless, too_long, too_many
from chainsim.des.journal import Journal
from chainsim.des.outages import Outages
from chainsim.des.state import UnitState
from chainsim.des.supplies import Supplies
from chainsim.errors import InfeasibleError, UserError
from chainsim.park.model import Limits, Park
from chainsim.results import Simulation

_PILOT_H = 8760.0
_PILOT_EVENTS = 200_000
_LOOK_AT_WATCH_H = 24.0
"""Simulated hours between two looks at the watch, where real time is limited."""
_STEPS_AT_INSTANT = 100_000


def run_des(
    park: Park,
    *,
    seed: int = 1,
    replication: int = 0,
    outages: bool = True,
    plant: Plant | None = None,
    processes: Iterable[Process] = (),
    log: bool = False,
) -> Simulation:
    """Simulate a park over its horizon.

    Args:
        park: the park.
        seed: root of all random streams.
        replication: which replication; k alone equals k of a batch.
        outages: False to leave failures and overhauls out.
        plant: the same park made ready, to be shared between replications.
        processes: processes of the user, see `desk`.
        log: record every change of a rate.

    Raises:
        InfeasibleError: a hard obligation cannot be met, or a goal is unbounded.
        ScenarioError: a process yields what cannot be waited for (CS-E014, CS-E015).
        LimitError: the park chatters (CS-E005), events come without end (CS-E006, CS-E008), or a
            limit of the scenario is reached (CS-E012).
    """
    run = Run(
        plant or Plant(park),
        seed=seed,
        replication=replication,
        outages=outages,
        processes=processes,
        log=log,
    )
    run.to(park.horizon.hours)
    return run.simulation()


def _tune(plant: Plant) -> None:
    """Let a first year without outages show in which state the park usually is."""
    pilot = Run(plant, seed=0, outages=False, limits=Limits(events=_PILOT_EVENTS))
    try:
        pilot.to(min(plant.park.horizon.hours, _PILOT_H))
    except UserError:
        plant.tuned = True  # as it is; the run itself will say what is wrong
        return
    plant.tune(pilot.state.column[UPPER_NOW])


class Run:
    """One run of a park, up to where it was told to go."""

    def __init__(
        self,
        plant: Plant,
        *,
        seed: int = 1,
        replication: int = 0,
        outages: bool = True,
        processes: Iterable[Process] = (),
        log: bool = False,
        limits: Limits | None = None,
    ) -> None:
        """A run at hour 0; arguments as for `run_des`, limits those of the park unless given."""
        if limits is None and not plant.tuned:
            _tune(plant)
        self.plant, self.park = plant, plant.park
        self.key = seed, replication
        self.limits = self.park.limits if limits is None else limits
        self.state = plant.state(record=log)
        if self.limits.events is not None:
            self.state.tally[INSTANT_LIMIT] = self.limits.events
        self.env = Timeline()
        self.agenda = Agenda(self.env)
        self.units = [UnitState(u, i, self.state) for i, u in enumerate(self.park.units.values())]
        self._stand_by()
        self.journal = Journal(plant, self.state)
        self.conditions = Conditions(
            self.park,
            plant.kernel,
            self.state,
            self.units,
            self.agenda,
            self._comes_or_goes,
            self._note_and_mark,
        )
        self.outages: Outages | None = None
        if outages:
            crews = self.park.crews
            self.outages = Outages(self.agenda, self.units, crews, self.key, self._changed)
        self.supplies = Supplies(self.park, self.state.haul, self.key)
        by_id = {state.unit.id: state for state in self.units}
        self.desk = Desk(
            self.park,
            self.env,
            self.state,
            by_id,
            self.conditions,
            self._changed,
            self._note_and_mark,
        )
        self.processes = tuple(processes)
        self._running = plant.running(self.state)
        self.first: Allocation | None = None
        self.hour = 0.0
        self._pending = False
        self._began = time.monotonic()

    def _stand_by(self) -> None:
        by_id = {state.unit.id: state for state in self.units}
        for state in self.units:
            state.replaces = [by_id[key] for key in state.unit.standby_for]
            for other in state.replaces:
                other.replaced_by.append(state)

    # -- going on -----------------------------------------------------------------------------

    def to(self, end: float) -> None:
        """Let everything happen that happens before `end`.

        Raises:
            InfeasibleError, LimitError: as for `run_des`.
        """
        if self.first is None:
            self._begin()
        state = self.state
        while True:
            self._settle()
            hour = self.hour if self._pending else math.nan
            self._pending = False
            until = min(self.env.peek(), end)
            if self.limits.wall_s is not None:
                until = min(until, self.hour + _LOOK_AT_WATCH_H)
                self._look_at_watch()
            status = advance(self._running, hour, until)
            if status != OK:
                self._act(status)
                self.hour = float(state.clock[NOW])
            elif until < end:
                self.hour = until
            else:
                self.hour = end
                return

    def _begin(self) -> None:
        """Hour 0, by a call that also tells what limits each goal."""
        self.conditions.start()
        if self.outages is not None:
            self.outages.start()
        for process in self.processes:
            self.desk.begin(process)
        self._settle()
        self._pending = False
        status = prepare(self.state, 0.0)
        assert status == OK
        self.first = self._allocate_apart(0.0)

    def _settle(self) -> None:
        """All outer causes of this instant."""
        steps = 0
        while True:
            while self.env.peek() <= self.hour:
                self.env.step()
                steps += 1
                if steps > _STEPS_AT_INSTANT:
                    raise endless(self.state, "processes", self.hour, steps)
            if self.outages is None or not self.outages.settle():
                break

    def _look_at_watch(self) -> None:
        wall = self.limits.wall_s
        if wall is not None and time.monotonic() - self._began > wall:
            raise too_long(wall, self.hour)

    def _act(self, status: int) -> None:
        """What `advance` cannot do by itself.

        Raises:
            LimitError, InfeasibleError: as for `run_des`.
        """
        state, now = self.state, float(self.state.clock[NOW])
        self.env.pass_to(now)
        if status == CLOCKS_TURN:
            if self.outages is not None:
                self.outages.run_all_clocks()
        elif status == LOG_FULL:
            self.journal.collect()
        elif status == DRAWS_SPENT:
            self.supplies.refill()
            state.tally[LOW_DRAWS] = 0
        elif status == WATCHED_LEVEL:
            self.desk.wake()
        elif status == CHATTER:
            raise chatter(state, self.park)
        elif status == ENDLESS:
            raise endless(state, "buffers", now)
        elif status in (CROWDED, RUSH):
            link = shipping_links(self.park)[int(state.tally[CULPRIT])].id
            raise crowded(link, now)
        elif status == TOO_MANY:
            raise too_many(int(state.tally[INSTANT_LIMIT]), now)
        elif status == SHORT:
            raise self._short(now)
        else:
            self._allocate_apart(now)

    def _allocate_apart(self, now: float) -> Allocation:
        """Allocate under the bounds that stand in the arrays, with all the help the kernel has."""
        column, kernel = self.state.column, self.plant.kernel
        allocation = self.plant.allocate(column[UPPER_NOW], column[FLOOR_NOW])
        column[VALUE] = allocation.values[kernel.layout.live]
        self._running = self.plant.running(self.state)  # the kernel may have built itself anew
        status = follow(self.state, now)
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

    # -- what others tell ---------------------------------------------------------------------

    def _mark(self, cause: str) -> None:
        """Ask for one allocation at the end of this instant, for the sake of `cause`."""
        self._pending = True
        now = self.agenda.now
        status = count_outer(self.state, now)
        if status == ENDLESS:
            raise endless(self.state, cause, now)
        if status != OK:
            raise too_many(int(self.state.tally[INSTANT_LIMIT]), now)

    def _note_and_mark(self, component: str, event: str, value: float) -> None:
        if event:
            self.journal.note(self.agenda.now, component, event, value)
        self._mark(component)

    def _changed(self, state: UnitState, event: str, value: float) -> None:
        """A unit's state changed: note it and allocate anew."""
        state.tell()
        self.journal.note(self.agenda.now, state.unit.id, event, value)
        self._mark(f"units.{state.unit.id}")

    def _comes_or_goes(self, state: UnitState, event: str, value: float) -> None:
        """A unit begins or ends; its failure clocks run in between."""
        self._changed(state, event, value)
        if self.outages is not None:
            self.outages.run_clocks(state)

    # -- results ------------------------------------------------------------------------------

    def simulation(self) -> Simulation:
        """What happened up to here, as tables; the run can go on afterwards."""
        state = self.state.copied()
        book(state, self.hour)
        events, changes = self.journal.columns(state), self.journal.changes(state)
        seed, replication = self.key
        return self.plant.simulation(
            state,
            engine="des",
            seed=seed,
            replication=replication,
            allocations=int(state.tally[ALLOCATIONS]),
            events=events,
            changes=changes,
            first=self.first,
        )
