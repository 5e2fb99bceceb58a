"""One simulated year of the scheme: stops, loads, stores, flares, months, events."""

from __future__ import annotations

import streamlit as st

from app import background, charts, kept, picture, share, state, tables
from app.tables import escaped
from chainsim.errors import Lang
from chainsim.report import year as drawn
from chainsim.report.i18n import t
from chainsim.report.months import months, of_month
from chainsim.report.picture import picture_of
from chainsim.report.presets import preset_name
from chainsim.report.sankey import gas_sankey
from chainsim.study.result import RunResult

HEIGHT_PX = 420


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
    left, right = st.columns(2, gap="large")
    with left:
        _chart("loads", result, drawn.load_chart, lang)
    with right:
        _chart("levels", result, drawn.level_chart, lang)
        _chart("flares", result, drawn.flare_chart, lang)
    _months(result, lang)
    _events(result, lang)


def _chart(name: str, result: RunResult, draw, lang: Lang) -> None:  # type: ignore[no-untyped-def]
    title = t(f"year.{name}", lang)
    st.subheader(title, anchor=False)
    spec = kept.chart(f"year_{name}", result, lang, lambda: draw(result, lang))
    charts.show(spec, f"year_{name}", title, lang)


def _months(result: RunResult, lang: Lang) -> None:
    """The gas picture month by month: the slider is the animation."""
    options = ("", *months(result))
    month = st.select_slider(
        t("year.month", lang),
        options,
        format_func=lambda m: m or t("year.whole", lang),
        key=f"month_{lang}",
    )
    part = of_month(result, month) if month else result
    found = kept.made(
        "year_gas", result, lang, lambda: picture_of(gas_sankey(part, lang)), "month", month
    )
    picture.show(found, "year_gas")
    charts.picture_files(found, "year_gas", lang)


def _events(result: RunResult, lang: Lang) -> None:
    st.subheader(t("year.events", lang), anchor=False)
    frame = kept.made("events", result, lang, lambda: drawn.event_table(result, lang))
    total = len(result.simulation.events)
    st.caption(t("year.first_events", lang, count=len(frame), total=total))
    st.dataframe(frame, hide_index=True, height=HEIGHT_PX, alt=t("year.events", lang))
    tables.files(frame, "events", lang)
