"""One allocation: start from the nominal tableau, mend, settle, and branch over minimum loads.

Branch and bound goes on the highest-ranked column between 0 and its floor, first with the floor as a
bound and then without the column; a node whose goal vector is not above the best answer is left.
"""

from __future__ import annotations

from chainsim.balance.compiled import compiled
from chainsim.balance.dual import descend, look_up_firsts
from chainsim.balance.sharing import settle
from chainsim.balance.tableau import (
    AT,
    BASIC,
    COLS,
    COLUMNS,
    FIXED,
    HEIGHT,
    INFEASIBLE,
    LEAST,
    LOGGED,
    LOGGED1,
    LOGGING,
    LOWER,
    MISSING,
    MOST,
    NONBASIC,
    OK,
    ORDER,
    ROWS,
    SLACK,
    STUCK,
    TIE,
    UNBOUNDED,
    UPPER,
    VARIABLES,
    WEIGHT,
    WIDTH,
    Floats,
    Ints,
    Tableau,
    copy_labels,
    exchange,
    imbalance,
    put_column,
    put_row,
    recompute,
    spare_numbers,
    to_liking,
    undo,
    value_of,
    write,
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
def restore(t: Tableau, point: int) -> None:
    """The tableau as it was at the checkpoint (1) or as it is by nature (2), for the bounds now."""
    undo(t, t.size[LOGGED1] if point == 1 else 0)
    copy_labels(t, point, 0)
    spare_numbers(t)
    for j in range(t.size[VARIABLES]):
        t.mark[FIXED, j] = 0
    to_liking(t)


@compiled
def crash(t: Tableau) -> None:
    """A tableau from the equations alone, with a variable of its own for each that has none.

    These have bounds 0 and 0; the dual simplex drives them out, and then they are dropped.
    """
    variables, equations = t.size[VARIABLES], len(t.crash)
    t.size[ROWS] = equations
    for i in range(equations):
        t.var[LOWER, variables + i] = 0.0
        t.var[UPPER, variables + i] = 0.0
        put_row(t, i, t.crash[i] if t.crash[i] >= 0 else variables + i)
    cols = 0
    for j in range(variables):
        begin, end = t.starts[j], t.starts[j + 1]
        if end - begin == 1 and t.crash[t.index[begin]] == j:
            continue
        put_column(t, cols, j)
        for h in range(begin, end):
            write(t, t.index[h], cols, t.value[h])
        cols += 1
    t.size[COLS] = cols


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
    rows, cols = 0, 0
    for i in range(t.size[ROWS]):
        if t.rowmark[BASIC, i] < variables:
            for k in range(t.size[COLS]):
                t.table[rows, k] = t.table[i, k]
            put_row(t, rows, t.rowmark[BASIC, i])
            rows += 1
    for k in range(t.size[COLS]):
        if t.colmark[NONBASIC, k] < variables:
            for i in range(rows):
                t.table[i, cols] = t.table[i, k]
            put_column(t, cols, t.colmark[NONBASIC, k])
            cols += 1
    _list_anew(t, rows, cols)


@compiled
def _list_anew(t: Tableau, rows: int, cols: int) -> None:
    """Keep the first rows and columns of the table and list what is not zero there."""
    for i in range(len(t.table)):
        t.rowmark[WIDTH, i] = 0
    for k in range(t.table.shape[1]):
        t.colmark[HEIGHT, k] = 0
    for i in range(len(t.table)):
        for k in range(t.table.shape[1]):
            entry = t.table[i, k]
            t.listed[i, k] = False
            t.table[i, k] = 0.0
            if i < rows and k < cols and entry != 0.0:
                write(t, i, k, entry)
    t.size[ROWS] = rows
    t.size[COLS] = cols


@compiled
def make_nominal(t: Tableau) -> int:
    """Build the tableau from which all allocations start, under the bounds now."""
    t.size[LOGGING] = 0
    crash(t)
    look_up_firsts(t)
    to_liking(t)
    status = descend(t)
    if status != OK:
        return status
    clear_helpers(t)
    look_up_firsts(t)
    to_liking(t)
    status = descend(t)
    copy_labels(t, 0, 2)
    _list_anew(t, t.size[ROWS], t.size[COLS])
    t.size[LOGGED] = 0
    t.size[LOGGING] = 1
    return status


@compiled
def solve(t: Tableau, members: Ints, point: int) -> int:
    """The optimum under the bounds now, minimum loads left aside, from `point` (see `restore`)."""
    restore(t, point)
    status = descend(t)
    copy_labels(t, 0, 1)
    t.size[LOGGED1] = t.size[LOGGED]
    if status == OK:
        status = _finish(t, members)
    return STUCK if t.size[LOGGING] == 2 else status


@compiled
def _finish(t: Tableau, members: Ints) -> int:
    """From the optimum in single file to the optimum, checked."""
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
    t.figure[1] = imbalance(t)
    return OK if t.figure[1] <= BALANCE else STUCK


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
    t.figure[0] = t.figure[1]
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
) -> tuple[int, int, bool]:
    """The best state in which every column is 0 or at least its floor.

    Args:
        t: the tableau.
        upper, floors: (columns,) in the order of the tableau.
        nodes: (2 + 2 x depth, width) scratch: two goal vectors, then bounds of waiting nodes.
        answer: (3, columns) the values found, and the bounds of the node they were found in.
        scratch: (columns,) for one group.

    Returns:
        Status, nodes looked at, and whether the search came to its end.
    """
    columns = t.size[COLUMNS]
    for j in range(columns):
        nodes[2, j] = 0.0
        nodes[3, j] = 0.0 if upper[j] + LOAD < floors[j] else upper[j]
    waiting, seen, found, point = 1, 0, False, 2
    while waiting > 0 and seen < MAX_NODES:
        waiting -= 1
        low, high = nodes[2 + 2 * waiting], nodes[3 + 2 * waiting]
        seen += 1
        status = INFEASIBLE
        if load_bounds(t, low, high):
            status = solve(t, scratch, point)
            # From where the last node began, unless the way back has become too long.
            point = 1 if 2 * t.size[LOGGED1] < len(t.log_value) else 2
        if status == INFEASIBLE and seen > 1:
            continue
        if status != OK:  # standing still is always possible: the first node cannot be empty
            return STUCK if status == INFEASIBLE else status, seen, False
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
) -> int:
    """Hold the highest-ranked violator at 0 until none is left: feasible, not always best."""
    columns = t.size[COLUMNS]
    for j in range(columns):
        nodes[2, j] = 0.0
        nodes[3, j] = 0.0 if upper[j] + LOAD < floors[j] else upper[j]
    while True:
        load_bounds(t, nodes[2], nodes[3])
        status = solve(t, scratch, 2)
        if status != OK:
            return status
        column = violator(t, floors)
        if column < 0:
            copy(answer[1], nodes[2])
            copy(answer[2], nodes[3])
            read_values(t, answer[0])
            return OK
        nodes[3, column] = 0.0
