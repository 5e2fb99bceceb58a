"""Structure as a picture: units and markets (or processes and materials) in boxes, lines between.

Every unit stands for itself; widths say nothing; utilities and emissions are left out. Recycles run
dashed below the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from typing import Final

from chainsim.errors import Lang
from chainsim.library.model import Library
from chainsim.park.model import Park, Unit, UnitPort
from chainsim.park.routes import LibraryGraph
from chainsim.report.i18n import t
from chainsim.report.lettering import FONT_FAMILY, LINE_PX, text_px, wrapped
from chainsim.report.names import component_name, material_name, park_name, plain, site_name
from chainsim.report.sankey import is_product
from chainsim.report.sankey_layout import Link, Node, PlacedLink, PlacedNode, place

_FONT_PX: Final = 12.0
_BOX_PX: Final = 19.0
_PAD_PX: Final = 8.0
_ROOM_PX: Final = 46.0
_NAME_PX: Final = 104.0
"""Names break there."""
_MOST_LINES: Final = 4
_MARGIN_PX: Final = 16.0
_FILLS: Final = {"unit": "#edf2f7", "buy": "#e6fffa", "sell": "#f0fff4", "vent": "#fff5f5"}


def park_svg(park: Park, lang: Lang) -> str:
    """The structure of a park as one SVG text."""
    links = list(structure_links(park, lang))
    met = sorted({end for link in links for end in (link.source, link.target)})
    return drawn([structure_node(park, key, lang) for key in met], links, park_name(park, lang))


def chains_svg(graph: LibraryGraph, library: Library, lang: Lang) -> str:
    """Chains through the library as one SVG text: materials light, processes in boxes."""
    nodes = [
        Node(
            key=str(key),
            label=plain(data[f"name_{lang}"]),
            colour=_FILLS["unit" if data["kind"] == "process" else "sell"],
        )
        for key, data in sorted(graph.nodes.items())
    ]
    links = [
        Link(
            source=str(source),
            target=str(target),
            value=1.0,
            colour=library.materials[data["material"]].colour,
            title=plain(library.materials[data["material"]].name(lang)),
        )
        for source, target, data in sorted(graph.edges(data=True), key=lambda e: (e[0], e[1]))
    ]
    return drawn(nodes, links, plain(graph.graph[f"name_{lang}"]))


def drawn(nodes: Sequence[Node], links: Sequence[Link], title: str) -> str:
    """Stations and links as one SVG text."""
    sized = [replace(node, lines=len(_lines(node))) for node in nodes]
    layout = place(sized, links, sinks_last=False)
    if not layout.nodes:
        return _wrap(400.0, 60.0, title, [])
    widths = [0.0] * layout.layers
    for node in layout.nodes:
        widths[node.layer] = max(widths[node.layer], _width(node.node))
    starts = [_MARGIN_PX]
    for width in widths:
        starts.append(starts[-1] + width + _ROOM_PX)
    foot = layout.height + 2 * _MARGIN_PX + _BOX_PX / 2.0
    recycles = [x for x in layout.links if x.recycle]
    parts = [_line(x, starts, widths) for x in layout.links if not x.recycle]
    parts += [_loop(x, starts, widths, foot + 8.0 * i) for i, x in enumerate(recycles)]
    parts += [_box(node, starts[node.layer], widths[node.layer]) for node in layout.nodes]
    width, height = starts[-1] - _ROOM_PX + _MARGIN_PX, foot + 8.0 * len(recycles) + _MARGIN_PX
    return _wrap(width, height, title, parts)


def structure_links(park: Park, lang: Lang, *, fuel: bool = True) -> Iterator[Link]:
    """A link from every giver of a header to every taker; links of the park join headers.

    Args:
        park: the park.
        lang: of the names.
        fuel: also to plants that burn something beside what they work on.
    """
    givers: dict[str, set[str]] = {}
    takers: dict[str, set[str]] = {}
    for unit in park.units.values():
        for port in unit.ports if fuel else _worked_on(unit):
            for option in port.options:
                side = givers if port.rate > 0 else takers
                side.setdefault(option.header, set()).add(f"unit:{unit.id}")
    for key, buy in park.buy.items():
        givers.setdefault(buy.header, set()).add(f"buy:{key}")
    for kind, group in (
        ("sell", park.sell),
        ("obligation", park.obligations),
        ("vent", park.vents),
    ):
        for key, item in group.items():
            takers.setdefault(item.header, set()).add(f"{kind}:{key}")
    for key, link in park.links.items():
        takers.setdefault(link.origin, set()).add(f"link:{key}")
        givers.setdefault(link.target, set()).add(f"link:{key}")
    for header in sorted(givers):
        material = park.headers[header].material
        if not is_product(material):
            continue
        title = material_name(park, material.id, lang)
        for source in sorted(givers[header]):
            for target in sorted(takers.get(header, ())):
                if source != target:
                    colour = material.colour
                    yield Link(source=source, target=target, value=1.0, colour=colour, title=title)


def _worked_on(unit: Unit) -> tuple[UnitPort, ...]:
    """Ports of a plant without its fuel; all of a plant that takes no product but fuel."""
    fed = any(p.rate < 0 and not p.burn and is_product(p.material) for p in unit.ports)
    return tuple(p for p in unit.ports if not (fed and p.burn))


def structure_node(park: Park, key: str, lang: Lang) -> Node:
    """The box of a unit, market, obligation, vent or link (`kind:id`)."""
    kind, component = key.split(":", 1)
    name = component_name(park, component, lang)
    if kind in ("buy", "sell"):
        market = (park.buy if kind == "buy" else park.sell)[component]
        name = market.name_zh if lang == "zh" else market.name_en
        if name == park.headers[market.header].material.name(lang):
            name = t(f"ends.{kind}", lang, name=name)
    site = ""
    if kind == "unit" and len(park.sites) > 1:
        site = site_name(park, park.units[component].site, lang)
    return Node(key=key, label=name, caption=site, colour=_FILLS.get(kind, "#fffff0"))


def _text(node: Node) -> str:
    return " \u00b7 ".join(x for x in (node.label, node.caption) if x)


def _lines(node: Node) -> tuple[str, ...]:
    *first, last = wrapped(node.label, _NAME_PX, _MOST_LINES, _FONT_PX)
    if not node.caption:
        return (*first, last)
    both = f"{last} \u00b7 {node.caption}"
    if text_px(both, _FONT_PX) <= _NAME_PX:
        return (*first, both)
    return (*first, last, node.caption)


def _width(node: Node) -> float:
    return max(text_px(line, _FONT_PX) for line in _lines(node)) + 2 * _PAD_PX


def _port_y(placed: PlacedLink, top: float) -> float:
    """Height at which a link meets a column."""
    return top + placed.width / 2.0 + _MARGIN_PX


def _line(placed: PlacedLink, starts: Sequence[float], widths: Sequence[float]) -> str:
    first, *later = placed.stops
    x, y = starts[first[0]] + widths[first[0]], _port_y(placed, first[1])
    path = f"M{x:.1f},{y:.1f}"
    for layer, top in later:
        x1, y1 = starts[layer], _port_y(placed, top)
        middle = (x + x1) / 2.0
        path += f"C{middle:.1f},{y:.1f} {middle:.1f},{y1:.1f} {x1:.1f},{y1:.1f}"
        x, y = x1 + widths[layer], y1
        if layer != later[-1][0]:
            path += f"L{x:.1f},{y:.1f}"
    return _path(placed, path, "")


def _loop(placed: PlacedLink, starts: Sequence[float], widths: Sequence[float], lane: float) -> str:
    (a, top_a), (b, top_b) = placed.stops
    x0, y0, x1, y1 = starts[a] + widths[a], top_a + _MARGIN_PX, starts[b], top_b + _MARGIN_PX
    path = (
        f"M{x0:.1f},{y0:.1f}C{x0 + 40:.1f},{y0:.1f} {x0 + 40:.1f},{lane:.1f} {x0:.1f},{lane:.1f}"
        f"L{x1:.1f},{lane:.1f}C{x1 - 40:.1f},{lane:.1f} {x1 - 40:.1f},{y1:.1f} {x1:.1f},{y1:.1f}"
    )
    return _path(placed, path, ' stroke-dasharray="6 4"')


def _path(placed: PlacedLink, path: str, dashes: str) -> str:
    return (
        f'<path d="{path}" fill="none" stroke="{placed.link.colour}" stroke-width="1.5"'
        f' stroke-opacity="0.8"{dashes}><title>{escape(placed.link.title)}</title></path>'
    )


def _box(node: PlacedNode, x: float, width: float) -> str:
    lines = _lines(node.node)
    height = max(node.height, _BOX_PX + LINE_PX * (len(lines) - 1))
    middle = node.top + node.height / 2.0 + _MARGIN_PX
    first = middle + 4.2 - LINE_PX * (len(lines) - 1) / 2.0
    texts = "".join(
        f'<text x="{x + _PAD_PX:.1f}" y="{first + LINE_PX * i:.1f}" fill="#1a202c">'
        f"{escape(line)}</text>"
        for i, line in enumerate(lines)
    )
    return (
        f'<rect data-key="{escape(node.node.key)}" x="{x:.1f}" y="{middle - height / 2.0:.1f}" '
        f'width="{width:.1f}" height="{height:.1f}" rx="4" '
        f'fill="{node.node.colour}" stroke="#718096"><title>{escape(_text(node.node))}</title>'
        f"</rect>{texts}"
    )


def _wrap(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" font-family="{FONT_FAMILY}" '
        f'font-size="{_FONT_PX:g}"><title>{escape(title)}</title>'
        f'<rect width="100%" height="100%" fill="#ffffff"/>{"".join(parts)}</svg>'
    )
