"""Loops that feed themselves are found and named; legitimate recycles and sources are not."""

from __future__ import annotations

import pytest

from chainsim.balance.diagnosis import find_gain
from chainsim.balance.program import compile_park
from chainsim.balance.steady import run_steady
from chainsim.des.engine import run_des
from chainsim.errors import StructureError
from tests.parks import park_of

LOOP = """
    materials: {{gas: {{unit: kNm3}}, steam: {{}}, good: {{}}}}
    units:
      reformer: {{recipe: {{feeds: {{steam: 1}}, products: {{gas: {gain}}}}}, capacity: 10}}
      boiler: {{recipe: {{feeds: {{gas: 1}}, products: {{steam: 1}}}}, capacity: 10}}
      user: {{recipe: {{feeds: {{gas: 1}}, products: {{good: 1}}}}, capacity: 5}}
      other: {{recipe: {{feeds: {{gas: 2}}, products: {{good: 1}}}}, capacity: 5}}
    buy: {{gas: {{limit: 3}}}}
    sell: {{good: {{}}}}
"""


@pytest.mark.parametrize("gain", [1, 1.001, 1.2, 3])
def test_a_loop_with_gain_is_found_with_the_fewest_units(gain):
    found = find_gain(compile_park(park_of(LOOP.format(gain=gain))))
    assert {"boiler", "reformer"} <= set(found)
    assert len(found) == (2 if gain == 1 else 3)  # what is gained must go somewhere


@pytest.mark.parametrize("gain", [0.5, 0.999])
def test_a_loop_that_loses_is_no_gain(gain):
    assert find_gain(compile_park(park_of(LOOP.format(gain=gain)))) == ()


@pytest.mark.parametrize("engine", [run_steady, run_des])
def test_both_engines_refuse_to_run_it(engine):
    with pytest.raises(StructureError) as caught:
        engine(park_of(LOOP.format(gain=1.5)))
    problem = caught.value.problems[0]
    assert (problem.code, problem.path) == ("CS-S019", "units.boiler")
    assert problem.found in ("boiler + reformer + user", "boiler + other + reformer")
    assert problem.message().endswith("runs without any source: it feeds on itself")


def test_pure_sources_and_full_stores_are_no_loops():
    park = park_of("""
        materials: {gas: {unit: kNm3}, good: {}}
        units:
          supply: {recipe: {products: {gas: 1}}, capacity: 10}
          user: {recipe: {feeds: {gas: 1}, products: {good: 1}}, capacity: 5}
        buffers: {gas: {capacity: 10, initial_share: 1}}
        sell: {good: {}}
    """)
    assert find_gain(compile_park(park)) == ()


def test_a_gain_through_alternative_feeds_is_found():
    park = park_of("""
        materials: {tail: {unit: GJ}, cog: {unit: kNm3, lhv_gj: 17}, heat: {unit: GJ}}
        units:
          furnace:
            recipe: {feeds: {fuel: {rate: 1, alternatives: [tail, cog]}}, products: {heat: 0.9, tail: 1.1}}
            capacity: 10
        buy: {cog: {limit: 1}}
        sell: {heat: {}}
        vents: {tail: {}}
    """)
    assert find_gain(compile_park(park)) == ("furnace",)


def test_a_consumer_without_product_counts_as_output():
    park = park_of("""
        materials: {x: {}, y: {}}
        units:
          a: {recipe: {feeds: {x: 1}, products: {y: 2}}, capacity: 1}
          b: {recipe: {feeds: {y: 1}, products: {x: 1}}, capacity: 1}
          sink: {recipe: {feeds: {y: 1}}, capacity: 1}
    """)
    assert find_gain(compile_park(park)) == ("a", "b", "sink")
