"""Formulae, molar masses and heating values against handbook figures."""

from __future__ import annotations

import pytest

from chainsim.library.chemistry import Constants, parse_formula
from chainsim.library.files import constants_of, library_records


@pytest.fixture(scope="module")
def constants() -> Constants:
    return constants_of(library_records().constants)


@pytest.mark.parametrize(
    ("formula", "atoms"),
    [
        ("H2", {"H": 2}),
        ("C6H11NO", {"C": 6, "H": 11, "N": 1, "O": 1}),
        ("(NH4)2SO4", {"N": 2, "H": 8, "S": 1, "O": 4}),
        ("Ca(OH)2", {"Ca": 1, "O": 2, "H": 2}),
        ("CH3OH", {"C": 1, "H": 4, "O": 1}),
        ("C1.5H2", {"C": 1.5, "H": 2}),
    ],
)
def test_atoms_of_a_formula(formula, atoms):
    assert parse_formula(formula) == atoms


@pytest.mark.parametrize("text", ["", "h2o", "H2O!", "2H2", "(H2", "C6H6 "])
def test_what_is_no_formula_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        parse_formula(text)


@pytest.mark.parametrize(
    ("species", "mj_per_kmol"),
    [("H2", 241.8), ("CO", 283.0), ("CH4", 802.3), ("C2H4", 1323.1), ("CO2", 0.0), ("N2", 0.0)],
)
def test_lower_heating_values_of_gases(constants, species, mj_per_kmol):
    # Net heats of combustion at 25 degC, Perry's Chemical Engineers' Handbook, table 2-178.
    assert constants.species_lhv(species) * 1000 == pytest.approx(mj_per_kmol, abs=0.5)


def test_heating_value_of_methane_by_volume(constants):
    # ISO 6976: 35.8 MJ/m3 at 0 degC.
    assert constants.species_lhv("CH4") * 1000 / constants.molar_volume == pytest.approx(
        35.8, abs=0.05
    )


def test_a_liquid_by_its_formation_enthalpy(constants):
    # Methanol, liquid: -238.9 kJ/mol gives 19.9 MJ/kg.
    lhv = constants.lhv_per_kmol("CH4O", -238.9)
    assert lhv / constants.molar_mass("CH4O") * 1000 == pytest.approx(19.9, abs=0.1)


def test_elements_of_a_kmol_add_up_to_its_mass(constants):
    for formula in ("(NH4)2SO4", "C6H11NO", "H2O"):
        total = sum(constants.elements_per_kmol(formula).values())
        assert total * 1000 == pytest.approx(constants.molar_mass(formula), rel=1e-12)


def test_carbon_hydrogen_and_sulfur_burn_as_elements(constants):
    # Graphite 32.8, hydrogen 120.0, sulfur 9.3 MJ/kg.
    for element, heat in (("C", 32.77), ("H", 119.96), ("S", 9.25)):
        assert constants.element_lhv({element: 1.0}) == pytest.approx(heat, rel=0.005)
    assert constants.element_lhv({"O": 1.0, "N": 1.0, "other": 1.0}) == 0.0
