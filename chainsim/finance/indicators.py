"""The indicators of a feasibility study, each with its value or the reason why it has none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from chainsim.finance import ratios
from chainsim.finance.model import Flows
from chainsim.finance.profit import capital_equity
from chainsim.finance.project import Conventions, Project
from chainsim.finance.rates import Array, Rates, irr, levelised_cost, npv, payback


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One figure: CNY, a share, years, or money per unit of a product."""

    value: float | None
    unit: str
    reason: str = ""
    """Why there is no value: `no_sign_change`, `no_root`, `out_of_range`, `several`,
    `loan`, `never`, `no_interest`, `no_margin`, `no_equity`, `no_quantity`, `no_revenue`."""
    roots: tuple[float, ...] = ()
    """Every rate of return found."""


def indicators_of(project: Project, conventions: Conventions, flows: Flows) -> dict[str, Indicator]:
    """All indicators by key."""
    return dict(
        [
            *_sums(project, flows),
            *_worth(project, conventions, flows),
            *_returns(project, flows),
            *_solvency(project, flows),
            *_break_even(project, flows),
            *(
                (f"levelised.{key}", value)
                for key, value in levelised(project, conventions, flows).items()
            ),
        ]
    )


Found = Iterator[tuple[str, Indicator]]


def _money(value: float) -> Indicator:
    return Indicator(value=value, unit="CNY")


def total_investment(flows: Flows) -> float:
    """Total investment (项目总投资): construction with VAT, its interest, working capital, CNY."""
    built, run = flows.investment, flows.operation
    return float(built.gross.sum() + built.interest.sum() + run.capital.max(initial=0.0))


def total_equity(flows: Flows) -> float:
    """Equity paid in (项目资本金), CNY."""
    return float(
        flows.investment.equity.sum() + np.maximum(capital_equity(flows.operation), 0).sum()
    )


def _sums(project: Project, flows: Flows) -> Found:
    built, run, profit = flows.investment, flows.operation, flows.profit
    years = slice(project.construction_years, None)
    yield "construction_cny", _money(float(built.gross.sum()))
    yield "construction_interest_cny", _money(float(built.interest.sum()))
    yield "working_capital_cny", _money(float(run.capital.max(initial=0.0)))
    yield "renewals_cny", _money(float(built.renewed.gross.sum()))
    yield "investment_cny", _money(total_investment(flows))
    yield "equity_cny", _money(total_equity(flows))
    yield "revenue_cny", _money(float(run.revenue[years].mean()))
    yield "operating_cost_cny", _money(float(run.cost[years].mean()))
    yield "profit_cny", _money(float(profit.before_tax[years].mean()))
    yield "net_profit_cny", _money(float(profit.net[years].mean()))
    yield "vat_cny", _money(float(run.vat[years].mean()))
    yield "income_tax_cny", _money(float(profit.tax.tax[years].mean()))


def _worth(project: Project, conventions: Conventions, flows: Flows) -> Found:
    cash = flows.cash
    for key, values in (
        ("before_tax", cash.before_tax),
        ("after_tax", cash.after_tax),
        ("equity", cash.equity),
    ):
        yield f"fnpv_{key}_cny", _money(npv(values, project.hurdle, conventions.discounting))
        yield f"firr_{key}", _rate(irr(values))
    for key, values in (("before_tax", cash.before_tax), ("after_tax", cash.after_tax)):
        for kind, rate in (("static", 0.0), ("dynamic", project.hurdle)):
            yield f"payback_{kind}_{key}_y", _payback(project, conventions, values, rate)


def _rate(found: Rates) -> Indicator:
    return Indicator(value=found.value, unit="ratio", reason=found.reason, roots=found.roots)


def _payback(project: Project, conventions: Conventions, values: Array, rate: float) -> Indicator:
    years = payback(values, rate, conventions.discounting)
    if years is None:
        return Indicator(value=None, unit="a", reason="never")
    if conventions.payback_from == "operation":
        years = max(0.0, years - project.construction_years)
    return Indicator(value=years, unit="a")


def _returns(project: Project, flows: Flows) -> Found:
    years = slice(project.construction_years, None)
    ebit, net = float(flows.profit.ebit[years].mean()), float(flows.profit.net[years].mean())
    roi = ratios.return_on_investment(ebit, total_investment(flows))
    roe = ratios.return_on_equity(net, total_equity(flows))
    yield "roi", Indicator(value=roi, unit="ratio")
    yield "roe", Indicator(value=roe, unit="ratio", reason="" if roe is not None else "no_equity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """Cover of interest and debt service by year; None in years without any."""

    interest: tuple[float | None, ...]
    service: tuple[float | None, ...]


def cover(flows: Flows) -> Cover:
    """ICR and DSCR of every year."""
    profit, built = flows.profit, flows.investment
    ebitda = profit.ebit + built.expense
    principal = built.loan.principal
    rows = zip(
        profit.ebit.tolist(),
        ebitda.tolist(),
        profit.tax.tax.tolist(),
        principal.tolist(),
        profit.interest.tolist(),
        built.renewed.net.tolist(),
        strict=True,
    )
    icr, dscr = [], []
    for ebit, cash, tax, repaid, interest, renewed in rows:
        icr.append(ratios.interest_cover(ebit, interest))
        served = ratios.debt_service_cover(cash, tax, repaid, interest, renewed)
        dscr.append(served if repaid > 0.0 else None)
    return Cover(interest=tuple(icr), service=tuple(dscr))


def _solvency(project: Project, flows: Flows) -> Found:
    """Least and mean cover while the loan is repaid; debt ratio; cash."""
    found = cover(flows)
    repaying = [x is not None for x in found.service]
    for key, series in (("icr", found.interest), ("dscr", found.service)):
        values = [x for x, now in zip(series, repaying, strict=True) if now and x is not None]
        reason = "" if values else "no_interest"
        least = min(values) if values else None
        mean = sum(values) / len(values) if values else None
        yield f"{key}_min", Indicator(value=least, unit="ratio", reason=reason)
        yield f"{key}_mean", Indicator(value=mean, unit="ratio", reason=reason)
    yield "cash_min_cny", _money(float(flows.distribution.cash.min()))


def _break_even(project: Project, flows: Flows) -> Found:
    """In the first year at full load."""
    run, built = flows.operation, flows.investment
    year = project.construction_years + project.full_year
    variable = float(run.variable[year])
    fixed = float(run.cost[year]) - variable + float(built.expense[year])
    fixed += float(flows.profit.interest[year])
    revenue, surcharges = float(run.revenue[year]), float(run.surcharges[year])
    load = ratios.break_even_load(fixed, revenue, variable, surcharges)
    price = ratios.break_even_price(fixed, revenue, variable, surcharges)
    yield "bep_load", Indicator(value=load, unit="ratio", reason="" if load else "no_margin")
    yield "bep_price", Indicator(value=price, unit="ratio", reason="" if price else "no_margin")
    yield "bep_year", Indicator(value=float(year + 1), unit="")


def levelised(project: Project, conventions: Conventions, flows: Flows) -> dict[str, Indicator]:
    """Levelised cost of every product with a quantity, before income tax, without VAT.

    Cost: construction, renewals, working capital, operating cost and surcharges less what comes
    back in the last year. By `revenue`, each product bears its share of the present value of
    revenue; by `credit`, the product with the largest revenue bears all, less what the others earn.
    """
    run, built, back = flows.operation, flows.investment, flows.recovery
    timing, rate = conventions.discounting, project.hurdle
    costs = (
        (built.net + built.renewed.net + run.capital_increase + run.cost + run.surcharges)
        - back.bare_assets
        - back.capital
    )
    zero = np.zeros(project.construction_years)
    worth = {
        p.key: npv(np.concatenate([zero, p.yearly_cny]), rate, timing) for p in project.products
    }
    total = sum(worth.values())
    found = {}
    for product in project.products:
        unit = f"CNY/{product.unit}" if product.unit else "CNY"
        if not total > 0.0 and len(worth) > 1:
            found[product.key] = Indicator(value=None, unit=unit, reason="no_revenue")
            continue
        share = worth[product.key] / total if total > 0.0 else 1.0
        others = np.zeros(project.years)
        if conventions.levelised_by == "credit":
            if worth[product.key] < max(worth.values()):
                continue
            share = 1.0
            for other in project.products:
                if other.key != product.key:
                    others[project.construction_years :] += other.yearly_cny
        if not product.quantity:
            continue
        quantity = np.concatenate([zero, product.quantity])
        value = levelised_cost(share * costs - others, quantity, rate, timing)
        reason = "" if value is not None else "no_quantity"
        found[product.key] = Indicator(value=value, unit=unit, reason=reason)
    return found
