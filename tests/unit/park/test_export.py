"""The park's graph for other tools: readable by them, and the same each time."""

from __future__ import annotations

import io
import json

import networkx as nx

from chainsim.library.files import load_library
from chainsim.park.export import quoted, to_dot, to_graphml, to_json
from chainsim.park.graph import park_graph
from chainsim.park.routes import chains_graph, find_chains, library_graph
from chainsim.report.graph_svg import chains_svg
from tests.unit.report.gas_park import gas_result


def test_json_is_the_whole_graph() -> None:
    park = gas_result().park
    data = json.loads(to_json(park_graph(park)))
    graph = park_graph(park)
    assert len(data["nodes"]) == graph.number_of_nodes()
    assert len(data["edges"]) == graph.number_of_edges()
    assert data["nodes"] == sorted(data["nodes"], key=lambda n: n["id"])


def test_graphml_comes_back() -> None:
    park = gas_result().park
    graph = nx.read_graphml(
        io.BytesIO(to_graphml(park_graph(park)).encode()), force_multigraph=True
    )
    assert graph.number_of_edges() == park_graph(park).number_of_edges()
    assert graph.nodes["unit:psa"]["name_zh"] == park.units["psa"].name_zh


def test_dot_is_in_the_readers_language() -> None:
    park = gas_result().park
    assert park.name_zh in to_dot(park_graph(park), "zh", {})
    assert '"unit:psa" [shape=box, label="Pressure-swing adsorption"];' in to_dot(
        park_graph(park), "en", {}
    )


def test_names_cannot_end_a_string() -> None:
    assert quoted('a"] b \\ c\n') == '"a\\"] b \\\\ c "'


def test_chains_of_the_library_come_out_with_chinese_names() -> None:
    library = load_library()
    prices = {k: p.net_cny for k, p in library.prices.items() if k in library.materials}
    chains = find_chains(library, "coal_tar", prices, least_share=0.5)
    part = chains_graph(library, "coal_tar", chains)
    back = nx.read_graphml(io.BytesIO(to_graphml(part).encode()))
    assert nx.is_weakly_connected(back)
    assert back.nodes["process:coal_tar_distillation"]["name_zh"] == "煤焦油蒸馏"
    assert '"material:needle_coke" [shape=ellipse, label="煅后针状焦"]' in to_dot(part, "zh", {})
    picture = chains_svg(part, library, "zh")
    assert "煤焦油蒸馏" in picture
    assert picture.count("<rect") == part.number_of_nodes() + 1


def test_edges_of_chains_carry_amounts() -> None:
    library = load_library()
    graph = library_graph(library)
    for source, target, data in graph.edges(data=True):
        assert data["amount"] > 0, (source, target)
        assert data["material"] in (source.split(":")[1], target.split(":")[1])
