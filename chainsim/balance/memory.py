"""Memory for one kernel: all arrays of a tableau, sized for its layout."""

from __future__ import annotations

import numpy as np

from chainsim.balance.layout import Layout
from chainsim.balance.search import FAR_AWAY, NODE_MARKS, Nodes
from chainsim.balance.tableau import (
    COLMARKS,
    COLUMNS,
    FIRST,
    LEAST,
    MARKS,
    MISSING,
    MOST,
    ORDER,
    RANK,
    ROWMARKS,
    ROWS_F,
    SIZES,
    SLACK,
    TIE,
    VARIABLES,
    VARS,
    WEIGHT,
    Tableau,
)

_LOG = 1 << 16
_WAITING = 64
"""Nodes that may wait at a time: branchings one below the other, and a few more."""


def empty_nodes(layout: Layout) -> Nodes:
    """What branching works in."""
    places, ranks = 4 + min(layout.columns, _WAITING), len(layout.ranks)
    differs = np.zeros(8 * (1 + layout.columns // 8), dtype=np.bool_)
    return Nodes(
        bounds=np.zeros((places, 2, layout.columns)),
        hoped=np.zeros((places, ranks)),
        filed=np.zeros((places, ranks)),
        vector=np.zeros((2, ranks)),
        mark=np.zeros((places, NODE_MARKS), dtype=np.int64),
        answer=np.zeros(layout.columns),
        differs=differs,
        differ=differs.view(np.int64),
        floored=np.zeros(layout.stage.shape[1], dtype=np.bool_),
        members=np.zeros(max(layout.columns, 1), dtype=np.int64),
    )


def empty_tableau(layout: Layout) -> Tableau:
    """Arrays for a layout, with room for a helping variable per equation."""
    variables, equations = layout.variables, layout.equations
    columns = variables - int((layout.crash >= 0).sum())
    total = variables + equations
    var = np.zeros((VARS, total))
    var[LEAST, :variables], var[MOST, :variables] = layout.lower, layout.upper
    var[WEIGHT] = 1.0
    var[WEIGHT, :variables] = layout.weight
    mark = np.zeros((MARKS, total), dtype=np.int64)
    mark[FIRST] = len(layout.ranks)
    mark[TIE], mark[SLACK] = -1, -1
    mark[TIE, :variables], mark[SLACK, :variables] = layout.tie, layout.slack
    mark[ORDER, :variables] = layout.order
    mark[MISSING, :variables] = layout.missing
    mark[RANK] = len(layout.ranks)
    mark[RANK, layout.ranks] = np.arange(len(layout.ranks))
    size = np.zeros(SIZES, dtype=np.int64)
    size[VARIABLES], size[COLUMNS] = variables, layout.columns
    return Tableau(
        table=np.zeros((equations, columns)),
        listed=np.zeros((equations, columns), dtype=np.bool_),
        in_row=np.zeros((equations, columns), dtype=np.uint32),
        in_column=np.zeros((columns, equations), dtype=np.uint32),
        row=np.zeros((ROWS_F, equations)),
        var=var,
        mark=mark,
        rowmark=np.zeros((ROWMARKS, equations), dtype=np.int64),
        colmark=np.zeros((COLMARKS, columns), dtype=np.int64),
        work=np.zeros(columns),
        nonzero=np.zeros(columns, dtype=np.uint32),
        size=size,
        log_place=np.zeros((_LOG, 2), dtype=np.uint32),
        log_value=np.zeros(_LOG),
        ranks=layout.ranks,
        sense=layout.sense,
        stage=layout.stage,
        stage_of=np.repeat(np.arange(layout.stage.shape[1]), layout.stage[2] - layout.stage[0]),
        starts=layout.starts.astype(np.int64),
        equation=layout.index.astype(np.uint32),
        value=layout.value,
        variable=np.repeat(np.arange(variables, dtype=np.uint32), np.diff(layout.starts)),
        crash=layout.crash,
        chain=np.zeros(layout.stage.shape[1], dtype=np.int64),
        sums=np.zeros(equations),
        values=np.zeros(total),
        far=np.flatnonzero(np.maximum(np.abs(layout.lower), np.abs(layout.upper)) > FAR_AWAY),
        open_ended=np.flatnonzero(layout.missing[: layout.columns]),
        figure=np.zeros(2),
    )
