"""Charts as Vega-Lite: pure functions from a table to a chart, one message each.

Text and units are in the axis titles. `as_spec` makes the plain dictionary that pages draw; it is
made once and kept, since building and checking a chart costs more than drawing it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import altair as alt
import pandas as pd

from chainsim.errors import Lang
from chainsim.report.i18n import t
from chainsim.report.lettering import FONT_FAMILY, wrapped
from chainsim.report.names import park_name
from chainsim.report.tables import comparison_table, policy_table, product_table, targets
from chainsim.study.result import RunResult

PALETTE: Final = ("#0f766e", "#d97706", "#4f6db8", "#9d4edd", "#64748b", "#be123c")
LIMIT: Final = "#c53030"
VERDICTS: Final = {
    "pass": "#2f855a",
    "fail": LIMIT,
    "warn": "#b7791f",
    "cannot_judge": "#a0aec0",
}
_LEAST_EFFECT: Final = 1e-3
_ASIDE: Final = ("evidence.", "energy.closure_error")
_OTHERWISE: Final = ("_equal_tce", "added_income_cny", "per_coke_t", "per_coke_cny_per_t")
_BAR_PX: Final = 15
_ROOM_PX: Final = 30
_LABEL_PX: Final = 200
_NAME_PX: Final = 160.0
_NAME_LINES: Final = 3
_AXIS_PX: Final = 10.0
_LARGE_PX: Final = 14
_PADDING: Final = {"left": 4, "top": 12, "right": 12, "bottom": 4}


def target_frame(results: Sequence[RunResult], lang: Lang) -> pd.DataFrame:
    """Value of each KPI with an upper limit as a share of it: check, scenario, share, verdict."""
    rows: list[dict[str, object]] = []
    for result in results:
        names = dict(zip(*(policy_table(result, lang)[c] for c in ("id", "name")), strict=True))
        for row in targets(result).to_dict("records"):
            if row["limit"] > 0 and str(row["comparison"]).startswith("<"):
                rows.append(
                    {
                        "check": names[row["id"]],
                        "scenario": park_name(result.park, lang),
                        "share": row["value"] / row["limit"],
                        "verdict": t(f"verdict.{row['verdict']}", lang),
                    }
                )
    return pd.DataFrame(rows, columns=["check", "scenario", "share", "verdict"])


def target_chart(results: Sequence[RunResult], lang: Lang) -> alt.TopLevelMixin:
    """How much of each limit every scenario uses; the line is the limit."""
    frame = target_frame(results, lang)
    names = [park_name(r.park, lang) for r in results]
    share = alt.X("share:Q", title=t("chart.of_limit", lang), axis=alt.Axis(format="%", grid=True))
    bars = (
        alt.Chart(frame)
        .mark_bar(height=_BAR_PX - 4)
        .encode(
            x=share,
            y=_rows("check", list(dict.fromkeys(frame["check"]))),
            yOffset=alt.YOffset("scenario:N", sort=names),
            color=_colours(names),
            tooltip=[
                alt.Tooltip("check:N", title=t("page.check", lang)),
                alt.Tooltip("scenario:N", title=t("chart.scenario", lang)),
                alt.Tooltip("share:Q", title=t("chart.of_limit", lang), format=".1%"),
                alt.Tooltip("verdict:N", title=t("page.verdict", lang)),
            ],
        )
    )
    rule = alt.Chart(pd.DataFrame({"share": [1.0]})).mark_rule(color=LIMIT, strokeDash=[4, 3])
    height = _height(frame["check"].nunique(), len(names))
    return alt.layer(bars, rule.encode(x="share:Q")).properties(height=height)


def change_chart(results: Sequence[RunResult], lang: Lang, most: int = 10) -> alt.TopLevelMixin:
    """The largest relative changes of KPIs against the first scenario."""
    sold = {f"output.{m}" for r in results for m in product_table(r, lang)["material"]}
    frame = comparison_table(results, lang)
    chosen = [_worth_showing(str(key), sold) for key in frame["id"]]
    frame = frame[chosen]
    frame = frame[frame["effect"] > _LEAST_EFFECT].head(most)
    names = [park_name(r.park, lang) for r in results[1:]]
    rows = [
        {"name": row["name"], "scenario": name, "relative": row[f"relative_{i}"]}
        for row in frame.to_dict("records")
        for i, name in enumerate(names, 1)
    ]
    tidy = pd.DataFrame(rows, columns=["name", "scenario", "relative"]).dropna()
    title = t("chart.change", lang, base=park_name(results[0].park, lang))
    chart: alt.Chart = (
        alt.Chart(tidy)
        .mark_bar(height=_BAR_PX - 4)
        .encode(
            x=alt.X("relative:Q", title=title, axis=alt.Axis(format="+.0%", grid=True)),
            y=_rows("name", list(dict.fromkeys(tidy["name"]))),
            yOffset=alt.YOffset("scenario:N", sort=names),
            color=_colours(names, first=1),
            tooltip=[
                alt.Tooltip("name:N", title=t("page.indicator", lang)),
                alt.Tooltip("scenario:N", title=t("chart.scenario", lang)),
                alt.Tooltip("relative:Q", title=t("page.change", lang), format="+.1%"),
            ],
        )
        .properties(height=_height(tidy["name"].nunique(), len(names)))
    )
    return chart


def _worth_showing(key: str, sold: set[str]) -> bool:
    """What a planner compares: goods sold and every total once, in one way of counting."""
    if key.startswith("output."):
        return key.rsplit("_", 1)[0] in sold
    return not key.startswith(_ASIDE) and not key.endswith(_OTHERWISE)


def margin_chart(result: RunResult, lang: Lang) -> alt.TopLevelMixin:
    """Margin of each city check as a share of its limit: right of zero is inside.

    Beyond the whole limit bars are cut: how far a mile is missed no picture need show.
    """
    frame = policy_table(result, lang)
    judged = frame["verdict"].isin(["pass", "fail", "warn"])
    frame = frame[(frame["level"] == "city") & (frame["limit"] > 0) & judged]
    frame = frame.assign(
        share=(frame["margin"] / frame["limit"]).clip(-1.0, 1.0),
        word=[t(f"verdict.{v}", lang) for v in frame["verdict"]],
    )
    # Checks of several subjects share a name: the worst stands for them.
    worst = frame.sort_values("share", kind="stable").drop_duplicates("name").index
    frame = frame[frame.index.isin(worst)]
    words = [t(f"verdict.{v}", lang) for v in VERDICTS if v != "cannot_judge"]
    chart: alt.Chart = (
        alt.Chart(frame[["name", "share", "word"]])
        .mark_bar(height=_BAR_PX - 3, clip=True)
        .encode(
            x=alt.X(
                "share:Q",
                title=t("chart.margin", lang),
                axis=alt.Axis(format="+.0%"),
                scale=alt.Scale(domain=[-1, 1], nice=False),
            ),
            y=_rows("name", list(frame["name"])),
            color=alt.Color(
                "word:N",
                title=None,
                scale=alt.Scale(domain=words, range=list(VERDICTS.values())[: len(words)]),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=[
                alt.Tooltip("name:N", title=t("page.check", lang)),
                alt.Tooltip("share:Q", title=t("chart.margin", lang), format="+.1%"),
            ],
        )
        .properties(height=_height(len(frame), 1))
    )
    return chart


def as_spec(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """The chart as a plain dictionary with its data inside."""
    with alt.data_transformers.enable("default"):
        made = chart.to_dict()
    config = {**made.get("config", {}), "font": FONT_FAMILY}
    return {**made, "config": config, "padding": _PADDING}


def enlarged(spec: dict[str, Any]) -> dict[str, Any]:
    """The same chart with letters for a projector."""
    sizes = {"labelFontSize": _LARGE_PX, "titleFontSize": _LARGE_PX + 1}
    letters = {
        "axis": {**sizes, "labelLimit": _LABEL_PX * 2},
        "legend": {**sizes, "labelLimit": _LABEL_PX * 2},
        "text": {"fontSize": _LARGE_PX + 1},
    }
    return {**spec, "config": {**letters, **spec.get("config", {})}}


def _rows(field: str, order: list[str]) -> alt.Y:
    lines = {name: wrapped(name, _NAME_PX, _NAME_LINES, _AXIS_PX) for name in order}
    axis = alt.Axis(
        labelLimit=_LABEL_PX,
        labelExpr=f"({json.dumps(lines, ensure_ascii=False)})[datum.label]",
        ticks=False,
        domain=False,
        labelPadding=6,
    )
    return alt.Y(f"{field}:N", sort=order, title=None, axis=axis)


def _colours(names: Sequence[str], first: int = 0) -> alt.Color:
    """The same scenario has the same colour in every chart; the base is number 0."""
    colours = [PALETTE[(first + i) % len(PALETTE)] for i in range(len(names))]
    legend = alt.Legend(orient="top", labelLimit=_LABEL_PX, columns=1)
    scale = alt.Scale(domain=list(names), range=colours)
    return alt.Color("scenario:N", title=None, scale=scale, legend=legend)


def _height(groups: int, bars: int) -> int:
    return max(groups, 1) * (bars * _BAR_PX + 10) + _ROOM_PX
