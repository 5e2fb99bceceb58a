"""Clocks and random durations of the event engine.

Each component draws from a stream of its own, keyed by a stable hash of its name, so that adding or
changing one unit leaves every other unit's draws bit-equal.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainsim.des.agenda import Agenda
from chainsim.ids import spawn_key
from chainsim.library.model import Distribution


class Draws:
    """Random durations of one component in one replication."""

    def __init__(self, seed: int, replication: int, component: str) -> None:
        sequence = np.random.SeedSequence(seed, spawn_key=spawn_key(replication, component))
        self._random = np.random.Generator(np.random.PCG64(sequence))

    def write_down(self) -> Mapping[str, Any]:
        """Where in its stream it is."""
        return self._random.bit_generator.state

    def take_up(self, written: Mapping[str, Any]) -> None:
        """Go on from there."""
        self._random.bit_generator.state = written

    def duration(self, d: Distribution) -> float:
        """One draw, h."""
        r, p = self._random, d.parameters
        match d.kind:
            case "exponential":
                return float(r.exponential(p["mean"]))
            case "weibull":
                return float(p["scale"] * r.weibull(p["shape"]))
            case "lognormal":
                return float(p["median"] * math.exp(p["sigma"] * r.standard_normal()))
            case "gamma":
                return float(r.gamma(p["shape"], p["scale"]))
            case "triangular":
                if p["low"] == p["high"]:
                    return p["low"]
                return float(r.triangular(p["low"], p["mode"], p["high"]))
            case _:
                return p["value"]

    def durations(self, d: Distribution, count: int) -> NDArray[np.float64]:
        """(count,) draws at a time, h: another stream of the same law."""
        r, p = self._random, d.parameters
        match d.kind:
            case "exponential":
                return r.exponential(p["mean"], count)
            case "weibull":
                return p["scale"] * r.weibull(p["shape"], count)
            case "lognormal":
                return p["median"] * np.exp(p["sigma"] * r.standard_normal(count))
            case "gamma":
                return r.gamma(p["shape"], p["scale"], count)
            case "triangular" if p["low"] < p["high"]:
                return r.triangular(p["low"], p["mode"], p["high"], count)
            case "triangular":
                return np.full(count, p["low"])
            case _:
                return np.full(count, p["value"])


class Clock:
    """A countdown that can be paused and goes on where it stopped; it rings through the agenda."""

    def __init__(self, agenda: Agenda, number: int) -> None:
        """A clock that stands; it calls the action `ring` with its number and a version."""
        self._agenda = agenda
        self._number = number
        self._remaining = math.inf
        self._since = 0.0
        self._running = False
        self._version = 0

    def set(self, hours: float) -> None:
        """Count down from `hours`, running or paused as before."""
        self._remaining = hours
        if self._running:
            self._arm()

    def run(self, running: bool) -> None:
        """Start or pause the clock; nothing happens when it is in that state already."""
        if running == self._running:
            return
        self._running = running
        if running:
            self._arm()
        else:
            self._remaining -= self._agenda.now - self._since
            self._version += 1

    def _arm(self) -> None:
        self._since = self._agenda.now
        self._version += 1
        if not math.isinf(self._remaining):
            self._agenda.after(max(self._remaining, 0.0), "ring", self._number, self._version)

    def rings(self, version: int) -> bool:
        """True when a ring of this version counts; the clock then waits to be set again."""
        if version != self._version:
            return False
        self._version += 1
        self._remaining = math.inf
        return True

    def write_down(self) -> tuple[float, float, bool, int]:
        """All that it has to remember."""
        return self._remaining, self._since, self._running, self._version

    def take_up(self, written: tuple[float, float, bool, int]) -> None:
        """Be as it was when that was written down."""
        self._remaining, self._since, self._running, self._version = written
