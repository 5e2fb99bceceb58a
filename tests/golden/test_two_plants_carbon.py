"""GB/T 32151.13 over two plants that sell each other power, steam and gas, worked by hand.

100 t/h of coke for 100 h. Gas is burnt in three places, 2,000 kNm3 of 0.21 t C, 99 % oxidised:
1,524.6 t. Coking loses 1.3 x 0.80 - 0.85 - 0.4 x 0.21 = 0.106 t C per t of coke: 3,886.7 t. The user
takes 15 MW, of which 10 come from the coker: 500 MWh are bought at 0.6. 2,000 t of steam change
hands within the park.
"""

from __future__ import annotations

import pytest

from chainsim.accounts.account import view_of
from chainsim.accounts.carbon_tables import carbon_members, carbon_table
from chainsim.library.scenarios import parse_scenario
from chainsim.park.build import build_park
from chainsim.study.run import run

PARK = """
schema_version: 1
id: two
name_zh: 两厂
name_en: two plants
horizon: {hours: 100}
enterprises: {coker: {}, user: {}}
materials:
  coking_coal: {elements: {C: 0.80, other: 0.20}}
  coke: {elements: {C: 0.85, other: 0.15}}
  coke_oven_gas: {unit: kNm3, lhv_gj: 17.58, elements: {C: 0.21, other: 0.25}}
  goods: {}
units:
  oven: {owner: coker, boundary: coking, capacity: 100, priority: 1,
    recipe: {feeds: {coking_coal: 1.3}, products: {coke: 1, coke_oven_gas: 0.4}}}
  boiler: {owner: coker, boundary: utility, capacity: 20, priority: 4,
    recipe: {feeds: {fuel: {material: coke_oven_gas, rate: 0.2, burn: true}}, products: {steam: 1}}}
  power: {owner: coker, boundary: utility, capacity: 10, priority: 5,
    recipe: {feeds: {fuel: {material: coke_oven_gas, rate: 0.6, burn: true}}, products: {electricity: 1}}}
  user: {owner: user, capacity: 10, priority: 1,
    recipe: {feeds: {electricity: 1.5, steam: 2, fuel: {material: coke_oven_gas, rate: 1, burn: true}},
      products: {goods: 1}}}
buy: {coking_coal: {}, electricity: {}}
sell: {coke: {}, goods: {}, coke_oven_gas: {}}
economics: {grid_factor: 0.6}
"""
BURNT = 20 * 100 * 0.21 * 0.99 * 44 / 12
COKING = 0.106 * 1e4 * 44 / 12
HEAT = 0.11
"""T CO2/GJ of purchased heat, the guides' default."""


@pytest.fixture(scope="module")
def view():
    park = build_park(parse_scenario(PARK))
    result = run(park, engine="steady")
    return view_of(park, result.simulation, result.ledger)


def test_the_park_buys_what_is_not_made_within(view) -> None:
    parts = carbon_table(view).groupby("part")["co2_t"].sum()
    assert parts["combustion"] == pytest.approx(BURNT)
    assert parts["coking"] == pytest.approx(COKING)
    assert parts["power"] == pytest.approx(500 * 0.6)
    assert parts["total"] == pytest.approx(BURNT + COKING + 300)
    assert "heat" not in parts


def test_members_carry_what_they_take_from_each_other(view) -> None:
    members = carbon_members(view).set_index("enterprise")
    heat = 2000 * view.park.materials["steam"].energy_gj * HEAT
    assert members.loc["coker", "power"] == pytest.approx(-1000 * 0.6)
    assert members.loc["user", "power"] == pytest.approx(1500 * 0.6)
    assert members.loc["coker", "heat"] == pytest.approx(-heat)
    assert members.loc["user", "heat"] == pytest.approx(heat)
    assert members.loc["coker", "combustion"] == pytest.approx(BURNT / 2)
    both = members.loc["coker", "total"] + members.loc["user", "total"]
    assert both == pytest.approx(members.loc["total", "total"])
