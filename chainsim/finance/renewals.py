"""Sustaining investment (维持运营投资): what is renewed in operation, its VAT, its write-off.

All arrays cover every year of the project. Spend falls at the end of its year; it is written off
from the next one on, over its own life, and its book value comes back in the last year.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainsim.finance.project import Conventions, Project, Renewal
from chainsim.finance.rates import Array
from chainsim.finance.taxes import straight_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """Renewals by year."""

    net: Array
    """Spend without VAT."""
    vat: Array
    """Its input tax."""
    expense: Array
    """Written off."""
    book: Array
    """Book value at year end."""

    @property
    def gross(self) -> Array:
        """Spend with VAT."""
        return self.net + self.vat


def renew(project: Project, conventions: Conventions) -> Renewed:
    """Renewals of a project as the conventions treat them."""
    found = Renewed(
        net=np.zeros(project.years),
        vat=np.zeros(project.years),
        expense=np.zeros(project.years),
        book=np.zeros(project.years),
    )
    if conventions.renewals == "left_out":
        return found
    for item in project.renewals:
        for year, amount in enumerate(item.spend_cny, start=project.construction_years):
            found.net[year] += amount
            found.vat[year] += amount * item.vat
            _write_off(found, conventions, item, year, amount)
    return found


def _write_off(
    found: Renewed, conventions: Conventions, item: Renewal, year: int, amount: float
) -> None:
    """What is spent in one year, over the years behind it or in that year alone."""
    cost = amount * (1.0 + item.vat if conventions.construction_vat == "capitalised" else 1.0)
    if conventions.renewals == "expensed":
        found.expense[year] += cost
        return
    behind = slice(year + 1, None)
    yearly = straight_line(cost, item.residual, item.life_a, len(found.net) - year - 1)
    found.expense[behind] += yearly
    found.book[year:] += cost
    found.book[behind] -= np.cumsum(yearly)
