"""A comparison on one page: which is better on what, how surely, why, what was changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chainsim.errors import Lang
from chainsim.park.model import Park
from chainsim.report.document import Grid, Page, Row, Section
from chainsim.report.drawn_section import drawn_section
from chainsim.report.i18n import t
from chainsim.report.input_sections import inputs_section, inputs_table
from chainsim.report.names import kpi_name, park_name
from chainsim.report.numbers import fmt
from chainsim.report.page import HEADLINES, comparison_grid
from chainsim.report.paired_sections import paired_section, verdict_section
from chainsim.report.reason_sections import reason_sections
from chainsim.report.tables import comparison_table
from chainsim.report.verdict_pages import verdict_summary
from chainsim.study.compare import Comparison
from chainsim.study.paired import Paired
from chainsim.study.reasons import Reasons
from chainsim.study.result import RunResult


def compare_page(
    found: Comparison,
    lang: Lang,
    kpis: Sequence[str] = (),
    *,
    reasons: Sequence[Reasons] = (),
    whole: bool = False,
) -> Page:
    """Scenarios beside their base.

    Args:
        found: the comparison.
        lang: language.
        kpis: KPIs compared run by run; the headlines when left out.
        reasons: of every scenario but the base, to be told too.
        whole: every KPI and every change, also where the runs are compared one by one.
    """
    results, paired = found.results, found.paired
    parks = [r.park for r in results]
    names = [park_name(p, lang) for p in parks]
    sections: list[Section] = []
    if paired is not None:
        sections += paired_sections(paired, parks, kpis, lang, whole=whole)
    sections += reason_sections(reasons, parks, paired, lang) if reasons else []
    if paired is None or whole:
        sections.append(_differences(results, lang))
    if paired is not None:
        drawn = (drawn_section(park, park.uncertainty, lang) for park in parks)
        sections += [section for section in drawn if section is not None]
    policy = [f"{n}: {verdict_summary(r, lang)}" for n, r in zip(names, results, strict=True)]
    sections.append(Section(title=t("page.policy", lang), lines=tuple(policy)))
    told = inputs_table if whole else inputs_section
    sections += [
        told(table, parks[0], park, lang)
        for table, park in zip(found.inputs.values(), parks[1:], strict=True)
        if len(table)
    ]
    title = t("page.compare", lang, names=" / ".join(names))
    return Page(title=title, sections=tuple(sections))


def _differences(results: Sequence[RunResult], lang: Lang) -> Section:
    """All KPIs that differ, the largest relative change first."""
    frame = comparison_table(results, lang)
    moved = frame[frame["effect"] > 0]
    same = len(frame) - len(moved)
    return Section(
        title=t("page.differences", lang),
        grid=comparison_grid(moved, results, lang),
        lines=(t("page.unchanged", lang, count=same),) if same else (),
    )


def paired_sections(
    found: Paired, parks: Sequence[Park], kpis: Sequence[str], lang: Lang, *, whole: bool
) -> list[Section]:
    """What wins on what, then the table, then what choosing wrong costs."""
    wanted = [k for k in (kpis or HEADLINES) if k in found.samples]
    names = dict(zip(found.names, (park_name(p, lang) for p in parks), strict=True))
    sections = [
        verdict_section(found, names, parks[0], wanted, lang),
        paired_section(found, parks[0], wanted, lang),
    ]
    return [*sections, _regret(found, names, parks[0], wanted, lang)] if whole else sections


def _regret(
    found: Paired, names: Mapping[str, str], park: Park, wanted: Sequence[str], lang: Lang
) -> Section:
    """Per KPI and scenario: probability to be the best of a run, and mean shortfall."""
    rows = []
    for key in wanted:
        group = found.regret[found.regret["id"] == key]
        if group.empty or not group["worst"].any():
            continue
        told = {r["scenario"]: r for r in group.to_dict("records")}
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
