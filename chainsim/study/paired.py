"""Several scenarios, many replications, the same random numbers: which is better, how surely.

Replication k of every scenario draws the same numbers, so differences are taken run by run; what
the draws have in common cancels. Intervals are Student's t of those differences.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chainsim.accounts.kpis import kpi_info
from chainsim.study.statistics import mean_estimate, regret, share_estimate

Array = NDArray[np.float64]
ROUNDING = 1e-9
"""Differences of less than this share of the values are none: the order of additions makes them."""
Samples = Mapping[str, Array]
"""KPI -> (scenarios, replications); NaN where a KPI does not exist in a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """What every scenario came to.

    `differences`: one row per KPI and scenario against the base: means, difference with interval,
    share of the base, `effect` (difference over its standard deviation from run to run) and the
    probability that the scenario beats the base in a run. `regret`: per KPI and scenario the mean
    and worst shortfall to the best scenario of each run, and the probability to be the best.
    """

    names: tuple[str, ...]
    base: str
    units: Mapping[str, str]
    samples: Samples
    differences: pd.DataFrame
    regret: pd.DataFrame


def paired(
    names: Sequence[str], samples: Samples, units: Mapping[str, str], base: str | None = None
) -> Paired:
    """Compare scenarios by their samples.

    Args:
        names: scenarios in the order of the samples' rows.
        samples: KPI -> (scenarios, replications).
        units: KPI -> unit.
        base: what the others are compared with; the first when left out.
    """
    chosen = names[0] if base is None else base
    place = list(names).index(chosen)
    rows = [
        _difference(key, name, values[k], values[place])
        for key, values in samples.items()
        for k, name in enumerate(names)
        if k != place
    ]
    table = pd.DataFrame(rows)
    if len(table):
        order = table["effect"].abs().fillna(-1.0).sort_values(ascending=False, kind="stable")
        table = table.loc[order.index].reset_index(drop=True)
        table["unit"] = [units[k] for k in table["id"]]
    return Paired(
        names=tuple(names),
        base=chosen,
        units=units,
        samples=samples,
        differences=table,
        regret=pd.DataFrame(
            [row for key, values in samples.items() for row in _regret(key, names, values)]
        ),
    )


def better_up(key: str) -> bool | None:
    """Whether more of a KPI is better; None where nobody says so."""
    try:
        better = kpi_info(key).better
    except KeyError:
        return None
    return {"up": True, "down": False}.get(better)


def _difference(key: str, name: str, values: Array, base: Array) -> dict[str, Any]:
    both = ~(np.isnan(values) | np.isnan(base))
    apart = (values - base)[both]
    apart[np.abs(apart) <= ROUNDING * np.abs(base[both])] = 0.0
    found = mean_estimate(apart)
    spread = float(apart.std(ddof=1)) if len(apart) > 1 else 0.0
    level = float(base[both].mean()) if both.any() else math.nan
    up = better_up(key)
    won = apart > 0 if up is not False else apart < 0
    tied = apart == 0
    wins = share_estimate(int(won.sum()), len(apart))
    return {
        "id": key,
        "scenario": name,
        "base_mean": level,
        "mean": float(values[both].mean()) if both.any() else math.nan,
        "difference": found.mean,
        "low": found.low,
        "high": found.high,
        "relative": found.mean / abs(level) if level else math.nan,
        "effect": _effect(found.mean, spread),
        "better": "" if up is None else ("up" if up else "down"),
        "wins": math.nan if up is None else wins.mean,
        "wins_low": math.nan if up is None else wins.low,
        "wins_high": math.nan if up is None else wins.high,
        "ties": float(tied.mean()) if len(apart) else math.nan,
        "n": found.n,
    }


def _effect(mean: float, spread: float) -> float:
    """Difference in standard deviations; a difference without spread outweighs any with."""
    if math.isnan(mean) or mean == 0.0:
        return 0.0
    return mean / spread if spread > 0.0 else math.copysign(math.inf, mean)


def _regret(key: str, names: Sequence[str], values: Array) -> list[dict[str, Any]]:
    up = better_up(key)
    whole = ~np.isnan(values).any(axis=0)
    if up is None or not whole.any():
        return []
    kept = values[:, whole]
    short = regret(kept, better_up=up)
    short[short <= ROUNDING * np.abs(kept)] = 0.0
    return [
        {
            "id": key,
            "scenario": name,
            "mean": float(short[k].mean()),
            "worst": float(short[k].max()),
            "best": float((short[k] == 0.0).mean()),
        }
        for k, name in enumerate(names)
    ]
