"""Why no layout keeps the rules: the same program made elastic, and the least that must give way.

What may give way are the budget, the limits, the clauses, what is required and what must stand
apart; approvals, needs and one place for each candidate stay.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass

from chainsim.balance.linear import LinearModel, Solver
from chainsim.errors import InfeasibleError, Problem
from chainsim.park.model import Park
from chainsim.study.layout.formulation import Formulation
from chainsim.study.layout.search import Search

_NOTHING = 1e-6
_GAP, _TIME_S = 1e-3, 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hindrance:
    """A rule and the least by which it would have to give way.

    Attributes:
        kind: `limit` (limits, clauses, the budget), `required` or `apart`.
        key: of the rule or candidate.
        amount: in units of the limit's measure; 0 for rules that fall altogether.
        unit: of the amount.
        share: of the limit; 1 for rules that fall altogether.
    """

    kind: str
    key: str
    amount: float
    unit: str
    share: float


class NoLayoutError(InfeasibleError):
    """No layout keeps all rules; says which rule would have to give way, and by how much."""

    def __init__(
        self,
        problem: Problem,
        park: Park,
        alone: tuple[Hindrance, ...],
        together: tuple[Hindrance, ...],
    ) -> None:
        super().__init__(problem)
        self.park = park
        self.alone = alone
        self.together = together


@dataclass(frozen=True, slots=True)
class _Lever:
    kind: str
    key: str
    columns: tuple[int, ...]
    now: float
    unit: str


def no_layout(search: Search) -> NoLayoutError:
    """What stands in the way of every layout, ready to be raised (CS-O011)."""
    form = search.form
    model = copy.deepcopy(form.model)
    model.cost, model.offset = [0.0] * len(model.names), 0.0
    levers = [*_limits(search, model), *_logic(form, model)]
    together = _least(model, levers, levers)
    alone = []
    for lever in levers if together else []:
        alone += _least(model, levers, [lever])
    alone.sort(key=lambda h: (h.share, h.kind, h.key))
    named = ", ".join(h.key for h in (alone[:1] or together))
    problem = Problem(code="CS-O011", path=form.ground.file.record.id, found=named)
    return NoLayoutError(problem, form.ground.park, tuple(alone), tuple(together))


def _limits(search: Search, model: LinearModel) -> list[_Lever]:
    form, found = search.form, []
    for key, rows in form.limit_rows.items():
        columns: list[int] = []
        # A bound of nothing (a clause on a ratio) has the standing park's energy as its measure.
        ends = [e for e in (model.row_lower[rows[0]], model.row_upper[rows[0]]) if math.isfinite(e)]
        now = max(abs(e) for e in ends) * form.limit_sizes[rows[0]]
        now = now or max(1.0, search.standing("energy_a"))
        for low in (True, False):
            bound = model.row_lower[rows[0]] if low else model.row_upper[rows[0]]
            if not math.isfinite(bound):
                continue
            column = model.column(f"give:{key}:{low}", cost=1.0)
            for row in rows:
                step = now / form.limit_sizes[row]
                model.entries[row][column] = step if low else -step
            columns.append(column)
        found.append(_Lever("limit", key, tuple(columns), now, form.limit_units[key]))
    return found


def _logic(form: Formulation, model: LinearModel) -> list[_Lever]:
    found: dict[tuple[str, str], list[int]] = {}
    for row, name in enumerate(model.row_names):
        kind, _, rest = name.partition(":")
        if kind in ("required", "apart"):
            column = model.column(f"give:{name}", 0.0, 1.0, cost=1.0)
            model.entries[row][column] = 1.0 if kind == "required" else -1.0
            found.setdefault((kind, rest.split(":")[0]), []).append(column)
    return [_Lever(kind, key, tuple(c), 0.0, "") for (kind, key), c in found.items()]


def _least(model: LinearModel, levers: list[_Lever], free: list[_Lever]) -> list[Hindrance]:
    """The least that the levers of `free` must give, all others fixed; empty when in vain."""
    solver = Solver(model, gap=_GAP, time_limit_s=_TIME_S)
    for lever in levers:
        if lever not in free:
            for column in lever.columns:
                solver.bounds(column, 0.0, 0.0)
    try:
        answer = solver.minimise()
    except InfeasibleError:  # time ran out before anything was found
        return []
    if answer is None:
        return []
    found = []
    for lever in free:
        share = sum(float(answer.values[c]) for c in lever.columns)
        if share > _NOTHING:
            whole = 1.0 if not lever.now else share
            amount = share * lever.now
            found.append(
                Hindrance(
                    kind=lever.kind, key=lever.key, amount=amount, unit=lever.unit, share=whole
                )
            )
    return sorted(found, key=lambda h: (h.share, h.kind, h.key))
