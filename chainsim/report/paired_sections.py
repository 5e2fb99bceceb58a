"""Scenarios compared run by run: which is better on what, by how much, how surely."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from chainsim.errors import Lang
from chainsim.park.model import Park
from chainsim.report.document import Grid, Row, Section
from chainsim.report.i18n import known, listed, t
from chainsim.report.names import kpi_name
from chainsim.report.numbers import NOTHING, display_unit, fmt, number, with_unit
from chainsim.study.paired import Paired

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS: Final = 2
"""Of half an interval."""


def letters(found: Paired) -> dict[str, str]:
    """A short name for each scenario: a letter while there are letters."""
    return {name: LETTERS[k] if k < len(LETTERS) else name for k, name in enumerate(found.names)}


def verdict_section(
    found: Paired, names: Mapping[str, str], park: Park, wanted: Sequence[str], lang: Lang
) -> Section:
    """Who is who, and for every scenario what it does better and worse than the base."""
    short = letters(found)
    base = short[found.base]
    lines = [t("study.who_is", lang, letter=short[n], name=names[n]) for n in found.names]
    lines[0] = t("study.base_is", lang, letter=base, name=names[found.base])
    for name in found.names[1:]:
        rows = _of(found, name, wanted)
        told = [(r, _better(r)) for r in rows]
        groups = {
            "study.better": [r for r, better in told if better],
            "study.worse": [r for r, better in told if better is False],
            "study.open": [r for r, better in told if better is None and r["better"]],
        }
        lines += [
            t(
                key,
                lang,
                name=short[name],
                base=base,
                kpis=listed([_short(park, str(r["id"]), lang) for r in group], lang),
            )
            for key, group in groups.items()
            if group
        ]
    return Section(title=t("study.verdict", lang), lines=tuple(lines))


def paired_section(found: Paired, park: Park, wanted: Sequence[str], lang: Lang) -> Section:
    """One row per KPI: the base, every other's difference and wins, and who is best."""
    short = letters(found)
    others = found.names[1:]
    order = list(dict.fromkeys(str(k) for k in found.differences["id"] if k in wanted))
    moved = [k for k in order if _records(found.differences, k)["difference"].ne(0.0).any()]
    rows = [_row(found, key, park, lang) for key in moved]
    wins = t("study.wins", lang)
    headers = [t("page.indicator", lang), short[found.base]]
    for name in others:
        headers += [f"{short[name]} − {short[found.base]}", wins]
    headers.append(t("study.best", lang))
    still = [_short(park, k, lang) for k in order if k not in moved]
    lines = [t("study.paired_note", lang, base=short[found.base])]
    if still:
        lines.append(t("study.alike", lang, kpis=listed(still, lang)))
    reps = next(iter(found.samples.values())).shape[1]
    return Section(
        title=t("study.paired", lang, reps=reps),
        lines=tuple(lines),
        grid=Grid(
            headers=tuple(headers),
            rows=tuple(rows),
            numeric=frozenset(range(1, len(headers))),
            wide=frozenset({0}),
        ),
    )


def differences(found: Paired, name: str) -> dict[str, float]:
    """Mean differences of a scenario against the base by KPI."""
    frame = found.differences[found.differences["scenario"] == name]
    return dict(zip(frame["id"], frame["difference"], strict=True))


def _row(found: Paired, key: str, park: Park, lang: Lang) -> Row:
    unit = found.units[key]
    by_name = {str(r["scenario"]): r for r in _records(found.differences, key).to_dict("records")}
    cells = [_short(park, key, lang), fmt(found.samples[key][0].mean(), unit, lang)]
    for name in found.names[1:]:
        told: Any = by_name[name]
        cells += [_difference(told, unit, lang), fmt(float(told["wins"]), "ratio", lang)]
    return Row((*cells, _best(found, key, lang)))


def _difference(told: Any, unit: str, lang: Lang) -> str:
    """The difference with half its interval."""
    mean, half = float(told["difference"]), (float(told["high"]) - float(told["low"])) / 2.0
    if math.isnan(mean):
        return NOTHING
    shown = display_unit(max(abs(mean), half), unit, lang)
    text = number(mean * shown.factor)
    plus = "+" if mean > 0.0 and text != "0" else ""
    width = f" ± {number(half * shown.factor, _DIGITS)}" if half * shown.factor > _NIL else ""
    return with_unit(f"{plus}{text}{width}", shown.label)


_NIL: Final = 1e-6
"""Half widths below this are rounding."""


def _best(found: Paired, key: str, lang: Lang) -> str:
    """Who is the best of a run most often, and in which share of the runs."""
    group = found.regret[found.regret["id"] == key] if len(found.regret) else found.regret
    if group.empty:
        return NOTHING
    first = max(group.to_dict("records"), key=lambda r: float(r["best"]))
    short = letters(found)
    return f"{short[str(first['scenario'])]} {fmt(float(first['best']), 'ratio', lang)}"


def _records(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    return frame[frame["id"] == key]


def _of(found: Paired, name: str, wanted: Sequence[str]) -> list[dict[str, Any]]:
    frame = found.differences
    frame = frame[(frame["scenario"] == name) & frame["id"].isin(wanted)]
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]


def _better(row: Mapping[str, Any]) -> bool | None:
    """Whether a scenario beats the base in the mean; None where that is open, or no matter."""
    if not row["better"] or float(row["low"]) <= 0.0 <= float(row["high"]):
        return None
    return bool((float(row["difference"]) > 0.0) == (row["better"] == "up"))


def _short(park: Park, key: str, lang: Lang) -> str:
    return known(f"headline.{key}", lang, kpi_name(park, key, lang))
