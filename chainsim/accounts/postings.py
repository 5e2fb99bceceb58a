"""How one flow is booked: the accounts it touches and the amount per unit of quantity.

Quantities are signed (+ leaves the component), so most factors serve both directions. Money:
+ income, - outlay. Energy: + consumed, - delivered, kgce. Carbon: + emitted, t CO2. Transfers carry
the value of every flow at its header's price (the ledger corrects it for what is vented and for
deals at other prices, see `hands`); over a header they sum to zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from chainsim.accounts.air import coke_postings, unit_postings, vent_postings
from chainsim.accounts.conventions import (
    COKING,
    Figures,
    convention,
    is_battery,
    is_carrier,
    material_id,
)
from chainsim.accounts.formulas import CO2_PER_C, combustion_co2_t, kgce_of_heat
from chainsim.library.model import Material
from chainsim.park.model import Buffer, Link, Market, Obligation, Park, Unit, UnitPort, Vent

CNY: Final = "CNY"
KGCE: Final = "kgce"
TONNE: Final = "t"
NM3_PER_KNM3: Final = 1000.0
OUTLETS: Final = ("sell", "obligation")
STORES: Final = ("fill", "draw")


@dataclass(frozen=True, slots=True)
class Entry:
    """`factor` times the signed quantity goes to `account`, in `unit`."""

    account: str
    factor: float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Price of a material at a header: CNY per base unit without VAT, VAT rate, where it stands."""

    cny: float = 0.0
    vat: float = 0.0
    path: str = ""
    draw: float = 1.0
    """What a study moved it by."""


class Poster:
    """Books the flows of one park."""

    def __init__(self, park: Park, figures: Figures, bought: frozenset[str] = frozenset()) -> None:
        self.park = park
        self.prices = header_prices(park, bought)
        self._figures = figures
        self._oxidised = {
            phase: figures(f"oxidation_{phase}", "ratio", 1.0)
            for phase in ("solid", "liquid", "gas")
        }
        self._grid = figures.grid_t_per_mwh
        self._heat = figures("purchased_heat", "t/GJ", 0.0)

    def entries(self, kind: str, component: str, port: str, material: str) -> Iterator[Entry]:
        """Entries of one kind of flow; none for what has no account."""
        if kind == "unit":
            unit = self.park.units[component]
            yield from self._unit(unit, _port(unit, port), material)
        elif kind == "link":
            yield from self._link(self.park.links[component], port, self.park.materials[material])
        else:
            yield from self._outside(kind, component, self.park.materials[material])

    # -- units --------------------------------------------------------------------------------

    def _unit(self, unit: Unit, port: UnitPort, material: str) -> Iterator[Entry]:
        connected = bool(port.options)
        stream = self.park.materials[material] if connected else port.material
        if unit.process is not None and port.name == unit.reference:
            sign = 1.0 if port.rate > 0 else -1.0
            yield Entry("cost.other", -sign * unit.process.variable_opex_cny, CNY)
        if connected:
            yield from self._transfer(f"{material}@{unit.site}")
            yield from self._made(unit, port, stream)
            yield from _energy_use(stream)
            if unit.boundary == COKING:
                yield from self._coking_energy(port, stream)
        elif unit.boundary == COKING and port.rate > 0:
            yield Entry("loss.a.chemical", kgce_of_heat(stream.lhv_gj), KGCE)
        yield from self._unit_carbon(port, stream, connected)
        yield from self._environment(unit, port, stream)

    def _environment(self, unit: Unit, port: UnitPort, stream: Material) -> Iterator[Entry]:
        """Pollutants, residues and water of one port."""
        for found in unit_postings(unit, port, stream, self._figures):
            yield Entry(found.account, found.factor, TONNE)
        if unit.boundary == COKING and port.rate > 0 and port.options:
            for found in coke_postings(unit, stream, self._figures):
                yield Entry(found.account, found.factor, TONNE)
        if stream.id in convention("materials", "water") and port.options:
            yield Entry("water.used", -1.0, stream.unit)

    def _made(self, unit: Unit, port: UnitPort, stream: Material) -> Iterator[Entry]:
        if port.rate > 0:
            yield Entry("output.made", 1.0, stream.unit)
        if stream.id != material_id("gas"):
            return
        if port.rate > 0 and unit.boundary == COKING:
            yield Entry("cog.make", NM3_PER_KNM3, "Nm3")
        elif port.burn and is_battery(unit):
            yield Entry("cog.underfiring", -NM3_PER_KNM3, "Nm3")

    def _coking_energy(self, port: UnitPort, stream: Material) -> Iterator[Entry]:
        """GB 21342: inputs +, products and recovered heat -; internal flows cancel."""
        if not is_carrier(stream):
            return
        if port.rate < 0:
            part = "coal" if stream.group == "coal" else "process"
        else:
            part = "recovered" if port.role == "utility_out" else "product"
        yield Entry(f"energy.a.{part}", -stream.tce_kgce, KGCE)
        yield from _equal_value("a", stream, -1.0)

    def _unit_carbon(self, port: UnitPort, stream: Material, connected: bool) -> Iterator[Entry]:
        if stream.gwp_t and not connected:
            yield from self._emission("carbon.other_gas", stream.gwp_t)
        carbon = _carbon(stream)
        if not carbon:
            return
        if port.burn and port.rate < 0:
            share = self._oxidised.get(stream.phase, 1.0)
            yield from self._emission("carbon.combustion", -combustion_co2_t(carbon, share))
            yield Entry("carbon_solid.unburnt", -carbon * (1.0 - share), "t")
        elif connected:
            yield from self._emission("carbon.process", -carbon * CO2_PER_C)

    def _emission(self, account: str, factor: float) -> Iterator[Entry]:
        yield Entry(account, factor, TONNE)
        yield Entry("cost.carbon", -factor * self.park.economics.carbon_price_cny_per_t, CNY)

    # -- markets, stores, vents ---------------------------------------------------------------

    def _outside(self, kind: str, component: str, stream: Material) -> Iterator[Entry]:
        header = self._header(kind, component)
        yield from self._transfer(header)
        if kind == "buy":
            market = self.park.buy[component]
            fuel = stream.phase == "energy" or stream.group in convention("energy", "fuels")
            yield Entry("cost.energy" if fuel else "cost.material", -market.price_cny, CNY)
            yield Entry("vat.input", -market.price_cny * market.vat, CNY)
            if stream.id in convention("materials", "water"):
                yield Entry("water.fresh", 1.0, stream.unit)
        elif kind in OUTLETS:
            deal = self.park.sell[component] if kind == "sell" else self.park.obligations[component]
            account = "revenue.sale" if kind == "sell" else "revenue.obligation"
            yield Entry(account, -deal.price_cny, CNY)
            yield Entry("vat.output", -deal.price_cny * deal.vat, CNY)
            yield Entry("output.sold", -1.0, stream.unit)
        elif kind in STORES:
            yield Entry("stock.value", -self.prices[header].cny, CNY)
        elif kind == "vent":
            yield from self._vent(self.park.vents[component], stream)
            return
        yield from self._park_energy(kind, stream)
        if kind not in STORES:
            yield from self._bought_carbon(stream)

    def _vent(self, vent: Vent, stream: Material) -> Iterator[Entry]:
        for found in vent_postings(vent, stream, self._figures):
            yield Entry(found.account, found.factor, TONNE)
        yield from _energy_use(stream)
        if stream.id == material_id("gas"):
            yield Entry("cog.flared", -NM3_PER_KNM3, "Nm3")
        if carbon := _carbon(stream):
            yield from self._emission("carbon.vent", -carbon * CO2_PER_C)

    def _park_energy(self, kind: str, stream: Material) -> Iterator[Entry]:
        """GB/T 2589 for the whole park; the content of chemicals is feedstock energy."""
        if is_carrier(stream):
            part = {"buy": "purchase", "fill": "stock", "draw": "stock"}.get(kind, "delivery")
            yield Entry(f"energy.b.{part}", stream.tce_kgce, KGCE)
            yield from _equal_value("b", stream, 1.0)
        elif stream.lhv_gj > 0:
            yield Entry("energy.c.feedstock", _content_kgce(stream), KGCE)

    def _bought_carbon(self, stream: Material) -> Iterator[Entry]:
        """GB/T 32151.13: purchased less delivered power and heat, both at the purchase factor."""
        account, factor = self._indirect(stream)
        if account:
            yield Entry(f"carbon.{account}", factor, TONNE)

    # -- transport and transfers --------------------------------------------------------------

    def _link(self, link: Link, port: str, stream: Material) -> Iterator[Entry]:
        yield from _energy_use(stream)
        if port == "power":
            yield from self._transfer(link.electricity_header)
            return
        yield from self._transfer(link.origin if port == "in" else link.target)
        if link.shipment is not None:  # what is on the way is a stock of the origin's price
            yield Entry("stock.value", -self.prices[link.origin].cny, CNY)
            yield from self._park_energy("fill", stream)
        if port == "in":
            tkm = stream.mass_t * link.km
            yield Entry(f"transport.{link.mode}", -tkm, "t*km")
            yield Entry("cost.freight", tkm * link.freight_cny_per_t_km, CNY)

    def _transfer(self, header: str) -> Iterator[Entry]:
        """What changes hands at a header: its value, and the carbon of power and heat."""
        price = self.prices.get(header, Price())
        yield Entry("transfer.value", price.cny, CNY)
        yield Entry("transfer.vat", price.cny * price.vat, CNY)
        if header in self.park.headers:
            account, factor = self._indirect(self.park.headers[header].material)
            if account:
                yield Entry(f"carbon_transfer.{account}", -factor, TONNE)

    def _indirect(self, stream: Material) -> tuple[str, float]:
        """Account and t CO2 per unit of purchased power or heat; empty for other materials."""
        if stream.id == material_id("electricity"):
            return "power", self._grid
        if stream.id in convention("materials", "heat"):
            return "heat", self._heat * stream.energy_gj
        return "", 0.0

    def _header(self, kind: str, component: str) -> str:
        groups: dict[str, Mapping[str, Market | Obligation | Buffer | Vent]] = {
            "buy": self.park.buy,
            "sell": self.park.sell,
            "obligation": self.park.obligations,
            "fill": self.park.buffers,
            "draw": self.park.buffers,
            "vent": self.park.vents,
        }
        return groups[kind][component].header


def _port(unit: Unit, name: str) -> UnitPort:
    return next(p for p in unit.ports if p.name == name)


def _carbon(stream: Material) -> float:
    return (stream.elements or {}).get("C", 0.0)


def _energy_use(stream: Material) -> Iterator[Entry]:
    """Net energy taken in by a component: carriers, and the content of what is none."""
    if is_carrier(stream):
        yield Entry("energy_use.carrier", -stream.tce_kgce, KGCE)
        if stream.tce_equal_kgce is not None:
            yield Entry("energy_use.equal", stream.tce_kgce - stream.tce_equal_kgce, KGCE)
    elif stream.lhv_gj > 0:
        yield Entry("energy_use.feedstock", -_content_kgce(stream), KGCE)


def _content_kgce(stream: Material) -> float:
    return stream.tce_kgce or kgce_of_heat(stream.lhv_gj)


def _equal_value(boundary: str, stream: Material, sign: float) -> Iterator[Entry]:
    """What source energy adds to the calorific value (power and heat only)."""
    if stream.tce_equal_kgce is not None:
        extra = stream.tce_equal_kgce - stream.tce_kgce
        yield Entry(f"energy_equal.{boundary}", sign * extra, KGCE)


def net_bought(park: Park, flows: Iterable[tuple[str, str, float]]) -> frozenset[str]:
    """Headers at which more is bought than sold: there the purchase sets the transfer price.

    Args:
        park: the park.
        flows: (kind, component, quantity); only purchases (+) and sales (-) count.
    """
    net: dict[str, float] = {}
    for kind, component, quantity in flows:
        if kind in ("buy", "sell"):
            header = (park.buy if kind == "buy" else park.sell)[component].header
            net[header] = net.get(header, 0.0) + quantity
    return frozenset(header for header, quantity in net.items() if quantity > 0)


def header_prices(park: Park, bought: frozenset[str] = frozenset()) -> dict[str, Price]:
    """Transfer price by header: the scenario's own, its sale, its purchase, that of elsewhere.

    Args:
        park: the park.
        bought: headers that go by their purchase, because more is bought there than sold.
    """
    at: dict[str, Price] = {}
    anywhere: dict[str, Price] = {}
    for deals in (park.sell, park.obligations, park.buy):
        for deal in deals.values():
            price = Price(
                cny=deal.price_cny, vat=deal.vat, path=deal.price_path, draw=deal.price_draw
            )
            if price.cny > 0 and deals is park.buy and deal.header in bought:
                at[deal.header] = price
            if price.cny > 0:
                at.setdefault(deal.header, price)
                anywhere.setdefault(park.headers[deal.header].material.id, price)
    for header in park.headers.values():
        if header.id not in at:
            at[header.id] = anywhere.get(header.material.id) or _listed(park, header.material.id)
        own = park.economics.transfer_prices.get(header.material.id)
        if own is not None:
            path = f"economics.transfer_prices.{header.material.id}"
            draw = park.economics.transfer_draws.get(header.material.id, 1.0)
            at[header.id] = Price(cny=own, vat=at[header.id].vat, path=path, draw=draw)
    return at


def _listed(park: Park, material: str) -> Price:
    if material not in park.prices:
        return Price()
    known = park.library.prices.get(material)
    vat = known.vat if known is not None else 0.0
    draw = park.library.price_draws.get(material, 1.0)
    return Price(cny=park.prices[material], vat=vat, path=f"prices.{material}", draw=draw)
