"""Processes of the user: waiting for levels, taking units down, changing limits."""

from __future__ import annotations

import pytest
import simpy

import chainsim as cs
from chainsim.des.engine import run_des
from chainsim.errors import LimitError, ScenarioError
from chainsim.results import Simulation
from tests.parks import park_of

TANK = """
    materials: {raw: {}, x: {}}
    units:
      source: {recipe: {feeds: {raw: 1}, products: {x: 1}}, capacity: 6}
    buffers: {tank: {material: x, capacity: 100, initial: 10}}
    buy: {raw: {}}
    sell: {x: {limit: 10, priority: 200}}
"""


def total(found: Simulation, kind: str, component: str) -> float:
    flows = found.flows
    return float(flows[(flows.kind == kind) & (flows.component == component)].quantity.sum())


def test_a_process_wakes_at_the_instant_at_which_a_level_is_reached():
    # Sales closed: +6/h from 10, at 70 after 10 h; then 10/h are sold: -4/h, 30 after 10 h more.
    woken = []

    def keeper(desk):
        while True:
            desk.limit("sell.x", 0.0)
            yield desk.rises_to("tank", 70.0)
            woken.append(("full", desk.now, desk.level("tank")))
            desk.limit("sell.x", None)
            yield desk.falls_to("tank", 30.0)
            woken.append(("low", desk.now, desk.level("tank")))

    found = run_des(park_of(TANK, hours=50.0), processes=[keeper])
    times = [10 + (k // 2) * (10 + 40 / 6) + (k % 2) * 10 for k in range(len(woken))]
    assert [t for _, t, _ in woken] == pytest.approx(times, abs=1e-9)
    assert [name for name, _, _ in woken] == ["full", "low", "full", "low", "full"]
    assert [level for _, _, level in woken] == pytest.approx([70, 30, 70, 30, 70], abs=1e-7)
    sold = 10 * (10 + 10 + (50 - times[4]))
    assert -total(found, "sell", "x") == pytest.approx(sold, abs=1e-6)
    assert found.allocations < 15  # nothing is polled


def test_a_level_that_is_there_already_does_not_have_to_be_waited_for():
    woken = []

    def process(desk):
        yield desk.rises_to("tank", 5.0)
        woken.append(desk.now)
        yield desk.wait(3.0)
        yield desk.falls_to("tank", 50.0)
        woken.append(desk.now)

    run_des(park_of(TANK), processes=[process])
    assert woken == [0.0, 3.0]


def test_a_process_takes_a_unit_down_and_brings_it_back():
    def process(desk):
        yield desk.at(20.0)
        assert desk.activity("source") == 1.0
        desk.take_down("source")
        yield desk.wait(5.0)
        assert desk.activity("source") == 0.0
        desk.bring_back("source")
        desk.note("source", "inspected", 1.0)

    found = run_des(park_of(TANK), processes=[process])
    assert total(found, "buy", "raw") == pytest.approx(6 * 95)
    told = found.events[found.events.component == "source"]
    assert told.event.tolist() == ["taken_down", "stop", "brought_back", "inspected", "start"]


def test_a_process_caps_a_unit():
    def process(desk):
        desk.limit("units.source", 0.5)
        yield desk.at(10.0)
        desk.limit("units.source", None)

    found = run_des(park_of(TANK), processes=[process])
    assert total(found, "buy", "raw") == pytest.approx(3 * 10 + 6 * 90)


def test_a_process_that_does_nothing_changes_nothing():
    def process(desk):
        while True:
            yield desk.wait(7.0)

    park = park_of(TANK)
    assert run_des(park, processes=[process]).flows.to_csv() == run_des(park).flows.to_csv()


def test_several_processes_act_through_the_public_interface():
    def one(desk):
        yield desk.at(1.0)
        desk.take_down("source")

    def two(desk):
        yield desk.falls_to("tank", 0.0)
        desk.note("tank", "seen_empty", desk.now)

    result = cs.run(park_of(TANK), processes=[one, two])
    seen = result.simulation.events
    # +6 - 10 = -4/h for 1 h, then 6 left at -10/h
    assert seen[seen.event == "seen_empty"].time_h.tolist() == pytest.approx([1.6])


@pytest.mark.parametrize(
    ("act", "found"),
    [
        (lambda desk: desk.take_down("sourse"), "sourse"),
        (lambda desk: desk.limit("sel.x", 1.0), "sel"),
        (lambda desk: desk.rises_to("tanc", 1.0), "tanc"),
    ],
)
def test_names_that_do_not_exist_are_told(act, found):
    def process(desk):
        act(desk)
        yield desk.wait(1.0)

    with pytest.raises(ScenarioError) as caught:
        run_des(park_of(TANK), processes=[process])
    assert caught.value.problems[0].code == "CS-S002"
    assert caught.value.problems[0].found == found


def test_what_cannot_be_waited_for_is_told_with_its_place():
    """Simpy's own error named neither the process nor what is expected."""

    def keeper(desk):
        yield desk.wait(1.0)
        yield 3.0

    def elsewhere(desk):
        yield simpy.Environment().timeout(1.0)

    def plain(desk):
        desk.note("tank", "seen")

    for process, code, found, line in (
        (keeper, "CS-E014", "3.0", 2),
        (elsewhere, "CS-E014", "Timeout(1.0)", 1),
        (plain, "CS-E015", "None", 0),
    ):
        with pytest.raises(ScenarioError) as caught:
            run_des(park_of(TANK), processes=[process])
        problem = caught.value.problems[0]
        assert (problem.code, problem.path) == (code, process.__name__)
        assert found in problem.found
        assert problem.file == __file__
        assert problem.line == process.__code__.co_firstlineno + line
        assert "desk.wait" in problem.expected


def test_what_a_wait_throws_reaches_the_process():
    told = []

    def process(desk):
        broken = desk.at(1.0) & simpy.Event(desk.at(0.0).env).fail(KeyError("gone"))
        try:
            yield broken
        except KeyError:
            told.append(desk.now)
        yield desk.wait(1.0)
        told.append(desk.now)

    run_des(park_of(TANK), processes=[process])
    assert told == [0.0, 1.0]


def test_a_process_that_never_lets_time_pass_is_stopped():
    def process(desk):
        while True:
            yield desk.wait(0.0)

    with pytest.raises(LimitError) as caught:
        run_des(park_of(TANK), processes=[process])
    assert caught.value.problems[0].code == "CS-E006"


def test_too_many_levels_waited_for_are_told():
    def process(desk):
        for level in range(40):
            desk.rises_to("tank", 50.0 + level)
        yield desk.wait(1.0)

    with pytest.raises(LimitError) as caught:
        run_des(park_of(TANK), processes=[process])
    assert caught.value.problems[0].code == "CS-E009"
