"""Every figure with its source; why an indicator is what it is; what one figure moves."""

from __future__ import annotations

import streamlit as st

from app import kept, share, shell, state, tables
from app.tables import escaped
from app.views.scheme import chosen_view
from chainsim.errors import Lang, UserError
from chainsim.report import figures as found_in
from chainsim.report.assumptions import top_assumptions
from chainsim.report.i18n import t
from chainsim.report.library_page import census_text, trace_page
from chainsim.report.names import plain
from chainsim.report.page import comparison_grid
from chainsim.report.tables import comparison_table, kpi_table
from chainsim.study.result import RunResult
from chainsim.study.schemes import renamed, scheme_result, with_figure
from chainsim.study.traces import trace

GRADES = ("A", "B", "C")
VIEWS = ("search_tab", "why_tab", "assumed_tab")
LEAST_EFFECT = 1e-4
MOST_ROWS = 25
HEIGHT_PX = 420


def show(lang: Lang) -> None:
    """Draw the page."""
    share.lost(lang)
    st.title(t("figures.title", lang), anchor=False)
    result = scheme_result(state.history().scheme)
    st.caption(t("figures.lead", lang))
    st.caption(escaped(census_text(result.park.library, lang)))
    view = chosen_view("figures_view", VIEWS, lang, "figures")
    {"search_tab": _search, "why_tab": _why, "assumed_tab": _assumed}[view](result, lang)


def _search(result: RunResult, lang: Lang) -> None:
    library = result.park.library
    whole = kept.made("figures", result, lang, lambda: found_in.figure_table(library, lang))
    left, middle, right = st.columns([2.4, 1.6, 1], vertical_alignment="bottom")
    words = left.text_input(t("figures.search", lang), placeholder=t("figures.search_hint", lang),
                            key="figure_words", max_chars=80)  # fmt: skip
    kinds = middle.pills(t("figures.kind", lang), found_in.kinds(), selection_mode="multi",
                         format_func=lambda k: t(f"figures.{k}", lang),
                         key=f"figure_kinds_{lang}")  # fmt: skip
    grades = right.pills(t("figures.grades", lang), GRADES, selection_mode="multi",
                         key="figure_grades")  # fmt: skip
    rows = found_in.found_figures(whole, words or "", tuple(kinds or ()), tuple(grades or ()))
    st.caption(f"{t('figures.found', lang, count=len(rows), total=len(whole))} · "
               f"{t('figures.pick', lang)}")  # fmt: skip
    headings = found_in.shown_columns(lang)
    shown = rows[list(headings)].rename(columns=headings)
    event = st.dataframe(
        shown,
        hide_index=True,
        height=HEIGHT_PX,
        on_select="rerun",
        selection_mode="single-row",
        key=f"figure_rows_{lang}",
        alt=t("figures.title", lang),
    )
    tables.files(shown, "figures", lang)
    picked = event["selection"]["rows"]
    if picked and picked[0] < len(rows):
        _one(result, str(rows["path"].iloc[picked[0]]), lang)


def _one(result: RunResult, path: str, lang: Lang) -> None:
    """A figure with its source, and what another value would move."""
    figure = found_in.figure(result.park.library, path)
    with st.container(border=True):
        st.markdown(f"**{escaped(path)}**")
        lines = (*found_in.source_lines(result.park.library, figure), plain(figure.note))
        st.caption("  \n".join(escaped(line) for line in lines if line))
        left, right = st.columns([1, 1], vertical_alignment="bottom")
        value = left.number_input(
            f"{t('figures.try', lang)} ({escaped(found_in.unit_text(figure, lang))}, "
            f"{figure.low:g} … {figure.high:g})",
            value=float(figure.value),
            format="%g",
            key=f"try_{path}",
        )
        if right.button(t("figures.try_go", lang), key="try_go", type="primary"):
            _moved(result, path, float(value), lang)


def _moved(result: RunResult, path: str, value: float, lang: Lang) -> None:
    try:
        with st.spinner(t("app.running", lang)):
            after = with_figure(state.history().scheme, path, value)
    except UserError as exc:
        shell.problems(exc, lang)
        return
    pair = (result, renamed(after, "tried", t("figures.tried", lang)))
    frame = comparison_table(pair, lang)
    frame = frame[frame["effect"] > LEAST_EFFECT].head(MOST_ROWS)
    if frame.empty:
        st.info(t("figures.try_same", lang))
        return
    tables.with_files(comparison_grid(frame, pair, lang), "tried", lang)


def _why(result: RunResult, lang: Lang) -> None:
    """From an indicator to its sources."""
    st.caption(t("figures.why_lead", lang))
    frame = kpi_table(result, lang)
    names = dict(zip(frame["id"], frame["name"], strict=True))
    options = list(names)
    key = st.selectbox(
        t("why.kpi", lang),
        options,
        index=options.index("energy.coke_kgce_per_t") if "energy.coke_kgce_per_t" in names else 0,
        format_func=lambda k: f"{names[k]}  {k}",
        key=f"trace_{lang}",
    )
    page = kept.made(
        "trace", result, lang, lambda: trace_page(result.park, key, trace(result, key), lang), key
    )
    tables.page(page, f"trace_{key}", lang)


def _assumed(result: RunResult, lang: Lang) -> None:
    """What the scenario assumes, and the weakest figures behind it."""
    for assumption in result.park.assumptions:
        st.markdown(f"- {escaped(plain(assumption.zh if lang == 'zh' else assumption.en))}")
    st.subheader(t("app.assumptions", lang), anchor=False)
    lines = kept.made("assumptions", result, lang, lambda: top_assumptions(result, lang))
    st.markdown("\n".join(f"{i}. {escaped(x)}" for i, x in enumerate(lines, 1)))
