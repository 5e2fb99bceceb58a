"""The first page: the shipped layouts beside each other, one of them in detail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from app import flow, kept, state, tables
from chainsim.errors import Lang, UserError
from chainsim.report.cards import Card
from chainsim.report.i18n import t
from chainsim.report.names import park_name, park_story
from chainsim.study.cache import shipped, steady_result
from chainsim.study.result import RunResult

LAYOUTS = ("xinzhou-base", "layout-dispersed", "layout-yuanping-hub", "layout-two-hubs")
TONES = {"pass": "green", "fail": "red", "warn": "orange", "cannot_judge": "gray"}


def show() -> None:
    """Draw the page."""
    lang = state.language()
    st.set_page_config(page_title=t("app.title", lang), layout="wide")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(t("app.title", lang), anchor=False)
        state.choose_language(lang)
    st.caption(t("app.subtitle", lang))
    with st.spinner(t("app.running", lang)):
        results = _results(lang)
    if results:
        _layouts(results, lang)


def _results(lang: Lang) -> tuple[RunResult, ...]:
    """Results of the layouts that can be computed; the others say why they cannot."""
    found = []
    for name in shipped(*LAYOUTS):
        try:
            found.append(steady_result(name))
        except UserError as exc:
            lines = "\n".join(tables.escaped(p.text(lang)) for p in exc.problems)
            st.error(f"{t('app.failed', lang)} {name}\n\n{lines}")
    return tuple(found)


def _layouts(results: tuple[RunResult, ...], lang: Lang) -> None:
    names = [r.park.id for r in results]
    chosen = state.choose_layout(names, [park_name(r.park, lang) for r in results], lang)
    result = results[names.index(chosen)]
    st.markdown(tables.escaped(park_story(result.park, lang)))
    _cards(kept.cards(result, results[0], lang), lang)
    if len(results) > 1:
        _compare(results, lang)
    _gas(result, lang)
    _policy(result, lang)
    _foot(result, lang)


def _cards(listed: Sequence[Card], lang: Lang) -> None:
    grid = st.grid(columns=6, min_column_width=165, gap="small")
    for card in listed:
        with grid.container(border=True, height="stretch", gap=None):
            st.metric(
                card.name,
                card.value,
                delta=card.change or None,
                delta_color="normal" if card.better == "up" else "inverse",
                help=f"{tables.escaped(card.full_name)}  \n{tables.escaped(card.formula)}",
            )
            if card.target:
                word = t(f"verdict.{card.verdict}", lang)
                colour = TONES.get(card.verdict, "gray")
                st.markdown(f":{colour}-badge[{word}] :small[{tables.escaped(card.target)}]")


def _gas(result: RunResult, lang: Lang) -> None:
    name = park_name(result.park, lang)
    st.header(t("app.gas", lang, name=name), anchor=False)
    st.caption(t("app.gas_note", lang))
    flow.show(kept.gas_diagram(result, lang), t("sankey.gas", lang, name=name), key="gas")
    with st.expander(t("app.balance", lang)):
        tables.show(kept.gas_table(result, lang))


def _policy(result: RunResult, lang: Lang) -> None:
    name = park_name(result.park, lang)
    st.header(t("app.policy", lang, name=name), anchor=False)
    summary, grid = kept.verdicts(result, lang)
    st.caption(f"{summary}  \n{t('app.policy_note', lang)}")
    tables.show(grid)


def _compare(results: tuple[RunResult, ...], lang: Lang) -> None:
    st.header(t("app.compare", lang), anchor=False)
    tables.show(kept.layouts(results, lang))
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(t("app.targets", lang), anchor=False)
        _chart(kept.targets(results, lang), "targets")
    with right:
        st.subheader(t("app.changes", lang), anchor=False)
        _chart(kept.changes(results, lang), "changes")


def _chart(spec: dict[str, Any], key: str) -> None:
    st.vega_lite_chart(spec, key=key, width="stretch", theme=None)


def _foot(result: RunResult, lang: Lang) -> None:
    st.header(t("app.assumptions", lang), anchor=False)
    lines = kept.assumptions(result, lang)
    st.markdown("\n".join(f"{i}. {tables.escaped(x)}" for i, x in enumerate(lines, 1)))
    manifest = result.manifest
    st.caption(
        t(
            "app.foot",
            lang,
            wall=f"{manifest.wall_s:.2f}",
            digest=manifest.scenario_digest[:8],
            library=manifest.library_digest[:8],
        )
    )
