"""The plants of a run as a network: how hard each one works, what joins them.

The fill of a box says the plant's load over the year: pale when idle, dark when full. One site at a
time stays readable; links to other sites stand in boxes of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from chainsim.errors import Lang
from chainsim.park.model import Park
from chainsim.report.graph_svg import drawn, structure_links, structure_node
from chainsim.report.i18n import t
from chainsim.report.names import park_name, site_name
from chainsim.report.numbers import fmt
from chainsim.report.sankey import is_product
from chainsim.report.sankey_layout import Link, Node
from chainsim.report.sankey_svg import lighter
from chainsim.study.result import RunResult

FULL: Final = "#0f766e"
IDLE: Final = "#f4f6f6"
_PALEST: Final = 0.92
_DEEPEST: Final = 0.45
_IDLE_SHARE: Final = 1e-6
OUTLETS: Final = ("sell", "buy", "vent")
"""Ends left out of the picture of a whole park."""


def loads(result: RunResult) -> dict[str, float]:
    """Share of nameplate at which each unit ran over the whole time."""
    frame = result.simulation.units.groupby("component")[["full_load_h", "hours"]].sum()
    share = frame["full_load_h"] / frame["hours"]
    return {str(k): float(v) for k, v in share.items()}


def site_order(park: Park) -> tuple[str, ...]:
    """Sites to choose from, the one with most plants first; empty for the whole park, last.

    Where there is one site, it is the park, and its markets have room in the picture.
    """
    count = {key: sum(u.site == key for u in park.units.values()) for key in park.sites}
    ordered = sorted((k for k in count if count[k]), key=lambda k: (-count[k], k))
    return tuple(ordered) if len(ordered) == 1 else (*ordered, "")


def network_svg(result: RunResult, lang: Lang, site: str = "") -> str:
    """The network of one site, or the plants of the whole park without markets, as SVG."""
    park, busy, carried = result.park, loads(result), _carried(result)
    links = [
        replace(link, rank=_rank(link, carried))
        for link in structure_links(park, lang, fuel=False)
        if all(_shown(park, end, site) for end in (link.source, link.target))
    ]
    met = sorted({end for link in links for end in (link.source, link.target)})
    nodes = [_node(park, key, busy, lang) for key in met]
    place = site_name(park, site, lang) if site else park_name(park, lang)
    return drawn(nodes, links, t("network.title", lang, name=place))


def _carried(result: RunResult) -> dict[str, float]:
    """What every plant, market and link gave or took of products over the run, t."""
    mass = {key: m.mass_t for key, m in result.park.materials.items() if is_product(m)}
    flows = result.flows[result.flows["material"].isin(mass)]
    tonnes = flows["quantity"].abs() * flows["material"].map(mass)
    summed = tonnes.groupby(flows["kind"] + ":" + flows["component"]).sum()
    return {str(k): float(v) for k, v in summed.items()}


def _rank(link: Link, carried: Mapping[str, float]) -> float:
    """The more goes through both ends, the more a link belongs to the way of the materials."""
    return min(carried.get(link.source, 0.0), carried.get(link.target, 0.0))


def _shown(park: Park, key: str, site: str) -> bool:
    kind, component = key.split(":", 1)
    if not site:
        return kind not in OUTLETS
    if kind == "unit":
        return park.units[component].site == site
    if kind == "link":
        link = park.links[component]
        return site in (park.headers[link.origin].site, park.headers[link.target].site)
    groups = {
        "buy": park.buy,
        "sell": park.sell,
        "obligation": park.obligations,
        "vent": park.vents,
    }
    header: str = groups[kind][component].header  # type: ignore[attr-defined]
    return kind != "vent" and park.headers[header].site == site


def _node(park: Park, key: str, busy: dict[str, float], lang: Lang) -> Node:
    plain = structure_node(park, key, lang)
    kind, component = key.split(":", 1)
    if kind != "unit":
        return Node(key=key, label=plain.label, caption="", colour=plain.colour)
    share = busy.get(component, 0.0)
    white = _PALEST - (_PALEST - _DEEPEST) * min(share, 1.0)
    colour = IDLE if share < _IDLE_SHARE else lighter(FULL, white)
    return Node(key=key, label=plain.label, caption=fmt(share, "ratio", lang, 2), colour=colour)
