"""Why a scheme differs from another, as a waterfall: one bar for each lever moved."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

import altair as alt
import pandas as pd

from chainsim.accounts.kpis import kpi_info
from chainsim.errors import Lang
from chainsim.park.model import Park
from chainsim.report.explain_page import lever_name
from chainsim.report.i18n import t
from chainsim.report.names import kpi_name
from chainsim.report.numbers import display_unit, number, signed_number
from chainsim.study.explain import Explained

_COLUMNS: Final = {"shared": "part", "alone": "alone"}
WAYS: Final = tuple(_COLUMNS)
"""How a difference is told: shared out, or each lever alone and what they do to each other."""
_TOTAL: Final = "#64748b"
_UP: Final = "#0f766e"
_DOWN: Final = "#d97706"
_JOINT: Final = "#9d4edd"
_MARK: Final = "\u200b"
"""Without width; makes equal names different."""


def waterfall_chart(steps: pd.DataFrame, title: str, lang: Lang) -> alt.TopLevelMixin:
    """A table of `study.steps` as bars from the base to the scheme."""
    names = [t(f"lever.{key}", lang) for key in steps["lever"][1:]]
    ends = (t("why.base", lang), t("why.scheme", lang))
    unit = str(steps["unit"].iloc[0]) or "ratio"
    return _drawn(names, steps["value"].tolist(), ends, f"{title} ({{}})", unit, lang)


def explained_chart(
    found: Explained, parks: tuple[Park, Park], ends: tuple[str, str], way: str, lang: Lang
) -> alt.TopLevelMixin:
    """The levers between two schemes as bars; `way` as in `WAYS`, either sums up exactly.

    Args:
        found: the explanation.
        parks: where it starts and ends.
        ends: their names.
        way: `shared`, or `alone` with a bar for the interaction.
        lang: language.
    """
    rows = found.parts.to_dict("records")
    names = [lever_name(str(r["lever"]), str(r["components"]), *parks, lang) for r in rows]
    changes = [float(r[_COLUMNS[way]]) for r in rows]
    if way == "alone":
        names.append(t("study.interaction", lang))
        changes.append(found.interaction)
    values = list(accumulate(changes, initial=found.before))
    unit = kpi_info(found.kpi).unit
    title = f"{kpi_name(parks[0], found.kpi, lang)} ({{}})"
    return _drawn(names, values, ends, title, unit, lang, joint=way == "alone")


def _drawn(
    names: Sequence[str],
    values: Sequence[float],
    ends: tuple[str, str],
    title: str,
    unit: str,
    lang: Lang,
    *,
    joint: bool = False,
) -> alt.TopLevelMixin:
    """Bars from the first of `values` to the last; the last step is joint when `joint`."""
    shown = display_unit(list(values), unit, lang)
    frame = _frame(names, [v * shown.factor for v in values], ends, joint=joint)
    changes = frame[frame["kind"] != "total"]
    both = [values[0] * shown.factor, values[-1] * shown.factor]
    low = min([*both, *changes["begin"], *changes["end"]])
    high = max([*both, *changes["begin"], *changes["end"]])
    room = (high - low) * 0.4 or abs(high) * 0.1 or 1.0
    floor = 0.0 if 0.0 <= low < room else low - room
    frame.loc[frame["kind"] == "total", "begin"] = floor
    frame["label"] = [
        number(r["end"]) if r["kind"] == "total" else signed_number(r["change"])
        for r in frame.to_dict("records")
    ]
    frame["edge"] = frame[["begin", "end"]].max(axis=1)
    scale = alt.Scale(domain=[min(floor, low), high + room / 2], nice=False)
    kinds = {"total": _TOTAL, "up": _UP, "down": _DOWN, "joint": _JOINT}
    bars = (
        alt.Chart(frame)
        .mark_bar(clip=True)
        .encode(
            x=alt.X(
                "begin:Q",
                title=title.format(shown.label),
                scale=scale,
                axis=alt.Axis(tickCount=8),
            ),
            x2="end:Q",
            y=alt.Y(
                "name:N",
                sort=list(frame["name"]),
                title=None,
                axis=alt.Axis(labelLimit=200, ticks=False),
            ),
            color=alt.Color(
                "kind:N",
                scale=alt.Scale(domain=list(kinds), range=list(kinds.values())),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("name:N", title=t("why.step", lang)),
                alt.Tooltip(
                    "change:Q", title=f"{t('page.change', lang)} ({shown.label})", format="+,.4~g"
                ),
            ],
        )
    )
    words = (
        alt.Chart(frame)
        .mark_text(align="left", dx=5, color="#1f2933")
        .encode(
            x=alt.X("edge:Q", scale=scale),
            y=alt.Y("name:N", sort=list(frame["name"])),
            text="label:N",
        )
    )
    return alt.layer(bars, words).properties(height=len(frame) * 26 + 20)


def _frame(
    names: Sequence[str], values: Sequence[float], ends: tuple[str, str], *, joint: bool
) -> pd.DataFrame:
    """One row a bar: `name` (each once), `begin`, `end`, `kind`, `change`."""
    rows = [{"name": ends[0], "begin": 0.0, "end": values[0], "kind": "total"}]
    for name, before, after in zip(names, values, values[1:], strict=False):
        kind = "up" if after >= before else "down"
        rows.append({"name": name, "begin": before, "end": after, "kind": kind})
    if joint:
        rows[-1]["kind"] = "joint"
    rows.append({"name": ends[1], "begin": 0.0, "end": values[-1], "kind": "total"})
    for place, row in enumerate(rows):
        row["name"] = f"{row['name']}{_MARK * place}"
    frame = pd.DataFrame(rows)
    frame["change"] = frame["end"] - frame["begin"]
    return frame
