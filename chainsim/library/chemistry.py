"""Formulae, species and heats of combustion, from the constants of `graphs/constants.yaml`.

LHV by Hess's law: formation enthalpy of the compound less those of CO2, H2O (gas), N2 and SO2.
Units: kJ/mol and kg/kmol inside; GJ and t outside (1 kJ/mol = 1 MJ/kmol).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_TOKEN = re.compile(r"([A-Z][a-z]?)(\d*\.?\d*)|\(([^()]*)\)(\d*)")
_COMBUSTION = {"C": "CO2", "S": "SO2"}
ORGANIC = ("C", "H", "O", "N", "S")


def parse_formula(formula: str) -> dict[str, float]:
    """Atoms of a formula such as `C6H11NO` or `(NH4)2SO4`.

    Raises:
        ValueError: the text is not a formula.
    """
    atoms: dict[str, float] = {}
    position = 0
    for match in _TOKEN.finditer(formula):
        if match.start() != position:
            raise ValueError(formula)
        position = match.end()
        element, count, group, times = match.groups()
        if element:
            atoms[element] = atoms.get(element, 0.0) + float(count or 1)
        else:
            for inner, number in parse_formula(group).items():
                atoms[inner] = atoms.get(inner, 0.0) + number * float(times or 1)
    if position != len(formula) or not atoms:
        raise ValueError(formula)
    return atoms


@dataclass(frozen=True, slots=True)
class Constants:
    """Atomic weights (kg/kmol), formation enthalpies (kJ/mol), molar volume (Nm3/kmol)."""

    atomic_weights: Mapping[str, float]
    species: Mapping[str, float]
    molar_volume: float

    def molar_mass(self, formula: str) -> float:
        """kg/kmol."""
        return sum(self.atomic_weights[e] * n for e, n in parse_formula(formula).items())

    def elements_per_kmol(self, formula: str) -> dict[str, float]:
        """Tonnes of C, H, O, N, S and other in one kmol."""
        amounts = dict.fromkeys((*ORGANIC, "other"), 0.0)
        for element, number in parse_formula(formula).items():
            key = element if element in ORGANIC else "other"
            amounts[key] += self.atomic_weights[element] * number / 1000.0
        return amounts

    def lhv_per_kmol(self, formula: str, formation_kj_per_mol: float) -> float:
        """GJ per kmol burnt to CO2, water vapour, N2 and SO2."""
        atoms = parse_formula(formula)
        products = sum(self.species[_COMBUSTION[e]] * atoms.get(e, 0.0) for e in _COMBUSTION)
        products += self.species["H2O"] * atoms.get("H", 0.0) / 2.0
        return (formation_kj_per_mol - products) / 1000.0

    def species_lhv(self, species: str) -> float:
        """GJ per kmol of a gas species of the table."""
        return self.lhv_per_kmol(species, self.species[species])

    def element_lhv(self, elements: Mapping[str, float]) -> float:
        """GJ of the C, H and S in `elements` (t), counted as graphite, H2 and solid sulfur."""
        carbon = -self.species["CO2"] / self.atomic_weights["C"]
        hydrogen = -self.species["H2O"] / (2.0 * self.atomic_weights["H"])
        sulfur = -self.species["SO2"] / self.atomic_weights["S"]
        return (
            carbon * elements.get("C", 0.0)
            + hydrogen * elements.get("H", 0.0)
            + sulfur * elements.get("S", 0.0)
        )
