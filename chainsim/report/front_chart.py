"""Layouts as points: what each adds against what it needs; one may be chosen by a click."""

from __future__ import annotations

from typing import Final

import altair as alt
import pandas as pd

from chainsim.errors import Lang
from chainsim.report.charts import PALETTE
from chainsim.report.i18n import known, t
from chainsim.report.layout_page import layout_name, worth
from chainsim.report.numbers import display_unit, unit_label
from chainsim.study.optimise import Optimised

PICK: Final = "layout"
"""Name of the selection; its points carry the field `id`."""
_KINDS: Final = ("best", "alternative", "front")


def front_frame(found: Optimised, measure: str) -> pd.DataFrame:
    """Every layout: `id`, `kind`, `value` (objective beyond what stands), `measure`, `capex`."""
    rows = [
        {
            "id": layout.name,
            "kind": layout.name.partition("-")[0],
            "value": worth(found, layout.value),
            "measure": layout.measures[measure],
            "capex": layout.measures["capex"],
        }
        for layout in found.all_layouts
        if measure in layout.measures
    ]
    return pd.DataFrame(rows, columns=["id", "kind", "value", "measure", "capex"])


def front_chart(found: Optimised, measure: str, chosen: str, lang: Lang) -> alt.TopLevelMixin:
    """All layouts, value over `measure`; those of its own front are joined by a line."""
    frame = front_frame(found, measure)
    value = display_unit(frame["value"].tolist(), found.unit, lang)
    amount = display_unit(frame["measure"].tolist(), found.units[measure], lang)
    money = display_unit(frame["capex"].tolist(), "CNY", lang)
    frame["value"] *= value.factor
    frame["measure"] *= amount.factor
    frame["capex"] *= money.factor
    frame["name"] = [layout_name(str(name), lang) for name in frame["id"]]
    frame["chosen"] = frame["id"] == chosen
    frame = frame.iloc[::-1]  # the best is drawn last, above those beside it
    names = [t(f"optimise.{kind}", lang) for kind in _KINDS]
    frame["group"] = [names[_KINDS.index(kind)] for kind in frame["kind"]]
    titles = (
        f"{known(f'measure.{measure}', lang, measure)} ({amount.label})",
        f"{t('layout.value', lang)} ({value.label or unit_label(found.unit, lang)})",
    )
    wide = alt.Scale(zero=False, padding=30)
    base = alt.Chart(frame).encode(
        x=alt.X("measure:Q", title=titles[0], scale=wide, axis=alt.Axis(tickCount=6)),
        y=alt.Y("value:Q", title=titles[1], scale=wide, axis=alt.Axis(tickCount=6)),
    )
    on_front = {layout.name for layout in found.fronts.get(measure, ())}
    line = base.transform_filter(alt.FieldOneOfPredicate("id", sorted(on_front))).mark_line(
        color=PALETTE[4], strokeDash=[4, 3]
    )
    points = (
        base.mark_point(filled=True, opacity=1)
        .encode(
            color=alt.Color(
                "group:N",
                title=None,
                scale=alt.Scale(domain=names, range=list(PALETTE[:3])),
                legend=alt.Legend(orient="top"),
            ),
            shape=alt.Shape("group:N", title=None, scale=alt.Scale(domain=names)),
            size=alt.condition("datum.chosen", alt.value(340), alt.value(150)),
            stroke=alt.condition("datum.chosen", alt.value("#1f2933"), alt.value(None)),
            tooltip=[
                alt.Tooltip("name:N", title=t("layout.name", lang)),
                alt.Tooltip("value:Q", title=titles[1], format=",.4~g"),
                alt.Tooltip("measure:Q", title=titles[0], format=",.4~g"),
                alt.Tooltip(
                    "capex:Q", title=f"{t('layout.capex', lang)} ({money.label})", format=",.4~g"
                ),
            ],
        )
        .add_params(alt.selection_point(name=PICK, fields=["id"]))
    )
    labels = (
        base.transform_filter(alt.FieldOneOfPredicate("kind", ["best", "front"]))
        .mark_text(dy=-17, fontSize=12)
        .encode(text="name:N")
    )
    return alt.layer(line, points, labels).properties(height=340)
