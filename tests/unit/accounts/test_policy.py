"""Verdicts at and around the limits, and what each check looks at."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from chainsim.accounts.account import Accounts, account
from chainsim.accounts.policy import CHECKS, note_text
from chainsim.accounts.verdicts import Measured, judge, margin, policy_row
from chainsim.library.files import load_library
from chainsim.library.model import Library, Policy
from chainsim.park.model import Park
from chainsim.results import OBLIGATION_COLUMNS, table
from tests.builders import coking_park, judged_library, run_by_hand

RUNNING = {"battery": 0.8, "cdq": 0.8, "methanol_plant": 0.8}


def judged(*keys: str, extra: dict[str, object] | None = None) -> Accounts:
    park = coking_park(extra, library=judged_library(), policies=keys)
    return account(park, run_by_hand(park, RUNNING))


def row(accounts: Accounts, key: str, subject: str = "city") -> pd.Series:
    found = accounts.policy.set_index(["id", "subject"])
    return found.loc[(key, subject)]


def clause(**changes: object) -> Policy:
    return replace(load_library().policies["q04"], **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "limit", "comparison", "away"),
    [
        (108.0, 110.0, "<=", 2.0),
        (112.0, 110.0, "<=", -2.0),
        (98.0, 100.0, ">=", -2.0),
        (0.5, 0.0, "==", -0.5),
        (0.0, 0.0, "==", 0.0),
    ],
)
def test_margin_is_positive_inside(
    value: float, limit: float, comparison: str, away: float
) -> None:
    assert margin(value, limit, comparison) == away


@pytest.mark.parametrize(
    ("away", "band", "verdict"),
    [
        (0.0, 0.0, "pass"),
        (-1e-12, 0.0, "pass"),
        (-1e-3, 0.0, "fail"),
        (0.0, 1.0, "warn"),
        (0.99, 1.0, "warn"),
        (-0.99, 1.0, "warn"),
        (1.0, 1.0, "pass"),
        (-1.0, 1.0, "fail"),
    ],
)
def test_inside_the_closure_error_nothing_is_certain(
    away: float, band: float, verdict: str
) -> None:
    assert judge(away, band, 110.0) == verdict


def test_soft_clauses_only_warn() -> None:
    assert judge(-5.0, 0.0, 110.0, soft=True) == "warn"


def test_without_value_or_limit_it_cannot_be_judged() -> None:
    assert policy_row(clause(), Measured())["verdict"] == "cannot_judge"
    unlimited = policy_row(clause(limit=None), Measured(value=3.0))
    assert (unlimited["verdict"], unlimited["note"]) == ("cannot_judge", "no_limit")


def test_a_value_of_zero_is_a_value() -> None:
    assert policy_row(clause(), Measured(value=0.0))["verdict"] == "pass"


def test_capacity_output_and_energy() -> None:
    accounts = judged("q01", "q02", "q03", "q03b", "q04")
    assert row(accounts, "q01")["value"] == pytest.approx(87.6)
    assert row(accounts, "q02")["value"] == pytest.approx(70.08)
    assert row(accounts, "q03")["value"] == pytest.approx(70.08 * 119.9376 / 1e3, rel=1e-6)
    assert row(accounts, "q03b")["value"] == pytest.approx(0.0, abs=1e-12)
    assert row(accounts, "q04")["verdict"] == "fail"
    assert row(accounts, "q04")["band"] == pytest.approx(1.36483, abs=1e-5)
    note = row(accounts, "q03")["note"]
    assert note.startswith("boundaries a=8.40")
    assert note.endswith("used=A")


def test_energy_of_the_boundary_that_was_chosen() -> None:
    park_wide = judged("q03", extra={"economics": {"boundary": "B"}})
    tce = park_wide.kpi("energy.park_tce")
    assert row(park_wide, "q03")["value"] == pytest.approx(tce / 1e4)


def test_two_years_are_judged_as_one() -> None:
    accounts = judged("q02", "q03", extra={"horizon": {"years": 2}})
    assert row(accounts, "q02")["value"] == pytest.approx(70.08)
    assert row(accounts, "q03")["verdict"] == "pass"


def test_one_approval_counts_once() -> None:
    second = {"units": {"battery_2": _battery("jin-1"), "battery_3": _battery("jin-3")}}
    park = coking_park(second, library=judged_library(), policies=("q01",),
                       coking=("battery", "battery_2", "battery_3", "cdq"))  # fmt: skip
    accounts = account(park, run_by_hand(park, RUNNING))
    assert row(accounts, "q01")["value"] == pytest.approx(87.6 + 87.6)
    assert "units=3 approvals=2" in row(accounts, "q01")["note"]


def _battery(approval: str) -> dict[str, object]:
    recipe = {"feeds": {"coking_coal": 1.3}, "products": {"hot_coke": 1.0}}
    return {"owner": "coker", "capacity": 100, "approval": approval, "recipe": recipe}


def test_unit_energy_of_enterprises_and_batteries() -> None:
    accounts = judged("q04e")
    assert list(accounts.policy["subject"]) == ["coker", "battery"]
    assert accounts.policy["value"].tolist() == pytest.approx([119.9376] * 2, abs=1e-4)


def test_energy_per_value_added_uses_one_boundary() -> None:
    accounts = judged("q05", "q05b")
    q05, q05b = row(accounts, "q05"), row(accounts, "q05b", "coker")
    # coking at transfer prices: coke, tar, benzol and gas (unpriced) less coal, power, steam
    coke = 1600 + 0.046 * 3000 + 0.0132 * 6000 - (1430 + 0.045 * 550 + 0.18 * 150)
    assert q05["value"] == pytest.approx(119.9376 * 10 / coke, rel=1e-5)
    assert q05b["value"] == pytest.approx(coke)
    assert q05b["limit"] == pytest.approx(119.9376 * 10 / 3.23, rel=1e-5)
    assert (q05["verdict"], q05b["verdict"]) == ("fail", "fail")


def test_negative_value_added_fails_plainly() -> None:
    accounts = judged("q05", extra={"materials": {"coke": {"price_cny": 900}}})
    verdict = row(accounts, "q05")
    assert verdict["verdict"] == "fail"
    assert verdict["value"] < 0
    assert "no_value_added" in verdict["note"]


def test_dry_quenching_is_judged_from_its_date() -> None:
    assert row(judged("q07"), "q07", "coker")["value"] == pytest.approx(100.0)
    early = judged("q07", extra={"horizon": {"start": "2022-01-01"}})
    assert row(early, "q07")["note"] == "not_yet date=2023-12-31"


def test_wet_quenching_lowers_the_share() -> None:
    recipe = {"feeds": {"hot_coke": 1.0}, "products": {"coke": 1.0}}
    extra = {"units": {"wet": {"owner": "coker", "capacity": 20, "recipe": recipe}}}
    park = coking_park(extra, library=judged_library(), policies=("q07",),
                       coking=("battery", "cdq", "wet"))  # fmt: skip
    accounts = account(park, run_by_hand(park, {"battery": 0.8, "cdq": 0.6, "wet": 1.0}))
    assert row(accounts, "q07", "coker")["value"] == pytest.approx(75.0)
    assert row(accounts, "q07", "coker")["verdict"] == "fail"


def test_counties_warn_only() -> None:
    assert row(judged("q17"), "q17")["verdict"] == "pass"
    elsewhere = judged("q17", extra={"sites": {"yuanping": {"county": "代县"}}})
    assert row(elsewhere, "q17")["verdict"] == "warn"
    assert row(elsewhere, "q17")["note"] == "outside units=battery"


def test_riser_heat_is_looked_for_beside_each_battery() -> None:
    assert row(judged("q19"), "q19", "battery")["verdict"] == "warn"
    recipe = {"feeds": {"electricity": 0.1}, "products": {"steam": 1.0}}
    riser = {"units": {"riser": {"owner": "coker", "capacity": 1, "recipe": recipe}}}
    assert row(judged("q19", extra=riser), "q19", "battery")["verdict"] == "pass"


def test_gas_closes_and_what_is_flared_is_seen() -> None:
    accounts = judged("q23a", "q23d")
    assert row(accounts, "q23a", "yuanping")["verdict"] == "pass"
    assert row(accounts, "q23d")["value"] == pytest.approx(100 * (0.23 - 0.2) / 0.43)
    assert row(accounts, "q23d")["verdict"] == "fail"


def test_lost_gas_is_found() -> None:
    park = coking_park(library=judged_library(), policies=("q23a", "f08"))
    run = run_by_hand(park, RUNNING)
    flows = run.flows[run.flows["kind"] != "vent"]
    accounts = account(park, replace(run, flows=flows))
    assert row(accounts, "q23a", "yuanping")["value"] == pytest.approx(0.03 / 0.43)
    assert row(accounts, "q23a", "yuanping")["verdict"] == "fail"


def test_methods_of_value_added_part_when_a_priced_header_does_not_close() -> None:
    park = coking_park(library=judged_library(), policies=("f08",))
    run = run_by_hand(park, RUNNING)
    accounts = account(park, run)
    assert row(accounts, "f08")["verdict"] == "pass"
    flows = run.flows.copy()
    flows.loc[flows["component"] == "cdq", "quantity"] *= 0.9
    broken = account(park, replace(run, flows=flows))
    assert row(broken, "f08")["verdict"] == "fail"


def test_batteries_close_on_mass_and_energy() -> None:
    accounts = judged("b01", "b02")
    assert list(accounts.policy["verdict"]) == ["pass", "pass"]
    park = coking_park(library=judged_library(), policies=("b01", "b02"))
    run = run_by_hand(park, RUNNING)
    flows = run.flows[run.flows["port"] != "coal_tar"]
    broken = account(park, replace(run, flows=flows))
    assert list(broken.policy["verdict"]) == ["fail", "fail"]
    assert row(broken, "b01", "battery")["value"] == pytest.approx(0.046 / 1.3)


def _town(park: Park, served: float) -> Accounts:
    run = run_by_hand(park, RUNNING)
    rows = [
        {
            "period": period, "component": "town", "site": "yuanping",
            "material": "coke_oven_gas", "requested": 10.0, "served": 10.0 - short,
            "shortfall": short, "short_h": 4.0 if short else 0.0, "unit": "kNm3",
        }
        for period, short in (("2025-01", 10.0 - served), ("2025-02", 0.0))
    ]  # fmt: skip
    return account(park, replace(run, obligations=table(rows, OBLIGATION_COLUMNS)))


def test_town_gas_shortfall_is_told_by_county() -> None:
    park = coking_park(library=judged_library(), policies=("q12a", "q12b"))
    met = _town(park, 10.0)
    assert row(met, "q12a", "原平市")["verdict"] == "pass"
    assert row(met, "q12b")["verdict"] == "cannot_judge"
    short = row(_town(park, 8.0), "q12a", "原平市")
    assert short["value"] == pytest.approx(-500.0)
    assert short["verdict"] == "fail"
    assert "period=2025-01" in short["note"]


def test_what_no_scenario_knows_is_not_judged() -> None:
    unknown = row(judged("q15a"), "q15a")
    assert unknown["verdict"] == "cannot_judge"
    assert unknown["note"] == "missing what=facts.city.baseline_2020.energy"


def test_an_unknown_check_is_a_warning_not_a_pass() -> None:
    shipped = judged_library()
    odd = replace(shipped.policies["q04"], check="coke_enrgy")
    library = Library(policies={"q04": odd}, factors=shipped.factors)
    park = coking_park(library=library, policies=("q04",))
    accounts = account(park, run_by_hand(park, RUNNING))
    problems = [p for p in accounts.problems if not p.code.startswith("CS-N")]
    assert [p.code for p in problems] == ["CS-A002"]
    assert problems[0].hint == "coke_energy"
    assert row(accounts, "q04")["verdict"] == "cannot_judge"


def test_shipped_clauses_name_known_checks() -> None:
    library = load_library()
    shipped = library.policies
    indicators = library.evaluation.indicators.values()
    assert {p.check for p in shipped.values()} | {i.check for i in indicators} == set(CHECKS)
    limits = {k: shipped[k].limit for k in ("q01", "q02", "q03", "q04", "q05")}
    assert limits == {"q01": 551.9, "q02": 399.6, "q03": 44.0, "q04": 110.0, "q05": 3.23}


def test_notes_read_in_both_languages() -> None:
    accounts = judged(*sorted(load_library().policies))
    for note in accounts.policy["note"]:
        for lang in ("zh", "en"):
            assert bool(note) == bool(note_text(note, lang))
    note = "no_data; derived_limit e=110 ratio=3.23"
    assert "110 kgce/t" in note_text(note, "en")
