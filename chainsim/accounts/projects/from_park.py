"""A project of a park: its plants' investment and staff, and what they buy and sell in a year.

The year simulated stands for every year of operation at full load; the ramp lies over it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import pandas as pd

from chainsim.accounts.conventions import convention
from chainsim.accounts.ledger import unit_persons
from chainsim.accounts.projects.dealings import Dealing, Year, dealings, typical_year, unpriced
from chainsim.accounts.projects.paths import along, paths_of, renewals_of
from chainsim.accounts.projects.scope import (
    Invested,
    Scope,
    hurdle_of,
    invested,
    scope_of,
)
from chainsim.accounts.projects.terms import (
    Figures,
    Term,
    Terms,
    capex_class,
    classes,
    settings,
    terms_of,
    vat_rate,
)
from chainsim.accounts.view import View
from chainsim.errors import Problem, ScenarioError
from chainsim.finance.project import Conventions, Kind, Line, Part, Project
from chainsim.library.finance_records import CapexClass, TermsRecord
from chainsim.park.amounts import Reader
from chainsim.park.model import Park

RATES: Final[tuple[tuple[str, str, Kind, bool], ...]] = (
    # account, name, kind of cost, moves with the load
    ("cost.other", "auxiliaries", "material", True),
    ("cost.freight", "freight", "freight", True),
    ("cost.carbon", "carbon", "carbon", True),
    ("cost.labour", "labour", "labour", False),
    ("cost.maintenance", "maintenance", "maintenance", False),
)
"""Accounts of the ledger that a unit or link bears itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkProject:
    """A project of a park and everything behind it."""

    scope: Scope
    project: Project
    conventions: Conventions
    terms: tuple[Term, ...]
    invested: tuple[Invested, ...]
    dealings: tuple[Dealing, ...]
    problems: tuple[Problem, ...]
    """Flows over the border that have no price."""


def park_project(
    view: View,
    ledger: pd.DataFrame,
    *,
    units: Sequence[str] | None = None,
    subject: str | None = None,
) -> ParkProject:
    """The project of a park's plants.

    Args:
        view: the accounts of the whole park over the whole time of a run.
        ledger: the rows behind them, by period.
        units: ids of units and links; the scenario's choice when left out.
        subject: `planned` or `park`, instead of the scenario's choice.

    Raises:
        ScenarioError: an unknown unit, or a figure that neither scenario nor library has.
    """
    park = view.park
    figures = Figures(park.library, "finance.")
    scope = scope_of(park, units, subject)
    try:
        with figures.collected():
            terms = terms_of(park.finance, figures)
            spent = invested(park, scope, figures)
            parts = tuple(parts_of(park, sum(part.cny for part in spent), terms, figures))
            hurdle = hurdle_of(park, spent, figures)
    except ScenarioError as told:
        told.locate(park.place)
        raise
    year = typical_year(view, ledger)
    crossing = dealings(park, scope, year)
    costs = (
        *_purchases(park, crossing, terms),
        *_own_costs(scope, year, terms, park.finance, figures),
    )
    names = settings("names")
    problems: list[Problem] = []
    lines = (*_products(park, crossing, terms), *costs)
    paths = paths_of(park.finance, len(terms.load), _named(park, lines), problems)
    renewals = renewals_of(
        park.finance,
        len(terms.load),
        sum(sum(part.spend_cny) for part in parts),
        figures,
        lambda path, amount: Reader(problems)(path, amount, "CNY"),
        problems,
    )
    if problems:
        raise ScenarioError([park.place(replace(p, path=f"finance.{p.path}")) for p in problems])
    moved = [along(paths, line) for line in lines]
    project = Project(
        id=park.id,
        name_zh=names[f"{scope.kind}_zh"].format(park=park.name_zh),
        name_en=names[f"{scope.kind}_en"].format(park=park.name_en),
        parts=parts,
        products=tuple(line for line in moved if line.kind == "product"),
        costs=tuple(line for line in moved if line.kind != "product"),
        load=terms.load,
        financing=terms.financing,
        working_capital=terms.working_capital,
        taxes=terms.taxes,
        hurdle=hurdle,
        persons=sum(unit_persons(unit) for unit in scope.units),
        renewals=renewals,
        price_paths=paths,
    )
    return ParkProject(
        scope=scope,
        project=project,
        conventions=terms.conventions,
        terms=figures.used,
        invested=spent,
        dealings=crossing,
        problems=unpriced(park, crossing),
    )


def _named(park: Park, lines: Sequence[Line]) -> Iterator[str]:
    """What a price index may be of, whether this project deals in it or not."""
    yield from (line.key for line in lines)
    yield from park.materials
    yield from park.headers


def parts_of(park: Park, total: float, terms: Terms, figures: Figures) -> Iterator[Part]:
    """The investment split by class and year."""
    given = park.finance.capex_shares
    for key in classes():
        found = capex_class(key, park.finance, figures)
        name: str = settings("class")[key]["share"]
        share = _share(given, key, name, figures)
        net = 1.0 / (1.0 + found.vat) if park.finance.capex_tax == "included" else 1.0
        if share > 0.0:
            yield Part(
                key=key,
                spend_cny=tuple(total * share * net * year for year in terms.construction),
                vat=found.vat,
                life_a=found.life_a,
                residual=found.residual,
                intangible=found.intangible,
                name_zh=found.name_zh,
                name_en=found.name_en,
            )


def _share(given: dict[CapexClass, float] | None, key: str, name: str, figures: Figures) -> float:
    if given is None:
        return figures(name, "ratio", path=f"capex_shares.{key}")
    shares: dict[str, float] = {str(k): v for k, v in given.items()}
    return figures(name, "ratio", shares.get(key, 0.0), f"capex_shares.{key}")


# -- what crosses the border ------------------------------------------------------------------


def _products(park: Park, crossing: Sequence[Dealing], terms: Terms) -> Iterator[Line]:
    for dealing in crossing:
        if dealing.cny > 0.0:
            yield _dealt(park, crossing, dealing, terms, "product")


def _purchases(park: Park, crossing: Sequence[Dealing], terms: Terms) -> Iterator[Line]:
    for dealing in crossing:
        if dealing.cny < 0.0:
            material = park.materials[dealing.material]
            fuel = material.phase == "energy" or material.group in convention("energy", "fuels")
            yield _dealt(park, crossing, dealing, terms, "energy" if fuel else "material")


def _dealt(
    park: Park,
    crossing: Sequence[Dealing],
    dealing: Dealing,
    terms: Terms,
    kind: Kind | Literal["product"],
) -> Line:
    """A product or purchase over the years; named by material and, among several sites, site."""
    load, material = np.array(terms.load), park.materials[dealing.material]
    place = park.sites.get(dealing.site)
    zh, en = material.name_zh, material.name_en
    if len({d.site for d in crossing}) > 1 and place is not None:
        zh, en = f"{place.name_zh} {zh}", f"{en}, {place.name_en}"
    return Line(
        key=dealing.header,
        kind=kind,
        yearly_cny=tuple((abs(dealing.cny) * load).tolist()),
        vat=dealing.price.vat,
        quantity=tuple((abs(dealing.quantity) * load).tolist()),
        unit=material.unit,
        name_zh=zh,
        name_en=en,
        basis=dealing.basis,
    )


# -- what it costs to run ---------------------------------------------------------------------


def _own_costs(
    scope: Scope, year: Year, terms: Terms, record: TermsRecord, figures: Figures
) -> Iterator[Line]:
    """Costs that the ledger books to the units and links themselves."""
    ours = [*(unit.id for unit in scope.units), *(link.id for link in scope.links)]
    names, rates = settings("names"), settings("vat")
    for account, name, kind, variable in RATES:
        amount = -sum(year.booked.get((account, component), 0.0) for component in ours)
        if amount:
            load = np.array(terms.load) if variable else np.ones(len(terms.load))
            yield Line(
                key=name,
                kind=kind,
                yearly_cny=tuple((amount * load).tolist()),
                vat=vat_rate(rates[kind], record, figures),
                variable=variable,
                name_zh=names[f"{name}_zh"],
                name_en=names[f"{name}_en"],
                basis="ledger",
            )
