"""KPIs: declared once in `kpis.toml`, computed here from views of the ledger.

A KPI whose denominator is zero (no coke, no value added) is left out, not set to a magic value.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from chainsim.accounts.cases import year_views
from chainsim.accounts.conventions import catalogue
from chainsim.accounts.kpi_functions import BANDS, FUNCTIONS
from chainsim.accounts.view import View
from chainsim.library.model import Material
from chainsim.units import convert

TOTAL: Final = "total"
OUTPUT: Final = "output."
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


@functools.cache
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


def is_kpi(key: str, materials: Collection[str]) -> bool:
    """Whether a park with these materials can have the KPI `key`."""
    if not key.startswith(OUTPUT):
        return key in kpi_catalogue()
    material, _, unit = key.removeprefix(OUTPUT).rpartition("_")
    return material in materials and unit in {*_SUFFIX.values(), "nm3", "t"}


def kpi_rows(
    view: View, ledger: pd.DataFrame | None, wanted: Collection[str] = ()
) -> list[dict[str, Any]]:
    """KPIs of the whole time (period `total`) and of each calendar year when there are several.

    Args:
        view: the whole park over the whole time.
        ledger: the rows behind it, by period; None to leave single years out.
        wanted: the only ones to work out; all when empty.

    Returns:
        Rows of `results.KPI_COLUMNS`.
    """
    rows: list[dict[str, Any]] = []
    years = () if ledger is None else year_views(view, ledger)
    for period, part in ((TOTAL, view), *years):
        for key, value, unit, band in _values(part, wanted):
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
    return rows


def _values(view: View, wanted: Collection[str]) -> Iterator[tuple[str, float, str, float]]:
    yield from (found for found in _outputs(view) if not wanted or found[0] in wanted)
    for key, info in _declared("kpis.toml").items():
        if key == OUTPUT_FAMILY or (wanted and key not in wanted):
            continue
        value = FUNCTIONS[key](view)
        if value is not None:
            yield key, value, info.unit, BANDS[key](view) if key in BANDS else 0.0


def _outputs(view: View) -> Iterator[tuple[str, float, str, float]]:
    """Everything made or sold, and 0 for what a unit could have made."""
    made, sold = view.by_material("output.made"), view.by_material("output.sold")
    could = {
        option.material
        for unit in view.park.units.values()
        for port in unit.ports
        if port.rate > 0
        for option in port.options
    }
    for name in sorted({*made, *sold, *could}):
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
