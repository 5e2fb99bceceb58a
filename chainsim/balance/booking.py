"""Booking: what flows in an interval is added to the totals of its calendar period."""

from __future__ import annotations

from chainsim.balance.compiled import compiled, part
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
    LEVEL_END,
    LEVEL_START,
    LEVEL_SUM,
    OVERHAUL_H,
    OVERHAUL_NOW,
    RAN,
    RATE,
    RUNNING,
    RUNNING_H,
    SCALE,
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
    hours = end - begin
    if hours > 0.0:
        _note_changes(s, begin)
    p = _period(s, begin)
    while begin < end:
        until = end if p == len(s.ends) - 1 else min(end, s.ends[p])
        part = until - begin
        if part > 0.0:
            _book_flows(s, p, part)
            _book_levels(s, p, part)
        begin = until
        p += 1
    s.clock[SINCE] = end


@part
def _period(s: State, hour: float) -> int:
    """Calendar period of an instant."""
    p = 0
    while p < len(s.ends) - 1 and s.ends[p] <= hour:
        p += 1
    return p


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
def _book_levels(s: State, p: int, hours: float) -> None:
    """Levels over `hours` of period `p`; they are linear, so means are exact."""
    for b in range(s.buffer.shape[1]):
        before, capacity, rate = s.buffer[LEVEL, b], s.buffer[CAPACITY, b], s.buffer[RATE, b]
        after = min(max(before + rate * hours, 0.0), capacity)
        if not s.seen[p]:
            s.by_buffer[p, LEVEL_START, b] = before
        s.by_buffer[p, LEVEL_END, b] = after
        s.by_buffer[p, LEVEL_SUM, b] += 0.5 * (before + after) * hours
        if rate == 0.0 and before <= s.buffer[SLACK_LEVEL, b]:
            s.by_buffer[p, EMPTY_H, b] += hours
        if rate == 0.0 and before >= capacity - s.buffer[SLACK_LEVEL, b]:
            s.by_buffer[p, FULL_TIME_H, b] += hours
        s.buffer[LEVEL, b] = after
    s.seen[p] = True


@part
def _note_changes(s: State, hour: float) -> None:
    """Starts and stops of an interval that lasts; what lasts no time is not counted."""
    for u in range(s.unit.shape[1]):
        running, ran = s.unit_mark[RUNNING, u], s.unit_mark[RAN, u]
        if running == ran:
            continue
        if running == 1:
            if hour > 0.0:
                s.by_unit[_period(s, hour), STARTS, u] += 1.0
                log(s, hour, START, u, 0.0)
        else:
            log(s, hour, STOP, u, float(s.unit_mark[HELD, u]))
        s.unit_mark[RAN, u] = running


@part
def log(s: State, hour: float, kind: int, component: int, value: float) -> None:
    """Note an event."""
    n = s.tally[EVENTS]
    s.log[n, 0], s.log[n, 1], s.log[n, 2], s.log[n, 3] = hour, kind, component, value
    s.tally[EVENTS] = n + 1
