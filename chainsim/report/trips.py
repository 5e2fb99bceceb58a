"""Batches of a run, link by link over the whole time: trips, what was delivered, who waited."""

from __future__ import annotations

from typing import Final

import pandas as pd

from chainsim.errors import Lang
from chainsim.report.document import Grid, Row
from chainsim.report.i18n import t
from chainsim.report.names import component_name
from chainsim.report.numbers import fmt, number
from chainsim.study.result import RunResult

_SUMS: Final = ("trips", "delivered", "waited_h", "dock_waited_h", "turned_away")
_COLUMNS: Final = (
    "link", "material", "unit", "trips", "delivered", "wait_h", "dock_wait_h", "most_queue",
    "turned_away",
)  # fmt: skip


def trip_table(result: RunResult) -> pd.DataFrame:
    """Links that carry batches, by id; without rows in a park that has none, or without events.

    `trips` and `delivered` (in `unit`) over the whole time, `wait_h` and `dock_wait_h` of a trip to
    load and to unload, `most_queue` the mean queue of the worst month, `turned_away` vehicles.
    """
    batches = result.simulation.shipments
    if result.simulation.engine != "des":  # the others move means, and nobody waits in a mean
        batches = batches.iloc[:0]
    by_link = batches.groupby("component", sort=True)
    found = by_link[list(_SUMS)].sum()
    trips = found["trips"].clip(lower=1.0)
    table = pd.DataFrame(
        {
            **{key: found[key] for key in ("trips", "delivered", "turned_away")},
            "material": by_link["material"].first(),
            "unit": by_link["unit"].first(),
            "wait_h": found["waited_h"] / trips,
            "dock_wait_h": found["dock_waited_h"] / trips,
            "most_queue": by_link["queue_mean"].max(),
        }
    )
    return table.rename_axis("link").reset_index()[list(_COLUMNS)]


def trip_grid(result: RunResult, lang: Lang) -> Grid | None:
    """`trip_table` as text, links that turned vehicles away marked; None without such links."""
    rows = [
        Row(
            (
                component_name(result.park, str(r["link"]), lang),
                number(r["trips"]),
                fmt(r["delivered"], str(r["unit"]), lang),
                fmt(r["wait_h"], "h", lang),
                fmt(r["dock_wait_h"], "h", lang),
                number(r["most_queue"]),
                number(r["turned_away"]),
            ),
            tone="warn" if r["turned_away"] > 0 else "plain",
        )
        for r in trip_table(result).to_dict("records")
    ]
    if not rows:
        return None
    keys = ("link", "trips", "delivered", "wait", "dock_wait", "most_queue", "turned_away")
    return Grid(
        headers=tuple(t(f"bays.{key}", lang) for key in keys),
        rows=tuple(rows),
        numeric=frozenset(range(1, len(keys))),
        wide=frozenset({0}),
        toned=len(keys) - 1,
    )
