"""What one unit of a by-product is worth along each route: the ladder of its uses.

Everything is per base unit of the source at full load and at the sizes the library's investments
stand for. The netback is what a route could pay for the source: products and co-products, less all
other inputs, running cost and labour; once before and once after a capital charge.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from chainsim.accounts.conventions import material_id
from chainsim.accounts.formulas import CO2_PER_C, annuity_share, kgce_of_heat
from chainsim.library.model import Library, Material, Port, Process
from chainsim.park.routes import Chain, feeds_of, makes
from chainsim.units import convert

HURDLE: Final = "hurdle_organic_chemicals"
LIFE: Final = "depreciation_life"
GRID: Final = "grid_north_china_2023"
WAGE: Final = "wage_cny_per_person_a"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One route's figures per base unit of the source.

    Attributes:
        chain: the route.
        yield_: base units of the product.
        value_cny: product and co-products at the plant gate, without VAT.
        inputs_cny: all other inputs, fuels and utilities.
        running_cny: chemicals, maintenance, overheads, labour.
        capital_cny: investment as a yearly charge.
        capex_cny: investment per unit of the source a year.
        energy_kgce: energy that goes in and is in nothing that comes out.
        co2_t: carbon that leaves as CO2, and that of bought power.
        unpriced: materials that have neither price nor heat value.
    """

    chain: Chain
    yield_: float
    value_cny: float
    inputs_cny: float
    running_cny: float
    capital_cny: float
    capex_cny: float
    energy_kgce: float
    co2_t: float
    unpriced: tuple[str, ...]

    @property
    def netback_cny(self) -> float:
        """What the route could pay for the source, before capital."""
        return self.value_cny - self.inputs_cny - self.running_cny

    @property
    def netback_after_capital_cny(self) -> float:
        """The same after the capital charge."""
        return self.netback_cny - self.capital_cny


class Valuer:
    """Values streams of one library at one set of prices."""

    def __init__(self, library: Library, prices: Mapping[str, float]) -> None:
        """Take a price list on.

        Args:
            library: materials, processes and figures.
            prices: net CNY per base unit, by price key.
        """
        self.library = library
        self._prices = prices
        gas = library.materials[material_id("gas")]
        self._fuel_cny_per_gj = prices.get(gas.id, 0.0) / gas.lhv_gj
        self._fuel_c_per_gj = (gas.elements or {}).get("C", 0.0) / gas.lhv_gj
        self._grid = self._figure(GRID, "t/MWh")
        self._charge = annuity_share(self._figure(HURDLE, "1/a"), self._figure(LIFE, "a"))
        self._wage = self._figure(WAGE, "CNY/(person*a)")

    def _figure(self, key: str, unit: str) -> float:
        factor = self.library.factors.get(key)
        return 0.0 if factor is None else convert(factor.value, factor.coefficient.unit, unit)

    def value(self, material: Material) -> float | None:
        """Net CNY per base unit: the price, else the fuel value of a gas; None when neither."""
        if material.id in self._prices:
            return self._prices[material.id]
        if material.unit == "GJ":
            return self._fuel_cny_per_gj
        fuel = material.phase == "gas" and material.lhv_gj > 0
        return material.lhv_gj * self._fuel_cny_per_gj if fuel else None

    def listed(self) -> dict[str, float]:
        """Every material that has a market price."""
        return {k: self._prices[k] for k in sorted(self.library.materials) if k in self._prices}

    def rung(self, chain: Chain) -> Rung:
        """The figures of one route."""
        total = _Total()
        last = len(chain.steps) - 1
        pairs = zip(chain.steps, chain.activities(), strict=True)
        for index, (step, activity) in enumerate(pairs):
            for port in step.process.ports:
                taken = self._is_followed(step.process, port, step.taken)
                goes_on = index < last and makes(port) and port.material.id == step.made
                self._add_carbon(total, port, activity, step.taken if taken else None)
                self._add_energy(total, port, activity, step.taken if taken else None)
                if not (taken or goes_on):
                    self._add_money(total, port, activity)
            self._add_cost(total, step.process, activity)
        return Rung(
            chain=chain,
            yield_=chain.yield_,
            value_cny=total.value_cny,
            inputs_cny=total.inputs_cny,
            running_cny=total.running_cny,
            capital_cny=total.capex_cny * self._charge,
            capex_cny=total.capex_cny,
            energy_kgce=total.energy_kgce,
            co2_t=total.co2_t,
            unpriced=tuple(sorted(total.unpriced)),
        )

    def _is_followed(self, process: Process, port: Port, material: str) -> bool:
        return any(m == material for m, _ in feeds_of(self.library, process, port))

    def _add_money(self, total: _Total, port: Port, activity: float) -> None:
        if not port.connected:
            return
        price = self.value(port.material)
        if price is None:
            total.unpriced.add(port.material.id)
        elif port.amount > 0:
            total.value_cny += activity * port.amount * price
        else:
            total.inputs_cny -= activity * port.amount * price

    def _add_carbon(self, total: _Total, port: Port, activity: float, taken: str | None) -> None:
        """Carbon that comes in less carbon that goes out to others, all of it as CO2."""
        if not port.connected:
            total.co2_t += activity * port.amount * port.material.gwp_t
            return
        if port.by_heat:
            fuel = self.library.materials[taken or material_id("gas")]
            carbon = _carbon(fuel) / fuel.lhv_gj
        else:
            carbon = _carbon(port.material)
        total.co2_t -= activity * port.amount * carbon * CO2_PER_C
        if port.material.id == material_id("electricity"):
            total.co2_t -= activity * port.amount * self._grid

    def _add_energy(self, total: _Total, port: Port, activity: float, taken: str | None) -> None:
        if not port.connected:
            return
        content = kgce_of_heat(1.0) if port.by_heat else port.material.tce_kgce
        if taken is not None and not port.by_heat:
            content = self.library.materials[taken].tce_kgce
        total.energy_kgce -= activity * port.amount * content

    def _add_cost(self, total: _Total, process: Process, activity: float) -> None:
        """Investment at the reference size, and what a year of running costs, per unit made."""
        made = activity * process.reference_amount
        capex = process.capex
        if capex is not None:
            per_hour = capex.reference_cny / capex.reference_capacity_per_h
            total.capex_cny += made * per_hour / process.operating_hours
        money = made * process.variable_opex_cny
        if capex is not None:
            money += made * per_hour / process.operating_hours * process.fixed_opex_per_a
        persons = made * process.persons_per_unit_per_h / process.operating_hours
        total.running_cny += money + persons * self._wage


def _carbon(material: Material) -> float:
    return (material.elements or {}).get("C", 0.0)


@dataclass(slots=True)
class _Total:
    value_cny: float = 0.0
    inputs_cny: float = 0.0
    running_cny: float = 0.0
    capex_cny: float = 0.0
    energy_kgce: float = 0.0
    co2_t: float = 0.0
    unpriced: set[str] = field(default_factory=set)


def ladder(valuer: Valuer, chains: Iterable[Chain]) -> list[Rung]:
    """The rungs of `chains`, the marginal use (lowest netback after capital) first."""
    rungs = [valuer.rung(chain) for chain in chains]
    return sorted(rungs, key=lambda r: (r.netback_after_capital_cny, _ids(r.chain)))


def _ids(chain: Chain) -> tuple[str, ...]:
    return (*(step.process.id for step in chain.steps), chain.product)
