"""How often one scheme beats another under the same luck: replications paired by their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from chainsim.accounts.kpis import TOTAL, kpi_info
from chainsim.study.replications import Replication

COLUMNS = ["id", "unit", "other", "wins", "difference", "low", "high"]


def chances(batches: Sequence[Sequence[Replication]], keys: Sequence[str]) -> pd.DataFrame:
    """Each other batch against the first, replication by replication.

    Args:
        batches: replications of each scheme under one seed; equal numbers share their luck.
        keys: KPIs with a better side; those that a batch lacks are left out.

    Returns:
        One row per KPI and other batch: `other` its index, `wins` the share of pairs in which it
        is better (a tie counts half), `difference` the mean, `low`/`high` the 5th and 95th
        percentile of the paired differences.
    """
    tables = [[_values(r) for r in sorted(b, key=lambda r: r.number)] for b in batches]
    pairs = min((len(table) for table in tables), default=0)
    rows = []
    for key in keys:
        if not pairs or any(key not in v for t in tables for v in t[:pairs]):
            continue
        better = kpi_info(key).better
        if not better:
            continue
        first = np.array([v[key][0] for v in tables[0][:pairs]])
        for other in range(1, len(tables)):
            gap = np.array([v[key][0] for v in tables[other][:pairs]]) - first
            ahead = gap if better == "up" else -gap
            low, high = np.quantile(gap, (0.05, 0.95))
            rows.append(
                {
                    "id": key,
                    "unit": tables[0][0][key][1],
                    "other": other,
                    "wins": float(np.mean((ahead > 0) + 0.5 * (ahead == 0))),
                    "difference": float(gap.mean()),
                    "low": float(low),
                    "high": float(high),
                }
            )
    return pd.DataFrame(rows, columns=COLUMNS)


def _values(replication: Replication) -> Mapping[str, tuple[float, str]]:
    kpis = replication.kpis
    total = kpis[kpis["period"] == TOTAL]
    return {
        str(k): (float(v), str(u))
        for k, v, u in zip(total["id"], total["value"], total["unit"], strict=True)
        if v == v
    }
