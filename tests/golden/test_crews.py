"""Availability of trains, spares and crews against birth-death chains.

With exponential times the number of trains up is a birth-death chain: from i up, failures come at
the rate (trains in use) x l, repairs end at the rate (repairs under way) x m. Its weights follow by
detailed balance between neighbours: w(i-1) x repairs(n-i+1) x m = w(i) x used(i) x l. Nothing else is
needed; what the unit may run is a function of i. Errors are standard errors over replications; the
wrong answers that a mistake would give (no crew limit, ageing spares) lie many of them away.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from chainsim.balance.plant import Plant
from chainsim.des.engine import run_des
from tests.parks import park_of

UP, DOWN = 20.0, 10.0
HOURS = 20000.0
REPLICATIONS = 20


def carried(
    n: int, k: int, *, crew: int | None = None, cold: bool = False, stop: bool = False
) -> float:
    """Long-run share of nameplate of n trains of which k are needed."""
    crew = n if crew is None else crew
    weights = [1.0]  # all n up
    for up in range(n, 0, -1):
        used = min(up, k) if cold else up
        mending = min(n - up + 1, crew)
        weights.append(weights[-1] * (used / UP) / (mending / DOWN))
    shares = [float(up >= k) if stop else min(up, k) / k for up in range(n, -1, -1)]
    return sum(w * s for w, s in zip(weights, shares, strict=True)) / sum(weights)


def simulated(unit: str) -> tuple[float, float]:
    """Mean share that is available, and its standard error."""
    park = park_of(
        f"""
        materials: {{x: {{}}, y: {{}}}}
        crews: {{one: {{size: 1}}, two: {{size: 2}}}}
        units:
          m:
            recipe: {{feeds: {{x: 1}}, products: {{y: 1}}}}
            capacity: 1
            {unit}
            failures:
              - uptime: {{kind: exponential, mean: {UP}}}
                repair: {{kind: exponential, mean: {DOWN}}}
        buy: {{x: {{}}}}
        sell: {{y: {{}}}}
        """,
        hours=HOURS,
    )
    plant = Plant(park)
    shares = [
        run_des(park, seed=21, replication=r, plant=plant).units.full_load_h.sum() / HOURS
        for r in range(REPLICATIONS)
    ]
    return float(np.mean(shares)), float(np.std(shares, ddof=1) / math.sqrt(len(shares)))


CASES = {
    "two of three, hot": ("trains: 3, needed: 2", {"n": 3, "k": 2}),
    "two of three, cold": ("trains: 3, needed: 2, spares: cold", {"n": 3, "k": 2, "cold": True}),
    "two of three or nothing": (
        "trains: 3, needed: 2, if_short: stop",
        {"n": 3, "k": 2, "stop": True},
    ),
    "four with one crew": ("trains: 4, crew: one", {"n": 4, "k": 4, "crew": 1}),
    "four with two crews": ("trains: 4, crew: two", {"n": 4, "k": 4, "crew": 2}),
    "one and a cold spare, one crew": (
        "trains: 2, needed: 1, spares: cold, crew: one",
        {"n": 2, "k": 1, "cold": True, "crew": 1},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_trains_and_crews_agree_with_the_birth_death_chain(case: str):
    text, how = CASES[case]
    mean, error = simulated(text.replace(", ", "\n            "))
    exact = carried(**how)  # type: ignore[arg-type]
    print(f"{case}: {mean:.5f} +- {error:.5f}, exact {exact:.5f}")
    assert error < 0.004
    assert abs(mean - exact) < 3.5 * error


def test_the_wrong_answers_lie_far_away():
    right = carried(4, 4, crew=1)
    assert abs(carried(4, 4) - right) > 0.1
    assert abs(carried(4, 4, crew=2) - right) > 0.1
    assert abs(carried(3, 2, cold=True) - carried(3, 2)) > 0.018
    assert abs(carried(3, 2, stop=True) - carried(3, 2)) > 0.05
