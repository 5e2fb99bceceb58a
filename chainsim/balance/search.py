"""One allocation: start from the nominal tableau, mend, settle, and branch over minimum loads.

Branch and bound goes on the highest-ranked column between 0 and its floor: one node has the floor
as a bound, the other is without the column. The first is tried first, unless it costs a goal higher
up, as it must where the column's goal is alone, large and short of the floor. A node whose goal
vector falls below the best answer is left. Of equally good answers the one counts that comes first
when the floor is always tried first, so the order of the search does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass

from chainsim.balance.bundle import (
    Bundle,
    Flags1,
    Floats,
    Floats1,
    Floats2,
    Floats3,
    Ints1,
    Ints2,
)
from chainsim.balance.checkpoint import bring_back, keep
from chainsim.balance.compiled import compiled, part
from chainsim.balance.dual import LOSS, descend, look_up_firsts, worst
from chainsim.balance.sharing import BELOW, BRANCH, LOAD, complete, find_alone, settle
from chainsim.balance.tableau import (
    ANY_ROW,
    ANY_ROW0,
    ANY_ROW1,
    AT,
    BASIC,
    BEST_KNOWN,
    COLS,
    COLUMNS,
    FILE,
    HEIGHT,
    INFEASIBLE,
    KNOWN,
    LEAST,
    LOGGED,
    LOGGED1,
    LOGGING,
    LOST,
    LOWER,
    MOST,
    NONBASIC,
    OK,
    PLACE,
    RANK,
    ROWS,
    SLACK,
    STAGE,
    STUCK,
    TIE,
    UNBOUNDED,
    UPPER,
    VARIABLES,
    WIDTH,
    Tableau,
    exchange,
    imbalance,
    put_column,
    put_row,
    read,
    rebound,
    recompute,
    to_liking,
    value_of,
    write,
)

MAX_NODES = 200
DUST = 1e-12
FAR_AWAY = 1e3
BALANCE = 1e-9
"""Largest violation of a scaled row in an answer."""


@dataclass(frozen=True, eq=False)
class Nodes(Bundle):
    """What branching works in; c columns, r ranks, w places for waiting nodes."""

    bounds: Floats3
    """(w, 2, c) bounds of waiting nodes, from place 2 on; at 0 zeros, at 1 those of the best."""
    hoped: Floats2
    """(w, r) goal vector of the node that a waiting one comes from."""
    filed: Floats2
    """(w, r) what every goal had in single file in the node that a waiting one comes from."""
    vector: Floats2
    """(2, r) of this node, and of the best answer."""
    mark: Ints2
    """(w, NODE_MARKS)"""
    answer: Floats1
    """(c,) values of the best answer."""
    differs: Flags1
    """(c, filled up to eights) scratch: bounds other than those the tableau stands at."""
    differ: Ints1
    """The same, eight by eight."""
    floored: Flags1
    """(stages,) True where a column has a floor."""
    members: Ints1
    """(c,) scratch for one group."""


# Entries of `mark`: stage at which the node before branched; whether the column is on there, off,
# or on and put off; place among all nodes when the floor is always tried first; depth; how many
# goals of `filed` count; rank at which a node put off falls short of `hoped`.
BRANCHED, WAY, TURN, DEPTH, FILED, SHORT_AT, NODE_MARKS = range(7)
ROOT, ON, OFF, LATER = range(4)
_FIRST = 2
_DEEPEST = 60


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


@part
def change_bounds(t: Tableau, n: Nodes, node: int) -> bool:
    """`load_bounds` for a tableau that stands at other bounds; only what differs is touched."""
    lower, upper = n.bounds[node, 0], n.bounds[node, 1]
    low, high = t.var[LOWER], t.var[UPPER]
    for j in range(t.size[COLUMNS]):
        n.differs[j] = (lower[j] != low[j]) | (upper[j] != high[j])
    for g in range(len(n.differ)):
        if n.differ[g] != 0:
            for j in range(8 * g, 8 * g + 8):
                if n.differs[j] and not _rebound_column(t, j, lower[j], upper[j]):
                    return False
    return True


@part
def _rebound_column(t: Tableau, j: int, low: float, high: float) -> bool:
    """Give a column other bounds, and its slack at a common share; False when they cross."""
    if low > high:
        return False
    rebound(t, j, low, high)
    if t.mark[TIE, j] >= 0:
        own = t.mark[SLACK, j]
        least = -t.var[MOST, own] if low == high else t.var[LEAST, own]
        if least != t.var[LOWER, own]:
            rebound(t, own, least, t.var[UPPER, own])
    return True


@part
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
        if end - begin == 1 and t.crash[t.equation[begin]] == j:
            continue
        put_column(t, cols, j)
        for h in range(begin, end):
            write(t, t.equation[h], cols, t.value[h])
        cols += 1
    t.size[COLS] = cols


@part
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


@part
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
    status = descend(t, t.sense, 0)
    if status != OK:
        return status
    clear_helpers(t)
    look_up_firsts(t)
    to_liking(t)
    status = descend(t, t.sense, 0)
    recompute(t)
    find_alone(t)
    keep(t, 2)
    row, _ = worst(t)
    t.size[ANY_ROW0] = 1 if row >= 0 else 0
    _list_anew(t, t.size[ROWS], t.size[COLS])
    t.size[LOGGED] = 0
    t.size[LOGGING] = 1
    return status


@part
def find_vertex(t: Tableau, filed: Floats, limit: int) -> int:
    """From where the tableau stands to within the bounds, optimal in single file; kept as 1.

    LOSS when that falls short of the first `limit` of `filed`.
    """
    status = descend(t, filed, limit)
    if status == OK:
        for h in range(len(t.far)):
            j = t.far[h]
            if t.mark[PLACE, j] < 0 and abs(t.var[AT, j]) > FAR_AWAY:
                recompute(t)
                break
    t.size[LOGGED1] = t.size[LOGGED]
    if status == OK:
        t.size[ANY_ROW1] = t.size[ANY_ROW]
    return STUCK if t.size[LOGGING] == 2 else status


@part
def checked(t: Tableau) -> int:
    """OK; UNBOUNDED when a stand-in for a missing bound is reached; STUCK when unbalanced."""
    read(t)
    for h in range(len(t.open_ended)):
        j = t.open_ended[h]
        if t.var[UPPER, j] == t.var[MOST, j] and t.values[j] > 0.5 * t.var[MOST, j]:
            return UNBOUNDED
    t.figure[1] = imbalance(t)
    return OK if t.figure[1] <= BALANCE else STUCK


@part
def copy(target: Floats, source: Floats) -> None:
    """Fill `target` from the beginning of `source`."""
    for i in range(len(target)):
        target[i] = source[i]


@part
def read_values(t: Tableau, values: Floats) -> None:
    """Values of the columns, without dust."""
    t.figure[0] = t.figure[1]
    for j in range(t.size[COLUMNS]):
        x = min(max(t.values[j], 0.0), t.var[UPPER, j])
        values[j] = 0.0 if x < DUST else x


@compiled
def search(
    t: Tableau, lower: Floats, upper: Floats, floors: Floats, n: Nodes, greedy: bool
) -> tuple[int, int, bool]:
    """The best state in which every column is 0 or at least its floor; it stands in `answer`.

    Args:
        t: the tableau.
        lower: (columns,) in the order of the tableau.
        upper: (columns,)
        floors: (columns,)
        n: what to work in.
        greedy: leave out what falls between 0 and its floor: feasible, not always best.

    Returns:
        Status, nodes looked at, and whether the search came to its end.
    """
    for s in range(len(n.floored)):
        n.floored[s] = False
    for j in range(t.size[COLUMNS]):
        n.bounds[_FIRST, 0, j] = lower[j]
        most = min(upper[j], t.var[MOST, j])
        n.bounds[_FIRST, 1, j] = 0.0 if upper[j] + LOAD < floors[j] else most
        if floors[j] > 0.0:
            n.floored[t.stage_of[t.mark[RANK, j]]] = True
    for h in range(NODE_MARKS):
        n.mark[_FIRST, h] = 0
    top, seen, found, point, turn = _FIRST, 0, False, 2, 0
    while top >= _FIRST and (greedy or seen < MAX_NODES):
        node, way, own_turn = top, n.mark[top, WAY], n.mark[top, TURN]
        top -= 1
        limit = n.mark[node, FILED]
        if found and way != ON:
            complete(t, n.mark[node, BRANCHED] + 1, n.vector[1], n.answer)
            alike = _alike(t, n, node)
            if alike < 0 or (way == OFF and _is_no_use(t, n, node, alike)):
                continue
            if way == LATER and n.mark[node, SHORT_AT] < alike:
                continue
            limit = min(limit, alike)
        elif way != ON:
            limit = 0
        seen += 1
        status, column = INFEASIBLE, -1
        bring_back(t, point)
        t.size[ANY_ROW1] = 1  # until the vertex is found
        if change_bounds(t, n, node):
            status = find_vertex(t, n.filed[node], limit)
            # The next one starts from here, unless the way back has become too long.
            point = 1 if 2 * t.size[LOGGED1] < len(t.log_value) else 2
        if status == OK:
            rival = 0 if not found else 1 if own_turn < turn else 2
            until = n.mark[node, BRANCHED] if way == ON else 0
            status, column = settle(
                t,
                n.members,
                floors,
                n.floored,
                n.vector[0],
                n.vector[1],
                n.answer,
                rival,
                n.hoped[node],
                until,
            )
        if status == OK:
            recompute(t)  # steps from one node to the next leave dust, by which a unit would run
            status = checked(t)
        if status == BELOW or (status == INFEASIBLE and way != ROOT):
            continue
        if status == LOSS and way != ON:
            continue
        if status == LOSS:
            n.mark[node, SHORT_AT] = t.size[LOST]
            _put_off(n, node)
            top += 1
        elif status == BRANCH:
            if node + 1 >= len(n.mark):
                return STUCK, seen, False
            _branch(t, n, node, column, floors[column])
            if not greedy and _costs_more_on(t):
                n.mark[node + 1, SHORT_AT] = t.stage[0, t.size[STAGE]] - 1
                _put_off(n, node + 1)
            top += 1 if greedy else 2
        elif status == OK:
            found, turn = True, own_turn
            copy(n.vector[1], n.vector[0])
            t.size[BEST_KNOWN] = t.size[KNOWN]
            copy(n.bounds[1, 0], n.bounds[node, 0])
            copy(n.bounds[1, 1], n.bounds[node, 1])
            read_values(t, n.answer)
        else:  # standing still is always possible: the first node cannot be empty
            return STUCK if status == INFEASIBLE else status, seen, False
    return OK if found else INFEASIBLE, seen, top < _FIRST


@part
def _branch(t: Tableau, n: Nodes, node: int, column: int, floor: float) -> None:
    """Replace a node by the one with the column off and, above it, the one with the column on."""
    on = node + 1
    for side in range(2):
        for j in range(t.size[COLUMNS]):
            n.bounds[on, side, j] = n.bounds[node, side, j]
    n.bounds[on, 0, column] = floor
    n.bounds[node, 1, column] = 0.0
    depth = n.mark[node, DEPTH] + 1
    filed = min(t.stage[0, t.size[STAGE]], t.size[FILE])
    for p in range(filed):
        n.filed[on, p] = t.sense[p] * value_of(t, t.ranks[p])
        n.filed[node, p] = n.filed[on, p]
    for p in range(t.stage[2, t.size[STAGE]]):
        n.hoped[on, p] = n.vector[0, p]
        n.hoped[node, p] = n.vector[0, p]
    for place in (node, on):
        n.mark[place, FILED] = filed
        n.mark[place, BRANCHED] = t.size[STAGE]
        n.mark[place, DEPTH] = depth
    n.mark[on, WAY] = ON
    n.mark[node, WAY] = OFF
    n.mark[on, TURN] = n.mark[node, TURN]
    if depth < _DEEPEST:
        n.mark[node, TURN] += 1 << (_DEEPEST - depth)


@part
def _costs_more_on(t: Tableau) -> bool:
    """True when the column branched on has all that the goals before it leave, short of its floor.

    So it is if its goal is alone in its stage and large: on, it takes something from a goal before.
    """
    stage = t.size[STAGE]
    middle = t.stage[1, stage]
    return bool(t.stage[2, stage] - middle == 1 and t.sense[middle] > 0.0)


@part
def _put_off(n: Nodes, on: int) -> None:
    """Try the node below, its sibling with the column off, before this one."""
    off = on - 1
    for side in range(2):
        for j in range(n.bounds.shape[2]):
            n.bounds[on, side, j], n.bounds[off, side, j] = (
                n.bounds[off, side, j],
                n.bounds[on, side, j],
            )
    for h in range(NODE_MARKS):
        n.mark[on, h], n.mark[off, h] = n.mark[off, h], n.mark[on, h]
    n.mark[off, WAY] = LATER


@part
def _alike(t: Tableau, n: Nodes, node: int) -> int:
    """Rank up to which a node is hoped to do as well as the best answer; -1 if it does worse.

    At most up to the stage at which the node before branched: it can do no better before.
    """
    stage = n.mark[node, BRANCHED]
    for s in range(stage):
        for p in range(t.stage[1, s], t.stage[2, s]):
            if abs(n.hoped[node, p] - n.vector[1, p]) > LOAD:
                return -1 if n.hoped[node, p] < n.vector[1, p] else t.stage[0, s]
    return int(t.stage[0, stage])


@part
def _is_no_use(t: Tableau, n: Nodes, node: int, alike: int) -> bool:
    """True when a node without its column cannot reach the best answer.

    Before the stage of the column it is hoped to do as well. If the column is alone there, it has
    nothing where the best answer has something; or, where its goal is small, it had no more than
    the goals before it need, and off, it takes something from one of them.
    """
    stage = n.mark[node, BRANCHED]
    begin, middle, end = t.stage[0, stage], t.stage[1, stage], t.stage[2, stage]
    no_use = n.vector[1, middle] > LOAD or t.sense[middle] < 0.0
    return bool(alike == begin and end - middle == 1 and no_use)
