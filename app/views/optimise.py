"""The best layout: what may be built, within which limits; what was found, tested, opened."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app import errands, share, state, tables
from app.views import optimise_form as form
from app.views import optimise_found as drawn
from chainsim.errors import Lang
from chainsim.report.i18n import t
from chainsim.report.layout_page import hindrance_page, tested_section, tuned_section
from chainsim.study.errands import errands as known
from chainsim.study.layout.asking import LayoutAsk, NoLayout, search_layouts
from chainsim.study.optimise import Optimised

REPS = (3, 5, 10)
"""Replications that a visitor may ask for."""
TUNE_REPS = (5, 10, 20)


def show(lang: Lang) -> None:
    """Draw the page."""
    share.lost(lang)
    st.title(t("optimise.title", lang), anchor=False)
    if not state.projector():
        st.caption(t("optimise.lead", lang))
    share.button("optimise", lang)
    left, right = st.columns([1, 1.9], gap="large")
    with left:
        ask = form.ask(lang)
    if ask is None:
        return
    with right:
        found = _answer(ask, lang)
        if isinstance(found, NoLayout):
            tables.page(hindrance_page(found.file, found, lang), "hindrances", lang)
        elif found is not None:
            _found(found, ask, lang)


def _answer(ask: LayoutAsk, lang: Lang) -> Optimised | NoLayout | None:
    """What was found for `ask`; while it is not asked yet, what was found before."""
    session = state.session()
    found = errands.answer(search_layouts, ask, lang, "optimise", t("optimise.start", lang))
    if found is not None:
        session["optimise_asked"] = ask
        return found  # type: ignore[no-any-return]
    before = session.get("optimise_asked")
    errand = None if before is None else known.known(search_layouts, before)
    if errand is None or errand.answer is None:
        if known.known(search_layouts, ask) is None:
            st.info(t("optimise.empty", lang))
        return None
    st.caption(t("optimise.before", lang))
    return errand.answer  # type: ignore[no-any-return]


def _found(found: Optimised, ask: LayoutAsk, lang: Lang) -> None:
    chosen = drawn.layouts(found, lang)
    drawn.take(found, chosen, lang)
    asked = state.session()["optimise_asked"]
    _test(asked, lang)
    _tune(asked, lang)
    drawn.details(found, lang)


def _test(ask: LayoutAsk, lang: Lang) -> None:
    """The best and its alternatives under failures, on demand."""
    st.subheader(t("optimise.test", lang), anchor=False)
    st.caption(t("optimise.test_lead", lang))
    effort = replace(ask.effort, front=(), reps=_count("reps", REPS, lang))
    tried = errands.answer(
        search_layouts, replace(ask, effort=effort), lang, "trial", t("optimise.test_start", lang)
    )
    if isinstance(tried, Optimised):
        section = tested_section(tried, lang)
        if section is not None:
            tables.section(section, "tested", lang)


def _tune(ask: LayoutAsk, lang: Lang) -> None:
    """Overhauls and buffers of the best layout, on demand."""
    st.subheader(t("optimise.tune", lang), anchor=False)
    st.caption(t("optimise.tune_lead", lang))
    effort = replace(ask.effort, front=(), tune=_count("tune_reps", TUNE_REPS, lang))
    tried = errands.answer(
        search_layouts, replace(ask, effort=effort), lang, "tuning", t("optimise.tune_start", lang)
    )
    if isinstance(tried, Optimised):
        section = tuned_section(tried, lang)
        if section is not None:
            tables.section(section, "tuned", lang)
            drawn.take_tuned(tried, lang)


def _count(name: str, options: tuple[int, ...], lang: Lang) -> int:
    """One of a few numbers of replications."""
    session, key = state.session(), f"optimise_{name}_{lang}"
    asked = session.get(f"optimise_{name}")
    session[key] = asked if asked in options else options[1]

    def chosen() -> None:
        session[f"optimise_{name}"] = session[key]

    st.segmented_control(
        t(f"optimise.{name}", lang), options, key=key, required=True, on_change=chosen
    )
    return int(session[key])
