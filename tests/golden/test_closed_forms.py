"""The event engine against closed forms, with derivations; all by replications and their error."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from chainsim.balance.plant import Plant
from chainsim.des.engine import run_des
from chainsim.results import Simulation
from tests.parks import park_of

FAILURE, REPAIR = 0.01, 0.1
CONFIDENCE = 3.3
"""Standard errors allowed: a right engine fails one such test in a thousand."""

MODE = (
    "{{uptime: {{kind: exponential, mean: 100}}, repair: {{kind: exponential, mean: 10}}, "
    "clock: {clock}}}"
)
LINE = """
    materials: {{raw: {{}}, part: {{}}, good: {{}}}}
    units:
      m1: {{recipe: {{feeds: {{raw: 1}}, products: {{part: 1}}}}, capacity: 1, failures: [{mode}]}}
      m2: {{recipe: {{feeds: {{part: 1}}, products: {{good: 1}}}}, capacity: 1, failures: [{mode}]}}
    buffers: {{part: {{capacity: {size}}}}}
    buy: {{raw: {{}}}}
    sell: {{good: {{}}}}
"""


def sold(found: Simulation) -> float:
    flows = found.flows
    return -float(flows[flows.kind == "sell"].quantity.sum()) / found.hours


def estimate(values: Sequence[float]) -> tuple[float, float]:
    """Mean and standard error."""
    return float(np.mean(values)), float(np.std(values, ddof=1)) / math.sqrt(len(values))


def calendar_line(size: float) -> float:
    """Output of two equal machines whose clocks never stand.

    Between the ends the density of the level is the same everywhere, f for each of the states
    (up, down) and (down, up), since these two flows balance; that of (up, up) is f m / l and of (down,
    down) f l / m. At the empty end the level waits in (down, up) and (down, down); balancing both gives
    the share of time starved, a = 2 / (K ((l + m) N + 2)), K = (l + m)^2 / (l m).
    """
    rate = FAILURE + REPAIR
    starved = 2.0 / (rate**2 / (FAILURE * REPAIR) * (rate * size + 2.0))
    return REPAIR / rate - starved


def operating_line(size: float) -> float:
    """Output of two equal machines that fail only while they work.

    Inside, as for calendar clocks: f, f, f m / l, f l / m. At the full end (up, down) is entered with
    flow f and cannot fail: f + l P11 = m P10, and m P10 = 2 l P11, hence P11 = f / l, P10 = 2 f / m;
    the empty end is its mirror. The total, N f (l + m)^2 / (l m) + 2 f / l + 4 f / m = 1, gives f, and
    the second machine works in (up, up) and (down, up): f (N (l + m) + 2) / l.
    """
    rate = FAILURE + REPAIR
    return REPAIR * (size * rate + 2.0) / (size * rate**2 + 2.0 * REPAIR + 4.0 * FAILURE)


@pytest.mark.parametrize(
    ("clock", "size"),
    [("calendar", 10.0), ("operating", 0.0), ("operating", 10.0), ("operating", 40.0)],
)
def test_two_machines_and_a_buffer(clock: str, size: float):
    park = park_of(LINE.format(mode=MODE.format(clock=clock), size=size), hours=40000.0)
    plant = Plant(park)
    mean, error = estimate([sold(run_des(park, replication=r, plant=plant)) for r in range(80)])
    exact = {"calendar": calendar_line, "operating": operating_line}[clock](size)
    other = {"operating": calendar_line, "calendar": operating_line}[clock](size)
    assert abs(mean - exact) < CONFIDENCE * error
    if size < 40.0:  # there the error tells the clocks apart
        assert abs(exact - other) > 2.5 * error


def test_availability_over_a_short_horizon_from_a_start_in_the_up_state():
    """A(t) = m/(l+m) + l/(l+m) exp(-(l+m) t), averaged over the horizon H.

    Mean: m/(l+m) + l / ((l+m)^2 H) (1 - exp(-(l+m) H)); for H = 20 h 0.9458, not the long-run 0.9091.
    """
    hours, rate = 20.0, FAILURE + REPAIR
    exact = REPAIR / rate + FAILURE / (rate**2 * hours) * (1.0 - math.exp(-rate * hours))
    park = park_of(LINE.format(mode=MODE.format(clock="calendar"), size=0.0), hours=hours)
    plant = Plant(park)
    shares = []
    for replication in range(2500):
        units = run_des(park, replication=replication, plant=plant).units
        shares += (units.available_h / hours).tolist()
    mean, error = estimate(shares)
    assert abs(mean - exact) < CONFIDENCE * error
    assert abs(exact - REPAIR / rate) > 5 * error


def test_a_header_fed_by_several_trains_of_which_some_are_down():
    """Of n trains k are up with probability C(n, k) a^k (1-a)^(n-k), a = m / (l + m).

    A consumer of half the capacity loses output only when fewer than two of four trains are up:
    its mean output is E[min(k, 2)].
    """
    mode = MODE.format(clock="calendar")
    park = park_of(
        f"""
        materials: {{raw: {{}}, x: {{}}, y: {{}}}}
        units:
          source:
            recipe: {{feeds: {{raw: 1}}, products: {{x: 1}}}}
            capacity: 4
            trains: 4
            failures: [{mode}]
          user: {{recipe: {{feeds: {{x: 1}}, products: {{y: 1}}}}, capacity: 2}}
        buy: {{raw: {{}}}}
        sell: {{y: {{}}}}
        """,
        hours=20000.0,
    )
    plant = Plant(park)
    mean, error = estimate([sold(run_des(park, replication=r, plant=plant)) for r in range(60)])
    a = REPAIR / (FAILURE + REPAIR)
    chance = [math.comb(4, k) * a**k * (1 - a) ** (4 - k) for k in range(5)]
    exact = sum(p * min(k, 2) for k, p in enumerate(chance))
    assert abs(mean - exact) < CONFIDENCE * error
    assert abs(exact - 2.0 * a) > 20 * error  # not: availability times demand


def test_overhauls_with_a_frozen_failure_clock():
    """Constant times, one cycle by hand.

    Up 30, repair 5, overhaul of 10 every 100 from hour 20. The clock has run 20 at the first
    overhaul, so the failure comes at 40; then at 75 and, 30 running hours after 80 less the overhaul
    from 120 to 130, at 110, 155 (115 + 5 until 120, 25 from 130 on), 190.
    """
    park = park_of(
        """
        materials: {x: {}, y: {}}
        units:
          m:
            recipe: {feeds: {x: 1}, products: {y: 1}}
            capacity: 1
            failures: [{uptime: {kind: constant, value: 30}, repair: {kind: constant, value: 5}}]
            overhaul: {interval: 100, duration: 10, first: 20}
        buy: {x: {}}
        sell: {y: {}}
        """,
        hours=200.0,
    )
    found = run_des(park)
    failures = found.events[found.events.event == "failure:failure"].time_h.tolist()
    assert failures == pytest.approx([40.0, 75.0, 110.0, 155.0, 190.0])
    assert sold(found) * 200.0 == pytest.approx(200.0 - 2 * 10.0 - 5 * 5.0)


def test_availability_with_overhauls():
    """A machine in overhaul for d of every T hours: failures stand still then, repairs go on.

    Between overhauls, w = T - d, the chance of being down relaxes to 1 - A, A = m / (l + m), with the
    rate r = l + m; during one it decays with m. Being periodic, it is q = (1 - A)(1 - e^-rw) e^-md /
    (1 - e^-rw e^-md) when one ends, and the share of time up is (w A + (1 - A - q)(1 - e^-rw) / r) / T.
    """
    fails, mends, period, stop = 0.05, 0.1, 50.0, 10.0
    park = park_of(
        f"""
        materials: {{x: {{}}, y: {{}}}}
        units:
          m:
            recipe: {{feeds: {{x: 1}}, products: {{y: 1}}}}
            capacity: 1
            failures:
              - uptime: {{kind: exponential, mean: {1 / fails}}}
                repair: {{kind: exponential, mean: {1 / mends}}}
            overhaul: {{interval: {period}, duration: {stop}, first: {period - stop}}}
        buy: {{x: {{}}}}
        sell: {{y: {{}}}}
        """,
        hours=20000.0,
    )
    plant = Plant(park)
    mean, error = estimate([sold(run_des(park, replication=r, plant=plant)) for r in range(25)])
    r, a, w = fails + mends, mends / (fails + mends), period - stop
    faded = 1.0 - math.exp(-r * w)
    q = (1 - a) * faded * math.exp(-mends * stop) / (1 - math.exp(-r * w - mends * stop))
    exact = (w * a + (1 - a - q) * faded / r) / period
    print(f"overhauls: {mean:.5f} +- {error:.5f}, exact {exact:.5f}")
    assert error < 0.0025
    assert abs(mean - exact) < CONFIDENCE * error
    assert abs(exact - w / period * a) > 10 * error  # not: repairs stand still as well
