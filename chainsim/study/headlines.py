"""A few figures of a steady run before the rest of its accounts: what a moved lever is watched by.

Most of the time of a run goes into accounts that nobody looks at while a lever moves. So a run is
made in two parts: the flows and the figures asked for, then everything. Both parts are of one run
and one ledger; the figures are those of the whole, to the last bit.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from chainsim.accounts.account import Accountant, Accounts
from chainsim.balance.plant import Plant
from chainsim.balance.steady import run_steady
from chainsim.park.model import Park
from chainsim.study.heap import left_alone
from chainsim.study.result import RunResult
from chainsim.study.run import assembled

SEED = 1
"""As `run` has it; a steady run draws nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headlines:
    """Some KPIs of a run and the verdicts that limit them.

    Attributes:
        park: whose names and clauses they have.
        kpis: rows of `results.KPI_COLUMNS`.
        policy: rows of `results.POLICY_COLUMNS`.
    """

    park: Park
    kpis: pd.DataFrame
    policy: pd.DataFrame

    @property
    def key(self) -> str:
        """All that is shown of them: equal keys, equal texts."""
        values = (self.kpis["value"], self.policy["value"], self.policy["limit"])
        numbers = (repr(x) for column in values for x in column.to_list())
        return "-".join((self.park.digest, *self.kpis["id"], *self.policy["verdict"], *numbers))


def clauses_on(park: Park, kpis: Collection[str]) -> frozenset[str]:
    """Ids of the clauses that limit one of `kpis`."""
    return frozenset(p.id for p in park.library.policies.values() if p.kpi in kpis)


def headlines_of(result: RunResult, kpis: Collection[str]) -> Headlines:
    """The same part of a run that is whole."""
    clauses = clauses_on(result.park, kpis)
    return Headlines(
        park=result.park,
        kpis=_only(result.kpis, kpis),
        policy=_only(result.policy, clauses),
    )


class SteadyRun:
    """A steady run in two parts."""

    def __init__(self, park: Park, *, outages: bool = True) -> None:
        """Allocate the park.

        Raises:
            UserError: as `run`.
        """
        began = time.perf_counter()
        with left_alone():
            self._simulation = run_steady(park, outages=outages, plant=Plant(park))
        self._park, self._accountant = park, Accountant(park)
        self._spent_s = time.perf_counter() - began

    def headlines(self, kpis: Collection[str]) -> Headlines:
        """Only these figures."""
        began = time.perf_counter()
        clauses = clauses_on(self._park, kpis)
        book = self._account(kpis, clauses)
        self._spent_s += time.perf_counter() - began
        return Headlines(park=self._park, kpis=_only(book.kpis, kpis), policy=book.policy)

    def _account(self, kpis: Collection[str], clauses: Collection[str]) -> Accounts:
        with left_alone():
            return self._accountant.account(
                self._simulation, policy=bool(clauses), kpis=kpis, clauses=clauses
            )

    def result(self) -> RunResult:
        """All of it, as `run` with the engine `steady` gives it."""
        began = time.perf_counter()
        with left_alone():
            book = self._accountant.account(self._simulation)
        return assembled(
            self._park,
            [self._simulation],
            [book],
            engine="steady",
            seed=SEED,
            wall_s=self._spent_s + time.perf_counter() - began,
        )


def _only(frame: pd.DataFrame, ids: Collection[str]) -> pd.DataFrame:
    return frame[frame["id"].isin(list(ids))].reset_index(drop=True)
