"""What would have to give way where a park cannot keep its limits: the same program made elastic.

Every lever (a unit's capacity, the limit of a market or link, supply or outlet at a header, a limit
of a year, an obligation) gets slack. With all of them open the least sum of shares tells where it
pinches; its prices prove which levers can be enough alone, and those are tried one by one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from chainsim.balance.best import Formulation, Task
from chainsim.balance.linear import Answer, Array, Solver

_NOTHING: Final = 1e-7
_CAPACITIES: Final = ("unit", "buy", "sell", "link", "vent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """The least change of one lever that makes the task possible.

    Attributes:
        lever: `obligation:x` less of it; `unit:x`, `buy:x`, `sell:x`, `link:x`, `vent:x` more
            capacity; `supply:h` or `outlet:h` more at a header; `cap:x` a wider limit.
        amount: base units over the horizon; of capacities base units per hour, of units shares of
            what is available.
        share: of what is asked, installed or allowed now; inf where that is nothing.
    """

    lever: str
    amount: float
    share: float


@dataclass(frozen=True, slots=True)
class _Lever:
    key: str
    columns: tuple[int, ...]
    weights: tuple[float, ...]
    """Base units of one unit of each column."""
    now: float

    @property
    def costs(self) -> Array:
        """Share of the present amount that one unit of each column is."""
        return np.array(self.weights) / (self.now or 1.0)

    def used(self, values: Array) -> Repair:
        """What a solution takes of it."""
        amount = float(np.array(self.weights) @ values[list(self.columns)])
        return Repair(
            lever=self.key, amount=amount, share=amount / self.now if self.now else math.inf
        )


def repairs(task: Task) -> tuple[tuple[Repair, ...], tuple[Repair, ...]]:
    """Ways to make an impossible task possible; least loads are left out.

    Returns:
        Levers that are enough alone, the smallest share first; and the combination with the least
        sum of shares. Both empty when nothing is wrong, or not even everything together helps.
    """
    form = Formulation(replace(task, min_loads=False))
    levers = _levers(form)
    model = form.model
    model.cost = [0.0] * len(model.names)
    for lever in levers:
        for column, cost in zip(lever.columns, lever.costs, strict=True):
            model.cost[column] = float(cost)
    solver = Solver(model)
    answer = solver.minimise()
    if answer is None or answer.objective <= _NOTHING:
        return (), ()
    together = [x.used(answer.values) for x in levers]
    alone = _alone(solver, levers, answer)
    return _sorted(alone), _sorted(together)


def _alone(solver: Solver, levers: list[_Lever], answer: Answer) -> list[Repair]:
    """Each lever that may be enough, opened by itself.

    A lever that the prices of the joint optimum do not value cannot be enough: the same prices
    prove the park with that lever alone impossible.
    """
    width = len(solver.model.names)
    for lever in levers:
        for column in lever.columns:
            solver.bounds(column, 0.0, 0.0)
    found = []
    for lever in levers:
        spared = lever.costs - answer.column_prices[list(lever.columns)]
        if not np.any(spared > _NOTHING):
            continue
        cost = np.zeros(width)
        cost[list(lever.columns)] = lever.costs
        solver.costs(cost)
        for column in lever.columns:
            solver.bounds(column, 0.0, solver.model.upper[column])
        single = solver.minimise()
        if single is not None:
            found.append(lever.used(single.values))
        for column in lever.columns:
            solver.bounds(column, 0.0, 0.0)
    return found


def _sorted(found: list[Repair]) -> tuple[Repair, ...]:
    real = [r for r in found if r.amount > _NOTHING and r.share > _NOTHING]
    return tuple(sorted(real, key=lambda r: (r.share, r.lever)))


def _levers(form: Formulation) -> list[_Lever]:
    program = form.task.program
    found = [_owed(form, j) for j in form.owed]
    for j, key in enumerate(program.keys):
        if key.split(":", 1)[0] in _CAPACITIES:
            found += _capacity(form, j)
    for row, name in enumerate(program.row_names):
        if name.startswith("header:"):
            found += _at_header(form, row)
    found += [_limit(form, index) for index in range(len(form.task.caps))]
    return [x for x in found if x.columns]


def _owed(form: Formulation, j: int) -> _Lever:
    """Less of an obligation, in every stretch as needed."""
    task, model = form.task, form.model
    columns, weights, now = [], [], 0.0
    for s, stretch in enumerate(task.stretches):
        column = form.at(s, j)
        asked = model.lower[column]
        if asked <= 0.0:
            continue
        model.lower[column] = 0.0
        less = model.column(f"{s}:less:{j}", 0.0, asked)
        model.row(f"{s}:owed:{j}", {column: 1.0, less: 1.0}, asked, math.inf)
        weight = stretch.hours * float(task.program.scale[j])
        columns.append(less)
        weights.append(weight)
        now += asked * weight
    return _Lever(task.program.keys[j], tuple(columns), tuple(weights), now)


def _capacity(form: Formulation, j: int) -> list[_Lever]:
    """A larger unit, market or link, the same all the time."""
    task, model, key = form.task, form.model, form.task.program.keys[j]
    unit = key.startswith("unit:")
    limits = [float(s.upper[j]) for s in task.stretches]
    if not all(math.isfinite(x) for x in limits) or (unit and max(limits) <= 0.0):
        return []
    more = model.column(f"more:{key}")
    for s, limit in enumerate(limits):
        column = form.at(s, j)
        if unit and limit <= 0.0:
            continue
        model.upper[column] = math.inf
        entries = {column: 1.0, more: -(limit if unit else 1.0)}
        model.row(f"{s}:most:{key}", entries, -math.inf, limit)
    scale = float(task.program.scale[j])
    if unit:
        return [_Lever(key, (more,), (1.0,), 1.0)]
    return [_Lever(key, (more,), (scale,), max(limits) * scale)]


def _at_header(form: Formulation, row: int) -> list[_Lever]:
    """More supply or another outlet at a header."""
    task, program = form.task, form.task.program
    header = program.row_names[row].split(":", 1)[1]
    size = float(program.row_scale[row])
    hours = sum(s.hours for s in task.stretches)
    found = []
    for kind, sign in (("supply", 1.0), ("outlet", -1.0)):
        columns = []
        for s in range(len(task.stretches)):
            column = form.model.column(f"{s}:{kind}:{header}")
            form.model.entries[form.row_at(s, row)][column] = sign
            columns.append(column)
        weights = tuple(size * s.hours for s in task.stretches)
        found.append(_Lever(f"{kind}:{header}", tuple(columns), weights, size * hours))
    return found


def _limit(form: Formulation, index: int) -> _Lever:
    """A wider limit, whichever of its ends bears."""
    cap, row = form.task.caps[index], form.cap_rows[index]
    down, up = math.isfinite(cap.lower), math.isfinite(cap.upper)
    size, columns = form.cap_scale[index], []
    for open_, sign in ((down, 1.0), (up, -1.0)):
        if open_:
            column = form.model.column(f"wider:{cap.key}:{sign:+g}")
            form.model.entries[row][column] = sign
            columns.append(column)
    now = abs(cap.upper if up else cap.lower)
    return _Lever(f"cap:{cap.key}", tuple(columns), (size,) * len(columns), now)
