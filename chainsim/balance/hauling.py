"""Shipments inside the event loop: what vehicles do at an instant, and when the next one acts.

A batch only moves a level; flows are allocated anew when that empties, fills or frees a buffer or
reaches a level that a unit waits for.
"""

from __future__ import annotations

import math

from chainsim.balance.booking import book_haul, book_level, period_of, point, see_haul, see_period
from chainsim.balance.bundle import Floats, Ints
from chainsim.balance.compiled import part
from chainsim.balance.hauls import (
    ARRIVAL,
    AWAY,
    BAN_FROM,
    BAN_TO,
    BATCH,
    BAYS,
    BAYS_TAKEN,
    BLOCKED,
    BLOCKED_NOW,
    BY_ARRIVALS,
    DOCK_WAIT_H,
    DOCKS,
    DOCKS_TAKEN,
    DRAWS,
    DRIVING,
    FLEET,
    GIVEN,
    HEAD,
    LOAD_TIME,
    LOADED,
    LOADING,
    LOOK,
    LOW,
    NEXT,
    ON_WAY,
    QUEUEING,
    READY,
    RETURNING,
    ROOM,
    SOURCE,
    SPARE_DRAWS,
    STARTED,
    STREAMS,
    TARGET,
    TRANSIT_TIME,
    TRIPS,
    TURNED_AWAY,
    UNLOAD_TIME,
    UNLOADING,
    UP_TO,
    VEHICLES,
    WAITED_H,
    WAITING,
    Hauls,
)
from chainsim.balance.state import (
    ACTS,
    CALL,
    CAPACITY,
    CULPRIT,
    EMPTY,
    FULL,
    GIVES,
    LEVEL,
    LEVEL_AT,
    LOW_DRAWS,
    RATE,
    RUSH_WINDOW,
    SLACK_LEVEL,
    TAKES,
    TRIP,
    WAIT_BUFFER,
    WAIT_TAKES,
    WAIT_WAITS,
    State,
)
from chainsim.balance.tableau import OK

CROWDED, RUSH = 20, 21
"""More vehicles or orders than there are places for; acts of vehicles without end in an hour."""
RUSH_LIMIT = 100_000
_HOURS_A_DAY = 24.0
_ROUNDING = 1e-9
_LATER = 1e-9
"""A level that ought to be reached and is not by rounding is looked at again after this, h."""


@part
def level_at(buffer: Floats, b: int, now: float) -> float:
    """Level of a buffer at `now`."""
    level = buffer[LEVEL, b] + buffer[RATE, b] * (now - buffer[LEVEL_AT, b])
    return float(min(max(level, 0.0), buffer[CAPACITY, b]))


@part
def reached_at(buffer: Floats, b: int, level: float, now: float) -> float:
    """When a buffer comes to a level at the present rate; infinite when it goes away from it."""
    rate = buffer[RATE, b]
    if rate == 0.0:
        return math.inf
    at = buffer[LEVEL_AT, b] + (level - buffer[LEVEL, b]) / rate
    return float(at) if at >= now else math.inf


@part
def ship(s: State, now: float) -> int:
    """All that vehicles do at `now`; `tally[CALL]` is set where flows have to be allocated."""
    h = s.haul
    links = h.mark.shape[1]
    again = True
    while again:
        again = False
        for k in range(links):
            if h.mark[LOOK, k] == 0 and min(h.figure[NEXT, k], h.figure[READY, k]) > now:
                continue
            book_haul(h, s.tally, s.ends, k, now)
            see_haul(h, k, period_of(s.tally, s.ends, now))
            h.mark[LOOK, k] = 0
            while True:
                status = _act(s, k, now)
                if status == OK:
                    break
                if status != 1:
                    s.tally[CULPRIT] = k
                    return status
                again = True
                if now - s.clock[RUSH_WINDOW] > 1.0:
                    s.clock[RUSH_WINDOW] = now
                    s.tally[ACTS] = 0
                s.tally[ACTS] += 1
                if s.tally[ACTS] > RUSH_LIMIT:
                    s.tally[CULPRIT] = k
                    return RUSH
            _plan(s.buffer, h, k, now)
    return OK


@part
def _act(s: State, k: int, now: float) -> int:
    """One act of one link: 1 when something was done, OK when there is nothing to do."""
    h = s.haul
    for stream in range(STREAMS * k, STREAMS * (k + 1)):
        if h.used[1, stream] == 0 and h.used[0, stream] >= DRAWS:
            return CROWDED
    i = _next_vehicle(h, k)
    if i >= 0 and h.when[k, i] <= now:
        _go_on(s, k, i, now)
        return 1
    if h.mark[BLOCKED_NOW, k] > 0 and _has_room(s.buffer, h, k, now):
        _give(s, k, _longest(h, k, BLOCKED), now)
        return 1
    if h.mark[DOCKS, k] < 0 or h.mark[DOCKS_TAKEN, k] < h.mark[DOCKS, k]:
        i = _longest(h, k, QUEUEING)
        if i >= 0:
            h.by_haul[period_of(s.tally, s.ends, now), DOCK_WAIT_H, k] += now - h.since[k, i]
            _dock(s, k, i, now)
            return 1
    if _can_load(h, k) and _has_batch(s.buffer, h, k, now):
        return _load(s, k, now)
    if h.mark[BY_ARRIVALS, k] == 1:
        stream = STREAMS * k + ARRIVAL
        if h.draws[stream, h.used[0, stream]] <= now:
            return _arrive(s, k, now)
        return OK
    return _order(s.buffer, h, k, now)


@part
def _slack(buffer: Floats, b: int) -> float:
    return float(buffer[SLACK_LEVEL, b])


@part
def _draw(h: Hauls, tally: Ints, k: int, which: int) -> float:
    """Next duration from a stream."""
    stream = STREAMS * k + which
    found = h.draws[stream, h.used[0, stream]]
    if h.used[1, stream] == 0:
        h.used[0, stream] += 1
        if h.used[0, stream] > DRAWS - SPARE_DRAWS:
            tally[LOW_DRAWS] = 1
    return float(found)


# -- coming, loading --------------------------------------------------------------------------


@part
def _arrive(s: State, k: int, now: float) -> int:
    """A vehicle comes by itself; where it can neither load nor wait it is turned away."""
    h = s.haul
    _draw(h, s.tally, k, ARRIVAL)
    room = h.mark[ROOM, k]
    ready = h.mark[WAITING, k] == 0 and _can_begin(h, k) and _has_batch(s.buffer, h, k, now)
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
    if position > h.figure[LOW, k] + _slack(buffer, b):
        return OK
    count = int((h.figure[UP_TO, k] - position + _slack(buffer, b)) / batch + _ROUNDING)
    if h.figure[UP_TO, k] - h.figure[LOW, k] <= batch * (1.0 + _ROUNDING):
        # Sent as room comes: no more wait than there are batches, and one for the next batch.
        count = min(count, _batches(buffer, h, k, now) - h.mark[WAITING, k])
    for _ in range(count):
        status = _wait(h, k, now)
        if status != 1:
            return status
    return 1 if count > 0 else OK


@part
def _batches(buffer: Floats, h: Hauls, k: int, now: float) -> int:
    """Batches in stock, at least one; as many as can wait where they are bought."""
    b = h.mark[SOURCE, k]
    if b < 0:
        return int(h.asked.shape[1])
    stock = level_at(buffer, b, now) + _slack(buffer, b)
    return int(min(max(1, int(stock / h.figure[BATCH, k])), h.asked.shape[1]))


@part
def _can_begin(h: Hauls, k: int) -> bool:
    """True when a bay and a vehicle are free."""
    bay = h.mark[BAYS, k] < 0 or h.mark[BAYS_TAKEN, k] < h.mark[BAYS, k]
    return bool(bay and (h.mark[FLEET, k] < 0 or h.mark[AWAY, k] < h.mark[FLEET, k]))


@part
def _has_batch(buffer: Floats, h: Hauls, k: int, now: float) -> bool:
    """True when a batch is in stock, or is bought when it is loaded."""
    b = h.mark[SOURCE, k]
    return bool(b < 0 or level_at(buffer, b, now) >= h.figure[BATCH, k] - _slack(buffer, b))


@part
def _can_load(h: Hauls, k: int) -> bool:
    return bool(h.mark[WAITING, k] > 0 and _can_begin(h, k))


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
    h.mark[BAYS_TAKEN, k] += 1
    h.mark[AWAY, k] += 1
    h.number[k, i] = h.mark[TRIPS, k]
    h.mark[TRIPS, k] += 1
    h.phase[k, i] = LOADING
    h.when[k, i] = now + _draw(h, s.tally, k, LOAD_TIME)
    h.figure[ON_WAY, k] += h.figure[BATCH, k]
    if h.mark[SOURCE, k] >= 0:
        _move(s, h.mark[SOURCE, k], -h.figure[BATCH, k], now)
    point(s.tally, s.points, now, s.column.shape[1] + 2 * k, h.figure[BATCH, k])
    return 1


# -- on the road ------------------------------------------------------------------------------


@part
def _next_vehicle(h: Hauls, k: int) -> int:
    """The vehicle that acts next, the earlier trip first; -1 when there is none."""
    best = -1
    for i in range(h.mark[VEHICLES, k]):
        if best < 0 or _earlier(h.when[k], h.number[k], i, best):
            best = i
    return best


@part
def _earlier(times: Floats, numbers: Ints, one: int, other: int) -> bool:
    """True when vehicle `one` comes first, by time and then by trip."""
    if times[one] != times[other]:
        return bool(times[one] < times[other])
    return bool(numbers[one] < numbers[other])


@part
def _longest(h: Hauls, k: int, phase: int) -> int:
    """The vehicle that has been in a phase for longest; -1 when there is none."""
    best = -1
    for i in range(h.mark[VEHICLES, k]):
        if h.phase[k, i] != phase:
            continue
        if best < 0 or _earlier(h.since[k], h.number[k], i, best):
            best = i
    return best


@part
def _go_on(s: State, k: int, i: int, now: float) -> None:
    """A vehicle has done what it did."""
    h = s.haul
    phase = h.phase[k, i]
    if phase == LOADING:
        h.mark[BAYS_TAKEN, k] -= 1
        h.phase[k, i] = DRIVING
        h.when[k, i] = _open_from(h, k, now) + _draw(h, s.tally, k, TRANSIT_TIME)
    elif phase == DRIVING:
        h.phase[k, i] = QUEUEING
        h.since[k, i] = now
        h.when[k, i] = math.inf
    elif phase == UNLOADING:
        if _has_room(s.buffer, h, k, now):
            _give(s, k, i, now)
        else:
            h.phase[k, i] = BLOCKED
            h.since[k, i] = now
            h.when[k, i] = math.inf
            h.mark[BLOCKED_NOW, k] += 1
    else:
        h.mark[AWAY, k] -= 1
        _drop(h, k, i)


@part
def _open_from(h: Hauls, k: int, now: float) -> float:
    """First hour from `now` on at which the road is open."""
    hour = now
    again = True
    while again and not math.isinf(hour):
        again = False
        for c in range(h.closed.shape[0]):
            if int(h.closed[c, 0]) == k and h.closed[c, 1] <= hour < h.closed[c, 2]:
                hour = h.closed[c, 2]
                again = True
        begin, end = h.figure[BAN_FROM, k], h.figure[BAN_TO, k]
        midnight = math.floor(hour / _HOURS_A_DAY) * _HOURS_A_DAY
        of_day = hour - midnight
        if begin <= end:
            if begin <= of_day < end:
                hour = midnight + end
                again = True
        elif of_day >= begin:
            hour = midnight + _HOURS_A_DAY + end
            again = True
        elif of_day < end:
            hour = midnight + end
            again = True
    return float(hour)


@part
def _dock(s: State, k: int, i: int, now: float) -> None:
    h = s.haul
    h.mark[DOCKS_TAKEN, k] += 1
    h.phase[k, i] = UNLOADING
    h.when[k, i] = now + _draw(h, s.tally, k, UNLOAD_TIME)


@part
def _has_room(buffer: Floats, h: Hauls, k: int, now: float) -> bool:
    b = h.mark[TARGET, k]
    if b < 0:
        return True
    most = buffer[CAPACITY, b] - h.figure[BATCH, k] + _slack(buffer, b)
    return bool(level_at(buffer, b, now) <= most)


@part
def _give(s: State, k: int, i: int, now: float) -> None:
    """A batch is given over; the vehicle drives back, or is not heard of again."""
    h = s.haul
    if h.phase[k, i] == BLOCKED:
        h.mark[BLOCKED_NOW, k] -= 1
    h.mark[DOCKS_TAKEN, k] -= 1
    h.by_haul[period_of(s.tally, s.ends, now), GIVEN, k] += h.figure[BATCH, k]
    h.figure[ON_WAY, k] -= h.figure[BATCH, k]
    if h.figure[ON_WAY, k] < 0.5 * h.figure[BATCH, k]:
        h.figure[ON_WAY, k] = 0.0
    if h.mark[FLEET, k] < 0:
        h.mark[AWAY, k] -= 1
        _drop(h, k, i)
    else:
        h.phase[k, i] = RETURNING
        h.when[k, i] = _open_from(h, k, now) + _draw(h, s.tally, k, TRANSIT_TIME)
    if h.mark[TARGET, k] >= 0:
        _move(s, h.mark[TARGET, k], h.figure[BATCH, k], now)
    point(s.tally, s.points, now, s.column.shape[1] + 2 * k + 1, h.figure[BATCH, k])


@part
def _drop(h: Hauls, k: int, i: int) -> None:
    """Take a vehicle off the list."""
    last = h.mark[VEHICLES, k] - 1
    h.when[k, i] = h.when[k, last]
    h.since[k, i] = h.since[k, last]
    h.phase[k, i] = h.phase[k, last]
    h.number[k, i] = h.number[k, last]
    h.when[k, last] = math.inf
    h.phase[k, last] = LOADING
    h.mark[VEHICLES, k] = last


# -- levels -----------------------------------------------------------------------------------


@part
def _move(s: State, b: int, amount: float, now: float) -> None:
    """Change a level at one instant, and tell whom it concerns."""
    book_level(s.buffer, s.buffer_mark, s.by_buffer, s.tally, s.ends, b, now)
    see_period(s.buffer, s.buffer_mark, s.by_buffer, b, period_of(s.tally, s.ends, now))
    level = s.buffer[LEVEL, b] + amount
    s.buffer[LEVEL, b] = min(max(level, 0.0), s.buffer[CAPACITY, b])
    slack = s.buffer[SLACK_LEVEL, b]
    empty = s.buffer[LEVEL, b] <= slack
    full = s.buffer[LEVEL, b] >= s.buffer[CAPACITY, b] - slack
    if s.buffer_mark[GIVES, b] == 1 and empty != (s.buffer_mark[EMPTY, b] == 1):
        s.tally[CALL] = 1
    if s.buffer_mark[TAKES, b] == 1 and full != (s.buffer_mark[FULL, b] == 1):
        s.tally[CALL] = 1
    for w in range(s.wait_mark.shape[1]):
        if s.wait_mark[WAIT_WAITS, w] == 1 and s.wait_mark[WAIT_BUFFER, w] == b:
            over = s.buffer[LEVEL, b] - s.wait_level[w]
            if s.wait_mark[WAIT_TAKES, w] == 0:
                over = -over
            if over >= -slack:
                s.tally[CALL] = 1
    h = s.haul
    for k in range(h.mark.shape[1]):
        if h.mark[SOURCE, k] == b or h.mark[TARGET, k] == b:
            h.mark[LOOK, k] = 1


@part
def _plan(buffer: Floats, h: Hauls, k: int, now: float) -> None:
    """When a link acts next."""
    following = math.inf
    i = _next_vehicle(h, k)
    if i >= 0:
        following = h.when[k, i]
    if h.mark[BY_ARRIVALS, k] == 1:
        stream = STREAMS * k + ARRIVAL
        following = min(following, h.draws[stream, h.used[0, stream]])
    h.figure[NEXT, k] = following
    _plan_levels(buffer, h, k, now)


@part
def _plan_levels(buffer: Floats, h: Hauls, k: int, now: float) -> None:
    """When a level is reached that a link waits for."""
    ready = math.inf
    batch = h.figure[BATCH, k]
    if h.mark[SOURCE, k] >= 0 and _can_load(h, k):
        ready = min(ready, reached_at(buffer, h.mark[SOURCE, k], batch, now))
    b = h.mark[TARGET, k]
    if b < 0:
        h.figure[READY, k] = max(ready, now + _LATER)
        return
    if h.mark[BLOCKED_NOW, k] > 0:
        ready = min(ready, reached_at(buffer, b, buffer[CAPACITY, b] - batch, now))
    if h.mark[BY_ARRIVALS, k] == 0 and buffer[RATE, b] < 0.0:
        due = h.figure[LOW, k] - h.figure[ON_WAY, k] - batch * h.mark[WAITING, k]
        if due >= 0.0:
            ready = min(ready, reached_at(buffer, b, due, now))
    h.figure[READY, k] = max(ready, now + _LATER)


@part
def plan_trips(s: State, now: float, rates_changed: bool) -> None:
    """When the next link acts."""
    h = s.haul
    following = math.inf
    for k in range(h.mark.shape[1]):
        if h.mark[LOOK, k] == 1:
            following = now
        if rates_changed:
            _plan_levels(s.buffer, h, k, now)
        following = min(following, h.figure[NEXT, k], h.figure[READY, k])
    s.clock[TRIP] = following
