"""What was changed between two scenarios, in a few lines or place by place."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from chainsim.errors import Lang
from chainsim.park.model import Park
from chainsim.report.document import Grid, Row, Section
from chainsim.report.i18n import listed, t
from chainsim.report.names import component_name, park_name
from chainsim.report.numbers import NOTHING

_NAMED: Final = ("units", "links", "buffers", "obligations", "enterprises", "sites")
"""Sections whose components are told by name; of the others the number is enough."""
_WHOLE: Final = 2


def inputs_section(table: pd.DataFrame, base: Park, other: Park, lang: Lang) -> Section:
    """Components added and removed by name, figures changed from and to, the rest by number."""
    told: dict[str, list[str]] = {"study.added": [], "study.taken_out": [], "study.changed": []}
    rest = 0
    for row in table.to_dict("records"):
        section, *below = str(row["path"]).split(".")
        before, after = str(row["before"]), str(row["after"])
        place = _place(str(row["path"]), base, other, lang)
        if len(below) + 1 != _WHOLE or (before and after):
            told["study.changed"].append(f"{place} {before or NOTHING} → {after or NOTHING}")
        elif section in _NAMED:
            told["study.taken_out" if before else "study.added"].append(place)
        else:
            rest += 1
    lines = [t(key, lang, items=listed(items, lang)) for key, items in told.items() if items]
    if rest:
        lines.append(t("study.rest", lang, count=rest))
    title = t("study.inputs", lang, name=park_name(other, lang))
    return Section(title=title, lines=tuple(lines))


def inputs_table(table: pd.DataFrame, base: Park, other: Park, lang: Lang) -> Section:
    """What the file of a scenario says otherwise than the base's, place by place."""
    rows = [
        Row(
            (
                _place(str(r["path"]), base, other, lang),
                str(r["before"]) or NOTHING,
                str(r["after"]) or NOTHING,
            )
        )
        for r in table.to_dict("records")
    ]
    keys = ("lever", "before", "after")
    return Section(
        title=t("study.inputs", lang, name=park_name(other, lang)),
        grid=Grid(
            headers=tuple(t(f"study.{k}", lang) for k in keys),
            rows=tuple(rows),
            wide=frozenset({0, 1, 2}),
        ),
    )


def _place(path: str, base: Park, other: Park, lang: Lang) -> str:
    section, *below = path.split(".")
    key: Any = below[0] if below else section
    name = component_name(other, key, lang)
    if name == key:
        name = component_name(base, key, lang)
    return ".".join([name if name != key else f"{section}.{key}", *below[1:]])
