"""A layout as a scenario file: its plants with size, place and date, and the outlets they need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chainsim.library.inheritance import merge
from chainsim.library.scenarios import Scenario, parse_scenario, shipped_scenarios
from chainsim.library.yaml_writer import to_yaml
from chainsim.park.model import Park, Unit
from chainsim.study.layout.layouts import Built, Layout
from chainsim.study.layout.options import Ground, unit_body
from chainsim.units import split_quantity

_DEALS = ("buy", "sell", "vents", "obligations")


def layout_data(ground: Ground, layout: Layout) -> dict[str, Any]:
    """The layout as plain data of a scenario file.

    It stands on the shipped base where there is one, and holds everything else itself.
    """
    record = ground.file.record
    own = {k: v for k, v in record.scenario.items() if k not in ("units", "links", *_DEALS)}
    shipped = str(record.base) in shipped_scenarios()
    data: dict[str, Any] = {"schema_version": 1}
    if shipped:
        data["base"] = record.base
    else:
        data |= _standing(ground)
    data |= {
        "id": f"{record.id}-{layout.name}"[:60],
        "name_zh": f"{record.name_zh} {layout.name}",
        "name_en": f"{record.name_en}, {layout.name}",
        "story_zh": record.story_zh,
        "story_en": record.story_en,
        "horizon": {"start": f"{ground.years[0]}-01-01", "years": len(ground.years)},
    }
    more = own | _components(ground, layout)
    # Over a shipped base a null stays to be read; in a file of its own it has done its work.
    return _joined(data, more) if shipped else merge(data, more)


def layout_text(ground: Ground, layout: Layout) -> str:
    """The layout as the text of a scenario file."""
    return to_yaml(layout_data(ground, layout))


def layout_scenario(ground: Ground, layout: Layout) -> Scenario:
    """The layout as a scenario, read back from its text.

    Raises:
        DataError: the text is no scenario.
    """
    return parse_scenario(layout_text(ground, layout), file=f"{layout.name}.yaml")


def _joined(data: dict[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Sections of `more` over those of `data`, key by key."""
    joined = dict(data)
    for key, value in more.items():
        before = joined.get(key)
        both = isinstance(before, Mapping) and isinstance(value, Mapping)
        joined[key] = {**before, **value} if both else value  # type: ignore[dict-item]
    return {k: v for k, v in joined.items() if v not in ({}, None)}


def _standing(ground: Ground) -> dict[str, Any]:
    """The base written out in full: everything but the candidates."""
    free = {c.component for c in ground.choices}
    data = dict(ground.scenario.data)
    for section in ("units", "links"):
        kept = {k: v for k, v in data.get(section, {}).items() if k not in free}
        data[section] = kept
    for section in _DEALS:
        own = ground.file.record.scenario.get(section, {})
        data[section] = {k: v for k, v in data.get(section, {}).items() if k not in own}
    return data


def _components(ground: Ground, layout: Layout) -> dict[str, Any]:
    """Sections that the layout adds: plants, links, the deals that touch them, closures."""
    park, record = ground.park, ground.file.record
    built = {b.component: b for b in layout.built}
    free = {c.component for c in ground.choices}
    units = [u for u in park.units.values() if u.id in built or u.id not in free]
    sections: dict[str, dict[str, Any]] = {"units": {}, "links": {}}
    for component, made in built.items():
        section = "units" if made.site else "links"
        sections[section][component] = _body(ground, made)
    for unit, year in _closures(ground, layout):
        sections["units"][unit] = {"close": f"{year}-01-01"}
    for key, body in record.scenario.get("units", {}).items():
        sections["units"].setdefault(key, body)
    for key, body in record.scenario.get("links", {}).items():
        if key in layout.links:
            sections["links"][key] = body
    touched = _touched(park, units, [*sections["links"]])
    for section in _DEALS:
        deals = record.scenario.get(section, {})
        kept = {k: v for k, v in deals.items() if v is None or _header(park, k) in touched}
        sections[section] = kept
    return {k: v for k, v in sections.items() if v}


def _header(park: Park, deal: str) -> str:
    for group in (park.buy, park.sell, park.vents, park.obligations):
        if deal in group:
            return str(group[deal].header)
    return ""


def _touched(park: Park, units: list[Unit], links: list[str]) -> set[str]:
    """Headers that some plant or link meets."""
    found = {o.header for u in units for p in u.ports for o in p.options}
    known = [park.links[k] for k in links if k in park.links]
    return found | {h for link in known for h in (link.origin, link.target)}


def _body(ground: Ground, made: Built) -> dict[str, Any]:
    candidate = ground.file.record.candidates[made.candidate]
    capacity: object = made.text
    if not made.text and candidate.size is not None:
        high = candidate.size.high
        number, unit = split_quantity(high) if isinstance(high, str) else (float(high), "")
        capacity = f"{number * made.size:.6g} {unit}".strip()
    if not made.site and candidate.sizes:
        capacity = made.text
    body = unit_body(candidate, made.site, _number(capacity), made.trains)
    if made.site and made.year > ground.years[0]:
        body["start"] = f"{made.year}-01-01"
    return body


def _number(capacity: object) -> object:
    """A bare number as a number."""
    try:
        return float(str(capacity))
    except ValueError:
        return capacity


def _closures(ground: Ground, layout: Layout) -> Iterator[tuple[str, int]]:
    """(unit, year) of what the layout replaces."""
    park = ground.park
    free = {c.component for c in ground.choices}
    for made in layout.built:
        successor = park.units.get(made.component)
        named = ground.file.record.candidates[made.candidate].replaces
        approval = "" if successor is None else successor.approval
        for unit in park.units.values():
            held = bool(approval) and unit.approval == approval and unit.id not in free
            if held or unit.id in named:
                yield unit.id, made.year
