"""Transport in batches against traces worked out by hand, and its balance at every event."""

from __future__ import annotations

import pytest

from chainsim.accounts.account import account
from chainsim.balance.hauls import ON_WAY
from chainsim.balance.plant import Plant
from chainsim.balance.state import LEVEL, LEVEL_AT, RATE
from chainsim.balance.steady import run_steady
from chainsim.des.engine import Run, run_des
from chainsim.errors import DataError, LimitError, StructureError
from chainsim.park.model import Park
from chainsim.results import Simulation
from tests.parks import park_of

ROAD = """
    sites: {{a: {{name_zh: a, name_en: a}}, b: {{name_zh: b, name_en: b}}}}
    materials: {{raw: {{}}, coke: {{}}}}
    units:
      oven: {{site: a, recipe: {{feeds: {{raw: 1}}, products: {{coke: 1}}}}, capacity: {rate}}}
    buffers:
      yard: {{material: coke, site: a, capacity: {yard}, initial: {stock}}}
      depot: {{material: coke, site: b, capacity: {depot}, initial: {there}}}
    links:
      road: {{material: coke, from: a, to: b, mode: truck, km: 20, shipment: {{{trip}}}}}
    buy: {{raw: {{site: a}}}}
    sell: {{coke: {{site: b, limit: {sold}, priority: 200}}}}
"""


def road(trip: str, *, hours: float = 100.0, **more: float) -> Park:
    numbers = {"rate": 10, "yard": 500, "stock": 0, "depot": 300, "there": 0, "sold": 0} | more
    return park_of(ROAD.format(trip=trip, **numbers), hours=hours)


def delivered(found: Simulation) -> list[tuple[float, float]]:
    """(hour, amount) of what reached the depot."""
    assert found.changes is not None
    own = found.changes[found.changes.kind == "delivered"]
    return [(round(t, 9), v) for t, v in zip(own.time_h, own.value, strict=True)]


def loaded(found: Simulation) -> list[float]:
    assert found.changes is not None
    return [round(t, 9) for t in found.changes[found.changes.kind == "loaded"].time_h]


def row(found: Simulation) -> dict[str, float]:
    shipments = found.shipments
    assert len(shipments) == 1
    return dict(shipments.iloc[0])


def test_a_vehicle_leaves_when_its_batch_is_there_and_comes_back_empty():
    # 10/h make a batch of 30 every 3 h; one lorry: 0.5 h loading, 1 h there, 0.25 h unloading, 1 h
    # back = 2.75 h. Loaded at 3, 6, 9 ...; given over 1.75 h later.
    found = run_des(
        road("batch: 30, fleet: 1, loading: 0.5, transit: 1, unloading: 0.25", hours=12.0), log=True
    )
    assert loaded(found) == [3.0, 6.0, 9.0]
    assert delivered(found) == [(4.75, 30.0), (7.75, 30.0), (10.75, 30.0)]
    assert row(found)["on_the_way_mean"] == pytest.approx(30 * 3 * 1.75 / 12)


def test_a_slow_fleet_is_what_limits():
    # A round of 8 h: loaded at 3 and 11 h, when the lorry is back.
    found = run_des(
        road("batch: 30, fleet: 1, loading: 1, transit: 3, unloading: 1", hours=20.0), log=True
    )
    assert loaded(found) == [3.0, 11.0, 19.0]
    assert row(found)["on_the_way_end"] == 30.0


def test_bays_serve_one_after_the_other():
    # Three vehicles' worth in stock at 0 h, one bay of 2 h, then one dock of 3 h:
    # loaded 0, 2, 4; at the dock 3, 6, 9; given over 6, 9, 12.
    trip = "batch: 30, bays: 1, docks: 1, loading: 2, transit: 1, unloading: 3"
    found = run_des(road(trip, rate=0, stock=90, depot=90, hours=20.0), log=True)
    assert loaded(found) == [0.0, 2.0, 4.0]
    assert delivered(found) == [(6.0, 30.0), (9.0, 30.0), (12.0, 30.0)]
    assert row(found)["waited_h"] == pytest.approx(0 + 2 + 4)
    assert row(found)["dock_waited_h"] == pytest.approx(0 + 1 + 2)


def test_a_timetable_and_a_closed_road():
    # Lorries at 6 and 18 o'clock, 2 h on a road that is closed on the second day.
    trip = "batch: 30, timetable: [6, 18], transit: 2, closed: [{from: 2025-01-02, to: 2025-01-03}]"
    found = run_des(road(trip, rate=0, stock=300, hours=72.0), log=True)
    assert loaded(found) == [6.0, 18.0, 30.0, 42.0, 54.0, 66.0]
    assert [t for t, _ in delivered(found)] == [8.0, 20.0, 50.0, 50.0, 56.0, 68.0]


def test_nothing_departs_during_the_night_ban():
    trip = "batch: 30, every: 5, first: 20, loading: 1, transit: 1, night_ban: [22, 6]"
    found = run_des(road(trip, rate=0, stock=300, hours=48.0), log=True)
    # comes at 20, 25, 30, 35, 40, 45 h; ready an hour later; the night lasts from 22 to 30 h and from 46 h
    assert [t for t, _ in delivered(found)] == [22.0, 31.0, 32.0, 37.0, 42.0]


def test_reordering_up_to_a_level():
    # 60 in the depot, sold at 6/h. At 20 (6.67 h) order up to 100: two batches of 40; they come after
    # 5 h, 1.67 h after the depot went empty. 80 fall to 20 in 10 h: at 21.67 h, there at 26.67 h.
    trip = "batch: 40, transit: 5, reorder: {at: 20, up_to: 100}"
    found = run_des(road(trip, rate=0, stock=400, there=60, sold=6, hours=30.0), log=True)
    assert delivered(found) == [
        (round(40 / 6 + 5, 9), 40.0),
        (round(40 / 6 + 5, 9), 40.0),
        (round(40 / 6 + 5 + 10 + 5, 9), 40.0),
        (round(40 / 6 + 5 + 10 + 5, 9), 40.0),
    ]
    level = found.levels[found.levels.component == "depot"].iloc[0]
    assert level.empty_h == pytest.approx((5 - 20 / 6) * 2)


def test_a_full_depot_keeps_vehicles_in_the_dock():
    # The depot takes three batches; the fourth comes by timetable at 4 h and waits for 6/h of sales
    # from the first of them on: room at once.
    trip = "batch: 30, every: 1, docks: 1"
    found = run_des(road(trip, rate=0, stock=300, depot=90, hours=10.0), log=True)
    assert [t for t, _ in delivered(found)] == [1.0, 2.0, 3.0]
    assert row(found)["on_the_way_end"] == pytest.approx(30 * 6)
    sold = run_des(road(trip, rate=0, stock=300, depot=90, sold=6, hours=10.0), log=True)
    # 30 of room again when 6 x (t - 1) = 30, at 6 h
    assert [t for t, _ in delivered(sold)] == [1.0, 2.0, 3.0, 6.0]


def test_who_finds_no_place_to_wait_is_turned_away():
    # One bay of 3.5 h, a vehicle every hour from 1 h on, one place: 1 loads, 2 waits, 3 and 4 go away;
    # at 4.5 h 2 loads; 5 waits, 6, 7, 8 (8.0 h is when 5 begins) ...
    trip = "batch: 1, every: 1, bays: 1, loading: 3.5, waiting_room: 1"
    found = run_des(road(trip, rate=0, stock=300, hours=7.5), log=True)
    assert loaded(found) == [1.0, 4.5]
    assert row(found)["turned_away"] == 4  # at 3, 4, 6 and 7 h
    assert row(found)["queue_mean"] == pytest.approx((2.5 + 2.5) / 7.5)


def test_two_links_that_want_the_same_batch_go_by_priority():
    text = ROAD.replace(
        "    buy:",
        "      rail: {{material: coke, from: a, to: b, mode: rail, km: 20, "
        "priority: 1, shipment: {{batch: 30, bays: 1, loading: 100}}}}\n    buy:",
    )
    park = park_of(
        text.format(rate=10, yard=500, stock=0, depot=300, there=0, sold=0, trip="batch: 30"),
        hours=7.0,
    )
    trips = run_des(park).shipments.set_index("component").trips
    assert trips.to_dict() == {"rail": 1.0, "road": 1.0}
    first = run_des(park, log=True).changes
    assert first is not None
    assert first[first.kind == "loaded"].component.tolist() == ["rail", "road"]


# -- balances ---------------------------------------------------------------------------------

BUSY = (
    "batch: 17, bays: 2, docks: 1, fleet: 6, loading: {kind: exponential, mean: 0.7},"
    " transit: {kind: triangular, low: 0.5, mode: 1, high: 3}, unloading: 0.9,"
    " night_ban: [23, 5], closed: [{from: 2025-01-03, to: 2025-01-04}]"
)


def test_what_is_there_and_on_the_way_balances_at_every_event():
    park = road(BUSY, sold=9, stock=33, there=5, hours=600.0)
    plant = Plant(park)
    run = Run(plant, seed=3, log=True)
    for hour in [0.37 * i for i in range(1, 1600)]:
        run.to(hour)
        state = run.state
        now = state.buffer[LEVEL] + state.buffer[RATE] * (hour - state.buffer[LEVEL_AT])
        flows = run.simulation().flows.groupby(["kind", "component"]).quantity.sum()
        made = flows.get(("buy", "raw"), 0.0)
        sold = -flows.get(("sell", "coke"), 0.0)
        there = now.sum() + state.haul.figure[ON_WAY].sum()
        assert 38 + made - sold - there == pytest.approx(0.0, abs=1e-9 * max(made, 1.0))


def test_totals_levels_and_stock_on_the_way_balance_by_month():
    found = run_des(road(BUSY, sold=9, stock=33, there=5, hours=24.0 * 90), seed=5)
    flows = found.flows
    for period, trips in found.shipments.groupby("period"):
        t = trips.iloc[0]
        assert t.on_the_way_start + t.loaded - t.delivered == pytest.approx(
            t.on_the_way_end, abs=1e-9
        )
        own = flows[flows.period == period]
        for buffer in ("yard", "depot"):
            level = found.levels[
                (found.levels.period == period) & (found.levels.component == buffer)
            ].iloc[0]
            net = -own[own.component == buffer].quantity.sum()
            assert level.level_start + net == pytest.approx(level.level_end, abs=1e-9)
        at_header = own[own.material == "coke"].groupby("site").quantity.sum()
        assert at_header.abs().max() < 1e-9
    starts = found.shipments.on_the_way_start.tolist()
    ends = found.shipments.on_the_way_end.tolist()
    assert starts[1:] == ends[:-1]


def test_the_accounts_count_what_is_on_the_way_as_stock():
    text = ROAD.replace("raw: {{}}, coke: {{}}", "raw: {{price_cny: 10}}, coke: {{price_cny: 100}}")
    numbers = {"rate": 10, "yard": 500, "stock": 0, "depot": 300, "there": 0, "sold": 0}
    park = park_of(text.format(trip="batch: 30, transit: 50", **numbers), hours=40.0)
    found = run_des(park)
    ledger = account(park, found).ledger
    stock = ledger[ledger.account == "stock.value"].amount.sum()
    assert stock == pytest.approx(400 * 100)  # all that was made, most of it on the road


def test_in_the_steady_engine_a_link_carries_what_its_vehicles_can_at_most():
    park = road("batch: 30, fleet: 1, loading: 1, transit: 3, unloading: 1", sold=9)
    found = run_steady(park)
    flows = found.flows[found.flows.component == "road"].set_index("port").quantity
    assert flows["out"] == pytest.approx(100 * 30 / 8) == -flows["in"]


def test_batches_are_bought_when_loaded_and_sold_on_arrival():
    # Coal by rail: every 10 h 50 t, 5 h on the way; coke by lorry as soon as 30 t are there, 2 h.
    park = park_of(
        """
        sites: {m: {name_zh: m, name_en: m}, a: {name_zh: a, name_en: a}, b: {name_zh: b, name_en: b}}
        materials: {coal: {}, coke: {}}
        units: {oven: {site: a, recipe: {feeds: {coal: 1}, products: {coke: 0.75}}, capacity: 4}}
        buffers:
          coal: {site: a, capacity: 200, initial: 60}
          coke: {site: a, capacity: 90}
        links:
          rail: {material: coal, from: m, to: a, mode: rail, km: 9, shipment: {batch: 50, every: 10, transit: 5}}
          road: {material: coke, from: a, to: b, mode: truck, km: 9, shipment: {batch: 30, transit: 2}}
        buy: {coal: {site: m}}
        sell: {coke: {site: b}}
        """,
        hours=45.0,
    )
    found = run_des(park, log=True)
    assert found.changes is not None
    moved = [
        (round(e.time_h, 9), e.component, e.kind)
        for e in found.changes.itertuples()
        if e.kind in ("loaded", "delivered")
    ]
    # 60 t last 15 h, when the first train comes; 3 t of coke an hour make 30 t every 10 h
    assert [x for x in moved if x[1] == "rail"] == [
        (10.0, "rail", "loaded"), (15.0, "rail", "delivered"), (20.0, "rail", "loaded"),
        (25.0, "rail", "delivered"), (30.0, "rail", "loaded"), (35.0, "rail", "delivered"),
        (40.0, "rail", "loaded"),
    ]  # fmt: skip
    assert [x for x in moved if x[1] == "road"] == [
        (10.0, "road", "loaded"), (12.0, "road", "delivered"), (20.0, "road", "loaded"),
        (22.0, "road", "delivered"), (30.0, "road", "loaded"), (32.0, "road", "delivered"),
        (40.0, "road", "loaded"), (42.0, "road", "delivered"),
    ]  # fmt: skip
    flows = found.flows.groupby(["kind", "component"]).quantity.sum()
    assert flows["buy", "coal"] == 200.0
    assert flows["sell", "coke"] == -120.0
    at_header = found.flows.groupby(["site", "material"]).quantity.sum()
    assert at_header.abs().max() < 1e-9


def test_a_sale_by_batches_has_no_limit():
    text = ROAD.replace(
        "      depot: {{material: coke, site: b, capacity: {depot}, initial: {there}}}\n", ""
    )
    with pytest.raises(StructureError) as caught:
        park_of(text.format(rate=1, yard=50, stock=0, trip="batch: 30", sold=5))
    assert caught.value.problems[0].code == "CS-S031"


# -- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trip", "code"),
    [
        ("batch: 0", "CS-S011"),
        ("batch: 400", "CS-S027"),
        ("batch: 30, reorder: {at: 10, up_to: 20}", "CS-S027"),
        ("batch: 30, closed: [{from: 2025-02-01, to: 2025-01-01}]", "CS-S016"),
    ],
)
def test_amounts_that_do_not_fit(trip: str, code: str):
    with pytest.raises(StructureError) as caught:
        road(trip)
    assert code in {p.code for p in caught.value.problems}


def test_only_one_rule_may_send_vehicles():
    with pytest.raises(DataError) as caught:
        road("batch: 30, every: 3, timetable: [6]")
    assert caught.value.problems[0].code == "CS-S025"


def test_a_shipment_needs_a_buffer_at_each_end():
    text = ROAD.replace(
        "      depot: {{material: coke, site: b, capacity: {depot}, initial: {there}}}\n", ""
    )
    text = text.replace("    sell:", "    vents:").replace(", limit: {sold}, priority: 200", "")
    with pytest.raises(StructureError) as caught:
        park_of(text.format(rate=1, yard=50, stock=0, trip="batch: 30"))
    assert caught.value.problems[0].code == "CS-S028"


def test_vehicles_without_end_are_stopped_by_name():
    with pytest.raises(LimitError) as caught:
        run_des(road("batch: 1, every: 1.0e-9", rate=0, stock=500))
    assert caught.value.problems[0].code == "CS-E008"
    assert caught.value.problems[0].path == "links.road"
