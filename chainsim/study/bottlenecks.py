"""Where a park is held back: hours lost plant by plant, and what a little more of each is worth.

Hours come from a year of the event engine: standing for failures and overhauls, or idle though
ready, for want of feed (starved) or outlet (blocked). Worth comes from the steady engine: the
change of a KPI when the plant is one per cent larger, per unit of its nameplate an hour.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from chainsim.balance.steady import run_steady
from chainsim.des.engine import run_des
from chainsim.park.model import Park, Unit
from chainsim.study.valuation import value_of

STEP: Final = 0.01
COLUMNS: Final = ["unit", "load", "down_h", "idle_h", "side", "worth", "per"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bottlenecks:
    """What holds a park back.

    `table`: per plant `load` (share of the year at full load), `down_h`, `idle_h` (full-load hours
    a year), `side` (`starved`, `blocked`, `full` or `other`), `worth` of one unit an hour more (in
    the KPI's unit), `per` (unit of the nameplate). The most valuable first.
    """

    park: Park
    kpi: str
    table: pd.DataFrame


def bottlenecks(
    park: Park,
    kpi: str,
    *,
    seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Bottlenecks:
    """Hours lost and worth of more, for every plant of a park.

    Args:
        park: the park.
        kpi: what more capacity should raise.
        seed: of the simulated year.
        progress: called with (done, count).

    Raises:
        UserError: the park cannot be run, or has no such KPI.
    """
    simulation = run_des(park, seed=seed)
    hours = simulation.units.groupby("component")[
        ["hours", "full_load_h", "available_h", "failed_h", "overhaul_h"]
    ].sum()
    steady = run_steady(park)
    base = value_of(park, steady, kpi)
    rows: list[dict[str, Any]] = []
    for index, (key, unit) in enumerate(park.units.items()):
        if progress is not None:
            progress(index, len(park.units))
        lost = {str(k): float(v) for k, v in hours.loc[[key]].iloc[0].items()}
        larger = replace(park, units={**park.units, key: _larger(unit)})
        worth = (value_of(larger, run_steady(larger), kpi) - base) / (STEP * unit.nameplate_per_h)
        rows.append(
            {
                "unit": key,
                "load": lost["full_load_h"] / lost["hours"],
                "down_h": lost["failed_h"] + lost["overhaul_h"],
                "idle_h": lost["available_h"] - lost["full_load_h"],
                "side": _side(park, unit, steady.bottlenecks),
                "worth": worth
                if abs(worth) * STEP * unit.nameplate_per_h > 1e-9 * abs(base)
                else 0.0,
                "per": _per(unit),
            }
        )
    frame = pd.DataFrame(rows, columns=COLUMNS)
    order = frame["worth"].mul([u.nameplate_per_h for u in park.units.values()]).abs()
    ranked = order.sort_values(ascending=False, kind="stable").index
    return Bottlenecks(park=park, kpi=kpi, table=frame.reindex(ranked).reset_index(drop=True))


def _larger(unit: Unit) -> Unit:
    """The same plant one per cent larger in everything but its investment."""
    by = 1.0 + STEP
    return replace(
        unit,
        nameplate_per_h=unit.nameplate_per_h * by,
        capacity_per_a=unit.capacity_per_a * by,
        ports=tuple(replace(p, rate=p.rate * by) for p in unit.ports),
        heat_loss_gj_per_h=unit.heat_loss_gj_per_h * by,
    )


def _per(unit: Unit) -> str:
    port = next((p for p in unit.ports if p.name == unit.reference), None)
    return f"{port.material.unit if port else 'ratio'}/h"


def _side(park: Park, unit: Unit, limits: Mapping[str, tuple[str, ...]]) -> str:
    """What holds a plant back in the first allocation: itself, what feeds it, what it feeds."""
    found = {name.partition(":")[2] for name in limits.get(unit.id, ())}
    if f"unit:{unit.id}" in limits.get(unit.id, ()):
        return "full"
    above, below = _reach(park, unit, -1.0), _reach(park, unit, 1.0)
    starved, blocked = bool(found & above - below), bool(found & below - above)
    if starved != blocked:
        return "starved" if starved else "blocked"
    return "other"


def _reach(park: Park, unit: Unit, sign: float) -> set[str]:
    """Components that feed a plant (`sign` -1) or that it feeds (1), directly or through others."""
    found: set[str] = set()
    open_ = [unit]
    seen = {unit.id}
    while open_:
        here = open_.pop()
        headers = {o.header for p in here.ports if p.rate * sign > 0 for o in p.options}
        headers = {h for h in headers if park.headers[h].material.group != "utility"}
        for section in (park.buy, park.sell, park.vents, park.obligations):
            found |= {key for key, component in section.items() if component.header in headers}
        for key, other in park.units.items():
            meets = {o.header for p in other.ports if p.rate * sign < 0 for o in p.options}
            if key not in seen and meets & headers:
                seen.add(key)
                found.add(key)
                open_.append(other)
    return found
