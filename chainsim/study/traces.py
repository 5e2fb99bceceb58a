"""Where a KPI of a result comes from."""

from __future__ import annotations

import pandas as pd

from chainsim.accounts.account import Accounts
from chainsim.accounts.trace import trace_kpi
from chainsim.study.result import RunResult


def trace(result: RunResult, kpi: str) -> pd.DataFrame:
    """From a KPI down to the sources of its largest flows; see `accounts.trace`.

    Raises:
        KeyError: this result has no such KPI.
    """
    accounts = Accounts(
        simulation=result.simulation,
        ledger=result.ledger,
        kpis=result.kpis,
        policy=result.policy,
        problems=result.problems,
    )
    return trace_kpi(accounts, result.park, kpi)
