"""Small parks and hand-made simulations for tests of the accounts: no engine takes part.

`coking_park` is one battery with dry quencher; its flows follow from activities alone, markets take
what a header has left over or lacks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chainsim.library.files import load_library
from chainsim.library.model import Library
from chainsim.library.scenarios import merge, parse_scenario
from chainsim.library.validate import validate
from chainsim.park.build import build_park
from chainsim.park.model import Park, Unit
from chainsim.results import (
    EVENT_COLUMNS,
    FLOW_COLUMNS,
    LEVEL_COLUMNS,
    OBLIGATION_COLUMNS,
    UNIT_COLUMNS,
    Simulation,
    table,
)

COKING = ("battery", "cdq")

PARK = """
schema_version: 1
id: small
name_zh: 小园区
name_en: Small park
library: false
horizon: {start: 2025-01-01, years: 1}
sites:
  yuanping: {name_zh: 原平, name_en: Yuanping, county: 原平市}
enterprises:
  coker: {name_zh: 焦企, name_en: Coker}
  chemist: {name_zh: 化企, name_en: Chemist}
materials:
  coking_coal:
    {unit: t, group: coal, tce_kgce: 1014.3, lhv_gj: 29.7, price_cny: 1100,
     elements: {C: 0.774, other: 0.226}}
  hot_coke: {unit: t, group: coke, tce_kgce: 971.4, lhv_gj: 28.5, elements: {C: 0.86, other: 0.14}}
  coke:
    {unit: t, group: coke, tce_kgce: 971.4, lhv_gj: 28.5, price_cny: 1600,
     elements: {C: 0.86, other: 0.14}}
  coke_oven_gas:
    {unit: kNm3, group: gas, tce_kgce: 600, lhv_gj: 17.6, elements: {C: 0.2117, other: 0.24}}
  coal_tar:
    {unit: t, group: tar, tce_kgce: 1142.9, lhv_gj: 33.5, price_cny: 3000,
     elements: {C: 0.9, other: 0.1}}
  crude_benzene:
    {unit: t, group: benzol, tce_kgce: 1428.6, lhv_gj: 41, price_cny: 6000,
     elements: {C: 0.91, other: 0.09}}
  electricity: {unit: MWh, group: utility, tce_kgce: 122.9, price_cny: 550}
  steam: {unit: t, group: utility, tce_kgce: 128.6, mass_t: 0, price_cny: 150}
  cdq_steam: {unit: t, group: utility, tce_kgce: 93, mass_t: 0}
  methanol:
    {unit: t, group: chemical, tce_kgce: 679.4, lhv_gj: 19.9, price_cny: 2200,
     elements: {C: 0.375, other: 0.625}}
  tar_loss: {unit: t, group: emission, lhv_gj: 20, elements: {C: 0.8785, other: 0.1215}}
  liquor: {unit: t, group: emission, elements: {other: 1}}
units:
  battery:
    owner: coker
    capacity: 100
    approval: jin-1
    recipe:
      feeds:
        coking_coal: 1.30
        heating: {material: coke_oven_gas, rate: 0.2, burn: true}
        electricity: 0.045
        steam: 0.18
      products:
        hot_coke: 1
        coke_oven_gas: 0.43
        coal_tar: 0.046
        crude_benzene: 0.0132
        tar_loss: {rate: 0.002, connected: false}
        liquor: {rate: 0.044569, connected: false}
  cdq:
    owner: coker
    capacity: 100
    recipe: {feeds: {hot_coke: 1}, products: {coke: 1, cdq_steam: 0.5}}
  methanol_plant:
    owner: chemist
    capacity: 10
    capex: 2 yi_CNY
    status: planned
    recipe: {feeds: {coke_oven_gas: 2.0, electricity: 0.6}, products: {methanol: 1}}
buy: {coking_coal: {}, electricity: {}, steam: {}}
sell: {coke: {}, coal_tar: {}, crude_benzene: {}, methanol: {}}
vents: {coke_oven_gas: {kind: flare}, cdq_steam: {}}
"""


def judged_library() -> Library:
    """Policies and figures of the shipped library, without its materials and processes."""
    shipped = load_library()
    return Library(policies=shipped.policies, factors=shipped.factors)


def coking_park(
    extra: Mapping[str, object] | None = None,
    *,
    overrides: tuple[str, ...] = (),
    library: Library | None = None,
    policies: tuple[str, ...] = (),
    coking: tuple[str, ...] = COKING,
) -> Park:
    """The park above with `extra` data laid over it and `coking` units in boundary A."""
    scenario = parse_scenario(PARK, overrides=overrides)
    if extra:
        data = merge(scenario.data, dict(extra))
        document = replace(scenario.documents[-1], data=data)
        record = validate(type(scenario.record), document)
        scenario = replace(scenario, record=record, data=data)
    park = build_park(scenario, library or Library())
    units = {
        key: replace(unit, boundary="coking") if key in coking else unit
        for key, unit in park.units.items()
    }
    return replace(park, units=units, policies=policies)


def run_by_hand(park: Park, activity: Mapping[str, float], *, stock: float = 0.0) -> Simulation:
    """Flows of every month at constant activities; markets, then vents, close the headers.

    Args:
        park: the park.
        activity: unit -> share of nameplate; 0 when left out.
        stock: share of what is left over at a header with a buffer that goes into the buffer.
    """
    rows: list[dict[str, object]] = []
    units: list[dict[str, object]] = []
    for period, begin, end in park.horizon.periods():
        hours = end - begin
        left = dict.fromkeys(park.headers, 0.0)
        for unit in park.units.values():
            x = activity.get(unit.id, 0.0)
            units.append(_unit_row(unit, period, hours, x))
            for port in unit.ports:
                option = port.options[0] if port.options else None
                amount = port.rate * x * hours * (option.per_need if option else 1.0)
                if option is not None:
                    left[option.header] += amount
                material = option.material if option else port.material.id
                rows.append(_flow(park, period, "unit", unit.id, port.name, material, amount))
        for header, amount in left.items():
            rows += _closing(park, period, header, amount, stock)
    flows = [r for r in rows if r["quantity"] != 0.0]
    return Simulation(
        engine="hand",
        hours=park.horizon.hours,
        seed=0,
        replication=0,
        flows=table(flows, FLOW_COLUMNS),
        units=table(units, UNIT_COLUMNS),
        obligations=table([], OBLIGATION_COLUMNS),
        levels=table([], LEVEL_COLUMNS),
        events=table([], EVENT_COLUMNS),
    )


def _closing(
    park: Park, period: str, header: str, left: float, stock: float
) -> list[dict[str, object]]:
    """What the outside gives or takes so that the header balances."""
    material = park.headers[header].material.id
    rows = []
    for buffer in park.buffers.values():
        if buffer.header == header and left > 0 and stock:
            rows.append(_flow(park, period, "fill", buffer.id, "fill", material, -left * stock))
            left *= 1.0 - stock
    groups = (("buy", park.buy),) if left < 0 else (("sell", park.sell), ("vent", park.vents))
    for kind, group in groups:
        for item in group.values():
            if item.header == header and left != 0.0:
                rows.append(_flow(park, period, kind, item.id, kind, material, -left))
                left = 0.0
    assert left == 0.0, header
    return rows


def _flow(
    park: Park, period: str, kind: str, component: str, port: str, material: str, quantity: float
) -> dict[str, object]:
    unit = park.units.get(component) if kind == "unit" else None
    ports = {} if unit is None else {p.name: p.role for p in unit.ports}
    return {
        "period": period,
        "kind": kind,
        "component": component,
        "site": next(iter(park.sites)) if unit is None else unit.site,
        "owner": "" if unit is None else unit.owner,
        "port": port,
        "material": material,
        "quantity": quantity,
        "unit": park.materials[material].unit,
        "role": ports.get(port, ""),
    }


def _unit_row(unit: Unit, period: str, hours: float, x: float) -> dict[str, object]:
    return {
        "period": period,
        "component": unit.id,
        "hours": hours,
        "full_load_h": x * hours,
        "running_h": hours if x else 0.0,
        "available_h": hours,
        "failed_h": 0.0,
        "overhaul_h": 0.0,
        "held_h": 0.0,
        "starts": 0.0,
        "nameplate": unit.nameplate_per_h,
        "unit": "t",
    }
