"""A coordinated cut tried out: the same park at its plan and with every oven turned down.

The allocation is made on the run at plan (`accounts.cut`); each enterprise's ovens are then set to
its cut share of their load and the park runs again by the steady engine, so that gas, chemicals,
unit energy and margin answer for themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from chainsim.accounts.cases import Case, blank, span_a
from chainsim.accounts.conventions import Figures
from chainsim.accounts.cut import ParkCut, battery_loads, plan_cut, sector_margin
from chainsim.accounts.evaluation import rate
from chainsim.accounts.view import View, condensed
from chainsim.results import FLOAT, TEXT, table
from chainsim.study.result import RunResult
from chainsim.study.run import run
from chainsim.units import convert

CUT_COLUMNS: Final = {
    "enterprise": TEXT,
    "plan": FLOAT,  # wan t
    "tier": TEXT,
    "weight": FLOAT,
    "cut": FLOAT,
    "rate": FLOAT,
    "after": FLOAT,
    "floor": FLOAT,
    "floor_by": TEXT,  # load | civil
    "bound": TEXT,  # yes | no
    "unit_energy_before": FLOAT,  # kgce/t
    "unit_energy_after": FLOAT,
    "margin_change": FLOAT,  # wan CNY a year, of the enterprise with its transfers
}
EFFECT_KPIS: Final = (
    "output.coke_t",
    "cog.make_nm3",
    "cog.underfiring_share",
    "energy.coke_kgce_per_t",
    "energy.coking_tce",
    "energy.park_tce",
    "carbon.total_t",
    "value.added_cny",
    "value.revenue_cny",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CutStudy:
    """A cut with the runs before and after it; `after` is None when it is infeasible."""

    cut: ParkCut
    before: RunResult
    after: RunResult | None

    def shares(self) -> pd.DataFrame:
        """The table of who gives what (`CUT_COLUMNS`), wan t of coke a year."""
        old, new = view_of(self.before), None if self.after is None else view_of(self.after)
        rows = []
        for owner, share in self.cut.result.shares.items():
            plan = self.cut.plan[owner]
            then = old.where("enterprise", [owner])
            now = None if new is None else new.where("enterprise", [owner])
            civil = self.cut.civil_floors[owner] > self.cut.load_floors[owner]
            rows.append(
                {
                    "enterprise": owner,
                    "plan": _wan_t(plan),
                    "tier": self.cut.tiers[owner],
                    "weight": self.cut.weights[owner],
                    "cut": _wan_t(share.cut),
                    "rate": share.cut / plan if plan > 0 else 0.0,
                    "after": _wan_t(share.after),
                    "floor": _wan_t(self.cut.floor(owner)),
                    "floor_by": "civil" if civil else "load",
                    "bound": "yes" if share.bound else "no",
                    "unit_energy_before": then.coke_unit_energy or 0.0,
                    "unit_energy_after": 0.0 if now is None else now.coke_unit_energy or 0.0,
                    "margin_change": 0.0 if now is None else _margin(now) - _margin(then),
                }
            )
        return table(rows, CUT_COLUMNS)

    def effects(self) -> pd.DataFrame:
        """KPIs before and after: id, unit, before, after, change; what is sold among them.

        Amounts are those of a year.

        Empty when the cut is infeasible.
        """
        columns = {"id": TEXT, "unit": TEXT, "before": FLOAT, "after": FLOAT, "change": FLOAT}
        if self.after is None:
            return table([], columns)
        total = [r.kpis[r.kpis["period"] == "total"].set_index("id") for r in
                 (self.before, self.after)]  # fmt: skip
        old, new = (frame["value"].to_dict() for frame in total)
        sold = set(view_of(self.before).by_material("output.sold"))
        outputs = [f"output.{m}_t" for m in sorted(sold) if f"output.{m}_t" in old]
        span = span_a(self.before.simulation.hours)
        rows = []
        for key in dict.fromkeys((*EFFECT_KPIS, *outputs)):
            if key not in old:
                continue
            unit = str(total[0].at[key, "unit"])
            years = 1.0 if unit == "ratio" or "/" in unit else span
            then, now = (float(values.get(key, 0.0)) / years for values in (old, new))
            if key in EFFECT_KPIS or abs(now - then) > 1e-6 * max(1.0, abs(then)):
                row = {"before": then, "after": now, "change": now - then}
                rows.append({"id": key, "unit": unit, **row})
        rows += _margin_rows(self.before, self.after)
        return table(rows, columns)


def _margin_rows(before: RunResult, after: RunResult) -> list[dict[str, object]]:
    then, now = sector_margin(view_of(before)), sector_margin(view_of(after))
    if then is None or now is None:
        return []
    return [{"id": "margin", "unit": "CNY/t", "before": then, "after": now, "change": now - then}]


def _margin(view: View) -> float:
    """Operating surplus of a view with its transfers, wan CNY a year."""
    surplus = view.sum("revenue.", "stock.", "transfer.value", "cost.")
    return convert(surplus / span_a(view.hours), "CNY", "wan_CNY")


def _wan_t(tonnes: float) -> float:
    return convert(tonnes, "t", "wan_t")


def view_of(result: RunResult) -> View:
    """The whole ledger of a run as a view."""
    figures = Figures(result.park, {})
    rows = condensed(result.ledger)
    hours = result.simulation.hours
    return View(result.park, result.simulation, rows, hours, figures=figures)


def study_cut(
    scenario: str,
    target_t_a: float,
    *,
    tiers: Mapping[str, str] | None = None,
    step_t: float = 0.0,
    overrides: Sequence[str] = (),
) -> CutStudy:
    """Cut a scenario's coke to `target_t_a` and run it again.

    Args:
        scenario: file or id.
        target_t_a: coke output of the city, t a year.
        tiers: enterprise -> tier, in place of facts and evaluation.
        step_t: cuts are rounded to multiples of it; 0 for none.
        overrides: `key.path=value` strings for both runs.

    Raises:
        UserError: as `run`.
    """
    before = run(scenario, engine="steady", overrides=tuple(overrides))
    view = view_of(before)
    case = Case(park=before.park, view=view, policy=blank())
    rating = rate(before.park, view)
    cut = plan_cut(case, rating, target_t_a, tiers=tiers, step_t=step_t)
    after = None
    if cut.result.feasible:
        loads = battery_loads(case, cut)
        turned = [f"units.{key}.load={load!r}" for key, load in loads.items()]
        after = run(scenario, engine="steady", overrides=(*overrides, *turned))
    return CutStudy(cut=cut, before=before, after=after)
