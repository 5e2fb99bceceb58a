"""Materials from formulae, compositions, assays, blends and energies."""

from __future__ import annotations

import pytest

from chainsim.errors import Problem
from chainsim.library.files import constants_of, library_records
from chainsim.library.materials import MaterialResolver, standard_coal
from chainsim.library.records import MaterialRecord
from chainsim.library.sampled import Values

FIGURE = {"source": "est", "grade": "C"}


def resolver(values=None, **records) -> tuple[MaterialResolver, list[Problem]]:
    problems: list[Problem] = []
    named = {
        key: MaterialRecord.model_validate({"name_zh": key, "name_en": key, **record})
        for key, record in records.items()
    }
    constants = constants_of(library_records().constants)
    return MaterialResolver(named, constants, Values(values), problems.append), problems


def figure(value: float, unit: str) -> dict[str, object]:
    return {"value": value, "unit": unit, **FIGURE}


COG = {
    "phase": "gas",
    "unit": "kNm3",
    "composition": {
        "unit": "vol%",
        **FIGURE,
        "parts": {"H2": [60, 58, 62], "CH4": [25, 24, 26], "CO": [8, 7, 9], "N2": [7, 5, 9]},
    },
}


def test_a_gas_by_its_composition():
    resolve, problems = resolver(cog=COG)
    cog = resolve.resolve("cog")
    assert problems == []
    # MJ/Nm3: 0.60 x 10.79 + 0.25 x 35.8 + 0.08 x 12.63
    assert cog.lhv_gj == pytest.approx(16.43, abs=0.05)
    assert cog.mass_t == pytest.approx(sum(cog.elements.values()), rel=1e-12)
    assert cog.tce_kgce == pytest.approx(standard_coal(cog.lhv_gj))
    assert sum(cog.species.values()) == pytest.approx(1000 / 22.413969545)


def test_a_sampled_composition_sums_to_one_again():
    resolve, _ = resolver({"materials.cog.composition.H2": 70.0}, cog=COG)
    cog = resolve.resolve("cog")
    assert sum(cog.species.values()) == pytest.approx(1000 / 22.413969545, rel=1e-12)
    assert cog.species["H2"] * 22.413969545 / 1000 == pytest.approx(70 / 110)


def test_a_compound_by_its_formula():
    resolve, _ = resolver(
        methanol={
            "phase": "liquid",
            "unit": "t",
            "formula": "CH4O",
            "formation_enthalpy": figure(-238.9, "kJ/mol"),
        }
    )
    methanol = resolve.resolve("methanol")
    assert methanol.lhv_gj == pytest.approx(19.9, abs=0.1)
    assert methanol.elements["C"] == pytest.approx(0.3749, abs=1e-3)
    assert methanol.mass_t == pytest.approx(1.0, rel=1e-12)
    assert methanol.species is None


def test_a_compound_of_unknown_enthalpy_has_no_heating_value():
    resolve, _ = resolver(salt={"phase": "solid", "unit": "t", "formula": "(NH4)2SO4"})
    salt = resolve.resolve("salt")
    assert (salt.lhv_gj, salt.species) == (0.0, None)


def test_an_assay_with_a_measured_heating_value():
    coal = {
        "phase": "solid",
        "unit": "t",
        "elements": {"unit": "wt%", **FIGURE, "parts": {"C": [80, 78, 82], "other": [20, 18, 22]}},
        "lhv": figure(29.3, "MJ/kg"),
        "sensible_heat": figure(0.1, "GJ/t"),
    }
    resolve, _ = resolver(coal=coal)
    made = resolve.resolve("coal")
    assert made.elements == {"C": pytest.approx(0.8), "other": pytest.approx(0.2)}
    assert (made.lhv_gj, made.energy_gj) == (29.3, pytest.approx(29.4))


def test_a_blend_by_mass():
    resolve, _ = resolver(
        h2={"phase": "gas", "unit": "kNm3", "formula": "H2"},
        n2={"phase": "gas", "unit": "kNm3", "formula": "N2"},
        mix={
            "phase": "gas",
            "unit": "t",
            "blend": {"h2": figure(3, "kNm3/t"), "n2": figure(1, "kNm3/t")},
        },
    )
    mix = resolve.resolve("mix")
    assert mix.mass_t == 1.0
    assert sum(mix.elements.values()) == pytest.approx(1.0, rel=1e-12)
    assert mix.elements["H"] == pytest.approx(3 * 2.016 / (3 * 2.016 + 28.014), rel=1e-4)


def test_energy_carriers_have_two_standard_coal_factors():
    resolve, _ = resolver(
        power={
            "phase": "energy",
            "unit": "MWh",
            "energy": figure(3.6, "GJ/MWh"),
            "tce_equal": figure(0.305, "kgce/kWh"),
        }
    )
    power = resolve.resolve("power")
    assert power.tce_kgce == pytest.approx(122.83, abs=0.05)  # 0.1229 kgce/kWh, GB/T 2589
    assert power.tce_equal_kgce == pytest.approx(305.0)
    assert power.mass_t == 0.0


def test_an_unknown_material_is_told_with_the_nearest_word():
    resolve, problems = resolver(methanol={"phase": "liquid", "unit": "t"})
    assert resolve.resolve("metanol") is None
    assert (problems[0].code, problems[0].hint) == ("CS-L001", "methanol")


def test_blends_that_refer_to_each_other_are_told():
    part = {"phase": "liquid", "unit": "t"}
    resolve, problems = resolver(
        a={**part, "blend": {"b": figure(1, "t/t")}}, b={**part, "blend": {"a": figure(1, "t/t")}}
    )
    assert resolve.resolve("a") is None
    assert [(p.code, p.path) for p in problems] == [("CS-L002", "materials.a")]


def test_a_unit_of_another_dimension_is_told_at_its_material():
    resolve, problems = resolver(
        coal={"phase": "solid", "unit": "t", "lhv": figure(29.3, "MJ/Nm3")}
    )
    assert resolve.resolve("coal") is None
    assert [(p.code, p.path) for p in problems] == [("CS-U002", "materials.coal")]
