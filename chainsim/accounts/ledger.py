"""The one ledger: every flow, hour and stock booked to its accounts. Totals are sums of its rows.

Columns are `results.LEDGER_COLUMNS`. Accounts in use:

money (CNY) revenue.sale revenue.obligation, cost.material cost.energy cost.freight
cost.maintenance cost.labour cost.other cost.carbon cost.depreciation, vat.output vat.input,
stock.value, transfer.value transfer.vat (sum to zero), capex.<status>; energy (kgce)
energy.a.coal .process .product .recovered (coking process, GB 21342), energy.b.purchase .delivery
.stock (whole park, GB/T 2589), energy.c.feedstock, energy_equal.a .b (what source energy adds),
energy_use.carrier .feedstock .equal (taken in less given out by every unit, link and vent: they
sum to the park's), loss.a.chemical; carbon (t CO2e) carbon.combustion .process .vent .other_gas
.power .heat, carbon_transfer.power .heat (sum to zero), carbon_solid.unburnt (t C); environment (t)
pollution.<pollutant>, waste.water .coking_water .sludge .salt .residue, water.fresh (bought),
water.used (by units); amounts output.made output.sold, cog.make cog.underfiring cog.flared,
transport.<mode>, staff.person_h.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd

from chainsim.accounts.air import StackStates
from chainsim.accounts.chart import (
    Chart,
    Coded,
    Floats,
    Ints,
    Posting,
    add_up,
    coded,
)
from chainsim.accounts.conventions import Figures
from chainsim.accounts.formulas import scaled_capex_cny, straight_line_cny_per_a
from chainsim.accounts.hands import hands_of, margins, worth
from chainsim.accounts.postings import CNY, Entry, Poster, net_bought
from chainsim.accounts.view import FlowSum, Row
from chainsim.errors import Problem
from chainsim.park.model import Park, Unit
from chainsim.results import LEDGER_COLUMNS, Simulation, frame
from chainsim.units import HOURS_PER_YEAR

WAGE: Final = "wage_cny_per_person_a"
GIVEN: Final = ("transfer.value", "transfer.vat")
"""Booked without a price as well: a sale at a price of its own may move there."""
_BOUGHT: Final = ("cost.energy", "cost.material", "vat.input")
_SOLD: Final = ("revenue.sale", "vat.output")
_OWED: Final = ("revenue.obligation", "vat.output")
LINE: Final = ("kind", "component", "site", "owner", "port", "material", "unit")
"""What tells one flow from another, but for its period."""
Line = tuple[str, ...]


def build_ledger(
    park: Park, simulation: Simulation, figures: Figures | None = None
) -> pd.DataFrame:
    """All rows of the ledger of one run, in a fixed order.

    Args:
        park: the park that was simulated.
        simulation: totals by calendar month.
        figures: collects what the library lacks; made anew when left out.

    Raises:
        KeyError: a flow names a component or port the park does not have.
    """
    return Bookkeeper(park).book(simulation, figures or Figures(park, {})).ledger


def unit_capex_cny(unit: Unit) -> float:
    """Investment of one unit: as given, or scaled from its process by the capacity exponent."""
    if unit.capex_cny is not None:
        return unit.capex_cny
    if unit.capex is None or unit.nameplate_per_h <= 0:
        return 0.0
    return scaled_capex_cny(
        unit.capex.reference_cny,
        unit.capex.reference_capacity_per_h,
        unit.nameplate_per_h,
        unit.capex.exponent,
        unit.trains,
    )


def unit_persons(unit: Unit) -> float:
    """Staff of one unit, in proportion to its nameplate."""
    return unit.process.persons_per_unit_per_h * unit.nameplate_per_h if unit.process else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Books:
    """The ledger of one run, by numbers of a chart.

    Attributes:
        flows: flows added up over the periods.
        periods: their names, in order.
        period: (rows,) number of each row's, ascending.
        posting: (rows,)
        quantity: (rows,)
        amount: (rows,)
    """

    chart: Chart
    flows: tuple[FlowSum, ...]
    periods: tuple[str, ...]
    period: Ints
    posting: Ints
    quantity: Floats
    amount: Floats

    @property
    def ledger(self) -> pd.DataFrame:
        """All rows (`results.LEDGER_COLUMNS`)."""
        names = pd.array(list(self.periods), dtype="str")
        texts = {name: texts.take(self.posting) for name, texts in self.chart.texts.items()}
        numbers = {"quantity": self.quantity, "amount": self.amount}
        return frame({"period": names.take(self.period), **texts, **numbers}, LEDGER_COLUMNS)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The ledger added up over its periods and ports (`view.condensed`)."""
        sums = add_up(self.chart.group[self.posting], self.amount, self.chart.groups)
        return tuple(map(Row._make, sums))


class Bookkeeper:
    """Books the runs of one park; what does not change from run to run is worked out once."""

    def __init__(self, park: Park) -> None:
        self._park = park
        self._figures = Figures(park, {})
        self._known: dict[Hashable, tuple[Any, dict[str, Problem]]] = {}
        self._units = {key: i for i, key in enumerate(park.units)}
        self._lines: dict[Line, int] = {}
        self._met: dict[Line, str] = {}
        self._charts: dict[frozenset[str], tuple[int, Chart]] = {}

    def book(self, simulation: Simulation, figures: Figures) -> Books:
        """The ledger of one run.

        Args:
            simulation: totals by calendar month.
            figures: what the library lacks is said there.

        Raises:
            KeyError: a flow names a component or port the park does not have.
        """
        flows, units = coded(simulation.flows, LINE), coded(simulation.units, ("component",))
        amounts = simulation.flows["quantity"].to_numpy()
        sums = _flow_sums(flows, amounts)
        bought = net_bought(self._park, ((f.kind, f.component, f.quantity) for f in sums))
        poster = self._once(
            ("poster", bought), figures, lambda: Poster(self._park, self._figures, bought)
        )
        for line in flows.keys:
            if (known := self._known.get((bought, line))) is None:
                self._once((bought, line), figures, partial(_entries, poster, line))
            elif known[1]:
                figures.missing.update(known[1])
        chart = self._chart(bought, poster, flows.keys)
        periods = tuple(sorted({*flows.periods, *units.periods}))
        number = {period: i for i, period in enumerate(periods)}
        parts = [
            self._flow_rows(chart, flows, amounts, number, figures),
            self._hour_rows(units, simulation.units["hours"].to_numpy(), number, figures),
        ]
        period, posting, quantity, amount = (np.concatenate(p) for p in zip(*parts, strict=True))
        kept = np.flatnonzero(amount != 0.0)
        order = kept[np.lexsort((chart.rank[posting[kept]], period[kept]))]
        booked = (period[order], posting[order], quantity[order], amount[order])
        return Books(chart, sums, periods, *booked)

    def _once(self, key: Hashable, figures: Figures, make: Callable[[], Any]) -> Any:
        """What `make` gives, made once; what the library lacks for it is said every time."""
        if key not in self._known:
            self._figures.missing.clear()
            self._known[key] = make(), dict(self._figures.missing)
        value, missing = self._known[key]
        figures.missing.update(missing)
        return value

    def _chart(self, bought: frozenset[str], poster: Poster, lines: Iterable[Line]) -> Chart:
        """The chart at the prices that `bought` sets, with all lines seen so far."""
        for line in lines:
            self._lines.setdefault(line, len(self._units) + len(self._lines))
        size, chart = self._charts.get(bought, (-1, None))
        if chart is None or size < len(self._lines):
            booked = [list(_hour_postings(u)) for u in self._park.units.values()]
            for line in self._lines:
                entries = self._once(
                    (bought, line), Figures(self._park, {}), partial(_entries, poster, line)
                )
                booked.append([_posting(line, entry) for entry in entries])
            chart = Chart(booked)
            self._charts[bought] = len(self._lines), chart
        return chart

    def _flow_rows(
        self, chart: Chart, flows: Coded, amounts: Floats, number: dict[str, int], figures: Figures
    ) -> tuple[Ints, Ints, Floats, Floats]:
        """Period, posting, quantity and amount of what moved."""
        line = np.array([self._lines[key] for key in flows.keys], dtype=np.int64)[flows.key]
        count = chart.count[line]
        row = np.repeat(np.arange(len(line)), count)
        within = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        posting = chart.start[line][row] + within
        amount = amounts[row] * chart.factor[posting]
        hands = hands_of(self._park, flows, amounts, self._met)
        kept = worth(hands)
        amount *= np.where(chart.changes_hands[posting], kept[row], 1.0)
        for i, name in enumerate(flows.periods):
            make = partial(_of_month, self._park, self._figures, name)
            factors = self._once(("month", name), figures, make)
            if factors:
                here = flows.period[row] == i
                amount[here] *= chart.scaled(factors)[posting[here]]
        for dealt, transferred in chart.dealings:
            deal, given = dealt[posting], transferred[posting]
            both = deal | given
            margin = np.bincount(row[both], weights=amount[both], minlength=len(line)).astype(float)
            amount[given] += margins(hands, kept, margin)[row[given]]
        period = np.array([number[name] for name in flows.periods], dtype=np.int64)[flows.period]
        return period[row], posting, amounts[row], amount

    def _hour_rows(
        self, units: Coded, hours: Floats, number: dict[str, int], figures: Figures
    ) -> tuple[Ints, Ints, Floats, Floats]:
        """The same of what runs with time: labour, maintenance, depreciation, staff, investment."""
        rates: Floats = self._once("hours", figures, lambda: _rates(self._park, self._figures))
        unit = np.array([self._units[key] for (key,) in units.keys], dtype=np.int64)[units.key]
        bounds = {name: (begin, end) for name, begin, end in self._park.horizon.periods()}
        spans = np.array([bounds.get(p, (0.0, np.nan)) for p in units.periods]).reshape(-1, 2)
        begin, end = spans[units.period].T
        end = np.where(np.isnan(end), hours, end)
        rate = rates[unit].T
        active = np.maximum(0.0, np.minimum(end, rate[CLOSES]) - np.maximum(begin, rate[STARTS]))
        years = active / HOURS_PER_YEAR
        amounts = np.stack(
            [
                rate[LABOUR] * years,
                rate[MAINTENANCE] * years,
                rate[WRITTEN_OFF] * years,
                rate[PERSONS] * active,
                np.where(units.period == 0, rate[CAPEX], 0.0),
            ],
            axis=1,
        )
        period = np.array([number[name] for name in units.periods], dtype=np.int64)[units.period]
        posting = HOUR_POSTINGS * unit[:, None] + np.arange(HOUR_POSTINGS)
        repeated = (np.repeat(x, HOUR_POSTINGS) for x in (period, active))
        of_row, quantity = repeated
        return of_row, posting.ravel(), quantity, amounts.ravel()


def _of_month(park: Park, figures: Figures, period: str) -> dict[tuple[str, str], float]:
    """(component, account) -> factor of one month: concentration of stacks, price over its mean."""
    found = dict(StackStates(park, figures).factors(period)) if park.facts.units else {}
    traded = ((park.buy, _BOUGHT), (park.sell, _SOLD), (park.obligations, _OWED))
    for deals, accounts in traded:
        for key, deal in deals.items():
            if deal.price_shares:
                found |= {(key, account): deal.price_shares[period] for account in accounts}
    return found


LABOUR, MAINTENANCE, WRITTEN_OFF, PERSONS, CAPEX, STARTS, CLOSES = range(7)
"""Columns of `_rates`."""
HOUR_POSTINGS: Final = 5


def _rates(park: Park, figures: Figures) -> Floats:
    """(units, 7) CNY/a, persons, CNY and hours that the hours of each unit are booked by."""
    wage = figures(WAGE, "CNY/(person*a)", 0.0)
    life = figures("depreciation_life", "a", 0.0)
    residual = figures("residual_share", "ratio", 0.0)
    rates = []
    for unit in park.units.values():
        capex, persons = unit_capex_cny(unit), unit_persons(unit)
        maintenance = unit.process.fixed_opex_per_a * capex if unit.process else 0.0
        written_off = straight_line_cny_per_a(capex, residual, life) if life else 0.0
        yearly = (-persons * wage, -maintenance, -written_off)
        rates.append((*yearly, persons, capex, unit.start_h, unit.close_h))
    return np.array(rates).reshape(-1, 7)


def _hour_postings(unit: Unit) -> Iterator[Posting]:
    """What the hours of a unit are booked to, in the order of `_rates`."""
    accounts = ("cost.labour", "cost.maintenance", "cost.depreciation", "staff.person_h")
    units = (CNY, CNY, CNY, "person*h", CNY)
    for account, amount_unit in zip((*accounts, f"capex.{unit.status}"), units, strict=True):
        place = (unit.id, "", "", unit.site, unit.owner)
        yield Posting(account, *place, quantity_unit="h", amount_unit=amount_unit, factor=1.0)


def _entries(poster: Poster, line: Line) -> tuple[Entry, ...]:
    kind, component, _, _, port, material, _ = line
    found = poster.entries(kind, component, port, material)
    return tuple(e for e in found if e.factor or e.account in GIVEN)


def _posting(line: Line, entry: Entry) -> Posting:
    _, component, site, owner, port, material, unit = line
    place = (component, port, material, site, owner)
    return Posting(entry.account, *place, unit, entry.unit, entry.factor)


def _flow_sums(flows: Coded, amounts: Floats) -> tuple[FlowSum, ...]:
    """Flows added up over their periods, in a fixed order (`view.summed`)."""
    keys = [(k, component, port, m, site) for k, component, site, _, port, m, _ in flows.keys]
    names = sorted(set(keys))
    place = {name: i for i, name in enumerate(names)}
    number = np.array([place[key] for key in keys], dtype=np.int64)[flows.key]
    return tuple(map(FlowSum._make, add_up(number, amounts, names)))
