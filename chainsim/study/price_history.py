"""What the monthly price series say: level, swing, and how far they move together."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from chainsim.library.model import Library

MONTHS_PER_YEAR = 12
LEAST_MONTHS = 24
"""A correlation over fewer common changes says nothing and is left out."""


def monthly_prices(library: Library, first: str = "", last: str = "") -> pd.DataFrame:
    """Prices in CNY/t with VAT: months as rows, series as columns, NaN where none was published.

    Args:
        library: holds the series.
        first: first month, `YYYY-MM`; the first known when empty.
        last: last month, included; the last known when empty.
    """
    frame = pd.DataFrame(
        {key: pd.Series(dict(s.months), dtype=float) for key, s in library.series.items()}
    ).sort_index()
    frame.index.name = "month"
    return frame[(frame.index >= first) & (frame.index <= (last or "9999"))]


def log_changes(prices: pd.DataFrame) -> pd.DataFrame:
    """Natural logarithm of each month's price over the month before, both published."""
    months = pd.PeriodIndex(prices.index, freq="M")
    every = prices.set_axis(months).reindex(pd.period_range(months.min(), months.max(), freq="M"))
    return pd.DataFrame(np.log(every / every.shift(1)))


def series_statistics(prices: pd.DataFrame) -> pd.DataFrame:
    """Per series: first and last month, months, mean, low, high (CNY/t), volatility (1/a).

    Volatility is the standard deviation of the monthly logarithmic changes times sqrt(12).
    """
    changes = log_changes(prices)
    rows = []
    for key in prices.columns:
        known = prices[key].dropna()
        rows.append(
            {
                "series": key,
                "first": known.index.min() if len(known) else "",
                "last": known.index.max() if len(known) else "",
                "months": len(known),
                "mean": known.mean(),
                "low": known.min(),
                "high": known.max(),
                "volatility": changes[key].std() * math.sqrt(MONTHS_PER_YEAR),
            }
        )
    return pd.DataFrame(rows)


def series_correlation(prices: pd.DataFrame) -> pd.DataFrame:
    """Correlation of the monthly logarithmic changes, each pair over its common months.

    NaN where fewer than `LEAST_MONTHS` changes are common.
    """
    return log_changes(prices).corr(min_periods=LEAST_MONTHS)
