"""Every measure by the name that `graphs/policies/` and `graphs/evaluation/` use in `check:`.

Beside each stand the ledger accounts it sums: the evidence of its verdicts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from chainsim.accounts import (
    air_checks,
    carbon_checks,
    energy_checks,
    enterprise_measures,
    fact_checks,
    output_checks,
    oven_checks,
    product_checks,
    quenching,
    quota_checks,
    structure_checks,
    value_checks,
)
from chainsim.accounts.cases import Case
from chainsim.accounts.verdicts import Measured


class Check(NamedTuple):
    """A named check and the prefixes of the ledger accounts behind it."""

    measure: Callable[[Case], Iterator[Measured]]
    accounts: tuple[str, ...] = ()


COKE: Final = ("output.made",)
ENERGY_A: Final = ("energy.a.",)
VALUE: Final = ("revenue.", "stock.", "cost.", "vat.", "transfer.")
CARBON: Final = ("carbon.",)
AIR: Final = ("pollution.",)

MEASURES: Final[Mapping[str, Check]] = {
    "coke_capacity": Check(output_checks.coke_capacity),
    "coke_output": Check(output_checks.coke_output, COKE),
    "utilisation": Check(output_checks.utilisation, COKE),
    "energy_total": Check(output_checks.energy_total, (*ENERGY_A, "energy.b.", "energy.c.")),
    "energy_triangle": Check(output_checks.energy_triangle, (*ENERGY_A, *COKE)),
    "limit_triangle": Check(output_checks.limit_triangle),
    "coke_energy": Check(energy_checks.coke_energy, (*ENERGY_A, *COKE)),
    "coke_energy_by_owner": Check(energy_checks.coke_energy_by_owner, (*ENERGY_A, *COKE)),
    "corrected_limit": Check(energy_checks.corrected_limit, (*ENERGY_A, *COKE)),
    "edition_limit": Check(energy_checks.edition_limit, (*ENERGY_A, *COKE)),
    "projects_at_benchmark": Check(energy_checks.projects_at_benchmark, (*ENERGY_A, *COKE)),
    "product_limit": Check(product_checks.product_limit, ("energy_use.",)),
    "energy_per_value": Check(value_checks.energy_per_value, (*ENERGY_A, *VALUE)),
    "energy_per_constant_value": Check(value_checks.energy_per_constant_value, (*ENERGY_A, *VALUE)),
    "energy_per_value_by_owner": Check(
        enterprise_measures.energy_per_value_by_owner, (*ENERGY_A, *VALUE)
    ),
    "value_per_coke": Check(value_checks.value_per_coke, (*VALUE, *COKE)),
    "value_methods": Check(value_checks.value_methods, VALUE),
    "dry_quenching": Check(quenching.dry_quenching, COKE),
    "old_ovens": Check(oven_checks.old_ovens),
    "old_ovens_registered": Check(oven_checks.old_ovens_registered),
    "old_ovens_paired": Check(oven_checks.old_ovens_paired),
    "old_ovens_by_owner": Check(enterprise_measures.old_ovens_by_owner),
    "ultra_low_share": Check(oven_checks.ultra_low_share),
    "other_ovens_below": Check(oven_checks.other_ovens_below),
    "closure_in_time": Check(oven_checks.closure_in_time),
    "civil_source_first": Check(oven_checks.civil_source_first),
    "settled": Check(oven_checks.settled),
    "capacity_unchanged": Check(oven_checks.capacity_unchanged),
    "concentration": Check(air_checks.concentration, AIR),
    "deep_zone": Check(air_checks.deep_zone),
    "enterprise_energy": Check(quota_checks.enterprise_energy, ENERGY_A),
    "enterprise_air": Check(quota_checks.enterprise_air, AIR),
    "county_energy": Check(quota_checks.county_energy, ENERGY_A),
    "county_air": Check(quota_checks.county_air, AIR),
    "county_targets": Check(quota_checks.county_targets),
    "energy_below_baseline": Check(fact_checks.energy_below_baseline, ENERGY_A),
    "intensity_below_baseline": Check(fact_checks.intensity_below_baseline, (*ENERGY_A, *VALUE)),
    "grid_connected": Check(fact_checks.grid_connected, COKE),
    "park_share": Check(fact_checks.park_share, COKE),
    "freight_change": Check(fact_checks.freight_change, ("cost.freight", *COKE)),
    "productivity": Check(fact_checks.productivity, (*VALUE, "staff.")),
    "research": Check(fact_checks.research, VALUE),
    "permits": Check(fact_checks.permits),
    "fact": Check(enterprise_measures.fact),
    "chain_share": Check(enterprise_measures.chain_share, COKE),
    "chemical_value_share": Check(enterprise_measures.chemical_value_share, VALUE),
    "civil_gas": Check(structure_checks.civil_gas),
    "civil_heat": Check(structure_checks.civil_heat),
    "counties": Check(structure_checks.counties),
    "riser_heat": Check(structure_checks.riser_heat, COKE),
    "gas_allocation": Check(structure_checks.gas_allocation, ("cog.",)),
    "gas_flared": Check(structure_checks.gas_flared, ("cog.",)),
    "outlets": Check(structure_checks.outlets, COKE),
    "mass_closure": Check(structure_checks.mass_closure),
    "energy_closure": Check(structure_checks.energy_closure),
    "enterprise_carbon": Check(carbon_checks.enterprise_carbon, CARBON),
    "carbon_closure": Check(carbon_checks.carbon_closure, CARBON),
    "carbon_chapter": Check(carbon_checks.carbon_chapter, CARBON),
    "grid_factor": Check(carbon_checks.grid_factor),
    "carbon_cost": Check(carbon_checks.carbon_cost, CARBON),
    "carbon_below_baseline": Check(carbon_checks.carbon_below_baseline, CARBON),
    "carbon_intensity_below_baseline": Check(
        carbon_checks.carbon_intensity_below_baseline, (*CARBON, *COKE)
    ),
}
