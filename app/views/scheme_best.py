"""The best use of a scheme's park: what limits are worth, and where the dispatch list loses."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import errands, state, tables
from chainsim.errors import Lang
from chainsim.report.best_page import best_sections, repair_page, worth_section
from chainsim.report.candidates_page import measure_names
from chainsim.report.i18n import t
from chainsim.study.best_use import LIMITS, OBJECTIVES, BestAsk, NoUse, best_use
from chainsim.study.levers import Scheme, overrides
from chainsim.study.result import RunResult


def show(result: RunResult, base: RunResult, scheme: Scheme, lang: Lang) -> None:
    """Ask and draw."""
    st.caption(t("best.lead", lang))
    names = measure_names(OBJECTIVES, lang)
    bound = {key: t(f"best.{key}", lang) for key in LIMITS}
    ask = BestAsk(
        name=scheme.base,
        overrides=overrides(scheme),
        objective=_held("objective", OBJECTIVES, names, lang),
        limits=_held("bound", LIMITS, bound, lang),
    )
    found = errands.answer(best_use, ask, lang, "best_use", t("best.start", lang))
    if found is None:
        return
    if isinstance(found, NoUse):
        tables.page(repair_page(result.park, found, lang), "repairs", lang)
        return
    first, *others = best_sections(result.park, found, lang)
    tables.section(first, "best_0", lang)
    worths = worth_section(result.park, found, lang)
    if worths is not None:
        tables.section(worths, "worths", lang)
    for index, part in enumerate(others, 1):
        tables.section(part, f"best_{index}", lang, folded=part.grid is not None)


def _held(name: str, options: Sequence[str], names: dict[str, str], lang: Lang) -> str:
    session, key = state.session(), f"best_{name}_{lang}"
    asked = session.get(f"best_{name}_chosen")
    session[key] = asked if asked in options else options[0]

    def chosen() -> None:
        session[f"best_{name}_chosen"] = session[key]

    st.segmented_control(
        t(f"best.{name}", lang), options, format_func=names.__getitem__, key=key,
        required=True, on_change=chosen, wrap=True,
    )  # fmt: skip
    return str(session[key])
