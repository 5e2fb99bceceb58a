"""Whether a project can be reckoned, and what a reader should be told of one that was."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from chainsim.errors import Problem, ScenarioError
from chainsim.finance.model import Flows
from chainsim.finance.project import Line, Part, Project, Renewal

_ROUNDING = 1e-9


def check_project(project: Project) -> None:
    """Raise ScenarioError with every reason why a project cannot be appraised.

    Raises:
        ScenarioError: CS-N001 to CS-N006.
    """
    problems = list(_problems(project))
    if problems:
        raise ScenarioError(problems)


def _problems(project: Project) -> Iterator[Problem]:
    if not any(sum(part.spend_cny) > 0.0 for part in project.parts):
        yield Problem(code="CS-N001", path="investment")
    if not project.load or max(project.load) <= 0.0:
        yield Problem(code="CS-N002", path="ramp", found=str(list(project.load)), expected="> 0")
    for part in project.parts:
        yield from _part(part)
    for item in project.renewals:
        yield from _renewal(item, project.operation_years)
    for line in (*project.products, *project.costs):
        yield from _line(line, project.operation_years)
    yield from _terms(project)


def _part(part: Part) -> Iterator[Problem]:
    path = f"investment.{part.key}"
    if not all(math.isfinite(x) and x >= 0.0 for x in part.spend_cny):
        yield Problem(code="CS-N003", path=path, found=str(list(part.spend_cny)), expected=">= 0")
    if not part.life_a > 0.0:
        yield Problem(code="CS-N003", path=f"{path}.life", found=str(part.life_a), expected="> 0")


def _renewal(item: Renewal, years: int) -> Iterator[Problem]:
    path = f"renewals.{item.key}"
    if len(item.spend_cny) != years:
        found, expected = str(len(item.spend_cny)), str(years)
        yield Problem(code="CS-N004", path=path, found=found, expected=expected)
    if not all(math.isfinite(x) and x >= 0.0 for x in item.spend_cny):
        yield Problem(code="CS-N003", path=path, found=str(list(item.spend_cny)), expected=">= 0")
    if not item.life_a > 0.0:
        yield Problem(code="CS-N003", path=f"{path}.life", found=str(item.life_a), expected="> 0")


def _line(line: Line, years: int) -> Iterator[Problem]:
    path = f"{'products' if line.kind == 'product' else 'costs'}.{line.key}"
    for values in (line.yearly_cny, line.quantity or line.yearly_cny):
        if len(values) != years:
            yield Problem(code="CS-N004", path=path, found=str(len(values)), expected=str(years))
    if not all(math.isfinite(x) for x in (*line.yearly_cny, *line.quantity)):
        yield Problem(code="CS-N003", path=path, found="nan | inf", expected="-inf < x < inf")


def _terms(project: Project) -> Iterator[Problem]:
    loan, need = project.financing, project.working_capital.need_cny
    if not 1 <= loan.years <= max(project.operation_years, 1):
        expected = f"1 … {project.operation_years}"
        yield Problem(code="CS-N005", path="loan.years", found=str(loan.years), expected=expected)
    if need is not None and len(need) != project.operation_years:
        found, expected = str(len(need)), str(project.operation_years)
        yield Problem(code="CS-N004", path="working_capital", found=found, expected=expected)
    yield from _draws(project)
    if not project.hurdle > -1.0:
        yield Problem(code="CS-N003", path="hurdle", found=str(project.hurdle), expected="> -1")


def _draws(project: Project) -> Iterator[Problem]:
    """Loans drawn must fit the years of construction and what is spent in them."""
    draws = project.financing.draws_cny
    if draws is None:
        return
    years = project.construction_years
    if len(draws) > years:
        yield Problem(code="CS-N004", path="loan.draws", found=str(len(draws)), expected=str(years))
        return
    for year, draw in enumerate(draws):
        spent = sum(
            p.spend_cny[year] * (1.0 + p.vat) for p in project.parts if year < len(p.spend_cny)
        )
        if not 0.0 <= draw <= spent * (1.0 + _ROUNDING):
            yield Problem(
                code="CS-N006",
                path="loan.draws",
                found=f"{draw:g}",
                expected=f"0 … {spent:.12g}",
                params={"year": year + 1},
            )


def warnings_of(project: Project, flows: Flows) -> tuple[Problem, ...]:
    """What a reader should know of the flows of a project."""
    found = []
    cash = flows.distribution.cash
    scale = float(np.abs(flows.investment.gross).sum())
    short = np.flatnonzero(cash < -_ROUNDING * scale)
    if len(short):
        found.append(
            Problem(
                code="CS-N007",
                severity="warning",
                path=project.id,
                found=f"{float(cash.min()) / 1.0:,.0f} CNY",
                params={"first": int(short[0]) + 1, "last": int(short[-1]) + 1},
            )
        )
    if flows.profit.tax.expired > _ROUNDING * scale:
        expired = f"{flows.profit.tax.expired:,.0f} CNY"
        found.append(Problem(code="CS-N008", severity="warning", path=project.id, found=expired))
    if flows.operation.credit[-1] > _ROUNDING * scale:
        left = f"{float(flows.operation.credit[-1]):,.0f} CNY"
        found.append(Problem(code="CS-N009", severity="warning", path=project.id, found=left))
    return tuple(found)
