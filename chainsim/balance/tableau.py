"""The simplex tableau of the kernel in flat arrays, and the steps that change it.

Every basic variable is written as a sum over the non-basic ones: z_basic = T z_nonbasic. T is
stored densely, with lists of the places in each row and column that are or were non-zero, for few
are. Every change is logged, so the nominal tableau comes back by undoing, bit for bit: an answer is
a function of the bounds alone. Entries that cancel are set to zero exactly: what is not zero means
something.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainsim.balance.bundle import (
    Bundle,
    Flags2,
    Floats1,
    Floats2,
    Ints1,
    Ints2,
    Places1,
    Places2,
)
from chainsim.balance.compiled import part

# Rows of `var`: bounds now, value while non-basic, bounds and request of the layout; the first
# three as they were at the checkpoint and in the nominal tableau.
(
    LOWER,
    UPPER,
    AT,
    LEAST,
    MOST,
    WEIGHT,
    LOWER1,
    UPPER1,
    AT1,
    LOWER0,
    UPPER0,
    AT0,
    VARS,
) = range(13)
# Rows of `mark`: row if basic, else -1 - column; first rank that sees the variable;
# both as they were at the checkpoint and in the nominal tableau; common share and slack
# there; place in the dispatch list; bound missing; standing while filling; rank, if it has one.
(
    PLACE,
    FIRST,
    PLACE1,
    FIRST1,
    PLACE0,
    FIRST0,
    TIE,
    SLACK,
    ORDER,
    MISSING,
    MEMBER,
    RANK,
    MARKS,
) = range(13)
# Rows of `row`: value of the basic variable, its bounds, and how fast it changes while filling; the
# first three as they were at the checkpoint and in the nominal tableau.
(
    BETA,
    FLOOR,
    CEILING,
    RATE,
    BETA1,
    FLOOR1,
    CEILING1,
    BETA0,
    FLOOR0,
    CEILING0,
    ROWS_F,
) = range(11)
# Rows of `rowmark`: basic variable and its rank, the same at the checkpoint and in the nominal
# tableau; number of places listed; 1 where it may be out of bounds; the rows of which that is so;
# the rows that move while filling, in order.
(
    BASIC,
    RANKED,
    BASIC1,
    RANKED1,
    BASIC0,
    RANKED0,
    WIDTH,
    SUSPECT,
    SUSPECT_AT,
    MOVING_AT,
    ROWMARKS,
) = range(11)
# Rows of `colmark`: variable of a column, at the checkpoint, in the nominal tableau; number of
# places listed; next open column of the same stage; scratch; the open columns; 1 where the
# variable is fixed for good; 1 where the goal that sees it first has nobody of its rank to trade
# with, and the same in the nominal tableau.
(
    NONBASIC,
    NONBASIC1,
    NONBASIC0,
    HEIGHT,
    NEXT,
    CANDIDATE,
    OPEN_AT,
    CLOSED,
    ALONE,
    ALONE0,
    COLMARKS,
) = range(11)
# Entries of `size`: rows and columns in use; variables and columns of the layout; log
# entries, and those at the checkpoint; 1 while changes are logged, 2 when the log is full; steps
# done; stage of the last branching; 1 where variables may stand at the wrong bound at the
# checkpoint; first rank that is no longer met in single file; rank that is lost; 1 where something
# changed since the checkpoint; open columns listed; stages of which the goal
# vector of a node is known, and that of the best answer; rows that may be out of bounds, and 1
# where any may be, now, at the checkpoint and in the nominal tableau; rows listed that move.
(
    ROWS,
    COLS,
    VARIABLES,
    COLUMNS,
    LOGGED,
    LOGGED1,
    LOGGING,
    PIVOTS,
    STAGE,
    ASTRAY,
    FILE,
    LOST,
    KEPT,
    OPEN,
    KNOWN,
    BEST_KNOWN,
    SUSPECTS,
    ANY_ROW,
    ANY_ROW1,
    ANY_ROW0,
    MOVING,
    SIZES,
) = range(22)

CANCEL = 1e-11
"""Share of its former size below which an entry counts as cancelled."""
DUST = 1e-13
MEANS = 1e-11
"""Entries above this size count as a dependence."""

NEW = np.uint32(1 << 31)
"""Set in the logged column of a place that was new to the lists."""

OK, INFEASIBLE, STUCK, UNBOUNDED = range(4)


@dataclass(frozen=True, eq=False)
class Tableau(Bundle):
    """All arrays of one kernel."""

    table: Floats2
    """(rows, columns)"""
    listed: Flags2
    """(rows, columns) True where the place is in the lists."""
    in_row: Places2
    """(rows, columns) columns listed for each row."""
    in_column: Places2
    """(columns, rows) rows listed for each column."""
    row: Floats2
    var: Floats2
    mark: Ints2
    rowmark: Ints2
    colmark: Ints2
    work: Floats1
    """Scratch, one entry per column."""
    nonzero: Places1
    """Scratch, one entry per column."""
    size: Ints1
    log_place: Places2
    """(entries, 2) row and column; `NEW` is set in the column where the place was not listed."""
    log_value: Floats1
    """(entries,) what stood there."""
    ranks: Ints1
    sense: Floats1
    stage: Ints2
    stage_of: Ints1
    """(ranks,) the stage each belongs to."""
    starts: Ints1
    equation: Places1
    value: Floats1
    variable: Places1
    """(entries,) the variable of each."""
    crash: Ints1
    chain: Ints1
    """Scratch, one entry per stage."""
    sums: Floats1
    """Scratch, one entry per equation."""
    values: Floats1
    """Scratch, one entry per variable."""
    far: Ints1
    """Variables that may stand far away."""
    open_ended: Ints1
    """Columns of which a bound is a stand-in."""
    figure: Floats1
    """(2,) imbalance of the last answer, and of the last node."""


@part
def _list_place(t: Tableau, i: int, k: int) -> None:
    """Put a place on the lists of its row and column."""
    t.listed[i, k] = True
    t.in_row[i, t.rowmark[WIDTH, i]] = k
    t.rowmark[WIDTH, i] += 1
    t.in_column[k, t.colmark[HEIGHT, k]] = i
    t.colmark[HEIGHT, k] += 1


@part
def write(t: Tableau, i: int, k: int, value: float) -> None:
    """Set one entry while nothing is logged."""
    if t.table[i, k] == 0.0 and not t.listed[i, k]:
        _list_place(t, i, k)
    t.table[i, k] = value


@part
def suspect(t: Tableau, i: int) -> None:
    """Note that the basic variable of a row may be out of bounds."""
    if t.rowmark[SUSPECT, i] == 0:
        t.rowmark[SUSPECT, i] = 1
        t.rowmark[SUSPECT_AT, t.size[SUSPECTS]] = i
        t.size[SUSPECTS] += 1


@part
def clear_suspects(t: Tableau) -> None:
    """All basic variables are known to be within bounds."""
    for h in range(t.size[SUSPECTS]):
        t.rowmark[SUSPECT, t.rowmark[SUSPECT_AT, h]] = 0
    t.size[SUSPECTS] = 0
    t.size[ANY_ROW] = 0


@part
def put_row(t: Tableau, i: int, variable: int) -> None:
    """Make `variable` the basic one of a row."""
    t.rowmark[BASIC, i] = variable
    t.rowmark[RANKED, i] = t.mark[RANK, variable]
    t.mark[PLACE, variable] = i
    t.row[FLOOR, i] = t.var[LOWER, variable]
    t.row[CEILING, i] = t.var[UPPER, variable]
    suspect(t, i)


@part
def put_column(t: Tableau, k: int, variable: int) -> None:
    """Make `variable` the non-basic one of a column."""
    t.colmark[NONBASIC, k] = variable
    t.colmark[CLOSED, k] = 1 if t.var[LOWER, variable] >= t.var[UPPER, variable] else 0
    t.mark[PLACE, variable] = -1 - int(k)


@part
def exchange(t: Tableau, row: int, column: int) -> None:
    """Swap the basic variable of `row` with the non-basic one of `column`."""
    table, nonzero, work = t.table, t.nonzero, t.work
    places, values = t.log_place, t.log_value
    t.size[PIVOTS] += 1
    pivot = table[row, column]
    if t.size[LOGGING] == 1:
        reach = t.rowmark[WIDTH, row] * t.colmark[HEIGHT, column]
        if t.size[LOGGED] + reach >= len(values):
            t.size[LOGGING] = 2  # the way back is lost: the tableau has to be built anew
    step = 1 if t.size[LOGGING] == 1 else 0
    n, count = t.size[LOGGED], 0
    for h in range(t.rowmark[WIDTH, row]):
        k = t.in_row[row, h]
        t.colmark[ALONE, k] = 0
        old = table[row, k]
        if old != 0.0:
            places[n, 0], places[n, 1], values[n] = row, k, old
            n += step
            if k != column:
                new = -old / pivot
                table[row, k] = new
                nonzero[count] = k
                work[count] = new
                count += 1
    table[row, column] = 1.0 / pivot
    for g in range(t.colmark[HEIGHT, column]):
        i = t.in_column[column, g]
        factor = table[i, column]
        if factor == 0.0 or i == row:
            continue
        for h in range(count):
            k = nonzero[h]
            old = table[i, k]
            new = old + factor * work[h]
            if abs(new) <= CANCEL * abs(old) or abs(new) < DUST:
                new = 0.0
            table[i, k] = new
            places[n, 0], places[n, 1], values[n] = i, k, old
            if old == 0.0 and not t.listed[i, k]:
                _list_place(t, i, k)
                places[n, 1] |= NEW
            n += step
        places[n, 0], places[n, 1], values[n] = i, column, factor
        n += step
        table[i, column] = factor / pivot
    t.size[LOGGED] = n
    leaving, entering = t.rowmark[BASIC, row], t.colmark[NONBASIC, column]
    put_row(t, row, entering)
    put_column(t, column, leaving)


@part
def entry(t: Tableau, variable: int, column: int) -> float:
    """How much a variable, basic or not, rises with the non-basic one of `column`."""
    place = t.mark[PLACE, variable]
    if place >= 0:
        return float(t.table[place, column])
    return 1.0 if -1 - place == column else 0.0


@part
def value_of(t: Tableau, variable: int) -> float:
    """Present value of a variable."""
    place = t.mark[PLACE, variable]
    return float(t.row[BETA, place] if place >= 0 else t.var[AT, variable])


@part
def shift(t: Tableau, column: int, by: float) -> None:
    """Move the non-basic variable of a column; the basic ones follow."""
    t.var[AT, t.colmark[NONBASIC, column]] += by
    for g in range(t.colmark[HEIGHT, column]):
        i = t.in_column[column, g]
        t.row[BETA, i] += t.table[i, column] * by
        suspect(t, i)


@part
def swap_in(t: Tableau, row: int, column: int, by: float, bound: float) -> None:
    """Move the variable of `column` by `by` and make it basic; the old one goes to `bound`."""
    entering, leaving = t.colmark[NONBASIC, column], t.rowmark[BASIC, row]
    shift(t, column, by)
    exchange(t, row, column)
    t.row[BETA, row] = t.var[AT, entering]
    t.var[AT, leaving] = bound


@part
def set_bounds(t: Tableau, variable: int, low: float, high: float) -> None:
    """Give a variable other bounds."""
    t.var[LOWER, variable] = low
    t.var[UPPER, variable] = high
    place = t.mark[PLACE, variable]
    if place >= 0:
        t.row[FLOOR, place] = low
        t.row[CEILING, place] = high


@part
def recompute(t: Tableau) -> None:
    """Values of the basic variables from the non-basic ones, without history."""
    t.size[ANY_ROW] = 1
    for i in range(t.size[ROWS]):
        t.row[BETA, i] = 0.0
    for k in range(t.size[COLS]):
        at = t.var[AT, t.colmark[NONBASIC, k]]
        if at != 0.0:
            for g in range(t.colmark[HEIGHT, k]):
                i = t.in_column[k, g]
                t.row[BETA, i] += t.table[i, k] * at


@part
def read(t: Tableau) -> None:
    """Write the present values of all variables down in `values`."""
    for i in range(t.size[ROWS]):
        t.values[t.rowmark[BASIC, i]] = t.row[BETA, i]
    for k in range(t.size[COLS]):
        j = t.colmark[NONBASIC, k]
        t.values[j] = t.var[AT, j]


@part
def imbalance(t: Tableau) -> float:
    """Largest violation of an equation by what stands in `values`."""
    for i in range(len(t.sums)):
        t.sums[i] = 0.0
    for h in range(len(t.value)):
        t.sums[t.equation[h]] += t.value[h] * t.values[t.variable[h]]
    worst = 0.0
    for i in range(len(t.sums)):
        worst = max(worst, abs(t.sums[i]))
    return worst


@part
def first_seen(t: Tableau, column: int, begin: int) -> int:
    """First rank from `begin` on that depends on the variable of a column."""
    first = t.mark[RANK, t.colmark[NONBASIC, column]]
    if first < begin:
        first = len(t.ranks)
    for g in range(t.colmark[HEIGHT, column]):
        i = t.in_column[column, g]
        p = t.rowmark[RANKED, i]
        if begin <= p < first and abs(t.table[i, column]) > MEANS:
            first = p
    return int(first)


@part
def wants_up(t: Tableau, column: int) -> bool:
    """True when the first goal that sees the variable of a column gains by its rise."""
    p = t.mark[FIRST, t.colmark[NONBASIC, column]]
    return bool(p < len(t.ranks) and t.sense[p] * entry(t, t.ranks[p], column) > 0.0)


@part
def to_liking(t: Tableau) -> None:
    """Set every non-basic variable at the bound its first goal likes; the basic ones follow."""
    for i in range(t.size[ROWS]):
        put_row(t, i, t.rowmark[BASIC, i])
    for k in range(t.size[COLS]):
        j = t.colmark[NONBASIC, k]
        t.var[AT, j] = t.var[UPPER, j] if wants_up(t, k) else t.var[LOWER, j]
    recompute(t)


@part
def rebound(t: Tableau, variable: int, low: float, high: float) -> None:
    """Give a variable other bounds; while non-basic it goes where its first goal likes it."""
    t.var[LOWER, variable] = low
    t.var[UPPER, variable] = high
    place = t.mark[PLACE, variable]
    if place >= 0:
        t.row[FLOOR, place] = low
        t.row[CEILING, place] = high
        suspect(t, place)
        return
    at = high if wants_up(t, -1 - place) else low
    by = at - t.var[AT, variable]
    if by != 0.0:
        shift(t, -1 - place, by)
        t.var[AT, variable] = at
