"""The simplex tableau of the kernel in flat arrays, and the steps that change it.

Every basic variable is written as a sum over the non-basic ones: z_basic = T z_nonbasic. A nominal
tableau is kept beside the working one; each allocation starts from it by copying back the rows that
were touched, so an answer is a function of the bounds alone, to the last bit. Entries that cancel are
set to zero exactly: what is not zero means something.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from chainsim.balance.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Rows of `var`: bounds now, value while non-basic, bounds and request of the layout.
LOWER, UPPER, AT, LEAST, MOST, WEIGHT, VARS = range(7)
# Rows of `mark`: row if basic, else -1 - column; first rank that sees the variable; fixed for good;
# the same and the side it stands on in the nominal tableau; tie and slack; place in the list.
PLACE, FIRST, FIXED, PLACE0, FIRST0, SIDE0, TIE, SLACK, ORDER, MISSING, FREE_IDS, MARKS = range(12)
# Rows of `rowmark`: variable of a row; touched; list of the touched; variable in the nominal tableau.
BASIC, TOUCHED, TOUCH_LIST, BASIC0, ROWMARKS = range(5)
# Rows of `colmark`: variable of a column, nominal one, open columns, scratch.
NONBASIC, NONBASIC0, LIVE, CANDIDATE, NONZERO, COLMARKS = range(6)
# Entries of `size`.
ROWS, COLS, ROWS0, COLS0, TOUCHES, LIVES, VARIABLES, FREE, COLUMNS, PIVOTS, SIZES = range(11)

CANCEL = 1e-11
"""Share of its former size below which an entry counts as cancelled."""
DUST = 1e-13
MEANS = 1e-11
"""Entries above this size count as a dependence."""

OK, INFEASIBLE, STUCK, UNBOUNDED = range(4)


class Tableau(NamedTuple):
    """All arrays of one kernel; `table` (rows, columns) is the working tableau."""

    table: Floats
    nominal: Floats
    spread: Floats
    """The nominal tableau once more, column by column."""
    beta: Floats
    """Value of the basic variable of each row."""
    var: Floats
    mark: Ints
    rowmark: Ints
    colmark: Ints
    work: Floats
    """Scratch, one entry per column."""
    size: Ints
    ranks: Ints
    sense: Floats
    stage: Ints
    starts: Ints
    index: Ints
    value: Floats
    crash: Ints
    sums: Floats
    """Scratch, one entry per equation."""


@compiled
def touch(t: Tableau, row: int) -> None:
    """Note that a row differs from the nominal tableau."""
    if row < t.size[ROWS0] and t.rowmark[TOUCHED, row] == 0:
        t.rowmark[TOUCHED, row] = 1
        t.rowmark[TOUCH_LIST, t.size[TOUCHES]] = row
        t.size[TOUCHES] += 1


@compiled
def put_row(t: Tableau, row: int, variable: int) -> None:
    """Make `variable` the basic one of a row."""
    t.rowmark[BASIC, row] = variable
    t.mark[PLACE, variable] = row


@compiled
def put_column(t: Tableau, column: int, variable: int) -> None:
    """Make `variable` the non-basic one of a column."""
    t.colmark[NONBASIC, column] = variable
    t.mark[PLACE, variable] = -1 - column


@compiled
def exchange(t: Tableau, row: int, column: int) -> None:
    """Swap the basic variable of `row` with the non-basic one of `column`."""
    table, nonzero, work = t.table, t.colmark[NONZERO], t.work
    rows, cols = t.size[ROWS], t.size[COLS]
    t.size[PIVOTS] += 1
    touch(t, row)
    pivot = table[row, column]
    count = 0
    for k in range(cols):
        entry = table[row, k]
        if entry != 0.0 and k != column:
            entry = -entry / pivot
            table[row, k] = entry
            nonzero[count] = k
            work[count] = entry
            count += 1
    table[row, column] = 1.0 / pivot
    for i in range(rows):
        factor = table[i, column]
        if factor == 0.0 or i == row:
            continue
        touch(t, i)
        for h in range(count):
            k = nonzero[h]
            old = table[i, k]
            new = old + factor * work[h]
            if abs(new) <= CANCEL * abs(old) or abs(new) < DUST:
                new = 0.0
            table[i, k] = new
        table[i, column] = factor / pivot
    leaving, entering = t.rowmark[BASIC, row], t.colmark[NONBASIC, column]
    put_row(t, row, entering)
    put_column(t, column, leaving)


@compiled
def entry(t: Tableau, variable: int, column: int) -> float:
    """How much a variable, basic or not, rises with the non-basic one of `column`."""
    place = t.mark[PLACE, variable]
    if place >= 0:
        return t.table[place, column]
    return 1.0 if -1 - place == column else 0.0


@compiled
def value_of(t: Tableau, variable: int) -> float:
    """Present value of a variable."""
    place = t.mark[PLACE, variable]
    return t.beta[place] if place >= 0 else t.var[AT, variable]


@compiled
def shift(t: Tableau, column: int, by: float) -> None:
    """Move the non-basic variable of a column; the basic ones follow."""
    t.var[AT, t.colmark[NONBASIC, column]] += by
    for i in range(t.size[ROWS]):
        factor = t.table[i, column]
        if factor != 0.0:
            t.beta[i] += factor * by


@compiled
def swap_in(t: Tableau, row: int, column: int, by: float, bound: float) -> None:
    """Move the variable of `column` by `by`, make it basic in `row`; the old one stands at `bound`."""
    entering, leaving = t.colmark[NONBASIC, column], t.rowmark[BASIC, row]
    shift(t, column, by)
    exchange(t, row, column)
    t.beta[row] = t.var[AT, entering]
    t.var[AT, leaving] = bound


@compiled
def drop_row(t: Tableau, row: int) -> None:
    """Forget a basic variable: its row says nothing about the others."""
    variable, last = t.rowmark[BASIC, row], t.size[ROWS] - 1
    t.mark[FREE_IDS, t.size[FREE]] = variable
    t.size[FREE] += 1
    if row != last:
        touch(t, row)
        for k in range(t.size[COLS]):
            t.table[row, k] = t.table[last, k]
        t.beta[row] = t.beta[last]
        put_row(t, row, t.rowmark[BASIC, last])
    touch(t, last)
    t.size[ROWS] = last


@compiled
def new_id(t: Tableau) -> int:
    """Number of a variable that is not in use."""
    t.size[FREE] -= 1
    return t.mark[FREE_IDS, t.size[FREE]]


@compiled
def recompute(t: Tableau) -> None:
    """Values of the basic variables from the non-basic ones, without history."""
    rows, cols = t.size[ROWS], t.size[COLS]
    count = 0
    for k in range(cols):
        at = t.var[AT, t.colmark[NONBASIC, k]]
        if at != 0.0:
            t.colmark[NONZERO, count] = k
            t.work[count] = at
            count += 1
    for i in range(rows):
        total = 0.0
        for h in range(count):
            total += t.table[i, t.colmark[NONZERO, h]] * t.work[h]
        t.beta[i] = total


@compiled
def imbalance(t: Tableau) -> float:
    """Largest violation of an equation by the present values."""
    for i in range(len(t.sums)):
        t.sums[i] = 0.0
    for j in range(t.size[VARIABLES]):
        x = value_of(t, j)
        if x != 0.0:
            for h in range(t.starts[j], t.starts[j + 1]):
                t.sums[t.index[h]] += t.value[h] * x
    worst = 0.0
    for i in range(len(t.sums)):
        worst = max(worst, abs(t.sums[i]))
    return worst


@compiled
def first_seen(t: Tableau, column: int, begin: int) -> int:
    """First rank from `begin` on that depends on the variable of a column."""
    for p in range(begin, len(t.ranks)):
        if abs(entry(t, t.ranks[p], column)) > MEANS:
            return p
    return len(t.ranks)


@compiled
def wants_up(t: Tableau, column: int) -> bool:
    """True when the first goal that sees the variable of a column gains by its rise."""
    p = t.mark[FIRST, t.colmark[NONBASIC, column]]
    return p < len(t.ranks) and t.sense[p] * entry(t, t.ranks[p], column) > 0.0


@compiled
def to_nominal(t: Tableau) -> None:
    """Restore the nominal tableau; bounds and values are left to the caller."""
    rows, cols, variables = t.size[ROWS0], t.size[COLS0], t.size[VARIABLES]
    for h in range(t.size[TOUCHES]):
        i = t.rowmark[TOUCH_LIST, h]
        t.rowmark[TOUCHED, i] = 0
        for k in range(cols):
            t.table[i, k] = t.nominal[i, k]
    t.size[TOUCHES] = 0
    t.size[ROWS] = rows
    t.size[COLS] = cols
    for i in range(rows):
        t.rowmark[BASIC, i] = t.rowmark[BASIC0, i]
    for k in range(cols):
        t.colmark[NONBASIC, k] = t.colmark[NONBASIC0, k]
    for j in range(variables):
        t.mark[PLACE, j] = t.mark[PLACE0, j]
        t.mark[FIRST, j] = t.mark[FIRST0, j]
        t.mark[FIXED, j] = 0
    spare_ids(t)


@compiled
def spare_ids(t: Tableau) -> None:
    """All numbers beyond those of the layout are free."""
    variables, total = t.size[VARIABLES], t.mark.shape[1]
    for h in range(total - variables):
        t.mark[FREE_IDS, h] = total - 1 - h
    t.size[FREE] = total - variables


@compiled
def keep_nominal(t: Tableau) -> None:
    """Make the present tableau the nominal one."""
    rows, cols, variables = t.size[ROWS], t.size[COLS], t.size[VARIABLES]
    t.size[ROWS0] = rows
    t.size[COLS0] = cols
    t.size[TOUCHES] = 0
    for i in range(rows):
        t.rowmark[BASIC0, i] = t.rowmark[BASIC, i]
        t.rowmark[TOUCHED, i] = 0
        for k in range(cols):
            t.nominal[i, k] = t.table[i, k]
            t.spread[k, i] = t.table[i, k]
    for k in range(cols):
        t.colmark[NONBASIC0, k] = t.colmark[NONBASIC, k]
    for j in range(variables):
        t.mark[PLACE0, j] = t.mark[PLACE, j]
        t.mark[FIRST0, j] = t.mark[FIRST, j]
        place = t.mark[PLACE, j]
        t.mark[SIDE0, j] = 1 if place < 0 and wants_up(t, -1 - place) else 0
