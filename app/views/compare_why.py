"""Why two of the schemes differ: the difference of an indicator, lever by lever; what turns it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app import charts, errands, state, tables
from chainsim.errors import Lang
from chainsim.report.explain_page import explain_page
from chainsim.report.i18n import t
from chainsim.report.page import HEADLINES, headline
from chainsim.report.waterfall import WAYS, explained_chart
from chainsim.study.levers import Scheme, overrides
from chainsim.study.result import RunResult
from chainsim.study.why import Why, WhyAsk, why

USUAL = "value.added_cny"


def show(
    results: tuple[RunResult, ...], schemes: list[Scheme], names: list[str], lang: Lang
) -> None:
    """Choose two and an indicator, start, draw."""
    st.header(t("compare.why", lang), anchor=False)
    st.caption(t("compare.why_lead", lang))
    places = list(range(len(names)))
    columns = st.columns([1, 1, 1.2])
    with columns[0]:
        first = _held("from", places, 0, lang, names)
    with columns[1]:
        second = _held("to", [p for p in places if p != first], 1 if first != 1 else 0, lang, names)
    with columns[2]:
        kpi = _kpi(results[first], lang)
    flips = st.toggle(t("compare.flips", lang), key="why_flips")
    ask = WhyAsk(
        first=_case(schemes[first]), second=_case(schemes[second]), kpi=kpi, flips=bool(flips)
    )
    found = errands.answer(why, ask, lang, "compare_why", t("compare.why_start", lang))
    if found is not None:
        _draw(found, (results[first], results[second]), (names[first], names[second]), lang)


def _case(scheme: Scheme) -> tuple[str, tuple[str, ...]]:
    return scheme.base, overrides(scheme)


def _held(name: str, options: list[int], default: int, lang: Lang, names: list[str]) -> int:
    session, key = state.session(), f"why_{name}_{lang}"
    asked = session.get(f"why_{name}_chosen", default)
    session[key] = asked if asked in options else options[0]

    def chosen() -> None:
        session[f"why_{name}_chosen"] = session[key]

    st.selectbox(
        t(f"compare.{name}", lang), options, format_func=names.__getitem__, key=key,
        on_change=chosen,
    )  # fmt: skip
    return int(session[key])


def _kpi(result: RunResult, lang: Lang) -> str:
    session, key = state.session(), f"why_kpi_{lang}"
    asked = session.get("why_kpi_chosen")
    session[key] = asked if asked in HEADLINES else USUAL

    def chosen() -> None:
        session["why_kpi_chosen"] = session[key]

    st.selectbox(
        t("why.kpi", lang), HEADLINES, format_func=lambda k: headline(result, k, lang), key=key,
        on_change=chosen,
    )  # fmt: skip
    return str(session[key])


def _draw(
    found: Why, results: tuple[RunResult, RunResult], names: tuple[str, str], lang: Lang
) -> None:
    parks: Any = tuple(r.park for r in results)
    way = st.segmented_control(
        t("compare.way", lang),
        WAYS,
        default=WAYS[0],
        format_func=lambda w: t(f"compare.{w}", lang),
        key=f"why_way_{lang}",
        required=True,
    )
    title = t("compare.why", lang)
    chart = explained_chart(found.explained, parks, names, str(way or WAYS[0]), lang)
    charts.show(charts.spec(chart), "compare_why", title, lang)
    page = explain_page(found.explained, *parks, found.flips, lang)
    tables.page(page, "compare_why", lang)
