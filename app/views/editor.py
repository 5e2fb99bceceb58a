"""Editor (to come)."""

from __future__ import annotations

import streamlit as st

from chainsim.errors import Lang
from chainsim.report.i18n import t


def show(lang: Lang) -> None:
    """Draw the page."""
    st.title(t("editor.title", lang), anchor=False)
