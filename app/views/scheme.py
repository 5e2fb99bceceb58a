"""The main page: levers on the left, the strip of figures on top, views of the scheme beside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from app import background, kept, reports, room_bar, seat, share, shell, state, strip
from app.tables import escaped
from app.views import scheme_best, scheme_views
from chainsim.errors import Lang, UserError
from chainsim.report.cards import Card
from chainsim.report.cards import strip as make_strip
from chainsim.report.finance_charts import price_set_name
from chainsim.report.i18n import t
from chainsim.report.lever_views import LeverView, lever_views
from chainsim.report.names import park_story
from chainsim.report.page import STRIP
from chainsim.report.presets import every_preset, preset_name
from chainsim.study.cache import others_first
from chainsim.study.headlines import Headlines
from chainsim.study.levers import GROUPS, Scheme, price_sets
from chainsim.study.result import RunResult
from chainsim.study.schemes import scheme_headlines, scheme_result

VIEWS = ("mass", "network", "map", "gas", "months", "energy", "money", "policy", "risk", "why",
         "best")  # fmt: skip


def show(lang: Lang) -> None:
    """Draw the page: the figures first, which are there before the rest of the run."""
    share.lost(lang)
    found = room_bar.show(lang)
    history = state.history()
    base = scheme_result(Scheme(base=history.scheme.base))
    buttons = _head(history, base, lang)
    figures, shown = _figures(history, lang)
    _strip(figures, shown, base, lang)
    with buttons:
        reports.button(shown, "scheme", lang)
    background.follow(shown, lang, key="scheme")
    others_first()
    with st.container(key="body"):
        left, right = st.columns([1, 2.75], gap="medium")
    with left:
        _jump("levers", "views", t("scheme.to_views", lang))
        with st.container(key="levers"):
            _levers(history.scheme, base, seat.held(found), lang)
    with right:
        _jump("views", "levers", t("scheme.to_levers", lang))
        _views(scheme_result(shown), base, shown, lang)


def _jump(here: str, there: str, text: str) -> None:
    """Where the pictures stand above the levers, a way from the ones to the others."""
    with st.container(key=f"at_{here}"):
        st.subheader(f"[{text}](#{there})", anchor=here)


def _strip(figures: Headlines, shown: Scheme, base: RunResult, lang: Lang) -> None:
    job = background.finished(shown)

    def make() -> tuple[Card, ...]:
        band = None if job is None else job.band()
        return make_strip(figures, base if shown.changed else None, lang, band)

    runs = 0 if job is None else job.done
    strip.show(kept.made("strip", (figures, base), lang, make, runs), lang)


def _figures(history: state.History, lang: Lang) -> tuple[Headlines, Scheme]:
    """The scheme's figures; where there are none, the problems and the last that had some."""
    try:
        return scheme_headlines(history.scheme, STRIP), history.scheme
    except UserError as exc:
        shell.problems(exc, lang)
        st.info(t("app.kept_before", lang))
    for scheme in reversed(history.steps[: history.at]):
        try:
            return scheme_headlines(scheme, STRIP), scheme
        except UserError:
            continue
    fallback = Scheme(base=state.BASE)
    return scheme_headlines(fallback, STRIP), fallback


def _head(history: state.History, base: RunResult, lang: Lang) -> Any:
    """What is above the figures; returns the place for more buttons."""
    left, middle, right = st.columns([1.5, 1.1, 2.2], vertical_alignment="bottom", gap="small")
    with left:
        _choose_base(history, lang)
    with middle:
        _choose_prices(history, base, lang)
    with right:
        buttons = _buttons(history, lang)
    if not state.projector():
        st.caption(escaped(park_story(base.park, lang)))
    return buttons


def _choose_base(history: state.History, lang: Lang) -> None:
    names = tuple(dict.fromkeys((*every_preset(), history.scheme.base)))
    key = f"base_{lang}"

    def chosen() -> None:
        history.move(Scheme(base=state.session()[key]))

    state.session()[key] = history.scheme.base
    st.selectbox(
        t("scheme.base", lang),
        names,
        format_func=lambda name: preset_name(name, lang),
        key=key,
        on_change=chosen,
    )


def _choose_prices(history: state.History, base: RunResult, lang: Lang) -> None:
    key = f"prices_{lang}"

    def chosen() -> None:
        history.move(history.scheme.with_prices(state.session()[key]))

    state.session()[key] = history.scheme.prices
    st.selectbox(
        t("scheme.prices", lang),
        ("", *price_sets(history.scheme.base)),
        format_func=lambda name: price_set_name(base.park, name, lang),
        key=key,
        on_change=chosen,
    )


def _buttons(history: state.History, lang: Lang) -> Any:
    count = history.scheme.changed
    word = t("scheme.changed", lang, count=count) if count else t("scheme.unchanged", lang)
    place = st.container(horizontal=True, vertical_alignment="center", gap="small")
    with place:
        st.markdown(f":{'orange' if count else 'gray'}-badge[{word}]")
        st.button(t("scheme.undo", lang), key="undo", on_click=history.undo,
                  disabled=history.at == 0)  # fmt: skip
        st.button(t("scheme.redo", lang), key="redo", on_click=history.redo,
                  disabled=history.at == len(history.steps) - 1)  # fmt: skip
        st.button(t("scheme.reset", lang), key="reset", on_click=history.reset,
                  disabled=not count)  # fmt: skip
        _keep(history, lang)
        share.button("scheme", lang)
    return place


def _keep(history: state.History, lang: Lang) -> None:
    with st.popover(t("scheme.keep", lang)):
        with st.form("keep", border=False, clear_on_submit=True):
            name = st.text_input(
                t("scheme.keep_name", lang), max_chars=state.NAME_CHARS, key="keep_name"
            )
            pressed = st.form_submit_button(t("scheme.keep_now", lang), type="primary")
        if pressed and not history.keep(name):
            st.error(t("scheme.kept_bad", lang))
        st.markdown(f"**{t('scheme.kept', lang)}**")
        if not history.kept:
            st.caption(t("scheme.kept_none", lang))
        for index, (kept_name, scheme) in enumerate(history.kept.items()):
            st.button(escaped(kept_name), key=f"kept_{index}", on_click=history.move,
                      args=(scheme,), width="stretch")  # fmt: skip


def _levers(scheme: Scheme, base: RunResult, held: frozenset[str], lang: Lang) -> None:
    views = lever_views(scheme, base, lang)
    for group in GROUPS:
        inside = [v for v in views if v.lever.group == group]
        if not inside:
            continue
        changed = sum(v.changed for v in inside)
        title = t(f"group.{group}", lang)
        if changed:
            title = f"{title} :orange-badge[{changed}]"
        with st.expander(title, expanded=True, key=f"group_{group}_{lang}"):
            for view in inside:
                _slider(view, view.lever.id in held, lang)


def _slider(view: LeverView, held: bool, lang: Lang) -> None:
    key = f"lever_{state.history().scheme.base}_{view.lever.id}_{lang}"

    def moved() -> None:
        history = state.history()
        history.move(view.moved(history.scheme, float(state.session()[key])))

    state.show(key, view.value)
    mark = "● " if view.changed else ""
    st.slider(
        f"{mark}{escaped(view.name)} ({escaped(view.unit)})",
        min_value=view.low,
        max_value=view.high,
        step=view.step,
        format="%g" if view.step < 1 or view.value % 1 else "%.0f",
        key=key,
        help=escaped(t("room.held", lang) if held else view.help),
        disabled=held,
        on_change=moved,
    )


def chosen_view(name: str, options: Sequence[str], lang: Lang, section: str) -> str:
    """A switch between views whose choice outlives language and page; returns the chosen one."""
    session: Any = state.session()
    key = f"{name}_{lang}"

    def chosen() -> None:
        session[f"{name}_chosen"] = session[key]

    asked = session.get(f"{name}_chosen")
    session[key] = asked if asked in options else options[0]
    st.segmented_control(
        t("scheme.view", lang),
        options,
        format_func=lambda option: t(f"{section}.{option}", lang),
        key=key,
        label_visibility="collapsed",
        required=True,
        on_change=chosen,
        wrap=True,
    )
    return str(session[key] or options[0])


def _views(result: RunResult, base: RunResult, scheme: Scheme, lang: Lang) -> None:
    options = VIEWS if result.kpis["id"].eq("cog.make_nm3").any() else tuple(
        v for v in VIEWS if v not in ("gas", "months")
    )  # fmt: skip
    view = chosen_view("view", options, lang, "view")
    draw = scheme_best.show if view == "best" else getattr(scheme_views, view)
    draw(result, base, scheme, lang)
    manifest = result.manifest
    st.caption(
        t(
            "app.foot",
            lang,
            digest=manifest.scenario_digest[:8],
            library=manifest.library_digest[:8],
        )
    )
