"""Vehicles under way: drive, queue for a dock, unload, wait for room, come home."""

from __future__ import annotations

import math

from chainsim.balance.booking import period_of, point
from chainsim.balance.bundle import Floats, Ints
from chainsim.balance.compiled import part
from chainsim.balance.hauls import (
    AWAY,
    BAN_FROM,
    BAN_TO,
    BATCH,
    BAYS_TAKEN,
    BLOCKED,
    BLOCKED_NOW,
    DOCK_WAIT_H,
    DOCKS_TAKEN,
    DRAWS,
    DRIVING,
    DUE,
    FLEET,
    GIVEN,
    LOADING,
    ON_WAY,
    QUEUED_NOW,
    QUEUEING,
    RACK,
    RETURNING,
    SPARE_DRAWS,
    STREAMS,
    TARGET,
    TRANSIT_TIME,
    UNLOAD_TIME,
    UNLOADING,
    VEHICLES,
    Hauls,
)
from chainsim.balance.state import LOW_DRAWS, State
from chainsim.balance.stocks import has_room, move

_HOURS_A_DAY = 24.0


@part
def draw(h: Hauls, tally: Ints, k: int, which: int) -> float:
    """Next duration from a stream."""
    stream = STREAMS * k + which
    found = h.draws[stream, h.used[0, stream]]
    if h.used[1, stream] == 0:
        h.used[0, stream] += 1
        if h.used[0, stream] > DRAWS - SPARE_DRAWS:
            tally[LOW_DRAWS] = 1
    return float(found)


@part
def next_vehicle(h: Hauls, k: int) -> int:
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
def longest(h: Hauls, k: int, phase: int) -> int:
    """The vehicle that has been in a phase for longest; -1 when there is none."""
    best = -1
    for i in range(h.mark[VEHICLES, k]):
        if h.phase[k, i] != phase:
            continue
        if best < 0 or _earlier(h.since[k], h.number[k], i, best):
            best = i
    return best


@part
def go_on(s: State, k: int, i: int, now: float) -> None:
    """A vehicle has done what it did."""
    h = s.haul
    phase = h.phase[k, i]
    if phase == LOADING:
        _free_bay(h, k)
        h.phase[k, i] = DRIVING
        h.when[k, i] = _open_from(h, k, now) + draw(h, s.tally, k, TRANSIT_TIME)
    elif phase == DRIVING:
        h.mark[QUEUED_NOW, k] += 1
        h.phase[k, i] = QUEUEING
        h.since[k, i] = now
        h.when[k, i] = math.inf
    elif phase == UNLOADING:
        if has_room(s.buffer, h, k, now):
            give(s, k, i, now)
        else:
            h.phase[k, i] = BLOCKED
            h.since[k, i] = now
            h.when[k, i] = math.inf
            h.mark[BLOCKED_NOW, k] += 1
    else:
        h.mark[AWAY, k] -= 1
        _drop(h, k, i)


@part
def _free_bay(h: Hauls, k: int) -> None:
    """A vehicle leaves its bay; the links that share it are looked at."""
    h.mark[BAYS_TAKEN, h.mark[RACK, k]] -= 1
    for j in range(h.mark.shape[1]):
        if j != k and h.mark[RACK, j] == h.mark[RACK, k]:
            h.figure[DUE, j] = -math.inf


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
def dock(s: State, k: int, i: int, now: float) -> None:
    """A vehicle drives from the queue to a dock and begins to unload."""
    h = s.haul
    h.by_haul[period_of(s.tally, s.ends, now), DOCK_WAIT_H, k] += now - h.since[k, i]
    h.mark[QUEUED_NOW, k] -= 1
    h.mark[DOCKS_TAKEN, k] += 1
    h.phase[k, i] = UNLOADING
    h.when[k, i] = now + draw(h, s.tally, k, UNLOAD_TIME)


@part
def give(s: State, k: int, i: int, now: float) -> None:
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
        h.when[k, i] = _open_from(h, k, now) + draw(h, s.tally, k, TRANSIT_TIME)
    if h.mark[TARGET, k] >= 0:
        move(s, h.mark[TARGET, k], h.figure[BATCH, k], now)
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
