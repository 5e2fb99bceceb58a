"""What is vented is worth nothing, deals are those of who made or uses the goods: enterprises add up."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from chainsim.accounts.account import account, view_of
from chainsim.accounts.ledger import build_ledger
from chainsim.accounts.view import View
from chainsim.park.model import Park
from chainsim.study.run import run
from tests.builders import coking_park, judged_library, run_by_hand
from tests.parks import park_of

HOURS = 8760.0
COKE = 0.8 * 100 * HOURS
METHANOL = 0.8 * 10 * HOURS
PRICED = {"economics": {"transfer_prices": {"coke_oven_gas": 500, "cdq_steam": 80}}}


def seen(park: Park) -> View:
    simulation = run_by_hand(park, {"battery": 0.8, "cdq": 0.8, "methanol_plant": 0.8})
    return view_of(park, simulation, account(park, simulation).ledger)


@pytest.fixture(scope="module")
def whole() -> View:
    return seen(coking_park(PRICED, library=judged_library()))


def test_the_coker_earns_by_the_gas_that_is_used(whole: View) -> None:
    coker = whole.where("enterprise", ["coker"]).by_material("transfer.value")
    assert coker["coke_oven_gas"] == pytest.approx(METHANOL * 2.0 * 500)
    assert coker.get("cdq_steam", 0.0) == pytest.approx(0.0, abs=1e-6)


def test_vents_carry_no_value(whole: View) -> None:
    vents = whole.where("unit", list(whole.park.vents))
    assert vents.sum("transfer.") == pytest.approx(0.0, abs=1e-6)


def test_enterprises_add_up_to_the_park(whole: View) -> None:
    parts = [whole.where("enterprise", [owner]) for owner in ("coker", "chemist")]
    assert sum(p.value_added for p in parts) == pytest.approx(whole.value_added, rel=1e-12)
    assert sum(p.value_added_income for p in parts) == pytest.approx(whole.value_added, rel=1e-12)


def test_the_park_does_not_care_for_transfer_prices(whole: View) -> None:
    bare = seen(coking_park(library=judged_library()))
    assert bare.value_added == pytest.approx(whole.value_added, rel=1e-12)


def test_what_was_bought_and_vented_is_lost_money() -> None:
    """All that is made is vented, and as much again that was bought: the makers earn nothing."""
    park = coking_park({**PRICED, "buy": {"coke_oven_gas": {"price": "500 CNY/kNm3"}}})
    simulation = run_by_hand(park, {"battery": 0.8, "cdq": 0.8})
    flows = simulation.flows[simulation.flows["port"] != "heating"].reset_index(drop=True)
    gas = flows["material"] == "coke_oven_gas"
    made, vents = gas & (flows["kind"] == "unit"), gas & (flows["kind"] == "vent")
    flows.loc[vents, "quantity"] = -2.0 * flows["quantity"][made].to_numpy()
    bought = flows[vents].assign(kind="buy", port="buy", quantity=-0.5 * flows["quantity"][vents])
    ledger = build_ledger(park, replace(simulation, flows=pd.concat([flows, bought])))
    value = ledger[ledger["account"].eq("transfer.value") & ledger["material"].eq("coke_oven_gas")]
    by = value.groupby(["unit", value["amount"] > 0.0])["amount"].sum()
    lost = 500.0 * bought["quantity"].sum()
    assert list(by) == pytest.approx([-lost, lost])
    assert set(value["unit"]) == {"coke_oven_gas"}


def test_what_is_flared_elsewhere_is_taken_off_where_it_was_made() -> None:
    """40 of 100 are used at home; 60 go on by pipe, of which 15 are used and 45 flared there."""
    text = """
materials: {gas: {unit: kNm3, price_cny: 10}, x: {}}
sites: {a: {}, b: {}}
enterprises: {maker: {}, user: {}, carrier: {}}
units:
  make: {owner: maker, site: a, recipe: {products: {gas: 1}}, capacity: 100, priority: 3}
  home: {owner: user, site: a, recipe: {feeds: {gas: 1}, products: {x: 1}}, capacity: 40}
  away: {owner: user, site: b, recipe: {feeds: {gas: 1}, products: {x: 1}}, capacity: 15}
links: {pipe: {owner: carrier, material: gas, from: a, to: b, mode: pipe, km: 0}}
vents: {flare: {material: gas, site: b, kind: flare}}
sell: {at_a: {material: x, site: a}, at_b: {material: x, site: b}}
economics: {transfer_prices: {gas: 10}}
"""
    result = run(park_of(text, hours=10), engine="steady")
    ledger = result.ledger[result.ledger["account"] == "transfer.value"]
    gas = ledger[ledger["material"] == "gas"].groupby("enterprise")["amount"].sum()
    assert gas["maker"] == pytest.approx(55 * 10 * 10)
    assert gas["user"] == pytest.approx(-55 * 10 * 10)
    assert gas.get("carrier", 0.0) == pytest.approx(0.0, abs=1e-9)
    assert gas.get("", 0.0) == pytest.approx(0.0, abs=1e-9)


def test_deals_at_another_price_are_those_of_who_made_or_uses_the_goods() -> None:
    """Half the middle good goes on at 250, half is sold at 300; raw is bought at 100, listed at 90."""
    text = """
enterprises: {a: {}, b: {}}
materials: {raw: {}, mid: {}, good: {}}
units:
  first: {owner: a, capacity: 1, recipe: {feeds: {raw: 2}, products: {mid: 1}}}
  second: {owner: b, capacity: 0.5, recipe: {feeds: {mid: 1, raw: 1}, products: {good: 1}}}
buy: {raw: {price: 100}}
sell: {mid: {price: 300}, good: {price: 1000}}
economics: {transfer_prices: {mid: 250, raw: 90}}
"""
    park = park_of(text, hours=10)
    result = run(park, engine="steady")
    whole = view_of(park, result.simulation, result.ledger)
    a, b, nobody = (whole.where("enterprise", [owner]) for owner in ("a", "b", ""))
    assert a.value_added == pytest.approx(10 * (0.5 * 250 + 0.5 * 300 - 2 * 100))
    assert b.value_added == pytest.approx(10 * (0.5 * 1000 - 0.5 * 250 - 0.5 * 100))
    assert nobody.value_added == pytest.approx(0.0, abs=1e-9)
    assert a.value_added + b.value_added == pytest.approx(whole.value_added)
    assert a.value_added_income == pytest.approx(a.value_added)


def test_what_is_bought_to_be_sold_again_leaves_its_margin_with_the_market() -> None:
    """100 made at 20, 50 bought at 15: 150 are sold at 20, of which the maker has his own."""
    park = coking_park({"buy": {"coke": {"price": 1500}}})
    simulation = run_by_hand(park, {"battery": 0.8, "cdq": 0.8})
    flows = simulation.flows
    sold = (flows["kind"] == "sell") & (flows["material"] == "coke")
    bought = flows[sold].assign(kind="buy", port="buy", quantity=-0.5 * flows["quantity"][sold])
    flows.loc[sold, "quantity"] *= 1.5
    simulation = replace(simulation, flows=pd.concat([flows, bought], ignore_index=True))
    whole = view_of(park, simulation, account(park, simulation).ledger)
    coker = whole.where("enterprise", ["coker"]).by_material("transfer.value")
    assert coker["coke"] == pytest.approx(COKE * 1600)
    nobody = whole.where("enterprise", [""])
    assert nobody.value_added == pytest.approx(0.5 * COKE * (1600 - 1500))
