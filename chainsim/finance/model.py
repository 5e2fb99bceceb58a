"""All yearly flows of a project, in the order in which they follow from each other."""

from __future__ import annotations

from dataclasses import dataclass

from chainsim.finance.investment import Investment, invest
from chainsim.finance.operation import Operation, operate
from chainsim.finance.profit import (
    Cash,
    Distribution,
    Profit,
    Recovery,
    cash_flows,
    distribute,
    profits,
    recover,
)
from chainsim.finance.project import Conventions, Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """Yearly flows; every array covers construction and operation."""

    investment: Investment
    operation: Operation
    profit: Profit
    distribution: Distribution
    recovery: Recovery
    cash: Cash


def flows_of(project: Project, conventions: Conventions) -> Flows:
    """Reckon a project through; it must have been checked."""
    built = invest(project, conventions)
    run = operate(project, conventions, built)
    profit = profits(project, conventions, built, run)
    back = recover(conventions, built, run)
    return Flows(
        investment=built,
        operation=run,
        profit=profit,
        distribution=distribute(project, built, run, profit),
        recovery=back,
        cash=cash_flows(conventions, built, run, profit, back),
    )
