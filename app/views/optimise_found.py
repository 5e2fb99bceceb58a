"""What a layout search found: the layouts as points, the chosen one in full, files to take away."""

from __future__ import annotations

import streamlit as st

from app import charts, shell, state, tables, takeaway
from app.tables import escaped
from chainsim.errors import Lang
from chainsim.report import layout_page as page
from chainsim.report.candidates_page import measure_names
from chainsim.report.downloads import zip_bytes
from chainsim.report.front_chart import PICK, front_chart
from chainsim.report.i18n import t
from chainsim.report.layout_tables import layout_table
from chainsim.study.drafts import keep_draft, read_draft
from chainsim.study.layout.layouts import Layout
from chainsim.study.levers import Scheme
from chainsim.study.optimise import Optimised

TUNED = "tuned"
AGAINST = ("carbon", "energy_b", "energy_a", "capex")
"""Measures of every layout that the picture offers besides those of its fronts."""


def layouts(found: Optimised, lang: Lang) -> Layout:
    """All layouts as points and the chosen one as tables; returns it."""
    known = {layout.name: layout for layout in found.all_layouts}
    session = state.session()
    if session.get("optimise_layout") not in known:
        session["optimise_layout"] = found.layouts[0].name
    measure = _measure(found, lang)
    title = t("optimise.layouts", lang)
    st.subheader(title, anchor=False)
    st.caption(t("optimise.click", lang))
    spec = charts.spec(front_chart(found, measure, session["optimise_layout"], lang))
    assert spec is not None
    picked = charts.pick(spec, f"front_{measure}", title, PICK, lang)
    if picked in known and picked != session.get("optimise_picked"):
        session["optimise_picked"] = session["optimise_layout"] = picked
        st.rerun()
    chosen = known[_choose(known, lang)]
    left, right = st.columns([1.6, 1], gap="medium")
    with left:
        tables.section(page.plan_section(found, chosen, lang), "plan", lang)
    with right:
        tables.section(page.brings_section(found, chosen, lang), "brings", lang)
    return chosen


def _measure(found: Optimised, lang: Lang) -> str:
    fronts = [m for front in found.fronts for m in front.split("+")]
    options = tuple(dict.fromkeys((*fronts, *AGAINST)))
    names = measure_names(options, lang)
    session, key = state.session(), f"optimise_measure_{lang}"
    asked = session.get("optimise_measure")
    session[key] = asked if asked in options else options[0]

    def chosen() -> None:
        session["optimise_measure"] = session[key]

    st.segmented_control(
        t("optimise.against", lang), options, format_func=names.__getitem__, key=key,
        required=True, on_change=chosen, wrap=True,
    )  # fmt: skip
    return str(session[key])


def _choose(known: dict[str, Layout], lang: Lang) -> str:
    session, key = state.session(), f"optimise_layout_{lang}"
    session[key] = session["optimise_layout"]

    def chosen() -> None:
        session["optimise_layout"] = session[key]

    st.selectbox(
        t("optimise.layout", lang), list(known), key=key, on_change=chosen,
        format_func=lambda name: page.layout_name(name, lang),
    )  # fmt: skip
    return str(session[key])


def take(found: Optimised, chosen: Layout, lang: Lang) -> None:
    """Open the chosen layout as a scenario, or take the files away."""
    text = found.texts[chosen.name]
    record = found.file.record.id
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(t("optimise.open", lang), key="optimise_open", type="primary"):
            _open(text, chosen.name, lang)
        st.download_button(
            t("optimise.take_one", lang), text, file_name=f"{record}-{chosen.name}.yaml",
            mime="application/yaml", key="optimise_yaml", on_click="ignore",
        )  # fmt: skip
        takeaway.button(
            t("optimise.take_all", lang),
            lambda: zip_bytes({f"{k}.yaml": v for k, v in found.texts.items()}),
            file_name=f"{record}.zip", mime="application/zip", key="optimise_zip",
        )  # fmt: skip


def take_tuned(found: Optimised, lang: Lang) -> None:
    """Open the tuned layout as a scenario, or take its file away."""
    text = found.texts[TUNED]
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(t("optimise.open_tuned", lang), key="optimise_open_tuned", type="primary"):
            _open(text, TUNED, lang)
        st.download_button(
            t("optimise.take_one", lang), text, file_name=f"{found.file.record.id}-{TUNED}.yaml",
            mime="application/yaml", key="optimise_tuned_yaml", on_click="ignore",
        )  # fmt: skip


def _open(text: str, name: str, lang: Lang) -> None:
    draft = keep_draft(read_draft(text.encode(), f"{name}.yaml"))
    state.history().move(Scheme(base=draft))
    shell.go("scheme", lang)


def details(found: Optimised, lang: Lang) -> None:
    """Limits, other sitings, fronts, effort."""
    parts = {
        "limits": page.limits_section(found, lang),
        "others": page.others_section(found, lang),
        **{f"front_{m}": page.front_section(found, m, lang) for m in found.fronts},
        "effort": page.effort_section(found, lang),
    }
    for key, part in parts.items():
        if part is not None:
            tables.section(part, f"optimise_{key}", lang, folded=key == "effort")
    st.caption(escaped(t("optimise.all_plants", lang)))
    tables.files(layout_table(found.all_layouts), "optimise_plants", lang)
