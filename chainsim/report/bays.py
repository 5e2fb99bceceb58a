"""Vehicles that wait at the bays, month by month, drawn."""

from __future__ import annotations

import altair as alt
import pandas as pd

from chainsim.errors import Lang
from chainsim.report.i18n import t
from chainsim.report.names import component_name
from chainsim.study.result import RunResult


def queue_frame(result: RunResult, lang: Lang) -> pd.DataFrame:
    """Links by month: month, name, queue (mean), wait_h (of a trip), trips, turned_away."""
    found = result.simulation.shipments
    wait = (found["waited_h"] / found["trips"]).where(found["trips"] > 0, 0.0)
    return pd.DataFrame(
        {
            "month": found["period"],
            "name": [component_name(result.park, str(c), lang) for c in found["component"]],
            "queue": found["queue_mean"].round(3),
            "wait_h": wait.round(2),
            "trips": found["trips"].round(),
            "turned_away": found["turned_away"].round(),
        }
    )


def queue_chart(result: RunResult, lang: Lang) -> alt.TopLevelMixin | None:
    """Vehicles that wait for a bay, mean of each month; None in a park without shipments."""
    frame = queue_frame(result, lang)
    if frame.empty:
        return None
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_line(point=True)
        .encode(
            x=alt.X("month:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("queue:Q", title=t("bays.queue", lang)),
            color=alt.Color(
                "name:N",
                title=None,
                scale=alt.Scale(scheme="tableau10"),
                legend=alt.Legend(orient="bottom", columns=3, labelLimit=200),
            ),
            strokeDash=alt.StrokeDash("name:N", legend=None),
            tooltip=[
                alt.Tooltip("name:N", title=t("bays.link", lang)),
                alt.Tooltip("month:N", title=t("gas.month", lang)),
                alt.Tooltip("queue:Q", title=t("bays.queue", lang)),
                alt.Tooltip("wait_h:Q", title=t("bays.wait", lang)),
                alt.Tooltip("trips:Q", title=t("bays.trips", lang)),
                alt.Tooltip("turned_away:Q", title=t("bays.turned_away", lang)),
            ],
        )
        .properties(height=260)
    )
    return chart
