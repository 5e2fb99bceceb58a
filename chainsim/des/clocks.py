"""Clocks and random durations of the event engine.

Each component draws from a stream of its own, keyed by a stable hash of its name, so that adding or
changing one unit leaves every other unit's draws bit-equal.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import simpy

from chainsim.ids import spawn_key
from chainsim.library.model import Distribution


class Draws:
    """Random durations of one component in one replication."""

    def __init__(self, seed: int, replication: int, component: str) -> None:
        sequence = np.random.SeedSequence(seed, spawn_key=spawn_key(replication, component))
        self._random = np.random.Generator(np.random.PCG64(sequence))

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


class Clock:
    """A countdown on the simpy environment that can be paused and goes on where it stopped."""

    def __init__(self, env: simpy.Environment, ring: Callable[[], None]) -> None:
        self._env = env
        self._ring = ring
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
            self._remaining -= self._env.now - self._since
            self._version += 1

    def _arm(self) -> None:
        self._since = self._env.now
        self._version += 1
        version = self._version
        if math.isinf(self._remaining):
            return
        timeout = self._env.timeout(max(self._remaining, 0.0))
        timeout.callbacks.append(lambda _: self._fire(version))

    def _fire(self, version: int) -> None:
        if version == self._version:
            self._version += 1
            self._remaining = math.inf
            self._ring()
