"""Answers that are remembered: the same bits as without, whatever changes and however many fit."""

from __future__ import annotations

import numpy as np
import pytest

from chainsim.balance import memo
from chainsim.balance.plant import Plant
from chainsim.balance.state import MOST_NOW, UPPER_NOW
from chainsim.des.engine import run_des
from chainsim.park.model import Park
from tests.parks import park_of

PARK = """
    materials: {raw: {}, x: {}, y: {}}
    units:
      source:
        recipe: {feeds: {raw: 1}, products: {x: 1}}
        capacity: 6
        failures: [{uptime: {kind: exponential, mean: 40}, repair: {kind: constant, value: 3}}]
      maker:
        recipe: {feeds: {x: 1}, products: {y: 0.7}}
        capacity: 4
        min_load: 0.5
        failures: [{uptime: {kind: exponential, mean: 60}, repair: {kind: constant, value: 5}}]
      spare:
        recipe: {feeds: {raw: 1}, products: {y: 1}}
        capacity: 2
        failures: [{uptime: {kind: exponential, mean: 30}, repair: {kind: constant, value: 4}}]
    buffers: {tank: {material: x, capacity: 30, initial: 10}}
    buy: {raw: {}}
    sell: {x: {priority: 200, limit: 3}, y: {}}
"""


def year(park: Park, plant: Plant, replication: int, processes: tuple = ()) -> tuple[bytes, int]:
    found = run_des(park, plant=plant, replication=replication, processes=processes)
    return found.flows.quantity.to_numpy().tobytes(), found.allocations


def closing(desk):
    """Sales of x are closed by half from hour 100 on, and open again."""
    yield desk.wait(100.0)
    desk.limit("sell.x", 1.5)
    yield desk.wait(1000.0)
    desk.limit("sell.x", None)


def test_remembering_changes_no_bit():
    park = park_of(PARK, hours=4000.0)
    shared = Plant(park)
    for k in range(6):
        assert year(park, shared, k) == year(park, Plant(park), k)
    used = int(shared.memo.used[0])
    assert 0 < used < 100
    assert year(park, shared, 3) == year(park, Plant(park), 3)
    assert int(shared.memo.used[0]) == used, "all states of this year were known"


def test_a_limit_that_changes_is_part_of_what_is_remembered():
    park = park_of(PARK, hours=4000.0)
    shared = Plant(park)
    open_, closed = year(park, shared, 1), year(park, shared, 1, (closing,))
    assert open_ != closed
    assert closed == year(park, Plant(park), 1, (closing,))
    assert open_ == year(park, shared, 1) == year(park, Plant(park), 1)


def test_a_full_memory_only_takes_nothing_more(monkeypatch: pytest.MonkeyPatch):
    park = park_of(PARK, hours=4000.0)
    roomy = Plant(park)
    year(park, roomy, 0)
    monkeypatch.setattr(memo, "MEMORY_BYTES", 1)
    narrow = Plant(park)
    for k in range(3):
        assert year(park, roomy, k) == year(park, narrow, k)
    assert int(narrow.memo.used[0]) == len(narrow.memo.values) < int(roomy.memo.used[0])


def test_a_run_starts_from_arrays_of_its_own():
    plant = Plant(park_of(PARK, hours=4000.0))
    one, other = plant.state(), plant.state()
    one.column[MOST_NOW] = 0.25
    one.column[UPPER_NOW] = 0.5
    one.told[:] = 2.0
    assert (one.most_bits == np.float64(0.25).view(np.int64)).all()
    assert (one.told_bits == np.float64(2.0).view(np.int64)).all()
    assert not np.shares_memory(one.column, other.column)
    assert not (other.column[MOST_NOW] == 0.25).any()
    assert not (plant.state().told == 2.0).any()


def test_what_begins_alike_is_allocated_once(monkeypatch: pytest.MonkeyPatch):
    park = park_of(PARK, hours=4000.0)
    plant = Plant(park)
    run_des(park, plant=plant)
    asked = []
    allocate = plant.kernel.allocate
    monkeypatch.setattr(plant.kernel, "allocate", lambda *a: asked.append(a) or allocate(*a))
    first = run_des(park, plant=plant, replication=1)
    assert asked == []
    assert first.bottlenecks == run_des(park, plant=Plant(park), replication=1).bottlenecks
