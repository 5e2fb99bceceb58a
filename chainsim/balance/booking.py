"""Booking: what flows in an interval is added to the totals of its calendar period."""

from __future__ import annotations

from chainsim.balance.bundle import Floats, Ints
from chainsim.balance.compiled import compiled, part
from chainsim.balance.hauls import (
    BOOKED,
    ON_WAY,
    QUEUE_SUM,
    SEEN_PERIODS,
    WAITING,
    WAY_END,
    WAY_START,
    WAY_SUM,
    Hauls,
)
from chainsim.balance.state import (
    AVAILABLE_H,
    CAPACITY,
    COLUMN,
    DEMAND_NOW,
    EMPTY_H,
    EVENTS,
    FAILED_H,
    FAILED_NOW,
    FULL_H,
    FULL_TIME_H,
    HELD,
    HELD_H,
    LEVEL,
    LEVEL_AT,
    LEVEL_END,
    LEVEL_START,
    LEVEL_SUM,
    OVERHAUL_H,
    OVERHAUL_NOW,
    PERIOD,
    POINTED,
    POINTS,
    RAN,
    RATE,
    RECORD,
    RUNNING,
    RUNNING_H,
    SCALE,
    SEEN,
    SINCE,
    SLACK_LEVEL,
    START,
    STARTS,
    STOP,
    UP_NOW,
    VALUE,
    State,
)


@compiled
def book(s: State, end: float) -> None:
    """Add what flows from the last allocation to `end` to the totals; levels move on.

    Intervals may span period ends: they are split there, so reporting never changes a total.
    """
    begin = s.clock[SINCE]
    if end > begin:
        _note_changes(s, begin)
        if s.tally[RECORD] == 1:
            _note_points(s, begin)
    for b in range(s.buffer.shape[1]):
        book_level(s.buffer, s.buffer_mark, s.by_buffer, s.tally, s.ends, b, end)
    for k in range(s.haul.mark.shape[1]):
        book_haul(s.haul, s.tally, s.ends, k, end)
    p = period_of(s.tally, s.ends, begin)
    while begin < end:
        until = end if p == len(s.ends) - 1 else min(end, s.ends[p])
        if until > begin:
            _book_flows(s, p, until - begin)
        begin = until
        p += 1
    s.clock[SINCE] = end


@part
def period_of(tally: Ints, ends: Floats, hour: float) -> int:
    """Calendar period of an instant."""
    p = tally[PERIOD]
    while p < len(ends) - 1 and ends[p] <= hour:
        p += 1
    while p > 0 and ends[p - 1] > hour:
        p -= 1
    tally[PERIOD] = p
    return int(p)


@part
def _book_flows(s: State, p: int, hours: float) -> None:
    """Flows, units and obligations over `hours` of period `p`."""
    for c in range(s.column.shape[1]):
        s.flow[p, c] += s.column[VALUE, c] * s.column[SCALE, c] * hours
    for u in range(s.unit.shape[1]):
        c = s.unit_mark[COLUMN, u]
        x = s.column[VALUE, c] if c >= 0 else 0.0
        s.by_unit[p, FULL_H, u] += x * hours
        if x > 0.0:
            s.by_unit[p, RUNNING_H, u] += hours
        elif s.unit[UP_NOW, u] > 0.0:
            s.by_unit[p, HELD_H, u] += hours
        s.by_unit[p, AVAILABLE_H, u] += s.unit[UP_NOW, u] * hours
        s.by_unit[p, FAILED_H, u] += s.unit[FAILED_NOW, u] * hours
        s.by_unit[p, OVERHAUL_H, u] += s.unit[OVERHAUL_NOW, u] * hours
    for o in range(s.owed.shape[1]):
        c = s.owed_column[o]
        asked = s.owed[DEMAND_NOW, o]
        served = s.column[VALUE, c] * s.column[SCALE, c] if c >= 0 else 0.0
        s.by_owed[p, 0, o] += asked * hours
        if served < asked * (1.0 - 1e-9) - 1e-12:
            s.by_owed[p, 1, o] += hours


@part
def book_level(
    buffer: Floats, mark: Ints, by: Floats, tally: Ints, ends: Floats, b: int, end: float
) -> None:
    """Move a level on from where it was booked last; it is linear, so means are exact."""
    begin = buffer[LEVEL_AT, b]
    if begin >= end:
        return
    capacity, rate = buffer[CAPACITY, b], buffer[RATE, b]
    p = period_of(tally, ends, begin)
    while begin < end:
        until = end if p == len(ends) - 1 else min(end, ends[p])
        hours = until - begin
        if hours > 0.0:
            see_period(buffer, mark, by, b, p)
            before = buffer[LEVEL, b]
            after = min(max(before + rate * hours, 0.0), capacity)
            by[p, LEVEL_SUM, b] += 0.5 * (before + after) * hours
            if rate == 0.0 and before <= buffer[SLACK_LEVEL, b]:
                by[p, EMPTY_H, b] += hours
            if rate == 0.0 and before >= capacity - buffer[SLACK_LEVEL, b]:
                by[p, FULL_TIME_H, b] += hours
            buffer[LEVEL, b] = after
            by[p, LEVEL_END, b] = after
        begin = until
        p += 1
    buffer[LEVEL_AT, b] = end


@part
def see_period(buffer: Floats, mark: Ints, by: Floats, b: int, p: int) -> None:
    """Note the level at the beginning of a period, once."""
    if p >= mark[SEEN, b]:
        by[p, LEVEL_START, b] = buffer[LEVEL, b]
        mark[SEEN, b] = p + 1


@part
def book_haul(h: Hauls, tally: Ints, ends: Floats, k: int, end: float) -> None:
    """Add what is on the way and waits from when it was booked last to `end`."""
    begin = h.figure[BOOKED, k]
    if begin >= end:
        return
    p = period_of(tally, ends, begin)
    while begin < end:
        until = end if p == len(ends) - 1 else min(end, ends[p])
        see_haul(h, k, p)
        h.by_haul[p, WAY_SUM, k] += h.figure[ON_WAY, k] * (until - begin)
        h.by_haul[p, QUEUE_SUM, k] += h.mark[WAITING, k] * (until - begin)
        begin = until
        p += 1
    h.figure[BOOKED, k] = end


@part
def see_haul(h: Hauls, k: int, p: int) -> None:
    """Note what is on the way at the beginning of a period, once."""
    if p >= h.mark[SEEN_PERIODS, k]:
        h.by_haul[p, WAY_START, k] = h.figure[ON_WAY, k]
        h.mark[SEEN_PERIODS, k] = p + 1
    h.by_haul[p, WAY_END, k] = h.figure[ON_WAY, k]


@part
def _note_changes(s: State, hour: float) -> None:
    """Starts and stops of an interval that lasts; what lasts no time is not counted."""
    for u in range(s.unit.shape[1]):
        running, ran = s.unit_mark[RUNNING, u], s.unit_mark[RAN, u]
        if running == ran:
            continue
        if running == 1:
            if hour > 0.0:
                s.by_unit[period_of(s.tally, s.ends, hour), STARTS, u] += 1.0
                log(s, hour, START, u, 0.0)
        else:
            log(s, hour, STOP, u, float(s.unit_mark[HELD, u]))
        s.unit_mark[RAN, u] = running


@part
def _note_points(s: State, hour: float) -> None:
    """Record the columns whose value changed, for the interval that begins at `hour`."""
    for c in range(s.column.shape[1]):
        if s.column[VALUE, c] != s.column[POINTED, c]:
            s.column[POINTED, c] = s.column[VALUE, c]
            point(s.tally, s.points, hour, c, s.column[VALUE, c] * s.column[SCALE, c])


@part
def point(tally: Ints, points: Floats, hour: float, code: int, value: float) -> None:
    """Record a rate from `hour` on, or a batch at `hour`, where recording is asked for."""
    if tally[RECORD] == 1:
        n = tally[POINTS]
        points[n, 0], points[n, 1], points[n, 2] = hour, code, value
        tally[POINTS] = n + 1


@part
def log(s: State, hour: float, kind: int, component: int, value: float) -> None:
    """Note an event."""
    n = s.tally[EVENTS]
    s.log[n, 0], s.log[n, 1], s.log[n, 2], s.log[n, 3] = hour, kind, component, value
    s.tally[EVENTS] = n + 1
