"""Swing and correlation of the monthly series."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from chainsim.library.files import load_library
from chainsim.study.price_history import (
    log_changes,
    monthly_prices,
    series_correlation,
    series_statistics,
)

PRICES = pd.DataFrame(
    {"up": [1.0, 2.0, 4.0, 8.0], "gap": [1.0, None, 2.0, 4.0]},
    index=pd.Index(["2024-11", "2024-12", "2025-01", "2025-03"], name="month"),
)


def test_changes_need_two_published_neighbouring_months() -> None:
    changes = log_changes(PRICES)
    up = [math.nan, math.log(2), math.log(2), math.nan, math.nan]
    assert changes["up"].tolist() == pytest.approx(up, nan_ok=True)
    assert changes["gap"].isna().all()


def test_statistics_of_a_doubling_price() -> None:
    row = series_statistics(PRICES).set_index("series").loc["up"]
    assert (row["first"], row["last"], row["months"]) == ("2024-11", "2025-03", 4)
    assert (row["mean"], row["low"], row["high"]) == (3.75, 1.0, 8.0)
    assert row["volatility"] == pytest.approx(0.0, abs=1e-12)


def test_few_common_months_give_no_correlation() -> None:
    assert series_correlation(PRICES).isna().all().all()


def test_the_shipped_series_move_as_the_futures_did() -> None:
    """November 2020 to August 2026, figures computed from the same contracts by another hand."""
    prices = monthly_prices(load_library(), "2020-11", "2026-08")
    together = series_correlation(prices)
    assert together.at["coke_futures", "coking_coal_futures"] == pytest.approx(0.92, abs=0.005)
    assert together.at["methanol_futures", "ethylene_glycol_futures"] == pytest.approx(
        0.74, abs=0.005
    )
    assert together.at["pta_futures", "polyester_staple_futures"] == pytest.approx(0.90, abs=0.005)
    swing = series_statistics(prices).set_index("series")["volatility"]
    assert swing["coking_coal_futures"] == pytest.approx(0.368 * math.sqrt(69 / 68), abs=0.001)
