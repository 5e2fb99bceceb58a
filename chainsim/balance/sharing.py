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
    OPEN,
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
    FILLED,
    FILLS,
    FIRST,
    FIXED,
    HEIGHT,
    LOWER,
    NEXT,
    NONBASIC,
    OK,
    OPENS,
    ORDER,
    PLACE,
    ROWS,
    SLACK,
    SPARES,
    STAGE,
    STUCK,
    TIE,
    UPPER,
    WEIGHT,
    WIDTH,
    Floats,
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
LOAD = 1e-8
"""Loads within this of 0 or of their floor count as there; shares within it as alike."""
BRANCH, BELOW, LOSS, MOVED = range(6, 10)
"""Settled, but by steps that took the tableau away from the optimum in single file."""


@compiled
def settle(
    t: Tableau,
    members: Ints,
    floors: Floats,
    own: Floats,
    best: Floats,
    rival: int,
    hoped: Floats,
    until: int,
) -> tuple[int, int]:
    """Meet all goals exactly from a vertex that is optimal with them in single file.

    Args:
        t: the tableau, within bounds.
        members: (columns,) scratch for the members of one group.
        floors: (columns,) minimum loads.
        own: (ranks,) goal vector, to be filled in.
        best: (ranks,) that of the best answer so far.
        rival: 0 there is none; 1 it has to be reached; 2 it has to be surpassed.
        hoped: (ranks,) goal vector that the stages before `until` should not fall below.

    Returns:
        OK; BELOW as soon as `best` is out of reach; LOSS as soon as `hoped` is; BRANCH with a column
        as soon as one is found between 0 and its floor, the first of the dispatch list; or STUCK.
    """
    moved, ahead, fixed = False, rival == 0, 0
    _sort_by_first(t)
    for s in range(t.stage.shape[1]):
        begin, middle, end = t.stage[0, s], t.stage[1, s], t.stage[2, s]
        if not moved and end - middle > 1:
            fixed = _fix_before(t, fixed, begin)
        if moved or t.size[OPENS] > 0:
            status = _meet(t, begin, middle, end, members, moved)
            if status == STUCK:
                return STUCK, -1
            moved = status == MOVED
        _goal_vector(t, middle, end, own)
        if not ahead:
            order = _compare(own, best, middle, end)
            if order < 0:
                return BELOW, -1
            ahead = order > 0
        if s < until and _compare(own, hoped, middle, end) < 0:
            return LOSS, -1
        column = _between(t, middle, end, floors)
        if column >= 0:
            t.size[STAGE] = s
            return BRANCH, column
    return OK if ahead or rival == 1 else BELOW, -1


@compiled
def _compare(one: Floats, other: Floats, begin: int, end: int) -> int:
    """1, 0 or -1 as the first difference beyond rounding is for `one`, absent, or for `other`."""
    for p in range(begin, end):
        if abs(one[p] - other[p]) > LOAD:
            return 1 if one[p] > other[p] else -1
    return 0


@compiled
def _meet(t: Tableau, begin: int, middle: int, end: int, members: Ints, moved: bool) -> int:
    """Meet the goals of one stage; OK (as in single file), MOVED or STUCK."""
    if end - middle > 1:
        if moved and _one_by_one(t, begin, end) != OK:
            return STUCK
        return _share(t, middle, end, members, moved)
    if not moved:
        return OK
    if improve(t, t.ranks[middle], t.sense[middle]) != OK:
        return STUCK
    freeze(t, t.ranks[middle], 1)
    return MOVED


@compiled
def _between(t: Tableau, middle: int, end: int, floors: Floats) -> int:
    """First column of a stage, as the list is written, between 0 and its floor; -1 if none is."""
    found = -1
    for p in range(middle, end):
        j = t.ranks[p]
        if floors[j] > 0.0:
            x = value_of(t, j)
            if LOAD < x < floors[j] - LOAD and (
                found < 0 or t.mark[ORDER, j] < t.mark[ORDER, found]
            ):
                found = j
    return found


@compiled
def _goal_vector(t: Tableau, middle: int, end: int, vector: Floats) -> None:
    """What a stage gets: shares of each request, the poorest first; larger is better."""
    for p in range(middle, end):
        j = t.ranks[p]
        share = t.sense[p] * value_of(t, j) / t.var[WEIGHT, j]
        h = p
        while h > middle and vector[h - 1] > share:
            vector[h] = vector[h - 1]
            h -= 1
        vector[h] = share


@compiled
def _sort_by_first(t: Tableau) -> None:
    """Chain the open columns by the first rank that sees them."""
    for p in range(len(t.ranks)):
        t.chain[p] = -1
    count = 0
    for k in range(t.size[COLS]):
        j = t.colmark[NONBASIC, k]
        p = t.mark[FIRST, j]
        if p < len(t.ranks) and is_open(t, j):
            t.colmark[NEXT, k] = t.chain[p]
            t.chain[p] = k
            count += 1
    t.size[OPENS] = count


@compiled
def _fix_before(t: Tableau, begin: int, end: int) -> int:
    """Fix what goals from rank `begin` to before `end` are the first to see."""
    for p in range(begin, end):
        k = t.chain[p]
        while k >= 0:
            t.mark[FIXED, t.colmark[NONBASIC, k]] = 1
            t.size[OPENS] -= 1
            k = t.colmark[NEXT, k]
    return end


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
    sense, count, at_best = t.sense[middle], end - middle, True
    for p in range(middle, end):
        j = t.ranks[p]
        members[p - middle] = j
        at_best = at_best and (_at_end(t, j, sense) or state_of(t, j, sense) != OPEN)
    if at_best and not moved:
        return OK
    _sort_by_share(t, members, count, sense)
    h = 0
    for _ in range(4 * count + 4):
        if h == count:
            return MOVED if moved else OK
        j = members[h]
        state = SETTLED
        if t.var[LOWER, j] < t.var[UPPER, j]:
            state = state_of(t, j, sense)
        if state == SETTLED:
            h += 1
        elif state == BEST:
            freeze(t, j, 1)
            h += 1
        elif _at_end(t, j, sense):
            hold(t, j)
            h += 1
        elif not _common_share_is_best(t, j, sense):
            count = _unsettled(t, members, h, count, sense)
            if not _fill(t, members, count, sense):
                return STUCK
            moved, h = True, 0
            _sort_by_share(t, members, count, sense)
    return STUCK


@compiled
def _at_end(t: Tableau, variable: int, sense: float) -> bool:
    """True when a member has all it could wish for."""
    end = t.var[UPPER if sense > 0.0 else LOWER, variable]
    return abs(value_of(t, variable) - end) <= AT_END


@compiled
def _sort_by_share(t: Tableau, members: Ints, count: int, sense: float) -> None:
    """Order members by what they have of their request, the worst off first."""
    for g in range(1, count):
        j = members[g]
        share = sense * value_of(t, j) / t.var[WEIGHT, j]
        h = g
        while h > 0 and sense * value_of(t, members[h - 1]) / t.var[WEIGHT, members[h - 1]] > share:
            members[h] = members[h - 1]
            h -= 1
        members[h] = j


@compiled
def _unsettled(t: Tableau, members: Ints, begin: int, end: int, sense: float) -> int:
    """Keep, at the front, the members from `begin` on that are not settled; how many there are."""
    count = 0
    for h in range(begin, end):
        j = members[h]
        if t.var[LOWER, j] < t.var[UPPER, j] and state_of(t, j, sense) != SETTLED:
            members[count] = j
            count += 1
    return count


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
    t.size[FILLS] += 1
    for h in range(count):
        if state_of(t, members[h], sense) == SETTLED:
            t.mark[FILLED, members[h]] = t.size[FILLS]
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
