"""What follows an allocation: who runs, who is held, how levels move, what comes next by itself."""

from __future__ import annotations

import math

from chainsim.balance.compiled import compiled, part
from chainsim.balance.hauling import plan_trips
from chainsim.balance.instant import crossing, may_restart
from chainsim.balance.state import (
    ALLOCATIONS,
    CHATTER,
    COLUMN,
    CULPRIT,
    DEMAND,
    DEMAND_NOW,
    DRAW,
    EMPTY,
    FAILED,
    FAILED_NOW,
    FILL,
    FOLLOWS,
    FREE_AT,
    FULL,
    HARD,
    HELD,
    LEAST_RATE,
    LEAST_STOP,
    OVERHAUL,
    OVERHAUL_NOW,
    OWED_SCALE,
    RATE,
    RUNNING,
    SCALE,
    SHORT,
    SINCE,
    SLACK_LEVEL,
    TOUCH_BUFFER,
    TOUCH_TAKES,
    TOUCH_UNIT,
    TRIED,
    UP,
    UP_NOW,
    VALUE,
    WAIT_BUFFER,
    WAIT_UNIT,
    WAIT_WAITS,
    WAKE,
    WATCH,
    WATCH_BUFFER,
    WATCH_RISES,
    WATCH_STATE,
    WOKEN,
    WOKEN_FROM,
    State,
)
from chainsim.balance.stocks import level_at, reached_at
from chainsim.balance.tableau import OK


@compiled
def follow(s: State, now: float) -> int:
    """Take over an allocation: who runs, who is held, how levels move, what is next."""
    s.tally[ALLOCATIONS] += 1
    for o in range(s.owed.shape[1]):
        s.owed[DEMAND_NOW, o] = s.owed[DEMAND, o]
        c = s.owed_column[o]
        asked = s.owed[DEMAND, o] / s.owed[OWED_SCALE, o]
        if s.owed[HARD, o] == 1.0:
            got = s.column[VALUE, c] if c >= 0 else 0.0
            if got < asked - 1e-7 * max(asked, 1.0):
                s.tally[CULPRIT] = o
                return SHORT
    changed = _follow_units(s, now)
    if s.tally[WOKEN_FROM] >= 0:
        s.changed[s.tally[WOKEN_FROM]] = changed
        s.tally[WOKEN_FROM] = -1
    for b in range(s.buffer.shape[1]):
        rate, c = 0.0, s.buffer_mark[FILL, b]
        if c >= 0:
            rate += s.column[VALUE, c] * s.column[SCALE, c]
        c = s.buffer_mark[DRAW, b]
        if c >= 0:
            rate -= s.column[VALUE, c] * s.column[SCALE, c]
        s.buffer[RATE, b] = 0.0 if abs(rate) < s.buffer[LEAST_RATE, b] else rate
    s.clock[SINCE] = now
    return _plan_wake(s, now)


@part
def _follow_units(s: State, now: float) -> bool:
    """Running, held, free; True when the set of running units is another than before."""
    changed = False
    for u in range(s.unit.shape[1]):
        c = s.unit_mark[COLUMN, u]
        running = c >= 0 and s.column[VALUE, c] > 0.0
        able = s.unit[UP, u] > 0.0
        ran = s.unit_mark[RUNNING, u] == 1
        changed = changed or running != ran
        if ran and not running and able and s.unit_mark[FOLLOWS, u] == 0:
            s.unit_mark[HELD, u] = 1
            s.unit[FREE_AT, u] = now + s.unit[LEAST_STOP, u]
            _wait(s, u, 1)
        elif (running or not able) and s.unit_mark[HELD, u] == 1:
            s.unit_mark[HELD, u] = 0
            s.unit[FREE_AT, u] = -math.inf
            _wait(s, u, 0)
        s.unit_mark[RUNNING, u] = 1 if running else 0
        s.unit[UP_NOW, u] = s.unit[UP, u]
        s.unit[FAILED_NOW, u] = s.unit[FAILED, u]
        s.unit[OVERHAUL_NOW, u] = s.unit[OVERHAUL, u]
    return changed


@part
def _wait(s: State, u: int, waiting: int) -> None:
    """Let a unit wait for its restart levels, or no longer."""
    for w in range(s.wait_mark.shape[1]):
        if s.wait_mark[WAIT_UNIT, w] == u:
            s.wait_mark[WAIT_WAITS, w] = waiting


@part
def _plan_wake(s: State, now: float) -> int:
    """What comes next by itself; CHATTER when it is this instant for ever."""
    plan_crossings(s, now)
    plan_trips(s, now, True)
    if not _to_be_freed(s, now):
        return OK
    n = s.tally[TRIED]
    for u in range(s.unit.shape[1]):
        s.states[n, 1, u] = s.unit_mark[RUNNING, u] == 1
        s.states[n, 2, u] = s.unit_mark[HELD, u] == 1 and not may_restart(s, u, now)
    for other in range(n):
        if _same(s, n, other):
            return CHATTER if s.changed[other] else OK
    s.changed[n] = False
    s.tally[TRIED] = n + 1
    s.tally[WOKEN] = 1
    s.tally[WOKEN_FROM] = n
    s.clock[WAKE] = now
    return OK


@part
def plan_crossings(s: State, now: float) -> None:
    """When a buffer, a wait or a level that is watched comes to its end."""
    wake = math.inf
    for b in range(s.buffer.shape[1]):
        wake = min(wake, crossing(s, b))
    for u in range(s.unit.shape[1]):
        if s.unit_mark[HELD, u] == 1 and s.unit[FREE_AT, u] > now:
            wake = min(wake, s.unit[FREE_AT, u])
    for w in range(s.wait_mark.shape[1]):
        b = s.wait_mark[WAIT_BUFFER, w]
        if s.wait_mark[WAIT_WAITS, w] == 1 and s.buffer[RATE, b] != 0.0:
            hour = reached_at(s.buffer, b, s.wait_level[w], now)
            if hour > now:
                wake = min(wake, hour)
    s.clock[WAKE] = wake
    watch = math.inf
    for w in range(s.watch_mark.shape[1]):
        if s.watch_mark[WATCH_STATE, w] == 1:
            b = s.watch_mark[WATCH_BUFFER, w]
            hour = now if _watched(s, w, now) else reached_at(s.buffer, b, s.watch[w], now)
            watch = min(watch, hour)
    s.clock[WATCH] = watch


@part
def _watched(s: State, w: int, now: float) -> bool:
    """True when a level that a process waits for is there."""
    b = s.watch_mark[WATCH_BUFFER, w]
    over = level_at(s.buffer, b, now) - s.watch[w]
    if s.watch_mark[WATCH_RISES, w] == 0:
        over = -over
    return bool(over >= -s.buffer[SLACK_LEVEL, b])


@part
def tell_watchers(s: State, now: float) -> bool:
    """Mark the levels that are reached; True when there is one."""
    found = False
    for w in range(s.watch_mark.shape[1]):
        if s.watch_mark[WATCH_STATE, w] == 1 and _watched(s, w, now):
            s.watch_mark[WATCH_STATE, w] = 2
            found = True
    return found


@part
def _same(s: State, one: int, other: int) -> bool:
    """True when two states that units were woken from are the same."""
    for u in range(s.unit.shape[1]):
        if s.states[one, 1, u] != s.states[other, 1, u]:
            return False
        if s.states[one, 2, u] != s.states[other, 2, u]:
            return False
    return True


@part
def _to_be_freed(s: State, now: float) -> bool:
    """True when a unit stands for want of what a buffer at its end has just begun to give."""
    for h in range(s.touch_mark.shape[1]):
        b = s.touch_mark[TOUCH_BUFFER, h]
        rate = s.buffer[RATE, b]
        gives = s.buffer_mark[EMPTY, b] == 1 and rate > 0.0
        takes = s.buffer_mark[FULL, b] == 1 and rate < 0.0
        if not (gives or takes) or (s.touch_mark[TOUCH_TAKES, h] == 1) != (rate > 0.0):
            continue
        u = s.touch_mark[TOUCH_UNIT, h]
        if (
            s.unit_mark[RUNNING, u] == 0
            and s.unit[UP, u] > 0.0
            and (s.unit_mark[HELD, u] == 0 or may_restart(s, u, now))
        ):
            return True
    return False
