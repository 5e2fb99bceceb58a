"""The shrinking set of optima while the goals of a dispatch list are met one after another.

A face is the program with some columns fixed. After a goal is optimised, every column and row with
a non-zero reduced cost is fixed where it stands: by complementary slackness that is exactly the set
of optima. Columns that the balances then leave no freedom are fixed as well, without a solve.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import highspy
import numpy as np
from numpy.typing import NDArray

from chainsim.balance.model import Model
from chainsim.balance.program import Array, Program, Stage
from chainsim.balance.solver import FEASIBILITY
from chainsim.errors import InfeasibleError, InternalError, Problem

REDUCED_COST = 1e-9


class Face:
    """Current bounds and vertex of one lexicographic solve."""

    def __init__(self, model: Model, program: Program, lower: Array, upper: Array) -> None:
        self.model = model
        self.program = program
        groups = len(model.tie_rows)
        extra = model.rows - program.m
        self.lower = np.concatenate([lower, np.zeros(groups)])
        self.upper = np.concatenate([upper, np.full(groups, math.inf)])
        self.row_lower = np.concatenate([program.row_lower, np.full(extra, -math.inf)])
        self.row_upper = np.concatenate([program.row_upper, np.full(extra, math.inf)])
        self._every = np.arange(len(self.lower), dtype=np.int32)
        self.solves = 0
        self.values: Array = np.zeros(program.n)
        self._ties: Array = np.zeros(groups)
        self._aim: tuple[int, ...] = ()
        self._place = np.full(len(self.lower), -1)
        self._equal = (program.row_lower == program.row_upper).tolist()
        self._free = (self.lower[: program.n] != self.upper[: program.n]).tolist()
        self._force_zeros()
        self._open = self._entries_by_row(np.array(self._free)[model.entry_column]).tolist()
        self._hand_over()
        for row in range(program.m):
            self._spread(row)

    def _hand_over(self) -> None:
        solver = self.model.solver
        solver.changeColsBounds(len(self.lower), self._every, self.lower, self.upper)
        rows = np.arange(self.model.rows, dtype=np.int32)
        solver.changeRowsBounds(self.model.rows, rows, self.row_lower, self.row_upper)

    # -- freedom ------------------------------------------------------------------------------

    def _entries_by_row(self, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
        """(m,) how many of the chosen matrix entries stand in each row."""
        return np.bincount(self.model.entry_row[chosen], minlength=self.program.m)

    def _force_zeros(self) -> None:
        """A balance whose open columns all push the same way leaves them only zero."""
        n, model = self.program.n, self.model
        free = np.array(self._free)
        rows, columns, up = model.entry_row, model.entry_column, model.entry_value > 0.0
        balances = np.array(self._equal) & (self.program.row_lower == 0.0)
        while True:
            moved = (self.lower[:n] != 0.0)[columns]
            open_ = free[columns]
            one_way = (self._entries_by_row(open_ & up) > 0) != (
                self._entries_by_row(open_ & ~up) > 0
            )
            forced = balances & one_way & (self._entries_by_row(moved) == 0)
            zeros = np.unique(columns[open_ & forced[rows]])
            if zeros.size == 0:
                break
            self.upper[zeros] = 0.0
            free[zeros] = False
        self._free = free.tolist()

    def _close(self, column: int) -> None:
        self._free[column] = False
        for row, _ in self.model.rows_of[column]:
            self._open[row] -= 1

    def _spread(self, row: int) -> None:
        """Fix the last open column of a balance, and what that decides in turn."""
        pending = [row]
        while pending:
            r = pending.pop()
            if self._open[r] != 1 or not self._equal[r]:
                continue
            total, last, coefficient = self.row_lower[r], -1, 1.0
            for j, a in self.model.columns_of[r]:
                if self._free[j]:
                    last, coefficient = j, a
                else:
                    total -= a * self.lower[j]
            value = total / coefficient
            if not self.lower[last] - FEASIBILITY <= value <= self.upper[last] + FEASIBILITY:
                continue  # left to the solver, which will find the face empty
            value = min(max(value, self.lower[last]), self.upper[last])
            self._close(last)
            self._bound(last, value, value)
            pending += [i for i, _ in self.model.rows_of[last]]

    def fixed(self, column: int) -> bool:
        """True when the column has no freedom left."""
        return not self._free[column]

    def fix(self, column: int, value: float) -> None:
        """Hold one column at `value` from here on."""
        if not self._free[column]:
            return
        self._close(column)
        self._bound(column, value, value)
        for row, _ in self.model.rows_of[column]:
            self._spread(row)

    def current(self, column: int) -> float:
        """Value of a column: fixed, or at the last vertex."""
        return float(self.values[column] if self._free[column] else self.lower[column])

    def result(self) -> Array:
        """(n,) values of all columns."""
        return np.array([self.current(j) for j in range(self.program.n)])

    # -- solving ------------------------------------------------------------------------------

    def cost(self, costs: Mapping[int, float], aim: Sequence[int] = ()) -> None:
        """Replace the objective (minimised); `aim` names the columns it stands for."""
        wanted = np.zeros(len(self.lower))
        for j, c in costs.items():
            wanted[j] = c
        self.model.solver.changeColsCost(len(wanted), self._every, wanted)
        self._aim = tuple(aim or costs)

    def run(self) -> bool:
        """Solve; False when infeasible.

        Raises:
            InfeasibleError: the goal is unbounded (CS-E002) or the solver gave up (CS-E003).
        """
        solver = self.model.solver
        status = self._solved()
        statuses = highspy.HighsModelStatus
        if status == statuses.kInfeasible:
            return False
        if status in (statuses.kUnbounded, statuses.kUnboundedOrInfeasible):
            names = [self.name(j) for j in self._aim]
            raise InfeasibleError(Problem(code="CS-E002", found=", ".join(names)))
        if status != statuses.kOptimal:
            found = solver.modelStatusToString(status)
            raise InfeasibleError(Problem(code="CS-E003", found=found))
        solution = solver.getSolution()
        full = np.array(solution.col_value)
        self.values = full[: self.program.n]
        self._ties = full[self.program.n :]
        self._reduced = np.array(solution.col_dual)
        self._row_dual = np.array(solution.row_dual)
        _, basic = solver.getBasicVariables()
        self._place = np.full(len(self.lower), -1)
        structural = np.flatnonzero(basic >= 0)
        self._place[basic[structural]] = structural
        return True

    def _solved(self) -> highspy.HighsModelStatus:
        """Run the solver, once more from scratch when a warm start has led it astray."""
        solver = self.model.solver
        statuses = highspy.HighsModelStatus
        first = self.solves == 0
        for attempt in range(2):
            if attempt:
                solver.clearSolver()
            self.solves += 1
            solver.run()
            status: highspy.HighsModelStatus = solver.getModelStatus()
            if status == statuses.kOptimal or (first and status == statuses.kInfeasible):
                break
        return status

    def _proof(self, column: int, maximise: bool) -> tuple[int, ...] | None:
        """Columns that keep `column` from doing better at the present vertex.

        The column's row of the simplex tableau is its gradient over the non-basic columns. When
        none of them may move the right way, the vertex is optimal without a solve.

        Returns:
            The open non-basic columns with a non-zero entry, or None when there is no proof.
        """
        solver, r = self.model.solver, int(self._place[column])
        if r < 0:
            return None
        _, inverse = solver.getBasisInverseRow(r)
        for row in np.flatnonzero(np.abs(inverse) > REDUCED_COST):
            if row >= self.program.m or not self._equal[int(row)]:
                return None
        _, gradient = solver.getReducedRow(r)
        found = []
        for k in np.flatnonzero(np.abs(gradient) > REDUCED_COST):
            j = int(k)
            if j >= self.program.n:
                return None
            if j == column or not self._free[j]:
                continue
            low = abs(self.values[j] - self.lower[j]) <= FEASIBILITY
            high = abs(self.values[j] - self.upper[j]) <= FEASIBILITY
            rises = (gradient[j] < 0.0) == maximise
            if (rises and not high) or (not rises and not low):
                return None
            found.append(j)
        return tuple(found)

    def _fix_proved(self, columns: Sequence[int]) -> tuple[str, ...]:
        for j in columns:
            if not self.fixed(j):
                low = abs(self.values[j] - self.lower[j]) <= abs(self.values[j] - self.upper[j])
                self.fix(j, float(self.lower[j] if low else self.upper[j]))
        return tuple(self.name(j) for j in columns)

    def single(self, stage: Stage) -> tuple[str, ...]:
        """Optimise one column, fix the face, and say what limits it."""
        j = stage.columns[0]
        if self.fixed(j):
            return (self.name(j),)
        bound = float(self.upper[j] if stage.sense == "max" else self.lower[j])
        if math.isfinite(bound) and abs(self.values[j] - bound) <= FEASIBILITY:
            self.fix(j, bound)
            return (self.name(j),)
        proof = self._proof(j, stage.sense == "max")
        if proof is not None:
            return self._fix_proved(proof)
        self.cost({j: -1.0 if stage.sense == "max" else 1.0})
        self._must_run()
        return self._fix_optima()

    def leximin(self, stage: Stage, group: int) -> tuple[str, ...]:
        """Serve a sharing group by leximin: nobody gains at the cost of one who has less."""
        maximise = stage.sense == "max"
        active = [i for i, j in enumerate(stage.columns) if not self.fixed(j)]
        if self._all_at_end(stage, active, maximise):
            return tuple(self.name(j) for j in stage.columns)
        limits = self._each_at_best([stage.columns[i] for i in active], maximise)
        if limits is not None:
            return limits
        return self._fill(stage, group, active)

    def _each_at_best(self, columns: Sequence[int], maximise: bool) -> tuple[str, ...] | None:
        """Fix a group whose members do not compete: each has, alone, the best it could have."""
        ends = self.upper if maximise else self.lower
        found: dict[int, None] = {}
        for j in columns:
            if math.isfinite(ends[j]) and abs(self.values[j] - ends[j]) <= FEASIBILITY:
                found[j] = None
                continue
            proof = self._proof(j, maximise)
            if proof is None:
                return None
            found.update(dict.fromkeys(proof))
        return self._fix_proved(list(found))

    def _fill(self, stage: Stage, group: int, active: list[int]) -> tuple[str, ...]:
        """Progressive filling of the open members `active` (positions inside the stage)."""
        maximise = stage.sense == "max"
        rows = self.model.tie_rows[group]
        tie = self.program.n + group
        for i in active:
            self._row(rows[i], 0.0, math.inf)
        limits: list[str] = []
        while active:  # raise (or lower) all alike, fix the blocked, go on with the rest
            self.cost({tie: -1.0 if maximise else 1.0}, [stage.columns[i] for i in active])
            self._must_run()
            level = float(self._ties[group])
            duals = self._row_dual
            blocked = [i for i in active if abs(duals[rows[i]]) > REDUCED_COST]
            if not blocked and not maximise and level <= FEASIBILITY:
                blocked, level = active[:], 0.0
            if not blocked:
                raise InternalError("a sharing group has no blocked member")
            limits += self._fix_optima(kept=rows)
            for i in blocked:
                j = stage.columns[i]
                value = min(max(stage.weights[i] * level, self.lower[j]), self.upper[j])
                self.fix(j, float(value))
            for i in [i for i in active if self.fixed(stage.columns[i])]:
                self._row(rows[i], -math.inf, math.inf)
                active.remove(i)
            if self._all_at_end(stage, active, maximise):
                active = []
        for row in rows:
            self._row(row, -math.inf, math.inf)
        return tuple(dict.fromkeys(limits))

    def _all_at_end(self, stage: Stage, active: Sequence[int], maximise: bool) -> bool:
        """Fix the open members where they stand when each has all it could wish for."""
        ends = self.upper if maximise else self.lower
        columns = [stage.columns[i] for i in active]
        if not all(
            math.isfinite(ends[j]) and abs(self.values[j] - ends[j]) <= FEASIBILITY for j in columns
        ):
            return False
        for j in columns:
            self.fix(j, float(ends[j]))
        return True

    def _fix_optima(self, kept: Sequence[int] = ()) -> tuple[str, ...]:
        """Fix every column and row with a non-zero reduced cost where it stands."""
        names = []
        for found in np.flatnonzero(np.abs(self._reduced[: self.program.n]) > REDUCED_COST):
            j = int(found)
            names.append(self.name(j))
            if not self.fixed(j):
                near_upper = abs(self.values[j] - self.upper[j]) <= abs(
                    self.values[j] - self.lower[j]
                )
                self.fix(j, float(self.upper[j] if near_upper else self.lower[j]))
        for found in np.flatnonzero(np.abs(self._row_dual[: self.program.m]) > REDUCED_COST):
            r = int(found)
            if r in kept or self._equal[r]:
                continue
            names.append(self.program.row_names[r])
            ends = (self.row_lower[r], self.row_upper[r])
            bound = float(next(end for end in ends if math.isfinite(end)))
            self._row(r, bound, bound)
            self._equal[r] = True
            self._spread(r)
        return tuple(names)

    def _must_run(self) -> None:
        if not self.run():
            raise InternalError("a face that was not empty became infeasible")

    def _bound(self, column: int, lower: float, upper: float) -> None:
        self.lower[column], self.upper[column] = lower, upper
        self.model.solver.changeColBounds(column, lower, upper)

    def _row(self, row: int, lower: float, upper: float) -> None:
        self.row_lower[row], self.row_upper[row] = lower, upper
        self.model.solver.changeRowBounds(row, lower, upper)

    def name(self, column: int) -> str:
        """Key of a column; `share` for the columns of sharing groups."""
        return self.program.keys[column] if column < self.program.n else "share"
