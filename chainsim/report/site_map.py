"""A sketch of where the sites lie and what runs between them. Not a map of administrative areas.

Places are to scale; sites that would overlap are told apart by their labels. The width of a link
grows with the tonnes carried, dashes mark the road.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Final

from chainsim.errors import Lang
from chainsim.park.model import Link, Park, Site
from chainsim.report.i18n import listed, t
from chainsim.report.lettering import FONT_FAMILY, NO_BREAK, wrapped
from chainsim.report.names import material_name, park_name, plain
from chainsim.report.numbers import fmt
from chainsim.study.result import RunResult

WIDTH_PX: Final = 1000.0
HEIGHT_PX: Final = 560.0
_MARGIN_PX: Final = 215.0
_MARGIN_Y_PX: Final = 110.0
_EDGE_PX: Final = 6.0
"""Least distance of a name from the edge."""
_LEAST_RADIUS_PX: Final = 16.0
_MOST_RADIUS_PX: Final = 46.0
_MOST_LINE_PX: Final = 12.0
_BEND_PX: Final = 26.0
_COKE: Final = "coke"
_FILL: Final = "#cfe5e2"
_EDGE: Final = "#0f766e"
_LINK: Final = "#9a5b13"
Point = tuple[float, float]


def site_map_svg(result: RunResult, lang: Lang) -> str:
    """The sketch of a run as SVG; sites are circles, their area by the coke made there."""
    park = result.park
    places = _places(list(park.sites.values()))
    title = t("map.title", lang, name=park_name(park, lang))
    parts = [_scale_bar(list(park.sites.values()), lang)]
    parts += _links(result, places, lang)
    coke = _coke_by_site(result)
    most = max(coke.values(), default=0.0)
    for key, site in park.sites.items():
        parts.append(_site(result, site, places[key], coke.get(key, 0.0), most, lang))
    note = _text((WIDTH_PX - 16, HEIGHT_PX - 16), t("map.note", lang), "end", "#616e7c", 13)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH_PX:g} {HEIGHT_PX:g}" '
        f'width="{WIDTH_PX:g}" height="{HEIGHT_PX:g}" role="img" font-family="{FONT_FAMILY}">'
        f"<title>{escape(title)}</title>"
        f'<rect width="100%" height="100%" fill="#ffffff"/>{"".join(parts)}{note}</svg>'
    )


def _places(sites: Sequence[Site]) -> dict[str, Point]:
    """Centre of each site in px; north is up, one scale for both directions."""
    xs, ys = [s.x_km for s in sites], [s.y_km for s in sites]
    scale = _px_per_km(sites)
    middle = ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
    return {
        s.id: (
            WIDTH_PX / 2 + (s.x_km - middle[0]) * scale,
            HEIGHT_PX / 2 - (s.y_km - middle[1]) * scale,
        )
        for s in sites
    }


def _px_per_km(sites: Sequence[Site]) -> float:
    wide = max(s.x_km for s in sites) - min(s.x_km for s in sites)
    high = max(s.y_km for s in sites) - min(s.y_km for s in sites)
    rooms = [
        room / span
        for room, span in (
            (WIDTH_PX - 2 * _MARGIN_PX, wide),
            (HEIGHT_PX - 2 * _MARGIN_Y_PX, high),
        )
        if span > 0
    ]
    return min(rooms, default=1.0)


def _scale_bar(sites: Sequence[Site], lang: Lang) -> str:
    if len(sites) < 2:
        return ""
    scale = _px_per_km(sites)
    km = next(x for x in (50, 20, 10, 5, 2, 1) if x * scale < WIDTH_PX / 4 or x == 1)
    x, y = 24.0, HEIGHT_PX - 24.0
    line = (
        f'<path d="M{x:g},{y - 6:g}V{y:g}H{x + km * scale:.1f}V{y - 6:g}" fill="none" '
        f'stroke="#616e7c" stroke-width="1.5"/>'
    )
    label = fmt(float(km), "km", lang, 2)
    return line + _text((x + km * scale / 2, y - 8), label, "middle", "#616e7c", 13)


def _coke_by_site(result: RunResult) -> dict[str, float]:
    flows = result.flows
    made = flows[(flows["kind"] == "unit") & (flows["material"] == _COKE) & (flows["quantity"] > 0)]
    return {str(k): float(v) for k, v in made.groupby("site")["quantity"].sum().items()}


def _site(result: RunResult, site: Site, at: Point, coke: float, most: float, lang: Lang) -> str:
    radius = _LEAST_RADIUS_PX
    if most > 0:
        radius += (_MOST_RADIUS_PX - _LEAST_RADIUS_PX) * math.sqrt(coke / most)
    name = plain(site.name_zh if lang == "zh" else site.name_en)
    units = sum(u.site == site.id for u in result.park.units.values())
    lines = [t("map.plants", lang, count=units)]
    if coke:
        amount = fmt(coke, "t", lang).replace(" ", NO_BREAK)
        lines.append(t("map.makes", lang, material=material_name(result.park, _COKE, lang),
                       amount=amount))  # fmt: skip
    spoken = " · ".join((name, *lines))
    circle = (
        f'<circle data-key="site:{escape(site.id)}" cx="{at[0]:.1f}" cy="{at[1]:.1f}" '
        f'r="{radius:.1f}" fill="{_FILL}" stroke="{_EDGE}" stroke-width="2.5">'
        f"<title>{escape(spoken)}</title></circle>"
    )
    right = at[0] >= WIDTH_PX / 2  # names stand outward, links run inward
    anchor, x = ("start", at[0] + radius + 10) if right else ("end", at[0] - radius - 10)
    room = (WIDTH_PX - x if right else x) - _EDGE_PX
    lines = [part for line in lines for part in wrapped(line, room, 3, 14)]
    top = at[1] - 10.0 * (len(lines) - 1)
    texts = _text((x, top), name, anchor, "#1f2933", 17, bold=True)
    for i, line in enumerate(lines):
        texts += _text((x, top + 21 * (i + 1)), line, anchor, "#3e4c59", 14)
    return circle + texts


def _links(result: RunResult, places: dict[str, Point], lang: Lang) -> list[str]:
    """Links between the same two sites in the same direction as one line."""
    flows = result.flows
    sent = flows[(flows["kind"] == "link") & (flows["quantity"] < 0)]
    carried = sent.groupby("component")["quantity"].sum()
    ways: dict[tuple[str, str], list[tuple[Link, float]]] = {}
    for link in result.park.links.values():
        ends = tuple(result.park.headers[h].site for h in (link.origin, link.target))
        tonnes = -float(carried.get(link.id, 0.0)) * link.material.mass_t
        ways.setdefault((ends[0], ends[1]), []).append((link, tonnes))
    most = max((sum(x for _, x in way) for way in ways.values()), default=0.0)
    return [
        _way(result.park, places[a], places[b], way, most, lang)
        for (a, b), way in sorted(ways.items())
        if a != b
    ]


def _way(
    park: Park,
    start: Point,
    end: Point,
    way: Sequence[tuple[Link, float]],
    most: float,
    lang: Lang,
) -> str:
    tonnes = sum(x for _, x in way)
    width = 1.5 + (_MOST_LINE_PX - 1.5) * (tonnes / most if most else 0.0)
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy) or 1.0
    bend = (
        (start[0] + end[0]) / 2 - dy / length * 2 * _BEND_PX,
        (start[1] + end[1]) / 2 + dx / length * 2 * _BEND_PX,
    )
    names = listed(dict.fromkeys(material_name(park, x.material.id, lang) for x, _ in way), lang)
    label = f"{names}  {fmt(tonnes, 't', lang)}"
    middle = ((start[0] + end[0]) / 4 + bend[0] / 2, (start[1] + end[1]) / 4 + bend[1] / 2)
    dashes = "" if any(x.mode == "pipe" for x, _ in way) else ' stroke-dasharray="9 5"'
    km = fmt(way[0][0].km, "km", lang)
    return (
        f'<path d="M{start[0]:.1f},{start[1]:.1f}Q{bend[0]:.1f},{bend[1]:.1f} '
        f'{end[0]:.1f},{end[1]:.1f}" fill="none" stroke="{_LINK}" stroke-opacity="0.75" '
        f'stroke-width="{width:.1f}"{dashes}><title>{escape(label)} · {escape(km)}</title></path>'
        + _arrow(bend, end)
        + (
            _text((middle[0] - width - 8, middle[1]), label, "end", "#7a4510", 13)
            if abs(dy) > abs(dx)
            else _text((middle[0], middle[1] - width - 6), label, "middle", "#7a4510", 13)
        )
    )


def _arrow(bend: Point, end: Point) -> str:
    """A head where the line meets the site's label-free side."""
    dx, dy = end[0] - bend[0], end[1] - bend[1]
    length = math.hypot(dx, dy) or 1.0
    ux, uy = dx / length, dy / length
    tip = (end[0] - ux * (_MOST_RADIUS_PX + 2), end[1] - uy * (_MOST_RADIUS_PX + 2))
    left = (tip[0] - 15 * ux - 7 * uy, tip[1] - 15 * uy + 7 * ux)
    right = (tip[0] - 15 * ux + 7 * uy, tip[1] - 15 * uy - 7 * ux)
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (tip, left, right))
    return f'<polygon points="{points}" fill="{_LINK}"/>'


def _text(at: Point, text: str, anchor: str, colour: str, px: int, *, bold: bool = False) -> str:
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{at[0]:.1f}" y="{at[1]:.1f}" text-anchor="{anchor}" fill="{colour}" '
        f'font-size="{px}"{weight} stroke="#ffffff" stroke-width="4" stroke-linejoin="round" '
        f'paint-order="stroke">{escape(text)}</text>'
    )
