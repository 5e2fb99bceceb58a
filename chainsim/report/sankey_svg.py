"""A placed flow diagram as one SVG text: no script, no external reference, legible Chinese.

Bands are filled shapes of two Bezier curves (thick strokes kink at their ends), in the material's
colour mixed with white. Every text is escaped.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from html import escape
from itertools import pairwise
from typing import Final

from chainsim.report.sankey_layout import Layout, PlacedLink, PlacedNode

WIDTH_PX: Final = 1120.0
LAYER_PX: Final = 148.0
"""Least distance of two layers; a picture of many layers is wider."""
NODE_PX: Final = 12.0
FONT_PX: Final = 13.0
_MARGIN_PX: Final = 14.0
_LIGHT: Final = 0.58
"""Share of white mixed into a band."""
_LABEL_GAP_PX: Final = 10.0
_LEAST_CHARS: Final = 4
"""A name is cut to no less for the sake of its amount."""
_LANE_PX: Final = 13.0
_INK: Final = "#1f2933"
_GREY: Final = "#616e7c"
FONT_FAMILY: Final = (
    "'Noto Sans CJK SC','Microsoft YaHei','PingFang SC','WenQuanYi Micro Hei',sans-serif"
)


def text_px(text: str, font_px: float = FONT_PX) -> float:
    """Estimated width of `text`: one em for wide characters, a little over half for others."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return font_px * (wide + 0.56 * (len(text) - wide))


def lighter(colour: str, white: float = _LIGHT) -> str:
    """`colour` (#rrggbb) mixed with white."""
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(p + (255 - p) * white):02x}" for p in parts)


def render(layout: Layout, title: str, empty: str = "") -> str:
    """The diagram as SVG; `title` is its spoken name, `empty` stands in it when nothing flows."""
    if not layout.nodes:
        return _wrap(WIDTH_PX, 80.0, title, [_text(WIDTH_PX / 2, 44, empty, anchor="middle")])
    last = layout.layers - 1
    right = max((_label_px(n) for n in layout.nodes if n.layer == last), default=0.0)
    width = max(WIDTH_PX, LAYER_PX * last + right)
    span = width - 2 * _MARGIN_PX - right - 8.0 - NODE_PX
    columns = [_MARGIN_PX + span * i / max(last, 1) for i in range(layout.layers)]
    room = span / max(last, 1) - NODE_PX - _LABEL_GAP_PX
    recycles = [x for x in layout.links if x.recycle]
    foot = layout.height + 2 * _MARGIN_PX
    parts = [_band(link, columns) for link in layout.links if not link.recycle]
    parts += [_arc(x, columns, foot + _LANE_PX * i) for i, x in enumerate(recycles)]
    parts += [_node(node, columns) for node in layout.nodes]
    parts += [
        _label(node, columns, math.inf if node.layer == last else room) for node in layout.nodes
    ]
    return _wrap(width, foot + _LANE_PX * len(recycles), title, parts)


def _wrap(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img" font-family="{FONT_FAMILY}" '
        f'font-size="{FONT_PX:g}"><title>{escape(title)}</title>'
        f'<rect width="100%" height="100%" fill="#ffffff"/>{"".join(parts)}</svg>'
    )


def _label_px(node: PlacedNode) -> float:
    return text_px(f"{node.node.label}  {node.node.caption}") + 2.0


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
    """Name and amount behind a node, shortened to what fits before the next column."""
    x = columns[placed.layer] + NODE_PX + 5.0
    y = placed.top + placed.height / 2.0 + _MARGIN_PX + FONT_PX * 0.36
    caption = placed.node.caption
    if caption and text_px(placed.node.label[:_LEAST_CHARS]) + text_px(f"  {caption}") > room:
        caption = ""
    behind = text_px(f"  {caption}") if caption else 0.0
    return _text(x, y, shortened(placed.node.label, room - behind), caption)


def shortened(text: str, room: float) -> str:
    """`text` cut to `room` px, with an ellipsis where something is missing."""
    if text_px(text) <= room:
        return text
    while text and text_px(f"{text}…") > room:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _text(x: float, y: float, label: str, caption: str = "", anchor: str = "start") -> str:
    behind = f'<tspan dx="6" fill="{_GREY}">{escape(caption)}</tspan>' if caption else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{_INK}" stroke="#ffffff" '
        f'stroke-width="3.5" stroke-linejoin="round" paint-order="stroke">'
        f"{escape(label)}{behind}</text>"
    )
