"""Checks of the unit energy of coke: the city, enterprises and batteries, raw and corrected limits.

A unit energy that is not positive means that more is counted out than in: it is refused, not
judged. The band beside it is the closure error of the coking balance.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from functools import partial

from chainsim.accounts.cases import Case
from chainsim.accounts.conventions import COKING, convention, is_battery
from chainsim.accounts.limits import OvenState, coking_limit, corrected_coking_limit
from chainsim.accounts.quenching import dry_quenched_share
from chainsim.accounts.unit_limits import coke_plant_energy_kgce
from chainsim.accounts.verdicts import Measured, missing
from chainsim.accounts.view import View
from chainsim.library.model import Limit
from chainsim.park.model import Unit
from chainsim.units import HOURS_PER_YEAR

DAYS_PER_YEAR = 365.25
COKING_SCOPE = "coking"
UNDER_WAY = ("under_construction", "planned", "announced")


def coke_energy(case: Case) -> Iterator[Measured]:
    """Output-weighted unit energy of the city, the worst year of several."""
    yield case.worst(lambda view: _unit_energy(view, "city"))


def coke_energy_by_owner(case: Case) -> Iterator[Measured]:
    """Unit energy of every enterprise and, with its share of common units, of every battery."""
    for owner in case.enterprises:
        yield case.worst(partial(_of_enterprise, owner=owner))
    for unit in case.batteries:
        e, limits = battery_unit_energy(case.view, unit), corrected_limits(case, unit)
        if e is not None:
            notes: dict[str, dict[str, object]] = {"limits": dict(limits)} if limits else {}
            yield _of_battery(case, unit, e, notes=notes)


def _of_enterprise(view: View, owner: str) -> Measured:
    return _unit_energy(view.where("enterprise", [owner]), owner)


def _unit_energy(view: View, subject: str) -> Measured:
    e = view.coke_unit_energy
    if e is None:
        return Measured(subject=subject)
    notes = {"heat_error": {"band": view.coal_heat_band}}
    if e <= 0:
        return Measured(subject=subject, notes={"outputs_exceed_inputs": {}, **notes})
    return Measured(subject=subject, value=e, band=view.closure_error or 0.0, notes=notes)


def _of_battery(
    case: Case,
    unit: Unit,
    e: float,
    *,
    limit: float | None = None,
    notes: Mapping[str, Mapping[str, object]] | None = None,
) -> Measured:
    """One battery's unit energy with the closure error and how common units are shared."""
    shown = {**(notes or {}), "shared": {}}
    if e <= 0:
        return Measured(subject=unit.id, limit=limit, notes={"outputs_exceed_inputs": {}, **shown})
    band = case.view.closure_error or 0.0
    return Measured(subject=unit.id, value=e, band=band, limit=limit, notes=shown)


def battery_unit_energy(view: View, unit: Unit) -> float | None:
    """Unit energy of one battery: its own flows and, by coke output, its part of the common units.

    Common units are the coking units without oven of the same site and owner. The battery's output
    is its share, by coal charged, of the coke of its site and owner.
    """
    beside = [
        u
        for u in view.park.units.values()
        if u.boundary == COKING and (u.site, u.owner) == (unit.site, unit.owner)
    ]
    group = view.where("unit", [u.id for u in beside])
    own = view.where("unit", [unit.id])
    coal = group.sum("energy.a.coal")
    if group.coke_t <= 0 or coal <= 0:
        return None
    share = own.sum("energy.a.coal") / coal
    if share <= 0:
        return None
    common = view.where("unit", [u.id for u in beside if not is_battery(u)])
    return (own.energy_a_kgce + share * common.energy_a_kgce) / (share * group.coke_t)


# -- limits of the standards ------------------------------------------------------------------


def corrected_limit(case: Case) -> Iterator[Measured]:
    """Every battery of one way of charging against a corrected level of the edition in force.

    The clause's values are the charging and the level.
    """
    charging, level = case.policy.values
    for unit in _charged(case, charging):
        e, limits = battery_unit_energy(case.view, unit), corrected_limits(case, unit)
        if e is not None and level in limits:
            yield _of_battery(case, unit, e, limit=limits[level])
    yield from _none_of(case, charging)


def edition_limit(case: Case) -> Iterator[Measured]:
    """Every battery against an uncorrected level: values are the charging, a limit's stem, a level.

    The charging `any` takes all batteries; a stem is the limit's id without its charging.
    """
    charging, stem, level = case.policy.values
    for unit in _charged(case, charging):
        e, limit = battery_unit_energy(case.view, unit), _limit_of(case, unit, stem)
        if e is not None and limit is not None and level in limit.levels:
            yield _of_battery(case, unit, e, limit=limit.levels[level].base)
    yield from _none_of(case, charging)


def _charged(case: Case, charging: str) -> list[Unit]:
    """Batteries of one way of charging that can be told."""
    known = (unit for unit in case.batteries if unit.charging)
    return [unit for unit in known if charging in ("any", unit.charging)]


def _none_of(case: Case, charging: str) -> Iterator[Measured]:
    if not _charged(case, charging):
        yield Measured(subject="city", notes={"no_subject": {}}, nothing=True)


def _limit_of(case: Case, unit: Unit, stem: str) -> Limit | None:
    return case.park.library.limits.get(f"{stem}_{unit.charging}")


def corrected_limits(case: Case, unit: Unit) -> dict[str, float]:
    """Corrected limits of one battery by level; empty without an oven type or the standard."""
    limits = case.park.library.limits
    limit = coking_limit(limits, unit.charging)
    if limit is None:
        return {}
    facts, figures = case.facts.unit(unit.id), case.view.figures
    volatile, moisture = facts.volatile, facts.moisture
    if volatile is None:
        volatile = figures("coal_blend_volatile", "percent", 0.0)
    if moisture is None:
        moisture = figures("coal_blend_moisture", "percent", 0.0)
    state = OvenState(
        charging=unit.charging,
        volatile_pct=volatile,
        moisture_pct=moisture,
        mixed_gas_share=_mixed_gas_share(case.view, unit),
        wet_share=1.0 - (dry_quenched_share(case, unit.owner) or 0.0),
        age_a=_age_a(case, unit),
    )
    return {level: corrected_coking_limit(limits, level, state) for level in limit.levels}


def _age_a(case: Case, unit: Unit) -> float:
    """Age of a battery at the start of the run, years; 0 where nobody knows."""
    commissioned: dt.date | None = case.facts.unit(unit.id).commissioned
    if commissioned is not None:
        return max(0.0, (case.park.horizon.start - commissioned).days / DAYS_PER_YEAR)
    return max(0.0, -unit.start_h) / HOURS_PER_YEAR if math.isfinite(unit.start_h) else 0.0


def _mixed_gas_share(view: View, unit: Unit) -> float:
    """Blast-furnace gas in the ovens' heat: stands for the share of time on mixed gas."""
    fired = {p.name for p in unit.ports if p.burn}
    heat: dict[str, float] = {}
    for flow in view.flows_of.get(unit.id, ()):
        if flow.kind == "unit" and flow.port in fired:
            gave = -flow.quantity * view.park.materials[flow.material].lhv_gj
            heat[flow.material] = heat.get(flow.material, 0.0) + gave
    total = sum(heat.values())
    lean = sum(heat.get(gas, 0.0) for gas in convention("fuels", "mixed_gas"))
    return lean / total if total > 0 else 0.0


def projects_at_benchmark(case: Case) -> Iterator[Measured]:
    """Batteries under construction: by design and as run against the benchmark of their oven.

    Without a design figure in the facts, the process's own coefficients stand for the design.
    """
    projects = [u for u in _charged(case, "any") if u.status in UNDER_WAY]
    for unit in projects:
        limit = _limit_of(case, unit, "benchmark_2023_coke")
        bound = None if limit is None else limit.levels["benchmark"].base
        design = case.facts.unit(unit.id).design_kgce_per_t
        by = "facts"
        if design is None and unit.process is not None:
            design, by = coke_plant_energy_kgce(case.park.library, unit.process), "library"
        run = battery_unit_energy(case.view, unit)
        if design is None:
            yield missing(unit.id, f"facts.units.{unit.id}.design_kgce_per_t")
            continue
        worse = max(design, run) if run is not None else design
        shown = {"design": design, "by": by, "run": "-" if run is None else run}
        yield _of_battery(case, unit, worse, limit=bound, notes={"design": shown})
    if not projects:
        yield Measured(notes={"no_subject": {}}, nothing=True)
