"""Why a scheme differs from its base, as a waterfall: one bar for each lever moved."""

from __future__ import annotations

from typing import Final

import altair as alt
import pandas as pd

from chainsim.errors import Lang
from chainsim.report.i18n import t
from chainsim.report.numbers import display_unit

_TOTAL: Final = "#64748b"
_UP: Final = "#0f766e"
_DOWN: Final = "#d97706"


def waterfall_chart(steps: pd.DataFrame, title: str, lang: Lang) -> alt.TopLevelMixin:
    """A table of `study.steps` as bars from the base to the scheme."""
    shown = display_unit(steps["value"].tolist(), str(steps["unit"].iloc[0]) or "ratio", lang)
    values = (steps["value"] * shown.factor).tolist()
    rows = [{"name": t("why.base", lang), "begin": 0.0, "end": values[0], "kind": "total"}]
    for key, before, after in zip(steps["lever"][1:], values, values[1:], strict=False):
        kind = "up" if after >= before else "down"
        rows.append({"name": t(f"lever.{key}", lang), "begin": before, "end": after, "kind": kind})
    rows.append({"name": t("why.scheme", lang), "begin": 0.0, "end": values[-1], "kind": "total"})
    frame = pd.DataFrame(rows)
    frame["change"] = frame["end"] - frame["begin"]
    changes = frame[frame["kind"] != "total"]
    low = min([*values, *changes["begin"], *changes["end"]])
    high = max([*values, *changes["begin"], *changes["end"]])
    room = (high - low) * 0.4 or abs(high) * 0.1 or 1.0
    floor = 0.0 if low < room else low - room
    frame["begin"] = [floor if k == "total" else b for k, b in
                      zip(frame["kind"], frame["begin"], strict=True)]  # fmt: skip
    scale = alt.Scale(domain=[min(floor, low), high + room / 4], nice=False)
    colours = alt.Scale(domain=["total", "up", "down"], range=[_TOTAL, _UP, _DOWN])
    bars = (
        alt.Chart(frame)
        .mark_bar(clip=True)
        .encode(
            x=alt.X("begin:Q", title=f"{title} ({shown.label})", scale=scale),
            x2="end:Q",
            y=alt.Y("name:N", sort=list(frame["name"]), title=None,
                    axis=alt.Axis(labelLimit=200, ticks=False)),
            color=alt.Color("kind:N", scale=colours, legend=None),
            tooltip=[
                alt.Tooltip("name:N", title=t("why.step", lang)),
                alt.Tooltip("change:Q", title=f"{t('page.change', lang)} ({shown.label})",
                            format="+,.4~g"),
            ],
        )
    )  # fmt: skip
    return bars.properties(height=len(frame) * 26 + 20)  # type: ignore[no-any-return]
