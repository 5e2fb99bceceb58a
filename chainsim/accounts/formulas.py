"""Formulas of energy, carbon and value as pure functions of plain numbers (or numpy arrays).

Each names its clause. Units stand in the argument names; money is without VAT unless said. The
accounts only feed these functions with sums of ledger rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from chainsim.arguments import NOT_NEGATIVE, NUMBER, POSITIVE, RATE, SHARE, YEARS, takes
from chainsim.errors import Problem, ScenarioError
from chainsim.units import GJ_PER_TCE

N = TypeVar("N", float, NDArray[np.float64])

KG_PER_T: Final = 1000.0
CO2_PER_C: Final = 44.0 / 12.0
"""t CO2 per t C, the rounded ratio prescribed by GB/T 32150 and its parts."""


@takes(amount=NUMBER, tce_kgce=NOT_NEGATIVE)
def kgce(amount: N, tce_kgce: float) -> N:
    """Standard coal of an energy carrier, kgce (GB/T 2589: quantity times conversion factor).

    Args:
        amount: in the carrier's unit.
        tce_kgce: conversion factor, kgce per that unit.
    """
    return amount * tce_kgce


@takes(heat_gj=NUMBER)
def kgce_of_heat(heat_gj: N) -> N:
    """Standard coal of a heat content by calorific value, kgce (GB/T 2589: 29.3076 MJ per kgce).

    >>> round(kgce_of_heat(1.36), 1)
    46.4
    """
    return heat_gj * (KG_PER_T / GJ_PER_TCE)


def comprehensive_energy_kgce(consumed: Iterable[float], delivered: Iterable[float]) -> float:
    """Comprehensive energy consumption, kgce: carriers taken in less carriers delivered.

    GB/T 2589-2020, 5.1; stock increase counts as delivered.

    >>> comprehensive_energy_kgce([120.0, 8.0], [100.0])
    28.0
    """
    return math.fsum(consumed) - math.fsum(delivered)


@takes(
    e_coal_kgce=NUMBER,
    e_process_kgce=NUMBER,
    e_product_kgce=NUMBER,
    e_recovered_kgce=NUMBER,
    coke_t=POSITIVE,
)
def coke_unit_energy(
    e_coal_kgce: N, e_process_kgce: N, e_product_kgce: N, e_recovered_kgce: N, coke_t: N
) -> N:
    """Unit energy of coke, kgce per t of dry coke: e = (E_coal + E_proc - E_prod - E_rec) / P.

    GB 21342: coal preparation, coking and gas cleaning; coal charged, energy used, energy products
    (coke, gas, tar, crude benzol), recovered heat sent out.

    >>> round(coke_unit_energy(1318.6, 148.6, 1300.9, 46.5, 1.0), 1)
    119.8
    """
    return (e_coal_kgce + e_process_kgce - e_product_kgce - e_recovered_kgce) / coke_t


@takes(e_coal_kgce=NUMBER, coke_t=POSITIVE, share=SHARE)
def coal_heat_band_kgce_per_t(e_coal_kgce: N, coke_t: N, share: float) -> N:
    """What an error of `share` in the heat value of coal does to the unit energy, kgce per t."""
    return share * e_coal_kgce / coke_t


@takes(output_t=NOT_NEGATIVE, intensity_kgce_per_t=NUMBER, energy_tce=POSITIVE)
def triangle_gap(output_t: float, intensity_kgce_per_t: float, energy_tce: float) -> float:
    """Relative gap between output x intensity and energy: the three limits of the city are one.

    >>> round(triangle_gap(3_996_000, 110.0, 440_000), 4)
    0.001
    """
    return abs(output_t * intensity_kgce_per_t / KG_PER_T - energy_tce) / energy_tce


@takes(carbon_t=NUMBER, oxidised_share=SHARE)
def combustion_co2_t(carbon_t: N, oxidised_share: float) -> N:
    """CO2 of a fuel burnt, t: carbon x oxidised share x 44/12 (GB/T 32151.13, fuel combustion)."""
    return carbon_t * oxidised_share * CO2_PER_C


@takes(carbon_in_t=NUMBER, carbon_out_t=NUMBER)
def process_co2_t(carbon_in_t: N, carbon_out_t: N) -> N:
    """CO2 of a process by carbon balance, t: (carbon in - carbon out in products) x 44/12.

    GB/T 32151.13, process emission of coking and of chemical extension. What leaves in losses
    counts as emitted, as the standard has it.
    """
    return (carbon_in_t - carbon_out_t) * CO2_PER_C


@takes(bought=NUMBER, delivered=NUMBER, factor=NOT_NEGATIVE)
def indirect_co2_t(bought: N, delivered: N, factor: float) -> N:
    """CO2 of purchased power or heat, t: (bought - delivered) x factor (GB/T 32151.13).

    >>> round(indirect_co2_t(742_577.0, 302_242.0, 0.6634))
    292118
    """
    return (bought - delivered) * factor


@takes(km=NUMBER, diesel_t_per_km=NOT_NEGATIVE, carbon_share=SHARE)
def displaced_diesel_co2_t(km: N, diesel_t_per_km: float, carbon_share: float) -> N:
    """CO2 of diesel not burnt over `km`, t; tank to wheel, all carbon counted as oxidised."""
    return km * diesel_t_per_km * carbon_share * CO2_PER_C


@takes(output_cny=NUMBER, intermediate_cny=NUMBER, vat_payable_cny=NUMBER)
def value_added_production(output_cny: N, intermediate_cny: N, vat_payable_cny: N) -> N:
    """Industrial value added, production method: output - intermediate input + VAT payable."""
    return output_cny - intermediate_cny + vat_payable_cny


@takes(
    depreciation_cny=NUMBER, labour_cny=NUMBER, net_production_tax_cny=NUMBER, surplus_cny=NUMBER
)
def value_added_income(
    depreciation_cny: N, labour_cny: N, net_production_tax_cny: N, surplus_cny: N
) -> N:
    """Industrial value added by the income method; the tax includes VAT payable."""
    return depreciation_cny + labour_cny + net_production_tax_cny + surplus_cny


@takes(e_kgce_per_t=NUMBER, limit_tce_per_wan_yuan=POSITIVE)
def min_value_added_cny_per_t(e_kgce_per_t: N, limit_tce_per_wan_yuan: float) -> N:
    """Value added per t of coke that the limits on unit energy and on energy per value imply.

    VA >= e x 10 / limit: kgce/t over tce per ten thousand yuan.

    >>> round(min_value_added_cny_per_t(110.0, 3.23), 1)
    340.6
    """
    return e_kgce_per_t * 10.0 / limit_tce_per_wan_yuan


@takes(
    reference_cny=NOT_NEGATIVE,
    reference_size=POSITIVE,
    size=NOT_NEGATIVE,
    exponent=NOT_NEGATIVE,
    trains=YEARS,
)
def scaled_capex_cny(
    reference_cny: float, reference_size: float, size: float, exponent: float, trains: int = 1
) -> float:
    """Investment by the capacity exponent: trains x reference x (size per train / reference)^n.

    Args:
        reference_cny: investment at `reference_size`.
        reference_size: in the same unit as `size`.
        size: capacity of all trains together.
        exponent: scale exponent.
        trains: equal parallel trains, each scaled by itself.

    >>> round(scaled_capex_cny(100.0, 1.0, 2.0, 0.65), 2)
    156.92
    """
    return trains * reference_cny * math.pow(size / trains / reference_size, exponent)


@takes(capex_cny=NOT_NEGATIVE, residual_share=SHARE, life_a=POSITIVE)
def straight_line_cny_per_a(capex_cny: float, residual_share: float, life_a: float) -> float:
    """Straight-line depreciation per year."""
    return capex_cny * (1.0 - residual_share) / life_a


@takes(rate_per_a=RATE, life_a=POSITIVE)
def annuity_share(rate_per_a: float, life_a: float) -> float:
    """Yearly share of an investment that pays it back with interest: i / (1 - (1 + i)^-n).

    >>> round(annuity_share(0.10, 15.0), 4)
    0.1315
    """
    if rate_per_a == 0.0:
        return 1.0 / life_a
    return rate_per_a / (1.0 - math.pow(1.0 + rate_per_a, -life_a))


def interpolated(points: Iterable[tuple[float, float]], at: float) -> float:
    """Linear between points, constant outside them.

    Raises:
        ScenarioError: there is no point (CS-A004).

    >>> interpolated([(25, 0.0), (26, 3.2)], 25.5)
    1.6
    """
    ordered = sorted(points)
    if not ordered:
        raise ScenarioError(Problem(code="CS-A004"))
    xs, ys = zip(*ordered, strict=True)
    return float(np.interp(at, xs, ys))
