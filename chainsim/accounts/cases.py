"""What a check may look at: one clause, one park, its run as a whole and by calendar year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, cast

import pandas as pd

from chainsim.accounts.conventions import is_battery
from chainsim.accounts.verdicts import Measured, margin
from chainsim.accounts.view import Row, View, condensed
from chainsim.library.model import Policy
from chainsim.park.facts import Facts
from chainsim.park.model import Park, Unit
from chainsim.results import Simulation
from chainsim.units import HOURS_PER_YEAR, convert

LEAP_YEAR_H: Final = 8784.0
BOUNDARIES: Final = ("A", "B", "C")
HUNDRED: Final = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One clause over one run.

    Attributes:
        park: the park.
        view: the whole ledger over the whole time.
        policy: the clause.
        years: the full calendar years of the run when there are several, else empty.
    """

    park: Park
    view: View
    policy: Policy
    years: tuple[tuple[str, View], ...] = ()

    @property
    def facts(self) -> Facts:
        """What the scenario enters beside flows."""
        return self.park.facts

    @property
    def batteries(self) -> list[Unit]:
        """Coke-oven batteries in id order."""
        known = self.view.lasting
        if "batteries" not in known:
            known["batteries"] = tuple(u for u in self.park.units.values() if is_battery(u))
        return list(cast("tuple[Unit, ...]", known["batteries"]))

    @property
    def enterprises(self) -> list[str]:
        """Owners of batteries, in id order; empty when no owner is named."""
        return sorted({u.owner for u in self.batteries if u.owner})

    @property
    def owners(self) -> list[str]:
        """Owners of batteries; one without a name where none is named, none without batteries."""
        return self.enterprises or ([""] if self.batteries else [])

    @property
    def counties(self) -> list[str]:
        """Counties of the sites with batteries, by name."""
        return sorted({self.county(u.site) for u in self.batteries})

    def county(self, site: str) -> str:
        """County of a site; the site's id where none is named."""
        return self.park.sites[site].county or site

    def in_county(self, view: View, county: str) -> View:
        """The part of `view` that stands in `county`.

        What links carry in or out is left with the links, so that goods sent elsewhere count as
        given out at the transfer price and goods received as taken in.
        """
        key = ("county", county)
        if key not in view.memo:
            sites = [s for s in self.park.sites if self.county(s) == county]
            here = view.where("site", sites)
            kept = tuple(row for row in here.rows if not self._carried(row))
            view.memo[key] = here.with_rows(kept)
        return cast("View", view.memo[key])

    def _carried(self, row: Row) -> bool:
        """True for the goods of a link, not for its freight or power."""
        link = self.park.links.get(row.unit)
        if link is None or row.material != link.material.id:
            return False
        return row.account.startswith(("transfer.", "carbon_transfer.", "energy_use."))

    def per_year(self, amount: float, unit: str, view: View | None = None) -> float:
        """An amount of the whole time (or of `view`'s) as a yearly rate in the clause's unit."""
        return convert(amount / span_a((view or self.view).hours), f"{unit}/a", self.policy.unit)

    def worst(self, measure: Callable[[View], Measured]) -> Measured:
        """`measure` of the year that keeps the clause worst; of the whole time for a single one.

        A year that cannot be judged is passed over as long as another one can.
        """
        if not self.years:
            return measure(self.view)
        found = [(year, measure(view)) for year, view in self.years]
        judged = [(y, m) for y, m in found if m.value is not None] or found
        year, worst = min(judged, key=lambda pair: self._room(pair[1]))
        return replace(worst, notes={**worst.notes, "year": {"year": year}})

    @property
    def in_force(self) -> View:
        """The run from the day the clause applies, by full calendar years; all of it otherwise."""
        day = self.policy.applies_from
        if day is None or not self.years:
            return self.view
        first = (day + dt.timedelta(days=1)).year
        later = [view for year, view in self.years if int(year) >= first]
        return later[-1] if later else self.view

    def _room(self, found: Measured) -> float:
        limit = self.policy.limit if found.limit is None else found.limit
        if found.failed:
            return float("-inf")
        if found.value is None or limit is None:
            return 0.0
        return margin(found.value, limit, self.policy.comparison)

    def hour(self, day: dt.date) -> float:
        """Hours from the start of the run to the beginning of `day`."""
        return self.park.horizon.hour_of(day)

    @property
    def end(self) -> dt.date:
        """First day after the run."""
        horizon = self.park.horizon
        return horizon.start + dt.timedelta(hours=horizon.hours)


def blank(
    check: str = "", values: tuple[str, ...] = (), unit: str = "ratio", limit: float | None = None
) -> Policy:
    """A clause that judges nothing, so that checks and tables can be asked for values."""
    return Policy(
        id=check,
        name_zh="",
        name_en="",
        clause_zh="",
        check=check,
        kpi="",
        limit=limit,
        unit=unit,
        comparison="report",
        level="enterprise",
        lead_zh="",
        lead_en="",
        source="est",
        mark="",
        note="",
        values=values,
    )


def span_a(hours: float) -> float:
    """Length in calendar years: a full one counts as one, leap or not.

    >>> span_a(8784.0), span_a(4380.0)
    (1.0, 0.5)
    """
    return 1.0 if hours == LEAP_YEAR_H else hours / HOURS_PER_YEAR


def battery_capacity_t_a(unit: Unit) -> float:
    """Annual coke capacity as approved, t."""
    if unit.process is not None:
        return unit.capacity_per_a
    coke = (p.rate for p in unit.ports if p.material.group == "coke" and p.rate > 0)
    return sum(coke) * HOURS_PER_YEAR


def year_views(view: View, ledger: pd.DataFrame) -> tuple[tuple[str, View], ...]:
    """(year, view) of every calendar year when the run covers several, in order."""
    kept = view.memo.get("years")
    if kept is None:
        kept = view.memo["years"] = tuple(_year_views(view, ledger))
    return cast("tuple[tuple[str, View], ...]", kept)


def _year_views(view: View, ledger: pd.DataFrame) -> Iterator[tuple[str, View]]:
    lengths: dict[str, float] = {}
    for period, begin, end in view.park.horizon.periods():
        year = period[:4]
        lengths[year] = lengths.get(year, 0.0) + end - begin
    if len(lengths) < 2:
        return
    for year, hours in sorted(lengths.items()):
        rows = condensed(ledger[ledger["period"].str.startswith(year)])
        simulation = _of_year(view.simulation, year)
        yield (
            year,
            View(view.park, simulation, rows, hours, figures=view.figures, lasting=view.lasting),
        )


def full_years(years: Iterable[tuple[str, View]]) -> tuple[tuple[str, View], ...]:
    """Those of `years` that are covered whole."""
    return tuple((y, v) for y, v in years if v.hours >= HOURS_PER_YEAR)


def _of_year(simulation: Simulation, year: str) -> Simulation:
    def cut(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["period"].str.startswith(year)]

    return replace(
        simulation,
        flows=cut(simulation.flows),
        units=cut(simulation.units),
        obligations=cut(simulation.obligations),
    )
