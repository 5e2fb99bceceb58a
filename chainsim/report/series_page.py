"""The monthly price series and how they move together, as a page."""

from __future__ import annotations

import math

import pandas as pd

from chainsim.errors import Lang
from chainsim.library.model import Library
from chainsim.report.document import Grid, Page, Row, Section
from chainsim.report.i18n import t
from chainsim.report.names import plain
from chainsim.report.numbers import NOTHING, fmt, number


def series_page(
    library: Library, statistics: pd.DataFrame, correlation: pd.DataFrame, lang: Lang
) -> Page:
    """Level and swing of each series, then the table of correlations with numbered columns."""
    names = {
        key: f"{place} {plain(library.series[key].name(lang))}"
        for place, key in enumerate(correlation.columns, start=1)
    }
    rows = tuple(
        Row(
            (
                names[r["series"]],
                f"{r['first']} … {r['last']}",
                str(r["months"]),
                number(r["mean"], 4),
                f"{number(r['low'], 4)} … {number(r['high'], 4)}",
                fmt(r["volatility"], "ratio", lang),
            )
        )
        for r in statistics.to_dict("records")
    )
    keys = ("series", "time", "months", "mean", "range", "volatility")
    level = Grid(
        headers=tuple(t(f"series.{key}", lang) for key in keys),
        rows=rows,
        numeric=frozenset({2, 3, 5}),
    )
    places = [name.split()[0] for name in names.values()]
    together = Grid(
        headers=("", *places),
        rows=tuple(
            Row((place, *(_signed(value) for value in line)))
            for place, line in zip(places, correlation.to_numpy(dtype=float), strict=True)
        ),
        numeric=frozenset(range(1, len(names) + 1)),
    )
    return Page(
        title=t("series.title", lang),
        lead=t("series.note", lang),
        sections=(
            Section(title=t("series.level", lang), grid=level),
            Section(title=t("series.correlation", lang), grid=together),
        ),
    )


def _signed(value: float) -> str:
    return NOTHING if math.isnan(value) else f"{value:.2f}"
