"""Renewals and price indices, worked by hand.

1000 are spent in one year of construction and written off over five of operation; 400 come in and
100 go out a year, no VAT, no loan, tax 25 %. 200 are renewed in the second year of operation, over
a life of four: 50 a year from the third, 50 left at the end.
"""

from __future__ import annotations

import pytest

from chainsim.accounts.projects.from_file import read_project
from chainsim.errors import ScenarioError
from chainsim.finance.appraisal import Appraisal, appraise
from chainsim.library.files import load_library
from chainsim.library.project_files import parse_project

FILE = """
schema_version: 1
kind: project
id: by-hand
name_zh: 手算
name_en: by hand
hurdle_rate: 0.1
construction: [1]
operation_years: 5
ramp: [1]
equity_share: 1
working_capital: {share: 0}
tax: {income: 0.25, surcharges: 0, reserve: 0}
residual_share: 0
investment: {equipment: {amount: 1000, vat: 0, life: 5}}
products: {good: {amount: 400, vat: 0}}
costs: {feed: {amount: 100, vat: 0}}
renewals: {lining: {amount: 200, years: [2], vat: 0, life: 4}}
"""


def of(*overrides: str, text: str = FILE) -> Appraisal:
    read = read_project(parse_project(text, overrides=overrides), load_library())
    return appraise(read.project, read.conventions)


def test_capitalised() -> None:
    found = of()
    assert found.flows.cash.after_tax == pytest.approx([-1000, 275, 75, 287.5, 287.5, 337.5])
    assert found.flows.investment.expense[1:] == pytest.approx([200, 200, 250, 250, 250])
    assert found.statements["balance"].loc["fixed"].tolist() == pytest.approx(
        [0, 800, 800, 550, 300, 50]
    )
    assert found.value("renewals_cny") == pytest.approx(200)
    assert found.value("investment_cny") == pytest.approx(1000)


def test_expensed_and_left_out() -> None:
    """A loss of 100 in the second year is made up in the third."""
    expensed = of("conventions.renewals=expensed")
    assert expensed.flows.cash.after_tax == pytest.approx([-1000, 275, 100, 300, 275, 275])
    left = of("conventions.renewals=left_out")
    assert left.flows.cash.after_tax == pytest.approx([-1000, 275, 275, 275, 275, 275])


def test_at_intervals_and_as_a_share() -> None:
    """Every second year but not the last: years 2 and 4, each over two years."""
    often = FILE.replace(
        "{amount: 200, years: [2], vat: 0, life: 4}", "{share: 0.1, every: 2, vat: 0}"
    )
    found = of(text=often)
    assert found.statements["project_cash"].loc["renewals"].tolist() == [0, 0, 100, 0, 100, 0]
    assert found.flows.investment.renewed.expense.tolist() == [0, 0, 0, 50, 50, 50]
    assert found.flows.investment.renewed.book[-1] == pytest.approx(50)


def test_input_tax_of_a_renewal_is_deducted() -> None:
    """226 with 13 % VAT are 200: the tax comes back through 52 of output tax a year."""
    found = of("renewals.lining.amount=226", "renewals.lining.vat=0.13", "products.good.vat=0.13")
    vat = found.statements["revenue"].loc["vat"].tolist()
    assert vat == pytest.approx([0, 52, 26, 52, 52, 52])
    without = of("products.good.vat=0.13")
    assert found.flows.cash.after_tax == pytest.approx(without.flows.cash.after_tax)


def test_debt_service_cover_is_after_renewals() -> None:
    loan = ("equity_share=0", "loan={rate: 0, years: 5}")
    covered = of(*loan).statements["loan"].loc["dscr"].tolist()[1:]
    assert covered[0] == pytest.approx((300 - 25) / 200)
    assert covered[1] == pytest.approx((300 - 25 - 200) / 200)


def test_levelised_cost_holds_the_renewal() -> None:
    priced = FILE.replace("{amount: 400, vat: 0}", "{quantity: 40 t/a, price: 10 CNY/t, vat: 0}")
    worth = [(1 / 1.1) ** t for t in range(1, 7)]
    costs = [1000, 100, 300, 100, 100, 50]
    cost = sum(c * w for c, w in zip(costs, worth, strict=True)) / (40 * sum(worth[1:]))
    assert of(text=priced).value("levelised.good") == pytest.approx(cost)


def test_prices_follow_the_nearest_index() -> None:
    paths = "price_paths={products: [1, 1.1], feed: [1, 1, 2], material: [5]}"
    found = of(paths)
    assert found.flows.operation.revenue[1:] == pytest.approx([400, 440, 440, 440, 440])
    assert found.flows.operation.cost[1:] == pytest.approx([100, 100, 200, 200, 200])
    constant = of(paths, "conventions.price_paths=left_out")
    assert constant.flows.cash.after_tax == pytest.approx(of().flows.cash.after_tax)


@pytest.mark.parametrize(
    ("override", "code", "path"),
    [
        ("price_paths={god: [1]}", "CS-N024", "price_paths.god"),
        ("price_paths={good: [1, 1, 1, 1, 1, 1]}", "CS-N004", "price_paths.good"),
        ("renewals.lining.years=[6]", "CS-N003", "renewals.lining.years"),
    ],
)
def test_what_cannot_be_is_told_with_its_place(override, code, path) -> None:
    with pytest.raises(ScenarioError) as told:
        of(override)
    assert [(p.code, p.path) for p in told.value.problems] == [(code, path)]
