"""The event engine's inner loop: allocate, follow units and levels, find the next instant.

Nothing is polled and nothing is stepped: flows are constant from one instant to the next, and the
next one is the earliest crossing of a buffer, end of a least stop, or level that a unit waits for.
All that happens at one instant is applied before flows are allocated once (`instant.py` and
`sequel.py` are what precedes and what follows an allocation).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from chainsim.balance.bundle import Bundle
from chainsim.balance.compiled import compiled, part
from chainsim.balance.hauling import plan_trips, ship
from chainsim.balance.instant import prepare
from chainsim.balance.memo import Memo, look_up, remember
from chainsim.balance.search import Nodes, search
from chainsim.balance.sequel import follow, plan_crossings, tell_watchers
from chainsim.balance.state import (
    CALL,
    CHANGES,
    CLOCKS_TURN,
    DRAWS_SPENT,
    ENDLESS,
    EVENTS,
    FLOOR_NOW,
    INSTANT_LIMIT,
    INSTANTS,
    LOG_FULL,
    LOW_DRAWS,
    MOVED,
    NOW,
    POINTS,
    RESIDUAL,
    RUNNING,
    TOLD,
    TOO_MANY,
    TRIP,
    UPPER_NOW,
    VALUE,
    WAKE,
    WATCH,
    WATCHED,
    WATCHED_LEVEL,
    WINDOW,
    State,
)
from chainsim.balance.tableau import OK, Tableau

WINDOW_H = 1.0


WINDOW_LIMIT = 3000
"""State changes within one hour of simulated time; a park of hundreds of units has a few."""


@dataclass(frozen=True, eq=False)
class Running(Bundle):
    """A run and what its allocations work in."""

    state: State
    tableau: Tableau
    nodes: Nodes
    memo: Memo


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


@part
def allocate(r: Running, now: float) -> int:
    """One allocation at `now`, after all changes."""
    s, t, nodes, memo = r.state, r.tableau, r.nodes, r.memo
    status = prepare(s, now)
    if status != OK:
        return status
    values = s.column[VALUE]
    place = look_up(memo, s.told_bits, s.most_key, values)
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
    allocated = True
    while True:
        now, outer = hour, not math.isnan(hour)
        hour = math.nan
        if not outer:
            now = min(s.clock[WAKE], s.clock[TRIP], s.clock[WATCH])
            if allocated and now > s.clock[NOW]:
                allocated = False
                if _clocks_turn(s):
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
            allocated = True
            status = allocate(r, now)
        elif status == OK:  # no rate has changed
            if s.tally[MOVED] == 1 or s.clock[WATCH] <= now:
                plan_crossings(s, now)
            plan_trips(s, now, False)
        s.tally[MOVED] = 0
        s.clock[NOW] = now
        if status != OK:
            return status
        if s.clock[WATCH] <= now and tell_watchers(s, now):
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
