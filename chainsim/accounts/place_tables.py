"""Tables by unit, enterprise and county: emissions and wastes, water, value added, main figures."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from chainsim.accounts.air_checks import in_deep_zone, limit_set
from chainsim.accounts.cases import Case, span_a
from chainsim.accounts.constant_prices import constant_prices
from chainsim.accounts.conventions import is_battery
from chainsim.accounts.formulas import min_value_added_cny_per_t
from chainsim.accounts.view import View
from chainsim.results import FLOAT, TEXT, table
from chainsim.units import convert

CITY: Final = "city"
AIR_COLUMNS: Final = {
    "component": TEXT,
    "site": TEXT,
    "enterprise": TEXT,
    "limit_set": TEXT,
    "basis": TEXT,  # measured | retrofit | process | fuel | flare
    "pm": FLOAT,
    "so2": FLOAT,
    "nox": FLOAT,
    "voc": FLOAT,
}
WATER_COLUMNS: Final = {
    "level": TEXT,
    "subject": TEXT,
    "fresh": FLOAT,
    "coking_fresh_per_coke": FLOAT,
    "process_water_out": FLOAT,
    "coking_waste_water": FLOAT,
    "sludge": FLOAT,
    "salt": FLOAT,
    "residue": FLOAT,
}
VALUE_COLUMNS: Final = {
    "level": TEXT,  # city | county | enterprise
    "subject": TEXT,
    "production": FLOAT,
    "income": FLOAT,
    "constant": FLOAT,
    "energy_a": FLOAT,
    "per_value": FLOAT,
    "per_value_constant": FLOAT,
    "per_coke": FLOAT,
    "least_per_coke": FLOAT,
}
PLACE_COLUMNS: Final = {
    "level": TEXT,
    "subject": TEXT,
    "coke": FLOAT,
    "energy_a": FLOAT,
    "energy_b": FLOAT,
    "energy_c": FLOAT,
    "unit_energy": FLOAT,
    "value_added": FLOAT,
    "per_value": FLOAT,
    "carbon": FLOAT,
    "pm": FLOAT,
    "so2": FLOAT,
    "nox": FLOAT,
    "water": FLOAT,
    "staff": FLOAT,
}


def places(case: Case) -> Iterator[tuple[str, str, View]]:
    """(level, subject, view) of the city, its counties and all enterprises."""
    yield CITY, CITY, case.view
    for county in sorted({case.county(s) for s in case.park.sites}):
        yield "county", county, case.in_county(case.view, county)
    owners = {row.enterprise for row in case.view.rows}
    for owner in sorted(owners):
        yield "enterprise", owner, case.view.where("enterprise", [owner])


def air_table(case: Case) -> pd.DataFrame:
    """Air pollutants of every unit and flare, t a year, and what they rest on (`AIR_COLUMNS`)."""
    sums: dict[tuple[str, str, str], dict[str, float]] = {}
    for row in case.view.rows:
        if row.account.startswith("pollution."):
            key = (row.unit, row.site, row.enterprise)
            parts = sums.setdefault(key, {})
            name = row.account.removeprefix("pollution.")
            amount = row.amount / span_a(case.view.hours)
            parts[name] = parts.get(name, 0.0) + amount
    rows: list[dict[str, Any]] = [
        {
            "component": unit,
            "site": site,
            "enterprise": owner,
            "limit_set": limit_set(case, site),
            "basis": _basis(case, unit),
            **{name: parts.get(name, 0.0) for name in ("pm", "so2", "nox", "voc")},
        }
        for (unit, site, owner), parts in sorted(sums.items())
    ]
    total = {n: math.fsum(float(r[n]) for r in rows) for n in ("pm", "so2", "nox", "voc")}
    blanks = dict.fromkeys(("site", "enterprise", "limit_set", "basis"), "")
    last = {"component": "total", **blanks, **total}
    return table([*rows, last] if rows else [], AIR_COLUMNS)


def _basis(case: Case, component: str) -> str:
    unit = case.park.units.get(component)
    if unit is None:
        return "flare"
    facts = case.facts.unit(component)
    if is_battery(unit) and facts.measured:
        return "measured"
    if is_battery(unit) and (facts.never_ultra_low or facts.ultra_low_since is not None):
        return "retrofit"
    return "process" if unit.process is not None and unit.process.pollutants_kg else "fuel"


def zones(case: Case) -> dict[str, bool | None]:
    """Whether each site with batteries lies in the zone of deep treatment; None when unknown."""
    return {site: in_deep_zone(case, site) for site in sorted({u.site for u in case.batteries})}


def water_table(case: Case) -> pd.DataFrame:
    """Fresh water, waste water and solids by place, t a year (`WATER_COLUMNS`)."""
    rows = []
    for level, subject, view in places(case):
        span = span_a(view.hours)
        coke = view.coke_t
        rows.append(
            {
                "level": level,
                "subject": subject,
                "fresh": view.sum("water.used") / span,
                "coking_fresh_per_coke": view.coking().sum("water.used") / coke if coke else 0.0,
                "process_water_out": view.sum("waste.water") / span,
                "coking_waste_water": view.sum("waste.coking_water") / span,
                "sludge": view.sum("waste.sludge") / span,
                "salt": view.sum("waste.salt") / span,
                "residue": view.sum("waste.residue") / span,
            }
        )
    return table([r for r in rows if any(_numbers(r))], WATER_COLUMNS)


def _numbers(row: dict[str, Any]) -> list[float]:
    return [v for v in row.values() if isinstance(v, float)]


def value_table(case: Case) -> pd.DataFrame:
    """Value added by place, wan CNY a year, both methods and constant prices (`VALUE_COLUMNS`).

    Transfers between enterprises cancel in the city; the enterprise without a name holds what
    markets keep between two prices. `least_per_coke` is the line VA = e x 10 / 3.23.
    """
    base = case.park.library.price_sets.get(case.facts.constant_prices)
    prices = None if base is None else constant_prices(case.view, base)
    ratio = _ratio_limit(case)
    rows = []
    for level, subject, view in places(case):
        span, e, coke = span_a(view.hours), view.coke_unit_energy, view.coke_t
        fixed = view if prices is None else prices.view(view)
        least = min_value_added_cny_per_t(e, ratio) if e is not None and ratio else 0.0
        rows.append(
            {
                "level": level,
                "subject": subject,
                "production": _wan(view.value_added / span),
                "income": _wan(view.value_added_income / span),
                "constant": _wan(fixed.value_added / span),
                "energy_a": convert(view.energy_kgce("A") / span, "kgce", "tce"),
                "per_value": view.tce_per_wan_yuan("A") or 0.0,
                "per_value_constant": fixed.tce_per_wan_yuan("A") or 0.0,
                "per_coke": view.coking().value_added / coke if coke > 0 else 0.0,
                "least_per_coke": least,
            }
        )
    return table([r for r in rows if r["production"] or r["energy_a"]], VALUE_COLUMNS)


def _ratio_limit(case: Case) -> float | None:
    policy = case.park.library.policies.get("q05")
    return case.facts.limits.get("q05", None if policy is None else policy.limit)


def _wan(cny: float) -> float:
    return convert(cny, "CNY", "wan_CNY")


def place_table(case: Case) -> pd.DataFrame:
    """Main figures by place, a year (`PLACE_COLUMNS`): t, tce, kgce/t, wan CNY, tce per wan CNY."""
    rows = []
    for level, subject, view in places(case):
        span = span_a(view.hours)
        energy = {b: convert(view.energy_kgce(b) / span, "kgce", "tce") for b in "ABC"}
        boundary = case.park.economics.boundary
        rows.append(
            {
                "level": level,
                "subject": subject,
                "coke": view.coke_t / span,
                **{f"energy_{b.lower()}": amount for b, amount in energy.items()},
                "unit_energy": view.coke_unit_energy or 0.0,
                "value_added": _wan(view.value_added / span),
                "per_value": view.tce_per_wan_yuan(boundary) or 0.0,
                "carbon": (view.carbon_direct_t + view.carbon_indirect_t) / span,
                **{n: view.sum(f"pollution.{n}") / span for n in ("pm", "so2", "nox")},
                "water": view.sum("water.used") / span,
                "staff": view.sum("staff.person_h") / view.hours,
            }
        )
    return table([r for r in rows if any(_numbers(r))], PLACE_COLUMNS)
