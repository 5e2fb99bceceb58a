"""Which figures of the library move a scenario's results most: one at a time over its range.

Every figure the park uses is set to its low and its high with all others typical, the park is
allocated anew by the steady engine, and the KPIs are compared. A bound at which a closing stream
would turn negative or too large, or a set-point fall below its least load, is drawn towards the
typical value until the park stands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from chainsim.accounts.account import Accountant
from chainsim.balance.steady import run_steady
from chainsim.errors import UserError
from chainsim.library.model import Coefficient
from chainsim.library.scenarios import Scenario, load_scenario
from chainsim.park.build import build_park
from chainsim.park.model import Park
from chainsim.results import Simulation
from chainsim.study.uncertain.draws import park_at, park_with, used_figures

KPIS: Final = (
    "energy.coke_kgce_per_t",
    "energy.park_tce",
    "value.added_cny",
    "carbon.total_t",
)
COLUMNS: Final = [
    "kpi", "path", "value", "low", "high", "unit", "grade", "mark", "source", "base", "at_low",
    "at_high", "swing", "share", "drawn_in",
]  # fmt: skip
_HALVINGS: Final = 6
_MONEY: Final = ("prices", "factors")
"""Figures that move no flow: the simulation of the base case serves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Base:
    scenario: Scenario
    park: Park
    simulation: Simulation


def rank_figures(
    scenario: str,
    kpis: Sequence[str] = KPIS,
    *,
    overrides: Sequence[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Swing of each KPI over the range of each figure, largest first.

    Args:
        scenario: path or id.
        kpis: KPIs to watch.
        overrides: `key.path=value` strings.
        progress: called with (done, count).

    Returns:
        One row per KPI and figure that moves it (`COLUMNS`): KPI at the low and high of the
        figure, `swing` = |at_high - at_low|, `share` of the base value, and whether a bound was
        drawn in so that the process closes.

    Raises:
        KeyError: the scenario has no such KPI.
    """
    base = _base(load_scenario(scenario, tuple(overrides)))
    typical = _values(base, base.park, kpis)
    rows: list[dict[str, object]] = []
    listed = list(used_figures(base.park))
    for index, figure in enumerate(listed):
        if progress is not None:
            progress(index, len(listed))
        low, drawn_low = _bound(base, figure, figure.low)
        high, drawn_high = _bound(base, figure, figure.high)
        at_low = _values(base, park_with(base.scenario, figure, low), kpis, figure)
        at_high = _values(base, park_with(base.scenario, figure, high), kpis, figure)
        for kpi in kpis:
            ends = (at_low[kpi], at_high[kpi])
            rows.append(_row(figure, kpi, typical[kpi], ends, drawn_low or drawn_high))
    if progress is not None:
        progress(len(listed), len(listed))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame = frame[frame["swing"] > 0]
    return frame.sort_values(
        ["kpi", "swing", "path"], ascending=[True, False, True], ignore_index=True
    )


def _row(
    figure: Coefficient, kpi: str, base: float, ends: tuple[float, float], drawn: bool
) -> dict[str, object]:
    swing = abs(ends[1] - ends[0])
    return {
        "kpi": kpi,
        "path": figure.path,
        "value": figure.value,
        "low": figure.low,
        "high": figure.high,
        "unit": figure.unit,
        "grade": figure.grade,
        "mark": figure.mark,
        "source": figure.source,
        "base": base,
        "at_low": ends[0],
        "at_high": ends[1],
        "swing": swing,
        "share": swing / abs(base) if base else float("nan"),
        "drawn_in": drawn,
    }


def _base(scenario: Scenario) -> _Base:
    park = build_park(scenario)
    return _Base(scenario=scenario, park=park, simulation=run_steady(park))


def _bound(base: _Base, figure: Coefficient, end: float) -> tuple[float, bool]:
    """`end`, or the value nearest to it at which the park stands."""
    if figure.path.split(".")[0] in _MONEY or _stands(base, figure.path, end):
        return end, False
    good, bad = figure.value, end
    for _ in range(_HALVINGS):
        middle = (good + bad) / 2.0
        good, bad = (middle, bad) if _stands(base, figure.path, middle) else (good, middle)
    return good, True


def _stands(base: _Base, path: str, value: float) -> bool:
    """Whether every process of the park closes and the park can be built at all."""
    try:
        park_at(base.scenario, {path: value})
    except UserError:
        return False
    return True


def _values(
    base: _Base, park: Park, kpis: Sequence[str], figure: Coefficient | None = None
) -> dict[str, float]:
    """KPIs of a park in which one figure may have changed."""
    still = figure is None or figure.path.split(".")[0] in _MONEY
    simulation = base.simulation if still else run_steady(park)
    wanted = any(kpi.startswith("finance.") for kpi in kpis)
    accounts = Accountant(park).account(simulation, finance=wanted, policy=False, kpis=kpis)
    return {kpi: accounts.kpi(kpi) for kpi in kpis}
