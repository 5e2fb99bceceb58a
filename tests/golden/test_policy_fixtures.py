"""Worked figures of the city's document: three limits, quotas of a move, a cut among five firms.

The figures were worked by hand from the document's limits (551.9 and 399.6 wan t, 44 wan tce, 110
kgce/t, 3.23 tce per ten thousand yuan) and Shanxi's published prices of emission rights.
"""

from __future__ import annotations

import math

import pytest

from chainsim.accounts import formulas as f
from chainsim.accounts.air_formulas import emission_t, quota_air_t, quota_energy_tce
from chainsim.accounts.cut_formulas import allocate_cut, trigger_tests, unfair_pairs
from chainsim.errors import ScenarioError

PLAN = {"a": 150.0, "b": 100.0, "c": 80.0, "d": 40.0, "e": 29.6}
WEIGHTS = {"a": 0.6, "b": 0.8, "c": 1.0, "d": 1.4, "e": 1.4}
FLOORS = {"a": 105.0, "b": 70.0, "c": 56.0, "d": 24.0, "e": 17.76}


def test_output_times_intensity_is_the_total() -> None:
    assert pytest.approx(439_560) == 399.6e4 * 110 / 1e3
    assert f.triangle_gap(399.6e4, 110.0, 44e4) == pytest.approx(440 / 440_000)
    assert pytest.approx(110.11, abs=0.005) == 44e4 * 1e3 / 399.6e4


@pytest.mark.parametrize(("e", "most"), [(115, 382.6), (135, 325.9), (140, 314.3)])
def test_most_output_inside_the_total(e: float, most: float) -> None:
    assert 44e4 * 1e3 / e / 1e4 == pytest.approx(most, abs=0.05)


def test_full_capacity_needs_less_than_any_oven_takes() -> None:
    assert pytest.approx(79.7, abs=0.05) == 44e4 * 1e3 / 551.9e4


def test_least_value_added() -> None:
    assert f.min_value_added_cny_per_t(110.0, 3.23) == pytest.approx(340.6, abs=0.05)
    assert pytest.approx(13.62, abs=0.005) == 44e4 / 3.23 / 1e4  # yi CNY: wan CNY / 1e4


def test_a_move_of_a_million_tonnes() -> None:
    assert quota_energy_tce(1e6, 1.0, 110.0) == pytest.approx(110_000)
    air = [quota_air_t(1e6, 1.0, 1750.0, c) for c in (10.0, 30.0, 150.0)]
    assert air == pytest.approx([17.5, 52.5, 262.5])
    cost = sum(t * p for t, p in zip(air, (5_900, 18_000, 19_000), strict=True))
    assert cost / 1e4 == pytest.approx(604, abs=1)


@pytest.mark.parametrize(("flue", "nox"), [(1500, 900), (2000, 1200)])
def test_oven_stacks_of_the_city(flue: float, nox: float) -> None:
    assert emission_t(399.6e4 * flue, 150.0) == pytest.approx(nox, rel=2e-3)


def test_the_cut_among_five_firms() -> None:
    found = allocate_cut(PLAN, WEIGHTS, FLOORS, sum(PLAN.values()) - 39.96)
    cuts = {k: s.cut for k, s in found.shares.items()}
    expected = {"a": 10.35, "b": 9.20, "c": 9.20, "d": 6.44, "e": 4.77}
    assert cuts == pytest.approx(expected, abs=0.005)
    rates = {k: 100 * cuts[k] / PLAN[k] for k in PLAN}
    assert rates == pytest.approx({"a": 6.9, "b": 9.2, "c": 11.5, "d": 16.1, "e": 16.1}, abs=0.05)
    assert sum(cuts.values()) == pytest.approx(39.96)
    assert not any(s.bound for s in found.shares.values())
    assert unfair_pairs(PLAN, found.shares, WEIGHTS) == []


def test_a_floor_passes_the_rest_on() -> None:
    floors = {**FLOORS, "d": 38.0}
    found = allocate_cut(PLAN, WEIGHTS, floors, sum(PLAN.values()) - 39.96)
    assert found.shares["d"].bound
    assert found.shares["d"].cut == pytest.approx(2.0)
    assert sum(s.cut for s in found.shares.values()) == pytest.approx(39.96)
    assert unfair_pairs(PLAN, found.shares, WEIGHTS) == []


def test_what_cannot_be_cut_is_said() -> None:
    found = allocate_cut(PLAN, WEIGHTS, FLOORS, 200.0)
    assert not found.feasible
    assert found.missing == pytest.approx(sum(FLOORS.values()) - 200.0)
    assert {k: s.after for k, s in found.shares.items()} == pytest.approx(FLOORS)


def test_no_cut_where_the_plan_is_below_the_target() -> None:
    found = allocate_cut(PLAN, WEIGHTS, FLOORS, 500.0)
    assert found.required == 0.0
    assert all(s.cut == 0.0 and not s.bound for s in found.shares.values())


def test_who_has_no_weight_and_no_floor_is_cut_alike() -> None:
    """300 to 200 by steps of 1: 33.3 each, the last one by the order of names."""
    found = allocate_cut({"a": 100.0, "b": 100.0, "c": 100.0}, {}, {}, 200.0, step=1.0)
    assert [s.cut for s in found.shares.values()] == pytest.approx([34.0, 33.0, 33.0])
    found = allocate_cut({"a": 100.0, "b": 100.0}, {"b": 3.0}, {}, 160.0)
    assert [s.cut for s in found.shares.values()] == pytest.approx([10.0, 30.0])


def test_who_is_at_its_floor_is_rounded_too() -> None:
    """Room for 2.5 of 5: two steps of 1, and eight by the other."""
    found = allocate_cut({"a": 50.0, "b": 50.0}, {}, {"a": 47.5}, 90.0, step=1.0)
    assert [s.cut for s in found.shares.values()] == pytest.approx([2.0, 8.0])
    assert found.shares["a"].bound
    short = allocate_cut({"a": 50.0, "b": 50.0}, {}, {"a": 47.5, "b": 48.1}, 90.0, step=1.0)
    assert [s.cut for s in short.shares.values()] == pytest.approx([2.5, 1.9])
    assert short.missing == pytest.approx(5.6)


def test_a_cut_refuses_strangers_and_amounts_below_zero() -> None:
    with pytest.raises(ScenarioError) as told:
        allocate_cut({"coker": -1.0}, {"cokr": 1.0}, {"coker": math.nan}, 0.0)
    found = [(p.code, p.path, p.hint) for p in told.value.problems]
    assert found == [
        ("CS-A012", "floors.coker", ""),
        ("CS-A012", "plan.coker", ""),
        ("CS-A012", "weights.cokr", "coker"),
    ]


def test_triggers_at_and_beside_their_thresholds() -> None:
    thresholds = {"price_fall": 0.15, "stock_days": 15.0, "margin": 0.0}
    assert trigger_tests({"price_fall": 0.15, "stock_days": 14.9, "margin": 0.0}, thresholds) == {
        "price_fall": True,
        "stock_days": False,
        "margin": False,
    }
