"""Compare scenarios under the same random numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from chainsim.park.model import Park
from chainsim.study.result import RunResult
from chainsim.study.run import Engine, run


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Results side by side.

    `table`: one row per KPI: `id`, `unit`, then the value of each scenario (column = scenario id),
    and for every scenario but the first `<id>_diff` and `<id>_relative` against the first.
    """

    results: tuple[RunResult, ...]
    table: pd.DataFrame


def compare(
    scenarios: Sequence[Park | str | Path],
    *,
    engine: Engine = "des",
    seed: int = 1,
    reps: int = 1,
    years: int | None = None,
) -> Comparison:
    """Run every scenario with the same seed and set their KPIs side by side.

    Args:
        scenarios: parks, files or ids; the first is the base of comparison.
        engine: as in `run`.
        seed: common to all, so that equal components draw equal numbers.
        reps: replications each.
        years: as in `run`.

    Raises:
        UserError: as `run`.
    """
    results = tuple(run(s, engine=engine, seed=seed, reps=reps, years=years) for s in scenarios)
    return Comparison(results=results, table=comparison_table(results))


def comparison_table(results: Sequence[RunResult]) -> pd.DataFrame:
    """KPIs of several results; one missing in a scenario counts as zero there, null stays null."""
    total = [r.kpis[r.kpis["period"] == "total"].set_index("id") for r in results]
    ids: list[str] = list(dict.fromkeys(k for t in total for k in t.index))
    units = {k: t.loc[k, "unit"] for t in reversed(total) for k in t.index}
    names = _labels(results)
    values = [t["value"].reindex(ids, fill_value=0.0) for t in total]
    base = values[0]
    columns: dict[str, object] = {"id": ids, "unit": [units[k] for k in ids]}
    for name, value in zip(names, values, strict=True):
        columns[name] = value.to_numpy()
        if name != names[0]:
            difference = value - base
            columns[f"{name}_diff"] = difference.to_numpy()
            relative = difference / base.abs().where(base != 0.0)
            known = difference.notna()
            columns[f"{name}_relative"] = relative.where(~known, relative.fillna(0.0)).to_numpy()
    return pd.DataFrame(columns)


def _labels(results: Sequence[RunResult]) -> list[str]:
    names: list[str] = []
    for result in results:
        name, n = result.park.id, 2
        while name in names:
            name, n = f"{result.park.id}-{n}", n + 1
        names.append(name)
    return names
