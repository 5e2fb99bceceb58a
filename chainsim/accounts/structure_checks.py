"""Checks of equipment, gas, heat and balances: who has what, where it goes, whether it closes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

from chainsim.accounts.cases import HUNDRED, Case
from chainsim.accounts.conventions import convention, material_id, recognised
from chainsim.accounts.verdicts import Measured
from chainsim.library.model import Material
from chainsim.park.model import Unit, UnitPort
from chainsim.units import convert


def civil_gas(case: Case) -> Iterator[Measured]:
    """Worst shortfall rate of town gas by county, negative when something is missing."""
    yield from _shortfalls(
        case, lambda m: m.group == "gas" and m.unit == "kNm3", lambda m: 1.0, "kNm3/h"
    )


def civil_heat(case: Case) -> Iterator[Measured]:
    """Worst shortfall rate of heat by county, negative when something is missing."""
    yield from _shortfalls(
        case,
        lambda m: m.id in convention("materials", "heat") or m.unit == "GJ",
        lambda m: m.energy_gj,
        "GJ/h",
    )


def _shortfalls(
    case: Case, wanted: Callable[[Material], bool], content: Callable[[Material], float], unit: str
) -> Iterator[Measured]:
    materials = case.park.materials
    table = case.view.simulation.obligations
    listed = (table[c].tolist() for c in ("period", "site", "material", "shortfall", "short_h"))
    rows = [row for row in zip(*listed, strict=True) if wanted(materials[row[2]])]
    if not rows:
        yield Measured()
        return
    worst: dict[str, tuple[float, str]] = {}
    totals: dict[str, tuple[float, float]] = {}
    for period, site, material, short, hours in rows:
        county = case.park.sites[site].county or site
        amount = short * content(materials[material])
        rate = amount / hours if hours > 0 else 0.0
        worst[county] = max(worst.get(county, (0.0, period)), (rate, period), key=lambda x: x[0])
        before = totals.get(county, (0.0, 0.0))
        totals[county] = (before[0] + amount, before[1] + hours)
    for county, (rate, period) in sorted(worst.items()):
        amount, hours = totals[county]
        shown = {"amount": amount, "hours": hours, "period": period}
        yield Measured(
            subject=county,
            value=-convert(rate, unit, case.policy.unit),
            notes={"shortfall": shown} if rate > 0 else {},
        )


def counties(case: Case) -> Iterator[Measured]:
    """Batteries outside the counties the clause names."""
    strays = [
        unit.id
        for unit in case.batteries
        if not any(name in case.park.sites[unit.site].county for name in case.policy.values)
    ]
    notes: Mapping[str, Mapping[str, object]] = {}
    if strays:
        notes = {"outside": {"units": ",".join(strays)}}
    yield Measured(value=float(len(strays)), notes=notes)


def riser_heat(case: Case) -> Iterator[Measured]:
    """1 where riser heat recovery stands at the battery's site and owner, else 0.

    Heat recovered per t of coke of that site and owner stands beside.
    """
    places: dict[tuple[str, str], list[str]] = {}
    for unit in case.park.units.values():
        if recognised(unit, "riser"):
            places.setdefault((unit.site, unit.owner), []).append(unit.id)
    for unit in case.batteries:
        place = (unit.site, unit.owner)
        notes: Mapping[str, Mapping[str, object]] = {}
        if place in places:
            notes = {"riser": _riser_heat(case, place, places[place])}
        yield Measured(subject=unit.id, value=float(place in places), notes=notes)


def _riser_heat(case: Case, place: tuple[str, str], risers: list[str]) -> dict[str, object]:
    """GJ of steam and kgce per t of coke that riser units give at one site and owner."""
    site, owner = place
    coke = case.view.where("site", [site]).where("enterprise", [owner]).coke_t
    made = case.view.where("unit", risers).by_material("output.made")
    materials = case.park.materials
    heat = sum(a * materials[m].energy_gj for m, a in made.items() if m in _heat_carriers())
    saved = sum(a * materials[m].tce_kgce for m, a in made.items() if m in _heat_carriers())
    per = 1.0 / coke if coke > 0 else 0.0
    return {"gj": heat * per, "kgce": saved * per}


def _heat_carriers() -> list[str]:
    return list(convention("materials", "heat"))


def gas_allocation(case: Case) -> Iterator[Measured]:
    """Gap of the coke-oven gas balance at every site that makes gas, as a share of the make."""
    made: dict[str, float] = {}
    left: dict[str, list[float]] = {}
    for flow in case.view.flows:
        if flow.material != material_id("gas"):
            continue
        left.setdefault(flow.site, []).append(flow.quantity)
        if flow.kind == "unit" and flow.quantity > 0:
            made[flow.site] = made.get(flow.site, 0.0) + flow.quantity
    for site, amount in sorted(made.items()):
        yield Measured(subject=site, value=abs(math.fsum(left[site])) / amount)


def outlets(case: Case) -> Iterator[Measured]:
    """Uses of a by-product over its make; the clause's first value is the material.

    Imports stand beside; what stays in store counts as no use.
    """
    material = case.policy.values[0]
    made = used = bought = 0.0
    for flow in case.view.flows:
        if flow.material != material:
            continue
        if flow.kind == "unit" and flow.quantity > 0:
            made += flow.quantity
        elif flow.kind in ("unit", "sell", "obligation", "vent"):
            used -= flow.quantity
        elif flow.kind == "buy":
            bought += flow.quantity
    if made <= 0:
        yield Measured(notes={"no_subject": {}}, nothing=True)
        return
    shown = {"made": made, "used": used, "bought": bought}
    yield Measured(value=(used - bought) / made, notes={"outlets": shown})


def gas_flared(case: Case) -> Iterator[Measured]:
    """Flared and vented share of the make, %, of the city and of every site that makes gas."""
    view = case.view
    made = view.sum("cog.make")
    if made <= 0:
        yield Measured()
        return
    yield Measured(value=HUNDRED * view.sum("cog.flared") / made)
    sites = sorted({row.site for row in view.rows if row.account == "cog.make"})
    for site in sites if len(sites) > 1 else ():
        part = view.where("site", [site])
        yield Measured(subject=site, value=HUNDRED * part.sum("cog.flared") / part.sum("cog.make"))


def mass_closure(case: Case) -> Iterator[Measured]:
    """Gap of the mass that really flowed through each battery, as a share of what went in."""
    yield from _closure(case, lambda port, m: 0.0 if port.burn else m.mass_t)


def energy_closure(case: Case) -> Iterator[Measured]:
    """Gap of energy through each battery beyond the heat loss its recipe declares."""
    yield from _closure(
        case,
        lambda port, m: (m.lhv_gj or m.energy_gj) if port.by_heat else m.energy_gj,
        heat_loss=True,
    )


def _closure(
    case: Case, content: Callable[[UnitPort, Material], float], *, heat_loss: bool = False
) -> Iterator[Measured]:
    hours = case.view.full_load_h if heat_loss else {}
    for unit in case.batteries:
        ports = {p.name: p for p in unit.ports}
        into = gap = 0.0
        for flow in case.view.flows_of.get(unit.id, ()):
            if flow.kind != "unit":
                continue
            port = ports[flow.port]
            stream = case.park.materials[flow.material] if port.options else port.material
            amount = flow.quantity * content(port, stream)
            into += max(0.0, -amount)
            gap -= amount
        if heat_loss:
            gap -= _declared_loss(unit, content) * hours.get(unit.id, 0.0)
        if into > 0:
            yield Measured(subject=unit.id, value=abs(gap) / into, notes=_closing(case, unit))


def _declared_loss(unit: Unit, content: Callable[[UnitPort, Material], float]) -> float:
    """Heat loss at nameplate by the unit's own ports, load curve included, GJ/h."""
    return -sum(p.rate * (1.0 if p.by_heat else content(p, p.material)) for p in unit.ports)


def _closing(case: Case, unit: Unit) -> Mapping[str, Mapping[str, object]]:
    process = unit.process.id if unit.process else ""
    for row in case.park.library.closure:
        if row.process == process and row.quantity == "mass":
            return {"closing": {"share": row.share, "worst": row.worst}}
    return {}
