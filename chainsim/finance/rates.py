"""Time value of money: present value, internal rates of return, payback, levelised cost.

Flows are yearly, year 1 first; + is received, - is paid. Rates are shares per year. Nothing here
guesses: a rate that does not exist, or exists several times, is reported as such.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainsim.arguments import AMOUNTS, RATE, SERIES, Rule, same_length, takes

Array = NDArray[np.float64]
Timing = Literal["year_end", "year_begin", "mid_year"]
"""When the flows of a year are taken to happen."""

LOWEST: Final = -0.99
HIGHEST: Final = 10.0
"""Rates of return are looked for between these."""
_SHIFT: Final = {"year_end": 0.0, "year_begin": -1.0, "mid_year": -0.5}
_TIMING: Final = Rule(words=tuple(_SHIFT))
_NOTHING: Final = 1e-12
"""Flows smaller than this share of the largest one are none."""
_FLAT: Final = 1e-13
"""A polynomial is zero where it is this small against the sum of its terms' sizes."""
_STEPS: Final = 200


@takes(rate=RATE, count=Rule(low=0, whole=True), timing=_TIMING)
def discount_factors(rate: float, count: int, timing: Timing = "year_end") -> Array:
    """Factors (1 + i)^-t of years 1 to `count`; year 1 is discounted once at year end.

    >>> [round(float(x), 4) for x in discount_factors(0.10, 3)]
    [0.9091, 0.8264, 0.7513]
    """
    years = np.arange(1, count + 1, dtype=np.float64) + _SHIFT[timing]
    return np.power(1.0 + rate, -years)


@takes(flows=SERIES, rate=RATE, timing=_TIMING)
def npv(flows: ArrayLike, rate: float, timing: Timing = "year_end") -> float:
    """Net present value: sum of CF_t (1 + i)^-t (FNPV of a feasibility study).

    Args:
        flows: net cash flow by year, year 1 first.
        rate: discount rate per year.
        timing: `year_begin` is the habit of spreadsheets with a year 0.

    >>> round(npv([-110.0, 60.5, 72.6], 0.10), 2)
    4.55
    """
    values = np.asarray(flows, dtype=np.float64)
    return float(values @ discount_factors(rate, len(values), timing))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What the equation NPV = 0 answers.

    Attributes:
        value: the rate of return where there is exactly one; None otherwise.
        roots: every rate found, ascending.
        reason: empty, or why there is no value: `no_sign_change`, `no_root` (the present value is
            zero at no rate above -100 %), `out_of_range` (it is, but beyond what is looked at),
            `several`, `loan` (income first: the rate of a loan taken, not of an investment).
    """

    value: float | None
    roots: tuple[float, ...]
    reason: str = ""


@takes(flows=SERIES, low=RATE, high=RATE)
def irr(flows: ArrayLike, low: float = LOWEST, high: float = HIGHEST) -> Rates:
    """Internal rate of return: every rate in [low, high] at which the net present value is zero.

    The present value is a polynomial in x = 1 / (1 + r). By Descartes' rule one change of sign of
    the flows means one root; else all are found, each between two roots of the derivative.

    Args:
        flows: net cash flow by year; when years begin does not matter for the rate.
        low: least rate looked at, above -1.
        high: greatest rate looked at.

    >>> irr([-100.0, 10.0, 110.0]).value
    0.1
    >>> irr([-1000.0, 6000.0, -10900.0, 5800.0]).reason
    'several'
    >>> irr([-100.0, 180.0, -100.0]).reason
    'no_root'
    """
    terms = _significant(np.asarray(flows, dtype=np.float64))
    signs = [t > 0 for t in terms if t]
    changes = sum(a != b for a, b in itertools.pairwise(signs))
    if changes == 0:
        return Rates(value=None, roots=(), reason="no_sign_change")
    ends = (1.0 / (1.0 + high), 1.0 / (1.0 + low))
    found = _single(terms, *ends) if changes == 1 else _roots(terms, *ends)
    roots = tuple(sorted(_tidy(1.0 / x - 1.0) for x in found))
    if not roots:
        return Rates(value=None, roots=(), reason="out_of_range" if _any(terms) else "no_root")
    if len(roots) > 1:
        return Rates(value=None, roots=roots, reason="several")
    if signs[0]:
        return Rates(value=None, roots=roots, reason="loan")
    return Rates(value=roots[0], roots=roots)


@takes(flows=SERIES, rate=RATE, timing=_TIMING)
def payback(flows: ArrayLike, rate: float = 0.0, timing: Timing = "year_end") -> float | None:
    """Years from the beginning of year 1 until the cumulated flow is no longer negative.

    Pt = T - 1 + |cumulated flow of T - 1| / flow of T; with a `rate`, of the discounted flows.
    Where the sum turns negative again, the last recovery counts.

    Returns:
        None when the flows do not pay back; 0 when nothing is ever owed.

    >>> payback([-100.0, 40.0, 40.0, 40.0])
    3.5
    """
    values = np.asarray(flows, dtype=np.float64)
    values = values * discount_factors(rate, len(values), timing)
    total = np.cumsum(values)
    size = float(np.abs(values).sum())
    owed = np.flatnonzero(total < -_NOTHING * size)
    if len(owed) == 0:
        return 0.0
    last = int(owed[-1])
    if last == len(values) - 1:
        return None
    # What is still owed after the next year is dust.
    return last + 1 + min(1.0, float(-total[last] / values[last + 1]))


@takes(costs=SERIES, quantities=AMOUNTS, rate=RATE, timing=_TIMING)
def levelised_cost(
    costs: ArrayLike, quantities: ArrayLike, rate: float, timing: Timing = "year_end"
) -> float | None:
    """Levelised cost of a product (LCOx): present value of costs over that of quantities.

    Args:
        costs: by year, money paid for the product, less what is recovered; + is cost.
        quantities: made by year.
        rate: discount rate per year.
        timing: of both.

    Returns:
        Money per unit; None when nothing is made.

    >>> round(levelised_cost([1000.0, 50.0, 50.0], [0.0, 10.0, 10.0], 0.10), 2)
    62.62
    """
    same_length("levelised_cost.quantities", np.asarray(costs), np.asarray(quantities))
    made = npv(quantities, rate, timing)
    return npv(costs, rate, timing) / made if made > 0.0 else None


# -- roots ------------------------------------------------------------------------------------


def _significant(flows: Array) -> list[float]:
    """Flows relative to the largest, without years of nothing at either end."""
    size = float(np.abs(flows).max(initial=0.0))
    if size == 0.0:
        return []
    terms = [float(t) if abs(t) > _NOTHING else 0.0 for t in flows / size]
    used = [i for i, t in enumerate(terms) if t]
    return terms[used[0] : used[-1] + 1]


def _tidy(rate: float) -> float:
    """Without the last, uncertain digits."""
    return round(rate, 13)


def _value(terms: Sequence[float], x: float) -> tuple[float, float]:
    """Polynomial and derivative at `x` by Horner's rule."""
    value = slope = 0.0
    for term in reversed(terms):
        slope = slope * x + value
        value = value * x + term
    return value, slope


def _is_zero(terms: Sequence[float], x: float) -> bool:
    size, power = 0.0, 1.0
    for term in terms:
        size += abs(term) * power
        power *= x
    return abs(_value(terms, x)[0]) <= _FLAT * size


def _single(terms: Sequence[float], a: float, b: float) -> list[float]:
    """The only positive root, where it lies in [a, b]."""
    for end in (a, b):
        if _is_zero(terms, end):
            return [end]
    if (_value(terms, a)[0] > 0) == (_value(terms, b)[0] > 0):
        return []
    return [_between(terms, a, b)]


def _roots(terms: Sequence[float], a: float, b: float) -> list[float]:
    """All real roots in [a, b], those that only touch zero included, ascending."""
    if len(terms) < 2:
        return []
    slope = [i * t for i, t in enumerate(terms)][1:]
    size = max(map(abs, slope)) or 1.0
    turns = _roots([s / size for s in slope], a, b)
    points = [a, *turns, b]
    found = [x for x in points if _is_zero(terms, x)]
    for left, right in itertools.pairwise(points):
        apart = left not in found and right not in found
        if apart and (_value(terms, left)[0] > 0) != (_value(terms, right)[0] > 0):
            found.append(_between(terms, left, right))
    return sorted(_distinct(found))


def _any(terms: Sequence[float]) -> bool:
    """Whether there is a positive root at all: up to 1, or its inverse among those of the reverse.

    None is smaller than Cauchy's bound.
    """
    size = max(map(abs, terms))
    return any(
        _roots(order, 1.0 / (1.0 + size / abs(order[0])), 1.0) for order in (terms, terms[::-1])
    )


def _distinct(points: Sequence[float]) -> list[float]:
    kept: list[float] = []
    for x in sorted(points):
        if not kept or not math.isclose(x, kept[-1], rel_tol=1e-9):
            kept.append(x)
    return kept


def _between(terms: Sequence[float], a: float, b: float) -> float:
    """The root between `a` and `b`, where the signs differ: Newton's steps kept in the bracket."""
    rising = _value(terms, b)[0] > 0
    x = 0.5 * (a + b)
    for _ in range(_STEPS):
        value, slope = _value(terms, x)
        if (value > 0) == rising:
            b = x
        else:
            a = x
        step = x - value / slope if slope else math.inf
        after = step if a < step < b else 0.5 * (a + b)
        if abs(after - x) <= 1e-16 * abs(x) or not a < after < b:
            return after
        x = after
    return x
