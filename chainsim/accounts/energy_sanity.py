"""Warnings where more energy is counted out than in: heating values or flows must be wrong."""

from __future__ import annotations

from collections.abc import Iterator

from chainsim.accounts.view import View
from chainsim.errors import Problem
from chainsim.park.model import Park, Unit

_SLACK = 1e-6


def outputs_beyond_inputs(view: View) -> Iterator[Problem]:
    """Boundaries on which energy delivered is not less than energy taken in.

    Args:
        view: a whole park over the whole time.
    """
    coke = view.coke_t
    taken = view.sum("energy.a.coal", "energy.a.process")
    if coke > 0 and taken > 0 and view.energy_a_kgce <= 0:
        yield _problem("A", view.energy_a_kgce)
    bought = view.sum("energy.b.purchase")
    if bought > 0 and view.energy_b_kgce < -_SLACK * bought:
        yield _problem("B", view.energy_b_kgce)


def _problem(boundary: str, kgce: float) -> Problem:
    return Problem(
        code="CS-A007", severity="warning", path=f"energy.{boundary}", found=f"{kgce / 1e3:.4g} tce"
    )


def heat_from_nothing(park: Park) -> Iterator[Problem]:
    """Units whose streams carry more energy out than in at the measured heating values."""
    if not park.resolved.get("measured"):
        return
    for unit in park.units.values():
        if unit.process is None:
            continue
        into, gap = _energy(unit)
        if into > 0 and gap < -_SLACK * into:
            yield Problem(
                code="CS-A008",
                severity="warning",
                path=f"units.{unit.id}",
                found=f"{-gap / into:.2%}",
            )


def _energy(unit: Unit) -> tuple[float, float]:
    """Energy in, and in less out, at nameplate, GJ/h."""
    into = gap = 0.0
    for port in unit.ports:
        amount = port.rate * (1.0 if port.by_heat else port.material.energy_gj)
        into += max(0.0, -amount)
        gap -= amount
    return into, gap
