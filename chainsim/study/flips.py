"""Flip points: the value of each driver at which one scenario overtakes another, or a KPI is zero.

The steady engine answers; where a driver is a price only the accounts are made anew. A flip is
looked for between a third of the typical value and three times it, or within the figure's range
where that is wider, and found by bisection with secants (Brent).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from chainsim.library.census import figures
from chainsim.library.model import Coefficient
from chainsim.library.scenarios import Scenario
from chainsim.study.uncertain.draws import as_priced, used_figures
from chainsim.study.valuation import Valued

SPAN = 3.0
COLUMNS = [
    "path", "unit", "value", "low", "high", "flip", "relative", "within_range", "base_gap",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipSearch:
    """What is compared over what."""

    kpi: str
    first: Valued
    second: Valued

    def gap(self, figure: Coefficient, value: float) -> float:
        """KPI of the second scenario less that of the first, with one figure set."""
        first, second = (v.kpi_at(self.kpi, figure, value) for v in (self.first, self.second))
        return second - first


def flip_points(
    first: Scenario,
    second: Scenario,
    kpi: str,
    *,
    drivers: Sequence[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Where the ranking of two scenarios by `kpi` turns, driver by driver.

    Args:
        first: a scenario.
        second: the one that is compared with it.
        kpi: what is compared.
        drivers: paths of figures; every price either of them uses when left out.
        progress: called with (done, count).

    Returns:
        One row per driver (`COLUMNS`), those that flip nearest to their typical value first;
        `flip` is NaN where the ranking holds over the whole span. `base_gap`: second less first.
        A price moves in both by the same share; it is told as the first scenario has it.

    Raises:
        UserError: a scenario that cannot be run, an unknown KPI or figure.
    """
    search = FlipSearch(kpi=kpi, first=Valued(first), second=Valued(second))
    gap = search.second.kpi(kpi) - search.first.kpi(kpi)
    listed = _drivers((search.first, search.second), drivers)
    return _table(search.gap, listed, gap, progress)


def zero_points(
    scenario: Scenario,
    kpi: str,
    *,
    drivers: Sequence[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """The same for one scenario: where `kpi` changes its sign; `base_gap` is the KPI itself."""
    valued = Valued(scenario)
    listed = _drivers((valued,), drivers)
    return _table(lambda f, x: valued.kpi_at(kpi, f, x), listed, valued.kpi(kpi), progress)


Gap = Callable[[Coefficient, float], float]
"""What is to become zero, by figure and its value."""


def _table(
    gap: Gap,
    listed: Sequence[Coefficient],
    now: float,
    progress: Callable[[int, int], None] | None,
) -> pd.DataFrame:
    rows = []
    for index, figure in enumerate(listed):
        if progress is not None:
            progress(index, len(listed))
        rows.append(_row(gap, figure, now))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    distance = frame["relative"].abs().fillna(float("inf"))
    return frame.loc[distance.sort_values(kind="stable").index].reset_index(drop=True)


def _drivers(valued: Sequence[Valued], wanted: Sequence[str]) -> list[Coefficient]:
    if wanted:
        park = valued[0].park
        known = figures(park.library)
        return [as_priced(park, known[path]) for path in wanted]
    found = {c.path: c for v in reversed(valued) for c in used_figures(v.park)}
    return [c for path, c in sorted(found.items()) if path.startswith("prices.")]


def _row(gap: Gap, figure: Coefficient, now: float) -> dict[str, object]:
    flip = _flip(gap, figure, now)
    base = figure.value
    return {
        "path": figure.path,
        "unit": figure.unit,
        "value": base,
        "low": figure.low,
        "high": figure.high,
        "flip": flip,
        "relative": flip / base - 1.0 if base else float("nan"),
        "within_range": figure.low <= flip <= figure.high,
        "base_gap": now,
    }


def _flip(gap: Gap, figure: Coefficient, now: float) -> float:
    """The nearest value at which the gap is zero; NaN where there is none."""
    from scipy.optimize import brentq

    base = figure.value
    ends = (min(figure.low, base / SPAN), max(figure.high, base * SPAN))
    found = []
    for end in ends:
        other = gap(figure, end)
        if now * other < 0.0:
            found.append(
                brentq(
                    lambda x: gap(figure, x),
                    min(base, end),
                    max(base, end),
                    xtol=1e-6 * abs(base),
                    rtol=1e-6,
                )
            )
    return float(min(found, key=lambda x: abs(x - base))) if found else float("nan")
