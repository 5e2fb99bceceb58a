"""Checks of capacity, output and total energy, and of the three limits that are one.

Yearly limits are compared with every full calendar year; the worst of several is shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from chainsim.accounts import formulas as f
from chainsim.accounts.cases import BOUNDARIES, HUNDRED, Case, battery_capacity_t_a
from chainsim.accounts.verdicts import Measured
from chainsim.accounts.view import View
from chainsim.park.model import Unit
from chainsim.units import convert

OUTPUT, ENERGY, INTENSITY = "q02", "q03", "q04"
"""The clauses on output, total energy and unit energy."""


def approval_of(unit: Unit) -> str:
    """Approval a battery stands under; its own where none is named."""
    return unit.approval or f"unit:{unit.id}"


def approved_t_a(batteries: list[Unit]) -> dict[str, float]:
    """Capacity by approval: the largest oven that stays, or those that close together."""
    staying: dict[str, float] = {}
    closing: dict[str, float] = {}
    for unit in batteries:
        key, capacity = approval_of(unit), battery_capacity_t_a(unit)
        if math.isfinite(unit.close_h):
            closing[key] = closing.get(key, 0.0) + capacity
        else:
            staying[key] = max(staying.get(key, 0.0), capacity)
    return {k: max(staying.get(k, 0.0), closing.get(k, 0.0)) for k in {**staying, **closing}}


def coke_capacity(case: Case) -> Iterator[Measured]:
    """Approved capacity: the oven or its replacement, each approval once."""
    approved = approved_t_a(case.batteries)
    counts = {"units": len(case.batteries), "approvals": len(approved)}
    total = convert(math.fsum(approved.values()), "t/a", case.policy.unit)
    yield Measured(value=total, notes={"approvals": counts})


def coke_output(case: Case) -> Iterator[Measured]:
    """Dry coke per calendar year."""
    yield case.worst(lambda v: Measured(value=case.per_year(v.coke_t, "t", v)))


def utilisation(case: Case) -> Iterator[Measured]:
    """Output over approved capacity, %."""
    capacity = math.fsum(approved_t_a(case.batteries).values())
    if capacity <= 0:
        yield Measured()
        return

    def measure(view: View) -> Measured:
        output = view.coke_t / max(1.0, round(view.hours / 8760.0)) if view.hours else 0.0
        return Measured(value=HUNDRED * output / capacity)

    yield case.worst(measure)


def energy_total(case: Case) -> Iterator[Measured]:
    """Energy per year on the scenario's boundary, the other boundaries beside it."""
    used = case.park.economics.boundary

    def measure(view: View) -> Measured:
        totals = {b: case.per_year(view.energy_kgce(b), "kgce", view) for b in BOUNDARIES}
        notes = {"boundaries": {**{b.lower(): totals[b] for b in BOUNDARIES}, "used": used}}
        if view.coke_t > 0 and totals[used] <= 0:
            return Measured(notes={"outputs_exceed_inputs": {}, **notes})
        band = case.per_year((view.closure_error or 0.0) * view.coke_t, "kgce", view)
        return Measured(value=totals[used], band=band, notes=notes)

    yield case.worst(measure)


def energy_triangle(case: Case) -> Iterator[Measured]:
    """Output x intensity against energy of the run."""
    view, e = case.view, case.view.coke_unit_energy
    energy = convert(view.energy_kgce("A"), "kgce", "tce")
    if e is None or energy <= 0:
        yield Measured()
    else:
        yield Measured(value=f.triangle_gap(view.coke_t, e, energy))


def limit_triangle(case: Case) -> Iterator[Measured]:
    """The limits on output, unit energy and total energy against one another.

    Any two imply the third; the gap and the room they leave are told, whatever the run does.
    """
    limits = {key: _limit(case, key) for key in (OUTPUT, INTENSITY, ENERGY)}
    output, intensity, energy = limits[OUTPUT], limits[INTENSITY], limits[ENERGY]
    if output is None or intensity is None or energy is None:
        yield Measured(notes={"no_limit": {}})
        return
    shown = {
        "product": output * intensity / 1e3,
        "implied": 1e3 * energy / output,
        "room": convert(energy - output * intensity / 1e3, "wan_tce", "tce"),
        "most": 1e3 * energy / intensity,
    }
    gap = f.triangle_gap(output * 1e4, intensity, energy * 1e4)
    yield Measured(value=gap, notes={"one_limit": shown})


def _limit(case: Case, key: str) -> float | None:
    """Limit of another clause of the document, as edited: wan t, kgce/t, wan tce."""
    policy = case.park.library.policies.get(key)
    return case.facts.limits.get(key, None if policy is None else policy.limit)
