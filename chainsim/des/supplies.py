"""Keeps the draws of shipments in stock: arrivals, loading, transit and unloading times."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from chainsim.balance.hauls import ARRIVAL, DRAWS, STREAMS, Hauls, shipping_links
from chainsim.des.clocks import Draws
from chainsim.library.model import Distribution
from chainsim.park.model import Park, Shipment

_HOURS_A_DAY = 24.0


class Supplies:
    """The streams of all links of one run, and how far arrivals are drawn."""

    def __init__(self, park: Park, hauls: Hauls, key: tuple[int, int]) -> None:
        """Streams of `park` for the seed and replication `key`; they are filled at once."""
        self._hauls = hauls
        self._draws: list[Draws] = []
        self._makers: list[Callable[[int], list[float]]] = []
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

    def _durations(self, stream: int, law: Distribution) -> Callable[[int], list[float]]:
        draws = self._draws[stream]
        return lambda count: [draws.duration(law) for _ in range(count)]

    def _arrivals(self, k: int, trip: Shipment) -> Callable[[int], list[float]]:
        if trip.timetable:
            return lambda count: self._by_timetable(k, trip, count)
        if trip.every is None:
            return lambda count: [np.inf] * count
        return lambda count: list(itertools.islice(self._one_by_one(k, trip), count))

    def _by_timetable(self, k: int, trip: Shipment, count: int) -> list[float]:
        begin, hours = self._count[k], trip.timetable
        self._count[k] += count
        return [
            (n // len(hours)) * _HOURS_A_DAY + hours[n % len(hours)]
            for n in range(begin, begin + count)
        ]

    def _one_by_one(self, k: int, trip: Shipment) -> Iterator[float]:
        assert trip.every is not None
        draws = self._draws[STREAMS * k + ARRIVAL]
        while True:
            if self._count[k] == 0 and trip.first_h is not None:
                self._last[k] = trip.first_h
            else:
                self._last[k] += draws.duration(trip.every)
            self._count[k] += 1
            yield self._last[k]

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
