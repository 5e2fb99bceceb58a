"""Energy: boundaries, heating gas on both sides, measured heating values, tables, refusals."""

from __future__ import annotations

import pandas as pd
import pytest

from chainsim.accounts.account import Accounts, account
from chainsim.accounts.conventions import Figures
from chainsim.accounts.energy_tables import energy_balance, energy_table, transformation_share
from chainsim.accounts.limit_tables import unit_energy_table
from chainsim.accounts.view import View, condensed
from chainsim.balance.steady import run_steady
from tests.builders import coking_park, judged_library, run_by_hand
from tests.city import case_of, city, ran

EXTENDED = {
    "units": {
        "battery": {"capacity": 500},
        "cdq": {"capacity": 500},
        "methanol_plant": {"capacity": 40},
    }
}


def books(boundary: str) -> Accounts:
    extra = {**EXTENDED, "economics": {"boundary": boundary}}
    park = coking_park(extra, library=judged_library(), policies=("q02", "q03", "q04"))
    activity = {"battery": 0.8, "cdq": 0.8, "methanol_plant": 1.0}
    return account(park, run_by_hand(park, activity))


def q03(found: Accounts) -> pd.Series:
    return found.policy.set_index("id").loc["q03"]


def test_a_park_that_extends_its_chain_breaks_the_cap_on_b_but_not_on_a() -> None:
    """3.504 Mt of coke at 119.94 kgce/t are 42.0 wan tce; with the gas made into methanol and the steam that nobody takes 109."""
    a, b, c = (q03(books(x)) for x in "ABC")
    assert a["value"] == pytest.approx(42.03, abs=0.01)
    assert (a["verdict"], b["verdict"]) == ("pass", "fail")
    assert b["value"] == pytest.approx(109.26, abs=0.01)
    assert a["value"] < c["value"] < b["value"]
    made = books("A").kpi("output.methanol_t")
    assert b["value"] - c["value"] == pytest.approx(made * 679.4 / 1e7)
    assert all("boundaries a=42.0" in x["note"] for x in (a, b, c))


def view_of(found: Accounts, park: object) -> View:
    hours = found.simulation.hours
    rows = condensed(found.ledger)
    return View(park, found.simulation, rows, hours, figures=Figures(park, {}))  # type: ignore[arg-type]


def test_heating_gas_on_both_sides_or_on_neither_gives_the_same() -> None:
    park = coking_park(library=judged_library())
    found = account(park, run_by_hand(park, {"battery": 0.8, "cdq": 0.8}))
    table = energy_table(view_of(found, park))
    gas = table[(table["boundary"] == "A") & (table["material"] == "coke_oven_gas")]
    burnt = float(gas.loc[gas["row"] == "input", "tce"].sum())
    made = float(gas.loc[gas["row"] == "output", "tce"].sum())
    coke = found.kpi("output.coke_t")
    assert burnt == pytest.approx(coke * 0.2 * 0.6)
    assert made == pytest.approx(-coke * 0.43 * 0.6)
    both = found.kpi("energy.coke_kgce_per_t")
    neither = both - 1e3 * (burnt + made) / coke - 0.23 * 600  # only the surplus as a product
    assert neither == pytest.approx(both)


def test_red_hot_coke_is_no_row_of_the_table() -> None:
    case = case_of(*ran())
    rows = energy_table(case.view)
    inside = rows[rows["boundary"] == "A"]["material"]
    assert "coke_hot" not in set(inside)
    assert {"coking_coal", "coke", "coke_oven_gas", "electricity"} <= set(inside)
    share = transformation_share(case.view)
    assert share is not None
    assert 0.8 < share < 1.0
    assert float(energy_balance(case.view)["gap"].abs().max()) < 1e-3


def test_equal_value_counts_power_by_source_energy() -> None:
    case = case_of(*ran())
    total = energy_table(case.view)
    total = total[total["row"] == "total"].set_index("boundary")
    extra = total["tce_equal"] - total["tce"]
    assert extra["A"] == pytest.approx(case.view.sum("energy_equal.a") / 1e3)
    assert extra["B"] > extra["A"] * 0.5


def test_measured_heating_values_win() -> None:
    measured = {"coking_coal": {"lhv": "29.5 GJ/t"}}
    park = city({"measured": measured})
    coal = park.materials["coking_coal"]
    assert coal.lhv_gj == 29.5
    assert coal.tce_kgce == pytest.approx(29.5 / 29.3076 * 1e3)
    found = account(park, run_steady(park))
    _, base = ran()
    plain = city().materials["coking_coal"]
    less = (plain.tce_kgce - coal.tce_kgce) * found.kpi("output.coke_t")
    change = base.kpi("energy.coking_tce") - found.kpi("energy.coking_tce")
    assert change == pytest.approx(less / 1e3 * 5152665 / 3943180, rel=0.01)  # t coal per t coke


def test_a_conversion_factor_may_be_measured_apart() -> None:
    park = city({"measured": {"coking_coal": {"lhv": 29.5, "tce": "0.99 kgce/kg"}}})
    assert park.materials["coking_coal"].tce_kgce == pytest.approx(990.0)


def test_more_out_than_in_is_refused() -> None:
    park = city({"measured": {"coking_coal": {"lhv": 25.0}}})
    found = account(park, run_steady(park))
    codes = {p.code for p in found.problems}
    assert {"CS-A007", "CS-A008"} <= codes
    verdicts = found.policy.set_index(["id", "subject"])
    for key in ("q03", "q04"):
        assert verdicts.loc[(key, "city"), "verdict"] == "cannot_judge"
        assert "outputs_exceed_inputs" in verdicts.loc[(key, "city"), "note"]


def test_limits_are_corrected_for_what_the_facts_say() -> None:
    table = unit_energy_table(case_of(*ran())).set_index("component")
    assert table.loc["bat", "level2"] == pytest.approx(110 + 11.00 + 3.67 * 0.5)
    given = {"facts": {"units": {"bat": {
        "volatile": 23, "moisture": 10, "commissioned": "2000-01-01"}}}}  # fmt: skip
    own = unit_energy_table(case_of(*ran(given))).set_index("component")
    assert own.loc["bat", "level2"] == pytest.approx(110.0)
    assert own.loc["bat", "level1"] == pytest.approx(112.5)  # older than 15 years
    assert own.loc["bat", "benchmark"] == 110.0
    assert own.loc["meoh", "met"] == "level1"
