"""Unit energy of products as run against the limits of their standards.

`gross` counts all energy taken in less energy products sent out besides the product itself,
`process` leaves feedstocks out as well; scopes that were not read cannot be judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from chainsim.accounts.cases import Case
from chainsim.accounts.formulas import kgce_of_heat
from chainsim.accounts.unit_limits import ELECTRICITY, FEEDSTOCKS, OPEN
from chainsim.accounts.verdicts import Measured
from chainsim.accounts.view import View
from chainsim.library.model import Limit, Material
from chainsim.park.model import Unit
from chainsim.units import convert

COKING: Final = "coking"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductEnergy:
    """Unit energy of one unit's product as run.

    Attributes:
        unit: the unit.
        limit: the limit it stands under.
        value: in the limit's unit; None where it cannot be judged.
        product_t: product made, t.
    """

    unit: Unit
    limit: Limit
    value: float | None
    product_t: float


def product_energies(view: View) -> Iterator[ProductEnergy]:
    """Every limit on energy or power that a running unit's process names, coking left out."""
    for unit in view.park.units.values():
        if unit.process is None:
            continue
        for key in unit.process.limits:
            limit = view.park.library.limits[key]
            if limit.scope in (COKING, "concentration"):
                continue
            product = _product_t(view, unit)
            value = None
            if limit.scope not in OPEN and product > 0:
                value = _value(view, unit, limit, product)
            yield ProductEnergy(unit=unit, limit=limit, value=value, product_t=product)


def _product_t(view: View, unit: Unit) -> float:
    assert unit.process is not None
    mass = unit.process.port(unit.process.reference).material.mass_t
    moved = (
        abs(f.quantity)
        for f in view.flows
        if f.component == unit.id and f.kind == "unit" and f.port == unit.reference
    )
    return mass * sum(moved)


def _value(view: View, unit: Unit, limit: Limit, product_t: float) -> float:
    ports = {p.name: p for p in unit.ports}
    power = energy = 0.0
    for flow in view.flows:
        if flow.component != unit.id or flow.kind != "unit" or flow.port == unit.reference:
            continue
        port = ports[flow.port]
        if not port.options:
            continue
        stream = view.park.materials[flow.material]
        if stream.id == ELECTRICITY:
            power -= convert(flow.quantity, "MWh", "kWh")
        if limit.scope != "process" or port.role not in FEEDSTOCKS:
            energy -= flow.quantity * _kgce(stream, by_heat=port.by_heat)
    if limit.quantity == ELECTRICITY:
        return convert(power / product_t, "kWh/t", limit.unit)
    return convert(energy / product_t, "kgce/t", limit.unit)


def _kgce(stream: Material, *, by_heat: bool) -> float:
    return kgce_of_heat(stream.lhv_gj or stream.energy_gj) if by_heat else stream.tce_kgce


def product_limit(case: Case) -> Iterator[Measured]:
    """Units under one limit against one of its levels: values are the limit and the level."""
    key, level = case.policy.values
    found = [p for p in product_energies(case.view) if p.limit.id == key]
    for product in found:
        subject = product.unit.id
        bound = product.limit.levels.get(level)
        if product.value is None:
            note = "scope_unread" if product.limit.scope in OPEN else "not_running"
            yield Measured(subject=subject, notes={note: {}})
        else:
            limit = None if bound is None else bound.base
            yield Measured(subject=subject, value=product.value, limit=limit, unlimited=True)
    if not found:
        yield Measured(notes={"no_subject": {}}, nothing=True)
