"""The best use of a park over its horizon: one linear program over all stretches together.

The same arrays as the dispatch list's, one copy for every stretch of constant conditions; limits of
a year tie the stretches together. Obligations come first, as they do in dispatch: what cannot be
met at all is met as far as it goes. Among equally good answers the one nearest to a wish (the
dispatch list's own allocation) is taken, so that whatever differs from it is worth something.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from chainsim.balance.linear import LP_FEASIBILITY, Answer, Array, LinearModel, Solver
from chainsim.balance.program import Program
from chainsim.balance.solver import FEASIBILITY
from chainsim.balance.steady import Stretch
from chainsim.errors import InternalError

_TIE = 1e-9
"""Share of the objective that the tie-break may cost."""
_LIGHT, _TILT = 0.1, 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """lower <= sum over `stretches` of hours x rates x values <= upper."""

    key: str
    rates: Array
    """(n,) units per hour of a column's value."""
    lower: float
    upper: float
    stretches: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is to be made as large as possible, under which limits."""

    program: Program
    stretches: tuple[Stretch, ...]
    gain: Array
    """(n,) objective per hour of a column's value."""
    caps: tuple[Cap, ...] = ()
    min_loads: bool = False
    """Units at 0 or above their least load, by branching; between 0 and full without."""
    hard: tuple[int, ...] = ()
    """Columns of obligations that must be met in full."""
    near: tuple[Array, ...] = ()
    """(n,) by stretch: of equally good answers the nearest to these is taken; to rest if empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """The optimum and what its limits are worth.

    Attributes:
        values: (n,) by stretch.
        gain: objective over the horizon; 0 where it is less than `resolution`.
        resolution: objectives that differ by less cannot be told apart.
        cap_prices: by cap, gain per unit more of its limit.
        bound_prices: (s, n) gain per unit more of a column's bound, whichever it stands at.
        row_prices: (s, m) gain per unit of more supply at a row.
        short: column of an obligation -> share unmet, where it cannot be met.
    """

    values: tuple[Array, ...]
    gain: float
    resolution: float
    cap_prices: tuple[float, ...]
    bound_prices: Array
    row_prices: Array
    short: dict[int, float]


class Formulation:
    """A task as a linear model: column of (stretch, column), rows of the caps."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.model = LinearModel()
        program = task.program
        n = program.n
        self.owed = [j for j, key in enumerate(program.keys) if key.startswith("obligation:")]
        largest = max(
            (float(np.abs(task.gain).max(initial=0.0)) * s.hours for s in task.stretches),
            default=0.0,
        )
        self.scale = largest or 1.0
        for s, stretch in enumerate(task.stretches):
            for j in range(n):
                lower = stretch.upper[j] if j in self.owed else 0.0
                gain = task.gain[j] * stretch.hours / self.scale
                self.model.column(f"{s}:{program.keys[j]}", lower, stretch.upper[j], cost=-gain)
        for s in range(len(task.stretches)):
            self._balance(s)
        self.cap_rows: list[int] = []
        self.cap_scale: list[float] = []
        for cap in task.caps:
            self._cap(cap)
        self.switches: list[tuple[int, int]] = []
        if task.min_loads:
            for s, stretch in enumerate(task.stretches):
                self._least_loads(s, stretch)

    def at(self, stretch: int, column: int) -> int:
        """Column of the model."""
        return stretch * self.task.program.n + column

    def row_at(self, stretch: int, row: int) -> int:
        """Row of the model that balances `row` of the program in `stretch`."""
        return stretch * self.task.program.m + row

    def _balance(self, s: int) -> None:
        program = self.task.program
        rows: list[dict[int, float]] = [{} for _ in range(program.m)]
        for j in range(program.n):
            for row, value in program.entries(j):
                rows[row][self.at(s, j)] = value
        for row, entries in enumerate(rows):
            bounds = program.row_lower[row], program.row_upper[row]
            self.model.row(f"{s}:{program.row_names[row]}", entries, *bounds)

    def _cap(self, cap: Cap) -> None:
        entries: dict[int, float] = {}
        for s in cap.stretches:
            hours = self.task.stretches[s].hours
            for j in np.flatnonzero(cap.rates).tolist():
                entries[self.at(s, j)] = float(cap.rates[j]) * hours
        size = max((abs(v) for v in entries.values()), default=1.0)
        scaled = {j: v / size for j, v in entries.items()}
        bounds = cap.lower / size, cap.upper / size
        self.cap_rows.append(self.model.row(f"cap:{cap.key}", scaled, *bounds))
        self.cap_scale.append(size)

    def _least_loads(self, s: int, stretch: Stretch) -> None:
        for j in np.flatnonzero(stretch.floors).tolist():
            if stretch.upper[j] <= 0.0:
                continue
            column = self.at(s, j)
            name = f"{s}:on:{self.task.program.keys[j]}"
            on = self.model.column(name, 0.0, 1.0, integer=True)
            self.model.row(f"{name}:most", {column: 1.0, on: -stretch.upper[j]}, -math.inf, 0.0)
            self.model.row(f"{name}:least", {column: 1.0, on: -stretch.floors[j]}, 0.0, math.inf)
            self.switches.append((on, column))


def solve_best(task: Task) -> Best | None:
    """The best use of the park; None when nothing keeps its hard limits.

    Raises:
        InfeasibleError: the objective is unbounded (CS-E002), or the solver gives up (CS-E003).
    """
    form = Formulation(task)
    short: dict[int, float] = {}
    answer = Solver(form.model).minimise()
    if answer is None:
        short = _meet_what_can_be(form)
        answer = Solver(form.model).minimise() if short else None
    if answer is None:
        return None
    if form.switches:
        for on, column in form.switches:
            run = round(float(answer.values[on]))
            form.model.lower[on] = form.model.upper[on] = run
            form.model.integer[on] = False
            if not run:
                form.model.upper[column] = 0.0
        answer = _required(Solver(form.model).minimise())
    return _best(form, answer, _tied(form, answer), short)


def _required(answer: Answer | None) -> Answer:
    if answer is None:
        raise InternalError("an optimum became infeasible")
    return answer


def _meet_what_can_be(form: Formulation) -> dict[int, float]:
    """Lower soft obligations to what is possible; returns the shares unmet, empty if in vain."""
    task, model = form.task, form.model
    cost = np.zeros(len(model.names))
    soft = [j for j in form.owed if j not in task.hard]
    asked: dict[int, float] = {}
    for s, stretch in enumerate(task.stretches):
        for j in soft:
            if stretch.upper[j] > 0.0:
                column = form.at(s, j)
                asked[column] = float(stretch.upper[j])
                cost[column] = -stretch.hours / (8760.0 * stretch.upper[j])
                model.lower[column] = 0.0
    solver = Solver(model)
    solver.costs(cost)
    answer = solver.minimise() if asked else None
    if answer is None:
        return {}
    short: dict[int, float] = {}
    for column, demand in asked.items():
        served = max(0.0, float(answer.values[column]) - 1e-9)
        model.lower[column] = min(served, demand)
        j = column % task.program.n
        short[j] = max(short.get(j, 0.0), 1.0 - served / demand)
    return short


def _tied(form: Formulation, answer: Answer) -> Array:
    """Among equal optima the one nearest to `task.near`, units before all other columns."""
    task, model = form.task, form.model
    wish = (
        np.concatenate(task.near) if task.near else np.zeros(len(task.stretches) * task.program.n)
    )
    weight = _weights(task.program)
    entries = {j: c for j, c in enumerate(model.cost) if c}
    room = _room(answer)
    if entries:
        model.row("objective", entries, -math.inf, answer.objective + room)
    _hold(model, answer, room)
    model.cost = [0.0] * len(model.cost)
    for s, stretch in enumerate(task.stretches):
        for j in range(task.program.n):
            column = form.at(s, j)
            if model.upper[column] <= 0.0:
                continue
            cost = weight[j] * stretch.hours / 8760.0
            away = model.column(f"{s}:away:{j}", cost=cost)
            name = f"{s}:near:{j}"
            model.row(f"{name}:above", {column: 1.0, away: -1.0}, -math.inf, wish[column])
            model.row(f"{name}:below", {column: 1.0, away: 1.0}, wish[column], math.inf)
    return _required(Solver(model).minimise()).values


def _room(answer: Answer) -> float:
    """What the tie-break may cost, in the model's own objective."""
    return _TIE * max(abs(answer.objective), 1.0)


def _hold(model: LinearModel, answer: Answer, room: float) -> None:
    """Leave at its bound what would cost more than `room` on its way to the other one.

    It is at that bound in every optimum; let go, it would use the room up for a trace of a flow.
    """
    lower, upper = np.array(model.lower), np.array(model.upper)
    price = np.abs(answer.column_prices)
    dear = price > FEASIBILITY
    dear[dear] &= price[dear] * (upper - lower)[dear] > room
    at_upper = np.abs(upper - answer.values) < np.abs(answer.values - lower)
    for j in np.flatnonzero(dear).tolist():
        model.lower[j] = model.upper[j] = float(upper[j] if at_upper[j] else lower[j])


def _resolution(form: Formulation, answer: Answer) -> float:
    """Below which the objective cannot be told from zero: tie-break, and tolerance of each term."""
    hours = sum(s.hours for s in form.task.stretches)
    terms = float(np.abs(form.task.gain).sum()) * hours
    return form.scale * _room(answer) + LP_FEASIBILITY * terms


def _weights(program: Program) -> Array:
    """(n,) weight of a column's distance; tilted by its place, so that no two ways are equal."""
    units = np.array([1.0 if key.startswith("unit:") else _LIGHT for key in program.keys])
    tilted: Array = units * (1.0 + _TILT * np.arange(program.n) / max(program.n, 1))
    return tilted


def _best(form: Formulation, answer: Answer, values: Array, short: dict[int, float]) -> Best:
    task = form.task
    count, n, m = len(task.stretches), task.program.n, task.program.m
    flows = tuple(np.maximum(values[form.at(s, 0) : form.at(s, n)], 0.0) for s in range(count))
    gain = sum(float(task.gain @ v) * s.hours for v, s in zip(flows, task.stretches, strict=True))
    resolution = _resolution(form, answer)
    prices = [
        -float(answer.row_prices[row]) * form.scale / size
        for row, size in zip(form.cap_rows, form.cap_scale, strict=True)
    ]
    return Best(
        values=flows,
        gain=gain if abs(gain) > resolution else 0.0,
        resolution=resolution,
        cap_prices=tuple(prices),
        bound_prices=-form.scale * answer.column_prices[: count * n].reshape(count, n),
        row_prices=form.scale * answer.row_prices[: count * m].reshape(count, m),
        short=short,
    )


def marginal_use(task: Task, stretch: int, row: int, amount: float) -> Array:
    """(n,) change of the columns of `stretch` per unit when `amount` more is supplied at a row."""
    form = Formulation(task)
    solver = Solver(form.model)
    before = _required(solver.minimise()).values
    at = form.row_at(stretch, row)
    lower, upper = form.model.row_lower[at], form.model.row_upper[at]
    solver.row_bounds(at, lower - amount, upper - amount)
    answer = solver.minimise()
    if answer is None:
        return np.zeros(task.program.n)
    span = slice(form.at(stretch, 0), form.at(stretch, task.program.n))
    change: Array = (answer.values[span] - before[span]) / amount
    return change


def value_with(task: Task, column: int, values: Sequence[float]) -> float | None:
    """Objective of the optimum with one column held at `values` by stretch; None when impossible.

    Least loads are left out: what is asked is the worth of the difference, not another branching.
    """
    form = Formulation(replace(task, min_loads=False))
    for s, value in enumerate(values):
        at = form.at(s, column)
        form.model.lower[at] = form.model.upper[at] = min(value, form.model.upper[at])
    answer = Solver(form.model).minimise()
    return None if answer is None else -answer.objective * form.scale
