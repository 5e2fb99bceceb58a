"""A park made ready to run: program, kernel and tables, shared by all its runs."""

from __future__ import annotations

from collections.abc import Mapping

from chainsim.balance.kernel import Allocation, Kernel
from chainsim.balance.memo import empty_memo
from chainsim.balance.motion import Running
from chainsim.balance.program import Array, compile_park
from chainsim.balance.state import RESIDUAL, State, full_columns, new_state
from chainsim.balance.tables import Tables
from chainsim.park.model import Park
from chainsim.results import CHANGE_COLUMNS, EVENT_COLUMNS, Simulation, frame


class Plant:
    """Everything about a park that does not change while it runs."""

    def __init__(self, park: Park) -> None:
        """Compile a park.

        Raises:
            StructureError: a loop of the park creates matter or energy (CS-S019).
        """
        self.park = park
        self.program = compile_park(park)
        self.kernel = Kernel(self.program)
        self.memo = empty_memo(self.kernel.layout.columns)
        self.tables = Tables(park, self.program)
        self.tuned = False
        self._blank: dict[bool, State] = {}
        self._first: tuple[bytes, Allocation] | None = None

    def tune(self, upper: Array) -> None:
        """Start allocations near a usual state from now on.

        Args:
            upper: (columns,) its bounds, in the order of the kernel. Once a park, and from the park
                alone: answers depend on it in their last digits.
        """
        self.kernel = Kernel(self.program, full_columns(self.program, self.kernel, upper))
        self.memo = empty_memo(self.kernel.layout.columns)
        self.tuned = True
        self._blank.clear()
        self._first = None

    def state(self, *, record: bool = False) -> State:
        """A state at hour 0; with `record` one that records every change of a rate."""
        if record not in self._blank:
            self._blank[record] = new_state(self.park, self.kernel, self.tables.ends, record=record)
        return self._blank[record].copied()

    def allocate(self, upper: Array, floors: Array) -> Allocation:
        """`Kernel.allocate`; the last answer is kept, for runs of a park begin alike.

        Args:
            upper: (columns,) what every column may reach, in the order of the kernel.
            floors: (columns,) minimum loads.
        """
        key = upper.tobytes() + floors.tobytes()
        if self._first is None or self._first[0] != key:
            bounds = (full_columns(self.program, self.kernel, x) for x in (upper, floors))
            self._first = key, self.kernel.allocate(*bounds)
        return self._first[1]

    def running(self, state: State) -> Running:
        """A run in `state`; it holds until the kernel is built anew."""
        return Running(state, self.kernel.tableau, self.kernel.nodes, self.memo)

    def simulation(
        self,
        state: State,
        *,
        engine: str,
        seed: int,
        replication: int,
        allocations: int,
        events: Mapping[str, object],
        changes: Mapping[str, object] | None = None,
        first: Allocation | None,
    ) -> Simulation:
        """What was booked, as tables."""
        moved = full_columns(self.program, self.kernel, state.flow)
        by_haul = state.haul.by_haul
        totals = self.tables.with_batches(moved, by_haul if engine == "des" else None)
        return Simulation(
            engine=engine,
            hours=self.park.horizon.hours,
            seed=seed,
            replication=replication,
            flows=self.tables.flows(totals),
            units=self.tables.units(state.by_unit),
            obligations=self.tables.obligations(state.by_owed, totals),
            levels=self.tables.levels(state.by_buffer),
            events=frame(events, EVENT_COLUMNS),
            shipments=self.tables.shipments(by_haul),
            changes=None if changes is None else frame(changes, CHANGE_COLUMNS),
            bottlenecks=unit_bottlenecks(self.park, first) if first is not None else {},
            residual=float(state.clock[RESIDUAL]),
            allocations=allocations,
        )


def unit_bottlenecks(park: Park, allocation: Allocation) -> Mapping[str, tuple[str, ...]]:
    """Unit id -> the columns and rows that its goal depends on where they stand at a bound."""
    found = {}
    for goal, limits in zip(park.goals, allocation.limits, strict=True):
        for target in goal.targets:
            kind, name = target.split(":", 1)
            if kind == "unit":
                found[name] = limits
    return found
