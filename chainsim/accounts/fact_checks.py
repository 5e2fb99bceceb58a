"""Checks that rest on facts entered in the scenario, alone or beside the run."""

from __future__ import annotations

import math
from collections.abc import Iterator

from chainsim.accounts.cases import HUNDRED, Case, span_a
from chainsim.accounts.conventions import recognised
from chainsim.accounts.ledger import unit_persons
from chainsim.accounts.verdicts import Measured, missing
from chainsim.park.facts import PERMITS
from chainsim.units import convert


def energy_below_baseline(case: Case) -> Iterator[Measured]:
    """Energy of the year over that of 2020, boundary A."""
    before = case.facts.city.baseline_2020.energy_tce
    if not before:
        yield missing("city", "facts.city.baseline_2020.energy")
        return
    now = convert(case.view.energy_kgce("A") / span_a(case.view.hours), "kgce", "tce")
    yield Measured(value=now / before, notes={"against": {"now": now, "before": before}})


def intensity_below_baseline(case: Case) -> Iterator[Measured]:
    """Unit energy of coke, and energy per value added, over those of 2020; the worse counts."""
    base = case.facts.city.baseline_2020
    pairs = {
        "kgce_per_t": (case.view.coke_unit_energy, base.kgce_per_t),
        "tce_per_wan_yuan": (case.view.tce_per_wan_yuan("A"), base.tce_per_wan_yuan),
    }
    known = {k: now / then for k, (now, then) in pairs.items() if now is not None and then}
    if not known:
        yield missing("city", *(f"facts.city.baseline_2020.{key}" for key in pairs))
        return
    shown = {key: known.get(key, "-") for key in pairs}
    yield Measured(value=max(known.values()), notes={"intensities": shown})


def grid_connected(case: Case) -> Iterator[Measured]:
    """Share of CDQ turbines' capacity on the grid, %, by enterprise; power made stands beside."""
    turbines = [u for u in case.park.units.values() if recognised(u, "turbine")]
    for owner in sorted({u.owner for u in turbines}):
        own = [u for u in turbines if u.owner == owner]
        unknown = [u for u in own if case.facts.unit(u.id).grid_share is None]
        made = case.view.where("unit", [u.id for u in own]).by_material("output.made")
        power = {
            "mw": math.fsum(u.nameplate_per_h for u in own),
            "gwh": convert(made.get("electricity", 0.0), "MWh", "GWh"),
        }
        if unknown:
            lacking = missing(owner or "city", *(f"facts.units.{u.id}.grid_share" for u in unknown))
            yield lacking.noting("power", power)
            continue
        total = math.fsum(u.nameplate_per_h for u in own)
        on_grid = math.fsum(
            (case.facts.unit(u.id).grid_share or 0.0) * u.nameplate_per_h for u in own
        )
        yield Measured(
            subject=owner or "city", value=HUNDRED * on_grid / total, notes={"power": power}
        )
    if not turbines:
        yield Measured(notes={"no_subject": {}}, nothing=True)


def park_share(case: Case) -> Iterator[Measured]:
    """Share of coke made inside parks, %, against that before the layout."""
    coke = case.view.coke_t
    inside = case.view.where("site", [s for s, x in case.park.sites.items() if x.park]).coke_t
    before = case.facts.city.park_share_before
    value = HUNDRED * inside / coke if coke > 0 else None
    limit = None if before is None else HUNDRED * before
    notes = {} if before is not None else {"missing": {"what": "facts.city.park_share_before"}}
    yield Measured(value=value, limit=limit, notes=notes, unlimited=True)


def freight_change(case: Case) -> Iterator[Measured]:
    """Freight per t of coke less that before the layout, CNY/t, by county of the origin."""
    for county in case.counties:
        part = case.in_county(case.view, county)
        if part.coke_t <= 0:
            continue
        now = -part.sum("cost.freight") / part.coke_t
        before = case.facts.county(county).freight_before_cny_per_t
        if before is None:
            found = missing(county, f"facts.counties.{county}.freight_before")
            yield found.noting("freight", {"now": now})
        else:
            shown = {"now": now}
            yield Measured(subject=county, value=now - before, notes={"freight": shown})


def productivity(case: Case) -> Iterator[Measured]:
    """Value added per employee against the base year, by enterprise."""
    owners = sorted({u.owner for u in case.park.units.values() if u.owner})
    for owner in owners:
        facts = case.facts.enterprise(owner)
        persons = facts.persons
        if persons is None:
            own = [u for u in case.park.units.values() if u.owner == owner]
            persons = math.fsum(map(unit_persons, own))
        if not persons:
            continue
        earned = case.view.where("enterprise", [owner]).value_added / span_a(case.view.hours)
        value = convert(earned / persons, "CNY/person/a", case.policy.unit)
        before = facts.productivity_before_cny
        limit = None if before is None else convert(before, "CNY/person/a", case.policy.unit)
        what = f"facts.enterprises.{owner}.productivity_before"
        notes = {} if before is not None else {"missing": {"what": what}}
        yield Measured(subject=owner, value=value, limit=limit, notes=notes, unlimited=True)


def research(case: Case) -> Iterator[Measured]:
    """Research spending over revenue with transfers, %, by enterprise with batteries."""
    least = case.facts.city.research_share
    for owner in case.owners:
        spent = case.facts.enterprise(owner).research_cny
        if spent is None:
            yield missing(owner or "city", f"facts.enterprises.{owner}.research")
            continue
        part = case.view.where("enterprise", [owner])
        revenue = part.turnover / span_a(part.hours)
        value = HUNDRED * spent / revenue if revenue > 0 else None
        limit = None if least is None else HUNDRED * least
        notes = {} if least is not None else {"missing": {"what": "facts.city.research_share"}}
        yield Measured(
            subject=owner or "city", value=value, limit=limit, notes=notes, unlimited=True
        )


def permits(case: Case) -> Iterator[Measured]:
    """1 where the five formalities are valid, by enterprise with batteries."""
    for owner in case.owners:
        given = case.facts.enterprise(owner).permits
        false = [name for name in PERMITS if given.get(name) is False]
        unknown = [name for name in PERMITS if given.get(name) is None]
        if false:
            shown = {"permits": {"lacking": ",".join(false)}}
            yield Measured(subject=owner or "city", value=0.0, notes=shown)
        elif unknown:
            path = f"facts.enterprises.{owner}.permits"
            yield missing(owner or "city", *(f"{path}.{name}" for name in unknown))
        else:
            yield Measured(subject=owner or "city", value=1.0)
