"""The few figures a planner keeps in sight, ready to print: value, change, target, verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import pandas as pd

from chainsim.accounts.kpis import kpi_info
from chainsim.errors import Lang
from chainsim.report.i18n import t
from chainsim.report.names import kpi_name
from chainsim.report.numbers import display_unit, fmt, number, signed, with_unit
from chainsim.report.page import HEADLINES, STRIP, band_text, headline
from chainsim.report.tables import targets, totals
from chainsim.report.verdict_pages import limit_text
from chainsim.study.headlines import Headlines
from chainsim.study.result import RunResult

LEAST_CHANGE: Final = 1e-3
"""A smaller relative change is not worth a planner's look."""
Better = Literal["up", "down"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One figure as texts. `change` compares with the base, empty where there is none."""

    id: str
    name: str
    full_name: str
    value: str
    change: str
    better: Better
    target: str
    verdict: str
    """pass | fail | warn | cannot_judge, or empty without a target."""
    band: str = ""
    """5th to 95th percentile of the event engine, empty without one."""
    short_target: str = ""
    """The target without its unit, for narrow places."""
    improves: bool | None = None
    """Whether the change is for the better; None without a change or a better side."""


def cards(result: RunResult, base: RunResult | None, lang: Lang) -> tuple[Card, ...]:
    """Headline figures of a result, those it has, compared with `base`."""
    values = _values(result)
    before = {} if base is None or base is result else _values(base)
    limits = {row["kpi"]: row for row in targets(result).to_dict("records")}
    return tuple(
        _card(result, key, values[key], before.get(key), limits.get(key), lang)
        for key in HEADLINES
        if key in values
    )


def strip(
    result: RunResult | Headlines,
    base: RunResult | None,
    lang: Lang,
    band: pd.DataFrame | None = None,
) -> tuple[Card, ...]:
    """The figures that stay in sight, with the band of the event engine where there is one."""
    values = _values(result)
    before = {} if base is None or base is result else _values(base)
    limits = {row["kpi"]: row for row in targets(result).to_dict("records")}
    rows = {} if band is None else {r["id"]: r for r in band.to_dict("records")}
    made = [
        _card(result, key, values[key], before.get(key), limits.get(key), lang)
        for key in STRIP
        if key in values
    ]
    return tuple(
        replace(card, band=band_text(rows[card.id], lang, beside=card.value))
        if card.id in rows
        else card
        for card in made
    )


def card_names(result: RunResult, lang: Lang) -> dict[str, str]:
    """KPI -> short name of the headline figures that a result has."""
    values = _values(result)
    return {key: headline(result, key, lang) for key in HEADLINES if key in values}


def _values(result: RunResult | Headlines) -> dict[str, tuple[float, str]]:
    frame = totals(result)
    return {
        str(k): (float(v), str(u))
        for k, v, u in zip(frame["id"], frame["value"], frame["unit"], strict=True)
    }


def _card(
    result: RunResult | Headlines,
    key: str,
    figure: tuple[float, str],
    before: tuple[float, str] | None,
    limit: dict[Any, Any] | None,
    lang: Lang,
) -> Card:
    value, unit = figure
    info = kpi_info(key)
    change, improves = "", None
    if before is not None and not math.isclose(value, before[0], rel_tol=LEAST_CHANGE):
        change = _change(value - before[0], unit, lang)
        improves = (value > before[0]) == (info.better == "up") if info.better else None
    return Card(
        id=key,
        name=headline(result, key, lang),
        full_name=kpi_name(result.park, key, lang),
        value=fmt(value, unit, lang),
        change=change,
        better="up" if info.better == "up" else "down",
        target="" if limit is None else _target(limit, lang),
        short_target="" if limit is None else _short_target(limit, lang),
        verdict="" if limit is None else str(limit["verdict"]),
        improves=improves,
    )


def _change(by: float, unit: str, lang: Lang) -> str:
    """A change with its unit; that of a share in percentage points, which are not percent of it."""
    if display_unit(by, unit, lang).label != "%":
        return signed(by, unit, lang)
    return with_unit(signed(by, unit, lang).removesuffix("%"), t("words.points", lang))


def _target(limit: dict[Any, Any], lang: Lang) -> str:
    """`target ≤ 110 kgce/t, margin -22.4` in the limit's unit."""
    shown = display_unit([limit["value"], limit["limit"]], str(limit["unit"]), lang)
    margin = number(limit["margin"] * shown.factor)
    return t("page.target", lang, limit=limit_text(limit, lang), margin=margin)


def _short_target(limit: dict[Any, Any], lang: Lang) -> str:
    """`≤ 110, margin -22.4`."""
    shown = display_unit([limit["value"], limit["limit"]], str(limit["unit"]), lang)
    text = limit_text(limit, lang).removesuffix(shown.label).strip()
    return t("scheme.target", lang, limit=text, margin=number(limit["margin"] * shown.factor))
