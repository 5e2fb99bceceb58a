"""Ranking of the library's figures by one-at-a-time swings, on a small park."""

from __future__ import annotations

import pandas as pd
import pytest

from chainsim.library.census import figures
from chainsim.library.files import load_library
from chainsim.study import rank
from chainsim.study.rank import rank_figures
from chainsim.study.run import run

PARK = """
schema_version: 1
id: psa-park
name_zh: 制氢
name_en: hydrogen
units:
  psa: {process: psa_hydrogen, capacity: 5000 Nm3/h, failures: [], overhaul: false}
buy:
  gas: {material: coke_oven_gas, limit: 12000 Nm3/h}
  power: {material: electricity}
  water: {material: fresh_water}
sell:
  hydrogen: {}
vents:
  tail: {material: psa_tail_gas, kind: flare}
"""
KPI = "value.revenue_cny"


@pytest.fixture(scope="module")
def park(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("rank") / "psa.yaml"
    path.write_text(PARK, encoding="utf-8")
    return str(path)


CARBON = "carbon.total_t"


@pytest.fixture(scope="module")
def frame(park: str) -> pd.DataFrame:
    return rank_figures(park, [KPI, CARBON])


def test_a_price_moves_revenue_in_proportion(frame: pd.DataFrame) -> None:
    """Hydrogen is all the revenue: its price range over its price is the relative swing."""
    price = load_library().prices["hydrogen"].coefficient
    row = frame[(frame["path"] == "prices.hydrogen") & (frame["kpi"] == KPI)].iloc[0]
    assert row["share"] == pytest.approx((price.high - price.low) / price.value)
    assert row["grade"] == price.grade
    assert not row["drawn_in"]


def test_largest_swing_first_and_nothing_without_effect(frame: pd.DataFrame) -> None:
    assert set(frame["kpi"]) == {KPI, CARBON}
    for _, group in frame.groupby("kpi"):
        assert list(group["swing"]) == sorted(group["swing"], reverse=True)
    assert (frame["swing"] > 0).all()
    assert "prices.electricity" not in set(frame["path"])


def test_a_feed_moves_carbon_both_ways(frame: pd.DataFrame, park: str) -> None:
    """More gas per hydrogen leaves more carbon in the tail that is flared, less leaves less."""
    carbon = frame[frame["kpi"] == CARBON]
    feed = carbon[carbon["path"] == "processes.psa_hydrogen.ports.coke_oven_gas"].iloc[0]
    base = run(park, engine="steady").kpis
    value = float(base.loc[base["id"] == CARBON, "value"].iloc[0])
    assert feed["base"] == pytest.approx(value)
    assert feed["at_low"] < value < feed["at_high"]


def test_a_bound_at_which_nothing_can_be_built_is_drawn_in(
    park: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unit's set-point of 0.4 lies above its turndown of 0.3 but below the range's 0.5."""
    path = "templates.psa_plant.turndown"
    monkeypatch.setattr(rank, "used_figures", lambda park: [figures(park.library)[path]])
    overrides = ["units.psa.load=0.4"]
    found = rank_figures(park, ["reliability.availability", KPI], overrides=overrides)
    assert found.empty or not (found["path"] == path).any()
