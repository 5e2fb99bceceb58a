"""What chance does to a scheme: the cost of unreliability."""

from __future__ import annotations

from typing import Final

import pandas as pd

from chainsim.accounts.kpis import kpi_info
from chainsim.errors import Lang
from chainsim.park.model import Park
from chainsim.report.document import Grid, Row, Tone
from chainsim.report.i18n import t
from chainsim.report.names import kpi_name
from chainsim.report.numbers import display_unit, fmt, number, signed, with_unit

KEYS: Final = (
    "output.coke_t",
    "output.methanol_t",
    "output.lng_t",
    "output.hydrogen_t",
    "output.nylon6_t",
    "cog.flared_share",
    "energy.coke_kgce_per_t",
    "carbon.direct_t",
    "value.added_cny",
)
_LEAST: Final = 1e-9


def unreliability_grid(frame: pd.DataFrame, park: Park, lang: Lang) -> Grid:
    """A table of `study.unreliability` as texts, the last column the loss as a share."""
    rows = []
    for r in frame.to_dict("records"):
        values = [r["perfect"], r["mean"], r["value"], r["low"], r["high"]]
        shown = display_unit(values, str(r["unit"]), lang)
        texts = [number(v * shown.factor) for v in values]
        share = "" if pd.isna(r["share"]) else signed(r["share"], "ratio", lang)
        rows.append(
            Row(
                (
                    kpi_name(park, str(r["id"]), lang),
                    with_unit(texts[0], shown.label),
                    texts[1],
                    texts[2],
                    f"{texts[3]} … {texts[4]}",
                    signed(r["cost"], str(r["unit"]), lang),
                    share,
                ),
                _tone(str(r["id"]), r["cost"]),
            )
        )
    keys = ("perfect", "mean", "events", "band", "cost", "share")
    headers = (t("page.indicator", lang), *(t(f"risk.{k}", lang) for k in keys))
    return Grid(
        headers=headers,
        rows=tuple(rows),
        numeric=frozenset(range(1, 7)),
        wide=frozenset({0}),
        toned=5,
    )


def _tone(kpi: str, cost: float) -> Tone:
    better = kpi_info(kpi).better
    if abs(cost) < _LEAST or not better:
        return "plain"
    return "good" if (cost > 0) == (better == "up") else "bad"


def headline_cost(frame: pd.DataFrame, lang: Lang) -> str:
    """The loss of value added in one sentence; empty where it is not known."""
    found = frame[frame["id"] == "value.added_cny"]
    if found.empty:
        return ""
    row = found.to_dict("records")[0]
    return t(
        "risk.headline",
        lang,
        cost=fmt(-row["cost"], "CNY", lang),
        share=fmt(-row["share"], "ratio", lang),
        low=fmt(row["perfect"] - row["high"], "CNY", lang),
        high=fmt(row["perfect"] - row["low"], "CNY", lang),
    )
