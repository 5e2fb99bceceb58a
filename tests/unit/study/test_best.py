"""The lp engine against closed forms, finite differences and the dispatch list."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from chainsim.balance.plant import Plant
from chainsim.errors import InfeasibleError, Problem, ScenarioError
from chainsim.library.scenarios import parse_scenario
from chainsim.park.build import build_park
from chainsim.study.aim import Aim
from chainsim.study.optimum import ImpossibleError
from chainsim.study.rates import Rates, objective
from chainsim.study.run import run
from tests.parks import park_of

GAS = """
materials:
  gas: {{unit: kNm3, lhv_gj: 17}}
  methanol: {{price_cny: 2000}}
  power: {{unit: MWh, price_cny: 300}}
units:
  ovens: {{recipe: {{products: {{gas: 1}}}}, capacity: 100, priority: 1}}
  {first}: {{recipe: {{feeds: {{gas: 2}}, products: {{methanol: 1}}}}, capacity: 30, priority: {a}}}
  power_plant: {{recipe: {{feeds: {{gas: 1}}, products: {{power: 2}}}}, capacity: 80, priority: {b}}}
sell:
  methanol: {{}}
  power: {{}}
vents: {{gas: {{}}}}
"""
YEAR = 8760.0


def gas_park(methanol_first=True, hours=YEAR, more=""):
    a, b = (2, 3) if methanol_first else (3, 2)
    return park_of(GAS.format(first="synthesis", a=a, b=b) + more, hours=hours)


def worth(result, key):
    return next(w for w in result.optimum.worths if w.key == key)


def test_a_park_whose_rule_is_best_keeps_its_flows():
    # 2 kNm3 make 2000 CNY of methanol, 1 kNm3 600 of power: methanol first, 40 kNm3 are left.
    park = gas_park()
    best, rule = run(park, engine="lp"), run(park, engine="steady")
    assert best.optimum.gain == pytest.approx((30 * 2000 + 40 * 600) * YEAR)
    assert best.optimum.gain == pytest.approx(best.optimum.rule_gain, rel=1e-9)
    assert not best.optimum.losses
    assert not best.optimum.loads
    merged = best.flows.merge(rule.flows, on=["period", "kind", "component", "port"])
    assert len(merged) == len(rule.flows)
    assert np.allclose(merged["quantity_x"], merged["quantity_y"], atol=1e-5)


def test_the_wrong_order_is_told_with_its_price():
    park = gas_park(methanol_first=False)
    result = run(park, engine="lp")
    lost = (30 * 2000 + 40 * 600 - (80 * 600 + 10 * 2000)) * YEAR
    assert result.optimum.gain - result.optimum.rule_gain == pytest.approx(lost)
    pair = next(x for x in result.optimum.losses if x.then)
    assert {pair.first, pair.then} == {"synthesis", "power_plant"}
    assert pair.gain == pytest.approx(lost)
    single = next(x for x in result.optimum.losses if not x.then)
    assert single.gain == pytest.approx(lost, rel=1e-6)


def test_shadow_prices_in_closed_form():
    result = run(gas_park(), engine="lp")
    # A methanol plant one larger takes 2 kNm3 from power: 2000 - 1200 CNY an hour.
    assert worth(result, "synthesis").price == pytest.approx(2000 - 2 * 600)
    assert worth(result, "ovens").price == pytest.approx(600)
    gas = result.optimum.gases[0]
    assert gas.price == pytest.approx(600)
    assert gas.uses == (("unit:power_plant", pytest.approx(1.0)),)


def test_an_unknown_measure_is_refused():
    with pytest.raises(ScenarioError, match="no such measure"):
        run(gas_park(), engine="lp", aim=Aim(at_most={"power": "300 GWh/a"}))


@pytest.mark.parametrize("step", [1.0, 50.0])
def test_price_of_a_limit_is_the_finite_difference(step):
    def solved(extra):
        aim = Aim(weights={"value_added": 1.0}, limits="none",
                  at_most={"energy_a": f"{440_000 + extra} tce/a"})  # fmt: skip
        return run("xinzhou-base", engine="lp", aim=aim)

    below, above = solved(0.0), solved(step)
    price = worth(below, "at_most/energy_a").price
    assert price == pytest.approx((above.optimum.gain - below.optimum.gain) / step, rel=1e-4)


def test_objective_is_the_ledgers_number():
    result = run("xinzhou-base", engine="lp", aim=Aim(weights=objective("energy_b")))
    assert -result.optimum.gain == pytest.approx(result.kpi("energy.park_tce"), rel=1e-9)
    rule = run("xinzhou-base", engine="steady")
    assert result.kpi("energy.park_tce") <= rule.kpi("energy.park_tce") + 1e-6
    assert result.kpi("output.coke_t") == pytest.approx(rule.kpi("output.coke_t"), rel=1e-6)


def test_the_citys_cap_has_a_price_and_binds():
    result = run("xinzhou-base", engine="lp", aim=Aim(limits="q03"))
    cap = worth(result, "q03/city")
    assert cap.price > 0
    assert result.kpi("energy.coking_tce") == pytest.approx(440_000, rel=1e-8)
    verdict = result.policy.set_index(["id", "subject"]).loc[("q03", "city"), "value"]
    assert verdict == pytest.approx(44, rel=1e-8)


def test_least_loads_by_branching():
    # 100 of gas: a second user that needs at least 60 of its 80 gets nothing beside the first.
    text = GAS.format(first="synthesis", a=2, b=3).replace(
        "capacity: 80", "capacity: 80, min_load: 0.75"
    )
    park = park_of(text, hours=YEAR)
    free = run(park, engine="lp").optimum
    held = run(park, engine="lp", aim=Aim(min_loads=True)).optimum
    assert free.gain == pytest.approx((30 * 2000 + 40 * 600) * YEAR)
    # Power at 60 leaves 40 for 20 of methanol, or methanol alone.
    assert held.gain == pytest.approx(max(60 * 600 + 20 * 2000, 30 * 2000) * YEAR)


def test_soft_obligations_come_first_and_shortfalls_are_told():
    result = run(gas_park(more="obligations: {heat_gas: {material: gas, rate: 120}}"), engine="lp")
    assert result.optimum.short == (("heat_gas", pytest.approx(20 / 120, rel=1e-6)),)
    assert result.simulation.obligations["shortfall"].sum() == pytest.approx(20 * YEAR, rel=1e-6)


CHAIN = """
materials: {gas: {unit: kNm3}, h2: {unit: kNm3, price_cny: 1000}, cpl: {price_cny: 9000}}
units:
  source: {recipe: {products: {gas: 10}}, capacity: 1}
  psa: {recipe: {feeds: {gas: 2}, products: {h2: 1}}, capacity: 3, trains: 3, capex: 3000000}
  plant: {recipe: {feeds: {h2: 4}, products: {cpl: 1}}, capacity: 2}
vents: {gas: {}}
obligations: {cpl: {rate: 1, hard: true}}
"""


def test_an_impossible_park_says_what_mends_it():
    with pytest.raises(ImpossibleError) as caught:
        run(park_of(CHAIN, hours=YEAR), engine="lp")
    assert isinstance(caught.value, InfeasibleError)
    found = {(r.kind, r.key): r for r in caught.value.alone}
    psa = found["unit", "psa"]
    assert (psa.trains, psa.share) == (1, pytest.approx(1 / 3))
    less = found["obligation", "cpl"]
    assert less.share == pytest.approx(0.25)
    assert less.cost_cny == pytest.approx(0.25 * YEAR * 9000)
    assert found["supply", "h2@site"].amount == pytest.approx(YEAR)
    assert caught.value.alone[0] is psa  # a million at 13 % a year is the cheapest
    assert ("unit", "source") not in found
    assert ("unit", "plant") not in found


@pytest.mark.parametrize(("kind", "change"), [
    ("psa", "capacity: 4"),
    ("cpl", "rate: 0.75"),
])  # fmt: skip
def test_the_repairs_do_mend_it(kind, change):
    old = {"psa": "capacity: 3", "cpl": "rate: 1"}[kind]
    result = run(park_of(CHAIN.replace(old, change), hours=YEAR), engine="lp")
    assert result.simulation.obligations["shortfall"].sum() == pytest.approx(0.0, abs=1e-6)


def test_two_things_wrong_need_two_repairs():
    text = CHAIN.replace("rate: 1", "rate: 1.5").replace("capacity: 2", "capacity: 1")
    park = park_of(text.replace("hard: true", "hard: true, priority: 1"), hours=YEAR)
    with pytest.raises(ImpossibleError) as caught:
        run(park, engine="lp", aim=Aim(at_least={"revenue": "1 CNY/a"}))
    assert caught.value.together


@pytest.mark.parametrize("text", ["profi", "profit=x", "value_added=1,energi=2"])
def test_wrong_objectives_are_refused(text):
    with pytest.raises(ScenarioError):
        objective(text)


def test_wrong_clauses_are_refused():
    with pytest.raises(ScenarioError, match="no such clause"):
        run("xinzhou-base", engine="lp", aim=Aim(limits="q99"))


def test_same_answer_twice_and_in_another_order_of_the_file():
    park = gas_park()
    first, second = run(park, engine="lp"), run(park, engine="lp")
    assert first.flows.equals(second.flows)
    assert first.optimum == second.optimum


def test_an_unlimited_gain_is_told():
    text = """
schema_version: 1
id: t
name_zh: t
name_en: t
library: false
horizon: {hours: 10}
materials: {a: {price_cny: 1}}
units: {u: {recipe: {feeds: {a: 1}}, capacity: 1}}
buy: {cheap: {material: a, price: 1}}
sell: {dear: {material: a, price: 2}}
"""
    with pytest.raises(InfeasibleError):
        run(build_park(parse_scenario(text)), engine="lp")


def test_the_room_left_to_ties_is_no_gap_at_a_header():
    # By hand: 520 CNY/h of b takes 1 gas, 600 of a takes 2: b to its 50, a gets 30 gas.
    park = park_of(
        """
materials: {gas: {price_cny: 100}, a: {price_cny: 1000}, b: {price_cny: 700}, power: {price_cny: 400}}
units:
  ua: {recipe: {feeds: {gas: 2, power: 0.5}, products: {a: 1}}, capacity: 30, priority: 2}
  ub: {recipe: {feeds: {gas: 1, power: 0.2}, products: {b: 1}}, capacity: 50, priority: 1}
buy: {gas: {limit: 80}, power: {limit: 20}}
sell: {a: {limit: 28}, b: {}}
""",
        hours=1000.0,
    )
    result = run(park, engine="lp")
    assert result.optimum.gain == pytest.approx((15 * 600 + 50 * 520) * YEAR)
    assert worth(result, "gas").price == pytest.approx(300)
    assert worth(result, "ub").price == pytest.approx(520 - 300)
    gaps = result.flows.groupby("material")["quantity"].sum()
    assert gaps.abs().max() <= 1e-11 * result.flows["quantity"].abs().sum()


def test_an_impossible_park_is_told_alike_by_another_process():
    error = ImpossibleError(Problem(code="CS-E007", path="p"), (), ())
    found = pickle.loads(pickle.dumps(error))
    assert (found.problems, found.alone, found.data) == (error.problems, (), error.data)


def test_what_an_enterprise_vents_earns_it_nothing():
    """A kNm3 made earns 10, one flared costs its only maker 10; with two makers nobody is told."""
    text = """
materials: {gas: {unit: kNm3, price_cny: 10}, x: {}}
enterprises: {maker: {}, other: {}}
units:
  make: {owner: maker, recipe: {products: {gas: 1}}, capacity: 100}
  use: {owner: other, recipe: {feeds: {gas: 1}, products: {x: 1}}, capacity: 40}
  more: {owner: SECOND, recipe: {products: {gas: 1}}, capacity: 1}
vents: {flare: {material: gas, kind: flare}}
sell: {x: {}}
economics: {transfer_prices: {gas: 10}}
"""
    for second, lost in (("maker", -10.0), ("other", 0.0)):
        park = park_of(text.replace("SECOND", second))
        program = Plant(park).program
        rates = Rates(park, program).of("profit", owner="maker") / program.scale
        assert rates[program.column["unit:make"]] == pytest.approx(10.0 * 100)
        assert rates[program.column["vent:flare"]] == pytest.approx(lost)


LOSING = """
materials: {raw: {price_cny: 1000}, x: {price_cny: 300}, w: {price_cny: 100}}
units: {u: {recipe: {feeds: {raw: 1}, products: {x: 0.7, w: 0.3}}, capacity: 600000}}
buy: {raw: {}}
sell: {x: {}, w: {}}
"""


def test_a_park_that_had_better_stand_still_does_so_without_a_trace():
    """What the tie-break may cost was spent on a billionth of the dispatch list's load."""
    found = run(park_of(LOSING, hours=YEAR), engine="lp")
    assert found.optimum.gain == 0.0
    assert found.optimum.rule_gain == pytest.approx(600_000 * (210 + 30 - 1000) * YEAR)
    assert not found.flows["quantity"].any()
    assert found.kpi("value.added_cny") == 0.0


def test_an_objective_that_is_rounding_is_zero():
    # 0.7 * 12.1 + 0.3 * 7.3 = 10.66: 0.4 CNY/a of a turnover of 47 bn are beyond the solver.
    even = LOSING.replace("1000", "10.6599999999").replace("300", "12.1").replace("100", "7.3")
    even = even.replace("raw: {}}\nsell", "raw: {limit: 500000}}\nsell")
    optimum = run(park_of(even, hours=YEAR), engine="lp").optimum
    assert optimum.gain == optimum.rule_gain == optimum.gap == 0.0
    assert optimum.worths == optimum.losses == ()
    turnover = 500_000 * 10.66 * YEAR
    assert 0.0 < optimum.resolution < 1e-8 * turnover


def test_differences_that_are_rounding_are_none():
    optimum = run(gas_park(), engine="lp").optimum
    assert optimum.gap == 0.0
    assert run(gas_park(methanol_first=False), engine="lp").optimum.gap > 0.0
