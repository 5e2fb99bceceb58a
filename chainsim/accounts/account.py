"""The entry of the accounts: (park, simulation) -> ledger, KPIs, verdicts, warnings."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from chainsim.accounts.conventions import Figures
from chainsim.accounts.energy_sanity import heat_from_nothing, outputs_beyond_inputs
from chainsim.accounts.kpis import TOTAL, kpi_rows
from chainsim.accounts.ledger import Bookkeeper, Books
from chainsim.accounts.policy import judge_policies
from chainsim.accounts.projects.kpis import finance_kpis
from chainsim.accounts.view import View, condensed
from chainsim.errors import Problem
from chainsim.park.model import Park
from chainsim.results import KPI_COLUMNS, LEDGER_COLUMNS, POLICY_COLUMNS, Simulation, table
from chainsim.units import HOURS_PER_YEAR

NO_VERDICTS: Final = table([], POLICY_COLUMNS)
NO_LEDGER: Final = table([], LEDGER_COLUMNS)


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


class Accountant:
    """Accounts for the runs of one park; what does not change from run to run is made once."""

    def __init__(self, park: Park) -> None:
        self.park = park
        self._keeper = Bookkeeper(park)
        self._lasting: dict[object, object] = {}
        years = {period[:4] for period, _, _ in park.horizon.periods()}
        self._one_year = len(years) == 1 and park.horizon.hours <= HOURS_PER_YEAR
        self._last: _Booked | None = None

    def account(
        self,
        simulation: Simulation,
        *,
        finance: bool = True,
        policy: bool = True,
        kpis: Collection[str] = (),
        brief: bool = False,
        clauses: Collection[str] = (),
    ) -> Accounts:
        """All accounts of one run. The run asked for last is not booked again.

        Args:
            simulation: a run of the park.
            finance: False to appraise nothing as a project.
            policy: False to judge no clause.
            kpis: the only KPIs to work out; all when empty. Those of finance go by `finance`.
            brief: True for a run of which only KPIs of the whole time and verdicts are kept: no
                KPIs by year, no problems, and a ledger only where something is looked up by year.
            clauses: the only clauses to judge; all when empty.
        """
        park, booked = self.park, self._booked(simulation)
        view = booked.view
        ledger = NO_LEDGER if brief and self._one_year else booked.ledger
        problems: list[Problem] = []
        rows = kpi_rows(view, None if brief else ledger, kpis)
        appraised: list[dict[str, Any]] = []
        if finance:
            appraised, told = finance_kpis(view, ledger, TOTAL) if brief else booked.finance
            problems += told
        verdicts = NO_VERDICTS
        if policy:
            verdicts = judge_policies(park, view, ledger, problems, clauses)
        if not brief:
            problems += [*view.figures.missing.values(), *_unpriced(park), *_unknown_carbon(view)]
            problems += [*outputs_beyond_inputs(view), *heat_from_nothing(park)]
            problems += booked.owed
        return Accounts(
            simulation=simulation,
            ledger=ledger,
            kpis=table([*rows, *appraised], KPI_COLUMNS),
            policy=verdicts,
            problems=() if brief else tuple(sorted(problems, key=lambda p: (p.code, p.path))),
        )

    def _booked(self, simulation: Simulation) -> _Booked:
        """The books of a run."""
        if self._last is None or self._last.simulation is not simulation:
            figures = Figures(self.park, {})
            books = self._keeper.book(simulation, figures)
            view = View(
                self.park,
                simulation,
                books.rows,
                simulation.hours,
                figures=figures,
                flows=books.flows,
                lasting=self._lasting,
            )
            self._last = _Booked(simulation, books, view)
        return self._last


@dataclass(frozen=True)
class _Booked:
    """A run's books and what follows from them, each worked out once."""

    simulation: Simulation
    books: Books
    view: View

    @functools.cached_property
    def ledger(self) -> pd.DataFrame:
        return self.books.ledger

    @functools.cached_property
    def finance(self) -> tuple[list[dict[str, Any]], list[Problem]]:
        return finance_kpis(self.view, self.ledger, TOTAL)

    @functools.cached_property
    def owed(self) -> tuple[Problem, ...]:
        return tuple(_owed(self.view.park, self.simulation))


def account(park: Park, simulation: Simulation, *, finance: bool = True) -> Accounts:
    """All accounts of one run; for many runs of one park make an `Accountant`."""
    return Accountant(park).account(simulation, finance=finance)


def view_of(
    park: Park, simulation: Simulation, ledger: pd.DataFrame, figures: Figures | None = None
) -> View:
    """The whole park over the whole time of a run."""
    figures = figures or Figures(park, {})
    return View(park, simulation, condensed(ledger), simulation.hours, figures=figures)


def _owed(park: Park, simulation: Simulation) -> Iterator[Problem]:
    """Obligations that were not met in full."""
    columns = ["requested", "served", "shortfall", "short_h"]
    short = simulation.obligations["component"][simulation.obligations["shortfall"] > 0.0]
    if short.empty:
        return
    owing = simulation.obligations[simulation.obligations["component"].isin(short.unique())]
    by = owing.groupby(["component", "material"])[columns].sum().reset_index()
    for owed in by.to_dict("records"):
        if owed["shortfall"] > 0.0:
            unit = park.materials[owed["material"]].unit
            yield Problem(
                code="CS-A011",
                severity="warning",
                path=f"obligations.{owed['component']}",
                found=f"{owed['served']:.6g} {unit}",
                expected=f"{owed['requested']:.6g} {unit}",
                params={"hours": f"{owed['short_h']:.6g}"},
            )


def _unpriced(park: Park) -> Iterator[Problem]:
    """Markets without a price, in a park that has prices at all."""
    if not park.prices:
        return
    for section, deals in (("buy", park.buy), ("sell", park.sell)):
        for key, deal in deals.items():
            if not deal.price_path:
                yield Problem(code="CS-A001", severity="warning", path=f"{section}.{key}.price")


def _unknown_carbon(view: View) -> Iterator[Problem]:
    """Combustible materials without a composition, in a park that knows compositions."""
    park = view.park
    used = sorted({flow.material for flow in view.flows} & set(park.materials))
    materials = [park.materials[name] for name in used]
    if not any((m.elements or {}).get("C") for m in materials):
        return
    for material in materials:
        if material.lhv_gj > 0 and material.elements is None:
            yield Problem(code="CS-A006", severity="warning", path=f"materials.{material.id}")
