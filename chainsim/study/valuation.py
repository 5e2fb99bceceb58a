"""KPIs of a scenario at changed figures or data, by the steady engine: for explaining and flips."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from chainsim.accounts.account import Accountant
from chainsim.accounts.kpis import kpi_catalogue
from chainsim.balance.steady import run_steady
from chainsim.errors import DataError, Problem, did_you_mean
from chainsim.library.model import Coefficient
from chainsim.library.scenarios import Scenario, parse_scenario
from chainsim.library.yaml_writer import to_yaml
from chainsim.park.model import Park
from chainsim.results import Simulation
from chainsim.study.uncertain.draws import park_at, park_with

MONEY = ("prices", "factors")
"""Sections of figures that move no flow: the simulation of the typical case serves."""


class Valued:
    """One scenario, valued at any figures."""

    def __init__(self, scenario: Scenario) -> None:
        """Simulate it at its typical figures; raises UserError as `run` does."""
        self.scenario = scenario
        self.park = park_at(scenario, {})
        self._simulation = run_steady(self.park)

    def kpi(self, key: str) -> float:
        """A KPI; NaN where it has no value."""
        return value_of(self.park, self._simulation, key)

    def kpi_at(self, key: str, figure: Coefficient, value: float) -> float:
        """The same with one figure, as `used_figures` tells it, at another value."""
        park = park_with(self.scenario, figure, value)
        still = figure.path.split(".")[0] in MONEY
        return value_of(park, self._simulation if still else run_steady(park), key)


def kpis_of_data(data: Mapping[str, Any], keys: Sequence[str]) -> dict[str, float]:
    """KPIs of a resolved scenario; raises UserError where it cannot be built or run."""
    scenario = parse_scenario(to_yaml(data))
    park = park_at(scenario, {})
    return values_of(park, run_steady(park), keys)


def value_of(park: Park, simulation: Simulation, key: str) -> float:
    """One KPI of a run; 0 for an output the park does not have.

    Raises:
        DataError: there is no such KPI (CS-T007).
    """
    return values_of(park, simulation, [key])[key]


def values_of(park: Park, simulation: Simulation, keys: Sequence[str]) -> dict[str, float]:
    """Several KPIs of a run, as `value_of` gives them."""
    priced = any(key.startswith("finance.") for key in keys)
    books = Accountant(park).account(simulation, finance=priced, policy=False, kpis=keys)
    found = {}
    for key in keys:
        try:
            value = books.kpi(key)
        except KeyError as exc:
            if key.startswith("output."):
                found[key] = 0.0
                continue
            hint = did_you_mean(key, sorted(kpi_catalogue()))
            raise DataError(Problem(code="CS-T007", found=key, hint=hint)) from exc
        found[key] = math.nan if value is None else value
    return found
