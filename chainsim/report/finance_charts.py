"""An investor's pictures: what moves the rate of return, and how the cash runs over the years."""

from __future__ import annotations

import math
from typing import Final

import altair as alt
import pandas as pd

from chainsim.errors import Lang
from chainsim.finance.appraisal import Appraisal
from chainsim.park.model import Park
from chainsim.report.charts import LIMIT
from chainsim.report.document import Grid, Row, Tone
from chainsim.report.finance_tables import word
from chainsim.report.i18n import t
from chainsim.report.names import plain
from chainsim.report.numbers import NOTHING, display_unit, fmt, number
from chainsim.study.price_cases import INDICATORS

_LESS: Final = "#d97706"
_LINE: Final = "#1f2933"
_MORE: Final = "#0f766e"
_STEP: Final = 0.1
"""Change of a factor that the tornado shows."""
_FIRR: Final = "firr_after_tax"


def tornado_chart(appraisal: Appraisal, lang: Lang) -> alt.TopLevelMixin | None:
    """FIRR when each factor is 10 % less or more, the widest on top; None without a rate."""
    base = appraisal.value(_FIRR)
    rows = []
    for found in appraisal.sensitivity:
        for change, rate in found.rates:
            if rate is not None and math.isclose(abs(change), _STEP):
                rows.append({"factor": word("factors", found.factor, lang), "rate": rate,
                             "change": f"{change:+.0%}"})  # fmt: skip
    if base is None or not rows:
        return None
    frame = pd.DataFrame(rows)
    frame["base"] = base
    spread = (frame["rate"] - base).abs().groupby(frame["factor"]).max()
    order = list(spread.sort_values(ascending=False).index)
    bars = (
        alt.Chart(frame)
        .mark_bar(height=16)
        .encode(
            x=alt.X("rate:Q", title=t("invest.firr", lang), axis=alt.Axis(format=".1%"),
                    scale=alt.Scale(zero=False)),
            x2="base:Q",
            y=alt.Y("factor:N", sort=order, title=None, axis=alt.Axis(ticks=False)),
            color=alt.Color("change:N", title=None, legend=alt.Legend(orient="top"),
                            scale=alt.Scale(domain=["-10%", "+10%"], range=[_LESS, _MORE])),
            tooltip=[
                alt.Tooltip("factor:N", title=word("columns", "factor", lang)),
                alt.Tooltip("change:N", title=t("page.change", lang)),
                alt.Tooltip("rate:Q", title=t("invest.firr", lang), format=".2%"),
            ],
        )
    )  # fmt: skip
    hurdle = pd.DataFrame({"rate": [appraisal.project.hurdle]})
    rule = alt.Chart(hurdle).mark_rule(color=LIMIT, strokeDash=[4, 3]).encode(x="rate:Q")
    return alt.layer(bars, rule).properties(height=len(order) * 34 + 30)


def spider_chart(appraisal: Appraisal, lang: Lang) -> alt.TopLevelMixin | None:
    """FIRR over the change of each factor."""
    rows = [
        {"factor": word("factors", found.factor, lang), "change": change, "rate": rate}
        for found in appraisal.sensitivity
        for change, rate in found.rates
        if rate is not None
    ]
    if not rows:
        return None
    lines = (
        alt.Chart(pd.DataFrame(rows))
        .mark_line(point=True)
        .encode(
            x=alt.X("change:Q", title=t("invest.factor_change", lang),
                    axis=alt.Axis(format="+.0%")),
            y=alt.Y("rate:Q", title=t("invest.firr", lang), axis=alt.Axis(format=".0%")),
            color=alt.Color("factor:N", title=None, scale=alt.Scale(scheme="tableau10"),
                            legend=alt.Legend(orient="top", columns=3)),
            strokeDash=alt.StrokeDash("factor:N", legend=None),
            tooltip=[
                alt.Tooltip("factor:N", title=word("columns", "factor", lang)),
                alt.Tooltip("change:Q", title=t("invest.factor_change", lang), format="+.0%"),
                alt.Tooltip("rate:Q", title=t("invest.firr", lang), format=".2%"),
            ],
        )
    )  # fmt: skip
    hurdle = pd.DataFrame({"rate": [appraisal.project.hurdle]})
    rule = alt.Chart(hurdle).mark_rule(color=LIMIT, strokeDash=[4, 3]).encode(y="rate:Q")
    return alt.layer(lines, rule).properties(height=260)


def cash_chart(appraisal: Appraisal, lang: Lang) -> alt.TopLevelMixin:
    """Net cash flow after tax by year as bars, its sum since the start as a line."""
    statement = appraisal.statements["project_cash"]
    yearly, summed = (
        statement.loc[row].to_numpy() for row in ("net_after_tax", "cumulated_after_tax")
    )
    shown = display_unit([*yearly, *summed], "CNY", lang)
    frame = pd.DataFrame(
        {
            "year": list(appraisal.years),
            "net": yearly * shown.factor,
            "sum": summed * shown.factor,
        }
    )
    year = alt.X("year:O", title=t("invest.year", lang), axis=alt.Axis(labelAngle=0))
    title = f"{t('invest.cash', lang)} ({shown.label})"
    tips = [
        alt.Tooltip("year:O", title=t("invest.year", lang)),
        alt.Tooltip("net:Q", title=t("invest.net", lang), format=",.3~f"),
        alt.Tooltip("sum:Q", title=t("invest.sum", lang), format=",.3~f"),
    ]
    names = [t(f"invest.{key}", lang) for key in ("net_in", "net_out", "sum")]
    colour = alt.Color(
        "kind:N",
        title=None,
        scale=alt.Scale(domain=names, range=[_MORE, _LESS, _LINE]),
        legend=alt.Legend(orient="top"),
    )
    kind = "datum.net > 0 ? {!r} : {!r}".format(*names[:2])
    bars = alt.Chart(frame).transform_calculate(kind=kind).mark_bar().encode(
        x=year, y=alt.Y("net:Q", title=title), color=colour, tooltip=tips
    )  # fmt: skip
    line = alt.Chart(frame).transform_calculate(kind=f"{names[2]!r}").mark_line(point=True).encode(
        x=year, y="sum:Q", color=colour, tooltip=tips
    )  # fmt: skip
    return alt.layer(bars, line).properties(height=280)


def price_case_grid(frame: pd.DataFrame, park: Park, hurdle: float, lang: Lang) -> Grid:
    """Indicators by price set; the tone says whether the rate of return reaches the hurdle."""
    rows = []
    for r in frame.to_dict("records"):
        texts = [_shown(key, r[key], unit, lang) for key, unit in INDICATORS.items()]
        rate = r[_FIRR]
        tone: Tone = "quiet" if pd.isna(rate) else ("good" if rate >= hurdle else "bad")
        rows.append(Row((price_set_name(park, str(r["prices"]), lang), *texts), tone))
    headers = (t("invest.prices", lang), *(t(f"invest.{key}", lang) for key in INDICATORS))
    return Grid(
        headers=headers,
        rows=tuple(rows),
        numeric=frozenset(range(1, len(headers))),
        wide=frozenset({0}),
        toned=1,
    )


def price_set_name(park: Park, key: str, lang: Lang) -> str:
    """Name of a price set; the scenario's own prices for an empty key."""
    found = park.library.price_sets.get(key)
    if found is None:
        return t("lever.own_prices", lang)
    return plain(found.name_zh if lang == "zh" else found.name_en)


def _shown(key: str, value: float, unit: str, lang: Lang) -> str:
    """An indicator as text; ratios of cover are counted, not given in per cent."""
    return number(value) if key.startswith("dscr") else fmt(value, unit, lang)


def indicator_cards(appraisal: Appraisal, lang: Lang) -> tuple[tuple[str, str], ...]:
    """(name, value) of the indicators an investor asks for first."""
    units = {"investment_cny": "CNY", "firr_after_tax": "ratio", "fnpv_after_tax_cny": "CNY",
             "payback_static_after_tax_y": "a", "firr_equity": "ratio",
             "dscr_min": "ratio"}  # fmt: skip
    found = []
    for key, unit in units.items():
        value = appraisal.value(key)
        text = NOTHING if value is None else _shown(key, value, unit, lang)
        found.append((t(f"invest.{key}", lang), text))
    return tuple(found)
