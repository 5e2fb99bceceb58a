"""The table of unit energies against the levels of their standards, raw and corrected."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from chainsim.accounts.cases import Case
from chainsim.accounts.energy_checks import battery_unit_energy, corrected_limits
from chainsim.accounts.product_checks import product_energies
from chainsim.results import FLOAT, TEXT, table

LEVELS: Final = ("level1", "level2", "level3", "benchmark", "baseline")
LIMIT_COLUMNS: Final = {
    "component": TEXT,
    "limit": TEXT,
    "value": FLOAT,
    "band": FLOAT,
    "unit": TEXT,
    **dict.fromkeys(LEVELS, FLOAT),  # 0 where the standard has no such level
    "met": TEXT,  # best level met; `none`, or `unread` where the scope was not read
}


def unit_energy_table(case: Case) -> pd.DataFrame:
    """Batteries with corrected levels, then every product whose process names a limit."""
    rows = [_battery(case, unit.id) for unit in case.batteries if unit.process is not None]
    rows += [
        _row(
            p.unit.id,
            p.limit.id,
            p.value,
            {k: level.base for k, level in p.limit.levels.items()},
            unit=p.limit.unit,
        )
        for p in product_energies(case.view)
        if p.product_t > 0
    ]
    return table([r for r in rows if r is not None], LIMIT_COLUMNS)


def _battery(case: Case, key: str) -> dict[str, Any] | None:
    unit = case.park.units[key]
    e = battery_unit_energy(case.view, unit)
    if e is None or not unit.charging:
        return None
    levels = corrected_limits(case, unit)
    marks = case.park.library.limits.get(f"benchmark_2023_coke_{unit.charging}")
    if marks is not None:
        levels |= {k: c.base for k, c in marks.levels.items()}
    row = _row(key, "gb21342", e if e > 0 else None, levels, unit="kgce/t")
    return {**row, "band": case.view.closure_error or 0.0}


def _row(
    subject: str, limit: str, value: float | None, levels: dict[str, float], *, unit: str
) -> dict[str, Any]:
    met = "unread"
    if value is not None:
        met = next((k for k in LEVELS[:3] if k in levels and value <= levels[k]), "none")
    return {
        "component": subject,
        "limit": limit,
        "value": value or 0.0,
        "band": 0.0,
        "unit": unit,
        **{k: levels.get(k, 0.0) for k in LEVELS},
        "met": met,
    }
