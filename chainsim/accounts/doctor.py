"""The structure doctor: what a layout leaves unused, starves, or builds too small.

Works on one run's flows and the library's graph; it judges structure, not money. Amounts are base
units a year.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from chainsim.accounts.conventions import COKING
from chainsim.library.model import Library, Process
from chainsim.park.model import Park, Unit
from chainsim.park.routes import UTILITY, feeds_of, library_graph
from chainsim.results import Simulation

ENOUGH: Final = 0.98
"""Share of a least size that counts as reaching it: figures of sizes are round."""
STARVED: Final = 0.6
"""A plant whose park makes less than this share of its feed is told of."""
_WASTE: Final = ("emission", "loss")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding.

    Attributes:
        kind: `dead_end`, `no_source`, `orphan`, `too_small`, `short_of_scale` or `starved`.
        subject: material or process or unit it is about.
        material: the stream concerned.
        amount: what there is.
        needed: what it takes; for an orphan, what is made.
        unit: of both.
        others: related ids: makers, takers, open processes, units.
    """

    kind: str
    subject: str
    material: str
    amount: float = 0.0
    needed: float = 0.0
    unit: str = ""
    others: tuple[str, ...] = ()


def examine_library(library: Library) -> list[Finding]:
    """Products nobody takes or buys, and feeds nobody makes or sells."""
    graph = library_graph(library)
    found = []
    for key, material in sorted(library.materials.items()):
        node = f"material:{key}"
        makers = [n.removeprefix("process:") for n in sorted(graph.predecessors(node))]
        takers = [n.removeprefix("process:") for n in sorted(graph.successors(node))]
        traded = key in library.prices or material.ambient
        if makers and not (takers or traded or _burnt(library, key) or _used(library, key)):
            found.append(Finding(kind="dead_end", subject=key, material=key, others=tuple(makers)))
        if takers and not (makers or traded):
            found.append(Finding(kind="no_source", subject=key, material=key, others=tuple(takers)))
    return found


def _ports(library: Library) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    for process in library.processes.values():
        for port in process.ports:
            if port.amount < 0:
                yield port.material.id, port.alternatives, port.by_heat


def _burnt(library: Library, key: str) -> bool:
    return any(by_heat and key in listed for _, listed, by_heat in _ports(library))


def _used(library: Library, key: str) -> bool:
    return any(key == material for material, _, _ in _ports(library))


def examine_park(park: Park, simulation: Simulation) -> list[Finding]:
    """Findings of one layout, from the flows of a run.

    Args:
        park: the layout.
        simulation: a run of it, steady or by events.
    """
    flows = _Flows(park, simulation)
    return [
        *_dead_ends(park),
        *_orphans(park, flows),
        *_too_small(park),
        *_short_of_scale(park, flows),
        *_starved(park, flows),
    ]


class _Flows:
    """Yearly amounts by material: made and used by units, bought, sold, lost."""

    def __init__(self, park: Park, simulation: Simulation) -> None:
        years = park.horizon.years
        self.made: dict[str, float] = {}
        self.raw: dict[str, float] = {}
        table = simulation.flows[["kind", "component", "material", "quantity"]]
        for kind, _, material, quantity in table.itertuples(index=False, name=None):
            if kind == "unit" and quantity > 0:
                self.made[material] = self.made.get(material, 0.0) + quantity / years
            elif kind in ("sell", "vent") and quantity < 0:
                self.raw[material] = self.raw.get(material, 0.0) - quantity / years


def _dead_ends(park: Park) -> Iterator[Finding]:
    ports = [(unit, port) for unit in park.units.values() for port in unit.ports]
    taken = {option.header for _, p in ports if p.rate < 0 for option in p.options}
    taken |= {link.origin for link in park.links.values()}
    for group in (park.sell, park.obligations, park.vents):
        taken |= {item.header for item in group.values()}
    made: dict[str, list[str]] = {}
    for unit, port in ports:
        for option in port.options:
            if port.rate > 0 and option.header not in taken:
                made.setdefault(option.header, []).append(unit.id)
    for header, units in sorted(made.items()):
        material = park.headers[header].material.id
        yield Finding(kind="dead_end", subject=header, material=material, others=tuple(units))


def _orphans(park: Park, flows: _Flows) -> Iterator[Finding]:
    """By-products that leave raw or are burnt off though the library knows a use for them."""
    products = {p.material.id for u in park.units.values() for p in u.ports if p.role == "product"}
    present = {u.process.id for u in park.units.values() if u.process is not None}
    takers = _takers(park.library)
    for material, made in sorted(flows.made.items()):
        stream = park.materials[material]
        raw = flows.raw.get(material, 0.0)
        further = [] if material in products else takers.get(material, [])
        if stream.group in _WASTE or stream.phase == "energy" or raw <= 0.05 * made or not further:
            continue
        if any(p in present for p in further) and raw < 0.5 * made:
            continue
        yield Finding(
            kind="orphan",
            subject=material,
            material=material,
            amount=raw,
            needed=made,
            unit=stream.unit,
            others=tuple(further),
        )


def _takers(library: Library) -> dict[str, list[str]]:
    """Material -> processes that work it up; burning does not count."""
    found: dict[str, list[str]] = {}
    for process in library.processes.values():
        if process.boundary == UTILITY:
            continue
        for port in process.ports:
            for material, _ in feeds_of(library, process, port):
                found.setdefault(material, []).append(process.id)
    return found


def _plants(park: Park) -> Iterator[tuple[Process, float, tuple[str, ...]]]:
    """(process, nameplate per hour, unit ids) of the units of one kind, owner and site."""
    found: dict[tuple[str, str, str], list[Unit]] = {}
    for unit in park.units.values():
        if unit.process is not None and unit.process.min_scale_per_h is not None:
            figure = unit.process.figure("min_scale")
            path = figure.path if figure is not None else unit.process.id
            found.setdefault((path, unit.site, unit.owner), []).append(unit)
    for units in found.values():
        first = units[0].process
        assert first is not None
        yield first, sum(u.nameplate_per_h for u in units), tuple(u.id for u in units)


def _too_small(park: Park) -> Iterator[Finding]:
    for process, nameplate, units in _plants(park):
        least = process.min_scale_per_h or 0.0
        if nameplate < ENOUGH * least:
            stream = process.port(process.reference).material
            yield Finding(
                kind="too_small",
                subject=process.id,
                material=stream.id,
                amount=nameplate * process.operating_hours,
                needed=least * process.operating_hours,
                unit=stream.unit,
                others=units,
            )


def _short_of_scale(park: Park, flows: _Flows) -> Iterator[Finding]:
    """Processes whose least size needs more of a by-product than the whole park makes."""
    for process in park.library.processes.values():
        if process.min_scale_per_h is None or process.boundary == COKING:
            continue
        activity = process.min_scale_per_h * process.operating_hours / process.reference_amount
        for material, need in _main_feeds(park.library, process):
            made, needed = flows.made.get(material, 0.0), activity * need
            if 0.0 < made < ENOUGH * needed:
                yield Finding(
                    kind="short_of_scale",
                    subject=process.id,
                    material=material,
                    amount=made,
                    needed=needed,
                    unit=park.materials[material].unit,
                    others=tuple(u.id for u in _units_of(park, process)),
                )


def _units_of(park: Park, process: Process) -> Iterator[Unit]:
    for unit in park.units.values():
        if unit.process is not None and unit.process.id == process.id:
            yield unit


def _main_feeds(library: Library, process: Process) -> Iterator[tuple[str, float]]:
    """The feed that brings most mass."""
    feeds = [
        (material, amount, amount * library.materials[material].mass_t)
        for port in process.ports
        if port.role == "feed"
        for material, amount in list(feeds_of(library, process, port))[:1]
    ]
    if feeds:
        material, amount, _ = max(feeds, key=lambda f: (f[2], f[0]))
        yield material, amount


def _starved(park: Park, flows: _Flows) -> Iterator[Finding]:
    """Plants whose park makes too little of their main feed, whatever they buy."""
    needed: dict[tuple[str, str], list[tuple[float, str]]] = {}
    for unit in park.units.values():
        process = unit.process
        if process is None or process.boundary in (COKING, UTILITY):
            continue
        activity = unit.nameplate_per_h * process.operating_hours / process.reference_amount
        for material, amount in _main_feeds(park.library, process):
            needed.setdefault((process.id, material), []).append((activity * amount, unit.id))
    for (key, material), parts in sorted(needed.items()):
        need, made = sum(amount for amount, _ in parts), flows.made.get(material, 0.0)
        if 0.0 < made < STARVED * need:
            yield Finding(
                kind="starved",
                subject=key,
                material=material,
                amount=made,
                needed=need,
                unit=park.materials[material].unit,
                others=tuple(unit for _, unit in parts),
            )
