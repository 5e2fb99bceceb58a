"""Why two scenarios differ, what would turn their ranking, and what holds a park back."""

from __future__ import annotations

from typing import Final

import pandas as pd

from chainsim.accounts.kpis import kpi_info
from chainsim.errors import Lang
from chainsim.park.model import Park
from chainsim.report.document import Grid, Page, Row, Section
from chainsim.report.i18n import listed, t
from chainsim.report.names import component_name, kpi_name, park_name
from chainsim.report.numbers import NOTHING, fmt, number, signed
from chainsim.report.rank_page import figure_name
from chainsim.report.study_pages import grid
from chainsim.study.bottlenecks import Bottlenecks
from chainsim.study.explain import Explained

_FLIPS: Final = {
    "flip": ("study.flips", "study.flip_note"),
    "zero": ("study.zeros", "study.zero_note"),
}
_PLANTS: Final = 3
_METHODS: Final = {"shapley": "study.shapley_note", "ordered": "study.ordered_note"}


def explain_page(
    found: Explained, first: Park, second: Park, flips: pd.DataFrame | None, lang: Lang
) -> Page:
    """Where a difference comes from, lever by lever, and what would turn the ranking."""
    unit = _unit(first, found.kpi)
    rows = [
        Row(
            (
                lever_name(str(r["lever"]), str(r["components"]), first, second, lang),
                signed(float(r["part"]), unit, lang),
                fmt(float(r["share"]), "ratio", lang),
                signed(float(r["alone"]), unit, lang),
            )
        )
        for r in found.parts.to_dict("records")
    ]
    rows += [
        Row(
            (t("study.interaction", lang), NOTHING, NOTHING, signed(found.interaction, unit, lang))
        ),
        Row((t("study.sum", lang), signed(found.difference, unit, lang), "100%", "")),
    ]
    headers = [t(f"study.{k}", lang) for k in ("lever", "part", "share", "alone")]
    names = (park_name(first, lang), park_name(second, lang))
    lead = t(
        "study.from_to",
        lang,
        before=fmt(found.before, unit, lang),
        after=fmt(found.after, unit, lang),
        difference=signed(found.difference, unit, lang),
    )
    sections = [
        Section(
            title=t("study.levers", lang),
            grid=grid(headers, rows),
            lines=(t(_METHODS[found.method], lang),),
        )
    ]
    if flips is not None:
        sections.append(flip_section(flips, first, lang))
    title = f"{kpi_name(first, found.kpi, lang)}: {names[0]} → {names[1]}"
    return Page(title=title, lead=lead, sections=tuple(sections))


def _unit(park: Park, kpi: str) -> str:
    return kpi_info(kpi).unit


def lever_name(lever: str, components: str, first: Park, second: Park, lang: Lang) -> str:
    """A lever by its plants; by what it is named for where it has none."""
    members = [c for c in components.split(", ") if c]
    plants = [c for c in members if c.startswith("units.")]
    shown = (plants or [lever])[:_PLANTS]
    name = listed([_name(c, first, second, lang) for c in shown], lang)
    count, more = len(members), len(members) - len(shown)
    return t("study.and_more", lang, name=name, count=count) if more else name


def _name(component: str, first: Park, second: Park, lang: Lang) -> str:
    key = component.partition(".")[2] or component
    name = component_name(second, key, lang)
    return component_name(first, key, lang) if name == key else name


def flip_section(flips: pd.DataFrame, park: Park, lang: Lang, *, kind: str = "flip") -> Section:
    """Drivers at which the ranking turns (`flip`), or a present value is zero (`zero`)."""
    known = flips[flips["flip"].notna()]
    rows = [
        Row(
            (
                figure_name(park.library, str(r["path"]), lang),
                number(float(r["value"]), 4),
                number(float(r["flip"]), 4),
                signed(float(r["relative"]), "ratio", lang),
                t("study.yes" if r["within_range"] else "study.no", lang),
            ),
            "warn" if r["within_range"] else "plain",
        )
        for r in known.to_dict("records")
    ]
    headers = [t(f"study.{k}", lang) for k in ("driver", "now", "flip", "change", "in_range")]
    lines = (t(_FLIPS[kind][1], lang, count=len(flips) - len(known)),)
    return Section(title=t(_FLIPS[kind][0], lang), grid=grid(headers, rows), lines=lines)


def bottleneck_section(found: Bottlenecks, lang: Lang) -> Section:
    """Hours lost by plant, and what a little more of it is worth."""
    unit = _unit(found.park, found.kpi)
    rows = [
        Row(
            (
                component_name(found.park, str(r["unit"]), lang),
                fmt(float(r["load"]), "ratio", lang),
                number(float(r["down_h"])),
                number(float(r["idle_h"])),
                t(f"study.{r['side']}", lang),
                fmt(float(r["worth"]), unit, lang) if r["worth"] else "0",
            )
        )
        for r in found.table.to_dict("records")
    ]
    headers = [t(f"study.{k}", lang) for k in ("plant", "load", "down", "idle", "cause", "worth")]
    return Section(
        title=t("study.bottlenecks", lang, name=park_name(found.park, lang)),
        grid=Grid(
            headers=tuple(headers),
            rows=tuple(rows),
            numeric=frozenset({1, 2, 3, 5}),
            wide=frozenset({0}),
        ),
        lines=(t("study.worth_note", lang),),
    )
