"""Stops runs in which time does not go on: switching for ever, or events without end."""

from __future__ import annotations

from collections.abc import Iterable

from chainsim.errors import LimitError, Problem

SAME_INSTANT_H = 1e-9
CHATTER_LIMIT = 60
"""Allocations at one instant."""
WINDOW_H = 1.0
WINDOW_LIMIT = 3000
"""State changes within one hour of simulated time; a park of hundreds of units has a few."""

Snapshot = tuple[frozenset[str], frozenset[str]]
"""Units that run, and units that may not restart yet."""


class Guard:
    """Watches one run."""

    def __init__(self) -> None:
        self._states: list[tuple[frozenset[str], float]] = []
        self._tried: dict[Snapshot, bool] = {}
        self._window = 0.0
        self._changes = 0

    def change(self, now: float, component: str) -> None:
        """Count one change of state.

        Raises:
            LimitError: too many within an hour (CS-E006), naming the last component.
        """
        if now - self._window > WINDOW_H:
            self._window, self._changes = now, 0
        self._changes += 1
        if self._changes > WINDOW_LIMIT:
            raise LimitError(
                Problem(
                    code="CS-E006",
                    path=component,
                    found=str(self._changes),
                    expected=f"<= {WINDOW_LIMIT}",
                    params={"hour": f"{now:.6g}"},
                )
            )

    def allocation(self, now: float, running: frozenset[str], headers: Iterable[str]) -> None:
        """Count one allocation.

        Raises:
            LimitError: too many at one instant (CS-E005).
        """
        if self._states and now - self._states[0][1] > SAME_INSTANT_H:
            self._states = []
            self._tried = {}
        self._states.append((running, now))
        if len(self._states) > CHATTER_LIMIT:
            raise self._chatter(now, running, headers)

    def worth_waking(self, now: float, state: Snapshot, headers: Iterable[str]) -> bool:
        """True when waking held units from `state` was not tried at this instant.

        Raises:
            LimitError: waking from it changed the park, which then fell back (CS-E005).
        """
        if self._tried.get(state, False):
            raise self._chatter(now, state[0], headers)
        return state not in self._tried

    def woke(self, state: Snapshot, *, changed: bool) -> None:
        """Remember what waking from `state` led to."""
        self._tried[state] = changed

    def _chatter(self, now: float, running: frozenset[str], headers: Iterable[str]) -> LimitError:
        other = next((s for s, _ in reversed(self._states) if s != running), running)
        changing = running ^ other
        places = ", ".join(sorted(headers))
        return LimitError(
            Problem(
                code="CS-E005",
                path=", ".join(f"units.{u}" for u in sorted(changing)) or places,
                found=places,
                params={
                    "hour": f"{now:.6g}",
                    "one": ", ".join(sorted(running & changing)) or "-",
                    "other": ", ".join(sorted(other & changing)) or "-",
                },
            )
        )
