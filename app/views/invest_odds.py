"""The project under uncertain prices and failures: asked for, followed, drawn."""

from __future__ import annotations

import streamlit as st

from app import charts, errands, state, tables
from chainsim.errors import Lang
from chainsim.report.i18n import t
from chainsim.report.names import kpi_name
from chainsim.report.project_risk_page import SHOWN, risk_chart, risk_sections
from chainsim.study.appraise import Appraised
from chainsim.study.levers import Scheme, overrides
from chainsim.study.project_risk import (
    FIRR,
    SCENARIO,
    ProjectRisk,
    RiskAsk,
    project_risk,
    says_what_is_drawn,
)

RUNS = (50, 100, 200)
ANCHORS = {"scenario": SCENARIO, "base": "base", "history": "history", "fixed": ""}


def show(found: Appraised, scheme: Scheme, lang: Lang) -> None:
    """Ask and draw."""
    st.caption(t("odds.lead", lang))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        runs = _one("runs", RUNS, lang)
        moved = overrides(scheme)
        written = says_what_is_drawn(scheme.base, moved)
        anchors = tuple(a for a in ANCHORS if a != SCENARIO or written)
        anchor = _one("anchor", anchors, lang, named=True)
        failures = coefficients = True
        if anchor != SCENARIO:
            failures = _switch("failures", lang, on=True)
            coefficients = _switch("coefficients", lang, on=False)
    ask = RiskAsk(
        case=(scheme.base, moved),
        runs=int(runs),
        anchor=ANCHORS[str(anchor)],
        failures=failures,
        coefficients=coefficients,
    )
    risk = errands.answer(project_risk, ask, lang, "odds", t("odds.start", lang))
    if risk is not None:
        _draw(risk, found.appraisal.project.hurdle, lang)


def _draw(risk: ProjectRisk, hurdle: float, lang: Lang) -> None:
    first, *others = risk_sections(risk, lang)
    tables.section(first, "odds_0", lang)
    for column, kpi in zip(st.columns(2, gap="large"), SHOWN, strict=True):
        with column:
            title = kpi_name(risk.park, kpi, lang)
            chart = risk_chart(risk, kpi, hurdle if kpi == FIRR else 0.0, lang)
            key = kpi.replace(".", "_")
            charts.show(charts.spec(chart), f"odds_{key}", title, lang)
    for index, section in enumerate(others, 1):
        tables.section(section, f"odds_{index}", lang)
    tables.files(risk.runs, "odds_runs", lang)


def _one(name: str, options: tuple[object, ...], lang: Lang, *, named: bool = False) -> object:
    session, key = state.session(), f"odds_{name}_{lang}"
    asked = session.get(f"odds_{name}_chosen")
    session[key] = asked if asked in options else options[0]

    def chosen() -> None:
        session[f"odds_{name}_chosen"] = session[key]

    st.segmented_control(
        t(f"odds.{name}", lang),
        options,
        format_func=lambda x: t(f"odds.{x}", lang) if named else str(x),
        key=key,
        required=True,
        on_change=chosen,
        wrap=True,
    )
    return session[key]


def _switch(name: str, lang: Lang, *, on: bool) -> bool:
    session, key = state.session(), f"odds_{name}_{lang}"
    session[key] = bool(session.get(f"odds_{name}_chosen", on))

    def chosen() -> None:
        session[f"odds_{name}_chosen"] = session[key]

    st.toggle(t(f"odds.{name}", lang), key=key, on_change=chosen)
    return bool(session[key])
