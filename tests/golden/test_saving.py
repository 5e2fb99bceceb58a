"""Run to an hour, save, go on: the same bits as a run in one go; and the record that replays."""

from __future__ import annotations

import numpy as np
import pytest

from chainsim.balance.plant import Plant
from chainsim.des.engine import Run, run_des
from chainsim.des.saving import resumed, save
from chainsim.errors import DataError, ScenarioError
from chainsim.results import Simulation
from chainsim.study.replay import replay
from chainsim.study.snapshots import read_snapshot, write_snapshot
from tests.parks import park_of

EVERYTHING = """
    sites: {a: {name_zh: a, name_en: a}, b: {name_zh: b, name_en: b}}
    materials: {raw: {}, part: {}, good: {}}
    crews: {fitters: {size: 1}}
    units:
      m1:
        site: a
        recipe: {feeds: {raw: 1}, products: {part: 1}}
        capacity: 10
        trains: 3
        needed: 2
        spares: cold
        min_load: 0.3
        crew: fitters
        overhaul: {interval: 700, duration: 20, first: 300, clock: operating}
        failures:
          - {uptime: {kind: weibull, shape: 1.5, scale: 90}, repair: {kind: lognormal, median: 9, sigma: 0.7}}
      m2:
        site: b
        recipe: {feeds: {part: 1}, products: {good: 1}}
        capacity: 9
        min_load: 0.5
        min_down_h: 3
        restart_level: {there: 0.2}
        crew: fitters
        failures:
          - {uptime: {kind: exponential, mean: 60}, repair: {kind: exponential, mean: 4}, clock: operating}
      m3:
        site: b
        recipe: {feeds: {part: 1}, products: {good: 1}}
        capacity: 9
        standby_for: [m2]
        overhaul: {interval: 400, duration: 10, first: 50, not_with: [m1]}
    buffers:
      here: {material: part, site: a, capacity: 100}
      there: {material: part, site: b, capacity: 120, initial: 60}
    links:
      road:
        {material: part, from: a, to: b, mode: truck, km: 5, shipment: {batch: 12, bays: 1, fleet: 3,
         loading: {kind: exponential, mean: 0.4}, transit: 0.5, unloading: 0.3, night_ban: [23, 1]}}
    buy: {raw: {site: a, steps: [{from: 2025-02-01, limit: 8}]}}
    sell: {good: {site: b}}
    measures: {cut: {from: 2025-01-20, to: 2025-01-25, load: {m1: 0.7}}}
"""
HOURS = 2000.0


def serial(found: Simulation) -> bytes:
    tables = (found.flows, found.units, found.levels, found.events, found.shipments, found.changes)
    return b"".join(t.to_csv().encode() for t in tables if t is not None)


@pytest.fixture(scope="module")
def plant() -> Plant:
    return Plant(park_of(EVERYTHING, hours=HOURS))


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("stop", [0.5, 313.7, 456.0, 744.0, 1500.123])
def test_a_saved_run_goes_on_to_the_same_bits(plant: Plant, stop: float, log: bool):
    whole = run_des(plant.park, seed=11, plant=plant, log=log)
    run = Run(plant, seed=11, log=log)
    run.to(stop)
    half = run.simulation()  # looking at it changes nothing
    assert half.units.full_load_h.sum() > 0.0 or stop < 1.0
    again = resumed(Plant(plant.park), save(run))
    again.to(HOURS)
    assert serial(again.simulation()) == serial(whole)
    run.to(HOURS)
    assert serial(run.simulation()) == serial(whole)


def test_stopping_often_changes_no_bit(plant: Plant):
    run = Run(plant, seed=5)
    for hour in np.arange(1.0, HOURS, 7.3):
        run.to(float(hour))
    run.to(HOURS)
    assert serial(run.simulation()) == serial(run_des(plant.park, seed=5, plant=plant))


def test_a_snapshot_survives_its_file(plant: Plant, tmp_path):
    run = Run(plant, seed=2, log=True)
    run.to(777.0)
    write_snapshot(save(run), tmp_path / "run.npz")
    again = resumed(plant, read_snapshot(tmp_path / "run.npz"))
    again.to(HOURS)
    assert serial(again.simulation()) == serial(run_des(plant.park, seed=2, plant=plant, log=True))


@pytest.mark.parametrize("content", [b"", b"not a run", b"PK\x03\x04 cut off", b"\x93NUMPY"])
def test_a_file_that_is_no_snapshot_is_refused(tmp_path, content: bytes):
    path = tmp_path / "run.npz"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_snapshot(path)
    assert caught.value.problems[0].code == "CS-F010"


def test_a_file_of_one_array_is_refused(tmp_path):
    path = tmp_path / "run.npz"
    with path.open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(DataError):
        read_snapshot(path)


def test_a_snapshot_of_another_park_is_refused(plant: Plant):
    run = Run(plant, seed=2)
    run.to(10.0)
    other = Plant(park_of(EVERYTHING.replace("capacity: 10\n", "capacity: 11\n"), hours=HOURS))
    with pytest.raises(ScenarioError) as caught:
        resumed(other, save(run))
    assert caught.value.problems[0].code == "CS-E011"


def test_a_run_with_processes_cannot_be_saved(plant: Plant):
    def process(desk):
        yield desk.wait(1.0)

    run = Run(plant, processes=[process])
    run.to(10.0)
    with pytest.raises(ScenarioError) as caught:
        save(run)
    assert caught.value.problems[0].code == "CS-E010"


def test_the_record_replays_to_the_same_totals(plant: Plant):
    park = plant.park
    found = run_des(park, seed=4, plant=plant, log=True)
    assert found.changes is not None
    totals = (
        replay(found.changes, park.horizon.periods())
        .set_index(["period", "kind", "component"])
        .total
    )
    units = found.units.set_index(["period", "component"]).full_load_h
    for (period, unit), hours in units.items():
        assert totals.get((period, "unit", unit), 0.0) == pytest.approx(hours, rel=1e-9, abs=1e-9)
    flows = found.flows[found.flows.kind.isin(["buy", "sell"])]
    for row in flows.itertuples():
        key = (row.period, row.kind, row.component)
        assert totals[key] == pytest.approx(abs(row.quantity), rel=1e-9)
    trips = found.shipments.set_index("period")
    for period in trips.index:
        for kind in ("loaded", "delivered"):
            assert totals[(period, kind, "road")] == pytest.approx(
                trips.loc[period, kind], rel=1e-9
            )


def test_recording_changes_no_total(plant: Plant):
    one, other = (run_des(plant.park, seed=4, plant=plant, log=log) for log in (False, True))
    assert one.flows.to_csv() == other.flows.to_csv()
    assert one.changes is None
