"""A placed flow diagram as one SVG text: no script, no external reference, legible Chinese.

Bands are filled shapes of two Bezier curves (thick strokes kink at their ends), in the material's
colour mixed with white. Every text is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from itertools import pairwise
from typing import Final

from chainsim.report.lettering import FONT_FAMILY, FONT_PX, LINE_PX, text_px, wrapped
from chainsim.report.sankey_layout import (
    BAND_PX,
    Layout,
    Link,
    Node,
    PlacedLink,
    PlacedNode,
    column_count,
    place,
)

WIDTH_PX: Final = 1000.0
"""A picture is wider only where its names need it."""
NODE_PX: Final = 12.0
_MARGIN_PX: Final = 14.0
_LIGHT: Final = 0.58
"""Share of white mixed into a band."""
_BEFORE_PX: Final = 5.0
_AFTER_PX: Final = 9.0
"""Between a name and the next column."""
_NARROW_PX: Final = 92.0
_WIDE_PX: Final = 190.0
"""A name breaks at a width between these, by the number of columns."""
_MOST_LINES: Final = 5
_LANE_PX: Final = 13.0
_INK: Final = "#1f2933"
_GREY: Final = "#616e7c"


def lighter(colour: str, white: float = _LIGHT) -> str:
    """`colour` (#rrggbb) mixed with white."""
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(p + (255 - p) * white):02x}" for p in parts)


def draw(
    nodes: Sequence[Node],
    links: Sequence[Link],
    title: str,
    empty: str = "",
    *,
    sinks_last: bool = True,
    band_px: float = BAND_PX,
) -> str:
    """A diagram as SVG, its names broken into lines so that none is cut where it can be helped."""
    share = WIDTH_PX / column_count(links, sinks_last=sinks_last)
    room = min(max(share - NODE_PX - _BEFORE_PX - _AFTER_PX, _NARROW_PX), _WIDE_PX)
    sized = [replace(node, lines=len(_lines(node, room))) for node in nodes]
    return render(place(sized, links, sinks_last=sinks_last, band_px=band_px), title, empty, room)


def render(layout: Layout, title: str, empty: str = "", room: float = _NARROW_PX) -> str:
    """The diagram as SVG; `title` is its spoken name, `empty` stands in it when nothing flows.

    Args:
        layout: what was placed.
        title: name of the picture.
        empty: text of a picture without flows.
        room: px after which names break.
    """
    if not layout.nodes:
        text = _text(WIDTH_PX / 2, 44, ((empty, ""),), anchor="middle")
        return _wrap(WIDTH_PX, 80.0, title, [text])
    columns, width = _columns(layout, room)
    recycles = [x for x in layout.links if x.recycle]
    foot = layout.height + 2 * _MARGIN_PX
    parts = [_band(link, columns) for link in layout.links if not link.recycle]
    parts += [_arc(x, columns, foot + _LANE_PX * i) for i, x in enumerate(recycles)]
    parts += [_node(node, columns) for node in layout.nodes]
    parts += [_label(node, columns, room) for node in layout.nodes]
    return _wrap(width, foot + _LANE_PX * len(recycles), title, parts)


def _columns(layout: Layout, room: float) -> tuple[list[float], float]:
    """Left edge of every column, as far apart as the names behind it are wide; whole width."""
    widths = [0.0] * layout.layers
    for node in layout.nodes:
        widths[node.layer] = max(widths[node.layer], _block_px(_lines(node.node, room)))
    steps = [NODE_PX + _BEFORE_PX + width + _AFTER_PX for width in widths]
    spare = max(WIDTH_PX - 2 * _MARGIN_PX - sum(steps), 0.0) / max(layout.layers - 1, 1)
    columns = [_MARGIN_PX]
    for step in steps[:-1]:
        columns.append(columns[-1] + step + spare)
    return columns, max(columns[-1] + steps[-1] + _MARGIN_PX, WIDTH_PX)


Line = tuple[str, str]
"""A line of a name, and what stands behind it in grey."""


def _lines(node: Node, room: float) -> tuple[Line, ...]:
    """The name in lines; the amount behind the last one, or below it where it is too long."""
    *first, last = wrapped(node.label, room, _MOST_LINES)
    before = tuple((line, "") for line in first)
    if not node.caption or text_px(f"{last}  {node.caption}") <= room:
        return (*before, (last, node.caption))
    return (*before, (last, ""), ("", node.caption))


def _block_px(lines: Sequence[Line]) -> float:
    return max(text_px("  ".join(x for x in line if x)) for line in lines)


def _wrap(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img" font-family="{FONT_FAMILY}" '
        f'font-size="{FONT_PX:g}"><title>{escape(title)}</title>'
        f'<rect width="100%" height="100%" fill="#ffffff"/>{"".join(parts)}</svg>'
    )


def _band(placed: PlacedLink, columns: Sequence[float]) -> str:
    over, under = [], []
    w = placed.width
    for (a, y0), (b, y1) in pairwise(placed.stops):
        x0, x1 = columns[a] + NODE_PX, columns[b]
        over.append(_curve(x0, y0, x1, y1))
        under.append(_curve(x1, y1 + w, x0, y0 + w))
    path = "M" + "".join(over)[1:] + "".join(reversed(under)) + "Z"
    return (
        f'<path transform="translate(0,{_MARGIN_PX:g})" d="{path}" '
        f'fill="{lighter(placed.link.colour)}"><title>{escape(placed.link.title)}</title></path>'
    )


def _curve(x0: float, y0: float, x1: float, y1: float) -> str:
    """From (x0, y0), reached by a line, to (x1, y1), level at both ends."""
    middle = (x0 + x1) / 2.0
    return f"L{x0:.1f},{y0:.1f}C{middle:.1f},{y0:.1f} {middle:.1f},{y1:.1f} {x1:.1f},{y1:.1f}"


def _arc(placed: PlacedLink, columns: Sequence[float], lane: float) -> str:
    (a, y0), (b, y1) = placed.stops
    x0, x1 = columns[a] + NODE_PX, columns[b]
    y0, y1 = y0 + _MARGIN_PX, y1 + _MARGIN_PX
    out, back = x0 + 26.0, x1 - 26.0
    path = (
        f"M{x0:.1f},{y0:.1f}C{out:.1f},{y0:.1f} {out:.1f},{lane:.1f} {x0:.1f},{lane:.1f}"
        f"L{x1:.1f},{lane:.1f}C{back:.1f},{lane:.1f} {back:.1f},{y1:.1f} {x1:.1f},{y1:.1f}"
    )
    width = min(max(placed.width, 1.5), _LANE_PX - 5.0)
    title = escape(placed.link.title)
    return (
        f'<path d="{path}" fill="none" stroke="{lighter(placed.link.colour, 0.25)}" '
        f'stroke-width="{width:.1f}" stroke-dasharray="7 4"><title>{title}</title></path>'
    )


def _node(placed: PlacedNode, columns: Sequence[float]) -> str:
    x, y = columns[placed.layer], placed.top + _MARGIN_PX
    label = escape(f"{placed.node.label}  {placed.node.caption}")
    return (
        f'<rect data-key="{escape(placed.node.key)}" x="{x:.1f}" y="{y:.1f}" '
        f'width="{NODE_PX:g}" height="{max(placed.height, 1.5):.1f}" rx="2" '
        f'fill="{placed.node.colour}"><title>{label}</title></rect>'
    )


def _label(placed: PlacedNode, columns: Sequence[float], room: float) -> str:
    """Name and amount behind a node."""
    lines = _lines(placed.node, room)
    middle = placed.top + placed.height / 2.0 + _MARGIN_PX + FONT_PX * 0.36
    top = middle - LINE_PX * (len(lines) - 1) / 2.0
    return _text(columns[placed.layer] + NODE_PX + _BEFORE_PX, top, lines)


def _text(x: float, y: float, lines: Sequence[Line], anchor: str = "start") -> str:
    spans = []
    for index, (label, caption) in enumerate(lines):
        down = f' dy="{LINE_PX:g}"' if index else ""
        name = f'<tspan x="{x:.1f}"{down}>{escape(label)}</tspan>' if label else ""
        place = ' dx="6"' if label else f' x="{x:.1f}"{down}'
        amount = f'<tspan{place} fill="{_GREY}">{escape(caption)}</tspan>' if caption else ""
        spans.append(name + amount)
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{_INK}" stroke="#ffffff" '
        f'stroke-width="3.5" stroke-linejoin="round" paint-order="stroke">{"".join(spans)}</text>'
    )
