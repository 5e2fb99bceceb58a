"""Why scenarios differ from their base, and at which price they would change places."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from chainsim.accounts.kpis import kpi_info
from chainsim.errors import Lang
from chainsim.park.model import Park
from chainsim.report.document import Grid, Row, Section
from chainsim.report.explain_page import lever_name
from chainsim.report.i18n import known, listed, t
from chainsim.report.names import kpi_name, park_name
from chainsim.report.numbers import NOTHING, number, signed, unit_label, with_unit
from chainsim.report.paired_sections import differences, letters
from chainsim.report.rank_page import figure_name
from chainsim.study.paired import Paired
from chainsim.study.reasons import Reasons

_NEAREST: Final = 4
"""Flips that are shown of each KPI."""


def reason_sections(
    found: Sequence[Reasons], parks: Sequence[Park], paired: Paired | None, lang: Lang
) -> list[Section]:
    """For every scenario but the base: levers by KPI, then what flips which KPI.

    Where runs were compared one by one, what the steady engine does not see (failures, overhauls,
    buffers) stands in a row of its own, so that the columns add up to the difference of the runs.
    """
    base, *others = parks
    sections = []
    names = [p.id for p in parks] if paired is None else list(paired.names)
    for reasons, other, key in zip(found, others, names[1:], strict=True):
        measured = {} if paired is None else differences(paired, key)
        letter = "" if paired is None else f"{letters(paired)[key]} "
        name = letter + park_name(other, lang)
        sections += [
            _levers(reasons, (base, other), measured, t("study.why", lang, name=name), lang),
            _flips(reasons, base, t("study.turns", lang, name=name), lang),
        ]
    return sections


def _levers(
    reasons: Reasons,
    parks: tuple[Park, Park],
    measured: Mapping[str, float],
    title: str,
    lang: Lang,
) -> Section:
    """One row per lever, one column per KPI; the columns add up."""
    kpis = list(reasons.parts)
    parts = {
        k: {str(r["lever"]): r for r in e.parts.to_dict("records")}
        for k, e in reasons.parts.items()
    }

    def row(name: str, values: Mapping[str, float]) -> Row:
        return Row((name, *(signed(values[k], kpi_info(k).unit, lang) for k in kpis)))

    rows = [
        row(
            lever_name(lever, str(first["components"]), *parks, lang),
            {k: float(parts[k][lever]["part"]) for k in kpis},
        )
        for lever, first in parts[kpis[0]].items()
    ]
    steady = {k: e.difference for k, e in reasons.parts.items()}
    total = {k: measured.get(k, steady[k]) for k in kpis}
    if measured:
        rows.append(row(t("study.beyond", lang), {k: total[k] - steady[k] for k in kpis}))
    rows.append(row(t("study.sum", lang), total))
    methods = {e.method for e in reasons.parts.values()}
    return Section(
        title=title,
        lines=(t(f"study.{min(methods)}_short", lang),),
        grid=_grid([t("study.lever", lang), *(_kpi(parks[0], k, lang) for k in kpis)], rows, 1),
    )


def _flips(reasons: Reasons, base: Park, title: str, lang: Lang) -> Section:
    """The nearest flips of each KPI; those that no price turns are named."""
    rows, firm = [], []
    for kpi, frame in reasons.flips.items():
        turning = frame[frame["flip"].notna()]
        if turning.empty:
            firm.append(_kpi(base, kpi, lang))
        rows += [_flip(kpi, r, base, lang) for r in _records(turning.head(_NEAREST))]
    lines = [t("study.turn_note", lang, count=_NEAREST)]
    if firm:
        lines.append(t("study.firm", lang, kpis=listed(firm, lang)))
    keys = ("driver", "now", "flip", "change", "in_range")
    headers = [t("page.indicator", lang), *(t(f"study.{k}", lang) for k in keys)]
    return Section(title=title, lines=tuple(lines), grid=_grid(headers, rows, 2) if rows else None)


def _flip(kpi: str, row: Mapping[str, object], base: Park, lang: Lang) -> Row:
    unit = unit_label(str(row["unit"]), lang)
    change = float(str(row["relative"]))
    within = bool(row["within_range"])
    return Row(
        (
            _kpi(base, kpi, lang),
            figure_name(base.library, str(row["path"]), lang),
            number(float(str(row["value"])), 4),
            with_unit(number(float(str(row["flip"])), 4), unit),
            NOTHING if math.isnan(change) else signed(change, "ratio", lang),
            t("study.yes" if within else "study.no", lang),
        ),
        "warn" if within else "plain",
    )


def _grid(headers: Sequence[str], rows: Sequence[Row], texts: int) -> Grid:
    return Grid(
        headers=tuple(headers),
        rows=tuple(rows),
        numeric=frozenset(range(texts, len(headers))),
        wide=frozenset(range(texts)),
    )


def _records(frame: pd.DataFrame) -> list[dict[str, object]]:
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]


def _kpi(park: Park, key: str, lang: Lang) -> str:
    return known(f"headline.{key}", lang, kpi_name(park, key, lang))
