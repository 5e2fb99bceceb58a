"""The investor's page: indicators, cash flow, sensitivity, price sets, statements, feeds."""

from __future__ import annotations

from collections import OrderedDict

import pandas as pd
import streamlit as st

from app import charts, kept, reports, share, state, tables
from app.tables import escaped
from app.views import invest_odds
from app.views.scheme import chosen_view
from chainsim.errors import Lang
from chainsim.report import finance_charts as drawn
from chainsim.report.finance_page import appraisal_page, convention_lines, line_section
from chainsim.report.finance_tables import ALL_TABLES, finance_table, table_note, table_title
from chainsim.report.i18n import t
from chainsim.report.numbers import NOTHING, fmt
from chainsim.report.presets import preset_name, presets
from chainsim.study.appraise import Appraised
from chainsim.study.levers import Scheme
from chainsim.study.price_cases import appraised, price_cases

VIEWS = ("cash", "sensitivity", "odds", "price_cases", "statements", "feed", "basis")
NOW = "now"
CAPACITY = 64
SHOWN_DIGITS = 1
"""Decimals of 10^4 CNY on the page; the files have them all."""
_appraised: OrderedDict[Scheme, Appraised] = OrderedDict()


def show(lang: Lang) -> None:
    """Draw the page."""
    share.lost(lang)
    st.title(t("invest.title", lang), anchor=False)
    scheme = _choose(lang)
    with st.spinner(t("app.running", lang)):
        found = _appraise(scheme)
    page = appraisal_page(found, lang)
    if not state.projector():
        st.caption("  \n".join(escaped(line) for line in page.lead.split("\n")))
    _cards(found, lang)
    for problem in found.problems:
        st.warning(escaped(problem.message(lang)))
    view = chosen_view("invest_view", VIEWS, lang, "invest")
    _DRAW[view](found, scheme, lang)


def _appraise(scheme: Scheme) -> Appraised:
    found = _appraised.get(scheme)
    if found is None:
        found = _appraised[scheme] = appraised(scheme)
        while len(_appraised) > CAPACITY:
            _appraised.popitem(last=False)
    return found


def _choose(lang: Lang) -> Scheme:
    """An investor's scenario, or what the current scheme still has to build."""
    session = state.session()
    options = (*presets("investor"), NOW)
    key = f"project_{lang}"
    asked = session.get("project_chosen")
    session[key] = asked if asked in options else options[0]

    def chosen() -> None:
        session["project_chosen"] = session[key]

    left, right = st.columns([3, 1.4], vertical_alignment="bottom")
    with left:
        st.selectbox(
            t("invest.project", lang),
            options,
            format_func=lambda name: t("invest.now", lang) if name == NOW
            else preset_name(name, lang),
            key=key,
            on_change=chosen,
        )  # fmt: skip
    name = str(session[key])
    scheme = state.history().scheme if name == NOW else Scheme(base=name)
    with right, st.container(horizontal=True):
        reports.button(scheme, "invest", lang)
        share.button("invest", lang)
    return scheme


def _cards(found: Appraised, lang: Lang) -> None:
    grid = st.grid(columns=6, min_column_width=150, gap="small")
    for name, value in drawn.indicator_cards(found.appraisal, lang):
        with grid.container(border=True, height="stretch"):
            st.metric(name, value)


def _cash(found: Appraised, scheme: Scheme, lang: Lang) -> None:
    st.subheader(t("invest.cash", lang), anchor=False)
    spec = charts.spec(drawn.cash_chart(found.appraisal, lang))
    charts.show(spec, "cash", t("invest.cash", lang), lang)
    page = appraisal_page(found, lang)
    tables.section(page.sections[0], "indicators", lang)


def _sensitivity(found: Appraised, scheme: Scheme, lang: Lang) -> None:
    grid = charts.pair()
    with grid.container():
        st.subheader(t("invest.tornado", lang), anchor=False)
        charts.show(charts.spec(drawn.tornado_chart(found.appraisal, lang)), "tornado",
                    t("invest.tornado", lang), lang)  # fmt: skip
    with grid.container():
        st.subheader(t("invest.spider", lang), anchor=False)
        charts.show(charts.spec(drawn.spider_chart(found.appraisal, lang)), "spider",
                    t("invest.spider", lang), lang)  # fmt: skip
    st.caption(t("invest.hurdle_rule", lang))
    _statement(found, "sensitivity", lang)


def _price_cases(found: Appraised, scheme: Scheme, lang: Lang) -> None:
    assert found.result is not None
    hurdle = found.appraisal.project.hurdle
    st.caption(escaped(t("invest.price_note", lang, hurdle=fmt(hurdle, "ratio", lang))))
    with st.spinner(t("app.running", lang)):
        frame = kept.made("prices", found.result, "zh", lambda: price_cases(scheme))
    grid = drawn.price_case_grid(frame, found.result.park, hurdle, lang)
    tables.with_files(grid, "price_sets", lang)


def _statements(found: Appraised, scheme: Scheme, lang: Lang) -> None:
    key = st.selectbox(
        t("invest.statement", lang),
        ALL_TABLES,
        format_func=lambda k: table_title(k, lang),
        key=f"statement_{lang}",
    )
    _statement(found, key, lang)


def _statement(found: Appraised, key: str, lang: Lang) -> None:
    frame = finance_table(found.appraisal, key, lang)
    form = "%.2f" if key == "sensitivity" else "localized"
    config = {c: st.column_config.NumberColumn(format=form) for c in frame.columns[1:]
              if pd.api.types.is_numeric_dtype(frame[c])}  # fmt: skip
    st.caption(table_note(key, lang))
    st.dataframe(
        frame if key == "sensitivity" else frame.round(SHOWN_DIGITS),
        hide_index=True,
        column_config=config,
        placeholder=NOTHING,
        alt=table_title(key, lang),
    )
    tables.files(frame, f"statement_{key}", lang)


def _feed(found: Appraised, scheme: Scheme, lang: Lang) -> None:
    tables.section(line_section(found.appraisal, lang), "lines", lang)


def _basis(found: Appraised, scheme: Scheme, lang: Lang) -> None:
    st.markdown("\n".join(f"- {escaped(x)}" for x in convention_lines(found.appraisal, lang)))
    tables.section(appraisal_page(found, lang).sections[-1], "terms", lang)


_DRAW = {
    "cash": _cash,
    "sensitivity": _sensitivity,
    "odds": invest_odds.show,
    "price_cases": _price_cases,
    "statements": _statements,
    "feed": _feed,
    "basis": _basis,
}
