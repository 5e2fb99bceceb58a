"""Loading bays against the closed forms of queueing theory.

Vehicles come as a Poisson process of rate l, c bays serve in order of arrival; stock is never short.
Waiting time is that for a bay.

M/M/1: W = r / (m - l), r = l/m. M/D/1: half of it (Pollaczek-Khinchine, no variance of service).
M/M/c: Erlang C. M/D/c: with service times of exactly D, whoever is in service at t has left at t + D
and whoever comes meanwhile is still there, so the number in the system at t + D is the number beyond c
at t plus a Poisson number of mean l D (Crommelin). Stationarity makes that a linear system for the
distribution of the number there; W = L / l by Little.
M/G/c/c: with no place to wait, the share turned away is Erlang B whatever the service times.
A fleet of n vehicles that go round, one bay (machine repair model): while k of them are at the bay the
n - k others come back at rate (n - k)/T each, whatever the distribution of T; so the number at the bay
is k with weight n!/(n - k)! (1/(m T))^k, throughput m (1 - p0), and the time at the bay follows by Little.
Two routes at one bay, the first with priority, nobody interrupted: W1 = R / (1 - r1), W2 = R / ((1 - r1)
(1 - r1 - r2)) with R = l E[S^2] / 2 (Cobham 1954); without priority both wait as one stream does.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from chainsim.balance.hauls import HEAD, WAITING
from chainsim.balance.plant import Plant
from chainsim.des.engine import Run, run_des
from chainsim.errors import StructureError
from chainsim.park.model import Park
from tests.parks import park_of

REPLICATIONS = 20


def erlang_b(c: int, offered: float) -> float:
    """Share turned away at c servers without places to wait."""
    blocked = 1.0
    for servers in range(1, c + 1):
        blocked = offered * blocked / (servers + offered * blocked)
    return blocked


def wait_mmc(c: int, rate: float, service: float) -> float:
    """Erlang C; with c = 1 it is r / (m - l)."""
    offered = rate * service
    blocked = erlang_b(c, offered)
    delayed = blocked / (1.0 - offered / c * (1.0 - blocked))
    return delayed * service / (c - offered)


def wait_mdc(c: int, rate: float, service: float, size: int = 400) -> float:
    """Crommelin's equations, cut off far beyond where there is any weight."""
    offered = rate * service
    poisson = np.exp([j * math.log(offered) - offered - math.lgamma(j + 1) for j in range(size)])
    step = np.zeros((size, size))  # from the number now to the number one service time later
    for now in range(size):
        beyond = max(now - c, 0)
        step[now, beyond:] = poisson[: size - beyond]
    system = np.vstack([(step.T - np.eye(size))[:-1], np.ones(size)])
    there = np.linalg.solve(system, np.append(np.zeros(size - 1), 1.0))
    waiting = sum((j - c) * p for j, p in enumerate(there) if j > c)
    return float(waiting / rate)


def bays(rate: float, service: str, count: int, *, more: str = "", hours: float) -> Park:
    return park_of(
        f"""
        sites: {{a: {{name_zh: a, name_en: a}}, b: {{name_zh: b, name_en: b}}}}
        materials: {{x: {{}}}}
        buffers:
          here: {{material: x, site: a, capacity: 100000, initial_share: 1}}
          there: {{material: x, site: b, capacity: 100000}}
        links:
          road:
            material: x
            from: a
            to: b
            mode: truck
            km: 1
            shipment:
              batch: 1
              bays: {count}
              every: {{kind: exponential, mean: {1.0 / rate}}}
              loading: {{{service}}}
              {more}
        """,
        hours=hours,
    )


EXPONENTIAL, CONSTANT = "kind: exponential, mean: 1", "kind: constant, value: 1"
CASES = {
    "M/M/1": (0.6, EXPONENTIAL, 1, wait_mmc),
    "M/D/1": (0.6, CONSTANT, 1, wait_mdc),
    "M/M/3": (2.4, EXPONENTIAL, 3, wait_mmc),
    "M/D/3": (2.4, CONSTANT, 3, wait_mdc),
}


@pytest.mark.parametrize("case", CASES)
def test_waiting_times_agree_with_the_closed_form(case: str):
    rate, service, count, exact_of = CASES[case]
    exact = exact_of(count, rate, 1.0)
    park = bays(rate, service, count, hours=16000.0)
    plant = Plant(park)
    waits = []
    for r in range(REPLICATIONS):
        trips = run_des(park, seed=9, replication=r, plant=plant).shipments
        waits.append(trips.waited_h.sum() / trips.trips.sum())
    mean, error = float(np.mean(waits)), float(np.std(waits, ddof=1) / math.sqrt(len(waits)))
    print(f"{case}: {mean:.4f} +- {error:.4f}, exact {exact:.4f}")
    assert error < 0.025 * exact
    assert abs(mean - exact) < 3.5 * error


def test_the_closed_forms_are_themselves_right():
    assert wait_mmc(1, 0.6, 1.0) == pytest.approx(0.6 / 0.4)
    assert wait_mdc(1, 0.6, 1.0) == pytest.approx(0.6 / 0.4 / 2)
    assert wait_mmc(3, 2.4, 1.0) == pytest.approx(1.0787, abs=1e-4)
    assert 0.5 < wait_mdc(3, 2.4, 1.0) / wait_mmc(3, 2.4, 1.0) < 0.56


@pytest.mark.parametrize(
    "service", [EXPONENTIAL, CONSTANT, "kind: lognormal, median: 0.6065306597, sigma: 1"]
)
def test_the_share_turned_away_is_erlang_b_whatever_the_service_times(service: str):
    # All three have mean 1; two bays, no place to wait, 1.5 vehicles an hour: B = 0.3103.
    park = bays(1.5, service, 2, more="waiting_room: 0", hours=8000.0)
    plant = Plant(park)
    shares = []
    for r in range(REPLICATIONS):
        trips = run_des(park, seed=9, replication=r, plant=plant).shipments
        away = trips.turned_away.sum()
        shares.append(away / (away + trips.trips.sum()))
    mean, error = float(np.mean(shares)), float(np.std(shares, ddof=1) / math.sqrt(len(shares)))
    exact = erlang_b(2, 1.5)
    print(f"{service}: {mean:.5f} +- {error:.5f}, exact {exact:.5f}")
    assert error < 0.0015
    assert abs(mean - exact) < 3.5 * error


def test_little_s_law_holds_on_the_path():
    # The integral of the number waiting is the sum of all waits, unfinished ones included; and what
    # is on the way is one batch for every hour that a vehicle takes.
    park = bays(0.95, EXPONENTIAL, 1, more="transit: 2", hours=3000.0)
    run = Run(Plant(park), seed=3)
    run.to(3000.0)
    trips = run.simulation().shipments
    hours = np.array([b - a for _, a, b in park.horizon.periods()])
    haul = run.state.haul
    first, count = int(haul.mark[HEAD, 0]), int(haul.mark[WAITING, 0])
    places = haul.asked.shape[1]
    unfinished = sum(3000.0 - haul.asked[0, (first + i) % places] for i in range(count))
    waited = trips.waited_h.sum() + unfinished
    assert (trips.queue_mean * hours).sum() == pytest.approx(waited, rel=1e-9)
    assert waited > 1000.0


def test_what_is_on_the_way_is_rate_times_time():
    park = bays(0.5, CONSTANT, 50, more="transit: 2", hours=4000.0)
    trips = run_des(park, log=True)
    changes = trips.changes
    assert changes is not None
    began = changes[changes.kind == "loaded"].time_h.to_numpy()
    hours = np.array([b - a for _, a, b in park.horizon.periods()])
    on_the_way = (trips.shipments.on_the_way_mean * hours).sum()
    assert on_the_way == pytest.approx(np.minimum(3.0, 4000.0 - began).sum(), rel=1e-9)


def fleet(vehicles: int, more: str, *, hours: float) -> Park:
    """One bay; a stock that never ends; vehicles drive out and back."""
    return park_of(
        f"""
        sites: {{a: {{}}, b: {{}}}}
        materials: {{x: {{}}}}
        buffers:
          here: {{material: x, site: a, capacity: 100000, initial_share: 1}}
          there: {{material: x, site: b, capacity: 100000}}
        links:
          road:
            {{material: x, from: a, to: b, mode: truck, km: 1,
             shipment: {{batch: 1, bays: 1, fleet: {vehicles}, {more}}}}}
        """,
        hours=hours,
    )


def test_only_vehicles_that_are_home_wait_for_the_bay():
    # Three vehicles start together, 1 h of loading each and 9 h away: the second waits 1 h, the
    # third 2 h, and from then on they come home one after another.
    trips = run_des(fleet(3, "loading: 1, transit: 4.5", hours=101.0)).shipments
    assert trips.trips.sum() == 31
    assert trips.waited_h.sum() == pytest.approx(3.0, abs=1e-9)
    assert (trips.queue_mean * 101.0).sum() == pytest.approx(3.0, abs=1e-9)


def test_a_fleet_and_a_bay_are_the_machine_repair_model():
    vehicles, service, away = 5, 1.0, 6.0
    weights = [math.perm(vehicles, k) * (service / away) ** k for k in range(vehicles + 1)]
    through = (1.0 - weights[0] / sum(weights)) / service
    there = sum(k * w for k, w in enumerate(weights)) / sum(weights)
    wait = there / through - service
    park = fleet(vehicles, f"loading: {{{EXPONENTIAL}}}, transit: {away / 2}", hours=8000.0)
    plant = Plant(park)
    rates, waits = [], []
    for r in range(REPLICATIONS):
        trips = run_des(park, seed=9, replication=r, plant=plant).shipments
        rates.append(trips.trips.sum() / 8000.0)
        waits.append(trips.waited_h.sum() / trips.trips.sum())
    for found, exact in ((rates, through), (waits, wait)):
        mean, error = float(np.mean(found)), float(np.std(found, ddof=1) / math.sqrt(len(found)))
        print(f"fleet of {vehicles}: {mean:.5f} +- {error:.5f}, exact {exact:.5f}")
        assert error < 0.02 * exact
        assert abs(mean - exact) < 3.5 * error


def shared(first: str, second: str, *, hours: float, places: int = 1) -> Park:
    """Two routes that load at the same bays."""
    return park_of(
        f"""
        sites: {{a: {{}}, b: {{}}}}
        materials: {{x: {{}}}}
        bays: {{rack: {{size: {places}}}}}
        buy: {{x: {{site: a}}}}
        sell: {{x: {{site: b}}}}
        links:
          near: {{material: x, from: a, to: b, mode: truck, km: 1, {first}}}
          far: {{material: x, from: a, to: b, mode: truck, km: 9, {second}}}
        """,
        hours=hours,
    )


def comes(rate: float, service: str) -> str:
    every = f"every: {{kind: exponential, mean: {1.0 / rate}}}"
    return f"shipment: {{batch: 1, bays: rack, loading: {{{service}}}, {every}}}"


@pytest.mark.parametrize(
    ("service", "square", "ranks", "first"),
    [
        (EXPONENTIAL, 2.0, (1, 2), "near"),
        (EXPONENTIAL, 2.0, (2, 1), "far"),
        (CONSTANT, 1.0, (1, 2), "near"),
        (EXPONENTIAL, 2.0, (5, 5), ""),
    ],
)
def test_bays_shared_by_priority(service, square, ranks, first):
    rates = {"near": 0.3, "far": 0.4}
    busy = sum(rates.values())
    residual = busy * square / 2.0
    ahead = rates.get(first, 0.0)
    routes = [
        f"priority: {n}, {comes(rate, service)}"
        for n, rate in zip(ranks, rates.values(), strict=True)
    ]
    park = shared(*routes, hours=16000.0)
    plant = Plant(park)
    runs = [run_des(park, seed=9, replication=r, plant=plant) for r in range(REPLICATIONS)]
    for link in rates:
        waits = []
        for found in runs:
            own = found.shipments[found.shipments.component == link]
            waits.append(own.waited_h.sum() / own.trips.sum())
        exact = residual / (1.0 - ahead) / (1.0 if link == first else 1.0 - busy)
        mean, error = float(np.mean(waits)), float(np.std(waits, ddof=1) / math.sqrt(len(waits)))
        print(f"{link}, {ranks}: {mean:.4f} +- {error:.4f}, exact {exact:.4f}")
        assert error < 0.025 * exact
        assert abs(mean - exact) < 3.5 * error


def test_a_shared_bay_by_hand():
    # near comes at 1, 2, 3 ..., far at 1.5, 4.5 ...; 2 h of loading. near first: far never loads
    # while near waits. Bay: near of 1 (1-3), of 2 (3-5), of 3 (5-7) ... always near.
    always = "shipment: {batch: 1, bays: rack, loading: 2, every: 1}"
    rarely = "shipment: {batch: 1, bays: rack, loading: 2, every: 3, first: 1.5}"
    trips = run_des(
        shared(f"priority: 1, {always}", f"priority: 2, {rarely}", hours=20.0)
    ).shipments
    assert dict(zip(trips.component, trips.trips, strict=True)) == {"near": 10, "far": 0}
    # In order of coming: near 1, far 1.5, near 2, near 3, near 4, far 4.5, near 5 ...: two hours each.
    equal = run_des(
        shared(f"priority: 1, {always}", f"priority: 1, {rarely}", hours=20.0)
    ).shipments
    assert dict(zip(equal.component, equal.trips, strict=True)) == {"near": 7, "far": 3}
    # Two places: near of 1 and far of 1.5 at once, then near of 2 at 3, near of 3 at 3.5 ...
    both = run_des(
        shared(f"priority: 1, {always}", f"priority: 2, {rarely}", hours=4.0, places=2), log=True
    )
    loaded = both.changes[both.changes.kind == "loaded"]
    assert list(zip(loaded.time_h, loaded.component, strict=True)) == [
        (1.0, "near"), (1.5, "far"), (3.0, "near"), (3.5, "near"),
    ]  # fmt: skip


def test_who_has_no_batch_lets_others_pass():
    # near leads, but its stock holds a batch only from 10 h on; far loads until then.
    park = park_of(
        """
        sites: {a: {}, b: {}}
        materials: {raw: {}, x: {}, y: {}}
        bays: {rack: {}}
        units: {slow: {recipe: {feeds: {raw: 1}, products: {x: 1}}, capacity: 0.1, site: a}}
        buffers:
          here: {material: x, site: a, capacity: 10}
          there: {material: x, site: b, capacity: 10}
        buy: {raw: {site: a}, y: {site: a}}
        sell: {y: {site: b}}
        links:
          near:
            {material: x, from: a, to: b, mode: truck, km: 1, priority: 1,
             shipment: {batch: 1, bays: rack, loading: 1}}
          far:
            {material: y, from: a, to: b, mode: truck, km: 1, priority: 2,
             shipment: {batch: 1, bays: rack, loading: 3}}
        """,
        hours=14.0,
    )
    changes = run_des(park, log=True).changes
    loaded = changes[changes.kind == "loaded"]
    assert list(zip(loaded.time_h, loaded.component, strict=True)) == [
        (0.0, "far"), (3.0, "far"), (6.0, "far"), (9.0, "far"), (12.0, "near"), (13.0, "far"),
    ]  # fmt: skip


def test_shared_bays_have_to_be_declared():
    with pytest.raises(StructureError) as caught:
        shared(comes(1, CONSTANT), comes(1, CONSTANT).replace("rack", "rock"), hours=1.0)
    [problem] = caught.value.problems
    assert (problem.code, problem.path, problem.hint) == (
        "CS-S002",
        "links.far.shipment.bays",
        "rack",
    )
