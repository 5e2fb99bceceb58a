"""An investor's risk: one scheme's project run many times under correlated prices and failures.

The runs are those of a sweep with one point; what each drew of prices is drawn again beside its
result, so that the bad runs can be told by name.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from chainsim.library.scenarios import Scenario
from chainsim.library.uncertainty_records import (
    CoefficientsRecord,
    PricesRecord,
    UncertaintyRecord,
)
from chainsim.library.yaml_writer import to_yaml
from chainsim.park.build import build_park
from chainsim.park.model import Park
from chainsim.study.cache import shipped_park
from chainsim.study.flips import zero_points
from chainsim.study.statistics import Estimate, mean_estimate, share_estimate
from chainsim.study.sweeps.model import ParkModel
from chainsim.study.sweeps.plan import Plan
from chainsim.study.sweeps.points import Point
from chainsim.study.sweeps.reading import read_results
from chainsim.study.sweeps.sweep import sweep_plan
from chainsim.study.uncertain.draws import Draws, used_figures
from chainsim.study.why import Case, scenario_of_case

FNPV: Final = "finance.fnpv_cny"
FIRR: Final = "finance.firr"
UP: Final = "reliability.availability"
KPIS: Final = (FNPV, FIRR, "finance.payback_y", "value.added_cny", UP)
LEVELS: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
DOWNSIDE: Final = 0.1
"""Share of the runs with the least present value that make the downside case."""
SEED: Final = 1
SCENARIO: Final = "scenario"
"""What is drawn stands in the scenario."""
_DRIVERS: Final = 8
_CHUNK: Final = 5
_FLIP_SHARE: Final = 0.1
"""Share of the progress that the flip points take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskAsk:
    """A scheme, and what is drawn anew in each of `runs`.

    Attributes:
        case: the scheme.
        runs: how many.
        anchor: prices swing around the scenario's (`base`) or the long run (`history`); empty for
            none. `SCENARIO`: all as its `uncertainty` says, whatever the other two tell.
        failures: whether plants fail and are overhauled as drawn, or stand at nothing.
        coefficients: whether figures of processes are drawn within their ranges too.
    """

    case: Case
    runs: int
    anchor: str = "base"
    failures: bool = True
    coefficients: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectRisk:
    """What the runs came to.

    Attributes:
        park: of the scheme, at typical figures.
        drawn: what every run drew.
        runs: a row a run: `replication`, then a column for each of `KPIS` that exists.
        prices: a row a run, a column a price (path) that moved: price over its typical value.
        quantiles: KPI -> `n`, `mean` and the quantiles of `LEVELS`; one row each.
        loss: probability of a present value below zero.
        downside: mean present value of the worst `DOWNSIDE` of the runs.
        named: what was otherwise in those runs: `price`, its mean ratio over all runs (`usual`) and
            in the downside (`bad`), rank correlation with the present value (`link`); the strongest
            first.
        flips: prices at which the present value is zero, of the strongest.
    """

    park: Park
    drawn: UncertaintyRecord
    runs: pd.DataFrame
    prices: pd.DataFrame
    quantiles: pd.DataFrame
    loss: Estimate
    downside: Estimate
    named: pd.DataFrame
    flips: pd.DataFrame


def says_what_is_drawn(base: str, overrides: tuple[str, ...]) -> bool:
    """Whether a scheme's scenario has an `uncertainty` of its own."""
    return shipped_park(base, overrides).resolved.get("uncertainty") is not None


def project_risk(ask: RiskAsk, progress: Callable[[int, int], None]) -> ProjectRisk:
    """Run the project `ask.runs` times and sum up.

    Raises:
        UserError: a scheme that cannot be run, or has nothing to appraise (CS-T007).
    """
    scenario = scenario_of_case(ask.case)
    total = round(ask.runs * (1.0 + _FLIP_SHARE))
    plan = _plan(ask, scenario)
    with tempfile.TemporaryDirectory(prefix="chainsim-risk-") as folder:
        sweep_plan(plan, folder, progress=lambda done, _: progress(done, total))
        frame = read_results(folder)
    runs = frame.pivot(index="replication", columns="id", values="value").reset_index()
    park = build_park(scenario)
    drawn = _drawn(ask, scenario)
    prices = _prices(park, drawn, ask.runs)
    value = runs[FNPV].to_numpy(dtype=float)
    named = named_downside(value, prices)

    def flip(done: int, count: int) -> None:
        progress(ask.runs + (total - ask.runs) * done // max(count, 1), total)

    drivers = list(named["price"][:_DRIVERS])
    flips = zero_points(scenario, FNPV, drivers=drivers, progress=flip)
    return ProjectRisk(
        park=park,
        drawn=drawn,
        runs=runs,
        prices=prices,
        quantiles=quantiles(runs),
        loss=share_estimate(int((value < 0.0).sum()), len(value)),
        downside=mean_estimate(np.sort(value)[: worst(len(value))]),
        named=named,
        flips=flips,
    )


def _plan(ask: RiskAsk, scenario: Scenario) -> Plan:
    model = ParkModel(
        scenarios=(to_yaml(scenario.data),),
        engine="des",
        years=None,
        seed=SEED,
        outages=ask.failures or ask.anchor == SCENARIO,
        kpis=KPIS,
        policy=False,
        finance=True,
        uncertainty=_drawn(ask, scenario),
    )
    return Plan(
        id="project-risk",
        model=model,
        points=(Point(index=0, scenario=0),),
        scenarios=(scenario.record.id,),
        reps=ask.runs,
        chunk=_CHUNK,
        study={},
    )


def _drawn(ask: RiskAsk, scenario: Scenario) -> UncertaintyRecord:
    """Prices on paths, those without a series within their range; processes where asked for."""
    if ask.anchor == SCENARIO:
        return scenario.record.uncertainty or UncertaintyRecord()
    if not ask.anchor and not ask.coefficients:
        return UncertaintyRecord()
    prices = PricesRecord(anchor="history" if ask.anchor == "history" else "base")
    only = [*(["prices"] if ask.anchor else []), *(["processes"] if ask.coefficients else [])]
    return UncertaintyRecord(
        coefficients=CoefficientsRecord(only=only), prices=prices if ask.anchor else None
    )


def _prices(park: Park, drawn: UncertaintyRecord, runs: int) -> pd.DataFrame:
    """Ratios drawn in each run, of the prices that the park uses."""
    if drawn.coefficients is None and drawn.prices is None:
        return pd.DataFrame(index=range(runs))
    draws = Draws(park, drawn, SEED)
    used = [c.path for c in used_figures(park) if c.path.startswith("prices.")]
    rows = []
    for k in range(runs):
        ratios = draws.prices(k)
        rows.append({path: ratios.get(path.removeprefix("prices."), 1.0) for path in used})
    frame = pd.DataFrame(rows)
    return frame[[path for path in frame.columns if frame[path].nunique() > 1]]


def worst(runs: int) -> int:
    """How many of the runs make the downside case.

    >>> worst(50), worst(3)
    (5, 1)
    """
    return max(1, round(DOWNSIDE * runs))


def named_downside(value: np.ndarray, prices: pd.DataFrame) -> pd.DataFrame:
    """What was otherwise in the runs of the least `value`, the price that moves it most first."""
    bad = np.argsort(value, kind="stable")[: worst(len(value))]
    links = prices.rank().corrwith(pd.Series(value, index=prices.index).rank())
    rows = [
        {
            "price": key,
            "usual": float(prices[key].mean()),
            "bad": float(prices[key].iloc[bad].mean()),
            "link": float(links[key]),
        }
        for key in prices.columns
        if links[key] == links[key]
    ]
    frame = pd.DataFrame(rows, columns=["price", "usual", "bad", "link"])
    order = frame["link"].abs().sort_values(ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True)


def quantiles(runs: pd.DataFrame) -> pd.DataFrame:
    """`id`, `n`, `mean`, `q0.05` … of every KPI; runs in which it has no value are left out."""
    rows = []
    for key in KPIS:
        if key not in runs:
            continue
        values = runs[key].dropna().to_numpy(dtype=float)
        found = np.quantile(values, LEVELS) if len(values) else [np.nan] * len(LEVELS)
        levels = {f"q{level:g}": float(q) for level, q in zip(LEVELS, found, strict=True)}
        mean = float(values.mean()) if len(values) else np.nan
        rows.append({"id": key, "n": len(values), "mean": mean, **levels})
    return pd.DataFrame(rows)
