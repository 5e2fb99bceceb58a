"""Properties of the event engine over random parks with failures, stops, buffers and recycles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from chainsim.balance.plant import Plant
from chainsim.des.engine import run_des
from chainsim.errors import LimitError
from chainsim.park.model import Park
from chainsim.results import Simulation
from tests.parks import park_of
from tests.random_parks import Body, random_body, random_parks, text_of

HOURS = 400.0


def failing(seed: int) -> Body:
    """A random park with failures, minimum stops and buffers that start half full."""
    r = np.random.default_rng(seed + 10**6)
    body = random_body(seed)
    for unit in body["units"].values():
        mode = {
            "uptime": {"kind": "exponential", "mean": float(r.choice([20, 80, 300]))},
            "repair": {"kind": "exponential", "mean": float(r.choice([2, 10]))},
            "clock": str(r.choice(["calendar", "operating"])),
        }
        unit["failures"] = [mode] if r.random() < 0.7 else []
        unit["min_down_h"] = float(r.choice([1, 4]))
    return body


def failing_parks(seeds: range) -> Iterator[tuple[int, Park, Plant]]:
    """Parks of that kind that run: some chatter, which is an error of theirs."""
    for seed, _, _ in random_parks(seeds):
        park = park_of(text_of(failing(seed)), hours=HOURS)
        plant = Plant(park)
        try:
            run_des(park, plant=plant)
        except LimitError:
            continue
        yield seed, park, plant


def serial(found: Simulation) -> bytes:
    tables = (found.flows, found.units, found.levels, found.obligations, found.events)
    return b"".join(t.to_csv().encode() for t in tables)


def test_every_header_closes_with_its_stock():
    seen = 0
    for _seed, park, plant in failing_parks(range(7000, 7060)):
        found = run_des(park, plant=plant, replication=2)
        assert found.residual <= 1e-9
        joined = {(u.id, p.name) for u in park.units.values() for p in u.ports if p.options}
        flows = found.flows
        at_header = [key in joined for key in zip(flows.component, flows.port, strict=True)]
        inside = (flows.kind != "unit") | np.array(at_header, dtype=bool)
        at = flows[inside].groupby("material").quantity
        through = at.apply(lambda q: float(q.abs().sum()))
        assert (at.sum().abs() <= 1e-9 * np.maximum(through, 1.0)).all()
        for buffer in park.buffers:
            levels = found.levels[found.levels.component == buffer]
            moved = flows[flows.component == buffer].quantity.sum()
            change = levels.level_end.iloc[-1] - levels.level_start.iloc[0]
            assert change == pytest.approx(-moved, abs=1e-7)
            assert levels.level_end.between(-1e-9, park.buffers[buffer].capacity + 1e-9).all()
        seen += 1
    assert seen > 25


def test_what_ran_before_leaves_the_bytes_unchanged():
    for _seed, park, plant in failing_parks(range(7100, 7125)):
        runs = {r: serial(run_des(park, plant=plant, replication=r)) for r in (3, 1, 2)}
        for replication in (1, 2, 3):
            assert serial(run_des(park, replication=replication)) == runs[replication]


def test_the_order_of_the_file_leaves_the_bytes_unchanged():
    r = np.random.default_rng(5)
    for seed, _park, plant in failing_parks(range(7200, 7220)):
        body = failing(seed)
        mixed = {}
        for section in r.permutation(list(body)):
            content = body[section]
            mixed[section] = {k: content[k] for k in r.permutation(list(content))}
        other = park_of(text_of(mixed), hours=HOURS)
        assert serial(run_des(other, seed=4)) == serial(run_des(plant.park, seed=4, plant=plant))


def test_a_unit_without_capacity_and_a_buffer_without_room_change_nothing():
    for seed, park, plant in failing_parks(range(7300, 7320)):
        body = failing(seed)
        material = next(iter(body["materials"]))
        body["units"]["zz"] = {
            "recipe": {"feeds": {material: 1}},
            "capacity": 0,
            "priority": 9,
        }
        free = [m for m in body["materials"] if f"s{m}" not in body["buffers"]]
        if free:
            body["buffers"]["szz"] = {"material": free[0], "capacity": 0}
        one = run_des(park, plant=plant).flows
        two = run_des(park_of(text_of(body), hours=HOURS)).flows
        assert one.component.tolist() == two.component.tolist()
        assert two.quantity.to_numpy() == pytest.approx(one.quantity.to_numpy(), abs=1e-9)


def test_reporting_periods_do_not_change_totals():
    # 400 h of January, or 200 h on both sides of the end of a month.
    for seed, _park, plant in failing_parks(range(7400, 7415)):
        park = park_of(text_of(failing(seed)), hours=HOURS)
        moved = replace(park, horizon=replace(park.horizon, start=dt.date(2025, 1, 23)))
        one, two = run_des(plant.park, plant=plant), run_des(moved)
        keys = ["kind", "component", "port", "material"]
        sums = [found.flows.groupby(keys).quantity.sum() for found in (one, two)]
        left, right = sums[0].align(sums[1], fill_value=0.0)
        assert right.to_numpy() == pytest.approx(left.to_numpy(), abs=1e-9)
        hours = [found.units.groupby("component").running_h.sum() for found in (one, two)]
        assert hours[1].to_numpy() == pytest.approx(hours[0].to_numpy(), abs=1e-9)
        assert two.units.period.nunique() == 2
