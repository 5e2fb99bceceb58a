"""Schemes as points: what each gives against what it takes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
_ROOM: Final = 0.25
_LEAST_ROOM: Final = 2e-3
"""Of the value itself."""
PAINS: Final = ("energy.park_tce", "carbon.total_t", "finance.capex_cny", "water.fresh_t")


def tradeoff_chart(
    results: Sequence[RunResult], names: Sequence[str], pain: str, lang: Lang
) -> alt.TopLevelMixin | None:
    """Value added over one of `PAINS`, a labelled point for each result; None without figures."""
    tables = [totals(r).set_index("id") for r in results]
    figures = [
        {k: float(frame["value"].get(k, math.nan)) for k in (GAIN, pain)} for frame in tables
    ]
    units = [str(tables[0]["unit"].get(key, "ratio")) for key in (GAIN, pain)]
    park = results[0].park
    titles = (headline(results[0], GAIN, lang), kpi_name(park, pain, lang))
    return points_chart(
        names,
        Axis(GAIN, titles[0], units[0]),
        Axis(pain, titles[1], units[1]),
        figures,
        lang,
    )


@dataclass(frozen=True, slots=True)
class Axis:
    """A KPI along an axis: its id, its name for the reader, its unit."""

    kpi: str
    name: str
    unit: str


def points_chart(
    names: Sequence[str],
    up: Axis,
    along: Axis,
    figures: Sequence[Mapping[str, float]],
    lang: Lang,
) -> alt.TopLevelMixin | None:
    """A labelled point for each of `names`; those without both figures are left out.

    Args:
        names: of the points, each once.
        up: the vertical axis.
        along: the horizontal axis.
        figures: of each point, by KPI.
        lang: of the reader.
    """
    rows = [
        {"name": n, "gain": f.get(up.kpi, math.nan), "pain": f.get(along.kpi, math.nan)}
        for n, f in zip(names, figures, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["name", "gain", "pain"]).dropna()
    if frame.empty:
        return None
    gain = display_unit(frame["gain"].tolist(), up.unit, lang)
    cost = display_unit(frame["pain"].tolist(), along.unit, lang)
    frame = frame.assign(
        gain=frame["gain"] * gain.factor,
        pain=frame["pain"] * cost.factor,
        above=[index % 2 == 0 for index in range(len(frame))],
    )
    titles = (f"{up.name} ({gain.label})", f"{along.name} ({cost.label})")
    few = alt.Axis(tickCount=8)
    base = alt.Chart(frame).encode(
        x=alt.X("pain:Q", title=titles[1], scale=_around(frame["pain"]), axis=few),
        y=alt.Y("gain:Q", title=titles[0], scale=_around(frame["gain"]), axis=few),
        tooltip=[
            alt.Tooltip("name:N", title=t("chart.scenario", lang)),
            alt.Tooltip("gain:Q", title=titles[0], format=",.4~g"),
            alt.Tooltip("pain:Q", title=titles[1], format=",.4~g"),
        ],
    )
    colours = [PALETTE[index % len(PALETTE)] for index in range(len(names))]
    points = base.mark_point(size=170, filled=True, opacity=1).encode(
        color=alt.Color("name:N", scale=alt.Scale(domain=list(names), range=colours), legend=None),
        shape=alt.Shape("name:N", legend=None, scale=alt.Scale(domain=list(names))),
    )
    labels = [
        base.transform_filter(alt.datum.above == above)
        .mark_text(dy=dy, fontSize=13)
        .encode(text="name:N")
        for above, dy in ((True, -15), (False, 17))
    ]
    return alt.layer(points, *labels).properties(height=320)


def _around(values: pd.Series[float]) -> alt.Scale:
    """A scale with room for labels; values that differ by dust only stand in its middle."""
    low, high = float(values.min()), float(values.max())
    room = max(_ROOM * (high - low), _LEAST_ROOM * max(abs(low), abs(high)))
    return alt.Scale(domain=[low - room, high + room], nice=False)
