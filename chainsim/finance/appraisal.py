"""`appraise`: a project and its conventions -> every yearly flow and the indicators of a study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from chainsim.errors import Problem
from chainsim.finance.checks import check_project, warnings_of
from chainsim.finance.indicators import Indicator, indicators_of
from chainsim.finance.model import Flows, flows_of
from chainsim.finance.project import Conventions, Project
from chainsim.finance.sensitivity import Sensitivity, sensitivity_of
from chainsim.finance.statements import statements_of


@dataclass(frozen=True, kw_only=True)
class Appraisal:
    """A project appraised. What takes time (tables, sensitivity) is made when asked for."""

    project: Project
    conventions: Conventions
    flows: Flows

    @cached_property
    def indicators(self) -> Mapping[str, Indicator]:
        """Indicators by key; one that does not exist has no value but a reason."""
        return indicators_of(self.project, self.conventions, self.flows)

    @cached_property
    def statements(self) -> Mapping[str, pd.DataFrame]:
        """Statements by key: rows are items, columns the years 1 to n, CNY.

        `investment` has the columns net, vat, gross instead.
        """
        return statements_of(self.project, self.conventions, self.flows)

    @cached_property
    def sensitivity(self) -> tuple[Sensitivity, ...]:
        """What the rate of return does when one factor moves."""
        return sensitivity_of(self.project, self.conventions)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What the reader should know: cash that runs short, losses that expire."""
        return warnings_of(self.project, self.flows)

    def value(self, key: str) -> float | None:
        """Value of one indicator; raises KeyError when there is none of that name."""
        return self.indicators[key].value

    @property
    def years(self) -> tuple[int, ...]:
        """1 to n, construction first."""
        return tuple(range(1, self.project.years + 1))


def appraise(project: Project, conventions: Conventions | None = None) -> Appraisal:
    """Appraise a project as a Chinese feasibility study does.

    Args:
        project: yearly sums and terms.
        conventions: choices of method; the usual ones when left out.

    Raises:
        ScenarioError: the project is not one (CS-N…), with every problem.
    """
    check_project(project)
    chosen = conventions or Conventions()
    return Appraisal(project=project, conventions=chosen, flows=flows_of(project, chosen))
