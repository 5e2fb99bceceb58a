"""What the clocks decide about a unit: trains that are down, overhauls, dates, whom it replaces."""

from __future__ import annotations

from dataclasses import dataclass, field

from chainsim.balance.state import CAP, FAILED, OVERHAUL, RUNNING, UP, State
from chainsim.park.model import Unit


@dataclass(slots=True)
class UnitState:
    """One unit, `index` in the arrays of `state`. `down` counts active failures per train."""

    unit: Unit
    index: int
    state: State
    down: list[int] = field(default_factory=list)
    used: list[bool] = field(default_factory=list)
    """For each train whether it is in use or, being a cold spare, stands."""
    overhaul: bool = False
    alive: bool = True
    out: bool = False
    """Taken down by a process of the user."""
    replaces: list[UnitState] = field(default_factory=list)
    replaced_by: list[UnitState] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.down = self.down or [0] * self.unit.trains
        if not self.used:
            spare = self.unit.cold_spares
            self.used = [not spare or i < self.unit.needed for i in range(self.unit.trains)]

    @property
    def running(self) -> bool:
        """True when it ran after the last allocation."""
        return bool(self.state.unit_mark[RUNNING, self.index])

    @property
    def working(self) -> bool:
        """False in overhaul, before its start, after its close, and when it was taken down."""
        return self.alive and not self.overhaul and not self.out

    @property
    def trains_up(self) -> int:
        """Trains that could run."""
        return self.down.count(0) if self.working else 0

    @property
    def trains_missing(self) -> int:
        """Trains that lack to carry the nameplate."""
        return max(0, self.unit.needed - self.trains_up)

    def tell(self) -> None:
        """Write the shares of trains that are up, failed and in overhaul into the arrays."""
        self._choose()
        self._write()
        for other in self.replaced_by:
            other._write()

    def limit(self, share: float) -> None:
        """Let the unit reach at most this share of what is up."""
        self.state.unit[CAP, self.index] = share

    def _choose(self) -> None:
        """Of cold spares, use those in use that are up, then the first others."""
        if not self.unit.cold_spares:
            return
        self.used = [use and not d for use, d in zip(self.used, self.down, strict=True)]
        more = self.unit.needed - sum(self.used)
        for train, d in enumerate(self.down):
            if more > 0 and not d and not self.used[train]:
                self.used[train] = True
                more -= 1

    def _write(self) -> None:
        arrays, i = self.state.unit, self.index
        up = self.trains_up
        if self.replaces:
            up = min(up, sum(other.trains_missing for other in self.replaces))
        arrays[UP, i] = self.unit.share_up(up)
        down = self.unit.trains - self.down.count(0)
        arrays[FAILED, i] = down / self.unit.trains if self.working else 0.0
        arrays[OVERHAUL, i] = float(self.overhaul and self.alive)
