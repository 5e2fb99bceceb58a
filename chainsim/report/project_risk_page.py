"""An investor's risk in words and pictures: how the return is spread, what the bad runs had."""

from __future__ import annotations

import math
from typing import Final

import altair as alt
import numpy as np
import pandas as pd

from chainsim.accounts.kpis import kpi_info
from chainsim.errors import Lang
from chainsim.report.charts import LIMIT, PALETTE
from chainsim.report.document import Row, Section
from chainsim.report.drawn_section import drawn_section
from chainsim.report.explain_page import flip_section
from chainsim.report.i18n import t
from chainsim.report.names import kpi_name
from chainsim.report.numbers import display_unit, fmt, number, signed, with_unit
from chainsim.report.rank_page import figure_name
from chainsim.report.study_pages import grid
from chainsim.study.project_risk import DOWNSIDE, FIRR, FNPV, LEVELS, ProjectRisk

SHOWN: Final = (FNPV, FIRR)
"""KPIs whose spread is drawn."""
_MOST_PRICES: Final = 8
_BINS: Final = 24


def risk_sections(found: ProjectRisk, lang: Lang) -> tuple[Section, ...]:
    """Chance of a loss, quantiles, the downside case by name, prices that turn the project."""
    drawn = drawn_section(found.park, found.drawn, lang)
    return (
        _headline(found, lang),
        _quantiles(found, lang),
        _downside(found, lang),
        flip_section(found.flips, found.park, lang, kind="zero"),
        *(() if drawn is None else (drawn,)),
    )


def _headline(found: ProjectRisk, lang: Lang) -> Section:
    loss, mean = found.loss, found.quantiles.set_index("id")["mean"]
    lines = (
        t(
            "odds.loss",
            lang,
            share=fmt(loss.mean, "ratio", lang),
            low=fmt(loss.low, "ratio", lang),
            high=fmt(loss.high, "ratio", lang),
            n=loss.n,
        ),
        t(
            "odds.mean",
            lang,
            mean=fmt(float(mean[FNPV]), "CNY", lang),
            share=fmt(DOWNSIDE, "ratio", lang, 2),
            bad=fmt(found.downside.mean, "CNY", lang),
            n=found.downside.n,
        ),
    )
    return Section(title=t("odds.title", lang), lines=lines)


def _quantiles(found: ProjectRisk, lang: Lang) -> Section:
    rows = []
    for r in found.quantiles.to_dict("records"):
        key = str(r["id"])
        values = [float(r[c]) for c in ("mean", *(f"q{level:g}" for level in LEVELS))]
        known = [v for v in values if not math.isnan(v)]
        shown = display_unit(known or 0.0, kpi_info(key).unit, lang)
        texts = [with_unit(number(v * shown.factor), shown.label) for v in values]
        rows.append(Row((kpi_name(found.park, key, lang), *texts, str(r["n"]))))
    levels = [f"{level:.0%}" for level in LEVELS]
    headers = [t("page.indicator", lang), t("study.mean", lang), *levels, t("odds.n", lang)]
    return Section(
        title=t("odds.quantiles", lang), grid=grid(headers, rows), lines=(t("odds.gaps", lang),)
    )


def _downside(found: ProjectRisk, lang: Lang) -> Section:
    rows = [
        Row(
            (
                figure_name(found.park.library, str(r["price"]), lang),
                signed(float(r["usual"]) - 1.0, "ratio", lang),
                signed(float(r["bad"]) - 1.0, "ratio", lang),
                f"{float(r['link']):+.2f}",
            )
        )
        for r in found.named.head(_MOST_PRICES).to_dict("records")
    ]
    headers = [t(f"odds.{k}", lang) for k in ("price", "usual", "bad", "link")]
    title = t("odds.downside", lang, share=fmt(DOWNSIDE, "ratio", lang, 2))
    if not rows:
        return Section(title=title, lines=(t("odds.no_prices", lang),))
    return Section(title=title, grid=grid(headers, rows), lines=(t("odds.downside_note", lang),))


def risk_frame(found: ProjectRisk, kpi: str) -> pd.DataFrame:
    """Histogram of a KPI over the runs: `low`, `high`, `runs` (from `zero`)."""
    values = found.runs[kpi].dropna().to_numpy(dtype=float)
    counts, edges = np.histogram(values, bins=min(_BINS, max(5, len(values) // 4)))
    return pd.DataFrame({"low": edges[:-1], "high": edges[1:], "zero": 0, "runs": counts})


def risk_chart(found: ProjectRisk, kpi: str, line: float, lang: Lang) -> alt.TopLevelMixin | None:
    """How often a KPI came to lie where; a rule at `line`, and one at the mean."""
    if kpi not in found.runs or found.runs[kpi].dropna().empty:
        return None
    frame = risk_frame(found, kpi)
    values = found.runs[kpi].dropna()
    shown = display_unit(values.tolist(), kpi_info(kpi).unit, lang)
    frame["low"] *= shown.factor
    frame["high"] *= shown.factor
    title = kpi_name(found.park, kpi, lang)
    axis = f"{title} ({shown.label})" if shown.label else title
    bars = (
        alt.Chart(frame)
        .mark_bar(color=PALETTE[0], opacity=0.75, stroke="#ffffff")
        .encode(
            x=alt.X("low:Q", title=axis, scale=alt.Scale(zero=False)),
            x2="high:Q",
            y=alt.Y("runs:Q", title=t("odds.runs_axis", lang), axis=alt.Axis(tickMinStep=1)),
            y2="zero:Q",
            tooltip=[
                alt.Tooltip("low:Q", title=t("odds.from", lang), format=",.4~g"),
                alt.Tooltip("high:Q", title=t("odds.to", lang), format=",.4~g"),
                alt.Tooltip("runs:Q", title=t("odds.runs_axis", lang)),
            ],
        )
    )
    rules = pd.DataFrame({"at": [line * shown.factor, float(values.mean()) * shown.factor],
                          "what": [t("odds.line", lang), t("study.mean", lang)]})  # fmt: skip
    marks = (
        alt.Chart(rules)
        .mark_rule(strokeWidth=2, strokeDash=[5, 3])
        .encode(
            x="at:Q",
            color=alt.Color(
                "what:N",
                title=None,
                scale=alt.Scale(domain=rules["what"].tolist(), range=[LIMIT, "#1f2933"]),
                legend=alt.Legend(orient="top"),
            ),
        )
    )
    return alt.layer(bars, marks).properties(height=240)
