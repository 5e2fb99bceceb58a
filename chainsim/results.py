"""The contracts between engines and accounts: fixed tables, checked when made.

Flows are totals over a calendar period, in base units; + leaves a component (into its header),
- enters it. Every table has a `unit` column where it holds quantities.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from chainsim.errors import InternalError, Problem

TEXT: Final = "str"
FLOAT: Final = "float64"

FLOW_COLUMNS: Final = {
    "period": TEXT,  # YYYY-MM
    "kind": TEXT,  # unit | buy | sell | obligation | fill | draw | vent | link
    "component": TEXT,
    "site": TEXT,
    "owner": TEXT,
    "port": TEXT,  # port name of a unit; in/out for links; the kind otherwise
    "material": TEXT,  # what really flowed: the alternative served, not the port's nominal material
    "quantity": FLOAT,
    "unit": TEXT,
    "role": TEXT,  # of a unit's port; ambient, emission and loss touch no header; empty otherwise
}
UNIT_COLUMNS: Final = {
    "period": TEXT,
    "component": TEXT,
    "hours": FLOAT,  # length of the period
    "full_load_h": FLOAT,  # integral of activity
    "running_h": FLOAT,
    "available_h": FLOAT,  # integral of available capacity (share of nameplate)
    "failed_h": FLOAT,  # train-weighted
    "overhaul_h": FLOAT,
    "held_h": FLOAT,  # could have run but stood for want of feed or outlet, or waited to restart
    "starts": FLOAT,
    "nameplate": FLOAT,  # of the reference port, per hour
    "unit": TEXT,
}
OBLIGATION_COLUMNS: Final = {
    "period": TEXT,
    "component": TEXT,
    "site": TEXT,
    "material": TEXT,
    "requested": FLOAT,
    "served": FLOAT,
    "shortfall": FLOAT,
    "short_h": FLOAT,  # hours with a shortfall
    "unit": TEXT,
}
LEVEL_COLUMNS: Final = {
    "period": TEXT,
    "component": TEXT,
    "material": TEXT,
    "level_start": FLOAT,
    "level_end": FLOAT,
    "level_mean": FLOAT,
    "empty_h": FLOAT,
    "full_h": FLOAT,
    "capacity": FLOAT,
    "unit": TEXT,
}
SHIPMENT_COLUMNS: Final = {
    "period": TEXT,
    "component": TEXT,  # a link that carries batches
    "material": TEXT,
    "trips": FLOAT,  # vehicles that began to load
    "loaded": FLOAT,
    "delivered": FLOAT,
    "on_the_way_start": FLOAT,
    "on_the_way_end": FLOAT,
    "on_the_way_mean": FLOAT,
    "waited_h": FLOAT,  # for a bay and for stock, by those that began to load
    "queue_mean": FLOAT,  # vehicles or orders that wait for a bay
    "dock_waited_h": FLOAT,  # for a dock
    "turned_away": FLOAT,
    "unit": TEXT,
}
CHANGE_COLUMNS: Final = {
    "time_h": FLOAT,
    "kind": TEXT,  # as in the flow table, and `feed`; `loaded` or `delivered` for batches
    "component": TEXT,
    "value": FLOAT,  # base units per hour from then on (share of nameplate for units); batch amount
}
EVENT_COLUMNS: Final = {
    "time_h": FLOAT,
    "component": TEXT,
    "event": TEXT,
    "value": FLOAT,
}
LEDGER_COLUMNS: Final = {
    "period": TEXT,
    "site": TEXT,
    "enterprise": TEXT,
    "unit": TEXT,  # component id
    "port": TEXT,
    "material": TEXT,
    "quantity": FLOAT,
    "quantity_unit": TEXT,
    "account": TEXT,
    "amount": FLOAT,
    "amount_unit": TEXT,
}
KPI_COLUMNS: Final = {
    "id": TEXT,
    "value": FLOAT,
    "unit": TEXT,
    "period": TEXT,
    "low": FLOAT,
    "high": FLOAT,
}
POLICY_COLUMNS: Final = {
    "id": TEXT,
    "level": TEXT,
    "subject": TEXT,  # city, or the id of a county, enterprise or unit
    "value": FLOAT,
    "limit": FLOAT,
    "comparison": TEXT,
    "margin": FLOAT,  # positive = inside the limit
    "unit": TEXT,
    "verdict": TEXT,  # pass | fail | warn | cannot_judge | report (shown, not judged)
    "band": FLOAT,  # closure error or uncertainty beside the value, same unit; 0 when none
    "note": TEXT,
}


def table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """A table of exactly `columns` with their dtypes.

    Raises:
        InternalError: a row lacks a column or has one too many.
    """
    names = list(columns)
    for row in rows:
        if set(row) != set(names):
            raise InternalError(f"row has {sorted(row)}, the table has {sorted(names)}")
    return frame({c: [row[c] for row in rows] for c in names}, columns)


def frame(data: Mapping[str, Any], columns: Mapping[str, str]) -> pd.DataFrame:
    """A table of exactly `columns` from whole columns; where none has rows, texts may be left out.

    Raises:
        InternalError: a column lacks or is one too many.
    """
    empty = not any(len(values) for values in data.values())
    if set(data) - set(columns) or (set(columns) - set(data) and not empty):
        raise InternalError(f"table has {sorted(data)}, wanted are {sorted(columns)}")
    if empty:
        return _empty_frame(tuple(columns.items())).copy()
    return pd.DataFrame({c: _typed(data[c], kind) for c, kind in columns.items()}, copy=False)


@functools.cache
def _empty_frame(columns: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    """A table without rows; every run of a park without obligations or trips has some."""
    return pd.DataFrame({c: _typed((), kind) for c, kind in columns})


def _typed(values: Any, kind: str) -> Any:
    """`values` as an array of one of the two kinds; as they are where they fit."""
    if kind == FLOAT:
        return np.asarray(values, dtype=FLOAT)
    return values if str(getattr(values, "dtype", "")) == kind else pd.array(values, dtype=kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What an engine hands over: totals by calendar period, nothing of its inside."""

    engine: str
    hours: float
    seed: int
    replication: int
    flows: pd.DataFrame
    units: pd.DataFrame
    obligations: pd.DataFrame
    levels: pd.DataFrame
    events: pd.DataFrame
    shipments: pd.DataFrame = field(default_factory=lambda: table([], SHIPMENT_COLUMNS))
    changes: pd.DataFrame | None = None
    """Every change of a rate and every batch, when asked for (`CHANGE_COLUMNS`)."""
    bottlenecks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Unit id -> what limited it (column and row names) in the first allocation."""
    residual: float = 0.0
    """Largest |in - out - stock change| over throughput of any header."""
    allocations: int = 0
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a result depends on, and what it cost."""

    scenario: str
    scenario_digest: str
    library_digest: str
    engine: str
    version: str
    seed: int
    replications: int
    years: float
    versions: Mapping[str, str]
    wall_s: float
    allocations: int
    residual: float

    @property
    def key(self) -> str:
        """Content key of the run: everything that decides its numbers."""
        parts = (
            self.scenario_digest,
            self.library_digest,
            self.engine,
            self.version,
            str(self.seed),
            str(self.replications),
            repr(self.years),
        )
        return "-".join(parts)
