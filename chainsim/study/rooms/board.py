"""What a team hands in, and what all teams' work looks like side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from chainsim.study.levers import levers
from chainsim.study.result import RunResult

MEASURES: Final = (
    "value.added_cny",
    "finance.fnpv_cny",
    "energy.tce_per_wan_yuan",
    "carbon.total_t",
    "water.fresh_t",
    "staff.persons",
)
"""Several, because a single rank rewards those who play the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a team handed in: its scheme as plain data, and what that gave."""

    team: int
    round: int
    at: float
    scheme: Mapping[str, Any]
    figures: Mapping[str, float]
    """KPI -> value, in its own unit; those that the park has."""
    failed: tuple[str, ...]
    """Ids of the clauses that are not kept."""


def figures_of(result: RunResult) -> tuple[dict[str, float], tuple[str, ...]]:
    """(figures for the board, clauses not kept) of a result."""
    kpis = result.kpis
    totals = kpis[kpis["period"] == "total"].set_index("id")["value"]
    figures = {key: float(totals[key]) for key in MEASURES if key in totals.index}
    failed = result.policy[result.policy["verdict"] == "fail"]
    kept = {key: value for key, value in figures.items() if math.isfinite(value)}
    return kept, tuple(sorted(set(failed["id"].astype(str))))


def latest(found: Sequence[Submission], round_: int) -> dict[int, Submission]:
    """Team -> what it handed in last in a round."""
    return {s.team: s for s in found if s.round == round_}


def moves(base: str, handed_in: Sequence[Submission]) -> pd.DataFrame:
    """How many teams moved each lever, and how far.

    Returns:
        `lever`, `teams`, `low`, `mean`, `high` (over all teams, those at the base included) and
        `base`, in the lever's unit; levers that nobody moved are left out.
    """
    rows = []
    for lever in levers(base):
        values = [dict(s.scheme.get("values", {})).get(lever.id, lever.base) for s in handed_in]
        moved = sum(not math.isclose(v, lever.base, abs_tol=lever.step * 1e-6) for v in values)
        if moved:
            mean = sum(values) / len(values)
            rows.append((lever.id, moved, min(values), mean, max(values), lever.base))
    return pd.DataFrame(rows, columns=["lever", "teams", "low", "mean", "high", "base"])
