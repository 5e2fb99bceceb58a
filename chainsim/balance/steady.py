"""The steady engine: one allocation for every stretch of constant outer conditions.

Every unit is at its mean availability: the product over failure modes of MTTF / (MTTF + MTTR),
times the share of the horizon outside overhauls. Buffers neither fill nor empty.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping

import numpy as np

from chainsim.balance.kernel import Allocation, Kernel
from chainsim.balance.program import Array, Program, compile_park
from chainsim.balance.recording import Interval, Recorder
from chainsim.errors import InfeasibleError, Problem
from chainsim.library.model import Distribution
from chainsim.park.model import Park, Unit
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
            raise InfeasibleError(
                Problem(
                    code="CS-E004",
                    path=f"obligations.{obligation.id}",
                    found=f"{values[j] * program.scale[j]:.6g}",
                    expected=f"{upper[j] * program.scale[j]:.6g}",
                    params={"hour": f"{hour:.6g}"},
                )
            )


def unit_bottlenecks(park: Park, allocation: Allocation) -> Mapping[str, tuple[str, ...]]:
    """Unit id -> the columns and rows that keep its goal from doing better."""
    found = {}
    for goal, limits in zip(park.goals, allocation.limits, strict=True):
        for target in goal.targets:
            kind, name = target.split(":", 1)
            if kind == "unit":
                found[name] = limits
    return found


def run_steady(park: Park, *, outages: bool = True) -> Simulation:
    """Allocate a park at mean availability over its horizon.

    Args:
        park: the park.
        outages: False to leave failures and overhauls out.

    Raises:
        InfeasibleError: a hard obligation cannot be met, or a goal is unbounded.
    """
    program = compile_park(park)
    kernel = Kernel(program)
    recorder = Recorder(park, program)
    hours = park.horizon.hours
    count = len(park.units)
    up = np.ones(count)
    planned = np.zeros(count)
    if outages:
        for i, unit in enumerate(park.units.values()):
            up[i] = failure_availability(unit)
            planned[i] = overhaul_share(unit, hours)
    available = up * (1.0 - planned)
    units = np.array([program.column[f"unit:{k}"] for k in park.units], dtype=int)
    neutral = [program.column[f"{kind}:{k}"] for k in park.buffers for kind in ("fill", "draw")]
    floors = np.zeros(program.n)
    floors[units] = [u.min_load for u in park.units.values()]
    floors[units] *= available
    levels = np.array([b.initial for b in park.buffers.values()])
    changes = condition_changes(park)
    ends = [*(h for h, _ in changes[1:]), hours]
    residual, first = 0.0, None
    for (begin, month), end in zip(changes, ends, strict=True):
        upper = running_bounds(program, park, month, begin)
        alive = upper[units] > 0
        upper[units] *= available
        upper[neutral] = 0.0
        allocation = kernel.allocate(upper, floors)
        check_hard(park, program, upper, allocation.values, begin)
        first = first or allocation
        residual = max(residual, program.residual(allocation.values))
        activity = allocation.values[units]
        recorder.add(
            Interval(
                begin=begin,
                end=end,
                values=allocation.values,
                available=available * alive,
                failed=(1.0 - up) * (1.0 - planned) * alive,
                overhaul=planned * alive,
                held=(activity <= 0) & (upper[units] > 0),
                requested=_requested(park, month),
                levels=levels,
            )
        )
    return recorder.simulation(
        engine="steady",
        seed=0,
        replication=0,
        residual=residual,
        allocations=len(changes),
        bottlenecks=unit_bottlenecks(park, first) if first else {},
    )


def _requested(park: Park, month: int) -> Array:
    return np.array([o.monthly[month - 1] for o in park.obligations.values()])
