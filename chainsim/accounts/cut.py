"""A coordinated cut of one park: planned outputs, tiers, weights, floors, triggers.

Floors: the ovens' least stable load, and the coke that civil gas and heat at the enterprise's sites
need (gas left after heating the ovens, recovered steam, gas burnt in the site's boilers). Where no
tier is published, the evaluation's own stands for it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from chainsim.accounts.cases import Case, span_a
from chainsim.accounts.conventions import COKING, convention, material_id, recognised
from chainsim.accounts.cut_formulas import (
    CutPlan,
    allocate_cut,
    livelihood_floor,
    trigger_tests,
)
from chainsim.accounts.evaluation import Rating
from chainsim.accounts.view import View
from chainsim.park.model import Unit
from chainsim.units import HOURS_PER_YEAR

THRESHOLDS: Final = {
    "price_fall": ("cut_price_fall", "ratio"),
    "stock_days": ("cut_stock_days", "d"),
    "margin": ("cut_margin", "CNY/t"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkCut:
    """A cut and all that it follows from; amounts t/a of coke.

    Attributes:
        target: output of the city after it.
        plan: planned output by enterprise.
        tiers: by enterprise.
        weights: by enterprise.
        load_floors: by least stable load.
        civil_floors: by civil gas and heat.
        result: the allocation.
        triggers: whether each test of the market has fired; None where nobody knows.
        signals: what was tested.
    """

    target: float
    plan: Mapping[str, float]
    tiers: Mapping[str, str]
    weights: Mapping[str, float]
    load_floors: Mapping[str, float]
    civil_floors: Mapping[str, float]
    result: CutPlan
    triggers: Mapping[str, bool | None]
    signals: Mapping[str, float | None]

    @property
    def triggered(self) -> bool | None:
        """True when all tests fired, False when one did not, else None."""
        states = list(self.triggers.values())
        if False in states:
            return False
        return None if None in states else True

    def floor(self, owner: str) -> float:
        """The higher of the two floors, not above the plan."""
        return min(self.plan[owner], max(self.load_floors[owner], self.civil_floors[owner]))


def plan_cut(
    case: Case,
    rating: Rating,
    target_t_a: float,
    *,
    tiers: Mapping[str, str] | None = None,
    step_t: float = 0.0,
) -> ParkCut:
    """Cut a park's coke to `target_t_a`.

    Args:
        case: the park's run.
        rating: its evaluation, for tiers.
        target_t_a: coke output of the city, t/a.
        tiers: tiers that win over facts and evaluation.
        step_t: rounding of cuts, t; 0 for none.
    """
    owners = case.enterprises
    given = {r.enterprise: r.tier for r in rating.rated} | dict(tiers or {})
    figures = case.view.figures
    weights = {o: figures(f"cut_weight_{given[o].lower()}", "ratio", 1.0) for o in owners}
    plan = {o: math.fsum(c for c, _ in battery_outputs(case, o).values()) for o in owners}
    load = {o: load_floor(case, o) for o in owners}
    civil = {o: civil_floor(case, o) for o in owners}
    floors = {o: min(plan[o], max(load[o], civil[o])) for o in owners}
    signals = _signals(case)
    thresholds = {k: figures(name, unit, 0.0) for k, (name, unit) in THRESHOLDS.items()}
    return ParkCut(
        target=target_t_a,
        plan=plan,
        tiers={o: given[o] for o in owners},
        weights=weights,
        load_floors=load,
        civil_floors=civil,
        result=allocate_cut(plan, weights, floors, target_t_a, step=step_t),
        triggers=trigger_tests(signals, thresholds),
        signals=signals,
    )


def _signals(case: Case) -> dict[str, float | None]:
    """What the market shows: as entered, the margin by the run where it is not."""
    cut = case.facts.cut
    margin = None if cut is None else cut.margin_cny_per_t
    return {
        "price_fall": None if cut is None else cut.price_fall,
        "stock_days": None if cut is None else cut.stock_days,
        "margin": sector_margin(case.view) if margin is None else margin,
    }


def sector_margin(view: View) -> float | None:
    """Operating surplus of the coking process at transfer prices, CNY per t of coke."""
    if view.coke_t <= 0:
        return None
    coking = view.coking()
    return coking.sum("revenue.", "stock.", "transfer.value", "cost.") / view.coke_t


def battery_outputs(case: Case, owner: str) -> dict[str, tuple[float, float]]:
    """Coke of each battery of an enterprise and its least at stable load, t/a.

    A site's coke is shared among its batteries by coal charged, whoever quenches it; the least is
    that of the hours available.
    """
    hours = case.view.simulation.units.groupby("component", sort=True)
    full, there = hours["full_load_h"].sum(), hours["available_h"].sum()
    found = {}
    for unit in case.batteries:
        if unit.owner != owner:
            continue
        here = case.view.where("site", [unit.site])
        beside = [_coal(here, u) for u in case.batteries if u.site == unit.site]
        total = math.fsum(beside)
        share = _coal(here, unit) / total if total > 0 else 0.0
        coke = here.coke_t * share / span_a(case.view.hours)
        run, available = float(full.get(unit.id, 0.0)), float(there.get(unit.id, 0.0))
        least = min(1.0, unit.min_load * available / run) if run > 0 else 0.0
        found[unit.id] = (coke, coke * least)
    return found


def load_floor(case: Case, owner: str) -> float:
    """Least coke of an enterprise at the stable load of its ovens, t/a."""
    return math.fsum(least for _, least in battery_outputs(case, owner).values())


def battery_loads(case: Case, cut: ParkCut) -> dict[str, float]:
    """Load set-point of every battery after a cut, no oven below its least stable load.

    Within an enterprise its ovens give alike; one at its least leaves the rest to the others. The
    set-point starts from the activity an oven really had, which other plants may have held below
    its own.
    """
    hours = case.view.simulation.units.groupby("component", sort=True)
    full, there = hours["full_load_h"].sum(), hours["available_h"].sum()
    loads = {}
    for owner, share in cut.result.shares.items():
        outputs = battery_outputs(case, owner)
        plan = {k: coke for k, (coke, _) in outputs.items()}
        floors = {k: least for k, (_, least) in outputs.items()}
        alike = dict.fromkeys(plan, 1.0)
        own = allocate_cut(plan, alike, floors, share.after)
        for key, left in own.shares.items():
            unit = case.park.units[key]
            if plan[key] > 0:
                activity = float(full[key]) / float(there[key])
                loads[key] = max(unit.min_load, activity * left.after / plan[key])
    return loads


def _coal(view: View, unit: Unit) -> float:
    """Coal charged into a battery, as a measure of its share."""
    own = view.where("unit", [unit.id])
    return own.sum("energy.a.coal") or -own.by_material("output.made").get(material_id("coke"), 0.0)


def civil_floor(case: Case, owner: str) -> float:
    """Coke of an enterprise that civil gas and heat at its sites need, t/a.

    A site's load is shared among its enterprises by coke.
    """
    total = 0.0
    for site in sorted({u.site for u in case.batteries if u.owner == owner}):
        here = case.view.where("site", [site])
        coke = here.coke_t
        gas, heat = _civil_loads(case, site)
        if coke <= 0 or (gas <= 0 and heat <= 0):
            continue
        own = here.where("enterprise", [owner]).coke_t / coke
        per_coke = _per_coke(case, here, site)
        total += own * livelihood_floor(gas, heat, per_coke, HOURS_PER_YEAR)
    return total


def _civil_loads(case: Case, site: str) -> tuple[float, float]:
    """Largest monthly civil load of gas (kNm3/h) and heat (GJ/h) at a site."""
    gas = heat = 0.0
    for obligation in case.park.obligations.values():
        header = case.park.headers[obligation.header]
        if header.site != site:
            continue
        most = max(obligation.monthly)
        if header.material.group == "gas":
            gas += most
        elif header.material.id in convention("materials", "heat") or header.material.unit == "GJ":
            heat += most * header.material.energy_gj
    return gas, heat


def _per_coke(case: Case, here: View, site: str) -> dict[str, float]:
    """What one t of coke leaves for civil use at a site."""
    park, coke = case.park, here.coke_t
    gas = park.materials[material_id("gas")]
    coking = {u.id for u in park.units.values() if u.boundary == COKING and u.site == site}
    left = math.fsum(
        f.quantity
        for f in case.view.flows
        if f.component in coking and f.kind == "unit" and f.material == gas.id
    )
    heat = set(convention("materials", "heat"))
    steam = math.fsum(
        f.quantity * park.materials[f.material].energy_gj
        for f in case.view.flows
        if f.component in coking and f.kind == "unit" and f.material in heat
    )
    return {
        "gas": max(0.0, left) / coke,
        "lhv": gas.lhv_gj,
        "steam": max(0.0, steam) / coke,
        "boiler": _boiler_share(case, site),
    }


def _boiler_share(case: Case, site: str) -> float:
    """Heat a boiler of the site delivers per heat of its fuel; 0 where none stands."""
    for unit in case.park.units.values():
        if unit.site != site or unit.process is None or not recognised(unit, "boiler"):
            continue
        fuel = -sum(p.rate for p in unit.ports if p.burn and p.by_heat)
        heat = set(convention("materials", "heat"))
        out = sum(p.rate * p.material.energy_gj for p in unit.ports if p.material.id in heat)
        if fuel > 0 and out > 0:
            return out / fuel
    return 0.0
