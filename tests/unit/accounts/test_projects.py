"""A park's plants as a project, by hand: what crosses the border, at which price, with what around it.

Two sites. An old oven makes gas and tar at `home`; a planned still at `away` takes the tar that a
lorry brings and makes oil, pitch and a purge gas that goes back to the oven's header.
"""

from __future__ import annotations

import json
import math

import pytest

from chainsim.accounts.account import account, view_of
from chainsim.accounts.projects.from_park import park_project
from chainsim.accounts.projects.scope import invested, scope_of
from chainsim.accounts.projects.terms import Figures
from chainsim.balance.steady import run_steady
from chainsim.errors import ScenarioError, UserError
from chainsim.finance.appraisal import appraise
from chainsim.library.files import load_library
from chainsim.library.model import Library
from chainsim.library.scenarios import parse_scenario
from chainsim.park.build import build_park

HOURS = 8760.0
PARK = """
schema_version: 1
id: small
name_zh: 小园区
name_en: Small park
library: false
horizon: {start: 2025-01-01, years: 1}
sites:
  home: {name_zh: 甲地, name_en: Home}
  away: {name_zh: 乙地, name_en: Away, park: false}
materials:
  coal: {unit: t, price_cny: 900}
  coke_oven_gas: {unit: kNm3, lhv_gj: 17.5, price_cny: 500}
  tar: {unit: t, price_cny: 3000}
  oil: {unit: t, price_cny: 4000}
  pitch: {unit: t, price_cny: 3500}
  purge: {unit: kNm3, lhv_gj: 35}
  power: {unit: MWh, price_cny: 600}
  coke: {unit: t, price_cny: 1500}
units:
  oven: {site: home, capacity: 10, capex: 10 亿元, priority: 1,
         recipe: {feeds: {coal: 1.3}, products: {coke: 1, coke_oven_gas: 0.2, tar: 0.05}}}
  still: {site: away, capacity: 0.5, capex: 1 亿元, status: planned, priority: 2,
          recipe: {feeds: {tar: 1, power: 0.1}, products: {oil: 0.4, pitch: 0.5, purge: 0.02}}}
  generator: {site: away, capacity: 0.2, capex: 0.1 亿元, status: planned, priority: 3,
              recipe: {feeds: {coke_oven_gas: 0.3}, products: {power: 1}}}
links:
  lorry: {material: tar, from: home, to: away, mode: truck, km: 50, capacity: 5, freight: 0.4}
  pipe: {material: coke_oven_gas, from: home, to: away, mode: pipe, km: 10, freight: 0, status: planned}
buy:
  coal: {site: home}
  power: {site: away}
sell:
  coke: {site: home}
  gas_sale: {material: coke_oven_gas, site: home}
  oil: {site: away}
  pitch: {site: away}
  power_sale: {material: power, site: away, limit: 0, price: 300}
vents:
  purge: {site: away, kind: flare, limit: 0.005}
"""
ROOMY = {"limit: 0.005": "limit: 100"}


def park_of(changes=None, library=True, finance=None):
    text = PARK
    for old, new in (changes or {}).items():
        assert old in text
        text = text.replace(old, new)
    text += f"finance: {json.dumps(finance or {})}\n"
    library = Library(factors=load_library().factors) if library else Library()
    return build_park(parse_scenario(text), library=library)


def run(park):
    simulation = run_steady(park)
    return simulation, account(park, simulation)


def project_of(park, **choice):
    simulation, book = run(park)
    return park_project(view_of(park, simulation, book.ledger), book.ledger, **choice)


def crossing(found):
    return {d.header: d for d in found.dealings}


def test_planned_plants_and_the_links_that_serve_only_them():
    scope = scope_of(park_of())
    assert [u.id for u in scope.units] == ["generator", "still"]
    assert [x.id for x in scope.links] == ["lorry", "pipe"]
    assert not scope.whole


def test_what_crosses_the_border():
    found = crossing(project_of(park_of(ROOMY), units=["still"]))
    run_h = 0.5 * HOURS
    assert found["tar@home"].quantity == pytest.approx(-run_h)
    assert found["tar@home"].price.cny == 3000
    assert found["oil@away"].cny == pytest.approx(0.4 * run_h * 4000)
    assert found["oil@away"].basis == "sale"
    assert "tar@away" not in found  # the lorry brings it, the still takes it: inside


def test_power_that_the_park_buys_costs_its_purchase_price():
    """A sale at 300 stands at the header, but what really flows is a purchase at 600."""
    small = {**ROOMY, "site: away, capacity: 0.2": "site: away, capacity: 0.02"}
    found = crossing(project_of(park_of(small), units=["still"]))["power@away"]
    assert (found.price.cny, found.basis) == (600, "purchase")
    plain = park_of(small, finance={"transfer_price": "header"})
    found = crossing(project_of(plain, units=["still"]))["power@away"]
    assert (found.price.cny, found.basis) == (600, "header")
    inside = crossing(project_of(park_of(ROOMY), units=["still"]))["power@away"]
    assert (inside.price.cny, inside.basis) == (300, "header")  # the generator makes it all


def test_flows_inside_the_project_cancel():
    """The generator's power stays in the project as far as the still takes it."""
    park = park_of({**ROOMY, "power_sale: {material": "sold: {material"})
    found = crossing(project_of(park))
    made = 0.05 * HOURS  # demand pulls: the still's 0.05 MWh/h, none is sold
    assert "power@away" not in found
    assert found["coke_oven_gas@home"].quantity == pytest.approx(-0.3 * made)


def test_nobody_pays_for_what_is_flared():
    assert "purge@away" not in crossing(project_of(park_of(ROOMY), units=["still"]))


STOVE = "  stove: {site: away, capacity: 0.005, priority: 4, recipe: {feeds: {purge: 1}}}\nlinks:"


def test_a_gas_without_a_price_is_worth_its_heat():
    """A stove takes half of the purge gas, the flare the rest; 35 GJ at 500 / 17.5 CNY each."""
    found = project_of(park_of({**ROOMY, "links:": STOVE}), units=["still"])
    purge = crossing(found)["purge@away"]
    assert purge.quantity == pytest.approx(0.005 * HOURS)
    assert (purge.price.cny, purge.basis) == (1000, "heat")
    assert found.problems == ()


def test_what_has_no_price_is_told():
    nothing = {"tar: {unit: t, price_cny: 3000}": "tar: {unit: t}"}
    found = project_of(park_of({**ROOMY, **nothing}), units=["still"])
    assert crossing(found)["tar@home"].cny == 0.0
    assert [(p.code, p.found) for p in found.problems] == [("CS-N022", "tar@home")]
    assert all(c.key != "tar@home" for c in found.project.costs)


def test_transfers_agree_with_the_ledger():
    """At header prices the dealings of units are the ledger's transfers."""
    park = park_of(ROOMY, finance={"transfer_price": "header"})
    simulation, book = run(park)
    found = park_project(view_of(park, simulation, book.ledger), book.ledger, units=["oven"])
    rows = book.ledger[book.ledger["unit"] == "oven"]
    value = rows.loc[rows["account"] == "transfer.value", "amount"].sum()
    assert sum(d.cny for d in found.dealings) == pytest.approx(value)


def test_the_whole_park_has_its_own_deals():
    park = park_of(ROOMY)
    simulation, book = run(park)
    found = park_project(view_of(park, simulation, book.ledger), book.ledger, subject="park")
    revenue = sum(p.yearly_cny[-1] for p in found.project.products)
    assert revenue == pytest.approx(book.kpi("value.revenue_cny"))
    ledger = book.ledger.groupby("account")["amount"].sum()
    bought = sum(c.yearly_cny[-1] for c in found.project.costs if c.key.endswith(".buy"))
    assert bought == pytest.approx(-ledger["cost.material"])
    freight = next(c for c in found.project.costs if c.key == "freight")
    assert freight.yearly_cny[-1] == pytest.approx(-ledger["cost.freight"])


def test_investment_site_and_pipe():
    found = project_of(park_of(ROOMY))
    sums = {i.component: i for i in found.invested}
    assert sums["still"].cny == pytest.approx(1e8 * 1.15)  # outside a park
    assert sums["pipe"].cny == pytest.approx(10 * 4e6)
    assert set(sums) == {"still", "generator", "pipe"}
    total = sum(i.cny for i in found.invested)
    spent = appraise(found.project, found.conventions).value("construction_cny")
    assert spent == pytest.approx(total)
    by_site = park_of(ROOMY, finance={"site_integration": {"away": 0.9}})
    assert {i.component: i.site for i in project_of(by_site).invested}["still"] == 0.9


def test_escalation_from_the_year_of_the_figure():
    import chainsim as cs

    park = cs.load("xinzhou-base", ["finance.escalation=0.02", "finance.price_year=2026"])
    simulation = run_steady(park)
    ledger = account(park, simulation).ledger
    found = park_project(view_of(park, simulation, ledger), ledger, units=["yp_psa"])
    part = found.invested[0]
    assert part.escalation == pytest.approx(1.02 ** (2026 - part.year))
    assert found.project.hurdle == 0.10  # hydrogen, inorganic chemicals
    assert found.project.persons > 0


def test_terms_of_the_scenario():
    finance = {
        "construction": [1.0],
        "operation_years": 10,
        "ramp": [1.0],
        "hurdle_rate": 0.08,
        "loan": {"years": 5},
        "capex_shares": {"equipment": 0.8, "building": 0.2},
        "lives": {"equipment": 10},
    }
    found = project_of(park_of(ROOMY, finance=finance))
    project = found.project
    assert (project.construction_years, project.operation_years, project.hurdle) == (1, 10, 0.08)
    assert [p.key for p in project.parts] == ["equipment", "building"]
    assert project.parts[0].life_a == 10
    assert {t.key for t in found.terms if t.given} >= {"finance.hurdle_rate", "finance.loan.years"}


def test_a_dated_plant_is_judged_by_the_last_year():
    text = {
        "years: 1": "years: 2",
        "status: planned, priority: 2": "status: planned, priority: 2, start: 2026-01-01",
        **ROOMY,
    }
    found = crossing(project_of(park_of(text), units=["still"]))
    assert found["oil@away"].quantity == pytest.approx(0.4 * 0.5 * HOURS)


def test_unknown_units_are_told():
    with pytest.raises(ScenarioError) as caught:
        scope_of(park_of(), ["stil"])
    assert (caught.value.problems[0].code, caught.value.problems[0].hint) == ("CS-N015", "still")
    with pytest.raises(UserError) as caught:
        park_of(finance={"units": ["stil"]})
    assert caught.value.problems[0].path == "finance.units"
    with pytest.raises(UserError):
        park_of(finance={"capex_shares": {"equipment": 0.5}})
    with pytest.raises(UserError):
        park_of(finance={"site_integration": {"nowhere": 1.0}})


# -- KPIs of a run ----------------------------------------------------------------------------

KPIS = ("finance.fnpv_cny", "finance.firr", "finance.payback_y")


def test_kpis_of_the_planned_plants():
    park = park_of(ROOMY)
    simulation, book = run(park)
    found = park_project(view_of(park, simulation, book.ledger), book.ledger)
    appraisal = appraise(found.project, found.conventions)
    assert book.kpi("finance.fnpv_cny") == pytest.approx(appraisal.value("fnpv_after_tax_cny"))
    for key in KPIS:
        assert key in set(book.kpis["id"])


def test_kpis_without_a_plan_are_null_with_a_reason():
    park = park_of({"status: planned": "status: built", **ROOMY})
    _, book = run(park)
    assert all(math.isnan(book.kpi(key)) for key in KPIS)
    assert [p.code for p in book.problems if p.code.startswith("CS-N")] == ["CS-N021"]


def test_a_rate_that_does_not_exist_is_null_with_a_reason():
    park = park_of(
        {**ROOMY, "oil: {unit: t, price_cny: 4000}": "oil: {}"},
        finance={"units": ["still"], "conventions": {"recovery": "none"}},
    )
    _, book = run(park)
    assert math.isnan(book.kpi("finance.firr"))
    assert {"CS-N016", "CS-N020"} <= {p.code for p in book.problems}
    assert book.kpi("finance.fnpv_cny") < 0


def test_a_park_of_its_own_without_figures_has_no_finance():
    park = park_of(ROOMY, library=False)
    _, book = run(park)
    assert not any(key.startswith("finance.f") for key in book.kpis["id"])
    told = park_of(ROOMY, library=False, finance={"hurdle_rate": 0.1})
    _, book = run(told)
    assert math.isnan(book.kpi("finance.firr"))
    assert "CS-N012" in {p.code for p in book.problems}


def test_a_link_costs_what_the_scenario_says_and_needs_no_library():
    text = PARK.replace("km: 10, freight: 0,", "km: 10, freight: 0, capex: 30 wan_CNY,")
    found = invested_of(text)
    assert found["pipe"] == pytest.approx(3e5)
    with pytest.raises(ScenarioError) as caught:
        invested_of(PARK)
    assert [(p.code, p.path) for p in caught.value.problems] == [
        ("CS-N025", "links.pipe.capex"),
    ]


def invested_of(text):
    """Investment of what is planned, with terms given and no library."""
    park = build_park(parse_scenario(text + "finance: {escalation: 0, site_integration: 1}\n"))
    figures = Figures(park.library, "finance.")
    return {i.component: i.cny for i in invested(park, scope_of(park), figures)}


ALONE = """
schema_version: 1
id: alone
name_zh: a
name_en: a
library: false
horizon: {years: 1}
sites: {a: {}, b: {}}
materials: {raw: {price_cny: 100}, g: {price_cny: 150}, p: {price_cny: 500}}
units:
  u: {recipe: {feeds: {raw: 1}, products: {g: 1}}, capacity: 2, site: a}
  n:
    recipe: {feeds: {g: 1}, products: {p: 1}}
    capacity: 2
    site: b
    status: planned
    capex: 20000000
links:
  pipe:
    {material: g, from: a, to: b, mode: pipe, km: 3, freight: 0, status: planned, capex: 1000000}
buy: {raw: {site: a}}
sell: {p: {site: b}}
"""
TERMS = """
finance:
  construction: [1]
  operation_years: 10
  ramp: [1]
  hurdle_rate: 0.08
  equity_share: 1
  escalation: 0
  site_integration: 1
  residual_share: 0
  capex_shares: {equipment: 1}
  lives: {equipment: 10, installation: 10, building: 10, other: 10, contingency: 10, land: 10}
  loan: {rate: 0.05, years: 5}
  working_capital: {share: 0, equity_share: 1, rate: 0}
  tax: {income: 0.25, surcharges: 0, loss_years: 5, reserve: 0, reserve_cap: 0}
  vat: {goods: 0, construction: 0, services: 0, low: 0}
"""


def test_a_park_without_library_is_appraised_on_its_own_terms():
    # 21 million in year 1; sells at 500 what it buys at the header's 150; a tenth written off a year.
    found = project_of(build_park(parse_scenario(ALONE + TERMS)))
    margin, spent = 2 * HOURS * (500 - 150), 21e6
    tax = 0.25 * (margin - spent / 10)
    flows = [-spent] + [margin - tax] * 10
    exact = sum(flow / 1.08**year for year, flow in enumerate(flows, start=1))
    worth = appraise(found.project, found.conventions).value("fnpv_after_tax_cny")
    assert worth == pytest.approx(exact, rel=1e-9)


def test_all_terms_that_miss_are_told_at_once():
    with pytest.raises(ScenarioError) as caught:
        project_of(build_park(parse_scenario(ALONE)))
    told = {p.path for p in caught.value.problems}
    assert {p.code for p in caught.value.problems} == {"CS-N012"}
    assert told > {"finance.operation_years", "finance.construction", "finance.vat.goods"}
    assert {path.split(".")[1] for path in told} == {
        line.split(":")[0].strip() for line in TERMS.splitlines()[2:]
    }
