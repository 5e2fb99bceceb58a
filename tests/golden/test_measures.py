"""Limits and prices by month and date, and measures that hold for a time."""

from __future__ import annotations

import pytest

import chainsim as cs
from chainsim.balance.steady import run_steady
from chainsim.des.engine import run_des
from chainsim.results import Simulation
from tests.parks import park_of

PARK = """
    materials: {{x: {{price_cny: 10}}, y: {{price_cny: 100}}}}
    units: {{m: {{recipe: {{feeds: {{x: 1}}, products: {{y: 1}}}}, capacity: 10}}}}
    buy: {{x: {{{buy}}}}}
    sell: {{y: {{{sell}}}}}
    {more}
"""


def months(found: Simulation) -> dict[str, float]:
    flows = found.flows
    return (-flows[flows.kind == "sell"].groupby("period").quantity.sum()).to_dict()


def both(*, buy: str = "", sell: str = "", more: str = "", hours: float = 24.0 * 90):
    park = park_of(PARK.format(buy=buy, sell=sell, more=more), hours=hours)
    return run_des(park), run_steady(park)


def test_a_limit_by_month():
    for found in both(sell="monthly: [8, 6, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]"):
        assert months(found) == pytest.approx(
            {"2025-01": 8 * 744, "2025-02": 6 * 672, "2025-03": 4 * 744}
        )


def test_a_limit_from_a_date_on_comes_before_the_month_and_the_usual_one():
    steps = "steps: [{from: 2025-02-11, limit: 7}, {from: 2025-03-01, limit: 2}]"
    for found in both(buy=f"limit: 5, {steps}"):
        assert months(found) == pytest.approx(
            {"2025-01": 5 * 744, "2025-02": 5 * 240 + 7 * 432, "2025-03": 2 * 744}
        )


def test_a_measure_holds_from_its_first_day_to_the_day_before_its_end():
    more = (
        "measures: {cut: {from: 2025-01-11, to: 2025-01-21, load: {m: 0.6}},"
        " ban: {from: 2025-02-01, to: 2025-02-02, limit: {sell.y: 0}}}"
    )
    for found in both(more=more):
        assert months(found) == pytest.approx(
            {"2025-01": 10 * 744 - 4 * 240, "2025-02": 10 * 648, "2025-03": 10 * 744}
        )
    found, _ = both(more=more)
    told = [(e.time_h, e.component, e.event) for e in found.events.itertuples()]
    assert (240.0, "measures.cut", "measure_begins") in told
    assert (480.0, "measures.cut", "measure_ends") in told


def test_of_two_measures_the_stricter_one_holds():
    more = (
        "measures: {a: {from: 2025-01-01, load: {m: 0.6}},"
        " b: {from: 2025-02-01, to: 2025-03-01, load: {m: 0.3}}}"
    )
    for found in both(more=more):
        assert months(found) == pytest.approx(
            {"2025-01": 6 * 744, "2025-02": 3 * 672, "2025-03": 6 * 744}
        )


@pytest.mark.parametrize(
    "more",
    [
        "measures: {none: {from: 2025-02-01, to: 2025-02-01, load: {m: 0}, limit: {sell.y: 0}}}",
        "measures: {late: {from: 2030-01-01, load: {m: 0}}}",
        "measures: {loose: {from: 2025-01-01, load: {m: 1}, limit: {sell.y: 1000}}}",
    ],
)
def test_a_measure_that_never_bites_changes_nothing(more: str):
    for one, other in zip(both(sell="limit: 50"), both(sell="limit: 50", more=more), strict=True):
        assert months(one) == months(other)


def test_prices_by_month_and_from_a_month_on():
    sell = "monthly_prices: [100, 90, 80, 1, 1, 1, 1, 1, 1, 1, 1, 1], steps: [{from: 2025-03-15, price: 70}]"
    park = park_of(PARK.format(buy="", sell=sell, more=""), hours=24.0 * 90)
    for engine in ("des", "steady"):
        result = cs.run(park, engine=engine)
        own = result.ledger[result.ledger.account == "revenue.sale"].groupby("period").amount.sum()
        assert own.to_dict() == pytest.approx(
            {"2025-01": 7440 * 100, "2025-02": 6720 * 90, "2025-03": 7440 * 70}
        )
