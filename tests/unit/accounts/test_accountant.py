"""One accountant for all runs of a park: what it keeps between runs changes nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

from chainsim.accounts.account import Accountant, Accounts, account
from chainsim.accounts.conventions import Figures
from chainsim.accounts.ledger import Bookkeeper
from chainsim.accounts.view import condensed, summed
from chainsim.balance.plant import Plant
from chainsim.balance.steady import run_steady
from chainsim.des.engine import run_des
from chainsim.park.build import load_park
from chainsim.park.model import Horizon, Park
from chainsim.results import Simulation


@pytest.fixture(scope="module", params=["xinzhou-base", "xinzhou-2021"])
def park(request: pytest.FixtureRequest) -> Park:
    return load_park(request.param)


@pytest.fixture(scope="module")
def runs(park: Park) -> list[Simulation]:
    """Runs in which different things move: nothing fails in the first."""
    plant = Plant(park)
    return [
        run_steady(park, plant=plant),
        *(run_des(park, replication=k, plant=plant) for k in range(2)),
    ]


def assert_same(one: Accounts, other: Accounts) -> None:
    for name in ("ledger", "kpis", "policy"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    assert one.problems == other.problems


def test_runs_before_change_nothing_to_the_last_bit(park: Park, runs: list[Simulation]):
    keeper = Accountant(park)
    for run in (*runs, *reversed(runs)):
        assert_same(keeper.account(run), account(park, run))


def test_what_the_library_lacks_is_said_for_every_run(park: Park, runs: list[Simulation]):
    keeper = Bookkeeper(park)
    for run in (*runs, *runs):
        again, afresh = Figures(park, {}), Figures(park, {})
        keeper.book(run, again)
        Bookkeeper(park).book(run, afresh)
        assert again.missing == afresh.missing


def test_sums_by_number_are_the_sums_by_name(park: Park, runs: list[Simulation]):
    for run in runs:
        books = Bookkeeper(park).book(run, Figures(park, {}))
        pairs = ((books.rows, condensed(books.ledger)), (books.flows, summed(run.flows)))
        for found, expected in pairs:
            assert [row[:-1] for row in found] == [row[:-1] for row in expected]
            amounts = [row[-1] for row in expected]
            assert [row[-1] for row in found] == pytest.approx(amounts, rel=1e-12, abs=1e-9)


def test_a_batch_asks_for_what_it_needs(park: Park, runs: list[Simulation]):
    keeper = Accountant(park)
    whole = keeper.account(runs[1])
    wanted = ("carbon.total_t", "value.added_cny", "output.coke_t")
    part = keeper.account(runs[1], finance=False, policy=False, kpis=wanted)
    assert set(part.kpis["id"]) == set(wanted)
    assert part.policy.empty
    assert list(part.policy.columns) == list(whole.policy.columns)
    for key in wanted:
        assert part.kpi(key) == whole.kpi(key)


@pytest.mark.parametrize(
    ("start", "hours", "opens"),
    [
        (dt.date(2026, 1, 1), 8760.0, 0.0),
        (dt.date(2026, 1, 1), 8760.0, 2000.0),
        (dt.date(2028, 1, 1), 8784.0, 2000.0),  # more than 8,760 h: the last year is looked up
        (dt.date(2026, 7, 1), 8760.0, 2000.0),  # two calendar years, none of them whole
        (dt.date(2026, 1, 1), 17520.0, 2000.0),
    ],
)
def test_a_brief_account_has_the_same_totals_and_verdicts(start, hours, opens):
    park = load_park("xinzhou-base")
    units = {**park.units, "yp_methanol": replace(park.units["yp_methanol"], start_h=opens)}
    park = replace(park, horizon=Horizon(start=start, hours=hours), units=units)
    run = run_steady(park)
    whole, brief = account(park, run), Accountant(park).account(run, brief=True)
    total = whole.kpis[whole.kpis["period"] == "total"].reset_index(drop=True)
    pd.testing.assert_frame_equal(brief.kpis, total, check_exact=True)
    pd.testing.assert_frame_equal(brief.policy, whole.policy, check_exact=True)
    assert brief.problems == ()
