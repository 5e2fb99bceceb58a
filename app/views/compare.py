"""Two to four schemes side by side: differences, trade-offs, who is better and how surely."""

from __future__ import annotations

import streamlit as st

from app import charts, kept, share, shell, state, tables
from app.tables import escaped
from app.views import compare_why
from chainsim.errors import Lang, UserError
from chainsim.report import charts as drawn
from chainsim.report.compare_page import paired_sections
from chainsim.report.i18n import t
from chainsim.report.lever_views import changes
from chainsim.report.names import kpi_name
from chainsim.report.page import comparison_grid, layouts_grid
from chainsim.report.presets import every_preset, preset_name
from chainsim.report.tables import comparison_table
from chainsim.report.tradeoffs import PAINS, tradeoff_chart
from chainsim.study.background import Job, background
from chainsim.study.chances import paired_replications
from chainsim.study.compare import labels
from chainsim.study.levers import Scheme, overrides
from chainsim.study.result import RunResult
from chainsim.study.schemes import renamed, scheme_result

MOST = 4
DEFAULT = ("layout-dispersed", "layout-yuanping-hub", "layout-two-hubs")
CHANCE_KEYS = (
    "value.added_cny",
    "energy.coke_kgce_per_t",
    "carbon.direct_t",
    "cog.flared_share",
)
RUNS = ("8", "16", "32", "64")
"""Event runs of each scheme that a visitor may ask for."""
TICK_S = 1.0


def show(lang: Lang) -> None:
    """Draw the page."""
    share.lost(lang)
    st.title(t("compare.title", lang), anchor=False)
    options = _options(lang)
    chosen = _choose(options, lang)
    share.button("compare", lang)
    if len(chosen) < 2:
        st.info(t("compare.few", lang))
        return
    results, schemes, names = [], [], []
    with st.spinner(t("app.running", lang)):
        for key in chosen:
            name, scheme = options[key]
            try:
                found = scheme_result(scheme)
            except UserError as exc:
                shell.problems(exc, lang)
                continue
            results.append(renamed(found, key.replace(":", "-"), name))
            schemes.append(scheme)
            names.append(name)
    if len(results) > 1:
        _draw(tuple(results), schemes, names, lang)


def _options(lang: Lang) -> dict[str, tuple[str, Scheme]]:
    """Everything that can be compared: key -> (name, scheme)."""
    history = state.history()
    base = preset_name(history.scheme.base, lang)
    found = {"now": (f"{t('compare.now', lang)} ({base})", history.scheme)}
    found |= {f"kept:{name}": (name, scheme) for name, scheme in history.kept.items()}
    found |= {f"preset:{name}": (preset_name(name, lang), Scheme(base=name))
              for name in every_preset()}  # fmt: skip
    return found


def _choose(options: dict[str, tuple[str, Scheme]], lang: Lang) -> list[str]:
    session = state.session()
    key = f"compared_{lang}"

    def chosen() -> None:
        session["compared"] = list(session[key])

    default = ["now", *(f"kept:{name}" for name in state.history().kept)][:MOST]
    if len(default) == 1:
        default += [f"preset:{name}" for name in DEFAULT]
    asked = [k for k in session.get("compared", default) if k in options]
    session[key] = asked[:MOST]
    st.multiselect(
        t("compare.choose", lang),
        list(options),
        format_func=lambda k: options[k][0],
        key=key,
        max_selections=MOST,
        placeholder=t("app.choose", lang),
        select_all=False,
        on_change=chosen,
    )
    return list(session[key])


def _draw(
    results: tuple[RunResult, ...], schemes: list[Scheme], names: list[str], lang: Lang
) -> None:
    st.header(t("compare.headlines", lang), anchor=False)
    table = kept.made("layouts", results, lang, lambda: layouts_grid(results, lang))
    tables.with_files(table, "headlines", lang)
    _inputs(schemes, names, lang)
    grid = charts.pair()
    with grid.container():
        st.subheader(t("app.targets", lang), anchor=False)
        spec = kept.chart("targets", results, lang, lambda: drawn.target_chart(results, lang))
        charts.show(spec, "targets", t("app.targets", lang), lang)
    with grid.container():
        st.subheader(t("app.changes", lang), anchor=False)
        spec = kept.chart("changes", results, lang, lambda: drawn.change_chart(results, lang))
        charts.show(spec, "changes", t("app.changes", lang), lang)
    _tradeoff(results, names, lang)
    compare_why.show(results, schemes, names, lang)
    _chances(results, schemes, lang)
    with st.expander(t("compare.differences", lang)):
        table = kept.made("differences", results, lang, lambda: _differences(results, lang))
        tables.with_files(table, "differences", lang)


def _differences(results: tuple[RunResult, ...], lang: Lang):  # type: ignore[no-untyped-def]
    frame = comparison_table(results, lang)
    return comparison_grid(frame[frame["effect"] > 0], results, lang)


def _inputs(schemes: list[Scheme], names: list[str], lang: Lang) -> None:
    """What each scheme changed against its preset."""
    lines = []
    for name, scheme in zip(names, schemes, strict=True):
        base = scheme_result(Scheme(base=scheme.base))
        moved = changes(scheme, base, lang)
        if moved:
            lines.append(f"**{escaped(name)}**: {escaped(' · '.join(moved))}")
    if lines:
        st.markdown(f"{t('compare.inputs', lang)}  \n" + "  \n".join(lines))


def _tradeoff(results: tuple[RunResult, ...], names: list[str], lang: Lang) -> None:
    st.header(t("compare.tradeoff", lang), anchor=False)
    park = results[0].park
    key = f"compare_pain_{lang}"
    session = state.session()
    asked = session.get("compare_pain_chosen")
    session[key] = asked if asked in PAINS else PAINS[0]

    def chosen() -> None:
        session["compare_pain_chosen"] = session[key]

    st.segmented_control(
        t("compare.pain", lang),
        PAINS,
        format_func=lambda k: kpi_name(park, k, lang),
        key=key,
        required=True,
        on_change=chosen,
        wrap=True,
    )
    pain = str(session[key])
    spec = kept.chart(
        "tradeoff", results, lang, lambda: tradeoff_chart(results, names, pain, lang), pain
    )
    charts.show(spec, "tradeoff", t("compare.tradeoff", lang), lang)


def _chances(results: tuple[RunResult, ...], schemes: list[Scheme], lang: Lang) -> None:
    """Paired event runs: started on demand, followed by a fragment."""
    st.header(t("chance.title", lang), anchor=False)
    count = _count(lang)
    jobs = [background.known(s.base, overrides(s)) for s in schemes]
    found = [job for job in jobs if job is not None]
    there = len(found) == len(schemes) and all(job.has(count) for job in found)
    if not there and not (len(found) == len(schemes) and all(_coming(j, count) for j in found)):
        if not st.button(t("chance.start", lang), key="chances", type="primary"):
            return
        found = [background.ask(s.base, overrides(s), count) for s in schemes]
    if not there:
        st.fragment(_progress, run_every=TICK_S, key="chances_progress")(found, count, lang)
        return
    st.caption(t("chance.lead", lang, count=count))
    batches = [job.found[:count] for job in found]
    paired = paired_replications(batches, labels(results), CHANCE_KEYS)
    parks = [r.park for r in results]
    sections = paired_sections(paired, parks, CHANCE_KEYS, lang, whole=True)
    for index, section in enumerate(sections):
        tables.section(section, f"chances_{index}", lang)


def _coming(job: Job, count: int) -> bool:
    """Whether so many replications are there or on their way."""
    return job.has(count) or (job.running and job.total >= count)


def _count(lang: Lang) -> int:
    """How many replications of each scheme are compared."""
    session, key = state.session(), f"compare_runs_{lang}"
    asked = str(session.get("compare_runs_chosen", RUNS[0]))
    session[key] = asked if asked in RUNS else RUNS[0]

    def chosen() -> None:
        session["compare_runs_chosen"] = session[key]

    st.segmented_control(
        t("chance.count", lang), RUNS, key=key, required=True, on_change=chosen, wrap=True
    )
    return int(session[key])


def _progress(jobs: list[Job], count: int, lang: Lang) -> None:
    done, total = sum(min(job.done, count) for job in jobs), count * len(jobs)
    if not any(job.running and not job.has(count) for job in jobs):
        st.rerun()
    st.progress(done / total, t("risk.running", lang, done=done, total=total))
    if st.button(t("risk.cancel", lang), key="chances_cancel", type="tertiary"):
        for job in jobs:
            background.cancel(job)
        st.rerun()
