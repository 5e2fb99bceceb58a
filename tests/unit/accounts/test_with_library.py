"""A whole coking site of the shipped library, run by the steady engine: the accounts must close."""

from __future__ import annotations

import pytest

from chainsim.accounts.account import Accounts, account
from chainsim.accounts.trace import trace_kpi
from chainsim.balance.steady import run_steady
from chainsim.library.scenarios import parse_scenario
from chainsim.park.build import build_park
from chainsim.park.model import Park

SITE = """
schema_version: 1
id: one
name_zh: 一座焦炉
name_en: One battery
horizon: {start: 2025-01-01, years: 1}
sites: {yp: {name_zh: 原平, name_en: Y, county: 原平市}}
enterprises: {a: {name_zh: 甲, name_en: A}, b: {name_zh: 乙, name_en: B}}
units:
  bat: {process: coke_battery_stamp_6_25, owner: a, capacity: 130 万t/a, priority: 1}
  cdq: {process: cdq, owner: a, capacity: 160 t/h, priority: 2}
  riser: {process: riser_heat_recovery, owner: a, capacity: 40 t/h, priority: 2}
  clean: {process: gas_cleaning, owner: a, capacity: 90000 Nm3/h, priority: 2}
  letdown: {process: steam_letdown, owner: a, capacity: 60 t/h, priority: 3}
  turb: {process: steam_turbine, owner: a, capacity: 40, priority: 4}
  psa: {process: psa_hydrogen, owner: b, capacity: 10000 Nm3/h, priority: 5}
  meoh: {process: methanol_cog, owner: b, capacity: 10 万t/a, priority: 6}
buy: {coking_coal: {}, electricity: {}, fresh_water: {}, sulfuric_acid: {}, oxygen: {}, steam: {}, process_water: {}}
sell: {coke: {}, coal_tar: {}, crude_benzene: {}, ammonium_sulfate: {}, sulfur: {}, hydrogen: {}, methanol: {}, higher_alcohols: {}, electricity: {price_key: electricity}}
vents: {coke_oven_gas: {kind: flare}, psa_tail_gas: {kind: flare}, methanol_purge_gas: {kind: flare}, steam_hp: {}, vs: {material: steam}, raw_coke_oven_gas: {kind: flare}}
"""


@pytest.fixture(scope="module")
def park() -> Park:
    return build_park(parse_scenario(SITE))


@pytest.fixture(scope="module")
def accounts(park: Park) -> Accounts:
    return account(park, run_steady(park))


def test_carbon_in_is_carbon_out(park: Park, accounts: Accounts) -> None:
    flows = accounts.simulation.flows
    outside = flows[flows["kind"].isin(["buy", "sell"])]
    bought = sum(
        quantity * (park.materials[material].elements or {}).get("C", 0.0)
        for material, quantity in outside[["material", "quantity"]].itertuples(index=False)
    )
    ledger = accounts.ledger
    unburnt = ledger.loc[ledger["account"] == "carbon_solid.unburnt", "amount"].sum()
    emitted = accounts.kpi("carbon.direct_t") * 12 / 44
    assert bought == pytest.approx(emitted + unburnt, rel=1e-9)


def test_coke_unit_energy_is_of_the_right_size(accounts: Accounts) -> None:
    """Published coke plants stand between 90 and 170 kgce/t."""
    assert 90 < accounts.kpi("energy.coke_kgce_per_t") < 170


def test_transfers_cancel(accounts: Accounts) -> None:
    ledger = accounts.ledger
    transfers = ledger[ledger["account"] == "transfer.value"]["amount"]
    assert transfers.sum() == pytest.approx(0.0, abs=1e-9 * transfers.abs().sum())
    produced = accounts.kpi("value.added_cny")
    assert accounts.kpi("value.added_income_cny") == pytest.approx(produced, rel=1e-9)


def test_downstream_chemistry_shows_in_boundary_b_and_leaves_it_in_c(accounts: Accounts) -> None:
    a, b, c = (
        accounts.kpi(f"energy.{name}")
        for name in ("coking_tce", "park_tce", "park_less_feedstock_tce")
    )
    assert a < c < b


def test_three_lines_for_a_battery(accounts: Accounts) -> None:
    """Stamp charging at 26 % volatiles and base moisture: levels 118.2 and 143.2, city 110."""
    limits = accounts.policy.set_index(["id", "subject"])["limit"]
    assert limits["q04e", "bat"] == 110.0
    assert limits["s02", "bat"] == pytest.approx(118.2)
    assert limits["s04", "bat"] == pytest.approx(143.2)


def test_battery_energy_is_the_enterprises_when_it_has_one_battery(accounts: Accounts) -> None:
    values = accounts.policy.set_index(["id", "subject"])["value"]
    assert values["q04e", "bat"] == pytest.approx(values["q04e", "a"], rel=1e-9)


def test_evidence_lies_between_none_and_all(accounts: Accounts) -> None:
    assert 0.0 < accounts.kpi("evidence.share_ab") < 1.0


def test_staff_and_wages(accounts: Accounts, park: Park) -> None:
    labour = accounts.ledger.loc[accounts.ledger["account"] == "cost.labour", "amount"].sum()
    wage = park.library.factors["wage_cny_per_person_a"].value
    assert -labour == pytest.approx(accounts.kpi("staff.persons") * wage)


def test_trace_ends_at_sources(accounts: Accounts, park: Park) -> None:
    rows = trace_kpi(accounts, park, "energy.coke_kgce_per_t")
    sources = set(rows.loc[rows["level"] == "source", "item"])
    assert "gbt_2589_factors" in sources
    assert set(rows.loc[rows["level"] == "coefficient", "grade"]) <= {"A", "B", "C"}
    revenue = trace_kpi(accounts, park, "value.revenue_cny")
    assert "prices.coke" in set(revenue["item"])
    output = trace_kpi(accounts, park, "output.methanol_t")
    flows = output[output["level"] == "flow"]
    assert set(flows["item"]) == {"meoh.methanol", "methanol.sell"}
