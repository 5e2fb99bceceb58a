"""Links that reopen exactly what is seen: the view is kept on the server under a short id."""

from __future__ import annotations

import streamlit as st

from app import state
from chainsim.errors import Lang
from chainsim.report.i18n import t
from chainsim.study.schemes import scheme_data, scheme_of
from chainsim.study.shares import load_view, save_view

_VIEWS = ("view", "compare_pain", "compare_runs", "invest_view", "project", "site", "unit")
"""Choices beside the scheme that a link reopens."""
SEARCH = ("optimise_source", "optimise_text", "optimise_layout", "optimise_measure")
"""What else a link reopens of the layout search; a file somebody brought only if it is small."""
_SIZES = range(1, 100_001)
_MOST_COMPARED = 8


def restore() -> str:
    """Take over the view of `?s=<id>` once; returns the page it was made on, or nothing.

    A language that the address names goes before that of the view.
    """
    key = st.query_params.get("s", "")
    session = state.session()
    if not key or session.get("restored") == key:
        return ""
    session["restored"] = key
    view = load_view(key)
    scheme = None if view is None else scheme_of(view.get("scheme"))
    if view is None or scheme is None:
        session["lost_share"] = key[:40]
        return ""
    history = state.History(steps=[scheme])
    for name, data in dict(view.get("kept", {})).items():
        kept = scheme_of(data)
        if kept is not None:
            history.kept[str(name)[: state.NAME_CHARS]] = kept
    session["history"] = history
    session["lang"] = str(st.query_params.get("lang") or view.get("lang", "zh"))
    st.query_params["lang"] = session["lang"]
    for name in _VIEWS:
        if isinstance(view.get(name), str):
            session[f"{name}_chosen"] = view[name]
    _restore_search(view.get("search"))
    compared = view.get("compared")
    if isinstance(compared, list):
        session["compared"] = [str(key) for key in compared[:_MOST_COMPARED]]
    return str(view.get("page", ""))


def _restore_search(search: object) -> None:
    """The question put to the layout search, and which layout was looked at."""
    if not isinstance(search, dict):
        return
    session = state.session()
    for name in SEARCH:
        if isinstance(search.get(name), str):
            session[name] = search[name]
    held = search.get(state.SEARCH)
    if isinstance(held, dict):
        session[state.SEARCH] = {str(k): dict(v) for k, v in held.items() if isinstance(v, dict)}


def button(page: str, lang: Lang) -> None:
    """The share button of a page."""
    with st.popover(t("scheme.share", lang)):
        if st.button(t("scheme.share_now", lang), type="primary", key=f"share_{page}"):
            st.query_params["s"] = save(page, lang)
        key = st.query_params.get("s")
        if key:
            st.caption(t("scheme.share_text", lang))
            address = str(st.context.url or "").split("?")[0]
            st.code(f"{address}?s={key}", language=None, wrap_lines=True)


def save(page: str, lang: Lang) -> str:
    """Keep the view; returns its id."""
    history, session = state.history(), state.session()
    view = {
        "page": page,
        "lang": lang,
        "scheme": scheme_data(history.scheme),
        "kept": {name: scheme_data(s) for name, s in history.kept.items()},
        **{n: session[f"{n}_chosen"] for n in _VIEWS if f"{n}_chosen" in session},
        "search": {
            **{n: session[n] for n in SEARCH if len(session.get(n) or "") in _SIZES},
            state.SEARCH: session.get(state.SEARCH, {}),
        },
        **({"compared": list(session["compared"])} if "compared" in session else {}),
    }
    key = save_view(view)
    session["restored"] = key
    return key


def lost(lang: Lang) -> None:
    """Say once that a link led nowhere."""
    key = state.session().pop("lost_share", None)
    if key:
        from app.tables import escaped

        st.warning(escaped(t("app.no_share", lang, share=key)))
