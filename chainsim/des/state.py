"""What changes during a run: trains, failures, overhauls, holds, levels."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from chainsim.park.model import Buffer, Unit

LEVEL_TOLERANCE = 1e-9
"""Share of a buffer's capacity within which its level counts as empty or full."""


@dataclass(slots=True)
class UnitState:
    """One unit. `down` counts active failures per train."""

    unit: Unit
    down: list[int] = field(default_factory=list)
    overhaul: bool = False
    alive: bool = True
    running: bool = False
    ran: bool = False
    """Running in the last interval that lasted."""
    held: bool = False
    """Stopped for want of feed or outlet while able to run."""
    free_at: float = -math.inf
    """Earliest restart after such a stop."""
    waiting: dict[str, bool] = field(default_factory=dict)
    """Buffer -> True while its restart level is not reached yet."""

    def __post_init__(self) -> None:
        if not self.down:
            self.down = [0] * self.unit.trains

    @property
    def up_share(self) -> float:
        """Share of trains that could run now, overhaul and dates included."""
        if self.overhaul or not self.alive:
            return 0.0
        return sum(1 for d in self.down if d == 0) / self.unit.trains

    @property
    def failed_share(self) -> float:
        """Share of trains down by failure (not counted during overhauls)."""
        if self.overhaul or not self.alive:
            return 0.0
        return sum(1 for d in self.down if d > 0) / self.unit.trains

    def may_restart(self, now: float) -> bool:
        """True when the minimum stop is over and every restart level was reached."""
        return now >= self.free_at and not any(self.waiting.values())


@dataclass(slots=True)
class BufferState:
    """One buffer: its level in base units and whether it counts as empty or full."""

    buffer: Buffer
    level: float
    rate: float = 0.0
    empty: bool = False
    full: bool = False

    @property
    def _slack(self) -> float:
        return LEVEL_TOLERANCE * max(self.buffer.capacity, 1e-9)

    def settle(self) -> None:
        """Snap the level to its ends and decide the mode."""
        capacity = self.buffer.capacity
        if self.level <= self._slack:
            self.level = 0.0
        if self.level >= capacity - self._slack:
            self.level = capacity
        self.empty = self.level <= 0.0
        self.full = self.level >= capacity

    def crossing(self) -> float:
        """Hours until the level reaches an end at the present rate."""
        if self.rate < 0.0:
            return max(self.level, 0.0) / -self.rate
        if self.rate > 0.0:
            return max(self.buffer.capacity - self.level, 0.0) / self.rate
        return math.inf

    def reaching(self, level: float) -> float:
        """Hours until the level reaches `level` at the present rate; inf when it moves away."""
        if self.rate == 0.0:
            return math.inf
        hours = (level - self.level) / self.rate
        return hours if hours > 0.0 else math.inf
