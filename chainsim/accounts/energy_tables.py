"""Tables of energy: consumption in standard coal, the balance by carrier, the flow for a Sankey.

Consumption (GB/T 2589) stands on the three boundaries: A coking process (GB 21342), B whole park, C
the park less what is embodied in chemicals. On A the heating gas stands on both sides: the ovens'
fuel among the inputs, all gas made among the outputs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from chainsim.accounts.cases import BOUNDARIES
from chainsim.accounts.conventions import COKING, is_carrier
from chainsim.accounts.formulas import kgce_of_heat
from chainsim.accounts.view import FlowSum, View
from chainsim.library.model import Material
from chainsim.results import FLOAT, TEXT, table
from chainsim.units import convert

ENERGY_COLUMNS: Final = {
    "boundary": TEXT,
    "row": TEXT,  # input | output | recovered | stock | feedstock | total
    "material": TEXT,
    "quantity": FLOAT,
    "unit": TEXT,
    "kgce_per_unit": FLOAT,
    "tce": FLOAT,  # by calorific value
    "tce_equal": FLOAT,  # power and heat by source energy
}
BALANCE_COLUMNS: Final = {
    "material": TEXT,
    "unit": TEXT,
    "bought": FLOAT,
    "made": FLOAT,
    "transformed": FLOAT,
    "used": FLOAT,
    "delivered": FLOAT,
    "vented": FLOAT,
    "stored": FLOAT,
    "gap": FLOAT,
}
FLOW_COLUMNS: Final = {
    "source": TEXT,
    "source_kind": TEXT,
    "target": TEXT,
    "target_kind": TEXT,
    "material": TEXT,
    "tce": FLOAT,
}
_A_ROWS: Final = {
    "energy.a.coal": "input",
    "energy.a.process": "input",
    "energy.a.product": "output",
    "energy.a.recovered": "recovered",
}
_B_ROWS: Final = {
    "energy.b.purchase": "input",
    "energy.b.delivery": "output",
    "energy.b.stock": "stock",
}
TRANSFORMERS: Final = (COKING, "utility")
_NOTHING: Final = 1e-12


def energy_table(view: View) -> pd.DataFrame:
    """Consumption on every boundary (`ENERGY_COLUMNS`); totals are the KPIs'.

    Args:
        view: a whole park over any time.
    """
    rows = []
    for boundary in BOUNDARIES:
        rows += _boundary_rows(view, boundary)
    return table(rows, ENERGY_COLUMNS)


def _boundary_rows(view: View, boundary: str) -> list[dict[str, Any]]:
    accounts = _A_ROWS if boundary == "A" else _B_ROWS
    sums: dict[tuple[str, str], float] = {}
    for row in view.rows:
        name = accounts.get(row.account)
        if name is not None:
            key = (name, row.material)
            sums[key] = sums.get(key, 0.0) + row.amount
    gone = _internal(sums) if boundary == "A" else set()
    rows = [
        _row(view, boundary, name, material, kgce)
        for (name, material), kgce in sorted(sums.items())
        if material not in gone
    ]
    if boundary == "C":
        rows += list(_feedstock_rows(view))
    return [*rows, _total(view, boundary)]


def _internal(sums: dict[tuple[str, str], float]) -> set[str]:
    """Materials that one coking unit gives and another takes, all of it."""
    net: dict[str, float] = {}
    gross: dict[str, float] = {}
    for (_, material), kgce in sums.items():
        net[material] = net.get(material, 0.0) + kgce
        gross[material] = gross.get(material, 0.0) + abs(kgce)
    return {m for m, kgce in net.items() if abs(kgce) <= 1e-9 * gross[m]}


def _row(view: View, boundary: str, name: str, material: str, kgce: float) -> dict[str, Any]:
    stream = view.park.materials[material]
    quantity = kgce / stream.tce_kgce if stream.tce_kgce else 0.0
    equal = stream.tce_kgce if stream.tce_equal_kgce is None else stream.tce_equal_kgce
    return {
        "boundary": boundary,
        "row": name,
        "material": material,
        "quantity": quantity,
        "unit": stream.unit,
        "kgce_per_unit": stream.tce_kgce,
        "tce": convert(kgce, "kgce", "tce"),
        "tce_equal": convert(quantity * equal, "kgce", "tce"),
    }


def _feedstock_rows(view: View) -> Iterator[dict[str, Any]]:
    """What chemicals sold embody, less what chemicals bought do; nothing when more is bought."""
    if view.feedstock_kgce <= 0:
        return
    for material, kgce in sorted(view.by_material("energy.c.feedstock").items()):
        stream = view.park.materials[material]
        content = stream.tce_kgce or kgce_of_heat(stream.lhv_gj)
        tce = convert(kgce, "kgce", "tce")
        yield {
            "boundary": "C",
            "row": "feedstock",
            "material": material,
            "quantity": kgce / content if content else 0.0,
            "unit": stream.unit,
            "kgce_per_unit": content,
            "tce": tce,
            "tce_equal": tce,
        }


def _total(view: View, boundary: str) -> dict[str, Any]:
    extra = view.sum("energy_equal.a") if boundary == "A" else view.equal_value_kgce
    kgce = view.energy_kgce(boundary)
    return {
        "boundary": boundary,
        "row": "total",
        "material": "",
        "quantity": 0.0,
        "unit": "",
        "kgce_per_unit": 0.0,
        "tce": convert(kgce, "kgce", "tce"),
        "tce_equal": convert(kgce + extra, "kgce", "tce"),
    }


# -- balance by carrier -----------------------------------------------------------------------


def energy_balance(view: View) -> pd.DataFrame:
    """Every carrier from purchase over transformation to its use, tce (`BALANCE_COLUMNS`).

    bought + made = transformed (taken in by coking and utilities) + used (by chemical and steel
    plants) + delivered + vented + stored; links only carry. The last row adds up; the share of
    energy that transformation gives back is `transformation_share`.
    """
    sums: dict[str, dict[str, float]] = {}
    for flow in view.flows:
        stream = view.park.materials.get(flow.material)
        column = _column(view, flow)
        if stream is None or not is_carrier(stream) or column is None:
            continue
        parts = sums.setdefault(flow.material, {})
        tce = convert(flow.quantity * stream.tce_kgce, "kgce", "tce")
        parts[column] = parts.get(column, 0.0) + (tce if column in ("bought", "made") else -tce)
    rows = [_balance_row(material, parts) for material, parts in sorted(sums.items())]
    total = {k: math.fsum(r[k] for r in rows) for k, v in BALANCE_COLUMNS.items() if v == FLOAT}
    return table([*rows, {"material": "", "unit": "tce", **total}], BALANCE_COLUMNS)


def _column(view: View, flow: FlowSum) -> str | None:
    if flow.kind == "unit":
        unit = view.park.units[flow.component]
        port = next(p for p in unit.ports if p.name == flow.port)
        if not port.options:
            return None
        if flow.quantity > 0:
            return "made"
        return "transformed" if unit.boundary in TRANSFORMERS else "used"
    kinds = {"buy": "bought", "sell": "delivered", "obligation": "delivered", "vent": "vented"}
    if flow.kind == "link":
        return "used" if flow.port == "power" else None
    return kinds.get(flow.kind, "stored")


def _balance_row(material: str, parts: dict[str, float]) -> dict[str, Any]:
    names = [k for k, v in BALANCE_COLUMNS.items() if v == FLOAT and k != "gap"]
    row = {name: parts.get(name, 0.0) for name in names}
    gone = math.fsum(row[n] for n in names if n not in ("bought", "made"))
    return {"material": material, "unit": "tce", **row, "gap": row["bought"] + row["made"] - gone}


def transformation_share(view: View) -> float | None:
    """Carriers that coking and utilities give over those they take in."""
    into = out = 0.0
    for flow in view.flows:
        column = _column(view, flow)
        stream = view.park.materials.get(flow.material)
        if flow.kind != "unit" or column is None or stream is None or not is_carrier(stream):
            continue
        if view.park.units[flow.component].boundary not in TRANSFORMERS:
            continue
        kgce = flow.quantity * stream.tce_kgce
        into, out = into + max(0.0, -kgce), out + max(0.0, kgce)
    return out / into if into > 0 else None


# -- flow -------------------------------------------------------------------------------------


def energy_flows(view: View) -> pd.DataFrame:
    """Energy from suppliers over materials to users, and what is lost in them (`FLOW_COLUMNS`).

    By heating value with sensible heat; plants of one process stand together. What a plant does not
    give on goes to `loss`. Kinds: buy, plant, material, sell, obligation, vent, store, loss.
    """
    sums: dict[tuple[str, str, str, str, str], float] = {}
    balance: dict[str, float] = {}
    for flow in view.flows:
        stream = view.park.materials.get(flow.material)
        if flow.kind == "link" or stream is None:
            continue
        amount = convert(flow.quantity * _content_gj(stream), "GJ", "tce")
        if abs(amount) <= _NOTHING or not _meets_header(view, flow):
            continue
        node, kind = _node(view, flow)
        ends = (node, kind, stream.id, "material")
        key = ends if amount > 0 else (ends[2], ends[3], ends[0], ends[1])
        sums[(*key, stream.id)] = sums.get((*key, stream.id), 0.0) + abs(amount)
        if kind == "plant":
            balance[node] = balance.get(node, 0.0) - amount
    rows = [
        {
            "source": a, "source_kind": ka, "target": b, "target_kind": kb,
            "material": m, "tce": amount,
        }
        for (a, ka, b, kb, m), amount in sorted(sums.items())
    ]  # fmt: skip
    rows += [
        {
            "source": node, "source_kind": "plant", "target": "loss", "target_kind": "loss",
            "material": "", "tce": lost,
        }
        for node, lost in sorted(balance.items())
        if lost > _NOTHING
    ]  # fmt: skip
    return table(rows, FLOW_COLUMNS)


def _content_gj(stream: Material) -> float:
    return stream.energy_gj or stream.lhv_gj


def _meets_header(view: View, flow: FlowSum) -> bool:
    if flow.kind != "unit":
        return True
    unit = view.park.units[flow.component]
    return any(p.name == flow.port and p.options for p in unit.ports)


def _node(view: View, flow: FlowSum) -> tuple[str, str]:
    if flow.kind == "unit":
        process = view.park.units[flow.component].process
        return (flow.component if process is None else process.id), "plant"
    kinds = {"fill": "store", "draw": "store"}
    return kinds.get(flow.kind, flow.kind), kinds.get(flow.kind, flow.kind)
