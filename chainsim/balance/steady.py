"""The steady engine: one allocation for every stretch of constant outer conditions.

Every unit is at its mean availability: the product over failure modes of MTTF / (MTTF + MTTR),
times the share of the horizon outside overhauls. Buffers neither fill nor empty.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chainsim.balance.booking import book
from chainsim.balance.conditions import (
    condition_changes,
    market_limits,
    measured_share,
    month_of,
)
from chainsim.balance.kernel import Allocation
from chainsim.balance.plant import Plant
from chainsim.balance.program import Array, Program
from chainsim.balance.state import (
    DEMAND_NOW,
    FAILED_NOW,
    OVERHAUL_NOW,
    RESIDUAL,
    UP_NOW,
    VALUE,
)
from chainsim.errors import InfeasibleError, Problem
from chainsim.library.model import mean_duration
from chainsim.park.model import Obligation, Park, Unit
from chainsim.results import Simulation


def failure_availability(unit: Unit) -> float:
    """Long-run share of time in which no failure mode is active (modes independent)."""
    share = 1.0
    for mode in unit.failures:
        up, down = mean_duration(mode.uptime), mean_duration(mode.repair)
        share *= up / (up + down)
    return share


def train_share(unit: Unit, available: float) -> float:
    """Long-run share of nameplate that the trains of a unit carry.

    Args:
        unit: the unit.
        available: long-run share of time in which a train that is in use is up.

    A birth-death chain over the trains that are up: each in use fails, each that is down is mended
    by itself (crews are not waited for). It is exact for hot spares, whatever the distributions,
    and for cold spares that fail exponentially.
    """
    if unit.trains == 1 or available >= 1.0:
        return float(available)
    odds = (1.0 - available) / available if available > 0.0 else np.inf
    weight, total, carried = 1.0, 0.0, 0.0
    for up in range(unit.trains, -1, -1):
        total += weight
        carried += weight * unit.share_up(up)
        used = min(up, unit.needed) if unit.cold_spares else up
        weight *= used * odds / (unit.trains - up + 1)
    return carried / total


def overhaul_share(unit: Unit, hours: float) -> float:
    """Share of a unit's hours within the horizon spent in overhauls.

    None of them waits for another unit's; those at the ends count as far as they reach in.
    """
    plan = unit.overhaul
    first, last = max(0.0, unit.start_h), min(hours, unit.close_h)
    if plan is None or first >= last:
        return 0.0
    by_hours_run = plan.clock == "operating"
    step = plan.interval_h + (plan.duration_h if by_hours_run else 0.0)
    begins = plan.starts_h or itertools.count(plan.first_h + by_hours_run * first, step)
    total = 0.0
    for begin in begins:
        if begin >= last:
            break
        total += max(0.0, min(begin + plan.duration_h, last) - max(begin, first))
    return total / (last - first)


def stand_by_share(park: Park, available: Mapping[str, float]) -> dict[str, float]:
    """Share of nameplate that each unit may run on average, given what is available of it.

    A unit that stands by runs as many trains as lack elsewhere; failures are independent.
    """
    found = {}
    for unit in park.units.values():
        missing = sum(park.units[key].needed * (1.0 - available[key]) for key in unit.standby_for)
        share = min(1.0, missing / unit.needed) if unit.standby_for else 1.0
        found[unit.id] = available[unit.id] * share
    return found


def running_bounds(program: Program, park: Park, month: int, hour: float) -> Array:
    """(n,) upper bounds with every unit up at its set-point, obligations of `month` (1-12)."""
    upper = program.upper.copy()
    for unit in park.units.values():
        alive = unit.start_h <= hour < unit.close_h
        most = min(unit.load, measured_share(park, unit.id, hour))
        upper[program.column[f"unit:{unit.id}"]] = most if alive else 0.0
    for obligation in park.obligations.values():
        j = program.column[f"obligation:{obligation.id}"]
        upper[j] = obligation.monthly[month - 1] / program.scale[j]
    for key, limit in market_limits(park, hour).items():
        j = program.column[key]
        upper[j] = limit / program.scale[j]
    return upper


def check_hard(park: Park, program: Program, upper: Array, values: Array, hour: float) -> None:
    """Raise when a hard obligation is not met in full.

    Raises:
        InfeasibleError: CS-E004, naming the obligation, what is asked and what is delivered.
    """
    for obligation in park.obligations.values():
        j = program.column[f"obligation:{obligation.id}"]
        if obligation.hard and values[j] < upper[j] - 1e-7 * max(upper[j], 1.0):
            asked, got = upper[j] * program.scale[j], values[j] * program.scale[j]
            raise shortfall(obligation, float(asked), float(got), hour)


def shortfall(obligation: Obligation, asked: float, got: float, hour: float) -> InfeasibleError:
    """A hard obligation that is not met (CS-E004)."""
    return InfeasibleError(
        Problem(
            code="CS-E004",
            path=f"obligations.{obligation.id}",
            found=f"{got:.6g}",
            expected=f"{asked:.6g}",
            params={"hour": f"{hour:.6g}"},
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A time of constant outer conditions at mean availability.

    Attributes:
        begin, end: hours from the start.
        month: calendar month (1-12) whose obligations hold.
        alive: (u,) False for units not started or closed.
        upper: (n,) upper bounds of the columns.
        floors: (n,) minimum loads of units; 0 elsewhere.
    """

    begin: float
    end: float
    month: int
    alive: NDArray[np.bool_]
    upper: Array
    floors: Array

    @property
    def hours(self) -> float:
        """Length, h."""
        return self.end - self.begin


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """(u,) mean shares of the units: not failed, in overhaul, available."""

    up: Array
    planned: Array
    available: Array


def mean_shares(park: Park, *, outages: bool) -> Shares:
    """Mean availability of every unit; all ones without outages."""
    members = list(park.units.values())
    up, planned = np.ones(len(members)), np.zeros(len(members))
    if outages:
        up = np.array([train_share(u, failure_availability(u)) for u in members])
        planned = np.array([overhaul_share(u, park.horizon.hours) for u in members])
    able = up * (1.0 - planned)
    shares = stand_by_share(park, dict(zip(park.units, able.tolist(), strict=True)))
    return Shares(up=up, planned=planned, available=np.array([shares[u.id] for u in members]))


def stretches(
    plant: Plant, *, outages: bool = True, breaks: Sequence[float] = ()
) -> tuple[Stretch, ...]:
    """The horizon in stretches of constant conditions, buffers neutral.

    Args:
        plant: the park made ready.
        outages: False to leave failures and overhauls out.
        breaks: further hours at which a stretch ends.
    """
    park, program = plant.park, plant.program
    available = mean_shares(park, outages=outages).available
    units = np.array([program.column[f"unit:{k}"] for k in park.units], dtype=int)
    neutral = [program.column[f"{kind}:{k}"] for k in park.buffers for kind in ("fill", "draw")]
    floors = np.zeros(program.n)
    floors[units] = [u.least_load for u in park.units.values()]
    floors[units] *= available
    changes = dict(condition_changes(park))
    changes |= {h: month_of(park, h) for h in breaks if h not in changes}
    begins = sorted(changes)
    found = []
    for begin, end in zip(begins, [*begins[1:], park.horizon.hours], strict=True):
        upper = running_bounds(program, park, changes[begin], begin)
        alive = upper[units] > 0
        upper[units] *= available
        upper[neutral] = 0.0
        found.append(
            Stretch(
                begin=begin, end=end, month=changes[begin], alive=alive, upper=upper, floors=floors
            )
        )
    return tuple(found)


def booked(
    plant: Plant,
    parts: Sequence[Stretch],
    values: Sequence[Array],
    *,
    engine: str,
    outages: bool,
    first: Allocation | None,
) -> Simulation:
    """The tables of a run in which `values` (n,) hold over each stretch."""
    park, program, state = plant.park, plant.program, plant.state()
    shares = mean_shares(park, outages=outages)
    for stretch, flows in zip(parts, values, strict=True):
        state.column[VALUE] = flows[plant.kernel.layout.live]
        state.unit[UP_NOW] = shares.available * stretch.alive
        state.unit[FAILED_NOW] = (1.0 - shares.up) * (1.0 - shares.planned) * stretch.alive
        state.unit[OVERHAUL_NOW] = shares.planned * stretch.alive
        owed = [o.monthly[stretch.month - 1] for o in park.obligations.values()]
        state.owed[DEMAND_NOW] = owed
        book(state, stretch.end)
    state.clock[RESIDUAL] = max(program.residual(flows) for flows in values)
    return plant.simulation(
        state,
        engine=engine,
        seed=0,
        replication=0,
        allocations=len(parts),
        events={"time_h": (), "component": (), "event": (), "value": ()},
        first=first,
    )


def run_steady(park: Park, *, outages: bool = True, plant: Plant | None = None) -> Simulation:
    """Allocate a park at mean availability over its horizon.

    Args:
        park: the park.
        outages: False to leave failures and overhauls out.
        plant: the same park made ready.

    Raises:
        InfeasibleError: a hard obligation cannot be met, or a goal is unbounded.
    """
    plant = plant or Plant(park)
    parts = stretches(plant, outages=outages)
    values, first = [], None
    for part in parts:
        allocation = plant.kernel.allocate(part.upper, part.floors)
        check_hard(park, plant.program, part.upper, allocation.values, part.begin)
        first = first or allocation
        values.append(allocation.values)
    return booked(plant, parts, values, engine="steady", outages=outages, first=first)
