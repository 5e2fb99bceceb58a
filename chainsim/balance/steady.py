"""The steady engine: one allocation for every stretch of constant outer conditions.

Every unit is at its mean availability: the product over failure modes of MTTF / (MTTF + MTTR),
times the share of the horizon outside overhauls. Buffers neither fill nor empty.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chainsim.balance.booking import book
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
from chainsim.library.model import Distribution
from chainsim.park.model import Obligation, Park, Unit
from chainsim.results import Simulation


def mean_duration(d: Distribution) -> float:
    """Mean of a distribution, h."""
    p = d.parameters
    match d.kind:
        case "exponential":
            return p["mean"]
        case "weibull":
            return p["scale"] * math.gamma(1.0 + 1.0 / p["shape"])
        case "lognormal":
            return p["median"] * math.exp(p["sigma"] ** 2 / 2.0)
        case "gamma":
            return p["shape"] * p["scale"]
        case "triangular":
            return (p["low"] + p["mode"] + p["high"]) / 3.0
        case _:
            return p["value"]


def failure_availability(unit: Unit) -> float:
    """Long-run share of time in which no failure mode is active (modes independent)."""
    share = 1.0
    for mode in unit.failures:
        up, down = mean_duration(mode.uptime), mean_duration(mode.repair)
        share *= up / (up + down)
    return share


def overhaul_share(unit: Unit, hours: float) -> float:
    """Share of the horizon spent in overhauls."""
    if unit.overhaul is None:
        return 0.0
    total, begin = 0.0, unit.overhaul.first_h
    while begin < hours:
        total += min(unit.overhaul.duration_h, hours - begin)
        begin += unit.overhaul.interval_h
    return total / hours


def running_bounds(program: Program, park: Park, month: int, hour: float) -> Array:
    """(n,) upper bounds with every unit up at its set-point, obligations of `month` (1-12)."""
    upper = program.upper.copy()
    for unit in park.units.values():
        alive = unit.start_h <= hour < unit.close_h
        upper[program.column[f"unit:{unit.id}"]] = unit.load if alive else 0.0
    for obligation in park.obligations.values():
        j = program.column[f"obligation:{obligation.id}"]
        upper[j] = obligation.monthly[month - 1] / program.scale[j]
    return upper


def condition_changes(park: Park) -> list[tuple[float, int]]:
    """(hour, month) at which outer conditions may change: month ends with other demand, dates."""
    horizon = park.horizon
    hours = {0.0}
    previous: tuple[float, ...] | None = None
    for period, begin, _ in horizon.periods():
        month = int(period[5:])
        demand = tuple(o.monthly[month - 1] for o in park.obligations.values())
        if demand != previous:
            hours.add(begin)
        previous = demand
    for unit in park.units.values():
        hours |= {h for h in (unit.start_h, unit.close_h) if 0.0 < h < horizon.hours}
    return [(h, month_of(park, h)) for h in sorted(hours)]


def month_of(park: Park, hour: float) -> int:
    """Calendar month (1-12) in which `hour` lies."""
    return (park.horizon.start + dt.timedelta(hours=math.floor(hour))).month


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
        up = np.array([failure_availability(u) for u in members])
        planned = np.array([overhaul_share(u, park.horizon.hours) for u in members])
    return Shares(up=up, planned=planned, available=up * (1.0 - planned))


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
    floors[units] = [u.min_load for u in park.units.values()]
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
