"""Published worked examples with their printed answers.

Money in the examples' own unit (10^4 CNY mostly); tolerances are the rounding of the print.
"""

from __future__ import annotations

import numpy as np
import pytest

from chainsim.finance.appraisal import appraise
from chainsim.finance.loans import (
    equal_instalment,
    equal_principal,
    interest_during_construction,
)
from chainsim.finance.project import (
    Conventions,
    Financing,
    Line,
    Part,
    Project,
    Taxes,
    WorkingCapital,
)
from chainsim.finance.rates import irr, npv, payback
from chainsim.finance.ratios import break_even_load, break_even_price, sensitivity_coefficient
from chainsim.finance.taxes import income_tax, value_added_tax

NO_TAX = Taxes(income=0.0, surcharges=0.0, loss_years=5, reserve=0.0, reserve_cap=0.0)
EQUITY = Financing(equity_share=1.0, rate=0.0, years=1, method="equal_principal")
NO_CAPITAL = WorkingCapital(share=0.0, equity_share=1.0, rate=0.0)


def line(key: str, *yearly: float, kind: str = "product", vat: float = 0.0, variable: bool = True):
    return Line(key=key, yearly_cny=yearly, vat=vat, kind=kind, variable=variable)


class TestTextbookProject:
    """Ten-year project of an engineering-economics course, printed with its cash-flow table.

    download.cucdc.com/wenku/page/8a130ce19a06437b9ebc72b93c65394d.html: spend 600, 2000, 800; load
    60, 80, 100 %; revenue 3500 and sales tax 210 at full load; operating cost 1200, 1800, 2000;
    working capital 360 + 180 + 60; residual value 400; i_c = 12 %. Printed: FNPV 864,
    FIRR 17.99 %, payback 6.86 a, dynamic payback 8.73 a.
    """

    FLOWS = (-600, -2000, -800, 414, 652, 1230, 1290, 1290, 1290, 2290)
    DISCOUNTED = (-536, -1594, -569, 263, 370, 623, 584, 521, 465, 737)

    @pytest.fixture
    def appraisal(self):
        tax = [126.0, 168.0, *[210.0] * 5]
        cost = [1200.0, 1800.0, *[2000.0] * 5]
        project = Project(
            id="course",
            name_zh="算例",
            name_en="Course example",
            parts=(
                Part(
                    key="all",
                    spend_cny=(600.0, 2000.0, 800.0),
                    vat=0.0,
                    life_a=7.0,
                    residual=400.0 / 3400.0,
                ),
            ),
            products=(line("product", 2100.0, 2800.0, *[3500.0] * 5),),
            costs=(
                line("operating", *cost, kind="material"),
                line("sales_tax", *tax, kind="other"),
            ),
            load=(0.6, 0.8, *[1.0] * 5),
            financing=EQUITY,
            working_capital=WorkingCapital(
                share=0.0, equity_share=1.0, rate=0.0, need_cny=(360.0, 540.0, *[600.0] * 5)
            ),
            taxes=NO_TAX,
            hurdle=0.12,
        )
        return appraise(project)

    def test_cash_flow_table(self, appraisal):
        table = appraisal.statements["project_cash"]
        assert table.loc["net_before_tax"].to_numpy() == pytest.approx(self.FLOWS)
        inflow = [0, 0, 0, 2100, 2800, 3500, 3500, 3500, 3500, 4500]
        assert table.loc["inflow"].to_numpy() == pytest.approx(inflow)
        outflow = [600, 2000, 800, 1686, 2148, 2270, 2210, 2210, 2210, 2210]
        assert table.loc["outflow"].to_numpy() == pytest.approx(outflow)
        discounted = np.cumsum(self.DISCOUNTED)
        assert table.loc["discounted_before_tax"].to_numpy() == pytest.approx(discounted, abs=3)

    def test_indicators(self, appraisal):
        assert appraisal.value("fnpv_before_tax_cny") == pytest.approx(864, abs=0.5)
        assert appraisal.value("firr_before_tax") == pytest.approx(0.1799, abs=5e-5)
        assert appraisal.value("payback_static_before_tax_y") == pytest.approx(6.86, abs=0.005)
        assert appraisal.value("payback_dynamic_before_tax_y") == pytest.approx(8.73, abs=0.005)

    def test_working_capital_follows_the_operating_cost(self):
        """360, 540, 600 is 30 % of 1200, 1800, 2000."""
        assert [0.3 * c for c in (1200, 1800, 2000)] == pytest.approx([360, 540, 600])


class TestLoanInOperation:
    """Cost estimator's exam: loan, depreciation and profit of the first year of operation.

    m.examk.com/p/3559646926.html: construction 5756 with a loan of 2000 at 6 % in one year, repaid
    in five equal parts; 10 years at 5 % residual; revenue 1650, sales tax 99, operating cost 880.
    Printed: interest 60, depreciation 552.52, repayment 412, interest 123.6, payment 535.6, total
    cost 1556.12, profit -5.12, tax 0.
    """

    def test_first_year(self):
        project = Project(
            id="exam",
            name_zh="算例",
            name_en="Exam",
            parts=(Part(key="all", spend_cny=(5756.0,), vat=0.0, life_a=10.0, residual=0.05),),
            products=(line("product", *[1650.0] * 10),),
            costs=(
                line("operating", *[880.0] * 10, kind="material"),
                line("sales_tax", *[99.0] * 10, kind="other"),
            ),
            load=(1.0,) * 10,
            financing=Financing(
                equity_share=1.0, rate=0.06, years=5, method="equal_principal", draws_cny=(2000.0,)
            ),
            working_capital=NO_CAPITAL,
            taxes=Taxes(income=0.25, surcharges=0.0, loss_years=5, reserve=0.1, reserve_cap=0.5),
            hurdle=0.10,
        )
        tables = appraise(project).statements
        loan, cost, profit = tables["loan"], tables["cost"], tables["profit"]
        assert loan.loc["construction_interest", 1] == pytest.approx(60)
        assert loan.loc["opening", 2] == pytest.approx(2060)
        assert loan.loc["principal", 2] == pytest.approx(412)
        assert loan.loc["interest", 2] == pytest.approx(123.6)
        assert loan.loc["service", 2] == pytest.approx(535.6)
        assert cost.loc["depreciation", 2] == pytest.approx(552.52)
        assert cost.loc["total_cost", 2] - 99 == pytest.approx(1556.12)
        assert profit.loc["profit", 2] == pytest.approx(-5.12)
        assert profit.loc["income_tax", 2] == 0.0


class TestVatOfConstruction:
    """Consulting engineer's exam: input tax of construction carried forward, project cash flow.

    examw.com/zixun/ffsw/moniti/681923/index-3.html: construction 113500 with 8000 of deductible
    tax; output 8687, 9652, input 3478, 3865; surcharges 12 %; depreciation and amortisation 20335.
    Printed: VAT 0 and 2996, surcharges 360, adjusted income tax 2464 and 3323, net cash flow 29878
    and 32824, present values at 10 %: -103181.81 24692.56 24661.16 20525.92 18859.93 20543.46.
    (Their sum is printed as 5901.22; it is 6101.22.)
    """

    PRESENT = (-103181.81, 24692.56, 24661.16, 20525.92, 18859.93, 20543.46)

    @pytest.fixture
    def tables(self):
        revenue, cost = (55284.0, 61426.0), (25093.0, 27441.0)
        output, inputs = (8687.0, 9652.0), (3478.0, 3865.0)
        base, years = 113500.0 - 8000.0, 5
        residual = 1.0 - 20335.0 * years / base
        project = Project(
            id="vat",
            name_zh="算例",
            name_en="VAT example",
            parts=(
                Part(
                    key="all",
                    spend_cny=(base,),
                    vat=8000.0 / base,
                    life_a=float(years),
                    residual=residual,
                ),
            ),
            products=tuple(
                Line(
                    key=f"y{i}",
                    yearly_cny=tuple(r if j == i else 0.0 for j in range(years)),
                    vat=t / r,
                )
                for i, (r, t) in enumerate(zip(revenue, output, strict=True))
            ),
            costs=tuple(
                Line(
                    key=f"y{i}",
                    kind="material",
                    yearly_cny=tuple(c if j == i else 0.0 for j in range(years)),
                    vat=t / c,
                )
                for i, (c, t) in enumerate(zip(cost, inputs, strict=True))
            ),
            load=(0.9, 1.0, 1.0, 1.0, 1.0),
            financing=EQUITY,
            working_capital=WorkingCapital(
                share=0.0,
                equity_share=1.0,
                rate=0.0,
                need_cny=(3058.0, 3327.0, 3327.0, 3327.0, 3327.0),
            ),
            taxes=Taxes(income=0.25, surcharges=0.12, loss_years=5, reserve=0.0, reserve_cap=0.0),
            hurdle=0.10,
        )
        return appraise(project).statements

    def test_tax(self, tables):
        revenue = tables["revenue"]
        assert revenue.loc["vat", [2, 3]].tolist() == pytest.approx([0, 2996])
        assert revenue.loc["surcharges", [2, 3]].tolist() == pytest.approx([0, 360], abs=0.5)
        adjusted = tables["project_cash"].loc["adjusted_tax", [2, 3]].tolist()
        assert adjusted == pytest.approx([2464, 3323], abs=0.6)

    def test_net_cash_flow(self, tables):
        cash = tables["project_cash"]
        assert cash.loc["net_after_tax", 1] == pytest.approx(-113500)
        # 3323 in print is 3322.5 or so: surcharges were rounded before the tax
        assert cash.loc["net_after_tax", [2, 3]].tolist() == pytest.approx([29878, 32824], abs=1)

    def test_present_value(self):
        flows = [v * 1.1 ** (t + 1) for t, v in enumerate(self.PRESENT)]
        assert flows[:3] == pytest.approx([-113500, 29878, 32824], abs=0.1)
        assert npv(np.round(flows), 0.10) == pytest.approx(6101.22, abs=1)


class TestSingleFormulas:
    """One formula each."""

    def test_interest_of_construction(self):
        """lsx.laixue.com/test/236530: 400, 800, 500 at 5 % give 10, 40.5, 75.025, in all 125.525."""
        found = interest_during_construction([400, 800, 500], 0.05)
        assert found.tolist() == pytest.approx([10, 40.5, 75.025])
        assert found.sum() == pytest.approx(125.525)

    def test_equal_instalments(self):
        """A cost estimator's exam: 500 + 500 at 6 % grow to 1060.9, six instalments of 215.73."""
        drawn = interest_during_construction([500, 500], 0.06)
        assert drawn.tolist() == pytest.approx([15, 45.9])
        plan = equal_instalment(1000 + drawn.sum(), 0.06, 6)
        assert plan.payment == pytest.approx([215.73] * 6, abs=0.03)  # printed factor 0.2034
        assert plan.interest[:3].tolist() == pytest.approx([63.654, 54.529, 44.857], abs=0.01)
        assert plan.principal[:3].tolist() == pytest.approx([152.076, 161.201, 170.873], abs=0.05)

    def test_equal_principal(self):
        plan = equal_principal(2060, 0.06, 5)
        assert plan.principal.tolist() == pytest.approx([412] * 5)

    def test_losses_of_five_years(self):
        """www.cjsl.com.cn/q/5684304987.html: 2003's loss is used up to 2008, 10 of it expire."""
        found = income_tax([-120, -50, 10, 30, 30, 40, 70], 0.25)
        assert found.used.tolist() == [0, 0, 10, 30, 30, 40, 50]
        assert found.tax[-1] == pytest.approx(5)
        assert found.expired == pytest.approx(10)

    def test_losses_in_turn(self):
        """haobaik.com/answer/244653.html: tax of the last year (38 - 1 - 5) x 25 % = 8."""
        found = income_tax([-20, 12, -1, 4, -5, 2, 38], 0.25)
        assert found.tax.tolist() == pytest.approx([0, 0, 0, 0, 0, 0, 8])
        assert found.expired == pytest.approx(2)

    def test_vat_credit(self):
        found = value_added_tax([8687, 9652], [3478, 3865], 8000)
        assert found.payable.tolist() == [0, 2996]
        assert found.credit.tolist() == [2791, 0]

    def test_break_even(self):
        """m.wenke99.com/p-7551017.html: price 15, variable 10, fixed 80, capacity 50: 32 %, 11.60."""
        assert break_even_load(80, 15 * 50, 10 * 50, 0) == pytest.approx(0.32)
        assert break_even_price(80, 15 * 50, 10 * 50, 0) * 15 == pytest.approx(11.60)

    def test_sensitivity_coefficient(self):
        """liangxue.laixue.com/test/2452563: -10 % of the price moves the rate by 55 %: -5.5 (5.5)."""
        assert abs(sensitivity_coefficient(0.10, 0.045, -0.10)) == pytest.approx(5.5)

    def test_payback(self):
        """sutiku.cn/question/132919.html: 800, then 220 242 266 293: 4 + 72/293 = 4.25 years."""
        assert payback([-800, 220, 242, 266, 293]) == pytest.approx(4.25, abs=0.005)


class TestRatesOfReturn:
    """Printed rates of return of programs."""

    @pytest.mark.parametrize(
        ("flows", "rate"),
        [
            ([-70000, 12000, 15000, 18000, 21000], -0.021),
            ([-70000, 12000, 15000, 18000, 21000, 26000], 0.087),
            ([-70000, 12000, 15000], -0.444),
        ],
    )
    def test_excel(self, flows, rate):
        """Microsoft's page on IRR (support.microsoft.com/office/irr): -2.1 %, 8.7 %, -44.4 %."""
        assert irr(flows).value == pytest.approx(rate, abs=5e-4)

    def test_matlab_single(self):
        """mathworks.com/help/finance/irr.html: 0.1201."""
        flows = [-100000, 10000, 20000, 30000, 40000, 50000]
        assert irr(flows).value == pytest.approx(0.1201, abs=5e-5)

    def test_matlab_several(self):
        """The same page: -4.88 %, 100 % and 204.88 %; present value at 10 % -196.0932."""
        flows = [-1000, 6000, -10900, 5800]
        found = irr(flows)
        assert found.value is None
        assert found.reason == "several"
        assert found.roots == pytest.approx((-0.0488, 1.0, 2.0488), abs=5e-5)
        assert npv(flows, 0.10, "year_begin") == pytest.approx(-196.0932, abs=5e-5)

    @pytest.mark.parametrize(
        ("flows", "reason"),
        [
            ((-100, 180, -100), "no_root"),  # 180^2 < 4 x 100 x 100
            ((-1, 100), "out_of_range"),  # 9900 %
            ((-100, 200, -100), ""),  # touches zero at 0 %
            ((-100, 50, 40), ""),
        ],
    )
    def test_none_and_beyond(self, flows, reason):
        """By hand: whether a root exists at all is another thing than where it is looked for."""
        found = irr(flows)
        assert found.reason == reason
        assert (found.value is None) == bool(reason)

    def test_pv_wave(self):
        """Perforce PV-WAVE, INT_RATE_RETURN: 0.0720783."""
        flows = [-4500, -800, 800, 800, 600, 600, 800, 800, 700, 3000]
        assert irr(flows).value == pytest.approx(0.0720783, abs=5e-8)


def test_conventions_default_to_the_usual():
    assert Conventions() == Conventions(
        discounting="year_end",
        payback_from="construction",
        construction_interest="half_year",
        construction_vat="carried",
        recovery="last_year",
    )
