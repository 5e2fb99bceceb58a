"""Formulas of air pollutants and waste water as pure functions of plain numbers.

Gas volumes are dry, at 0 degC and 101.325 kPa. Concentrations stand at a reference oxygen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from chainsim.arguments import NOT_NEGATIVE, POSITIVE, Rule, takes

N = TypeVar("N", float, NDArray[np.float64])

AIR_OXYGEN: Final = 0.21
"""Oxygen of dry air in the rule for a reference oxygen (HJ 75: 21 %)."""
_OXYGEN: Final = Rule(low=0.0, high=AIR_OXYGEN, below=True)
_AIR_N2: Final = 0.79 / 0.21
_MG_PER_T: Final = 1e9
_MG_PER_KG: Final = 1e6
_ATOMS = re.compile(r"([A-Z][a-z]?)(\d*)")


@takes(flue_gas_nm3=NOT_NEGATIVE, mg_per_nm3=NOT_NEGATIVE)
def emission_t(flue_gas_nm3: N, mg_per_nm3: float) -> N:
    """Pollutant of a flue gas, t: volume times concentration.

    >>> round(emission_t(3_996_000 * 1_750.0, 150.0), 1)
    1049.0
    """
    return flue_gas_nm3 * mg_per_nm3 / _MG_PER_T


@takes(kg_per_t=NOT_NEGATIVE, nm3_per_t=POSITIVE)
def concentration_mg_per_nm3(kg_per_t: N, nm3_per_t: float) -> N:
    """Concentration behind an emission per t of product, mg/Nm3.

    >>> concentration_mg_per_nm3(0.0357, 1190.0)
    30.0
    """
    return kg_per_t * _MG_PER_KG / nm3_per_t


@takes(flue_gas_nm3=NOT_NEGATIVE, oxygen_share=_OXYGEN)
def at_oxygen(flue_gas_nm3: N, oxygen_share: float) -> N:
    """Flue gas of complete combustion without excess air, brought to an oxygen content.

    Dilution rule of the emission standards: V = V0 x 21 / (21 - O2).

    >>> at_oxygen(216.0, 0.03)
    252.0
    """
    return flue_gas_nm3 * AIR_OXYGEN / (AIR_OXYGEN - oxygen_share)


def dry_flue_gas_kmol(species_kmol: Mapping[str, float]) -> float:
    """Dry flue gas of a fuel gas burnt without excess air, kmol.

    Args:
        species_kmol: kmol of each species of C, H, O, N, S.

    >>> round(dry_flue_gas_kmol({"CH4": 1.0}), 3)
    8.524
    """
    carbon = sulfur = nitrogen = oxygen_need = 0.0
    for species, kmol in species_kmol.items():
        atoms = {e: int(n or 1) for e, n in _ATOMS.findall(species)}
        c, s = atoms.get("C", 0), atoms.get("S", 0)
        carbon += kmol * c
        sulfur += kmol * s
        nitrogen += kmol * atoms.get("N", 0) / 2
        oxygen_need += kmol * (c + s + atoms.get("H", 0) / 4 - atoms.get("O", 0) / 2)
    return carbon + sulfur + nitrogen + oxygen_need * _AIR_N2


@takes(
    capacity_t_a=NOT_NEGATIVE,
    utilisation=NOT_NEGATIVE,
    flue_nm3_per_t=NOT_NEGATIVE,
    mg_per_nm3=NOT_NEGATIVE,
)
def quota_air_t(capacity_t_a: N, utilisation: float, flue_nm3_per_t: float, mg_per_nm3: float) -> N:
    """Emission quota of a coke plant, t/a: capacity x utilisation x flue gas x limit.

    The city's document, 2(2): quotas follow capacity, intensity and limits.

    >>> [round(quota_air_t(1e6, 1.0, 1750.0, c), 1) for c in (10.0, 30.0, 150.0)]
    [17.5, 52.5, 262.5]
    """
    return capacity_t_a * utilisation * flue_nm3_per_t * mg_per_nm3 / _MG_PER_T


@takes(capacity_t_a=NOT_NEGATIVE, utilisation=NOT_NEGATIVE, kgce_per_t=NOT_NEGATIVE)
def quota_energy_tce(capacity_t_a: N, utilisation: float, kgce_per_t: float) -> N:
    """Energy quota of a coke plant, tce/a: capacity x utilisation x limit of unit energy.

    >>> round(quota_energy_tce(1e6, 1.0, 110.0))
    110000
    """
    return capacity_t_a * utilisation * kgce_per_t / 1000.0
