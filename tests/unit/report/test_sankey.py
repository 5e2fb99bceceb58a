"""Flow diagrams: recycles, layers, no overlap, safe and deterministic SVG."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainsim.report.graph_svg import park_svg
from chainsim.report.lettering import text_px
from chainsim.report.network import network_svg, site_order
from chainsim.report.sankey import gas_sankey, park_sankey
from chainsim.report.sankey_layout import GAP_PX, Link, Node, layers, place, split_recycles
from chainsim.report.sankey_svg import WIDTH_PX, lighter, render
from tests.unit.report.gas_park import gas_result


def link(source: str, target: str, value: float = 1.0) -> Link:
    return Link(source=source, target=target, value=value)


def test_the_smallest_flow_of_a_loop_is_the_recycle() -> None:
    forward, recycles = split_recycles([link("a", "b", 5), link("b", "c", 4), link("c", "a", 1)])
    assert [(x.source, x.target) for x in recycles] == [("c", "a")]
    assert len(forward) == 2


def test_a_loop_onto_itself_is_a_recycle() -> None:
    forward, recycles = split_recycles([link("a", "a")])
    assert (len(forward), len(recycles)) == (0, 1)


def test_layers_follow_the_longest_path() -> None:
    links = [link("a", "b"), link("b", "c"), link("a", "c"), link("x", "c"), link("a", "end")]
    found = layers(["a", "b", "c", "end", "x"], links)
    assert found == {"a": 0, "b": 1, "c": 2, "x": 1, "end": 2}
    assert layers(["a", "end"], [link("a", "end")], sinks_last=False)["end"] == 1


names = st.sampled_from("abcdefgh")
flows = st.builds(Link, source=names, target=names, value=st.floats(0.01, 1000.0))


@given(st.lists(flows, max_size=25))
def test_any_diagram_can_be_placed(links: list[Link]) -> None:
    layout = place([Node(key=k, label=k) for k in "abcdefgh"], links)
    for column in range(layout.layers):
        here = sorted((n for n in layout.nodes if n.layer == column), key=lambda n: n.top)
        assert all(a.top + a.height <= b.top + 1e-6 for a, b in pairwise(here))
    by_key = {n.node.key: n for n in layout.nodes}
    for placed in layout.links:
        source, target = by_key[placed.link.source], by_key[placed.link.target]
        assert placed.recycle or source.layer < target.layer
    assert len(layout.links) == len(links)
    ET.fromstring(render(layout, "t"))


@given(st.lists(flows, min_size=1, max_size=12), st.randoms())
def test_the_picture_does_not_depend_on_the_order_of_flows(links, random) -> None:  # type: ignore[no-untyped-def]
    unique = list({(x.source, x.target): x for x in links}.values())
    shuffled = list(unique)
    random.shuffle(shuffled)
    nodes = [Node(key=k, label=k) for k in "abcdefgh"]
    first, second = place(nodes, unique), place(nodes, shuffled)
    tops = [{n.node.key: round(n.top, 6) for n in x.nodes} for x in (first, second)]
    assert tops[0] == tops[1]


def test_bands_leave_room_between_nodes() -> None:
    links = [link("a", x, 1.0) for x in "bcdef"]
    layout = place([Node(key=k, label=k) for k in "abcdef"], links)
    column = sorted((n for n in layout.nodes if n.layer == 1), key=lambda n: n.top)
    assert all(b.top - a.top - a.height >= GAP_PX - 1e-6 for a, b in pairwise(column))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_gas_picture(lang: str) -> None:
    svg = gas_sankey(gas_result(), lang)  # type: ignore[arg-type]
    ET.fromstring(svg)
    assert ("焦炉煤气" in svg) == (lang == "zh")
    assert "377 MNm³" in svg or "3.77 亿Nm³" in svg
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")
    assert svg == gas_sankey(gas_result(), lang)  # type: ignore[arg-type]


def test_park_picture() -> None:
    svg = park_sankey(gas_result(), "en")
    assert "Coking coal bought" in _words(svg)
    assert "Methanol sold" in _words(svg)


def _words(svg: str) -> str:
    """What stands in a picture to be read, line after line."""
    texts = ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    return " ".join(" ".join(text.itertext()) for text in texts)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_name_is_cut(lang: str) -> None:
    for svg in (gas_sankey(gas_result(), lang), park_sankey(gas_result(), lang)):  # type: ignore[arg-type]
        assert "…" not in svg
        assert float(ET.fromstring(svg).attrib["width"]) == WIDTH_PX


def test_names_of_two_lines_keep_clear_of_each_other() -> None:
    nodes = [
        Node(key=k, label=k, lines=n) for k, n in zip("abcdef", (1, 1, 4, 1, 3, 2), strict=True)
    ]
    layout = place(nodes, [link("a", x, 1.0) for x in "bcdef"])
    column = sorted((n for n in layout.nodes if n.layer == 1), key=lambda n: n.top)
    texts = [(n.top + n.height / 2, 15.0 * n.node.lines) for n in column]
    assert all(b - a >= (high + wide) / 2 for (a, high), (b, wide) in pairwise(texts))


def test_a_park_of_one_site_shows_its_markets() -> None:
    park = gas_result().park
    assert site_order(park) == tuple(park.sites)
    svg = network_svg(gas_result(), "zh", site_order(park)[0])
    assert "sell:methanol" in svg


def test_the_way_of_the_materials_is_no_recycle_in_the_network() -> None:
    svg = network_svg(gas_result(), "zh")
    boxes = {
        r.attrib["data-key"]: float(r.attrib["x"])
        for r in ET.fromstring(svg).iter()
        if "data-key" in r.attrib
    }
    order = [boxes[f"unit:{u}"] for u in ("battery", "psa", "methanol_plant")]
    assert order == sorted(set(order))


def test_names_cannot_break_out_of_the_picture() -> None:
    bad = '<script>alert(1)</script>"&'
    layout = place([Node(key="a", label=bad), Node(key="b", label="b")], [link("a", "b")])
    svg = render(layout, bad)
    ET.fromstring(svg)
    assert "<script" not in svg


def test_nothing_flows() -> None:
    assert "no flows" in render(place([], []), "t", "no flows")


def test_structure_picture_has_every_unit() -> None:
    park = gas_result().park
    svg = park_svg(park, "zh")
    assert all(unit.name_zh in svg for unit in park.units.values())
    assert "stroke-dasharray" in svg


def test_colours_and_widths() -> None:
    assert lighter("#000000", 0.5) == "#808080"
    assert text_px("焦炉", 10) == 20
    assert text_px("ab", 10) == pytest.approx(11.2)
