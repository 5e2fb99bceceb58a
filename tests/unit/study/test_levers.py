"""Levers and schemes: ranges, overrides, plain data; the difference of a scheme step by step."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainsim.study.cache import shipped, shipped_park, steady_result
from chainsim.study.levers import GROUPS, Scheme, levers, overrides, price_sets
from chainsim.study.schemes import scheme_data, scheme_of, scheme_result, with_figure
from chainsim.study.steps import steps

BASE = "xinzhou-base"
KNOWN = {lever.id: lever for lever in levers(BASE)}


@pytest.mark.parametrize("name", shipped())
def test_every_scenario_has_levers_that_stand_in_their_range(name: str) -> None:
    found = levers(name)
    assert 2 <= len(found) <= 16
    for lever in found:
        assert lever.low <= lever.base <= lever.high
        assert lever.low < lever.high
    groups = [GROUPS.index(lever.group) for lever in found]
    assert groups == sorted(groups)


@pytest.mark.parametrize("key", sorted(KNOWN))
@pytest.mark.parametrize("end", ["low", "high"])
def test_both_ends_of_every_lever_are_a_park(key: str, end: str) -> None:
    lever = KNOWN[key]
    texts = overrides(Scheme(base=BASE).with_value(lever, getattr(lever, end)))
    assert shipped_park(BASE, texts).units


moves = st.lists(
    st.sampled_from(sorted(KNOWN)).flatmap(
        lambda key: st.tuples(
            st.just(key), st.floats(KNOWN[key].low, KNOWN[key].high, allow_nan=False)
        )
    ),
    max_size=6,
)


@given(moves, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_a_scheme_is_its_last_values_whatever_the_order(
    made: list[tuple[str, float]], luck: object
) -> None:
    last = dict(made)
    scheme = Scheme(base=BASE)
    for key, value in made:
        scheme = scheme.with_value(KNOWN[key], value)
    other = Scheme(base=BASE)
    shuffled = list(last.items())
    luck.shuffle(shuffled)  # type: ignore[attr-defined]
    for key, value in shuffled:
        other = other.with_value(KNOWN[key], value)
    assert scheme == other
    assert scheme_of(scheme_data(scheme)) == scheme
    for key in last:
        scheme = scheme.with_value(KNOWN[key], KNOWN[key].base)
    assert scheme == Scheme(base=BASE)


def test_a_capacity_is_what_the_lever_says() -> None:
    scheme = Scheme(base=BASE).with_value(KNOWN["methanol"], 20.0)
    park = shipped_park(BASE, overrides(scheme))
    total = sum(park.units[p].capacity_per_a for p in KNOWN["methanol"].parts)
    assert total == pytest.approx(200_000, rel=1e-9)


def test_a_load_is_what_the_lever_says() -> None:
    before = scheme_result(Scheme(base=BASE)).kpi("output.coke_t")
    lever = KNOWN["oven_load"]
    after = scheme_result(Scheme(base=BASE).with_value(lever, 80.0)).kpi("output.coke_t")
    assert after / before == pytest.approx(80.0 / lever.base, rel=0.02)


def test_carbon_price_and_price_set_change_no_flow() -> None:
    base = scheme_result(Scheme(base=BASE))
    scheme = Scheme(base=BASE, prices=price_sets(BASE)[0])
    scheme = scheme.with_value(KNOWN["carbon_price"], 100.0)
    after = scheme_result(scheme)
    assert after.kpi("output.coke_t") == base.kpi("output.coke_t")
    assert after.kpi("value.added_cny") != base.kpi("value.added_cny")
    assert scheme.changed == 2


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"base": "../../etc/passwd"},
        {"base": "draft-0123456789ab"},
        {"base": BASE, "values": [1]},
        {"base": BASE, "prices": "nothing"},
        {"base": BASE, "values": {str(i): 1.0 for i in range(99)}},
    ],
)
def test_what_is_no_scheme_is_none(data: object) -> None:
    assert scheme_of(data) is None


def test_values_beyond_the_range_are_drawn_to_its_end() -> None:
    values = {"methanol": 1e9, "gone": 1.0, "lng": math.inf, "tar": "x", "oven_load": -5}
    scheme = scheme_of({"base": BASE, "values": values})
    assert scheme is not None
    assert dict(scheme.values) == {
        "methanol": KNOWN["methanol"].high,
        "oven_load": KNOWN["oven_load"].low,
    }


def test_steps_sum_to_the_whole_difference() -> None:
    scheme = Scheme(base=BASE, prices=price_sets(BASE)[0])
    for key, value in (("methanol", 20.0), ("oven_load", 78.0), ("coke_price", 110.0)):
        scheme = scheme.with_value(KNOWN[key], value)
    frame = steps(scheme, "value.added_cny")
    assert len(frame) == 1 + 4
    whole = scheme_result(scheme).kpi("value.added_cny")
    start = steady_result(BASE).kpi("value.added_cny")
    assert frame["change"].sum() == pytest.approx(whole - start, rel=1e-9)
    assert frame["value"].iloc[-1] == pytest.approx(whole, rel=1e-12)


def test_another_figure_of_the_library_moves_what_depends_on_it() -> None:
    scheme = Scheme(base=BASE)
    before = scheme_result(scheme)
    path = "prices.methanol"
    value = before.park.library.prices["methanol"].value_cny
    after = with_figure(scheme, path, value * 1.1)
    assert after.kpi("value.added_cny") > before.kpi("value.added_cny")
    assert after.kpi("output.coke_t") == before.kpi("output.coke_t")
