"""A layout as a mixed-integer program: what is built, and how everything then runs, year by year.

Years between two possible starts are alike and make one phase; a phase has one copy of the park for
each kind of month. Capacity that is built bounds a candidate's column; all else is the lp engine's.
Money counts in 10^8 CNY, so that the search sees numbers near one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from chainsim.accounts.rates import MEASURES
from chainsim.balance.linear import Array, LinearModel
from chainsim.balance.plant import Plant
from chainsim.balance.program import Program
from chainsim.balance.steady import Stretch, stretches
from chainsim.errors import Problem, ScenarioError, did_you_mean
from chainsim.study.aim import calendar_years
from chainsim.study.layout.money import Money, money_of
from chainsim.study.layout.options import Choice, Ground, Option
from chainsim.study.rates import BOUNDARY, Rates
from chainsim.units import HOURS_PER_YEAR

SCALE: Final = 1e8
"""CNY per unit of the program's money."""
BUILT: Final[Mapping[str, str]] = {
    "fnpv": "CNY", "capex": "CNY", "land": "ha", "jobs": "person",
}  # fmt: skip
"""Measures that depend on what is built, not on flows alone; and their units."""

IDLE: Final = 0.05
"""Load over a year below which a plant or link counts as idle, where it has no least load."""

Expression = dict[int, float]


@dataclass(frozen=True, slots=True)
class Phase:
    """Years that are alike: their kinds of month as stretches that add up to a year."""

    first: int
    years: tuple[int, ...]
    seasons: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Pick:
    """One binary of the program: an option begun in a year; `size` is its column of capacity."""

    choice: Choice
    option: Option
    year: int
    column: int
    size: int
    """Share of the largest size; -1 where the option has one size only."""


@dataclass(slots=True)
class Formulation:
    """The program and where everything stands in it."""

    ground: Ground
    plant: Plant
    rates: Rates
    money: Money
    model: LinearModel
    phases: tuple[Phase, ...]
    picks: tuple[Pick, ...] = ()
    limit_rows: dict[str, list[int]] = field(default_factory=dict)
    """Limit -> its rows, one for each phase."""
    limit_sizes: dict[int, float] = field(default_factory=dict)
    """Row of a limit -> units of the measure per 1."""
    limit_ends: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Limit of the file -> its bounds in units of its measure."""
    limit_units: dict[str, str] = field(default_factory=dict)
    """Limit -> unit of its measure."""

    @property
    def program(self) -> Program:
        """The park with everything in it."""
        return self.plant.program

    def at(self, phase: int, season: int, column: int) -> int:
        """Column of the model."""
        before = sum(len(p.seasons) for p in self.phases[:phase]) + season
        return before * self.program.n + column

    # -- measures -----------------------------------------------------------------------------

    def unit(self, key: str) -> str:
        """Unit of a measure.

        Raises:
            ScenarioError: there is no such measure (CS-O001).
        """
        return BUILT[key] if key in BUILT else MEASURES[self._known(key)].unit

    def _known(self, key: str) -> str:
        names = [*MEASURES, *BUILT, BOUNDARY]
        if key not in names:
            hint = did_you_mean(key, names) or ", ".join(names)
            raise ScenarioError(Problem(code="CS-O001", path="objective", found=key, hint=hint))
        return self.rates.known(key)

    def measure(self, key: str, phase: int = -1, **part: str) -> Expression:
        """A measure of a year of a phase (the last one unless said) as an expression.

        `fnpv` and `capex` are of the whole time. What stands already has no part in `land` and
        `capex`.
        """
        phase %= len(self.phases)
        if key == "fnpv":
            return self._present_value()
        if key in BUILT:
            return self._built(key, phase, part)
        flows = self.rates.of(self._known(key), **part)
        found: Expression = {}
        for season, stretch in enumerate(self.phases[phase].seasons):
            for j in np.flatnonzero(flows).tolist():
                found[self.at(phase, season, j)] = float(flows[j]) * stretch.hours
        return found

    def _built(self, key: str, phase: int, part: Mapping[str, str]) -> Expression:
        found: Expression = {}
        until = math.inf if key == "capex" else self.phases[phase].first
        for pick in self.picks:
            option = pick.option
            if pick.year > until or not self._inside(option, part):
                continue
            if key == "capex":
                _add_line(found, pick, option.capex_low, option.capex_high)
            else:
                most = option.hectares if key == "land" else option.persons
                _add_line(found, pick, most * option.low, most * option.high)
        return found

    def _inside(self, option: Option, part: Mapping[str, str]) -> bool:
        site = self.ground.park.sites.get(option.site)
        given = {
            "site": option.site,
            "owner": option.owner,
            "county": "" if site is None else site.county,
        }
        return all(given[k] == v for k, v in part.items() if v)

    def _present_value(self) -> Expression:
        """Before tax, CNY: margins of all years less what is built and its fixed costs."""
        found: Expression = {}
        gain = self.rates.of("profit")
        for index, phase in enumerate(self.phases):
            weight = sum(self.money.year_weight(y) for y in phase.years)
            for season, stretch in enumerate(phase.seasons):
                for j in np.flatnonzero(gain).tolist():
                    found[self.at(index, season, j)] = float(gain[j]) * stretch.hours * weight
        for pick in self.picks:
            o, year = pick.option, pick.year
            fixed = sum(self.money.year_weight(y) for y in self.ground.years if y >= year)
            spent = self.money.spent_weight(year)
            _add_line(
                found,
                pick,
                -fixed * o.fixed_low - spent * o.capex_low,
                -fixed * o.fixed_high - spent * o.capex_high,
            )
        return found


def _add_line(found: Expression, pick: Pick, low: float, high: float) -> None:
    """`low` at the smallest size of a pick's option to `high` at the largest."""
    o = pick.option
    if pick.size < 0:
        found[pick.column] = found.get(pick.column, 0.0) + low
        return
    slope = (high - low) / (o.high - o.low)
    found[pick.column] = found.get(pick.column, 0.0) + low - slope * o.low
    found[pick.size] = found.get(pick.size, 0.0) + slope


def value_of(expression: Expression, values: Array) -> float:
    """Value of an expression."""
    return float(sum(c * values[j] for j, c in expression.items()))


# -- building the program ---------------------------------------------------------------------


def formulate(ground: Ground) -> Formulation:
    """The program of a candidate file without its rules and without an objective.

    Raises:
        UserError: the park cannot be built, or a unit to be replaced is unknown (CS-O009).
    """
    plant = Plant(ground.park)
    form = Formulation(
        ground=ground,
        plant=plant,
        rates=Rates(ground.park, plant.program),
        money=money_of(ground),
        model=LinearModel(),
        phases=_phases(ground, plant),
    )
    for phase, part in enumerate(form.phases):
        for season, stretch in enumerate(part.seasons):
            _park_columns(form, phase, season, stretch)
    form.picks = tuple(_picks(form))
    for phase, part in enumerate(form.phases):
        for season, stretch in enumerate(part.seasons):
            _balances(form, phase, season)
            _capacities(form, phase, season, stretch)
        _use(form, phase)
    return form


def _phases(ground: Ground, plant: Plant) -> tuple[Phase, ...]:
    """Phases break where something may begin, and where something standing begins or closes."""
    park = ground.park
    begins = {y: b for y, (b, _) in zip(ground.years, calendar_years(park), strict=True)}
    parts = stretches(plant, breaks=[b for b in begins.values() if b > 0.0])
    starts = {y for c in ground.choices for y in c.years} | {ground.years[0]}
    by_year = {
        year: _seasons([p for p in parts if begin <= p.begin < end])
        for year, (begin, end) in zip(ground.years, calendar_years(park), strict=True)
    }
    found: list[Phase] = []
    for year in ground.years:
        alive = [s.alive.tolist() for s in by_year[year]]
        same = found and [s.alive.tolist() for s in found[-1].seasons] == alive
        if found and year not in starts and same:
            found[-1] = replace(found[-1], years=(*found[-1].years, year))
        else:
            found.append(Phase(year, (year,), by_year[year]))
    return tuple(found)


def _seasons(parts: list[Stretch]) -> tuple[Stretch, ...]:
    """Stretches with the same bounds as one, hours scaled to a year of 8760."""
    found: dict[bytes, Stretch] = {}
    total = sum(p.hours for p in parts)
    for part in parts:
        key = part.upper.tobytes()
        hours = part.hours * HOURS_PER_YEAR / total
        before = found[key].hours if key in found else 0.0
        found[key] = replace(part, begin=0.0, end=before + hours)
    return tuple(found[k] for k in sorted(found, key=lambda k: (found[k].month, k)))


def _park_columns(form: Formulation, phase: int, season: int, stretch: Stretch) -> None:
    free = {c.component for c in form.ground.choices}
    for j, key in enumerate(form.program.keys):
        kind, name = key.split(":", 1)
        upper = stretch.upper[j]
        lower = upper if kind == "obligation" else 0.0
        if name in free and kind in ("unit", "link"):
            upper = math.inf
        form.model.column(f"{phase}:{season}:{key}", lower, upper)


def _balances(form: Formulation, phase: int, season: int) -> None:
    program = form.program
    rows: list[dict[int, float]] = [{} for _ in range(program.m)]
    for j in range(program.n):
        for row, value in program.entries(j):
            rows[row][form.at(phase, season, j)] = value
    for row, entries in enumerate(rows):
        name = f"{phase}:{season}:{program.row_names[row]}"
        form.model.row(name, entries, program.row_lower[row], program.row_upper[row])


def _picks(form: Formulation) -> list[Pick]:
    found = []
    for choice in form.ground.choices:
        for index, option in enumerate(choice.options):
            for year in choice.years:
                name = f"{choice.component}:{index}:{year}"
                column = form.model.column(name, 0.0, 1.0, integer=True)
                size = -1
                if option.high > option.low:
                    size = form.model.column(f"{name}:size", 0.0, option.high)
                    least = {size: 1.0, column: -option.low}
                    most = {size: 1.0, column: -option.high}
                    form.model.row(f"{name}:least", least, 0.0, math.inf)
                    form.model.row(f"{name}:most", most, -math.inf, 0.0)
                found.append(Pick(choice, option, year, column, size))
    return found


def _capacities(form: Formulation, phase: int, season: int, stretch: Stretch) -> None:
    """What runs stays within what is built by then; what is replaced stands still."""
    year = form.phases[phase].first
    for choice in form.ground.choices:
        kind = "unit" if choice.site else "link"
        j = form.program.column[f"{kind}:{choice.component}"]
        entries = {form.at(phase, season, j): 1.0}
        for pick in begun(form, choice.component, year):
            if pick.size >= 0:
                entries[pick.size] = -float(stretch.upper[j])
            else:
                entries[pick.column] = -float(stretch.upper[j]) * pick.option.high
        form.model.row(f"{phase}:{season}:built:{choice.component}", entries, -math.inf, 0.0)
    for unit, successors in _replaced(form).items():
        j = form.program.column[f"unit:{unit}"]
        upper = float(stretch.upper[j])
        entries = {form.at(phase, season, j): 1.0}
        for component in successors:
            for pick in begun(form, component, year):
                entries[pick.column] = upper
        form.model.row(f"{phase}:{season}:replaced:{unit}", entries, -math.inf, upper)


def _use(form: Formulation, phase: int) -> None:
    """What is built runs, over a year at its least load or more: nothing is built to stand idle."""
    part = form.phases[phase]
    for choice in form.ground.choices:
        kind = "unit" if choice.site else "link"
        j = form.program.column[f"{kind}:{choice.component}"]
        unit = form.ground.park.units.get(choice.component)
        least = max(IDLE, 0.0 if unit is None else unit.least_load)
        entries: Expression = {}
        for season, stretch in enumerate(part.seasons):
            share = stretch.hours / HOURS_PER_YEAR
            entries[form.at(phase, season, j)] = share
            for pick in begun(form, choice.component, part.first):
                full = share * least * float(stretch.upper[j])
                column, size = (
                    (pick.size, 1.0) if pick.size >= 0 else (pick.column, pick.option.high)
                )
                entries[column] = entries.get(column, 0.0) - full * size
        form.model.row(f"{phase}:used:{choice.component}", entries, 0.0, math.inf)


def begun(form: Formulation, component: str, until: int) -> list[Pick]:
    """Picks of a component that have begun by a year."""
    return [p for p in form.picks if p.choice.component == component and p.year <= until]


def _replaced(form: Formulation) -> dict[str, list[str]]:
    """Standing unit -> components that take its place, by `replaces` or by the same approval."""
    park, record = form.ground.park, form.ground.file.record
    free = {c.component for c in form.ground.choices}
    found: dict[str, list[str]] = {}
    for choice in form.ground.choices:
        unit = park.units.get(choice.component)
        approval = "" if unit is None else unit.approval
        named = record.candidates[choice.candidate].replaces
        for key in named:
            if key not in park.units or key in free:
                path = f"candidates.{choice.candidate}.replaces"
                hint = did_you_mean(key, park.units)
                problem = Problem(code="CS-O009", path=path, found=key, hint=hint)
                raise ScenarioError(form.ground.file.place(problem))
        same = [
            u.id
            for u in park.units.values()
            if approval and u.approval == approval and u.id not in free
        ]
        for key in dict.fromkeys([*named, *same]):
            found.setdefault(key, []).append(choice.component)
    return found
