"""The figures that move a result most, as a page."""

from __future__ import annotations

from typing import Any

import pandas as pd

from chainsim.errors import Lang
from chainsim.library.model import Library
from chainsim.park.model import Park
from chainsim.report.document import Grid, Page, Row, Section
from chainsim.report.i18n import t
from chainsim.report.library_page import mark_name
from chainsim.report.names import kpi_name, park_name, plain
from chainsim.report.numbers import fmt, number, unit_label

_SECTIONS = ("processes", "materials", "prices", "factors")


def figure_name(library: Library, path: str, lang: Lang) -> str:
    """What the figure at `path` is called: its record's name and the place inside it."""
    section, key, *rest = path.split(".", 2)
    record: Any = getattr(library, section).get(key) if section in _SECTIONS else None
    below = rest[0].removeprefix("ports.") if rest else ""
    if record is None:
        return path
    name = plain(record.name_zh if lang == "zh" else record.name_en)
    return f"{name} {below}".strip()


def rank_page(park: Park, frame: pd.DataFrame, top: int, lang: Lang) -> Page:
    """One table per KPI: figure, range, grade, how far the KPI moves."""
    sections = []
    for kpi, group in frame.groupby("kpi", sort=False):
        unit = str(group["kpi_unit"].iloc[0])
        rows = tuple(_row(park, r, unit, lang) for r in group.head(top).to_dict("records"))
        keys = ("figure", "range", "unit", "grade", "source", "swing", "relative")
        grid = Grid(
            headers=tuple(t(f"rank.{key}", lang) for key in keys),
            rows=rows,
            numeric=frozenset({5, 6}),
            wide=frozenset({0}),
        )
        base = fmt(float(group["base"].iloc[0]), unit, lang)
        title = t("rank.kpi", lang, kpi=kpi_name(park, str(kpi), lang), base=base)
        sections.append(Section(title=title, grid=grid))
    title = t("rank.title", lang, name=park_name(park, lang))
    return Page(title=title, lead=t("rank.note", lang), sections=tuple(sections))


def _row(park: Park, r: dict[Any, Any], unit: str, lang: Lang) -> Row:
    drawn = "~" if r["drawn_in"] else ""
    return Row(
        (
            figure_name(park.library, r["path"], lang),
            f"{number(r['value'], 4)} ({number(r['low'], 4)} … {number(r['high'], 4)}){drawn}",
            unit_label(r["unit"], lang),
            " ".join(x for x in (r["grade"], mark_name(r["mark"], lang)) if x),
            r["source"],
            fmt(r["swing"], unit, lang),
            fmt(r["share"], "ratio", lang),
        )
    )
