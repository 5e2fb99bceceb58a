"""Project files: what they give, what the library adds, and how mistakes are told."""

from __future__ import annotations

import pytest

from chainsim.accounts.projects.from_file import read_project
from chainsim.errors import UserError
from chainsim.finance.appraisal import appraise
from chainsim.library.files import load_library
from chainsim.library.model import Library
from chainsim.library.project_files import (
    load_project,
    parse_project,
    project_path,
    shipped_projects,
)

GOOD = """\
schema_version: 1
kind: project
id: plant
name_zh: 装置
name_en: Plant
money: 万元
construction: [0.5, 0.5]
operation_years: 4
ramp: [0.5, 1.0]
hurdle_rate: 0.1
equity_share: 1.0
capex_tax: excluded
investment: {equipment: 1000, land: 100}
products: {steel: {quantity: 2 万t/a, price: 500 元/t}}
costs:
  ore: {amount: 1.5 亿元, kind: material}
  repair: {kind: maintenance, share: 0.03}
  rent: {kind: other, by_year: [10, 20], vat: 0}
staff: {persons: 10, wage: 12}
"""


def read(text=GOOD, overrides=()):
    return read_project(parse_project(text, overrides=overrides), load_library())


def mistakes(old, new, text=GOOD):
    with pytest.raises(UserError) as caught:
        read(text.replace(old, new))
    return [(p.code, p.path, p.line) for p in caught.value.problems]


def test_amounts_in_every_way():
    project = read().project
    steel, ore, repair, rent, staff = (*project.products, *project.costs)
    assert steel.yearly_cny == pytest.approx((5e6, 1e7, 1e7, 1e7))
    assert steel.quantity == pytest.approx((1e4, 2e4, 2e4, 2e4))
    assert steel.unit == "t"
    assert steel.vat == pytest.approx(0.13)
    assert ore.yearly_cny == pytest.approx((0.75e8, 1.5e8, 1.5e8, 1.5e8))
    assert repair.yearly_cny == pytest.approx((0.03 * 1.1e7,) * 4)
    assert rent.yearly_cny == pytest.approx((1e5, 2e5, 2e5, 2e5))
    assert staff.yearly_cny == pytest.approx((1.2e6,) * 4)
    assert [c.variable for c in project.costs] == [True, False, False, False]
    assert [sum(p.spend_cny) for p in project.parts] == pytest.approx([1e7, 1e6])
    assert project.parts[1].intangible


def test_investment_with_tax_is_split():
    part = read(GOOD.replace("excluded", "included")).project.parts[0]
    assert sum(part.spend_cny) * 1.13 == pytest.approx(1e7)


def test_prices_with_tax_are_split():
    project = read(f"{GOOD}price_tax: included\n").project
    assert project.products[0].yearly_cny[-1] * 1.13 == pytest.approx(1e7)
    assert project.costs[0].yearly_cny[-1] * 1.13 == pytest.approx(1.5e8)


def test_what_is_left_out_comes_from_the_library_and_is_written_down():
    found = read()
    terms = {term.key: term for term in found.terms}
    assert terms["income_tax"].source == "eit_law"
    assert not terms["income_tax"].given
    assert terms["hurdle_rate"].given
    assert terms["equity_share"].value == 1.0
    assert found.project.taxes.income == 0.25
    assert found.project.financing.years == 4  # no longer than the life


def test_overrides():
    assert read(overrides=["hurdle_rate=0.2", "loan.rate=0.05"]).project.hurdle == 0.2
    with pytest.raises(UserError) as caught:
        read(overrides=["hurdel_rate=1"])
    assert caught.value.problems[0].code == "CS-V013"
    assert caught.value.problems[0].hint == "hurdle_rate"


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("hurdle_rate: 0.1", "hurdel_rate: 0.1", ("CS-V001", "hurdel_rate", 10)),
        ("construction: [0.5, 0.5]", "construction: [0.5, 0.6]", ("CS-N010", "", 1)),
        ("{amount: 1.5 亿元,", "{amount: 1.5 亿元, share: 0.1,", ("CS-N011", "costs.ore", 16)),
        ("price: 500 元/t", "price: 500", ("CS-N014", "products.steel.price", 14)),
        ("price: 500 元/t", "price: 500 元", ("CS-N014", "products.steel.price", 14)),
        ("price: 500 元/t", "price: 500 km/t", ("CS-U002", "products.steel.price", 14)),
        ("2 万t/a", "2 万Nm3/a", ("CS-U002", "products.steel.quantity", 14)),
        ("1.5 亿元", "much", ("CS-U003", "costs.ore.amount", 16)),
        ("1.5 亿元", "-1.5 亿元", ("CS-S011", "costs.ore.amount", 16)),
        ("money: 万元", "money: euro", ("CS-U001", "money", 6)),
        ("equipment: 1000", "boiler: 1000", ("CS-N013", "investment.boiler", 13)),
        ("equipment: 1000", "equipment: -1000", ("CS-V004", "investment.equipment", 13)),
        ("by_year: [10, 20]", "by_year: [1, 1, 1, 1, 1]", ("CS-N004", "costs.rent.by_year", 18)),
        ("equity_share: 1.0", "equity_share: 1.4", ("CS-V005", "equity_share", 11)),
        ("operation_years: 4", "operation_years: 0", ("CS-V004", "operation_years", 8)),
        ("{equipment: 1000, land: 100}", "{}", ("CS-V006", "investment", 13)),
        ("{equipment: 1000, land: 100}", "{equipment: 0}", ("CS-N001", "investment", 13)),
        ("staff: {persons: 10, wage: 12}", "loan: {years: 9}", ("CS-N005", "loan.years", 19)),
        ("schema_version: 1\n", "", ("CS-V002", "schema_version", 1)),
        ("id: plant", "id: !!python/object plant", ("CS-Y", "", 3)),
    ],
)
def test_mistakes_are_told_with_their_place(old, new, found):
    code, path, line = found
    listed = mistakes(old, new)
    assert any(c.startswith(code) and p == path and n == line for c, p, n in listed if path) or any(
        c.startswith(code) and n == line for c, _, n in listed if not path
    ), listed


def test_several_mistakes_at_once():
    text = GOOD.replace("500 元/t", "500").replace("1.5 亿元", "much")
    assert len(mistakes("id: plant", "id: plant", text)) == 2


def test_without_the_library_everything_must_be_given():
    with pytest.raises(UserError) as caught:
        read_project(parse_project(GOOD), Library())
    assert caught.value.problems[0].code == "CS-N012"


@pytest.mark.parametrize("name", sorted(shipped_projects()))
def test_shipped_projects_are_found_by_id_and_can_be_appraised(name):
    path = project_path(name)
    assert path is not None
    file = load_project(path)
    assert file.record.id == name
    assert len(file.digest) == 64
    found = read_project(file, load_library())
    assert appraise(found.project, found.conventions).value("investment_cny") > 0


def test_the_course_example_prints_its_answers():
    found = read_project(load_project(shipped_projects()["course-example"]), load_library())
    appraisal = appraise(found.project, found.conventions)
    assert appraisal.value("fnpv_before_tax_cny") == pytest.approx(864e4, abs=0.5e4)
    assert appraisal.value("firr_before_tax") == pytest.approx(0.1799, abs=5e-5)
    assert appraisal.value("payback_static_before_tax_y") == pytest.approx(6.86, abs=0.005)
    assert appraisal.value("payback_dynamic_before_tax_y") == pytest.approx(8.73, abs=0.005)


def test_scenarios_are_no_projects(tmp_path):
    assert project_path("xinzhou-base") is None
    with pytest.raises(UserError) as caught:
        project_path("course-exampel")
    assert caught.value.problems[0].hint == "course-example"
    lost = tmp_path / "p.yaml"
    lost.write_text("investment: {}\n", "utf-8")
    assert project_path(lost) == lost
