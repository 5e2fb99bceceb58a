"""Tables of carbon: the inventory by source, members and the whole, scopes, cost, products."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from chainsim.accounts.carbon import (
    DOWNSTREAM,
    PARTS,
    carbon_in_products_t,
    inventory_t,
    scopes_t,
)
from chainsim.accounts.cases import span_a
from chainsim.accounts.conventions import COKING
from chainsim.accounts.formulas import CO2_PER_C
from chainsim.accounts.view import View
from chainsim.library.model import Material
from chainsim.results import FLOAT, TEXT, table
from chainsim.units import convert

CARBON_COLUMNS: Final = {
    "part": TEXT,  # a part of `carbon.PARTS`, `total`, or `product` (shown, not counted)
    "material": TEXT,
    "activity": FLOAT,
    "unit": TEXT,
    "lhv_gj": FLOAT,  # per unit; 0 where the part does not go by heat
    "carbon_t_per_gj": FLOAT,
    "carbon_t": FLOAT,  # per unit
    "oxidised": FLOAT,
    "co2_t": FLOAT,
    "share": FLOAT,
}
MEMBER_COLUMNS: Final = {
    "enterprise": TEXT,
    **dict.fromkeys(PARTS, FLOAT),
    "total": FLOAT,
    "scope_1": FLOAT,
    "scope_2": FLOAT,
}
COST_COLUMNS: Final = {"price": TEXT, "cny_per_t": FLOAT, "cost_wan_cny": FLOAT}
PRICES: Final = ("co2_price_none", "co2_price_2025", "co2_price_high")
_PROCESS: Final = {COKING: "coking", DOWNSTREAM: "extension"}


def carbon_table(view: View) -> pd.DataFrame:
    """The inventory of a park by part and material, t CO2e (`CARBON_COLUMNS`).

    Combustion goes by heat, carbon per heat and oxidised share; process emission is the carbon of
    each stream in (+) and out (-); power and heat are purchases less deliveries. Rows of a part add
    up to it. Below the total stands the carbon of products sold.
    """
    total = view.carbon_direct_t + view.carbon_indirect_t
    sums: dict[tuple[str, str], float] = {}
    for row in view.rows:
        part = _part(view, row.account, row.unit)
        if part is not None:
            sums[part, row.material] = sums.get((part, row.material), 0.0) + row.amount
    rows = [
        _line(view, part, material, co2, total)
        for part in PARTS
        for (p, material), co2 in sorted(sums.items())
        if p == part and abs(co2) > 1e-9
    ]
    rows.append(_total(total))
    rows += list(_products(view))
    return table(rows, CARBON_COLUMNS)


def _part(view: View, account: str, component: str) -> str | None:
    if account == "carbon.process":
        unit = view.park.units.get(component)
        return _PROCESS.get("" if unit is None else unit.boundary, "other")
    name = account.removeprefix("carbon.")
    return name if name in PARTS and name != account else None


def _line(view: View, part: str, material: str, co2: float, total: float) -> dict[str, Any]:
    stream = view.park.materials[material]
    carbon = (stream.elements or {}).get("C", 0.0)
    burnt = part == "combustion"
    oxidised = _oxidised(view, stream) if burnt else 1.0
    factor = _factor(view, part, stream, carbon, oxidised)
    return {
        "part": part,
        "material": material,
        "activity": co2 / factor if factor else 0.0,
        "unit": stream.unit,
        "lhv_gj": stream.lhv_gj if burnt else 0.0,
        "carbon_t_per_gj": carbon / stream.lhv_gj if burnt and stream.lhv_gj else 0.0,
        "carbon_t": carbon,
        "oxidised": oxidised,
        "co2_t": co2,
        "share": co2 / total if total else 0.0,
    }


def _factor(view: View, part: str, stream: Material, carbon: float, oxidised: float) -> float:
    """T CO2e per unit of activity."""
    if part == "power":
        return view.figures.grid_t_per_mwh
    if part == "heat":
        return view.figures("purchased_heat", "t/GJ", 0.0) * stream.energy_gj
    if part == "other_gas":
        return stream.gwp_t
    return carbon * oxidised * CO2_PER_C


def _oxidised(view: View, stream: Material) -> float:
    return view.figures(f"oxidation_{stream.phase}", "ratio", 1.0)


def _total(co2: float) -> dict[str, Any]:
    return {
        "part": "total",
        "material": "",
        "activity": 0.0,
        "unit": "",
        "lhv_gj": 0.0,
        "carbon_t_per_gj": 0.0,
        "carbon_t": 0.0,
        "oxidised": 0.0,
        "co2_t": co2,
        "share": 1.0 if co2 else 0.0,
    }


def _products(view: View) -> Iterator[dict[str, Any]]:
    sold = view.by_material("output.sold")
    for material, carbon in carbon_in_products_t(view).items():
        stream = view.park.materials[material]
        yield {
            **_total(carbon * CO2_PER_C),
            "part": "product",
            "material": material,
            "activity": sold[material],
            "unit": stream.unit,
            "carbon_t": (stream.elements or {}).get("C", 0.0),
            "share": 0.0,
        }


def carbon_members(view: View) -> pd.DataFrame:
    """Inventory of every enterprise with what it buys from the others, and the park's total.

    Purchases from within stand with the buyer and are taken off the seller, so the members add up
    to the park: their sum less internal transfers is counted once. The row without a name holds
    flares and what no enterprise owns.
    """
    owners = sorted({row.enterprise for row in view.rows})
    rows = [_member(view.where("enterprise", [owner]), owner) for owner in owners]
    return table([r for r in rows if any(r[p] for p in PARTS)] + [_member(view, "total")],
                 MEMBER_COLUMNS)  # fmt: skip


def _member(view: View, name: str) -> dict[str, Any]:
    parts = {k: _clean(v) for k, v in inventory_t(view).items()}
    scopes = {k: _clean(v) for k, v in scopes_t(view).items()}
    return {"enterprise": name, **parts, "total": math.fsum(parts.values()), **scopes}


def _clean(amount: float) -> float:
    """Rounding of large sums is no emission."""
    return 0.0 if abs(amount) < 1e-6 else amount


def carbon_ratios(view: View) -> dict[str, float]:
    """Total carbon per t of coke (t/t) and per value added (t per ten thousand yuan)."""
    total = view.carbon_direct_t + view.carbon_indirect_t
    found = {}
    if view.coke_t > 0:
        found["per_coke"] = total / view.coke_t
    if view.value_added > 0:
        found["per_value"] = total / convert(view.value_added, "CNY", "wan_CNY")
    return found


def carbon_costs(view: View) -> pd.DataFrame:
    """Direct emission of a year at the carbon prices of the scenarios (`COST_COLUMNS`)."""
    emitted = view.carbon_direct_t / span_a(view.hours)
    prices = {key: view.figures(key, "CNY/t", 0.0) for key in PRICES}
    prices["scenario"] = view.park.economics.carbon_price_cny_per_t
    rows = [
        {"price": k, "cny_per_t": p, "cost_wan_cny": convert(emitted * p, "CNY", "wan_CNY")}
        for k, p in prices.items()
    ]
    return table(rows, COST_COLUMNS)
