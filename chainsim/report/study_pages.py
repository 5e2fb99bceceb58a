"""Pages of studies: a sweep's summary, indices of sensitivity, an explanation, a second run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from chainsim.errors import Lang
from chainsim.library.uncertainty_records import UncertaintyRecord
from chainsim.park.model import Park
from chainsim.report.document import Grid, Page, Row, Section
from chainsim.report.drawn_section import drawn_section
from chainsim.report.i18n import listed, t
from chainsim.report.names import (
    kpi_name,
    park_name,
    plain,
    policy_name,
    subject_name,
)
from chainsim.report.numbers import NOTHING, DisplayUnit, display_unit, fmt, number, with_unit
from chainsim.report.page import HEADLINES
from chainsim.study.reproduce import Reproduced
from chainsim.study.sensitivity import Sensitivity
from chainsim.study.sweeps.parts import ranges
from chainsim.study.sweeps.summary import Summary
from chainsim.study.sweeps.sweep import Repaired

MOST_POINTS: Final = 12
MOST_FIGURES: Final = 30


def grid(
    headers: Sequence[str], rows: Sequence[Row], *, wide: int = 0, plain_columns: int = 1
) -> Grid:
    """A table whose first `plain_columns` are text, the others numbers."""
    return Grid(
        headers=tuple(headers),
        rows=tuple(rows),
        numeric=frozenset(range(plain_columns, len(headers))),
        wide=frozenset({wide}),
    )


def summary_page(summary: Summary, kpis: Sequence[str], lang: Lang) -> Page:
    """Quantiles of the KPIs, point by point, and the probabilities."""
    points = summary.points.to_dict("records")
    sections = [
        _quantiles(summary, {str(k): v for k, v in point.items()}, kpis, lang)
        for point in points[:MOST_POINTS]
    ]
    sections += [*_hurdle(summary, lang), *_verdicts(summary, lang)]
    drawn = (drawn_section(p, summary.drawn[p.id], lang) for p in summary.parks)
    sections += [section for section in drawn if section is not None]
    lead = t("study.runs", lang, done=f"{summary.done:,}", runs=f"{summary.runs:,}")
    if len(points) > MOST_POINTS:
        lead += t("study.more_points", lang, count=len(points), shown=MOST_POINTS)
    return Page(title=plain(summary.names[lang]), lead=lead, sections=tuple(sections))


def _quantiles(summary: Summary, point: dict[str, Any], kpis: Sequence[str], lang: Lang) -> Section:
    number_ = int(point["point"])
    found = summary.quantiles[summary.quantiles["point"] == number_].set_index("id")
    wanted = [k for k in (kpis or HEADLINES) if k in found.index] or list(found.index)
    park = _park(summary, str(point["scenario"]))
    rows = [_quantile_row(park, str(k), found.loc[k], lang) for k in wanted]
    headers = [t("page.indicator", lang), t("study.mean", lang), "5 %", "50 %", "95 %"]
    return Section(title=point_title(park, point, lang), grid=grid(headers, rows))


def _quantile_row(park: Park, key: str, found: Any, lang: Lang) -> Row:
    values = [float(found[c]) for c in ("mean", "q0.05", "q0.5", "q0.95")]
    unit = str(found["unit"])
    shown = display_unit([v for v in values if not math.isnan(v)] or 0.0, unit, lang)
    texts = [with_unit(number(v * shown.factor), shown.label) for v in values]
    return Row((kpi_name(park, key, lang), *texts))


def _park(summary: Summary, scenario: str) -> Park:
    return next((p for p in summary.parks if p.id == scenario), summary.parks[0])


def _title(summary: Summary, number_: int, lang: Lang) -> str:
    point = {str(k): v for k, v in summary.points.iloc[number_].items()}
    return point_title(_park(summary, str(point["scenario"])), point, lang)


def point_title(park: Park, point: dict[str, Any], lang: Lang) -> str:
    """Scenario and factor values of a point."""
    values = [
        f"{k} = {number(v, 4) if isinstance(v, float) else v}"
        for k, v in point.items()
        if k not in ("point", "scenario") and v != ""
    ]
    return plain(", ".join([park_name(park, lang), *values]))


def _hurdle(summary: Summary, lang: Lang) -> list[Section]:
    lines = [
        t(
            "study.hurdle_line",
            lang,
            point=_title(summary, int(row["point"]), lang),
            share=fmt(row["share"], "ratio", lang),
            low=fmt(row["low"], "ratio", lang),
            high=fmt(row["high"], "ratio", lang),
            n=row["n"],
        )
        for row in summary.below_hurdle.head(MOST_POINTS).to_dict("records")
    ]
    return [Section(title=t("study.hurdle", lang), lines=tuple(lines))] if lines else []


def _verdicts(summary: Summary, lang: Lang) -> list[Section]:
    """Clauses kept in some runs and not in others; those never kept by name, the others counted."""
    frame = summary.verdicts[summary.verdicts["point"] < MOST_POINTS]
    if frame.empty:
        return []
    park = summary.parks[0]
    by_clause = frame.groupby("id")["share"]
    never = [policy_name(park, str(k), lang) for k, v in by_clause.max().items() if v == 0.0]
    lines = [t("study.always", lang, count=int((by_clause.min() == 1.0).sum()))]
    if never:
        lines.append(t("study.never", lang, clauses=listed(never, lang)))
    doubt = frame[frame["share"].between(0.0, 1.0, inclusive="neither")]
    if doubt.empty:
        lines.append(t("study.nothing_in_doubt", lang))
        return [Section(title=t("study.verdicts", lang), lines=tuple(lines))]
    rows = [
        Row(
            (
                policy_name(park, str(r["id"]), lang),
                subject_name(park, str(r["subject"]), lang),
                _title(summary, int(r["point"]), lang),
                fmt(r["share"], "ratio", lang),
                f"{fmt(r['low'], 'ratio', lang)} … {fmt(r['high'], 'ratio', lang)}",
            )
        )
        for r in doubt.sort_values(["share", "id", "point"]).to_dict("records")
    ]
    keys = ("clause", "who", "point", "kept", "interval")
    headers = [t(f"study.{k}", lang) for k in keys]
    table = grid(headers, rows, plain_columns=3)
    return [Section(title=t("study.verdicts", lang), grid=table, lines=tuple(lines))]


def sensitivity_page(
    found: Sensitivity,
    park: Park,
    lang: Lang,
    *,
    drawn: UncertaintyRecord | None = None,
    spider: bool = False,
) -> Page:
    """One table a KPI: the factors, the strongest first; then what was drawn besides.

    Args:
        found: the indices.
        park: of the scenario.
        lang: language.
        drawn: what the runs drew, where the study itself says it.
        spider: also the curves behind the indices.
    """
    sobol = found.method == "sobol"
    keys = ("first", "total") if sobol else ("mu_star", "sigma")
    sections = []
    for kpi, frame in found.indices.items():
        unit = "ratio" if sobol else found.units[kpi]
        rows = []
        bars = found.tornado[found.tornado["kpi"] == kpi].set_index("factor")
        for r in frame.to_dict("records"):
            bar = bars.loc[r["factor"]]
            cells = [number(r[k]) if sobol else fmt(r[k], unit, lang) for k in keys]
            error = r.get("total_conf", r.get("mu_star_conf", math.nan))
            cells.append(number(error) if sobol else fmt(error, unit, lang))
            cells += [fmt(float(bar[c]), found.units[kpi], lang) for c in ("at_low", "at_high")]
            rows.append(Row((str(r["factor"]), *cells)))
        columns = ("factor", *keys, "error", "at_low", "at_high")
        headers = [t(f"study.{k}", lang) for k in columns]
        title = kpi_name(park, kpi, lang)
        sections.append(Section(title=title, grid=grid(headers, rows)))
        if spider:
            sections.append(_spider(found, kpi, list(frame["factor"]), title, lang))
    told = drawn_section(park, drawn or park.uncertainty, lang)
    sections += [] if told is None else [told]
    title = t(f"study.{found.method}", lang, name=park_name(park, lang))
    lead = t("study.index_note", lang, runs=f"{found.runs:,}")
    return Page(title=title, lead=lead, sections=tuple(sections))


def _spider(
    found: Sensitivity, kpi: str, factors: Sequence[str], title: str, lang: Lang
) -> Section:
    """A row per factor: the KPI with the factor in each fifth of its range."""
    lines = found.spider[found.spider["kpi"] == kpi]
    shares = sorted(set(lines["share"]))
    shown = display_unit(list(lines["value"]), found.units[kpi], lang)
    rows = []
    for factor in factors:
        line = lines[lines["factor"] == factor]
        known = dict(zip(line["share"], zip(line["at"], line["value"], strict=True), strict=True))
        cells = (_at(known.get(share), shown) for share in shares)
        rows.append(Row((factor, *cells)))
    headers = [t("study.factor", lang), *(fmt(share, "ratio", lang) for share in shares)]
    note = t("study.spider_note", lang, unit=shown.label or NOTHING)
    title = t("study.spider", lang, name=title)
    return Section(title=title, grid=grid(headers, rows), lines=(note,))


def _at(pair: tuple[float, float] | None, shown: DisplayUnit) -> str:
    """The KPI, and in brackets where the factor stands."""
    if pair is None:
        return NOTHING
    return f"{number(pair[1] * shown.factor)} ({number(pair[0])})"


def repair_page(found: Repaired, lang: Lang) -> Page:
    """What was removed and what has to run again."""
    lines = [t("study.removed", lang, chunks=", ".join(ranges(found.removed)) or NOTHING)]
    lines.append(
        t(
            "study.missing",
            lang,
            count=len(found.missing),
            chunks=found.chunks,
            numbers=", ".join(ranges(found.missing)) or NOTHING,
        )
    )
    if found.strange:
        lines.append(t("study.strange", lang, names=", ".join(found.strange)))
    if found.anew:
        lines.append(t("study.anew", lang, names=", ".join(found.anew)))
    if found.missing or found.anew:
        lines.append(t("study.resume", lang))
    return Page(
        title=t("study.repair", lang),
        sections=(Section(title=str(found.folder), lines=tuple(lines)),),
    )


def reproduce_page(found: Reproduced, lang: Lang) -> Page:
    """Whether the second run gave the same bytes, and what differs and why."""
    lead = t("study.same" if found.same else "study.not_same", lang, files=len(found.files))
    sections = _files_apart(found, lang)
    changed = (
        ("study.versions_changed", found.versions),
        ("study.figures_changed", found.figures),
    )
    for key, frame in changed:
        if len(frame):
            rows = [
                Row((str(r[frame.columns[0]]), _then(r["then"]), _then(r["now"])))
                for r in frame.head(MOST_FIGURES).to_dict("records")
            ]
            headers = [t(f"study.{k}", lang) for k in ("what", "then", "today")]
            title = t(key, lang, count=len(frame))
            sections.append(Section(title=title, grid=grid(headers, rows)))
    if len(found.drift):
        rows = [
            Row(
                (
                    str(r["id"]),
                    str(int(r["point"])),
                    fmt(float(r["then"]), str(r["unit"]), lang, 6),
                    fmt(float(r["now"]), str(r["unit"]), lang, 6),
                    f"{float(r['relative']):+.2g}",
                )
            )
            for r in found.drift.head(MOST_FIGURES).to_dict("records")
        ]
        headers = [t(f"study.{k}", lang) for k in ("what", "point", "then", "today", "change")]
        title = t("study.drift", lang, count=len(found.drift))
        sections.append(Section(title=title, grid=grid(headers, rows)))
    title = t("study.reproduce", lang, folder=str(found.folder))
    return Page(title=title, lead=lead, sections=tuple(sections))


def _files_apart(found: Reproduced, lang: Lang) -> list[Section]:
    """Files that differ, each with the largest relative difference of its figures."""
    if not len(found.files):
        return []
    rows = [
        Row((str(r["file"]), t(f"study.file_{r['change']}", lang), _share_apart(r["relative"])))
        for r in found.files.head(MOST_FIGURES).to_dict("records")
    ]
    headers = [t(f"study.{k}", lang) for k in ("file", "what_differs", "most_apart")]
    title = t("study.files_apart", lang, count=len(found.files))
    return [Section(title=title, grid=grid(headers, rows, plain_columns=2))]


def _share_apart(share: float) -> str:
    return f"{share:.2g}" if share > 0.0 else ""


def _then(value: Any) -> str:
    if isinstance(value, float):
        return number(value, 6)
    return str(value)[:40]
