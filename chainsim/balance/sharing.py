"""Goals of equal rank: leximin, by certificates where they suffice and by filling where not.

The member with the least share is looked at first. If its own row shows that it cannot do better,
or the row of the common share of those it meets does, its level is the best there is, and what that
row depends on is fixed. If neither does, all open members are raised together.
"""

from __future__ import annotations

from chainsim.balance.bundle import Flags, Floats, Ints
from chainsim.balance.checkpoint import keep_once
from chainsim.balance.compiled import part
from chainsim.balance.dual import LOSS
from chainsim.balance.filling import fill
from chainsim.balance.lineup import back_in_line, drop_closed, line_up, list_open
from chainsim.balance.primal import BEST, GAIN, SETTLED, freeze, hold, may_move, state_of
from chainsim.balance.tableau import (
    ALONE0,
    BASIC,
    BEST_KNOWN,
    CLOSED,
    COLS,
    FILE,
    FIRST,
    HEIGHT,
    KNOWN,
    LOST,
    LOWER,
    MEMBER,
    NEXT,
    NONBASIC,
    OK,
    OPEN,
    OPEN_AT,
    ORDER,
    RANK,
    RANKED,
    STAGE,
    STUCK,
    TIE,
    UPPER,
    WEIGHT,
    Tableau,
    value_of,
)

AT_END = 1e-12
LEVEL = 1e-9
LOAD = 1e-8
"""Loads within this of 0 or of their floor count as there; shares within it as alike."""
BRANCH, BELOW, MOVED = 6, 7, 9
"""Settled, but by steps that took the tableau away from the optimum in single file."""


@part
def settle(
    t: Tableau,
    members: Ints,
    floors: Floats,
    floored: Flags,
    own: Floats,
    best: Floats,
    answer: Floats,
    rival: int,
    hoped: Floats,
    until: int,
) -> tuple[int, int]:
    """Meet all goals exactly from a vertex that is optimal with them in single file.

    Args:
        t: the tableau, within bounds.
        members: (columns,) scratch for the members of one group.
        floors: (columns,) minimum loads.
        floored: (stages,) True where a column has one.
        own: (ranks,) goal vector, filled in as far as it is looked at; `size[KNOWN]` says how
            many stages that are.
        best: (ranks,) that of the best answer so far, completed as far as it is looked at.
        answer: (columns,) the best answer.
        rival: 0 there is none; 1 it has to be reached; 2 it has to be surpassed.
        hoped: (ranks,) goal vector that this should not fall below
        until: before this stage.

    Returns:
        OK; BELOW as soon as `best` is out of reach; LOSS as soon as `hoped` is; BRANCH with a
        column as soon as one is found between 0 and its floor, the first of the dispatch list; or
        STUCK.
    """
    ahead, fixed, known = rival == 0, 0, 0
    t.size[FILE] = len(t.ranks)
    list_open(t)
    line_up(t)
    for s in range(t.stage.shape[1]):
        begin, middle, end = t.stage[0, s], t.stage[1, s], t.stage[2, s]
        if end - middle > 1 and _trades(t, s, end):
            fixed = _fix_before(t, fixed, s)
            keep_once(t)
            status = _share(t, middle, end, members)
            if status == MOVED:
                t.size[FILE] = min(t.size[FILE], begin)
                fixed, status = s + 1, OK
                if fixed < t.stage.shape[1]:
                    status = back_in_line(t, fixed)
            if status == STUCK:
                return STUCK, -1
        if not ahead or s < until:
            _goal_vector(t, s, own)
            known = s + 1
        if not ahead:
            complete(t, s + 1, best, answer)
            order = _compare(own, best, middle, end)
            if order < 0:
                return BELOW, -1
            ahead = order > 0
        if s < until and _compare(own, hoped, middle, end) < 0:
            t.size[LOST] = middle
            return LOSS, -1
        column = _between(t, middle, end, floors) if floored[s] else -1
        if column >= 0:
            t.size[STAGE] = s
            for h in range(known, s + 1):
                _goal_vector(t, h, own)
            return BRANCH, column
    t.size[KNOWN] = known
    return OK if ahead or rival == 1 else BELOW, -1


@part
def _compare(one: Floats, other: Floats, begin: int, end: int) -> int:
    """1, 0 or -1 as the first difference beyond rounding is for `one`, absent, or for `other`."""
    for p in range(begin, end):
        if abs(one[p] - other[p]) > LOAD:
            return 1 if one[p] > other[p] else -1
    return 0


@part
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


@part
def _goal_vector(t: Tableau, stage: int, vector: Floats) -> None:
    """What a stage gets: shares of each request, the poorest first; larger is better."""
    middle, end = t.stage[1, stage], t.stage[2, stage]
    for p in range(middle, end):
        j = t.ranks[p]
        vector[p] = t.sense[p] * value_of(t, j) / t.var[WEIGHT, j]
    if end - middle > 1:
        _sort(vector, middle, end)


@part
def complete(t: Tableau, stages: int, vector: Floats, answer: Floats) -> None:
    """Complete the goal vector of the best answer as far as so many stages."""
    for stage in range(t.size[BEST_KNOWN], stages):
        middle, end = t.stage[1, stage], t.stage[2, stage]
        for p in range(middle, end):
            j = t.ranks[p]
            vector[p] = t.sense[p] * answer[j] / t.var[WEIGHT, j]
        _sort(vector, middle, end)
    t.size[BEST_KNOWN] = max(t.size[BEST_KNOWN], stages)


@part
def _sort(vector: Floats, begin: int, end: int) -> None:
    """Sort a part of a vector (Shell's method: groups have up to a hundred members)."""
    for gap in (57, 23, 10, 4, 1):
        for p in range(begin + gap, end):
            value = vector[p]
            h = p
            while h >= begin + gap and vector[h - gap] > value:
                vector[h] = vector[h - gap]
                h -= gap
            vector[h] = value


@part
def _trades(t: Tableau, stage: int, end: int) -> bool:
    """True when one goal of a stage, which ends before rank `end`, could gain by another's loss.

    In single file a variable stands where the first goal that sees it likes it. What was first
    seen earlier is fixed, so only a variable that a goal here sees first, and another one here
    as well, can make a difference. Between two with a common share it makes none: of two, one has
    no more than that share wherever the share is best, so what is left goes to the other.
    """
    k = t.chain[stage]
    while k >= 0:
        j = t.colmark[NONBASIC, k]
        if t.colmark[CLOSED, k] == 0 and _gives_to_another(t, k, t.mark[FIRST, j], end):
            return True
        k = t.colmark[NEXT, k]
    return False


@part
def _gives_to_another(t: Tableau, column: int, first: int, end: int) -> bool:
    """True when a goal after `first` and before `end` gains by the variable of a column."""
    variable = t.colmark[NONBASIC, column]
    share = _share_of(t, t.ranks[first])
    up, down = may_move(t, variable, True), may_move(t, variable, False)
    own = t.mark[RANK, variable]
    wanted = up if own < len(t.ranks) and t.sense[own] > 0.0 else down
    if wanted and first < own < end and _share_of(t, variable) != share:
        return True
    for g in range(t.colmark[HEIGHT, column]):
        i = t.in_column[column, g]
        p = t.rowmark[RANKED, i]
        if not first < p < end:
            continue
        j = t.rowmark[BASIC, i]
        if _share_of(t, j) != share:
            a = t.table[i, column] * t.sense[p]
            gains = (a > GAIN and up) or (a < -GAIN and down)
            if gains and not _at_end(t, j, t.sense[p]):
                return True
    return False


@part
def find_alone(t: Tableau) -> None:
    """Note in the nominal tableau which columns have none to trade with, whatever the bounds."""
    for k in range(t.size[COLS]):
        variable = t.colmark[NONBASIC, k]
        first, alone = t.mark[FIRST, variable], 1
        if first < len(t.ranks):
            end = t.stage[2, t.stage_of[first]]
            share = _share_of(t, t.ranks[first])
            if first < t.mark[RANK, variable] < end and _share_of(t, variable) != share:
                alone = 0
            for g in range(t.colmark[HEIGHT, k]):
                i = t.in_column[k, g]
                j = t.rowmark[BASIC, i]
                if first < t.rowmark[RANKED, i] < end and _share_of(t, j) != share:
                    alone = 0
        t.colmark[ALONE0, k] = alone


@part
def _share_of(t: Tableau, variable: int) -> int:
    """The common share that a goal is, or is a member of; else the variable itself."""
    share = t.mark[TIE, variable]
    return int(share if share >= 0 else variable)


@part
def _fix_before(t: Tableau, begin: int, end: int) -> int:
    """Fix what goals of the stages from `begin` to before `end` are the first to see."""
    if begin < end:
        first, last = t.stage[0, begin], t.stage[0, end]
        for h in range(t.size[OPEN]):
            k = t.colmark[OPEN_AT, h]
            if first <= t.mark[FIRST, t.colmark[NONBASIC, k]] < last:
                t.colmark[CLOSED, k] = 1
    return end


@part
def _share(t: Tableau, middle: int, end: int, members: Ints) -> int:
    """Serve one group by leximin; OK, MOVED or STUCK."""
    sense, count = t.sense[middle], _with_freedom(t, middle, end, members)
    _sort_by_share(t, members, count, sense)
    h = 0
    for _ in range(4 * count + 4):
        if h == count:
            return OK
        j = members[h]
        state = SETTLED
        if t.var[LOWER, j] < t.var[UPPER, j]:
            state = state_of(t, j, sense)
        if state == SETTLED:
            h += 1
        elif state == BEST:
            freeze(t, j)
            h += 1
        elif _at_end(t, j, sense):
            hold(t, j)
            h += 1
        elif not _common_share_is_best(t, j, sense):
            return MOVED if fill(t, members[h:], count - h, sense) == OK else STUCK
    return STUCK


@part
def _with_freedom(t: Tableau, middle: int, end: int, members: Ints) -> int:
    """List the members of a group that depend on an open variable; how many there are."""
    drop_closed(t)
    count = 0
    for h in range(t.size[OPEN]):
        k = t.colmark[OPEN_AT, h]
        count = _enlist(t, t.colmark[NONBASIC, k], middle, end, members, count)
        for g in range(t.colmark[HEIGHT, k]):
            i = t.in_column[k, g]
            if abs(t.table[i, k]) > GAIN:
                count = _enlist(t, t.rowmark[BASIC, i], middle, end, members, count)
    for h in range(count):
        t.mark[MEMBER, members[h]] = 0
    return count


@part
def _enlist(t: Tableau, variable: int, middle: int, end: int, members: Ints, count: int) -> int:
    """Put a variable on the list of members, if it is one and not yet there."""
    if not middle <= t.mark[RANK, variable] < end or t.mark[MEMBER, variable] != 0:
        return count
    t.mark[MEMBER, variable] = 1
    members[count] = variable
    return count + 1


@part
def _at_end(t: Tableau, variable: int, sense: float) -> bool:
    """True when a member has all it could wish for."""
    end = t.var[UPPER if sense > 0.0 else LOWER, variable]
    return bool(abs(value_of(t, variable) - end) <= AT_END)


@part
def _sort_by_share(t: Tableau, members: Ints, count: int, sense: float) -> None:
    """Order members by what they have of their request, the worst off first."""
    for g in range(1, count):
        j = members[g]
        h = g
        while h > 0 and _better_off(t, members[h - 1], j, sense):
            members[h] = members[h - 1]
            h -= 1
        members[h] = j


@part
def _better_off(t: Tableau, one: int, other: int, sense: float) -> bool:
    """True when `one` has more of its request than `other`, or as much and a later rank."""
    more = value_of(t, one) / t.var[WEIGHT, one] - value_of(t, other) / t.var[WEIGHT, other]
    if more == 0.0:
        return bool(t.mark[RANK, one] > t.mark[RANK, other])
    return bool(sense * more > 0.0)


@part
def _common_share_is_best(t: Tableau, member: int, sense: float) -> bool:
    """Try the certificate of the share that a member has in common with those it meets."""
    share = t.mark[TIE, member]
    if share < 0 or state_of(t, share, sense) != BEST:
        return False
    level = t.var[WEIGHT, member] * value_of(t, share)
    if abs(value_of(t, member) - level) > LEVEL:
        return False
    freeze(t, share)
    return True
