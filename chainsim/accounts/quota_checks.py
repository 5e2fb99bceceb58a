"""Checks of quotas of enterprises and of counties that receive moved capacity; county targets.

A quota that is not entered follows the document: approved capacity x utilisation x limit, for air
with the flue gas of the oven stack and the limit set in force. A county's capacity is what stood in
it before any move. Excess over a quota is what must be bought.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from chainsim.accounts.air_checks import ULTRA_LOW, limit_mg, limit_set
from chainsim.accounts.air_formulas import quota_air_t, quota_energy_tce
from chainsim.accounts.cases import Case, battery_capacity_t_a, span_a
from chainsim.accounts.output_checks import approval_of
from chainsim.accounts.oven_register import moves
from chainsim.accounts.verdicts import Measured, missing
from chainsim.accounts.view import View
from chainsim.park.facts import AIR
from chainsim.park.model import Unit
from chainsim.units import convert

STACK: Final = "coke_stack"


def counted(batteries: list[Unit]) -> list[Unit]:
    """One oven for each approval: the largest that stays, else the largest."""
    best: dict[str, Unit] = {}
    for unit in batteries:
        key = approval_of(unit)
        other = best.get(key)
        if other is None or _rank(unit) > _rank(other):
            best[key] = unit
    return list(best.values())


def _rank(unit: Unit) -> tuple[bool, float]:
    return not math.isfinite(unit.close_h), battery_capacity_t_a(unit)


def energy_quota_tce(case: Case, capacity_t_a: float) -> float:
    """Energy quota of a capacity by the document's formula, tce/a."""
    figures = case.view.figures
    load = figures("quota_utilisation", "ratio", 1.0)
    return quota_energy_tce(capacity_t_a, load, figures("quota_kgce_per_t", "kgce/t", 0.0))


def air_quota(case: Case, units: list[tuple[Unit, float]]) -> dict[str, float]:
    """Air quota of capacities (unit, t/a) by the document's formula, t/a by pollutant."""
    figures = case.view.figures
    load = figures("quota_utilisation", "ratio", 1.0)
    flue = figures("coke_stack_flue_gas", "Nm3/t", 0.0)
    quota = dict.fromkeys(AIR, 0.0)
    for unit, capacity in units:
        chosen = limit_set(case, unit.site)
        for name in AIR:
            limit = limit_mg(case, STACK, name, chosen)
            if limit is None:
                limit = limit_mg(case, STACK, name, ULTRA_LOW)
            quota[name] += quota_air_t(capacity, load, flue, limit or 0.0)
    return quota


def stack_emission_t(case: Case, view: View, pollutant: str) -> float:
    """Yearly emission of the oven stacks of a view, t/a; dust without charging and pushing."""
    share = 1.0
    if pollutant == "pm":
        share = case.view.figures("coke_stack_pm_share", "ratio", 1.0)
    ovens = view.where("unit", [u.id for u in case.batteries])
    return share * ovens.sum(f"pollution.{pollutant}") / span_a(view.hours)


def enterprise_energy(case: Case) -> Iterator[Measured]:
    """Energy of every coking enterprise less quota and rights bought, tce/a, boundary A."""
    for owner in case.owners:
        facts = case.facts.enterprise(owner)
        capacity = _capacity_of(case, owner)
        quota = facts.energy_quota_tce
        by = "facts"
        if quota is None:
            quota, by = energy_quota_tce(case, capacity), "formula"

        def measure(view: View, owner: str = owner, quota: float = quota, by: str = by) -> Measured:
            part = view.where("enterprise", [owner])
            used = convert(part.energy_kgce("A") / span_a(view.hours), "kgce", "tce")
            bought = case.facts.enterprise(owner).energy_bought_tce
            band = (view.closure_error or 0.0) * part.coke_t / span_a(view.hours) / 1e3
            shown = {"used": used, "quota": quota, "bought": bought, "by": by}
            value = used - quota - bought
            return Measured(subject=owner or "city", value=value, band=band, notes={"quota": shown})

        yield case.worst(measure)


def _capacity_of(case: Case, owner: str) -> float:
    own = [u for u in counted(case.batteries) if u.owner == owner]
    return math.fsum(map(battery_capacity_t_a, own))


def enterprise_air(case: Case) -> Iterator[Measured]:
    """Stack emission of every coking enterprise less quota and rights bought, t/a.

    The worst pollutant is the value; all three stand beside it.
    """
    for owner in case.owners:
        facts = case.facts.enterprise(owner)
        own = [u for u in counted(case.batteries) if u.owner == owner]
        formula = air_quota(case, [(u, battery_capacity_t_a(u)) for u in own])
        part = case.view.where("enterprise", [owner])
        yield _air_excess(
            case, owner or "city", part, {**formula, **facts.air_quota_t}, dict(facts.air_bought_t)
        )


def _air_excess(
    case: Case, subject: str, view: View, quota: dict[str, float], bought: dict[str, float]
) -> Measured:
    shown: dict[str, object] = {}
    excess: dict[str, float] = {}
    for name in AIR:
        used = stack_emission_t(case, view, name)
        excess[name] = used - quota[name] - bought.get(name, 0.0)
        shown[name] = used
        shown[f"{name}_quota"] = quota[name] + bought.get(name, 0.0)
    worst = max(excess, key=lambda name: excess[name])
    shown["worst"] = worst
    return Measured(subject=subject, value=excess[worst], assumed=True, notes={"air_quota": shown})


# -- counties ---------------------------------------------------------------------------------


def capacity_before(case: Case) -> dict[str, float]:
    """Capacity of every county before moves, t/a: what stands there plus what left less came."""
    found = {county: 0.0 for county in case.counties}
    for unit in counted(case.batteries):
        county = case.county(unit.site)
        found[county] = found.get(county, 0.0) + battery_capacity_t_a(unit)
    for move in moves(case):
        found[move.origin] = found.get(move.origin, 0.0) + move.capacity_t_a
        found[move.target] = found.get(move.target, 0.0) - move.capacity_t_a
    return found


def county_energy_excess(case: Case, county: str) -> tuple[float, dict[str, object]]:
    """Energy of a county beyond quota and rights bought, tce/a, and what it is made of."""
    facts = case.facts.county(county)
    quota, by = facts.energy_quota_tce, "facts"
    if quota is None:
        quota, by = energy_quota_tce(case, capacity_before(case).get(county, 0.0)), "formula"
    part = case.in_county(case.view, county)
    used = convert(part.energy_kgce("A") / span_a(case.view.hours), "kgce", "tce")
    bought = facts.energy_bought_tce
    return used - quota - bought, {"used": used, "quota": quota, "bought": bought, "by": by}


def county_energy(case: Case) -> Iterator[Measured]:
    """Energy of every producing county less quota and rights bought, tce/a."""
    for county in case.counties:
        value, shown = county_energy_excess(case, county)
        coke = case.in_county(case.view, county).coke_t
        band = (case.view.closure_error or 0.0) * coke / span_a(case.view.hours) / 1e3
        notes: dict[str, dict[str, object]] = {"quota": shown}
        price = case.facts.city.energy_right_price_cny
        if value > 0 and price is not None:
            notes["purchase"] = {"cost": value * price / 1e4}
        elif value > 0:
            notes["no_right_price"] = {}
        yield Measured(subject=county, value=value, band=band, notes=notes)


def county_air(case: Case) -> Iterator[Measured]:
    """Stack emission of every producing county less quota and rights bought, t/a."""
    for county in case.counties:
        facts = case.facts.county(county)
        quota = {**_county_air_quota(case, county), **facts.air_quota_t}
        part = case.in_county(case.view, county)
        yield _air_excess(case, county, part, quota, dict(facts.air_bought_t))


def _county_air_quota(case: Case, county: str) -> dict[str, float]:
    """By formula for the capacity that stood in the county before moves."""
    here = [u for u in case.batteries if case.county(u.site) == county]
    standing = math.fsum(map(battery_capacity_t_a, here))
    if standing <= 0:
        return dict.fromkeys(AIR, 0.0)
    scale = capacity_before(case).get(county, 0.0) / standing
    return air_quota(case, [(u, scale * battery_capacity_t_a(u)) for u in here])


def county_targets(case: Case) -> Iterator[Measured]:
    """Gap between the sum of county targets and the city's, the largest of all years."""
    city = case.facts.city.energy_target_tce
    if not city:
        yield missing("city", "facts.city.energy_target", "facts.counties.*.energy_target")
        return
    gaps: dict[int, float] = {}
    for year, target in city.items():
        given = [c.energy_target_tce.get(year) for c in case.facts.counties.values()]
        if not given or None in given:
            yield missing("city", f"facts.counties.*.energy_target.{year}")
            return
        gaps[year] = abs(math.fsum(g for g in given if g is not None) - target)
    worst = max(gaps, key=lambda year: gaps[year])
    value = convert(gaps[worst], "tce/a", case.policy.unit)
    yield Measured(value=value, notes={"year": {"year": worst}})
