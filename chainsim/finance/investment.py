"""Construction: spend, where its money comes from, interest, and how assets are written off.

All arrays cover every year of the project, those of construction first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainsim.finance.loans import Schedule, interest_during_construction, repayment
from chainsim.finance.project import Conventions, Part, Project
from chainsim.finance.rates import Array
from chainsim.finance.renewals import Renewed, renew
from chainsim.finance.taxes import straight_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Assets of one kind by year: depreciation or amortisation, and book value at year end."""

    expense: Array
    book: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Investment:
    """Investment by year."""

    net: Array
    """Spend without VAT."""
    vat: Array
    """Its input tax."""
    interest: Array
    """Interest of construction."""
    paid_interest: Array
    """The part of it that equity pays."""
    draws: Array
    equity: Array
    loan: Schedule
    """The long-term loan; interest and principal are those of operation."""
    fixed: Written
    intangible: Written
    bare_fixed: Written
    """The same without interest of construction."""
    bare_intangible: Written
    in_progress: Array
    """Assets under construction at year end."""
    renewed: Renewed
    """Sustaining investment; its assets stand among the fixed ones."""

    @property
    def gross(self) -> Array:
        """Spend with VAT."""
        return self.net + self.vat

    @property
    def expense(self) -> Array:
        """Depreciation and amortisation."""
        return self.fixed.expense + self.intangible.expense

    @property
    def bare_expense(self) -> Array:
        """Depreciation and amortisation without interest of construction."""
        return self.bare_fixed.expense + self.bare_intangible.expense


def invest(project: Project, conventions: Conventions) -> Investment:
    """Spend, funding and assets of a project."""
    built, count = project.construction_years, project.years
    net, vat = np.zeros(count), np.zeros(count)
    for part in project.parts:
        net[: len(part.spend_cny)] += part.spend_cny
        vat[: len(part.spend_cny)] += np.array(part.spend_cny) * part.vat
    draws, interest = _borrowed(project, conventions, (net + vat)[:built])
    capitalised = conventions.interest_paid == "capitalised"
    principal = float(draws.sum() + (interest.sum() if capitalised else 0.0))
    equity = np.zeros(count)
    equity[:built] = (net + vat)[:built] - draws + (0.0 if capitalised else interest)
    charged = _fitted(interest, count)
    with_vat = conventions.construction_vat == "capitalised"
    worth = net + charged + (vat if with_vat else 0.0)
    extra = float(interest.sum())
    renewed = renew(project, conventions)
    return Investment(
        net=net,
        vat=vat,
        interest=charged,
        paid_interest=np.zeros(count) if capitalised else charged,
        draws=_fitted(draws, count),
        equity=equity,
        loan=_loan(project, principal, draws + (interest if capitalised else 0.0)),
        fixed=_with(_written(project, extra, with_vat=with_vat, intangible=False), renewed),
        intangible=_written(project, extra, with_vat=with_vat, intangible=True),
        bare_fixed=_with(_written(project, 0.0, with_vat=with_vat, intangible=False), renewed),
        bare_intangible=_written(project, 0.0, with_vat=with_vat, intangible=True),
        in_progress=np.where(np.arange(count) < built, np.cumsum(worth), 0.0),
        renewed=renewed,
    )


def _with(assets: Written, renewed: Renewed) -> Written:
    return Written(expense=assets.expense + renewed.expense, book=assets.book + renewed.book)


def _borrowed(project: Project, conventions: Conventions, spend: Array) -> tuple[Array, Array]:
    """Loan drawn and interest by year of construction."""
    terms = project.financing
    if terms.draws_cny is not None:
        draws = _fitted(np.array(terms.draws_cny, dtype=np.float64), len(spend))
    else:
        draws = (1.0 - terms.equity_share) * spend
    interest = interest_during_construction(
        draws,
        terms.rate,
        conventions.construction_interest,
        capitalised=conventions.interest_paid == "capitalised",
    )
    return draws, interest


def _loan(project: Project, principal: float, grown: Array) -> Schedule:
    """The loan over all years: it grows while the plant is built, then it is paid back."""
    terms, count, built = project.financing, project.years, project.construction_years
    plan = repayment(terms.method, principal, terms.rate, terms.years)
    owed = np.cumsum(grown)
    opening, closing = np.zeros(count), np.zeros(count)
    closing[:built] = owed
    opening[1:built] = owed[:-1]
    years = slice(built, built + terms.years)
    opening[years], closing[years] = plan.opening, plan.closing
    principal_, interest = np.zeros(count), np.zeros(count)
    principal_[years], interest[years] = plan.principal, plan.interest
    return Schedule(opening=opening, interest=interest, principal=principal_, closing=closing)


def _written(project: Project, interest: float, *, with_vat: bool, intangible: bool) -> Written:
    """How the fixed or the intangible assets are written off, a share of the interest with them."""
    count, built = project.years, project.construction_years
    expense, book = np.zeros(count), np.zeros(count)
    bearing = [p for p in project.parts if not p.intangible] or list(project.parts)
    base = sum(_cost(p, with_vat=with_vat) for p in bearing)
    for part in project.parts:
        if part.intangible != intangible:
            continue
        cost = _cost(part, with_vat=with_vat)
        if part in bearing and base > 0.0:
            cost += interest * cost / base
        yearly = straight_line(cost, part.residual, part.life_a, project.operation_years)
        expense[built:] += yearly
        book[built:] += cost - np.cumsum(yearly)
    return Written(expense=expense, book=book)


def _cost(part: Part, *, with_vat: bool) -> float:
    return sum(part.spend_cny) * (1.0 + part.vat if with_vat else 1.0)


def _fitted(values: Array, count: int) -> Array:
    """`values` with zeros behind them, `count` in all."""
    return np.concatenate([values, np.zeros(count - len(values))])
