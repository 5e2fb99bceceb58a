"""A graph of a park or of the library as text: Graphviz DOT, GraphML, JSON (node-link)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

import networkx as nx

from chainsim.errors import Lang

_SHAPES: Final = {
    "unit": "box",
    "process": "box",
    "material": "ellipse",
    "header": "ellipse",
    "buy": "cds",
    "sell": "cds",
    "obligation": "cds",
    "vent": "triangle",
    "buffer": "cylinder",
}
_ESCAPED: Final = re.compile(r"&#([1-9]\d{2,6});")
"""Characters beyond ASCII, which networkx writes as numbers."""
_GREY: Final = "#7f8c8d"


def to_json(graph: nx.Graph[str]) -> str:
    """Node-link JSON: `nodes` with their id, `edges` with source and target, all attributes."""
    data = nx.node_link_data(_sorted(graph), edges="edges")
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def to_graphml(graph: nx.Graph[str]) -> str:
    """GraphML with all attributes, names in both languages among them, as UTF-8."""
    text = "\n".join(nx.generate_graphml(_sorted(graph), named_key_ids=True)) + "\n"
    return _ESCAPED.sub(lambda found: chr(int(found[1])), text)


def to_dot(graph: nx.Graph[str], lang: Lang, colours: Mapping[str, str]) -> str:
    """DOT, names in `lang`, edges in the colours of their materials.

    Args:
        graph: nodes with `kind`, `name_zh` and `name_en`, edges with `material`.
        lang: language of the labels.
        colours: colour by material id.
    """
    title = graph.graph[f"name_{lang}"]
    lines = [
        "digraph chain {",
        f"  graph [rankdir=LR, label={quoted(title)}];",
        '  node [fontname="sans-serif", fontsize=11, margin="0.08,0.04"];',
        '  edge [fontname="sans-serif", fontsize=9];',
    ]
    ordered = _sorted(graph)
    for node, data in ordered.nodes(data=True):
        shape = _SHAPES.get(data["kind"], "box")
        label = quoted(data[f"name_{lang}"])
        lines.append(f"  {quoted(node)} [shape={shape}, label={label}];")
    for source, target, data in ordered.edges(data=True):
        colour = colours.get(data["material"], _GREY)
        lines.append(
            f"  {quoted(source)} -> {quoted(target)} "
            f"[color={quoted(colour)}, tooltip={quoted(data['material'])}];"
        )
    return "\n".join([*lines, "}"]) + "\n"


def quoted(text: str) -> str:
    """`text` as a DOT string: nothing in it can end the string or start an escape."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _sorted(graph: nx.Graph[str]) -> nx.Graph[str]:
    """The graph with nodes and edges in the order of their ids."""
    ordered = graph.__class__(**graph.graph)
    ordered.add_nodes_from(sorted(graph.nodes(data=True), key=lambda item: str(item[0])))
    edges: list[Any] = list(graph.edges(data=True))
    ordered.add_edges_from(sorted(edges, key=_edge_order))
    return ordered


def _edge_order(edge: Any) -> tuple[str, str, str, str]:
    source, target, data = edge
    return source, target, data["material"], data["port"]
