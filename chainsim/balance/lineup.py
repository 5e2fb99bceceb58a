"""Goals in single file: which goal sees each open variable first, and how to get back in line.

Where every non-basic variable stands at the bound that the first goal to see it likes, all goals
are met one after the other. Serving goals of equal rank together can leave that state; primal
steps, each for the first goal that can still gain, lead back to it.
"""

from __future__ import annotations

from chainsim.balance.compiled import part
from chainsim.balance.primal import NEAR, STALLS, advance_column, is_open, may_move
from chainsim.balance.tableau import (
    ALONE,
    CLOSED,
    COLS,
    FIRST,
    LOWER,
    NEXT,
    NONBASIC,
    OK,
    OPEN,
    OPEN_AT,
    ROWS,
    STUCK,
    UPPER,
    WIDTH,
    Tableau,
    entry,
    first_seen,
    wants_up,
)

ROUNDS = 40


@part
def list_open(t: Tableau) -> None:
    """Fix what its bounds leave no freedom, and list the columns whose variables may move."""
    count = 0
    for k in range(t.size[COLS]):
        j = t.colmark[NONBASIC, k]
        t.colmark[CLOSED, k] = 1
        if t.var[LOWER, j] < t.var[UPPER, j]:
            t.colmark[CLOSED, k] = 0
            t.colmark[OPEN_AT, count] = k
            count += 1
    t.size[OPEN] = count


@part
def drop_closed(t: Tableau) -> None:
    """Take off the list what was fixed since."""
    count = 0
    for h in range(t.size[OPEN]):
        k = t.colmark[OPEN_AT, h]
        if is_open(t, k):
            t.colmark[OPEN_AT, count] = k
            count += 1
    t.size[OPEN] = count


@part
def line_up(t: Tableau) -> None:
    """Chain the open columns that may trade by the stage of the goal that sees them first."""
    for s in range(t.stage.shape[1]):
        t.chain[s] = -1
    for h in range(t.size[OPEN]):
        k = t.colmark[OPEN_AT, h]
        if t.colmark[ALONE, k] == 1:
            continue
        p = t.mark[FIRST, t.colmark[NONBASIC, k]]
        if p < len(t.ranks):
            s = t.stage_of[p]
            t.colmark[NEXT, k] = t.chain[s]
            t.chain[s] = k


@part
def back_in_line(t: Tableau, stage: int) -> int:
    """Bring the goals from `stage` on to their optimum in single file, all before kept.

    Returns:
        OK or STUCK.
    """
    begin = t.stage[0, stage]
    drop_closed(t)
    for h in range(t.size[OPEN]):
        k = t.colmark[OPEN_AT, h]
        t.colmark[ALONE, k] = 0
        t.mark[FIRST, t.colmark[NONBASIC, k]] = first_seen(t, k, begin)
    stalled = 0
    for _ in range(ROUNDS * (1 + t.size[ROWS] + t.size[COLS])):
        column = _first_to_gain(t, stalled > STALLS)
        if column < 0:
            line_up(t)
            return OK
        moved, row = advance_column(t, column, wants_up(t, column))
        stalled = stalled + 1 if moved <= NEAR else 0
        if row >= 0:
            for h in range(t.rowmark[WIDTH, row]):
                k = t.in_row[row, h]
                if t.table[row, k] != 0.0 and is_open(t, k):
                    t.mark[FIRST, t.colmark[NONBASIC, k]] = first_seen(t, k, begin)
    return STUCK


@part
def _first_to_gain(t: Tableau, bland: bool) -> int:
    """Column of the open variable by which the first goal that can gain gains most; -1 if none."""
    found, rank, most = -1, len(t.ranks), 0.0
    for h in range(t.size[OPEN]):
        k = t.colmark[OPEN_AT, h]
        j = t.colmark[NONBASIC, k]
        p = t.mark[FIRST, j]
        if p > rank or p == len(t.ranks) or not is_open(t, k) or not may_move(t, j, wants_up(t, k)):
            continue
        if p == rank and bland:
            if j < t.colmark[NONBASIC, found]:
                found = k
            continue
        gain = abs(entry(t, t.ranks[p], k))
        if p < rank or gain > most:
            found, rank, most = k, p, gain
    return found
