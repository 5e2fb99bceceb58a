"""Expressions over the columns of a layout program as costs and as rows that bound them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from chainsim.balance.linear import Array
from chainsim.study.layout.formulation import Expression, Formulation


@dataclass(frozen=True, slots=True)
class Row:
    """A bound on a sum of columns."""

    entries: Expression
    lower: float
    upper: float

    @classmethod
    def over(cls, expression: Expression, lower: float, upper: float) -> Row:
        """A bound on an expression, scaled to coefficients of at most one."""
        size = largest(expression)
        return cls({j: v / size for j, v in expression.items()}, lower / size, upper / size)


def at_most(expression: Expression, most: float, size: float) -> Row:
    """At most so much of a measure, with a hair of room."""
    return Row.over(expression, -math.inf, most + 1e-6 * size)


def largest(expression: Expression) -> float:
    """The largest coefficient of an expression; 1 for none."""
    return max((abs(v) for v in expression.values()), default=1.0) or 1.0


def costs_of(form: Formulation, expression: Expression, factor: float) -> Array:
    """(columns,) an expression times `factor` as costs."""
    costs = np.zeros(len(form.model.names))
    for j, c in expression.items():
        costs[j] = c * factor
    return costs
