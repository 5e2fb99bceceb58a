"""Linear and mixed-integer programs by name: built column by column, minimised by HiGHS.

Rows and columns keep the order in which they were added, the solver runs on one thread with a fixed
seed, so the same program gives the same answer on every machine of one kind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import highspy
import numpy as np
from numpy.typing import NDArray

from chainsim.balance.solver import quiet_solver
from chainsim.errors import InfeasibleError, Problem

Array = NDArray[np.float64]
OPTIMAL: Final = "optimal"
LIMIT: Final = "limit"
_MIP_OPTIONS: Final[Mapping[str, bool | int | float | str]] = {
    "presolve": "on",
    "solver": "choose",
    "random_seed": 0,
    "mip_feasibility_tolerance": 1e-9,
    "primal_feasibility_tolerance": 1e-9,
    "dual_feasibility_tolerance": 1e-9,
}
# Ten times finer than the room left to equally good answers: that room must not end as a gap.
LP_FEASIBILITY: Final = 1e-10


@dataclass(slots=True)
class LinearModel:
    """A program under construction: minimise cost over bounded columns and rows."""

    names: list[str] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)
    integer: list[bool] = field(default_factory=list)
    row_names: list[str] = field(default_factory=list)
    row_lower: list[float] = field(default_factory=list)
    row_upper: list[float] = field(default_factory=list)
    entries: list[dict[int, float]] = field(default_factory=list)
    """By row: column -> coefficient."""
    offset: float = 0.0
    """Constant part of the cost; the gap of a search counts from there."""

    def column(
        self,
        name: str,
        lower: float = 0.0,
        upper: float = math.inf,
        *,
        cost: float = 0.0,
        integer: bool = False,
    ) -> int:
        """A new column; returns its index."""
        self.names.append(name)
        self.lower.append(float(lower))
        self.upper.append(float(upper))
        self.cost.append(float(cost))
        self.integer.append(integer)
        return len(self.names) - 1

    def row(self, name: str, entries: Mapping[int, float], lower: float, upper: float) -> int:
        """A new row, lower <= entries * values <= upper; returns its index."""
        self.row_names.append(name)
        self.row_lower.append(float(lower))
        self.row_upper.append(float(upper))
        self.entries.append({j: float(v) for j, v in entries.items() if v != 0.0})
        return len(self.row_names) - 1

    def highs_lp(self) -> Any:
        """The program as HiGHS takes it."""
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self.names), len(self.row_names)
        lp.col_cost_ = np.array(self.cost)
        lp.offset_ = self.offset
        lp.col_lower_, lp.col_upper_ = np.array(self.lower), np.array(self.upper)
        lp.row_lower_, lp.row_upper_ = np.array(self.row_lower), np.array(self.row_upper)
        matrix = lp.a_matrix_
        matrix.format_ = highspy.MatrixFormat.kRowwise
        matrix.start_ = np.cumsum([0, *(len(e) for e in self.entries)])
        matrix.index_ = np.array([j for e in self.entries for j in e], dtype=np.int32)
        matrix.value_ = np.array([v for e in self.entries for v in e.values()])
        if any(self.integer):
            kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            lp.integrality_ = [kinds[i] for i in self.integer]
        return lp


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An optimum, or the best found within a limit.

    Attributes:
        values: (n,) columns.
        objective: cost of them.
        row_prices: (m,) change of the least cost per unit of a row's bound; zeros for integers.
        column_prices: (n,) the same for a column's bound.
        bound: no answer costs less than this.
        status: `optimal` or `limit`.
    """

    values: Array
    objective: float
    row_prices: Array
    column_prices: Array
    bound: float
    status: str

    @property
    def gap(self) -> float:
        """Distance to the bound as a share of the objective."""
        return abs(self.objective - self.bound) / max(1e-9, abs(self.objective))


class Solver:
    """Holds one program; bounds and costs may change between solves."""

    def __init__(
        self, model: LinearModel, *, gap: float = 0.0, time_limit_s: float = math.inf
    ) -> None:
        self.model = model
        self._mip = any(model.integer)
        self.highs = quiet_solver()
        if self._mip:
            for option, value in _MIP_OPTIONS.items():
                self.highs.setOptionValue(option, value)
            self.highs.setOptionValue("mip_rel_gap", gap)
            if math.isfinite(time_limit_s):
                self.highs.setOptionValue("time_limit", time_limit_s)
        else:
            self.highs.setOptionValue("primal_feasibility_tolerance", LP_FEASIBILITY)
        self.highs.passModel(model.highs_lp())

    def bounds(self, column: int, lower: float, upper: float) -> None:
        """Other bounds of a column."""
        self.highs.changeColBounds(column, float(lower), float(upper))

    def row_bounds(self, row: int, lower: float, upper: float) -> None:
        """Other bounds of a row."""
        self.highs.changeRowBounds(row, float(lower), float(upper))

    def costs(self, cost: Array) -> None:
        """Another objective."""
        count = len(self.model.names)
        self.highs.changeColsCost(count, np.arange(count, dtype=np.int32), cost)

    def add_row(self, entries: Mapping[int, float], lower: float, upper: float) -> None:
        """One more row at the end."""
        index = np.array(list(entries), dtype=np.int32)
        value = np.array(list(entries.values()), dtype=float)
        self.highs.addRow(float(lower), float(upper), len(index), index, value)

    def watch(self, told: Callable[[float, float], None]) -> None:
        """Tell (best objective, bound) whenever the search finds a better answer."""

        def improved(event: Any) -> None:
            told(event.data_out.mip_primal_bound, event.data_out.mip_dual_bound)

        self.highs.cbMipImprovingSolution.subscribe(improved)

    def minimise(self) -> Answer | None:
        """The optimum; None when no values keep all bounds.

        Raises:
            InfeasibleError: the cost falls without end (CS-E002), or the solver gives up or finds
                nothing within its limit (CS-E003).
        """
        self.highs.run()
        status = self.highs.getModelStatus()
        kinds = highspy.HighsModelStatus
        if status == kinds.kInfeasible:
            return None
        if status == kinds.kUnboundedOrInfeasible:
            return self._told_apart()
        if status == kinds.kUnbounded:
            raise InfeasibleError(Problem(code="CS-E002", found=self._without_end()))
        info = self.highs.getInfo()
        limited = status in (kinds.kTimeLimit, kinds.kSolutionLimit)
        if status != kinds.kOptimal and not (limited and info.primal_solution_status == 2):
            found = self.highs.modelStatusToString(status)
            raise InfeasibleError(Problem(code="CS-E003", found=found))
        solution = self.highs.getSolution()
        objective = float(info.objective_function_value)
        dual = not self._mip
        return Answer(
            values=np.array(solution.col_value),
            objective=objective,
            row_prices=np.array(solution.row_dual) if dual else np.zeros(len(solution.row_value)),
            column_prices=np.array(solution.col_dual) if dual else np.zeros(len(self.model.names)),
            bound=objective if dual else float(info.mip_dual_bound),
            status=LIMIT if limited else OPTIMAL,
        )

    def _told_apart(self) -> Answer | None:
        """Infeasible or unbounded: without an objective the two differ."""
        other = Solver(self.model)
        other.costs(np.zeros(len(self.model.names)))
        if other.minimise() is None:
            return None
        raise InfeasibleError(Problem(code="CS-E002", found=self._without_end()))

    def _without_end(self) -> str:
        """Unlimited columns that earn something, as a hint."""
        m = self.model
        free = [n for n, u, c in zip(m.names, m.upper, m.cost, strict=True) if u == math.inf and c]
        return ", ".join(free[:3])
