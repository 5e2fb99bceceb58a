"""Flow diagrams of a result: its gases in energy terms, and the whole park by mass.

Stations are kinds of plants, markets and, in the gas picture, the gases themselves; fuel that is
burnt ends in a station of its own. Widths are GJ (gas) or t (park) over the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from chainsim.errors import Lang
from chainsim.library.model import Material
from chainsim.park.model import Park
from chainsim.report.ends import EndFlow, end_flows
from chainsim.report.i18n import t
from chainsim.report.names import material_name, park_name
from chainsim.report.numbers import fmt
from chainsim.report.sankey_layout import Link, Node
from chainsim.report.sankey_svg import draw
from chainsim.study.result import RunResult

LEAST_SHARE: Final = 0.003
"""Flows below this share of the largest are left out of a picture."""
_SIDE_GROUPS: Final = ("utility", "emission")
LEAST_PARK_SHARE: Final = 0.008
_PARK_BAND_PX: Final = 440.0
"""Higher than that of gases: coal and coke leave the other flows little room."""
PLANT_COLOUR: Final = "#3e4c59"
FUEL_COLOUR: Final = "#c05621"
MARKET_COLOUR: Final = "#2f855a"
LOSS_COLOUR: Final = "#a0aec0"
_MARKETS: Final = ("buy", "sell", "obligation")
_COLOURS: Final = {
    "unit": PLANT_COLOUR,
    "burn": FUEL_COLOUR,
    "sell": MARKET_COLOUR,
    "obligation": MARKET_COLOUR,
    "buy": MARKET_COLOUR,
    "vent": LOSS_COLOUR,
    "flare": LOSS_COLOUR,
    "stock": LOSS_COLOUR,
}


def is_fuel_gas(material: Material) -> bool:
    """A gas counted by volume that burns: coke-oven gas, tail gas, purge gas, hydrogen, syngas."""
    return material.phase == "gas" and material.unit == "kNm3" and material.lhv_gj > 0


def is_product(material: Material) -> bool:
    """A material of the main chain: no energy carrier, utility, emission or air."""
    return material.mass_t > 0 and not material.ambient and material.group not in _SIDE_GROUPS


def gas_sankey(result: RunResult, lang: Lang) -> str:
    """SVG of where the gases come from and go to, widths by heating value."""
    flows = end_flows(result, lang, is_fuel_gas)
    least = LEAST_SHARE * max((_heat_gj(f) for f in flows), default=0.0)
    shown = [f for f in flows if _heat_gj(f) > least]
    links = [
        Link(
            source=f.key if f.quantity > 0 else f"gas:{f.material.id}",
            target=f"gas:{f.material.id}" if f.quantity > 0 else f.key,
            value=_heat_gj(f),
            colour=f.material.colour,
            title=_title(result.park, f, lang),
        )
        for f in shown
    ]
    nodes = [*_gas_nodes(result.park, shown, lang), *_end_nodes(shown, lang)]
    title = t("sankey.gas", lang, name=park_name(result.park, lang))
    return draw(nodes, links, title, t("sankey.empty", lang))


def _heat_gj(flow: EndFlow) -> float:
    return abs(flow.quantity) * flow.material.lhv_gj


def _title(park: Park, flow: EndFlow, lang: Lang) -> str:
    amount = fmt(abs(flow.quantity), flow.material.unit, lang)
    return f"{flow.name} · {material_name(park, flow.material.id, lang)} {amount}"


def _gas_nodes(park: Park, flows: Iterable[EndFlow], lang: Lang) -> list[Node]:
    made: dict[str, float] = {}
    materials: dict[str, Material] = {}
    for f in flows:
        materials[f.material.id] = f.material
        made[f.material.id] = made.get(f.material.id, 0.0) + max(f.quantity, 0.0)
    return [
        Node(
            key=f"gas:{key}",
            label=material_name(park, key, lang),
            caption=fmt(made[key], material.unit, lang),
            colour=material.colour,
        )
        for key, material in sorted(materials.items())
    ]


def _end_nodes(flows: Iterable[EndFlow], lang: Lang) -> list[Node]:
    """A station for each end; its caption is the amount of its one gas, or the heat of several."""
    by_key: dict[str, list[EndFlow]] = {}
    for f in flows:
        by_key.setdefault(f.key, []).append(f)
    nodes = []
    for key, found in sorted(by_key.items()):
        taken = [f for f in found if f.quantity < 0] or found
        if len({f.material.id for f in taken}) == 1:
            caption = fmt(abs(sum(f.quantity for f in taken)), taken[0].material.unit, lang)
        else:
            caption = fmt(sum(_heat_gj(f) for f in taken), "GJ", lang)
        colour = _COLOURS.get(found[0].kind, PLANT_COLOUR)
        nodes.append(Node(key=key, label=found[0].name, caption=caption, colour=colour))
    return nodes


def park_sankey(result: RunResult, lang: Lang) -> str:
    """SVG of the park's mass flows between plants and markets; a header shares in proportion."""
    flows = end_flows(
        result, lang, lambda m: m.mass_t > 0 and not m.ambient and m.phase != "energy"
    )
    headers: dict[str, list[EndFlow]] = {}
    for f in flows:
        headers.setdefault(f.material.id, []).append(f)
    links = [link for key in sorted(headers) for link in _through(result.park, headers[key], lang)]
    least = LEAST_PARK_SHARE * max((link.value for link in links), default=0.0)
    links = [link for link in links if link.value > least]
    names = {f.key: f.name for f in flows}
    met = sorted({end for link in links for end in (link.source, link.target)})
    amounts = _market_amounts(flows, lang)
    nodes = [
        Node(
            key=k,
            label=names[k],
            caption=amounts.get(k, ""),
            colour=_COLOURS.get(k.split(":")[0], PLANT_COLOUR),
        )
        for k in met
    ]
    title = t("sankey.park", lang, name=park_name(result.park, lang))
    empty = t("sankey.empty", lang)
    return draw(nodes, links, title, empty, sinks_last=False, band_px=_PARK_BAND_PX)


def _market_amounts(flows: Iterable[EndFlow], lang: Lang) -> dict[str, str]:
    """What every market buys or sells of its one material."""
    by_key: dict[str, list[EndFlow]] = {}
    for f in flows:
        if f.kind in _MARKETS:
            by_key.setdefault(f.key, []).append(f)
    return {
        key: fmt(abs(sum(f.quantity for f in found)), found[0].material.unit, lang)
        for key, found in by_key.items()
        if len({f.material.id for f in found}) == 1
    }


def _through(park: Park, flows: Sequence[EndFlow], lang: Lang) -> list[Link]:
    """Links of one material: every giver serves every taker in proportion."""
    givers = [f for f in flows if f.quantity > 0]
    takers = [f for f in flows if f.quantity < 0]
    given = sum(f.quantity for f in givers)
    return [
        Link(
            source=a.key,
            target=b.key,
            value=share * a.material.mass_t,
            colour=a.material.colour,
            title=f"{material_name(park, a.material.id, lang)} {fmt(share, a.material.unit, lang)}",
        )
        for a in givers
        for b in takers
        if (share := -b.quantity * a.quantity / given) > 0
    ]
