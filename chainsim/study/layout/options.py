"""What may be built: every candidate at every place in every size, with its investment and needs.

A size is a share of the largest one. An option is a stretch of sizes, `low` to `high`, on which
investment is a straight line; a fixed size is a stretch without length.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

from chainsim.accounts.ledger import unit_capex_cny, unit_persons
from chainsim.accounts.projects.scope import Invested, invested, scope_of
from chainsim.accounts.projects.terms import Figures
from chainsim.errors import DataError, Problem
from chainsim.library.candidate_files import CandidateFile, overlaid
from chainsim.library.candidate_records import CandidateRecord
from chainsim.library.scenarios import Scenario
from chainsim.park.build import build_park
from chainsim.park.model import Park, Unit
from chainsim.units import split_quantity

_WAGE: Final = "wage_cny_per_person_a"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One stretch of sizes of one candidate at one place.

    Attributes:
        candidate, component: of the file, and of the park with everything in it.
        site, owner: where; empty for links.
        low, high: shares of the largest size.
        trains: equal lines.
        text: the size as the scenario will say it; empty where it is any in between.
        capex_low, capex_high: investment at the ends, CNY with VAT in money of the first year.
        fixed_low, fixed_high: labour and maintenance of a year at the ends, CNY.
        persons, hectares: at the largest size.
    """

    candidate: str
    component: str
    site: str
    owner: str
    low: float
    high: float
    trains: int
    text: str
    capex_low: float
    capex_high: float
    fixed_low: float
    fixed_high: float
    persons: float
    hectares: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A candidate at a place: at most one of its options, begun in one of the years."""

    candidate: str
    component: str
    site: str
    options: tuple[Option, ...]
    years: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Everything that may stand, as one park, and what may be chosen in it."""

    file: CandidateFile
    scenario: Scenario
    park: Park
    choices: tuple[Choice, ...]
    years: tuple[int, ...]
    invested: tuple[Invested, ...]
    """Investment of every candidate at its largest."""


def component_of(candidate: str, site: str) -> str:
    """Id of a candidate's unit at a site."""
    return f"{candidate}_{site}" if site else candidate


def ground_of(file: CandidateFile) -> Ground:
    """Build the park in which every candidate stands at every place in its largest size.

    Raises:
        UserError: every mistake in the file or in the scenario it makes.
    """
    record = file.record
    first, last = record.years
    if last < first:
        problem = Problem(code="CS-O007", path="years", found=f"{first}, {last}")
        raise DataError(file.place(problem))
    horizon = {"start": f"{first}-01-01", "years": last - first + 1, "hours": None}
    scenario = overlaid(file, {"horizon": horizon}, _everything(file))
    park = build_park(scenario)
    years = tuple(range(first, last + 1))
    choices = []
    figures = Figures(park.library, "finance.")
    components = [c for c, _, _, _ in _places(file)]
    scope = scope_of(park, components)
    spent = invested(park, scope, figures)
    by_component = {i.component: i for i in spent}
    for component, key, site, candidate in _places(file):
        begun = tuple(y for y in (candidate.start or years) if first <= y <= last)
        options = tuple(
            _options(file, park, key, component, site, candidate, by_component.get(component))
        )
        choices.append(
            Choice(candidate=key, component=component, site=site, options=options, years=begun)
        )
    return Ground(
        file=file,
        scenario=scenario,
        park=park,
        choices=tuple(choices),
        years=years,
        invested=spent,
    )


def _places(file: CandidateFile) -> Iterator[tuple[str, str, str, CandidateRecord]]:
    """(component, candidate, site, record) of everything that may be built."""
    for key, candidate in sorted(file.record.candidates.items()):
        if candidate.link is not None:
            yield key, key, "", candidate
        for site in sorted(candidate.sites):
            yield component_of(key, site), key, site, candidate


def _everything(file: CandidateFile) -> dict[str, Any]:
    units: dict[str, Any] = {}
    links: dict[str, Any] = {}
    for component, key, site, candidate in _places(file):
        sizes = _sizes(file, key, candidate)
        body = unit_body(candidate, site, sizes[-1][1], sizes[-1][2])
        (links if candidate.link is not None else units)[component] = body
    return {"units": units, "links": links}


def unit_body(candidate: CandidateRecord, site: str, capacity: Any, trains: int) -> dict[str, Any]:
    """A candidate as a scenario writes it."""
    body: dict[str, Any] = dict(candidate.unit or candidate.link or {})
    body |= {"capacity": capacity, "status": "planned"}
    if candidate.unit is not None:
        body["site"] = site
        body |= {"trains": trains} if trains > 1 else {}
        if candidate.sites.get(site):
            body["owner"] = candidate.sites[site]
    for key, name in (("name_zh", candidate.name_zh), ("name_en", candidate.name_en)):
        if name:
            body[key] = name
    return body


def _sizes(file: CandidateFile, key: str, c: CandidateRecord) -> list[tuple[float, Any, int]]:
    """(number, size as written, trains), smallest first; of a range its two ends.

    Raises:
        DataError: sizes in different units, or none above zero (CS-O008).
    """
    if c.trains is not None:
        number, unit = _amount(c.trains.of)
        counts = range(1, c.trains.up_to + 1)
        found: list[tuple[float, Any, int]] = [
            (number * n, f"{number * n!r} {unit}".strip(), n) for n in counts
        ]
    else:
        written = c.sizes or ([c.size.low, c.size.high] if c.size else [])
        units = {_amount(x)[1] for x in written}
        if len(units) > 1:
            problem = Problem(code="CS-O008", path=f"candidates.{key}", found=str(sorted(units)))
            raise DataError(file.place(problem))
        found = sorted((_amount(x)[0], x, 1) for x in written)
    if found[0][0] <= 0.0:
        problem = Problem(code="CS-O008", path=f"candidates.{key}", found=str(found[0][1]))
        raise DataError(file.place(problem))
    return found


def _amount(text: float | str) -> tuple[float, str]:
    return split_quantity(text) if isinstance(text, str) else (float(text), "")


def _options(
    file: CandidateFile,
    park: Park,
    key: str,
    component: str,
    site: str,
    candidate: CandidateRecord,
    spent: Invested | None,
) -> Iterator[Option]:
    sizes = _sizes(file, key, candidate)
    most = sizes[-1][0]
    if candidate.size is not None:
        low, pieces = sizes[0][0] / most, candidate.size.pieces
        # Equal ratios: the curve bends most where sizes are small.
        ends = [low ** (1.0 - i / pieces) for i in range(pieces + 1)]
        stretches = [(a, b, 1, "") for a, b in pairwise(ends)]
    else:
        stretches = [(n / most, n / most, trains, str(text)) for n, text, trains in sizes]
    unit = park.units.get(component)
    for low, high, trains, text in stretches:
        at = [_cost(park, unit, share, trains, spent) for share in (low, high)]
        yield Option(
            candidate=key,
            component=component,
            site=site,
            owner=candidate.sites.get(site) or "",
            low=low,
            high=high,
            trains=trains,
            text=text,
            capex_low=at[0][0],
            capex_high=at[1][0],
            fixed_low=at[0][1],
            fixed_high=at[1][1],
            persons=0.0 if unit is None else unit_persons(unit),
            hectares=_hectares(unit),
        )


def _hectares(unit: Unit | None) -> float:
    if unit is None or unit.process is None:
        return 0.0
    return unit.process.hectares_per_unit_per_h * unit.nameplate_per_h


def _cost(
    park: Park, unit: Unit | None, share: float, trains: int, spent: Invested | None
) -> tuple[float, float]:
    """(investment, labour and maintenance of a year) at a share of the largest size, CNY.

    Links cost by length whatever their size; an investment the file gives is for the largest size,
    smaller ones cost in proportion.
    """
    if unit is None:
        return (0.0 if spent is None else spent.cny), 0.0
    if unit.capex_cny is not None:
        base = unit.capex_cny * share
    else:
        base = unit_capex_cny(
            replace(unit, nameplate_per_h=unit.nameplate_per_h * share, trains=trains)
        )
    factor = 1.0 if spent is None else spent.escalation * spent.site
    wage = park.library.factors.get(_WAGE)
    labour = 0.0 if wage is None else Figures(park.library)(_WAGE, "CNY/(person*a)")
    maintenance = unit.process.fixed_opex_per_a * base if unit.process else 0.0
    return base * factor, unit_persons(unit) * share * labour + maintenance
