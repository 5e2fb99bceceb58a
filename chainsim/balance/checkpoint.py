"""The way back: the tableau as it was at the checkpoint of a search, or in the nominal state.

Entries are undone from the log, one by one; labels, bounds and values are copied.
"""

from __future__ import annotations

from chainsim.balance.compiled import part
from chainsim.balance.tableau import (
    ALONE,
    ALONE0,
    ANY_ROW,
    ANY_ROW0,
    ANY_ROW1,
    ASTRAY,
    AT,
    BASIC,
    BASIC0,
    BASIC1,
    BETA,
    BETA0,
    BETA1,
    CEILING,
    COLS,
    FIRST,
    HEIGHT,
    KEPT,
    LOGGED,
    LOGGED1,
    LOWER,
    LOWER0,
    LOWER1,
    NEW,
    NONBASIC,
    PLACE,
    PLACE0,
    PLACE1,
    RANKED,
    ROWS,
    VARIABLES,
    WIDTH,
    Tableau,
    clear_suspects,
    to_liking,
)


@part
def undo(t: Tableau, entries: int) -> None:
    """Take back all changes but the first `entries` logged."""
    n = t.size[LOGGED]
    while n > entries:
        n -= 1
        i, k = t.log_place[n, 0], t.log_place[n, 1]
        if k & NEW:
            k ^= NEW
            t.listed[i, k] = False
            t.rowmark[WIDTH, i] -= 1
            t.colmark[HEIGHT, k] -= 1
            t.table[i, k] = 0.0
        else:
            t.table[i, k] = t.log_value[n]
    t.size[LOGGED] = n


@part
def keep(t: Tableau, point: int) -> None:
    """Remember labels, bounds and values as the checkpoint (1) or the nominal state (2)."""
    _copy_labels(t, 0, point)
    _copy_values(t, 0, point)


@part
def keep_once(t: Tableau) -> None:
    """Make the checkpoint, before the first change after it."""
    if t.size[KEPT] == 0:
        keep(t, 1)
        t.size[KEPT] = 1


@part
def bring_back(t: Tableau, point: int) -> None:
    """The tableau as it was when it was kept, nothing fixed."""
    if point == 2 or t.size[KEPT] == 1:
        undo(t, t.size[LOGGED1] if point == 1 else 0)
        _copy_labels(t, point, 0)
        _copy_values(t, point, 0)
    t.size[KEPT] = 0
    if point == 2:
        for k in range(t.size[COLS]):
            t.colmark[ALONE, k] = t.colmark[ALONE0, k]
    clear_suspects(t)
    t.size[ANY_ROW] = t.size[ANY_ROW1 if point == 1 else ANY_ROW0]
    if point == 1 and t.size[ASTRAY] == 1:
        to_liking(t)


@part
def _offset(point: int, kept: int, nominal: int) -> int:
    """How far below what stands now its copy of a checkpoint (1) or the nominal state (2) lies."""
    if point == 0:
        return 0
    return kept if point == 1 else nominal


@part
def _copy_values(t: Tableau, source: int, target: int) -> None:
    """Copy bounds and values as `_copy_labels` copies labels."""
    old = _offset(source, LOWER1 - LOWER, LOWER0 - LOWER)
    new = _offset(target, LOWER1 - LOWER, LOWER0 - LOWER)
    for which in range(LOWER, AT + 1):
        for j in range(t.size[VARIABLES]):
            t.var[new + which, j] = t.var[old + which, j]
    old = _offset(source, BETA1 - BETA, BETA0 - BETA)
    new = _offset(target, BETA1 - BETA, BETA0 - BETA)
    for which in range(BETA, CEILING + 1):
        for i in range(t.size[ROWS]):
            t.row[new + which, i] = t.row[old + which, i]


@part
def _copy_labels(t: Tableau, source: int, target: int) -> None:
    """Copy what stands where between now (0), the checkpoint (1) and the nominal tableau (2)."""
    old = _offset(source, PLACE1 - PLACE, PLACE0 - PLACE)
    new = _offset(target, PLACE1 - PLACE, PLACE0 - PLACE)
    for which in range(PLACE, FIRST + 1):
        for j in range(t.size[VARIABLES]):
            t.mark[new + which, j] = t.mark[old + which, j]
    old = _offset(source, BASIC1 - BASIC, BASIC0 - BASIC)
    new = _offset(target, BASIC1 - BASIC, BASIC0 - BASIC)
    for which in range(BASIC, RANKED + 1):
        for i in range(t.size[ROWS]):
            t.rowmark[new + which, i] = t.rowmark[old + which, i]
    for k in range(t.size[COLS]):
        t.colmark[NONBASIC + target, k] = t.colmark[NONBASIC + source, k]
