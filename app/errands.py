"""Long work as a visitor sees it: begun by a button, followed with a bar, stopped, begun again."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import streamlit as st

from app import shell
from chainsim.errors import Lang, UserError
from chainsim.report.i18n import t
from chainsim.study.errands import Errand, Work, errands

TICK_S = 1.0


def answer(work: Work, ask: Hashable, lang: Lang, key: str, label: str) -> Any | None:
    """What `work` made of `ask`; None until it is there, with a button or its progress shown.

    Args:
        work: function of a module in `chainsim.study`.
        ask: what is asked; equal questions share one answer.
        lang: language.
        key: of the widgets.
        label: of the button that begins it.
    """
    errand = errands.known(work, ask)
    if errand is None or errand.state == "stopped":
        if st.button(label, key=f"{key}_start", type="primary"):
            _begin(work, ask, lang)
        return None
    if errand.under_way:
        st.fragment(_progress, run_every=TICK_S, key=f"{key}_progress")(errand, lang, key)
        return None
    if errand.state == "done":
        return errand.answer
    if errand.state == "wrong":
        shell.problems(UserError(errand.problems), lang)
        return None
    st.warning(t(f"errand.{errand.state}", lang))
    if st.button(t("errand.again", lang), key=f"{key}_again"):
        _begin(work, ask, lang)
    return None


def _begin(work: Work, ask: Hashable, lang: Lang) -> None:
    if errands.ask(work, ask).state == "full":
        st.warning(t("errand.full", lang))
        return
    st.rerun()


def _progress(errand: Errand, lang: Lang, key: str) -> None:
    if not errand.under_way:
        st.rerun()
    text = t(f"errand.{errand.state}", lang, done=errand.done, total=errand.total or "…")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(errand.done / errand.total if errand.total else 0.0, text)
        if st.button(t("errand.stop", lang), key=f"{key}_stop", type="tertiary"):
            errands.stop(errand)
            st.rerun()
