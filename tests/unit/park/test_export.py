"""The park's graph for other tools: readable by them, and the same each time."""

from __future__ import annotations

import io
import json

import networkx as nx

from chainsim.park.export import quoted, to_dot, to_graphml, to_json
from chainsim.park.graph import park_graph
from tests.unit.report.gas_park import gas_result


def test_json_is_the_whole_graph() -> None:
    park = gas_result().park
    data = json.loads(to_json(park))
    graph = park_graph(park)
    assert len(data["nodes"]) == graph.number_of_nodes()
    assert len(data["edges"]) == graph.number_of_edges()
    assert data["nodes"] == sorted(data["nodes"], key=lambda n: n["id"])


def test_graphml_comes_back() -> None:
    park = gas_result().park
    graph = nx.read_graphml(io.BytesIO(to_graphml(park).encode()), force_multigraph=True)
    assert graph.number_of_edges() == park_graph(park).number_of_edges()
    assert graph.nodes["unit:psa"]["name_zh"] == park.units["psa"].name_zh


def test_dot_is_in_the_readers_language() -> None:
    park = gas_result().park
    assert park.name_zh in to_dot(park, "zh")
    assert '"unit:psa" [shape=box, label="Pressure-swing adsorption"];' in to_dot(park, "en")


def test_names_cannot_end_a_string() -> None:
    assert quoted('a"] b \\ c\n') == '"a\\"] b \\\\ c "'
