"""Outer conditions by the calendar: when they change, and what they are at an hour."""

from __future__ import annotations

import datetime as dt
import math

from chainsim.park.model import Park


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
    dates = [h for unit in park.units.values() for h in (unit.start_h, unit.close_h)]
    dates += [h for m in (*park.buy.values(), *park.sell.values()) for h, _ in m.limits]
    dates += [h for measure in park.measures for h in (measure.begin_h, measure.end_h)]
    hours |= {h for h in dates if 0.0 < h < horizon.hours}
    return [(h, month_of(park, h)) for h in sorted(hours)]


def month_of(park: Park, hour: float) -> int:
    """Calendar month (1-12) in which `hour` lies."""
    return (park.horizon.start + dt.timedelta(hours=math.floor(hour))).month


def market_limits(park: Park, hour: float) -> dict[str, float]:
    """Column key -> limit of every purchase, sale and measured output, base units per hour."""
    found = {
        f"{kind}:{key}": market.limit_at(hour)
        for kind, markets in (("buy", park.buy), ("sell", park.sell))
        for key, market in markets.items()
    }
    for measure in park.measures:
        holds = measure.holds(hour)
        for material, limit in measure.outputs.items():
            found[f"cap:{measure.id}.{material}"] = limit if holds else math.inf
        if holds:
            for column, limit in measure.limits.items():
                found[column] = min(found[column], limit)
    return found


def measured_share(park: Park, unit: str, hour: float) -> float:
    """Share of nameplate that the measures in force leave a unit."""
    return min(
        (m.shares[unit] for m in park.measures if unit in m.shares and m.holds(hour)),
        default=1.0,
    )
