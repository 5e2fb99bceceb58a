"""Sensitivity: one factor moves, the rate of return answers; where it reaches the hurdle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from chainsim.finance.model import flows_of
from chainsim.finance.project import Conventions, Line, Project
from chainsim.finance.rates import Array, irr, npv
from chainsim.finance.ratios import critical_point, sensitivity_coefficient

WIDEST: Final = (-0.9, 3.0)
"""Changes between which a critical point is looked for."""
_STEPS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """One factor: rate of return at each change, coefficient, critical point."""

    factor: str
    rates: tuple[tuple[float, float | None], ...]
    """(relative change, rate of return), base included, ascending."""
    coefficient: float | None
    """At the smallest change upwards that was tried."""
    critical: float | None
    """Change at which the present value at the hurdle rate is zero; None when there is none."""


def _scaled_lines(lines: tuple[Line, ...], by: float, *, quantity: bool) -> tuple[Line, ...]:
    return tuple(
        replace(
            line,
            yearly_cny=tuple(by * x for x in line.yearly_cny),
            quantity=tuple(by * x for x in line.quantity) if quantity else line.quantity,
        )
        for line in lines
    )


def _investment(project: Project, by: float) -> Project:
    draws = project.financing.draws_cny
    terms = replace(
        project.financing, draws_cny=None if draws is None else tuple(by * x for x in draws)
    )
    parts = tuple(
        replace(part, spend_cny=tuple(by * x for x in part.spend_cny)) for part in project.parts
    )
    renewals = tuple(
        replace(item, spend_cny=tuple(by * x for x in item.spend_cny)) for item in project.renewals
    )
    return replace(project, parts=parts, financing=terms, renewals=renewals)


def _price(project: Project, by: float) -> Project:
    return replace(project, products=_scaled_lines(project.products, by, quantity=False))


def _variable_cost(project: Project, by: float) -> Project:
    costs = tuple(
        _scaled_lines((line,), by, quantity=False)[0] if line.variable else line
        for line in project.costs
    )
    return replace(project, costs=costs)


def _fixed_cost(project: Project, by: float) -> Project:
    costs = tuple(
        line if line.variable else _scaled_lines((line,), by, quantity=False)[0]
        for line in project.costs
    )
    return replace(project, costs=costs)


def _load(project: Project, by: float) -> Project:
    costs = tuple(
        _scaled_lines((line,), by, quantity=True)[0] if line.variable else line
        for line in project.costs
    )
    products = _scaled_lines(project.products, by, quantity=True)
    return replace(project, products=products, costs=costs)


FACTORS: Final[Mapping[str, Callable[[Project, float], Project]]] = {
    "price": _price,
    "variable_cost": _variable_cost,
    "investment": _investment,
    "load": _load,
    "fixed_cost": _fixed_cost,
}
"""Factor -> the project with that factor multiplied."""


def sensitivity_of(project: Project, conventions: Conventions) -> tuple[Sensitivity, ...]:
    """Every factor moved by the steps of the conventions."""
    return tuple(_one(project, conventions, factor) for factor in FACTORS)


def changed(project: Project, factor: str, change: float) -> Project:
    """The project with `factor` changed by the share `change`."""
    return FACTORS[factor](project, 1.0 + change)


def _cash(project: Project, conventions: Conventions) -> Array:
    cash = flows_of(project, conventions).cash
    return cash.after_tax if conventions.sensitivity_of == "after_tax" else cash.before_tax


def _one(project: Project, conventions: Conventions, factor: str) -> Sensitivity:
    steps = sorted({*conventions.sensitivity_steps, 0.0})
    rates = [(s, irr(_cash(changed(project, factor, s), conventions)).value) for s in steps]
    up = min((s for s in steps if s > 0.0), default=0.0)
    known = dict(rates)

    def worth(change: float) -> float:
        flows = _cash(changed(project, factor, change), conventions)
        return npv(flows, project.hurdle, conventions.discounting)

    critical = _nearest(worth)
    return Sensitivity(
        factor=factor,
        rates=tuple(rates),
        coefficient=sensitivity_coefficient(known[0.0], known.get(up), up),
        critical=critical,
    )


def _nearest(worth: Callable[[float], float]) -> float | None:
    """The critical point nearest to no change."""
    low, high = WIDEST
    found = [
        x
        for x in (
            critical_point(worth, low, 0.0, steps=_STEPS),
            critical_point(worth, 0.0, high, steps=_STEPS),
        )
        if x is not None
    ]
    return float(min(found, key=np.abs)) if found else None
