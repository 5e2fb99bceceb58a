"""Profit, taxes, cash and balance sheet of every year, from investment and operation.

The profit table is without VAT; the cash tables are with it unless the conventions say otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainsim.finance.investment import Investment
from chainsim.finance.operation import Operation
from chainsim.finance.project import Conventions, Project
from chainsim.finance.rates import Array
from chainsim.finance.taxes import IncomeTax, income_tax


@dataclass(frozen=True, slots=True, kw_only=True)
class Profit:
    """Profit by year."""

    ebit: Array
    interest: Array
    before_tax: Array
    tax: IncomeTax
    bare_ebit: Array
    """EBIT that does not know how the project is financed."""
    bare_tax: Array
    """Income tax on it (调整所得税)."""

    @property
    def net(self) -> Array:
        """Net profit."""
        return self.before_tax - self.tax.tax


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """Where net profit goes, and the cash left."""

    reserve: Array
    """Statutory surplus reserve put in."""
    dividends: Array
    retained: Array
    """Undistributed profit at year end."""
    surplus: Array
    """Cash left of the year."""

    @property
    def cash(self) -> Array:
        """Cash at year end; negative where the project runs short."""
        return np.cumsum(self.surplus)


def profits(
    project: Project, conventions: Conventions, built: Investment, run: Operation
) -> Profit:
    """Profit and income tax of a project."""
    earned = run.revenue - run.surcharges - run.cost
    ebit = earned - built.expense
    interest = built.loan.interest + run.capital_interest
    bare = conventions.unlevered_depreciation == "without_interest"
    bare_ebit = earned - built.bare_expense if bare else ebit
    taxes = project.taxes
    return Profit(
        ebit=ebit,
        interest=interest,
        before_tax=ebit - interest,
        tax=income_tax(ebit - interest, taxes.income, taxes.loss_years),
        bare_ebit=bare_ebit,
        bare_tax=income_tax(bare_ebit, taxes.income, taxes.loss_years).tax,
    )


def distribute(project: Project, built: Investment, run: Operation, profit: Profit) -> Distribution:
    """Reserve, dividends and cash by year: dividends are paid as far as there is cash."""
    taxes, net = project.taxes, profit.net
    cap = taxes.reserve_cap * float(built.equity.sum() + capital_equity(run).sum())
    before = _before_dividends(built, run, profit)
    reserve, dividends, retained = (np.zeros(project.years) for _ in range(3))
    held = saved = cash = 0.0
    for year in range(project.years):
        cash += float(before[year])
        available = held + float(net[year])
        base = max(0.0, min(float(net[year]), available))
        reserve[year] = min(taxes.reserve * base, max(0.0, cap - saved))
        saved += reserve[year]
        free = available - float(reserve[year])
        dividends[year] = max(0.0, min(taxes.dividends * free, cash))
        cash -= dividends[year]
        held = retained[year] = free - dividends[year]
    return Distribution(
        reserve=reserve, dividends=dividends, retained=retained, surplus=before - dividends
    )


def capital_equity(run: Operation) -> Array:
    """The part of working capital that equity puts in."""
    return run.capital_increase - run.capital_draws


def _before_dividends(built: Investment, run: Operation, profit: Profit) -> Array:
    """Cash of a year before dividends: operation less taxes, investment and debt service."""
    operation = operating_cash(run) - profit.tax.tax
    invested = built.gross + built.renewed.gross + built.paid_interest + run.capital_increase
    funded = built.equity + built.draws + capital_equity(run) + run.capital_draws
    return operation - invested + funded - built.loan.payment - run.capital_interest


def operating_cash(run: Operation) -> Array:
    """Cash from operation with VAT, before income tax."""
    received = run.revenue + run.output_tax + run.refund
    return received - run.cost - run.input_tax - run.vat - run.surcharges


# -- cash tables ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What comes back in the last year."""

    assets: Array
    """Book value of assets."""
    bare_assets: Array
    """The same without interest of construction."""
    capital: Array
    """Working capital."""
    capital_loan: Array
    """Its borrowed part, given back."""


def recover(conventions: Conventions, built: Investment, run: Operation) -> Recovery:
    """Residual value and working capital in the last year."""
    last = np.zeros(len(run.revenue))
    last[-1] = 1.0 if conventions.recovery == "last_year" else 0.0
    bare = conventions.unlevered_depreciation == "without_interest"
    book = float(built.fixed.book[-1] + built.intangible.book[-1])
    bare_book = float(built.bare_fixed.book[-1] + built.bare_intangible.book[-1])
    end = np.zeros(len(last))
    end[-1] = 1.0
    return Recovery(
        assets=book * last,
        bare_assets=(bare_book if bare else book) * last,
        capital=float(run.capital[-1]) * last,
        capital_loan=float(run.capital_loan[-1]) * end,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cash:
    """Net cash flows by year."""

    before_tax: Array
    """Of the project, before financing and income tax."""
    after_tax: Array
    """Of the project, after tax."""
    equity: Array
    """Of the equity."""


def cash_flows(
    conventions: Conventions, built: Investment, run: Operation, profit: Profit, back: Recovery
) -> Cash:
    """The three net cash flows."""
    hidden = np.zeros(len(run.revenue))
    earned = operating_cash(run) - built.renewed.gross
    if conventions.cash_vat == "without":
        earned = run.revenue - run.cost - run.surcharges - built.renewed.gross
        if conventions.construction_vat != "capitalised":
            earned += built.renewed.vat
            hidden = built.vat
    before = earned - built.gross + hidden - run.capital_increase + back.bare_assets + back.capital
    equity = (
        earned
        - built.equity
        + hidden
        - capital_equity(run)
        - built.loan.payment
        - run.capital_interest
        - profit.tax.tax
        + back.assets
        + back.capital
        - back.capital_loan
    )
    return Cash(before_tax=before, after_tax=before - profit.bare_tax, equity=equity)
