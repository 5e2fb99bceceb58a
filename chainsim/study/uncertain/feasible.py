"""Figures drawn within their ranges so that every process still closes.

Independent draws would leave most processes with a negative closing stream or heat loss. What is
wanted is the distribution of the ranges *given that every process closes*. The margins of the
closings (closing streams, their limits, heat loss) are linear in the figures of the ports, nearly
so in compositions. So Gibbs sampling is exact to first order: going over the figures, each is drawn
anew from its own distribution cut to the interval in which no margin turns negative, the others
held (Gelfand, Smith & Lee, J. Am. Stat. Assoc. 87 (1992) 523-532). At the end the true closings
are checked; the figures of a process that does not close, for products of two deviations, are
drawn in towards the typical values, a fifth at a time, until it does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chainsim.ids import spawn_key
from chainsim.library.closures import Closures
from chainsim.library.model import Coefficient

Array = NDArray[np.float64]
STEPS = 40
KEPT_SHARE = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The distribution of one figure: uniform or triangular between `low` and `high`."""

    low: float
    mode: float
    high: float
    shape: str

    def over(self, typical: float) -> Range:
        """The same as a multiple of `typical`."""
        low, mode, high = (value / typical for value in (self.low, self.mode, self.high))
        return Range(low=low, mode=mode, high=high, shape=self.shape)

    def share(self, value: float) -> float:
        """Probability of less than `value`."""
        width = self.high - self.low
        if value <= self.low:
            return 0.0
        if value >= self.high:
            return 1.0
        if self.shape == "uniform":
            return (value - self.low) / width
        if value < self.mode:
            return (value - self.low) ** 2 / (width * (self.mode - self.low))
        return 1.0 - (self.high - value) ** 2 / (width * (self.high - self.mode))

    def at(self, share: float) -> float:
        """The value below which `share` of the probability lies."""
        width = self.high - self.low
        if self.shape == "uniform":
            return self.low + width * share
        if share < (self.mode - self.low) / width:
            return self.low + math.sqrt(share * width * (self.mode - self.low))
        return self.high - math.sqrt((1.0 - share) * width * (self.high - self.mode))


def range_of(figure: Coefficient, shape: str) -> Range:
    """The range the library gives a figure."""
    return Range(low=figure.low, mode=figure.value, high=figure.high, shape=shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """One figure in the linear margins."""

    path: str
    range: Range
    rows: NDArray[np.intp]
    slopes: Array


class FeasibleDraws:
    """Draws of the figures that closings hold together."""

    def __init__(
        self,
        closures: Closures,
        ranges: Mapping[str, Range],
        *,
        rounds: int,
        fixed: Mapping[str, float] | None = None,
    ) -> None:
        """Learn how the margins move.

        Args:
            closures: the processes that must close.
            ranges: by path, of the figures to draw; those no closing depends on are left alone.
            rounds: times every figure is drawn anew.
            fixed: values of other figures that are not the typical ones.
        """
        self._closures, self._rounds = closures, rounds
        self._fixed = dict(fixed or {})
        drawn = sorted(set(ranges) & set(closures.figures) - set(self._fixed))
        modes = {path: ranges[path].mode for path in drawn}
        away = {k: v for k, v in modes.items() if v != closures.figures[k].value}
        self._centre = {**self._fixed, **away}
        """Where the margins are looked at: every figure at its mode."""
        base = closures.margins(closures.processes, self._centre)
        names = {name: k for k, name in enumerate(base)}
        self._base = np.array(list(base.values()))
        self._columns: list[_Column] = []
        for path in drawn:
            rows, slopes = self._slopes(path, ranges[path], names)
            self._columns.append(_Column(path=path, range=ranges[path], rows=rows, slopes=slopes))

    def _slopes(
        self, path: str, range_: Range, names: Mapping[str, int]
    ) -> tuple[NDArray[np.intp], Array]:
        """Rows of the margins that a figure moves, and how much per unit of it."""
        touched = self._closures.depending[path]
        ends = [
            self._closures.margins(touched, {**self._centre, path: value})
            for value in (range_.low, range_.high)
        ]
        width = range_.high - range_.low
        moved = {
            names[name]: (ends[1][name] - ends[0][name]) / width
            for name in ends[0]
            if name in names and name in ends[1] and ends[0][name] != ends[1][name]
        }
        return np.array(list(moved), dtype=np.intp), np.array(list(moved.values()))

    def draw(self, seed: int, replication: int) -> dict[str, float]:
        """Values by path; a function of seed and replication, the same on every machine.

        Every figure has a stream of its own, named after it: one more figure leaves the draws of
        those that no closing ties to it as they were.
        """
        values = {c.path: c.range.mode for c in self._columns}
        margins = self._base.copy()
        shares = {c.path: _uniforms(seed, replication, c.path, self._rounds) for c in self._columns}
        for turn in range(self._rounds):
            for column in self._columns:
                old = values[column.path]
                new = _redrawn(column, old, margins, shares[column.path][turn])
                margins[column.rows] += column.slopes * (new - old)
                values[column.path] = new
        return self._drawn_in(values)

    def _drawn_in(self, values: dict[str, float]) -> dict[str, float]:
        """`values`, those of processes that do not close brought nearer to the typical ones."""
        typical = {c.path: c.range.mode for c in self._columns}
        depending = self._closures.depending
        asked = list(self._closures.processes)
        for _ in range(STEPS):
            broken = set(self._closures.broken(asked, {**self._fixed, **values}))
            if not broken:
                return values
            moved: set[str] = set()
            for path, value in values.items():
                if broken & set(depending[path]):
                    values[path] = typical[path] + KEPT_SHARE * (value - typical[path])
                    moved |= set(depending[path])
            asked = [p for p in self._closures.processes if p in moved]  # the others stand still
        return typical


def _redrawn(column: _Column, old: float, margins: Array, share: float) -> float:
    """A new value of one figure, from its range cut to where no margin turns negative."""
    low, high = column.range.low, column.range.high
    room = np.maximum(margins[column.rows], 0.0) / np.abs(column.slopes)
    falling = column.slopes < 0.0
    if falling.any():
        high = min(high, old + float(room[falling].min()))
    if not falling.all():
        low = max(low, old - float(room[~falling].min()))
    begin, end = column.range.share(low), column.range.share(high)
    return min(max(column.range.at(begin + (end - begin) * share), low), high)


def _uniforms(seed: int, replication: int, path: str, count: int) -> Array:
    key = spawn_key(replication, f"figures.{path}")
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))
    return rng.random(count)


def independent(ranges: Mapping[str, Range], seed: int, replication: int) -> dict[str, float]:
    """Draws of figures that no closing depends on."""
    return {
        path: range_.at(float(_uniforms(seed, replication, path, 1)[0]))
        for path, range_ in sorted(ranges.items())
    }
