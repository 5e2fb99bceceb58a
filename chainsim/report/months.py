"""A run month by month: one month as a result of its own, the gas balance, winter beside summer."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import altair as alt
import pandas as pd

from chainsim.errors import Lang
from chainsim.report.document import Grid, Row
from chainsim.report.ends import end_flows
from chainsim.report.i18n import t
from chainsim.report.numbers import display_unit, fmt, signed
from chainsim.report.tables import COKE_OVEN_GAS
from chainsim.study.result import RunResult

WINTER: Final = ("-01", "-07")
"""Months set beside each other: the coldest and the warmest."""
_SMALL: Final = 0.01
"""Uses below this share of the month's gas stand together."""
_SAME: Final = 1e-3
"""A smaller relative difference of two months is none."""
_COLOURS: Final = (
    "#9a3412", "#0f766e", "#4f6db8", "#d97706", "#7c3aed", "#64748b", "#be123c", "#65a30d",
)  # fmt: skip


def months(result: RunResult) -> tuple[str, ...]:
    """The months of a run, `YYYY-MM`."""
    return tuple(sorted(set(result.flows["period"])))


def of_month(result: RunResult, month: str) -> RunResult:
    """The flows and books of one month of a run."""
    simulation = result.simulation
    part = replace(
        simulation,
        flows=simulation.flows[simulation.flows["period"] == month],
        units=simulation.units[simulation.units["period"] == month],
    )
    ledger = result.ledger[result.ledger["period"] == month]
    return replace(result, simulation=part, ledger=ledger)


def gas_by_month(result: RunResult, lang: Lang) -> pd.DataFrame:
    """Uses of coke-oven gas: month, key, name, quantity (positive), unit."""
    rows = []
    for month, flows in result.flows.groupby("period", sort=True):
        for flow in end_flows(result, lang, lambda m: m.id == COKE_OVEN_GAS, flows):
            if flow.quantity < 0:
                rows.append(
                    {
                        "month": str(month),
                        "key": flow.key,
                        "name": flow.name,
                        "quantity": -flow.quantity,
                        "unit": flow.material.unit,
                    }
                )
    return pd.DataFrame(rows, columns=["month", "key", "name", "quantity", "unit"])


def gas_chart(result: RunResult, lang: Lang) -> alt.TopLevelMixin | None:
    """Uses of coke-oven gas by month, stacked; None where there is no such gas."""
    frame = gas_by_month(result, lang)
    if frame.empty:
        return None
    sums = frame.groupby("name")["quantity"].sum().sort_values(ascending=False)
    most = frame.groupby("month")["quantity"].sum().max()
    shown = display_unit(float(most), str(frame["unit"].iloc[0]), lang)
    small = set(sums[sums < _SMALL * sums.sum()].index)
    rest = t("gas.rest", lang)
    frame = frame.assign(
        name=[rest if n in small else n for n in frame["name"]],
        amount=frame["quantity"] * shown.factor,
    )
    frame = frame.groupby(["month", "name"])[["amount"]].sum().reset_index()
    order = [*(n for n in sums.index if n not in small), *([rest] if small else [])]
    frame["rank"] = frame["name"].map({n: i for i, n in enumerate(order)})
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            x=alt.X("month:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("amount:Q", title=shown.label),
            color=alt.Color(
                "name:N",
                sort=order,
                title=None,
                scale=alt.Scale(
                    domain=order, range=[_COLOURS[i % len(_COLOURS)] for i in range(len(order))]
                ),
                legend=alt.Legend(orient="bottom", columns=4, labelLimit=150),
            ),
            order=alt.Order("rank:Q"),
            tooltip=[
                alt.Tooltip("month:N", title=t("gas.month", lang)),
                alt.Tooltip("name:N", title=t("page.end", lang)),
                alt.Tooltip("amount:Q", title=shown.label, format=",.3~f"),
            ],
        )
        .properties(height=300)
    )
    return chart


def seasons_grid(result: RunResult, lang: Lang) -> Grid | None:
    """Uses of gas in January and July, per hour, and the difference; None for shorter runs."""
    chosen = [next((m for m in months(result) if m.endswith(x)), "") for x in WINTER]
    frame = gas_by_month(result, lang)
    if not all(chosen) or frame.empty:
        return None
    units = result.simulation.units
    hours = {m: float(units.loc[units["period"] == m, "hours"].max()) for m in chosen}
    tables = [frame[frame["month"] == m].groupby("name")["quantity"].sum() / hours[m]
              for m in chosen]  # fmt: skip
    both = pd.concat(tables, axis="columns", keys=["winter", "summer"]).fillna(0.0)
    both = both.sort_values("winter", ascending=False)
    unit = f"{frame['unit'].iloc[0]}/h"
    rows = [
        Row(
            (
                str(name),
                fmt(w, unit, lang),
                fmt(s, unit, lang),
                signed(w - s, unit, lang) if abs(w - s) > _SAME * max(w, s) else "=",
            )
        )
        for name, w, s in zip(both.index, both["winter"], both["summer"], strict=True)
    ]
    headers = (t("page.end", lang), *chosen, t("gas.winter_more", lang))
    return Grid(headers=headers, rows=tuple(rows), numeric=frozenset({1, 2, 3}),
                wide=frozenset({0}))  # fmt: skip
