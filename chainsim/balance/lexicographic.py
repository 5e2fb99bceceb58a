"""The reference allocation: the dispatch list as a lexicographic sequence of linear programs.

Each goal is optimised with everything below it free. The set of its optima is then fixed exactly,
by complementary slackness: every column and row with a non-zero reduced cost stays where it is.
Goals that share are served by leximin (progressive filling). Minimum loads are semi-continuous:
branch and bound on the highest-ranked violator, compared by the vector of goals.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np

from chainsim.balance.program import Array, Program, Stage
from chainsim.errors import InfeasibleError, InternalError, Problem

FEASIBILITY = 1e-9
REDUCED_COST = 1e-9
LOAD_TOLERANCE = 1e-8
MAX_NODES = 200


@dataclass(frozen=True, slots=True)
class Allocation:
    """Values of all columns (n,), what limited each stage, and how it was found."""

    values: Array
    limits: tuple[tuple[str, ...], ...]
    """For each stage: keys of the columns at a bound that keep it from doing better."""
    nodes: int = 1
    exact: bool = True
    """False when branching was cut short."""


@dataclass(slots=True)
class _Node:
    lower: Array
    upper: Array
    depth: int = 0


@dataclass(slots=True)
class _Leaf:
    values: Array
    limits: tuple[tuple[str, ...], ...]
    vector: tuple[float, ...] = field(default=())


class Lexicographic:
    """Solves one program again and again; results are remembered by the bounds they belong to."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.solves = 0
        self.lookups = 0
        self._memo: dict[bytes, Allocation] = {}
        self._groups = [s for s in program.stages if len(s.columns) > 1]
        self._model, self._tie_rows = self._build()
        self._ranks = self._unit_ranks()

    def allocate(self, upper: Array, floors: Array) -> Allocation:
        """The lexicographic optimum.

        Args:
            upper: (n,) what every column may reach now.
            floors: (n,) minimum loads of units; 0 elsewhere. A column is 0 or at least its floor.

        Raises:
            InfeasibleError: no state keeps the rows (CS-E001), or a goal is unbounded (CS-E002).
        """
        key = upper.tobytes() + floors.tobytes()
        found = self._memo.get(key)
        if found is None:
            found = self._branch(upper, floors)
            self._memo[key] = found
        else:
            self.lookups += 1
        return found

    # -- branch and bound ---------------------------------------------------------------------

    def _branch(self, upper: Array, floors: Array) -> Allocation:
        # From a cleared solver the answer is a function of the bounds alone, to the last bit.
        self._model.clearSolver()
        upper = np.where(upper + LOAD_TOLERANCE < floors, 0.0, upper)
        pending = [_Node(np.zeros_like(upper), upper)]
        best: _Leaf | None = None
        nodes = 0
        while pending and nodes < MAX_NODES:
            node = pending.pop()
            nodes += 1
            leaf = self._solve(node)
            if leaf is None or (best is not None and not _above(leaf.vector, best.vector)):
                continue
            violator = self._violator(leaf.values, floors)
            if violator is None:
                best = leaf
                continue
            off = _Node(node.lower, node.upper.copy(), node.depth + 1)
            off.upper[violator] = 0.0
            on = _Node(node.lower.copy(), node.upper, node.depth + 1)
            on.lower[violator] = floors[violator]
            pending += [off, on]
        exact = not pending
        if best is None:
            best = self._greedy(upper, floors)
        values = best.values.copy()
        values[np.abs(values) < 1e-12] = 0.0
        return Allocation(values, best.limits, nodes, exact)

    def _greedy(self, upper: Array, floors: Array) -> _Leaf:
        upper = upper.copy()
        while True:
            leaf = self._solve(_Node(np.zeros_like(upper), upper))
            if leaf is None:
                raise InfeasibleError(Problem(code="CS-E001"))
            violator = self._violator(leaf.values, floors)
            if violator is None:
                return leaf
            upper[violator] = 0.0

    def _violator(self, values: Array, floors: Array) -> int | None:
        low = (values > LOAD_TOLERANCE) & (values < floors - LOAD_TOLERANCE)
        found = np.flatnonzero(low)
        return int(min(found, key=lambda j: self._ranks[j])) if found.size else None

    def _unit_ranks(self) -> dict[int, tuple[int, int]]:
        ranks = {}
        for k, stage in enumerate(self.program.stages):
            for position, j in enumerate(stage.columns):
                ranks[j] = (k, position)
        return ranks

    # -- one lexicographic solve --------------------------------------------------------------

    def _build(self) -> tuple[highspy.Highs, dict[int, list[int]]]:
        p = self.program
        lp = highspy.HighsLp()
        ties = len(self._groups)
        members = [len(s.columns) for s in self._groups]
        lp.num_col_ = p.n + ties
        lp.num_row_ = p.m + sum(members)
        lp.col_cost_ = np.zeros(lp.num_col_)
        lp.col_lower_ = np.zeros(lp.num_col_)
        lp.col_upper_ = np.concatenate([p.upper, np.zeros(ties)])
        lp.row_lower_ = np.concatenate([p.row_lower, np.full(sum(members), -math.inf)])
        lp.row_upper_ = np.concatenate([p.row_upper, np.full(sum(members), math.inf)])
        columns: list[list[tuple[int, float]]] = [
            list(
                zip(
                    p.index[p.starts[j] : p.starts[j + 1]].tolist(),
                    p.value[p.starts[j] : p.starts[j + 1]].tolist(),
                    strict=True,
                )
            )
            for j in range(p.n)
        ]
        tie_rows: dict[int, list[int]] = {}
        row = p.m
        for g, stage in enumerate(self._groups):
            sign = 1.0 if stage.sense == "max" else -1.0
            tie: list[tuple[int, float]] = []
            tie_rows[g] = []
            for j, weight in zip(stage.columns, stage.weights, strict=True):
                columns[j].append((row, sign))
                tie.append((row, -sign * weight))
                tie_rows[g].append(row)
                row += 1
            columns.append(tie)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = np.cumsum([0, *(len(c) for c in columns)])
        lp.a_matrix_.index_ = np.array([r for c in columns for r, _ in c], dtype=np.int32)
        lp.a_matrix_.value_ = np.array([v for c in columns for _, v in c])
        solver = highspy.Highs()
        for option, value in (
            ("log_to_console", False),
            ("output_flag", False),
            ("presolve", "off"),
            ("solver", "simplex"),
            ("threads", 1),
            ("primal_feasibility_tolerance", FEASIBILITY),
            ("dual_feasibility_tolerance", FEASIBILITY),
        ):
            solver.setOptionValue(option, value)
        solver.passModel(lp)
        return solver, tie_rows

    def _solve(self, node: _Node) -> _Leaf | None:
        if np.any(node.lower > node.upper):
            return None
        face = _Face(self._model, self.program, self._tie_rows, node.lower, node.upper)
        face.cost({j: sign for j, sign in self._guess()})
        if not face.run():
            return None
        limits: list[tuple[str, ...]] = []
        group = 0
        for stage in self.program.stages:
            if len(stage.columns) == 1:
                limits.append(face.single(stage))
            else:
                limits.append(face.leximin(stage, group))
                group += 1
        self.solves += face.solves
        vector = tuple(v for stage in self.program.stages for v in _goal_vector(stage, face.values))
        return _Leaf(face.values, tuple(limits), vector)

    def _guess(self) -> list[tuple[int, float]]:
        """A first objective near the lexicographic one, so that most stages are met at once."""
        weight, guess = 1.0, []
        for stage in self.program.stages:
            for j in stage.columns:
                if math.isfinite(self.program.upper[j]) or stage.sense == "min":
                    guess.append((j, -weight if stage.sense == "max" else weight))
            weight = max(weight * 0.7, 1e-6)
        return guess


class _Face:
    """The shrinking set of optima: current bounds, current vertex, and the solver behind them."""

    def __init__(
        self,
        model: highspy.Highs,
        program: Program,
        tie_rows: dict[int, list[int]],
        lower: Array,
        upper: Array,
    ) -> None:
        self.model = model
        self.program = program
        self.tie_rows = tie_rows
        n, total = program.n, model.getNumCol()
        self.lower = np.concatenate([lower, np.zeros(total - n)])
        self.upper = np.concatenate([upper, np.zeros(total - n)])
        self.row_lower = np.concatenate(
            [program.row_lower, np.full(model.getNumRow() - program.m, -math.inf)]
        )
        self.row_upper = np.concatenate(
            [program.row_upper, np.full(model.getNumRow() - program.m, math.inf)]
        )
        self.solves = 0
        self.values: Array = np.zeros(n)
        self._costed: list[int] = []
        every = np.arange(total, dtype=np.int32)
        model.changeColsBounds(total, every, self.lower, self.upper)
        rows = np.arange(len(self.row_lower), dtype=np.int32)
        model.changeRowsBounds(len(rows), rows, self.row_lower, self.row_upper)
        model.changeColsCost(total, every, np.zeros(total))

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
        """Serve a sharing group: raise (or lower) all alike, fix the blocked, go on with the rest."""
        maximise = stage.sense == "max"
        ends = self.upper if maximise else self.lower
        if all(
            math.isfinite(ends[j]) and abs(self.values[j] - ends[j]) <= FEASIBILITY
            for j in stage.columns
        ):
            for j in stage.columns:
                self.fix(j, float(ends[j]))
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

    def fix_face(
        self, keep: Sequence[int] = (), rows_kept: Sequence[int] = ()
    ) -> tuple[str, ...]:
        """Fix every column and row with a non-zero reduced cost where it stands."""
        names = []
        for j in np.flatnonzero(np.abs(self._reduced) > REDUCED_COST):
            column = int(j)
            if column in keep or column >= self.program.n:
                continue
            names.append(self._name(column))
            if self.lower[column] != self.upper[column]:
                value = float(self.values[column])
                near_upper = abs(value - self.upper[column]) <= abs(value - self.lower[column])
                self.fix(column, float(self.upper[column] if near_upper else self.lower[column]))
        for row in np.flatnonzero(np.abs(self._row_dual) > REDUCED_COST):
            r = int(row)
            if r in rows_kept or self.row_lower[r] == self.row_upper[r]:
                continue
            if r < self.program.m:
                names.append(self.program.row_names[r])
                ends = (self.row_lower[r], self.row_upper[r])
                bound = float(next(end for end in ends if math.isfinite(end)))
                self._row(r, bound, bound)
        return tuple(names)

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


def _goal_vector(stage: Stage, values: Array) -> tuple[float, ...]:
    shares = [values[j] / w for j, w in zip(stage.columns, stage.weights, strict=True)]
    if stage.sense == "max":
        return tuple(sorted(shares))
    return tuple(sorted((-s for s in shares)))


def _above(one: Sequence[float], other: Sequence[float]) -> bool:
    """True when `one` is lexicographically larger than `other` beyond rounding."""
    for a, b in zip(one, other, strict=True):
        if abs(a - b) > LOAD_TOLERANCE:
            return a > b
    return False
