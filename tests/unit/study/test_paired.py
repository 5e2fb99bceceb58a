"""Paired differences by hand; the same random numbers cancel what is common."""

from __future__ import annotations

import numpy as np
import pytest

from chainsim.errors import DataError
from chainsim.study.compare import compare
from chainsim.study.paired import paired
from chainsim.study.statistics import convergence, share_estimate
from tests.unit.study.sweeps.toys import PARK

ADDED, FLARED = "value.added_cny", "cog.flared_share"


def test_differences_intervals_and_wins_by_hand():
    samples = {ADDED: np.array([[10.0, 20.0, 30.0], [11.0, 22.0, 33.0], [9.0, 21.0, 30.0]])}
    found = paired(["a", "b", "c"], samples, {ADDED: "CNY"})
    rows = found.differences.set_index("scenario")
    b = rows.loc["b"]
    assert b["difference"] == pytest.approx(2.0)
    # s = 1, t(0.975, 2) = 4.3027: half width 4.3027 / sqrt(3)
    assert b["high"] - b["difference"] == pytest.approx(4.302653 / 3**0.5, rel=1e-5)
    assert b["wins"] == 1.0
    assert rows.loc["c", "wins"] == pytest.approx(1 / 3)
    assert rows.loc["c", "ties"] == pytest.approx(1 / 3)
    regret = found.regret.set_index("scenario")
    assert regret.loc["a", "mean"] == pytest.approx(2.0)
    assert regret.loc["b", "best"] == 1.0
    assert regret.loc["c", "worst"] == pytest.approx(3.0)


def test_less_is_better_where_the_kpi_says_so():
    samples = {FLARED: np.array([[0.2, 0.3], [0.1, 0.4]])}
    found = paired(["a", "b"], samples, {FLARED: "ratio"})
    assert found.differences["wins"].tolist() == [0.5]
    assert found.regret.set_index("scenario").loc["a", "mean"] == pytest.approx(0.05)


def test_the_base_can_be_chosen_and_must_exist():
    samples = {ADDED: np.array([[1.0, 1.0], [3.0, 3.0]])}
    assert paired(["a", "b"], samples, {ADDED: "CNY"}, base="b").differences[
        "difference"
    ].tolist() == [-2.0]
    with pytest.raises(DataError):
        compare(["xinzhou-base", "xinzhou-2021"], engine="steady", base="xinzhou-bass")


def test_a_value_that_does_not_exist_leaves_its_run_out():
    samples = {ADDED: np.array([[1.0, np.nan, 3.0], [2.0, 9.0, 4.0]])}
    row = paired(["a", "b"], samples, {ADDED: "CNY"}).differences.iloc[0]
    assert (row["n"], row["difference"]) == (2, 1.0)


def test_common_random_numbers_make_equal_scenarios_equal():
    found = compare([PARK, PARK], reps=4, years=1)
    assert found.paired is not None
    known = found.paired.differences[found.paired.differences["n"] > 0]
    assert len(known) > 10
    assert (known["difference"] == 0.0).all()
    assert (known["ties"] == 1.0).all()
    spread = [np.nanstd(v[0]) for v in found.paired.samples.values() if not np.isnan(v).all()]
    assert np.nanmax(spread) > 0.0  # though the runs themselves differ


def test_convergence_ends_at_the_whole_mean_and_narrows():
    values = np.random.default_rng(1).normal(5.0, 1.0, 1000)
    found = convergence(values)
    assert found[-1].n == 1000
    assert found[-1].mean == pytest.approx(values.mean())
    assert found[-1].half < 0.3 * found[5].half


def test_intervals_of_probabilities_cover():
    rng = np.random.default_rng(3)
    inside = [
        e.low <= 0.1 <= e.high
        for e in (share_estimate(int(rng.binomial(50, 0.1)), 50) for _ in range(2000))
    ]
    assert np.mean(inside) > 0.93
