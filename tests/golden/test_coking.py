"""Coke batteries: coking times as loads, and pushes as discrete charges."""

from __future__ import annotations

import pytest

from chainsim.balance.steady import run_steady
from chainsim.des.engine import run_des
from chainsim.errors import StructureError
from chainsim.park.build import load_park
from chainsim.results import Simulation
from tests.parks import park_of

BATTERY = """
    materials: {{coal: {{}}, coke: {{}}, gas: {{unit: kNm3}}}}
    units:
      battery:
        recipe: {{feeds: {{coal: 1.3}}, products: {{coke: 1, gas: 0.4}}}}
        capacity: 100
        coking: {{{coking}}}
    buffers: {{yard: {{material: coke, capacity: {yard}}}}}
    buy: {{coal: {{limit: {coal}}}}}
    sell: {{coke: {{limit: {sold}, priority: 200}}, gas: {{}}}}
"""


def battery(coking: str, *, hours: float = 100.0, **more: float):
    numbers = {"yard": 1000, "coal": 1300, "sold": 1000} | more
    return park_of(BATTERY.format(coking=coking, **numbers), hours=hours)


def total(found: Simulation, kind: str, component: str) -> float:
    flows = found.flows
    return float(flows[(flows.kind == kind) & (flows.component == component)].quantity.sum())


@pytest.mark.parametrize(
    ("coking", "coal", "gas"),
    [
        ("time: 20", 1300, 40.0),
        ("time: 20, run_at: 25", 1300, 32.0),  # 80 % of nameplate
        ("time: 20, longest: 40", 65, 20.0),  # coal for half the load: the longest coking time
        ("time: 20, longest: 40", 64, 0.0),
    ],
)
def test_load_follows_the_coking_time(coking: str, coal: float, gas: float):
    for engine in (run_des, run_steady):
        found = engine(battery(coking, coal=coal))
        assert -total(found, "sell", "gas") == pytest.approx(100 * gas)


def test_pushes_come_one_by_one_while_gas_flows_on():
    # 100 t/h in 20 h from 50 ovens: a charge of 40 t every 0.4 h.
    found = run_des(battery("time: 20, ovens: 50, pushes: true", hours=10.0), log=True)
    pushes = found.changes[found.changes.kind == "delivered"]
    assert pushes.time_h.tolist() == pytest.approx([0.4 * i for i in range(1, 25)])
    assert set(pushes.value) == {40.0}
    assert -total(found, "sell", "gas") == pytest.approx(400.0)
    assert found.shipments.trips.sum() == 24  # the 25th is due at the end


def test_the_pace_of_pushes_follows_the_load():
    found = run_des(battery("time: 20, run_at: 25, ovens: 50, pushes: true", hours=10.0), log=True)
    pushes = found.changes[found.changes.kind == "delivered"]
    assert pushes.time_h.tolist() == pytest.approx([0.5 * i for i in range(1, 20)])


def test_without_room_pushes_are_put_off_and_then_the_battery_stops():
    # The yard takes three charges; two more may be overdue in the ovens: 200 t in all, 2 h.
    found = run_des(battery("time: 20, ovens: 50, pushes: true", yard=120, sold=0, hours=10.0))
    assert -total(found, "sell", "gas") == pytest.approx(40 * 2.0)
    assert total(found, "buy", "coal") == pytest.approx(130 * 2.0)


def test_pushes_move_what_the_continuous_battery_moves():
    flowing = run_des(battery("time: 20", hours=500.0))
    pushed = run_des(battery("time: 20, ovens: 50, pushes: true", hours=500.0))
    for kind, component in (("buy", "coal"), ("sell", "gas"), ("unit", "battery")):
        assert total(flowing, kind, component) == pytest.approx(total(pushed, kind, component))
    assert total(flowing, "sell", "coke") - total(pushed, "sell", "coke") == pytest.approx(
        0.0, abs=2 * 40.0
    )


def test_a_shipped_battery_takes_its_ovens_from_the_library():
    pushed = load_park(
        "xinzhou-base",
        [
            "units.kl_battery_1.coking={pushes: true}",
            "buffers.hot={material: coke_hot, site: kelan, capacity: 200}",
        ],
    )
    battery = pushed.units["kl_battery_1"]
    assert battery.process is not None
    assert battery.process.oven is not None
    assert battery.pushed is not None
    # 148.4 t/h in 25.5 h are 130.04 charges of 29.1 t: 130 ovens
    assert battery.pushed[1] == pytest.approx(battery.process.oven.coke_per_push_t, rel=1e-3)


@pytest.mark.parametrize(
    ("coking", "code"),
    [
        ("run_at: 25", "CS-S030"),
        ("time: 20, run_at: 15", "CS-S029"),
        ("time: 20, pushes: true", "CS-S030"),
    ],
)
def test_coking_times_that_do_not_fit(coking: str, code: str):
    with pytest.raises(StructureError) as caught:
        battery(coking)
    assert caught.value.problems[0].code == code


def test_a_large_yard_is_no_queue():
    """Charges of 100 x 20 / 60 t into a yard that would hold 30,000 of them."""
    found = run_des(battery("time: 20, ovens: 60, pushes: true", yard=1e6, sold=0))
    assert total(found, "link", "battery-pushes") == pytest.approx(0.0, abs=1e-6)
    trips = found.shipments.set_index("component").loc["battery-pushes"]
    assert trips["trips"] == 300
    assert trips["queue_mean"] <= 1.0
