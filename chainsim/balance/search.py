"""One allocation: start from the nominal tableau, mend, settle, and branch over minimum loads.

Branch and bound goes on the highest-ranked column between 0 and its floor, first with the floor as a
bound and then without the column; a node whose goal vector is not above the best answer is left.
"""

from __future__ import annotations

from chainsim.balance.compiled import compiled
from chainsim.balance.dual import descend, nearest_bounds
from chainsim.balance.sharing import settle
from chainsim.balance.tableau import (
    AT,
    BASIC,
    COLS,
    COLS0,
    COLUMNS,
    FIXED,
    INFEASIBLE,
    LEAST,
    LOWER,
    MISSING,
    MOST,
    NONBASIC,
    NONBASIC0,
    OK,
    ORDER,
    ROWS,
    ROWS0,
    SIDE0,
    SLACK,
    STUCK,
    TIE,
    UNBOUNDED,
    UPPER,
    VARIABLES,
    WEIGHT,
    Floats,
    Ints,
    Tableau,
    exchange,
    imbalance,
    keep_nominal,
    put_column,
    put_row,
    recompute,
    spare_ids,
    to_nominal,
    touch,
    value_of,
)

LOAD = 1e-8
"""Loads within this of 0 or of their floor count as there."""
MAX_NODES = 200
DUST = 1e-12
FAR_AWAY = 1e3
BALANCE = 1e-9
"""Largest violation of a scaled row in an answer."""


@compiled
def load_bounds(t: Tableau, lower: Floats, upper: Floats) -> bool:
    """Set the bounds of the columns (in the order of the tableau); False when they cross."""
    for j in range(t.size[VARIABLES]):
        t.var[LOWER, j] = t.var[LEAST, j]
        t.var[UPPER, j] = t.var[MOST, j]
    for j in range(t.size[COLUMNS]):
        t.var[LOWER, j] = lower[j]
        t.var[UPPER, j] = min(upper[j], t.var[MOST, j])
        if t.var[LOWER, j] > t.var[UPPER, j]:
            return False
        if t.mark[TIE, j] >= 0 and t.var[LOWER, j] == t.var[UPPER, j]:
            # A member without freedom takes no part in its common share.
            t.var[LOWER, t.mark[SLACK, j]] = -t.var[MOST, t.mark[SLACK, j]]
    return True


@compiled
def start(t: Tableau) -> None:
    """The nominal tableau under the bounds now, every variable at the side it likes."""
    to_nominal(t)
    rows, cols = t.size[ROWS0], t.size[COLS0]
    for i in range(rows):
        t.beta[i] = 0.0
    for k in range(cols):
        j = t.colmark[NONBASIC0, k]
        at = t.var[UPPER, j] if t.mark[SIDE0, j] == 1 else t.var[LOWER, j]
        t.var[AT, j] = at
        if at != 0.0:
            for i in range(rows):
                t.beta[i] += t.spread[k, i] * at


@compiled
def crash(t: Tableau) -> None:
    """A tableau from the equations alone, with a variable of its own for each that has none.

    These have bounds 0 and 0; the dual simplex drives them out, and then they are dropped.
    """
    variables, equations = t.size[VARIABLES], len(t.crash)
    for i in range(equations):
        own = t.crash[i]
        put_row(t, i, own if own >= 0 else variables + i)
        t.var[LOWER, variables + i] = 0.0
        t.var[UPPER, variables + i] = 0.0
        t.var[AT, variables + i] = 0.0
        t.mark[FIXED, variables + i] = 0
    for i in range(t.table.shape[0]):
        for k in range(t.table.shape[1]):
            t.table[i, k] = 0.0
    cols = 0
    for j in range(variables):
        t.mark[FIXED, j] = 0
        begin, end = t.starts[j], t.starts[j + 1]
        if end - begin == 1 and t.crash[t.index[begin]] == j:
            continue
        put_column(t, cols, j)
        for h in range(begin, end):
            t.table[t.index[h], cols] = t.value[h]
        cols += 1
    t.size[ROWS] = equations
    t.size[COLS] = cols
    t.size[ROWS0] = 0


@compiled
def clear_helpers(t: Tableau) -> None:
    """Drop the variables that `crash` added: columns of those that left, rows of the rest."""
    variables = t.size[VARIABLES]
    for i in range(t.size[ROWS]):
        if t.rowmark[BASIC, i] < variables:
            continue
        best = -1
        for k in range(t.size[COLS]):
            if t.colmark[NONBASIC, k] < variables and (
                best < 0 or abs(t.table[i, k]) > abs(t.table[i, best])
            ):
                best = k
        if best >= 0 and abs(t.table[i, best]) > BALANCE:
            exchange(t, i, best)
    k = 0
    while k < t.size[COLS]:
        if t.colmark[NONBASIC, k] < variables:
            k += 1
            continue
        last = t.size[COLS] - 1
        for i in range(t.size[ROWS]):
            t.table[i, k] = t.table[i, last]
        put_column(t, k, t.colmark[NONBASIC, last])
        t.size[COLS] = last
    i = 0
    while i < t.size[ROWS]:
        if t.rowmark[BASIC, i] < variables:
            i += 1
            continue
        last = t.size[ROWS] - 1
        for k in range(t.size[COLS]):
            t.table[i, k] = t.table[last, k]
        put_row(t, i, t.rowmark[BASIC, last])
        t.size[ROWS] = last


@compiled
def from_scratch(t: Tableau) -> int:
    """Within bounds and optimal in single file, from nothing but the equations."""
    crash(t)
    nearest_bounds(t)
    recompute(t)
    status = descend(t)
    if status != OK:
        return status
    clear_helpers(t)
    spare_ids(t)
    nearest_bounds(t)
    recompute(t)
    return descend(t)


@compiled
def make_nominal(t: Tableau) -> int:
    """Build the tableau from which all allocations start, under the bounds now."""
    status = from_scratch(t)
    if status == OK:
        keep_nominal(t)
    return status


@compiled
def solve(t: Tableau, members: Ints, cold: bool) -> int:
    """The optimum under the bounds now, minimum loads left aside.

    From the nominal tableau; from scratch if `cold`, or if that does not end well.
    """
    status = STUCK
    if not cold:
        start(t)
        status = _finish(t, descend(t), members)
        if status == INFEASIBLE:
            for j in range(t.size[COLUMNS]):
                if t.var[LOWER, j] > 0.0:
                    return INFEASIBLE
    if status in (STUCK, INFEASIBLE):
        rows = t.size[ROWS0]
        status = from_scratch(t)
        t.size[ROWS0] = rows
        for i in range(rows):
            touch(t, i)
        status = _finish(t, status, members)
    return status


@compiled
def _finish(t: Tableau, status: int, members: Ints) -> int:
    """From the optimum in single file to the optimum, checked; `status` is that of the first."""
    if status != OK:
        return status
    for k in range(t.size[COLS]):
        if abs(t.var[AT, t.colmark[NONBASIC, k]]) > FAR_AWAY:
            recompute(t)
            break
    status = settle(t, members)
    if status != OK:
        return status
    for j in range(t.size[COLUMNS]):
        if t.mark[MISSING, j] == 1 and t.var[UPPER, j] == t.var[MOST, j]:
            if value_of(t, j) > 0.5 * t.var[MOST, j]:
                return UNBOUNDED
    return OK if imbalance(t) <= BALANCE else STUCK


@compiled
def copy(target: Floats, source: Floats) -> None:
    """Fill `target` from the beginning of `source`."""
    for i in range(len(target)):
        target[i] = source[i]


@compiled
def violator(t: Tableau, floors: Floats) -> int:
    """Highest-ranked column between 0 and its floor; -1 when there is none."""
    found = -1
    for j in range(t.size[COLUMNS]):
        if floors[j] > 0.0:
            x = value_of(t, j)
            if LOAD < x < floors[j] - LOAD and (
                found < 0 or t.mark[ORDER, j] < t.mark[ORDER, found]
            ):
                found = j
    return found


@compiled
def goal_vector(t: Tableau, vector: Floats) -> None:
    """What every goal gets: shares of each request, the poorest first; larger is better."""
    for s in range(t.stage.shape[1]):
        middle, end = t.stage[1, s], t.stage[2, s]
        for p in range(middle, end):
            j = t.ranks[p]
            share = t.sense[p] * value_of(t, j) / t.var[WEIGHT, j]
            h = p
            while h > middle and vector[h - 1] > share:
                vector[h] = vector[h - 1]
                h -= 1
            vector[h] = share


@compiled
def is_above(t: Tableau, one: Floats, other: Floats) -> bool:
    """True when `one` is lexicographically above `other` by more than rounding."""
    for s in range(t.stage.shape[1]):
        for p in range(t.stage[1, s], t.stage[2, s]):
            if abs(one[p] - other[p]) > LOAD:
                return one[p] > other[p]
    return False


@compiled
def read_values(t: Tableau, values: Floats) -> None:
    """Values of the columns, without dust."""
    for j in range(t.size[COLUMNS]):
        x = value_of(t, j)
        x = min(max(x, 0.0), t.var[UPPER, j])
        values[j] = 0.0 if x < DUST else x


@compiled
def search(
    t: Tableau,
    upper: Floats,
    floors: Floats,
    nodes: Floats,
    answer: Floats,
    scratch: Ints,
    cold: bool,
) -> tuple[int, int, bool]:
    """The best state in which every column is 0 or at least its floor.

    Args:
        t: the tableau.
        upper, floors: (columns,) in the order of the tableau.
        nodes: (2 + 2 x depth, width) scratch: two goal vectors, then bounds of waiting nodes.
        answer: (3, columns) the values found, and the bounds of the node they were found in.
        scratch: (columns,) for one group.
        cold: start every solve from scratch.

    Returns:
        Status, nodes looked at, and whether the search came to its end.
    """
    columns = t.size[COLUMNS]
    for j in range(columns):
        nodes[2, j] = 0.0
        nodes[3, j] = 0.0 if upper[j] + LOAD < floors[j] else upper[j]
    waiting, seen, found = 1, 0, False
    while waiting > 0 and seen < MAX_NODES:
        waiting -= 1
        low, high = nodes[2 + 2 * waiting], nodes[3 + 2 * waiting]
        seen += 1
        status = solve(t, scratch, cold) if load_bounds(t, low, high) else INFEASIBLE
        if status == INFEASIBLE:
            continue
        if status != OK:
            return status, seen, False
        column = violator(t, floors)
        if found or (column < 0 and waiting > 0):
            goal_vector(t, nodes[1])
            if found and not is_above(t, nodes[1], nodes[0]):
                continue
        if column < 0:
            found = True
            copy(nodes[0], nodes[1])
            copy(answer[1], low)
            copy(answer[2], high)
            read_values(t, answer[0])
            continue
        if 5 + 2 * waiting >= len(nodes):
            return STUCK, seen, False
        # The node itself becomes the one with the column off; on top, to be tried first, on.
        copy(nodes[4 + 2 * waiting], low)
        copy(nodes[5 + 2 * waiting], high)
        high[column] = 0.0
        nodes[4 + 2 * waiting, column] = floors[column]
        waiting += 2
    return OK if found else INFEASIBLE, seen, waiting == 0


@compiled
def greedy(
    t: Tableau,
    upper: Floats,
    floors: Floats,
    nodes: Floats,
    answer: Floats,
    scratch: Ints,
    cold: bool,
) -> int:
    """Hold the highest-ranked violator at 0 until none is left: feasible, not always best."""
    columns = t.size[COLUMNS]
    for j in range(columns):
        nodes[2, j] = 0.0
        nodes[3, j] = 0.0 if upper[j] + LOAD < floors[j] else upper[j]
    while True:
        status = solve(t, scratch, cold) if load_bounds(t, nodes[2], nodes[3]) else INFEASIBLE
        if status != OK:
            return status
        column = violator(t, floors)
        if column < 0:
            copy(answer[1], nodes[2])
            copy(answer[2], nodes[3])
            read_values(t, answer[0])
            return OK
        nodes[3, column] = 0.0
