"""The compiled program: scaling, alternatives, serving rows, links."""

from __future__ import annotations

import numpy as np
import pytest

from chainsim.balance.kernel import Kernel
from chainsim.balance.program import Program, compile_park
from tests.parks import park_of


def entries(program: Program, key: str) -> dict[str, float]:
    return {program.row_names[row]: value for row, value in program.entries(program.column[key])}


PARK = """
    materials: {x: {}, y: {}, heat: {unit: GJ}, gas: {unit: kNm3, lhv_gj: 20}}
    units:
      m:
        recipe: {feeds: {x: 2, fuel: {rate: 4, alternatives: [heat, gas]}}, products: {y: 1}}
        capacity: 50
      n: {recipe: {feeds: {y: 1}}, capacity: 10}
    buy: {x: {limit: 30}, heat: {}, gas: {limit: 5}}
    sell: {y: {}}
    buffers: {y: {capacity: 10, initial: 5, serves: [n], draw_rate: 25}}
"""


def test_headers_are_scaled_by_their_largest_nameplate():
    program = compile_park(park_of(PARK))
    assert entries(program, "unit:m") == {
        "header:x@site": -1.0,
        "header:y@site": 1.0,
        "port:m.fuel": -1.0,
    }
    assert entries(program, "unit:n") == {"header:y@site": -0.2, "serves:y": -0.2}
    assert program.upper[program.column["buy:x"]] == pytest.approx(0.3)
    assert program.scale[program.column["buy:x"]] == 100.0
    assert program.scale[program.column["draw:y"]] == 50.0
    assert program.upper[program.column["draw:y"]] == 0.5


def test_alternatives_share_one_need():
    program = compile_park(park_of(PARK))
    assert entries(program, "feed:m.fuel.heat") == {"port:m.fuel": 1.0, "header:heat@site": -1.0}
    assert entries(program, "feed:m.fuel.gas") == {"port:m.fuel": 1.0, "header:gas@site": -1.0}
    # 50 x 4 GJ/h, or 10 kNm3/h of 20 GJ
    assert program.scale[program.column["feed:m.fuel.heat"]] == 200.0
    assert program.scale[program.column["feed:m.fuel.gas"]] == pytest.approx(10.0)


def test_a_buffer_is_drawn_only_for_those_it_serves():
    text = PARK.replace("buy: {x: {limit: 30}", "buy: {x: {limit: 0}")
    program = compile_park(park_of(text))
    values = Kernel(program).allocate(program.upper, np.zeros(program.n)).values
    flow = dict(zip(program.keys, values * program.scale, strict=True))
    assert flow["draw:y"] == pytest.approx(10.0)
    assert flow["sell:y"] == pytest.approx(0.0, abs=1e-9)


def test_links_carry_between_headers_of_different_size_and_use_power():
    program = compile_park(
        park_of("""
            sites: {a: {name_zh: a, name_en: a}, b: {name_zh: b, name_en: b}}
            materials: {x: {}, electricity: {unit: MWh}}
            units:
              big: {recipe: {products: {x: 1}}, capacity: 100, site: a}
              small: {recipe: {feeds: {x: 1}}, capacity: 10, site: b}
            buy: {electricity: {site: a, limit: 2}}
            links: {pipe: {material: x, from: a, to: b, mode: pipe, km: 1, electricity: 0.1}}
        """)
    )
    assert entries(program, "link:pipe") == {
        "header:x@a": -1.0,
        "header:x@b": 10.0,
        "header:electricity@a": -5.0,
    }
    values = Kernel(program).allocate(program.upper, np.zeros(program.n)).values
    assert values[program.column["link:pipe"]] * 100 == pytest.approx(10.0)
    assert values[program.column["buy:electricity"]] * 2 == pytest.approx(1.0)
    assert program.residual(values) < 1e-12


def test_the_residual_is_the_largest_violation():
    program = compile_park(park_of(PARK))
    assert program.residual(np.zeros(program.n)) == 0.0
    off = np.zeros(program.n)
    off[program.column["buy:x"]] = 0.25
    assert program.residual(off) == 0.25
