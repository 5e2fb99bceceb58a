"""Operation: revenue, cost, VAT, surcharges and working capital of every year.

All arrays cover every year of the project, those of construction (zero) first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from chainsim.finance.investment import Investment
from chainsim.finance.project import KINDS, Conventions, Line, Project
from chainsim.finance.rates import Array
from chainsim.finance.taxes import surcharges, value_added_tax


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What a project earns and spends by year, without VAT."""

    revenue: Array
    cost: Array
    """Operating cost: everything but depreciation, amortisation, interest and taxes."""
    by_kind: Mapping[str, Array]
    variable: Array
    output_tax: Array
    input_tax: Array
    vat: Array
    """VAT payable."""
    credit: Array
    """Input tax not yet used, at year end."""
    refund: Array
    """Input tax of construction paid back."""
    surcharges: Array
    capital: Array
    """Working capital at year end."""
    capital_loan: Array
    capital_interest: Array

    @property
    def capital_increase(self) -> Array:
        """Working capital put in; negative where it comes back."""
        return np.diff(self.capital, prepend=0.0)

    @property
    def capital_draws(self) -> Array:
        """The borrowed part of what is put in."""
        return np.diff(self.capital_loan, prepend=0.0)


def operate(project: Project, conventions: Conventions, built: Investment) -> Operation:
    """Operation of a project."""
    years = project.construction_years
    revenue = _sum(project, project.products)
    kinds: dict[str, Array] = {
        kind: _sum(project, [x for x in project.costs if x.kind == kind]) for kind in KINDS
    }
    cost = _sum(project, project.costs)
    output_tax = _sum(project, project.products, tax=True)
    input_tax = _sum(project, project.costs, tax=True)
    refund = np.zeros(project.years)
    if conventions.construction_vat == "refunded" and project.operation_years:
        refund[years] = float(built.vat.sum())
    brought = built.vat + built.renewed.vat
    if conventions.construction_vat == "capitalised":
        brought = np.zeros(project.years)
    tax = value_added_tax(output_tax + refund, input_tax, brought)
    terms = project.working_capital
    capital = np.zeros(project.years)
    capital[years:] = terms.share * cost[years:] if terms.need_cny is None else terms.need_cny
    borrowed = (1.0 - terms.equity_share) * capital
    return Operation(
        revenue=revenue,
        cost=cost,
        by_kind=kinds,
        variable=_sum(project, [x for x in project.costs if x.variable]),
        output_tax=output_tax,
        input_tax=input_tax,
        vat=tax.payable,
        credit=tax.credit,
        refund=refund,
        surcharges=surcharges(tax.payable, project.taxes.surcharges),
        capital=capital,
        capital_loan=borrowed,
        capital_interest=terms.rate * borrowed,
    )


def _sum(project: Project, lines: Iterable[Line], *, tax: bool = False) -> Array:
    """Sum of lines (or of their VAT) over all years of the project."""
    total = np.zeros(project.years)
    for line in lines:
        total[project.construction_years :] += np.array(line.yearly_cny) * (
            line.vat if tax else 1.0
        )
    return total
