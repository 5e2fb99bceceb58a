"""One simulated year of the scheme: stops, loads, stores, flares, months, events."""

from __future__ import annotations

import time

import streamlit as st

from app import background, charts, kept, picture, share, state, tables
from app.tables import escaped
from chainsim.errors import Lang
from chainsim.report import year as drawn
from chainsim.report.bays import queue_chart
from chainsim.report.i18n import t
from chainsim.report.months import months, of_month
from chainsim.report.picture import picture_of
from chainsim.report.presets import preset_name
from chainsim.report.sankey import gas_sankey
from chainsim.report.trips import trip_grid
from chainsim.study.result import RunResult

HEIGHT_PX = 420
PLAY_S = 1.5
HOLD_S = 1.2
"""A month is shown at least that long, however often the page is drawn meanwhile."""


def show(lang: Lang) -> None:
    """Draw the page."""
    share.lost(lang)
    st.title(t("year.title", lang), anchor=False)
    scheme = state.history().scheme
    count = scheme.changed
    word = t("scheme.changed", lang, count=count) if count else t("scheme.unchanged", lang)
    with st.container(horizontal=True, vertical_alignment="center"):
        name = escaped(preset_name(scheme.base, lang))
        st.markdown(f"**{name}** :{'orange' if count else 'gray'}-badge[{word}]")
        share.button("year", lang)
    st.caption(t("year.lead", lang))
    job = background.follow(scheme, lang, key="year")
    result = None if job is None else job.year()
    if result is None:
        st.info(t("year.waiting", lang))
        return
    _draw(result, lang)


def _draw(result: RunResult, lang: Lang) -> None:
    _chart("stops", result, drawn.lanes_chart, lang)
    grid = charts.pair()
    with grid.container():
        _chart("loads", result, drawn.load_chart, lang)
    with grid.container():
        _chart("levels", result, drawn.level_chart, lang)
        _chart("flares", result, drawn.flare_chart, lang)
    _bays(result, lang)
    _play(result, lang)
    _events(result, lang)


def _chart(name: str, result: RunResult, draw, lang: Lang) -> None:  # type: ignore[no-untyped-def]
    title = t(f"year.{name}", lang)
    st.subheader(title, anchor=False)
    spec = kept.chart(f"year_{name}", result, lang, lambda: draw(result, lang))
    charts.show(spec, f"year_{name}", title, lang)


def _bays(result: RunResult, lang: Lang) -> None:
    """Vehicles and their queues, in a park with shipments."""
    grid = kept.made("bays", result, lang, lambda: (trip_grid(result, lang),))[0]
    if grid is None:
        return
    title = t("bays.title", lang)
    st.subheader(title, anchor=False)
    st.caption(t("bays.note", lang))
    spec = kept.chart("year_bays", result, lang, lambda: queue_chart(result, lang))
    charts.show(spec, "year_bays", title, lang)
    tables.with_files(grid, "bays", lang)


def _play(result: RunResult, lang: Lang) -> None:
    """The gas picture month by month, moved by hand or by itself."""
    playing = bool(state.session().get("month_playing"))
    st.fragment(_months, run_every=PLAY_S if playing else None, key="months")(result, lang)


def _months(result: RunResult, lang: Lang) -> None:
    session = state.session()
    options = ("", *months(result))
    key = f"month_{lang}"
    asked = session.get("month_chosen", "")
    at = options.index(asked) if asked in options else 0
    if session.get("month_playing") and time.monotonic() >= session.get("month_due", 0.0):
        at = min(at + 1, len(options) - 1)
        session["month_due"] = time.monotonic() + HOLD_S
    session["month_chosen"] = session[key] = options[at]
    last = at == len(options) - 1
    if session.get("month_playing") and last:
        session["month_playing"] = False
        st.rerun()
    _month_controls(options, key, last=last, lang=lang)
    month = options[at]
    part = of_month(result, month) if month else result
    found = kept.made(
        "year_gas", result, lang, lambda: picture_of(gas_sankey(part, lang)), "month", month
    )
    picture.show(found, "year_gas")
    charts.picture_files(found, "year_gas", lang)


def _month_controls(options: tuple[str, ...], key: str, *, last: bool, lang: Lang) -> None:
    session = state.session()
    playing = bool(session.get("month_playing"))

    def pressed() -> None:
        session["month_playing"] = not playing
        session["month_due"] = time.monotonic() + HOLD_S
        if not playing and last:
            session["month_chosen"] = options[0]

    def moved() -> None:
        session["month_chosen"], session["month_playing"] = session[key], False

    left, right = st.columns([1, 4], vertical_alignment="bottom")
    with left:
        word = t("year.pause" if playing else "year.play", lang)
        if st.button(word, key="month_play", on_click=pressed):
            st.rerun()
    with right:
        st.select_slider(
            t("year.month", lang),
            options,
            format_func=lambda m: m or t("year.whole", lang),
            key=key,
            on_change=moved,
        )


def _events(result: RunResult, lang: Lang) -> None:
    st.subheader(t("year.events", lang), anchor=False)
    frame = kept.made("events", result, lang, lambda: drawn.event_table(result, lang))
    total = len(result.simulation.events)
    st.caption(t("year.first_events", lang, count=len(frame), total=total))
    st.dataframe(frame, hide_index=True, height=HEIGHT_PX, alt=t("year.events", lang))
    tables.files(frame, "events", lang)
