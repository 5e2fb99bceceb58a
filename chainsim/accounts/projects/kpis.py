"""The finance KPIs of a run: the scenario's project appraised, or the reason why it cannot be."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from chainsim.accounts.projects.from_park import park_project
from chainsim.accounts.projects.scope import scope_of
from chainsim.accounts.view import View
from chainsim.errors import Problem, UserError
from chainsim.finance.appraisal import Appraisal, appraise
from chainsim.library.finance_records import FinanceRecord

INDICATORS: Final = {
    "finance.investment_cny": ("investment_cny", "CNY"),
    "finance.fnpv_cny": ("fnpv_after_tax_cny", "CNY"),
    "finance.firr": ("firr_after_tax", "ratio"),
    "finance.payback_y": ("payback_static_after_tax_y", "a"),
    "finance.fnpv_before_tax_cny": ("fnpv_before_tax_cny", "CNY"),
    "finance.firr_before_tax": ("firr_before_tax", "ratio"),
    "finance.equity_irr": ("firr_equity", "ratio"),
}
"""KPI -> indicator and unit."""
REASONS: Final = {
    "no_sign_change": "CS-N016",
    "no_root": "CS-N023",
    "out_of_range": "CS-N017",
    "several": "CS-N018",
    "loan": "CS-N019",
    "never": "CS-N020",
}
"""Why an indicator has no value -> code of its text."""
NOTHING_PLANNED: Final = "CS-N021"


def finance_kpis(
    view: View, ledger: pd.DataFrame, period: str
) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Rows of the KPI table and what is to be told; a KPI without a value is NaN.

    A park without the library's figures and without a `finance` section has no such KPIs.
    """
    park = view.park
    if not park.library.factors and park.finance == FinanceRecord():
        return [], []
    appraisal, problems = _appraised(view, ledger)
    rows: list[dict[str, Any]] = []
    reasons: dict[str, Problem] = {}
    for key, (indicator, unit) in INDICATORS.items():
        value = None if appraisal is None else appraisal.value(indicator)
        if appraisal is not None and value is None:
            told = _reason(appraisal, indicator, key)
            reasons.setdefault(told.code, told)  # the first KPI names it for all
        shown = math.nan if value is None else value
        rows.append(
            {
                "id": key,
                "value": shown,
                "unit": unit,
                "period": period,
                "low": shown,
                "high": shown,
            }
        )
    return rows, [*problems, *reasons.values()]


def _appraised(view: View, ledger: pd.DataFrame) -> tuple[Appraisal | None, list[Problem]]:
    """The scenario's project; None with the reason when there is none."""
    scope = scope_of(view.park)
    if not scope.units and not scope.links:
        return None, [Problem(code=NOTHING_PLANNED, severity="warning", path="finance")]
    try:
        found = park_project(view, ledger)
        return appraise(found.project, found.conventions), list(found.problems)
    except UserError as exc:
        told = [replace(p, severity="warning", path=_under_finance(p.path)) for p in exc.problems]
        return None, told


def _under_finance(path: str) -> str:
    """The path as it stands in a scenario."""
    return path if path.startswith("finance.") else f"finance.{path}".rstrip(".")


def _reason(appraisal: Appraisal, indicator: str, path: str) -> Problem:
    """Why an indicator of an appraisal has no value."""
    found = appraisal.indicators[indicator]
    roots = ", ".join(f"{root:.2%}" for root in found.roots)
    return Problem(
        code=REASONS.get(found.reason, "CS-N016"), severity="warning", path=path, found=roots
    )
