"""Shipments during a run, in flat arrays: links by batches, their vehicles, queues and draws.

A vehicle waits for a bay and for stock, loads (the batch leaves the stock when loading begins),
drives, waits for a dock, unloads, waits for room, and gives the batch over. What was loaded and not
given over is on the way. Amounts are base units, times hours from the start.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from chainsim.balance.bundle import Bundle, Floats2, Floats3, Ints2
from chainsim.park.model import Link, Park

# Rows of `figure`: batch; order when the position falls to LOW, up to UP; next act of a vehicle or
# arrival; the earlier of this and of when a level that is waited for is reached, -inf where the
# link is to be looked at anyway; amount on the way; booked up to; ban by hour of the day; priority
# at shared bays.
BATCH, LOW, UP_TO, NEXT, DUE, ON_WAY, BOOKED, BAN_FROM, BAN_TO, URGENCY, FIGURES = range(11)
# Rows of `mark`: buffers at both ends (-1: a purchase, a sale); bays and docks (-1: any number) and
# how many are taken; vehicles (-1: any number), and how many are away; places to wait (-1); orders
# that wait and the first of them in the ring; 1 when vehicles come by themselves; vehicles on the
# list; trips so far; vehicles that wait for room, for a dock; periods seen; link that keeps the
# count of bays taken (the first of those that share them).
(
    SOURCE,
    TARGET,
    BAYS,
    BAYS_TAKEN,
    DOCKS,
    DOCKS_TAKEN,
    FLEET,
    AWAY,
    ROOM,
    WAITING,
    HEAD,
    BY_ARRIVALS,
    VEHICLES,
    TRIPS,
    BLOCKED_NOW,
    QUEUED_NOW,
    SEEN_PERIODS,
    RACK,
    HAUL_MARKS,
) = range(19)
# What a vehicle does.
LOADING, DRIVING, QUEUEING, UNLOADING, BLOCKED, RETURNING = range(6)
# Streams of draws of one link.
ARRIVAL, LOAD_TIME, TRANSIT_TIME, UNLOAD_TIME, STREAMS = range(5)
# Rows of `by_haul`: amounts loaded and given over; trips begun; hours waited by them for a bay;
# integral of the number waiting; vehicles turned away; hours waited for a dock; on the way at the
# beginning, at the end, integral.
(
    LOADED,
    GIVEN,
    STARTED,
    WAITED_H,
    QUEUE_SUM,
    TURNED_AWAY,
    DOCK_WAIT_H,
    WAY_START,
    WAY_END,
    WAY_SUM,
    BY_HAUL,
) = range(11)

DRAWS = 256
SPARE_DRAWS = 128
"""Draws that must be left before an instant begins."""
_QUEUE = 1024
_ROAD = 256
"""Vehicles at a time of a link without a fleet of its own."""


@dataclass(frozen=True, eq=False)
class Hauls(Bundle):
    """Arrays of all links by batches: l links, v vehicles, q places in the queue."""

    figure: Floats2
    mark: Ints2
    when: Floats2
    """(l, v) end of what a vehicle does; infinite while it waits."""
    since: Floats2
    """(l, v) since when it waits for a dock."""
    phase: Ints2
    """(l, v)"""
    number: Ints2
    """(l, v) number of the trip."""
    asked: Floats2
    """(l, q) ring of the instants at which those that wait came."""
    closed: Floats2
    """(k, 3) link, first hour, first hour open again."""
    draws: Floats2
    """(4 l, DRAWS) instants of arrivals; loading, transit and unloading times."""
    used: Ints2
    """(2, 4 l) draws used up; 1 where all are the same."""
    by_haul: Floats3
    """(p, BY_HAUL, l)"""


def shipping_links(park: Park) -> list[Link]:
    """Links that carry batches, by priority and id."""
    found = [link for link in park.links.values() if link.shipment is not None]
    return sorted(found, key=lambda x: (math.inf if x.priority is None else x.priority, x.id))


def new_hauls(park: Park, periods: int) -> Hauls:
    """All vehicles at home, nothing asked for; draws still to be filled in."""
    links = shipping_links(park)
    count = len(links)
    place = {key: i for i, key in enumerate(park.buffers)}
    figure = np.zeros((FIGURES, count))
    figure[NEXT] = math.inf
    figure[DUE] = -math.inf
    mark = np.zeros((HAUL_MARKS, count), dtype=np.int64)
    used = np.zeros((2, STREAMS * count), dtype=np.int64)
    racks: dict[str, int] = {}
    closed = []
    slots = 1
    for i, link in enumerate(links):
        trip = link.shipment
        assert trip is not None
        figure[BATCH, i] = trip.batch
        figure[LOW, i], figure[UP_TO, i] = trip.order_below, trip.order_up_to
        figure[BAN_FROM, i], figure[BAN_TO, i] = trip.ban or (0.0, 0.0)
        mark[SOURCE, i], mark[TARGET, i] = place.get(trip.source, -1), place.get(trip.target, -1)
        for row, number in (
            (BAYS, trip.bays),
            (DOCKS, trip.docks),
            (FLEET, trip.fleet),
            (ROOM, trip.waiting_room),
        ):
            mark[row, i] = -1 if number is None else number
        mark[BY_ARRIVALS, i] = trip.by_arrivals
        mark[RACK, i] = racks.setdefault(trip.shared_bays, i) if trip.shared_bays else i
        figure[URGENCY, i] = math.inf if link.priority is None else link.priority
        slots = max(slots, _ROAD if trip.fleet is None else trip.fleet)
        closed += [(float(i), a, b) for a, b in trip.closures if b > a]
        durations = (trip.loading, trip.transit, trip.unloading)
        used[1, STREAMS * i + 1 : STREAMS * (i + 1)] = [d.kind == "constant" for d in durations]
    return Hauls(
        figure=figure,
        mark=mark,
        when=np.full((count, slots), math.inf),
        since=np.zeros((count, slots)),
        phase=np.zeros((count, slots), dtype=np.int64),
        number=np.zeros((count, slots), dtype=np.int64),
        asked=np.zeros((count, _QUEUE)),
        closed=np.array(closed).reshape(-1, 3),
        draws=np.zeros((STREAMS * count, DRAWS)),
        used=used,
        by_haul=np.zeros((periods, BY_HAUL, count)),
    )
