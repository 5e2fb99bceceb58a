"""What holds for every project: identities of the tables, and agreement with other programs."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import numpy_financial as npf
import pytest
import pyxirr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chainsim.finance.appraisal import appraise
from chainsim.finance.loans import interest_during_construction, repayment
from chainsim.finance.project import Conventions
from chainsim.finance.rates import irr, npv, payback
from chainsim.finance.sensitivity import changed
from chainsim.finance.taxes import income_tax, value_added_tax
from tests.projects import CONVENTIONS, projects, small_project

MONEY = st.floats(-1e9, 1e9, allow_nan=False).map(lambda x: round(x, 2))
FLOWS = st.lists(MONEY, min_size=2, max_size=25)
CENTS = st.integers(1, 10**11).map(lambda x: x / 100)
INVESTMENTS = st.tuples(
    st.lists(CENTS, min_size=1, max_size=4), st.lists(CENTS, min_size=1, max_size=20)
).map(lambda x: [*(-v for v in x[0]), *x[1]])


# -- rates ------------------------------------------------------------------------------------


@given(FLOWS)
def test_the_present_value_at_every_rate_of_return_is_zero(flows):
    size = np.abs(flows).sum()
    for root in irr(flows, low=-0.5, high=5.0).roots:
        scale = np.abs(np.array(flows) * (1.0 + root) ** -np.arange(len(flows))).sum()
        assert abs(npv(flows, root, "year_begin")) <= 1e-8 * max(size, scale)


@given(INVESTMENTS)
def test_one_change_of_sign_has_one_rate(flows):
    found = irr(flows)
    assert len(found.roots) <= 1
    ours = npf.irr(flows)
    if found.value is not None and not np.isnan(ours) and -0.9 < ours < 9.0:
        assert found.value == pytest.approx(ours, rel=1e-6, abs=1e-7)


@given(st.lists(st.floats(-0.5, 3.0), min_size=1, max_size=5, unique=True))
def test_every_rate_is_found(rates):
    """Flows made from their roots: a product of (1 + r) x - 1."""
    rates = sorted(rates)
    assume(all(b - a > 0.05 for a, b in itertools.pairwise(rates)))
    flows = np.array([1.0])
    for rate in rates:
        flows = np.convolve(flows, [-1.0, 1.0 + rate])
    assert irr(flows).roots == pytest.approx(rates, abs=1e-6)


def test_a_double_root_is_found_once():
    assert irr(np.convolve([-1.0, 1.1], [-1.0, 1.1])).roots == pytest.approx((0.1,), abs=1e-6)


@given(FLOWS, st.floats(-0.3, 1.0))
def test_present_value_as_others_reckon_it(flows, rate):
    size = np.abs(flows).sum() * max(1.0, (1 + rate) ** -len(flows))
    assert npv(flows, rate, "year_begin") == pytest.approx(npf.npv(rate, flows), abs=1e-9 * size)
    assert npv(flows, rate, "year_begin") == pytest.approx(pyxirr.npv(rate, flows), abs=1e-9 * size)
    by_hand = sum(f / (1.0 + rate) ** (t + 1) for t, f in enumerate(flows))
    assert npv(flows, rate) == pytest.approx(by_hand, abs=1e-9 * size)


@given(INVESTMENTS)
def test_rate_of_return_as_pyxirr_finds_it(flows):
    found, other = irr(flows).value, pyxirr.irr(flows)
    if found is not None and other is not None and -0.9 < other < 9.0:
        assert found == pytest.approx(other, abs=1e-6)


@given(INVESTMENTS, st.floats(0.0, 0.3))
def test_payback_is_where_the_sum_turns(flows, rate):
    years = payback(flows, rate)
    total = np.cumsum(np.array(flows) * (1 + rate) ** -np.arange(1, len(flows) + 1))
    if years is None:
        assert total[-1] < 0
    else:
        at = np.interp(years, np.arange(len(flows) + 1), [0.0, *total])
        assert at == pytest.approx(0.0, abs=1e-9 * np.abs(flows).sum())


# -- loans and taxes ----------------------------------------------------------------------------


@given(
    st.sampled_from(["equal_principal", "equal_instalment"]),
    st.floats(1.0, 1e9),
    st.floats(0.0, 0.2),
    st.integers(1, 30),
)
def test_a_loan_is_paid_off(method, principal, rate, years):
    plan = repayment(method, principal, rate, years)
    assert plan.principal.sum() == pytest.approx(principal)
    assert plan.closing[-1] == 0.0
    assert (plan.principal > 0).all()
    assert npv(plan.payment, rate) == pytest.approx(principal)


@given(st.floats(1.0, 1e9), st.floats(0.001, 0.2), st.integers(1, 30))
def test_instalments_as_others_reckon_them(principal, rate, years):
    plan = repayment("equal_instalment", principal, rate, years)
    assert plan.payment == pytest.approx([-npf.pmt(rate, years, principal)] * years)
    interest = [-npf.ipmt(rate, k, years, principal) for k in range(1, years + 1)]
    assert plan.interest == pytest.approx(interest, abs=1e-6 * principal)
    assert plan.payment[0] == pytest.approx(-pyxirr.pmt(rate, years, principal))


@given(st.lists(st.floats(0.0, 1e8), min_size=1, max_size=5), st.floats(0.0, 0.2))
def test_interest_lies_between_its_rules(draws, rate):
    late, half, early = (
        interest_during_construction(draws, rate, rule).sum()
        for rule in ("year_end", "half_year", "full_year")
    )
    assert late <= half + 1e-6
    assert half <= early + 1e-6


@given(st.lists(MONEY, min_size=1, max_size=25), st.integers(0, 6))
def test_losses_are_never_too_old_and_never_used_twice(profits, years):
    found = income_tax(profits, 0.25, years)
    spent: dict[int, float] = {}
    for loss, profit, amount in found.offsets:
        assert 0 < profit - loss <= years
        assert amount > 0
        spent[loss] = spent.get(loss, 0.0) + amount
    for loss, amount in spent.items():
        assert amount <= -profits[loss] * (1 + 1e-12)
    losses = -sum(p for p in profits if p < 0)
    assert sum(spent.values()) + found.expired == pytest.approx(losses, abs=1e-3)
    assert (found.taxable >= -1e-6).all()
    for one, two in itertools.pairwise(found.offsets):
        assert one[1] <= two[1]  # in time, oldest loss first
        assert one[1] < two[1] or one[0] < two[0]


@given(
    st.lists(st.tuples(st.floats(0, 1e8), st.floats(0, 1e8)), min_size=1, max_size=20),
    st.floats(0, 1e8),
)
def test_vat_is_never_negative_and_adds_up(years, credit):
    output, inputs = (np.array(x) for x in zip(*years, strict=True))
    found = value_added_tax(output, inputs, credit)
    assert (found.payable >= 0).all()
    assert (found.credit >= 0).all()
    assert ((found.payable == 0) | (found.credit == 0)).all()
    total = output.sum() - inputs.sum() - credit
    assert found.payable.sum() - found.credit[-1] == pytest.approx(total, abs=1.0)


# -- whole projects -----------------------------------------------------------------------------


@settings(max_examples=60)
@given(projects(), CONVENTIONS)
def test_tables_hold_together(project, conventions):
    result = appraise(project, conventions)
    tables, size = result.statements, np.abs(result.flows.investment.gross).sum() + 1e9
    close = {"abs": 1e-9 * size}
    balance = tables["balance"]
    assert balance.loc["assets"].to_numpy() == pytest.approx(
        balance.loc["liabilities_equity"].to_numpy(), **close
    )
    for name, net in (("project_cash", "net_before_tax"), ("equity_cash", "net")):
        table = tables[name]
        flow = table.loc["inflow"] - table.loc["outflow"]
        assert flow.to_numpy() == pytest.approx(table.loc[net].to_numpy(), **close)
    plan = tables["plan_cash"]
    three = plan.loc["operating"] + plan.loc["investing"] + plan.loc["financing"]
    assert three.to_numpy() == pytest.approx(plan.loc["surplus"].to_numpy(), **close)
    funding = tables["funding"]
    paid = result.flows.investment.paid_interest
    assert funding.loc["total"].to_numpy() == pytest.approx(
        funding.loc["sources"].to_numpy(), **close
    )
    assert paid.sum() == 0 or conventions.interest_paid == "equity"
    cost = tables["cost"]
    assert cost.loc["variable"].to_numpy() + cost.loc["fixed"].to_numpy() == pytest.approx(
        cost.loc["total_cost"].to_numpy(), **close
    )
    assert tables["loan"].loc["closing"].iloc[-1] == pytest.approx(0.0, **close)
    assert (tables["revenue"].loc[["vat", "credit"]].to_numpy() >= 0.0).all()


@settings(max_examples=40)
@given(projects(), st.floats(0.01, 100.0))
def test_money_scales(project, by):
    base, larger = appraise(project), appraise(_scaled(project, by))
    for key in ("fnpv_after_tax_cny", "fnpv_before_tax_cny", "fnpv_equity_cny", "investment_cny"):
        size = by * base.value("investment_cny")
        assert larger.value(key) == pytest.approx(by * base.value(key), abs=1e-9 * size, rel=1e-9)
    for key in ("firr_after_tax", "roi", "dscr_min", "bep_load", "payback_static_after_tax_y"):
        assert larger.indicators[key].reason == base.indicators[key].reason
        if base.value(key) is not None:
            assert larger.value(key) == pytest.approx(base.value(key), rel=1e-6, abs=1e-9)


def _scaled(project, by):
    for factor in ("investment", "price", "variable_cost", "fixed_cost"):
        project = changed(project, factor, by - 1.0)
    return project


@settings(max_examples=40)
@given(projects(), st.floats(0.0, 1.0))
def test_the_project_flow_knows_no_financing(project, share):
    other = replace(project, financing=replace(project.financing, equity_share=share))
    one, two = appraise(project), appraise(other)
    for flow in ("before_tax", "after_tax"):
        a, b = getattr(one.flows.cash, flow), getattr(two.flows.cash, flow)
        assert a == pytest.approx(b, abs=1e-6)


@settings(max_examples=40)
@given(projects())
def test_without_a_loan_the_equity_is_the_project(project):
    project = replace(
        project,
        financing=replace(project.financing, equity_share=1.0),
        working_capital=replace(project.working_capital, equity_share=1.0),
    )
    cash = appraise(project).flows.cash
    assert cash.equity == pytest.approx(cash.after_tax, abs=1e-6)


@settings(max_examples=30)
@given(projects())
def test_a_higher_price_is_worth_more(project):
    more = changed(project, "price", 0.1)
    rich, poor = appraise(more), appraise(project)
    assert rich.value("fnpv_after_tax_cny") >= poor.value("fnpv_after_tax_cny") - 1.0


@settings(max_examples=30)
@given(projects())
def test_a_product_sold_at_its_levelised_cost_earns_the_hurdle(project):
    """Before tax, where VAT has no effect and every product is sold at that price."""
    free = replace(
        project,
        products=tuple(replace(p, vat=0.0) for p in project.products),
        costs=tuple(replace(c, vat=0.0) for c in project.costs),
        parts=tuple(replace(p, vat=0.0) for p in project.parts),
        renewals=tuple(replace(r, vat=0.0) for r in project.renewals),
    )
    cost = appraise(free).indicators["levelised.product"].value
    if cost is None:
        return
    product = free.products[0]
    sold = replace(product, yearly_cny=tuple(cost * q for q in product.quantity))
    worth = appraise(replace(free, products=(sold,))).value("fnpv_before_tax_cny")
    assert worth == pytest.approx(0.0, abs=1e-6 * free.parts[0].spend_cny[0] + 1.0)


def test_critical_points_are_where_the_hurdle_is_earned():
    project = small_project()
    for found in appraise(project).sensitivity:
        assert found.critical is not None
        at = appraise(changed(project, found.factor, found.critical))
        assert at.value("firr_after_tax") == pytest.approx(project.hurdle, abs=1e-6)
        rates = [rate for _, rate in found.rates]
        assert rates in (sorted(rates), sorted(rates, reverse=True))


def test_discounting_within_the_year():
    project = small_project()
    values = {
        timing: appraise(project, Conventions(discounting=timing)).value("fnpv_after_tax_cny")
        for timing in ("year_end", "mid_year", "year_begin")
    }
    assert values["mid_year"] == pytest.approx(values["year_end"] * 1.12**0.5)
    assert values["year_begin"] == pytest.approx(values["year_end"] * 1.12)


# -- a second, slow reckoning ---------------------------------------------------------------------


def slow_flows(p):
    """Net flow of project and equity under the usual conventions, year by year, in plain loops."""
    built, years = p.construction_years, p.construction_years + len(p.load)
    owed = interest_of_construction = credit = 0.0
    project, equity = [0.0] * years, [0.0] * years
    for t in range(built):
        net = sum(x.spend_cny[t] for x in p.parts if t < len(x.spend_cny))
        tax = sum(x.spend_cny[t] * x.vat for x in p.parts if t < len(x.spend_cny))
        draw = (1 - p.financing.equity_share) * (net + tax)
        interest = (owed + draw / 2) * p.financing.rate
        owed += draw + interest
        interest_of_construction += interest
        credit += tax
        project[t], equity[t] = -net - tax, draw - net - tax
    fixed = sum(sum(x.spend_cny) for x in p.parts if not x.intangible)
    loan, rate, left = owed, p.financing.rate, owed
    losses, bare_losses, capital = [], [], 0.0
    for k in range(len(p.load)):
        t = built + k
        revenue = sum(x.yearly_cny[k] for x in p.products)
        cost = sum(x.yearly_cny[k] for x in p.costs)
        output = sum(x.yearly_cny[k] * x.vat for x in p.products)
        inputs = sum(x.yearly_cny[k] * x.vat for x in p.costs)
        renewed = sum(x.spend_cny[k] for x in p.renewals)
        renewed_tax = sum(x.spend_cny[k] * x.vat for x in p.renewals)
        credit += inputs - output + renewed_tax
        vat, credit = max(0.0, -credit), max(0.0, credit)
        extra = p.taxes.surcharges * vat
        wear = bare_wear = 0.0
        for x in p.parts:
            part = min(1.0, max(0.0, x.life_a - k)) * (1 - x.residual) / x.life_a
            worth = sum(x.spend_cny)
            bare_wear += worth * part
            share = 0.0 if x.intangible else worth / fixed * interest_of_construction
            wear += (worth + share) * part
        for x in p.renewals:
            for j in range(k):
                part = min(1.0, max(0.0, x.life_a - (k - j - 1))) * (1 - x.residual) / x.life_a
                wear += x.spend_cny[j] * part
                bare_wear += x.spend_cny[j] * part
        before = capital
        capital = p.working_capital.share * cost
        lent = 1 - p.working_capital.equity_share
        interest = left * rate + lent * capital * p.working_capital.rate
        principal = 0.0
        if k < p.financing.years and p.financing.method == "equal_principal":
            principal = loan / p.financing.years
        elif k < p.financing.years:
            principal = -npf.pmt(rate, p.financing.years, loan) - left * rate
        left -= principal
        earned = revenue - cost - extra
        tax = slow_tax(losses, t, earned - wear - interest, p.taxes)
        bare_tax = slow_tax(bare_losses, t, earned - bare_wear, p.taxes)
        cash = earned + output - inputs - vat - renewed - renewed_tax
        project[t] = cash - bare_tax - (capital - before)
        put_in = (1 - lent) * (capital - before)
        equity[t] = cash - tax - interest - principal - put_in
    gone = sum(
        sum(x.spend_cny) * (1 - x.residual) * min(1.0, len(p.load) / x.life_a) for x in p.parts
    )
    back = sum(sum(x.spend_cny) for x in p.parts) - gone
    for x in p.renewals:
        for j, spent in enumerate(x.spend_cny):
            back += spent * (1 - (1 - x.residual) * min(1.0, (len(p.load) - 1 - j) / x.life_a))
    project[-1] += back + capital
    for x in p.parts:
        if not x.intangible:
            kept = 1 - (1 - x.residual) * min(1.0, len(p.load) / x.life_a)
            back += sum(x.spend_cny) / fixed * interest_of_construction * kept
    equity[-1] += back + capital * p.working_capital.equity_share
    return project, equity


def slow_tax(losses, year, profit, taxes):
    """Tax of one year; `losses` holds [year, amount still open]."""
    if profit < 0:
        losses.append([year, -profit])
        return 0.0
    for loss in losses:
        if year - loss[0] <= taxes.loss_years:
            used = min(profit, loss[1])
            profit, loss[1] = profit - used, loss[1] - used
    return taxes.income * profit


@settings(max_examples=60)
@given(projects())
def test_a_second_reckoning_agrees(project):
    assume(project.financing.rate > 1e-4 or project.financing.rate == 0.0)
    cash = appraise(project).flows.cash
    own, equity = slow_flows(project)
    size = np.abs(own).max() + 1e8
    assert cash.after_tax == pytest.approx(own, abs=1e-9 * size)
    assert cash.equity == pytest.approx(equity, abs=1e-9 * size)
