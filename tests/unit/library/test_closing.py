"""Closing streams of tiny hand-made processes: exact on mass, elements and energy, whatever sign."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chainsim.library.chemistry import ORGANIC, Constants
from chainsim.library.closing import Closed, balance, close, energy_balance, worst_coefficient
from chainsim.library.files import constants_of, library_records
from chainsim.library.materials import gas
from chainsim.library.model import ELEMENTS, Coefficient, Material, Port
from chainsim.library.records import ClosingRecord, CoefficientRecord

WIDE = {"mass": 1.0, "heat": 1.0}


@pytest.fixture(scope="module")
def constants() -> Constants:
    return constants_of(library_records().constants)


def material(key: str, unit: str = "t", *, phase: str = "solid", **properties: object) -> Material:
    bare = Material(id=key, name_zh=key, name_en=key, phase=phase, unit=unit, mass_t=1.0)
    return replace(bare, **properties)  # type: ignore[arg-type]


def solid(key: str, lhv: float = 0.0, **elements: float) -> Material:
    full = {**dict.fromkeys(ELEMENTS, 0.0), **elements}
    return material(key, elements=full, lhv_gj=lhv, energy_gj=lhv)


def mixed(key: str, constants: Constants, **shares: float) -> Material:
    kmol = {s: x * 1000.0 / constants.molar_volume for s, x in shares.items()}
    made = gas(kmol, "kNm3", constants).of(material(key, "kNm3", phase="gas"))
    return replace(made, energy_gj=made.lhv_gj)


def port(stream: Material, amount: float, **more: object) -> Port:
    role = "feed" if amount < 0 else "product"
    return replace(Port(name=stream.id, material=stream, role=role, amount=amount), **more)  # type: ignore[arg-type]


def closing(kind: str, **more: object) -> ClosingRecord:
    figure = CoefficientRecord(value=1.0, unit="ratio", source="est", grade="C")
    given = {"port": "rest", "kind": kind, "tolerance": figure, "heat_tolerance": figure, **more}
    return ClosingRecord.model_validate(given)


def closed(
    kind: str,
    ports: list[Port],
    constants: Constants,
    *,
    rest: Material | None = None,
    limits: dict[str, float] | None = None,
    **more: object,
) -> Closed:
    stream = rest or material("rest", closing_of="p")
    template = Port(name="rest", material=stream, role="loss", amount=0.0, closing=True)
    return close(
        "p", ports, {template.name: template}, closing(kind, **more), limits or WIDE, constants
    )


def exact(found: Closed) -> bool:
    for quantity in ("mass", *ORGANIC, "other"):
        into, out = balance(found.ports, quantity)
        assert into == pytest.approx(out, rel=1e-12, abs=1e-12), quantity
    into, out = energy_balance(found.ports)
    assert into == pytest.approx(out + found.heat_loss_gj, rel=1e-12)
    return True


def the_rest(found: Closed) -> Port:
    return next(p for p in found.ports if p.closing)


def test_difference_takes_each_element_that_is_left(constants):
    coal = solid("coal", 30.0, C=0.8, H=0.05, O=0.05, other=0.1)
    coke = solid("coke", 26.0, C=0.9, other=0.1)
    found = closed("difference", [port(coal, -1.0), port(coke, 0.8)], constants)
    assert exact(found)
    assert found.problems == ()
    rest = the_rest(found)
    assert rest.amount == pytest.approx(0.2)
    assert rest.material.elements["C"] * 0.2 == pytest.approx(0.08)
    assert rest.material.elements["other"] * 0.2 == pytest.approx(0.02)
    assert rest.material.tce_kgce == pytest.approx(rest.material.lhv_gj * 1000 / 29.3076)


def test_a_negative_closing_names_the_element_and_still_closes(constants):
    coal, coke = solid("coal", 30.0, C=0.8, other=0.2), solid("coke", 28.0, C=0.95, other=0.05)
    known = Coefficient(
        path="processes.p.ports.coke",
        value=0.9,
        unit="t/t",
        low=0.8,
        high=1.0,
        source="est",
        grade="C",
    )
    ports = [port(coal, -1.0), port(coke, 0.9, coefficient=known)]
    found = closed("difference", ports, constants)
    assert exact(found)
    (problem,) = found.problems
    assert problem.code == "CS-B001"
    assert problem.found == "C -0.055"
    assert problem.message() == (
        "negative closing stream: C in 0.8, out 0.855; the coefficient that matters most is "
        "processes.p.ports.coke"
    )


def test_a_closing_above_its_tolerance_is_told(constants):
    coal, coke = solid("coal", 30.0, C=0.8, other=0.2), solid("coke", 30.0, C=0.8, other=0.2)
    ports = [port(coal, -1.0), port(coke, 0.9)]
    (problem,) = closed("difference", ports, constants, limits={"mass": 0.05, "heat": 1.0}).problems
    assert (problem.code, problem.found, problem.expected) == ("CS-B002", "0.1 t (10 %)", "<= 5 %")


def test_heat_out_of_nothing_and_too_much_heat_lost(constants):
    coal = solid("coal", 20.0, C=1.0)
    hot = solid("coke", 25.0, C=1.0)
    (gain,) = closed("difference", [port(coal, -1.0), port(hot, 1.0)], constants).problems
    assert (gain.code, gain.found) == ("CS-B003", "-5 GJ (-25 %)")
    cold = solid("coke", 10.0, C=1.0)
    limits = {"mass": 1.0, "heat": 0.1}
    (loss,) = closed(
        "difference", [port(coal, -1.0), port(cold, 1.0)], constants, limits=limits
    ).problems
    assert (loss.code, loss.found, loss.expected) == ("CS-B004", "10 GJ (50 %)", "0 … 10 %")


def test_separation_leaves_the_other_species(constants):
    cog = mixed("cog", constants, H2=0.6, CH4=0.3, CO=0.1)
    hydrogen = mixed("hydrogen", constants, H2=1.0)
    tail = material("rest", "kNm3", phase="gas", closing_of="p")
    found = closed("separation", [port(cog, -1.0), port(hydrogen, 0.5)], constants, rest=tail)
    assert exact(found)
    rest = the_rest(found)
    assert rest.amount == pytest.approx(0.5)
    share = {s: n * constants.molar_volume / 1000 for s, n in rest.material.species.items()}
    assert share == pytest.approx({"H2": 0.2, "CH4": 0.6, "CO": 0.2})
    assert found.heat_loss_gj == pytest.approx(0.0, abs=1e-12)


def test_more_hydrogen_than_there_is(constants):
    cog, hydrogen = mixed("cog", constants, H2=0.6, CH4=0.4), mixed("hydrogen", constants, H2=1.0)
    tail = material("rest", "kNm3", phase="gas", closing_of="p")
    found = closed("separation", [port(cog, -1.0), port(hydrogen, 0.7)], constants, rest=tail)
    assert exact(found)
    assert found.problems[0].code == "CS-B001"
    assert found.problems[0].found.startswith("H2 -")


def test_species_close_one_element_each(constants):
    # CO + 2 H2 -> CH3OH, with carbon, hydrogen and oxygen left over as CO, H2 and H2O.
    syngas = mixed("syngas", constants, H2=0.68, CO=0.28, CO2=0.04)
    kmol = 1000.0 / constants.molar_mass("CH4O")
    elements = {e: n * kmol for e, n in constants.elements_per_kmol("CH4O").items()}
    methanol = material("methanol", elements=elements, lhv_gj=19.9, energy_gj=19.9)
    purge = material("rest", "kNm3", phase="gas", closing_of="p")
    found = closed(
        "species",
        [port(syngas, -1.0), port(methanol, 0.3)],
        constants,
        rest=purge,
        species={"C": "CO", "H": "H2", "O": "H2O"},
    )
    assert exact(found)
    assert set(the_rest(found).material.species) == {"CO", "H2", "H2O"}


def test_oxidation_draws_its_oxygen_from_the_air(constants):
    char = solid("char", 30.0, C=0.9, S=0.01, other=0.09)
    found = closed("oxidation", [port(char, -1.0)], constants)
    assert exact(found)
    air = next(p for p in found.ports if p.name == "combustion_oxygen")
    # 0.9 t C takes 2.398 t O2, 0.01 t S takes 0.00998 t.
    assert -air.amount == pytest.approx(0.9 * 31.998 / 12.011 + 0.01 * 31.998 / 32.06, rel=1e-3)
    assert not air.connected
    flue = the_rest(found)
    assert flue.material.elements["C"] * flue.amount == pytest.approx(0.9)
    assert flue.material.elements["other"] * flue.amount == pytest.approx(0.09)
    assert found.heat_loss_gj == pytest.approx(30.0)


def test_oxidation_of_what_brings_more_oxygen_than_it_needs(constants):
    peroxide = solid("peroxide", 1.0, H=0.06, O=0.94)
    found = closed("oxidation", [port(peroxide, -1.0)], constants)
    assert exact(found)
    assert [p.name for p in found.ports] == ["peroxide", "rest"]
    assert the_rest(found).material.species["O2"] > 0


def test_nothing_left_is_no_division_by_zero(constants):
    coal = solid("coal", 20.0, C=1.0)
    for kind in ("difference", "oxidation"):
        found = closed(kind, [port(coal, -1.0), port(solid("coke", 20.0, C=1.0), 1.0)], constants)
        assert exact(found)
        assert the_rest(found).amount == 0.0


def test_burnt_fuels_count_in_energy_only(constants):
    fuel = solid("fuel", 30.0, C=1.0)
    ports = [port(fuel, -1.0, burn=True)]
    assert balance(ports, "mass") == (0.0, 0.0)
    assert energy_balance(ports) == (30.0, 0.0)


def test_an_open_recipe_has_its_heat_loss_only(constants):
    found = close("p", [port(solid("coal", 20.0, C=1.0), -1.0)], {}, None, {}, constants)
    assert (found.heat_loss_gj, found.rows, found.problems) == (20.0, (), ())


def test_the_coefficient_that_matters_most_is_the_widest_in_effect():
    def figure(name: str, low: float, high: float) -> Coefficient:
        return Coefficient(
            path=name, value=1.0, unit="t/t", low=low, high=high, source="est", grade="C"
        )

    one, other = solid("one", 1.0, C=1.0), solid("other", 50.0, C=0.1, O=0.9)
    ports = [
        port(one, -1.0, coefficient=figure("one", 0.9, 1.1)),
        port(other, 1.0, coefficient=figure("other", 0.95, 1.05)),
    ]
    assert worst_coefficient(ports, "C") == "one"
    assert worst_coefficient(ports, "energy") == "other"
    assert worst_coefficient([], "mass") == ""
