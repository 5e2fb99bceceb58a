"""What unreliability costs: a park with nothing ever failing, at mean availability, by events."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from chainsim.accounts.kpis import TOTAL
from chainsim.study.result import RunResult


def cost_of_outages(
    perfect: RunResult, mean: RunResult, band: pd.DataFrame, keys: Sequence[str]
) -> pd.DataFrame:
    """Chosen KPIs three ways: id, unit, perfect, mean, value, low, high, cost, share.

    Args:
        perfect: steady result without outages.
        mean: steady result at mean availability.
        band: KPIs of the event engine, means with percentiles.
        keys: KPIs, in order; those that any of the three lacks are left out.

    Returns:
        `cost` = event mean less perfect, `share` that cost over the perfect value.
    """
    ideals, means = (_column(r.kpis, "value") for r in (perfect, mean))
    values, lows, highs = (_column(band, c) for c in ("value", "low", "high"))
    units = dict(zip(band["id"], band["unit"], strict=True))
    rows = []
    for key in keys:
        if key not in ideals or key not in means or key not in values:
            continue
        ideal, value = ideals[key], values[key]
        rows.append(
            {
                "id": key,
                "unit": units[key],
                "perfect": ideal,
                "mean": means[key],
                "value": value,
                "low": lows[key],
                "high": highs[key],
                "cost": value - ideal,
                "share": (value - ideal) / abs(ideal) if ideal else float("nan"),
            }
        )
    columns = ["id", "unit", "perfect", "mean", "value", "low", "high", "cost", "share"]
    return pd.DataFrame(rows, columns=columns)


def _column(kpis: pd.DataFrame, column: str) -> dict[str, float]:
    """One column of the KPIs over the whole time, by id."""
    total = kpis[kpis["period"] == TOTAL]
    return {str(k): float(v) for k, v in zip(total["id"], total[column], strict=True)}
