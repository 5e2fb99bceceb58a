"""KPIs: declared once in `kpis.toml`, computed here from views of the ledger.

A KPI whose denominator is zero (no coke, no value added) is left out, not set to a magic value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from chainsim.accounts.conventions import catalogue, convention
from chainsim.accounts.evidence import CARBON, ENERGY, Evidence
from chainsim.accounts.ledger import unit_capex_cny
from chainsim.accounts.view import DIRECT_CARBON, View, condensed
from chainsim.library.model import Material
from chainsim.results import KPI_COLUMNS, Simulation, table
from chainsim.units import convert

TOTAL: Final = "total"
OUTPUT_FAMILY: Final = "output.<material>"
_SUFFIX: Final = {"t": "t", "MWh": "mwh", "GJ": "gj", "m3": "m3", "piece": "piece", "km": "km"}


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiInfo:
    """What a KPI means."""

    id: str
    name_zh: str
    name_en: str
    unit: str
    better: str
    formula: str
    accounts: tuple[str, ...]


def kpi_catalogue() -> dict[str, KpiInfo]:
    """All declared KPIs by id; the outputs stand as one family."""
    return _declared("kpis.toml") | _declared("finance_kpis.toml")


def _declared(name: str) -> dict[str, KpiInfo]:
    return {
        key: KpiInfo(**{**entry, "id": key, "accounts": tuple(entry["accounts"])})
        for key, entry in catalogue(name).items()
    }


def kpi_info(key: str) -> KpiInfo:
    """Meaning of the KPI `key`, also of a single output; raises KeyError when there is none."""
    known = kpi_catalogue()
    if key not in known and key.startswith("output."):
        family = known[OUTPUT_FAMILY]
        return KpiInfo(
            id=key,
            name_zh=family.name_zh,
            name_en=family.name_en,
            unit="Nm3" if key.endswith("_nm3") else key.rsplit("_", 1)[-1],
            better=family.better,
            formula=family.formula,
            accounts=family.accounts,
        )
    return known[key]


def _ratio(over: float | None, under: float) -> float | None:
    return None if over is None or under == 0.0 else over / under


def _tce(kgce: float) -> float:
    return convert(kgce, "kgce", "tce")


def _availability(view: View) -> float | None:
    units = view.simulation.units
    units = units[units["hours"] > 0]
    weights = units["component"].map({k: unit_capex_cny(u) for k, u in view.park.units.items()})
    if not float(weights.sum()):
        weights = weights * 0.0 + 1.0
    return _ratio(
        float((weights * units["available_h"]).sum()), float((weights * units["hours"]).sum())
    )


_FUNCTIONS: Final[dict[str, Callable[[View], float | None]]] = {
    "cog.make_nm3": lambda v: v.sum("cog.make"),
    "cog.underfiring_share": lambda v: _ratio(v.sum("cog.underfiring"), v.sum("cog.make")),
    "cog.flared_share": lambda v: _ratio(v.sum("cog.flared"), v.sum("cog.make")),
    "energy.coking_tce": lambda v: _tce(v.energy_kgce("A")),
    "energy.coking_equal_tce": lambda v: _tce(v.energy_kgce("A") + v.sum("energy_equal.a")),
    "energy.park_tce": lambda v: _tce(v.energy_kgce("B")),
    "energy.park_equal_tce": lambda v: _tce(v.energy_kgce("B") + v.sum("energy_equal.b")),
    "energy.park_less_feedstock_tce": lambda v: _tce(v.energy_kgce("C")),
    "energy.coke_kgce_per_t": lambda v: v.coke_unit_energy,
    "energy.tce_per_wan_yuan": lambda v: v.tce_per_wan_yuan(v.park.economics.boundary),
    "energy.closure_error_kgce_per_t": lambda v: v.closure_error,
    "carbon.direct_t": lambda v: v.sum(*DIRECT_CARBON),
    "carbon.total_t": lambda v: v.sum("carbon."),
    "carbon.per_coke_t": lambda v: _ratio(v.sum("carbon."), v.coke_t),
    "value.revenue_cny": lambda v: v.sum("revenue."),
    "value.added_cny": lambda v: v.value_added,
    "value.added_income_cny": lambda v: v.value_added_income,
    "value.added_per_coke_cny_per_t": lambda v: _ratio(v.value_added, v.coke_t),
    "logistics.tkm": lambda v: v.sum(*(f"transport.{m}" for m in convention("transport", "modes"))),
    "logistics.cost_cny": lambda v: -v.sum("cost.freight"),
    "water.fresh_t": lambda v: v.sum("water.fresh"),
    "staff.persons": lambda v: _ratio(v.sum("staff.person_h"), v.hours),
    "finance.capex_cny": lambda v: v.sum("capex."),
    "reliability.availability": _availability,
    "evidence.share_ab": lambda v: Evidence(v.park, v.flows).share(v.rows),
    "evidence.energy_share_ab": lambda v: Evidence(v.park, v.flows).share(v.rows, ENERGY),
    "evidence.carbon_share_ab": lambda v: Evidence(v.park, v.flows).share(v.rows, CARBON),
}
_BANDS: Final[dict[str, Callable[[View], float]]] = {
    "energy.coke_kgce_per_t": lambda v: v.coal_heat_band,
}


def compute_kpis(view: View, ledger: pd.DataFrame) -> pd.DataFrame:
    """KPIs of the whole time (period `total`) and of each calendar year when there are several.

    Args:
        view: the whole park over the whole time.
        ledger: the rows behind it, by period.
    """
    rows: list[dict[str, Any]] = []
    for period, part in _views(view, ledger):
        for key, value, unit, band in _values(part):
            rows.append(
                {
                    "id": key,
                    "value": value,
                    "unit": unit,
                    "period": period,
                    "low": value - band,
                    "high": value + band,
                }
            )
    return table(rows, KPI_COLUMNS)


def _values(view: View) -> Iterator[tuple[str, float, str, float]]:
    yield from _outputs(view)
    for key, info in _declared("kpis.toml").items():
        if key == OUTPUT_FAMILY:
            continue
        value = _FUNCTIONS[key](view)
        if value is not None:
            yield key, value, info.unit, _BANDS[key](view) if key in _BANDS else 0.0


def _outputs(view: View) -> Iterator[tuple[str, float, str, float]]:
    made, sold = view.by_material("output.made"), view.by_material("output.sold")
    for name in sorted({*made, *sold}):
        material = view.park.materials[name]
        amount = made.get(name, 0.0) or sold.get(name, 0.0)
        for suffix, value, unit in _amounts(material, amount):
            yield f"output.{name}_{suffix}", value, unit, 0.0


def _amounts(material: Material, amount: float) -> Iterator[tuple[str, float, str]]:
    """A gas in Nm3 and in t, everything else in its base unit."""
    if material.unit != "kNm3":
        yield _SUFFIX[material.unit], amount, material.unit
        return
    yield "nm3", convert(amount, "kNm3", "Nm3"), "Nm3"
    if material.mass_t > 0:
        yield "t", amount * material.mass_t, "t"


def _views(view: View, ledger: pd.DataFrame) -> Iterator[tuple[str, View]]:
    """The whole time, then each calendar year when there are several."""
    yield TOTAL, view
    lengths: dict[str, float] = {}
    for period, begin, end in view.park.horizon.periods():
        year = period[:4]
        lengths[year] = lengths.get(year, 0.0) + end - begin
    if len(lengths) < 2:
        return
    for year, hours in sorted(lengths.items()):
        rows = condensed(ledger[ledger["period"].str.startswith(year)])
        simulation = _of_year(view.simulation, year)
        yield year, View(view.park, simulation, rows, hours, figures=view.figures)


def _of_year(simulation: Simulation, year: str) -> Simulation:
    def cut(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["period"].str.startswith(year)]

    return replace(simulation, flows=cut(simulation.flows), units=cut(simulation.units))
