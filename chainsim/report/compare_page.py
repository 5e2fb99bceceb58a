"""A comparison on one page: what differs, by how much, how surely, and what was changed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from chainsim.errors import Lang
from chainsim.park.model import Park
from chainsim.report.document import Grid, Page, Row, Section, Tone
from chainsim.report.i18n import t
from chainsim.report.names import component_name, kpi_name, park_name
from chainsim.report.numbers import NOTHING, display_unit, fmt, number, signed, with_unit
from chainsim.report.page import HEADLINES, comparison_grid
from chainsim.report.tables import comparison_table
from chainsim.report.verdict_pages import verdict_summary
from chainsim.study.compare import Comparison
from chainsim.study.paired import Paired
from chainsim.study.result import RunResult

MOST_INPUTS: Final = 40


def compare_page(found: Comparison, lang: Lang, kpis: Sequence[str] = ()) -> Page:
    """KPIs of several runs beside the base, the largest relative change first.

    Args:
        found: the comparison.
        lang: language.
        kpis: KPIs compared run by run; the headlines when left out.
    """
    results = found.results
    frame = comparison_table(results, lang)
    moved = frame[frame["effect"] > 0]
    same = len(frame) - len(moved)
    names = [park_name(r.park, lang) for r in results]
    policy = [f"{n}: {verdict_summary(r, lang)}" for n, r in zip(names, results, strict=True)]
    sections = [] if found.paired is None else paired_sections(found.paired, results, kpis, lang)
    sections.append(
        Section(
            title=t("page.differences", lang),
            grid=comparison_grid(moved, results, lang),
            lines=(t("page.unchanged", lang, count=same),) if same else (),
        )
    )
    sections.append(Section(title=t("page.policy", lang), lines=tuple(policy)))
    sections += [
        _inputs(table, results[0], result, lang)
        for table, result in zip(found.inputs.values(), results[1:], strict=True)
        if len(table)
    ]
    title = t("page.compare", lang, names=" / ".join(names))
    return Page(title=title, sections=tuple(sections))


def paired_sections(
    found: Paired, results: Sequence[RunResult], kpis: Sequence[str], lang: Lang
) -> list[Section]:
    """One table per scenario against the base, then who is best and what choosing wrong costs."""
    wanted = [k for k in (kpis or HEADLINES) if k in found.samples]
    names = dict(zip(found.names, (park_name(r.park, lang) for r in results), strict=True))
    park = results[0].park
    reps = next(iter(found.samples.values())).shape[1]
    note = t("study.paired_note", lang, base=names[found.base])
    title = t("study.paired", lang, reps=reps)
    return [
        Section(title=title, lines=(note,)),
        *(
            _against(found, name, names, park, wanted, lang)
            for name in found.names
            if name != found.base
        ),
        _regret(found, names, park, wanted, lang),
    ]


def _against(
    found: Paired,
    name: str,
    names: Mapping[str, str],
    park: Park,
    wanted: Sequence[str],
    lang: Lang,
) -> Section:
    """Differences of one scenario, those that stand out most from run to run first."""
    frame = found.differences
    frame = frame[
        (frame["scenario"] == name) & frame["id"].isin(wanted) & frame["difference"].ne(0)
    ]
    rows = [_difference_row(r, kpi_name(park, str(r["id"]), lang), lang) for r in _records(frame)]
    keys = ("difference", "interval", "wins")
    headers = (t("page.indicator", lang), *(t(f"study.{k}", lang) for k in keys))
    grid = Grid(
        headers=headers,
        rows=tuple(rows),
        numeric=frozenset({1, 2, 3}),
        wide=frozenset({0}),
        toned=1,
    )
    title = t("study.against", lang, name=names[name], base=names[found.base])
    lines = () if rows else (t("study.none_differ", lang),)
    return Section(title=title, grid=grid if rows else None, lines=lines)


def _difference_row(r: Any, kpi: str, lang: Lang) -> Row:
    unit = str(r["unit"])
    ends = [float(r["low"]), float(r["high"])]
    shown = display_unit([e for e in ends if not math.isnan(e)] or 0.0, unit, lang)
    low, high = (number(e * shown.factor) for e in ends)
    sure = not ends[0] <= 0.0 <= ends[1]
    good = (float(r["difference"]) > 0) == (r["better"] == "up")
    tone: Tone = "plain" if not sure or not r["better"] else ("good" if good else "bad")
    cells = (
        kpi,
        signed(float(r["difference"]), unit, lang),
        f"{low} … {with_unit(high, shown.label)}",
        fmt(float(r["wins"]), "ratio", lang),
    )
    return Row(cells, tone)


def _regret(
    found: Paired, names: Mapping[str, str], park: Park, wanted: Sequence[str], lang: Lang
) -> Section:
    """Per KPI and scenario: probability to be the best of a run, and mean shortfall."""
    rows = []
    for key in wanted:
        group = found.regret[found.regret["id"] == key]
        if group.empty or not group["worst"].any():
            continue
        told = {r["scenario"]: r for r in _records(group)}
        cells = [
            f"{fmt(r['best'], 'ratio', lang)} / {fmt(r['mean'], found.units[key], lang)}"
            for r in (told[n] for n in found.names)
        ]
        rows.append(Row((kpi_name(park, key, lang), *cells)))
    headers = (t("page.indicator", lang), *(names[n] for n in found.names))
    grid = Grid(
        headers=headers,
        rows=tuple(rows),
        numeric=frozenset(range(1, len(headers))),
        wide=frozenset({0}),
    )
    lines = (t("study.regret_note", lang),)
    return Section(title=t("study.regret", lang), grid=grid, lines=lines)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]


def _inputs(table: pd.DataFrame, base: RunResult, other: RunResult, lang: Lang) -> Section:
    """What the file of a scenario says otherwise than the base's."""
    rows = [
        Row((_place(r, base, other, lang), str(r["before"]) or NOTHING, str(r["after"]) or NOTHING))
        for r in table.head(MOST_INPUTS).to_dict("records")
    ]
    keys = ("lever", "before", "after")
    return Section(
        title=t("study.inputs", lang, name=park_name(other.park, lang)),
        grid=Grid(
            headers=tuple(t(f"study.{k}", lang) for k in keys),
            rows=tuple(rows),
            wide=frozenset({0, 1, 2}),
        ),
    )


def _place(r: Any, base: RunResult, other: RunResult, lang: Lang) -> str:
    section, key, *below = str(r["path"]).split(".")
    name = component_name(other.park, key, lang)
    if name == key:
        name = component_name(base.park, key, lang)
    return ".".join([name if name != key else f"{section}.{key}", *below])
