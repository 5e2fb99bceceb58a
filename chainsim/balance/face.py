"""The set of optima of a dispatch list, shrunk stage by stage, with HiGHS behind it.

After each goal the face of its optima is fixed exactly, by complementary slackness: every column
and row with a non-zero reduced cost stays where it is. Values are shares, as in `Program`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import highspy
import numpy as np

from chainsim.balance.program import Array, Program, Stage
from chainsim.errors import InfeasibleError, InternalError, Problem

FEASIBILITY = 1e-9
REDUCED_COST = 1e-9

OPTIONS: tuple[tuple[str, bool | int | float | str], ...] = (
    ("log_to_console", False),
    ("output_flag", False),
    ("presolve", "off"),
    ("solver", "simplex"),
    ("threads", 1),
    ("primal_feasibility_tolerance", FEASIBILITY),
    ("dual_feasibility_tolerance", FEASIBILITY),
)


def quiet_solver() -> highspy.Highs:
    """A silent single-threaded simplex solver with tight tolerances."""
    solver = highspy.Highs()  # type: ignore[no-untyped-call] # highspy annotates no constructor
    for option, value in OPTIONS:
        solver.setOptionValue(option, value)
    return solver


@dataclass(frozen=True, slots=True)
class Model:
    """A program inside HiGHS. Sharing groups have a column `share` each and a row per member."""

    solver: highspy.Highs
    tie_rows: tuple[tuple[int, ...], ...]
    """For each sharing group: rows `value - weight * share`, free until the group is served."""


def build_model(program: Program) -> Model:
    """The program with the columns and rows of its sharing groups added."""
    columns = [program.entries(j) for j in range(program.n)]
    tie_rows: list[tuple[int, ...]] = []
    row = program.m
    for stage in program.stages:
        if len(stage.columns) == 1:
            continue
        sign = 1.0 if stage.sense == "max" else -1.0
        rows = tuple(range(row, row + len(stage.columns)))
        for j, r in zip(stage.columns, rows, strict=True):
            columns[j].append((r, sign))
        columns.append([(r, -sign * w) for r, w in zip(rows, stage.weights, strict=True)])
        tie_rows.append(rows)
        row += len(rows)
    lp = highspy.HighsLp()
    free = np.full(row - program.m, math.inf)
    lp.num_col_ = len(columns)
    lp.num_row_ = row
    lp.col_cost_ = np.zeros(len(columns))
    lp.col_lower_ = np.zeros(len(columns))
    lp.col_upper_ = np.concatenate([program.upper, np.zeros(len(tie_rows))])
    lp.row_lower_ = np.concatenate([program.row_lower, -free])
    lp.row_upper_ = np.concatenate([program.row_upper, free])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.cumsum([0, *(len(c) for c in columns)])
    lp.a_matrix_.index_ = np.array([r for c in columns for r, _ in c], dtype=np.int32)
    lp.a_matrix_.value_ = np.array([v for c in columns for _, v in c])
    solver = quiet_solver()
    solver.passModel(lp)
    return Model(solver, tuple(tie_rows))


class Face:
    """The shrinking set of optima: current bounds, current vertex, and the solver behind them."""

    def __init__(
        self,
        model: Model,
        program: Program,
        lower: Array,
        upper: Array,
    ) -> None:
        self.model = model.solver
        self.program = program
        self.tie_rows = model.tie_rows
        n, total = program.n, self.model.getNumCol()
        self.lower = np.concatenate([lower, np.zeros(total - n)])
        self.upper = np.concatenate([upper, np.zeros(total - n)])
        free = np.full(self.model.getNumRow() - program.m, math.inf)
        self.row_lower = np.concatenate([program.row_lower, -free])
        self.row_upper = np.concatenate([program.row_upper, free])
        self.solves = 0
        self.values: Array = np.zeros(n)
        self._ties: Array = np.zeros(0)
        self._reduced: Array = np.zeros(0)
        self._row_dual: Array = np.zeros(0)
        self._costed: list[int] = []
        every = np.arange(total, dtype=np.int32)
        self.model.changeColsBounds(total, every, self.lower, self.upper)
        rows = np.arange(len(self.row_lower), dtype=np.int32)
        # The stubs of highspy lack this method.
        cast(Any, self.model).changeRowsBounds(len(rows), rows, self.row_lower, self.row_upper)
        self.model.changeColsCost(total, every, np.zeros(total))

    def cost(self, costs: dict[int, float]) -> None:
        """Replace the objective (minimised)."""
        for j in self._costed:
            self.model.changeColCost(j, 0.0)
        for j, c in costs.items():
            self.model.changeColCost(j, c)
        self._costed = list(costs)

    def run(self) -> bool:
        """Solve; False when infeasible.

        Raises:
            InfeasibleError: the goal is unbounded (CS-E002) or the solver gave up (CS-E003).
        """
        self.solves += 1
        self.model.run()
        status = self.model.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return False
        if status in (
            highspy.HighsModelStatus.kUnbounded,
            highspy.HighsModelStatus.kUnboundedOrInfeasible,
        ):
            names = [self._name(j) for j in self._costed]
            raise InfeasibleError(Problem(code="CS-E002", found=", ".join(names)))
        if status != highspy.HighsModelStatus.kOptimal:
            raise InfeasibleError(
                Problem(code="CS-E003", found=self.model.modelStatusToString(status))
            )
        solution = self.model.getSolution()
        full = np.array(solution.col_value)
        self.values = full[: self.program.n]
        self._ties = full[self.program.n :]
        self._reduced = np.array(solution.col_dual)
        self._row_dual = np.array(solution.row_dual)
        return True

    def single(self, stage: Stage) -> tuple[str, ...]:
        """Optimise one column, fix the face, and say what limits it."""
        j = stage.columns[0]
        bound = self.upper[j] if stage.sense == "max" else self.lower[j]
        if self.lower[j] == self.upper[j]:
            return (self._name(j),)
        if math.isfinite(bound) and abs(self.values[j] - bound) <= FEASIBILITY:
            self.fix(j, float(bound))
            return (self._name(j),)
        self.cost({j: -1.0 if stage.sense == "max" else 1.0})
        self._must_run()
        return self.fix_face()

    def leximin(self, stage: Stage, group: int) -> tuple[str, ...]:
        """Serve a sharing group: move all alike, fix the blocked, go on with the rest."""
        maximise = stage.sense == "max"
        if self._all_there(stage, self.upper if maximise else self.lower):
            return tuple(self._name(j) for j in stage.columns)
        tie = self.program.n + group
        rows = self.tie_rows[group]
        active = list(range(len(stage.columns)))
        self._bound(tie, 0.0, math.inf)
        for i in active:
            self._row(rows[i], 0.0, math.inf)
        limits: list[str] = []
        while active:
            self.cost({tie: -1.0 if maximise else 1.0})
            self._must_run()
            level = float(self._ties[group])
            duals = self._row_dual
            blocked = [i for i in active if abs(duals[rows[i]]) > REDUCED_COST]
            if not blocked and not maximise and level <= FEASIBILITY:
                blocked, level = active[:], 0.0
            if not blocked:
                raise InternalError("a sharing group has no blocked member")
            limits += self.fix_face(keep=(tie,), rows_kept=rows)
            for i in blocked:
                j = stage.columns[i]
                value = min(max(stage.weights[i] * level, self.lower[j]), self.upper[j])
                self.fix(j, value)
                self._row(rows[i], -math.inf, math.inf)
            active = [i for i in active if i not in blocked]
        self._bound(tie, 0.0, 0.0)
        for row in rows:
            self._row(row, -math.inf, math.inf)
        return tuple(dict.fromkeys(limits))

    def _all_there(self, stage: Stage, ends: Array) -> bool:
        """True when every member already stands at its best end; they are fixed there."""
        there = all(
            math.isfinite(ends[j]) and abs(self.values[j] - ends[j]) <= FEASIBILITY
            for j in stage.columns
        )
        if there:
            for j in stage.columns:
                self.fix(j, float(ends[j]))
        return there

    def fix_face(self, keep: Sequence[int] = (), rows_kept: Sequence[int] = ()) -> tuple[str, ...]:
        """Fix every column and row with a non-zero reduced cost where it stands."""
        names = []
        for j in np.flatnonzero(np.abs(self._reduced[: self.program.n]) > REDUCED_COST):
            column = int(j)
            if column not in keep:
                names.append(self._name(column))
                self._fix_at_bound(column)
        for r in np.flatnonzero(np.abs(self._row_dual) > REDUCED_COST):
            row = int(r)
            if row in rows_kept or self.row_lower[row] == self.row_upper[row]:
                continue
            if row < self.program.m:
                names.append(self.program.row_names[row])
                ends = (self.row_lower[row], self.row_upper[row])
                bound = float(next(end for end in ends if math.isfinite(end)))
                self._row(row, bound, bound)
        return tuple(names)

    def _fix_at_bound(self, column: int) -> None:
        low, high = float(self.lower[column]), float(self.upper[column])
        if low != high:
            value = float(self.values[column])
            self.fix(column, high if abs(value - high) <= abs(value - low) else low)

    def fix(self, column: int, value: float) -> None:
        """Hold one column at `value` from here on."""
        self._bound(column, value, value)

    def _must_run(self) -> None:
        if not self.run():
            raise InternalError("a face that was not empty became infeasible")

    def _bound(self, column: int, lower: float, upper: float) -> None:
        self.lower[column], self.upper[column] = lower, upper
        self.model.changeColBounds(column, lower, upper)

    def _row(self, row: int, lower: float, upper: float) -> None:
        self.row_lower[row], self.row_upper[row] = lower, upper
        self.model.changeRowBounds(row, lower, upper)

    def _name(self, column: int) -> str:
        return self.program.keys[column] if column < self.program.n else "share"
