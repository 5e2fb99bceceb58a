"""What stands at the two ends of a park's flows: kinds of plants, markets, stores.

Equal plants are taken together, fuel that is burnt stands apart, a store counts with its net
change, transport inside the park cancels. + gives to the park's headers, - takes from them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from chainsim.errors import Lang
from chainsim.library.model import Material
from chainsim.park.model import Park, Unit
from chainsim.report.i18n import t
from chainsim.report.names import component_name, plain
from chainsim.study.result import RunResult


@dataclass(frozen=True, slots=True, kw_only=True)
class EndFlow:
    """What one end gives (+) or takes (-) of a material over the run, in the material's unit."""

    key: str
    """`unit:`, `burn:`, `stock:` or the kind of a market or vent, then an id."""
    name: str
    material: Material
    quantity: float

    @property
    def kind(self) -> str:
        """First part of the key."""
        return self.key.split(":", 1)[0]


def end_flows(
    result: RunResult,
    lang: Lang,
    chosen: Callable[[Material], bool],
    flows: pd.DataFrame | None = None,
) -> tuple[EndFlow, ...]:
    """Every end of the `chosen` materials with its flow, sorted by key and material.

    `flows` are some of the result's own, all of them when left out.
    """
    park = result.park
    flows = result.flows if flows is None else flows
    total: dict[tuple[str, str, bool], float] = {}
    names: dict[str, str] = {}
    ends: dict[tuple[str, str, str], str] = {}
    wanted = {m for m in flows["material"].unique() if _chosen(park.materials.get(m), chosen)}
    columns = ("kind", "component", "port", "material", "quantity")
    for kind, component, port, material_id, quantity in zip(
        *(flows[c].tolist() for c in columns), strict=True
    ):
        if kind == "link" or material_id not in wanted:
            continue
        place = (kind, component, port)
        key = ends.get(place, "")
        if not key:
            key, name = _end(park, kind, component, port, lang)
            ends[place], names[key] = key, name
        gives = quantity > 0 and not key.startswith("stock:")
        slot = (key, material_id, gives)
        total[slot] = total.get(slot, 0.0) + quantity
    return tuple(
        EndFlow(key=key, name=names[key], material=park.materials[material], quantity=quantity)
        for (key, material, _), quantity in sorted(total.items())
        if quantity
    )


def _chosen(material: Material | None, chosen: Callable[[Material], bool]) -> bool:
    return material is not None and chosen(material)


def _end(park: Park, kind: str, component: str, port: str, lang: Lang) -> tuple[str, str]:
    """(key, name): all batteries together, other plants by process, markets by material."""
    if kind == "unit":
        return _plant(park.units[component], port, lang)
    if kind in ("fill", "draw"):
        name = component_name(park, component, lang)
        return f"stock:{component}", t("ends.stock", lang, name=name)
    if kind == "obligation":
        return f"obligation:{component}", component_name(park, component, lang)
    groups = {"buy": park.buy, "sell": park.sell}
    header = park.vents[component].header if kind == "vent" else groups[kind][component].header
    material = park.headers[header].material
    if kind == "vent":
        kind = park.vents[component].kind
    name = t(f"ends.{kind}", lang, name=plain(material.name(lang)))
    return f"{kind}:{material.id}", name


def _plant(unit: Unit, port: str, lang: Lang) -> tuple[str, str]:
    burns = any(p.name == port and p.burn for p in unit.ports)
    process = unit.process
    if process is not None and process.oven is not None:
        return (
            ("burn:ovens", t("ends.underfiring", lang))
            if burns
            else ("unit:ovens", t("ends.ovens", lang))
        )
    key = process.id if process is not None else unit.id
    name = plain(process.name(lang) if process is not None else unit.name(lang))
    return (f"burn:{key}", t("ends.burn", lang, name=name)) if burns else (f"unit:{key}", name)
