"""The small city of two counties (`tests/unit/accounts/small_city.yaml`), run by the steady engine."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from chainsim.accounts.account import Accounts, account
from chainsim.accounts.cases import Case, blank, full_years, year_views
from chainsim.accounts.conventions import Figures
from chainsim.accounts.view import View, condensed
from chainsim.balance.steady import run_steady
from chainsim.library.inheritance import merge
from chainsim.library.scenarios import load_scenario
from chainsim.library.validate import validate
from chainsim.park.build import build_park
from chainsim.park.model import Park
from chainsim.results import Simulation

FILE = Path(__file__).parent / "unit" / "accounts" / "small_city.yaml"


def city(extra: Mapping[str, Any] | None = None, *overrides: str) -> Park:
    """The park with `extra` data laid over it."""
    scenario = load_scenario(FILE, overrides)
    data = merge(scenario.data, dict(extra or {}))
    document = replace(scenario.documents[-1], data=data)
    record = validate(type(scenario.record), document)
    return build_park(replace(scenario, record=record, data=data))


@functools.cache
def _run(key: str) -> tuple[Park, Simulation]:
    park = city()
    return park, run_steady(park)


def ran(extra: Mapping[str, Any] | None = None) -> tuple[Park, Accounts]:
    """The park and its books; facts and assessment move no flow, so the run is shared."""
    if extra and set(extra) - {"facts", "assessment"}:
        park = city(extra)
        return park, account(park, run_steady(park))
    base, simulation = _run("base")
    park = replace(base, facts=city(extra).facts)
    return park, account(park, simulation)


def case_of(park: Park, books: Accounts) -> Case:
    """What tables and checks take, without a clause."""
    hours = books.simulation.hours
    rows = condensed(books.ledger)
    view = View(park, books.simulation, rows, hours, figures=Figures(park, {}))
    years = full_years(year_views(view, books.ledger))
    return Case(park=park, view=view, policy=blank(), years=years)
