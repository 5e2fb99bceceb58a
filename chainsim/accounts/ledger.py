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

from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from chainsim.accounts.air import StackStates
from chainsim.accounts.conventions import Figures
from chainsim.accounts.formulas import scaled_capex_cny, straight_line_cny_per_a
from chainsim.accounts.postings import CNY, Poster, net_bought, traded
from chainsim.park.model import Park, Unit
from chainsim.results import LEDGER_COLUMNS, Simulation, table
from chainsim.units import HOURS_PER_YEAR

WAGE: Final = "wage_cny_per_person_a"
_PRICED: Final = ("revenue.sale", "cost.energy", "cost.material", "vat.input", "vat.output")
KEYS: Final = ["kind", "component", "port", "material"]


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
    figures = figures or Figures(park, {})
    flows = _flow_rows(park, simulation, figures)
    hours = table(list(_hour_rows(park, simulation, figures)), LEDGER_COLUMNS)
    rows = pd.concat([flows, hours], ignore_index=True) if len(flows) else hours
    order = ["period", "account", "unit", "port", "material", "site"]
    return rows.sort_values(order, kind="stable", ignore_index=True)


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


def _flow_rows(park: Park, simulation: Simulation, figures: Figures) -> pd.DataFrame:
    """Flows joined with the entries of their kind."""
    poster = Poster(park, figures, net_bought(park, traded(simulation)))
    distinct = simulation.flows[KEYS].drop_duplicates().sort_values(KEYS)
    entries = [
        (*key, entry.account, entry.factor, entry.unit)
        for key in distinct.itertuples(index=False, name=None)
        for entry in poster.entries(*key)
        if entry.factor
    ]
    columns = [*KEYS, "account", "factor", "amount_unit"]
    booked = pd.DataFrame(entries, columns=columns)
    booked = booked.astype({**dict.fromkeys(columns, "str"), "factor": "float64"})
    rows = simulation.flows.merge(booked, on=KEYS, how="inner")
    shares = _price_shares(park, rows) * _stack_factors(park, rows, figures)
    rows["amount"] = rows["quantity"] * rows["factor"] * shares
    renamed = rows.rename(
        columns={"unit": "quantity_unit", "component": "unit", "owner": "enterprise"}
    )
    return renamed.loc[renamed["amount"] != 0.0, list(LEDGER_COLUMNS)].astype(LEDGER_COLUMNS)


def _price_shares(park: Park, rows: pd.DataFrame) -> pd.Series[float]:
    """What the price of a month is of the mean price of its market; 1 for all that is no deal."""
    shares = pd.Series(1.0, index=rows.index)
    for kind, deals in (("buy", park.buy), ("sell", park.sell)):
        for key, deal in deals.items():
            if deal.price_shares:
                priced = rows["account"].isin(_PRICED) & (rows["kind"] == kind)
                own = priced & (rows["component"] == key)
                shares[own] = rows.loc[own, "period"].map(deal.price_shares)
    return shares


def _stack_factors(park: Park, rows: pd.DataFrame, figures: Figures) -> pd.Series[float]:
    """Factor of every row: 1 but for stacks whose concentration is known to differ."""
    factors = pd.Series(1.0, index=rows.index)
    states = StackStates(park, figures)
    if not park.facts.units:
        return factors
    for period in sorted(rows["period"].unique()):
        for (unit, account), factor in states.factors(period).items():
            of = (rows["component"] == unit) & (rows["account"] == account)
            factors[of & (rows["period"] == period)] = factor
    return factors


def _hour_rows(park: Park, simulation: Simulation, figures: Figures) -> Iterator[dict[str, Any]]:
    """What runs with time, not with flow: labour, maintenance, depreciation, staff, investment."""
    wage = figures(WAGE, "CNY/(person*a)", 0.0)
    life = figures("depreciation_life", "a", 0.0)
    residual = figures("residual_share", "ratio", 0.0)
    first = min(simulation.units["period"], default="")
    bounds = {name: (begin, end) for name, begin, end in park.horizon.periods()}
    lengths = simulation.units[["period", "component", "hours"]].itertuples(index=False, name=None)
    for period, component, hours in lengths:
        unit = park.units[component]
        active = _active_hours(unit, bounds.get(period), hours)
        capex = unit_capex_cny(unit)
        persons = unit_persons(unit)
        maintenance = unit.process.fixed_opex_per_a * capex if unit.process else 0.0
        written_off = straight_line_cny_per_a(capex, residual, life) if life else 0.0
        years = active / HOURS_PER_YEAR
        amounts = {
            "cost.labour": -persons * wage * years,
            "cost.maintenance": -maintenance * years,
            "cost.depreciation": -written_off * years,
        }
        for account, amount in amounts.items():
            yield from _hour_row(unit, period, active, account, amount, CNY)
        yield from _hour_row(unit, period, active, "staff.person_h", persons * active, "person*h")
        if period == first:
            yield from _hour_row(unit, period, active, f"capex.{unit.status}", capex, CNY)


def _active_hours(unit: Unit, bounds: tuple[float, float] | None, hours: float) -> float:
    """Hours of a period in which the unit exists, between start and closure."""
    begin, end = bounds or (0.0, hours)
    return max(0.0, min(end, unit.close_h) - max(begin, unit.start_h))


def _hour_row(
    unit: Unit, period: str, hours: float, account: str, amount: float, amount_unit: str
) -> Iterator[dict[str, Any]]:
    if amount:
        yield {
            "period": period,
            "site": unit.site,
            "enterprise": unit.owner,
            "unit": unit.id,
            "port": "",
            "material": "",
            "quantity": hours,
            "quantity_unit": "h",
            "account": account,
            "amount": amount,
            "amount_unit": amount_unit,
        }
