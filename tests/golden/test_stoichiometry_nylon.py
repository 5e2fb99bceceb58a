"""Nylon, butanediol and biodegradable plastics against stoichiometry worked by hand.

Molar masses (IUPAC weights C 12.011, H 1.008, O 15.999, N 14.007): benzene 78.114, hydrogen 2.016,
water 18.015, cyclohexane 84.162, cyclohexanol 100.161, cyclohexanone 98.145, caprolactam 113.160,
adipic acid 146.142, nitric acid 63.012, N2O 44.013, adiponitrile 108.144, diamine 116.208, nylon-66
salt 262.350 and unit 226.320, H2O2 34.014, methanol 32.042, formaldehyde 30.026, acetylene 26.038,
butanediol 90.122, maleic anhydride 98.057, butane 58.124, succinic acid 118.088, PTA 166.132,
tetrahydrofuran 72.107, PBS unit 172.180; PBAT unit (53 % adipate) 0.53 x 200.234 + 0.47 x 220.224 =
209.629.

Theory, t feed per t product:

- alcohol: cyclohexene + H2O, C6H6 + 2 H2 + H2O -> C6H12O: benzene 78.114/100.161 = 0.7799
- adipic acid: C6H12O + 2 HNO3 -> C6H10O4 + N2O + 2 H2O: alcohol 0.6854, acid 126.024/146.142 = 0.8623
- diamine: CPL + NH3 + 2 H2 -> C6H16N2 + H2O: 0.9738 and hydrogen 0.0347; ADN + 4 H2: 0.9306, 0.0694
- salt: 0.55705 acid + 0.44295 diamine; chips: 1.1592 salt, 36.030/226.320 = 0.1592 water
- peroxide: H2 + O2: hydrogen 0.05927; formaldehyde: methanol 32.042/30.026 = 1.0671
- butanediol: C2H2 + 2 CH2O + 2 H2: 0.2889, 0.6663, 0.04474; from C4H2O3 + 5 H2: 1.0881 and 0.1118
- maleic anhydride: benzene 0.7966 (1/1.256), butane 0.5928 (1/1.689)
- succinic acid: C4H2O3 + H2O + H2: 0.8304 and 0.0171
- PBAT: acid 0.53 x 146.142/209.629 = 0.3695, PTA 0.47 x 166.132/209.629 = 0.3725, diol 0.4299;
  PBS: acid 0.6858, diol 0.5234

Yields below are theory over what the library uses, worked out with those numbers: for example
0.6854/0.725 = 94.5 % for adipic acid. They hold to the rounding of the fourth digit.
"""

from __future__ import annotations

import pytest

from chainsim.balance.steady import run_steady
from chainsim.library.files import load_library
from chainsim.library.model import Port, Process
from chainsim.library.scenarios import parse_scenario
from chainsim.park.build import build_park
from chainsim.results import Simulation
from chainsim.study.run import run

DIGITS = 6e-4
"""Half a unit of the third decimal, on yields quoted with three."""


def process(key: str) -> Process:
    return load_library().processes[key]


def port(key: str, name: str) -> Port:
    return next(p for p in process(key).ports if p.name == name)


def tonnes(key: str, name: str) -> float:
    """Mass of a port per t of product, + out."""
    found = port(key, name)
    return found.amount * found.material.mass_t


@pytest.mark.parametrize(
    ("key", "feed", "theory", "efficiency"),
    [
        ("adipic_acid", "cyclohexanol", 0.6854, 0.945),
        ("hexamethylenediamine_caprolactam", "caprolactam", 0.9738, 0.955),
        ("hexamethylenediamine_caprolactam", "hydrogen", 0.0347, 0.913),
        ("hexamethylenediamine_adiponitrile", "adiponitrile", 0.9306, 0.964),
        ("hexamethylenediamine_adiponitrile", "hydrogen", 0.0694, 0.925),
        ("nylon66_salt", "adipic_acid", 0.55705, 1.000),
        ("nylon66_salt", "hexamethylenediamine", 0.44295, 1.000),
        ("nylon66_chips", "nylon66_salt", 1.1592, 0.995),
        ("hydrogen_peroxide_anthraquinone", "hydrogen", 0.05927, 0.905),
        ("formaldehyde", "methanol", 1.0671, 0.920),
        ("butanediol_acetylene", "acetylene", 0.2889, 0.932),
        ("butanediol_acetylene", "formaldehyde", 0.6663, 0.925),
        ("butanediol_acetylene", "hydrogen", 0.04474, 0.895),
        ("butanediol_maleic", "maleic_anhydride", 1.0881, 0.946),
        ("butanediol_maleic", "hydrogen", 0.1118, 0.932),
        ("maleic_anhydride_benzene", "benzene", 0.7966, 0.724),
        ("maleic_anhydride_butane", "n_butane", 0.5928, 0.502),
        ("succinic_acid", "maleic_anhydride", 0.8304, 0.977),
        ("succinic_acid", "hydrogen", 0.0171, 0.900),
        ("pbat", "adipic_acid", 0.3695, 0.993),
        ("pbat", "pta", 0.3725, 0.996),
        ("pbat", "butanediol", 0.4299, 0.886),
        ("pbs", "succinic_acid", 0.6858, 0.980),
        ("pbs", "butanediol", 0.5234, 0.952),
        ("cyclohexane_hydrogenation", "benzene", 0.9281, 0.996),
        ("cyclohexanone_oxidation", "cyclohexane", 0.8575, 0.776),
    ],
)
def test_yield_of_theory(key: str, feed: str, theory: float, efficiency: float) -> None:
    assert theory / -tonnes(key, feed) == pytest.approx(efficiency, abs=DIGITS)


@pytest.mark.parametrize(
    ("key", "theory", "most"),
    [  # mol of water per mol of product x 18.015 / product
        ("adipic_acid", 0.2465, 0.2675),  # 2, and by-reactions: 14.844 kmol, part of it vapour
        ("hexamethylenediamine_caprolactam", 0.1550, 0.1600),
        ("nylon66_chips", 0.1592, 0.1592),
        ("formaldehyde", 0.6000, 0.6000),
        ("butanediol_maleic", 0.1999, 0.2200),
        ("pbat", 0.1719, 0.1830),  # 2, and 0.0100 of the tetrahydrofuran
        ("pbs", 0.2093, 0.2130),
        ("cyclohexanone_oxidation", 0.1836, 0.1836),
    ],
)
def test_water_formed(key: str, theory: float, most: float) -> None:
    """At least the water of the main reaction is accounted for, and little more."""
    vapour = 0.0
    if key == "adipic_acid":
        gas = port(key, "off_gas")
        vapour = 18.015e-3 * gas.amount * (gas.material.species or {})["H2O"]
    assert theory - 1e-4 <= tonnes(key, "reaction_water") + vapour <= most + 1e-4


@pytest.mark.parametrize(
    ("key", "carbon_in", "carbon_out", "efficiency"),
    [  # t C per t product by hand: mass x 12.011 n / molar mass
        ("cyclohexanol", 0.995 * 0.92258, 0.71949 + 0.209 * 0.85628, 0.979),
        ("adipic_acid", 0.725 * 0.71949, 0.49312 + 0.05 * 0.45456, 0.989),
        ("butanediol_acetylene", 0.31 * 0.92258 + 0.72 * 0.40002, 0.53310, 0.929),
        ("butanediol_maleic", 1.15 * 0.48996, 0.53310, 0.946),
        ("maleic_anhydride_benzene", 1.1 * 0.92258, 0.48996, 0.483),
        (
            "pbat",
            0.372 * 0.49312 + 0.374 * 0.57839 + 0.485 * 0.53310,
            0.62682 + 0.04 * 0.66629,
            0.993,
        ),
    ],
)
def test_carbon_efficiency(
    key: str, carbon_in: float, carbon_out: float, efficiency: float
) -> None:
    assert carbon_out / carbon_in == pytest.approx(efficiency, abs=DIGITS)
    closing = process(key).closing_port
    lost = port(key, closing)
    elements = lost.material.elements or {}
    assert lost.amount * elements["C"] == pytest.approx(carbon_in - carbon_out, abs=3e-5)


def test_off_gas_of_adipic_acid() -> None:
    """Per t: 0.300 t N2O made, 0.291 destroyed = 6.612 kmol N2 and 3.306 kmol O2.

    Nitric acid brings 0.9/63.012 = 14.283 kmol N, the N2O made holds 13.632: 0.651 kmol N are lost as
    0.325 kmol N2, so 6.937 kmol N2 leave. Carbon: 0.725/100.161 x 6 = 43.430 less 41.056 in the acid
    and 1.892 in the dibasic acids = 0.482 kmol CO2, above the 0.378 that 0.378 kmol of glutaric acid
    must give. Hydrogen: 86.860 + 14.283 = 101.143 less 68.426 and 3.028 leaves 14.844 kmol water,
    13.600 of it drawn off as liquid.
    Oxygen: 7.238 + 42.849 = 50.087 kmol in; acid 27.370, dibasic acids 1.514, water 14.844, CO2 0.964
    and the 0.204 of escaping N2O leave 5.191 = 2.596 kmol O2 for the off-gas: 0.71 kmol less than the
    destroyed N2O gives, which is what the absorber takes from the air.
    """
    gas = port("adipic_acid", "off_gas")
    kmol = {s: n * gas.amount for s, n in (gas.material.species or {}).items()}
    assert kmol["N2"] == pytest.approx(6.937, abs=2e-3)
    assert kmol["CO2"] == pytest.approx(0.482, abs=2e-3)
    assert kmol["H2O"] == pytest.approx(14.844 - 13.600, abs=2e-3)
    assert kmol["O2"] == pytest.approx(2.596, abs=3e-3)


@pytest.mark.parametrize(
    ("key", "carbon_dioxide", "oxygen"),
    [
        # 1.1/78.114 = 14.082 kmol benzene, 10.198 kmol anhydride: 84.492 - 40.793 = 43.70 kmol CO2,
        # (84.492 - 20.396)/2 = 32.05 H2O, O 87.40 + 32.05 + 30.594 = 150.04 = 75.02 kmol O2
        ("maleic_anhydride_benzene", 1.923, 2.4006),
        # 1.18/58.124 = 20.301 kmol butane: 81.206 - 40.793 = 40.41 CO2, (203.01 - 20.396)/2 = 91.31
        # H2O, O 80.83 + 91.31 + 30.594 = 202.73 = 101.36 kmol O2
        ("maleic_anhydride_butane", 1.7786, 3.2436),
        # 1.16/32.042 = 36.202 kmol methanol, 33.304 formaldehyde: 2.898 CO2; water 33.305 drawn off
        # and (144.81 - 66.609 - 66.61)/2 = 5.795; O 5.796 + 39.10 + 33.304 - 36.202 = 42.00 = 21.00
        ("formaldehyde", 0.12754, 0.6719),
        # 0.0655/2.016 = 32.490 kmol H2, 29.400 peroxide: 3.090 water; O 3.090 + 58.80 = 30.945 O2
        ("hydrogen_peroxide_anthraquinone", 0.0, 0.9902),
    ],
)
def test_oxidations(key: str, carbon_dioxide: float, oxygen: float) -> None:
    flue = port(key, "flue")
    species = flue.material.species or {}
    assert 44.009e-3 * species["CO2"] * flue.amount == pytest.approx(carbon_dioxide, abs=1e-3)
    assert -tonnes(key, "combustion_oxygen") == pytest.approx(oxygen, abs=1e-3)


def test_oxidations_send_out_less_steam_than_they_set_free() -> None:
    """Heat of reaction: steam and heat loss less power, by formation enthalpies (kJ/mol).

    Benzene to cyclohexane: -156.4 - 49.1 = -205.5 over 84.162 = 2.442 GJ/t. Maleic anhydride:
    14.082 kmol x 49.1 + 10.198 x 469.8 + 43.70 x 393.51 + 32.05 x 241.826 = 0.691 + 4.791 + 17.196
    + 7.750 = 30.43 GJ/t.
    """
    for key, heat in (("cyclohexane_hydrogenation", 2.442), ("maleic_anhydride_benzene", 30.43)):
        found = process(key)
        steam = port(key, "steam").amount * 2.75
        power = -port(key, "electricity").amount * 3.6
        assert found.heat_loss_gj + steam - power == pytest.approx(heat, abs=0.01)
        assert found.heat_loss_gj > 0


def test_carbide_holds_the_acetylene() -> None:
    """82 % CaC2 is 0.82 x 26.038/64.100 = 0.3331 t acetylene per t; 3.05 t could give 1.016 t.

    Carbon: 3.05 x 0.317 = 0.96685 t; acetylene takes 0.92258, so 1.6 % of the acetylene and the free
    carbon of the carbide leave with the slag and the loss. Per t butanediol 0.31 x 3.05 = 0.9455 t.
    """
    assert -tonnes("acetylene_carbide", "calcium_carbide") * 0.3331 == pytest.approx(
        1.016, abs=1e-3
    )
    slag, lost = port("acetylene_carbide", "carbide_slag"), port("acetylene_carbide", "loss")
    gone = sum(p.amount * (p.material.elements or {})["C"] for p in (slag, lost))
    assert gone == pytest.approx(0.96685 - 0.92258, abs=1e-4)
    assert 0.95 < slag.amount / 3.57 < 1.05


HEAD = """
schema_version: 1
id: route
name_zh: 路线
name_en: route
horizon: {hours: 100}
units:
  benzol: {process: crude_benzene_hydrorefining, capacity: 20, min_load: 0, priority: 1, feeds: {fuel: [coke_oven_gas]}}
"""
SIDES = "  toluene: {}\n  xylenes: {}\n  non_aromatics: {}\n  heavy_benzol: {}\n  benzol_purge_gas: {}\n"
UTILITIES = "  coke_oven_gas: {}\n  hydrogen: {}\n  steam: {}\n  electricity: {}\n  fresh_water: {}\n  process_water: {}\n"
CRUDE = 12.5
"""t/h of crude benzene bought; 0.72 of it is benzene, 9.0 t/h."""


def park_text(units: str, buy: str = "", sell: str = "") -> str:
    def lines(names: str) -> str:
        return "".join(f"  {name}: {{}}\n" for name in names.split())

    steps = "".join(
        f"  {name}: {{process: {name}, capacity: 100, min_load: 0, priority: {i}"
        + (", feeds: {fuel: [coke_oven_gas]}" if name in ("pbat", "pbs") else "")
        + "}\n"
        for i, name in enumerate(units.split(), start=2)
    )
    return (
        f"{HEAD}{steps}"
        f"buy:\n  crude_benzene: {{limit: {CRUDE} t/h}}\n{UTILITIES}{lines(buy)}"
        f"sell:\n{SIDES}{lines(sell)}"
        "vents:\n  steam: {}\npolicies: []\n"
    )


def simulated(text: str) -> Simulation:
    return run_steady(build_park(parse_scenario(text)), outages=False)


def rate(found: Simulation, kind: str, component: str) -> float:
    rows = found.flows[(found.flows.kind == kind) & (found.flows.component == component)]
    return abs(float(rows.quantity.sum())) / found.hours


def test_benzol_to_nylon_6() -> None:
    """9.0/1.015 = 8.8670 ketone, /0.885 = 10.0192 caprolactam, /1.006 = 9.9595 nylon-6 t/h.

    Peroxide 0.33 x 10.0192 = 3.3063 t/h made of 0.0655 x 3.3063 = 0.21657 t/h hydrogen; ketone takes
    0.0577 and gives 0.020 t/t: 0.33428 t/h; benzol 0.006 x 12.5 = 0.075. Sum 0.62584 t/h over
    0.089943 t/kNm3 = 6.958 kNm3/h. Sulfate 1.55 x 10.0192 = 15.530, cyclohexane 1.8887 t/h.
    """
    found = simulated(
        park_text(
            "cyclohexanone hydrogen_peroxide_anthraquinone caprolactam nylon6_polymerisation",
            buy="ammonia sulfuric_acid",
            sell="nylon6 ammonium_sulfate cyclohexane",
        )
    )
    assert rate(found, "sell", "nylon6") == pytest.approx(9.9595, abs=1e-3)
    assert rate(found, "sell", "ammonium_sulfate") == pytest.approx(15.530, abs=1e-2)
    assert rate(found, "sell", "cyclohexane") == pytest.approx(1.8887, abs=1e-3)
    assert rate(found, "buy", "hydrogen") == pytest.approx(6.958, abs=2e-3)


def test_benzol_to_nylon_66() -> None:
    """9.0/0.995 = 9.0452 alcohol, /0.725 = 12.4762 acid, /0.5572 = 22.3909 salt, /1.165 = 19.2197.

    Diamine 0.4431 x 22.3909 = 9.9214 t/h from 0.965 = 9.5742 t/h adiponitrile; nitric acid 11.2286;
    dibasic acids 0.6238 t/h.
    """
    found = simulated(
        park_text(
            "cyclohexanol adipic_acid hexamethylenediamine_adiponitrile nylon66_salt nylon66_chips",
            buy="nitric_acid adiponitrile",
            sell="nylon66 dibasic_acids cyclohexane",
        )
    )
    assert rate(found, "sell", "nylon66") == pytest.approx(19.2197, abs=1e-3)
    assert rate(found, "buy", "adiponitrile") == pytest.approx(9.5742, abs=1e-3)
    assert rate(found, "buy", "nitric_acid") == pytest.approx(11.2286, abs=1e-3)
    assert rate(found, "sell", "dibasic_acids") == pytest.approx(0.6238, abs=1e-3)


def test_nitrous_oxide_counts_as_greenhouse_gas() -> None:
    """12.4762 t/h adipic acid x 0.009 x 273 = 30.654 t CO2e/h, 3,065 t in 100 h."""
    text = park_text(
        "cyclohexanol adipic_acid", buy="nitric_acid", sell="adipic_acid dibasic_acids cyclohexane"
    )
    ledger = run(build_park(parse_scenario(text)), engine="steady", outages=False).ledger
    rows = ledger[(ledger.unit == "adipic_acid") & (ledger.account == "carbon.other_gas")]
    assert float(rows.amount.sum()) == pytest.approx(3065.4, abs=0.5)


def test_caprolactam_to_diamine_to_salt() -> None:
    """9.0 benzene = 10.0192 t/h caprolactam, /1.02 = 9.8227 diamine, /0.4431 = 22.1682 t/h salt.

    Adipic acid bought: 0.5572 x 22.1682 = 12.3521 t/h.
    """
    found = simulated(
        park_text(
            "cyclohexanone caprolactam hexamethylenediamine_caprolactam nylon66_salt",
            buy="ammonia sulfuric_acid hydrogen_peroxide adipic_acid",
            sell="nylon66_salt ammonium_sulfate cyclohexane",
        )
    )
    assert rate(found, "sell", "nylon66_salt") == pytest.approx(22.1682, abs=2e-3)
    assert rate(found, "buy", "adipic_acid") == pytest.approx(12.3521, abs=2e-3)


def test_benzol_over_adipic_acid_to_pbat_with_reppe_butanediol() -> None:
    """12.4762 t/h acid / 0.372 = 33.5382 t/h PBAT; butanediol 0.485 x = 16.2660 t/h.

    Acetylene 0.31 x = 5.0425 of 3.05 x = 15.3795 t/h carbide; formaldehyde 0.72 x = 11.7115 of 1.16 x
    = 13.5854 t/h methanol; PTA 12.5433; tetrahydrofuran 1.3415; slag 3.57 x 5.0425 = 18.0016 t/h.
    """
    found = simulated(
        park_text(
            "cyclohexanol adipic_acid formaldehyde acetylene_carbide butanediol_acetylene pbat",
            buy="nitric_acid methanol calcium_carbide pta",
            sell="pbat tetrahydrofuran dibasic_acids cyclohexane carbide_slag",
        )
    )
    assert rate(found, "sell", "pbat") == pytest.approx(33.5382, abs=2e-3)
    assert rate(found, "buy", "calcium_carbide") == pytest.approx(15.3795, abs=2e-3)
    assert rate(found, "buy", "methanol") == pytest.approx(13.5854, abs=2e-3)
    assert rate(found, "buy", "pta") == pytest.approx(12.5433, abs=2e-3)
    assert rate(found, "sell", "tetrahydrofuran") == pytest.approx(1.3415, abs=1e-3)
    assert rate(found, "sell", "carbide_slag") == pytest.approx(18.0016, abs=2e-3)


def test_benzol_over_maleic_anhydride_to_pbs() -> None:
    """9.0/1.1 = 8.1818 anhydride, /0.85 = 9.6257 succinic acid, /0.70 = 13.7510 t/h PBS.

    Butanediol bought 0.55 x 13.7510 = 7.5631 t/h.
    """
    found = simulated(
        park_text(
            "maleic_anhydride_benzene succinic_acid pbs",
            buy="butanediol",
            sell="pbs tetrahydrofuran",
        )
    )
    assert rate(found, "sell", "pbs") == pytest.approx(13.7510, abs=2e-3)
    assert rate(found, "buy", "butanediol") == pytest.approx(7.5631, abs=1e-3)


def test_benzol_over_maleic_anhydride_and_butanediol_to_pbat() -> None:
    """8.1818/1.15 = 7.1146 butanediol, /0.485 = 14.6693 t/h PBAT; adipic acid 0.372 x = 5.4570."""
    found = simulated(
        park_text(
            "maleic_anhydride_benzene butanediol_maleic pbat",
            buy="adipic_acid pta",
            sell="pbat tetrahydrofuran",
        )
    )
    assert rate(found, "sell", "pbat") == pytest.approx(14.6693, abs=2e-3)
    assert rate(found, "buy", "adipic_acid") == pytest.approx(5.4570, abs=1e-3)


def test_cyclohexane_of_the_cyclohexene_route_becomes_ketone() -> None:
    """Ketone by the first route 9.0/1.015 = 8.8670 t/h, with 0.213 t/t = 1.8887 t/h of cyclohexane.

    Oxidised, 1.8887/1.105 = 1.7092, together 10.5762 t/h of ketone.
    """
    found = simulated(park_text("cyclohexanone cyclohexanone_oxidation", sell="cyclohexanone"))
    assert rate(found, "sell", "cyclohexanone") == pytest.approx(10.5762, abs=1e-3)


def test_butane_route_and_benzene_to_cyclohexane() -> None:
    """Bought feeds only: 11.8 t/h butane give 10 t/h anhydride; 9.0/0.932 = 9.6567 t/h cyclohexane."""
    text = park_text(
        "cyclohexane_hydrogenation maleic_anhydride_butane",
        sell="cyclohexane maleic_anhydride",
    ).replace("buy:\n", "buy:\n  n_butane: {limit: 11.8 t/h}\n")
    found = simulated(text)
    assert rate(found, "sell", "maleic_anhydride") == pytest.approx(10.0, abs=1e-6)
    assert rate(found, "sell", "cyclohexane") == pytest.approx(9.6567, abs=1e-3)
