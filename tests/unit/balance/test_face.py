"""A solve from a warm basis that HiGHS gives up is repeated from scratch."""

from __future__ import annotations

import numpy as np

from chainsim.balance.lexicographic import Lexicographic
from chainsim.balance.program import compile_park
from tests.parks import park_of


def test_a_park_that_a_warm_start_leaves_unsolved():
    # Found by the property test: HiGHS 1.15 ends with status Unknown from the basis before.
    park = park_of("""
        materials: {a: {}, b: {}, c: {}, d: {}, e: {}}
        units:
          u0: {recipe: {feeds: {d: 1.25, b: 2}, products: {a: 2, e: 0.4}}, capacity: 5, priority: 1, min_load: 0.3}
          u1: {recipe: {feeds: {e: 0.8}, products: {c: 0.8, b: 1}}, capacity: 20, priority: 3, min_load: 0.3}
          u2: {recipe: {feeds: {d: 1.25}, products: {e: 0.4, b: 0.5}}, capacity: 5, priority: 2, min_load: 0.3}
          u3: {recipe: {feeds: {b: 0.25}}, capacity: 10, priority: 1}
          u4: {recipe: {feeds: {c: 1.25}, products: {d: 2, a: 0.5}}, capacity: 20, priority: 2}
          u5: {recipe: {feeds: {c: 2, d: 1.25}, products: {a: 3}}, capacity: 10, priority: 1}
          u6: {recipe: {feeds: {c: 0.4, a: 0.4}, products: {e: 0.25}}, capacity: 5, priority: 3}
        buy: {a: {limit: 30}, c: {limit: 30}, e: {limit: 0}}
        sell: {b: {limit: 9}, a: {limit: 4}, c: {limit: 9}}
    """)
    program = compile_park(park)
    floors = np.zeros(program.n)
    for unit in park.units.values():
        floors[program.column[f"unit:{unit.id}"]] = unit.min_load
    found = Lexicographic(program).allocate(program.upper, floors)
    assert found.exact
    assert program.residual(found.values) <= 1e-9
    assert np.all((found.values == 0.0) | (found.values >= floors - 1e-8))
