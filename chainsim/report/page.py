"""The planner's pages: one run, a comparison, the verdicts. Text only; drawing is the caller's."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from chainsim.errors import Lang
from chainsim.report.assumptions import top_assumptions
from chainsim.report.document import Grid, Page, Row, Section, Tone
from chainsim.report.i18n import known, t
from chainsim.report.names import kpi_name, park_name, park_story
from chainsim.report.numbers import NOTHING, display_unit, fmt, number, signed, trimmed, with_unit
from chainsim.report.tables import (
    comparison_table,
    gas_balance,
    kpi_table,
    policy_table,
    product_table,
    side_by_side,
    targets,
)
from chainsim.study.result import RunResult

COMPARISONS: Final = {"<=": "≤", ">=": "≥", "==": "=", "<": "<", ">": ">"}
TONES: Final[dict[str, Tone]] = {
    "pass": "good",
    "fail": "bad",
    "warn": "warn",
    "cannot_judge": "quiet",
}
POLICY_DIGITS: Final = 4
LIMIT_DIGITS: Final = 5
_ROUNDING: Final = 1e-9
CITY: Final = "city"
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
KPI_SECTIONS: Final = (
    ("energy", ("energy.",)),
    ("carbon", ("carbon.",)),
    ("worth", ("value.", "finance.", "logistics.")),
    ("means", ("staff.", "water.", "reliability.", "evidence.")),
)


def run_page(result: RunResult, lang: Lang) -> Page:
    """Everything a planner asks of one run."""
    sections = [_products(result, lang), _gas(result, lang)]
    sections += [_kpis(result, key, prefixes, lang) for key, prefixes in KPI_SECTIONS]
    sections += [
        _verdicts(result, lang, brief=True),
        _assumptions(result, lang),
        _problems(result, lang),
        _cost(result, lang),
    ]
    return Page(
        title=park_name(result.park, lang),
        lead=park_story(result.park, lang),
        sections=tuple(s for s in sections if s is not None),
    )


def policy_page(result: RunResult, lang: Lang) -> Page:
    """All verdicts of one run."""
    section = _verdicts(result, lang, brief=False)
    nothing = Section(title=t("page.policy", lang), lines=(t("page.no_policy", lang),))
    return Page(title=park_name(result.park, lang), sections=(section or nothing,))


def compare_page(results: Sequence[RunResult], lang: Lang) -> Page:
    """KPIs of several runs beside the first, the largest relative change first."""
    frame = comparison_table(results, lang)
    moved = frame[frame["effect"] > 0]
    same = len(frame) - len(moved)
    names = [park_name(r.park, lang) for r in results]
    policy = [f"{n}: {verdict_summary(r, lang)}" for n, r in zip(names, results, strict=True)]
    return Page(
        title=t("page.compare", lang, names=" / ".join(names)),
        sections=(
            Section(
                title=t("page.differences", lang),
                grid=comparison_grid(moved, results, lang),
                lines=(t("page.unchanged", lang, count=same),) if same else (),
            ),
            Section(title=t("page.policy", lang), lines=tuple(policy)),
        ),
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


def headline(result: RunResult, key: str, lang: Lang) -> str:
    """Short name of a KPI that stands in a headline."""
    return known(f"headline.{key}", lang, kpi_name(result.park, key, lang))


def limit_text(row: Mapping[Any, Any], lang: Lang) -> str:
    """A limit with its sign and unit: `≤ 110 kgce/t`."""
    shown = display_unit([row["value"], row["limit"]], str(row["unit"]), lang)
    sign = COMPARISONS.get(str(row["comparison"]), "")
    bound = with_unit(trimmed(row["limit"] * shown.factor, LIMIT_DIGITS), shown.label)
    return f"{sign} {bound}"


def _products(result: RunResult, lang: Lang) -> Section | None:
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


def _kpis(result: RunResult, key: str, prefixes: Sequence[str], lang: Lang) -> Section | None:
    frame = kpi_table(result, lang, prefixes)
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
    headers = tuple(t(f"page.{k}", lang) for k in ("indicator", "value", "band"))
    return _section(key, lang, headers, rows, numeric={1})


def band_text(row: Mapping[Hashable, Any], lang: Lang) -> str:
    """`low … high` of a KPI row; empty where the band has no width."""
    if not row["low"] < row["high"]:
        return ""
    shown = display_unit([row["low"], row["high"]], str(row["unit"]), lang)
    low, high = (number(row[k] * shown.factor) for k in ("low", "high"))
    return f"{low} … {with_unit(high, shown.label)}"


def verdict_grid(frame: pd.DataFrame, lang: Lang) -> Grid:
    """Verdicts as text, what matters most to the left: narrow screens show that much."""
    keys = ("verdict", "check", "value", "limit", "margin")
    return Grid(
        headers=tuple(t(f"page.{k}", lang) for k in keys),
        rows=tuple(_verdict_row(r, lang) for r in frame.to_dict("records")),
        numeric=frozenset({2, 3, 4}),
        wide=frozenset({1}),
        toned=0,
    )


def _verdict_row(row: Mapping[Hashable, Any], lang: Lang) -> Row:
    """One verdict; unit and band stand with the value, whom it is about with the requirement."""
    shown = display_unit([row["value"], row["limit"]], str(row["unit"]), lang)
    value, limit, margin, band = (
        row[k] * shown.factor for k in ("value", "limit", "margin", "band")
    )
    tiny = _ROUNDING * abs(limit)
    sign = COMPARISONS.get(str(row["comparison"]), "")
    subject = "" if row["subject"] == CITY else t("page.about", lang, name=row["subject_name"])
    figure = "0" if abs(value) < tiny else number(value, POLICY_DIGITS)
    doubt = f" ±{number(band)}" if band else ""
    cells = (
        t(f"verdict.{row['verdict']}", lang),
        f"{row['name']}{subject}",
        with_unit(f"{figure}{doubt}", shown.label),
        NOTHING if math.isnan(limit) else f"{sign} {trimmed(limit, LIMIT_DIGITS)}",
        "0" if abs(margin) < tiny else number(margin),
    )
    return Row(cells, TONES.get(str(row["verdict"]), "plain"))


def _verdicts(result: RunResult, lang: Lang, *, brief: bool) -> Section | None:
    """The verdicts; `brief` names of each check below the city only the worst subject."""
    frame = policy_table(result, lang)
    if frame.empty:
        return None
    lines = [verdict_summary(result, lang)]
    if brief:
        frame = city_and_worst(frame, lang)
        lines.append(t("page.more_policy", lang))
    return Section(title=t("page.policy", lang), grid=verdict_grid(frame, lang), lines=tuple(lines))


def city_and_worst(frame: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Verdicts on the city, and of each other check that does not pass its worst subject.

    Where several subjects do not pass, their number stands behind the name of the worst.
    """
    kept = []
    for (_, level), group in frame.groupby(["id", "level"], sort=False):
        if level == CITY:
            kept.append(group)
            continue
        failing = group[group["verdict"].isin(["fail", "warn"])]
        if failing.empty:
            continue
        worst = failing.sort_values(["order", "margin"], kind="stable").head(1).copy()
        if len(failing) > 1:
            name = str(worst["subject_name"].iloc[0])
            worst["subject_name"] = t("page.worst_of", lang, name=name, count=len(failing))
        kept.append(worst)
    if not kept:
        return frame.head(0)
    return pd.concat(kept).sort_values(["order", "id"], kind="stable", ignore_index=True)


def verdict_worst_grid(result: RunResult, lang: Lang) -> Grid:
    """Every verdict on the city, and the worst of each other check that does not pass."""
    return verdict_grid(city_and_worst(policy_table(result, lang), lang), lang)


def verdict_summary(result: RunResult, lang: Lang) -> str:
    """How many checks pass, fail and so on, in words."""
    counts = result.policy["verdict"].value_counts()
    parts = [f"{t(f'verdict.{v}', lang)} {counts[v]}" for v in TONES if v in counts]
    return " · ".join(parts) or t("page.no_policy", lang)


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
