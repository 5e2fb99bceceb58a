"""Checks of energy, output and value: one function per clause, park and ledger -> measured values.

Registered by the name that `graphs/policies/` uses in `check:`. Annual limits are compared with the
total divided by the years simulated.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from chainsim.accounts import formulas as f
from chainsim.accounts.conventions import COKING, convention, is_battery, recognised
from chainsim.accounts.limits import OvenState, coking_limit, corrected_coking_limit
from chainsim.accounts.verdicts import Measured
from chainsim.accounts.view import View
from chainsim.library.model import Policy
from chainsim.park.model import Park, Unit
from chainsim.units import HOURS_PER_YEAR, convert

BOUNDARIES: Final = ("A", "B", "C")
HUNDRED: Final = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a check may look at."""

    park: Park
    view: View
    policy: Policy

    @property
    def batteries(self) -> list[Unit]:
        """Coke-oven batteries in id order."""
        return [u for u in self.park.units.values() if is_battery(u)]

    @property
    def enterprises(self) -> list[str]:
        """Owners of batteries, in id order; empty when no owner is named."""
        return sorted({u.owner for u in self.batteries if u.owner})

    def per_year(self, amount: float, unit: str) -> float:
        """An amount of the whole time as a yearly rate in the clause's unit."""
        return convert(amount / self.view.years, f"{unit}/a", self.policy.unit)


def battery_capacity_t_a(unit: Unit) -> float:
    """Annual coke capacity as approved, t."""
    if unit.process is not None:
        return unit.capacity_per_a
    coke = (p.rate for p in unit.ports if p.material.group == "coke" and p.rate > 0)
    return sum(coke) * HOURS_PER_YEAR


def coke_capacity(case: Case) -> Iterator[Measured]:
    """Approved capacity: the oven or its replacement, each approval once (the larger figure)."""
    approved: dict[str, float] = {}
    for unit in case.batteries:
        key = unit.approval or f"unit:{unit.id}"
        approved[key] = max(approved.get(key, 0.0), battery_capacity_t_a(unit))
    counts = {"units": len(case.batteries), "approvals": len(approved)}
    total = convert(sum(approved.values()), "t/a", case.policy.unit)
    yield Measured(value=total, notes={"approvals": counts})


def coke_output(case: Case) -> Iterator[Measured]:
    """Dry coke per year."""
    yield Measured(value=case.per_year(case.view.coke_t, "t"))


def energy_total(case: Case) -> Iterator[Measured]:
    """Energy per year on the scenario's boundary, the other boundaries beside it."""
    view = case.view
    totals = {b: case.per_year(view.energy_kgce(b), "kgce") for b in BOUNDARIES}
    used = case.park.economics.boundary
    notes = {"boundaries": {**{b.lower(): totals[b] for b in BOUNDARIES}, "used": used}}
    band = case.per_year((view.closure_error or 0.0) * view.coke_t, "kgce")
    yield Measured(value=totals[used], band=band, notes=notes)


def energy_triangle(case: Case) -> Iterator[Measured]:
    """Output x intensity against energy: three limits that are one."""
    view, e = case.view, case.view.coke_unit_energy
    energy = convert(view.energy_kgce("A"), "kgce", "tce")
    if e is None or energy <= 0:
        yield Measured()
    else:
        yield Measured(value=f.triangle_gap(view.coke_t, e, energy))


def coke_energy(case: Case) -> Iterator[Measured]:
    """Output-weighted unit energy of the city."""
    yield _unit_energy(case.view, "city")


def coke_energy_by_owner(case: Case) -> Iterator[Measured]:
    """Unit energy of every enterprise and, with its share of common units, of every battery."""
    for owner in case.enterprises:
        yield _unit_energy(case.view.where("enterprise", [owner]), owner)
    for unit in case.batteries:
        e, limits = battery_unit_energy(case, unit), _corrected(case, unit)
        if e is not None:
            notes: dict[str, dict[str, object]] = {"limits": dict(limits)} if limits else {}
            yield Measured(
                subject=unit.id,
                value=e,
                band=case.view.closure_error or 0.0,
                notes={**notes, "shared": {}},
            )


def _unit_energy(view: View, subject: str) -> Measured:
    e = view.coke_unit_energy
    if e is None:
        return Measured(subject=subject)
    notes = {"heat_error": {"band": view.coal_heat_band}}
    return Measured(subject=subject, value=e, band=view.closure_error or 0.0, notes=notes)


def battery_unit_energy(case: Case, unit: Unit) -> float | None:
    """Unit energy of one battery: its own flows and, by coke output, its part of the common units.

    Common units are the coking units without oven of the same site and owner. The battery's output
    is its share, by coal charged, of the coke of its site and owner.
    """
    beside = [
        u
        for u in case.park.units.values()
        if u.boundary == COKING and (u.site, u.owner) == (unit.site, unit.owner)
    ]
    group = case.view.where("unit", [u.id for u in beside])
    own = case.view.where("unit", [unit.id])
    coal = group.sum("energy.a.coal")
    if group.coke_t <= 0 or coal <= 0:
        return None
    share = own.sum("energy.a.coal") / coal
    if share <= 0:
        return None
    common = case.view.where("unit", [u.id for u in beside if not is_battery(u)])
    return (own.energy_a_kgce + share * common.energy_a_kgce) / (share * group.coke_t)


def corrected_limit(case: Case, level: int) -> Iterator[Measured]:
    """Unit energy of every battery against the corrected limit of its level."""
    for unit in case.batteries:
        e, limits = battery_unit_energy(case, unit), _corrected(case, unit)
        if e is not None and limits:
            yield Measured(
                subject=unit.id,
                value=e,
                band=case.view.closure_error or 0.0,
                limit=limits[f"level{level}"],
                notes={"shared": {}},
            )


def corrected_level2(case: Case) -> Iterator[Measured]:
    """GB 21342-2025 level 2 with corrections."""
    yield from corrected_limit(case, 2)


def corrected_level3(case: Case) -> Iterator[Measured]:
    """GB 21342-2025 level 3 with corrections."""
    yield from corrected_limit(case, 3)


def _corrected(case: Case, unit: Unit) -> dict[str, float]:
    """Corrected limits of one battery by level; empty without an oven type or the standard."""
    limits = case.park.library.limits
    oven = unit.process.oven if unit.process is not None else None
    limit = None if oven is None else coking_limit(limits, oven.charging)
    if oven is None or limit is None:
        return {}
    state = OvenState(
        charging=oven.charging,
        volatile_pct=case.view.figures("coal_blend_volatile", "percent", 0.0),
        moisture_pct=case.view.figures("coal_blend_moisture", "percent", 0.0),
        mixed_gas_share=_mixed_gas_share(case.view, unit),
        wet_share=1.0 - (dry_quenched_share(case, unit.owner) or 0.0),
        age_a=max(0.0, -unit.start_h) / HOURS_PER_YEAR if math.isfinite(unit.start_h) else 0.0,
    )
    return {level: corrected_coking_limit(limits, level, state) for level in limit.levels}


def _mixed_gas_share(view: View, unit: Unit) -> float:
    """Blast-furnace gas in the ovens' heat: stands for the share of time on mixed gas."""
    fired = {p.name for p in unit.ports if p.burn}
    heat: dict[str, float] = {}
    for flow in view.flows:
        if flow.component == unit.id and flow.kind == "unit" and flow.port in fired:
            gave = -flow.quantity * view.park.materials[flow.material].lhv_gj
            heat[flow.material] = heat.get(flow.material, 0.0) + gave
    total = sum(heat.values())
    lean = sum(heat.get(gas, 0.0) for gas in convention("fuels", "mixed_gas"))
    return lean / total if total > 0 else 0.0


def energy_per_value(case: Case) -> Iterator[Measured]:
    """Energy per value added, the same boundary in both; no positive value added fails."""
    boundary = case.park.economics.boundary
    ratios = {b: case.view.tce_per_wan_yuan(b) for b in BOUNDARIES}
    value = ratios[boundary]
    shown = {b.lower(): "-" if r is None else r for b, r in ratios.items()}
    notes: dict[str, dict[str, object]] = {"boundaries": {**shown, "used": boundary}}
    if value is None:
        yield Measured(notes={"no_value_added": {}})
        return
    view = case.view
    energy = view.energy_kgce(boundary)
    band = abs(value) * (view.closure_error or 0.0) * view.coke_t / abs(energy) if energy else 0.0
    failed = value < 0 < energy
    if failed:
        notes["no_value_added"] = {}
    yield Measured(value=value, band=0.0 if failed else band, failed=failed, notes=notes)


def value_per_coke(case: Case) -> Iterator[Measured]:
    """Value added of the coking process per t of coke against what unit energy implies."""
    ratio = case.policy.limit
    for owner in case.enterprises or [""]:
        view = case.view.where("enterprise", [owner])
        e, coke = view.coke_unit_energy, view.coke_t
        subject = owner or "city"
        if e is None or ratio is None:
            yield Measured(subject=subject)
            continue
        yield Measured(
            subject=subject,
            value=view.coking().value_added / coke,
            limit=f.min_value_added_cny_per_t(e, ratio),
            notes={"derived_limit": {"e": e, "ratio": ratio}},
        )


def dry_quenched_share(case: Case, owner: str) -> float | None:
    """Coke of one owner that left a dry quencher, as a share of all its coke."""
    view = case.view.where("enterprise", [owner])
    if view.coke_t <= 0:
        return None
    dry = [u.id for u in case.park.units.values() if recognised(u, "dry_quench")]
    return view.where("unit", dry).coke_t / view.coke_t


def value_methods(case: Case) -> Iterator[Measured]:
    """Gap between the two methods of value added."""
    produced, earned = case.view.value_added, case.view.value_added_income
    if produced == 0.0:
        yield Measured()
        return
    notes = {"methods": {"production": produced, "income": earned}}
    yield Measured(value=abs(produced - earned) / abs(produced), notes=notes)
