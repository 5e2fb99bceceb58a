"""The report of a scheme as a file to take away, made when it is asked for."""

from __future__ import annotations

import streamlit as st

from app import takeaway
from app.tables import XLSX
from chainsim.errors import Lang
from chainsim.report.dossier import FORMS, Form, report_bytes
from chainsim.report.i18n import t
from chainsim.report.lever_views import changes
from chainsim.study.levers import Scheme
from chainsim.study.schemes import scheme_result

MIME = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xlsx": XLSX,
}


def button(scheme: Scheme, key: str, lang: Lang) -> None:
    """The report button of a page."""

    def make(form: Form) -> bytes:
        result = scheme_result(scheme)
        base = scheme_result(Scheme(base=scheme.base))
        return report_bytes(result, form, lang, changed=changes(scheme, base, lang))

    with st.popover(t("report.button", lang)):
        st.caption(t("report.holds", lang))
        for form in FORMS:
            takeaway.button(
                t(f"report.{form}", lang),
                lambda form=form: make(form),
                file_name=f"chainsim-{scheme.base}.{form}",
                mime=MIME[form],
                key=f"report_{key}_{form}",
                width="stretch",
            )
