"""What belongs to a project of a park: its units, the links that serve only them, its investment.

Money in CNY; investment as the library gives it (with or without VAT as the scenario says).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from chainsim.accounts.ledger import unit_capex_cny
from chainsim.accounts.projects.terms import Figures, settings
from chainsim.errors import Problem, ScenarioError, did_you_mean
from chainsim.library.finance_records import FinanceRecord
from chainsim.park.model import Link, Park, Unit

BUILT: Final = "built"
CNY: Final = "CNY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Units and links of a project; `kind` is planned, park or units."""

    kind: str
    units: tuple[Unit, ...]
    links: tuple[Link, ...]
    """Those meant, and those that bring to the units, or take from them, and serve nobody else."""
    meant: frozenset[str]
    """Ids of units and links whose investment is the project's."""

    @property
    def whole(self) -> bool:
        """True for the whole park."""
        return self.kind == "park"


def scope_of(park: Park, chosen: Sequence[str] | None = None, subject: str | None = None) -> Scope:
    """What is appraised.

    Args:
        park: the park.
        chosen: ids of units and links; the scenario's own choice when left out.
        subject: `planned` or `park`, instead of the scenario's.

    Raises:
        ScenarioError: an id is neither a unit nor a link (CS-N015).
    """
    if chosen is None and subject is None:
        chosen = park.finance.units
    kind = "units" if chosen is not None else subject or park.finance.subject
    if kind == "park":
        units, links = tuple(park.units.values()), tuple(park.links.values())
        meant = frozenset([*park.units, *park.links])
        return Scope(kind=kind, units=units, links=links, meant=meant)
    if chosen is not None:
        _check(park, chosen)
        names: Collection[str] = set(chosen)
    else:
        parts: list[Unit | Link] = [*park.units.values(), *park.links.values()]
        names = {part.id for part in parts if part.status != BUILT}
    units = tuple(u for u in park.units.values() if u.id in names)
    takers, makers, inside = _at_headers(park, -1.0), _at_headers(park, 1.0), {u.id for u in units}
    links = tuple(
        x
        for x in park.links.values()
        # it brings to, or takes from, nobody but these units
        if x.id in names or _within(takers, x.target, inside) or _within(makers, x.origin, inside)
    )
    return Scope(kind=kind, units=units, links=links, meant=frozenset(names))


def _check(park: Park, chosen: Sequence[str]) -> None:
    known = [*park.units, *park.links]
    problems = [
        Problem(code="CS-N015", path="units", found=key, hint=did_you_mean(key, known))
        for key in chosen
        if key not in known
    ]
    if problems:
        raise ScenarioError(problems)


def _at_headers(park: Park, sign: float) -> dict[str, set[str]]:
    """Units that take from (-) or give to (+) each header."""
    found: dict[str, set[str]] = {}
    for unit in park.units.values():
        for port in unit.ports:
            for option in port.options if port.rate * sign > 0.0 else ():
                found.setdefault(option.header, set()).add(unit.id)
    return found


def _within(users: dict[str, set[str]], header: str, inside: set[str]) -> bool:
    """True when somebody uses a header, and nobody but those inside."""
    return header in users and users[header] <= inside


# -- investment -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Invested:
    """Investment of one unit or link."""

    component: str
    base_cny: float
    """In money of `year`, by the scale exponent; as the scenario gives it where it does."""
    year: int
    escalation: float
    """Factor from `year` to the price year."""
    site: float
    """Site-integration factor."""

    @property
    def cny(self) -> float:
        """Investment in the price year at its site."""
        return self.base_cny * self.escalation * self.site


def price_year(park: Park) -> int:
    """Year in whose money investments are counted."""
    return park.finance.price_year or park.horizon.start.year


def invested(park: Park, scope: Scope, figures: Figures) -> tuple[Invested, ...]:
    """Investment of everything in the project that has one."""
    record, year = park.finance, price_year(park)
    rate = figures("capex_escalation", "1/a", record.escalation, "escalation")
    found = []
    for unit in scope.units:
        base = unit_capex_cny(unit)
        if base > 0.0:
            given = unit.capex_cny is not None or unit.capex is None
            of = year if given or unit.capex is None else unit.capex.year
            found.append(
                Invested(
                    component=unit.id,
                    base_cny=base,
                    year=of,
                    escalation=math.pow(1.0 + rate, year - of),
                    site=_site_factor(park, record, unit.site, figures),
                )
            )
    for link in scope.links:
        base = _link_capex(park, link, figures) if link.id in scope.meant else 0.0
        if base > 0.0:
            found.append(
                Invested(component=link.id, base_cny=base, year=year, escalation=1.0, site=1.0)
            )
    return tuple(found)


def _site_factor(park: Park, record: FinanceRecord, site: str, figures: Figures) -> float:
    given = record.site_integration
    if isinstance(given, dict):
        given = given.get(site)
    place = park.sites.get(site)
    key = "site_integration" if place is None or place.park else "site_integration_outside"
    path = f"site_integration.{site}" if isinstance(record.site_integration, dict) else ""
    return figures(key, "ratio", given, path or "site_integration")


def _link_capex(park: Park, link: Link, figures: Figures) -> float:
    """As the scenario gives it, else pipes and conveyors by length."""
    if link.capex_cny is not None:
        return link.capex_cny
    key = settings("links").get(link.mode)
    if not key or link.km <= 0.0:
        return 0.0
    if key not in park.library.factors:
        return figures.without(
            Problem(code="CS-N025", path=f"links.{link.id}.capex", found=key),
        )
    return link.km * figures(key, "CNY/km")


def hurdle_of(park: Park, parts: Sequence[Invested], figures: Figures) -> float:
    """Benchmark rate of the project: that of its trades, by investment."""
    if park.finance.hurdle_rate is not None:
        return figures("hurdle_default", "1/a", park.finance.hurdle_rate, "hurdle_rate")
    total = sum(part.cny for part in parts)
    keys = {part.component: _hurdle_key(park.units.get(part.component)) for part in parts}
    rates = {key: figures(key, "1/a", path="hurdle_rate") for key in dict.fromkeys(keys.values())}
    if not total:
        return figures("hurdle_default", "1/a", path="hurdle_rate")
    return sum(part.cny * rates[keys[part.component]] for part in parts) / total


def _hurdle_key(unit: Unit | None) -> str:
    table, default = settings("hurdle"), settings("hurdle")["other"]["default"]
    if unit is None or unit.process is None:
        return str(default)
    by_family = table["family"].get(unit.process.family, default)
    return str(table["process"].get(unit.process.id, by_family))
