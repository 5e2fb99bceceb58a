"""What the clocks decide about a unit: trains that are down, overhauls, dates."""

from __future__ import annotations

from dataclasses import dataclass, field

from chainsim.balance.state import FAILED, OVERHAUL, RUNNING, UP, State
from chainsim.park.model import Unit


@dataclass(slots=True)
class UnitState:
    """One unit, `index` in the arrays of `state`. `down` counts active failures per train."""

    unit: Unit
    index: int
    state: State
    down: list[int] = field(default_factory=list)
    overhaul: bool = False
    alive: bool = True

    def __post_init__(self) -> None:
        if not self.down:
            self.down = [0] * self.unit.trains

    @property
    def running(self) -> bool:
        """True when it ran after the last allocation."""
        return bool(self.state.unit_mark[RUNNING, self.index])

    def tell(self) -> None:
        """Write the shares of trains that are up, failed and in overhaul into the arrays."""
        arrays, i = self.state.unit, self.index
        down = sum(1 for d in self.down if d) / self.unit.trains
        working = self.alive and not self.overhaul
        up = sum(1 for d in self.down if not d) / self.unit.trains
        arrays[UP, i] = up if working else 0.0
        arrays[FAILED, i] = down if working else 0.0
        arrays[OVERHAUL, i] = float(self.overhaul and self.alive)
