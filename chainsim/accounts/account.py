"""The entry of the accounts: (park, simulation) -> ledger, KPIs, verdicts, warnings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from chainsim.accounts.conventions import Figures
from chainsim.accounts.energy_sanity import heat_from_nothing, outputs_beyond_inputs
from chainsim.accounts.kpis import TOTAL, compute_kpis
from chainsim.accounts.ledger import build_ledger
from chainsim.accounts.policy import judge_policies
from chainsim.accounts.projects.kpis import finance_kpis
from chainsim.accounts.view import View, condensed
from chainsim.errors import Problem
from chainsim.park.model import Park
from chainsim.results import KPI_COLUMNS, POLICY_COLUMNS, Simulation, table


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """Tables with the columns of `chainsim.results`, and what the reader should know of them."""

    simulation: Simulation
    ledger: pd.DataFrame
    kpis: pd.DataFrame
    policy: pd.DataFrame
    problems: tuple[Problem, ...]

    def kpi(self, key: str) -> float:
        """Value over the whole time; raises KeyError when the KPI does not exist here."""
        found = self.kpis.loc[(self.kpis["id"] == key) & (self.kpis["period"] == "total"), "value"]
        if found.empty:
            raise KeyError(key)
        return float(found.iloc[0])


def account(
    park: Park, simulation: Simulation, *, finance: bool = True, policy: bool = True
) -> Accounts:
    """All accounts of one run.

    Args:
        park: the park.
        simulation: its run.
        finance: appraise as a project what is not yet built.
        policy: judge the clauses; without, `policy` is empty.
    """
    figures = Figures(park, {})
    ledger = build_ledger(park, simulation, figures)
    view = view_of(park, simulation, ledger, figures)
    problems: list[Problem] = []
    kpis = compute_kpis(view, ledger)
    rows, told = finance_kpis(view, ledger, TOTAL) if finance else ([], [])
    if rows:
        kpis = pd.concat([kpis, table(rows, KPI_COLUMNS)], ignore_index=True)
    problems += told
    judged = judge_policies(park, view, ledger, problems) if policy else table([], POLICY_COLUMNS)
    problems += [*figures.missing.values(), *_unpriced(park), *_unknown_carbon(park, simulation)]
    problems += [*outputs_beyond_inputs(view), *heat_from_nothing(park)]
    return Accounts(
        simulation=simulation,
        ledger=ledger,
        kpis=kpis,
        policy=judged,
        problems=tuple(sorted(problems, key=lambda p: (p.code, p.path))),
    )


def view_of(
    park: Park, simulation: Simulation, ledger: pd.DataFrame, figures: Figures | None = None
) -> View:
    """The whole park over the whole time of a run."""
    figures = figures or Figures(park, {})
    return View(park, simulation, condensed(ledger), simulation.hours, figures=figures)


def _unpriced(park: Park) -> Iterator[Problem]:
    """Markets without a price, in a park that has prices at all."""
    if not park.prices:
        return
    for section, deals in (("buy", park.buy), ("sell", park.sell)):
        for key, deal in deals.items():
            if not deal.price_path:
                yield Problem(code="CS-A001", severity="warning", path=f"{section}.{key}.price")


def _unknown_carbon(park: Park, simulation: Simulation) -> Iterator[Problem]:
    """Combustible materials without a composition, in a park that knows compositions."""
    used = sorted(set(simulation.flows["material"]) & set(park.materials))
    materials = [park.materials[name] for name in used]
    if not any((m.elements or {}).get("C") for m in materials):
        return
    for material in materials:
        if material.lhv_gj > 0 and material.elements is None:
            yield Problem(code="CS-A006", severity="warning", path=f"materials.{material.id}")
