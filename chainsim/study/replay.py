"""Totals from a table of changes: what a recorded run moved, month by month, without running it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

BATCHES = ("loaded", "delivered")


def replay(changes: pd.DataFrame, periods: Sequence[tuple[str, float, float]]) -> pd.DataFrame:
    """Totals by period, kind and component.

    Args:
        changes: table with `results.CHANGE_COLUMNS`, as a run with `log` gives it.
        periods: (name, begin h, end h), as `Horizon.periods` gives them.

    Returns:
        Columns period, kind, component, total: base units moved; full-load hours for units.
    """
    names = [name for name, _, _ in periods]
    ends = np.array([end for _, _, end in periods])
    edges = np.array([periods[0][1], *ends])
    rows = []
    for (kind, component), part in changes.groupby(["kind", "component"], sort=True):
        hours, values = part["time_h"].to_numpy(), part["value"].to_numpy()
        if kind in BATCHES:
            place = np.minimum(np.searchsorted(ends, hours, side="right"), len(ends) - 1)
            totals = np.bincount(place, weights=values, minlength=len(ends))
        else:
            totals = np.diff(_integral(hours, values, edges))
        rows += [(n, kind, component, t) for n, t in zip(names, totals.tolist(), strict=True)]
    return pd.DataFrame(rows, columns=["period", "kind", "component", "total"])


def _integral(hours: np.ndarray, rates: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Integral of a rate from its first change up to each edge; `rates` hold until the next one."""
    sums = np.concatenate([[0.0], np.cumsum(rates[:-1] * np.diff(hours))])
    place = np.searchsorted(hours, edges, side="right") - 1
    found = sums[place] + rates[place] * (edges - hours[place])
    return np.where(place < 0, 0.0, found)
