"""The event engine against traces worked out by hand and against a closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest

from chainsim.balance.plant import Plant
from chainsim.balance.steady import run_steady
from chainsim.des.engine import run_des
from chainsim.errors import LimitError
from chainsim.park.model import Park
from chainsim.results import Simulation
from tests.parks import park_of


def total(simulation: Simulation, kind: str, component: str) -> float:
    flows = simulation.flows
    return float(flows[(flows.kind == kind) & (flows.component == component)].quantity.sum())


BRIDGE = """
    materials: {raw: {}, gas: {}, good: {}}
    units:
      source:
        recipe: {feeds: {raw: 1}, products: {gas: 1}}
        capacity: 10
        overhaul: {interval: 1000, duration: 10, first: 20}
      user:
        recipe: {feeds: {gas: 1}, products: {good: 1}}
        capacity: 8
        min_load: 0.5
        min_down_h: 4
    buffers: {holder: {material: gas, capacity: 50, initial_share: 1}}
    buy: {raw: {}}
    sell: {good: {}}
"""


def test_a_holder_bridges_a_dip_until_it_is_empty_and_the_user_waits_its_minimum_stop():
    # Dip from 20 to 30 h. 50 in the holder at 8/h last 6.25 h; the user stops at 26.25, may restart
    # at 30.25; the holder then holds 2.5, gains 2/h and is full 23.75 h later, at 54 h.
    found = run_des(park_of(BRIDGE))
    assert -total(found, "sell", "good") == pytest.approx(8 * (26.25 + 100 - 30.25), abs=1e-9)
    events = {(e.event, round(e.time_h, 9)) for e in found.events.itertuples()}
    assert {("empty", 26.25), ("stop", 26.25), ("start", 30.25), ("full", 54.0)} <= events
    level = found.levels.iloc[-1]
    assert level.level_end == pytest.approx(50.0, abs=1e-9)
    assert total(found, "fill", "holder") + total(found, "draw", "holder") == pytest.approx(
        0.0, abs=1e-9
    )


def test_a_restart_level_is_waited_for():
    # As above, but the user also waits for 20 in the holder: 10/h from 30 h on reach it at 32 h.
    text = BRIDGE.replace("min_down_h: 4", "restart_level: {holder: 0.4}")
    found = run_des(park_of(text))
    starts = found.events[found.events.event == "start"]
    assert starts.time_h.tolist() == pytest.approx([30.0, 32.0], abs=1e-9)
    assert starts.component.tolist() == ["source", "user"]


def test_a_tank_fills_vents_and_drains():
    # 6 in, 4 out for 10 h with a tank of 10: full after 5 h, then 2/h are vented; the source stops
    # from 10 to 13 h: 10 last 2.5 h, then nothing is sold for half an hour.
    found = run_des(
        park_of(
            """
            materials: {raw: {}, x: {}}
            units:
              source:
                recipe: {feeds: {raw: 1}, products: {x: 1}}
                capacity: 6
                overhaul: {interval: 1000, duration: 3, first: 10}
            buffers: {tank: {material: x, capacity: 10}}
            buy: {raw: {}}
            sell: {x: {limit: 4, priority: 200}}
            vents: {spill: {material: x}}
            """,
            hours=20.0,
        )
    )
    assert -total(found, "vent", "spill") == pytest.approx(2 * 5 + 2 * (20 - 13 - 5), abs=1e-9)
    assert -total(found, "sell", "x") == pytest.approx(4 * (20 - 0.5), abs=1e-9)
    assert found.levels.level_end.iloc[-1] == pytest.approx(10.0)


LINE = """
    materials: {{raw: {{}}, part: {{}}, good: {{}}}}
    units:
      m1: {{recipe: {{feeds: {{raw: 1}}, products: {{part: 1}}}}, capacity: 1, failures: {modes}}}
      m2: {{recipe: {{feeds: {{part: 1}}, products: {{good: 1}}}}, capacity: 1, failures: {modes}}}
    buffers: {{b: {{material: part, capacity: {size}}}}}
    buy: {{raw: {{}}}}
    sell: {{good: {{}}}}
"""
MODES = "[{uptime: {kind: exponential, mean: 100}, repair: {kind: exponential, mean: 10}}]"


def two_machine_throughput(failure: float, repair: float, size: float) -> float:
    """Two equal machines of speed 1, exponential calendar clocks, buffer `size`.

    In every state the density over the level is uniform, so the starved probability follows from
    the balance at the empty end: a = 2 / (K ((l + m) N + 2)), K = (l + m)^2 / (l m).
    """
    k = (failure + repair) ** 2 / (failure * repair)
    starved = 2.0 / (k * ((failure + repair) * size + 2.0))
    return repair / (failure + repair) - starved


@pytest.mark.parametrize("size", [0.0, 10.0, 40.0])
def test_two_machines_and_a_buffer_agree_with_the_closed_form(size: float):
    park = park_of(LINE.format(modes=MODES, size=size), hours=20000.0)
    plant = Plant(park)
    rates = [
        -total(run_des(park, seed=7, replication=r, plant=plant), "sell", "good") / 20000.0
        for r in range(24)
    ]
    mean, error = float(np.mean(rates)), float(np.std(rates, ddof=1) / math.sqrt(len(rates)))
    exact = two_machine_throughput(0.01, 0.1, size)
    assert error < 0.0025  # the answers for the three sizes lie 0.02 and more apart
    assert abs(mean - exact) < 3.5 * error


def test_without_outages_both_engines_agree():
    park = park_of(BRIDGE.replace("initial_share: 1", "initial_share: 0"), hours=500.0)
    still = run_des(park, outages=False)
    steady = run_steady(park, outages=False)
    keys = ["period", "kind", "component", "port", "material"]
    left = still.flows[~still.flows.kind.isin(["fill", "draw"])].set_index(keys).quantity
    right = steady.flows.set_index(keys).quantity
    # The holder fills first: only the source and its purchase differ, by exactly the stock.
    difference = (left - right).abs()
    assert difference.drop([k for k in difference.index if k[2] in ("source", "raw")]).max() < 1e-9
    assert left[left.index.get_level_values("component") == "raw"].sum() - right[
        right.index.get_level_values("component") == "raw"
    ].sum() == pytest.approx(50.0, abs=1e-9)


def test_a_park_without_hysteresis_is_stopped_with_the_place_named():
    park = park_of("""
        materials: {raw: {}, x: {}, good: {}}
        units:
          source: {recipe: {feeds: {raw: 1}, products: {x: 1}}, capacity: 3}
          m: {recipe: {feeds: {x: 1}, products: {good: 1}}, capacity: 10, min_load: 0.5}
        buffers: {tank: {material: x, capacity: 10}}
        buy: {raw: {}}
        sell: {good: {}}
    """)
    with pytest.raises(LimitError) as caught:
        run_des(park)
    problem = caught.value.problems[0]
    assert problem.code == "CS-E005"
    assert "units.m" in problem.path
    assert "x@site" in problem.found


def test_dates_and_months_act_at_their_hour():
    found = run_des(
        park_of(
            """
            materials: {heat: {unit: GJ}, fuel: {}}
            units:
              old: {recipe: {feeds: {fuel: 1}, products: {heat: 1}}, capacity: 10, close: 2025-02-01}
              new: {recipe: {feeds: {fuel: 1}, products: {heat: 1}}, capacity: 10, start: 2025-02-03}
            buy: {fuel: {}}
            obligations: {heat: {monthly: [8, 6, 4, 0, 0, 0, 0, 0, 0, 2, 6, 8]}}
            """,
            hours=(31 + 28 + 31) * 24.0,
        )
    )
    by_month = found.obligations.set_index("period")
    assert by_month.loc["2025-01", "served"] == pytest.approx(8 * 31 * 24)
    assert by_month.loc["2025-02", "shortfall"] == pytest.approx(6 * 48)
    assert by_month.loc["2025-02", "short_h"] == pytest.approx(48)
    assert by_month.loc["2025-03", "served"] == pytest.approx(4 * 31 * 24)


def serials(park: Park, seed: int, replication: int) -> bytes:
    found = run_des(park, seed=seed, replication=replication)
    return found.flows.to_csv().encode() + found.events.to_csv().encode()


def test_a_replication_alone_equals_the_same_one_of_a_batch():
    park = park_of(LINE.format(modes=MODES, size=5), hours=2000.0)
    plant = Plant(park)
    batch = [run_des(park, seed=3, replication=r, plant=plant) for r in range(4)]
    assert batch[3].flows.to_csv().encode() + batch[3].events.to_csv().encode() == serials(
        park, 3, 3
    )


def test_another_unit_leaves_the_draws_of_the_first_alone():
    park = park_of(LINE.format(modes=MODES, size=5), hours=2000.0)
    text = LINE.format(modes=MODES, size=5).replace(
        "    buffers:",
        f"      a_new: {{recipe: {{feeds: {{raw: 1}}, products: {{good: 1}}}}, capacity: 1, "
        f"failures: {MODES}}}\n    buffers:",
    )
    more = park_of(text, hours=2000.0)
    one, other = run_des(park, seed=1), run_des(more, seed=1)
    failures = [
        s.events[s.events.event.str.startswith("failure") & s.events.component.isin(["m1", "m2"])]
        for s in (one, other)
    ]
    assert len(failures[0]) > 10
    assert failures[0].time_h.tolist() == failures[1].time_h.tolist()


def test_events_without_end_are_stopped_with_the_unit_named():
    park = park_of("""
        materials: {raw: {}, good: {}}
        units:
          m:
            recipe: {feeds: {raw: 1}, products: {good: 1}}
            capacity: 1
            failures:
              - uptime: {kind: exponential, mean: 1.0e-9}
                repair: {kind: exponential, mean: 1.0e-9}
        buy: {raw: {}}
        sell: {good: {}}
    """)
    with pytest.raises(LimitError) as caught:
        run_des(park)
    assert caught.value.problems[0].code == "CS-E006"
    assert caught.value.problems[0].path == "units.m"


def test_a_unit_of_no_capacity_changes_nothing():
    text = """
        materials: {{a: {{unit: GJ}}, b: {{unit: kNm3, lhv_gj: 10}}, h: {{unit: GJ}}}}
        units:
          {extra}
          g: {{recipe: {{feeds: {{b: 1}}, products: {{h: 1}}}}, capacity: 5}}
        buy: {{a: {{}}, b: {{}}}}
        sell: {{h: {{}}}}
    """
    idle = (
        "f: {recipe: {feeds: {fuel: {rate: 1, alternatives: [a, b]}}, products: {h: 1}}, "
        "capacity: 0}"
    )
    plain, more = run_des(park_of(text.format(extra=""))), run_des(park_of(text.format(extra=idle)))
    assert plain.flows.to_csv() == more.flows.to_csv()
