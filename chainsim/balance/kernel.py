"""The allocation in machine code: the same definition and answers as `lexicographic.py`.

Method: bounded lexicographic dual simplex on a tableau whose entries are shares of nameplate over
scaled rows. It starts every time from the nominal tableau (everything up), so that an answer is a
function of the bounds alone, to the last bit, whatever was solved before.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chainsim.balance.branching import Allocation
from chainsim.balance.diagnosis import check_gain
from chainsim.balance.layout import build_layout
from chainsim.balance.memory import empty_nodes, empty_tableau
from chainsim.balance.program import Array, Program
from chainsim.balance.search import MAX_NODES, load_bounds, make_nominal, search
from chainsim.balance.tableau import (
    AT,
    BETA,
    COLS,
    INFEASIBLE,
    LOGGING,
    MEANS,
    MISSING,
    MOST,
    NONBASIC,
    OK,
    PLACE,
    ROWS,
    STUCK,
    UNBOUNDED,
    Tableau,
)
from chainsim.errors import InfeasibleError, Problem

__all__ = ["Allocation", "Kernel"]


class Kernel:
    """Allocates one program again and again.

    Attributes:
        program, layout: what it allocates, as written and as the kernel sees it.
        tableau: starts at the nominal state; left where the last allocation ended.
        nodes: what branching works in.
    """

    def __init__(self, program: Program, usual: Array | None = None) -> None:
        """Take a program on.

        Args:
            program: the program.
            usual: (n,) upper bounds of a usual state, everything up when left out. The nearer to it
                a state is, the faster it is allocated; answers differ by rounding at most.

        Raises:
            StructureError: a loop of the park creates matter or energy (CS-S019).
            InfeasibleError: no state keeps the rows (CS-E001).
        """
        check_gain(program)
        self.program = program
        self.layout = build_layout(program)
        live = self.layout.live
        self._usual = (program.upper if usual is None else usual)[live]
        self.nodes = empty_nodes(self.layout)
        self.tableau = self._built(self._usual)

    def _built(self, upper: Array) -> Tableau:
        """A tableau whose nominal state belongs to these bounds."""
        tableau = empty_tableau(self.layout)
        load_bounds(tableau, np.zeros(self.layout.columns), upper)
        self._check(tableau, make_nominal(tableau))
        return tableau

    def allocate(self, upper: Array, floors: Array, *, afresh: bool = False) -> Allocation:
        """The lexicographic optimum.

        Args:
            upper: (n,) what every column may reach now, at most `program.upper`.
            floors: (n,) minimum loads of units; 0 elsewhere. A column is 0 or at least its floor.
            afresh: build a tableau for these bounds; slow, and the same answer but for rounding.

        Raises:
            InfeasibleError: no state keeps the rows (CS-E001), a goal is unbounded (CS-E002), or
                the steps do not come to an end (CS-E003).
        """
        live = self.layout.live
        bounds = upper[live], floors[live]
        tableau = self._built(bounds[0]) if afresh else self.tableau
        status, nodes, exact = self._search(tableau, *bounds)
        if status == STUCK and not afresh:
            tableau = self._built(bounds[0])
            status, nodes, exact = self._search(tableau, *bounds)
            if self.tableau.size[LOGGING] == 2:
                self.tableau = self._built(self._usual)
        self._check(tableau, status)
        values = np.zeros(self.program.n)
        values[live] = self.nodes.answer
        if nodes > 1:  # the tableau is that of the last node, not of the best
            low, high = self.nodes.bounds[1].copy()
            search(tableau, low, high, self.nodes.bounds[0, 0], self.nodes, False)
        return Allocation(values, self._limits(tableau), nodes, exact)

    def _search(self, tableau: Tableau, upper: Array, floors: Array) -> tuple[int, int, bool]:
        work = (self.nodes.bounds[0, 0], upper, floors, self.nodes)
        status, nodes, exact = search(tableau, *work, False)
        if nodes == MAX_NODES and status == INFEASIBLE:
            status, nodes, _ = search(tableau, *work, True)
        return status, nodes, exact

    def _check(self, tableau: Tableau, status: int) -> None:
        """Raise what a status means; the tableau must still be that of the failure."""
        if status == INFEASIBLE:
            raise InfeasibleError(Problem(code="CS-E001"))
        if status == UNBOUNDED:
            found = ", ".join(self._without_bound(tableau))
            raise InfeasibleError(Problem(code="CS-E002", found=found))
        if status != OK:
            raise InfeasibleError(Problem(code="CS-E003", found="allocation"))

    # -- what the tableau tells ---------------------------------------------------------------

    def _limits(self, tableau: Tableau) -> tuple[tuple[str, ...], ...]:
        """For each stage: columns and rows at a bound on which its columns depend."""
        rows = self._rows(tableau)
        found = []
        for stage in self.program.stages:
            names = [name for j in stage.columns for name in rows.get(j, (self.program.keys[j],))]
            found.append(tuple(dict.fromkeys(names)))
        return tuple(found)

    def _rows(self, tableau: Tableau) -> Mapping[int, tuple[str, ...]]:
        """Column of the program -> names of the non-basic variables with an entry in its row."""
        program, layout = self.program, self.layout
        names = [program.keys[j] for j in layout.live]
        names += [program.row_names[r] for r in layout.slack_rows]
        rows, cols = int(tableau.size[ROWS]), int(tableau.size[COLS])
        row, column = np.nonzero(np.abs(tableau.table[:rows, :cols]) > MEANS)
        seen = tableau.colmark[NONBASIC, column].tolist()
        begins = np.searchsorted(row, np.arange(rows + 1)).tolist()
        found = {}
        for v, j in enumerate(layout.live.tolist()):
            place = int(tableau.mark[PLACE, v])
            own = [v] if place < 0 else seen[begins[place] : begins[place + 1]]
            found[j] = tuple(names[k] for k in own if k < len(names))
        return found

    def _without_bound(self, tableau: Tableau) -> list[str]:
        """Columns of the first stage that leans on a stand-in for a missing bound."""
        keys = self.program.keys
        out = {
            keys[j]
            for v, j in enumerate(self.layout.live.tolist())
            if tableau.mark[MISSING, v] == 1 and _value(tableau, v) > 0.5 * tableau.var[MOST, v]
        }
        rows = self._rows(tableau)
        for stage in self.program.stages:
            names = [keys[j] for j in stage.columns if out & set(rows.get(j, ()))]
            if names:
                return names
        return sorted(out)


def _value(tableau: Tableau, variable: int) -> float:
    place = int(tableau.mark[PLACE, variable])
    return float(tableau.row[BETA, place] if place >= 0 else tableau.var[AT, variable])
