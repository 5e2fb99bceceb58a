"""Trains, spares, stand-by, crews and planned stops: traces worked out by hand."""

from __future__ import annotations

import pytest

from chainsim.balance.plant import Plant
from chainsim.balance.steady import run_steady
from chainsim.des.engine import run_des
from chainsim.errors import DataError, StructureError
from chainsim.results import Simulation
from tests.parks import park_of


def total(found: Simulation, kind: str, component: str) -> float:
    flows = found.flows
    return float(flows[(flows.kind == kind) & (flows.component == component)].quantity.sum())


def happened(found: Simulation, *kinds: str) -> list[tuple[float, str, str]]:
    rows = [(round(float(e.time_h), 9), e.component, e.event) for e in found.events.itertuples()]
    return [row for row in rows if not kinds or row[2].split(":")[0] in kinds]


def constant(uptime: float, repair: float, more: str = "") -> str:
    return (
        f"{{uptime: {{kind: constant, value: {uptime}}},"
        f" repair: {{kind: constant, value: {repair}}}{more}}}"
    )


PAIR = """
    materials: {{x: {{}}, y: {{}}}}
    units:
      m:
        recipe: {{feeds: {{x: 1}}, products: {{y: 1}}}}
        capacity: 10
        {unit}
    buy: {{x: {{limit: {supply}}}}}
    sell: {{y: {{}}}}
"""


# -- least load of trains ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("supply", "rate"),
    [
        (10, 10.0),
        (4, 4.0),  # below 6, the least load of both: one of the two runs alone
        (3, 3.0),  # the least load of one
        (2.9, 0.0),
    ],
)
def test_two_trains_may_run_down_to_the_least_load_of_one(supply: float, rate: float):
    park = park_of(PAIR.format(unit="trains: 2\n        min_load: 0.6", supply=supply))
    for found in (run_des(park), run_steady(park)):
        assert -total(found, "sell", "y") == pytest.approx(100 * rate, abs=1e-9)


def test_with_one_train_down_the_other_runs_between_its_own_limits():
    # Both trains fail at 40 h for 10 h, but the second is mended in 5: between 45 and 50 h one is up.
    unit = f"trains: 2\n        min_load: 0.6\n        failures: [{constant(40, 10)}]"
    found = run_des(park_of(PAIR.format(unit=unit, supply=10), hours=45.0))
    assert -total(found, "sell", "y") == pytest.approx(400.0)
    together = run_des(
        park_of(
            PAIR.format(unit=unit + "\n        needed: 2\n        if_short: stop", supply=4),
            hours=40.0,
        )
    )
    assert -total(together, "sell", "y") == 0.0  # as one machine: 6 at least


# -- k of n -----------------------------------------------------------------------------------

OUT = "overhaul: {interval: 1000, duration: 10, first: 20}"


def test_a_hot_spare_carries_the_nameplate_and_both_age():
    # Three trains, two needed, all fail after 30 h for 6 h: nothing for 6 h, then the same again.
    unit = f"trains: 3\n        needed: 2\n        failures: [{constant(30, 6)}]"
    found = run_des(park_of(PAIR.format(unit=unit, supply=10), hours=72.0))
    assert -total(found, "sell", "y") == pytest.approx(600.0)
    assert [t for t, _, _ in happened(found, "failure")] == [30.0] * 3 + [66.0] * 3


def test_a_cold_spare_ages_only_while_it_runs():
    # Trains 0 and 1 run and fail at 30 h. 2 takes over alone: 5/h until 36 h, when 0 and 1 are
    # back; 0 is put to use beside 2, and 1 stands. Used from 30 on, 2 fails at 60 h, then 1 runs.
    # 0 fails at 36 + 30 = 66 h; 2 is back at that hour and takes over.
    unit = (
        f"trains: 3\n        needed: 2\n        spares: cold\n        failures: [{constant(30, 6)}]"
    )
    found = run_des(park_of(PAIR.format(unit=unit, supply=10), hours=80.0))
    failures = [
        (e.time_h, e.value) for e in found.events.itertuples() if e.event == "failure:failure"
    ]
    assert failures == [(30.0, 0.0), (30.0, 1.0), (60.0, 2.0), (66.0, 0.0)]
    assert -total(found, "sell", "y") == pytest.approx(10 * 80 - 5 * 6)


def test_a_unit_that_needs_all_stops_when_one_is_missing():
    park = PAIR.format(
        unit=f"trains: 2\n        if_short: stop\n        failures: [{constant(30, 6)}]", supply=10
    )
    assert -total(run_des(park_of(park, hours=50.0)), "sell", "y") == pytest.approx(440.0)


def test_more_trains_needed_than_there_are_is_an_error():
    with pytest.raises(StructureError) as caught:
        park_of(PAIR.format(unit="trains: 2\n        needed: 3", supply=10))
    assert caught.value.problems[0].code == "CS-S023"


# -- stand-by ---------------------------------------------------------------------------------

STAND_BY = """
    materials: {{x: {{}}, y: {{}}}}
    units:
      a:
        recipe: {{feeds: {{x: 1}}, products: {{y: 1}}}}
        capacity: 10
        overhaul: {{interval: 1000, duration: 10, first: 20}}
      b:
        recipe: {{feeds: {{x: 1}}, products: {{y: 1}}}}
        capacity: 10
        standby_for: [a]
        {more}
    buy: {{x: {{}}}}
    sell: {{y: {{}}}}
"""


def test_a_unit_that_stands_by_runs_only_while_the_other_is_down():
    found = run_des(park_of(STAND_BY.format(more="min_load: 0")))
    assert -total(found, "sell", "y") == pytest.approx(1000.0)
    hours = found.units.groupby("component").running_h.sum()
    assert (hours["a"], hours["b"]) == pytest.approx((90.0, 10.0))


def test_a_cold_unit_does_not_age_on_an_operating_clock():
    # b runs from 20 to 30 h only: its clock of 5 h rings at 25 h, not at 5 h.
    more = f"failures: [{constant(5, 2, ', clock: operating')}]"
    found = run_des(park_of(STAND_BY.format(more=more)))
    assert happened(found, "failure") == [(25.0, "b", "failure:failure")]
    assert -total(found, "sell", "y") == pytest.approx(1000.0 - 20.0)


def test_a_stand_by_that_is_never_needed_changes_nothing():
    text = STAND_BY.format(more="min_load: 0").replace(
        "duration: 10, first: 20", "duration: 10, first: 900"
    )
    without = text.replace("standby_for: [a]", "standby_for: []\n        start: 2030-01-01")
    one, other = run_des(park_of(text)), run_des(park_of(without))
    assert one.flows.to_csv() == other.flows.to_csv()
    assert one.events.to_csv() == other.events.to_csv()


def test_units_that_stand_by_for_each_other_are_refused():
    text = STAND_BY.format(more="min_load: 0").replace(
        "overhaul: {interval: 1000, duration: 10, first: 20}", "standby_for: [b]"
    )
    with pytest.raises(StructureError) as caught:
        park_of(text)
    problem = caught.value.problems[0]
    assert (problem.code, problem.path) == ("CS-S032", "units.a.standby_for")
    assert problem.found in ("a, b", "b, a")


# -- crews ------------------------------------------------------------------------------------

THREE = """
    materials: {{x: {{}}, y: {{}}}}
    crews: {{fitters: {{size: {size}}}}}
    units:
      a: {{recipe: {{feeds: {{x: 1}}, products: {{y: 1}}}}, capacity: 1, crew: fitters, crew_priority: {pa}, failures: [{fa}]}}
      b: {{recipe: {{feeds: {{x: 1}}, products: {{y: 1}}}}, capacity: 1, crew: fitters, failures: [{fb}]}}
      c: {{recipe: {{feeds: {{x: 1}}, products: {{y: 1}}}}, capacity: 1, crew: fitters, failures: [{fc}]}}
    buy: {{x: {{}}}}
    sell: {{y: {{}}}}
"""


def mended(size: int, pa: int = 0) -> list[tuple[float, str]]:
    # c fails at 10 h, b at 12, a at 13; repairs of 5 h each.
    text = THREE.format(
        size=size, pa=pa, fa=constant(13, 5), fb=constant(12, 5), fc=constant(10, 5)
    )
    found = run_des(park_of(text, hours=26.0))
    return [(t, c) for t, c, _ in happened(found, "repaired")]


def test_one_crew_mends_first_come_first_served():
    assert mended(1) == [(15.0, "c"), (20.0, "b"), (25.0, "a")]


def test_who_has_priority_goes_before_who_came_earlier():
    assert mended(1, pa=-1) == [(15.0, "c"), (20.0, "a"), (25.0, "b")]


def test_two_of_a_crew_mend_two_at_a_time():
    assert mended(2) == [(15.0, "c"), (17.0, "b"), (20.0, "a")]


def test_who_comes_at_the_same_instant_is_served_by_priority_not_by_name():
    same = constant(10, 5)
    text = THREE.format(size=1, pa=1, fa=same, fb=same, fc=same)
    found = run_des(park_of(text, hours=26.0))
    assert [c for _, c, _ in happened(found, "repaired")] == ["b", "c", "a"]


def test_a_crew_large_enough_for_all_changes_nothing():
    text = THREE.format(size=3, pa=0, fa=constant(13, 5), fb=constant(12, 5), fc=constant(10, 5))
    bare = text.replace("crew: fitters, ", "").replace("crew_priority: 0, ", "")
    one, other = run_des(park_of(text)), run_des(park_of(bare))
    assert one.flows.to_csv() == other.flows.to_csv()
    told = one.events[~one.events.event.str.startswith("repair:")]
    assert told.to_csv(index=False) == other.events.to_csv(index=False)


def test_modes_of_one_unit_fail_by_themselves_and_are_told_apart():
    modes = (
        f"[{constant(10, 2, ', mode: leak')}, {constant(15, 3, ', mode: motor, clock: operating')}]"
    )
    found = run_des(park_of(PAIR.format(unit=f"failures: {modes}", supply=10), hours=30.0))
    # leak at 10 and 22 h; the motor has run 10 + 5 h at 17 h; mended at 20 h it would fail at 37 h.
    assert happened(found, "failure") == [
        (10.0, "m", "failure:leak"),
        (17.0, "m", "failure:motor"),
        (22.0, "m", "failure:leak"),
    ]
    assert -total(found, "sell", "y") == pytest.approx(10 * (30 - 2 - 3 - 2))


def test_two_modes_of_one_name_are_refused():
    unit = f"failures: [{constant(10, 2)}, {constant(11, 2)}]"
    with pytest.raises(StructureError) as caught:
        park_of(PAIR.format(unit=unit, supply=10))
    assert caught.value.problems[0].code == "CS-S024"


# -- planned stops ----------------------------------------------------------------------------


def test_stops_on_dates():
    unit = "overhaul: {dates: [2025-01-02, 2025-01-04], duration: 6}"
    found = run_des(park_of(PAIR.format(unit=unit, supply=10)))
    assert happened(found, "overhaul_begins", "overhaul_ends") == [
        (24.0, "m", "overhaul_begins"),
        (30.0, "m", "overhaul_ends"),
        (72.0, "m", "overhaul_begins"),
        (78.0, "m", "overhaul_ends"),
    ]
    steady = run_steady(park_of(PAIR.format(unit=unit, supply=10)))
    assert steady.units.overhaul_h.sum() == pytest.approx(12.0)


def test_stops_by_hours_run_wait_for_hours_run():
    # Fails at 10 h for 5 h: 20 h run are reached at 25 h; the stop lasts till 29 h; 20 h more run,
    # with another failure at 15 + 10 + 4 (frozen during the stop) = 29 h till 34 h, end at 54 h.
    unit = (
        "overhaul: {interval: 20, first: 20, duration: 4, clock: operating}\n"
        f"        failures: [{constant(10, 5)}]"
    )
    found = run_des(park_of(PAIR.format(unit=unit, supply=10), hours=60.0))
    assert happened(found, "overhaul_begins")[0][0] == 25.0
    failures = [t for t, _, _ in happened(found, "failure")]
    assert failures[:2] == [10.0, 25.0]
    # 25 h: the clock rings as the stop begins; mended at 30 h; 40, 55 h next.
    assert failures[2:] == [40.0, 55.0]


TWO = """
    materials: {{x: {{}}, y: {{}}}}
    units:
      a: {{recipe: {{feeds: {{x: 1}}, products: {{y: 1}}}}, capacity: 1, overhaul: {{interval: 1000, first: 20, duration: 10, not_with: [{apart}]}}}}
      b: {{recipe: {{feeds: {{x: 1}}, products: {{y: 1}}}}, capacity: 1, overhaul: {{interval: 1000, first: 25, duration: 10}}}}
    buy: {{x: {{}}}}
    sell: {{y: {{}}}}
"""


@pytest.mark.parametrize(("apart", "begin"), [("", 25.0), ("b", 30.0)])
def test_stops_that_may_not_coincide_follow_each_other(apart: str, begin: float):
    found = run_des(park_of(TWO.format(apart=apart)))
    assert happened(found, "overhaul_begins") == [
        (20.0, "a", "overhaul_begins"),
        (begin, "b", "overhaul_begins"),
    ]


def test_a_plan_needs_an_interval_or_dates():
    with pytest.raises(DataError) as caught:
        park_of(PAIR.format(unit="overhaul: {duration: 6}", supply=10))
    assert caught.value.problems[0].code == "CS-S022"


# -- the steady engine ------------------------------------------------------------------------

RANDOM = "[{uptime: {kind: exponential, mean: 90}, repair: {kind: exponential, mean: 10}}]"


@pytest.mark.parametrize(
    ("unit", "share"),
    [
        ("trains: 2", 0.9),
        ("trains: 3\n        needed: 2", (0.9**3 + 3 * 0.9**2 * 0.1) + 0.5 * 3 * 0.9 * 0.01),
        ("trains: 2\n        if_short: stop", 0.81),
        # one runs, one is cold: states 2, 1, 0 up weigh 1, 1/9, 1/162
        ("trains: 2\n        needed: 1\n        spares: cold", (1 + 1 / 9) / (1 + 1 / 9 + 1 / 162)),
    ],
)
def test_the_mean_of_trains_in_the_steady_engine(unit: str, share: float):
    park = park_of(PAIR.format(unit=f"{unit}\n        failures: {RANDOM}", supply=10))
    found = run_steady(park, plant=Plant(park))
    assert -total(found, "sell", "y") == pytest.approx(1000.0 * share)


def test_a_stand_by_in_the_steady_engine_runs_what_the_other_lacks():
    found = run_steady(park_of(STAND_BY.format(more="min_load: 0")))
    hours = found.units.groupby("component").full_load_h.sum()
    assert (hours["a"], hours["b"]) == pytest.approx((90.0, 10.0))
