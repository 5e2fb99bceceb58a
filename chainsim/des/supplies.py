"""Keeps the draws of shipments in stock: arrivals, loading, transit and unloading times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from chainsim.balance.bundle import Floats
from chainsim.balance.hauls import ARRIVAL, DRAWS, STREAMS, Hauls, shipping_links
from chainsim.des.clocks import Draws
from chainsim.library.model import Distribution
from chainsim.park.model import Park, Shipment

_HOURS_A_DAY = 24.0

Maker = Callable[[int], Floats]
"""Makes so many more draws of one stream."""


class Supplies:
    """The streams of all links of one run, and how far arrivals are drawn."""

    def __init__(self, park: Park, hauls: Hauls, key: tuple[int, int]) -> None:
        """Streams of `park` for the seed and replication `key`; they are filled at once."""
        self._hauls = hauls
        self._draws: list[Draws] = []
        self._makers: list[Maker] = []
        self._last: list[float] = []
        """Last instant drawn of each link's arrivals."""
        self._count: list[int] = []
        """How many of them were drawn."""
        for k, link in enumerate(shipping_links(park)):
            trip = link.shipment
            assert trip is not None
            for name in ("arrival", "loading", "transit", "unloading"):
                self._draws.append(Draws(*key, f"link.{link.id}.{name}"))
            self._last.append(0.0)
            self._count.append(0)
            self._makers.append(self._arrivals(k, trip))
            for which, law in enumerate((trip.loading, trip.transit, trip.unloading), start=1):
                self._makers.append(self._durations(STREAMS * k + which, law))
            hauls.used[0, STREAMS * k : STREAMS * (k + 1)] = DRAWS
        self.refill()

    def refill(self) -> None:
        """Fill up every stream."""
        draws, used = self._hauls.draws, self._hauls.used
        for stream, maker in enumerate(self._makers):
            spent = int(used[0, stream])
            if spent == 0:
                continue
            draws[stream, : DRAWS - spent] = draws[stream, spent:]
            draws[stream, DRAWS - spent :] = maker(spent)
            used[0, stream] = 0

    def _durations(self, stream: int, law: Distribution) -> Maker:
        draws = self._draws[stream]
        return lambda count: draws.durations(law, count)

    def _arrivals(self, k: int, trip: Shipment) -> Maker:
        if trip.timetable:
            return lambda count: self._by_timetable(k, trip.timetable, count)
        every = trip.every
        if every is None:
            return lambda count: np.full(count, np.inf)
        return lambda count: self._one_by_one(k, every, trip.first_h, count)

    def _by_timetable(self, k: int, hours: tuple[float, ...], count: int) -> Floats:
        n = np.arange(self._count[k], self._count[k] + count)
        self._count[k] += count
        found: Floats = (n // len(hours)) * _HOURS_A_DAY + np.array(hours)[n % len(hours)]
        return found

    def _one_by_one(self, k: int, every: Distribution, first: float | None, count: int) -> Floats:
        steps = self._draws[STREAMS * k + ARRIVAL].durations(every, count)
        if self._count[k] == 0 and first is not None:
            steps[0] = first
        self._count[k] += count
        found = self._last[k] + np.cumsum(steps)
        self._last[k] = float(found[-1])
        return found

    def write_down(self) -> dict[str, Any]:
        """Where all streams are."""
        draws = [d.write_down() for d in self._draws]
        return {"draws": draws, "last": list(self._last), "count": list(self._count)}

    def take_up(self, written: Mapping[str, Any]) -> None:
        """Go on from there."""
        for draws, state in zip(self._draws, written["draws"], strict=True):
            draws.take_up(state)
        self._last[:] = written["last"]
        self._count[:] = written["count"]
