"""The views of a scheme, one function each, named as in the switch."""

from __future__ import annotations

import streamlit as st

from app import charts, kept, picture, state, tables
from app.background import finished
from app.tables import escaped
from chainsim.errors import Lang
from chainsim.report import network as net
from chainsim.report import verdict_pages
from chainsim.report.account_pages import accounts_page
from chainsim.report.assumptions import top_assumptions
from chainsim.report.cards import card_names
from chainsim.report.charts import margin_chart
from chainsim.report.i18n import t
from chainsim.report.months import gas_chart, seasons_grid
from chainsim.report.names import site_name
from chainsim.report.page import gas_grid, kpi_section, product_section
from chainsim.report.picture import picture_of
from chainsim.report.risk import KEYS, headline_cost, unreliability_grid
from chainsim.report.sankey import gas_sankey, park_sankey
from chainsim.report.site_map import site_map_svg
from chainsim.report.unit_page import unit_names, unit_page
from chainsim.report.waterfall import waterfall_chart
from chainsim.study.levers import Scheme
from chainsim.study.result import RunResult
from chainsim.study.schemes import perfect_result
from chainsim.study.steps import steps
from chainsim.study.unreliability import cost_of_outages

ENERGY_TABLES = ("energy", "unit_energy", "carbon", "water")
MONEY_TABLES = ("value", "places")


def mass(result: RunResult, base: RunResult, scheme: Scheme, lang: Lang) -> None:
    """Material flows by mass."""
    drawn = kept.made("mass", result, lang, lambda: picture_of(park_sankey(result, lang)))
    st.caption(t("app.mass_note", lang))
    picture.show(drawn, "mass", least=0.68)
    charts.picture_files(drawn, "mass", lang)


def gas(result: RunResult, base: RunResult, scheme: Scheme, lang: Lang) -> None:
    """Gases by heating value."""
    drawn = kept.made("gas", result, lang, lambda: picture_of(gas_sankey(result, lang)))
    st.caption(t("app.gas_note", lang))
    picture.show(drawn, "gas", least=0.68)
    charts.picture_files(drawn, "gas", lang)


def network(result: RunResult, base: RunResult, scheme: Scheme, lang: Lang) -> None:
    """Plants of a site, and the plant that was clicked."""
    session = state.session()
    sites = net.site_order(result.park)
    site = _site(result, sites, lang)
    drawn = kept.made(
        "network", result, lang, lambda: picture_of(net.network_svg(result, lang, site)), site
    )
    st.caption(t("network.note", lang))
    chosen = str(session.get("unit_chosen", ""))
    clicked = picture.show(
        drawn, f"network_{site}", live=("unit",), chosen=f"unit:{chosen}", least=0.68
    )
    charts.picture_files(drawn, "network", lang)
    if clicked and clicked != session.get("unit_clicked"):
        session["unit_clicked"] = clicked
        session["unit_chosen"] = clicked.split(":", 1)[1]
        st.rerun()
    _unit(result, lang)


def _site(result: RunResult, sites: tuple[str, ...], lang: Lang) -> str:
    session = state.session()
    key = f"site_{lang}"
    asked = session.get("site_chosen")
    session[key] = asked if asked in sites else sites[0]

    def chosen() -> None:
        session["site_chosen"] = session[key]

    st.segmented_control(
        t("network.site", lang),
        sites,
        format_func=lambda s: site_name(result.park, s, lang) if s else t("network.whole", lang),
        key=key,
        label_visibility="collapsed",
        required=True,
        on_change=chosen,
        wrap=True,
    )
    return str(session[key])


def _unit(result: RunResult, lang: Lang) -> None:
    """The plant chosen: balance, costs, sources."""
    session = state.session()
    names = unit_names(result, lang)
    options = list(names.index)
    key = f"unit_{result.park.id}_{lang}"
    asked = session.get("unit_chosen")
    session[key] = asked if asked in options else None

    def chosen() -> None:
        session["unit_chosen"] = session[key]

    st.selectbox(
        t("network.pick", lang),
        options,
        index=None,
        format_func=lambda u: str(names[u]),
        key=key,
        on_change=chosen,
        placeholder=t("network.pick", lang),
    )
    unit = session.get("unit_chosen")
    if unit not in options:
        return
    found = kept.made("unit", result, lang, lambda: unit_page(result, unit, lang), unit)
    with st.container(border=True):
        st.subheader(escaped(found.title), anchor=False)
        tables.page(found, f"unit_{unit}", lang, folded=(3,))


def map(result: RunResult, base: RunResult, scheme: Scheme, lang: Lang) -> None:
    """Sites and what runs between them."""
    drawn = kept.made("map", result, lang, lambda: picture_of(site_map_svg(result, lang)))
    st.caption(t("map.hint", lang))
    clicked = picture.show(drawn, "map", live=("site",))
    charts.picture_files(drawn, "map", lang)
    session = state.session()
    if clicked and clicked != session.get("site_clicked"):
        session["site_clicked"] = clicked
        session["site_chosen"] = clicked.split(":", 1)[1]
        session["view_chosen"] = "network"
        st.rerun()


def months(result: RunResult, base: RunResult, scheme: Scheme, lang: Lang) -> None:
    """The gas balance by month, winter beside summer, over the year."""
    st.subheader(t("gas.by_month", lang), anchor=False)
    spec = kept.chart("gas_months", result, lang, lambda: gas_chart(result, lang))
    charts.show(spec, "gas_months", t("gas.by_month", lang), lang)
    grid = kept.made("seasons", result, lang, lambda: (seasons_grid(result, lang),))[0]
    if grid is not None:
        st.subheader(t("gas.seasons", lang), anchor=False)
        tables.with_files(grid, "gas_seasons", lang)
    st.subheader(t("page.gas", lang), anchor=False)
    table = kept.made("gas_table", result, lang, lambda: gas_grid(result, lang))
    tables.with_files(table, "gas_balance", lang)


def energy(result: RunResult, base: RunResult, scheme: Scheme, lang: Lang) -> None:
    """Energy, carbon and water: indicators first, the books folded."""
    _sections(result, ("energy", "carbon", "nature"), lang)
    _books(result, ENERGY_TABLES, "books_energy", lang)


def money(result: RunResult, base: RunResult, scheme: Scheme, lang: Lang) -> None:
    """Products, value and finance."""
    products = kept.made("products", result, lang, lambda: (product_section(result, lang),))[0]
    if products is not None:
        tables.section(products, "products", lang)
    _sections(result, ("worth", "means"), lang)
    _books(result, MONEY_TABLES, "books_money", lang)


def _sections(result: RunResult, keys: tuple[str, ...], lang: Lang) -> None:
    for key in keys:
        section = kept.made("kpis", result, lang, lambda k=key: (kpi_section(result, k, lang),),
                            key)[0]  # fmt: skip
        if section is not None:
            tables.section(section, f"kpis_{key}", lang)


def _books(result: RunResult, names: tuple[str, ...], key: str, lang: Lang) -> None:
    page = kept.made(key, result, lang, lambda: accounts_page(result, lang, names))
    tables.page(page, key, lang, folded=tuple(range(len(page.sections))))


def policy(result: RunResult, base: RunResult, scheme: Scheme, lang: Lang) -> None:
    """Verdicts with limit and margin, one clause in full, the assumptions behind."""
    summary = verdict_pages.verdict_summary(result, lang)
    st.caption(f"{escaped(summary)}  \n{t('app.policy_note', lang)}")
    if result.policy.empty:
        return
    grid = kept.made(
        "verdicts", result, lang, lambda: verdict_pages.verdict_worst_grid(result, lang)
    )
    _clause(result, lang)
    tables.with_files(grid, "policy", lang)
    spec = kept.chart("margins", result, lang, lambda: margin_chart(result, lang))
    st.subheader(t("app.targets", lang), anchor=False)
    charts.show(spec, "margins", t("app.targets", lang), lang)
    st.subheader(t("app.assumptions", lang), anchor=False)
    lines = kept.made("assumptions", result, lang, lambda: top_assumptions(result, lang))
    st.markdown("\n".join(f"{i}. {escaped(x)}" for i, x in enumerate(lines, 1)))


def _clause(result: RunResult, lang: Lang) -> None:
    names = verdict_pages.clause_names(result, lang)
    key = st.selectbox(
        t("page.one_clause", lang),
        list(names),
        index=None,
        format_func=lambda k: f"{k} {names[k]}",
        key=f"clause_{lang}",
        placeholder=t("page.one_clause", lang),
    )
    if key is None:
        return
    page = kept.made(
        "clause", result, lang, lambda: verdict_pages.policy_page(result, lang, key=key), key
    )
    with st.container(border=True):
        tables.page(page, f"clause_{key}", lang)


def risk(result: RunResult, base: RunResult, scheme: Scheme, lang: Lang) -> None:
    """What unreliability costs, once the event runs are there."""
    job = finished(scheme)
    st.subheader(t("risk.title", lang), anchor=False)
    st.caption(t("risk.lead", lang, count="…" if job is None else job.done))
    if job is None:
        st.info(t("app.running", lang))
        return
    frame = cost_of_outages(perfect_result(scheme), result, job.band(), KEYS)
    sentence = headline_cost(frame, lang)
    if sentence:
        st.markdown(f"**{escaped(sentence)}**")
    tables.with_files(unreliability_grid(frame, result.park, lang), "unreliability", lang)


def why(result: RunResult, base: RunResult, scheme: Scheme, lang: Lang) -> None:
    """The difference from the preset, lever by lever."""
    st.subheader(t("why.title", lang), anchor=False)
    if not scheme.changed:
        st.info(t("why.nothing", lang))
        return
    st.caption(t("why.lead", lang))
    names = card_names(base, lang)
    key = st.selectbox(
        t("why.kpi", lang),
        list(names),
        index=list(names).index("value.added_cny") if "value.added_cny" in names else 0,
        format_func=names.__getitem__,
        key=f"why_{lang}",
    )
    with st.spinner(t("app.running", lang)):
        frame = steps(scheme, key)
    spec = kept.chart(
        "why", (base, result), lang, lambda: waterfall_chart(frame, names[key], lang), key
    )
    charts.show(spec, "why", t("why.title", lang), lang)
