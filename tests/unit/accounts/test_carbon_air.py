"""Carbon by part and member, grid factors, displaced diesel; air, water and wastes."""

from __future__ import annotations

import pytest

from chainsim.accounts.account import account
from chainsim.accounts.air import flue_gas_nm3_per_gj
from chainsim.accounts.carbon import displaced_diesel_co2_t, inventory_t
from chainsim.accounts.carbon_tables import carbon_costs, carbon_members, carbon_table
from chainsim.accounts.conventions import Figures
from chainsim.accounts.place_tables import air_table, water_table
from chainsim.accounts.trace import trace_kpi
from chainsim.accounts.view import View, condensed
from chainsim.balance.steady import run_steady
from chainsim.library.files import load_library
from chainsim.library.scenarios import parse_scenario
from chainsim.park.build import build_park, grid_factor
from tests.city import case_of, city, ran

LIBRARY = load_library()


def test_grid_factor_by_region_and_year() -> None:
    known = list(LIBRARY.factors)
    assert grid_factor(known, "grid_shanxi", 2022) == "grid_shanxi_2022"
    assert grid_factor(known, "grid_shanxi", 2030) == "grid_shanxi_2023"
    assert grid_factor(known, "grid_shanxi", 2015) == "grid_shanxi_2022"
    assert grid_factor(known, "grid_national_2023", 2030) == "grid_national_2023"
    assert grid_factor(known, "grid_nowhere", 2030) == "grid_nowhere"
    assert city().economics.grid_factor == "grid_shanxi_2022"


def test_coking_and_chemistry_stand_apart() -> None:
    case = case_of(*ran())
    parts = inventory_t(case.view)
    assert parts["coking"] > 0
    assert parts["extension"] > 0
    lines = carbon_table(case.view).set_index(["part", "material"])
    coal = lines.loc[("coking", "coking_coal")]
    assert coal["co2_t"] == pytest.approx(coal["activity"] * coal["carbon_t"] * 44 / 12)
    gas = lines.loc[("combustion", "coke_oven_gas")]
    assert gas["oxidised"] == 0.99
    by_heat = gas["activity"] * gas["lhv_gj"] * gas["carbon_t_per_gj"] * gas["oxidised"] * 44 / 12
    assert gas["co2_t"] == pytest.approx(by_heat)
    assert lines.loc[("product", "coke"), "co2_t"] > 0


def test_power_from_a_neighbour_is_bought_by_one_and_sold_by_the_other() -> None:
    park, books = ran()
    case = case_of(park, books)
    members = carbon_members(case.view).set_index("enterprise")
    east, west = (case.view.where("enterprise", [o]) for o in ("east", "west"))
    assert east.carbon_indirect_t + west.carbon_indirect_t == pytest.approx(
        members.loc["total", ["power", "heat"]].sum()
        - (members.loc[""][["power", "heat"]].sum() if "" in members.index else 0.0)
    )
    quencher = case.view.where("unit", ["cdq_e"])
    assert quencher.carbon_indirect_t < 0  # what it gives is taken off its owner


def test_carbon_cost_at_the_scenarios_prices() -> None:
    case = case_of(*ran())
    costs = carbon_costs(case.view).set_index("price")["cost_wan_cny"]
    emitted = case.view.carbon_direct_t / (26304 / 8760)
    assert costs["co2_price_high"] == pytest.approx(emitted * 100 / 1e4)
    assert costs["co2_price_none"] == 0.0


HYDROGEN = """
schema_version: 1
id: lorries
name_zh: 氢车
name_en: Lorries
units:
  fleet: {process: fuel_cell_truck_fleet, capacity: 100 km/h}
buy: {hydrogen_35mpa: {price: 2000}}
sell: {truck_km: {price: 5}}
"""


def test_displaced_diesel_of_the_park_s_own_fleet() -> None:
    park = build_park(parse_scenario(HYDROGEN))
    books = run_steady(park, outages=False)
    found = account(park, books)
    view = View(park, books, condensed(found.ledger), books.hours, figures=Figures(park, {}))
    km = found.kpi("output.truck_km_km")
    diesel = LIBRARY.processes["diesel_truck_fleet"]
    used = next(p for p in diesel.ports if p.material.id == "diesel")
    carbon = (used.material.elements or {})["C"]
    saved = displaced_diesel_co2_t(view)
    assert saved == pytest.approx(km * 0.336e-3 * carbon * 44 / 12, rel=1e-6)
    assert found.kpi("carbon.displaced_diesel_t") == pytest.approx(saved)
    assert found.kpi("carbon.total_t") >= 0.0  # beside the total, never taken off it


def test_without_hydrogen_lorries_nothing_is_displaced() -> None:
    case = case_of(*ran())
    assert displaced_diesel_co2_t(case.view) is None


def test_flue_gas_of_the_library_s_gas_is_the_battery_s() -> None:
    gas = LIBRARY.materials["coke_oven_gas"]
    assert flue_gas_nm3_per_gj(gas, 0.03, 0.0) == pytest.approx(253, abs=1)
    per_coke = 2.55 / 0.765 * flue_gas_nm3_per_gj(gas, 0.08, 0.0)
    assert per_coke == pytest.approx(LIBRARY.factors["coke_stack_flue_gas"].value, rel=0.03)
    assert flue_gas_nm3_per_gj(LIBRARY.materials["steam_coal"], 0.03, 255.0) == 255.0


def test_every_fired_unit_emits_and_says_on_what_ground() -> None:
    case = case_of(*ran())
    table = air_table(case).set_index("component")
    assert table.loc["bat", "basis"] == "process"
    assert table.loc["clean", "basis"] == "fuel"
    assert table.loc["cdq", "so2"] > 0
    total = table.drop("total")[["pm", "so2", "nox"]].sum()
    assert total.to_dict() == pytest.approx(table.loc["total", ["pm", "so2", "nox"]].to_dict())
    given = {"facts": {"units": {"bat": {"ultra_low_since": "2023-01-01"}}}}
    assert air_table(case_of(*ran(given))).set_index("component").loc["bat", "basis"] == "retrofit"


def test_a_retrofit_inside_the_run_halves_the_time() -> None:
    given = {"facts": {"units": {"bat": {"ultra_low_since": "2023-01-01"}}}}
    _, books = ran(given)
    nox = books.ledger[
        (books.ledger["unit"] == "bat") & (books.ledger["account"] == "pollution.nox")
    ].set_index("period")["amount"]
    per_coal = nox / nox["2024-03"]
    assert per_coal["2022-03"] == pytest.approx(500 / 150, rel=1e-6)
    assert per_coal["2023-03"] == pytest.approx(1.0)


def test_water_and_wastes_follow_coke() -> None:
    park, books = ran()
    table = water_table(case_of(park, books)).set_index(["level", "subject"])
    city_ = table.loc[("city", "city")]
    coke = books.kpi("output.coke_t") / (26304 / 8760)
    assert city_["coking_waste_water"] == pytest.approx(coke * 0.4)
    assert city_["sludge"] == pytest.approx(coke * 0.4 * 10.04 / 1e3)
    assert 0.5 < city_["coking_fresh_per_coke"] < 3.0
    assert books.kpi("water.fresh_t") == pytest.approx(
        float(books.ledger.loc[books.ledger["account"] == "water.used", "amount"].sum())
    )


def test_every_kpi_can_be_traced() -> None:
    park, books = ran()
    ends = 0
    for key in books.kpis["id"].unique():
        rows = trace_kpi(books, park, str(key))
        assert rows["level"].iloc[0] == "kpi"
        ends += int((rows["level"] == "source").any())
    assert ends > 0.8 * books.kpis["id"].nunique()
    nox = trace_kpi(books, park, "pollution.nox_t", top=50)
    paths = set(nox.loc[nox["level"] == "coefficient", "item"])
    assert "factors.heater_nox" in paths
    assert any(path.endswith("pollutants.nox") for path in paths)
