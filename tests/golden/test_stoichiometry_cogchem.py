"""Chemistry of coke-oven gas worked by hand, against the library and the steady engine.

By hand, from atomic weights (H 1.008, C 12.011, N 14.007, O 15.999) and 22.414 Nm3/kmol. One Nm3
of coke-oven gas (58 H2, 25 CH4, 7 CO, 2.5 CO2, 4.5 N2, 2 C2H4, 0.5 C2H6, 0.5 O2 vol%) holds
0.395 C, 2.27 H, 0.13 O and 0.09 N atoms per mol, that is 0.2117 kg carbon.

* PSA: 2.005 Nm3 x 0.58 = 1.163 Nm3 hydrogen in, 1 out: 86.0 %.
* Reforming and shift can give at the most H/2 + 2 C - O = 1.135 + 0.790 - 0.130 = 1.795 Nm3
  hydrogen per Nm3 gas, less 2 per Nm3 of oxygen burnt: 0.88 x 1.795 - 2 x 0.195 = 1.190 Nm3. All
  of it must be product, hydrogen in the tail, or methane slip at 4 Nm3 each.
* Methanol: 0.37486 t carbon per t. 1,980 Nm3 carry 0.4191 t, hence 89.4 %; 1,560 Nm3 and 130 Nm3
  CO carry 0.3302 + 0.0697 = 0.3999 t, hence 93.7 %.
* LNG is 99 % CH4, so 1 t = 1,000 / (0.99 x 0.71573 + 0.01 x 1.2498) = 1,386.8 Nm3 and 1,373 Nm3
  CH4. Carbon in 3,570 Nm3: 1,410 Nm3, hence 97.4 % by methanation; methane in 5,548 Nm3: 1,387
  Nm3, hence 99.0 % in the cold. There CO stays whole: 0.07 x 5,548 = 388 Nm3; CO2 leaves whole:
  0.025 x 5,548 x 1.9635 = 0.2723 t; oxygen burns to 0.01 x 5,548 / 22.414 x 18.015 = 0.0446 t
  water.
* Ammonia: 1.5 x 22.414 / 17.031 = 1,974.1 Nm3 hydrogen and 658.0 Nm3 nitrogen per t; from 1,980
  a yield of 99.7 %, and (1,980 - 1,974.1) : (660 - 658.03) is a purge of 5.90 : 1.97 = 7.87 Nm3,
  75 % hydrogen.
* Urea (60.056): 34.062 / 60.056 = 0.5672 t ammonia, 44.009 / 60.056 = 0.7328 t CO2, 0.29997 t
  water.
* Glycol (62.068): 2 x 22.414 / 62.068 = 722.2 Nm3 CO, 1,444.5 Nm3 H2, 180.6 Nm3 O2, 0.2902 t
  water. Carbon: 0.38703 t out of 0.4233 + 0.0187 = 0.4421 t, 87.5 %.
* Polyester of n = 92 (17,741.7): 92 x 166.132 / 17,741.7 = 0.8615 t terephthalic acid, 93 x
  62.068 / 17,741.7 = 0.3254 t glycol, 184 x 18.015 / 17,741.7 = 0.1868 t water.
* Dimethyl ether (46.069): 64.084 / 46.069 = 1.3911 t methanol, 0.3910 t water.
"""

from __future__ import annotations

import pytest

from chainsim.balance.steady import run_steady
from chainsim.library.files import load_library
from chainsim.library.model import Port
from chainsim.library.scenarios import parse_scenario
from chainsim.park.build import build_park

YEAR = 8760.0
"""Hours of the simulated year."""
EXACT = 2e-4
"""Rounding of the sums in the docstring."""


def port(process: str, name: str) -> Port:
    return load_library().processes[process].port(name)


def amount(process: str, name: str) -> float:
    """Size of a port per unit of the basis."""
    return abs(port(process, name).amount)


def share(process: str, name: str, species: str) -> float:
    """Volume share of a species in a closing gas."""
    found = port(process, name).material.species
    assert found is not None
    return found[species] / sum(found.values())


def carbon(process: str, name: str) -> float:
    """Carbon in a port, t."""
    return amount(process, name) * (port(process, name).material.elements or {})["C"]


# -- by hand against the coefficients ---------------------------------------------------------------


def test_coke_oven_gas_carries_its_carbon():
    assert carbon("psa_hydrogen", "coke_oven_gas") == pytest.approx(2.005 * 0.2117, rel=EXACT)


def test_psa_recovers_86_percent():
    assert 1.0 / (0.58 * amount("psa_hydrogen", "coke_oven_gas")) == pytest.approx(0.860, rel=1e-3)


def test_reforming_hands_over_all_the_hydrogen_it_can_make():
    tail = amount("hydrogen_reforming", "tail_gas")
    hydrogen = share("hydrogen_reforming", "tail_gas", "H2")
    methane = share("hydrogen_reforming", "tail_gas", "CH4")
    assert 1.0 + tail * (hydrogen + 4.0 * methane) == pytest.approx(1.190, rel=1e-3)
    assert 1.0 / (1.0 + tail * hydrogen) == pytest.approx(0.88, abs=0.02)


def test_methanol_keeps_the_carbon():
    gas = carbon("methanol_cog", "coke_oven_gas")
    assert 0.37486 / gas == pytest.approx(0.894, abs=1e-3)
    gas = carbon("methanol_cog_co", "coke_oven_gas") + carbon("methanol_cog_co", "carbon_monoxide")
    assert 0.37486 / gas == pytest.approx(0.937, abs=1e-3)


def test_purges_look_as_published_balances():
    assert share("methanol_cog", "purge_gas", "H2") == pytest.approx(0.78, abs=0.02)
    assert amount("methanol_cog", "purge_gas") == pytest.approx(0.636, rel=0.02)
    assert share("methanol_cog_co", "purge_gas", "H2") == pytest.approx(0.62, abs=0.04)
    assert amount("methanol_cog_co", "purge_gas") == pytest.approx(0.280, rel=0.08)


def test_lng_by_methanation_holds_nearly_all_carbon():
    assert 1.373 / (0.395 * amount("lng_methanation", "coke_oven_gas")) == pytest.approx(
        0.974, abs=1e-3
    )


def test_cold_separation_loses_neither_methane_nor_carbon_monoxide():
    gas = amount("lng_cryogenic", "coke_oven_gas")
    assert 1.373 / (0.25 * gas) == pytest.approx(0.990, abs=1e-3)
    tail = amount("lng_cryogenic", "tail_gas")
    assert tail / 1.3868 == pytest.approx(2.70, rel=0.02)
    assert tail * share("lng_cryogenic", "tail_gas", "CO") == pytest.approx(0.388, rel=5e-3)
    assert amount("lng_cryogenic", "carbon_dioxide") == pytest.approx(0.2723, rel=EXACT)
    assert amount("lng_cryogenic", "condensate") == pytest.approx(0.0446, rel=0.01)
    assert share("lng_cryogenic", "tail_gas", "H2") == pytest.approx(0.815, abs=0.01)
    assert share("lng_cryogenic", "tail_gas", "CH4") < 0.015


def test_ammonia_yield_and_purge():
    assert 1.9741 / amount("ammonia_synthesis", "hydrogen") == pytest.approx(0.9970, rel=EXACT)
    assert amount("ammonia_synthesis", "purge_gas") == pytest.approx(0.00787, rel=0.005)
    assert share("ammonia_synthesis", "purge_gas", "H2") == pytest.approx(0.75, abs=0.002)


def test_urea_takes_two_percent_more_than_theory():
    assert amount("urea", "ammonia") / 0.5672 == pytest.approx(1.019, abs=1e-3)
    assert amount("urea", "carbon_dioxide") / 0.7328 == pytest.approx(1.017, abs=1e-3)
    assert amount("urea", "condensate") == pytest.approx(0.29997, rel=EXACT)


def test_glycol_against_theory():
    assert 0.7222 / amount("ethylene_glycol", "carbon_monoxide") == pytest.approx(0.914, abs=1e-3)
    assert 1.4445 / amount("ethylene_glycol", "hydrogen") == pytest.approx(0.926, abs=1e-3)
    assert amount("ethylene_glycol", "oxygen") > 0.1806
    assert amount("ethylene_glycol", "condensate") > 0.2902
    fed = carbon("ethylene_glycol", "carbon_monoxide") + carbon("ethylene_glycol", "methanol")
    assert carbon("ethylene_glycol", "ethylene_glycol") / fed == pytest.approx(0.875, abs=1e-3)
    assert share("ethylene_glycol", "purge_gas", "H2") > 0.9


def test_polyester_against_theory():
    assert amount("pet", "pta") == pytest.approx(0.8615, rel=1e-3)
    assert amount("pet", "ethylene_glycol") / 0.3254 == pytest.approx(1.03, abs=0.005)
    assert amount("pet", "condensate") == pytest.approx(0.1868, rel=2e-3)


def test_dimethyl_ether_against_theory():
    assert amount("dimethyl_ether", "methanol") / 1.3911 == pytest.approx(1.0136, abs=1e-3)
    assert amount("dimethyl_ether", "condensate") == pytest.approx(0.3910, rel=EXACT)


# -- routes from the bought feed to the last product -------------------------------------------------

PARK = """
schema_version: 1
id: route
name_zh: 路线算例
name_en: one route
policies: []
units:
{units}
buy:
  electricity: {{}}
  steam: {{}}
  fresh_water: {{}}
{buy}
sell:
{sell}
vents:
{vents}
"""


def route(units: dict[str, str], buy: str, sell: str, vents: str) -> dict[str, float]:
    """What is sold (+), bought (-) and vented (+, after `vent:`) per hour of a year.

    Args:
        units: process -> capacity, in the order of the route.
        buy: feeds, `material` or `material limit`, separated by commas.
        sell: products and by-products, separated by blanks.
        vents: what may be vented, separated by blanks.
    """

    def entry(text: str) -> str:
        material, _, limit = text.strip().partition(" ")
        return f"  {material}: {{{f'limit: {limit}' if limit else ''}}}"

    text = PARK.format(
        units="\n".join(
            f"  u{i}: {{process: {process}, capacity: {size}, min_load: 0, priority: {i + 1}}}"
            for i, (process, size) in enumerate(units.items())
        ),
        buy="\n".join(entry(feed) for feed in buy.split(",")),
        sell="\n".join(f"  {material}: {{}}" for material in sell.split()),
        vents="\n".join(f"  v_{m}: {{material: {m}, kind: flare}}" for m in vents.split()),
    )
    flows = run_steady(build_park(parse_scenario(text)), outages=False).flows
    found: dict[str, float] = {}
    for row in flows[flows.kind.isin(["buy", "sell", "vent"])].itertuples():
        key = f"vent:{row.material}" if row.kind == "vent" else row.material
        found[key] = found.get(key, 0.0) - row.quantity / YEAR
    return found


def test_gas_to_hydrogen():
    """20,050 Nm3/h x 0.58 x 0.86 = 10,000 Nm3/h, 10,050 Nm3/h of tail gas."""
    found = route(
        {"psa_hydrogen": "12000 Nm3/h"}, "coke_oven_gas 20050 Nm3/h", "hydrogen", "psa_tail_gas"
    )
    assert found["hydrogen"] == pytest.approx(10.0, rel=1e-3)
    assert found["vent:psa_tail_gas"] == pytest.approx(10.05, rel=1e-3)


def test_gas_to_hydrogen_by_reforming():
    """8,800 Nm3/h / 0.88 = 10,000 Nm3/h with 2,630 Nm3/h = 5.164 t/h of pure CO2; 0.39 GJ per
    kNm3 are a fifth of the tail gas.
    """
    found = route(
        {"hydrogen_reforming": "12000 Nm3/h"},
        "coke_oven_gas 8800 Nm3/h, oxygen, process_water",
        "hydrogen",
        "carbon_dioxide reforming_tail_gas",
    )
    assert found["hydrogen"] == pytest.approx(10.0, rel=1e-3)
    assert found["vent:carbon_dioxide"] == pytest.approx(5.164, rel=1e-3)
    assert found["oxygen"] == pytest.approx(-1.95, rel=1e-3)
    tail = amount("hydrogen_reforming", "tail_gas") * 10.0
    assert 0.75 * tail < found["vent:reforming_tail_gas"] < 0.85 * tail


def test_gas_to_methanol():
    """19,800 Nm3/h / 1,980 = 10 t/h, the heater on its own purge."""
    found = route(
        {"methanol_cog": "12 t/h"},
        "coke_oven_gas 19800 Nm3/h, oxygen",
        "methanol",
        "methanol_purge_gas",
    )
    assert found["methanol"] == pytest.approx(10.0, rel=1e-3)
    assert found["oxygen"] == pytest.approx(-4.16, rel=1e-3)


def test_gas_and_carbon_monoxide_to_methanol():
    """15,600 Nm3/h gas and 1,300 Nm3/h CO make as much as 19,800 Nm3/h gas alone."""
    found = route(
        {"methanol_cog_co": "12 t/h"},
        "coke_oven_gas 15600 Nm3/h, carbon_monoxide, oxygen",
        "methanol",
        "methanol_co_purge_gas",
    )
    assert found["methanol"] == pytest.approx(10.0, rel=1e-3)
    assert found["carbon_monoxide"] == pytest.approx(-1.3, rel=1e-3)


def test_methanol_purge_to_hydrogen_and_methanol_to_ether():
    """Purge of 10 t/h: 6,320 Nm3/h / 1.471 = 4,296 Nm3/h hydrogen. The heater, 8.8 GJ/h, lives
    on 1,009 of the 2,024 Nm3/h desorbed gas (8.72 MJ/Nm3), which keeps the purge for hydrogen.
    10 t/h / 1.41 = 7.092 t/h ether.
    """
    found = route(
        {
            "methanol_cog": "12 t/h",
            "psa_methanol_purge": "5000 Nm3/h",
            "dimethyl_ether": "10 t/h",
        },
        "coke_oven_gas 19800 Nm3/h, oxygen",
        "hydrogen dimethyl_ether",
        "methanol_psa_tail_gas",
    )
    assert found["dimethyl_ether"] == pytest.approx(7.092, rel=1e-3)
    assert found["hydrogen"] == pytest.approx(4.296, rel=2e-3)
    assert found["vent:methanol_psa_tail_gas"] == pytest.approx(2.024 - 1.009, rel=5e-3)


def test_gas_to_lng_by_methanation_and_its_tail_to_hydrogen():
    """35,700 Nm3/h / 3,570 = 10 t/h. Hydrogen left: H in 2.27 x 35,700 / 22.414 = 3,615.5 kmol;
    out with LNG 4 x 612.5 = 2,450.1, water 3.55 t / 18.015 x 2 = 394.1, methane of the tail 4 x
    11.6 = 46.4; 362.4 kmol H2 are 8,124 Nm3/h, of which 90 % = 7,311 Nm3/h.
    """
    found = route(
        {"lng_methanation": "12 t/h", "psa_lng_tail": "9000 Nm3/h"},
        "coke_oven_gas 35700 Nm3/h",
        "lng hydrogen",
        "lng_psa_tail_gas steam",
    )
    assert found["lng"] == pytest.approx(10.0, rel=1e-3)
    assert found["hydrogen"] == pytest.approx(7.311, rel=3e-3)


def test_gas_to_lng_in_the_cold_and_its_tail_to_hydrogen():
    """55,480 Nm3/h / 5,548 = 10 t/h. Hydrogen left: H in 2.27 x 55,480 / 22.414 = 5,618.8 kmol;
    out with LNG 2,450.1, water 49.2, heavy ends 1,387 / 22.414 x 5.8 = 358.9, methane of the
    tail 4 x 12.2 = 48.8; 1,355.9 kmol H2 are 30,391 Nm3/h, of which 90 % = 27,352 Nm3/h.
    """
    found = route(
        {"lng_cryogenic": "12 t/h", "psa_cryogenic_tail": "30000 Nm3/h"},
        "coke_oven_gas 55480 Nm3/h",
        "lng hydrogen",
        "cryogenic_psa_tail_gas carbon_dioxide lng_heavies",
    )
    assert found["lng"] == pytest.approx(10.0, rel=1e-3)
    assert found["hydrogen"] == pytest.approx(27.35, rel=3e-3)
    assert found["vent:carbon_dioxide"] == pytest.approx(2.723, rel=1e-3)


def test_gas_to_hydrogen_to_ammonia_to_urea():
    """40,100 Nm3/h gas give 20,000 Nm3/h hydrogen, / 1,980 = 10.101 t/h ammonia, / 0.578 =
    17.476 t/h urea with 13.02 t/h CO2 and 6,667 Nm3/h nitrogen.
    """
    found = route(
        {"psa_hydrogen": "22000 Nm3/h", "ammonia_synthesis": "12 t/h", "urea": "20 t/h"},
        "coke_oven_gas 40100 Nm3/h, nitrogen, carbon_dioxide",
        "urea",
        "psa_tail_gas ammonia_purge_gas steam",
    )
    assert found["urea"] == pytest.approx(17.476, rel=1e-3)
    assert found["carbon_dioxide"] == pytest.approx(-13.020, rel=1e-3)
    assert found["nitrogen"] == pytest.approx(-6.667, rel=1e-3)


def test_carbon_dioxide_of_reforming_goes_to_urea():
    """20,000 Nm3/h hydrogen bring 10.328 t/h CO2; all of its ammonia, 10.101 t/h, would
    take 13.020 t/h. So 79 % of the ammonia become urea: 10.328 / 0.745 = 13.863 t/h; nothing is
    vented, 10.101 - 8.013 = 2.088 t/h of ammonia are sold.
    """
    found = route(
        {"hydrogen_reforming": "22000 Nm3/h", "ammonia_synthesis": "12 t/h", "urea": "20 t/h"},
        "coke_oven_gas 17600 Nm3/h, oxygen, process_water, nitrogen",
        "urea ammonia",
        "carbon_dioxide reforming_tail_gas ammonia_purge_gas steam",
    )
    assert found["urea"] == pytest.approx(13.863, rel=1e-3)
    assert found["ammonia"] == pytest.approx(2.088, rel=2e-3)
    assert found.get("vent:carbon_dioxide", 0.0) == pytest.approx(0.0, abs=1e-9)


def test_gas_to_hydrogen_to_glycol_to_polyester():
    """31,278 Nm3/h gas give 15,600 Nm3/h hydrogen, / 1,560 = 10 t/h glycol, / 0.335 = 29.85 t/h
    polyester with 25.73 t/h terephthalic acid, 7,900 Nm3/h CO and 0.5 t/h methanol.
    """
    found = route(
        {"psa_hydrogen": "17000 Nm3/h", "ethylene_glycol": "12 t/h", "pet": "35 t/h"},
        "coke_oven_gas 31278 Nm3/h, carbon_monoxide, oxygen, methanol, pta",
        "pet dmc_organics",
        "psa_tail_gas glycol_purge_gas",
    )
    assert found["pet"] == pytest.approx(29.85, rel=1e-3)
    assert found["pta"] == pytest.approx(-25.73, rel=1e-3)
    assert found["carbon_monoxide"] == pytest.approx(-7.9, rel=1e-3)
    assert found["methanol"] == pytest.approx(-0.5, rel=1e-3)
    assert found["dmc_organics"] == pytest.approx(0.6, rel=1e-3)
