"""Primal steps on the face of optima: what may move there, and how far.

A face is the set of states in which all goals so far keep what they got: non-basic variables that
such a goal depends on are fixed. A variable that is not fixed moves until something meets a bound.
"""

from __future__ import annotations

from chainsim.balance.compiled import part
from chainsim.balance.tableau import (
    AT,
    BETA,
    CEILING,
    CLOSED,
    FLOOR,
    HEIGHT,
    LOWER,
    MEANS,
    NONBASIC,
    PLACE,
    UPPER,
    WIDTH,
    Tableau,
    set_bounds,
    shift,
    swap_in,
    value_of,
)

GAIN = 1e-10
"""Dependence below which a goal counts as not helped."""
PIVOT = 1e-9
NEAR = 1e-12
STALLS = 60
"""Steps without progress after which the first helper is taken instead of the best (Bland)."""

SETTLED, BEST, OPEN = range(3)
"""A variable that the face leaves no freedom; one that cannot do better; one that can."""


@part
def is_open(t: Tableau, column: int) -> bool:
    """True when the variable of a column may still move on this face."""
    return bool(t.colmark[CLOSED, column] == 0)


@part
def may_move(t: Tableau, variable: int, up: bool) -> bool:
    """True when a non-basic variable is not at the bound it would move to."""
    if up:
        return bool(t.var[AT, variable] < t.var[UPPER, variable])
    return bool(t.var[AT, variable] > t.var[LOWER, variable])


@part
def state_of(t: Tableau, variable: int, sense: float) -> int:
    """SETTLED, BEST or OPEN for a goal on `variable`."""
    place = t.mark[PLACE, variable]
    if place < 0:
        if not is_open(t, -1 - place):
            return SETTLED
        return OPEN if may_move(t, variable, sense > 0.0) else BEST
    found = SETTLED
    for h in range(t.rowmark[WIDTH, place]):
        k = t.in_row[place, h]
        a = t.table[place, k]
        if abs(a) > GAIN and is_open(t, k):
            if may_move(t, t.colmark[NONBASIC, k], (a > 0.0) == (sense > 0.0)):
                return OPEN
            found = BEST
    return found


@part
def freeze(t: Tableau, variable: int) -> None:
    """Fix every open variable that `variable` depends on: its value stays."""
    place = t.mark[PLACE, variable]
    if place < 0:
        t.colmark[CLOSED, -1 - place] = 1
        return
    for h in range(t.rowmark[WIDTH, place]):
        k = t.in_row[place, h]
        if abs(t.table[place, k]) > MEANS:
            t.colmark[CLOSED, k] = 1


@part
def advance_column(t: Tableau, column: int, up: bool) -> tuple[float, int]:
    """Move one non-basic variable until it or a basic one meets a bound.

    Returns:
        How far it went, and the row in which it is basic now; -1 if it is not.
    """
    entering = t.colmark[NONBASIC, column]
    sign = 1.0 if up else -1.0
    most = t.var[UPPER, entering] - t.var[AT, entering]
    if not up:
        most = t.var[AT, entering] - t.var[LOWER, entering]
    row, size = -1, 0.0
    for g in range(t.colmark[HEIGHT, column]):
        i = t.in_column[column, g]
        rate = t.table[i, column] * sign
        if abs(rate) <= PIVOT:
            continue
        room = (t.row[CEILING if rate > 0.0 else FLOOR, i] - t.row[BETA, i]) / rate
        room = max(room, 0.0)
        if room < most - NEAR or (row >= 0 and room <= most + NEAR and abs(rate) > size):
            row, size, most = i, abs(rate), min(most, room)
    if row < 0:
        shift(t, column, sign * most)
        t.var[AT, entering] = t.var[UPPER if up else LOWER, entering]
        return float(most), -1
    rate = t.table[row, column] * sign
    bound = t.row[CEILING if rate > 0.0 else FLOOR, row]
    swap_in(t, row, column, sign * most, bound)
    return float(most), row


@part
def hold(t: Tableau, variable: int) -> None:
    """Keep a variable that stands at one of its bounds there."""
    at = value_of(t, variable)
    low, high = t.var[LOWER, variable], t.var[UPPER, variable]
    end = high if high - at <= at - low else low
    set_bounds(t, variable, end, end)
    place = t.mark[PLACE, variable]
    if place < 0:
        t.colmark[CLOSED, -1 - place] = 1
        t.var[AT, variable] = end
