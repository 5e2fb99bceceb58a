"""Limits of GB 21342 with their corrections, read from the library's standards.

Limits are kgce per t of dry coke. Level 1 takes the fuel, raw-material and age corrections, level 2
fuel and raw material, level 3 all of them and wet quenching (GB 21342-2025, tables 1 and 2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from chainsim.accounts.formulas import interpolated
from chainsim.errors import Problem, ScenarioError, did_you_mean
from chainsim.library.model import Factor

EDITION: Final = "gb21342_2025"
AGED: Final = (1, 3)
QUENCHED: Final = (3,)


@dataclass(frozen=True, slots=True, kw_only=True)
class OvenState:
    """What the corrections depend on.

    Attributes:
        charging: `top` or `stamp`.
        volatile_pct: volatile matter of the charge, % of dry coal.
        moisture_pct: moisture of the charge, %.
        mixed_gas_share: share of time heated with mixed (blast-furnace) gas.
        wet_share: share of coke quenched wet.
        age_a: age of the battery in years.
    """

    charging: str
    volatile_pct: float
    moisture_pct: float
    mixed_gas_share: float = 0.0
    wet_share: float = 0.0
    age_a: float = 0.0


def corrected_coking_limit(factors: Mapping[str, Factor], level: int, oven: OvenState) -> float:
    """Limit of `level` (1, 2 or 3) for one battery, kgce/t (GB 21342-2025).

    Raises:
        ScenarioError: the library lacks a figure of the standard (CS-A005).
    """
    kind = oven.charging
    limit = _figure(factors, f"{kind}_level{level}")
    limit += _figure(factors, f"{kind}_mixed_gas") * oven.mixed_gas_share
    limit += interpolated(volatile_table(factors, kind), oven.volatile_pct)
    above = oven.moisture_pct - _figure(factors, f"{kind}_moisture_base")
    limit += _figure(factors, f"{kind}_moisture_slope") * above
    if level in QUENCHED:
        limit += _figure(factors, "wet_quench") * oven.wet_share
    if level in AGED:
        limit += _age(factors, oven.age_a)
    return limit


def volatile_table(factors: Mapping[str, Factor], charging: str) -> list[tuple[float, float]]:
    """Points (volatile matter in %, correction in kgce/t) of one charging type."""
    stem = f"{EDITION}_{charging}_vd_"
    return [
        (float(k.removeprefix(stem)), f.value) for k, f in factors.items() if k.startswith(stem)
    ]


def _age(factors: Mapping[str, Factor], age_a: float) -> float:
    if age_a > _figure(factors, "age_old_from"):
        return _figure(factors, "age_old")
    if age_a > _figure(factors, "age_middle_from"):
        return _figure(factors, "age_middle")
    return 0.0


def _figure(factors: Mapping[str, Factor], item: str) -> float:
    key = f"{EDITION}_{item}"
    if key not in factors:
        problem = Problem(code="CS-A005", path=f"factors.{key}", found=key)
        raise ScenarioError(replace(problem, hint=did_you_mean(key, factors)))
    return factors[key].value
