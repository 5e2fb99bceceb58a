"""What a part of a park buys and sells in a year: quantities that cross its border, and prices.

Quantities in base units per year; + is given to the rest of the park or to the market. Prices are
CNY per unit without VAT.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from chainsim.accounts.conventions import material_id
from chainsim.accounts.postings import Price, header_prices, net_bought
from chainsim.accounts.projects.scope import Scope
from chainsim.accounts.view import View, condensed, summed
from chainsim.errors import Problem
from chainsim.park.model import Park
from chainsim.units import HOURS_PER_YEAR

UNPRICED: Final = "none"
_DUST: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealing:
    """One material over the border of a project at one header."""

    header: str
    material: str
    site: str
    quantity: float
    """Per year; + given, - taken."""
    price: Price
    basis: str
    """What the price is: `purchase`, `sale`, `header`, `market` (the whole park's own deals),
    `heat` (a gas without a price, at the heat value of coke-oven gas), `none`."""

    @property
    def cny(self) -> float:
        """Money per year without VAT; + is income."""
        return self.quantity * self.price.cny


Key = tuple[str, str, str, str, str]
"""Kind, component, port, material, site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """The year that stands for all years of operation."""

    flows: Mapping[Key, float]
    """Quantities per year, signed as flows are."""
    booked: Mapping[tuple[str, str], float]
    """(account, component) -> amount per year."""


def typical_year(view: View, ledger: pd.DataFrame) -> Year:
    """The whole time simulated, or its last year where something starts or closes on the way.

    Args:
        view: the whole park over the whole time.
        ledger: the rows behind it, by period.
    """
    park, end = view.park, view.park.horizon.hours
    dated = any(0.0 < u.start_h < end or 0.0 < u.close_h < end for u in park.units.values())
    if not dated or end <= HOURS_PER_YEAR:
        found = view.flows
        rows, hours = view.rows, view.hours
    else:
        kept, hours = _last_year(park)
        frame = view.simulation.flows
        found = summed(frame[frame["period"].isin(kept)])
        rows = condensed(ledger[ledger["period"].isin(kept)])
    per_year = HOURS_PER_YEAR / hours
    booked: dict[tuple[str, str], float] = {}
    for row in rows:
        key = (row.account, row.unit)
        booked[key] = booked.get(key, 0.0) + row.amount * per_year
    flows = {
        (f.kind, f.component, f.port, f.material, f.site): f.quantity * per_year for f in found
    }
    return Year(flows=flows, booked=booked)


def _last_year(park: Park) -> tuple[list[str], float]:
    """Names and hours of the last twelve months or so."""
    kept, hours = [], 0.0
    for name, begin, until in reversed(park.horizon.periods()):
        if hours >= HOURS_PER_YEAR:
            break
        kept.append(name)
        hours += until - begin
    return kept, hours


def dealings(park: Park, scope: Scope, year: Year) -> tuple[Dealing, ...]:
    """Everything that crosses the border of a project, by header."""
    rest = _Rest(park, year.flows)
    found = list(rest.deals() if scope.whole else rest.crossing(scope))
    largest = max((abs(d.cny) for d in found), default=0.0)
    amounts: dict[str, float] = {}
    for (_, _, _, material, _), quantity in year.flows.items():
        amounts[material] = max(amounts.get(material, 0.0), abs(quantity))
    return tuple(
        d
        for d in found
        if abs(d.cny) > _DUST * largest
        or (d.basis == UNPRICED and abs(d.quantity) > _DUST * amounts[d.material])
    )


def unpriced(park: Park, found: Sequence[Dealing]) -> tuple[Problem, ...]:
    """What a project takes, or gives though it burns, without a price."""
    return tuple(
        Problem(code="CS-N022", severity="warning", path="finance", found=d.header)
        for d in found
        if d.basis == UNPRICED and (d.quantity < 0.0 or park.materials[d.material].lhv_gj > 0.0)
    )


class _Rest:
    """A park's flows in a year, as the surroundings of a project."""

    def __init__(self, park: Park, flows: Mapping[Key, float]) -> None:
        self.park = park
        self.flows = flows
        deals = ((key[0], key[1], quantity) for key, quantity in flows.items())
        self.prices = header_prices(park, net_bought(park, deals))
        self._bought = self._mean_prices({"buy"})
        self._sold = self._mean_prices({"sell", "obligation"})
        self._connected = {
            (u.id, p.name) for u in park.units.values() for p in u.ports if p.options
        }
        self._vents: dict[str, float] = {}
        self._made: dict[str, dict[str, float]] = {}
        for (kind, component, _, material, site), quantity in flows.items():
            header = f"{material}@{site}"
            if kind == "vent":
                self._vents[header] = self._vents.get(header, 0.0) - quantity
            elif kind == "unit" and quantity > 0.0:
                makers = self._made.setdefault(header, {})
                makers[component] = makers.get(component, 0.0) + quantity

    def deals(self) -> Iterator[Dealing]:
        """What the whole park buys and sells, at the prices of its deals."""
        for (kind, component, _, material, site), quantity in self.flows.items():
            if kind in ("buy", "sell", "obligation"):
                deal = self._deal(kind, component)
                yield Dealing(
                    header=f"{component}.{kind}",
                    material=material,
                    site=site,
                    quantity=-quantity,
                    price=deal,
                    basis="market",
                )

    def crossing(self, scope: Scope) -> Iterator[Dealing]:
        """What a part of the park takes from the rest and gives to it."""
        inside = {u.id for u in scope.units}
        linked = {x.id for x in scope.links}
        net: dict[tuple[str, str], float] = {}
        for (kind, component, port, material, site), quantity in self.flows.items():
            ours = kind == "unit" and component in inside and (component, port) in self._connected
            if ours or (kind == "link" and component in linked):
                net[material, site] = net.get((material, site), 0.0) + quantity
        for (material, site), quantity in sorted(net.items()):
            header = f"{material}@{site}"
            given = quantity - self._vented(header, inside)
            price, basis = self._price(header, taken=given < 0.0)
            yield Dealing(
                header=header,
                material=material,
                site=site,
                quantity=given,
                price=price,
                basis=basis,
            )

    def _vented(self, header: str, inside: Collection[str]) -> float:
        """The project's part of what its header vents: nobody pays for that."""
        vented, makers = self._vents.get(header, 0.0), self._made.get(header, {})
        made = sum(makers.values())
        ours = sum(quantity for unit, quantity in makers.items() if unit in inside)
        return vented * ours / made if vented and made > 0.0 else 0.0

    def _price(self, header: str, *, taken: bool) -> tuple[Price, str]:
        """What is really dealt in at a header decides; else its transfer price."""
        bought, sold = self._bought.get(header), self._sold.get(header)
        first, second = (bought, sold) if taken else (sold, bought)
        if self.park.finance.transfer_price == "deal":
            if first is not None:
                return first, "purchase" if taken else "sale"
            if second is not None:
                return second, "sale" if taken else "purchase"
        listed = self.prices.get(header, Price())
        return (listed, "header") if listed.cny > 0.0 else self._by_heat(header)

    def _by_heat(self, header: str) -> tuple[Price, str]:
        """A gas without a price is worth its heat at the price of coke-oven gas."""
        material = self.park.headers[header].material
        fuel = self.park.materials.get(material_id("gas"))
        known = self.park.library.prices.get(material_id("gas"))
        cny = self.park.prices.get(material_id("gas"), 0.0)
        if fuel is None or not cny or material.phase != "gas" or not material.lhv_gj > 0.0:
            return Price(), UNPRICED
        vat = known.vat if known is not None else 0.0
        return Price(cny=cny * material.lhv_gj / fuel.lhv_gj, vat=vat), "heat"

    def _mean_prices(self, kinds: Collection[str]) -> dict[str, Price]:
        """Mean price of what was really bought (or sold) at each header."""
        found: dict[str, list[tuple[float, Price]]] = {}
        for (kind, component, _, material, site), quantity in self.flows.items():
            if kind in kinds and abs(quantity) > 0.0:
                deal = self._deal(kind, component)
                found.setdefault(f"{material}@{site}", []).append((abs(quantity), deal))
        means = {}
        for header, listed in found.items():
            total = sum(q for q, _ in listed)
            cny = sum(q * p.cny for q, p in listed) / total
            if cny > 0.0:
                means[header] = Price(cny=cny, vat=listed[0][1].vat, path=listed[0][1].path)
        return means

    def _deal(self, kind: str, component: str) -> Price:
        groups = {"buy": self.park.buy, "sell": self.park.sell}
        deal = groups[kind][component] if kind in groups else self.park.obligations[component]
        return Price(cny=deal.price_cny, vat=deal.vat, path=deal.price_path)
