"""What the address says and the widgets show: language and layout. The address is the truth."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from chainsim.errors import Lang
from chainsim.report.i18n import LANGUAGES, as_lang, t


def language() -> Lang:
    """The language of the address (`?lang=en`), Chinese without one."""
    return as_lang(st.query_params.get("lang"))


def choose_language(lang: Lang) -> None:
    """The language switch; choosing writes the address."""

    def chosen() -> None:
        st.query_params["lang"] = st.session_state["language"]

    # A link with ?lang=en wins over what the widget held before.
    st.session_state["language"] = lang
    st.segmented_control(
        t("app.language", lang),
        LANGUAGES,
        format_func=lambda code: t(f"app.{code}", lang),
        key="language",
        label_visibility="collapsed",
        required=True,
        on_change=chosen,
    )


def choose_layout(names: Sequence[str], titles: Sequence[str], lang: Lang) -> str:
    """The layout switch, starting with the address's (`?layout=…`); returns the chosen id."""
    key = f"layout_{lang}"
    asked = st.query_params.get("layout", "")

    def chosen() -> None:
        st.query_params["layout"] = st.session_state[key]

    st.session_state[key] = asked if asked in names else names[0]
    choice = st.segmented_control(
        t("app.layout", lang),
        names,
        format_func=dict(zip(names, titles, strict=True)).__getitem__,
        key=key,
        label_visibility="collapsed",
        required=True,
        on_change=chosen,
        wrap=True,
    )
    return choice or names[0]
