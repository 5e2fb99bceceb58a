"""Limits of GB 21342 with their corrections, as the library's standards give them.

Limits are kgce per t of dry coke. In the 2025 edition level 1 takes the fuel, raw-material and age
corrections, level 2 fuel and raw material, level 3 all of them and wet quenching (tables 1 and 2);
which level takes which stands with the limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chainsim.accounts.formulas import interpolated
from chainsim.errors import Problem, ScenarioError
from chainsim.library.model import Limit


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


def coking_limit(limits: Mapping[str, Limit], charging: str) -> Limit | None:
    """The limit of coke unit energy in force for one way of charging; None when there is none."""
    for limit in limits.values():
        if limit.in_force and limit.corrections is not None and limit.oven == charging:
            return limit
    return None


def corrected_coking_limit(limits: Mapping[str, Limit], level: str, oven: OvenState) -> float:
    """Limit of `level` for one battery, kgce/t (GB 21342 in the edition in force).

    Args:
        limits: limits of the library.
        level: `level1`, `level2` or `level3`.
        oven: state of the battery.

    Raises:
        ScenarioError: the library has no such limit or level (CS-A005).
    """
    limit = coking_limit(limits, oven.charging)
    if limit is None or limit.corrections is None or level not in limit.levels:
        raise ScenarioError(Problem(code="CS-A005", found=f"GB 21342 {oven.charging} {level}"))
    by = limit.corrections
    value = limit.levels[level].base
    value += by.mixed_gas * oven.mixed_gas_share
    value += interpolated(by.volatile, oven.volatile_pct)
    value += by.moisture_slope * (oven.moisture_pct - by.moisture_base_pct)
    if level in by.wet_quench_levels:
        value += by.wet_quench * oven.wet_share
    if level in by.age_levels:
        value += max((y for x, y in by.age if oven.age_a > x), default=0.0)
    return value
