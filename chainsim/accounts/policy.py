"""Policy verdicts: every clause of the park's list judged by its named check.

Clauses are records of `graphs/policies/`; a clause whose check is not known here, or whose data are
missing, is listed as `cannot_judge` and never passes silently.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pandas as pd

from chainsim.accounts import checks, structure_checks
from chainsim.accounts.checks import Case
from chainsim.accounts.verdicts import Measured, note_text, policy_row
from chainsim.accounts.view import View
from chainsim.errors import Problem, did_you_mean
from chainsim.library.model import Policy
from chainsim.park.model import Park
from chainsim.results import POLICY_COLUMNS, table

__all__ = ["CHECKS", "judge_policies", "note_text"]

Check = Callable[[Case], Iterator[Measured]]
CHECKS: Final[Mapping[str, Check]] = {
    "coke_capacity": checks.coke_capacity,
    "coke_output": checks.coke_output,
    "energy_total": checks.energy_total,
    "energy_triangle": checks.energy_triangle,
    "coke_energy": checks.coke_energy,
    "coke_energy_by_owner": checks.coke_energy_by_owner,
    "corrected_level2": checks.corrected_level2,
    "corrected_level3": checks.corrected_level3,
    "energy_per_value": checks.energy_per_value,
    "value_per_coke": checks.value_per_coke,
    "value_methods": checks.value_methods,
    "dry_quenching": structure_checks.dry_quenching,
    "old_ovens": structure_checks.old_ovens,
    "civil_gas": structure_checks.civil_gas,
    "civil_heat": structure_checks.civil_heat,
    "counties": structure_checks.counties,
    "riser_heat": structure_checks.riser_heat,
    "gas_allocation": structure_checks.gas_allocation,
    "gas_flared": structure_checks.gas_flared,
    "mass_closure": structure_checks.mass_closure,
    "energy_closure": structure_checks.energy_closure,
    "needs_data": structure_checks.needs_data,
}


def judge_policies(park: Park, view: View, problems: list[Problem]) -> pd.DataFrame:
    """Verdicts of all clauses of `park.policies`, in id order (`results.POLICY_COLUMNS`)."""
    rows: list[dict[str, Any]] = []
    for key in sorted(park.policies):
        policy = park.library.policies[key]
        rows += [policy_row(policy, found) for found in _judged(park, view, policy, problems)]
    return table(rows, POLICY_COLUMNS)


def _judged(park: Park, view: View, policy: Policy, problems: list[Problem]) -> list[Measured]:
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
    end = park.horizon.start + dt.timedelta(hours=park.horizon.hours)
    if policy.applies_from is not None and end <= policy.applies_from:
        return [Measured(notes={"not_yet": {"date": policy.applies_from.isoformat()}})]
    return list(check(Case(park=park, view=view, policy=policy))) or [Measured()]
