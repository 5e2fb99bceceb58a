"""Tables of the replacement, and a cut judged with the run."""

from __future__ import annotations

import pytest

from chainsim.accounts.replacement import approvals, continuity, jobs, move_table, register
from tests.city import case_of, ran


def test_the_register_pairs_old_and_new() -> None:
    rows = register(case_of(*ran())).to_dict("records")
    assert len(rows) == 1
    row = rows[0]
    assert (row["old"], row["new"], row["chamber_m"]) == ("old", "new", 4.3)
    assert (row["closes"], row["starts"]) == ("2023-06-30", "2023-06-20")
    assert row["overlap_d"] == pytest.approx(10.0)
    assert row["accepted"] == "unknown"
    given = {"facts": {"units": {"old": {"two_cuts_four_stops": True}}}}
    assert register(case_of(*ran(given)))["accepted"].tolist() == ["yes"]


def test_approvals_are_held_by_one_oven_after_another() -> None:
    assert list(approvals(case_of(*ran()))) == [("west_1", ["new", "old"])]


def test_civil_gas_goes_on_through_the_closure() -> None:
    frame = continuity(case_of(*ran())).set_index("period")
    assert len(frame) == 36
    assert float(frame["shortfall"].max()) == 0.0
    assert frame.loc["2023-06", "closings"] == "old"
    assert frame.loc["2023-07", "served"] == pytest.approx(2.0 * 744)


def test_without_the_pipe_the_gas_stops_with_the_oven() -> None:
    park, books = ran({"links": None})
    frame = continuity(case_of(park, books)).set_index("period")
    assert float(frame.loc["2023-05", "shortfall"]) == 0.0
    assert float(frame.loc["2023-07", "served"]) == 0.0
    q12a = books.policy.set_index(["id", "subject"]).loc[("q12a", "忻府区")]
    assert q12a["verdict"] == "fail"


def test_jobs_lost_and_created() -> None:
    frame = jobs(case_of(*ran())).set_index(["county", "year"])
    assert frame.loc[("忻府区", "2023"), "lost"] == pytest.approx(210.0)
    assert frame.loc[("原平市", "2023"), "created"] == pytest.approx(210.0)


def test_a_move_needs_quotas_and_money() -> None:
    given = {"facts": {"city": {"energy_right_price": 300}}}
    row = move_table(case_of(*ran(given))).to_dict("records")[0]
    assert (row["origin"], row["target"]) == ("忻府区", "原平市")
    assert row["energy_tce"] == pytest.approx(60e4 * 0.724 * 0.110)
    assert row["nox"] == pytest.approx(60e4 * 0.724 * 1190 * 150 / 1e9)
    assert row["energy_cost_wan"] == pytest.approx(row["energy_tce"] * 300 / 1e4)
    prices = 6000 * row["pm"] + 18000 * row["so2"] + 19000 * row["nox"]
    assert row["air_cost_wan"] == pytest.approx(prices / 1e4)


def test_a_cut_that_is_asked_for_is_judged() -> None:
    market = {"price_fall": 0.2, "stock_days": 20, "margin": "-50 CNY/t"}
    _, books = ran({"assessment": {"cut": {"target": "130 万t/a", "market": market}}})
    found = books.policy.set_index(["id", "subject"])
    assert found.loc[("q25", "city"), "verdict"] == "pass"
    assert found.loc[("q25a", "city"), "value"] == pytest.approx(0.0, abs=1e-9)
    assert found.loc[("q25b", "east"), "value"] > 0
    assert found.loc[("q25c", "city"), "verdict"] == "pass"


def test_a_cut_below_the_floors_says_what_is_missing() -> None:
    _, books = ran({"assessment": {"cut": {"target": "50 万t/a"}}})
    found = books.policy.set_index(["id", "subject"])
    assert found.loc[("q25a", "city"), "verdict"] == "fail"
    assert found.loc[("q25a", "city"), "value"] > 40
    assert found.loc[("q25", "city"), "verdict"] == "warn"  # its margin did not fall
