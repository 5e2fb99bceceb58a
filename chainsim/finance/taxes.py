"""Taxes on arrays of years: straight-line depreciation, income tax with losses, VAT, surcharges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from chainsim.arguments import NOT_NEGATIVE, POSITIVE, SERIES, SHARE, Rule, same_length, takes
from chainsim.finance.rates import Array


@takes(cost=NOT_NEGATIVE, residual_share=SHARE, life_a=POSITIVE, years=Rule(low=0, whole=True))
def straight_line(cost: float, residual_share: float, life_a: float, years: int) -> Array:
    """Straight-line depreciation of years 1 to `years`: cost (1 - residual) / life, over the life.

    (年限平均法) A life that ends within a year leaves that year its part.

    >>> straight_line(100.0, 0.04, 2.5, 4).round(2).tolist()
    [38.4, 38.4, 19.2, 0.0]
    """
    passed = np.arange(years, dtype=np.float64)
    return cost * (1.0 - residual_share) / life_a * np.clip(life_a - passed, 0.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomeTax:
    """Income tax by year.

    Attributes:
        tax: by year.
        taxable: profit less losses made up, never negative.
        used: earlier losses made up in each year.
        offsets: (index of the loss year, index of the profit year, amount), in order.
        expired: losses that found no profit in time.
    """

    tax: Array
    taxable: Array
    used: Array
    offsets: tuple[tuple[int, int, float], ...]
    expired: float


@takes(profits=SERIES, rate=SHARE, loss_years=Rule(low=0, whole=True))
def income_tax(profits: ArrayLike, rate: float, loss_years: int = 5) -> IncomeTax:
    """Income tax of yearly profits; a loss is made up from the profits of the next `loss_years`.

    企业所得税法 (2008) art. 18: losses carry forward five years at most. Oldest first; what is left
    after that expires. No tax is paid back on a loss.

    Args:
        profits: before tax, by year; negative is a loss.
        rate: tax rate.
        loss_years: years a loss may be carried forward; 0 for not at all.

    >>> income_tax([-120.0, -50.0, 10.0, 30.0, 30.0, 40.0, 70.0], 0.25).tax.tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 5.0]
    """
    values = np.asarray(profits, dtype=np.float64)
    open_losses: dict[int, float] = {}
    used, offsets, expired = np.zeros(len(values)), [], 0.0
    for year, profit in enumerate(values.tolist()):
        for old in [y for y in open_losses if year - y > loss_years]:
            expired += open_losses.pop(old)
        left = max(profit, 0.0)
        for old in sorted(open_losses):
            part = min(left, open_losses[old])
            if part > 0.0:
                offsets.append((old, year, part))
                used[year] += part
                left -= part
                open_losses[old] -= part
        open_losses = {y: loss for y, loss in open_losses.items() if loss > 0.0}
        if profit < 0.0:
            open_losses[year] = -profit
    taxable = np.maximum(values, 0.0) - used
    return IncomeTax(
        tax=rate * taxable,
        taxable=taxable,
        used=used,
        offsets=tuple(offsets),
        expired=expired + sum(open_losses.values()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Vat:
    """VAT by year: payable, and the credit not yet used at the end of the year."""

    payable: Array
    credit: Array


@takes(output=SERIES, inputs=SERIES)
def value_added_tax(output: ArrayLike, inputs: ArrayLike, credit: ArrayLike | float = 0.0) -> Vat:
    """VAT payable: output less input tax; a surplus of input tax is carried forward, not refunded.

    增值税暂行条例 (2017) art. 4.

    Args:
        output: tax on sales by year.
        inputs: tax on purchases by year.
        credit: credit brought along: at the beginning, or what comes to it in each year.

    >>> value_added_tax([8687.0, 9652.0], [3478.0, 3865.0], 8000.0).payable.tolist()
    [0.0, 2996.0]
    """
    due, paid = np.asarray(output, dtype=np.float64), np.asarray(inputs, dtype=np.float64)
    same_length("value_added_tax.inputs", due, paid)
    net = due - paid
    brought = np.zeros(len(net))
    if np.ndim(credit) == 0:
        brought[:1] = np.asarray(credit)
    else:
        yearly = np.asarray(credit, dtype=np.float64)
        same_length("value_added_tax.credit", net, yearly)
        brought += yearly
    pool, payable, left = 0.0, [], []
    for due, more in zip(net.tolist(), brought.tolist(), strict=True):
        pool += more - due
        payable.append(max(0.0, -pool))
        pool = max(0.0, pool)
        left.append(pool)
    return Vat(payable=np.array(payable, dtype=np.float64), credit=np.array(left, dtype=np.float64))


@takes(vat_payable=SERIES, share=SHARE)
def surcharges(vat_payable: Array, share: float) -> Array:
    """City maintenance tax and education surcharges on VAT payable (税金及附加).

    >>> surcharges(np.array([2996.0]), 0.12).round(2).tolist()
    [359.52]
    """
    return share * vat_payable
