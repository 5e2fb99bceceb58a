"""Schemes as points: what each gives against what it takes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import altair as alt
import pandas as pd

from chainsim.errors import Lang
from chainsim.report.charts import PALETTE
from chainsim.report.i18n import t
from chainsim.report.names import kpi_name
from chainsim.report.numbers import display_unit
from chainsim.report.page import headline
from chainsim.report.tables import totals
from chainsim.study.result import RunResult

GAIN: Final = "value.added_cny"
PAINS: Final = ("energy.park_tce", "carbon.total_t", "finance.capex_cny", "water.fresh_t")


def tradeoff_chart(
    results: Sequence[RunResult], names: Sequence[str], pain: str, lang: Lang
) -> alt.TopLevelMixin | None:
    """Value added over one of `PAINS`, a labelled point for each result; None without figures."""
    tables = [totals(r).set_index("id") for r in results]
    rows = [
        {
            "name": name,
            "gain": float(frame["value"].get(GAIN, math.nan)),
            "pain": float(frame["value"].get(pain, math.nan)),
        }
        for name, frame in zip(names, tables, strict=True)
    ]
    frame = pd.DataFrame(rows).dropna()
    if frame.empty:
        return None
    units = {key: str(tables[0]["unit"].get(key, "ratio")) for key in (GAIN, pain)}
    gain = display_unit(frame["gain"].tolist(), units[GAIN], lang)
    cost = display_unit(frame["pain"].tolist(), units[pain], lang)
    frame = frame.assign(gain=frame["gain"] * gain.factor, pain=frame["pain"] * cost.factor)
    park = results[0].park
    titles = (
        f"{headline(results[0], GAIN, lang)} ({gain.label})",
        f"{kpi_name(park, pain, lang)} ({cost.label})",
    )
    zero = alt.Scale(zero=False, padding=70)
    few = alt.Axis(tickCount=8)
    base = alt.Chart(frame).encode(
        x=alt.X("pain:Q", title=titles[1], scale=zero, axis=few),
        y=alt.Y("gain:Q", title=titles[0], scale=zero, axis=few),
        tooltip=[
            alt.Tooltip("name:N", title=t("chart.scenario", lang)),
            alt.Tooltip("gain:Q", title=titles[0], format=",.4~g"),
            alt.Tooltip("pain:Q", title=titles[1], format=",.4~g"),
        ],
    )
    colours = alt.Scale(domain=list(names), range=list(PALETTE[: len(names)]))
    points = base.mark_point(size=170, filled=True, opacity=1).encode(
        color=alt.Color("name:N", scale=colours, legend=None),
        shape=alt.Shape("name:N", legend=None, scale=alt.Scale(domain=list(names))),
    )
    labels = base.mark_text(dy=-15, fontSize=13).encode(text="name:N")
    return alt.layer(points, labels).properties(height=320)
