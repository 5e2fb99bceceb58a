"""The first page: three doors, and preset cards with a story and one number."""

from __future__ import annotations

import streamlit as st

from app import kept, shell, state
from app.tables import escaped
from chainsim.errors import Lang, UserError
from chainsim.report.i18n import t
from chainsim.report.names import park_name, park_story
from chainsim.report.presets import one_number, presets
from chainsim.study.cache import known_result, shipped_park, steady_result
from chainsim.study.levers import Scheme

TICK_S = 0.3


def show(lang: Lang) -> None:
    """Draw the page."""
    st.title(t("home.title", lang), anchor=False)
    st.markdown(t("home.lead", lang))
    _doors(lang)
    st.header(t("home.presets", lang), anchor=False)
    _cards("planner", lang)
    if not state.projector():
        st.header(t("home.projects", lang), anchor=False)
        _cards("investor", lang)


def _doors(lang: Lang) -> None:
    grid = st.grid(columns=3, min_column_width=260, gap="small")
    for door, target in (("planner", "scheme"), ("investor", "invest"), ("workshop", "workshop")):
        with grid.container(border=True, height="stretch"):
            st.subheader(t(f"home.{door}", lang), anchor=False)
            st.markdown(t(f"home.{door}_text", lang))
            label = t(f"home.{door}_go", lang)
            if st.button(label, key=f"door_{door}", type="primary", width="stretch"):
                if door == "investor":
                    state.session()["project_chosen"] = presets("investor")[0]
                shell.go(target, lang)


def _cards(door: str, lang: Lang) -> None:
    """Preset cards; while numbers are missing one is computed at a time."""
    names = presets(door)
    missing = any(known_result(name) is None for name in names)
    st.fragment(_draw, run_every=TICK_S if missing else None, key=f"fragment_{door}")(
        door, names, missing, lang
    )


def _draw(door: str, names: tuple[str, ...], filling: bool, lang: Lang) -> None:
    _compute_one(names)
    if filling and all(known_result(name) is not None for name in names):
        st.rerun()
    grid = st.grid(columns=4, min_column_width=250, gap="small")
    for name in names:
        with grid.container(border=True, height="stretch"):
            _card(door, name, lang)


def _compute_one(names: tuple[str, ...]) -> None:
    for name in names:
        if known_result(name) is None:
            steady_result(name)
            return


def _card(door: str, name: str, lang: Lang) -> None:
    try:
        park = shipped_park(name)
    except UserError as exc:
        st.markdown(f"**{escaped(name)}**")
        shell.problems(exc, lang)
        return
    st.markdown(f"**{escaped(park_name(park, lang))}**")
    result = known_result(name)
    if result is None:
        st.markdown(f":gray[{t('home.waiting', lang)}]")
    else:
        label, value = kept.made("number", result, lang, lambda: one_number(result, door, lang))
        st.metric(label, value)
    st.caption(escaped(park_story(park, lang)))
    with st.container(height="stretch", vertical_alignment="bottom"):
        label = t("home.open", lang)
        if st.button(label, key=f"open_{name}", width="stretch", help=park_name(park, lang)):
            if door == "investor":
                state.session()["project_chosen"] = name
                shell.go("invest", lang)
            state.history().move(Scheme(base=name))
            shell.go("scheme", lang)
