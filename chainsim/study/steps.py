"""Why a scheme differs from its base: its levers moved one after another.

Each step is the difference that one more lever makes, in the levers' order on the page; the steps
sum to the whole difference exactly. Another order shares joint effects otherwise.
"""

from __future__ import annotations

import pandas as pd

from chainsim.accounts.kpis import TOTAL
from chainsim.study.cache import steady_result
from chainsim.study.levers import Scheme, levers, overrides
from chainsim.study.result import RunResult

PRICES = "prices"
"""Step of the price set, which comes first."""


def steps(scheme: Scheme, kpi: str) -> pd.DataFrame:
    """Columns: lever (empty for the base), value after the step, change, unit.

    Raises:
        KeyError: the base has no such KPI.
        UserError: as `run`.
    """
    moved = dict(scheme.values)
    order = [lever.id for lever in levers(scheme.base) if lever.id in moved]
    at = Scheme(base=scheme.base)
    value, unit = _value(steady_result(at.base), kpi)
    rows = [{"lever": "", "value": value, "change": 0.0, "unit": unit}]
    for key in ([PRICES] if scheme.prices else []) + order:
        if key == PRICES:
            at = at.with_prices(scheme.prices)
        else:
            values = tuple(sorted((*at.values, (key, moved[key]))))
            at = Scheme(base=at.base, values=values, prices=at.prices)
        after, _ = _value(steady_result(at.base, overrides(at)), kpi)
        rows.append({"lever": key, "value": after, "change": after - value, "unit": unit})
        value = after
    return pd.DataFrame(rows, columns=["lever", "value", "change", "unit"])


def _value(result: RunResult, kpi: str) -> tuple[float, str]:
    """Value and unit; a KPI that a changed park lacks counts as zero."""
    total = result.kpis[(result.kpis["period"] == TOTAL) & (result.kpis["id"] == kpi)]
    if total.empty:
        return 0.0, ""
    return float(total["value"].iloc[0]), str(total["unit"].iloc[0])
