"""The library as a graph of materials and processes, and the chains that lead through it.

Nodes are `material:<id>` and `process:<id>`; an edge into a process carries how much of the
material one unit of the process's basis takes in, an edge out of it how much it gives out (base
units). A fuel of a utility plant counts as its feed, by heat value; other fuels and utilities make
no edge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from chainsim.library.model import Library, Port, Process, Route

if TYPE_CHECKING:
    import networkx as nx

LibraryGraph: TypeAlias = "nx.DiGraph[str]"
MAKES: Final = ("product", "byproduct", "utility_out")
UTILITY: Final = "utility"
MOST_STEPS: Final = 8
MOST_CHAINS: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One process of a chain; amounts in base units per unit of the process's basis."""

    process: Process
    taken: str
    """Material that comes in from the step before."""
    taken_amount: float
    made: str
    """Material that goes on."""
    made_amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Processes in order, from a material to a product."""

    source: str
    steps: tuple[Step, ...]

    @property
    def product(self) -> str:
        """Material at the end."""
        return self.steps[-1].made

    @property
    def yield_(self) -> float:
        """Base units of the product per base unit of the source."""
        amount = 1.0
        for step in self.steps:
            amount *= step.made_amount / step.taken_amount
        return amount

    def activities(self) -> tuple[float, ...]:
        """Units of each process's basis per base unit of the source."""
        found, arriving = [], 1.0
        for step in self.steps:
            found.append(arriving / step.taken_amount)
            arriving = found[-1] * step.made_amount
        return tuple(found)


def library_graph(library: Library) -> LibraryGraph:
    """Every material and process of the library, with the amounts on the edges."""
    import networkx as nx

    graph: LibraryGraph = nx.DiGraph(id="library", name_zh="", name_en="")
    for material in library.materials.values():
        names = {"name_zh": material.name_zh, "name_en": material.name_en}
        graph.add_node(f"material:{material.id}", kind="material", **names)
    for process in library.processes.values():
        node = f"process:{process.id}"
        names = {"name_zh": process.name_zh, "name_en": process.name_en}
        graph.add_node(node, kind="process", **names)
        for port in process.ports:
            for feed, amount in feeds_of(library, process, port):
                graph.add_edge(
                    f"material:{feed}", node, amount=amount, port=port.name, material=feed
                )
            if makes(port):
                made = port.material.id
                graph.add_edge(
                    node, f"material:{made}", amount=port.amount, port=port.name, material=made
                )
    return graph


def chains_graph(library: Library, source: str, chains: Iterable[Chain]) -> LibraryGraph:
    """The part of the library's graph that `chains` run through, with what their processes give."""
    import networkx as nx

    graph = library_graph(library)
    wanted = {f"material:{source}"}
    for chain in chains:
        for step in chain.steps:
            node = f"process:{step.process.id}"
            wanted |= {f"material:{step.taken}", node, *graph.successors(node)}
    part: LibraryGraph = nx.DiGraph(graph.subgraph(wanted))
    material = library.materials[source]
    part.graph.update(id=source, name_zh=material.name_zh, name_en=material.name_en)
    return part


def makes(port: Port) -> bool:
    """True when the port gives out something others can take."""
    return port.role in MAKES and port.amount > 0


def feeds_of(library: Library, process: Process, port: Port) -> Iterator[tuple[str, float]]:
    """(material, amount per basis) of all that may serve the port as a feed."""
    if port.amount >= 0 or port.material.ambient:
        return
    fuel = port.role == "utility_in" and port.by_heat and process.boundary == UTILITY
    if port.role != "feed" and not fuel:
        return
    for material in port.alternatives or (port.material.id,):
        if not port.by_heat:
            yield material, -port.amount
        elif material in library.materials and library.materials[material].lhv_gj > 0:
            yield material, -port.amount / library.materials[material].lhv_gj


def feed_shares(
    library: Library, process: Process, values: Mapping[str, float]
) -> dict[str, float]:
    """Share of each feed in the value of all feeds, at `values` (CNY per base unit); by material.

    Alternatives of one port each stand for the whole port; the first stands in the total.
    """
    ports = [
        {material: amount * values.get(material, 0.0) for material, amount in listed.items()}
        for port in process.ports
        if (listed := dict(feeds_of(library, process, port)))
    ]
    total = sum(_first(port) for port in ports)
    found = {}
    for port in ports:
        for material, value in port.items():
            whole = total - _first(port) + value
            found[material] = value / whole if whole > 0 else float(len(ports) == 1)
    return found


def _first(values: Mapping[str, float]) -> float:
    return next(iter(values.values()))


def find_chains(
    library: Library,
    source: str,
    values: Mapping[str, float],
    *,
    least_share: float = 0.0,
    most_steps: int = MOST_STEPS,
) -> list[Chain]:
    """Every chain from `source` to something that has a price, shortest first.

    Args:
        library: processes and materials.
        source: material to begin with.
        values: CNY per base unit by material; only materials that stand here end a chain.
        least_share: least share of the followed feed in the value of a process's feeds.
        most_steps: longest chain.

    A material never comes twice in one chain, and only the source itself is burnt.
    """
    graph = library_graph(library)
    shares = {p.id: feed_shares(library, p, values) for p in library.processes.values()}
    found: list[Chain] = []

    def follow(material: str, steps: tuple[Step, ...], met: frozenset[str]) -> None:
        if len(steps) >= most_steps or len(found) >= MOST_CHAINS:
            return
        for node in sorted(graph.successors(f"material:{material}")):
            process = library.processes[node.removeprefix("process:")]
            if steps and process.boundary == UTILITY:
                continue
            if shares[process.id].get(material, 0.0) < least_share:
                continue
            taken = graph.edges[f"material:{material}", node]["amount"]
            for after in sorted(graph.successors(node)):
                made = after.removeprefix("material:")
                if made in met:
                    continue
                step = Step(
                    process=process,
                    taken=material,
                    taken_amount=taken,
                    made=made,
                    made_amount=graph.edges[node, after]["amount"],
                )
                chain = (*steps, step)
                if made in values and is_main(process, made):
                    found.append(Chain(source=source, steps=chain))
                follow(made, chain, met | {made})

    if source in library.materials:
        follow(source, (), frozenset({source}))
    return sorted(found, key=lambda c: (len(c.steps), [s.process.id for s in c.steps], c.product))


def is_main(process: Process, material: str) -> bool:
    """True for what a process is run for: its products, and all of it where it has none."""
    products = {p.material.id for p in process.ports if p.role == "product" and p.amount > 0}
    made = {p.material.id for p in process.ports if makes(p)}
    wanted = products or (made if process.boundary != UTILITY else _utilities(process))
    return material in wanted


def _utilities(process: Process) -> set[str]:
    return {process.port(process.reference).material.id}


def named_chain(library: Library, route: Route) -> Chain:
    """The chain of a named route; its steps are known to join.

    Where a step gives out several things the next one takes, the largest by mass goes on.
    """
    steps: list[Step] = []
    material = route.source_stream
    for index, key in enumerate(route.steps):
        process = library.processes[key]
        taken = next(
            a for p in process.ports for m, a in feeds_of(library, process, p) if m == material
        )
        after = route.steps[index + 1] if index + 1 < len(route.steps) else None
        port = _goes_on(library, process, after, route.product)
        steps.append(
            Step(
                process=process,
                taken=material,
                taken_amount=taken,
                made=port.material.id,
                made_amount=port.amount,
            )
        )
        material = port.material.id
    return Chain(source=route.source_stream, steps=tuple(steps))


def taken_by(library: Library, process: Process, material: str) -> float:
    """How much of a feed one unit of the process's basis takes."""
    listed = (feed for port in process.ports for feed in feeds_of(library, process, port))
    return next(amount for feed, amount in listed if feed == material)


def takes(library: Library, process: Process) -> set[str]:
    """Materials that may feed a process."""
    return {m for port in process.ports for m, _ in feeds_of(library, process, port)}


def _goes_on(library: Library, process: Process, after: str | None, product: str) -> Port:
    if after is None:
        return next(p for p in process.ports if makes(p) and p.material.id == product)
    wanted = takes(library, library.processes[after])
    fitting = [p for p in process.ports if makes(p) and p.material.id in wanted]
    return max(fitting, key=lambda p: (p.amount * p.material.mass_t, p.name))
