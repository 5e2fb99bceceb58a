"""Which level of its standards a process of the library meets at full load.

Unit energy per t of the product named by the process's reference port, from its coefficients:
`gross` counts all energy in less energy products sent out besides the product itself, `process`
leaves feedstocks out as well; `coking` is the unit energy of GB 21342 of a plant of this battery,
its dry quenching and gas cleaning, against the limits corrected for the library's coal blend. A run
judges the same with its real load, quenching and riser heat. Concentrations need measurements.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from chainsim.accounts.conventions import is_carrier
from chainsim.accounts.formulas import kgce_of_heat
from chainsim.accounts.limits import OvenState, corrected_coking_limit
from chainsim.library.model import Library, Limit, Port, Process
from chainsim.park.coking import coking_balance
from chainsim.units import convert

OPEN: Final = ("concentration", "unstated")
"""Scopes that coefficients alone cannot judge."""
FEEDSTOCKS: Final = ("feed", "product", "byproduct")
ELECTRICITY: Final = "electricity"


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitVerdict:
    """One limit against one process.

    Attributes:
        limit: the limit.
        process: id of the process.
        value: in the limit's unit; None where it cannot be judged from coefficients.
        levels: limits by level, corrected where the standard corrects them.
        level: best level met; empty when none is, or nothing can be judged.
    """

    limit: Limit
    process: str
    value: float | None
    levels: Mapping[str, float]
    level: str


def unit_energy_kgce(process: Process, scope: str) -> float:
    """Energy per base unit of the reference port, kgce (`gross` or `process`, see the module)."""
    total = 0.0
    for port in process.ports:
        if port.name == process.reference or not port.connected:
            continue
        if scope == "process" and port.role in FEEDSTOCKS:
            continue
        content = kgce_of_heat(1.0) if port.by_heat else port.material.tce_kgce
        total -= port.amount * content
    return total / process.reference_amount


def unit_electricity_kwh(process: Process) -> float:
    """Bought or own power per base unit of the reference port, kWh."""
    ports: list[Port] = [p for p in process.ports if p.material.id == ELECTRICITY]
    used = -sum(convert(p.amount, "MWh", "kWh") for p in ports)
    return used / process.reference_amount


def coke_plant_energy_kgce(library: Library, battery: Process) -> float:
    """Unit energy of coke (GB 21342) of a plant of one battery type, kgce per t of dry coke."""
    given = coking_balance(library, battery)
    carriers = {m: a for m, a in given.items() if is_carrier(library.materials[m])}
    return -sum(amount * library.materials[m].tce_kgce for m, amount in carriers.items())


def judge(library: Library, process: Process, limit: Limit) -> LimitVerdict:
    """One limit against one process."""
    value = _value(library, process, limit)
    levels = {name: level.base for name, level in limit.levels.items()}
    if limit.corrections is not None:
        state = _oven_state(library, limit)
        levels = {k: corrected_coking_limit({limit.id: limit}, k, state) for k in levels}
    met = "" if value is None else next((k for k, most in levels.items() if value <= most), "")
    return LimitVerdict(limit=limit, process=process.id, value=value, levels=levels, level=met)


def _oven_state(library: Library, limit: Limit) -> OvenState:
    """A new battery on coke-oven gas with dry quenching and the library's coal blend."""

    def percent(key: str) -> float:
        factor = library.factors[key]
        return convert(factor.value, factor.coefficient.unit, "percent")

    return OvenState(
        charging=limit.oven,
        volatile_pct=percent("coal_blend_volatile"),
        moisture_pct=percent("coal_blend_moisture"),
    )


def _value(library: Library, process: Process, limit: Limit) -> float | None:
    if limit.scope in OPEN:
        return None
    if limit.scope == "coking":
        return convert(coke_plant_energy_kgce(library, process), "kgce/t", limit.unit)
    mass = process.port(process.reference).material.mass_t
    if not mass:
        return None
    if limit.quantity == ELECTRICITY:
        return convert(unit_electricity_kwh(process) / mass, "kWh/t", limit.unit)
    return convert(unit_energy_kgce(process, limit.scope) / mass, "kgce/t", limit.unit)


def judge_library(library: Library) -> Iterator[LimitVerdict]:
    """Every limit that a process of the library names."""
    for process in library.processes.values():
        for key in process.limits:
            yield judge(library, process, library.limits[key])
