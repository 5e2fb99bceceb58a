"""Names what stops a run in which time does not go on: endless switching, endless events."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chainsim.balance.motion import WINDOW_LIMIT
from chainsim.balance.state import AT_INSTANT, CHANGES, EMPTY, FULL, RUNNING, SINCE, State
from chainsim.errors import LimitError, Problem
from chainsim.park.model import Park


def endless(state: State, component: str, hour: float, count: int | None = None) -> LimitError:
    """Too many changes within an hour (CS-E006); `component` had the last."""
    return LimitError(
        Problem(
            code="CS-E006",
            path=component,
            found=str(int(state.tally[CHANGES]) if count is None else count),
            expected=f"<= {WINDOW_LIMIT}",
            params={"hour": f"{hour:.6g}"},
        )
    )


def crowded(link: str, hour: float) -> LimitError:
    """A link by batches with more trips or orders than there is room for (CS-E008)."""
    return LimitError(Problem(code="CS-E008", path=f"links.{link}", params={"hour": f"{hour:.6g}"}))


def too_many(events: int, hour: float) -> LimitError:
    """The limit of events of the scenario is reached (CS-E012)."""
    return _limit("limits.events", str(events), hour)


def too_long(wall_s: float, hour: float) -> LimitError:
    """The limit of real time of the scenario is reached (CS-E012)."""
    return _limit("limits.wall_s", f"{wall_s:g}", hour)


def _limit(path: str, limit: str, hour: float) -> LimitError:
    return LimitError(
        Problem(code="CS-E012", path=path, expected=limit, params={"hour": f"{hour:.6g}"})
    )


def chatter(state: State, park: Park) -> LimitError:
    """Allocations at one instant without end (CS-E005): the two sets of units that alternate."""
    units = list(park.units)
    running = _named(units, state.unit_mark[RUNNING] == 1)
    before = [_named(units, row) for row in state.states[: state.tally[AT_INSTANT], 0]]
    other = next((s for s in reversed(before) if s != running), running)
    changing = running ^ other
    at_end = (state.buffer_mark[EMPTY] == 1) | (state.buffer_mark[FULL] == 1)
    headers = [b.header for b, there in zip(park.buffers.values(), at_end, strict=True) if there]
    places = ", ".join(sorted(headers))
    return LimitError(
        Problem(
            code="CS-E005",
            path=", ".join(f"units.{u}" for u in sorted(changing)) or places,
            found=places,
            params={
                "hour": f"{state.clock[SINCE]:.6g}",
                "one": ", ".join(sorted(running & changing)) or "-",
                "other": ", ".join(sorted(other & changing)) or "-",
            },
        )
    )


def _named(units: Sequence[str], marked: np.typing.NDArray[np.bool_]) -> frozenset[str]:
    return frozenset(u for u, there in zip(units, marked, strict=True) if there)
