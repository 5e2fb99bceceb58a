"""Progressive filling: raise all members of a group together until each is blocked.

The level t rises; members that stand at it (x = w t) move with it, the others stay above. What hits
a bound on the way is exchanged for a variable that gives way. Where none does, the row proves that
the members moving in it can get no more: they are settled, and the rest rise on. This is the primal
simplex method for "t as large as possible" with t left out of the tableau. Where goals are made
small, all is the same with the signs turned.
"""

from __future__ import annotations

from chainsim.balance.bundle import Ints
from chainsim.balance.compiled import part
from chainsim.balance.primal import SETTLED, freeze, hold, is_open, may_move, state_of
from chainsim.balance.tableau import (
    AT,
    BASIC,
    BETA,
    CEILING,
    FLOOR,
    HEIGHT,
    LOWER,
    MEMBER,
    MOVING,
    MOVING_AT,
    NONBASIC,
    OK,
    PLACE,
    RATE,
    ROWS,
    STUCK,
    UPPER,
    WEIGHT,
    WIDTH,
    Tableau,
    swap_in,
    value_of,
)

PIVOT = 1e-9
MOVES = 1e-11
"""Rates below this count as none."""
NEAR = 1e-12
STALLS = 60
"""Steps without progress after which the first variable that gives way is taken (Bland)."""
ROUNDS = 40
OUTSIDE, ABOVE, WITH = range(3)
"""Standing of a variable: no open member; above the level; non-basic and moving with it."""


@part
def fill(t: Tableau, members: Ints, count: int, sense: float) -> int:
    """Serve open members, the worst off first in the list, by leximin; OK or STUCK.

    Args:
        t: the tableau, within bounds.
        members: open members of one group; used up.
        count: how many there are.
        sense: 1 where goals are made large, -1 where small.
    """
    level = value_of(t, members[0]) / t.var[WEIGHT, members[0]]
    for h in range(count):
        j = members[h]
        t.mark[MEMBER, j] = ABOVE
        at_level = abs(value_of(t, j) - level * t.var[WEIGHT, j]) <= NEAR
        if t.mark[PLACE, j] < 0 and at_level and may_move(t, j, sense > 0.0):
            t.mark[MEMBER, j] = WITH
    status, stalled = OK, 0
    for _ in range(ROUNDS * (2 + t.size[ROWS] + count)):
        count = _drop_settled(t, members, count, sense)
        if count == 0:
            return OK
        status, by = _raise(t, members, count, sense, level, stalled > STALLS)
        if status != OK:
            break
        level += sense * by
        stalled = stalled + 1 if by <= NEAR else 0
    for h in range(count):
        t.mark[MEMBER, members[h]] = OUTSIDE
    return STUCK


@part
def _drop_settled(t: Tableau, members: Ints, count: int, sense: float) -> int:
    """Keep the members that are still open; how many there are."""
    left = 0
    for h in range(count):
        j = members[h]
        if t.var[LOWER, j] == t.var[UPPER, j] or state_of(t, j, sense) == SETTLED:
            t.mark[MEMBER, j] = OUTSIDE
        else:
            members[left] = j
            left += 1
    return left


@part
def _raise(
    t: Tableau, members: Ints, count: int, sense: float, level: float, first: bool
) -> tuple[int, float]:
    """Raise the level until something is in the way, and clear it; how far it went."""
    _find_rates(t, members, count, sense)
    by, row, member = _room(t, members, count, sense, level)
    if row < 0 and member < 0:
        return STUCK, 0.0
    for g in range(t.size[MOVING]):
        i = t.rowmark[MOVING_AT, g]
        t.row[BETA, i] += t.row[RATE, i] * by
    for h in range(count):
        j = members[h]
        if t.mark[MEMBER, j] == WITH:
            t.var[AT, j] += sense * t.var[WEIGHT, j] * by
    if row < 0:
        if t.mark[MEMBER, member] == ABOVE and may_move(t, member, sense > 0.0):
            t.mark[MEMBER, member] = WITH
        else:
            hold(t, member)
        return OK, by
    return _clear(t, row, sense, level + sense * by, first), by


@part
def _find_rates(t: Tableau, members: Ints, count: int, sense: float) -> None:
    """How fast each basic variable changes as the level goes its way; list those that may."""
    for g in range(t.size[MOVING]):
        t.row[RATE, t.rowmark[MOVING_AT, g]] = 0.0
    moving = 0
    for h in range(count):
        j = members[h]
        if t.mark[MEMBER, j] == WITH:
            k = -1 - t.mark[PLACE, j]
            pace = sense * t.var[WEIGHT, j]
            for g in range(t.colmark[HEIGHT, k]):
                i = t.in_column[k, g]
                by = t.table[i, k] * pace
                if by != 0.0:
                    if t.row[RATE, i] == 0.0:
                        moving = _put_in(t, i, moving)
                    t.row[RATE, i] += by
    t.size[MOVING] = moving


@part
def _put_in(t: Tableau, row: int, count: int) -> int:
    """Put a row on the list of those that move, which is kept in order; how many there are."""
    place = count
    while place > 0 and t.rowmark[MOVING_AT, place - 1] >= row:
        place -= 1
    if place < count and t.rowmark[MOVING_AT, place] == row:
        return count
    for g in range(count, place, -1):
        t.rowmark[MOVING_AT, g] = t.rowmark[MOVING_AT, g - 1]
    t.rowmark[MOVING_AT, place] = row
    return count + 1


@part
def _room(
    t: Tableau, members: Ints, count: int, sense: float, level: float
) -> tuple[float, int, int]:
    """How far the level can go, and the row or the non-basic member that stops it there."""
    least, row, member, pace = 1e300, -1, -1, 0.0
    for g in range(t.size[MOVING]):
        i = t.rowmark[MOVING_AT, g]
        rate = t.row[RATE, i]
        if abs(rate) > MOVES:
            end = t.row[CEILING if rate > 0.0 else FLOOR, i]
            room = max((end - t.row[BETA, i]) / rate, 0.0)
            if room < least - NEAR or (room <= least + NEAR and abs(rate) > pace):
                least, row, pace = min(room, least), i, abs(rate)
    for h in range(count):
        j = members[h]
        weight, place = t.var[WEIGHT, j], t.mark[PLACE, j]
        slack = max(sense * (value_of(t, j) - weight * level), 0.0)
        if place >= 0:
            fall = weight - sense * t.row[RATE, place]
            if fall > MOVES and slack / fall <= least + NEAR:
                least, row, member = min(slack / fall, least), place, -1
            continue
        if t.mark[MEMBER, j] == WITH:
            slack = t.var[UPPER, j] - t.var[AT, j]
            if sense < 0.0:
                slack = t.var[AT, j] - t.var[LOWER, j]
        if slack / weight <= least + NEAR:
            least, row, member = min(max(slack / weight, 0.0), least), -1, j
    return least, row, member


@part
def _clear(t: Tableau, row: int, sense: float, level: float, first: bool) -> int:
    """Exchange what is in the way for what gives way; without such a thing, settle its row."""
    leaving = t.rowmark[BASIC, row]
    weight = t.var[WEIGHT, leaving]
    low, high = t.row[FLOOR, row], t.row[CEILING, row]
    at_level = (
        t.mark[MEMBER, leaving] == ABOVE
        and weight - sense * t.row[RATE, row] > MOVES
        and sense * (t.row[BETA, row] - weight * level) <= 1e-10
    )
    if at_level:
        bound, wanted = weight * level, sense
    elif t.row[RATE, row] > 0.0:
        bound, wanted = high, -1.0
    else:
        bound, wanted = low, 1.0
    column = _giving_way(t, row, wanted, sense, first)
    if column < 0:
        freeze(t, leaving)
        return OK
    entering = t.colmark[NONBASIC, column]
    if t.mark[MEMBER, entering] == WITH:
        t.mark[MEMBER, entering] = ABOVE
    swap_in(t, row, column, 0.0, bound)
    if at_level:
        t.mark[MEMBER, leaving] = WITH
    return OK


@part
def _giving_way(t: Tableau, row: int, wanted: float, sense: float, first: bool) -> int:
    """Column whose variable can move so that the one of `row` goes the way wanted; -1 if none."""
    found, most = -1, 0.0
    for h in range(t.rowmark[WIDTH, row]):
        k = t.in_row[row, h]
        a = t.table[row, k]
        if abs(a) <= PIVOT or not is_open(t, k):
            continue
        j = t.colmark[NONBASIC, k]
        up = (a > 0.0) == (wanted > 0.0)
        if not may_move(t, j, up) or (t.mark[MEMBER, j] == WITH and up != (sense > 0.0)):
            continue
        if first:
            if found < 0 or j < t.colmark[NONBASIC, found]:
                found = k
        elif abs(a) > most:
            found, most = k, abs(a)
    return found
