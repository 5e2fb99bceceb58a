"""The allocation in machine code: the same definition and answers as `lexicographic.py`.

Method: bounded lexicographic dual simplex on a dense tableau whose entries are shares of nameplate
over scaled rows. It starts every time from the nominal tableau (everything up), so that an answer is
a function of the bounds alone, to the last bit, whatever was solved before.
"""

from __future__ import annotations

import numpy as np

from chainsim.balance.branching import Allocation
from chainsim.balance.diagnosis import check_gain
from chainsim.balance.layout import Layout, build_layout
from chainsim.balance.program import Array, Program
from chainsim.balance.search import (
    MAX_NODES,
    greedy,
    load_bounds,
    make_nominal,
    search,
    solve,
)
from chainsim.balance.tableau import (
    COLMARKS,
    COLS,
    COLUMNS,
    FIRST,
    INFEASIBLE,
    LEAST,
    MARKS,
    MEANS,
    MISSING,
    MOST,
    NONBASIC,
    OK,
    ORDER,
    PLACE,
    ROWMARKS,
    SIZES,
    SLACK,
    STUCK,
    TIE,
    UNBOUNDED,
    VARIABLES,
    VARS,
    WEIGHT,
    Tableau,
    value_of,
)
from chainsim.errors import InfeasibleError, Problem

__all__ = ["Allocation", "Kernel"]


class Kernel:
    """Allocates one program again and again."""

    def __init__(self, program: Program) -> None:
        """Take a program on.

        Raises:
            StructureError: a loop of the park creates matter or energy (CS-S019).
            InfeasibleError: a goal is unbounded (CS-E002).
        """
        check_gain(program)
        self.program = program
        self.layout = build_layout(program)
        self.tableau = _tableau(self.layout)
        columns = self.layout.columns
        width = max(columns, len(self.layout.ranks))
        self.scratch = np.zeros(max(columns, 1), dtype=np.int64)
        self.answer = np.zeros((3, columns))
        self.nodes = np.zeros((6 + 2 * columns, width))
        nominal = np.minimum(program.upper[self.layout.live], self.layout.upper[:columns])
        load_bounds(self.tableau, np.zeros(columns), nominal)
        self.check(make_nominal(self.tableau))

    def allocate(self, upper: Array, floors: Array, *, from_scratch: bool = False) -> Allocation:
        """The lexicographic optimum.

        Args:
            upper: (n,) what every column may reach now, at most `program.upper`.
            floors: (n,) minimum loads of units; 0 elsewhere. A column is 0 or at least its floor.
            from_scratch: leave the nominal tableau aside; slower, and the same but for rounding.

        Raises:
            InfeasibleError: no state keeps the rows (CS-E001), a goal is unbounded (CS-E002), or
                the steps did not come to an end (CS-E003).
        """
        live = self.layout.live
        bounds = (upper[live], floors[live])
        work = (self.nodes, self.answer, self.scratch)
        status, nodes, exact = search(self.tableau, *bounds, *work, from_scratch)
        if status == OK and nodes == MAX_NODES and not exact:
            status = greedy(self.tableau, *bounds, *work, from_scratch)
        self.check(status)
        values = np.zeros(self.program.n)
        values[live] = self.answer[0]
        if nodes > 1:  # the tableau is that of the last node, not of the best
            load_bounds(self.tableau, self.answer[1], self.answer[2])
            self.check(solve(self.tableau, self.scratch, from_scratch))
        return Allocation(values, self.limits(), nodes, exact)

    def check(self, status: int) -> None:
        """Raise what a status other than OK means; the tableau must still be that of the failure."""
        if status == INFEASIBLE:
            raise InfeasibleError(Problem(code="CS-E001"))
        if status == UNBOUNDED:
            raise InfeasibleError(Problem(code="CS-E002", found=", ".join(self._without_bound())))
        if status == STUCK:
            raise InfeasibleError(Problem(code="CS-E003", found="allocation"))

    def limits(self) -> tuple[tuple[str, ...], ...]:
        """For each stage: columns and rows at a bound on which its columns depend now."""
        rows = self._rows()
        found = []
        for stage in self.program.stages:
            names = [name for j in stage.columns for name in rows.get(j, (self.program.keys[j],))]
            found.append(tuple(dict.fromkeys(names)))
        return tuple(found)

    def _rows(self) -> dict[int, tuple[str, ...]]:
        """Column of the program -> names of the non-basic variables with an entry in its row."""
        t, live = self.tableau, self.layout.live
        names = self._names()
        cols = int(t.size[COLS])
        nonbasic = t.colmark[NONBASIC, :cols]
        found = {}
        for v, j in enumerate(live.tolist()):
            place = int(t.mark[PLACE, v])
            if place < 0:
                found[j] = (names[v],)
                continue
            seen = nonbasic[np.abs(t.table[place, :cols]) > MEANS].tolist()
            found[j] = tuple(names[k] for k in seen if k < len(names))
        return found

    def _names(self) -> list[str]:
        """Names of the columns and of the slacks of rows."""
        program, layout = self.program, self.layout
        return [program.keys[j] for j in layout.live] + [
            program.row_names[r] for r in layout.slack_rows
        ]

    def _without_bound(self) -> list[str]:
        """Columns of the first stage that leans on a stand-in for a missing bound."""
        t, keys = self.tableau, self.program.keys
        out = {
            keys[j]
            for v, j in enumerate(self.layout.live.tolist())
            if t.mark[MISSING, v] == 1 and value_of(t, v) > 0.5 * t.var[MOST, v]
        }
        rows = self._rows()
        for stage in self.program.stages:
            names = [keys[j] for j in stage.columns if out & set(rows.get(j, ()))]
            if names:
                return names
        return sorted(out)


def _tableau(layout: Layout) -> Tableau:
    """Arrays for a layout; room for the shares of all groups."""
    variables, equations = layout.variables, layout.equations
    sizes = layout.stage[2] - layout.stage[1]
    grouped = int(sizes[sizes > 1].sum())
    largest = int(sizes.max(initial=0))
    rows = equations + grouped + largest + 1
    basics = int((layout.crash >= 0).sum())
    cols = variables - basics + grouped + 1
    total = variables + max(equations, grouped + 2 * largest) + 2
    var = np.zeros((VARS, total))
    var[LEAST, :variables], var[MOST, :variables] = layout.lower, layout.upper
    var[WEIGHT] = 1.0
    var[WEIGHT, :variables] = layout.weight
    mark = np.zeros((MARKS, total), dtype=np.int64)
    mark[TIE], mark[SLACK] = -1, -1
    mark[TIE, :variables], mark[SLACK, :variables] = layout.tie, layout.slack
    mark[ORDER, :variables] = layout.order
    mark[MISSING, :variables] = layout.missing
    mark[FIRST] = len(layout.ranks)
    size = np.zeros(SIZES, dtype=np.int64)
    size[VARIABLES], size[COLUMNS] = variables, layout.columns
    return Tableau(
        table=np.zeros((rows, cols)),
        nominal=np.zeros((equations, cols)),
        spread=np.zeros((cols, equations)),
        beta=np.zeros(rows),
        var=var,
        mark=mark,
        rowmark=np.zeros((ROWMARKS, rows), dtype=np.int64),
        colmark=np.zeros((COLMARKS, cols), dtype=np.int64),
        work=np.zeros(cols),
        size=size,
        ranks=layout.ranks,
        sense=layout.sense,
        stage=layout.stage,
        starts=layout.starts.astype(np.int64),
        index=layout.index,
        value=layout.value,
        crash=layout.crash,
        sums=np.zeros(equations),
    )
