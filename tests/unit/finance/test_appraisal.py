"""Conventions move what they say, projects that are none are refused, gaps have reasons."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from chainsim.errors import ScenarioError
from chainsim.finance.appraisal import appraise
from chainsim.finance.project import Conventions, Line, Part
from chainsim.finance.statements import TABLES
from tests.projects import small_project

PROJECT = small_project()
BASE = appraise(PROJECT)


def under(**conventions):
    return appraise(PROJECT, Conventions(**conventions))


# -- conventions ------------------------------------------------------------------------------


def test_capitalised_interest_grows_the_loan():
    """(0 + A1/2) i, then (A1 + q1 + A2/2) i, of 70 % of the spend with VAT."""
    spend = [240 * 1.13 + 120 * 1.09 + 60, 360 * 1.13 + 80 * 1.09]
    a, b = (0.7 * x * 1e6 for x in spend)
    first = a / 2 * 0.035
    second = (a + first + b / 2) * 0.035
    loan = BASE.statements["loan"]
    assert loan.loc["construction_interest", [1, 2]].tolist() == pytest.approx([first, second])
    assert loan.loc["opening", 3] == pytest.approx(a + b + first + second)
    assert loan.loc["principal", 3] == pytest.approx((a + b + first + second) / 8)


def test_interest_paid_by_equity_leaves_the_loan_alone():
    found = under(interest_paid="equity")
    loan = found.statements["loan"]
    assert loan.loc["opening", 3] == pytest.approx(loan.loc["drawn"].sum())
    more = found.value("equity_cny") - BASE.value("equity_cny")
    assert more == pytest.approx(found.value("construction_interest_cny"))


def test_construction_vat_carried_refunded_or_part_of_the_assets():
    tax = BASE.flows.investment.vat.sum()
    carried, refunded, kept = (
        under(construction_vat=x) for x in ("carried", "refunded", "capitalised")
    )
    assert carried.statements["revenue"].loc["credit", 2] == pytest.approx(tax)
    assert refunded.statements["revenue"].loc["refund", 3] == pytest.approx(tax)
    assert (refunded.statements["revenue"].loc["credit"][3:] == 0.0).all()
    assert kept.statements["revenue"].loc["vat", 3] > carried.statements["revenue"].loc["vat", 3]
    paid = [x.statements["revenue"].loc["vat"].sum() for x in (carried, refunded, kept)]
    assert paid[0] == pytest.approx(paid[1] - tax)
    assert paid[1] == pytest.approx(paid[2])
    rates = [x.value("firr_after_tax") for x in (refunded, carried, kept)]
    assert rates == sorted(rates, reverse=True)


def test_cash_without_vat_leaves_it_out_everywhere():
    found = under(cash_vat="without")
    table = found.statements["project_cash"]
    assert "output_tax" not in table.index
    assert table.loc["construction"].sum() == pytest.approx(BASE.flows.investment.net.sum())
    profit = found.statements["profit"].loc["profit"].to_numpy()
    assert profit == pytest.approx(BASE.statements["profit"].loc["profit"].to_numpy())


def test_payback_from_operation_is_shorter_by_the_construction():
    late = under(payback_from="operation").value("payback_static_after_tax_y")
    assert late == pytest.approx(BASE.value("payback_static_after_tax_y") - 2)


def test_nothing_comes_back_without_recovery():
    found = under(recovery="none")
    last = BASE.statements["project_cash"].loc[["assets_back", "capital_back"], 12].sum()
    gap = BASE.flows.cash.before_tax - found.flows.cash.before_tax
    assert gap[-1] == pytest.approx(last)
    assert np.abs(gap[:-1]).max() == 0.0


def test_depreciation_of_the_adjusted_tax():
    with_interest = under(unlevered_depreciation="with_interest")
    assert with_interest.flows.profit.bare_ebit == pytest.approx(with_interest.flows.profit.ebit)
    assert BASE.flows.profit.bare_ebit.sum() > BASE.flows.profit.ebit.sum()


def test_levelised_by_credit_names_the_main_product_only():
    found = under(levelised_by="credit").indicators
    assert [k for k in found if k.startswith("levelised.")] == ["levelised.methanol"]
    assert found["levelised.methanol"].unit == "CNY/t"


def test_the_table_of_sensitivity_shows_what_it_is_told():
    before = under(sensitivity_of="before_tax").sensitivity
    assert dict(before[0].rates)[0.0] == pytest.approx(BASE.value("firr_before_tax"))
    assert dict(BASE.sensitivity[0].rates)[0.0] == pytest.approx(BASE.value("firr_after_tax"))


def test_dividends_empty_the_till_but_never_more():
    paid = appraise(replace(PROJECT, taxes=replace(PROJECT.taxes, dividends=1.0)))
    plan = paid.statements["plan_cash"]
    assert plan.loc["dividends"].sum() > 0.0
    assert (plan.loc["cash"] >= -1e-3).all()
    assert paid.value("firr_equity") == pytest.approx(BASE.value("firr_equity"))


def test_the_reserve_stops_at_half_of_the_equity():
    reserve = BASE.statements["balance"].loc["reserve"].iloc[-1]
    net = BASE.statements["profit"].loc["net_profit"]
    assert reserve == pytest.approx(min(0.1 * net[net > 0].sum(), 0.5 * BASE.value("equity_cny")))


def test_every_statement_is_there():
    assert tuple(BASE.statements) == TABLES
    for key in TABLES[1:]:
        assert list(BASE.statements[key].columns) == list(range(1, 13))


# -- what has no value ------------------------------------------------------------------------


def test_a_project_that_never_earns_has_no_rate():
    free = replace(PROJECT.products[0], yearly_cny=(0.0,) * 10)
    found = appraise(replace(PROJECT, products=(free,)), Conventions(recovery="none"))
    assert found.value("firr_after_tax") is None
    assert found.indicators["firr_after_tax"].reason == "no_sign_change"
    assert found.indicators["payback_static_after_tax_y"].reason == "never"
    assert found.indicators["bep_load"].reason == "no_margin"
    assert {p.code for p in found.problems} == {"CS-N007", "CS-N008", "CS-N009"}


def test_a_costly_end_has_two_rates():
    """Cleaning up in the last year costs more than it earned: two changes of sign."""
    cleaning = Line(
        key="cleaning", kind="other", yearly_cny=(*[0.0] * 9, 1.2e9), vat=0.0, variable=False
    )
    found = appraise(replace(PROJECT, costs=(*PROJECT.costs, cleaning)))
    rate = found.indicators["firr_before_tax"]
    assert rate.value is None
    assert rate.reason == "several"
    assert len(rate.roots) == 2


def test_no_loan_no_cover():
    own = replace(PROJECT.financing, equity_share=1.0)
    found = appraise(replace(PROJECT, financing=own))
    assert found.indicators["dscr_min"].reason == "no_interest"
    assert found.value("construction_interest_cny") == 0.0


def test_levelised_costs_need_revenue_to_share_by():
    two = tuple(
        replace(p, yearly_cny=(0.0,) * 10, quantity=(1.0,) * 10, unit="t") for p in PROJECT.products
    )
    found = appraise(replace(PROJECT, products=two)).indicators
    assert found["levelised.methanol"].reason == "no_revenue"


# -- projects that are none -------------------------------------------------------------------


def codes(**changes):
    with pytest.raises(ScenarioError) as caught:
        appraise(replace(PROJECT, **changes))
    return [(p.code, p.path) for p in caught.value.problems]


def test_hostile_projects():
    assert codes(parts=()) == [("CS-N001", "investment")]
    idle = replace(PROJECT.parts[0], spend_cny=(0.0, 0.0))
    assert codes(parts=(idle,)) == [("CS-N001", "investment")]
    back = replace(PROJECT.parts[0], spend_cny=(-1.0, 9e8))
    assert codes(parts=(back,)) == [("CS-N003", "investment.equipment")]
    short = Part(key="x", spend_cny=(1e6,), vat=0.0, life_a=0.0)
    assert codes(parts=(short,)) == [("CS-N003", "investment.x.life")]
    assert ("CS-N002", "ramp") in codes(load=(0.0,) * 10)
    brief = replace(PROJECT.products[0], yearly_cny=(1e6,))
    assert ("CS-N004", "products.methanol") in codes(products=(brief,))
    odd = replace(PROJECT.costs[0], yearly_cny=(float("nan"),) * 10)
    assert ("CS-N003", "costs.gas") in codes(costs=(odd,))
    long = replace(PROJECT.financing, years=11)
    assert codes(financing=long) == [("CS-N005", "loan.years")]
    greedy = replace(PROJECT.financing, draws_cny=(9e9, 0.0))
    assert codes(financing=greedy) == [("CS-N006", "loan.draws")]
    late = replace(PROJECT.financing, draws_cny=(0.0, 0.0, 1.0))
    assert codes(financing=late) == [("CS-N004", "loan.draws")]
    need = replace(PROJECT.working_capital, need_cny=(1.0,))
    assert codes(working_capital=need) == [("CS-N004", "working_capital")]
    assert codes(hurdle=-1.5) == [("CS-N003", "hurdle")]


def test_all_problems_are_told_at_once():
    assert len(codes(parts=(), load=(0.0,) * 10, hurdle=-2.0)) == 3


def test_every_convention_is_a_field():
    assert {f.name for f in fields(Conventions)} >= {"discounting", "recovery", "cash_vat"}
