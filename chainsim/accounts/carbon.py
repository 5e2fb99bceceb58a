"""The carbon ledger: parts of the inventory, scopes, and a carbon balance of every unit.

GB/T 32151.13: combustion with oxidation, process 1 (coking) and process 2 (chemical extension) by
carbon balance, purchased power and heat. A park's total is that of its members less what they sell
one another. Carbon that leaves in products is shown, not counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from chainsim.accounts import formulas as f
from chainsim.accounts.conventions import COKING, convention, material_id, recognised
from chainsim.accounts.view import FlowSum, View
from chainsim.park.model import Park, Unit

PARTS: Final = ("combustion", "coking", "extension", "other", "vent", "other_gas", "power", "heat")
DOWNSTREAM: Final = "downstream"
SCOPE_1: Final = PARTS[:6]
SCOPE_2: Final = PARTS[6:]


def inventory_t(view: View) -> dict[str, float]:
    """CO2 of a view by part, t; they sum to its total.

    `coking` and `extension` are the process emissions of the coking process and of chemical
    plants, `other` those of steel and utilities.
    """
    parts = dict.fromkeys(PARTS, 0.0)
    units = view.park.units
    for row in view.rows:
        account = row.account
        if account == "carbon.process":
            unit = units.get(row.unit)
            boundary = "" if unit is None else unit.boundary
            parts[{COKING: "coking", DOWNSTREAM: "extension"}.get(boundary, "other")] += row.amount
        elif account.startswith("carbon."):
            parts[account.removeprefix("carbon.")] += row.amount
        elif view.part and account.startswith("carbon_transfer."):
            parts[account.removeprefix("carbon_transfer.")] += row.amount
    return parts


def scopes_t(view: View) -> dict[str, float]:
    """Scope 1 and scope 2 of a view, t CO2e."""
    parts = inventory_t(view)
    return {
        "scope_1": sum(parts[p] for p in SCOPE_1),
        "scope_2": sum(parts[p] for p in SCOPE_2),
    }


def carbon_in_products_t(view: View) -> dict[str, float]:
    """Carbon in what is sold and delivered, t C by material; not an emission here."""
    materials = view.park.materials
    sold = view.by_material("output.sold")
    found = {m: amount * (materials[m].elements or {}).get("C", 0.0) for m, amount in sold.items()}
    return {m: carbon for m, carbon in sorted(found.items()) if carbon > 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class CarbonBalance:
    """Carbon through one unit, t C.

    Attributes:
        unit: its id.
        into: in feeds and fuels.
        products: in connected products.
        combustion: in CO2 of its fuels.
        process: in what its process emits, losses included.
        unburnt: in soot and ash of its fuels.
    """

    unit: str
    into: float
    products: float
    combustion: float
    process: float
    unburnt: float

    @property
    def gap(self) -> float:
        """In less out."""
        return self.into - self.products - self.combustion - self.process - self.unburnt


def balance(park: Park, flows: Iterable[FlowSum], units: Iterable[Unit]) -> Iterator[CarbonBalance]:
    """Carbon balance of units from the streams that really flowed, emissions among them.

    The process's emission is what its unconnected outlets carry, so a process that closes has no
    gap. A recipe of the scenario names no outlets of its own: what is left of it counts as emitted.
    """
    wanted = {u.id: u for u in units}
    ports = {(u.id, p.name): p for u in wanted.values() for p in u.ports}
    sums: dict[str, list[float]] = {}
    oxidised = _oxidised(park)
    for flow in flows:
        if flow.kind != "unit" or flow.component not in wanted:
            continue
        port = ports[flow.component, flow.port]
        stream = park.materials[flow.material] if port.options else port.material
        carbon = flow.quantity * (stream.elements or {}).get("C", 0.0)
        into, products, burnt, emitted, unburnt = sums.setdefault(flow.component, [0.0] * 5)
        if flow.quantity < 0:
            into -= carbon
            if port.burn:
                share = oxidised.get(stream.phase, 1.0)
                burnt, unburnt = burnt - carbon * share, unburnt - carbon * (1.0 - share)
        elif port.options:
            products += carbon
        else:
            emitted += carbon
        sums[flow.component] = [into, products, burnt, emitted, unburnt]
    for key, (into, products, burnt, emitted, unburnt) in sorted(sums.items()):
        if wanted[key].process is None:
            emitted = into - products - burnt - unburnt
        if into or products or emitted:
            yield CarbonBalance(
                unit=key,
                into=into,
                products=products,
                combustion=burnt,
                process=emitted,
                unburnt=unburnt,
            )


def _oxidised(park: Park) -> Mapping[str, float]:
    shares = {}
    for phase in ("solid", "liquid", "gas"):
        factor = park.library.factors.get(f"oxidation_{phase}")
        shares[phase] = 1.0 if factor is None else factor.value
    return shares


def displaced_diesel_co2_t(view: View) -> float | None:
    """CO2 of the diesel that hydrogen lorries of the park did not burn, t; None without any.

    Boundary: tank to wheel of lorries owned by the park, kilometre for kilometre against the
    library's diesel lorry. Hydrogen's own emissions stay in the park's total; hydrogen sold to
    others is not counted.
    """
    park = view.park
    fleets = [u.id for u in park.units.values() if recognised(u, "hydrogen_truck")]
    km = view.where("unit", fleets).by_material("output.made").get(material_id("kilometre"), 0.0)
    diesel = next((p for p in park.library.processes.values() if _is(p.id, "diesel_truck")), None)
    if km <= 0 or diesel is None:
        return None
    used = next((p for p in diesel.ports if p.material.id == material_id("diesel")), None)
    if used is None:
        return None
    carbon = (used.material.elements or {}).get("C", 0.0)
    per_km = -used.amount / diesel.reference_amount
    return f.displaced_diesel_co2_t(km, per_km, carbon)


def _is(name: str, part: str) -> bool:
    return any(word in name for word in convention("words", part))
