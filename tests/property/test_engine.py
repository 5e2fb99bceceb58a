"""Properties of the event engine over random parks with failures, stops, buffers and recycles."""

from __future__ import annotations

import datetime as dt
import itertools
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


ZERO_LENGTH = {
    "mode": "blink",
    "uptime": {"kind": "constant", "value": 7.3},
    "repair": {"kind": "constant", "value": 0.0},
}


def test_outages_of_no_length_and_events_that_do_nothing_change_no_total():
    for seed, park, plant in failing_parks(range(7500, 7515)):
        body = failing(seed)
        for unit in body["units"].values():
            unit["failures"] = [*unit["failures"], ZERO_LENGTH]
            unit["start"] = "2020-01-01"
        name = next(iter(body["units"]))
        body["measures"] = {"calm": {"from": "2025-01-03", "to": "2025-01-09", "load": {name: 1}}}
        one = run_des(park, plant=plant)
        two = run_des(park_of(text_of(body), hours=HOURS))
        assert two.flows.quantity.tolist() == pytest.approx(one.flows.quantity.tolist(), abs=1e-7)
        assert two.levels.level_end.tolist() == pytest.approx(
            one.levels.level_end.tolist(), abs=1e-7
        )


SIZES = ("capacity", "limit", "rate", "initial", "fill_rate", "draw_rate")


def test_a_run_of_twice_the_size_moves_twice_as_much_at_the_same_hours():
    for seed, park, plant in failing_parks(range(7600, 7615)):
        larger = {
            section: {
                key: {k: 2 * v if k in SIZES else v for k, v in record.items()}
                for key, record in content.items()
            }
            for section, content in failing(seed).items()
        }
        one = run_des(park, plant=plant)
        two = run_des(park_of(text_of(larger), hours=HOURS))
        assert two.flows.quantity.tolist() == pytest.approx(
            (2.0 * one.flows.quantity).tolist(), abs=1e-6
        )
        assert two.events.time_h.tolist() == pytest.approx(one.events.time_h.tolist(), abs=1e-6)


def test_other_names_in_another_order_leave_the_course_of_events_unchanged():
    # Random streams go by name, so the times are given here.
    r = np.random.default_rng(6)
    for seed, _park, _plant in failing_parks(range(7700, 7715)):
        body = failing(seed)
        for i, unit in enumerate(body["units"].values()):
            mode = {"uptime": {"kind": "constant", "value": 11.0 + 1.7 * i}}
            unit["failures"] = [mode | {"repair": {"kind": "constant", "value": 2.0 + 0.3 * i}}]
        # In the order of their ranks: where two are alike in everything, names decide.
        for i, unit in enumerate(body["units"].values()):
            unit["priority"] = 10 * unit["priority"] + i
        old = list(body["units"])
        renamed = dict(zip(old, r.permutation([f"n{i:02d}" for i in range(len(old))]), strict=True))
        buffers = {
            k: b | {"serves": [renamed[u] for u in b["serves"]]} if "serves" in b else b
            for k, b in body["buffers"].items()
        }
        units = {str(renamed[k]): body["units"][k] for k in r.permutation(old)}
        try:
            one = run_des(park_of(text_of(body), hours=HOURS)).units
        except LimitError:
            continue
        other = run_des(
            park_of(text_of(body | {"units": units, "buffers": buffers}), hours=HOURS)
        ).units
        for column in ("running_h", "full_load_h", "failed_h"):
            before = one.groupby("component")[column].sum().rename(renamed)
            after = other.groupby("component")[column].sum()
            assert after[before.index].tolist() == pytest.approx(before.tolist(), abs=1e-6)


LINE = """
    materials: {{a: {{}}, b: {{}}, c: {{}}, d: {{}}}}
    units:
      u1: {{recipe: {{feeds: {{a: 1}}, products: {{b: 1}}}}, capacity: 10, failures: [{fails}]}}
      u2: {{recipe: {{feeds: {{b: 1}}, products: {{c: 1}}}}, capacity: 12, failures: [{fails}]}}
      u3: {{recipe: {{feeds: {{c: 1}}, products: {{d: 1}}}}, capacity: 11, failures: [{fails}]}}
    buffers: {{b: {{capacity: {room}}}, c: {{capacity: {room}}}}}
    buy: {{a: {{}}}}
    sell: {{d: {{}}}}
"""


@pytest.mark.parametrize("room", [5, 60])
@pytest.mark.parametrize("clock", ["calendar", "operating"])
def test_more_time_to_failure_is_never_worse(room: float, clock: str):
    made = []
    for mean in (50, 100, 200, 400):
        fails = (
            f"{{uptime: {{kind: exponential, mean: {mean}}}, clock: {clock},"
            " repair: {kind: exponential, mean: 10}}"
        )
        plant = Plant(park_of(LINE.format(fails=fails, room=room), hours=4000.0))
        flows = [run_des(plant.park, plant=plant, replication=k).flows for k in range(12)]
        made.append([-f[f.kind == "sell"].quantity.sum() for f in flows])
    for worse, better in itertools.pairwise(np.array(made)):
        gain = better - worse
        assert gain.mean() > -2.0 * gain.std(ddof=1) / np.sqrt(len(gain))
