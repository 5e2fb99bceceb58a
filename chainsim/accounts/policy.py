"""Policy verdicts: every clause of the park's list judged by its named check.

Clauses are records of `graphs/policies/`, their limits as the scenario's assessment edits them;
only those of the assessment's time mode are judged. A clause whose check is not known here, or
whose data are missing, is listed as `cannot_judge` and never passes silently.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

import pandas as pd

from chainsim.accounts.cases import Case, full_years, year_views
from chainsim.accounts.registry import CHECKS
from chainsim.accounts.verdicts import Measured, note_text, policy_row
from chainsim.accounts.view import View
from chainsim.errors import Problem, did_you_mean
from chainsim.library.model import Policy
from chainsim.park.model import Park
from chainsim.results import LEDGER_COLUMNS, POLICY_COLUMNS, table

__all__ = ["CHECKS", "clauses_in_force", "evidence", "judge_policies", "note_text"]


def clauses_in_force(park: Park) -> Iterator[Policy]:
    """Clauses of the park's list that its time mode judges, with edited limits, in id order."""
    for key in sorted(park.policies):
        policy = park.library.policies[key]
        if policy.modes and park.facts.mode not in policy.modes:
            continue
        edited = park.facts.limits.get(key)
        yield policy if edited is None else replace(policy, limit=edited)


def judge_policies(
    park: Park,
    view: View,
    ledger: pd.DataFrame,
    problems: list[Problem],
    wanted: Collection[str] = (),
) -> pd.DataFrame:
    """Verdicts of all clauses in force (`results.POLICY_COLUMNS`).

    Args:
        park: the park.
        view: its ledger over the whole time.
        ledger: the rows behind it, by month.
        problems: unknown checks are added here.
        wanted: ids of the only clauses to judge; all when empty.
    """
    years = full_years(year_views(view, ledger))
    rows: list[dict[str, Any]] = []
    for policy in clauses_in_force(park):
        if wanted and policy.id not in wanted:
            continue
        case = Case(park=park, view=view, policy=policy, years=years if len(years) > 1 else ())
        edited = policy.id in park.facts.limits
        rows += [policy_row(policy, found, edited=edited) for found in _judged(case, problems)]
    return table(rows, POLICY_COLUMNS)


def _judged(case: Case, problems: list[Problem]) -> list[Measured]:
    policy = case.policy
    check = CHECKS.get(policy.check)
    if check is None:
        problems.append(
            Problem(
                code="CS-A002",
                severity="warning",
                path=f"policies.{policy.id}.check",
                found=policy.check,
                hint=did_you_mean(policy.check, CHECKS),
            )
        )
        return [Measured()]
    if policy.applies_from is not None and case.end <= policy.applies_from:
        return [Measured(notes={"not_yet": {"date": policy.applies_from.isoformat()}})]
    nothing = not case.batteries
    return list(check.measure(case)) or [Measured(nothing=nothing)]


EVIDENCE_KEYS = ["account", "unit", "material", "site", "enterprise"]


def evidence(
    park: Park, ledger: pd.DataFrame, policy: Policy, subject: str = "city"
) -> pd.DataFrame:
    """Ledger rows behind a verdict, added up over the time: the largest amounts first.

    Args:
        park: the park.
        ledger: its ledger.
        policy: the clause.
        subject: whom the verdict is about; a county, site, enterprise or unit narrows the rows.
    """
    check = CHECKS.get(policy.check)
    accounts = () if check is None else check.accounts
    columns = [*EVIDENCE_KEYS, "amount", "amount_unit"]
    if not accounts:
        return pd.DataFrame({c: [] for c in columns}).astype(
            {c: LEDGER_COLUMNS[c] for c in columns}
        )
    rows = ledger[ledger["account"].str.startswith(accounts)]
    if subject in park.enterprises:
        rows = rows[rows["enterprise"] == subject]
    elif subject in park.units:
        rows = rows[rows["unit"] == subject]
    elif subject != "city":
        sites = [k for k, s in park.sites.items() if subject in (k, s.county)]
        rows = rows[rows["site"].isin(sites)]
    sums = rows.groupby([*EVIDENCE_KEYS, "amount_unit"], sort=True)["amount"].sum().reset_index()
    order = sums["amount"].abs().sort_values(ascending=False, kind="stable").index
    return sums.loc[order, columns].reset_index(drop=True)
