"""The steady engine: one allocation for every stretch of constant outer conditions.

Every unit is at its mean availability: the product over failure modes of MTTF / (MTTF + MTTR),
times the share of the horizon outside overhauls. Buffers neither fill nor empty.
"""

from __future__ import annotations

import datetime as dt
import math

import numpy as np

from chainsim.balance.booking import book
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
    program, state = plant.program, plant.state()
    hours, members = park.horizon.hours, list(park.units.values())
    up, planned = np.ones(len(members)), np.zeros(len(members))
    if outages:
        up = np.array([failure_availability(u) for u in members])
        planned = np.array([overhaul_share(u, hours) for u in members])
    available = up * (1.0 - planned)
    units = np.array([program.column[f"unit:{k}"] for k in park.units], dtype=int)
    neutral = [program.column[f"{kind}:{k}"] for k in park.buffers for kind in ("fill", "draw")]
    floors = np.zeros(program.n)
    floors[units] = [u.min_load for u in members]
    floors[units] *= available
    changes = condition_changes(park)
    ends = [*(h for h, _ in changes[1:]), hours]
    residual, first = 0.0, None
    for (begin, month), end in zip(changes, ends, strict=True):
        upper = running_bounds(program, park, month, begin)
        alive = upper[units] > 0
        upper[units] *= available
        upper[neutral] = 0.0
        allocation = plant.kernel.allocate(upper, floors)
        check_hard(park, program, upper, allocation.values, begin)
        first = first or allocation
        residual = max(residual, program.residual(allocation.values))
        state.column[VALUE] = allocation.values[plant.kernel.layout.live]
        state.unit[UP_NOW] = available * alive
        state.unit[FAILED_NOW] = (1.0 - up) * (1.0 - planned) * alive
        state.unit[OVERHAUL_NOW] = planned * alive
        state.owed[DEMAND_NOW] = [o.monthly[month - 1] for o in park.obligations.values()]
        book(state, end)
    state.clock[RESIDUAL] = residual
    return plant.simulation(
        state,
        engine="steady",
        seed=0,
        replication=0,
        allocations=len(changes),
        events={"time_h": (), "component": (), "event": (), "value": ()},
        first=first,
    )
