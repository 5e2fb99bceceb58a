"""The park as a networkx graph: units, headers and outlets as nodes, streams as edges.

Node attributes: `kind` (unit, header, buy, sell, obligation, vent, buffer), `name_zh`, `name_en`,
`site`, `material`. Edge attributes: `material`, `rate` (base units per hour at nameplate), `unit`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import networkx as nx

from chainsim.park.model import Buffer, Market, Obligation, Park, Unit, Vent

Graph: TypeAlias = "nx.MultiDiGraph[str]"
Outlet: TypeAlias = Market | Obligation | Vent | Buffer


def park_graph(park: Park) -> Graph:
    """The whole park, ids as node keys (`unit:…`, `header:…`, `sell:…` …)."""
    graph: Graph = nx.MultiDiGraph(id=park.id, name_zh=park.name_zh, name_en=park.name_en)
    for header in park.headers.values():
        graph.add_node(
            f"header:{header.id}",
            kind="header",
            name_zh=header.material.name_zh,
            name_en=header.material.name_en,
            site=header.site,
            material=header.material.id,
        )
    for unit in park.units.values():
        _add_unit(graph, park, unit)
    groups: tuple[tuple[str, str, Mapping[str, Outlet]], ...] = (
        ("buy", "buy", park.buy),
        ("sell", "sell", park.sell),
        ("obligations", "obligation", park.obligations),
        ("vents", "vent", park.vents),
        ("buffers", "buffer", park.buffers),
    )
    for port, kind, group in groups:
        for outlet in group.values():
            _add_outlet(graph, park, port, kind, outlet)
    for link in park.links.values():
        graph.add_edge(
            f"header:{link.origin}",
            f"header:{link.target}",
            port=link.id,
            material=link.material.id,
            rate=0.0,
            unit=link.material.unit,
        )
    return graph


def _add_unit(graph: Graph, park: Park, unit: Unit) -> None:
    node = f"unit:{unit.id}"
    graph.add_node(
        node, kind="unit", name_zh=unit.name_zh, name_en=unit.name_en, site=unit.site, material=""
    )
    for port in unit.ports:
        for option in port.options:
            header = f"header:{option.header}"
            ends = (node, header) if port.rate > 0 else (header, node)
            graph.add_edge(
                *ends,
                port=port.name,
                material=option.material,
                rate=abs(port.rate) * option.per_need,
                unit=park.materials[option.material].unit,
            )


def _add_outlet(graph: Graph, park: Park, port: str, kind: str, outlet: Outlet) -> None:
    header = park.headers[outlet.header]
    material = header.material
    node, place = f"{kind}:{outlet.id}", f"header:{header.id}"
    graph.add_node(
        node,
        kind=kind,
        name_zh=getattr(outlet, "name_zh", material.name_zh),
        name_en=getattr(outlet, "name_en", material.name_en),
        site=header.site,
        material=material.id,
    )
    edge = {"port": port, "material": material.id, "rate": 0.0, "unit": material.unit}
    if kind in ("buy", "buffer"):
        graph.add_edge(node, place, **edge)
    if kind != "buy":
        graph.add_edge(place, node, **edge)


def recycles(park: Park) -> list[list[str]]:
    """Groups of units and headers that feed back on themselves, largest first."""
    graph = park_graph(park)
    graph.remove_nodes_from([f"buffer:{key}" for key in park.buffers])
    loops = [sorted(c) for c in nx.strongly_connected_components(graph) if len(c) > 1]
    return sorted(loops, key=lambda c: (-len(c), c))
