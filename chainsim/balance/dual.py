"""Lexicographic dual simplex: from goals met without regard to bounds to goals met within them.

All goals stand in single file. Every non-basic variable lies at the bound that its first goal likes
better, so the state is lexicographically optimal but for basic variables out of bounds. The worst
of these leaves; the variable that enters costs the goals least per unit gained, compared goal by
goal. Variables whose whole range does not suffice jump to their other bound on the way.
"""

from __future__ import annotations

from chainsim.balance.bundle import Floats
from chainsim.balance.compiled import part
from chainsim.balance.tableau import (
    ANY_ROW,
    ASTRAY,
    AT,
    BASIC,
    BETA,
    CANDIDATE,
    CEILING,
    COLS,
    FIRST,
    FLOOR,
    HEIGHT,
    INFEASIBLE,
    LOST,
    LOWER,
    NONBASIC,
    OK,
    RANK,
    RANKED,
    ROWS,
    STUCK,
    SUSPECT,
    SUSPECT_AT,
    SUSPECTS,
    UPPER,
    WEIGHT,
    WIDTH,
    Tableau,
    first_seen,
    shift,
    suspect,
    swap_in,
    value_of,
)

WITHIN = 1e-10
"""A basic variable this far out of bounds has to leave."""
GIVEN_UP = 1e-8
"""Violation up to which a row that nothing can mend counts as kept."""
PIVOT = 1e-9
ALIKE = 1e-9
LOSES = 1e-6
"""Share of a request by which a goal has to fall short to count as lost on the way."""
LOSS = 8
ROUNDS = 40
"""Steps allowed per row and column."""


@part
def descend(t: Tableau, filed: Floats, limit: int) -> int:
    """Remove all violations; OK, INFEASIBLE, STUCK, or LOSS as soon as `filed` is out of reach.

    Args:
        t: the tableau, optimal in single file but for the violations.
        filed: (ranks,) what every goal should get, large where more is better.
        limit: how many of them count.
    """
    t.size[ASTRAY] = 0
    for _ in range(ROUNDS * (1 + t.size[ROWS] + t.size[COLS])):
        if _falls_short(t, filed, limit):
            return LOSS
        row, excess = worst(t)
        if row < 0:
            return OK
        status = _mend(t, row, excess)
        if status != OK:
            t.size[ANY_ROW] = 1
            return OK if abs(excess) <= GIVEN_UP else status
    return STUCK


@part
def _falls_short(t: Tableau, filed: Floats, limit: int) -> bool:
    """True when the first goal that differs from `filed` has less: steps only make it worse."""
    for p in range(limit):
        j = t.ranks[p]
        less = filed[p] - t.sense[p] * value_of(t, j)
        if abs(less) > LOSES * t.var[WEIGHT, j]:
            t.size[LOST] = p
            return bool(less > 0.0)
    return False


@part
def worst(t: Tableau) -> tuple[int, float]:
    """Row that is farthest out of bounds, and by how much (signed); -1 when none is.

    Only rows that changed since they were looked at last can be; those found within are dropped.
    """
    row, most = -1, WITHIN
    if t.size[ANY_ROW] == 1:
        for i in range(t.size[ROWS]):
            suspect(t, i)
        t.size[ANY_ROW] = 0
    count = 0
    for h in range(t.size[SUSPECTS]):
        i = t.rowmark[SUSPECT_AT, h]
        value = t.row[BETA, i]
        out = max(value - t.row[CEILING, i], t.row[FLOOR, i] - value)
        if out <= WITHIN:
            t.rowmark[SUSPECT, i] = 0
            continue
        t.rowmark[SUSPECT_AT, count] = i
        count += 1
        if out > most or (out == most and i < row):
            row, most = i, out
    t.size[SUSPECTS] = count
    if row < 0:
        return -1, 0.0
    return row, most if t.row[BETA, row] > t.row[CEILING, row] else -most


@part
def _mend(t: Tableau, row: int, excess: float) -> int:
    """Bring one row back to the bound it broke."""
    candidates = t.colmark[CANDIDATE]
    count = 0
    for h in range(t.rowmark[WIDTH, row]):
        k = t.in_row[row, h]
        a = t.table[row, k]
        if abs(a) <= PIVOT:
            continue
        j = t.colmark[NONBASIC, k]
        if t.var[LOWER, j] == t.var[UPPER, j]:
            continue
        rises = t.var[AT, j] < t.var[UPPER, j]
        if ((a > 0.0) == rises) == (excess < 0.0):
            candidates[count] = k
            count += 1
    bound = t.row[CEILING, row] if excess > 0.0 else t.row[FLOOR, row]
    total = count
    while count > 0:
        best = 0
        for h in range(1, count):
            if _cheaper(t, row, candidates[h], candidates[best]):
                best = h
        k = candidates[best]
        j = t.colmark[NONBASIC, k]
        by = (bound - t.row[BETA, row]) / t.table[row, k]
        span = t.var[UPPER, j] - t.var[LOWER, j]
        if abs(by) <= span + WITHIN:
            _enter(t, row, k, by, bound)
            return OK
        jumped = span if by > 0.0 else -span
        shift(t, k, jumped)
        t.var[AT, j] = t.var[UPPER, j] if by > 0.0 else t.var[LOWER, j]
        count -= 1
        candidates[best], candidates[count] = candidates[count], k
    if abs(bound - t.row[BETA, row]) <= WITHIN:
        return OK
    if abs(excess) <= GIVEN_UP:
        t.size[ASTRAY] = 1
        return INFEASIBLE
    for h in range(total):  # back to where the goals like them
        _jump_back(t, candidates[h])
    return INFEASIBLE


@part
def _jump_back(t: Tableau, column: int) -> None:
    """Take a variable that jumped to its other bound back."""
    j = t.colmark[NONBASIC, column]
    low, high = t.var[LOWER, j], t.var[UPPER, j]
    up = t.var[AT, j] < high
    shift(t, column, high - low if up else low - high)
    t.var[AT, j] = high if up else low


@part
def _cheaper(t: Tableau, row: int, one: int, other: int) -> bool:
    """True when moving the variable of column `one` costs the goals less per unit of the row."""
    i, j = t.colmark[NONBASIC, one], t.colmark[NONBASIC, other]
    first = t.mark[FIRST, i]
    if first != t.mark[FIRST, j]:
        return bool(first > t.mark[FIRST, j])
    # Costs are compared times both pivots, for want of a division.
    times_one = abs(t.table[row, other])
    if t.var[AT, i] < t.var[UPPER, i]:
        times_one = -times_one
    times_other = abs(t.table[row, one])
    if t.var[AT, j] < t.var[UPPER, j]:
        times_other = -times_other
    found, cheaper = len(t.ranks), i < j
    p = t.mark[RANK, i]
    if first <= p < found:
        found, cheaper = p, (times_one < 0.0) == (t.sense[p] > 0.0)
    p = t.mark[RANK, j]
    if first <= p < found:
        found, cheaper = p, (times_other > 0.0) == (t.sense[p] > 0.0)
    for column in (one, other):
        for g in range(t.colmark[HEIGHT, column]):
            place = t.in_column[column, g]
            p = t.rowmark[RANKED, place]
            if first <= p < found:
                a, b = t.table[place, one] * times_one, t.table[place, other] * times_other
                if abs(a - b) > ALIKE * (abs(a) + abs(b)):
                    found, cheaper = p, (a < b) == (t.sense[p] > 0.0)
    return bool(cheaper)


@part
def _enter(t: Tableau, row: int, column: int, by: float, bound: float) -> None:
    """Pivot, and keep up to date which goal sees each non-basic variable first."""
    entering, leaving = t.colmark[NONBASIC, column], t.rowmark[BASIC, row]
    first = t.mark[FIRST, entering]
    pending = t.colmark[CANDIDATE]
    count = 0
    for h in range(t.rowmark[WIDTH, row]):
        k = t.in_row[row, h]
        if k == column or t.table[row, k] == 0.0:
            continue
        j = t.colmark[NONBASIC, k]
        if t.mark[FIRST, j] > first:
            t.mark[FIRST, j] = first
        elif t.mark[FIRST, j] == first:
            pending[count] = k
            count += 1
    swap_in(t, row, column, by, bound)
    t.mark[FIRST, leaving] = first
    for h in range(count):
        k = pending[h]
        t.mark[FIRST, t.colmark[NONBASIC, k]] = first_seen(t, k, first)


@part
def look_up_firsts(t: Tableau) -> None:
    """Read from the tableau which goal sees each non-basic variable first."""
    for k in range(t.size[COLS]):
        t.mark[FIRST, t.colmark[NONBASIC, k]] = first_seen(t, k, 0)
