"""The park as a networkx graph: units, headers and outlets as nodes, streams as edges.

Node attributes: `kind` (unit, header, buy, sell, obligation, vent, buffer), `name_zh`, `name_en`,
`site`, `material`. Edge attributes: `material`, `rate` (base units per hour at nameplate), `unit`.
"""

from __future__ import annotations

import networkx as nx

from chainsim.park.model import Park


def park_graph(park: Park) -> nx.MultiDiGraph:
    """The whole park, ids as node keys (`unit:…`, `header:…`, `sell:…` …)."""
    graph = nx.MultiDiGraph(id=park.id, name_zh=park.name_zh, name_en=park.name_en)
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
        node = f"unit:{unit.id}"
        graph.add_node(
            node,
            kind="unit",
            name_zh=unit.name_zh,
            name_en=unit.name_en,
            site=unit.site,
            material="",
        )
        for port in unit.ports:
            for option in port.options:
                rate = abs(port.rate) * option.per_need
                header = f"header:{option.header}"
                ends = (node, header) if port.rate > 0 else (header, node)
                graph.add_edge(
                    *ends,
                    port=port.name,
                    material=option.material,
                    rate=rate,
                    unit=park.materials[option.material].unit,
                )
    for kind in ("buy", "sell", "obligations", "vents", "buffers"):
        for item in getattr(park, kind).values():
            header = park.headers[item.header]
            node = f"{kind.removesuffix('s')}:{item.id}"
            graph.add_node(
                node,
                kind=kind.removesuffix("s"),
                name_zh=getattr(item, "name_zh", header.material.name_zh),
                name_en=getattr(item, "name_en", header.material.name_en),
                site=header.site,
                material=header.material.id,
            )
            ends = (node, f"header:{header.id}")
            edge = {"material": header.material.id, "unit": header.material.unit, "port": kind}
            if kind in ("buy", "buffers"):
                graph.add_edge(*ends, rate=0.0, **edge)
            if kind != "buy":
                graph.add_edge(*reversed(ends), rate=0.0, **edge)
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


def recycles(park: Park) -> list[list[str]]:
    """Groups of units and headers that feed back on themselves, largest first."""
    graph = park_graph(park)
    buffers = [n for n, kind in graph.nodes(data="kind") if kind == "buffer"]
    graph.remove_nodes_from(buffers)
    loops = [sorted(c) for c in nx.strongly_connected_components(graph) if len(c) > 1]
    return sorted(loops, key=lambda c: (-len(c), c))
