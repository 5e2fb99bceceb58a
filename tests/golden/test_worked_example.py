"""A coke plant of 1.0 Mt/a worked by hand from published yields, against the library and the engine.

By hand, per year (typical values of the reference data, all surplus gas into one use): dry coal
1.307 Mt; coke-oven gas 425 million Nm3, of which the ovens take 44.5 % and about 225 million Nm3
reach the chemical plant; methanol 111 kt, or LNG 63.1 kt, or hydrogen 112 million Nm3 with 113
million Nm3 of tail gas; ammonium sulfate 13.6 kt, tar 46.0 kt, crude benzene 13.2 kt; CDQ power 115
GWh; underfiring CO2 147 kt. Tolerances: 2 % where the library states the same yield with rounding
of its own (coke burnt in dry quenching, gas make 423), 4 % where two such steps multiply.
"""

from __future__ import annotations

import pytest

from chainsim.balance.steady import run_steady
from chainsim.library.scenarios import parse_scenario
from chainsim.park.build import build_park
from chainsim.results import Simulation
from chainsim.study.run import run

PLANT = """
schema_version: 1
id: one-million
name_zh: 百万吨算例
name_en: worked example of 1.0 Mt/a
units:
  battery: {{process: coke_battery_stamp_5_5, capacity: 1.0101 Mt/a, priority: 1}}
  cdq: {{process: cdq, capacity: 130 t/h, priority: 2}}
  riser: {{process: riser_heat_recovery, capacity: 40 t/h, priority: 3}}
  cleaning: {{process: gas_cleaning, capacity: 60000 Nm3/h, priority: 4}}
  turbine: {{process: steam_turbine, capacity: 30 MW, priority: 9}}
{units}
buy:
  coal: {{material: coking_coal}}
  electricity: {{}}
  steam: {{}}
  fresh_water: {{}}
  sulfuric_acid: {{}}
  oxygen: {{}}
sell:
  coke: {{}}
  coal_tar: {{}}
  crude_benzene: {{}}
  ammonium_sulfate: {{}}
  sulfur: {{}}
  power: {{material: electricity}}
{sell}
vents:
  coke_oven_gas: {{kind: flare}}
  psa_tail_gas: {{kind: flare}}
  methanol_purge_gas: {{kind: flare}}
  lng_tail_gas: {{kind: flare}}
  steam: {{}}
policies: []
"""
METHANOL = "  methanol: {process: methanol_cog, capacity: 400 kt/a, min_load: 0, priority: 5, feeds: {heater_fuel: [coke_oven_gas]}}"
LNG = "  lng: {process: lng_methanation, capacity: 400 kt/a, min_load: 0, priority: 5}"
PSA = "  psa: {process: psa_hydrogen, capacity: 60000 Nm3/h, min_load: 0, priority: 5}"
# Tail gases are kept out of the ovens, as in the sum by hand.
OWN_GAS = (
    'units.battery.feeds={"underfiring": ["coke_oven_gas"]}',
    'units.cleaning.feeds={"fuel": ["coke_oven_gas"]}',
)


def simulated(unit: str, product: str) -> Simulation:
    text = PLANT.format(units=unit, sell=f"  {product}: {{}}")
    park = build_park(parse_scenario(text, overrides=OWN_GAS))
    return run_steady(park, outages=False)


def flow(found: Simulation, component: str, port: str, material: str | None = None) -> float:
    rows = found.flows[(found.flows.component == component) & (found.flows.port == port)]
    if material is not None:
        rows = rows[rows.material == material]
    return abs(float(rows.quantity.sum()))


@pytest.fixture(scope="module")
def methanol() -> Simulation:
    return simulated(METHANOL, "methanol")


def test_coking(methanol: Simulation):
    assert flow(methanol, "coke", "sell") == pytest.approx(1.0e6, rel=1e-3)
    assert flow(methanol, "coal", "buy") == pytest.approx(1.307e6, rel=0.01)
    make = flow(methanol, "cleaning", "coke_oven_gas")
    assert make == pytest.approx(425e3, rel=0.02)
    ovens = flow(methanol, "battery", "underfiring")
    assert ovens / make == pytest.approx(0.445, abs=0.01)
    chemicals = make - ovens - flow(methanol, "cleaning", "fuel")
    assert chemicals == pytest.approx(225e3, rel=0.02)


def test_by_products(methanol: Simulation):
    assert flow(methanol, "ammonium_sulfate", "sell") == pytest.approx(13.6e3, rel=0.02)
    assert flow(methanol, "coal_tar", "sell") == pytest.approx(46.0e3, rel=0.01)
    assert flow(methanol, "crude_benzene", "sell") == pytest.approx(13.2e3, rel=0.01)
    assert flow(methanol, "turbine", "electricity") == pytest.approx(115e3, rel=0.01)


def test_all_surplus_gas_to_methanol(methanol: Simulation):
    assert flow(methanol, "methanol", "sell") == pytest.approx(111e3, rel=0.02)


def test_all_surplus_gas_to_lng():
    found = simulated(LNG, "lng")
    assert flow(found, "lng", "sell") == pytest.approx(63.1e3, rel=0.02)
    tail = flow(found, "lng", "tail_gas")
    assert tail * 0.815 == pytest.approx(49.7e3, rel=0.04)


def test_all_surplus_gas_to_hydrogen():
    found = simulated(PSA, "hydrogen")
    assert flow(found, "hydrogen", "sell") == pytest.approx(112e3, rel=0.02)
    assert flow(found, "psa", "tail_gas") == pytest.approx(113e3, rel=0.02)


def test_underfiring_carbon_dioxide():
    text = PLANT.format(units=METHANOL, sell="  methanol: {}")
    park = build_park(parse_scenario(text, overrides=OWN_GAS))
    ledger = run(park, engine="steady", outages=False).ledger
    rows = ledger[(ledger.unit == "battery") & (ledger.account == "carbon.combustion")]
    # The ledger counts 99 % of the fuel's carbon as burnt (oxidation of gases).
    assert float(rows.amount.sum()) / 0.99 == pytest.approx(147e3, rel=0.02)
