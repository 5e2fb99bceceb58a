"""Clauses that rest on dates, registers and facts, on the small city with a moved battery."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from chainsim.accounts.account import Accounts
from tests.city import ran

MODES = ("replay", "target_2025", "carbon")


def judged(extra: dict[str, Any] | None = None) -> pd.DataFrame:
    _, books = ran(extra)
    return books.policy.set_index(["id", "subject"])


def row(found: pd.DataFrame | Accounts, key: str, subject: str = "city") -> pd.Series:
    frame = found.policy.set_index(["id", "subject"]) if isinstance(found, Accounts) else found
    return frame.loc[(key, subject)]


def facts(**sections: Any) -> dict[str, Any]:
    return {"facts": sections}


def test_an_approval_that_moves_counts_once() -> None:
    found = judged()
    assert row(found, "q01")["value"] == pytest.approx(170.0)
    assert "units=3 approvals=2" in row(found, "q01")["note"]


def test_yearly_limits_look_at_the_worst_year() -> None:
    q02 = row(judged(), "q02")
    assert "year year=2023" in q02["note"]  # old and new stand together for ten days
    assert q02["value"] == pytest.approx(152.66, abs=0.1)


def test_old_ovens_are_gone_paired_and_closed_in_time() -> None:
    found = judged()
    assert row(found, "q09")["verdict"] == "pass"
    assert row(found, "q09b")["value"] == pytest.approx(60.0)
    assert row(found, "q09c")["verdict"] == "pass"
    assert row(found, "q11", "old")["verdict"] == "pass"
    assert "overlap days=10" in row(found, "q11", "old")["note"]


def test_an_oven_without_successor_is_named() -> None:
    found = judged(facts(units={"old": {"replaced_by": []}}))
    assert row(found, "q09c")["value"] == 1.0
    assert row(found, "q09c")["note"] == "unpaired units=old"


def test_closing_after_the_deadline_fails() -> None:
    _, books = ran({"units": {"old": {"close": "2024-03-31"}}})
    late = row(books, "q11", "old")
    assert (late["verdict"], late["value"]) == ("fail", pytest.approx(255.0))
    # start 2023-06-20 plus thirty days of grace is 2023-07-20, before the end of 2023


@pytest.mark.parametrize(("ready", "days"), [("2023-06-01", 29.0), ("2023-08-01", -32.0)])
def test_civil_gas_is_replaced_before_the_oven_closes(ready: str, days: float) -> None:
    given = row(judged(facts(units={"old": {"civil_source_ready": ready}})), "q12c", "old")
    assert given["value"] == pytest.approx(days)
    assert given["verdict"] == ("pass" if days >= 0 else "fail")


def test_without_a_date_the_civil_source_cannot_be_judged() -> None:
    lacking = row(judged(), "q12c", "old")
    assert lacking["verdict"] == "cannot_judge"
    assert lacking["note"] == "missing what=facts.units.old.civil_source_ready"


@pytest.mark.parametrize(("share", "verdict"), [(1.0, "pass"), (0.9, "fail")])
def test_settlement_of_employees(share: float, verdict: str) -> None:
    found = judged(facts(enterprises={"west": {"settled_share": share}}))
    assert row(found, "q13", "west")["verdict"] == verdict


def test_ultra_low_by_the_register() -> None:
    done = {"ultra_low_since": "2023-12-01"}
    assert row(judged(), "q08")["verdict"] == "cannot_judge"
    whole = judged(facts(units={"bat": done, "new": done}))
    assert row(whole, "q08")["value"] == pytest.approx(100.0)
    assert row(whole, "q10")["verdict"] == "pass"
    half = judged(facts(units={"bat": {"never_ultra_low": True}, "new": done}))
    assert row(half, "q08")["value"] == pytest.approx(100 * 60 / 170)
    assert row(half, "q10")["value"] == pytest.approx(110.0)
    assert row(half, "q10")["verdict"] == "fail"


def test_concentrations_measured_and_assumed() -> None:
    assumed = row(judged(), "q06c", "bat")
    assert assumed["verdict"] == "warn"
    assert "assumed_outlet" in assumed["note"]
    good = judged(facts(units={"bat": {"measured": {"nox": 120, "so2": "31 mg/Nm3"}}}))
    assert row(good, "q06c", "bat")["verdict"] == "pass"
    assert row(good, "q06b", "bat")["verdict"] == "fail"


def test_a_battery_before_its_retrofit_emits_at_the_old_limit() -> None:
    park, books = ran(facts(units={"bat": {"never_ultra_low": True}}))
    _, base = ran()
    ratio = books.kpi("pollution.nox_t") / base.kpi("pollution.nox_t")
    own = base.ledger[(base.ledger["unit"] == "bat") & (base.ledger["account"] == "pollution.nox")]
    limit = park.library.limits["coke_stack_nox"].levels
    worse = limit["new"].base / limit["ultra_low"].base - 1.0
    total = base.kpi("pollution.nox_t")
    assert ratio == pytest.approx(1.0 + worse * own["amount"].sum() / total)


def test_the_zone_of_deep_treatment_switches_the_set() -> None:
    near = {"city": {"built_up": {"x_km": 0, "y_km": 0, "radius_km": 5}}}
    found = judged(facts(**near))
    assert row(found, "q14", "west")["verdict"] == "warn"  # nobody has measured its stack
    assert row(found, "q14", "east")["verdict"] == "pass"  # 40 km away
    old = row(found, "q06c", "old")
    assert "limit_set set=deep" in old["note"]
    assert "deep_unpublished" in old["note"]
    assert "limit_set set=ultra_low" in row(found, "q06c", "bat")["note"]
    entered = {"air_limits": {"deep": {"coke_stack_nox": 100}}}
    strict = judged({"facts": near, "assessment": entered})
    assert row(strict, "q06c", "old")["verdict"] == "fail"
    assert row(strict, "q06c", "old")["limit"] == 100.0


@pytest.mark.parametrize(("nox", "verdict"), [(90, "pass"), (110, "fail")])
def test_deep_treatment_within_the_zone(nox: float, verdict: str) -> None:
    deep = {"coke_stack_pm": 8, "coke_stack_so2": 20, "coke_stack_nox": 100}
    found = judged(
        {
            "facts": {
                "city": {"built_up": {"x_km": 0, "y_km": 0, "radius_km": 5}},
                "units": {"old": {"measured": {"pm": 5, "so2": 15, "nox": nox}}},
            },
            "assessment": {"air_limits": {"deep": deep}},
        }
    )
    assert row(found, "q14", "west")["verdict"] == verdict
    assert ("over_limit what=old" in row(found, "q14", "west")["note"]) == (verdict == "fail")


@pytest.mark.parametrize(("key", "subject"), [("q06c", "bat"), ("s03", "bat"), ("q27b", "east")])
def test_an_entered_limit_wins_over_that_of_a_standard(key: str, subject: str) -> None:
    before = facts(enterprises={"east": {"persons": 1000, "research": 1e7}})
    value = float(row(judged(before), key, subject)["value"])
    worse = 0.5 if row(judged(before), key, subject)["comparison"] == "<=" else 2.0
    tight = judged({**before, "assessment": {"limits": {key: worse * value}}})
    assert row(tight, key, subject)["limit"] == pytest.approx(worse * value)
    assert row(tight, key, subject)["verdict"] in ("fail", "warn")
    loose = judged({**before, "assessment": {"limits": {key: value / worse}}})
    assert row(loose, key, subject)["verdict"] in ("pass", "warn")
    assert row(loose, key, subject)["margin"] > 0.0 > row(tight, key, subject)["margin"]


def test_baselines_of_2020() -> None:
    extra = facts(city={"baseline_2020": {"energy": "30 万tce/a", "kgce_per_t": 160}})
    extra["assessment"] = {"mode": "target_2025"}
    found = judged(extra)
    assert row(found, "q15a")["verdict"] == "pass"
    assert row(found, "q15b")["value"] < 1.0
    extra["facts"]["city"]["baseline_2020"]["kgce_per_t"] = 100
    assert row(judged(extra), "q15b")["verdict"] == "fail"


def test_a_ratio_of_exactly_one_is_no_fall() -> None:
    extra = facts(city={"baseline_2020": {"energy": 1.0}})
    extra["assessment"] = {"mode": "target_2025"}
    now = float(judged(extra).loc[("q15a", "city")]["value"])
    extra["facts"]["city"]["baseline_2020"]["energy"] = now
    assert row(judged(extra), "q15a")["verdict"] == "fail"


def test_turbines_on_the_grid() -> None:
    assert row(judged(), "q18", "east")["verdict"] == "cannot_judge"
    half = row(judged(facts(units={"turb": {"grid_share": 0.5}})), "q18", "east")
    assert (half["value"], half["verdict"]) == (50.0, "fail")
    assert "power mw=40 gwh=" in half["note"]


def test_permits_false_unknown_and_whole() -> None:
    names = ("capacity_swap", "filing", "discharge_permit", "environment", "energy_review")
    whole = {"permits": dict.fromkeys(names, True)}
    lacking = {"permits": {**dict.fromkeys(names, True), "environment": False}}
    found = judged(facts(enterprises={"east": whole, "west": lacking}))
    assert row(found, "q29", "east")["verdict"] == "pass"
    assert row(found, "q29", "west")["note"] == "permits lacking=environment"
    partly = judged(facts(enterprises={"east": {"permits": {"filing": True}}}))
    assert row(partly, "q29", "east")["verdict"] == "cannot_judge"


def test_quotas_by_formula_and_as_entered() -> None:
    quota = row(judged(), "q21a", "east")
    # 110 wan t x 0.724 x 110 kgce/t = 87,604 tce
    assert "quota=87604 bought=0 by=formula" in quota["note"]
    entered = facts(enterprises={"east": {"energy_quota": "15 万tce/a", "energy_bought": 20000}})
    entered_row = row(judged(entered), "q21a", "east")
    assert "quota=150000 bought=20000 by=facts" in entered_row["note"]
    assert entered_row["value"] == pytest.approx(quota["value"] + 87604 - 170000)


def test_a_county_that_receives_capacity_must_buy() -> None:
    found = judged(facts(city={"energy_right_price": 300}))
    yuanping, xinfu = row(found, "q22a", "原平市"), row(found, "q22a", "忻府区")
    assert yuanping["verdict"] == "fail"
    assert "purchase cost=" in yuanping["note"]
    assert "quota=47784" in xinfu["note"]  # what stood there before the move
    assert row(found, "q22c")["value"] == 0.0
    assert "moved=60" in row(found, "q22c")["note"]


def test_logistics_and_parks_against_before() -> None:
    given = facts(city={"park_share_before": 0.6}, counties={"原平市": {"freight_before": 5}})
    found = judged(given)
    assert row(found, "q26a")["margin"] == pytest.approx(40.0)
    assert row(found, "q26b", "原平市")["value"] == pytest.approx(-5.0)
    assert row(found, "q26b", "忻府区")["verdict"] == "cannot_judge"


def test_productivity_and_research() -> None:
    given = facts(
        city={"research_share": 0.03},
        enterprises={"east": {"productivity_before": 100000, "research": 1e6, "persons": 1000}},
    )
    found = judged(given)
    value = row(found, "q27a", "east")
    assert value["limit"] == pytest.approx(10.0)  # wan CNY per person
    assert row(found, "q27b", "east")["verdict"] == "fail"
    assert row(found, "q27b", "west")["verdict"] == "cannot_judge"


def test_county_targets_add_up() -> None:
    good = facts(
        city={"energy_target": {2023: "20 万tce/a"}},
        counties={
            "原平市": {"energy_target": {2023: 120000}},
            "忻府区": {"energy_target": {2023: 80000}},
        },
    )
    assert row(judged(good), "q28")["verdict"] == "pass"
    good["facts"]["counties"]["忻府区"]["energy_target"][2023] = 90000
    assert row(judged(good), "q28")["value"] == pytest.approx(1.0)


@pytest.mark.parametrize("mode", MODES)
def test_each_mode_judges_its_own_clauses(mode: str) -> None:
    park, books = ran({"assessment": {"mode": mode}})
    clauses = park.library.policies
    assert {k for k in clauses if mode in clauses[k].modes} == set(books.policy["id"])
    assert ("q09b" in set(books.policy["id"])) == (mode == "replay")
    assert ("d01" in set(books.policy["id"])) == (mode == "carbon")


def test_the_mode_follows_the_first_year() -> None:
    park, _ = ran()
    assert park.facts.mode == "replay"


def test_carbon_against_2025() -> None:
    extra = facts(city={"baseline_2025": {"carbon": 1e5, "carbon_per_coke": 2.0}})
    extra["assessment"] = {"mode": "carbon"}
    found = judged(extra)
    assert row(found, "d01")["verdict"] == "pass"
    assert row(found, "d02")["verdict"] == "warn"  # the second control only warns


def test_edited_limits_win() -> None:
    found = judged({"assessment": {"limits": {"q02": 150, "q04": 200}}})
    assert row(found, "q02")["limit"] == 150.0
    assert row(found, "q04")["verdict"] == "pass"
    triangle = row(found, "q03c")
    assert "product=30" in triangle["note"]  # 150 wan t x 200 kgce/t
    assert triangle["verdict"] == "fail"


def test_three_limits_are_one() -> None:
    triangle = row(judged(), "q03c")
    assert triangle["value"] == pytest.approx(0.001, abs=1e-6)
    assert "implied=110.11" in triangle["note"]
    assert "room=440" in triangle["note"]


def test_constant_prices_stand_beside_current_ones() -> None:
    found = judged()
    now, fixed = row(found, "q05"), row(found, "q05c")
    assert now["value"] != fixed["value"]
    assert "constant set=base_2020" in fixed["note"]
    own = judged({"assessment": {"constant_prices": "type_2024"}})
    assert "constant set=type_2024" in row(own, "q05c")["note"]


def test_every_clause_of_the_document_names_a_department() -> None:
    park, _ = ran()
    seeds = [p for p in park.library.policies.values() if p.source == "xinzhou_2022_71"]
    assert [p.id for p in seeds if not p.lead_zh] == []


def test_every_row_of_the_list_has_a_record() -> None:
    park, _ = ran()
    known = set(park.library.policies)
    listed = [f"q{i:02d}" for i in range(1, 30)]
    assert [q for q in listed if not any(k.startswith(q) for k in known)] == []
    for family, count in (("s", 16), ("e", 10), ("c", 5)):
        assert {f"{family}{i:02d}" for i in range(1, count + 1)} <= known
