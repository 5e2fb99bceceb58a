"""What the repairs of an impossible park cost a year, and in which unit people know them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from chainsim.accounts.formulas import annuity_share, scaled_capex_cny
from chainsim.accounts.ledger import unit_capex_cny
from chainsim.accounts.postings import header_prices
from chainsim.balance.repairs import Repair
from chainsim.balance.steady import Stretch
from chainsim.park.model import Park
from chainsim.units import HOURS_PER_YEAR

RATE: Final = 0.10
YEARS: Final = 15
"""Annuity that makes investment comparable with what is bought or not delivered each year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """A repair as people know it.

    Attributes:
        kind, key: what gives way (`unit`, `supply`, `obligation`, `limit` …) and its id.
        amount: of a year in `unit`, of capacities as annual capacity.
        share: of what is asked, installed or allowed now.
        trains: whole trains of a unit that the amount takes; 0 for anything else.
        cost_cny: of a year; NaN where nobody knows a price.
    """

    kind: str
    key: str
    amount: float
    unit: str
    share: float
    trains: int
    cost_cny: float


def priced(
    park: Park, parts: Sequence[Stretch], found: Sequence[Repair], units: Mapping[str, str]
) -> tuple[Repaired, ...]:
    """Repairs with their cost, the cheapest first; those without a price last.

    Args:
        park: the park.
        parts: stretches the repairs were sought over.
        found: the repairs.
        units: lever of a limit -> unit of its amount.
    """
    years = sum(p.hours for p in parts) / HOURS_PER_YEAR
    every = [_priced(park, r, years, units) for r in found]
    # What nobody sells (hot coke, saturated steam) is no repair while there is another.
    real = [r for r in every if r.kind != "supply" or not math.isnan(r.cost_cny)]
    listed = real or every
    listed.sort(key=lambda r: (math.isnan(r.cost_cny), r.cost_cny, r.share, r.kind, r.key))
    return tuple(listed)


def _priced(park: Park, repair: Repair, years: float, units: Mapping[str, str]) -> Repaired:
    kind, key = repair.lever.split(":", 1)
    if kind == "unit":
        return _unit(park, key, repair)
    if kind == "cap":
        unit = units.get(repair.lever, "")
        return _said("limit", key, repair, repair.amount / years, f"{unit}/a", math.nan)
    if kind in ("supply", "outlet"):
        header, amount = key, repair.amount / years
    elif kind == "obligation":
        header, amount = park.obligations[key].header, repair.amount / years
    elif kind == "link":
        header, amount = park.links[key].origin, repair.amount * HOURS_PER_YEAR
    else:
        group = {"buy": park.buy, "sell": park.sell, "vent": park.vents}[kind]
        header = group[key].header  # type: ignore[attr-defined]
        amount = repair.amount * HOURS_PER_YEAR
    price = header_prices(park)[header].cny if header in park.headers else 0.0
    if kind == "obligation":
        price = park.obligations[key].price_cny or price
    paid = kind in ("supply", "buy", "obligation") and price > 0.0
    cost = amount * price if paid else math.nan
    return _said(kind, key, repair, amount, f"{park.headers[header].material.unit}/a", cost)


def _unit(park: Park, key: str, repair: Repair) -> Repaired:
    """More of a unit: whole trains where it has several, by the scale exponent otherwise."""
    unit = park.units[key]
    port = next((p for p in unit.ports if p.name == unit.reference), None)
    label = "activity" if port is None else port.material.unit
    trains = max(1, math.ceil(repair.share * unit.trains - 1e-9))
    capex, larger = unit_capex_cny(unit), 0.0
    if unit.capex is not None and unit.capex_cny is None and unit.trains == 1:
        larger = scaled_capex_cny(
            unit.capex.reference_cny,
            unit.capex.reference_capacity_per_h,
            unit.nameplate_per_h * (1.0 + repair.share),
            unit.capex.exponent,
            1,
        )
    more = larger - capex if larger else capex * trains / unit.trains
    cost = more * annuity_share(RATE, YEARS) if capex else math.nan
    amount = repair.share * unit.capacity_per_a
    return Repaired(
        kind="unit",
        key=key,
        amount=amount,
        unit=f"{label}/a",
        share=repair.share,
        trains=trains,
        cost_cny=cost,
    )


def _said(kind: str, key: str, repair: Repair, amount: float, unit: str, cost: float) -> Repaired:
    return Repaired(
        kind=kind, key=key, amount=amount, unit=unit, share=repair.share, trains=0, cost_cny=cost
    )
