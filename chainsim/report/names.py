"""What things of a park are called: ids of KPIs, materials, components and policies -> names.

Names come from the park, its library and the list of KPIs. An id without a name is its own name.
"""

from __future__ import annotations

import functools
import re
from typing import Any

from chainsim.accounts.kpis import KpiInfo, kpi_info
from chainsim.errors import Lang
from chainsim.park.model import Park
from chainsim.report.i18n import known, t

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
_OUTPUT = re.compile(r"^output\.(?P<material>.+?)_(?:t|nm3|mwh|gj|m3|piece|km)$")
_SECTIONS = ("units", "buy", "sell", "obligations", "buffers", "links", "sites", "enterprises")


def plain(text: str) -> str:
    """`text` without control characters and direction marks: safe in a terminal and on a page."""
    return _CONTROL.sub(" ", text)


def material_name(park: Park, material: str, lang: Lang) -> str:
    """Display name of a material."""
    found = park.materials.get(material)
    return plain(found.name(lang)) if found is not None else material


def component_name(park: Park, component: str, lang: Lang) -> str:
    """Display name of a unit, market, obligation, buffer, link, vent, site or enterprise."""
    for section in _SECTIONS:
        found: Any = getattr(park, section).get(component)
        if found is not None:
            return plain(found.name_zh if lang == "zh" else found.name_en)
    vent = park.vents.get(component)
    if vent is not None:
        material = material_name(park, park.headers[vent.header].material.id, lang)
        return t(f"ends.{vent.kind}", lang, name=material)
    return component


def site_name(park: Park, site: str, lang: Lang) -> str:
    """Display name of a site."""
    found = park.sites.get(site)
    return site if found is None else plain(found.name_zh if lang == "zh" else found.name_en)


def kpi_name(park: Park, kpi: str, lang: Lang) -> str:
    """Display name of a KPI; those of outputs are made from their material."""
    output = _OUTPUT.match(kpi)
    if output:
        return t("words.output_of", lang, material=material_name(park, output["material"], lang))
    info = _kpi_info(kpi)
    if info is None:
        return kpi
    return info.name_zh if lang == "zh" else info.name_en


@functools.cache
def _kpi_info(kpi: str) -> KpiInfo | None:
    try:
        return kpi_info(kpi)
    except KeyError:
        return None


def policy_name(park: Park, policy: str, lang: Lang) -> str:
    """Display name of a policy check."""
    found = park.library.policies.get(policy)
    return policy if found is None else plain(found.name_zh if lang == "zh" else found.name_en)


def source_name(key: str, title: str, lang: Lang) -> str:
    """A source's title; the library's own estimates are called so in the reader's language."""
    return known(f"source.{key}", lang, plain(title) or key)


def park_name(park: Park, lang: Lang) -> str:
    """Display name of the scenario."""
    return plain(park.name_zh if lang == "zh" else park.name_en)


def park_story(park: Park, lang: Lang) -> str:
    """The scenario's one-line story."""
    return plain(park.story_zh if lang == "zh" else park.story_en)


def subject_name(park: Park, subject: str, lang: Lang) -> str:
    """Who a verdict is about: the city, a county, an enterprise or a unit."""
    if lang != "zh":
        sites = [s for s in park.sites.values() if s.county == subject]
        if sites:
            return t("words.county_of", lang, name=plain(sites[0].name_en))
    return known(f"subject.{subject}", lang, component_name(park, subject, lang))
