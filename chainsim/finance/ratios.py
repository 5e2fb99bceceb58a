"""Ratios of a feasibility study as pure functions of plain numbers; None where one does not exist.

Formulas as in the national handbook 《建设项目经济评价方法与参数》 (third edition, 2006).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from chainsim.arguments import NOT_NEGATIVE, NUMBER, takes

_STEPS: Final = 200
_EXACT: Final = 1e-12


@takes(ebit=NUMBER, interest=NOT_NEGATIVE)
def interest_cover(ebit: float, interest: float) -> float | None:
    """Interest cover (利息备付率, ICR): EBIT / interest due in the year.

    >>> interest_cover(300.0, 100.0)
    3.0
    """
    return ebit / interest if interest > 0.0 else None


@takes(ebitda=NUMBER, tax=NUMBER, principal=NOT_NEGATIVE, interest=NOT_NEGATIVE, renewals=NUMBER)
def debt_service_cover(
    ebitda: float, tax: float, principal: float, interest: float, renewals: float = 0.0
) -> float | None:
    """Debt-service cover (偿债备付率, DSCR): (EBITDA - income tax) / (principal + interest).

    Sustaining investment of the year is taken off what can serve debt.

    >>> debt_service_cover(500.0, 50.0, 200.0, 100.0)
    1.5
    >>> debt_service_cover(500.0, 50.0, 200.0, 100.0, 150.0)
    1.0
    """
    service = principal + interest
    return (ebitda - tax - renewals) / service if service > 0.0 else None


@takes(ebit=NUMBER, investment=NOT_NEGATIVE)
def return_on_investment(ebit: float, investment: float) -> float | None:
    """Return on investment (总投资收益率, ROI): mean EBIT per year / total investment.

    >>> return_on_investment(150.0, 1000.0)
    0.15
    """
    return ebit / investment if investment > 0.0 else None


@takes(net_profit=NUMBER, equity=NOT_NEGATIVE)
def return_on_equity(net_profit: float, equity: float) -> float | None:
    """Return on equity (项目资本金净利润率, ROE): mean net profit per year / equity.

    >>> return_on_equity(60.0, 300.0)
    0.2
    """
    return net_profit / equity if equity > 0.0 else None


@takes(fixed=NUMBER, revenue=NUMBER, variable=NUMBER, surcharges=NUMBER)
def break_even_load(
    fixed: float, revenue: float, variable: float, surcharges: float
) -> float | None:
    """Break-even point as a share of capacity: fixed cost / (revenue - variable cost - surcharges).

    All without VAT, of one year at full load. (盈亏平衡点, 生产能力利用率)

    Returns:
        None when a unit sold does not even cover its variable cost.

    >>> break_even_load(80.0, 750.0, 500.0, 0.0)
    0.32
    """
    margin = revenue - variable - surcharges
    return fixed / margin if margin > 0.0 else None


@takes(fixed=NUMBER, revenue=NUMBER, variable=NUMBER, surcharges=NUMBER)
def break_even_price(
    fixed: float, revenue: float, variable: float, surcharges: float
) -> float | None:
    """Break-even price as a share of today's: (fixed + variable cost) / (revenue - surcharges).

    At full load; surcharges in proportion to revenue. (盈亏平衡产品售价)

    >>> round(break_even_price(80.0, 750.0, 500.0, 0.0) * 15.0, 2)
    11.6
    """
    earned = revenue - surcharges
    return (fixed + variable) / earned if earned > 0.0 else None


def sensitivity_coefficient(
    base: float | None, changed: float | None, change: float
) -> float | None:
    """Sensitivity coefficient (敏感度系数): relative change of the result per that of the factor.

    S = ((A' - A) / A) / (dF / F).

    >>> round(sensitivity_coefficient(0.15, 0.13, 0.10), 2)
    -1.33
    """
    if base is None or changed is None or base == 0.0 or change == 0.0:
        return None
    return (changed - base) / abs(base) / change


def critical_point(
    result: Callable[[float], float], low: float, high: float, *, steps: int = _STEPS
) -> float | None:
    """Critical point (临界点): the change of a factor at which `result` is zero, by bisection.

    Args:
        result: for example the net present value, as a function of the factor's relative change.
        low: least change looked at.
        high: greatest change looked at.
        steps: at most so many halvings.

    Returns:
        None when `result` has the same sign at both ends.

    >>> round(critical_point(lambda x: 1300.0 * (1.0 + 7.5385 * x), -0.5, 0.5), 4)
    -0.1327
    """
    at_low, at_high = result(low), result(high)
    if at_low == 0.0:
        return low
    if (at_low > 0.0) == (at_high > 0.0) and at_high != 0.0:
        return None
    for _ in range(steps):
        middle = 0.5 * (low + high)
        at = result(middle)
        if (at > 0.0) == (at_low > 0.0) and at != 0.0:
            low = middle
        else:
            high = middle
        if math.isclose(low, high, rel_tol=0.0, abs_tol=_EXACT):
            break
    return 0.5 * (low + high)
