"""One battery with dry quencher and a methanol plant, by hand: every figure can be checked on paper."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import pytest

from chainsim.accounts.account import Accounts, account
from chainsim.accounts.kpi_functions import FUNCTIONS
from chainsim.accounts.kpis import OUTPUT_FAMILY, kpi_catalogue, kpi_info
from chainsim.accounts.projects.kpis import INDICATORS
from chainsim.accounts.trace import trace_kpi
from chainsim.errors import Problem
from chainsim.library.files import load_library
from chainsim.library.model import Library
from chainsim.park.model import Park
from chainsim.results import KPI_COLUMNS, LEDGER_COLUMNS, POLICY_COLUMNS
from tests.builders import coking_park, judged_library, run_by_hand

HOURS = 8760.0
RUNNING = {"battery": 0.8, "cdq": 0.8, "methanol_plant": 0.8}
COKE = 0.8 * 100 * HOURS
METHANOL = 0.8 * 10 * HOURS
GAS_LEFT = COKE * 0.23 - METHANOL * 2.0


@pytest.fixture(scope="module")
def park() -> Park:
    return coking_park(library=judged_library())


@pytest.fixture(scope="module")
def accounts(park: Park) -> Accounts:
    return account(park, run_by_hand(park, RUNNING))


def total(accounts: Accounts, *prefixes: str) -> float:
    rows = accounts.ledger[accounts.ledger["account"].str.startswith(prefixes)]
    return float(rows["amount"].sum())


def test_tables_have_the_columns_of_the_contract(accounts: Accounts) -> None:
    assert list(accounts.ledger.columns) == list(LEDGER_COLUMNS)
    assert list(accounts.kpis.columns) == list(KPI_COLUMNS)
    assert list(accounts.policy.columns) == list(POLICY_COLUMNS)


def test_output(accounts: Accounts) -> None:
    assert accounts.kpi("output.coke_t") == pytest.approx(COKE)
    assert accounts.kpi("output.methanol_t") == pytest.approx(METHANOL)
    assert accounts.kpi("output.coke_oven_gas_nm3") == pytest.approx(COKE * 430)
    assert accounts.kpi("output.coke_oven_gas_t") == pytest.approx(COKE * 0.43 * 0.4517)


def test_gas_shares(accounts: Accounts) -> None:
    assert accounts.kpi("cog.make_nm3") == pytest.approx(COKE * 430)
    assert accounts.kpi("cog.underfiring_share") == pytest.approx(0.2 / 0.43)
    assert accounts.kpi("cog.flared_share") == pytest.approx(GAS_LEFT / (COKE * 0.43))


def test_coke_unit_energy_is_the_hand_worked_one(accounts: Accounts) -> None:
    assert accounts.kpi("energy.coke_kgce_per_t") == pytest.approx(119.9376, abs=1e-4)
    tce = accounts.kpi("energy.coking_tce")
    assert tce == pytest.approx(COKE * 119.9376 / 1e3, rel=1e-6)


def test_the_band_is_one_percent_of_the_coals_heat(accounts: Accounts) -> None:
    row = accounts.kpis.set_index("id").loc["energy.coke_kgce_per_t"]
    assert row["high"] - row["value"] == pytest.approx(1.30 * 10.143)
    assert row["value"] - row["low"] == pytest.approx(1.30 * 10.143)


def test_closure_error_is_the_heat_of_the_lost_tar(accounts: Accounts) -> None:
    error = accounts.kpi("energy.closure_error_kgce_per_t")
    assert error == pytest.approx(0.002 * 20 / 29.3076 * 1000)


def test_park_energy_is_what_units_and_flares_used(accounts: Accounts) -> None:
    bought = 1.30 * 1014.3 + 0.045 * 122.9 + 0.18 * 128.6
    sold = 971.4 + 0.046 * 1142.9 + 0.0132 * 1428.6
    expected = COKE * (bought - sold) + METHANOL * 0.6 * 122.9
    assert accounts.kpi("energy.park_tce") == pytest.approx(expected / 1e3)
    feedstock = METHANOL * 679.4
    less = accounts.kpi("energy.park_less_feedstock_tce")
    assert less == pytest.approx((expected - feedstock) / 1e3)


def test_carbon_in_is_carbon_out(accounts: Accounts) -> None:
    """Carbon bought = carbon sold + emitted + unburnt."""
    bought = COKE * 1.30 * 0.774
    sold = COKE * (0.86 + 0.046 * 0.9 + 0.0132 * 0.91) + METHANOL * 0.375
    emitted = accounts.kpi("carbon.direct_t") * 12 / 44
    unburnt = total(accounts, "carbon_solid.unburnt")
    assert bought == pytest.approx(sold + emitted + unburnt, rel=1e-9)
    assert unburnt == pytest.approx(0.01 * COKE * 0.2 * 0.2117)


def test_total_carbon_adds_purchased_power() -> None:
    park = coking_park({"economics": {"carbon_price": 62.0}}, library=judged_library())
    accounts = account(park, run_by_hand(park, RUNNING))
    power = COKE * 0.045 + METHANOL * 0.6
    more = accounts.kpi("carbon.total_t") - accounts.kpi("carbon.direct_t")
    # steam counted in t has no heat content in this park, so only power adds
    assert more == pytest.approx(power * 0.6361)
    assert total(accounts, "cost.carbon") == pytest.approx(-62.0 * accounts.kpi("carbon.direct_t"))


def test_money(accounts: Accounts) -> None:
    revenue = COKE * (1600 + 0.046 * 3000 + 0.0132 * 6000) + METHANOL * 2200
    cost = COKE * (1.30 * 1100 + 0.045 * 550 + 0.18 * 150) + METHANOL * 0.6 * 550
    assert accounts.kpi("value.revenue_cny") == pytest.approx(revenue)
    assert accounts.kpi("value.added_cny") == pytest.approx(revenue - cost)
    assert accounts.kpi("value.added_per_coke_cny_per_t") == pytest.approx((revenue - cost) / COKE)


def test_value_added_agrees_both_ways(accounts: Accounts) -> None:
    produced = accounts.kpi("value.added_cny")
    assert accounts.kpi("value.added_income_cny") == pytest.approx(produced, rel=1e-12)


def test_transfers_cancel_and_are_not_revenue() -> None:
    extra = {"materials": {"coke_oven_gas": {"price_cny": 500}}}
    park = coking_park(extra, library=judged_library())
    accounts = account(park, run_by_hand(park, RUNNING))
    plain = account(coking_park(library=judged_library()), run_by_hand(park, RUNNING))
    assert total(accounts, "transfer.") == pytest.approx(0.0, abs=1e-3)
    assert accounts.kpi("value.revenue_cny") == plain.kpi("value.revenue_cny")
    assert accounts.kpi("value.added_cny") == pytest.approx(plain.kpi("value.added_cny"))
    rows = accounts.ledger[accounts.ledger["account"] == "transfer.value"]
    chemist = rows[(rows["enterprise"] == "chemist") & (rows["material"] == "coke_oven_gas")]
    assert chemist["amount"].sum() == pytest.approx(-METHANOL * 2.0 * 500)


def test_every_kpi_total_is_a_sum_of_ledger_rows(accounts: Accounts) -> None:
    assert accounts.kpi("energy.coking_tce") == pytest.approx(total(accounts, "energy.a.") / 1e3)
    assert accounts.kpi("energy.park_tce") == pytest.approx(total(accounts, "energy.b.") / 1e3)
    assert accounts.kpi("finance.capex_cny") == total(accounts, "capex.") == 2e8
    assert accounts.kpi("carbon.total_t") == pytest.approx(total(accounts, "carbon."))


def test_depreciation_follows_the_investment(accounts: Accounts) -> None:
    assert total(accounts, "cost.depreciation") == pytest.approx(-2e8 * 0.95 / 15)


def test_stock_is_neither_consumed_nor_sold() -> None:
    extra = {"buffers": {"yard": {"material": "coke", "capacity": 1e6}}}
    park = coking_park(extra, library=judged_library())
    accounts = account(park, run_by_hand(park, RUNNING, stock=0.25))
    plain = account(park, run_by_hand(park, RUNNING))
    assert total(accounts, "revenue.sale") == pytest.approx(
        plain.kpi("value.revenue_cny") - 0.25 * COKE * 1600
    )
    assert accounts.kpi("value.added_cny") == pytest.approx(plain.kpi("value.added_cny"))
    assert accounts.kpi("energy.park_tce") == pytest.approx(plain.kpi("energy.park_tce"))
    assert accounts.kpi("value.added_income_cny") == pytest.approx(accounts.kpi("value.added_cny"))


def test_freight_and_transport_work() -> None:
    extra = {
        "sites": {"xinfu": {"name_zh": "忻府", "name_en": "Xinfu", "county": "忻府区"}},
        "units": {k: {"site": "yuanping"} for k in ("battery", "cdq", "methanol_plant")},
        "buy": {k: {"site": "yuanping"} for k in ("coking_coal", "electricity", "steam")},
        "sell": {
            k: {"site": "yuanping"} for k in ("coke", "coal_tar", "crude_benzene", "methanol")
        },
        "vents": {k: {"site": "yuanping"} for k in ("coke_oven_gas", "cdq_steam")},
        "links": {
            "lorries": {"material": "coke", "from": "yuanping", "to": "xinfu", "mode": "truck",
                        "km": 50, "freight": 0.4},
            "pipe": {"material": "coke", "from": "yuanping", "to": "xinfu", "mode": "pipe",
                     "km": 9, "freight": 0},
        },
    }  # fmt: skip
    park = coking_park(extra, library=judged_library())
    run = run_by_hand(park, RUNNING)
    carried = pd.DataFrame(
        {
            "period": "2025-01", "kind": "link", "component": ["lorries", "lorries", "pipe"],
            "site": ["yuanping", "xinfu", "yuanping"], "owner": "", "port": ["in", "out", "in"],
            "material": "coke", "quantity": [-100.0, 100.0, -10.0], "unit": "t", "role": "",
        }
    ).astype(run.flows.dtypes.to_dict())  # fmt: skip
    flows = pd.concat([run.flows, carried], ignore_index=True)
    accounts = account(park, type(run)(**{**_fields(run), "flows": flows}))
    assert accounts.kpi("logistics.tkm") == pytest.approx(5000.0)
    assert accounts.kpi("logistics.cost_cny") == pytest.approx(2000.0)


def _fields(run: object) -> dict[str, object]:
    return {name: getattr(run, name) for name in run.__dataclass_fields__}  # type: ignore[attr-defined]


def test_years_add_up() -> None:
    park = coking_park({"horizon": {"years": 2}}, library=judged_library())
    kpis = account(park, run_by_hand(park, RUNNING)).kpis
    coke = kpis[kpis["id"] == "output.coke_t"].set_index("period")["value"]
    assert list(coke.index) == ["total", "2025", "2026"]
    assert coke["total"] == pytest.approx(coke["2025"] + coke["2026"])
    e = kpis[kpis["id"] == "energy.coke_kgce_per_t"]["value"]
    assert e.tolist() == pytest.approx([119.9376] * 3, abs=1e-4)


def test_a_park_without_coke_has_no_kpi_per_tonne() -> None:
    park = coking_park(library=judged_library())
    accounts = account(park, run_by_hand(park, {}))
    with pytest.raises(KeyError):
        accounts.kpi("energy.coke_kgce_per_t")
    assert accounts.kpi("cog.make_nm3") == 0.0


def test_every_kpi_is_declared_and_computed() -> None:
    declared = set(kpi_catalogue())
    assert declared - {OUTPUT_FAMILY} == set(FUNCTIONS) | set(INDICATORS)
    assert all(info.better in ("up", "down") for info in kpi_catalogue().values())
    assert kpi_info("output.coke_oven_gas_nm3").unit == "Nm3"
    with pytest.raises(KeyError):
        kpi_info("nothing.at_all")


def test_trace_leads_from_the_kpi_to_flows(accounts: Accounts, park: Park) -> None:
    rows = trace_kpi(accounts, park, "energy.coke_kgce_per_t", top=2)
    assert rows.iloc[0]["level"] == "kpi"
    coal = rows[(rows["level"] == "flow") & (rows["item"] == "battery.coking_coal")]
    assert coal["value"].iloc[0] == pytest.approx(COKE * 1.30 * 1014.3)
    assert {"kpi", "account", "flow"} <= set(rows["level"])


def test_figures_missing_from_the_library_are_warned_of() -> None:
    park = coking_park(library=Library(materials=load_library().materials))
    problems = account(park, run_by_hand(park, RUNNING)).problems
    assert {p.code for p in problems} == {"CS-A003"}
    assert all(p.severity == "warning" for p in problems)


def test_unpriced_sales_are_warned_of() -> None:
    park = coking_park({"materials": {"methanol": {"price_cny": None}}}, library=judged_library())
    problems = account(park, run_by_hand(park, RUNNING)).problems
    assert told(problems) == [("CS-A001", "sell.methanol.price")]


def test_combustibles_of_unknown_composition_are_warned_of() -> None:
    park = coking_park({"materials": {"methanol": {"elements": None}}}, library=judged_library())
    problems = account(park, run_by_hand(park, RUNNING)).problems
    assert told(problems) == [("CS-A006", "materials.methanol")]


def told(problems: Iterable[Problem]) -> list[tuple[str, str]]:
    """What the accounts say, without what they say of the planned plant as a project."""
    return [(p.code, p.path) for p in problems if not p.code.startswith("CS-N")]
