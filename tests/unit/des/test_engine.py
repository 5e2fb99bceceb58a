"""What the event engine does at the edges: clocks, trains, small buffers, one instant, the end."""

from __future__ import annotations

import itertools

import pytest

from chainsim.des.engine import run_des
from chainsim.errors import InfeasibleError, LimitError
from chainsim.results import Simulation
from tests.parks import park_of


def events(found: Simulation, *kinds: str) -> list[tuple[float, str, str]]:
    rows = [(float(e.time_h), e.component, e.event) for e in found.events.itertuples()]
    return [row for row in rows if not kinds or row[2].split(":")[0] in kinds]


def total(found: Simulation, kind: str, component: str) -> float:
    flows = found.flows
    return float(flows[(flows.kind == kind) & (flows.component == component)].quantity.sum())


ONE = """
    materials: {{x: {{}}, y: {{}}}}
    units:
      m: {{recipe: {{feeds: {{x: 1}}, products: {{y: 1}}}}, capacity: 10, {unit}}}
    buy: {{x: {{}}}}
    sell: {{y: {{}}}}
"""
AFTER_30 = (
    "failures: [{{uptime: {{kind: constant, value: 30}}, repair: {{kind: constant, value: 5}},"
    " clock: {clock}}}]"
)


def test_constant_failures_come_and_go_on_time():
    found = run_des(park_of(ONE.format(unit=AFTER_30.format(clock="calendar"))))
    assert [t for t, _, _ in events(found, "failure")] == [30.0, 65.0, 100.0][:2]
    assert found.units.full_load_h.sum() == pytest.approx(90.0)
    assert found.units.failed_h.sum() == pytest.approx(10.0)
    assert found.units.starts.sum() == 2


SUPPLIED = """
    materials: {{raw: {{}}, x: {{}}, y: {{}}}}
    units:
      source:
        recipe: {{feeds: {{raw: 1}}, products: {{x: 1}}}}
        capacity: 10
        overhaul: {{interval: 1000, duration: 20, first: 10}}
      m: {{recipe: {{feeds: {{x: 1}}, products: {{y: 1}}}}, capacity: 10, {unit}}}
    buy: {{raw: {{}}}}
    sell: {{y: {{}}}}
"""


@pytest.mark.parametrize(("clock", "hour"), [("calendar", 30.0), ("operating", 50.0)])
def test_an_operating_clock_runs_only_while_something_flows(clock, hour):
    # The source stands from 10 to 30 h: the operating clock reaches 30 h of running at 50 h.
    found = run_des(park_of(SUPPLIED.format(unit=AFTER_30.format(clock=clock))))
    assert events(found, "failure")[0] == (hour, "m", "failure:failure")


def test_an_overhaul_freezes_the_failure_clock():
    unit = f"{AFTER_30.format(clock='calendar')}, overhaul: {{interval: 1000, duration: 20, first: 10}}"
    found = run_des(park_of(ONE.format(unit=unit)))
    assert events(found, "failure")[0][0] == 50.0
    assert events(found, "overhaul_begins", "overhaul_ends") == [
        (10.0, "m", "overhaul_begins"),
        (30.0, "m", "overhaul_ends"),
    ]


def test_trains_fail_one_by_one():
    found = run_des(
        park_of(
            ONE.format(
                unit="trains: 4, failures: [{uptime: {kind: exponential, mean: 200},"
                " repair: {kind: constant, value: 10}}]"
            ),
            hours=2000.0,
        )
    )
    failures = events(found, "failure")
    assert {e.value for e in found.events.itertuples() if e.event == "failure:failure"} == {
        0,
        1,
        2,
        3,
    }
    lost = sum(min(10.0, 2000.0 - t) for t, _, _ in failures) / 4
    assert found.units.failed_h.sum() == pytest.approx(lost)
    assert found.units.full_load_h.sum() == pytest.approx(2000.0 - lost)


def test_a_buffer_without_capacity_is_as_good_as_none():
    text = SUPPLIED.format(unit="min_load: 0")
    bare = run_des(park_of(text))
    zero = run_des(park_of(text + "    buffers: {b: {material: x, capacity: 0}}\n"))
    assert total(zero, "sell", "y") == pytest.approx(total(bare, "sell", "y"), abs=1e-9)
    assert total(zero, "fill", "b") == total(zero, "draw", "b") == 0.0


PIECES = {
    "a": "{recipe: {feeds: {x: 1}, products: {y: 1}}, capacity: 5, priority: 2, "
    "overhaul: {interval: 1000, duration: 10, first: 20}}",
    "b": "{recipe: {feeds: {x: 1}, products: {y: 1}}, capacity: 5, priority: 1, "
    "overhaul: {interval: 1000, duration: 10, first: 30}}",
    "c": "{recipe: {feeds: {y: 1}, products: {z: 1}}, capacity: 8, priority: 3, "
    "failures: [{uptime: {kind: constant, value: 20}, repair: {kind: constant, value: 10}}]}",
}


def test_the_order_of_definition_does_not_matter_when_all_happens_at_once():
    # At 20 h one overhaul begins and c fails; at 30 h one ends, one begins, c is repaired.
    answers = set()
    for order in itertools.permutations(PIECES):
        units = "\n".join(f"      {key}: {PIECES[key]}" for key in order)
        found = run_des(
            park_of(
                f"""
    materials: {{x: {{}}, y: {{}}, z: {{}}}}
    units:
{units}
    buffers: {{y: {{capacity: 20}}}}
    buy: {{x: {{}}}}
    sell: {{z: {{}}}}
"""
            )
        )
        answers.add(found.flows.to_csv() + found.events.to_csv() + found.units.to_csv())
        # y backs up at 50 and 80 h, when c stands; b also waits for the end of its overhaul
        assert [t for t, _, _ in events(found)] == sorted(t for t, _, _ in events(found))
        assert events(found, "start") == [
            (30.0, "a", "start"),
            (30.0, "c", "start"),
            (40.0, "b", "start"),
            *((t, unit, "start") for t in (60.0, 90.0) for unit in "abc"),
        ]
    assert len(answers) == 1


def test_what_ends_with_the_horizon_is_counted_in_full():
    plan = "overhaul: {interval: 1000, duration: 10, first: 90}"
    found = run_des(park_of(ONE.format(unit=plan)))
    assert found.units.overhaul_h.sum() == pytest.approx(10.0)
    assert found.units.hours.sum() == pytest.approx(100.0)
    cut = run_des(park_of(ONE.format(unit=plan), hours=95.5))
    assert total(cut, "sell", "y") == pytest.approx(-900.0)
    assert cut.units.overhaul_h.sum() == pytest.approx(5.5)


def test_totals_do_not_depend_on_reporting_periods():
    unit = AFTER_30.format(clock="calendar")
    found = run_des(park_of(ONE.format(unit=unit), hours=24.0 * 59))
    assert sorted(found.units.period) == ["2025-01", "2025-02"]
    assert found.units.full_load_h.sum() + found.units.failed_h.sum() == pytest.approx(24.0 * 59)
    assert found.flows.quantity.sum() == pytest.approx(0.0, abs=1e-9)


def test_chatter_is_stopped_and_a_restart_level_mends_it():
    text = """
        materials: {{raw: {{}}, x: {{}}, good: {{}}}}
        units:
          source: {{recipe: {{feeds: {{raw: 1}}, products: {{x: 1}}}}, capacity: 3}}
          m:
            recipe: {{feeds: {{x: 1}}, products: {{good: 1}}}}
            capacity: 10
            min_load: 0.5
            restart_level: {{{level}}}
        buffers: {{tank: {{material: x, capacity: 10}}}}
        buy: {{raw: {{}}}}
        sell: {{good: {{}}}}
    """
    with pytest.raises(LimitError) as caught:
        run_des(park_of(text.format(level="")))
    assert caught.value.problems[0].code == "CS-E005"
    found = run_des(park_of(text.format(level="tank: 0.9"), hours=1000.0))
    assert -total(found, "sell", "good") == pytest.approx(3000.0, abs=10.0)
    assert found.units.groupby("component")["starts"].sum()["m"] > 10


def test_a_hard_obligation_broken_by_a_failure_names_the_hour():
    text = ONE.format(unit=AFTER_30.format(clock="calendar"))
    with pytest.raises(InfeasibleError) as caught:
        run_des(park_of(text + "    obligations: {y: {rate: 4, hard: true}}\n"))
    problem = caught.value.problems[0]
    assert (problem.code, problem.params["hour"]) == ("CS-E004", "30")


def test_replications_differ_and_repeat():
    unit = (
        "failures: [{uptime: {kind: exponential, mean: 20}, repair: {kind: exponential, mean: 5}}]"
    )
    park = park_of(ONE.format(unit=unit))
    one, again, other = (run_des(park, seed=4, replication=r) for r in (0, 0, 1))
    assert one.events.equals(again.events)
    assert not one.events.equals(other.events)
