"""Measures of single enterprises that no clause asks for by itself, for the evaluation."""

from __future__ import annotations

import math
from collections.abc import Iterator

from chainsim.accounts.cases import HUNDRED, Case, battery_capacity_t_a
from chainsim.accounts.conventions import COKING
from chainsim.accounts.oven_register import is_old, runs_at
from chainsim.accounts.verdicts import Measured, missing
from chainsim.accounts.view import FlowSum
from chainsim.units import convert

DOWNSTREAM = "downstream"


def fact(case: Case) -> Iterator[Measured]:
    """A fact of every enterprise; the clause's value names it."""
    name = case.policy.values[0]
    for owner in case.enterprises:
        value = getattr(case.facts.enterprise(owner), name)
        if value is None:
            yield missing(owner, f"facts.enterprises.{owner}.{name}")
        else:
            yield Measured(subject=owner, value=float(value))


def old_ovens_by_owner(case: Case) -> Iterator[Measured]:
    """Capacity of 4.3 m ovens in operation at the end of the run, by enterprise."""
    end = case.park.horizon.hours
    for owner in case.enterprises:
        old = [u for u in case.batteries if u.owner == owner and is_old(u) and runs_at(u, end)]
        total = math.fsum(map(battery_capacity_t_a, old))
        yield Measured(subject=owner, value=convert(total, "t/a", case.policy.unit))


def energy_per_value_by_owner(case: Case) -> Iterator[Measured]:
    """Energy per value added of the coking process of every enterprise."""
    for owner in case.enterprises:
        part = case.view.where("enterprise", [owner])
        value = part.tce_per_wan_yuan("A")
        if value is None:
            yield Measured(subject=owner, notes={"no_value_added": {}})
        else:
            failed = value < 0 < part.energy_kgce("A")
            yield Measured(subject=owner, value=math.inf if failed else value)


def chain_share(case: Case) -> Iterator[Measured]:
    """Share of a by-product that goes into chemicals, %, by enterprise.

    What is left for use is the make less what the coking process, utilities' share of the own heat
    and civil obligations take; used are chemical plants at the enterprise's sites and what pipes,
    lorries and trains carry to others. A site shared by enterprises counts for each of them.
    """
    material = case.policy.values[0]
    boundary = {u.id: u.boundary for u in case.park.units.values()}
    for owner in case.enterprises:
        sites = {u.site for u in case.batteries if u.owner == owner}
        here = [f for f in case.view.flows if f.material == material and f.site in sites]
        made = math.fsum(f.quantity for f in here if f.kind == "unit" and f.quantity > 0)
        kept = math.fsum(-f.quantity for f in here if _kept(f, boundary))
        used = math.fsum(-f.quantity for f in here if _processed(f, boundary))
        free = made - kept
        if free <= 0:
            yield Measured(subject=owner, notes={"no_subject": {}})
        else:
            yield Measured(subject=owner, value=HUNDRED * min(1.0, used / free))


def _kept(flow: FlowSum, boundary: dict[str, str]) -> bool:
    coking = flow.kind == "unit" and boundary[flow.component] == COKING
    return flow.quantity < 0 and (coking or flow.kind == "obligation")


def _processed(flow: FlowSum, boundary: dict[str, str]) -> bool:
    chemical = flow.kind == "unit" and boundary[flow.component] == DOWNSTREAM
    return flow.quantity < 0 and (chemical or flow.kind == "link")


def chemical_value_share(case: Case) -> Iterator[Measured]:
    """Share of chemical plants in the value added at an enterprise's sites, %."""
    chemical = [u.id for u in case.park.units.values() if u.boundary == DOWNSTREAM]
    for owner in case.enterprises:
        sites = sorted({u.site for u in case.batteries if u.owner == owner})
        units = [u.id for u in case.park.units.values() if u.site in sites]
        total = case.view.where("unit", units).value_added
        part = case.view.where("unit", [u for u in chemical if u in units]).value_added
        if total <= 0:
            yield Measured(subject=owner, notes={"no_value_added": {}})
        else:
            yield Measured(subject=owner, value=HUNDRED * part / total)
