"""Shipments inside the event loop: what links do at an instant, and when the next one acts.

A batch only moves a level; flows are allocated anew when that empties, fills or frees a buffer or
reaches a level that a unit waits for (`stocks.py`). `roads.py` is what vehicles do once loaded.
"""

from __future__ import annotations

import math

from chainsim.balance.booking import book_haul, period_of, point, see_haul
from chainsim.balance.bundle import Floats
from chainsim.balance.compiled import part
from chainsim.balance.hauls import (
    ARRIVAL,
    AWAY,
    BATCH,
    BAYS,
    BAYS_TAKEN,
    BLOCKED,
    BLOCKED_NOW,
    BY_ARRIVALS,
    DOCKS,
    DOCKS_TAKEN,
    DRAWS,
    DUE,
    FLEET,
    HEAD,
    LOAD_TIME,
    LOADED,
    LOADING,
    LOW,
    NEXT,
    ON_WAY,
    QUEUED_NOW,
    QUEUEING,
    RACK,
    ROOM,
    SOURCE,
    STARTED,
    STREAMS,
    TARGET,
    TRIPS,
    TURNED_AWAY,
    UP_TO,
    URGENCY,
    VEHICLES,
    WAITED_H,
    WAITING,
    Hauls,
)
from chainsim.balance.roads import dock, draw, give, go_on, longest, next_vehicle
from chainsim.balance.state import ACTS, CAPACITY, CULPRIT, MOVED, RATE, RUSH_WINDOW, TRIP, State
from chainsim.balance.stocks import (
    batches,
    has_batch,
    has_room,
    level_at,
    move,
    reached_at,
    slack,
)
from chainsim.balance.tableau import OK

CROWDED, RUSH = 20, 21
"""More vehicles or orders than there are places for; acts of vehicles without end in an hour."""
RUSH_LIMIT = 100_000


_ROUNDING = 1e-9
_LATER = 1e-9
"""A level that ought to be reached and is not by rounding is looked at again after this, h."""


@part
def ship(s: State, now: float) -> int:
    """All that vehicles do at `now`; `tally[CALL]` is set where flows have to be allocated."""
    h = s.haul
    links = h.mark.shape[1]
    again = True
    while again:
        again = False  # until a batch moves a level, which may concern links looked at before
        for k in range(links):
            if h.figure[DUE, k] > now:
                continue
            book_haul(h, s.tally, s.ends, k, now)
            see_haul(h, k, period_of(s.tally, s.ends, now))
            h.figure[DUE, k] = math.inf
            while True:
                status = _act(s, k, now)
                if status == OK:
                    break
                if status != 1:
                    s.tally[CULPRIT] = k
                    return status
                again = again or s.tally[MOVED] == 1
                if now - s.clock[RUSH_WINDOW] > 1.0:
                    s.clock[RUSH_WINDOW] = now
                    s.tally[ACTS] = 0
                s.tally[ACTS] += 1
                if s.tally[ACTS] > RUSH_LIMIT:
                    s.tally[CULPRIT] = k
                    return RUSH
            _plan(s.buffer, h, k, now)
        for k in range(links):
            again = again or h.figure[DUE, k] < now  # a shared bay was freed, or left to another
    return OK


@part
def _act(s: State, k: int, now: float) -> int:
    """One act of one link: 1 when something was done, OK when there is nothing to do."""
    h = s.haul
    for stream in range(STREAMS * k, STREAMS * (k + 1)):
        if h.used[1, stream] == 0 and h.used[0, stream] >= DRAWS:
            return CROWDED
    i = next_vehicle(h, k)
    if i >= 0 and h.when[k, i] <= now:
        go_on(s, k, i, now)
        return 1
    if h.mark[BLOCKED_NOW, k] > 0 and has_room(s.buffer, h, k, now):
        give(s, k, longest(h, k, BLOCKED), now)
        return 1
    docks = h.mark[DOCKS, k] - h.mark[DOCKS_TAKEN, k]
    if h.mark[QUEUED_NOW, k] > 0 and (h.mark[DOCKS, k] < 0 or docks > 0):
        dock(s, k, longest(h, k, QUEUEING), now)
        return 1
    if _can_load(h, k) and has_batch(s.buffer, h, k, now) and _first_in_line(s, k, now):
        return _load(s, k, now)
    if h.mark[BY_ARRIVALS, k] == 1:
        stream = STREAMS * k + ARRIVAL
        if h.draws[stream, h.used[0, stream]] <= now:
            return _arrive(s, k, now)
        return OK
    return _order(s.buffer, h, k, now)


@part
def _arrive(s: State, k: int, now: float) -> int:
    """A vehicle comes by itself; where it can neither load nor wait it is turned away."""
    h = s.haul
    draw(h, s.tally, k, ARRIVAL)
    room = h.mark[ROOM, k]
    ready = h.mark[WAITING, k] == 0 and _can_begin(h, k) and has_batch(s.buffer, h, k, now)
    if room >= 0 and h.mark[WAITING, k] >= room and not ready:
        h.by_haul[period_of(s.tally, s.ends, now), TURNED_AWAY, k] += 1.0
        return 1
    return _wait(h, k, now)


@part
def _wait(h: Hauls, k: int, now: float) -> int:
    """One more waits for a bay."""
    places = h.asked.shape[1]
    if h.mark[WAITING, k] == places:
        return CROWDED
    h.asked[k, (h.mark[HEAD, k] + h.mark[WAITING, k]) % places] = now
    h.mark[WAITING, k] += 1
    return 1


@part
def _order(buffer: Floats, h: Hauls, k: int, now: float) -> int:
    """Ask for batches when what is there and on the way has fallen to the order level."""
    b = h.mark[TARGET, k]
    if b < 0:  # sold on arrival: one at a time waits for its batch
        return _wait(h, k, now) if h.mark[WAITING, k] == 0 else OK
    batch = h.figure[BATCH, k]
    position = level_at(buffer, b, now) + h.figure[ON_WAY, k] + batch * h.mark[WAITING, k]
    if position > h.figure[LOW, k] + slack(buffer, b):
        return OK
    count = int((h.figure[UP_TO, k] - position + slack(buffer, b)) / batch + _ROUNDING)
    if h.figure[UP_TO, k] - h.figure[LOW, k] <= batch * (1.0 + _ROUNDING):
        # Sent as room comes: no more wait than there are batches, and one for the next batch,
        # nor than there are vehicles at home.
        count = min(count, batches(buffer, h, k, now) - h.mark[WAITING, k])
        if h.mark[FLEET, k] >= 0:
            count = min(count, h.mark[FLEET, k] - h.mark[AWAY, k] - h.mark[WAITING, k])
    for _ in range(count):
        status = _wait(h, k, now)
        if status != 1:
            return status
    return 1 if count > 0 else OK


@part
def _can_begin(h: Hauls, k: int) -> bool:
    """True when a bay and a vehicle are free."""
    bay = h.mark[BAYS, k] < 0 or h.mark[BAYS_TAKEN, h.mark[RACK, k]] < h.mark[BAYS, k]
    return bool(bay and (h.mark[FLEET, k] < 0 or h.mark[AWAY, k] < h.mark[FLEET, k]))


@part
def _can_load(h: Hauls, k: int) -> bool:
    return bool(h.mark[WAITING, k] > 0 and _can_begin(h, k))


@part
def _first_in_line(s: State, k: int, now: float) -> bool:
    """True when no vehicle that could load comes before the first of `k` at the bays they share.

    By priority of their links, then by when they came. Who comes before is looked at.
    """
    h = s.haul
    came = h.asked[k, h.mark[HEAD, k]]
    for j in range(h.mark.shape[1]):
        if j == k or h.mark[RACK, j] != h.mark[RACK, k] or not _can_load(h, j):
            continue
        earlier = h.asked[j, h.mark[HEAD, j]] < came
        if h.figure[URGENCY, j] == h.figure[URGENCY, k]:
            before = earlier or (h.asked[j, h.mark[HEAD, j]] == came and j < k)
        else:
            before = h.figure[URGENCY, j] < h.figure[URGENCY, k]
        if before and has_batch(s.buffer, h, j, now):
            h.figure[DUE, j] = -math.inf
            return False
    return True


@part
def _load(s: State, k: int, now: float) -> int:
    """The first that waits drives into a bay; its batch leaves the stock."""
    h = s.haul
    i = h.mark[VEHICLES, k]
    if i == h.when.shape[1]:
        return CROWDED
    p = period_of(s.tally, s.ends, now)
    h.by_haul[p, WAITED_H, k] += now - h.asked[k, h.mark[HEAD, k]]
    h.by_haul[p, STARTED, k] += 1.0
    h.by_haul[p, LOADED, k] += h.figure[BATCH, k]
    h.mark[HEAD, k] = (h.mark[HEAD, k] + 1) % h.asked.shape[1]
    h.mark[WAITING, k] -= 1
    h.mark[VEHICLES, k] = i + 1
    h.mark[BAYS_TAKEN, h.mark[RACK, k]] += 1
    h.mark[AWAY, k] += 1
    h.number[k, i] = h.mark[TRIPS, k]
    h.mark[TRIPS, k] += 1
    h.phase[k, i] = LOADING
    h.when[k, i] = now + draw(h, s.tally, k, LOAD_TIME)
    h.figure[ON_WAY, k] += h.figure[BATCH, k]
    if h.mark[SOURCE, k] >= 0:
        move(s, h.mark[SOURCE, k], -h.figure[BATCH, k], now)
    point(s.tally, s.points, now, s.column.shape[1] + 2 * k, h.figure[BATCH, k])
    return 1


@part
def _plan(buffer: Floats, h: Hauls, k: int, now: float) -> None:
    """When a link acts next."""
    following = math.inf
    i = next_vehicle(h, k)
    if i >= 0:
        following = h.when[k, i]
    if h.mark[BY_ARRIVALS, k] == 1:
        stream = STREAMS * k + ARRIVAL
        following = min(following, h.draws[stream, h.used[0, stream]])
    h.figure[NEXT, k] = following
    _plan_levels(buffer, h, k, now)


@part
def _plan_levels(buffer: Floats, h: Hauls, k: int, now: float) -> None:
    """When a link is to be looked at: its next act, or a level is reached that it waits for."""
    if h.figure[DUE, k] < now:  # a batch moved a level: at once
        return
    ready = math.inf
    batch = h.figure[BATCH, k]
    if h.mark[SOURCE, k] >= 0 and _can_load(h, k):
        ready = min(ready, reached_at(buffer, h.mark[SOURCE, k], batch, now))
    b = h.mark[TARGET, k]
    if b >= 0:
        if h.mark[BLOCKED_NOW, k] > 0:
            ready = min(ready, reached_at(buffer, b, buffer[CAPACITY, b] - batch, now))
        if h.mark[BY_ARRIVALS, k] == 0 and buffer[RATE, b] < 0.0:
            due = h.figure[LOW, k] - h.figure[ON_WAY, k] - batch * h.mark[WAITING, k]
            if due >= 0.0:
                ready = min(ready, reached_at(buffer, b, due, now))
    h.figure[DUE, k] = min(h.figure[NEXT, k], max(ready, now + _LATER))


@part
def plan_trips(s: State, now: float, rates_changed: bool) -> None:
    """When the next link acts."""
    h = s.haul
    following = math.inf
    for k in range(h.mark.shape[1]):
        if rates_changed:
            _plan_levels(s.buffer, h, k, now)
        following = min(following, h.figure[DUE, k])
    s.clock[TRIP] = max(following, now)
