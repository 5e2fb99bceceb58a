"""The event engine's inner loop: allocate, follow units and levels, find the next instant.

Nothing is polled and nothing is stepped: flows are constant from one instant to the next, and the
next one is the earliest crossing of a buffer, end of a least stop, or level that a unit waits for.
All that happens at one instant is applied before flows are allocated once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from chainsim.balance.booking import book, book_level, log
from chainsim.balance.bundle import Bundle
from chainsim.balance.compiled import compiled, part
from chainsim.balance.hauling import level_at, plan_trips, reached_at, ship
from chainsim.balance.memo import Memo, look_up, remember
from chainsim.balance.search import Nodes, search
from chainsim.balance.state import (
    ALLOCATIONS,
    AT_INSTANT,
    CALL,
    CAP,
    CAPACITY,
    CHANGES,
    CHATTER_LIMIT,
    COLUMN,
    CULPRIT,
    DEMAND,
    DEMAND_NOW,
    DRAW,
    EMPTY,
    EVENTS,
    FAILED,
    FAILED_NOW,
    FILL,
    FLOOR_NOW,
    FOLLOWS,
    FREE_AT,
    FULL,
    HARD,
    HELD,
    INSTANT,
    INSTANT_LIMIT,
    INSTANTS,
    LEAST_LOAD,
    LEAST_RATE,
    LEAST_STOP,
    LEVEL,
    LEVEL_AT,
    LOAD,
    LOW_DRAWS,
    MOST_NOW,
    NOW,
    OVERHAUL,
    OVERHAUL_NOW,
    OWED_SCALE,
    POINTS,
    RATE,
    REACHED_EMPTY,
    REACHED_FULL,
    RESIDUAL,
    RUNNING,
    SCALE,
    SINCE,
    SLACK_LEVEL,
    TOLD,
    TOUCH_BUFFER,
    TOUCH_TAKES,
    TOUCH_UNIT,
    TRIED,
    TRIP,
    UP,
    UP_NOW,
    UPPER_NOW,
    VALUE,
    WAIT_BUFFER,
    WAIT_TAKES,
    WAIT_UNIT,
    WAIT_WAITS,
    WAKE,
    WATCH,
    WATCH_BUFFER,
    WATCH_RISES,
    WATCH_STATE,
    WATCHED,
    WINDOW,
    WOKEN,
    WOKEN_FROM,
    State,
)
from chainsim.balance.tableau import OK, Tableau

SAME_INSTANT_H = 1e-9
WINDOW_H = 1.0
WINDOW_LIMIT = 3000
"""State changes within one hour of simulated time; a park of hundreds of units has a few."""
# What `advance` may end with, beside OK and the statuses of the kernel.
CHATTER, ENDLESS, SHORT, CLOCKS_TURN, LOG_FULL, DRAWS_SPENT, WATCHED_LEVEL, TOO_MANY = range(10, 18)


@dataclass(frozen=True, eq=False)
class Running(Bundle):
    """A run and what its allocations work in."""

    state: State
    tableau: Tableau
    nodes: Nodes
    memo: Memo


# -- before an allocation ---------------------------------------------------------------------


@part
def count_change(s: State, now: float) -> int:
    """Count one change of state; ENDLESS when there are too many within an hour."""
    if now - s.clock[WINDOW] > WINDOW_H:
        s.clock[WINDOW] = now
        s.tally[CHANGES] = 0
    s.tally[CHANGES] += 1
    return ENDLESS if s.tally[CHANGES] > WINDOW_LIMIT else OK


@compiled
def count_outer(s: State, now: float) -> int:
    """Count a change that comes from outside; ENDLESS or TOO_MANY where there are too many."""
    status = count_change(s, now)
    s.tally[INSTANTS] += 1
    return TOO_MANY if status == OK and s.tally[INSTANTS] > s.tally[INSTANT_LIMIT] else status


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
        if _crossing(s, b) - now <= close:
            up = s.buffer[RATE, b] > 0.0
            end = s.buffer[CAPACITY, b] if up else 0.0
            s.buffer[LEVEL, b] = end - s.buffer[RATE, b] * (now - s.buffer[LEVEL_AT, b])
            book_level(s.buffer, s.buffer_mark, s.by_buffer, s.tally, s.ends, b, now)
            log(s, now, REACHED_FULL if up else REACHED_EMPTY, b, end)


@part
def _crossing(s: State, b: int) -> float:
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
    for c in range(s.column.shape[1]):
        s.column[UPPER_NOW, c] = s.column[MOST_NOW, c]
    _look_at_levels(s)
    for u in range(s.unit.shape[1]):
        c = s.unit_mark[COLUMN, u]
        if c >= 0:
            free = s.unit_mark[HELD, u] == 0 or _may_restart(s, u, now)
            most = min(s.unit[LOAD, u], s.unit[CAP, u]) * s.unit[UP, u]
            s.column[UPPER_NOW, c] = most if free else 0.0
            s.column[FLOOR_NOW, c] = s.unit[LEAST_LOAD, u] if most > 0.0 else 0.0
    for o in range(s.owed.shape[1]):
        c = s.owed_column[o]
        if c >= 0:
            s.column[UPPER_NOW, c] = s.owed[DEMAND, o] / s.owed[OWED_SCALE, o]
    for b in range(s.buffer.shape[1]):
        # When units are woken they see that an empty buffer fills, or a full one drains.
        woken, none = s.tally[WOKEN] == 1, s.buffer[CAPACITY, b] <= 0.0
        filling = woken and not none and s.buffer[RATE, b] > 0.0
        draining = woken and not none and s.buffer[RATE, b] < 0.0
        c = s.buffer_mark[FILL, b]
        if c >= 0 and (none or (s.buffer_mark[FULL, b] == 1 and not draining)):
            s.column[UPPER_NOW, c] = 0.0
        c = s.buffer_mark[DRAW, b]
        if c >= 0 and (none or (s.buffer_mark[EMPTY, b] == 1 and not filling)):
            s.column[UPPER_NOW, c] = 0.0
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
def _may_restart(s: State, u: int, now: float) -> bool:
    """True when the least stop is over and every restart level was reached."""
    if now < s.unit[FREE_AT, u]:
        return False
    for w in range(s.wait_mark.shape[1]):
        if s.wait_mark[WAIT_UNIT, w] == u and s.wait_mark[WAIT_WAITS, w] == 1:
            return False
    return True


# -- after an allocation ----------------------------------------------------------------------


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
    _plan_crossings(s, now)
    plan_trips(s, now, True)
    if not _to_be_freed(s, now):
        return OK
    n = s.tally[TRIED]
    for u in range(s.unit.shape[1]):
        s.states[n, 1, u] = s.unit_mark[RUNNING, u] == 1
        s.states[n, 2, u] = s.unit_mark[HELD, u] == 1 and not _may_restart(s, u, now)
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
def _plan_crossings(s: State, now: float) -> None:
    """When a buffer, a wait or a level that is watched comes to its end."""
    wake = math.inf
    for b in range(s.buffer.shape[1]):
        wake = min(wake, _crossing(s, b))
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
def _tell_watchers(s: State, now: float) -> bool:
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
            and (s.unit_mark[HELD, u] == 0 or _may_restart(s, u, now))
        ):
            return True
    return False


# -- the loop ---------------------------------------------------------------------------------


@part
def allocate(r: Running, now: float) -> int:
    """One allocation at `now`, after all changes."""
    s, t, nodes, memo = r.state, r.tableau, r.nodes, r.memo
    status = prepare(s, now)
    if status != OK:
        return status
    values = s.column[VALUE]
    place = look_up(memo, s.upper_bits, values)
    if place >= 0:
        imbalance = memo.imbalance[place]
    else:
        lower, floors = nodes.bounds[0, 0], s.column[FLOOR_NOW]
        status, _, _ = search(t, lower, s.column[UPPER_NOW], floors, nodes, False)
        if status != OK:
            return status
        for c in range(len(values)):
            values[c] = nodes.answer[c]
        imbalance = t.figure[0]
        remember(memo, values, imbalance)
    s.clock[RESIDUAL] = max(s.clock[RESIDUAL], imbalance)
    return follow(s, now)


@compiled
def advance(r: Running, hour: float, until: float) -> int:
    """Allocate at `hour` (nan: nothing is pending), then let happen what happens before `until`.

    Returns:
        OK when `until` is reached. Else the caller has to act: CLOCKS_TURN when a unit with an
        operating clock started or stopped, LOG_FULL, DRAWS_SPENT, WATCHED_LEVEL, or what stops the
        run. `clock[NOW]` is then the instant concerned.
    """
    s = r.state
    room = len(s.log) - s.unit.shape[1] - s.buffer.shape[1]
    points = len(s.points) - 2 * s.column.shape[1]
    while True:
        now, outer = hour, not math.isnan(hour)
        hour = math.nan
        if not outer:
            now = min(s.clock[WAKE], s.clock[TRIP], s.clock[WATCH])
            if now > s.clock[NOW] and _clocks_turn(s):
                return CLOCKS_TURN
            if s.tally[EVENTS] >= room or (len(s.points) > 0 and s.tally[POINTS] >= points):
                return LOG_FULL
            if s.tally[LOW_DRAWS] == 1:
                return DRAWS_SPENT
            if now >= until:
                return OK
            s.tally[INSTANTS] += 1
            if s.tally[INSTANTS] > s.tally[INSTANT_LIMIT]:
                return TOO_MANY
        status = OK
        if not outer and s.clock[WAKE] <= now:
            outer = True
            status = count_change(s, s.clock[WAKE])
        if status == OK and s.haul.mark.shape[1] > 0:
            status = ship(s, now)
        if status == OK and (outer or s.tally[CALL] == 1):
            s.tally[CALL] = 0
            status = allocate(r, now)
        elif status == OK:  # batches that moved levels only
            _plan_crossings(s, now)
            plan_trips(s, now, False)
        s.clock[NOW] = now
        if status != OK:
            return status
        if s.clock[WATCH] <= now and _tell_watchers(s, now):
            return WATCHED_LEVEL


@part
def _clocks_turn(s: State) -> bool:
    """True when a unit with an operating clock started or stopped since this was last asked."""
    turned = False
    for u in range(s.unit.shape[1]):
        if s.unit_mark[WATCHED, u] == 1 and s.unit_mark[RUNNING, u] != s.unit_mark[TOLD, u]:
            s.unit_mark[TOLD, u] = s.unit_mark[RUNNING, u]
            turned = True
    return turned
