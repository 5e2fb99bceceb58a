"""The planner's pages: one run, a comparison, the verdicts. Text only; drawing is the caller's."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from chainsim.errors import Lang
from chainsim.report.assumptions import top_assumptions
from chainsim.report.best_page import best_sections
from chainsim.report.document import Grid, Page, Row, Section
from chainsim.report.i18n import known, t
from chainsim.report.names import kpi_name, park_name, park_story
from chainsim.report.numbers import NOTHING, display_unit, fmt, number, signed, with_unit
from chainsim.report.tables import (
    gas_balance,
    kpi_table,
    product_table,
    side_by_side,
    targets,
)
from chainsim.report.trips import trip_grid
from chainsim.report.verdict_pages import limit_text, verdict_section
from chainsim.study.headlines import Headlines
from chainsim.study.result import RunResult

HEADLINES: Final = (
    "output.coke_t",
    "energy.coking_tce",
    "energy.coke_kgce_per_t",
    "energy.tce_per_wan_yuan",
    "value.added_cny",
    "carbon.direct_t",
    "output.hydrogen_t",
    "output.methanol_t",
    "output.lng_t",
    "output.nylon6_t",
    "cog.flared_share",
    "finance.capex_cny",
    "finance.firr",
    "finance.fnpv_cny",
)
"""The KPIs a planner keeps in sight."""
CLOSURE_ERROR: Final = "energy.closure_error_kgce_per_t"
COKE_ENERGY: Final = "energy.coke_kgce_per_t"
STRIP: Final = (
    "output.coke_t",
    "energy.coke_kgce_per_t",
    "energy.coking_tce",
    "value.added_cny",
    "carbon.direct_t",
    "cog.flared_share",
    "finance.firr",
    "finance.fnpv_cny",
)
"""The KPIs that stay in sight while levers move."""
KPI_SECTIONS: Final = {
    "energy": ("energy.",),
    "carbon": ("carbon.",),
    "worth": ("value.", "finance.", "logistics."),
    "nature": ("pollution.", "water.", "waste."),
    "means": ("staff.", "reliability.", "evidence."),
}
"""Section of a page -> beginnings of the ids of its KPIs."""


def run_page(result: RunResult, lang: Lang) -> Page:
    """Everything a planner asks of one run."""
    sections: list[Section | None] = []
    if result.optimum is not None:
        sections += best_sections(result.park, result.optimum, lang)
    sections += [product_section(result, lang), _gas(result, lang), _trips(result, lang)]
    sections += [kpi_section(result, key, lang) for key in KPI_SECTIONS]
    sections += [
        verdict_section(result, lang),
        _assumptions(result, lang),
        _problems(result, lang),
        _cost(result, lang),
    ]
    return Page(
        title=park_name(result.park, lang),
        lead=park_story(result.park, lang),
        sections=tuple(s for s in sections if s is not None),
    )


def comparison_grid(frame: pd.DataFrame, results: Sequence[RunResult], lang: Lang) -> Grid:
    """A comparison as text: the base's value, then value and relative change of each other."""
    others = range(1, len(results))
    headers = [t("page.indicator", lang), park_name(results[0].park, lang)]
    for i in others:
        headers += [park_name(results[i].park, lang), t("page.change", lang)]
    rows = []
    for row in frame.to_dict("records"):
        values = [row["base"], *(row[f"value_{i}"] for i in others)]
        shown = display_unit(values, str(row["unit"]), lang)
        texts = [with_unit(number(v * shown.factor), shown.label) for v in values]
        cells = [str(row["name"]), texts[0]]
        for i in others:
            cells += [texts[i], relative(row[f"relative_{i}"], row[f"difference_{i}"])]
        rows.append(Row(tuple(cells)))
    return Grid(
        headers=tuple(headers),
        rows=tuple(rows),
        numeric=frozenset(range(1, len(headers))),
        wide=frozenset({0}),
    )


def relative(share: float, difference: float) -> str:
    """A relative change as text; `=` where there is none."""
    if difference == 0:
        return "="
    if math.isnan(share):
        return "≠"
    return signed(share, "ratio", "en")


def layouts_grid(results: Sequence[RunResult], lang: Lang) -> Grid:
    """Headline KPIs of several results, one column each, with the limits that bear on them."""
    frame = side_by_side(results, HEADLINES, lang)
    limits = {row["kpi"]: row for r in results for row in targets(r).to_dict("records")}
    rows = []
    for key, found in frame.groupby("id", sort=False):
        shown = display_unit(list(found["value"]), str(found["unit"].iloc[0]), lang)
        by_park = dict(zip(found["scenario"], found["value"], strict=True))
        values = [by_park.get(r.park.id, math.nan) for r in results]
        texts = [with_unit(number(v * shown.factor), shown.label) for v in values]
        limit = limit_text(limits[key], lang) if key in limits else ""
        rows.append(Row((headline(results[0], str(key), lang), *texts, limit)))
    names = [park_name(r.park, lang) for r in results]
    return Grid(
        headers=(t("page.indicator", lang), *names, t("page.limit", lang)),
        rows=tuple(rows),
        numeric=frozenset(range(1, len(names) + 2)),
    )


def headline(result: RunResult | Headlines, key: str, lang: Lang) -> str:
    """Short name of a KPI that stands in a headline."""
    return known(f"headline.{key}", lang, kpi_name(result.park, key, lang))


def product_section(result: RunResult, lang: Lang) -> Section | None:
    """What was sold, at which price; None where nothing was."""
    frame = product_table(result, lang)
    rows = [
        Row(
            (
                r["name"],
                fmt(r["quantity"], r["unit"], lang),
                fmt(r["price_cny"], f"CNY/{r['unit']}", lang),
                fmt(r["value_cny"], "CNY", lang) if r["value_cny"] else NOTHING,
            )
        )
        for r in frame.to_dict("records")
        if r["quantity"]
    ]
    headers = tuple(t(f"page.{k}", lang) for k in ("product", "quantity", "price", "sales"))
    return _section("products", lang, headers, rows, numeric={1, 2, 3})


def gas_grid(result: RunResult, lang: Lang) -> Grid:
    """Sources and uses of coke-oven gas as text."""
    frame = gas_balance(result, lang)
    rows = [
        Row(
            (
                t(f"page.{r['side']}", lang),
                r["name"],
                fmt(r["quantity"], r["unit"], lang),
                fmt(r["share"], "ratio", lang),
            )
        )
        for r in frame.to_dict("records")
    ]
    headers = ("", t("page.end", lang), t("page.quantity", lang), t("page.share", lang))
    return Grid(headers=headers, rows=tuple(rows), numeric=frozenset({2, 3}), wide=frozenset({1}))


def _gas(result: RunResult, lang: Lang) -> Section | None:
    grid = gas_grid(result, lang)
    return Section(title=t("page.gas", lang), grid=grid) if grid.rows else None


def _trips(result: RunResult, lang: Lang) -> Section | None:
    grid = trip_grid(result, lang)
    return None if grid is None else Section(title=t("page.trips", lang), grid=grid)


def kpi_section(result: RunResult, key: str, lang: Lang) -> Section | None:
    """One of `KPI_SECTIONS` as a table; None where all its figures are zero."""
    frame = kpi_table(result, lang, KPI_SECTIONS[key])
    closure = result.kpis.loc[result.kpis["id"] == CLOSURE_ERROR, "value"]
    if not frame["value"].any():
        return None  # a park that knows no energy, carbon or staff says nothing about it
    rows = []
    for r in frame.to_dict("records"):
        span = band_text(r, lang)
        if r["id"] == COKE_ENERGY and not closure.empty:
            error = fmt(abs(float(closure.iloc[0])), str(r["unit"]), lang)
            span = "  ".join(x for x in (span, t("page.closing", lang, error=error)) if x)
        rows.append(Row((str(r["name"]), fmt(r["value"], str(r["unit"]), lang), span)))
    columns = 3 if any(row.cells[2] for row in rows) else 2
    rows = [Row(row.cells[:columns]) for row in rows]
    headers = tuple(t(f"page.{k}", lang) for k in ("indicator", "value", "band")[:columns])
    return _section(key, lang, headers, rows, numeric={1})


def band_text(row: Mapping[Hashable, Any], lang: Lang, *, beside: str = "") -> str:
    """`low … high` of a KPI row; empty where the band has no width.

    Args:
        row: the KPI.
        lang: language.
        beside: the value it stands below; a unit that both have is not said again.
    """
    if not row["low"] < row["high"]:
        return ""
    shown = display_unit([row["low"], row["high"]], str(row["unit"]), lang)
    low, high = (number(row[k] * shown.factor) for k in ("low", "high"))
    said = beside.endswith(f" {shown.label}")
    end = high if said else with_unit(high, shown.label)
    return f"≈ {end}" if low == high else f"{low} … {end}"


def _assumptions(result: RunResult, lang: Lang) -> Section | None:
    lines = [f"{i}. {text}" for i, text in enumerate(top_assumptions(result, lang), 1)]
    if not lines:
        return None
    return Section(title=t("page.assumptions", lang), lines=tuple(lines))


def _problems(result: RunResult, lang: Lang) -> Section | None:
    if not result.problems:
        return None
    lines = tuple(p.text(lang) for p in result.problems)
    return Section(title=t("page.problems", lang), lines=lines)


def _cost(result: RunResult, lang: Lang) -> Section:
    m = result.manifest
    line = t(
        "page.cost_line",
        lang,
        engine=t(f"engine.{m.engine}", lang),
        years=f"{m.years:g}",
        replications=m.replications,
        seed=m.seed,
        wall=number(m.wall_s),
        allocations=f"{m.allocations:,}",
        residual=f"{m.residual:.1e}",
    )
    return Section(title=t("page.cost", lang), lines=(line,))


def _section(
    key: str, lang: Lang, headers: tuple[str, ...], rows: list[Row], *, numeric: set[int]
) -> Section | None:
    if not rows:
        return None
    grid = Grid(headers=headers, rows=tuple(rows), numeric=frozenset(numeric), wide=frozenset({0}))
    return Section(title=t(f"page.{key}", lang), grid=grid)
