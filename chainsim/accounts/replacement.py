"""Replacement of old ovens: the register, continuity of civil supply, jobs, moves across counties.

Every approval counts once, old oven or successor. Moves need quotas of the receiving county: by the
document's formula at the moved capacity, and what of it is not covered must be bought.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from chainsim.accounts.cases import Case, battery_capacity_t_a
from chainsim.accounts.conventions import convention
from chainsim.accounts.ledger import unit_persons
from chainsim.accounts.oven_register import Move, closes, moves, successors
from chainsim.accounts.quota_checks import air_quota, county_energy_excess, energy_quota_tce
from chainsim.park.facts import AIR
from chainsim.park.model import Unit
from chainsim.results import FLOAT, TEXT, table
from chainsim.units import convert

REGISTER_COLUMNS: Final = {
    "enterprise": TEXT,
    "old": TEXT,
    "county": TEXT,
    "chamber_m": FLOAT,
    "capacity_wan_t": FLOAT,
    "approval": TEXT,
    "closes": TEXT,
    "new": TEXT,
    "starts": TEXT,
    "overlap_d": FLOAT,
    "civil_source": TEXT,
    "accepted": TEXT,  # yes | no | unknown
}
CONTINUITY_COLUMNS: Final = {
    "county": TEXT,
    "period": TEXT,
    "kind": TEXT,  # gas | heat
    "requested": FLOAT,  # kNm3 or GJ of the month
    "served": FLOAT,
    "shortfall": FLOAT,
    "short_h": FLOAT,
    "closings": TEXT,
}
JOB_COLUMNS: Final = {"county": TEXT, "year": TEXT, "lost": FLOAT, "created": FLOAT, "net": FLOAT}
MOVE_COLUMNS: Final = {
    "old": TEXT,
    "new": TEXT,
    "origin": TEXT,
    "target": TEXT,
    "capacity_wan_t": FLOAT,
    "energy_tce": FLOAT,
    "pm": FLOAT,
    "so2": FLOAT,
    "nox": FLOAT,
    "energy_cost_wan": FLOAT,  # 0 while no price is entered
    "air_cost_wan": FLOAT,  # paid once
    "county_excess_tce": FLOAT,
}
HOURS_PER_DAY: Final = 24.0


def day_of(case: Case, hour: float) -> str:
    """ISO date of an hour of the run; empty for what lies at no date."""
    if not math.isfinite(hour):
        return ""
    return (case.park.horizon.start + dt.timedelta(hours=hour)).isoformat()


def register(case: Case) -> pd.DataFrame:
    """Batteries that close, with what takes their place (`REGISTER_COLUMNS`)."""
    rows = [_entry(case, unit) for unit in case.batteries if math.isfinite(unit.close_h)]
    return table(rows, REGISTER_COLUMNS)


def _entry(case: Case, unit: Unit) -> dict[str, Any]:
    after = successors(case, unit)
    facts = case.facts.unit(unit.id)
    ready = min((u.start_h for u in after), default=math.inf)
    overlap = max(0.0, unit.close_h - max(0.0, ready)) / HOURS_PER_DAY
    accepted = {True: "yes", False: "no", None: "unknown"}[facts.two_cuts_four_stops]
    source = facts.civil_source_ready
    return {
        "enterprise": unit.owner,
        "old": unit.id,
        "county": case.county(unit.site),
        "chamber_m": unit.chamber_m or 0.0,
        "capacity_wan_t": convert(battery_capacity_t_a(unit), "t", "wan_t"),
        "approval": unit.approval,
        "closes": day_of(case, unit.close_h),
        "new": ", ".join(u.id for u in after),
        "starts": day_of(case, ready),
        "overlap_d": overlap,
        "civil_source": "" if source is None else source.isoformat(),
        "accepted": accepted,
    }


def continuity(case: Case) -> pd.DataFrame:
    """Civil gas and heat of every month by county, with the ovens that close in it."""
    sums: dict[tuple[str, str, str], list[float]] = {}
    columns = ["period", "site", "material", "requested", "served", "shortfall", "short_h"]
    frame = case.view.simulation.obligations[columns]
    for period, site, material, *figures in frame.itertuples(index=False, name=None):
        kind, content = _kind(case, str(material))
        if kind:
            parts = sums.setdefault((case.county(str(site)), str(period), kind), [0.0] * 4)
            amounts = [content * x for x in figures[:3]]
            sums[case.county(str(site)), str(period), kind] = [
                *(a + b for a, b in zip(parts[:3], amounts, strict=True)),
                max(parts[3], figures[3]),
            ]
    closing = _closings(case)
    rows = [
        {
            "county": county,
            "period": period,
            "kind": kind,
            "requested": parts[0],
            "served": parts[1],
            "shortfall": parts[2],
            "short_h": parts[3],
            "closings": ", ".join(closing.get((county, period), [])),
        }
        for (county, period, kind), parts in sorted(sums.items())
    ]
    return table(rows, CONTINUITY_COLUMNS)


def _kind(case: Case, material: str) -> tuple[str, float]:
    """`gas` or `heat` and the content per unit; empty for other obligations."""
    stream = case.park.materials[material]
    if stream.group == "gas" and stream.unit == "kNm3":
        return "gas", 1.0
    if stream.id in convention("materials", "heat") or stream.unit == "GJ":
        return "heat", stream.energy_gj
    return "", 0.0


def _closings(case: Case) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for unit in case.batteries:
        if closes(case, unit):
            key = (case.county(unit.site), day_of(case, unit.close_h)[:7])
            found.setdefault(key, []).append(unit.id)
    return found


def jobs(case: Case) -> pd.DataFrame:
    """Jobs of units that close and start within the run, by county and year (`JOB_COLUMNS`)."""
    sums: dict[tuple[str, str], list[float]] = {}
    horizon = case.park.horizon
    for unit in case.park.units.values():
        county = case.county(unit.site)
        for hour, index in ((unit.close_h, 0), (unit.start_h, 1)):
            if 0.0 <= hour <= horizon.hours:
                key = (county, day_of(case, hour)[:4])
                sums.setdefault(key, [0.0, 0.0])[index] += unit_persons(unit)
    rows = [
        {"county": c, "year": y, "lost": lost, "created": made, "net": made - lost}
        for (c, y), (lost, made) in sorted(sums.items())
    ]
    return table(rows, JOB_COLUMNS)


def move_table(case: Case) -> pd.DataFrame:
    """Capacity moved across counties, the quotas it needs and their price (`MOVE_COLUMNS`)."""
    return table([_move(case, move) for move in moves(case)], MOVE_COLUMNS)


def _move(case: Case, move: Move) -> dict[str, Any]:
    capacity = move.capacity_t_a
    energy = energy_quota_tce(case, capacity)
    air = air_quota(case, [(case.park.units[move.new], capacity)])
    excess, _ = county_energy_excess(case, move.target)
    price = case.facts.city.energy_right_price_cny or 0.0
    return {
        "old": move.old,
        "new": move.new,
        "origin": move.origin,
        "target": move.target,
        "capacity_wan_t": convert(capacity, "t", "wan_t"),
        "energy_tce": energy,
        **air,
        "energy_cost_wan": energy * price / 1e4,
        "air_cost_wan": air_right_cost_cny(case, air) / 1e4,
        "county_excess_tce": excess,
    }


def air_right_cost_cny(case: Case, air: dict[str, float]) -> float:
    """Price of emission rights, CNY, paid once.

    Args:
        case: for the prices of `standards/policy.yaml`.
        air: t a year by pollutant.
    """
    figures = case.view.figures
    return math.fsum(air[n] * figures(f"right_price_{n}", "CNY/t", 0.0) for n in AIR)


def approvals(case: Case) -> Iterator[tuple[str, list[str]]]:
    """Approvals held by more than one oven, each counted once."""
    held: dict[str, list[str]] = {}
    for unit in case.batteries:
        if unit.approval:
            held.setdefault(unit.approval, []).append(unit.id)
    yield from ((key, ids) for key, ids in sorted(held.items()) if len(ids) > 1)
