"""Loans: interest while a plant is built, and schedules of repayment. Money in CNY, + is owed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike

from chainsim.arguments import AMOUNTS, NOT_NEGATIVE, YEARS, Rule, takes
from chainsim.finance.rates import Array

InterestRule = Literal["half_year", "full_year", "year_end"]
Repayment = Literal["equal_principal", "equal_instalment"]
_PART: Final = {"half_year": 0.5, "full_year": 1.0, "year_end": 0.0}
_RULE: Final = Rule(words=tuple(_PART))
_METHOD: Final = Rule(words=("equal_principal", "equal_instalment"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A loan by year: owed at the beginning, interest, principal repaid, owed at the end."""

    opening: Array
    interest: Array
    principal: Array
    closing: Array

    @property
    def payment(self) -> Array:
        """Principal and interest by year."""
        return self.principal + self.interest


@takes(draws=AMOUNTS, rate=NOT_NEGATIVE, rule=_RULE)
def interest_during_construction(
    draws: ArrayLike, rate: float, rule: InterestRule = "half_year", *, capitalised: bool = True
) -> Array:
    """Interest while a plant is built: q_t = (P_{t-1} + A_t / 2) i.

    P is owed from earlier years, with their interest when it is `capitalised`; A is drawn evenly
    over the year, so that it bears interest for half of it (usual rule of Chinese feasibility
    studies, 建设期利息). `full_year` takes draws at the year's beginning, `year_end` at its end.

    >>> interest_during_construction([400.0, 800.0, 500.0], 0.05).round(3).tolist()
    [10.0, 40.5, 75.025]
    """
    part = _PART[rule]
    owed, interest = 0.0, []
    for draw in np.asarray(draws, dtype=np.float64):
        charged = (owed + part * draw) * rate
        interest.append(charged)
        owed += draw + (charged if capitalised else 0.0)
    return np.array(interest, dtype=np.float64)


@takes(principal=NOT_NEGATIVE, rate=NOT_NEGATIVE, years=YEARS)
def equal_principal(principal: float, rate: float, years: int) -> Schedule:
    """Repay the same principal every year, with interest on what is owed (等额本金).

    >>> equal_principal(2060.0, 0.06, 5).interest.round(2).tolist()
    [123.6, 98.88, 74.16, 49.44, 24.72]
    """
    repaid = np.full(years, principal / years, dtype=np.float64)
    return _schedule(principal, rate, repaid)


@takes(principal=NOT_NEGATIVE, rate=NOT_NEGATIVE, years=YEARS)
def equal_instalment(principal: float, rate: float, years: int) -> Schedule:
    """Pay the same sum every year (等额本息): A = P i (1+i)^n / ((1+i)^n - 1).

    >>> round(float(equal_instalment(1060.9, 0.06, 6).payment[0]), 1)
    215.7
    """
    discount = -math.expm1(-years * math.log1p(rate))  # 1 - (1 + i)^-n, exact for tiny rates too
    if discount <= 0.0:
        return equal_principal(principal, rate, years)
    first = principal * (rate / discount - rate)
    repaid = first * np.power(1.0 + rate, np.arange(years, dtype=np.float64))
    return _schedule(principal, rate, repaid)


@takes(method=_METHOD)
def repayment(method: Repayment, principal: float, rate: float, years: int) -> Schedule:
    """The schedule of `method`."""
    make = equal_principal if method == "equal_principal" else equal_instalment
    return make(principal, rate, years)


def _schedule(principal: float, rate: float, repaid: Array) -> Schedule:
    """A loan of which `repaid` is paid back at the end of each year."""
    closing = principal - np.cumsum(repaid)
    closing[-1:] = 0.0
    opening = np.concatenate([[principal], closing])[: len(repaid)]
    return Schedule(
        opening=opening, interest=opening * rate, principal=opening - closing, closing=closing
    )
