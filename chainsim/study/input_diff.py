"""What differs between two resolved scenarios, as levers: one per component, place by place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from chainsim.errors import shorten

UNTOLD: Final = frozenset(
    {"id", "name_zh", "name_en", "story_zh", "story_en", "schema_version", "assumptions"}
)
"""Keys that change no number."""
ABSENT: Final = object()
_COMPONENTS: Final = 2
"""Depth of a component: section and id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One value that differs; ABSENT where one side has nothing."""

    path: tuple[str, ...]
    before: Any
    after: Any

    @property
    def lever(self) -> str:
        """The component it belongs to: `units.yp_methanol`, `economics.carbon_price`."""
        return ".".join(self.path[:_COMPONENTS])


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """All values that differ, whole components where they are on one side only."""
    return [c for c in _walk(before, after, ()) if c.path[0] not in UNTOLD]


def undrawn(data: Mapping[str, Any]) -> dict[str, Any]:
    """`data` without what only studies look at: what is drawn, and which prices are held then."""
    kept = {k: v for k, v in data.items() if k != "uncertainty"}
    if "economics" in kept:
        kept["economics"] = {k: v for k, v in kept["economics"].items() if k != "fixed_prices"}
    return kept


def _walk(before: Any, after: Any, path: tuple[str, ...]) -> Iterator[Change]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            yield from _walk(before.get(key, ABSENT), after.get(key, ABSENT), (*path, str(key)))
    elif (before is ABSENT) != (after is ABSENT) and len(path) < _COMPONENTS:
        side = after if before is ABSENT else before
        if not isinstance(side, Mapping):
            yield Change(path=path, before=before, after=after)
            return
        for key in sorted(side):
            one, other = (ABSENT, side[key]) if before is ABSENT else (side[key], ABSENT)
            yield Change(path=(*path, str(key)), before=one, after=other)
    elif before != after:
        yield Change(path=path, before=before, after=after)


def applied(data: Mapping[str, Any], chosen: list[Change]) -> dict[str, Any]:
    """`data` with the changes made."""
    fresh: dict[str, Any] = deepcopy(dict(data))
    for change in chosen:
        node = fresh
        for key in change.path[:-1]:
            node = node.setdefault(key, {})
        if change.after is ABSENT:
            node.pop(change.path[-1], None)
        else:
            node[change.path[-1]] = deepcopy(change.after)
    return {k: v for k, v in fresh.items() if v != {} or k in data}


def levers(listed: list[Change]) -> dict[str, list[Change]]:
    """Changes by lever, in order."""
    found: dict[str, list[Change]] = {}
    for change in listed:
        found.setdefault(change.lever, []).append(change)
    return found


def change_table(listed: list[Change]) -> pd.DataFrame:
    """`lever`, `path`, `before`, `after` as text for people; empty where there is nothing."""
    return pd.DataFrame(
        [
            {
                "lever": c.lever,
                "path": ".".join(c.path),
                "before": value_text(c.before),
                "after": value_text(c.after),
            }
            for c in listed
        ],
        columns=["lever", "path", "before", "after"],
    )


def value_text(value: Any) -> str:
    """A value of a scenario in one line."""
    if value is ABSENT:
        return ""
    if isinstance(value, Mapping):
        inner = ", ".join(f"{k}: {value_text(v)}" for k, v in value.items())
        return shorten(f"{{{inner}}}", 80)
    return shorten(value, 80)
