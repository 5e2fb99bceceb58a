"""A coking plant from the library's processes: a battery, its quenching and its gas cleaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chainsim.library.model import Library, Process
from chainsim.park.routes import feeds_of, makes, taken_by, takes

COKE: Final = "coke"
COKE_OVEN_GAS: Final = "coke_oven_gas"
COKING: Final = "coking"


def coking_plant(library: Library, battery: Process) -> list[tuple[Process, float]]:
    """The processes of a coking plant with their activity per unit of the battery's basis.

    Coke is quenched where most of it is kept; raw gas goes straight to gas cleaning.
    """
    made = {p.material.id: p.amount for p in battery.ports if makes(p)}
    plant = [(battery, 1.0)]
    for process in _following(library, made):
        feed = min(m for m in made if m in takes(library, process))
        plant.append((process, made[feed] / taken_by(library, process, feed)))
    return plant


def coking_balance(library: Library, battery: Process) -> dict[str, float]:
    """What a coking plant gives (+) and takes (-) per t of coke delivered, base units.

    All fuel heat of ovens and gas cleaning is taken from the coke-oven gas made.
    """
    plant = coking_plant(library, battery)
    gas = library.materials[COKE_OVEN_GAS]
    total: dict[str, float] = {}
    for process, activity in plant:
        for port in process.ports:
            if not port.connected:
                continue
            material, amount = port.material.id, activity * port.amount
            if port.by_heat:
                material, amount = gas.id, amount / gas.lhv_gj
            elif port.role == "feed" and process is not battery:
                served = {m for m, _ in feeds_of(library, process, port)}
                material = min(served & set(total), default=material)
            total[material] = total.get(material, 0.0) + amount
    coke = total[COKE]
    return {m: a / coke for m, a in sorted(total.items()) if abs(a) > 1e-12 * abs(coke)}


def coking_yields(library: Library, battery: Process) -> dict[str, float]:
    """By-products per t of coke delivered, base units, when coke-oven gas heats the ovens."""
    given = coking_balance(library, battery)
    return {m: a for m, a in given.items() if a > 0 and m != COKE}


def _following(library: Library, made: Mapping[str, float]) -> list[Process]:
    """For each product of a battery that is no final product, the process that keeps most of it."""
    coking = [p for p in library.processes.values() if p.boundary == COKING and p.oven is None]
    found = []
    for material in made:
        takers = [
            p
            for p in coking
            for port in p.ports
            for m, _ in feeds_of(library, p, port)
            if m == material
        ]
        if takers:
            found.append(max(takers, key=lambda p: (_kinds(p), p.id)))
    return found


def _kinds(process: Process) -> tuple[int, float]:
    """How much a process makes of what it is given: kinds of products, then energy kept."""
    made = [p for p in process.ports if makes(p)]
    return len(made), sum(p.amount * p.material.energy_gj for p in made)
