"""Allocations worked out by hand: priorities, sharing, recycles, minimum loads.

The recycle cases are two linear equations each; the solution stands beside the case.
"""

from __future__ import annotations

import numpy as np
import pytest

from chainsim.balance.kernel import Kernel
from chainsim.balance.program import compile_park
from chainsim.balance.steady import run_steady
from chainsim.errors import InfeasibleError
from chainsim.park.model import Park
from tests.parks import park_of

EXACT = 1e-9


def flows(park: Park) -> dict[str, float]:
    """Flow of every column, base units per hour; units in share of nameplate."""
    program = compile_park(park)
    floors = np.zeros(program.n)
    for unit in park.units.values():
        floors[program.column[f"unit:{unit.id}"]] = unit.min_load
    values = Kernel(program).allocate(program.upper, floors).values
    assert program.residual(values) < EXACT
    return dict(zip(program.keys, values * program.scale, strict=True))


def test_two_units_that_need_each_other_settle_in_the_middle():
    # m takes 1 gas + 1 steam, the boiler turns 1 gas into 1 steam: m + b <= 10, m <= b.
    park = park_of("""
        materials: {gas: {unit: kNm3}, steam: {}, methanol: {}}
        units:
          m: {recipe: {feeds: {gas: 1, steam: 1}, products: {methanol: 1}}, capacity: 10, priority: 1}
          boiler: {recipe: {feeds: {gas: 1}, products: {steam: 1}}, capacity: 10, follow: true}
        buy: {gas: {limit: 10}}
        sell: {methanol: {}}
        vents: {steam: {}}
    """)
    found = flows(park)
    assert found["unit:m"] * 10 == pytest.approx(5.0, abs=EXACT)
    assert found["unit:boiler"] * 10 == pytest.approx(5.0, abs=EXACT)


FURNACE = """
    materials:
      cog: {{unit: kNm3, lhv_gj: 17.5}}
      tail: {{unit: GJ}}
      h2: {{unit: kNm3}}
      heat: {{unit: GJ}}
      methanol: {{}}
    units:
      furnace:
        recipe:
          feeds: {{fuel: {{rate: 1, alternatives: [tail, cog], burn: true}}}}
          products: {{heat: 1}}
        capacity: 787.5
        priority: 1
      user: {{recipe: {{feeds: {{h2: 1}}}}, capacity: 18.56, priority: 2}}
      psa: {{recipe: {{feeds: {{cog: 1}}, products: {{h2: 0.464, tail: 12.4888}}}}, capacity: 100}}
      methanol: {{recipe: {{feeds: {{cog: 1}}, products: {{methanol: 0.5}}}}, capacity: 100, priority: 3}}
    buy: {{cog: {{limit: {cog}}}}}
    sell: {{methanol: {{}}}}
    obligations: {{heat: {{rate: 787.5}}}}
"""


def test_underfiring_takes_tail_gas_before_coke_oven_gas():
    # f + x = 50 and 17.5 f + 12.4888 x = 787.5, x = PSA feed, f = COG burnt.
    found = flows(park_of(FURNACE.format(cog=50)))
    assert found["unit:psa"] * 100 == pytest.approx(109375 / 6264, abs=1e-8)
    assert found["feed:furnace.fuel.cog"] == pytest.approx(203825 / 6264, abs=1e-8)
    assert found["feed:furnace.fuel.tail"] == pytest.approx(218.0655332, abs=1e-6)
    assert found["unit:user"] * 18.56 == pytest.approx(8.1018519, abs=1e-6)
    assert found["unit:methanol"] == pytest.approx(0.0, abs=EXACT)


def test_more_gas_lets_the_lowest_user_run():
    found = flows(park_of(FURNACE.format(cog=60)))
    assert found["unit:psa"] * 100 == pytest.approx(40.0, abs=1e-8)
    assert found["feed:furnace.fuel.tail"] == pytest.approx(499.552, abs=1e-6)
    assert found["feed:furnace.fuel.cog"] == pytest.approx(16.4541714, abs=1e-6)
    assert found["unit:methanol"] * 100 == pytest.approx(3.5458286, abs=1e-6)


def test_minimum_load_is_decided_by_the_whole_list_not_by_holding_the_first_violator():
    # aux 9.5; A (rank 1): 0.5 aux, 1 by-product; T (rank 2, min 6): 1 aux, 1 by-product taken up …
    # The plain program gives A = 10, T = 4.5; holding T would leave A at 6; the optimum is A = 7, T = 6.
    park = park_of("""
        materials: {aux: {}, by: {}, good: {}}
        units:
          a: {recipe: {feeds: {aux: 0.5}, products: {by: 1}}, capacity: 10, priority: 1}
          t: {recipe: {feeds: {aux: 1, by: 1}, products: {good: 1}}, capacity: 10, min_load: 0.6, priority: 2}
          sink: {recipe: {feeds: {by: 1}}, capacity: 6, priority: 3}
        buy: {aux: {limit: 9.5}}
        sell: {good: {}}
    """)
    found = flows(park)
    assert found["unit:t"] * 10 == pytest.approx(6.0, abs=1e-8)
    assert found["unit:a"] * 10 == pytest.approx(7.0, abs=1e-8)
    assert found["unit:sink"] * 6 == pytest.approx(1.0, abs=1e-8)


def test_equal_rank_shares_the_same_fraction_of_the_request():
    # supply 10; A uses 1, B uses 2 per unit, nameplates 10: the same share s with 10 s + 20 s = 10.
    park = park_of("""
        materials: {x: {}, a: {}, b: {}}
        units:
          a: {recipe: {feeds: {x: 1}, products: {a: 1}}, capacity: 10, priority: 1}
          b: {recipe: {feeds: {x: 2}, products: {b: 1}}, capacity: 10, priority: 1}
        buy: {x: {limit: 10}}
        sell: {a: {}, b: {}}
    """)
    found = flows(park)
    assert found["unit:a"] * 10 == pytest.approx(10 / 3, abs=1e-8)
    assert found["unit:b"] * 10 == pytest.approx(10 / 3, abs=1e-8)


def test_a_blocked_member_leaves_its_share_to_the_others():
    park = park_of("""
        materials: {x: {}, p: {}, q: {}, r: {}}
        units:
          p: {recipe: {feeds: {x: 1}, products: {p: 1}}, capacity: 10, priority: 1}
          q: {recipe: {feeds: {x: 1}, products: {q: 1}}, capacity: 10, priority: 1}
          r: {recipe: {feeds: {x: 1}, products: {r: 1}}, capacity: 10, priority: 1}
        buy: {x: {limit: 18}}
        sell: {p: {limit: 2}, q: {}, r: {}}
    """)
    found = flows(park)
    assert [found[f"unit:{u}"] * 10 for u in "pqr"] == pytest.approx([2, 8, 8], abs=1e-8)


def test_weights_tilt_the_sharing():
    park = park_of("""
        materials: {x: {}, p: {}, q: {}}
        units:
          p: {recipe: {feeds: {x: 1}, products: {p: 1}}, capacity: 10, priority: 1, weight: 2}
          q: {recipe: {feeds: {x: 1}, products: {q: 1}}, capacity: 10, priority: 1}
        buy: {x: {limit: 9}}
        sell: {p: {}, q: {}}
    """)
    found = flows(park)
    assert [found[f"unit:{u}"] * 10 for u in "pq"] == pytest.approx([6, 3], abs=1e-8)


def test_splitter_with_priorities_and_turndowns():
    # 100 gas: the first takes 60, the second needs at least 50 of its 80 and would get 40: it stands
    # and the third, which is content with 20, takes what is left; the rest is flared.
    park = park_of("""
        materials: {gas: {unit: kNm3}, a: {}, b: {}, c: {}}
        units:
          first: {recipe: {feeds: {gas: 1}, products: {a: 1}}, capacity: 60, min_load: 0.5, priority: 1}
          second: {recipe: {feeds: {gas: 1}, products: {b: 1}}, capacity: 80, min_load: 0.625, priority: 2}
          third: {recipe: {feeds: {gas: 1}, products: {c: 1}}, capacity: 30, min_load: 0.3, priority: 3}
        buy: {gas: {limit: 100, priority: 99}}
        sell: {a: {}, b: {}, c: {}}
        vents: {gas: {kind: flare}}
        dispatch: []
    """)
    found = flows(park)
    assert found["unit:first"] == pytest.approx(1.0)
    assert found["unit:second"] == 0.0
    assert found["unit:third"] == pytest.approx(1.0)


def test_a_follower_serves_what_stands_above_it_and_nothing_below():
    text = """
        materials: {{coal: {{}}, steam: {{}}, power: {{unit: MWh}}, good: {{}}}}
        units:
          user: {{recipe: {{feeds: {{steam: 1}}, products: {{good: 1}}}}, capacity: 5, priority: 1}}
          turbine: {{recipe: {{feeds: {{steam: 1}}, products: {{power: 0.2}}}}, capacity: 20, priority: {turbine}}}
          boiler: {{recipe: {{feeds: {{coal: 1}}, products: {{steam: 1}}}}, capacity: 30, follow: true, priority: 2}}
        buy: {{coal: {{}}}}
        sell: {{power: {{}}, good: {{}}}}
    """
    below = flows(park_of(text.format(turbine=3)))
    assert below["unit:boiler"] * 30 == pytest.approx(5.0, abs=1e-8)
    assert below["unit:turbine"] == pytest.approx(0.0, abs=1e-8)
    above = flows(park_of(text.format(turbine=1)))
    assert above["unit:boiler"] * 30 == pytest.approx(25.0, abs=1e-8)


def test_the_dispatch_list_overrules_priorities():
    text = """
        materials: {x: {}, p: {}, q: {}}
        units:
          p: {recipe: {feeds: {x: 1}, products: {p: 1}}, capacity: 10, priority: 1}
          q: {recipe: {feeds: {x: 1}, products: {q: 1}}, capacity: 10, priority: 2}
        buy: {x: {limit: 10}}
        sell: {p: {}, q: {}}
        dispatch: [{maximise: q}]
    """
    found = flows(park_of(text))
    assert found["unit:q"] == pytest.approx(1.0)
    assert found["unit:p"] == pytest.approx(0.0, abs=EXACT)


def test_least_coke_oven_gas_before_the_boiler_that_would_eat_the_tail_gas():
    # Tail gas 50 GJ. The furnace needs 60 GJ; the boiler would burn all tail gas if it came first.
    text = """
        materials: {{cog: {{unit: kNm3, lhv_gj: 20}}, tail: {{unit: GJ}}, steam: {{}}, heat: {{unit: GJ}}}}
        units:
          furnace:
            recipe: {{feeds: {{fuel: {{rate: 1, alternatives: [tail, cog]}}}}, products: {{heat: 1}}}}
            capacity: 60
            priority: 1
          boiler: {{recipe: {{feeds: {{tail: 1}}, products: {{steam: 0.4}}}}, capacity: 50, priority: 2}}
        buy: {{tail: {{limit: 50}}, cog: {{}}}}
        sell: {{steam: {{}}, heat: {{}}}}
        dispatch: [{dispatch}]
    """
    plain = flows(park_of(text.format(dispatch="")))
    assert plain["feed:furnace.fuel.cog"] == pytest.approx(3.0, abs=1e-8)
    assert plain["unit:boiler"] == pytest.approx(1.0)
    saving = "{maximise: furnace}, {minimise: furnace.fuel.cog}"
    careful = flows(park_of(text.format(dispatch=saving)))
    assert careful["feed:furnace.fuel.cog"] == pytest.approx(0.5, abs=1e-8)
    assert careful["unit:boiler"] == pytest.approx(0.0, abs=1e-8)


def test_alternatives_of_equal_use_follow_the_declared_order():
    park = park_of("""
        materials: {own: {}, bought: {}, good: {}}
        units:
          m:
            recipe: {feeds: {feed: {rate: 1, alternatives: {own: 1, bought: 0.5}}}, products: {good: 1}}
            capacity: 10
        buy: {own: {limit: 4}, bought: {}}
        sell: {good: {}}
    """)
    found = flows(park)
    assert found["feed:m.feed.own"] == pytest.approx(4.0, abs=1e-8)
    assert found["feed:m.feed.bought"] == pytest.approx(12.0, abs=1e-8)


def test_an_unmet_obligation_is_a_shortfall_not_an_error():
    park = park_of("""
        materials: {gas: {unit: kNm3}}
        buy: {gas: {limit: 6}}
        obligations: {town: {material: gas, rate: 10}}
    """)
    result = run_steady(park)
    row = result.obligations.iloc[0]
    assert row["requested"] == pytest.approx(1000.0)
    assert row["shortfall"] == pytest.approx(400.0)
    assert row["short_h"] == pytest.approx(100.0)


@pytest.mark.parametrize(("first", "second", "draw"), [("a", "b", 0.0), ("b", "a", 3.0)])
def test_a_buffer_that_serves_one_consumer_helps_no_other(first, second, draw):
    # 5 come in, each would take 4, the tank serves a alone. If a comes first it needs no help and b
    # has 1; if b comes first it takes 4 and the tank makes up the 3 that a lacks.
    park = park_of(f"""
        materials: {{x: {{}}, p: {{}}, q: {{}}}}
        units:
          {first}: {{recipe: {{feeds: {{x: 1}}, products: {{p: 1}}}}, capacity: 4, priority: 1}}
          {second}: {{recipe: {{feeds: {{x: 1}}, products: {{q: 1}}}}, capacity: 4, priority: 2}}
        buffers: {{x: {{capacity: 10, initial: 5, serves: [a]}}}}
        buy: {{x: {{limit: 5}}}}
        sell: {{p: {{}}, q: {{}}}}
    """)
    found = flows(park)
    assert found["draw:x"] == pytest.approx(draw, abs=1e-8)
    assert found["unit:a"] == pytest.approx(1.0)
    assert found["unit:b"] * 4 == pytest.approx(1.0 if first == "a" else 4.0, abs=1e-8)


def test_a_goal_without_bound_is_named():
    park = park_of("""
        materials: {x: {}, y: {}}
        buy: {x: {}, y: {}}
        sell: {x: {priority: 1}, y: {priority: 1}}
    """)
    with pytest.raises(InfeasibleError) as caught:
        flows(park)
    assert caught.value.problems[0].found == "sell:x, sell:y"
