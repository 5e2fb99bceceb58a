"""Goals of equal rank: leximin, by certificates where they suffice and by filling where not.

The member with the least share is looked at first. If its own row shows that it cannot do better, or
the row of the common share of those it meets does, its level is the best there is, and what that row
depends on is fixed. If neither does, all open members are raised together: a common share t with
slacks x - w t >= 0 is added to the tableau, made as large as it can become, and taken out again.
"""

from __future__ import annotations

from chainsim.balance.compiled import compiled
from chainsim.balance.primal import (
    BEST,
    SETTLED,
    freeze,
    hold,
    improve,
    is_open,
    state_of,
)
from chainsim.balance.tableau import (
    AT,
    BASIC,
    BETA,
    COLS,
    FIRST,
    FIXED,
    HEIGHT,
    LIVE,
    LIVES,
    LOWER,
    NONBASIC,
    OK,
    PLACE,
    ROWS,
    SLACK,
    SPARES,
    STUCK,
    TIE,
    UPPER,
    WEIGHT,
    WIDTH,
    Ints,
    Tableau,
    drop_number,
    drop_row,
    idle_row,
    new_number,
    put_column,
    put_row,
    value_of,
    write,
)

AT_END = 1e-12
LEVEL = 1e-9
FAR = 1e9
HELPER = -2
"""Mark of the slacks that filling adds."""
MOVED = 9
"""Settled, but by steps that took the tableau away from the optimum in single file."""


@compiled
def settle(t: Tableau, members: Ints) -> int:
    """Meet all goals exactly from a vertex that is optimal with them in single file.

    Args:
        t: the tableau, within bounds.
        members: (v,) scratch for the members of one group.

    Returns:
        OK or STUCK.
    """
    moved = False
    for k in range(t.size[COLS]):
        t.colmark[LIVE, k] = k
    t.size[LIVES] = t.size[COLS]
    for s in range(t.stage.shape[1]):
        begin, middle, end = t.stage[0, s], t.stage[1, s], t.stage[2, s]
        if not moved:
            if end - middle == 1:
                continue
            _fix_before(t, begin)
            if t.size[LIVES] == 0:
                return OK
        if end - middle == 1:
            j = t.ranks[middle]
            if improve(t, j, t.sense[middle]) != OK:
                return STUCK
            freeze(t, j, 1)
            continue
        if moved and _one_by_one(t, begin, end) != OK:
            return STUCK
        status = _share(t, middle, end, members, moved)
        if status == STUCK:
            return STUCK
        moved = status == MOVED
    return OK


@compiled
def _fix_before(t: Tableau, rank: int) -> None:
    """Fix what goals before `rank` depend on; only what is open stays in the list."""
    count = 0
    for h in range(t.size[LIVES]):
        k = t.colmark[LIVE, h]
        j = t.colmark[NONBASIC, k]
        if t.mark[FIRST, j] < rank:
            t.mark[FIXED, j] = 1
        elif is_open(t, j):
            t.colmark[LIVE, count] = k
            count += 1
    t.size[LIVES] = count


@compiled
def _one_by_one(t: Tableau, begin: int, end: int) -> int:
    """Bring the members of a group to their optimum in single file, fixing nothing for good."""
    for p in range(begin, end):
        if improve(t, t.ranks[p], t.sense[p]) != OK:
            return STUCK
        freeze(t, t.ranks[p], 2)
    for k in range(t.size[COLS]):
        j = t.colmark[NONBASIC, k]
        if t.mark[FIXED, j] == 2:
            t.mark[FIXED, j] = 0
    return OK


@compiled
def _share(t: Tableau, middle: int, end: int, members: Ints, moved: bool) -> int:
    """Serve one group by leximin; OK, MOVED or STUCK."""
    sense = t.sense[middle]
    at_end = True
    for p in range(middle, end):
        members[p - middle] = t.ranks[p]
        at_end = at_end and _at_end(t, t.ranks[p], sense)
    if at_end and not moved:
        return OK
    count = end - middle
    for _ in range(2 * count + 2):
        count = _by_share(t, members, count, sense)
        if count == 0:
            return MOVED if moved else OK
        j = members[0]
        if state_of(t, j, sense) == BEST:
            freeze(t, j, 1)
        elif _at_end(t, j, sense):
            hold(t, j)
        elif not _common_share_is_best(t, j, sense):
            if not _fill(t, members, count, sense):
                return STUCK
            moved = True
    return STUCK


@compiled
def _at_end(t: Tableau, variable: int, sense: float) -> bool:
    """True when a member has all it could wish for."""
    end = t.var[UPPER if sense > 0.0 else LOWER, variable]
    return abs(value_of(t, variable) - end) <= AT_END


@compiled
def _by_share(t: Tableau, members: Ints, count: int, sense: float) -> int:
    """Drop settled members and bring the one that is worst off to the front; how many are left."""
    left, worst, least = 0, 0, 0.0
    for h in range(count):
        j = members[h]
        if t.var[LOWER, j] == t.var[UPPER, j] or state_of(t, j, sense) == SETTLED:
            continue
        share = sense * value_of(t, j) / t.var[WEIGHT, j]
        if left == 0 or share < least:
            worst, least = left, share
        members[left] = j
        left += 1
    if left > 0:
        members[0], members[worst] = members[worst], members[0]
    return left


@compiled
def _common_share_is_best(t: Tableau, member: int, sense: float) -> bool:
    """Try the certificate of the share that a member has in common with those it meets."""
    share = t.mark[TIE, member]
    if share < 0 or state_of(t, share, sense) != BEST:
        return False
    level = t.var[WEIGHT, member] * value_of(t, share)
    if abs(value_of(t, member) - level) > LEVEL:
        return False
    freeze(t, share, 1)
    return True


@compiled
def _fill(t: Tableau, members: Ints, count: int, sense: float) -> bool:
    """Raise all open members together as far as it goes and fix those that block; False if stuck."""
    worst = value_of(t, members[0]) / t.var[WEIGHT, members[0]]
    share = _add_share(t, members, count, sense, worst)
    if share < 0 or improve(t, share, sense) != OK or t.mark[PLACE, share] < 0:
        return False
    freeze(t, share, 1)
    _remove_share(t, share)
    return True


@compiled
def _add_share(t: Tableau, members: Ints, count: int, sense: float, worst: float) -> int:
    """Add a common share and a slack for each member; -1 when there is no room."""
    column = _idle_column(t)
    if column < 0 or t.size[SPARES] < count + 1:
        return -1
    share = _new_variable(t, -FAR, FAR)
    t.var[AT, share] = worst
    put_column(t, column, share)
    for h in range(count):
        j, row = members[h], idle_row(t)
        if row < 0:
            return -1
        slack = _new_variable(t, 0.0, FAR)
        t.mark[SLACK, slack] = HELPER
        place = t.mark[PLACE, j]
        if place < 0:
            write(t, row, -1 - place, sense)
        else:
            for g in range(t.rowmark[WIDTH, place]):
                k = t.in_row[place, g]
                if t.table[place, k] != 0.0:
                    write(t, row, k, sense * t.table[place, k])
        weight = t.var[WEIGHT, j]
        write(t, row, column, -sense * weight)
        put_row(t, row, slack)
        t.row[BETA, row] = max(sense * (value_of(t, j) - weight * worst), 0.0)
    return share


@compiled
def _new_variable(t: Tableau, low: float, high: float) -> int:
    """A variable that lasts as long as this allocation."""
    number = new_number(t)
    t.var[LOWER, number] = low
    t.var[UPPER, number] = high
    t.mark[FIXED, number] = 0
    t.mark[SLACK, number] = -1
    return number


@compiled
def _idle_column(t: Tableau) -> int:
    """A column for a new variable: one whose slack was decided, else a fresh one; -1 if none."""
    for k in range(t.size[COLS]):
        j = t.colmark[NONBASIC, k]
        if t.mark[SLACK, j] == HELPER and t.mark[FIXED, j] == 1:
            for g in range(t.colmark[HEIGHT, k]):
                i = t.in_column[k, g]
                if t.table[i, k] != 0.0:
                    write(t, i, k, 0.0)
            drop_number(t, j)
            return k
    if t.size[COLS] == t.table.shape[1]:
        return -1
    t.size[COLS] += 1
    return t.size[COLS] - 1


@compiled
def _remove_share(t: Tableau, share: int) -> None:
    """Drop the rows of a common share and of the slacks that stayed basic.

    Slacks that became non-basic stay: fixed ones say what was decided, the others are bounds that
    hold anyway.
    """
    drop_row(t, t.mark[PLACE, share])
    for i in range(t.size[ROWS]):
        j = t.rowmark[BASIC, i]
        if j >= 0 and t.mark[SLACK, j] == HELPER:
            drop_row(t, i)
