"""The statements of a feasibility study as tables: rows are items, columns the years 1 to n, CNY.

Row keys are stable; their numbers and names in Chinese and English stand with the reports. An
item of one product or cost line is `item:line`. An empty cell is NaN.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from chainsim.finance.indicators import cover
from chainsim.finance.model import Flows
from chainsim.finance.profit import capital_equity
from chainsim.finance.project import KINDS, Conventions, Line, Project
from chainsim.finance.rates import Array, discount_factors

Rows = Iterator[tuple[str, Array]]
TABLES: Final = (
    "investment",
    "funding",
    "revenue",
    "cost",
    "profit",
    "project_cash",
    "equity_cash",
    "plan_cash",
    "loan",
    "balance",
)
"""Every statement, in the order of a study."""


def statements_of(
    project: Project, conventions: Conventions, flows: Flows
) -> Mapping[str, pd.DataFrame]:
    """All statements by key."""
    makers = {
        "funding": _funding(flows),
        "revenue": _revenue(project, flows),
        "cost": _cost(project, flows),
        "profit": _profit(project, flows),
        "project_cash": _project_cash(project, conventions, flows),
        "equity_cash": _equity_cash(conventions, flows),
        "plan_cash": _plan_cash(flows),
        "loan": _loan(flows),
        "balance": _balance(flows),
    }
    tables = {key: _table(project, rows) for key, rows in makers.items()}
    return {"investment": _investment(project, flows)} | tables


def _table(project: Project, rows: Rows) -> pd.DataFrame:
    found = dict(rows)
    years = range(1, project.years + 1)
    return pd.DataFrame(
        np.array(list(found.values())), index=list(found), columns=list(years), dtype="float64"
    )


def _investment(project: Project, flows: Flows) -> pd.DataFrame:
    """Total investment: part by part without VAT, VAT, with VAT."""
    built = flows.investment
    rows: dict[str, Sequence[float]] = {}
    for part in project.parts:
        net = sum(part.spend_cny)
        rows[f"part:{part.key}"] = (net, net * part.vat)
    rows["construction"] = (float(built.net.sum()), float(built.vat.sum()))
    rows["construction_interest"] = (float(built.interest.sum()), 0.0)
    rows["working_capital"] = (float(flows.operation.capital.max(initial=0.0)), 0.0)
    rows["total"] = tuple(
        sum(rows[k][i] for k in ("construction", "construction_interest", "working_capital"))
        for i in (0, 1)
    )
    frame = pd.DataFrame(
        list(rows.values()), index=list(rows), columns=["net", "vat"], dtype="float64"
    )
    return frame.assign(gross=frame["net"] + frame["vat"])


def _funding(flows: Flows) -> Rows:
    """Investment plan and its funding by year."""
    built, run = flows.investment, flows.operation
    own = capital_equity(run)
    yield "total", built.gross + built.interest + run.capital_increase
    yield "construction", built.gross
    yield "construction_interest", built.interest
    yield "working_capital", run.capital_increase
    yield "sources", built.equity + own + built.draws + _added(flows) + run.capital_draws
    yield "equity", built.equity + own
    yield "equity_construction", built.equity
    yield "equity_capital", own
    yield "debt", built.draws + _added(flows) + run.capital_draws
    yield "debt_construction", built.draws
    yield "debt_interest", _added(flows)
    yield "debt_capital", run.capital_draws


def _added(flows: Flows) -> Array:
    """Interest of construction added to the loan."""
    return flows.investment.interest - flows.investment.paid_interest


def _revenue(project: Project, flows: Flows) -> Rows:
    """Revenue, VAT and surcharges."""
    run, built = flows.operation, flows.investment
    yield "load", np.concatenate([np.zeros(project.construction_years), project.load])
    yield "revenue", run.revenue
    yield from _lines(project, "product", project.products)
    yield "vat", run.vat
    yield "output_tax", run.output_tax
    yield "input_tax", run.input_tax
    yield "construction_tax", built.vat
    yield "renewal_tax", built.renewed.vat
    yield "refund", run.refund
    yield "credit", run.credit
    yield "surcharges", run.surcharges


def _lines(project: Project, item: str, lines: Sequence[Line]) -> Rows:
    zero = np.zeros(project.construction_years)
    for line in lines:
        yield f"{item}:{line.key}", np.concatenate([zero, line.yearly_cny])


def _cost(project: Project, flows: Flows) -> Rows:
    """Total cost by kind."""
    run, built, profit = flows.operation, flows.investment, flows.profit
    for kind in KINDS:
        yield kind, run.by_kind[kind]
        yield from _lines(project, "cost", [x for x in project.costs if x.kind == kind])
    total = run.cost + built.expense + profit.interest
    yield "operating_cost", run.cost
    yield "depreciation", built.fixed.expense
    yield "amortisation", built.intangible.expense
    yield "interest", profit.interest
    yield "interest_loan", built.loan.interest
    yield "interest_capital", run.capital_interest
    yield "total_cost", total
    yield "variable", run.variable
    yield "fixed", total - run.variable


def _profit(project: Project, flows: Flows) -> Rows:
    """Profit and its distribution."""
    run, built, profit, rest = (
        flows.operation,
        flows.investment,
        flows.profit,
        flows.distribution,
    )
    opening = np.concatenate([[0.0], rest.retained[:-1]])
    yield "revenue", run.revenue
    yield "surcharges", run.surcharges
    yield "total_cost", run.cost + built.expense + profit.interest
    yield "profit", profit.before_tax
    yield "losses_used", profit.tax.used
    yield "taxable", profit.tax.taxable
    yield "income_tax", profit.tax.tax
    yield "net_profit", profit.net
    yield "opening_retained", opening
    yield "distributable", profit.net + opening
    yield "reserve", rest.reserve
    yield "dividends", rest.dividends
    yield "retained", rest.retained
    yield "ebit", profit.ebit
    yield "ebitda", profit.ebit + built.expense


def _operation(conventions: Conventions, flows: Flows) -> tuple[list[tuple[str, Array]], ...]:
    """What operation receives and pays in the cash tables."""
    run = flows.operation
    receipts, payments = [("revenue", run.revenue)], [("operating_cost", run.cost)]
    if conventions.cash_vat == "with":
        receipts += [("output_tax", run.output_tax), ("refund", run.refund)]
        payments += [("input_tax", run.input_tax), ("vat", run.vat)]
    payments.append(("surcharges", run.surcharges))
    return receipts, payments


def _spent(conventions: Conventions, flows: Flows) -> Array:
    built = flows.investment
    hidden = conventions.cash_vat == "without" and conventions.construction_vat != "capitalised"
    return built.net if hidden else built.gross


def _renewed(conventions: Conventions, flows: Flows) -> Array:
    renewed = flows.investment.renewed
    hidden = conventions.cash_vat == "without" and conventions.construction_vat != "capitalised"
    return renewed.net if hidden else renewed.gross


def _project_cash(project: Project, conventions: Conventions, flows: Flows) -> Rows:
    """Cash flow of the project before financing."""
    back, cash, run = flows.recovery, flows.cash, flows.operation
    receipts, payments = _operation(conventions, flows)
    receipts += [("assets_back", back.bare_assets), ("capital_back", back.capital)]
    payments = [
        ("construction", _spent(conventions, flows)),
        ("working_capital", run.capital_increase),
        *payments,
        ("renewals", _renewed(conventions, flows)),
    ]
    yield "inflow", _total(receipts)
    yield from receipts
    yield "outflow", _total(payments)
    yield from payments
    factors = discount_factors(project.hurdle, project.years, conventions.discounting)
    yield "net_before_tax", cash.before_tax
    yield "cumulated_before_tax", np.cumsum(cash.before_tax)
    yield "discounted_before_tax", np.cumsum(cash.before_tax * factors)
    yield "adjusted_tax", flows.profit.bare_tax
    yield "net_after_tax", cash.after_tax
    yield "cumulated_after_tax", np.cumsum(cash.after_tax)
    yield "discounted_after_tax", np.cumsum(cash.after_tax * factors)


def _total(items: Sequence[tuple[str, Array]]) -> Array:
    return np.asarray(sum(values for _, values in items), dtype=np.float64)


def _equity_cash(conventions: Conventions, flows: Flows) -> Rows:
    """Cash flow of the equity."""
    back, run, built = flows.recovery, flows.operation, flows.investment
    receipts, payments = _operation(conventions, flows)
    receipts += [("assets_back", back.assets), ("capital_back", back.capital)]
    hidden = built.gross - _spent(conventions, flows)
    payments = [
        ("equity", built.equity - hidden + capital_equity(run)),
        ("principal", built.loan.principal + back.capital_loan),
        ("interest", flows.profit.interest),
        *payments,
        ("renewals", _renewed(conventions, flows)),
        ("income_tax", flows.profit.tax.tax),
    ]
    yield "inflow", _total(receipts)
    yield from receipts
    yield "outflow", _total(payments)
    yield from payments
    yield "net", flows.cash.equity
    yield "cumulated", np.cumsum(flows.cash.equity)


def _plan_cash(flows: Flows) -> Rows:
    """Financial plan: operation, investment, financing; what is left, before winding up."""
    run, built, rest = flows.operation, flows.investment, flows.distribution
    received = run.revenue + run.output_tax + run.refund
    paid = run.cost + run.input_tax + run.vat + run.surcharges + flows.profit.tax.tax
    yield "operating", received - paid
    yield "operating_in", received
    yield "operating_out", paid
    yield "investing", -(built.gross + built.renewed.gross + run.capital_increase)
    yield "construction", built.gross
    yield "renewals", built.renewed.gross
    yield "working_capital", run.capital_increase
    funds = built.equity + capital_equity(run) + built.draws + run.capital_draws
    service = built.loan.payment + run.capital_interest + built.paid_interest
    yield "financing", funds - service - rest.dividends
    yield "equity", built.equity + capital_equity(run)
    yield "loans", built.draws + run.capital_draws
    yield "principal", built.loan.principal
    yield "interest", flows.profit.interest + built.paid_interest
    yield "dividends", rest.dividends
    yield "surplus", rest.surplus
    yield "cash", rest.cash


def _loan(flows: Flows) -> Rows:
    """The loan: owed, drawn, interest, repayment, cover."""
    loan, built = flows.investment.loan, flows.investment
    covered = cover(flows)
    yield "opening", loan.opening
    yield "drawn", built.draws
    yield "construction_interest", _added(flows)
    yield "service", loan.payment
    yield "principal", loan.principal
    yield "interest", loan.interest
    yield "closing", loan.closing
    yield "icr", _cells(covered.interest)
    yield "dscr", _cells(covered.service)


def _cells(values: Sequence[float | None]) -> Array:
    return np.array([math.nan if x is None else x for x in values], dtype=np.float64)


def _balance(flows: Flows) -> Rows:
    """Balance sheet at year end, before winding up."""
    run, built, rest = flows.operation, flows.investment, flows.distribution
    paid_in = np.cumsum(built.equity + capital_equity(run))
    reserve = np.cumsum(rest.reserve)
    current = rest.cash + run.capital + run.credit
    assets = current + built.in_progress + built.fixed.book + built.intangible.book
    debt = built.loan.closing + run.capital_loan
    own = paid_in + reserve + rest.retained
    yield "assets", assets
    yield "current", current
    yield "cash", rest.cash
    yield "working_capital", run.capital
    yield "vat_credit", run.credit
    yield "in_progress", built.in_progress
    yield "fixed", built.fixed.book
    yield "intangible", built.intangible.book
    yield "liabilities_equity", debt + own
    yield "liabilities", debt
    yield "capital_loan", run.capital_loan
    yield "loan", built.loan.closing
    yield "equity", own
    yield "paid_in", paid_in
    yield "reserve", reserve
    yield "retained", rest.retained
    yield "debt_ratio", np.divide(debt, assets, out=np.zeros_like(debt), where=assets > 0.0)
