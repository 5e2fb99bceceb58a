"""The park's graph as text for other tools: Graphviz DOT, GraphML, JSON (node-link)."""

from __future__ import annotations

import json
from typing import Any, Final

import networkx as nx

from chainsim.errors import Lang
from chainsim.park.graph import park_graph
from chainsim.park.model import Park

_SHAPES: Final = {
    "unit": "box",
    "header": "ellipse",
    "buy": "cds",
    "sell": "cds",
    "obligation": "cds",
    "vent": "triangle",
    "buffer": "cylinder",
}


def to_json(park: Park) -> str:
    """Node-link JSON: `nodes` with their id, `edges` with source and target, all attributes."""
    data = nx.node_link_data(_sorted(park), edges="edges")
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def to_graphml(park: Park) -> str:
    """GraphML with all attributes."""
    return "\n".join(nx.generate_graphml(_sorted(park), named_key_ids=True)) + "\n"


def to_dot(park: Park, lang: Lang) -> str:
    """DOT, names in `lang`, edges in the colours of their materials."""
    graph = _sorted(park)
    title = park.name_zh if lang == "zh" else park.name_en
    lines = [
        "digraph park {",
        f"  graph [rankdir=LR, label={quoted(title)}];",
        '  node [fontname="sans-serif", fontsize=11, margin="0.08,0.04"];',
        '  edge [fontname="sans-serif", fontsize=9];',
    ]
    for node, data in graph.nodes(data=True):
        shape = _SHAPES.get(data["kind"], "box")
        label = quoted(data[f"name_{lang}"])
        lines.append(f"  {quoted(node)} [shape={shape}, label={label}];")
    for source, target, data in graph.edges(data=True):
        colour = park.materials[data["material"]].colour
        lines.append(
            f"  {quoted(source)} -> {quoted(target)} "
            f"[color={quoted(colour)}, tooltip={quoted(data['material'])}];"
        )
    return "\n".join([*lines, "}"]) + "\n"


def quoted(text: str) -> str:
    """`text` as a DOT string: nothing in it can end the string or start an escape."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _sorted(park: Park) -> nx.MultiDiGraph[str]:
    """The graph with nodes and edges in the order of their ids."""
    graph = park_graph(park)
    ordered: nx.MultiDiGraph[str] = nx.MultiDiGraph(**graph.graph)
    ordered.add_nodes_from(sorted(graph.nodes(data=True), key=lambda item: str(item[0])))
    edges: list[Any] = list(graph.edges(data=True))
    ordered.add_edges_from(sorted(edges, key=_edge_order))
    return ordered


def _edge_order(edge: Any) -> tuple[str, str, str, str]:
    source, target, data = edge
    return source, target, data["material"], data["port"]
