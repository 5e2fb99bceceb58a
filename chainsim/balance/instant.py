"""What precedes an allocation: booking, buffers at their ends, bounds of all columns."""

from __future__ import annotations

import math

from chainsim.balance.booking import book, book_level, log
from chainsim.balance.compiled import compiled, part
from chainsim.balance.memo import digest
from chainsim.balance.state import (
    AT_INSTANT,
    CAP,
    CAPACITY,
    CHATTER,
    CHATTER_LIMIT,
    COLUMN,
    DEMAND,
    DRAW,
    EMPTY,
    FILL,
    FLOOR_NOW,
    FREE_AT,
    FULL,
    HELD,
    INSTANT,
    LEAST_LOAD,
    LEVEL,
    LEVEL_AT,
    LOAD,
    MOST_NOW,
    NEW_LIMITS,
    OWED_SCALE,
    RATE,
    REACHED_EMPTY,
    REACHED_FULL,
    RUNNING,
    SLACK_LEVEL,
    TRIED,
    UP,
    UPPER_NOW,
    WAIT_BUFFER,
    WAIT_TAKES,
    WAIT_UNIT,
    WAIT_WAITS,
    WAKE,
    WOKEN,
    State,
)
from chainsim.balance.tableau import OK

SAME_INSTANT_H = 1e-9


@compiled
def prepare(s: State, now: float) -> int:
    """Book up to `now`, settle the buffers, and set the bounds for an allocation."""
    if now >= s.clock[WAKE]:
        _arrive(s, now)
    book(s, now)
    status = _count_allocation(s, now)
    if status != OK:
        return status
    for b in range(s.buffer.shape[1]):
        slack, capacity = s.buffer[SLACK_LEVEL, b], s.buffer[CAPACITY, b]
        if s.buffer[LEVEL, b] <= slack:
            s.buffer[LEVEL, b] = 0.0
        if s.buffer[LEVEL, b] >= capacity - slack:
            s.buffer[LEVEL, b] = capacity
        s.buffer_mark[EMPTY, b] = 1 if s.buffer[LEVEL, b] <= 0.0 else 0
        s.buffer_mark[FULL, b] = 1 if s.buffer[LEVEL, b] >= capacity else 0
    _set_bounds(s, now)
    return OK


@part
def _arrive(s: State, now: float) -> None:
    """Let levels that reach an end land there exactly."""
    close = SAME_INSTANT_H * max(1.0, now * 1e-6)
    for b in range(s.buffer.shape[1]):
        if crossing(s, b) - now <= close:
            up = s.buffer[RATE, b] > 0.0
            end = s.buffer[CAPACITY, b] if up else 0.0
            s.buffer[LEVEL, b] = end - s.buffer[RATE, b] * (now - s.buffer[LEVEL_AT, b])
            book_level(s.buffer, s.buffer_mark, s.by_buffer, s.tally, s.ends, b, now)
            log(s, now, REACHED_FULL if up else REACHED_EMPTY, b, end)


@part
def crossing(s: State, b: int) -> float:
    """When a level reaches an end at the present rate."""
    rate = s.buffer[RATE, b]
    if rate < 0.0:
        return float(s.buffer[LEVEL_AT, b] + max(s.buffer[LEVEL, b], 0.0) / -rate)
    if rate > 0.0:
        left = max(s.buffer[CAPACITY, b] - s.buffer[LEVEL, b], 0.0)
        return float(s.buffer[LEVEL_AT, b] + left / rate)
    return math.inf


@part
def _count_allocation(s: State, now: float) -> int:
    """Count allocations at one instant; CHATTER when there are too many."""
    if now - s.clock[INSTANT] > SAME_INSTANT_H:
        s.clock[INSTANT] = now
        s.tally[AT_INSTANT] = 0
        s.tally[TRIED] = 0
    n = s.tally[AT_INSTANT]
    for u in range(s.unit.shape[1]):
        s.states[n, 0, u] = s.unit_mark[RUNNING, u] == 1
    s.tally[AT_INSTANT] = n + 1
    return CHATTER if n + 1 > CHATTER_LIMIT else OK


@part
def _set_bounds(s: State, now: float) -> None:
    """What every column may reach, from units, demand and buffers."""
    if s.tally[NEW_LIMITS] == 1:
        s.tally[NEW_LIMITS] = 0
        for c in range(s.column.shape[1]):
            s.column[UPPER_NOW, c] = s.column[MOST_NOW, c]
        s.most_key[0] = s.most_key[1] = 0
        s.most_key[0], s.most_key[1] = digest(s.most_bits, s.most_key)
    _look_at_levels(s)
    units, owed = s.unit.shape[1], s.owed.shape[1]
    for u in range(units):
        c = s.unit_mark[COLUMN, u]
        if c >= 0:
            free = s.unit_mark[HELD, u] == 0 or may_restart(s, u, now)
            most = min(s.unit[LOAD, u], s.unit[CAP, u]) * s.unit[UP, u]
            s.told[u] = most if free else 0.0
            s.column[UPPER_NOW, c] = s.told[u]
            s.column[FLOOR_NOW, c] = s.unit[LEAST_LOAD, u] if most > 0.0 else 0.0
    for o in range(owed):
        c = s.owed_column[o]
        if c >= 0:
            s.told[units + o] = s.owed[DEMAND, o] / s.owed[OWED_SCALE, o]
            s.column[UPPER_NOW, c] = s.told[units + o]
    for b in range(s.buffer.shape[1]):
        # When units are woken they see that an empty buffer fills, or a full one drains.
        woken, none = s.tally[WOKEN] == 1, s.buffer[CAPACITY, b] <= 0.0
        filling = woken and not none and s.buffer[RATE, b] > 0.0
        draining = woken and not none and s.buffer[RATE, b] < 0.0
        shut = none or (s.buffer_mark[FULL, b] == 1 and not draining)
        spent = none or (s.buffer_mark[EMPTY, b] == 1 and not filling)
        s.told[units + owed + b] = (1.0 if shut else 0.0) + (2.0 if spent else 0.0)
        c = s.buffer_mark[FILL, b]
        if c >= 0:
            s.column[UPPER_NOW, c] = 0.0 if shut else s.column[MOST_NOW, c]
        c = s.buffer_mark[DRAW, b]
        if c >= 0:
            s.column[UPPER_NOW, c] = 0.0 if spent else s.column[MOST_NOW, c]
    s.tally[WOKEN] = 0


@part
def _look_at_levels(s: State) -> None:
    """Tick off the restart levels that are reached."""
    for w in range(s.wait_mark.shape[1]):
        if s.wait_mark[WAIT_WAITS, w] == 1:
            b = s.wait_mark[WAIT_BUFFER, w]
            over = s.buffer[LEVEL, b] - s.wait_level[w]
            if s.wait_mark[WAIT_TAKES, w] == 0:
                over = -over
            if over >= -s.buffer[SLACK_LEVEL, b]:
                s.wait_mark[WAIT_WAITS, w] = 0


@part
def may_restart(s: State, u: int, now: float) -> bool:
    """True when the least stop is over and every restart level was reached."""
    if now < s.unit[FREE_AT, u]:
        return False
    for w in range(s.wait_mark.shape[1]):
        if s.wait_mark[WAIT_UNIT, w] == u and s.wait_mark[WAIT_WAITS, w] == 1:
            return False
    return True
