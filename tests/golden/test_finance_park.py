"""Xinzhou's planned plants and the whole park as projects: the sums are the ledger's."""

from __future__ import annotations

import numpy as np
import pytest

import chainsim as cs
from chainsim.errors import UserError

YI = 1e8


@pytest.fixture(scope="module")
def planned():
    return cs.appraise("xinzhou-base")


@pytest.fixture(scope="module")
def whole():
    return cs.appraise("xinzhou-base", whole_park=True)


def test_the_planned_plants(planned):
    """Twelve plants of tar, carbon, benzol and nylon chains and hydrogen, about 4.4 bn CNY."""
    units = {u.id: u for u in planned.park.scope.units}
    assert len(units) == 12
    assert all(u.status == "planned" for u in units.values())
    assert 40 * YI < planned.appraisal.value("construction_cny") < 50 * YI
    assert planned.appraisal.value("construction_cny") == pytest.approx(
        sum(i.cny for i in planned.park.invested)
    )
    assert 700 < planned.appraisal.project.persons < 1000
    assert 0.12 < planned.appraisal.project.hurdle < 0.14  # nylon 14 %, tar 13, carbon 12


def test_tar_comes_by_lorry_at_the_project_s_cost(planned):
    lorries = {"xf_yp_tar", "kl_yp_tar", "xf_yp_benzol", "kl_yp_benzol"}
    assert {x.id for x in planned.park.scope.links} == lorries
    tar = {d.site: d.quantity for d in planned.park.dealings if d.material == "coal_tar"}
    assert set(tar) == {"yuanping", "xinfu", "kelan"}
    assert all(quantity < 0 for quantity in tar.values())
    freight = next(c for c in planned.appraisal.project.costs if c.key == "freight")
    assert max(freight.yearly_cny) > 0


def test_everything_that_crosses_the_border_has_a_price(planned):
    assert planned.park.problems == ()
    assert {d.basis for d in planned.park.dealings} <= {"purchase", "sale", "header"}


def test_the_whole_park_earns_the_ledger_s_revenue(whole):
    project, ledger = whole.appraisal.project, whole.result.ledger
    revenue = sum(p.yearly_cny[-1] for p in project.products)
    assert revenue == pytest.approx(whole.result.kpi("value.revenue_cny"))
    cost = sum(c.yearly_cny[-1] for c in project.costs)
    booked = ledger.loc[ledger["account"].str.startswith("cost."), "amount"].sum()
    written_off = ledger.loc[ledger["account"] == "cost.depreciation", "amount"].sum()
    assert cost == pytest.approx(-(booked - written_off))
    assert project.persons == pytest.approx(whole.result.kpi("staff.persons"))


def test_the_kpis_are_the_appraisal_s(planned):
    for kpi, key in (
        ("finance.fnpv_cny", "fnpv_after_tax_cny"),
        ("finance.firr", "firr_after_tax"),
        ("finance.investment_cny", "investment_cny"),
    ):
        assert planned.result.kpi(kpi) == pytest.approx(planned.appraisal.value(key))


def test_better_prices_are_worth_more():
    rates = [
        cs.appraise("xinzhou-base", overrides=[f"economics.price_set={s}"]).appraisal.value(
            "firr_before_tax"
        )
        for s in ("mid_cycle", "type_2022")
    ]
    assert rates[0] < rates[1]


def test_a_park_has_renewals_and_price_paths():
    """2 % of the construction spend every sixth year; LNG 10 % dearer from the second year on."""
    plain = cs.appraise("investor-lng").appraisal
    changed = cs.appraise(
        "investor-lng",
        overrides=[
            "finance.renewals={catalyst: {share: 0.02, every: 6}}",
            "finance.price_paths={lng: [1, 1.1], labour: [1.2]}",
        ],
    ).appraisal
    before, after = (x.statements["revenue"].loc["revenue"] for x in (plain, changed))
    of_lng = next(p.key for p in plain.project.products if p.key.startswith("lng@"))
    lng = plain.statements["revenue"].loc[f"product:{of_lng}"]
    first = plain.project.construction_years
    assert after.iloc[first] == pytest.approx(before.iloc[first])
    assert after.iloc[first + 1 :].to_numpy() == pytest.approx(
        (before + 0.1 * lng).iloc[first + 1 :].to_numpy()
    )
    net = 0.02 * float(plain.flows.investment.net.sum())
    renewed = changed.flows.investment.renewed.net[first:]
    assert np.flatnonzero(renewed).tolist() == [5, 11]
    assert renewed[5] == pytest.approx(net)


def test_an_index_of_nothing_is_told_with_its_place():
    with pytest.raises(UserError) as told:
        cs.appraise("investor-lng", overrides=["finance.price_paths={lgn: [1, 1.1]}"])
    (problem,) = told.value.problems
    assert (problem.code, problem.path, problem.hint) == (
        "CS-N024",
        "finance.price_paths.lgn",
        "lng",
    )
    assert problem.file
