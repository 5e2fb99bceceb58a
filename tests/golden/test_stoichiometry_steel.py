"""Steel and hydrogen logistics against stoichiometry worked by hand; no figure is read back.

Molar masses: C 12.011, H2 2.016, O 15.999, N2 28.014, H2O 18.015, CO2 44.009, Fe 55.845;
22.414 Nm3/kmol; graphite 32.76 GJ/t, CO 282.98 and H2 241.83 MJ/kmol; iron to Fe2O3
824.2/2/55.845 = 7.38 GJ/t.
"""

from __future__ import annotations

import pytest

from chainsim.library.closing import balance
from chainsim.library.files import load_library
from chainsim.library.model import Process

LIBRARY = load_library()


def process(key: str) -> Process:
    return LIBRARY.processes[key]


def volumes(key: str, port: str) -> dict[str, float]:
    """Nm3 of each species leaving by a closing gas port, per basis unit."""
    stream = process(key).port(port)
    kmol = stream.material.species or {}
    return {s: n * stream.amount * 22.413969545 for s, n in kmol.items()}


def test_blast_furnace_gas():
    """Per t hot metal.

    C: 0.355 x 0.8515 coke + 0.145 x 0.79 coal + 0.0002 air - 0.043 metal - 0.018 x 0.30 dust
       = 0.36859 t = 30.688 kmol, so CO + CO2 = 687.8 Nm3.
    O: burden 1.63 x 0.243 = 0.39609, coal 0.00624, blast 209.8 Nm3 O2 = 0.29951, enrichment
       30 Nm3 = 0.04283, moisture 0.012 x 0.8881 = 0.01066, less dust 0.00270 and 30 kg of water
       0.02664 = 0.72598 t = 45.376 kmol; CO2 = O - C = 14.688 kmol = 329.2 Nm3, CO = 358.6 Nm3.
    N: 790.2 Nm3 of the blast + (0.00355 + 0.00174) t of the fuels = 4.2, together 794.4 Nm3.
    H: coke 1.2425 + coal 5.655 + moisture 1.343 = 8.240 kg, less 3.357 in water = 54.3 Nm3.
    """
    gas = volumes("blast_furnace", "top_gas")
    assert gas["CO"] == pytest.approx(358.6, abs=0.3)
    assert gas["CO2"] == pytest.approx(329.2, abs=0.3)
    assert gas["N2"] == pytest.approx(794.4, abs=0.3)
    assert gas["H2"] == pytest.approx(54.3, abs=0.1)


def test_blast_furnace_gas_lies_where_furnaces_lie():
    """CO 20-27, CO2 18-22, H2 2-4, N2 50-56 vol%, 1,500-1,700 Nm3 of 3.0-3.6 MJ."""
    gas = volumes("blast_furnace", "top_gas")
    total = sum(gas.values())
    share = {s: 100 * v / total for s, v in gas.items()}
    assert 1500 < total < 1700
    assert 20 < share["CO"] < 27
    assert 18 < share["CO2"] < 22
    assert 2 < share["H2"] < 4
    assert 50 < share["N2"] < 56
    assert 3.0 < LIBRARY.materials["blast_furnace_gas"].lhv_gj < 3.6


def test_blast_furnace_slag():
    """Mineral: 1.63 x 0.7568 + 0.355 x 0.1285 + 0.145 x 0.111 - 0.9567 metal - 0.018 x 0.547 dust
    = 0.3287 t; S: 0.33 + 2.31 + 0.73 kg less 0.30 metal and 0.05 dust = 3.0 kg: 0.332 t slag.
    """
    slag = process("blast_furnace").port("slag")
    assert slag.amount == pytest.approx(0.3318, abs=3e-4)
    assert slag.material.elements["S"] * slag.amount == pytest.approx(0.0030, abs=1e-4)
    assert slag.material.elements["C"] == pytest.approx(0.0, abs=1e-12)


def test_blast_furnace_heat():
    """In: coke 10.11, coal 4.42, FeO of the burden 0.21, stoves 1.8, power 0.40, steam 0.06 GJ;
    out: metal 9.8, gas 358.6 x 12.63 + 54.3 x 10.79 kJ = 5.11, turbine 0.14, dust 0.18, sulfur 0.03,
    water taken as liquid -0.07: 1.8 GJ or 11 % for slag, cooling, stoves and warm gas.
    """
    furnace = process("blast_furnace")
    assert furnace.heat_loss_gj == pytest.approx(17.00 - 15.19, abs=0.03)


def test_hydrogen_injection():
    """19.5 kg of hydrogen, 54.2 kg coal less: 42.8 kg C = 157 kg CO2, 8.0 kg per kg of hydrogen,
    between 5.6 (Barrett) and 15.2 (MPP). H: 1.2425 + 0.0908 x 39 + 1.343 + 19.5 = 25.63 kg, of
    which 11.19 in water: utilisation 43.7 %, and 14.44 kg = 160.5 Nm3 in the gas.
    """
    plain, rich = process("blast_furnace"), process("blast_furnace_hydrogen")
    hydrogen = -rich.port("hydrogen").amount * rich.port("hydrogen").material.mass_t
    assert hydrogen == pytest.approx(0.0195, abs=1e-5)
    saved = balance(plain.ports, "C")[0] - balance(rich.ports, "C")[0]
    assert saved * 44.009 / 12.011 / hydrogen == pytest.approx(8.0, abs=0.1)
    assert volumes("blast_furnace_hydrogen", "top_gas")["H2"] == pytest.approx(160.5, abs=0.5)


def test_hydrogen_leaves_the_top_gas_richer():
    """0.0195 x 119.95 = 2.34 GJ for 0.0542 x 30.5 = 1.65 GJ of coal and 0.2 GJ less stove heat, at
    the same heat loss within 0.1 GJ: the gas carries about 0.55 GJ more per t of hot metal.
    """
    plain, rich = process("blast_furnace"), process("blast_furnace_hydrogen")
    heat = [p.port("top_gas").amount * p.port("top_gas").material.lhv_gj for p in (plain, rich)]
    assert heat[1] - heat[0] == pytest.approx(0.55, abs=0.02)
    assert rich.heat_loss_gj == pytest.approx(plain.heat_loss_gj, abs=0.1)


def test_converter_gas():
    """Per t steel. C: 0.93 x 0.043 + 0.15 x 0.002 + 0.07 x 0.008 - 0.0015 steel = 39.35 kg (air
    0.004); at the stack 26 Nm3 x 27.5 % = 3.83 kg, so 90 % are recovered: 35.52 kg = 66.3 Nm3 of CO
    and CO2. N: 20 + 24 x 0.7902 - 26 x 0.72 = 20.2 Nm3. H: 1.2 kg of moisture x 0.1119 = 1.49 Nm3
    less 0.13 at the stack = 1.36 Nm3. Together 87.9 Nm3.
    """
    gas = volumes("basic_oxygen_furnace", "recovered_gas")
    assert gas["CO"] + gas["CO2"] == pytest.approx(66.3, abs=0.1)
    assert gas["N2"] == pytest.approx(20.24, abs=0.05)
    assert gas["H2"] == pytest.approx(1.36, abs=0.02)
    assert sum(gas.values()) == pytest.approx(87.9, abs=0.1)
    assert 6.5 < LIBRARY.materials["converter_gas"].lhv_gj < 8.4


def test_converter_iron_yield():
    """0.93 x 0.946 + 0.15 x 0.975 = 1.026 t Fe, 0.992 in the steel, 0.015 in slag, 0.009 in dust:
    0.010 t with 2 kg of other matter are splash and skulls (the rest port), 1.2 % of the steel.
    """
    loss = process("basic_oxygen_furnace").port("loss")
    assert loss.amount == pytest.approx(0.0119, abs=4e-4)


def test_direct_reduction():
    """Fe2O3 + 3 H2: per t DRI 92.58 % Fe at 94 % metallisation. Pellets without fines 0.9258/0.67 =
    1.3818 t with 0.3978 t O; 0.0160 stay, 0.3819 t leave as 0.430 t of water, which holds 48.1 kg
    of hydrogen = 535 Nm3. Of 600 Nm3 this is 89 %; 65 Nm3 are purged with 20 Nm3 of nitrogen.
    """
    shaft = process("direct_reduction_hydrogen")
    assert shaft.port("reduction_water").amount == pytest.approx(0.3819 * 18.015 / 15.999, abs=1e-3)
    gas = volumes("direct_reduction_hydrogen", "purge_gas")
    assert gas["H2"] == pytest.approx(600 - 535, abs=1)
    assert gas["N2"] == pytest.approx(20, abs=0.01)
    fines = shaft.port("fines")
    assert fines.amount == pytest.approx(1.42 - 1.3818, abs=1e-3)
    assert fines.material.elements["O"] == pytest.approx(0.2879, abs=3e-3)


def test_arc_furnace_carbon_dioxide():
    """Coke 0.018 x 0.8515 + electrode 0.002 x 0.998 + scrap 0.00022 + lime 0.00044 - steel 0.0015
    = 16.5 kg C = 60.4 kg CO2 per t steel (reference data 50-100).
    """
    gas = process("electric_arc_furnace").port("off_gas")
    carbon = gas.amount * gas.material.elements["C"]
    assert carbon * 44.009 / 12.011 == pytest.approx(0.0604, abs=2e-4)


def test_carbon_monoxide_recovery():
    """58.2 % CO in the converter gas: 1.91 Nm3 hold 1.111 Nm3 CO, of which one leaves: 90 %."""
    tail = volumes("co_psa_converter_gas", "tail_gas")
    assert tail["CO"] / 1000 == pytest.approx(0.1113, abs=1e-3)
    assert LIBRARY.materials["co_psa_tail_gas"].lhv_gj < 3.0, "too lean to burn alone"


def test_trucks():
    """9 kg of hydrogen per 100 km give 80.4 kg of water; 33.6 kg of diesel 106.6 kg of CO2, that is
    2.66 kg per litre of 0.84 kg (reference data 2.63).
    """
    cell, diesel = process("fuel_cell_truck_fleet"), process("diesel_truck_fleet")
    water = cell.port("exhaust").amount
    assert 100 * water == pytest.approx(0.0804, abs=1e-4)
    carbon = balance(diesel.ports, "C")[0]
    assert carbon * 44.009 / 12.011 * 1000 / 0.4 == pytest.approx(2.66, abs=0.01)


def test_unit_energy_against_gb_21256():
    """Unit energy in kgce per t: inputs less gas, power and steam sent out; hot metal counts nothing.

    Furnace: coke 344.8 + coal 150.9 + stoves 61.4 + power net 8.8 + oxygen, steam and water 3.7
    - gas 174.5 = 395: between level 2 (370) and level 3 (415).
    Converter: power 4.3 + oxygen 2.6 + nitrogen 0.3 + ladles 4.1 + water 0.1 - gas 22.5 - steam 6.6
    = -17.7: between level 2 (-28) and level 3 (-12).
    Arc furnace on DRI: power 78.7 + coke 17.5 + electrode 2.2 + oxygen 1.3 = 100, above level 3 (72),
    which is for scrap.
    """
    assert _unit_energy("blast_furnace") == pytest.approx(395, abs=2)
    assert _unit_energy("basic_oxygen_furnace") == pytest.approx(-17.7, abs=0.5)
    assert _unit_energy("electric_arc_furnace") == pytest.approx(100, abs=1)
    levels = LIBRARY.limits["gb21256_2025_blast_furnace"].levels
    assert levels["level2"].value < _unit_energy("blast_furnace") < levels["level3"].value


def _unit_energy(key: str) -> float:
    total = 0.0
    for port in process(key).ports:
        if port.role in ("feed", "utility_in", "utility_out") or port.material.group == "gas":
            per_unit = port.material.tce_kgce
            if port.role == "feed" and port.material.group not in (
                "coal",
                "coke",
                "utility",
                "carbon",
            ):
                per_unit = 0.0
            total -= port.amount * per_unit
    return total
