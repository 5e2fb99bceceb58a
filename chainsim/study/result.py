"""What a run gives back: tables of one scenario, one engine, one seed (or several replications)."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from chainsim.errors import Problem
from chainsim.park.model import Park
from chainsim.results import Manifest, Simulation
from chainsim.study.optimum import Optimum


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """Result of `run`. Tables have the columns of `chainsim.results`.

    With several replications, `kpis` holds means with `low`/`high` as the 5th and 95th percentile,
    and the other tables belong to the first replication.
    """

    park: Park
    simulation: Simulation
    ledger: pd.DataFrame
    kpis: pd.DataFrame
    policy: pd.DataFrame
    problems: tuple[Problem, ...]
    manifest: Manifest
    optimum: Optimum | None = None
    """What the lp engine found besides flows; None for the others."""

    @property
    def flows(self) -> pd.DataFrame:
        """Totals by period, component, port and material (`results.FLOW_COLUMNS`)."""
        return self.simulation.flows

    def kpi(self, key: str) -> float:
        """Value of one KPI; raises KeyError when it does not exist."""
        found = self.kpis.loc[self.kpis["id"] == key, "value"]
        if found.empty:
            raise KeyError(key)
        return float(found.iloc[0])
