"""One simulated year: who stood when and why, how hard plants worked, how full stores were."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

import altair as alt
import pandas as pd

from chainsim.errors import Lang
from chainsim.report.i18n import known, t
from chainsim.report.names import component_name
from chainsim.report.numbers import display_unit
from chainsim.study.result import RunResult

LANES: Final = 24
"""Plants with a lane of their own, those that failures and overhauls stopped longest."""
MOST_BARS: Final = 1500
"""Stops drawn; the shortest are left out of a picture that would have more."""
MOST_EVENTS: Final = 1000
_HELD: Final = 1e-3
"""Weight of an hour held: stand-by plants are held for most of the year and none the worse."""
_KINDS: Final = {
    "failure": "#be123c",
    "overhaul": "#4f6db8",
    "held": "#f2c48d",
}
_EVENTS: Final = {"overhaul_begins": "overhaul", "overhaul_ends": "overhaul"}


def stops(result: RunResult) -> pd.DataFrame:
    """Every time a unit stood: component, kind (failure, overhaul, held), begin_h, end_h, mode."""
    rows = list(_intervals(result))
    return pd.DataFrame(rows, columns=["component", "kind", "mode", "begin_h", "end_h"])


def _intervals(result: RunResult) -> Iterator[dict[str, object]]:
    """Begin and end of each stop; what is open at the end of the year ends there."""
    units = set(result.park.units)
    open_: dict[tuple[str, str, str], list[float]] = {}
    events = result.simulation.events
    columns = (events["time_h"], events["component"], events["event"])
    for hour, component, event in zip(*columns, strict=True):
        if component not in units:
            continue
        kind, mode, begins = _meaning(str(event))
        if not kind:
            continue
        key = (str(component), kind, mode)
        if begins:
            open_.setdefault(key, []).append(float(hour))
        elif open_.get(key):
            yield _stop(key, open_[key].pop(0), float(hour))
    for key, begun in open_.items():
        for hour in begun:
            yield _stop(key, hour, result.simulation.hours)


def _meaning(event: str) -> tuple[str, str, bool]:
    """(kind, mode, begins) of an event; an empty kind for what is no stop."""
    name, _, mode = event.partition(":")
    if name in ("failure", "repaired"):
        return "failure", mode, name == "failure"
    if name in _EVENTS:
        return "overhaul", "", name == "overhaul_begins"
    return ("held", "", name == "stop") if name in ("stop", "start") else ("", "", False)


def _stop(key: tuple[str, str, str], begin: float, end: float) -> dict[str, object]:
    component, kind, mode = key
    return {"component": component, "kind": kind, "mode": mode, "begin_h": begin, "end_h": end}


def lanes_chart(result: RunResult, lang: Lang) -> alt.TopLevelMixin | None:
    """Stops on a time axis, a lane for each of the plants that stood longest."""
    frame = stops(result)
    if frame.empty:
        return None
    frame["hours"] = frame["end_h"] - frame["begin_h"]
    broken = frame.assign(
        hours=frame["hours"].where(frame["kind"] != "held", _HELD * frame["hours"])
    )
    longest = broken.groupby("component")["hours"].sum().nlargest(LANES).index
    frame = frame[frame["component"].isin(longest)].nlargest(MOST_BARS, "hours")
    start = result.park.horizon.start
    words = {kind: t(f"year.{kind}", lang) for kind in _KINDS}
    shown = pd.DataFrame(
        {
            "name": [component_name(result.park, str(c), lang) for c in frame["component"]],
            "kind": [words[str(k)] for k in frame["kind"]],
            "mode": [known(f"failure.{m}", lang, str(m)) for m in frame["mode"]],
            "begin": [_moment(start, h) for h in frame["begin_h"]],
            "end": [_moment(start, h) for h in frame["end_h"]],
            "hours": frame["hours"].round(1),
        }
    )
    order = [component_name(result.park, str(c), lang) for c in longest]
    chart: alt.Chart = (
        alt.Chart(shown)
        .mark_bar(height=9, minBandSize=2)
        .encode(
            x=alt.X("begin:T", title=None, axis=alt.Axis(format="%m-%d", tickCount=12)),
            x2="end:T",
            y=alt.Y("name:N", sort=order, title=None, axis=alt.Axis(labelLimit=190, ticks=False)),
            color=alt.Color(
                "kind:N",
                title=None,
                scale=alt.Scale(domain=list(words.values()), range=list(_KINDS.values())),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=[
                alt.Tooltip("name:N", title=t("page.end", lang)),
                alt.Tooltip("kind:N", title=t("year.kind", lang)),
                alt.Tooltip("mode:N", title=t("year.mode", lang)),
                alt.Tooltip("begin:T", title=t("year.begin", lang), format="%Y-%m-%d %H:%M"),
                alt.Tooltip("hours:Q", title=t("year.hours", lang)),
            ],
        )
        .properties(height=max(len(order), 3) * 19 + 30)
    )
    return chart


def _moment(start: dt.date, hour: float) -> str:
    begin = dt.datetime.combine(start, dt.time())
    return (begin + dt.timedelta(hours=hour)).isoformat(timespec="seconds")


def load_frame(result: RunResult, lang: Lang) -> pd.DataFrame:
    """Load of every plant in every month: month, name, load (share of nameplate)."""
    units = result.simulation.units
    sums = units.groupby(["period", "component"], as_index=False, sort=False)[
        ["full_load_h", "hours"]
    ].sum()
    return pd.DataFrame(
        {
            "month": sums["period"],
            "name": [component_name(result.park, str(c), lang) for c in sums["component"]],
            "load": sums["full_load_h"] / sums["hours"],
        }
    )


def load_chart(result: RunResult, lang: Lang) -> alt.TopLevelMixin | None:
    """Load by plant and month as a field of colours."""
    frame = load_frame(result, lang)
    busy = frame.groupby("name")["load"].max()
    frame = frame[frame["name"].isin(busy[busy > 0].index)].round(4)
    if frame.empty:
        return None
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_rect(stroke="#ffffff", strokeWidth=1)
        .encode(
            x=alt.X("month:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("name:N", title=None, axis=alt.Axis(labelLimit=190, ticks=False)),
            color=alt.Color(
                "load:Q",
                title=t("year.load", lang),
                scale=alt.Scale(scheme="tealblues", domain=[0, 1]),
                legend=alt.Legend(orient="top", format="%"),
            ),
            tooltip=[
                alt.Tooltip("name:N", title=t("page.end", lang)),
                alt.Tooltip("month:N", title=t("gas.month", lang)),
                alt.Tooltip("load:Q", title=t("year.load", lang), format=".1%"),
            ],
        )
        .properties(height=max(frame["name"].nunique(), 3) * 17 + 40)
    )
    return chart


def level_chart(result: RunResult, lang: Lang) -> alt.TopLevelMixin | None:
    """Mean level of every store by month, as a share of its capacity."""
    levels = result.simulation.levels
    levels = levels[levels["capacity"] > 0]
    if levels.empty:
        return None
    frame = pd.DataFrame(
        {
            "month": levels["period"],
            "name": [component_name(result.park, str(c), lang) for c in levels["component"]],
            "level": (levels["level_mean"] / levels["capacity"]).round(4),
            "empty": levels["empty_h"].round(1),
            "full": levels["full_h"].round(1),
        }
    )
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_line(point=True)
        .encode(
            x=alt.X("month:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y(
                "level:Q",
                title=t("year.level", lang),
                axis=alt.Axis(format="%"),
                scale=alt.Scale(domain=[0, 1]),
            ),
            color=alt.Color(
                "name:N",
                title=None,
                scale=alt.Scale(scheme="tableau10"),
                legend=alt.Legend(orient="bottom", columns=3, labelLimit=180),
            ),
            strokeDash=alt.StrokeDash("name:N", legend=None),
            tooltip=[
                alt.Tooltip("name:N", title=t("year.store", lang)),
                alt.Tooltip("month:N", title=t("gas.month", lang)),
                alt.Tooltip("level:Q", title=t("year.level", lang), format=".1%"),
                alt.Tooltip("empty:Q", title=t("year.empty_h", lang)),
                alt.Tooltip("full:Q", title=t("year.full_h", lang)),
            ],
        )
        .properties(height=300)
    )
    return chart


def flare_chart(result: RunResult, lang: Lang) -> alt.TopLevelMixin | None:
    """Gas flared by month and site; None where nothing is flared."""
    park, flows = result.park, result.flows
    flares = {k for k, v in park.vents.items() if v.kind == "flare"}
    burnt = flows[(flows["kind"] == "vent") & flows["component"].isin(flares)]
    burnt = burnt[burnt["unit"] == "kNm3"]
    if burnt.empty or not burnt["quantity"].any():
        return None
    sums = (-burnt["quantity"]).groupby([burnt["period"], burnt["component"]]).sum().reset_index()
    shown = display_unit(float(sums["quantity"].max()), "kNm3", lang)
    frame = pd.DataFrame(
        {
            "month": sums["period"],
            "name": [component_name(park, str(c), lang) for c in sums["component"]],
            "amount": sums["quantity"] * shown.factor,
        }
    )
    frame = frame[frame["amount"] > 0]
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            x=alt.X("month:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("amount:Q", title=f"{t('year.flared', lang)} ({shown.label})"),
            color=alt.Color(
                "name:N",
                title=None,
                scale=alt.Scale(scheme="tableau10"),
                legend=alt.Legend(orient="bottom", columns=3, labelLimit=200),
            ),
            tooltip=[
                alt.Tooltip("name:N", title=t("page.end", lang)),
                alt.Tooltip("month:N", title=t("gas.month", lang)),
                alt.Tooltip("amount:Q", title=shown.label, format=",.3~f"),
            ],
        )
        .properties(height=260)
    )
    return chart


def event_table(result: RunResult, lang: Lang) -> pd.DataFrame:
    """The events of the year for reading, the first `MOST_EVENTS`: time, name, event, value."""
    events = result.simulation.events.head(MOST_EVENTS)
    start = result.park.horizon.start
    words = [_event_word(str(e), lang) for e in events["event"]]
    return pd.DataFrame(
        {
            t("year.time", lang): [
                _moment(start, float(h)).replace("T", " ")[:16] for h in events["time_h"]
            ],
            t("page.end", lang): [
                component_name(result.park, str(c), lang) for c in events["component"]
            ],
            t("year.event", lang): words,
        }
    )


def _event_word(event: str, lang: Lang) -> str:
    name, _, mode = event.partition(":")
    word = known(f"event.{name}", lang, name)
    return f"{word} · {known(f'failure.{mode}', lang, mode)}" if mode else word
