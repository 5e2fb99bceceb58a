"""What must change nothing, and what must always balance, over random networks with shipments."""

from __future__ import annotations

import numpy as np
import pytest

from chainsim.balance.hauls import ON_WAY
from chainsim.balance.plant import Plant
from chainsim.balance.state import LEVEL, LEVEL_AT, RATE
from chainsim.des.engine import Run, run_des
from chainsim.errors import UserError
from chainsim.park.model import Park
from chainsim.results import Simulation
from tests.parks import park_of
from tests.random_parks import random_body, random_parks, text_of

HOURS = 700.0


def network(seed: int, *, more_of_trip: str = "", more_of_unit: str = "", crews: str = "") -> str:
    """Two sites: makers and users with failures, tanks at both, one to three links by batches."""
    r = np.random.default_rng(seed)
    lines = [
        "sites: {a: {name_zh: a, name_en: a}, b: {name_zh: b, name_en: b}}",
        "materials: {raw: {}, x: {}, y: {}, good: {}}",
        "buy: {raw: {site: a}}",
        "sell: {good: {site: b}}",
        crews,
        "units:",
    ]
    law = "{{uptime: {{kind: exponential, mean: {}}}, repair: {{kind: exponential, mean: {}}}}}"
    makers = [("x", int(r.integers(1, 3))), ("y", int(r.integers(1, 3)))]
    for material, count in makers:
        for i in range(count):
            mode = law.format(int(r.integers(30, 90)), int(r.integers(3, 12)))
            lines.append(
                f"  m{material}{i}: {{site: a, recipe: {{feeds: {{raw: 1}}, products: {{{material}: 1}}}},"
                f" capacity: {int(r.integers(4, 12))}, failures: [{mode}]{more_of_unit}}}"
            )
    mode = law.format(int(r.integers(30, 90)), int(r.integers(3, 12)))
    lines.append(
        "  user: {site: b, recipe: {feeds: {x: 1, y: 1}, products: {good: 1}}, min_load: 0.3,"
        f" min_down_h: 2, restart_level: {{xb: 0.2}}, capacity: {int(r.integers(5, 12))},"
        f" failures: [{mode}]{more_of_unit}}}"
    )
    lines.append("buffers:")
    for material in "xy":
        for site in "ab":
            lines.append(
                f"  {material}{site}: {{material: {material}, site: {site},"
                f" capacity: {int(r.integers(60, 300))}, initial: {int(r.integers(0, 50))}}}"
            )
    lines.append("links:")
    for i, material in enumerate(["x", "y", *(["x"] if r.random() < 0.5 else [])]):
        rule = r.choice(
            ["", ", every: 2", ", timetable: [6, 14, 22]", ", reorder: {at: 20, up_to: 55}"]
        )
        fleet = "" if r.random() < 0.4 else f", fleet: {int(r.integers(1, 6))}"
        lines.append(
            f"  l{i}: {{material: {material}, from: a, to: b, mode: truck, km: 5, priority: {i},"
            f" shipment: {{batch: {int(r.integers(5, 25))}, bays: {int(r.integers(1, 3))}, docks: 1,"
            f" waiting_room: 30, loading: {{kind: exponential, mean: 0.5}}, unloading: 0.4,"
            f" transit: {{kind: gamma, shape: 2, scale: 0.6}}{fleet}{rule}{more_of_trip}}}}}"
        )
    return "\n".join(lines)


def serial(found: Simulation) -> str:
    told = found.events[~found.events.event.str.startswith("repair:")]
    tables = (found.flows, found.units, found.levels, found.shipments, told)
    return "".join(t.to_csv(index=False) for t in tables)


def built(text: str) -> Park:
    return park_of(text, hours=HOURS)


@pytest.mark.parametrize("seed", range(8))
def test_stock_in_tanks_and_on_the_road_balances_at_every_event(seed: int):
    park = built(network(seed))
    run = Run(Plant(park), seed=seed)
    begin = run.state.buffer[LEVEL].sum()
    hour = 0.0
    while hour < HOURS:
        hour = min(max(hour + 2.7, 0.0), HOURS)
        run.to(hour)
        state = run.state
        there = state.buffer[LEVEL] + state.buffer[RATE] * (hour - state.buffer[LEVEL_AT])
        assert (there >= -1e-9).all()
        flows = run.simulation().flows
        made = flows[(flows.kind == "unit") & flows.port.isin(["x", "y"]) & (flows.site == "a")]
        used = flows[(flows.kind == "unit") & flows.port.isin(["x", "y"]) & (flows.site == "b")]
        net = begin + made.quantity.sum() + used.quantity.sum()
        held = there.sum() + state.haul.figure[ON_WAY].sum()
        assert net == pytest.approx(held, abs=1e-9 * max(made.quantity.sum(), 100.0))
    totals = run.simulation().flows.groupby(["site", "material"]).quantity.sum()
    assert totals.abs().max() < 1e-9 * 1e4


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    "more",
    [
        ", closed: [{from: 2025-01-05, to: 2025-01-05}]",
        ", closed: [{from: 2040-01-01, to: 2041-01-01}]",
        ", closed: [{from: 2024-01-01, to: 2025-01-01}]",
        ", night_ban: [3, 3]",
    ],
)
def test_a_road_that_is_never_closed_changes_nothing(seed: int, more: str):
    one, other = built(network(seed)), built(network(seed, more_of_trip=more))
    assert serial(run_des(one, seed=seed)) == serial(run_des(other, seed=seed))


@pytest.mark.parametrize("seed", range(6))
def test_a_crew_that_is_large_enough_changes_nothing(seed: int):
    plain = run_des(built(network(seed)), seed=seed)
    crewed = built(network(seed, more_of_unit=", crew: all", crews="crews: {all: {size: 100}}"))
    assert serial(run_des(crewed, seed=seed)) == serial(plain)


@pytest.mark.parametrize("seed", range(4))
def test_a_small_crew_is_never_better(seed: int):
    made = []
    for size in (1, 2, 100):
        more = {"more_of_unit": ", crew: all", "crews": f"crews: {{all: {{size: {size}}}}}"}
        found = run_des(built(network(seed, **more)), seed=seed)
        made.append(found.units.available_h.sum())
    assert made[0] <= made[1] + 1e-9 <= made[2] + 2e-9


@pytest.mark.parametrize("seed", range(4))
def test_another_link_leaves_the_draws_of_the_others_alone(seed: int):
    text = network(seed)
    more = text + (
        "\n  zz: {material: good, from: b, to: a, mode: rail, km: 1,"
        " shipment: {batch: 1, every: {kind: exponential, mean: 3}}}"
    )
    more = more.replace(
        "buffers:",
        "buffers:\n  gb: {material: good, site: b, capacity: 5}\n  ga: {material: good, site: a, capacity: 5}",
    )
    one, other = (run_des(built(t), seed=seed).events for t in (text, more))
    failed = [e[e.event.str.startswith("failure")] for e in (one, other)]
    assert failed[0].time_h.tolist() == failed[1].time_h.tolist()


def test_splitting_a_unit_in_two_changes_no_total():
    seen = 0
    for seed, park, _ in random_parks(range(7000, 7060)):
        body = random_body(seed)
        name = next((k for k, u in body["units"].items() if "min_load" not in u), None)
        if name is None or any("min_load" in u for u in body["units"].values()):
            continue
        half = body["units"][name] | {"capacity": body["units"][name]["capacity"] / 2}
        units = {k: v for k, v in body["units"].items() if k != name}
        buffers = {
            k: b
            if name not in b.get("serves", ())
            else b | {"serves": [*(s for s in b["serves"] if s != name), "half1", "half2"]}
            for k, b in body["buffers"].items()
        }
        split = body | {"units": units | {"half1": half, "half2": half}, "buffers": buffers}
        try:
            one, other = run_des(park), run_des(park_of(text_of(split)))
        except UserError:
            continue
        for kind in ("buy", "sell", "obligation", "vent"):
            left, right = (
                f.flows[f.flows.kind == kind].groupby("component").quantity.sum()
                for f in (one, other)
            )
            assert left.to_dict() == pytest.approx(right.to_dict(), abs=1e-6), (seed, kind)
        seen += 1
    assert seen > 8
